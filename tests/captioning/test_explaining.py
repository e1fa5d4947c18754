"""Evidence: of neural captions what the network says, of narrated ones the stages of the timeline."""

from __future__ import annotations

import json
import math

import pytest

from captioning.spoken import LONG_S, said, word
from kinelang.captioning.explaining import Evidence, is_motion_word, of_captioned, of_timeline, parts_of
from kinelang.models.captioner.captioner import Captioned
from kinelang.models.captioner.parts import PARTS
from kinelang.timeline import Stage, Timeline, narrate

TIMELINE = Timeline(
    (Stage(0, 2, "walk", direction="forward"), Stage(2.2, 3.4, "kick", side="left"), Stage(3.5, 4.0, "kick", side="right"))
)


def by_word(found: tuple[Evidence, ...]) -> dict[str, Evidence]:
    return {evidence.word: evidence for evidence in found}


def test_a_neural_word_has_its_gate_time_part_and_probability() -> None:
    words = [word("a", gate=0.1), word("person", gate=0.2), word("kicks", "left_leg", 1.5, 0.25, 0.8, 0.3), word("left", "left_leg")]
    found = of_captioned(said("a person kicks left", words))
    kicks = found[2]
    half = 0.25 * math.sqrt(2 * math.log(2))  # where exp(-x²/2) is a half
    assert kicks.spans_s[0] == pytest.approx((1.5 - half, 1.5 + half))
    assert (kicks.part, kicks.gate, kicks.motion) == ("left_leg", 0.8, True)
    assert kicks.probability == pytest.approx(0.3)
    assert kicks.parts["left_leg"] == pytest.approx(1)
    assert [e.motion for e in found] == [False, False, True, True]


def test_times_stay_within_the_clip() -> None:
    found = of_captioned(said("walks", [word("walks", mean_s=0.2, deviation_s=9)]))
    assert found[0].spans_s == ((0.0, LONG_S),)


def test_words_stand_where_they_stand_in_the_caption() -> None:
    caption = "a person, then a man."
    words = [word(t) for t in ("a", "person", ",", "then", "a", "man", ".")]
    found = of_captioned(said(caption, words))
    assert [caption[e.start : e.end] for e in found] == ["a", "person", ",", "then", "a", "man", "."]


def test_a_full_stop_that_was_left_out_stands_nowhere() -> None:
    words = tuple(word(t) for t in ("walks", ".", "a", "man", "sits", "."))
    found = of_captioned(Captioned("walks. a man sits", words, -1.0, -1.0, ((0, 1), (1, 2))))
    assert [(e.word, e.start == e.end) for e in found][-1] == (".", True)
    assert ["walks. a man sits"[e.start : e.end] for e in found] == ["walks", ".", "a", "man", "sits", ""]


def test_a_narrated_word_has_the_times_and_parts_of_its_stages() -> None:
    caption = "a person walks forward, kicks with the left leg and then kicks with the right leg"
    found = of_timeline(caption, TIMELINE)
    assert [caption[e.start : e.end] for e in found] == [e.word for e in found]
    first, second = (e for e in found if e.word == "kicks")
    assert (first.stages, second.stages) == ((1,), (2,))
    assert first.spans_s == ((2.2, 3.4),)
    assert max(first.parts, key=lambda part: first.parts[part]) == first.part
    assert first.parts["left_leg"] > 0
    assert "left_leg" not in second.parts or second.parts["right_leg"] >= second.parts["left_leg"]
    words = by_word(found)
    assert (words["forward"].kind, words["forward"].stages) == ("direction", (0,))
    assert words["person"] == Evidence("person", 2, 8, motion=False)
    assert all(e.gate is None and e.probability is None for e in found)


@pytest.mark.parametrize("seed", range(8))
def test_every_stage_that_is_told_has_a_word(seed: int) -> None:
    found = of_timeline(narrate(TIMELINE, seed=seed), TIMELINE)
    assert {i for e in found for i in e.stages} == {0, 1, 2}


def test_mirrored_motion_mirrored_parts() -> None:
    caption = narrate(TIMELINE, seed=3)
    mirrored = narrate(TIMELINE.mirrored(), seed=3)
    other = {"left_arm": "right_arm", "left_leg": "right_leg", "right_arm": "left_arm", "right_leg": "left_leg"}
    for a, b in zip(of_timeline(caption, TIMELINE), of_timeline(mirrored, TIMELINE.mirrored()), strict=True):
        assert {other.get(part, part): share for part, share in a.parts.items()} == pytest.approx(dict(b.parts))
        assert a.spans_s == b.spans_s


def test_parts_are_the_six_with_the_head_in_the_torso() -> None:
    nod = Stage(0, 1, "nod")
    assert "head" in nod.parts
    assert set(parts_of([nod])) <= set(PARTS)
    assert parts_of([nod])["torso"] > 0
    assert sum(parts_of(TIMELINE.stages).values()) == pytest.approx(1)
    assert parts_of([]) == {}


def test_json_is_plain_and_leaves_out_what_is_not_known() -> None:
    plain = [e.to_json() for e in of_captioned(said("a person kicks", [word("a"), word("person"), word("kicks", "left_leg")]))]
    assert json.loads(json.dumps(plain)) == plain
    assert set(plain[2]) == {"word", "at", "motion", "gate", "probability", "spans_s", "part", "parts"}
    told = of_timeline("a person walks", TIMELINE)[2].to_json()
    assert set(told) == {"word", "at", "motion", "kind", "stages", "spans_s", "part", "parts"}
    assert set(of_timeline("a person", TIMELINE)[1].to_json()) == {"word", "at", "motion", "spans_s"}


def test_motion_words() -> None:
    assert is_motion_word("kicks")
    assert is_motion_word("person") is False
    assert is_motion_word("<unk>") is None
