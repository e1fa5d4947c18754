"""`kinelang caption`: one file and many, with a captioner and without, what it writes and what it passes over."""

from __future__ import annotations

import json
import shutil
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import kinelang
from kinelang.captioning import Weights
from kinelang.cli import caption as command
from kinelang.models.captioner.captioner import save
from kinelang.models.captioner.parts import channels, measured
from models.captioner_samples import VOCABULARY, clips, network, tiny


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A captioner with weights drawn at random."""
    folder, config = tmp_path_factory.mktemp("captioner"), tiny()
    weights = {name: 3 * tensor.numpy() for name, tensor in network(config).state_dict().items()}
    save(folder, config, VOCABULARY, weights, measured([channels(clip, config.data) for clip in clips()], config.data), {"step": 3})
    return folder


@pytest.fixture(autouse=True)
def without_matcher(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text encoder may not be here, takes seconds to load, and says nothing about the command."""
    unweighed = partial(Weights, match=0.0)
    monkeypatch.setattr("kinelang.captioning.choosing.Weights", unweighed)
    command.opened.cache_clear()


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine short clips in two folders, one of them broken."""
    folder = tmp_path_factory.mktemp("collection")
    body = kinelang.retarget(kinelang.sample("wave_right_hand"), rotations=False)
    (folder / "sub").mkdir()
    for i in range(8):
        at = folder / "sub" if i % 3 == 0 else folder
        kinelang.save(body.with_(positions=body.joints[i : i + 40], rotations=None, root=None, fps=20), at / f"clip_{i}.npy")
    (folder / "broken.bvh").write_bytes(b"HIERARCHY\nROOT")
    return folder


def records(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_file_is_captioned_with_its_evidence(run, sample_folder: Path, model: Path) -> None:
    path = sample_folder / "wave_right_hand.bvh"
    for source in ("neural", "narrated", "best"):
        answer = json.loads(run("caption", path, "--model", model, "--source", source, "--json").stdout)
        assert set(answer) == {"file", "caption", "source", "candidates", "evidence", "notes"}
        assert answer["file"] == str(path)
        assert answer["caption"] == answer["candidates"][0]["caption"]
        assert [answer["caption"][slice(*e["at"])] for e in answer["evidence"]] == [e["word"] for e in answer["evidence"]]
        origins = {c["from"] for c in answer["candidates"]}
        assert origins == ({"neural", "narrated"} if source == "best" else {source})
        assert ("gate" in answer["evidence"][0]) == (answer["candidates"][0]["from"] == "neural")


def test_the_captioner_that_ships_and_the_narrator(run, sample_folder: Path) -> None:
    done = run("caption", sample_folder / "wave_right_hand.bvh")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert "wav" in lines[0]
    assert any(line.split()[0].startswith("wav") and "right arm" in line for line in lines[1:])
    assert "source: " in done.stderr
    told = run("caption", sample_folder / "wave_right_hand.bvh", "--source", "narrated")
    assert "source: narrated" in told.stderr
    assert "wav" in told.stdout.splitlines()[0]


def test_beam_and_n(run, sample_folder: Path, model: Path) -> None:
    path = sample_folder / "turn_left.bvh"
    for n in (1, 3):
        answer = json.loads(run("caption", path, "--model", model, "--source", "neural", "--beam", 3, "--n", n, "--json").stdout)
        assert len(answer["candidates"]) == n
    likeliest = json.loads(run("caption", path, "--model", model, "--source", "neural", "--beam", 1, "--n", 1, "--json").stdout)
    assert len(likeliest["candidates"]) == 1
    assert run("caption", path, "--beam", 0).returncode == 2


@pytest.mark.parametrize("ending", [".html", ".png"])
def test_explain_shows_it(run, sample_folder: Path, model: Path, tmp_path: Path, ending: str) -> None:
    done = run("caption", sample_folder / "turn_left.bvh", "--model", model, "--source", "neural", "--explain", f"out{ending}")
    assert done.returncode == 0, done.stderr
    assert f"wrote out{ending}" in done.stderr
    written = (tmp_path / f"out{ending}").read_bytes()
    assert b'"attention"' in written if ending == ".html" else written.startswith(b"\x89PNG")


def test_explain_as_something_else_is_refused(run, sample_folder: Path, collection: Path) -> None:
    done = run("caption", sample_folder / "turn_left.bvh", "--explain", "out.gif")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'.gif'" in done.stderr
    done = run("caption", collection, "--explain", "out.html")
    assert (done.returncode, done.stdout) == (2, "")
    assert "a folder" in done.stderr
    Path("taken").write_text("mine")
    done = run("caption", collection, "--source", "narrated", "--explain", "taken/pages", "--jobs", "1", "--out", "out.jsonl")
    assert done.returncode == 2
    assert "taken/pages" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_folder_gives_a_line_a_file_and_passes_over_the_bad_one(run, collection: Path, model: Path, tmp_path: Path) -> None:
    done = run("caption", collection, "--model", model, "--out", "all.jsonl", "--jobs", "1", "--explain", "pages")
    assert done.returncode == 2
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["passed over", "captioned 8 of 9 files, passed over 1"]
    assert "broken.bvh" in done.stderr
    found = records((tmp_path / "all.jsonl").read_text(encoding="utf-8"))
    names = sorted(p.relative_to(collection).as_posix() for p in collection.rglob("*.npy"))
    assert [r["file"] for r in found] == names
    assert sorted(p.relative_to(tmp_path / "pages").as_posix() for p in (tmp_path / "pages").rglob("*.html")) == [
        f"{n}.html" for n in names
    ]
    alone = json.loads(run("caption", collection / names[0], "--model", model, "--json").stdout)
    assert found[0]["caption"] == alone["caption"]
    assert found[0]["made_with"]["captioner"].startswith("captioner@")
    assert found[0]["made_with"]["weights"]["agreement"] == 0.8


def test_an_unfinished_file_is_continued_with_the_same_bytes(run, collection: Path, model: Path, tmp_path: Path) -> None:
    run("caption", collection, "--model", model, "--out", "whole.jsonl", "--jobs", "1")
    whole = (tmp_path / "whole.jsonl").read_bytes()
    lines = whole.splitlines(keepends=True)
    (tmp_path / "part.jsonl").write_bytes(b"".join(lines[:3]) + lines[3][:50])
    done = run("caption", collection, "--model", model, "--out", "part.jsonl", "--jobs", "1")
    assert "3 of 9 files are in part.jsonl already" in done.stderr
    assert records((tmp_path / "part.jsonl").read_text()) == records(whole.decode())
    done = run("caption", collection, "--model", model, "--out", "part.jsonl", "--n", "2")
    assert done.returncode == 2
    assert "n=8" in done.stderr
    assert "--restart" in done.stderr
    assert run("caption", collection, "--model", model, "--out", "part.jsonl", "--n", "2", "--restart", "--jobs", "1").returncode == 2
    assert {r["made_with"]["n"] for r in records((tmp_path / "part.jsonl").read_text())} == {2}


def test_several_processes_say_the_same(run_process, collection: Path, model: Path, tmp_path: Path) -> None:
    texts = []
    for jobs in ("1", "2"):
        done = run_process("caption", collection, "--model", model, "--source", "neural", "--jobs", jobs)
        assert done.returncode == 2
        texts.append([(r["file"], r["caption"]) for r in records(done.stdout)])
    assert texts[0] == texts[1]
    assert len(texts[0]) == 8


def test_a_zip_says_the_same_as_its_folder(run, collection: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in collection.rglob("*.npy"):
            archive.write(path, path.relative_to(collection).as_posix())
    for name, given in (("zip", "all.zip"), ("folder", collection)):
        run("caption", given, "--source", "narrated", "--n", "1", "--jobs", "1", "--out", f"{name}.jsonl")
    in_zip, in_folder = (records((tmp_path / f"{name}.jsonl").read_text()) for name in ("zip", "folder"))
    assert [(r["file"], r["caption"]) for r in in_zip] == [(r["file"], r["caption"]) for r in in_folder]


def test_what_is_no_person_is_one_line(run, tmp_path: Path, model: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    tree = kinelang.Skeleton("unknown", ("a", "b", "c"), (-1, 0, 1), np.array([[0, 0, 0], [0, 0.5, 0], [0, 0.5, 0]]))
    turned = np.repeat(np.eye(4)[None, None, 0], 30, axis=0).repeat(3, axis=1)
    kinelang.save(kinelang.Motion(tree, 20, rotations=turned, root=np.zeros((30, 3))), folder / "snake.bvh")
    done = run("caption", folder / "snake.bvh", "--model", model, "--unit", "cm")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    done = run("caption", folder, "--model", model, "--jobs", "1", "--unit", "cm")
    assert done.returncode == 2
    assert done.stderr.startswith("passed over: ")
    assert "snake.bvh" in done.stderr.splitlines()[0]


def test_a_model_whose_vocabulary_is_anothers_is_refused_at_once(run, collection: Path, model: Path, tmp_path: Path) -> None:
    shutil.copytree(model, tmp_path / "mixed")
    vocabulary = json.loads((model / "vocabulary.json").read_text())
    (tmp_path / "mixed" / "vocabulary.json").write_text(json.dumps(vocabulary | {"words": vocabulary["words"][:-1]}))
    done = run("caption", collection, "--model", "mixed")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "vocabulary" in done.stderr
    assert run("caption", collection, "--model", "nowhere").returncode == 2


def test_long_and_short_clips_say_what_was_done(run, tmp_path: Path, model: Path) -> None:
    body = kinelang.retarget(kinelang.sample("walk_forward", fps=20), rotations=False)
    long = np.resize(np.arange(body.n_frames), 500)
    for name, frames in (("long", long), ("short", [0, 1, 2]), ("one", [0])):
        kinelang.save(body.with_(positions=body.joints[frames], rotations=None, root=None), tmp_path / f"{name}.npy")
        answer = json.loads(run("caption", f"{name}.npy", "--model", model, "--source", "neural", "--json").stdout)
        assert answer["notes"], name
        assert answer["caption"]
