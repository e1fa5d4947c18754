"""From a `Score` to a motion: trunk by angles, arms and legs by inverse kinematics, the pelvis as high as the feet let it."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.kinematics import joint_positions
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import IDENTITY, axis_angle_to_quat, quat_multiply, quat_rotate, unit
from kinelang.motion.skeleton import Skeleton
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline.performing.arms import arm_rotations, hand_places
from kinelang.timeline.performing.curves import drift
from kinelang.timeline.performing.going import SIGN, TOE_HEIGHT_M, FootTrack, Path, foot_tracks, heel_lift_m, path_of, steps_of
from kinelang.timeline.performing.legs import blend_bent_legs, leg_rotations
from kinelang.timeline.performing.score import Score
from kinelang.timeline.performing.unrest import add_unrest

_J = {name: i for i, name in enumerate(SMPL22.joint_names)}
_EARLY_S = 0.03
"""A leg is not quite straight so long before its foot lands and after it leaves the ground."""
_SMOOTH_S = 0.05
"""How quickly the pelvis follows what the legs allow: standard deviation of the smoothing."""
_LOWEST_M = 0.18
"""How far feet far apart draw the pelvis down at the most; beyond that a foot gives way."""
_SPINE = ("spine1", "spine2", "spine3")
_CLEARANCE_M = {
    "pelvis": 0.09,
    "hip": 0.07,
    "knee": 0.05,
    "ankle": 0.06,
    "foot": TOE_HEIGHT_M,
    "spine": 0.09,
    "neck": 0.05,
    "head": 0.1,
}
_CLEARANCE_M |= {"collar": 0.07, "shoulder": 0.06, "elbow": 0.04, "wrist": 0.03}
"""How far each joint lies under the skin: its height when that part of the body rests on the floor."""


def assemble(score: Score, name: str = "") -> Motion:
    """The motion that a score describes: rotations and root path on the person's skeleton."""
    skeleton, n = score.person.skeleton, len(score.times_s)
    path = path_of(score)
    steps, feet = steps_of(score, path)
    tracks = foot_tracks(score, path, steps)
    stride = _stride(path, feet)
    channels = _channels(score, path, stride)
    rotations = np.tile(np.array(IDENTITY), (n, skeleton.n_joints, 1))
    _turn_trunk(rotations, channels, path)
    ankles = {side: _ankle(track, skeleton, side) for side, track in tracks.items()}
    root = _pelvis_path(score, path, tracks, ankles, channels)
    places = hand_places(score, rotations, root, path, stride)
    arm_rotations(rotations, places, score.person)
    leg_rotations(rotations, root, ankles, tracks, path, score)
    blend_bent_legs(rotations, score)
    if score.grounded is not None:
        joints = joint_positions(rotations, root, skeleton.offsets, skeleton.parents)
        below = np.array([_clearance(joint) for joint in skeleton.joint_names])
        lowest = (joints[..., 1] - below).min(axis=1)
        root[:, 1] -= score.grounded * (lowest - path.ground)
    add_unrest(rotations, root, score)
    return Motion(skeleton, score.fps, rotations=rotations, root=root, name=name, source="performed from a timeline")


def _clearance(joint: str) -> float:
    return _CLEARANCE_M[joint.removeprefix("left_").removeprefix("right_").rstrip("123")]


def _stride(path: Path, feet: Array) -> Array:
    """How far the left leg is before the right in its cycle: +1 where the left foot has just landed in front, -1 the right. (T,)"""
    step = np.clip(path.psi, 0, len(feet) - 1e-6).astype(int)
    first = feet[step] * (1 - 2 * (step % 2))  # the foot that step 0 would have had, had they alternated since
    return np.asarray(first * np.cos(np.pi * (path.psi - 1)) * path.going)


def _channels(score: Score, path: Path, stride: Array) -> dict[str, Array]:
    """All trunk channels in degrees (metres for shifts): what actions wrote, posture, sway and the gait's own movements."""
    t, person = score.times_s, score.person
    zero = np.zeros(len(t))
    out = {name: zero + person.posture.get(name, 0.0) for name in ("pelvis_tilt", "pelvis_bend", "pelvis_turn")}
    out |= {name: zero + person.posture.get(name, 0.0) for name in ("trunk_flexion", "trunk_bend", "trunk_turn", "head_flexion")}
    out |= {name: zero + person.posture.get(name, 0.0) for name in ("head_bend", "head_turn", "shrug_left", "shrug_right")}
    out |= {name: zero.copy() for name in ("shift_forward", "shift_left", "shift_up")}
    sizes = {"trunk_flexion": 0.8, "trunk_bend": 0.6, "trunk_turn": 0.9, "head_flexion": 1.3, "head_turn": 1.8, "head_bend": 0.7}
    for name, size in sizes.items():
        out[name] += drift(t, score.rng, size * person.restlessness)
    for name, size in (("shift_forward", 0.006), ("shift_left", 0.007)):
        out[name] += drift(t, score.rng, size * person.restlessness)
    for g in score.goings:
        if g.steps:
            roll = g.gait.roll_deg * g.weight * stride
            out["pelvis_turn"] -= roll
            out["trunk_turn"] += 1.5 * roll
            out["head_turn"] -= 0.4 * roll
            quarter = np.gradient(stride) * score.fps / 8 if len(t) > 1 else zero
            out["pelvis_bend"] += 0.9 * g.gait.roll_deg * g.weight * np.clip(quarter, -1.5, 1.5)
            out["shift_up"] += g.weight * (g.gait.bounce_m * np.cos(2 * np.pi * path.psi) - g.gait.drop_m)
    for name, values in score.channels.items():
        out[name] = out[name] + values
    return out


def _turn_trunk(rotations: Array, channels: dict[str, Array], path: Path) -> None:
    """Local rotations of pelvis, spine, neck, head and collars."""

    def turned(turn: Array, flexion: Array, bend: Array) -> Array:
        y, x, z = (axis_angle_to_quat(axis, angle) for axis, angle in (("Y", turn), ("X", flexion), ("Z", -bend)))
        return quat_multiply(y, quat_multiply(x, z))

    c = {name: np.radians(values) for name, values in channels.items() if not name.startswith("shift")}
    rotations[:, 0] = turned(path.heading + c["pelvis_turn"], c["pelvis_tilt"], c["pelvis_bend"])
    trunk = turned(c["trunk_turn"] / 3, c["trunk_flexion"] / 3, c["trunk_bend"] / 3)
    for joint in _SPINE:
        rotations[:, _J[joint]] = trunk
    for joint, share in (("neck", 0.45), ("head", 0.55)):
        rotations[:, _J[joint]] = turned(c["head_turn"] * share, c["head_flexion"] * share, c["head_bend"] * share)
    for side, sign in SIGN.items():
        rotations[:, _J[f"{side}_collar"]] = axis_angle_to_quat("Z", sign * c[f"shrug_{side}"])


def _ankle(track: FootTrack, skeleton: Skeleton, side: str) -> tuple[Array, Array]:
    """Ankle positions (T, 3) and world rotations of the foot (T, 4)."""
    facing = quat_multiply(axis_angle_to_quat("Y", track.yaw - _rest_toe_out(skeleton, side)), axis_angle_to_quat("X", track.pitch))
    toe = track.toe + heel_lift_m(track.pitch)[:, None] * np.array([0.0, 1.0, 0.0])
    return toe - quat_rotate(facing, np.broadcast_to(skeleton.offsets[_J[f"{side}_foot"]], toe.shape)), facing


def _rest_toe_out(skeleton: Skeleton, side: str) -> float:
    x, _, z = skeleton.offsets[_J[f"{side}_foot"]]
    return float(np.arctan2(x, z))


def _pelvis_path(
    score: Score, path: Path, tracks: dict[str, FootTrack], ankles: dict[str, tuple[Array, Array]], channels: dict[str, Array]
) -> Array:
    """World positions of the pelvis (T, 3): over the path, shifted over the feet that carry, as high as the legs reach."""
    from scipy.ndimage import gaussian_filter1d

    fps, skeleton = score.fps, score.person.skeleton
    load = {side: track.planted.copy() for side, track in tracks.items()}
    for held in score.feet_held:
        load[held.side] *= 1 - held.weight
    carried = load["left"] + load["right"]
    sin, cos = np.sin(path.heading), np.cos(path.heading)
    left, forward = np.zeros(len(cos)), np.zeros(len(cos))
    for side, (ankle, _) in ankles.items():
        dx, dz = ankle[:, 0] - path.x, ankle[:, 2] - path.z
        left += load[side] * (dx * cos - dz * sin)
        forward += load[side] * (dx * sin + dz * cos)
    sigma = 0.13 * fps
    left, forward = (_bridged(offset / np.maximum(carried, 1e-3), carried > 0.5) for offset in (left, forward))
    left = gaussian_filter1d(left, sigma, mode="nearest") * (0.85 - 0.45 * path.going) + channels["shift_left"]
    forward = gaussian_filter1d(forward, sigma, mode="nearest") * 0.85 * (1 - path.going) + channels["shift_forward"]
    if score.leaping is not None:  # who flies goes where the path goes
        left, forward = (
            channels[name] + (1 - score.leaping) * (at - channels[name])
            for name, at in (("shift_left", left), ("shift_forward", forward))
        )
    x, z, _ = path.places(left, forward)
    height = _height(x, z, path, load, ankles, channels, skeleton, fps)
    if score.leaping is not None:
        height += score.leaping * (standing_height(skeleton) + path.ground + channels["shift_up"] - height)
    return np.stack([x, height, z], axis=1)


def _bridged(values: Array, known: Array) -> Array:
    """The values (T,), where they are not known taken between those that are."""
    at = np.flatnonzero(known)
    return np.interp(np.arange(len(values)), at, values[at]) if len(at) else np.zeros(len(values))


def _height(
    x: Array,
    z: Array,
    path: Path,
    load: dict[str, Array],
    ankles: dict[str, tuple[Array, Array]],
    channels: dict[str, Array],
    skeleton: Skeleton,
    fps: float,
) -> Array:
    """Height of the pelvis (T,): of a person standing upright plus `shift_up`, lowered where a foot that carries were out of reach."""
    from scipy.ndimage import gaussian_filter1d, maximum_filter1d, minimum_filter1d

    leg = leg_length_of(skeleton)
    limit = np.full(len(x), np.inf)
    sin, cos = np.sin(path.heading + np.radians(channels["pelvis_turn"])), np.cos(path.heading + np.radians(channels["pelvis_turn"]))
    for side, (ankle, _) in ankles.items():
        hx, hy, hz = skeleton.offsets[_J[f"{side}_hip"]]
        aside = np.square(x + hx * cos + hz * sin - ankle[:, 0]) + np.square(z + hz * cos - hx * sin - ankle[:, 2])
        reach = ankle[:, 1] + np.sqrt(np.clip((0.996 * leg) ** 2 - aside, 0.01, None)) - hy
        carrying = maximum_filter1d(load[side], 2 * round(_EARLY_S * fps) + 1, mode="nearest") > 0.5
        limit = np.minimum(limit, np.where(carrying, reach, np.inf))
    upright = standing_height(skeleton) + path.ground + channels["shift_up"]
    wanted = np.clip(limit, upright - _LOWEST_M, upright)
    # The lowest within twice the breadth of the smoothing that follows: what comes out is smooth and hardly ever above the limit.
    low = minimum_filter1d(wanted, 2 * max(1, round(2 * _SMOOTH_S * fps)) + 1, mode="nearest")
    return np.asarray(np.where(channels["shift_up"] > 0.04, upright, gaussian_filter1d(low, _SMOOTH_S * fps, mode="nearest")))


def standing_height(skeleton: Skeleton) -> float:
    """Height of the pelvis joint over the ground, metres, of a person who stands upright."""
    below = sum(float(skeleton.offsets[_J[f"{side}_hip"], 1]) for side in SIGN) / 2
    return TOE_HEIGHT_M - float(skeleton.offsets[_J["left_foot"], 1]) + 0.99 * leg_length_of(skeleton) - below


def leg_length_of(skeleton: Skeleton) -> float:
    """Thigh and shin, metres, mean of both sides."""
    bones = [np.linalg.norm(skeleton.offsets[_J[f"{side}_{joint}"]]) for side in SIGN for joint in ("knee", "ankle")]
    return float(np.sum(bones) / 2)


def facing_of(rotation: Array) -> Array:
    """Forward (T, 3), level, of world rotations (T, 4)."""
    forward = quat_rotate(rotation, np.broadcast_to(np.array([0.0, 0.0, 1.0]), (*rotation.shape[:-1], 3)))
    forward = forward * np.array([1.0, 0.0, 1.0])
    return unit(forward)
