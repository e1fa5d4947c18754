"""Words that change what is there: "higher", "a bit slower", "two more times", "with the other hand", "for 3 seconds"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kinelang.language.lexicon.degrees import NUMBERS


@dataclass(frozen=True)
class Comparison:
    """One change relative to what is there, or of the length.

    Attributes:
        kind: "speed", "amount", "count" or "length" with "*" (a factor), "+" or "=" behind; "other side", "other way".
        value: factor or number; of "other side" the limb ("arm", "leg", "").
        words: as they were said.
    """

    kind: str
    value: Any
    words: str


class Unclear(Exception):
    """Words that cannot be read as an edit, with the reason."""


class Refused(Unclear):
    """As `Unclear`, of words that are certain to mean this."""


_MANY = {"a couple of": 2, "a couple": 2, "a few": 3, "another": 1, "a": 1, "an": 1, "one": 1, "single": 1}
N = r"(?:\d+(?:[.,]\d+)?|a couple of|a few|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
_BY = (
    r"(?:(?P<small>just a (?:little )?bit|a little bit|a little|a bit|slightly|somewhat|a touch|a tad)\s+"
    r"|(?P<big>very much|much|a lot|way|far|considerably|significantly|quite a bit|a great "
    r"deal)\s+|even\s+|still\s+|(?P<percent>\d+)\s*(?:%|percent)\s+)?"
)
_MULTIPLE = rf"(?P<multiple>twice|double|half|a third|three times|{N} times|{N} x)"
_SECONDS = r"(?:seconds?|secs?|s)\b"
_UP_WORD = r"(?:higher|bigger|larger|wider|further|farther|deeper|stronger|harder|taller|more (?:widely|deeply|strongly|forcefully))"
_DOWN_WORD = (
    r"(?:smaller|narrower|shallower|weaker|softer|gentler|less (?:high|far|deeply|deep|wide|widely|big|hard|strongly)"
    r"|not (?:so|as|that) (?:high|far|deep|wide|big|hard))"
)
_SIZE = r"(?:high|far|big|large|wide|deep|deeply|hard|much)"
_LIMB = r"(?P<limb>arm|hand|fist|elbow|leg|foot|knee|side|limb|one)s?"


def number(words: str) -> float:
    """The value of a number in words or digits."""
    if words[0].isdigit():
        return float(words.replace(",", "."))
    return float(_MANY.get(words) or NUMBERS[words])


def _multiple(words: str) -> float:
    named = {"twice": 2.0, "double": 2.0, "half": 0.5, "a third": 1 / 3, "three times": 3.0}
    return named[words] if words in named else number(re.sub(r" (times|x)$", "", words))


def _graded(kind: str, up: bool, ordinary: float, small: float, big: float) -> Callable[[re.Match[str]], tuple[str, Any]]:
    def made(match: re.Match[str]) -> tuple[str, Any]:
        if match["percent"]:
            share = float(match["percent"]) / 100
            return kind, 1 + share if up else max(1 - share, 0.05)
        return kind, small if match["small"] else big if match["big"] else ordinary

    return made


def _limb(match: re.Match[str]) -> tuple[str, Any]:
    noun = match["limb"] or ""
    return "other side", {"arm": "arm", "hand": "arm", "fist": "arm", "elbow": "arm", "leg": "leg", "foot": "leg", "knee": "leg"}.get(
        noun, ""
    )


_TABLE: tuple[tuple[str, Callable[[re.Match[str]], tuple[str, Any]]], ...] = (
    # speed
    (rf"{_BY}(?:faster|quicker|more (?:quickly|rapidly|briskly|swiftly)|quicklier)", _graded("speed*", True, 1.4, 1.2, 1.8)),
    (rf"{_BY}(?:slower|more slowly|slowlier|less (?:quickly|fast|rapidly))", _graded("speed*", False, 0.7, 0.85, 0.5)),
    (r"not (?:so|as|that|quite so) (?:fast|quickly)", lambda m: ("speed*", 0.7)),
    (r"not (?:so|as|that|quite so) (?:slow|slowly)", lambda m: ("speed*", 1.4)),
    (rf"(?:at )?{_MULTIPLE} (?:as (?:fast|quick|quickly)|(?:the |its )?speed)", lambda m: ("speed*", _multiple(m["multiple"]))),
    (rf"{_MULTIPLE} as (?:slow|slowly)", lambda m: ("speed*", 1 / _multiple(m["multiple"]))),
    (r"speed up|hurry up", lambda m: ("speed*", 1.4)),
    (r"slow down", lambda m: ("speed*", 0.7)),
    # size, metres, degrees
    (rf"{_BY}{_UP_WORD}", _graded("amount*", True, 1.5, 1.2, 2.0)),
    (rf"{_BY}(?:a )?(?:longer|greater) (?:distance|way)", _graded("amount*", True, 1.5, 1.2, 2.0)),
    (rf"{_BY}(?:a )?shorter (?:distance|way)", _graded("amount*", False, 0.67, 0.83, 0.5)),
    (rf"{_BY}{_DOWN_WORD}", _graded("amount*", False, 0.67, 0.83, 0.5)),
    (rf"{_BY}lower(?! (?:the|his|her|their|your|both|a|an|left|right|it|one)\b)", _graded("lower*", False, 0.67, 0.83, 0.5)),
    (rf"{_MULTIPLE} as {_SIZE}|(?P<x>double) the (?:size|distance|height|angle)|(?P<h>half) the (?:size|distance|height|angle)",
        lambda m: ("amount*", _multiple(m["multiple"] or m["x"] or m["h"]))),
    (rf"(?P<n>{N}) (?:more (?P<unit>metres?|meters?|m|degrees?)|(?P<unit2>metres?|meters?|m|degrees?) (?:more|further|farther))",
        lambda m: ("amount+", number(m["n"]))),
    (rf"(?P<n>{N}) (?:fewer|less) (?P<unit>metres?|meters?|m|degrees?)|(?P<n2>{N}) (?:metres?|meters?|m|degrees?) less",
        lambda m: ("amount+", -number(m["n"] or m["n2"]))),
    # how often
    (r"once more|once again|again|another time|one more time|one time more|yet again", lambda m: ("count+", 1)),
    (r"twice more", lambda m: ("count+", 2)),
    (r"with more (?:force|power|strength)", lambda m: ("amount*", 1.5)),
    (r"with less (?:force|power|strength)", lambda m: ("amount*", 0.67)),
    (r"once less|one time less|one fewer time|one time fewer", lambda m: ("count+", -1)),
    (rf"(?P<n>{N}) (?:more times|times more|additional "
     rf"times)|another (?P<n2>{N}) times", lambda m: ("count+", int(number(m["n"] or m["n2"])))),
    (rf"(?P<n>{N}) (?:fewer times|times (?:less|fewer))", lambda m: ("count+", -int(number(m["n"])))),
    (rf"(?P<n>{N}) (?:more steps?|steps? more)|another (?P<n2>{N}) steps?|another step",
        lambda m: ("count+", int(number(m["n"] or m["n2"] or "one")))),
    (rf"(?P<n>{N}) (?:fewer|less) steps?|(?P<n2>{N}) steps? (?:less|fewer)", lambda m: ("count+", -int(number(m["n"] or m["n2"])))),
    (r"more often|more times|more steps|some more steps|a few more times", lambda m: ("count*", 1.5)),
    (r"less often|fewer times|fewer steps|less steps|not (?:so|as) often", lambda m: ("count*", 0.67)),
    (rf"{_MULTIPLE} as (?:often|many times|many steps|many)|double the (?:number|count)(?: of (?:times|steps))?",
        lambda m: ("count*", _multiple(m["multiple"] or "double"))),
    # how long
    (rf"(?:for )?{_BY}(?:for )?(?:a )?(?:longer(?: time| while)?|more time)", _graded("length*", True, 1.5, 1.2, 2.0)),
    (rf"(?:for )?{_BY}(?:for )?(?:a )?(?:shorter(?: time| while)?|less long|less time|more briefly)",
        _graded("length*", False, 0.67, 0.83, 0.5)),
    (rf"{_MULTIPLE} as long", lambda m: ("length*", _multiple(m["multiple"]))),
    (rf"(?:(?:for|to|in|within|take|takes|taking|last|lasts|lasting|of|over|exactly) "
     rf")*(?P<n>{N}) ?{_SECONDS}(?: long| in length| in total| altogether)?",
        lambda m: ("length=", number(m["n"]))),
    (rf"(?:for |by )?(?P<n>{N}) ?{_SECONDS} (?:longer|more)|for (?P<n2>{N}) (?:more|additional"
     rf"|extra) {_SECONDS}|(?:for )?another (?P<n3>{N}) {_SECONDS}",
        lambda m: ("length+", number(m["n"] or m["n2"] or m["n3"]))),
    (rf"(?:for |by )?(?P<n>{N}) ?{_SECONDS} (?:shorter|less)", lambda m: ("length+", -number(m["n"]))),
    # the other one
    (rf"(?:(?:with|using|by|use|on|to) )*(?:the )?(?:other|opposite) {_LIMB}(?: instead)?", _limb),
    (rf"(?:switch|swap|change) (?:the )?{_LIMB}", _limb),
    (r"(?:(?:in|to|into|towards|toward) )?the (?:other|opposite|reverse) (?:way|direction)(?: "
     r"around| round)?|the other way (?:a)?round|in reverse direction",
        lambda m: ("other way", None)),
    (r"(?:reverse|change|flip|invert|switch) (?:the )?(?:direction|way)", lambda m: ("other way", None)),
)  # fmt: skip
_PATTERNS = tuple((re.compile(rf"(?<![\w.]){pattern}(?![\w])"), make) for pattern, make in ((f"(?:{p})", m) for p, m in _TABLE))


def comparisons(text: str) -> tuple[list[Comparison], str]:
    """(The comparisons of a clause, the clause without them); of two that overlap the longer counts."""
    found: list[tuple[int, int, Comparison]] = []
    for pattern, make in _PATTERNS:
        for match in pattern.finditer(text):
            if match.group().strip():
                kind, value = make(match)
                found.append((match.start(), match.end(), Comparison(kind, value, match.group())))
    found.sort(key=lambda f: (f[0] - f[1], f[0]))
    taken: list[tuple[int, int, Comparison]] = []
    for start, end, comparison in found:
        if all(end <= a or start >= b for a, b, _ in taken):
            taken.append((start, end, comparison))
    taken.sort(key=lambda f: f[0])
    rest, at = "", 0
    for start, end, _ in taken:
        rest += text[at:start] + " "
        at = end
    return [c for *_, c in taken], tidy(rest + text[at:])


def tidy(text: str) -> str:
    """Without double blanks, and without "and", commas and the like at the ends."""
    text = " ".join(text.split())
    while True:
        cut = re.sub(
            r"^(?:and|,|but|with|for|by|also)\s+(?=and\b|,|but\b)|^(?:and|,|but)\s*|\s*(?:,|\band|\bbut|\bfor|\bbut also)$", "", text
        )
        cut = re.sub(r"\b(and|,) (?=(and|,))", "", cut).strip()
        if cut == text:
            return text
        text = cut
