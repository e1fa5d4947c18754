"""Everything that decides what an MDM model is and how it is trained.

Source of what is called published: Tevet et al., "Human Motion Diffusion Model", ICLR 2023, and facts of its release. Field defaults
are the published values for HumanML3D. Losses, data and sampling are FineMoGen's, so that both are trained and sampled alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from kinelang.errors import ModelError
from kinelang.models.base import Optimisation
from kinelang.models.diffusion.schedule import Schedule
from kinelang.models.finemogen.config import Data, FineMoGenConfig, Losses, Sampling
from kinelang.models.finemogen.groups import layout_named


@dataclass(frozen=True)
class Network:
    """Sizes of the network.

    Attributes:
        layout: of the features, "humanml3d" or "kit".
        stack: frames a token. Published 1.
        width, layers, heads, feed_forward, dropout: of the Transformer.
        max_frames: that training shows; sampling cuts longer texts' intervals there, which changes nothing for this network.
        text_width: of the text encoder's token states (512: CLIP ViT-B/32, whose one vector a text the release takes; 384: MiniLM).
        max_words: tokens of a text; what follows is left out. Published 20 and the two marks about them.
        origins: whether the network is told which of FineMoGen's `ORIGINS` a clip is (ours).
    """

    layout: str = "humanml3d"
    stack: int = 1
    width: int = 512
    layers: int = 8
    heads: int = 4
    feed_forward: int = 1024
    dropout: float = 0.1
    max_frames: int = 196
    text_width: int = 512
    max_words: int = 22
    origins: bool = False

    reach: ClassVar[None] = None
    """Every frame sees all others."""
    hints: ClassVar[bool] = False
    """It is shown neither drafts nor given frames."""

    def __post_init__(self) -> None:
        layout_named(self.layout)
        for name in ("stack", "width", "layers", "heads", "feed_forward", "max_frames", "text_width", "max_words"):
            if not 1 <= getattr(self, name) <= 65536:
                raise ModelError.of(f"network, {name}", str(getattr(self, name)), "1 to 65536")
        if self.width % self.heads or self.width % 2:
            raise ModelError.of("network, width", f"{self.width} with {self.heads} heads", "an even width, the same for every head")
        if not 0 <= self.dropout < 1:
            raise ModelError.of("network, dropout", f"{self.dropout:g}", "0 or more, less than 1")

    @property
    def max_tokens(self) -> int:
        """Of one interval."""
        return -(-self.max_frames // self.stack)


@dataclass(frozen=True)
class MDMConfig:
    """A model.

    Attributes:
        network, schedule, losses, data, sampling, optimisation: see there. It learns from one text a clip and nothing else: `data` may
            neither stage, part, draft nor give. `sampling.guidance` is the weight itself, the same at every step; 0, as for FineMoGen,
            is none: the network is asked once, told its text, as it is by 1.
        text_encoder: name or path with which `kinelang.language.encoders.open_encoder` opens the encoder of token states.
        text_identity: its identity, set when the model is trained; another encoder is refused. "" before.
    """

    kind: ClassVar[str] = "mdm"

    network: Network = field(default_factory=Network)
    schedule: Schedule = field(default_factory=lambda: Schedule(betas="cosine"))
    losses: Losses = field(default_factory=lambda: Losses(route=0.0, kl=0.0))
    data: Data = field(default_factory=Data)
    sampling: Sampling = field(default_factory=lambda: Sampling("ddim", 1000, 2.5))
    optimisation: Optimisation = field(
        default_factory=lambda: Optimisation(learning_rate=1e-4, weight_decay=0.0, batch_size=64, steps=500_000)
    )
    text_encoder: str = "minilm"
    text_identity: str = ""

    def __post_init__(self) -> None:
        unknown = [name for name in ("staged", "parted", "drafted", "given") if getattr(self.data, name)]
        if unknown:
            raise ModelError.of(f"data, {unknown[0]}", f"{getattr(self.data, unknown[0]):g}", "0: MDM learns from one text a clip")
        if self.sampling.draft == "hint":
            raise ModelError.of("sampling, draft", "'hint'", "none or start: MDM is shown no drafts")

    @classmethod
    def paper(cls) -> MDMConfig:
        """HumanML3D's configuration as published; DDIM's 1,000 steps stand for its sampler, which adds noise in each."""
        return cls()

    @classmethod
    def small(cls) -> MDMConfig:
        """A baseline as large as `FineMoGenConfig.small`, seen as many frames a token and optimised alike, without dropout as there."""
        other = FineMoGenConfig.small()
        return cls(
            network=Network(stack=4, width=192, feed_forward=384, dropout=0.0, text_width=384, max_words=48, origins=True),
            losses=replace(other.losses, route=0.0, kl=0.0),
            data=replace(other.data, staged=0.0, parted=0.0, drafted=0.0, softened=0.0, given=0.0),
            sampling=replace(other.sampling, draft="none", guide_root=True),
            optimisation=other.optimisation,
        )

    @classmethod
    def tiny(cls) -> MDMConfig:
        """For tests."""
        small = cls.small()
        return replace(
            small,
            network=replace(small.network, width=16, layers=2, heads=2, feed_forward=32),
            optimisation=replace(small.optimisation, batch_size=8, steps=20, warmup_steps=2, ema=None),
        )

    def with_encoder(self, identity: str, width: int) -> MDMConfig:
        """A copy for a text encoder."""
        return replace(self, text_identity=identity, network=replace(self.network, text_width=width))


CONFIGS = {"small": MDMConfig.small, "paper": MDMConfig.paper, "tiny": MDMConfig.tiny}
"""Configurations by name."""
