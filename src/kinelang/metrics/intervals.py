"""Intervals of figures: the bootstrap and the jackknife over recordings, and the spread over replications.

The bootstrap draws recordings with replacement: for means and shares. A distance of distributions grows when motions are drawn twice,
and its bootstrap interval need not even hold the figure: for those the jackknife, which leaves recordings out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kinelang.errors import KinelangError
from kinelang.metrics.arrays import Array

ROUNDS = 1000
BLOCKS = 20
"""Of the jackknife."""
_AT_A_TIME = 100


@dataclass(frozen=True)
class Interval:
    """A figure and where it lies with 95 % confidence."""

    value: float
    low: float
    high: float

    @property
    def apart_from_zero(self) -> bool:
        """Whether zero lies outside."""
        return self.low > 0 or self.high < 0


def drawn(groups: Sequence[str], rounds: int = ROUNDS, seed: int = 0) -> Iterator[Array]:
    """How often each item counts in each round of a bootstrap that draws whole groups with replacement.

    Two systems judged with the same groups, rounds and seed see the same draws: their difference is paired. The draws depend on the
    names of the groups and not on the order of the items.

    Args:
        groups: group of each of N items, such as the recording that a clip is cut from.
        rounds: how many draws.
        seed: of the draws.

    Yields:
        (R, N) int64 for some rounds at a time, `rounds` rows in all.
    """
    names, of_item = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    rng, even = np.random.default_rng(seed), np.full(len(names), 1 / max(len(names), 1))
    for start in range(0, rounds, _AT_A_TIME):
        yield rng.multinomial(len(names), even, size=min(_AT_A_TIME, rounds - start))[:, of_item]


def interval(value: float, samples: Array) -> Interval:
    """The figure with the 2.5 and 97.5 percentiles of its (R,) bootstrap samples; rounds in which it has no value are left out."""
    known = np.asarray(samples, dtype=np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return Interval(float(value), float("nan"), float("nan"))
    low, high = np.percentile(known, [2.5, 97.5])
    return Interval(float(value), float(low), float(high))


def bootstrap(figure: Callable[[Array], Array], groups: Sequence[str], rounds: int = ROUNDS, seed: int = 0) -> Interval:
    """A figure with its bootstrap interval; of a figure that subtracts two systems, the interval of their paired difference.

    Args:
        figure: from weights (R, N) whole numbers, how often each item counts, to the figure (R,).
        groups: group of each of the N items; groups are drawn whole.
        rounds, seed: of the draws; no rounds, no interval.
    """
    samples = np.concatenate([np.zeros(0), *(figure(weights) for weights in drawn(groups, rounds, seed))])
    return interval(float(figure(np.ones((1, len(groups)), dtype=np.int64))[0]), samples)


@dataclass(frozen=True, eq=False)
class Jackknife:
    """A figure of all items, and what it is when each of several blocks of items is left out.

    The difference of two over the same blocks is the paired difference.

    Attributes:
        value: of all.
        without: (J,) the figure without each block; none: no interval.
        shares: (J,) share of the items in each block.
    """

    value: float
    without: Array
    shares: Array

    def __sub__(self, other: Jackknife) -> Jackknife:
        return Jackknife(self.value - other.value, self.without - other.without, self.shares)

    def interval(self) -> Interval:
        """The figure with its 95 % interval: t with J - 1 degrees of freedom; unknown ends where a block leaves no figure.

        Delete-m jackknife for blocks of unequal size (Busing, Meijer & van der Leeden, Statistics and Computing 1999). The interval
        lies about the figure of so many items and takes no bias from it; where the figure is of second order, as a distance of equal
        distributions is, it is too wide rather than too narrow (Efron & Stein, Annals of Statistics 1981).
        """
        from scipy.stats import t

        n = len(self.without)
        if n < 2 or not np.isfinite(self.without).all():
            return Interval(self.value, float("nan"), float("nan"))
        times = 1 / self.shares
        pseudo = times * self.value - (times - 1) * self.without
        centre = n * self.value - ((1 - self.shares) * self.without).sum()
        half = float(t.ppf(0.975, n - 1) * np.sqrt(((pseudo - centre) ** 2 / (times - 1)).mean()))
        return Interval(self.value, self.value - half, self.value + half)


def jackknife(figure: Callable[[Array], float], block_of: Sequence[int] | Array) -> Jackknife:
    """A figure with and without each block.

    Args:
        figure: from which of N items are kept, (N,) bool, to the figure of these.
        block_of: (N) block of each item, from 0; a single block, or none: no interval.
    """
    blocks = np.asarray(block_of)
    kept = np.ones(len(blocks), dtype=bool)
    counts = np.bincount(blocks) if len(blocks) else np.zeros(0)
    if len(counts) < 2:
        return Jackknife(figure(kept), np.zeros(0), np.zeros(0))
    return Jackknife(figure(kept), np.array([figure(blocks != j) for j in range(len(counts))]), counts / len(blocks))


def blocks_of(*sides: Sequence[str], most: int = BLOCKS, seed: int = 0) -> list[Array]:
    """Block of each item of one or several sides: whole groups, each side dealt out evenly, a group of several sides in one block.

    The blocks depend on the names of the groups and not on the order of the items.

    Args:
        sides: of each the groups of its items.
        most: blocks at most; there are never more than a side has groups.
        seed: of the dealing.
    """
    rng = np.random.default_rng(seed)
    dealt: dict[str, int] = {}
    of_sides = [set(groups) for groups in sides]
    n = max(min([most, *map(len, of_sides)]), 1)
    within: dict[tuple[bool, ...], list[str]] = {}
    for name in sorted({name for groups in sides for name in groups}):
        within.setdefault(tuple(name in names for names in of_sides), []).append(name)
    for _, names in sorted(within.items()):
        dealt |= {names[i]: k % n for k, i in enumerate(rng.permutation(len(names)))}
    return [np.array([dealt[name] for name in groups], dtype=np.int64) for groups in sides]


def over_replications(measure: Callable[[np.random.Generator], float], n: int = 20, seed: int = 0) -> Interval:
    """Mean of a random measurement over replications, with 1.96 standard deviations over sqrt(n) to both sides.

    As Guo et al. (CVPR 2022) report their metrics: 20 replications, population standard deviation.

    Raises:
        KinelangError: fewer than one replication.
    """
    if n < 1:
        raise KinelangError.of("replications", f"{n}", "at least 1")
    rng = np.random.default_rng(seed)
    values = np.array([measure(rng) for _ in range(n)], dtype=np.float64)
    mean, half = float(values.mean()), float(1.96 * values.std() / np.sqrt(n))
    return Interval(mean, mean - half, mean + half)
