"""view: a picture, an animation, a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import kinelang
from kinelang.timeline import Stage, Timeline, detect, save
from viewing.player_pages import Page


def page_of(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def labels_of(motion: dict) -> list[tuple[str, float, float]]:
    marks = [mark for track in motion["tracks"] for lane in track["lanes"] for mark in lane]
    return [(m["label"], m["start_s"], m["end_s"]) for m in marks]


@pytest.mark.parametrize(
    ("name", "begin"),
    [("squat.png", b"\x89PNG\r\n\x1a\n"), ("squat.gif", b"GIF89a"), ("squat.html", b"<!doctype html>"), ("S.GIF", b"GIF")],
)
def test_the_ending_says_what_is_written(run, sample_folder: Path, tmp_path: Path, name: str, begin: bytes) -> None:
    options = [
        "--poses",
        "4",
        "--mark",
        "first: down:0.4:1.4",
        "--start",
        "0.2",
        "--size",
        "120",
        "--rate",
        "8",
        "--title",
        "Two squats",
    ]
    done = run("view", sample_folder / "squat_twice.bvh", name, *options)
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"wrote {name}\n"
    assert (tmp_path / name).read_bytes().startswith(begin)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_page_holds_the_motion_its_marks_and_its_title(run, sample_folder: Path, tmp_path: Path) -> None:
    done = run(
        "view", sample_folder / "squat_twice.bvh", "a.html", "--mark", "first: down:0.4:1.4", "--title", "<two>", "--end", "3", "--json"
    )
    assert json.loads(done.stdout) == {"file": str(sample_folder / "squat_twice.bvh"), "picture": "a.html"}
    page = page_of(tmp_path / "a.html")
    assert page.title == page.heading == "<two>"
    assert page.data["motions"][0]["duration_s"] == pytest.approx(3.0)
    assert labels_of(page.data["motions"][0]) == [("first: down", 0.4, 1.4)]


def test_joint_angles_stand_under_the_picture(run, sample_folder: Path, tmp_path: Path) -> None:
    files = [sample_folder / "squat_twice.bvh", sample_folder / "turn_left.bvh"]
    assert run("view", *files, "a.html", "--angle", "knee_angle_l", "--angle", "hip_flexion_r").returncode == 0
    for motion in page_of(tmp_path / "a.html").data["motions"]:
        assert [(c["name"], c["unit"]) for c in motion["curves"]] == [("Left Knee Flexion", "°"), ("Right Hip Flexion", "°")]


def test_several_stand_side_by_side_with_the_marks_on_each(run, sample_folder: Path, tmp_path: Path) -> None:
    files = [sample_folder / f"{name}.bvh" for name in ("turn_left", "walk_forward", "turn_left")]
    assert run("view", *files, "a.html", "--mark", "start:0:1").returncode == 0
    data = page_of(tmp_path / "a.html").data
    assert [m["name"] for m in data["motions"]] == ["turn_left", "walk_forward", "turn_left"]
    assert [labels_of(m) for m in data["motions"]] == [[("start", 0, 1)]] * 3
    assert run("view", *files[:2], "a.gif", "--size", "100", "--rate", "4").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["out.jpg"], "'.png', '.gif' or '.html'"),
        (["out.png", "--mark", "step"], "LABEL:START:END"),
        (["out.png", "--mark", "a:2:1"], "not after the end"),
        (["out.html", "--mark", "a:2:1"], "not after the end"),
        (["out.gif", "--mark", "a:2:1"], "not after the end"),
        (["no/out.html"], "cannot be written"),
        (["out.html", "--angle", "knee"], "knee_angle_l"),
        (["out.gif", "--angle", "knee_angle_l"], "a page"),
        (["{sample}", "out.png"], "2 motions for a contact sheet"),
        (["{sample}", "out.html", "--timeline", "a.json"], "1 timelines for 2 motions"),
        (["out.html", "--timeline", "missing.json"], "missing.json"),
    ],
)
def test_what_cannot_be_drawn_is_refused(run, sample_folder: Path, tmp_path: Path, arguments: list[str], complaint: str) -> None:
    sample = sample_folder / "squat_twice.bvh"
    done = run("view", sample, *[a.format(sample=sample) for a in arguments])
    assert done.returncode == 2
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_timeline_is_shown_where_the_motion_is_cut(run, sample_folder: Path, tmp_path: Path) -> None:
    stages = (Stage(0.5, 2.0, "squat", confidence=0.8), Stage(2.7, 4.8, "squat"))
    save(Timeline(stages, duration_s=5.2), tmp_path / "t.json")
    done = run("view", sample_folder / "squat_twice.bvh", "a.html", "--timeline", "t.json", "--start", "1", "--end", "4")
    assert done.returncode == 0, done.stderr
    motion = page_of(tmp_path / "a.html").data["motions"][0]
    assert labels_of(motion) == [(stages[0].brief(), 0.0, 1.0), (stages[1].brief(), pytest.approx(1.7), pytest.approx(3.0))]
    assert motion["tracks"][0]["name"] == "timeline"
    assert motion["tracks"][0]["lanes"][0][0]["confidence"] == 0.8


def test_stages_are_those_that_are_detected(run, sample_folder: Path, tmp_path: Path) -> None:
    path = sample_folder / "walk_forward.bvh"
    assert run("view", path, "a.html", "--stages").returncode == 0
    found = detect(kinelang.load(path))
    assert len(found) > 0
    shown = labels_of(page_of(tmp_path / "a.html").data["motions"][0])
    assert sorted(shown) == sorted((s.brief(), s.start_s, s.end_s) for s in found.stages)
