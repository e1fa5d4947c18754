"""Two-bone inverse kinematics: where an elbow or knee has to be, and the rotations of the bones."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.rotations import cross, matrix_to_quat, unit


def middle_joint(start: Array, end: Array, first_m: float, second_m: float, pole: Array) -> tuple[Array, Array, Array]:
    """Elbow or knee of a limb from `start` towards `end`.

    Args:
        start, end: (T, 3) metres: shoulder and wrist, hip and ankle.
        first_m, second_m: bone lengths.
        pole: (T, 3): the side on which the middle joint lies.

    Returns:
        middle joint and end (T, 3), the end moved nearer or farther where the limb cannot reach it, and the hinge axis (T, 3), unit.
    """
    line = end - start
    length = np.linalg.norm(line, axis=-1, keepdims=True)
    along = line / np.maximum(length, 1e-6)
    length = np.clip(length, abs(first_m - second_m) + 0.02 * first_m + 0.05 * second_m, 0.9995 * (first_m + second_m))
    aside = unit(pole - (pole * along).sum(-1, keepdims=True) * along)
    cosine = (first_m**2 + length**2 - second_m**2) / (2 * first_m * length)
    sine = np.sqrt(np.clip(1 - cosine**2, 0, 1))
    middle = start + first_m * (cosine * along + sine * aside)
    return middle, start + length * along, unit(cross(aside, along))


def bone_rotation(rest_bone: Array, rest_hinge: Array, bone: Array, hinge: Array) -> Array:
    """World rotations (T, 4) that turn a bone's rest direction and hinge (3,) into the given ones (T, 3)."""
    rest = _frame(np.asarray(rest_bone, dtype=float), np.asarray(rest_hinge, dtype=float))
    return matrix_to_quat(_frame(bone, hinge) @ rest.T)


def _frame(bone: Array, hinge: Array) -> Array:
    """Orthonormal axes (..., 3, 3) in columns: along the bone, hinge made square to it, and their product."""
    a = unit(bone)
    h = unit(hinge - (hinge * a).sum(-1, keepdims=True) * a)
    return np.stack([a, h, cross(a, h)], axis=-1)
