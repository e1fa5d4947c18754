"""One picture of a motion: the figure at evenly spaced times, its path from above, and labelled intervals."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kinelang.atomic import write_atomic
from kinelang.errors import MissingExtraError, MotionError
from kinelang.motion.motion import Motion
from kinelang.viewing.labels import Marks, Span, spans_of
from kinelang.viewing.pens import AxesPen
from kinelang.viewing.pose_panel import draw_pose
from kinelang.viewing.scene import INK, SOFT_INK, Scene, scene_of, window
from kinelang.viewing.side_panels import draw_height, draw_intervals, draw_map, shortened
from kinelang.viewing.stick_figure import LEFT_COLOUR, MIDDLE_COLOUR, RIGHT_COLOUR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 120

# Sizes of the sheet in inches.
PANEL_W, MAP_W, HEIGHT_H, HEADING_H, CAPTION_H, BAR_H, GAP = 1.75, 2.3, 1.1, 0.72, 0.26, 0.24, 0.12
MAX_PANEL_H = 6.0


def contact_sheet(
    motion: Motion,
    path: str | os.PathLike[str] | None = None,
    *,
    n_poses: int = 8,
    columns: int = 4,
    intervals: Marks = (),
) -> Figure:
    """Draw a motion as one picture, and write it as a PNG where a path is given.

    The figure is seen from in front and a little from its left, as it faces in the first frame; all poses have one scale. Its left
    limbs are blue, the right ones orange. Beside the poses stand the path of the pelvis from above and its height over time.

    Args:
        motion: any motion; a skeleton that is no human figure is drawn without head and facing.
        path: where to write the PNG; the file appears complete or not at all.
        n_poses: number of poses, evenly spaced from the first to the last frame (fewer if the motion has fewer frames).
        columns: poses in a row.
        intervals: (label, start_s, end_s) or `Span`, drawn as bars under the poses, one row for each label.

    Returns:
        The matplotlib figure, which belongs to no window and needs no closing.

    Raises:
        MissingExtraError: matplotlib is not installed.
        MotionError: fewer than one pose or column, or an interval that ends before it starts.
        FormatError: the file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
    except ImportError as missing:
        raise MissingExtraError.for_extra("matplotlib", "view") from missing
    if n_poses < 1 or columns < 1:
        raise MotionError.of("contact sheet", f"{n_poses} poses in {columns} columns", "at least 1 of each")
    spans = spans_of(intervals)
    scene = scene_of(motion, n_poses)
    figure = _draw(scene, min(columns, len(scene.frames)), spans)
    FigureCanvasAgg(figure)
    if path is not None:
        write_png(figure, Path(path))
    return figure


def write_png(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, whole or not at all. Raises FormatError if the folder is missing or may not be written to."""
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=DPI, metadata={"Software": "kinelang"})
    write_atomic(path, image.getvalue())


def _draw(scene: Scene, columns: int, spans: Sequence[Span]) -> Figure:
    """Lay the sheet out in inches: heading, rows of poses with map and height at their right, bars below."""
    from matplotlib.figure import Figure

    low, high = window(scene)
    scale = min(PANEL_W / (high[0] - low[0]), MAX_PANEL_H / (high[1] - low[1]))  # inches a metre
    panel_h = float(high[1] - low[1]) * scale
    rows = -(-len(scene.frames) // columns)
    labels = list(dict.fromkeys(span.label for span in spans))
    bars_h = BAR_H * len(labels) + 0.5 if labels else 0.0
    poses_h = max(rows * (panel_h + CAPTION_H + GAP), MAP_W + HEIGHT_H + 0.9)
    width = columns * (PANEL_W + GAP) + MAP_W + 5 * GAP
    height = HEADING_H + poses_h + bars_h
    figure = Figure(figsize=(width, height), facecolor="white")

    def axes(left: float, top: float, w: float, h: float) -> Axes:
        return figure.add_axes((left / width, 1 - (top + h) / height, w / width, h / height))

    _draw_heading(axes(0, 0, width, HEADING_H), scene, width)
    for i, frame in enumerate(scene.frames):
        row, column = divmod(i, columns)
        panel = axes(GAP + column * (PANEL_W + GAP), HEADING_H + row * (panel_h + CAPTION_H + GAP), PANEL_W, panel_h)
        half = PANEL_W / scale / 2
        panel.set(xlim=(-half, half), ylim=(low[1], high[1]))
        panel.set_axis_off()
        draw_pose(AxesPen(panel, scale * 72), scene, int(frame))
        caption = f"{i + 1}  ·  {frame / scene.motion.fps:.2f} s"
        panel.text(0.5, -0.05 / panel_h, caption, transform=panel.transAxes, ha="center", va="top", fontsize=8, color=INK)
    draw_map(axes(width - MAP_W - 2 * GAP, HEADING_H + 0.1, MAP_W, MAP_W), scene)
    draw_height(axes(width - MAP_W - 2 * GAP, HEADING_H + MAP_W + 0.5, MAP_W, HEIGHT_H), scene)
    if labels:
        draw_intervals(axes(1.6, height - bars_h, width - 1.6 - 2 * GAP, BAR_H * len(labels)), scene, spans, labels)
    return figure


def _draw_heading(axes: Axes, scene: Scene, width_in: float) -> None:
    motion = scene.motion
    axes.set_axis_off()
    axes.set(xlim=(0, width_in), ylim=(0, 1))
    facts = f"{motion.duration_s:.2f} s  ·  {motion.n_frames} frames at {motion.fps:g} fps"
    facts += f"  ·  {motion.skeleton.name}, {motion.skeleton.n_joints} joints"
    axes.text(
        0.12,
        0.70,
        shortened(motion.name or "motion", int(8 * (width_in - 2.4))),
        fontsize=13,
        fontweight="bold",
        color=INK,
        va="center",
    )
    axes.text(0.12, 0.30, facts, fontsize=8.5, color=SOFT_INK, va="center")
    for right, colour, word in ((1.75, LEFT_COLOUR, "left"), (1.2, RIGHT_COLOUR, "right"), (0.58, MIDDLE_COLOUR, "trunk")):
        x = width_in - right
        axes.plot([x - 0.16, x - 0.05], [0.70, 0.70], color=colour, lw=4, solid_capstyle="round")
        axes.text(x + 0.03, 0.70, word, fontsize=8.5, color=INK, va="center")
