"""Cutting a signal into what a person would say of it: it rises, falls, holds, repeats, or stays.

The paper names a moving average followed by peak-valley detection, compressing each series to a few intervals; window, prominence and
cycle rules are not published. All numbers here are ours and stand in `Rules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import acos, pi
from typing import Literal

import numpy as np

from kinelang.motion.arrays import Array

Kind = Literal["increases", "decreases", "holds", "repeats", "static"]


@dataclass(frozen=True)
class Segment:
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
        least_edge: smallest size of its first and last run, which may be cut off, against the mean of the others.
        min_runs: fewest alternating runs that make a repetition (two a cycle).
        max_intervals: most intervals in ten seconds; a busier signal is told with a larger delta.
    """

    delta: float
    min_hold_s: float = 0.3
    plateau: float = 0.25
    linger: float = 2.0
    max_variation: float = 0.3
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
    padded = np.pad(x, [(reach, reach)] + [(0, 0)] * (x.ndim - 1), mode="reflect", reflect_type="odd")
    total = padded[reach : reach + len(x)].astype(np.float64)
    for k in range(1, reach + 1):
        total = total + (padded[reach - k : reach - k + len(x)] + padded[reach + k : reach + k + len(x)])
    return np.asarray(total / (2 * reach + 1))


def peak_preserving(x: Array) -> Array:
    """Least noise that keeps a peak's height: 5-point quadratic least squares (Savitzky and Golay 1964). x (T, ...) -> (T, ...)."""
    if len(x) < 5:
        return x
    out = np.array(x, dtype=np.float64)
    middle = 17 * x[2:-2] + 12 * (x[1:-3] + x[3:-1]) - 3 * (x[:-4] + x[4:])
    out[2:-2] = middle / 35
    return out


def segment(values: list[float], fps: float, rules: Rules, levels: list[float] | None = None) -> tuple[Segment, ...]:
    """Segments of one (already smoothed) signal, in time order, covering all of it.

    Lists, because the rules run frame by frame. Reversing them reverses the segments and swaps increases and decreases.

    Args:
        values: the smoothed signal, in which turning points and pauses are found.
        fps: frames a second.
        rules: thresholds.
        levels: the same signal with its peaks kept (see `peak_preserving`), from which the values of turning points are read; by
            default `values`, whose peaks the moving average has lowered.
    """
    levels = values if levels is None else levels
    last = len(values) - 1
    low, high = min(values), max(values)
    if high - low < rules.delta:
        return (Segment("static", 0, last, _level(values, 0, last), _level(values, 0, last)),)
    limit = max(rules.max_intervals, rules.max_intervals * len(values) / fps / 10)
    delta = rules.delta
    while True:
        segments = _with_repeats(_runs_and_holds(values, levels, turning_points(values, delta), fps, delta, rules), rules)
        if len(segments) <= limit or delta > high - low:
            return tuple(segments)
        delta *= 1.5
        if delta > high - low:  # the whole range is one change
            delta = high - low


def turning_points(values: list[float], delta: float) -> list[int]:
    """Frames of alternating valleys and peaks between which the signal changes by at least delta (hysteresis).

    Smaller reversals in between are ignored. At least two points if the range reaches delta, else none.
    """
    points: list[int] = []
    low = high = 0
    direction = 0  # +1: last confirmed a valley, climbing; -1: last confirmed a peak
    for i, v in enumerate(values):
        if v > values[high]:
            high = i
        if v < values[low]:
            low = i
        if direction >= 0 and values[high] - v >= delta and high <= i:
            points.append(high)
            direction, low = -1, i
            high = i
        elif direction <= 0 and v - values[low] >= delta and low <= i:
            points.append(low)
            direction, high = 1, i
            low = i
    if direction:
        points.append(high if direction > 0 else low)
    return points


def _level(values: list[float], start: int, end: int) -> float:
    """Median of a stretch."""
    part = sorted(values[start : end + 1])
    n = len(part)
    return 0.5 * (part[(n - 1) // 2] + part[n // 2])


def _runs_and_holds(values: list[float], levels: list[float], points: list[int], fps: float, delta: float, rules: Rules) -> list[Segment]:
    """Runs between turning points, and the pauses at these where they last long enough."""
    spans = [_active_span(values, a, b, delta, rules) for a, b in pairwise(points)]
    last = len(values) - 1
    begins = [s for s, _, _ in spans]
    ends = [e for _, e, _ in spans]
    out: list[Segment] = []
    start = 0
    for k, point in enumerate(points):
        pause = (ends[k - 1] if k else 0, begins[k] if k < len(spans) else last)
        lingers = (spans[k - 1][2] if k else 0.0) + (spans[k][2] if k < len(spans) else 0.0)
        at_edge = k in (0, len(spans))
        length = pause[1] - pause[0]
        held = length / fps >= rules.min_hold_s and length > rules.linger * lingers
        if k:
            end = pause[0] if held else (last if at_edge else point)
            out.append(_run(values, levels, points[k - 1], point, start, end))
        if held:
            level = _level(values, *pause)
            out.append(Segment("holds", pause[0], pause[1], level, level))
        start = pause[1] if held else (0 if k == 0 else point)
    return out


def _active_span(values: list[float], a: int, b: int, delta: float, rules: Rules) -> tuple[int, int, float]:
    """Of the run between turning points a and b: where it leaves a's level, where it reaches b's, and how many frames a sine
    wave that takes as long for the same change would spend at each of the two levels."""
    change = abs(values[b] - values[a])
    near = min(delta, rules.plateau * change)
    begin = b - 1
    while begin > a and abs(values[begin] - values[a]) > near:
        begin -= 1
    end = a + 1
    while end < b and abs(values[end] - values[b]) > near:
        end += 1
    share = acos(1 - 2 * near / change) / pi  # of half a period of a sine, at one end
    lingering = (end - begin) * share / (1 - 2 * share)
    return begin, max(end, begin), max(lingering, 0.0)


def _run(values: list[float], levels: list[float], a: int, b: int, start: int, end: int) -> Segment:
    climbs = values[b] > values[a]
    low, high = (a, b) if climbs else (b, a)
    bottom = min(levels[max(low - 2, 0) : low + 3])
    top = max(levels[max(high - 2, 0) : high + 3])
    return Segment("increases", start, end, bottom, top) if climbs else Segment("decreases", start, end, top, bottom)


def _with_repeats(segments: list[Segment], rules: Rules) -> list[Segment]:
    """Replace regular alternations of runs by repetitions."""
    out: list[Segment] = []
    chain: list[Segment] = []
    for s in [*segments, None]:
        if s is not None and s.kind != "holds":
            chain.append(s)
            continue
        out += _told_as_repeats(chain, rules)
        chain = []
        if s is not None:
            out.append(s)
    return out


def _told_as_repeats(runs: list[Segment], rules: Rules) -> list[Segment]:
    """A chain of alternating runs, told as one repetition if it is regular, else split at its weakest link.

    The first and the last run of a chain may be cut off by the ends of the clip or begin from rest: a smaller amplitude or duration
    there does not count against regularity.
    """
    if len(runs) < rules.min_runs:
        return runs
    amplitudes = [abs(r.last - r.first) for r in runs]
    periods = [b.end - a.start for a, b in pairwise(runs)]
    inner = amplitudes[1:-1] if len(runs) > rules.min_runs else amplitudes
    whole = periods[1:-1] if len(runs) > rules.min_runs else periods
    fits = max(amplitudes[0], amplitudes[-1]) <= (1 + rules.max_variation) * sum(inner) / len(inner)
    enough = min(amplitudes[0], amplitudes[-1]) >= rules.least_edge * sum(inner) / len(inner)
    if fits and enough and _variation(inner) < rules.max_variation and _variation(whole) < rules.max_variation:
        lows = [min(r.first, r.last) for r in runs[1:-1]]
        highs = [max(r.first, r.last) for r in runs[1:-1]]
        low, high = sum(lows) / len(lows), sum(highs) / len(highs)
        return [Segment("repeats", runs[0].start, runs[-1].end, low, high, len(runs) / 2)]
    mean = sum(periods) / len(periods)
    weakness = [max(abs(a - b) / max(a, b), abs(p - mean) / mean) for a, b, p in zip(amplitudes, amplitudes[1:], periods, strict=False)]
    weakest = weakness.index(max(weakness)) + 1
    return [*_told_as_repeats(runs[:weakest], rules), *_told_as_repeats(runs[weakest:], rules)]


def _variation(values: list[float] | list[int]) -> float:
    """Coefficient of variation: standard deviation over mean."""
    mean = sum(values) / len(values)
    return float((sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5 / mean) if mean else 0.0
