"""What the files of this package share: the encoder they ask for, the error they raise, how windows are laid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

import numpy as np

from kinelang.errors import KinelangError
from kinelang.motion.arrays import Array

FPS = 20.0
"""Frames a second of the features that are encoded (HumanML3D's)."""


class SearchError(KinelangError):
    """An index that cannot be opened or written, or a query that cannot be asked."""


class Retriever(Protocol):
    """What is needed of a model: text and motion in one space, compared by their cosine.

    Attributes:
        identity: name and content hash; vectors of two identities are never compared.
        width: length d of a vector.
    """

    @property
    def identity(self) -> str: ...  # noqa: D102
    @property
    def width(self) -> int: ...  # noqa: D102

    def encode_texts(self, texts: Sequence[str]) -> Array:
        """(N, d) float32, unit length."""
        ...

    def encode_features(self, features: Sequence[Array]) -> Array:
        """(N, d) float32, unit length, from HumanML3D's raw features, each (T_i, 263)."""
        ...


@dataclass(frozen=True)
class Windows:
    """How a clip is cut before it is encoded. Frames at 20 a second.

    Attributes:
        lengths: of the sliding windows in which moments are looked for.
        stride: frames from one window to the next.
        longest: a clip of more frames has a vector for each piece of this length, the next beginning half a piece later: models
            learn from clips of at most 10 s.
    """

    lengths: tuple[int, ...] = (20, 40, 60)
    stride: int = 10
    longest: int = 200

    def __post_init__(self) -> None:
        if not self.lengths or min(self.lengths) < 2 or self.stride < 1 or self.longest < max(self.lengths):
            found = f"windows of {self.lengths} frames, stride {self.stride}, pieces of {self.longest}"
            raise SearchError.of("windows", found, "lengths of at least 2, a stride of at least 1, pieces longer than the windows")

    def clip_spans(self, n_frames: int) -> Array:
        """The clip, or its pieces: (n, 2) int, first frame and the one after the last."""
        return spans_of(n_frames, self.longest, self.longest // 2)

    def window_spans(self, n_frames: int) -> Array:
        """The sliding windows of all lengths; one of the whole clip where it is shorter than the shortest. (n, 2) int."""
        fitting = [length for length in self.lengths if length <= n_frames] or [n_frames]
        return np.concatenate([spans_of(n_frames, length, self.stride) for length in fitting])


def spans_of(n_frames: int, length: int, stride: int) -> Array:
    """Windows of one length, the last one ending with the clip; the clip itself where it is no longer. (n, 2) int."""
    if n_frames <= length:
        return np.array([[0, n_frames]])
    starts = np.arange(0, n_frames - length + 1, stride)
    if starts[-1] != n_frames - length:
        starts = np.append(starts, n_frames - length)
    return np.stack([starts, starts + length], axis=1)


def open_retriever(folder: str | Path | None = None) -> Retriever:
    """The model in a run folder, or the one that ships."""
    module = import_module("kinelang.models.tmr.retriever")
    return cast("Retriever", module.Retriever.load(None if folder is None else Path(folder)))


def unit(vectors: Array) -> Array:
    """Rows scaled to length 1, float32; a row of zeros stays."""
    vectors = np.asarray(vectors, dtype=np.float32)
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1), dtype=np.float32)


def shown(similarity: float) -> float:
    """A cosine as it is shown to people: cos/2 + 1/2, from 0 (opposite) to 1 (the same), as TMR's own demo shows it."""
    return min(max(0.5 * float(similarity) + 0.5, 0.0), 1.0)
