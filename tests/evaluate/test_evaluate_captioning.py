"""Captioners judged: figures by hand, and what no captioner may gain by."""

import numpy as np
import pytest

from kinelang.errors import KinelangError
from kinelang.evaluate.captioning import PEOPLE, TEXT, TRUE, Said, hits_in_batches, judge, matching, narrated, nearest, text_metrics
from kinelang.evaluate.clips import Clip
from kinelang.metrics.captioning import BertModel
from kinelang.metrics.intervals import over_replications
from kinelang.metrics.motion_text import r_precision
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


def numbered(n):
    return [Clip(str(i), f"recording {i // 2}", ("a",), np.full((20, 263), i)) for i in range(n)]


def at_once(figure, n):
    """A figure of all clips, each once."""
    return float(figure(np.ones((1, n)))[0])


def test_the_matcher_is_asked_in_batches_where_there_are_enough():
    own = numbered(64)
    right = {name: at_once(figure, 64) for name, figure in matching([f"number {i}" for i in range(64)], own, Matcher()).items()}
    assert right == {"MM-Dist": 0, "R-precision 1": 100, "R-precision 2": 100, "R-precision 3": 100}
    wrong = {name: at_once(figure, 64) for name, figure in matching([f"number {i ^ 1}" for i in range(64)], own, Matcher()).items()}
    assert wrong["MM-Dist"] == pytest.approx(np.sqrt(2))
    assert wrong["R-precision 1"] < 5
    assert set(matching(["number 1"] * 31, own[:31], Matcher())) == {"MM-Dist"}
    assert len(matching(["number 1"] * 32, own[:32], Matcher())) == 4


@pytest.mark.parametrize("n", [32, 63, 70])
def test_the_share_of_hits_is_the_r_precision_over_the_replications(n):
    rng = np.random.default_rng(0)
    motions = rng.normal(size=(n, 8))
    texts = motions + rng.normal(size=(n, 8))
    hits, asked = hits_in_batches(texts, motions)
    assert asked.sum() == 20 * 32 * (n // 32)
    assert (hits[0] <= hits[1]).all()
    assert (hits <= asked).all()
    for k in (1, 2, 3):
        published = over_replications(lambda rng, k=k: r_precision(texts, motions, rng, k), 20)
        assert hits[k - 1].sum() / asked.sum() == pytest.approx(published.value)


def test_what_the_matcher_finds_has_intervals_and_differences():
    own = numbered(70)
    first = Said("first", {}, lambda given: [f"number {clip.id}" for clip in given])
    worse = Said("worse", {}, lambda given: [f"number {int(clip.id) if int(clip.id) % 2 else 99}" for clip in given])
    alike = Said("alike", {}, worse.say)
    judged = judge([first, worse, alike], own, matcher=Matcher(), rounds=50)
    for name in ("MM-Dist", "R-precision 1", "R-precision 2", "R-precision 3"):
        for one in judged:
            assert one.figures[name].low <= one.figures[name].value <= one.figures[name].high
            for other, figures in one.minus.items():
                (before,) = (two for two in judged if two.name == other)
                assert figures[name].value == pytest.approx(one.figures[name].value - before.figures[name].value)
        same = judged[2].minus["worse"][name]
        assert (same.value, same.low, same.high) == (0, 0, 0)  # the same shuffles, and paired
        assert judged[1].minus["first"][name].apart_from_zero
    assert judged[1].figures["R-precision 1"].low < judged[1].figures["R-precision 1"].high


def test_recordings_are_drawn_whole():
    """A caption of each recording finds its clip and one does not: a draw of whole recordings always finds half of them."""
    own = numbered(64)
    half = Said("half", {}, lambda given: [f"number {int(clip.id) if int(clip.id) % 2 else 99}" for clip in given])
    (found,) = judge([half], own, matcher=Matcher(), rounds=50)
    distance = found.figures["MM-Dist"]
    assert distance.value == pytest.approx(distance.low) == pytest.approx(distance.high) == pytest.approx(np.sqrt(2) / 2)


def test_metrics_that_cannot_be_had_are_left_out_with_a_line(monkeypatch):
    monkeypatch.setenv("PATH", "")
    metrics, notes = text_metrics()
    assert metrics == TEXT
    assert len(notes) == 1
    assert notes[0].startswith("without METEOR: ")
    assert "\n" not in notes[0]
    with pytest.raises(KinelangError, match="no such folder"):
        text_metrics(BertModel("no such folder"))
    (found,) = judge([RIGHT], clips(), metrics=metrics, rounds=20)
    assert list(found.figures)[:6] == list(TEXT)
    for name in TEXT[:5]:
        assert found.figures[name].value == pytest.approx(100)


def test_meteor_is_drawn_and_subtracted_like_the_others():
    metrics, notes = text_metrics()
    if notes:
        pytest.skip(notes[0])
    assert metrics == (*TEXT, "METEOR")
    right, other = judge([RIGHT, OTHER_SIDE], clips(), metrics=metrics, rounds=20)
    assert right.figures["METEOR"].value == pytest.approx(100)
    assert other.minus["right"]["METEOR"].high < 0


class Half:
    """Stands for a model of BERTScore: half of what a perfect caption gets."""

    def score(self, candidates, references):
        return np.array([0.5 * (text in several) for text, several in zip(candidates, references, strict=True)])

    def about(self):
        return "half"


def test_bert_score_where_a_model_is_given(monkeypatch):
    monkeypatch.setenv("PATH", "")  # METEOR's program takes seconds
    metrics, _ = text_metrics(Half())
    assert metrics[-1] == "BERTScore"
    (found,) = judge([RIGHT], clips(), metrics=("BERTScore",), bert=Half(), rounds=20)
    assert found.figures["BERTScore"].value == found.figures["BERTScore"].low == 50


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
