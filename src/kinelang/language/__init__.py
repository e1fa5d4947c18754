"""Words: so far, the text of a mirrored motion."""

from __future__ import annotations

from kinelang.language.sides import swap_left_right

__all__ = ["swap_left_right"]
