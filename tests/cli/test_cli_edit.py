"""`kinelang edit`: timelines and motions, the difference first, and what a person gets wrong."""

from __future__ import annotations

import json
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import pytest

import kinelang
from editing.chat_server import Chat, serving
from kinelang.cli import edit as command
from kinelang.cli.app import app
from kinelang.motion.motion import Motion
from kinelang.timeline import load, perform

LINES = "0.00-3.00 walk direction=forward count=5\n1.00-2.50 wave side=right\n3.50-5.00 kick side=left count=1\n"

if not any(registered.name == "edit" for registered in app.registered_commands):
    app.command("edit")(command.edit)


@dataclass
class Performed:
    motion: Motion
    notes: tuple[str, ...] = ("performed",)


class StandIn:
    """In place of the generator: performs, and remembers what it was asked."""

    asked: list[dict[str, object]]

    def __init__(self) -> None:
        self.asked = []

    def generate(self, prompt, **options):
        self.asked.append({"prompt": prompt, **options})
        return [Performed(perform(prompt, options.get("seed", 0)))]


@pytest.fixture
def score(run) -> Path:
    path = Path("score.txt")
    path.write_text(LINES)
    return path


@pytest.fixture
def generator(monkeypatch) -> StandIn:
    made = StandIn()
    monkeypatch.setattr(command, "_generator", lambda folder: made)
    return made


@pytest.mark.parametrize("name", ["new.json", "new.txt"])
def test_a_timeline_becomes_another_and_the_difference_is_told_first(run, score, name):
    done = run("edit", score, "wave with the left hand and kick twice", "--out", name)
    assert done.returncode == 0
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0] == "The wave is done with the left arm instead of with the right arm."
    assert lines[-1] == f"wrote {name}: 3 stages"
    assert load(name).stages[1].side == "left"


def test_dry_run_writes_nothing(run, score):
    done = run("edit", score, "remove the kick", "--dry-run", "--json")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert answer["diff"][0] == "The kick (3.5 to 5 s) is removed."
    assert answer["patch"]["operations"] == [{"op": "remove", "stage": 3}]
    assert answer["kept"][0]["parts"][0] == "root"
    assert "written" not in answer
    assert sorted(p.name for p in Path().iterdir()) == ["score.txt"]


def test_a_patch_in_a_file(run, score):
    Path("patch.json").write_text('{"operations": [{"op": "change", "stage": "kick", "set": {"side": "right"}}]}')
    assert run("edit", score, "--patch", "patch.json", "--out", "new.txt").returncode == 0
    assert load("new.txt").stages[2].side == "right"


def test_a_timeline_becomes_a_motion(run, score, generator):
    done = run("edit", score, "kick twice", "--out", "new.bvh", "--seed", 4)
    assert done.returncode == 0
    assert "note: performed" in done.stderr
    assert kinelang.load("new.bvh").duration_s == pytest.approx(generator.asked[0]["prompt"].duration_s, abs=0.1)
    assert generator.asked[0]["seed"] == 4
    assert "earlier" not in generator.asked[0]


def test_a_motion_becomes_another_of_which_the_rest_is_kept(run, score, generator):
    run("timeline", "perform", score, "old.bvh", "--seed", 2)
    done = run("edit", "old.bvh", "kick twice", "--timeline", score, "--out", "new.bvh", "--seed", 2, "--json")
    assert done.returncode == 0
    (asked,) = generator.asked
    assert asked["earlier"].n_frames == kinelang.load("old.bvh").n_frames
    assert asked["kept"][0].start_s == 0
    answer = json.loads(done.stdout)
    assert answer["written"] == "new.bvh"
    assert answer["kept"][0]["end_s"] == pytest.approx(3.3)


def test_what_happens_in_a_motion_is_detected(run, score, generator):
    run("timeline", "perform", score, "old.bvh")
    done = run("edit", "old.bvh", "walk backwards", "--dry-run")
    assert done.returncode == 0
    assert "walk goes backward" in done.stderr


def test_a_picture_of_the_edited_motion(run, score, generator):
    assert run("edit", score, "kick twice", "--out", "new.png").returncode == 0
    assert Path("new.png").stat().st_size > 1000


def test_the_history_lies_beside_and_goes_on(run, score):
    assert run("edit", score, "kick twice", "--out", "one.json", "--history").returncode == 0
    assert run("edit", "one.json", "remove the wave", "--out", "two.json", "--history").returncode == 0
    said = [edit["instruction"] for edit in json.loads(Path("two.edits.json").read_text())["edits"]]
    assert said == ["kick twice", "remove the wave"]


def test_a_language_model_reads_it(run, score):
    pytest.importorskip("openai")
    with serving(Chat('{"operations": [{"op": "remove", "stage": 1}]}')) as chat:
        done = run("edit", score, "ohne das Gehen", "--llm", chat.url, "--model", "m", "--out", "new.txt")
    assert done.returncode == 0
    assert load("new.txt").verbs == ("wave", "kick")


def test_a_language_model_that_answers_nonsense_leaves_everything_as_it_was(run, score):
    pytest.importorskip("openai")
    Path("new.txt").write_text("mine")
    with serving(Chat("no idea")) as chat:
        done = run("edit", score, "x", "--llm", chat.url, "--out", "new.txt")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert Path("new.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("score.txt", "make it purple", "--out", "new.txt"), "such as: make the kick higher"),
        (("score.txt", "remove the jump", "--out", "new.txt"), "there is no 'the jump'"),
        (("score.txt", "kick twice; paint it red", "--out", "new.txt"), "paint it red"),
        (("score.txt", "--out", "new.txt"), "neither an instruction nor --patch"),
        (("score.txt", "kick twice", "--patch", "p.json", "--out", "new.txt"), "one of them"),
        (("score.txt", "kick twice"), "--dry-run"),
        (("score.txt", "kick twice", "--out", "no/new.txt"), "no such folder"),
        (("none.txt", "kick twice", "--out", "new.txt"), "none.txt"),
        (("none.bvh", "kick twice", "--out", "new.bvh"), "none.bvh"),
        (("old.bvh", "kick twice", "--out", "new.json"), "timeline detect"),
        (("score.txt", "--patch", "none.json", "--out", "new.txt"), "none.json"),
        (("empty.txt", "kick twice", "--out", "new.txt"), "no stage"),
        (("score.txt", "kick twice", "--llm", "http://127.0.0.1:9/v1", "--timeout", "2", "--out", "new.txt"), "no server"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(run, score, arguments, said):
    Path("empty.txt").write_text("# nothing\n")
    before = sorted(p.name for p in Path().iterdir())
    done = run("edit", *arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("kinelang: ")
    assert said in done.stderr
    assert sorted(p.name for p in Path().iterdir()) == before


def test_partly(run, score):
    done = run("edit", score, "kick twice; paint it red", "--partly", "--out", "new.txt")
    assert done.returncode == 0
    assert "not understood: 'paint it red'" in done.stderr
    assert load("new.txt").stages[-1].count == 2


def test_a_generator_that_fails_leaves_the_file_that_was_there(run, score, monkeypatch):
    class Failing:
        def __init__(self, folder):
            pass

        def generate(self, prompt, **options):
            raise kinelang.errors.ModelError("the model: found nothing")

    monkeypatch.setattr(command, "_generator", Failing)
    Path("new.bvh").write_text("mine")
    assert run("edit", score, "kick twice", "--out", "new.bvh").returncode == 2
    assert Path("new.bvh").read_text() == "mine"


def test_the_generator_is_the_one_of_the_package(monkeypatch):
    package = types.ModuleType("kinelang.generating")
    package.Generator = types.SimpleNamespace(load=lambda folder: folder)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kinelang.generating", package)
    assert command._generator(None) is None  # the one that ships
    assert command._generator(Path("mine")) == Path("mine")


def test_a_generator_of_ones_own(run, score, monkeypatch):
    asked = []

    def opened(folder):
        asked.append(folder)
        return StandIn()

    monkeypatch.setattr(command, "_generator", opened)
    Path("mine").mkdir()
    assert run("edit", score, "kick twice", "--generator", "mine", "--out", "new.bvh").returncode == 0
    assert run("edit", score, "kick twice", "--out", "other.bvh").returncode == 0
    assert asked == [Path("mine"), None]


def test_a_generator_that_is_none_is_refused(run, score):
    pytest.importorskip("torch")
    Path("mine").mkdir()
    done = run("edit", score, "kick twice", "--generator", "mine", "--out", "new.bvh")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("kinelang: mine")
    assert not Path("new.bvh").exists()


def test_the_module_of_the_verb_imports_nothing_heavy(run_process):
    import subprocess

    heavy = "import sys, kinelang.cli.edit; print([m for m in ('torch', 'numpy', 'openai', 'jsonschema') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["new.txt", "new.bvh", "score.txt"])
def test_nothing_is_replaced_unless_forced(run, score, generator, name):
    before = LINES if name == "score.txt" else "mine"
    Path(name).write_text(before)
    done = run("edit", score, "kick twice", "--out", name)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "--force" in done.stderr
    assert Path(name).read_text() == before
    assert generator.asked == []
    assert run("edit", score, "kick twice", "--out", name, "--force").returncode == 0
    assert Path(name).read_text() != before


def test_a_history_that_is_there_is_not_replaced_unless_forced(run, score):
    Path("new.edits.json").write_text("mine")
    done = run("edit", score, "kick twice", "--out", "new.txt", "--history")
    assert done.returncode == 2
    assert "new.edits.json" in done.stderr
    assert Path("new.edits.json").read_text() == "mine"
    assert not Path("new.txt").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "x.xyz"), ".npz"),
        (("--out", "x"), "without an ending"),
        (("--out", "."), "."),
        (("--out", "x.bvh", "--timeline", "nix.txt"), "--timeline"),
        (("--out", "x.bvh", "--model", "qwen"), "--llm"),
        (("--out", "x.bvh", "--generator", "nix"), "--generator: found nix"),
        (("--out", "x.txt", "--generator", "."), "a timeline to write"),
        (("--out", "x.bvh", "--seed", "-1"), "--seed: found -1"),
        (("--out", "x.bvh", "--seed", str(2**64)), "--seed: found 18446744073709551616"),
        (("--out", "x.bvh", "--timeout", "0"), "--timeout: found 0"),
    ],
)
def test_what_would_be_of_no_use_is_refused_before_anything_is_made(run, score, generator, arguments, said):
    done = run("edit", score, "kick twice", *arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert generator.asked == []


def test_a_patch_that_leaves_nothing_is_refused(run, score):
    Path("p.json").write_text(json.dumps({"operations": [{"op": "remove", "stage": 1}] * 3}))
    done = run("edit", score, "--patch", "p.json", "--out", "new.txt")
    assert done.returncode == 2
    assert "every stage" in done.stderr
    assert not Path("new.txt").exists()


def test_the_history_of_a_motion_goes_on_and_tells_what_happens_in_it(run, score, generator):
    assert run("edit", score, "wave with the left hand", "--out", "one.bvh", "--history", "--seed", 5).returncode == 0
    done = run("edit", "one.bvh", "kick twice", "--out", "two.bvh", "--history")
    assert done.returncode == 0
    assert "continues one.edits.json, 1 edits so far" in done.stderr
    assert generator.asked[1]["seed"] == 5
    assert generator.asked[1]["earlier"].n_frames == kinelang.load("one.bvh").n_frames
    said = [edit["instruction"] for edit in json.loads(Path("two.edits.json").read_text())["edits"]]
    assert said == ["wave with the left hand", "kick twice"]
    kinelang.save(kinelang.load("one.bvh").with_(fps=60), "other.bvh")
    Path("other.edits.json").write_bytes(Path("one.edits.json").read_bytes())
    other = run("edit", "other.bvh", "walk backwards", "--dry-run", "--history")
    assert "continues" not in other.stderr
