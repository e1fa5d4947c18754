"""`parse` on sentences with exactly what their timeline has to say."""

from __future__ import annotations

from itertools import pairwise

import pytest

from kinelang.errors import TimelineError
from kinelang.timeline import Stage, parse

FIELDS = ("side", "direction", "amount", "count", "speed", "style", "path", "target")


def said(text: str) -> list[str]:
    """The stages of a text, each as "verb field=value ..." with the fields that it has."""
    stages = parse(text).timeline.stages
    return [" ".join([s.verb, *(f"{f}={_short(getattr(s, f))}" for f in FIELDS if getattr(s, f) is not None)]) for s in stages]


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


ONE = {
    "a person walks forward": "walk direction=forward",
    "the man is walking slowly backwards": "walk direction=backward speed=0.7",
    "someone walks in a circle": "walk path=circle",
    "a person walks in a clockwise circle": "walk direction=right path=circle",
    "a figure walks counterclockwise in a circle": "walk direction=left path=circle",
    "a person walks in a zigzag": "walk path=zigzag",
    "a man walks in a half circle to the left": "walk direction=left path=curve",
    "a person walked four steps forward": "walk direction=forward count=4",
    "a person takes three steps forward": "step direction=forward count=3",
    "she takes a big step to the left": "step direction=left amount=1.5 count=1",
    "the person steps forward 4 steps starting with his left foot": "step side=left direction=forward count=4",
    "a person walks diagonally forward and to the left": "walk direction=forward_left",
    "a person starts to run": "run",
    "a man begins jogging in a hurry": "jog speed=1.4",
    "he continues walking happily": "walk style=happy",
    "a person walks like a drunk": "walk style=drunk",
    "a person walks angrily": "walk style=angry",
    "person turns left": "turn direction=left",
    "a person turns around": "turn amount=180",
    "the man turns 90 degrees to his right": "turn direction=right amount=90",
    "someone makes a quarter turn to the left": "turn direction=left amount=90",
    "a person does a 180 degree turn": "turn amount=180",
    "a person turns slightly to the left": "turn direction=left amount=30",
    "he makes a left turn": "turn direction=left",
    "a person spins clockwise twice": "spin direction=right count=2",
    "a person jumps up": "jump direction=up",
    "a person jumps three times on the spot": "jump count=3",
    "the person hops on his left foot": "hop side=left",
    "a person does two jumping jacks": "jumping_jack count=2",
    "a man performs a kick with his right leg": "kick side=right",
    "a person kicks a ball with their left foot": "kick side=left target=ball",
    "a person doing squats": "squat",
    "a person raises his right arm above his head": "raise_arm side=right direction=up",
    "both arms are raised": "raise_arm side=both",
    "a person lifts his left knee": "raise_leg side=left",
    "a person lowers both arms": "lower_arm side=both",
    "a man waves with his right hand": "wave side=right",
    "a person waves both hands several times": "wave side=both",
    "a person picks something up": "pick_up",
    "a man picks up a box with both hands": "pick_up side=both target=box",
    "a person sits down on a chair": "sit target=chair",
    "the person lies down": "lie",
    "a person gets back up": "stand_up",
    "a person crouches deeply": "crouch amount=1.5",
    "a person bends down": "bend",
    "a person puts their hands on their hips": "hands_on_hips",
    "a person throws a ball with their right hand": "throw side=right target=ball",
    "the person punches with alternating arms": "punch side=alternating",
    "a person claps their hands": "clap",
    "a person shakes his head": "shake_head",
    "a man looks to the left": "look direction=left",
    "a person nods twice": "nod count=2",
    "a person scratches their head": "scratch target=head",
    "a person stretches out their left arm": "extend_arm side=left",
    "a person makes a throwing motion with right arm": "throw side=right",
    "a person is pushed to the left": "get_pushed direction=left",
    "a person goes up the stairs": "climb direction=up",
    "a person crawls on all fours": "crawl",
    "a person walkss forwrad": "walk direction=forward",
    "a person uses his left hand to wave": "wave side=left",
    "a person crosses their arms": "cross_arms",
    "the person is walking very slowly": "walk speed=0.4",
    "a person comes to a stop": "stand",
}

SEVERAL = {
    "a person walks forward, turns around and walks back": ["walk direction=forward", "turn amount=180", "walk"],
    "he turns left, then right": ["turn direction=left", "turn direction=right"],
    "a person waves with left hand then with right hand": ["wave side=left", "wave side=right"],
    "the man sits down, then stands up": ["sit", "stand_up"],
    "before sitting down the man waves": ["wave", "sit"],
    "after sitting down he stands up": ["sit", "stand_up"],
    "he sits after walking": ["walk", "sit"],
    "a person jogs to the left then to the right": ["jog direction=left", "jog direction=right"],
    "someone raises his left arm and then lowers it": ["raise_arm side=left", "lower_arm side=left"],
    "a person squats then back up": ["squat", "stand_up"],
    "a man jumps and then stops walking": ["jump", "stand"],
    "a person raises and lowers their left arm": ["raise_arm side=left", "lower_arm side=left"],
}

TOGETHER = {
    "a person walks forward while waving with the right hand": ["walk direction=forward", "wave side=right"],
    "while walking, a person claps": ["clap", "walk"],
    "a person walks forward with arms raised": ["raise_arm side=both", "walk direction=forward"],
    "a person stands and waves": ["stand", "wave"],
    "a person walks as he looks around": ["look_around", "walk"],
}


@pytest.mark.parametrize(("text", "stage"), ONE.items())
def test_one_stage(text: str, stage: str) -> None:
    assert said(text) == [stage]
    assert parse(text).understood
    assert parse(text).verbs_understood


@pytest.mark.parametrize(("text", "stages"), SEVERAL.items())
def test_one_after_the_other(text: str, stages: list[str]) -> None:
    assert said(text) == stages
    times = [(s.start_s, s.end_s) for s in parse(text).timeline.stages]
    assert all(a[1] <= b[0] for a, b in pairwise(times))


@pytest.mark.parametrize(("text", "stages"), TOGETHER.items())
def test_at_the_same_time(text: str, stages: list[str]) -> None:
    assert sorted(said(text)) == stages
    first, second = parse(text).timeline.stages
    assert first.start_s == second.start_s


@pytest.mark.parametrize(
    ("text", "words"),
    {
        "a person walks forward without bending his knees": ["without", "bending his knees"],
        "a person flurbles": ["flurbles"],
        "eine Person geht vorwärts": ["eine", "geht vorwärts"],
        "a person walks 👍": ["👍"],
    }.items(),
)
def test_what_is_not_understood_is_listed(text: str, words: list[str]) -> None:
    parsed = parse(text)
    assert not parsed.understood
    left = " ".join(span.text for span in parsed.not_understood)
    assert all(word in left for word in words)
    assert all(parsed.text[s.start : s.end] == s.text and s.reason for s in parsed.not_understood)


def test_an_unknown_verb_is_no_verb_understood() -> None:
    assert not parse("a person flurbles").verbs_understood
    assert not parse("a person walks and then flurbles").verbs_understood
    assert parse("a person walks").verbs_understood


def test_what_is_denied_is_no_stage() -> None:
    assert said("the person was pushed but did not fall") == ["get_pushed"]


def test_told_seconds_are_kept() -> None:
    (stage,) = parse("from 1.0 s to 2.5 s the person waves").timeline.stages
    assert (stage.start_s, stage.end_s) == (1.0, 2.5)
    (stage,) = parse("a person walks for 3 seconds").timeline.stages
    assert stage.duration_s == 3.0


def test_told_times_that_clash_are_listed() -> None:
    parsed = parse("From 0 s to 2 s the person walks. From 1 s to 3 s the person jumps.")
    assert [s.verb for s in parsed.timeline.stages] == ["walk", "jump"]
    assert any("busy" in span.reason for span in parsed.not_understood)


def test_two_things_with_one_body_part_follow_each_other() -> None:
    first, second = parse("a person walks while jumping").timeline.stages
    assert first.end_s <= second.start_s


def test_a_second_hand_is_taken_where_the_side_is_not_told() -> None:
    wave = next(s for s in parse("a person drinks with the right hand while waving").timeline.stages if s.verb == "wave")
    assert wave.parts == ("left_arm",)


def test_a_longer_count_takes_longer() -> None:
    few, many = (parse(f"a person takes {n} steps").timeline.duration_s for n in ("two", "ten"))
    assert few < many


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "...", "!?", "👍", "\u200b"])
def test_no_words_no_timeline(text: str) -> None:
    with pytest.raises(TimelineError, match="words"):
        parse(text)


def test_something_that_is_no_text() -> None:
    with pytest.raises(TimelineError, match="found int"):
        parse(3)  # type: ignore[arg-type]


def test_fps_goes_to_the_timeline() -> None:
    assert parse("a person walks", fps=30).timeline.fps == 30


def test_parts_of_the_lexicon_are_used() -> None:
    (stage,) = parse("a person raises his left arm").timeline.stages
    assert stage == Stage(stage.start_s, stage.end_s, "raise_arm", side="left")
