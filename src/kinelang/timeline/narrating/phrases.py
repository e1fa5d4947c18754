"""Wording of one stage: a frame with its slots filled, in base form until the sentence says in what form its verb stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from types import MappingProxyType

from kinelang.language.inflection import past_tense, present_participle, third_person
from kinelang.language.lexicon import VERBS
from kinelang.timeline.narrating.frames import FRAMES
from kinelang.timeline.narrating.slots import ADDED, FIELD_OF_SLOT, SLOTS, turn_frame
from kinelang.timeline.schema import Stage

_ALTERNATIVES = re.compile(r"\(([^()]*/[^()]*)\)")
_SLOT = re.compile(r"\{(\??)([a-z]+)(!?)(?::((?:[^{}]|\{[^{}]*\})*))?\}")
FEW_STEPS_S = 3.5
"""Going that lasts no longer than this, and at least a second, is a few steps."""
_INFLECT: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"base": str, "third": third_person, "ing": present_participle, "past": past_tense}
)


@dataclass(frozen=True)
class Phrase:
    """A verb and what stands after it; `{his}`, `{him}` and the like are still open.

    Attributes:
        head: the verb in base form, one word; "" where the verb before it goes on.
        rest: the words after it.
        before: an adverb before the verb, or "".
    """

    head: str
    rest: str = ""
    before: str = ""

    def form(self, form: str) -> str:
        """The words with the verb as "base", "third", "ing" or "past"."""
        inflected = _INFLECT[form](self.head) if self.head else ""
        return " ".join(word for word in (self.before, inflected, self.rest) if word)


def phrase(stage: Stage, rng: Random, *, plain: bool = False) -> Phrase:
    """Words for everything that the stage's fields say. `plain`: the commonest wording. Draws do not depend on left or right."""
    frame = turn_frame(stage, rng, plain) if stage.verb == "turn" else _frame(stage, rng, plain)
    if stage.side == "alternating":
        frame = frame.replace("{with} {n}", "{n} {with}")
    frame, before = _with_additions(frame, stage, rng, plain)
    words = _filled(_chosen(frame, rng, plain), stage, rng, plain)
    head, _, rest = words.partition(" ")
    return Phrase(head, rest.strip(), before)


def _frame(stage: Stage, rng: Random, plain: bool) -> str:
    """One of the verb's frames that can say what is told."""
    fits = [(text, weight) for text, weight in _frames(stage.verb) if _fits(text, stage)]
    if plain:
        return max(fits, key=lambda fit: fit[1])[0]
    return rng.choices([text for text, _ in fits], [weight for _, weight in fits])[0]


@cache
def _frames(verb: str) -> tuple[tuple[str, float], ...]:
    """(frame, weight) of a verb, from the table or from its base form."""
    weighted = []
    for frame in FRAMES.get(verb) or _from_base(verb):
        text, _, weight = frame.partition("~")
        weighted.append((text, float(weight or 1)))
    return tuple(weighted)


def _from_base(verb: str) -> tuple[str, ...]:
    """Frames for a verb that has none of its own: its base form with the limb named by the side, and the target."""
    word = VERBS[verb]
    text = re.sub(r"\b(?:an?|the) (arm|hand|leg|foot|knee)$", r"{\1}", word.base)
    text = re.sub(r"\bthe (arms|hands|legs|feet|hips|head|body|back)\b", r"{his} \1", text)
    if "{" not in text and word.sides:
        text += " {with}"
    if word.target:
        text = re.sub(r"\b(an object|oneself|clothes|a sport|an instrument)$", r"{obj:\1}", text)
        text = text if "{obj" in text else f"{text} {{obj:}}"
    return (text + (" {n}" if word.counted == "times" else ""),)


def _fits(text: str, stage: Stage) -> bool:
    """Whether the slots with `!` have something to say and those with `?` nothing."""
    for without, slot, must, _ in _SLOT.findall(text):
        if slot == "few" and not (stage.count is None and 1.0 <= stage.duration_s <= FEW_STEPS_S):
            return False
        if not (without or must) or slot == "few":
            continue
        told = getattr(stage, FIELD_OF_SLOT.get(slot, slot)) is not None
        if (without and told) or (must and not told):
            return False
    return True


def _with_additions(frame: str, stage: Stage, rng: Random, plain: bool) -> tuple[str, str]:
    """The frame with slots for what it has no slot for, and the adverb to stand before the verb."""
    has = {FIELD_OF_SLOT.get(slot, slot) for without, slot, _, _ in _SLOT.findall(frame) if not without}
    before = ""
    for field, slot in ADDED:
        if field in has or getattr(stage, field) is None or (stage.verb == "turn" and field == "amount"):
            continue
        if field == "speed" and not plain:
            frame, before = _with_speed(frame, stage, rng)
        elif field == "amount" and (after := next((slot for slot in ("{with}", "{on}", "{n}") if slot in frame), "")):
            frame = frame.replace(after, f"{{amount}} {after}")
        else:
            frame = f"{frame} {{{slot}}}"
    return frame, before


def _with_speed(frame: str, stage: Stage, rng: Random) -> tuple[str, str]:
    """The frame with the speed at its end or beside the direction, or the adverb for before the verb."""
    word = SLOTS["speed"](stage, rng, False, "")
    if word.endswith("ly") and rng.random() < 0.3:
        return frame, word
    if "{dir}" in frame and stage.direction is not None and rng.random() < 0.6:
        return frame.replace("{dir}", rng.choices((f"{word} {{dir}}", f"{{dir}} {word}"), (1, 3))[0]), ""
    return f"{frame} {word}", ""


def _chosen(text: str, rng: Random, plain: bool) -> str:
    """The text with every `(a*3/b/)` decided."""
    while match := _ALTERNATIVES.search(text):
        options = [option.partition("*") for option in match[1].split("/")]
        words, weights = [o[0] for o in options], [float(o[2] or 1) for o in options]
        word = words[weights.index(max(weights))] if plain else rng.choices(words, weights)[0]
        text = text[: match.start()] + word + text[match.end() :]
    return text


def _filled(text: str, stage: Stage, rng: Random, plain: bool) -> str:
    """The text with every slot said, but those for pronouns."""

    def said(match: re.Match[str]) -> str:
        without, slot, _, default = match.groups()
        if without:
            return ""
        return SLOTS[slot](stage, rng, plain, default or "") if slot in SLOTS else match[0]

    return " ".join(_SLOT.sub(said, text).split()).replace("out out", "out")
