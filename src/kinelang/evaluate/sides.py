"""Whether left and right are told apart: which sides captions name, and whether a caption beats its twin with the sides swapped."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, TypeVar

import numpy as np

from kinelang.errors import KinelangError
from kinelang.language.lexicon.directions import CLOCKWISE
from kinelang.language.sides import swap_left_right
from kinelang.metrics.intervals import ROUNDS, Interval, bootstrap
from kinelang.motion.arrays import Array, BoolArray

Clip = TypeVar("Clip")

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


def differ_in_side(texts: Sequence[str], others: Sequence[str] | None = None) -> BoolArray:
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


@dataclass(frozen=True)
class SideTest:
    """How often a caption beats its twin.

    Attributes:
        pairs: captions that name a side, each with its twin.
        tied: of these, scored exactly as their twins; they count as lost.
        accuracy: share that scored higher than their twins, 0 to 1, with its bootstrap interval over recordings.
    """

    pairs: int
    tied: int
    accuracy: Interval

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def beaten_twins(own: Array, twin: Array, groups: Sequence[str] | None = None, rounds: int = ROUNDS, seed: int = 0) -> SideTest:
    """The side test on given scores.

    A twin that scores below its caption for a clip also ranks below it among all captions of the gallery; the scores say it all.

    Args:
        own: (N,) score of each caption for its clip.
        twin: (N,) score of the same caption with its sides swapped for the same clip; or of the caption for the mirrored clip.
        groups: (N) recording of each clip, drawn whole in the bootstrap; None: each pair by itself.
        rounds, seed: of the bootstrap.

    Raises:
        KinelangError: no pairs, or arrays that do not match.
    """
    own, twin = np.asarray(own), np.asarray(twin)
    if own.ndim != 1 or own.shape != twin.shape or not len(own):
        raise KinelangError.of("side test", f"scores {own.shape} and {twin.shape}", "one of each for every caption that names a side")
    won = (own > twin).astype(np.float64)
    names = [str(i) for i in range(len(own))] if groups is None else list(groups)
    accuracy = bootstrap(lambda weights: weights @ won / weights.sum(axis=1), names, rounds, seed)
    return SideTest(len(own), int((own == twin).sum()), accuracy)


def side_test(
    score: Callable[[list[str], list[Clip]], Array],
    texts: Sequence[str],
    clips: Sequence[Clip],
    groups: Sequence[str] | None = None,
    rounds: int = ROUNDS,
) -> SideTest:
    """The side test on captions and their clips, for any system.

    Args:
        score: from N texts and N clips to the (N,) scores of each text for its own clip, higher for better.
        texts: captions; those that name no side are left out.
        clips: (N) the clip of each caption, in whatever form `score` takes.
        groups: (N) recording of each clip.
        rounds: of the bootstrap.

    Raises:
        KinelangError: no caption names a side.
    """
    sided = [i for i, text in enumerate(texts) if sides_in(text)]
    own = [texts[i] for i in sided]
    of = [clips[i] for i in sided]
    twins = [swap_left_right(text) for text in own]
    if not sided:
        raise KinelangError.of("side test", "no caption that names a side", "at least one with left or right")
    return beaten_twins(score(own, of), score(twins, of), None if groups is None else [groups[i] for i in sided], rounds)
