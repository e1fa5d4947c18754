"""The detected stages of many motions, in columns: read from the store once, weighed against those asked for all at once.

`structure.compare` looks at one motion. Of hundreds of candidates it need only look at those that may be among the best: how well a
motion can agree at most is told for all of them together, by the same rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from kinelang.language.lexicon.alike import alike
from kinelang.motion.arrays import Array
from kinelang.search.store import Seen, Store
from kinelang.search.structure import Weights, fit, kindred, opposite

KEPT = 100_000
"""Motions whose stages are kept in memory, some 35 MB; beyond them all are forgotten, and read again when they are needed."""

_Kind = tuple[str, str | None, str | None, int | None]
"""Verb, side, direction and count of a stage: there are many stages of few kinds."""


@dataclass(frozen=True, eq=False)
class Columns:
    """The stages of N motions, S together, motion by motion and in order of time.

    Attributes:
        counts: stages of each motion. (N,) int64.
        kinds: what they are, as numbers of `StageTable`. (S,) int64.
        start_s, end_s, confidence: (S,) float64.
        names: kind -> verb, side, direction, count.
    """

    counts: Array
    kinds: Array
    start_s: Array
    end_s: Array
    confidence: Array
    names: Sequence[_Kind]

    @property
    def owners(self) -> Array:
        """The row of the motion of each stage, 0 to N - 1. (S,) int64."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    def last_s(self) -> Array:
        """When the last stage of each motion ends, 0 for none. (N,) float64."""
        last = np.zeros(len(self.counts))
        np.maximum.at(last, self.owners, self.end_s)
        return last

    def within(self, start_s: Array, end_s: Array) -> Columns:
        """The stages of which at least half is in the stretch of their motion, or that fill at least half of it.

        Args:
            start_s, end_s: of the stretch of each motion, (N,).
        """
        owners = self.owners
        first, last = start_s[owners], end_s[owners]
        shared = np.minimum(self.end_s, last) - np.maximum(self.start_s, first)
        kept = shared >= 0.5 * np.minimum(self.end_s - self.start_s, last - first)
        counts = np.bincount(owners[kept], minlength=len(self.counts))
        return Columns(counts, self.kinds[kept], self.start_s[kept], self.end_s[kept], self.confidence[kept], self.names)

    def seen(self, rows: Sequence[int]) -> list[list[Seen]]:
        """The stages of some of the motions, one by one."""
        ends = np.cumsum(self.counts)
        made = []
        for row in rows:
            part = slice(int(ends[row] - self.counts[row]), int(ends[row]))
            numbers = (a[part].tolist() for a in (self.kinds, self.start_s, self.end_s, self.confidence))
            made.append([Seen(*self.names[kind], *rest) for kind, *rest in zip(*numbers, strict=True)])
        return made


class StageTable:
    """The stages of the motions that were looked at lately. They never change: a motion that is read again has a new number.

    Args:
        most: motions kept.
    """

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._number: dict[_Kind, int] = {}
        self._names: list[_Kind] = []
        self._places: dict[int, tuple[int, int]] = {}  # motion -> first row and number of rows
        self._rows = np.empty((1024, 4))  # kind, start, end, confidence
        self._n = 0

    def of(self, store: Store, motions: Sequence[int]) -> Columns:
        """The stages of some motions, in the order of `motions`; none of those that are not there. Errors as for `Store`."""
        missing = [motion for motion in motions if motion not in self._places]
        if missing:
            if len(self._places) + len(missing) > self._most:
                self._places, self._n, missing = {}, 0, list(motions)
            self._take_in(store, missing)
        places = np.array([self._places[motion] for motion in motions], dtype=np.int64).reshape(-1, 2)
        firsts, counts = places[:, 0], places[:, 1]
        rows = self._rows[np.arange(counts.sum()) + np.repeat(firsts - (np.cumsum(counts) - counts), counts)]
        start_s, end_s, confidence = np.ascontiguousarray(rows[:, 1:].T)
        return Columns(counts, rows[:, 0].astype(np.int64), start_s, end_s, confidence, self._names)

    def _take_in(self, store: Store, motions: Sequence[int]) -> None:
        found = store.stages(motions)
        numbers = np.fromiter((self._kind(row[1:5]) for row in found), dtype=np.float64, count=len(found))
        if self._n + len(found) > len(self._rows):
            more = np.empty((2 * (self._n + len(found)), 4))
            more[: self._n] = self._rows[: self._n]
            self._rows = more
        part = self._rows[self._n : self._n + len(found)]
        part[:, 0] = numbers
        part[:, 1:] = np.array([row[5:] for row in found]).reshape(-1, 3)
        owners, firsts, counts = np.unique([row[0] for row in found], return_index=True, return_counts=True)
        self._places.update(dict.fromkeys(motions, (0, 0)))
        places = zip((firsts + self._n).tolist(), counts.tolist(), strict=True)
        self._places.update(zip(owners.tolist(), places, strict=True))
        self._n += len(found)

    def _kind(self, name: _Kind) -> int:
        number = self._number.get(name)
        if number is None:
            number = self._number[name] = len(self._names)
            self._names.append(name)
        return number


def at_most(wanted: Sequence[Seen], found: Columns, weights: Weights) -> tuple[Array, Array]:
    """What `structure.compare` can give: the greatest score of each motion, and how much is contradicted. (N,) float64 each.

    Each stage asked for has the detected one that fits best, whether or not others have it too and whatever the order is. The weights
    have to be between 0 and 1.
    """
    n, owners = len(found.counts), found.owners
    verbs = kindred(frozenset(w.verb for w in wanted))
    asked_for = np.array([name[0] in verbs for name in found.names], dtype=bool)[found.kinds]
    near = np.flatnonzero(asked_for)
    kinds, whose, confidence = found.kinds[near], owners[near], found.confidence[near]
    score, contradicted = np.zeros(n), np.zeros(n)
    for w in wanted:
        fits, against, kin = _tables(w, found.names, verbs, weights)
        best = np.zeros(n)
        np.maximum.at(best, whose, fits[kinds] * (1 - weights.trust * (1 - confidence)))
        score += best
        worst = np.zeros(n)
        np.maximum.at(worst, whose, kin[kinds] * confidence)
        worst[whose[(kin[kinds] >= 0) & ~against[kinds]]] = 0
        contradicted += worst
    weight = found.confidence * np.sqrt(np.maximum(found.end_s - found.start_s, 0))
    total = np.bincount(owners, weight, n)
    rest = np.bincount(owners, np.where(asked_for, 0, weight), n)
    score *= 1 - weights.unasked * rest / np.maximum(total, 1e-9)
    return score / len(wanted), contradicted / len(wanted)


def _tables(wanted: Seen, names: Sequence[_Kind], verbs: frozenset[str], weights: Weights) -> tuple[Array, Array, Array]:
    """Of each kind of stage: how it fits where it is sure, whether it is the other way round, what its verb counts (-1: another)."""
    fits, against, kin = np.zeros(len(names)), np.zeros(len(names), dtype=bool), np.full(len(names), -1.0)
    for i, name in enumerate(names):
        if name[0] in verbs and (name[0] == wanted.verb or alike(name[0], wanted.verb)):
            stage = Seen(*name, 0.0, 0.0)
            fits[i], against[i] = fit(wanted, stage, weights), opposite(wanted, stage)
            kin[i] = 1.0 if name[0] == wanted.verb else weights.alike
    return cast("tuple[Array, Array, Array]", (fits, against, kin))
