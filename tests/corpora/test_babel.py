from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from corpus_samples import make_babel, write_body_models

import kinelang
from kinelang.corpora import Caption, open_corpus
from kinelang.corpora.amass_files import BodyModels, find_recording
from kinelang.errors import CorpusError


@pytest.fixture
def babel(tmp_path: Path) -> Path:
    return make_babel(tmp_path)


def test_labels_become_captions(babel: Path) -> None:
    first, second = open_corpus("babel", babel).records("train")
    walk = ("walk", "forward movement")
    assert first.captions == (
        Caption("Walks forward!", categories=walk),
        Caption("Walks forward!", 0.0, 1.0, categories=walk),
        Caption("stand", 1.2, 2.0),
    )
    assert second.captions == (Caption("Walks forward!", categories=walk),)
    assert first.source == "KIT/KIT/3/walk1_poses.npz"


def test_processed_labels_and_transitions(babel: Path) -> None:
    first = next(open_corpus("babel", babel, processed=True, transitions=True).records("train"))
    assert first.texts == ("walk forward", "walk forward", "transition", "stand")


def test_several_annotators(babel: Path) -> None:
    label = {"raw_label": "hop", "proc_label": "hop", "act_cat": ["hop"]}
    sequence = {"feat_p": "KIT/KIT/3/walk1_poses.npz", "dur": 2.0, "seq_anns": [{"labels": [label]}, {"labels": [label]}]}
    note = {"frame_anns": [{"labels": [{**label, "start_t": 0.5, "end_t": 1}]}]}
    (babel / "extra_train.json").write_text(json.dumps({"9": {**sequence, **note}}))
    assert open_corpus("babel", babel).splits == ("train", "val", "test")
    (record,) = open_corpus("babel", babel, extra=True).records("extra_train")
    assert [(c.text, c.start_s, c.end_s) for c in record.captions] == [("hop", 0, None), ("hop", 0, None), ("hop", 0.5, 1)]


def test_the_test_set_has_motion_and_no_labels(babel: Path) -> None:
    for record in open_corpus("babel", babel).records("test"):
        assert record.captions == ()
        assert record.motion().n_frames == 40


def test_without_amass_it_is_text(babel: Path) -> None:
    shutil.rmtree(babel / "amass")
    assert not any(record.has_motion for record in open_corpus("babel", babel))
    with pytest.raises(CorpusError, match=r"no folder .*amass\.is\.tue\.mpg\.de"):
        open_corpus("babel", babel, amass=babel / "amass")


def test_a_missing_recording_is_named(babel: Path) -> None:
    (babel / "amass/KIT/3/walk1_poses.npz").unlink()
    record = next(open_corpus("babel", babel).records("train"))
    with pytest.raises(CorpusError, match=r"no KIT/KIT/3/walk1_poses\.npz; .*amass\.is\.tue\.mpg\.de"):
        record.motion()


def test_body_models_give_the_bones_of_the_body(babel: Path, tmp_path: Path) -> None:
    models = write_body_models(tmp_path / "models")
    plain = next(open_corpus("babel", babel).records("train")).motion()
    shaped = next(open_corpus("babel", babel, body_models=models).records("train")).motion()
    expected = kinelang.load(babel / "amass/KIT/3/walk1_poses.npz", body_model=BodyModels(models).path("male"))
    np.testing.assert_allclose(shaped.joints, expected.joints[::3, :22], atol=1e-6)
    assert np.abs(shaped.joints - plain.joints).max() > 0.005


@pytest.mark.parametrize(
    ("on_disk", "asked"),
    [
        ("KIT/3/walk_poses.npz", "KIT/KIT/3/walk_poses.npz"),
        ("KIT/KIT/3/walk_poses.npz", "KIT/3/walk_poses.npy"),
        ("KIT/3/walk_stageii.npz", "KIT/3/walk_poses"),
        ("BMLrub/rub001/0001_sit_stageii.npz", "BioMotionLab_NTroje/rub001/0001_sit_poses.npz"),
        ("BMLrub/rub001/0001_sit_stageii.npz", "BMLrub/BioMotionLab_NTroje/rub001/0001_sit_poses.npz"),
        ("BioMotionLab_NTroje/rub001/0001_sit_poses.npz", "BMLrub/BioMotionLab_NTroje/rub001/0001_sit_poses.npz"),
        ("EyesJapanDataset/yamaoka/tennis-15-first_service_stageii.npz", "Eyes_Japan_Dataset/yamaoka/tennis-15-first service_poses"),
    ],
)
def test_recordings_are_found_under_their_several_names(tmp_path: Path, on_disk: str, asked: str) -> None:
    path = tmp_path / on_disk
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    assert find_recording(tmp_path, asked) == path


@pytest.mark.parametrize("asked", ["../../etc/passwd", "/etc/passwd", ""])
def test_recordings_are_looked_for_in_the_folder_alone(tmp_path: Path, asked: str) -> None:
    with pytest.raises(CorpusError):
        find_recording(tmp_path, asked)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"feat_p": None}, "feat_p=None"), ({"dur": "2"}, "dur='2'"), ({"seq_ann": {"labels": ["walk"]}}, "seq_ann: found a JSON str")],
)
def test_malformed_sequences_are_named(babel: Path, change: dict[str, object], message: str) -> None:
    content = json.loads((babel / "train.json").read_text())
    content["2"] |= change
    (babel / "train.json").write_text(json.dumps(content))
    with pytest.raises(CorpusError, match=rf"train\.json, sequence 2.*{message}"):
        open_corpus("babel", babel)
