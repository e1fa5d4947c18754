"""BLEU-1 to BLEU-4 of a corpus (Papineni et al., ACL 2002), as coco-caption computes it.

Numbers of right n-grams and of n-grams are summed over clips; the length that a candidate is compared with is that of the closest
reference, the shorter of two equally close ones. The two constants are coco-caption's (pycocoevalcap, `bleu_scorer.py`): because of
them a candidate equal to its reference scores 1 - 1e-9 or so, and where there is no n-gram of a length at all, as in single captions
of fewer than four words, their share is 1e-6 and not 0.
"""

from __future__ import annotations

import numpy as np

from kinelang.metrics.arrays import Array
from kinelang.metrics.captioning.corpus import LONGEST, Corpus

_TINY, _SMALL = 1e-15, 1e-9


def statistics(corpus: Corpus) -> Array:
    """What BLEU needs of each clip, (N, 10) int64: right 1- to 4-grams, 1- to 4-grams, words, words of the closest reference."""
    n = len(corpus)
    told = corpus.length[:n]
    of_n = np.maximum(told[:, None] - np.arange(LONGEST), 0)
    return np.column_stack([*_right(corpus), of_n, told, _closest(corpus)])


def _right(corpus: Corpus) -> list[Array]:
    """(N,) for each n: n-grams of the candidate, each at most as often as in the reference that has it most."""
    n, found = len(corpus), []
    for grams in corpus.grams:
        of_references = grams.text >= n
        keys = corpus.clip[grams.text] * max(grams.kinds, 1) + grams.gram
        asked, most = largest(keys[of_references], grams.count[of_references])
        own = ~of_references
        allowed = looked_up(keys[own], asked, most)
        found.append(np.bincount(grams.text[own], np.minimum(grams.count[own], allowed), minlength=n).astype(np.int64))
    return found


def _closest(corpus: Corpus) -> Array:
    """(N,) words of the reference of closest length."""
    n = len(corpus)
    clip, words = corpus.clip[n:], corpus.length[n:]
    order = np.lexsort((words, np.abs(words - corpus.length[clip]), clip))
    return np.asarray(words[order][np.searchsorted(clip[order], np.arange(n))])


def bleu(statistics: Array, n: int) -> Array:
    """BLEU-n, 0 to 1, of summed statistics.

    Args:
        statistics: (..., 10) as `statistics` gives, summed over the clips of a corpus.
        n: 1 to 4.

    Returns:
        (...) float64.
    """
    right, told = statistics[..., :n].astype(np.float64), statistics[..., LONGEST : LONGEST + n].astype(np.float64)
    precision = np.prod((right + _TINY) / (told + _SMALL), axis=-1) ** (1 / n)
    ratio = (statistics[..., -2] + _TINY) / (statistics[..., -1] + _SMALL)
    return np.asarray(precision * np.exp(np.minimum(1 - 1 / ratio, 0)))


def largest(keys: Array, values: Array) -> tuple[Array, Array]:
    """The different keys, sorted, and the largest value of each."""
    order = np.argsort(keys, kind="stable")
    unique, first = np.unique(keys[order], return_index=True)
    return unique, np.maximum.reduceat(values[order], first) if len(keys) else values


def looked_up(keys: Array, table: Array, values: Array) -> Array:
    """For each key its value in a sorted table, 0 where it is not there."""
    if not len(table):
        return np.zeros(len(keys), dtype=values.dtype)
    at = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    return np.asarray(np.where(table[at] == keys, values[at], 0))
