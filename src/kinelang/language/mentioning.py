"""Which motion verbs a text mentions: a cheap look at its words, without the order, sides and times that `timeline.parse` reads."""

from __future__ import annotations

from kinelang.language.lexicon.frames import FRAMES
from kinelang.language.lexicon.function_words import LIGHT_VERBS
from kinelang.language.spelling import corrected, respelt
from kinelang.language.words import TOKEN, index, plain_key

_REACH = 5
"""How many words after a verb its object may stand."""
_ALSO_NOUNS = frozenset({"part", "thing", "place", "path", "person", "dir", "size", "way", "style", "speed"})


def mentions(text: str) -> set[str]:
    """The keys of the verbs that a text mentions.

    "raises his right arm and takes two steps" mentions raise_arm and step. Quicker than `timeline.parse` and blind to structure: what
    is negated is mentioned too. For scoring detections and captions against what people wrote.
    """
    words = [_spelt(m.lower()) for m in TOKEN.findall(text)]
    found: set[str] = set()
    at = 0
    while at < len(words):
        taken, readings = next(iter(index().matches(words, at)), (1, {}))
        if "verb" in readings and not _is_noun_here(words, at, readings):
            found |= _keys(words, at, taken, readings["verb"])
        at += taken
    return found


def _spelt(word: str) -> str:
    if word in index().root or len(word) < 4:
        return word
    return respelt(word) or corrected(word) or word


def _is_noun_here(words: list[str], at: int, readings: dict[str, object]) -> bool:
    """Whether a word that is also a noun of another kind ("hands", "back", "face") is that."""
    if not readings.keys() & _ALSO_NOUNS:
        return False
    forms = {form for _, form in readings["verb"]}  # type: ignore[attr-defined]
    before = index().root.get(words[at - 1], {}).get("", {}) if at else {}
    if "part" in readings or "thing" in readings or "place" in readings:
        return not (forms == {"ing"} or (before.keys() & {"person", "pron"} and "third" in forms))
    return bool(before.keys() & {"det", "poss"}) and "unit" not in readings and "way" not in readings


def _keys(words: list[str], at: int, taken: int, heads: tuple[tuple[str, str], ...]) -> set[str]:
    near, objects = _nearby(words, at + taken)
    for head, _ in heads:
        if head.startswith("="):
            return {head[1:]}
        for obj in (*objects, *(() if head in LIGHT_VERBS else ("none",))):
            for frame in FRAMES.get(head, ()):
                if obj in frame.objects and frame.fits(obj, near):
                    return {frame.key} if not frame.key.startswith("=") else set()
        key = plain_key(head)
        if key is not None and not (head in LIGHT_VERBS and key not in ("throw", "pull", "punch")):
            return {key}
    return set()


def _nearby(words: list[str], at: int) -> tuple[frozenset[str], list[str]]:
    """Words, directions and groups of nouns shortly after a verb, up to the next verb."""
    near: set[str] = set()
    objects: list[str] = []
    for i in range(at, min(at + _REACH, len(words))):
        readings = index().root.get(words[i], {}).get("", {})
        if words[i] in (",", ".", ";", "and", "then", "while") or ("verb" in readings and not readings.keys() & _ALSO_NOUNS):
            break
        near.add(words[i])
        near |= {str(readings[kind]) for kind in ("dir", "part", "path", "particle") if kind in readings}
        if "part" in readings and words[i] != "back":
            objects.append(readings["part"])
        elif readings.keys() & {"thing", "obj", "place"} and not objects:
            objects.append("thing")
    return frozenset(near), objects
