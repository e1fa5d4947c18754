"""Upper arms and thighs that do not spin about their bones from one frame to the next.

Positions say nothing of a bone's twist; `motion.inverse` takes it from the plane in which elbow or knee bends. A generated elbow may
bend through straight to its other side, and then that plane turns around at once. Here such a jump is spread over the time about it, in
which the limb is near straight; no joint moves. Where the limb is folded meanwhile, its next joint would jump in turn, and it is left.
"""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.kinematics import forward_kinematics, local_rotations
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import (
    cross,
    quat_between,
    quat_conjugate,
    quat_continuous,
    quat_multiply,
    quat_rotate,
    rotvec_to_quat,
    unit,
)
from kinelang.motion.skeletons import SMPL22

LIMBS = ((16, 18, 20), (17, 19, 21), (1, 4, 7, 10), (2, 5, 8, 11))
"""Joints from shoulders and hips on."""
JUMP_RAD_S = np.radians(800.0)
"""A twist that is faster is a jump: 40° in a frame at 20 a second."""
SPREAD_S = 0.25
"""Before and after a jump, over which it is spread."""


def without_jumps(motion: Motion) -> Motion:
    """A rigid motion on SMPL-22, its joints as they are, whose upper arms and thighs twist without jumps; itself, if none does."""
    assert motion.rotations is not None  # it is rigid
    assert motion.root is not None
    offsets = motion.skeleton.offsets.astype(np.float64)
    world = forward_kinematics(motion.rotations.astype(np.float64), motion.root.astype(np.float64), offsets, SMPL22.parents)[1]
    changed = False
    for limb in LIMBS:
        turn = spread(spins(world[:, limb[0]], offsets[limb[1]]), motion.fps)
        if turn.any():
            above = world[:, [SMPL22.parents[limb[0]]]]
            calm = twisted(world[:, limb], offsets[list(limb)], turn)
            if _fastest(np.concatenate([above, calm], axis=1)) < _fastest(np.concatenate([above, world[:, limb]], axis=1)):
                world[:, limb] = calm
                changed = True
    return motion.with_(rotations=quat_continuous(local_rotations(world, SMPL22.parents))) if changed else motion


def _fastest(world: Array) -> float:
    """The largest angle from frame to frame of joints beside their parents. world (T, 1 + J, 4), each the parent of the next."""
    local = quat_multiply(quat_conjugate(world[:, :-1]), world[:, 1:])
    return float(2 * np.arccos(np.clip(np.abs((local[1:] * local[:-1]).sum(axis=-1)), 0, 1)).max())


def spins(world: Array, bone: Array) -> Array:
    """Radians that a joint turns about its bone from each frame to the next, beside how the bone swings.

    Args:
        world: (T, 4) rotations of the joint.
        bone: (3,) the next joint seen from it.
    """
    aside = unit(cross(bone, np.eye(3)[np.abs(bone).argmin()]))
    along, across = quat_rotate(world, unit(bone)), quat_rotate(world, aside)
    carried = quat_rotate(quat_between(along[:-1], along[1:]), across[:-1])
    sine = (cross(carried, across[1:]) * along[1:]).sum(axis=-1)
    return np.asarray(np.arctan2(sine, (carried * across[1:]).sum(axis=-1)))


def spread(turns: Array, fps: float) -> Array:
    """What to turn each of T frames by, so that no jump is left in the turns (T-1,) between them. Radians."""
    at = np.arange(len(turns) + 1)
    out = np.zeros(len(turns) + 1)
    reach = SPREAD_S * fps
    for t in np.flatnonzero(np.abs(turns) > JUMP_RAD_S / fps):
        first, last = max(t + 0.5 - reach, 0.0), min(t + 0.5 + reach, float(len(turns)))  # the ends of the motion are not turned
        u = np.clip((at - first) / (last - first), 0, 1)
        out += turns[t] * (u * u * (3 - 2 * u) - (at > t))
    return out


def twisted(world: Array, offsets: Array, turn: Array) -> Array:
    """The rotations of a limb whose first joint is turned about its bone, and whose other bones point as they did.

    Args:
        world: (T, J, 4) rotations of its joints, each the parent of the next.
        offsets: (J, 3) each joint from the one before.
        turn: (T,) radians; where it is 0, nothing changes.
    """
    out = world.copy()
    along = quat_rotate(world[:, 0], unit(offsets[1]))
    out[:, 0] = quat_multiply(rotvec_to_quat(turn[:, None] * along), world[:, 0])
    for j in range(1, world.shape[1]):
        if j == world.shape[1] - 1:  # nothing follows it: it goes with its parent
            out[:, j] = out[:, j - 1]
        else:
            points = quat_rotate(world[:, j], offsets[j + 1])
            out[:, j] = quat_multiply(quat_between(quat_rotate(out[:, j - 1], offsets[j + 1]), points), out[:, j - 1])
    return np.where((turn != 0)[:, None, None], out, world)
