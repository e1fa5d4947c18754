"""The text-only statistics of TMR's paper, Appendix A and Table A.1, on any captions, by any sentence encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kinelang.corpora import Corpus
from kinelang.errors import KinelangError
from kinelang.evaluate.protocols import wording
from kinelang.evaluate.searching import PUBLISHED_SENTENCES, code_version
from kinelang.evaluate.text_similarity import (
    FILTER_THRESHOLD,
    FILTERED_SHARE,
    PUBLISHED_FILTERED,
    PUBLISHED_FILTERED_BY_SIZE,
    SAME_THRESHOLD,
    filtered_table,
    similar_pairs,
    threshold_for_share,
)
from kinelang.language.encoders.base import TextEncoder
from kinelang.language.named_sides import sides_in
from kinelang.motion.arrays import Array

AT_ONCE = 256
SAMPLE = 4000
"""Captions at most whose pairs tell the threshold of a share."""
PUBLISHED: Mapping[str, Any] = {
    "similar pairs": {"KIT-ML test": (2_467, 344_035), "HumanML3D test": (6_017, 9_590_010)},
    "filtered": {
        "by threshold": {f"{threshold:.2f}": share for threshold, share in PUBLISHED_FILTERED.items()},
        "by batch size": {str(size): share for size, share in PUBLISHED_FILTERED_BY_SIZE.items()},
    },
}
"""Appendix A and Table A.1 (KIT-ML train), by MPNet."""


@dataclass(frozen=True)
class Captions:
    """Captions and the clips that they are of.

    Attributes:
        source: where from, as people name it.
        texts: all captions.
        clips: number of the clip of each.
    """

    source: str
    texts: tuple[str, ...]
    clips: tuple[int, ...]

    @classmethod
    def of(cls, corpus: Corpus, split: str, source: str, n: int | None = None) -> Captions:
        """The captions of the first n clips of a split. Raises CorpusError as `records`, KinelangError if there are none."""
        texts: list[str] = []
        clips: list[int] = []
        for i, record in enumerate(corpus.records(split)):
            if n is not None and i == n:
                break
            texts += record.texts
            clips += [i] * len(record.texts)
        return cls.of_lists(f"{source}, split {split}", texts, clips)

    @classmethod
    def of_lists(cls, source: str, texts: Sequence[str], clips: Sequence[int]) -> Captions:
        """Captions that are at hand. Raises KinelangError if there are none."""
        if not texts:
            raise KinelangError.of(source, "no caption", "at least two")
        return cls(source, tuple(texts), tuple(clips))

    @property
    def firsts(self) -> Array:
        """Index of the first caption of each clip."""
        return np.unique(self.clips, return_index=True)[1]


def statistics(captions: Captions, encoder: TextEncoder, progress: Any = None) -> dict[str, Any]:
    """What the paper counts.

    Of the first caption of each clip, as published: how many pairs are similar (Appendix A) and the same but for case and punctuation.
    Of all captions, one drawn for each clip: the share of in-batch negatives that is filtered (Table A.1). Each once as published, and
    once with texts that name different sides kept apart. And the threshold at which this encoder filters the published share.

    Raises:
        KinelangError: fewer than two clips.
    """
    vectors = embedded(encoder, captions.texts, progress)
    firsts = captions.firsts
    texts = [captions.texts[i] for i in firsts]
    published, apart = similar_pairs(vectors[firsts]), similar_pairs(vectors[firsts], texts=texts)
    return {
        "captions": captions.source,
        "texts": len(captions.texts),
        "distinct": len({wording(text) for text in captions.texts}),
        "clips": len(firsts),
        "texts that name a side": sum(bool(sides_in(text)) for text in captions.texts),
        "similar pairs": {"as published": published.to_json(), "sides kept apart": apart.to_json()},
        "identical pairs": identical_pairs(texts),
        "filtered": {
            "as published": filtered_table(vectors, clips=captions.clips),
            "sides kept apart": filtered_table(vectors, clips=captions.clips, texts=captions.texts),
        },
        "threshold that filters as much": {"share": FILTERED_SHARE, "threshold": _threshold(vectors[firsts], texts)},
        "thresholds": {"same": SAME_THRESHOLD, "filter": FILTER_THRESHOLD},
        "sentence_encoder": encoder.identity,
        "not_comparable": not_comparable(encoder.identity),
        "seed": 0,
        "published": PUBLISHED,
        "code": code_version(),
    }


def identical_pairs(texts: Sequence[str]) -> int:
    """Unordered pairs of texts that are the same but for case and punctuation."""
    counts = np.unique([wording(text) for text in texts], return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def not_comparable(identity: str) -> list[str]:
    """Why the figures are not the published ones."""
    return [] if identity.startswith(PUBLISHED_SENTENCES) else [f"published figures are MPNet's; here texts are compared by {identity}"]


def embedded(encoder: TextEncoder, texts: Sequence[str], progress: Any = None) -> Array:
    """Sentence vectors (N, d); each different text is encoded once."""
    distinct = list(dict.fromkeys(texts))
    rows = []
    for start in range(0, len(distinct), AT_ONCE):
        rows.append(encoder.sentences(distinct[start : start + AT_ONCE]))
        if progress is not None:
            progress("captions encoded", min(start + AT_ONCE, len(distinct)), len(distinct))
    at = {text: i for i, text in enumerate(distinct)}
    return np.asarray(np.concatenate(rows)[[at[text] for text in texts]])


def _threshold(vectors: Array, texts: Sequence[str]) -> float:
    """Of at most `SAMPLE` captions, sides kept apart as training keeps them."""
    some = np.sort(np.random.default_rng(0).permutation(len(vectors))[:SAMPLE])
    return threshold_for_share(vectors[some] @ vectors[some].T, FILTERED_SHARE, [texts[i] for i in some])
