"""What stays of the earlier motion."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinelang.editing import apply, kept, random_instruction, understand
from kinelang.editing.keeping import MARGIN_S
from kinelang.editing.patch import Add, Change, Mirror, Patch, Remove, Retime, Text, Transition
from kinelang.errors import KinelangError, MotionError, TimelineError
from kinelang.generating.kept import Kept
from kinelang.language.lexicon import PARTS
from kinelang.timeline import from_text, random_timeline

SCORE = from_text("0-3 walk direction=forward\n0.5-2.5 wave side=right\n3.5-5 turn direction=left\n5-6.4 kick side=left\n")
REST = tuple(p for p in PARTS if "arm" not in p)


def stays(*operations, score=SCORE):
    patch = Patch(operations)
    return kept(score, apply(score, patch), patch)


def test_what_is_done_before_an_addition_is_kept_to_its_margin():
    assert stays(Add("sit", "end")) == (Kept(PARTS, 0.0, 6.4 - MARGIN_S, 0.0),)


def test_what_comes_after_a_longer_stage_is_kept_later():
    first, second = stays(Retime("turn", seconds=2.5))
    assert (first.parts, first.start_s, first.end_s, first.at_s) == (PARTS, 0.0, 3.3, 0.0)
    assert (second.parts, second.start_s, second.end_s, second.at_s) == (PARTS, 5.2, 6.4, 6.2)


def test_another_arm_during_a_walk_keeps_everything_else():
    pieces = stays(Change("wave", set=(("side", "left"),)))
    assert pieces == (Kept(PARTS, 0.0, 0.3, 0.0), Kept(REST, 0.3, 2.7, 0.3), Kept(PARTS, 2.7, 6.4, 2.7))


def test_words_of_one_arm_touch_that_arm_alone():
    assert Kept(tuple(p for p in PARTS if p != "left_arm"), 0.0, 3.2, 0.0) in stays(Text("walk", "left_arm", "hangs"))


def test_an_edited_walk_keeps_the_arm_that_waves():
    pieces = stays(Change("walk", set=(("direction", "backward"),)))
    assert [k.parts for k in pieces if k.start_s < 2] == [("right_arm",)]
    assert pieces[-1].parts == PARTS


def test_a_mirrored_motion_keeps_nothing():
    assert stays(Mirror()) == ()


def test_a_longer_pause_keeps_both_sides_of_it():
    assert [(k.start_s, k.end_s, k.shift_s) for k in stays(Transition("kick", 1.0))] == [(0.0, 4.8, 0.0), (5.2, 6.4, 1.0)]


def test_who_no_longer_sits_does_not_keep_the_legs_of_somebody_who_sits():
    score = from_text("0-2 sit\n2-4 wave side=right\n4-6 clap")
    assert all(not {"left_leg", "torso"} & set(k.parts) for k in stays(Remove("sit"), score=score))


def test_a_timeline_that_the_patch_does_not_make_is_refused():
    with pytest.raises(TimelineError, match="apply"):
        kept(SCORE, SCORE, Patch((Remove(1),)))


@pytest.mark.parametrize(
    "fields", [((), 0, 1, 0), (("tail",), 0, 1, 0), (("head",), 1, 1, 0), (("head",), -1, 1, 0), (("head",), 0, 1, -1)]
)
def test_a_piece_that_cannot_be_is_refused(fields):
    with pytest.raises(MotionError, match="kept"):
        Kept(*fields)


@given(st.integers(0, 4000))
@settings(max_examples=120, deadline=None)
def test_pieces_lie_in_both_motions_and_never_on_each_other(seed):
    score = random_timeline(seed)
    try:
        said, _ = random_instruction(score, seed)
        patch = understand(said, score).patch
    except KinelangError:
        return
    after = apply(score, patch)
    pieces = kept(score, after, patch)
    for k in pieces:
        assert 0 <= k.start_s < k.end_s <= score.duration_s + 1e-6
        assert k.at_s >= -1e-6
        assert k.at_s + k.duration_s <= after.duration_s + 1e-6
    for i, a in enumerate(pieces):
        for b in pieces[i + 1 :]:
            if set(a.parts) & set(b.parts):
                assert min(a.at_s + a.duration_s, b.at_s + b.duration_s) <= max(a.at_s, b.at_s) + 1e-6
                assert min(a.end_s, b.end_s) <= max(a.start_s, b.start_s) + 1e-6


@given(st.integers(0, 4000), st.data())
@settings(max_examples=80, deadline=None)
def test_unedited_stages_are_kept_with_the_parts_they_use(seed, data):
    score = random_timeline(seed, n_stages=3)
    index = data.draw(st.integers(0, len(score) - 1))
    patch = Patch((Change(index + 1, times=(("speed", 0.8),)),))
    pieces = kept(score, apply(score, patch), patch)
    for i, stage in enumerate(score.stages):
        beside = any(s is not stage and s.start_s < stage.end_s and s.end_s > stage.start_s for s in score.stages)
        if i != index and not beside and stage.duration_s > 1:
            middle = (stage.start_s + stage.end_s) / 2
            assert any(set(stage.parts) <= set(k.parts) and k.start_s < middle < k.end_s for k in pieces)
        if i == index:
            middle = (stage.start_s + stage.end_s) / 2
            assert not any(set(stage.parts) & set(k.parts) and k.start_s < middle < k.end_s for k in pieces)
