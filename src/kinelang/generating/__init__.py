"""Motion from words: a text, texts in turn or a timeline in, a motion out, with what is to be kept, where it starts and goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinelang.generating.kept import Kept

if TYPE_CHECKING:
    from kinelang.generating.generator import Generated, Generator

__all__ = ["Generated", "Generator", "Kept"]


def __getattr__(name: str) -> Any:
    """`Generated` and `Generator`, loaded when first asked for: they need torch, and edits of timelines do not."""
    if name not in __all__:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from kinelang.generating import generator

    return getattr(generator, name)
