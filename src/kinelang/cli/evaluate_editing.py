"""`kinelang evaluate editing`: whether edits show in the motion, and what was not edited stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from kinelang.cli.bars import bars
from kinelang.cli.common import Json
from kinelang.cli.evaluate_retrieval import answer

ROWS = (
    ("read as it was meant", "read"),
    ("shows in the motion", "changed"),
    ("made from scratch: shows", "scratch changed"),
    ("showed before the edit", "changed before"),
    ("of the motion was to stay", "kept share"),
    ("moved, seen by the body, cm", "kept cm"),
    ("  less than 3 cm", "kept little"),
    ("moved, in the world, cm", "kept world cm"),
    ("  less than 3 cm", "kept world little"),
    ("from scratch, by the body, cm", "scratch kept cm"),
    ("  less than 3 cm", "scratch kept little"),
    ("from scratch, in the world, cm", "scratch kept world cm"),
    ("  less than 3 cm", "scratch kept world little"),
)
"""Joints that were to stay: what of the motion they are, how far they moved, and after how many edits they moved less than 3 cm."""


def editing(
    model: Annotated[Path | None, typer.Option("--model", metavar="FOLDER", help="Run folder of a generator; the shipped one.")] = None,
    n: Annotated[int, typer.Option("--instructions", min=1, help="How many are drawn.")] = 300,
    split: Annotated[str, typer.Option("--split", help="Of the timelines. The test split is for figures that are reported.")] = "val",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of timelines, instructions and motions.")] = 0,
    rounds: Annotated[int, typer.Option("--rounds", min=0, help="Of the bootstrap.")] = 1000,
    out: Annotated[Path | None, typer.Option("--out", help="Write everything to this JSON file.")] = None,
    as_json: Json = False,
) -> None:
    """Make motions, edit them by drawn instructions, and judge the motions: what was asked for, and what was to stay.

    Beside it the paper's way: the edited text made from scratch with the same seed.
    """
    from dataclasses import asdict

    from kinelang.evaluate.editing import figures, judge
    from kinelang.generating import Generator

    generator = Generator.load(model)
    with bars() as told:
        edits = judge(generator, n, seed, split, told)
    content = {
        "model": generator.identity,
        "split": split,
        "seed": seed,
        "rounds": rounds,
        "not_comparable": ["instructions and judge are our own"],
        "figures": figures(edits, rounds),
        "edits": [asdict(edit) for edit in edits],
    }
    answer(content, out, as_json, lambda: _lines(content))


def _lines(content: Mapping[str, Any]) -> Iterator[str]:
    found = content["figures"]
    yield f"{content['model']}: {found['n']} instructions, split {content['split']}, seed {content['seed']}; percent, 95 % intervals"
    for label, name in ROWS:
        if found[name] is not None:
            interval = f"[{found[name]['low']:.1f} {found[name]['high']:.1f}]"
            yield f"{label:<32}{found[name]['value']:>7.1f} {interval:<14} n = {found[name]['n']}"
    yield f"{'':<12}{'n':>5}{'read':>8}{'shows':>8}{'from scratch':>14}"
    for kind, row in found["kinds"].items():
        yield f"{kind:<12}{row['n']:>5}{row['read']:>8.0f}{row['changed']:>8.0f}{row['scratch changed']:>14.0f}"
