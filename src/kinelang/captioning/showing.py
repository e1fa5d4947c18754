"""A choice as pictures show it: for every word its window in time and the shares of the body parts (`viewing.attention`)."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kinelang.captioning.explaining import Evidence
from kinelang.corpora.base import FPS
from kinelang.errors import FormatError
from kinelang.models.captioner.parts import PARTS, part_of
from kinelang.viewing import Span, write_html
from kinelang.viewing.attention import PART_JOINTS, AttendedWord, Attention
from kinelang.viewing.attention_sheet import attention_sheet

if TYPE_CHECKING:
    from kinelang.captioning.choosing import Choice
    from kinelang.models.captioner.captioner import Spoken
    from kinelang.motion.arrays import Array
    from kinelang.motion.motion import Motion
    from kinelang.timeline.schema import Timeline

_COLUMN = [PARTS.index(part) for part in PART_JOINTS]
"""The captioner's parts in the order in which they are drawn."""


def attention_of(choice: Choice, duration_s: float) -> Attention:
    """What the words of a caption look at, over a motion of this length.

    A neural word looks at what the network attended to. A narrated one looks at the stages it tells of, and in each at the body parts
    that the stage uses.
    """
    seconds = np.arange(max(1, math.ceil(duration_s * FPS - 1e-6))) / FPS
    captioned = choice.chosen.captioned
    if captioned is not None:
        rows = zip(choice.evidence, (_seen(word, seconds) for word in captioned.words), strict=True)
    else:
        timeline = choice.timeline
        rows = zip(choice.evidence, (_told(e, timeline, seconds) for e in choice.evidence), strict=True)
    texts = _texts(choice)
    words = tuple(
        AttendedWord(text, window, shares, e.gate, _shown(e), _note(e))
        for text, (e, (window, shares)) in zip(texts, rows, strict=True)
        if text
    )
    return Attention(words, FPS, choice.source)


def _texts(choice: Choice) -> list[str]:
    """The words with the signs that stand behind them and are no words: full stops between windows that were told as one."""
    evidence = choice.evidence
    ends = [*(e.start for e in evidence[1:]), len(choice.caption)]
    return [
        choice.caption[e.start : max(end, e.end)].rstrip() if e.end > e.start else "" for e, end in zip(evidence, ends, strict=True)
    ]


def _shown(evidence: Evidence) -> bool:
    """Whether a word is lit without being asked for."""
    return bool(evidence.motion) and bool(evidence.spans_s)


def _note(evidence: Evidence) -> str:
    """Its evidence in words."""
    lines = [", ".join(f"{start:.2f} s to {end:.2f} s" for start, end in evidence.spans_s)]
    if evidence.part is not None:
        lines.append(f"{evidence.part.replace('_', ' ')} {100 * evidence.parts[evidence.part]:.0f} %")
    if evidence.gate is not None:
        lines.append(f"gate {evidence.gate:.2f}")
    if evidence.probability is not None:
        lines.append(f"probability {evidence.probability:.2f}")
    return "\n".join(line for line in lines if line)


def _seen(word: Spoken, seconds: Array) -> tuple[Array, Array]:
    """The window (T,) and the shares (T, 6) of a neural word at given times; nothing outside of what was looked at with it.

    Of a captioner that does not tell parts apart no part has a share.
    """
    start, end = word.clip_s
    inside = (seconds >= start - 1e-6) & (seconds < end + 1 / FPS)
    window = np.exp(-0.5 * ((seconds - word.mean_s) / max(word.deviation_s, 1e-6)) ** 2) * inside
    if not word.parts:
        return window, np.zeros((len(seconds), len(PARTS)))
    shares = np.stack([np.interp(seconds, word.seconds, word.alpha[:, column]) for column in _COLUMN], axis=-1)
    return window, np.clip(shares * inside[:, None], 0, 1)


def _told(evidence: Evidence, timeline: Timeline | None, seconds: Array) -> tuple[Array, Array]:
    """1 within the stages that a word tells of, and the parts they use in equal shares."""
    shares = np.zeros((len(seconds), len(PARTS)))
    for stage in (timeline.stages[i] for i in evidence.stages) if timeline is not None else ():
        parts = np.array(sorted({part_of(name) for name in stage.parts}), dtype=np.intp)
        inside = (seconds >= stage.start_s - 1e-6) & (seconds < stage.end_s - 1e-6)
        shares[np.flatnonzero(inside)[:, None], parts] += 1 / max(len(parts), 1)
    window = (shares.sum(axis=1) > 0).astype(np.float64)
    return window, shares[:, _COLUMN] / np.maximum(shares.sum(axis=1, keepdims=True), 1)


def draw(choice: Choice, motion: Motion, path: str | os.PathLike[str]) -> None:
    """Write what was said of a motion, and why, as a page with a player (.html) or as a picture (.png).

    Raises:
        FormatError: another ending, or a file that cannot be written.
        MissingExtraError: a picture without matplotlib.
    """
    attention = attention_of(choice, motion.duration_s)
    kind = Path(path).suffix.lower()
    if kind == ".html":
        write_html(motion, path, intervals=_stages(choice, motion.duration_s), attention=attention)
    elif kind == ".png":
        attention_sheet(attention, path, title=motion.name)
    else:
        raise FormatError.of(os.fspath(path), f"a picture to write that ends in '{kind}'", "'.html' or '.png'")


def _stages(choice: Choice, duration_s: float) -> list[Span]:
    """The detected stages, where there are any."""
    stages = choice.timeline.stages if choice.timeline is not None else ()
    return [Span(s.brief(), min(s.start_s, duration_s), min(s.end_s, duration_s), "detected", s.confidence) for s in stages]
