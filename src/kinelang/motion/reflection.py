"""Mirroring a motion, whatever the rest frames of its skeleton are."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import best_fit_rotation, matrix_to_quat, quat_between, quat_conjugate, quat_multiply, quat_rotate
from kinelang.motion.skeleton import Skeleton

ACROSS = np.array([-1.0, 1.0, 1.0], dtype=np.float32)
"""Reflection in the YZ plane, for vectors."""

ACROSS_QUAT = np.array([1.0, 1.0, -1.0, -1.0], dtype=np.float32)
"""The same for quaternions: S R S with S = diag(-1, 1, 1)."""

SAME_RIG_M = 0.005
"""Largest gap in metres at which a mirrored bone counts as the rig's own bone of the other side (ours)."""


def mirror(motion: Motion) -> Motion:
    """The motion seen in a mirror: x -> -x, left and right joints swapped. Twice is the motion itself.

    Rotations are carried over with rest offsets that are mirrored too. On rigs whose two sides have differently built rest frames a
    constant turn of each joint brings the mirrored bones onto the rig's own, so that the skeleton stays the same one.
    """
    partner = np.array(motion.skeleton.mirror_map)
    positions = None if motion.positions is None else motion.positions[:, partner] * ACROSS
    root = None if motion.root is None else motion.root * ACROSS
    if motion.rotations is None:
        offsets = motion.skeleton.offsets[partner] * ACROSS
        return motion.with_(skeleton=motion.skeleton.with_offsets(offsets), positions=positions, root=root)
    turns, offsets = _rest_turns(motion.skeleton)
    above = np.array([max(p, 0) for p in motion.skeleton.parents])
    local = motion.rotations[:, partner] * ACROSS_QUAT
    # World rotation W' = S W S C, C the constant turn of the joint; locally C_parent^-1 (S L S) C.
    local = quat_multiply(local, turns)
    local[:, 1:] = quat_multiply(quat_conjugate(turns[above])[1:], local[:, 1:])
    translations = motion.translations
    if translations is not None:
        translations = translations[:, partner] * ACROSS
        translations[:, 1:] = quat_rotate(quat_conjugate(turns[above])[1:], translations[:, 1:])
    skeleton = motion.skeleton.with_offsets(offsets)
    return motion.with_(skeleton=skeleton, positions=positions, root=root, rotations=local, translations=translations)


def _rest_turns(skeleton: Skeleton) -> tuple[Array, Array]:
    """For each joint the constant turn C (J, 4), and rest offsets (J, 3), for the mirrored skeleton."""
    partner = np.array(skeleton.mirror_map)
    mirrored = (skeleton.offsets[partner] * ACROSS).astype(np.float64)
    own = skeleton.offsets.astype(np.float64)
    turns = np.zeros((skeleton.n_joints, 4), dtype=np.float32)
    turns[:, 0] = 1
    offsets = mirrored.copy()
    for j, children in enumerate(skeleton.children):
        kids = list(children)
        if not kids or np.abs(mirrored[kids] - own[kids]).max() < SAME_RIG_M:
            continue
        if len(kids) == 1:
            turn = quat_between(own[kids[0]], mirrored[kids[0]])
        else:
            turn = matrix_to_quat(best_fit_rotation(own[kids], mirrored[kids]))
        turned = quat_rotate(quat_conjugate(turn), mirrored[kids])
        if np.abs(turned - own[kids]).max() < SAME_RIG_M:
            turns[j] = turn
            offsets[kids] = turned
    return turns, offsets.astype(np.float32)
