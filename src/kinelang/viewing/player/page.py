"""One HTML page that plays motions in 3D, with everything it needs inside it."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from kinelang.atomic import write_atomic
from kinelang.errors import MotionError
from kinelang.motion.motion import Motion
from kinelang.viewing.attention import Attention
from kinelang.viewing.labels import Curves, Marks, curves_of, per_motion, spans_of
from kinelang.viewing.player.encoding import page_data
from kinelang.viewing.player.mannequin import name_of


def write_html(
    motions: Motion | Sequence[Motion],
    path: str | os.PathLike[str],
    *,
    intervals: Marks | Sequence[Marks] = (),
    curves: Curves | Sequence[Curves] = (),
    title: str = "",
    autoplay: bool = True,
    attention: Attention | Sequence[Attention | None] | None = None,
) -> None:
    """Write motions as one HTML page with a 3D player, which needs neither network nor other files.

    The figure can be turned, played at 0.1 to 4 times its speed and stepped by frames (the page lists its keys under "?"). Its left
    limbs are blue, the right ones orange. Several motions stand side by side on one clock, each in its own frame rate. An address that
    ends in `#t=12.5` opens the page at that second.

    Args:
        motions: one motion or several.
        path: where to write the page; it appears complete or not at all.
        intervals: (label, start_s, end_s) or `Span`, shown as blocks under the picture, overlapping ones in separate rows; for a
            sequence of motions, one such sequence for each.
        curves: signals with one number for each frame, by name, or `Curve` with a unit; for a sequence of motions, one for each.
        title: heading of the page; without one, the motions' names stand in its title bar alone.
        autoplay: begin to play when the page is opened (never where the reader prefers reduced motion).
        attention: a caption with what its words look at: the word that is chosen, or told at the moment, lights up its limbs and its
            time; for a sequence of motions, one or None for each.

    Raises:
        MotionError: no motion, an interval that ends before it starts, a curve that does not fit its motion, attention for a figure
            that is not human.
        FormatError: the file cannot be written.
    """
    page = to_html(motions, intervals=intervals, curves=curves, title=title, autoplay=autoplay, attention=attention)
    write_atomic(path, page.encode("utf-8"))


def to_html(
    motions: Motion | Sequence[Motion],
    *,
    intervals: Marks | Sequence[Marks] = (),
    curves: Curves | Sequence[Curves] = (),
    title: str = "",
    autoplay: bool = True,
    attention: Attention | Sequence[Attention | None] | None = None,
) -> str:
    """The page of `write_html` as a text. Same arguments and errors."""
    alone = isinstance(motions, Motion)
    shown = [motions] if isinstance(motions, Motion) else list(motions)
    if not shown:
        raise MotionError.of("player", "no motion", "at least one")
    marks: Any = [intervals] if alone else per_motion(intervals, len(shown), "intervals") or [()] * len(shown)
    signals: Any = [curves] if alone else per_motion(curves, len(shown), "curves") or [()] * len(shown)
    looks = [attention] if isinstance(attention, Attention) else per_motion(attention or (), len(shown), "attention")
    checked_curves = [curves_of(c, m) for c, m in zip(signals, shown, strict=True)]
    data = page_data(shown, [spans_of(m) for m in marks], checked_curves, autoplay, looks)
    names = " · ".join(name_of(motion) for motion in shown)
    return _filled(
        {
            "title": html.escape(title or names),
            "heading": f"<h1>{html.escape(title)}</h1>\n" if title else "",
            "spoken": html.escape(f"3D view of {names}"),
            "style": _asset("player.css"),
            "script": _asset("player.min.js"),
            "data": data,
        }
    )


def _filled(values: Mapping[str, str]) -> str:
    """The page with each {{name}} replaced; what was put in is not looked at again."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match.group(1)], _asset("page.html"))


@cache
def _asset(name: str) -> str:
    return files("kinelang.viewing.player").joinpath(name).read_text(encoding="utf-8")
