"""Motions in notebooks: a player as the result of a cell."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence

from kinelang.atomic import write_atomic
from kinelang.motion.motion import Motion
from kinelang.viewing.labels import Curves, Marks
from kinelang.viewing.player import to_html

DEFAULT_HEIGHT_PX = 600


class Player:
    """A page with a player, which a notebook shows where it is the result of a cell.

    Attributes:
        html: the whole page.
        height_px: height of the frame that it is shown in.
    """

    def __init__(self, page: str, height_px: int) -> None:
        self.html = page
        self.height_px = height_px

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file. Raises FormatError if it cannot be written."""
        write_atomic(path, self.html.encode("utf-8"))

    def _repr_html_(self) -> str:
        """The page in a frame of its own: it cannot reach the notebook, nor the notebook's styles it."""
        style = f"width:100%;height:{self.height_px}px;border:1px solid rgba(128,128,128,.35);border-radius:8px"
        return f'<iframe sandbox="allow-scripts" style="{style}" title="motion player" srcdoc="{html.escape(self.html)}"></iframe>'

    def __repr__(self) -> str:
        return f"<kinelang player, {len(self.html) / 1e6:.1f} MB of HTML>"


def show(
    motions: Motion | Sequence[Motion],
    *,
    intervals: Marks | Sequence[Marks] = (),
    curves: Curves | Sequence[Curves] = (),
    title: str = "",
    height_px: int = DEFAULT_HEIGHT_PX,
) -> Player:
    """A 3D player to be looked at in a notebook; arguments and errors are those of `write_html`.

    Args:
        motions: one motion or several.
        intervals: labelled intervals, or for a sequence of motions one sequence of them for each.
        curves: signals, or for a sequence of motions those of each.
        title: heading of the player.
        height_px: height of the player; rows that find no room are scrolled to.
    """
    page = to_html(motions, intervals=intervals, curves=curves, title=title, autoplay=False)
    return Player(page, height_px)
