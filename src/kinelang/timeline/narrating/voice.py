"""Who is spoken of, and in which tense: the subject, its pronouns and the agreement of its verbs."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from kinelang.timeline.narrating.phrases import Phrase
from kinelang.timeline.narrating.slots import pick

_SUBJECTS: dict[str, float] = {
    "a person": 560,
    "the person": 106,
    "a man": 98,
    "person": 75,
    "the man": 26,
    "someone": 14,
    "a figure": 9,
    "this person": 20,
    "figure": 2,
    "man": 4,
    "he": 10,
    "the figure": 5,
    "a human": 1,
    "a woman": 0.5,
    "this man": 0.5,
    "she": 0.1,
    "": 50,
}
_POSSESSIVES: dict[str, dict[str, float]] = {
    "man": {"his": 84, "the": 4, "": 5, "their": 7},
    "he": {"his": 90, "": 5, "the": 5},
    "woman": {"her": 95, "the": 5},
    "she": {"her": 1},
    "figure": {"its": 30, "their": 30, "his": 34, "the": 6},
    "": {"": 30, "their": 20, "the": 20, "his": 20},
    "person": {"their": 60, "his": 29, "": 8, "the": 2.5, "its": 1.5, "her": 0.2},
}
_PRONOUNS = {"his": ("he", "him"), "her": ("she", "her"), "its": ("it", "it")}
_TENSES: dict[str, float] = {"third": 760, "is ing": 165, "was ing": 13, "past": 28, "bare ing": 66}


@dataclass(frozen=True)
class Voice:
    """How the person is spoken of.

    Attributes:
    subject: "a person"; "" for none.
    his, he, him: its pronouns; `his` may be "the" or "" (people write "with right hand").
    tense: "third" (walks), "past" (walked), "ing" (walking, without a subject), "base" (walk, an instruction or a label).
    begins: how the first verb stands, if not in the tense: "is ing" (is walking), "was ing".
    """

    subject: str = "a person"
    his: str = "their"
    he: str = "they"
    him: str = "them"
    tense: str = "third"
    begins: str = ""

    def say(self, phrase: Phrase, form: str = "") -> str:
        """The phrase in a form (the tense where none is given) with pronouns said: "third", "ing", "past", "base", "is ing" ("was")."""
        form = form or self.tense
        words = f"{form[:-4]} {phrase.form('ing')}" if form in ("is ing", "was ing") else phrase.form(form)
        if not self.his:
            words = words.replace("both of {his}", "both").replace(
                "of {him}", "" if not self.subject and self.tense == "base" else "of {him}"
            )
        return " ".join(words.replace("{his}", self.his).replace("{him}", self.him).split())

    def clause(self, phrase: Phrase) -> str:
        """The phrase with its pronoun before it: "he walks", "they walk", "he walked"."""
        if self.tense == "past":
            return f"{self.he} {self.say(phrase, 'past')}"
        return f"{self.he} {self.say(phrase, 'base' if self.he in ('they', 'you') else 'third')}"


LABEL = Voice("", "", "", "them", "base")
INSTRUCTION = Voice("", "your", "you", "you", "base")


def voice(rng: Random, progressive: float, adverb: bool = False) -> Voice:
    """A subject with its pronouns and a tense, as often as people choose them.

    `progressive`: the weight of "is walking" for the first verb; that of "walks" is 760. `adverb`: whether an adverb stands before the
    verb ("slowly walked"), where people write the past more often.
    """
    subject = pick(_SUBJECTS, rng, False)
    noun = subject.rpartition(" ")[2]
    his = pick(_POSSESSIVES.get(noun, _POSSESSIVES["person"]), rng, False)
    he, him = _PRONOUNS.get(his, ("they", "them"))
    if noun in ("man", "he"):
        he, him = "he", "him"
    elif noun in ("woman", "she"):
        he, him = "she", "her"
    if not subject:
        return Voice("", his, he, him, "ing") if rng.random() < 0.95 else Voice("", his or "the", he, him, "base")
    weights = _TENSES | {"is ing": progressive, "past": 300 if adverb else 22}
    tense = pick(weights, rng, False)
    told = {"is ing": "third", "was ing": "past", "bare ing": "ing"}.get(tense, tense)
    return Voice(subject, his, he, him, told, tense if tense in ("is ing", "was ing") else "")
