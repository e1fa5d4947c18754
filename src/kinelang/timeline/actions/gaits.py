"""Gaits that are walks with a difference: tiptoe, sneak, limp, march, stagger, shuffle, climb, stumble."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.arm_poses import is_free, pose_arm, toward, varied
from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.flight import rate
from kinelang.timeline.actions.going import WALK, Manner, gait_action, go_along, way_round
from kinelang.timeline.performing.curves import drift, rise
from kinelang.timeline.performing.going import OTHER, SIGN
from kinelang.timeline.performing.score import Gait, Score
from kinelang.timeline.schema import Stage

TIPTOE = Manner(
    1.7, 0.4, Gait(0.62, 0.07, 0.1, 14, -20, 0.004, -0.04, 12, 18, 4, on_toes_deg=30), (("trunk_flexion", -1), ("head_flexion", 6))
)
SNEAK = Manner(
    1.15, 0.45, Gait(0.66, 0.2, 0.16, 22, 4, 0.006, 0.13, 7, 0, 4), (("trunk_flexion", 20), ("pelvis_tilt", 14), ("head_flexion", -14))
)
LIMP = Manner(1.5, 0.42, Gait(0.62, 0.07, 0.14, 20, 4, -0.004, 0.025, 14, 16, 4, uneven=0.75), (("trunk_flexion", 6),))
MARCH = Manner(1.75, 0.5, Gait(0.58, 0.36, 0.11, 26, 0, 0.008, 0.0, 42, -9, 3), (("trunk_flexion", -3), ("head_flexion", -4)))
STAGGER = Manner(1.45, 0.38, Gait(0.62, 0.1, 0.24, 22, 4, -0.004, 0.035, 10, 14, 7, uneven=0.3), (("head_flexion", 6),))
SHUFFLE = Manner(1.7, 0.24, Gait(0.74, 0.018, 0.16, 6, 0, -0.001, 0.035, 6, 10, 3), (("trunk_flexion", 9), ("head_flexion", 10)))
STAIRS = Manner(1.35, 0.29, Gait(0.62, 0.1, 0.13, 24, -6, 0.0, 0.012, 15, 18, 4))
STAIR_M = 0.17
"""Height of a step of the stairs."""


def swinging(score: Score, side: str) -> Array:
    """Of the going written last: 1 while this foot is half-way through its swing, -1 while the other is. (T,)"""
    going = score.goings[-1]
    sign = 1.0 if going.first == side else -1.0
    return np.asarray(sign * np.sin(np.pi * going.steps_gone()) * going.weight)


def _tiptoe(score: Score, stage: Stage) -> None:
    """Short steps on raised heels, upright and narrow; the arms a little out for balance."""
    go_along(score, stage, TIPTOE)
    weight = score.window(stage, 0.3, 0.3)
    score.add("shift_up", 0.02 * weight)
    if score.rng.random() < 0.5:
        _arms_out(score, stage, 0.6 * weight, varied(score, 38, 0.3))


def _sneak(score: Score, stage: Stage) -> None:
    """Low and bent, feet lifted high and set down softly, hands before the chest, the head watching to both sides."""
    go_along(score, stage, SNEAK)
    weight = score.window(stage, 0.4, 0.4)
    if is_free(score, stage, "head"):
        score.add("head_turn", weight * drift(score.times_s, score.rng, 11, 0.2, 0.5))
    low = varied(score, 1.0, 0.3)
    for side in ("left", "right"):
        if is_free(score, stage, f"{side}_arm"):
            bob = 8 * swinging(score, side)
            pose_arm(score, side, weight, toward(26 * low - bob, 35), toward(92 + bob, -18), "upright")


def _limp(score: Score, stage: Stage) -> None:
    """The hurt leg carries for a moment only, stiff, and the trunk falls over it; the other takes its time."""
    hurt = stage.side or ("left" if score.rng.random() < 0.5 else "right")
    go_along(score, stage.with_(side=hurt), LIMP)
    on_hurt = np.clip(-swinging(score, hurt), 0, 1) ** 2
    score.add("trunk_bend", SIGN[hurt] * varied(score, 14, 0.2) * on_hurt)
    score.add("trunk_flexion", varied(score, 8, 0.3) * on_hurt)
    score.add("shift_up", -varied(score, 0.035, 0.3) * on_hurt)
    score.add("pelvis_bend", SIGN[hurt] * varied(score, 7, 0.25) * on_hurt)
    score.add("shift_left", SIGN[hurt] * varied(score, 0.02, 0.3) * on_hurt)
    arm = OTHER[hurt]
    if is_free(score, stage, f"{arm}_arm"):
        pose_arm(score, arm, 0.7 * on_hurt, toward(34, 80), toward(50, 60))


def _march(score: Score, stage: Stage) -> None:
    """Knees up to the hip, straight arms that swing far, an upright trunk."""
    go_along(score, stage, MARCH)


def _stagger(score: Score, stage: Stage) -> None:
    """No straight line: the body sways, the feet catch it wide apart, the arms balance."""
    go_along(score, stage, STAGGER)
    t, rng = score.times_s, score.rng
    weight = score.window(stage, 0.5, 0.5)
    zero = np.zeros(len(t))
    aside, ahead, round_ = (weight * drift(t, rng, size, 0.25, 0.6) for size in (0.11, 0.08, 13))
    score.drift_over_ground(zero, *(rate(score, v) for v in (ahead, aside, round_)))
    for channel, size in (("trunk_bend", 9), ("trunk_flexion", 8), ("head_bend", 6), ("trunk_turn", 7)):
        score.add(channel, weight * drift(t, rng, size, 0.25, 0.7))
    score.add("shift_left", weight * drift(t, rng, 0.045, 0.3, 0.7))
    _arms_out(score, stage, weight * np.clip(0.45 + drift(t, rng, 0.4, 0.2, 0.6), 0, 0.9), 42)


def _shuffle(score: Score, stage: Stage) -> None:
    """The feet hardly leave the ground; short steps, a bent back, still arms."""
    go_along(score, stage, SHUFFLE)


def _climb(score: Score, stage: Stage) -> None:
    """Up or down stairs, a foot on each; the last step brings the feet together."""
    count = stage.count or max(1, round(stage.duration_s * STAIRS.cadence * (stage.speed or 1.0) ** 0.5) - 1)
    up = stage.direction != "down"
    sign = 1.0 if up else -1.0
    gait = replace(STAIRS.gait, rise_m=sign * STAIR_M, strike_deg=-4.0 if up else -18.0, push_deg=26.0 if up else 38.0)
    metres = count * STAIRS.step_m * varied(score, 1.0, 0.06)
    score.go(stage, forward_m=metres, turn_deg=way_round(score, stage, "forward"), steps=count + 1, first=stage.side, gait=gait)
    weight = score.window(stage, 0.4, 0.4)
    score.add("trunk_flexion", (9 if up else 3) * weight)
    score.add("pelvis_tilt", (5 if up else 0) * weight)
    if is_free(score, stage, "head"):
        score.add("head_flexion", (6 if up else 18) * weight)


def _stumble(score: Score, stage: Stage) -> None:
    """A foot is caught: the trunk pitches over, quick wide steps run after it, the arms fly out; then upright again."""
    t, rng = score.times_s, score.rng
    steps = max(3, round(stage.duration_s * varied(score, 2.2, 0.1)))
    first = "left" if rng.random() < 0.5 else "right"
    gait = replace(WALK.gait, width_m=0.2, uneven=-0.5, swing_deg=8.0, lift_m=0.13)
    direction = stage.direction or "forward"
    way = {"forward": (1, 0), "backward": (-0.7, 0), "left": (0, 0.6), "right": (0, -0.6)}[direction]
    metres = min(0.42 * steps, 1.5) * varied(score, 1.0, 0.1)
    score.go(stage, forward_m=way[0] * metres, left_m=way[1] * metres, steps=steps, first=first, gait=gait)
    length = stage.duration_s
    caught = stage.start_s + varied(score, 0.22, 0.2) * length
    pitch = rise(t, caught, caught + 0.16 * length) - rise(t, caught + 0.24 * length, min(caught + 0.7 * length, stage.end_s))
    size = varied(score, 1.0, 0.2)
    score.add("trunk_flexion", way[0] * 24 * size * pitch)
    score.add("pelvis_tilt", way[0] * 17 * size * pitch)
    score.add("trunk_bend", way[1] * 28 * size * pitch)
    score.add("shift_up", -0.07 * size * pitch)
    score.add("shift_forward", 0.09 * way[0] * size * pitch)
    if is_free(score, stage, "head"):
        score.add("head_flexion", -10 * way[0] * size * pitch)
    for side in ("left", "right"):
        if is_free(score, stage, f"{side}_arm"):
            high = varied(score, 78, 0.2)
            pose_arm(score, side, 0.95 * pitch, toward(high, 55 - 30 * way[0]), toward(high + 10, 30 - 20 * way[0]))


def _arms_out(score: Score, stage: Stage, weight: Array, degrees: float) -> None:
    """Arms spread sideways by so much."""
    for side in ("left", "right"):
        if is_free(score, stage, f"{side}_arm"):
            pose_arm(score, side, weight, toward(degrees, 80), toward(degrees + 14, 62))


GAITS = (
    gait_action("tiptoe", TIPTOE, perform=_tiptoe, direction="forward", amount=(1.0, 4.0), cues=("heels up", "steps")),
    gait_action("sneak", SNEAK, perform=_sneak, direction="forward", amount=(1.0, 4.0), cues=("pelvis height", "trunk forward")),
    gait_action("limp", LIMP, perform=_limp, direction="forward", amount=(1.0, 4.0), cues=("uneven steps", "trunk leftward")),
    gait_action("march", MARCH, perform=_march, direction="forward", amount=(1.0, 6.0), cues=("knee height", "steps")),
    gait_action("stagger", STAGGER, perform=_stagger, direction="forward", amount=(1.0, 4.0), cues=("trunk leftward", "steps")),
    gait_action("shuffle", SHUFFLE, perform=_shuffle, direction="forward", amount=(0.6, 2.5), cues=("forward speed", "foot height")),
    Action("climb", _climb, (0.6, 1.0), 0.72, (2, 8), direction="up", cues=("pelvis height", "steps")),
    Action("stumble", _stumble, (1.3, 2.4), direction="forward", cues=("trunk forward", "forward speed")),
)
"""Walks with a difference."""
