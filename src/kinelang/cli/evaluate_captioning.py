"""`kinelang evaluate captioning`: captioners and baselines on the same clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang.cli.bars import bars
from kinelang.cli.common import Json, say
from kinelang.cli.evaluate_retrieval import Cache, Data, answer, cache_of
from kinelang.errors import ModelError

if TYPE_CHECKING:
    from kinelang.evaluate.captioning import Captioner, Judged
    from kinelang.evaluate.clips import ClipSet
    from kinelang.metrics.intervals import Interval

NAME, CELL = 26, 24
"""Widths of a table's columns."""
SHOWN = 3
"""Clips whose captions are shown."""


def captioning(
    models: Annotated[
        list[Path] | None,
        typer.Option("--model", metavar="FOLDER", help="Run folder of a captioner, several times for several; the one that ships."),
    ] = None,
    data: Data = "synthetic",
    split: Annotated[
        str, typer.Option("--split", help="Such as val, or train+val. The test split is for figures that are reported, not for trying.")
    ] = "val",
    clips: Annotated[int | None, typer.Option("--clips", min=1, help="The first so many clips of the split.")] = None,
    beam: Annotated[int, typer.Option("--beam", min=1, help="Captions followed at a time.")] = 2,
    mode: Annotated[
        str,
        typer.Option("--mode", help="strict (plain words, as people wrote them), or legacy (with <eos> and <unk>, as published)."),
    ] = "strict",
    remembered: Annotated[
        str, typer.Option("--remembered", metavar="NAME[:SIZE]", help="Clips, split train, of the nearest-caption baseline.")
    ] = "cmu",
    baselines: Annotated[
        bool,
        typer.Option(
            "--baselines/--no-baselines", help="Narration, the nearest training caption, and all combined as kinelang caption does."
        ),
    ] = True,
    matcher: Annotated[bool, typer.Option("--matcher/--no-matcher", help="R-precision and MM-Dist, by the shipped evaluator.")] = True,
    bert: Annotated[
        Path | None,
        typer.Option("--bert", metavar="FOLDER", help="A language model with its tokenizer, such as roberta-large: BERTScore."),
    ] = None,
    corpus_seed: Annotated[int, typer.Option("--corpus-seed", min=0, help="Of corpora that are made.")] = 0,
    rounds: Annotated[int, typer.Option("--rounds", min=0, help="Of the bootstrap over recordings.")] = 1000,
    out: Annotated[Path | None, typer.Option("--out", help="Write everything, captions included, to this JSON file.")] = None,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Caption clips and judge the captions: by people's words, by the facts of the motion, and by a model of text and motion.

    Every figure with its 95 % bootstrap interval over recordings, and the differences between captioners, paired.
    """
    from kinelang.evaluate.captioning import judge, text_metrics
    from kinelang.evaluate.clips import clip_set, detected_in
    from kinelang.metrics.captioning import LEGACY, BertModel
    from kinelang.models.evaluator.evaluator import Evaluator

    folder, judge_of_words = cache_of(cache), None if bert is None else BertModel(bert)
    metrics, notes = text_metrics(judge_of_words)
    for note in notes:
        say(note)
    loaded = _loaded(models, baselines)
    vocabulary = sorted({word for _, model in loaded for word in model.vocabulary.words}) if mode == LEGACY else []
    with bars() as told:
        found = clip_set(data, split, folder / "features", n=clips, seed=corpus_seed, progress=told)
        if baselines:
            found = detected_in(found, folder / "stages", told)
            known = clip_set(remembered, "train", folder / "features", seed=corpus_seed, progress=told)
        judged = judge(
            _captioners(loaded, known.clips if baselines else (), beam),
            found.clips,
            mode=mode,
            vocabulary=vocabulary,
            metrics=metrics,
            bert=judge_of_words,
            matcher=Evaluator.load() if matcher else None,
            rounds=rounds,
        )
    used = {"text_metrics": list(metrics), "left_out": notes} | (
        {} if judge_of_words is None else {"BERTScore": judge_of_words.about()}
    )
    answer(_content(judged, found, mode, rounds) | used, out, as_json, lambda: _lines(judged, found, mode))


def _loaded(models: list[Path] | None, baselines: bool) -> list[tuple[str, Any]]:
    """The captioners with their names; none where none ships and baselines are judged anyway."""
    from kinelang.models.captioners import load_captioner

    if models:
        return [(folder.resolve().name, load_captioner(folder)) for folder in models]
    try:
        return [("shipped", load_captioner())]
    except ModelError as error:
        if not baselines:
            raise
        say(f"baselines alone: {error}")
        return []


def _captioners(loaded: list[tuple[str, Any]], known: Sequence[Any], beam: int) -> list[Captioner]:
    """Each captioner by itself, then the baselines, then what `kinelang caption` makes of captioner, narration and retriever."""
    from kinelang.captioning import Chooser
    from kinelang.evaluate.captioning import chosen, narrated, nearest, neural
    from kinelang.models.tmr import Retriever

    own: list[Captioner] = [neural(name, model, beam) for name, model in loaded]
    if not known:
        return own
    retriever = Retriever.load()
    combined = [chosen("combined" if len(loaded) == 1 else f"{name} combined", Chooser(model, retriever)) for name, model in loaded]
    return [*own, narrated(), nearest(retriever, known), *combined]


def _content(judged: Sequence[Judged], found: ClipSet, mode: str, rounds: int) -> dict[str, Any]:
    from kinelang import __version__
    from kinelang.evaluate.clips import detector_identity

    return {
        "data": {
            "corpus": found.source,
            "split": found.split,
            "seed": found.seed,
            "clips": len(found.clips),
            "recordings": len({clip.group for clip in found.clips}),
            "captions": len(found.texts),
        },
        "mode": mode,
        "detector": detector_identity(),
        "bootstrap": {"rounds": rounds, "over": "recordings", "interval": "95 %"},
        "not_comparable": "the data is not HumanML3D or KIT-ML as published",
        "kinelang": __version__,
        "captioners": {one.name: one.to_json() for one in judged},
        "captions": [
            {"clip": clip.id, "people": list(clip.captions)} | {one.name: one.captions[i] for one in judged}
            for i, clip in enumerate(found.clips)
        ],
    }


def _lines(judged: Sequence[Judged], found: ClipSet, mode: str) -> Iterator[str]:
    groups = len({clip.group for clip in found.clips})
    yield f"{found.source}, split {found.split}: {len(found.clips)} clips of {groups} recordings, {len(found.texts)} captions; {mode}"
    yield "95 % bootstrap intervals over recordings; not comparable with published numbers: other data"
    yield ""
    yield f"{'':<{NAME}}{''.join(f' {one.name:>{CELL - 1}}' for one in judged)}"
    for name in judged[0].figures:
        yield f"{name:<{NAME}}{''.join(f'{_value(name, one.figures[name]):>{CELL}}' for one in judged)}"
    for one in judged[1:]:
        yield ""
        yield f"{one.name} minus each before it, paired; * where zero lies outside the interval"
        yield f"{'':<{NAME}}{''.join(f'{other:>{CELL}}' for other in one.minus)}"
        for name in next(iter(one.minus.values())):
            cells = (_value(name, figures[name]) + ("*" if figures[name].apart_from_zero else "") for figures in one.minus.values())
            yield f"{name:<{NAME}}{''.join(f'{cell:>{CELL}}' for cell in cells)}"
    for i in range(min(SHOWN, len(found.clips))):
        yield ""
        yield f"{found.clips[i].id}: {found.clips[i].captions[0]}"
        yield from (f"  {one.name}: {one.captions[i]}" for one in judged)


def _value(name: str, interval: Interval) -> str:
    value, low, high = interval.value, interval.low, interval.high
    if value != value:
        return "-"
    digits = 3 if name == "MM-Dist" else 1
    return f"{value:.{digits}f} [{low:.{digits}f} {high:.{digits}f}]" if low == low else f"{value:.{digits}f}"
