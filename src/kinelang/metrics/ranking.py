"""Figures of ranked retrieval: where the right answer came, recall at k, median rank, and what chance would give.

Conventions of TMR (Petrovich et al., ICCV 2023; github.com/Mathux/TMR): ranks start at 0, answers whose scores tie share the mean of
their places, recalls are percentages, the median rank starts at 1. Nothing is rounded.
"""

from __future__ import annotations

import numpy as np

from kinelang.errors import KinelangError
from kinelang.metrics.arrays import Array

RECALLS = (1, 2, 3, 5, 10)
"""The k of the published tables."""


def ranks(scores: Array, right: Array, *, first_of_tied: bool = False) -> Array:
    """Where each query's best right answer came: 0 the first.

    Args:
        scores: (Q, A), higher is better.
        right: (Q, A) bool, the answers that count as right; at least one a query.
        first_of_tied: what counts where n answers tie with the best right one, r right ones among them. False, as published: the mean
            of their places, (n - 1) / 2. True: where the first right one stands in the mean over all orders, (n - r) / (r + 1), the
            same for one right answer; for several of one query, such as the captions of a clip.

    Returns:
        (Q,) float64, fractional where answers tie.

    Raises:
        KinelangError: scores that are not finite, a query without a right answer, or arrays of different shapes.
    """
    scores, right = np.asarray(scores), np.asarray(right, dtype=bool)
    if scores.ndim != 2 or scores.shape != right.shape:
        raise KinelangError.of("ranks", f"scores {scores.shape} and right answers {right.shape}", "two arrays (queries, answers)")
    if not np.isfinite(scores).all():
        raise KinelangError.of("scores", "values that are not finite", "a number for every query and answer")
    lacking = np.flatnonzero(~right.any(axis=1))
    if len(lacking):
        raise KinelangError.of(f"query {lacking[0]}", "no right answer among those searched", "at least one", "leave the query out")
    best = np.where(right, scores, -np.inf).max(axis=1, keepdims=True)
    better, same = (scores > best).sum(axis=1), (scores == best).sum(axis=1)
    own = ((scores == best) & right).sum(axis=1) if first_of_tied else 1
    return np.asarray(better + (same - own) / (own + 1))


def recall(at: Array, k: int, weights: Array | None = None) -> Array:
    """Percentage of queries whose right answer is among the first k.

    Args:
        at: (Q,) ranks from 0.
        k: how many answers are looked at.
        weights: (..., Q) how often each query counts; None: once.

    Returns:
        (...) float64, NaN where nothing counts.
    """
    found = (np.asarray(at) < k).astype(np.float64)
    times = np.ones(len(found)) if weights is None else np.asarray(weights, dtype=np.float64)
    total = times.sum(axis=-1)
    return np.asarray(np.where(total > 0, 100 * (times @ found) / np.maximum(total, 1), np.nan))


def median_rank(at: Array, weights: Array | None = None) -> Array:
    """Median of the ranks, counted from 1; arguments and result as for `recall`, weights whole numbers."""
    order = np.argsort(at, kind="stable")
    places = np.asarray(at, dtype=np.float64)[order]
    times = np.ones(len(places), dtype=np.int64) if weights is None else np.asarray(weights)[..., order]
    upto = np.cumsum(times, axis=-1)
    total = upto[..., -1:]
    last = len(places) - 1
    low = np.minimum((upto <= (total - 1) // 2).sum(axis=-1), last)
    high = np.minimum((upto <= total // 2).sum(axis=-1), last)
    middle = (places[low] + places[high]) / 2 + 1
    return np.asarray(np.where(total[..., 0] > 0, middle, np.nan))


def chance_recall(n_right: Array, n_answers: Array, k: int) -> float:
    """Recall at k in percent if the answers came in random order.

    A query with r right ones among A answers misses all of them in the first k with probability C(A-r, k) / C(A, k).

    Args:
        n_right: (Q,) right answers of each query.
        n_answers: (Q,) answers each query searches.
        k: how many are looked at.
    """
    return float(100 * (1 - _missed(*_as_floats(n_right, n_answers), k).mean()))


def chance_median_rank(n_right: Array, n_answers: Array) -> float:
    """Median of the rank, from 1, of the best right answer if the answers came in random order; arguments as for `chance_recall`."""
    pairs, times = np.unique(np.stack(_as_floats(n_right, n_answers)), axis=1, return_counts=True)
    share = times / times.sum()
    missed = np.ones(pairs.shape[1])
    for k in range(int(pairs[1].max())):
        missed = missed * _missing_step(pairs[0], pairs[1], k)
        found = 1 - float(missed @ share)
        if found >= 0.5 - 1e-12:
            return k + 1.5 if abs(found - 0.5) < 1e-12 else k + 1.0  # half and half: between this rank and the next
    return float(pairs[1].max())


def _as_floats(n_right: Array, n_answers: Array) -> tuple[Array, Array]:
    return np.asarray(n_right, dtype=np.float64), np.asarray(n_answers, dtype=np.float64)


def _missed(n_right: Array, n_answers: Array, k: int) -> Array:
    """Probability that none of the first k in random order is right."""
    missed = np.ones(n_right.shape)
    for i in range(k):
        missed = missed * _missing_step(n_right, n_answers, i)
    return missed


def _missing_step(n_right: Array, n_answers: Array, i: int) -> Array:
    """Probability that the answer at place i is wrong, all before it having been wrong."""
    left = np.maximum(n_answers - i, 1)
    return np.asarray(np.maximum((left - n_right) / left, 0.0))
