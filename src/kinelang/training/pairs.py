"""What every model learns from and is validated on: the captioned clips of several corpora, and what is measured on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kinelang.errors import CorpusError
from kinelang.models.tmr.statistics import Statistics
from kinelang.motion.arrays import Array
from kinelang.motion.features import mirror_features
from kinelang.training.data import Clips

STATISTICS_CLIPS = 5000
"""Clips at most on which mean and deviation are measured: more change nothing."""
GALLERY = 1000
"""Held-out clips at most of one corpus on which training is validated."""
LEAST_GALLERY = 32
"""A corpus with fewer held-out clips (R-precision's batch) is reported, but has no say in which checkpoint is the best."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """The clips of several corpora with what they are captioned with; some seen several times an epoch.

    Attributes:
        corpora: the clips.
        order: corpus and clip of each pair of an epoch.
        lengths: frames of each.
    """

    corpora: tuple[Clips, ...]
    order: tuple[tuple[int, int], ...]
    lengths: tuple[int, ...]

    @classmethod
    def of(cls, shown: Sequence[tuple[Clips, int]], min_frames: int) -> Pairs:
        """All clips of at least so many frames, each so often as is said of its corpus. Raises CorpusError if there is none."""
        corpora = tuple(clips for clips, _ in shown)
        order = [
            (c, i)
            for c, (clips, times) in enumerate(shown)
            for i in range(len(clips))
            if clips.length(i) >= min_frames
            for _ in range(times)
        ]
        if not order:
            names = ", ".join(clips.name for clips in corpora)
            raise CorpusError.of(f"corpora {names}", "no clip that is long enough", f"clips of {min_frames} frames or more")
        return cls(corpora, tuple(order), tuple(corpora[c].length(i) for c, i in order))

    def __len__(self) -> int:
        return len(self.order)

    def clip(self, n: int) -> Array:
        """Raw features of pair n, (T, 263)."""
        c, i = self.order[n]
        return self.corpora[c][i]

    def captions(self, n: int) -> tuple[str, ...]:
        """Captions of pair n."""
        c, i = self.order[n]
        return self.corpora[c].captions[i]

    def texts(self) -> Iterator[str]:
        """All captions of all pairs."""
        return (text for n in range(len(self)) for text in self.captions(n))


def galleries_of(held_out: Sequence[Clips], min_frames: int) -> dict[str, Pairs]:
    """The first `GALLERY` clips of each corpus, by its name."""
    found = {clips.name: Pairs.of([(clips, 1)], min_frames) for clips in held_out}
    return {name: Pairs(pairs.corpora, pairs.order[:GALLERY], pairs.lengths[:GALLERY]) for name, pairs in found.items()}


def statistics_of(
    pairs: Pairs, seed: int, scaling: Literal["features", "blocks"] = "features", hidden: Sequence[str] = (), *, mirror: bool = False
) -> Statistics:
    """Of clips as training shows them: as often, and mirrored too where it mirrors. `scaling` and `hidden` as in `tmr.config.Data`."""
    some = np.random.default_rng(seed).permutation(len(pairs))[:STATISTICS_CLIPS]

    def clips() -> Iterator[Array]:
        for n in some:
            clip = pairs.clip(int(n))
            yield clip
            if mirror:
                yield mirror_features(clip)

    return Statistics.of(clips(), scaling, hidden)


def mean_of_large(figures: Mapping[str, Mapping[str, float]], held_out: Mapping[str, Pairs], name: str) -> float:
    """The mean of a figure over the corpora with at least `LEAST_GALLERY` held-out clips; over all where none has as many."""
    large = [corpus for corpus, pairs in held_out.items() if len(pairs) >= LEAST_GALLERY] or list(figures)
    return float(np.mean([figures[corpus][name] for corpus in large]))


def flat(figures: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Figures of corpora as CORPUS/FIGURE."""
    return {f"{corpus}/{name}": value for corpus, values in figures.items() for name, value in values.items()}
