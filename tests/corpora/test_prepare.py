"""HumanML3D out of AMASS, on made recordings: cuts, frame rates, mirror images, what is missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from corpus_samples import write_amass, write_body_models

import kinelang
from kinelang.corpora import write_layout
from kinelang.corpora.amass_files import BodyModels, humanml3d_joints
from kinelang.corpora.humanml3d_prepare import (
    HumanML3DFromAmass,
    compare_with_published,
    cut_clip,
    read_index,
)
from kinelang.corpora.tagging import untagged
from kinelang.errors import CorpusError
from kinelang.motion.features import decode, encode, mirror_joints
from shared_data import shared

INDEX = """source_path,start_frame,end_frame,new_name
./pose_data/KIT/3/walk_poses.npy,2,30,000000.npy
./pose_data/humanact12/humanact12/P01.npy,0,-1,000001.npy
./pose_data/KIT/3/walk_poses.npy,10,40,000002.npy
./pose_data/Eyes_Japan_Dataset/y/tennis_poses.npy,5,45,012314.npy
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("humanml3d")
    write_amass(root / "amass/KIT/3/walk_poses.npz", frames=150, fps=60, seed=1)
    write_amass(root / "amass/Eyes_Japan_Dataset/y/tennis_poses.npz", frames=360, fps=60, seed=2, gender="female")
    (root / "amass/humanact12").mkdir()
    np.save(root / "amass/humanact12/P01.npy", np.random.default_rng(0).normal(0, 0.3, (50, 24, 3)).astype(np.float32))
    write_body_models(root / "models")
    texts = root / "clone" / "HumanML3D"
    (texts / "texts").mkdir(parents=True)
    (root / "clone/index.csv").write_text(INDEX)
    for name, split in (("000000", "train"), ("000001", "val"), ("000002", "test"), ("012314", "train")):
        for m, side in (("", "left"), ("M", "right")):
            (texts / f"texts/{m}{name}.txt").write_text(f"raises the {side} arm#raise/VERB the/DET {side}/ADJ arm/NOUN#0.0#0.0\n")
            with open(texts / f"{split}.txt", "a") as file:
                file.write(f"{m}{name}\n")
    return root


def corpus_of(data: Path, **changes: object) -> HumanML3DFromAmass:
    return HumanML3DFromAmass(data / "clone/HumanML3D", data / "amass", data / "models", **changes)


def test_joints_are_those_of_the_reader_turned_half_round(data: Path) -> None:
    """The release's swap of Y and Z and its negated X are a half turn about Y from the reader's Y-up; each third of 60 frames."""
    file = data / "amass/KIT/3/walk_poses.npz"
    ours = humanml3d_joints(file, BodyModels(data / "models"))
    read = kinelang.load(file, body_model=data / "models/male/model.npz")
    np.testing.assert_allclose(ours, read.joints[::3, :22] * (-1, 1, -1), atol=2e-6)
    np.testing.assert_allclose(encode(ours), encode(np.ascontiguousarray(read.joints[::3, :22])), atol=2e-5)


@pytest.mark.parametrize(("fps", "stride"), [(60.0, 3), (120.0, 6), (50.0, 2), (59.94, 2), (100.0, 5), (15.0, 1)])
def test_frame_rates_are_cut_to_whole_strides_as_published(tmp_path: Path, fps: float, stride: int) -> None:
    file = write_amass(tmp_path / "x_poses.npz", frames=61, fps=fps)
    assert len(humanml3d_joints(file, None)) == -(-61 // stride)


def test_ten_betas_of_sixteen(tmp_path: Path) -> None:
    file = write_amass(tmp_path / "x_poses.npz", frames=3)
    wide = BodyModels(write_body_models(tmp_path / "wide", n_betas=16))
    with np.load(file) as arrays:
        betas = arrays["betas"]
    changed = betas.copy()
    changed[10:] += 5
    assert len(betas) == 16
    np.testing.assert_array_equal(wide.rest("male", betas), wide.rest("male", changed))
    assert np.abs(wide.rest("male", betas) - wide.rest("female", betas)).max() > 1e-3
    np.testing.assert_array_equal(wide.rest("neutral", betas), wide.rest("female", betas))


def test_clips_are_cut_and_mirrored_as_published(data: Path) -> None:
    records = {r.id: r for r in corpus_of(data)}
    assert set(records) == {m + name for m in ("", "M") for name in ("000000", "000001", "000002", "012314")}
    models = BodyModels(data / "models")
    walk = humanml3d_joints(data / "amass/KIT/3/walk_poses.npz", models)
    tennis = humanml3d_joints(data / "amass/Eyes_Japan_Dataset/y/tennis_poses.npz", models)
    act = np.load(data / "amass/humanact12/P01.npy")[:, :22]
    expected = {"000000": walk[2:30], "000002": walk[10:40], "012314": tennis[60 + 5 : 60 + 45], "000001": act}
    for name, joints in expected.items():
        np.testing.assert_array_equal(records[name].motion().joints, joints)
        np.testing.assert_array_equal(records[f"M{name}"].motion().joints, mirror_joints(joints))
    assert records["M000000"].texts == ("raises the right arm",)


@pytest.mark.parametrize(
    ("source", "dropped"),
    [
        ("Eyes_Japan_Dataset/a", 60),
        ("MPI_HDM05/a", 60),
        ("TotalCapture/a", 20),
        ("MPI_Limits/a", 20),
        ("Transitions_mocap/a", 10),
        ("KIT/a", 0),
    ],
)
def test_leading_frames_of_some_sets_are_dropped(tmp_path: Path, source: str, dropped: int) -> None:
    (tmp_path / "index.csv").write_text(f"source_path,start_frame,end_frame,new_name\n./pose_data/{source}/a,3,9,000000.npy\n")
    (row,) = read_index(tmp_path / "index.csv")
    joints = np.arange(200.0)[:, None, None] * np.ones((1, 22, 3))
    assert cut_clip(joints, row)[:, 0, 0].tolist() == list(range(dropped + 3, dropped + 9))


def test_what_is_written_is_what_the_features_say(data: Path, tmp_path: Path) -> None:
    corpus = corpus_of(data)
    written = write_layout(corpus.by_recording(), tmp_path / "out", name="humanml3d", tagger=untagged)
    assert {split: len(ids) for split, ids in written.clips.items()} == {"train": 4, "val": 2, "test": 2}
    assert written.passed_over == []
    for record in corpus:
        features = np.load(tmp_path / f"out/new_joint_vecs/{record.id}.npy")
        np.testing.assert_array_equal(features, encode(record.motion().joints))
        np.testing.assert_array_equal(np.load(tmp_path / f"out/new_joints/{record.id}.npy"), decode(features))
        text = (tmp_path / f"out/texts/{record.id}.txt").read_text()
        assert text == (data / f"clone/HumanML3D/texts/{record.id}.txt").read_text()


def test_each_recording_is_read_once(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import kinelang.corpora.humanml3d_prepare as module

    read: list[str] = []
    monkeypatch.setattr(module, "humanml3d_joints", lambda file, models: read.append(file.name) or humanml3d_joints(file, models))
    write_layout(corpus_of(data).by_recording(), tmp_path / "out", name="humanml3d", tagger=untagged)
    assert sorted(read) == ["tennis_poses.npz", "walk_poses.npz"]


def test_texts_may_stay_in_their_zip(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "clone", tmp_path / "clone")
    folder = tmp_path / "clone/HumanML3D"
    shutil.make_archive(str(folder / "texts"), "zip", folder, "texts")
    shutil.rmtree(folder / "texts")
    corpus = HumanML3DFromAmass(folder, data / "amass", data / "models")
    assert [r.texts for r in corpus] == [r.texts for r in corpus_of(data)]


def test_what_is_missing_is_counted_by_set(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data / "amass", tmp_path / "amass")
    (tmp_path / "amass/KIT/3/walk_poses.npz").unlink()
    corpus = HumanML3DFromAmass(data / "clone/HumanML3D", tmp_path / "amass", data / "models")
    assert corpus.missing() == {"KIT": (2, 2)}
    assert corpus_of(data).missing() == {}
    with pytest.raises(CorpusError, match=r"SMPL\+H models \(mano\.is\.tue\.mpg\.de\)"):
        HumanML3DFromAmass(data / "clone/HumanML3D", tmp_path / "amass", tmp_path)
    with pytest.raises(CorpusError, match=r"no .*index\.csv"):
        HumanML3DFromAmass(shutil.copytree(data / "clone/HumanML3D", tmp_path / "alone"), tmp_path / "amass")


def test_the_published_index_is_read_whole() -> None:
    rows = read_index(shared("humanml3d_reference") / "index.csv")
    assert len(rows) == 14616
    sets = {row.data_set for row in rows}
    assert len(sets) == 18
    assert sum(row.data_set == "humanact12" for row in rows) == 1191
    assert sum(row.data_set == "KIT" for row in rows) == 4648
    row = next(row for row in rows if row.name == "012314")
    assert (row.data_set, row.start, row.end) == ("Eyes_Japan_Dataset", 149, 320)


def test_a_bad_line_of_the_index_is_named(tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_text("source_path,start_frame,end_frame,new_name\na,0,9,x.npy\nb,zero,9,y.npy\n")
    with pytest.raises(CorpusError, match=r"index\.csv:3: found"):
        read_index(tmp_path / "index.csv")


def test_the_published_clip_is_compared(tmp_path: Path) -> None:
    reference = shared("humanml3d_reference")
    for kind in ("new_joints", "new_joint_vecs"):
        (tmp_path / kind).mkdir()
        shutil.copy(reference / f"{kind}_012314.npy", tmp_path / kind / "012314.npy")
    assert compare_with_published(tmp_path, reference)["same"] is True
    joints = np.load(reference / "new_joints_012314.npy")
    features = np.load(tmp_path / "new_joint_vecs/012314.npy")
    features[50, 100] += 0.01
    np.save(tmp_path / "new_joint_vecs/012314.npy", features)
    compared = compare_with_published(tmp_path, reference)
    assert compared["same"] is False
    assert compared["largest_difference"]["new_joint_vecs"] == pytest.approx(0.01, abs=1e-4)
    np.save(tmp_path / "new_joints/012314.npy", joints[:-1])
    assert compare_with_published(tmp_path, reference)["largest_difference"]["new_joints"] == np.inf
    shutil.rmtree(tmp_path / "new_joints")
    assert compare_with_published(tmp_path, reference)["same"] is None
