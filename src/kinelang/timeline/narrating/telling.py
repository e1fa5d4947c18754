"""What is told of a timeline: which stages, which of their fields, and to which value of a word."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from random import Random
from types import MappingProxyType
from typing import Any

from kinelang.timeline.narrating.registers import Register
from kinelang.timeline.narrating.slots import NOT_LARGE, SIZE_VALUES, SPEED_WORDS, TURN_VALUES, pick
from kinelang.timeline.schema import Stage, Timeline

IT = "it"
IMPLIED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "knock": ("door",),
        "sweep": ("floor",),
        "hands_on_hips": ("both",),
        "fall": ("down",),
    }
)
"""What a verb's own words say without telling it: one knocks on a door, sweeps the floor."""
IDIOM: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "scratch": {"head": 9, "": 1},
        "dig": {"": 3, "hole": 1},
        **{verb: {"door": 3, "": 3, "drawer": 0.5} for verb in ("open", "close")},
        "throw": {"": 7, "object": 0.7, "ball": 1},
        "catch": {"": 4, "object": 0.7, "ball": 1},
        "swing": {"": 3, "bat": 0.5, "golf club": 0.7, "racket": 0.3},
        "wipe": {"": 4, "surface": 0.4, "table": 0.4},
        "dribble": {"ball": 1, "basketball": 2},
        "pick_up": {"": 9, "object": 1, "item": 0.4},
        "move_object": {"": 20, "item": 1},
        "shake_hands": {"": 2, "someone": 1},
        "flap": {"": 5, "like bird": 0.5, "like chicken": 0.5},
        "sit": {"": 20, "ground": 1},
        "lie": {"": 8, "ground": 1, "floor": 1},
    }
)
"""What people name with a verb where no object is told ("" for none); `told` has it then."""
_HANDLING = frozenset({"pick_up", "catch", "carry", "open", "move_object", "lift_weight"})
_HANDLED = frozenset({"put_down", "throw", "carry", "drink", "eat", "push", "pull", "move_object", "shake", "give", "pour", "wipe"})
_FIELDS = ("side", "direction", "amount", "count", "speed", "style", "path", "target")
MERGED_GAP_S = 1.0
"""Equal stages that follow each other within this are told as one done so many times."""

_SIDE_TOLD: Mapping[str, float] = MappingProxyType(
    {"gait": 0.04, "jump": 0.5, "leg": 0.75, "posture": 0.3, "arm": 0.75, "hand": 0.6, "sport": 0.5}
)


def told(timeline: Timeline, register: Register, rng: Random, complete: bool) -> Timeline:
    """The timeline with only what the register tells: equal stages merged, fields left out as people do, values of the words used.

    Draws do not depend on left and right.
    """
    stages = list(timeline.stages)
    if not complete:
        stages = _without_standing(stages, rng)
    if not register.exact:
        stages = merged(stages)
    kept = [_told_stage(stage, register, rng, complete) for stage in stages]
    if register.name in ("sentence", "instruction"):
        kept = _with_pronouns(kept, stages, rng)
    return Timeline(tuple(kept), timeline.fps, timeline.duration_s, timeline.name, timeline.source)


def _with_pronouns(told: list[Stage], stages: list[Stage], rng: Random) -> list[Stage]:
    """Of one thing that is handled twice, the second time "it"; whether it is one is seen in the stages themselves."""
    out = told[:1]
    for (last, stage), (before, own) in zip(pairwise(told), pairwise(stages), strict=True):
        beside = any(s is not stage and s.start_s < stage.end_s - 1e-6 and s.end_s > stage.start_s + 1e-6 for s in told)
        same = before.target == own.target and not beside  # "waves his hand while putting it down" would be of the hand
        if last.verb in _HANDLING and stage.verb in _HANDLED and same and stage.start_s >= last.end_s - 1e-6 and rng.random() < 0.9:
            stage = stage.with_(target=IT)
        out.append(stage)
    return out


def without_pronouns(timeline: Timeline) -> Timeline:
    """The timeline with what "it" stands for: the target of the stage before."""
    out: list[Stage] = []
    for stage in timeline.stages:
        out.append(stage.with_(target=out[-1].target) if stage.target == IT and out else stage)
    return timeline.with_(stages=tuple(out))


def merged(stages: list[Stage]) -> list[Stage]:
    """Equal stages one after the other that are counted in times, as one with the sum of their counts."""
    out: list[Stage] = []
    for stage in stages:
        last = out[-1] if out else None
        if last is not None and _repeats(last, stage):
            count = (last.count or 1) + (stage.count or 1)
            out[-1] = last.with_(end_s=stage.end_s, count=count)
        else:
            out.append(stage)
    return out


def _repeats(last: Stage, stage: Stage) -> bool:
    """Whether `stage` does again what `last` did, right after it."""
    if last.lexeme.counted != "times" or not -1e-6 <= stage.start_s - last.end_s <= MERGED_GAP_S:
        return False
    same = ("verb", "side", "direction", "amount", "speed", "style", "path", "target", "texts")
    return all(getattr(last, name) == getattr(stage, name) for name in same)


def _without_standing(stages: list[Stage], rng: Random) -> list[Stage]:
    """Standing at the start and the end is often not told."""
    for at in (0, -1):
        if len(stages) > 1 and stages[at].verb == "stand" and rng.random() < 0.5:
            stages = stages[1:] if at == 0 else stages[:-1]
    return stages


def _told_stage(stage: Stage, register: Register, rng: Random, complete: bool) -> Stage:
    """The stage with what is not told set to None, and the values of the words."""
    implied = () if register.exact else IMPLIED.get(stage.verb, ())
    values: dict[str, Any] = {name: getattr(stage, name) if name in register.carries else None for name in _FIELDS}
    if not register.exact:
        values["amount"] = worded_amount(stage) if values["amount"] is not None else None
        values["speed"] = worded_speed(stage) if values["speed"] not in (None, 1.0) else values["speed"]
    for name in _FIELDS:
        if values[name] in implied:
            values[name] = None
    if not register.exact and register.name != "label" and stage.target is None and stage.verb in IDIOM:
        values["target"] = pick(IDIOM[stage.verb], rng, False) or None
    if not complete:
        for name in _FIELDS:
            if rng.random() >= _chance(stage, name):
                values[name] = None
        if stage.verb == "turn" and values["amount"] is None and worded_amount(stage) not in (None, 180):
            values["direction"] = stage.direction  # "turns" alone is around
    return Stage(stage.start_s, stage.end_s, stage.verb, parts=stage.parts, **values)


def _chance(stage: Stage, name: str) -> float:
    """How likely people are to tell this field."""
    family = stage.lexeme.family
    if name == "side":
        return _SIDE_TOLD.get(family, 0.7) if stage.verb not in ("step", "balance", "hop") else {"step": 0.2}.get(stage.verb, 0.9)
    if name == "direction":
        if stage.verb == "turn" and stage.amount is not None and worded_amount(stage) == 180:
            return 0.2
        if stage.verb in ("jump", "hop"):
            return 0.35 if stage.direction == "up" else 1.0  # what jumps without a direction jumps in place
        return 0.9 if family == "gait" else 0.55 if family == "arm" else 0.75
    if name == "amount":
        if stage.lexeme.amount_unit == "deg":
            return 0.9 if worded_amount(stage) == 180 else 0.25
        return 0.04 if stage.lexeme.amount_unit == "m" else 0.4
    if name == "count":
        if stage.lexeme.counted == "steps":
            return 0.7 if stage.verb == "step" else 0.06
        return 0.08 if stage.count == 1 else 0.2
    if name == "speed":
        return 0.6 if stage.speed is not None and stage.speed < 1 else 0.3
    if name == "target":
        return 0.6
    return 0.3 if name == "path" and stage.path == "straight" else 0.9


def worded_amount(stage: Stage) -> float | None:
    """The amount of the word that tells this one: whole or half metres, a usual turn, a size; None where no word is needed."""
    amount = stage.amount
    if amount is None:
        return None
    if stage.lexeme.amount_unit == "m":
        return max(0.5, round(amount) if amount >= 2 else round(2 * amount) / 2)
    if stage.lexeme.amount_unit == "deg":
        return nearest(TURN_VALUES, amount)
    size = nearest(SIZE_VALUES, amount)
    untold = size == 1.0 or (size > 1.0 and stage.verb in NOT_LARGE)
    return None if untold else size


def worded_speed(stage: Stage) -> float | None:
    """The speed of the word that tells this one; None for the ordinary speed, which needs none."""
    speed = None if stage.speed is None else nearest(tuple(SPEED_WORDS), stage.speed)
    return None if speed == 1.0 else speed


def nearest(values: tuple[float, ...], value: float) -> float:
    """The one of the values that is nearest by ratio."""
    return max(values, key=lambda known: min(known / value, value / known))
