"""`kinelang train`: models, from captioned clips, by one command each."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kinelang.cli.common import Json, print_json, say
from kinelang.errors import CorpusError, ModelError

if TYPE_CHECKING:
    from kinelang.models.tmr.config import TMRConfig
    from kinelang.training.data import Clips, Progress, Source
    from kinelang.training.loop import Report
    from kinelang.training.tmr import TMRTask

app = typer.Typer(
    name="train",
    help="Train a model on captioned clips. A run that was stopped, in whatever way, goes on with --resume.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _train() -> None:
    """Train a model on captioned clips."""


@app.command()
def tmr(
    corpora: Annotated[
        list[str],
        typer.Option(
            "--corpus",
            metavar="NAME[:SIZE|:PATH][@TIMES]",
            help="Clips to learn from; may be given several times: synthetic:20000, grounded:4000, cmu, folder:PATH. @5: seen "
            "five times an epoch.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Run folder, which becomes the model.")],
    config: Annotated[
        str, typer.Option("--config", help="small, published, or a JSON file such as a run folder's config.json.")
    ] = "small",
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one value of it, such as temperature=0.07.")
    ] = None,
    ablation: Annotated[str | None, typer.Option("--ablation", help="contrastive-only, margin, no-filter or temos.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Of all randomness, in place of the configuration's.")] = None,
    corpus_seed: Annotated[int, typer.Option("--corpus-seed", min=0, help="Of corpora that are made.")] = 0,
    max_minutes: Annotated[
        float | None, typer.Option("--max-minutes", min=0, help="Stop after so long, resumable; a schedule still counts all steps.")
    ] = None,
    validate_every: Annotated[int, typer.Option("--validate-every", min=1, help="Steps from one validation to the next.")] = 500,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in the folder, if there is one.")] = False,
    cache: Annotated[Path | None, typer.Option("--cache", help="Folder for features and encoded captions.")] = None,
    accelerator: Annotated[str, typer.Option("--accelerator", help="cpu, gpu, ..., as Lightning Fabric names it.")] = "auto",
    devices: Annotated[int, typer.Option("--devices", min=1, help="How many of them.")] = 1,
    as_json: Json = False,
) -> None:
    """Train TMR: text and motion in one space, for search.

    Features and encoded captions are kept in the cache and used again. The folder holds the best model by the mean recall on the
    held-out clips of the corpora (split "val"), and the last state.
    """
    from kinelang.models.configuring import to_dict
    from kinelang.training.loop import Plan, fit

    chosen = _configured(config, changes or [], ablation, seed)
    _refuse_begun(out, resume)
    with _bar() as told:
        task = _prepared(chosen, corpora, corpus_seed, cache, lambda what, done, of: told(what, done, of, ""))
    kind = json.dumps({"corpora": corpora, "corpus_seed": corpus_seed, "config": to_dict(task.config)}, sort_keys=True)
    _refuse_another(out, kind)
    task.write_head(_made(out), _card(corpora, task, sys.argv[1:]))
    say(f"{len(task.train)} pairs an epoch; threshold of the filter {task.config.losses.threshold}; {out}")
    plan = Plan(validate_every, max_minutes=max_minutes, accelerator=accelerator, devices=devices)
    with _bar() as told:
        place = fit(task, task.config.optimisation, out, plan, kind=kind, resume=resume, watch=_watching(told))
    if as_json:
        best = next((row for row in place.history if row["step"] == place.best_step), {})
        print_json({"folder": str(out), "step": place.step, "best_step": place.best_step, "recall": place.best, "validation": best})
    else:
        best_ = "not validated yet" if place.best is None else f"best mean recall {place.best:.2f} at step {place.best_step}"
        say(f"{out}: {place.step} steps, {place.trained_s / 60:.1f} minutes, {best_}")


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="Run folder of a trained model.")],
    out: Annotated[Path, typer.Argument(help="Folder to write to.")],
    decoder: Annotated[bool, typer.Option("--decoder", help="Keep TMR's decoder, which search does not need.")] = False,
) -> None:
    """Write a trained model to be handed on: weights as float16, without the state and the history of its training."""
    from kinelang.models.base import export_run, read_run

    export_run(run, out, () if decoder else ("motion_decoder.",))
    size = sum(path.stat().st_size for path in out.iterdir() if path.is_file())
    say(f"wrote {out}: {read_run(out).identity}, {size / 1e6:.1f} MB")


def _configured(config: str, changes: list[str], ablation: str | None, seed: int | None) -> TMRConfig:
    from kinelang.models.base import read_json
    from kinelang.models.configuring import changed, from_dict
    from kinelang.models.tmr.config import CONFIGS, TMRConfig

    if config in CONFIGS:
        made: TMRConfig = CONFIGS[config]()
    elif Path(config).is_file():
        content = read_json(Path(config))
        made = from_dict(TMRConfig, content.get("config", content), config)
    else:
        raise ModelError.of("--config", f"'{config}'", f"{', '.join(CONFIGS)}, or a JSON file")
    if ablation is not None:
        made = made.ablated(ablation)
    pairs = [change.split("=", 1) for change in changes]
    for pair in pairs:
        if len(pair) != 2:
            raise ModelError.of("--set", f"'{pair[0]}'", "KEY=VALUE")
    made = changed(made, dict(pairs), "--set")
    return made if seed is None else changed(made, {"optimisation.seed": seed})


def _prepared(config: TMRConfig, corpora: list[str], corpus_seed: int, cache: Path | None, progress: Progress) -> TMRTask:
    """Everything that is needed before the first step; what the cache holds is not made again."""
    from kinelang.language.encoders import open_encoder
    from kinelang.language.encoders.files import cache_folder
    from kinelang.training.data import Source, clips_of
    from kinelang.training.tmr import prepare

    folder = cache_folder() / "training" if cache is None else cache
    encoder = open_encoder(config.text_encoder, cache=False)
    filtering = config.losses.threshold is not None or config.losses.filtered_share is not None
    other = open_encoder(config.sentence_encoder, cache=False) if filtering and config.sentence_encoder else None
    sources = [Source.parse(text) for text in corpora]
    if len({source.text.split("@")[0] for source in sources}) < len(sources):
        raise CorpusError.of("--corpus", "one corpus twice", "each once", "say @2 behind it to see it twice an epoch")
    train = [(clips_of(source, "train", folder / "features", corpus_seed, progress), source.times) for source in sources]
    held_out = [clips for source in sources if (clips := _held_out(source, folder / "features", corpus_seed, progress)) is not None]
    for clips in [clips for clips, _ in train] + held_out:
        if clips.passed_over:
            say(f"{clips.name}: {len(clips.passed_over)} clips could not be read; the first: {clips.passed_over[0]}")
    if not held_out:
        say("no held-out clips: the best checkpoint is chosen on the training clips")
        held_out = [clips for clips, _ in train]
    return prepare(config, train, held_out, encoder, folder / "texts", other, progress)


def _held_out(source: Source, folder: Path, seed: int, progress: Progress) -> Clips | None:
    """The clips of the val split; None where a corpus has none."""
    from kinelang.training.data import clips_of

    try:
        return clips_of(source, "val", folder, seed, progress)
    except CorpusError as error:
        say(f"not validated on {source.text}: {error}")
        return None


def _refuse_begun(out: Path, resume: bool) -> None:
    """Before anything is computed: a folder that holds a run is continued or left alone."""
    if not resume and out.is_dir() and any(out.iterdir()):
        raise ModelError.of(
            str(out), "a folder that is not empty", "a new one", "continue its run with --resume, or take another folder"
        )


def _refuse_another(out: Path, kind: str) -> None:
    """Before anything is written: a run is only continued as it was begun."""
    from kinelang.training import checkpoint

    if checkpoint.exists(out) and checkpoint.kind_of(out) != kind:
        found = "a run with other corpora or another configuration"
        raise ModelError.of(str(out), found, "the same", "give the options it was begun with, or take another folder")


def _made(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"{out}: cannot be made ({error.strerror or error}); give a folder that you may write to") from error
    return out


def _card(corpora: list[str], task: TMRTask, arguments: list[str]) -> str:
    """What is known when training begins; figures are in metrics.json."""
    import platform

    import torch

    from kinelang import __version__

    config = task.config
    weights = sum(p.numel() for p in task.module.parameters())
    held_out = ", ".join(f"{name} ({len(pairs)} clips)" for name, pairs in task.held_out.items())
    return (
        f"# TMR, d {config.network.latent}, {config.network.layers} layers\n\n"
        f"Text and motion in one space (Petrovich et al., ICCV 2023), by kinelang {__version__}. {weights:,} weights.\n\n"
        f"* Data: {', '.join(corpora)}, split train; {len(task.train)} pairs an epoch. Validated on split val: {held_out}.\n"
        f"* Text encoder: {config.text_identity}, not part of the file.\n"
        f"* Command: `kinelang {' '.join(arguments)}`\n"
        f"* Seed {config.optimisation.seed}; torch {torch.__version__.split('+')[0]}, {platform.machine()}.\n"
        f"* Figures of the validations: metrics.json.\n"
    )


def _watching(told: Callable[[str, int, int, str], None]) -> Callable[[Report], None]:
    def watch(report: Report) -> None:
        if report.metrics:
            figures = ", ".join(f"{name} {value:.1f}" for name, value in report.metrics.items() if name.endswith(("recall", "sides")))
            say(f"step {report.step}: {figures}{' (best)' if report.best else ''}")
        losses = ", ".join(f"{name} {value:.3g}" for name, value in report.losses.items())
        told("training", report.step, report.steps, losses)

    return watch


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int, str], None]]:
    """A progress bar on a terminal: what is done, how much of how much, and a few words."""
    if not sys.stderr.isatty():
        yield lambda what, done, of, words: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[words]}"),
    )
    tasks: dict[str, TaskID] = {}
    with Bars(*columns, console=Console(stderr=True), transient=True) as bar:

        def told(what: str, done: int, of: int, words: str) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of, words="")
            bar.update(tasks[what], completed=done, total=of, words=words)

        yield told
