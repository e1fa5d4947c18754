"""`kinelang timeline`: the four ways, their JSON, and what a person gets wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import kinelang
from kinelang.timeline import from_json, from_text, load

LINES = "0.50-3.50 walk direction=forward count=5\n1.00-3.00 wave side=right count=3\n4.00-5.50 turn direction=left amount=90\n"


@pytest.fixture
def score(run) -> Path:
    path = Path("score.txt")  # `run` works in an empty folder of its own
    path.write_text(LINES)
    return path


def test_perform_writes_a_motion_that_loads(run, score):
    done = run("timeline", "perform", score, "out.bvh", "--seed", 4)
    assert done.returncode == 0
    assert done.stdout == ""
    motion = kinelang.load("out.bvh")
    assert motion.duration_s == pytest.approx(5.5)
    assert motion.joints[-1, 0, 2] > 1


def test_perform_is_the_same_for_the_same_seed(run, score):
    for name, seed in (("a.bvh", 1), ("b.bvh", 1), ("c.bvh", 2)):
        run("timeline", "perform", score, name, "--seed", seed)
    assert Path("a.bvh").read_bytes() == Path("b.bvh").read_bytes() != Path("c.bvh").read_bytes()


@pytest.mark.parametrize("name", ["out.html", "out.png", "out.gif"])
def test_perform_draws(run, score, name):
    done = run("timeline", "perform", score, name, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["motion"] == name
    assert Path(name).stat().st_size > 1000


def test_detect_prints_the_stages_as_json(run, score):
    run("timeline", "perform", score, "out.bvh")
    done = run("timeline", "detect", "out.bvh", "--json")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert answer["schema"] == "kinelang.timeline/1"
    for stage in answer["stages"]:
        assert 0 <= stage["start_s"] < stage["end_s"] <= 5.6
        assert 0 <= stage["confidence"] <= 1
        assert {"verb", "parts"} <= set(stage)
    assert "walk" in [stage["verb"] for stage in answer["stages"]]
    assert from_json(done.stdout).stages


def test_detect_writes_what_narrate_and_perform_read(run, score):
    run("timeline", "perform", score, "out.bvh")
    for name in ("found.json", "found.txt"):
        assert run("timeline", "detect", "out.bvh", "--out", name, "--least", 0.2).returncode == 0
        assert all(stage.confidence >= 0.2 for stage in load(name).stages)
        assert "walk" in run("timeline", "narrate", name).stdout
        assert run("timeline", "perform", name, "again.bvh").returncode == 0


def test_narrate_in_every_register(run, score):
    for register in ("label", "sentence", "detailed", "instruction"):
        done = run("timeline", "narrate", score, "--register", register, "--n", 2, "--json")
        answer = json.loads(done.stdout)
        assert answer["register"] == register
        assert len(answer["texts"]) == 2
        assert all("walk" in text.lower() or "step" in text.lower() for text in answer["texts"]) or register == "sentence"
    matrix = json.loads(run("timeline", "narrate", score, "--register", "matrix", "--json").stdout)
    assert all({"overall", "right_arm", "trajectory", "start_s"} <= set(row) for row in matrix)
    assert any("wav" in row["right_arm"] for row in matrix)
    assert json.loads(run("timeline", "narrate", score, "--register", "babel", "--json").stdout)


def test_parse_prints_lines_or_json_and_lists_what_it_did_not_understand(run):
    done = run("timeline", "parse", "a person walks forward and glorps the zibble")
    assert done.returncode == 0
    assert "walk" in [stage.verb for stage in from_text(done.stdout).stages]
    assert "glorps" in done.stderr
    answer = json.loads(run("timeline", "parse", "a person walks forward and glorps the zibble", "--json").stdout)
    assert "glorps" in " ".join(span["text"] for span in answer["not_understood"])
    assert answer["stages"][0]["verb"] == "walk"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("parse", ""), "without words"),
        (("parse", "🙂"), "without words"),
        (("narrate", "none.txt"), "none.txt: found No such file"),
        (("narrate", "bad.txt"), "bad.txt, line 2: stage, verb: found 'glorp'"),
        (("narrate", "empty.txt"), "empty.txt: found no stage"),
        (("perform", "open.txt", "out.bvh"), "cannot be performed"),
        (("perform", "good.txt", "out.xyz"), "out.xyz"),
        (("detect", "none.bvh"), "none.bvh"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run, arguments, told):
    Path("bad.txt").write_text("0-1 walk\n1-2 glorp\n")
    Path("open.txt").write_text("0-2 cartwheel\n")
    Path("empty.txt").write_text("\n")
    Path("good.txt").write_text("0-2 walk\n")
    done = run("timeline", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
