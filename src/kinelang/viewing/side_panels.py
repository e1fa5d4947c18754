"""What stands beside and below the poses of a contact sheet: the path from above, the pelvis's height, labelled intervals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.viewing.labels import INTERVAL_COLOURS, Span
from kinelang.viewing.scene import FLOOR, GRID, INK, PATH, SOFT_INK, Scene, round_length
from kinelang.viewing.stick_figure import MIDDLE_COLOUR

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_map(axes: Axes, scene: Scene) -> None:
    """The path of the pelvis from above, ahead at the top: poses numbered, each an arrow head that points where the figure faces."""
    from matplotlib.patheffects import withStroke

    shift = scene.root - scene.root[0]
    path = np.stack([shift @ -scene.left, shift @ scene.ahead], axis=-1)
    faces = np.stack([scene.facing @ -scene.left, scene.facing @ scene.ahead], axis=-1)
    low, high = path.min(axis=0), path.max(axis=0)
    size = max(float((high - low).max()), 0.5 * scene.height_m) * 1.45
    x, y = (low + high) / 2
    axes.set(xlim=(x - size / 2, x + size / 2), ylim=(y - size / 2, y + size / 2))
    axes.set_aspect("equal", adjustable="box", anchor="N")
    step = round_length(size / 3)
    _map_grid(axes, step)
    axes.plot(*path.T, color=PATH, lw=1.3, zorder=3)
    for frame in scene.frames[::-1]:
        if scene.body is None:
            axes.plot(*path[frame], "o", color=MIDDLE_COLOUR, ms=4.5, mec="white", mew=0.8, zorder=5)
        else:
            axes.fill(*_arrow_head(path[frame], faces[frame], 0.05 * size).T, color=MIDDLE_COLOUR, ec="white", lw=0.8, zorder=5)
    level = (high - low)[0] > (high - low)[1]  # numbers stand below a path that runs across, else to its left
    style: dict[str, Any] = {"xytext": (0, -9), "ha": "center"} if level else {"xytext": (-7, 0), "ha": "right"}
    style["path_effects"] = [withStroke(linewidth=2, foreground=FLOOR)]
    for text, (x, y) in _grouped_numbers(path[scene.frames], 0.08 * size):
        axes.annotate(text, (float(x), float(y)), textcoords="offset points", fontsize=7, color=INK, va="center", zorder=6, **style)
    axes.set_title(f"path from above  ·  grid {step:g} m", fontsize=8, color=SOFT_INK, pad=4)


def _arrow_head(at: Array, facing: Array, size: float) -> Array:
    """A slender triangle (3, 2) around `at` whose point shows where the figure faces."""
    side = np.array([-facing[1], facing[0]])
    return np.stack([at + size * facing, at - 0.6 * size * facing + 0.55 * size * side, at - 0.6 * size * facing - 0.55 * size * side])


def _grouped_numbers(places: Array, distance: float) -> list[tuple[str, Array]]:
    """Numbers of poses 1, 2, ... with where to write them; poses closer than `distance` share one text such as "1-3, 7"."""
    groups: list[list[int]] = []
    for i, place in enumerate(places):
        near = next((g for g in groups if np.linalg.norm(places[g[0]] - place) < distance), None)
        if near is None:
            groups.append([i])
        else:
            near.append(i)
    return [(_runs([i + 1 for i in g]), places[g[0]]) for g in groups]


def _runs(numbers: Sequence[int]) -> str:
    """[1, 2, 3, 7] -> "1–3, 7"."""
    starts = [numbers[0]] + [b for a, b in pairwise(numbers) if b != a + 1]
    ends = [a for a, b in pairwise(numbers) if b != a + 1] + [numbers[-1]]
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in zip(starts, ends, strict=True))


def _map_grid(axes: Axes, step: float) -> None:
    axes.set_facecolor(FLOOR)
    for name in ("xaxis", "yaxis"):
        axis: Any = getattr(axes, name)
        low, high = axis.get_view_interval()
        axis.set_ticks(np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step)
        axis.set_ticklabels([])
    axes.tick_params(length=0)
    axes.grid(color=GRID, lw=0.7)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)


def draw_height(axes: Axes, scene: Scene) -> None:
    """Height of the pelvis over the lowest point of the motion, with the times of the poses as thin upright lines."""
    height = scene.root[:, 1] - scene.ground_m
    top = max(float(height.max()) * 1.15, 0.6 * scene.height_m)
    axes.plot(scene.motion.times_s, height, color=MIDDLE_COLOUR, lw=1.2)
    axes.set(xlim=(0, max(scene.motion.duration_s, 1e-9)), ylim=(min(0.0, float(height.min())), top))
    _pose_times(axes, scene)
    _plain_axes(axes)
    axes.set_title(f"height of the {'root' if scene.body is None else 'pelvis'}, m  ·  over seconds", fontsize=8, color=SOFT_INK, pad=4)


def draw_intervals(axes: Axes, scene: Scene, spans: Sequence[Span], labels: Sequence[str]) -> None:
    """Bars on a common time line, one row for each label."""
    axes.set(xlim=(0, scene.motion.duration_s), ylim=(len(labels) - 0.45, -0.55))
    _pose_times(axes, scene)
    for span in spans:
        row = labels.index(span.label)
        axes.barh(
            row,
            span.end_s - span.start_s,
            left=span.start_s,
            height=0.62,
            color=INTERVAL_COLOURS[row % len(INTERVAL_COLOURS)],
            zorder=2,
        )
    _plain_axes(axes)
    axes.set_yticks(range(len(labels)), [shortened(label, 24) for label in labels], fontsize=7.5, color=INK)
    axes.set_xlabel("seconds", fontsize=7.5, color=SOFT_INK, labelpad=1)


def _pose_times(axes: Axes, scene: Scene) -> None:
    for frame in scene.frames:
        axes.axvline(frame / scene.motion.fps, color=GRID, lw=0.7, zorder=0)


def _plain_axes(axes: Axes) -> None:
    axes.tick_params(labelsize=7, colors=SOFT_INK, length=2)
    axes.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)


def shortened(text: str, length: int) -> str:
    """A text cut to at most `length` characters, the last an ellipsis where something is missing."""
    return text if len(text) <= length else text[: length - 1] + "…"
