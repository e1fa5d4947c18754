"""`kinelang evaluate sweeps`: the tables of TMR's paper, trained and judged at a scale of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kinelang.cli.bars import bars
from kinelang.cli.common import Json, print_json, say
from kinelang.cli.evaluate_retrieval import Cache, cache_of
from kinelang.errors import KinelangError, ModelError

if TYPE_CHECKING:
    from kinelang.models.tmr.config import TMRConfig


def sweeps(
    table: Annotated[
        str, typer.Option("--table", help="3 (losses), 4 (filter), 5 (hyper-parameters), A.3 (width), A.4 (filter alone).")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for runs and tables; what is finished there is not run again.")],
    corpora: Annotated[
        list[str] | None, typer.Option("--corpus", metavar="NAME[:SIZE|:PATH][@TIMES]", help="Clips to learn from, as for train tmr.")
    ] = None,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Of each run; rows with larger batches take fewer.")] = 1500,
    seeds: Annotated[str, typer.Option("--seeds", help="Each row is trained with each: 1234,1235.")] = "1234",
    config: Annotated[str, typer.Option("--config", help="What is varied: small or published.")] = "small",
    changes: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one value of it.")] = None,
    rows: Annotated[list[str] | None, typer.Option("--row", help="Only this row; several times for several.")] = None,
    data: Annotated[str | None, typer.Option("--data", help="Corpus to judge on; the first one to learn from.")] = None,
    split: Annotated[str, typer.Option("--split", help="Of it.")] = "val",
    clips: Annotated[int | None, typer.Option("--clips", min=1, help="The first so many clips of it.")] = None,
    corpus_seed: Annotated[int, typer.Option("--corpus-seed", min=0, help="Of corpora that are made.")] = 0,
    accelerator: Annotated[str, typer.Option("--accelerator", help="cpu, gpu, ..., as Lightning Fabric names it.")] = "auto",
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Train and judge the rows of one of the paper's tables.

    Every configuration has a run folder of its own in OUT/runs, which tables share; OUT/table_N.md and .json say the figures with data,
    steps, seeds and hardware. Interrupted, the same command goes on where it was.
    """
    from kinelang.atomic import write_atomic
    from kinelang.evaluate.sweeps import Encoders, Scale, markdown, run_sweep
    from kinelang.language.encoders import open_encoder

    base = _base(config, changes or [])
    learnt = tuple(corpora or ("synthetic:8000",))
    tokens = open_encoder(base.text_encoder, cache=False)
    sentences = open_encoder(base.sentence_encoder, cache=False) if base.sentence_encoder else tokens
    try:
        chosen = tuple(int(seed) for seed in seeds.split(","))
    except ValueError:
        raise KinelangError.of("--seeds", f"'{seeds}'", "whole numbers", "such as 1234,1235") from None
    scale = Scale(base, learnt, steps, chosen, data or learnt[0].split("@")[0], split, clips, corpus_seed, accelerator)
    out.mkdir(parents=True, exist_ok=True)
    write_atomic(out / ".writable", b"")  # before hours of training
    (out / ".writable").unlink()
    with bars() as told:
        answer = run_sweep(table, scale, out, cache_of(cache), Encoders(tokens, sentences), rows=rows or (), progress=told)
    say(f"wrote {out / f'table_{table}.md'} and .json")
    if as_json:
        print_json(answer)
    else:
        typer.echo("\n".join(markdown(answer)))


def _base(config: str, changes: list[str]) -> TMRConfig:
    """The configuration that is varied."""
    from kinelang.models.configuring import changed
    from kinelang.models.tmr.config import CONFIGS

    if config not in CONFIGS:
        raise ModelError.of("--config", f"'{config}'", f"one of {', '.join(CONFIGS)}", "and change what you want with --set")
    for change in changes:
        if "=" not in change:
            raise ModelError.of("--set", f"'{change}'", "KEY=VALUE")
    made: TMRConfig = changed(CONFIGS[config](), dict(change.split("=", 1) for change in changes), "--set")
    return made
