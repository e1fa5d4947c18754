"""Instructions in plain words to patches, by rules over the parser and the lexicon."""

from __future__ import annotations

from kinelang.editing.instructing.reading import SAYABLE, Understood, understand

__all__ = ["SAYABLE", "Understood", "understand"]
