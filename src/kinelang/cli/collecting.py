"""What commands do with a folder or zip: one JSON line a file, in order, continued after an interrupt, bad files passed over."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import typer

from kinelang.cli.batch import Outcome, Work, lines_already_there, outcomes
from kinelang.cli.common import say


def is_collection(path: str) -> bool:
    """Whether a path is a folder or a zip, not a motion."""
    return Path(path).is_dir() or (path.lower().endswith(".zip") and Path(path).is_file())


def name_in(root: str, file: str) -> str:
    """A file's path inside the folder or zip, with forward slashes."""
    return Path(file).relative_to(root).as_posix()


def cpus() -> int:
    """CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def collect(
    path: str, work: Work, made_with: dict[str, Any], out: Path | None, restart: bool, jobs: int, what: tuple[str, str]
) -> None:
    """Do the work on every motion file of a folder or zip.

    Args:
        path: the folder or zip.
        work: does a chunk of files; has to be picklable.
        made_with: what decides the lines, and stands in them.
        out: file that lines are appended to; None: standard output.
        restart: replace what is in `out` instead of continuing it.
        jobs: processes.
        what: what is done, as in "captioning", and was done, as in "captioned".

    Raises:
        FormatError: no motion file, or an `out` that is something else or was made with something else.
        typer.Exit: 2 if files were passed over, 130 if interrupted.
    """
    from kinelang.formats import list_motion_files

    files = list_motion_files(path)
    if restart and out is not None:
        out.unlink(missing_ok=True)
    done = set() if out is None else lines_already_there(out, made_with)
    left = [file for file in files if name_in(path, file) not in done]
    if done:
        say(f"{len(files) - len(left)} of {len(files)} files are in {out} already; continuing with the rest")
    bad = 0
    try:
        with _opened(out) as sink, _progress(what[0], len(left)) as advance:
            for chunk in outcomes(left, work, jobs):
                _put(sink, chunk)
                bad += sum(1 for outcome in chunk if outcome.error)
                advance(chunk)
    except KeyboardInterrupt:
        where = f"; what is done is in {out}: run the same command to continue" if out is not None else ""
        say(f"interrupted{where}")
        raise typer.Exit(130) from None
    say(f"{what[1]} {len(files) - bad} of {len(files)} files" + (f", passed over {bad}" if bad else ""))
    if bad:
        raise typer.Exit(2)


@contextmanager
def _opened(out: Path | None) -> Iterator[BinaryIO]:
    """The file that lines are appended to, or standard output."""
    from kinelang.errors import FormatError

    if out is None:
        yield sys.stdout.buffer
        return
    try:
        sink = open(out, "ab")  # noqa: SIM115 - closed below; only opening it is the user's affair
    except OSError as error:
        raise FormatError(f"{out}: cannot be written ({error.strerror}); give a file in an existing folder") from error
    with sink:
        yield sink
        sink.flush()
        os.fsync(sink.fileno())


def _put(sink: BinaryIO, chunk: Sequence[Outcome]) -> None:
    """Append the lines of a chunk at once, so that an interrupt falls between lines."""
    sink.write(b"".join(o.line + b"\n" for o in chunk if o.line))
    sink.flush()


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[Sequence[Outcome]], None]]:
    """A bar on a terminal; either way errors go to standard error, one line each."""
    if not sys.stderr.isatty():
        yield _report_errors
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)

        def advance(chunk: Sequence[Outcome]) -> None:
            for outcome in chunk:
                if outcome.error:
                    console.print(f"passed over: {outcome.error}", markup=False, highlight=False, soft_wrap=True)
            bar.advance(task, len(chunk))

        yield advance


def _report_errors(chunk: Sequence[Outcome]) -> None:
    for outcome in chunk:
        if outcome.error:
            say(f"passed over: {outcome.error}")
