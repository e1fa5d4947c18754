"""The legs: by inverse kinematics to the feet, or by angles where an action asks for it."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.rotations import axis_angle_to_quat, euler_to_quat, quat_conjugate, quat_multiply, quat_rotate, quat_slerp, unit
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline.performing.going import SIGN, FootTrack, Path
from kinelang.timeline.performing.limbs import bone_rotation, middle_joint
from kinelang.timeline.performing.score import Score

_J = {name: i for i, name in enumerate(SMPL22.joint_names)}
_HINGE = np.array([1.0, 0.0, 0.0])
_DORSIFLEXION = np.radians(27.0)
"""How far an ankle bends before the heel comes up."""
_EASED, _EASE = 0.955, 0.035
"""Of the leg's length: from where on a swinging leg stretches more and more slowly, and how much farther it goes."""
_LIMITS_DEG = {
    "hip_flexion": (-35, 130),
    "hip_abduction": (-30, 60),
    "hip_rotation": (-45, 60),
    "knee_flexion": (0, 155),
    "ankle_flexion": (-30, 60),
}


def leg_rotations(
    rotations: Array, root: Array, ankles: dict[str, tuple[Array, Array]], tracks: dict[str, FootTrack], path: Path, score: Score
) -> None:
    """Fill in hips, knees and ankles so that the feet are where their tracks or `hold_foot` want them."""
    offsets = score.person.skeleton.offsets.astype(float)
    for side, sign in SIGN.items():
        hip_j, knee_j, ankle_j = (_J[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle"))
        hip = root + quat_rotate(rotations[:, 0], np.broadcast_to(offsets[hip_j], root.shape))
        ankle, foot = ankles[side]
        thigh_m, shin_m = np.linalg.norm(offsets[knee_j]), np.linalg.norm(offsets[ankle_j])
        in_air = np.zeros(len(root))
        pitch = np.zeros(len(root))
        for held in (h for h in score.feet_held if h.side == side):
            outward = held.place * np.array([sign, 1.0, 1.0]) * (thigh_m + shin_m)
            place = hip + quat_rotate(axis_angle_to_quat("Y", path.heading), outward)
            ankle = ankle + held.weight[:, None] * (place - ankle)
            pitch = pitch + held.weight * (np.radians(held.pitch_deg) - pitch)
            in_air = np.maximum(in_air, held.weight)
        pole = _knee_side(hip, ankle, path.heading + 0.6 * (tracks[side].yaw - path.heading) + sign * np.radians(4.0))
        ankle = _not_quite_straight(hip, ankle, float(thigh_m + shin_m), tracks[side].planted, score.fps)
        toe = offsets[_J[f"{side}_foot"]]
        for _ in range(2):
            knee, reached, hinge = middle_joint(hip, ankle, float(thigh_m), float(shin_m), pole)
            ankle, foot = _heel_up(knee, ankle, reached, foot, offsets[ankle_j], toe, 1 - in_air, score.fps)
        knee, ankle, hinge = middle_joint(hip, ankle, float(thigh_m), float(shin_m), pole)
        thigh = bone_rotation(offsets[knee_j], _HINGE, knee - hip, hinge)
        shin = bone_rotation(offsets[ankle_j], _HINGE, ankle - knee, hinge)
        free = quat_multiply(shin, axis_angle_to_quat("X", pitch))
        foot = quat_slerp(foot, free, in_air)
        rotations[:, hip_j] = quat_multiply(quat_conjugate(rotations[:, 0]), thigh)
        rotations[:, knee_j] = quat_multiply(quat_conjugate(thigh), shin)
        rotations[:, ankle_j] = quat_multiply(quat_conjugate(shin), foot)


def _knee_side(hip: Array, ankle: Array, yaw: Array) -> Array:
    """To which side of the line from hip to ankle the knee lies (T, 3): ahead; up in who sits with the feet before him."""
    pole = np.stack([np.sin(yaw), np.zeros(len(yaw)), np.cos(yaw)], axis=1)
    down = (hip - ankle)[:, 1:2]
    ahead = ((ankle - hip) * pole).sum(-1, keepdims=True)
    up = 0.35 * np.clip(0.5 - down, 0, 1) + 3 * np.clip(0.55 - down, 0, 1) * np.clip(3 * ahead, 0, 1)
    return np.asarray(pole + np.array([0.0, 1.0, 0.0]) * up)


def _not_quite_straight(hip: Array, ankle: Array, leg_m: float, planted: Array, fps: float) -> Array:
    """The ankle (T, 3) of a swinging leg drawn in a little where the leg were nearly straight: a knee does not snap into its stop."""
    from scipy.ndimage import gaussian_filter1d

    line = ankle - hip
    share = np.linalg.norm(line, axis=-1, keepdims=True) / leg_m
    eased = np.where(share > _EASED, _EASED + _EASE * np.tanh((share - _EASED) / _EASE), share)
    free = 1 - gaussian_filter1d(planted, 0.04 * fps, mode="nearest")[:, None]
    return np.asarray(ankle + free * line * (eased / np.maximum(share, 1e-6) - 1))


def _heel_up(
    knee: Array, ankle: Array, reached: Array, foot: Array, shin: Array, toe: Array, weight: Array, fps: float
) -> tuple[Array, Array]:
    """Ankle (T, 3) and foot (T, 4) with the heel so far up, over toes that stay, that the ankle bends no more than it can."""
    from scipy.ndimage import gaussian_filter1d

    pointing = quat_rotate(foot, np.broadcast_to(toe, ankle.shape))
    bend = np.arccos(np.clip((unit(reached - knee) * unit(pointing)).sum(-1), -1, 1)) - np.arccos(unit(toe) @ unit(shin))
    excess = weight * gaussian_filter1d(np.clip(bend - _DORSIFLEXION, 0, 1.3), 0.03 * fps, mode="nearest")
    turned = quat_multiply(foot, axis_angle_to_quat("X", excess))
    return ankle + pointing - quat_rotate(turned, np.broadcast_to(toe, ankle.shape)), turned


def blend_bent_legs(rotations: Array, score: Score) -> None:
    """Blend in the legs that are led by angles (`Score.bend_leg`)."""
    for bent in score.legs_bent:
        angle = {name: np.radians(np.clip(bent.angles.get(name, np.zeros(1)), *limits)) for name, limits in _LIMITS_DEG.items()}
        sign = SIGN[bent.side]
        n = np.zeros(len(rotations))
        hip = np.stack([n + sign * angle["hip_rotation"], n + sign * angle["hip_abduction"], n - angle["hip_flexion"]], axis=-1)
        wanted = {
            "hip": euler_to_quat(hip, "YZX"),
            "knee": axis_angle_to_quat("X", n + angle["knee_flexion"]),
            "ankle": axis_angle_to_quat("X", n + angle["ankle_flexion"]),
        }
        for joint, rotation in wanted.items():
            row = _J[f"{bent.side}_{joint}"]
            rotations[:, row] = quat_slerp(rotations[:, row], rotation, bent.weight)
