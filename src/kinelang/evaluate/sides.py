"""Whether left and right are told apart: whether a caption beats its twin with the sides swapped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np

from kinelang.errors import KinelangError
from kinelang.language.named_sides import sides_in
from kinelang.language.sides import swap_left_right
from kinelang.metrics.intervals import ROUNDS, Interval, bootstrap
from kinelang.motion.arrays import Array

Clip = TypeVar("Clip")


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
