"""What a patch does to a timeline, by examples and by properties on random timelines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinelang.editing import apply, diff
from kinelang.editing.applying import trace
from kinelang.editing.patch import Add, Change, Mirror, Move, Patch, Remove, Retime, Text, Transition
from kinelang.errors import TimelineError
from kinelang.timeline import Timeline, from_text, perform, random_timeline, to_text

LINES = (
    "0.50-3.50 walk direction=forward count=5\n1.00-3.00 wave side=right count=3\n"
    "4.00-5.50 turn direction=left amount=90\n5.60-7.00 kick side=left count=1\n"
)
SCORE = from_text(LINES)


def lines(timeline: Timeline) -> list[str]:
    return to_text(timeline).splitlines()[1:]


def edited(*operations) -> Timeline:
    return apply(SCORE, Patch(operations))


def times(timeline: Timeline) -> list[tuple[str, float, float]]:
    return [(s.verb, s.start_s, s.end_s) for s in timeline.stages]


def test_a_stage_that_becomes_longer_shifts_what_comes_after_it_and_nothing_else():
    made = edited(Retime("walk", seconds=4.0))
    assert times(made) == [("walk", 0.5, 4.5), ("wave", 1.0, 3.0), ("turn", 5.0, 6.5), ("kick", 6.6, 8.0)]
    assert made.duration_s == 8.0


def test_a_stage_that_becomes_shorter_than_what_is_done_within_it_draws_this_together():
    made = edited(Retime("walk", seconds=1.5))
    assert times(made) == [("walk", 0.5, 2.0), ("wave", 0.75, 1.75), ("turn", 2.5, 4.0), ("kick", 4.1, 5.5)]


def test_what_is_done_beside_something_longer_has_room():
    assert times(edited(Retime("wave", seconds=2.4)))[2:] == times(SCORE)[2:]
    assert times(edited(Retime("wave", seconds=4.0)))[2:] == [("turn", 5.5, 7.0), ("kick", 7.1, 8.5)]


def test_what_follows_with_the_same_arm_gives_way():
    score = from_text("0-6 walk\n1-2 wave side=right\n2.5-4 salute side=right\n6-7 jump\n")
    made = apply(score, Patch((Retime("wave", seconds=2.5),)))
    assert times(made) == [("walk", 0, 6), ("wave", 1, 3.5), ("salute", 3.5, 5.0), ("jump", 6, 7)]


def test_a_count_and_a_speed_change_the_length():
    assert edited(Change("kick", set=(("count", 2),))).stages[-1].duration_s == pytest.approx(2.593, abs=0.01)
    assert edited(Change("kick", set=(("speed", 2.0),))).stages[-1].duration_s == pytest.approx(0.7)
    assert edited(Change("kick", set=(("side", "right"),))).stages[-1].duration_s == pytest.approx(1.4)


def test_steps_and_metres_of_a_gait_go_together():
    score = from_text("0-3 walk count=4 amount=2.4\n")
    made = apply(score, Patch((Change(1, times=(("amount", 1.5),)),))).stages[0]
    assert (made.count, made.amount) == (6, pytest.approx(3.6))
    made = apply(score, Patch((Change(1, set=(("count", 2),)),))).stages[0]
    assert (made.count, made.amount) == (2, pytest.approx(1.2))


def test_another_verb_keeps_what_it_can_have():
    made = edited(Change("kick", set=(("verb", "punch"),))).stages[-1]
    assert (made.verb, made.side, made.count) == ("punch", "left", 1)
    made = edited(Change("turn", set=(("verb", "walk"),))).stages[2]
    assert (made.direction, made.amount) == ("left", None)


def test_a_value_that_the_verb_cannot_have_is_an_error_that_names_the_operation():
    with pytest.raises(TimelineError, match="operation 2, change.*'turn', side"):
        edited(Remove("wave"), Change("turn", set=(("side", "left"),)))
    with pytest.raises(TimelineError, match="not counted"):
        edited(Change("turn", plus=(("count", 1),)))
    with pytest.raises(TimelineError, match="at least 1"):
        edited(Change("kick", plus=(("count", -1),)))


@pytest.mark.parametrize("ref", [9, "jump", "kick#2"])
def test_a_stage_that_is_not_there_is_an_error_that_lists_those_that_are(ref):
    with pytest.raises(TimelineError, match="1 walk forward 5 steps, 2 wave right ×3"):
        edited(Remove(ref))


def test_a_verb_that_is_there_twice_needs_its_number():
    score = from_text("0-1 kick\n1-2 kick\n2-3 jump")
    with pytest.raises(TimelineError, match="say which: kick#1, kick#2"):
        apply(score, Patch((Remove("kick"),)))
    assert lines(apply(score, Patch((Remove("kick#2"),)))) == ["0.00-1.00 kick", "1.00-2.00 jump"]


def test_two_actions_of_one_limb_at_once_are_an_error_with_a_remedy():
    with pytest.raises(TimelineError, match=r"left leg.*use another limb"):
        edited(Add("jump", "while", "walk"))


def test_an_arm_that_is_busy_is_replaced_by_the_other_and_this_is_said():
    traced = trace(SCORE, Patch((Add("raise_arm", "while", "walk"),)))
    assert next(s for s in traced.timeline.stages if s.verb == "raise_arm").side == "left"
    assert "left" in traced.notes[0]


def test_what_needs_both_arms_waits_until_they_are_free():
    score = from_text("0-6 walk\n0-2 wave side=right\n")
    traced = trace(score, Patch((Add("clap", "while", "walk", seconds=2.0),)))
    assert times(traced.timeline)[-1] == ("clap", 2.0, 4.0)
    assert traced.notes


def test_after_a_wave_while_walking_is_while_walking_if_the_arms_are_free():
    score = from_text("0-6 walk\n1-3 wave\n6-7 jump")
    assert times(apply(score, Patch((Add("salute", "after", "wave", seconds=2.0),))))[2] == ("salute", 3, 5)
    made = apply(score, Patch((Add("squat", "after", "wave", seconds=2.0),)))
    assert times(made)[2:] == [("squat", 6, 8), ("jump", 8, 9)]


def test_moving():
    assert [s.verb for s in edited(Move("kick", "start")).stages] == ["kick", "walk", "wave", "turn"]
    assert [s.verb for s in edited(Move("walk", "end")).stages] == ["turn", "kick", "walk", "wave"]
    assert [s.verb for s in edited(Move("kick", "before", "turn")).stages] == ["walk", "wave", "kick", "turn"]
    swapped = edited(Move("walk", "swap", "kick"))
    assert [s.verb for s in swapped.stages] == ["kick", "turn", "walk", "wave"]
    assert swapped.duration_s == SCORE.duration_s
    beside = edited(Move("wave", "while", "kick")).stages
    assert {(s.verb, s.start_s) for s in beside[-2:]} == {("kick", 5.6), ("wave", 5.6)}


def test_moving_in_time_pushes_what_is_in_the_way():
    assert times(edited(Move("turn", by_s=1.0)))[2:] == [("turn", 5.0, 6.5), ("kick", 6.6, 8.0)]
    assert times(edited(Move("wave", at_s=1.5)))[1] == ("wave", 1.5, 3.5)
    with pytest.raises(TimelineError, match="0 s or later"):
        edited(Move("walk", by_s=-1.0))


def test_a_pause():
    assert times(edited(Transition("turn", 2.0)))[2:] == [("turn", 5.5, 7.0), ("kick", 7.1, 8.5)]
    with pytest.raises(TimelineError, match="begins while"):
        edited(Transition("wave", 1.0))


def test_words_of_a_part():
    made = edited(Text("walk", "left_arm", "hangs"))
    assert made.stages[0].texts == (("left_arm", "hangs"),)
    assert apply(made, Patch((Text("walk", "left_arm", None),))) == SCORE
    with pytest.raises(TimelineError, match="no words"):
        edited(Text("walk", "left_arm", None))


def test_the_whole_in_other_time():
    made = edited(Retime(seconds=14.0))
    assert [(v, 2 * a, 2 * b) for v, a, b in times(SCORE)] == times(made)
    with pytest.raises(TimelineError, match="at least 0.05"):
        edited(Retime("walk", plus_s=-9))


def test_an_edited_stage_is_no_longer_a_detected_one():
    score = from_text("0-1 kick confidence=0.5\n1-2 jump confidence=0.7")
    made = apply(score, Patch((Change("kick", set=(("side", "left"),)),)))
    assert [s.confidence for s in made.stages] == [None, 0.7]


# --- properties

SEEDS = st.integers(0, 3000)
_VERBS = ("bow", "jump", "clap", "kick", "sit", "wave", "nod", "walk", "turn")


@given(SEEDS, st.sampled_from(_VERBS), st.sampled_from(["before", "after", "start", "end", "while"]), st.data())
@settings(max_examples=120, deadline=None)
def test_removing_what_was_added_gives_the_original_back(seed, verb, place, data):
    score = random_timeline(seed)
    anchor = None if place in ("start", "end") else data.draw(st.integers(1, len(score)))
    try:
        traced = trace(score, Patch((Add(verb, place, anchor),)))
    except TimelineError:
        assert place == "while"
        return
    new = next(i for i, row in enumerate(traced.rows, 1) if row.origin is None)
    back = apply(traced.timeline, Patch((Remove(new),)))
    assert back.duration_s == pytest.approx(score.duration_s)
    for a, b in zip(back.stages, score.stages, strict=True):
        assert (a.start_s, a.end_s) == pytest.approx((b.start_s, b.end_s))
        assert a.with_(start_s=0, end_s=1) == b.with_(start_s=0, end_s=1)


@given(SEEDS, st.data())
@settings(max_examples=60, deadline=None)
def test_one_patch_after_the_other_is_both_in_one(seed, data):
    score = random_timeline(seed)
    k = data.draw(st.integers(1, len(score)))
    one = Patch((Add("bow", "end"), Retime(k, times=1.3)))
    two = Patch((Mirror(), Change(k, times=(("speed", 0.5),)), Remove(1)))
    assert apply(score, one + two) == apply(apply(score, one), two)


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_mirroring_twice_changes_nothing_and_swapping_twice_neither(seed):
    score = random_timeline(seed)
    assert apply(score, Patch((Mirror(), Mirror()))).stages == score.stages
    ends = [(i, j) for i, a in enumerate(score.stages, 1) for j, b in enumerate(score.stages, 1) if a.end_s <= b.start_s]
    if ends and all(a.end_s <= b.start_s for a, b in zip(score.stages, score.stages[1:], strict=False)):
        i, j = ends[-1]
        once = apply(score, Patch((Move(i, "swap", j),)))
        assert once.duration_s == pytest.approx(score.duration_s)
        twice = apply(once, Patch((Move(i, "swap", j),)))
        assert [(s.verb, round(s.start_s, 4)) for s in twice.stages] == [(s.verb, round(s.start_s, 4)) for s in score.stages]


@given(SEEDS, st.floats(0.3, 3.0), st.data())
@settings(max_examples=100, deadline=None)
def test_another_length_of_one_stage_leaves_the_others_what_they_were(seed, factor, data):
    score = random_timeline(seed)
    k = data.draw(st.integers(1, len(score)))
    traced = trace(score, Patch((Retime(k, times=factor),)))
    made = {row.origin: row for row in traced.rows}
    assert made[k - 1].stage.duration_s == pytest.approx(score.stages[k - 1].duration_s * factor, abs=1e-4)
    own = score.stages[k - 1]
    for i, stage in enumerate(score.stages):
        now = made[i].stage
        assert (now.verb, now.side, now.count) == (stage.verb, stage.side, stage.count)
        if i != k - 1 and stage.start_s >= own.end_s - 1e-6:
            assert now.duration_s == pytest.approx(stage.duration_s)


@given(SEEDS, st.integers(0, 50))
@settings(max_examples=25, deadline=None)
def test_what_comes_out_can_be_performed(seed, k):
    score = random_timeline(seed, n_stages=2)
    made = apply(score, Patch((Change(1 + k % len(score), times=(("speed", 0.8),)), Add("wave", "end"))))
    assert perform(made, 0).duration_s == pytest.approx(made.duration_s, abs=0.06)


@given(SEEDS)
@settings(max_examples=40, deadline=None)
def test_nothing_differs_from_itself(seed):
    score = random_timeline(seed)
    assert diff(score, score) == ("Nothing changes.",)
