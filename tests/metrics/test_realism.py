"""Distances of distributions: nothing for one distribution, more the further apart, naive twins, order is nothing."""

import numpy as np
import pytest

from kinelang.errors import KinelangError
from kinelang.metrics.motion_text import frechet_distance
from kinelang.metrics.realism import (
    REALISM,
    Directions,
    Sets,
    _folds,
    classifier_auc,
    fit_logistic,
    kid,
    low_fid,
    manifold,
    nearest,
    novelty,
)


def normal(n=200, width=8, seed=0, shift=0.0, scale=1.0):
    return scale * np.random.default_rng(seed).normal(size=(n, width)) + shift


REAL, LIKE, TRAIN = normal(), normal(seed=1), normal(400, seed=2)
SHIFTED = [normal(seed=3, shift=shift) for shift in (0.3, 1.0, 2.0)]


def naive_kid(real, generated):
    def kernel(a, b):
        return (a @ b / len(a) + 1) ** 3

    n, m = len(real), len(generated)
    first = sum(kernel(real[i], real[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    second = sum(kernel(generated[i], generated[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return first + second - 2 * sum(kernel(a, b) for a in real for b in generated) / (n * m)


# KID


def test_kid_is_that_of_the_double_loop():
    assert kid(REAL[:30], SHIFTED[0][:20]) == pytest.approx(naive_kid(REAL[:30], SHIFTED[0][:20]))


def test_kid_is_unbiased():
    values = [kid(normal(20, seed=2 * i), normal(30, seed=2 * i + 1)) for i in range(300)]
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(300)
    assert min(values) < 0 < max(values)


def test_kid_grows_with_the_shift_and_is_symmetric():
    values = [kid(REAL, x) for x in (LIKE, *SHIFTED)]
    assert abs(values[0]) < 0.05
    assert values == sorted(values)
    assert kid(REAL, SHIFTED[0]) == pytest.approx(kid(SHIFTED[0], REAL))


def measured(name, real, generated, real_groups=None, generated_groups=None, **more):
    sets = Sets(TRAIN, real, generated, real_groups, generated_groups, dimensions=4)
    return REALISM[name].measure(sets, **more).interval()


def test_kid_interval_covers_nothing_and_knows_a_shift():
    assert not measured("KID", REAL, LIKE).apart_from_zero
    found = measured("KID", REAL, SHIFTED[1])
    assert found.low > 0
    assert found.value == pytest.approx(kid(REAL, SHIFTED[1]))
    assert found.low < found.value < found.high


# Intervals


@pytest.mark.parametrize("name", ["KID", "FID in few dimensions"])
@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_intervals_cover_what_so_many_motions_give_on_average(name, shift):
    """Of one distribution too, where the bootstrap of the Fréchet distance lies above it: there they are too wide, never too narrow."""
    found = []
    for seed in range(100):
        rng = np.random.default_rng([seed, 1])
        recordings = np.repeat(rng.normal(size=(2, 30, 8)), 2, axis=1)  # two clips each, half of their variance their recording's
        real, own = recordings + rng.normal(size=recordings.shape) + shift * np.array([0, 1])[:, None, None]
        groups = [[f"{side}{i // 2}" for i in range(60)] for side in "ab"]
        found.append(measured(name, real, own, *groups))
    mean = np.mean([one.value for one in found])
    covered = np.mean([one.low <= mean <= one.high for one in found])
    assert all(one.low < one.value < one.high for one in found)
    assert covered > 0.9
    if shift:
        spread = 2 * 1.96 * np.std([one.value for one in found])
        assert np.mean([one.high - one.low for one in found]) < 1.5 * spread, "no wider than need be"


def test_the_paired_difference_of_two_systems_covers_that_of_their_means():
    """What both owe to the recordings cancels: the interval is narrower than that of either."""
    found, narrower = [], []
    for seed in range(60):
        rng = np.random.default_rng([seed, 2])
        real, shared, own = rng.normal(size=(3, 60, 8))
        near, far = (shared + 0.2 * own + shift for shift in (0.4, 0.6))
        one, other = (REALISM["FID in few dimensions"].measure(Sets(TRAIN, real, x, dimensions=4)) for x in (far, near))
        found.append((one - other).interval())
        narrower.append(found[-1].high - found[-1].low < min(x.interval().high - x.interval().low for x in (one, other)))
    mean = np.mean([one.value for one in found])
    assert np.mean([one.low <= mean <= one.high for one in found]) > 0.9
    assert np.mean([one.apart_from_zero and one.low > 0 for one in found]) > 0.9
    assert np.mean(narrower) > 0.9


@pytest.mark.parametrize("name", REALISM)
def test_groups_left_out_whole_widen_the_interval(name):
    repeated = np.repeat(normal(20, seed=5), 10, axis=0) + 0.01 * normal(seed=6)
    real = REAL + 0.5
    alone = measured(name, real, repeated)
    together = measured(name, real, repeated, None, [str(i // 10) for i in range(200)])
    assert np.isfinite([alone.low, together.low]).all()
    if name in ("KID", "FID in few dimensions"):
        assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_without_blocks_there_is_no_interval():
    found = measured("KID", REAL, LIKE, blocks=1)
    assert found.value == kid(REAL, LIKE)
    assert np.isnan([found.low, found.high]).all()


# FID in few dimensions


def test_directions_are_those_of_the_largest_variance():
    stretched = normal(500, 5, seed=4) * (1, 5, 1, 3, 1) + 7
    found = Directions.fit(stretched, 2)
    assert abs(found.directions[0, 1]) == pytest.approx(1, abs=0.02)
    assert abs(found.directions[1, 3]) == pytest.approx(1, abs=0.05)
    assert found.explained == pytest.approx((25 + 9) / 37, abs=0.05)
    assert found(stretched).mean(axis=0) == pytest.approx([0, 0], abs=1e-9)
    assert found(stretched).shape == (500, 2)


def test_fid_in_all_directions_is_fid():
    assert low_fid(TRAIN, REAL, SHIFTED[1], k=8) == pytest.approx(frechet_distance(REAL, SHIFTED[1]))
    assert low_fid(TRAIN, REAL, LIKE, k=4) < low_fid(TRAIN, REAL, SHIFTED[0], k=4)


# Real or generated


def test_auc_is_half_for_one_distribution_and_one_for_far_ones():
    found = measured("AUC real or generated", REAL, LIKE)
    assert found.value == classifier_auc(REAL, LIKE)
    assert found.low < 0.5 < found.high
    values = [classifier_auc(REAL, x) for x in SHIFTED]
    assert values == sorted(values)
    assert values[0] > 0.65
    assert values[2] > 0.99


def test_auc_of_pure_repetition_is_found_out_only_where_groups_are_split():
    """Ten copies of few motions: recognising a motion is not telling real from generated."""

    def copies(seed):
        return np.repeat(normal(20, 30, seed=seed), 10, axis=0) + 0.01 * normal(200, 30, seed=seed + 1)

    groups = [f"{i // 10}" for i in range(200)]
    first, second = copies(10), copies(20)
    assert classifier_auc(first, second) > 0.9
    kept = measured("AUC real or generated", first, second, [f"a{g}" for g in groups], [f"b{g}" for g in groups])
    assert kept.value == pytest.approx(0.5, abs=0.25)
    assert kept.high - kept.low > 0.15


def test_groups_are_never_split_and_folds_are_even():
    groups = np.array([f"{i // 3}" for i in range(90)] + [f"{i // 2}" for i in range(60)])  # 30 names, on both sides
    y = np.repeat([0.0, 1.0], [90, 60])
    folds = _folds(groups, y, 5, seed=0)
    for name in set(groups):
        assert len(set(folds[groups == name])) == 1
    for side in (0, 1):
        counts = np.bincount(folds[y == side], minlength=5)
        assert counts.min() > 0.5 * counts.max()


def test_logistic_regression_is_where_the_slope_vanishes():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3))
    y = (rng.random(300) < 1 / (1 + np.exp(-(2 * x[:, 0] - x[:, 1])))).astype(float)
    beta = fit_logistic(x, y, ridge=1e-3)
    assert beta[0] == pytest.approx(2, abs=0.7)
    assert beta[1] == pytest.approx(-1, abs=0.5)
    assert beta[2] == pytest.approx(0, abs=0.4)

    def loss(b):
        weights = np.where(y == 1, 150 / y.sum(), 150 / (300 - y.sum()))
        return weights @ np.log1p(np.exp(-(2 * y - 1) * (x @ b[:3] + b[3]))) + 0.5e-3 * b[:3] @ b[:3]

    for i in range(4):
        step = 1e-3 * np.eye(4)[i]
        assert loss(beta) <= min(loss(beta + step), loss(beta - step)) + 1e-7
    assert np.abs(fit_logistic(x, y, ridge=1e4)[:3]).max() < 0.05


# Novelty, density and coverage


def test_copies_are_found():
    found = novelty(TRAIN, REAL, TRAIN[:50] + 1e-3)
    assert found.copies == 1
    assert found.generated < 0.01 < found.real
    honest = novelty(TRAIN, REAL, LIKE)
    assert honest.copies == pytest.approx(0.05, abs=0.05)
    assert honest.generated == pytest.approx(honest.real, rel=0.1)
    assert nearest(TRAIN, REAL) == pytest.approx([np.linalg.norm(TRAIN - x, axis=1).min() for x in REAL])


def naive_manifold(real, generated, k):
    def radii(a):
        return [sorted(np.linalg.norm(a - x, axis=1))[k] for x in a]  # the 0-th is the row itself

    inside = np.array([[np.linalg.norm(x - g) <= r for g in generated] for x, r in zip(real, radii(real), strict=True)])
    back = np.array([[np.linalg.norm(x - g) <= r for x in real] for g, r in zip(generated, radii(generated), strict=True)])
    return inside.any(axis=0).mean(), back.any(axis=0).mean(), inside.sum() / (k * len(generated)), inside.any(axis=1).mean()


@pytest.mark.parametrize("k", [1, 3, 5])
def test_manifold_is_that_of_the_double_loop(k):
    found = manifold(REAL[:60], SHIFTED[0][:40], k)
    assert (found.precision, found.recall, found.density, found.coverage) == pytest.approx(
        naive_manifold(REAL[:60], SHIFTED[0][:40], k)
    )


def test_density_tells_quality_and_coverage_diversity():
    like, narrow, far = manifold(REAL, LIKE), manifold(REAL, normal(seed=4, scale=0.05)), manifold(REAL, SHIFTED[2])
    assert like.density == pytest.approx(1, abs=0.2)
    assert like.coverage > 0.85
    assert narrow.density > 1
    assert narrow.coverage < 0.5
    assert narrow.recall < 0.1 < narrow.precision
    assert far.density < 0.2
    assert far.coverage < 0.2


# The table


@pytest.mark.parametrize("name", REALISM)
def test_order_is_nothing(name):
    order = np.random.default_rng(5).permutation(200)
    groups = [f"g{i // 2}" for i in range(200)]

    def measure(sets):
        return REALISM[name].measure(sets).interval()

    one = measure(Sets(TRAIN, REAL, SHIFTED[0], groups, groups, dimensions=4))
    real_groups, generated_groups = [groups[i] for i in order], [groups[i] for i in order[::-1]]
    other = measure(Sets(TRAIN[::-1], REAL[order], SHIFTED[0][order[::-1]], real_groups, generated_groups, dimensions=4))
    assert other.value == pytest.approx(one.value, rel=1e-6)
    assert (other.low, other.high) == pytest.approx((one.low, one.high), rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("name", REALISM)
def test_real_motions_are_more_real_than_shifted_ones(name):
    row = REALISM[name]
    like, far = (row.measure(Sets(TRAIN, REAL, x, dimensions=4)).value for x in (LIKE, SHIFTED[1]))
    if row.better == "lower":
        assert like < far
    elif row.better == "higher":
        assert like > far
    elif row.better == "half":
        assert abs(like - 0.5) < 0.1 < far - 0.5
    else:
        own = row.measure(Sets(TRAIN, REAL, REAL)).value
        assert abs(like - own) < abs(far - own) + 0.06


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kid(REAL[:1], LIKE), "2 or more"),
        (lambda: kid(REAL, LIKE[:, :3]), "one width"),
        (lambda: kid(np.full((3, 2), np.nan), np.zeros((3, 2))), "not finite"),
        (lambda: measured("KID", REAL, LIKE, ["a"]), "one of each of the 200"),
        (lambda: Directions.fit(REAL[:5], 5), "1 to 4"),
        (lambda: classifier_auc(REAL[:2], LIKE[:2]), "5 folds of 4 groups"),
        (lambda: classifier_auc(REAL, LIKE, ["a"] * 200, None, folds=3), "both sides"),
        (lambda: manifold(REAL[:5], LIKE), "6 or more"),
    ],
)
def test_too_little_says_so(call, message):
    with pytest.raises(KinelangError, match=message):
        call()
