"""From noise to motion: DDIM, and DPM-Solver++ of second order, for networks that predict the clean motion.

Both work on tensors of any shape. What is to be held fixed is put into every prediction by `hold`; guidance is the caller's, in
`predict`. Importing a library of schedulers costs more seconds than sampling takes: tests compare with diffusers' instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from kinelang.models.diffusion.schedule import Schedule
from kinelang.models.with_torch import Tensor, torch

Predict = Callable[[Tensor, int], Tensor]
"""From a noised motion and its step to the clean motion."""
Sampler = Literal["ddim", "dpm++"]


def noised(clean: Tensor, noise: Tensor, alpha_bar: Tensor | float) -> Tensor:
    """The motion after the step whose alpha_bar is given; `alpha_bar` is a number or broadcasts."""
    level = torch.as_tensor(alpha_bar, dtype=clean.dtype, device=clean.device)
    return level.sqrt() * clean + (1 - level).sqrt() * noise


def sample(
    predict: Predict,
    noise: Tensor,
    schedule: Schedule,
    steps: Sequence[int],
    sampler: Sampler = "dpm++",
    hold: Callable[[Tensor], Tensor] | None = None,
    start: Tensor | None = None,
) -> Tensor:
    """A clean motion.

    Args:
        predict: the network, guided.
        noise: standard normal, of the motion's shape; the same noise gives the same motion.
        schedule: of the training.
        steps: to be taken, rising; the last is where sampling starts.
        sampler: "ddim" without noise (Song et al., ICLR 2021, eta 0), or "dpm++" (Lu et al., "DPM-Solver++", 2022, algorithm 2M).
        hold: puts what is known into a prediction.
        start: a clean motion to start from instead of from noise alone (SDEdit, Meng et al., ICLR 2022), noised to the last step.
    """
    levels = [float(schedule.alpha_bars[t]) for t in steps]
    x = noise if start is None else noised(start, noise, levels[-1])
    return _ddim(predict, x, steps, levels, hold) if sampler == "ddim" else _dpm(predict, x, steps, levels, hold)


def _held(clean: Tensor, hold: Callable[[Tensor], Tensor] | None) -> Tensor:
    return clean if hold is None else hold(clean)


def _ddim(predict: Predict, x: Tensor, steps: Sequence[int], levels: list[float], hold: Callable[[Tensor], Tensor] | None) -> Tensor:
    for i in range(len(steps) - 1, -1, -1):
        clean = _held(predict(x, steps[i]), hold)
        if i == 0:
            return clean
        noise = (x - math.sqrt(levels[i]) * clean) / math.sqrt(1 - levels[i])
        x = math.sqrt(levels[i - 1]) * clean + math.sqrt(1 - levels[i - 1]) * noise
    return x


def _dpm(predict: Predict, x: Tensor, steps: Sequence[int], levels: list[float], hold: Callable[[Tensor], Tensor] | None) -> Tensor:
    """Multistep of second order in the logarithm of the signal-to-noise ratio; the first step and the last are of first order.

    Equations 3 and 4 of algorithm 2 (DPM-Solver++ 2M): x' = (sigma' / sigma) x - alpha' (exp(-h) - 1) D, with
    D = (1 + 1 / 2r) clean - (1 / 2r) clean before, h the step in lambda = log(alpha / sigma), r = h before / h.
    """
    alphas, sigmas = np.sqrt(levels), np.sqrt(1 - np.asarray(levels))
    lambdas = np.log(alphas) - np.log(sigmas)
    before: Tensor | None = None
    for i in range(len(steps) - 1, -1, -1):
        clean = _held(predict(x, steps[i]), hold)
        if i == 0:
            return clean
        h = lambdas[i - 1] - lambdas[i]
        direction = clean
        if before is not None:
            share = 0.5 * h / (lambdas[i] - lambdas[i + 1])
            direction = (1 + share) * clean - share * before
        x = float(sigmas[i - 1] / sigmas[i]) * x - float(alphas[i - 1] * math.expm1(-h)) * direction
        before = clean
    return x


def guided(conditional: Tensor, unconditional: Tensor, weight: float) -> Tensor:
    """Classifier-free guidance: weight times the one plus (1 - weight) times the other (Ho and Salimans, 2022)."""
    return weight * conditional + (1 - weight) * unconditional


def guidance_weight(step: int, scale: float, steps: int = 1000) -> float:
    """FineMoGen's weight at a step of the whole schedule: 1 + scale t / T (6.5 on HumanML3D, 4.5 on KIT-ML)."""
    return 1 + scale * step / steps
