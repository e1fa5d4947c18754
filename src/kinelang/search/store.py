"""The record of an index: one SQLite file in WAL mode. Everything else about an index is derived from it.

Each motion is one transaction, so that whatever ends a process, the file holds every motion whole or not at all. Readers see the last
finished transaction while a writer is at work; there is one writer at a time (`lock`).
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.search.base import SearchError
from kinelang.search.schema import APPLICATION_ID, CLIP, TABLES, WINDOW, Meta

BUSY_S = 10.0
"""How long to wait for SQLite's own short locks."""

CACHE_KB = 32_000
"""Of the file, kept in a reader's memory at most."""

_COLUMNS = "id, path, member, sha256, size, mtime_ns, duration_s, fps, frames, skeleton, stages, provenance"


@dataclass(frozen=True, slots=True)
class Seen:
    """A detected stage as it is asked for: what `Stage` says, without its checks, which are slow where thousands are read."""

    verb: str
    side: str | None
    direction: str | None
    count: int | None
    start_s: float
    end_s: float
    confidence: float = 1.0


@dataclass(frozen=True)
class Place:
    """Where a motion comes from, and its content.

    Attributes:
        path: absolute path of the file or archive, or "corpus:NAME".
        member: name in the archive, id in the corpus, or "".
        sha256: of the bytes; "" where not known yet.
        size, mtime_ns: of the file or archive.
    """

    path: str
    member: str = ""
    sha256: str = ""
    size: int = 0
    mtime_ns: int = 0

    @property
    def where(self) -> str:
        """As people write it: `FILE`, `archive.zip/member`, `corpus:NAME/ID`."""
        return f"{self.path}/{self.member}" if self.member else self.path


@dataclass(frozen=True, eq=False)
class Encoded:
    """Vectors of one motion and one kind: spans (n, 2) float32 in seconds, vectors (n, d) float32 of unit length."""

    spans: Array
    vectors: Array


@dataclass(frozen=True, eq=False)
class Entry:
    """One motion of an index, without its vectors.

    Attributes:
        place: where it comes from.
        duration_s, fps, frames, skeleton: of the motion as it was read.
        stages: detected stages, as JSON objects of `timeline.files`.
        provenance: plain values: how it was read, notes of the reader.
        id: its number in the index; 0 until it is in one.
    """

    place: Place
    duration_s: float
    fps: float
    frames: int
    skeleton: str
    stages: tuple[dict[str, Any], ...] = ()
    provenance: dict[str, Any] = field(default_factory=dict)
    id: int = 0

    @property
    def seen(self) -> list[Seen]:
        """The stages, briefly."""
        return [_seen(stage) for stage in self.stages]


def _seen(stage: dict[str, Any]) -> Seen:
    confidence = stage.get("confidence")
    return Seen(
        stage["verb"],
        stage.get("side"),
        stage.get("direction"),
        stage.get("count"),
        float(stage["start_s"]),
        float(stage["end_s"]),
        1.0 if confidence is None else float(confidence),
    )


class Store:
    """An open index file. `Store.create` or `Store.open`; close it, or use it in a `with` statement. For one thread.

    Attributes:
        path: the file.
        meta: model, widths, windows.

    Raises:
        SearchError, of every method: the file is damaged, or cannot be read or written.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, meta: Meta) -> None:
        self.path, self._db, self.meta = path, db, meta
        self._selected: tuple[int, tuple[str, tuple[Any, ...]], Array] = (-1, ("", ()), np.zeros(0, np.int64))
        self._size = -1, 0  # a revision, and how many motions there were: SQLite counts them one by one

    @classmethod
    def create(cls, path: Path, meta: Meta) -> Store:
        """Make an empty index; it appears with its tables or not at all. Raises SearchError if something is there already."""
        if path.exists():
            raise SearchError.of(str(path), "a file of that name", "a new name, or an index to continue")
        part = path.with_name(f".{path.name}.part")
        try:
            part.unlink(missing_ok=True)
            with _sound(path), closing(sqlite3.connect(part)) as db:
                rows = [*meta.rows(), ("revision", "0")]
                db.executescript(f"PRAGMA application_id = {APPLICATION_ID}; BEGIN; {TABLES} COMMIT;")
                db.executemany("INSERT INTO meta VALUES (?, ?)", rows)
                db.commit()
            os.replace(part, path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise SearchError(f"{path}: cannot be written ({reason}); give a file in an existing folder you may write to") from error
        return cls.open(path, write=True)

    @classmethod
    def open(cls, path: Path, *, write: bool = False) -> Store:
        """Open an index. Raises SearchError: no such file, no index, damaged, of another schema."""
        if not path.is_file():
            found = "a folder" if path.is_dir() else "no such file"
            raise SearchError.of(str(path), found, "an index", "make one with: kinelang index build INDEX FOLDER")
        _check_header(path)
        with _sound(path):
            db = _connected(path, write)
            try:
                kind = db.execute("PRAGMA application_id").fetchone()[0]
                if kind != APPLICATION_ID:
                    raise SearchError.of(str(path), "an SQLite file of another program", "an index of kinelang", "give another file")
                meta = Meta.of_rows(db.execute("SELECT key, value FROM meta").fetchall(), str(path))
            except BaseException:
                db.close()
                raise
        return cls(path, db, meta)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What is read inside is of one moment, whatever a writer does meanwhile."""
        if self._db.in_transaction:
            yield
            return
        with _sound(self.path):
            self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    # --- reading

    @property
    def revision(self) -> int:
        """Grows with every transaction."""
        return int(self._rows("SELECT value FROM meta WHERE key = 'revision'")[0][0])

    def __len__(self) -> int:
        if self._size[0] != self.revision:
            revision, n = self._rows("SELECT value, (SELECT count(*) FROM motions) FROM meta WHERE key = 'revision'")[0]
            self._size = int(revision), int(n)
        return self._size[1]

    def count(self, kind: int) -> int:
        """Number of vectors of a kind."""
        return int(self._rows("SELECT coalesce(sum(n), 0) FROM vectors WHERE kind = ?", kind)[0][0])

    def ids(self) -> Array:
        """Numbers of all motions, ascending. (N,) int64."""
        return np.sort(self.selected("1", ()))

    def entries(self, ids: Iterable[int] | None = None) -> list[Entry]:
        """Motions by their numbers, in that order, those that are there; all without `ids`, by path."""
        if ids is None:
            return [self._entry(row) for row in self._rows(f"SELECT {_COLUMNS} FROM motions ORDER BY path, member")]
        wanted = [int(i) for i in ids]
        rows = self._rows(f"SELECT {_COLUMNS} FROM motions WHERE id IN (SELECT value FROM json_each(?))", json.dumps(wanted))
        found = {row[0]: self._entry(row) for row in rows}
        return [found[i] for i in wanted if i in found]

    def find(self, path: str, member: str = "") -> Entry | None:
        """The motion of a place, if it is here."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM motions WHERE path = ? AND member = ?", path, member)
        return self._entry(rows[0]) if rows else None

    def places(self) -> dict[tuple[str, str], tuple[int, Place]]:
        """(path, member) -> number and place, of all motions."""
        rows = self._rows("SELECT id, path, member, sha256, size, mtime_ns FROM motions")
        return {(row[1], row[2]): (int(row[0]), Place(*row[1:])) for row in rows}

    def same_content(self, sha256: str) -> Entry | None:
        """A motion with these bytes under any name."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM motions WHERE sha256 = ? LIMIT 1", sha256)
        return self._entry(rows[0]) if rows else None

    def stages(self, ids: Iterable[int]) -> list[tuple[Any, ...]]:
        """The detected stages of motions: motion, verb, side, direction, count, start_s, end_s, confidence; by motion and time."""
        query = "SELECT motion, verb, side, direction, count, start_s, end_s, confidence FROM stages WHERE motion IN "
        query += "(SELECT value FROM json_each(?)) ORDER BY motion, ordinal"
        return self._rows(query, json.dumps([int(i) for i in ids]))

    def with_stage(self, verb: str, side: str | None, most: int) -> list[int]:
        """Numbers of the motions in which a verb was detected, with a side where one is given, the surest first, at most `most`."""
        query = "SELECT motion FROM stages WHERE verb = ?1 AND (?2 IS NULL OR side = ?2) ORDER BY confidence DESC LIMIT ?3"
        return list(dict.fromkeys(int(row[0]) for row in self._rows(query, verb, side, most)))

    def encoded(self, motion: int, kind: int) -> Encoded:
        """Vectors of one motion."""
        rows = self._rows("SELECT n, spans, data FROM vectors WHERE motion = ? AND kind = ?", motion, kind)
        if not rows:
            return Encoded(np.zeros((0, 2), np.float32), np.zeros((0, self.meta.width), np.float32))
        n, spans, data = rows[0]
        return Encoded(self._spans(n, spans), self._vectors(n, data))

    def spans(self, motions: Iterable[int], kind: int) -> dict[int, Array]:
        """Motion -> spans of its vectors, (n, 2) float32, seconds; of those that are there."""
        query = "SELECT motion, n, spans FROM vectors WHERE motion IN (SELECT value FROM json_each(?)) AND kind = ?"
        rows = self._rows(query, json.dumps([int(i) for i in motions]), kind)
        return {row[0]: self._spans(*row[1:]) for row in rows}

    def matrix(self, kind: int, ids: Iterable[int] | None = None) -> tuple[Array, Array, Array]:
        """Vectors of many motions, all without `ids`.

        Returns:
            motions (n,) int64, the number of the motion of each row, ascending; ordinals (n,) int64, which of its vectors;
            vectors (n, d) float32, unit length.
        """
        if ids is None:
            cursor = self._cursor("SELECT motion, n, data FROM vectors WHERE kind = ? ORDER BY motion", kind)
        else:
            query = "SELECT motion, n, data FROM vectors WHERE kind = ? AND motion IN (SELECT value FROM json_each(?)) ORDER BY motion"
            cursor = self._cursor(query, kind, json.dumps([int(i) for i in ids]))
        motions: list[int] = []
        counts: list[int] = []
        blobs: list[bytes] = []
        with _sound(self.path):
            for motion, n, data in cursor:
                motions.append(motion)
                counts.append(n)
                blobs.append(data)
        numbers = np.asarray(counts, dtype=np.int64)
        ordinals = np.arange(numbers.sum()) - np.repeat(np.cumsum(numbers) - numbers, numbers)
        vectors = self._vectors(int(numbers.sum()), b"".join(blobs))
        return np.repeat(np.asarray(motions, dtype=np.int64), numbers), ordinals, vectors

    def selected(self, where: str, arguments: Sequence[Any]) -> Array:
        """Numbers of the motions for which an SQL condition on `motions` (as m) holds. (N,) int64, in no order; to be read only."""
        asked = (where, tuple(arguments))
        if self._selected[:2] != (self.revision, asked):  # people ask more than one thing of the same motions
            query = f"SELECT value, (SELECT json_group_array(m.id) FROM motions m WHERE {where}) FROM meta WHERE key = 'revision'"
            revision, found = self._rows(query, *arguments)[0]  # quicker than rows
            self._selected = int(revision), asked, np.array(json.loads(found), dtype=np.int64)
        return self._selected[2]

    def passed_over(self) -> dict[str, str]:
        """What could not be read -> why."""
        rows = self._rows("SELECT path, member, reason FROM passed_over ORDER BY path, member")
        return {Place(path, member).where: reason for path, member, reason in rows}

    def sources(self) -> list[str]:
        """Folders, archives and files that were given to be indexed."""
        return [row[0] for row in self._rows("SELECT place FROM sources ORDER BY place")]

    def facts(self, column: str) -> dict[str, int]:
        """How often each skeleton, or each verb, comes."""
        table = {"skeleton": "motions", "verb": "stages"}[column]
        rows = self._rows(f"SELECT {column}, count(*) FROM {table} GROUP BY 1 ORDER BY 2 DESC, 1")
        return {str(name): int(n) for name, n in rows}

    def hours(self) -> float:
        """Hours of motion."""
        return float(self._rows("SELECT coalesce(sum(duration_s), 0) FROM motions")[0][0]) / 3600

    def damage(self) -> list[str]:
        """What SQLite finds wrong with the file, rows without their motion, and vectors that are not what was written."""
        found = [str(row[0]) for row in self._rows("PRAGMA integrity_check(20)") if row[0] != "ok"]
        found += [f"a row of {row[0]} without its motion" for row in self._rows("PRAGMA foreign_key_check")]
        cursor = self._cursor("SELECT m.id, m.path, m.member, v.kind, v.n, v.spans, v.data, v.crc FROM motions m LEFT JOIN vectors v "
                              "ON v.motion = m.id ORDER BY m.id, v.kind")  # fmt: skip
        kinds: dict[int, set[int]] = {}
        with _sound(self.path):
            for number, path, member, kind, n, spans, data, crc in cursor:
                kinds.setdefault(number, set()).add(kind)
                if kind is not None and not self._is_sound(n, spans, data, crc):
                    found.append(f"vectors of {Place(path, member).where} are damaged")
        missing = [number for number, have in kinds.items() if have != {CLIP, WINDOW}]
        return found + [f"{entry.place.where} has not all of its vectors" for entry in self.entries(missing)]

    # --- writing

    def put(self, entry: Entry, clip: Encoded, windows: Encoded) -> int:
        """Write a motion with its vectors, in place of what was there under its name, as one transaction. Returns its number."""
        place = entry.place
        row: tuple[Any, ...] = (place.path, place.member, place.sha256, place.size, place.mtime_ns, entry.duration_s, entry.fps)
        row += (
            entry.frames,
            entry.skeleton,
            json.dumps(entry.stages, ensure_ascii=False),
            json.dumps(entry.provenance, ensure_ascii=False),
        )
        with self._transaction() as db:
            db.execute("DELETE FROM motions WHERE path = ? AND member = ?", (place.path, place.member))
            db.execute("DELETE FROM passed_over WHERE path = ? AND member = ?", (place.path, place.member))
            marks = ", ".join("?" * len(row))
            number = int(db.execute(f"INSERT INTO motions ({_COLUMNS[4:]}) VALUES ({marks})", row).lastrowid or 0)
            db.executemany(
                "INSERT INTO stages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [(number, i, *astuple(s)) for i, s in enumerate(entry.seen)]
            )
            for kind, encoded in ((CLIP, clip), (WINDOW, windows)):
                spans = np.ascontiguousarray(encoded.spans, dtype="<f4").tobytes()
                data = np.ascontiguousarray(encoded.vectors, dtype="<f2").tobytes()
                crc = zlib.crc32(data, zlib.crc32(spans))
                db.execute("INSERT INTO vectors VALUES (?, ?, ?, ?, ?, ?)", (number, kind, len(encoded.spans), spans, data, crc))
        return number

    def touch(self, number: int, place: Place) -> None:
        """Note a new time of a file whose content is the same."""
        with self._transaction() as db:
            db.execute("UPDATE motions SET size = ?, mtime_ns = ? WHERE id = ?", (place.size, place.mtime_ns, number))

    def remove(self, numbers: Sequence[int]) -> None:
        """Take motions out, as one transaction."""
        with self._transaction() as db:
            db.executemany("DELETE FROM motions WHERE id = ?", [(int(n),) for n in numbers])

    def pass_over(self, place: Place, reason: str) -> None:
        """Note that a file could not be read, and take out what was read of it before."""
        with self._transaction() as db:
            db.execute("DELETE FROM motions WHERE path = ? AND member = ?", (place.path, place.member))
            db.execute("INSERT OR REPLACE INTO passed_over VALUES (?, ?, ?)", (place.path, place.member, reason))

    def forget_passed_over(self, where: Iterable[str]) -> None:
        """Drop what was noted of files that are gone."""
        with self._transaction() as db:
            db.executemany("DELETE FROM passed_over WHERE CASE member WHEN '' THEN path ELSE path || '/' || member END = ?",
                           [(w,) for w in where])  # fmt: skip

    def use_vectors(self, vectors: str) -> None:
        """Note who looks for near vectors from now on; see `Meta.vectors`."""
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('vectors', ?)", (json.dumps(vectors),))
        self.meta = replace(self.meta, vectors=vectors)

    def add_sources(self, places: Iterable[str]) -> None:
        """Note what was given to be indexed."""
        with self._transaction() as db:
            db.executemany("INSERT OR IGNORE INTO sources VALUES (?)", [(p,) for p in places])

    def remove_sources(self, places: Iterable[str]) -> None:
        """Forget what was given to be indexed."""
        with self._transaction() as db:
            db.executemany("DELETE FROM sources WHERE place = ?", [(p,) for p in places])

    # --- inside

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with _sound(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("UPDATE meta SET value = value + 1 WHERE key = 'revision'")
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def _rows(self, query: str, *arguments: Any) -> list[Any]:
        with _sound(self.path):
            return self._db.execute(query, arguments).fetchall()

    def _cursor(self, query: str, *arguments: Any) -> sqlite3.Cursor:
        with _sound(self.path):
            return self._db.execute(query, arguments)

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        try:
            stages, provenance = tuple(json.loads(row[10])), dict(json.loads(row[11]))
        except (ValueError, TypeError) as error:
            raise _damaged(self.path, f"stages of {row[1]} are no JSON") from error
        return Entry(Place(*row[1:6]), row[6], row[7], row[8], row[9], stages, provenance, row[0])

    def _spans(self, n: int, blob: bytes) -> Array:
        if len(blob) != 8 * n:
            raise _damaged(self.path, f"{len(blob)} bytes where {8 * n} are expected")
        return np.frombuffer(blob, dtype="<f4").reshape(n, 2)

    def _vectors(self, n: int, blob: bytes) -> Array:
        if len(blob) != 2 * n * self.meta.width:
            raise _damaged(self.path, f"{len(blob)} bytes where {2 * n * self.meta.width} are expected")
        vectors = np.frombuffer(blob, dtype="<f2").reshape(n, self.meta.width).astype(np.float32)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors

    def _is_sound(self, n: int, spans: bytes, data: bytes, crc: int) -> bool:
        whole = n > 0 and len(spans) == 8 * n and len(data) == 2 * n * self.meta.width
        if not whole or zlib.crc32(data, zlib.crc32(spans)) != crc:
            return False
        length = np.linalg.norm(np.frombuffer(data, dtype="<f2").reshape(n, -1).astype(np.float32), axis=1)
        return bool(np.all(np.abs(length - 1) < 0.01))


def _connected(path: Path, write: bool) -> sqlite3.Connection:
    """A connection that writes, or one that only reads; of a medium that cannot be written to without SQLite's side files."""
    may_write = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    name = "file:" + quote(str(path.resolve()))
    if may_write:
        mode = "mode=rw"
    else:
        mode = "mode=ro" if path.with_name(path.name + "-wal").exists() else "mode=ro&immutable=1"
    db = sqlite3.connect(f"{name}?{mode}", uri=True, timeout=BUSY_S, isolation_level=None)
    if may_write:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA foreign_keys = ON")
    if not write:
        db.execute("PRAGMA query_only = ON")
        db.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    return db


def _check_header(path: Path) -> None:
    try:
        with open(path, "rb") as file:
            head = file.read(16)
    except OSError as error:
        raise SearchError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    if head != b"SQLite format 3\0":
        found = "an empty file" if not head else "a file that is no index, or a damaged one"
        raise SearchError.of(str(path), found, "an index", "give another file, or delete this one and build the index again")


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    """SQLite's errors as one line that says what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "no such table" in str(error) or "no such column" in str(error):
            raise _damaged(path, str(error)) from error
        raise SearchError(f"{path}: cannot be read or written ({error}); check the disk and who else uses it") from error
    except sqlite3.Error as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, what: str) -> SearchError:
    return SearchError(f"{path}: the index is damaged ({what}); delete it and build it again from its motions")
