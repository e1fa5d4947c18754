"""Words with their parts of speech, as HumanML3D's text files carry them: `a/DET person/NOUN walk/VERB`.

HumanML3D was tagged with spaCy's small English model, which has to be downloaded. Here TextBlob's tagger and simplemma's lemmas, which
come with their packages (extra `text`), do it, with rules for the words they mistake in sentences about motion: `left` is never a verb,
and `steps`, `turns`, `jumps` after a noun or pronoun are.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import lru_cache

from kinelang.errors import MissingExtraError

Tagger = Callable[[str], str]
"""From a sentence to `word/POS word/POS ...`."""

# Penn Treebank tags, as the tagger gives them, to the universal ones of HumanML3D, by their beginnings.
_UNIVERSAL = (
    ("NNP", "PROPN"), ("NN", "NOUN"), ("VB", "VERB"), ("MD", "AUX"), ("JJ", "ADJ"), ("RB", "ADV"), ("WRB", "ADV"), ("RP", "ADP"),
    ("IN", "ADP"), ("TO", "PART"), ("PRP", "PRON"), ("WP", "PRON"), ("WDT", "PRON"), ("DT", "DET"), ("PDT", "DET"), ("CC", "CCONJ"),
    ("CD", "NUM"), ("POS", "PART"), ("EX", "PRON"), ("UH", "INTJ"),
)  # fmt: skip
_SUBORDINATING = {"while", "as", "if", "because", "although", "before", "after", "when", "until"}
_AUXILIARIES = {"is", "are", "was", "were", "be", "been", "being", "am"}
_POSSESSIVE = {"his", "her", "their", "its", "my", "your", "our"}
_NUMBERS = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve"}
_TURNING = {"clockwise", "counterclockwise", "anticlockwise"}
_MOVES = {
    "step", "turn", "walk", "jump", "kick", "run", "wave", "squat", "hop", "dance", "spin", "swing", "punch", "throw", "lean", "bend",
    "raise", "lift", "crawl", "jog", "twist", "stretch", "bow", "march", "skip", "stumble", "limp", "shuffle", "stand", "move", "pace",
}  # fmt: skip
"""Verbs of moving that are nouns as well, and which the tagger takes for nouns."""


def untagged(text: str) -> str:
    """Every word as `word/OTHER`: the form that readers of HumanML3D expect, without the parts of speech."""
    return " ".join(f"{word}/OTHER" for word in _words(text))


def tagged(text: str) -> str:
    """Words of a sentence with parts of speech; nouns and verbs as lemmas, except `left`. Hyphens and all but letters are dropped.

    Raises MissingExtraError if the extra `text` is not installed.
    """
    tag, lemma = _tools()
    words = _words(text)
    penn = [name for _, name in tag(" ".join(words))] if words else []
    if len(penn) != len(words):  # the tagger has split a word: tag them one by one
        penn = [tag(word)[0][1] if tag(word) else "" for word in words]
    out: list[str] = []
    for i, word in enumerate(words):
        part = _part_of_speech(words, penn, out, i, lemma)
        out.append(f"{_lemma(word, part, lemma)}/{part}")
    return " ".join(out)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower().replace("-", "").replace("’", "'"))


def _part_of_speech(words: list[str], penn: list[str], before: list[str], i: int, lemma: Callable[[str], str]) -> str:
    """The universal tag of one word; `before` are the words tagged so far."""
    word, after = words[i], words[i + 1] if i + 1 < len(words) else ""
    last = before[-1].rsplit("/", 1)[1] if before else ""
    if word in ("left", "right"):
        if last not in ("DET", "PRON"):
            return "ADV"  # turns left
        return "ADJ" if after and _tag(penn[i + 1]) in ("NOUN", "VERB") else "NOUN"  # the left arm; to the left
    for known, part in ((_TURNING, "ADV"), (_POSSESSIVE, "PRON"), (_AUXILIARIES, "AUX"), (_NUMBERS, "NUM"), (_SUBORDINATING, "SCONJ")):
        if word in known:
            return part
    part = _tag(penn[i])
    if part == "NOUN" and last == "AUX" and word.endswith("ing"):
        return "VERB"  # is boxing
    if part == "NOUN" and lemma(word) in _MOVES and last in ("NOUN", "PRON", "CCONJ", "ADV", "SCONJ") and not _possessed(before):
        return "VERB"
    return part


def _possessed(before: list[str]) -> bool:
    return bool(before) and before[-1].rsplit("/", 1)[0] in _POSSESSIVE


def _tag(penn: str) -> str:
    return next((universal for start, universal in _UNIVERSAL if penn.startswith(start)), "X")


def _lemma(word: str, part: str, lemma: Callable[[str], str]) -> str:
    if part == "AUX" and word in _AUXILIARIES:
        return "be"
    kept = word == "left" or (part == "NOUN" and word.endswith("ing"))  # a boxing ring
    return lemma(word) if part in ("NOUN", "VERB") and not kept else word


@lru_cache(maxsize=1)
def _tools() -> tuple[Callable[[str], list[tuple[str, str]]], Callable[[str], str]]:
    """The tagger and the lemmatiser, loaded once."""
    try:
        import simplemma
        from textblob.en import tag
    except ImportError as error:
        raise MissingExtraError.for_extra("textblob or simplemma", "text") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the tagger leaves its word list open
        tag("a person walks")

    @lru_cache(maxsize=50_000)
    def lemma(word: str) -> str:
        return str(simplemma.lemmatize(word, lang="en")).lower()

    return tag, lemma
