"""Everything that decides what a Transformer captioner is and how it is trained.

Source: the motion-to-text half of Guo et al., "TM2T: Stochastic and Tokenized Modeling for the Reciprocal Generation of 3D Human
Motions and Texts", ECCV 2022, and github.com/EricGuo5513/TM2T at 45d1648. There motion is tokens, 1,024 learned ones, one for four
frames; here it is poses, every fourth, as in LangPose's captioning (Liao and Zheng, WACV 2026), which keeps the rest. Clips and words
are prepared as for the captioner with guided attention, so that both can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from kinelang.errors import ModelError
from kinelang.models.base import Optimisation
from kinelang.models.captioner.config import UNIFORM_WINDOW, CaptionerConfig, Data
from kinelang.models.captioner.vocabulary import SPECIAL, Vocabulary


@dataclass(frozen=True)
class Network:
    """Form and sizes. Field defaults are those published for HumanML3D.

    Attributes:
        words: size of the vocabulary; set when the model is trained.
        width: d, of all states.
        heads: of every attention.
        feed_forward: width within the layers.
        encoder_layers, decoder_layers: 4 each for HumanML3D, 3 for KIT-ML.
        dropout: on what attentions and layers add, in training.
        attention_dropout: on attention itself.
        norm: "post", after what is added, as published; or "pre", before what is computed, and once more at the end.
        shared: words are told apart by what they are embedded as.
        window: the Gaussian's deviation is that of the attention times this (ours).
    """

    words: int = len(SPECIAL) + 1
    width: int = 512
    heads: int = 8
    feed_forward: int = 2048
    encoder_layers: int = 4
    decoder_layers: int = 4
    dropout: float = 0.1
    attention_dropout: float = 0.1
    norm: Literal["post", "pre"] = "post"
    shared: bool = True
    window: float = UNIFORM_WINDOW

    def __post_init__(self) -> None:
        for name in ("words", "width", "feed_forward"):
            if not 2 <= getattr(self, name) <= 65536:
                raise ModelError.of(f"network, {name}", str(getattr(self, name)), "2 to 65536")
        for name in ("heads", "encoder_layers", "decoder_layers"):
            if not 1 <= getattr(self, name) <= 64:
                raise ModelError.of(f"network, {name}", str(getattr(self, name)), "1 to 64")
        if self.width % (2 * self.heads):
            raise ModelError.of("network, width", f"{self.width} with {self.heads} heads", "an even width for every head")
        for name in ("dropout", "attention_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ModelError.of(f"network, {name}", str(getattr(self, name)), "at least 0, less than 1")
        if not 0.1 <= self.window <= 10:
            raise ModelError.of("network, window", str(self.window), "0.1 to 10")


@dataclass(frozen=True)
class Losses:
    """Weights of the losses; the language loss, the cross entropy of the words, has weight 1.

    Attributes:
        temporal: weight of the time of words whose stage is known (ours, as for the captioner with guided attention; published 0).
    """

    temporal: float = 0.0

    def __post_init__(self) -> None:
        if not self.temporal >= 0:
            raise ModelError.of("losses, temporal", str(self.temporal), "0 or more")


@dataclass(frozen=True)
class TransformerCaptionerConfig:
    """A Transformer captioner and its training.

    Attributes:
        network, losses, optimisation: see there.
        data: what is made of clips and captions, `captioner.config.Data`.
        vocabulary: hash of the vocabulary, set when the model is trained; another is refused.
    """

    network: Network = field(default_factory=Network)
    losses: Losses = field(default_factory=Losses)
    data: Data = field(default_factory=Data)
    optimisation: Optimisation = field(default_factory=Optimisation)
    vocabulary: str = ""

    @classmethod
    def humanml3d(cls) -> TransformerCaptionerConfig:
        """TM2T's for HumanML3D: 4 + 4 layers, captions of up to 20 words, Adam."""
        return cls(
            data=Data(stride=4, max_words=20),
            optimisation=Optimisation(learning_rate=2e-4, weight_decay=0.0, batch_size=64, epochs=300),
        )

    @classmethod
    def kit(cls) -> TransformerCaptionerConfig:
        """TM2T's for KIT-ML: 3 + 3 layers."""
        large = cls.humanml3d()
        network = replace(large.network, encoder_layers=3, decoder_layers=3)
        return replace(large, network=network, data=replace(large.data, skeleton="kit", min_frames=24))

    @classmethod
    def small(cls) -> TransformerCaptionerConfig:
        """A size that one processor trains in under an hour, on what the small captioner with guided attention sees."""
        return cls(
            network=Network(
                width=128, heads=4, feed_forward=384, encoder_layers=3, decoder_layers=3, attention_dropout=0.0, norm="pre"
            ),
            losses=Losses(temporal=0.3),
            data=CaptionerConfig.small().data,
            optimisation=Optimisation(
                learning_rate=1e-3,
                weight_decay=0.01,
                betas=(0.9, 0.98),
                batch_size=64,
                steps=6000,
                schedule="cosine",
                warmup_steps=300,
                clip=1.0,
                ema=0.999,
            ),
        )

    def with_vocabulary(self, vocabulary: Vocabulary) -> TransformerCaptionerConfig:
        """For this vocabulary."""
        return replace(self, vocabulary=vocabulary.identity, network=replace(self.network, words=len(vocabulary)))


CONFIGS: Mapping[str, Any] = MappingProxyType(
    {
        "small": TransformerCaptionerConfig.small,
        "humanml3d": TransformerCaptionerConfig.humanml3d,
        "kit": TransformerCaptionerConfig.kit,
    }
)
"""What `kinelang train transformer-captioner --config` takes besides a file."""
