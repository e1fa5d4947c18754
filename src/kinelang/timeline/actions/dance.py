"""Dancing: step touch, a basic step forward and back, a waltz box, the twist."""

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
    """One of four dances; what is counted is a whole figure, to both sides and back."""
    beat = varied(score, 0.52, 0.15) / (stage.speed or 1.0) ** 0.5
    beats, dance = (_DANCES)[int(score.rng.choice(len(_DANCES), p=(0.35, 0.25, 0.2, 0.2)))]
    figures = stage.count or max(1, round(stage.duration_s / (beats * beat)))
    dance(score, stage, figures, "left" if score.rng.random() < 0.5 else "right")


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
    _dancing_arms(score, stage, wave, bounce)


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
    _dancing_arms(score, stage, weight * swing, 0.5 * weight)


def _box(score: Score, stage: Stage, figures: int, first: str) -> None:
    """A waltz: ahead, aside, close; back, aside, close; the whole turning slowly, the arms held round a partner."""
    t = score.times_s
    slot = stage.duration_s / (6 * figures)
    far, sign = varied(score, 0.32, 0.2), SIGN[first]
    corners = [(0.0, 0.0), (far, 0.0), (far, -sign * far), (far, -sign * far), (0.0, -sign * far), (0.0, 0.0), (0.0, 0.0)]
    keys = [(stage.start_s, corners[0])]
    foot = first
    for k in range(6 * figures):
        start = stage.start_s + k * slot
        keys += [(start + 0.85 * slot, corners[k % 6 + 1]), (start + 0.98 * slot, corners[k % 6 + 1])]
        score.move_foot(FootMove(foot, start + 0.06 * slot, start + 0.8 * slot, start + 0.99 * slot, 0.06, push_deg=22, strike_deg=-8))
        foot = OTHER[foot]
    ahead, aside = flow(t, keys).T
    turn = -sign * score.rng.choice([0.0, 90.0, 180.0]) * rate(score, _beats(stage, t, 1)) * score.window(stage, 0.4, 0.4)
    score.drift_over_ground(np.zeros(len(t)), rate(score, ahead), rate(score, aside), turn)
    phase = _beats(stage, t, 6 * figures)
    weight = score.window(stage, 0.5, 0.5)
    score.add("shift_up", -weight * 0.03 * (0.5 + 0.5 * np.cos(2 * np.pi * phase / 3)))  # low on one, rising on two and three
    score.add("trunk_bend", weight * 5 * np.sin(2 * np.pi * phase / 6))
    score.add("trunk_flexion", -4 * weight)
    for arm, up in ((first, 84.0), (OTHER[first], 66.0)):
        if is_free(score, stage, f"{arm}_arm"):
            fore = toward(104, 48) if arm == first else toward(88, -38)
            pose_arm(score, arm, weight, toward(up + 4 * np.sin(2 * np.pi * phase / 3), 62), fore)


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


def _dancing_arms(score: Score, stage: Stage, wave: Array, bounce: Array) -> None:
    """Arms that go with the hips, (T,) -1 to 1 to the left: bent and pumping, waving overhead, or opening and closing."""
    weight = score.window(stage, 0.35, 0.35)
    manner = score.rng.choice(["pump", "wave", "open"], p=[0.55, 0.2, 0.25])
    high = varied(score, 44, 0.3)
    for arm, sign in SIGN.items():
        if not is_free(score, stage, f"{arm}_arm"):
            continue
        ahead = sign * wave
        if manner == "pump":
            fore = toward(74 + high * (0.5 + 0.5 * ahead), -25 + 20 * ahead)
            pose_arm(score, arm, weight, toward(22 + 12 * bounce, 40 + 30 * ahead), fore)
        elif manner == "wave":
            pose_arm(score, arm, weight, toward(138 + 14 * ahead, 74), toward(164 + 20 * ahead, 62))
        else:
            pose_arm(score, arm, weight, toward(54 + 22 * ahead, 62 + 14 * ahead), toward(82 + 10 * bounce, 26 + 52 * ahead))


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


_DANCES = ((4, _step_touch), (8, _basic), (6, _box), (2, _twist))
"""Beats of a figure, and how it goes."""

DANCE = (Action("dance", _dance, (0.2, 0.6), 2.1, (1, 4), cues=("steps", "trunk leftward", "wrist speed")),)
"""Dances."""
