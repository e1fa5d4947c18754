"""What a prompt asks for: a timeline with times, the words of its intervals, and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from textwrap import shorten

from kinelang.corpora.base import FPS
from kinelang.errors import KinelangError, TimelineError
from kinelang.generating.still import without_still
from kinelang.language.encoders.base import normal_text
from kinelang.models.finemogen.model import Told
from kinelang.timeline import Stage, Timeline, description_matrix, parse
from kinelang.timeline.actions import ACTIONS

Prompt = str | Timeline | Sequence[tuple[str, float | None]]
"""What a motion is made of: English, a timeline, or texts that are done in turn, each with its seconds (None: as long as it takes)."""
SHORTEST_S, LONGEST_S = 0.5, 600.0
"""Seconds of a motion that can be asked for."""
FAR = 3.0
"""How many times longer or shorter than usual a motion is to be when that is told."""
LONGEST_QUOTE = 100
"""Letters of a text that a note repeats."""
_AT_ONCE = re.compile(r"\b(?:while|whilst|at once|simultaneously|at the same time)\b", re.IGNORECASE)
UNREAD_S = 4.0
"""Length of a motion whose text says no action that is known, unless it is asked for."""


@dataclass(frozen=True)
class Wanted:
    """What was asked for.

    Attributes:
        timeline: its stages, with times; none where no action was recognised.
        text: the prompt, if it was one text.
        told: the words of every interval, which cover the motion.
        notes: what was inferred or not understood.
        whole: whether all of it was understood.
        words: texts of the prompt: the one, those in turn, or those that stages have for parts of the body.
        unread: frames [first, last) of texts in turn in which no action was recognised.
    """

    timeline: Timeline
    text: str | None
    told: tuple[Told, ...]
    notes: tuple[str, ...]
    whole: bool = True
    words: tuple[str, ...] = ()
    unread: tuple[tuple[int, int], ...] = ()

    @property
    def frames(self) -> int:
        """Length of the motion."""
        return sum(told.frames for told in self.told)

    @property
    def performable(self) -> Timeline:
        """The stages that there are actions for."""
        return self.timeline.with_(stages=tuple(s for s in self.timeline.stages if s.verb in ACTIONS))


def read(prompt: Prompt, seconds: float | None = None, *, asked: bool = True) -> Wanted:
    """Read a prompt.

    Args:
        prompt: English, a timeline, or texts in turn.
        seconds: length of the motion; a timeline is stretched to it. None: as long as the stages take. Texts in turn have their own.
        asked: whether somebody asked for the length; what comes of a path is not told.

    Raises:
        KinelangError: an empty text.
        TimelineError: a length that cannot be, an empty timeline, or a body part that is to move and to be still at once.
    """
    check_seconds(seconds)
    if not isinstance(prompt, (str, Timeline)):
        return _in_turn(prompt, seconds)
    if isinstance(prompt, Timeline):
        if not prompt.stages and not prompt.duration_s:
            raise TimelineError.of("timeline", "no stage and no duration", "at least one stage")
        timeline, text, notes, whole = prompt, None, list(prompt.notes), True
        words = tuple(own for stage in prompt.stages for _, own in stage.texts)
    else:
        text = normal_text(prompt)
        timeline, notes, whole = _parsed(text, seconds)
        words = (text,)
    if seconds is not None and abs(timeline.duration_s - seconds) > 1e-6:
        if asked and timeline.stages and not 1 / FAR <= seconds / timeline.duration_s <= FAR:
            how = "stretched" if seconds > timeline.duration_s else "squeezed"
            notes.append(f"Takes {timeline.duration_s:.1f} s at its usual pace; {how} to {seconds:g} s.")
        timeline = stretched(timeline, seconds)
    if not SHORTEST_S <= timeline.duration_s <= LONGEST_S:
        found = f"{timeline.duration_s:g} s"
        raise TimelineError.of("timeline", found, f"{SHORTEST_S:g} to {LONGEST_S:g} s", "say how long it is to be with seconds")
    return Wanted(timeline, text, told(timeline, text), tuple(notes), whole, words)


def _in_turn(prompt: Sequence[tuple[str, float | None]], seconds: float | None) -> Wanted:
    """Texts that follow each other, each read alone; every one takes whole frames."""
    if seconds is not None:
        raise TimelineError.of("seconds", f"{seconds:g} beside texts in turn", "none", "give each text its own: [(text, seconds), ...]")
    pairs = _pairs(prompt)
    each = [_one_of(i, *pair) for i, pair in enumerate(pairs, 1)]
    starts = [0]
    for one in each:
        starts.append(starts[-1] + one.frames)
    if starts[-1] > LONGEST_S * FPS:
        found = f"{starts[-1] / FPS:g} s in all"
        raise TimelineError.of("texts in turn", found, f"{SHORTEST_S:g} to {LONGEST_S:g} s", "join several motions for a longer one")
    whole_frames = [stretched(one.timeline, one.frames / FPS) for one in each]
    stages = [stage.shifted(at / FPS) for timeline, at in zip(whole_frames, starts, strict=False) for stage in timeline.stages]
    name = shorten(", then ".join(text for text, _ in pairs), 200, placeholder=" ...")
    return Wanted(
        Timeline(tuple(stages), fps=FPS, duration_s=starts[-1] / FPS, name=name),
        None,
        tuple(told for one in each for told in one.told),
        tuple(f"Text {i}: {note}" for i, one in enumerate(each, 1) for note in one.notes),
        all(one.whole for one in each),
        tuple(text for one in each for text in one.words),
        tuple((at, end) for one, at, end in zip(each, starts, starts[1:], strict=False) if not one.timeline.stages),
    )


def _pairs(prompt: object) -> list[tuple[str, float | None]]:
    expected, remedy = "English, a timeline, or texts in turn", "such as [('walk forward', 3), ('sit down', 2)]"
    if not isinstance(prompt, Sequence) or isinstance(prompt, bytes):
        raise TimelineError.of("prompt", f"a {type(prompt).__name__}", expected, remedy)
    if not prompt:
        raise TimelineError.of("texts in turn", "none", "at least one", remedy)
    for i, pair in enumerate(prompt, 1):
        if not (isinstance(pair, (tuple, list)) and len(pair) == 2 and isinstance(pair[0], str)):
            raise TimelineError.of(f"text {i}", shorten(repr(pair), 60, placeholder=" ..."), "a text and its seconds, or None", remedy)
    return [(text, own) for text, own in prompt]


def _one_of(number: int, text: str, seconds: float | None) -> Wanted:
    """One of the texts in turn; its number stands before what is wrong with it."""
    try:
        return read(text, seconds)
    except KinelangError as error:
        raise type(error)(f"text {number}, {error}") from None


def check_seconds(seconds: float | None) -> None:
    """Raises TimelineError for a length that cannot be."""
    if seconds is None:
        return
    if isinstance(seconds, bool) or not isinstance(seconds, Real):
        raise TimelineError.of("seconds", repr(seconds), f"a number from {SHORTEST_S:g} to {LONGEST_S:g}")
    if not SHORTEST_S <= seconds <= LONGEST_S:
        remedy = "join several motions for a longer one" if seconds > LONGEST_S else ""
        raise TimelineError.of("seconds", f"{seconds:.10g}", f"{SHORTEST_S:g} to {LONGEST_S:g}", remedy)


def _parsed(text: str, seconds: float | None) -> tuple[Timeline, list[str], bool]:
    """(The timeline, notes, whether all was understood)."""
    moving, still = without_still(text)
    parsed = parse(moving, fps=FPS)
    notes = [f"Not understood as motion, left to the model: '{_cut(span.text)}' ({span.reason})." for span in parsed.not_understood]
    if still:
        notes.append(f"To be still, so no stage moves it: {', '.join(still).replace('_', ' ')}.")
    timeline = parsed.timeline
    if len(timeline.stages) > 1 and _AT_ONCE.search(moving) and not _overlapping(timeline):
        notes.append("What is said to happen at once takes the same parts of the body, and is done one after the other.")
    if not timeline.stages:
        duration = UNREAD_S if seconds is None else seconds
        notes.append(f"No action was recognised; the model alone reads the text, for {duration:g} s.")
        timeline = Timeline((), fps=FPS, duration_s=duration)
    return timeline, notes, bool(parsed.timeline.stages) and not parsed.not_understood


def _overlapping(timeline: Timeline) -> bool:
    """Whether any two stages go on at one time."""
    return any(later.start_s < earlier.end_s for earlier, later in pairwise(timeline.stages))


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST_QUOTE else f"{words[: LONGEST_QUOTE - 3]}..."


def stretched(timeline: Timeline, seconds: float) -> Timeline:
    """The timeline with all its times in proportion, so that it takes so long."""
    if not timeline.duration_s:
        return timeline.with_(duration_s=seconds)
    f = seconds / timeline.duration_s
    stages = tuple(s.with_(start_s=s.start_s * f, end_s=min(s.end_s * f, seconds), parts=s.parts) for s in timeline.stages)
    return timeline.with_(stages=stages, duration_s=seconds)


def told(timeline: Timeline, text: str | None = None) -> tuple[Told, ...]:
    """The words of every interval of a timeline: the rows of its description matrix.

    Where a text has but one stage, or none that was recognised, its own words stand for the whole.
    """
    frames = round(timeline.duration_s * FPS)
    if not timeline.stages:
        return (Told(frames, text or "the person stands still"),)
    rows = description_matrix(timeline)
    said = [row.stages for row in rows if row.stages]
    own = text if text is not None and len(set(said)) == 1 else None
    out: list[Told] = []
    at = 0
    for i, row in enumerate(rows):
        end = frames if i == len(rows) - 1 else min(round(row.end_s * FPS), frames)
        cells = [sentence for _, sentence in row.cells]
        if end > at:
            out.append(Told(end - at, own if own and row.stages else cells[0], tuple(cells[1:])))
            at = end
    return tuple(out)


def moving_at(timeline: Timeline, frame: int) -> list[Stage]:
    """The stages that go on in a frame."""
    return [stage for stage in timeline.stages if stage.start_s <= frame / FPS < stage.end_s]
