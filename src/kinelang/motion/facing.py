"""Which way a person faces, and the path of the pelvis in that frame."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array

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


def in_initial_frame(joints: Array) -> Array:
    """The clip with frame 0 facing +Z, its pelvis over the origin, and the lowest joint of the clip at y = 0. (T, 22, 3) float64."""
    yaw = -float(heading(joints[:1])[0])
    c, s = np.cos(yaw), np.sin(yaw)
    x, y, z = np.moveaxis(joints.astype(np.float64), -1, 0)
    out = np.empty(joints.shape)
    x, z = x - x[0, 0], z - z[0, 0]
    out[..., 0] = c * x + s * z
    out[..., 1] = y - y.min()
    out[..., 2] = c * z - s * x
    return out
