"""Killed at any moment, an index opens, is sound, and goes on: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake import FakeRetriever
from test_search_index import contents

from kinelang.search import Index
from kinelang.search.store import Store

PROGRAM = """
import sys
sys.path.insert(0, {tests!r})
from fake import FakeRetriever
from kinelang.search import Index
import kinelang.search.sources, kinelang.search.workers, faiss
kinelang.search.workers.WORTH_A_PROCESS = 1
print("ready", flush=True)
print(sys.stdin.readline(), flush=True)
retriever = FakeRetriever(slow_s=0.01)
if {add}:
    Index.open({index!r}, retriever).add([{folder!r}], processes={processes})
else:
    Index.build({index!r}, [{folder!r}], retriever, processes={processes})
print("done", flush=True)
"""


def killed(folder: Path, index: Path, after_s: float, *, add: bool, processes: int = 1) -> bool:
    """Start to build in a process of its own, and kill it. Returns whether it was done before."""
    program = PROGRAM.format(tests=str(Path(__file__).parent), index=str(index), folder=str(folder), add=add, processes=processes)
    process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()
    process.stdout.readline()
    time.sleep(after_s)
    process.kill()
    rest = process.communicate()[0]
    return "done" in rest


def survives(kills: int, library: Path, expected: dict[str, tuple], folder: Path, longest_s: float = 0.5, processes: int = 1) -> int:
    """Kill so many times, each time at another moment of the work, and begin anew whenever it was done. Returns unfinished runs."""
    rng = random.Random(kills)
    interrupted, before, index = 0, 0, folder / "0.index"
    for i in range(kills):
        add = index.exists() and rng.random() < 0.5
        interrupted += not killed(library, index, rng.uniform(0.0, longest_s), add=add, processes=processes)
        if not index.exists():
            continue
        with Index.open(index, FakeRetriever()) as opened:
            found = opened.verify(hashes=True)
            assert found.ok, found
            assert before <= found.motions <= len(expected)
            assert len(opened.search("waves", top=99)) == found.motions
            before = found.motions
        assert contents(index).items() <= expected.items()
        if found.motions == len(expected):
            before, index = 0, folder / f"{i + 1}.index"
    Index.build(index, [library], FakeRetriever()).close()
    assert contents(index) == expected
    with Store.open(index) as store:
        assert store._rows("SELECT count(*) FROM vectors")[0][0] == 2 * len(expected)
        assert store._rows("SELECT count(*) FROM stages WHERE motion NOT IN (SELECT id FROM motions)")[0][0] == 0
    return interrupted


def test_five_kills_lose_and_double_nothing(library, shared_index, tmp_path):
    assert survives(5, library, contents(shared_index), tmp_path) >= 1


def test_three_kills_among_two_processes_lose_and_double_nothing(library, shared_index, tmp_path):
    assert survives(3, library, contents(shared_index), tmp_path, longest_s=3.0, processes=2) >= 1


@pytest.mark.slow
def test_fifty_kills_lose_and_double_nothing(library, shared_index, tmp_path):
    assert survives(50, library, contents(shared_index), tmp_path) >= 20
