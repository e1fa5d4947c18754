"""The `kinelang` command. A verb's module imports nothing heavy until the verb runs, so that `--help` answers at once."""

from __future__ import annotations

import sys
import traceback
from types import TracebackType
from typing import Annotated

import typer

from kinelang import __version__
from kinelang.cli import (
    caption,
    convert,
    corpus,
    describe,
    doctor,
    edit,
    embed,
    evaluate,
    generate,
    index,
    info,
    moments,
    samples,
    search,
    synth,
    timeline,
    train,
    view,
)
from kinelang.errors import KinelangError

app = typer.Typer(
    name="kinelang",
    help="3D human motion and language: real motion files in, true words out.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Bad input ends with exit code 2 and one line on standard error, a failure of kinelang itself with 1.",
)

app.command("info")(info.info)
app.command("describe")(describe.describe)
app.command("caption")(caption.caption)
app.command("convert")(convert.convert)
app.command("view")(view.view)
app.add_typer(timeline.app, name="timeline")
app.add_typer(corpus.app, name="corpus")
corpus.app.command("synth")(synth.synth)
app.add_typer(index.app, name="index")
app.command("search")(search.search)
app.command("moments")(moments.moments)
app.command("embed")(embed.embed)
app.command("generate")(generate.generate)
app.command("edit")(edit.edit)
app.add_typer(train.app, name="train")
app.add_typer(evaluate.app, name="evaluate")
app.command("samples")(samples.samples)
app.command("doctor")(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"kinelang {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the full trace of an error. May stand anywhere.")] = False,
) -> None:
    """3D human motion and language: real motion files in, true words out."""


def main() -> None:
    """Run the command line: exit code 0; 2 for bad input; 1 for a failure of kinelang itself; 130 when interrupted."""
    arguments = sys.argv[1:]
    debug = "--debug" in arguments
    arguments = [a for a in arguments if a != "--debug"]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without degree signs or arrows shows question marks instead
            stream.reconfigure(errors="replace")
    try:
        app(args=arguments, prog_name="kinelang")
    except KinelangError as error:
        if debug:
            traceback.print_exc()
        typer.echo(f"kinelang: {error}", err=True)
        sys.exit(2)
    finally:
        if not debug:
            sys.excepthook = _one_line  # after the call, which puts Typer's own in its place


def _one_line(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What is printed for an error that nobody expected; Python then ends with exit code 1."""
    text = " ".join(str(error).split())
    sys.stderr.write(f"kinelang: failed with {kind.__name__}: {text}; run again with --debug for the trace\n")
