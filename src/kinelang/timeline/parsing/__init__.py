"""Text to timeline: what a sentence says happens, and which of its words were not understood."""

from __future__ import annotations

from kinelang.timeline.parsing.parsed import Parsed, Span, parse

__all__ = ["Parsed", "Span", "parse"]
