"""The metrics of generation: perfect is best, parity with the published formulas in SciPy, order is nothing."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist

from kinelang.errors import KinelangError
from kinelang.metrics.motion_text import (
    METRICS,
    Embeddings,
    diversity,
    frechet_distance,
    matching_distance,
    multimodality,
    r_precision,
)


def embeddings(n=320, width=6, seed=0):
    return np.random.default_rng(seed).normal(size=(n, width)).astype(np.float32)


def rng(seed=0):
    return np.random.default_rng(seed)


TEXTS, MOTIONS, REAL = embeddings(), embeddings() + 0.4 * embeddings(seed=1), embeddings(seed=2)
GIVEN = Embeddings(TEXTS, MOTIONS, REAL, embeddings(600, seed=3).reshape(20, 30, 6))
PERFECT = Embeddings(TEXTS, TEXTS, TEXTS, GIVEN.generations)


@pytest.mark.parametrize("name", METRICS)
def test_perfect_is_best(name):
    metric = METRICS[name]
    found, best = metric.over(GIVEN, n=4), metric.over(PERFECT, n=4)
    if name.startswith("R-precision"):
        assert 0 < found.value < best.value == 1
    elif metric.better == "lower":
        assert 0 <= best.value < 1e-5 < found.value
    else:  # no best there is: the measure grows with how far apart motions are
        assert metric.over(Embeddings(*(2 * e for e in (TEXTS, MOTIONS, REAL, GIVEN.generations))), n=4).value == pytest.approx(
            2 * found.value
        )


@pytest.mark.parametrize("name", METRICS)
def test_the_order_of_clips_is_nothing_but_chance(name):
    order = rng(7).permutation(len(TEXTS))
    shuffled = Embeddings(TEXTS[order], MOTIONS[order], REAL[order], GIVEN.generations)
    one, other = METRICS[name].over(GIVEN, n=40), METRICS[name].over(shuffled, n=40)
    assert other.value == pytest.approx(one.value, rel=0.05, abs=1e-9)


@pytest.mark.parametrize("name", METRICS)
def test_what_is_lacking_is_named(name):
    with pytest.raises(KinelangError, match=METRICS[name].needs[0]):
        METRICS[name].over(Embeddings())


def test_r_precision_as_published():
    """Batches of 32 of the shuffled pairs, the last partial one dropped; the own motion among the k nearest."""
    texts, motions = TEXTS[:150], MOTIONS[:150]
    order = rng(4).permutation(150)
    for k in (1, 2, 3):
        right = 0
        for start in range(0, 128, 32):
            rows = order[start : start + 32]
            nearest = np.argsort(cdist(texts[rows], motions[rows]), axis=1)[:, :k]
            right += sum(i in nearest[i] for i in range(32))
        assert r_precision(texts, motions, rng(4), k) == pytest.approx(right / 128)
        rows = order[128:]
        nearest = np.argsort(cdist(texts[rows], motions[rows]), axis=1)[:, :k]
        right += sum(i in nearest[i] for i in range(22))
        assert r_precision(texts, motions, rng(4), k, partial=True) == pytest.approx(right / 150)


def test_matching_distance_is_the_trace_of_the_distances():
    assert matching_distance(TEXTS, MOTIONS) == pytest.approx(np.trace(cdist(TEXTS, MOTIONS)) / len(TEXTS), rel=1e-6)


@pytest.mark.parametrize("n", [320, 5])  # five of six dimensions: singular covariances
def test_fid_is_that_of_the_matrix_root(n):
    a, b = MOTIONS[:n].astype(np.float64), REAL[:n].astype(np.float64) * 1.3 + 0.2
    first, second = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    if n == 5:
        first, second = first + 1e-9 * np.eye(6), second + 1e-9 * np.eye(6)
    root = np.real(sqrtm(first @ second))
    apart = a.mean(0) - b.mean(0)
    published = apart @ apart + np.trace(first + second - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(published, abs=1e-3 if n == 5 else 1e-8)


def test_fid_of_shifted_gaussians_is_the_shift_squared():
    assert frechet_distance(REAL, REAL + np.float32(2)) == pytest.approx(4 * 6, rel=1e-5)
    assert frechet_distance(MOTIONS, REAL) == pytest.approx(frechet_distance(REAL, MOTIONS))


def test_diversity_and_multimodality_as_published():
    first, second = (rng_.choice(320, 300, replace=False) for rng_ in [rng(5)] for _ in range(2))
    assert diversity(MOTIONS, rng(5)) == pytest.approx(np.mean(np.linalg.norm(MOTIONS[first] - MOTIONS[second], axis=1)), rel=1e-6)
    several = GIVEN.generations
    first, second = (rng_.choice(30, 10, replace=False) for rng_ in [rng(5)] for _ in range(2))
    expected = np.mean([np.linalg.norm(text[a] - text[b]) for text in several for a, b in zip(first, second, strict=True)])
    assert multimodality(several, rng(5)) == pytest.approx(expected, rel=1e-6)
    assert multimodality(np.ones((4, 30, 3)), rng()) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: r_precision(TEXTS[:20], MOTIONS[:20], rng()), "20 pairs; expected at least 32"),
        (lambda: matching_distance(TEXTS, MOTIONS[:3]), r"motions \(3, 6\)"),
        (lambda: frechet_distance(TEXTS[:1], MOTIONS), r"\(1, 6\)"),
        (lambda: diversity(TEXTS[:20], rng()), "20 motions; expected at least 300"),
        (lambda: multimodality(np.ones((4, 5, 3)), rng()), "5 generations a text"),
        (lambda: diversity(np.full((300, 2), np.nan), rng()), "not finite"),
        (lambda: diversity(np.zeros((0, 2)), rng()), r"shape \(0, 2\)"),
    ],
)
def test_too_little_says_so(call, message):
    with pytest.raises(KinelangError, match=message):
        call()
