"""What the legs do on the spot: kicks, leg raises, lunges, stamping, balancing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.arm_poses import count_of, is_free, plateau, pose_arm, toward, varied
from kinelang.timeline.actions.base import Action
from kinelang.timeline.performing.curves import drift, flow, rise
from kinelang.timeline.performing.going import OTHER, SIGN
from kinelang.timeline.performing.score import FootMove, Score
from kinelang.timeline.schema import Stage

Go = tuple[float, float, str]
"""One go: start and end seconds, and the leg."""


def goes(score: Score, stage: Stage, count: int, side: str | None = None) -> list[Go]:
    """The repetitions one after the other, of slightly unequal length; alternating sides where the stage says so."""
    lengths = score.rng.uniform(0.93, 1.07, count)
    edges = stage.start_s + stage.duration_s * np.concatenate([[0.0], np.cumsum(lengths)]) / lengths.sum()
    side = side or stage.side
    other = side == "alternating"
    foot = side if side in SIGN else ("left" if score.rng.random() < 0.5 else "right")
    out = []
    for a, b in pairwise(edges):
        out.append((float(a), float(b), foot))
        foot = OTHER[foot] if other else foot
    return out


def _one_side(score: Score, stage: Stage) -> str:
    """The leg: as said, else that of the direction, else either."""
    if stage.side is not None:
        return stage.side
    if stage.direction in SIGN:
        return stage.direction
    return "left" if score.rng.random() < 0.5 else "right"


def _ramp(t: Array, a: float, b: float, longest_s: float = 0.4) -> Array:
    """1 inside the go, rising and falling in a quarter of it at the most. (T,)"""
    ease = min(longest_s, 0.25 * (b - a))
    return rise(t, a, a + ease) - rise(t, b - ease, b)


def _in_go(t: Array, a: float, b: float) -> Array:
    return np.asarray(np.clip((t - a) / (b - a), 0, 1))


_STANDING = (0.0, -1.0, 0.0)


def _kick(score: Score, stage: Stage) -> None:
    """Knee up, shank out fast, back to the knee, down; trunk and arms against it."""
    t = score.times_s
    n = count_of(stage, 1.25)
    on_guard = score.rng.random() < 0.4
    turned = score.rng.uniform(0, 55) if score.rng.random() < 0.35 else 0.0  # a round kick: the hips turn in on the standing foot
    if on_guard:
        _guard(score, stage)
    for a, b, leg in goes(score, stage, n, _one_side(score, stage)):
        high = float(np.clip((stage.amount or 1.0) * varied(score, 1.0, 0.08), 0.3, 2.2))
        chamber, out, lean, aside = _kick_places(stage.direction or "forward", leg, high)
        hit = varied(score, 0.46, 0.08)
        keys = [(0.0, _STANDING), (hit - 0.16, chamber), (hit, out), (hit + 0.06, out), (hit + 0.22, chamber), (1.0, _STANDING)]
        u = _in_go(t, a, b)
        place = flow(u, keys)
        score.hold_foot(leg, _ramp(t, a, b), place, flow(u, [(0, 0.0), (hit - 0.1, 12.0), (hit, 38.0), (hit + 0.2, 14.0), (1.0, 0.0)]))
        strike = flow(u, [(0.0, 0.0), (hit - 0.16, 0.35), (hit, 1.0), (hit + 0.08, 1.0), (hit + 0.25, 0.35), (1.0, 0.0)])
        score.add("pelvis_tilt", -lean * strike)
        score.add("trunk_flexion", 0.2 * lean * strike)
        score.add("pelvis_bend", SIGN[leg] * aside * strike)
        score.add("trunk_bend", SIGN[leg] * 0.5 * aside * strike)
        score.add("shift_up", -0.025 * strike)
        if turned and stage.direction != "backward":
            score.add("pelvis_turn", -SIGN[leg] * turned * np.clip(strike, 0, 1))
            score.add("trunk_turn", SIGN[leg] * 0.5 * turned * np.clip(strike, 0, 1))
        if not on_guard:
            _balance_arms(score, stage, leg, strike)


def _guard(score: Score, stage: Stage) -> None:
    """Fists before the chest and chin, the knees a little bent."""
    ease = min(0.35, 0.25 * stage.duration_s)
    weight, rng = score.window(stage, ease, ease), score.rng
    for side in SIGN:
        if is_free(score, stage, f"{side}_arm"):
            pose_arm(
                score,
                side,
                weight,
                toward(rng.uniform(12, 40), rng.uniform(10, 50)),
                toward(rng.uniform(125, 160), rng.uniform(-40, 0)),
            )
    score.add("shift_up", -rng.uniform(0.01, 0.05) * weight)


def _kick_places(direction: str, leg: str, high: float) -> tuple[tuple[float, ...], tuple[float, ...], float, float]:
    """Where the ankle is drawn up to and where it strikes (from the hip, leg lengths); lean back and to the kicking side, degrees."""
    if direction == "forward":
        angle = np.radians(min(40 + 32 * high, 112))
        return (0.04, -0.62, 0.16 + 0.12 * high), (0.03, -0.97 * np.cos(angle), 0.97 * np.sin(angle)), 7 + 6 * high, 0.0
    if direction == "backward":
        angle = np.radians(min(26 + 22 * high, 72))
        return (0.06, -0.68, 0.12), (0.06, -0.96 * np.cos(angle), -0.96 * np.sin(angle)), -(10 + 16 * high), 0.0
    angle = np.radians(min(30 + 26 * high, 88))
    across = 1.0 if direction == leg else -0.8
    return (0.1, -0.62, 0.22), (across * 0.95 * np.sin(angle), -0.95 * np.cos(angle), 0.1), 0.0, -across * (6 + 9 * high)


def _balance_arms(score: Score, stage: Stage, leg: str, strike: Array) -> None:
    """The arm of the other side swings forward, that of the kicking side back and out, elbows bent."""
    for side in SIGN:
        if is_free(score, stage, f"{side}_arm"):
            ahead = side != leg
            weight = np.clip(0.85 * strike, 0, 1)
            pose_arm(
                score,
                side,
                weight,
                toward(52 if ahead else 40, 20 if ahead else 125),
                toward(88 if ahead else 58, -12 if ahead else 95),
            )


def _raise_leg(score: Score, stage: Stage) -> None:
    """A leg goes up slowly, is held a moment, and comes down: straight to where the direction says, without one the bent knee."""
    t = score.times_s
    n = count_of(stage, 2.0)
    for a, b, leg in goes(score, stage, n, _one_side(score, stage)):
        high = float(np.clip((stage.amount or 1.0) * varied(score, 1.0, 0.07), 0.3, 2.0))
        place, pitch, tilt, bend = _raised(stage.direction, leg, high)
        hill = plateau(np.clip(_in_go(t, a, b), 0, 0.9999), score.rng.uniform(0.25, 0.45))
        arc = np.array(_STANDING) + hill[:, None] * (np.array(place) - np.array(_STANDING))
        score.hold_foot(leg, _ramp(t, a, b, 0.25), arc, pitch * hill)
        score.add("pelvis_tilt", tilt * hill)
        score.add("trunk_bend", SIGN[leg] * bend * hill)
        score.add("trunk_flexion", -0.5 * tilt * hill)
        spread = varied(score, 30, 0.5)
        for side in SIGN:
            if is_free(score, stage, f"{side}_arm"):
                pose_arm(score, side, 0.8 * hill, toward(spread, 82), toward(spread + 12, 66))


def _raised(direction: str | None, leg: str, high: float) -> tuple[tuple[float, ...], float, float, float]:
    """Ankle from the hip in leg lengths, foot's pitch, tilt of the pelvis, bend to the raised side; degrees."""
    if direction is None:
        angle = np.radians(min(48 + 32 * high, 112))  # of the thigh
        return (0.02, -0.475 * np.cos(angle) - 0.5, 0.475 * np.sin(angle) - 0.02), 8.0, -3 * high, 0.0
    if direction == "forward":
        angle = np.radians(min(22 + 32 * high, 88))
        return (0.02, -0.985 * np.cos(angle), 0.985 * np.sin(angle)), 14.0, -7 * high, 0.0
    if direction == "backward":
        angle = np.radians(min(14 + 20 * high, 52))
        return (0.04, -0.975 * np.cos(angle), -0.975 * np.sin(angle)), 18.0, 16 * high, 0.0
    angle = np.radians(min(16 + 25 * high, 62))
    across = 1.0 if direction == leg else -0.7
    return (across * 0.985 * np.sin(angle), -0.985 * np.cos(angle), 0.03 if across > 0 else 0.2), 10.0, 0.0, -across * 6 * high


def _stomp(score: Score, stage: Stage) -> None:
    """A foot goes up under the body and comes down hard; the body gives a little."""
    t = score.times_s
    n = count_of(stage, 0.75)
    for a, b, leg in goes(score, stage, n):
        u = _in_go(t, a, b)
        hit = varied(score, 0.68, 0.06)
        hill = flow(u, [(0.0, 0.0), (0.12, 0.05), (hit - 0.25, 1.0), (hit - 0.16, 0.97), (hit, 0.0), (1.0, 0.0)])
        top = np.array([0.05, -0.72, 0.2]) * [1, varied(score, 1.0, 0.05), 1]
        place = np.array(_STANDING) + hill[:, None] * (top - np.array(_STANDING))
        score.hold_foot(leg, np.clip(hill / 0.3, 0, 1), place, -4 * hill)
        give = flow(u, [(0.0, 0.0), (hit - 0.1, 0.0), (hit + 0.06, 1.0), (1.0, 0.0)])
        score.add("shift_up", -0.045 * give)
        score.add("trunk_flexion", 8 * give + 3 * hill)
        for side in SIGN:
            if is_free(score, stage, f"{side}_arm"):
                pose_arm(score, side, np.clip(0.6 * hill + 0.5 * give, 0, 1), toward(22 + 6 * give, 50), toward(56 - 24 * give, 10))


def _balance(score: Score, stage: Stage) -> None:
    """On one leg, the other held up, the arms spread and correcting."""
    t = score.times_s
    leg = stage.side or ("left" if score.rng.random() < 0.5 else "right")
    free = OTHER[leg]
    in_s, out_s = min(0.8, 0.3 * stage.duration_s), min(0.6, 0.25 * stage.duration_s)
    weight = score.window(stage, in_s, out_s)
    behind = score.rng.random() < 0.35
    top = np.array([0.06, -0.62, -0.24] if behind else [0.06, -0.66, 0.3]) * [1, varied(score, 1.0, 0.08), varied(score, 1.0, 0.3)]
    wobble = drift(t, score.rng, 0.02, 0.3, 1.2)
    place = np.array(_STANDING) + weight[:, None] * (top - np.array(_STANDING)) + (weight * wobble)[:, None]
    score.hold_foot(free, np.clip(weight / 0.25, 0, 1), place, 12 * weight)
    sway = drift(t, score.rng, 1.0, 0.3, 1.1)
    score.add("trunk_bend", weight * (3 * sway + 2 * SIGN[leg]))
    score.add("shift_left", weight * 0.008 * sway)
    score.add("pelvis_bend", weight * -1.2 * sway)
    out = varied(score, 66, 0.25)
    for side in SIGN:
        if is_free(score, stage, f"{side}_arm"):
            angle = out + 9 * SIGN[side] * sway
            pose_arm(score, side, weight, toward(angle, 82), toward(angle + 10, 70))


def _lunge(score: Score, stage: Stage) -> None:
    """A long step with one leg, both knees bend, the back heel lifts; and back again."""
    n = count_of(stage, 2.1)
    side = stage.side or (stage.direction if stage.direction in SIGN else None)
    each = goes(score, stage, n, side or ("alternating" if score.rng.random() < 0.5 else None))
    for a, b, leg in each:
        size = float(np.clip((stage.amount or 1.0) * varied(score, 1.0, 0.06), 0.4, 1.6))
        if stage.direction in SIGN:
            _lunge_aside(score, a, b, leg, size, SIGN[stage.direction])
        else:
            _lunge_ahead(score, a, b, leg, size, stage.direction == "backward")
        weight = _ramp(score.times_s, a, b, 0.6)
        for arm in SIGN:
            if is_free(score, stage, f"{arm}_arm"):
                pose_arm(score, arm, 0.8 * weight, toward(30, 60), toward(74, -10))


def _lunge_ahead(score: Score, a: float, b: float, leg: str, size: float, backward: bool) -> None:
    t = score.times_s
    length = b - a
    far = 0.62 * size
    weight = rise(t, a + 0.06 * length, a + 0.42 * length) - rise(t, a + 0.6 * length, b - 0.04 * length)
    moving, way = (OTHER[leg], -far) if backward else (leg, far)
    for lift, land, forward in ((0.04, 0.3, way), (0.7, 0.95, 0.0)):
        move = FootMove(
            moving, a + lift * length, a + land * length, b, 0.1, forward_m=forward, push_deg=26, strike_deg=6 if forward > 0 else -8
        )
        score.move_foot(move)
    score.raise_heel(OTHER[leg], 48 * weight)
    score.add("shift_forward", 0.1 * (way / far) * weight * size)
    score.add("shift_up", -0.3 * size * weight)
    score.add("trunk_flexion", 5 * weight)


def _lunge_aside(score: Score, a: float, b: float, leg: str, size: float, sign: float) -> None:
    t = score.times_s
    length = b - a
    weight = rise(t, a + 0.06 * length, a + 0.42 * length) - rise(t, a + 0.6 * length, b - 0.04 * length)
    for lift, land, left in ((0.04, 0.3, sign * 0.6 * size), (0.7, 0.95, 0.0)):
        score.move_foot(FootMove(leg, a + lift * length, a + land * length, b, 0.08, left_m=left, push_deg=20, strike_deg=-4))
    score.add("shift_left", 0.2 * sign * size * weight)
    score.add("shift_up", -0.24 * size * weight)
    score.add("pelvis_tilt", 16 * weight)
    score.add("trunk_flexion", 12 * weight)
    score.add("shift_forward", -0.06 * weight)


Perform = Callable[[Score, Stage], None]

LEGS = (
    Action("kick", _kick, (0.1, 0.3), 1.15, (1, 4), (0.5, 1.8), direction="forward", cues=("foot height", "foot speed")),
    Action("raise_leg", _raise_leg, (0.2, 0.6), 1.8, (1, 4), (0.6, 1.5), cues=("foot height", "knee height")),
    Action("stomp", _stomp, (0.1, 0.2), 0.75, (1, 5), cues=("foot height", "foot speed")),
    Action("balance", _balance, (2.0, 6.0), cues=("one foot up", "wrists apart")),
    Action("lunge", _lunge, (0.1, 0.4), 2.0, (1, 4), (0.6, 1.3), direction="forward", cues=("feet apart", "pelvis height")),
)
"""Movements of the legs on the spot."""
