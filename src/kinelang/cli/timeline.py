"""`kinelang timeline`: from motion to timeline, from timeline to motion and to text, from text to timeline."""

from __future__ import annotations

import sys
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang.cli.common import BodyModel, Fps, Json, SkeletonFile, Unit, Up, load, print_json, say

if TYPE_CHECKING:
    from kinelang.motion.motion import Motion
    from kinelang.timeline import Timeline

app = typer.Typer(
    name="timeline",
    help="What happens when, with which body part: detected in motions, performed, told in words, read from words.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_TimelineFile = Annotated[Path, typer.Argument(metavar="TIMELINE", help="Timeline file: JSON, or one line a stage; -: standard input.")]
_Out = Annotated[Path | None, typer.Option("--out", help="File to write the timeline to: .json, or .txt with one line a stage.")]
_Seed = Annotated[int, typer.Option("--seed", min=0, help="Source of all variation; the same seed gives the same answer.")]


class Register(str, Enum):
    """Ways of telling a timeline."""

    label = "label"
    sentence = "sentence"
    detailed = "detailed"
    instruction = "instruction"
    matrix = "matrix"
    babel = "babel"


@app.command()
def detect(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Motion file, or archive.zip/member.")],
    out: _Out = None,
    least: Annotated[float, typer.Option("--least", min=0, max=1, help="Leave out stages of a lower confidence.")] = 0.0,
    unit: Unit = None,
    up: Up = None,
    fps: Fps = None,
    skeleton_file: SkeletonFile = None,
    body_model: BodyModel = None,
    as_json: Json = False,
) -> None:
    """Find the stages of a motion: verb, side, direction, count, from when to when, how sure, and by which signals."""
    from kinelang.timeline import detect as detect_stages

    found = detect_stages(load(file, unit, up, fps, skeleton_file, body_model))
    kept = tuple(s for s in found.stages if s.confidence is None or s.confidence >= least)
    _answer(found.with_(stages=kept), out, as_json)


@app.command()
def perform(
    file: _TimelineFile,
    out: Annotated[Path, typer.Argument(help="Motion file to write (.bvh, .npy, ...), or a picture of it (.html, .gif, .png).")],
    seed: _Seed = 0,
    fps: Annotated[float | None, typer.Option("--fps", help="Frames a second; the timeline's own by default.")] = None,
    as_json: Json = False,
) -> None:
    """Make a motion that does what a timeline says."""
    from kinelang.formats import save
    from kinelang.timeline import perform as perform_timeline

    score = _read(file)
    motion = perform_timeline(score, seed, fps=fps)
    if out.suffix.lower() in (".html", ".gif", ".png"):
        _draw(motion, out, [(stage.brief(), stage.start_s, stage.end_s) for stage in score.stages])
    else:
        save(motion, out)
    if as_json:
        print_json({"motion": str(out), "frames": motion.n_frames, "fps": motion.fps, "duration_s": motion.duration_s, "seed": seed})
    else:
        say(f"wrote {out}: {motion.n_frames} frames at {motion.fps:g} fps")


@app.command()
def narrate(
    file: _TimelineFile,
    register: Annotated[
        Register,
        typer.Option("--register", help="label, sentence, detailed, instruction; matrix: one sentence a body part and stage; babel."),
    ] = Register.sentence,
    n: Annotated[int, typer.Option("--n", min=1, max=1000, help="Number of phrasings.")] = 1,
    seed: _Seed = 0,
    as_json: Json = False,
) -> None:
    """Tell a timeline in words."""
    from kinelang.timeline import babel_labels, captions, description_matrix

    score = _read(file)
    if register in (Register.matrix, Register.babel):
        if register is Register.matrix:
            rows = [{"start_s": row.start_s, "end_s": row.end_s, **dict(row.cells)} for row in description_matrix(score)]
        else:
            rows = list(babel_labels(score))
        _print_rows(rows, as_json)
        return
    texts = captions(score, n, register.value, seed)
    if as_json:
        print_json({"register": register.value, "seed": seed, "texts": texts})
    else:
        typer.echo("\n".join(texts))


@app.command()
def parse(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A caption or instruction in English; - reads it from standard input.")],
    out: _Out = None,
    as_json: Json = False,
) -> None:
    """Read a timeline from words. What was not understood is listed on standard error (and under "not_understood" with --json)."""
    from kinelang.timeline import parse as parse_text
    from kinelang.timeline.files import to_dict

    parsed = parse_text(sys.stdin.read() if text == "-" else text)
    left = [asdict(span) for span in parsed.not_understood]
    if as_json:
        print_json(to_dict(parsed.timeline) | {"text": parsed.text, "not_understood": left})
    for span in parsed.not_understood:
        say(f"not understood: '{span.text}' at {span.start} ({span.reason})")
    _answer(parsed.timeline, out, as_json, printed=as_json)


def _draw(motion: Motion, out: Path, intervals: list[tuple[str, float, float]]) -> None:
    """A page, an animation or a contact sheet, by the file's suffix."""
    from kinelang.viewing import contact_sheet, write_gif, write_html

    match out.suffix.lower():
        case ".html":
            write_html(motion, out, intervals=intervals)
        case ".gif":
            write_gif(motion, out, intervals=intervals)
        case _:
            contact_sheet(motion, out, intervals=intervals)


def _read(file: Path) -> Timeline:
    from kinelang.errors import TimelineError
    from kinelang.timeline import from_json, from_text
    from kinelang.timeline import load as load_timeline

    if str(file) != "-":
        score = load_timeline(file)
    else:
        text = sys.stdin.read()
        score = (from_json if text.lstrip().startswith("{") else from_text)(text, "standard input")
    if not score.stages:
        raise TimelineError.of(str(file), "no stage", "at least one line such as: 0.00-2.00 walk direction=forward")
    return score


def _answer(score: Timeline, out: Path | None, as_json: bool, printed: bool = False) -> None:
    """Print a timeline, as JSON or lines; or write it to a file."""
    from kinelang.timeline import save, to_json, to_text

    if out is not None:
        save(score, out)
        say(f"wrote {out}: {len(score)} stages")
    elif as_json and not printed:
        typer.echo(to_json(score))
    elif not as_json:
        typer.echo(to_text(score), nl=False)


def _print_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo("\n".join(f"{name}: {value}" for name, value in row.items()) + "\n")
