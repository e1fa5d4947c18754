"""Motion from words: a text or a timeline in, a motion out, with what is to be kept, where it starts and where it goes."""

from __future__ import annotations

from kinelang.generating.generator import Generated, Generator
from kinelang.generating.kept import Kept

__all__ = ["Generated", "Generator", "Kept"]
