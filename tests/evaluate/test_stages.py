"""Matching of stages: a found timeline that is the truth is perfect, and each way of being wrong costs what it should."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.evaluate.stages import Tally, matched, overlap
from kinelang.timeline import Stage, Timeline
from timelines import seconds, timelines


def tallied(truth, found):
    tally = Tally()
    tally.add(truth, found)
    return tally.figures()


@given(timelines())
def test_the_truth_is_perfect(score):
    figures = tallied(score, score)
    for name, value in figures.items():
        assert math.isnan(value) or value == 1, name
    assert bool(score.stages) == (figures["f1"] == 1)


@given(timelines(), timelines())
def test_f1_is_symmetric_and_between_0_and_1(a, b):
    one, other = tallied(a, b), tallied(b, a)
    if a.stages or b.stages:
        assert 0 <= one["f1"] <= 1
        assert one["f1"] == other["f1"]
    assert (one["precision"] == other["recall"]) or math.isnan(one["precision"])


@given(seconds(), seconds(0.1, 9), seconds(), seconds(0.1, 9))
def test_overlap_is_intersection_over_union(a, a_length, b, b_length):
    one, other = Stage(a, a + a_length, "walk"), Stage(b, b + b_length, "walk")
    grid = [i / 1000 for i in range(0, 70_000, 50)]
    inside = [(one.start_s <= t < one.end_s, other.start_s <= t < other.end_s) for t in grid]
    union = sum(x or y for x, y in inside)
    counted = sum(x and y for x, y in inside) / union if union else 0
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, other) == pytest.approx(counted, abs=0.15 / min(a_length, b_length))


def test_half_the_time_in_common_is_enough_and_less_is_not():
    truth = [Stage(0, 2, "walk")]
    assert matched(truth, [Stage(1, 2, "walk")])
    assert not matched(truth, [Stage(1.01, 2, "walk")])
    assert not matched(truth, [Stage(0, 2, "run")])


def test_a_stage_counts_once_and_the_most_pairs_are_made():
    truth = [Stage(0, 2, "wave", side="right"), Stage(2, 4, "wave", side="right")]
    whole = [Stage(0, 4, "wave", side="right")]
    assert len(matched(truth, whole)) == 1
    assert len(matched(whole, truth)) == 1
    # greedy by best overlap would give the first true stage to the second found one and leave the second true stage alone
    found = [Stage(0, 1.2, "walk"), Stage(0.1, 2.1, "walk")]
    true = [Stage(0, 2, "walk"), Stage(1.2, 2.4, "walk")]
    assert len(matched([true[0], Stage(0.2, 3, "walk")], found)) == 2


@pytest.mark.parametrize(
    ("change", "name"),
    [({"side": "left"}, "side"), ({"direction": "left"}, "direction"), ({"count": 4}, "count"), ({"count": None}, "count")],
)
def test_a_wrong_attribute_costs_only_itself(change, name):
    true = Stage(0, 2, "kick", side="right", direction="forward", count=3)
    figures = tallied(Timeline((true,)), Timeline((true.with_(**change),)))
    assert figures["f1"] == 1
    assert {n: v for n, v in figures.items() if v != 1} == {name: 0}


def test_what_is_not_told_is_not_asked():
    figures = tallied(Timeline((Stage(0, 2, "kick"),)), Timeline((Stage(0, 2, "kick", side="left", count=2),)))
    assert math.isnan(figures["side"])
    assert math.isnan(figures["count"])


def test_what_was_seen_instead():
    tally = Tally()
    truth = Timeline((Stage(0, 2, "squat"), Stage(3, 4, "clap"), Stage(5, 6, "nod")))
    tally.add(truth, Timeline((Stage(0.1, 2, "crouch"), Stage(3, 4, "wave", side="left"), Stage(5, 6, "wave", side="left"))))
    assert tally.confused == {("squat", "crouch"): 1, ("clap", "wave"): 1, ("nod", "nothing"): 1}
    rows = tally.by_verb()
    assert rows["squat"]["recall"] == 0
    assert rows["wave"]["found"] == 2


@given(st.lists(timelines(), max_size=4))
def test_tallies_add_up(scores):
    tally = Tally()
    for score in scores:
        tally.add(score, score, but=("walk",))
    assert sum(tally.true.values()) == sum(s.verb != "walk" for score in scores for s in score.stages)
