"""The captioned CMU segments: counts, splits, times, on the real recordings."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import kinelang
from kinelang.corpora import open_corpus
from kinelang.corpora.cmu import Cmu
from kinelang.errors import CorpusError
from kinelang.motion.retargeting import retarget
from shared_data import shared


@pytest.fixture(scope="module")
def cmu() -> Cmu:
    return Cmu(shared("cmu_captions.json").parent)


def test_counts_of_each_split(cmu: Cmu) -> None:
    summary = cmu.summary()["splits"]
    assert {split: (s["records"], s["captions"]) for split, s in summary.items()} == {
        "train": (92, 276),
        "val": (15, 45),
        "test": (79, 235),
    }
    assert len(cmu) == 186


def test_test_performers_appear_nowhere_else(cmu: Cmu) -> None:
    performers = {split: {r.group.split("_")[0] for r in cmu.records(split)} for split in cmu.splits}
    trials = {split: {r.group for r in cmu.records(split)} for split in cmu.splits}
    assert performers["test"] == {"02", "06", "08", "09", "10", "12", "61", "135"}
    assert not performers["test"] & (performers["train"] | performers["val"])
    assert not trials["train"] & trials["val"]
    assert {split: len(t) for split, t in trials.items()} == {"train": 65, "val": 12, "test": 64}


def test_times_are_those_of_the_recording(cmu: Cmu) -> None:
    """Frame 0 of a 20 fps trial is frame 1 of the BVH: its T-pose does not count; every sixth frame is taken."""
    record = next(r for r in cmu.records("val") if r.id == "000025")
    raw = kinelang.load(f"{shared('cmu_bvh.zip')}/13_18.bvh")
    frames = 1 + 6 * (29 + np.arange(200))
    expected = retarget(raw, rotations=False).joints[frames]
    np.testing.assert_allclose(record.motion().joints, expected, atol=2e-3)
    assert record.motion().fps == 20
    assert record.motion().name == "000025"
    assert record.features().shape == (199, 263)


def test_a_trial_is_read_once(cmu: Cmu, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    fresh = Cmu(cmu.where)
    real = kinelang.corpora.cmu.load
    monkeypatch.setattr(kinelang.corpora.cmu, "load", lambda path: read.append(path) or real(path))
    of_one = [r for r in fresh.records("train") if r.group == "60_01"]
    assert len(of_one) >= 2
    for record in of_one:
        record.motion()
    assert len(read) == 1


def test_every_segment_has_the_length_that_is_annotated(cmu: Cmu) -> None:
    for record in cmu:
        motion = record.motion()
        assert motion.skeleton.name == "smpl22"
        assert motion.n_frames == round(20 * record.duration_s)
        assert np.isfinite(record.features()).all()
        # What T-pose is left in the data would show as arms level with the shoulders in the first frame of all clips from time 0.
        assert np.ptp(motion.joints[:, 0], axis=0).max() < 20


def test_the_t_pose_is_not_in_the_data(cmu: Cmu) -> None:
    record = next(r for r in cmu if r.group == "02_01" or r.source.split(", ")[1].startswith("0 to"))
    joints = cmu.trial(record.group).joints[0]
    assert joints[[20, 21], 1].max() < joints[[16, 17], 1].min() - 0.2


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no .*cmu_captions.json; .*mocap\.cs\.cmu\.edu"):
        open_corpus("cmu", tmp_path)
    segment = {"id": "1", "trial": "99_99", "start_s": 0, "end_s": 1, "split": "train", "captions": ["walks"]}
    (tmp_path / "cmu_captions.json").write_text(json.dumps([segment]))
    (record,) = open_corpus("cmu", tmp_path)
    with pytest.raises(CorpusError, match=r"no file of trial 99_99; expected 99_99\.bvh"):
        record.motion()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start_s": "0"}, "start_s='0'"),
        ({"end_s": 0}, "times in order"),
        ({"captions": []}, "at least one sentence"),
        ({"captions": "walks"}, "captions='walks'"),
        ({"split": "training"}, "split 'training'"),
        ({"id": None}, "id=None"),
    ],
)
def test_malformed_entries_are_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    segment = {"id": "1", "trial": "99_99", "start_s": 0, "end_s": 1, "split": "train", "captions": ["walks"]}
    (tmp_path / "cmu_captions.json").write_text(json.dumps([segment, {**segment, **change}]))
    with pytest.raises(CorpusError, match=rf"cmu_captions\.json, entry 1: .*{message}"):
        open_corpus("cmu", tmp_path)
