"""The means of both encoders in NumPy: no deep-learning framework is imported to search.

All rows of a batch stand under each other in one matrix without padding, for everything but attention works row by row; attention runs
over sequences of equal length at a time. Sequences are sorted by length first, so that many are. The last layer computes the one row
that is asked for. `network.py` is the readable twin; a test holds the two within 1e-4.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from kinelang.language.encoders.bert import gelu
from kinelang.language.encoders.threads import one_blas_thread
from kinelang.models.tmr.config import Network
from kinelang.models.tmr.positions import positions
from kinelang.motion.arrays import Array

BATCH_ROWS = 768
"""Rows of one matrix: enough for the processor's peak, few enough for its cache."""
EPSILON = np.float32(1e-5)
"""Of torch's layer normalisation."""


@dataclass(frozen=True)
class _Layer:
    """One layer; every matrix is (in, out), so that rows are multiplied from the left. The scale of attention is in q's weights."""

    qkv: Array
    qkv_bias: Array
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
        self._embed = np.ascontiguousarray(weights[f"{name}.embed.weight"].T), weights[f"{name}.embed.bias"]
        self._tokens = weights[f"{name}.tokens"]
        self._layers = [_layer(weights, f"{name}.layers.{i}", network) for i in range(network.layers)]

    def __call__(self, sequences: Sequence[Array]) -> Array:
        """Means of sequences (T_i, width in), T_i at least 1: (N, d) float32."""
        lengths = [len(s) + self.n_tokens for s in sequences]
        out = np.empty((len(sequences), self.width), np.float32)
        order = sorted(range(len(sequences)), key=lengths.__getitem__)
        batches = list(_batches(order, lengths))

        def encode(batch: list[int]) -> None:
            out[batch] = self._encode([sequences[i] for i in batch])

        with one_blas_thread() as limited:
            workers = min(len(batches), _processors()) if limited else 1
            if workers > 1:
                with ThreadPoolExecutor(workers) as pool:
                    list(pool.map(encode, batches))
            else:
                for batch in batches:
                    encode(batch)
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
        x[body] = np.concatenate(sequences).astype(np.float32, copy=False) @ self._embed[0] + self._embed[1]
        at = positions(int(lengths.max()), self.width)
        x += np.concatenate([at[:n] for n in lengths])
        for layer in self._layers[:-1]:
            x = self._block(x, x, layer, lengths, firsts)
        return self._block(np.ascontiguousarray(x[firsts]), x, self._layers[-1], lengths, firsts)

    def _block(self, rows: Array, x: Array, layer: _Layer, lengths: Array, firsts: Array) -> Array:
        """New states of rows: all of x, or the first of each sequence."""
        d = self.width
        if rows is x:
            qkv = x @ layer.qkv
            qkv += layer.qkv_bias
            q, kv = qkv[:, :d], qkv[:, d:]
        else:
            q = rows @ layer.qkv[:, :d] + layer.qkv_bias[:d]
            kv = x @ layer.qkv[:, d:]
            kv += layer.qkv_bias[d:]
        attended = _attention(q, kv, lengths, firsts, self.heads) @ layer.attended
        attended += layer.attended_bias
        attended += rows
        rows = _normalised(attended, layer.norm1)
        inner = rows @ layer.inner
        inner += layer.inner_bias
        outer = gelu(inner) @ layer.outer
        outer += layer.outer_bias
        outer += rows
        return _normalised(outer, layer.norm2)


def _attention(q: Array, kv: Array, lengths: Array, firsts: Array, heads: int) -> Array:
    """softmax(q k^T) v by heads, sequence by sequence. q (rows, d) of all rows, or of one a sequence; kv (R, 2d) -> (rows, d)."""
    d = q.shape[1]
    each = len(q) == len(kv)
    out = np.empty((len(q), d), np.float32)
    n_sequences = len(lengths)
    start = 0
    while start < n_sequences:
        n, stop = int(lengths[start]), start + 1
        while stop < n_sequences and lengths[stop] == n:
            stop += 1
        count, m = stop - start, n if each else 1
        own = slice(int(firsts[start]), int(firsts[start]) + n * count) if each else slice(start, stop)
        all_rows = slice(int(firsts[start]), int(firsts[start]) + n * count)
        queries = q[own].reshape(count, m, heads, d // heads).transpose(0, 2, 1, 3)
        keys, values = kv[all_rows].reshape(count, n, 2, heads, d // heads).transpose(2, 0, 3, 1, 4)
        scores = queries @ keys.swapaxes(-1, -2)
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        out[own] = (scores @ values).swapaxes(1, 2).reshape(m * count, d)
        start = stop
    return out


def _normalised(x: Array, norm: tuple[Array, Array]) -> Array:
    """Layer normalisation of each row, in place."""
    x -= x.mean(axis=-1, keepdims=True)
    variance = np.einsum("nd,nd->n", x, x) / np.float32(x.shape[-1])
    x *= (np.float32(1) / np.sqrt(variance + EPSILON))[:, None]
    x *= norm[0]
    x += norm[1]
    return x


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices in order, cut where `BATCH_ROWS` would be passed."""
    batch: list[int] = []
    rows = 0
    for i in order:
        if batch and rows + lengths[i] > BATCH_ROWS:
            yield batch
            batch, rows = [], 0
        batch.append(i)
        rows += lengths[i]
    if batch:
        yield batch


def _processors() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _layer(weights: Mapping[str, Array], name: str, network: Network) -> _Layer:
    d = network.latent
    scale = np.ones(3 * d, np.float32)
    scale[:d] = (d // network.heads) ** -0.5

    def matrix(part: str) -> Array:
        return np.ascontiguousarray(weights[f"{name}.{part}.weight"].T)

    def norm(part: str) -> tuple[Array, Array]:
        return weights[f"{name}.{part}.weight"], weights[f"{name}.{part}.bias"]

    return _Layer(
        qkv=np.ascontiguousarray(weights[f"{name}.self_attn.in_proj_weight"].T * scale),
        qkv_bias=weights[f"{name}.self_attn.in_proj_bias"] * scale,
        attended=matrix("self_attn.out_proj"),
        attended_bias=weights[f"{name}.self_attn.out_proj.bias"],
        norm1=norm("norm1"),
        inner=matrix("linear1"),
        inner_bias=weights[f"{name}.linear1.bias"],
        outer=matrix("linear2"),
        outer_bias=weights[f"{name}.linear2.bias"],
        norm2=norm("norm2"),
    )
