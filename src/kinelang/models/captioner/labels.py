"""What is known of words without looking at a motion: whether they tell of motion, and with which body parts.

Source: the dictionary of Radouane et al. (BMVC 2024), table 5, with the corrections of the specification, and its rule that verbs and
adverbs are motion words. The release stems words by Porter's rules and tags them with spaCy; here the forms of the lexicon stand for
stems ("waves", "waving", "waved"), so that a "box" is not a form of "boxing", and the lexicon's readings for tags.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from kinelang.language.inflection import plural, verb_forms
from kinelang.language.lexicon.styles import STYLE_WORDS
from kinelang.language.wordlists import words
from kinelang.language.words import Readings, index
from kinelang.models.captioner.parts import PARTS
from kinelang.models.captioner.vocabulary import SPECIAL, Vocabulary
from kinelang.motion.arrays import Array

_TRAJECTORY = ("circle circuit", "clockwise anticlockwise counterclockwise forward forwards backward backwards")
_ARMS = ("open wave wipe throw punch pick box clean swipe catch draw", "boxing handstand handstands")
_LEGS = ("kick stomp lift kneel squat stand stumble rotate", "squad")
_TORSO = ("bend bow", "")
"""Verbs, of which all forms count, and words of which no other form does. "squad", a misspelling, stands in the paper's table."""
_NOT_FORMS = frozenset({"box", "boxes"})
"""Forms of "boxing" that are something else."""
_LANGUAGE = frozenset(words("is the of his her its on their a person human man"))
"""The paper's connection words and subjects."""
_NO_VERBS = frozenset(
    words("part thing place person det poss pron obj prep particle side dir num some unit animal sport instrument neg link")
)
"""Readings that say that a word which can be a verb ("hand", "back", "left") need not be one."""
_NO_ADVERBS = frozenset(words("belly bully butterfly early elderly family friendly likely lively lonely lovely only silly ugly"))
"""They end as adverbs do, and tell nothing of how something is done."""
_MORE_ADVERBS = frozenset(words("again together twice once thrice around away apart"))


@dataclass(frozen=True, eq=False)
class Labels:
    """Of each word of a vocabulary.

    Attributes:
        gate: (V,) float32: 1 motion, 0 language, -1 not known.
        parts: (V, 6) float32: 1 for the parts it is about, 0 for the others; -1 where not known.
    """

    gate: Array
    parts: Array


def labels_of(vocabulary: Vocabulary, form: Literal["paper", "code"] = "paper") -> Labels:
    """The labels of a vocabulary. `form`: in "paper" qualifying adjectives ("slow", "left", "high") are motion words."""
    gate = np.full(len(vocabulary), -1, np.float32)
    parts = np.full((len(vocabulary), len(PARTS)), -1, np.float32)
    for i, word in enumerate(vocabulary.words[len(SPECIAL) :], start=len(SPECIAL)):
        about = _dictionary().get(word)
        if about is not None:
            gate[i], parts[i] = 1, [float(part in about) for part in PARTS]
        elif word in _LANGUAGE:
            gate[i] = 0
        elif is_verb(word) or is_adverb(word) or (form == "paper" and is_adjective(word)):
            gate[i] = 1
    return Labels(gate, parts)


def is_verb(word: str) -> bool:
    """Whether the lexicon knows a word as a verb and as nothing else."""
    readings = _readings(word)
    if "ignore" in readings and "verb" in readings and not any(head.startswith("=") for head, _ in readings["verb"]):
        return False  # "begins", "keeps"
    others = readings.keys() & _NO_VERBS
    return "verb" in readings and (not others or (others == {"unit"} and readings["unit"] == "steps"))


def is_adverb(word: str) -> bool:
    """Whether a word tells how or where to: "slowly", "forward", "twice"."""
    readings = _readings(word)
    if word.endswith("ly") and word not in _NO_ADVERBS and len(word) > 4 and not readings.keys() & {"ignore", "person", "thing"}:
        return True
    return (
        word in _MORE_ADVERBS or ("dir" in readings and word not in ("left", "right")) or bool(readings.keys() & {"clock", "sideways"})
    )


def is_adjective(word: str) -> bool:
    """Whether a word qualifies a motion or a limb: "slow", "left", "both", "wide", "happy"."""
    readings = _readings(word)
    return word in STYLE_WORDS or (bool(readings.keys() & {"speed", "size", "side"}) and "num" not in readings)


def _readings(word: str) -> Readings:
    found: Readings = index().root.get(word, {}).get("", {})
    return found


@cache
def _dictionary() -> dict[str, frozenset[str]]:
    """The parts that each form of the dictionary's words is about."""
    arms, legs = frozenset(("left_arm", "right_arm")), frozenset(("left_leg", "right_leg"))
    tables = ((_TRAJECTORY, frozenset(("root",))), (_ARMS, arms), (_LEGS, legs), (_TORSO, frozenset(("torso",))))
    made: dict[str, frozenset[str]] = {}
    for (verbs, others), about in tables:
        for verb in verbs.split():
            for form in {*verb_forms(verb), plural(verb)} - _NOT_FORMS:
                made.setdefault(form, about)
        for word in others.split():
            made.setdefault(word, about)
    return made
