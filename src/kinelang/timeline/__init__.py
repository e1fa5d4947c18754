"""The Timeline, the score between motion and language: what happens when, with which body part.

`perform` makes a motion of it, `detect` finds one in a motion, `narrate` tells one in words, `parse` reads one from words.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kinelang.timeline.files import from_json, from_text, load, save, to_json, to_text
from kinelang.timeline.schema import Evidence, Stage, Timeline

if TYPE_CHECKING:
    from kinelang.timeline.choreographer import perform
    from kinelang.timeline.detecting import detect
    from kinelang.timeline.narrating import babel_labels, captions, description_matrix, narrate
    from kinelang.timeline.parsing import parse
    from kinelang.timeline.questioning import questions
    from kinelang.timeline.sampling import random_timeline

_LAZY = {
    "babel_labels": "kinelang.timeline.narrating",
    "captions": "kinelang.timeline.narrating",
    "description_matrix": "kinelang.timeline.narrating",
    "detect": "kinelang.timeline.detecting",
    "narrate": "kinelang.timeline.narrating",
    "parse": "kinelang.timeline.parsing",
    "perform": "kinelang.timeline.choreographer",
    "questions": "kinelang.timeline.questioning",
    "random_timeline": "kinelang.timeline.sampling",
}
"""Where the verbs of this package are, which are loaded when first asked for."""

__all__ = [
    "Evidence",
    "Stage",
    "Timeline",
    "babel_labels",
    "captions",
    "description_matrix",
    "detect",
    "from_json",
    "from_text",
    "load",
    "narrate",
    "parse",
    "perform",
    "questions",
    "random_timeline",
    "save",
    "to_json",
    "to_text",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(_LAZY[name]), name)
