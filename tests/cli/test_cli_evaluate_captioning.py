"""`kinelang evaluate captioning`: which metrics of text are judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.transformer_captioner_samples import saved

SMALL = ("--data", "synthetic:60", "--clips", 3, "--rounds", 5, "--cache", "cache", "--no-baselines", "--no-matcher")


def test_what_is_left_out_is_said(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    saved(tmp_path / "model")
    done = run("evaluate", "captioning", "--model", "model", *SMALL, "--json")
    assert done.returncode == 0, done.stderr
    assert "without METEOR: " in done.stderr
    content = json.loads(done.stdout)
    assert content["text_metrics"] == ["BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr-D"]
    assert len(content["left_out"]) == 1
    assert set(content["text_metrics"]) < set(content["captioners"]["model"]["figures"])


def test_a_folder_without_a_language_model_is_refused_at_once(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("transformers")
    monkeypatch.setenv("PATH", "")
    saved(tmp_path / "model")
    (tmp_path / "empty").mkdir()
    done = run("evaluate", "captioning", "--model", "model", *SMALL, "--bert", "empty")
    assert done.returncode != 0
    assert "no model that transformers can open" in done.stderr
    assert not (tmp_path / "cache").exists()
