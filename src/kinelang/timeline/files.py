"""Timelines as text: versioned JSON, and one line a stage that a person can write and edit."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

from kinelang.atomic import write_atomic
from kinelang.errors import TimelineError
from kinelang.timeline.schema import Evidence, Stage, Timeline

_Built = TypeVar("_Built")
SCHEMA = "kinelang.timeline/1"
_STAGE_FIELDS = tuple(f.name for f in fields(Stage))
_HEAD_FIELDS = ("fps", "duration_s", "name", "source")
_LINE_FIELDS = ("side", "direction", "amount", "count", "speed", "style", "path", "target", "confidence")
_NUMBERS = ("amount", "speed", "confidence")


def to_dict(timeline: Timeline) -> dict[str, Any]:
    """The JSON object of a timeline; fields of a stage that say nothing are left out."""
    head: dict[str, Any] = {"schema": SCHEMA, "fps": timeline.fps, "duration_s": timeline.duration_s}
    head |= {name: getattr(timeline, name) for name in ("name", "source") if getattr(timeline, name)}
    if timeline.notes:
        head["notes"] = list(timeline.notes)
    return head | {"stages": [_stage_to_dict(stage) for stage in timeline.stages]}


def from_dict(data: Any, where: str = "timeline") -> Timeline:
    """A timeline from its JSON object. Raises TimelineError naming the stage and field."""
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        found = f"schema {data.get('schema')!r}" if isinstance(data, dict) else type(data).__name__
        raise TimelineError.of(where, found, f'an object with "schema": "{SCHEMA}"')
    unknown = sorted(set(data) - {"schema", "stages", "notes", *_HEAD_FIELDS})
    stages = data.get("stages")
    if unknown or not isinstance(stages, list):
        raise TimelineError.of(
            where, f"field '{unknown[0]}'" if unknown else "no list 'stages'", "schema, stages, fps, duration_s, name, source, notes"
        )
    head = {name: data[name] for name in _HEAD_FIELDS if name in data}
    built = tuple(_stage_from_dict(stage, f"{where}, stage {i}") for i, stage in enumerate(stages, 1))
    return _placed(where, lambda: Timeline(built, notes=tuple(data.get("notes", ())), **head))


def to_json(timeline: Timeline, indent: int | None = 2) -> str:
    """JSON text of a timeline."""
    return json.dumps(to_dict(timeline), indent=indent, ensure_ascii=False)


def from_json(text: str, where: str = "timeline") -> Timeline:
    """A timeline from JSON text. Raises TimelineError."""
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise TimelineError.of(where, f"no JSON ({error})", f"a JSON object with schema {SCHEMA}") from None
    return from_dict(data, where)


def to_text(timeline: Timeline) -> str:
    """One line a stage: `START-END verb field=value ...`, after a head line with `#`. Evidence is left out."""
    head = f"# {SCHEMA} fps={timeline.fps:g} duration_s={_seconds(timeline.duration_s)}"
    if timeline.name:
        head += f" name={shlex.quote(timeline.name)}"
    return "\n".join([head, *(_stage_to_line(stage) for stage in timeline.stages)]) + "\n"


def from_text(text: str, where: str = "timeline") -> Timeline:
    """A timeline from lines as `to_text` writes them; blank lines and further `#` lines are passed over. Raises TimelineError."""
    head: dict[str, Any] = {}
    stages = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        place = f"{where}, line {number}"
        if line.startswith(f"# {SCHEMA}"):
            given = _pairs(line[len(SCHEMA) + 2 :], place, ("fps", "duration_s", "name"))
            head = {name: value if name == "name" else _float(value, f"{place}, {name}") for name, value in given.items()}
        elif line and not line.startswith("#"):
            stages.append(_stage_from_line(line, place))
    return _placed(where, lambda: Timeline(tuple(stages), **head))


def save(timeline: Timeline, path: str | Path) -> None:
    """Write a timeline as `.json`, or as lines with any other suffix (`.txt`, `.timeline`); whole or not at all."""
    path = Path(path)
    text = to_json(timeline) + "\n" if path.suffix.lower() == ".json" else to_text(timeline)
    write_atomic(path, text.encode())


def load(path: str | Path) -> Timeline:
    """Read a timeline file: JSON if it begins with a brace, lines otherwise. Raises TimelineError."""
    try:
        text = Path(path).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise TimelineError.of(str(path), f"bytes that are not UTF-8 ({error.reason})", "a timeline in text or JSON") from None
    except OSError as error:
        raise TimelineError.of(str(path), error.strerror or "no readable file", "a timeline file") from None
    return from_json(text, str(path)) if text.lstrip().startswith("{") else from_text(text, str(path))


def _stage_to_dict(stage: Stage) -> dict[str, Any]:
    row = {name: getattr(stage, name) for name in _STAGE_FIELDS if getattr(stage, name) not in (None, ())}
    row["parts"] = list(stage.parts)
    if stage.texts:
        row["texts"] = dict(stage.texts)
    if stage.evidence:
        row["evidence"] = [asdict(e) for e in stage.evidence]
    return row


def _stage_from_dict(data: Any, where: str) -> Stage:
    if not isinstance(data, dict):
        raise TimelineError.of(where, type(data).__name__, "an object")
    unknown = sorted(set(data) - set(_STAGE_FIELDS))
    missing = [name for name in ("start_s", "end_s", "verb") if name not in data]
    if unknown or missing:
        raise TimelineError.of(where, f"field '{unknown[0]}'" if unknown else f"no '{missing[0]}'", ", ".join(_STAGE_FIELDS))
    row = dict(data)
    try:
        row["parts"] = tuple(row.get("parts") or ())
        row["texts"] = tuple((row.get("texts") or {}).items())
        row["evidence"] = tuple(Evidence(**e) for e in row.get("evidence") or ())
    except (TypeError, AttributeError) as error:
        raise TimelineError.of(where, str(error), "parts: list; texts: object; evidence: list of objects") from None
    return _placed(where, lambda: Stage(**row))


def _stage_to_line(stage: Stage) -> str:
    words = [f"{_seconds(stage.start_s)}-{_seconds(stage.end_s)}", stage.verb]
    for name in _LINE_FIELDS:
        value = getattr(stage, name)
        if value is not None:
            words.append(f"{name}={shlex.quote(value) if isinstance(value, str) else repr(value)}")
    if stage.parts != stage.lexeme.parts_of(stage.side):
        words.append(f"parts={','.join(stage.parts)}")
    words += [f"{part}={shlex.quote(text)}" for part, text in stage.texts]
    return " ".join(words)


def _stage_from_line(line: str, where: str) -> Stage:
    from kinelang.language.lexicon import PARTS

    times, _, rest = line.partition(" ")
    start, _, end = times.partition("-")
    verb, _, rest = rest.strip().partition(" ")
    given = _pairs(rest, where, (*_LINE_FIELDS, "parts", *PARTS))
    row: dict[str, Any] = {name: value for name, value in given.items() if name not in PARTS}
    for name in _NUMBERS:
        if name in row:
            row[name] = _float(row[name], f"{where}, {name}")
    if "count" in row:
        count = _float(row["count"], f"{where}, count")
        row["count"] = int(count) if count == int(count) else count
    row["parts"] = tuple(part for part in row.get("parts", "").split(",") if part)
    texts = tuple((part, given[part]) for part in PARTS if part in given)
    start_s, end_s = _float(start, f"{where}, start"), _float(end, f"{where}, end")
    return _placed(where, lambda: Stage(start_s, end_s, verb, texts=texts, **row))


def _pairs(text: str, where: str, known: tuple[str, ...]) -> dict[str, str]:
    """field=value words, as a shell would split them."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise TimelineError.of(where, f"a quotation that does not end ({error})", "field=value or field='some words'") from None
    pairs = {name: value for name, _, value in (word.partition("=") for word in words)}
    for name, value in pairs.items():
        if name not in known or not value:
            raise TimelineError.of(where, f"'{name}'", f"field=value with a field of {', '.join(known)}")
    return pairs


def _float(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise TimelineError.of(where, f"'{text}'", "START-END verb field=value ..., times in seconds such as 0.5-2.25") from None


def _seconds(value: float) -> str:
    """Seconds so that reading them back gives the same number."""
    return f"{value:.2f}" if round(value, 2) == value else repr(value)


def _placed(where: str, build: Callable[[], _Built]) -> _Built:
    """What `build` makes; its TimelineError begins with the place in the file."""
    try:
        return build()
    except TimelineError as error:
        raise TimelineError(f"{where}: {error}") from None
