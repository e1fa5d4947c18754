"""Steps that are placed one by one: single steps, sidesteps, skipping."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.arm_poses import is_free, pose_arm, toward, varied
from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.flight import fly, hermite, lifted, rate
from kinelang.timeline.actions.going import way_round
from kinelang.timeline.performing.curves import summed, window
from kinelang.timeline.performing.going import OTHER
from kinelang.timeline.performing.score import FootMove, Score
from kinelang.timeline.performing.styles import gait_factors
from kinelang.timeline.schema import Stage

_WAY = {
    "forward": (1.0, 0.0), "backward": (-1.0, 0.0), "left": (0.0, 1.0), "right": (0.0, -1.0),
    "forward_left": (0.7, 0.7), "forward_right": (0.7, -0.7), "backward_left": (-0.7, 0.7), "backward_right": (-0.7, -0.7),
}  # fmt: skip


def _step(score: Score, stage: Stage) -> None:
    """Single steps without turning; the other foot comes beside at the end. Sideways each step is closed."""
    direction = stage.direction or "forward"
    count = stage.count or max(
        1, round(stage.duration_s * (stage.speed or 1.0) / (0.85 if direction in ("forward", "backward") else 1.1))
    )
    stride, _ = gait_factors(stage)
    size = varied(score, 1.0, 0.08) * (stage.amount or 1.0) * score.person.stride * stride
    if direction in ("forward", "backward"):
        each = float(np.clip((0.48 if direction == "forward" else 0.38) * size, 0.12, 0.85))
        alternate_steps(score, stage, count, each if direction == "forward" else -each)
    else:
        closed_steps(score, stage, count, float(np.clip(0.4 * size, 0.12, 0.75)), direction)


def alternate_steps(score: Score, stage: Stage, count: int, each_m: float) -> None:
    """Steps ahead (back where negative) foot after foot, and one more that closes."""
    t = score.times_s
    slot = stage.duration_s / (count + 1)
    gone = _gone(score, stage, 0.9 * slot, 0.95 * slot)
    score.drift_over_ground(np.zeros(len(t)), rate(score, count * each_m * gone), np.zeros(len(t)))
    foot = stage.side or ("left" if score.rng.random() < 0.5 else "right")
    lift = varied(score, 0.075, 0.25)
    for k in range(1, count + 2):
        start = stage.start_s + (k - 1) * slot
        last = k > count
        aim = stage.end_s if last or k == count else float(np.interp(k / count, gone, t))
        push, strike = (26.0, 8.0) if each_m > 0 else (10.0, -10.0)
        score.move_foot(
            FootMove(foot, start + 0.1 * slot, start + 0.9 * slot, aim, lift, push_deg=push, strike_deg=0 if last else strike)
        )
        foot = OTHER[foot]


def closed_steps(score: Score, stage: Stage, count: int, each_m: float, direction: str, start_slot: float = 0.0) -> None:
    """Steps to a side or slantwise: the foot of that side goes first and the other comes beside it, each time."""
    t = score.times_s
    forward, left = _WAY[direction]
    slot = stage.duration_s / count
    gone = count * each_m * _gone(score, stage, 0.5 * slot, 0.5 * slot)
    score.drift_over_ground(np.zeros(len(t)), rate(score, forward * gone), rate(score, left * gone))
    lead = "left" if left > 0 else "right"
    lift = varied(score, 0.07, 0.25)
    for k in range(count):
        start = stage.start_s + k * slot
        aim = stage.end_s if k == count - 1 else float(np.interp((k + 1) * each_m, gone, t))
        for foot, begin, end in ((lead, 0.06, 0.46), (OTHER[lead], 0.52, 0.95)):
            score.move_foot(FootMove(foot, start + begin * slot, start + end * slot, aim, lift, push_deg=18, strike_deg=-4))


def _gone(score: Score, stage: Stage, in_s: float, out_s: float) -> Array:
    """Share of the way gone at each frame, 0 to 1. (T,)"""
    speed = window(score.times_s, stage.start_s, stage.end_s, in_s, out_s)
    return np.asarray(summed(speed) / max(speed.sum(), 1e-9))


def _sidestep(score: Score, stage: Stage) -> None:
    """To one side, facing ahead: out with one foot, the other drawn after, again and again."""
    count = stage.count or max(1, round(stage.duration_s * (stage.speed or 1.0) ** 0.5 / 0.75))
    metres = stage.amount if stage.amount is not None else count * varied(score, 0.36, 0.15) * score.person.stride
    weight = score.window(stage, 0.3, 0.3)
    score.add("shift_up", -0.04 * weight)
    closed_steps(score, stage, count, metres / count, stage.direction or "left")


def _skip(score: Score, stage: Stage) -> None:
    """Step and hop on one foot, then on the other; the free knee goes up, the arms swing across."""
    t = score.times_s
    count = stage.count or max(1, round(stage.duration_s * (stage.speed or 1.0) ** 0.5 / 0.6))
    metres = stage.amount if stage.amount is not None else count * varied(score, 0.8, 0.12) * (stage.speed or 1.0) ** 0.5
    slot = (stage.duration_s - 0.1) / (count + 0.35)
    begin = stage.start_s + 0.05
    gone = metres * _gone(score, stage, 0.7 * slot, 0.8 * slot)
    turning = way_round(score, stage, "forward")
    turn = turning if np.ndim(turning) else float(turning) * rate(score, gone) / max(metres, 1e-6)
    score.drift_over_ground(np.zeros(len(t)), rate(score, gone), np.zeros(len(t)), turn)
    foot = stage.side or ("left" if score.rng.random() < 0.5 else "right")
    keys = [(begin, 0.0, 0.0)]
    swing = []
    for k in range(count):
        at = begin + k * slot
        off, land = at + 0.4 * slot, at + 0.4 * slot + min(0.36 * slot, 0.34)
        keys += [(at + 0.12 * slot, -0.035, 0.0), *lifted(off, land, 0.055, 0.03)]
        fly(score, foot, off, land, land + 0.3 * slot)
        fly(
            score, OTHER[foot], at + 0.04 * slot, at + 1.02 * slot, min(at + 1.3 * slot, stage.end_s), height_m=varied(score, 0.3, 0.15)
        )
        swing.append((at + 0.55 * slot, 1.0 if foot == "left" else -1.0))
        foot = OTHER[foot]
    keys += [(begin + (count + 0.12) * slot, -0.035, 0.0), (stage.end_s, 0.0, 0.0)]
    last = begin + (count - 0.2) * slot
    score.move_foot(FootMove(OTHER[foot], max(last, begin + (count + 0.0) * slot), stage.end_s - 0.02, stage.end_s, 0.06))
    score.add("shift_up", hermite(t, keys))
    score.leap(score.window(stage, 0.15, 0.15))
    _swing_across(score, stage, swing)


def _swing_across(score: Score, stage: Stage, swing: list[tuple[float, float]]) -> None:
    """Arms swing against the legs: at the times given, forward the right arm (+1) or the left (-1)."""
    keys = [(stage.start_s, 0.0, 0.0), *((at, way, 0.0) for at, way in swing), (stage.end_s, 0.0, 0.0)]
    wave = hermite(score.times_s, keys)
    weight = score.window(stage, 0.3, 0.3)
    score.add("trunk_turn", 9 * wave)
    size = varied(score, 40, 0.2)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        if is_free(score, stage, f"{side}_arm"):
            angle = 8 + size * sign * wave
            pose_arm(score, side, weight, toward(angle, 14), toward(angle + 42, 0))


STEPPING = (
    Action("step", _step, (0.5, 0.9), 0.75, (1, 4), (0.6, 1.5), direction="forward", cues=("steps", "forward speed")),
    Action("sidestep", _sidestep, (0.1, 0.3), 0.75, (2, 6), (0.6, 2.4), direction="left", cues=("leftward speed", "steps")),
    Action("skip", _skip, (0.3, 0.5), 0.58, (3, 8), (2.0, 6.0), direction="forward", cues=("both feet airborne", "knee height")),
)
"""Steps placed one by one."""
