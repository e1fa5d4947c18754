"""How real generated motions look beside recordings: as distributions in the space of a judge, and as bodies on a floor.

Distances of distributions depend on how many motions are compared, and a system must not be compared with recordings whose captions it
was given where real motions can only be compared with others. So all rows are made alike: recordings are dealt into two halves; what
is judged are the motions of one half, against the recordings of the other, and the figure is the mean of both ways. Of the row "real"
those motions are the recordings themselves. Beside each system stands its difference from what is performed, over the same recordings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kinelang.errors import KinelangError
from kinelang.evaluate.generation import REAL, Judge, Judged, features_in
from kinelang.evaluate.generators import MotionSystem
from kinelang.evaluate.prompts import Prompt, group_of
from kinelang.metrics.intervals import BLOCKS, ROUNDS, Interval, Jackknife, blocks_of, jackknife, over_replications
from kinelang.metrics.motion_text import DIVERSITY_PAIRS, diversity
from kinelang.metrics.physical import PHYSICAL, mean_over
from kinelang.metrics.realism import FID_DIMENSIONS, REALISM, Realism, Sets
from kinelang.motion.arrays import Array
from kinelang.motion.features import decode

BODIES = "bodies"
"""Table of physical measures, means over all motions."""
BASELINE = "performed"
"""The system that the others are subtracted from."""
MINUS = f"minus {BASELINE}"
"""Ending of the tables of paired differences."""
COMPARED = "motions of one half of the recordings with the recordings of the other, mean of both ways; physical measures over all"


def realistic(
    systems: Sequence[MotionSystem],
    prompts: Sequence[Prompt],
    real: Sequence[Array],
    train: Sequence[Array],
    judges: Mapping[str, Judge],
    *,
    seed: int = 0,
    replications: int = 20,
    rounds: int = ROUNDS,
) -> list[Judged]:
    """Judge systems beside recordings.

    Every row of a table compares equal numbers; `about` says how many. Intervals of distances are jackknife ones over recordings, those
    of physical measures bootstrap ones. Where `BASELINE` is among the systems, each other one has tables of its paired differences: it
    is better, or worse, where the interval leaves out zero. What is better, `more["better"]` says by figure: for "real" that is the
    figure of real motions, for "half" a half, and a difference alone tells neither.

    Args:
        systems: what is judged.
        prompts: captions of the recordings.
        real: raw features of the recording of each prompt.
        train: raw features of motions that systems may have been trained on: for novelty, and the directions of the low FID.
        judges: by name.
        seed: of the systems, and of halves.
        replications: draws of pairs for Diversity.
        rounds: of the bootstrap over recordings; none: no intervals.
    """
    halves = Halves.of([group_of(prompt) for prompt in prompts], seed, rounds)
    true = {name: judge.encode_features(list(real)) for name, judge in judges.items()}
    known = {name: judge.encode_features(list(train)) for name, judge in judges.items()}

    def looked_at(motions: Mapping[str, Array], bodies: Sequence[tuple[Array, float]]) -> _Looked:
        tables = {name: halves.measured(known[name], true[name], own) for name, own in motions.items()}
        spread = {name: _diversity(own, replications, seed) for name, own in motions.items()}
        return _Looked(tables, spread, {name: row.values(bodies) for name, row in PHYSICAL.items()}, halves.groups, rounds)

    found = {REAL: looked_at(true, [(decode(np.asarray(clip)), 20.0) for clip in real])}
    for system in systems:
        motions = system.generate(prompts, seed)
        made = features_in(motions)
        own = {name: judge.encode_features(made) for name, judge in judges.items()}
        found[system.name] = looked_at(own, [(motion.joints, motion.fps) for motion in motions])
    how: dict[str, Any] = {"halves": [len(halves.first), len(halves.second)], "compared": COMPARED}
    abouts = {REAL: how} | {system.name: {**system.about, **how} for system in systems}
    better = {name: row.better for name, row in REALISM.items()} | {name: row.better for name, row in PHYSICAL.items()}
    base = found.get(BASELINE)
    return [
        Judged(
            name, abouts[name], one.tables() | ({} if base is None or name in (REAL, BASELINE) else one.minus(base)), {"better": better}
        )
        for name, one in found.items()
    ]


class _Looked:
    """What was measured of one system, so that two can be subtracted.

    Args:
        distances: by judge and figure.
        spread: Diversity by judge.
        bodies: by figure, of each motion.
        groups: of each motion.
        rounds: of the bootstrap.
    """

    def __init__(
        self,
        distances: Mapping[str, Mapping[str, Jackknife]],
        spread: Mapping[str, Interval],
        bodies: Mapping[str, Array],
        groups: Sequence[str],
        rounds: int,
    ) -> None:
        self._distances, self._spread, self._bodies, self._groups, self._rounds = distances, spread, bodies, groups, rounds

    def tables(self) -> dict[str, dict[str, Interval]]:
        """Of the system."""
        return {
            **{
                judge: {**{name: one.interval() for name, one in rows.items()}, "Diversity": self._spread[judge]}
                for judge, rows in self._distances.items()
            },
            BODIES: {name: mean_over(each, self._groups, self._rounds) for name, each in self._bodies.items()},
        }

    def minus(self, base: _Looked) -> dict[str, dict[str, Interval]]:
        """Tables of the paired differences."""
        return {
            **{
                f"{judge} {MINUS}": {name: (one - base._distances[judge][name]).interval() for name, one in rows.items()}
                for judge, rows in self._distances.items()
            },
            f"{BODIES} {MINUS}": {
                name: mean_over(each - base._bodies[name], self._groups, self._rounds) for name, each in self._bodies.items()
            },
        }


@dataclass(frozen=True, eq=False)
class Halves:
    """The recordings dealt into two halves, and the blocks of the jackknife within each.

    Attributes:
        groups: recording of each clip.
        first, second: clips (n1,) and (n2,) of the halves.
        blocks: (N,) block of each clip.
    """

    groups: Sequence[str]
    first: Array
    second: Array
    blocks: Array

    @classmethod
    def of(cls, groups: Sequence[str], seed: int = 0, rounds: int = ROUNDS) -> Halves:
        """Of the recordings of N clips. No rounds: a single block, so that there are no intervals."""
        names = sorted(set(groups))
        order = np.random.default_rng([seed, 8]).permutation(len(names))
        chosen = {names[i] for i in order[: len(names) // 2]}
        inside = np.array([name in chosen for name in groups])
        first, second = np.flatnonzero(inside), np.flatnonzero(~inside)
        blocks = np.zeros(len(groups), dtype=np.int64)
        dealt = blocks_of(
            [groups[i] for i in first.tolist()], [groups[i] for i in second.tolist()], most=BLOCKS if rounds else 1, seed=seed
        )
        blocks[first], blocks[second] = dealt
        return cls(groups, first, second, blocks)

    def measured(self, train: Array, real: Array, own: Array) -> dict[str, Jackknife]:
        """Every measure of `REALISM` of motions (N, d), row i of one for row i of the other; nan where there are too few for it."""
        return {name: self._measured(row, train, real, own) for name, row in REALISM.items()}

    def _measured(self, row: Realism, train: Array, real: Array, own: Array) -> Jackknife:
        ways = ((self.second, self.first), (self.first, self.second))
        try:
            figures = [row.prepare(self._sets(train, real, own, *way)) for way in ways]
        except KinelangError:
            return Jackknife(float("nan"), np.zeros(0), np.zeros(0))

        def figure(kept: Array) -> float:
            return float(np.mean([one(kept[a], kept[b]) for one, (a, b) in zip(figures, ways, strict=True)]))

        return jackknife(figure, self.blocks)

    def _sets(self, train: Array, real: Array, own: Array, of_real: Array, of_own: Array) -> Sets:
        first, second = ([self.groups[i] for i in rows] for rows in (of_real, of_own))
        return Sets(train, real[of_real], own[of_own], first, second, min(FID_DIMENSIONS, len(train) - 1, train.shape[1]))


def _diversity(motions: Array, replications: int, seed: int) -> Interval:
    pairs = min(DIVERSITY_PAIRS, len(motions) // 2)
    return over_replications(lambda rng: diversity(motions, rng, pairs), replications, seed)
