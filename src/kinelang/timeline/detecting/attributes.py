"""Side, direction, count, amount and path of a stage, measured."""

from __future__ import annotations

from typing import Any

import numpy as np

from kinelang.language.lexicon import VERBS
from kinelang.motion.arrays import Array
from kinelang.timeline.detecting.body import FPS
from kinelang.timeline.detecting.signals import Signals

# All ours; lengths in leg lengths.
UP = 0.35  # a jump that carries the body less far is one on the spot
CURVED_DEG, ROUND_DEG = 40.0, 270.0  # turning along the way that makes a curve, a circle
GOING = ("gait",)
_SECTORS = ("forward", "forward_left", "left", "backward_left", "backward", "backward_right", "right", "forward_right")


def measured(verb: str, start: int, end: int, s: Signals, side: str | None) -> dict[str, Any]:
    """What the frames [start, end) tell of a stage of this verb, as keywords of `Stage`; only what the lexicon lets the verb have."""
    word = VERBS[verb]
    out: dict[str, Any] = {"side": side}
    if verb in ("turn", "spin"):
        turned = float(np.degrees(s.yaw[end - 1] - s.yaw[start]))
        out |= {"direction": "left" if turned > 0 else "right", "amount": max(abs(turned), 1.0)}
        if verb == "spin":
            out |= {"count": max(1, round(abs(turned) / 360)), "amount": None}
    elif verb == "climb":
        out |= {"direction": "up" if s["climbing"][start:end].mean() > 0 else "down", "count": steps(s, start, end) or None}
    elif word.family == "gait":
        out |= _gait(s, start, end, word.directions)
    elif word.family == "jump":
        out |= {"direction": _jump_way(s, start, end), "count": flights(s, start, end) or None}
    allowed = {
        "side": word.sides,
        "direction": word.directions + (("left", "right") if word.paths else ()),
        "path": word.paths,
    }
    for field, values in allowed.items():
        if out.get(field) is not None and out[field] not in values:
            out[field] = None
    if not word.counted:
        out["count"] = None
    if word.amount_unit == "" or (word.amount_unit == "m" and "amount" in out and out["amount"] < 1e-3):
        out["amount"] = None
    return {field: value for field, value in out.items() if value is not None}


def steps(s: Signals, start: int, end: int) -> int:
    """Steps that land within the stretch, or just after."""
    return sum(start < step.land <= end + 2 and step.lift < end - 1 for step in s.feet.steps)


def flights(s: Signals, start: int, end: int) -> int:
    """Flights whose middle is within the stretch."""
    return sum(start <= (a + b) // 2 < end for a, b in s.feet.flights)


def _gait(s: Signals, start: int, end: int, directions: tuple[str, ...]) -> dict[str, Any]:
    """Direction, metres gone, steps, first foot and path of a gait."""
    forward = float(s["forward speed"][start:end].sum()) / FPS
    left = float(s["leftward speed"][start:end].sum()) / FPS
    way = np.hypot(*np.diff(s.path[start:end], axis=0).T).sum() if end - start > 1 else 0.0
    first = next((step.side for step in s.feet.steps if start < step.land <= end + 2 and step.lift >= start - 3), None)
    path, sense = _path(s, start, end)
    out: dict[str, Any] = {
        "direction": sector(left, forward, directions),
        "amount": round(float(way), 3),
        "count": steps(s, start, end) or None,
        "side": first,
        "path": path,
    }
    if path in ("circle", "curve") and out["direction"] == "forward":
        out["direction"] = sense
    return out


def sector(left: float, forward: float, directions: tuple[str, ...]) -> str | None:
    """The direction among those allowed that a horizontal vector points nearest to."""
    angle = np.degrees(np.arctan2(left, forward))
    named = {name: 45.0 * i for i, name in enumerate(_SECTORS) if name in directions}
    if not named:
        return None
    # Slanting ways are told only when they are about half-way between the straight ones.
    straight = {name: at for name, at in named.items() if "_" not in name}

    def gap(at: float) -> float:
        return float(abs((angle - at + 180) % 360 - 180))

    best = min(straight or named, key=lambda name: gap(named[name]))
    slanting = [name for name in named if "_" in name and gap(named[name]) < 17.0]
    return slanting[0] if slanting else best


def _path(s: Signals, start: int, end: int) -> tuple[str, str]:
    """Path over the ground, and the sense in which it goes round."""
    moves = np.diff(s.path[start:end:2], axis=0)
    moves = moves[np.hypot(*moves.T) > 0.02 * s.leg_m] if len(moves) else moves
    if len(moves) < 4:
        return "straight", "left"
    course = np.unwrap(np.arctan2(moves[:, 0], moves[:, 1]))
    turned = float(np.degrees(course[-1] - course[0]))
    wanders = float(np.degrees(np.ptp(course)))
    sense = "left" if turned > 0 else "right"
    if abs(turned) > ROUND_DEG:
        return "circle", sense
    if abs(turned) > CURVED_DEG and wanders < 1.3 * abs(turned) + 10:
        return "curve", sense
    return ("straight" if wanders < 90 else "curve" if abs(turned) > CURVED_DEG else "zigzag"), sense


def _jump_way(s: Signals, start: int, end: int) -> str:
    """Where a jump goes, as seen at its start."""
    move = (s.path[end - 1] - s.path[start]) / s.leg_m
    if np.hypot(*move) < UP:
        return "up"
    yaw = s.yaw[start]
    left = float(np.cos(yaw) * move[0] - np.sin(yaw) * move[1])
    forward = float(np.sin(yaw) * move[0] + np.cos(yaw) * move[1])
    return sector(left, forward, ("forward", "backward", "left", "right")) or "up"


def seconds(frame: int | float) -> float:
    """Frame to seconds."""
    return round(float(frame) / FPS, 3)


def at(values: Array, start: int, end: int) -> Array:
    """A stretch of a signal, at least one frame."""
    return values[start : max(end, start + 1)]
