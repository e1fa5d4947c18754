"""The registers: in which words a timeline is told, and which fields of its stages they carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_NAMED = frozenset({"verb", "side", "direction", "count", "path", "target"})
_WORDED = _NAMED | {"amount", "speed", "style"}


@dataclass(frozen=True)
class Register:
    """One way of telling.

    Attributes:
        name: key of `REGISTERS`.
        carries: fields of a stage that its words can carry; reading the text gives these back, amounts and speeds up to the word used.
        exact: whether numbers come back as they were, times included.
        complete: whether every carried field of every stage is told; otherwise as much as people tell.
        about: what it is for.
    """

    name: str
    carries: frozenset[str]
    exact: bool
    complete: bool
    about: str


REGISTERS: Mapping[str, Register] = MappingProxyType(
    {
        r.name: r
        for r in (
            Register("label", _NAMED, False, True, "a few words, as of an action label: walk forward, turn left"),
            Register("sentence", _WORDED, False, False, "as people write captions: a person walks forward then turns left"),
            Register("detailed", _WORDED | {"start_s", "end_s"}, True, True, "every field of every stage, with seconds"),
            Register("instruction", _WORDED, False, True, "what to do: Walk forward six steps, then turn left."),
        )
    }
)
"""Registers by name."""
