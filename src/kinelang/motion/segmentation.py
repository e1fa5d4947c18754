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
    heights, lasting = _heights_and_lasting(x, levels, fps, rules, turns)
    out: list[tuple[Segment, ...]] = []
    done = 0
    for values, turn, r in zip(columns, turns, rules, strict=True):
        n = len(turn.points)
        if n == 0:
            level = _level(values, 0, len(values) - 1)
            out.append((Segment("static", 0, len(values) - 1, level, level),))
            continue
        span = slice(done, done + n)
        out.append(tuple(_told(values, turn, heights[span], lasting[span], fps, r)))
        done += n
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
    steps = np.ascontiguousarray(np.diff(x, axis=0).T)
    rises = steps > 0
    if steps.all():
        columns, frames = np.nonzero(rises[:, 1:] != rises[:, :-1])
        frames = frames + 1
    else:
        sign = np.sign(steps).astype(np.int8)
        before = np.maximum.accumulate(np.where(sign != 0, np.arange(sign.shape[1]), 0), axis=1)  # the last step that was not level
        came = np.take_along_axis(sign, before, axis=1)
        columns, at = np.nonzero(came[:, :-1] * sign[:, 1:] < 0)
        frames = (at + 1 + before[columns, at] + 1) // 2
    ends = np.searchsorted(columns, np.arange(x.shape[1] + 1)).tolist()
    turns = frames.tolist()
    return [[0, *turns[a:b], len(x) - 1] for a, b in pairwise(ends)]


class _Turns(NamedTuple):
    """The turning points of a signal that are told (none for a static one), the delta at which they are, and the ranges of the runs
    between them that would be repetitions if there were no pauses (None: not looked for)."""

    points: list[int]
    delta: float
    parts: list[tuple[int, int]] | None


def _turns_to_tell(values: list[float], extent: float, candidates: list[int], fps: float, rules: Rules) -> _Turns:
    """Turning points at the rules' delta, or at a larger one where the signal is too busy."""
    delta = rules.delta
    if extent < delta:
        return _Turns([], delta, None)
    limit = max(rules.max_intervals, rules.max_intervals * len(values) / fps / 10)
    points = turning_points(values, delta, candidates)
    while len(points) > limit:
        parts = _regular_parts([abs(values[b] - values[a]) for a, b in pairwise(points)], points, rules)
        told = len(points) - 1 - sum([j - i - 1 for i, j in parts])
        if told <= limit or delta >= extent:
            return _Turns(points, delta, parts)
        delta = min(2 * delta, extent)
        points = turning_points(values, delta, points)
    return _Turns(points, delta, None)


def _heights_and_lasting(
    x: Array, levels: Array, fps: float, rules: Sequence[Rules], turns: list[_Turns]
) -> tuple[list[float], list[bool]]:
    """For the turning points of all columns in turn: their height in the unsmoothed signal, and whether the signal stays near them for
    as long as the shortest pause."""
    told = [c for c, turn in enumerate(turns) if turn.points]
    counts = [len(turns[c].points) for c in told]
    if not told:
        return [], []
    frames = np.array([p for c in told for p in turns[c].points])
    near_rules = np.array([(turns[c].delta, rules[c].plateau, rules[c].min_hold_s * fps) for c in told])
    delta, share, shortest = np.repeat(near_rules, counts, axis=0).T
    reach = int(near_rules[:, 2].max()) + 1
    column = np.repeat(told, counts)
    window = _windows(x, frames, column, reach, np.nan)  # nan: nothing stays near beyond the ends
    at = window[:, reach]
    ends = np.cumsum(counts) - 1
    change = np.abs(np.diff(at, append=0))  # to the next point of the same column
    after = np.minimum(delta, share * change)
    after[ends] = np.inf  # from the last point of a column on there is no change
    before = np.roll(after, 1)
    gap = np.abs(window - at[:, None])
    stays = np.logical_and.accumulate(gap[:, reach + 1 :] <= after[:, None], axis=1).sum(axis=1)
    stays += np.logical_and.accumulate(gap[:, reach - 1 :: -1] <= before[:, None], axis=1).sum(axis=1)
    sharp = _windows(levels, frames, column, 2, None)
    peak = np.diff(at, prepend=0) > 0
    starts = ends - np.array(counts) + 1
    peak[starts] = ~peak[np.minimum(starts + 1, len(peak) - 1)]
    height = np.where(peak, sharp.max(axis=1), sharp.min(axis=1))
    return height.tolist(), (stays >= shortest).tolist()


def _windows(x: Array, frames: Array, column: Array, reach: int, beyond: float | None) -> Array:
    """Values around frames of columns, (N, 2 reach + 1). Beyond the ends: the end's value (None) or `beyond`. x (T, C)."""
    padded = np.empty((x.shape[1], len(x) + 2 * reach))
    padded[:, reach : reach + len(x)] = x.T
    padded[:, :reach] = x[0][:, None] if beyond is None else beyond
    padded[:, reach + len(x) :] = x[-1][:, None] if beyond is None else beyond
    first = column * padded.shape[1] + frames
    return padded.ravel()[first[:, None] + np.arange(2 * reach + 1)]


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


def _told(values: list[float], turn: _Turns, heights: list[float], lasting: list[bool], fps: float, rules: Rules) -> list[Segment]:
    """A signal that is not static as runs, pauses and repetitions."""
    points, delta, parts = turn
    last = len(values) - 1
    n = len(points)
    pauses = {}
    if True in lasting:
        for k in range(n):
            if lasting[k]:
                before, after = points[k - 1] if k else -1, points[k + 1] if k + 1 < n else -1
                pause = _pause(values, before, points[k], after, delta, rules, rules.min_hold_s * fps)
                if pause:
                    pauses[k] = pause
    if not pauses:
        edges = [0, *points[1:-1], last]
        return _runs(edges, heights, parts, rules)
    out: list[Segment] = []
    chain = 0  # the first turning point of the runs since the last pause
    for k in [*pauses, n - 1]:
        if k > chain:
            start = pauses[chain][1] if chain in pauses else 0
            end = pauses[k][0] if k in pauses else last
            out += _runs([start, *points[chain + 1 : k], end], heights[chain : k + 1], None, rules)
        if k in pauses and (not out or out[-1].kind != "holds" or out[-1].start != pauses[k][0]):
            level = _level(values, *pauses[k])
            out.append(Segment("holds", *pauses[k], level, level))
        chain = k
    return out


def _runs(edges: list[int], heights: list[float], parts: list[tuple[int, int]] | None, rules: Rules) -> list[Segment]:
    """The runs between turning points, regular parts of them told as repetitions (`parts`, looked for where None)."""
    if parts is None:
        parts = _regular_parts([abs(b - a) for a, b in pairwise(heights)], edges, rules) if len(heights) > rules.min_runs else []
    out: list[Segment] = []
    done = 0
    for i, j in [*parts, (len(edges) - 1, -1)]:
        for k in range(done, i):
            a, b = heights[k], heights[k + 1]
            out.append(Segment("increases" if b > a else "decreases", edges[k], edges[k + 1], a, b))
        if j >= 0:
            # The outermost runs may be cut off: the turning points between the runs tell the low and the high.
            inner = heights[i + 1 : j]
            odd, even = inner[::2], inner[1::2]
            levels = sum(odd) / len(odd), sum(even) / len(even)
            out.append(Segment("repeats", edges[i], edges[j], min(levels), max(levels), (j - i) / 2))
            done = j
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
    alike, least = rules.alike, rules.min_runs - 1
    for k, (a, b) in enumerate(pairwise(sizes), start=1):
        if (a if a < b else b) < alike * (b if a < b else a):
            if k - start >= least:
                cores += _regular_cores(sizes, edges, start, k, rules)
            start = k
    if n - start >= least:
        cores += _regular_cores(sizes, edges, start, n, rules)
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
    uneven = _varies(part, rules.max_variation)
    splits = j - i >= rules.min_runs  # into parts that are long enough
    if uneven and not splits:
        return []
    periods = list(map(sub, edges[i + 2 : j + 1], edges[i : j - 1]))
    if not uneven and not _varies(periods, rules.max_variation):
        return [(i, j)]
    if not splits:
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
