"""What a text encoder makes of every caption, computed once and kept on disk: token states and sentence vectors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from kinelang.errors import ModelError
from kinelang.language.encoders.base import TextEncoder, mean_pooled
from kinelang.language.named_sides import differ_in_side
from kinelang.motion.arrays import Array
from kinelang.training.sequences import Sequences

AT_ONCE = 256
SHARE_SAMPLE = 2000
"""Texts whose pairs tell the threshold that filters a given share."""


class TextTable:
    """Token states, or sentence vectors, of texts by one encoder. Those that were added can be looked up.

    Args:
        folder: of the cache; every encoder has its own in it.
        encoder: makes what is missing.
        kind: "tokens", (T_i, width) a text; or "sentences", (1, width) a text.
        states: where a sentence vector is the unit mean of token states: the table that has those, so that they are not made again.
    """

    def __init__(
        self, folder: Path, encoder: TextEncoder, kind: Literal["tokens", "sentences"], states: TextTable | None = None
    ) -> None:
        self.encoder, self.kind, self._states = encoder, kind, states
        self._folder = folder / f"{kind}-{re.sub(r'[^A-Za-z0-9.-]', '_', encoder.identity)}"
        self._kept: Sequences | None = None

    def add(self, texts: Iterable[str], progress: Callable[[int, int], None] | None = None) -> None:
        """Encode the texts that are not there yet; interrupted, it goes on where it was. `progress` is told how many of how many.

        Raises:
            ModelError: another process is adding to the same cache.
        """
        with Sequences(self._folder, self.encoder.width) as kept:
            self._kept = kept
            self._add(texts, progress)

    def _add(self, texts: Iterable[str], progress: Callable[[int, int], None] | None) -> None:
        assert self._kept is not None
        missing = [text for text in dict.fromkeys(texts) if text not in self._kept.places]
        for start in range(0, len(missing), AT_ONCE):
            part = missing[start : start + AT_ONCE]
            for text, rows in zip(part, self._made(part), strict=True):
                self._kept.append(text, rows)
            if progress is not None:
                progress(start + len(part), len(missing))

    def _made(self, texts: Sequence[str]) -> Sequence[Array]:
        if self.kind == "tokens":
            return self.encoder.tokens(texts)
        if self._states is not None:
            return list(mean_pooled([self._states[text] for text in texts], self.encoder.width)[:, None])
        return list(self.encoder.sentences(texts)[:, None])

    def __getitem__(self, text: str) -> Array:
        """(T, width) float32. Raises ModelError for a text that was not added."""
        if self._kept is None or text not in self._kept.places:
            raise ModelError.of("text", f"'{text[:60]}', which was not encoded", "one of those added")
        return self._kept[self._kept.places[text]]

    def stacked(self, texts: Sequence[str]) -> Array:
        """One row a text, of a table of sentences: (N, width) float32."""
        return np.concatenate([np.zeros((0, self.encoder.width), np.float32), *(self[text] for text in texts)])


def threshold_for_share(texts: Sequence[str], sentences: TextTable, share: float, seed: int = 0) -> float:
    """The threshold of likeness, cos/2 + 1/2, above which lies this share of all pairs of different texts.

    Pairs that name different sides count among all, but are never above. 1 where nothing is to be filtered.
    """
    distinct = sorted(set(texts))
    rng = np.random.default_rng(seed)
    some = [distinct[i] for i in rng.choice(len(distinct), min(len(distinct), SHARE_SAMPLE), replace=False)]
    vectors = sentences.stacked(some)
    upper = np.triu_indices(len(some), 1)
    likeness = 0.5 * (vectors @ vectors.T)[upper] + 0.5
    eligible = np.sort(likeness[~differ_in_side(some)[upper]])[::-1]
    n = round(share * len(likeness))
    if n == 0 or not len(eligible):
        return 1.0
    return float(np.clip(eligible[min(n, len(eligible) - 1)], 0, 1))
