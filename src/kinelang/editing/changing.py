"""One stage with other values in its fields, and the length that it then asks for."""

from __future__ import annotations

from typing import Any

from kinelang.editing.lengths import fitted_s, metres_gone
from kinelang.editing.patch import Change
from kinelang.errors import TimelineError
from kinelang.language.lexicon import DIRECTIONS, VERBS
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.schema import Stage

_FIELDS = ("side", "direction", "amount", "count", "speed", "style", "path", "target")
_ORDINARY_TURN_DEG = 90.0


def changed(stage: Stage, op: Change) -> tuple[Stage, float]:
    """The stage as `op` wants it, with the times it had, and the seconds that it then takes.

    Raises:
        TimelineError: a value that the verb cannot have.
    """
    told = dict(op.set)
    verb = told.pop("verb", stage.verb)
    values = _kept_values(stage, verb) | told
    now = stage if verb == stage.verb else stage.with_(verb=verb, **_kept_values(stage, verb))
    for name, factor in op.times:
        _multiply(now, name, factor, values)
    for name, number in op.plus:
        values[name] = _number(now, name, values.get(name)) + number
    if values["count"] is not None and values["count"] < 1:
        raise TimelineError.of(f"{stage.brief()}, count", f"{values['count']}", "at least 1", "to leave it out, remove the stage")
    _couple(now, values)
    differing = {name: value for name, value in values.items() if value != getattr(stage, name)}
    made = stage.with_(**({"verb": verb} if verb != stage.verb else {}), **differing)
    before = stage if verb != stage.verb else _filled(stage, {name for name in ("count", "amount") if name in differing})
    return made, fitted_s(before, made)


def renamed_text(stage: Stage, part: str, text: str | None) -> Stage:
    """The stage with other words for one part, or none. Raises TimelineError where there are none to take out."""
    texts = dict(stage.texts)
    if text is None and part not in texts:
        raise TimelineError.of(
            f"{stage.brief()}, {part}", "no words to take out", "a part that has some: " + (", ".join(texts) or "none has")
        )
    texts.pop(part, None)
    return stage.with_(texts=tuple((texts | ({part: text} if text is not None else {})).items()))


def ordinary_count(stage: Stage) -> int:
    """How often, or how many steps, where the stage does not tell: as many as its length has room for."""
    action = ACTIONS.get(stage.verb)
    if action is None or not action.seconds_each:
        return 1
    room = stage.duration_s * (stage.speed or 1.0) - sum(action.seconds) / 2
    return max(1, round(room / action.seconds_each))


def _kept_values(stage: Stage, verb: str) -> dict[str, Any]:
    """The stage's values, as far as a verb can have them."""
    word, old = VERBS[verb], stage.lexeme
    values = {name: getattr(stage, name) for name in _FIELDS}
    if verb == stage.verb:
        return values
    allowed = {"side": word.sides, "direction": word.directions + (("left", "right") if word.paths else ()), "path": word.paths}
    for name, choices in allowed.items():
        values[name] = values[name] if values[name] in choices else None
    values["amount"] = values["amount"] if word.amount_unit == old.amount_unit != "" else None
    values["count"] = values["count"] if word.counted == old.counted != "" else None
    values["target"] = values["target"] if word.target else None
    return values


def _number(stage: Stage, name: str, value: Any) -> Any:
    """A number that is told, or the ordinary one of this stage. Raises TimelineError where its verb has none."""
    word = stage.lexeme
    if name == "count" and not word.counted:
        raise TimelineError.of(
            f"{stage.brief()}, count", "a change of it", "no count: this verb is not counted", "add the stage once more"
        )
    if name == "amount" and not word.amount_unit:
        raise TimelineError.of(
            f"{stage.brief()}, amount", "a change of it", "no amount: this verb has no size", "change its speed or length"
        )
    if value is not None:
        return value
    if name == "count":
        return ordinary_count(stage)
    if name == "amount" and word.amount_unit == "m":
        return metres_gone(stage)
    return _ORDINARY_TURN_DEG if name == "amount" and word.amount_unit == "deg" else 1.0


def _multiply(stage: Stage, name: str, factor: float, values: dict[str, Any]) -> None:
    value = _number(stage, name, values.get(name))
    if name == "amount" and stage.lexeme.amount_unit == "m" and values["amount"] is None and values["count"] is not None:
        name, value = "count", values["count"]
    if name == "count":
        more = max(value + 1, round(value * factor)) if factor > 1 else min(value - 1, round(value * factor)) if factor < 1 else value
        values[name] = max(1, more)
        return
    values[name] = float(f"{value * factor:.4g}")


def _couple(stage: Stage, values: dict[str, Any]) -> None:
    """Of a gait, metres and steps go together where both were told and one was changed."""
    if stage.lexeme.amount_unit != "m" or stage.amount is None or stage.count is None:
        return
    if values["amount"] not in (None, stage.amount) and values["count"] == stage.count:
        values["count"] = max(1, round(stage.count * values["amount"] / stage.amount))
    elif values["count"] not in (None, stage.count) and values["amount"] == stage.amount:
        values["amount"] = round(stage.amount * values["count"] / stage.count, 2)


def _filled(stage: Stage, names: set[str]) -> Stage:
    """The stage with the ordinary numbers told, to compare the lengths that two numbers ask for."""
    given: dict[str, Any] = {}
    if "count" in names and stage.count is None:
        given["count"] = ordinary_count(stage)
    if "amount" in names and stage.amount is None and stage.lexeme.amount_unit == "m" and stage.count is None:
        given["amount"] = metres_gone(stage)
    return stage.with_(**given) if given else stage


def opposite(direction: str) -> str:
    """ "backward_left" for "forward_right"."""
    other = {"left": "right", "right": "left", "forward": "backward", "backward": "forward", "up": "down", "down": "up"}
    made = "_".join(other[word] for word in direction.split("_"))
    return made if made in DIRECTIONS else direction
