"""Everything that decides what a FineMoGen model is and how it is trained.

Source of what is called published: Zhang et al., "FineMoGen", NeurIPS 2023, and facts of its release
(github.com/mingyuan-zhang/FineMoGen at d5697b5), whose code is not used. Field defaults are the published values for HumanML3D.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

from kinelang.errors import ModelError
from kinelang.models.base import Optimisation
from kinelang.models.configuring import changed
from kinelang.models.diffusion.schedule import Schedule
from kinelang.models.finemogen.groups import layout_named

ORIGINS = ("performed", "recorded")
"""What training clips are: performances of timelines, or recordings of people."""
HINTS = ("none", "draft", "given")
"""What a group may be told of its frames besides the text: nothing, a draft to go by, or what they are to be."""


@dataclass(frozen=True)
class Network:
    """Sizes and parts of the network.

    Attributes:
        layout: of the features, "humanml3d" or "kit".
        stack: frames a token. Published 1.
        part_width: features of each of the 8 groups (7 parts and the whole body).
        layers: of SAMI and feed-forward network.
        feed_forward: width of each group's feed-forward network, as a multiple of `part_width`.
        spatial: groups kept apart (the paper's spatial independence); without it one encoder, one decoder, an ordinary feed-forward
            network, and heads in place of groups.
        temporal: templates as signals in time (temporal independence); without it every frame asks for templates by its content.
        experts: of the mixture that projects motion; 0: one linear map.
        expert_width: of each expert's hidden layer, as a multiple of its input.
        chosen: experts a token is sent to.
        gate_width: of the cosine gate.
        gate_noise: deviation of the noise on the gate's logits in training, times the number of experts.
        templates: a group has. Published as many as `part_width`.
        template_width: hidden layer of what turns a template into its time and terms, as a multiple of `part_width`.
        order: highest derivative of a template: 1, state and velocity (paper); 3, acceleration and jerk too (release).
        reach: intervals on each side whose templates a frame sees; None: all (published). With it, cost is linear in length.
        max_frames: of one interval, and the unit of time.
        text_width: of the text encoder's token states (512: CLIP ViT-B/32; 384: MiniLM).
        text_latent, text_layers, text_heads, text_feed_forward: of the Transformer over them.
        text_experts: of the mixture that projects text; 0 (paper): one linear map. The release has 16.
        max_words: tokens of a text; what follows is left out.
        time_width: of the embedding of the diffusion step.
        origins: whether the network is told which of `ORIGINS` a clip is (ours).
        hints: whether it is shown drafts and given frames (ours).
        skips: whether shares of the noised motion and of the hints go straight into the output, as each part of each token decides
            (ours): with several frames a token, the groups are too narrow to carry both through.
    """

    layout: str = "humanml3d"
    stack: int = 1
    part_width: int = 64
    layers: int = 4
    feed_forward: int = 4
    spatial: bool = True
    temporal: bool = True
    experts: int = 16
    expert_width: int = 4
    chosen: int = 2
    gate_width: int = 256
    gate_noise: float = 1.0
    templates: int = 64
    template_width: int = 4
    order: int = 3
    reach: int | None = None
    max_frames: int = 196
    text_width: int = 512
    text_latent: int = 256
    text_layers: int = 2
    text_heads: int = 4
    text_feed_forward: int = 2048
    text_experts: int = 16
    max_words: int = 77
    time_width: int = 2048
    origins: bool = False
    hints: bool = False
    skips: bool = False

    def __post_init__(self) -> None:
        layout_named(self.layout)
        sizes = ("stack", "part_width", "layers", "feed_forward", "expert_width", "chosen", "gate_width", "templates", "template_width")
        for name in (*sizes, "max_frames", "text_width", "text_latent", "text_layers", "text_heads", "max_words", "time_width"):
            if not 1 <= getattr(self, name) <= 65536:
                raise ModelError.of(f"network, {name}", str(getattr(self, name)), "1 to 65536")
        if self.experts and self.chosen > self.experts:
            raise ModelError.of("network, chosen", f"{self.chosen} of {self.experts} experts", "at most all of them")
        if self.text_latent % self.text_heads:
            raise ModelError.of("network, text_latent", f"{self.text_latent} with {self.text_heads} heads", "a width for every head")
        if self.order not in (1, 3):
            raise ModelError.of("network, order", str(self.order), "1 or 3")
        if self.skips and not self.spatial:
            raise ModelError.of("network, skips", "without groups", "spatial, whose parts decide", "set skips to false")
        if self.part_width % 2:
            raise ModelError.of("network, part_width", str(self.part_width), "an even number")

    @property
    def width(self) -> int:
        """Of a token: 8 groups."""
        return 8 * self.part_width

    @property
    def max_tokens(self) -> int:
        """Of one interval."""
        return -(-self.max_frames // self.stack)


@dataclass(frozen=True)
class Losses:
    """Weights of the losses.

    Attributes:
        route: of the experts' load and importance, summed over layers.
        kl: of the templates' times to a standard normal, summed over layers.
        mean: "clips": of each clip's mean over its frames (HumanML3D's configuration); "frames": of all frames (KIT-ML's).
        root: weight of the root's four numbers relative to other features (ours; published 1).
    """

    route: float = 10.0
    kl: float = 1e-4
    mean: Literal["clips", "frames"] = "clips"
    root: float = 1.0


@dataclass(frozen=True)
class Data:
    """What training makes of the clips.

    Attributes:
        min_frames: shorter clips are left out.
        mirror: share of clips that are mirrored, with left and right exchanged in their texts (HumanML3D brings copies; published 0).
        speed: clips are sped up or slowed down by up to this share (ours).
        dropped: share of clips whose texts are dropped, for guidance.
        staged: share of clips, of those with a timeline, that are told stage by stage in place of by a caption (ours).
        parted: share of those that are told part by part too.
        drafted: share of clips that are shown a draft, where there is one.
        softened: share of recorded clips whose draft is the clip itself, smoothed and moved a little (ours): so a model learns to go by
            a draft, and to give it what performances lack.
        given: share of clips of which some frames or parts are given.
    """

    min_frames: int = 16
    mirror: float = 0.0
    speed: float = 0.0
    dropped: float = 0.1
    staged: float = 0.0
    parted: float = 0.0
    drafted: float = 0.0
    softened: float = 0.0
    given: float = 0.0

    def __post_init__(self) -> None:
        for name in ("mirror", "speed", "dropped", "staged", "parted", "drafted", "softened", "given"):
            if not 0 <= getattr(self, name) <= 1:
                raise ModelError.of(f"data, {name}", str(getattr(self, name)), "0 to 1")


@dataclass(frozen=True)
class Sampling:
    """How motion is made unless asked otherwise.

    Attributes:
        sampler: "ddim" (published) or "dpm++".
        steps: evenly spaced; None: the published 50 (`schedule.PUBLISHED_SECTIONS`).
        guidance: scale s of the weight 1 + s t / T; 0: none, and half the time. MDM's is the weight itself (see `MDMConfig`).
        guide_root: whether the root's turning and steps are guided too (published); guided, turns overshoot.
        draft: what is made of a performed draft: nothing ("none", published), the network is shown it ("hint"), or sampling begins with
            it ("start").
        start: where sampling begins with a draft, as a share of the diffusion's steps.
        origin: of `ORIGINS`, for networks that are told it.
        origin_below: share of the diffusion's steps, the last ones taken, in which it is told; before them it is told the other
            one. What happens is settled early, how it looks late.
        smooth: deviation in frames of the Gaussian over the features made (the release's demo: 2.5, over positions).
    """

    sampler: Literal["ddim", "dpm++"] = "ddim"
    steps: int | None = None
    guidance: float = 6.5
    guide_root: bool = True
    draft: Literal["none", "hint", "start"] = "none"
    start: float = 0.5
    origin: Literal["performed", "recorded"] = "recorded"
    origin_below: float = 1.0
    smooth: float = 0.0

    def __post_init__(self) -> None:
        if self.steps is not None and not 1 <= self.steps <= 1000:
            raise ModelError.of("sampling, steps", str(self.steps), "1 to 1000")
        if not 0 <= self.guidance <= 100:
            raise ModelError.of("sampling, guidance", f"{self.guidance:g}", "0 to 100")
        if not 0 < self.start <= 1:
            raise ModelError.of("sampling, start", f"{self.start:g}", "more than 0, at most 1")
        if not 0 <= self.origin_below <= 1:
            raise ModelError.of("sampling, origin_below", f"{self.origin_below:g}", "0 to 1")
        if not 0 <= self.smooth <= 20:
            raise ModelError.of("sampling, smooth", f"{self.smooth:g}", "0 to 20 frames")


@dataclass(frozen=True)
class FineMoGenConfig:
    """A model.

    Attributes:
        network, schedule, losses, data, sampling, optimisation: see there.
        text_encoder: name or path with which `kinelang.language.encoders.open_encoder` opens the encoder of token states.
        text_identity: its identity, set when the model is trained; another encoder is refused. "" before.
    """

    kind: ClassVar[str] = "finemogen"

    network: Network = field(default_factory=Network)
    schedule: Schedule = field(default_factory=Schedule)
    losses: Losses = field(default_factory=Losses)
    data: Data = field(default_factory=Data)
    sampling: Sampling = field(default_factory=Sampling)
    optimisation: Optimisation = field(
        default_factory=lambda: Optimisation(learning_rate=2e-4, weight_decay=0.0, batch_size=128, schedule="cosine")
    )
    text_encoder: str = "minilm"
    text_identity: str = ""

    @classmethod
    def paper(cls) -> FineMoGenConfig:
        """HumanML3D's configuration as published."""
        return cls()

    @classmethod
    def small(cls) -> FineMoGenConfig:
        """What ships: sized for two CPU cores, told stages and parts, shown drafts."""
        return cls(
            network=Network(
                stack=4,
                part_width=32,
                experts=8,
                expert_width=4,
                gate_width=32,
                templates=16,
                template_width=2,
                order=1,
                reach=1,
                text_width=384,
                text_latent=128,
                text_feed_forward=256,
                text_experts=0,
                max_words=48,
                time_width=256,
                origins=True,
                hints=True,
            ),
            losses=Losses(route=0.01, root=4.0),
            data=Data(mirror=0.5, speed=0.1, staged=0.5, parted=0.6, drafted=0.6, softened=0.6, given=0.15),
            sampling=Sampling("dpm++", 10, 2.5, guide_root=False, draft="hint", origin_below=0.25),
            optimisation=Optimisation(
                learning_rate=1e-3,
                weight_decay=0.01,
                betas=(0.9, 0.99),
                batch_size=64,
                steps=8000,
                schedule="cosine",
                warmup_steps=300,
                clip=1.0,
                ema=0.999,
            ),
        )

    @classmethod
    def tiny(cls) -> FineMoGenConfig:
        """For tests: every part there, nothing large."""
        small = cls.small()
        network = replace(
            small.network,
            part_width=8,
            layers=2,
            experts=4,
            gate_width=8,
            templates=4,
            text_latent=16,
            text_feed_forward=16,
            time_width=16,
        )
        return replace(
            small, network=network, optimisation=replace(small.optimisation, batch_size=8, steps=20, warmup_steps=2, ema=None)
        )

    def ablated(self, name: str) -> FineMoGenConfig:
        """An arm of the paper's Table 4. Raises ModelError for an unknown one."""
        if name not in ABLATIONS:
            raise ModelError.of("--ablation", f"'{name}'", f"one of {', '.join(ABLATIONS)}")
        return changed(self, ABLATIONS[name])

    def with_encoder(self, identity: str, width: int) -> FineMoGenConfig:
        """A copy for a text encoder."""
        return replace(self, text_identity=identity, network=replace(self.network, text_width=width))


_NOTHING: Mapping[str, Any] = {"network.spatial": False, "network.temporal": False, "network.experts": 0, "network.text_experts": 0}
ABLATIONS: Mapping[str, Mapping[str, Any]] = {
    "none": _NOTHING,
    "spatial": {**_NOTHING, "network.spatial": True},
    "temporal": {**_NOTHING, "network.temporal": True},
    "moe": {name: value for name, value in _NOTHING.items() if "experts" not in name},
}
"""The arms of the paper's Table 4, by what each changes of the whole."""
CONFIGS = {"small": FineMoGenConfig.small, "paper": FineMoGenConfig.paper, "tiny": FineMoGenConfig.tiny}
"""Configurations by name."""
