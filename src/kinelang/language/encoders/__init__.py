"""Text encoders behind one protocol: one file of this folder for each kind, one line each in `table.ENCODERS`."""

from __future__ import annotations

from kinelang.language.encoders.base import TextEncoder, normal_text, normal_texts
from kinelang.language.encoders.table import ENCODERS, Entry, open_encoder

__all__ = ["ENCODERS", "Entry", "TextEncoder", "normal_text", "normal_texts", "open_encoder"]
