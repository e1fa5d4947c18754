"""Words: the lexicon of motion verbs, their forms, which of them a text mentions, and the text of a mirrored motion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinelang.language.sides import swap_left_right

if TYPE_CHECKING:
    from kinelang.language.mentioning import mentions

__all__ = ["mentions", "swap_left_right"]


def __getattr__(name: str) -> Any:
    if name != "mentions":
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from importlib import import_module

    return import_module("kinelang.language.mentioning").mentions
