"""Text into items: the longest phrases of the lexicon, with where they stand and what they can mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kinelang.language.spelling import corrected, respelt
from kinelang.language.wordlists import words
from kinelang.language.words import TOKEN, Readings, index

STOPS = frozenset(".;!?")
_QUIET = frozenset(",:\"'`()[]-–—_/*“”‘’…")
_SECONDS = frozenset(words("s sec secs second seconds minute minutes min"))
_SIDE_ENDS = frozenset({"left", "right"})


@dataclass(slots=True)
class Token:
    """A word as written, in small letters and as read, and where it stands (character offsets)."""

    text: str
    start: int
    end: int


@dataclass(slots=True)
class Item:
    """A word or phrase: tokens `first` to `last` (exclusive), and its readings by kind."""

    first: int
    last: int
    words: str
    readings: Readings
    unknown: bool = False

    def __contains__(self, kind: str) -> bool:
        return kind in self.readings

    def get(self, kind: str) -> Any:
        """What it means as this kind, or None."""
        return self.readings.get(kind)

    @property
    def forms(self) -> frozenset[str]:
        """The forms of its verb readings."""
        return frozenset(form for _, form in self.readings.get("verb", ()))


@dataclass(slots=True)
class Read:
    """Tokens and items of a text."""

    tokens: list[Token]
    items: list[Item] = field(default_factory=list)


def tokens_of(text: str) -> list[Token]:
    """Words, numbers and signs of a text, misspelt words of the table respelt. Signs that say nothing are left out."""
    made = []
    for match in TOKEN.finditer(text):
        word = match.group().lower().replace("’", "'")
        if word in _QUIET and word != ",":
            continue
        start, end = match.span()
        made += [Token(piece, start, end) for piece in (respelt(word) or word).split(" ")]
    return made


def read(text: str) -> Read:
    """The items of a text, in order; every token belongs to exactly one."""
    tokens = tokens_of(text)
    found = Read(tokens)
    words = [t.text for t in tokens]
    known = index()
    for i, word in enumerate(words):
        if word not in known.root and len(word) > 4:
            words[i] = _mended(word) or word
    at = 0
    while at < len(words):
        item = _item_at(words, at)
        found.items.append(item)
        at = item.last
    return found


def _mended(word: str) -> str | None:
    if word.endswith("'s"):
        return word[:-2] if word[:-2] in index().root else None
    return corrected(word)


def _item_at(words: list[str], at: int) -> Item:
    word = words[at]
    if word in STOPS or word == ",":
        return Item(at, at + 1, word, {"stop" if word in STOPS else "comma": word})
    if word == "from":
        span = _span(words, at)
        if span is not None:
            return span
    if word[0].isdecimal():
        return _number(words, at)
    for length, readings in index().matches(words, at):
        if not _belongs_to_part(words, at, length, readings):
            return Item(at, at + length, " ".join(words[at : at + length]), readings)
    return Item(at, at + 1, word, {}, unknown=True)


def _belongs_to_part(words: list[str], at: int, length: int, readings: Readings) -> bool:
    """Whether "to his left" is cut from "to his left foot"."""
    after = at + length
    if length < 2 or after >= len(words) or not readings.keys() & {"dir", "ignore", "fro"}:
        return False
    node = index().root.get(words[after], {}).get("", {})
    if words[after - 1] in _SIDE_ENDS:
        return "part" in node or words[after] in ("handed", "side", "most")
    return words[after] in ("of",) and "dir" in readings


def _span(words: list[str], at: int) -> Item | None:
    """ "from 1.0 s to 2.5 s", the first unit or not."""
    i, values = at + 1, []
    for joint in ("to", ""):
        if i >= len(words) or not words[i][0].isdecimal() or len(words[i]) > 11:
            return None
        values.append(float(words[i].replace(",", ".")))
        i += 1
        unit = i < len(words) and words[i] in _SECONDS
        i += unit
        if joint and not (i < len(words) and words[i] in ("to", "until")):
            return None
        i += bool(joint)
    if not unit or values[1] <= values[0]:
        return None
    return Item(at, i, " ".join(words[at:i]), {"span": (values[0], values[1])})


def _number(words: list[str], at: int) -> Item:
    word = words[at].replace(",", ".")
    value = float(word) if len(word) < 12 else 0.0
    readings: Readings = {"num": int(value) if value == int(value) and value < 1e9 else value}
    after = words[at + 1] if at + 1 < len(words) else ""
    if words[at + 1 : at + 4] == ["times", "the", "usual"] and words[at + 4 : at + 5] in (["speed"], ["size"]):
        return Item(at, at + 5, " ".join(words[at : at + 5]), {f"times_{words[at + 4]}": float(value)})
    if after in _SECONDS and value < 1e6:
        return Item(at, at + 2, f"{word} {after}", {"secs": float(value) * (60 if after.startswith("min") else 1)})
    if index().root.get(after, {}).get("", {}).get("unit") == "deg":
        return Item(at, at + 2, f"{word} {after}", {"turn": float(value)})
    if word in ("180", "360", "270"):
        readings["turn"] = value
    return Item(at, at + 1, word, readings)
