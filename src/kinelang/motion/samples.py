"""A few short motions made from joint-angle curves, so that everything runs before the user has a file at hand.

No recording went into them. Each is a person of SMPL's mean build who starts and ends standing with hanging arms, at the origin
and facing +Z; the lowest foot is always at height 0, and the body is carried by whichever foot is down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array
from kinelang.motion.kinematics import forward_kinematics
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import IDENTITY, euler_to_quat
from kinelang.motion.skeletons import SMPL22

FPS = 30.0

Curves = dict[str, Array]
"""Joint angles over time, each (T,) in degrees. Names are those of `_POSE`; what is not named stands still."""

_FEET = ("left_ankle", "right_ankle", "left_foot", "right_foot")
_SUPPORT_M = 0.01
"""Feet share the support in proportion to exp(-height / this): close to the lowest foot alone, but smooth where feet change."""


def sample(name: str, fps: float = FPS) -> Motion:
    """One of the made-up motions of `SAMPLES`, on SMPL-22, with rotations and root path.

    Raises MotionError for a name that is not in the table.
    """
    if name not in SAMPLES:
        raise MotionError.of("sample", f"no sample motion '{name}'", f"one of {', '.join(SAMPLES)}")
    duration_s, curves = SAMPLES[name]
    times_s = np.arange(round(duration_s * fps)) / fps
    rotations = _pose(curves(times_s), len(times_s))
    root = _carried_by_feet(rotations)
    return Motion(SMPL22, fps, rotations=rotations, root=root, name=name, source="made from joint-angle curves")


def _walk_forward(t: Array) -> Curves:
    """Eight steps of a relaxed walk, arms swinging against the legs, left foot first."""
    going = _rise(t, 0.2, 0.8) - _rise(t, 4.2, 4.8)
    phase = 2 * np.pi * 0.85 * (t - 0.2) - 0.5 * np.pi
    curves: Curves = {"lumbar_flexion": 3 * going}
    for side, shift in (("left", 0.0), ("right", np.pi)):
        swing = np.sin(phase + shift)
        lifting = np.clip(np.cos(phase + shift - 0.1), 0, 1)  # the leg is in the air while its thigh swings forward
        hip = going * (6 + 22 * swing)
        knee = going * (8 + 48 * lifting)
        curves |= {
            f"{side}_hip_flexion": hip,
            f"{side}_knee_flexion": knee,
            f"{side}_ankle_dorsiflexion": 22 * np.tanh((knee - hip) / 22),
            f"{side}_shoulder_flexion": -going * (20 * swing - 2),
            f"{side}_elbow_flexion": 12 + going * (14 - 8 * swing),
        }
    return curves


def _wave_right_hand(t: Array) -> Curves:
    """The right arm goes up to the side with the forearm upright, and the hand waves four times."""
    up = _rise(t, 0.4, 1.2) - _rise(t, 3.6, 4.4)
    waving = _rise(t, 1.1, 1.4) - _rise(t, 3.4, 3.7)
    wave = np.sin(2 * np.pi * 1.8 * (t - 1.25))
    return {
        "right_shoulder_abduction": 85 * up,
        "right_shoulder_rotation": 90 * up,
        "right_elbow_flexion": 12 + 78 * up + 28 * waving * wave,
        "neck_rotation": -10 * up,
    }


def _squat_twice(t: Array) -> Curves:
    """Two deep knee bends with the arms held out in front."""
    down = _rise(t, 0.4, 1.4) - _rise(t, 1.6, 2.5) + _rise(t, 2.7, 3.7) - _rise(t, 3.9, 4.8)
    hip, knee = 95 * down, 105 * down
    curves: Curves = {"lumbar_flexion": 22 * down, "pelvis_tilt": 14 * down, "neck_flexion": -18 * down}
    for side in ("left", "right"):
        curves |= {
            f"{side}_hip_flexion": hip,
            f"{side}_hip_abduction": 10 * down,
            f"{side}_knee_flexion": knee,
            f"{side}_ankle_dorsiflexion": knee - hip + 14 * down,
            f"{side}_shoulder_flexion": 100 * down,
            f"{side}_elbow_flexion": 12 - 6 * down,
        }
    return curves


def _turn_left(t: Array) -> Curves:
    """A quarter turn to the left on the spot, in small steps."""
    turning = _rise(t, 0.5, 0.9) - _rise(t, 2.6, 3.0)
    phase = 2 * np.pi * 1.2 * (t - 0.5)
    curves: Curves = {"yaw": 90 * _rise(t, 0.5, 3.0), "neck_rotation": 25 * (_rise(t, 0.3, 0.9) - _rise(t, 2.2, 3.0))}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        lift = turning * np.clip(sign * np.sin(phase), 0, 1) ** 2
        curves |= {
            f"{side}_hip_flexion": 20 * lift,
            f"{side}_knee_flexion": 38 * lift,
            f"{side}_ankle_dorsiflexion": 18 * lift,
            f"{side}_elbow_flexion": np.full(len(t), 12.0),
        }
    return curves


def _raise_both_arms(t: Array) -> Curves:
    """Both arms go up sideways until they stand beside the head, stay there for a second and come down."""
    up = _rise(t, 0.4, 1.6) - _rise(t, 2.6, 3.8)
    sides = ("left", "right")
    arms: Curves = {f"{side}_shoulder_abduction": 150 * up for side in sides}
    return arms | {f"{side}_elbow_flexion": 12 - 6 * up for side in sides} | {"neck_flexion": -12 * up}


SAMPLES: Mapping[str, tuple[float, Callable[[Array], Curves]]] = {
    "walk_forward": (5.0, _walk_forward),
    "wave_right_hand": (4.8, _wave_right_hand),
    "squat_twice": (5.2, _squat_twice),
    "turn_left": (3.5, _turn_left),
    "raise_both_arms": (4.2, _raise_both_arms),
}
"""Name of each sample motion with its length in seconds and its curves."""


def _rise(t: Array, start_s: float, end_s: float) -> Array:
    """0 before `start_s`, 1 after `end_s`, half a cosine between. (T,) -> (T,)."""
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.clip((t - start_s) / (end_s - start_s), 0, 1)))


_POSE: Mapping[str, tuple[str, tuple[tuple[str, float, float], ...]]] = {
    # joint: axes from the outermost, and for each axis (curve, sign for the left side or the middle, degrees added)
    "pelvis": ("YX", (("yaw", 1, 0), ("pelvis_tilt", 1, 0))),
    "spine1": ("X", (("lumbar_flexion", 1, 0),)),
    "neck": ("YX", (("neck_rotation", 1, 0), ("neck_flexion", 1, 0))),
    "hip": ("ZX", (("hip_abduction", 1, 0), ("hip_flexion", -1, 0))),
    "knee": ("X", (("knee_flexion", 1, 0),)),
    "ankle": ("X", (("ankle_dorsiflexion", -1, 0),)),
    # The rest pose has the arms out to the side: they hang after 82 degrees about Z; the forearm bends about Y.
    "shoulder": ("XZX", (("shoulder_flexion", -1, 0), ("shoulder_abduction", 1, -82), ("shoulder_rotation", -1, 0))),
    "elbow": ("Y", (("elbow_flexion", -1, 0),)),
}


def _pose(curves: Curves, n_frames: int) -> Array:
    """Local rotations (T, 22, 4) of SMPL-22 from angle curves. On the right side turns about Y and Z change sign."""
    rotations = np.tile(np.array(IDENTITY), (n_frames, SMPL22.n_joints, 1))
    for joint, (axes, channels) in _POSE.items():
        sides = ("",) if joint in SMPL22.joint_names else ("left_", "right_")
        for side in sides:
            columns = []
            for axis, (curve, sign, added) in zip(axes, channels, strict=True):
                flip = -1.0 if side == "right_" and axis != "X" else 1.0
                columns.append(flip * (sign * curves.get(side + curve, np.zeros(n_frames)) + added))
            rotations[:, SMPL22.index(side + joint)] = euler_to_quat(np.radians(np.stack(columns, axis=-1)), axes)
    return rotations


def _carried_by_feet(rotations: Array) -> Array:
    """Root path (T, 3), metres, that keeps the lowest foot at height 0 and the supporting foot in its place."""
    joints, _ = forward_kinematics(rotations, np.zeros((len(rotations), 3)), SMPL22.offsets, SMPL22.parents)
    feet = joints[:, [SMPL22.index(j) for j in _FEET]]  # (T, 4, 3) seen from the pelvis
    low = feet[..., 1].min(axis=1)
    weight = np.exp(-(feet[..., 1] - low[:, None]) / _SUPPORT_M)
    weight = weight[1:] + weight[:-1]
    step = 0.0 - (weight[..., None] * np.diff(feet, axis=0)).sum(axis=1) / weight.sum(axis=1)[:, None]
    path = np.concatenate([np.zeros((1, 3)), np.cumsum(step, axis=0)])
    path[:, 1] = -low
    return path
