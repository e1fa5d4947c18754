"""Intervals of figures: the bootstrap over recordings, and the spread over replications."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kinelang.errors import KinelangError
from kinelang.metrics.arrays import Array

ROUNDS = 1000
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
