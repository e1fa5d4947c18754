"""What every text encoder is: raw strings in, states of tokens and one unit vector a sentence out.

Normalisation, the same for all: Unicode NFC, every run of white space one blank, none at the ends. Case, punctuation and the language
are left to the encoder's own tokenizer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from kinelang.errors import KinelangError

Array = NDArray[np.float32]

SMALLEST_NORM = 1e-12
"""Shorter vectors are divided by this in place of their length."""


@runtime_checkable
class TextEncoder(Protocol):
    """Turns texts into vectors.

    What a text gives does not depend on the texts it comes with, up to the rounding of float32: padding never changes a result.

    Attributes:
        identity: name and content hash, such as "all-MiniLM-L6-v2@53aa5117"; models and indices record it, and another is not theirs.
        width: d, of the token states and of the sentence vectors.
    """

    @property
    def identity(self) -> str: ...  # noqa: D102

    @property
    def width(self) -> int: ...  # noqa: D102

    def tokens(self, texts: Sequence[str]) -> list[Array]:
        """The last hidden states of each text, (T_i, d) float32, those of special tokens included.

        Raises:
            KinelangError: a text that is empty, blank or no text; a single string in place of a sequence.
        """
        ...

    def sentences(self, texts: Sequence[str]) -> Array:
        """One vector of unit length a text, (N, d) float32. Errors as for `tokens`."""
        ...


def normal_text(text: str) -> str:
    """The text as encoders take it: NFC, single blanks.

    Raises:
        KinelangError: empty, blank, not a string, or with half a surrogate pair, which no encoding can hold.
    """
    if not isinstance(text, str):
        raise KinelangError.of("text", f"a {type(text).__name__}", "a string")
    normal = " ".join(unicodedata.normalize("NFC", text).split())
    if not normal:
        raise KinelangError.of("text", "an empty text" if not text else "a text of blanks alone", "words", "describe a motion")
    if any("\ud800" <= sign <= "\udfff" for sign in normal):
        raise KinelangError.of("text", f"{normal[:40]!a}, which is not valid Unicode", "text", "read it with its right encoding")
    return normal


def normal_texts(texts: Sequence[str]) -> list[str]:
    """Every text as encoders take it; errors as for `normal_text`, and for a single string in place of a sequence."""
    if isinstance(texts, str):
        raise KinelangError.of("texts", "a single string", "a sequence of strings", "put it into a list")
    return [normal_text(text) for text in texts]


def unit_rows(vectors: NDArray[Any]) -> Array:
    """Each row (..., d) divided by its length, float32."""
    lengths = np.sqrt((vectors.astype(np.float64) ** 2).sum(axis=-1, keepdims=True))
    unit: Array = (vectors / np.maximum(lengths, SMALLEST_NORM)).astype(np.float32)
    return unit


def mean_pooled(states: Sequence[Array], width: int) -> Array:
    """The unit mean of each text's token states (T_i, d): (N, d); the sentence vector of sentence-transformers' mean pooling."""
    if not states:
        return np.zeros((0, width), np.float32)
    return unit_rows(np.stack([s.mean(axis=0, dtype=np.float64) for s in states]))
