"""MDM's network in torch: a Transformer over the noised motion, with one token of step and text in front; the clean motion out.

Padding never changes a result (the release has no mask).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from kinelang.models.finemogen.groups import layout_named
from kinelang.models.finemogen.network import Hints
from kinelang.models.finemogen.plan import Plan
from kinelang.models.mdm.config import Network
from kinelang.models.with_torch import Tensor, nn, torch


class MDMNetwork(nn.Module):
    """The network, called as FineMoGen's is."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        n = self.network = network
        features = layout_named(n.layout).width * n.stack
        self.embed = nn.Linear(features, n.width)
        self.time = nn.Sequential(nn.Linear(n.width, n.width), nn.SiLU(), nn.Linear(n.width, n.width))
        self.text = nn.Linear(n.text_width, n.width)
        self.origin = nn.Embedding(2, n.width) if n.origins else None
        self.dropout = nn.Dropout(n.dropout)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(n.width, n.heads, n.feed_forward, n.dropout, "gelu", batch_first=True) for _ in range(n.layers)
        )
        self.out = nn.Linear(n.width, features)

    def forward(
        self,
        x: Tensor,
        step: Tensor,
        plan: Plan,
        texts: Tensor | tuple[Tensor, Tensor],
        dropped: Tensor | None = None,
        hints: Hints | None = None,
        origin: Tensor | None = None,
    ) -> Tensor:
        """The clean motion.

        Args:
            x: (B, T, stack D) noised and normalised; the tokens beyond a sequence's length are not looked at.
            step: (B,) of the diffusion.
            plan: which tokens and texts belong together; of the texts the overall ones count.
            texts: what `texts` made of the numbered texts, or their token states (U, L, w) and mask (U, L).
            dropped: (B,) whose texts are left out.
            hints: not looked at.
            origin: (B,) index in `ORIGINS`; for networks with origins.

        Returns:
            (B, T, stack D), 0 beyond a sequence's length.
        """
        mask = plan.mask
        vectors = self.texts(*texts) if isinstance(texts, tuple) else texts
        first = self.time(sinusoid(step, self.network.width)) + self.text(told(vectors, plan, dropped))
        if self.origin is not None:
            first = first + self.origin(torch.zeros_like(step) if origin is None else origin)
        h = torch.cat([first[:, None], self.embed(x.masked_fill(~mask[..., None], 0))], dim=1)
        h = self.dropout(h + sinusoid(torch.arange(h.shape[1], device=h.device), self.network.width))
        absent = torch.cat([torch.zeros_like(mask[:, :1]), ~mask], dim=1)
        for layer in self.layers:
            h = layer(h, src_key_padding_mask=absent)
        out: Tensor = self.out(h[:, 1:]).masked_fill(~mask[..., None], 0)
        return out

    def texts(self, states: Tensor, mask: Tensor) -> Tensor:
        """Sentence vectors (U, text_width): the mean of token states (U, L, text_width) with mask (U, L)."""
        there = mask[..., None]
        return states.masked_fill(~there, 0).sum(dim=1) / there.sum(dim=1).clamp(min=1)

    def auxiliary(self) -> tuple[Tensor, Tensor]:
        """It has no losses besides that of the motion."""
        zero = next(self.parameters()).new_zeros(())
        return zero, zero

    def load_arrays(self, arrays: Mapping[str, object]) -> None:
        """Take over weights by name, as `check_tensors` has found them right."""
        self.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})


def told(vectors: Tensor, plan: Plan, dropped: Tensor | None) -> Tensor:
    """The vector of each sequence (B, w): of its text (U, w), 0 without one.

    Training shows one text a sequence. Where several intervals have texts it is their mean: it keeps neither their order nor their
    times, and stands here so that what is asked of FineMoGen can be asked of this network too.
    """
    spoken = plan.overall >= 0
    if dropped is not None:
        spoken = spoken & ~dropped[plan.owner]
    of = plan.owner[spoken]
    totals = vectors.new_zeros(len(plan.lengths), vectors.shape[1]).index_add(0, of, vectors[plan.overall[spoken]])
    return totals / torch.bincount(of, minlength=len(plan.lengths)).clamp(min=1)[:, None]


def sinusoid(at: Tensor, width: int) -> Tensor:
    """Sines in even columns, cosines in odd ones, of places or steps (N,): (N, width)."""
    rates = torch.exp(-math.log(10000) * torch.arange(0, width, 2, device=at.device) / width)
    angles = at[:, None].float() * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


def build(network: Network) -> MDMNetwork:
    """The network of a configuration."""
    return MDMNetwork(network)
