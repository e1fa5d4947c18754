"""Systems judged on the same clips: figures worked by hand, differences, tests of sides, and what results say of themselves."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from clip_samples import Bags, Knowing, six_clips

from kinelang import __version__
from kinelang.errors import KinelangError
from kinelang.evaluate.protocols import PROTOCOLS
from kinelang.evaluate.retrieval import KEYS
from kinelang.evaluate.searching import code_version, judge, not_comparable, sides_of
from kinelang.evaluate.systems import SYSTEMS, Setting, Vectors, systems_of

SETTING = Setting({"knowing": Knowing()}, frozenset(), Bags())
FOUR = ["all", "threshold", "threshold_sides", "identical"]


@pytest.fixture(scope="module")
def judged():
    return judge(systems_of(SETTING), six_clips(), Bags(), rounds=100)


def test_protocols_for_which_there_are_enough_clips(judged):
    assert [one.system for one in judged.judged] == ["knowing", "knowing + structure", "structure", "narrated"]
    for one in judged.judged:
        assert list(one.results) == FOUR


def test_what_knows_everything_is_perfect_and_chance_is_the_formula(judged):
    for system in judged.judged[:2]:
        for key in KEYS:  # the two captions of a clip tie, and the first of them counts
            assert system.results["all"][key] == (1 if key.endswith("MedR") else 100)
    assert judged.chance["all"]["t2m/R@1"] == pytest.approx(100 / 6)
    assert judged.chance["all"]["m2t/R@1"] == pytest.approx(100 / 6)
    result = judged.judged[0].results["all"]
    assert (result.n_texts, result.n_clips, result.n_answers) == (12, 6, 6)


def test_every_system_is_compared_with_the_first(judged):
    assert judged.judged[0].differences == {}
    for one in judged.judged[1:]:
        for protocol in FOUR:
            for key in KEYS:
                difference = one.differences["knowing"][protocol][key]
                expected = judged.judged[0].results[protocol][key] - one.results[protocol][key]
                assert difference.value == pytest.approx(expected)
                assert difference.low <= difference.value <= difference.high


def test_other_references():
    made = judge(systems_of(SETTING), six_clips(), Bags(), protocols=["all"], references=["structure", "narrated"], rounds=10)
    assert [list(one.differences) for one in made.judged] == [["structure", "narrated"]] * 2 + [["narrated"], ["structure"]]


def test_sides_by_hand():
    """Of twelve captions eight name a side. What knows stages tells them all apart, what sees no side none."""
    structure = sides_of(SYSTEMS["structure"].build(SETTING)[0], six_clips(), rounds=10)
    assert {name: (t.pairs, t.accuracy.value, t.tied) for name, t in structure.items()} == {
        "swapped text": (8, 1.0, 0),
        "mirrored clip": (8, 1.0, 0),
    }
    blind = Vectors("blind", {}, lambda texts: np.ones((len(texts), 2)), lambda clips: np.ones((len(clips), 2)))
    assert {name: (t.accuracy.value, t.tied) for name, t in sides_of(blind, six_clips(), rounds=10).items()} == {
        "swapped text": (0.0, 8),
        "mirrored clip": (0.0, 8),
    }
    knowing = sides_of(SYSTEMS["model"].build(SETTING)[0], six_clips(), rounds=10)
    assert knowing["mirrored clip"].accuracy.value == 1.0


def test_no_sides_no_test():
    sideless = replace(six_clips(), clips=six_clips().clips[:1])
    assert sides_of(SYSTEMS["structure"].build(SETTING)[0], sideless) == {}


def test_seen_clips_are_searched_but_do_not_ask():
    clips = six_clips()
    half = replace(clips, clips=tuple(replace(c, unseen=i < 3) for i, c in enumerate(clips.clips)))
    everything = judge(systems_of(SETTING), half, Bags(), protocols=["all"], gallery="all", rounds=10)
    unseen = judge(systems_of(SETTING), half, Bags(), protocols=["all"], gallery="unseen", rounds=10)
    for made, searched in ((everything, 6), (unseen, 3)):
        result = made.judged[0].results["all"]
        assert (result.n_texts, result.n_answers) == (6, searched)
        assert made.record["data"]["clips_searched"] == searched
        assert made.record["data"]["clips"] == 3
        assert made.judged[0].sides["swapped text"].pairs == 4


def test_results_say_what_they_were_measured_on(judged):
    content = json.loads(json.dumps(judged.to_json(), allow_nan=False))
    assert content["data"] == {
        "corpus": "by hand", "split": "val", "seed": 0, "captions": "all of each clip", "texts": 12, "clips": 6, "recordings": 6,
        "gallery": "unseen", "clips_searched": 6,
    }  # fmt: skip
    assert content["sentence_encoder"] == "bags-of-words@0"
    assert content["seeds"] == {"dissimilar": 0, "batches": 0}
    assert content["bootstrap"]["rounds"] == 100
    assert content["code"]["kinelang"] == __version__
    assert len(content["not_comparable"]) == 2
    assert content["systems"]["knowing"]["about"]["model"] == "knowing@1"
    assert set(content["systems"]["narrated"]["reference minus this"]["knowing"]) == set(FOUR)
    assert content["systems"]["structure"]["sides"]["mirrored clip"]["pairs"] == 8


def test_what_may_be_compared_with_published_numbers():
    assert not_comparable("humanml3d:/data", "all-mpnet-base-v2@12345678") == []
    assert "MPNet" in not_comparable("humanml3d", "all-MiniLM-L6-v2@53aa5117")[0]
    assert "cmu" in not_comparable("cmu", "all-mpnet-base-v2@12345678")[0]


def test_the_code_says_its_version():
    assert set(code_version()) == {"kinelang", "commit"}


def test_the_order_of_clips_is_nothing():
    clips = six_clips()
    turned = replace(clips, clips=clips.clips[::-1])
    systems = systems_of(Setting({"m": Knowing(0.5)}, frozenset(), Bags()))
    for first, second in zip(
        judge(systems, clips, Bags(), rounds=20).judged, judge(systems, turned, Bags(), rounds=20).judged, strict=True
    ):
        for name in FOUR:
            assert first.results[name].figures == second.results[name].figures


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"protocols": ["e"]}, f"one of {', '.join(PROTOCOLS)}"),
        ({"protocols": ["batches"]}, "6 clips; expected at least 32"),
        ({"references": ["other"]}, "no 'other'; expected one of knowing"),
        ({"gallery": "some"}, "one of all, unseen"),
    ],
)
def test_what_cannot_be_judged(arguments, message):
    with pytest.raises(KinelangError, match=message):
        judge(systems_of(SETTING), six_clips(), Bags(), rounds=5, **arguments)


def test_no_systems():
    with pytest.raises(KinelangError, match="none at all"):
        judge([], six_clips(), Bags())
