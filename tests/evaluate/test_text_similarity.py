"""Statistics of captions: counts by hand, the threshold of a share, and the dissimilar subset against every subset there is."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.errors import KinelangError
from kinelang.evaluate import text_similarity
from kinelang.evaluate.text_similarity import (
    BATCH_SIZES,
    THRESHOLDS,
    dissimilar_subset,
    filtered_table,
    narrated_similarity,
    scaled,
    share_filtered,
    similar_pairs,
    threshold_for_share,
)


def unit(n, width=8, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(n, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def at_angles(*degrees):
    radians = np.deg2rad(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def test_similar_pairs_by_hand():
    # cosines: 0-10 .985, 10-20 .985, 0-20 .940, to 90 less; scaled .95 is cosine .9
    found = similar_pairs(at_angles(0, 10, 20, 90))
    assert (found.texts, found.pairs, found.similar, found.share) == (4, 6, 3, 0.5)
    assert similar_pairs(at_angles(0, 10, 20, 90), threshold=0.975).similar == 2
    apart = similar_pairs(at_angles(0, 10, 20, 90), texts=["kicks left", "kicks right", "kicks", "sits"])
    assert (apart.similar, apart.kept_apart) == (2, 1)
    assert apart.to_json()["share"] == pytest.approx(1 / 3)


def test_similar_pairs_in_blocks_are_those_at_once(monkeypatch):
    sentences = unit(50, 3)
    texts = [("kicks left", "kicks right", "kicks")[i % 3] for i in range(50)]
    at_once = similar_pairs(sentences, 0.8, texts)
    monkeypatch.setattr(text_similarity, "_ROWS", 7)
    assert similar_pairs(sentences, 0.8, texts) == at_once
    cosines = sentences @ sentences.T
    assert at_once.similar + at_once.kept_apart == sum(cosines[i, j] > 2 * 0.8 - 1 for i, j in combinations(range(50), 2))


def test_share_filtered_of_one_batch_is_that_of_its_pairs():
    sentences = at_angles(0, 10, 20, 90)
    assert share_filtered(sentences, 0.95, batch_size=4) == pytest.approx(6 / 12)
    assert share_filtered(sentences, 0.95, batch_size=100) == pytest.approx(6 / 12)
    assert share_filtered(sentences, 0.95, 4, texts=["kicks left", "kicks right", "kicks", "sits"]) == pytest.approx(4 / 12)


def test_a_batch_holds_one_caption_of_a_clip():
    sentences = at_angles(0, 1, 90, 91)
    assert share_filtered(sentences, 0.9, 4, clips=[0, 0, 1, 1], epochs=20) == 0
    assert share_filtered(sentences, 0.9, 4) > 0


def test_batch_size_is_nothing_in_the_mean():
    sentences = unit(256, 4)
    table = filtered_table(sentences, epochs=20)
    assert list(table["by threshold"]) == [f"{t:.2f}" for t in THRESHOLDS]
    assert list(table["by batch size"]) == [str(size) for size in BATCH_SIZES]
    shares = list(table["by threshold"].values())
    assert shares == sorted(shares, reverse=True)
    cosines = sentences @ sentences.T
    of_all = np.mean([cosines[i, j] > 0.6 for i, j in combinations(range(256), 2)])
    for share in table["by batch size"].values():
        assert share == pytest.approx(of_all, rel=0.05)


@given(st.integers(2, 40), st.floats(0, 1), st.integers(0, 5))
def test_the_threshold_filters_the_share(n, share, seed):
    cosines = unit(n, 5, seed).astype(np.float64)
    cosines = cosines @ cosines.T
    threshold = threshold_for_share(cosines, share)
    pairs = scaled(cosines)[np.triu_indices(n, 1)]
    assert (pairs > threshold).sum() == round(share * len(pairs))


def test_the_threshold_leaves_sides_apart():
    cosines = np.array([[1, 0.99, 0.8, 0.1], [0.99, 1, 0.7, 0.2], [0.8, 0.7, 1, 0.3], [0.1, 0.2, 0.3, 1]])
    texts = ["kicks left", "kicks right", "kicks", "sits"]
    # half of six pairs: without sides .99, .8 and .7; with them .8, .7 and .3
    assert threshold_for_share(cosines, 0.5) == pytest.approx(scaled(np.array(0.5)))
    assert threshold_for_share(cosines, 0.5, texts) == pytest.approx(scaled(np.array(0.25)))
    with pytest.raises(KinelangError, match=r"0\.833 of the pairs free"):
        threshold_for_share(cosines, 1.0, texts)


def test_captions_that_are_the_same_stay_together():
    cosines = np.ones((5, 5))
    cosines[4, :4] = cosines[:4, 4] = 0.0  # six pairs of one caption, four others
    for share, filtered in ((0.2, 0), (0.5, 6), (0.6, 6), (0.9, 10), (1, 10)):
        threshold = threshold_for_share(cosines, share)
        assert (scaled(cosines)[np.triu_indices(5, 1)] > threshold).sum() == filtered


@pytest.mark.parametrize("seed", range(8))
def test_the_dissimilar_subset_is_close_to_the_best_there_is(seed):
    cosines = unit(13, 3, seed).astype(np.float64)
    cosines = cosines @ cosines.T

    def apart(chosen):
        return sum(1 - cosines[i, j] for i, j in combinations(chosen, 2))

    best = max(apart(chosen) for chosen in combinations(range(13), 5))
    found = dissimilar_subset(cosines, 5, seed=seed)
    assert len(set(found.tolist())) == 5
    assert apart(found) >= 0.99 * best
    assert found.tolist() == dissimilar_subset(cosines, 5, seed=seed).tolist()


def test_one_of_each_kind_is_chosen():
    sentences = np.repeat(np.eye(6, dtype=np.float32), 5, axis=0)
    for seed in range(5):
        assert sorted(i // 5 for i in dissimilar_subset(sentences @ sentences.T, 6, seed)) == [0, 1, 2, 3, 4, 5]
    assert dissimilar_subset(np.eye(4), 100).tolist() == [0, 1, 2, 3]


def test_narrated_similarity_compares_captions_with_what_is_told():
    vectors = {"walks": [1.0, 0], "sits": [0.0, 1]}

    def embed(texts):
        return np.array([vectors[text] for text in texts], dtype=np.float32)

    scores = narrated_similarity(embed, ["sits", "walks", "walks"], ["w", "s"], {"w": 1, "s": 2}.get, {1: "walks", 2: "sits"}.get)
    assert scores.tolist() == [[0, 1], [1, 0], [1, 0]]
    assert scores.dtype == np.float32


def test_a_real_motion_is_narrated():
    from kinelang import sample

    heard = []

    def embed(texts):
        heard.append(list(texts))
        return np.ones((len(texts), 1), dtype=np.float32)

    assert narrated_similarity(embed, ["a"], [sample("walk_forward")]).shape == (1, 1)
    assert "walk" in heard[1][0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: similar_pairs(2 * unit(4)), "length 1"),
        (lambda: share_filtered(unit(1)), "1 clips"),
        (lambda: share_filtered(unit(9), batch_size=1), "batches of 1"),
        (lambda: threshold_for_share(np.eye(1)), r"\(1, 1\)"),
        (lambda: threshold_for_share(np.eye(4), 17), "share 17"),
    ],
)
def test_what_cannot_be_counted(call, message):
    with pytest.raises(KinelangError, match=message):
        call()
