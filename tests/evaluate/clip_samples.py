"""Clips to search among, made by hand: what is seen in them is what is told of them."""

from __future__ import annotations

import numpy as np

from kinelang.evaluate.clips import Clip, ClipSet
from kinelang.timeline import Timeline, from_text

SCORES = {
    "walks forward": "0-3 walk direction=forward",
    "waves the left hand": "0-3 wave side=left count=3",
    "waves the right hand": "0-3 wave side=right count=3",
    "kicks with the left leg": "0-1.5 kick side=left",
    "kicks with the right leg": "0-1.5 kick side=right",
    "jumps twice": "0-3 jump count=2",
}
"""What is told, and the timeline that a perfect detector sees."""


class Bags:
    """A sentence encoder that counts words: the same words, the same direction."""

    identity, width = "bags-of-words@0", 64

    def tokens(self, texts):
        raise NotImplementedError

    def sentences(self, texts):
        rows = np.zeros((len(texts), self.width), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().replace(",", " ").replace(".", " ").split():
                row[sum(map(ord, word)) % self.width] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def features(seed: int, n: int = 40) -> np.ndarray:
    """Features that no body made, smooth in time."""
    return np.cumsum(0.1 * np.random.default_rng(seed).standard_normal((n, 263)), axis=0).astype(np.float32)


def clip(i: int, text: str, score: str, n: int = 40, **more: object) -> Clip:
    timeline: Timeline = from_text(score)
    return Clip(f"clip{i}", f"recording{i}", (f"a person {text}", f"someone {text}"), features(i, n), timeline=timeline, **more)


def six_clips(captions: str = "all") -> ClipSet:
    """One clip a line of `SCORES`, two captions each."""
    made = [clip(i, text, score) for i, (text, score) in enumerate(SCORES.items())]
    if captions == "first":
        made = [Clip(c.id, c.group, c.captions[:1], c.features, timeline=c.timeline) for c in made]
    return ClipSet("by hand", "val", 0, captions, tuple(made))


class Knowing:
    """A model that knows which text belongs to which features: a one-hot vector for each clip of `six_clips`, or its mirror image."""

    identity, width = "knowing@1", 8

    def __init__(self, blurred: float = 0.0) -> None:
        self.blurred, self.asked, self.looked = blurred, 0, 0
        self._keys = {c.features.tobytes(): i for i, c in enumerate(six_clips().clips)}

    def encode_texts(self, texts):
        self.asked += len(texts)
        at = [next((i for i, told in enumerate(SCORES) if text.endswith(told)), 7) for text in texts]
        return self._vectors(at)

    def encode_features(self, features):
        self.looked += len(features)
        return self._vectors([self._keys.get(np.ascontiguousarray(x).tobytes(), 6) for x in features])

    def _vectors(self, at):
        rows = self.blurred + np.eye(self.width, dtype=np.float32)[np.array(at, dtype=int)]
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
