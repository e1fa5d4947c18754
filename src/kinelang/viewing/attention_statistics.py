"""Pictures of what many words look at: densities of gates, body parts by word, and how well windows fit the stages."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from kinelang.errors import MissingExtraError
from kinelang.motion.arrays import Array
from kinelang.viewing.attention import PART_JOINTS
from kinelang.viewing.attention_sheet import LIT
from kinelang.viewing.contact_sheet import DPI
from kinelang.viewing.scene import FLOOR, GRID, INK, SOFT_INK
from kinelang.viewing.side_panels import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

PART_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "root": "#3b424b",
        "torso": "#a9b2bc",
        "left_arm": "#7fb8e6",
        "right_arm": "#f5b478",
        "left_leg": "#1f6fb8",
        "right_leg": "#d2661a",
    }
)
"""Left is blue and right is orange, as everywhere; arms are light and legs dark."""
_PAPER_TO_INK = ("#f4f6f8", "#e9b5d3", LIT, "#560a36")
"""As the maps of `attention_sheet`."""
_LABEL, _ROW, _WIDTH = 1.25, 0.27, 10.0
"""Inches: names at the left, a row, a picture."""


@dataclass(frozen=True, eq=False)
class WordBins:
    """A word, how often it comes, and a histogram.

    Attributes:
        word: its name.
        count: how often it comes.
        bins: (B,), or (6, B) of the six parts, or (6,) of the parts themselves.
        mean: of what the histogram is of; None where that says nothing.
    """

    word: str
    count: int
    bins: Array
    mean: float | None = None


@dataclass(frozen=True)
class Measured:
    """A row of a picture of figures.

    Attributes:
        name: of the row.
        count: of how many words.
        value, low, high: the figure and its interval.
        beside: a figure to compare it with; None: none.
    """

    name: str
    count: int
    value: float
    low: float
    high: float
    beside: float | None = None


def gate_densities(columns: Mapping[str, Sequence[WordBins]], edges: Array) -> Figure:
    """The gate of words as densities, a column for each group of words; every word has its own scale.

    Args:
        columns: by heading, words with (B,) bins.
        edges: (B + 1,) of the bins.

    Raises:
        MissingExtraError: matplotlib is not installed (as for all of these pictures).
    """
    step = 0.42
    rows = max(len(words) for words in columns.values())
    height, wide = rows * step + 1.0, (_WIDTH - 0.2) / len(columns)
    figure = _figure(height)
    for i, (name, words) in enumerate(columns.items()):
        across = wide - 1.0 - 1.05
        mean_at, count_at = 1 + 0.1 / across, 1 + 0.48 / across
        axes = _axes(figure, i * wide + 1.0, 0.6, across, len(words) * step)
        for row, word in enumerate(words):
            most = max(float(np.max(word.bins)), 1.0)
            base = len(words) - 1 - row
            axes.stairs(base + 0.85 * np.asarray(word.bins) / most, edges, baseline=base, fill=True, color=LIT, alpha=0.35, lw=0)
            axes.stairs(base + 0.85 * np.asarray(word.bins) / most, edges, baseline=base, color=LIT, lw=0.9)
            axes.axhline(base, color=GRID, lw=0.7, zorder=0)
            said = "" if word.mean is None else f"{word.mean:.2f}"
            axes.text(mean_at, base + 0.1, said, fontsize=8, color=INK, fontweight="bold", clip_on=False)
            axes.text(count_at, base + 0.1, f"{word.count}×", fontsize=8, color=SOFT_INK, clip_on=False)
        axes.set(xlim=(0, 1), ylim=(-0.02, len(words)))
        axes.set_yticks([len(words) - 1 - row + 0.15 for row in range(len(words))], [shortened(w.word, 12) for w in words])
        axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        axes.text(mean_at, len(words) - 0.05, "mean", fontsize=7.5, color=SOFT_INK, clip_on=False)
        _plain(axes, name)
    return figure


def part_shares(groups: Mapping[str, Sequence[WordBins]]) -> Figure:
    """How often each body part has the most attention, as bars of shares, a column for each group of words.

    Args:
        groups: by heading, words with (6,) counts in the order of `attention.PART_JOINTS`.
    """
    rows = max(len(words) for words in groups.values())
    height, wide = rows * _ROW + 1.15, (_WIDTH - 0.2) / len(groups)
    figure = _figure(height)
    _legend(figure, 0.12, height)
    for i, (name, words) in enumerate(groups.items()):
        axes = _axes(figure, i * wide + _LABEL, 0.72, wide - _LABEL - 0.6, len(words) * _ROW)
        shares = np.array([np.asarray(word.bins) / max(np.sum(word.bins), 1) for word in words])
        left = np.zeros(len(words))
        for part, colour in enumerate(PART_COLOURS.values()):
            axes.barh(np.arange(len(words)), shares[:, part], left=left, height=0.78, color=colour)
            left += shares[:, part]
        for row, word in enumerate(words):
            axes.text(1.02, row, f"{word.count}×", fontsize=8, color=SOFT_INK, va="center", clip_on=False)
        axes.set(xlim=(0, 1), ylim=(len(words) - 0.5, -0.5))
        axes.set_yticks(range(len(words)), [shortened(word.word, 15) for word in words])
        axes.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
        _plain(axes, name)
    return figure


def peak_histograms(words: Sequence[WordBins], edges: Array, columns: int = 3) -> Figure:
    """The largest attention over time to each body part: a map for each word, dark where that of many words lies.

    Args:
        words: with (6, B) counts.
        edges: (B + 1,) of the bins.
        columns: maps in a row.
    """
    columns = min(columns, len(words))
    rows, panel, room = -(-len(words) // columns), 1.75, 0.85
    wide = (_WIDTH - room - 0.2) / columns
    figure = _figure(rows * panel + 0.1)
    colours = _colours()
    for i, word in enumerate(words):
        row, column = divmod(i, columns)
        axes = _axes(figure, room + column * wide, 0.35 + row * panel, wide - 0.3, panel - 0.65)
        shares = np.asarray(word.bins) / max(word.count, 1)
        axes.imshow(shares, aspect="auto", cmap=colours, vmin=0, vmax=1, extent=(edges[0], edges[-1], len(shares) - 0.5, -0.5))
        axes.set_yticks(range(len(shares)), [p.replace("_", " ") for p in PART_JOINTS] if not column else [""] * len(shares))
        axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        for k in range(1, len(shares)):
            axes.axhline(k - 0.5, color="white", lw=0.8)
        _plain(axes, word.word)
        axes.set_title(f"{word.count}×", fontsize=8, color=SOFT_INK, loc="right", pad=6)
    return figure


def figures_with_intervals(rows: Sequence[Measured], *, title: str, beside: str = "", unit: str = " %", most: float = 100) -> Figure:
    """Figures as points with their intervals, a row each, beside what they are compared with.

    Args:
        rows: from above.
        title: what is measured.
        beside: what they are compared with; empty: nothing.
        unit: of the figures.
        most: right end of the axis.
    """
    height = len(rows) * _ROW + (1.1 if beside else 0.85)
    figure = _figure(height)
    label = 2.6
    axes = _axes(figure, label, 0.45, _WIDTH - label - 1.5, len(rows) * _ROW)
    for at, row in enumerate(rows):
        axes.axhline(at, color=FLOOR, lw=6, zorder=0)
        if row.low == row.low:
            axes.plot([row.low, row.high], [at, at], color=LIT, lw=2, solid_capstyle="round")
        axes.plot([row.value], [at], "o", color=LIT, ms=5, clip_on=False, zorder=3)
        if row.beside is not None and row.beside == row.beside:
            axes.plot([row.beside], [at], "|", color=INK, ms=9, mew=1.6)
        axes.text(1.015, at, f"{row.value:.0f}{unit}", transform=axes.get_yaxis_transform(), fontsize=8, color=INK, va="center")
        axes.text(1.10, at, f"{row.count}×", transform=axes.get_yaxis_transform(), fontsize=8, color=SOFT_INK, va="center")
    axes.set(xlim=(0, most), ylim=(len(rows) - 0.5, -0.5))
    axes.set_yticks(range(len(rows)), [shortened(row.name, 34) for row in rows])
    ticks = np.linspace(0, most, 6)
    axes.set_xticks(ticks, [f"{tick:g}{unit}" for tick in ticks])
    _plain(axes, title)
    if beside:
        under = -(0.5 / (len(rows) * _ROW))
        axes.plot([0.0], [under], "|", transform=axes.transAxes, color=INK, ms=9, mew=1.6, clip_on=False)
        axes.text(0.015, under, beside, transform=axes.transAxes, fontsize=8, color=SOFT_INK, va="center")
    return figure


def png_of(figure: Figure) -> bytes:
    """The picture as a PNG."""
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=DPI, metadata={"Software": "kinelang"})
    return image.getvalue()


def _figure(height: float) -> Figure:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise MissingExtraError.for_extra("matplotlib", "view") from missing
    figure = Figure(figsize=(_WIDTH, height), facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _colours() -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("attention", _PAPER_TO_INK)


def _axes(figure: Figure, left: float, top: float, wide: float, high: float) -> Axes:
    """A place in inches from the left and the top."""
    width, height = figure.get_size_inches()
    return figure.add_axes((left / width, 1 - (top + high) / height, wide / width, high / height))


def _legend(figure: Figure, top: float, height: float) -> None:
    axes = _axes(figure, 0, top, _WIDTH, 0.25)
    axes.set_axis_off()
    axes.set(xlim=(0, _WIDTH), ylim=(0, 1))
    for i, part in enumerate(PART_JOINTS):
        axes.plot([_LABEL + 1.25 * i], [0.5], "s", color=PART_COLOURS[part], ms=8)
        axes.text(_LABEL + 1.25 * i + 0.13, 0.5, part.replace("_", " "), fontsize=8.5, color=INK, va="center")


def _plain(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=9.5, fontweight="bold", color=INK, loc="left", pad=8)
    axes.tick_params(axis="x", labelsize=7.5, colors=SOFT_INK, length=2)
    axes.tick_params(axis="y", labelsize=8.5, length=0, labelcolor=INK)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
