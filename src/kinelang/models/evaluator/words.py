"""A caption as the evaluator reads it: a vector and a class for each word.

Source: github.com/EricGuo5513/text-to-motion, whose classes and lists of words these are. It takes its vectors from GloVe and its tags
from spaCy, neither of which can be had offline; what stands in for them has a name, which the model records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import numpy as np

from kinelang.corpora.tagging import tagged, untagged
from kinelang.errors import ModelError
from kinelang.language.wordlists import words as listed_words
from kinelang.motion.arrays import Array

if TYPE_CHECKING:
    from kinelang.language.encoders import TextEncoder

PARTS_OF_SPEECH = (
    "VERB", "NOUN", "DET", "ADP", "NUM", "AUX", "PRON", "ADJ", "ADV", "Loc_VIP", "Body_VIP", "Obj_VIP", "Act_VIP", "Desc_VIP", "OTHER",
)  # fmt: skip
"""The classes, in the order of their one-hot vectors. Every other tag is OTHER."""

LISTED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        name: frozenset(listed_words(text))
        for name, text in {
            "Loc_VIP": "left right clockwise counterclockwise anticlockwise forward back backward up down straight curve",
            "Body_VIP": "arm chin foot feet face hand mouth leg waist eye knee shoulder thigh",
            "Obj_VIP": "stair dumbbell chair window floor car ball handrail baseball basketball",
            "Act_VIP": """walk run swing pick bring kick put squat throw hop dance jump turn stumble stop sit lift lower raise wash
                stand kneel stroll rub bend balance flap jog shuffle lean rotate spin spread climb""",
            "Desc_VIP": "slowly carefully fast careful slow quickly happy angry sad happily angrily sadly",
        }.items()
    }
)
"""Words that have a class of their own, whatever their tag."""

TAGGERS: Mapping[str, Callable[[str], str]] = MappingProxyType({"textblob": tagged, "none": untagged})
FIRST, LAST, PADDING = "sos", "eos", "unk"
HASHED_WIDTH = 300
"""GloVe's width."""
_SPREAD = 0.4
"""Standard deviation of each number of a hashed vector."""


class WordVectors(Protocol):
    """Where the vectors of words come from.

    Attributes:
        identity: name of the source, and what else it depends on; a model takes no other.
        width: of a vector.
    """

    @property
    def identity(self) -> str: ...  # noqa: D102

    @property
    def width(self) -> int: ...  # noqa: D102

    def __call__(self, words: Sequence[str]) -> Array:
        """The vectors of words in small letters, (N, width) float32; each depends on its word alone."""
        ...


class HashedVectors:
    """Random normal vectors, the same for a word everywhere: words are told apart, and none is like another."""

    def __init__(self, width: int = HASHED_WIDTH) -> None:
        self.width = width
        self.identity = f"hashed words, {width} wide"
        self._known: dict[str, Array] = {}

    def __call__(self, words: Sequence[str]) -> Array:
        """(N, width) float32."""
        for word in [word for word in dict.fromkeys(words) if word not in self._known]:
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
            self._known[word] = (_SPREAD * np.random.default_rng(seed).standard_normal(self.width)).astype(np.float32)
        return _stacked(words, self._known, self.width)


class EncoderVectors:
    """The mean of the states that a text encoder gives to the tokens of a word alone, special tokens at its ends left out."""

    def __init__(self, encoder: TextEncoder) -> None:
        self.width = encoder.width
        self.identity = f"mean token states of {encoder.identity}"
        self._encoder = encoder
        self._known: dict[str, Array] = {}

    def __call__(self, words: Sequence[str]) -> Array:
        """(N, width) float32."""
        new = [word for word in dict.fromkeys(words) if word not in self._known]
        for word, states in zip(new, self._encoder.tokens(new) if new else (), strict=True):
            own = states[1:-1] if len(states) > 2 else states
            self._known[word] = own.mean(axis=0).astype(np.float32)
        return _stacked(words, self._known, self.width)


def _stacked(words: Sequence[str], known: Mapping[str, Array], width: int) -> Array:
    return np.stack([known[word] for word in words]) if len(words) else np.zeros((0, width), np.float32)


def class_of(word: str, tag: str) -> str:
    """One of `PARTS_OF_SPEECH`: that of the list the word is in, else its tag, else OTHER."""
    listed = next((name for name, words in LISTED.items() if word in words), None)
    return listed or (tag if tag in PARTS_OF_SPEECH else "OTHER")


@dataclass(frozen=True, eq=False)
class Sentences:
    """Captions as arrays, padded with the vector of "unk".

    Attributes:
        words: (B, L, width) float32, vectors.
        parts: (B, L, 15) float32, one-hot classes.
        lengths: (B,) int64, words with the first and the last mark.
    """

    words: Array
    parts: Array
    lengths: Array


def sentences(tagged_texts: Sequence[str], vectors: WordVectors, most_words: int = 20) -> Sentences:
    """Tagged captions as the evaluator reads them.

    Args:
        tagged_texts: each as `word/POS word/POS ...`: a corpus's own tags, or what one of `TAGGERS` gives.
        vectors: of the words.
        most_words: what comes after is not read.

    Raises:
        ModelError: no caption, or a word without a tag.
    """
    marked = [[(FIRST, "OTHER"), *_pairs(text)[:most_words], (LAST, "OTHER")] for text in tagged_texts]
    if not marked:
        raise ModelError.of("captions", "none", "at least one")
    lengths = np.array([len(pairs) for pairs in marked])
    padded = [pairs + [(PADDING, "OTHER")] * (int(lengths.max()) - len(pairs)) for pairs in marked]
    flat = [pair for pairs in padded for pair in pairs]
    shape = len(padded), len(padded[0])
    places = np.array([PARTS_OF_SPEECH.index(class_of(word, tag)) for word, tag in flat])
    parts = np.eye(len(PARTS_OF_SPEECH), dtype=np.float32)[places]
    return Sentences(vectors([word for word, _ in flat]).reshape(*shape, -1), parts.reshape(*shape, -1), lengths)


def _pairs(tagged_text: str) -> list[tuple[str, str]]:
    """(Word, tag) of `word/POS word/POS ...`."""
    pairs = [token.rpartition("/") for token in tagged_text.split()]
    for word, _, tag in pairs:
        if not word or not tag:
            raise ModelError.of("tagged caption", f"'{tagged_text[:60]}'", "word/POS word/POS ...", "tag it with one of TAGGERS")
    return [(word, tag) for word, _, tag in pairs]
