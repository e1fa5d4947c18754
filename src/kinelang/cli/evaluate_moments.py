"""`kinelang evaluate moments`: how well moments are found, by the windows of the paper and by the localiser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kinelang.cli.bars import bars
from kinelang.cli.common import Json, print_json, say

if TYPE_CHECKING:
    from kinelang.evaluate.moments import Table
    from kinelang.metrics.intervals import Interval


DATA = ("synthetic", "performed", "cmu")


class Join(str, Enum):
    """Ways to join clips."""

    features = "features"
    motions = "motions"


def moments(
    model: Annotated[Path | None, typer.Option("--model", help="Run folder of a model, in place of the one that ships.")] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data",
            metavar="NAME[:SIZE]",
            help="What sequences are made of: synthetic:20000, cmu, any corpus of `kinelang train`, or performed: timelines in one go. "
            "Several times for several; synthetic, performed and cmu.",
        ),
    ] = None,
    split: Annotated[
        str, typer.Option("--split", help="Such as val, or train+val. The test split is for figures that are reported, not for trying.")
    ] = "val",
    sequences: Annotated[int, typer.Option("--sequences", min=1, help="Long motions for each data set.")] = 100,
    parts: Annotated[int, typer.Option("--parts", min=2, help="Captioned clips of a long motion.")] = 4,
    join: Annotated[
        Join,
        typer.Option("--join", help="features: beside each other; motions: each goes on where the last ended, blended."),
    ] = Join.features,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the drawing of clips.")] = 0,
    rounds: Annotated[int, typer.Option("--rounds", min=0, help="Of the bootstrap over long motions.")] = 1000,
    out: Annotated[Path | None, typer.Option("--out", help="Write everything to this JSON file.")] = None,
    as_json: Json = False,
) -> None:
    """Find in long motions, put together from captioned clips, the part that each caption was written for.

    Shares of captions whose first moment (or one of the first five) overlaps its part by more than 0.4, 0.5 and 0.7, with 95 %
    intervals over long motions; then by how much the localiser surpasses each other system, paired. Captions that fit another part of
    their motion too are not asked: by the similarity of sentences, or because all their stages are told there too.
    """
    from kinelang.evaluate.moments import PERFORMED, evaluate_moments, sequences_of
    from kinelang.language.encoders import open_encoder
    from kinelang.models.base import write_json
    from kinelang.search.base import open_retriever

    retriever, embed = open_retriever(model), open_encoder("minilm").sentences
    tables = []
    for name in data or DATA:
        made = sequences_of(name, split, sequences, parts, seed, join.value)
        said = f"{name}, {split}" if name.startswith(PERFORMED) else f"{name}, {split}, joined as {join.value}"
        with bars() as told:
            progress = _telling(told, f"moments of {name}", sequences)
            tables.append(evaluate_moments(made, retriever, embed, said, rounds=rounds, progress=progress))
        if not as_json:
            typer.echo("\n".join(lines_of(tables[-1])))
    content = {"model": retriever.identity, "parts": parts, "seed": seed, "tables": [table.to_json() for table in tables]}
    if out is not None:
        write_json(out, content)
        say(f"wrote {out}")
    if as_json:
        print_json(content)


def _telling(told: Callable[[str, int, int], None], what: str, of: int) -> Callable[[int], None]:
    return lambda done: told(what, done, of)


def lines_of(table: Table) -> Iterator[str]:
    """Accuracies, a row each system, and what ours has more than each."""
    figures = list(next(iter(table.rows.values())))
    yield f"{table.data}: {table.sequences} long motions of {table.seconds:.1f} s, {table.queries} captions asked, {table.skipped} not"
    yield f"{'accuracy, %':<25}" + "".join(f"{figure:>20}" for figure in figures)
    for name, row in table.rows.items():
        yield f"{name:<25}" + "".join(f"{_figure(row[figure]):>20}" for figure in figures)
    yield "ours has more, paired:"
    for name, row in table.gains.items():
        yield f"{'over ' + name:<25}" + "".join(f"{_figure(row[figure], '+'):>20}" for figure in figures)
    yield ""


def _figure(value: Interval, sign: str = "") -> str:
    return f"{value.value:{sign}.1f} ({value.low:{sign}.1f} {value.high:{sign}.1f})"
