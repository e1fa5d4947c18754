"""Decimal numbers from text, all at once with array operations: faster than np.loadtxt, and bit for bit the same.

A number of at most 15 digits is an integer below 2^53 times or over a power of ten up to 10^22; both are exact in float64, so that
one multiplication or division rounds correctly (Clinger 1990, "How to read floating point numbers accurately"). Eight digits at a
time are summed inside one 64-bit word (Lemire 2018, "Quickly parsing eight digits"). The few other numbers go through `float`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kinelang.motion.arrays import Array

PIECE_BYTES = 64 * 1024
"""Text read at once: the working arrays then stay in the caches, and freed memory is used again instead of asked for (measured)."""

_PAD = b"\n" * 24  # words are loaded up to 24 bytes before a number's last digit
_POWERS = 10.0 ** np.arange(23)
_INTEGER_POWERS = 10 ** np.arange(9, dtype=np.int64)
_KEEP_LAST = np.array([0x0F0F0F0F0F0F0F0F >> 64 - 8 * n << 64 - 8 * n for n in range(9)], dtype=np.uint64)
_EXACT_DIGITS = 15
_MAX_EXPONENT_DIGITS = 4


def parse_table(text: bytes, rows: int, columns: int, start: int = 0) -> Array | None:
    """Numbers separated by blanks, tabs and line ends, `columns` on each line that is not blank.

    Args:
        text: numbers are written as digits with at most one point, sign and exponent.
        rows, columns: how many there have to be.
        start: where in the text they begin.

    Returns:
        (rows, columns) float64, each the double nearest to the decimal; or None if the text is anything else.
    """
    if not 0 < rows * columns <= len(text):
        return None
    out = np.empty(rows * columns)
    filled = 0
    for piece in _pieces(text, start):
        values = _parse_piece(piece, columns)
        if values is None or filled + len(values) > len(out):
            return None
        out[filled : filled + len(values)] = values
        filled += len(values)
    return out.reshape(rows, columns) if filled == len(out) else None


def _pieces(text: bytes, start: int) -> Iterator[bytes]:
    """The text from `start` on cut at line ends, padded so that every number has blanks on both sides."""
    view = memoryview(text)
    while start < len(text):
        cut = text.find(b"\n", start + PIECE_BYTES)
        end = len(text) if cut < 0 else cut + 1
        yield b"".join((_PAD, view[start:end], b"\n"))
        start = end


def _parse_piece(text: bytes, columns: int) -> Array | None:
    """The numbers of some whole lines, (N,) float64, or None if something is no number or a line has another count."""
    chars = np.frombuffer(text, np.uint8)
    line_ends = chars == 10
    blank = line_ends | (chars == 32) | (chars == 13) | (chars == 9)
    edges = np.flatnonzero(blank[1:] != blank[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    counts = np.diff(np.searchsorted(starts, np.flatnonzero(line_ends)), prepend=0)
    if not ((counts == 0) | (counts == columns)).all():
        return None
    if not len(starts):
        return np.empty(0)
    signs = chars[starts]
    signed = (signs == 45) | (signs == 43)
    mantissa_ends, exponents, n_marks = _exponents(text, chars, starts, ends)
    points = _marks(chars == 46, starts, ends)
    if mantissa_ends is None or points is None:
        return None
    owners, at = points
    point_at = mantissa_ends.copy()
    point_at[owners] = at
    n_fraction = mantissa_ends - point_at
    n_fraction[owners] -= 1
    n_whole = point_at - starts - signed
    # Every character that is no digit has its place by now; a stray one would make the digits too few.
    n_digits = np.count_nonzero(chars - 48 < 10)
    expected = int((ends - starts).sum()) - np.count_nonzero(signed) - len(owners) - n_marks
    if n_digits != expected or n_whole.min() < 0 or n_fraction.min() < 0 or (n_whole + n_fraction).min() < 1:
        return None
    return _values(text, starts, ends, point_at, mantissa_ends, n_whole, n_fraction, exponents, signs == 45)


def _marks(found: Array, starts: Array, ends: Array) -> tuple[Array, Array] | None:
    """Which number each marked character belongs to and where it is, or None if a number has two."""
    at = np.flatnonzero(found)
    if len(at) == len(starts) and ((at >= starts) & (at < ends)).all():  # one in each, the usual case for points
        return np.arange(len(starts)), at
    owners = np.searchsorted(starts, at, side="right") - 1
    return None if len(owners) > 1 and (owners[1:] == owners[:-1]).any() else (owners, at)


def _exponents(text: bytes, chars: Array, starts: Array, ends: Array) -> tuple[Array | None, Array | None, int]:
    """Where mantissas end, the exponents (None for no number with one), and how many letters and signs they take."""
    marks = _marks((chars | 32) == 101, starts, ends)
    if marks is None:
        return None, None, 0
    owners, at = marks
    if not len(at):
        return ends, None, 0
    after = chars[at + 1]
    signed = (after == 45) | (after == 43)
    n_digits = ends[owners] - at - 1 - signed
    if n_digits.min() < 1 or n_digits.max() > _MAX_EXPONENT_DIGITS:
        return None, None, 0
    mantissa_ends = ends.copy()
    mantissa_ends[owners] = at
    exponents = np.zeros(len(starts), dtype=np.int64)
    exponents[owners] = _digits_before(text, ends[owners], n_digits) * np.where(after == 45, -1, 1)
    return mantissa_ends, exponents, len(at) + int(np.count_nonzero(signed))


def _digits_before(text: bytes, ends: Array, counts: Array) -> Array:
    """The integers written in the `counts` (at most 8) characters before `ends`. (N,) int64."""
    words = np.ndarray(len(text) - 7, np.dtype("<u8"), text, strides=(1,))[ends - 8]
    words &= _KEEP_LAST.take(counts, mode="clip")  # and of each character its low half, which is the digit's value
    shifted = words >> np.uint64(8)
    words *= np.uint64(10)
    words += shifted  # pairs of digits, in every other byte
    high = words >> np.uint64(16)
    words &= np.uint64(0x000000FF000000FF)
    high &= np.uint64(0x000000FF000000FF)
    words *= np.uint64(0x000F424000000064)
    high *= np.uint64(0x0000271000000001)
    words += high
    words >>= np.uint64(32)
    return np.asarray(words.view(np.int64))


def _values(
    text: bytes,
    starts: Array,
    ends: Array,
    point_at: Array,
    mantissa_ends: Array,
    n_whole: Array,
    n_fraction: Array,
    exponents: Array | None,
    negative: Array,
) -> Array:
    """Put whole parts, fractions and exponents together. (N,) float64."""
    low = np.minimum(n_fraction, 8)
    mantissa = _digits_before(text, point_at, np.minimum(n_whole, 8)) * _INTEGER_POWERS.take(low, mode="clip")
    mantissa += _digits_before(text, mantissa_ends, low)
    long = np.flatnonzero(n_fraction > 8)
    if len(long):
        high = np.minimum(n_fraction[long] - 8, 8)
        upper = _digits_before(text, mantissa_ends[long] - 8, high)
        whole, lower = np.divmod(mantissa[long], 10**8)
        mantissa[long] = (whole * _INTEGER_POWERS[high] + upper) * 10**8 + lower
    powers = -n_fraction if exponents is None else exponents - n_fraction
    within = np.clip(powers, -22, 22)
    values = mantissa / _POWERS.take(-within, mode="clip")  # "clip" takes 10^0 for powers that do not divide, and below that multiply
    values *= _POWERS.take(within, mode="clip")
    np.negative(values, out=values, where=negative)
    rest = np.flatnonzero((n_whole + n_fraction > _EXACT_DIGITS) | (n_whole > 8) | (powers != within))
    if len(rest):
        values[rest] = [float(text[a:b]) for a, b in zip(starts[rest].tolist(), ends[rest].tolist(), strict=True)]
    return values
