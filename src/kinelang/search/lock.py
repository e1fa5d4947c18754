"""One writer at a time: a lock on a file beside the index that the system takes back when its process ends, however it ends."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import IO

from kinelang.search.base import SearchError


class WriterLock:
    """Held while an index is written. `with WriterLock(path): ...`.

    The file `PATH.lock` stays and holds the number of the process that has, or last had, the lock. The lock itself is the system's
    (flock, or a locked byte on Windows), so that one left by a killed process is free at once.

    Raises SearchError on entering, naming the process, if another writer has it.
    """

    def __init__(self, path: Path) -> None:
        self._index = path
        self._path = path.with_name(path.name + ".lock")
        self._file: IO[str] | None = None

    def __enter__(self) -> WriterLock:
        try:
            file = open(self._path, "a+", encoding="ascii")  # closed in __exit__, which frees the lock
        except OSError as error:
            reason = error.strerror or str(error)
            raise SearchError(f"{self._path}: cannot be written ({reason}); give an index in a folder you may write to") from error
        if not _taken(file):
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            found = f"another process writing to it (process {holder})"
            raise SearchError.of(str(self._index), found, "one writer at a time", "wait until it is done, or end it")
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _taken(file: IO[str]) -> bool:
    """Take the system's lock on an open file, without waiting. False if someone else has it."""
    try:
        import fcntl
    except ImportError:
        return _taken_on_windows(file)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _taken_on_windows(file: IO[str]) -> bool:
    import msvcrt

    file.seek(1 << 20)  # beyond the number of the process, which others may read
    try:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    except OSError:
        return False
    return True
