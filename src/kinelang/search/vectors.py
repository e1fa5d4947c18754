"""Nearest vectors: faiss in this process, derived from the store and kept beside it; or elsewhere (`milvus`).

The file `INDEX.clips.faiss` (and `INDEX.windows.faiss`) is a faiss index followed by the numbers of its vectors and one line that says
which revision of the store it was made from. It is written whole or not at all, and can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from kinelang.errors import MissingExtraError
from kinelang.motion.arrays import Array
from kinelang.search.base import SearchError
from kinelang.search.schema import CLIP
from kinelang.search.store import Store

FLAT_BELOW = 100_000
"""Vectors below which every one is compared; a graph (HNSW) from there on. `bench/search_latency.py` measures both."""

M, EF_CONSTRUCTION, EF_SEARCH = 16, 128, 128
"""Of the graph: neighbours of a node, and the candidates kept while building and while searching."""

MOST_DEAD = 0.1
"""Share of removed vectors from which on the graph is made anew; until then they are passed over."""

FEW = 0.1
"""Share of allowed vectors below which these alone are compared, one by one: a graph would seldom meet them."""

LEFT_OVER_S = 3600.0
"""Age of an unfinished file from which on nobody is taken to be writing it."""

ORDINAL_BITS = 20
"""A vector's number is `motion << ORDINAL_BITS | ordinal`."""

MILVUS = "milvus:"
FAISS = "faiss"

_MAGIC = b"kinelang"
_FORMAT = 1


class Near(NamedTuple):
    """What a search finds, best first: motions (k,) int64, ordinals (k,) int64 of their vectors, cosines (k,) float32."""

    motions: Array
    ordinals: Array
    cosines: Array


class VectorEngine(Protocol):
    """What an index asks of whoever looks for near vectors; here faiss, elsewhere a server."""

    @property
    def revision(self) -> int:
        """The store's revision that it agrees with."""
        ...

    @property
    def where(self) -> str:
        """What can be deleted, and is then made again."""
        ...

    def __len__(self) -> int:
        """Number of vectors that can be found."""
        ...

    def search(self, query: Array, k: int, allowed: Array | None = None) -> Near:
        """The k vectors with the largest inner product with `query` (d,); of the motions `allowed` alone, where given."""
        ...

    def vectors(self) -> tuple[Array, Array, Array]:
        """All that can be found, as `Store.matrix` gives them: motions, ordinals, vectors."""
        ...

    def catch_up(self, store: Store) -> bool:
        """Take in what has changed in the store. Returns whether anything had."""
        ...

    def save(self, path: Path) -> None:
        """Keep it, for the next time it is opened."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class FaissEngine:
    """A `VectorEngine` in this process.

    Attributes:
        kind: `schema.CLIP` or `schema.WINDOW`.
        key: of the index that it belongs to.
        revision: of the store, when it was last in agreement with it.
        where: the file.
    """

    def __init__(self, kind: int, width: int, flat_below: int = FLAT_BELOW, key: str = "", where: str = "") -> None:
        self.kind, self.width, self.flat_below, self.key, self.where = kind, width, flat_below, key, where
        self.revision = -1
        self._keys = np.zeros(0, dtype=np.int64)  # motion << 20 | ordinal, ascending: the vectors' numbers, in faiss's order
        self._dead = np.zeros(0, dtype=bool)
        self._index: Any = None
        self._owner: Any = None
        self._reset(0)

    def __len__(self) -> int:
        return len(self._keys) - int(self._dead.sum())

    @property
    def is_graph(self) -> bool:
        """Whether it is approximate."""
        return bool(hasattr(self._index, "hnsw"))

    def search(self, query: Array, k: int, allowed: Array | None = None) -> Near:
        """See `VectorEngine`. Exact below `flat_below` vectors."""
        usable = None if allowed is None and not self._dead.any() else ~self._dead
        if allowed is not None and usable is not None:
            usable &= np.isin(self._keys >> ORDINAL_BITS, allowed)
        n = len(self._keys) if usable is None else int(usable.sum())
        k = min(k, n)
        if k == 0:
            return Near(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        query = np.ascontiguousarray(query, dtype=np.float32).reshape(1, self.width)
        if self.is_graph and usable is not None and n < FEW * len(self._keys):
            rows, cosines = self._compared(query[0], k, np.flatnonzero(usable))
        else:
            rows, cosines = self._searched(query, k, usable)
        keys = self._keys[rows]
        return Near(keys >> ORDINAL_BITS, keys & ((1 << ORDINAL_BITS) - 1), cosines)

    def of(self, query: Array, motions: Array) -> Near:
        """All vectors of some motions, in no order, and their cosines with `query` (d,)."""
        first, last = (np.searchsorted(self._keys, number << ORDINAL_BITS) for number in (motions, motions + 1))
        counts = last - first
        rows = np.repeat(last - np.cumsum(counts), counts) + np.arange(counts.sum())
        rows = rows[~self._dead[rows]]
        keys = self._keys[rows]
        return Near(keys >> ORDINAL_BITS, keys & ((1 << ORDINAL_BITS) - 1), self._stored()[rows] @ query)

    def vectors(self) -> tuple[Array, Array, Array]:
        """See `VectorEngine`."""
        alive = ~self._dead
        keys = self._keys[alive]
        return keys >> ORDINAL_BITS, keys & ((1 << ORDINAL_BITS) - 1), self._stored()[alive]

    def catch_up(self, store: Store) -> bool:
        """See `VectorEngine`. New vectors are added, those of removed motions passed over; from time to time all is made anew."""
        with store.snapshot():
            if store.revision == self.revision:
                return False
            live, have = store.ids(), np.unique(self._keys >> ORDINAL_BITS)
            dead = ~np.isin(self._keys >> ORDINAL_BITS, live)
            total = store.count(self.kind)
            crowded = dead.sum() > (MOST_DEAD * len(dead) if self.is_graph else 0)
            if crowded or (total >= self.flat_below) != self.is_graph:
                self._reset(total)
                have, dead = np.zeros(0, np.int64), np.zeros(0, bool)
            self._add(*store.matrix(self.kind, None if len(have) == 0 else np.setdiff1d(live, have)))
            self._dead[: len(dead)] = dead
            self.revision = store.revision
        return True

    def save(self, path: Path) -> None:
        """Write it to a file, whole or not at all. What cannot be written is left out: it can be made again."""
        faiss = _faiss()
        head: dict[str, Any] = {
            "format": _FORMAT,
            "revision": self.revision,
            "kind": self.kind,
            "width": self.width,
            "n": len(self._keys),
        }
        head["key"] = self.key
        with contextlib.suppress(OSError):
            _remove_leftovers(path)
            handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
            os.close(handle)
            try:
                with contextlib.suppress(RuntimeError):  # faiss's only error, such as a full disk
                    faiss.write_index(self._index, part)
                    line = json.dumps(head).encode()
                    with open(part, "ab") as file:
                        file.write(self._keys.astype("<i8").tobytes() + np.packbits(self._dead).tobytes())
                        file.write(line + len(line).to_bytes(4, "little") + _MAGIC)
                        file.flush()
                        os.fsync(file.fileno())
                    os.replace(part, path)
            finally:
                with contextlib.suppress(OSError):
                    os.unlink(part)

    def close(self) -> None:
        """Nothing is held but memory."""

    @classmethod
    def load(cls, path: Path, kind: int, width: int, flat_below: int = FLAT_BELOW, key: str = "") -> FaissEngine:
        """What `save` wrote, or an empty engine where there is nothing, nothing sound, or that of another index."""
        engine = cls(kind, width, flat_below, key, str(path))
        with contextlib.suppress(OSError, ValueError, KeyError, RuntimeError, TypeError):
            head, keys, dead = _trailer(path)
            if (head["format"], head["kind"], head["width"], head["key"]) != (_FORMAT, kind, width, key):
                return engine
            index = _faiss().read_index(str(path))
            if index.ntotal != len(keys) or index.d != width:
                return engine
            engine._keys, engine._dead, engine.revision = keys, dead, int(head["revision"])
            engine._index, engine._owner = _faiss().downcast_index(index), index  # the first only refers to the second's memory
        return engine

    # --- inside

    def _reset(self, n: int) -> None:
        faiss = _faiss()
        self._keys, self._dead = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)
        if n < self.flat_below:
            self._index = faiss.IndexFlatIP(self.width)
        else:
            index = faiss.IndexHNSWFlat(self.width, M, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = EF_CONSTRUCTION
            self._index = index

    def _add(self, motions: Array, ordinals: Array, vectors: Array) -> None:
        if len(motions):
            self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        self._keys = np.concatenate([self._keys, (motions << ORDINAL_BITS) | ordinals])
        self._dead = np.concatenate([self._dead, np.zeros(len(motions), dtype=bool)])

    def _stored(self) -> Array:
        """The vectors in faiss's memory. (n, d) float32, not to be written to."""
        faiss = _faiss()
        storage = faiss.downcast_index(self._index.storage) if self.is_graph else self._index
        n = len(self._keys)
        if n == 0:
            return np.zeros((0, self.width), np.float32)
        return np.asarray(faiss.rev_swig_ptr(storage.get_xb(), n * self.width).reshape(n, self.width))

    def _compared(self, query: Array, k: int, rows: Array) -> tuple[Array, Array]:
        cosines = self._stored()[rows] @ query
        best = np.argpartition(-cosines, k - 1)[:k]
        best = best[np.argsort(-cosines[best], kind="stable")]
        return rows[best], cosines[best]

    def _searched(self, query: Array, k: int, usable: Array | None) -> tuple[Array, Array]:
        faiss = _faiss()
        selector, bits = None, None
        if usable is not None:
            bits = np.packbits(usable, bitorder="little")  # has to outlive the search
            selector = faiss.IDSelectorBitmap(len(usable), faiss.swig_ptr(bits))
        if self.is_graph:
            share = 1.0 if usable is None else usable.mean()  # candidates that are not allowed are candidates all the same
            parameters = faiss.SearchParametersHNSW(efSearch=round(max(EF_SEARCH, k) / share), sel=selector)
        else:
            parameters = faiss.SearchParameters(sel=selector)
        with _one_thread(faiss):
            cosines, rows = self._index.search(query, k, params=parameters)
        found = rows[0] >= 0
        del bits
        return rows[0][found], cosines[0][found]


def opened(store: Store, kind: int, *, flat_below: int = FLAT_BELOW, keep: bool = True) -> VectorEngine:
    """The engine of a store, as it was kept where that is up to date, brought up to date otherwise, and then kept."""
    path = engine_path(store.path, kind)
    meta = store.meta
    engine: VectorEngine
    if meta.vectors.startswith(MILVUS):
        from kinelang.search.milvus import MilvusEngine

        engine = MilvusEngine(meta.vectors.removeprefix(MILVUS), kind, meta.width, meta.key, flat_below)
    else:
        engine = FaissEngine.load(path, kind, meta.width, flat_below, meta.key)
    if engine.catch_up(store) and keep:
        engine.save(path)
    return engine


def cosines_of(engine: VectorEngine, query: Array, motions: Array, store: Store, kind: int) -> Near:
    """All vectors of some motions, in no order, and their cosines with `query` (d,): out of faiss's memory, or out of the store."""
    if isinstance(engine, FaissEngine):
        return engine.of(query, motions)
    numbers, ordinals, vectors = store.matrix(kind, motions)
    return Near(numbers, ordinals, vectors @ query)


def chosen_engine(text: str) -> str:
    """What `Meta.vectors` holds of "faiss" or "milvus:URI". Raises SearchError for anything else."""
    if text == FAISS:
        return ""
    if not text.startswith(MILVUS):
        raise SearchError.of("vectors", f"'{text}'", f"{FAISS}, or milvus:URI", "such as milvus:http://localhost:19530")
    from kinelang.search.milvus import checked_uri

    return MILVUS + checked_uri(text.removeprefix(MILVUS))


def engine_path(index: Path, kind: int) -> Path:
    """Where the engine of an index is kept."""
    return index.with_name(f"{index.name}.{'clips' if kind == CLIP else 'windows'}.faiss")


def _remove_leftovers(path: Path) -> None:
    """Delete what a process that was killed while it wrote this file has left behind."""
    for part in path.parent.glob(f".{path.name[:40]}.*.part"):
        if time.time() - part.stat().st_mtime > LEFT_OVER_S:
            part.unlink(missing_ok=True)


def _trailer(path: Path) -> tuple[dict[str, Any], Array, Array]:
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - len(_MAGIC) - 4, 0))
        end = file.read()
        if end[4:] != _MAGIC:
            raise ValueError("no index of kinelang")
        length = int.from_bytes(end[:4], "little")
        file.seek(size - len(_MAGIC) - 4 - length)
        head = json.loads(file.read(length))
        n = int(head["n"])
        body = 8 * n + (n + 7) // 8
        file.seek(size - len(_MAGIC) - 4 - length - body)
        keys = np.frombuffer(file.read(8 * n), dtype="<i8").astype(np.int64)
        dead = np.unpackbits(np.frombuffer(file.read((n + 7) // 8), dtype=np.uint8), count=n).astype(bool)
    return head, keys, dead


@contextlib.contextmanager
def _one_thread(faiss: Any) -> Iterator[None]:
    """One query is soon answered: threads that wait for one another cost more than they bring, the more so on a busy machine."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _faiss() -> Any:
    try:
        import faiss
    except ImportError as missing:
        raise MissingExtraError.for_extra("faiss-cpu", "search") from missing
    return faiss
