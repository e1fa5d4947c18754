"""Timelines as JSON and as lines: round trips, and what a person may get wrong."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.errors import TimelineError
from kinelang.timeline import Stage, Timeline, from_json, from_text, load, save, to_json, to_text
from timelines import timelines

SCORE = Timeline(
    (
        Stage(0, 4, "walk", direction="forward", count=6, style="happy"),
        Stage(1, 2.5, "wave", side="right", count=3, speed=1.5),
        Stage(4.25, 5.5, "turn", direction="left", amount=90),
        Stage(5.5, 7, "pick_up", side="left", target="a 'red' ball", texts=(("head", "looks down"),)),
    ),
    duration_s=8,
    name="demo",
)

LINES = """\
# kinelang.timeline/1 fps=20 duration_s=8.00 name=demo
0.00-4.00 walk direction=forward count=6 style=happy
1.00-2.50 wave side=right count=3 speed=1.5
4.25-5.50 turn direction=left amount=90.0
5.50-7.00 pick_up side=left target='a '"'"'red'"'"' ball' head='looks down'
"""


def test_lines_are_what_a_person_would_write():
    assert to_text(SCORE) == LINES
    assert from_text(LINES) == SCORE


@given(timelines())
def test_json_gives_every_timeline_back(score):
    assert from_json(to_json(score)) == score


@given(timelines())
def test_lines_give_every_timeline_back_but_for_evidence(score):
    bare = score.with_(stages=tuple(s.with_(evidence=()) for s in score.stages))
    assert from_text(to_text(score)) == bare


def test_by_hand_without_a_head_line():
    score = from_text("\n# first we walk\n0-2 walk\n\n  2-3.5   wave   side=left\n")
    assert score == Timeline((Stage(0, 2, "walk"), Stage(2, 3.5, "wave", side="left")))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0-1 wlak", "line 1: stage, verb: found 'wlak'"),
        ("0-2 walk\n1-3 run", "both with root"),
        ("0-1 walk cuont=3", "line 1: found 'cuont'"),
        ("0-1 walk count=three", "line 1, count: found 'three'"),
        ("0-1 walk count=2.5", "whole number"),
        ("0-1 walk target='open", "quotation"),
        ("0-1 walk forward", "field=value"),
        ("walk 0-1", "START-END verb"),
        ("0 walk", "START-END verb"),
        ("-1-2 walk", "START-END verb"),
        ("3-2 walk", "an end after the start"),
        ("0-1", "stage, verb: found ''"),
        ("0-1 walk parts=tail", "one of root"),
        ("# kinelang.timeline/1 fps=fast\n0-1 walk", "fps: found 'fast'"),
        ("走る", "START-END verb"),
        ("🙂 🙂", "START-END verb"),
    ],
)
def test_a_mistake_in_lines_is_told_with_its_place(text, told):
    with pytest.raises(TimelineError) as error:
        from_text(text, "score.txt")
    assert str(error.value).startswith("score.txt")
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d.pop("schema"), "schema None"),
        (lambda d: d.update(schema="kinelang.timeline/9"), "kinelang.timeline/9"),
        (lambda d: d.pop("stages"), "no list 'stages'"),
        (lambda d: d.update(stages={"a": 1}), "no list 'stages'"),
        (lambda d: d.update(extra=1), "field 'extra'"),
        (lambda d: d["stages"].append(3), "stage 5: found int"),
        (lambda d: d["stages"][1].pop("verb"), "stage 2: found no 'verb'"),
        (lambda d: d["stages"][1].update(colour="red"), "stage 2: found field 'colour'"),
        (lambda d: d["stages"][1].update(start_s="now"), "stage 2: stage 'wave', start_s: found 'now'"),
        (lambda d: d["stages"][1].update(evidence=[{"a": 1}]), "stage 2"),
        (lambda d: d["stages"][1].update(texts=["x"]), "stage 2"),
        (lambda d: d.update(fps=-3), "fps: found -3"),
    ],
)
def test_a_mistake_in_json_is_told_with_its_place(change, told):
    data = json.loads(to_json(SCORE))
    change(data)
    with pytest.raises(TimelineError) as error:
        from_json(json.dumps(data), "score.json")
    assert str(error.value).startswith("score.json")
    assert told in str(error.value)


@given(st.text(max_size=80))
def test_no_text_does_more_than_raise_a_timeline_error(text):
    for read in (from_text, from_json):
        with suppress(TimelineError):
            assert from_json(to_json(read(text))) == read(text)


@pytest.mark.parametrize("name", ["score.json", "score.txt", "score.timeline"])
def test_files_come_back(tmp_path, name):
    save(SCORE, tmp_path / name)
    assert load(tmp_path / name) == SCORE


def test_unreadable_files_are_told(tmp_path):
    with pytest.raises(TimelineError, match="No such file"):
        load(tmp_path / "none.json")
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TimelineError, match="UTF-8"):
        load(tmp_path / "bad.txt")
