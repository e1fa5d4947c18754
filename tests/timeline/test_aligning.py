"""Words of a caption and the stages they tell of."""

from __future__ import annotations

import pytest

from kinelang.language.sides import swap_left_right
from kinelang.timeline import Stage, Timeline, narrate, random_timeline
from kinelang.timeline.aligning import KINDS, Told, align, spans
from kinelang.timeline.narrating import REGISTERS

PEOPLE = {"a", "person", "man", "the", "someone", "he", "figure", "his", "their", "is", "with", "and", "then", "to"}


def told(caption: str, timeline: Timeline) -> dict[str, tuple[int, ...]]:
    return {word.text: word.stages for word in align(caption, timeline)}


def one_after_the_other(*stages: dict[str, object]) -> Timeline:
    made = [Stage(2.0 * i, 2.0 * i + 1.5, **fields) for i, fields in enumerate(stages)]  # type: ignore[arg-type]
    return Timeline(tuple(made))


WALK_TURN_WAVE = one_after_the_other(
    {"verb": "walk", "direction": "forward"}, {"verb": "turn", "direction": "left"}, {"verb": "wave", "side": "right"}
)
TWO_KICKS = one_after_the_other({"verb": "kick", "side": "left"}, {"verb": "turn"}, {"verb": "kick", "side": "right"})


def test_words_belong_to_their_verbs_stage() -> None:
    found = align("A person walks slowly forward, turns left, and waves with his right hand.", WALK_TURN_WAVE)
    assert [(word.text, word.kind, word.stages) for word in found] == [
        ("walks", "verb", (0,)),
        ("slowly", "manner", (0,)),
        ("forward", "direction", (0,)),
        ("turns", "verb", (1,)),
        ("left", "direction", (1,)),
        ("waves", "verb", (2,)),
        ("right", "side", (2,)),
        ("hand", "part", (2,)),
    ]


def test_mentions_of_one_verb_in_order() -> None:
    caption = "someone kicks, turns around and kicks again"
    kicks = [word for word in align(caption, TWO_KICKS) if word.text == "kicks"]
    assert [word.stages for word in kicks] == [(0,), (2,)]
    assert [caption[word.start : word.end] for word in kicks] == ["kicks", "kicks"]


def test_side_decides_where_there_are_more_stages_than_mentions() -> None:
    found = told("a man kicks with his right leg", TWO_KICKS)
    assert found == {"kicks": (2,), "right": (2,), "leg": (2,)}
    assert told("a man kicks", TWO_KICKS) == {"kicks": (0, 2)}


def test_order_of_time_not_of_words() -> None:
    timeline = one_after_the_other({"verb": "wave"}, {"verb": "sit"}, {"verb": "wave"})
    found = [word.stages for word in align("after waving he sits and then he waves", timeline) if word.kind == "verb"]
    assert found == [(0,), (1,), (2,)]
    assert told("before he sits the man waves", one_after_the_other({"verb": "wave"}, {"verb": "sit"})) == {"sits": (1,), "waves": (0,)}


def test_equal_stages_are_told_as_one() -> None:
    timeline = Timeline((Stage(0, 1, "kick", side="left"), Stage(1, 2, "kick", side="left"), Stage(2, 3, "kick", side="right")))
    found = align("he kicks twice with the left foot and once with the right foot", timeline)
    assert [(word.text, word.stages) for word in found if word.text in ("twice", "left", "right")] == [
        ("twice", (0, 1)), ("left", (0, 1)), ("right", (2,)),
    ]  # fmt: skip
    assert spans((0, 1), timeline) == ((0, 1), (1, 2))


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("a man takes two steps back", {"takes": (0,), "two": (0,), "steps": (0,), "back": (0,)}),
        ("the person picks up a box with both hands", {"picks": (1,), "up": (1,), "box": (1,), "both": (1,), "hands": (1,)}),
        ("he is standing there, doing nothing", {}),
        ("someone jumps in place", {}),
    ],
)
def test_peoples_sentences(caption: str, words: dict[str, tuple[int, ...]]) -> None:
    timeline = one_after_the_other({"verb": "walk", "direction": "backward"}, {"verb": "pick_up", "side": "both", "target": "box"})
    assert told(caption, timeline) == words


def test_there_and_back_is_three_stages_in_one_clause() -> None:
    timeline = one_after_the_other({"verb": "walk"}, {"verb": "turn"}, {"verb": "walk"})
    assert told("a person walks back and forth", timeline)["walks"] == (0, 1, 2)


def test_while() -> None:
    timeline = Timeline((Stage(0, 4, "walk", path="circle"), Stage(1, 3, "wave", side="both")))
    assert told("a figure waves with both arms while walking in a circle", timeline) == {
        "waves": (1,), "both": (1,), "arms": (1,), "walking": (0,), "circle": (0,),
    }  # fmt: skip


@pytest.mark.parametrize("caption", ["", "...", "12 34", "blorp the grumbles", "not waving"])
def test_nothing_to_align(caption: str) -> None:
    assert align(caption, WALK_TURN_WAVE) == ()
    assert align("a person walks", Timeline()) == ()


@pytest.mark.parametrize("register", sorted(REGISTERS))
def test_one_stage_owns_every_word(register: str) -> None:
    """In a narration of one stage all words that tell anything tell of that stage, and its verb is found."""
    missed = 0
    for seed in range(120):
        timeline = random_timeline(seed, n_stages=1, overlap=0.0)
        timeline = timeline.with_(stages=timeline.stages[:1], duration_s=0.0)
        caption = narrate(timeline, register, seed)
        found = align(caption, timeline)
        assert {word.stages for word in found} <= {(0,)}, caption
        assert not {word.text for word in found} & (PEOPLE - {"to", "with"}), caption
        assert all(word.kind in KINDS and caption[word.start : word.end] == word.text for word in found)
        missed += not any(word.kind == "verb" for word in found)
    assert missed <= 2


def test_narrated_verbs_in_order() -> None:
    """Of timelines without overlaps, told sentence by sentence, the verbs come in the order of the stages, and nearly all are told."""
    stages = found = 0
    for seed in range(200):
        timeline = random_timeline(seed, overlap=0.0)
        verbs = [word.stages for word in align(narrate(timeline, "sentence", seed, complete=True), timeline) if word.kind == "verb"]
        first = [told[0] for told in verbs]
        assert first == sorted(first)
        stages += len(timeline)
        found += len({i for told in verbs for i in told})
    assert found >= 0.99 * stages


def test_mirrored() -> None:
    """Left and right exchanged in caption and timeline: the same words tell of the same stages."""

    def shape(words: tuple[Told, ...]) -> list[tuple[str, tuple[int, ...]]]:
        return [(word.kind, word.stages) for word in words]

    for seed in range(60):
        timeline = random_timeline(seed)
        caption = narrate(timeline, seed=seed)
        mirrored = timeline.mirrored()
        if [s.verb for s in mirrored.stages] != [s.verb for s in timeline.stages]:
            continue  # stages that begin and end together may change places
        assert shape(align(caption, timeline)) == shape(align(swap_left_right(caption), mirrored)), caption
