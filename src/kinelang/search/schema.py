"""The tables of an index file, and what its first page says of it."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

from kinelang.search.base import SearchError, Windows

SCHEMA = 1
"""Changes whenever the tables do. There is no upgrading: an index is made again from its motions."""

APPLICATION_ID = 0x4B494E45
"""`KINE`, in the header of the SQLite file."""

CLIP, WINDOW = 0, 1
"""Kinds of vectors: of the whole clip (or its pieces), and of the sliding windows."""

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE motions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: what was derived from a motion can be told from what is there now
    path TEXT NOT NULL,                    -- absolute path of the file or archive, or corpus:NAME
    member TEXT NOT NULL,                  -- name in the archive, id in the corpus, or ''
    sha256 TEXT NOT NULL,                  -- of the file's or member's bytes
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,             -- of the file or archive
    duration_s REAL NOT NULL,
    fps REAL NOT NULL,
    frames INTEGER NOT NULL,
    skeleton TEXT NOT NULL,
    stages TEXT NOT NULL,                  -- JSON: detected stages
    provenance TEXT NOT NULL,              -- JSON: where it came from, what was inferred on reading
    UNIQUE (path, member)
);
CREATE INDEX motions_by_content ON motions (sha256);
CREATE INDEX motions_by_duration ON motions (duration_s);
CREATE TABLE stages (                      -- the same stages as in motions.stages, to be asked for by field
    motion INTEGER NOT NULL REFERENCES motions (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    verb TEXT NOT NULL, side TEXT, direction TEXT, count INTEGER,
    start_s REAL NOT NULL, end_s REAL NOT NULL, confidence REAL NOT NULL,
    PRIMARY KEY (motion, ordinal)
) WITHOUT ROWID;
CREATE INDEX stages_by_verb ON stages (verb, confidence, side, motion);
CREATE TABLE vectors (
    motion INTEGER NOT NULL REFERENCES motions (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL,                 -- 0 whole clip or its pieces, 1 sliding windows
    n INTEGER NOT NULL,
    spans BLOB NOT NULL,                   -- (n, 2) float32, little endian: start and end, seconds
    data BLOB NOT NULL,                    -- (n, width) float16, little endian
    crc INTEGER NOT NULL,                  -- CRC-32 of spans and data
    PRIMARY KEY (motion, kind)
);
CREATE TABLE passed_over (path TEXT NOT NULL, member TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (path, member)) WITHOUT ROWID;
CREATE TABLE sources (place TEXT PRIMARY KEY) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Meta:
    """What is the same for a whole index.

    Attributes:
        model: identity of the model whose vectors are in it.
        width: length of a vector.
        windows: how clips were cut.
        folder: run folder of the model; "" for the one that ships.
        version: kinelang's, when the index was made.
        key: drawn when the index was made; what is derived from one index is never taken for that of another.
        vectors: "" where faiss looks for near vectors; "milvus:URI" where Milvus does.
    """

    model: str
    width: int
    windows: Windows = field(default_factory=Windows)
    folder: str = ""
    version: str = ""
    key: str = field(default_factory=lambda: secrets.token_hex(8))
    vectors: str = ""

    def rows(self) -> list[tuple[str, str]]:
        """(key, value) rows of the table `meta`."""
        facts = asdict(self) | {"schema": SCHEMA}
        return [(key, json.dumps(value)) for key, value in facts.items()]

    @classmethod
    def of_rows(cls, rows: list[tuple[str, str]], where: str) -> Meta:
        """Raises SearchError if it is of another schema, or a row is missing."""
        try:
            facts: dict[str, Any] = {key: json.loads(value) for key, value in rows}
            schema = facts["schema"]
            if schema != SCHEMA:
                remedy = f"it was made by kinelang {facts.get('version', 'of another version')}: build it again"
                raise SearchError.of(where, f"an index of schema {schema}", f"schema {SCHEMA}", remedy)
            cut = facts["windows"]
            windows = Windows(tuple(map(int, cut["lengths"])), int(cut["stride"]), int(cut["longest"]))
            folder, version, key = (str(facts[name]) for name in ("folder", "version", "key"))
            return cls(str(facts["model"]), int(facts["width"]), windows, folder, version, key, str(facts.get("vectors", "")))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SearchError(f"{where}: the index is damaged (no sound '{error}'); build it again") from error
