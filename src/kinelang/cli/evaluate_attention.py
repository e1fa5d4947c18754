"""`kinelang evaluate attention`: what a captioner's words look at, over a whole split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang.cli.bars import bars
from kinelang.cli.common import Json, say
from kinelang.cli.evaluate_retrieval import Cache, Data, answer, cache_of
from kinelang.errors import FormatError, MissingExtraError

if TYPE_CHECKING:
    from kinelang.evaluate.attention import Attended
    from kinelang.evaluate.clips import ClipSet
    from kinelang.evaluate.localising import Row
    from kinelang.metrics.intervals import Interval

NAME, CELL = 30, 20
"""Widths of a table's columns."""
IN_SECONDS = ("onset", "onset off", "gap")
STEMS = 15
"""Stems of a table."""


def attention(
    model: Annotated[
        Path | None, typer.Option("--model", metavar="FOLDER", help="Run folder of a captioner, in place of the one that ships.")
    ] = None,
    data: Data = "synthetic",
    split: Annotated[
        str, typer.Option("--split", help="Such as val, or train+val. The test split is for figures that are reported, not for trying.")
    ] = "val",
    clips: Annotated[int | None, typer.Option("--clips", min=1, help="The first so many clips of the split.")] = None,
    captions: Annotated[
        str, typer.Option("--captions", help="own, what the captioner says; or references, all captions of the corpus, which it hears.")
    ] = "own",
    beam: Annotated[int, typer.Option("--beam", min=1, help="Captions followed at a time.")] = 2,
    twice: Annotated[
        int, typer.Option("--twice", min=0, help="Make so many clips besides, in which one action is done twice with a pause between.")
    ] = 0,
    corpus_seed: Annotated[int, typer.Option("--corpus-seed", min=0, help="Of corpora that are made.")] = 0,
    rounds: Annotated[int, typer.Option("--rounds", min=0, help="Of the bootstrap over recordings.")] = 1000,
    report: Annotated[Path | None, typer.Option("--report", help="Write one page with all figures, pictures and some clips.")] = None,
    figures: Annotated[Path | None, typer.Option("--figures", metavar="FOLDER", help="Write each picture as a PNG.")] = None,
    examples: Annotated[int, typer.Option("--examples", min=0, help="Clips on the page: best, median and worst.")] = 6,
    out: Annotated[Path | None, typer.Option("--out", help="Write everything to this JSON file.")] = None,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Say what a captioner's words look at: gates and body parts by word, and how well both fit what was performed.

    Where the timelines of the clips are known: whether words look at the limbs of their stage, at its time, and what becomes of actions
    that are repeated. Every figure with its 95 % bootstrap interval over recordings.
    """
    from kinelang.evaluate.attention import attend
    from kinelang.evaluate.clips import clip_set
    from kinelang.models.captioners import load_captioner

    _checked(report, figures)
    loaded = load_captioner(model)
    name = "the captioner that ships" if model is None else model.resolve().name
    with bars() as told:
        found = clip_set(data, split, cache_of(cache) / "features", n=clips, seed=corpus_seed, progress=told)
        seen = attend(loaded, found, captions, beam=beam, rounds=rounds, examples=examples, twice=twice, progress=told)
    content = _content(seen, found, name, loaded.identity, beam, rounds)
    if report is not None or figures is not None:
        _draw(seen, found, report, figures, name, content)
    answer(content, out, as_json, lambda: _lines(seen, found, name))


def _checked(report: Path | None, figures: Path | None) -> None:
    """What pictures need is missed before anything is computed."""
    from importlib.util import find_spec

    if (report is not None or figures is not None) and find_spec("matplotlib") is None:
        raise MissingExtraError.for_extra("matplotlib", "view")
    if report is not None and not report.parent.is_dir():
        raise FormatError(f"{report}: cannot be written (no such folder); give a file name in a folder that is there")
    if figures is not None and figures.exists() and not figures.is_dir():
        raise FormatError.of(str(figures), "a file", "a folder for the pictures", "give --figures a folder's name")


def _draw(seen: Attended, found: ClipSet, report: Path | None, figures: Path | None, name: str, content: Mapping[str, Any]) -> None:
    """Write the page and the pictures."""
    from kinelang.evaluate.attention_report import pictures_of, write_pictures, write_report

    pictures = pictures_of(seen)
    if figures is not None:
        for file in write_pictures(pictures, figures):
            say(f"wrote {file}")
    if report is not None:
        boot = content["bootstrap"]
        about = (
            f"model {content['model']['identity']}, kinelang {content['kinelang']}",
            f"{boot['interval']} bootstrap intervals over {content['data']['recordings']} {boot['over']}, {boot['rounds']} rounds",
        )
        write_report(seen, found, report, pictures, model=name, about=about)
        say(f"wrote {report}")


def _content(seen: Attended, found: ClipSet, name: str, identity: str, beam: int, rounds: int) -> dict[str, Any]:
    from kinelang import __version__

    return {
        "data": {
            "corpus": found.source,
            "split": found.split,
            "seed": found.seed,
            "clips": len(found.clips),
            "recordings": len({clip.group for clip in found.clips}),
        },
        "model": {"name": name, "identity": identity, "beam": beam if seen.said == "own" else None},
        "bootstrap": {"rounds": rounds, "over": "recordings", "interval": "95 %"},
        "kinelang": __version__,
        **seen.to_json(),
    }


def _lines(seen: Attended, found: ClipSet, name: str) -> Iterator[str]:
    whose = "its own captions" if seen.said == "own" else "given captions"
    yield f"{name} on {found.source}, split {found.split}: {len(found.clips)} clips, {seen.captions} captions ({whose})"
    yield "95 % bootstrap intervals over recordings"
    yield from seen.notes
    if seen.separation:
        yield ""
        labels = ", ".join(f"{count} {kind}" for kind, count in seen.labelled.items())
        yield f"gate of motion words and words of language ({labels})"
        yield from (f"{name:<{NAME}}{_value(value, 3):>{CELL}}" for name, value in seen.separation.items())
    yield from _stems(seen)
    if seen.located:
        yield from _table("words and the stages they tell of, percent; onset in seconds", seen.located)
        yield from (f"{name:<{NAME}}{_value(value):>{CELL}}" for name, value in seen.recalls.items())
    if seen.verbs:
        yield from _table("single-stage action words by action", dict(list(seen.verbs.items())[:STEMS]))
    if seen.repeated:
        yield from _columns("actions that come in several stages, percent; gap in seconds", seen.repeated)
    if seen.twice:
        yield from _columns("made clips in which one action is done twice, percent; gap in seconds", seen.twice)


def _stems(seen: Attended) -> Iterator[str]:
    shown = [one for one in seen.stems if one.motion is not False][:STEMS]
    yield ""
    heading = f"{'gate':>6}" if seen.has_gate else ""
    yield f"{'most frequent stems':<{NAME}}{'words':>7}{heading}" + ("   part with the most attention" if seen.has_parts else "")
    for one in shown:
        gate = f"{one.gate:>6.2f}" if one.gate is not None else ""
        yield f"{one.stem:<{NAME}}{one.count:>7}{gate}   {_parts(one.parts)}".rstrip()


def _parts(counts: Any) -> str:
    from kinelang.models.captioner.parts import PARTS

    total = max(int(counts.sum()), 1)
    order = sorted(range(len(PARTS)), key=lambda i: -counts[i])
    return ", ".join(
        f"{PARTS[i].replace('_', ' ')} {100 * counts[i] / total:.0f} %" for i in order if counts[i] >= 0.1 * total and counts[i]
    )


def _table(title: str, rows: Mapping[str, Row]) -> Iterator[str]:
    names = [name for name in next(iter(rows.values())).figures if any(_known(row.figures[name]) for row in rows.values())]
    yield ""
    yield title
    yield f"{'':<{NAME}}{'words':>7}{'clips':>7}{''.join(f'{_short(name):>{CELL}}' for name in names)}"
    for name, row in rows.items():
        cells = "".join(f"{_value(row.figures[n], 2 if n in IN_SECONDS else 1):>{CELL}}" for n in names)
        yield f"{name:<{NAME}}{row.words:>7}{row.clips:>7}{cells}"


def _short(name: str) -> str:
    return {"IoU of the whole clip": "IoU of whole clip"}.get(name, name)


def _columns(title: str, rows: Mapping[str, Row]) -> Iterator[str]:
    """A column for each kind of words."""
    wide = max(CELL, *(len(name) + 2 for name in rows))
    yield ""
    yield title
    yield f"{'':<{NAME}}{''.join(f'{name:>{wide}}' for name in rows)}"
    yield f"{'words':<{NAME}}{''.join(f'{row.words:>{wide}}' for row in rows.values())}"
    for name in next(iter(rows.values())).figures:
        digits = 2 if name in IN_SECONDS else 1
        yield f"{name:<{NAME}}{''.join(f'{_value(row.figures[name], digits):>{wide}}' for row in rows.values())}"


def _known(interval: Interval) -> bool:
    return interval.value == interval.value


def _value(interval: Interval, digits: int = 1) -> str:
    value, low, high = (f"{x:.{digits}f}" for x in (interval.value, interval.low, interval.high))
    if interval.value != interval.value:
        return "-"
    return f"{value} [{low} {high}]" if interval.low == interval.low else value
