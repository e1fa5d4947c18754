"""Small captioners, clips and batches for their tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from kinelang.models.captioner.config import CaptionerConfig, Network
from kinelang.models.captioner.labels import labels_of
from kinelang.models.captioner.network import Batch, Decoding, build
from kinelang.models.captioner.parts import channels, measured
from kinelang.models.captioner.targets import Example, batch_of, taught
from kinelang.models.captioner.vocabulary import Vocabulary
from kinelang.timeline import Stage, Timeline
from kinelang.timeline.choreographer import perform

TIMELINES = (
    Timeline((Stage(0, 2, "walk", direction="forward"), Stage(2.2, 3.4, "wave", side="right"))),
    Timeline((Stage(0.5, 1.7, "kick", side="left"),), duration_s=2.0),
    Timeline((Stage(0, 1.2, "turn", direction="left", amount=90.0), Stage(1.4, 3, "squat"))),
)
CAPTIONS = (
    "a person walks forward, then waves with the right hand",
    "a person kicks with the left leg",
    "the man turns left and squats on the floor",
)
VOCABULARY = Vocabulary.of(CAPTIONS, 1)
VARIANTS = {
    "paper": {},
    "code": {"form": "code"},
    "gate one": {"gate": "one"},
    "ours": {"window": 1.4711, "context_mean": True},
    "mlp_gru": {"kind": "mlp_gru"},
}


def tiny(variant: str = "paper", view: str = "body", **data: object) -> CaptionerConfig:
    """A configuration that runs in milliseconds."""
    base = CaptionerConfig.small()
    network = replace(Network(hidden=12, width=10, embedding=8), **VARIANTS[variant])  # type: ignore[arg-type]
    body = {"context": 1, "clock": True, "scaling": "joints"} if view == "body" else {"context": 0, "clock": False, "scaling": "axes"}
    made = replace(base, network=network, data=replace(base.data, view=view, **(body | data)))  # type: ignore[arg-type]
    return made.with_vocabulary(VOCABULARY)


def clips() -> list[np.ndarray]:
    """Joints of the performed timelines."""
    return [np.asarray(perform(timeline, seed=i).joints, np.float32) for i, timeline in enumerate(TIMELINES)]


def examples(config: CaptionerConfig, known: bool = True) -> list[Example]:
    """Clips with captions, taught by their timelines or not."""
    rows = [channels(clip, config.data) for clip in clips()]
    statistics = measured(rows, config.data)
    return [
        Example(statistics(row), len(clip), caption, taught(caption, timeline) if known else ())
        for row, clip, caption, timeline in zip(rows, clips(), CAPTIONS, TIMELINES, strict=True)
    ]


def batch(config: CaptionerConfig, known: bool = True, which: slice = slice(None)) -> Batch:
    """The examples as a batch."""
    return batch_of(examples(config, known)[which], VOCABULARY, labels_of(VOCABULARY), config.data)


def network(config: CaptionerConfig, seed: int = 0) -> Decoding:
    """With fresh weights, in evaluation mode."""
    torch.manual_seed(seed)
    return build(config).eval()
