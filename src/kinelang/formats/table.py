"""The table of file formats, and reading and writing by it. A new format is one file with a `FORMAT` and one line here."""

from __future__ import annotations

import os
from typing import Any

from kinelang.errors import FormatError, KinelangError, MotionError
from kinelang.formats import amass, asfamc, bvh, humanml3d_npy, source
from kinelang.formats.base import Format, ReadOptions
from kinelang.formats.source import Source, open_source, split_archive
from kinelang.motion.motion import MAX_FPS, Motion

FORMATS: dict[str, Format] = {
    "bvh": bvh.FORMAT,
    "amc": asfamc.FORMAT,
    "npy": humanml3d_npy.FORMAT,
    "npz": amass.FORMAT,
}

SUFFIXES: tuple[str, ...] = tuple(s for f in FORMATS.values() for s in f.suffixes)
_HEAD_BYTES = 4096


def load(
    path: str | os.PathLike[str],
    *,
    unit: str | float | None = None,
    up: str | None = None,
    fps: float | None = None,
    skeleton_file: str | os.PathLike[str] | None = None,
    body_model: str | os.PathLike[str] | None = None,
) -> Motion:
    """Read a motion file: BVH, ASF/AMC, HumanML3D or KIT .npy, AMASS .npz; also `archive.zip/name`.

    The format is told by the content, then by the suffix. What the file does not say is inferred and noted in `Motion.notes`.

    Args:
        path: the file.
        unit: unit of lengths: "m", "cm", "mm", "inch", "cmu", or metres in one unit as a number.
        up: the file's up axis: "y", "z", "x", or with a minus.
        fps: frames a second, in place of the file's.
        skeleton_file: the .asf for an .amc.
        body_model: an SMPL-H or SMPL-X model (.npz) for AMASS files.

    Returns:
        A Motion in metres, Y up.

    Raises:
        FormatError: no such file, an unknown format, or anything wrong in it; one line with file, place, found, expected, remedy.
    """
    if fps is not None and not 0 < fps <= MAX_FPS:
        raise FormatError.of("fps", f"{fps}", f"more than 0 and at most {MAX_FPS:.0f}")
    options = ReadOptions(
        unit,
        up,
        fps,
        None if skeleton_file is None else os.fspath(skeleton_file),
        None if body_model is None else os.fspath(body_model),
    )
    file, member = split_archive(path)
    if member is None and file.suffix.lower() == ".zip" and file.is_file():
        path = _only_member(os.fspath(path))
    return read_source(open_source(path), options)


def read_source(file: Source, options: ReadOptions | None = None) -> Motion:
    """The motion in a file that is already in memory; errors as for `load`."""
    format_, note = detect(file)
    try:
        motion = format_.read(file, options or ReadOptions())
    except FormatError:
        raise
    except KinelangError as error:
        raise FormatError(str(error) if file.where in str(error) else f"{file.where}: {error}") from error
    return motion if note is None else motion.noted(note)


def detect(file: Source) -> tuple[Format, str | None]:
    """The format of a file by its content, else by its suffix, and a note if the two disagree.

    Raises FormatError, listing the known formats, if neither says.
    """
    head = file.data[:_HEAD_BYTES]
    lower = file.name.lower()
    by_suffix = next((f for f in FORMATS.values() if lower.endswith(f.suffixes)), None)
    by_content = next((f for f in FORMATS.values() if f.sniff(head, file.name)), None)
    if by_content is None and by_suffix is None:
        known = "; ".join(f"{f.suffixes[0]} ({f.description})" for f in FORMATS.values())
        raise FormatError.of(file.where, "a file of unknown format", f"one of {known}")
    if by_content is None or by_suffix is None or by_content is by_suffix:
        return by_content or by_suffix, None  # type: ignore[return-value]
    return by_content, f"the file is named {by_suffix.suffixes[0]} but holds {by_content.name}: read by its content"


def save(motion: Motion, path: str | os.PathLike[str], **options: Any) -> None:
    """Write a motion in the format that the suffix names (.bvh, .npy), whole or not at all.

    Args:
        motion: the motion.
        path: the file.
        options: of the format: `order`, `unit` for .bvh; `content` for .npy.

    Raises:
        FormatError: an unknown or read-only format, an unknown option, or the file cannot be written.
        MotionError, SkeletonError: the format cannot hold this motion.
    """
    where = os.fspath(path)
    writable = {f.name: f for f in FORMATS.values() if f.write is not None}
    names = ", ".join(f.suffixes[0] for f in writable.values())
    format_ = next((f for f in FORMATS.values() if where.lower().endswith(f.suffixes)), None)
    if format_ is None:
        raise FormatError.of(where, "a suffix of no known format", f"one of {names}", "choose the format by the file's ending")
    if format_.write is None:
        raise FormatError.of(where, f"{format_.suffixes[0]}, which kinelang only reads", f"one of {names}")
    if split_archive(path)[1] is not None:
        raise FormatError.of(where, "a place inside an archive", "a file in a folder", "write the file, then pack it")
    unknown = set(options) - set(format_.write.__kwdefaults__ or {})
    if unknown:
        known = ", ".join(format_.write.__kwdefaults__ or {})
        raise FormatError.of("option", repr(min(unknown)), f"for {format_.suffixes[0]}: {known}")
    if not isinstance(motion, Motion):
        raise MotionError.of("save", f"a {type(motion).__name__}", "a Motion")
    format_.write(motion, path, **options)


def list_motion_files(path: str | os.PathLike[str]) -> list[str]:
    """Motion files at a path, sorted: a file itself, those in a folder and below it, or the members of a zip.

    Raises FormatError if there is nothing, or no motion file.
    """
    return source.list_motion_files(path, SUFFIXES)


def _only_member(archive: str) -> str:
    members = list_motion_files(archive)
    if len(members) > 1:
        found = f"an archive of {len(members)} motions"
        raise FormatError.of(archive, found, "one motion", f"name one of them, such as {members[0]}")
    return members[0]
