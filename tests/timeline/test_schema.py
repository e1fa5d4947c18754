"""Stages and timelines: what they refuse, and that mirroring and shifting are what they say."""

import pytest
from hypothesis import given

from kinelang.errors import TimelineError
from kinelang.language.lexicon import DIRECTIONS, PARTS, PATHS, SIDES, VERBS
from kinelang.timeline import Stage, Timeline
from timelines import stages, timelines


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"verb": "wlak"}, "did you mean walk"),
        ({"verb": ""}, "one of the"),
        ({"verb": "wave", "side": "up"}, "one of left, right, both"),
        ({"verb": "clap", "side": "left"}, "none: this verb has none"),
        ({"verb": "walk", "side": "both"}, "one of left, right"),
        ({"verb": "walk", "direction": "sideways"}, "(unknown)"),
        ({"verb": "nod", "direction": "left"}, "none"),
        ({"verb": "walk", "path": "triangle"}, "one of straight"),
        ({"verb": "walk", "style": "blue"}, "one of happy"),
        ({"verb": "walk", "count": 0}, "at least 1"),
        ({"verb": "walk", "count": 2.5}, "whole number"),
        ({"verb": "walk", "count": True}, "whole number"),
        ({"verb": "sit", "count": 2}, "not counted"),
        ({"verb": "turn", "amount": -90.0}, "a number from"),
        ({"verb": "turn", "amount": float("nan")}, "a number from"),
        ({"verb": "clap", "amount": 1.0}, "this verb has none"),
        ({"verb": "walk", "speed": 0}, "a number from"),
        ({"verb": "walk", "confidence": 1.2}, "a number from 0 to 1"),
        ({"verb": "walk", "target": "  "}, "words, or none"),
        ({"verb": "walk", "parts": ("tail",)}, "one of root"),
        ({"verb": "walk", "texts": (("tail", "wags"),)}, "one of root"),
        ({"verb": "walk", "start_s": -1.0}, "a number from 0"),
        ({"verb": "walk", "start_s": "0"}, "a number from 0"),
        ({"verb": "walk", "end_s": float("inf")}, "a number from 0"),
        ({"verb": "walk", "end_s": 0.0}, "an end after the start"),
    ],
)
def test_impossible_stages_are_refused_with_a_remedy(fields, told):
    with pytest.raises(TimelineError, match=r"^stage") as error:
        Stage(**({"start_s": 0.0, "end_s": 2.0} | fields))
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_stages_overlap_only_on_different_body_parts():
    walk, wave = Stage(0, 4, "walk"), Stage(1, 3, "wave", side="right")
    assert Timeline((walk, wave)).stages == (walk, wave)
    with pytest.raises(TimelineError, match="both with root, left_leg, right_leg"):
        Timeline((walk, Stage(3.5, 5, "run")))
    with pytest.raises(TimelineError, match="right_arm"):
        Timeline((wave, Stage(2, 3, "clap")))
    assert len(Timeline((wave, Stage(2, 3, "wave", side="left")))) == 2
    assert len(Timeline((walk, Stage(4, 5, "run")))) == 2, "touching is not overlapping"


def test_a_timeline_is_sorted_and_as_long_as_its_last_stage():
    late, early = Stage(3, 4.5, "bow"), Stage(0, 2, "walk")
    score = Timeline((late, early))
    assert score.stages == (early, late)
    assert score.duration_s == 4.5
    assert Timeline((early,), duration_s=9).duration_s == 9
    with pytest.raises(TimelineError, match=r"at least 4\.5"):
        Timeline((late,), duration_s=3)


@given(timelines())
def test_mirroring_twice_gives_the_timeline_back(score):
    mirrored = score.mirrored()
    assert mirrored.mirrored() == score
    other = {"left": "right", "right": "left"}
    for stage, image in zip(score.stages, mirrored.stages, strict=True):  # one after the other: the order stays
        assert (image.verb, image.start_s, image.end_s) == (stage.verb, stage.start_s, stage.end_s)
        assert image.side == other.get(stage.side, stage.side)
        assert {p.replace("left", "right") for p in image.parts} == {p.replace("left", "right") for p in stage.parts}


@given(stages())
def test_a_shifted_stage_keeps_everything_but_its_time(stage):
    later = stage.shifted(2.5)
    assert later.start_s == stage.start_s + 2.5
    assert later.with_(start_s=stage.start_s, end_s=stage.end_s, evidence=stage.evidence) == stage
    assert [e.start_s for e in later.evidence] == [e.start_s + 2.5 for e in stage.evidence]


@given(stages())
def test_the_brief_form_names_verb_side_and_count(stage):
    brief = stage.brief()
    assert brief.startswith(stage.lexeme.base)
    assert stage.side is None or stage.side in brief
    assert stage.count is None or str(stage.count) in brief


def test_a_new_side_gives_new_parts():
    assert Stage(0, 1, "wave", side="left").parts == ("left_arm",)
    assert Stage(0, 1, "wave", side="left").with_(side="both").parts == ("left_arm", "right_arm")
    assert Stage(0, 1, "wave", side="left", parts=("left_arm", "head")).with_(count=2).parts == ("head", "left_arm")


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS.keys())
def test_every_verb_of_the_lexicon_is_well_formed(verb):
    assert verb.parts
    assert set(verb.parts) <= {*PARTS, "arm", "leg"}
    assert set(verb.sides) <= set(SIDES)
    assert set(verb.directions) <= set(DIRECTIONS)
    assert set(verb.paths) <= set(PATHS)
    assert verb.counted in ("", "steps", "times")
    assert verb.amount_unit in ("", "m", "deg", "ratio")
    assert verb.babel
    for side in (*verb.sides, None):
        assert verb.parts_of(side)
    mirror = {"left": "right", "right": "left"}
    assert {mirror.get(side, side) for side in verb.sides} == set(verb.sides), "a verb that goes to one side goes to the other"
    flipped = {d.replace("left", "?").replace("right", "left").replace("?", "right") for d in verb.directions}
    assert flipped == set(verb.directions)
