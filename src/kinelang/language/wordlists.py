"""Lists of words written as text."""

from __future__ import annotations


def words(text: str) -> list[str]:
    """Blank-separated words."""
    return text.split()


def phrases(text: str) -> list[str]:
    """Comma-separated words and phrases, over several lines."""
    return " ".join(text.split()).split(", ")
