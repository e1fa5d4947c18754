"""Sequences of texts with seconds: whether each part is what its text says, and whether the seams between them are smooth.

A motion is cut where its texts change. The parts are judged as motions of their own, by R-precision, MM-Dist and FID; the seams by the
largest speed, acceleration and jerk about them, beside what is usual anywhere in real motion. After FineMoGen (Zhang et al., NeurIPS
2023), Table 3, whose data is BABEL's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from kinelang.corpora import Record
from kinelang.corpora.base import FPS, features_of
from kinelang.errors import KinelangError
from kinelang.evaluate.generation import Judge, Judged, Replications, as_published
from kinelang.evaluate.generators import Made, MotionSystem, joints_alone
from kinelang.evaluate.prompts import Prompt, group_of
from kinelang.metrics.intervals import ROUNDS, Interval, bootstrap
from kinelang.metrics.physical import Seam, at_seams
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.motion.skeletons import SKELETONS

SEAMS = "seams"
USUAL = 95
"""Percentile of any place in real motion beyond which a seam counts as out of range."""
FEWEST_FRAMES = 10
"""A shorter part takes what it lacks from the one before."""
_MEASURES: Mapping[str, Callable[[Seam], float]] = {
    "speed, m/s": lambda seam: seam.speed_m_s,
    "acceleration, m/s²": lambda seam: seam.acceleration_m_s2,
    "jerk, m/s³": lambda seam: seam.jerk_m_s3,
}


class _Parts:
    """A system seen part by part: what it makes of sequences, cut where their texts change."""

    def __init__(self, system: MotionSystem, whole: Sequence[Prompt]) -> None:
        self._system, self._whole = system, whole
        self.name, self.identity, self.about = system.name, system.identity, system.about

    def generate(self, prompts: Sequence[Prompt], seed: int) -> list[Motion]:
        """The parts of all sequences, one after the other: `prompts` are those of `parts_of`, whole or some of them."""
        at = {prompt.name: i for i, prompt in enumerate(parts_of(self._whole))}
        cut = [part for p, m in zip(self._whole, self._system.generate(self._whole, seed), strict=True) for part in cut_up(p, m)]
        return [cut[at[prompt.name]] for prompt in prompts]


def parts_of(prompts: Sequence[Prompt]) -> list[Prompt]:
    """Every text of every sequence as a prompt of its own, named after the sequence and its place in it."""
    return [
        Prompt(s.text, s.end_s - s.start_s, "part of a sequence", None, p.origin, name=f"{p.name}/{k}", group=group_of(p))
        for p in prompts
        for k, s in enumerate(p.segments)
    ]


def cut_up(prompt: Prompt, motion: Motion) -> list[Motion]:
    """The motion cut where the texts of a sequence change, each part of at least `FEWEST_FRAMES` frames.

    What ends before it was asked to is held; what goes on after that is left out.
    """
    ends = [round(segment.end_s * motion.fps) for segment in prompt.segments]
    held = np.minimum(np.arange(max(ends[-1], FEWEST_FRAMES)), motion.n_frames - 1)
    joints, parts = motion.joints[held], []
    for segment, end in zip(prompt.segments, ends, strict=True):
        end = max(end, FEWEST_FRAMES)
        start = max(min(round(segment.start_s * motion.fps), end - FEWEST_FRAMES), 0)
        parts.append(Motion(SKELETONS["smpl22"], motion.fps, positions=joints[start:end], name=segment.text))
    return parts


def compose(
    systems: Sequence[MotionSystem],
    prompts: Sequence[Prompt],
    judges: Mapping[str, Judge],
    reference: MotionSystem,
    usual: Sequence[Motion],
    how: Replications | None = None,
    *,
    rounds: int = ROUNDS,
) -> list[Judged]:
    """Judge sequences, part by part and at their seams.

    Args:
        systems: what is judged.
        prompts: with `segments`.
        judges: by name.
        reference: what is real: recordings, or for made prompts the performance of their timelines.
        usual: real motions, in which any place says what is usual.
        how: often.
        rounds: of the bootstrap.
    """
    how = Replications() if how is None else how
    parts, range_ = parts_of(prompts), usual_range(usual)
    own = reference.generate(prompts, how.seed + 1)
    real = [features_of(part) for p, m in zip(prompts, own, strict=True) for part in cut_up(p, m)]
    judged = as_published([_Parts(system, prompts) for system in systems], parts, judges, real, how, rounds=rounds)
    seams = [at(prompts, own, range_, rounds)]
    seams += [at(prompts, system.generate(prompts, how.seed), range_, rounds) for system in systems]
    more = {"usual": {"percentile": USUAL, **range_}}
    return [Judged(one.name, one.about, {**one.figures, SEAMS: own}, more) for one, own in zip(judged, seams, strict=True)]


def of_records(pairs: Sequence[tuple[Prompt, Record]], identity: str = "") -> Made:
    """The recordings that sequences of people's texts were cut from, each from the start of its first text to the end of its last.

    Args:
        pairs: of `prompts.compositions_of`.
        identity: of the corpus, so that what is kept of one is not taken for another's.
    """
    loads = {prompt.name: record for prompt, record in pairs}

    def make(prompt: Prompt, seed: int) -> Motion:
        motion, first = loads[prompt.name].motion(), float(prompt.name.rpartition("@")[2])
        start, end = round(first * motion.fps), round((first + prompt.seconds) * motion.fps)
        return joints_alone(motion.with_(positions=motion.joints[start:end], rotations=None, root=None, translations=None))

    return Made("real", f"real sequences {identity}".rstrip(), {}, make)


# --- seams


def usual_range(motions: Sequence[Motion], percent: float = USUAL) -> dict[str, float]:
    """Of every measure the percentile over all places of real motions that a seam could be at.

    Raises:
        KinelangError: no motion of four frames or more.
    """
    values: dict[str, list[Array]] = {name: [] for name in _MEASURES}
    for motion in motions:
        if motion.n_frames >= 4:
            places = at_seams(motion.joints, motion.fps, range(1, motion.n_frames))
            for name, measure in _MEASURES.items():
                values[name].append(np.array([measure(place) for place in places]))
    if not values["speed, m/s"]:
        raise KinelangError.of("real motions", "none of four frames", "at least one")
    return {name: float(np.percentile(np.concatenate(several), percent)) for name, several in values.items()}


def at(prompts: Sequence[Prompt], motions: Sequence[Motion], range_: Mapping[str, float], rounds: int = ROUNDS) -> dict[str, Interval]:
    """Mean of each measure at seams, and the share of seams at which it is out of the usual range; intervals over sequences."""
    groups, found = [], []
    for prompt, motion in zip(prompts, motions, strict=True):
        frames = [round(segment.start_s * FPS) for segment in prompt.segments[1:]]
        seams = at_seams(motion.joints, motion.fps, [f for f in frames if 0 < f < motion.n_frames])
        found += list(seams)
        groups += [prompt.name] * len(seams)
    figures = {}
    for name, measure in _MEASURES.items():
        values = np.array([measure(seam) for seam in found])
        figures[name] = _mean(values, groups, rounds)
        figures[f"{name.partition(',')[0]} out of range"] = _mean((values > range_[name]).astype(float), groups, rounds)
    return figures


def _mean(values: Array, groups: Sequence[str], rounds: int) -> Interval:
    if not len(values):
        return Interval(*[float("nan")] * 3)
    return bootstrap(lambda weights: weights @ values / np.maximum(weights.sum(axis=1), 1), groups, rounds)
