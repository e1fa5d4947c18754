"""The clips that are judged: the right ones, in the corpus's order, with what is detected in them kept on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from clip_samples import Bags, six_clips

from kinelang import timeline
from kinelang.corpora.synthetic import Synthetic
from kinelang.errors import CorpusError, KinelangError
from kinelang.evaluate import clips as clips_module
from kinelang.evaluate.clips import Clip, ClipSet, clip_set, detected_in, detector_identity
from kinelang.evaluate.searching import judge
from kinelang.evaluate.systems import Setting, systems_of
from kinelang.timeline import detect
from shared_data import shared


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def three(cache: Path) -> ClipSet:
    return clip_set("synthetic", "test", cache, n=3)


def test_so_many_clips_of_a_split_and_no_more_are_made(three: ClipSet, cache: Path):
    corpus = Synthetic(20)
    assert corpus.sizes()["test"] == 3
    records = list(corpus.records("test"))
    assert [clip.id for clip in three.clips] == [record.id for record in records]
    assert [clip.captions for clip in three.clips] == [record.texts for record in records]
    assert three.texts == [text for record in records for text in record.texts]
    assert [three.clips[i] for i in three.right] == three.of_texts
    np.testing.assert_allclose(three.clips[1].features, records[1].features(), atol=2e-2)
    assert all(clip.unseen for clip in three.clips)


@pytest.mark.parametrize("n", [1, 3, 15, 2000])
def test_the_size_of_a_corpus_with_so_many_clips_of_a_split(n: int):
    for split in ("val", "test"):
        source = clips_module._sized(clips_module.Source.parse("synthetic"), split, n)
        assert Synthetic(source.size).sizes()[split] == n
    assert clips_module._sized(clips_module.Source.parse("synthetic:50"), "val", n).size == 50
    assert clips_module._sized(clips_module.Source.parse("cmu"), "val", n).size is None


def test_first_captions_and_the_whole_gallery(cache: Path):
    found = clip_set("synthetic:20", "val", cache, captions="first", seen_splits=("train",))
    assert [clip.unseen for clip in found.clips] == [True] + [False] * 16
    assert all(len(clip.captions) == 1 for clip in found.clips)
    assert len(clip_set("synthetic:20", "val+test", cache).clips) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source": "synthetic:20", "split": "test", "n": 4}, "3 clips; expected at least 4"),
        ({"source": "synthetic:20", "split": "val+test", "n": 4}, "several splits"),
        ({"source": "synthetic:20", "split": "dev"}, "no split 'dev'"),
        ({"source": "synthetic:20", "split": "val", "captions": "some"}, "one of all, first"),
    ],
)
def test_what_there_is_not(cache: Path, arguments: dict, message: str):
    with pytest.raises(CorpusError, match=message):
        clip_set(folder=cache, **arguments)


def test_what_is_detected_is_what_search_detects_and_is_kept(three: ClipSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    told = []
    found = detected_in(three, tmp_path, lambda *what: told.append(what))
    assert told[-1] == ("stages detected", 3, 3)
    for clip, record in zip(found.clips, Synthetic(20).records("test"), strict=True):
        expected = detect(record.motion())
        assert [(s.verb, s.side, s.count, s.start_s, s.end_s) for s in clip.detected.stages] == [
            (s.verb, s.side, s.count, s.start_s, s.end_s) for s in expected.stages
        ]
        assert [s.confidence for s in clip.seen] == [s.confidence for s in expected.stages]

    def never(motion):
        raise AssertionError("detected again")

    monkeypatch.setattr(timeline, "detect", never, raising=False)
    again = detected_in(three, tmp_path)
    assert [clip.detected for clip in again.clips] == [clip.detected for clip in found.clips]
    (tmp_path / f"detected-{detector_identity()}.json").write_text("{")
    with pytest.raises(AssertionError, match="detected again"):
        detected_in(three, tmp_path)


def test_what_nobody_has_looked_at():
    bare = Clip("a", "a", ("walks",), np.zeros((4, 263), np.float32))
    with pytest.raises(KinelangError, match="no detected timeline"):
        _ = bare.detected
    with pytest.raises(KinelangError, match="features without a motion"):
        detected_in(ClipSet("x", "val", 0, "all", (bare,)), Path("nowhere"))


def test_the_content_of_clips_is_their_key():
    one, other = six_clips().clips[:2]
    assert one.key == six_clips().clips[0].key != other.key


@pytest.mark.slow
def test_baselines_on_real_recordings(tmp_path: Path):
    """On CMU's val split what is detected finds the right clip more often than chance."""
    folder = shared("cmu_captions.json").parent
    found = detected_in(clip_set(f"cmu:{folder}", "val", tmp_path), tmp_path)
    assert (len(found.clips), len(found.texts)) == (15, 45)
    systems = systems_of(Setting({}, frozenset(), Bags()))
    judged = judge(systems, found, Bags(), protocols=["all"], rounds=20)
    for one in judged.judged:
        assert one.results["all"]["t2m/R@3"] > 1.5 * judged.chance["all"]["t2m/R@3"]
