"""The faiss engine: derived from the store, exact or nearly so, and made again whenever it does not agree."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from kinelang.search.schema import CLIP, WINDOW, Meta
from kinelang.search.store import Encoded, Entry, Place, Store
from kinelang.search.vectors import FaissEngine, engine_path, opened

D = 16


def entry(name: str) -> Entry:
    return Entry(Place(f"/{name}", sha256=name), 2.0, 20.0, 40, "smpl22")


def unit(rng: np.random.Generator, n: int, d: int = D) -> np.ndarray:
    rows = rng.normal(size=(n, d)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def put(store: Store, rng: np.random.Generator, names: range) -> None:
    for i in names:
        n = 1 + i % 3
        encoded = Encoded(np.tile(np.array([[0, 2]], np.float32), (n, 1)), unit(rng, n))
        store.put(entry(f"m{i}"), encoded, encoded)


@pytest.fixture
def store(tmp_path: Path):
    with Store.create(tmp_path / "x.index", Meta("fake@1", D)) as made:
        put(made, np.random.default_rng(0), range(60))
        yield made


def exact(store: Store, query: np.ndarray, k: int, allowed=None) -> list[tuple[int, int]]:
    motions, ordinals, vectors = store.matrix(CLIP)
    keep = np.ones(len(motions), bool) if allowed is None else np.isin(motions, allowed)
    order = np.argsort(-np.where(keep, vectors @ query, -9), kind="stable")[: min(k, keep.sum())]
    return list(zip(motions[order].tolist(), ordinals[order].tolist(), strict=True))


def found(engine: FaissEngine, query: np.ndarray, k: int, allowed=None) -> list[tuple[int, int]]:
    near = engine.search(query, k, allowed)
    assert np.all(np.diff(near.cosines) <= 1e-6)
    return list(zip(near.motions.tolist(), near.ordinals.tolist(), strict=True))


@pytest.mark.parametrize("flat_below", [1000, 1], ids=["flat", "graph"])
def test_rebuilt_equals_exact(store, flat_below):
    rng = np.random.default_rng(1)
    engine = opened(store, CLIP, flat_below=flat_below)
    assert engine.is_graph == (flat_below == 1)
    assert len(engine) == store.count(CLIP) == 120
    for query in unit(rng, 20):
        assert found(engine, query, 7) == exact(store, query, 7)
        allowed = rng.choice(store.ids(), 30, replace=False)
        assert found(engine, query, 7, allowed) == exact(store, query, 7, allowed)
        assert found(engine, query, 9, allowed[:2]) == exact(store, query, 9, allowed[:2])
    assert found(engine, unit(rng, 1)[0], 5, np.zeros(0, np.int64)) == []
    assert len(found(engine, unit(rng, 1)[0], 10_000)) == 120


@pytest.mark.parametrize("flat_below", [1000, 1], ids=["flat", "graph"])
def test_it_follows_what_is_added_and_removed(store, flat_below):
    rng = np.random.default_rng(2)
    engine = opened(store, CLIP, flat_below=flat_below)
    assert not engine.catch_up(store)
    for names, gone in ((range(60, 64), [3]), (range(64, 64), [1, 2, 61]), (range(0, 4), list(range(10, 40)))):
        put(store, rng, names)
        store.remove(gone)
        assert engine.catch_up(store)
        assert engine.revision == store.revision
        motions, ordinals, vectors = engine.vectors()
        expected = store.matrix(CLIP)
        for mine, theirs in zip((motions, ordinals, vectors), expected, strict=True):
            np.testing.assert_array_equal(mine, theirs)
        query = unit(rng, 1)[0]
        assert found(engine, query, 9) == exact(store, query, 9)


def test_a_graph_forms_when_there_are_enough(store):
    engine = opened(store, CLIP, flat_below=130)
    assert not engine.is_graph
    put(store, np.random.default_rng(3), range(60, 90))
    engine.catch_up(store)
    assert engine.is_graph
    assert len(engine) == store.count(CLIP)


@pytest.mark.parametrize("flat_below", [1000, 1], ids=["flat", "graph"])
def test_the_file_is_used_while_it_agrees(store, flat_below):
    opened(store, CLIP, flat_below=flat_below)
    store.remove([5])
    opened(store, CLIP, flat_below=flat_below)
    path = engine_path(store.path, CLIP)
    kept = FaissEngine.load(path, CLIP, D, flat_below, store.meta.key)
    assert kept.revision == store.revision
    np.testing.assert_array_equal(kept.vectors()[2], store.matrix(CLIP)[2])
    query = unit(np.random.default_rng(4), 1)[0]
    assert found(kept, query, 9) == exact(store, query, 9)
    stamp = path.stat().st_mtime_ns
    opened(store, CLIP, flat_below=flat_below)
    assert path.stat().st_mtime_ns == stamp
    assert list(path.parent.glob(".*.part")) == []


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "other kind", "gone"])
def test_a_file_that_is_not_sound_is_made_again(store, damage):
    opened(store, CLIP)
    path = engine_path(store.path, CLIP)
    data = path.read_bytes()
    match damage:
        case "cut":
            path.write_bytes(data[: len(data) // 2])
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("no index of vectors")
        case "other kind":
            opened(store, WINDOW)
            path.write_bytes(engine_path(store.path, WINDOW).read_bytes())
        case "gone":
            path.unlink()
    engine = opened(store, CLIP)
    query = unit(np.random.default_rng(5), 1)[0]
    assert found(engine, query, 9) == exact(store, query, 9)
    assert FaissEngine.load(path, CLIP, D, key=store.meta.key).revision == store.revision


def test_what_a_deleted_index_has_left_is_not_taken_for_another_ones(tmp_path):
    query = unit(np.random.default_rng(9), 1)[0]
    for seed in (0, 1):
        with Store.create(tmp_path / "x.index", Meta("fake@1", D)) as store:
            put(store, np.random.default_rng(seed), range(20))
            assert found(opened(store, CLIP), query, 9) == exact(store, query, 9)
        (tmp_path / "x.index").unlink()


def test_what_a_killed_writer_has_left_is_removed(store):
    path = engine_path(store.path, CLIP)
    old, young = (path.with_name(f".{path.name}.{name}.part") for name in ("old", "young"))
    for part in (old, young):
        part.write_bytes(b"unfinished")
    os.utime(old, (1, 1))
    opened(store, CLIP)
    assert young.exists()
    assert not old.exists()


def test_an_empty_store(tmp_path):
    with Store.create(tmp_path / "x.index", Meta("fake@1", D)) as store:
        engine = opened(store, CLIP)
        assert len(engine) == 0
        assert found(engine, np.ones(D, np.float32), 3) == []
