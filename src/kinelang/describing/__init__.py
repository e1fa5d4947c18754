"""Structured Motion Descriptions: from a Motion to text that a person or a language model can read."""

from __future__ import annotations

from collections.abc import Callable

from kinelang.describing.build import describe, select
from kinelang.describing.description import SCHEMA, Channel, Description, Interval
from kinelang.describing.sentences import brief
from kinelang.describing.smd_text import smd
from kinelang.errors import KinelangError

RENDERINGS: dict[str, Callable[[Description], str]] = {
    "smd": smd,  # the paper's text format
    "json": lambda description: description.to_json() + "\n",
    "brief": lambda description: brief(description) + "\n",
}

__all__ = ["RENDERINGS", "SCHEMA", "Channel", "Description", "Interval", "brief", "describe", "render", "select", "smd"]


def render(description: Description, form: str = "smd") -> str:
    """A description as text that ends in a newline: "smd", "json" or "brief". Raises KinelangError for another name."""
    if form not in RENDERINGS:
        raise KinelangError.of("render", f"'{form}'", f"one of {', '.join(RENDERINGS)}")
    return RENDERINGS[form](description)
