"""A run folder is the model: configuration, weights, statistics, figures and a card. Read strictly, written atomically, no pickle.

config.json          {"model": key in MODELS, "version": 1, "config": {...}}
model.safetensors    weights, float32 or float16
stats.safetensors    what its input is normalised with
metrics.json         figures, and what they were measured on
card.md              what people should know
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.errors import FormatError, MissingExtraError, ModelError
from kinelang.motion.arrays import Array

CONFIG, WEIGHTS, STATISTICS, METRICS, CARD = "config.json", "model.safetensors", "stats.safetensors", "metrics.json", "card.md"
VERSION = 1
MOST_BYTES = 8 * 1024**3
"""Largest file of weights that is read."""


@dataclass(frozen=True)
class Optimisation:
    """How a model is trained. Defaults are those of TMR's release.

    Attributes:
        learning_rate: of AdamW; the peak where there is a schedule.
        weight_decay, betas: of AdamW.
        batch_size: pairs a step and process.
        accumulate: batches whose gradients are added up to one step.
        epochs: passes through the data, if `steps` is None.
        steps: steps of the optimiser.
        schedule: "constant", or "cosine": down to a hundredth of the learning rate at the last step.
        warmup_steps: over which the learning rate rises from 0.
        clip: largest norm of the gradient; None: not clipped.
        ema: share of the running mean of the weights that each step keeps; None: the weights themselves are the model.
        precision: as Lightning Fabric names it, such as "32-true" or "bf16-mixed".
        matmul_precision: of torch's float32 matrix products ("high" lets GPUs round to TF32).
        seed: of all randomness.
    """

    learning_rate: float = 1e-4
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.999)
    batch_size: int = 32
    accumulate: int = 1
    epochs: int = 500
    steps: int | None = None
    schedule: Literal["constant", "cosine"] = "constant"
    warmup_steps: int = 0
    clip: float | None = None
    ema: float | None = None
    precision: str = "32-true"
    matmul_precision: Literal["highest", "high", "medium"] = "high"
    seed: int = 1234

    def __post_init__(self) -> None:
        at_least_one = {"batch_size": self.batch_size, "accumulate": self.accumulate, "epochs": self.epochs, "steps": self.steps}
        for name, value in at_least_one.items():
            if value is not None and value < 1:
                raise ModelError.of(f"optimisation, {name}", str(value), "at least 1")
        if not self.learning_rate > 0:
            raise ModelError.of("optimisation, learning_rate", str(self.learning_rate), "more than 0")
        if self.ema is not None and not 0 < self.ema < 1:
            raise ModelError.of("optimisation, ema", str(self.ema), "between 0 and 1, or null")


@dataclass(frozen=True, eq=False)
class Run:
    """What is in a run folder.

    Attributes:
        model: key in `MODELS`.
        config: as JSON holds it; the model's own module makes its dataclass of it.
        weights: float32 arrays by name.
        statistics: float32 arrays by name.
        metrics: figures.
        identity: name and the first 8 hexadecimal digits of a hash of configuration, weights and statistics.
        where: the folder.
    """

    model: str
    config: Mapping[str, Any]
    weights: Mapping[str, Array]
    statistics: Mapping[str, Array]
    metrics: Mapping[str, Any] = field(default_factory=dict)
    identity: str = ""
    where: str = ""


def write_run(
    folder: Path,
    model: str,
    config: Mapping[str, Any],
    weights: Mapping[str, Array],
    statistics: Mapping[str, Array],
    metrics: Mapping[str, Any] | None = None,
    card: str | None = None,
    *,
    half: bool = False,
) -> None:
    """Write a model, each file whole or not at all. `half` stores the weights as float16, half as large.

    Raises:
        ModelError: weights that are not finite.
        FormatError: the folder cannot be written to.
        MissingExtraError: safetensors is not installed.
    """
    _make(folder)
    write_json(folder / CONFIG, {"model": model, "version": VERSION, "config": dict(config)})
    write_tensors(folder / STATISTICS, statistics)
    write_weights(folder, weights, half=half)
    if metrics is not None:
        write_json(folder / METRICS, metrics)
    if card is not None:
        write_atomic(folder / CARD, card.encode())


def write_weights(folder: Path, weights: Mapping[str, Array], *, half: bool = False) -> None:
    """Replace the weights in a run folder; errors as for `write_run`."""
    kind = np.float16 if half else np.float32
    with np.errstate(over="ignore"):  # what float16 cannot hold becomes infinite, and is told below
        stored = {name: np.asarray(array, dtype=kind) for name, array in weights.items()}
    for name, array in stored.items():
        if not np.isfinite(array).all():
            raise ModelError.of(f"weights '{name}'", f"values that are not finite as {array.dtype}", "finite numbers")
    write_tensors(folder / WEIGHTS, stored)


def read_run(folder: Path, model: str | None = None) -> Run:
    """Read a run folder.

    Args:
        folder: holds at least configuration, weights and statistics.
        model: the key in `MODELS` that is expected; None: any.

    Raises:
        ModelError: a file is missing or not what it should be, or the folder holds another model.
        MissingExtraError: safetensors is not installed.
    """
    if not folder.is_dir():
        raise ModelError.of(str(folder), "no such folder", f"a run folder with {CONFIG}, {WEIGHTS} and {STATISTICS}", "train a model")
    missing = [name for name in (CONFIG, WEIGHTS, STATISTICS) if not (folder / name).is_file()]
    if missing:
        raise ModelError.of(str(folder), f"no {', no '.join(missing)}", f"{CONFIG}, {WEIGHTS} and {STATISTICS}", "train it to its end")
    head = read_json(folder / CONFIG)
    if set(head) != {"model", "version", "config"} or head["version"] != VERSION or not isinstance(head["config"], dict):
        found = f"fields {', '.join(map(str, head))}, version {head.get('version')!r}"
        raise ModelError.of(str(folder / CONFIG), found, f"model, version {VERSION} and config", "use the version that wrote it")
    if model is not None and head["model"] != model:
        raise ModelError.of(str(folder), f"a model of kind '{head['model']}'", f"one of kind '{model}'")
    weights, statistics = read_tensors(folder / WEIGHTS), read_tensors(folder / STATISTICS)
    for name, array in {**weights, **statistics}.items():
        if not np.isfinite(array).all():
            raise ModelError.of(str(folder), f"values in '{name}' that are not finite", "finite numbers", "train it again")
    metrics = read_json(folder / METRICS) if (folder / METRICS).is_file() else {}
    identity = f"{head['model']}@{_digest(head, weights, statistics)}"
    return Run(head["model"], head["config"], weights, statistics, metrics, identity, str(folder))


def export_run(run: Path, out: Path, leave_out: tuple[str, ...] = ()) -> None:
    """Write what of a trained model others need: weights as float16, without the history of its training.

    Args:
        run: the run folder.
        out: folder to write to.
        leave_out: beginnings of the names of weights that are not needed, such as "motion_decoder.".

    Raises:
        ModelError, FormatError, MissingExtraError: as `read_run` and `write_run`.
    """
    found = read_run(run)
    weights = {name: array for name, array in found.weights.items() if not name.startswith(leave_out)} if leave_out else found.weights
    metrics = {name: value for name, value in found.metrics.items() if name != "history"}
    card = (run / CARD).read_text(encoding="utf-8") if (run / CARD).is_file() else None
    write_run(out, found.model, found.config, weights, found.statistics, metrics, card, half=True)


_SHARED = ("network", "data", "text_identity", "word_identity", "vocabulary")
"""Settings that trainings have to share to be averaged: what goes in and comes out."""


def average_runs(runs: Sequence[Path], out: Path, shares: Sequence[float] | None = None) -> None:
    """Average the weights of trainings of one network from one beginning, and write the result as a run folder.

    Of trainings that end in one basin the mean can do better than each, most of all away from what they were trained on: "model soups"
    (Wortsman et al., ICML 2022). Nothing promises it: judge the result.

    Args:
        runs: run folders with the same network and the same data settings; configuration and card are the first one's.
        out: folder to write to.
        shares: of each, more than 0; None: all alike.

    Raises:
        ModelError: fewer than two runs, other numbers of shares, runs that differ in more than their training.
        FormatError, MissingExtraError: as `read_run` and `write_run`.
    """
    given = [1.0] * len(runs) if shares is None else list(shares)
    if len(runs) < 2 or len(given) != len(runs) or not all(share > 0 for share in given):
        raise ModelError.of("average", f"{len(runs)} runs and shares {given}", "two runs or more, and a share above 0 for each")
    found = [read_run(run) for run in runs]
    first = found[0]
    for run in found[1:]:
        check_tensors(run.weights, {name: array.shape for name, array in first.weights.items()}, run.where)
        own, theirs = ({name: config.get(name) for name in _SHARED} for config in (run.config, first.config))
        if run.model != first.model or own != theirs:
            raise ModelError.of(
                run.where, "another kind of model or other settings of network, data or words", f"those of {first.where}"
            )

    def mean(arrays: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
        return {
            name: np.average([a[name].astype(np.float64) for a in arrays], axis=0, weights=given).astype(np.float32)
            for name in arrays[0]
        }

    card = (runs[0] / CARD).read_text(encoding="utf-8") if (runs[0] / CARD).is_file() else None
    metrics = {"averaged": [{"model": run.identity, "share": share} for run, share in zip(found, given, strict=True)]}
    write_run(out, first.model, first.config, mean([r.weights for r in found]), mean([r.statistics for r in found]), metrics, card)


def check_tensors(found: Mapping[str, Array], expected: Mapping[str, tuple[int, ...]], where: str) -> None:
    """Raise ModelError unless there are exactly the expected names with the expected shapes; it names the first few that are wrong."""
    missing = sorted(set(expected) - set(found))
    unknown = sorted(set(found) - set(expected))
    shapes = [
        f"'{name}' of shape {found[name].shape} in place of {shape}"
        for name, shape in expected.items()
        if name in found and tuple(found[name].shape) != shape
    ]
    wrong = [*(f"no '{n}'" for n in missing), *(f"'{n}', which is not in the model" for n in unknown), *shapes]
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise ModelError.of(
            where, ", ".join(wrong[:3]) + more, "the tensors of its configuration", "the folder's files do not belong together"
        )


# --- files


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON object for people to read, atomically."""
    write_atomic(path, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises ModelError if there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (ValueError, RecursionError) as error:
        raise ModelError.of(str(path), f"no valid JSON ({error})", "an object", "copy it again") from None
    if not isinstance(content, dict):
        raise ModelError.of(str(path), f"a JSON {type(content).__name__}", "an object")
    return content


def write_tensors(path: Path, arrays: Mapping[str, Array], metadata: Mapping[str, str] | None = None) -> None:
    """Write a safetensors file atomically. Raises FormatError, MissingExtraError."""
    save = _safetensors().save
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write_atomic(path, save(contiguous, metadata=None if metadata is None else dict(metadata)))


def read_tensors(path: Path) -> dict[str, Array]:
    """The arrays of a safetensors file; float16 as float32. Raises ModelError, MissingExtraError."""
    return {name: a.astype(np.float32) if a.dtype == np.float16 else a for name, a in _read(path)[0].items()}


def read_tensors_with_metadata(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """The arrays of a safetensors file as they are stored, and its metadata. Errors as for `read_tensors`."""
    return _read(path)


def _read(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    load = _safetensors().load
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ModelError.of(str(path), f"{path.stat().st_size:,} bytes", f"at most {MOST_BYTES:,}")
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from error
    try:
        arrays: dict[str, Array] = load(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    except Exception as error:  # safetensors raises its own error, KeyError and ValueError
        raise ModelError.of(str(path), f"no safetensors file ({error})", "one", "copy it again or train the model again") from None
    return arrays, header.get("__metadata__") or {}


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise MissingExtraError.for_extra("safetensors", "search") from error
    return safetensors.numpy


def _digest(head: Mapping[str, Any], *groups: Mapping[str, Array]) -> str:
    """The first 8 hexadecimal digits of a hash of what the model computes with."""
    digest = hashlib.sha256(json.dumps(head, sort_keys=True).encode())
    for group in groups:
        for name, array in sorted(group.items()):
            digest.update(f"{name} {array.dtype} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:8]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FormatError(f"{folder}: cannot be made ({error.strerror or error}); give a folder that you may write to") from error
