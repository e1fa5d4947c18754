"""What every corpus of the table promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest
from corpus_samples import MAKERS

from kinelang.corpora import CORPORA, Corpus, Record, open_corpus
from kinelang.corpora.base import TOLD_PARTS
from kinelang.corpora.check import check
from kinelang.errors import CorpusError
from kinelang.motion.skeletons import SKELETONS

WITH_MOTION = ("cmu", "cmu_trials", "humanml3d", "kitml", "babel", "humman_mogen", "humman_mogen_sequences", "synthetic", "folder")
OPTIONS = {"synthetic": {"n": 12}}
ON_DISK = [name for name, entry in CORPORA.items() if not entry.made]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Corpus]:
    made: dict[str, Path] = {}

    def open_made(name: str) -> Corpus:
        if name not in made:
            made[name] = MAKERS[name](tmp_path_factory.mktemp(name))
        return open_corpus(name, made[name], **OPTIONS.get(name, {}))

    return open_made


def test_every_corpus_has_an_example() -> None:
    assert set(MAKERS) == set(CORPORA)


@pytest.mark.parametrize("name", CORPORA)
def test_splits_are_disjoint_and_complete(opened, name: str) -> None:
    corpus = opened(name)
    ids = {split: [r.id for r in corpus.records(split)] for split in corpus.splits}
    everything = [id_ for split in ids.values() for id_ in split]
    assert len(set(everything)) == len(everything) == len(corpus) > 0
    assert [r.id for r in corpus] == everything
    groups = {split: {r.group or r.id for r in corpus.records(split)} for split in corpus.splits}
    if name not in ("humanml3d_text",):  # its example has one source for all
        for a in groups:
            for b in groups:
                assert a == b or not groups[a] & groups[b]


@pytest.mark.parametrize("name", CORPORA)
def test_the_schema_of_a_record(opened, name: str) -> None:
    corpus = opened(name)
    for record in corpus:
        assert isinstance(record, Record)
        assert record.id
        assert record.split in corpus.splits
        assert record.source
        assert record.fps == corpus.layout.fps or not record.has_motion
        for caption in record.captions:
            assert caption.text.strip() == caption.text != ""
            assert caption.start_s >= 0
            assert caption.end_s is None or caption.end_s > caption.start_s
        assert record.captions or record.split == "test"
        assert bool(record.told) == corpus.tells_stages
        for stage in record.told:
            assert 0 <= stage.start_s < stage.end_s
            assert len(stage.parts) == len(TOLD_PARTS)
        assert record.has_motion == (name in WITH_MOTION)
        with pytest.raises(FrozenInstanceError):
            record.split = "other"


@pytest.mark.parametrize("name", CORPORA)
def test_the_order_is_the_same_each_time(opened, name: str) -> None:
    first, second = opened(name), opened(name)
    assert [(r.id, r.captions) for r in first] == [(r.id, r.captions) for r in first]
    assert [(r.id, r.captions) for r in first] == [(r.id, r.captions) for r in second]


@pytest.mark.parametrize("name", WITH_MOTION)
def test_motions_and_features(opened, name: str) -> None:
    corpus = opened(name)
    for record in corpus:
        motion, features = record.motion(), record.features()
        assert motion.skeleton.joint_names == SKELETONS[corpus.layout.skeleton].joint_names
        assert motion.fps == corpus.layout.fps
        assert motion.name == record.id
        assert features.shape[1] == corpus.layout.width
        assert features.dtype == np.float32
        assert np.isfinite(features).all()
        assert motion.n_frames - len(features) in (0, 1)
        if record.duration_s is not None:
            assert motion.duration_s == pytest.approx(record.duration_s, abs=1.01 / motion.fps)
        np.testing.assert_array_equal(record.motion().joints, motion.joints)


@pytest.mark.parametrize("name", sorted(set(CORPORA) - set(WITH_MOTION)))
def test_a_corpus_of_text_says_so(opened, name: str) -> None:
    record = next(iter(opened(name)))
    with pytest.raises(CorpusError, match="text without motion"):
        record.motion()


@pytest.mark.parametrize("name", CORPORA)
def test_a_sound_corpus_passes_the_check(opened, name: str) -> None:
    report = check(opened(name))
    assert report.problems == []
    assert sum(s["records"] for s in report.splits.values()) == len(opened(name))


@pytest.mark.parametrize("name", CORPORA)
def test_the_summary_counts(opened, name: str) -> None:
    corpus = opened(name)
    summary = corpus.summary()
    assert sum(s["records"] for s in summary["splits"].values()) == len(corpus)
    assert sum(s["captions"] for s in summary["splits"].values()) == sum(len(r.captions) for r in corpus)
    assert summary["distinct_words"] > 0


@pytest.mark.parametrize("name", CORPORA)
def test_an_unknown_split_lists_the_known(opened, name: str) -> None:
    corpus = opened(name)
    with pytest.raises(CorpusError, match=f"no split 'training'; expected one of {', '.join(corpus.splits)}"):
        list(corpus.records("training"))


@pytest.mark.parametrize("name", ON_DISK)
@pytest.mark.parametrize("place", [None, "nowhere", "."])
def test_what_is_missing_and_where_to_get_it(name: str, place: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KINELANG_SHARED", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises((CorpusError,)) as caught:
        open_corpus(name, place)
    message = str(caught.value)
    assert "\n" not in message
    get_it = CORPORA[name].get_it
    assert get_it.split(" ")[0] in message
    assert any(word in message for word in (".edu", ".mpg.de", "GitHub", ".bvh"))


@pytest.mark.parametrize("name", sorted(set(ON_DISK) - {"folder"}))
def test_it_is_found_where_the_environment_says(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    made = MAKERS[name](tmp_path / "data")
    monkeypatch.setenv("KINELANG_SHARED", str(tmp_path))
    assert CORPORA[name].find() == made
    assert len(open_corpus(name)) > 0


def test_an_unknown_corpus_lists_the_known() -> None:
    with pytest.raises(CorpusError, match="no corpus 'humanml'; expected one of cmu, cmu_trials, humanml3d"):
        open_corpus("humanml")
