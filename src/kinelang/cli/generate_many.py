"""`kinelang generate --prompts`: a motion of every line of a file, in batches, continued after an interrupt."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import typer

from kinelang import __version__
from kinelang.cli.bars import bars
from kinelang.cli.batch import lines_already_there
from kinelang.cli.common import say
from kinelang.cli.generated_files import answer, name_of, write
from kinelang.errors import FormatError, KinelangError

if TYPE_CHECKING:
    from kinelang.generating import Generator

LIST = "generated.jsonl"
"""In the folder: a line for every motion, with its prompt, seed, timeline and notes."""
AT_ONCE = 32


@dataclass(frozen=True)
class Asked:
    """A motion to make.

    Attributes:
        line: of the file, from 1.
        text: the prompt.
        seed: of the motion.
        name: of its files, without ending.
    """

    line: int
    text: str
    seed: int
    name: str


def generate_many(
    prompts: Path,
    folder: Path,
    opened: Callable[[Path | None, dict[str, Any]], Generator],
    model: Path | None,
    sampling: dict[str, Any],
    seconds: float | None,
    seed: int,
    n: int,
    clean: bool,
    kinds: Sequence[str],
    force: bool,
    as_json: bool,
) -> None:
    """Make and write all that is asked for and not there yet.

    Raises:
        FormatError: no file of prompts, files of other origin in the folder, or motions there that were made otherwise.
        typer.Exit: 2 if prompts were passed over, 130 if interrupted.
    """
    from kinelang.generating.reading import check_seconds

    check_seconds(seconds)
    asked = read_prompts(prompts, seed, n)
    _make_folder(folder)
    generator = opened(model, sampling)
    about = json.loads(
        json.dumps({"kinelang": __version__, "model": generator.identity, "seed": seed, "seconds": seconds, "clean": clean})
    )
    listed = folder / LIST
    if force:
        listed.unlink(missing_ok=True)
    done = _already_there(listed, about)
    _check_same_texts(listed, asked)
    left = [one for one in asked if one.name not in done or not all(path.exists() for path in _files(folder, one, kinds))]
    if not force:
        _check_ours(folder, [one for one in left if one.name not in done], kinds)
    if len(left) < len(asked):
        say(f"{len(asked) - len(left)} of {len(asked)} motions are in {folder} already; continuing with the rest")
    bad = 0
    try:
        with bars() as told, open(listed, "ab") as sink:
            for first in range(0, len(left), AT_ONCE):
                some = left[first : first + AT_ONCE]
                good = [one for one in some if _readable(prompts, one, seconds)]
                bad += len(some) - len(good)
                made = generator.generate_batch([o.text for o in good], [seconds] * len(good), [o.seed for o in good], clean=clean)
                for one, motion in zip(good, made, strict=True):
                    files = _files(folder, one, kinds)
                    line = {"file": one.name, "made_with": about, **answer(motion, one.text, generator.identity, files)}
                    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
                    if one.name not in done:
                        sink.write(text.encode() + b"\n")
                        sink.flush()
                    for path in files:
                        write(motion, path)
                    if as_json:
                        typer.echo(text)
                told("generating", first + len(some), len(left))
    except KeyboardInterrupt:
        say(f"interrupted; what is done is in {folder}: run the same command to continue")
        raise typer.Exit(130) from None
    say(f"generated {len(left) - bad} motions into {folder}" + (f", passed over {bad} prompts" if bad else ""))
    if bad:
        raise typer.Exit(2)


def _already_there(listed: Path, about: dict[str, Any]) -> set[str]:
    """Names of the motions that an earlier run has listed. Raises FormatError as `lines_already_there`, in this verb's words."""
    try:
        return lines_already_there(listed, about)
    except FormatError as error:
        remedy = "give another --out, or --force to begin anew"
        text = str(error).replace("give another file to --out, or --restart to replace it", remedy)
        raise FormatError(text.replace("run with the same options to continue, or with --restart to begin anew", remedy)) from error


def _check_same_texts(listed: Path, asked: Sequence[Asked]) -> None:
    """Raises FormatError for a motion of a name that is asked for, made of another text: names have but the first words."""
    if not listed.exists():
        return
    texts = {one.name: one.text for one in asked}
    with open(listed, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            made = json.loads(line)
            text = texts.get(made["file"], made["prompt"])
            if made["prompt"] != text:
                where, found = f"{listed}, line {number}", f"{made['file']} made of '{shorten(made['prompt'], 200)}'"
                raise FormatError.of(where, found, f"'{shorten(text, 200)}'", "give another --out, or --force to begin anew")


def read_prompts(path: Path, seed: int, n: int) -> list[Asked]:
    """What a file asks for: a text a line, blank lines and those that begin with # left out.

    Raises FormatError if it cannot be read or asks for nothing.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise FormatError(f"{path}: cannot be read ({error.strerror}); give a file with a text a line") from error
    except UnicodeDecodeError:
        raise FormatError.of(str(path), "bytes that are no text", "a text a line, in UTF-8") from None
    texts = [(i, text.strip()) for i, text in enumerate(lines, 1) if text.strip() and not text.startswith("#")]
    if not texts:
        raise FormatError.of(str(path), "no line", "a text a line")
    width = max(4, len(str(len(lines))))
    names = [(i, text, f"{i:0{width}d}-{name_of(text)}") for i, text in texts]
    return [Asked(i, text, seed + k, name if n == 1 else f"{name}-{k + 1}") for i, text, name in names for k in range(n)]


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FormatError(f"{folder}: cannot be made ({error.strerror}); give --out a folder that you may write to") from error


def _files(folder: Path, one: Asked, kinds: Sequence[str]) -> list[Path]:
    return [folder / f"{one.name}{kind}" for kind in dict.fromkeys(kinds)]


def _check_ours(folder: Path, new: Sequence[Asked], kinds: Sequence[str]) -> None:
    """Files that no line of the list speaks of are somebody else's."""
    for one in new:
        for path in _files(folder, one, kinds):
            if path.exists():
                remedy = "give another --out, or --force to replace what is there"
                raise FormatError.of(str(path), "a file that this command did not write", "a new one", remedy)


def _readable(prompts: Path, one: Asked, seconds: float | None) -> bool:
    """Whether a prompt can be made; else the reason is told."""
    from kinelang.generating.reading import read

    try:
        read(one.text, seconds)
    except KinelangError as error:
        say(f"passed over: {prompts}, line {one.line}: {error}")
        return False
    return True
