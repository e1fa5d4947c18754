"""How real generated motions look beside recordings: as distributions in the space of a judge, and as bodies on a floor.

What a system makes of the captions of held-out recordings is compared with those recordings. Real motions are a row of their own: one
half of the recordings judged as if it had been generated, against the other half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kinelang.errors import KinelangError
from kinelang.evaluate.generation import REAL, Judge, Judged, exactly, features_in
from kinelang.evaluate.generators import MotionSystem
from kinelang.evaluate.prompts import Prompt, group_of
from kinelang.metrics.intervals import ROUNDS, Interval, over_replications
from kinelang.metrics.motion_text import DIVERSITY_PAIRS, diversity
from kinelang.metrics.physical import PHYSICAL
from kinelang.metrics.realism import FID_DIMENSIONS, REALISM, Realism, Sets
from kinelang.motion.arrays import Array
from kinelang.motion.features import decode
from kinelang.motion.motion import Motion

BODIES = "bodies"
"""Table of physical measures."""


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

    Args:
        systems: what is judged.
        prompts: captions of the recordings.
        real: raw features of the recording of each prompt.
        train: raw features of motions that systems may have been trained on: for novelty, and the directions of the low FID.
        judges: by name.
        seed: of the systems.
        replications: draws of pairs for Diversity.
        rounds: of the bootstrap over recordings.
    """
    groups = [group_of(prompt) for prompt in prompts]
    true = {name: judge.encode_features(list(real)) for name, judge in judges.items()}
    known = {name: judge.encode_features(list(train)) for name, judge in judges.items()}
    first, second = _halves(groups, seed)
    tables = {}
    for name in judges:
        one, other = true[name][first], true[name][second]
        tables[name] = _measured(known[name], one, other, [groups[i] for i in first], [groups[i] for i in second])
        tables[name]["Diversity"] = _diversity(true[name], replications, seed)
    bodies = [(decode(np.asarray(clip)), 20.0) for clip in real]
    found = [Judged(REAL, {"halves": [len(first), len(second)]}, {**tables, BODIES: _physical(bodies, groups, rounds)})]
    for system in systems:
        motions = system.generate(prompts, seed)
        made = features_in(motions)
        tables = {}
        for name, judge in judges.items():
            own = judge.encode_features(made)
            tables[name] = _measured(known[name], true[name], own, groups, groups)
            tables[name]["Diversity"] = _diversity(own, replications, seed)
        found.append(Judged(system.name, system.about, {**tables, BODIES: _physical(_joints(motions), groups, rounds)}))
    return found


def _measured(train: Array, real: Array, own: Array, real_groups: Sequence[str], own_groups: Sequence[str]) -> dict[str, Interval]:
    """Every measure of `REALISM` that so many motions allow."""
    sets = Sets(train, real, own, real_groups, own_groups, min(FID_DIMENSIONS, len(train) - 1, train.shape[1]))
    return {name: _or_none(row, sets) for name, row in REALISM.items()}


def _or_none(row: Realism, sets: Sets) -> Interval:
    """The figure; none where there are too few motions for it."""
    try:
        return row.measure(sets)
    except KinelangError:
        return exactly(float("nan"))


def _halves(groups: Sequence[str], seed: int) -> tuple[list[int], list[int]]:
    """Indices of the clips of one half of the recordings, and of the other."""
    names = sorted(set(groups))
    order = np.random.default_rng([seed, 8]).permutation(len(names))
    chosen = {names[i] for i in order[: len(names) // 2]}
    rows = range(len(groups))
    return [i for i in rows if groups[i] in chosen], [i for i in rows if groups[i] not in chosen]


def _diversity(motions: Array, replications: int, seed: int) -> Interval:
    pairs = min(DIVERSITY_PAIRS, len(motions) // 2)
    return over_replications(lambda rng: diversity(motions, rng, pairs), replications, seed)


def _joints(motions: Sequence[Motion]) -> list[tuple[Array, float]]:
    return [(motion.joints, motion.fps) for motion in motions]


def _physical(motions: Sequence[tuple[Array, float]], groups: Sequence[str], rounds: int) -> dict[str, Interval]:
    return {name: row.over(motions, groups, rounds) for name, row in PHYSICAL.items()}
