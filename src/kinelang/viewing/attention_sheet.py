"""One picture of what a caption was said from: the gate of each word, and for each action word a map of body parts over time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kinelang.errors import MissingExtraError
from kinelang.viewing.attention import PART_JOINTS, AttendedWord, Attention, spans_over
from kinelang.viewing.contact_sheet import write_png
from kinelang.viewing.scene import GRID, INK, SOFT_INK
from kinelang.viewing.side_panels import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LIT = "#c2187a"
MAPS_IN_A_ROW, MOST_MAPS = 2, 24
_WIDTH, _HEADING, _GATES, _MAP, _WINDOW, _GAP = 10.0, 0.85, 1.35, 1.15, 0.3, 0.62
"""Sizes in inches."""


def attention_sheet(attention: Attention, path: str | os.PathLike[str] | None = None, *, title: str = "") -> Figure:
    """Draw what the words of a caption look at, and write it as a PNG where a path is given.

    Above, each word with its gate as a bar, where gates are known. Below, for each word that tells of motion, its window over time, and
    the map of body parts over time: the share of each part times the window, on one scale for all words.

    Args:
        attention: a caption's.
        path: where to write the PNG; the file appears complete or not at all.
        title: of the picture, such as the motion's name.

    Returns:
        The matplotlib figure, which belongs to no window and needs no closing.

    Raises:
        MissingExtraError: matplotlib is not installed.
        FormatError: the file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
    except ImportError as missing:
        raise MissingExtraError.for_extra("matplotlib", "view") from missing
    figure = _draw(attention, title)
    FigureCanvasAgg(figure)
    if path is not None:
        write_png(figure, Path(path))
    return figure


def _draw(attention: Attention, title: str) -> Figure:
    """Lay the picture out in inches: heading, gates, rows of maps."""
    from matplotlib.figure import Figure

    shown = [word for word in attention.words if word.motion][:MOST_MAPS]
    rows = -(-len(shown) // MAPS_IN_A_ROW)
    gates = _GATES if any(word.gate is not None for word in attention.words) else 0.15
    height = _HEADING + gates + rows * (_WINDOW + _MAP + _GAP) + 0.25
    figure = Figure(figsize=(_WIDTH, height), facecolor="white")

    def axes(left: float, top: float, w: float, h: float) -> Axes:
        return figure.add_axes((left / _WIDTH, 1 - (top + h) / height, w / _WIDTH, h / height))

    heading = axes(0, 0, _WIDTH, _HEADING)
    heading.set_axis_off()
    heading.set(xlim=(0, _WIDTH), ylim=(0, 1))
    heading.text(0.2, 0.68, shortened(attention.caption, 105), fontsize=12, fontweight="bold", color=INK, va="center")
    facts = "  ·  ".join(filter(None, (title, attention.source, f"{attention.n_frames / attention.fps:.2f} s")))
    heading.text(0.2, 0.28, shortened(facts, 130), fontsize=8.5, color=SOFT_INK, va="center")
    if gates == _GATES:
        _draw_gates(axes(0.55, _HEADING, _WIDTH - 0.75, _GATES - 0.75), attention.words)
    top, width = _HEADING + gates, (_WIDTH - 0.3) / MAPS_IN_A_ROW
    most = max((float(_map(word).max()) for word in shown), default=1.0) or 1.0
    for i, word in enumerate(shown):
        row, column = divmod(i, MAPS_IN_A_ROW)
        left, at = 0.95 + column * width, top + row * (_WINDOW + _MAP + _GAP)
        _draw_window(axes(left, at, width - 1.05, _WINDOW), word, attention.fps)
        _draw_map(axes(left, at + _WINDOW, width - 1.05, _MAP), word, attention, most, named=column == 0)
    return figure


def _map(word: AttendedWord) -> Any:
    """(6, T)."""
    return np.asarray(word.shares).T * np.asarray(word.window)


def _draw_gates(axes: Axes, words: Sequence[AttendedWord]) -> None:
    for i, word in enumerate(words):
        if word.gate is not None:
            axes.bar(i, word.gate, width=0.72, color=LIT if word.motion else GRID)
    axes.set(xlim=(-0.6, max(len(words), 8) - 0.4), ylim=(0, 1))
    slanted: dict[str, Any] = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if len(words) > 14 else {}
    axes.set_xticks(range(len(words)), [shortened(word.text, 16) for word in words], fontsize=8.5, color=INK, **slanted)
    for tick, word in zip(axes.get_xticklabels(), words, strict=True):
        tick.set_fontweight("bold" if word.motion else "normal")
    axes.set_yticks([0, 1], ["0", "1"], fontsize=7, color=SOFT_INK)
    axes.set_ylabel("gate", fontsize=8, color=SOFT_INK, labelpad=2)
    _plain(axes)


def _draw_window(axes: Axes, word: AttendedWord, fps: float) -> None:
    edges = np.arange(len(word.window) + 1) / fps
    axes.stairs(np.asarray(word.window), edges, fill=True, color=LIT, alpha=0.35, lw=0)
    axes.set(xlim=(0, len(word.window) / fps), ylim=(0, 1.05))
    axes.set_axis_off()
    times = ", ".join(f"{start:.2f}–{end:.2f} s" for start, end in spans_over(word.window, fps))
    gate = "" if word.gate is None else f"gate {word.gate:.2f}"
    says = "  ·  ".join(filter(None, (shortened(times, 40), gate)))
    axes.set_title(word.text, fontsize=9.5, fontweight="bold", color=INK, loc="left", pad=3)
    axes.set_title(says, fontsize=7.5, color=SOFT_INK, loc="right", pad=3)


def _draw_map(axes: Axes, word: AttendedWord, attention: Attention, most: float, *, named: bool) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    paper_to_ink = LinearSegmentedColormap.from_list("attention", ["#f4f6f8", "#e9b5d3", LIT, "#560a36"])
    names, end = [part.replace("_", " ") for part in PART_JOINTS], attention.n_frames / attention.fps
    axes.imshow(
        _map(word),
        aspect="auto",
        cmap=paper_to_ink,
        vmin=0,
        vmax=most,
        extent=(0, end, len(names) - 0.5, -0.5),
        interpolation="nearest",
    )
    axes.set_yticks(range(len(names)), names if named else [""] * len(names), fontsize=7.5, color=INK)
    axes.tick_params(axis="x", labelsize=7, colors=SOFT_INK, length=2)
    for k in range(1, len(names)):
        axes.axhline(k - 0.5, color="white", lw=0.8)
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
