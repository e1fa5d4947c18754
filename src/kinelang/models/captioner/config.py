"""Everything that decides what a captioner is and how it is trained.

Source: Radouane et al., "Guided Attention for Interpretable Motion Captioning", BMVC 2024 (equations 2 to 14, tables 1, 2, 6), and
github.com/rd20karim/M2T-Interpretable at 0331f67. Where both differ, the form "paper" follows the equations and is the default; the
form "code" follows the release. Field defaults are the published values for HumanML3D; what is ours says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from kinelang.errors import ModelError
from kinelang.models.base import Optimisation
from kinelang.models.captioner.vocabulary import SPECIAL, Vocabulary

UNIFORM_WINDOW = 1.4711
"""√12 / (2 √(2 ln 2)): with deviations so many times as large, attention that lies evenly over a span has a Gaussian window that is
over a half exactly there. (With the deviation itself the window is 0.68 times as long as the span.)"""


@dataclass(frozen=True)
class Network:
    """Form and sizes.

    Attributes:
        kind: "attention", the paper's, or "mlp_gru", its simple baseline: an MLP a frame, one GRU, plain temporal attention.
        form: of the attention kind: "paper" or "code". They differ in the scores of both attentions (a projection for each part and
            its mean, or one of all parts side by side), in the context (sum, or a sixth of it), in the output (one matrix, or two),
            and in whether the torso sees the pelvis's path (code).
        words: size of the vocabulary; set when the model is trained.
        hidden: h, features of a part and a frame, and width of the recurrent networks.
        width: d, of the hidden layers of encoder, attention and gate.
        embedding: e, of words.
        dropout: on embedded words, in training.
        window: the Gaussian's deviation is that of the attention times this; published 1, ours `UNIFORM_WINDOW`.
        context_mean: divide the context by the sum of the window (ours; equation 8 sums, so that long windows saturate).
        gate: "learned", or "one": the ablation that always looks at the motion.
    """

    kind: Literal["attention", "mlp_gru"] = "attention"
    form: Literal["paper", "code"] = "paper"
    words: int = len(SPECIAL) + 1
    hidden: int = 256
    width: int = 256
    embedding: int = 128
    dropout: float = 0.5
    window: float = 1.0
    context_mean: bool = False
    gate: Literal["learned", "one"] = "learned"

    def __post_init__(self) -> None:
        for name in ("words", "hidden", "width", "embedding"):
            if not 2 <= getattr(self, name) <= 65536:
                raise ModelError.of(f"network, {name}", str(getattr(self, name)), "2 to 65536")
        if self.hidden % 2:
            raise ModelError.of("network, hidden", str(self.hidden), "an even number: positions and velocities have a half each")
        if not 0 <= self.dropout < 1:
            raise ModelError.of("network, dropout", str(self.dropout), "at least 0, less than 1")
        if not 0.1 <= self.window <= 10:
            raise ModelError.of("network, window", str(self.window), "0.1 to 10")


@dataclass(frozen=True)
class Losses:
    """Weights and forms of the losses; the language loss has weight 1.

    Attributes:
        spatial, adaptive: weights of parts and gate (λspat, λadapt). The paper's best: (2, 3) on KIT-ML, (0, 3) on HumanML3D.
        temporal: weight of the time of words whose stage is known (ours; published 0).
        form: "paper": equations 11 to 13, sums over the words, frames and parts of a caption, the spatial one divided by its supervised
            words, and the mean over captions. "code": means over words, and over frames and parts. Padding counts in neither (in the
            release padded frames count 100 each), and nothing supervised is a loss of 0 (in the release NaN).
        labels: which words are motion words without a timeline: "paper": verbs, adverbs and qualifying adjectives; "code": no
            adjectives, but sides then stay free.
    """

    spatial: float = 2.0
    adaptive: float = 3.0
    temporal: float = 0.0
    form: Literal["paper", "code"] = "paper"
    labels: Literal["paper", "code"] = "paper"

    def __post_init__(self) -> None:
        for name in ("spatial", "adaptive", "temporal"):
            if not getattr(self, name) >= 0:
                raise ModelError.of(f"losses, {name}", str(getattr(self, name)), "0 or more")


@dataclass(frozen=True)
class Data:
    """What is made of clips and captions.

    Attributes:
        skeleton: "humanml3d" (22 joints, 20 frames a second) or "kit" (21, 12.5).
        stride: every so many frames are seen, from frame 1 on as in the release; published 2.
        view: "world": joints relative to the pelvis, which keeps its path, as published. "body": as the person sees it, with which way
            it faces as a further point of the root (ours).
        context: frames (after the stride) that each part sees before and after a frame, besides it (ours; published 0).
        clock: the root sees the time as a further point (ours).
        scaling: "axes": one deviation for each axis, over all joints, published. "joints": one for each joint and its velocity (ours).
        min_frames, max_frames: clips of training; longer ones are captioned in windows of at most max_frames.
        min_words, max_words: captions of training, without marks: 3 to 20 tokens with marks in the release.
        min_count: of words in the vocabulary.
        mirror: share of clips that are mirrored, with left and right exchanged in their captions (HumanML3D brings mirrored copies).
        speed: clips are played faster or slower by up to this share (ours).
        noise: standard deviation of white noise on the normalised channels (ours).
        offset: standard deviation of an error of each joint's normalised place that stays the same through a clip, as another body or
            rig makes (ours).
    """

    skeleton: Literal["humanml3d", "kit"] = "humanml3d"
    stride: int = 2
    view: Literal["world", "body"] = "world"
    context: int = 0
    clock: bool = False
    scaling: Literal["axes", "joints"] = "axes"
    min_frames: int = 40
    max_frames: int = 200
    min_words: int = 1
    max_words: int = 18
    min_count: int = 3
    mirror: float = 0.0
    speed: float = 0.0
    noise: float = 0.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.min_frames <= self.max_frames <= 4000:
            raise ModelError.of("data", f"{self.min_frames} to {self.max_frames} frames", "1 or more, at most 4000, in order")
        if not 0 <= self.min_words <= self.max_words <= 200:
            raise ModelError.of("data", f"{self.min_words} to {self.max_words} words", "0 to 200, in order")
        for name, least, most in (("stride", 1, 32), ("context", 0, 16), ("min_count", 1, 10_000)):
            if not least <= getattr(self, name) <= most:
                raise ModelError.of(f"data, {name}", str(getattr(self, name)), f"{least} to {most}")
        for name, top in (("mirror", 1.0), ("speed", 0.9), ("noise", 10.0), ("offset", 10.0)):
            if not 0 <= getattr(self, name) <= top:
                raise ModelError.of(f"data, {name}", str(getattr(self, name)), f"0 to {top:g}")
        if self.skeleton == "kit" and self.view == "body":
            raise ModelError.of("data, view", "body with KIT's skeleton", "world: which way KIT's figure faces is not settled")

    @property
    def fps(self) -> float:
        """Frames a second of the clips."""
        return 20.0 if self.skeleton == "humanml3d" else 12.5


@dataclass(frozen=True)
class CaptionerConfig:
    """A captioner and its training.

    Attributes:
        network, losses, data, optimisation: see there.
        teacher: share of the steps in which the true word is what the next one follows, drawn for a whole batch; published .5.
        vocabulary: hash of the vocabulary, set when the model is trained; another is refused.
    """

    network: Network = field(default_factory=Network)
    losses: Losses = field(default_factory=Losses)
    data: Data = field(default_factory=Data)
    optimisation: Optimisation = field(default_factory=Optimisation)
    teacher: float = 0.5
    vocabulary: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.teacher <= 1:
            raise ModelError.of("teacher", str(self.teacher), "0 to 1")

    @classmethod
    def humanml3d(cls) -> CaptionerConfig:
        """The paper's model for HumanML3D. Its best weights there are (0, 3); (2, 3) come close, and supervise parts."""
        return cls(
            losses=Losses(spatial=0.0, adaptive=3.0),
            optimisation=Optimisation(learning_rate=5e-4, weight_decay=1e-5, batch_size=128, epochs=70, clip=1.0),
        )

    @classmethod
    def kit(cls) -> CaptionerConfig:
        """The paper's model for KIT-ML."""
        return cls(
            network=Network(hidden=128, width=128, embedding=64),
            losses=Losses(spatial=2.0, adaptive=3.0),
            data=Data(skeleton="kit", min_frames=1, max_words=100),
            optimisation=Optimisation(learning_rate=5e-4, weight_decay=1e-4, batch_size=64, epochs=200, clip=1.0),
        )

    @classmethod
    def small(cls) -> CaptionerConfig:
        """A size that one processor trains in under an hour: see the module's notes on what is ours."""
        return cls(
            network=Network(hidden=160, width=64, embedding=64, dropout=0.2, window=UNIFORM_WINDOW, context_mean=True),
            losses=Losses(spatial=1.0, adaptive=1.0, temporal=0.3, form="code"),
            data=Data(
                stride=4,
                view="body",
                context=2,
                clock=True,
                scaling="joints",
                min_frames=10,
                max_words=30,
                min_count=2,
                mirror=0.5,
                speed=0.1,
                noise=0.05,
                offset=0.35,
            ),
            optimisation=Optimisation(
                learning_rate=2e-3,
                weight_decay=1e-4,
                batch_size=64,
                steps=7000,
                schedule="cosine",
                warmup_steps=200,
                clip=1.0,
                ema=0.999,
            ),
            teacher=0.8,
        )

    @classmethod
    def baseline(cls) -> CaptionerConfig:
        """The paper's MLP+GRU baseline in our size: no guided attention, so no supervision."""
        small = cls.small()
        return replace(small, network=replace(small.network, kind="mlp_gru"), losses=Losses(spatial=0.0, adaptive=0.0, form="code"))

    def with_vocabulary(self, vocabulary: Vocabulary) -> CaptionerConfig:
        """For this vocabulary."""
        return replace(self, vocabulary=vocabulary.identity, network=replace(self.network, words=len(vocabulary)))


CONFIGS: Mapping[str, Any] = MappingProxyType(
    {
        "small": CaptionerConfig.small,
        "humanml3d": CaptionerConfig.humanml3d,
        "kit": CaptionerConfig.kit,
        "mlp_gru": CaptionerConfig.baseline,
    }
)
"""What `kinelang train captioner --config` takes besides a file."""

ABLATIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "unguided": {"losses.spatial": 0.0, "losses.adaptive": 0.0, "losses.temporal": 0.0},
        "gate-only": {"losses.spatial": 0.0, "losses.temporal": 0.0},
        "gate-one": {"network.gate": "one", "losses.adaptive": 0.0},
    }
)
"""The paper's tables: no guidance (0, 0), the gate's alone (0, 3), and the gate held at 1."""
