"""Timelines told in words: what is said is grammatical, true, and the same for the same seed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from kinelang.errors import TimelineError
from kinelang.language.inflection import verb_forms
from kinelang.language.lexicon import STYLES, VERBS
from kinelang.language.sides import swap_left_right
from kinelang.timeline import Stage, Timeline, captions, narrate
from kinelang.timeline.narrating import REGISTERS, narration
from kinelang.timeline.narrating.frames import FRAMES
from kinelang.timeline.narrating.phrases import _chosen, _frames
from kinelang.timeline.narrating.telling import IDIOM
from kinelang.timeline.sampling import random_timeline
from timeline.stand_ins import ACTIONS_OF_ALL_VERBS

REGISTER_NAMES = tuple(REGISTERS)


def drawn(seed: int) -> Timeline:
    return random_timeline(seed, actions=ACTIONS_OF_ALL_VERBS)


def every_stage() -> Iterator[Stage]:
    """Every verb with every side, direction and path, and once with everything it can have."""
    for verb, word in VERBS.items():
        for side in (None, *word.sides):
            for direction in (None, *word.directions):
                yield Stage(0, 2, verb, side=side, direction=direction)
        for path in word.paths:
            for direction in (None, "left", "right"):
                yield Stage(0, 2, verb, path=path, direction=direction)
        amount = {"m": 3.2, "deg": 170.0, "ratio": 1.4, "": None}[word.amount_unit]
        full = {"amount": amount, "count": 3 if word.counted else None, "target": "old chair" if word.target else None}
        yield Stage(0, 2, verb, side=(*word.sides, None)[0], direction=(*word.directions, None)[0], speed=0.5, style="happy", **full)


@pytest.mark.parametrize("register", REGISTER_NAMES)
def test_every_verb_side_direction_and_path_is_said(register: str) -> None:
    for i, stage in enumerate(every_stage()):
        text = narrate(Timeline((stage,)), register, i, complete=True)
        check_form(text, register)
        for side in {stage.side, *(stage.direction or "").split("_")} & {"left", "right"}:
            round_way = {"left": "counter[ -]?clockwise", "right": "clockwise"}[side]
            assert re.search(rf"\b({side}|{round_way})\b", text), (stage, text)


def check_form(text: str, register: str) -> None:
    assert text == " ".join(text.split())
    assert text
    assert not re.search(r"[{}~*/|?]|\(|\)|None|_", text), text
    assert not re.search(r"\ba (?=[aeio])(?!one\b)|\ban (?![aeio]|u[^n]|hour|s shape|8|11|18)", text, re.IGNORECASE), text
    assert not re.search(r"\b(\w+) \1\b(?<!that that)", text), text
    assert not re.search(r" [.,]|,,|\.\.", text), text
    if register in ("sentence", "label"):
        assert text == text.lower()
        assert not text.endswith(".")
    else:
        assert text[0].isupper()
        assert text.endswith(".")


@pytest.mark.parametrize("register", REGISTER_NAMES)
def test_drawn_timelines_are_said_in_good_form(register: str) -> None:
    for seed in range(400):
        check_form(narrate(drawn(seed), register, seed), register)


@pytest.mark.parametrize("register", REGISTER_NAMES)
def test_the_mirrored_timeline_is_said_with_left_and_right_exchanged(register: str) -> None:
    for seed in range(300):
        timeline = drawn(seed)
        mirrored = re.sub("counter[ -]clockwise", "counterclockwise", narrate(timeline.mirrored(), register, seed))  # spelling is drawn
        assert mirrored == swap_left_right(narrate(timeline, register, seed)), seed


def test_one_seed_one_wording_another_seed_another() -> None:
    timeline = Timeline((Stage(0, 2, "walk", direction="forward"), Stage(2, 4, "wave", side="right")))
    assert narrate(timeline, seed=5) == narrate(timeline, seed=5)
    assert len({narrate(timeline, seed=seed) for seed in range(40)}) > 25


def forms_of_heads() -> dict[str, set[str]]:
    """Form -> every first word that a frame can have, inflected so."""
    heads = {"stop", "start", "begin", "use", "come", "turn", "rotate", "pivot", "do", "make", "stand", "pause", "wait", "stay"}
    for verb in VERBS:
        for frame, _ in _frames(verb):
            first = frame if not frame.startswith("(") else frame[1:].replace("/", " ")
            heads |= {first.split()[0]} if not frame.startswith("(") else set(re.findall(r"[a-z]+", frame.partition(")")[0]))
    forms = {head: verb_forms(head) for head in heads if head.isalpha()}
    return {name: {f[i] for f in forms.values()} for i, name in enumerate(("base", "third", "ing", "past"))}


def test_verbs_agree_with_their_subjects() -> None:
    forms = forms_of_heads()
    finite = forms["third"] | forms["past"] | {"is", "was"}
    subject = r"(?:an? |the |this )?(?:standing )?(?:person|man|woman|figure|human|someone|he|she)"
    adverb = r"(?:(?:very |really )?\w+ly )?"
    for seed in range(600):
        text = narrate(drawn(seed), seed=seed).replace("side step", "sidestep")
        opening = re.match(rf"{subject} {adverb}([a-z]+)", text)
        if opening is None:
            assert (
                text.split()[0].rstrip(",") in forms["ing"] | forms["base"]
                or text.split()[0].endswith("ly")
                or text.split()[0] in ("very", "really")
            ), text
        else:
            assert opening[1] in finite | forms["ing"], text
        for pronoun, verb in re.findall(rf"(?:as|\.) (he|she|it|they) (?:then )?{adverb}([a-z]+)", text):
            assert verb in (forms["base"] | forms["past"] if pronoun == "they" else forms["third"] | forms["past"]), text
        for verb in re.findall(rf"(?:while|before) {adverb}([a-z]+)", text):
            assert verb in forms["ing"], text


def test_frames_are_of_known_verbs_and_their_slots_are_known() -> None:
    assert set(FRAMES) <= set(VERBS)
    for verb, frames in FRAMES.items():
        for frame in frames:
            assert frame.count("{") == frame.count("}"), (verb, frame)
            assert frame.count("(") == frame.count(")"), (verb, frame)
    assert _chosen("(a*3/b/) c", __import__("random").Random(0), True) == "a c"


def test_what_is_told_is_true() -> None:
    """Every field told is the stage's own, or the nearest value that has a word."""
    for seed in range(300):
        timeline = drawn(seed)
        said = narration(timeline, "sentence", seed).told
        for stage in said.stages:
            (own,) = (s for s in timeline.stages if s.verb == stage.verb and s.start_s == stage.start_s and s.parts == stage.parts)
            for name in ("side", "direction", "style", "path"):
                assert getattr(stage, name) in (None, getattr(own, name))
            if own.target is not None:
                assert stage.target in (None, own.target)
            else:
                assert stage.target is None or any(stage.target in named for named in IDIOM.values()), stage
            if stage.end_s == own.end_s:
                assert stage.count in (None, own.count)
            if stage.speed is not None:
                assert own.speed is not None
                assert 0.6 < stage.speed / own.speed < 1.7
            if stage.amount is not None:
                assert own.amount is not None
                assert 0.6 < stage.amount / own.amount < 1.7


def test_complete_registers_tell_everything() -> None:
    for seed in range(200):
        timeline = drawn(seed)
        exact = narration(timeline, "detailed", seed).told
        assert [s.with_(parts=()) for s in exact.stages] == [s.with_(parts=()) for s in timeline.stages]
        for register in ("label", "instruction"):
            said = narration(timeline, register, seed).told
            for name in REGISTERS[register].carries - {"verb", "amount", "speed", "target", "count"}:
                counted = sorted(str(getattr(s, name)) for s in said.stages)
                assert set(counted) == {str(getattr(s, name)) for s in timeline.stages}


def test_detailed_says_the_numbers() -> None:
    timeline = Timeline((Stage(0.5, 3.25, "walk", side="left", direction="forward", amount=4.25, count=6, speed=0.8, style="sad"),))
    assert narrate(timeline, "detailed") == (
        "From 0.50 to 3.25 s the person walks forward starting with their left foot sadly, 6 steps, 4.25 meters, "
        "at 0.8 times the usual speed."
    )


def test_equal_stages_are_told_as_one() -> None:
    kicks = Timeline(tuple(Stage(t, t + 1.0, "kick", side="left") for t in (0.0, 1.2)))
    said = narration(kicks, "label")
    assert said.text == "kick with left leg twice"
    assert [s.count for s in said.told.stages] == [2]
    walks = Timeline(tuple(Stage(t, t + 2.0, "walk", direction="forward") for t in (0.0, 2.0)))
    assert len(narration(walks, "label").told) == 2


def test_of_a_thing_handled_twice_the_second_is_it() -> None:
    timeline = Timeline((Stage(0, 2, "pick_up", target="ball"), Stage(2, 4, "throw", target="ball")))
    said = [narration(timeline, seed=seed, complete=True) for seed in range(30)]
    with_it = [s for s in said if re.search(r"\bit\b(?! up)", s.text.partition("ball")[2])]
    assert len(with_it) > 15
    assert all(s.told.stages[1].target == "ball" for s in with_it)
    assert all("ball" in s.text for s in said)


def test_what_goes_on_at_one_time_is_told_so() -> None:
    timeline = Timeline((Stage(0, 4, "walk"), Stage(0.5, 3.5, "wave", side="right")))
    for seed in range(60):
        assert re.search(r"\b(while|as (he|she|they|it)|at the same time|waving)\b", narrate(timeline, seed=seed))
    for seed in range(60):
        one_after_other = Timeline((Stage(0, 2, "walk"), Stage(2, 4, "wave", side="right")))
        assert not re.search(r"\b(while|as (he|she|they|it)|at the same time)\b", narrate(one_after_other, seed=seed))


def test_captions_are_different() -> None:
    timeline = drawn(7)
    found = captions(timeline, 5)
    assert len(found) == len(set(found)) == 5
    assert captions(timeline, 5) == found
    assert len(captions(Timeline((Stage(0, 1, "salute"),)), 3, "label")) == 3


def test_every_style_is_said() -> None:
    for style in STYLES:
        texts = {narrate(Timeline((Stage(0, 2, "walk", style=style),)), seed=s, complete=True) for s in range(8)}
        assert all(len(text.split()) >= 2 for text in texts)
        assert texts != {narrate(Timeline((Stage(0, 2, "walk"),)), seed=s, complete=True) for s in range(8)}


def test_an_empty_timeline_stands_still() -> None:
    for register in REGISTER_NAMES:
        assert "stand" in narrate(Timeline((), duration_s=2.0), register).lower() or "stood" in narrate(
            Timeline((), duration_s=2.0), register
        )


def test_an_unknown_register_is_refused() -> None:
    with pytest.raises(TimelineError, match="did you mean sentence"):
        narrate(drawn(0), "sentense")
