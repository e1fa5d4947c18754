"""HuMMan-MoGen as its release describes itself: stages and parts, mirror images, splits, and what is wrong named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from corpus_samples import humman_stages, make_humman_mogen, write_body_models, write_smpl

from kinelang.corpora import Caption, Record, ToldStage, mirrored, open_corpus, parts
from kinelang.corpora.base import TOLD_PARTS
from kinelang.corpora.humman_mogen import read_smpl
from kinelang.errors import CorpusError, FormatError
from kinelang.models.finemogen.groups import PARTS
from kinelang.timeline.narrating import COLUMNS

FIRST = "p000459_a000011"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_humman_mogen(tmp_path)


def record(folder: Path, name: str = FIRST, **options: object) -> Record:
    return next(r for r in open_corpus("humman_mogen", folder, **options) if r.id == name)


def test_parts_are_the_columns_of_a_description_matrix() -> None:
    assert COLUMNS[1:] == TOLD_PARTS
    assert (*TOLD_PARTS[:-1], "root") == PARTS


def test_stages_are_captions_and_are_told_part_by_part(folder: Path) -> None:
    found = record(folder)
    assert found.captions == (
        Caption("Stand with legs open.", 0.0, 0.7),
        Caption("Take steps to the left.", 0.7, 2.2),
        Caption("Bow.", 2.2, 3.5),
    )
    assert (found.duration_s, found.group) == (3.5, FIRST)
    stage = found.told[1]
    assert (stage.start_s, stage.end_s, stage.overall) == (0.7, 2.2, "Take steps to the left.")
    assert dict(zip(TOLD_PARTS, stage.parts, strict=True)) == {
        "head": "Face forward.",
        "torso": "Keep the spine straight.",
        "left_arm": "Raise the left arm.",
        "right_arm": "Keep the right arm by the side.",
        "left_leg": "Open the legs.",
        "right_leg": "Open the legs.",
        "trajectory": "The pelvis shifts to the left.",
    }


def test_a_stage_as_a_clip_keeps_what_is_told_of_it(folder: Path) -> None:
    (_, steps, _) = parts(record(folder))
    assert steps.texts == ("Take steps to the left.",)
    assert [(s.start_s, s.end_s, s.overall) for s in steps.told] == [(0.0, 1.5, "Take steps to the left.")]
    assert steps.motion().duration_s == pytest.approx(1.5, abs=0.06)


def test_a_mirror_image_tells_of_the_other_arm(folder: Path) -> None:
    told = mirrored(record(folder)).told[0]
    assert dict(zip(TOLD_PARTS, told.parts, strict=True))["right_arm"] == "Raise the right arm."
    assert dict(zip(TOLD_PARTS, told.parts, strict=True))["trajectory"] == "The pelvis shifts to the right."
    assert told.mirrored() == record(folder).told[0]


def test_sequences_have_a_caption_of_the_whole_besides(folder: Path) -> None:
    plain = open_corpus("humman_mogen", folder)
    with_whole = open_corpus("humman_mogen_sequences", folder)
    n = len(list(plain.clips(limits=False)))
    assert n == 3 * len(plain)
    assert len(list(with_whole.clips(limits=False))) == n + len(plain)
    whole = next(with_whole.clips(limits=False))
    assert whole.texts == ("Stand with legs open. Take steps to the left. Bow.",)
    assert len(whole.told) == 3


def test_a_mirror_image_is_of_the_same_group_and_split(folder: Path) -> None:
    corpus = open_corpus("humman_mogen", folder)
    assert len(corpus) == 24
    by_group: dict[str, set[str]] = {}
    for found in corpus:
        by_group.setdefault(found.group, set()).add(found.split)
    assert len(by_group) == 12
    assert all(len(splits) == 1 for splits in by_group.values())
    assert len({split for splits in by_group.values() for split in splits}) > 1
    assert len(open_corpus("humman_mogen", folder, mirrored=False)) == 12


def test_lists_decide_the_split(folder: Path) -> None:
    (folder / "train.txt").write_text(f"{FIRST}\n")
    (folder / "test.txt").write_text("p000460_a000011\np000460_r000011\n")
    corpus = open_corpus("humman_mogen", folder)
    assert [r.id for r in corpus.records("train")] == [FIRST, "p000459_r000011"]
    assert [r.id for r in corpus.records("test")] == ["p000460_a000011", "p000460_r000011"]
    assert len(corpus) == 4
    (folder / "train.txt").write_text("another\n")
    (folder / "test.txt").unlink()
    with pytest.raises(CorpusError, match=r"train\.txt: found none of the 24 annotated"):
        open_corpus("humman_mogen", folder)


def test_the_body_stands_on_the_ground_and_goes_as_recorded(folder: Path) -> None:
    motion = record(folder).motion()
    assert (motion.fps, motion.n_frames) == (20.0, 70)
    assert motion.joints[:, 15, 1].min() > 1.2, "the head is up"
    gone = motion.joints[-1, 0] - motion.joints[0, 0]
    np.testing.assert_allclose(gone, [0.3 * 3.45, 0.0, 0.5 * 3.45], atol=0.03)


def test_a_body_model_gives_the_bones_of_the_body(folder: Path, tmp_path: Path) -> None:
    model = write_body_models(tmp_path / "models") / "male" / "model.npz"
    plain, shaped = record(folder).motion(), record(folder, body_model=model).motion()
    assert 0.005 < np.abs(shaped.joints - plain.joints).max() < 0.3


def test_rows_of_joints_are_taken_as_well(tmp_path: Path) -> None:
    file = write_smpl(tmp_path / "a.npz")
    arrays = dict(np.load(file))
    np.savez(tmp_path / "b.npz", **{**arrays, "body_pose": arrays["body_pose"].reshape(-1, 23, 3), "betas": arrays["betas"][0]})
    np.testing.assert_array_equal(read_smpl(tmp_path / "b.npz").joints, read_smpl(file).joints)


def test_motions_in_a_folder_data_are_found_and_without_them_it_is_text(folder: Path) -> None:
    (folder / "data").mkdir()
    for name in ("annotations", "smpl_on_ground"):
        shutil.move(folder / name, folder / "data" / name)
    assert record(folder).motion().n_frames == 70
    shutil.rmtree(folder / "data" / "smpl_on_ground")
    assert not record(folder).has_motion


def test_a_missing_motion_is_named(folder: Path) -> None:
    (folder / "smpl_on_ground" / f"{FIRST}.npz").unlink()
    with pytest.raises(CorpusError, match=rf"no .*{FIRST}\.npz.*humman_toolbox"):
        record(folder).motion()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start_frame": 9, "end_frame": 9}, "frames 9 to 9"),
        ({"end_frame": "21"}, "end_frame='21'"),
        ({"head": 3}, "head=3"),
        (dict.fromkeys(("all", "head", "stem", "left_arm", "right_arm", "left_leg", "right_leg", "pelvis"), ""), "no sentence"),
    ],
)
def test_what_is_wrong_in_an_annotation_is_named(folder: Path, change: dict[str, object], message: str) -> None:
    stages = humman_stages(("Stand.", 0, 10), ("Bow.", 10, 105))
    (folder / "annotations" / f"{FIRST}.json").write_text(json.dumps([stages[0], stages[1] | change]))
    with pytest.raises(CorpusError, match=rf"{FIRST}\.json, stage 1.*{message}"):
        list(open_corpus("humman_mogen", folder))


def test_an_annotation_without_stages_or_of_another_name_is_refused(folder: Path) -> None:
    (folder / "annotations" / f"{FIRST}.json").write_text("[]")
    with pytest.raises(CorpusError, match="an empty list"):
        list(open_corpus("humman_mogen", folder))
    (folder / "annotations" / "notes.json").write_text("[]")
    with pytest.raises(CorpusError, match=r"'notes\.json'; expected PERSON_ACTION"):
        open_corpus("humman_mogen", folder)


def test_what_stands_in_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data.zip").write_bytes(b"")
    with pytest.raises(CorpusError, match=r"no .*annotations, but data\.zip; expected annotations and smpl_on_ground"):
        open_corpus("humman_mogen", tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"transl": None}, "field 'transl': found only betas, body_pose, global_orient"),
        ({"body_pose": np.zeros((105, 63))}, r"shape \(105, 63\); expected \(T, 69\)"),
        ({"global_orient": np.zeros((90, 3))}, "90, 105, 105 frames"),
        ({"transl": np.full((105, 3), np.nan)}, "nan"),
    ],
)
def test_what_is_wrong_in_a_motion_is_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    arrays = {**dict(np.load(write_smpl(tmp_path / "a.npz"))), **change}
    np.savez(tmp_path / "a.npz", **{name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(FormatError, match=message):
        read_smpl(tmp_path / "a.npz")


def test_a_told_stage_is_of_seven_parts() -> None:
    assert ToldStage(0, 1, "bows").parts == ("",) * 7
