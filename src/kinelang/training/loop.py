"""One loop for all models: AdamW, schedules, running means of the weights, validation, best and last checkpoints, exact resumption.

Devices, precision and several processes are Lightning Fabric's business. Nothing random outlives a step: every step draws from a
generator seeded with its own number, and every batch is a function of its epoch and place, so that a run that was killed and continued
ends with the same bits, on one machine and with one number of threads, as one that was not.
"""

from __future__ import annotations

import copy
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from kinelang.errors import MissingExtraError, ModelError
from kinelang.models.base import METRICS, Optimisation, write_json, write_weights
from kinelang.models.with_torch import Tensor, nn, torch
from kinelang.training import checkpoint
from kinelang.training.checkpoint import Place

LAST_SHARE = 0.01
"""Of the learning rate, at the end of a cosine."""


class Task(Protocol):
    """What is trained: a module, its batches and its loss.

    Attributes:
        module: torch module; its `forward` is what Fabric runs in the precision asked for.
        primary: name of the metric that the best checkpoint is chosen by; higher is better.
    """

    @property
    def module(self) -> nn.Module: ...  # noqa: D102

    @property
    def primary(self) -> str: ...  # noqa: D102

    def n_batches(self, epoch: int) -> int:
        """Batches in an epoch."""
        ...

    def batch(self, epoch: int, index: int) -> Any:
        """One batch, tensors on the CPU: the same whenever it is asked for. Called from another thread."""
        ...

    def loss(self, module: nn.Module, batch: Any) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The loss and its parts. `module` is `self.module` as Fabric has wrapped it."""
        ...

    def validate(self, module: nn.Module) -> Mapping[str, float]:
        """Metrics on held-out data. `module` is the one that would be saved, in evaluation mode."""
        ...


@dataclass(frozen=True)
class Report:
    """What `watch` is told after every step.

    Attributes:
        step, steps: done, and of how many.
        losses: mean of the loss and its parts over the batches of the step.
        metrics: those of a validation that followed the step; empty otherwise.
        best: whether they are the best so far.
        rate: learning rate.
    """

    step: int
    steps: int
    losses: Mapping[str, float]
    metrics: Mapping[str, float] = field(default_factory=dict)
    best: bool = False
    rate: float = 0.0


@dataclass(frozen=True)
class Plan:
    """What a run does besides taking steps.

    Attributes:
        validate_every: steps from one validation to the next; the last step is always followed by one.
        save_every_s: seconds from one saved state to the next; validations and the end save too.
        max_minutes: of training in this call, after which it stops, resumable.
        accelerator, devices: as Lightning Fabric takes them.
        tensorboard: write `RUN/tensorboard`, where tensorboardX is installed.
    """

    validate_every: int = 500
    save_every_s: float = 300.0
    max_minutes: float | None = None
    accelerator: str = "auto"
    devices: int = 1
    tensorboard: bool = True


def fit(
    task: Task,
    config: Optimisation,
    run: Path,
    plan: Plan | None = None,
    *,
    kind: str = "",
    resume: bool = False,
    watch: Callable[[Report], None] | None = None,
) -> Place:
    """Train until all steps are done, time is up, or the process is interrupted (SIGINT, SIGTERM), and save.

    Writes model.safetensors and metrics.json of the best validation into the run folder, whose other files are the caller's, and the
    last state into its folder `checkpoint`.

    Args:
        task: what is trained.
        config: how.
        run: the run folder.
        plan: validations, time, devices.
        kind: text that a run to be continued has to share, such as its configuration.
        resume: go on from the last state, if there is one.
        watch: told after every step, in the first process.

    Returns:
        Where the run is; it is done when `step` has reached the number of steps.

    Raises:
        ModelError: there is a state already and `resume` is not set, or it is another run's; or the loss is no longer finite.
        MissingExtraError: lightning-fabric is not installed.
    """
    plan = Plan() if plan is None else plan
    if checkpoint.exists(run) and not resume:
        raise ModelError.of(str(run), "a run that was begun", "an empty folder", "continue it with --resume, or take another folder")
    fabric = _fabric(config, plan)
    torch.set_float32_matmul_precision(config.matmul_precision)
    raw = task.module
    optimiser = torch.optim.AdamW(
        raw.parameters(), config.learning_rate, betas=config.betas, weight_decay=config.weight_decay, foreach=False
    )
    module, optimiser = fabric.setup(raw, optimiser)
    averaged = copy.deepcopy(raw).requires_grad_(False) if config.ema is not None else None
    place = checkpoint.load(run, raw, averaged, optimiser, kind) if checkpoint.exists(run) else Place()
    return _Loop(task, config, run, plan, kind, fabric, module, optimiser, averaged, place, watch).go()


@dataclass
class _Loop:
    """The state of one call of `fit`."""

    task: Task
    config: Optimisation
    run: Path
    plan: Plan
    kind: str
    fabric: Any
    module: Any
    optimiser: Any
    averaged: nn.Module | None
    place: Place
    watch: Callable[[Report], None] | None

    def go(self) -> Place:
        started = saved = time.monotonic()
        before_s, total = self.place.trained_s, total_steps(self.config, self.task, self.fabric.world_size)
        limit_s = math.inf if self.plan.max_minutes is None else 60 * self.plan.max_minutes
        with _board(self) as write, _interruptions() as interrupted, self._batches() as batches:
            while self.place.step < total:
                losses = self._step(batches, total)
                now = time.monotonic()
                self.place.trained_s = before_s + now - started
                ended = self.place.step == total or now - started > limit_s
                stopping = ended or interrupted.is_set()
                validating = ended or self.place.step % self.plan.validate_every == 0
                metrics, best = self._validated() if validating else ({}, False)
                if metrics or stopping or now - saved > self.plan.save_every_s:
                    self._save()
                    saved = time.monotonic()
                report = Report(self.place.step, total, losses, metrics, best, rate_at(self.place.step - 1, total, self.config))
                write(report)
                if self.watch is not None and self.fabric.is_global_zero:
                    self.watch(report)
                if stopping:
                    break
        return self.place

    def _step(self, batches: Iterator[tuple[int, int, Any]], total: int) -> dict[str, float]:
        """One step of the optimiser; the mean of each loss over its batches."""
        torch.manual_seed(_seed(self.config.seed, self.place.step, self.fabric.global_rank))
        self.module.train()
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(self.place.step, total, self.config)
        sums: dict[str, float] = {}
        for i in range(self.config.accumulate):
            self.place.epoch, self.place.index, batch = next(batches)
            with self.fabric.no_backward_sync(self.module, enabled=i + 1 < self.config.accumulate):
                loss, parts = self.task.loss(self.module, self.fabric.to_device(batch))
                self.fabric.backward(loss / self.config.accumulate)
            for name, value in {"loss": loss, **parts}.items():
                sums[name] = sums.get(name, 0.0) + float(value.detach()) / self.config.accumulate
        if not math.isfinite(sums["loss"]):
            found = ", ".join(f"{name} {value:g}" for name, value in sums.items())
            raise ModelError.of(f"step {self.place.step + 1}", found, "finite losses", "lower the learning rate, or set clip")
        if self.config.clip is not None:
            self.fabric.clip_gradients(self.module, self.optimiser, max_norm=self.config.clip)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.place.step += 1
        self._average()
        return sums

    def _average(self) -> None:
        """Move the running mean of the weights; at first it follows faster, so that it forgets where it began."""
        if self.averaged is None or self.config.ema is None:
            return
        keep = min(self.config.ema, (1 + self.place.step) / (10 + self.place.step))
        with torch.no_grad():
            for mean, weight in zip(self.averaged.parameters(), self.task.module.parameters(), strict=True):
                mean.lerp_(weight, 1 - keep)

    def _validated(self) -> tuple[dict[str, float], bool]:
        """Metrics of the model that would be saved; it is saved if they are the best so far."""
        self.fabric.barrier()
        if not self.fabric.is_global_zero:
            return {"waited": 0.0}, False
        module = self.task.module if self.averaged is None else self.averaged
        module.eval()
        with torch.inference_mode():
            metrics = {name: float(value) for name, value in self.task.validate(module).items()}
        place, value = self.place, metrics[self.task.primary]
        place.history.append({"step": place.step, **metrics})
        best = place.best is None or value > place.best
        if best:
            place.best, place.best_step = value, place.step
            write_weights(self.run, {name: tensor.cpu().numpy() for name, tensor in module.state_dict().items()})
        found = {"step": place.best_step, "primary": self.task.primary, "validation": _at(place.history, place.best_step)}
        write_json(self.run / METRICS, {**found, "trained_s": round(place.trained_s, 1), "history": place.history})
        return metrics, best

    def _save(self) -> None:
        if self.fabric.is_global_zero:
            checkpoint.save(self.run, self.place, self.task.module, self.averaged, self.optimiser, self.kind)
        self.fabric.barrier()

    @contextmanager
    def _batches(self) -> Iterator[Iterator[tuple[int, int, Any]]]:
        """This process's batches from where the run is, one made ahead by another thread, each with the place of the next."""
        world, rank = self.fabric.world_size, self.fabric.global_rank

        def places() -> Iterator[tuple[int, int, int, int]]:
            at = [(self.place.epoch, self.place.index)]
            while True:
                for _ in range(world):
                    epoch, index = at[-1]
                    at.append((epoch, index + 1) if index + 1 < self.task.n_batches(epoch) else (epoch + 1, 0))
                yield (*at[rank], *at[-1])
                at = at[-1:]

        def batches(pool: ThreadPoolExecutor) -> Iterator[tuple[int, int, Any]]:
            places_ = places()
            epoch, index, *after = next(places_)
            ahead = pool.submit(self.task.batch, epoch, index)
            while True:
                done, following = ahead, after
                epoch, index, *after = next(places_)
                ahead = pool.submit(self.task.batch, epoch, index)
                yield following[0], following[1], done.result()

        with ThreadPoolExecutor(1) as pool:
            yield batches(pool)


def total_steps(config: Optimisation, task: Task, processes: int = 1) -> int:
    """Steps of a whole run."""
    if config.steps is not None:
        return config.steps
    batches = sum(task.n_batches(epoch) for epoch in range(config.epochs))
    return max(batches // (config.accumulate * processes), 1)


def rate_at(step: int, total: int, config: Optimisation) -> float:
    """Learning rate of a step, the first being 0."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    if config.schedule == "constant":
        return config.learning_rate
    done = (step - config.warmup_steps) / max(total - config.warmup_steps, 1)
    return config.learning_rate * (LAST_SHARE + (1 - LAST_SHARE) * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))


def _fabric(config: Optimisation, plan: Plan) -> Any:
    try:
        from lightning_fabric import Fabric
    except ImportError as error:
        raise MissingExtraError.for_extra("lightning-fabric", "models") from error
    fabric = Fabric(accelerator=plan.accelerator, devices=plan.devices, precision=config.precision)  # type: ignore[arg-type]
    fabric.launch()
    return fabric


def _seed(seed: int, step: int, rank: int) -> int:
    return (seed * 1_000_003 + step) * 1_021 + rank


def _at(history: list[dict[str, float]], step: int) -> dict[str, float]:
    return next(({n: v for n, v in row.items() if n != "step"} for row in history if row["step"] == step), {})


@contextmanager
def _interruptions() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set, so that a step is never cut in two; a second SIGINT interrupts as usual."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def stop(number: int, frame: FrameType | None) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _board(loop: _Loop) -> Iterator[Callable[[Report], None]]:
    """Writes to TensorBoard's files, where tensorboardX is installed."""
    writer = None
    if loop.plan.tensorboard and loop.fabric.is_global_zero:
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            pass
        else:
            writer = SummaryWriter(str(loop.run / "tensorboard"), purge_step=loop.place.step + 1)

    def write(report: Report) -> None:
        if writer is None:
            return
        for name, value in {**report.losses, "learning_rate": report.rate}.items():
            writer.add_scalar(f"training/{name}", value, report.step)
        for name, value in report.metrics.items():
            writer.add_scalar(f"validation/{name}", value, report.step)

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()
