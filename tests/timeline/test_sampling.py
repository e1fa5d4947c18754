"""Drawn timelines: plausible, in postures that follow, the same for the same seed."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest

from kinelang.errors import TimelineError
from kinelang.timeline import Stage, Timeline, random_timeline
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.sampling import TARGETS, WEIGHTS, combination
from timeline.stand_ins import ACTIONS_OF_ALL_VERBS

LOW = ("sit", "kneel", "lie")


def drawn(seed: int, **options) -> Timeline:
    return random_timeline(seed, actions=ACTIONS_OF_ALL_VERBS, **options)


def test_one_seed_one_timeline() -> None:
    assert drawn(3) == drawn(3)
    assert drawn(3) == random_timeline(np.random.default_rng(3), actions=ACTIONS_OF_ALL_VERBS)
    assert len({drawn(seed) for seed in range(50)}) == 50


def test_they_are_of_the_performable_actions_and_fit_into_the_time() -> None:
    for seed in range(200):
        timeline = random_timeline(seed, duration=(3.0, 6.0))
        assert set(timeline.verbs) <= set(ACTIONS)
        assert len(timeline) >= 1
        if len(timeline) > 1:
            assert timeline.duration_s <= 6.0 + 0.5 + 1e-9


@pytest.mark.parametrize("wanted", [1, 3, 6])
def test_as_many_stages_as_asked_for(wanted: int) -> None:
    for seed in range(40):
        assert len(drawn(seed, n_stages=wanted, overlap=0.0)) == wanted


def test_nobody_stands_up_who_has_not_gone_down() -> None:
    seen = 0
    for seed in range(600):
        low = False
        for stage in drawn(seed, n_stages=5, verbs=[*LOW, "stand_up", "walk", "wave"]).stages:
            if stage.verb == "stand_up":
                assert low, seed
                seen += 1
            if stage.verb == "walk":
                assert not low, seed
            low = stage.verb in LOW or (low and stage.verb == "wave")
    assert seen > 100


def test_an_arm_is_lowered_only_after_it_was_raised_and_on_that_side() -> None:
    seen = 0
    for seed in range(400):
        stages = drawn(seed, n_stages=4, verbs=["raise_arm", "lower_arm", "walk"], overlap=0).stages
        for last, stage in itertools.pairwise(stages):
            if stage.verb == "lower_arm":
                assert last.verb == "raise_arm"
                assert stage.side == last.side or last.side not in ("left", "right", "both")
                seen += 1
    assert seen > 50


def test_what_goes_on_at_one_time_uses_other_parts_and_lies_within() -> None:
    beside = 0
    for seed in range(300):
        timeline = drawn(seed)  # two stages on one part would be refused by Timeline
        for i, stage in enumerate(timeline.stages):
            for other in timeline.stages[i + 1 :]:
                if other.start_s < stage.end_s - 1e-9:
                    assert not set(stage.parts) & set(other.parts)
                    beside += 1
    assert 40 < beside < 400


def test_fields_are_given_in_part_of_the_cases_and_both_sides_alike() -> None:
    stages = [stage for seed in range(1500) for stage in drawn(seed).stages]
    for name, able in (
        ("side", lambda s: s.lexeme.sides),
        ("direction", lambda s: s.lexeme.directions),
        ("count", lambda s: s.lexeme.counted),
        ("speed", lambda s: True),
        ("amount", lambda s: s.lexeme.amount_unit),
        ("target", lambda s: s.lexeme.target and s.verb in TARGETS),
        ("path", lambda s: s.lexeme.paths),
    ):
        given = np.mean([getattr(s, name) is not None for s in stages if able(s)])
        assert 0.1 < given < 0.9, name
    sides = Counter(s.side for s in stages)
    assert 0.85 < sides["left"] / sides["right"] < 1.18


def test_numbers_are_within_the_actions_ranges() -> None:
    for seed in range(400):
        for stage in drawn(seed).stages:
            action = ACTIONS_OF_ALL_VERBS[stage.verb]
            assert stage.count is None or action.count[0] <= stage.count <= action.count[1]
            assert stage.speed is None or action.speed[0] <= stage.speed <= action.speed[1]
            assert stage.amount is None or stage.lexeme.amount_unit == "deg" or action.amount[0] <= stage.amount <= action.amount[1]
            assert round(stage.start_s / 0.05) * 0.05 == pytest.approx(stage.start_s)


def test_a_turn_of_more_degrees_takes_longer() -> None:
    turns = [s for seed in range(300) for s in drawn(seed, n_stages=1, verbs=["turn"]).stages if s.amount and not s.speed]
    by_amount = {a: np.mean([s.duration_s for s in turns if s.amount == a]) for a in (45.0, 90.0, 180.0)}
    assert by_amount[45.0] < by_amount[90.0] < by_amount[180.0]


def test_verbs_come_as_often_as_people_tell_of_them() -> None:
    count = Counter(s.verb for seed in range(800) for s in drawn(seed).stages)
    assert count.most_common(1)[0][0] == "walk"
    assert count["turn"] > count["salute"]
    assert set(WEIGHTS) <= set(ACTIONS_OF_ALL_VERBS)


def test_unknown_verbs_and_none_to_start_with_are_refused() -> None:
    with pytest.raises(TimelineError, match="'wlk'"):
        drawn(0, verbs=["wlk"])
    with pytest.raises(TimelineError, match="start from standing"):
        drawn(0, verbs=["stand_up"])


def test_the_combination_is_of_verbs_sides_and_directions() -> None:
    timeline = Timeline((Stage(0, 1, "walk", direction="left"), Stage(1, 2, "kick", side="left", count=2)))
    assert combination(timeline) == {("walk", "", "left"), ("kick", "left", "")}
    assert combination(timeline) == combination(Timeline((Stage(1, 2, "walk", direction="left"), Stage(2, 3, "kick", side="left"))))
    assert combination(timeline) != combination(timeline.mirrored())
