"""Everything that decides what a TMR model is and how it is trained.

Source of what is called published: Petrovich et al., ICCV 2023, and github.com/Mathux/TMR at 6d74688. Field defaults are the published
values, but for the mean of the reconstruction (see `Losses`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from kinelang.errors import ModelError
from kinelang.models.base import Optimisation
from kinelang.models.configuring import changed
from kinelang.motion.features import HUMANML3D

MOTION_WIDTH = HUMANML3D.width
"""HumanML3D's features a frame: 263."""


@dataclass(frozen=True)
class Network:
    """Sizes of both encoders and the decoder.

    Attributes:
        motion_width: features of a token of motion: those of a frame, times `Data.stack`.
        text_width: of the text encoder's token states (768: DistilBERT; 384: MiniLM).
        latent: d, width of the transformers and of the shared space.
        layers, heads, feed_forward: of each transformer.
        dropout: everywhere but on attention weights.
        attention_dropout: on attention weights. Published 0.1; 0 is faster on CPUs.
        variational: two tokens, mean and logarithm of the variance, and sampled latents; False: one token.
        decoder: decode a motion from both latents.
    """

    motion_width: int = MOTION_WIDTH
    text_width: int = 768
    latent: int = 256
    layers: int = 6
    heads: int = 4
    feed_forward: int = 1024
    dropout: float = 0.1
    attention_dropout: float = 0.1
    variational: bool = True
    decoder: bool = True

    def __post_init__(self) -> None:
        for name in ("motion_width", "text_width", "latent", "layers", "heads", "feed_forward"):
            if not 1 <= getattr(self, name) <= 65536:
                raise ModelError.of(f"network, {name}", str(getattr(self, name)), "1 to 65536")
        if self.latent % (2 * self.heads):
            raise ModelError.of("network, latent", f"{self.latent} with {self.heads} heads", "an even width for every head")
        for name in ("dropout", "attention_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ModelError.of(f"network, {name}", str(getattr(self, name)), "at least 0, less than 1")

    @property
    def tokens(self) -> int:
        """Learned tokens in front of every sequence: mean and logarithm of the variance, or one."""
        return 2 if self.variational else 1


@dataclass(frozen=True)
class Losses:
    """Weights and forms of the losses.

    Attributes:
        reconstruction, kl, latent, contrastive: weights.
        form: of the contrastive loss. "margin" is that of Guo et al. (CVPR 2022), on Euclidean distances.
        temperature: of InfoNCE. (The release's class has .7 as its default; its configuration, and the paper, .1.)
        margin: distance under which negatives are pushed apart, in the margin form; 10 as in Guo et al.'s release.
        threshold: pairs whose texts are more alike than this are no negatives: cosine of sentence vectors as cos/2 + 1/2. It belongs
            to the sentence encoder (published .8 to MPNet). None: no filtering.
        filtered_share: where given, training sets the threshold so that this share of the negatives is filtered. The paper's .8
            filters 17.3 % on KIT-ML (Table A.1).
        latents: which latents the losses compare: "sampled", a quirk of the release (search uses the means), or "mean".
        reconstruction_mean: "frames", over the frames there are; "padded", a quirk of the release: over all entries of the padded
            batch, so that a batch of unequal lengths has a smaller loss.
        swapped_texts: captions with left and right exchanged are appended as negatives (ours).
        mirrored_motions: and so are the mirrored motions of the clips whose captions name a side (ours; costs up to as much again).
    """

    reconstruction: float = 1.0
    kl: float = 1e-5
    latent: float = 1e-5
    contrastive: float = 0.1
    form: Literal["infonce", "margin"] = "infonce"
    temperature: float = 0.1
    margin: float = 10.0
    threshold: float | None = 0.8
    filtered_share: float | None = None
    latents: Literal["sampled", "mean"] = "sampled"
    reconstruction_mean: Literal["frames", "padded"] = "frames"
    swapped_texts: bool = False
    mirrored_motions: bool = False

    def __post_init__(self) -> None:
        for name in ("reconstruction", "kl", "latent", "contrastive"):
            if not getattr(self, name) >= 0:
                raise ModelError.of(f"losses, {name}", str(getattr(self, name)), "0 or more")
        if not self.temperature > 0:
            raise ModelError.of("losses, temperature", str(self.temperature), "more than 0")
        for name in ("threshold", "filtered_share"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ModelError.of(f"losses, {name}", str(value), "0 to 1, or null")


@dataclass(frozen=True)
class Data:
    """What training makes of the clips.

    Attributes:
        min_frames: shorter clips are left out (2 s at 20 fps, as published).
        max_frames: of longer clips a random part of this length is taken (10 s; the release leaves them out).
        shortest_crop: a random part of at least this share of each clip is taken; 1: the whole clip.
        mirror: share of clips that are mirrored, with left and right exchanged in their captions. (HumanML3D brings its mirrored
            copies; published 0.)
        speed: clips are played faster or slower by up to this share.
        noise: standard deviation of white noise on the normalised features.
        offset: standard deviation of an error of each normalised feature that stays the same through a clip, as another body or
            another retargeting makes it.
        scaling: of the features: each by its own deviation (published), or by the mean deviation of its block (HumanML3D's Std.npy).
        hidden: blocks of features that the model does not see, such as "rotations" (ours): those that differ more between rigs and
            between solvers than between movements.
        stack: frames that make one token of motion; published 1. Fewer tokens make training and search as many times faster (ours).
    """

    min_frames: int = 40
    max_frames: int = 200
    shortest_crop: float = 1.0
    mirror: float = 0.0
    speed: float = 0.0
    noise: float = 0.0
    offset: float = 0.0
    scaling: Literal["features", "blocks"] = "features"
    hidden: tuple[str, ...] = ()
    stack: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.min_frames <= self.max_frames <= 4000:
            raise ModelError.of("data", f"{self.min_frames} to {self.max_frames} frames", "1 or more, at most 4000, in order")
        unknown = [name for name in self.hidden if name not in HUMANML3D.blocks]
        if unknown:
            raise ModelError.of("data, hidden", f"'{unknown[0]}'", f"some of {', '.join(HUMANML3D.blocks)}")
        if not 1 <= self.stack <= 32:
            raise ModelError.of("data, stack", str(self.stack), "1 to 32 frames")
        for name, most in (("shortest_crop", 1.0), ("mirror", 1.0), ("speed", 0.9)):
            if not 0 <= getattr(self, name) <= most:
                raise ModelError.of(f"data, {name}", str(getattr(self, name)), f"0 to {most:g}")


@dataclass(frozen=True)
class TMRConfig:
    """A model and its training.

    Attributes:
        network, losses, data, optimisation: see there.
        text_encoder: name or path with which `kinelang.language.encoders.open_encoder` opens the encoder of the token states.
        text_identity: its identity, set when the model is trained; another encoder is refused. "" before.
        sentence_encoder: of the sentence vectors that filter negatives; "": the same. Needed in training alone.
    """

    network: Network = field(default_factory=Network)
    losses: Losses = field(default_factory=Losses)
    data: Data = field(default_factory=Data)
    optimisation: Optimisation = field(default_factory=Optimisation)
    text_encoder: str = "minilm"
    text_identity: str = ""
    sentence_encoder: str = ""

    def __post_init__(self) -> None:
        if self.network.motion_width % self.data.stack:
            found = f"{self.network.motion_width} with {self.data.stack} frames a token"
            raise ModelError.of("network, motion_width", found, "as many times the features of a frame as data.stack says")

    @property
    def features(self) -> int:
        """Features a frame."""
        return self.network.motion_width // self.data.stack

    @classmethod
    def published(cls) -> TMRConfig:
        """The paper's model with all its hyper-parameters, quirks included: 16.1 million weights."""
        return cls(
            losses=Losses(reconstruction_mean="padded"),
            text_encoder="distilbert",
            sentence_encoder="mpnet",
        )

    @classmethod
    def small(cls) -> TMRConfig:
        """A size that two processors train in hours: both encoders together 3.5 MB as float16.

        It is made for motion unlike what it learns from: other bodies, rigs and retargeting. Rotations, which differ most between
        those, stay hidden, and what is seen is disturbed. Dropout would cost a third of the time, and made it no better.
        """
        return cls(
            network=Network(
                motion_width=4 * MOTION_WIDTH,
                text_width=384,
                latent=128,
                layers=4,
                feed_forward=512,
                dropout=0.0,
                attention_dropout=0.0,
            ),
            losses=Losses(threshold=None, filtered_share=0.17, latents="mean", swapped_texts=True, mirrored_motions=True),
            data=Data(
                mirror=0.5, speed=0.15, noise=0.05, offset=0.35, shortest_crop=0.8, scaling="blocks", hidden=("rotations",), stack=4
            ),
            optimisation=Optimisation(
                learning_rate=5e-4, batch_size=64, steps=9000, schedule="cosine", warmup_steps=300, clip=1.0, ema=0.999
            ),
        )

    def ablated(self, name: str) -> TMRConfig:
        """One of `ABLATIONS` applied. Raises ModelError for an unknown one."""
        if name not in ABLATIONS:
            raise ModelError.of("ablation", f"'{name}'", f"one of {', '.join(ABLATIONS)}")
        return changed(self, ABLATIONS[name])

    def with_encoder(self, identity: str, width: int) -> TMRConfig:
        """For the text encoder of this identity and width."""
        return replace(self, text_identity=identity, network=replace(self.network, text_width=width))


CONFIGS: Mapping[str, Any] = MappingProxyType({"small": TMRConfig.small, "published": TMRConfig.published})
"""What `kinelang train tmr --config` takes besides a file."""

ABLATIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "contrastive-only": {
            "network.variational": False,
            "network.decoder": False,
            "losses.reconstruction": 0.0,
            "losses.kl": 0.0,
            "losses.latent": 0.0,
        },
        "margin": {"losses.form": "margin"},
        "no-filter": {"losses.threshold": None, "losses.filtered_share": None},
        "temos": {"losses.contrastive": 0.0},
    }
)
"""The paper's tables: contrastive only (one token, no decoder; Tables 3 and A.4), margin loss (3), no filtering (4), TEMOS (1, 2)."""


def tensor_shapes(network: Network, *, decoder: bool | None = None) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the weights, as torch's state dict of `TMR` has them.

    Args:
        network: sizes.
        decoder: whether those of the decoder are in; None: as the configuration says.
    """
    shapes = _encoder_shapes("motion_encoder", network.motion_width, network)
    shapes |= _encoder_shapes("text_encoder", network.text_width, network)
    if network.decoder if decoder is None else decoder:
        for i in range(network.layers):
            shapes |= _layer_shapes(f"motion_decoder.layers.{i}", network, ("self_attn", "multihead_attn"))
        shapes |= _linear("motion_decoder.project", network.latent, network.motion_width)
    return shapes


def _encoder_shapes(name: str, width: int, network: Network) -> dict[str, tuple[int, ...]]:
    shapes = {f"{name}.tokens": (network.tokens, network.latent), **_linear(f"{name}.embed", width, network.latent)}
    for i in range(network.layers):
        shapes |= _layer_shapes(f"{name}.layers.{i}", network, ("self_attn",))
    return shapes


def _layer_shapes(name: str, network: Network, attentions: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    d = network.latent
    shapes: dict[str, tuple[int, ...]] = {}
    for attention in attentions:
        shapes |= {f"{name}.{attention}.in_proj_weight": (3 * d, d), f"{name}.{attention}.in_proj_bias": (3 * d,)}
        shapes |= _linear(f"{name}.{attention}.out_proj", d, d)
    shapes |= _linear(f"{name}.linear1", d, network.feed_forward) | _linear(f"{name}.linear2", network.feed_forward, d)
    for i in range(1, len(attentions) + 2):
        shapes |= {f"{name}.norm{i}.weight": (d,), f"{name}.norm{i}.bias": (d,)}
    return shapes


def _linear(name: str, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}
