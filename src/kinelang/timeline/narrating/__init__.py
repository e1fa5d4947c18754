"""Timelines told in words: `narrate` in four registers, `description_matrix` part by part, `babel_labels` as labels over time."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from random import Random

from kinelang.errors import TimelineError
from kinelang.timeline.narrating.detailed import detailed
from kinelang.timeline.narrating.labels import babel_annotation, babel_labels
from kinelang.timeline.narrating.matrix import COLUMNS, MatrixRow, description_matrix
from kinelang.timeline.narrating.registers import REGISTERS, Register
from kinelang.timeline.narrating.sentences import instruction, label, sentence
from kinelang.timeline.narrating.telling import told, without_pronouns
from kinelang.timeline.schema import Timeline


@dataclass(frozen=True)
class Narration:
    """A text and what it says.

    Attributes:
        text: the words.
        told: the timeline with only what the words carry: fields left out are None, amounts and speeds are those of the words,
            equal stages that were told as one ("kicks twice") are one stage. Reading the text gives its stages back.
        register: name of the register.
    """

    text: str
    told: Timeline
    register: str


def narration(timeline: Timeline, register: str = "sentence", seed: int = 0, complete: bool | None = None) -> Narration:
    """Tell a timeline as `narrate` does, with an account of what was told."""
    known = _register(register)
    rng = Random(seed)
    said = told(timeline, known, rng, known.complete if complete is None else complete)
    text = {
        "label": lambda: label(said, rng),
        "sentence": lambda: sentence(said, rng),
        "detailed": lambda: detailed(said),
        "instruction": lambda: instruction(said, rng),
    }[known.name]()
    return Narration(text, without_pronouns(said), known.name)


def narrate(timeline: Timeline, register: str = "sentence", seed: int = 0, complete: bool | None = None) -> str:
    """Tell a timeline in words.

    Args:
        timeline: what happens when.
        register: one of `REGISTERS`: "label", "sentence" (as people write captions), "detailed" (everything, with seconds),
            "instruction".
        seed: another seed, another wording; the same seed, the same words. With one seed the mirrored timeline is told in the same
            words with left and right exchanged.
        complete: tell every field that the register carries; by default as the register does, which in "sentence" leaves out what
            people often leave out.

    Raises:
        TimelineError: unknown register.
    """
    return narration(timeline, register, seed, complete).text


def captions(timeline: Timeline, n: int = 3, register: str = "sentence", seed: int = 0) -> list[str]:
    """`n` wordings of a timeline, all different as far as the register has so many."""
    found: dict[str, None] = {}
    tried = 0
    while len(found) < n and tried < 8 * n:
        found[narrate(timeline, register, seed * 1_000_003 + tried)] = None
        tried += 1
    texts = list(found)
    return [texts[i % len(texts)] for i in range(n)]


def _register(name: str) -> Register:
    if name not in REGISTERS:
        near = get_close_matches(str(name), REGISTERS, n=1)
        raise TimelineError.of("register", f"'{name}'", f"one of {', '.join(REGISTERS)}", f"did you mean {near[0]}?" if near else "")
    return REGISTERS[name]


__all__ = [
    "COLUMNS",
    "REGISTERS",
    "MatrixRow",
    "Narration",
    "Register",
    "babel_annotation",
    "babel_labels",
    "captions",
    "description_matrix",
    "narrate",
    "narration",
]
