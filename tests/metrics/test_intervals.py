"""Bootstrap draws whole recordings, is paired, and its intervals mean what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.errors import KinelangError
from kinelang.metrics.intervals import BLOCKS, Interval, blocks_of, bootstrap, drawn, interval, jackknife, over_replications


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


# The jackknife


def test_the_jackknife_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(4).normal(size=60)
    found = jackknife(lambda kept: values[kept].mean(), np.arange(60)).interval()
    half = 2.001 * values.std(ddof=1) / np.sqrt(60)  # t with 59 degrees of freedom
    assert (found.value, found.high - found.value) == pytest.approx((values.mean(), half), rel=1e-3)
    assert found.value - found.low == pytest.approx(half, rel=1e-3)


def test_blocks_of_unequal_size_cover_the_mean():
    """Recordings of one to ten clips, each with something of its own."""
    groups = np.repeat(np.arange(25), 1 + np.arange(25) % 10)
    covered = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=25)[groups] + 0.5 * rng.normal(size=len(groups))
        found = jackknife(lambda kept, values=values: values[kept].mean(), groups).interval()
        covered.append(found.low <= 0 <= found.high)
    assert 0.88 < np.mean(covered) < 0.98


def test_a_constant_difference_is_certain_when_the_blocks_are_the_same():
    values = np.random.default_rng(3).normal(size=50)
    one, other = (jackknife(lambda kept, v=v: v[kept].mean(), np.arange(50) % 10) for v in (values + 0.1, values))
    difference = (one - other).interval()
    assert (difference.low, difference.value, difference.high) == pytest.approx((0.1, 0.1, 0.1))


def test_a_figure_that_a_block_cannot_spare_has_no_interval():
    for blocks in ([0, 0, 0], [], [0, 1, 1]):
        found = jackknife(lambda kept: 1.0 if len(kept) != 3 or kept[0] else float("nan"), blocks).interval()
        assert found.value == 1.0
        assert np.isnan([found.low, found.high]).all()


def test_groups_are_dealt_whole_and_evenly():
    real, own = [f"a{i // 3}" for i in range(150)], [f"{'ab'[i % 2]}{i}" for i in range(100)]
    first, second = blocks_of(real, own)
    block = dict(zip(real, first.tolist(), strict=True))
    assert all(block[name] == b for name, b in zip(real, first, strict=True)), "a group is in one block"
    assert all(block[name] == b for name, b in zip(own, second, strict=True) if name in block), "of both sides"
    assert set(first) == set(second) == set(range(BLOCKS))
    assert max(np.bincount(second)) - min(np.bincount(second)) <= 3
    (backward,) = blocks_of(real[::-1])
    assert (blocks_of(real)[0] == backward[::-1]).all()
    assert max(blocks_of(["a", "b", "c"], own)[1]) == 2, "no more blocks than a side has groups"
    assert blocks_of(["a"])[0].tolist() == [0]


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
