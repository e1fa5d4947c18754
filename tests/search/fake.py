"""A model that needs no weights: what moves how much, against what the words say moves. Deterministic, and right about the obvious."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WORDS = {
    "walk": {0: 3.0}, "walks": {0: 3.0}, "run": {0: 5.0}, "runs": {0: 5.0},
    "turn": {1: 3.0}, "turns": {1: 3.0}, "squat": {2: 3.0}, "squats": {2: 3.0},
    "wave": {3: 1.0, 4: 1.0}, "waves": {3: 1.0, 4: 1.0}, "left": {3: 0.4}, "right": {4: 0.4},
    "kick": {5: 1.0, 6: 1.0}, "kicks": {5: 1.0, 6: 1.0}, "stand": {7: 2.0}, "stands": {7: 2.0},
}  # fmt: skip
"""Word -> what it says of the eight numbers."""

_LEFT_WRIST, _RIGHT_WRIST, _LEFT_FOOT, _RIGHT_FOOT = 20, 21, 10, 11


class FakeRetriever:
    """The `Retriever` of the contract."""

    def __init__(self, identity: str = "fake@1", width: int = 12, slow_s: float = 0.0) -> None:
        self.identity, self.width, self.slow_s = identity, width, slow_s
        self.encoded = 0
        """How many windows and clips it has encoded."""

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(texts), self.width), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().replace(",", " ").replace(".", " ").split():
                for at, value in WORDS.get(word, {}).items():
                    row[at] += value
            row[8] = 0.3
        return _unit(rows)

    def encode_features(self, features: Sequence[np.ndarray]) -> np.ndarray:
        if self.slow_s:
            import time

            time.sleep(self.slow_s)
        self.encoded += len(features)
        rows = np.zeros((len(features), self.width), np.float32)
        for row, x in zip(rows, features, strict=True):
            row[:9] = _numbers(x)
        return _unit(rows)


def _numbers(x: np.ndarray) -> list[float]:
    joints = x[:, 4:67].reshape(len(x), 21, 3)
    speed = x[:, 193:259].reshape(len(x), 22, 3)
    travel = float(np.linalg.norm(x[:, 1:3], axis=1).mean()) * 20
    turn = abs(float(x[:, 0].mean())) * 40
    low = float(x[:, 3].max() - x[:, 3].min()) * 3
    wrists = [float(np.maximum(joints[:, j - 1, 1] - 1.0, 0).mean()) * 6 for j in (_LEFT_WRIST, _RIGHT_WRIST)]
    feet = [float(np.abs(speed[:, j]).max()) * 2 for j in (_LEFT_FOOT, _RIGHT_FOOT)]
    return [travel * 2, turn, low, *wrists, *feet, 0.2, 0.3]


def _unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
