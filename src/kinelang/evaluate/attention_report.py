"""The pictures of a captioner's attention over a split, and one page that holds them and the figures and needs nothing else."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinelang.atomic import write_atomic
from kinelang.errors import FormatError
from kinelang.evaluate.attending import GATE_EDGES, PEAK_EDGES, OfStem
from kinelang.evaluate.attention import Attended, Shown
from kinelang.evaluate.clips import Clip, ClipSet
from kinelang.evaluate.localising import FEWEST, Row
from kinelang.evaluate.repeating import ONE, SEVERAL
from kinelang.metrics.intervals import Interval
from kinelang.models.captioner.parts import PARTS
from kinelang.viewing.attention_sheet import attention_sheet
from kinelang.viewing.attention_statistics import (
    Measured,
    WordBins,
    figures_with_intervals,
    gate_densities,
    part_shares,
    peak_histograms,
    png_of,
)

SHORT = {SEVERAL: "one for all", ONE: "one each"}
"""Kinds of repeated actions in a picture."""
WORDS, PANELS, VERBS = 18, 12, 40
"""Words in a picture of densities or shares, panels of histograms, verbs with a row of their own."""


@dataclass(frozen=True)
class Picture:
    """A picture of the report.

    Attributes:
        title: its heading.
        about: how it is to be read.
        png: the picture.
    """

    title: str
    about: str
    png: bytes


def pictures_of(found: Attended) -> dict[str, Picture]:
    """The pictures by name, those that this model and these clips allow. Raises MissingExtraError without matplotlib."""
    made: dict[str, Picture] = {}
    if found.has_gate:
        kinds = {"motion words": True, "words of language": False, "words without a label": None}
        columns = {name: [_gates(one) for one in found.stems if one.motion is kind][:WORDS] for name, kind in kinds.items()}
        made["gates"] = Picture(
            "Gates by stem",
            "Histograms of the gate, each word on a scale of its own: at the right (1) a word is said from the motion, at the left (0) "
            "from the words before it.",
            png_of(gate_densities({name: words for name, words in columns.items() if words}, GATE_EDGES)),
        )
    if found.has_parts:
        made |= _of_parts(found)
    if found.verbs:
        made["localisation"] = Picture(
            "Localisation by action",
            "Mean IoU of the time in which an action word's window is over a half, with the stage that it tells of; actions that come "
            "in one stage of their clip. The tick is what a window over the whole clip would get.",
            png_of(figures_with_intervals(_ious(found), title="mean IoU", beside="the whole clip")),
        )
    if repeats := _repeats(found):
        made["repeated"] = Picture(
            "Repeated actions",
            f"The figures of the table above, of at least {FEWEST} words.",
            png_of(figures_with_intervals(repeats, title="percent")),
        )
    return made


def _of_parts(found: Attended) -> dict[str, Picture]:
    actions = [one for one in found.stems if one.action and one.motion and one.parts.any()]
    others = [one for one in found.stems if not one.action and one.motion is not False and one.parts.any()]
    groups = {"action words": actions[: 2 * WORDS], "other words": others[: 2 * WORDS]}
    made = {
        "parts": Picture(
            "Body parts by stem",
            "How often each body part has the most attention in the window of a word.",
            png_of(part_shares({name: [WordBins(o.stem, o.count, o.parts) for o in own] for name, own in groups.items() if own})),
        )
    }
    if actions:
        made["peaks"] = Picture(
            "Largest attention over time",
            "For every word of a stem, the largest attention that each body part gets at any time (its share times the window), from 0 "
            "at the left to 1 at the right; the darker, the more of the words.",
            png_of(peak_histograms([WordBins(one.stem, one.count, one.peaks) for one in actions[:PANELS]], PEAK_EDGES)),
        )
    return made


def _gates(one: OfStem) -> WordBins:
    return WordBins(one.stem, one.count, one.gates, one.gate)


def _ious(found: Attended) -> list[Measured]:
    return [
        Measured(verb.replace("_", " "), row.words, *_three(row.figures["IoU"]), row.figures["IoU of the whole clip"].value)
        for verb, row in list(found.verbs.items())[:VERBS]
    ]


def _repeats(found: Attended) -> list[Measured]:
    return [
        Measured(f"{prefix}{SHORT[name]}: {figure}", row.words, *_three(value))
        for prefix, rows in (("", found.repeated), ("made, ", found.twice))
        for name, row in rows.items()
        if row.words >= FEWEST
        for figure, value in row.figures.items()
        if figure != "gap"
    ]


def _three(interval: Interval) -> tuple[float, float, float]:
    return interval.value, interval.low, interval.high


def write_pictures(pictures: Mapping[str, Picture], folder: Path) -> list[Path]:
    """Write each picture as a PNG of its name. Raises FormatError for a folder that cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FormatError(f"{folder}: cannot be made ({error.strerror}); give the name of a folder for pictures") from error
    for name, picture in pictures.items():
        write_atomic(folder / f"{name}.png", picture.png)
    return [folder / f"{name}.png" for name in pictures]


# --- the page


def write_report(
    found: Attended, clips: ClipSet, path: Path, pictures: Mapping[str, Picture], *, model: str, about: Sequence[str] = ()
) -> None:
    """Write everything as one page, which loads nothing.

    Args:
        found: the figures.
        clips: what they were found on.
        path: where to write.
        pictures: of `pictures_of`.
        model: its name.
        about: what else was measured with, a line each.

    Raises:
        FormatError: the file cannot be written.
        MissingExtraError: matplotlib is not installed.
    """
    write_atomic(path, page(found, clips, pictures, model=model, about=about).encode())


def page(found: Attended, clips: ClipSet, pictures: Mapping[str, Picture], *, model: str, about: Sequence[str] = ()) -> str:
    """The page of `write_report` as a text."""
    whose = "its own captions" if found.said == "own" else "given captions"
    head = f"{clips.source}, split {clips.split}: {len(clips.clips)} clips, {found.captions} captions ({whose}), {found.words} words"
    sections = [
        f"<h1>What {_text(model)} looks at</h1>",
        *(f'<p class="soft">{_text(line)}</p>' for line in (head, *about, *found.notes)),
        *_tables(found),
        *(_section(picture) for picture in pictures.values()),
        _stems(found),
        *_examples(found, clips),
    ]
    return _PAGE.format(title=_text(f"What {model} looks at"), body="\n".join(part for part in sections if part))


def _tables(found: Attended) -> list[str]:
    made = []
    if found.separation:
        labels = ", ".join(f"{count} {name}" for name, count in found.labelled.items())
        cells = [[name, _cell(value, 2)] for name, value in found.separation.items()]
        made.append(f"<h2>Gate</h2><p>Words by the captioner's labels: {labels}.</p>" + _table(["", "gate"], cells))
    if found.located:
        made.append(f"<h2>Words and stages</h2><p>{_ABOUT_STAGES}</p>" + _rows(found.located))
        made.append(_table(["", "percent"], [[name, _cell(value)] for name, value in found.recalls.items()]))
    if found.repeated or found.twice:
        made.append(f"<h2>Repeated actions</h2><p>{_ABOUT_REPEATED}</p>")
    if found.repeated:
        made.append("<p>Actions that come in several stages of a clip.</p>" + _rows(found.repeated, across=False))
    if found.twice:
        made.append("<p>Clips made for it: one action, a pause, and the same action again.</p>" + _rows(found.twice, across=False))
    return made


def _rows(rows: Mapping[str, Row], *, across: bool = True) -> str:
    names = list(next(iter(rows.values())).figures)
    if across:
        cells = [[name, str(row.words), str(row.clips), *(_figure_cell(row, figure) for figure in names)] for name, row in rows.items()]
        return _table(["", "words", "clips", *names], cells)
    cells = [["words", *(str(row.words) for row in rows.values())], ["clips", *(str(row.clips) for row in rows.values())]]
    return _table(["", *rows], cells + [[figure, *(_figure_cell(row, figure) for row in rows.values())] for figure in names])


def _figure_cell(row: Row, name: str) -> str:
    in_seconds = name in ("onset", "onset off", "gap")
    return _cell(row.figures[name], 2 if in_seconds else 1, " s" if in_seconds else "")


def _cell(interval: Interval, digits: int = 1, unit: str = "") -> str:
    value, low, high = (f"{x:.{digits}f}" for x in _three(interval))
    if interval.value != interval.value:
        return "–"
    return f"{value}{unit} <small>{low} … {high}</small>" if interval.low == interval.low else f"{value}{unit}"


def _stems(found: Attended) -> str:
    names = ["stem", "words", "how often", *(["gate"] if found.has_gate else []), "seconds", *(PARTS if found.has_parts else ())]
    rows = []
    for one in found.stems[:100]:
        forms = ", ".join(list(one.forms)[:6])
        gate = [f"{one.gate:.2f}"] if one.gate is not None else [""] if found.has_gate else []
        parts = [f"{100 * n / max(one.parts.sum(), 1):.0f} %" for n in one.parts] if found.has_parts else []
        rows.append([_text(one.stem), _text(forms), str(one.count), *gate, f"{one.seconds:.1f}", *parts])
    table = _table([name.replace("_", " ") for name in names], rows)
    more = "" if len(found.stems) <= 100 else f" The 100 most frequent of {len(found.stems)}."
    about = f"Mean gate, mean length of the window, and how often each body part has the most attention.{more}"
    return f"<h2>All stems</h2><details><summary>{about}</summary>{table}</details>"


def _examples(found: Attended, clips: ClipSet) -> list[str]:
    return (
        ["<h2>Clips</h2>", *(_example(one, clips.clips[one.heard.clip], parts=found.has_parts) for one in found.shown)]
        if found.shown
        else []
    )


def _example(shown: Shown, clip: Clip, *, parts: bool) -> str:
    place = shown.place if shown.iou is None else f"{shown.place}, mean IoU of its action words {100 * shown.iou:.0f} %"
    lines = [f"<h3>{_text(clip.id)} <small>{place}</small></h3>", f"<p><b>{_text(shown.heard.text)}</b></p>"]
    lines += [f'<p class="soft">given: {_text(" / ".join(clip.captions[:3]))}</p>']
    if clip.true is not None:
        stages = "; ".join(f"{stage.start_s:.2f}–{stage.end_s:.2f} s {stage.brief()}" for stage in clip.true.stages)
        lines.append(f'<p class="soft">performed: {_text(stages)}</p>')
    if parts and shown.heard.captioned.words:
        lines.append(_image(_sheet(shown, clip), f"attention of {clip.id}"))
    else:
        spans = ((word.text, *word.span_s()) for word in shown.heard.captioned.words)
        lines.append(f"<p>{_text('; '.join(f'{text} {start:.2f}–{end:.2f} s' for text, start, end in spans))}</p>")
    return "\n".join(lines)


def _sheet(shown: Shown, clip: Clip) -> bytes:
    """The attention sheet of one caption."""
    from kinelang.captioning.choosing import Candidate, Choice
    from kinelang.captioning.showing import attention_of
    from kinelang.corpora.base import FPS

    captioned = shown.heard.captioned
    choice = Choice("neural", (Candidate(captioned.text, "neural", captioned=captioned),))
    return png_of(attention_sheet(attention_of(choice, len(clip.features) / FPS), title=clip.id))


def _section(picture: Picture) -> str:
    return f"<h2>{_text(picture.title)}</h2><p>{_text(picture.about)}</p>{_image(picture.png, picture.title)}"


def _image(png: bytes, alt: str) -> str:
    return f'<img alt="{_text(alt)}" src="data:image/png;base64,{b64encode(png).decode()}">'


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells are HTML already; headings are text."""
    top = "".join(f"<th>{_text(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{_indented(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _indented(cell: str) -> str:
    return "&emsp;" + cell.lstrip() if cell.startswith("  ") else cell


def _text(value: Any) -> str:
    return html.escape(str(value))


_ABOUT_STAGES = (
    "Percent of the words that look most at a body part of their stages (by chance: if all six were alike); mean IoU, in percent, of "
    "the time in which a word's window is over a half with the stages, beside that of the whole clip; seconds from the start of the "
    "stage to the start of the word's time, and the same without its sign. Verbs told: of the verbs of captions, those that tell of a "
    "stage; stages told: of the stages, those that a verb tells of."
)
_ABOUT_REPEATED = (
    "Words for an action that comes in several stages of one clip. IoU, in percent, of the word's time with the stages it tells of, "
    "the first stage, the nearest, all of them, and from the first start to the last end; percent of the words whose time covers the "
    "middles of all, whose middle is nearest to a stage they tell of, and whose middle lies in none; seconds between the stages."
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #22262b; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.5rem; }} h2 {{ font-size: 1.15rem; margin-top: 2.2rem; }} h3 {{ font-size: 1rem; margin-bottom: .2rem; }}
h3 small, .soft, td small {{ color: #6b7480; font-weight: normal; }}
p {{ margin: .3rem 0; }}
img {{ max-width: 100%; height: auto; display: block; margin: .6rem 0; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; margin: .6rem 0; }}
th, td {{ text-align: right; padding: .2rem .5rem; border-bottom: 1px solid #d9dee4; vertical-align: top; white-space: nowrap; }}
th:first-child, td:first-child {{ text-align: left; }}
th {{ white-space: normal; vertical-align: bottom; }}
td small {{ display: block; font-size: .72rem; }}
summary {{ cursor: pointer; }}
</style>
</head>
<body>
{body}
</body>
</html>
"""
