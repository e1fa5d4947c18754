"""Captions of HumanML3D and KIT-ML, the real files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kinelang.corpora import open_corpus
from kinelang.corpora.base import feature_frames
from kinelang.errors import CorpusError
from shared_data import shared


def test_humanml3d_captions() -> None:
    corpus = open_corpus("humanml3d_text", shared("humanml3d_captions.json"))
    summary = corpus.summary()["splits"]
    assert {split: (s["records"], s["captions"]) for split, s in summary.items()} == {
        "train": (9550, 28495),
        "val": (588, 1755),
        "test": (1999, 5954),
    }
    assert len(corpus) == 12137
    first = next(corpus.records("test"))
    assert first.id == "000000"
    assert first.source == "KIT/3/kick_high_left02, 0 to 5.85 s"
    assert first.n_frames == 117
    assert len(first.texts) == 4


def test_its_splits_are_the_published_ones() -> None:
    lists = shared("humanml3d_reference")
    corpus = open_corpus("humanml3d_text", shared("humanml3d_captions.json"))
    for split in corpus.splits:
        published = set((lists / f"{split}.txt").read_text().split())
        assert {r.id for r in corpus.records(split)} <= published


def test_it_repeats_no_cmu_test_recording() -> None:
    cmu = {r.id for r in open_corpus("cmu", shared("cmu_captions.json").parent).records("test")}
    assert not cmu & {r.id for r in open_corpus("humanml3d_text", shared("humanml3d_captions.json"))}


def test_clips_of_the_published_lengths() -> None:
    corpus = open_corpus("humanml3d_text", shared("humanml3d_captions.json"))
    clips = list(corpus.clips())
    assert 0.9 * len(corpus) < len(clips) < len(corpus)
    assert all(40 <= feature_frames(clip) < 200 for clip in clips)


def test_kitml_sentences() -> None:
    corpus = open_corpus("kitml_text", shared("kitml_annotations.json"))
    assert corpus.splits == ("all",)
    assert (len(corpus), sum(len(r.captions) for r in corpus)) == (2649, 5848)
    first = next(iter(corpus))
    assert (first.texts, first.source) == (("A person is walking forwards.",), "KIT/4/WalkingStraightForward01_poses")
    assert all(caption.whole for record in corpus for caption in record.captions)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("humanml3d_captions.json", [], "a JSON list"),
        ("humanml3d_captions.json", {"1": {"source": "x"}}, "clip 1: found no 'start_s'"),
        ("humanml3d_captions.json", {"1": {"source": "x", "start_s": 0, "end_s": 1, "split": "all", "captions": ["a"]}}, "split 'all'"),
        ("kitml_annotations.json", {"1": {"path": "x", "duration": 1, "annotations": []}}, "recording 1: found no annotations"),
        ("kitml_annotations.json", {"1": {"path": "x", "duration": 1, "annotations": [{"text": 1}]}}, "annotation 0: found text=1"),
    ],
)
def test_malformed_files_are_named(tmp_path: Path, name: str, content: object, message: str) -> None:
    (tmp_path / name).write_text(json.dumps(content))
    corpus = "humanml3d_text" if "humanml3d" in name else "kitml_text"
    with pytest.raises(CorpusError, match=message):
        open_corpus(corpus, tmp_path / name)


@pytest.mark.parametrize("content", ["{", "[" * 100_000, "\udcff".encode("utf-8", "surrogateescape").decode("latin-1")])
def test_what_is_no_json_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "humanml3d_captions.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(CorpusError) as caught:
        open_corpus("humanml3d_text", tmp_path)
    assert "\n" not in str(caught.value)
