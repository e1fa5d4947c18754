"""`History`: timelines one after the other, with the patches between them; undo, redo, and a file beside the motion."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kinelang.atomic import write_atomic
from kinelang.editing import patch as patches
from kinelang.editing.applying import apply
from kinelang.editing.patch import Patch
from kinelang.errors import TimelineError
from kinelang.timeline.files import from_dict, to_dict
from kinelang.timeline.schema import Timeline

SCHEMA = "kinelang.edits/1"
SUFFIX = ".edits.json"
"""A history stands beside the motion or timeline it is of: walk.bvh, walk.edits.json."""


@dataclass(frozen=True)
class Edit:
    """What was said, and the patch that was made of it."""

    instruction: str
    patch: Patch


@dataclass
class History:
    """The first timeline, the edits made since, and how many of them count now.

    Attributes:
        first: before all edits.
        edits: in order, those that were undone too.
        at: how many of them are done now.
        seed: with which the motions were generated.
    """

    first: Timeline
    edits: list[Edit] = field(default_factory=list)
    at: int = 0
    seed: int = 0

    @property
    def timeline(self) -> Timeline:
        """The timeline as it is now."""
        return self.after(self.at)

    def after(self, number: int) -> Timeline:
        """The timeline after so many edits."""
        timeline = self.first
        for edit in self.edits[:number]:
            timeline = apply(timeline, edit.patch)
        return timeline

    def do(self, instruction: str, patch: Patch) -> Timeline:
        """Add an edit; what was undone is forgotten. Raises TimelineError where it cannot be applied."""
        made = apply(self.timeline, patch)
        self.edits = [*self.edits[: self.at], Edit(instruction, patch)]
        self.at += 1
        return made

    def undo(self) -> Timeline:
        """Go back by one edit. Raises TimelineError where there is none."""
        if self.at == 0:
            raise TimelineError.of("undo", "no edit", "at least one that was applied")
        self.at -= 1
        return self.timeline

    def redo(self) -> Timeline:
        """Do again what was undone last. Raises TimelineError where nothing was."""
        if self.at == len(self.edits):
            raise TimelineError.of("redo", "nothing that was undone", "an undo before it")
        self.at += 1
        return self.timeline

    def save(self, path: str | Path) -> None:
        """Write it as JSON; whole or not at all."""
        edits = [{"instruction": e.instruction, "patch": patches.to_dict(e.patch)} for e in self.edits]
        data = {"schema": SCHEMA, "seed": self.seed, "at": self.at, "first": to_dict(self.first), "edits": edits}
        write_atomic(path, json.dumps(data, indent=2, ensure_ascii=False).encode() + b"\n")

    @classmethod
    def load(cls, path: str | Path) -> History:
        """Read what `save` wrote. Raises TimelineError naming the place."""
        where = str(path)
        try:
            data = json.loads(Path(path).read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise TimelineError.of(where, f"no history ({error})", f"JSON with schema {SCHEMA}") from None
        if not isinstance(data, dict) or data.get("schema") != SCHEMA or not isinstance(data.get("edits"), list):
            raise TimelineError.of(where, "something else", f"an object with schema {SCHEMA}, first, edits, at, seed")
        made = cls(from_dict(data.get("first"), f"{where}, first"), seed=_whole(data.get("seed", 0), f"{where}, seed"))
        made.edits = [_edit(row, f"{where}, edit {i}") for i, row in enumerate(data["edits"], 1)]
        made.at = _whole(data.get("at"), f"{where}, at")
        if made.at > len(made.edits):
            raise TimelineError.of(f"{where}, at", f"{made.at}", f"at most {len(made.edits)}, the number of edits")
        made.after(len(made.edits))
        return made


def beside(path: str | Path) -> Path:
    """The file of the history of a motion or timeline."""
    return Path(path).with_suffix(SUFFIX)


def _edit(row: Any, where: str) -> Edit:
    if not isinstance(row, dict) or not isinstance(row.get("instruction"), str):
        raise TimelineError.of(where, "no instruction and patch", "an object with both")
    return Edit(row["instruction"], patches.from_dict(row.get("patch"), f"{where}, patch"))


def _whole(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TimelineError.of(where, repr(value), "a whole number, at least 0")
    return value
