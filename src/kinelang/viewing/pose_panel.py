"""One pose of a contact sheet: floor, shadow, path and figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.skeletons import SMPL22_JOINTS
from kinelang.viewing.scene import FLOOR, GRID, PATH, SHADOW, Scene, round_length
from kinelang.viewing.stick_figure import MIDDLE_COLOUR, heads_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RIM_PT = 1.6
"""White rim around each line, which separates it from what lies behind, in points."""

PATH_SHOWN_S = 2.0
"""How much of the path lies on the floor before and after the time of a pose; all of it stands in the map."""

_TRUNK = ("left_shoulder", "right_shoulder", "right_hip", "left_hip")


def draw_pose(axes: Axes, scene: Scene, frame: int, points_per_m: float) -> None:
    """Draw one frame into axes whose units are metres in the picture, the point of the floor under the pelvis at the origin."""
    from matplotlib.collections import LineCollection

    axes.set_axis_off()
    floor = scene.floor_points[frame]
    _draw_floor(axes, scene, frame)
    lines = scene.motion.joints[frame].astype(np.float64)[scene.bones.ends] - floor  # (B, 2, 3)
    widths = scene.bones.widths * scene.height_m * points_per_m
    shadow = scene.camera.project(lines * np.array([1.0, 0.0, 1.0]))
    axes.add_collection(LineCollection(list(shadow), colors=SHADOW, linewidths=0.8 * widths, capstyle="round", zorder=3))
    if scene.body is not None:
        trunk = scene.camera.project(scene.body[frame][[SMPL22_JOINTS.index(j) for j in _TRUNK]] - floor)
        axes.fill(*trunk.T, color=MIDDLE_COLOUR, alpha=0.16, lw=0, zorder=4)
    near = np.inf if scene.body is None else _draw_head(axes, scene, scene.body[frame : frame + 1] - floor, points_per_m)
    before_head = scene.camera.depth(lines).min(axis=1) > near
    _draw_lines(axes, scene, lines, widths, points_per_m, ~before_head, zorder=5)
    _draw_lines(axes, scene, lines, widths, points_per_m, before_head, zorder=9)


def _draw_lines(axes: Axes, scene: Scene, lines: Array, widths: Array, points_per_m: float, shown: Array, zorder: int) -> None:
    """The bones `shown` from the furthest to the nearest, each on a white rim that ends where the next bone begins."""
    from matplotlib.collections import LineCollection

    flat = scene.camera.project(lines)
    along = flat[:, 1] - flat[:, 0]
    length = np.linalg.norm(along, axis=-1)
    cut = np.minimum(0.5, 0.55 * (widths + RIM_PT) / points_per_m / np.maximum(length, 1e-9))[:, None]
    rims = np.stack([flat[:, 0] + cut * along, flat[:, 1] - cut * along], axis=1)
    rim_widths = np.where(cut[:, 0] < 0.5, widths + RIM_PT, 0)
    order = [b for b in np.argsort(scene.camera.depth(lines.mean(axis=1)), kind="stable") if shown[b]]
    segments = [part[b] for b in order for part in (rims, flat)]
    colours = [colour for b in order for colour in ("white", scene.bones.colours[b])]
    thickness = [width[b] for b in order for width in (rim_widths, widths)]
    axes.add_collection(LineCollection(segments, colors=colours, linewidths=thickness, capstyle="round", zorder=zorder))


def _draw_head(axes: Axes, scene: Scene, body: Array, points_per_m: float) -> float:
    """A ring with a nose, over the ring when the face is turned to the viewer and under it when it is not.

    Returns how near the front of the head is to the viewer.
    """
    from matplotlib.patches import Circle

    middles, aheads, radius = heads_of(body, scene.height_m)
    middle, ahead = middles[0], aheads[0]
    seen = float(scene.camera.depth(ahead)) > 0
    nose = scene.camera.project(np.stack([middle + 0.75 * radius * ahead, middle + 1.4 * radius * ahead]))
    thick = 0.018 * scene.height_m * points_per_m
    axes.plot(*nose.T, color=MIDDLE_COLOUR, lw=thick, solid_capstyle="round", zorder=8 if seen else 6)
    x, y = scene.camera.project(middle)
    axes.add_patch(Circle((float(x), float(y)), radius, facecolor="white", edgecolor=MIDDLE_COLOUR, lw=thick, zorder=7))
    return float(scene.camera.depth(middle)) + radius


def _draw_floor(axes: Axes, scene: Scene, frame: int) -> None:
    """A round piece of floor under the figure with a grid that stays where it is in the world, and the pelvis's path on it."""
    from matplotlib.collections import LineCollection

    radius = scene.floor_radius_m
    turn = np.linspace(0, 2 * np.pi, 72)
    rim = radius * np.stack([np.cos(turn), np.zeros_like(turn), np.sin(turn)], axis=-1)
    axes.fill(*scene.camera.project(rim).T, color=FLOOR, zorder=0, lw=0)
    lines = scene.camera.project(_grid_lines(scene, frame))
    axes.add_collection(LineCollection(list(lines), colors=GRID, linewidths=0.6, zorder=1))
    path = scene.floor_points - scene.floor_points[frame]
    far = np.abs(np.arange(len(path)) - frame) > PATH_SHOWN_S * scene.motion.fps
    path[far | (np.linalg.norm(path, axis=-1) > radius)] = np.nan
    flat = scene.camera.project(path)
    axes.plot(*flat.T, color=PATH, lw=0.7, ls=(0, (2, 2)), zorder=2)
    axes.plot(*flat[: frame + 1].T, color=PATH, lw=1.1, zorder=2)


def _grid_lines(scene: Scene, frame: int) -> Array:
    """Lines (N, 2, 3) along and across the initial facing, cut at the rim of the floor, relative to the point below the pelvis."""
    radius, step = scene.floor_radius_m, round_length(scene.height_m / 4)
    here = scene.floor_points[frame] - scene.floor_points[0]
    lines = []
    for along, across in ((scene.ahead, scene.left), (scene.left, scene.ahead)):
        offset = float(here @ across)
        k = np.arange(np.ceil((offset - radius) / step), np.floor((offset + radius) / step) + 1)
        at = (k * step - offset)[:, None]
        half = np.sqrt(np.maximum(radius**2 - at**2, 0))
        lines.append(np.stack([at * across - half * along, at * across + half * along], axis=1))
    return np.concatenate(lines)
