"""What leaves the ground on purpose: jumps, hops, jumping jacks; and spins, which go with them."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.arm_poses import is_free, pose_arm, toward, varied
from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.flight import OFF_M, flight_s, fly, hermite, lifted, rate
from kinelang.timeline.performing.curves import rise
from kinelang.timeline.performing.going import OTHER, SIGN
from kinelang.timeline.performing.score import FootMove, Gait, Score
from kinelang.timeline.schema import Stage

_WAY = {"up": (0.0, 0.0), "forward": (1.0, 0.0), "backward": (-0.6, 0.0), "left": (0.0, 0.75), "right": (0.0, -0.75)}
Times = tuple[float, float, float, float]
"""Of one jump: lowest point of the crouch, take-off, landing, lowest point after it."""


def _jump(score: Score, stage: Stage) -> None:
    """Crouch with the arms back, throw them up, fly, land on the toes and give way."""
    count = stage.count or max(1, round(stage.duration_s * (stage.speed or 1.0) / 2.2))
    amount = varied(score, 1.0, 0.06) * (stage.amount or 1.0)
    forward, left = _WAY[stage.direction or "up"]
    high = 0.2 * amount if forward == left == 0 else 0.16 * amount
    times = _jump_times(score, stage, count, flight_s(float(np.clip(high, 0.03, 0.6))))
    deep = float(np.clip(varied(score, 0.2, 0.2) * amount**0.5, 0.06, 0.34))
    far = 0.62 * amount * min(1.0, (times[0][2] - times[0][1]) / 0.36) * varied(score, 1.0, 0.1)
    _body_over_ground(score, times, forward * far, left * far)
    weight = score.window(stage, 0.15, 0.15)
    score.leap(weight)
    score.add("shift_up", _up_and_down(score, stage, times, deep, 0.3 * far))
    for _, off, land, down in times:
        for side in ("left", "right"):
            fly(score, side, off, land, down + 0.15, height_m=float(0.125 * 9.81 * (land - off) ** 2 + 0.06 * amount**0.5))
    _fold(score, stage, times, deep)
    if any(is_free(score, stage, f"{side}_arm") for side in SIGN):
        _throw_arms(score, stage, times, up=forward == left == 0)


def _jump_times(score: Score, stage: Stage, count: int, wanted_s: float) -> list[Times]:
    """When each jump crouches, leaves, lands and gives way: as long in the air as wanted, if there is time for it."""
    slot = stage.duration_s / count
    out = []
    for k in range(count):
        start = stage.start_s + k * slot
        air = min(wanted_s, 0.45 * slot)
        before = min(varied(score, 0.62, 0.15), 0.55 * (slot - air))
        after = min(0.2, 0.25 * (slot - air))
        off = start + before
        low = off - min(0.24, 0.45 * before)
        out.append((low, off, off + air, off + air + after))
    return out


def _up_and_down(score: Score, stage: Stage, times: list[Times], deep: float, reach_m: float) -> Array:
    """Height of the pelvis against standing. (T,)"""
    lower = reach_m**2 / 1.8  # legs that reach out do not reach as far down
    keys = [(stage.start_s, 0.0, 0.0)]
    for k, (low, off, land, down) in enumerate(times):
        keys += [(low, -deep, 0.0), *lifted(off, land, OFF_M - lower, OFF_M - 0.025 - lower), (down, -0.7 * deep, 0.0)]
        up_again = min(down + 0.55, stage.end_s)
        if k + 1 == len(times) or times[k + 1][0] - down > 0.9:
            keys.append((max(up_again, down + 0.05), 0.0, 0.0))
            if k + 1 < len(times):
                keys.append((times[k + 1][0] - 0.35, 0.0, 0.0))
    return hermite(score.times_s, keys)


def _body_over_ground(score: Score, times: list[Times], forward_m: float, left_m: float) -> None:
    """The body leaves before its feet and arrives after them."""
    keys = []
    for k, (low, off, land, down) in enumerate(times):
        speed = 0.62 / (land - off)
        keys += [(0.5 * (low + off), float(k), 0.0), (off, k + 0.17, speed), (land, k + 0.79, speed), (down + 0.12, k + 1.0, 0.0)]
    gone = hermite(score.times_s, [key for i, key in enumerate(keys) if i == 0 or key[0] > keys[i - 1][0]])
    score.drift_over_ground(np.zeros(len(gone)), rate(score, forward_m * gone), rate(score, left_m * gone))


def _fold(score: Score, stage: Stage, times: list[Times], deep: float) -> None:
    """Trunk and pelvis bend in the crouch and in the landing, and stretch in between."""
    keys = [(stage.start_s, 0.0, 0.0)]
    for low, off, land, down in times:
        air = land - off
        keys += [(low, 1.0, 0.0), (off + 0.3 * air, 0.03, 0.0), (land - 0.15 * air, 0.05, 0.0), (down + 0.1, 0.7, 0.0)]
    keys.append((max(times[-1][3] + 0.15, min(times[-1][3] + 0.6, stage.end_s)), 0.0, 0.0))
    bent = hermite(score.times_s, keys)
    score.add("trunk_flexion", bent * 80 * deep)
    score.add("pelvis_tilt", bent * 110 * deep)
    score.add("head_flexion", -bent * 50 * deep)
    score.add("shift_forward", -bent * 0.25 * deep)


def _throw_arms(score: Score, stage: Stage, times: list[Times], up: bool) -> None:
    """Back in the crouch, forward and up at take-off, down again in the landing: degrees from hanging, forward positive."""
    vigour = score.rng.uniform(0.55, 1.05) * (stage.amount or 1.0) ** 0.5
    high = min((125 if up else 85) * vigour, 150.0)
    keys = [(stage.start_s, 5.0, 0.0)]
    for low, off, land, down in times:
        keys += [(low - 0.06, max(-38 * vigour, -46.0), 0.0), (off + 0.4 * (land - off), high, 0.0)]
        keys += [(off + 0.6 * (land - off), high - 4, -60.0), (down + 0.05, 32.0, -80.0)]
    keys.append((max(times[-1][3] + 0.1, min(times[-1][3] + 0.6, stage.end_s)), 5.0, 0.0))
    angle = hermite(score.times_s, keys)
    weight = score.window(stage, 0.2, 0.25)
    for side in SIGN:
        if is_free(score, stage, f"{side}_arm"):
            pose_arm(score, side, weight, toward(angle, 18), toward(angle + np.clip(28 + 0.12 * angle, 12, 60), 4))


def _hop(score: Score, stage: Stage) -> None:
    """On one foot, the other held up behind: small jumps from the ankle and knee, the arms bent for balance."""
    t, rng = score.times_s, score.rng
    foot = stage.side or ("left" if rng.random() < 0.5 else "right")
    count = stage.count or max(1, round((stage.duration_s - 0.6) * (stage.speed or 1.0) ** 0.5 / 0.52))
    lead = min(0.35, 0.2 * stage.duration_s)
    slot = (stage.duration_s - 2 * lead) / count
    amount = varied(score, 1.0, 0.08) * (stage.amount or 1.0)
    air = min(flight_s(float(np.clip(0.075 * amount, 0.02, 0.2))), 0.5 * slot)
    times = []
    for k in range(count):
        off = stage.start_s + lead + (k + 0.98) * slot - air - min(0.12, 0.25 * (slot - air))
        times.append((off - min(0.2, 0.5 * (slot - air)), off, off + air, off + air + min(0.12, 0.25 * (slot - air))))
    forward, left = _WAY[stage.direction or "up"]
    far = 0.42 * amount**0.5 * min(1.0, air / 0.22) * varied(score, 1.0, 0.1)
    _body_over_ground(score, times, forward * far * count / max(count, 1), left * far)
    deep = float(np.clip(0.075 * amount**0.5, 0.03, 0.12))
    score.add("shift_up", _up_and_down(score, stage, times, deep, 0.25 * far))
    on_one = score.window(stage, lead + 0.05, lead + 0.05)
    score.leap(score.window(stage, 0.15, 0.15))
    score.add("shift_left", SIGN[foot] * 0.42 * score.person.width_m * on_one)
    score.add("trunk_bend", SIGN[foot] * 3 * on_one)
    for _, off, land, down in times:
        fly(score, foot, off, land, down + 0.1, push_deg=38.0)
    score.move_foot(FootMove(OTHER[foot], stage.start_s + lead, stage.end_s - 1.2 * lead, stage.end_s, 0.05))
    bob = 0.04 * np.sin(2 * np.pi * np.clip((t - stage.start_s - lead) / slot, 0, count))
    place = np.stack([0.1 + 0 * t, -0.66 + bob, varied(score, -0.2, 0.3) + 0 * t], axis=1)
    score.hold_foot(OTHER[foot], on_one, place, 18.0)
    _fold(score, stage, times, 0.6 * deep)
    out = varied(score, 34, 0.3)
    for side in SIGN:
        if is_free(score, stage, f"{side}_arm"):
            pose_arm(score, side, on_one, toward(out - 150 * bob, 72), toward(out + 40 - 300 * bob, 20))


def _jumping_jack(score: Score, stage: Stage) -> None:
    """Jump with the legs apart and the arms up sideways over the head; jump back."""
    count = stage.count or max(1, round(stage.duration_s * (stage.speed or 1.0) ** 0.5 / 1.15))
    slot = stage.duration_s / count
    wide = varied(score, 0.62, 0.12)
    air = min(varied(score, 0.2, 0.12), 0.2 * slot)
    keys = [(stage.start_s, 0.0, 0.0)]
    arms = [(stage.start_s, 0.0, 0.0)]
    top = varied(score, 158, 0.06)
    for k in range(count):
        start = stage.start_s + k * slot
        for off, apart in ((start + 0.26 * slot, True), (start + 0.72 * slot, False)):
            land = off + air
            keys += [(off - 0.13 * slot, -0.075, 0.0), *lifted(off, land, 0.04 if apart else 0.0, 0.0 if apart else 0.03)]
            for side in SIGN:
                fly(score, side, off, land, stage.end_s, width_m=wide if apart else 0.14, push_deg=36.0, strike_deg=-16.0)
        arms += [(start + 0.12 * slot, 2.0, 0.0), (start + 0.5 * slot, top, 0.0), (start + 0.62 * slot, top - 6, 0.0)]
    keys += [(stage.end_s - 0.28 * slot + air + 0.11 * slot, -0.06, 0.0), (stage.end_s, 0.0, 0.0)]
    arms.append((stage.end_s, 0.0, 0.0))
    score.add("shift_up", hermite(score.times_s, keys))
    score.leap(score.window(stage, 0.12, 0.12))
    weight = score.window(stage, 0.15, 0.15)
    angle = 10 + hermite(score.times_s, arms)
    for side in SIGN:
        if is_free(score, stage, f"{side}_arm"):
            pose_arm(score, side, weight, toward(angle, 86), toward(angle + 12, 80))


def _spin(score: Score, stage: Stage) -> None:
    """Whole turns on the spot in quick small steps, the arms carried out by them, the head ahead."""
    count = stage.count or max(1, round(stage.duration_s * (stage.speed or 1.0) / 1.3))
    sign = -1.0 if stage.direction == "right" else 1.0
    steps = max(2, round(count * np.clip(stage.duration_s / count * 2.8, 3, 7)))
    gait = Gait(0.6, 0.05, None, 18, -4, 0.004, 0.01, 0, 0, 0)
    score.go(stage, turn_deg=sign * 360 * count, steps=steps, first="left" if sign > 0 else "right", gait=gait)
    weight = score.window(stage, 0.25 * stage.duration_s, 0.3 * stage.duration_s)
    if is_free(score, stage, "head"):
        score.add("head_turn", sign * 22 * weight)
    score.add("trunk_turn", sign * 10 * weight)
    out = varied(score, 48, 0.35)
    fast = rise(np.array([360 * count / stage.duration_s]), 120, 360)[0]
    for side in SIGN:
        if is_free(score, stage, f"{side}_arm"):
            pose_arm(score, side, (0.5 + 0.5 * fast) * weight, toward(out, 70), toward(out + 22, 25))


JUMPS = (
    Action("jump", _jump, (0.5, 0.9), 0.9, (1, 4), (0.5, 1.8), direction="up", cues=("both feet airborne", "pelvis height")),
    Action("hop", _hop, (0.7, 1.0), 0.5, (1, 6), (0.6, 1.6), direction="up", cues=("both feet airborne", "one foot up")),
    Action("jumping_jack", _jumping_jack, (0.0, 0.1), 1.1, (1, 6), cues=("both feet airborne", "wrist height")),
    Action("spin", _spin, (0.3, 0.6), 1.3, (1, 3), direction="left", cues=("yaw rate",)),
)
"""Jumps and spins."""
