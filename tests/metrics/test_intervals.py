"""Bootstrap draws whole recordings, is paired, and its intervals mean what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.errors import KinelangError
from kinelang.metrics.intervals import Interval, bootstrap, drawn, interval, over_replications


def mean_of(values):
    return lambda weights: weights @ values / weights.sum(axis=1)


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12), st.integers(0, 5))
def test_items_of_one_group_are_drawn_together(groups, seed):
    weights = np.concatenate(list(drawn(groups, rounds=150, seed=seed)))
    assert weights.shape == (150, len(groups))
    for a in range(len(groups)):
        for b in range(a):
            if groups[a] == groups[b]:
                assert (weights[:, a] == weights[:, b]).all()
    one_a_group = [groups.index(name) for name in sorted(set(groups))]
    assert (weights[:, one_a_group].sum(axis=1) == len(one_a_group)).all()


def test_draws_follow_names_and_not_places():
    forward = np.concatenate(list(drawn(["a", "b", "c", "a"], rounds=50)))
    backward = np.concatenate(list(drawn(["a", "c", "b", "a"], rounds=50)))
    assert (forward[:, [0, 2, 1, 3]] == backward).all()


def test_an_interval_is_that_of_the_mean():
    values = np.random.default_rng(1).normal(size=400)
    found = bootstrap(mean_of(values), [str(i) for i in range(400)], rounds=2000)
    assert found.value == pytest.approx(values.mean())
    expected = 1.96 * values.std() / 20
    assert found.low == pytest.approx(values.mean() - expected, abs=0.02)
    assert found.high == pytest.approx(values.mean() + expected, abs=0.02)


def test_recordings_drawn_whole_widen_the_interval():
    values = np.repeat(np.random.default_rng(2).normal(size=20), 10)
    alone = bootstrap(mean_of(values), [str(i) for i in range(200)])
    together = bootstrap(mean_of(values), [str(i // 10) for i in range(200)])
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_a_constant_difference_is_certain_when_paired():
    rng = np.random.default_rng(3)
    first = rng.normal(size=50)
    second = first + 0.1
    groups = [str(i) for i in range(50)]
    difference = bootstrap(lambda w: mean_of(second)(w) - mean_of(first)(w), groups)
    assert difference.low == pytest.approx(0.1)
    assert difference.high == pytest.approx(0.1)
    assert difference.apart_from_zero
    assert not Interval(0.1, -0.2, 0.4).apart_from_zero


def test_rounds_without_a_figure_are_left_out():
    assert interval(1.0, np.array([1.0, np.nan, 1.0])) == Interval(1, 1, 1)
    assert np.isnan(interval(1.0, np.array([np.nan])).low)


def test_replications():
    found = over_replications(lambda rng: float(rng.normal()), n=20, seed=5)
    values = np.random.default_rng(5).normal(size=20)
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.value == pytest.approx(1.96 * np.std(values) / np.sqrt(20))
    assert over_replications(lambda _: 2.5) == Interval(2.5, 2.5, 2.5)
    with pytest.raises(KinelangError, match="at least 1"):
        over_replications(lambda _: 1.0, n=0)
