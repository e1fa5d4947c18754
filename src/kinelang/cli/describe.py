"""`kinelang describe`: what happens in a motion, in words; of one file, or of all in a folder or zip."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang import __version__
from kinelang.cli.batch import Outcome
from kinelang.cli.collecting import collect, cpus, is_collection, name_in
from kinelang.cli.common import BodyModel, Fps, Json, SkeletonFile, Unit, Up, load, say
from kinelang.errors import KinelangError

if TYPE_CHECKING:
    from kinelang.describing import Description


class TextFormat(str, Enum):
    """Rendering of a description."""

    brief = "brief"
    smd = "smd"
    json = "json"


class Counted(str, Enum):
    """What --top-k counts."""

    angle = "angle"
    joint = "joint"


class Delta(str, Enum):
    """The published thresholds."""

    three = "3"
    five = "5"
    ten = "10"
    fifteen = "15"


@dataclass(frozen=True)
class Options:
    """Everything that decides what is written about a file."""

    format: str
    delta: int
    top_k: int | None
    by: str
    trajectory: bool
    unit: str | None
    up: str | None
    fps: float | None
    skeleton_file: str | None
    body_model: str | None

    def made_with(self) -> dict[str, Any]:
        """As each line of a collection records it."""
        return {"kinelang": __version__, **asdict(self)}


def describe(
    path: Annotated[str, typer.Argument(metavar="FILE|FOLDER|ZIP", help="Motion file, archive.zip/member, folder, or zip.")],
    text_format: Annotated[
        TextFormat, typer.Option("--format", help="brief: a few sentences; smd: Structured Motion Description; json: everything.")
    ] = TextFormat.brief,
    delta: Annotated[Delta, typer.Option("--delta", help="Smallest change of an angle that is told, degrees.")] = Delta.five,
    top_k: Annotated[int | None, typer.Option("--top-k", min=1, help="Tell only the K most active angles or joints.")] = None,
    by: Annotated[
        Counted, typer.Option("--by", help="What --top-k counts: single angles, or body parts with all their angles.")
    ] = Counted.angle,
    trajectory: Annotated[bool, typer.Option(" /--no-trajectory", help="Leave the path of the pelvis out.")] = True,
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
    """Describe what happens in a motion.

    A folder or zip gives one JSON line for each motion file in it, in order of their names. A file that cannot be read is reported and
    passed over; the exit code is then 2.
    """
    options = Options(text_format.value, int(delta.value), top_k, by.value, trajectory, unit, up, fps, skeleton_file, body_model)
    if is_collection(path):
        work = partial(describe_files, options=options, root=path)
        collect(path, work, options.made_with(), out, restart, jobs or cpus(), ("describing", "described"))
        return
    description = _description_of(path, options)
    text = _record(path, description, options) + "\n" if as_json else _text(description, options.format)
    if out is None:
        typer.echo(text, nl=not text.endswith("\n"))
    else:
        _write(out, text)
        say(f"wrote {out}")


def _description_of(path: str, options: Options) -> Description:
    from kinelang.describing import describe as describe_motion
    from kinelang.describing import select

    motion = load(path, options.unit, options.up, options.fps, options.skeleton_file, options.body_model)
    description = describe_motion(motion, delta_deg=float(options.delta))
    if options.top_k is None and options.trajectory:
        return description
    return select(description, top_k=options.top_k, by=options.by, trajectory=options.trajectory)


def _text(description: Description, text_format: str) -> str:
    from kinelang.describing import render

    return render(description, text_format)


def _record(name: str, description: Description, options: Options) -> str:
    """One JSON object in one line: the file, the options, the text if the format is one, and the description."""
    parts = [f'"file":{_dumps(name)}', f'"made_with":{_dumps(options.made_with())}']
    if options.format != "json":
        parts.append(f'"text":{_dumps(_text(description, options.format))}')
    parts.append(f'"description":{description.to_json()}')
    return "{" + ",".join(parts) + "}"


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _write(out: Path, text: str) -> None:
    from kinelang.atomic import write_atomic

    write_atomic(out, text.encode("utf-8") if text.endswith("\n") else f"{text}\n".encode())


# --- collections


def describe_files(files: Sequence[str], options: Options, root: str) -> list[Outcome]:
    """Describe some files of a collection: for each a JSON line, or the reason why there is none."""
    results = []
    for file in files:
        name = name_in(root, file)
        try:
            results.append(Outcome(name, line=_record(name, _description_of(file, options), options).encode()))
        except KinelangError as error:
            results.append(Outcome(name, error=str(error)))
    return results
