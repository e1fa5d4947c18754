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
from kinelang.timeline.narrating.frames import FRAMES, POSES
from kinelang.timeline.narrating.slots import ADDED, FIELD_OF_SLOT, SLOTS, sayable, turn_frame
from kinelang.timeline.schema import Stage

_ALTERNATIVES = re.compile(r"\(([^()]*/[^()]*)\)")
_SLOT = re.compile(r"\{(\??)([a-z]+)(!?)(?::((?:[^{}]|\{[^{}]*\})*))?\}")
_PARTICLE_FIRST = re.compile(r"\b(?:up|down) \{obj")
"""Not of a pronoun: "puts it down"."""
_LIMB = re.compile(r"\{(?:arm|hand|leg|foot|knee)s?!?\}")
_INFLECT: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"base": str, "third": third_person, "ing": present_participle, "past": past_tense}
)


@dataclass(frozen=True)
class Phrase:
    """A verb and what stands after it; `{his}`, `{him}` and the like are still open.

    Attributes:
        head: the verb in base form, one word ("side_step" is said "side steps"); "" where the verb before it goes on.
        rest: the words after it.
        before: an adverb before the verb, or "".
    """

    head: str
    rest: str = ""
    before: str = ""

    def form(self, form: str) -> str:
        """The words with the verb as "base", "third", "ing" or "past"."""
        first, _, second = self.head.rpartition("_")
        inflected = f"{first} {_INFLECT[form](second)}".strip() if self.head else ""
        return " ".join(word for word in (self.before, inflected, self.rest) if word)


def phrase(stage: Stage, rng: Random, *, plain: bool = False, limb: str = "") -> Phrase:
    """Words for everything that the stage's fields say. `plain`: the commonest wording. Draws do not depend on left or right.

    `limb`: the pronoun that stands for the limb, "it" or "them"; "" where it is named.
    """
    frame = turn_frame(stage, rng, plain) if stage.verb == "turn" else _frame(stage, rng, plain)
    if stage.side == "alternating":
        frame = frame.replace("{with} {n}", "{n} {with}")
    frame, before = _with_additions(frame, stage, rng, plain)
    if limb:
        frame = _LIMB.sub(limb, frame)
    words = _filled(_chosen(frame, rng, plain), stage, rng, plain)
    head, _, rest = words.partition(" ")
    return Phrase(head, rest.strip(), before)


def pose(stage: Stage, rng: Random) -> str:
    """How a limb is held, to stand behind "with": "{his} arms crossed"; "" where the stage is no pose or says more than a pose can."""
    if stage.verb not in POSES or any(getattr(stage, name) is not None for name in ("amount", "count", "speed", "style")):
        return ""
    fits = [(text, weight) for text, weight in _weighted(POSES[stage.verb]) if _fits(text, stage)]
    return _filled(_drawn(fits, rng), stage, rng, False) if fits and stage.side != "alternating" else ""


def _frame(stage: Stage, rng: Random, plain: bool) -> str:
    """One of the verb's frames that can say what is told."""
    fits = [(text, weight) for text, weight in _frames(stage.verb) if _fits(text, stage)]
    return max(fits, key=lambda fit: fit[1])[0] if plain else _drawn(fits, rng)


def _drawn(fits: list[tuple[str, float]], rng: Random) -> str:
    return rng.choices([text for text, _ in fits], [weight for _, weight in fits])[0]


@cache
def _frames(verb: str) -> tuple[tuple[str, float], ...]:
    """(frame, weight) of a verb, from the table or from its base form."""
    return _weighted(FRAMES.get(verb) or _from_base(verb))


@cache
def _weighted(frames: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    weighted = []
    for frame in frames:
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
    if stage.target == "it" and _PARTICLE_FIRST.search(text):
        return False
    for without, slot, must, _ in _SLOT.findall(text):
        must = must or slot in ("few", "several")
        if not (without or must):
            continue
        told = sayable(stage, slot)
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
    if word.endswith("ly") and rng.random() < 0.5:
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
