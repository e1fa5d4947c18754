"""Left and right exchanged, in joints and in features."""

from __future__ import annotations

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array, describe_shape
from kinelang.motion.features.decoding import checked_features
from kinelang.motion.features.layouts import HUMANML3D, Layout


def mirror_joints(joints: Array, layout: Layout = HUMANML3D) -> Array:
    """The mirror image in the plane x = 0: x negated, left and right joints exchanged. joints (..., J, 3) -> (..., J, 3).

    Raises MotionError if the shape does not fit the layout. HumanML3D's mirrored copies are made so.
    """
    joints = np.asarray(joints)
    if joints.ndim < 2 or joints.shape[-2:] != (layout.n_joints, 3):
        raise MotionError.of("joints", describe_shape(joints), f"(..., {layout.n_joints}, 3)")
    return np.asarray(joints[..., list(layout.mirrored), :] * np.array([-1, 1, 1], dtype=joints.dtype))


def mirror_features(features: Array) -> Array:
    """Features of the mirrored motion, without decoding. features (..., T, D) -> (..., T, D).

    Exactly the features that `encode` gives for the mirrored joints with `uniform_skeleton=False`. The uniform skeleton's left and
    right bones differ by up to 9 mm: HumanML3D's own mirrored copies give the left leg's motion to the right leg's bones, this
    exchanges the bones as well.

    Raises MotionError as `decode` does.
    """
    features, layout = checked_features(features)
    joints = list(layout.mirrored)
    below_root = [joint - 1 for joint in joints[1:]]
    flip = np.array([-1, 1, 1], dtype=features.dtype)
    six_d = np.array([1, -1, -1, -1, 1, 1], dtype=features.dtype)  # M R M with M = diag(-1, 1, 1), first two columns
    shape = features.shape[:-1]
    out = np.empty_like(features)

    def exchange(block: str, order: list[int], signs: Array) -> None:
        where = layout.blocks[block]
        parts = features[..., where].reshape(*shape, len(order), -1)
        out[..., where] = (parts[..., order, :] * signs).reshape(*shape, -1)

    exchange("yaw_rate", [0], flip[:1])
    exchange("root_velocity", [0], np.array([-1, 1], dtype=features.dtype))
    exchange("root_height", [0], flip[1:2])
    exchange("positions", below_root, flip)
    exchange("rotations", below_root, six_d)
    exchange("velocities", joints, flip)
    exchange("contacts", [2, 3, 0, 1], flip[1:2])
    return out
