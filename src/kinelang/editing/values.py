"""Values of a stage's fields in plain words."""

from __future__ import annotations

from typing import Any

from kinelang.timeline.schema import Stage

_TIMES = {1: "once", 2: "twice"}
_WAYS = {
    "left": "to the left",
    "right": "to the right",
    "forward_left": "forward and to the left",
    "forward_right": "forward and to the right",
    "backward_left": "backward and to the left",
    "backward_right": "backward and to the right",
}
_PATHS = {"straight": "straight on", "s_shape": "in an S", "circle": "in a circle", "curve": "in a curve", "zigzag": "in a zigzag"}


def limb(stage: Stage) -> str:
    """What a side of this stage is of: "arm", "leg" or "foot"."""
    if stage.lexeme.family == "gait":
        return "foot"
    return "arm" if any("arm" in part for part in stage.lexeme.parts) else "leg"


def value_in_words(stage: Stage, field: str) -> str:
    """The value of a field alone: "with the left arm", "backward", "3 m"; "" where it is not told."""
    value: Any = getattr(stage, field)
    if value is None:
        return ""
    match field:
        case "side":
            return _side(stage, str(value))
        case "direction":
            return _WAYS.get(value, str(value))
        case "amount":
            unit = {"m": " m", "deg": "°"}.get(stage.lexeme.amount_unit, "")
            return f"{'size ' if not unit else ''}{value:.3g}{unit}"
        case "count":
            if stage.lexeme.counted == "steps":
                return f"{value} step{'s' if value > 1 else ''}"
            return _TIMES.get(value, f"{value} times")
        case "speed":
            return f"speed {value:.3g}"
        case "style":
            return f"in {'an' if value[0] in 'aeiou' else 'a'} {value} manner"
        case "path":
            return _PATHS.get(value, f"in a {value}")
    return f"with '{value}'"


def in_words(stage: Stage, field: str) -> str:
    """As it is said of a new stage; "" for what goes without saying."""
    return value_in_words(stage, field)


def instead(old: Stage, now: Stage, field: str) -> str:
    """What is said of a stage of which one field has changed: "is done with the left arm instead of with the right arm"."""
    was, value = value_in_words(old, field), value_in_words(now, field)
    before, after = getattr(old, field), getattr(now, field)
    if after is None:
        return f"is no longer told {was}"
    if (field in ("amount", "speed") and now.lexeme.amount_unit in ("ratio", "")) or field == "speed":
        first = 1.0 if before is None else before
        word = ("faster", "slower") if field == "speed" else ("larger", "smaller")
        was = was or value_in_words(now.with_(**{field: 1.0}), field)
        if first == after:
            return f"is done at {value}"
        return f"becomes {word[0] if after > first else word[1]}: {value} instead of {was}"
    head = {"amount": "goes" if now.lexeme.amount_unit == "m" else "turns by", "count": "takes" if _steps(now) else "is done"}.get(
        field
    )
    if field == "direction":
        head = "goes" if now.lexeme.family in ("gait", "turn", "jump") else "is directed"
    return f"{head or 'is done'} {value}" + (f" instead of {was}" if was else "")


def _steps(stage: Stage) -> bool:
    return stage.lexeme.counted == "steps"


def _side(stage: Stage, side: str) -> str:
    noun = limb(stage)
    if noun == "foot":
        return f"with the {side} foot first"
    if side in ("left", "right"):
        return f"with the {side} {noun}"
    return f"with both {noun}s" if side == "both" else f"with {noun}s in turn"
