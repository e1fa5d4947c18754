"""Moments: where in a motion something is done. The paper's two ways, and a localiser of our own.

Windows of a motion are encoded once and compared with any number of queries. The ways of the paper (Petrovich et al., "TMR", ICCV 2023,
section 4.5 and appendix) take one window: the best of a fixed length (`fixed_window`), or of all lengths from 10 to 60 frames
(`pyramid`). `localise` is not bound to windows: it takes stretches in which the curve of similarity, over several lengths, and the
detected stages stand out from the rest of the motion, and of these the one that as a whole is most like the text.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kinelang.errors import MissingExtraError
from kinelang.motion.arrays import Array
from kinelang.search.base import FPS, Retriever, SearchError, Windows, shown, spans_of, unit
from kinelang.search.query import Fusion
from kinelang.search.store import Seen
from kinelang.search.structure import asked, compare, fit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kinelang.motion.motion import Motion

FIXED_FRAMES = (20, 40, 60)
"""Lengths of the paper's fixed windows."""
PYRAMID_FRAMES = tuple(range(10, 61, 5))
PYRAMID_STRIDE = 5
"""The paper's pyramid: windows of 10 to 60 frames, a stride of 5. That the lengths go up by 5 too is our reading."""

METHODS = ("best", "fixed", "pyramid")
LOCALISE_STRIDE, LOCALISE_SHARE = 5, 8
"""Frames between the windows of `localise`, and the part of their length that long ones are apart."""
BELOW_ALL = -1e6
"""Less than any sum of cosines over a motion."""


@dataclass(frozen=True, eq=False)
class WindowSet:
    """Encoded windows of one motion.

    Attributes:
        spans: (n, 2) int, first frame and the one after the last, at 20 frames a second.
        vectors: (n, d) float32, unit length.
        n_frames: of the motion.
    """

    spans: Array
    vectors: Array
    n_frames: int

    @classmethod
    def of_seconds(cls, spans_s: Array, vectors: Array) -> WindowSet:
        """From spans in seconds, as an index has them."""
        spans = np.rint(np.asarray(spans_s) * FPS).astype(int)
        return cls(spans, vectors, int(spans[:, 1].max()) if len(spans) else 0)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Lengths of the windows, frames, ascending."""
        return tuple(int(n) for n in np.unique(self.spans[:, 1] - self.spans[:, 0]))

    def of_lengths(self, frames: Collection[int]) -> WindowSet:
        """The windows of these lengths alone; all where there are none of them."""
        rows = np.isin(self.spans[:, 1] - self.spans[:, 0], sorted(frames))
        return WindowSet(self.spans[rows], self.vectors[rows], self.n_frames) if rows.any() else self

    def of_length(self, frames: int) -> WindowSet:
        """The windows of one length, in order; those nearest in length where there are none."""
        near = min(self.lengths, key=lambda n: (abs(n - frames), n))
        rows = np.flatnonzero(self.spans[:, 1] - self.spans[:, 0] == near)
        rows = rows[np.argsort(self.spans[rows, 0], kind="stable")]
        return WindowSet(self.spans[rows], self.vectors[rows], self.n_frames)


@dataclass(frozen=True, eq=False)
class Curve:
    """Similarity over time.

    Attributes:
        times_s: (T,) seconds, one for each frame at 20 a second.
        values: (T,) cosines.
        label: what it is, for a legend.
    """

    times_s: Array
    values: Array
    label: str = ""


@dataclass(frozen=True)
class Moment:
    """A stretch of a motion.

    Attributes:
        start_s, end_s: seconds.
        score: 0 to 1: the cosine as it is shown (cos/2 + 1/2) or, of `localise`, fused with the stages as `Fusion` says.
        similarity: mean cosine in the stretch.
        structure: agreement of the stages detected there with those asked for; None where none were asked for.
    """

    start_s: float
    end_s: float
    score: float
    similarity: float
    structure: float | None = None


@dataclass(frozen=True)
class Localiser:
    """Settings of `localise`.

    Tuned on long motions put together (`evaluate.moments`) from validation clips of the synthetic corpus, from CMU's train and val
    clips, and from labelled recordings (Bandai-Namco, styles active, normal and tired) of performers that neither the detector nor the
    retriever has learned from: there, stages that weigh more cost more than they find.

    Attributes:
        lengths: frames of the windows over whose curves the mean is taken.
        whole: frames of the windows by which a stretch is judged as a whole, beside those of `lengths`.
        levels: how far between the low and the top of the evidence the thresholds are; what is above one is a candidate.
        low: the quantile of the evidence that counts as its low.
        margin: what is less than this below the top, in cosines, is above every threshold.
        structure: what a stage that fits perfectly adds to the cosine.
        agreement: in judging a candidate, the weight of how well all its stages agree with those asked for, beside 1 for the cosine.
        contrast: in judging a candidate, the weight of its `contrast` with the rest of the motion.
        least_s: shortest moment.
        fusion: how similarity and stages make the score.
    """

    lengths: tuple[int, ...] = (15, 25, 40, 60, 100)
    whole: tuple[int, ...] = (80, 120, 160, 200)
    levels: tuple[float, ...] = (0.3, 0.4, 0.5, 0.6, 0.7)
    low: float = 0.2
    margin: float = 0.1
    structure: float = 0.2
    agreement: float = 0.5
    contrast: float = 1.0
    least_s: float = 0.5
    fusion: Fusion = field(default_factory=Fusion)


def encode_windows(
    retriever: Retriever, features: Array, lengths: Iterable[int] = FIXED_FRAMES, stride: int = 1, share: int = 1000
) -> WindowSet:
    """Encode the windows of a motion; of a motion shorter than a window itself. Each window once.

    Args:
        retriever: the model.
        features: (T, 263), raw features at 20 frames a second.
        lengths: frames.
        stride: frames from one window to the next; 1 for a window centred at each frame.
        share: of long windows the stride is this part of their length: they cost the most and change the least from one to the next.
    """
    n = len(features)
    spans = np.unique(np.concatenate([spans_of(n, length, max(stride, length // share)) for length in lengths]), axis=0)
    return WindowSet(spans, retriever.encode_features([features[a:b] for a, b in spans]), n)


def similarity_curve(windows: WindowSet, query: Array, length: int = FIXED_FRAMES[0]) -> Curve:
    """Cosine of a query with the window of `length` frames centred at each frame; at either end the first and last window's.

    Between the centres of windows that are further apart it is a straight line.
    """
    chosen = windows.of_length(length)
    centres = chosen.spans.mean(axis=1) - 0.5
    frames = np.arange(windows.n_frames)
    values = np.interp(frames, centres, chosen.vectors @ query)
    return Curve(frames / FPS, values.astype(np.float32), f"{length} frames")


def fixed_window(windows: WindowSet, query: Array, length: int = FIXED_FRAMES[0], most: int = 5) -> list[Moment]:
    """The paper's fixed windows: the best window of one length, then the best that overlaps none of those before."""
    chosen = windows.of_length(length)
    return _separate(chosen.spans, chosen.vectors @ query, most)


def pyramid(windows: WindowSet, query: Array, most: int = 5) -> list[Moment]:
    """The paper's pyramid: the best window of any length, then the best that overlaps none of those before.

    Encode the windows with `PYRAMID_FRAMES` and `PYRAMID_STRIDE`.
    """
    return _separate(windows.spans, windows.vectors @ query, most)


def localise(
    windows: WindowSet,
    query: Array | None,
    found: Sequence[Seen] = (),
    wanted: Sequence[Seen] = (),
    *,
    settings: Localiser | None = None,
    most: int = 5,
) -> list[Moment]:
    """Stretches that stand out: the best of those with the largest sums of evidence above a threshold. None overlaps another.

    Args:
        windows: of one motion, of several lengths.
        query: (d,) unit vector; None: by the stages alone.
        found: stages detected in the motion.
        wanted: stages that the query asks for.
        settings: see `Localiser`.
        most: stretches at most.

    Returns:
        Moments, best first; the whole motion where nothing stands out.
    """
    settings = settings or Localiser()
    curve = evidence(windows, query, found, wanted, settings)
    if len(curve) == 0:
        return []
    similarity = np.zeros(len(curve)) if query is None else _mean_curve(windows, query, settings.lengths)
    cosines = np.zeros(len(windows.spans)) if query is None else windows.vectors @ query
    judged: list[tuple[float, int, int]] = []
    for first, last in candidates(curve, settings, most):
        value = cosines[_nearest(windows.spans, first, last)] + settings.contrast * contrast(curve, first, last)
        if wanted:
            agreement = compare(wanted, stages_within(found, first / FPS, last / FPS), settings.fusion.stages)
            value += settings.agreement * agreement.score
        judged.append((-float(value), first, last))
    kept: list[tuple[int, int]] = []
    for _, first, last in sorted(judged):
        if len(kept) < most and all(last <= a or b <= first for a, b in kept):
            kept.append((first, last))
    return [_moment(first, last, similarity, query is not None, found, wanted, settings) for first, last in kept]


def candidates(curve: Array, settings: Localiser, most: int = 5) -> list[tuple[int, int]]:
    """For each threshold the stretches with the largest sums of evidence above it, none overlapping another: (first, after last)."""
    low, top = float(np.quantile(curve, settings.low)), float(curve.max())
    least = round(settings.least_s * FPS)
    made: set[tuple[int, int]] = set()
    for level in settings.levels:
        above = curve - min(low + level * (top - low), top - settings.margin)
        for _ in range(most):
            first, last, total = best_stretch(above)
            if total <= 0:
                break
            above[first:last] = -np.inf
            made.add(_lengthened(first, last, curve, least))
    return sorted(made)


def contrast(curve: Array, first: int, last: int) -> float:
    """How much a stretch stands out: mean inside minus mean outside, times sqrt(inside * outside / all), in seconds.

    Its square is the variance that a curve with one level inside and another outside explains, so that of all stretches the true one
    has the most.
    """
    n, inside = len(curve), last - first
    if inside == n:
        return 0.0
    mean = float(curve[first:last].mean())
    rest = (float(curve.sum()) - mean * inside) / (n - inside)
    return float((mean - rest) * np.sqrt(inside * (n - inside) / (n * FPS)))


def _nearest(spans: Array, first: int, last: int) -> int:
    return int(np.argmin(np.abs(spans[:, 0] - first) + np.abs(spans[:, 1] - last)))


def evidence(windows: WindowSet, query: Array | None, found: Sequence[Seen], wanted: Sequence[Seen], settings: Localiser) -> Array:
    """What speaks for a moment at each frame, in cosines: the mean curve of all lengths, and the stages that fit. (T,) float64."""
    curve = np.zeros(windows.n_frames) if query is None else _mean_curve(windows, query, settings.lengths)
    stages = np.zeros(len(curve))
    for stage in found:
        first, last = (min(max(round(t * FPS), 0), len(curve)) for t in (stage.start_s, stage.end_s))
        best = max((fit(w, stage, settings.fusion.stages) for w in wanted), default=0.0)
        stages[first:last] = np.maximum(stages[first:last], best)
    return np.asarray(curve + settings.structure * stages)


def best_stretch(values: Array) -> tuple[int, int, float]:
    """First index, the one after the last, and sum of the contiguous stretch with the largest sum. -inf is in it only if all are."""
    sums = np.concatenate([[0.0], np.cumsum(np.maximum(values, BELOW_ALL))])
    lowest = np.minimum.accumulate(sums[:-1])
    last = int(np.argmax(sums[1:] - lowest)) + 1
    first = int(np.flatnonzero(sums[:last] == lowest[last - 1])[-1])
    return first, last, float(values[first:last].sum())


def _mean_curve(windows: WindowSet, query: Array, lengths: Sequence[int]) -> Array:
    present = {min(windows.lengths, key=lambda n: abs(n - length)) for length in lengths}
    curves = [similarity_curve(windows, query, length).values for length in sorted(present)]
    return np.asarray(np.mean(curves, axis=0), dtype=np.float64)


def _lengthened(first: int, last: int, curve: Array, least: int) -> tuple[int, int]:
    """A stretch of at least so many frames, growing to the side with more evidence."""
    while last - first < min(least, len(curve)):
        before = curve[first - 1] if first > 0 else -np.inf
        after = curve[last] if last < len(curve) else -np.inf
        if before > after:
            first -= 1
        else:
            last += 1
    return first, last


def _moment(
    first: int, last: int, curve: Array, has_vector: bool, found: Sequence[Seen], wanted: Sequence[Seen], settings: Localiser
) -> Moment:
    start_s, end_s = first / FPS, last / FPS
    mean = float(curve[first:last].mean())
    if not wanted:
        return Moment(start_s, end_s, settings.fusion.score(mean if has_vector else None, None), mean)
    agreement = compare(wanted, stages_within(found, start_s, end_s), settings.fusion.stages)
    score = settings.fusion.score(mean if has_vector else None, agreement)
    return Moment(start_s, end_s, score, mean, agreement.score)


def stages_within(stages: Sequence[Seen], start_s: float, end_s: float) -> list[Seen]:
    """Stages of which at least half is in the stretch, or that fill at least half of it."""
    kept = []
    for stage in stages:
        shared = min(stage.end_s, end_s) - max(stage.start_s, start_s)
        if shared >= 0.5 * min(stage.end_s - stage.start_s, end_s - start_s):
            kept.append(stage)
    return kept


def _separate(spans: Array, similarities: Array, most: int) -> list[Moment]:
    """The best windows of which none overlaps another; of equals the first, then the shortest."""
    order = np.lexsort((spans[:, 1], spans[:, 0], -similarities))
    free = np.ones(len(spans), dtype=bool)
    made: list[Moment] = []
    for i in order:
        if not free[i]:
            continue
        a, b = spans[i]
        made.append(Moment(a / FPS, b / FPS, shown(similarities[i]), float(similarities[i])))
        free &= (spans[:, 0] >= b) | (spans[:, 1] <= a)
        if len(made) == most:
            break
    return made


def temporal_iou(a: Moment, start_s: float, end_s: float) -> float:
    """Intersection over union of a moment and a stretch, 0 to 1."""
    shared = min(a.end_s, end_s) - max(a.start_s, start_s)
    return max(shared, 0.0) / (max(a.end_s, end_s) - min(a.start_s, start_s))


def plot_moments(
    curves: Sequence[Curve], moments: Sequence[Moment], path: str | os.PathLike[str] | None = None, *, title: str = ""
) -> Figure:
    """Draw curves of similarity with moments marked, the best one strongest; write it as PNG where a path is given.

    Raises MissingExtraError without matplotlib, SearchError without a curve, FormatError if the file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise MissingExtraError.for_extra("matplotlib", "view") from missing
    from kinelang.viewing.contact_sheet import write_png

    if not curves:
        raise SearchError.of("plot of moments", "no curve", "at least one")
    figure = Figure(figsize=(9.0, 2.8), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for rank, moment in enumerate(moments):
        axes.axvspan(moment.start_s, moment.end_s, color="#4c8f6b", alpha=max(0.35 - 0.08 * rank, 0.08), lw=0)
        middle = (moment.start_s + moment.end_s) / 2
        axes.annotate(f"{moment.score:.2f}", (middle, 1.0), xycoords=("data", "axes fraction"), ha="center", va="bottom", fontsize=8)
    for i, curve in enumerate(curves):
        axes.plot(curve.times_s, curve.values, lw=1.6 if i == 0 else 0.9, label=curve.label)
    axes.set(xlabel="seconds", ylabel="cosine", xlim=(0, max(float(curves[0].times_s[-1]), 0.1)))
    axes.spines[["top", "right"]].set_visible(False)
    if len(curves) > 1:
        axes.legend(fontsize=8, frameon=False)
    figure.suptitle(title, fontsize=10)
    if path is not None:
        write_png(figure, Path(path))
    return figure


@dataclass(frozen=True, eq=False)
class Found:
    """What `find_moments` answers: moments, best first; the curve of similarity; words of the query that have no part in its stages."""

    moments: tuple[Moment, ...]
    curve: Curve
    not_understood: tuple[str, ...]


def find_moments(
    motion: Motion,
    text: str,
    retriever: Retriever,
    *,
    method: str = "best",
    window: int = FIXED_FRAMES[0],
    most: int = 3,
    settings: Localiser | None = None,
) -> Found:
    """Where in a motion a sentence is true.

    Args:
        motion: on any human skeleton, at any frame rate.
        text: the sentence; its stages are compared with the detected ones (only with `method="best"`).
        retriever: the model.
        method: "best" (`localise`), "fixed" (one length, `window`), "pyramid".
        window: frames at 20 a second, of the curve and of "fixed".
        most: moments at most.
        settings: of `localise`.

    Raises:
        SearchError: a text without words, an unknown method.
        SkeletonError, MotionError: no human figure; a motion of one frame.
    """
    if method not in METHODS:
        raise SearchError.of("method", f"'{method}'", f"one of {', '.join(METHODS)}")
    from kinelang.corpora import features_of, standard
    from kinelang.timeline import detect

    settings = settings or Localiser()
    wanted = asked(text)
    query = retriever.encode_texts([text])[0]
    features = features_of(standard(motion))
    curve = similarity_curve(encode_windows(retriever, features, [window]), query, window)
    if method == "pyramid":
        made = pyramid(encode_windows(retriever, features, PYRAMID_FRAMES, PYRAMID_STRIDE), query, most)
    elif method == "fixed":
        made = fixed_window(encode_windows(retriever, features, [window]), query, window, most)
    else:
        windows = encode_windows(retriever, features, (*settings.lengths, *settings.whole), LOCALISE_STRIDE, LOCALISE_SHARE)
        found = [Seen(s.verb, s.side, s.direction, s.count, s.start_s, s.end_s, s.confidence or 0.0) for s in detect(motion).stages]
        made = localise(windows, query, found, wanted.stages, settings=settings, most=most)
    return Found(tuple(made), curve, wanted.not_understood)


def motion_vector(motion: Motion, retriever: Retriever) -> Array:
    """One vector for a motion, of a long one the mean direction of its pieces. (d,) float32, unit. Errors as for `find_moments`."""
    from kinelang.corpora import features_of, standard

    features = features_of(standard(motion))
    spans = Windows().clip_spans(len(features))
    return np.asarray(unit(retriever.encode_features([features[a:b] for a, b in spans]).mean(axis=0)), dtype=np.float32)
