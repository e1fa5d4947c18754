"""`Patch`: an edit of a timeline as data, a list of operations that are done one after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

from kinelang.atomic import write_atomic
from kinelang.editing.patch_schema import FIELDS, NAME, check, schema
from kinelang.errors import TimelineError

Ref = int | str
"""A stage: its number (the first in time is 1) at that moment, or its verb, "kick", with "#2" for the second of that verb."""
Values = tuple[tuple[str, Any], ...]
"""(field, value) pairs."""


@dataclass(frozen=True)
class Add:
    """A new stage.

    Attributes:
        verb: what is done.
        place: "before", "after" or "while" the `anchor`; "start" or "end" of all; "" where `at_s` says when.
        anchor: the stage it is placed by.
        at_s: second at which it begins.
        fields: fields of the stage, such as (("side", "left"),).
        texts: (body part, words).
        seconds: its length; None: a plausible one.
    """

    op: ClassVar[str] = "add"
    verb: str
    place: str = ""
    anchor: Ref | None = None
    at_s: float | None = None
    fields: Values = ()
    texts: tuple[tuple[str, str], ...] = ()
    seconds: float | None = None


@dataclass(frozen=True)
class Remove:
    """Take a stage out. `close`: later stages come earlier by the time in which nothing else was done."""

    op: ClassVar[str] = "remove"
    stage: Ref
    close: bool = True


@dataclass(frozen=True)
class Move:
    """Another place or time for a stage and for what lies within it.

    `place`: "before", "after", "while", "swap" (with the `anchor`), "start", "end"; or `at_s`, or `by_s` later (earlier if negative).
    """

    op: ClassVar[str] = "move"
    stage: Ref
    place: str = ""
    anchor: Ref | None = None
    at_s: float | None = None
    by_s: float | None = None


@dataclass(frozen=True)
class Change:
    """Other values for fields of a stage: `set` (None: not told), `times` (a factor), `plus`.

    A number that the stage does not tell counts as the ordinary one. The stage becomes longer or shorter as the change asks for, and
    later stages shift. Of a gait, metres and steps go together. Another verb keeps the fields that it can have.
    """

    op: ClassVar[str] = "change"
    stage: Ref
    set: Values = ()
    times: tuple[tuple[str, float], ...] = ()
    plus: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Text:
    """Words for what one body part does in a stage; None takes them out."""

    op: ClassVar[str] = "text"
    stage: Ref
    part: str
    text: str | None


@dataclass(frozen=True)
class Retime:
    """Another length for a stage, or for the whole (`stage` None): `seconds`, or `times` as long, or `plus_s` longer."""

    op: ClassVar[str] = "retime"
    stage: Ref | None = None
    seconds: float | None = None
    times: float | None = None
    plus_s: float | None = None


@dataclass(frozen=True)
class Transition:
    """The pause before a stage: `seconds` from the end of what was done before to its start."""

    op: ClassVar[str] = "transition"
    before: Ref
    seconds: float


@dataclass(frozen=True)
class Mirror:
    """Left and right exchanged, in a stage or in all."""

    op: ClassVar[str] = "mirror"
    stage: Ref | None = None


Operation = Add | Remove | Move | Change | Text | Retime | Transition | Mirror
_KINDS: Mapping[str, type[Any]] = {kind.op: kind for kind in (Add, Remove, Move, Change, Text, Retime, Transition, Mirror)}
_PAIRS = ("set", "times", "plus")


@dataclass(frozen=True)
class Patch:
    """Operations, done one after the other: a number counts the stages as they are when its operation's turn comes.

    `first + second` does one and then the other. Operations built here are checked as those read from JSON are.

    Raises:
        TimelineError: an operation that its schema does not allow: place, found, expected, remedy.
    """

    operations: tuple[Operation, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "operations", tuple(self.operations))
        for i, operation in enumerate(self.operations, 1):
            if not isinstance(operation, tuple(_KINDS.values())):
                raise TimelineError.of(f"patch, operation {i}", type(operation).__name__, f"one of {', '.join(_KINDS)}")
        check(to_dict(self))

    def __add__(self, other: Patch) -> Patch:
        return Patch(self.operations + other.operations)

    def __len__(self) -> int:
        return len(self.operations)


def to_dict(patch: Patch) -> dict[str, Any]:
    """The JSON object of a patch; what an operation leaves open is left out."""
    return {"schema": NAME, "operations": [_operation_to_dict(operation) for operation in patch.operations]}


def from_dict(data: Any, where: str = "patch") -> Patch:
    """A patch from its JSON object. Raises TimelineError."""
    check(data, where)
    return Patch(tuple(_operation_from_dict(row) for row in data["operations"]))


def to_json(patch: Patch, indent: int | None = 2) -> str:
    """JSON text of a patch."""
    return json.dumps(to_dict(patch), indent=indent, ensure_ascii=False)


def from_json(text: str, where: str = "patch") -> Patch:
    """A patch from JSON text. Raises TimelineError naming the operation and field."""
    try:
        data = json.loads(text, object_pairs_hook=_without_twins)
    except (json.JSONDecodeError, RecursionError, _Twice) as error:
        raise TimelineError.of(
            where, f"no JSON ({error})", 'an object such as {"operations": [{"op": "remove", "stage": 1}]}'
        ) from None
    return from_dict(data, where)


def load(path: str | Path) -> Patch:
    """Read a patch from a file. Raises TimelineError."""
    try:
        text = Path(path).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise TimelineError.of(str(path), f"bytes that are not UTF-8 ({error.reason})", "a patch in JSON") from None
    except (OSError, ValueError) as error:
        raise TimelineError.of(str(path), getattr(error, "strerror", None) or "no readable file", "a patch in JSON") from None
    return from_json(text, str(path))


def save(patch: Patch, path: str | Path) -> None:
    """Write a patch as JSON; whole or not at all."""
    write_atomic(path, to_json(patch).encode() + b"\n")


class _Twice(ValueError):
    """A field stands twice in an object."""


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _Twice("a field stands twice in one object")
    return made


def _operation_to_dict(operation: Operation) -> dict[str, Any]:
    row: dict[str, Any] = {"op": operation.op}
    for field in fields(operation):
        value = getattr(operation, field.name)
        if field.name == "fields":
            row |= dict(value)
        elif field.name in (*_PAIRS, "texts") and isinstance(value, tuple):
            row |= {field.name: dict(value)} if value else {}
        elif value == field.default and not (isinstance(operation, Text) and field.name == "text"):
            continue
        else:
            row[field.name] = value
    return row


def _operation_from_dict(row: dict[str, Any]) -> Operation:
    kind = _KINDS[row["op"]]
    given: dict[str, Any] = {}
    told: dict[str, Any] = {}
    for name, value in row.items():
        if name == "op":
            continue
        if kind is Add and name in FIELDS:
            told[name] = _whole(name, value)
        elif isinstance(value, dict):
            given[name] = tuple((key, _whole(key, v) if name != "times" else v) for key, v in value.items())
        else:
            given[name] = _whole(name, value)
    if told:
        given["fields"] = tuple(told.items())
    made: Operation = kind(**given)
    return made


def _whole(name: str, value: Any) -> Any:
    """JSON may write a whole number as 2.0."""
    return int(value) if name in ("count", "stage", "anchor", "before") and isinstance(value, float) else value


__all__ = [
    "Add",
    "Change",
    "Mirror",
    "Move",
    "Operation",
    "Patch",
    "Ref",
    "Remove",
    "Retime",
    "Text",
    "Transition",
    "from_dict",
    "from_json",
    "load",
    "save",
    "schema",
    "to_dict",
    "to_json",
]
