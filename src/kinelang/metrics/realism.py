"""Whether generated motions are distributed as real ones: KID, FID in few dimensions, a classifier, novelty, density and coverage.

All on embeddings of one evaluator, rows being motions; figures of two evaluators cannot be compared. A few hundred real motions are too
few for the FID of a wide embedding, whose covariance they do not even fill: KID is unbiased at any size, and FID is taken in the first
principal directions of real training motions. Real motions that nobody trained on, judged as if generated in the same numbers, belong
beside every figure. Intervals are jackknife ones: a bootstrap, which has motions twice, would make every distance larger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from kinelang.errors import KinelangError
from kinelang.metrics.arrays import Array, as_embeddings
from kinelang.metrics.intervals import BLOCKS, Jackknife, blocks_of, jackknife
from kinelang.metrics.motion_text import distances, frechet_distance

KID_DEGREE = 3
FID_DIMENSIONS = 16
FOLDS = 5
RIDGE = 1.0
"""Weight of the squared coefficients beside the summed log loss, on features of unit variance (ours)."""
NEIGHBOURS = 5
"""k of Naeem et al. 2020."""
OfKept = Callable[[Array, Array], float]
"""From which real motions are kept, (N,) bool, and which generated ones, (M,), to the figure of these."""


def kid(real: Array, generated: Array) -> float:
    """Kernel distance: unbiased squared MMD with the kernel (x·y / d + 1)³. 0 on average for one distribution, and then also below 0.

    Bińkowski et al., "Demystifying MMD GANs", ICLR 2018.

    Args:
        real: (N, d).
        generated: (M, d).

    Raises:
        KinelangError: fewer than two of either, or different widths.
    """
    return _of_all(_kid, Sets(real, real, generated))


def _kernel(a: Array, b: Array) -> Array:
    return np.asarray((a @ b.T / a.shape[1] + 1) ** KID_DEGREE)


def _kid(s: Sets) -> OfKept:
    real, generated = _two("KID", s.real, s.generated, least=2)
    among, own, across = _kernel(real, real), _kernel(generated, generated), _kernel(real, generated)

    def figure(first: Array, second: Array) -> float:
        within = _between_two(among[np.ix_(first, first)]) + _between_two(own[np.ix_(second, second)])
        return float(within - 2 * across[np.ix_(first, second)].mean())

    return figure


def _between_two(kernel: Array) -> float:
    """Mean over pairs of two different items; nan of a single one."""
    n = len(kernel)
    return float((kernel.sum() - np.trace(kernel)) / (n * (n - 1))) if n > 1 else float("nan")


@dataclass(frozen=True)
class Directions:
    """The first principal directions of embeddings.

    Attributes:
        mean: (d,).
        directions: (k, d), orthonormal.
        explained: share of the variance that they hold.
    """

    mean: Array
    directions: Array
    explained: float

    @classmethod
    def fit(cls, train: Array, k: int = FID_DIMENSIONS) -> Directions:
        """Of real training embeddings (N, d).

        Raises:
            KinelangError: k that is none, or more than they span.
        """
        train = as_embeddings("training motions", train)
        if not 1 <= k <= min(len(train) - 1, train.shape[1]):
            raise KinelangError.of("principal directions", f"{k} of {train.shape}", f"1 to {min(len(train) - 1, train.shape[1])}")
        mean = train.mean(axis=0)
        _, sizes, rows = np.linalg.svd(train - mean, full_matrices=False)
        return cls(mean, rows[:k], float((sizes[:k] ** 2).sum() / max((sizes**2).sum(), np.finfo(float).tiny)))

    def __call__(self, embeddings: Array) -> Array:
        """Coordinates (N, k) of embeddings (N, d)."""
        return np.asarray((as_embeddings("motions", embeddings) - self.mean) @ self.directions.T)


def low_fid(train: Array, real: Array, generated: Array, k: int = FID_DIMENSIONS) -> float:
    """Fréchet distance in the first k principal directions of the training motions. (L, d), (N, d), (M, d).

    It is biased upward, the more the fewer motions there are: compare it with real motions in the same numbers.
    """
    return _of_all(_low_fid, Sets(train, real, generated, dimensions=k))


def _low_fid(s: Sets) -> OfKept:
    places = Directions.fit(s.train, s.dimensions)
    real, generated = _two("FID", places(s.real), places(s.generated), least=2)

    def figure(first: Array, second: Array) -> float:
        return frechet_distance(real[first], generated[second]) if min(first.sum(), second.sum()) > 1 else float("nan")

    return figure


def classifier_auc(
    real: Array,
    generated: Array,
    real_groups: Sequence[str] | None = None,
    generated_groups: Sequence[str] | None = None,
    folds: int = FOLDS,
    ridge: float = RIDGE,
    seed: int = 0,
) -> float:
    """How well a linear classifier tells generated from real motions it was not fitted to: mean over folds of the area under the ROC.

    Half where it cannot tell them apart. L2-regularised logistic regression on features of unit variance. Whole groups are held
    out, and a name that is a group of both sides is one group (the recording and the motion that was generated from its caption).

    Args:
        real: (N, d).
        generated: (M, d).
        real_groups, generated_groups: of each motion; each alone if None.
        folds: how many parts are held out in turn.
        ridge: weight of the squared coefficients.
        seed: deals groups into folds.

    Raises:
        KinelangError: fewer groups than folds, or a fold without motions of both sides.
    """
    fitted = partial(_auc, folds=folds, ridge=ridge, seed=seed)
    return _of_all(fitted, Sets(real, real, generated, real_groups, generated_groups))


def _auc(s: Sets, folds: int = FOLDS, ridge: float = RIDGE, seed: int = 0) -> OfKept:
    """Folds stay what they are whatever is left out; classifiers are fitted anew."""
    real, generated = _two("classifier", s.real, s.generated, least=2)
    x = np.concatenate([real, generated])
    y = np.repeat([0.0, 1.0], [len(real), len(generated)])
    held = _folds(np.concatenate([np.array(names, dtype=str) for names in s.names]), y, folds, seed)

    def area(kept: Array, fold: int) -> float:
        inside, outside = kept & (held != fold), kept & (held == fold)
        if not len(set(y[inside])) == len(set(y[outside])) == 2:
            return float("nan")
        scale = np.maximum(x[inside].std(axis=0), 1e-9)
        centred = (x - x[inside].mean(axis=0)) / scale
        scores = centred @ fit_logistic(centred[inside], y[inside], ridge)[:-1]
        apart = scores[outside & (y == 1)][:, None] - scores[outside & (y == 0)]
        return float(((apart > 0) + 0.5 * (apart == 0)).mean())

    def figure(first: Array, second: Array) -> float:
        kept = np.concatenate([first, second])
        return float(np.mean([area(kept, fold) for fold in range(folds)]))

    return figure


def fit_logistic(x: Array, y: Array, ridge: float = RIDGE) -> Array:
    """Coefficients (d + 1,) of L2-regularised logistic regression, the last one the constant, which is not regularised.

    x (N, d), y (N,) 0 or 1. Both classes count half, however many there are. Minimised with L-BFGS from zero.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    n = len(y)
    weights = np.where(y == 1, 0.5 * n / max((y == 1).sum(), 1), 0.5 * n / max((y == 0).sum(), 1))
    design = np.concatenate([x, np.ones((n, 1))], axis=1)
    sign = 2 * y - 1

    def loss(beta: Array) -> tuple[float, Array]:
        margin = sign * (design @ beta)
        value = weights @ np.logaddexp(0, -margin) + 0.5 * ridge * beta[:-1] @ beta[:-1]
        slope = -design.T @ (weights * sign * expit(-margin))
        slope[:-1] += ridge * beta[:-1]
        return float(value), slope

    return np.asarray(minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 1000}).x)


def _folds(groups: Array, y: Array, folds: int, seed: int) -> Array:
    """Fold of each motion (N,): whole groups, dealt out so that every fold has as many motions of either side as can be.

    Groups are dealt by size, the largest first, each to the fold that has least of what the group is made of.
    """
    names, of_item = np.unique(groups, return_inverse=True)
    counts = np.stack([np.bincount(of_item, weights=y == side, minlength=len(names)) for side in (0, 1)], axis=1)
    if not 2 <= folds <= len(names):
        raise KinelangError.of("classifier", f"{folds} folds of {len(names)} groups", "at least two folds and as many groups")
    chance = np.random.default_rng(seed).permutation(len(names))
    order = sorted(range(len(names)), key=lambda g: (-counts[g].sum(), chance[g]))
    filled = np.zeros((folds, 2))
    fold_of = np.zeros(len(names), dtype=np.int64)
    for group in order:
        fold_of[group] = int(np.argmin(filled @ (counts[group] / counts.sum(axis=0))))
        filled[fold_of[group]] += counts[group]
    if not filled.all():
        raise KinelangError.of("classifier", "a fold without motions of both sides", f"more groups than {len(names)}, or fewer folds")
    return fold_of[of_item]


def nearest(train: Array, motions: Array) -> Array:
    """Distance of each motion (N, d) to the nearest of the training motions (M, d). (N,)."""
    train, motions = _two("novelty", train, motions, least=1)
    return np.asarray(distances(motions, train).min(axis=1))


@dataclass(frozen=True)
class Novelty:
    """How far motions are from those of the training set.

    Attributes:
        generated: median distance of generated motions to the nearest training motion.
        real: the same of real motions that were not trained on.
        copies: share of generated motions nearer to a training motion than 95 % of the real ones are.
    """

    generated: float
    real: float
    copies: float


def novelty(train: Array, real: Array, generated: Array) -> Novelty:
    """Distances to the nearest training motion, of generated and of real motions. (M, d), (N, d), (K, d)."""
    return _novelty(nearest(train, real), nearest(train, generated))


def _novelty(theirs: Array, ours: Array) -> Novelty:
    """Of the distances of real and of generated motions."""
    return Novelty(float(np.median(ours)), float(np.median(theirs)), float((ours < np.percentile(theirs, 5)).mean()))


@dataclass(frozen=True)
class Manifold:
    """Quality and diversity by balls around motions that reach to their k-th neighbour.

    Attributes:
        precision: share of generated motions within a ball of a real one.
        recall: share of real motions within a ball of a generated one.
        density: real balls that a generated motion is in, over k; about 1 for one distribution, and may be larger.
        coverage: share of real balls with a generated motion in them.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def manifold(real: Array, generated: Array, k: int = NEIGHBOURS) -> Manifold:
    """Precision and recall (Kynkäänniemi et al., NeurIPS 2019), density and coverage (Naeem et al., ICML 2020).

    Args:
        real: (N, d).
        generated: (M, d).
        k: the neighbour that a ball reaches to, the motion itself not counted.

    Raises:
        KinelangError: no more than k motions of either, or different widths.
    """
    real, generated = _two("density and coverage", real, generated, least=k + 1)
    between = distances(real, generated)
    in_real = between <= _reach(real, k)[:, None]
    in_generated = between <= _reach(generated, k)
    return Manifold(
        precision=float(in_real.any(axis=0).mean()),
        recall=float(in_generated.any(axis=1).mean()),
        density=float(in_real.sum(axis=0).mean() / k),
        coverage=float(in_real.any(axis=1).mean()),
    )


def _reach(embeddings: Array, k: int) -> Array:
    """Distance of each row to its k-th neighbour, (N,)."""
    among = distances(embeddings, embeddings)
    np.fill_diagonal(among, -1.0)
    return np.asarray(np.partition(among, k, axis=1)[:, k])


def _two(name: str, first: Array, second: Array, least: int) -> tuple[Array, Array]:
    first, second = as_embeddings(name, first), as_embeddings(name, second)
    if min(len(first), len(second)) < least or first.shape[1] != second.shape[1]:
        raise KinelangError.of(name, f"{first.shape} and {second.shape}", f"{least} or more embeddings each, of one width")
    return first, second


def _names(n: int, groups: Sequence[str] | None, prefix: str = "") -> list[str]:
    if groups is None:
        return [f"{prefix}{i}" for i in range(n)]
    if len(groups) != n:
        raise KinelangError.of("groups", f"{len(groups)}", f"one of each of the {n} motions")
    return [str(group) for group in groups]


@dataclass(frozen=True)
class Sets:
    """What is compared; each (N, d) float of one evaluator.

    Attributes:
        train: real motions that the generator was trained on.
        real: real motions that it was not trained on.
        generated: its own, or any motions to be judged.
        real_groups, generated_groups: what each motion comes from; each alone if None.
        dimensions: of the FID.
    """

    train: Array
    real: Array
    generated: Array
    real_groups: Sequence[str] | None = None
    generated_groups: Sequence[str] | None = None
    dimensions: int = FID_DIMENSIONS

    @property
    def names(self) -> tuple[list[str], list[str]]:
        """Groups of the real and of the generated motions; each motion alone where there are none."""
        real, generated = len(as_embeddings("real motions", self.real)), len(as_embeddings("generated motions", self.generated))
        return _names(real, self.real_groups, "real "), _names(generated, self.generated_groups, "generated ")


def _novel(s: Sets, name: str) -> OfKept:
    ours, theirs = nearest(s.train, s.generated), nearest(s.train, s.real)

    def figure(first: Array, second: Array) -> float:
        return float(getattr(_novelty(theirs[first], ours[second]), name)) if first.any() and second.any() else float("nan")

    return figure


def _within(s: Sets, name: str) -> OfKept:
    _two("density and coverage", s.real, s.generated, least=NEIGHBOURS + 1)

    def figure(first: Array, second: Array) -> float:
        if min(first.sum(), second.sum()) <= NEIGHBOURS:
            return float("nan")
        return float(getattr(manifold(s.real[first], s.generated[second]), name))

    return figure


def _of_all(prepare: Callable[[Sets], OfKept], sets: Sets) -> float:
    """The figure where nothing is left out."""
    return prepare(sets)(np.ones(len(sets.real), dtype=bool), np.ones(len(sets.generated), dtype=bool))


@dataclass(frozen=True)
class Realism:
    """One row of a table of results.

    Attributes:
        name: key in `REALISM`.
        better: "higher", "lower", "half", or "real" where the figure of real motions is the aim.
        prepare: from the sets to what gives the figure of those real and generated motions that are kept, so that leaving some out
            does not compute everything anew.
    """

    name: str
    better: str
    prepare: Callable[[Sets], OfKept]

    def measure(self, sets: Sets, blocks: int = BLOCKS, seed: int = 0) -> Jackknife:
        """The figure with the jackknife over whole groups of both sides.

        Args:
            sets: what is compared.
            blocks: that are left out in turn, at most; fewer than two: no interval.
            seed: deals groups into blocks.

        Raises:
            KinelangError: too few motions for it.
        """
        figure, (first, second) = self.prepare(sets), blocks_of(*sets.names, most=blocks, seed=seed)
        return jackknife(lambda kept: figure(kept[: len(first)], kept[len(first) :]), np.concatenate([first, second]))


REALISM: Mapping[str, Realism] = {
    row.name: row
    for row in (
        Realism("KID", "lower", _kid),
        Realism("FID in few dimensions", "lower", _low_fid),
        Realism("AUC real or generated", "half", _auc),
        Realism("distance to training", "real", partial(_novel, name="generated")),
        Realism("copies", "real", partial(_novel, name="copies")),
        Realism("density", "higher", partial(_within, name="density")),
        Realism("coverage", "higher", partial(_within, name="coverage")),
    )
}
"""The measures in the order of a table. A new one is a function and one line here."""
