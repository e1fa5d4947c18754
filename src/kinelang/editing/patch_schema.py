"""The JSON Schema of a patch, and a check against it whose errors teach.

The schema is the one definition of what a patch may look like: files, language models and this package's own reader all go by it.
"""

from __future__ import annotations

import math
import re
from copy import deepcopy
from difflib import get_close_matches
from typing import Any

from kinelang.errors import TimelineError
from kinelang.language.lexicon import DIRECTIONS, PARTS, PATHS, SIDES, STYLES, VERBS

NAME = "kinelang.patch/1"
"""What the optional "schema" of a patch says."""
Json = dict[str, Any]

_REF: Json = {
    "description": 'A stage by its number (the first in time is 1), or by its verb: "kick", or "kick#2" for the second kick.',
    "anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[a-z_]+(#[1-9][0-9]{0,3})?$"}],
}
_SECONDS: Json = {"type": "number", "minimum": 0.05, "maximum": 86400}
_TIMES: Json = {"type": "number", "minimum": 0.01, "maximum": 100}
_WORDS: Json = {"type": "string", "pattern": "\\S", "maxLength": 500}
FIELDS: Json = {
    "side": {"type": "string", "enum": list(SIDES)},
    "direction": {"type": "string", "enum": list(DIRECTIONS)},
    "amount": {"type": "number", "minimum": 0.000001, "maximum": 100000},
    "count": {"type": "integer", "minimum": 1, "maximum": 100000},
    "speed": {"type": "number", "minimum": 0.01, "maximum": 100},
    "style": {"type": "string", "enum": list(STYLES)},
    "path": {"type": "string", "enum": list(PATHS)},
    "target": _WORDS,
}
"""Field of a stage -> its schema."""
_VERB: Json = {"type": "string", "enum": list(VERBS)}
_PART: Json = {"type": "string", "enum": list(PARTS)}


def _object(required: Json, optional: Json | None = None, least: int = 0, description: str = "") -> Json:
    made: Json = {"type": "object", "properties": required | (optional or {}), "additionalProperties": False}
    if required:
        made["required"] = list(required)
    return made | ({"minProperties": least} if least else {}) | ({"description": description} if description else {})


def _op(name: str, description: str, required: Json, optional: Json | None = None, least: int = 0) -> Json:
    return _object({"op": {"const": name}, **required}, optional, least, description)


def _nullable(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


_CONTENT: Json = FIELDS | {"texts": _object({}, dict.fromkeys(PARTS, _WORDS)), "seconds": _SECONDS}
OPERATIONS: tuple[Json, ...] = (
    _op(
        "add",
        "A new stage before, after or while another (the anchor) is done. Later stages shift to make room.",
        {"verb": _VERB, "place": {"enum": ["before", "after", "while"]}, "anchor": _REF},
        _CONTENT,
    ),
    _op("add", "A new stage before or after all others.", {"verb": _VERB, "place": {"enum": ["start", "end"]}}, _CONTENT),
    _op("add", "A new stage at a second.", {"verb": _VERB, "at_s": {"type": "number", "minimum": 0, "maximum": 86400}}, _CONTENT),
    _op("remove", "Take a stage out; its time is closed unless close is false.", {"stage": _REF}, {"close": {"type": "boolean"}}),
    _op(
        "move",
        "Do a stage before, after or while another, or exchange the two (swap).",
        {"stage": _REF, "place": {"enum": ["before", "after", "while", "swap"]}, "anchor": _REF},
    ),
    _op("move", "Do a stage before or after all others.", {"stage": _REF, "place": {"enum": ["start", "end"]}}),
    _op("move", "Begin a stage at a second.", {"stage": _REF, "at_s": {"type": "number", "minimum": 0, "maximum": 86400}}),
    _op("move", "Begin a stage later, or earlier if negative.", {"stage": _REF, "by_s": {"type": "number"}}),
    _op(
        "change",
        "Change what a stage does: set fields (null: as if never told), multiply numbers, or add to the count, metres or degrees.",
        {"stage": _REF},
        {
            "set": _object({}, {"verb": _VERB} | {name: _nullable(schema) for name, schema in FIELDS.items()}, 1),
            "times": _object({}, {"amount": _TIMES, "count": _TIMES, "speed": _TIMES}, 1),
            "plus": _object({}, {"amount": {"type": "number"}, "count": {"type": "integer"}}, 1),
        },
        least=3,
    ),
    _op(
        "text",
        "Words for what one body part does in a stage; null takes them out.",
        {"stage": _REF, "part": _PART, "text": _nullable(_WORDS)},
    ),
    _op("retime", "Give a stage, or without stage the whole, this length.", {"seconds": _SECONDS}, {"stage": _REF}),
    _op("retime", "Multiply the length of a stage or of the whole.", {"times": _TIMES}, {"stage": _REF}),
    _op("retime", "Make a stage or the whole longer, or shorter if negative.", {"plus_s": {"type": "number"}}, {"stage": _REF}),
    _op("transition", "Let this many seconds pass between the stage before and this one.",
        {"before": _REF, "seconds": {"type": "number", "minimum": 0, "maximum": 86400}}),
    _op("mirror", "Exchange left and right in a stage, or without stage in all.", {}, {"stage": _REF}),
)  # fmt: skip
"""One schema for each form of each operation."""
_SCHEMA: Json = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": NAME,
    **_object(
        {"operations": {"type": "array", "minItems": 1, "maxItems": 200, "items": {"anyOf": list(OPERATIONS)}}},
        {"schema": {"const": NAME}},
        description="Changes of a timeline, done one after the other. A number of a "
        "stage counts the stages as they are at that moment.",
    ),
}


def schema() -> Json:
    """The JSON Schema (2020-12) of a patch; a copy."""
    return deepcopy(_SCHEMA)


def check(data: Any, where: str = "patch") -> None:
    """Compare parsed JSON with the schema of a patch. Raises TimelineError: place, found, expected, remedy."""
    _check(data, _SCHEMA, where)


def _check(value: Any, schema: Json, where: str) -> None:
    if schema is _SCHEMA["properties"]["operations"]["items"]:
        _check_operation(value, where)
    elif "anyOf" in schema:
        if not any(_fits(value, option) for option in schema["anyOf"]):
            raise TimelineError.of(where, _shown(value), " or ".join(_told(option) for option in schema["anyOf"]), _near(value, schema))
    else:
        _check_value(value, schema, where)
        if schema.get("type") == "array":
            for i, item in enumerate(value, 1):
                _check(item, schema["items"], f"{where}, operation {i}")
        if schema.get("type") == "object":
            _check_object(value, schema, where)


def _check_operation(value: Any, where: str) -> None:
    """Against the form of its operation that it is nearest to."""
    known = list(dict.fromkeys(form["properties"]["op"]["const"] for form in OPERATIONS))
    if not isinstance(value, dict):
        raise TimelineError.of(where, _shown(value), 'an object such as {"op": "remove", "stage": 1}')
    forms = [form for form in OPERATIONS if form["properties"]["op"]["const"] == value.get("op")]
    if not forms or not isinstance(value.get("op"), str):
        near = get_close_matches(str(value.get("op")), known, n=1)
        found = f"op {_shown(value['op'])}" if "op" in value else "no 'op'"
        raise TimelineError.of(where, found, f"one of {', '.join(known)}", f"did you mean {near[0]}?" if near else "")
    errors = [(_strangeness(value, form), _error(value, form, where)) for form in forms]
    if all(error is not None for _, error in errors):
        raise next(error for _, error in sorted(errors, key=lambda pair: pair[0]) if error is not None)


def _error(value: Json, form: Json, where: str) -> TimelineError | None:
    """What is wrong with an object by a form, or None."""
    try:
        _check_value_and_fields(value, form, where)
    except TimelineError as error:
        return error
    return None


def _strangeness(value: Json, form: Json) -> int:
    """How much of an object has no place in a form, or is missing."""
    unknown, missing = set(value) - set(form["properties"]), set(form["required"]) - set(value)
    place = form["properties"].get("place", {}).get("enum")
    return 2 * len(unknown) + len(missing) + (3 if place and value.get("place") not in (None, *place) else 0)


def _check_value_and_fields(value: Any, schema: Json, where: str) -> None:
    _check_value(value, schema, where)
    _check_object(value, schema, f"{where}, {value['op']}")


def _check_object(value: Json, schema: Json, where: str) -> None:
    known = schema["properties"]
    for name in value:
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            raise TimelineError.of(where, f"field '{name}'", f"one of {', '.join(known)}", f"did you mean {near[0]}?" if near else "")
    for name in schema.get("required", ()):
        if name not in value:
            raise TimelineError.of(where, f"no '{name}'", f"{name}: {_told(known[name])}")
    if len(value) < schema.get("minProperties", 0):
        raise TimelineError.of(where, "nothing to do", f"one of {', '.join(n for n in known if n not in schema.get('required', ()))}")
    for name, item in value.items():
        _check(item, known[name], f"{where}, {name}")


def _check_value(value: Any, schema: Json, where: str) -> None:
    """Everything but what is inside of objects and lists."""
    if not _fits(value, schema, deep=False):
        raise TimelineError.of(where, _shown(value), _told(schema), _near(value, schema))


def _fits(value: Any, schema: Json, deep: bool = True) -> bool:
    if "anyOf" in schema:
        return any(_fits(value, option, deep) for option in schema["anyOf"])
    if "const" in schema:
        return isinstance(value, str) and value == schema["const"]
    if "enum" in schema and not (isinstance(value, str) and value in schema["enum"]):
        return False
    match schema.get("type"):
        case "string":
            return (
                isinstance(value, str)
                and bool(re.search(schema.get("pattern", ""), value))
                and len(value) <= schema.get("maxLength", 1e9)
            )
        case "number" | "integer":
            return _is_number(value, schema)
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case "array":
            return isinstance(value, list) and schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 1e9)
        case "object":
            return isinstance(value, dict)
    return True


def _is_number(value: Any, schema: Json) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return False
    whole = schema["type"] == "number" or value == int(value)
    return whole and schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf)


def _told(schema: Json) -> str:
    """A schema in words."""
    if "anyOf" in schema:
        return " or ".join(_told(option) for option in schema["anyOf"])
    if "const" in schema:
        return f"'{schema['const']}'"
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}" if len(schema["enum"]) < 40 else f"one of the {len(schema['enum'])} verbs"
    match schema.get("type"):
        case "integer" | "number" as kind:
            word = "a whole number" if kind == "integer" else "a number"
            low, high = schema.get("minimum"), schema.get("maximum")
            bounds = "" if low is None else f", at least {low:g}" if high is None else f" from {low:g} to {high:g}"
            return word + bounds
        case "string":
            return "a verb such as kick or kick#2" if "#" in schema.get("pattern", "") else "words"
        case "array":
            return "a list of 1 to 200 operations"
        case "boolean":
            return "true or false"
        case "object":
            return f"an object with {', '.join(schema['properties'])}"
    return str(schema.get("type"))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = f"'{value}'" if isinstance(value, str) else type(value).__name__ if isinstance(value, dict) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _near(value: Any, schema: Json) -> str:
    options = [o for s in (schema, *schema.get("anyOf", ())) for o in s.get("enum", ())]
    near = get_close_matches(str(value), options, n=2, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else ""
