"""The left/right swap: sentences of our own, properties, and the captions of the two corpora where they are at hand."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kinelang.language import swap_left_right
from shared_data import shared

# Each pair holds in both directions.
PAIRS = [
    ("a man lifts his left arm", "a man lifts his right arm"),
    ("Left, then RIGHT.", "Right, then LEFT."),
    ("from left to right", "from right to left"),
    ("a left-to-right wave", "a right-to-left wave"),
    ("a left-handed throw", "a right-handed throw"),
    ("a lefthanded throw", "a righthanded throw"),
    ("her left-hand side", "her right-hand side"),
    ("a LEFT-HANDER", "a RIGHT-HANDER"),
    ("he kicks right-footed", "he kicks left-footed"),
    ("a left-turn", "a right-turn"),
    ("moves leftwards", "moves rightwards"),
    ("a rightward step", "a leftward step"),
    ("the leftmost chair", "the rightmost chair"),
    ("to the front-right corner", "to the front-left corner"),
    ("two lefts and a right", "two rights and a left"),
    ("steps back with theleft leg", "steps back with theright leg"),
    ("left/right, (left) left_hand 'right'", "right/left, (right) right_hand 'left'"),
    ("walks clockwise", "walks counterclockwise"),
    ("Clockwise, CLOCKWISE", "Counterclockwise, COUNTERCLOCKWISE"),
    ("turns cw, then ccw", "turns ccw, then cw"),
    ("a clockwise-motion to the left", "a counterclockwise-motion to the right"),
    # A side, although the same two words may mean something else elsewhere.
    ("turns right before sitting down", "turns left before sitting down"),
    ("moves his arm to the right in front of him", "moves his arm to the left in front of him"),
    ("steps to the left now", "steps to the right now"),
    ("steps to the right away from the wall", "steps to the left away from the wall"),
    ("walks at a left angle", "walks at a right angle"),
    ("walks in a right angle curve", "walks in a left angle curve"),
    ("crosses his arms, left over right", "crosses his arms, right over left"),
    ("has left hand cupped", "has right hand cupped"),
    ("raises both hands, then just left, then right", "raises both hands, then just right, then left"),
    ("all right hands up", "all left hands up"),
    ("stands up, right leg first", "stands up, left leg first"),
    ("kicks left and right angles away", "kicks right and left angles away"),
]

UNCHANGED = [
    "",
    "stands upright",
    "an outright fall",
    "he feels alright, all right?",
    "a bright, frightened copyright lawyer eats leftovers straightaway",
    "a clock, nine o'clock, otherwise likewise",
    "starts running right away",
    "he is right now sitting",
    "hops on and back down right after.",
    "stops right before the wall",
    "he is standing right in front of the table",
    "sits right next to her",
    "stands right back up",
    "Right before the end he falls. right as he lands he rolls",
    "then stands up right, and",
    "arms bent at right angles",
    "makes a right angle with both arms",
    "stumbles and rights himself",
    "pushed, but rights themselves",
    "the man left the room",
    "she has left. They had just left the stage",
    "what is left of it; nothing left",
    "his arm is left hanging",
]

OPPOSITE_OF_CLOCKWISE = [
    "counterclockwise",
    "counter-clockwise",
    "counter clockwise",
    "counter  clock wise",
    "counter- clockwise",
    "counter-clock wise",
    "counterclock",
    "anticlockwise",
    "anti-clockwise",
    "anti clock-wise",
    "ant-clockwise",
    "conterclockwise",
    "couterclockwise",
    "counter counterclockwise",
    "contercounterclockwise",
]


@pytest.mark.parametrize(("text", "mirrored"), PAIRS)
def test_pairs_both_ways(text: str, mirrored: str) -> None:
    assert swap_left_right(text) == mirrored
    assert swap_left_right(mirrored) == text


@pytest.mark.parametrize("text", UNCHANGED)
def test_what_is_no_side_stays(text: str) -> None:
    assert swap_left_right(text) == text


@pytest.mark.parametrize("spelling", OPPOSITE_OF_CLOCKWISE)
def test_every_spelling_of_the_opposite_becomes_clockwise(spelling: str) -> None:
    assert swap_left_right(f"walks {spelling}.") == "walks clockwise."
    assert swap_left_right(f"a {spelling.capitalize()} turn") == "a Clockwise turn"
    assert swap_left_right(spelling.upper()) == "CLOCKWISE"


@pytest.mark.parametrize("spelling", ["clock-wise", "clock wise", "clcokwise", "clock ways"])
def test_spellings_of_clockwise(spelling: str) -> None:
    assert swap_left_right(f"a {spelling} circle") == "a counterclockwise circle"


def test_article_goes_with_the_new_word() -> None:
    assert swap_left_right("An anti-clockwise turn, an anticlockwise one") == "A clockwise turn, a clockwise one"


def test_misspelt_sides_are_sides() -> None:
    assert swap_left_right("the rigth hand, his leftt foot, the Irght") == "the left hand, his right foot, the Left"


SIDE_WORDS = [
    "left",
    "right",
    "left-handed",
    "rightwards",
    "lefthand",
    "rights",
    "theleft",
    "leftmost",
    "clockwise",
    "counterclockwise",
    "cw",
    "ccw",
]
NEIGHBOURS = (
    "a the his to and is stands stops has had just then all what nothing up in at makes angle angles curve before after away now back "
    "front of where himself hand arm turn room out over an standing with upright outright alright person person's o'clock"
)
MARKS = [" ", "  ", ", ", ". ", "; ", "\n", "-", "/", "! "]


@st.composite
def sentences(draw: st.DrawFn) -> str:
    cased = st.sampled_from(SIDE_WORDS).flatmap(lambda w: st.sampled_from([w, w.upper(), w if w == "ccw" else w.capitalize()]))
    words = draw(st.lists(st.one_of(cased, st.sampled_from(NEIGHBOURS.split())), max_size=14))
    return "".join(word + draw(st.sampled_from(MARKS)) for word in words)


@given(sentences())
@settings(deadline=None, max_examples=500)
@example("has Right. has left the room")
@example("stops LEFT before left angles")
def test_swapping_twice_gives_the_text_back(text: str) -> None:
    assert swap_left_right(swap_left_right(text)) == text


@given(st.text(alphabet="leftrighclockwisnua- .,L'RTC", max_size=60))
@settings(deadline=None, max_examples=500)
def test_a_swapped_text_swaps_back_and_forth(text: str) -> None:
    once = swap_left_right(text)
    assert swap_left_right(swap_left_right(once)) == once


@given(st.text(st.characters(exclude_characters="fgkwFGKW\u212a"), max_size=60))  # no side word does without f, g, k and w
@settings(deadline=None)
def test_text_without_side_words_stays(text: str) -> None:
    assert swap_left_right(text) == text


@given(sentences())
@settings(deadline=None)
def test_everything_between_the_words_stays(text: str) -> None:
    def rest(words: str) -> list[str]:
        return re.findall(r"[^a-z]+", re.sub("counterclockwise|clockwise|c?cw|left|right", "S", words, flags=re.IGNORECASE))

    assert rest(swap_left_right(text)) == rest(text)


VARIANT = re.compile(
    r"\b(?:an?\s+)?(?:(?:counte?r?|conter|couter|anti?|againgst)[-\s]*)?cl(?:ock|cok|ovk)(?:[-\s]*w(?:is|ai|os|ay)\w*)?|\b(?:rigth|right|irght|lright|leftt?)\b",
    re.IGNORECASE,
)


def corpus() -> list[str]:
    humanml3d = json.loads(shared("humanml3d_captions.json").read_text(encoding="utf-8"))
    kit = json.loads(shared("kitml_annotations.json").read_text(encoding="utf-8"))
    captions = [caption for clip in humanml3d.values() for caption in clip["captions"]]
    return captions + [annotation["text"] for clip in kit.values() for annotation in clip["annotations"]]


def test_published_captions() -> None:
    """Over all captions: nothing but spellings is lost by swapping twice, and the published mistakes do not occur."""
    captions = corpus()
    swapped = [swap_left_right(text) for text in captions]
    back = [swap_left_right(text) for text in swapped]
    respelt = [(text, again) for text, again in zip(captions, back, strict=True) if text != again]
    assert len(respelt) < 0.02 * len(captions)
    for text, again in respelt:
        assert VARIANT.sub("@", text) == VARIANT.sub("@", again)
    for text, other in zip(captions, swapped, strict=True):
        assert text.lower().count("upright") == other.lower().count("upright")
        assert not re.search(r"upleft|frleft|brleft|counter[-\s]*counter|anti[-\s]*counter|conter", other, re.IGNORECASE)
    assert [swap_left_right(text) for text in back] == swapped
