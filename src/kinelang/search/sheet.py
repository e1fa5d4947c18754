"""Hits as one picture: a row of poses for each, over the stretch that was found."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kinelang.errors import MissingExtraError
from kinelang.motion.motion import Motion
from kinelang.motion.ops import cut
from kinelang.search.base import SearchError
from kinelang.search.query import Hit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANEL_W, HEADING_H, TITLE_H, GAP, MOST_PANEL_H = 1.3, 0.3, 0.45, 0.08, 2.6
"""Sizes in inches: a pose's width, the line above each row, the heading, gaps, the tallest pose."""


def hit_sheet(
    hits: Sequence[Hit], motions: Sequence[Motion], path: str | os.PathLike[str] | None = None, *, title: str = "", poses: int = 7
) -> Figure:
    """Draw hits below one another, the best on top, and write the picture as PNG where a path is given.

    Args:
        hits: what was found.
        motions: the motion of each hit, whole.
        path: the PNG.
        title: heading, such as the query.
        poses: poses in a row, evenly spaced over the stretch.

    Raises:
        MissingExtraError: matplotlib is not installed.
        SearchError: no hit.
        FormatError: the file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise MissingExtraError.for_extra("matplotlib", "view") from missing
    from kinelang.viewing.contact_sheet import write_png
    from kinelang.viewing.pens import AxesPen
    from kinelang.viewing.pose_panel import draw_pose
    from kinelang.viewing.scene import INK, SOFT_INK, scene_of, window

    if not hits:
        raise SearchError.of("sheet", "no hit", "at least one", "ask for something else, or with fewer filters")
    scenes = [scene_of(cut(m, h.start_s, max(h.end_s, h.start_s + 1.5 / m.fps)), poses) for h, m in zip(hits, motions, strict=True)]
    windows = [window(scene) for scene in scenes]
    scales = [min(PANEL_W / (high[0] - low[0]), MOST_PANEL_H / (high[1] - low[1])) for low, high in windows]  # inches a metre
    heights = [float(high[1] - low[1]) * scale for (low, high), scale in zip(windows, scales, strict=True)]
    width = poses * (PANEL_W + GAP) + GAP
    height = TITLE_H + sum(heights) + len(hits) * (HEADING_H + GAP)
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    figure.text(GAP / width, 1 - 0.5 * TITLE_H / height, title, fontsize=12, fontweight="bold", color=INK, va="center")
    top = TITLE_H
    for hit, scene, (low, high), scale, panel_h in zip(hits, scenes, windows, scales, heights, strict=True):
        figure.text(GAP / width, 1 - (top + 0.5 * HEADING_H) / height, _heading(hit), fontsize=8, color=SOFT_INK, va="center")
        for column, frame in enumerate(scene.frames):
            left = GAP + column * (PANEL_W + GAP)
            bottom = 1 - (top + HEADING_H + panel_h) / height
            panel = figure.add_axes((left / width, bottom, PANEL_W / width, panel_h / height))
            half = PANEL_W / scale / 2
            panel.set(xlim=(-half, half), ylim=(low[1], high[1]))
            panel.set_axis_off()
            draw_pose(AxesPen(panel, scale * 72), scene, int(np.asarray(frame)))
        top += HEADING_H + panel_h + GAP
    if path is not None:
        write_png(figure, Path(path))
    return figure


def _heading(hit: Hit) -> str:
    stages = ", ".join(stage.brief() for stage in hit.stages)
    return f"{hit.score:.3f}   {Path(hit.path).name}   {hit.start_s:.2f}-{hit.end_s:.2f} s   {stages}"
