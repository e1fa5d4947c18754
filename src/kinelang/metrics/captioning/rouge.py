"""ROUGE-L (Lin, ACL workshop 2004) as coco-caption computes it: longest common subsequence, beta 1.2."""

from __future__ import annotations

import numpy as np

from kinelang.metrics.arrays import Array
from kinelang.metrics.captioning.corpus import Corpus

BETA = 1.2
_AT_A_TIME = 2048


def rouge_l(corpus: Corpus) -> Array:
    """ROUGE-L of each clip, (N,) float64, 0 to 1.

    The largest precision and the largest recall over the references, which may be those of two different ones, make the F-measure
    with `BETA`; a candidate without words has 0.
    """
    n = len(corpus)
    clip = corpus.clip[n:]
    shared = common_subsequences(corpus)
    recall, precision = np.zeros(n), np.zeros(n)
    np.maximum.at(recall, clip, shared / corpus.length[n:])
    np.maximum.at(precision, clip, shared / np.maximum(corpus.length[clip], 1))
    weight = BETA**2
    below = recall + weight * precision
    return np.asarray(np.where(below > 0, (1 + weight) * precision * recall / np.where(below > 0, below, 1), 0.0))


def common_subsequences(corpus: Corpus) -> Array:
    """Words of the longest common subsequence of each reference and its candidate, (M,) int64."""
    n = len(corpus)
    out = np.zeros(len(corpus.words) - n, dtype=np.int64)
    order = np.lexsort((corpus.length[corpus.clip[n:]], corpus.length[n:]))  # texts of about one length together: little padding
    for start in range(0, len(order), _AT_A_TIME):
        rows = order[start : start + _AT_A_TIME]
        out[rows] = _common(_padded(corpus, corpus.clip[n:][rows], -1), _padded(corpus, n + rows, -2))
    return out


def _padded(corpus: Corpus, texts: Array, fill: int) -> Array:
    """(longest, len(texts)) int64: the words, one text a column."""
    length = corpus.length[texts]
    place = np.arange(int(length.max(initial=0)))[:, None]
    inside = place < length
    at = np.where(inside, corpus.starts[texts] + place, 0)
    return np.where(inside, corpus.ids[at], fill) if corpus.ids.size else np.full(at.shape, fill)


def _common(first: Array, second: Array) -> Array:
    """Length of the longest common subsequence of each column of (I, P) with that of (J, P): one row of the table at a time.

    With L the row above, the new row is the running maximum over j of max(L[j], L[j - 1] + (a_i = b_j)).
    """
    row = np.zeros((len(second) + 1, second.shape[1]), dtype=np.int16)
    for word in first:
        better = row[:-1] + (second == word)
        np.maximum(row[1:], better, out=row[1:])
        np.maximum.accumulate(row, axis=0, out=row)
    return np.asarray(row[-1], dtype=np.int64)
