"""One pose of a contact sheet or of an animation: floor, shadow, path and figure."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.skeletons import SMPL22_JOINTS
from kinelang.viewing.pens import Pen
from kinelang.viewing.scene import FLOOR, GRID, PATH, SHADOW, Scene, round_length
from kinelang.viewing.stick_figure import MIDDLE_COLOUR, heads_of

RIM_PT = 1.6
"""White rim around each line, which separates it from what lies behind, in points."""

PATH_SHOWN_S = 2.0
"""How much of the path lies on the floor before and after the time of a pose; all of it stands in the map."""

_TRUNK = ("left_shoulder", "right_shoulder", "right_hip", "left_hip")


def draw_pose(pen: Pen, scene: Scene, frame: int) -> None:
    """Draw one frame, the point of the floor under the pelvis at the origin."""
    floor = scene.floor_points[frame]
    _draw_floor(pen, scene, frame)
    lines = scene.motion.joints[frame].astype(np.float64)[scene.bones.ends] - floor  # (B, 2, 3)
    widths = scene.bones.widths * scene.height_m * pen.points_per_m
    pen.lines(scene.camera.project(lines * np.array([1.0, 0.0, 1.0])), [SHADOW], 0.8 * widths)
    if scene.body is None:
        _draw_lines(pen, scene, lines, widths, np.ones(len(lines), dtype=bool))
        return
    trunk = scene.camera.project(scene.body[frame][[SMPL22_JOINTS.index(j) for j in _TRUNK]] - floor)
    pen.area(trunk, MIDDLE_COLOUR, 0.16)
    middles, aheads, radius = heads_of(scene.body[frame : frame + 1] - floor, scene.height_m)
    before_head = scene.camera.depth(lines).min(axis=1) > float(scene.camera.depth(middles[0])) + radius
    _draw_lines(pen, scene, lines, widths, ~before_head)
    _draw_head(pen, scene, middles[0], aheads[0], radius)
    _draw_lines(pen, scene, lines, widths, before_head)


def _draw_lines(pen: Pen, scene: Scene, lines: Array, widths: Array, shown: Array) -> None:
    """The bones `shown` from the furthest to the nearest, each on a white rim that ends where the next bone begins."""
    flat = scene.camera.project(lines)
    along = flat[:, 1] - flat[:, 0]
    length = np.linalg.norm(along, axis=-1)
    cut = np.minimum(0.5, 0.55 * (widths + RIM_PT) / pen.points_per_m / np.maximum(length, 1e-9))[:, None]
    rims = np.stack([flat[:, 0] + cut * along, flat[:, 1] - cut * along], axis=1)
    rim_widths = np.where(cut[:, 0] < 0.5, widths + RIM_PT, 0)
    order = [b for b in np.argsort(scene.camera.depth(lines.mean(axis=1)), kind="stable") if shown[b]]
    segments = np.array([part[b] for b in order for part in (rims, flat)]).reshape(-1, 2, 2)
    colours = [colour for b in order for colour in ("white", scene.bones.colours[b])]
    pen.lines(segments, colours, np.array([width[b] for b in order for width in (rim_widths, widths)]))


def _draw_head(pen: Pen, scene: Scene, middle: Array, ahead: Array, radius: float) -> None:
    """A ring with a nose, over the ring when the face is turned to the viewer and under it when it is not."""
    seen = float(scene.camera.depth(ahead)) > 0
    nose = scene.camera.project(np.stack([middle + 0.75 * radius * ahead, middle + 1.4 * radius * ahead]))
    thick = 0.018 * scene.height_m * pen.points_per_m
    for part in ("ring", "nose") if seen else ("nose", "ring"):
        if part == "nose":
            pen.lines(nose[None], [MIDDLE_COLOUR], np.array([thick]))
        else:
            pen.ring(scene.camera.project(middle), radius, "white", MIDDLE_COLOUR, thick)


def _draw_floor(pen: Pen, scene: Scene, frame: int) -> None:
    """A round piece of floor under the figure with a grid that stays where it is in the world, and the pelvis's path on it."""
    radius = scene.floor_radius_m
    turn = np.linspace(0, 2 * np.pi, 72)
    rim = radius * np.stack([np.cos(turn), np.zeros_like(turn), np.sin(turn)], axis=-1)
    pen.area(scene.camera.project(rim), FLOOR)
    pen.lines(scene.camera.project(_grid_lines(scene, frame)), [GRID], np.array([0.6]), round_ends=False)
    path = scene.floor_points - scene.floor_points[frame]
    far = np.abs(np.arange(len(path)) - frame) > PATH_SHOWN_S * scene.motion.fps
    path[far | (np.linalg.norm(path, axis=-1) > radius)] = np.nan
    flat = scene.camera.project(path)
    pen.path(flat, PATH, 0.7, dashed=True)
    pen.path(flat[: frame + 1], PATH, 1.1)


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
