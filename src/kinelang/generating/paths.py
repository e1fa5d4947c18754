"""Paths over the ground from files and from words of numbers."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np

from kinelang.errors import FormatError
from kinelang.motion.arrays import Array, describe_shape

_EXPECTED = "a point a row, x and z (or x, y, z) in metres"
_LARGEST = 10_000_000
"""Bytes of a file that may be a path."""


def read_path(source: str) -> Array:
    """A path as it is given on a command line: (P, 2) or (P, 3) float64, not checked further (see `controlling.checked_path`).

    Args:
        source: a .csv file with a point a row, with or without a heading; a .json file with a list of points, alone or as "path"; or
            points such as "0,0 2,0 2,3".

    Raises:
        FormatError: no such file, or no points.
    """
    suffix = Path(source).suffix.lower()
    if suffix not in (".csv", ".json"):
        return _points([pair.split(",") for pair in source.split()], "--path", "points such as '0,0 2,0 2,3', or a .csv or .json file")
    text = _text(Path(source))
    if suffix == ".csv":
        lines = text.splitlines()
        separator = ";" if lines and ";" in lines[0] else ","
        rows = [row for row in csv.reader(lines, delimiter=separator) if any(cell.strip() for cell in row)]
        heading = bool(rows) and not any(map(_is_number, rows[0]))
        points = _points(rows[heading:], source, _EXPECTED)
        return points[:, _columns(rows[0])] if heading and len(rows[0]) == points.shape[1] else points
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError.of(source, f"no JSON ({error})", _EXPECTED) from None
    return _points(found.get("path") if isinstance(found, dict) else found, source, _EXPECTED)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise FormatError.of(str(path), f"{path.stat().st_size:,} bytes", f"a path of at most {_LARGEST:,}")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FormatError(f"{path}: cannot be read ({error.strerror}); give a .csv or .json file with the points of a path") from error
    except UnicodeDecodeError:
        raise FormatError.of(str(path), "bytes that are no text", _EXPECTED) from None


def _columns(heading: list[str]) -> list[int]:
    """In which order columns are x, z or x, y, z; as they stand, if the heading does not say."""
    names = [cell.strip().lower() for cell in heading]
    return [names.index(axis) for axis in sorted(names)] if sorted(names) in (["x", "z"], ["x", "y", "z"]) else list(range(len(names)))


def _is_number(cell: str | float) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _points(rows: Any, where: str, expected: str) -> Array:
    """Rows of numbers, or of texts of numbers, as an array."""
    try:
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise TypeError
        points = np.array([[float(cell) for cell in row] for row in rows], dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise FormatError.of(where, _first_bad(rows), expected) from None
    if points.ndim != 2 or points.shape[1] not in (2, 3):
        raise FormatError.of(where, describe_shape(points) if points.size else "no point", expected)
    return points


def _first_bad(rows: Any) -> str:
    """What keeps rows from being points, in words."""
    if not isinstance(rows, list):
        return "something that is no list of points"
    for i, row in enumerate(rows, 1):
        if (
            not isinstance(row, list)
            or len(row) not in (2, 3)
            or not all(isinstance(c, (str, int, float)) and _is_number(c) for c in row)
        ):
            return f"{shorten(repr(row), 60, placeholder=' ...')} as point {i}"
    return "points of two numbers and points of three"
