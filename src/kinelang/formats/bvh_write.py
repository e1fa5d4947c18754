"""Writing BVH files."""

from __future__ import annotations

import os

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.errors import FormatError, MotionError, SkeletonError
from kinelang.formats.frame_time import frame_time_text
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import EULER_ORDERS, quat_to_euler, unit
from kinelang.motion.scale import metres_per_unit
from kinelang.motion.skeleton import Skeleton


def write(motion: Motion, path: str | os.PathLike[str], *, order: str = "ZXY", unit: str | float = "cm") -> None:
    """Write a motion with rotations as BVH, whole or not at all.

    Args:
        motion: needs rotations; its `translations`, if any, become position channels on all joints.
        path: the file.
        order: order of the rotation channels, three different axes.
        unit: unit of lengths in the file. BVH does not say it; centimetres are usual.

    Reading the file gives the motion back: joints within 1e-5 m, frame rate and names exactly. Joints come depth first, as BVH
    nests them.

    Raises:
        MotionError: no rotations.
        SkeletonError: a joint name that a BVH file cannot hold.
        FormatError: an unknown order or unit, or the file cannot be written.
    """
    if order.upper() not in EULER_ORDERS:
        raise FormatError.of("order", repr(order), f"one of {', '.join(EULER_ORDERS)}")
    if motion.rotations is None:
        remedy = "kinelang.retarget(motion) fits rotations to positions"
        raise MotionError.of(f"motion '{motion.name}'", "no joint rotations", "rotations, which BVH is made of", remedy)
    size = metres_per_unit(unit)
    decimals = int(np.clip(round(8 + np.log10(size)), 2, 12))
    joints = _depth_first(motion.skeleton)
    ends = _end_blocks(motion)
    hierarchy = _hierarchy(motion, joints, ends, order.upper(), size, decimals)
    moving = [j for j in joints if j not in ends]
    channels = [_channels(motion, j, order.upper(), size) for j in moving]
    rows = _rows(np.concatenate(channels, axis=1), _row_format(motion, moving, decimals))
    header = f"MOTION\nFrames: {motion.n_frames}\nFrame Time: {frame_time_text(motion.fps)}\n"
    write_atomic(path, (hierarchy + header + rows).encode())


def _depth_first(skeleton: Skeleton) -> list[int]:
    """Joint indices in the order of a nested file, siblings as they come."""
    out: list[int] = []
    stack = [0]
    while stack:
        joint = stack.pop()
        out.append(joint)
        stack.extend(reversed(skeleton.children[joint]))
    return out


def _end_blocks(motion: Motion) -> frozenset[int]:
    """Joints to be written as End Site: those that stay at their offset and that a reader will call by the same name again."""
    skeleton, paths = motion.skeleton, motion.translations
    names = skeleton.joint_names
    ends = [i for i in skeleton.end_sites if i and not skeleton.children[i] and names[i] == f"{names[skeleton.parents[i]]}_end"]
    return frozenset(i for i in ends if paths is None or np.abs(paths[:, i] - skeleton.offsets[i]).max() < 1e-5)


def _hierarchy(motion: Motion, joints: list[int], ends: frozenset[int], order: str, size: float, decimals: int) -> str:
    skeleton = motion.skeleton
    lines = ["HIERARCHY"]
    depth = {-1: -1}
    open_joints: list[int] = []
    for joint in joints:
        parent = skeleton.parents[joint]
        while open_joints and open_joints[-1] != parent:
            lines.append("\t" * depth[open_joints.pop()] + "}")
        depth[joint] = depth[parent] + 1
        tab = "\t" * depth[joint]
        kind = "End Site" if joint in ends else f"{'JOINT' if joint else 'ROOT'} {_checked_name(skeleton, joint)}"
        offset = " ".join(f"{x:.{decimals}f}" for x in skeleton.offsets[joint].astype(np.float64) / size)
        lines += [f"{tab}{kind}", f"{tab}{{", f"{tab}\tOFFSET {offset}"]
        if joint not in ends:
            names = [f"{a}position" for a in "XYZ"] if _has_positions(motion, joint) else []
            names += [f"{a}rotation" for a in order]
            lines.append(f"{tab}\tCHANNELS {len(names)} {' '.join(names)}")
            if not skeleton.children[joint]:  # other programs want every chain to end; our reader leaves a zero end site out
                lines += [f"{tab}\tEnd Site", f"{tab}\t{{", f"{tab}\t\tOFFSET 0 0 0", f"{tab}\t}}"]
        open_joints.append(joint)
    lines += ["\t" * depth[joint] + "}" for joint in reversed(open_joints)]
    return "\n".join(lines) + "\n"


def _checked_name(skeleton: Skeleton, joint: int) -> str:
    name = skeleton.joint_names[joint]
    if not name or name != " ".join(name.split()) or any(c in name for c in "{}"):
        where = f"skeleton '{skeleton.name}'"
        raise SkeletonError.of(where, f"joint name {name!r}", "names without braces, line breaks and double blanks", "rename the joint")
    return name


def _has_positions(motion: Motion, joint: int) -> bool:
    return joint == 0 or motion.translations is not None


def _channels(motion: Motion, joint: int, order: str, size: float) -> Array:
    """The numbers of one joint: positions if it has them, then degrees without jumps over time. (T, 3 or 6) float64."""
    assert motion.rotations is not None  # `write` has checked
    assert motion.root is not None
    # In float64 a unit quaternion gives a matrix that is orthonormal to 1e-16, so that angles stay exact near gimbal lock.
    angles = quat_to_euler(unit(motion.rotations[:, joint].astype(np.float64)), order)
    columns = [np.degrees(np.unwrap(angles, axis=0))]
    if _has_positions(motion, joint):
        path = motion.root if joint == 0 else motion.translations[:, joint]  # type: ignore[index]
        columns.insert(0, path.astype(np.float64) / size)
    return np.concatenate(columns, axis=1)


def _row_format(motion: Motion, joints: list[int], decimals: int) -> str:
    """The printf format of one row: positions, where a joint has them, then degrees."""
    words = [[f"%.{decimals}f"] * (3 if _has_positions(motion, joint) else 0) + ["%.6f"] * 3 for joint in joints]
    return " ".join(word for group in words for word in group) + "\n"


def _rows(table: Array, row_format: str) -> str:
    return "".join(row_format % tuple(row) for row in table.tolist())
