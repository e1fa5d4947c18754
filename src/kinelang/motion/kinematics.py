"""Forward kinematics: from local rotations to world positions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.rotations import quat_conjugate, quat_multiply, quat_rotate, quat_to_matrix


def forward_kinematics(rotations: Array, root: Array, offsets: Array, parents: Sequence[int]) -> tuple[Array, Array]:
    """World positions and world rotations of all joints.

    Args:
        rotations: (..., J, 4) unit quaternions, each joint relative to its parent.
        root: (..., 3) metres, world position of joint 0.
        offsets: (J, 3) or (..., J, 3) metres, each joint from its parent in the parent's frame; row 0 is ignored.
        parents: J indices, -1 for joint 0.

    Returns:
        joints (..., J, 3) in metres and global rotations (..., J, 4).
    """
    offsets = np.broadcast_to(offsets, (*rotations.shape[:-1], 3))
    positions = np.empty((*rotations.shape[:-1], 3), dtype=np.result_type(rotations, root))
    world = np.empty_like(rotations)
    positions[..., 0, :] = root
    world[..., 0, :] = rotations[..., 0, :]
    for level in levels(parents):  # all joints of one depth at once: a dozen steps instead of J
        above = [parents[j] for j in level]
        world[..., level, :] = quat_multiply(world[..., above, :], rotations[..., level, :])
        positions[..., level, :] = positions[..., above, :] + quat_rotate(world[..., above, :], offsets[..., level, :])
    return positions, world


def joint_positions(rotations: Array, root: Array, offsets: Array, parents: Sequence[int]) -> Array:
    """World positions of all joints, as from `forward_kinematics`, (..., J, 3).

    With matrices, whose products are one call each: several times as fast for a few frames, but slower for many.
    """
    # [rotation | offset] of each joint, joints first so that those of one depth lie together; then the same in the world.
    local = np.empty((len(parents), *rotations.shape[:-2], 3, 4), dtype=np.result_type(rotations, root))
    local[..., :3] = quat_to_matrix(np.moveaxis(rotations, -2, 0))
    local[..., 3] = np.moveaxis(np.broadcast_to(offsets, (*rotations.shape[:-1], 3)), -2, 0)
    local[0, ..., 3] = root
    for level in levels(parents):
        above = local[[parents[j] for j in level]]
        placed = above[..., :3] @ local[level]
        placed[..., 3] += above[..., 3]
        local[level] = placed
    return np.moveaxis(local[..., 3], 0, -2)


def local_rotations(world: Array, parents: Sequence[int]) -> Array:
    """World rotations to rotations relative to the parent. world (..., J, 4) -> (..., J, 4)."""
    above = np.array([max(p, 0) for p in parents])
    local = quat_multiply(quat_conjugate(world[..., above, :]), world)
    local[..., 0, :] = world[..., 0, :]
    return local


def levels(parents: Sequence[int]) -> list[list[int]]:
    """Joints below the root grouped by depth, the shallowest first."""
    depth = [0] * len(parents)
    groups: list[list[int]] = []
    for j, p in enumerate(parents):
        if p < 0:
            continue
        depth[j] = depth[p] + 1
        while len(groups) < depth[j]:
            groups.append([])
        groups[depth[j] - 1].append(j)
    return groups
