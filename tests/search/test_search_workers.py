"""Several processes make the index that one makes."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest
from fake import FakeRetriever
from test_search_index import contents

import kinelang
from kinelang.corpora.synthetic import Synthetic
from kinelang.search import Index, SearchError, workers
from kinelang.search.sources import items_of


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "WORTH_A_PROCESS", 1)


class Stubborn(FakeRetriever):
    """Not to be copied to another process."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()


class Mortal(FakeRetriever):
    """Takes its process with it, unless that is the one it was made in."""

    def __init__(self) -> None:
        super().__init__()
        self.home = os.getpid()

    def encode_features(self, features):
        if os.getpid() != self.home:
            os._exit(1)
        return super().encode_features(features)


def test_as_one_process_makes_it(library, own, tmp_path, retriever):
    folder = own(*(path.stem for path in library.rglob("*.bvh")))
    (folder / "bad.bvh").write_text("no motion")
    (folder / "copy.bvh").write_bytes((folder / "kick_left.bvh").read_bytes())
    np.save(folder / "one_frame.npy", kinelang.sample("squat_twice").joints[:1])
    told: list[tuple[int, int, str]] = []
    before = [os.environ.get(name) for name in workers._THREADS]
    Index.build(tmp_path / "one.index", [folder], retriever).close()
    encoded = retriever.encoded
    with (
        Index.build(tmp_path / "two.index", [folder], retriever, processes=2, progress=lambda *row: told.append(row)) as two,
        Index.open(tmp_path / "one.index", retriever) as one,
    ):
        assert retriever.encoded == encoded  # it was done elsewhere
        assert contents(two.path) == contents(one.path)
        assert [entry.id for entry in two.entries()] == [entry.id for entry in one.entries()]
        assert two.info()["passed_over"] == one.info()["passed_over"]
        assert two.report.added == 9
        assert [where for where, _ in two.report.passed_over] == [str(folder / "bad.bvh"), str(folder / "one_frame.npy")]
        assert two.verify(hashes=True).ok
        assert [row[0] for row in told] == list(range(1, 12))
        (folder / "kick_left.bvh").write_bytes((folder / "squat_twice.bvh").read_bytes())
        (folder / "walk_forward.bvh").unlink()
        report = two.update(processes=2)
        assert (report.changed, report.removed, report.unchanged) == (1, 1, 7)
        Index.build(tmp_path / "three.index", [folder], retriever).close()
        assert contents(two.path) == contents(tmp_path / "three.index")
    assert [os.environ.get(name) for name in workers._THREADS] == before


def test_corpora_too(tmp_path, retriever):
    corpus = Synthetic(6)
    Index.build(tmp_path / "one.index", [corpus], retriever).close()
    Index.build(tmp_path / "two.index", [corpus], retriever, processes=3).close()
    assert contents(tmp_path / "one.index") == contents(tmp_path / "two.index")
    assert len(contents(tmp_path / "one.index")) == len(list(items_of([corpus])))


def test_what_cannot_be_done_with_several(own, tmp_path):
    folder = own("kick_left", "kick_right")
    path = tmp_path / "x.index"
    with pytest.raises(SearchError, match="cannot be copied"):
        Index.build(path, [folder], Stubborn(), processes=2)
    with pytest.raises(SearchError, match="ended before its work was done"):
        Index.build(path, [folder], Mortal(), processes=2)
    with pytest.raises(SearchError, match="at least 1"):
        Index.build(path, [folder], FakeRetriever(), processes=0)
    with Index.build(path, [folder], FakeRetriever()) as index:
        assert index.verify().ok
        assert len(index) == 2
