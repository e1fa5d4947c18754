"""From any skeleton to the 22 joints that the rest of kinelang works on."""

from __future__ import annotations

import numpy as np

from kinelang.errors import SkeletonError
from kinelang.motion.arrays import Array
from kinelang.motion.inverse import fit_rotations
from kinelang.motion.landmarks import landmarks_of
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import cross, quat_multiply, quat_rotate, unit
from kinelang.motion.skeleton import Skeleton
from kinelang.motion.skeletons import SMPL22, SMPL22_JOINTS
from kinelang.motion.skeletons.keypoints import FROM_SMPL22

NEUTRAL_FOOT = 0.174
"""Length of a foot that had to be supplied, ankle to ball, in leg lengths: SMPL's mean body."""


def retarget(motion: Motion, target: Skeleton = SMPL22, *, rotations: bool = True) -> Motion:
    """The same movement on another skeleton, in the person's own proportions.

    Args:
        motion: on any skeleton of the table, or on one whose joints can be told by names or by the shape of the tree.
        target: SMPL22 (the default), or a skeleton of the table that is defined on the 22 joints (h36m17, kit21), or the motion's own.
        rotations: also fit local rotations (for SMPL22). Without them only positions are given, which is faster.

    Returns:
        A motion whose `positions` are the landmarks of the source and whose `rotations` fit them on a skeleton with the clip's own
        bone lengths. Where the source has SMPL rotations, these are kept as they are.

    Raises:
        SkeletonError: the source has no human figure, or nothing is known on how to reach the target.
    """
    if motion.skeleton.same_tree(target):
        return with_rotations(motion) if rotations and target.same_tree(SMPL22) else motion
    if not target.same_tree(SMPL22):
        return _to_keypoints(motion, target)
    if motion.skeleton.joint_names[:22] == SMPL22_JOINTS and motion.skeleton.parents[:22] == SMPL22.parents:
        return _first_22(motion, rotations)
    positions, notes = smpl22_positions(motion)
    out = Motion(SMPL22, motion.fps, positions=positions, name=motion.name, source=motion.source, notes=motion.notes).noted(*notes)
    return with_rotations(out) if rotations else out


def with_rotations(motion: Motion) -> Motion:
    """The motion with local rotations fitted to its positions, if it has none (see `fit_rotations`)."""
    if motion.has_rotations:
        return motion
    rotations, skeleton = fit_rotations(motion.joints, motion.skeleton, motion.fps)
    return motion.with_(skeleton=skeleton, rotations=rotations, root=motion.joints[:, 0])


def without_positions(motion: Motion) -> Motion:
    """The motion as rotations and root path alone, so that its joints are exactly those of its rigid skeleton."""
    return with_rotations(motion).with_(positions=None)


def smpl22_positions(motion: Motion) -> tuple[Array, tuple[str, ...]]:
    """Positions of the 22 joints on any human skeleton, (T, 22, 3) metres, and notes on what had to be supplied.

    Raises SkeletonError if the skeleton is not a human figure.
    """
    skeleton = motion.skeleton
    if skeleton.joint_names == SMPL22_JOINTS:
        return motion.joints, ()
    points = landmarks_of(skeleton)
    names = [n for n in SMPL22_JOINTS if n in points]
    missing = [n for n in SMPL22_JOINTS if n not in points]
    if set(missing) - {"left_foot", "right_foot"}:
        raise SkeletonError.of(f"skeleton '{skeleton.name}'", f"no landmark {missing[0]}", "all of the 22 joints but the feet")
    out = np.empty((motion.n_frames, 22, 3), dtype=np.float32)
    rows = [SMPL22_JOINTS.index(n) for n in names]
    out[:, rows] = _blended(motion.joints, skeleton.blend_matrix(points, names))
    carried = {n: p for n, p in points.items() if p.carrier and n in SMPL22_JOINTS}
    if carried and motion.rotations is not None:
        _add_shifts(out, motion, {n: (p.carrier, p.shift) for n, p in carried.items()})
    elif "pelvis" in carried:
        out[:, 0] += 0.15 * (out[:, 3] - out[:, 0])  # no rotation to carry the shift: towards the spine
    if not missing:
        return out, ()
    _supply_feet(out)
    return out, ("the skeleton has no toes: feet were supplied at right angles to the shanks",)


def _blended(joints: Array, weights: Array) -> Array:
    """Weighted sums of joints: (T, J, 3), (N, J) -> (T, N, 3). Most rows are one joint, so sums run over the few that are not."""
    out = joints[:, weights.argmax(axis=1)]
    for row in np.flatnonzero((weights != 0).sum(axis=1) > 1):
        used = np.flatnonzero(weights[row])
        # Joints may lie far from the origin: blending around one of them keeps float32's precision.
        base = joints[:, used[0]]
        out[:, row] = base + sum(np.float32(weights[row, j]) * (joints[:, j] - base) for j in used[1:])
    return out


def _add_shifts(out: Array, motion: Motion, shifts: dict[str, tuple[str, tuple[float, float, float]]]) -> None:
    """Add to landmarks in place the shifts that a joint's rotation carries."""
    leg = _leg_length(out)
    for name, (carrier, shift) in shifts.items():
        rotation = _world_rotation(motion, motion.skeleton.index(carrier))
        out[:, SMPL22_JOINTS.index(name)] += quat_rotate(rotation, np.array(shift, dtype=np.float32) * leg)


def _world_rotation(motion: Motion, joint: int) -> Array:
    """World rotation of one joint. (T, 4)."""
    assert motion.rotations is not None
    rotation = motion.rotations[:, joint]
    while (joint := motion.skeleton.parents[joint]) >= 0:
        rotation = quat_multiply(motion.rotations[:, joint], rotation)
    return rotation


def _leg_length(joints: Array) -> np.float32:
    """Median length of hip-knee-ankle of both sides, metres. joints (T, 22, 3)."""
    bones = joints[:, [4, 5, 7, 8]] - joints[:, [1, 2, 4, 5]]
    return np.float32(np.median(np.sqrt((bones**2).sum(-1)).sum(-1)) / 2)


def _supply_feet(out: Array) -> None:
    """Put the balls of the feet where a foot at right angles to the shank would have them, pointing where the hips face."""
    across = out[:, 1] - out[:, 2]
    for hip, knee, ankle, foot in ((1, 4, 7, 10), (2, 5, 8, 11)):
        shank = unit(out[:, ankle] - out[:, knee])
        thigh = unit(out[:, knee] - out[:, hip])
        forward = cross(across, unit(out[:, 3] - out[:, 0]))  # left × up
        forward = unit(forward) + 0.5 * (thigh - shank)  # the knee's bend tells more than the hips where they disagree
        forward = unit(forward - np.einsum("ti,ti->t", forward, shank)[:, None] * shank)
        out[:, foot] = out[:, ankle] + NEUTRAL_FOOT * _leg_length(out) * unit(forward + 0.45 * shank)


def _first_22(motion: Motion, rotations: bool) -> Motion:
    """The body of a SMPL-family motion with hands: the same joints and rotations, hands left out."""
    skeleton = Skeleton("smpl22", SMPL22_JOINTS, SMPL22.parents, motion.skeleton.offsets[:22], SMPL22.landmarks)
    kept = Motion(
        skeleton,
        motion.fps,
        positions=None if motion.positions is None else motion.positions[:, :22],
        rotations=None if motion.rotations is None else motion.rotations[:, :22],
        root=motion.root,
        translations=None if motion.translations is None else motion.translations[:, :22],
        name=motion.name,
        source=motion.source,
        notes=motion.notes,
    )
    return with_rotations(kept) if rotations else kept


def _to_keypoints(motion: Motion, target: Skeleton) -> Motion:
    """Positions on a skeleton that is defined on the 22 joints."""
    if target.name not in FROM_SMPL22:
        known = ", ".join(["smpl22", *FROM_SMPL22])
        raise SkeletonError.of("target skeleton", f"'{target.name}'", f"one of {known}")
    body = retarget(motion, SMPL22, rotations=False)
    weights = SMPL22.blend_matrix(FROM_SMPL22[target.name], target.joint_names)
    note = f"{target.name} joints are a named approximation from the 22 joints"
    return Motion(target, motion.fps, positions=_blended(body.joints, weights), name=motion.name, source=motion.source).noted(
        *body.notes, note
    )
