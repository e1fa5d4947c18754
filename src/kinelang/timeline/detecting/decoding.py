"""From probabilities of every frame to stretches in which verbs are done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from kinelang.language.lexicon import VERBS
from kinelang.motion.arrays import Array
from kinelang.timeline.detecting.network import Seen
from kinelang.timeline.detecting.vocabulary import NONE, Vocabulary, tracks_of

ROWS = ("legs", "torso", "head", "left_arm", "right_arm")
ARMS = ("left_arm", "right_arm")
SWITCH = 10.0
"""What a change of verb costs, in logarithms of probabilities (ours)."""
EASED = 7.0
"""By how much less where a stage begins or ends for certain."""
LEAST = -12.0
"""Smallest logarithm of a probability that is believed."""
SPLIT = 0.55
"""Probability of one stage ending where another of the same verb begins, from which a stretch is split."""
IDLE = 0.6
"""Probability of doing nothing, from which an arm is idle."""
SHORTEST = 5
"""Frames of the shortest stretch."""


@dataclass(frozen=True)
class Stretch:
    """Frames [start, end) of a row in which a verb is the likeliest."""

    row: str
    verb: str
    start: int
    end: int


@dataclass(frozen=True)
class Candidate:
    """A verb over all the rows in which it was found. `rows` are those; `score` is its mean probability over them, 0 to 1."""

    verb: str
    start: int
    end: int
    score: float
    rows: tuple[str, ...] = ()
    side: str | None = None
    extra: dict[str, float] = field(default_factory=dict)


def emissions(seen: Seen, vocabulary: Vocabulary) -> dict[str, Array]:
    """Log probabilities of each row (T, classes), in which the rows of a verb that takes several agree half-way."""
    out = {row: np.maximum(seen.verb[row], LEAST) for row in ROWS}
    shared = {row: out[row].copy() for row in ROWS}
    for verb in {v for classes in vocabulary.classes.values() for v in classes if v}:
        tracks = tracks_of(verb)
        if len(tracks) < 2 and tracks != ("arm",):
            continue
        if tracks == ("arm",) and "left_arm" not in VERBS[verb].parts:
            continue
        told = []
        for track in tracks:
            i = vocabulary.classes[track].index(verb)
            if track != "arm":
                told.append(out[track][:, i])
            elif "arm" in VERBS[verb].parts:
                told.append(np.maximum(out["left_arm"][:, i], out["right_arm"][:, i]))
            else:
                told += [out["left_arm"][:, i], out["right_arm"][:, i]]
        mean = np.mean(told, axis=0)
        for track in tracks:
            i = vocabulary.classes[track].index(verb)
            for row in ARMS if track == "arm" else (track,):
                shared[row][:, i] = 0.5 * (out[row][:, i] + mean)
    return shared


def stretches(seen: Seen, vocabulary: Vocabulary, emitted: dict[str, Array]) -> list[Stretch]:
    """The likeliest sequence of verbs of each row (Viterbi), without the stretches in which nothing is done."""
    found = []
    for row, classes in labels(seen, emitted).items():
        names = vocabulary.classes["arm" if row in ARMS else row]
        edges = [0, *(np.flatnonzero(np.diff(classes)) + 1).tolist(), len(classes)]
        for a, b in pairwise(edges):
            if b - a >= SHORTEST and names[classes[a]] != NONE:
                found += [Stretch(row, names[classes[a]], i, j) for i, j in _split(seen, row, a, b)]
    return found


def labels(seen: Seen, emitted: dict[str, Array]) -> dict[str, Array]:
    """Class of each frame, (T,) by row. A change costs the same between any two classes, so that one pass over time does."""
    n = len(emitted["legs"])
    width = max(e.shape[1] for e in emitted.values())
    all_rows = np.full((n, len(ROWS), width), -1e9)
    for r, row in enumerate(ROWS):
        all_rows[:, r, : emitted[row].shape[1]] = emitted[row]
    turns = np.stack([np.maximum(seen.begins[row], seen.ends[row]) for row in ROWS], axis=1)
    cost = SWITCH - EASED * turns
    best = all_rows[0].copy()
    came = np.zeros((n, len(ROWS), width), dtype=np.int16)
    own = np.arange(width, dtype=np.int16)
    rows = np.arange(len(ROWS))
    for t in range(1, n):
        top = best.argmax(axis=1)
        switched = (best[rows, top] - cost[t])[:, None]
        stays = best >= switched
        came[t] = np.where(stays, own, top[:, None])
        best = np.where(stays, best, switched) + all_rows[t]
    state = best.argmax(axis=1)
    out = np.zeros((n, len(ROWS)), dtype=np.int64)
    for t in range(n - 1, -1, -1):
        out[t] = state
        state = came[t, rows, state]
    return {row: out[:, r] for r, row in enumerate(ROWS)}


def _split(seen: Seen, row: str, start: int, end: int) -> list[tuple[int, int]]:
    """Parts of a stretch between which one stage ends and another begins."""
    from scipy.ndimage import maximum_filter1d

    a, b = start + SHORTEST, end - SHORTEST
    if b <= a:
        return [(start, end)]
    both = np.minimum(maximum_filter1d(seen.ends[row], 5), maximum_filter1d(seen.begins[row], 5))
    sharp = seen.ends[row] + seen.begins[row]
    cuts: list[int] = []
    for t in range(a, b):
        near = sharp[max(t - SHORTEST, a) : t + SHORTEST + 1]
        if both[t] > SPLIT and sharp[t] >= near.max() and (not cuts or t - cuts[-1] >= SHORTEST):
            cuts.append(t)
    edges = [start, *cuts, end]
    return list(pairwise(edges))


def candidates(found: Iterable[Stretch], seen: Seen, vocabulary: Vocabulary) -> list[Candidate]:
    """Stretches of one verb at one time, put together over the rows."""
    left = sorted(found, key=lambda s: (-(s.end - s.start), s.start, ROWS.index(s.row)))
    out = []
    while left:
        first = left.pop(0)
        mates = [first]
        for other in [s for s in left if s.verb == first.verb]:
            shared = min(first.end, other.end) - max(first.start, other.start)
            if other.row not in {m.row for m in mates} and shared > 0.4 * min(first.end - first.start, other.end - other.start):
                mates.append(other)
                left.remove(other)
        out.append(_together(mates, seen, vocabulary))
    return out


def _together(mates: list[Stretch], seen: Seen, vocabulary: Vocabulary) -> Candidate:
    """One candidate from stretches of one verb on several rows."""
    verb = mates[0].verb
    start = round(float(np.median([m.start for m in mates])))
    end = max(round(float(np.median([m.end for m in mates]))), start + 1)
    rows = tuple(row for row in ROWS if row in {m.row for m in mates})
    at = slice(start, end)
    told = []
    for track in tracks_of(verb):
        i = vocabulary.classes[track].index(verb)
        if track != "arm":
            told.append(float(np.exp(seen.verb[track][at, i]).mean()))
        else:
            arms = [float(np.exp(seen.verb[row][at, i]).mean()) for row in ARMS]
            told.append(max(arms) if "arm" in VERBS[verb].parts else sum(arms) / 2)
    return Candidate(verb, start, end, float(np.mean(told)), rows)


def side_of(c: Candidate, seen: Seen) -> str | None:
    """Which limb, of those that the verb can be told with."""
    allowed = VERBS[c.verb].sides
    if not allowed:
        return None
    sides = ("left", "right", "both", "alternating")
    rows = [row for row in c.rows if row in ARMS] or [row for row in c.rows if row in ("legs", "torso")]
    arm_verb = "arm" in VERBS[c.verb].parts
    at = slice(c.start, c.end)
    logits = np.mean([seen.side[row][at].mean(axis=0) for row in rows or c.rows], axis=0)
    two = [s for s in ("both", "alternating") if s in allowed]
    if arm_verb and len([r for r in c.rows if r in ARMS]) == 1:
        only = "left" if "left_arm" in c.rows else "right"
        helped = bool(two) and _helped(at, seen)
        if only in allowed and not helped:
            return only
    else:
        helped = {"left_arm", "right_arm"} <= set(c.rows)
    if arm_verb and two and helped:
        return max(two, key=lambda s: float(logits[sides.index(s)]))
    return max(allowed, key=lambda s: float(logits[sides.index(s)]))


def _helped(at: slice, seen: Seen) -> bool:
    """Whether each arm tells that the other does the same, and neither is idle, where the verb was found in one of them only."""
    for arm in ARMS:
        odds = np.exp(seen.side[arm][at].mean(axis=0))
        if odds[2:].sum() < odds[:2].sum() or np.exp(seen.verb[arm][at, 0]).mean() > IDLE:
            return False
    return True
