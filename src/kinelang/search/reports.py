"""What is told of an index: what a change of it did, and what a look at it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Report:
    """What a change of an index did: numbers of motions, and (where, why) of those that could not be read."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    passed_over: list[tuple[str, str]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        rows = [{"path": where, "reason": reason} for where, reason in self.passed_over]
        numbers = {name: getattr(self, name) for name in ("added", "changed", "unchanged", "removed")}
        return {**numbers, "passed_over": rows}


@dataclass
class Verification:
    """What `Index.verify` found.

    Attributes:
        motions, vectors, windows: how many are in it.
        problems: damage, one line each.
        vanished: motions whose files are gone.
        changed: motions whose files are no longer what was indexed.
    """

    motions: int = 0
    vectors: int = 0
    windows: int = 0
    problems: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not (self.problems or self.vanished or self.changed)
