"""BVH (Biovision hierarchy): skeleton and motion in one text file, read and written.

Grammar: HIERARCHY with nested joints, each with an OFFSET from its parent and a list of CHANNELS, then MOTION with the frame
count, the frame time and one row of numbers a frame. Rotations are intrinsic, in degrees, in the order of the channels; position
channels replace the OFFSET (Meredith & Maddock 2001, "Motion capture file formats explained").
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from kinelang.errors import FormatError
from kinelang.formats.base import Format, ReadOptions
from kinelang.formats.bvh_hierarchy import Hierarchy, parse_hierarchy
from kinelang.formats.bvh_write import write
from kinelang.formats.frame_time import fps_of_frame_time
from kinelang.formats.numbers import read_table
from kinelang.formats.source import Source
from kinelang.motion.arrays import Array, frozen_float32
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import euler_to_quat
from kinelang.motion.scale import infer_placement, sample_frames, turned_up
from kinelang.motion.skeleton import Skeleton
from kinelang.motion.skeletons import identify

_SKIP = rb"\s*(?:(?:#|//)[^\n]*\n\s*)*"
_MOTION = re.compile(rb"^[ \t]*MOTION\b", re.IGNORECASE | re.MULTILINE)
_FRAMES = re.compile(_SKIP + rb"FRAMES\s*:?\s*([^\s:]\S*)", re.IGNORECASE)
_FRAME_TIME = re.compile(_SKIP + rb"FRAME\s*TIME\s*:?\s*([^\s:]\S*)", re.IGNORECASE)

_RADIANS = np.pi / 180

CHUNK_ANGLES = 8_192
"""Angles turned into quaternions at once: the working arrays then stay in a processor's second cache, and freed memory is used
again instead of asked for (measured)."""

OFFSET_TOLERANCE = 2e-5
"""A position channel that never differs from its OFFSET by more than this share of the longest offset says nothing new (ours)."""


def read(source: Source, options: ReadOptions) -> Motion:
    """Read a BVH file.

    End sites become joints `<parent>_end`. Position channels below the root that move become `Motion.translations`. Unit and up
    axis, which the format does not say, are inferred unless given.

    Raises:
        FormatError: not BVH, damaged, or of a size or axis that is ambiguous; the message says where and what to do.
    """
    data = _unix_text(source.data)
    found = _MOTION.search(data)
    head = data if found is None else data[: found.start()]
    hierarchy = parse_hierarchy(_decoded(head), source.where)
    if found is None:
        raise FormatError.of(source.where, "no line MOTION", "MOTION after the hierarchy", "the file is cut short: copy it again")
    frames, fps, notes, start = _motion_header(data, found.end(), source.where, options.fps)
    columns = hierarchy.n_channels
    if columns == 0:
        raise FormatError.of(source.where, "a hierarchy without any CHANNELS", "channels that move")
    table, wrapped = read_table(data, start, frames, columns, source.where)
    if wrapped:
        notes.append("motion rows do not simply stand one to a line: read by counting numbers")
    skeleton = _skeleton(hierarchy)
    paths = _paths(hierarchy, table)
    rotations = _rotations(hierarchy, table)
    few = sample_frames(frames)
    looked_at = _motion(skeleton, paths, rotations, fps, few, 1.0)
    placement = infer_placement(looked_at, source.where, options.unit, options.up)
    notes = [*hierarchy.notes, *notes, *placement.notes]
    skeleton = skeleton.with_offsets(hierarchy.offsets * placement.metres)
    motion = _motion(skeleton, paths, rotations, fps, slice(None), placement.metres)
    motion = motion.with_(name=source.stem, source=source.where, notes=notes)
    return turned_up(motion, placement.up, placement.rest_too)


def sniff(head: bytes, name: str) -> bool:
    """Whether the first bytes are of a BVH file."""
    return re.match(_SKIP + rb"HIERARCHY\b", _unix_text(head), re.IGNORECASE) is not None


def _unix_text(data: bytes) -> bytes:
    """Without byte order mark, UTF-16 as UTF-8, and with line feeds where there are only carriage returns."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", errors="replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    return data if b"\n" in data[:65536] else data.replace(b"\r", b"\n")


def _decoded(head: bytes) -> str:
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError:
        return head.decode("latin-1")


def _motion_header(data: bytes, at: int, where: str, fps: float | None) -> tuple[int, float, list[str], int]:
    """Frame count, frames a second, notes, and where the numbers begin."""
    line = data.count(b"\n", 0, at) + 1
    frames = _FRAMES.match(data, at)
    if frames is None or not frames[1].isdigit() or len(frames[1]) > 18:
        found = "no line Frames:" if frames is None else f"Frames: {frames[1][:30].decode('latin-1')!r}"
        raise FormatError.of(f"{where}, after line {line}", found, "Frames: and a whole number")
    if int(frames[1]) == 0:
        raise FormatError.of(f"{where}, after line {line}", "Frames: 0", "at least 1 frame", "export the motion again")
    time = _FRAME_TIME.match(data, frames.end())
    if time is None:
        raise FormatError.of(f"{where}, after line {line}", "no line Frame Time:", "Frame Time: and seconds")
    if fps is not None:
        return int(frames[1]), fps, [f"{fps:g} frames a second as given, in place of the file's frame time"], time.end()
    rate, note = fps_of_frame_time(time[1].decode("latin-1"), f"{where}, Frame Time")
    return int(frames[1]), rate, [note] if note else [], time.end()


def _skeleton(hierarchy: Hierarchy) -> Skeleton:
    """The joints as a skeleton in file units."""
    names = tuple(j.name for j in hierarchy.joints)
    known = identify(names)
    kind, landmarks = ("unknown", None) if known is None else (known.name, known.landmarks)
    parents = tuple(j.parent for j in hierarchy.joints)
    ends = frozenset(i for i, j in enumerate(hierarchy.joints) if j.is_end)
    return Skeleton(kind, names, parents, frozen_float32(hierarchy.offsets), landmarks, ends)


@dataclass(frozen=True)
class _Paths:
    """Positions over time, in file units.

    Attributes:
        root: (T, 3).
        joints: M joints below the root whose position channels differ from their OFFSET.
        moving: (T, M, 3), each from its parent.
    """

    root: Array
    joints: Array
    moving: Array


def _motion(skeleton: Skeleton, paths: _Paths, rotations: Array, fps: float, frames: Array | slice, metres: float) -> Motion:
    """A Motion in the file's axes of some of the frames, its paths times `metres`; the skeleton's offsets are so already."""
    rotations = rotations[frames]
    translations = None
    if len(paths.joints):
        translations = np.empty((*rotations.shape[:2], 3), dtype=np.float32)
        translations[:] = skeleton.offsets
        translations[:, paths.joints] = paths.moving[frames] * metres
    return Motion(skeleton, fps, None, rotations, frozen_float32(paths.root[frames] * metres), translations)


def _rotations(hierarchy: Hierarchy, table: Array) -> Array:
    """Local rotations, (T, J, 4) float32: all joints with the same order of channels at once, a cache's worth of frames at a time."""
    out = np.zeros((len(table), len(hierarchy.joints), 4), dtype=np.float32)
    out[..., 0] = 1
    groups: dict[str, tuple[list[int], list[Array]]] = {}
    for letters, (joints, firsts) in hierarchy.columns().items():
        order = "".join(c for c in letters if c.islower()).upper()
        if order:
            members, planes = groups.setdefault(order, ([], []))
            members += joints
            planes.append(np.add.outer([k for k, c in enumerate(letters) if c.islower()], firsts))
    for order, (members, planes) in groups.items():
        columns = np.concatenate(planes, axis=1)  # one contiguous plane for each angle keeps the trigonometry on whole cache lines
        step = max(1, CHUNK_ANGLES // columns.size)
        for start in range(0, len(table), step):
            angles = table[start : start + step, columns] * _RADIANS
            out[start : start + step, members] = euler_to_quat(np.moveaxis(angles, 1, -1), order)
    return out


def _paths(hierarchy: Hierarchy, table: Array) -> _Paths:
    """The position channels; where one is missing, and for the root where all are, the OFFSET stands in."""
    offsets = hierarchy.offsets
    columns = np.full(offsets.shape, -1)
    for letters, (joints, firsts) in hierarchy.columns().items():
        for k, c in enumerate(letters):
            if c in "XYZ":
                columns[joints, "XYZ".index(c)] = np.add(firsts, k)
    given = columns >= 0
    members = np.flatnonzero(given.any(axis=1) | (np.arange(len(offsets)) == 0))
    paths = table[:, columns[members]]
    paths[:, ~given[members]] = offsets[members][~given[members]]
    moves = np.abs(paths - offsets[members]).max(axis=0).max(axis=1)
    tolerance = OFFSET_TOLERANCE * float(np.abs(offsets[1:]).max(initial=0.0))
    kept = np.flatnonzero(moves[1:] > tolerance) + 1  # the root, member 0, has its own place
    return _Paths(paths[:, 0], members[kept], paths[:, kept])


FORMAT = Format(
    "bvh",
    (".bvh",),
    "BVH: skeleton and motion as text (Blender, MotionBuilder, most capture systems)",
    sniff,
    read,
    write,
)
