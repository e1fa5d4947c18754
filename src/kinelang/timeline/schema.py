"""`Timeline` and `Stage`: what happens when, with which body part."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from kinelang.errors import TimelineError
from kinelang.language.lexicon import DIRECTIONS, PARTS, PATHS, SIDES, STYLES, VERBS, Verb

SMALLEST_S = 1e-6
"""Stages that share less than this do not overlap."""
LONGEST_S = 24 * 3600.0
_OTHER = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Evidence:
    """What a detected stage was seen by.

    Attributes:
        signal: name of the signal, such as "right wrist above shoulder".
        start_s, end_s: when, in seconds.
        value: what was measured.
        unit: its unit ("deg", "m", "m/s", "Hz", "ratio", "times", "").
    """

    signal: str
    start_s: float
    end_s: float
    value: float
    unit: str = ""


@dataclass(frozen=True)
class Stage:
    """One action, from `start_s` to `end_s` seconds.

    Attributes:
        start_s, end_s: seconds; the end is after the start.
        verb: key of the lexicon's `VERBS`.
        side: the limb: "left", "right", "both", "alternating"; for gaits the foot that goes first; None where not told.
        direction: as the person sees it at the start of the stage (`DIRECTIONS`); of a turn or a circle the sense of turning.
        amount: in the verb's `amount_unit`: metres gone, degrees turned, or size relative to the ordinary (1).
        count: repetitions or steps.
        speed: relative to the ordinary (1).
        style: one of `STYLES`.
        path: way over the ground, one of `PATHS`.
        target: what it is done with, to or on, in words ("ball", "chair").
        parts: body parts it uses, in the order of `PARTS`; left empty, those the lexicon gives for verb and side.
        texts: (body part, words) where someone wrote own words for a part.
        confidence: of a detected stage: probability that it is right, 0 to 1.
        evidence: of a detected stage: what it was seen by.

    Raises:
        TimelineError: naming the field, what was found and what is possible.
    """

    start_s: float
    end_s: float
    verb: str
    side: str | None = None
    direction: str | None = None
    amount: float | None = None
    count: int | None = None
    speed: float | None = None
    style: str | None = None
    path: str | None = None
    target: str | None = None
    parts: tuple[str, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    confidence: float | None = None
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        if self.verb not in VERBS:
            near = get_close_matches(str(self.verb), VERBS, n=3, cutoff=0.5)
            raise TimelineError.of("stage, verb", f"'{self.verb}'", f"one of the {len(VERBS)} verbs", _meant(near))
        where = f"stage '{self.verb}'"
        for name, low in (("start_s", 0.0), ("end_s", 0.0)):
            object.__setattr__(self, name, _number(getattr(self, name), f"{where}, {name}", low, LONGEST_S))
        if self.end_s - self.start_s < SMALLEST_S:
            raise TimelineError.of(where, f"an end at {self.end_s:g} s, start at {self.start_s:g} s", "an end after the start")
        word = self.lexeme
        _choice(self.side, word.sides, SIDES, f"{where}, side")
        _choice(self.direction, word.directions + (("left", "right") if word.paths else ()), DIRECTIONS, f"{where}, direction")
        _choice(self.path, word.paths, PATHS, f"{where}, path")
        _choice(self.style, STYLES, STYLES, f"{where}, style")
        self._check_numbers(where, word)
        if self.target is not None and not (isinstance(self.target, str) and self.target.strip()):
            raise TimelineError.of(f"{where}, target", f"{self.target!r}", "words, or none")
        object.__setattr__(self, "target", None if self.target is None else _one_line(self.target))
        parts = tuple(self.parts) or word.parts_of(self.side)
        for part in (*parts, *(part for part, _ in self.texts)):
            _choice(part, PARTS, PARTS, f"{where}, parts")
        object.__setattr__(self, "parts", tuple(p for p in PARTS if p in parts))
        texts = sorted(((str(p), _one_line(t)) for p, t in self.texts), key=lambda row: PARTS.index(row[0]))
        object.__setattr__(self, "texts", tuple(texts))
        object.__setattr__(self, "evidence", tuple(self.evidence))

    def _check_numbers(self, where: str, word: Verb) -> None:
        if self.count is not None:
            if not word.counted:
                raise TimelineError.of(f"{where}, count", f"{self.count}", "no count: this verb is not counted")
            if isinstance(self.count, bool) or not isinstance(self.count, int) or not 1 <= self.count <= 100_000:
                raise TimelineError.of(f"{where}, count", f"{self.count!r}", "a whole number, at least 1")
        if self.amount is not None:
            if not word.amount_unit:
                raise TimelineError.of(f"{where}, amount", f"{self.amount}", "no amount: this verb has none")
            highest = {"deg": 36_000.0, "m": 100_000.0, "ratio": 10.0}[word.amount_unit]
            object.__setattr__(self, "amount", _number(self.amount, f"{where}, amount", SMALLEST_S, highest))
        if self.speed is not None:
            object.__setattr__(self, "speed", _number(self.speed, f"{where}, speed", 0.01, 100.0))
        if self.confidence is not None:
            object.__setattr__(self, "confidence", _number(self.confidence, f"{where}, confidence", 0.0, 1.0))

    @property
    def lexeme(self) -> Verb:
        """The verb's entry in the lexicon."""
        return VERBS[self.verb]

    @property
    def duration_s(self) -> float:
        """Seconds from start to end."""
        return self.end_s - self.start_s

    def with_(self, **changes: Any) -> Stage:
        """A copy with fields replaced. Where verb or side change and `parts` is not given, the lexicon gives the parts again."""
        if ("verb" in changes or "side" in changes) and "parts" not in changes:
            changes["parts"] = ()
        return replace(self, **changes)

    def mirrored(self) -> Stage:
        """The stage of the mirrored motion: left and right exchanged."""
        from kinelang.language.sides import swap_left_right

        direction = self.direction
        for side, other in _OTHER.items():
            if direction is not None and self.direction is not None and self.direction.endswith(side):
                direction = self.direction[: -len(side)] + other
        return replace(
            self,
            side=_OTHER.get(self.side or "", self.side),
            direction=direction,
            target=None if self.target is None else swap_left_right(self.target),
            parts=tuple(_other_part(part) for part in self.parts),
            texts=tuple((_other_part(part), swap_left_right(text)) for part, text in self.texts),
            evidence=tuple(replace(e, signal=swap_left_right(e.signal)) for e in self.evidence),
        )

    def shifted(self, seconds: float) -> Stage:
        """The same stage, later by `seconds`."""
        evidence = tuple(replace(e, start_s=e.start_s + seconds, end_s=e.end_s + seconds) for e in self.evidence)
        return replace(self, start_s=self.start_s + seconds, end_s=self.end_s + seconds, evidence=evidence)

    def brief(self) -> str:
        """A few words, for labels: "kick right", "turn left 90°", "walk forward 6 steps, left foot first"."""
        steps = self.lexeme.counted == "steps"
        first = f", {self.side} foot first" if steps and self.side in ("left", "right") else ""
        words = [self.lexeme.base, "" if first else self.side or "", (self.direction or "").replace("_", " ")]
        if self.path not in (None, "straight"):
            words.append(str(self.path).replace("_", " "))
        if self.lexeme.amount_unit == "deg" and self.amount is not None:
            words.append(f"{self.amount:.0f}°")
        if self.count is not None:
            words.append(f"{self.count} steps" if steps else f"×{self.count}")
        if self.style is not None:
            words.append(self.style)
        return " ".join(word for word in words if word) + first


@dataclass(frozen=True)
class Timeline:
    """Stages in order of time. Between and beside them the person stands, or keeps the posture last taken.

    Attributes:
        stages: sorted by start, then end, then verb. Stages may overlap if they use different body parts.
        fps: frames a second that `perform` uses unless told otherwise, and the grid that `detect` worked on.
        duration_s: length; left at 0, the end of the last stage.
        name: what it is called.
        source: where it came from.
        notes: what was inferred or left out, one plain sentence each.

    Raises:
        TimelineError: two stages on one body part at one time, or a duration before the last end.
    """

    stages: tuple[Stage, ...] = ()
    fps: float = 20.0
    duration_s: float = 0.0
    name: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = f"timeline '{self.name}'" if self.name else "timeline"
        ordered = tuple(sorted(self.stages, key=lambda s: (s.start_s, s.end_s, s.verb, s.side or "")))
        object.__setattr__(self, "stages", ordered)
        object.__setattr__(self, "name", _one_line(self.name))
        object.__setattr__(self, "notes", tuple(self.notes))
        object.__setattr__(self, "fps", _number(self.fps, f"{where}, fps", 0.1, 10_000.0))
        last = max((s.end_s for s in ordered), default=0.0)
        duration = _number(self.duration_s, f"{where}, duration_s", 0.0, LONGEST_S) or last
        if duration < last - SMALLEST_S:
            raise TimelineError.of(f"{where}, duration_s", f"{duration:g}", f"at least {last:g}, the end of the last stage")
        object.__setattr__(self, "duration_s", duration)
        for a, b in overlaps(ordered):
            shared = ", ".join(p for p in a.parts if p in b.parts)
            found = f"'{a.verb}' {a.start_s:g}-{a.end_s:g} s and '{b.verb}' {b.start_s:g}-{b.end_s:g} s both with {shared}"
            raise TimelineError.of(where, found, "overlapping stages with different body parts", "move or shorten one of them")

    @cached_property
    def verbs(self) -> tuple[str, ...]:
        """Verbs in order, each once."""
        return tuple(dict.fromkeys(s.verb for s in self.stages))

    def with_(self, **changes: Any) -> Timeline:
        """A copy with fields replaced."""
        return replace(self, **changes)

    def mirrored(self) -> Timeline:
        """The timeline of the mirrored motion."""
        return replace(self, stages=tuple(s.mirrored() for s in self.stages))

    def __len__(self) -> int:
        return len(self.stages)


def overlaps(stages: Iterable[Stage]) -> list[tuple[Stage, Stage]]:
    """Pairs of stages that share time and a body part."""
    found: list[tuple[Stage, Stage]] = []
    open_: list[Stage] = []
    for stage in sorted(stages, key=lambda s: s.start_s):
        open_ = [s for s in open_ if s.end_s - stage.start_s > SMALLEST_S]
        found += [(s, stage) for s in open_ if set(s.parts) & set(stage.parts)]
        open_.append(stage)
    return found


def _other_part(part: str) -> str:
    side, _, limb = part.partition("_")
    return f"{_OTHER[side]}_{limb}" if side in _OTHER else part


def _one_line(text: object) -> str:
    """Text with each run of blanks and line breaks as one blank."""
    return " ".join(str(text).split())


def _number(value: Any, where: str, low: float, high: float) -> float:
    """The value as a finite float between the bounds, or TimelineError."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or not low <= value <= high:
        raise TimelineError.of(where, f"{value!r}", f"a number from {low:g} to {high:g}")
    return float(value)


def _choice(value: str | None, allowed: tuple[str, ...], known: tuple[str, ...], where: str) -> None:
    if value is None or value in allowed:
        return
    near = get_close_matches(str(value), allowed, n=2, cutoff=0.5)
    expected = f"one of {', '.join(allowed)}" if allowed else "none: this verb has none"
    raise TimelineError.of(where, f"'{value}'" + ("" if value in known else " (unknown)"), expected, _meant(near))


def _meant(near: list[str]) -> str:
    return f"did you mean {' or '.join(near)}?" if near else ""
