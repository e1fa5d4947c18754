"""What pictures of a motion can carry beside the figure: labelled intervals and curves, given as plain tuples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion

Interval = tuple[str, float, float]
"""A label with the start and end it applies to, in seconds."""

INTERVAL_COLOURS = ("#4c8f6b", "#8f6bb0", "#b0703c", "#3c8ea6", "#a64c5f", "#7d8a3a")


class Span(NamedTuple):
    """A labelled interval that says more; wherever intervals are taken, either will do.

    Attributes:
        label: what happens.
        start_s: seconds.
        end_s: seconds, not before the start.
        track: name of the row it stands in, "" for the common one.
        confidence: 0 to 1, or None where nothing is claimed.
        note: a text shown when the pointer rests on it.
    """

    label: str
    start_s: float
    end_s: float
    track: str = ""
    confidence: float | None = None
    note: str = ""


class Curve(NamedTuple):
    """A signal over the frames of a motion.

    Attributes:
        name: what it is.
        values: (T,), one for each frame; NaN where there is none.
        unit: such as "°" or "m/s"; "" for none.
    """

    name: str
    values: Array
    unit: str = ""


Marks = Sequence[Interval | Span]
Curves = Mapping[str, Array] | Sequence[Curve]


def spans_of(intervals: Marks) -> list[Span]:
    """Plain tuples and spans as spans, checked.

    Raises MotionError for an interval that ends before it starts or has a confidence outside 0 to 1.
    """
    spans = [_plain(Span(*interval)) for interval in intervals]
    for span in spans:
        where = f"interval '{span.label}'"
        if not (np.isfinite(span.start_s) and np.isfinite(span.end_s) and span.start_s <= span.end_s):
            found = f"{span.start_s} s to {span.end_s} s"
            raise MotionError.of(where, found, "a start that is not after the end, in seconds")
        if span.confidence is not None and not 0 <= span.confidence <= 1:
            raise MotionError.of(where, f"a confidence of {span.confidence}", "0 to 1, or None")
    return spans


def _plain(span: Span) -> Span:
    """The span with Python's own texts and numbers, also where NumPy's were given."""
    confidence = None if span.confidence is None else float(span.confidence)
    return Span(str(span.label), float(span.start_s), float(span.end_s), str(span.track), confidence, str(span.note))


def curves_of(curves: Curves, motion: Motion) -> list[Curve]:
    """Curves with their values as (T,) float32, checked. Raises MotionError where a curve is not one number a frame."""
    items = [Curve(name, values) for name, values in curves.items()] if isinstance(curves, Mapping) else [Curve(*c) for c in curves]
    checked = []
    for curve in items:
        try:
            values = np.asarray(curve.values, dtype=np.float32)
        except (ValueError, TypeError) as error:
            raise MotionError.of(f"curve '{curve.name}'", f"no numbers ({error})", f"{motion.n_frames} numbers") from None
        if values.shape != (motion.n_frames,):
            raise MotionError.of(f"curve '{curve.name}'", f"shape {values.shape}", f"({motion.n_frames},), one number for each frame")
        checked.append(Curve(str(curve.name), np.where(np.isfinite(values), values, np.nan).astype(np.float32), str(curve.unit)))
    return checked


def per_motion(given: Any, n_motions: int, what: str) -> list[Any] | None:
    """What was given for several motions: one entry for each, or None where nothing was given. Raises MotionError."""
    if not len(given):
        return None
    if isinstance(given, Mapping) or len(given) != n_motions:
        raise MotionError.of(what, f"{len(given)} entries for {n_motions} motions", f"one sequence of {what} for each motion")
    return list(given)


def colours_of(spans: Sequence[Span]) -> dict[str, str]:
    """A colour for each label, in the order in which labels first appear."""
    labels = dict.fromkeys(span.label for span in spans)
    return {label: INTERVAL_COLOURS[i % len(INTERVAL_COLOURS)] for i, label in enumerate(labels)}


def lanes_of(spans: Sequence[Span]) -> list[list[Span]]:
    """Spans in as few rows as keep overlapping ones apart, each in the first row that is free when it starts."""
    lanes: list[list[Span]] = []
    for span in sorted(spans, key=lambda s: (s.start_s, s.end_s)):
        free = next((lane for lane in lanes if lane[-1].end_s <= span.start_s + 1e-9), None)
        if free is None:
            lanes.append([span])
        else:
            free.append(span)
    return lanes


def active_at(spans: Sequence[Span], second: float, duration_s: float) -> list[Span]:
    """The spans that apply at a time: from the start up to, not including, the end; the last moment counts as before it."""
    at = min(second, duration_s - 1e-4)
    return [s for s in spans if s.start_s <= at + 1e-6 and at < s.end_s - 1e-6]
