"""Gestures: what hands say. Waving, clapping, shrugging, saluting, beckoning, talking with the hands, shaking hands, knocking."""

from __future__ import annotations

from typing import Any

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.arm_poses import (
    SEATED_TOO,
    come_and_go,
    count_of,
    from_breast,
    is_free,
    plateau,
    pose_arm,
    quickness,
    sizes,
    toward,
    uneven,
    varied,
)
from kinelang.timeline.actions.base import Action
from kinelang.timeline.performing.curves import bump, drift
from kinelang.timeline.performing.going import SIGN
from kinelang.timeline.performing.score import Score
from kinelang.timeline.schema import Stage


def repeated(score: Score, stage: Stage, each_s: float, in_s: float, out_s: float, spread: float = 0.1) -> tuple[Array, Array, int]:
    """Phase, sizes and number of the repetitions between coming and going."""
    n = count_of(stage, each_s, 0.8 * (in_s + out_s))
    phase = uneven(score, score.phase(stage, n, 0.8 * in_s, 0.8 * out_s), n, spread)
    return phase, sizes(score, phase, n, spread), n


def coming_and_going(score: Score, stage: Stage, in_s: float, out_s: float) -> tuple[float, float]:
    """Seconds of coming and going, this time."""
    return varied(score, in_s, 0.2) * quickness(stage), varied(score, out_s, 0.2) * quickness(stage)


def _wave(score: Score, stage: Stage) -> None:
    """The hand beside the shoulder or head, or both over the head, the forearm swinging out and in about the elbow: each wave is once
    out and back. Hands that wave together go apart and together, or to one side and the other."""
    rng, sides = score.rng, score.limbs(stage)
    in_s, out_s = coming_and_going(score, stage, 0.55, 0.55)
    phase, size, _ = repeated(score, stage, 0.55, in_s, out_s)
    to_and_fro, amount = 2 * bump(phase) - 1, stage.amount or 1.0
    manner = str(rng.choice(["low", "head", "over"], p=[0.35, 0.45, 0.2] if len(sides) == 1 else [0.3, 0.3, 0.4]))
    lift, out, ahead = {
        "low": (rng.uniform(12, 58), rng.uniform(10, 80), rng.uniform(0.2, 0.9)),
        "head": (rng.uniform(66, 100), varied(score, 62, 0.2), rng.uniform(0.15, 0.4)),
        "over": (rng.uniform(105, 158), rng.uniform(40, 85), rng.uniform(0.0, 0.3)),
    }[manner]
    swing = np.radians(np.clip((27 if manner != "low" else rng.uniform(14, 27)) * amount * size, 6, 55)) * to_and_fro
    middle, parallel = np.radians(varied(score, 10, 0.6)), len(sides) == 2 and rng.random() < 0.4
    for side in sides:
        sign = -1.0 if parallel and side == "right" else 1.0
        upper = toward(lift + (10 if manner == "over" else 4) * amount * sign * to_and_fro, out)
        lean = middle + sign * swing
        fore = np.stack([np.sin(lean), np.cos(lean), np.full(len(lean), ahead)], axis=-1)
        fore /= np.linalg.norm(fore, axis=-1, keepdims=True)
        pose_arm(score, side, come_and_go(score, stage, side, in_s, out_s), upper, fore)
        score.add("trunk_bend", -SIGN[side] * 2.0 * score.window(stage, in_s, out_s))
    if parallel and is_free(score, stage, "torso"):
        score.add("trunk_bend", rng.uniform(0, 9) * to_and_fro * score.window(stage, in_s, out_s))
        score.add("shift_left", -rng.uniform(0, 0.06) * to_and_fro * score.window(stage, in_s, out_s))


def _clap(score: Score, stage: Stage) -> None:
    """Both hands before the chest meet once for each clap."""
    in_s, out_s = coming_and_going(score, stage, 0.5, 0.5)
    phase, size, _ = repeated(score, stage, 0.4, in_s, out_s)
    gap = varied(score, 0.13, 0.35) * size
    height, forward = -0.2 + 0.09 * score.rng.uniform(-1, 1), varied(score, 0.36, 0.12)
    apart = gap * (1 - bump(phase) ** 0.8)
    for side in ("left", "right"):
        up = height + 0.03 * (1 if side == "left" else -1) * (1 - bump(phase)) * score.rng.uniform(-1, 1)
        place = from_breast(score, side, 0.045 + apart, up, forward)
        score.hand(side, come_and_go(score, stage, side, in_s, out_s), place, 18.0)


def _shrug(score: Score, stage: Stage) -> None:
    """Shoulders up, forearms turned out with open hands, head to one side."""
    n = count_of(stage, 1.1)
    phase = uneven(score, score.phase(stage, n), n)
    up = plateau(phase, 0.3)
    hands = score.window(stage, 0.25 * stage.duration_s / n, 0.3 * stage.duration_s / n) * (0.75 + 0.25 * up)
    out, bend = varied(score, 32, 0.25), varied(score, 72, 0.2)
    for side in ("left", "right"):
        score.add(f"shrug_{side}", varied(score, 24, 0.2) * up)
        pose_arm(score, side, hands, toward(20, 60), toward(bend, out))
    if is_free(score, stage, "head"):
        score.add("head_bend", score.rng.uniform(-9, 9) * up)
        score.add("head_flexion", -4 * up)


def _salute(score: Score, stage: Stage) -> None:
    """The hand at the brow, the elbow out at the height of the shoulder; straight and still."""
    side = score.limbs(stage)[0]
    in_s, out_s = coming_and_going(score, stage, 0.4, 0.4)
    weight = come_and_go(score, stage, side, in_s, out_s)
    place = (varied(score, 0.185, 0.06), 0.08 + 0.02 * score.rng.uniform(-1, 1), varied(score, 0.125, 0.1))
    score.hand(side, weight, place, frame="head", elbow=(0.9, varied(score, -0.15, 0.9), 0.25))
    upright = score.window(stage, in_s, out_s)
    score.add("trunk_flexion", -3 * upright)
    score.add("head_flexion", -4 * upright)


def _beckon(score: Score, stage: Stage) -> None:
    """The hand before the shoulder; the forearm draws towards the body again and again."""
    in_s, out_s = coming_and_going(score, stage, 0.55, 0.5)
    phase, size, _ = repeated(score, stage, 0.65, in_s, out_s)
    low, high = varied(score, 96, 0.06), varied(score, 168, 0.05)
    elevation = low + (high - low) * bump(phase) * np.clip(size, 0, 1.08)
    whole = score.rng.random() < 0.3  # the whole arm draws, from level or higher
    for side in score.limbs(stage):
        lift, aside = varied(score, 46, 0.2), score.rng.uniform(5, 45)
        upper = toward(lift - 6 * bump(phase), aside)
        if whole:
            upper = toward(lift + 45 - 40 * bump(phase), aside)
        pose_arm(score, side, come_and_go(score, stage, side, in_s, out_s), upper, toward(elevation, 4))


def _gesture(score: Score, stage: Stage) -> None:
    """Talking: forearms before the body, hands wandering, now wider, now higher, never the same twice. Or showing the way: the open
    hand goes out low to one side and stays about there, trunk and head turned to it."""
    in_s, out_s = coming_and_going(score, stage, 0.6, 0.6)
    t, speed = score.times_s, stage.speed or 1.0
    liveliness = varied(score, 1.0, 0.3)
    if len(score.limbs(stage)) == 1 and score.rng.random() < 0.55:
        _show(score, stage, in_s, out_s)
        return
    for side in score.limbs(stage):
        out, up, forward = (drift(t, score.rng, size * liveliness, 0.25 * speed, 1.1 * speed) for size in (0.05, 0.06, 0.045))
        place = from_breast(score, side, 0.2 + out, -0.24 + up, 0.3 + forward)
        score.hand(side, come_and_go(score, stage, side, in_s, out_s), place, 5.0)
    talk = score.window(stage, in_s, out_s)
    if is_free(score, stage, "head"):
        score.add("head_turn", talk * drift(t, score.rng, 5.0, 0.15, 0.6))
        score.add("head_flexion", talk * drift(t, score.rng, 3.0, 0.4, 1.2))


def _show(score: Score, stage: Stage, in_s: float, out_s: float) -> None:
    rng, side = score.rng, score.limbs(stage)[0]
    out, bent = rng.uniform(5, 90), rng.uniform(5, 60)
    lift = rng.uniform(18, 66)
    pulse = drift(score.times_s, rng, 5.0, 0.2, 1.2)
    weight = come_and_go(score, stage, side, in_s, out_s)
    pose_arm(
        score, side, weight, toward(lift + 0.5 * pulse, out), toward(np.clip(lift + bent, 40, 110) + pulse, out * rng.uniform(0.5, 1.0))
    )
    shown = score.window(stage, in_s, out_s)
    turn = -SIGN[side] * rng.uniform(0, 35) * out / 90
    if is_free(score, stage, "torso"):
        score.add("trunk_turn", 0.6 * turn * shown)
    if is_free(score, stage, "head"):
        score.add("head_turn", turn * shown)


def _shake_hands(score: Score, stage: Stage) -> None:
    """The hand forward before the middle at the height of the waist, shaken up and down; a little leaning in."""
    side = score.limbs(stage)[0]
    in_s, out_s = coming_and_going(score, stage, 0.6, 0.6)
    phase, size, _ = repeated(score, stage, 0.42, in_s, out_s)
    shake = 0.075 * size * (bump(phase) - 0.5)
    place = from_breast(score, side, 0.06, -0.215 + shake, varied(score, 0.42, 0.05) + 0.0 * shake)
    score.hand(side, come_and_go(score, stage, side, in_s, out_s), place, 4.0)
    lean = score.window(stage, in_s, out_s)
    score.add("trunk_flexion", varied(score, 6, 0.4) * lean)
    score.add("trunk_turn", SIGN[side] * 8 * lean)


def _knock(score: Score, stage: Stage) -> None:
    """The fist before the shoulder strikes forward, short and quick."""
    side = score.limbs(stage)[0]
    in_s, out_s = coming_and_going(score, stage, 0.5, 0.5)
    phase, size, _ = repeated(score, stage, 0.3, in_s, out_s)
    strike = np.clip(bump(phase), 0, 1) ** 1.3 * size
    upper = toward(varied(score, 52, 0.1) + 7 * strike, 14)
    fore = toward(varied(score, 152, 0.04) - 34 * strike, -6)
    pose_arm(score, side, come_and_go(score, stage, side, in_s, out_s), upper, fore)


_HAND: Any = {"after": "", "before": SEATED_TOO}

GESTURES = (
    Action("wave", _wave, (0.8, 1.3), 0.55, (1, 6), (0.6, 1.5), side="right", cues=("wrist outward speed",), **_HAND),
    Action("clap", _clap, (0.7, 1.1), 0.4, (1, 10), cues=("hands apart", "hands closing speed"), **_HAND),
    Action("shrug", _shrug, (0.1, 0.6), 1.1, (1, 3), cues=("shoulder raised",), **_HAND),
    Action("salute", _salute, (1.2, 3.5), side="right", cues=("hand to head top", "elbow outward"), **_HAND),
    Action("beckon", _beckon, (0.8, 1.2), 0.65, (1, 5), side="right", cues=("wrist forward speed", "elbow angle"), **_HAND),
    Action("gesture", _gesture, (2.0, 7.0), side="both", cues=("wrist activity", "wrist before the chest"), **_HAND),
    Action("shake_hands", _shake_hands, (1.0, 1.5), 0.42, (1, 5), side="right", cues=("wrist upward speed", "wrist forward"), **_HAND),
    Action("knock", _knock, (0.8, 1.2), 0.3, (2, 6), side="right", cues=("wrist forward speed", "wrist before the chest"), **_HAND),
)  # fmt: skip
"""Gestures of the hands."""
