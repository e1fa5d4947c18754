"""Acclaim motion: an .amc with the angles of each frame, read with the .asf skeleton that lies beside it. Read only."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from kinelang.errors import FormatError, SkeletonError
from kinelang.formats.asf import Acclaim, axis_quat, parse_asf
from kinelang.formats.base import Format, ReadOptions
from kinelang.formats.numbers import MAX_VALUE, parse_tokens
from kinelang.formats.source import Source, open_source
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import quat_conjugate, quat_multiply
from kinelang.motion.scale import LEG_M, leg_length, to_metres_y_up
from kinelang.motion.skeleton import Skeleton

DEFAULT_FPS = 120.0
"""CMU's usual rate (some subjects were recorded at 60); the file does not say."""

_AMC_HEAD = re.compile(rb"\s*(?:#[^\n]*\n\s*)*:(FULLY-SPECIFIED|DEGREES|RADIANS)", re.IGNORECASE)
_ASF_HEAD = re.compile(rb"\s*(?:#[^\n]*\n\s*)*:(version|name|units|documentation|root|bonedata)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Frames:
    """The numbers of an .amc: for each bone (T, channels) float64, and whether angles are degrees."""

    values: dict[str, Array]
    degrees: bool | None
    n_frames: int


def read(source: Source, options: ReadOptions) -> Motion:
    """Read an .amc with its .asf.

    The skeleton is `options.skeleton_file`, or in the same folder the .asf with the same beginning (`01.asf` for `01_02.amc`), or
    the only .asf there. Its joints stand at the start of the bones of their name.

    Raises:
        FormatError: no skeleton found, a bone that it does not have, missing or wrong numbers; the message says where.
    """
    if _ASF_HEAD.match(source.data[:4096]):
        remedy = "give the .amc file; the .asf beside it is found by itself"
        raise FormatError.of(source.where, "an Acclaim skeleton without motion", "an .amc file", remedy)
    asf_source = _find_asf(source, options.skeleton_file)
    asf = parse_asf(asf_source.data, asf_source.where)
    frames = _read_amc(source.data, source.where, asf)
    degrees = asf.degrees if frames.degrees is None else frames.degrees
    skeleton = asf.skeleton()
    root, rotations = _poses(asf, skeleton, frames, np.pi / 180 if degrees else 1.0)
    fps = DEFAULT_FPS if options.fps is None else options.fps
    notes = [f"skeleton from {asf_source.name}"]
    if options.fps is None:
        notes.append(f"frame rate not in the file: {DEFAULT_FPS:g} taken, as CMU records; if it is another, give it: --fps (fps=)")
    motion = Motion(skeleton, fps, None, rotations, root, None, source.stem, source.where, tuple(notes))
    unit = options.unit
    if unit is None and _plausible(motion, asf.metres_per_unit):
        unit = asf.metres_per_unit
        motion = motion.noted(f"unit from the skeleton file: 1/{asf.length_unit:g} inch")
    return to_metres_y_up(motion, source.where, unit, options.up)


def sniff(head: bytes, name: str) -> bool:
    """Whether the first bytes are of an .amc (or an .asf, which `read` explains)."""
    return bool(_AMC_HEAD.match(head) or head.startswith(b"#!OML:ASF") or _ASF_HEAD.match(head))


def _plausible(motion: Motion, metres_per_unit: float) -> bool:
    """Whether the file's unit gives a human leg, or nothing can be said against it."""
    try:
        leg = leg_length(motion.skeleton.rest_positions[None], motion.skeleton)
    except SkeletonError:
        return True
    return LEG_M[0] <= leg * metres_per_unit <= LEG_M[1]


def _find_asf(source: Source, given: str | None) -> Source:
    if given is not None:
        return open_source(given)
    names = [n for n in source.siblings() if n.lower().endswith(".asf")]
    stem = source.stem.lower()
    near = [n for n in names if stem == n[:-4].lower() or stem.startswith(n[:-4].lower() + "_")]
    chosen = max(near, key=len) if near else names[0] if len(names) == 1 else None
    if chosen is None:
        found = f"{len(names)} skeleton files beside it" + (f" ({', '.join(names[:4])})" if names else "")
        raise FormatError.of(source.where, found, "one .asf for this .amc", "name it: --asf FILE (skeleton_file=)")
    return source.sibling(chosen)


def _read_amc(data: bytes, where: str, asf: Acclaim) -> _Frames:
    lines, numbers, degrees = _content_lines(data)
    starts = [i for i, line in enumerate(lines) if line.isdigit()]
    if not starts or starts[0] != 0:
        first = repr(lines[0][:30].decode("latin-1")) if lines else "no frame"
        raise FormatError.of(f"{where}, line {numbers[0] if numbers else 1}", first, "a frame number", "is this an .amc file?")
    expected = {"root": len(asf.root_order), **{b.name: len(b.dof) for b in asf.bones.values() if b.dof}}
    size = len(expected) + 1
    if starts != list(range(0, len(lines), size)) or len(lines) % size:
        raise _irregular(lines, numbers, starts, expected, where)
    values: dict[str, Array] = {}
    for k in range(1, size):
        name = lines[k].split()[0].decode("latin-1")
        column = _column(lines[k::size], name, expected.get(name, -1))
        if column is None or name in values:
            raise _irregular(lines, numbers, starts, expected, where)
        values[name] = parse_tokens(column, f"{where}, {name}").reshape(len(starts), -1)
        if np.abs(values[name]).max() > MAX_VALUE:
            raise FormatError.of(f"{where}, {name}", f"{np.abs(values[name]).max():g}", f"numbers below {MAX_VALUE:g}")
    return _Frames(values, degrees, len(starts))


def _content_lines(data: bytes) -> tuple[list[bytes], list[int], bool | None]:
    """Lines with frames and bones, their line numbers, and what the header says of angles."""
    degrees = None
    lines, numbers = [], []
    for number, line in enumerate(data.replace(b"\r", b"" if b"\n" in data else b"\n").split(b"\n"), 1):
        line = line.strip()
        if line[:1] == b":":
            word = line[1:].strip().upper()
            degrees = True if word == b"DEGREES" else False if word == b"RADIANS" else degrees
        elif line and line[:1] != b"#":
            lines.append(line)
            numbers.append(number)
    return lines, numbers, degrees


def _column(lines: list[bytes], name: str, count: int) -> list[bytes] | None:
    """The number words of one bone in all frames, or None if a line is not `name` and `count` words."""
    words = b" ".join(lines).split()
    step = count + 1
    if count < 1 or len(words) != len(lines) * step or set(words[::step]) != {name.encode("latin-1")}:
        return None
    del words[::step]
    return words


def _irregular(lines: list[bytes], numbers: list[int], starts: list[int], expected: dict[str, int], where: str) -> FormatError:
    """Find the first line that is not what the skeleton says."""
    seen: set[str] = set(expected)
    for i, line in enumerate(lines):
        at = f"{where}, line {numbers[i]}"
        words = line.split()
        if i in set(starts[:1]) or line.isdigit():
            if set(expected) - seen:
                return FormatError.of(
                    at, f"no line for {sorted(set(expected) - seen)[0]} in the frame before", "all bones in each frame"
                )
            seen = set()
            continue
        name = words[0].decode("latin-1")
        if name not in expected:
            known = ", ".join(expected)
            return FormatError.of(at, f"joint '{name[:40]}'", f"one with degrees of freedom in the skeleton: {known[:300]}")
        if name in seen:
            return FormatError.of(at, f"'{name}' twice in a frame", "once")
        if len(words) - 1 != expected[name]:
            return FormatError.of(at, f"{len(words) - 1} numbers for {name}", f"{expected[name]}")
        seen.add(name)
    missing = sorted(set(expected) - seen)
    if missing:
        return FormatError.of(f"{where}, last frame", f"no line for {missing[0]}", "all bones in each frame", "the file is cut short")
    return FormatError.of(where, "bones in another order in some frames", "the same order in all")


def _poses(asf: Acclaim, skeleton: Skeleton, frames: _Frames, radians: float) -> tuple[Array, Array]:
    """Root path (T, 3) in file units and local rotations (T, J, 4), float32."""
    rotations = np.zeros((frames.n_frames, skeleton.n_joints, 4), dtype=np.float32)
    rotations[..., 0] = 1
    channels = dict(zip(asf.root_order, frames.values["root"].T, strict=True))
    zeros = np.zeros(frames.n_frames)
    root = np.stack([channels.get(f"T{a}", zeros) for a in "XYZ"], axis=-1) + np.array(asf.root_position)
    turns = np.stack([channels.get(f"R{a}", zeros) for a in asf.root_axis], axis=-1)
    rotations[:, 0] = axis_quat(turns * radians, asf.root_axis)
    frame_angle = np.pi / 180 if asf.degrees else 1.0
    for bone in asf.bones.values():
        if bone.dof:
            frame = axis_quat(np.array(bone.axis) * frame_angle, bone.axis_order)
            turn = axis_quat(frames.values[bone.name] * radians, "".join(d[1] for d in bone.dof))
            local = quat_multiply(quat_multiply(frame, turn), quat_conjugate(frame))
            rotations[:, skeleton.index(bone.name)] = local
    return root.astype(np.float32), rotations


FORMAT = Format("amc", (".amc",), "Acclaim .amc with its .asf skeleton (CMU's originals); read only", sniff, read)
