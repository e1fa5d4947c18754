"""Stems of English words by Porter's rules: "kicks", "kicked" and "kicking" are "kick".

Source: M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980. Figures of attention are grouped by them, as those of
Radouane et al. (BMVC 2024) are; what a word means is told by the lexicon, not by its stem.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

_VOWELS = frozenset("aeiou")
_SECOND: Mapping[str, str] = MappingProxyType(
    {
        "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "abli": "able", "alli": "al", "entli": "ent",
        "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate", "ator": "ate", "alism": "al", "iveness": "ive", "fulness": "ful",
        "ousness": "ous", "aliti": "al", "iviti": "ive", "biliti": "ble",
    }
)  # fmt: skip
_THIRD: Mapping[str, str] = MappingProxyType(
    {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
)
_FOURTH = (
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti", "ous", "ive",
    "ize",
)  # fmt: skip


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of a word in small letters; words of one or two letters, and what is no word of letters, as they are."""
    if len(word) <= 2 or not word.isalpha():
        return word
    word = _past_and_participle(_plural(word))
    if word.endswith("y") and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    word = _replaced(_replaced(word, _SECOND), _THIRD)
    return _without_e(_without_ending(word))


# --- what stands before an ending


def _is_consonant(word: str, i: int) -> bool:
    if word[i] == "y":
        return i == 0 or not _is_consonant(word, i - 1)
    return word[i] not in _VOWELS


def _measure(root: str) -> int:
    """How often a consonant follows a vowel: Porter's m."""
    kinds = [_is_consonant(root, i) for i in range(len(root))]
    return sum(after and not before for before, after in pairwise(kinds))


def _has_vowel(root: str) -> bool:
    return any(not _is_consonant(root, i) for i in range(len(root)))


def _doubled(word: str) -> bool:
    return len(word) > 1 and word[-1] == word[-2] and _is_consonant(word, len(word) - 1)


def _short(word: str) -> bool:
    """Whether it ends consonant, vowel, consonant, the last not w, x or y."""
    n = len(word)
    shape = [_is_consonant(word, i) for i in range(max(n - 3, 0), n)]
    return shape == [True, False, True] and word[-1] not in "wxy"


# --- the steps


def _plural(word: str) -> str:
    if word.endswith("sses") or word.endswith("ies"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _past_and_participle(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for ending in ("ed", "ing"):
        root = word[: -len(ending)]
        if word.endswith(ending) and _has_vowel(root):
            if root.endswith(("at", "bl", "iz")):
                return root + "e"
            if _doubled(root) and root[-1] not in "lsz":
                return root[:-1]
            return root + "e" if _measure(root) == 1 and _short(root) else root
    return word


def _replaced(word: str, endings: Mapping[str, str]) -> str:
    """The longest ending replaced, where a vowel and a consonant stand before it."""
    ending = max((e for e in endings if word.endswith(e)), key=len, default=None)
    if ending is None or _measure(word[: -len(ending)]) == 0:
        return word
    return word[: -len(ending)] + endings[ending]


def _without_ending(word: str) -> str:
    ending = max((e for e in _FOURTH if word.endswith(e)), key=len, default=None)
    if ending is None:
        return word
    root = word[: -len(ending)]
    return root if _measure(root) > 1 and (ending != "ion" or root.endswith(("s", "t"))) else word


def _without_e(word: str) -> str:
    root = word[:-1]
    if word.endswith("e") and (_measure(root) > 1 or (_measure(root) == 1 and not _short(root))):
        word = root
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word
