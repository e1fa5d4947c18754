"""From comparisons and told values to the operations on one stage."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from kinelang.editing.changing import opposite
from kinelang.editing.instructing.comparing import Comparison, Refused, Unclear
from kinelang.editing.instructing.meaning import verb_phrase
from kinelang.editing.patch import Change, Operation, Retime
from kinelang.editing.values import limb
from kinelang.language.lexicon import VERBS, Verb
from kinelang.language.mentioning import mentions
from kinelang.language.words import index
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.schema import Stage

FIELDS = ("side", "direction", "amount", "count", "speed", "style", "path", "target")
_DEEPER = frozenset({"bow", "bend", "squat", "crouch", "lunge", "lean"})
"""Verbs that go down: lower is more."""
HALVES = re.compile(
    r"(?:(?:with|using|by|use|on|to) )*(?:the )?(?P<side>left|right|both|alternating|two)(?: "
    r"(?P<noun>arm|hand|fist|leg|foot|knee|elbow|one|side)s?|feet)?"
    r"(?: first)?(?: instead(?: of the (?:left|right)(?: one| arm| hand| leg| foot)?)?)?"
)


def operations(number: int, stage: Stage, compared: Sequence[Comparison], values: dict[str, Any]) -> list[Operation]:
    """Operations that do to stage `number` (from 1) what was said.

    Raises:
        Unclear: its verb has no such thing, or it is so already.
    """
    told = {k: v for k, v in values.items() if getattr(stage, k) != v}
    times: dict[str, float] = {}
    plus: dict[str, float] = {}
    lengths: list[Operation] = []
    for c in compared:
        if c.kind.startswith("length"):
            lengths.append(_length(number, c))
        elif c.kind == "other side":
            told |= other_side(stage, c.value)
        elif c.kind == "other way":
            told |= other_way(stage)
        else:
            _number(stage, c, told, times, plus)
    if not (told or times or plus or lengths):
        raise Unclear(f"'{stage.brief()}' is so already")
    made: list[Operation] = []
    if told or times or plus:
        made.append(Change(number, tuple(told.items()), tuple(times.items()), tuple(plus.items())))
    return made + lengths


def values_told(words: str, stage: Stage) -> dict[str, Any] | None:
    """Values of the fields that words without a verb tell of a stage ("with the left hand", "twice", "backwards"); None if unclear."""
    if match := HALVES.fullmatch(words):
        return _half(match, stage)
    base, verb = stage.lexeme.base, stage.verb
    if mentions(words) - {verb, "step"}:
        return None
    for said in (f"{base} {words}", f"{re.sub(r' (an?|the) .*', '', base)} {words}", f"{verb.replace('_', ' ')} {words}"):
        found = verb_phrase(said)
        bare = verb_phrase(said[: -len(words)].strip())
        if found is not None and found.verb == verb:
            told = told_of(found, bare if bare is not None and bare.verb == verb else None)
            if told and is_known(told.get("target")):
                return told
    return None


def is_known(target: str | None) -> bool:
    """Whether a target is none, or ends in a noun of the lexicon: of words that could be anything nothing is guessed."""
    if target is None:
        return True
    if target.split()[-1] in VERBS:
        return False
    readings = index().root.get(target.split()[-1], {}).get("", {})
    return bool(readings.keys() & {"thing", "place", "part", "sport", "instrument", "animal"})


def told_of(found: Stage, bare: Stage | None = None) -> dict[str, Any]:
    """What a stage that was read tells; of `bare` what goes without saying."""
    told = {name: getattr(found, name) for name in FIELDS if getattr(found, name) is not None}
    return {k: v for k, v in told.items() if bare is None or getattr(bare, k) != v}


def other_side(stage: Stage, noun: str) -> dict[str, Any]:
    """The side that it is not done with. Raises Unclear where there is none."""
    action = ACTIONS.get(stage.verb)
    side = stage.side or (action.side if action is not None else None) or ("right" if "right" in stage.lexeme.sides else None)
    if noun and stage.lexeme.sides and noun != ("leg" if limb(stage) == "foot" else limb(stage)):
        raise Unclear(f"'{stage.brief()}' is not done with the {noun}s")
    if side in ("left", "right") and stage.lexeme.sides:
        return {"side": "left" if side == "right" else "right"}
    if not noun and stage.direction is not None:
        return other_way(stage)
    if not stage.lexeme.sides:
        raise Unclear(f"'{stage.brief()}' has no side")
    raise Unclear(f"'{stage.brief()}' is done with both: say left or right")


def other_way(stage: Stage) -> dict[str, Any]:
    """The opposite direction. Raises Unclear where there is none."""
    action = ACTIONS.get(stage.verb)
    now = stage.direction or (action.direction if action is not None else None) or next(iter(stage.lexeme.directions), None)
    other = None if now is None else opposite(now)
    allowed = stage.lexeme.directions + (("left", "right") if stage.lexeme.paths else ())
    if other is None or other == now or other not in allowed:
        raise Unclear(f"'{stage.brief()}' has no other direction")
    return {"direction": other}


def can(word: Verb, compared: Sequence[Comparison]) -> bool:
    """Whether a verb has what the comparisons are about."""
    kinds = {c.kind.rstrip("*+=") for c in compared}
    return (
        (not kinds & {"amount", "lower"} or bool(word.amount_unit) or "up" in word.directions)
        and ("count" not in kinds or word.counted in (("steps",) if any("step" in c.words for c in compared) else ("steps", "times")))
        and ("other side" not in kinds or bool({"left", "right"} & {*word.sides, *word.directions}))
        and ("other way" not in kinds or len(word.directions) > 1)
    )


def _half(match: re.Match[str], stage: Stage) -> dict[str, Any] | None:
    side = "both" if match["side"] in ("both", "two") else match["side"]
    if match["noun"] in ("arm", "hand", "fist", "elbow", "leg", "foot", "knee"):
        wanted = "arm" if match["noun"] in ("arm", "hand", "fist", "elbow") else "leg"
        if limb(stage).replace("foot", "leg") != wanted and stage.lexeme.sides:
            return None
    allowed = stage.lexeme.directions + (("left", "right") if stage.lexeme.paths else ())
    if side in allowed and match.group().startswith("to ") and (match["noun"] is None or not stage.lexeme.sides):
        return {"direction": side}
    if side in stage.lexeme.sides:
        return {"side": side}
    return {"direction": side} if side in allowed and match["noun"] in (None, "side", "one") else None


def _length(number: int, c: Comparison) -> Operation:
    if c.kind == "length=":
        return Retime(number, seconds=float(c.value))
    return Retime(number, times=float(c.value)) if c.kind == "length*" else Retime(number, plus_s=float(c.value))


def _number(stage: Stage, c: Comparison, told: dict[str, Any], times: dict[str, float], plus: dict[str, float]) -> None:
    """Enter a comparison of speed, size or number."""
    name, kind = c.kind[:-1], c.kind[-1]
    if name == "lower":
        name = "amount"
        factor = {0.67: 1.5, 0.83: 1.2, 0.5: 2.0}.get(c.value, 1 / c.value) if stage.verb in _DEEPER else c.value
    else:
        factor = c.value
    word = stage.lexeme
    if name == "amount" and not word.amount_unit:
        up = "up" if factor > 1 else "down"
        if up in word.directions and ("high" in c.words or "low" in c.words):
            told["direction"] = up
            return
        raise Unclear(f"'{word.base}' has no size: it can be made {_what_it_has(word)}")
    if name == "count" and not word.counted:
        raise Unclear(f"'{word.base}' is not counted: it can be made {_what_it_has(word)}, or added again")
    if kind == "*":
        factor = max(0.05, min(factor, 20.0))
        if (times.get(name, 1.0) - 1) * (factor - 1) < 0:
            raise Refused(f"more and less {name} at once; leave one out")
        times[name] = round(times.get(name, 1.0) * factor, 4)
    else:
        plus[name] = plus.get(name, 0) + c.value


def _what_it_has(word: Verb) -> str:
    has = ["faster or slower", "longer or shorter"]
    has += ["done another number of times"] if word.counted else []
    has += [f"done with {' or '.join(word.sides)}"] if word.sides else []
    has += [f"directed {' or '.join(word.directions[:4])}"] if word.directions else []
    return ", ".join(has)
