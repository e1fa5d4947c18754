"""Tables of decimal numbers in text: read, checked, and explained where they are wrong."""

from __future__ import annotations

import re

import numpy as np

from kinelang.errors import FormatError
from kinelang.formats.decimals import parse_table
from kinelang.motion.arrays import Array

MAX_VALUE = 1e9
"""Largest magnitude of any number in a motion file, whatever its unit: beyond it float32 squares lose their meaning."""

NUMBER = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_COMMENT = (b"#", b"//")


def read_table(text: bytes, start: int, rows: int, columns: int, where: str) -> tuple[Array, bool]:
    """Read `rows` × `columns` numbers separated by blanks, one row a line or, as a fallback, wrapped over lines at will.

    Args:
        text: the file.
        start: where in it the numbers begin.
        rows, columns: what the file says it holds.
        where: the file, for messages.

    Returns:
        (rows, columns) float64, and whether rows were not one to a line.

    Raises:
        FormatError: another count of numbers, something that is no number, NaN, infinity or an absurd value.
    """
    table = parse_table(text, rows, columns, start)
    wrapped = table is None
    if table is None:
        table = _careful(text[start:], rows, columns, where, text.count(b"\n", 0, start) + 1)
    # Minimum and maximum carry NaN along, so that one comparison finds everything that is not finite or too large.
    if not (table.min() >= -MAX_VALUE and table.max() <= MAX_VALUE):
        row, column = (int(i) for i in np.argwhere(~(np.abs(table) <= MAX_VALUE))[0])
        found = f"{table[row, column]:g} in frame {row}, column {column}"
        raise FormatError.of(where, found, f"finite numbers below {MAX_VALUE:g}", "repair or cut that frame")
    return table, wrapped


def parse_tokens(tokens: list[bytes], where: str) -> Array:
    """Decimal numbers from words, (N,) float64. Raises FormatError naming the first that is none, or not finite."""
    try:
        values = np.array(tokens, dtype=np.float64)
    except ValueError:
        values = None
    if values is None or not np.isfinite(values).all() or any(b"_" in t for t in tokens):
        bad = next(t for t in tokens if not NUMBER.fullmatch(t) or not np.isfinite(float(t)))
        raise FormatError.of(where, _shown(bad), "a finite decimal number", _remedy(bad))
    return values


def _careful(block: bytes, rows: int, columns: int, where: str, first_line: int) -> Array:
    """All numbers of the block in a row, if their count is right; else an error that names the line."""
    lines = [
        (i, line) for i, line in enumerate(block.split(b"\n"), first_line) if line.strip() and not line.lstrip().startswith(_COMMENT)
    ]
    tokens = b"\n".join(line for _, line in lines).split()
    if len(tokens) != rows * columns:
        raise _miscounted(lines, len(tokens), rows, columns, where)
    try:
        return parse_tokens(tokens, where).reshape(rows, columns)
    except FormatError:
        for number, line in lines:
            parse_tokens(line.split(), f"{where}, line {number}")
        raise


def _miscounted(lines: list[tuple[int, bytes]], found: int, rows: int, columns: int, where: str) -> FormatError:
    """Say what is wrong with the count: a line that is too short or long, a word, or lines missing."""
    for number, line in lines:
        words = line.split()
        bad = next((w for w in words if not NUMBER.fullmatch(w)), None)
        if bad is not None:
            return FormatError.of(f"{where}, line {number}", _shown(bad), "a finite decimal number", _remedy(bad))
        if len(words) != columns and len(lines) <= rows:
            expected = f"{columns}, one for each channel"
            remedy = "the file is cut short or damaged there"
            return FormatError.of(f"{where}, line {number}", f"{len(words)} numbers", expected, remedy)
    what = f"{len(lines)} lines with {found:,} numbers"
    expected = f"{rows:,} frames of {columns} numbers, as the header says"
    return FormatError.of(
        where, what, expected, "the file is cut short, or its frame count is wrong: copy it again or correct the count"
    )


def _shown(word: bytes) -> str:
    return repr(word[:30].decode("latin-1"))


def _remedy(word: bytes) -> str:
    return "write decimal points, not commas" if b"," in word else "repair or cut that frame"
