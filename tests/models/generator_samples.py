"""Small networks of the models that make motion, with weights that do something, and batches for them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kinelang.models import entry_of
from kinelang.models.base import write_run
from kinelang.models.configuring import to_dict
from kinelang.models.finemogen.config import HINTS, FineMoGenConfig, Network
from kinelang.models.finemogen.network import FineMoGenNetwork, Hints
from kinelang.models.finemogen.plan import Interval, Plan, plan_of
from kinelang.models.generators import GENERATORS
from kinelang.models.mdm.config import MDMConfig
from kinelang.models.tmr.statistics import Statistics
from models.tmr_samples import WIDTH, HashedWords

Config = FineMoGenConfig | MDMConfig
CONFIGS: dict[str, Config] = {
    "finemogen": FineMoGenConfig.tiny().with_encoder(HashedWords.identity, WIDTH),
    "mdm": MDMConfig.tiny().with_encoder(HashedWords.identity, WIDTH),
}
WIDE = 4 * 263
"""Numbers of a token."""


def drawn(module: Any, scale: float = 1.0) -> Any:
    """The module with weights that their names alone decide: as large as usual, none of them 0; single factors stay as they were."""
    for name, weight in module.named_parameters():
        if weight.numel() == 1 and not name.endswith("bias"):
            continue
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        near = 1.0 if weight.ndim == 1 and bool((weight == 1).all()) else 0.0
        size = scale * (0.1 if weight.ndim == 1 else 1 / np.sqrt(weight.shape[-1]))
        weight.data = torch.from_numpy((near + size * rng.standard_normal(tuple(weight.shape))).astype(np.float32))
    return module


def network(config: Config) -> Any:
    """In evaluation mode."""
    return drawn(entry_of(config.kind).build(config)).eval()


def finemogen(**changes: Any) -> FineMoGenNetwork:
    """A tiny FineMoGen with some of its network changed."""
    made: FineMoGenNetwork = drawn(FineMoGenNetwork(sizes(**changes))).eval()
    return made


def sizes(**changes: Any) -> Network:
    return replace(CONFIGS["finemogen"].network, **changes)  # type: ignore[type-var, return-value]


def tensor(seed: int, *shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape, dtype=np.float32))


def spoken(n: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    """Token states (n, 7, WIDTH) of texts of different lengths, with rubbish behind them, and their mask."""
    lengths = torch.tensor([7, 3, 5, 1, 6, 4, 2][:n])
    mask = torch.arange(7) < lengths[:, None]
    return torch.where(mask[..., None], tensor(9, n, 7, WIDTH), 50.0), mask


def called(module: Any, sequences: Sequence[Sequence[Interval]], reach: int | None = None, **more: Any) -> torch.Tensor:
    """Forward of sequences with noise of their own and rubbish behind them."""
    plan = plan_of(sequences, reach)
    made: torch.Tensor = module(noise_of(plan), steps_of(plan), plan, more.pop("texts", spoken()), **more)
    return made


def noise_of(plan: Plan) -> torch.Tensor:
    x = torch.full((len(plan.lengths), int(plan.lengths.max()), WIDE), 77.0)
    for i, n in enumerate(plan.lengths.tolist()):
        x[i, :n] = tensor(100 + n, n, WIDE)
    return x


def steps_of(plan: Plan) -> torch.Tensor:
    return (37 * plan.lengths) % 1000


def hints_of(plan: Plan) -> Hints:
    """Drafts and given frames: which, the length of a sequence decides."""
    b, t = plan.mask.shape
    kinds = (plan.lengths[:, None, None] + torch.arange(t)[:, None] // 2 + torch.arange(7)) % len(HINTS)
    return Hints(torch.stack([tensor(7, 64, WIDE)[:t]] * b), kinds)


def saved(folder: Path, config: Config) -> Any:
    """A model of a run folder."""
    weights = {name: array.numpy() for name, array in network(config).state_dict().items()}
    rng = np.random.default_rng(5)
    statistics = Statistics(rng.standard_normal(263).astype(np.float32), rng.uniform(0.5, 2, 263).astype(np.float32))
    write_run(folder, config.kind, to_dict(config), weights, statistics.arrays(), {"history": []}, "a card")
    return GENERATORS[config.kind].load(folder, HashedWords())
