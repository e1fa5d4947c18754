"""From features to a motion that can be used: places and velocities reconciled, bones of one length, feet on the ground."""

from __future__ import annotations

import numpy as np

from kinelang.generating.twists import without_jumps
from kinelang.motion.arrays import Array, BoolArray
from kinelang.motion.features import HUMANML3D, decode_fused
from kinelang.motion.motion import Motion
from kinelang.motion.planting import plant
from kinelang.motion.retargeting import with_rotations, without_positions
from kinelang.motion.skeletons import SMPL22

TOUCHING = 0.5
"""A contact feature above this is one."""
ROUNDS = 5
"""More move the joints by hardly less."""
SHORTEST_M = 1e-6
TOLD_CM = 0.5
"""Smaller changes are not told."""


def as_motion(features: Array, fixed: BoolArray | None, name: str, source: str) -> tuple[Motion, tuple[str, ...]]:
    """A motion with rotations whose bones keep their length, and what that changed, in words.

    Args:
        features: (T, 263) raw.
        fixed: (T, 263) which of them were given, and stay.
        name, source: of the motion.
    """
    firm = np.zeros((len(features), HUMANML3D.n_joints), bool) if fixed is None else firm_joints(fixed)
    joints = decode_fused(features, firm=firm)
    joints -= joints[0, 0] * np.array([1, 0, 1], joints.dtype)
    equal = with_lengths(joints, usual_lengths(joints, firm), firm)
    rigid = without_positions(with_rotations(Motion(SMPL22, HUMANML3D.fps, positions=equal, name=name, source=source)))
    rigid = without_jumps(rigid)
    rigid = rigid.with_(positions=rigid.joints)
    moved_cm = 100 * float(np.linalg.norm(rigid.joints - joints, axis=-1).mean())
    said = f"Bones were given one length; that moved the joints by {moved_cm:.1f} cm on average."
    return rigid, (said,) if moved_cm >= TOLD_CM else ()


def firm_joints(fixed: BoolArray) -> BoolArray:
    """(T, 22) joints whose places are given: the root where its steps are, others where their place beside it is too."""
    blocks = HUMANML3D.blocks
    root = fixed[:, blocks["root_velocity"]].all(axis=1, keepdims=True)
    others = fixed[:, blocks["positions"]].reshape(len(fixed), -1, 3).all(axis=2)
    return np.concatenate([root, others & root], axis=1)


def usual_lengths(joints: Array, firm: BoolArray) -> Array:
    """Length of the bone that ends at each joint: as in the frames that are given whole, else HumanML3D's. (22,) metres."""
    whole = firm.all(axis=1)
    if not whole.any():
        return np.array(HUMANML3D.bone_lengths)
    bones = joints[whole][:, 1:] - joints[whole][:, list(SMPL22.parents[1:])]
    return np.concatenate([[0.0], np.median(np.linalg.norm(bones, axis=-1), axis=0)])


def with_lengths(joints: Array, lengths: Array, firm: BoolArray | None = None) -> Array:
    """Joints whose bones have these lengths, near to where they were.

    Both ends of a bone give way by half of what it is too long or too short, in `ROUNDS` passes up and down the tree (position-based
    dynamics; Müller et al. 2007). What is left is made up from the pelvis outwards, where bones keep their direction.

    Args:
        joints: (T, 22, 3) metres.
        lengths: (22,) of the bone that ends at each joint.
        firm: (T, 22) joints that do not give way.
    """
    places = joints.astype(np.float64)
    gives = np.ones(joints.shape[:2]) if firm is None else (~firm).astype(np.float64)
    bones = [(j, parent) for j, parent in enumerate(SMPL22.parents) if parent >= 0]
    for turn in range(ROUNDS):
        for j, parent in bones if turn % 2 == 0 else reversed(bones):
            bone = places[:, j] - places[:, parent]
            length = np.maximum(np.linalg.norm(bone, axis=-1, keepdims=True), SHORTEST_M)
            share = bone * (1 - lengths[j] / length) / np.maximum(gives[:, j] + gives[:, parent], 1)[:, None]
            places[:, j] -= gives[:, j, None] * share
            places[:, parent] += gives[:, parent, None] * share
    out = places.copy()
    for j, parent in bones:
        bone = places[:, j] - places[:, parent]
        out[:, j] = out[:, parent] + bone * (lengths[j] / np.maximum(np.linalg.norm(bone, axis=-1, keepdims=True), SHORTEST_M))
    return np.asarray(out, dtype=joints.dtype)


def on_the_ground(motion: Motion, features: Array) -> tuple[Motion, tuple[str, ...]]:
    """The motion with feet planted where its features say that they touch, and what that changed, in words."""
    touching = features[:, HUMANML3D.blocks["contacts"]] > TOUCHING  # left ankle and toe, right ankle and toe
    planted, planting = plant(motion, np.stack([touching[:, :2].all(axis=1), touching[:, 2:].all(axis=1)], axis=1))
    return planted, planting.sentences()
