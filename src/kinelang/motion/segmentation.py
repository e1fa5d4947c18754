"""Cutting a signal into what a person would say of it: it rises, falls, holds, repeats, or stays.

The paper names a moving average followed by peak-valley detection, compressing each series to a few intervals; window, prominence and
cycle rules are not published. All numbers here are ours and stand in `Rules`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
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
        cycles: full cycles of a repetition, counted in halves, a cut-off run by its share of a whole one; 0 otherwise.
    """

    kind: Kind
    start: int
    end: int
    first: float
    last: float
    cycles: float = 0.0


LONG_CHAIN = 60
"""Runs: an irregular chain longer than this is split in its middle third."""


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
    columns = x.T.tolist()  # lists: the rules run from turn to turn, where they are much faster than arrays
    extents = (x.max(axis=0) - x.min(axis=0)).tolist()
    turns = [
        _turns_to_tell(values, extent, candidates, fps, r)
        for values, extent, candidates, r in zip(columns, extents, _reversals(x), rules, strict=True)
    ]
    heights, pauses = _heights_and_pauses(x, x if levels is None else levels, fps, rules, turns)
    out: list[tuple[Segment, ...]] = []
    done = 0
    for values, turn, r in zip(columns, turns, rules, strict=True):
        n = len(turn.points)
        if n == 0:
            level = _level(values, 0, len(values) - 1)
            out.append((Segment("static", 0, len(values) - 1, level, level),))
            continue
        own = {k - done: pauses[k] for k in range(done, done + n) if k in pauses} if pauses else {}
        out.append(tuple(_told(values, turn, heights[done : done + n], own, r)))
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
    steps = np.ascontiguousarray((x[1:] - x[:-1]).T)
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
        parts = _regular_parts(_sizes([values[p] for p in points]), points, rules)
        told = len(points) - 1 - sum([j - i - 1 for i, j in parts])
        if told <= limit or delta >= extent:
            return _Turns(points, delta, parts)
        delta = min(2 * delta, extent)
        points = turning_points(values, delta, points)
    return _Turns(points, delta, None)


def _sizes(heights: list[float]) -> list[float]:
    """Sizes of the n runs between n + 1 heights."""
    return list(map(abs, map(sub, heights[1:], heights)))


class _Points(NamedTuple):
    """The N turning points of all C columns that have some, one column after the other.

    The columns are laid end to end, so that one number tells a frame of a column. The stretch from the last point of a column to the
    first of the next is no run; it is computed all the same, and overwritten.

    Attributes:
        frames: (N,) places of the points, increasing.
        values: (N,) the signal there.
        origin: (N,) place of frame 0 of the point's column.
        first, last: (C,) numbers of the first and the last point of each column.
        limits: (4, N) delta, plateau, shortest pause in frames, and linger: the rules of the point's column.
    """

    frames: Array
    values: Array
    origin: Array
    first: Array
    last: Array
    limits: Array


def _heights_and_pauses(
    x: Array, levels: Array, fps: float, rules: Sequence[Rules], turns: list[_Turns]
) -> tuple[list[float], dict[int, tuple[int, int]]]:
    """For the turning points of all columns, one column after the other: their heights in `levels`, and by number of the point the
    first and last frame of the pauses around those that have one. x, levels (T, C)."""
    told = [c for c, turn in enumerate(turns) if turn.points]
    if not told:
        return [], {}
    counts = [len(turns[c].points) for c in told]
    limits = [(turns[c].delta, rules[c].plateau, rules[c].min_hold_s * fps, rules[c].linger) for c in told]
    origin = np.repeat(np.array(told) * len(x), counts)
    frames = np.array([p for c in told for p in turns[c].points]) + origin
    after = np.cumsum(counts)
    flat = x.T.ravel()
    points = _Points(frames, flat[frames], origin, after - counts, after - 1, np.repeat(limits, counts, axis=0).T)
    return _heights(points, levels).tolist(), _pauses(points, flat, len(x))


def _heights(points: _Points, levels: Array) -> Array:
    """The highest of `levels` (T, C) within two frames of each peak, the lowest around each valley. (N,)."""
    peak = np.empty(len(points.frames), dtype=bool)
    peak[1:] = points.values[1:] > points.values[:-1]
    peak[points.first] = ~peak[points.first + 1]
    around = points.frames - points.origin + np.arange(-2, 3)[:, None]  # (5, N)
    around = np.minimum(np.maximum(around, 0), len(levels) - 1) + points.origin
    sharp = levels.T.ravel()[around]
    return np.asarray(np.where(peak, sharp.max(axis=0), sharp.min(axis=0)))


def _pauses(points: _Points, flat: Array, n_frames: int) -> dict[int, tuple[int, int]]:
    """First and last frame of the pauses around turning points, by number of the point.

    A pause reaches from where the run before comes near the point's level to where the run after leaves it, or to the end of the clip.
    It counts if it lasts both `min_hold_s` and `linger` times what sine waves as large and as steep as the two runs would spend there.

    flat: the signals laid end to end, of n_frames each.
    """
    delta, plateau, shortest, linger = points.limits
    between = points.last[:-1]  # columns
    change = np.abs(points.values[1:] - points.values[:-1])
    change[between] = 1.0
    near = np.minimum(delta[:-1], plateau[:-1] * change)
    leaves, comes = _near_ends(flat, points.frames, points.values, near)
    share = np.arccos(1 - 2 * near / change) / np.pi  # of half a period of a sine wave, at one end
    spent = (np.abs(leaves - comes) + 1) * share / (1 - 2 * share)
    spent[between] = 0.0
    start, end = points.origin.copy(), points.origin + (n_frames - 1)
    lingering = np.zeros(len(start))
    start[1:], end[:-1], lingering[1:] = comes, leaves, spent
    lingering[:-1] += spent
    start[points.first] = points.origin[points.first]
    end[points.last] = points.origin[points.last] + (n_frames - 1)
    lasts = end - start
    paused = np.flatnonzero((lasts >= shortest) & (lasts > linger * lingering))
    origin = points.origin[paused]
    spans = zip((start[paused] - origin).tolist(), (end[paused] - origin).tolist(), strict=True)
    return dict(zip(paused.tolist(), spans, strict=True))


def _near_ends(flat: Array, frames: Array, values: Array, near: Array) -> tuple[Array, Array]:
    """For each stretch between neighbouring frames the last frame before the signal leaves the neighbourhood of its first value, and
    the first frame from which on it stays near its last.

    flat: the signal. frames, values (N,): where the stretches meet, and the signal there. near (N - 1,): how far away still is near.
    """
    begin, end = frames[0], frames[-1]
    lengths = frames[1:] - frames[:-1]
    places = np.arange(begin, end)
    reach = np.repeat(near, lengths)
    off_first = np.abs(flat[begin:end] - np.repeat(values[:-1], lengths)) > reach
    off_last = np.abs(flat[begin:end] - np.repeat(values[1:], lengths)) > reach
    starts = frames[:-1] - begin
    leaves = np.minimum.reduceat(np.where(off_first, places, end), starts)
    comes = np.maximum.reduceat(np.where(off_last, places, -1), starts)
    return np.minimum(leaves, frames[1:]) - 1, comes + 1


def turning_points(values: list[float], delta: float, candidates: list[int]) -> list[int]:
    """Frames of alternating valleys and peaks between which the signal changes by at least delta (hysteresis).

    Smaller reversals in between are ignored. At least two points if the range reaches delta, else none. `candidates` are frames, in
    order, among which all local extremes are.
    """
    low = high = candidates[0]
    bottom = top = values[low]
    rest = iter(candidates)
    for i in rest:  # up to the first change of delta
        v = values[i]
        if v > top:
            high, top = i, v
        if v < bottom:
            low, bottom = i, v
        if top - bottom >= delta:
            break
    else:
        return []
    climbs = high > low
    points = [low if climbs else high]
    for i in rest:
        v = values[i]
        if climbs:
            if v > top:
                high, top = i, v
            elif top - v >= delta:
                points.append(high)
                climbs, low, bottom = False, i, v
        elif v < bottom:
            low, bottom = i, v
        elif v - bottom >= delta:
            points.append(low)
            climbs, high, top = True, i, v
    points.append(high if climbs else low)
    return points


def _level(values: list[float], start: int, end: int) -> float:
    """Median of a stretch."""
    part = sorted(values[start : end + 1])
    n = len(part)
    return 0.5 * (part[(n - 1) // 2] + part[n // 2])


def _told(values: list[float], turn: _Turns, heights: list[float], pauses: dict[int, tuple[int, int]], rules: Rules) -> list[Segment]:
    """A signal that is not static as runs, pauses and repetitions. `pauses` by number of the turning point, see `Rules`."""
    points, parts = turn.points, turn.parts
    n, last = len(points), len(values) - 1
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
        parts = _regular_parts(_sizes(heights), edges, rules)
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
            swing = abs(levels[0] - levels[1])
            outer = min(1.0, abs(heights[i + 1] - heights[i]) / swing) + min(1.0, abs(heights[j] - heights[j - 1]) / swing)
            cycles = round(j - i - 2 + outer) / 2
            out.append(Segment("repeats", edges[i], edges[j], min(levels), max(levels), cycles))
            done = j
    return out


def _regular_parts(sizes: list[float], edges: list[int], rules: Rules) -> list[tuple[int, int]]:
    """Ranges [i, j) of runs that make one repetition each. sizes of n runs, and the n + 1 frames between them.

    First chains of neighbours of like size are taken, then those kept that are regular. The run before and after such a chain may be
    cut off by the ends of the clip or begin from rest: a smaller size there does not count against regularity.
    """
    n = len(sizes)
    if n < rules.min_runs:
        return []
    alike = rules.alike
    breaks = [k for k, (a, b) in enumerate(pairwise(sizes), start=1) if a < alike * b or b < alike * a]
    cores: list[tuple[int, int]] = []
    periods: list[int] = []
    for i, j in pairwise([0, *breaks, n]):
        if j - i >= rules.min_runs - 1:
            periods = periods or list(map(sub, edges[2:], edges))
            cores += _regular_cores(sizes, periods, i, j, rules)
    if not cores:
        return []
    wider = []
    for (_, done), (i, j), (following, _) in zip([(0, 0), *cores], cores, [*cores[1:], (n, n)], strict=False):
        mean = sum(sizes[i:j]) / (j - i)
        low, high = rules.least_edge * mean, (1 + rules.max_variation) * mean
        first = i - 1 if i > done and low <= sizes[i - 1] <= high else i
        wider.append((first, j + 1 if j < following and low <= sizes[j] <= high else j))
    parts = []
    for k, (first, end) in enumerate(wider):
        if k > 0 and wider[k - 1][1] > first:  # a run between two repetitions belongs to neither
            first = cores[k][0]
        if k + 1 < len(wider) and wider[k + 1][0] < end:
            end = cores[k][1]
        if end - first >= rules.min_runs:
            parts.append((first, end))
    return parts


def _regular_cores(sizes: list[float], periods: list[int], i: int, j: int, rules: Rules) -> list[tuple[int, int]]:
    """The chain of runs [i, j) if its sizes and periods vary little; else the regular parts on both sides of its weakest link.

    periods[k] is how long the runs k and k + 1 last together.
    """
    size, period = sizes[i:j], periods[i : j - 1]
    if not (_varies(size, rules.max_variation) or _varies(period, rules.max_variation)):
        return [(i, j)]
    if j - i < rules.min_runs:
        return []  # what a split leaves would be too short
    typical = sum(period) / len(period)
    weakness = [
        ((a - b) / a if a > b else (b - a) / b) + abs(both - typical) / typical
        for a, b, both in zip(size, size[1:], period, strict=False)
    ]
    if j - i > LONG_CHAIN:  # split near the middle, so that a signal that grows or slows steadily is not peeled run by run
        third = len(weakness) // 3
        weakness[:third] = [-1.0] * third
        weakness[len(weakness) - third :] = [-1.0] * third
    cut = i + 1 + weakness.index(max(weakness))
    least = rules.min_runs - 1
    before = _regular_cores(sizes, periods, i, cut, rules) if cut - i >= least else []
    return before + _regular_cores(sizes, periods, cut, j, rules) if j - cut >= least else before


def _varies(values: list[float] | list[int], most: float) -> bool:
    """Whether the coefficient of variation (standard deviation over mean) reaches `most`."""
    total = sum(values)
    return bool(sum(map(mul, values, values)) * len(values) >= (1 + most * most) * total * total)
