"""Everything that decides what an evaluator is and how it is trained. Field defaults are the published values.

Source: Guo et al., "Generating Diverse and Natural 3D Human Motions from Text", CVPR 2022; github.com/EricGuo5513/text-to-motion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from kinelang.errors import ModelError
from kinelang.models.base import Optimisation
from kinelang.models.evaluator.words import PARTS_OF_SPEECH

STRIDE = 4
"""Frames that one movement stands for: two convolutions of stride 2. Clips are cut to a multiple of it."""


@dataclass(frozen=True)
class Network:
    """Sizes.

    Attributes:
        motion_width: features a frame.
        contacts: of these the last, which the evaluator does not see.
        movement: width of a movement, and of the hidden layer before it.
        motion_hidden: width of the recurrent network over movements, each way.
        word_width: of the word vectors (300: GloVe's).
        text_hidden: width of the recurrent network over words, each way.
        joint: width of the shared space.
        dropout: of the convolutions.
        slope: of the leaky rectifiers below 0.
    """

    motion_width: int = 263
    contacts: int = 4
    movement: int = 512
    motion_hidden: int = 1024
    word_width: int = 300
    text_hidden: int = 512
    joint: int = 512
    dropout: float = 0.2
    slope: float = 0.2

    def __post_init__(self) -> None:
        for name in ("motion_width", "movement", "motion_hidden", "word_width", "text_hidden", "joint"):
            if not 1 <= getattr(self, name) <= 65536:
                raise ModelError.of(f"network, {name}", str(getattr(self, name)), "1 to 65536")
        if not 0 <= self.contacts < self.motion_width:
            raise ModelError.of("network, contacts", str(self.contacts), f"0 to {self.motion_width - 1}")
        if not 0 <= self.dropout < 1:
            raise ModelError.of("network, dropout", str(self.dropout), "at least 0, less than 1")

    @property
    def seen(self) -> int:
        """Features a frame that the evaluator sees."""
        return self.motion_width - self.contacts

    @property
    def parts(self) -> int:
        """Classes of words."""
        return len(PARTS_OF_SPEECH)


@dataclass(frozen=True)
class Data:
    """What training makes of the clips.

    Attributes:
        min_frames: shorter clips are left out (2 s at 20 fps).
        max_frames: of longer clips a random part of this length is taken (9.8 s; the release leaves out clips of 10 s or more).
        mirror: share of clips that are mirrored, with left and right exchanged in their captions. (HumanML3D brings its mirrored
            copies; published 0.)
        speed: clips are played faster or slower by up to this share (ours).
        scaling: of the features: by the mean deviation of their block (HumanML3D's Std.npy, published), or each by its own.
        root_scale: what moves the root, and the contacts, count so many times as much: the release divides their deviations by it.
    """

    min_frames: int = 40
    max_frames: int = 196
    mirror: float = 0.0
    speed: float = 0.0
    scaling: Literal["blocks", "features"] = "blocks"
    root_scale: float = 5.0

    def __post_init__(self) -> None:
        if not STRIDE <= self.min_frames <= self.max_frames <= 4000:
            raise ModelError.of("data", f"{self.min_frames} to {self.max_frames} frames", f"{STRIDE} or more, at most 4000, in order")
        for name, most in (("mirror", 1.0), ("speed", 0.9)):
            if not 0 <= getattr(self, name) <= most:
                raise ModelError.of(f"data, {name}", str(getattr(self, name)), f"0 to {most:g}")
        if not self.root_scale > 0:
            raise ModelError.of("data, root_scale", str(self.root_scale), "more than 0")


@dataclass(frozen=True)
class Pretraining:
    """The autoencoder whose first half, then frozen, turns frames into movements.

    Attributes:
        window: frames of a training example, a multiple of 4. An epoch shows every window of every clip once.
        sparsity, smoothness: weights of the mean size of movements, and of their mean change from one to the next.
        optimisation: how it is trained.
    """

    window: int = 40
    sparsity: float = 1e-3
    smoothness: float = 1e-3
    optimisation: Optimisation = field(default_factory=lambda: Optimisation(weight_decay=0.0, batch_size=128, epochs=270))

    def __post_init__(self) -> None:
        if self.window < STRIDE or self.window % STRIDE:
            raise ModelError.of("pretraining, window", str(self.window), f"a multiple of {STRIDE}")


@dataclass(frozen=True)
class EvaluatorConfig:
    """An evaluator and its training.

    Attributes:
        network, data, pretraining: see there.
        margin: distance to which negatives are pushed.
        most_words: of a caption; what comes after is not read.
        word_vectors: "hashed": fixed random vectors of words; "encoder": mean token states of a text encoder. (Published: GloVe.)
        text_encoder: for "encoder", name or path with which `open_encoder` opens it.
        word_identity: of the word vectors, set when the model is trained; others are refused. "" before.
        tagger: of the parts of speech: "textblob", or "none": only the listed words have a class. (Published: spaCy.)
        optimisation: of the matching. AdamW without weight decay is Adam, which is published. (The release clips the gradients of
            both encoders one by one, here they are clipped together.)
    """

    network: Network = field(default_factory=Network)
    data: Data = field(default_factory=Data)
    pretraining: Pretraining = field(default_factory=Pretraining)
    margin: float = 10.0
    most_words: int = 20
    word_vectors: Literal["hashed", "encoder"] = "hashed"
    text_encoder: str = "minilm"
    word_identity: str = ""
    tagger: Literal["textblob", "none"] = "textblob"
    optimisation: Optimisation = field(default_factory=lambda: Optimisation(weight_decay=0.0, epochs=300, clip=0.5))

    def __post_init__(self) -> None:
        if self.most_words < 1:
            raise ModelError.of("evaluator, most_words", str(self.most_words), "at least 1")
        if not self.margin > 0:
            raise ModelError.of("evaluator, margin", str(self.margin), "more than 0")

    @classmethod
    def small(cls) -> EvaluatorConfig:
        """A size that one processor trains in less than an hour: 1.4 million weights in place of 21.7, 2.8 MB as float16."""
        return cls(
            network=Network(movement=192, motion_hidden=192, text_hidden=160, joint=128),
            data=Data(mirror=0.5, speed=0.1),
            pretraining=Pretraining(
                optimisation=Optimisation(learning_rate=1e-3, weight_decay=0.0, batch_size=128, steps=1000, schedule="cosine")
            ),
            word_vectors="encoder",
            optimisation=Optimisation(
                learning_rate=1e-3,
                weight_decay=0.0,
                batch_size=64,
                steps=3000,
                schedule="cosine",
                warmup_steps=200,
                clip=0.5,
                ema=0.999,
            ),
        )

    def with_words(self, identity: str, width: int) -> EvaluatorConfig:
        """For the word vectors of this identity and width."""
        return replace(self, word_identity=identity, network=replace(self.network, word_width=width))


CONFIGS: Mapping[str, Any] = MappingProxyType({"small": EvaluatorConfig.small, "published": EvaluatorConfig})
"""What `kinelang train evaluator --config` takes besides a file."""
