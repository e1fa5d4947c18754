"""The index of all words and phrases of the lexicon, by which sentences are read.

Domain words come first and are complete: every form of every verb is generated here, so that no tagger or lemmatiser is needed for
them.
A general tagger takes the "left" of "left arm" for a verb and "flails" for a noun.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from typing import Any

from kinelang.language.inflection import VERB_FORMS, plural, verb_forms
from kinelang.language.lexicon import VERBS
from kinelang.language.lexicon import degrees as dg
from kinelang.language.lexicon import directions as ds
from kinelang.language.lexicon import function_words as fw
from kinelang.language.lexicon import nouns as ns
from kinelang.language.lexicon.frames import FRAMES
from kinelang.language.lexicon.styles import STYLE_WORDS
from kinelang.language.wordlists import words

Readings = dict[str, Any]
"""Kind of word -> what it means as that."""

ARTICLES = frozenset(words("a an the this that these those some another any"))
DETERMINERS = ARTICLES | ns.POSSESSIVES
_DET = "<det>"
_END = ""
_TOO_COMMON = frozenset(
    (
        "put",
        "set",
        "lay on",
        "go up",
        "hold",
        "press overhead",
        "lift up",
        "trot along",
        "take a step",
        "cover",
        "block",
        "turn around",
        "reverse direction",
        "put hands on hips",
        "place hands on hips",
        "swing a bat",
        "swing a club",
        "swing a racket",
        "walk up",
        "step up",
        "turn head",
        "feel",
        "talk",
    )
)
_MORE_PHRASES = (
    ("crawl on (the) hands and (the) knees", "=crawl"),
    ("crawl on all fours", "=crawl"),
    ("walk on all fours", "=crawl"),
    ("move on all fours", "=crawl"),
    ("walk on (the) hands and (the) knees", "=crawl"),
    ("get on all fours", "=get_on_all_fours"),
    ("get down on all fours", "=get_on_all_fours"),
    ("go down on all fours", "=get_on_all_fours"),
    ("get on (the) hands and (the) knees", "=get_on_all_fours"),
    ("get down on (the) hands and (the) knees", "=get_on_all_fours"),
    ("knee down", "=kneel"),
    ("knee", "=kneel"),
    ("lose (the) balance", "=stumble"),
    ("lose (the) footing", "=stumble"),
    ("catch (the) balance", "=balance"),
    *((f"{verb} (the) balance", "=balance") for verb in ("keep", "maintain", "gain", "find", "recover", "hold", "reclaim")),
    ("hesitate", "stand"),
    ("retrace (the) steps", "walk"),
    ("retrace steps", "walk"),
    ("loosen up", "=exercise"),
    ("hold (the) position", "=stand"),
    ("lose balance", "=stumble"),
    ("gesticulate", "gesture"),
    ("bob", "nod"),
    ("do this with", "repeat"),
    ("regain (the) balance", "=balance"),
    ("stand on one leg", "=balance"),
    ("stand at attention", "=stand"),
    ("stand in place", "=stand"),
    *((f"come to (the) {how} {end}", "=stand") for how in ("abrupt", "complete", "sudden", "full", "slow") for end in ("stop", "halt")),
    ("come to (the) standstill", "=stand"),
    ("hold still", "=stand"),
    *(
        (f"{kind} kick", "=kick")
        for kind in ("karate", "side", "front", "roundhouse", "high", "back", "round house", "spin", "drop", "flying", "jump")
    ),
    *(
        (art, "fight")
        for art in (
            "karate",
            "kung fu",
            "martial arts",
            "martial art",
            "kickboxing",
            "kick boxing",
            "taekwondo",
            "judo",
            "self defense",
        )
    ),
    *(
        (sport, "exercise")
        for sport in ("aerobics", "yoga", "gymnastics", "calisthenics", "tai chi", "jazzercise", "parkour", "workout")
    ),
    ("arm circle", "=circle_arms"),
    ("star jump", "=jumping_jack"),
    ("tap dance", "=dance"),
    ("tapdance", "dance"),
    ("breakdance", "dance"),
    ("lower oneself", "crouch"),
    ("cart wheel", "=cartwheel"),
    ("hand stand", "=handstand"),
    ("high knee", "=raise_leg"),
    ("toe touch", "=bend"),
    ("t pose", "=pose"),
    ("pretend to be", "=imitate"),
    ("act like", "=imitate"),
    ("act as", "=imitate"),
    ("move like", "=imitate"),
    ("do it again", "repeat"),
    ("do this again", "repeat"),
    ("do it", "repeat"),
    ("do that", "repeat"),
    ("do this", "repeat"),
    ("do this motion", "repeat"),
    ("do these", "repeat"),
    ("go again", "repeat"),
    ("warm up", "=exercise"),
    ("turn on the spot", "turn"),
)
_COMPOUNDS = frozenset(["side step"])
"""Verbs of two words of which the second is inflected."""
_MORE_HEADS = ("repeat", "redo")

TOKEN = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:['’][^\W\d_]+)?|[°º⁰]|[^\w\s]|_", re.UNICODE)
"""Words, numbers, single signs."""


class Index:
    """A trie over words; the leaf of a phrase holds its readings."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self.single: dict[str, Readings] = {}

    def add(self, phrase: str, kind: str, value: Any) -> None:
        """Enter a phrase; "(the)" stands for a determiner or nothing. What was entered first for a kind stays, verbs collect."""
        words = [m.lower() for m in TOKEN.findall(phrase.replace("(the)", "_").replace("-", " "))]
        for chosen in product(*(((), (_DET,)) if w == "_" else ((w,),) for w in words)):
            node = self.root
            for (word,) in (c for c in chosen if c):
                node = node.setdefault(word, {})
            readings = node.setdefault(_END, {})
            if kind == "verb":
                if value not in readings.setdefault("verb", ()):
                    readings["verb"] += (value,)
            else:
                readings.setdefault(kind, value)

    def matches(self, said: list[str], at: int) -> list[tuple[int, Readings]]:
        """(words taken, readings) of every phrase that begins at a word, longest first."""
        found: list[tuple[int, Readings]] = []
        open_ = [(self.root, at)]
        while open_:
            node, i = open_.pop()
            if _END in node and i > at:
                found.append((i - at, node[_END]))
            if i < len(said):
                word = said[i]
                if word in node:
                    open_.append((node[word], i + 1))
                if _DET in node and word in DETERMINERS:
                    open_.append((node[_DET], i + 1))
        found.sort(key=lambda f: -f[0])
        return found


def _phrases_of_verbs() -> Iterator[tuple[str, str]]:
    """(phrase in base form, head or "=key")."""
    for key, verb in VERBS.items():
        for phrase in (key.replace("_", " "), verb.base, *verb.synonyms):
            if phrase not in _TOO_COMMON:
                yield phrase, phrase if " " not in phrase else f"={key}"
    yield from _MORE_PHRASES
    for head in (*FRAMES, *fw.LIGHT_VERBS, *_MORE_HEADS):
        yield head.replace("_", " "), head


def _with_forms(phrase: str) -> Iterator[tuple[str, str]]:
    """(phrase, form) for every form of its verb, the first word, or the last of a compound."""
    if phrase in _COMPOUNDS:
        first, last = phrase.split(" ")
        yield from ((f"{first} {word}", form) for form, word in zip(VERB_FORMS, verb_forms(last), strict=True))
        return
    first, blank, rest = phrase.partition(" ")
    for form, word in zip(VERB_FORMS, verb_forms(first), strict=True):
        yield word + blank + rest, form


def _determined(phrase: str) -> str:
    """The phrase with every article in it made "(the)"."""
    return " ".join("(the)" if w in ("the", "a", "an") else w for w in phrase.split())


def _simple_tables() -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "link", fw.LINKS
    yield "times", dg.TIMES
    yield "some", dg.SOME
    yield "num", dg.NUMBERS
    yield "unit", ns.UNITS
    yield "clock", ds.CLOCKWISE
    yield "clock", {f"in (the) {word} {noun}": way for word, way in ds.CLOCKWISE.items() for noun in ("direction", "motion", "manner")}
    yield "dir", ds.DIRECTION_WORDS
    yield "side", ds.SIDE_WORDS
    yield "speed", dg.SPEEDS
    yield "size", dg.SIZES
    yield "turn", dg.TURNS
    yield "style", STYLE_WORDS
    yield "path", ns.PATH_NOUNS
    yield "neg", dict.fromkeys(fw.NEGATIONS, "not")
    yield "fro", dict.fromkeys(ds.TO_AND_FRO, "fro")
    yield "alt", dict.fromkeys(ds.ALTERNATING, "alternating")
    yield "sideways", dict.fromkeys(ds.SIDEWAYS, "sideways")
    yield (
        "prep",
        dict.fromkeys(
            (
                "starting with",
                "beginning with",
                "leading with",
                "starting off with",
                "start with",
                "starts with",
                "by using",
                "leading",
                "using",
            ),
            "with",
        ),
    )
    yield "prep", {p.replace("_", " "): p for p in fw.PREPOSITIONS}
    yield "moment", dg.MOMENTS
    yield "tail", dict.fromkeys(("height", "level", "length", "width", "area", "region", "line", "high"), "height")
    yield "det", dict.fromkeys(ARTICLES, "a")
    yield "poss", dict.fromkeys(ns.POSSESSIVES, "his")
    yield "pron", dict.fromkeys(ns.PRONOUNS, "he")
    yield "obj", dict.fromkeys(ns.OBJECT_PRONOUNS, "it")
    yield "particle", {p: p for p in words("together apart off out over away back around along through across down up on in by")}


def _noun_tables() -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "part", ns.BODY_NOUNS
    for kind, nouns in (
        ("person", ns.PEOPLE),
        ("place", ns.PLACES),
        ("thing", ns.THINGS),
        ("sport", ns.SPORTS),
        ("instrument", ns.INSTRUMENTS),
        ("dance", ns.DANCES),
        ("animal", ns.ANIMALS),
        ("way", ns.WAY_NOUNS),
        ("home", ns.HOME),
    ):
        yield kind, {w.replace("_", " "): w.replace("_", " ") for w in nouns}


@cache
def index() -> Index:
    """The index, built at first use."""
    made = Index()
    for kind, table in _simple_tables():
        for phrase, value in table.items():
            made.add(phrase, kind, value)
    for kind, table in _noun_tables():
        for phrase, value in table.items():
            made.add(phrase, kind, value)
            if kind != "person" or len(phrase) > 4:
                made.add(plural(phrase), kind, value)
                if plural(phrase) != phrase:
                    made.add(plural(phrase), "plural", True)
    for phrase, head in _phrases_of_verbs():
        for form_phrase, form in _with_forms(phrase):
            made.add(_determined(form_phrase), "verb", (head, form))
        if head.startswith("=") and " " in phrase:
            made.add(plural(phrase), "verb", (head, "third"))
        if head.startswith("=") and phrase.startswith("do "):
            noun = re.sub(r"^do (an? )?", "", phrase)
            for said in {noun, plural(noun)}:
                made.add(said.replace("-", " "), "verb", (head, "third"))
    for phrase, reason in fw.IGNORED.items():
        first = phrase.split(" ")[0]
        for said in {phrase, *(p for p, _ in _with_forms(phrase))} if first in _VERBS_OF_PHRASES else (phrase,):
            made.add(said, "ignore", reason)
    return made


@cache
def _plain() -> dict[str, str]:
    made: dict[str, str] = {}
    for verb in VERBS.values():
        if "_" not in verb.key:
            made.setdefault(verb.key, verb.key)
    for verb in VERBS.values():
        for phrase in (verb.base, *verb.synonyms):
            if " " not in phrase:
                made.setdefault(phrase, verb.key)
    return made


def plain_key(head: str) -> str | None:
    """The key of the verb that a word in base form means by itself: as key, base form or synonym; None if it means none."""
    return _plain().get(head)


_VERBS_OF_PHRASES = frozenset(
    words(
        """
        start begin continue struggle slow keep proceed go get prepare try attempt manage appear seem look pretend want decide
        resume act finish end happen make demonstrate help practice come need serve move give do return simulate allow ready land
        resemble
        """
    )
)
