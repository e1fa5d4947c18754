"""Ranks, recalls and medians against their definitions, and chance against shuffling."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kinelang.errors import KinelangError
from kinelang.metrics.ranking import RECALLS, chance_median_rank, chance_recall, median_rank, ranks, recall


def rank_by_sorting(scores, right):
    """The definition, read aloud: sort, find the best right score, average the places where it stands."""
    out = []
    for row, is_right in zip(scores, right, strict=True):
        ordered = sorted(row, reverse=True)
        best = max(score for score, good in zip(row, is_right, strict=True) if good)
        places = [place for place, score in enumerate(ordered) if score == best]
        out.append(sum(places) / len(places))
    return out


@st.composite
def judged(draw):
    shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    scores = draw(arrays(np.float32, shape, elements=st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0])))
    right = draw(arrays(bool, shape))
    right[np.arange(shape[0]), draw(arrays(np.int64, shape[0], elements=st.integers(0, shape[1] - 1)))] = True
    return scores, right


@given(judged())
def test_ranks_are_those_of_sorting(case):
    assert ranks(*case).tolist() == rank_by_sorting(*case)


@given(judged())
@settings(max_examples=60, deadline=None)
def test_the_first_right_one_of_those_that_tie_is_its_mean_over_all_orders(case):
    for row, is_right in zip(*case, strict=True):
        places = []
        for order in itertools.permutations(range(len(row))):
            at = sorted(order, key=lambda i: -row[i])  # a stable sort: ties stay in their order
            places.append(next(place for place, i in enumerate(at) if is_right[i]))
        assert ranks(row[None], is_right[None], first_of_tied=True)[0] == pytest.approx(np.mean(places))


def test_ranks_by_hand():
    scores = np.array([[0.9, 0.5, 0.1], [0.5, 0.5, 0.5], [0.7, 0.7, 0.2], [0.3, 0.2, 0.1]])
    right = np.eye(4, 3, dtype=bool)
    right[3] = [False, True, True]
    # first; middle of three alike; behind two others; the better of its two right ones
    assert ranks(scores, right).tolist() == [0, 1, 2, 1]
    assert ranks(np.array([[0.4, 0.4, 0.1]]), np.array([[True, False, False]])).tolist() == [0.5]


@given(judged(), st.randoms(use_true_random=False))
def test_the_order_of_the_answers_is_nothing(case, random):
    scores, right = case
    order = list(range(scores.shape[1]))
    random.shuffle(order)
    assert ranks(scores, right).tolist() == ranks(scores[:, order], right[:, order]).tolist()


def test_what_cannot_be_ranked():
    with pytest.raises(KinelangError, match="query 1: found no right answer"):
        ranks(np.zeros((2, 2)), np.array([[True, False], [False, False]]))
    with pytest.raises(KinelangError, match="not finite"):
        ranks(np.array([[np.nan]]), np.array([[True]]))
    with pytest.raises(KinelangError, match=r"\(2, 2\) and right answers \(2, 3\)"):
        ranks(np.zeros((2, 2)), np.ones((2, 3), dtype=bool))


def test_recall_and_median_by_hand():
    at = np.array([0, 0.5, 1, 4, 9.5])
    assert [float(recall(at, k)) for k in RECALLS] == [40, 60, 60, 80, 100]
    assert median_rank(at) == 2
    assert median_rank(at[:4]) == 1.75  # between 0.5 and 1, from 1
    assert median_rank(np.zeros(3)) == 1


@given(arrays(np.float64, st.integers(1, 12), elements=st.integers(0, 40).map(lambda n: n / 2)), st.data())
def test_weights_are_repetitions(at, data):
    weights = data.draw(arrays(np.int64, (3, len(at)), elements=st.integers(0, 3)))
    for row, median, found in zip(weights, median_rank(at, weights), recall(at, 3, weights), strict=True):
        repeated = np.repeat(at, row)
        if len(repeated):
            assert median == np.median(repeated) + 1
            assert found == pytest.approx(100 * np.mean(repeated < 3))
        else:
            assert np.isnan(median)
            assert np.isnan(found)


def test_chance_of_one_right_answer_is_k_of_n():
    ones, gallery = np.ones(7), np.full(7, 32)
    assert chance_recall(ones, gallery, 1) == pytest.approx(100 / 32)
    assert chance_recall(ones, gallery, 10) == pytest.approx(1000 / 32)
    assert chance_recall(ones, np.full(7, 5), 10) == 100
    assert chance_median_rank(ones, gallery) == 16.5
    assert chance_median_rank(ones, np.full(7, 5)) == 3


def test_chance_is_what_shuffling_gives():
    rng = np.random.default_rng(0)
    right = np.zeros((40, 12), dtype=bool)
    for i, row in enumerate(right):
        row[: 1 + i % 4] = True
    n_right, n_answers = right.sum(1), np.full(40, 12)
    at = np.concatenate([ranks(rng.random(right.shape), right) for _ in range(500)])
    for k in RECALLS:
        assert chance_recall(n_right, n_answers, k) == pytest.approx(float(recall(at, k)), abs=1)
    assert chance_median_rank(n_right, n_answers) == median_rank(at)
