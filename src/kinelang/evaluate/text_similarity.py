"""What sentence embeddings alone say of a set of captions: how many are alike, how many negatives are filtered, which differ most.

Source: TMR (Petrovich et al., ICCV 2023), section 3.3, Appendix A and Table A.1. As there, thresholds are on a scale from 0 to 1,
cosine / 2 + 0.5, and a pair counts as similar where it is strictly above. The published thresholds belong to MPNet; for another encoder
`threshold_for_share` gives the one that filters as much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from kinelang.errors import KinelangError
from kinelang.language.named_sides import differ_in_side
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.timeline import Timeline

Embed = Callable[[Sequence[str]], Array]
"""From N texts to unit embeddings (N, d) float32."""

FILTER_THRESHOLD = 0.8
"""Above it a negative is left out of TMR's contrastive loss."""
SAME_THRESHOLD = 0.95
"""Above it a motion counts as correct in TMR's protocol (b)."""
FILTERED_SHARE = 0.17
"""Share of in-batch negatives that FILTER_THRESHOLD leaves out on KIT-ML with MPNet: 17.29 % (Table A.1)."""
THRESHOLDS = (0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
BATCH_SIZES = (16, 32, 64, 128)
PUBLISHED_FILTERED = dict(zip(THRESHOLDS, (0.9804, 0.8804, 0.6856, 0.4827, 0.3154, 0.1729, 0.0741, 0.0278, 0.0071), strict=True))
"""Table A.1: the share of in-batch negatives that each threshold leaves out on KIT-ML with MPNet, at batch size 32."""
PUBLISHED_FILTERED_BY_SIZE = dict(zip(BATCH_SIZES, (0.1702, 0.1729, 0.1696, 0.1728), strict=True))
"""And the share by batch size, at FILTER_THRESHOLD."""
_ROWS = 1024


def scaled(cosines: Array) -> Array:
    """Cosines on the scale of the thresholds, 0 to 1."""
    return np.asarray(cosines / 2 + 0.5)


def cosine_of(threshold: float) -> float:
    """The cosine at a threshold given on the scale from 0 to 1."""
    return 2 * threshold - 1


@dataclass(frozen=True)
class SimilarPairs:
    """How many pairs of captions are alike.

    Attributes:
        texts: captions looked at.
        pairs: unordered pairs of them.
        similar: of these, above the threshold.
        threshold: on the scale from 0 to 1.
        kept_apart: pairs above the threshold that name different sides and therefore do not count; 0 where sides were not looked at.
    """

    texts: int
    pairs: int
    similar: int
    threshold: float
    kept_apart: int = 0

    @property
    def share(self) -> float:
        """Share of pairs that are alike, 0 to 1."""
        return self.similar / max(self.pairs, 1)

    def to_json(self) -> dict[str, Any]:
        """As plain data, the share too."""
        return asdict(self) | {"share": self.share}


def similar_pairs(sentences: Array, threshold: float = SAME_THRESHOLD, texts: Sequence[str] | None = None) -> SimilarPairs:
    """Count similar pairs, as Appendix A does (KIT-ML test: 2,467 of 344,035; HumanML3D test: 6,017 of 9,590,010).

    Args:
        sentences: (N, d) unit embeddings.
        threshold: on the scale from 0 to 1.
        texts: the N captions, to keep apart what names different sides; None: as published, sides are not looked at.
    """
    sentences = _unit(sentences)
    n, similar, apart = len(sentences), 0, 0
    for start in range(0, n, _ROWS):
        rows = np.arange(start, min(start + _ROWS, n))
        above = sentences[rows] @ sentences[start:].T > cosine_of(threshold)
        above &= np.arange(start, n)[None, :] > rows[:, None]
        if texts is not None:
            different = above & differ_in_side(texts[start : start + len(rows)], texts[start:])
            apart += int(different.sum())
            above &= ~different
        similar += int(above.sum())
    return SimilarPairs(n, n * (n - 1) // 2, similar, threshold, apart)


def share_filtered(
    sentences: Array,
    threshold: float = FILTER_THRESHOLD,
    batch_size: int = 32,
    *,
    clips: Sequence[int] | None = None,
    texts: Sequence[str] | None = None,
    epochs: int = 1,
    seed: int = 0,
) -> float:
    """Mean over training batches of the share of negatives that the filter leaves out, 0 to 1 (Table A.1).

    Batches are made as in training: the clips shuffled, a random caption of each, the last smaller batch kept where it has negatives.

    Args:
        sentences: (N, d) unit embeddings of the captions.
        threshold: on the scale from 0 to 1.
        batch_size: clips a batch.
        clips: (N) clip of each caption; None: each caption is of a clip of its own.
        texts: the N captions, to keep what names different sides; None: as published.
        epochs: passes over the clips.
        seed: of the shuffling.

    Raises:
        KinelangError: fewer than two clips, or a batch of fewer than two.
    """
    sentences = _unit(sentences)
    shares = []
    for batch in _batches(len(sentences), batch_size, clips, epochs, np.random.default_rng(seed)):
        above = sentences[batch] @ sentences[batch].T > cosine_of(threshold)
        if texts is not None:
            above &= ~differ_in_side([texts[i] for i in batch])
        np.fill_diagonal(above, False)
        shares.append(above.sum() / (len(batch) * (len(batch) - 1)))
    return float(np.mean(shares))


def _batches(n: int, size: int, clips: Sequence[int] | None, epochs: int, rng: np.random.Generator) -> Iterator[Array]:
    """Indices of captions, batch by batch."""
    of_clip = np.arange(n) if clips is None else np.unique(np.asarray(clips), return_inverse=True)[1]
    n_clips = int(of_clip.max(initial=-1)) + 1
    if n_clips < 2 or size < 2 or len(of_clip) != n:
        raise KinelangError.of("batches", f"{n_clips} clips in batches of {size}", "two or more of each")
    for _ in range(epochs):
        shuffled = rng.permutation(n)
        chosen = shuffled[np.unique(of_clip[shuffled], return_index=True)[1]]  # a random caption of each clip
        order = rng.permutation(chosen)
        yield from (order[i : i + size] for i in range(0, n_clips, size) if len(order[i : i + size]) > 1)


def filtered_table(
    sentences: Array, *, clips: Sequence[int] | None = None, texts: Sequence[str] | None = None, epochs: int = 1, seed: int = 0
) -> dict[str, dict[str, float]]:
    """Table A.1 of a set of captions: shares filtered (0 to 1) by threshold at batch size 32, and by batch size at threshold 0.8.

    Arguments as for `share_filtered`.
    """

    def share(threshold: float, size: int) -> float:
        return share_filtered(sentences, threshold, size, clips=clips, texts=texts, epochs=epochs, seed=seed)

    return {
        "by threshold": {f"{threshold:.2f}": share(threshold, 32) for threshold in THRESHOLDS},
        "by batch size": {str(size): share(FILTER_THRESHOLD, size) for size in BATCH_SIZES},
    }


def threshold_for_share(similarities: Array, share: float = FILTERED_SHARE, texts: Sequence[str] | None = None) -> float:
    """The threshold at which a share of negatives is filtered, for the encoder whose similarities these are.

    In a random batch every pair of clips is equally likely, so that the share filtered in batches is that of all pairs, whatever the
    batch size (which Table A.1 shows).

    Args:
        similarities: (N, N) cosines of the captions, one caption a clip.
        share: of all pairs, 0 to 1.
        texts: the N captions: pairs that name different sides are negatives that are never filtered.

    Returns:
        The threshold on the scale from 0 to 1, in the middle between the last pair filtered and the first one kept. Where many pairs
        have the very same similarity (captions that are alike word for word), the nearest share there is.

    Raises:
        KinelangError: fewer than two captions, a share that is none, or more than can be filtered with the sides kept apart.
    """
    similarities = np.asarray(similarities)
    n = len(similarities)
    if n < 2 or similarities.shape != (n, n) or not 0 <= share <= 1:
        raise KinelangError.of("threshold", f"similarities {similarities.shape} and share {share}", "(N, N) of two or more, and 0 to 1")
    pairs = np.triu(np.ones((n, n), dtype=bool), 1)
    total = int(pairs.sum())
    if texts is not None:
        pairs &= ~differ_in_side(texts)
    values = np.sort(similarities[pairs].astype(np.float64))[::-1]
    wanted = round(share * total)
    if wanted > len(values):
        raise KinelangError.of(
            "threshold", f"{len(values) / total:.3f} of the pairs free to be filtered", f"{share:.3f}", "ask for a smaller share"
        )
    filtered = _nearest_cut(values, wanted)
    above = values[filtered - 1] if filtered else 1.0
    below = values[filtered] if filtered < len(values) else -1.0
    return float(scaled(np.asarray((above + below) / 2)))


def _nearest_cut(values: Array, wanted: int) -> int:
    """How many of the values, sorted downwards, to cut off so that equal ones stay together: the number nearest to the wanted one."""
    if wanted in (0, len(values)) or values[wanted - 1] != values[wanted]:
        return wanted
    first = int(np.searchsorted(-values, -values[wanted], side="left"))
    after = int(np.searchsorted(-values, -values[wanted], side="right"))
    return first if wanted - first <= after - wanted else after


def dissimilar_subset(similarities: Array, size: int = 100, seed: int = 0, starts: int = 8) -> Array:
    """Captions that are as unlike each other as can be found: the subset of TMR's protocol (c).

    The sum of the dissimilarities of all pairs chosen is to be greatest, each caption weighing one and the knapsack holding `size`: a
    quadratic knapsack problem with equal weights, which is NP-hard. Approximated by taking, from a random first caption, the one that
    adds most, again and again, and then exchanging a chosen for another caption, the best exchange first, as long as the sum grows.
    The best of several starts is kept. TMR's own lists of names are made by another approximation and are not reproduced.

    Args:
        similarities: (N, N) cosines.
        size: how many; all of them where there are no more.
        seed: of the first captions.
        starts: how many first captions are tried.

    Returns:
        Indices in ascending order.
    """
    apart = 1 - np.asarray(similarities, dtype=np.float64)
    apart = (apart + apart.T) / 2
    np.fill_diagonal(apart, 0)
    n = len(apart)
    if n <= size:
        return np.arange(n)
    firsts = np.random.default_rng(seed).choice(n, min(starts, n), replace=False)
    found = [_exchanged(apart, _greedy(apart, size, int(first))) for first in firsts]
    return max(found, key=lambda chosen: float(apart[np.ix_(chosen, chosen)].sum()))


def _greedy(apart: Array, size: int, first: int) -> Array:
    """From one caption on, always the one that is farthest from all those chosen."""
    chosen = np.zeros(len(apart), dtype=bool)
    chosen[first] = True
    gain = apart[first].copy()
    for _ in range(size - 1):
        best = int(np.where(chosen, -np.inf, gain).argmax())
        chosen[best] = True
        gain += apart[best]
    return np.flatnonzero(chosen)


def _exchanged(apart: Array, subset: Array) -> Array:
    """The subset after the best exchanges, until none makes it more dissimilar."""
    chosen = np.zeros(len(apart), dtype=bool)
    chosen[subset] = True
    gain = apart[chosen].sum(axis=0)
    while True:
        inside, outside = np.flatnonzero(chosen), np.flatnonzero(~chosen)
        growth = gain[outside][None, :] - apart[np.ix_(inside, outside)] - gain[inside][:, None]
        best = int(growth.argmax())
        if growth.flat[best] <= 1e-9:
            return inside
        leaving, coming = inside[best // len(outside)], outside[best % len(outside)]
        chosen[leaving], chosen[coming] = False, True
        gain += apart[coming] - apart[leaving]


def narrated_similarity(
    embed: Embed,
    texts: Sequence[str],
    motions: Sequence[Motion],
    detect: Callable[[Motion], Timeline] | None = None,
    narrate: Callable[[Timeline], str] | None = None,
) -> Array:
    """The baseline that needs no training on motion: cosines of captions and of what a detector says of each clip.

    Args:
        embed: from texts to unit embeddings.
        texts: N captions.
        motions: M clips.
        detect: from a motion to its timeline; None: kinelang's.
        narrate: from a timeline to a sentence; None: kinelang's, with everything told.

    Returns:
        (N, M) float32.
    """
    see, tell = detect or _detected, narrate or _told
    return np.asarray(embed(texts) @ embed([tell(see(motion)) for motion in motions]).T, dtype=np.float32)


def _detected(motion: Motion) -> Timeline:
    from kinelang.timeline import detect

    return detect(motion)


def _told(timeline: Timeline) -> str:
    from kinelang.timeline import narrate

    return narrate(timeline, complete=True)


def _unit(sentences: Array) -> Array:
    """The embeddings, if they are of unit length."""
    sentences = np.asarray(sentences, dtype=np.float32)
    if sentences.ndim != 2 or not np.allclose(np.linalg.norm(sentences, axis=1), 1, atol=1e-3):
        raise KinelangError.of("sentence embeddings", f"shape {sentences.shape}", "(N, d), each of length 1", "divide by their lengths")
    return sentences
