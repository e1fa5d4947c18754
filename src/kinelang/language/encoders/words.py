"""An encoder without weights, for the case that no other is present: fixed vectors of words, their letters and the lexicon's readings.

A word's state is the sum of three random vectors drawn by hash: of the word itself, so that no two are alike; of its letters three at
a time, so that forms and misspellings are near each other; and of its readings in the lexicon (verb, side, direction, body part, count,
...), so that what differs in a side or a verb differs plainly and what is synonymous agrees. A text tower trained on top does the rest.
The same on every machine. It knows English words of motion, nothing else; the identity changes with the lexicon.

Random signs in place of trained vectors: Achlioptas, Database-friendly random projections (2003).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np

from kinelang.language.encoders.base import Array, normal_texts, unit_rows
from kinelang.language.lexicon.frames import FRAMES
from kinelang.language.lexicon.function_words import LIGHT_VERBS
from kinelang.language.spelling import corrected, respelt
from kinelang.language.words import TOKEN, index, plain_key

WIDTH = 256
"""One sign for each bit of a SHA-256."""
_RULES = "1"
"""Changed with the rules of this file, for the identity."""

_WORD, _LETTERS, _READINGS = 0.6, 0.5, 1.0
"""How much the word itself, its letters and the lexicon count in a state."""
_TOLD = frozenset(
    ("verb", "side", "dir", "part", "turn", "times", "num", "clock", "speed", "size", "style", "path", "unit", "neg", "alt", "some")
)
"""Kinds of words of which it matters which; of the others, such as places and things, only the kind does."""
_KINDS = frozenset(("fro", "sideways", "moment", "person", "place", "thing", "animal", "dance", "sport", "instrument", "home"))
_LIGHT = LIGHT_VERBS | {"be"}
_WEIGHT_OF_TOLD, _WEIGHT_OF_UNKNOWN, _WEIGHT_OF_OTHERS = 1.0, 0.5, 0.1
"""In a sentence: words of motion, words that the lexicon does not have, and articles, pronouns, signs and the like."""


class Words:
    """The encoder: one state a word or sign of the text; the sentence is their weighted mean, of unit length."""

    width = WIDTH

    @cached_property
    def identity(self) -> str:
        """ "words@" and a hash of the rules and of everything they take from the lexicon."""
        digest = hashlib.sha256(_RULES.encode())
        for line in _dumped(index().root, ""):
            digest.update(line.encode())
        return f"words@{digest.hexdigest()[:8]}"

    def tokens(self, texts: Sequence[str]) -> list[Array]:
        """The state of each word and sign, (T_i, 256) float32 of unit length."""
        return [_encoded(text)[0] for text in normal_texts(texts)]

    def sentences(self, texts: Sequence[str]) -> Array:
        """The weighted mean of each text's states, (N, 256) float32 of unit length."""
        encoded = [_encoded(text) for text in normal_texts(texts)]
        return unit_rows(np.stack([weights @ states for states, weights in encoded])) if encoded else np.zeros((0, WIDTH), np.float32)


def _encoded(text: str) -> tuple[Array, Array]:
    """States (T, 256) and weights (T,) of a text's words."""
    words = [m.lower() for m in TOKEN.findall(text)]
    read = _readings([_known(word) for word in words])
    states = np.stack([_state(word, features) for word, (features, _) in zip(words, read, strict=True)])
    return states, np.array([weight for _, weight in read], np.float32)


def _known(word: str) -> str:
    """The word as the lexicon spells it."""
    return word if word in index().root or len(word) < 4 else respelt(word) or corrected(word) or word


def _readings(words: list[str]) -> list[tuple[tuple[str, ...], float]]:
    """Features and weight of each word, from the longest phrase of the lexicon that it stands in."""
    made: list[tuple[tuple[str, ...], float]] = []
    while len(made) < len(words):
        at = len(made)
        taken, readings = next(iter(index().matches(words, at)), (1, {}))
        features = tuple(sorted(_features(readings)))
        if words[at].isdecimal():
            features = (*features, f"num:{int(words[at])}")
        made += [(features, _weight(words[at], features, readings))] * taken
    return made


def _weight(word: str, features: tuple[str, ...], readings: dict[str, Any]) -> float:
    light = all(head in _LIGHT for head, _ in readings.get("verb", ()))
    if any(":" in feature and not (light and feature.startswith("verb:")) for feature in features):
        return _WEIGHT_OF_TOLD
    return _WEIGHT_OF_UNKNOWN if word.isalpha() and (features or not readings) else _WEIGHT_OF_OTHERS


def _features(readings: dict[str, Any]) -> set[str]:
    """Names of what a phrase means: "verb:walk", "side:left", "thing"."""
    features = set(readings.keys() & _KINDS)
    for kind in readings.keys() & _TOLD:
        if kind == "verb":
            features |= {f"verb:{key}" for head, _ in readings[kind] for key in _keys(head)}
        else:
            features.add(f"{kind}:{readings[kind]}")
    return features


def _keys(head: str) -> set[str]:
    """The verbs that a head ("=walk", "raise") means, or may mean with some object: "raise" and "lift" share most of theirs."""
    if head.startswith("="):
        return {head[1:]}
    key = plain_key(head)
    if key is not None or head in _LIGHT:
        return {key or head}
    return {frame.key for frame in FRAMES.get(head, ()) if not frame.key.startswith("=")} or {head}


@lru_cache(maxsize=1 << 15)
def _state(word: str, features: tuple[str, ...]) -> Array:
    """The unit state of a word with these readings, (256,)."""
    framed = f"<{word}>"
    letters = [framed[i : i + 3] for i in range(max(len(framed) - 2, 1))]
    state = _WORD * _signs(f"word {word}") + _LETTERS * _sum([f"letters {three}" for three in letters])
    if features:
        state += _READINGS * _sum([f"reading {feature}" for feature in features])
    state /= np.sqrt((state**2).sum())
    made: Array = state.astype(np.float32)
    made.flags.writeable = False
    return made


def _sum(names: Sequence[str]) -> Any:
    """The vectors' sum over the root of their number: about unit length, (256,) float64."""
    return np.sum([_signs(name) for name in names], axis=0) / np.sqrt(len(names))


@cache
def _signs(name: str) -> Any:
    """Random signs of unit length drawn by a name's hash, (256,) float64: the bits of its SHA-256."""
    bits = np.unpackbits(np.frombuffer(hashlib.sha256(name.encode()).digest(), np.uint8))
    return (2.0 * bits - 1.0) / np.sqrt(WIDTH)


def _dumped(node: dict[str, Any], before: str) -> Iterator[str]:
    """Every phrase of the lexicon with its features, in the order of the alphabet."""
    for word in sorted(node):
        if word:
            yield from _dumped(node[word], f"{before} {word}")
        else:
            yield f"{before}={','.join(sorted(_features(node[word])))}\n"
