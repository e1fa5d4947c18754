"""`kinelang moments`: where in one motion a sentence is true."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from kinelang.cli.common import BodyModel, Fps, Json, SkeletonFile, Unit, Up, load, print_json, say


class Method(str, Enum):
    """Ways to find a moment."""

    best = "best"
    fixed = "fixed"
    pyramid = "pyramid"


def moments(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Motion file, or archive.zip/member.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to look for, such as 'turns around'.")],
    top: Annotated[int, typer.Option("--top", min=1, max=100, help="Moments at most.")] = 3,
    method: Annotated[
        Method,
        typer.Option("--method", help="best: stretches that stand out; fixed and pyramid: the windows of the TMR paper."),
    ] = Method.best,
    window: Annotated[int, typer.Option("--window", min=2, help="Frames of the window at 20 a second (fixed, and the curve).")] = 20,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw the curve of similarity with the moments into this PNG.")] = None,
    model: Annotated[Path | None, typer.Option("--model", help="Run folder of a model, in place of the one that ships.")] = None,
    unit: Unit = None,
    up: Up = None,
    fps: Fps = None,
    skeleton_file: SkeletonFile = None,
    body_model: BodyModel = None,
    as_json: Json = False,
) -> None:
    """Find the moments of a motion that fit a sentence, best first. Scores are from 0 to 1, as those of `kinelang search`."""
    from kinelang.search.base import open_retriever
    from kinelang.search.moments import find_moments, plot_moments

    motion = load(file, unit, up, fps, skeleton_file, body_model)
    found = find_moments(motion, text, open_retriever(model), method=method.value, window=window, most=top)
    for words in found.not_understood:
        say(f"not understood: '{words}'")
    if as_json:
        rows = [vars(moment) for moment in found.moments]
        curve = {"window_frames": window, "times_s": found.curve.times_s.round(3).tolist(), "cosines": found.curve.values.tolist()}
        print_json({"file": file, "query": text, "moments": rows, "curve": curve, "not_understood": list(found.not_understood)})
    else:
        for rank, moment in enumerate(found.moments, start=1):
            typer.echo(f"{rank:>3}  {moment.score:.3f}  {moment.start_s:.2f}-{moment.end_s:.2f} s")
    if plot is not None:
        plot_moments([found.curve], found.moments, plot, title=text)
        say(f"wrote {plot}")
