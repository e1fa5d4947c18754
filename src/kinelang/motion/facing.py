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
    j = joints.transpose(2, 1, 0)  # components first: the operations then run over time
    hips, shoulders = j[:, RIGHT_HIP] - j[:, LEFT_HIP], j[:, RIGHT_SHOULDER] - j[:, LEFT_SHOULDER]
    x, _, z = (hips + shoulders).astype(np.float64)
    yaw = np.arctan2(z, -x)  # Y × (x, 0, z) = (z, 0, -x)
    reliable = np.hypot(x, z) > UPRIGHT_ENOUGH * (_length(hips) + _length(shoulders))
    if reliable.all():
        return unwrapped(yaw)
    if not reliable.any():
        return np.zeros(len(yaw))
    known = np.flatnonzero(reliable)
    return np.interp(np.arange(len(yaw)), known, unwrapped(yaw[known]))


def _length(v: Array) -> Array:
    """(3, T) -> (T,)."""
    return np.asarray(np.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]))


def unwrapped(angle: Array) -> Array:
    """The angle in radians plus the whole turns that leave no step of more than half a turn. (T,).

    As np.unwrap, which takes longer and adds the turns one by one.
    """
    steps = angle[1:] - angle[:-1]
    if not (np.abs(steps) > np.pi).any():
        return angle
    out = angle.copy()
    out[1:] -= 2 * np.pi * np.cumsum(np.rint(steps / (2 * np.pi)))
    return out


def in_initial_frame(joints: Array) -> Array:
    """The clip with frame 0 facing +Z, its pelvis over the origin, and the lowest joint of the clip at y = 0. (T, 22, 3) float64.

    In memory the components come first and time last, as in `joints.transpose(2, 1, 0)`, so that what follows runs over contiguous
    numbers.
    """
    yaw = -float(heading(joints[:1])[0])
    c, s = np.cos(yaw), np.sin(yaw)
    x, y, z = joints.transpose(2, 1, 0).astype(np.float64, order="C")
    x -= x[0, 0]
    z -= z[0, 0]
    return np.stack([c * x + s * z, y - y.min(), c * z - s * x]).transpose(2, 1, 0)
