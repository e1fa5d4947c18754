"""Sinusoidal positions (Vaswani et al., 2017), the same for torch and its NumPy twin."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from kinelang.motion.arrays import Array


@lru_cache(maxsize=512)
def positions(length: int, width: int) -> Array:
    """(length, width) float32, read-only: column 2i is sin(t / 10000^(2i / width)), column 2i + 1 the cosine."""
    angles = np.arange(length)[:, None] * 10_000.0 ** (-np.arange(0, width, 2) / width)
    made = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, width).astype(np.float32)
    made.setflags(write=False)
    return made
