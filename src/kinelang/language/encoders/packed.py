"""Transformers in NumPy without padding: the rows of all sequences of a batch stand under each other in one matrix.

Everything but attention works row by row; attention runs over sequences of equal length at a time. Sequences are sorted by length
first, so that many are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from kinelang.language.encoders.base import Array
from kinelang.language.encoders.threads import one_blas_thread

BLOCK = 128
"""Columns of a block of weights. A sentence of 14 tokens through MiniLM takes 3/4 of the time, a batch of 384 rows 7/8."""

Norm = tuple[Array, Array]
"""Gain and offset of a layer normalisation, (d,) each."""


def in_batches(lengths: Sequence[int], most: int, encode: Callable[[list[int]], None]) -> None:
    """Call `encode` with the indices of batches of at most so many rows, shortest sequences first; on all processors where they can be
    kept from using all threads each."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    batches = list(_batches(order, lengths, most))
    with one_blas_thread() as limited:
        workers = min(len(batches), _processors()) if limited else 1
        if workers > 1:
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(encode, batches))
        else:
            for batch in batches:
                encode(batch)


def blocked(matrix: Array, columns: int = BLOCK) -> Array:
    """A matrix (in, out) in blocks of columns, each in one piece: (out / columns, in, columns), or (1, in, out)."""
    width, out = matrix.shape
    columns = columns if out % columns == 0 else out
    return np.ascontiguousarray(matrix.reshape(width, out // columns, columns).swapaxes(0, 1))


def product(x: Array, blocks: Array, bias: Array) -> Array:
    """x W + b for rows x (n, in), a matrix W (in, out) in blocks, and b (out,): (n, out).

    BLAS copies a large matrix before it multiplies by it, and for the few rows of one sentence that takes as long as the product;
    blocks of this size it multiplies by as they are.
    """
    out = np.empty((len(x), len(blocks) * blocks.shape[2]), np.float32)
    np.matmul(x, blocks, out=out.reshape(len(x), len(blocks), -1).swapaxes(0, 1))
    out += bias
    return out


def attention(q: Array, kv: Array, lengths: Sequence[int], heads: int) -> Array:
    """softmax(q k^T) v by heads, sequence by sequence. The scale of attention has to be in q already.

    Args:
        q: (rows, d) of all rows, or of one row a sequence.
        kv: (R, 2 d), keys and values of all rows.
        lengths: rows of each sequence, R together; equal ones beside each other are computed at once.
        heads: number of heads.

    Returns:
        (rows, d).
    """
    d = q.shape[1]
    each = len(q) == len(kv)
    out = np.empty((len(q), d), np.float32)
    first = start = 0
    while start < len(lengths):
        n, count = int(lengths[start]), 1
        while start + count < len(lengths) and lengths[start + count] == n:
            count += 1
        rows = slice(first, first + n * count)
        own, m = (rows, n) if each else (slice(start, start + count), 1)
        queries = q[own].reshape(count, m, heads, d // heads).transpose(0, 2, 1, 3)
        keys, values = kv[rows].reshape(count, n, 2, heads, d // heads).transpose(2, 0, 3, 1, 4)
        scores = queries @ keys.swapaxes(-1, -2)
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        found = scores @ values
        found /= scores.sum(axis=-1, keepdims=True)  # fewer numbers than there are scores
        out[own] = found.swapaxes(1, 2).reshape(m * count, d)
        first, start = rows.stop, start + count
    return out


def normalised(x: Array, norm: Norm, epsilon: float) -> Array:
    """Layer normalisation of each row, in place."""
    x -= x.mean(axis=-1, keepdims=True)
    variance = np.einsum("nd,nd->n", x, x) / np.float32(x.shape[-1])
    x *= (np.float32(1) / np.sqrt(variance + np.float32(epsilon)))[:, None]
    x *= norm[0]
    x += norm[1]
    return x


def _batches(order: Sequence[int], lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Indices in order, cut where so many rows would be passed."""
    batch: list[int] = []
    rows = 0
    for i in order:
        if batch and rows + lengths[i] > most:
            yield batch
            batch, rows = [], 0
        batch.append(i)
        rows += lengths[i]
    if batch:
        yield batch


def _processors() -> int:
    """Those this process may use; OMP_NUM_THREADS of them where it is set to a number."""
    affinity = getattr(os, "sched_getaffinity", None)
    processors = len(affinity(0)) if affinity else os.cpu_count() or 1
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(processors, max(int(wanted), 1)) if wanted.isdigit() else processors
