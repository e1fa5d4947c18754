"""`kinelang evaluate`: the published and the project's own protocols."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from kinelang.cli.common import Json, print_json
from kinelang.cli.evaluate_attention import attention
from kinelang.cli.evaluate_captioning import captioning
from kinelang.cli.evaluate_editing import editing
from kinelang.cli.evaluate_generation import generation
from kinelang.cli.evaluate_moments import moments
from kinelang.cli.evaluate_retrieval import retrieval
from kinelang.cli.evaluate_sweeps import sweeps
from kinelang.cli.evaluate_synthesis import synthesis
from kinelang.cli.evaluate_texts import texts

app = typer.Typer(
    name="evaluate",
    help="Measure how well things go: every figure with the data it was measured on.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Split(str, Enum):
    """Splits of the real data."""

    train = "train"
    val = "val"
    test = "test"


@app.callback()
def _evaluate() -> None:
    """Measure how well things go: every figure with the data it was measured on."""


@app.command()
def timeline(
    n: Annotated[
        int, typer.Option("--n", min=1, help="Random timelines to perform and detect; 2.5 times as many are told and read.")
    ] = 2000,
    split: Annotated[
        Split, typer.Option("--split", help="Of the real data. The test split is for figures that are reported, not for trying.")
    ] = Split.val,
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder with the real data, where it is not in one of the usual places.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Perform, detect, tell and read: all figures of the timeline in one table."""
    from kinelang.evaluate.timeline import evaluate_timeline

    rows = []
    with _progress(n) as advance:
        for row in evaluate_timeline(n, split.value, data, advance):
            rows.append(row)
            if not as_json:
                typer.echo(f"{row.what:<58} {row.value:>9.3f}  {row.aim:<8}  {row.data}")
    if as_json:
        print_json([{"what": r.what.strip(), "value": r.value, "aim": r.aim, "data": r.data, "details": dict(r.details)} for r in rows])


app.command("retrieval")(retrieval)
app.command("moments")(moments)
app.command("captioning")(captioning)
app.command("attention")(attention)
app.command("generation")(generation)
app.command("editing")(editing)
app.command("sweeps")(sweeps)
app.command("synthesis")(synthesis)
app.command("texts")(texts)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("performing and detecting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("performing", total=total)
        yield lambda: bar.advance(task)
