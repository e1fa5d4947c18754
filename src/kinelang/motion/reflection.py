"""Mirroring a motion, whatever the rest frames of its skeleton are."""

from __future__ import annotations

import numpy as np

from kinelang.errors import SkeletonError
from kinelang.motion.arrays import Array
from kinelang.motion.landmarks import landmarks_of
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import quat_conjugate, quat_multiply
from kinelang.motion.skeleton import Skeleton

ACROSS = np.array([-1.0, 1.0, 1.0], dtype=np.float32)
"""Reflection in the YZ plane, for vectors."""

ACROSS_QUAT = np.array([1.0, 1.0, -1.0, -1.0], dtype=np.float32)
"""The same for quaternions: S R S with S = diag(-1, 1, 1)."""

HALF_TURNS = np.array([(1, 1, 1), (-1, 1, -1), (-1, -1, 1), (1, -1, -1)], dtype=np.float32)
"""No turn, and half a turn about Y, Z or X, as diagonals of their matrices; as quaternions they are the rows below. These lead from
a mirrored rest frame to the ways in which rigs build the frames of the other side."""

_HALF_TURN_QUATS = np.array([(1, 0, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (0, 1, 0, 0)], dtype=np.float32)

CLEARLY = 0.1
"""By how much of the bones' size a half turn must fit better than the one before it in preference, to be taken instead (ours)."""


def mirror(motion: Motion) -> Motion:
    """The motion seen in a mirror: x -> -x, left and right joints swapped. Twice is the motion itself.

    Rotations are carried over with rest offsets that are mirrored too. On rigs whose two sides have differently built rest frames a
    constant half turn of each joint brings the mirrored bones onto the rig's own, so that the skeleton stays the same one, but for
    what differs between its two sides.

    Raises SkeletonError for a person whose joint names do not say which are left and right.
    """
    skeleton = motion.skeleton
    partner = _partners(skeleton)
    turns = _rest_turns(skeleton, partner)
    above = np.array([max(p, 0) for p in skeleton.parents])
    offsets = HALF_TURNS[turns[above]] * skeleton.offsets[partner] * ACROSS
    positions = None if motion.positions is None else motion.positions[:, partner] * ACROSS
    root = None if motion.root is None else motion.root * ACROSS
    translations = motion.translations
    if translations is not None:
        translations = HALF_TURNS[turns[above]] * translations[:, partner] * ACROSS
    rotations = motion.rotations
    if rotations is not None:
        # World rotation W' = S W S C, C the half turn of the joint; locally C_parent^-1 (S L S) C.
        turn = _HALF_TURN_QUATS[turns]
        rotations = quat_multiply(rotations[:, partner] * ACROSS_QUAT, turn)
        rotations[:, 1:] = quat_multiply(quat_conjugate(turn[above])[1:], rotations[:, 1:])
    mirrored = skeleton.with_offsets(offsets)
    return motion.with_(skeleton=mirrored, positions=positions, root=root, rotations=rotations, translations=translations)


def _partners(skeleton: Skeleton) -> Array:
    """For each joint the one of the other side (J,); refused where the joints known as left and right are not each other's."""
    partner = skeleton.mirror_map
    try:
        points = landmarks_of(skeleton)
    except SkeletonError:
        return np.array(partner)  # no person: the names are all there is
    for name in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist"):
        left, right = (points[f"{side}_{name}"].blend[0][0] for side in ("left", "right"))
        if partner[skeleton.index(left)] != skeleton.index(right):
            found = f"'{left}' and '{right}' as left and right {name}, which their names do not say"
            raise SkeletonError.of(f"mirror of skeleton '{skeleton.name}'", found, "names with a side", "retarget it to SMPL22 first")
    return np.array(partner)


def _rest_turns(skeleton: Skeleton, partner: Array) -> Array:
    """For each joint the row of `HALF_TURNS` that brings its own bones best onto the mirrored ones of its partner. (J,) int.

    Of several that fit alike the parent's is preferred, so that a limb and its end are turned as one. The choice is the same for the
    mirrored skeleton, so that mirroring twice undoes it.
    """
    mirrored = skeleton.offsets[partner] * ACROSS
    turns = np.zeros(skeleton.n_joints, dtype=np.int64)
    for j, children in enumerate(skeleton.children):
        kids = list(children)
        own, other = skeleton.offsets[kids], mirrored[kids]
        gaps = np.sqrt(((HALF_TURNS[:, None] * own - other) ** 2).sum(axis=(1, 2)))
        close = gaps <= gaps.min() + CLEARLY * np.sqrt((own**2).sum() + (other**2).sum())
        preferred = turns[max(skeleton.parents[j], 0)]
        turns[j] = preferred if close[preferred] else int(np.argmax(close))
    return turns
