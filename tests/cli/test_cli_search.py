"""`kinelang index`, `search`, `moments` and `embed`: their answers, their JSON, and what a person gets wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kinelang
from kinelang.search import Index, base
from kinelang.search.lock import WriterLock
from kinelang.timeline import from_text, perform
from search.fake import FakeRetriever


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> FakeRetriever:
    """The model that ships is a made-up one."""
    made = FakeRetriever()
    monkeypatch.setattr(base, "open_retriever", lambda folder=None: made if folder is None else FakeRetriever(f"model in {folder}"))
    return made


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    for name in ("walk_forward", "squat_twice"):
        kinelang.save(kinelang.sample(name), folder / f"{name}.bvh")
    for seed, side in enumerate(("left", "right")):
        kinelang.save(perform(from_text(f"0-3 wave side={side} count=3"), seed), folder / f"wave_{side}.bvh")
    return folder


@pytest.fixture(scope="module")
def made(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "x.index"
    Index.build(path, [clips], FakeRetriever()).close()
    return path


@pytest.fixture
def own(clips: Path, tmp_path: Path) -> Path:
    """The clips, to be changed."""
    return Path(shutil.copytree(clips, tmp_path / "own"))


def one_line(done) -> str:
    """The message of bad input: exit code 2, nothing else said."""
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("kinelang: ")
    return done.stderr


# --- index


def test_build_info_verify_remove_add_update(run, own):
    done = run("index", "build", "x.index", own)
    assert done.returncode == 0
    assert done.stdout == ""
    assert "x.index: 4 motions (4 added)" in done.stderr
    again = json.loads(run("index", "build", "x.index", own, "--json").stdout)
    assert again["unchanged"] == again["motions"] == 4
    facts = json.loads(run("index", "info", "x.index", "--json").stdout)
    assert (facts["model"], facts["motions"]) == ("fake@1", 4)
    assert facts["verbs"]["wave"] == 2
    assert "model: fake@1" in run("index", "info", "x.index").stdout
    assert (
        run("index", "verify", "x.index", "--hashes").stdout
        == "4 motions, 4 vectors, " + str(facts["window_vectors"]) + " windows: sound\n"
    )
    assert json.loads(run("index", "remove", "x.index", "wave_*", "--json").stdout)["removed"] == 2
    assert json.loads(run("index", "add", "x.index", own / "wave_left.bvh", "--json").stdout)["added"] == 1
    (own / "squat_twice.bvh").unlink()
    report = json.loads(run("index", "update", "x.index", "--json").stdout)
    assert (report["removed"], report["added"], report["motions"]) == (1, 1, 3)
    assert json.loads(run("index", "verify", "x.index", "--json").stdout)["ok"] is True


def test_bad_files_are_passed_over(run, own):
    (own / "bad.bvh").write_text("no motion")
    done = run("index", "build", "x.index", own)
    assert done.returncode == 2
    assert "passed over: " in done.stderr
    assert "4 motions (4 added)" in done.stderr


def test_windows(run, own):
    assert run("index", "build", "x.index", own, "--windows", "30", "--stride", 5).returncode == 0
    assert json.loads(run("index", "info", "x.index", "--json").stdout)["windows"] == {"lengths": [30], "stride": 5}
    assert "20,40,60" in one_line(run("index", "build", "y.index", own, "--windows", "a,b"))


def test_a_corpus_by_name(run):
    assert "no corpus 'nothing'" in one_line(run("index", "build", "x.index", "corpus:nothing"))


def test_vanished_sources(run, own):
    run("index", "build", "x.index", own)
    (own / "wave_left.bvh").unlink()
    done = run("index", "verify", "x.index")
    assert done.returncode == 2
    assert f"vanished: {own / 'wave_left.bvh'}" in done.stderr
    found = run("search", "x.index", "waves the left hand", "--json")
    assert found.returncode == 0
    assert json.loads(found.stdout)["hits"][0]["vanished"] is True
    assert "vanished since it was indexed" in found.stderr
    assert run("search", "x.index", "waves the left hand", "--sheet", "out.png").returncode == 2
    shutil.rmtree(own)
    assert "a source of the index" in one_line(run("index", "update", "x.index"))


def test_two_writers(run, made, clips):
    with WriterLock(made):
        for verb in ("build", "add"):
            assert f"another process writing to it (process {os.getpid()})" in one_line(run("index", verb, made, clips))
        assert run("search", made, "waves").returncode == 0


# --- search


def test_search_prints_hits(run, made, clips):
    done = run("search", made, "a person waves the left hand", "--top", 2)
    assert done.returncode == 0
    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    assert first.split()[0] == "1"
    assert str(clips / "wave_left.bvh") in first
    assert "wave left ×3" in first
    assert float(first.split()[1]) > 1.3 * float(second.split()[1])  # also where that is the wave of the other side


def test_search_as_json(run, made):
    answer = json.loads(run("search", made, "a person squats twice", "--json").stdout)
    assert len(answer["hits"]) == 4
    best = answer["hits"][0]
    assert {"path", "score", "start_s", "end_s", "stages"} <= set(best)
    assert best["path"].endswith("squat_twice.bvh")
    assert best["stages"][0]["verb"] == "squat"
    assert [hit["score"] for hit in answer["hits"]] == sorted((hit["score"] for hit in answer["hits"]), reverse=True)


def test_search_for_moments_by_example_and_by_structure(run, made, clips):
    answer = json.loads(run("search", made, "squats", "--moments", "--top", 1, "--json").stdout)
    (hit,) = answer["hits"]
    assert 0 < hit["start_s"] < hit["end_s"] <= hit["duration_s"]
    like = json.loads(run("search", made, "--like", clips / "wave_left.bvh", "--json").stdout)["hits"]
    assert not [hit for hit in like if hit["path"].endswith("wave_left.bvh")]
    assert run("search", made, "--structure", "right hand waving", "--top", 1).stdout.count("wave_right") == 1
    filtered = json.loads(run("search", made, "a person", "--filter", "verb=wave", "--filter", "side=right", "--json").stdout)["hits"]
    assert [Path(hit["path"]).stem for hit in filtered] == ["wave_right"]
    nothing = run("search", made, "a person", "--filter", "min=100")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "no hit" in nothing.stderr


def test_search_draws(run, made):
    done = run("search", made, "waves", "--top", 3, "--sheet", "out.png", "--moments")
    assert done.returncode == 0
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")


def test_a_query_in_another_language_is_searched_and_said(run, made):
    done = run("search", made, "una persona camina hacia adelante", "--json")
    assert done.returncode == 0
    assert len(json.loads(done.stdout)["hits"]) == 4
    assert "not understood: 'camina hacia adelante'" in done.stderr
    assert "has to be in English" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("",), "a text without words"),
        (("  ",), "a text without words"),
        ((), "nothing to search for"),
        (("waves", "--filter", "colour=red"), "name of min, max"),
        (("waves", "--like", "gone.bvh"), "gone.bvh: no such file"),
        (("waves", "--structure", "xyz"), "no stage in 'xyz'"),
        (("waves", "--model", "elsewhere"), "model fake@1 (width 12); expected those of model in elsewhere"),
    ],
)
def test_bad_queries(run, made, arguments, told):
    assert told in one_line(run("search", made, *arguments))


def test_no_index(run, tmp_path):
    assert "no such file; expected an index; make one with" in one_line(run("search", "gone.index", "waves"))
    Path("text.index").write_text("no index")
    assert "no index, or a damaged one" in one_line(run("search", "text.index", "waves"))
    Path("empty").mkdir()
    assert "found no motion file" in one_line(run("index", "build", "x.index", "empty"))
    assert not Path("x.index").exists()


# --- moments and embed


def test_moments(run, clips):
    done = run("moments", clips / "squat_twice.bvh", "a person squats twice", "--plot", "curve.png")
    assert done.returncode == 0
    rank, score, times, unit = done.stdout.splitlines()[0].split()
    assert (rank, unit) == ("1", "s")
    assert 0 <= float(score) <= 1
    assert times.count("-") == 1
    assert Path("curve.png").stat().st_size > 1000
    answer = json.loads(run("moments", clips / "squat_twice.bvh", "squats", "--method", "pyramid", "--json").stdout)
    assert {"start_s", "end_s", "score"} <= set(answer["moments"][0])
    assert len(answer["curve"]["times_s"]) == len(answer["curve"]["cosines"])
    assert "without words" in one_line(run("moments", clips / "squat_twice.bvh", ""))


def test_embed(run, clips, model):
    done = run("embed", clips, "--text", "a person walks", "--out", "v.npz", "--json")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert (answer["model"], answer["width"], len(answer["vectors"])) == ("fake@1", 12, 5)
    file = np.load("v.npz")
    assert file["vectors"].shape == (5, 12)
    assert file["kinds"].tolist() == ["motion"] * 4 + ["text"]
    np.testing.assert_allclose(np.linalg.norm(file["vectors"], axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(file["vectors"][-1], model.encode_texts(["a person walks"])[0])
    Path("bad.bvh").write_text("no motion")
    bad = run("embed", "bad.bvh", clips / "squat_twice.bvh", "--out", "w.npz")
    assert (bad.returncode, len(np.load("w.npz")["vectors"])) == (2, 1)
    assert "passed over: bad.bvh" in bad.stderr
    assert "nothing to encode" in one_line(run("embed"))
    assert "--out FILE.npz, or --json" in one_line(run("embed", clips))
    assert "'.npz'" in one_line(run("embed", clips, "--out", "v.txt"))


# --- a process of its own


def test_searching_imports_no_torch(made):
    """And nothing else that is slow to load: what is needed to read motions stays away too."""
    program = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from search.fake import FakeRetriever
from kinelang.search import Index
with Index.open({str(made)!r}, FakeRetriever()) as index:
    print(index.search("a person waves the left hand", top=1)[0].path)
    index.search("a person waves the left hand", top=1, moments=True)
late = ("torch", "transformers", "scipy", "matplotlib", "kinelang.corpora", "kinelang.timeline.detecting")
print([m for m in late if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[0].endswith("wave_left.bvh"), done.stderr
    assert done.stdout.splitlines()[1] == "[]"
