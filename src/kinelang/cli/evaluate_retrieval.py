"""`kinelang evaluate retrieval`: models and baselines on the same texts and clips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang.cli.bars import bars
from kinelang.cli.common import Json, print_json, say
from kinelang.errors import ModelError

if TYPE_CHECKING:
    from kinelang.evaluate.searching import Judged, Judgement
    from kinelang.metrics.intervals import Interval

NAME, CELL = 36, 20
"""Widths of a table's columns."""

Cache = Annotated[Path | None, typer.Option("--cache", help="Folder for features, detected stages and encoded captions.")]
Data = Annotated[
    str,
    typer.Option(
        "--data",
        metavar="NAME[:SIZE|:PATH]",
        help="Clips: synthetic, cmu, grounded, folder:PATH, humanml3d:PATH. A size counts the clips of all splits of a corpus that is "
        "made; to ask for so many of one split, see --clips.",
    ),
]
SentenceEncoder = Annotated[
    str, typer.Option("--sentence-encoder", help="Of similar texts and of the narrated baseline; published thresholds are mpnet's.")
]


def retrieval(
    models: Annotated[
        list[Path] | None,
        typer.Option("--model", metavar="FOLDER", help="Run folder of a TMR model or an evaluator; several times for several."),
    ] = None,
    data: Data = "synthetic",
    split: Annotated[
        str, typer.Option("--split", help="Such as val, or train+val. The test split is for figures that are reported, not for trying.")
    ] = "val",
    clips: Annotated[
        int | None, typer.Option("--clips", min=1, help="The first so many clips of the split: --data synthetic --clips 2000.")
    ] = None,
    captions: Annotated[str, typer.Option("--captions", help="all captions of a clip are queries, or the first alone.")] = "all",
    protocols: Annotated[
        list[str] | None,
        typer.Option("--protocol", help="all, threshold, threshold_sides, identical, dissimilar, batches; all of them."),
    ] = None,
    gallery: Annotated[
        str, typer.Option("--gallery", help="unseen, or all: the clips of the train split are searched too.")
    ] = "unseen",
    baselines: Annotated[bool, typer.Option("--baselines/--no-baselines", help="Compare with what needs no model of motion.")] = True,
    corpus_seed: Annotated[int, typer.Option("--corpus-seed", min=0, help="Of corpora that are made.")] = 0,
    sentence_encoder: SentenceEncoder = "minilm",
    rounds: Annotated[int, typer.Option("--rounds", min=0, help="Of the bootstrap over recordings.")] = 1000,
    out: Annotated[Path | None, typer.Option("--out", help="Write everything to this JSON file.")] = None,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Search by words, and words by motion: recalls and median ranks of models and baselines, with the differences between them.

    One table a protocol: both directions, 95 % bootstrap intervals over recordings. Then how often a caption beats its twin with left
    and right exchanged, and by how much the first model, alone and fused with detected stages, surpasses each other system.
    """
    from kinelang.evaluate.clips import clip_set, detected_in
    from kinelang.evaluate.searching import judge
    from kinelang.evaluate.systems import opened, systems_of
    from kinelang.language.encoders import open_encoder

    folder, sentences = cache_of(cache), open_encoder(sentence_encoder)
    systems = systems_of(opened(models or shipped(baselines), sentences), baselines=baselines)
    first = systems[0].name
    with bars() as told:
        seen = ("train",) if gallery == "all" else ()
        found = clip_set(
            data, split, folder / "features", n=clips, seed=corpus_seed, captions=captions, seen_splits=seen, progress=told
        )
        if any(system.sees_stages for system in systems):
            found = detected_in(found, folder / "stages", told)
        judged = judge(
            systems,
            found,
            sentences,
            protocols=protocols or None,
            gallery=gallery,
            references=[system.name for system in systems if system.name in (first, f"{first} + structure")],
            rounds=rounds,
            progress=told,
        )
    answer(judged.to_json(), out, as_json, lambda: lines_of(judged))


def cache_of(cache: Path | None) -> Path:
    """The folder that is used again and again."""
    from kinelang.language.encoders.files import cache_folder

    return cache_folder() / "training" if cache is None else cache


def shipped(baselines: bool) -> list[Path | None]:
    """The model that comes with kinelang; nothing where this version has none and baselines are judged anyway."""
    from kinelang.models.tmr import Retriever

    try:
        Retriever.load(None)
    except ModelError as error:
        if not baselines:
            raise
        say(f"baselines alone: {error}")
        return []
    return [None]


def answer(content: dict[str, Any], out: Path | None, as_json: bool, lines: Callable[[], Iterable[str]]) -> None:
    """Write the file, and answer in JSON or in lines."""
    from kinelang.models.base import write_json

    if out is not None:
        write_json(out, content)
        say(f"wrote {out}")
    if as_json:
        print_json(content)
        return
    for line in lines():
        typer.echo(line)


# --- for people


def lines_of(judgement: Judgement) -> Iterator[str]:
    """One table a protocol, the tests of sides, and by how much the first system, alone and fused, surpasses the others."""
    from kinelang.evaluate.protocols import PROTOCOLS

    yield from heading(judgement.record)
    for name, result in judgement.judged[0].results.items():
        letter = f" ({PROTOCOLS[name].letter})" if PROTOCOLS[name].letter else ""
        yield ""
        size = f"{result.n_texts} texts, {result.n_clips} clips, {result.n_answers} searched"
        yield f"{name}{letter}: {PROTOCOLS[name].description}; {size}"
        yield _row("", "", _figures())
        for direction in ("t2m", "m2t"):
            yield _row("chance", direction, [f"{result.chance[f'{direction}/{figure}']:.2f}" for figure in _figures()])
            for one in judgement.judged:
                yield _row(one.system, direction, [_value(one.results[name].figures[f"{direction}/{f}"]) for f in _figures()])
    yield from _sides(judgement.judged)
    references = {first for one in judgement.judged for first in one.differences}
    for one in judgement.judged:
        if one.system in references:
            yield from _differences(judgement.judged, one.system)


def heading(record: Mapping[str, Any]) -> Iterator[str]:
    """What was measured on what."""
    data, code = record["data"], record["code"]
    made = f", seed {data['seed']}" if data["corpus"].partition(":")[0] in ("synthetic", "grounded") else ""
    yield (
        f"{data['corpus']}{made}, split {data['split']}: {data['clips']} clips of {data['recordings']} recordings, "
        f"{data['texts']} texts ({data['captions']}), {data['clips_searched']} clips searched"
    )
    for reason in record["not_comparable"]:
        yield f"not comparable with published numbers: {reason}"
    commit = f" at {code['commit']}" if code["commit"] else ""
    yield f"kinelang {code['kinelang']}{commit}; 95 % bootstrap intervals over recordings"


def _sides(judged: Sequence[Judged]) -> Iterator[str]:
    tests = [name for name in ("swapped text", "mirrored clip") if name in judged[0].sides]
    if not tests:
        return
    yield ""
    yield f"left and right: captions that score higher than their twin, of {judged[0].sides[tests[0]].pairs} that name a side, percent"
    yield _row("", "", tests)
    for one in judged:
        yield _row(one.system, "", [_value(one.sides[name].accuracy, 100) for name in tests])


def _differences(judged: Sequence[Judged], first: str) -> Iterator[str]:
    yield ""
    shown = next(iter(judged[0].results))
    yield f"{first} minus each other system, paired, protocol '{shown}' (of the others: --json); * where zero lies outside the interval"
    yield _row("", "", _figures())
    for one in judged:
        if first not in one.differences:
            continue
        for direction in ("t2m", "m2t"):
            values = [one.differences[first][shown][f"{direction}/{figure}"] for figure in _figures()]
            yield _row(one.system, direction, [_value(v) + ("*" if v.apart_from_zero else "") for v in values])


def _figures() -> tuple[str, ...]:
    from kinelang.evaluate.retrieval import FIGURES

    return FIGURES


def _row(name: str, direction: str, cells: Sequence[str]) -> str:
    return f"{name:<{NAME}} {direction:<4}{''.join(f'{cell:>{CELL}}' for cell in cells)}".rstrip()


def _value(interval: Interval, times: float = 1.0) -> str:
    """The figure, and where it lies with 95 % confidence."""
    value, low, high = (times * x for x in (interval.value, interval.low, interval.high))
    return f"{value:.1f} [{low:.1f} {high:.1f}]" if low == low else f"{value:.1f}"
