"""Motions as an animated GIF, with the look of a contact sheet."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.errors import MissingExtraError, MotionError
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.viewing.labels import INTERVAL_COLOURS, Marks, Span, active_at, colours_of, per_motion, spans_of
from kinelang.viewing.pens import ImagePen
from kinelang.viewing.pose_panel import draw_pose
from kinelang.viewing.scene import FLOOR, GRID, INK, PATH, SHADOW, SOFT_INK, Scene, scene_of, window
from kinelang.viewing.stick_figure import LEFT_COLOUR, MIDDLE_COLOUR, RIGHT_COLOUR

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

MAX_FPS = 50.0
"""Browsers slow down GIFs that are faster than this."""

MIN_SIZE, MAX_SIZE = 100, 2000
FINER = 3
"""How many times larger a figure is drawn before it is reduced, which smooths its edges."""

PANEL_PT = 126.0
"""Points across a panel: line widths look as on a contact sheet, whose panels are 1.75 inches wide."""

COLOURS = 64
"""Size of the one palette of all frames; the picture has about a dozen colours, the rest are their blends at edges."""


@dataclass(frozen=True)
class _Panel:
    """One motion in the picture: the scene, pixels per metre, where the floor point under the pelvis lies, and its intervals."""

    scene: Scene
    pixels_per_m: float
    origin: tuple[float, float]
    spans: list[Span]
    colours: dict[str, str]


def write_gif(
    motions: Motion | Sequence[Motion],
    path: str | os.PathLike[str],
    *,
    fps: float = 20.0,
    size: int = 360,
    intervals: Marks | Sequence[Marks] = (),
) -> None:
    """Write motions as an animated GIF: the view of a contact sheet, moving, with the intervals that apply written below.

    Several motions stand side by side on one clock; a shorter one stands still at its end. The animation repeats for ever.

    Args:
        motions: one motion or several.
        path: where to write the GIF; it appears complete or not at all.
        fps: frames a second of the animation, at most 50; they are picked from the motion, not blended.
        size: pixels, width of the panel of each motion.
        intervals: (label, start_s, end_s) or `Span`; for a sequence of motions, one such sequence for each.

    Raises:
        MissingExtraError: Pillow is not installed.
        MotionError: no motion, an impossible rate or size, an interval that ends before it starts.
        FormatError: the file cannot be written.
    """
    try:
        from PIL import Image
    except ImportError as missing:
        raise MissingExtraError.for_extra("Pillow", "view") from missing
    if not 0 < fps <= MAX_FPS:
        raise MotionError.of("GIF", f"{fps:g} frames a second", f"more than 0 and at most {MAX_FPS:g}")
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise MotionError.of("GIF", f"panels of {size} pixels", f"{MIN_SIZE} to {MAX_SIZE}")
    shown = [motions] if isinstance(motions, Motion) else list(motions)
    if not shown:
        raise MotionError.of("GIF", "no motion", "at least one")
    marks: Any = [intervals] if isinstance(motions, Motion) else per_motion(intervals, len(shown), "intervals") or [()] * len(shown)
    times = _times(max(motion.duration_s for motion in shown), fps)
    panels, height = _laid_out(shown, [spans_of(m) for m in marks], times, size)
    palette = Image.new("P", (1, 1))
    palette.putpalette(_palette(panels))
    frames = (_frame(panels, float(t), size, height).quantize(palette=palette, dither=Image.Dither.NONE) for t in times)
    write_atomic(Path(path), _encoded(frames, _durations_ms(times, fps)))


def _times(duration_s: float, fps: float) -> Array:
    """Seconds of the frames of the animation, (N,), from 0 to before the end."""
    return np.arange(max(1, round(duration_s * fps))) / fps


def _durations_ms(times: Array, fps: float) -> list[int]:
    """How long each frame stands. GIF counts hundredths of a second; rounding each moment, not each length, keeps the rate."""
    moments = np.round(np.append(times, len(times) / fps) * 100).astype(int)
    return [int(d) * 10 for d in np.maximum(np.diff(moments), 1)]


def _encoded(frames: Iterator[Image], durations_ms: list[int]) -> bytes:
    data = io.BytesIO()
    first = next(frames)
    first.save(data, format="GIF", save_all=True, append_images=frames, duration=durations_ms, loop=0, optimize=False, disposal=1)
    return data.getvalue()


def _laid_out(motions: Sequence[Motion], spans: Sequence[list[Span]], times: Array, size: int) -> tuple[list[_Panel], int]:
    """The panels and the height of the picture in pixels: a heading, the figures at one scale each, a row for captions."""
    seen = []
    for motion in motions:
        frames = np.unique([_frame_at(motion, t) for t in times])
        scene = replace(scene_of(motion, 1), frames=frames)
        low, high = window(scene)
        seen.append((scene, low, high, min(size / float(high[0] - low[0]), 1.6 * size / float(high[1] - low[1]))))
    heading, caption = _line(size) * 2.6, _line(size) * 2.2
    body = max(float(high[1] - low[1]) * scale for _, low, high, scale in seen)
    panels = [
        _Panel(scene, scale, (size / 2, heading + body + float(low[1]) * scale), marks, colours_of(marks))
        for (scene, low, _, scale), marks in zip(seen, spans, strict=True)
    ]
    return panels, round(heading + body + caption)


def _frame_at(motion: Motion, second: float) -> int:
    return min(int(second * motion.fps + 1e-6), motion.n_frames - 1)


def _frame(panels: Sequence[_Panel], second: float, size: int, height: int) -> Image:
    """One frame of the animation, RGB."""
    from PIL import Image

    picture = Image.new("RGB", (size * len(panels), height), "white")
    for i, panel in enumerate(panels):
        large = Image.new("RGB", (size * FINER, height * FINER), "white")
        origin = (panel.origin[0] * FINER, panel.origin[1] * FINER)
        pen = ImagePen(large, origin, panel.pixels_per_m * FINER, size * FINER / PANEL_PT)
        draw_pose(pen, panel.scene, _frame_at(panel.scene.motion, second))
        picture.paste(large.reduce(FINER), (i * size, 0))
    for i, panel in enumerate(panels):
        _write(picture, panel, second, i * size, size, height)
    return picture


def _write(picture: Image, panel: _Panel, second: float, left: int, size: int, height: int) -> None:
    """Name and time at the top, the labels that apply at the bottom, as far as they fit."""
    from PIL import ImageDraw

    text = ImageDraw.Draw(picture)
    motion, line = panel.scene.motion, _line(size)
    at = f"{min(second, motion.duration_s):.2f} s"
    edge = 0.6 * line
    small, bold = _font(round(0.82 * line)), _font(round(line), bold=True)
    time_w = text.textlength(f"{motion.duration_s:.2f} s", font=small)
    text.text((left + size - edge - time_w, 1.2 * line), at, font=small, fill=SOFT_INK, anchor="lm")
    name = _fitting(text, motion.name or "motion", bold, size - time_w - 3 * edge)
    text.text((left + edge, 1.2 * line), name, font=bold, fill=INK, anchor="lm")
    if second >= motion.duration_s:
        return
    labels = list(dict.fromkeys(span.label for span in active_at(panel.spans, second, motion.duration_s)))
    widths = [text.textlength(_fitting(text, label, small, size - 3 * edge), font=small) + 1.3 * line for label in labels]
    while labels and sum(widths) + 0.4 * line * (len(labels) - 1) > size - edge:
        labels.pop()
        widths.pop()
    x, y = left + (size - sum(widths) - 0.4 * line * (len(labels) - 1)) / 2, height - 1.3 * line
    for label, width in zip(labels, widths, strict=True):
        _pill(picture, (round(x), round(y - 0.75 * line)), (round(width), round(1.5 * line)), panel.colours[label])
        text.text((x + width / 2, y), _fitting(text, label, small, size - 3 * edge), font=small, fill="white", anchor="mm")
        x += width + 0.4 * line


def _pill(picture: Image, corner: tuple[int, int], extent: tuple[int, int], colour: str) -> None:
    """A bar with round ends and smooth edges."""
    from PIL import Image, ImageDraw

    width, height = (v * FINER for v in extent)
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).rounded_rectangle([0, 0, width - 1, height - 1], radius=height // 2, fill=255)
    picture.paste(colour, corner, mask.reduce(FINER))


def _line(size: int) -> float:
    """Height of a line of text in pixels for panels of a size."""
    return max(10.0, size / 25)


def _fitting(text: Any, words: str, font: FreeTypeFont, width: float) -> str:
    """A text cut to a width in pixels, the last letter an ellipsis where something is missing."""
    words = " ".join(words.split())
    if text.textlength(words, font=font) <= width:
        return words
    while words and text.textlength(f"{words}…", font=font) > width:
        words = words[:-1]
    return f"{words}…"


@cache
def _font(size: int, bold: bool = False) -> FreeTypeFont:
    """DejaVu Sans, which matplotlib brings and contact sheets are written in."""
    from PIL import ImageFont

    try:
        from matplotlib import get_data_path
    except ImportError as missing:
        raise MissingExtraError.for_extra("matplotlib", "view") from missing
    return ImageFont.truetype(f"{get_data_path()}/fonts/ttf/DejaVuSans{'-Bold' if bold else ''}.ttf", size)


def _palette(panels: Sequence[_Panel]) -> list[int]:
    """The colours that are drawn with, and blends of neighbours at edges: 3 numbers each, the same for all frames."""
    labels = [colour for panel in panels for colour in panel.colours.values()]
    drawn = ["#ffffff", FLOOR, GRID, SHADOW, PATH, INK, SOFT_INK, LEFT_COLOUR, RIGHT_COLOUR, MIDDLE_COLOUR]
    drawn += [colour for colour in INTERVAL_COLOURS if colour in labels]
    rgb = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in drawn])
    blends = [rgb]
    for dark in rgb[4:]:
        blends += [np.stack([(1 - s) * dark + s * rgb[0] for s in (0.33, 0.67)])]
    blends += [0.84 * rgb[1:4] + 0.16 * rgb[9], (rgb[7:9] + rgb[9]) / 2]
    palette = np.unique(np.concatenate(blends).round().astype(int), axis=0)[:COLOURS]
    return [int(v) for v in palette.ravel()]
