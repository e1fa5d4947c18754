"""Patches as data: the schema, ours and jsonschema's reading of it, and what a person gets wrong."""

from __future__ import annotations

import json

import jsonschema
import pytest

from kinelang.editing import patch as patches
from kinelang.editing.patch import (
    Add,
    Change,
    Mirror,
    Move,
    Patch,
    Remove,
    Retime,
    Text,
    Transition,
    from_json,
    schema,
    to_dict,
    to_json,
)
from kinelang.errors import TimelineError

GOOD = [
    {"op": "add", "verb": "sit", "place": "end"},
    {
        "op": "add",
        "verb": "kick",
        "place": "before",
        "anchor": 1,
        "side": "left",
        "count": 2,
        "amount": 1.5,
        "speed": 0.7,
        "seconds": 3,
    },
    {"op": "add", "verb": "wave", "at_s": 0, "texts": {"left_arm": "hangs"}, "style": "happy", "target": "a friend"},
    {"op": "add", "verb": "walk", "place": "while", "anchor": "wave#2", "path": "circle", "direction": "left"},
    {"op": "remove", "stage": 1},
    {"op": "remove", "stage": "kick", "close": False},
    {"op": "move", "stage": 2, "place": "swap", "anchor": 1},
    {"op": "move", "stage": 2, "place": "start"},
    {"op": "move", "stage": 2, "at_s": 3.5},
    {"op": "move", "stage": 2, "by_s": -1},
    {"op": "change", "stage": 1, "set": {"side": "left", "style": None, "verb": "punch"}},
    {"op": "change", "stage": 2.0, "times": {"amount": 1.5}, "plus": {"count": 1}},
    {"op": "text", "stage": 1, "part": "right_arm", "text": "hangs"},
    {"op": "text", "stage": 1, "part": "right_arm", "text": None},
    {"op": "retime", "seconds": 5},
    {"op": "retime", "stage": 1, "times": 0.5},
    {"op": "retime", "stage": 1, "plus_s": -2},
    {"op": "transition", "before": 2, "seconds": 0},
    {"op": "mirror"},
    {"op": "mirror", "stage": "wave"},
]
BAD = [
    ({"op": "remov", "stage": 1}, "remove"),
    ({"stage": 1}, "no 'op'"),
    ({"op": ["remove"], "stage": 1}, "op"),
    ({"op": "remove"}, "no 'stage'"),
    ({"op": "remove", "stage": 0}, "at least 1"),
    ({"op": "remove", "stage": True}, "True"),
    ({"op": "remove", "stage": 1.5}, "1.5"),
    ({"op": "remove", "stage": "Kick!"}, "Kick!"),
    ({"op": "remove", "stage": 1, "colour": "red"}, "colour"),
    ({"op": "remove", "stage": 1, "close": "no"}, "true or false"),
    ({"op": "add", "verb": "wavee", "place": "end"}, "did you mean wave"),
    ({"op": "add", "verb": "wave", "place": "before"}, "no 'anchor'"),
    ({"op": "add", "verb": "wave", "place": "sideways", "anchor": 1}, "place"),
    ({"op": "add", "verb": "wave"}, "found no"),
    ({"op": "add", "verb": "wave", "place": "end", "count": 0}, "count"),
    ({"op": "add", "verb": "wave", "place": "end", "count": 1.5}, "count"),
    ({"op": "add", "verb": "wave", "place": "end", "side": "lefty"}, "did you mean left"),
    ({"op": "add", "verb": "wave", "place": "end", "texts": {"tail": "wags"}}, "tail"),
    ({"op": "add", "verb": "wave", "place": "end", "target": "  "}, "words"),
    ({"op": "move", "stage": 1}, "found no"),
    ({"op": "move", "stage": 1, "place": "swap"}, "no 'anchor'"),
    ({"op": "change", "stage": 1}, "nothing to do"),
    ({"op": "change", "stage": 1, "set": {}}, "nothing to do"),
    ({"op": "change", "stage": 1, "set": {"verb": None}}, "verb"),
    ({"op": "change", "stage": 1, "set": {"colour": 1}}, "colour"),
    ({"op": "change", "stage": 1, "times": {"side": 2}}, "side"),
    ({"op": "change", "stage": 1, "times": {"amount": -1}}, "amount"),
    ({"op": "change", "stage": 1, "plus": {"count": 0.5}}, "count"),
    ({"op": "text", "stage": 1, "part": "tail", "text": "x"}, "part"),
    ({"op": "text", "stage": 1, "part": "head"}, "text"),
    ({"op": "retime", "stage": 1}, "found no"),
    ({"op": "retime", "stage": 1, "seconds": "x"}, "a number"),
    ({"op": "retime", "stage": 1, "seconds": 2, "times": 2}, "times"),
    ({"op": "transition", "before": 1, "seconds": -1}, "seconds"),
    ("remove", "an object"),
    (None, "an object"),
]


def _accepts(data: object) -> bool:
    try:
        patches.from_dict(data)
    except TimelineError:
        return False
    return True


@pytest.mark.parametrize("row", GOOD, ids=lambda row: f"{row['op']}-{len(row)}")
def test_what_the_schema_allows_is_read_and_written_again(row):
    data = {"operations": [row]}
    jsonschema.validate(data, schema())
    made = from_json(json.dumps(data))
    assert from_json(to_json(made)) == made
    jsonschema.validate(to_dict(made), schema())
    assert to_dict(made)["operations"] == [row]


@pytest.mark.parametrize(("row", "said"), BAD, ids=lambda value: str(value)[:40])
def test_what_it_does_not_allow_is_refused_in_one_line_that_teaches(row, said):
    data = {"operations": [row]}
    assert list(jsonschema.Draft202012Validator(schema()).iter_errors(data))
    with pytest.raises(TimelineError, match="operation 1") as caught:
        patches.from_dict(data)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "expected" in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        [], {}, {"operations": []}, {"operations": {}}, {"operations": [GOOD[0]], "more": 1}, {"operations": [GOOD[0]], "schema": "x"},
        {"operations": [GOOD[0]], "schema": "kinelang.patch/1"}, {"operations": [GOOD[0]] * 201}, "x", None, 3,
    ],
    ids=lambda data: str(data)[:30],
)  # fmt: skip
def test_ours_and_jsonschema_agree_on_the_whole(data):
    assert _accepts(data) == jsonschema.Draft202012Validator(schema()).is_valid(data)


def test_the_schema_is_a_schema_and_a_copy():
    jsonschema.Draft202012Validator.check_schema(schema())
    schema()["properties"].clear()
    assert schema()["properties"]


@pytest.mark.parametrize("text", ["", "{", "[1,", '{"operations": [{"op": "mirror", "op": "mirror"}]}', "NaN", "[" * 100_000])
def test_text_that_is_no_patch(text):
    with pytest.raises(TimelineError):
        from_json(text)


def test_numbers_that_are_none_are_refused():
    with pytest.raises(TimelineError, match="seconds"):
        from_json('{"operations": [{"op": "retime", "seconds": NaN}]}')
    with pytest.raises(TimelineError, match="seconds"):
        from_json('{"operations": [{"op": "retime", "seconds": Infinity}]}')


def test_operations_built_in_python_are_checked_too():
    with pytest.raises(TimelineError, match="stage"):
        Patch((Remove(0),))
    with pytest.raises(TimelineError, match="one of add"):
        Patch(("remove",))  # type: ignore[arg-type]


def test_patches_compose_and_are_saved(tmp_path):
    one, two = (
        Patch((Remove(1), Mirror())),
        Patch((Change(1, set=(("count", 2),)), Retime(seconds=4), Text(1, "head", None), Transition(1, 0.0))),
    )
    both = one + two + Patch((Add("sit", "end"), Move(1, by_s=1.0)))
    patches.save(both, tmp_path / "edit.json")
    assert patches.load(tmp_path / "edit.json") == both
    assert len(both) == 8


def test_a_missing_file_and_one_that_is_no_text(tmp_path):
    with pytest.raises(TimelineError, match="a patch in JSON"):
        patches.load(tmp_path / "none.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe")
    with pytest.raises(TimelineError, match="UTF-8"):
        patches.load(tmp_path / "bytes.json")


@pytest.mark.parametrize("number", [0, 201])
def test_too_few_or_many_operations_are_counted(number):
    with pytest.raises(TimelineError, match=f"found a list of {number}; expected a list of 1 to 200"):
        patches.from_dict({"operations": [{"op": "mirror"}] * number})
