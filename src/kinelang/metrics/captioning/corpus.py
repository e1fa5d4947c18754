"""Candidates and references as numbers: words and n-grams counted once for all metrics."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from kinelang.errors import KinelangError
from kinelang.metrics.arrays import Array
from kinelang.metrics.captioning.tokens import LEGACY, MARKS, STRICT, legacy_words, strict_words

LONGEST = 4
"""Words of the longest n-gram of BLEU and CIDEr."""


@dataclass(frozen=True)
class Grams:
    """The n-grams of one length: one row for each that a text has, sorted by text, then n-gram.

    Attributes:
        text: (K,) int64, index of the text; texts are the N candidates, then the M references.
        gram: (K,) int64, number of the n-gram, from 0.
        count: (K,) int64, how often the text has it.
        kinds: how many n-grams there are.
    """

    text: Array
    gram: Array
    count: Array
    kinds: int


@dataclass(frozen=True)
class Corpus:
    """N clips: a candidate each, and M references.

    Attributes:
        candidates: N texts as they were given.
        references: for each clip one or more texts.
        mode: STRICT or LEGACY.
        words: (N + M) lists of words in that mode, the candidates, then the references clip by clip.
        clip: (N + M,) int64, the clip of each text.
    """

    candidates: tuple[str, ...]
    references: tuple[tuple[str, ...], ...]
    mode: str
    words: tuple[list[str], ...] = field(repr=False)
    clip: Array = field(repr=False)

    def __len__(self) -> int:
        return len(self.candidates)

    @cached_property
    def length(self) -> Array:
        """(N + M,) int64, words of each text."""
        return np.fromiter(map(len, self.words), dtype=np.int64, count=len(self.words))

    @cached_property
    def ids(self) -> Array:
        """(total words,) int64, number of each word, text after text."""
        known: dict[str, int] = {}
        found = (known.setdefault(word, len(known)) for words in self.words for word in words)
        return np.fromiter(found, dtype=np.int64, count=int(self.length.sum()))

    @cached_property
    def starts(self) -> Array:
        """(N + M,) int64, where each text begins in `ids`."""
        return np.cumsum(self.length) - self.length

    @cached_property
    def grams(self) -> tuple[Grams, ...]:
        """The 1-grams to 4-grams."""
        text = np.repeat(np.arange(len(self.words)), self.length)
        left = np.repeat(self.starts + self.length, self.length) - np.arange(len(text))  # words from here to the end of the text
        at, gram, base = np.arange(len(text)), self.ids, int(self.ids.max(initial=-1)) + 1
        kinds, made = base, []
        for n in range(1, LONGEST + 1):
            if n > 1:
                on = left[at] >= n
                at = at[on]
                unique, gram = np.unique(gram[on] * base + self.ids[at + n - 1], return_inverse=True)
                kinds = len(unique)
            pairs, count = np.unique(text[at] * max(kinds, 1) + gram, return_counts=True)
            made.append(Grams(pairs // max(kinds, 1), pairs % max(kinds, 1), count, kinds))
        return tuple(made)


def read_corpus(
    candidates: Sequence[str], references: Sequence[Sequence[str]], mode: str = STRICT, vocabulary: Collection[str] | None = None
) -> Corpus:
    """Cut all texts into words.

    Args:
        candidates: N captions to judge, one a clip; one without words is allowed and scores nothing.
        references: for each clip one or more captions by people.
        mode: STRICT or LEGACY, see `tokens`.
        vocabulary: for LEGACY, the words that the captioner can say.

    Raises:
        KinelangError: unknown mode, no clip, numbers of clips that differ, a clip without references, a reference without words.
    """
    if mode not in (STRICT, LEGACY):
        raise KinelangError.of("mode", f"'{mode}'", f"{STRICT} or {LEGACY}")
    if (vocabulary is None) != (mode == STRICT):
        found = "no vocabulary" if vocabulary is None else "a vocabulary"
        raise KinelangError.of(f"mode {mode}", found, f"the captioner's words in {LEGACY} mode, and none in {STRICT} mode")
    if isinstance(candidates, str) or not len(candidates) or len(candidates) != len(references):
        found = "one text" if isinstance(candidates, str) else f"{len(candidates)} candidates for {len(references)} clips"
        raise KinelangError.of("captions", found, "a list with one candidate for each clip, at least one")
    for i, several in enumerate(references):
        if isinstance(several, str) or not len(several):
            raise KinelangError.of(f"clip {i}", "one text" if several else "no references", "a list of at least one reference")
    words = _words([*candidates, *(text for several in references for text in several)], mode, vocabulary or ())
    n_references = np.array([len(several) for several in references], dtype=np.int64)
    clip = np.concatenate([np.arange(len(candidates)), np.repeat(np.arange(len(references)), n_references)])
    for i in range(len(candidates), len(words)):
        if not any(word not in MARKS for word in words[i]):
            raise KinelangError.of(f"clip {clip[i]}", "a reference without words", "captions", "leave it out")
    return Corpus(tuple(candidates), tuple(tuple(several) for several in references), mode, tuple(words), clip)


def _words(texts: list[str], mode: str, vocabulary: Collection[str]) -> list[list[str]]:
    for text in texts:
        if not isinstance(text, str):
            raise KinelangError.of("captions", type(text).__name__, "texts")
    if mode == STRICT:
        return [strict_words(text) for text in texts]
    known = frozenset(vocabulary)
    return [legacy_words(text, known) for text in texts]
