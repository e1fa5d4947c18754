"""NumPy's .npy and .npz containers, read without ever unpickling and without trusting the sizes they claim.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. `numpy.load` allocates what the header claims
before it looks at the data; here the claim is compared with the bytes that are there.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.errors import FormatError
from kinelang.formats.numbers import MAX_VALUE
from kinelang.formats.source import open_zip, read_member
from kinelang.motion.arrays import Array

MAGIC = b"\x93NUMPY"
_HEADER = re.compile(
    r"\{\s*'descr':\s*(?P<descr>'[^']*'|\[.*\])\s*,\s*'fortran_order':\s*(?P<fortran>True|False)\s*,"
    r"\s*'shape':\s*\((?P<shape>[\d,\s]*)\)\s*,?\s*\}\s*",
    re.DOTALL | re.ASCII,
)
_PLAIN = re.compile(r"'[<>|=]?(f[248]|[iu][1248]|b1|[US][1-9]\d{0,3})'")


def parse_npy(data: bytes, where: str) -> Array:
    """The array in the bytes of a .npy file (a read-only view of them).

    Raises:
        FormatError: no .npy, a pickled or structured array, a header that claims more than there is.
    """
    if data[:6] != MAGIC or len(data) < 12:
        raise FormatError.of(where, "no NumPy header", "a .npy file", "save it with numpy.save")
    wide = data[6] >= 2
    start = 12 if wide else 10
    length = int.from_bytes(data[8:start], "little")
    header = _HEADER.fullmatch(data[start : start + length].decode("latin-1")) if length < 100_000 else None
    if header is None:
        raise FormatError.of(f"{where}, header", "something unreadable", "dtype, order and shape", "save it again with numpy.save")
    if "O" in header["descr"]:
        expected = "plain numbers"
        remedy = "pickled arrays can run code and are never opened: save the array inside with numpy.save(path, array)"
        raise FormatError.of(f"{where}, header", "a pickled Python object", expected, remedy)
    if not _PLAIN.fullmatch(header["descr"]):
        raise FormatError.of(f"{where}, header", f"dtype {header['descr'][:60]}", "plain numbers, such as '<f4'")
    dtype = np.dtype(header["descr"][1:-1])
    shape = tuple(int(n) for n in re.findall(r"\d{1,18}", header["shape"]))
    count = math.prod(shape)
    body = len(data) - start - length
    if count * dtype.itemsize > body or len(shape) > 8:
        claimed = f"an array {shape} {dtype} of {count * dtype.itemsize:,} bytes claimed, {max(body, 0):,} there"
        raise FormatError.of(where, claimed, "as many as claimed", "the file is cut short: copy it again")
    if count == 0:
        raise FormatError.of(where, f"an empty array of shape {shape}", "at least one number")
    return np.frombuffer(data, dtype, count, start + length).reshape(shape, order="F" if header["fortran"] == "True" else "C")


class Npz(Mapping[str, Array]):
    """The arrays of an .npz file by name, each read when it is asked for.

    Raises FormatError for a damaged archive, and on access for members that are too large, pickled or damaged.
    """

    def __init__(self, data: bytes, where: str) -> None:
        self._where = where
        self._archive = open_zip(io.BytesIO(data), where)
        names = [i.filename for i in self._archive.infolist()]
        self._members = {n[:-4]: n for n in names if n.endswith(".npy")}

    def __getitem__(self, key: str) -> Array:
        name = self._members[key]
        field = f"{self._where}, field '{key}'"
        return parse_npy(read_member(self._archive, name, field), field)

    def __iter__(self) -> Any:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def numbers(self, key: str, ndim: int) -> Array:
        """A field as finite float64 with `ndim` axes.

        Raises FormatError if it is absent, not numbers, of another rank, not finite, or beyond what a body can have.
        """
        field = f"{self._where}, field '{key}'"
        if key not in self:
            raise FormatError.of(field, f"only {', '.join(sorted(self)) or 'no arrays'}", f"an array '{key}'")
        return finite_float64(self[key], field, ndim)


def finite_float64(array: Array, where: str, ndim: int) -> Array:
    """The array as float64 with `ndim` axes, all values finite and below 1e9. Raises FormatError otherwise."""
    if array.dtype.kind not in "fiu" or array.ndim != ndim:
        raise FormatError.of(where, f"shape {array.shape} {array.dtype}", f"numbers with {ndim} axes")
    with np.errstate(all="ignore"):  # signalling NaNs and the like are found in the next line
        values = array.astype(np.float64)
    sound = np.isfinite(values)
    if not sound.all() or (values.size and np.abs(values).max() > MAX_VALUE):
        at = tuple(int(i) for i in np.argwhere(~(sound & (np.abs(np.where(sound, values, 0)) <= MAX_VALUE)))[0])
        raise FormatError.of(f"{where}, at {at}", str(values[at]), f"finite numbers below {MAX_VALUE:g}")
    return values


def write_npy(path: Any, array: Array) -> None:
    """Write one array as .npy, whole or not at all."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    write_atomic(path, buffer.getvalue())
