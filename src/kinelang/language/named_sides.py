"""Which sides a sentence names, and which sentences name different ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from kinelang.language.lexicon.directions import CLOCKWISE
from kinelang.language.sides import swap_left_right

_BETWEEN_BOTH = frozenset({"and", "or", "/", "the", "his", "her", "their", "to", "a"})


@lru_cache(maxsize=100_000)
def sides_in(text: str) -> tuple[str, ...]:
    """The sides that a text names, in order, each "left" or "right"; what is repeated is given once.

    "turns left, walks left and kicks with the right leg" has left, right. A side word is what `swap_left_right` swaps; clockwise is
    right and counterclockwise left, as a turn is. "left and right" names no side: the mirror image is told in the same words.
    """
    swapped = swap_left_right(text)
    words, others = _words(swap_left_right(swapped)), _words(swapped)  # swapped twice: in the spelling of the once swapped
    if len(words) != len(others):
        raise AssertionError(f"swapping back and forth changes the number of words: {text!r}")
    named = [(i, _side(word)) for i, (word, other) in enumerate(zip(words, others, strict=True)) if word != other]
    kept: list[str] = []
    last = -1
    for i, side in named:
        both = bool(kept) and kept[-1] != side and _joined(words[last + 1 : i])
        if both:
            kept.pop()
        else:
            kept.append(side)
        last = i
    return tuple(side for side, _ in groupby(kept))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+|/", text.lower())


def _joined(between: list[str]) -> bool:
    """Whether the words between two sides say that it is both: "left and right", "to the left and to the right"."""
    return 0 < len(between) <= 4 and between[0] in ("and", "or", "/") and set(between) <= _BETWEEN_BOTH


def _side(word: str) -> str:
    """The side of one word that swaps."""
    return CLOCKWISE.get(word) or ("left" if "left" in word else "right")


def differ_in_side(texts: Sequence[str], others: Sequence[str] | None = None) -> NDArray[np.bool_]:
    """Which pairs of texts name different sides: (N, M) bool; `others` None: among the texts themselves.

    Both name some side, and not the same ones in the same order. A text that names none differs from none. Such pairs are never
    filtered from the negatives of training and never count as correct: sentence encoders take "right leg" and "left leg" for the
    same (cosine .98).
    """
    codes: dict[tuple[str, ...], int] = {(): 0}
    rows = np.array([codes.setdefault(sides_in(text), len(codes)) for text in texts], dtype=np.int64)
    columns = rows if others is None else np.array([codes.setdefault(sides_in(text), len(codes)) for text in others], dtype=np.int64)
    different = rows[:, None] != columns[None, :]
    return np.asarray(different & (rows > 0)[:, None] & (columns > 0)[None, :])
