"""`kinelang describe` of a collection: order, parallel = serial, bad files, interrupts, options."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from concurrent.futures import Future
from pathlib import Path

import pytest

import kinelang
from kinelang.cli import batch
from kinelang.describing import Description


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory, sample_folder: Path) -> Path:
    """90 short files in two folders, names in an order that is not that of creation."""
    folder = tmp_path_factory.mktemp("collection")
    body = kinelang.retarget(kinelang.sample("turn_left"), rotations=False)
    (folder / "sub").mkdir()
    for i in reversed(range(90)):
        place = folder / "sub" if i % 3 == 0 else folder
        kinelang.save(
            body.with_(positions=body.joints[i % 20 : i % 20 + 40], rotations=None, root=None, fps=20), place / f"clip_{i:03d}.npy"
        )
    return folder


@pytest.fixture(scope="module")
def uninterrupted(collection: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("whole") / "all.jsonl"
    done = subprocess.run(command(collection, out), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return out.read_bytes()


def command(folder: Path, out: Path, *more: object) -> list[str]:
    return [sys.executable, "-m", "kinelang", "describe", str(folder), "--out", str(out), "--jobs", "2", *map(str, more)]


def test_one_line_for_each_file_in_order_of_names(collection: Path, uninterrupted: bytes) -> None:
    records = [json.loads(line) for line in uninterrupted.splitlines()]
    names = sorted(p.relative_to(collection).as_posix() for p in collection.rglob("*.npy"))
    assert [r["file"] for r in records] == names
    first = kinelang.load(collection / names[0])
    description = Description.from_json(json.dumps(records[0]["description"]))
    assert description == kinelang.describe(first)
    assert records[0]["text"] == kinelang.render(description, "brief")
    assert records[0]["made_with"]["kinelang"] == kinelang.__version__


def test_one_process_gives_the_same_bytes(collection: Path, uninterrupted: bytes, tmp_path: Path) -> None:
    subprocess.run([*command(collection, tmp_path / "one.jsonl"), "--jobs", "1"], check=True, capture_output=True)
    assert (tmp_path / "one.jsonl").read_bytes() == uninterrupted


def test_without_out_the_lines_go_to_standard_output(run_process, collection: Path, uninterrupted: bytes) -> None:
    done = run_process("describe", collection, "--jobs", "2")
    assert done.returncode == 0
    assert done.stdout.encode() == uninterrupted
    assert done.stderr == "described 90 of 90 files\n"


def test_a_zip_says_the_same_as_its_folder(run_process, sample_folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in sample_folder.iterdir():
            archive.write(path, path.name)
    in_zip = [json.loads(line) for line in run_process("describe", "all.zip").stdout.splitlines()]
    in_folder = [json.loads(line) for line in run_process("describe", sample_folder).stdout.splitlines()]
    assert [r["file"] for r in in_zip] == [r["file"] for r in in_folder]
    assert [r["text"] for r in in_zip] == [r["text"] for r in in_folder]


def test_bad_files_are_reported_and_passed_over(run_process, sample_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    shutil.copytree(sample_folder, folder)
    whole = (sample_folder / "turn_left.bvh").read_bytes()
    (folder / "cut.bvh").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.npy").write_bytes(b"")
    done = run_process("describe", folder, "--out", "all.jsonl")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("passed over: ") for line in lines[:2])
    assert "cut.bvh" in lines[0]
    assert "empty.npy" in lines[1]
    assert lines[2] == "described 5 of 7 files, passed over 2"
    records = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [r["file"] for r in records] == sorted(p.name for p in sample_folder.iterdir())


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, collection: Path) -> Path:
    """540 files: the collection six times over."""
    folder = tmp_path_factory.mktemp("many")
    for i in range(6):
        shutil.copytree(collection, folder / f"{i:02d}")
    return folder


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=lambda s: s.name)
def test_an_interrupted_run_is_continued(how: signal.Signals, many: Path, tmp_path: Path) -> None:
    """Of many files, so that the run is still going on a fast machine when it is interrupted."""
    out = tmp_path / "all.jsonl"
    process = subprocess.Popen(command(many, out), stderr=subprocess.PIPE, text=True, start_new_session=True)
    wait_for_lines(out, 10, process)
    os.killpg(process.pid, how)  # as a terminal does it: to the processes below as well
    _, errors = process.communicate(timeout=60)
    written = out.read_bytes()
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert errors.splitlines()[-1].startswith("interrupted; what is done is in ")
        assert "Traceback" not in errors
        assert written.endswith(b"\n")
    assert written
    again = subprocess.run(command(many, out), capture_output=True, text=True, timeout=120)
    assert again.returncode == 0, again.stderr
    assert "continuing with the rest" in again.stderr
    whole = tmp_path / "whole.jsonl"
    subprocess.run(command(many, whole), check=True, capture_output=True, timeout=120)
    assert len(written) < whole.stat().st_size
    assert out.read_bytes() == whole.read_bytes()


def wait_for_lines(out: Path, lines: int, process: subprocess.Popen[str]) -> None:
    give_up = time.monotonic() + 60
    while not (out.exists() and out.read_bytes().count(b"\n") >= lines):
        assert process.poll() is None, "finished before it could be interrupted"
        assert time.monotonic() < give_up
        time.sleep(0.005)


@pytest.mark.parametrize("cut", [1, 40, 400])
def test_a_half_written_line_is_dropped(run_process, cut: int, collection: Path, uninterrupted: bytes, tmp_path: Path) -> None:
    lines = uninterrupted.splitlines(keepends=True)
    (tmp_path / "all.jsonl").write_bytes(b"".join(lines[:7]) + lines[7][:-cut])
    done = run_process("describe", collection, "--out", "all.jsonl")
    assert done.returncode == 0
    assert "7 of 90 files are in all.jsonl already" in done.stderr
    assert (tmp_path / "all.jsonl").read_bytes() == uninterrupted


def test_nothing_to_do_changes_nothing(run_process, collection: Path, uninterrupted: bytes, tmp_path: Path) -> None:
    (tmp_path / "all.jsonl").write_bytes(uninterrupted)
    assert run_process("describe", collection, "--out", "all.jsonl").returncode == 0
    assert (tmp_path / "all.jsonl").read_bytes() == uninterrupted


def test_other_options_are_not_mixed_in(run_process, collection: Path, uninterrupted: bytes, tmp_path: Path) -> None:
    begun = b"".join(uninterrupted.splitlines(keepends=True)[:3])
    (tmp_path / "all.jsonl").write_bytes(begun)
    done = run_process("describe", collection, "--out", "all.jsonl", "--delta", "10")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "delta=5" in done.stderr
    assert "delta=10" in done.stderr
    assert "--restart" in done.stderr
    assert (tmp_path / "all.jsonl").read_bytes() == begun
    assert run_process("describe", collection, "--out", "all.jsonl", "--delta", "10", "--restart").returncode == 0
    records = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(records) == 90
    assert {r["made_with"]["delta"] for r in records} == {10}


@pytest.mark.parametrize("text", ["my notes\n", '{"file": 1}\n', "[]\n"])
def test_a_file_of_something_else_is_left_alone(run_process, collection: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "notes.txt").write_text(text)
    done = run_process("describe", collection, "--out", "notes.txt")
    assert done.returncode == 2
    assert "notes.txt, line 1" in done.stderr
    assert (tmp_path / "notes.txt").read_text() == text


def test_only_a_few_chunks_are_on_their_way() -> None:
    class Pool:
        submitted = 0

        def submit(self, work, chunk):
            self.submitted += 1
            future: Future[list[batch.Outcome]] = Future()
            future.set_result(work(chunk))
            return future

    pool = Pool()
    chunks = [[str(i)] for i in range(200)]
    taken = 0
    for chunk in batch._in_order(pool, chunks, lambda files: [batch.Outcome(f) for f in files], ahead=5):  # type: ignore[arg-type]
        assert chunk == [batch.Outcome(str(taken))]
        taken += 1
        assert pool.submitted - taken <= 5
    assert taken == 200
