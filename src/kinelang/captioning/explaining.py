"""Evidence: for every word of a caption when it happens, with which body parts, and whether it was said from the motion.

Of a neural caption it is what the network attended to; of a narrated one it is the stages of the timeline that were told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kinelang.models.captioner.labels import labels_of
from kinelang.models.captioner.parts import PARTS, part_of
from kinelang.models.captioner.vocabulary import SPECIAL, Vocabulary, tokens
from kinelang.timeline.aligning import Told, align, spans

if TYPE_CHECKING:
    from kinelang.models.captioner.captioner import Captioned, Spoken
    from kinelang.timeline.schema import Stage, Timeline

OVER = 0.5
"""A word's time is where its Gaussian exceeds this."""
_BETWEEN = frozenset(" .")
"""What stands in a caption between one word and the next, and is no word."""


@dataclass(frozen=True)
class Evidence:
    """Why a word is said.

    Attributes:
        word: as it stands in the caption.
        start, end: character offsets in the caption; equal where a sign was left out when windows were told as one.
        motion: whether it tells of motion: by the captioner's labels ("kicks", "left") or, of a narrated caption, because it tells of a
            stage; None where the labels do not say.
        gate: beta of a neural caption, 1 said from the motion, 0 from the words before; None of a narrated one, and of a captioner
            without a gate.
        spans_s: (start, end) in seconds of when it happens, in order.
        part: the body part that it is about most, of `PARTS`; None where it is about none, or the captioner does not tell.
        parts: shares of all body parts that it is about, which sum to 1.
        probability: of the word after those before it; None of a narrated caption.
        kind: of a narrated caption, what it says of its stages (`timeline.aligning.KINDS`).
        stages: of a narrated caption, indices in the timeline of the stages that it tells of.
    """

    word: str
    start: int
    end: int
    motion: bool | None = None
    gate: float | None = None
    spans_s: tuple[tuple[float, float], ...] = ()
    part: str | None = None
    parts: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    probability: float | None = None
    kind: str | None = None
    stages: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain data, rounded; what is not known is left out."""
        numbers = {"gate": self.gate, "probability": self.probability}
        said: dict[str, Any] = {"word": self.word, "at": [self.start, self.end], "motion": self.motion}
        said |= {name: round(value, 4) for name, value in numbers.items() if value is not None}
        said |= {"kind": self.kind, "stages": list(self.stages)} if self.kind is not None else {}
        said["spans_s"] = [[round(start, 3), round(end, 3)] for start, end in self.spans_s]
        said |= {"part": self.part, "parts": {name: round(share, 3) for name, share in self.parts.items()}} if self.parts else {}
        return said


def of_captioned(captioned: Captioned) -> tuple[Evidence, ...]:
    """Evidence of a neural caption, word by word."""
    at = places(captioned.text, [word.text for word in captioned.words])
    return tuple(_of_spoken(word, *place) for word, place in zip(captioned.words, at, strict=True))


def of_timeline(caption: str, timeline: Timeline) -> tuple[Evidence, ...]:
    """Evidence of a caption that was narrated from a timeline, or of any caption in the light of one, word by word."""
    told = {word.start: word for word in align(caption, timeline)}
    return tuple(_of_told(caption[w.start : w.end], w.start, w.end, told.get(w.start), timeline) for w in tokens(caption))


def is_motion_word(word: str) -> bool | None:
    """Whether a word tells of motion, by the captioner's labels; None where they do not say."""
    return _labelled(word.lower())


def parts_of(stages: Sequence[Stage]) -> dict[str, float]:
    """Shares of the six body parts in stages, each stage weighing what it lasts."""
    shares = dict.fromkeys(PARTS, 0.0)
    for stage in stages:
        own = {PARTS[part_of(name)] for name in stage.parts}
        for name in own:
            shares[name] += stage.duration_s / len(own)
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items() if share > 0}


def _of_spoken(word: Spoken, start: int, end: int) -> Evidence:
    from math import exp

    return Evidence(
        word.text, start, end, is_motion_word(word.text), word.gate, (word.span_s(OVER),), word.part, word.parts,
        exp(word.log_probability),
    )  # fmt: skip


def _of_told(word: str, start: int, end: int, told: Told | None, timeline: Timeline) -> Evidence:
    if told is None:
        return Evidence(word, start, end, motion=False)
    parts = parts_of([timeline.stages[i] for i in told.stages])
    return Evidence(
        word, start, end, True, None, spans(told.stages, timeline), max(parts, key=lambda name: parts[name], default=None), parts,
        kind=told.kind, stages=told.stages,
    )  # fmt: skip


def places(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where words stand in a caption that was made of them, as character offsets; equal ones for a sign that was left out."""
    found_at, at = [], 0
    for word in words:
        found = text.find(word, at)
        if found < 0 or not _BETWEEN.issuperset(text[at:found]):
            found_at.append((at, at))
        else:
            at = found + len(word)
            found_at.append((found, at))
    return found_at


@lru_cache(maxsize=10_000)
def _labelled(word: str) -> bool | None:
    if [token.text for token in tokens(word)] != [word]:  # <unk>
        return None
    gate = float(labels_of(Vocabulary((*SPECIAL, word))).gate[-1])
    return None if gate < 0 else gate > 0
