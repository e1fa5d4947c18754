"""Side, direction, count, amount and path of a stage, measured."""

from __future__ import annotations

from typing import Any

import numpy as np

from kinelang.language.lexicon import DIRECTIONS, VERBS
from kinelang.timeline.detecting.body import FPS
from kinelang.timeline.detecting.counting import repetitions
from kinelang.timeline.detecting.decoding import Candidate
from kinelang.timeline.detecting.network import Seen
from kinelang.timeline.detecting.signals import Signals

# All ours; lengths in leg lengths.
UP = 0.35  # a jump that carries the body less far is one on the spot
CURVED_DEG, ROUND_DEG = 40.0, 270.0  # turning along the way that makes a curve, a circle
WANDERS_DEG = 60.0  # turning to and fro that makes a zigzag or an s
SLOW, QUICK = 0.8, 1.25  # a speed between these is the ordinary, and not told
UNEVEN = 2.0  # a square is turned round at its corners: high rates (90 %) over the mean
ASLANT_DEG, SURE_WAY_M = 12.5, 1.2  # who goes so far with the body turned so much out of the way all along goes aslant
SIDEWAYS = 1.2  # sideways over forward travel of a gait that goes sideways
AROUND = 4  # frames around a stretch that are looked at for its first and last swing
SWING = 0.3  # of the usual difference of the feet's speeds, from which one swings
FEET_UP, BLOWS = ("kick", "raise_leg", "stomp"), ("punch",)  # done by one limb or by both in turn
FOOT_TOO, FIST_TOO = 0.4, 0.8  # of how high the other foot goes, how fast the other fist strikes, from which both do
COMING = 8  # frames at the ends of blows in which the hands come up and go down
_SECTORS = ("forward", "forward_left", "left", "backward_left", "backward", "backward_right", "right", "forward_right")


def measured(c: Candidate, s: Signals, seen: Seen | None) -> dict[str, Any]:
    """What the frames of a candidate tell, as keywords of `Stage`; only what the lexicon lets the verb have.

    What can be measured is measured; of the rest, the network tells side, direction, count and size.
    """
    word = VERBS[c.verb]
    start, end = c.start, min(c.end, s.n_frames)
    out: dict[str, Any] = {"side": c.side}
    if seen is not None:
        out |= _told(c, seen)
    counted = repetitions(c, s)
    if counted is not None:
        out["count"] = counted
    if c.verb in FEET_UP or (c.verb in BLOWS and c.side == "alternating"):
        out["side"] = side_by_turns(c, s)
    if c.verb in ("turn", "spin"):
        turned = s.turned_deg(start, end - 1)
        out |= {"direction": "left" if turned > 0 else "right", "amount": max(abs(turned), 1.0)}
        if c.verb == "spin":
            out |= {"count": max(1, round(abs(turned) / 360))}
    elif c.verb == "climb":
        out |= {"direction": "up" if s["climbing"][start:end].mean() > 0 else "down", "count": footfalls(c.verb, "up", s, start, end)}
    elif word.family == "gait" and word.amount_unit == "m":
        out |= _gait(s, c, word.directions)
        if c.verb not in ("skip", "crawl"):
            out["count"] = footfalls(c.verb, str(out.get("direction")), s, start, end) or out.get("count")
    elif c.verb == "step":
        out["side"] = first_foot(s, start, end) or c.side
        out["count"] = footfalls(c.verb, str(out.get("direction")), s, start, end) or out.get("count")
    elif c.verb in ("jump", "hop"):
        out |= {"count": flights(s, start, end) or out.get("count"), "direction": _jump_way(s, start, end)}
    return _allowed(c.verb, out)


def _allowed(verb: str, out: dict[str, Any]) -> dict[str, Any]:
    """The fields that the lexicon lets the verb have."""
    word = VERBS[verb]
    ways = word.directions + (("left", "right") if word.paths else ())
    for field, values in {"side": word.sides, "direction": ways, "path": word.paths}.items():
        if out.get(field) not in values:
            out[field] = None
    if not word.counted:
        out["count"] = None
    if not word.amount_unit or (out.get("amount") or 0.0) < 1e-3:
        out["amount"] = None
    return {field: value for field, value in out.items() if value is not None}


def _told(c: Candidate, seen: Seen) -> dict[str, Any]:
    """Direction, count and size as the network tells them, the rows of the verb together."""
    word = VERBS[c.verb]
    at = slice(c.start, c.end)
    rows = c.rows
    out: dict[str, Any] = {}
    if word.directions:
        logits = np.mean([seen.way[row][at].mean(axis=0) for row in rows], axis=0)
        out["direction"] = max(word.directions, key=lambda way: float(logits[DIRECTIONS.index(way)]))
    if word.counted:
        around = slice(max(c.start - 2, 0), c.end + 2)
        counts = [float(seen.events[row][around].sum()) for row in rows]
        out["count"] = max(1, round(sum(counts) / len(counts)))
    if word.amount_unit == "ratio":
        amount = float(np.exp(np.mean([seen.amount[row][at].mean() for row in rows])))
        out["amount"] = round(min(max(amount, 0.2), 5.0), 2)
    speed = float(np.exp(np.mean([seen.speed[row][at].mean() for row in rows])))
    if speed < SLOW or speed > QUICK:
        out["speed"] = round(min(max(speed, 0.2), 5.0), 2)
    return out


def footfalls(verb: str, direction: str, s: Signals, start: int, end: int) -> int | None:
    """Steps of a gait, as they are told: who steps aside closes with the other foot each time, who takes steps forward or climbs
    closes once at the end; a closing foot is not a step more. None where no foot swings."""
    n = swings(s, start, end)
    if verb == "sidestep" or (verb == "step" and direction not in ("forward", "backward")):
        return round(n / 2) or None
    return (max(n - 1, 1) if verb in ("step", "climb") else n) if n else None


def swings(s: Signals, start: int, end: int) -> int:
    """How often one foot swings past the other within the stretch: lobes of the difference of their speeds."""
    a, b = max(start - AROUND, 0), min(end + AROUND, s.n_frames)
    ahead = (s.toes[:, 0] - s.toes[:, 1])[a:b]
    least = SWING * np.percentile(np.abs(ahead), 85) if b > a else 0.0
    if least < 0.05:  # leg lengths a second: nobody steps
        return 0
    sign = np.where(ahead > least, 1, np.where(ahead < -least, -1, 0))
    frames = np.flatnonzero(sign)
    groups = np.split(frames, np.flatnonzero(np.diff(sign[frames])) + 1)
    middles = [a + 0.5 * float(group[0] + group[-1]) for group in groups if len(group)]
    return sum(start - 1 <= middle < end + 1 for middle in middles)


def first_foot(s: Signals, start: int, end: int) -> str | None:
    """The foot that goes first."""
    return next((step.side for step in s.feet.steps if start < step.land <= end + 2 and step.lift >= start - 3), None)


def side_by_turns(c: Candidate, s: Signals) -> str:
    """Which foot goes up or which fist strikes: one, or both by turns."""
    if c.verb in FEET_UP:
        left, right = (s[f"{side} foot height"][c.start : c.end] for side in ("left", "right"))
        return by_turns(float(np.ptp(np.percentile(left, [10, 98]))), float(np.ptp(np.percentile(right, [10, 98]))), FOOT_TOO)
    within = min(COMING, (c.end - c.start - 1) // 3)
    left, right = (s[f"{side} wrist forward speed"][c.start + within : c.end - within] for side in ("left", "right"))
    return by_turns(float(left.max()), float(right.max()), FIST_TOO)


def by_turns(left: float, right: float, share: float) -> str:
    """Which of two limbs went out, of how far each did: "alternating" where the lesser went so large a share of the greater."""
    if min(left, right) >= share * max(left, right):
        return "alternating"
    return "left" if left > right else "right"


def flights(s: Signals, start: int, end: int) -> int:
    """Flights whose middle is within the stretch."""
    return sum(start <= (a + b) // 2 < end for a, b in s.feet.flights)


def _gait(s: Signals, c: Candidate, directions: tuple[str, ...]) -> dict[str, Any]:
    """Direction, metres gone, steps, first foot and path of a gait."""
    start, end = c.start, min(c.end, s.n_frames)
    forward = float(s["forward speed"][start:end].sum()) / FPS
    left = float(s["leftward speed"][start:end].sum()) / FPS
    way = np.hypot(*np.diff(s.path[start:end], axis=0).T).sum() if end - start > 1 else 0.0
    path, sense = _path(s, start, end)
    out: dict[str, Any] = {"amount": round(float(way), 3), "side": first_foot(s, start, end), "path": path}
    if abs(left) > SIDEWAYS * abs(forward):
        return out | {"direction": sector(left, forward, directions), "path": None}
    if path in ("circle", "curve", "square"):
        return out | {"direction": sense if forward > 0 else "backward"}
    if path is not None:
        return out | {"direction": "forward" if forward > 0 else "backward"}
    aslant = np.degrees(np.arctan2(left, forward))
    if forward > 0 and way > SURE_WAY_M and ASLANT_DEG < abs(aslant) < 67.5:
        return out | {"direction": "forward_left" if left > 0 else "forward_right"}
    half = (start + end) // 2
    course = s.path[end - 1] - s.path[half]
    yaw = s.yaw[max(start - 1, 0)]
    seen = np.cos(yaw) * course[0] - np.sin(yaw) * course[1], np.sin(yaw) * course[0] + np.cos(yaw) * course[1]
    ahead = (
        ("forward", "forward_left", "forward_right", "left", "right") if forward > 0 else tuple(w for w in directions if "back" in w)
    )
    return out | {"direction": sector(float(seen[0]), float(seen[1]), tuple(w for w in ahead if w in directions))}


def sector(left: float, forward: float, directions: tuple[str, ...]) -> str | None:
    """The direction among those allowed that a horizontal vector points nearest to."""
    angle = np.degrees(np.arctan2(left, forward))
    named = {name: 45.0 * i for i, name in enumerate(_SECTORS) if name in directions}
    return min(named, key=lambda name: abs((angle - named[name] + 180) % 360 - 180)) if named else None


def _path(s: Signals, start: int, end: int) -> tuple[str | None, str]:
    """Path over the ground, None where it is straight (after a first turn into the way), and the sense in which it goes round."""
    yaw = np.degrees(s.yaw[start:end])
    if len(yaw) < FPS:
        return None, "left"
    turned = float(yaw[-1] - yaw[0])
    sense = "left" if turned > 0 else "right"
    rate = np.abs(s["turning left"][start:end])
    if abs(turned) > ROUND_DEG:
        return ("square" if np.percentile(rate, 90) > UNEVEN * rate.mean() else "circle"), sense
    wanders = float(np.ptp(yaw))
    if wanders > WANDERS_DEG and abs(turned) < 0.4 * wanders:
        return ("s_shape" if wanders > 105 else "zigzag"), sense
    later = float(yaw[-1] - yaw[min(round(1.1 * FPS), len(yaw) - 1)])
    if abs(later) > CURVED_DEG and abs(later) > 0.4 * abs(turned):
        return "curve", sense
    return None, sense


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
