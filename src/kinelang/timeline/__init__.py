"""The Timeline, the score between motion and language: what happens when, with which body part.

`perform` makes a motion of it, `detect` finds one in a motion, `narrate` tells one in words, `parse` reads one from words.
"""

from __future__ import annotations

from kinelang.timeline.files import from_json, from_text, load, save, to_json, to_text
from kinelang.timeline.schema import Evidence, Stage, Timeline

__all__ = ["Evidence", "Stage", "Timeline", "from_json", "from_text", "load", "save", "to_json", "to_text"]
