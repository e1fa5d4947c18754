"""What holds of `parse` for any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kinelang.errors import TimelineError
from kinelang.language import mentions, swap_left_right
from kinelang.language.lexicon import SAME, VERBS, alike
from kinelang.language.wordlists import words
from kinelang.timeline import Timeline, parse
from kinelang.timeline.schema import overlaps

WORDS = st.sampled_from(
    words(
        """
        a the person his her left right both arm arms hand leg foot knee head hips walks turns jumps raises lowers waves kicks
        sits stands steps forward backward up down around back to in with on from while then and before after , . circle
        clockwise slowly quickly twice three 90 degrees 2.5 seconds s ball chair something it them as if like not without is
        starts to walk raise steps motion does takes makes happily uses repeats does it again side times usual speed the for at
        same time returning position ½ ² é 👍 -- ' °
        """
    )
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=25).map(" ".join)


def tried(text: str) -> object:
    try:
        return parse(text)
    except TimelineError:
        return None


@settings(max_examples=150, deadline=None)
@given(st.text())
@example("²")
@example("٣ steps")
@example("1" * 400 + " steps")
@example("from 9999999999 s to 99999999999 s he walks")
@example("İ walks ǅ ﬁ")
def test_no_text_raises_anything_else(text: str) -> None:
    tried(text)
    mentions(text)


@settings(max_examples=400, deadline=None)
@given(SENTENCES)
def test_spans_lie_in_the_text_and_in_order(text: str) -> None:
    parsed = tried(text)
    if parsed is None:
        return
    ends = 0
    for span in parsed.not_understood:
        assert parsed.text[span.start : span.end] == span.text
        assert span.start >= ends
        assert span.text.strip() == span.text
        assert span.reason
        ends = span.end
    assert not overlaps(parsed.timeline.stages)
    assert parsed == parse(text)


MIRRORED = [
    "a person raises the left arm and kicks with the right leg",
    "a man walks forward and to the left, then turns right 90 degrees",
    "a person waves with left hand then with right hand",
    "the person walks in a clockwise circle while holding a ball in the left hand",
    "someone steps left and then backwards to the right",
    "a person touches their left knee with the right hand and looks left",
    "a person walks and steps on his left foot",
]


def _told(timeline: Timeline) -> list[tuple[object, ...]]:
    return sorted((s.start_s, s.end_s, s.verb, str(s.side), str(s.direction), str(s.target)) for s in timeline.stages)


@pytest.mark.parametrize("text", MIRRORED)
def test_the_mirrored_text_is_the_mirrored_timeline(text: str) -> None:
    assert _told(parse(swap_left_right(text)).timeline) == _told(parse(text).timeline.mirrored())


def test_ten_pages_take_no_longer_a_word() -> None:
    page = "a person walks forward and raises his left arm, then turns around slowly. " * 400
    parse(page[:500])
    start = time.perf_counter()
    parsed = parse(page)
    assert time.perf_counter() - start < 10
    assert len(parsed.timeline.stages) == 1200


def test_every_verb_is_read_from_its_base_form() -> None:
    """The instruction "pick up", "raise an arm" gives the verb back."""
    other = {key: parse(verb.base).timeline.verbs for key, verb in VERBS.items() if parse(verb.base).timeline.verbs != (key,)}
    assert not other


def test_scoring_pairs_are_symmetric_and_known() -> None:
    assert all(len(pair) == 2 and pair <= set(VERBS) for pair in SAME)
    assert alike("walk", "step")
    assert alike("step", "walk")
    assert alike("wave", "wave")
    assert not alike("walk", "sit")


def test_mentions_are_verbs_of_the_text() -> None:
    assert mentions("a person raises his right arm, takes two steps and sits on a chair") == {"raise_arm", "step", "sit"}
    assert mentions("the ball is red") == set()
