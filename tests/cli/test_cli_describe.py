"""`kinelang describe` of one file: what it prints is what the library says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import kinelang
from kinelang.describing import Description, select


@pytest.mark.parametrize("text_format", ["brief", "smd", "json"])
def test_prints_the_rendering(run, sample_folder: Path, text_format: str) -> None:
    path = sample_folder / "wave_right_hand.bvh"
    done = run("describe", path, "--format", text_format)
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout == kinelang.render(kinelang.describe(kinelang.load(path)), text_format)


def test_variants_reach_the_library(run, sample_folder: Path) -> None:
    path = sample_folder / "squat_twice.bvh"
    done = run("describe", path, "--format", "smd", "--delta", "15", "--top-k", "2", "--by", "joint", "--no-trajectory")
    whole = kinelang.describe(kinelang.load(path), delta_deg=15)
    assert done.stdout == kinelang.render(select(whole, top_k=2, by="joint", trajectory=False), "smd")
    assert done.stdout != kinelang.render(whole, "smd")


def test_json_holds_the_whole_description(run, sample_folder: Path) -> None:
    path = sample_folder / "turn_left.bvh"
    record = json.loads(run("describe", path, "--json").stdout)
    description = kinelang.describe(kinelang.load(path))
    assert record["file"] == str(path)
    assert record["text"] == kinelang.render(description, "brief")
    assert Description.from_json(json.dumps(record["description"])) == description


def test_out_is_written_whole(run, sample_folder: Path, tmp_path: Path) -> None:
    path = sample_folder / "turn_left.bvh"
    done = run("describe", path, "--out", tmp_path / "turn.txt")
    assert done.returncode == 0
    assert done.stdout == ""
    assert (tmp_path / "turn.txt").read_text(encoding="utf-8") == run("describe", path).stdout
    assert [p.name for p in tmp_path.iterdir()] == ["turn.txt"]


def test_out_in_a_missing_folder_is_bad_input(run, sample_folder: Path, tmp_path: Path) -> None:
    done = run("describe", sample_folder / "turn_left.bvh", "--out", tmp_path / "no" / "turn.txt")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    done = run("describe", sample_folder, "--out", tmp_path / "no" / "all.jsonl")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
