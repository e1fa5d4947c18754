"""What every engine of vectors keeps to, faiss and Milvus alike, and an index whose vectors are on Milvus.

Milvus is milvus-lite, a file; on a server the same calls are made.
"""

from __future__ import annotations

import builtins
from pathlib import Path

import numpy as np
import pytest
from fake import FakeRetriever

from kinelang.errors import MissingExtraError
from kinelang.search import Index, SearchError
from kinelang.search.schema import CLIP, WINDOW, Meta
from kinelang.search.store import Encoded, Entry, Place, Store
from kinelang.search.vectors import VectorEngine, chosen_engine, opened

D = 16
ENGINES = ("faiss, flat", "faiss, graph", "milvus, flat", "milvus, graph")


def skip_without_milvus() -> None:
    for module in ("pymilvus", "milvus_lite"):
        pytest.importorskip(module, reason=f"{module} is not installed (the extra `milvus`)")


@pytest.fixture
def on_milvus(tmp_path: Path) -> str:
    """What `--vectors` takes for a file of milvus-lite."""
    skip_without_milvus()
    return f"milvus:{tmp_path}/vectors.db"


def unit(rng: np.random.Generator, n: int) -> np.ndarray:
    rows = rng.normal(size=(n, D)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def put(store: Store, rng: np.random.Generator, names: range) -> None:
    for i in names:
        n = 1 + i % 3
        encoded = Encoded(np.tile(np.array([[0, 2]], np.float32), (n, 1)), unit(rng, n))
        store.put(Entry(Place(f"/m{i}", sha256=f"m{i}"), 2.0, 20.0, 40, "smpl22"), encoded, encoded)


@pytest.fixture
def store(engine_name: str, tmp_path: Path):
    vectors = ""
    if engine_name.startswith("milvus"):
        skip_without_milvus()
        vectors = f"milvus:{tmp_path}/vectors.db"
    with Store.create(tmp_path / "x.index", Meta("fake@1", D, vectors=vectors)) as made:
        put(made, np.random.default_rng(0), range(60))
        yield made


@pytest.fixture
def engine(engine_name: str, store: Store):
    made = open_engine(engine_name, store)
    yield made
    made.close()


def open_engine(name: str, store: Store, kind: int = CLIP) -> VectorEngine:
    return opened(store, kind, flat_below=1 if name.endswith("graph") else 1000)


def exact(store: Store, query: np.ndarray, k: int, allowed=None) -> list[tuple[int, int]]:
    motions, ordinals, vectors = store.matrix(CLIP)
    keep = np.ones(len(motions), bool) if allowed is None else np.isin(motions, allowed)
    order = np.argsort(-np.where(keep, vectors @ query, -9), kind="stable")[: min(k, keep.sum())]
    return list(zip(motions[order].tolist(), ordinals[order].tolist(), strict=True))


def found(engine: VectorEngine, query: np.ndarray, k: int, allowed=None) -> list[tuple[int, int]]:
    near = engine.search(query, k, allowed)
    assert near.cosines.dtype == np.float32
    assert np.all(np.diff(near.cosines) <= 1e-6)
    return list(zip(near.motions.tolist(), near.ordinals.tolist(), strict=True))


def agrees(engine: VectorEngine, store: Store, seed: int = 1) -> None:
    """The engine finds what comparing everything finds, and holds what the store holds."""
    rng = np.random.default_rng(seed)
    assert engine.revision == store.revision
    assert len(engine) == store.count(CLIP)
    for mine, theirs in zip(engine.vectors(), store.matrix(CLIP), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)
    for query in unit(rng, 10):
        assert found(engine, query, 7) == exact(store, query, 7)
        allowed = rng.choice(store.ids(), min(30, len(store)), replace=False)
        assert found(engine, query, 7, allowed) == exact(store, query, 7, allowed)
        assert found(engine, query, 9, allowed[:2]) == exact(store, query, 9, allowed[:2])


@pytest.mark.parametrize("engine_name", ENGINES)
def test_finds_what_comparing_everything_finds(engine, engine_name, store):
    assert engine.is_graph == engine_name.endswith("graph")
    agrees(engine, store)
    assert found(engine, unit(np.random.default_rng(2), 1)[0], 5, np.zeros(0, np.int64)) == []
    cosines = engine.search(store.matrix(CLIP)[2][7], 1).cosines
    np.testing.assert_allclose(cosines, 1, atol=1e-5)


@pytest.mark.parametrize("engine_name", ENGINES)
def test_follows_what_is_added_and_removed(engine, store):
    rng = np.random.default_rng(2)
    assert not engine.catch_up(store)
    for names, gone in ((range(60, 64), [3]), (range(64, 64), [1, 2, 61]), (range(0, 4), list(range(10, 40)))):
        put(store, rng, names)
        store.remove(gone)
        assert engine.catch_up(store)
        agrees(engine, store, seed=len(gone))


@pytest.mark.parametrize("engine_name", ENGINES)
def test_opened_again_it_is_what_it_was(engine, engine_name, store):
    engine.close()
    again = open_engine(engine_name, store)
    assert not again.catch_up(store)
    agrees(again, store)
    again.close()
    put(store, np.random.default_rng(3), range(60, 70))
    store.remove([5])
    again = open_engine(engine_name, store)
    agrees(again, store)
    again.close()


@pytest.mark.parametrize("engine_name", ENGINES)
def test_clips_and_windows_are_apart(engine, engine_name, store):
    other = open_engine(engine_name, store, WINDOW)
    store.remove([1])
    assert other.catch_up(store)
    assert len(other) == store.count(WINDOW)
    assert engine.revision < store.revision
    assert len(engine) > len(other)
    other.close()


@pytest.mark.parametrize("engine_name", ENGINES)
def test_of_an_empty_store(engine, store):
    store.remove(store.ids().tolist())
    engine.catch_up(store)
    assert len(engine) == 0
    assert found(engine, np.ones(D, np.float32), 3) == []


# --- Milvus alone


@pytest.mark.parametrize("engine_name", ["milvus, flat"])
@pytest.mark.parametrize("damage", ["collection dropped", "state dropped", "motions missing", "motions too many"])
def test_what_is_missing_on_milvus_is_made_again(engine, engine_name, store, damage):
    client = engine._client
    match damage:
        case "collection dropped":
            client.drop_collection(engine.name)
        case "state dropped":
            client.drop_collection(engine._state)
        case "motions missing":
            client.delete(engine.name, filter="motion in [4, 5]")
        case "motions too many":
            client.upsert(engine.name, [{"id": 999 << 20, "motion": 999, "ordinal": 0, "vector": [1.0] + [0.0] * (D - 1)}])
    engine.close()
    again = open_engine(engine_name, store)
    agrees(again, store)
    again.close()


@pytest.mark.parametrize("engine_name", ["milvus, flat"])
def test_a_motion_that_was_written_in_part_is_written_again(engine, store):
    """The first vector of a motion is written last, so that a motion without it counts as missing."""
    client, revision = engine._client, engine.revision
    client.delete(engine.name, filter="motion == 3 and ordinal == 0")
    engine.revision = -1
    assert engine.catch_up(store)
    assert engine.revision == revision
    agrees(engine, store)


@pytest.mark.parametrize("engine_name", ["milvus, flat"])
def test_a_graph_forms_when_there_are_enough(engine, store):
    assert not engine.is_graph
    engine.flat_below = 130
    put(store, np.random.default_rng(3), range(60, 90))
    engine.catch_up(store)
    assert engine.is_graph
    agrees(engine, store)


def test_an_index_on_milvus_answers_like_one_on_faiss(shared_index, library, tmp_path, on_milvus):
    path = tmp_path / "library.index"
    with Index.build(path, [library], FakeRetriever(), vectors=on_milvus) as index:
        assert index.info()["vectors"] == on_milvus
        assert not list(tmp_path.glob("*.faiss"))
        with Index.open(shared_index, FakeRetriever()) as other:
            for moments in (False, True):
                mine, theirs = (
                    [(hit.path, round(hit.score, 5), hit.start_s) for hit in i.search("a person waves the left hand", moments=moments)]
                    for i in (index, other)
                )
                assert mine == theirs
        assert index.verify().ok
        index.remove(["*/walk_forward.bvh"])
        assert not [hit for hit in index.search("a person walks", top=99) if hit.path.endswith("walk_forward.bvh")]
        index.add([library])
        assert index.search("a person walks", top=1)[0].path.endswith("walk_forward.bvh")
    with Index.open(path, FakeRetriever()) as index:
        assert index.search("a person walks", top=1)[0].path.endswith("walk_forward.bvh")


def test_an_index_may_change_over(library, tmp_path, on_milvus):
    path = tmp_path / "library.index"
    retriever = FakeRetriever()
    sources = [library / "waving"]
    Index.build(path, sources, retriever).close()
    encoded = retriever.encoded
    for vectors in (on_milvus, "faiss"):
        with Index.build(path, sources, retriever, vectors=vectors) as index:
            assert index.meta.vectors == ("" if vectors == "faiss" else vectors)
            assert index.search("waves the left hand", top=1)[0].path.endswith("wave_left.bvh")
            assert index.verify().ok
    assert retriever.encoded == encoded


def test_a_server_that_does_not_answer_is_told_in_one_line(library, tmp_path):
    skip_without_milvus()
    path = tmp_path / "library.index"
    with pytest.raises(SearchError, match=r"^http://localhost:1: Milvus .*; start the server, or .*--vectors faiss$"):
        Index.build(path, [library / "waving"], FakeRetriever(), vectors="milvus:http://localhost:1")
    with Index.build(path, [library / "waving"], FakeRetriever(), vectors="faiss") as index:
        assert len(index) == 2


def test_a_file_that_another_process_has_open_is_told_in_one_line(shared_index, library, tmp_path, on_milvus):
    import fcntl

    Index.build(tmp_path / "x.index", [library / "waving"], FakeRetriever(), vectors=on_milvus).close()
    release_lite(on_milvus)
    with open(tmp_path / "vectors.db" / "LOCK", "w") as lock, Index.open(tmp_path / "x.index", FakeRetriever()) as index:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(SearchError, match=r"vectors.db: Milvus .*one process at a time"):
            index.search("waves")
    with Index.open(tmp_path / "x.index", FakeRetriever()) as index:
        assert len(index.search("waves")) == 2


def release_lite(vectors: str) -> None:
    """Stop the server that milvus-lite keeps in this process for a file."""
    from milvus_lite.server_manager import server_manager_instance

    server_manager_instance.release_server(vectors.removeprefix("milvus:"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("lucene", "expected faiss, or milvus:URI"),
        ("milvus:", "FILE.db of milvus-lite"),
        ("milvus:localhost", "FILE.db of milvus-lite"),
        ("milvus:http://root:secret@host:19530", "KINELANG_MILVUS_TOKEN"),
    ],
)
def test_what_is_no_engine(text, told):
    with pytest.raises(SearchError, match=told) as error:
        chosen_engine(text)
    assert "secret" not in str(error.value)


def test_without_pymilvus_the_extra_is_named(library, tmp_path, monkeypatch):
    real = builtins.__import__

    def absent(name, *rest, **options):
        if name.startswith("pymilvus"):
            raise ImportError(name, name="pymilvus")
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtraError, match=r"pymilvus is not installed.*pip install 'kinelang\[milvus\]'"):
        Index.build(tmp_path / "x.index", [library / "waving"], FakeRetriever(), vectors="milvus:http://localhost:1")
