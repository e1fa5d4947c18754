"""What a file format is: one entry of the `FORMATS` table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kinelang.formats.source import Source
from kinelang.motion.motion import Motion


@dataclass(frozen=True)
class ReadOptions:
    """What the user says about a file that the file does not say itself.

    Attributes:
        unit: a name of `kinelang.motion.scale.UNITS`, or metres in one unit; None: as the file says, or inferred.
        up: the file's up axis, "y", "z", "x" or with a minus; None: as the format says, or inferred.
        fps: frames a second, in place of the file's; None: as the file says, or the format's convention.
        skeleton_file: the .asf of an .amc; None: the one beside it.
        body_model: an SMPL-H or SMPL-X model (.npz) for AMASS files; None: the reference skeleton.
    """

    unit: str | float | None = None
    up: str | None = None
    fps: float | None = None
    skeleton_file: str | None = None
    body_model: str | None = None


@dataclass(frozen=True)
class Format:
    """A file format.

    Attributes:
        name: key in `FORMATS`.
        suffixes: file endings, lower case with the dot; the first is the usual one.
        description: one line for people.
        sniff: whether the first bytes (and the file name, for containers) are of this format.
        read: from a Source to a Motion in metres, Y up; raises KinelangError and nothing else.
        write: `write(motion, path, **options)`, or None for a format that is only read.
    """

    name: str
    suffixes: tuple[str, ...]
    description: str
    sniff: Callable[[bytes, str], bool]
    read: Callable[[Source, ReadOptions], Motion]
    write: Callable[..., None] | None = None
