"""What captioners answer with: a caption, and for every word of it when it happens and, where the model tells, with which body part."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kinelang.models.captioner.parts import PARTS
from kinelang.motion.arrays import Array


@dataclass(frozen=True, eq=False)
class Spoken:
    """A word and its evidence.

    Attributes:
        text: the word.
        log_probability: of the word after those before it.
        gate: beta: 1 said from the motion, 0 from the language before it; None of a model without a gate.
        mean_s, deviation_s: seconds, of the Gaussian over time.
        clip_s: (start, end) of the clip, or of the window of it, that was looked at.
        seconds: (T,) when its frames are.
        window: (T,) the Gaussian, 1 at its peak.
        alpha: (T, 6) share of each of `PARTS` in a frame's attention; (T, 0) of a model that does not tell parts apart.
    """

    text: str
    log_probability: float
    gate: float | None
    mean_s: float
    deviation_s: float
    clip_s: tuple[float, float]
    seconds: Array
    window: Array
    alpha: Array

    @cached_property
    def map(self) -> Array:
        """The paper's spatio-temporal map: (T, 6), parts times window; (T, 0) where parts are not told apart."""
        return np.asarray(self.alpha * self.window[:, None])

    @cached_property
    def parts(self) -> Mapping[str, float]:
        """The share of each body part, over the window; empty where parts are not told apart."""
        shares = self.map.sum(axis=0) / max(float(self.map.sum()), 1e-9)
        return dict(zip(PARTS[: len(shares)], map(float, shares), strict=True))

    @property
    def part(self) -> str | None:
        """The body part looked at most; None where parts are not told apart."""
        return max(self.parts, key=lambda name: self.parts[name], default=None)

    def span_s(self, over: float = 0.5) -> tuple[float, float]:
        """From when to when the window is over so much, in seconds, within the clip."""
        reach = self.deviation_s * math.sqrt(-2 * math.log(over))
        start, end = self.clip_s
        return min(max(self.mean_s - reach, start), end), max(min(self.mean_s + reach, end), start)


@dataclass(frozen=True, eq=False)
class Captioned:
    """A caption with its evidence.

    Attributes:
        text: the caption.
        words: its words.
        log_probability: of all words and ends.
        score: by which captions of one clip are compared; of a stitched one the mean of its windows'.
        windows: (start, end) in seconds of what was captioned by itself: the clip, or windows of a long one.
        notes: what was done to the clip, one plain sentence each.
        ends: how many of the windows are told, each with an end mark of its own.
    """

    text: str
    words: tuple[Spoken, ...]
    log_probability: float
    score: float
    windows: tuple[tuple[float, float], ...]
    notes: tuple[str, ...] = ()
    ends: int = 1

    @property
    def mean_log_probability(self) -> float:
        """Of a word or an end mark."""
        return self.log_probability / (len(self.words) + self.ends)


def stitched(found: Sequence[Captioned], notes: tuple[str, ...] = ()) -> Captioned:
    """Captions of windows that follow each other as one; the same words in a row are told once, their evidence that of the first."""
    told = [own for i, own in enumerate(found) if i == 0 or own.text != found[i - 1].text]
    text = ". ".join(own.text.rstrip(" .") for own in told if own.text)
    return Captioned(
        text,
        tuple(word for own in told for word in own.words),
        sum(own.log_probability for own in told),
        float(np.mean([own.score for own in told])),
        tuple(window for own in found for window in own.windows),
        notes,
        len(told),
    )
