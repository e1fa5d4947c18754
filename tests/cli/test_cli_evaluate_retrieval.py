"""`kinelang evaluate retrieval`: its tables, its JSON, and what a person gets wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kinelang.corpora.synthetic import Synthetic
from kinelang.evaluate.retrieval import KEYS, Result
from kinelang.language.encoders import table
from kinelang.models.tmr.retriever import Retriever
from models.tmr_samples import HashedWords, write_tiny


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder that the tiny model was made with stands in the table; nothing ships."""
    monkeypatch.setitem(table.ENCODERS, "hashed", table.Entry("hashed", "of the tests", HashedWords, kept=False))
    monkeypatch.setattr("kinelang.models.tmr.retriever.SHIPPED", "nothing-there")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def evaluate(run, cache: Path):
    """The command on five synthetic clips."""

    def called(*more: object, n: int = 5):
        arguments = ("--data", "synthetic", "--split", "test", "--clips", n, "--cache", cache, "--sentence-encoder", "words")
        return run("evaluate", "retrieval", *arguments, "--rounds", 20, *more)

    return called


def test_a_model_beside_the_baselines(evaluate, tmp_path: Path):
    write_tiny(tmp_path / "tiny")
    done = evaluate("--model", tmp_path / "tiny", "--out", "results.json")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("synthetic, seed 0, split test: 5 clips of 5 recordings, ")
    assert sum(line.startswith("not comparable with published numbers: ") for line in lines) == 2
    assert "all (a): every clip; a text's own clip alone is correct" in done.stdout
    assert "threshold_sides: as (b)" in done.stdout
    assert "batches" not in done.stdout  # too few clips
    for name in ("chance", "tiny", "tiny + structure", "structure", "narrated"):
        for direction in ("t2m", "m2t"):
            assert any(line.startswith(f"{name} ") and f" {direction} " in line for line in lines)
    assert "left and right: captions that score higher than their twin" in done.stdout
    assert "tiny minus each other system, paired, protocol 'all'" in done.stdout
    assert "tiny + structure minus each other system" in done.stdout
    content = json.loads((tmp_path / "results.json").read_text())
    assert list(content["systems"]) == ["tiny", "tiny + structure", "structure", "narrated"]
    assert content["systems"]["tiny"]["about"]["text_encoder"] == HashedWords.identity
    assert content["data"]["texts"] == sum(len(set(r.texts)) for r in Synthetic(34).records("test"))
    result = Result.from_json(content["systems"]["structure"]["results"]["identical"])
    assert set(result.figures) == set(KEYS)
    assert result["t2m/R@1"] > result.chance["t2m/R@1"]


def test_several_models_first_captions_and_one_protocol_in_json(evaluate, tmp_path: Path):
    for name in ("one", "two"):
        write_tiny(tmp_path / name)
    models = ("--model", tmp_path / "one", "--model", tmp_path / "two")
    done = evaluate(*models, "--no-baselines", "--captions", "first", "--protocol", "all", "--json")
    content = json.loads(done.stdout)
    assert list(content["systems"]) == ["one", "two", "one + structure", "two + structure"]
    assert content["data"]["texts"] == 5
    two = content["systems"]["two"]
    assert list(two["results"]) == ["all"]
    assert list(two["reference minus this"]) == ["one", "one + structure"]
    assert all(figure["value"] == 0 for figure in two["reference minus this"]["one"]["all"].values())


def test_without_a_model_the_baselines_alone(evaluate):
    done = evaluate("--protocol", "all")
    assert done.returncode == 0
    assert "baselines alone: " in done.stderr
    assert "structure minus each other system" in done.stdout


def test_the_whole_gallery(evaluate, cache: Path):
    done = evaluate("--data", "synthetic:14", "--gallery", "all", "--protocol", "all", "--json", n=2)
    content = json.loads(done.stdout)
    assert (content["data"]["clips"], content["data"]["clips_searched"]) == (2, 2 + Synthetic(14).sizes()["train"])
    assert content["systems"]["structure"]["results"]["all"]["n_answers"] == content["data"]["clips_searched"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--no-baselines",), "no model that comes with this version"),
        (("--protocol", "best"), "one of all, threshold"),
        (("--protocol", "batches"), "5 clips; expected at least 32"),
        (("--gallery", "mine"), "one of all, unseen"),
        (("--captions", "mine"), "one of all, first"),
        (("--split", "mine"), "one of train, val, test"),
        (("--data", "nothing"), "no corpus 'nothing'"),
        (("--sentence-encoder", "nothing"), "text encoder: found 'nothing'"),
        (("--model", "nowhere"), "nowhere"),
    ],
)
def test_mistakes(evaluate, arguments, message):
    done = evaluate(*arguments)
    assert done.returncode == 2
    assert message in done.stderr.splitlines()[-1]


def test_a_model_with_another_text_encoder_is_refused(evaluate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_tiny(tmp_path / "tiny")
    monkeypatch.setattr(HashedWords, "identity", "another@1")
    assert "with which it was trained" in evaluate("--model", tmp_path / "tiny").stderr
    assert Retriever.load(tmp_path / "tiny").width == 16


def test_help_names_what_there_is(run):
    text = run("evaluate", "retrieval", "--help").stdout
    for option in ("--model", "--data", "--split", "--clips", "--captions", "--gallery", "--baselines", "--out", "--cache"):
        assert option in text
