"""A small TMR, a text encoder made of hashes, and clips, for the tests of models and their training."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from kinelang.models.base import write_run
from kinelang.models.configuring import to_dict
from kinelang.models.tmr.config import TMRConfig, tensor_shapes
from kinelang.models.tmr.statistics import Statistics
from kinelang.motion.arrays import Array

torch.set_num_threads(1)  # tests share the processors with each other
WIDTH = 24


class HashedWords:
    """A text encoder without weights: each word's state is drawn by its hash, with a mark in front and one behind."""

    identity = "hashed-words@0"
    width = WIDTH

    def tokens(self, texts: Sequence[str]) -> list[Array]:
        return [np.stack([_drawn(w) for w in ["<", *text.lower().split(), ">"]]) for text in texts]

    def sentences(self, texts: Sequence[str]) -> Array:
        means = np.stack([states.mean(axis=0) for states in self.tokens(texts)]) if texts else np.zeros((0, WIDTH), np.float32)
        return means / np.linalg.norm(means, axis=1, keepdims=True)


def _drawn(word: str) -> Array:
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
    return np.random.default_rng(seed).standard_normal(WIDTH).astype(np.float32)


def tiny_config(stack: int = 1, **changes: object) -> TMRConfig:
    """Two layers of width 16, `stack` frames a token. `changes`: of the network."""
    small = TMRConfig.small()
    sizes = {"motion_width": 263 * stack, "text_width": WIDTH, "latent": 16, "layers": 2, "heads": 2, "feed_forward": 32}
    network = replace(small.network, **sizes, **changes)  # type: ignore[arg-type]
    data = replace(small.data, stack=stack)
    return replace(small, network=network, data=data, text_encoder="hashed", text_identity=HashedWords.identity)


def weights_of(config: TMRConfig, seed: int = 0, decoder: bool | None = None) -> dict[str, Array]:
    """Weights of plausible size, norms near 1."""
    rng = np.random.default_rng(seed)
    made = {}
    for name, shape in tensor_shapes(config.network, decoder=decoder).items():
        near = 1.0 if ".norm" in name and name.endswith("weight") else 0.0
        scale = 0.1 if len(shape) == 1 else 1 / np.sqrt(shape[-1])
        made[name] = (near + scale * rng.standard_normal(shape)).astype(np.float32)
    return made


def raw_clips(lengths: Sequence[int], seed: int = 1) -> list[Array]:
    """Features that no body made, smooth in time."""
    rng = np.random.default_rng(seed)
    return [np.cumsum(0.1 * rng.standard_normal((n, 263)), axis=0).astype(np.float32) for n in lengths]


def statistics() -> Statistics:
    return Statistics.of(raw_clips([80, 60, 100], seed=5))


def write_tiny(folder: Path, config: TMRConfig | None = None, **options: object) -> TMRConfig:
    """A run folder of a tiny model with weights drawn at random."""
    config = tiny_config() if config is None else config
    write_run(folder, "tmr", to_dict(config), weights_of(config), statistics().arrays(), {"R@1": 1.0}, "card\n", **options)  # type: ignore[arg-type]
    return config
