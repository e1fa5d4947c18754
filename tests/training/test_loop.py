"""The loop: exact resumption, schedules, what is kept of the best, and that it learns."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kinelang.errors import ModelError
from kinelang.models.base import METRICS, Optimisation, read_json, read_tensors, read_tensors_with_metadata
from kinelang.training import checkpoint
from kinelang.training.loop import LAST_SHARE, Plan, Report, fit, rate_at, total_steps

BASE = Optimisation(
    learning_rate=1e-2, steps=20, batch_size=8, schedule="cosine", warmup_steps=4, clip=1.0, ema=0.9, accumulate=2, seed=7
)
PLAN = Plan(validate_every=6, save_every_s=0.0, accelerator="cpu", tensorboard=False)


class Line:
    """Fits a line through noisy points, with dropout, so that every source of randomness counts."""

    primary = "fit"

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.module = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Dropout(0.3), torch.nn.Linear(8, 1))

    def n_batches(self, epoch: int) -> int:
        return 5

    def batch(self, epoch: int, index: int) -> torch.Tensor:
        rng = np.random.default_rng([epoch, index])
        return torch.from_numpy(rng.standard_normal((8, 3)).astype(np.float32))

    def loss(self, module: torch.nn.Module, batch: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        noise = 0.1 * torch.randn(len(batch), 1)
        wrong = ((module(batch) - batch.sum(1, keepdim=True) + noise) ** 2).mean()
        return wrong, {"wrong": wrong}

    def validate(self, module: torch.nn.Module) -> dict[str, float]:
        assert not module.training
        torch.rand(3)  # what validation draws must not matter
        x = torch.linspace(-1, 1, 30).view(10, 3)
        return {"fit": -float(((module(x) - x.sum(1, keepdim=True)) ** 2).mean())}


def train(run: Path, steps: int | None = None, resume: bool = False, config: Optimisation = BASE, plan: Plan = PLAN) -> list[Report]:
    """Train in this process; with `steps`, until so many are done and the process would be killed."""
    reports: list[Report] = []

    class Killed(Exception):
        pass

    def watch(report: Report) -> None:
        reports.append(report)
        if report.step == steps:
            raise Killed

    with contextlib.suppress(Killed):
        fit(Line(), config, run, plan, kind="line", resume=resume, watch=watch)
    return reports


def everything(run: Path) -> dict[str, np.ndarray]:
    return read_tensors(run / checkpoint.FOLDER / checkpoint.STATE) | {
        f"best.{n}": a for n, a in read_tensors(run / "model.safetensors").items()
    }


@pytest.mark.parametrize("stops", [[10], [3, 6, 7, 19]])
def test_stopped_and_continued_is_the_same_to_the_bit(tmp_path: Path, stops: list[int]) -> None:
    straight = train(tmp_path / "straight")
    done: list[Report] = []
    for i, stop in enumerate(stops):
        done += train(tmp_path / "parts", stop, resume=i > 0)
    done += train(tmp_path / "parts", resume=True)
    assert [(r.step, r.losses, r.metrics, r.rate) for r in done] == [(r.step, r.losses, r.metrics, r.rate) for r in straight]
    first, second = everything(tmp_path / "straight"), everything(tmp_path / "parts")
    assert set(first) == set(second)
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name], err_msg=name)
    histories = [read_json(tmp_path / run / METRICS)["history"] for run in ("straight", "parts")]
    assert histories[0] == histories[1]
    assert [row["step"] for row in histories[0]] == [6, 12, 18, 20]


def test_killed_by_the_system_and_continued(tmp_path: Path) -> None:
    """A process of its own, killed -9 after step 10, as in the brief of the loop: 20 steps = 10, kill, 10."""
    code = (
        f"import os, signal, sys; sys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parents[1])]!r}\n"
        "import pathlib, torch; torch.set_num_threads(1)\n"
        "from test_loop import BASE, PLAN, Line\n"
        "from kinelang.training.loop import fit\n"
        "fit(Line(), BASE, pathlib.Path(sys.argv[1]), PLAN, kind='line',\n"
        "    watch=lambda r: os.kill(os.getpid(), signal.SIGKILL) if r.step == 10 else None)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path / "killed")], timeout=100, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert json.loads((tmp_path / "killed" / checkpoint.FOLDER / checkpoint.SUMMARY).read_text())["step"] == 10
    train(tmp_path / "killed", resume=True)
    train(tmp_path / "straight")
    first, second = everything(tmp_path / "straight"), everything(tmp_path / "killed")
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name], err_msg=name)


def test_nothing_is_pickled(tmp_path: Path) -> None:
    train(tmp_path, plan=replace(PLAN, tensorboard=True))
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {n for n in names if not n.startswith("tensorboard/events")} == {
        "model.safetensors", METRICS, "checkpoint/last.safetensors", "checkpoint/last.json",
    }  # fmt: skip


def test_a_run_that_was_begun_is_not_overwritten(tmp_path: Path) -> None:
    train(tmp_path, 2)
    with pytest.raises(ModelError, match=r"a run that was begun.*--resume"):
        train(tmp_path)


def test_a_run_is_continued_as_it_was_begun(tmp_path: Path) -> None:
    train(tmp_path, 2)
    with pytest.raises(ModelError, match="another configuration"):
        fit(Line(), BASE, tmp_path, PLAN, kind="another", resume=True)


def test_resuming_where_nothing_was_begun_begins(tmp_path: Path) -> None:
    assert train(tmp_path, resume=True)[-1].step == 20


def test_resuming_what_is_done_does_nothing(tmp_path: Path) -> None:
    train(tmp_path)
    assert train(tmp_path, resume=True) == []


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    train(tmp_path, 2)
    state = tmp_path / checkpoint.FOLDER / checkpoint.STATE
    data = state.read_bytes()
    state.write_bytes(data[:-9])
    with pytest.raises(ModelError, match="no safetensors file"):
        train(tmp_path, resume=True)


def test_the_best_is_kept(tmp_path: Path) -> None:
    reports = train(tmp_path)
    metrics = read_json(tmp_path / METRICS)
    values = {r.step: r.metrics["fit"] for r in reports if r.metrics}
    assert metrics["step"] == max(values, key=values.__getitem__)
    assert metrics["validation"] == {"fit": max(values.values())}
    assert next(r.best for r in reports if r.metrics)
    module = Line().module.eval()
    module.load_state_dict({n: torch.from_numpy(a) for n, a in read_tensors(tmp_path / "model.safetensors").items()})
    with torch.inference_mode():
        assert Line().validate(module)["fit"] == max(values.values())


def test_the_mean_of_the_weights_is_the_mean(tmp_path: Path) -> None:
    """By hand, from the weights after every step."""
    config = replace(BASE, steps=5, accumulate=1)
    seen: list[np.ndarray] = []
    task = Line()
    fit(task, config, tmp_path, PLAN, watch=lambda r: seen.append(task.module[0].weight.detach().numpy().copy()))
    mean = Line().module[0].weight.detach().numpy()
    for step, weight in enumerate(seen, start=1):
        keep = min(0.9, (1 + step) / (10 + step))
        mean = keep * mean + (1 - keep) * weight
    np.testing.assert_allclose(read_tensors(tmp_path / "checkpoint/last.safetensors")["averaged.0.weight"], mean, atol=1e-6)


def test_accumulated_gradients_are_those_of_one_batch(tmp_path: Path) -> None:
    class Halves(Line):
        """The batches of `Line` in two halves each."""

        def __init__(self, parts: int) -> None:
            super().__init__()
            self.module[1].p = 0.0
            self.parts = parts

        def n_batches(self, epoch: int) -> int:
            return 5 * self.parts

        def batch(self, epoch: int, index: int) -> torch.Tensor:
            return super().batch(epoch, index // self.parts).chunk(self.parts)[index % self.parts]

        def loss(self, module, batch):  # type: ignore[no-untyped-def]
            wrong = ((module(batch) - batch.sum(1, keepdim=True)) ** 2).mean()
            return wrong, {}

    for parts in (1, 2):
        fit(Halves(parts), replace(BASE, steps=6, accumulate=parts), tmp_path / str(parts), PLAN)
    one, two = (everything(tmp_path / name) for name in ("1", "2"))
    for name in one:
        if name.startswith("model."):
            np.testing.assert_allclose(one[name], two[name], atol=1e-5)


def test_rates_rise_and_fall() -> None:
    config = replace(BASE, steps=100, warmup_steps=10, learning_rate=1.0)
    rates = [rate_at(step, 100, config) for step in range(100)]
    np.testing.assert_allclose(rates[:10], np.arange(1, 11) / 10)
    assert sorted(rates[9:], reverse=True) == rates[9:]
    assert rates[10] == 1.0
    assert rates[-1] == pytest.approx(LAST_SHARE, rel=0.1)
    assert {rate_at(s, 100, replace(config, schedule="constant", warmup_steps=0)) for s in range(100)} == {1.0}


def test_steps_of_epochs() -> None:
    assert total_steps(replace(BASE, steps=None, epochs=4, accumulate=2), Line()) == 10
    assert total_steps(BASE, Line()) == 20


def test_time_is_up(tmp_path: Path) -> None:
    reports = train(tmp_path, plan=replace(PLAN, max_minutes=0.0))
    assert [r.step for r in reports] == [1]
    assert reports[0].metrics
    assert (tmp_path / "model.safetensors").is_file()
    assert train(tmp_path, resume=True)[-1].step == 20


def test_an_interruption_finishes_the_step_and_saves(tmp_path: Path) -> None:
    def interrupt(report: Report) -> None:
        if report.step == 3:
            os.kill(os.getpid(), signal.SIGINT)

    place = fit(Line(), BASE, tmp_path, replace(PLAN, save_every_s=1e9), kind="line", watch=interrupt)
    assert place.step == 4
    metadata = read_tensors_with_metadata(tmp_path / checkpoint.FOLDER / checkpoint.STATE)[1]
    assert json.loads(metadata["place"])["step"] == 4
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_losses_that_run_away_are_told(tmp_path: Path) -> None:
    class Broken(Line):
        def loss(self, module, batch):  # type: ignore[no-untyped-def]
            wrong = module(batch).sum() * torch.inf
            return wrong, {"part": wrong}

    with pytest.raises(ModelError, match=r"step 1: found loss (nan|inf|-inf), part .*; expected finite losses"):
        fit(Broken(), BASE, tmp_path, PLAN)
