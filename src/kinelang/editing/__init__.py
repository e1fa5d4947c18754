"""Edits of timelines and motions: an edit is a `Patch`; plain words, a language model or a file say which.

`apply` does it, `diff` tells it in words, `kept` says what of the earlier motion stays.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kinelang.editing.applying import apply
    from kinelang.editing.differences import diff
    from kinelang.editing.editor import Editor, Proposal
    from kinelang.editing.history import History
    from kinelang.editing.instructing import Understood, understand
    from kinelang.editing.keeping import kept
    from kinelang.editing.language_model import propose_by_model
    from kinelang.editing.patch import Add, Change, Mirror, Move, Patch, Remove, Retime, Text, Transition
    from kinelang.editing.patch_schema import schema
    from kinelang.editing.sampling import random_instruction

_LAZY = {
    "apply": "applying",
    "diff": "differences",
    "Editor": "editor",
    "Proposal": "editor",
    "History": "history",
    "Understood": "instructing",
    "understand": "instructing",
    "kept": "keeping",
    "propose_by_model": "language_model",
    **dict.fromkeys(("Add", "Change", "Mirror", "Move", "Patch", "Remove", "Retime", "Text", "Transition"), "patch"),
    "schema": "patch_schema",
    "random_instruction": "sampling",
}
"""Where the names of this package are, which are loaded when first asked for."""

__all__ = [
    "Add",
    "Change",
    "Editor",
    "History",
    "Mirror",
    "Move",
    "Patch",
    "Proposal",
    "Remove",
    "Retime",
    "Text",
    "Transition",
    "Understood",
    "apply",
    "diff",
    "kept",
    "propose_by_model",
    "random_instruction",
    "schema",
    "understand",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"kinelang.editing.{_LAZY[name]}"), name)
