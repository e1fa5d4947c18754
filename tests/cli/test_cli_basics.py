"""Promises of the command line as a whole: light help, exit codes, one line for an error, one JSON object for an answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import kinelang

VERBS = (
    "info",
    "describe",
    "convert",
    "view",
    "timeline",
    "corpus",
    "samples",
    "doctor",
    "index",
    "search",
    "moments",
    "embed",
    "train",
)
HEAVY = ("numpy", "scipy", "matplotlib", "torch", "multiprocessing.pool")


def python(code: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=cwd)


@pytest.mark.parametrize("arguments", [["--help"], *([verb, "--help"] for verb in VERBS)], ids=" ".join)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = f"""
import sys
sys.argv = ["kinelang", *{arguments!r}]
from kinelang.cli import main
try:
    main()
except SystemExit as end:
    print("exit", end.code or 0, [m for m in {HEAVY!r} if m in sys.modules])
"""
    done = python(code)
    assert done.stdout.splitlines()[-1] == "exit 0 []", done.stdout + done.stderr


def test_help_names_every_verb(run) -> None:
    done = run("--help")
    assert done.returncode == 0
    assert all(f" {verb} " in done.stdout for verb in VERBS)


def test_version(run) -> None:
    assert run("--version").stdout == f"kinelang {kinelang.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["info", "nothing.bvh"],
        ["describe", "nothing.bvh"],
        ["describe", "nothing"],
        ["convert", "nothing.bvh", "out.bvh"],
        ["view", "nothing.bvh", "out.png"],
    ],
    ids=" ".join,
)
def test_bad_input_is_one_line_and_exit_2(run, tmp_path: Path, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("kinelang: ")
    assert "nothing" in lines[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("before", [True, False])
def test_debug_may_stand_anywhere_and_shows_the_trace(run, before: bool) -> None:
    done = run("--debug", "info", "nothing.bvh") if before else run("info", "nothing.bvh", "--debug")
    assert done.returncode == 2
    # info reports each file by itself, so that its errors never reach the top
    done = run("--debug", "describe", "nothing.bvh") if before else run("describe", "nothing.bvh", "--debug")
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("kinelang: nothing.bvh")


@pytest.mark.parametrize("debug", [True, False])
def test_own_failure_is_exit_1(debug: bool) -> None:
    code = f"""
import sys
import kinelang.formats
def broken(*args, **kwargs):
    raise RuntimeError("two\\nlines")
kinelang.formats.load = broken
sys.argv = ["kinelang", "describe", "any.bvh"] + ["--debug"] * {debug}
from kinelang.cli import main
main()
"""
    done = python(code)
    assert done.returncode == 1
    assert ("Traceback" in done.stderr) == debug
    if not debug:
        assert done.stderr == "kinelang: failed with RuntimeError: two lines; run again with --debug for the trace\n"


@pytest.mark.parametrize(
    "arguments", [["walk.bvh"], ["describe"], ["describe", "a", "--delta", "7"], ["describe", "a", "--top-k", "0"]]
)
def test_wrong_usage_is_exit_2_without_a_trace(run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_every_answer_can_be_one_json_object(run, sample_folder: Path, tmp_path: Path) -> None:
    walk = sample_folder / "walk_forward.bvh"
    for arguments in (
        ["info", walk],
        ["describe", walk],
        ["convert", walk, tmp_path / "walk.npy", "--fps", "20"],
        ["view", walk, tmp_path / "walk.png"],
        ["samples", tmp_path / "made"],
        ["doctor"],
    ):
        done = run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        assert isinstance(json.loads(done.stdout), dict), arguments


def test_closed_pipe_ends_quietly(sample_folder: Path) -> None:
    command = [sys.executable, "-m", "kinelang", "describe", str(sample_folder), "--format", "smd", "--jobs", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
        process.wait(timeout=60)
    assert "Traceback" not in errors
    assert "failed with" not in errors
