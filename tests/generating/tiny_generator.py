"""A generator of random weights on a small human scale, and clips, for the tests of generation."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import torch

from kinelang.corpora.base import features_of
from kinelang.generating import Generator
from kinelang.models.base import write_run
from kinelang.models.configuring import to_dict
from kinelang.models.finemogen.config import FineMoGenConfig
from kinelang.models.finemogen.network import build
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.timeline import from_text, perform
from models.tmr_samples import HashedWords

SCORE = from_text("0-2 walk direction=forward\n0.5-2 wave side=right\n2.5-3.5 kick side=left\n")


@cache
def clip(seed: int = 0) -> Motion:
    """A walk with a wave and a kick: 3.5 s."""
    return perform(SCORE, seed, fps=20)


@cache
def statistics() -> dict[str, Array]:
    """Of a few clips, so that what is made of noise has the size of a person."""
    features = np.concatenate([features_of(clip(seed)) for seed in range(3)])
    return {"mean": features.mean(axis=0), "std": np.maximum(0.3 * features.std(axis=0), 1e-3)}


def tiny_config() -> FineMoGenConfig:
    tiny = FineMoGenConfig.tiny().with_encoder(HashedWords.identity, HashedWords.width)
    return replace(tiny, sampling=replace(tiny.sampling, steps=3))


def write_tiny(folder: Path) -> Path:
    """A run folder."""
    config = tiny_config()
    torch.manual_seed(0)
    network = build(config.network)
    for parameter in network.parameters():
        if parameter.ndim > 1 and not parameter.any():
            torch.nn.init.normal_(parameter, std=0.1)
    weights = {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()}
    write_run(folder, "finemogen", to_dict(config), weights, statistics())
    return folder


def tiny_generator(folder: Path) -> Generator:
    return Generator.load(write_tiny(folder), HashedWords())
