"""How motion features are normalised before they are encoded. The numbers are saved with the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kinelang.errors import ModelError
from kinelang.models.base import check_tensors
from kinelang.motion.arrays import Array
from kinelang.motion.features import HUMANML3D, block_std

LEAST_DEVIATION = 1e-4
"""A feature that varies less is not scaled up: its variation is rounding. (The release adds 1e-12 to the deviation.)"""
HIDDEN_DEVIATION = 1e9
"""Of a feature that is to be 0, as good as, in every clip."""


def stacked(frames: Array, stack: int) -> Array:
    """Frames (T, D) beside each other, so many a token: (ceil(T / stack), stack D). The last frame fills the last token."""
    lacking = -len(frames) % stack
    if lacking:
        frames = np.concatenate([frames, np.repeat(frames[-1:], lacking, axis=0)])
    return frames.reshape(len(frames) // stack, -1)


@dataclass(frozen=True, eq=False)
class Statistics:
    """Mean and deviation of each feature, (D,) float32."""

    mean: Array
    std: Array

    def __call__(self, features: Array) -> Array:
        """Raw features (..., D) normalised, float32."""
        return np.asarray((features - self.mean) / self.std, dtype=np.float32)

    def arrays(self) -> dict[str, Array]:
        """As they are saved."""
        return {"mean": self.mean, "std": self.std}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], width: int, where: str) -> Statistics:
        """From what was saved. Raises ModelError for other names or shapes, or deviations that are not positive."""
        check_tensors(arrays, {"mean": (width,), "std": (width,)}, where)
        if not (arrays["std"] > 0).all():
            raise ModelError.of(where, "a deviation of 0 or less", "positive ones")
        return cls(arrays["mean"].astype(np.float32), arrays["std"].astype(np.float32))

    def tokens(self, features: Array, stack: int) -> Array:
        """Raw features (T, D), T at least 1, normalised and `stacked`: (ceil(T / stack), stack D)."""
        return stacked(self(features), stack)

    @classmethod
    def of(cls, clips: Iterable[Array], scaling: Literal["features", "blocks"] = "features", hidden: Sequence[str] = ()) -> Statistics:
        """Over all frames of clips (T_i, D); `scaling` and `hidden` as in `config.Data`. Raises ModelError without a frame."""
        n, total, squares = 0, np.zeros(()), np.zeros(())
        for clip in clips:
            wide = np.asarray(clip, dtype=np.float64)
            n, total, squares = n + len(wide), total + wide.sum(axis=0), squares + (wide * wide).sum(axis=0)
        if not n:
            raise ModelError.of("statistics", "no frame", "clips to measure them on")
        mean = total / n
        std = np.sqrt(np.maximum(squares / n - mean * mean, 0))
        if scaling == "blocks":
            std = block_std(std)
        std = np.where(std < LEAST_DEVIATION, 1, std)
        for name in hidden:
            std[HUMANML3D.blocks[name]] = HIDDEN_DEVIATION
        return cls(mean.astype(np.float32), std.astype(np.float32))
