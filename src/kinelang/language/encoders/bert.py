"""A BERT encoder in NumPy: no deep-learning framework is imported to search by words.

All tokens of a batch stand under each other in one matrix without padding (`packed`). Source: Devlin et al., BERT (2019); names of
weights as in Hugging Face's `BertModel`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kinelang.language.encoders.base import Array
from kinelang.language.encoders.packed import attention, blocked, in_batches, normalised, product

BATCH_TOKENS = 384
"""Tokens of one matrix: enough for the processor's peak, few enough for its cache. Measured with bench/text_encoding.py."""

_GELU_ROWS = 32

# Phi(x) = 1 / (1 + exp(-x h(min(x^2, 30)))) with a polynomial h, lowest power first, fitted so that the greatest error of x Phi(x) is
# least: 7e-8, and with the rounding of float32 a unit of the last place or two.
_PHI = (
    1.5957685367717929, 0.072668298378622, -6.605351135301807e-05, -0.00011054674073708336, 7.9481370274022e-06, -2.675661193593798e-07,
    3.627848274517723e-09,
)  # fmt: skip
_PHI_FLAT = 32.0


@dataclass(frozen=True)
class BertConfig:
    """The shape of the network, as in Hugging Face's config.json."""

    width: int
    layers: int
    heads: int
    layer_norm_eps: float


@dataclass(frozen=True)
class _Layer:
    """One block; every matrix is (in, out), so that rows are multiplied from the left, and `packed.blocked`."""

    qkv: Array
    qkv_bias: Array
    attended: Array
    attended_bias: Array
    attended_norm: tuple[Array, Array]
    inner: Array
    inner_bias: Array
    outer: Array
    outer_bias: Array
    outer_norm: tuple[Array, Array]


class Bert:
    """The network with its weights.

    Args:
        config: its shape.
        weights: Hugging Face's names, without a prefix, to float32 arrays; what is not needed (the pooler) may be there or not.

    Raises:
        KeyError: a weight is missing.
    """

    def __init__(self, config: BertConfig, weights: Mapping[str, Array]) -> None:
        self.config = config
        self._words = weights["embeddings.word_embeddings.weight"]
        self._places = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        self._norm = _norm(weights, "embeddings.LayerNorm")
        self._layers = [_layer(weights, f"encoder.layer.{i}", config) for i in range(config.layers)]

    def hidden_states(self, ids: Sequence[Sequence[int]]) -> list[Array]:
        """The last hidden states of each text, (T_i, width) float32, from its token ids, special tokens included."""
        lengths = [len(i) for i in ids]
        made: list[Array] = [np.zeros((0, self.config.width), np.float32)] * len(ids)

        def encode(batch: list[int]) -> None:
            rows = self._encode([ids[i] for i in batch])
            for i, states in zip(batch, np.split(rows, np.cumsum([lengths[i] for i in batch])[:-1]), strict=True):
                made[i] = states.copy() if len(batch) > 1 else states

        in_batches(lengths, BATCH_TOKENS, encode)
        return made

    def _encode(self, ids: Sequence[Sequence[int]]) -> Array:
        """The states of texts sorted by length, under each other: (sum of T_i, width)."""
        lengths = [len(i) for i in ids]
        x = self._words[np.concatenate([np.asarray(i, np.int64) for i in ids])]
        x += np.concatenate([self._places[:n] for n in lengths])
        x = normalised(x, self._norm, self.config.layer_norm_eps)
        for layer in self._layers:
            x = self._block(x, layer, lengths)
        return x

    def _block(self, x: Array, layer: _Layer, lengths: Sequence[int]) -> Array:
        eps, d = self.config.layer_norm_eps, self.config.width
        qkv = product(x, layer.qkv, layer.qkv_bias)
        attended = product(attention(qkv[:, :d], qkv[:, d:], lengths, self.config.heads), layer.attended, layer.attended_bias)
        attended += x
        x = normalised(attended, layer.attended_norm, eps)
        outer = product(gelu(product(x, layer.inner, layer.inner_bias)), layer.outer, layer.outer_bias)
        outer += x
        return normalised(outer, layer.outer_norm, eps)


def gelu(x: Array) -> Array:
    """x Phi(x), the Gaussian error linear unit, to 7e-7, of rows (T, d); in place, in blocks that the processor's cache holds.

    Phi by its logit, which is nearly a polynomial, and NumPy's fast exponential: scipy's erf takes several times as long.
    """
    square, logit = np.empty_like(x[:_GELU_ROWS]), np.empty_like(x[:_GELU_ROWS])
    with np.errstate(over="ignore"):  # exp far below 0: x / inf is 0
        for start in range(0, len(x), _GELU_ROWS):
            rows = x[start : start + _GELU_ROWS]
            _gelu(rows, square[: len(rows)], logit[: len(rows)])
    return x


def _gelu(x: Array, square: Array, logit: Array) -> None:
    np.multiply(x, x, out=square)
    np.minimum(square, np.float32(_PHI_FLAT), out=square)
    np.multiply(square, np.float32(-_PHI[-1]), out=logit)
    for coefficient in _PHI[-2:0:-1]:
        logit -= np.float32(coefficient)
        logit *= square
    logit -= np.float32(_PHI[0])
    logit *= x
    np.exp(logit, out=logit)
    logit += np.float32(1)
    x /= logit


def _norm(weights: Mapping[str, Array], name: str) -> tuple[Array, Array]:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]


def _layer(weights: Mapping[str, Array], name: str, config: BertConfig) -> _Layer:
    scale = np.float32((config.width // config.heads) ** -0.5)
    attention = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
    scales = (scale, np.float32(1), np.float32(1))

    def matrix(part: str) -> Array:
        return blocked(weights[f"{part}.weight"].T)

    return _Layer(
        qkv=blocked(np.concatenate([weights[f"{part}.weight"].T * s for part, s in zip(attention, scales, strict=True)], axis=1)),
        qkv_bias=np.concatenate([weights[f"{part}.bias"] * s for part, s in zip(attention, scales, strict=True)]),
        attended=matrix(f"{name}.attention.output.dense"),
        attended_bias=weights[f"{name}.attention.output.dense.bias"],
        attended_norm=_norm(weights, f"{name}.attention.output.LayerNorm"),
        inner=matrix(f"{name}.intermediate.dense"),
        inner_bias=weights[f"{name}.intermediate.dense.bias"],
        outer=matrix(f"{name}.output.dense"),
        outer_bias=weights[f"{name}.output.dense.bias"],
        outer_norm=_norm(weights, f"{name}.output.LayerNorm"),
    )
