"""Configurations as data: frozen dataclasses, which may hold others, to JSON and back, and single fields changed by their names."""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from kinelang.errors import ModelError

Config = TypeVar("Config")


def to_dict(config: Any) -> dict[str, Any]:
    """The fields by name, nested dataclasses as dicts, tuples as lists: what JSON can hold."""
    made: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(config)))
    return made


def from_dict(kind: type[Config], content: Any, where: str) -> Config:
    """A configuration from what `to_dict` made.

    Raises:
        ModelError: a field is missing, unknown or of another type; `where` names the file.
    """
    if not isinstance(content, Mapping):
        raise ModelError.of(where, f"a JSON {type(content).__name__}", "an object")
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    missing, unknown = [n for n in names if n not in content], [n for n in content if n not in names]
    if missing or unknown:
        found = "; ".join(f"{what} {', '.join(some)}" for what, some in (("no field", missing), ("unknown field", unknown)) if some)
        raise ModelError.of(where, found, f"exactly {', '.join(names)}", "use the version of kinelang that wrote it, or mend the file")
    return kind(**{name: _converted(content[name], hints[name], f"{where}, {name}") for name in names})


def changed(config: Config, changes: Mapping[str, Any], where: str = "configuration") -> Config:
    """A copy with some fields changed, all at once.

    Args:
        config: a dataclass.
        changes: new values by field name. A field of a nested dataclass is "losses.temperature", or "temperature" alone where only
            one has that name. Text is read as JSON where it is JSON, so that "0.07", "null" and "[2, 3]" may come from a command line.
        where: named in errors.

    Raises:
        ModelError: no such field, several of that name, or a value that does not fit.
    """
    content = to_dict(config)
    for name, value in changes.items():
        *outer, last = path = _path(config, name, where)
        place = content
        for field in outer:
            place = place[field]
        place[last] = _read(value, _hint(type(config), path), f"{where}, {name}")
    return from_dict(type(config), content, where)


def paths(config: Any) -> list[tuple[str, ...]]:
    """The path of every field that holds a value, in order."""
    found: list[tuple[str, ...]] = []
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        nested = paths(value) if dataclasses.is_dataclass(value) else [()]
        found += [(field.name, *rest) for rest in nested]
    return found


def _path(config: Any, name: str, where: str) -> tuple[str, ...]:
    known = paths(config)
    exact = tuple(name.split("."))
    fitting = [p for p in known if p == exact] or [p for p in known if p[-1:] == exact]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise ModelError.of(where, f"'{name}', which several have", f"one of {', '.join(map('.'.join, fitting))}")
    raise ModelError.of(where, f"no field '{name}'", f"one of {', '.join(map('.'.join, known))}")


def _hint(kind: Any, path: tuple[str, ...]) -> Any:
    """The type of the field at a path."""
    for name in path:
        kind = get_type_hints(kind)[name]
    return kind


def _read(value: Any, hint: Any, where: str) -> Any:
    """The value as JSON holds it: text from a command line is JSON unless the field takes text."""
    if isinstance(value, str) and not _takes_text(hint, value):
        try:
            value = json.loads(value)
        except ValueError:
            raise ModelError.of(where, f"'{value}'", _named(hint)) from None
    _converted(value, hint, where)
    return value


def _takes_text(hint: Any, text: str) -> bool:
    """Whether the text itself is a value of this type."""
    if get_origin(hint) in (Union, types.UnionType):
        return text != "null" and any(_takes_text(h, text) for h in get_args(hint))
    return hint is str or (get_origin(hint) is Literal and text in get_args(hint))


def _converted(value: Any, hint: Any, where: str) -> Any:
    """The value as the type that the hint names; ModelError where it is none."""
    origin = get_origin(hint)
    if dataclasses.is_dataclass(hint):
        return from_dict(hint, value, where)  # type: ignore[arg-type]
    if origin in (Union, types.UnionType):
        if value is None and type(None) in get_args(hint):
            return None
        return _converted(value, next(h for h in get_args(hint) if h is not type(None)), where)
    if origin is Literal and isinstance(value, str) and value in get_args(hint):
        return value
    if origin is tuple and isinstance(value, (list, tuple)):
        kinds = get_args(hint)
        kinds = (kinds[0],) * len(value) if kinds[-1:] == (...,) else kinds
        if len(kinds) == len(value):
            return tuple(_converted(v, h, where) for v, h in zip(value, kinds, strict=True))
    if hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if hint in (bool, int, str) and type(value) is hint:
        return value
    raise ModelError.of(where, repr(value)[:60], _named(hint))


def _named(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(map(str, get_args(hint)))
    if get_origin(hint) in (Union, types.UnionType):
        return " or ".join("null" if h is type(None) else _named(h) for h in get_args(hint))
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return names.get(hint, str(hint))
