"""FineMoGen's network in torch: a noised motion, the step and texts in, the clean motion out.

Tokens of all sequences stand under each other without padding; what is padded (intervals beside each other, texts) has no weight. The
part of the templates that texts make depends on neither motion nor step: it is computed once for all steps (`texts`).

Numbers in comments are those of the paper's equations.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kinelang.models.finemogen.config import HINTS, Network
from kinelang.models.finemogen.experts import Experts
from kinelang.models.finemogen.groups import BODY, PARTS, dims, layout_named
from kinelang.models.finemogen.plan import Plan
from kinelang.models.with_torch import Tensor, functional, nn, torch

HEADS = len(PARTS) + 1
FIRST_SIGMA = 100.0
"""Squared frames: how far a template reaches at first."""
_NEVER = -1e6


@dataclass
class Sums:
    """A part of a softmax over tokens and of what it weighs, with which others can be joined.

    Attributes:
        top: (..., g) the largest key.
        total: (..., g) sum of exp(key - top).
        weighed: (..., g, p) sum of exp(key - top) value.
    """

    top: Tensor
    total: Tensor
    weighed: Tensor

    def at(self, index: Tensor) -> Sums:
        """Those of an index (...), which may be -1: none."""
        there = index >= 0
        safe = index.clamp(min=0)
        return Sums(
            torch.where(there[(...,) + (None,) * (self.top.ndim - 1)], self.top[safe], _NEVER), self.total[safe], self.weighed[safe]
        )


@dataclass
class Hints:
    """What a batch is shown besides texts.

    Attributes:
        values: (B, T, stack D) drafts and given frames; 0 where there are none.
        kinds: (B, T, 7) which of `HINTS` each part of each token is.
    """

    values: Tensor
    kinds: Tensor


class FineMoGenNetwork(nn.Module):
    """The network."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        n = self.network = network
        self.encoder = PartsIn(n) if n.spatial else WholeIn(n)
        self.decoder = PartsOut(n) if n.spatial else WholeOut(n)
        self.time = nn.Sequential(nn.Linear(n.width, n.time_width), nn.SiLU(), nn.Linear(n.time_width, n.time_width))
        self.origin = nn.Embedding(2, n.time_width) if n.origins else None
        self.skips = Skips(n) if n.skips else None
        self.words = Words(n)
        self.layers = nn.ModuleList(Layer(n) for _ in range(n.layers))

    def forward(
        self,
        x: Tensor,
        step: Tensor,
        plan: Plan,
        texts: Sequence[Sums] | tuple[Tensor, Tensor],
        dropped: Tensor | None = None,
        hints: Hints | None = None,
        origin: Tensor | None = None,
    ) -> Tensor:
        """The clean motion.

        Args:
            x: (B, T, stack D) noised and normalised; the tokens beyond a sequence's length are not looked at.
            step: (B,) of the diffusion.
            plan: which tokens and texts belong together.
            texts: what `texts` made of the numbered texts, or their token states (U, L, w) and mask (U, L).
            dropped: (B,) whose texts are left out.
            hints: drafts and given frames; for networks with hints.
            origin: (B,) index in `ORIGINS`; for networks with origins.

        Returns:
            (B, T, stack D), 0 beyond a sequence's length.
        """
        mask = plan.mask
        shown = None if hints is None else Hints(hints.values[mask], hints.kinds[mask])
        h = self.encoder(x[mask], shown)
        emb = self.time(sinusoid(step, self.network.width))
        if self.origin is not None:
            emb = emb + self.origin(torch.zeros_like(step) if origin is None else origin)
        emb = functional.silu(emb)
        made = self.texts(*texts) if isinstance(texts, tuple) else texts
        for layer, told in zip(self.layers, made, strict=True):
            h = layer(h, emb, plan, told, dropped)
        out = torch.zeros(*mask.shape, x.shape[-1], dtype=h.dtype, device=h.device)
        out[mask] = self.decoder(h)
        if self.skips is not None:
            out[mask] = out[mask] + self.skips(h, x[mask], None if shown is None else shown.values)
        return out

    def texts(self, states: Tensor, mask: Tensor) -> list[Sums]:
        """What each layer needs of texts: token states (U, L, text_width) with mask (U, L)."""
        x = self.words(states, mask)
        return [attention.text(x, mask) for attention in self._attentions()]

    def auxiliary(self) -> tuple[Tensor, Tensor]:
        """Of the last forward in training, summed over layers: the loss of the experts' loads, and that of the templates' times."""
        zero = next(self.parameters()).new_zeros(())
        route = sum((m.route for m in self.modules() if isinstance(m, Experts) and m.route is not None), zero)
        return route, sum((a.times_kl for a in self._attentions() if a.times_kl is not None), zero)

    def _attentions(self) -> Iterator[SAMI]:
        return (module for module in self.modules() if isinstance(module, SAMI))

    def load_arrays(self, arrays: Mapping[str, object]) -> None:
        """Take over weights by name, as `check_tensors` has found them right."""
        self.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})


def sinusoid(step: Tensor, width: int) -> Tensor:
    """Cosines and sines of a step (B,): (B, width)."""
    half = width // 2
    frequencies = torch.exp(-math.log(10000) * torch.arange(half, device=step.device) / half)
    angles = step[:, None].float() * frequencies
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


# --- in and out


def _hint_width(n: Network, features: int, parts: int) -> int:
    return (features * n.stack + parts * (len(HINTS) - 1)) if n.hints else 0


def _with_hints(x: Tensor, hints: Hints | None, part: int | None) -> Tensor:
    """Tokens (F, d) with the hints' values (F, d) and flags behind them, of one part or of all."""
    if hints is None:
        return x
    kinds = hints.kinds if part is None else hints.kinds[:, part : part + 1]
    flags = functional.one_hot(kinds, len(HINTS))[..., 1:].flatten(1).to(x.dtype)
    return torch.cat([x, hints.values, flags], dim=-1)


def _no_hints(n: Network, x: Tensor, hints: Hints | None) -> Hints | None:
    if not n.hints or hints is not None:
        return hints
    return Hints(torch.zeros_like(x), torch.zeros(len(x), len(PARTS), dtype=torch.long, device=x.device))


class PartsIn(nn.Module):
    """A linear map of every group's features."""

    def __init__(self, n: Network) -> None:
        super().__init__()
        self.network = n
        layout = layout_named(n.layout)
        self.maps = nn.ModuleList()
        for part in (*PARTS, BODY):
            own = dims(layout, part)
            extra = _hint_width(n, len(own), len(PARTS) if part == BODY else 1)
            self.maps.append(nn.Linear(len(own) * n.stack + extra, n.part_width))
            self.register_buffer(f"own_{part}", _stacked_dims(own, layout.width, n.stack), persistent=False)

    def forward(self, x: Tensor, hints: Hints | None) -> Tensor:
        """(F, stack D) -> (F, 8, p)."""
        hints = _no_hints(self.network, x, hints)
        rows = []
        for i, (part, linear) in enumerate(zip((*PARTS, BODY), self.maps, strict=True)):
            own = getattr(self, f"own_{part}")
            theirs = None if hints is None else Hints(hints.values[:, own], hints.kinds)
            rows.append(linear(_with_hints(x[:, own], theirs, None if part == BODY else i)))
        return torch.stack(rows, dim=1)


class PartsOut(nn.Module):
    """The mean of what the parts say of their features, and the whole body of all."""

    back: Tensor

    def __init__(self, n: Network) -> None:
        super().__init__()
        layout = layout_named(n.layout)
        self.maps = nn.ModuleList(_zero(nn.Linear(n.part_width, len(dims(layout, part)) * n.stack)) for part in (*PARTS, BODY))
        order = torch.cat([_stacked_dims(dims(layout, part), layout.width, n.stack) for part in PARTS])
        self.register_buffer("back", order.argsort(), persistent=False)

    def forward(self, h: Tensor) -> Tensor:
        """(F, 8, p) -> (F, stack D)."""
        parts = torch.cat([linear(h[:, i]) for i, linear in enumerate(self.maps[:-1])], dim=-1)
        out: Tensor = 0.5 * (parts[:, self.back] + self.maps[-1](h[:, -1]))
        return out


class Skips(nn.Module):
    """How much of the noised motion and of the hints each part of each frame takes over. Nothing at first."""

    def __init__(self, n: Network) -> None:
        super().__init__()
        self.stack, layout = n.stack, layout_named(n.layout)
        self.sources = 2 if n.hints else 1
        self.shares = nn.ModuleList(_zero(nn.Linear(n.part_width, self.sources * n.stack)) for _ in PARTS)
        part_of = torch.empty(layout.width, dtype=torch.long)
        for k, part in enumerate(PARTS):
            part_of[list(dims(layout, part))] = k
        self.register_buffer("part_of", part_of, persistent=False)

    part_of: Tensor

    def forward(self, h: Tensor, x: Tensor, hints: Tensor | None) -> Tensor:
        """h (F, 8, p), x and hints (F, stack D) -> (F, stack D)."""
        shares = torch.stack([linear(h[:, k]) for k, linear in enumerate(self.shares)], dim=-1)  # (F, sources stack, 7)
        shares = shares.view(len(h), self.sources, self.stack, -1)[..., self.part_of]
        out = shares[:, 0] * x.view(len(x), self.stack, -1)
        if hints is not None and self.sources > 1:
            out = torch.addcmul(out, shares[:, 1], hints.view(len(x), self.stack, -1))
        return out.flatten(1)


class WholeIn(nn.Module):
    """One linear map of all features."""

    def __init__(self, n: Network) -> None:
        super().__init__()
        self.network = n
        features = layout_named(n.layout).width
        self.map = nn.Linear(features * n.stack + _hint_width(n, features, len(PARTS)), n.width)

    def forward(self, x: Tensor, hints: Hints | None) -> Tensor:
        """(F, stack D) -> (F, 8, p)."""
        h: Tensor = self.map(_with_hints(x, _no_hints(self.network, x, hints), None))
        return h.view(len(h), HEADS, -1)


class WholeOut(nn.Module):
    """One linear map to all features."""

    def __init__(self, n: Network) -> None:
        super().__init__()
        self.map = _zero(nn.Linear(n.width, layout_named(n.layout).width * n.stack))

    def forward(self, h: Tensor) -> Tensor:
        """(F, 8, p) -> (F, stack D)."""
        out: Tensor = self.map(h.flatten(1))
        return out


def _stacked_dims(own: Sequence[int], width: int, stack: int) -> Tensor:
    """Where features stand in a token of several frames, frame by frame."""
    return (torch.arange(stack)[:, None] * width + torch.tensor(own)).flatten()


def _zero(linear: nn.Linear) -> nn.Linear:
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    return linear


# --- texts


class Words(nn.Module):
    """A Transformer over the states of a frozen text encoder."""

    def __init__(self, n: Network) -> None:
        super().__init__()
        self.project = nn.Linear(n.text_width, n.text_latent)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(n.text_latent, n.text_heads, n.text_feed_forward, 0.0, "gelu", batch_first=True)
            for _ in range(n.text_layers)
        )
        self.norm = nn.LayerNorm(n.text_latent)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(U, L, text_width), (U, L) -> (U, L, text_latent). Padding has no weight (in the release all 77 places have)."""
        x = self.project(states)
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=~mask)
        out: Tensor = self.norm(x)
        return out


# --- layers


class Layer(nn.Module):
    """SAMI, then the feed-forward network."""

    def __init__(self, n: Network) -> None:
        super().__init__()
        self.attention = SAMI(n)
        self.feed_forward = PartsForward(n) if n.spatial else WholeForward(n)

    def forward(self, h: Tensor, emb: Tensor, plan: Plan, text: Sums, dropped: Tensor | None) -> Tensor:
        """h (F, 8, p), emb (B, e) -> (F, 8, p)."""
        h = self.attention(h, emb, plan, text, dropped)
        out: Tensor = self.feed_forward(h, emb, plan)
        return out


class Stylization(nn.Module):
    """What a block computed, shifted and scaled by the diffusion step. Nothing at first."""

    def __init__(self, n: Network) -> None:
        super().__init__()
        self.shift = nn.Linear(n.time_width, 2 * n.width)
        self.norm = nn.LayerNorm(n.width)
        self.out = _zero(nn.Linear(n.width, n.width))

    def forward(self, y: Tensor, emb: Tensor, plan: Plan) -> Tensor:
        """y (F, 8, p), emb (B, e) -> (F, 8, p)."""
        scale, shift = self.shift(emb).chunk(2, dim=-1)
        z = torch.addcmul(shift[plan.sequence], self.norm(y.flatten(1)), 1 + scale[plan.sequence])
        out: Tensor = self.out(functional.silu(z))
        return out.view(y.shape)


class PartsForward(nn.Module):
    """A feed-forward network of each group's own."""

    def __init__(self, n: Network) -> None:
        super().__init__()
        hidden = n.feed_forward * n.part_width
        self.inner, self.inner_bias = _linears(HEADS, n.part_width, hidden)
        self.outer, self.outer_bias = _linears(HEADS, hidden, n.part_width)
        self.style = Stylization(n)

    def forward(self, h: Tensor, emb: Tensor, plan: Plan) -> Tensor:
        """h (F, 8, p) -> (F, 8, p)."""
        inner = functional.gelu(torch.baddbmm(self.inner_bias[:, None], h.transpose(0, 1), self.inner))
        y = torch.baddbmm(self.outer_bias[:, None], inner, self.outer).transpose(0, 1)
        out: Tensor = h + self.style(y, emb, plan)
        return out


class WholeForward(nn.Module):
    """An ordinary feed-forward network."""

    def __init__(self, n: Network) -> None:
        super().__init__()
        hidden = n.feed_forward * n.part_width
        self.inner, self.outer = nn.Linear(n.width, hidden), nn.Linear(hidden, n.width)
        self.style = Stylization(n)

    def forward(self, h: Tensor, emb: Tensor, plan: Plan) -> Tensor:
        """h (F, 8, p) -> (F, 8, p)."""
        y = self.outer(functional.gelu(self.inner(h.flatten(1)))).view(h.shape)
        out: Tensor = h + self.style(y, emb, plan)
        return out


def _linears(n: int, width: int, out: int) -> tuple[nn.Parameter, nn.Parameter]:
    bound = 1 / math.sqrt(width)
    return nn.Parameter(torch.empty(n, width, out).uniform_(-bound, bound)), nn.Parameter(torch.empty(n, out).uniform_(-bound, bound))


class Projection(nn.Module):
    """From states to keys and values: a mixture of experts with learned positions before a linear map, or the linear map alone."""

    def __init__(self, n: Network, width: int, groups: int, places: int, experts: int, hidden: int, out: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.places = nn.Parameter(torch.zeros(places, groups, width).normal_(std=0.02))
        self.experts = Experts(width, hidden, experts, n.chosen, n.gate_width, n.gate_noise) if experts else None
        self.out = nn.Linear(width, out)

    def forward(self, x: Tensor, place: Tensor) -> Tensor:
        """x (F, groups, width), place (F,) -> (F, groups, out)."""
        x = self.norm(x) + self.places[place]
        if self.experts is not None:
            x = functional.gelu(self.experts(x.flatten(0, 1)).view(x.shape))
        out: Tensor = self.out(x)
        return out


class SAMI(nn.Module):
    """Spatio-temporal mixture attention."""

    def __init__(self, n: Network) -> None:
        super().__init__()
        self.network = n
        p, g = n.part_width, n.templates
        groups, width = (HEADS, p) if n.spatial else (1, n.width)
        self._widths = [g, p] + ([p] if n.spatial else []) + ([] if n.temporal else [g])
        hidden = n.expert_width * p  # without groups too, so that the arms of an ablation are of like size
        self.motion = Projection(n, width, groups, n.max_tokens, n.experts, hidden, HEADS // groups * sum(self._widths))
        self.text_heads = 1 if n.spatial else HEADS
        hidden = n.expert_width * n.text_latent
        self.words = Projection(n, n.text_latent, 1, n.max_words, n.text_experts, hidden, self.text_heads * (g + p))
        self.body = nn.Parameter(torch.randn(HEADS, HEADS)) if n.spatial else None
        self.style = Stylization(n)
        self.times_kl: Tensor | None = None
        """Of the last call in training: how far the templates' times are from a standard normal."""
        if n.temporal:
            self.inner = nn.Linear(p, (n.order + 2) * n.template_width * p)  # of one network for the time, one for each term
            self.when = nn.Linear(n.template_width * p, 1)
            self.when_scale = nn.Parameter(torch.ones(1))
            self.sigma = nn.Parameter(torch.tensor([FIRST_SIGMA]))
            self.terms = nn.ModuleList(nn.Linear(n.template_width * p, p) for _ in range(n.order + 1))

    def forward(self, h: Tensor, emb: Tensor, plan: Plan, text: Sums, dropped: Tensor | None) -> Tensor:
        """h (F, 8, p) -> (F, 8, p)."""
        states = h if self.network.spatial else h.flatten(1)[:, None]
        said = torch.split(self.motion(states, plan.place).view(len(h), HEADS, -1), self._widths, dim=-1)
        templates = self._templates(said[0], said[1], plan, text, dropped)
        if self.network.temporal:
            y = self._in_time(templates, plan)
        else:
            y = self._asked(said[-1], templates, plan)
        if self.body is not None:
            y = y + torch.einsum("hl,flp->fhp", self.body.softmax(dim=1), said[2])
        out: Tensor = h + self.style(y, emb, plan)
        return out

    def text(self, x: Tensor, mask: Tensor) -> Sums:
        """What texts (U, L, w) with mask (U, L) add to templates: (U, heads of the text, g, ...)."""
        u, length = mask.shape
        place = torch.arange(length, device=x.device).expand(u, -1).flatten()
        said = self.words(x.flatten(0, 1)[:, None], place).view(u, length, self.text_heads, -1)
        keys, values = torch.split(said, [self.network.templates, self.network.part_width], dim=-1)
        return sums(keys.masked_fill(~mask[..., None, None], -math.inf), values)

    def _templates(self, keys: Tensor, values: Tensor, plan: Plan, text: Sums, dropped: Tensor | None) -> Tensor:
        """(N, 8, g, p): a softmax over the frames of an interval and the words of its texts."""
        parts = [self._framed(keys, values, plan)]
        told = [plan.overall] if plan.parts is None else [plan.overall, functional.pad(plan.parts, (0, 1), value=-1)]
        for index in told:
            if dropped is not None:
                off = dropped[plan.owner]
                index = torch.where(off if index.ndim == 1 else off[:, None], -1, index)
            found = text.at(index)  # (N, heads of the text, g, ...), or (N, 8, heads, g, ...) of parts
            if index.ndim > 1:
                k = torch.arange(HEADS, device=index.device)
                own = k if self.text_heads == HEADS else torch.zeros_like(k)
                found = Sums(found.top[:, k, own], found.total[:, k, own], found.weighed[:, k, own])
            parts.append(found)
        top = parts[0].top
        for part in parts[1:]:
            top = torch.maximum(top, part.top)
        shares = [torch.exp(part.top - top) for part in parts]
        total = sum((share * part.total for share, part in zip(shares, parts, strict=True)), torch.zeros_like(top))
        weighed: Tensor = sum(
            ((share / total)[..., None] * part.weighed for share, part in zip(shares, parts, strict=True)),
            torch.zeros_like(parts[0].weighed),
        )
        return weighed

    def _framed(self, keys: Tensor, values: Tensor, plan: Plan) -> Sums:
        """What the frames of each interval add to its templates."""
        beyond = functional.pad(keys, (0, 0, 0, 0, 0, 1), value=-math.inf)
        nothing = functional.pad(values, (0, 0, 0, 0, 0, 1))
        found = [sums(beyond[grid], nothing[grid]) for grid in plan.grids]
        order = torch.cat(plan.members).argsort()
        return Sums(*(torch.cat([getattr(f, name) for f in found])[order] for name in ("top", "total", "weighed")))

    def _in_time(self, templates: Tensor, plan: Plan) -> Tensor:
        """Y^T (F, 8, p): each frame is told by the templates near it in time, (4) to (6)."""
        n = self.network
        when, *inner = functional.gelu(self.inner(templates)).chunk(n.order + 2, dim=-1)
        raw = self.when(when)[..., 0]
        if self.training:
            self.times_kl = times_kl(raw)
        unit = n.stack / n.max_frames
        first = plan.first * unit
        tau = torch.sigmoid(raw / self.when_scale) * (plan.length * unit)[:, None, None] + first[:, None, None]  # (N, 8, g)
        terms = torch.stack([term(x) for term, x in zip(self.terms, inner, strict=True)], dim=-2)  # (N, 8, g, order + 1, p)
        near, absent = plan.near.clamp(min=0), plan.near < 0
        sharpness = n.max_frames**2 / self.sigma
        rows = []
        for members, grid in zip(plan.members, plan.grids, strict=True):
            seen = near[members]
            t = (tau[seen] - first[members][:, None, None, None]).transpose(1, 2).flatten(2)  # (n, 8, R g), from the interval's start
            far = (-sharpness * t.square()).masked_fill(absent[members].repeat_interleave(n.templates, dim=1)[:, None], -math.inf)
            x = torch.arange(grid.shape[1], device=t.device, dtype=t.dtype)[:, None] * unit  # (L, 1)
            # -(x - t)^2 but for x^2, which all templates share
            weights = torch.softmax(torch.addcmul(far[:, :, None], 2 * sharpness * x, t[:, :, None]), dim=-1)
            powers = polynomial(terms[seen].transpose(1, 2).flatten(2, 3), t)
            told = (weights @ powers.flatten(3)).view(*weights.shape[:3], *powers.shape[3:])  # (n, 8, L, order + 1, p)
            y = told[..., -1, :]
            for k in range(n.order - 1, -1, -1):
                y = torch.addcmul(told[..., k, :], y, x)
            rows.append(y.transpose(1, 2).flatten(0, 1))
        return torch.cat(rows)[plan.back]

    def _asked(self, queries: Tensor, templates: Tensor, plan: Plan) -> Tensor:
        """Y (F, 8, p) of efficient attention: each frame asks by its content (1)."""
        near, absent = plan.near.clamp(min=0), plan.near < 0
        asked = functional.pad(queries, (0, 0, 0, 0, 0, 1))
        rows = []
        for members, grid in zip(plan.members, plan.grids, strict=True):
            scores = asked[grid].transpose(1, 2).repeat(1, 1, 1, near.shape[1])  # (n, 8, L, R g)
            scores = scores.masked_fill(absent[members].repeat_interleave(queries.shape[-1], dim=1)[:, None, None], -math.inf)
            y = scores.softmax(dim=-1) @ templates[near[members]].transpose(1, 2).flatten(2, 3)
            rows.append(y.transpose(1, 2).flatten(0, 1))
        return torch.cat(rows)[plan.back]


def polynomial(terms: Tensor, at: Tensor) -> Tensor:
    """Coefficients in x of the sum of terms_k (x - at)^k.

    Args:
        terms: (..., K, p), K 2 or 4.
        at: (...).
    """
    t = at[..., None]
    if terms.shape[-2] == 2:
        s, v = terms.unbind(dim=-2)
        return torch.stack([s - v * t, v], dim=-2)
    s, v, a, j = terms.unbind(dim=-2)
    return torch.stack([s - v * t + a * t**2 - j * t**3, v - 2 * a * t + 3 * j * t**2, a - 3 * j * t, j], dim=-2)


def sums(keys: Tensor, values: Tensor) -> Sums:
    """Over the tokens (N, T, H, g) and (N, T, H, p), of which those with keys of -inf do not count."""
    top = keys.detach().amax(dim=1).clamp(min=_NEVER)  # it cancels out
    weights = torch.exp(keys - top[:, None])
    weighed = weights.permute(0, 2, 3, 1) @ values.transpose(1, 2)
    return Sums(top, weights.sum(dim=1), weighed)


def times_kl(raw: Tensor) -> Tensor:
    """The release's divergence of templates' raw times (N, H, g) from a standard normal, over their mean and deviation in a head.

    It takes the logarithm of the deviation for that of the variance, as the release does; and the mean over intervals where that sums.
    """
    mean, logvar = raw.mean(dim=-1), raw.std(dim=-1).clamp(min=1e-6).log()
    return -0.5 * (1 + logvar - mean.square() - logvar.exp()).mean()


def build(network: Network) -> FineMoGenNetwork:
    """The network of a configuration."""
    return FineMoGenNetwork(network)
