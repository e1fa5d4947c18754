"""From motions to what an index keeps of them, in this process or in several; always in order, and never many at a time in memory."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any

from kinelang.errors import KinelangError, MissingExtraError
from kinelang.search.base import Retriever, SearchError, Windows
from kinelang.search.sources import Item, encoded, reason_of
from kinelang.search.store import Encoded, Entry, Store

LARGEST_CHUNK = 16
"""Motions handed to a process at a time."""

WORTH_A_PROCESS = 200
"""Motions for each process at least: of fewer it takes longer to start than it saves (270 took longer by two than by one)."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Work:
    """A motion to be looked at, and the hash under which the index knows it, "" where it does not."""

    item: Item
    known: str = ""


@dataclass(frozen=True, eq=False)
class Done:
    """What became of a motion.

    Attributes:
        sha256: of its content; "" where it could not be read.
        rows: what is to be stored; None where the index has this content already, or it could not be read.
        reason: why it could not be read.
    """

    sha256: str = ""
    rows: tuple[Entry, Encoded, Encoded] | None = None
    reason: str = ""


def done(work: Work, has: Callable[[str], bool], retriever: Retriever, windows: Windows) -> Done:
    """Read a motion and, if its content is new, detect its stages and encode it.

    Args:
        work: the motion.
        has: whether the index has something of this hash.
        retriever: the model.
        windows: how it is cut.

    Raises MissingExtraError and SearchError: what is wrong with more than this motion.
    """
    place = work.item.place
    try:
        sha256, load = work.item.read()
        if sha256 == work.known or has(sha256):
            return Done(sha256)
        motion, provenance = load()
        return Done(sha256, encoded(motion, replace(place, sha256=sha256), provenance, retriever, windows))
    except (MissingExtraError, SearchError):
        raise
    except KinelangError as error:
        return Done(reason=reason_of(error, place))


def all_done(works: Sequence[Work], store: Store, retriever: Retriever, processes: int) -> Generator[Done, None, None]:
    """What became of each motion, in order.

    Args:
        works: the motions.
        store: the index; other processes open it for themselves.
        retriever: the model; with several processes each gets a copy.
        processes: how many at most. Each uses one thread.

    Raises SearchError: fewer than one process, a model that cannot be copied, a process that has ended; else as for `done`.
    """
    if processes < 1:
        raise SearchError.of("processes", f"{processes}", "at least 1")
    processes = min(processes, len(works) // WORTH_A_PROCESS)

    def here(work: Work) -> Done:
        return done(work, lambda sha256: store.same_content(sha256) is not None, retriever, store.meta.windows)

    if processes < 2:
        yield from map(here, works)
        return
    size = max(1, min(LARGEST_CHUNK, len(works) // (processes * 8)))
    chunks = [works[i : i + size] for i in range(0, len(works), size)]
    with _one_thread_each():
        start = (store.path, _copiable(retriever), store.meta.windows)
        pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_start, initargs=start)
        try:
            for chunk, found in _in_order(pool, chunks, ahead=2 * processes + 1):
                yield from map(here, chunk) if found is None else found
        except BrokenExecutor as error:
            remedy = "run the same command to continue, with fewer processes if memory is short"
            raise SearchError.of("processes", "one that ended before its work was done", "all of them to stay", remedy) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _in_order(
    pool: ProcessPoolExecutor, chunks: Sequence[Sequence[Work]], ahead: int
) -> Iterator[tuple[Sequence[Work], list[Done] | None]]:
    """Chunks with what became of them; None where they cannot be sent to another process."""
    waiting: deque[tuple[Sequence[Work], Future[list[Done]] | None]] = deque()
    for chunk in chunks:
        try:
            pickle.dumps(chunk)  # a trial: what fails inside the pool's own thread is harder to mend
        except (pickle.PicklingError, TypeError, AttributeError):  # a corpus that holds an open file, say
            waiting.append((chunk, None))
        else:
            with _interrupts_ignored():  # a process inherits this while it starts, and keeps it: an interrupt is for the parent
                waiting.append((chunk, pool.submit(_chunk_done, chunk)))
        if len(waiting) >= ahead:
            first, future = waiting.popleft()
            yield first, None if future is None else future.result()
    for first, future in waiting:
        yield first, None if future is None else future.result()


def _copiable(retriever: Retriever) -> Retriever:
    """The model, if it can be sent to other processes."""
    try:
        pickle.dumps(retriever)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise SearchError.of(
            "processes", f"a model that cannot be copied to others ({error})", "one that can", "use one process"
        ) from error
    return retriever


# --- in the other processes

_setting: tuple[Store, Retriever, Windows] | None = None


def _start(index: Path, retriever: Retriever, windows: Windows) -> None:
    """Leave interrupts to the parent, end with it even if it is killed, open what is needed."""
    global _setting
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _setting = Store.open(index), retriever, windows


def _chunk_done(works: Sequence[Work]) -> list[Done]:
    assert _setting is not None
    store, retriever, windows = _setting
    return [done(work, lambda sha256: store.same_content(sha256) is not None, retriever, windows) for work in works]


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


# --- how they are started


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes that are started inside use one thread: they are the parallelism, threads inside them would only get in the way."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


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
