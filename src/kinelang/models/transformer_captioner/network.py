"""The Transformer captioner in torch: an encoder over poses, a decoder over words, and where every word looked in time.

A word's time is that of the attention with which it is predicted: the decoder's to the poses, its mean over heads and layers, as a
Gaussian like the guided captioner's. Padding never changes a result: padded frames have no weight, and padded words come last, where no
word sees them.

Source: TM2T's release (see `config`), from which two things differ. Poses are projected in place of embedded tokens, and what is
projected is not scaled by the root of its width as embedded words are; and layers may be normalised before (`norm` "pre").
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from kinelang.models.captioner.losses import language, temporal
from kinelang.models.captioner.network import Batch, gaussian
from kinelang.models.captioner.parts import n_channels
from kinelang.models.tmr.network import at_positions
from kinelang.models.transformer_captioner.config import Losses, Network, TransformerCaptionerConfig
from kinelang.models.with_torch import Tensor, functional, nn, torch

EPSILON = 1e-6
"""Of layer normalisation, as published."""
_LEAST = 1e-9
"""Attention is not taken for smaller in logarithms."""


@dataclass
class Outputs:
    """What is said of every word; after a caption's end whatever it is.

    Attributes:
        logits: (B, L, V).
        log_gamma: (B, L, T) logarithm of the attention to the poses, -inf where a clip has ended.
        window: (B, L, T) its Gaussian, 1 at its peak; 0 where a clip has ended.
        mean, deviation: (B, L) of the Gaussian, in frames seen.
    """

    logits: Tensor
    log_gamma: Tensor
    window: Tensor
    mean: Tensor
    deviation: Tensor


class TransformerNetwork(nn.Module):
    """Encoder and decoder."""

    def __init__(self, config: TransformerCaptionerConfig) -> None:
        super().__init__()
        n = self.network = config.network
        self.motion = nn.Linear(n_channels(config.data) * (2 * config.data.context + 1), n.width)
        self.embed = nn.Embedding(n.words, n.width)
        self.encoder = nn.ModuleList(EncoderLayer(n) for _ in range(n.encoder_layers))
        self.decoder = nn.ModuleList(DecoderLayer(n) for _ in range(n.decoder_layers))
        before = n.norm == "pre"
        self.encoded = nn.LayerNorm(n.width, EPSILON) if before else nn.Identity()
        self.decoded = nn.LayerNorm(n.width, EPSILON) if before else nn.Identity()
        self.output = None if n.shared else nn.Linear(n.width, n.words, bias=False)
        for weight in self.parameters():
            if weight.ndim > 1:
                nn.init.xavier_uniform_(weight)

    def forward(self, batch: Batch) -> Outputs:
        """What is said after each true word."""
        return self.say(self.encode(batch.motion, batch.mask), batch.mask, batch.words[:, :-1])

    def encode(self, motion: Tensor, mask: Tensor) -> Tensor:
        """States (B, T, d) of poses (B, T, D), of which those of the mask (B, T) are there."""
        x = self.motion(motion)
        x = x + at_positions(x.shape[1], x.shape[2], x)
        for layer in self.encoder:
            x = layer(x, mask[:, None])
        states: Tensor = self.encoded(x)
        return states

    def say(self, memory: Tensor, mask: Tensor, words: Tensor) -> Outputs:
        """The next words after words (B, L), and where they look."""
        x = self.embed(words) * math.sqrt(self.network.width)
        x = x + at_positions(x.shape[1], x.shape[2], x)
        before = torch.ones(words.shape[1], words.shape[1], dtype=torch.bool, device=words.device).tril()[None]
        looks = []
        for layer in self.decoder:
            x, look = layer(x, before, memory, mask[:, None])
            looks.append(look.mean(dim=1))
        x = self.decoded(x)
        logits = functional.linear(x, self.embed.weight) if self.output is None else self.output(x)
        gamma = torch.stack(looks).mean(dim=0)
        log_gamma = gamma.float().clamp(min=_LEAST).log().masked_fill(~mask[:, None], -math.inf)
        return Outputs(logits, log_gamma, *gaussian(log_gamma, mask, self.network.window))

    def load_arrays(self, arrays: Mapping[str, object]) -> None:
        """Take over weights by name, as `check_tensors` has found them right."""
        self.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})


class Layer(nn.Module):
    """What layers are made of: something computed of the states is added to them, normalised before or after."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.before, self.dropout = network.norm == "pre", nn.Dropout(network.dropout)

    def input(self, norm: nn.Module, x: Tensor) -> Tensor:
        """What is computed with."""
        return norm(x) if self.before else x

    def sum(self, norm: nn.Module, x: Tensor, found: Tensor) -> Tensor:
        """States with what was computed of them."""
        x = x + self.dropout(found)
        return x if self.before else norm(x)


class EncoderLayer(Layer):
    """Poses see all poses of their clip."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.attention, self.attention_norm = Attention(network), nn.LayerNorm(network.width, EPSILON)
        self.feed, self.feed_norm = FeedForward(network), nn.LayerNorm(network.width, EPSILON)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """New states of x (B, T, d); mask (B, 1, T)."""
        given = self.input(self.attention_norm, x)
        x = self.sum(self.attention_norm, x, self.attention(given, given, mask)[0])
        return self.sum(self.feed_norm, x, self.feed(self.input(self.feed_norm, x)))


class DecoderLayer(Layer):
    """Words see the words before them, then the poses."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.attention, self.attention_norm = Attention(network), nn.LayerNorm(network.width, EPSILON)
        self.look, self.look_norm = Attention(network), nn.LayerNorm(network.width, EPSILON)
        self.feed, self.feed_norm = FeedForward(network), nn.LayerNorm(network.width, EPSILON)

    def forward(self, x: Tensor, before: Tensor, memory: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """New states of x (B, L, d), which see those `before` (1, L, L) and the poses (B, T, d) of a mask (B, 1, T); and where each
        head looked, (B, H, L, T)."""
        given = self.input(self.attention_norm, x)
        x = self.sum(self.attention_norm, x, self.attention(given, given, before)[0])
        found, looked = self.look(self.input(self.look_norm, x), memory, mask)
        x = self.sum(self.look_norm, x, found)
        return self.sum(self.feed_norm, x, self.feed(self.input(self.feed_norm, x))), looked


class Attention(nn.Module):
    """Attention of several heads."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        d = network.width
        self.heads, self.dropout = network.heads, network.attention_dropout
        self.query, self.key, self.value, self.out = (nn.Linear(d, d) for _ in range(4))

    def forward(self, rows: Tensor, seen: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """What rows (B, L, d) find in those of `seen` (B, T, d) that the mask (B or 1, L or 1, T) allows; the weights (B, H, L, T)."""
        q, k, v = (self._by_head(x) for x in (self.query(rows), self.key(seen), self.value(seen)))
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        weights = scores.masked_fill(~mask[:, None], -math.inf).softmax(dim=-1)
        found = functional.dropout(weights, self.dropout, self.training) @ v
        return self.out(found.transpose(1, 2).flatten(2)), weights

    def _by_head(self, x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)


class FeedForward(nn.Module):
    """Two layers, row by row."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.inner, self.outer = nn.Linear(network.width, network.feed_forward), nn.Linear(network.feed_forward, network.width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, d) -> (B, T, d)."""
        out: Tensor = self.outer(functional.relu(self.inner(x)))
        return out


def losses_of(outputs: Outputs, batch: Batch, config: Losses) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum, and its parts by name, not weighted. Parts of weight 0 are not computed."""
    parts = {"language": language(outputs, batch)}
    if config.temporal:
        parts["temporal"] = temporal(outputs, batch)
    return sum((config.temporal * parts[name] for name in parts if name != "language"), start=parts["language"]), parts


def build(config: TransformerCaptionerConfig) -> TransformerNetwork:
    """The network of a configuration, with fresh weights."""
    return TransformerNetwork(config)
