"""The means of both encoders in NumPy: no deep-learning framework is imported to search.

All rows of a batch stand under each other in one matrix without padding (`kinelang.language.encoders.packed`). The last layer computes
the one row that is asked for. `network.py` is the readable twin; a test holds the two within 1e-4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kinelang.language.encoders.bert import gelu
from kinelang.language.encoders.packed import attention, blocked, in_batches, normalised, product
from kinelang.models.tmr.config import Network
from kinelang.models.tmr.positions import positions
from kinelang.motion.arrays import Array

BATCH_ROWS = 768
"""Rows of one matrix: enough for the processor's peak, few enough for its cache."""
BLOCK = 256
"""Columns of a block of weights (`packed.blocked`); more than for a text alone, for there are more rows."""
EPSILON = 1e-5
"""Of torch's layer normalisation."""


@dataclass(frozen=True)
class _Layer:
    """One layer; every matrix is (in, out), so that rows are multiplied from the left, and `packed.blocked`.

    The scale of attention is in q's weights.
    """

    q: Array
    q_bias: Array
    kv: Array
    kv_bias: Array
    attended: Array
    attended_bias: Array
    norm1: tuple[Array, Array]
    inner: Array
    inner_bias: Array
    outer: Array
    outer_bias: Array
    norm2: tuple[Array, Array]


class EncoderTwin:
    """One encoder of TMR.

    Args:
        weights: as torch's state dict names them, float32.
        name: "motion_encoder" or "text_encoder".
        network: sizes.
    """

    def __init__(self, weights: Mapping[str, Array], name: str, network: Network) -> None:
        self.heads, self.n_tokens, self.width = network.heads, network.tokens, network.latent
        self._embed = blocked(weights[f"{name}.embed.weight"].T, BLOCK), weights[f"{name}.embed.bias"]
        self._tokens = weights[f"{name}.tokens"]
        self._layers = [_layer(weights, f"{name}.layers.{i}", network) for i in range(network.layers)]

    def __call__(self, sequences: Sequence[Array]) -> Array:
        """Means of sequences (T_i, width in), T_i at least 1: (N, d) float32."""
        lengths = [len(s) + self.n_tokens for s in sequences]
        out = np.empty((len(sequences), self.width), np.float32)

        def encode(batch: list[int]) -> None:
            out[batch] = self._encode([sequences[i] for i in batch])

        in_batches(lengths, BATCH_ROWS, encode)
        return out

    def _encode(self, sequences: Sequence[Array]) -> Array:
        """Means of sequences sorted by length. (N, d)."""
        lengths = np.array([len(s) + self.n_tokens for s in sequences])
        firsts = np.cumsum(lengths) - lengths
        x = np.empty((int(lengths.sum()), self.width), np.float32)
        heads = (firsts[:, None] + np.arange(self.n_tokens)).ravel()
        body = np.ones(len(x), dtype=bool)
        body[heads] = False
        x[heads] = np.tile(self._tokens, (len(sequences), 1))
        x[body] = product(np.concatenate(sequences).astype(np.float32, copy=False), *self._embed)
        at = positions(int(lengths.max()), self.width)
        x += np.concatenate([at[:n] for n in lengths])
        for layer in self._layers[:-1]:
            x = self._block(x, x, layer, lengths, firsts)
        return self._block(np.ascontiguousarray(x[firsts]), x, self._layers[-1], lengths, firsts)

    def _block(self, rows: Array, x: Array, layer: _Layer, lengths: Array, firsts: Array) -> Array:
        """New states of rows: all of x, or the first of each sequence."""
        q, kv = product(rows, layer.q, layer.q_bias), product(x, layer.kv, layer.kv_bias)
        attended = product(attention(q, kv, lengths.tolist(), self.heads), layer.attended, layer.attended_bias)
        attended += rows
        rows = normalised(attended, layer.norm1, EPSILON)
        outer = product(gelu(product(rows, layer.inner, layer.inner_bias)), layer.outer, layer.outer_bias)
        outer += rows
        return normalised(outer, layer.norm2, EPSILON)


def _layer(weights: Mapping[str, Array], name: str, network: Network) -> _Layer:
    d, scale = network.latent, np.float32((network.latent // network.heads) ** -0.5)
    both, bias = weights[f"{name}.self_attn.in_proj_weight"].T, weights[f"{name}.self_attn.in_proj_bias"]

    def matrix(part: str) -> Array:
        return blocked(weights[f"{name}.{part}.weight"].T, BLOCK)

    def norm(part: str) -> tuple[Array, Array]:
        return weights[f"{name}.{part}.weight"], weights[f"{name}.{part}.bias"]

    return _Layer(
        q=blocked(both[:, :d] * scale, BLOCK),
        q_bias=bias[:d] * scale,
        kv=blocked(both[:, d:], BLOCK),
        kv_bias=bias[d:],
        attended=matrix("self_attn.out_proj"),
        attended_bias=weights[f"{name}.self_attn.out_proj.bias"],
        norm1=norm("norm1"),
        inner=matrix("linear1"),
        inner_bias=weights[f"{name}.linear1.bias"],
        outer=matrix("linear2"),
        outer_bias=weights[f"{name}.linear2.bias"],
        norm2=norm("norm2"),
    )
