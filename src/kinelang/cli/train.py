"""`kinelang train`: models, from captioned clips, by one command each."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang.cli.common import Json, print_json, say
from kinelang.errors import CorpusError, ModelError

if TYPE_CHECKING:
    from kinelang.models.base import Run
    from kinelang.models.captioner.config import CaptionerConfig
    from kinelang.models.evaluator.config import EvaluatorConfig
    from kinelang.models.finemogen.config import FineMoGenConfig
    from kinelang.models.mdm.config import MDMConfig
    from kinelang.models.tmr.config import TMRConfig
    from kinelang.models.transformer_captioner.config import TransformerCaptionerConfig
    from kinelang.training.checkpoint import Place
    from kinelang.training.data import Clips, Progress, Source
    from kinelang.training.loop import Plan, Report, Task

    Prepare = Callable[[list[tuple[Clips, int]], list[Clips], Path, Progress], Any]
    Watch = Callable[[str, Report], None]
    Train = Callable[[Any, Path, Plan, str, bool, Watch], tuple[Task, Place]]

app = typer.Typer(
    name="train",
    help="Train a model on captioned clips. A run that was stopped, in whatever way, goes on with --resume.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Corpora = Annotated[
    list[str],
    typer.Option(
        "--corpus",
        metavar="NAME[:SIZE|:PATH][@TIMES]",
        help="Clips to learn from; may be given several times: synthetic:20000, grounded:4000, cmu, folder:PATH. @5: seen five times "
        "an epoch.",
    ),
]
Out = Annotated[Path, typer.Option("--out", help="Run folder, which becomes the model.")]
Config = Annotated[str, typer.Option("--config", help="small, published, or a JSON file such as a run folder's config.json.")]
Changes = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one value of it, such as batch_size=32.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Of all randomness, in place of the configuration's.")]
CorpusSeed = Annotated[int, typer.Option("--corpus-seed", min=0, help="Of corpora that are made.")]
MaxMinutes = Annotated[
    float | None, typer.Option("--max-minutes", min=0, help="Stop after so long, resumable; a schedule still counts all steps.")
]
ValidateEvery = Annotated[int, typer.Option("--validate-every", min=1, help="Steps from one validation to the next.")]
Start = Annotated[Path | None, typer.Option("--from", metavar="FOLDER", help="Begin with the weights and statistics of this run.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run in the folder, if there is one.")]
Cache = Annotated[Path | None, typer.Option("--cache", help="Folder for features and encoded captions.")]
Accelerator = Annotated[str, typer.Option("--accelerator", help="cpu, gpu, ..., as Lightning Fabric names it.")]
Devices = Annotated[int, typer.Option("--devices", min=1, help="How many of them.")]


@app.callback()
def _train() -> None:
    """Train a model on captioned clips."""


@app.command()
def tmr(
    corpora: Corpora,
    out: Out,
    config: Config = "small",
    changes: Changes = None,
    ablation: Annotated[str | None, typer.Option("--ablation", help="contrastive-only, margin, no-filter or temos.")] = None,
    seed: Seed = None,
    corpus_seed: CorpusSeed = 0,
    max_minutes: MaxMinutes = None,
    validate_every: ValidateEvery = 500,
    resume: Resume = False,
    cache: Cache = None,
    accelerator: Accelerator = "auto",
    devices: Devices = 1,
    as_json: Json = False,
) -> None:
    """Train TMR: text and motion in one space, for search.

    Features and encoded captions are kept in the cache and used again. The folder holds the best model by the mean recall on the
    held-out clips of the corpora (split "val"), and the last state.
    """
    from kinelang.models.tmr.config import CONFIGS, TMRConfig

    chosen: TMRConfig = _changed(_configured(config, CONFIGS, TMRConfig, ablation), changes or [], seed)
    job = _Job(corpora, out, corpus_seed, max_minutes, validate_every, resume, cache, accelerator, devices, as_json)
    about = (
        f"TMR, d {chosen.network.latent}, {chosen.network.layers} layers",
        "Text and motion in one space (Petrovich et al., ICCV 2023)",
    )
    job.run(about, _preparing_tmr(chosen), _trained)


@app.command()
def evaluator(
    corpora: Corpora,
    out: Out,
    config: Config = "small",
    changes: Changes = None,
    seed: Seed = None,
    corpus_seed: CorpusSeed = 0,
    max_minutes: MaxMinutes = None,
    validate_every: ValidateEvery = 500,
    resume: Resume = False,
    cache: Cache = None,
    accelerator: Accelerator = "auto",
    devices: Devices = 1,
    as_json: Json = False,
) -> None:
    """Train the evaluator of generated motion: captions and motions at a distance (Guo et al., CVPR 2022).

    First an autoencoder of movements, whose run is kept in the folder's "movements", then the matching of captions and motions. The
    folder holds the best model by R-precision on the held-out clips of the corpora (split "val"), and the last state.
    """
    from kinelang.models.evaluator.config import CONFIGS, EvaluatorConfig

    chosen: EvaluatorConfig = _changed(_configured(config, CONFIGS, EvaluatorConfig), changes or [], seed)
    job = _Job(corpora, out, corpus_seed, max_minutes, validate_every, resume, cache, accelerator, devices, as_json)
    about = f"Evaluator, {chosen.network.joint} wide", "Captions and motions at a distance (Guo et al., CVPR 2022)"
    job.run(about, _preparing_evaluator(chosen), _trained_evaluator)


@app.command()
def captioner(
    corpora: Corpora,
    out: Out,
    config: Annotated[
        str, typer.Option("--config", help="small, humanml3d, kit, mlp_gru, or a JSON file such as a run folder's config.json.")
    ] = "small",
    changes: Changes = None,
    ablation: Annotated[str | None, typer.Option("--ablation", help="unguided, gate-only or gate-one.")] = None,
    seed: Seed = None,
    corpus_seed: CorpusSeed = 0,
    max_minutes: MaxMinutes = None,
    validate_every: ValidateEvery = 500,
    resume: Resume = False,
    cache: Cache = None,
    accelerator: Accelerator = "auto",
    devices: Devices = 1,
    as_json: Json = False,
) -> None:
    """Train a captioner that shows where it looks: M2T-Interpretable, or its simple baseline.

    Words are taught where to look by a dictionary, and, where a corpus is performed, by its timelines. The folder holds the best model
    by the next words it gets right on the held-out clips of the corpora (split "val"), and the last state.
    """
    from kinelang.models.captioner.config import ABLATIONS, CONFIGS, CaptionerConfig

    ablated = [f"{key}={value}" for key, value in _ablation(ablation, ABLATIONS).items()]
    chosen: CaptionerConfig = _changed(_configured(config, CONFIGS, CaptionerConfig), [*ablated, *(changes or [])], seed)
    job = _Job(corpora, out, corpus_seed, max_minutes, validate_every, resume, cache, accelerator, devices, as_json)
    about = (
        f"Captioner, {chosen.network.kind}, {chosen.network.hidden} wide",
        "Captions with attention to limbs and time (Radouane et al., BMVC 2024)",
    )
    job.run(about, _preparing_captioner(chosen), _trained)


@app.command()
def transformer_captioner(
    corpora: Corpora,
    out: Out,
    config: Annotated[
        str, typer.Option("--config", help="small, humanml3d, kit, or a JSON file such as a run folder's config.json.")
    ] = "small",
    changes: Changes = None,
    seed: Seed = None,
    corpus_seed: CorpusSeed = 0,
    max_minutes: MaxMinutes = None,
    validate_every: ValidateEvery = 500,
    resume: Resume = False,
    cache: Cache = None,
    accelerator: Accelerator = "auto",
    devices: Devices = 1,
    as_json: Json = False,
) -> None:
    """Train a Transformer captioner: an encoder over poses, a decoder over words (after TM2T, ECCV 2022).

    It shares clips, words and checks with the captioner that shows where it looks, so that both can be compared; its words say when,
    not with which limb. The folder holds the best model by the next words it gets right on the held-out clips of the corpora (split
    "val"), and the last state.
    """
    from kinelang.models.transformer_captioner.config import CONFIGS, TransformerCaptionerConfig

    chosen: TransformerCaptionerConfig = _changed(_configured(config, CONFIGS, TransformerCaptionerConfig), changes or [], seed)
    job = _Job(corpora, out, corpus_seed, max_minutes, validate_every, resume, cache, accelerator, devices, as_json)
    network = chosen.network
    about = (
        f"Transformer captioner, d {network.width}, {network.encoder_layers} + {network.decoder_layers} layers",
        "Captions by a Transformer over poses (after Guo et al., TM2T, ECCV 2022)",
    )
    job.run(about, _preparing_captioner(chosen), _trained)


@app.command()
def finemogen(
    corpora: Corpora,
    out: Out,
    config: Annotated[
        str, typer.Option("--config", help="small, paper, tiny, or a JSON file such as a run folder's config.json.")
    ] = "small",
    changes: Changes = None,
    ablation: Annotated[
        str | None, typer.Option("--ablation", help="An arm of the paper's Table 4: none, spatial, temporal or moe.")
    ] = None,
    start: Start = None,
    seed: Seed = None,
    corpus_seed: CorpusSeed = 0,
    max_minutes: MaxMinutes = None,
    validate_every: ValidateEvery = 500,
    resume: Resume = False,
    cache: Cache = None,
    accelerator: Accelerator = "auto",
    devices: Devices = 1,
    as_json: Json = False,
) -> None:
    """Train FineMoGen: words to motion, stage by stage and limb by limb.

    Timelines, performed drafts and encoded texts are kept in the cache and used again. The folder holds the best model by how much of
    held-out clips (split "val") it restores from noise, and the last state.
    """
    from kinelang.models.finemogen.config import CONFIGS, FineMoGenConfig

    chosen: FineMoGenConfig = _changed(_configured(config, CONFIGS, FineMoGenConfig, ablation), changes or [], seed)
    begun = _begun(start)
    job = _Job(corpora, out, corpus_seed, max_minutes, validate_every, resume, cache, accelerator, devices, as_json, begun.identity)
    about = f"FineMoGen, {chosen.network.width} wide, {chosen.network.layers} layers", "Motion from words (Zhang et al., NeurIPS 2023)"
    job.run(about, _preparing_finemogen(chosen, begun), _trained)


@app.command()
def mdm(
    corpora: Corpora,
    out: Out,
    config: Annotated[
        str, typer.Option("--config", help="small, paper, tiny, or a JSON file such as a run folder's config.json.")
    ] = "small",
    changes: Changes = None,
    seed: Seed = None,
    corpus_seed: CorpusSeed = 0,
    max_minutes: MaxMinutes = None,
    validate_every: ValidateEvery = 500,
    resume: Resume = False,
    cache: Cache = None,
    accelerator: Accelerator = "auto",
    devices: Devices = 1,
    as_json: Json = False,
) -> None:
    """Train MDM: words to motion by a plain Transformer, the baseline beside FineMoGen.

    It shares clips, loss, steps and sampling with FineMoGen; one caption a clip is all that it is told. The folder holds the best model
    by how much of held-out clips (split "val") it restores from noise, and the last state.
    """
    from kinelang.models.mdm.config import CONFIGS, MDMConfig

    chosen: MDMConfig = _changed(_configured(config, CONFIGS, MDMConfig), changes or [], seed)
    job = _Job(corpora, out, corpus_seed, max_minutes, validate_every, resume, cache, accelerator, devices, as_json)
    about = f"MDM, {chosen.network.width} wide, {chosen.network.layers} layers", "Motion from words (Tevet et al., ICLR 2023)"
    job.run(about, _preparing_finemogen(chosen), _trained)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="Run folder of a trained model.")],
    out: Annotated[Path, typer.Argument(help="Folder to write to.")],
    decoder: Annotated[bool, typer.Option("--decoder", help="Keep TMR's decoder, which search does not need.")] = False,
) -> None:
    """Write a trained model to be handed on: weights as float16, without the state and the history of its training."""
    from kinelang.models.base import export_run, read_run
    from kinelang.models.captioner import captioner
    from kinelang.models.captioners import CAPTIONERS

    if read_run(run).model in CAPTIONERS:
        captioner.export(run, out)
    else:
        export_run(run, out, () if decoder else ("motion_decoder.",))
    size = sum(path.stat().st_size for path in out.iterdir() if path.is_file())
    say(f"wrote {out}: {read_run(out).identity}, {size / 1e6:.1f} MB")


@app.command()
def average(
    runs: Annotated[list[Path], typer.Argument(help="Run folders of one network, trained from the same seed.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    shares: Annotated[str | None, typer.Option("--shares", metavar="A,B,...", help="Of each, such as 2,1; all alike.")] = None,
) -> None:
    """Average the weights of several trainings: often better than each on what they were not trained on."""
    from kinelang.models.base import average_runs, read_run
    from kinelang.models.captioner.vocabulary import Vocabulary
    from kinelang.models.captioners import CAPTIONERS

    average_runs(runs, out, None if shares is None else _numbers(shares))
    if read_run(out).model in CAPTIONERS:
        Vocabulary.load(runs[0]).save(out)
    say(f"wrote {out}: {read_run(out).identity}")


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ModelError.of("--shares", f"'{text}'", "numbers with commas between them, such as 2,1") from None


def _configured(config: str, known: Mapping[str, Any], kind: type[Any], ablation: str | None = None) -> Any:
    """A configuration by its name, or from a file."""
    from kinelang.models.base import read_json
    from kinelang.models.configuring import from_dict

    if config in known:
        made = known[config]()
    elif Path(config).is_file():
        content = read_json(Path(config))
        made = from_dict(kind, content.get("config", content), config)
    else:
        raise ModelError.of("--config", f"'{config}'", f"{', '.join(known)}, or a JSON file")
    return made if ablation is None else made.ablated(ablation)


def _ablation(name: str | None, known: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """What an ablation changes."""
    if name is not None and name not in known:
        raise ModelError.of("--ablation", f"'{name}'", f"one of {', '.join(known)}")
    return {} if name is None else known[name]


def _changed(config: Any, changes: list[str], seed: int | None) -> Any:
    from kinelang.models.configuring import changed

    pairs = [change.split("=", 1) for change in changes]
    for pair in pairs:
        if len(pair) != 2:
            raise ModelError.of("--set", f"'{pair[0]}'", "KEY=VALUE")
    made = changed(config, dict(pairs), "--set")
    return made if seed is None else changed(made, {"optimisation.seed": seed})


def _preparing_tmr(config: TMRConfig) -> Prepare:
    from kinelang.language.encoders import open_encoder
    from kinelang.training.tmr import prepare

    encoder = open_encoder(config.text_encoder, cache=False)
    filtering = config.losses.threshold is not None or config.losses.filtered_share is not None
    other = open_encoder(config.sentence_encoder, cache=False) if filtering and config.sentence_encoder else None
    return lambda train, held_out, cache, progress: prepare(config, train, held_out, encoder, cache / "texts", other, progress)


def _trained(task: Any, out: Path, plan: Plan, kind: str, resume: bool, watch: Watch) -> tuple[Task, Place]:
    from kinelang.training.loop import fit

    found = fit(task, task.config.optimisation, out, plan, kind=kind, resume=resume, watch=lambda report: watch("training", report))
    return task, found


def _preparing_captioner(config: CaptionerConfig | TransformerCaptionerConfig) -> Prepare:
    from kinelang.training.captioner import prepare

    return lambda train, held_out, cache, progress: prepare(config, train, held_out, cache / "told", progress)


def _begun(folder: Path | None) -> Run:
    """The model to begin with; an empty run for none."""
    from kinelang.models.base import Run, read_run

    return Run("", {}, {}, {}) if folder is None else read_run(folder)


def _preparing_finemogen(config: FineMoGenConfig | MDMConfig, begun: Run | None = None) -> Prepare:
    from kinelang.language.encoders import open_encoder
    from kinelang.training.finemogen import prepare

    encoder = open_encoder(config.text_encoder, cache=False)
    start = begun if begun is not None and begun.model else None
    return lambda train, held_out, cache, progress: prepare(config, train, held_out, encoder, cache, progress, start)


def _preparing_evaluator(config: EvaluatorConfig) -> Prepare:
    from kinelang.models.evaluator.evaluator import open_vectors
    from kinelang.training.evaluator import prepare

    vectors = open_vectors(config)
    return lambda train, held_out, cache, progress: prepare(config, train, held_out, vectors)


def _trained_evaluator(given: Any, out: Path, plan: Plan, kind: str, resume: bool, watch: Watch) -> tuple[Task, Place]:
    from kinelang.training.evaluator import train

    return train(given, out, plan, kind=kind, resume=resume, watch=watch)


@dataclass(frozen=True)
class _Job:
    """What is trained on, where and for how long, whatever the model: the options that all commands share."""

    corpora: list[str]
    out: Path
    corpus_seed: int
    max_minutes: float | None
    validate_every: int
    resume: bool
    cache: Path | None
    accelerator: str
    devices: int
    as_json: bool
    begun: str = ""

    def run(self, about: tuple[str, str], prepare: Prepare, train: Train) -> None:
        """Prepare what the caches do not hold yet, train, and say how it ended."""
        from kinelang.language.encoders.files import cache_folder
        from kinelang.models.configuring import to_dict
        from kinelang.training.loop import Plan

        _refuse_begun(self.out, self.resume)
        cache = cache_folder() / "training" if self.cache is None else self.cache
        with _bar() as told:
            clips, held_out = self._clips(cache / "features", lambda what, done, of: told(what, done, of, ""))
            task = prepare(clips, held_out, cache, lambda what, done, of: told(what, done, of, ""))
        about_run = {"corpora": self.corpora, "corpus_seed": self.corpus_seed, "config": to_dict(task.config)}
        if self.begun:
            about_run["begun with"] = self.begun
        kind = json.dumps(about_run, sort_keys=True)
        _refuse_another(self.out, kind)
        task.write_head(_made(self.out), _card(*about, self.corpora, task, sys.argv[1:]))
        say(f"{len(task.train)} pairs an epoch; {self.out}")
        plan = Plan(self.validate_every, max_minutes=self.max_minutes, accelerator=self.accelerator, devices=self.devices)
        with _bar() as told:
            at, place = train(task, self.out, plan, kind, self.resume, _watching(told))
        if self.as_json:
            best = next((row for row in place.history if row["step"] == place.best_step), {})
            answer = {"folder": str(self.out), "step": place.step, "best_step": place.best_step, at.primary: place.best}
            print_json({**answer, "validation": best})
        else:
            best_ = "not validated yet" if place.best is None else f"best {at.primary} {place.best:.2f} at step {place.best_step}"
            say(f"{self.out}: {place.step} steps, {place.trained_s / 60:.1f} minutes, {best_}")

    def _clips(self, folder: Path, progress: Progress) -> tuple[list[tuple[Clips, int]], list[Clips]]:
        """The clips to learn from, with how often an epoch shows them, and those held out."""
        from kinelang.training.data import clips_of

        sources = _sources(self.corpora)
        train = [(clips_of(source, "train", folder, self.corpus_seed, progress), source.times) for source in sources]
        held_out = [clips for source in sources if (clips := _held_out(source, folder, self.corpus_seed, progress)) is not None]
        for clips in [clips for clips, _ in train] + held_out:
            if clips.passed_over:
                say(f"{clips.name}: {len(clips.passed_over)} clips could not be read; the first: {clips.passed_over[0]}")
        if not held_out:
            say("no held-out clips: the best checkpoint is chosen on the training clips")
        return train, held_out or [clips for clips, _ in train]


def _sources(corpora: list[str]) -> list[Source]:
    """The corpora, each once, by names that there are."""
    from kinelang.corpora import CORPORA
    from kinelang.training.data import Source

    sources = [Source.parse(text) for text in corpora]
    for source in sources:
        if source.name not in (*CORPORA, "grounded"):
            raise CorpusError.of("--corpus", f"no corpus '{source.name}'", f"one of {', '.join((*CORPORA, 'grounded'))}")
    if len({source.text.split("@")[0] for source in sources}) < len(sources):
        raise CorpusError.of("--corpus", "one corpus twice", "each once", "say @2 behind it to see it twice an epoch")
    return sources


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

    begun = [folder for folder in (out, *sorted(path for path in out.glob("*") if path.is_dir())) if checkpoint.exists(folder)]
    if any(checkpoint.kind_of(folder) != kind for folder in begun):
        found = "a run with other corpora or another configuration"
        raise ModelError.of(str(out), found, "the same", "give the options it was begun with, or take another folder")


def _made(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"{out}: cannot be made ({error.strerror or error}); give a folder that you may write to") from error
    return out


def _card(title: str, what: str, corpora: list[str], task: Any, arguments: list[str]) -> str:
    """What is known when training begins; figures are in metrics.json."""
    import platform

    import torch

    from kinelang import __version__

    config = task.config
    weights = sum(p.numel() for p in task.module.parameters())
    held_out = ", ".join(f"{name} ({len(pairs)} clips)" for name, pairs in task.held_out.items())
    words = next((getattr(config, name) for name in ("text_identity", "word_identity") if hasattr(config, name)), None)
    return (
        f"# {title}\n\n"
        f"{what}, by kinelang {__version__}. {weights:,} weights.\n\n"
        f"* Data: {', '.join(corpora)}, split train; {len(task.train)} pairs an epoch. Validated on split val: {held_out}.\n"
        f"* Words: {'the vocabulary in the folder' if words is None else f'{words}, not part of the file'}.\n"
        f"* Command: `kinelang {' '.join(arguments)}`\n"
        f"* Seed {config.optimisation.seed}; torch {torch.__version__.split('+')[0]}, {platform.machine()}.\n"
        f"* Figures of the validations: metrics.json.\n"
    )


def _watching(told: Callable[[str, int, int, str], None]) -> Watch:
    def watch(what: str, report: Report) -> None:
        if report.metrics:
            shown = ("recall", "drafted", "sides", "R-precision", "explained", "words", "overlap")
            figures = ", ".join(f"{name} {value:.1f}" for name, value in report.metrics.items() if name.endswith(shown))
            say(f"{what}, step {report.step}: {figures}{' (best)' if report.best else ''}")
        losses = ", ".join(f"{name} {value:.3g}" for name, value in report.losses.items())
        told(what, report.step, report.steps, losses)

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
