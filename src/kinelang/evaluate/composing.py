"""Sequences of texts with seconds: whether each part is what its text says, and whether the seams between them are smooth.

A motion is cut where its texts change. The parts are judged as motions of their own, by R-precision, MM-Dist and FID: FineMoGen (Zhang
et al., NeurIPS 2023), Table 3, whose data is BABEL's. The seams are judged by the largest speed, acceleration and jerk of any joint
within 0.25 s. Each is in range where it is at most the 95th percentile of all windows of the same length in recordings. By chance about
one in twenty is not; how many are where a recording is judged by the range of others is a row of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kinelang.corpora import Record
from kinelang.corpora.base import features_of
from kinelang.errors import KinelangError
from kinelang.evaluate.generation import Judge, Judged, Replications, as_published
from kinelang.evaluate.generators import Made, MotionSystem, joints_alone
from kinelang.evaluate.prompts import Prompt, group_of
from kinelang.evaluate.sources import PERFORMING, sources_identity
from kinelang.metrics.intervals import ROUNDS, Interval, bootstrap
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.motion.skeletons import SKELETONS

SEAMS = "seams"
ANYWHERE = "recordings, any place"
"""The row of real motion by chance."""
USUAL = 95
"""Percentile of all windows in real motion beyond which a seam counts as out of range. A higher one would take faults of capture for
usual: in one window in fifty of the training segments of CMU a joint, mostly a dancer's ankle, is accelerated by 235 m/s² or more."""
NEAR_S = 0.25
"""What happens so long before a seam and after it counts."""
FOLDS = 5
"""Recordings are judged by the range of the others in so many turns."""
FEWEST_FRAMES = 10
"""A shorter part takes what it lacks from the one before."""
MEASURES = ("speed, m/s", "acceleration, m/s²", "jerk, m/s³")
"""First, second and third difference of the joints over time."""
SMOOTH = MEASURES[:2]
"""What has to be in range for a seam to count as one without a jump."""
JUMPS = "speed or acceleration out of range"
WITHOUT = " out of range"


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
    usual_groups: Sequence[str] | None = None,
    rounds: int = ROUNDS,
) -> list[Judged]:
    """Judge sequences, part by part and at their seams.

    Args:
        systems: what is judged.
        prompts: with `segments`.
        judges: by name.
        reference: what is real: recordings, or for made prompts the performance of their timelines.
        usual: real motions, in which any place says what is usual; none of those that are judged.
        how: often.
        usual_groups: the recording that each of them comes from; None: each its own.
        rounds: of the bootstrap.

    Returns:
        What is real, every system, and with `usual` of several recordings these by chance (`ANYWHERE`).
    """
    how = Replications() if how is None else how
    parts, range_ = parts_of(prompts), usual_range(usual)
    own = reference.generate(prompts, how.seed + 1)
    real = [features_of(part) for p, m in zip(prompts, own, strict=True) for part in cut_up(p, m)]
    judged = as_published([_Parts(system, prompts) for system in systems], parts, judges, real, how, rounds=rounds)
    found = []
    for one, motions in zip(judged, [own, *(system.generate(prompts, how.seed) for system in systems)], strict=True):
        rows, groups = at_seams(prompts, motions)
        more = {"usual": {"percentile": USUAL, **range_}, SEAMS: {"asked": len(parts) - len(prompts), "there": len(rows)}}
        found.append(Judged(one.name, one.about, {**one.figures, SEAMS: figures(rows, _beyond(rows, range_), groups, rounds)}, more))
    return [*found, *anywhere(usual, usual_groups, rounds)]


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

    return Made("real", f"real sequences {identity}".rstrip() + f" by {sources_identity(PERFORMING)}", {}, make)


# --- seams


def windows(joints: Array, fps: float) -> Array:
    """Largest speed, acceleration and jerk of any joint in each window of twice `NEAR_S`.

    Args:
        joints: (T, 22, 3) metres.
        fps: frames a second; at 20 a window is of W = 10 frames, of which the sixth is the first after the seam.

    Returns:
        (T - W + 1, 3), as `MEASURES`; none of a motion that is shorter.
    """
    width = 2 * max(round(NEAR_S * fps), 2)
    if len(joints) < width:
        return np.zeros((0, len(MEASURES)))
    joints, found = np.asarray(joints, dtype=np.float64), []
    for order in range(1, len(MEASURES) + 1):
        most = np.linalg.norm(np.diff(joints, n=order, axis=0), axis=-1).max(axis=1) * fps**order
        found.append(np.lib.stride_tricks.sliding_window_view(most, width - order).max(axis=1))
    return np.stack(found, axis=1)


def at_seams(prompts: Sequence[Prompt], motions: Sequence[Motion]) -> tuple[Array, list[str]]:
    """The window about each seam, (N, 3) as `windows`, and the sequence that it is of.

    A window that would leave the motion is moved into it. Seams after a motion's end are left out.
    """
    rows, groups = [np.zeros((0, len(MEASURES)))], []
    for prompt, motion in zip(prompts, motions, strict=True):
        every, reach = windows(motion.joints, motion.fps), max(round(NEAR_S * motion.fps), 2)
        frames = [round(segment.start_s * motion.fps) for segment in prompt.segments[1:]]
        there = [f for f in frames if 0 < f < motion.n_frames and len(every)]
        rows.append(every[np.clip(np.array(there, dtype=int) - reach, 0, max(len(every) - 1, 0))])
        groups += [prompt.name] * len(there)
    return np.concatenate(rows), groups


def usual_range(motions: Sequence[Motion]) -> dict[str, float]:
    """Of every measure the percentile `USUAL` over all windows of real motions.

    Raises:
        KinelangError: no motion as long as a window.
    """
    every = np.concatenate([np.zeros((0, len(MEASURES))), *(windows(motion.joints, motion.fps) for motion in motions)])
    if not len(every):
        raise KinelangError.of("real motions", f"none of {2 * NEAR_S:g} s", "at least one")
    return dict(zip(MEASURES, np.percentile(every, USUAL, axis=0).tolist(), strict=True))


def anywhere(motions: Sequence[Motion], groups: Sequence[str] | None = None, rounds: int = ROUNDS) -> list[Judged]:
    """Real motions themselves, all windows of each recording judged by the range of other recordings, in `FOLDS` turns.

    Nothing where there are not two recordings.
    """
    own = [str(i) for i in range(len(motions))] if groups is None else list(groups)
    long = [i for i, motion in enumerate(motions) if len(windows(motion.joints, motion.fps))]
    names = sorted({own[i] for i in long})
    if len(names) < 2:
        return []
    turn = {name: k % FOLDS for k, name in enumerate(np.random.default_rng(0).permutation(names).tolist())}
    rows, beyond, of = [], [], []
    for fold in sorted(set(turn.values())):
        range_ = usual_range([motions[i] for i in long if turn[own[i]] != fold])
        for i in (i for i in long if turn[own[i]] == fold):
            rows.append(windows(motions[i].joints, motions[i].fps))
            beyond.append(_beyond(rows[-1], range_))
            of += [own[i]] * len(rows[-1])
    about = {"recordings": len(names), "windows": len(of)}
    return [Judged(ANYWHERE, about, {SEAMS: figures(np.concatenate(rows), np.concatenate(beyond), of, rounds)})]


def _beyond(rows: Array, range_: Mapping[str, float]) -> Array:
    """(N, 3) whether each measure is out of range, 0 or 1."""
    return np.asarray(rows > np.array([range_[name] for name in MEASURES]), dtype=float)


def figures(rows: Array, beyond: Array, groups: Sequence[str], rounds: int = ROUNDS) -> dict[str, Interval]:
    """Mean of each measure and the share out of range, (N, 3) each; the share of jumps; intervals over sequences."""
    found = {JUMPS: _mean(beyond[:, : len(SMOOTH)].max(axis=1), groups, rounds)}
    for k, name in enumerate(MEASURES):
        found[name] = _mean(rows[:, k], groups, rounds)
        found[name.partition(",")[0] + WITHOUT] = _mean(beyond[:, k], groups, rounds)
    return found


def _mean(values: Array, groups: Sequence[str], rounds: int) -> Interval:
    if not len(values):
        return Interval(*[float("nan")] * 3)
    return bootstrap(lambda weights: weights @ values / np.maximum(weights.sum(axis=1), 1), groups, rounds)
