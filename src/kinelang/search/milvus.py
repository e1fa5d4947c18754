"""Nearest vectors on Milvus, for more motions than one machine should hold: derived from the store like faiss's, kept by the server.

An index whose vectors are there has two collections, `kinelang_KEY_clips` and `kinelang_KEY_windows` (KEY: `Meta.key`), and one more,
`kinelang_KEY_state`, that tells with which revision of the store they agree. All of them can be dropped at any time: what is missing is
made again by whoever opens the index next. What is written is written so that it may be written twice.

The address is a server's (`http://host:19530`), or a file that ends in `.db` for milvus-lite, which serves to try it and is opened by
one process at a time. A server's token is taken from the environment variable KINELANG_MILVUS_TOKEN and kept nowhere.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.errors import MissingExtraError
from kinelang.motion.arrays import Array
from kinelang.search.base import SearchError
from kinelang.search.schema import CLIP
from kinelang.search.store import Store
from kinelang.search.vectors import EF_CONSTRUCTION, EF_SEARCH, FLAT_BELOW, ORDINAL_BITS, M, Near

TOKEN = "KINELANG_MILVUS_TOKEN"
MOST_NEIGHBOURS = 16_384
"""Milvus answers with no more."""
TIMEOUT_S = 20.0
_ROWS, _MOTIONS, _ALLOWED = 4096, 1024, 10_000
"""Vectors in one message, motions read at once, motions named in one filter."""


class MilvusEngine:
    """A `VectorEngine` on Milvus.

    Args:
        uri: of the server, or a file of milvus-lite.
        kind: `schema.CLIP` or `schema.WINDOW`.
        width: length of a vector.
        key: of the index.
        flat_below: vectors below which every one is compared; a graph (HNSW) from there on.

    Raises:
        MissingExtraError: pymilvus is not installed.
        SearchError: of every method: no such server, or it does not answer.
    """

    def __init__(self, uri: str, kind: int, width: int, key: str, flat_below: int = FLAT_BELOW) -> None:
        self.uri, self.kind, self.width, self.flat_below = uri, kind, width, flat_below
        self.name = f"kinelang_{key}_{'clips' if kind == CLIP else 'windows'}"
        self._state = f"kinelang_{key}_state"
        self._client = _connected(uri)
        self.revision, self._graph = self._noted()

    @property
    def where(self) -> str:
        """The collection."""
        return f"{self.uri}, collection {self.name}"

    @property
    def is_graph(self) -> bool:
        """Whether it is approximate."""
        return self._graph

    def __len__(self) -> int:
        with _answering(self.uri):
            if not self._client.has_collection(self.name):
                return 0
            return int(self._client.query(self.name, filter="", output_fields=["count(*)"])[0]["count(*)"])

    def search(self, query: Array, k: int, allowed: Array | None = None) -> Near:
        """See `VectorEngine`. At most `MOST_NEIGHBOURS`."""
        k = min(k, MOST_NEIGHBOURS)
        parts = [None] if allowed is None else np.array_split(np.unique(allowed), -(-len(allowed) // _ALLOWED) or 1)
        rows = [row for part in parts if part is None or len(part) for row in self._asked(query, k, part)]
        rows.sort(key=lambda row: (-row[1], row[0]))
        keys = np.array([row[0] for row in rows[:k]], dtype=np.int64)
        cosines = np.array([row[1] for row in rows[:k]], dtype=np.float32)
        return Near(keys >> ORDINAL_BITS, keys & ((1 << ORDINAL_BITS) - 1), cosines)

    def vectors(self) -> tuple[Array, Array, Array]:
        """See `VectorEngine`."""
        rows = sorted(((int(row["id"]), row["vector"]) for row in self._all("id >= 0", ["id", "vector"])), key=lambda row: row[0])
        keys = np.array([key for key, _ in rows], dtype=np.int64)
        found = np.array([vector for _, vector in rows], dtype=np.float32).reshape(len(rows), self.width)
        return keys >> ORDINAL_BITS, keys & ((1 << ORDINAL_BITS) - 1), found

    def catch_up(self, store: Store) -> bool:
        """See `VectorEngine`. Motions are whole there or not at all: the first vector of each is written last."""
        with store.snapshot():
            total = store.count(self.kind)
            if store.revision == self.revision and len(self) == total:
                return False
            with _answering(self.uri):
                if not self._client.has_collection(self.name) or self._graph != (total >= self.flat_below):
                    self._make(total >= self.flat_below)
            live, have = store.ids(), np.unique([row["motion"] for row in self._all("ordinal == 0", ["motion"])])
            self._remove(np.setdiff1d(have, live))
            missing = np.setdiff1d(live, have)
            for start in range(0, len(missing), _MOTIONS):
                self._put(*store.matrix(self.kind, missing[start : start + _MOTIONS]))
            self._note(store.revision)
        return True

    def save(self, path: Path) -> None:
        """Nothing: the server keeps it."""

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(Exception):
            self._client.close()

    # --- inside

    def _asked(self, query: Array, k: int, allowed: Array | None) -> list[tuple[int, float]]:
        condition = "" if allowed is None else f"motion in {allowed.tolist()}"
        parameters = {"metric_type": "IP", "params": {"ef": max(EF_SEARCH, k)} if self._graph else {}}
        data = [np.asarray(query, dtype=np.float32).tolist()]
        with _answering(self.uri):
            found = self._client.search(
                self.name, data=data, limit=k, filter=condition, search_params=parameters, output_fields=["id"], timeout=TIMEOUT_S
            )
        return [(int(hit["id"]), float(hit["distance"])) for hit in found[0]]

    def _all(self, condition: str, fields: list[str]) -> Iterator[dict[str, Any]]:
        with _answering(self.uri):
            rows = self._client.query_iterator(self.name, batch_size=_ROWS, filter=condition, output_fields=fields)
            while batch := rows.next():
                yield from batch
            rows.close()

    def _put(self, motions: Array, ordinals: Array, vectors: Array) -> None:
        order = np.lexsort((motions, ordinals == 0))
        with _answering(self.uri):
            for start in range(0, len(order), _ROWS):
                rows = [
                    {
                        "id": int(motions[i] << ORDINAL_BITS | ordinals[i]),
                        "motion": int(motions[i]),
                        "ordinal": int(ordinals[i]),
                        "vector": vectors[i].tolist(),
                    }
                    for i in order[start : start + _ROWS]
                ]
                self._client.upsert(self.name, rows)

    def _remove(self, motions: Array) -> None:
        with _answering(self.uri):
            for start in range(0, len(motions), _MOTIONS):
                self._client.delete(self.name, filter=f"motion in {motions[start : start + _MOTIONS].tolist()}")

    def _make(self, graph: bool) -> None:
        """An empty collection, in place of the one there is."""
        from pymilvus import DataType

        parameters = {"M": M, "efConstruction": EF_CONSTRUCTION} if graph else {}
        fields = {"id": DataType.INT64, "motion": DataType.INT64, "ordinal": DataType.INT64}
        self._collection(self.name, fields, self.width, "HNSW" if graph else "FLAT", parameters)
        self._graph = graph

    def _collection(self, name: str, fields: dict[str, Any], width: int, kind: str, parameters: dict[str, int]) -> None:
        from pymilvus import DataType

        client = self._client
        if client.has_collection(name):
            client.drop_collection(name)
        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        for field, field_type in fields.items():
            schema.add_field(field, field_type, is_primary=field == "id")
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=width)
        indexed = client.prepare_index_params()
        indexed.add_index("vector", index_type=kind, metric_type="IP", params=parameters)
        client.create_collection(name, schema=schema, index_params=indexed, consistency_level="Strong", timeout=TIMEOUT_S)

    def _noted(self) -> tuple[int, bool]:
        """The revision that the collection agrees with, -1 for none, and whether it is a graph."""
        with _answering(self.uri):
            if not self._client.has_collection(self.name) or not self._client.has_collection(self._state):
                return -1, False
            for name in (self.name, self._state):
                self._client.load_collection(name)
            rows = self._client.query(self._state, filter=f"id == {self.kind}", output_fields=["revision", "graph"])
            return (int(rows[0]["revision"]), bool(rows[0]["graph"])) if rows else (-1, False)

    def _note(self, revision: int) -> None:
        from pymilvus import DataType

        with _answering(self.uri):
            if not self._client.has_collection(self._state):
                fields = {"id": DataType.INT64, "revision": DataType.INT64, "graph": DataType.INT64}
                self._collection(self._state, fields, 2, "FLAT", {})
            row = {"id": self.kind, "revision": revision, "graph": int(self._graph), "vector": [0.0, 1.0]}  # collections need a vector
            self._client.upsert(self._state, [row])
        self.revision = revision


def checked_uri(uri: str) -> str:
    """The address as an index remembers it: that of a server, or the absolute path of a file. Raises SearchError for another."""
    if re.match(r"(https?|tcp|unix)://.", uri):
        if "@" in uri:
            remedy = f"give it without, and the token in the environment variable {TOKEN}"
            raise SearchError.of("vectors", "an address with a name or password in it, which the index would keep", "", remedy)
        return uri
    if not uri.endswith(".db"):
        raise SearchError.of("vectors", f"'{uri}'", "milvus:http://HOST:19530, or milvus:FILE.db of milvus-lite")
    return os.path.abspath(uri)


def _connected(uri: str) -> Any:
    try:
        import pymilvus

        if uri.endswith(".db"):
            import milvus_lite  # noqa: F401
    except ImportError as missing:
        raise MissingExtraError.for_extra(missing.name or "pymilvus", "milvus") from missing
    import logging

    for name in ("pymilvus", "milvus_lite"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # they tell each error a second time, with its trace
    with _answering(uri):
        return pymilvus.MilvusClient(uri, token=os.environ.get(TOKEN, ""), timeout=TIMEOUT_S)


@contextlib.contextmanager
def _answering(uri: str) -> Iterator[None]:
    """What Milvus raises as one line that says what to do."""
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except MilvusException as error:
        reason = " ".join(str(error.message or error).split()).rstrip(".")
        first = "one process at a time opens such a file, wait for it" if uri.endswith(".db") else "start the server"
        remedy = f"{first}, or look for the vectors in this process: kinelang index build INDEX SOURCE... --vectors faiss"
        raise SearchError(f"{uri}: Milvus does not do what is asked of it ({reason}); {remedy}") from error
