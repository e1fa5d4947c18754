"""The noise of each diffusion step, and which steps a sampler takes. NumPy alone.

x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) noise (Ho et al., NeurIPS 2020, equation 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from kinelang.errors import ModelError
from kinelang.motion.arrays import Array

PUBLISHED_SECTIONS = (15, 15, 8, 6, 6)
"""Steps that FineMoGen takes in each fifth of the 1,000: fine near the clean motion, coarse near the noise."""


@dataclass(frozen=True)
class Schedule:
    """The variances of the forward process.

    Attributes:
        steps: T.
        betas: "linear", from `first` to `last` (Ho et al.; FineMoGen), or "cosine" (Nichol and Dhariwal, ICML 2021; MDM).
        first, last: of the linear betas, for T = 1,000.
    """

    steps: int = 1000
    betas: Literal["linear", "cosine"] = "linear"
    first: float = 1e-4
    last: float = 0.02

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= 100_000:
            raise ModelError.of("diffusion, steps", str(self.steps), "1 to 100,000")
        if not 0 < self.first <= self.last < 1:
            raise ModelError.of("diffusion, betas", f"{self.first:g} to {self.last:g}", "numbers between 0 and 1, the smaller first")

    @cached_property
    def alpha_bars(self) -> Array:
        """The share of the clean motion's variance that is left after each step: (T,) float64, falling."""
        if self.betas == "linear":
            return np.cumprod(1 - np.linspace(self.first, self.last, self.steps))
        at = (np.arange(self.steps + 1) / self.steps + 0.008) / 1.008
        level = np.cos(at * np.pi / 2) ** 2
        return np.cumprod(1 - np.minimum(1 - level[1:] / level[:-1], 0.999))


def spaced(steps: int, sections: tuple[int, ...]) -> tuple[int, ...]:
    """Steps to take, rising: so many in each of equal sections, evenly from its first to its last.

    The rule of OpenAI's guided-diffusion, whose strings such as "15,15,8,6,6" FineMoGen's release uses.

    Raises:
        ModelError: more steps in a section than it has.
    """
    found: list[int] = []
    start = 0
    for i, count in enumerate(sections):
        size = steps // len(sections) + (i < steps % len(sections))
        if not 1 <= count <= size:
            raise ModelError.of("diffusion, sections", f"{count} steps in a section of {size}", f"1 to {size}")
        stride = 1.0 if count == 1 else (size - 1) / (count - 1)
        at = 0.0
        for _ in range(count):
            found.append(start + round(at))
            at += stride
        start += size
    return tuple(found)


def trailing(steps: int, count: int) -> tuple[int, ...]:
    """`count` of the steps, rising, evenly spaced and with the last, so that sampling begins with pure noise.

    "Trailing" spacing of Lin et al., "Common Diffusion Noise Schedules and Sample Steps Are Flawed", WACV 2024.
    """
    if not 1 <= count <= steps:
        raise ModelError.of("steps", str(count), f"1 to {steps}")
    return tuple(int(t) for t in np.round(np.arange(steps, 0, -steps / count))[:count][::-1].astype(int) - 1)
