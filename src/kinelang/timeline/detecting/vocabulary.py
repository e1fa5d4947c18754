"""What a network tells of each track of the body: classes in the order of its outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from kinelang.language.lexicon import DIRECTIONS, VERBS

TRACKS = ("legs", "torso", "head", "arm")
"""Groups of body parts that are told apart. `arm` is the arm on the side that the network looks from; it is looked at from both."""

PARTS_OF: Mapping[str, frozenset[str]] = MappingProxyType({
    "legs": frozenset({"root", "leg", "left_leg", "right_leg"}),
    "torso": frozenset({"torso"}),
    "head": frozenset({"head"}),
    "arm": frozenset({"arm", "left_arm", "right_arm"}),
})  # fmt: skip

NONE = ""
"""The class of a track that does nothing, or only what goes with what the others do."""


SIDES_SEEN = ("own", "other", "both", "alternating")
"""Side of a stage as seen from one side of the body."""

WAYS = DIRECTIONS
"""Direction of a stage as seen from the left; from the right, left and right are exchanged."""

_FIELDS = {"side": len(SIDES_SEEN), "way": len(WAYS), "events": 1, "begins": 1, "ends": 1, "amount": 1, "speed": 1}


_SWAPPED = {"left": "right", "right": "left"}


def _mirrored_way(way: str) -> str:
    head, _, side = way.rpartition("_")
    return "_".join(p for p in (head, _SWAPPED.get(side, side)) if p)


WAY_MIRROR = np.array([WAYS.index(_mirrored_way(way)) for way in WAYS])
SIDE_MIRROR = np.array([1, 0, 2, 3])


def tracks_of(verb: str) -> tuple[str, ...]:
    """Tracks that a verb takes up."""
    return tuple(track for track in TRACKS if PARTS_OF[track] & set(VERBS[verb].parts))


@dataclass(frozen=True)
class Vocabulary:
    """The verbs that a network knows.

    Attributes:
        classes: of each track, `NONE` first. Standing is no class: it is where the legs do nothing.
    """

    classes: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, verbs: Iterable[str]) -> Vocabulary:
        """That of verbs of the lexicon."""
        known = [v for v in verbs if v != "stand"]
        return cls({track: (NONE, *(v for v in known if track in tracks_of(v))) for track in TRACKS})

    @cached_property
    def columns(self) -> Mapping[tuple[str, str], slice]:
        """Columns of the network's output by (track, field): `verb` logits; `side` and `way` logits; `events` repetitions a frame
        (before softplus); `begins` and `ends` logits of the first and last frames; `amount` and `speed` natural logarithms."""
        out, at = {}, 0
        for track in TRACKS:
            for field, width in {"verb": len(self.classes[track]), **_FIELDS}.items():
                out[track, field] = slice(at, at + width)
                at += width
        return out

    @property
    def n_out(self) -> int:
        """Number of outputs."""
        return max(int(s.stop) for s in self.columns.values())
