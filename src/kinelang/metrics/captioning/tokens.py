"""How captions are cut into words before they are compared: the two modes, without which a figure says nothing.

strict   What tables of captioning report: raw references, lower case, the words of Stanford's PTBTokenizer as coco-caption calls it
         (github.com/tylin/coco-caption, `ptbtokenizer.py`), its list of punctuation removed, no special tokens.
legacy   What M2T-Interpretable reports (Radouane et al., BMVC 2024; github.com/rd20karim/M2T-Interpretable): every punctuation mark is
         a word, words outside of the captioner's vocabulary are <unk> in the references too, and every text ends in the word <eos>.
         All of these are easily right: figures are higher than strict ones and only compare with others of this mode.
"""

from __future__ import annotations

import re
from collections.abc import Collection

STRICT = "strict"
LEGACY = "legacy"

END = "<eos>"
UNKNOWN = "<unk>"
MARKS = ("<pad>", "<sos>", "<bos>", END)
"""Special tokens that strict mode takes out. <unk> stays: a caption that says it has said a word that is not in the references."""

PUNCTUATION = frozenset(("''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";"))
"""What coco-caption removes. Its list has the brackets in capitals (-LRB-) but the tokenizer has put them in small letters by then, so
that they stay as words; the same here. So do "&", "/", "°" and other signs."""

_BRACKETS = {"(": "-lrb-", ")": "-rrb-", "[": "-lsb-", "]": "-rsb-", "{": "-lcb-", "}": "-rcb-"}
_LEFT_OUT = PUNCTUATION | frozenset(MARKS) | {'"'}
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_RUN = "[^\\W_⁰]+"
_SHORT = r"'(?:s|re|m|d|ll|ve)(?![a-z])"
_GROWN = ("cannot", "gonna", "gotta", "wanna")
_COMMON = rf"<[a-z]+>|{_RUN}?(?=n't(?![a-z]))|n't(?![a-z])|{_SHORT}|can(?=not\b)|gon(?=na\b)|wan(?=na\b)|got(?=ta\b)"
_NUMBERS = r"\d+(?:[.,:/]\d+)+(?:st|nd|rd|ths?|s)?|(?:[a-z]\.){2,}"
_SIGNS = r"\.\.\.+|--+|[^\w\s]|[_⁰]"
_STRICT = re.compile(rf"{_COMMON}|{_NUMBERS}|{_RUN}(?:(?!{_SHORT})['./-]{_RUN})*|{_SIGNS}")
_LEGACY = re.compile(rf"{_COMMON}|{_RUN}|{_SIGNS}")


def strict_words(text: str) -> list[str]:
    """The words of a text in strict mode.

    "A person's left-hand (the other one) isn't raised." gives a, person, 's, left-hand, -lrb-, the, other, one, -rrb-, is, n't, raised:
    possessives and contractions are words of their own, hyphens and slashes between letters stay inside. On HumanML3D's captions this
    is what Stanford's tokenizer gives in 99.9 %; BENCHMARKS.md has the command.
    """
    lower = text.lower()
    plain = lower.rstrip(". ").replace(",", " ")
    if plain.replace(" ", "").isalpha() and plain.isascii() and not any(word in plain for word in _GROWN):
        return plain.split()
    return _strict_words(lower)


def _strict_words(lower: str) -> list[str]:
    found = _STRICT.findall(lower.translate(_QUOTES))
    return [_BRACKETS.get(word, word) for word in found if word not in _LEFT_OUT and word.strip(".-")]


def legacy_words(text: str, vocabulary: Collection[str]) -> list[str]:
    """The words of a text in legacy mode: punctuation marks too, hyphened words in three, <unk> for those unknown, <eos> at the end.

    Args:
        text: a caption; of its own special tokens <unk> stays, a last <eos> is not doubled.
        vocabulary: words that the captioner can say, in lower case; signs are looked up like words.
    """
    found = [word for word in _LEGACY.findall(text.translate(_QUOTES).lower()) if word not in MARKS]
    return [word if word in vocabulary else UNKNOWN for word in found] + [END]
