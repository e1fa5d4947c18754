"""`kinelang evaluate synthesis` and `kinelang evaluate texts`: their tables, their JSON, and what a person gets wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import kinelang
from kinelang.language.encoders import table
from models.tmr_samples import HashedWords, write_tiny


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder that the tiny model was made with stands in the table."""
    for name in ("hashed", "minilm"):
        monkeypatch.setitem(table.ENCODERS, name, table.Entry(name, "of the tests", HashedWords, kept=False))
    monkeypatch.setattr("kinelang.models.tmr.retriever.SHIPPED", "nothing-there")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_performed_beside_real_motions(run, tmp_path: Path, cache: Path):
    write_tiny(tmp_path / "tiny")
    arguments = ("--model", "tiny", "--data", "synthetic", "--clips", 6, "--batch", 3, "--rounds", 20, "--cache", cache)
    done = run("evaluate", "synthesis", *arguments, "--out", "answer.json")
    assert done.returncode == 0, done.stderr
    assert "6 of 6 texts have a motion in every set; batches of 3" in done.stdout
    assert "chance 33.33" in done.stdout
    assert [line.split("  ")[0] for line in done.stdout.splitlines()[-2:]] == ["real motions", "performed"]
    content = json.loads((tmp_path / "answer.json").read_text())
    assert content["motions"] == {"real motions": 6, "performed": 6}
    assert content["table"]["performed"]["tiny"]["real minus this"]["t2m/R@1"]["low"] is not None


def test_files_and_a_file_of_texts(run, tmp_path: Path):
    write_tiny(tmp_path / "tiny")
    (tmp_path / "made").mkdir()
    names = ("walk_forward", "squat_twice", "turn_left")
    for name in names:
        kinelang.save(kinelang.sample(name), tmp_path / "made" / f"{name}.bvh")
    (tmp_path / "texts.tsv").write_text("".join(f"{name}\ta person {name.split('_')[0]}s\n" for name in names))
    done = run("evaluate", "synthesis", "--model", "tiny", "--texts", "texts.tsv", "--motions", "made", "--batch", 3, "--json")
    content = json.loads(done.stdout)
    assert content["motions"] == {"performed": 3, "made/": 3}
    assert content["data"] == {"texts": "texts.tsv"}
    assert content["table"]["made/"]["tiny"]["real minus this"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "4 clips; expected at least 32"),
        (("--batch", 2, "--motions", "nowhere"), "nowhere: found no such folder"),
        (("--texts", "nowhere"), "cannot be read as text"),
        (("--texts", "texts", "--no-performed"), "no set of motions"),
    ],
)
def test_mistakes(run, tmp_path: Path, cache: Path, arguments, message):
    write_tiny(tmp_path / "tiny")
    (tmp_path / "texts").write_text("walks\n")
    done = run("evaluate", "synthesis", "--model", "tiny", "--data", "synthetic", "--clips", 4, "--cache", cache, *arguments)
    assert done.returncode == 2
    assert message in done.stderr.splitlines()[-1]


def test_texts_of_a_corpus_and_of_a_file(run, tmp_path: Path):
    done = run("evaluate", "texts", "synthetic:100")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("synthetic:100, split val: ")
    assert any(line.split() == ["published,", "HumanML3D", "test", "6,017", "0.063%"] for line in done.stdout.splitlines())
    assert "threshold at which 17 % are filtered" in done.stdout
    (tmp_path / "mine.txt").write_text("a person walks\na person sits\nA person walks.\n")
    content = json.loads(run("evaluate", "texts", "mine.txt", "--json", "--out", "kept.json").stdout)
    assert content == json.loads((tmp_path / "kept.json").read_text())
    assert (content["clips"], content["identical pairs"]) == (3, 1)
    assert content["sentence_encoder"] == HashedWords.identity
    done = run("evaluate", "texts", "nothing")
    assert done.returncode == 2
    assert "no corpus 'nothing'" in done.stderr
