"""Encoded texts kept on disk, so that no text is encoded twice.

One SQLite file for each encoder identity, in `text` of the cache folder (KINELANG_CACHE, or the platform's). The key is the SHA-256 of
the normalised text; a value carries its checksum. Token states are kept in float16, and are rounded to it also when they were just
made: a hit and a miss give exactly the same. Sentence vectors are kept in float32, as they are. (Values beyond 65,504 are clipped;
layer-normalised states stay far below.)

Several processes may use one file. A file that is damaged is replaced, one that cannot be used is done without, and the log says so.
"""

from __future__ import annotations

import hashlib
import logging
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from kinelang.language.encoders.base import Array, TextEncoder, normal_texts
from kinelang.language.encoders.files import cache_folder

LIMIT_BYTES = 4 << 30
"""Largest file of one encoder; past it, the oldest quarter is dropped. Token states of MiniLM take some 11 kB a caption."""
_TEXTS_AT_ONCE = 512
"""Texts encoded and stored together: as much is lost when a long run is stopped."""
_WAIT_S = 10.0
_FLOAT16_MAX = float(np.finfo(np.float16).max)

_log = logging.getLogger(__name__)


class CachedEncoder:
    """An encoder that looks on disk first. Identity and width are those of the encoder within.

    Args:
        encoder: the encoder.
        folder: where the file lies; None: `text` in the cache folder.
        limit_bytes: largest size of the file.
    """

    def __init__(self, encoder: TextEncoder, folder: Path | None = None, limit_bytes: int = LIMIT_BYTES) -> None:
        self.encoder = encoder
        self.identity = encoder.identity
        self.width = encoder.width
        self.store = Store((folder or cache_folder() / "text") / _file_name(encoder.identity), limit_bytes)

    def tokens(self, texts: Sequence[str]) -> list[Array]:
        """The states of each text's tokens, (T_i, width) float32, rounded to float16."""

        def encode(missing: list[str]) -> list[bytes]:
            return [np.clip(s, -_FLOAT16_MAX, _FLOAT16_MAX).astype("<f2").tobytes() for s in self.encoder.tokens(missing)]

        kept = self._looked_up("tokens", texts, encode, 2 * self.width)
        return [np.frombuffer(data, "<f2").astype(np.float32).reshape(-1, self.width) for data in kept]

    def sentences(self, texts: Sequence[str]) -> Array:
        """One unit vector a text, (N, width) float32."""

        def encode(missing: list[str]) -> list[bytes]:
            return [row.astype("<f4").tobytes() for row in self.encoder.sentences(missing)]

        kept = self._looked_up("sentences", texts, encode, 4 * self.width)
        return np.frombuffer(b"".join(kept), "<f4").astype(np.float32).reshape(-1, self.width)

    def _looked_up(self, kind: str, texts: Sequence[str], encode: Callable[[list[str]], list[bytes]], row_bytes: int) -> list[bytes]:
        normal = normal_texts(texts)
        keys = {text: hashlib.sha256(f"{kind}\n{text}".encode()).digest() for text in normal}
        found = {k: data for k, data in self.store.get(keys.values()).items() if data and len(data) % row_bytes == 0}
        missing = [text for text, key in keys.items() if key not in found]
        for start in range(0, len(missing), _TEXTS_AT_ONCE):
            part = missing[start : start + _TEXTS_AT_ONCE]
            made = dict(zip([keys[text] for text in part], encode(part), strict=True))
            self.store.put(made)
            found |= made
        return [found[keys[text]] for text in normal]


class Store:
    """Byte strings by key in one SQLite file (WAL), opened anew for every call: safe with threads, forks and other processes."""

    def __init__(self, path: Path, limit_bytes: int) -> None:
        self.path = path
        self.limit_bytes = limit_bytes
        self._usable = True

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values that are there and whole."""
        found: dict[bytes, bytes] = {}
        wanted = list(keys)

        def read(database: sqlite3.Connection) -> None:
            for start in range(0, len(wanted), _TEXTS_AT_ONCE):
                part = wanted[start : start + _TEXTS_AT_ONCE]
                marks = ",".join("?" * len(part))
                rows = database.execute(f"SELECT key, checksum, value FROM kept WHERE key IN ({marks})", part)
                found.update({key: value for key, check, value in rows if zlib.crc32(value) == check})

        if wanted and self.path.exists():
            self._with_database(read)
        return found

    def put(self, values: dict[bytes, bytes]) -> None:
        """Keep values; those that are there already stay if they are whole. Whatever prevents it is logged, not raised."""
        rows = [(key, zlib.crc32(value), value) for key, value in values.items()]

        def write(database: sqlite3.Connection) -> None:
            with database:
                database.executemany("INSERT OR REPLACE INTO kept (key, checksum, value) VALUES (?, ?, ?)", rows)
            self._make_room(database)

        if rows:
            self._with_database(write)

    def _make_room(self, database: sqlite3.Connection) -> None:
        pages, free, size = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size"))
        if (pages - free) * size > self.limit_bytes:
            with database:
                quarter = database.execute("SELECT count(*) / 4 + 1 FROM kept").fetchone()[0]
                database.execute("DELETE FROM kept WHERE number IN (SELECT number FROM kept ORDER BY number LIMIT ?)", (quarter,))

    def _with_database(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do the work; a damaged file is replaced and the work done once more."""
        if not self._usable:
            return
        try:
            try:
                with self._opened() as database:
                    work(database)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                _log.warning("%s: the cache of encoded texts is damaged (%s); it is replaced", self.path, error)
                self._remove()
                with self._opened() as database:
                    work(database)
        except (OSError, sqlite3.Error) as error:
            self._usable = False
            _log.warning("%s: the cache of encoded texts cannot be used (%s); texts are encoded anew", self.path, error)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=_WAIT_S)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY, key BLOB UNIQUE NOT NULL, checksum INTEGER, value BLOB)"
            )
            yield database

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is wrong, and not the moment or its rights."""
    return not isinstance(error, sqlite3.OperationalError) or "no such" in str(error) or "no column" in str(error)


def _file_name(identity: str) -> str:
    return re.sub(r"[^\w.@+-]", "_", identity) + ".sqlite"
