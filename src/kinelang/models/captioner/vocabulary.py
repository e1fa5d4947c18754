"""Captions as words and words as numbers: the tokenizer and the vocabulary, which is saved with the model."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.errors import ModelError
from kinelang.models.base import read_json, write_json
from kinelang.motion.arrays import Array

SPECIAL = ("<pad>", "<sos>", "<eos>", "<unk>")
"""Marks, with the numbers 0 to 3: padding, start, end, any word that is not in the vocabulary."""
PAD, SOS, EOS, UNK = range(len(SPECIAL))
FILE = "vocabulary.json"
"""In the run folder."""

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+(?:[.,]\d+)*|[^\w\s]|_")
_NO_BLANK_BEFORE = frozenset(".,!?;:)%°")
_NO_BLANK_AFTER = frozenset("(")


@dataclass(frozen=True)
class Word:
    """A word, number or sign of a caption, in small letters, and where it stands (character offsets)."""

    text: str
    start: int
    end: int


def tokens(caption: str) -> list[Word]:
    """Words, numbers and single signs of a caption, in order."""
    plain = caption.replace("’", "'")
    return [Word(found.group().lower(), *found.span()) for found in _TOKEN.finditer(plain)]


def text_of(words: Sequence[str]) -> str:
    """Words as a caption: no blank before a full stop or comma."""
    said = ""
    for word in words:
        joined = not said or word in _NO_BLANK_BEFORE or said[-1] in _NO_BLANK_AFTER
        said += word if joined else f" {word}"
    return said


@dataclass(frozen=True)
class Vocabulary:
    """The words that a captioner can say, each with its number.

    Attributes:
        words: by number; the marks of `SPECIAL` first, then the words in alphabetical order.
        min_count: how often a word had to come to be in it.

    Raises:
        ModelError: other marks, a word twice, or words that the tokenizer would take apart.
    """

    words: tuple[str, ...]
    min_count: int = 1

    def __post_init__(self) -> None:
        if self.words[: len(SPECIAL)] != SPECIAL:
            raise ModelError.of("vocabulary", f"beginning {', '.join(self.words[:4])}", f"beginning {', '.join(SPECIAL)}")
        if len(set(self.words)) != len(self.words):
            twice = next(word for word, n in Counter(self.words).items() if n > 1)
            raise ModelError.of("vocabulary", f"'{twice}' twice", "every word once")
        broken = next((word for word in self.words[len(SPECIAL) :] if [w.text for w in tokens(word)] != [word]), None)
        if broken is not None:
            raise ModelError.of("vocabulary", f"'{broken}'", "words as the tokenizer makes them: small letters, no blanks")

    @classmethod
    def of(cls, captions: Iterable[str], min_count: int = 3, mirrored: Iterable[str] = ()) -> Vocabulary:
        """The words of captions that come at least so often, in the same order whatever the order of the captions.

        `mirrored`: the captions with their sides exchanged; a word that comes so often in them is known as well.
        """
        counts = [Counter(word.text for caption in texts for word in tokens(caption)) for texts in (captions, mirrored)]
        often = {word for count in counts for word, n in count.items() if n >= min_count}
        return cls((*SPECIAL, *sorted(often)), min_count)

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each word."""
        return {word: i for i, word in enumerate(self.words)}

    @cached_property
    def identity(self) -> str:
        """The first 16 hexadecimal digits of a hash of the words in their order."""
        return hashlib.sha256("\n".join(self.words).encode()).hexdigest()[:16]

    def encode(self, caption: str) -> Array:
        """The caption between <sos> and <eos>, unknown words as <unk>: (L + 2,) int64."""
        known = [self.numbers.get(word.text, UNK) for word in tokens(caption)]
        return np.array([SOS, *known, EOS], dtype=np.int64)

    def words_of(self, numbers: Iterable[int]) -> list[str]:
        """The words of numbers up to the first <eos>, padding and <sos> left out."""
        said: list[str] = []
        for number in numbers:
            if number == EOS:
                break
            if number not in (PAD, SOS):
                said.append(self.words[int(number)])
        return said

    def decode(self, numbers: Iterable[int]) -> str:
        """The caption of numbers, as `words_of` reads them."""
        return text_of(self.words_of(numbers))

    def save(self, folder: Path) -> None:
        """Write `vocabulary.json`, atomically."""
        write_json(folder / FILE, {"min_count": self.min_count, "words": list(self.words)})

    @classmethod
    def load(cls, folder: Path) -> Vocabulary:
        """Read `vocabulary.json`. Raises ModelError if it is missing or no vocabulary."""
        return cls.from_json(read_json(folder / FILE), str(folder / FILE))

    @classmethod
    def from_json(cls, content: Mapping[str, Any], where: str) -> Vocabulary:
        """From what `save` wrote. Raises ModelError."""
        words, least = content.get("words"), content.get("min_count")
        if set(content) != {"words", "min_count"} or not isinstance(words, list) or type(least) is not int:
            raise ModelError.of(where, f"fields {', '.join(map(str, content))}", "words, a list, and min_count, a whole number")
        if not all(isinstance(word, str) for word in words):
            raise ModelError.of(where, "words that are no text", "text")
        try:
            return cls(tuple(words), least)
        except ModelError as error:
            raise ModelError(f"{where}: {error}") from None
