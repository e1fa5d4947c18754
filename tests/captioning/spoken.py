"""Captions made by hand, with words that look where they are told to, and a captioner that says them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from kinelang.models.captioner.captioner import Captioned, Spoken
from kinelang.models.captioner.parts import PARTS

LONG_S = 4.0


def word(text: str, part: str = "root", mean_s: float = 2.0, deviation_s: float = 0.5, gate: float = 0.9, p: float = 0.5) -> Spoken:
    """A word that looks at one part alone."""
    seconds = np.arange(0.05, LONG_S, 0.2)
    alpha = np.zeros((len(seconds), len(PARTS)))
    alpha[:, PARTS.index(part)] = 1
    window = np.exp(-0.5 * ((seconds - mean_s) / deviation_s) ** 2)
    return Spoken(text, math.log(p), gate, mean_s, deviation_s, (0.0, LONG_S), seconds, window, alpha)


def said(text: str, words: Sequence[Spoken] | None = None, p: float = 0.5, notes: tuple[str, ...] = ()) -> Captioned:
    """A caption of words of one probability."""
    spoken = tuple(word(t, p=p) for t in text.split()) if words is None else tuple(words)
    total = (len(spoken) + 1) * math.log(p)
    return Captioned(text, spoken, total, total, ((0.0, LONG_S),), notes)


class ByHand:
    """A captioner that says the same of everything."""

    identity = "by-hand@0"

    def __init__(self, *captions: Captioned) -> None:
        self.captions = captions
        self.explained: list[str] = []

    def caption(self, clips: Sequence[object], *, beam: int, n: int) -> list[list[Captioned]]:
        assert n <= beam
        return [list(self.captions[:n]) for _ in clips]

    def explain_several(self, clips: Sequence[object], captions: Sequence[Sequence[str]]) -> list[list[Captioned]]:
        assert len(clips) == len(captions)
        self.explained += [text for own in captions for text in own]
        return [[said(text, p=0.1) for text in own] for own in captions]


class Meets:
    """A matcher that finds captions with one word near every motion, all others far."""

    identity = "meets@0"

    def __init__(self, liked: str) -> None:
        self.liked = liked

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[1.0, 0.0] if self.liked in text else [0.0, 1.0] for text in texts], np.float32)

    def encode_features(self, features: Sequence[np.ndarray]) -> np.ndarray:
        return np.array([[1.0, 0.0]] * len(features), np.float32)
