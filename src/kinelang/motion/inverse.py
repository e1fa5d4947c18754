"""Positions to rotations: real joint rotations, on one rigid skeleton, from the positions of a clip.

A joint with several children is turned by the best fit of all of them (Kabsch), so that a figure facing away or spinning is no
special case. A joint with one child is swung onto it from where its parent would carry it. Positions say nothing of the twist about
a bone; it is chosen so that elbows and knees bend about one hinge axis, as far as the limb is bent, and fades to no twist against
the parent as the limb straightens.
"""

from __future__ import annotations

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array, describe_shape
from kinelang.motion.kinematics import local_rotations
from kinelang.motion.rotations import (
    IDENTITY,
    best_fit_rotation,
    cross,
    matrix_to_quat,
    quat_between,
    quat_continuous,
    quat_multiply,
    quat_rotate,
    unit,
)
from kinelang.motion.skeleton import Skeleton

HINGES: dict[str, tuple[float, float, float]] = {
    "left_elbow": (0.0, -1.0, 0.0),
    "right_elbow": (0.0, 1.0, 0.0),
    "left_knee": (1.0, 0.0, 0.0),
    "right_knee": (1.0, 0.0, 0.0),
}
"""Axis about which a joint bends, in the T-pose: the forearm forward, the shank backward (ours)."""

BENT_FROM_RAD, BENT_FULL_RAD = np.radians(10.0), np.radians(30.0)
"""Bend at which the hinge begins to, and fully does, decide the twist (ours)."""

TWIST_MEMORY_S = 0.25
"""Standard deviation over time with which a straight limb takes over the twist it had when bent (ours)."""


def fit_rotations(joints: Array, skeleton: Skeleton, fps: float, iterations: int = 3) -> tuple[Array, Skeleton]:
    """Local rotations, and the skeleton with this clip's own bone lengths, that reproduce the positions best.

    Args:
        joints: (T, J, 3) metres, world positions in the order of `skeleton`.
        skeleton: rest pose whose bone directions define the identity rotation.
        fps: frames a second (the twist of straight limbs is carried over time).
        iterations: rounds of fitting rotations and rest offsets in turn, for joints with several children.

    Returns:
        rotations (T, J, 4) float32, continuous in sign over time, and a Skeleton with fitted offsets. Where the bones keep their
        length over time, forward kinematics on them gives the positions back.
    """
    if joints.ndim != 3 or joints.shape[1:] != (skeleton.n_joints, 3):
        raise MotionError.of("joints", describe_shape(joints), f"(T, {skeleton.n_joints}, 3)")
    joints = joints.astype(np.float64)
    offsets = _scaled_offsets(joints, skeleton)
    world = np.zeros((*joints.shape[:2], 4))
    world[..., 0] = 1
    placed = joints.copy()  # where forward kinematics puts the joints: each bone aims from there, so that misfits do not add up
    for j in range(skeleton.n_joints):
        children = list(skeleton.children[j])
        parent_world = world[:, skeleton.parents[j]] if j else np.broadcast_to(IDENTITY, (len(joints), 4))
        if len(children) >= 2:
            vectors = joints[:, children] - placed[:, [j]]
            world[:, j], offsets[children] = _fit_several(vectors, offsets[children], iterations)
        elif len(children) == 1:
            carried = quat_rotate(parent_world, offsets[children[0]])
            swing = quat_between(carried, joints[:, children[0]] - placed[:, j])
            world[:, j] = quat_multiply(swing, parent_world)
            hinge = HINGES.get(skeleton.joint_names[children[0]])
            if hinge is not None:
                world[:, j] = _with_hinge_twist(world[:, j], placed, j, children[0], skeleton, np.array(hinge), fps)
        else:
            world[:, j] = parent_world
        placed[:, children] = placed[:, [j]] + quat_rotate(world[:, [j]], offsets[children])
    local = quat_continuous(local_rotations(world, skeleton.parents))
    return local.astype(np.float32), skeleton.with_offsets(offsets.astype(np.float32))


def _scaled_offsets(joints: Array, skeleton: Skeleton) -> Array:
    """Rest offsets with each bone as long as its median over the clip. (J, 3)."""
    offsets = np.array(skeleton.offsets, dtype=np.float64)
    above = np.array([max(p, 0) for p in skeleton.parents])
    bones = joints - joints[:, above]
    lengths = np.median(np.sqrt((bones**2).sum(-1)), axis=0)
    return np.asarray(unit(offsets) * lengths[:, None])


def _fit_several(vectors: Array, offsets: Array, iterations: int) -> tuple[Array, Array]:
    """World rotations (T, 4) of a joint from its child vectors (T, N, 3), and the children's rest offsets (N, 3) refined."""
    for _ in range(iterations):
        matrices = best_fit_rotation(np.broadcast_to(offsets, vectors.shape), vectors)
        offsets = np.einsum("tji,tnj->ni", matrices, vectors) / len(vectors)
    matrices = best_fit_rotation(np.broadcast_to(offsets, vectors.shape), vectors)
    return matrix_to_quat(matrices), offsets


def _with_hinge_twist(world: Array, joints: Array, j: int, child: int, skeleton: Skeleton, hinge: Array, fps: float) -> Array:
    """Turn the world rotations (T, 4) of joint j about its bone so that the next bone bends about `hinge`."""
    from scipy.ndimage import gaussian_filter1d

    grandchildren = skeleton.children[child]
    if len(grandchildren) != 1:
        return world
    bone = unit(joints[:, child] - joints[:, j])
    next_bone = unit(joints[:, grandchildren[0]] - joints[:, child])
    bend = np.arccos(np.clip(np.einsum("ti,ti->t", bone, next_bone), -1, 1))
    normal = cross(bone, next_bone)
    axis = quat_rotate(world, hinge)  # where the hinge points without twist
    axis = axis - np.einsum("ti,ti->t", axis, bone)[:, None] * bone
    twist = np.arctan2(np.einsum("ti,ti->t", cross(axis, normal), bone), np.einsum("ti,ti->t", axis, normal))
    weight = np.clip((bend - BENT_FROM_RAD) / (BENT_FULL_RAD - BENT_FROM_RAD), 0, 1)
    phasor = weight * np.exp(1j * twist)
    sigma = TWIST_MEMORY_S * fps
    memory = gaussian_filter1d(phasor.real, sigma, mode="nearest") + 1j * gaussian_filter1d(phasor.imag, sigma, mode="nearest")
    chosen = np.angle(phasor + (1 - weight) * (memory + 0.05))  # 0.05: pull to no twist where the limb was never bent
    half = 0.5 * chosen[:, None]
    return quat_multiply(np.concatenate([np.cos(half), np.sin(half) * bone], axis=-1), world)
