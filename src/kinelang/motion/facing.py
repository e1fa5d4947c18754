"""Which way a person faces, and the path of the pelvis in that frame."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.rotations import axis_angle_to_quat, quat_rotate

LEFT_HIP, RIGHT_HIP, LEFT_SHOULDER, RIGHT_SHOULDER = 1, 2, 16, 17

UPRIGHT_ENOUGH = 0.15
"""Least horizontal length of hips plus shoulders, as a share of their length, for the facing to count (ours): below it the person
lies on a side, and the facing is taken over from the nearest frames."""


def across(joints: Array) -> Array:
    """From left to right over hips and shoulders together, horizontal part. joints (..., 22, 3) -> (..., 3) metres.

    HumanML3D's definition (process_file): (right hip - left hip) + (right shoulder - left shoulder).
    """
    v = (joints[..., RIGHT_HIP, :] - joints[..., LEFT_HIP, :]) + (joints[..., RIGHT_SHOULDER, :] - joints[..., LEFT_SHOULDER, :])
    return np.asarray(v * np.array([1, 0, 1], dtype=v.dtype))


def heading(joints: Array) -> Array:
    """Yaw of the facing direction in radians, unwrapped over time: 0 faces +Z, positive turns to the person's left (towards +X).

    joints (T, 22, 3) -> (T,) float64. The facing is Y × across.
    """
    v = across(joints).astype(np.float64)
    width = np.linalg.norm(joints[:, RIGHT_HIP] - joints[:, LEFT_HIP], axis=-1) + np.linalg.norm(
        joints[:, RIGHT_SHOULDER] - joints[:, LEFT_SHOULDER], axis=-1
    )
    reliable = np.hypot(v[:, 0], v[:, 2]) > UPRIGHT_ENOUGH * width
    yaw = np.arctan2(v[:, 2], -v[:, 0])  # Y × (vx, 0, vz) = (vz, 0, -vx)
    if not reliable.any():
        return np.zeros(len(yaw))
    if reliable.all():
        return np.unwrap(yaw)
    known = np.flatnonzero(reliable)
    return np.interp(np.arange(len(yaw)), known, np.unwrap(yaw[known]))


def turned(joints: Array, yaw: float) -> Array:
    """Positions turned about the vertical by `yaw` radians. (..., 3) -> (..., 3)."""
    return quat_rotate(axis_angle_to_quat("Y", float(yaw)), joints)


def in_initial_frame(joints: Array) -> Array:
    """The clip with frame 0 facing +Z, its pelvis over the origin, and the lowest joint of the clip at y = 0. (T, 22, 3) float64."""
    out = turned(joints.astype(np.float64), -float(heading(joints[:1])[0]))
    out -= np.array([out[0, 0, 0], out[..., 1].min(), out[0, 0, 2]])
    return out
