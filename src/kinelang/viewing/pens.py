"""What a pose is drawn with: matplotlib's axes for sheets, Pillow's image for many frames. Places in metres, widths in points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from kinelang.motion.arrays import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from PIL.Image import Image

DASH_PT, SPACE_PT = 1.4, 1.4


class Pen(Protocol):
    """Draws one thing over the other. Points are (N, 2) metres in the picture, x to the right and y up."""

    points_per_m: float

    def area(self, points: Array, colour: str, opacity: float = 1.0) -> None:
        """A filled polygon."""

    def lines(self, ends: Array, colours: Sequence[str], widths_pt: Array, *, round_ends: bool = True) -> None:
        """Straight lines (N, 2, 2), in this order."""

    def path(self, points: Array, colour: str, width_pt: float, *, dashed: bool = False) -> None:
        """A line through points, interrupted where they are NaN."""

    def ring(self, middle: Array, radius_m: float, fill: str, colour: str, width_pt: float) -> None:
        """A filled circle with a rim."""


class AxesPen:
    """Draws into matplotlib's axes, whose units are metres."""

    def __init__(self, axes: Axes, points_per_m: float) -> None:
        self.axes = axes
        self.points_per_m = points_per_m
        self._drawn = 0

    def _next(self) -> int:
        self._drawn += 1
        return self._drawn

    def area(self, points: Array, colour: str, opacity: float = 1.0) -> None:
        """See `Pen`."""
        self.axes.fill(*points.T, color=colour, alpha=opacity, lw=0, zorder=self._next())

    def lines(self, ends: Array, colours: Sequence[str], widths_pt: Array, *, round_ends: bool = True) -> None:
        """See `Pen`."""
        from matplotlib.collections import LineCollection

        ending: Any = {"capstyle": "round"} if round_ends else {}
        self.axes.add_collection(LineCollection(list(ends), colors=list(colours), linewidths=widths_pt, zorder=self._next(), **ending))

    def path(self, points: Array, colour: str, width_pt: float, *, dashed: bool = False) -> None:
        """See `Pen`."""
        dashes: Any = (0, (DASH_PT / width_pt, SPACE_PT / width_pt)) if dashed else "-"
        self.axes.plot(*points.T, color=colour, lw=width_pt, ls=dashes, zorder=self._next())

    def ring(self, middle: Array, radius_m: float, fill: str, colour: str, width_pt: float) -> None:
        """See `Pen`."""
        from matplotlib.patches import Circle

        x, y = (float(v) for v in middle)
        self.axes.add_patch(Circle((x, y), radius_m, facecolor=fill, edgecolor=colour, lw=width_pt, zorder=self._next()))


class ImagePen:
    """Draws into a Pillow image, without smoothing: draw larger than needed and reduce.

    Args:
        image: RGB.
        origin: pixel (x, y) where (0, 0) lies.
        pixels_per_m: scale.
        pixels_per_pt: how many pixels a point of line width is.
    """

    def __init__(self, image: Image, origin: tuple[float, float], pixels_per_m: float, pixels_per_pt: float) -> None:
        from PIL import ImageDraw

        self.pen = ImageDraw.Draw(image, "RGBA")
        self.origin = np.array(origin)
        self.scale = np.array([pixels_per_m, -pixels_per_m])
        self.pixels_per_pt = pixels_per_pt
        self.points_per_m = pixels_per_m / pixels_per_pt

    def _pixels(self, points: Array) -> Array:
        return np.asarray(self.origin + points * self.scale)

    def area(self, points: Array, colour: str, opacity: float = 1.0) -> None:
        """See `Pen`."""
        self.pen.polygon([tuple(p) for p in self._pixels(points)], fill=f"{colour}{round(255 * opacity):02x}")

    def lines(self, ends: Array, colours: Sequence[str], widths_pt: Array, *, round_ends: bool = True) -> None:
        """See `Pen`."""
        widths = np.broadcast_to(widths_pt, len(ends)) * self.pixels_per_pt
        hues = colours if len(colours) == len(ends) else list(colours) * len(ends)
        for (a, b), colour, width in zip(self._pixels(ends), hues, widths, strict=True):
            if width <= 0:
                continue
            self.pen.line([tuple(a), tuple(b)], fill=colour, width=max(1, round(float(width))))
            if round_ends:
                half = width / 2
                for x, y in (a, b):
                    self.pen.ellipse([x - half, y - half, x + half, y + half], fill=colour)

    def path(self, points: Array, colour: str, width_pt: float, *, dashed: bool = False) -> None:
        """See `Pen`."""
        width = max(1, round(width_pt * self.pixels_per_pt))
        pixels = self._pixels(points)
        for run in _runs(pixels):
            for piece in _dashes(run, DASH_PT * self.pixels_per_pt, SPACE_PT * self.pixels_per_pt) if dashed else [run]:
                self.pen.line([tuple(p) for p in piece], fill=colour, width=width, joint="curve")

    def ring(self, middle: Array, radius_m: float, fill: str, colour: str, width_pt: float) -> None:
        """See `Pen`."""
        width = width_pt * self.pixels_per_pt
        (x, y), outer = self._pixels(middle), radius_m * self.scale[0] + width / 2
        self.pen.ellipse([x - outer, y - outer, x + outer, y + outer], fill=fill, outline=colour, width=round(width))


def _runs(points: Array) -> list[Array]:
    """The stretches of at least two points between those that are NaN."""
    there = np.isfinite(points).all(axis=-1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], there.astype(int), [0]])))
    return [points[a:b] for a, b in edges.reshape(-1, 2) if b - a > 1]


def _dashes(points: Array, dash: float, space: float) -> list[Array]:
    """Straight dashes along a line, measured on the line."""
    reached = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1)))
    starts = np.arange(0.0, reached[-1], dash + space)
    ends = np.minimum(starts + dash, reached[-1])
    places = [np.stack([np.interp(at, reached, axis) for axis in points.T], axis=-1) for at in (starts, ends)]
    return list(np.stack(places, axis=1))
