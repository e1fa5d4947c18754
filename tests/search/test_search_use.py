"""What people meet who come back to an index: its own model taken again, and a model that has gone."""

from __future__ import annotations

import shutil

import pytest
from fake import FakeRetriever

from kinelang.search import Index, SearchError, base


@pytest.fixture
def opened_models(monkeypatch, tmp_path):
    """Run folders that were opened; each holds a made-up model named after it."""
    asked = []

    def open_retriever(folder=None):
        asked.append(folder)
        return FakeRetriever(f"model in {folder}")

    monkeypatch.setattr(base, "open_retriever", open_retriever)
    return asked


def test_an_index_is_continued_with_its_own_model(own, tmp_path, opened_models):
    run = tmp_path / "run"
    run.mkdir()
    folder, path = own("kick_left"), tmp_path / "x.index"
    Index.build(path, [folder], model=run).close()
    own("kick_right")
    with Index.build(path, [folder]) as index:
        assert index.report.added == 1
        assert index.meta.folder == str(run)
    assert set(map(str, opened_models)) == {str(run)}


def test_a_model_that_has_gone_is_named_with_its_folder(own, tmp_path, opened_models):
    run, path = tmp_path / "run", tmp_path / "x.index"
    run.mkdir()
    Index.build(path, [own("kick_left")], model=run).close()
    shutil.rmtree(run)
    with Index.open(path) as index, pytest.raises(SearchError, match=r"no folder .*run; expected the model model in .*--model$"):
        index.search("kicks")
    with Index.open(path, FakeRetriever(f"model in {run}")) as index:
        assert len(index.search("kicks")) == 1
