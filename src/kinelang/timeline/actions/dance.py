"""Dancing: step touch, a basic step forward and back, the twist."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.arm_poses import is_free, pose_arm, toward, varied
from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.flight import rate
from kinelang.timeline.performing.curves import flow
from kinelang.timeline.performing.going import OTHER, SIGN
from kinelang.timeline.performing.score import FootMove, Score
from kinelang.timeline.schema import Stage


def _dance(score: Score, stage: Stage) -> None:
    """One of three dances; what is counted is a whole figure, to both sides and back."""
    beat = varied(score, 0.52, 0.15) / (stage.speed or 1.0) ** 0.5
    kind = score.rng.choice(["step touch", "basic", "twist"], p=[0.45, 0.35, 0.2])
    figures = stage.count or max(1, round(stage.duration_s / ((4 if kind != "twist" else 2) * beat)))
    first = "left" if score.rng.random() < 0.5 else "right"
    if kind == "step touch":
        _step_touch(score, stage, figures, first)
    elif kind == "basic":
        _basic(score, stage, figures, first)
    else:
        _twist(score, stage, figures, first)


def _step_touch(score: Score, stage: Stage, figures: int, first: str) -> None:
    """Out with one foot, the other beside it; back the other way; hips and arms go along."""
    t = score.times_s
    half = stage.duration_s / (2 * figures)
    wide = varied(score, 0.34, 0.2)
    side = first
    keys = [(stage.start_s, 0.0)]
    for k in range(2 * figures):
        start = stage.start_s + k * half
        to = wide * SIGN[first] if k % 2 == 0 else 0.0
        for foot, begin, end in ((side, 0.04, 0.4), (OTHER[side], 0.5, 0.9)):
            score.move_foot(
                FootMove(foot, start + begin * half, start + end * half, start + 0.98 * half, 0.07, push_deg=20, strike_deg=-8)
            )
        keys.append((start + 0.8 * half, to))
        keys.append((start + 0.96 * half, to))
        side = OTHER[side]
    aside = flow(t, keys)
    zero = np.zeros(len(t))
    score.drift_over_ground(zero, zero, rate(score, aside))
    wave = np.sin(np.pi * _beats(stage, t, 2 * figures)) * SIGN[first] * (1 - 2 * np.mod(np.floor(_beats(stage, t, 2 * figures)), 2))
    bounce = 0.5 - 0.5 * np.cos(4 * np.pi * _beats(stage, t, 2 * figures))
    _groove(score, stage, wave, bounce)
    high = varied(score, 44, 0.3)
    weight = score.window(stage, 0.35, 0.35)
    for arm, sign in SIGN.items():
        if is_free(score, stage, f"{arm}_arm"):
            pose_arm(
                score,
                arm,
                weight,
                toward(22 + 12 * bounce, 40 + 30 * sign * wave),
                toward(74 + high * (0.5 + 0.5 * sign * wave), -25 + 20 * sign * wave),
            )


def _basic(score: Score, stage: Stage, figures: int, first: str) -> None:
    """Forward, in place, back; pause; back, in place, forward; pause: the other foot. Hips sway, elbows bent."""
    slot = stage.duration_s / (8 * figures)
    far = varied(score, 0.27, 0.2)
    t = score.times_s
    for k in range(figures):
        start = stage.start_s + 8 * k * slot
        for foot, way, at in ((first, 1, 0), (OTHER[first], -1, 4)):
            for place, begin in ((way * far, at), (0.0, at + 2)):
                lift, land = start + (begin + 0.05) * slot, start + (begin + 0.9) * slot
                score.move_foot(FootMove(foot, lift, land, stage.end_s, 0.05, forward_m=place, push_deg=18, strike_deg=-6))
            lift, land = start + (at + 1.1) * slot, start + (at + 1.9) * slot
            score.move_foot(FootMove(OTHER[foot], lift, land, stage.end_s, 0.06, push_deg=18, strike_deg=-8))
    phase = _beats(stage, t, 8 * figures)
    swing = SIGN[first] * np.sin(np.pi * (phase - 0.3))
    weight = score.window(stage, 0.4, 0.4)
    score.add("shift_forward", weight * 0.05 * np.sin(2 * np.pi * phase / 8))
    _groove(score, stage, weight * swing, weight * 0.5)
    for arm, sign in SIGN.items():
        if is_free(score, stage, f"{arm}_arm"):
            pose_arm(score, arm, weight, toward(18 + 16 * sign * swing, 40), toward(84 + 10 * sign * swing, -22))


def _twist(score: Score, stage: Stage, figures: int, first: str) -> None:
    """Knees bent, hips and shoulders turn against each other, the bent arms swing across, the body sinks and rises."""
    t = score.times_s
    phase = _beats(stage, t, figures)
    swing = SIGN[first] * np.sin(2 * np.pi * phase)
    weight = score.window(stage, 0.35, 0.35)
    sink = 0.5 - 0.5 * np.cos(2 * np.pi * phase / max(3, figures))
    score.add("shift_up", -weight * (0.07 + 0.1 * sink))
    score.add("pelvis_turn", weight * 33 * swing)
    score.add("trunk_turn", -weight * 52 * swing)
    score.add("trunk_flexion", weight * 6)
    score.add("head_turn", weight * 14 * swing)
    for arm, sign in SIGN.items():
        if is_free(score, stage, f"{arm}_arm"):
            ahead = sign * swing
            pose_arm(score, arm, weight, toward(30 + 8 * ahead, 55 - 35 * ahead), toward(86, -8 - 35 * ahead))


def _groove(score: Score, stage: Stage, wave: Array, bounce: Array) -> None:
    """Hips to one side, shoulders to the other, knees giving on the beat."""
    hips = varied(score, 6, 0.3)
    score.add("pelvis_bend", -hips * wave)
    score.add("trunk_bend", 1.5 * hips * wave)
    score.add("shift_left", 0.035 * wave)
    score.add("trunk_turn", varied(score, 7, 0.4) * wave)
    score.add("shift_up", -0.03 * bounce * score.window(stage, 0.3, 0.3))
    if is_free(score, stage, "head"):
        score.add("head_bend", varied(score, 4, 0.5) * wave)
        score.add("head_flexion", 5 * bounce)


def _beats(stage: Stage, t: Array, count: int) -> Array:
    return np.asarray(count * np.clip((t - stage.start_s) / stage.duration_s, 0, 1))


DANCE = (Action("dance", _dance, (0.2, 0.6), 2.1, (1, 4), cues=("steps", "trunk leftward", "wrist speed")),)
"""Dances."""
