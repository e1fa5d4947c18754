"""`kinelang generate`: what it writes and says, from texts, timelines and files of prompts, and what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kinelang
from generating.tiny_generator import clip, write_tiny
from kinelang.cli.generated_files import KINDS, name_of
from kinelang.timeline import load as load_timeline
from models.tmr_samples import HashedWords

WALK = "a person walks forward"
RAISED = "raise the left arm and keep the left arm still"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("finemogen"))


@pytest.fixture(autouse=True)
def hashed_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text encoder of the tiny model."""
    monkeypatch.setattr("kinelang.language.encoders.open_encoder", lambda name: HashedWords())


@pytest.fixture
def generate(run, model):
    return lambda *arguments: run("generate", *arguments, "--model", model)


def written() -> set[str]:
    """Everything in the current folder, which `run` begins empty."""
    return {path.name for path in Path().iterdir()}


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    for word in words:
        assert word in done.stderr


def test_a_text_becomes_a_file_of_its_name(generate):
    done = generate(WALK)
    assert done.returncode == 0
    assert done.stdout == ""
    assert "note: " in done.stderr
    assert "wrote a-person-walks-forward.bvh: " in done.stderr
    assert written() == {"a-person-walks-forward.bvh"}
    motion = kinelang.load("a-person-walks-forward.bvh", unit="cm", up="y")
    assert motion.fps == 20


def test_nothing_is_replaced_unless_forced(generate):
    Path("a.bvh").write_text("mine")
    refused(generate(WALK, "--out", "a.bvh"), "a.bvh", "--force")
    refused(generate(WALK, "--out", "new.npy", "--out", "a.bvh"), "a.bvh")
    assert Path("a.bvh").read_text() == "mine"
    assert written() == {"a.bvh"}
    assert generate(WALK, "--out", "a.bvh", "--force").returncode == 0
    assert Path("a.bvh").read_text() != "mine"
    assert generate(WALK).returncode == 0
    refused(generate(WALK), "a-person-walks-forward.bvh")


def test_a_link_to_nowhere_is_not_replaced(generate):
    Path("a.npy").symlink_to("nowhere.npy")
    refused(generate(WALK, "--out", "a.npy"), "a.npy", "--force")
    assert Path("a.npy").is_symlink()


def test_files_of_every_kind(generate):
    outs = [f"a{kind}" for kind in KINDS]
    done = generate(WALK, "--seconds", 1, *(x for out in outs for x in ("--out", out)))
    assert done.returncode == 0
    assert written() == set(outs)
    assert all(Path(out).stat().st_size > 50 for out in outs)
    assert kinelang.load("a.npy").joints.shape == (20, 22, 3)
    assert kinelang.load("a.npz", unit="m", up="z").n_frames == 20
    assert load_timeline("a.json").stages == load_timeline("a.timeline").stages
    assert load_timeline("a.json").verbs == ("walk",)
    assert "walk forward" in Path("a.html").read_text()


def test_json_is_one_object(generate):
    done = generate("a person walks and contemplates life", "--seconds", 2, "--seed", 7, "--out", "a.npy", "--json")
    answer = json.loads(done.stdout)
    assert {k: answer[k] for k in ("prompt", "seed", "frames", "fps", "duration_s", "written")} == {
        "prompt": "a person walks and contemplates life",
        "seed": 7,
        "frames": 40,
        "fps": 20.0,
        "duration_s": 2.0,
        "written": ["a.npy"],
    }
    assert answer["model"].startswith("finemogen@")
    assert [stage["verb"] for stage in answer["timeline"]["stages"]] == ["walk"]
    assert any("contemplates life" in note for note in answer["notes"])


def test_several_motions_are_numbered_and_told_line_by_line(generate):
    done = generate(WALK, "--n", 3, "--seed", 4, "--seconds", 1, "--out", "a.npy", "--out", "a.json", "--no-clean", "--json")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["seed"] for answer in answers] == [4, 5, 6]
    assert [answer["written"] for answer in answers] == [[f"a-{i}.npy", f"a-{i}.json"] for i in (1, 2, 3)]
    assert written() == {f"a-{i}.{kind}" for i in (1, 2, 3) for kind in ("npy", "json")}
    assert generate(WALK, "--seed", 5, "--seconds", 1, "--no-clean", "--out", "b.npy").returncode == 0
    assert np.abs(np.load("b.npy") - np.load("a-2.npy")).max() < 2e-3  # cleaning has thresholds, which rounding may cross


def test_the_same_command_writes_the_same_bytes(generate):
    for name in ("a.bvh", "b.bvh"):
        generate(WALK, "--seed", 3, "--out", name)
    generate(WALK, "--seed", 4, "--out", "c.bvh")
    assert Path("a.bvh").read_bytes() == Path("b.bvh").read_bytes() != Path("c.bvh").read_bytes()


def test_options_of_the_sampler_and_of_cleaning_are_passed_on(generate):
    plain = json.loads(generate(WALK, "--out", "a.npy", "--json").stdout)
    other = json.loads(
        generate(WALK, "--steps", 2, "--guidance", 0, "--sampler", "ddim", "--no-clean", "--out", "b.npy", "--json").stdout
    )
    assert any("foot" in note or "Feet" in note for note in plain["notes"])
    assert not any("foot" in note or "Feet" in note for note in other["notes"])
    assert other["model"] == f"{plain['model']} sampler=ddim steps=2 guidance=0.0"
    assert not np.allclose(np.load("a.npy"), np.load("b.npy"), atol=1e-3)


def test_a_timeline_is_followed(generate):
    Path("score.txt").write_text("0-2 walk direction=forward\n2-3.5 wave side=left\n")
    done = generate("--timeline", "score.txt", "--json")
    answer = json.loads(done.stdout)
    assert answer["prompt"] is None
    assert answer["frames"] == 70
    assert answer["written"] == ["score.bvh"]
    assert [stage["verb"] for stage in answer["timeline"]["stages"]] == ["walk", "wave"]


def test_texts_in_turn(generate):
    done = generate(WALK, "--then", "xyzzy", "--then", "wave", "--seconds", 2, "--seconds", 1, "--seconds", 2, "--json")
    answer = json.loads(done.stdout)
    assert answer["prompt"] == f"{WALK}, then xyzzy, then wave"
    assert answer["frames"] == 100
    assert [(stage["verb"], stage["start_s"]) for stage in answer["timeline"]["stages"]] == [("walk", 0.0), ("wave", 3.0)]
    assert answer["written"] == ["a-person-walks-forward-then-xyzzy-then-wave.bvh"]
    assert any(note.startswith("Text 2: ") for note in answer["notes"])
    assert generate(WALK, "--then", "wave", "--out", "b.npy").returncode == 0  # each as long as it takes


def test_words_that_the_model_does_not_read_are_told(generate):
    done = generate(f"a person {'slowly ' * 60}walks", "--seconds", 2, "--out", "a.npy")
    assert "note: Of 63 words the model reads the first 47; word 48, 'slowly', and all after it are not read." in done.stderr


def test_a_length_far_from_the_usual_is_told(generate):
    done = generate("a person kicks", "--seconds", 20, "--out", "a.npy")
    assert "s at its usual pace; stretched to 20 s." in done.stderr


def test_the_model_has_two_names(run, model):
    assert run("generate", WALK, "--seconds", 1, "--generator", model, "--out", "a.npy").returncode == 0
    assert run("generate", WALK, "--seconds", 1, "--model", model, "--out", "b.npy").returncode == 0
    assert Path("a.npy").read_bytes() == Path("b.npy").read_bytes()
    refused(run("generate", WALK, "--generator", "nix"), "nix")


@pytest.mark.parametrize("path", ["1,1 3,1 3,4", "way.csv", "way.json"])
def test_a_path_is_gone(generate, path):
    Path("way.csv").write_text("x,z\n1,1\n3,1\n3,4\n")
    Path("way.json").write_text("[[1,1],[3,1],[3,4]]")
    assert generate(WALK, "--path", path, "--out", "a.npy").returncode == 0
    roots = np.load("a.npy")[:, 0][:, [0, 2]]
    assert np.linalg.norm(roots[0] - [1, 1]) < 0.05
    assert np.linalg.norm(roots[-1] - [3, 4]) < 0.1


def test_a_motion_begins_where_another_ends(generate):
    kinelang.save(clip(), "start.npy")
    done = generate("a person waves", "--start", "start.npy", "--out", "a.npy", "--no-clean")
    assert done.returncode == 0
    assert "note: Begins with" in done.stderr
    last, first = np.load("start.npy")[-5], np.load("a.npy")[0]
    reach = lambda joints: np.linalg.norm(joints[1:] - joints[:1], axis=-1)  # noqa: E731
    assert np.abs(reach(last) - reach(first)).max() < 0.03


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["nothing to make"]),
        ([""], ["empty text"]),
        (["  "], ["blanks"]),
        ([RAISED], ["either to move or to be still"]),
        ([WALK, "--seconds", 0], ["seconds", "0.5 to 600"]),
        ([WALK, "--seconds", 1000], ["seconds", "0.5 to 600"]),
        ([WALK, "--seconds", "nan"], ["seconds"]),
        ([WALK, "--steps", 0], ["steps"]),
        ([WALK, "--seed", -1], ["--seed: found -1", "whole number from 0"]),
        ([WALK, "--seed", 2**63], ["--seed", "9223372036854775807"]),
        (["--prompts", "two.txt", "--seed", -1], ["--seed: found -1"]),
        ([WALK, "--n", 0], ["--n: found 0", "1 to 1000"]),
        ([WALK, "--n", 1001], ["--n: found 1001"]),
        ([WALK, "--seconds", 2, "--seconds", 3], ["--seconds", "found 2: 2, 3", "expected one"]),
        ([WALK, "--then", "wave", "--seconds", 3], ["--seconds", "one for each of 2 texts, or none"]),
        ([WALK, "--then", "wave", "--seconds", 3, "--seconds", 0], ["text 2, seconds: found 0"]),
        ([WALK, "--then", ""], ["empty text"]),
        ([WALK, "--then", RAISED], ["text 2", "either to move or to be still"]),
        (["--timeline", "score.txt", "--then", "wave"], ["--then and --timeline"]),
        ([WALK, "--guidance", -1], ["guidance"]),
        ([WALK, "--timeline", "score.txt"], ["a text and --timeline"]),
        (["--timeline", "nix.txt"], ["nix.txt"]),
        (["--timeline", "broken.txt"], ["broken.txt"]),
        (["--timeline", "broken.json"], ["broken.json"]),
        (["--timeline", "empty.txt"], ["no stage"]),
        ([WALK, "--path", "0,0"], ["path", "two points"]),
        ([WALK, "--path", "0,0 nan,1"], ["path", "finite"]),
        ([WALK, "--path", "0,0,0 1,1,1"], ["path", "level ground"]),
        ([WALK, "--path", "0,0 0,0"], ["path", "long"]),
        ([WALK, "--path", "nonsense"], ["--path"]),
        ([WALK, "--path", "nix.csv"], ["nix.csv"]),
        ([WALK, "--start", "nix.bvh"], ["nix.bvh"]),
        ([WALK, "--start", "rope.bvh"], ["rope"]),
        ([WALK, "--out", "a.xyz"], ["a.xyz", ".bvh"]),
        ([WALK, "--out", "a"], ["without an ending"]),
        ([WALK, "--out", "no/such/a.bvh"], ["no such folder"]),
        ([WALK, "--out", "a.bvh", "--out", "a.bvh"], ["twice"]),
        ([WALK, "--out", f"{'a' * 300}.bvh"], ["304 bytes"]),
        ([WALK, "--out", "a.npy", "--out", "./a.npy"], ["twice"]),
        ([WALK, "--out", "pipe.npy"], ["pipe.npy", "no file"]),
        ([WALK, "--unit", "cm"], ["--unit without --start"]),
        ([WALK, "--path", "0,0 1e300,0"], ["path", "within 10000 m"]),
        ([WALK, "--path", "0,0 9000,0"], ["path", "9000 m in 600 s"]),
        ([WALK, "--path", "0,0 50,0", "--seconds", 1], ["path", "50 m in 1 s"]),
        ([WALK, "--format", "npy"], ["--format", "--prompts"]),
        (["--prompts", "nix.txt"], ["nix.txt"]),
        (["--prompts", "empty.txt"], ["empty.txt", "no line"]),
        (["--prompts", "two.txt", "--out", "a.bvh"], ["a.bvh", "a folder"]),
        (["--prompts", "two.txt", "--path", "0,0 1,1"], ["--prompts and --path"]),
        (["--prompts", "two.txt", "--seconds", 0], ["seconds"]),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(generate, arguments, words):
    Path("score.txt").write_text("0-2 walk\n")
    Path("broken.txt").write_text("0-2 fly_to_the_moon\n")
    Path("broken.json").write_text("{")
    Path("empty.txt").write_text("\n")
    os.mkfifo("pipe.npy")
    Path("two.txt").write_text("walk\nwave\n")
    Path("rope.bvh").write_text(
        "HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\nCHANNELS 3 Xposition Yposition Zposition\nEnd Site\n{\nOFFSET 0 1 0\n}\n}\n"
        "MOTION\nFrames: 2\nFrame Time: 0.05\n0 0 0\n0 0 0\n"
    )
    before = written()
    refused(generate(*arguments), *words)
    assert written() == before


def test_a_folder_without_such_a_model_is_refused(run):
    refused(run("generate", WALK, "--model", "nix"), "nix")
    other = Path(kinelang.__file__).parent / "models" / "tmr" / "default"
    refused(run("generate", WALK, "--model", other), "kind 'tmr'")
    assert written() == set()


PROMPTS = f"# three texts\n{WALK}\n\n{RAISED}\nthe person waves, then sits down\n"


def test_a_file_of_prompts(generate):
    Path("three.txt").write_text(PROMPTS)
    done = generate("--prompts", "three.txt", "--seed", 3, "--format", "npy", "--format", "json", "--json")
    assert done.returncode == 2
    assert "passed over: three.txt, line 4: " in done.stderr
    assert "generated 2 motions into three, passed over 1 prompts" in done.stderr
    names = ["0002-a-person-walks-forward", "0005-the-person-waves-then-sits-down"]
    assert {path.name for path in Path("three").iterdir()} == {
        "generated.jsonl",
        *(f"{name}.{kind}" for name in names for kind in ("npy", "json")),
    }
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines == [json.loads(line) for line in Path("three/generated.jsonl").read_text().splitlines()]
    assert [line["file"] for line in lines] == names
    assert [line["seed"] for line in lines] == [3, 3]
    generate(WALK, "--seed", 3, "--out", "alone.npy")
    assert np.abs(np.load("alone.npy") - np.load("three/0002-a-person-walks-forward.npy")).max() < 2e-3


def test_a_file_of_prompts_is_continued(generate):
    Path("two.txt").write_text(f"{WALK}\nthe person waves\n")
    command = ["--prompts", "two.txt", "--out", "made", "--n", 2, "--format", "npy"]
    assert generate(*command).returncode == 0
    files = sorted(Path("made").glob("*.npy"))
    assert [path.stem[-2:] for path in files] == ["-1", "-2"] * 2
    kept, lost = files[0], files[1]
    before, stamp = np.load(lost), kept.stat().st_mtime_ns
    lost.unlink()
    done = generate(*command)
    assert done.returncode == 0
    assert "3 of 4 motions are in made already" in done.stderr
    assert kept.stat().st_mtime_ns == stamp
    assert np.abs(np.load(lost) - before).max() < 2e-3
    assert len(Path("made/generated.jsonl").read_text().splitlines()) == 4
    Path("two.txt").write_text(f"{WALK}\nthe person waves\nthe person kicks\n")
    assert "4 of 6 motions" in generate(*command).stderr


def test_motions_made_otherwise_are_not_mixed_in(generate):
    Path("one.txt").write_text(f"{WALK}\n")
    generate("--prompts", "one.txt", "--out", "made")
    refused(generate("--prompts", "one.txt", "--out", "made", "--no-clean"), "generated.jsonl", "clean", "--force")
    assert generate("--prompts", "one.txt", "--out", "made", "--no-clean", "--force").returncode == 0


def test_motions_of_other_seeds_or_texts_are_not_taken_for_those_asked_for(generate):
    many = "a person walks forward and then the person waves with the left hand twice and then sits down"
    Path("one.txt").write_text(f"{many}\n")
    assert generate("--prompts", "one.txt", "--out", "made").returncode == 0
    refused(generate("--prompts", "one.txt", "--out", "made", "--seed", 5), "generated.jsonl", "seed=5", "--force")
    Path("one.txt").write_text(f"{many} slowly\n")
    refused(generate("--prompts", "one.txt", "--out", "made"), "generated.jsonl, line 1", "slowly", "--force")
    assert generate("--prompts", "one.txt", "--out", "made", "--force").returncode == 0


def test_files_of_others_in_the_folder_stay(generate):
    Path("one.txt").write_text(f"{WALK}\n")
    Path("made").mkdir()
    mine = Path("made/0001-a-person-walks-forward.bvh")
    mine.write_text("mine")
    refused(generate("--prompts", "one.txt", "--out", "made"), str(mine), "--force")
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A person, walking!", "a-person-walking"),
        ("../../etc/passwd", "etc-passwd"),
        ("läuft öfter", "lauft-ofter"),
        ("走る", "motion"),
        ("x" * 300, "x" * 60),
        ("word " * 40, "-".join(["word"] * 12)),
    ],
)
def test_names_are_made_of_words(text, name):
    assert name_of(text) == name


def test_help_needs_no_torch():
    code = (
        "import sys; sys.modules['torch'] = None; sys.argv = ['kinelang', 'generate', '--help']\nfrom kinelang.cli import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "--timeline" in done.stdout
