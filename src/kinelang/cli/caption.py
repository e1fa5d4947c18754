"""`kinelang caption`: what a motion shows in one sentence, and why; of one file, or of all in a folder or zip."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang import __version__
from kinelang.cli.batch import Outcome
from kinelang.cli.collecting import collect, cpus, is_collection, name_in
from kinelang.cli.common import BodyModel, Fps, Json, SkeletonFile, Unit, Up, load, print_json, say
from kinelang.errors import KinelangError

if TYPE_CHECKING:
    from kinelang.captioning import Choice, Chooser, Watched
    from kinelang.motion.motion import Motion

PICTURES = (".html", ".png")
MANY = 0.6
"""Body parts are told that have more than this of the largest share."""


class Source(str, Enum):
    """Where captions come from."""

    best = "best"
    neural = "neural"
    narrated = "narrated"


@dataclass(frozen=True)
class Options:
    """Everything that decides what is said of a file, besides the models."""

    source: str
    beam: int
    n: int
    unit: str | None
    up: str | None
    fps: float | None
    skeleton_file: str | None
    body_model: str | None


def caption(
    path: Annotated[str, typer.Argument(metavar="FILE|FOLDER|ZIP", help="Motion file, archive.zip/member, folder, or zip.")],
    source: Annotated[
        Source,
        typer.Option(
            "--source",
            help="best: the best of all candidates; neural: what the captioner says; narrated: told from the detected stages.",
        ),
    ] = Source.best,
    model: Annotated[Path | None, typer.Option("--model", help="Run folder of a captioner, in place of the one that ships.")] = None,
    beam: Annotated[int, typer.Option("--beam", min=1, max=64, help="Sentences that the captioner follows at a time.")] = 5,
    n: Annotated[int, typer.Option("--n", min=1, max=64, help="Candidates of each origin, of the captioner at most --beam.")] = 8,
    explain: Annotated[
        Path | None,
        typer.Option("--explain", help="Show each word's time and limbs: .html page with a player, .png; for a collection a folder."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write to. For a collection it is continued after an interrupt.")
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Replace what is in --out instead of continuing it.")] = False,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="Processes for a collection; by default one for each CPU.")] = None,
    unit: Unit = None,
    up: Up = None,
    fps: Fps = None,
    skeleton_file: SkeletonFile = None,
    body_model: BodyModel = None,
    as_json: Json = False,
) -> None:
    """Say what happens in a motion, in one sentence, and for every word when, with which body part and from what it is said.

    A folder or zip gives one JSON line for each motion file in it, in order of their names. A file that cannot be read is reported and
    passed over; the exit code is then 2.
    """
    options = Options(source.value, beam, n, unit, up, fps, skeleton_file, body_model)
    chooser = opened(None if model is None else str(model), options.source)
    if is_collection(path):
        _checked_folder(explain)
        if explain is not None and out is not None and out.exists() and not restart:
            say(f"{explain}: pages are made of the files that are captioned now, not of those in {out} already (--restart makes all)")
        work = partial(caption_files, options=options, model=None if model is None else str(model), root=path, explain=explain)
        collect(path, work, made_with(chooser, options), out, restart, jobs or cpus(), ("captioning", "captioned"))
        return
    _checked_picture(explain)
    motion = _loaded(path, options)
    choice = chooser.caption(motion, options.source, beam=beam, n=n)[0]
    if explain is not None:
        _draw(choice, motion, explain)
    if out is not None:
        from kinelang.atomic import write_atomic

        write_atomic(out, json.dumps({"file": path, **choice.to_json()}, ensure_ascii=False, indent=2).encode() + b"\n")
    if as_json:
        print_json({"file": path, **choice.to_json()})
    else:
        _print(choice)
    for written in filter(None, (explain, out)):
        say(f"wrote {written}")


@lru_cache(maxsize=1)
def opened(model: str | None, source: str) -> Chooser:
    """The models, once a process."""
    from kinelang.captioning import Chooser

    return Chooser.open(None if model is None else Path(model), source)


def made_with(chooser: Chooser, options: Options) -> dict[str, Any]:
    """As each line of a collection records it."""
    made: dict[str, Any] = json.loads(json.dumps({"kinelang": __version__, **chooser.about, **asdict(options)}))
    return made


def caption_files(files: Sequence[str], options: Options, model: str | None, root: str, explain: Path | None) -> list[Outcome]:
    """Caption some files of a collection, all at once: for each a JSON line, or the reason why there is none."""
    from kinelang.captioning import watch

    chooser = opened(model, options.source)
    names = {name_in(root, file): file for file in files}
    motions: dict[str, Motion] = {}
    clips: dict[str, Watched] = {}
    errors: dict[str, str] = {}
    for name, file in names.items():
        needed = chooser.looks(options.source)
        try:
            motion = _loaded(file, options)
            clips[name] = watch(motion, timeline=needed)
        except KinelangError as error:
            errors[name] = _named(error, file)
        else:
            motions |= {name: motion} if explain is not None else {}
    said: dict[str, Choice] = {}
    for name, found in _said(chooser, clips, options).items():
        if isinstance(found, KinelangError):
            errors[name] = _named(found, names[name])
        else:
            said[name] = found
            if explain is not None:
                _draw(found, motions[name], _page(explain, name))
    about = made_with(chooser, options)
    return [Outcome(name, error=errors[name]) if name in errors else Outcome(name, _line(name, said[name], about)) for name in names]


def _said(chooser: Chooser, clips: dict[str, Watched], options: Options) -> dict[str, Choice | KinelangError]:
    """Captions of clips, all at once; where one of them does not allow it, one by one."""

    def ask(asked: Sequence[Watched]) -> Sequence[Choice]:
        return chooser.choose(asked, options.source, beam=options.beam, n=options.n)

    def alone(clip: Watched) -> Choice | KinelangError:
        try:
            return ask([clip])[0]
        except KinelangError as error:
            return error

    try:
        return dict(zip(clips, ask(list(clips.values())), strict=True))
    except KinelangError:
        return {name: alone(clip) for name, clip in clips.items()}


def _page(folder: Path, name: str) -> Path:
    """Where the page of a file of a collection is written; its folder is made."""
    from kinelang.errors import FormatError

    page = folder / f"{name}.html"
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FormatError(f"{page}: cannot be written ({error.strerror}); give --explain a folder that can be made") from error
    return page


def _named(error: KinelangError, file: str) -> str:
    """The reason, with the file it is about."""
    return str(error) if file in str(error) else f"{file}: {error}"


def _loaded(path: str, options: Options) -> Motion:
    return load(path, options.unit, options.up, options.fps, options.skeleton_file, options.body_model)


def _line(name: str, choice: Choice, about: dict[str, Any]) -> bytes:
    return json.dumps({"file": name, "made_with": about, **choice.to_json()}, ensure_ascii=False, separators=(",", ":")).encode()


def _print(choice: Choice) -> None:
    """The caption, and under it each word that tells of motion with its evidence."""
    typer.echo(choice.caption)
    for evidence in choice.evidence:
        if evidence.motion and evidence.spans_s:
            times = ", ".join(f"{start:.2f}-{end:.2f} s" for start, end in evidence.spans_s)
            most = max(evidence.parts.values(), default=0.0)
            parts = ", ".join(name.replace("_", " ") for name, share in evidence.parts.items() if share > MANY * most)
            gate = "" if evidence.gate is None else f"gate {evidence.gate:.2f}  "
            typer.echo(f"  {evidence.word:<14} {times:<18} {gate}{parts}".rstrip())
    say(f"source: {choice.source}")
    for note in choice.notes:
        say(f"note: {note}")


def _draw(choice: Choice, motion: Motion, path: Path) -> None:
    from kinelang.captioning.showing import draw

    draw(choice, motion, path)


def _checked_picture(explain: Path | None) -> None:
    from kinelang.errors import FormatError

    if explain is not None and explain.suffix.lower() not in PICTURES:
        raise FormatError.of(str(explain), f"a picture to write that ends in '{explain.suffix}'", "'.html' or '.png'")


def _checked_folder(explain: Path | None) -> None:
    from kinelang.errors import FormatError

    if explain is not None and (explain.is_file() or explain.suffix.lower() in PICTURES):
        raise FormatError.of(str(explain), "a file for the pages of a collection", "a folder", "give --explain a folder's name")
