"""Schedules and samplers: published steps, the noise of each, and the same motions as diffusers' schedulers make."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")

from kinelang.errors import ModelError  # noqa: E402
from kinelang.models.diffusion.samplers import guidance_weight, guided, noised, sample  # noqa: E402
from kinelang.models.diffusion.schedule import PUBLISHED_SECTIONS, Schedule, spaced, trailing  # noqa: E402

PUBLISHED = [
    *(0, 14, 28, 43, 57, 71, 85, 99, 114, 128, 142, 156, 171, 185, 199),
    *(200, 214, 228, 243, 257, 271, 285, 299, 314, 328, 342, 356, 371, 385, 399),
    *(400, 428, 457, 485, 514, 542, 571, 599),
    *(600, 640, 680, 719, 759, 799),
    *(800, 840, 880, 919, 959, 999),
]
"""The 50 steps of FineMoGen's release, whose string is "15,15,8,6,6"."""


def network(x: Any, t: int) -> Any:
    """Something like one: nonlinear in the motion and in the step, and different at every place."""
    at = torch.linspace(-1, 1, x.numel(), dtype=x.dtype).view(x.shape)
    return torch.tanh(0.7 * x + at) + 0.3 * math.sin(t / 150)


def noise(seed: int = 0, *shape: int) -> Any:
    return torch.randn(*(shape or (2, 5, 3)), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# --- schedules


def test_published_steps() -> None:
    assert list(spaced(1000, PUBLISHED_SECTIONS)) == PUBLISHED
    assert len(PUBLISHED) == 50


@pytest.mark.parametrize(("steps", "sections"), [(10, (11,)), (10, (3, 0)), (3, (1, 1, 1, 1))])
def test_sections_that_cannot_be(steps: int, sections: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match="steps in a section of"):
        spaced(steps, sections)


@pytest.mark.parametrize("count", [1, 2, 5, 7, 10, 50, 999, 1000])
def test_trailing_steps_rise_and_end_with_the_last(count: int) -> None:
    found = trailing(1000, count)
    assert len(set(found)) == count
    assert list(found) == sorted(found)
    assert found[0] >= 0
    assert found[-1] == 999
    gaps = np.diff((-1, *found))
    assert gaps.max() - gaps.min() <= 1


@pytest.mark.parametrize("count", [0, 1001])
def test_as_many_steps_as_there_are(count: int) -> None:
    with pytest.raises(ModelError, match="1 to 1000"):
        trailing(1000, count)


def test_linear_betas_as_published() -> None:
    betas = np.linspace(1e-4, 0.02, 1000)
    level, expected = 1.0, []
    for beta in betas:
        level *= 1 - beta
        expected.append(level)
    np.testing.assert_allclose(Schedule().alpha_bars, expected, rtol=1e-12)


def test_cosine_betas_follow_their_curve_and_are_capped() -> None:
    """Nichol and Dhariwal (2021), equation 17, until the last beta, which is .999."""
    levels = Schedule(betas="cosine").alpha_bars
    curve = np.cos((np.arange(1, 1001) / 1000 + 0.008) / 1.008 * np.pi / 2) ** 2 / np.cos(0.008 / 1.008 * np.pi / 2) ** 2
    np.testing.assert_allclose(levels[:-1], curve[:-1], rtol=1e-9)
    assert levels[-1] == pytest.approx(levels[-2] * 0.001)


@pytest.mark.parametrize("betas", ["linear", "cosine"])
def test_less_and_less_is_left(betas: Any) -> None:
    levels = Schedule(betas=betas).alpha_bars
    assert (np.diff(levels) < 0).all()
    assert levels[0] > 0.9998
    assert 0 < levels[-1] < 1e-4


@pytest.mark.parametrize("values", [{"steps": 0}, {"first": 0.0}, {"first": 0.03}, {"last": 1.0}])
def test_schedules_that_cannot_be(values: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="diffusion"):
        Schedule(**values)


# --- noise and guidance


@pytest.mark.parametrize("t", [0, 250, 999])
def test_noised_motion_has_the_mean_and_variance_of_its_step(t: int) -> None:
    level = float(Schedule().alpha_bars[t])
    clean = torch.tensor([-2.0, 0.0, 3.0], dtype=torch.float64)
    found = noised(clean.expand(200_000, 3), noise(t, 200_000, 3), level)
    error = 5 / math.sqrt(200_000)
    torch.testing.assert_close(found.mean(dim=0), math.sqrt(level) * clean, rtol=0, atol=error)
    torch.testing.assert_close(found.var(dim=0), torch.full((3,), 1 - level, dtype=torch.float64), rtol=2 * error, atol=0)


def test_each_sample_is_noised_to_its_own_step() -> None:
    levels = torch.from_numpy(Schedule().alpha_bars[[10, 700]])
    clean, drawn = noise(1, 2, 4, 3), noise(2, 2, 4, 3)
    both = noised(clean, drawn, levels[:, None, None])
    for i in range(2):
        torch.testing.assert_close(both[i], noised(clean[i], drawn[i], float(levels[i])))


def test_guidance() -> None:
    told, bare = noise(1), noise(2)
    assert torch.equal(guided(told, bare, 1.0), told)
    assert torch.equal(guided(told, bare, 0.0), bare)
    torch.testing.assert_close(guided(told, bare, 2.5), bare + 2.5 * (told - bare))
    assert [guidance_weight(t, 6.5) for t in (0, 500, 1000)] == [1.0, 4.25, 7.5]
    assert guidance_weight(50, 6.5, 100) == 4.25


# --- samplers


def by_diffusers(scheduler: Any, x: Any, count: int) -> Any:
    """What its scheduler makes with tables in float64, as ours are, in place of its float32."""
    levels = torch.from_numpy(Schedule().alpha_bars)
    torch.testing.assert_close(scheduler.alphas_cumprod.double(), levels, rtol=1e-5, atol=0)
    scheduler.alphas_cumprod = levels
    scheduler.set_timesteps(count)
    if hasattr(scheduler, "sigmas"):
        at = levels[scheduler.timesteps]
        sigmas = torch.cat([((1 - at) / at).sqrt(), torch.zeros(1, dtype=torch.float64)])
        torch.testing.assert_close(scheduler.sigmas.double(), sigmas, rtol=1e-5, atol=0)
        scheduler.sigmas = sigmas
    for t in scheduler.timesteps:
        x = scheduler.step(network(x, int(t)), t, x).prev_sample
    return x


@pytest.fixture(scope="module")
def schedulers() -> dict[str, Callable[[], Any]]:
    """Diffusers' for networks that predict the clean motion, spaced as `trailing`, the last step without noise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        diffusers = pytest.importorskip("diffusers")
        ddim, dpm = diffusers.DDIMScheduler, diffusers.DPMSolverMultistepScheduler
    shared = {
        "prediction_type": "sample",
        "beta_schedule": "linear",
        "beta_start": 1e-4,
        "beta_end": 0.02,
        "timestep_spacing": "trailing",
    }
    return {
        "ddim": lambda: ddim(**shared, clip_sample=False, set_alpha_to_one=True),
        "dpm++": lambda: dpm(**shared, solver_order=2, final_sigmas_type="zero", lower_order_final=True),
    }


@pytest.mark.parametrize("count", [1, 2, 5, 10, 25, 50])
@pytest.mark.parametrize(("sampler", "tolerance"), [("ddim", 1e-9), ("dpm++", 1e-6)])
def test_samplers_are_diffusers(schedulers: dict[str, Callable[[], Any]], sampler: Any, tolerance: float, count: int) -> None:
    """Its DPM-Solver++ computes in float32. Its DDIM takes steps of 1000 // count, so that only divisors of 1,000 agree."""
    x = noise()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scheduler = schedulers[sampler]()
        expected = by_diffusers(scheduler, x, count)
    steps = trailing(1000, count)
    assert [int(t) for t in scheduler.timesteps] == list(reversed(steps))
    torch.testing.assert_close(sample(network, x, Schedule(), steps, sampler), expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("betas", ["linear", "cosine"])
@pytest.mark.parametrize("sampler", ["ddim", "dpm++"])
def test_a_network_that_knows_the_motion_gives_it(sampler: Any, betas: Any) -> None:
    motion = noise(3)
    for steps in (trailing(1000, 4), spaced(1000, PUBLISHED_SECTIONS)):
        assert torch.equal(sample(lambda x, t: motion, noise(), Schedule(betas=betas), steps, sampler), motion)


@pytest.mark.parametrize("betas", ["linear", "cosine"])
def test_both_samplers_end_alike_with_many_steps(betas: Any) -> None:
    """They solve one equation: that of a Gaussian, whose network is known, gets its variance right."""
    schedule, spread = Schedule(betas=betas), 0.3

    def gaussian(x: Any, t: int) -> Any:
        level = float(schedule.alpha_bars[t])
        return math.sqrt(level) * spread**2 / (level * spread**2 + 1 - level) * x

    x = noise(0, 1000)
    exact = spread * x
    for sampler, count, tolerance in (("ddim", 500, 0.02), ("dpm++", 100, 0.02)):
        made = sample(gaussian, x, schedule, trailing(1000, count), sampler)
        assert (made - exact).abs().max() < tolerance
    few = {name: (sample(gaussian, x, schedule, trailing(1000, 10), name) - exact).abs().max() for name in ("ddim", "dpm++")}
    assert few["dpm++"] < few["ddim"]


@pytest.mark.parametrize("sampler", ["ddim", "dpm++"])
def test_what_is_held_stays(sampler: Any) -> None:
    motion, fixed = noise(5), torch.zeros(2, 5, 3, dtype=torch.bool)
    fixed[0, :2] = fixed[1, :, 1] = True

    def hold(x: Any) -> Any:
        return torch.where(fixed, motion, x)

    made = sample(network, noise(), Schedule(), trailing(1000, 8), sampler, hold)
    assert torch.equal(made[fixed], motion[fixed])
    free = sample(network, noise(), Schedule(), trailing(1000, 8), sampler)
    assert not torch.equal(free[fixed], motion[fixed])


@pytest.mark.parametrize("sampler", ["ddim", "dpm++"])
def test_a_start_is_noised_to_the_last_step_taken(sampler: Any) -> None:
    schedule, start, drawn, steps = Schedule(), noise(7), noise(8), (100, 300, 500)
    seen: list[Any] = []

    def watching(x: Any, t: int) -> Any:
        seen.append((t, x))
        return network(x, t)

    sample(watching, drawn, schedule, steps, sampler, start=start)
    assert [t for t, _ in seen] == [500, 300, 100]
    torch.testing.assert_close(seen[0][1], noised(start, drawn, float(schedule.alpha_bars[500])))
