"""Work on many files in several processes: bounded memory, results in order, one JSON line each, resumable after an interrupt."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any

from kinelang.errors import FormatError

LARGEST_CHUNK = 32
"""Files handed to a process at a time: enough that passing them costs nothing beside the work."""


@dataclass(frozen=True)
class Outcome:
    """What became of one file: a line of JSON in UTF-8 without its newline, or an error in one line."""

    file: str
    line: bytes = b""
    error: str = ""


Work = Callable[[Sequence[str]], list[Outcome]]
"""Does a chunk of files. It has to be picklable: a function at the top of a module, or a `functools.partial` of one."""


def outcomes(files: Sequence[str], work: Work, jobs: int) -> Iterator[list[Outcome]]:
    """Outcomes of all files, chunk by chunk, in the order of `files`; with one job in this process, else in `jobs` others.

    At most a few chunks for each process are on their way at a time, so that memory does not grow with the number of files.
    """
    size = max(1, min(LARGEST_CHUNK, len(files) // (jobs * 8)))
    chunks = [files[i : i + size] for i in range(0, len(files), size)]
    if jobs == 1 or len(chunks) <= 1:
        yield from map(work, chunks)
        return
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # the processes are the parallelism; threads inside them would only get in the way
    pool = ProcessPoolExecutor(min(jobs, len(chunks)), mp_context=get_context("spawn"), initializer=_start_worker)
    try:
        yield from _in_order(pool, chunks, work, ahead=2 * jobs + 1)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, chunks: Sequence[Sequence[str]], work: Work, ahead: int) -> Iterator[list[Outcome]]:
    waiting: deque[Future[list[Outcome]]] = deque()
    for chunk in chunks:
        with _interrupts_ignored():  # a process inherits this while it starts, and keeps it: an interrupt is for the parent
            waiting.append(pool.submit(work, chunk))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _start_worker() -> None:
    """Leave interrupts to the parent, and end with it even if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def lines_already_there(path: Path, made_with: dict[str, Any]) -> set[str]:
    """Files that an earlier run has written to `path`, after dropping a line that it left unfinished.

    Args:
        path: file of JSON lines; need not be there.
        made_with: what the lines must say under "made_with" to be continued.

    Raises:
        FormatError: lines of something else, or made with other options.
    """
    if not path.exists():
        return set()
    done: set[str] = set()
    kept = 0
    with open(path, "rb+") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                break
            done.add(_checked_line(line, f"{path}, line {number}", made_with))
            kept += len(line)
        file.truncate(kept)
    return done


def _checked_line(line: bytes, where: str, made_with: dict[str, Any]) -> str:
    """The "file" of a line, which must agree with `made_with`."""
    try:
        record = json.loads(line)
        file, found = str(record["file"]), record["made_with"]
    except (ValueError, KeyError, TypeError) as error:
        remedy = "give another file to --out, or --restart to replace it"
        raise FormatError.of(where, "something that this command did not write", "a line of its own", remedy) from error
    if found != made_with:
        keys = [k for k in {**found, **made_with} if found.get(k) != made_with.get(k)]
        was, now = (", ".join(f"{k}={options.get(k)}" for k in keys) for options in (found, made_with))
        raise FormatError.of(where, f"{was}", f"{now}", "run with the same options to continue, or with --restart to begin anew")
    return file
