"""Whether generated motions are distributed as real ones: KID, FID in few dimensions, a classifier, novelty, density and coverage.

All on embeddings of one evaluator, rows being motions; figures of two evaluators cannot be compared. A few hundred real motions are too
few for the FID of a wide embedding, whose covariance they do not even fill: KID is unbiased at any size, and FID is taken in the first
principal directions of real training motions. Real motions that nobody trained on, judged as if generated, belong beside every figure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kinelang.errors import KinelangError
from kinelang.metrics.arrays import Array, as_embeddings
from kinelang.metrics.intervals import ROUNDS, Interval, drawn, interval
from kinelang.metrics.motion_text import distances, frechet_distance

KID_DEGREE = 3
FID_DIMENSIONS = 16
FOLDS = 5
RIDGE = 1.0
"""Weight of the squared coefficients beside the summed log loss, on features of unit variance (ours)."""
NEIGHBOURS = 5
"""k of Naeem et al. 2020."""
FID_ROUNDS = 200


def kid(real: Array, generated: Array) -> float:
    """Kernel distance: unbiased squared MMD with the kernel (x·y / d + 1)³. 0 on average for one distribution, and then also below 0.

    Bińkowski et al., "Demystifying MMD GANs", ICLR 2018.

    Args:
        real: (N, d).
        generated: (M, d).

    Raises:
        KinelangError: fewer than two of either, or different widths.
    """
    real, generated = _two("KID", real, generated, least=2)
    return float(_weighted_mmd(*_kernels(real, generated), np.ones((1, len(real))), np.ones((1, len(generated))))[0])


def kid_interval(
    real: Array,
    generated: Array,
    real_groups: Sequence[str] | None = None,
    generated_groups: Sequence[str] | None = None,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Interval:
    """`kid` with the bootstrap over whole groups of both sides (recordings, prompts; each motion alone if None).

    A motion that is drawn twice is never paired with itself, so that the rounds are as unbiased as the figure.
    """
    real, generated = _two("KID", real, generated, least=2)
    kernels = _kernels(real, generated)
    weights = _drawn_both(len(real), len(generated), real_groups, generated_groups, rounds, seed)
    samples = [_weighted_mmd(*kernels, first, second) for first, second in weights]
    return interval(kid(real, generated), np.concatenate([np.zeros(0), *samples]))


def _kernels(real: Array, generated: Array) -> tuple[Array, Array, Array]:
    def kernel(a: Array, b: Array) -> Array:
        return np.asarray((a @ b.T / a.shape[1] + 1) ** KID_DEGREE)

    return kernel(real, real), kernel(generated, generated), kernel(real, generated)


def _weighted_mmd(among_real: Array, among_generated: Array, across: Array, w_real: Array, w_generated: Array) -> Array:
    """Unbiased MMD² of items that count w times, (R, N) and (R, M) -> (R,); nan where one side has a single item."""

    def within(kernel: Array, weights: Array) -> Array:
        total = ((weights @ kernel) * weights).sum(axis=1) - weights**2 @ np.diag(kernel)
        pairs = weights.sum(axis=1) ** 2 - (weights**2).sum(axis=1)
        return np.asarray(np.where(pairs > 0, total / np.where(pairs > 0, pairs, 1), np.nan))

    w_real, w_generated = w_real.astype(np.float64), w_generated.astype(np.float64)
    between = ((w_real @ across) * w_generated).sum(axis=1) / (w_real.sum(axis=1) * w_generated.sum(axis=1))
    return np.asarray(within(among_real, w_real) + within(among_generated, w_generated) - 2 * between)


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


def low_fid(
    train: Array,
    real: Array,
    generated: Array,
    k: int = FID_DIMENSIONS,
    real_groups: Sequence[str] | None = None,
    generated_groups: Sequence[str] | None = None,
    rounds: int = FID_ROUNDS,
    seed: int = 0,
) -> Interval:
    """Fréchet distance in the first k principal directions of the training motions, with the bootstrap over whole groups.

    It is biased upward, the more the fewer motions there are, and its rounds more than the figure itself, which may therefore lie below
    the interval: compare it with real motions in the same numbers.
    """
    places = Directions.fit(train, k)
    real, generated = _two("FID", places(real), places(generated), least=2)
    samples = []
    for first, second in _drawn_both(len(real), len(generated), real_groups, generated_groups, rounds, seed):
        for a, b in zip(first, second, strict=True):
            rows = np.repeat(real, a, axis=0), np.repeat(generated, b, axis=0)
            samples.append(frechet_distance(*rows) if min(map(len, rows)) > 1 else np.nan)
    return interval(frechet_distance(real, generated), np.array(samples))


def classifier_auc(
    real: Array,
    generated: Array,
    real_groups: Sequence[str] | None = None,
    generated_groups: Sequence[str] | None = None,
    folds: int = FOLDS,
    ridge: float = RIDGE,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Interval:
    """How well a linear classifier tells generated from real motions it was not fitted to: mean over folds of the area under the ROC.

    Half where it cannot tell them apart. L2-regularised logistic regression on features of unit variance. Whole groups are held
    out, and a name that is a group of both sides is one group (the recording and the motion that was generated from its caption).

    Args:
        real: (N, d).
        generated: (M, d).
        real_groups, generated_groups: of each motion; each alone if None.
        folds: how many parts are held out in turn.
        ridge: weight of the squared coefficients.
        rounds: of the bootstrap over groups, of the held-out scores (the classifiers are not fitted anew).
        seed: deals groups into folds, and of the bootstrap.

    Raises:
        KinelangError: fewer groups than folds, or a fold without motions of both sides.
    """
    real, generated = _two("classifier", real, generated, least=2)
    x = np.concatenate([real, generated])
    y = np.repeat([0.0, 1.0], [len(real), len(generated)])
    groups = np.array(_names(len(real), real_groups, "real ") + _names(len(generated), generated_groups, "generated "))
    held = _folds(groups, y, folds, seed)
    beats, sides = [], []
    for fold in range(folds):
        inside = held != fold
        scale = np.maximum(x[inside].std(axis=0), 1e-9)
        centred = (x - x[inside].mean(axis=0)) / scale
        scores = centred @ fit_logistic(centred[inside], y[inside], ridge)[:-1]
        positive, negative = np.flatnonzero(~inside & (y == 1)), np.flatnonzero(~inside & (y == 0))
        apart = scores[positive][:, None] - scores[negative]
        beats.append((apart > 0) + 0.5 * (apart == 0))
        sides.append((positive, negative))

    def figure(weights: Array) -> Array:
        """Mean over folds of the weighted area, (R, N + M) -> (R,)."""
        areas = []
        for wins, (positive, negative) in zip(beats, sides, strict=True):
            p, n = weights[:, positive].astype(np.float64), weights[:, negative].astype(np.float64)
            total = p.sum(axis=1) * n.sum(axis=1)
            areas.append(np.where(total > 0, ((p @ wins) * n).sum(axis=1) / np.where(total > 0, total, 1), np.nan))
        return np.asarray(np.mean(areas, axis=0))

    samples = [figure(weights) for weights in drawn(groups.tolist(), rounds, seed)]
    return interval(float(figure(np.ones((1, len(x))))[0]), np.concatenate([np.zeros(0), *samples]))


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
    ours, theirs = nearest(train, generated), nearest(train, real)
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


def _drawn_both(
    n: int, m: int, real_groups: Sequence[str] | None, generated_groups: Sequence[str] | None, rounds: int, seed: int
) -> list[tuple[Array, Array]]:
    """How often each real and each generated motion counts, both drawn on their own."""
    first = drawn(_names(n, real_groups), rounds, seed)
    second = drawn(_names(m, generated_groups), rounds, seed + 1)
    return list(zip(first, second, strict=True))


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
    def _of_both(self) -> tuple[Array, Array, Sequence[str] | None, Sequence[str] | None]:
        return self.real, self.generated, self.real_groups, self.generated_groups


@dataclass(frozen=True)
class Realism:
    """One row of a table of results.

    Attributes:
        name: key in `REALISM`.
        better: "higher", "lower", "half", or "real" where the figure of real motions is the aim.
        measure: from the sets to the figure, with an interval where there is one.
    """

    name: str
    better: str
    measure: Callable[[Sets], Interval]


def _bare(value: float) -> Interval:
    return Interval(value, float("nan"), float("nan"))


REALISM: Mapping[str, Realism] = {
    row.name: row
    for row in (
        Realism("KID", "lower", lambda s: kid_interval(*s._of_both)),
        Realism(
            "FID in few dimensions",
            "lower",
            lambda s: low_fid(s.train, s.real, s.generated, s.dimensions, s.real_groups, s.generated_groups),
        ),
        Realism("AUC real or generated", "half", lambda s: classifier_auc(*s._of_both)),
        Realism("distance to training", "real", lambda s: _bare(novelty(s.train, s.real, s.generated).generated)),
        Realism("copies", "real", lambda s: _bare(novelty(s.train, s.real, s.generated).copies)),
        Realism("density", "higher", lambda s: _bare(manifold(s.real, s.generated).density)),
        Realism("coverage", "higher", lambda s: _bare(manifold(s.real, s.generated).coverage)),
    )
}
"""The measures in the order of a table. A new one is a function and one line here."""
