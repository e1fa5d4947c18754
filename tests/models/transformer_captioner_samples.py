"""Small Transformer captioners for their tests; clips, captions and batches are those of `captioner_samples`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from kinelang.models.captioner.parts import channels, measured
from kinelang.models.transformer_captioner import TransformerCaptioner, TransformerCaptionerConfig
from kinelang.models.transformer_captioner.config import Network
from kinelang.models.transformer_captioner.network import TransformerNetwork, build
from models.captioner_samples import VOCABULARY, clips
from models.captioner_samples import tiny as guided

VARIANTS = {
    "post": {},
    "pre": {"norm": "pre"},
    "unshared": {"shared": False, "heads": 1},
    "deep": {"norm": "pre", "encoder_layers": 3, "decoder_layers": 1},
}


def tiny(variant: str = "post", view: str = "body", **data: object) -> TransformerCaptionerConfig:
    """A configuration that runs in milliseconds."""
    sizes = Network(width=16, heads=2, feed_forward=20, encoder_layers=2, decoder_layers=2)
    network = replace(sizes, **VARIANTS[variant])  # type: ignore[arg-type]
    made = TransformerCaptionerConfig(network=network, data=guided(view=view, **data).data)
    return made.with_vocabulary(VOCABULARY)


def network(config: TransformerCaptionerConfig, seed: int = 0) -> TransformerNetwork:
    """With fresh weights, in evaluation mode."""
    torch.manual_seed(seed)
    return build(config).eval()


def saved(folder: Path, config: TransformerCaptionerConfig | None = None, seed: int = 0) -> TransformerCaptioner:
    """A run folder with fresh weights, and the captioner in it."""
    config = tiny() if config is None else config
    weights = {name: (2 if tensor.ndim > 1 else 1) * tensor.numpy() for name, tensor in network(config, seed).state_dict().items()}
    statistics = measured([channels(clip, config.data) for clip in clips()], config.data)
    TransformerCaptioner.save(folder, config, VOCABULARY, weights, statistics, {"history": [1], "step": 3})
    return TransformerCaptioner.load(folder)
