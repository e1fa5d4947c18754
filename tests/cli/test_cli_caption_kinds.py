"""`kinelang caption` and `kinelang evaluate captioning` with a captioner that has neither gate nor parts."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from kinelang.captioning import Weights
from kinelang.cli import caption as command
from models.transformer_captioner_samples import saved


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Transformer with weights drawn at random."""
    folder = tmp_path_factory.mktemp("transformer")
    saved(folder)
    return folder


@pytest.fixture(autouse=True)
def without_matcher(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text encoder may not be here, takes seconds to load, and says nothing about the command."""
    monkeypatch.setattr("kinelang.captioning.choosing.Weights", partial(Weights, match=0.0))
    command.opened.cache_clear()


def test_words_have_their_time_and_no_limb(run, sample_folder: Path, model: Path) -> None:
    path = sample_folder / "wave_right_hand.bvh"
    answer = json.loads(run("caption", path, "--model", model, "--source", "neural", "--json").stdout)
    for evidence in answer["evidence"]:
        assert set(evidence) == {"word", "at", "motion", "probability", "spans_s"}
        assert len(evidence["spans_s"]) == 1
    shown = run("caption", path, "--model", model, "--source", "neural").stdout
    assert "gate" not in shown
    assert "arm" not in shown.split("\n", 1)[1]
    best = json.loads(run("caption", path, "--model", model, "--json").stdout)
    assert {candidate["from"] for candidate in best["candidates"]} == {"neural", "narrated"}


@pytest.mark.parametrize("ending", [".html", ".png"])
def test_explain_shows_it(run, sample_folder: Path, model: Path, tmp_path: Path, ending: str) -> None:
    done = run("caption", sample_folder / "turn_left.bvh", "--model", model, "--source", "neural", "--explain", f"out{ending}")
    assert done.returncode == 0, done.stderr
    written = (tmp_path / f"out{ending}").read_bytes()
    assert b'"attention"' in written if ending == ".html" else written.startswith(b"\x89PNG")


def test_it_is_judged_as_any_captioner(run, model: Path, tmp_path: Path) -> None:
    asked = (
        "evaluate",
        "captioning",
        "--model",
        model,
        "--data",
        "synthetic:60",
        "--clips",
        3,
        "--rounds",
        5,
        "--cache",
        tmp_path / "cache",
    )
    done = run(*asked, "--no-baselines", "--no-matcher", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["captioners"][model.name]["about"]["model"].startswith("transformer_captioner@")
    assert all(isinstance(row[model.name], str) for row in answer["captions"])
