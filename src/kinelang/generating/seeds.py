"""Seeds that can be: whole numbers that every file keeps as they are."""

from __future__ import annotations

from operator import index
from textwrap import shorten

from kinelang.errors import MotionError

LARGEST_SEED = 2**63 - 1
"""What the 64 bits of a signed number hold, as `archive.save_npz` keeps it."""


def checked_seed(seed: object, n: int = 1, where: str = "seed") -> int:
    """A seed as a plain int.

    Args:
        seed: of the first motion.
        n: how many motions have it and the next numbers.
        where: what the error names.

    Raises:
        MotionError: no whole number, one below 0, or one beyond `LARGEST_SEED`.
    """
    largest = LARGEST_SEED - (n - 1)
    try:
        whole = -1 if isinstance(seed, bool) else index(seed)  # type: ignore[arg-type]
    except TypeError:
        whole = -1
    if not 0 <= whole <= largest:
        raise MotionError.of(where, shorten(repr(seed), 60, placeholder=" ..."), f"a whole number from 0 to {largest}")
    return whole
