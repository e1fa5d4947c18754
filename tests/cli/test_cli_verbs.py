"""info, convert, view, samples, doctor."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import kinelang
from kinelang.cli.doctor import EXTRAS, REQUIRED
from kinelang.motion.samples import SAMPLES


def test_info_says_what_is_in_the_file(run, sample_folder: Path) -> None:
    path = sample_folder / "walk_forward.bvh"
    facts = json.loads(run("info", path, "--json").stdout)
    made = kinelang.sample("walk_forward")
    assert facts["format"] == "bvh"
    assert facts["skeleton"] == "smpl22"
    assert facts["frames"] == made.n_frames
    assert facts["fps"] == made.fps
    assert facts["duration_s"] == pytest.approx(made.duration_s, abs=1e-3)
    low, high = made.joints.min(axis=(0, 1)), made.joints.max(axis=(0, 1))
    assert np.allclose(facts["bounding_box_m"], [low, high], atol=2e-3)
    assert facts["pelvis_displacement_m"] == pytest.approx(np.hypot(*(made.root[-1] - made.root[0])[[0, 2]]), abs=2e-3)
    assert 0.75 < facts["leg_m"] < 0.9
    text = run("info", path).stdout
    assert text.startswith(f"{path}\n")
    assert "150 frames at 30 fps" in text


def test_info_goes_on_after_a_bad_file(run, sample_folder: Path) -> None:
    done = run("info", "nothing.bvh", sample_folder / "turn_left.bvh", "--json")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert json.loads(done.stdout)["frames"] == kinelang.sample("turn_left").n_frames


def test_convert_to_22_joints_at_20_fps_and_back(run, sample_folder: Path, tmp_path: Path) -> None:
    path = sample_folder / "walk_forward.bvh"
    done = run("convert", path, "walk.npy", "--skeleton", "smpl22", "--fps", "20")
    assert done.returncode == 0, done.stderr
    joints = np.load(tmp_path / "walk.npy", allow_pickle=False)
    assert joints.shape == (100, 22, 3)
    assert np.abs(joints[0] - kinelang.retarget(kinelang.load(path)).joints[0]).max() < 1e-3


def test_convert_cuts_and_mirrors(run, sample_folder: Path, tmp_path: Path) -> None:
    path = sample_folder / "wave_right_hand.bvh"
    assert run("convert", path, "left.bvh", "--start", "1", "--end", "3", "--mirror").returncode == 0
    motion = kinelang.load(tmp_path / "left.bvh")
    assert motion.duration_s == pytest.approx(2.0)
    left, right = (motion.joints[30, motion.skeleton.index(f"{side}_wrist"), 1] for side in ("left", "right"))
    assert left > right + 0.5


def test_convert_never_writes_onto_its_input(run, sample_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "walk.bvh"
    before = (sample_folder / "walk_forward.bvh").read_bytes()
    copy.write_bytes(before)
    (tmp_path / "link.bvh").symlink_to(copy)
    for name in ("walk.bvh", "./walk.bvh", "link.bvh"):
        done = run("convert", "walk.bvh", name, "--fps", "10")
        assert done.returncode == 2
        assert "the file that is read" in done.stderr
        assert copy.read_bytes() == before


def test_convert_names_the_known_skeletons(run, sample_folder: Path, tmp_path: Path) -> None:
    done = run("convert", sample_folder / "walk_forward.bvh", "out.bvh", "--skeleton", "smpl23")
    assert done.returncode == 2
    assert "smpl22, smpl24" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_samples_are_written_and_read_back(run, tmp_path: Path) -> None:
    done = run("samples", "new/folder")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [str(Path("new/folder") / f"{name}.bvh") for name in SAMPLES]
    for line in done.stdout.splitlines():
        read, made = kinelang.load(tmp_path / line), kinelang.sample(Path(line).stem)
        order = [read.skeleton.index(j) for j in made.skeleton.joint_names]  # BVH nests joints depth first
        assert np.abs(read.joints[:, order] - made.joints).max() < 1e-3


def test_doctor_reports_versions_and_tries_a_sample(run) -> None:
    done = run("doctor", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert report["ok"] is True
    assert report["sample"] == "described"
    assert report["packages"]["numpy"] == np.__version__
    assert report["extras"]["view"]["install"] is None


def test_doctor_names_the_line_that_installs_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from kinelang.cli import doctor

    monkeypatch.setattr(doctor, "_version", lambda name: None if name == "matplotlib" else "1.0")
    doctor.doctor(as_json=False)
    assert "pip install 'kinelang[view]'" in capsys.readouterr().out


def test_doctor_knows_the_packages_of_pyproject() -> None:
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[<>=!~\[ ]", r)[0] for r in requirements}

    assert set(REQUIRED) == names(project["dependencies"])
    for_users = {extra: names(r) for extra, r in project["optional-dependencies"].items() if extra not in ("dev", "docs", "bench")}
    assert {extra: set(packages) for extra, (packages, _) in EXTRAS.items()} == for_users
