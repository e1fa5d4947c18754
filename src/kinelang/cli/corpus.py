"""`kinelang corpus`: captioned data sets, listed, checked, and written in HumanML3D's layout."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang.cli.common import Json, print_json, say

if TYPE_CHECKING:
    from kinelang.corpora import Corpus, Record

    Progress = Callable[[str, str], None]

app = typer.Typer(
    name="corpus",
    help="Captioned data sets: list them, check one, write one in HumanML3D's layout.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

From = Annotated[Path | None, typer.Option("--from", help="Its folder or file, where it is not in one of the usual places.")]
BodyModels = Annotated[
    Path | None, typer.Option("--body-models", help="Folder of the SMPL-H models (male/model.npz, female/model.npz).")
]
Amass = Annotated[Path | None, typer.Option("--amass", help="AMASS's folder, for humanml3d and babel.")]
SHOWN = 20


@app.command("list")
def list_corpora(as_json: Json = False) -> None:
    """Tell which data sets can be read, and which are here."""
    from kinelang.corpora import CORPORA

    rows: list[dict[str, Any]] = []
    for entry in CORPORA.values():
        place = entry.find()
        row = {"name": entry.name, "description": entry.description, "found": place and str(place), "get_it": entry.get_it}
        rows.append(row | {"made": entry.made})
    if as_json:
        print_json({"corpora": rows})
        return
    for row in rows:
        typer.echo(f"{row['name']:<15} {row['description']}")
        where = f"found: {row['found']}" if row["found"] else f"{'' if row['made'] else 'not found; '}{row['get_it']}"
        typer.echo(f"{'':<15} {where}")


@app.command("check")
def check(
    what: Annotated[str, typer.Argument(metavar="NAME|FOLDER", help="A data set by name, or a folder in HumanML3D's layout.")],
    place: From = None,
    amass: Amass = None,
    texts_only: Annotated[bool, typer.Option("--texts-only", help="Do not load the motions.")] = False,
    as_json: Json = False,
) -> None:
    """Read a whole data set and tell what is missing, malformed or contradictory, and what is in it."""
    from kinelang.corpora.check import check as check_corpus

    corpus = _opened(what, place, amass, None)
    with _progress(f"checking {corpus.name}", len(corpus), tell=False) as advance:
        report = check_corpus(corpus, motions=not texts_only, progress=advance)
    if as_json:
        print_json(report.to_dict())
    else:
        typer.echo(f"{report.corpus} at {report.where}")
        for split, counts in report.splits.items():
            typer.echo(f"  {split:<12} " + ", ".join(f"{value} {name}" for name, value in counts.items()))
        for name, value in report.statistics.items():
            typer.echo(f"  {name.replace('_', ' ')}: {value}")
        for problem in report.problems[:SHOWN]:
            say(f"problem: {problem}")
        if len(report.problems) > SHOWN:
            say(f"... and {len(report.problems) - SHOWN} more (all with --json)")
        typer.echo("sound" if report.ok else f"{len(report.problems)} problems")
    if not report.ok:
        raise typer.Exit(2)


@app.command("prepare")
def prepare(
    what: Annotated[str, typer.Argument(metavar="NAME", help="A data set by name (kinelang corpus list).")],
    out: Annotated[Path, typer.Argument(help="Folder to write; an earlier run that was stopped is continued.")],
    place: From = None,
    mirror: Annotated[bool, typer.Option("--mirror", help="Also write every clip's mirror image (humanml3d has them anyway).")] = False,
    untagged: Annotated[bool, typer.Option("--untagged", help="Write no parts of speech: works without the extra 'text'.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Replace what an earlier run has written.")] = False,
    amass: Amass = None,
    texts: Annotated[Path | None, typer.Option("--texts", help="humanml3d: the HumanML3D folder of its repository.")] = None,
    body_models: BodyModels = None,
    humanact12: Annotated[Path | None, typer.Option("--humanact12", help="humanml3d: folder of HumanAct12's .npy files.")] = None,
    reference: Annotated[Path | None, typer.Option("--reference", help="humanml3d: folder with the published clip 012314.")] = None,
    mean_body: Annotated[bool, typer.Option("--mean-body", help="humanml3d: do without body models; not as published.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="humanml3d: go on where recordings are missing.")] = False,
    as_json: Json = False,
) -> None:
    """Write a data set in HumanML3D's layout: joints, features, texts, lists of splits, mean and deviation.

    Published code trains on the result. A clip that cannot be read is reported and passed over; the exit code is then 2.
    """
    from kinelang.corpora import write_layout
    from kinelang.corpora.humanml3d_prepare import compare_with_published
    from kinelang.corpora.tagging import tagged
    from kinelang.corpora.tagging import untagged as without_tags

    from_amass = what == "humanml3d" and place is None
    records: Iterator[Record]
    if from_amass:
        mirror, untagged = False, True  # the release has its mirror images and its tags
        corpus, records = _humanml3d(texts, amass, body_models, humanact12, mean_body, partial)
    else:
        corpus = _with_motion(_opened(what, place, amass, body_models))
        records = corpus.records()
    options = {"body_models": body_models is not None, "mean_body": mean_body}
    try:
        with _progress(f"preparing {what}", len(corpus) * (1 + mirror)) as advance:
            written = write_layout(
                records,
                out,
                name=corpus.name,
                mirror=mirror,
                layout=corpus.layout,
                tagger=without_tags if untagged else tagged,
                options=options,
                progress=advance,
                restart=restart,
            )
    except KeyboardInterrupt:
        say(f"interrupted; what is done is in {out}: run the same command to continue")
        raise typer.Exit(130) from None
    published = compare_with_published(out, reference or texts or Path()) if from_amass else None
    _tell(written, published, as_json)
    if written.passed_over or (published is not None and published["same"] is False):
        raise typer.Exit(2)


def _tell(written: Any, published: dict[str, Any] | None, as_json: bool) -> None:
    if as_json:
        answer = {
            "folder": str(written.folder),
            "clips": {split: len(ids) for split, ids in written.clips.items()},
            "captions": written.captions,
            "frames": written.frames,
            "continued_from": written.resumed,
            "passed_over": [{"id": id_, "reason": reason} for id_, reason in written.passed_over],
        }
        print_json(answer if published is None else {**answer, "published_clip": published})
        return
    splits = ", ".join(f"{split} {len(ids)}" for split, ids in written.clips.items())
    say(f"wrote {written.folder}: {written.n_clips} clips ({splits}), {written.captions} captions, {written.frames} frames")
    if written.passed_over:
        say(f"passed over {len(written.passed_over)} clips")
    if published is not None:
        verdict = {True: "the same as published", False: "NOT as published", None: f"not compared: {published.get('reason')}"}
        gaps = ", ".join(f"{kind} {gap:.2g}" for kind, gap in published["largest_difference"].items())
        say(f"clip {published['clip']}: {verdict[published['same']]}" + (f" (largest difference: {gaps})" if gaps else ""))


def _opened(what: str, place: Path | None, amass: Path | None, body_models: Path | None) -> Corpus:
    """A data set by its name, or a folder in HumanML3D's layout."""
    from kinelang.corpora import CORPORA, open_corpus
    from kinelang.corpora.official import open_layout
    from kinelang.errors import CorpusError

    if what not in CORPORA and Path(what).is_dir():
        return open_layout(what)
    given = {"amass": amass, "body_models": body_models}
    options = {name: value for name, value in given.items() if value is not None}
    if options and what != "babel":
        raise CorpusError.of(f"corpus '{what}'", f"--{' --'.join(options).replace('_', '-')}", "no such option for this data set")
    return open_corpus(what, place, **options)


def _with_motion(corpus: Corpus) -> Corpus:
    from kinelang.errors import CorpusError

    if any(record.has_motion for record in itertools.islice(corpus.records(), 1)):
        return corpus
    raise CorpusError.of(f"corpus '{corpus.name}' at {corpus.where}", "text without motion", "motions to be written")


def _humanml3d(
    texts: Path | None, amass: Path | None, body_models: Path | None, humanact12: Path | None, mean_body: bool, partial: bool
) -> tuple[Corpus, Iterator[Record]]:
    """HumanML3D out of AMASS; refused while something is missing, unless the user says to go on."""
    from kinelang.corpora.amass_files import GET_AMASS, GET_MODELS
    from kinelang.corpora.humanml3d import GET_IT
    from kinelang.corpora.humanml3d_prepare import HumanML3DFromAmass
    from kinelang.errors import CorpusError

    if texts is None or amass is None:
        missing = " and ".join(name for name, given in (("--texts", texts), ("--amass", amass)) if given is None)
        raise CorpusError.of("corpus 'humanml3d'", f"no {missing}", "both", GET_IT)
    if body_models is None and not mean_body:
        raise CorpusError.of(
            "corpus 'humanml3d'", "no --body-models", f"{GET_MODELS}", "or say --mean-body: nearly the published motions"
        )
    corpus = HumanML3DFromAmass(texts, amass, body_models, humanact12)
    missing_clips = corpus.missing()
    if missing_clips:
        counts = ", ".join(f"{name} {absent} of {wanted}" for name, (absent, wanted) in sorted(missing_clips.items()))
        if not partial:
            remedy = f"get {GET_AMASS}; HumanAct12 is in the repository; or go on with what is there: --partial"
            raise CorpusError.of("corpus 'humanml3d'", f"clips whose recordings are missing: {counts}", "all of them", remedy)
        say(f"missing: {counts}")
    return corpus, corpus.by_recording()


@contextmanager
def _progress(what: str, total: int, tell: bool = True) -> Iterator[Progress]:
    """A bar on a terminal; either way, if `tell` is set, what is passed over goes to standard error, one line each."""
    if not sys.stderr.isatty():
        yield _report if tell else _nothing
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    with Progress(TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)

        def advance(id_: str, reason: str) -> None:
            if reason and tell:
                console.print(f"passed over: {reason}", markup=False, highlight=False, soft_wrap=True)
            bar.advance(task)

        yield advance


def _report(id_: str, reason: str) -> None:
    if reason:
        say(f"passed over: {reason}")


def _nothing(id_: str, reason: str) -> None:
    pass
