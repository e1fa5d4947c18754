"""`kinelang index`: motions made searchable, and kept so."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang.cli.common import Json, print_json, say

if TYPE_CHECKING:
    from kinelang.search import Index, Report
    from kinelang.search.sources import Source

app = typer.Typer(
    name="index",
    help="Motions made searchable: build an index of folders, zips and data sets, change it, check it.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

IndexFile = Annotated[Path, typer.Argument(metavar="INDEX", help="File of the index.")]
Model = Annotated[Path | None, typer.Option("--model", help="Run folder of a model, in place of the one that ships.")]
_Sources = Annotated[
    list[str],
    typer.Argument(metavar="SOURCE...", help="Motion files, folders, zips; corpus:NAME for a data set (kinelang corpus list)."),
]
Processes = Annotated[
    int | None,
    typer.Option("--processes", "--jobs", min=1, metavar="N", help="Processes that read and encode; by default one for each CPU."),
]
SHOWN = 20


@app.command()
def build(
    index: IndexFile,
    sources: _Sources,
    model: Model = None,
    windows: Annotated[
        str | None,
        typer.Option("--windows", metavar="N,N,...", help="Lengths of the windows for moments, in frames at 20 a second; 20,40,60."),
    ] = None,
    stride: Annotated[int, typer.Option("--stride", min=1, help="Frames from one window to the next.")] = 10,
    vectors: Annotated[
        str | None,
        typer.Option(
            "--vectors", metavar="faiss|milvus:URI", help="Who looks for near vectors: faiss in each process, or a Milvus server."
        ),
    ] = None,
    processes: Processes = None,
    as_json: Json = False,
) -> None:
    """Make an index of all motions in the sources; one that was stopped is continued, unchanged motions are passed by.

    A file that cannot be read is reported and passed over; the exit code is then 2.
    """
    from kinelang.search import Index

    cut = None if windows is None and stride == 10 else _windows(windows, stride)
    with _progress("indexing") as advance, _interruptible(index):
        made = Index.build(
            index,
            [_source(s) for s in sources],
            model=model,
            windows=cut,
            vectors=vectors,
            progress=advance,
            processes=processes or _cpus(),
        )
    with made:
        _answer(made, made.report, as_json)


@app.command()
def add(index: IndexFile, sources: _Sources, model: Model = None, processes: Processes = None, as_json: Json = False) -> None:
    """Take motions into an index that is there already."""
    with _opened(index, model) as opened:
        with _progress("indexing") as advance, _interruptible(index):
            report = opened.add([_source(s) for s in sources], progress=advance, processes=processes or _cpus())
        _answer(opened, report, as_json)


@app.command()
def update(index: IndexFile, model: Model = None, processes: Processes = None, as_json: Json = False) -> None:
    """Look at the sources again: take new files in, encode changed ones anew, remove vanished ones."""
    with _opened(index, model) as opened:
        with _progress("updating") as advance, _interruptible(index):
            report = opened.update(progress=advance, processes=processes or _cpus())
        _answer(opened, report, as_json)


@app.command()
def remove(
    index: IndexFile,
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders, zips, corpus:NAME, or patterns with * and ?.")],
    as_json: Json = False,
) -> None:
    """Take motions out of an index. The files stay as they are."""
    with _opened(index, None) as opened:
        _answer(opened, opened.remove(paths), as_json)


@app.command()
def info(index: IndexFile, as_json: Json = False) -> None:
    """Tell what is in an index."""
    with _opened(index, None) as opened:
        facts = opened.info()
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        typer.echo(f"{name.replace('_', ' ')}: {_told(value)}")


@app.command()
def verify(
    index: IndexFile,
    hashes: Annotated[bool, typer.Option("--hashes", help="Read every file again and compare its content.")] = False,
    as_json: Json = False,
) -> None:
    """Check an index: the file itself, what is derived from it, and whether the motions are still what was indexed."""
    with _opened(index, None) as opened:
        found = opened.verify(hashes=hashes)
    if as_json:
        print_json({"ok": found.ok, **vars(found)})
    else:
        lines = [f"problem: {line}" for line in found.problems] + [f"vanished: {where}" for where in found.vanished]
        lines += [f"changed since it was indexed: {where}" for where in found.changed]
        for line in lines[:SHOWN]:
            say(line)
        if len(lines) > SHOWN:
            say(f"... and {len(lines) - SHOWN} more (all with --json)")
        if found.vanished or found.changed:
            say(f"to bring it up to date: kinelang index update {index}")
        typer.echo(f"{found.motions} motions, {found.vectors} vectors, {found.windows} windows: {'sound' if found.ok else 'not sound'}")
    if not found.ok:
        raise typer.Exit(2)


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _told(value: Any) -> str:
    """A fact in one line: of many the first."""
    if isinstance(value, dict):
        rows = [key if isinstance(n, str) else f"{key} {_told(n)}" for key, n in list(value.items())[:SHOWN]]
        return ", ".join(rows) or "none"
    return ", ".join(map(str, value[:SHOWN])) if isinstance(value, list) else str(value)


def _opened(path: Path, model: Path | None) -> Index:
    from kinelang.search import Index
    from kinelang.search.base import open_retriever

    return Index.open(path, None if model is None else open_retriever(model))


def _source(text: str) -> Source:
    """A path, or the data set of `corpus:NAME`."""
    from kinelang.corpora import open_corpus

    return open_corpus(text.removeprefix("corpus:")) if text.startswith("corpus:") else text


def _windows(lengths: str | None, stride: int) -> Any:
    from kinelang.search import SearchError, Windows

    try:
        parsed = Windows().lengths if lengths is None else tuple(int(part) for part in lengths.split(","))
    except ValueError as error:
        raise SearchError.of("--windows", f"'{lengths}'", "frames such as 20,40,60") from error
    return Windows(parsed, stride)


def _answer(index: Index, report: Report, as_json: bool) -> None:
    if as_json:
        print_json({"index": str(index.path), "motions": len(index), **report.to_dict()})
    for _, reason in report.passed_over[: None if as_json else SHOWN]:
        say(f"passed over: {reason}")
    if not as_json:
        if len(report.passed_over) > SHOWN:
            say(f"... and {len(report.passed_over) - SHOWN} more (all with --json)")
        done = [f"{n} {what}" for what, n in report.to_dict().items() if isinstance(n, int) and n]
        say(f"{index.path}: {len(index)} motions ({', '.join(done) or 'nothing to do'})")
    if report.passed_over:
        raise typer.Exit(2)


@contextmanager
def _interruptible(index: Path) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        say(f"interrupted; what is done is in {index}: run the same command to continue")
        raise typer.Exit(130) from None


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int, str], None] | None]:
    """A bar on a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def advance(done: int, total: int, where: str) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
