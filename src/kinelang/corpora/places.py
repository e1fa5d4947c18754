"""Where corpora are looked for, and JSON files read strictly."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kinelang.errors import CorpusError

MAX_JSON_BYTES = 512 * 1024**2
"""Largest JSON file that is read: BABEL's largest takes 120 MB."""


def data_folders() -> Iterator[Path]:
    """Folders in which corpora are looked for: KINELANG_SHARED/data, then data, shared/data and ../shared/data from here."""
    given = os.environ.get("KINELANG_SHARED")
    if given:
        yield Path(given) / "data"
    yield from (Path("data"), Path("shared/data"), Path("../shared/data"))


def find(names: tuple[str, ...]) -> Path | None:
    """The first of these files or folders that one of the `data_folders` holds; None if there is none."""
    for folder in data_folders():
        for name in names:
            with contextlib.suppress(OSError):
                if (folder / name).exists():
                    return folder / name
    return None


def read_text(path: Path) -> str:
    """A text file in UTF-8. Raises CorpusError if it cannot be read or is not text."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error
    except UnicodeDecodeError as error:
        raise CorpusError.of(str(path), f"bytes that are no UTF-8 at {error.start}", "text in UTF-8", "save it as UTF-8") from error


def read_json(path: Path, kind: type[Any], expected: str) -> Any:
    """The JSON in a file, which has to be a list or a dict. Raises CorpusError otherwise."""
    if path.is_file() and path.stat().st_size > MAX_JSON_BYTES:
        raise CorpusError.of(str(path), f"{path.stat().st_size:,} bytes", f"at most {MAX_JSON_BYTES:,}")
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise CorpusError.of(str(path), f"no valid JSON ({error})", expected, "copy or download it again") from error
    if not isinstance(content, kind):
        raise CorpusError.of(str(path), f"a JSON {type(content).__name__}", expected)
    return content


def entry(item: Any, where: str, **fields: tuple[type[Any], ...]) -> dict[str, Any]:
    """A dict in which the given fields are there and of one of the given types. Raises CorpusError naming the one that is not."""
    if not isinstance(item, dict):
        raise CorpusError.of(where, f"a JSON {type(item).__name__}", f"an object with {', '.join(fields)}")
    for name, types in fields.items():
        value = item.get(name)
        if not isinstance(value, types) or isinstance(value, bool):
            found = f"{name}={value!r}"[:80] if name in item else f"no '{name}'"
            raise CorpusError.of(where, found, f"{name} as {' or '.join(t.__name__ for t in types)}")
    return item
