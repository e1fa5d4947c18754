"""What a prompt is read as: stages, the words of every interval, and what was not understood or cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.errors import KinelangError, TimelineError
from kinelang.generating.reading import LONGEST_S, SHORTEST_S, read, stretched, told
from kinelang.models.finemogen.groups import PARTS
from kinelang.timeline import Stage, Timeline, from_text
from timelines import timelines


def test_a_text_of_one_stage_is_told_in_its_own_words():
    wanted = read("a person  walks forward")
    assert wanted.text == "a person walks forward"
    assert [t.overall for t in wanted.told] == ["a person walks forward"]
    assert wanted.told[0].parts[PARTS.index("left_leg")]
    assert wanted.notes == ()


def test_a_text_of_several_stages_is_told_one_by_one():
    wanted = read("a person walks forward, then waves with the left hand")
    assert [s.verb for s in wanted.timeline.stages] == ["walk", "wave"]
    first, second = wanted.told
    assert "walk" in first.overall
    assert "wave" not in first.overall
    assert "wave" in second.overall
    assert "left" in second.parts[PARTS.index("left_arm")]


def test_what_is_understood_in_part_is_noted():
    wanted = read("a person walks and contemplates life")
    assert [s.verb for s in wanted.timeline.stages] == ["walk"]
    assert wanted.notes == ("Not understood as motion, left to the model: 'contemplates life' (unknown word).",)
    assert [t.overall for t in wanted.told] == ["a person walks and contemplates life"]


@pytest.mark.parametrize(("seconds", "frames"), [(None, 80), (2.0, 40)])
def test_a_text_without_an_action_is_the_models_alone(seconds, frames):
    wanted = read("xyzzy", seconds)
    assert wanted.timeline.stages == ()
    assert wanted.frames == frames
    assert wanted.told[0].overall == "xyzzy"
    assert wanted.told[0].parts == ()
    assert any("No action was recognised" in note for note in wanted.notes)


@pytest.mark.parametrize(
    "text",
    [
        "raise the left arm and keep the left arm still",
        "keep the left arm still and raise the left arm",
        "the person raises the left arm, left arm still",
        "a person raises the left arm while the arms stay still",
        "raise the left arm without moving the left arm",
        "the man waves but his hands remain still",
        "wave and do not move your arms",
        "walk forward and keep your legs still",
        "a person runs with the feet still",
        "kick with the left leg while the left leg stays still",
        "nod while the head is held still",
        "Walk. Then clap while keeping both hands motionless.",
    ],
)
def test_what_is_to_move_and_to_be_still_at_once_is_refused(text):
    with pytest.raises(TimelineError, match="either to move or to be still"):
        read(text)


@pytest.mark.parametrize(
    ("text", "verbs", "sides"),
    [
        ("wave with the right hand, left arm still", ["wave"], ["right"]),
        ("wave with the right hand while keeping the left arm still", ["wave"], ["right"]),
        ("walk with the arms still", ["walk"], [None]),
        ("kick with the left leg and keep the right leg still", ["kick"], ["left"]),
        ("raise the left arm, then keep the left arm still", ["raise_arm"], ["left"]),
        ("stand on the left leg and keep the right leg still", ["balance"], ["left"]),
    ],
)
def test_a_limb_that_nothing_moves_may_be_still(text, verbs, sides):
    wanted = read(text)
    assert [s.verb for s in wanted.timeline.stages] == verbs
    assert [s.side for s in wanted.timeline.stages] == sides
    assert any(note.startswith("To be still") for note in wanted.notes)


def test_standing_still_is_no_limb_that_is_still():
    assert [s.verb for s in read("she stands still and then waves").timeline.stages] == ["stand", "wave"]


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_text_is_refused(text):
    with pytest.raises(KinelangError, match="found an? (empty )?text"):
        read(text)


@pytest.mark.parametrize("seconds", [0, 0.1, -1, 601, 1000, float("nan"), float("inf")])
def test_lengths_that_cannot_be_are_refused(seconds):
    with pytest.raises(TimelineError, match="seconds: found"):
        read("walk", seconds)


@pytest.mark.parametrize("seconds", [SHORTEST_S, 3.3, LONGEST_S])
def test_a_text_takes_as_long_as_is_asked(seconds):
    wanted = read("a person walks forward, then waves", seconds)
    assert wanted.frames == round(seconds * 20)
    assert wanted.timeline.duration_s == seconds


def test_timelines_that_cannot_be_are_refused():
    with pytest.raises(TimelineError, match="no stage and no duration"):
        read(Timeline())
    long = Timeline((Stage(0, 700, "walk"),))
    with pytest.raises(TimelineError, match="700 s"):
        read(long)
    assert read(long, 10).frames == 200
    assert read(Timeline((), duration_s=2.0)).told[0].overall == "the person stands still"


def test_the_notes_of_a_timeline_stay():
    assert read(Timeline((Stage(0, 2, "walk"),), notes=("made up",))).notes == ("made up",)


def test_words_of_ones_own_for_a_part_reach_that_part():
    texts = tuple((part, f"words of {part}") for part in PARTS)
    rows = told(Timeline((Stage(0, 2, "walk", parts=PARTS, texts=texts),)))
    assert rows[0].parts == tuple(f"words of {part}" for part in PARTS)


def test_stretching_keeps_all_but_the_times():
    score = from_text("0-2 walk direction=forward count=4\n1-2 wave side=left count=3\n2.5-3 kick side=right\n")
    twice = stretched(score, 6)
    assert [(s.start_s, s.end_s) for s in twice.stages] == [(0, 4), (2, 4), (5, 6)]
    assert [s.with_(start_s=0, end_s=1, parts=s.parts) for s in twice.stages] == [
        s.with_(start_s=0, end_s=1, parts=s.parts) for s in score.stages
    ]
    assert stretched(Timeline((), duration_s=0.0), 3).duration_s == 3


@given(timelines(), st.none() | st.floats(SHORTEST_S, 40))
def test_rows_cover_the_frames_exactly(timeline, seconds):
    if seconds is None and not SHORTEST_S <= timeline.duration_s <= LONGEST_S:
        return
    if not timeline.stages and not timeline.duration_s:
        return
    wanted = read(timeline, seconds)
    length = timeline.duration_s if seconds is None else seconds
    assert wanted.frames == round(length * 20)
    assert wanted.timeline.duration_s == pytest.approx(length)
    for row in wanted.told:
        assert row.frames >= 1
        assert row.overall.strip()
        assert len(row.parts) in (0, 7)
    assert len(wanted.timeline.stages) == len(timeline.stages)


@given(timelines())
def test_what_can_be_performed_is_a_part_of_the_stages(timeline):
    if SHORTEST_S <= timeline.duration_s <= LONGEST_S and timeline.stages:
        wanted = read(timeline)
        assert set(wanted.performable.stages) <= set(wanted.timeline.stages)
        assert wanted.performable.duration_s == wanted.timeline.duration_s


@pytest.mark.parametrize(
    "text",
    ["sit down while standing up", "raise the left arm while lowering the left arm", "turn left and turn right at the same time"],
)
def test_what_cannot_be_at_once_is_told_to_come_one_after_the_other(text):
    assert any("one after the other" in note for note in read(text).notes)


@pytest.mark.parametrize("text", ["walk forward while waving with the left hand", "walk forward, then sit down"])
def test_what_can_be_at_once_is_not_told(text):
    assert not any("one after the other" in note for note in read(text).notes)


def test_long_words_are_cut_in_notes():
    assert max(map(len, read("a" * 5000).notes)) < 200


def test_only_too_long_a_length_is_told_to_be_joined():
    with pytest.raises(TimelineError, match="join"):
        read("walk", 1000)
    with pytest.raises(TimelineError) as caught:
        read("walk", 0)
    assert "join" not in str(caught.value)
    with pytest.raises(TimelineError, match=r"found 600\.0001"):
        read("walk", 600.0001)


@pytest.mark.parametrize("seconds", [0.5, 20, 600])
def test_a_length_far_from_the_usual_is_told(seconds):
    usual = read("a person kicks").timeline.duration_s
    (note,) = read("a person kicks", seconds).notes
    assert note == f"Takes {usual:.1f} s at its usual pace; {'stretched' if seconds > usual else 'squeezed'} to {seconds:g} s."
    assert read("a person kicks", seconds, asked=False).notes == ()


@pytest.mark.parametrize("times", [0.35, 1, 2.9])
def test_a_length_near_the_usual_is_not_told(times):
    assert read("a person kicks", times * read("a person kicks").timeline.duration_s).notes == ()


def test_timelines_that_are_stretched_far_are_told():
    assert read(Timeline((Stage(0, 2, "walk"),)), 10).notes == ("Takes 2.0 s at its usual pace; stretched to 10 s.",)
    assert read(Timeline((), duration_s=2.0), 10).notes == ()


@pytest.mark.parametrize("lengths", [(2.0, 1.0, 3.0), (2.03, 1.016, 3.333), (None, None, None)])
def test_texts_in_turn_lie_one_after_the_other(lengths):
    texts = ("walk forward", "wave with the left hand", "walk forward")
    wanted = read(list(zip(texts, lengths, strict=True)))
    alone = [read(text, length) for text, length in zip(texts, lengths, strict=True)]
    assert wanted.frames == sum(one.frames for one in alone) == round(20 * wanted.timeline.duration_s)
    assert [(t.frames, t.overall) for t in wanted.told] == [(t.frames, t.overall) for one in alone for t in one.told]
    starts = [0, alone[0].frames, alone[0].frames + alone[1].frames]
    assert [stage.start_s for stage in wanted.timeline.stages] == pytest.approx([at / 20 for at in starts])
    assert [stage.verb for stage in wanted.timeline.stages] == ["walk", "wave", "walk"]
    assert wanted.whole
    assert wanted.words == texts
    assert wanted.unread == ()


def test_texts_in_turn_that_are_not_understood_are_told_by_number():
    wanted = read([("xyzzy", 2), ("walk", 2)])
    assert wanted.unread == ((0, 40),)
    assert not wanted.whole
    assert wanted.told[0].overall == "xyzzy"
    assert all(note.startswith("Text 1: ") for note in wanted.notes)


@pytest.mark.parametrize(
    ("prompt", "seconds", "said"),
    [
        ([], None, "texts in turn: found none"),
        (["walk", "wave"], None, "text 1: found 'walk'"),
        ([("walk", 2), ("wave", 1, 2)], None, "text 2: found"),
        ([("walk", 2), (3, 1)], None, "text 2: found"),
        ([("walk", 2), ("wave", 0)], None, "text 2, seconds: found 0"),
        ([("walk", 2), ("wave", "3")], None, "text 2, seconds: found '3'"),
        ([("walk", 2), ("", 2)], None, "text 2, text: found an empty text"),
        ([("walk", 2), ("raise the left arm and keep the left arm still", 2)], None, "text 2, .*either to move or to be still"),
        ([("walk", 400), ("run", 400)], None, "800 s in all"),
        ([("walk", 2)], 3.0, "seconds: found 3 beside texts in turn"),
        (None, None, "prompt: found a NoneType"),
        (7, None, "prompt: found a int"),
        (b"walk", None, "prompt: found a bytes"),
    ],
)
def test_texts_in_turn_that_cannot_be_are_refused(prompt, seconds, said):
    with pytest.raises(KinelangError, match=said):
        read(prompt, seconds)
