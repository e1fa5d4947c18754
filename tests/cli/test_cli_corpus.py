"""kinelang corpus list, check and prepare."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "corpora"))
from corpus_samples import make_cmu, make_folder, make_humanml3d_text, write_amass, write_body_models

from kinelang.corpora import CORPORA, LayoutCorpus


@pytest.fixture(autouse=True)
def _nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KINELANG_SHARED", raising=False)


def test_list_tells_what_is_here(run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    make_cmu(tmp_path / "data")
    answer = json.loads(run("corpus", "list", "--json").stdout)["corpora"]
    assert [row["name"] for row in answer] == list(CORPORA)
    assert {row["name"]: row["found"] for row in answer if row["found"]} == {"cmu": "data"}
    said = run("corpus", "list").stdout
    assert "found: data" in said
    assert "mano" not in said.split("\n")[0]
    assert "not found; BABEL's train.json" in said


def test_prepare_then_check(run, tmp_path: Path) -> None:
    source = tmp_path / "clips"
    source.mkdir()
    make_folder(source)
    done = run("corpus", "prepare", "folder", "out", "--from", source, "--mirror", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["clips"] == {"train": 4, "val": 2, "test": 4}
    assert answer["captions"] == 20
    assert "/VERB" in (tmp_path / "out/texts/squat_twice.txt").read_text()
    again = json.loads(run("corpus", "prepare", "folder", "out", "--from", source, "--mirror", "--json").stdout)
    assert again["continued_from"] == 10
    for arguments in (["out"], ["humanml3d", "--from", "out"]):
        done = run("corpus", "check", *arguments, "--json")
        assert done.returncode == 0, done.stdout
        assert json.loads(done.stdout)["ok"] is True
    assert "sound" in run("corpus", "check", "out").stdout


def test_a_broken_corpus_is_exit_2(run, tmp_path: Path) -> None:
    source = tmp_path / "clips"
    source.mkdir()
    make_folder(source)
    run("corpus", "prepare", "folder", "out", "--from", source, "--untagged")
    (tmp_path / "out/texts/walk_forward.txt").unlink()
    done = run("corpus", "check", "out", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["ok"] is False
    done = run("corpus", "check", "out")
    assert done.returncode == 2
    assert done.stderr.startswith("problem: ")
    assert "1 problems" in done.stdout


def test_what_cannot_be_read_is_passed_over(run, tmp_path: Path) -> None:
    source = tmp_path / "clips"
    source.mkdir()
    make_folder(source)
    (source / "walk_forward.bvh").write_text("HIERARCHY nonsense")
    done = run("corpus", "prepare", "folder", "out", "--from", source, "--untagged")
    assert done.returncode == 2
    assert done.stderr.count("passed over: ") == 1
    assert "walk_forward.bvh" in done.stderr
    assert len(LayoutCorpus(tmp_path / "out")) == 4


def test_text_alone_cannot_be_prepared(run, tmp_path: Path) -> None:
    path = make_humanml3d_text(tmp_path)
    done = run("corpus", "prepare", "humanml3d_text", "out", "--from", path)
    assert done.returncode == 2
    assert "text without motion" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "nothing"], "no corpus 'nothing'"),
        (["check", "cmu"], "mocap.cs.cmu.edu"),
        (["prepare", "cmu", "out", "--amass", "x"], "no such option"),
        (["prepare", "humanml3d", "out"], "no --texts and --amass"),
        (["prepare", "humanml3d", "out", "--texts", "a", "--amass", "b"], "no --body-models"),
    ],
)
def test_bad_input_is_one_line(run, arguments: list[str], message: str) -> None:
    done = run("corpus", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_humanml3d_from_amass(run, tmp_path: Path) -> None:
    """The whole way: refused while something is missing, then written, and compared with the published clip, here one of our own."""
    write_body_models(tmp_path / "models")
    write_amass(tmp_path / "amass/KIT/3/walk_poses.npz", frames=150)
    texts = tmp_path / "clone/HumanML3D"
    (texts / "texts").mkdir(parents=True)
    rows = ["source_path,start_frame,end_frame,new_name", "./pose_data/KIT/3/walk_poses.npy,2,46,012314.npy"]
    rows.append("./pose_data/CMU/1/gone_poses.npy,0,40,000001.npy")
    (tmp_path / "clone/index.csv").write_text("\n".join(rows) + "\n")
    (texts / "train.txt").write_text("012314\nM012314\n000001\n")
    for name in ("012314", "M012314", "000001"):
        (texts / f"texts/{name}.txt").write_text("walks#walk/VERB#0.0#0.0\n")
    command = ["corpus", "prepare", "humanml3d", "out", "--texts", texts, "--amass", "amass", "--body-models", "models"]
    done = run(*command)
    assert done.returncode == 2
    assert "missing: CMU 1 of 1;" in done.stderr
    done = run(*command, "--partial", "--json")
    assert done.returncode == 2
    answer = json.loads(done.stdout)
    assert answer["clips"] == {"train": 2}
    assert [item["id"] for item in answer["passed_over"]] == ["000001"]
    assert answer["published_clip"]["same"] is None

    rows.pop()
    (tmp_path / "clone/index.csv").write_text("\n".join(rows) + "\n")
    (texts / "train.txt").write_text("012314\nM012314\n")
    shutil.move(tmp_path / "out", tmp_path / "first")
    done = run(*command, "--reference", "first")
    assert done.returncode == 0, done.stderr
    assert "clip 012314: the same as published" in done.stderr
    path = tmp_path / "first/new_joints/012314.npy"
    np.save(path, np.load(path) + 0.01)
    done = run(*command, "--reference", "first")
    assert done.returncode == 2
    assert "NOT as published (largest difference: new_joints 0.01" in done.stderr
