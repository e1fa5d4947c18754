"""How long a stage is likely to take, and how much longer or shorter a change makes it."""

from __future__ import annotations

from kinelang.timeline.actions import ACTIONS, Action
from kinelang.timeline.schema import Stage

ORDINARY_S = 2.0
"""Length of a stage whose verb has no action."""
SHORTEST_S = 0.2
GRID_S = 0.05


def ordinary_s(stage: Stage) -> float:
    """The plausible length of a stage with this verb, count, speed, distance or angle, in seconds; its own times are not looked at."""
    action = ACTIONS.get(stage.verb)
    if action is None:
        return ORDINARY_S * (stage.count or 1) / (stage.speed or 1.0)
    count = stage.count or ((action.count[0] + action.count[1]) // 2 if action.seconds_each and not _is_walked(stage) else None)
    if count is None and _is_walked(stage) and stage.amount is not None:
        count = max(1, round(stage.amount / metres_each(action)))
    elif count is None and action.seconds_each:
        count = (action.count[0] + action.count[1]) // 2
    shortest, longest = action.length_s(count, stage.speed)
    if stage.lexeme.amount_unit == "deg":
        share = min((stage.amount or 90.0) / action.amount[1], 2.0)
        return shortest + share * (longest - shortest)
    return (shortest + longest) / 2


def _is_walked(stage: Stage) -> bool:
    return stage.lexeme.amount_unit == "m" and stage.lexeme.counted == "steps"


def metres_each(action: Action) -> float:
    """Metres of one ordinary step."""
    return action.amount[1] / action.count[1]


def metres_gone(stage: Stage) -> float:
    """How far a stage of going goes: told, or by its steps, or by its length."""
    if stage.amount is not None:
        return stage.amount
    action = ACTIONS.get(stage.verb)
    if action is None:
        return stage.duration_s
    steps = stage.count or stage.duration_s * (stage.speed or 1.0) / (action.seconds_each or 1.0)
    return max(0.1, round(steps * metres_each(action), 2))


def fitted_s(before: Stage, after: Stage) -> float:
    """The length of a changed stage: that of before by how much more or less there is to do; of another verb, as long as it can be."""
    if before.verb == after.verb:
        factor = ordinary_s(after) / ordinary_s(before)
        return before.duration_s if abs(factor - 1) < 1e-9 else max(SHORTEST_S, round(before.duration_s * factor, 3))
    action = ACTIONS.get(after.verb)
    if action is None:
        return before.duration_s
    shortest, longest = action.length_s(after.count or (action.count[0] if action.seconds_each else None), after.speed)
    if after.count is None and action.seconds_each:
        longest = action.length_s(action.count[1], after.speed)[1]
    return round(min(max(before.duration_s, shortest), longest), 3)


def new_s(stage: Stage) -> float:
    """The length of a new stage, on a grid of 0.05 s."""
    return max(SHORTEST_S, round(round(ordinary_s(stage) / GRID_S) * GRID_S, 2))
