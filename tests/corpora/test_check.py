"""The check finds what is planted, and each thing once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from corpus_samples import make_layout

from kinelang.corpora import Caption, Record, RecordList
from kinelang.corpora.check import check
from kinelang.corpora.official import LayoutCorpus, open_layout
from kinelang.errors import CorpusError


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_layout(tmp_path_factory.mktemp("sound"))


def edit(path: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    np.save(path, change(np.load(path)))


def with_nan(x: np.ndarray) -> np.ndarray:
    x[3, 7] = np.nan
    return x


TEXT, VECS, JOINTS = (
    f"{folder}/walk_forward.{end}" for folder, end in (("texts", "txt"), ("new_joint_vecs", "npy"), ("new_joints", "npy"))
)

PLANTED: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing text": (lambda f: (f / TEXT).unlink(), r"no .*texts/walk_forward\.txt"),
    "missing features": (lambda f: (f / VECS).unlink(), r"new_joint_vecs/walk_forward\.npy: cannot be read"),
    "missing joints folder": (lambda f: shutil.rmtree(f / "new_joints"), "new_joints: no such folder"),
    "malformed line": (lambda f: (f / TEXT).write_text("walks#a/b#0.0\n"), r"walk_forward\.txt:1: found 'walks#a/b#0\.0'"),
    "no caption": (lambda f: (f / TEXT).write_text("\n"), "'walk_forward': no caption"),
    "late caption": (lambda f: (f / TEXT).write_text("x#x/X#0.0#9.0\n"), "up to 9 s of a clip of 4.95 s"),
    "backward caption": (lambda f: (f / TEXT).write_text("x#x/X#2.0#1.0\n"), "from 2 to 1 s"),
    "not finite": (lambda f: edit(f / VECS, with_nan), "not finite in frame 3"),
    "wrong width": (lambda f: edit(f / VECS, lambda x: x[:, :-1]), r"shape \(99, 262\)"),
    "pickled": (lambda f: np.save(f / JOINTS, np.array([{}]), allow_pickle=True), "pickled"),
    "other joints": (lambda f: edit(f / JOINTS, lambda x: x + 0.1), "up to 0.1 from those that the features say"),
    "fewer joints": (lambda f: edit(f / JOINTS, lambda x: x[:-5]), "94 frames of joints"),
    "overlap": (lambda f: (f / "test.txt").write_text((f / "test.txt").read_text() + "walk_forward\n"), "in train and test"),
    "no mean": (lambda f: (f / "Mean.npy").unlink(), r"Mean\.npy: cannot be read"),
    "still features": (lambda f: edit(f / "Std.npy", lambda x: x * 0), r"Std\.npy: .*deviations above 0"),
    "stopped": (lambda f: (f / "manifest.json").unlink(), "stopped before its end"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_each_fault_is_found(sound: Path, tmp_path: Path, what: str) -> None:
    folder = shutil.copytree(sound, tmp_path / "corpus")
    plant, message = PLANTED[what]
    plant(folder)
    problems = check(LayoutCorpus(folder)).problems
    assert len(problems) == 1, problems
    with pytest.raises(CorpusError, match=message):
        raise CorpusError(problems[0])
    assert "\n" not in problems[0]


def test_statistics_that_belong_to_other_data_show(sound: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(sound, tmp_path / "corpus")
    assert check(LayoutCorpus(sound)).statistics["mean_differs_by_deviations"] < 1e-4
    edit(folder / "Mean.npy", lambda x: x + 0.5)
    assert check(LayoutCorpus(folder)).statistics["mean_differs_by_deviations"] > 0.5


def test_files_that_no_split_names_are_counted(sound: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(sound, tmp_path / "corpus")
    shutil.copy(folder / "texts/walk_forward.txt", folder / "texts/left_over.txt")
    statistics = check(LayoutCorpus(folder)).statistics
    assert (statistics["texts_in_no_split"], statistics["new_joint_vecs_in_no_split"]) == (1, 0)


def test_texts_alone(sound: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(sound, tmp_path / "corpus")
    edit(folder / "new_joint_vecs/walk_forward.npy", with_nan)
    assert check(LayoutCorpus(folder), motions=False).ok


def test_recordings_in_several_splits_are_counted_not_blamed() -> None:
    """HumanML3D itself has them: clips of one recording are spread over its splits."""
    records = [Record(str(i), split, (Caption("walks"),), source="x", group="KIT/3/walk") for i, split in enumerate(("train", "test"))]
    report = check(RecordList(records))
    assert report.ok
    assert report.statistics["recordings_in_several_splits"] == 1


def test_progress_is_told(sound: Path) -> None:
    told: list[str] = []
    check(open_layout(sound), progress=lambda id_, reason: told.append(id_))
    assert len(told) == 10
