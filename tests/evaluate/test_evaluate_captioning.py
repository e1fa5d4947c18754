"""Captioners judged: figures by hand, and what no captioner may gain by."""

import numpy as np
import pytest

from kinelang.errors import KinelangError
from kinelang.evaluate.captioning import PEOPLE, TRUE, Said, judge, matching, narrated, nearest
from kinelang.evaluate.clips import Clip
from kinelang.timeline import Stage, Timeline

TRUTHS = {
    "kick": Timeline((Stage(0, 2, "kick", side="left"),), duration_s=2),
    "wave": Timeline((Stage(0, 3, "wave", side="right"),), duration_s=3),
    "jump": Timeline((Stage(0, 2, "jump"),), duration_s=2),
}
CAPTIONS = {
    "kick": ("a person kicks with the left leg", "someone kicks with his left foot"),
    "wave": ("a person waves with the right hand", "a man waves his right hand"),
    "jump": ("a person jumps", "someone jumps"),
}


def clips(n=12, **more):
    names = [list(TRUTHS)[i % 3] for i in range(n)]
    rng = np.random.default_rng(0)
    return [
        Clip(f"{name} {i}", f"recording {i // 2}", CAPTIONS[name], rng.normal(size=(20, 263)), true=TRUTHS[name], **more)
        for i, name in enumerate(names)
    ]


def saying(name, captions):
    return Said(name, {}, lambda given: [captions[clip.id.split()[0]] for clip in given])


RIGHT = saying("right", {name: texts[0] for name, texts in CAPTIONS.items()})
OTHER_SIDE = saying(
    "other side", {"kick": "a person kicks with the right leg", "wave": "a person waves with the left hand", "jump": "a person jumps"}
)
ALIKE = saying("always alike", dict.fromkeys(TRUTHS, "a person jumps"))


def test_the_truth_in_peoples_words_is_perfect():
    (found,) = judge([RIGHT], clips(), rounds=50)
    for name in ("BLEU-1", "ROUGE-L", f"{TRUE} f1", f"{TRUE} side", f"{PEOPLE} f1", f"{PEOPLE} side"):
        assert found.figures[name].value == pytest.approx(100), name
        assert found.figures[name].low == pytest.approx(found.figures[name].high) == pytest.approx(100)
    assert found.figures["different"].value == pytest.approx(25)
    assert found.captions[0] == "a person kicks with the left leg"


def test_the_other_side_sounds_alike_and_is_wrong():
    right, other = judge([RIGHT, OTHER_SIDE], clips(), rounds=50)
    assert other.figures[f"{TRUE} side"].value == 0
    assert other.figures[f"{PEOPLE} side"].value == 0
    assert other.figures["BLEU-1"].value > 85
    for name, difference in other.minus["right"].items():
        assert difference.value == pytest.approx(other.figures[name].value - right.figures[name].value, nan_ok=True), name
    assert other.minus["right"][f"{TRUE} f1"].high < 0
    assert right.minus == {}


def test_saying_always_the_same_is_right_once_in_three():
    (found,) = judge([ALIKE], clips(), rounds=0)
    assert found.figures[f"{TRUE} precision"].value == pytest.approx(100 / 3)
    assert found.figures["different"].value == pytest.approx(100 / 12)


def test_where_nothing_was_performed_people_are_asked_alone():
    some = clips()
    some[3] = Clip("kick 3", "recording 9", CAPTIONS["kick"], some[3].features)
    (found,) = judge([RIGHT], some, rounds=0)
    assert not any(name.startswith(TRUE) for name in found.figures)
    assert found.figures[f"{PEOPLE} f1"].value == pytest.approx(100)


def test_the_order_of_clips_changes_nothing():
    own = clips()
    (first,), (second,) = judge([OTHER_SIDE], own, rounds=40), judge([OTHER_SIDE], own[::-1], rounds=40)
    for name, value in first.figures.items():
        assert value.value == pytest.approx(second.figures[name].value, nan_ok=True)
        np.testing.assert_allclose([value.low, value.high], [second.figures[name].low, second.figures[name].high])


class Matcher:
    """Reads the number in a text, and finds the number of a clip in its features."""

    def encode_texts(self, texts):
        return np.eye(100)[[int(text.split()[-1]) for text in texts]]

    def encode_features(self, features):
        return np.eye(100)[[int(clip[0, 0]) for clip in features]]


def test_the_matcher_is_asked_in_batches_where_there_are_enough():
    own = [Clip(str(i), "", ("a",), np.full((20, 263), i)) for i in range(64)]
    right = matching([f"number {i}" for i in range(64)], own, Matcher())
    assert right["MM-Dist"].value == 0
    assert right["R-precision 1"].value == 100
    wrong = matching([f"number {i ^ 1}" for i in range(64)], own, Matcher())
    assert wrong["MM-Dist"].value == pytest.approx(np.sqrt(2))
    assert wrong["R-precision 1"].value < 5
    assert set(matching(["number 1"] * 8, own[:8], Matcher())) == {"MM-Dist"}


def test_baselines():
    seen = Timeline((Stage(0, 2, "kick", side="left", confidence=0.9),), duration_s=2)
    own = clips(2, timeline=seen)
    assert all("kick" in text and "left" in text for text in narrated("label").captions(own))
    assert narrated().captions([Clip("", "", ("a",), np.zeros((20, 263)), timeline=Timeline((), duration_s=1))]) == [
        "a person stands still"
    ]

    class Nearness:
        identity = "by hand"

        def encode_features(self, features):
            return np.stack([np.eye(8)[int(clip[0, 0])] for clip in features])

    known = [Clip(str(i), "", (f"number {i}", "another"), np.full((20, 263), i)) for i in range(5)]
    asked = [Clip("", "", ("a",), np.full((20, 263), i)) for i in (3, 1)]
    assert nearest(Nearness(), known).captions(asked) == ["number 3", "number 1"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: judge([RIGHT], []), "captioning: found 0 clips"),
        (lambda: judge([RIGHT, RIGHT], clips()), "names that differ"),
        (lambda: judge([Said("mute", {}, lambda given: [])], clips()), "mute: found 0 captions; expected one for each of 12 clips"),
        (lambda: nearest(Matcher(), []), "no training clip"),
    ],
)
def test_what_cannot_be_judged(call, message):
    with pytest.raises(KinelangError, match=message):
        call()
