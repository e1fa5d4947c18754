"""Many sequences of rows in one .npy file and an index beside it, added to one by one, safe against being killed at any moment.

    rows.npy        all rows under each other, (R, width) float16
    index.jsonl     one line for each sequence: its key, its number of rows, and whatever else was told of it

Rows are written before the line that tells of them; what no line tells of is cut off when the folder is opened next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.errors import FormatError, ModelError
from kinelang.motion.arrays import Array

ROWS, INDEX, LOCK = "rows.npy", "index.jsonl", "lock"
TYPE = np.dtype("<f2")
_HEADER_BYTES = 128
_LARGEST = float(np.finfo(np.float16).max)


class Sequences:
    """The sequences in a folder. Used as a context where something is added; one process may do so at a time.

    Args:
        folder: made where it is not there.
        width: of a row.
        adding: False: only read, which any number of processes may do at a time.

    Raises:
        ModelError: another process is adding where this one wants to, or the folder holds rows of another width.
        FormatError: the folder cannot be made or written to.
    """

    def __init__(self, folder: Path, width: int, *, adding: bool = True) -> None:
        self.folder, self.width, self._adding = folder, width, adding
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FormatError(f"{folder}: cannot be made ({error.strerror or error})") from error
        self.entries: list[dict[str, Any]] = []
        self.places: dict[str, int] = {}
        self._firsts = [0]
        self._lock = _locked(folder / LOCK) if adding else None
        self._rows_file: BinaryIO | None = None
        self._index_file: BinaryIO | None = None
        self._memory: Array | None = None
        try:
            self._read()
        except BaseException:
            self.close()
            raise

    def __len__(self) -> int:
        return len(self.entries)

    def __enter__(self) -> Sequences:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __getitem__(self, i: int) -> Array:
        """The rows of sequence i, (T, width) float32."""
        if self._memory is None or len(self._memory) < self._firsts[i + 1]:
            self._flush()
            shape = (self._firsts[-1], self.width)
            self._memory = np.memmap(self.folder / ROWS, TYPE, "r", _HEADER_BYTES, shape) if shape[0] else np.zeros(shape, TYPE)
        return self._memory[self._firsts[i] : self._firsts[i + 1]].astype(np.float32)

    def length(self, i: int) -> int:
        """Rows of sequence i."""
        return self._firsts[i + 1] - self._firsts[i]

    def append(self, key: str, rows: Array, about: Mapping[str, Any] | None = None) -> None:
        """Add a sequence (T, width); `about` is what JSON can hold. What float16 cannot hold becomes its largest number."""
        assert self._adding
        if key in self.places:
            raise ModelError.of(str(self.folder), f"'{key}' twice", "keys that differ")
        if self._rows_file is None or self._index_file is None:
            self._open()
        assert self._rows_file is not None
        assert self._index_file is not None
        entry = {"key": key, "rows": len(rows), **(about or {})}
        self._rows_file.write(np.clip(rows, -_LARGEST, _LARGEST).astype(TYPE).tobytes())
        self._rows_file.flush()
        self._index_file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self._index_file.flush()
        self._remember(entry)

    def cut(self, n: int) -> None:
        """Keep the first n sequences."""
        self._close_files()
        self._memory = None
        self.entries, self._firsts = self.entries[:n], self._firsts[: n + 1]
        self.places = {entry["key"]: i for i, entry in enumerate(self.entries)}
        lines = b"".join(json.dumps(entry, ensure_ascii=False).encode() + b"\n" for entry in self.entries)
        write_atomic(self.folder / INDEX, lines)

    def close(self) -> None:
        """Let another process add; what is here can still be read."""
        self._close_files()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _read(self) -> None:
        index, rows = self.folder / INDEX, self.folder / ROWS
        size = (rows.stat().st_size - _HEADER_BYTES) // (self.width * TYPE.itemsize) if rows.is_file() else 0
        text = index.read_bytes() if index.is_file() else b""
        whole = text[: text.rfind(b"\n") + 1]
        for line in whole.splitlines():
            entry = _entry(line)
            if entry is None or self._firsts[-1] + entry["rows"] > size:
                break
            self._remember(entry)
        if rows.is_file() and self.entries and _width_of(rows) != self.width:
            raise ModelError.of(str(rows), f"rows of width {_width_of(rows)}", f"{self.width}", "take another folder for the cache")
        if self._adding and (len(whole) != len(text) or len(self.entries) != len(whole.splitlines())):
            self.cut(len(self.entries))

    def _remember(self, entry: dict[str, Any]) -> None:
        self.places[entry["key"]] = len(self.entries)
        self.entries.append(entry)
        self._firsts.append(self._firsts[-1] + int(entry["rows"]))

    def _open(self) -> None:
        rows = self.folder / ROWS
        try:
            if not rows.is_file():
                rows.write_bytes(_header(0, self.width))
            self._rows_file = open(rows, "r+b")  # noqa: SIM115  # closed by close()
            self._rows_file.truncate(_HEADER_BYTES + self._firsts[-1] * self.width * TYPE.itemsize)
            self._rows_file.seek(0, 2)
            self._index_file = open(self.folder / INDEX, "ab")  # noqa: SIM115
        except OSError as error:
            raise FormatError(f"{self.folder}: cannot be written to ({error.strerror or error})") from error

    def _flush(self) -> None:
        for file in (self._rows_file, self._index_file):
            if file is not None:
                file.flush()

    def _close_files(self) -> None:
        if self._rows_file is not None:
            self._rows_file.seek(0)
            self._rows_file.write(_header(self._firsts[-1], self.width))  # only now does NumPy see all rows
            self._rows_file.close()
        if self._index_file is not None:
            self._index_file.close()
        self._rows_file = self._index_file = None


def _header(n: int, width: int) -> bytes:
    """The header of a .npy file of version 1.0, always of the same length."""
    said = f"{{'descr': '{TYPE.str}', 'fortran_order': False, 'shape': ({n}, {width}), }}"
    return b"\x93NUMPY\x01\x00" + (_HEADER_BYTES - 10).to_bytes(2, "little") + said.encode().ljust(_HEADER_BYTES - 11) + b"\n"


def _width_of(rows: Path) -> int:
    with open(rows, "rb") as file:
        header = file.read(_HEADER_BYTES).decode("latin-1")
    try:
        return int(header.split("'shape': (")[1].split(")")[0].split(",")[1])
    except (IndexError, ValueError):
        return 0


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    good = isinstance(entry, dict) and isinstance(entry.get("key"), str) and isinstance(entry.get("rows"), int)
    return entry if good else None


def _locked(path: Path) -> BinaryIO | None:
    """An open file that no other process can lock while it is open; the system lets go when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    file = open(path, "ab")  # noqa: SIM115  # held open while the lock is held
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise ModelError.of(str(path.parent), "another process adding to it", "one at a time", "wait for it to end") from None
    return file
