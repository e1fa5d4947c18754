"""`kinelang generate`: motion from words or from a timeline, where it begins and where it goes if that is said."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang.cli.common import Json, Unit, Up, print_json, say

if TYPE_CHECKING:
    from kinelang.generating import Generated, Generator
    from kinelang.generating.reading import Prompt
    from kinelang.motion.motion import Motion


MOST = 1000
"""Motions of one prompt."""


class Sampler(str, Enum):
    """Ways from noise to motion."""

    ddim = "ddim"
    dpm = "dpm++"


class Kind(str, Enum):
    """Files of a motion that was made from a file of prompts."""

    bvh = "bvh"
    npy = "npy"
    npz = "npz"
    html = "html"
    gif = "gif"
    png = "png"
    json = "json"
    txt = "txt"


def generate(
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help='"a person walks forward, then waves with the left hand".')] = None,
    then: Annotated[
        list[str] | None, typer.Option("--then", metavar="TEXT", help="What is done after it, in the same motion. Repeatable.")
    ] = None,
    timeline: Annotated[
        Path | None, typer.Option("--timeline", help="A timeline in place of a text: JSON, or one line a stage.")
    ] = None,
    prompts: Annotated[
        Path | None, typer.Option("--prompts", help="A file with a text a line; --out is a folder then, continued after an interrupt.")
    ] = None,
    seconds: Annotated[
        list[float] | None,
        typer.Option("--seconds", help="Length, 0.5 to 600; by default as long as the actions take. With --then one for each text."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="0 or more; the same seed gives the same motion.")] = 0,
    n: Annotated[int, typer.Option("--n", help="Different motions, NAME-1, NAME-2 and so on, of seeds one apart; at most 1000.")] = 1,
    start: Annotated[
        str | None,
        typer.Option("--start", metavar="MOTION", help="Motion file (or archive.zip/member) whose last pose it begins with."),
    ] = None,
    path: Annotated[
        str | None, typer.Option("--path", metavar="POINTS", help='Way over the ground, "x,z x,z ..." in metres, or a .csv or .json.')
    ] = None,
    steps: Annotated[int | None, typer.Option("--steps", help="Steps of the sampler, in place of the model's own.")] = None,
    guidance: Annotated[
        float | None, typer.Option("--guidance", help="How strongly words are followed; 0: the quickest, without guidance.")
    ] = None,
    sampler: Annotated[Sampler | None, typer.Option("--sampler", help="In place of the model's own.")] = None,
    clean: Annotated[bool, typer.Option("--clean/--no-clean", help="Plant the feet and put the figure on the ground.")] = True,
    model: Annotated[
        Path | None, typer.Option("--generator", "--model", help="Run folder of a model, in place of the one that ships.")
    ] = None,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            "--out", help="File to write: .bvh, .npy, .npz, a picture (.html, .gif, .png), or the timeline (.json, .txt). Repeatable."
        ),
    ] = None,
    kind: Annotated[list[Kind] | None, typer.Option("--format", help="Files to write with --prompts; may be repeated.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there already.")] = False,
    unit: Unit = None,
    up: Up = None,
    as_json: Json = False,
) -> None:
    """Make a motion of what you say, at 20 frames a second: SMPL's 22 joints with rotations.

    What is done after it may be a text of its own: --then "sit down". What was not understood, and what was changed afterwards, is
    told. Without --out a .bvh named after the text is written. --unit and --up are those of the --start file.
    """
    from kinelang.cli.generated_files import answer, check_free, check_kind, name_of, numbered, write

    _check_what(text, then, timeline, prompts, start, path, unit, up)
    _check_numbers(then, seconds, seed, n)
    length = seconds[0] if seconds and not then else None
    said = text if text is None or not then else ", then ".join([text, *then])
    options: dict[str, Any] = {"steps": steps, "guidance": guidance, "sampler": None if sampler is None else sampler.value}
    changed = {name: value for name, value in options.items() if value is not None}
    if prompts is not None:
        from kinelang.cli.generate_many import generate_many

        _check_folder(out)
        folder = out[0] if out else Path(prompts.stem)
        generate_many(
            prompts,
            folder,
            _opened,
            model,
            changed,
            length,
            seed,
            n,
            clean,
            [f".{k.value}" for k in kind or (Kind.bvh,)],
            force,
            as_json,
        )
        return
    if kind:
        from kinelang.errors import FormatError

        raise FormatError.of("--format", "no --prompts", "endings of --out", "such as: --out walk.bvh --out walk.html")
    default = Path(f"{name_of(said) if said is not None else timeline.stem if timeline is not None else ''}.bvh")
    files = numbered(out or [default], n)
    for file in files[0]:
        check_kind(file)
    check_free([file for some in files for file in some], force)
    prompt = _prompt(text, then, timeline, seconds)
    given = {"path": _way(path), "start": _pose(start, unit, up)}
    generator = _opened(model, changed)
    made = generator.generate(prompt, seconds=length, seed=seed, n=n, clean=clean, **given)
    for some, one in zip(files, made, strict=True):
        for file in some:
            write(one, file)
    _tell(made, files, as_json)
    if as_json:
        answers = [answer(one, said, generator.identity, some) for one, some in zip(made, files, strict=True)]
        if n == 1:
            print_json(answers[0])
        else:
            for line in answers:
                typer.echo(json.dumps(line, ensure_ascii=False, separators=(",", ":")))


def _check_what(
    text: str | None,
    then: list[str] | None,
    timeline: Path | None,
    prompts: Path | None,
    start: str | None,
    path: str | None,
    unit: str | None,
    up: str | None,
) -> None:
    from kinelang.errors import KinelangError

    given = {"a text": text, "--timeline": timeline, "--prompts": prompts}
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        found = " and ".join(named) or "nothing to make"
        example = 'such as: kinelang generate "a person walks forward and waves"'
        raise KinelangError.of("generate", found, "a text, --timeline or --prompts", example)
    if then and text is None:
        remedy = 'such as: kinelang generate "walk" --then "wave"'
        raise KinelangError.of("generate", f"--then and {named[0]}", "a text before it", remedy)
    if start is None and (unit is not None or up is not None):
        raise KinelangError.of("generate", f"{'--unit' if unit is not None else '--up'} without --start", "the file that it is of")
    if prompts is not None and (start is not None or path is not None):
        raise KinelangError.of("generate", f"--prompts and {'--start' if start is not None else '--path'}", "one text with it")


def _check_numbers(then: list[str] | None, seconds: list[float] | None, seed: int, n: int) -> None:
    from kinelang.errors import KinelangError
    from kinelang.generating.seeds import checked_seed

    texts = 1 + len(then or [])
    if seconds and len(seconds) != texts:
        expected = "one" if texts == 1 else f"one for each of {texts} texts, or none"
        raise KinelangError.of("--seconds", f"{len(seconds)}: {', '.join(f'{s:g}' for s in seconds)}", expected)
    if not 1 <= n <= MOST:
        raise KinelangError.of("--n", str(n), f"1 to {MOST}")
    checked_seed(seed, n, "--seed")


def _check_folder(out: list[Path] | None) -> None:
    from kinelang.cli.generated_files import KINDS
    from kinelang.errors import FormatError

    if out and (len(out) > 1 or out[0].suffix.lower() in KINDS):
        found = f"{len(out)} places" if len(out) > 1 else "a file to write of many prompts"
        raise FormatError.of(str(out[0]), found, "a folder", "choose kinds of files with --format")


def _prompt(text: str | None, then: list[str] | None, timeline: Path | None, seconds: list[float] | None) -> Prompt:
    if timeline is None:
        from kinelang.language.encoders import normal_text

        texts = [normal_text(one) for one in (text or "", *(then or ()))]
        if not then:
            return texts[0]
        lengths: list[float | None] = list(seconds) if seconds else [None] * len(texts)
        return list(zip(texts, lengths, strict=True))
    from kinelang.timeline import load

    return load(timeline)


def _way(path: str | None) -> Any:
    if path is None:
        return None
    from kinelang.generating.controlling import checked_path
    from kinelang.generating.paths import read_path

    return checked_path(read_path(path))


def _pose(start: str | None, unit: str | None, up: str | None) -> Motion | None:
    if start is None:
        return None
    from kinelang.cli.common import load
    from kinelang.errors import KinelangError

    try:
        return load(start, unit, up, None, None, None)
    except KinelangError as error:  # readers name options that other verbs have
        text = str(error).replace("--fps (fps=)", "kinelang convert --input-fps").replace("--asf", "kinelang convert --asf")
        raise type(error)(text) from error


def _opened(model: Path | None, sampling: dict[str, Any]) -> Generator:
    from kinelang.generating import Generator

    return Generator.load(model, **sampling)


def _tell(made: list[Generated], files: list[list[Path]], as_json: bool) -> None:
    """Notes, each once, and what was written."""
    if not as_json:
        for note in dict.fromkeys(note for one in made[:1] for note in one.notes):
            say(f"note: {note}")
    for some, one in zip(files, made, strict=True):
        size = f"{one.motion.duration_s:.1f} s, {one.motion.n_frames} frames at {one.motion.fps:g} fps, seed {one.seed}"
        say(f"wrote {', '.join(map(str, some))}: {size}")
