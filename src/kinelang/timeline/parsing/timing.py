"""Meanings in their order, with seconds: what follows what, what goes on at the same time, and for how long."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from kinelang.language.lexicon import VERBS
from kinelang.language.wordlists import words
from kinelang.timeline.parsing.meaning import Meaning
from kinelang.timeline.schema import Stage

ORDINARY_S = 2.0
"""Length of a stage of which nothing else is known."""
_LONGEST_S = 600.0
_BACKGROUND = frozenset(words("stand balance dance ride drive carry skate swim"))
_GOING_ON = frozenset(
    words(
        """
        wave clap swing_arms flap circle_arms carry point drink eat phone gesture swing dribble look_around look nod cross_arms
        hands_on_hips shake_head play_guitar play_violin play_piano play_drums play_music shake flail laugh cry cough hug sway
        juggle brush clasp_hands
        """
    )
)


def slots_of(meanings: list[Meaning]) -> list[list[Meaning]]:
    """Meanings in slots, one after the other; what stands in one slot goes on at the same time."""
    slots: list[list[Meaning]] = []
    for said in meanings:
        if said.link == "after" and slots:
            slots.insert(len(slots) - 1, [said])
        elif slots and said.span is None and said.link in ("while", "and", "comma") and _together(slots[-1], said):
            taken = {part for other in slots[-1] for part in parts_of(other)}
            if taken & set(parts_of(said)):
                said.fields["parts"] = _other_arm(said, taken)
            slots[-1].append(said)
        else:
            slots.append([said])
    return slots


def _together(slot: list[Meaning], said: Meaning) -> bool:
    if _clash(slot, said):
        return False
    if said.link == "while":
        return True
    if said.link == "comma":
        return False
    last = slot[-1]
    if last.verb == "stand" and VERBS[said.verb].family in ("arm", "hand", "head", "torso", "sport"):
        return len(slot) == 1
    if VERBS[last.verb].family == "gait" or last.verb in _BACKGROUND:
        return said.verb in _GOING_ON
    return last.verb in _GOING_ON and (VERBS[said.verb].family == "gait" or said.verb in _BACKGROUND)


def _clash(slot: list[Meaning], said: Meaning) -> bool:
    taken = {part for other in slot for part in parts_of(other)}
    mine = set(parts_of(said))
    if not taken & mine:
        return False
    return _other_arm(said, taken) is None


def parts_of(said: Meaning) -> tuple[str, ...]:
    """The body parts that a meaning uses."""
    given = said.fields.get("parts")
    return given or VERBS[said.verb].parts_of(said.fields.get("side"))


def _other_arm(said: Meaning, taken: set[str]) -> tuple[str, ...] | None:
    """Where the side is not told and the right limb is busy: the parts with the left one, if they are free; else None."""
    if said.fields.get("side") is not None or "arm" not in VERBS[said.verb].parts:
        return None
    parts = VERBS[said.verb].parts_of("left")
    if taken & set(parts):
        return None
    return parts


@cache
def _actions() -> Any:
    """The table of actions, if this installation has it."""
    try:
        from kinelang.timeline import actions
    except ImportError:
        return {}
    return getattr(actions, "ACTIONS", {})


def seconds_of(said: Meaning) -> float:
    """Told seconds, or the middle of what is plausible for the verb, its count and speed."""
    if said.seconds is not None:
        return said.seconds
    action = _actions().get(said.verb)
    count, speed = said.fields.get("count"), said.fields.get("speed")
    if action is not None:
        few, many = action.count
        shortest, longest = action.length_s(count or ((few + many) // 2 if VERBS[said.verb].counted else None), speed)
        seconds = (shortest + longest) / 2
    else:
        seconds = max(ORDINARY_S, (count or 1) * 0.6) / (speed or 1.0)
    return float(min(max(round(seconds, 2), 0.1), _LONGEST_S)) if math.isfinite(seconds) else ORDINARY_S


def placed(meanings: list[Meaning]) -> list[tuple[Meaning, Stage]]:
    """Every meaning with its stage; told times first come first, and give way where a body part is busy."""
    made: list[tuple[Meaning, Stage]] = []
    now = 0.0
    for slot in slots_of(meanings):
        told = [said for said in slot if said.span is not None and _is_free(made, said)]
        made += [(said, Stage(*said.span, said.verb, **said.fields)) for said in told if said.span is not None]
        rest = [said for said in slot if said not in told]
        begin = max([now, *(said.span[0] for said in told if said.span is not None and rest)])
        end = max([now, *(said.span[1] for said in told if said.span is not None)])
        length = max((seconds_of(said) for said in rest), default=0.0)
        for said in rest:
            if said.span is not None:
                said.unused += [(item, "a body part is busy at this time") for item in said.times]
            stop = round(begin + (said.seconds or length), 6)
            made.append((said, Stage(begin, stop, said.verb, **said.fields)))
            end = max(end, stop)
        now = end
    return made


def _is_free(made: list[tuple[Meaning, Stage]], said: Meaning) -> bool:
    assert said.span is not None
    start, end = said.span
    mine = set(parts_of(said))
    return not any(stage.start_s < end - 1e-6 and start < stage.end_s - 1e-6 and mine & set(stage.parts) for _, stage in made)
