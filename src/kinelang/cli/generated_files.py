"""What `kinelang generate` writes: which kinds of files, by which names, and never over what is there already."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinelang.errors import FormatError

if TYPE_CHECKING:
    from kinelang.generating import Generated

MOTIONS = (".bvh", ".npy", ".npz")
PICTURES = (".html", ".gif", ".png")
TIMELINES = (".json", ".txt", ".timeline")
KINDS = (*MOTIONS, *PICTURES, *TIMELINES)
LONGEST_NAME = 60
LONGEST_FILE_NAME = 255
"""Bytes, in the file systems that are in use."""


def name_of(text: str) -> str:
    """A file name made of the first words of a text: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    while len(words) > 1 and len("-".join(words)) > LONGEST_NAME:
        words.pop()
    return "-".join(words)[:LONGEST_NAME] or "motion"


def numbered(paths: Sequence[Path], n: int) -> list[list[Path]]:
    """The files of each of n motions: the names given for one, else NAME-1, NAME-2 and so on."""
    if n == 1:
        return [list(paths)]
    return [[path.with_name(f"{path.stem}-{i}{path.suffix}") for path in paths] for i in range(1, n + 1)]


def check_kind(path: Path) -> None:
    """Raises FormatError for a file name of no kind that can be written."""
    if path.suffix.lower() not in KINDS:
        found = f"a file to write that ends in '{path.suffix}'" if path.suffix else "a file to write without an ending"
        raise FormatError.of(str(path), found, f"one of {', '.join(KINDS)}")


def check_free(paths: Sequence[Path], force: bool) -> None:
    """Raises FormatError if a file cannot be written where it shall be, or is there already and `force` is not given."""
    seen: set[Path] = set()
    for path in paths:
        if path.absolute() in seen:
            raise FormatError.of(str(path), "the same file twice", "each --out once")
        seen.add(path.absolute())
        if len(os.fsencode(path.name)) > LONGEST_FILE_NAME:
            raise FormatError.of(
                f"{path.name[:20]}...", f"a name of {len(os.fsencode(path.name))} bytes", f"at most {LONGEST_FILE_NAME}"
            )
        if not path.absolute().parent.is_dir():
            raise FormatError.of(str(path), "no such folder", "a file name in an existing folder")
        if not os.access(path.absolute().parent, os.W_OK):
            raise FormatError.of(str(path), "a folder that may not be written to", "a file name in a folder of yours")
        if path.is_dir():
            raise FormatError.of(str(path), "a folder", "a file name")
        if path.exists() and not path.is_file():
            raise FormatError.of(str(path), "something that is no file", "the name of a file")
        if os.path.lexists(path) and not force:
            raise FormatError.of(str(path), "a file that is there already", "a new one", "give another --out, or --force to replace it")


def write(made: Generated, path: Path) -> None:
    """Write a motion, a picture of it, or the timeline it follows, by the file's ending."""
    kind = path.suffix.lower()
    if kind in TIMELINES:
        from kinelang.timeline import save as save_timeline

        save_timeline(made.timeline, path)
    elif kind in PICTURES:
        from kinelang.cli.timeline import _draw

        _draw(made.motion, path, [(stage.brief(), stage.start_s, stage.end_s) for stage in made.timeline.stages])
    elif kind == ".npz":
        from kinelang.generating.archive import save_npz

        save_npz(made, path)
    else:
        from kinelang.formats import save

        save(made.motion, path)


def answer(made: Generated, prompt: str | None, identity: str, written: Sequence[Path]) -> dict[str, Any]:
    """What is said of a motion in JSON."""
    from kinelang.timeline.files import to_dict

    return {
        "prompt": prompt,
        "seed": made.seed,
        "model": identity,
        "frames": made.motion.n_frames,
        "fps": made.motion.fps,
        "duration_s": made.motion.duration_s,
        "timeline": to_dict(made.timeline),
        "notes": list(made.notes),
        "written": [str(path) for path in written],
    }
