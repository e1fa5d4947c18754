"""Cutting a signal into what a person would say of it: it rises, falls, holds, repeats, or stays.

The paper names a moving average followed by peak-valley detection, compressing each series to a few intervals; window, prominence and
cycle rules are not published. All numbers here are ours and stand in `Rules`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import acos, pi
from operator import mul, sub
from typing import Literal, NamedTuple

import numpy as np

from kinelang.motion.arrays import Array

Kind = Literal["increases", "decreases", "holds", "repeats", "static"]


class Segment(NamedTuple):
    """One stretch of a signal, in the signal's own unit and in frames.

    Attributes:
        kind: what it does.
        start, end: first and last frame, inclusive; neighbours share a frame.
        first, last: value at the beginning and the end; of a repetition its low and high; of a hold or a static signal the level.
        cycles: full cycles of a repetition, counted in halves; 0 otherwise.
    """

    kind: Kind
    start: int
    end: int
    first: float
    last: float
    cycles: float = 0.0


@dataclass(frozen=True)
class Rules:
    """How to segment.

    Attributes:
        delta: smallest reversal that counts, in the signal's unit (the paper's delta; 5 degrees by default for angles).
        min_hold_s: shortest pause that is told.
        plateau: a pause is what lies within this share of the neighbouring change (and within delta) of a turning point.
        linger: how many times longer than a sine wave of the same change a turning point must last to be a pause.
        max_variation: largest coefficient of variation of amplitudes and of periods within one repetition.
        alike: neighbouring runs of one repetition are at least this much alike in size (smaller over larger).
        least_edge: smallest size of its first and last run, which may be cut off, against the mean of the others.
        min_runs: fewest alternating runs that make a repetition (two a cycle).
        max_intervals: most intervals in ten seconds; a busier signal is told with a larger delta.
    """

    delta: float
    min_hold_s: float = 0.3
    plateau: float = 0.15
    linger: float = 2.0
    max_variation: float = 0.3
    alike: float = 0.5
    least_edge: float = 0.3
    min_runs: int = 4
    max_intervals: int = 8


def moving_average(x: Array, window: int) -> Array:
    """Centred moving average along the first axis, the ends continued by point reflection. x (T, ...) -> (T, ...).

    `window` is odd. Opposite neighbours are added first, so that reversing time reverses the result exactly.
    """
    reach = min(window // 2, len(x) - 1)
    if reach <= 0:
        return x
    padded = np.concatenate([2 * x[0] - x[reach:0:-1], x, 2 * x[-1] - x[-2 : -reach - 2 : -1]])
    total = padded[reach : reach + len(x)].astype(np.float64)
    for k in range(1, reach + 1):
        total += padded[reach - k : reach - k + len(x)] + padded[reach + k : reach + k + len(x)]
    return np.asarray(total / (2 * reach + 1))


def peak_preserving(x: Array) -> Array:
    """Least noise that keeps a peak's height: 5-point quadratic least squares (Savitzky and Golay 1964). x (T, ...) -> (T, ...)."""
    if len(x) < 5:
        return x
    out = np.array(x, dtype=np.float64)
    middle = 17 * x[2:-2] + 12 * (x[1:-3] + x[3:-1]) - 3 * (x[:-4] + x[4:])
    out[2:-2] = middle / 35
    return out


def segment_columns(x: Array, fps: float, rules: Sequence[Rules], levels: Array | None = None) -> tuple[tuple[Segment, ...], ...]:
    """Segments of several signals of the same clip: for each column what `segment` gives. x, levels (T, C), one `Rules` a column."""
    levels = x if levels is None else levels
    columns = x.T.tolist()  # lists: the rules run frame by frame, where they are much faster than arrays
    turns = [
        _turns_to_tell(values, extent, candidates, fps, r)
        for values, extent, candidates, r in zip(columns, np.ptp(x, axis=0).tolist(), _reversals(x), rules, strict=True)
    ]
    told = _told_points(x, levels, fps, rules, turns)
    out: list[tuple[Segment, ...]] = []
    for c, (points, delta) in enumerate(turns):
        if not points:
            level = _level(columns[c], 0, len(x) - 1)
            out.append((Segment("static", 0, len(x) - 1, level, level),))
            continue
        segments = _with_repeats(_runs_and_holds(columns[c], told[c], fps, delta, rules[c]), rules[c])
        out.append(tuple(segments))
    return tuple(out)


def segment(x: Array, fps: float, rules: Rules, levels: Array | None = None) -> tuple[Segment, ...]:
    """Segments of one (already smoothed) signal, in time order, covering all of it.

    Reversing the signal reverses the segments and swaps increases and decreases.

    Args:
        x: (T,), the smoothed signal, in which turning points and pauses are found.
        fps: frames a second.
        rules: thresholds.
        levels: (T,), the same signal with its peaks kept (see `peak_preserving`), from which the values of turning points are read;
            by default x itself, whose peaks the moving average has lowered.
    """
    return segment_columns(x[:, None], fps, [rules], None if levels is None else levels[:, None])[0]


def _reversals(x: Array) -> list[list[int]]:
    """For each column the frames where it turns (the middle of a level stretch), and the first and the last. x (T, C)."""
    sign = np.sign(np.diff(x, axis=0)).astype(np.int8)
    rows = np.arange(len(sign))[:, None]
    before = np.maximum.accumulate(np.where(sign != 0, rows, 0), axis=0)  # the last step that was not level
    came = np.take_along_axis(sign, before, axis=0)
    columns, at = np.nonzero((came[:-1] * sign[1:] < 0).T)
    cuts = np.searchsorted(columns, np.arange(1, x.shape[1]))
    frames = (at + 1 + before[at, columns] + 1) // 2
    return [[0, *part.tolist(), len(x) - 1] for part in np.split(frames, cuts)]


def _turns_to_tell(values: list[float], extent: float, candidates: list[int], fps: float, rules: Rules) -> tuple[list[int], float]:
    """The turning points that are told, and the delta at which they are: the rules' delta, or larger where a signal is too busy.

    No points for a signal that stays within delta.
    """
    delta = rules.delta
    if extent < delta:
        return [], delta
    limit = max(rules.max_intervals, rules.max_intervals * len(values) / fps / 10)
    points = turning_points(values, delta, candidates)
    while len(points) > limit and delta < extent and _n_told(values, points, rules) > limit:
        delta = min(2 * delta, extent)
        points = turning_points(values, delta, points)
    return points, delta


class _Point(NamedTuple):
    """A turning point that is told: its frame, its height in the unsmoothed signal, and whether the signal stays near it for long."""

    frame: int
    height: float
    lasts: bool


def _told_points(
    x: Array, levels: Array, fps: float, rules: Sequence[Rules], turns: list[tuple[list[int], float]]
) -> list[list[_Point]]:
    """Heights of the turning points of all columns, and which of them the signal stays near for long, in one go."""
    counts = [len(points) for points, _ in turns]
    total = sum(counts)
    frames = np.fromiter((p for points, _ in turns for p in points), np.int64, total)
    column = np.repeat(np.arange(len(turns)), counts)
    delta = np.repeat([d for _, d in turns], counts)
    share = np.repeat([r.plateau for r in rules], counts)
    shortest = np.repeat([r.min_hold_s * fps for r in rules], counts)
    at = x[frames, column]
    same_as_next = np.zeros(total, dtype=bool)
    same_as_next[:-1] = column[1:] == column[:-1]
    change = np.zeros(total)  # to the next point of the same column
    change[:-1] = np.abs(at[1:] - at[:-1])
    after = np.where(same_as_next, np.minimum(delta, share * change), np.inf)  # at the ends the signal stays near
    before = np.full(total, np.inf)
    before[1:] = np.where(same_as_next[:-1], after[:-1], np.inf)
    offsets = np.arange(1, int(shortest.max(initial=0)) + 2)
    last = len(x) - 1
    length = np.zeros(total)
    for near, sign in ((after, 1), (before, -1)):
        frame = frames[:, None] + sign * offsets
        inside = (frame >= 0) & (frame <= last)
        stays = inside & (np.abs(x[np.clip(frame, 0, last), column[:, None]] - at[:, None]) <= near[:, None])
        length += np.logical_and.accumulate(stays, axis=1).sum(axis=1)
    window = levels[np.clip(frames[:, None] + np.arange(-2, 3), 0, last), column[:, None]]
    peak = np.where(same_as_next, np.append(at[1:], 0) < at, np.append(0, at[:-1]) < at)
    height = np.where(peak, window.max(axis=1), window.min(axis=1))
    points = list(map(_Point, frames.tolist(), height.tolist(), (length >= shortest).tolist()))
    ends = np.cumsum(counts).tolist()
    return [points[end - n : end] for n, end in zip(counts, ends, strict=True)]


def _n_told(values: list[float], points: list[int], rules: Rules) -> int:
    """How many intervals would be told if there were no pauses: a quick look before these are searched."""
    amplitudes = [abs(values[b] - values[a]) for a, b in pairwise(points)]
    parts = _regular_parts(amplitudes, points, rules)
    return len(amplitudes) - sum(j - i - 1 for i, j in parts)


def turning_points(values: list[float], delta: float, candidates: list[int]) -> list[int]:
    """Frames of alternating valleys and peaks between which the signal changes by at least delta (hysteresis).

    Smaller reversals in between are ignored. At least two points if the range reaches delta, else none. `candidates` are frames, in
    order, among which all local extremes are.
    """
    points: list[int] = []
    low = high = candidates[0]
    bottom = top = values[low]
    direction = 0  # +1: the last point is a valley and the signal climbs; -1: a peak, and it falls
    for i in candidates:
        v = values[i]
        if v > top:
            high, top = i, v
        if v < bottom:
            low, bottom = i, v
        if direction >= 0 and top - v >= delta:
            points.append(high)
            direction, low, bottom = -1, i, v
        elif direction <= 0 and v - bottom >= delta:
            points.append(low)
            direction, high, top = 1, i, v
    if direction:
        points.append(high if direction > 0 else low)
    return points


def _level(values: list[float], start: int, end: int) -> float:
    """Median of a stretch."""
    part = sorted(values[start : end + 1])
    n = len(part)
    return 0.5 * (part[(n - 1) // 2] + part[n // 2])


def _runs_and_holds(values: list[float], points: list[_Point], fps: float, delta: float, rules: Rules) -> list[Segment]:
    """Runs between turning points, and the pauses at these where they last long enough."""
    last = len(values) - 1
    out: list[Segment] = []
    start = 0
    for k, (frame, height, lasts) in enumerate(points):
        before = points[k - 1] if k else None
        after = points[k + 1].frame if k + 1 < len(points) else -1
        pause = _pause(values, before.frame if before else -1, frame, after, delta, rules, rules.min_hold_s * fps) if lasts else None
        if before is not None:
            end = pause[0] if pause else (last if after < 0 else frame)
            kind: Kind = "increases" if values[frame] > values[before.frame] else "decreases"
            out.append(Segment(kind, start, end, before.height, height))
        start = frame if before else 0
        if pause:
            level = _level(values, *pause)
            out.append(Segment("holds", pause[0], pause[1], level, level))
            start = pause[1]
    return out


def _pause(
    values: list[float], before: int, point: int, after: int, delta: float, rules: Rules, shortest: float
) -> tuple[int, int] | None:
    """The pause around a turning point, if it is long enough to be one. -1 stands for no turning point before or after.

    It reaches from where the run before comes near the point's level to where the run after leaves it, and counts if it lasts both
    `shortest` frames and `linger` times what sine waves as fast as the two runs would spend there.
    """
    start, end = 0, len(values) - 1
    if before >= 0:
        start = _leaves(values, point, before, min(delta, rules.plateau * abs(values[before] - values[point])))
    if after >= 0:
        end = _leaves(values, point, after, min(delta, rules.plateau * abs(values[after] - values[point])))
    if end - start < shortest:
        return None
    lingering = 0.0
    if before >= 0:
        lingering += _sine_lingers(values, point, before, start, delta, rules)
    if after >= 0:
        lingering += _sine_lingers(values, point, after, end, delta, rules)
    return (start, end) if end - start > rules.linger * lingering else None


def _leaves(values: list[float], point: int, other: int, near: float) -> int:
    """The last frame, going from `point` to `other`, before the signal is more than `near` away from its value at `point`."""
    step = 1 if other > point else -1
    level = values[point]
    low, high = level - near, level + near
    frame = point + step
    while low <= values[frame] <= high:
        frame += step
    return frame - step


def _sine_lingers(values: list[float], point: int, other: int, edge: int, delta: float, rules: Rules) -> float:
    """For how many frames a sine wave with the change and steepness of the run from `edge` to `other` stays near its turning point."""
    change = abs(values[other] - values[point])
    near = min(delta, rules.plateau * change)
    share = acos(1 - 2 * near / change) / pi  # of half a period, at one end
    active = abs(_leaves(values, other, point, near) - edge) + 1
    return active * share / (1 - 2 * share)


def _with_repeats(segments: list[Segment], rules: Rules) -> list[Segment]:
    """Replace regular alternations of runs by repetitions."""
    out: list[Segment] = []
    chain: list[Segment] = []
    for s in segments:
        if s.kind == "holds":
            out += _told_as_repeats(chain, rules) if len(chain) >= rules.min_runs else chain
            out.append(s)
            chain = []
        else:
            chain.append(s)
    return out + _told_as_repeats(chain, rules)


def _told_as_repeats(runs: list[Segment], rules: Rules) -> list[Segment]:
    """A chain of alternating runs with its regular parts told as repetitions."""
    if len(runs) < rules.min_runs:
        return runs
    edges = [r.start for r in runs] + [runs[-1].end]
    out: list[Segment] = []
    done = 0
    for i, j in _regular_parts([abs(r.last - r.first) for r in runs], edges, rules):
        # The outermost runs may be cut off: the turning points between the runs tell the low and the high.
        inner = [r.last for r in runs[i : j - 1]]
        ups, downs = inner[0 if runs[i].kind == "increases" else 1 :: 2], inner[1 if runs[i].kind == "increases" else 0 :: 2]
        repeat = Segment("repeats", edges[i], edges[j], sum(downs) / len(downs), sum(ups) / len(ups), (j - i) / 2)
        out += [*runs[done:i], repeat]
        done = j
    return out + runs[done:]


def _regular_parts(sizes: list[float], edges: list[int], rules: Rules) -> list[tuple[int, int]]:
    """Ranges [i, j) of runs that make one repetition each. sizes of n runs, and the n + 1 frames between them.

    First chains of neighbours of like size are taken, then those kept that are regular. The run before and after such a chain may be
    cut off by the ends of the clip or begin from rest: a smaller size there does not count against regularity.
    """
    n = len(sizes)
    if n < rules.min_runs:
        return []
    cores: list[tuple[int, int]] = []
    start = 0
    for k in range(1, n + 1):
        if k < n:
            a, b = sizes[k - 1], sizes[k]
            if (a if a < b else b) >= rules.alike * (a if a > b else b):
                continue
        if k - start >= rules.min_runs - 1:
            cores += _regular_cores(sizes, edges, start, k, rules)
        start = k
    if not cores:
        return []
    taken = {k for i, j in cores for k in range(i, j)}
    wider = []
    for i, j in cores:
        mean = sum(sizes[i:j]) / (j - i)
        low, high = rules.least_edge * mean, (1 + rules.max_variation) * mean
        wider.append([k for k in (i - 1, j) if 0 <= k < n and k not in taken and low <= sizes[k] <= high])
    claims = [k for claimed in wider for k in claimed]
    parts = []
    for (i, j), claimed in zip(cores, wider, strict=True):
        own = [k for k in claimed if claims.count(k) == 1]  # a run between two repetitions belongs to neither
        first, end = min([i, *own]), max([j, *(k + 1 for k in own)])
        if end - first >= rules.min_runs:
            parts.append((first, end))
    return parts


def _regular_cores(sizes: list[float], edges: list[int], i: int, j: int, rules: Rules) -> list[tuple[int, int]]:
    """The chain [i, j) if its sizes and periods vary little; else the regular parts on both sides of its weakest link."""
    if j - i < rules.min_runs - 1:
        return []
    part = sizes[i:j]
    periods = list(map(sub, edges[i + 2 : j + 1], edges[i : j - 1]))
    if not _varies(part, rules.max_variation) and not _varies(periods, rules.max_variation):
        return [(i, j)]
    if j - i < rules.min_runs:  # nothing long enough on either side
        return []
    typical = sum(periods) / len(periods)
    weakness = [
        abs(sizes[k] - sizes[k + 1]) / max(sizes[k], sizes[k + 1]) + abs(periods[k - i] - typical) / typical for k in range(i, j - 1)
    ]
    cut = i + 1 + weakness.index(max(weakness))
    return _regular_cores(sizes, edges, i, cut, rules) + _regular_cores(sizes, edges, cut, j, rules)


def _varies(values: list[float] | list[int], most: float) -> bool:
    """Whether the coefficient of variation (standard deviation over mean) reaches `most`."""
    total = sum(values)
    return bool(sum(map(mul, values, values)) * len(values) >= (1 + most * most) * total * total)
