"""The metrics of text-to-motion generation on embeddings: R-precision, MM-Dist, FID, Diversity, MultiModality.

Definitions of Guo et al., "Generating Diverse and Natural 3D Human Motions from Text", CVPR 2022, as their release has them
(github.com/EricGuo5513/text-to-motion). The embeddings come from an evaluator that was trained beforehand; figures of two evaluators
cannot be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from kinelang.errors import KinelangError
from kinelang.metrics.arrays import Array, as_embeddings
from kinelang.metrics.intervals import Interval, over_replications
from kinelang.metrics.ranking import ranks, recall

BATCH = 32
DIVERSITY_PAIRS = 300
MULTIMODALITY_PAIRS = 10


def distances(a: Array, b: Array) -> Array:
    """Euclidean distances (N, M) float64 of the rows of a (N, d) and b (M, d)."""
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2 * (a @ b.T)
    return np.asarray(np.sqrt(np.maximum(squares, 0)))


def r_precision(texts: Array, motions: Array, rng: np.random.Generator, k: int = 1, batch: int = BATCH, partial: bool = False) -> float:
    """Share of texts whose own motion is among the k nearest of its batch.

    Args:
        texts: (N, d), row i belongs to row i of motions.
        motions: (N, d).
        rng: shuffles the pairs into batches.
        k: 1 to 3 in the published tables.
        batch: pairs a batch.
        partial: count the last, smaller batch as well. Guo et al. leave it out (False); FineMoGen counts it.

    Raises:
        KinelangError: arrays that do not match, or too few pairs for one batch.
    """
    texts, motions = _pairs(texts, motions)
    order = rng.permutation(len(texts))
    ends = range(batch, len(texts) + (batch if partial else 1), batch)
    if not len(ends):
        raise KinelangError.of("R-precision", f"{len(texts)} pairs", f"at least {batch}", "give more, or a smaller batch")
    batches = [order[end - batch : end] for end in ends]
    hits = [recall(ranks(-distances(texts[rows], motions[rows]), np.eye(len(rows), dtype=bool)), k) * len(rows) for rows in batches]
    return float(sum(hits) / 100 / sum(map(len, batches)))


def matching_distance(texts: Array, motions: Array) -> float:
    """MM-Dist: mean Euclidean distance of each text (N, d) from its own motion (N, d)."""
    texts, motions = _pairs(texts, motions)
    return float(np.linalg.norm(texts - motions, axis=1).mean())


def frechet_distance(real: Array, generated: Array) -> float:
    """FID: Fréchet distance of two Gaussians fitted to embeddings (N, d) and (M, d).

    |m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^½). The trace of the root is taken from the eigenvalues of C1^½ C2 C1^½, which are those of
    C1 C2 and never negative, so that singular covariances need neither the 1e-6 on the diagonal of the published implementation nor
    its discarding of imaginary parts.

    Raises:
        KinelangError: fewer than two embeddings, or different widths.
    """
    real, generated = as_embeddings("real motions", real), as_embeddings("generated motions", generated)
    if min(len(real), len(generated)) < 2 or real.shape[1] != generated.shape[1]:
        raise KinelangError.of("FID", f"{real.shape} and {generated.shape}", "two or more embeddings each, of one width")
    apart = real.mean(axis=0) - generated.mean(axis=0)
    first, second = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (real, generated))
    values, vectors = np.linalg.eigh(first)
    half = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    root_trace = np.sqrt(np.maximum(np.linalg.eigvalsh(half @ second @ half), 0)).sum()
    return float(max(apart @ apart + np.trace(first) + np.trace(second) - 2 * root_trace, 0.0))


def diversity(motions: Array, rng: np.random.Generator, pairs: int = DIVERSITY_PAIRS) -> float:
    """Mean distance of motions drawn at random: two lists of `pairs` rows of (N, d), each without repetition.

    Raises:
        KinelangError: fewer motions than pairs.
    """
    motions = as_embeddings("motions", motions)
    if len(motions) < pairs:
        raise KinelangError.of("Diversity", f"{len(motions)} motions", f"at least {pairs}", "give more, or ask for fewer pairs")
    first, second = (rng.choice(len(motions), pairs, replace=False) for _ in range(2))
    return float(np.linalg.norm(motions[first] - motions[second], axis=1).mean())


def multimodality(generations: Array, rng: np.random.Generator, pairs: int = MULTIMODALITY_PAIRS) -> float:
    """Mean distance of motions generated for one text.

    Args:
        generations: (N texts, K generations, d).
        rng: draws two lists of `pairs` of the K, each without repetition, the same for all texts.
        pairs: 10 of 30 in the published tables.

    Raises:
        KinelangError: fewer generations than pairs.
    """
    generations = as_embeddings("generations", generations, axes=3)
    if generations.shape[1] < pairs:
        raise KinelangError.of("MultiModality", f"{generations.shape[1]} generations a text", f"at least {pairs}")
    first, second = (rng.choice(generations.shape[1], pairs, replace=False) for _ in range(2))
    return float(np.linalg.norm(generations[:, first] - generations[:, second], axis=-1).mean())


def _pairs(texts: Array, motions: Array) -> tuple[Array, Array]:
    texts, motions = as_embeddings("texts", texts), as_embeddings("motions", motions)
    if texts.shape != motions.shape:
        raise KinelangError.of(
            "text-motion pairs", f"texts {texts.shape}, motions {motions.shape}", "row i of one for row i of the other"
        )
    return texts, motions


@dataclass(frozen=True)
class Embeddings:
    """What a metric may need; each (N, d) float, from one evaluator.

    Attributes:
        texts: of the captions.
        motions: of the motions judged, row i for caption i.
        real: of real motions, for FID.
        generations: (texts, K, d) of several motions a text, for MultiModality.
    """

    texts: Array | None = None
    motions: Array | None = None
    real: Array | None = None
    generations: Array | None = None


@dataclass(frozen=True)
class Metric:
    """One row of a table of results.

    Attributes:
        name: key in `METRICS`, as papers print it.
        better: "higher", "lower", or "real" where the figure of real motions is the aim.
        needs: names of the `Embeddings` it is computed from.
        measure: from these and the generator of one replication to the figure.
    """

    name: str
    better: str
    needs: tuple[str, ...]
    measure: Callable[[Embeddings, np.random.Generator], float]

    def over(self, embeddings: Embeddings, n: int = 20, seed: int = 0) -> Interval:
        """Mean over n replications with 1.96 standard deviations over sqrt(n).

        Raises:
            KinelangError: naming the embeddings that are lacking.
        """
        lacking = [name for name in self.needs if getattr(embeddings, name) is None]
        if lacking:
            raise KinelangError.of(self.name, f"no embeddings of {', '.join(lacking)}", "them", "give them")
        return over_replications(lambda rng: self.measure(embeddings, rng), n, seed)


def _given(array: Array | None) -> Array:
    assert array is not None  # `over` has looked
    return array


def _r_precision_at(k: int) -> Metric:
    return Metric(
        f"R-precision top {k}", "higher", ("texts", "motions"), lambda e, rng: r_precision(_given(e.texts), _given(e.motions), rng, k)
    )


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        _r_precision_at(1),
        _r_precision_at(2),
        _r_precision_at(3),
        Metric("MM-Dist", "lower", ("texts", "motions"), lambda e, _: matching_distance(_given(e.texts), _given(e.motions))),
        Metric("FID", "lower", ("real", "motions"), lambda e, _: frechet_distance(_given(e.real), _given(e.motions))),
        Metric("Diversity", "real", ("motions",), lambda e, rng: diversity(_given(e.motions), rng)),
        Metric("MultiModality", "higher", ("generations",), lambda e, rng: multimodality(_given(e.generations), rng)),
    )
}
"""The published table, in its order. A new metric is a function and one line here."""
