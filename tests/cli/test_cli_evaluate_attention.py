"""`kinelang evaluate attention`: figures, a page, pictures, and what a person gets wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kinelang.models.captioner.captioner import save
from kinelang.models.captioner.parts import channels, measured
from models.captioner_samples import VOCABULARY, clips, network, tiny
from models.transformer_captioner_samples import saved

SMALL = ("--data", "synthetic:80", "--cache", "cache", "--rounds", 20)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A captioner with weights drawn at random."""
    folder, config = tmp_path_factory.mktemp("captioner"), tiny()
    weights = {name: 3 * tensor.numpy() for name, tensor in network(config).state_dict().items()}
    save(folder, config, VOCABULARY, weights, measured([channels(clip, config.data) for clip in clips()], config.data), {"step": 3})
    return folder


def test_figures_of_given_captions_with_page_and_pictures(run, model: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    files = ("--report", "page.html", "--figures", "pictures", "--out", "figures.json")
    done = run("evaluate", "attention", "--model", model, *SMALL, "--captions", "references", *files)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{model.name} on synthetic:80, split val: 4 clips, 12 captions (given captions)\n")
    for said in ("gate of motion words", "most frequent stems", "all words of stages", "stages told"):
        assert said in done.stdout
    content = json.loads((tmp_path / "figures.json").read_text())
    assert content["data"] == {"corpus": "synthetic:80", "split": "val", "seed": 0, "clips": 4, "recordings": 4}
    assert content["model"]["beam"] is None
    assert content["said"] == "references"
    assert content["located"]["all words of stages"]["words"] > 0
    assert sum(sum(stem["gates"]) for stem in content["stems"].values()) > 0
    assert {file.name for file in (tmp_path / "pictures").iterdir()} >= {"gates.png", "parts.png", "peaks.png"}
    page = (tmp_path / "page.html").read_text()
    assert f"What {model.name} looks at" in page
    assert "://" not in page
    assert "wrote page.html" in done.stderr


def test_figures_of_its_own_captions(run, model: Path) -> None:
    done = run("evaluate", "attention", "--model", model, *SMALL, "--clips", 2, "--twice", 2, "--json")
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert (content["said"], content["captions"], content["model"]["beam"]) == ("own", 2, 2)
    assert set(content["recalls"]) <= {"verbs told", "stages told"}


def test_a_captioner_without_gate_and_parts(run, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    saved(tmp_path / "transformer")
    done = run("evaluate", "attention", "--model", "transformer", *SMALL, "--captions", "references", "--report", "page.html")
    assert done.returncode == 0, done.stderr
    assert "The model has no gate: nothing is said of gates.\nThe model does not attend to body parts" in done.stdout
    assert "action words, single stage" in done.stdout
    assert "part by chance" not in done.stdout
    assert "Gates by stem" not in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--captions", "theirs"), "one of own, references"),
        (("--data", "nothing"), "nothing"),
        (("--split", "middle"), "no split 'middle'"),
        (("--model", "nowhere"), "nowhere"),
        (("--figures", "cache/file"), "a folder for the pictures"),
        (("--report", "nowhere/page.html"), "cannot be written"),
    ],
)
def test_mistakes(run, model: Path, tmp_path: Path, arguments: tuple[str, str], message: str) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "file").write_text("")
    done = run("evaluate", "attention", "--model", model, *SMALL, *arguments)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_is_computed_for_pictures_that_cannot_be_drawn(run, model: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = run("evaluate", "attention", "--model", model, *SMALL, "--report", "page.html")
    assert done.returncode == 2
    assert "pip install 'kinelang[view]'" in done.stderr
    assert not (tmp_path / "cache").exists()
