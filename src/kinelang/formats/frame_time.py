"""Frame times as written in text files, and the frame rates they mean."""

from __future__ import annotations

import re
from decimal import Decimal

from kinelang.errors import FormatError
from kinelang.motion.motion import MAX_FPS

COMMON_FPS = (
    12.0,
    15.0,
    20.0,
    24.0,
    25.0,
    30.0,
    40.0,
    48.0,
    50.0,
    60.0,
    72.0,
    75.0,
    80.0,
    90.0,
    100.0,
    120.0,
    150.0,
    180.0,
    200.0,
    240.0,
)
NTSC_FPS = tuple(n / 1.001 for n in (24.0, 30.0, 48.0, 60.0, 120.0, 240.0))

_DECIMAL = re.compile(r"[-+]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})(?:[eE][-+]?\d{1,3})?", re.ASCII)
FURTHEST = 0.025
"""A common rate is taken for a coarsely written frame time only if it is within this share of it (ours)."""


def fps_of_frame_time(text: str, where: str) -> tuple[float, str | None]:
    """Frames a second of a frame time in seconds, as written.

    A rate is taken as meant if its frame time, rounded or cut to the digits written, is the text: 0.0083333 is 120 fps, 0.0333333
    is 30, 0.0333667 is 29.97. Common whole rates come first, then other whole ones, then the NTSC ones (n / 1.001).

    Returns:
        fps, and a note where it is not simply the reciprocal.

    Raises:
        FormatError: not a number, zero, negative, or a rate above what a Motion allows.
    """
    if not _DECIMAL.fullmatch(text) or not 1 / MAX_FPS <= float(text) <= 1e6:
        found, remedy = repr(text[:30]), "correct it or give the rate: --fps (fps=)"
        raise FormatError.of(where, found, f"seconds between frames, from {1 / MAX_FPS:g}", remedy)
    written = Decimal(text)
    seconds = float(written)
    exact = 1 / seconds
    plain = round(exact, 3)
    if abs(exact - plain) <= 1e-9 * exact:
        return plain, None
    digit = 10.0 ** int(written.as_tuple().exponent)
    for rates, furthest in ((COMMON_FPS, FURTHEST), ((float(round(exact)),), FURTHEST / 25), (NTSC_FPS, FURTHEST)):
        meant = [r for r in rates if r > 0 and abs(1 / r - seconds) < digit and abs(r - exact) <= furthest * exact]
        if meant:
            fps = min(meant, key=lambda r: abs(r - exact))
            return fps, f"frame time {text} s taken as {fps:g} frames a second"
    return exact, None


def frame_time_text(fps: float) -> str:
    """Seconds between frames with as many digits as `fps_of_frame_time` needs to give the rate back."""
    return f"{1 / fps:.12g}"
