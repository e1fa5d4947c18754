"""Fighting with the arms: punch, block, swat, dodge, fight. Places are (outward, up, forward) in arm lengths from the shoulder."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.handwork import along, bout, is_free, lead, other
from kinelang.timeline.performing.curves import flow, through, window
from kinelang.timeline.performing.going import SIGN
from kinelang.timeline.performing.score import Score
from kinelang.timeline.schema import Stage

_GUARD = np.array([-0.2, -0.08, 0.42])


def _punch(score: Score, stage: Stage) -> None:
    """From the guard straight out and back; upward: an uppercut. Trunk and hips turn behind the fist."""
    rng, t = score.rng, score.times_s
    size = float(np.clip(stage.amount or 1.0, 0.4, 1.8))
    done = bout(score, stage, 0.75, 0.3, 0.4, uneven=0.1)
    first = "left" if rng.random() < 0.6 else "right"
    fists = score.limbs(stage)
    order = fists if len(fists) == 1 else (first, other(first))
    struck = [order[k % len(order)] for k in range(done.count)]
    snap = max(min(1.0, 0.9 / done.each_s), 0.25)  # a blow stays quick where there is time
    share = np.clip((done.share - 0.5) / snap + 0.5, 0, 1)
    blow = through(share, [(0.0, 0.0), (0.42, 1.0), (0.5, 1.0), (0.95, 0.0), (1.0, 0.0)])
    dip = np.exp(-0.5 * ((share - 0.13) / 0.08) ** 2) if stage.direction == "up" else np.zeros(len(t))
    far = np.array([-0.3, 0.02 + rng.uniform(-0.06, 0.06), 0.62 + 0.34 * min(size, 1.1)])
    if stage.direction == "up":
        far = np.array([-0.32, 0.12 + 0.14 * min(size, 1.3), 0.5])
    for side in ("left", "right"):
        mine = np.array([s == side for s in struck])[done.number]
        if side not in struck and not is_free(score, stage, f"{side}_arm"):
            continue
        out = blow * mine
        place = _GUARD + out[:, None] * (far - _GUARD)
        if stage.direction == "up":
            place = place + (dip * mine)[:, None] * np.array([0.1, -0.5, -0.05])
        lead(score, side, done.weight, place, 12 * out, frame="upright")
        turn = -SIGN[side] * out * done.weight * (0.55 + 0.45 * size)
        for channel, degrees in (("trunk_turn", 20), ("pelvis_turn", 12), ("head_turn", -24)):
            score.add(channel, degrees * turn)
        score.add("shift_forward", 0.035 * size * out * done.weight)
        score.add(
            "shift_up", (-0.05 * dip + 0.025 * out) * mine * done.weight if stage.direction == "up" else -0.01 * out * done.weight
        )
    score.add("trunk_flexion", 8 * done.weight)
    score.add("head_flexion", 6 * done.weight)
    score.add("shift_up", -0.04 * done.weight)


def _block(score: Score, stage: Stage) -> None:
    """Both forearms up before the face, held; head and knees duck behind them."""
    rng = score.rng
    length = stage.duration_s
    weight = score.window(stage, min(0.28, 0.3 * length), min(0.45, 0.35 * length))
    crossed = rng.random() < 0.4
    for side in score.limbs(stage):
        over = 0.07 * SIGN[side] if crossed else 0.0
        place = np.array([-0.42 if crossed else -0.2, 0.2 + rng.uniform(-0.06, 0.06), 0.5 + over])
        lead(score, side, weight, place, -6.0)
    score.add("trunk_flexion", 11 * weight)
    score.add("head_flexion", 12 * weight)
    score.add("shift_up", -0.06 * weight)
    score.add("shift_forward", -0.03 * weight)
    for side in ("left", "right"):
        score.add(f"shrug_{side}", 6 * weight)


_SWATS = {
    "forward": ((0.25, 0.25, 0.3), (-0.35, -0.3, 0.7)),
    "up": ((0.0, 0.1, 0.5), (0.0, 0.85, 0.35)),
    "down": ((0.0, 0.4, 0.55), (0.0, -0.65, 0.6)),
    "out": ((-0.35, 0.05, 0.45), (0.85, 0.0, 0.35)),
    "across": ((0.6, 0.05, 0.45), (-0.6, -0.05, 0.6)),
}
"""Wound up and struck, by where the hand goes."""


def _swat(score: Score, stage: Stage) -> None:
    """The open hand strikes past something, quickly, the arm loose; the head follows."""
    rng, sides = score.rng, score.limbs(stage)
    done = bout(score, stage, 0.8, 0.3, 0.4, once_s=1.8, uneven=0.1)
    direction = stage.direction or "forward"
    for side in sides:
        way = ("out" if direction == side else "across") if direction in SIGN else direction
        start, end = (np.asarray(place) + rng.uniform(-0.06, 0.06, 3) for place in _SWATS[way])
        middle = 0.5 * (start + end) + np.array([0.0, 0.04, 0.15])
        rest = 0.6 * start + 0.4 * middle
        path = along(done.share, [(0.0, rest), (0.3, start), (0.45, middle), (0.58, end), (0.68, end), (1.0, rest)])
        lead(score, side, done.weight, path, 20.0, frame="upright")
    struck = flow(done.share, [(0.0, 0.0), (0.3, -0.5), (0.58, 1.0), (0.68, 1.0), (1.0, 0.0)]) * done.weight
    turn = {"left": 1.0, "right": -1.0}.get(direction, -0.6 * SIGN[sides[0]] if len(sides) == 1 else 0.0)
    score.add("trunk_turn", 9 * turn * struck)
    score.add("trunk_flexion", {"up": -4, "down": 12}.get(direction, 4) * struck)
    score.add("head_turn", 10 * turn * done.weight * (direction in SIGN))
    score.add("head_flexion", {"up": -18, "down": 12}.get(direction, 0) * done.weight)


def _dodge(score: Score, stage: Stage) -> None:
    """Trunk and hips jerk away to one side, back, or down, knees bent; and up again."""
    rng = score.rng
    done = bout(score, stage, 1.0, 0.12, 0.15, once_s=1.9, uneven=0.08)
    quick = min(0.3, 0.45 / done.each_s)
    away = through(done.share, [(0.0, 0.0), (quick, 1.0), (max(1 - 1.6 * quick, quick + 0.05), 1.0), (1.0, 0.0)]) * rng.uniform(
        0.85, 1.15
    )
    direction = stage.direction or str(rng.choice(["left", "right", "backward"]))
    moves: dict[str, tuple[tuple[str, float], ...]] = {
        "left": (("trunk_bend", 24), ("shift_left", 0.13), ("shift_up", -0.11), ("head_bend", -8), ("trunk_turn", -10)),
        "right": (("trunk_bend", -24), ("shift_left", -0.13), ("shift_up", -0.11), ("head_bend", 8), ("trunk_turn", 10)),
        "backward": (("trunk_flexion", -20), ("pelvis_tilt", -8), ("shift_forward", -0.09), ("shift_up", -0.08), ("head_flexion", 12)),
        "forward": (("trunk_flexion", 38), ("pelvis_tilt", 20), ("shift_forward", -0.08), ("shift_up", -0.24), ("head_flexion", -14)),
    }
    for channel, most in moves[direction]:
        score.add(channel, most * away)


def _fight(score: Score, stage: Stage) -> None:
    """On guard: straight and round blows of both fists, ducking, blocking and now and then a kick, in a hurry."""
    rng, t = score.rng, score.times_s
    pace = (stage.speed or 1.0) * score.person.pace
    count = max(1, round(stage.duration_s * pace / 0.75))
    edges = stage.start_s + stage.duration_s * np.concatenate([[0.0], np.cumsum(rng.uniform(0.8, 1.2, count))])
    edges = stage.start_s + (edges - stage.start_s) * stage.duration_s / max(edges[-1] - stage.start_s, 1e-6)
    ease = min(0.35, 0.4 * stage.duration_s)
    weight = score.window(stage, ease, ease)
    wrists = {side: np.tile(_GUARD, (len(t), 1)) for side in SIGN}
    side, struck = ("left" if rng.random() < 0.5 else "right"), False
    for a, b in pairwise(edges):
        others = 0.14 if struck else 0.0  # one blow at least between two others
        kind = str(rng.choice(["jab", "hook", "duck", "block", "kick"], p=[0.7 - 2 * others, 0.3 - others, others, others, others]))
        struck = kind in ("jab", "hook")
        inside = window(t, a, b, 0.42 * (b - a), 0.5 * (b - a))
        if struck:
            _blow(score, wrists, side, inside * weight, kind == "hook")
        elif kind == "block":
            for hand in SIGN:
                wrists[hand] += inside[:, None] * (np.array([-0.2, 0.22, 0.46]) - _GUARD)
        elif kind == "duck":
            sign = float(rng.choice([-1.0, 1.0]))
            for channel, most in (("trunk_bend", 14 * sign), ("trunk_flexion", 16), ("shift_up", -0.14), ("shift_left", 0.06 * sign)):
                score.add(channel, most * inside * weight)
        else:
            _front_kick(score, side, a, b)
        side = other(side)
    for hand in SIGN:
        lead(score, hand, weight, wrists[hand], 8.0, frame="upright")
    score.add("trunk_flexion", 9 * weight)
    score.add("head_flexion", 4 * weight)
    score.add("shift_up", -0.045 * weight)


def _blow(score: Score, wrists: dict[str, Array], side: str, out: Array, hooked: bool) -> None:
    """Add one blow to the wrists (T, 3), straight or in a hook; trunk and hips turn behind it."""
    far = np.array([-0.5, 0.02, 0.8]) if hooked else np.array([-0.3, 0.02, 0.94])
    wide = 4 * out * (1 - out) * (0.3 if hooked else 0.0)
    wrists[side] += out[:, None] * (far - _GUARD) + wide[:, None] * np.array([1.0, 0.1, 0.0])
    for channel, degrees in (("trunk_turn", 20), ("pelvis_turn", 12), ("head_turn", -24)):
        score.add(channel, -SIGN[side] * degrees * out)
    score.add("shift_forward", 0.03 * out)


def _front_kick(score: Score, side: str, start_s: float, end_s: float) -> None:
    """Knee up, shank out, back and down; the trunk leans against it."""
    t = score.times_s
    share = np.clip((t - start_s) / (end_s - start_s), 0, 1)
    down, knee, out = (0.02, -0.96, 0.02), (0.0, -0.4, 0.38), (0.0, -0.28, 0.86)
    place = along(share, [(0.0, down), (0.3, knee), (0.48, out), (0.66, knee), (1.0, down)])
    ease = 0.16 * (end_s - start_s)
    score.hold_foot(side, window(t, start_s, end_s, ease, ease), place, 20.0)
    score.add("trunk_flexion", -9 * window(t, start_s, end_s, 0.4 * (end_s - start_s), 0.45 * (end_s - start_s)))


FIGHTING = (
    Action(
        "punch",
        _punch,
        seconds=(0.6, 0.9),
        seconds_each=0.75,
        count=(1, 7),
        side="alternating",
        direction="forward",
        cues=("wrist speed forward", "both hands before the chin", "trunk turning"),
    ),
    Action("block", _block, seconds=(0.8, 2.2), cues=("both wrists before the face",)),
    Action(
        "swat",
        _swat,
        seconds=(0.5, 0.8),
        seconds_each=0.8,
        count=(1, 4),
        side="right",
        direction="forward",
        cues=("wrist speed sideways",),
    ),
    Action("dodge", _dodge, seconds=(0.2, 0.4), seconds_each=0.8, count=(1, 3), cues=("trunk leaving its place quickly", "knees bent")),
    Action("fight", _fight, seconds=(2.0, 7.0), cues=("wrist speed forward", "both hands before the chin", "foot high")),
)
"""Fighting."""
