"""Which sides a text names, and the test that a caption beats its twin."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.errors import KinelangError
from kinelang.evaluate.sides import beaten_twins, side_test
from kinelang.language import swap_left_right
from kinelang.language.named_sides import differ_in_side, sides_in
from shared_data import shared

OTHER = {"left": "right", "right": "left"}


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("a person walks forward", ""),
        ("raises the right arm", "right"),
        ("turns left and walks left", "left"),
        ("turns left, then right", "left right"),
        ("turns left, then right, then left", "left right left"),
        ("walks in a circle clockwise", "right"),
        ("spins Counter-Clockwise", "left"),
        ("turns to the left counter clock wise", "left"),
        ("turns anticlockwise with a left-handed wave", "left"),
        ("raises the left and the right arm", ""),
        ("sways left and right", ""),
        ("looks to the left and to the right", ""),
        ("looks left/right, then kicks with the left leg", "left"),
        ("kicks with the rigth foot", "right"),
        ("stands upright, arms at right angles, all right", ""),
        ("steps ccw", "left"),
    ],
)
def test_sides_of(text, sides):
    assert sides_in(text) == tuple(sides.split())


WORDS = [
    "left", "right", "Left", "RIGHT", "and", "or", "then", "clockwise", "counter-clockwise", "anti", "clock", "wise", "counter", "cw",
    "ccw", "an", "a", "the", "arm", "/", ",", ".", "left-handed", "rightwards", "upright", "against", "counterclockwise", "all", "up",
    "away", "before", "rigth", "lfet",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join))
def test_the_twin_names_the_other_sides(text):
    twin = swap_left_right(text)
    assert sides_in(twin) == tuple(OTHER[side] for side in sides_in(swap_left_right(twin)))
    assert differ_in_side([swap_left_right(twin)], [twin])[0, 0] == bool(sides_in(twin))


@given(st.text(max_size=40))
def test_any_text_has_its_sides(text):
    assert set(sides_in(text)) <= {"left", "right"}


def test_twins_of_human_captions_name_the_other_sides():
    clips = json.loads(shared("humanml3d_captions.json").read_text(encoding="utf-8")).values()
    captions = [text for clip in clips if clip["split"] == "val" for text in clip["captions"]]
    assert len(captions) > 1000
    for text in captions:
        assert sides_in(swap_left_right(text)) == tuple(OTHER[side] for side in sides_in(text))


def test_texts_differ_in_side_where_both_name_one():
    texts = ["kicks left", "kicks with the right leg", "a left kick", "kicks", "turns left then right"]
    different = [[0, 1, 0, 0, 1], [1, 0, 1, 0, 1], [0, 1, 0, 0, 1], [0, 0, 0, 0, 0], [1, 1, 1, 0, 0]]
    assert differ_in_side(texts).astype(int).tolist() == different
    assert differ_in_side(texts, texts[:2]).astype(int).tolist() == [row[:2] for row in different]


def test_beaten_twins_by_hand():
    found = beaten_twins(np.array([0.9, 0.5, 0.2, 0.4]), np.array([0.1, 0.5, 0.3, 0.0]))
    assert (found.pairs, found.tied, found.accuracy.value) == (4, 1, 0.5)
    assert found.accuracy.low < 0.5 < found.accuracy.high
    assert found.to_json()["accuracy"]["value"] == 0.5


def test_recordings_are_drawn_whole():
    own, twin = np.array([1.0, 1, 0, 0]), np.array([0.0, 0, 1, 1])
    assert beaten_twins(own, twin, ["a", "a", "a", "a"]).accuracy.low == 0.5


def test_any_system_can_be_asked():
    texts = ["kicks left", "walks", "kicks right", "turns left"]
    clips = ["left", "", "right", "right"]  # the last caption is wrong

    def score(captions, of):
        return np.array([float(side in caption) for caption, side in zip(captions, of, strict=True)])

    found = side_test(score, texts, clips, ["a", "b", "c", "d"])
    assert (found.pairs, found.tied) == (3, 0)
    assert found.accuracy.value == pytest.approx(2 / 3)
    blind = side_test(lambda captions, of: np.ones(len(captions)), texts, clips)
    assert (blind.accuracy.value, blind.tied) == (0, 3)
    with pytest.raises(KinelangError, match="no caption that names a side"):
        side_test(score, ["walks"], [""])
    with pytest.raises(KinelangError, match=r"\(2,\) and \(3,\)"):
        beaten_twins(np.zeros(2), np.zeros(3))
