"""The sweeps of TMR's paper: which configurations stand in Tables 3, 4, 5, A.3 and A.4, trained and judged at a stated scale.

Source: TMR (Petrovich et al., ICCV 2023). What is published is on KIT-ML, by protocol (b), after full training; a small sweep tells at
best which way a choice goes.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kinelang.errors import KinelangError
from kinelang.evaluate.clips import ClipSet, clip_set
from kinelang.evaluate.protocols import trial_of
from kinelang.evaluate.retrieval import DIRECTIONS, KEYS, Result, evaluate
from kinelang.evaluate.searching import code_version, cosines_of, not_comparable
from kinelang.evaluate.text_similarity import PUBLISHED_FILTERED
from kinelang.language.encoders.base import TextEncoder
from kinelang.models.base import read_json, write_json
from kinelang.models.configuring import changed, to_dict
from kinelang.models.tmr.config import ABLATIONS, TMRConfig
from kinelang.training.data import Progress, Source, clips_of

if TYPE_CHECKING:
    from kinelang.training.data import Clips

RESULT = "result.json"
PROTOCOLS_SHOWN = ("all", "threshold", "threshold_sides")
WARMUP_SHARE = 0.1
"""Of the steps, at most: schedules are made for longer training."""
Published = tuple[float | None, ...]
"""R@1, R@2, R@3, median rank from text to motion, then from motion to text; None where not published."""
PUBLISHED_FIGURES = tuple(f"{direction}/{figure}" for direction in DIRECTIONS for figure in ("R@1", "R@2", "R@3", "MedR"))
FULL: Published = (24.58, 30.24, 41.93, 5.0, 19.64, 23.73, 32.53, 9.5)


@dataclass(frozen=True)
class Variant:
    """One row of a table.

    Attributes:
        name: the row.
        changes: fields of the configuration, by their names.
        published: what the paper has in this row.
        batch: batch size, where it varies: the learning rate goes with it, and the steps go against it, so that each row sees as many
            pairs.
    """

    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    published: Published = ()
    batch: int | None = None


@dataclass(frozen=True)
class Sweep:
    """One table of the paper.

    Attributes:
        table: key in `SWEEPS`.
        description: one line.
        variants: from the configuration that is varied to the rows.
    """

    table: str
    description: str
    variants: Callable[[TMRConfig], list[Variant]]


def _losses(base: TMRConfig) -> list[Variant]:
    alone = ABLATIONS["contrastive-only"]
    return [
        Variant("margin alone", {**alone, "losses.form": "margin"}, (15.06, 22.17, 25.78, 12.0, 8.19, 11.57, 16.39, 19.5)),
        Variant("InfoNCE alone", alone, (19.76, 25.30, 36.87, 6.0, 17.47, 19.76, 30.60, 9.5)),
        Variant("reconstruction alone", ABLATIONS["temos"], (18.55, 24.34, 30.84, 7.0, 17.71, 22.41, 28.80, 13.25)),
        Variant("reconstruction, margin", {"losses.form": "margin"}, (19.88, 24.46, 34.46, 7.0, 14.70, 19.76, 28.19, 12.5)),
        Variant("reconstruction, InfoNCE", {}, FULL),
    ]


def _filters(base: TMRConfig) -> list[Variant]:
    """By threshold where MPNet filters, as published; by the share that the threshold filters where another encoder does."""
    by_threshold = (base.sentence_encoder or base.text_encoder) == "mpnet"
    rows = [
        Variant(
            f"{threshold:.2f}" if by_threshold else f"{threshold:.2f} ({100 * share:.2f} % filtered)",
            {"losses.threshold": threshold, "losses.filtered_share": None}
            if by_threshold
            else {"losses.threshold": None, "losses.filtered_share": share},
            _FILTER_FIGURES[threshold],
        )
        for threshold, share in PUBLISHED_FILTERED.items()
    ]
    return [*rows, Variant("no filter", ABLATIONS["no-filter"], (22.17, 27.83, 36.02, 7.0, 16.75, 21.33, 32.17, 11.5))]


_FILTER_FIGURES: dict[float, Published] = {
    0.55: (19.40, 23.25, 30.48, 9.0, 17.83, 21.69, 29.52, 14.0),
    0.6: (17.95, 26.87, 36.87, 6.0, 20.60, 24.70, 31.81, 11.25),
    0.65: (23.01, 28.67, 36.39, 7.0, 19.04, 21.69, 29.76, 11.5),
    0.7: (22.29, 29.64, 38.80, 6.0, 18.19, 22.77, 32.05, 9.0),
    0.75: (20.00, 27.11, 37.83, 6.0, 20.24, 24.46, 34.22, 9.5),
    0.8: FULL,
    0.85: (21.45, 25.78, 38.43, 6.5, 20.84, 24.10, 33.37, 9.5),
    0.9: (23.25, 30.12, 40.48, 6.0, 20.00, 25.18, 33.13, 9.5),
    0.95: (20.48, 26.99, 38.43, 6.0, 19.28, 23.37, 31.93, 10.25),
}


def _hyperparameters(base: TMRConfig) -> list[Variant]:
    temperatures: dict[float, Published] = {
        0.001: (9.52, 21.81, 27.23, 12.0, 7.47, 9.76, 16.51, 15.5),
        0.01: (21.45, 29.04, 38.80, 6.0, 21.08, 27.11, 33.61, 9.5),
        0.1: FULL,
        1.0: (1.08, 1.93, 3.61, 306.5, 1.81, 1.93, 2.41, 372.0),
    }
    weights: dict[float, Published] = {
        0.001: (18.55, 23.25, 36.75, 7.0, 18.19, 24.34, 31.45, 11.5),
        0.01: (20.84, 26.99, 37.23, 7.0, 18.92, 23.13, 32.17, 10.25),
        0.1: FULL,
        1.0: (19.52, 24.46, 34.46, 7.0, 19.04, 24.34, 35.06, 9.5),
    }
    sizes: dict[int, Published] = {
        16: (25.42, 31.57, 40.12, 6.0, 20.36, 24.10, 33.73, 8.0),
        32: FULL,
        64: (20.24, 26.51, 38.19, 6.0, 19.52, 24.22, 32.05, 9.5),
        128: (18.55, 28.80, 36.75, 7.0, 14.94, 18.43, 26.14, 11.5),
    }
    return [
        *(Variant(f"temperature {value:g}", {"losses.temperature": value}, figures) for value, figures in temperatures.items()),
        *(Variant(f"weight {value:g}", {"losses.contrastive": value}, figures) for value, figures in weights.items()),
        *(Variant(f"batch {size}", {}, figures, batch=size) for size, figures in sizes.items()),
    ]


def _widths(base: TMRConfig) -> list[Variant]:
    widths: dict[int, Published] = {
        64: (18.80, 28.67, 38.43, 6.0, 18.07, 21.81, 31.45, 9.5),
        128: (25.90, 31.20, 40.72, 6.0, 23.73, 27.35, 36.39, 9.25),
        256: FULL,
        512: (23.13, 28.43, 35.42, 7.0, 20.36, 26.39, 33.61, 10.5),
    }
    return [Variant(f"d {width}", {"network.latent": width}, figures) for width, figures in widths.items()]


def _alone_unfiltered(base: TMRConfig) -> list[Variant]:
    alone, unfiltered = ABLATIONS["contrastive-only"], ABLATIONS["no-filter"]
    return [
        Variant("contrastive only, no filter", {**alone, **unfiltered}, (19.16, 25.54, 33.13, 8.0)),
        Variant("contrastive only", alone, (19.76, 25.30, 36.87, 6.0)),
        Variant("TMR, no filter", unfiltered, (22.17, 27.83, 36.02, 7.0)),
        Variant("TMR", {}, FULL[:4]),
    ]


SWEEPS: dict[str, Sweep] = {
    sweep.table: sweep
    for sweep in (
        Sweep("3", "losses: with and without reconstruction, InfoNCE or margin", _losses),
        Sweep("4", "negatives that are filtered because their texts are alike", _filters),
        Sweep("5", "temperature, weight of the contrastive loss, batch size", _hyperparameters),
        Sweep("A.3", "width of the shared space", _widths),
        Sweep("A.4", "contrastive only and TMR, each with and without the filter", _alone_unfiltered),
    )
}
"""The paper's sweeps by the numbers of their tables."""


@dataclass(frozen=True)
class Scale:
    """How large a sweep is.

    Attributes:
        base: the configuration that is varied; its steps, seed and warm-up are set here.
        corpora: to learn from, as `training.data.Source` reads them.
        steps: of every run, at the batch size of `base`.
        seeds: of training; every row is trained with each.
        data, split, clips: what is judged on: corpus, split and how many of its clips (None: all).
        corpus_seed: of corpora that are made.
        accelerator: as Lightning Fabric names it.
    """

    base: TMRConfig
    corpora: tuple[str, ...]
    steps: int
    seeds: tuple[int, ...]
    data: str
    split: str = "val"
    clips: int | None = None
    corpus_seed: int = 0
    accelerator: str = "auto"

    def config(self, variant: Variant, seed: int) -> TMRConfig:
        """The configuration of one run."""
        made, steps = changed(self.base, variant.changes, f"row '{variant.name}'"), self.steps
        optimisation = made.optimisation
        if variant.batch is not None:
            larger = variant.batch / optimisation.batch_size
            steps = max(round(steps / larger), 1)
            rate = optimisation.learning_rate * larger
            optimisation = replace(optimisation, batch_size=variant.batch, learning_rate=rate)
        warmup = min(optimisation.warmup_steps, int(WARMUP_SHARE * steps))
        return replace(made, optimisation=replace(optimisation, steps=steps, warmup_steps=warmup, seed=seed))

    def run_folder(self, out: Path, config: TMRConfig) -> Path:
        """Where one configuration is trained: runs that tables share have one folder."""
        content = json.dumps([to_dict(config), self.corpora, self.corpus_seed], sort_keys=True)
        return out / "runs" / hashlib.blake2b(content.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class Encoders:
    """Text encoders: of token states, and of the sentence vectors that filter and that protocols compare texts by."""

    tokens: TextEncoder
    sentences: TextEncoder


def run_sweep(
    table: str,
    scale: Scale,
    out: Path,
    cache: Path,
    encoders: Encoders,
    *,
    rows: Sequence[str] = (),
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train and judge every row of a table; what is finished is not run again, what was interrupted goes on.

    Writes OUT/runs/HASH for every configuration, OUT/table_N.json and OUT/table_N.md.

    Args:
        table: key in `SWEEPS`.
        scale: how large.
        out: folder of the sweep.
        cache: folder of features and encoded captions.
        encoders: those that the configuration names.
        rows: names of rows; none: all.
        progress: told as it goes.

    Returns:
        What the JSON holds.

    Raises:
        KinelangError: no such table or row; what training raises.
    """
    if table not in SWEEPS:
        raise KinelangError.of("--table", f"'{table}'", f"one of {', '.join(SWEEPS)}")
    variants = _chosen(SWEEPS[table].variants(scale.base), rows)
    clips = clip_set(scale.data, scale.split, cache / "features", n=scale.clips, seed=scale.corpus_seed, progress=progress)
    cosines = cosines_of(encoders.sentences, clips.texts)
    corpora = _Corpora(scale, cache, progress)
    found: dict[str, dict[str, Any]] = {}
    for variant in variants:
        runs = {}
        for seed in scale.seeds:
            config = scale.config(variant, seed)
            folder = scale.run_folder(out, config)
            name = f"{variant.name}, seed {seed}"
            runs[str(seed)] = _finished(folder, scale) or _run(folder, name, config, scale, encoders, corpora, clips, cosines, cache)
        found[variant.name] = {"changes": dict(variant.changes), "batch": variant.batch, "published": variant.published, "runs": runs}
        answer = {**_record(table, scale, clips, encoders), "rows": found}
        write_json(out / f"table_{table}.json", answer)
        (out / f"table_{table}.md").write_text("\n".join(markdown(answer)) + "\n", encoding="utf-8")
    return answer


def _chosen(variants: Sequence[Variant], rows: Sequence[str]) -> list[Variant]:
    names = [variant.name for variant in variants]
    for row in rows:
        if row not in names:
            raise KinelangError.of("--row", f"'{row}'", f"one of {', '.join(names)}")
    return [variant for variant in variants if not rows or variant.name in rows]


class _Corpora:
    """The clips to learn from, opened when the first run needs them."""

    def __init__(self, scale: Scale, cache: Path, progress: Progress | None) -> None:
        self._scale, self._folder, self.progress = scale, cache / "features", progress
        self._found: tuple[list[tuple[Clips, int]], list[Clips]] | None = None

    def __call__(self) -> tuple[list[tuple[Clips, int]], list[Clips]]:
        """(Clips and how often an epoch shows them), and the held-out clips on which training reports."""
        if self._found is None:
            sources = [Source.parse(text) for text in self._scale.corpora]
            seed = self._scale.corpus_seed
            train = [(clips_of(source, "train", self._folder, seed, self.progress), source.times) for source in sources]
            self._found = train, [clips_of(source, "val", self._folder, seed, self.progress) for source in sources]
        return self._found


def _finished(folder: Path, scale: Scale) -> dict[str, Any] | None:
    """The result of a run that was judged on the same clips before."""
    if not (folder / RESULT).is_file():
        return None
    result = read_json(folder / RESULT)
    return result if result.get("judged on") == _judged_on(scale) else None


def _judged_on(scale: Scale) -> dict[str, Any]:
    return {"data": scale.data, "split": scale.split, "clips": scale.clips, "corpus_seed": scale.corpus_seed}


def _run(
    folder: Path,
    name: str,
    config: TMRConfig,
    scale: Scale,
    encoders: Encoders,
    corpora: _Corpora,
    clips: ClipSet,
    cosines: np.ndarray[Any, Any],
    cache: Path,
) -> dict[str, Any]:
    """Train one configuration, or the rest of it, and judge it at its last step, as the paper does."""
    from kinelang.models.tmr.retriever import Retriever
    from kinelang.training.loop import Plan, Report, fit
    from kinelang.training.tmr import prepare

    train, held_out = corpora()
    task = prepare(config, train, held_out, encoders.tokens, cache / "texts", encoders.sentences, corpora.progress)
    folder.mkdir(parents=True, exist_ok=True)
    task.write_head(folder, f"# {name}\n\nA row of a sweep: {scale.steps} steps on {', '.join(scale.corpora)}.\n")
    steps = task.config.optimisation.steps or 0
    plan = Plan(validate_every=steps, accelerator=scale.accelerator, tensorboard=False)

    def watch(report: Report) -> None:
        if corpora.progress is not None:
            corpora.progress(name, report.step, report.steps)

    place = fit(task, task.config.optimisation, folder, plan, kind=json.dumps(to_dict(config)), resume=True, watch=watch)
    if place.step < steps:
        raise KinelangError.of(name, f"{place.step} of {steps} steps", "all of them", "run the command again, it goes on where it was")
    model = Retriever.load(folder, encoders.tokens)
    scores = model.encode_texts(clips.texts) @ model.encode_features([clip.features for clip in clips.clips]).T
    result = {
        "run": folder.name,
        "model": model.identity,
        "trained_s": round(place.trained_s, 1),
        "config": to_dict(task.config),
        "judged on": _judged_on(scale),
        "results": {name: result.to_json() for name, result in _judged(scores, clips, cosines).items()},
    }
    write_json(folder / RESULT, result)
    return result


def _judged(scores: np.ndarray[Any, Any], clips: ClipSet, cosines: np.ndarray[Any, Any]) -> dict[str, Result]:
    trial = trial_of(
        scores,
        right=clips.right,
        ids=[clip.id for clip in clips.clips],
        groups=[clip.group for clip in clips.clips],
        texts=clips.texts,
        text_cosines=cosines,
    )
    return {name: evaluate(trial, name) for name in PROTOCOLS_SHOWN}


# --- What is written


def _record(table: str, scale: Scale, clips: ClipSet, encoders: Encoders) -> dict[str, Any]:
    """What a table was measured on and with."""
    import torch

    hardware = {
        "processors": os.cpu_count(),
        "machine": platform.machine(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }
    if torch.cuda.is_available() and scale.accelerator != "cpu":
        hardware["accelerator"] = torch.cuda.get_device_name(0)
    return {
        "table": table,
        "description": SWEEPS[table].description,
        "corpora": list(scale.corpora),
        "corpus_seed": scale.corpus_seed,
        "steps": scale.steps,
        "seeds": list(scale.seeds),
        "base": to_dict(scale.base),
        "judged on": {**_judged_on(scale), "texts": len(clips.texts), "clips": len(clips.clips), "captions": clips.captions},
        "text_encoder": encoders.tokens.identity,
        "sentence_encoder": encoders.sentences.identity,
        "not_comparable": [*not_comparable(scale.data, encoders.sentences.identity), f"{scale.steps} steps of training"],
        "hardware": hardware,
        "code": code_version(),
    }


def mean_figures(row: Mapping[str, Any], protocol: str) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation over the seeds of a row, by `KEYS`."""
    values = {key: [run["results"][protocol]["figures"][key]["value"] for run in row["runs"].values()] for key in KEYS}
    return {key: (float(np.mean(of)), float(np.std(of))) for key, of in values.items()}


def markdown(answer: Mapping[str, Any]) -> Iterator[str]:
    """A table of Markdown for each protocol, with what is published beside (b)."""
    on = answer["judged on"]
    yield f"# Table {answer['table']}: {answer['description']}"
    yield ""
    yield (
        f"Trained on {', '.join(answer['corpora'])}: {answer['steps']} steps, seeds {', '.join(map(str, answer['seeds']))}. "
        f"Judged on {on['data']}, split {on['split']}: {on['clips']} clips, {on['texts']} texts (all captions)."
    )
    yield f"Text encoder {answer['text_encoder']}, texts compared by {answer['sentence_encoder']}."
    hardware = ", ".join(f"{name} {value}" for name, value in answer["hardware"].items())
    yield f"Hardware: {hardware}; kinelang {answer['code']['kinelang']} at {answer['code']['commit']}."
    yield f"Not comparable with published numbers: {'; '.join(answer['not_comparable'])}."
    for protocol in PROTOCOLS_SHOWN:
        yield ""
        yield f"## Protocol '{protocol}'"
        yield ""
        yield f"| row | {' | '.join(KEYS)} |"
        yield f"|---|{'---:|' * len(KEYS)}"
        for name, row in answer["rows"].items():
            yield f"| {name} | {' | '.join(_cell(*mean_figures(row, protocol)[key], len(row['runs'])) for key in KEYS)} |"
    yield ""
    yield "## Published: KIT-ML, protocol (b), full training"
    yield ""
    yield f"| row | {' | '.join(PUBLISHED_FIGURES)} |"
    yield f"|---|{'---:|' * len(PUBLISHED_FIGURES)}"
    for name, row in answer["rows"].items():
        figures = [*map(str, row["published"]), *[""] * (len(PUBLISHED_FIGURES) - len(row["published"]))]
        yield f"| {name} | {' | '.join(figures)} |"


def _cell(mean: float, deviation: float, n: int) -> str:
    return f"{mean:.2f}" if n == 1 else f"{mean:.2f} ± {deviation:.2f}"
