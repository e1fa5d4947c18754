"""Work with the hands, over and over: stir, wipe, wash the hands, sweep, dig, drive, dribble, chop.

Places are (outward, up, forward) in arm lengths from the shoulder. Tools held in both hands are led from the middle between the
shoulders (`handwork.centred`).
"""

from __future__ import annotations

import numpy as np

from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.handwork import Bout, along, bout, centred, is_free, lead, says, stands
from kinelang.timeline.performing.curves import bump, drift, flow, through, window
from kinelang.timeline.performing.going import SIGN
from kinelang.timeline.performing.score import FootMove, Score
from kinelang.timeline.schema import Stage

_UPRIGHT_THINGS = ("window", "wall", "mirror", "board", "door", "glass", "screen", "car")
_FLAT_THINGS = ("table", "desk", "counter", "floor", "bench", "surface", "plate", "stove")


def _stir(score: Score, stage: Stage) -> None:
    """Level circles before the belly."""
    rng = score.rng
    (side,) = score.limbs(stage)
    done = bout(score, stage, 0.85, 0.45, 0.45, uneven=0.03)
    angle = 2 * np.pi * done.phase * rng.choice([-1.0, 1.0]) + rng.uniform(0, 2 * np.pi)
    radius = rng.uniform(0.15, 0.21) * (1 + drift(score.times_s, rng, 0.06))
    centre = np.array([-0.22, -0.52, 0.55]) + rng.uniform(-0.04, 0.04, 3)
    circle = np.stack([np.sin(angle), 0.06 * np.sin(2 * angle), 0.9 * np.cos(angle)], axis=1)
    lead(score, side, done.weight, centre + radius[:, None] * circle, 18.0, frame="upright")
    score.add("head_flexion", 15 * done.weight)
    score.add("trunk_flexion", 4 * done.weight)
    score.add("trunk_turn", 2.0 * np.sin(angle) * done.weight)


def _wipe(score: Score, stage: Stage) -> None:
    """The hand goes to and fro sideways on a wall before the face or on a table at waist height."""
    rng, t = score.rng, score.times_s
    sides = score.limbs(stage)
    done = bout(score, stage, 0.9, 0.45, 0.45)
    wall = says(stage, _UPRIGHT_THINGS) or (rng.random() < 0.5 and not says(stage, _FLAT_THINGS))
    first = SIGN[sides[0]] if len(sides) == 1 else rng.choice([-1.0, 1.0])
    across = first * np.sin(2 * np.pi * done.phase) * rng.uniform(0.3, 0.42)
    wander = drift(t, rng, 0.07, 0.1, 0.3)
    middle = 0.0 if len(sides) == 2 else rng.uniform(-0.15, 0.05)
    slope, high = rng.uniform(-0.5, 0.5), rng.uniform(0.0, 0.25)
    for side in sides:
        outward = middle + SIGN[side] * across
        if wall:
            place = np.stack([outward, high + wander + slope * first * across, 0.8 - 0.12 * across**2], axis=1)
        else:
            place = np.stack([outward, -0.6 + 0 * across, 0.66 + wander - 0.1 * np.abs(across)], axis=1)
        lead(score, side, done.weight, place, 12.0, frame="upright")
    score.add("trunk_turn", 14 * across * done.weight)
    score.add("trunk_bend", 5 * across * done.weight)
    score.add("trunk_flexion", (2.0 if wall else 16.0) * done.weight)
    score.add("pelvis_tilt", (0.0 if wall else 7.0) * done.weight)
    score.add("head_flexion", (-4.0 if wall else 8.0) * done.weight)


def _wash_hands(score: Score, stage: Stage) -> None:
    """The hands together before the belly, one rubbing the other in turn."""
    rng = score.rng
    done = bout(score, stage, 0.5, 0.5, 0.5, uneven=0.08)
    rub = np.sin(2 * np.pi * done.phase)
    over = np.sin(np.pi * done.phase + rng.uniform(0, np.pi))
    up, forward = rng.uniform(-0.58, -0.46), rng.uniform(0.45, 0.55)
    for side in ("left", "right"):
        sign = SIGN[side]
        place = centred(side, 0.0, up + sign * 0.05 * over, forward + sign * 0.085 * rub, apart=0.1 - 0.02 * over**2)
        lead(score, side, done.weight, place, 14.0)
    score.add("head_flexion", 16 * done.weight)
    score.add("trunk_flexion", 9 * done.weight)


def _sweep(score: Score, stage: Stage) -> None:
    """A broom in both hands, one above the other: swept to one side, the trunk turning with it, and brought back."""
    rng = score.rng
    done = bout(score, stage, 1.25, 0.5, 0.5)
    sign = SIGN["left" if rng.random() < 0.3 else "right"]
    swept = through(done.share, [(0.0, 0.0), (0.48, 1.0), (1.0, 0.0)])
    across = sign * rng.uniform(0.36, 0.46) * (1 - 2 * swept)
    lift = 0.07 * bump(np.clip((done.share - 0.48) / 0.52, 0, 1)) * (done.share > 0.48)
    for side in ("left", "right"):
        low = sign == SIGN[side]
        up, forward = (-0.78, 0.5) if low else (-0.36, 0.46)
        reach = 1.0 if low else 0.45
        lead(score, side, done.weight, centred(side, reach * across, up + lift, forward - 0.3 * across**2, apart=0.05), 14.0)
    turn = across / 0.42
    score.add("trunk_turn", 17 * turn * done.weight)
    score.add("pelvis_turn", 7 * turn * done.weight)
    score.add("shift_left", 0.035 * turn * done.weight)
    score.add("trunk_flexion", 20 * done.weight)
    score.add("pelvis_tilt", 8 * done.weight)
    score.add("shift_forward", -0.03 * done.weight)
    score.add("head_flexion", 8 * done.weight)


def _dig(score: Score, stage: Stage) -> None:
    """A shovel in both hands: thrust down in front, levered up, and emptied to one side."""
    rng = score.rng
    done = bout(score, stage, 2.3, 0.5, 0.6)
    sign = SIGN["left" if rng.random() < 0.5 else "right"]
    share = done.share
    down = through(share, [(0.0, 0.35), (0.3, 1.0), (0.42, 1.0), (0.68, 0.0), (0.8, 0.0), (1.0, 0.35)])
    aside = through(share, [(0.0, 0.0), (0.46, 0.0), (0.72, 1.0), (0.8, 1.0), (1.0, 0.0)])
    for side in ("left", "right"):
        front = sign == SIGN[side]  # this hand is low on the shaft and leads to its own side
        up = (-0.62 - 0.24 * down) if front else (-0.38 - 0.28 * down)
        forward = (0.62 + 0.06 * down) if front else (0.34 + 0.12 * down)
        across = sign * (0.08 + 0.3 * aside) if front else -sign * (0.3 - 0.2 * aside)
        lead(score, side, done.weight, centred(side, across, up + 0.14 * aside, forward), 10.0)
    score.add("trunk_flexion", (6 + 36 * down) * done.weight)
    score.add("pelvis_tilt", (3 + 25 * down) * done.weight)
    score.add("shift_up", (-0.04 - 0.22 * down) * done.weight)
    score.add("shift_forward", (-0.02 - 0.07 * down) * done.weight)
    score.add("trunk_turn", sign * 28 * aside * done.weight)
    score.add("pelvis_turn", sign * 12 * aside * done.weight)
    score.add("head_flexion", 6 * done.weight)


def _drive(score: Score, stage: Stage) -> None:
    """Both hands on a wheel before the chest, which is turned to one side and the other."""
    rng, t = score.rng, score.times_s
    weight = score.window(stage, min(0.6, 0.3 * stage.duration_s), min(0.6, 0.3 * stage.duration_s))
    steered = rng.choice([-1.0, 1.0]) * np.sin(2 * np.pi * (t - stage.start_s) / rng.uniform(2.4, 3.6)) + drift(t, rng, 0.3, 0.1, 0.5)
    angle = np.radians(38) * np.clip(steered, -1.5, 1.5)
    high, far, size = rng.uniform(-0.32, -0.2), rng.uniform(0.62, 0.7), rng.uniform(0.3, 0.36)
    for side in ("left", "right"):
        spoke = np.where(SIGN[side] > 0, 0.0, np.pi) + np.radians(15) * SIGN[side] - angle
        place = centred(side, size * np.cos(spoke), high + size * np.sin(spoke), far - 0.1 * np.sin(spoke))
        lead(score, side, weight, place, 12.0)
    score.add("trunk_bend", -3 * steered * weight)
    score.add("head_turn", -4 * steered * weight)


def _dribble(score: Score, stage: Stage) -> None:
    """The hand pushes a ball down beside the hip and waits for it, over and over; knees a little bent."""
    rng = score.rng
    (side,) = score.limbs(stage)
    done = bout(score, stage, 0.6, 0.3, 0.35, uneven=0.05)
    down = through(done.share, [(0.0, 0.0), (0.36, 1.0), (0.5, 0.95), (1.0, 0.0)])
    high, size = rng.uniform(-0.5, -0.42), rng.uniform(0.3, 0.4)
    sway = drift(score.times_s, rng, 0.03, 0.2, 0.6)
    place = np.stack([0.2 + sway, high - size * down, 0.5 - 0.02 * down + sway], axis=1)
    lead(score, side, done.weight, place, 8.0, frame="upright")
    score.add("shift_up", -0.05 * done.weight - 0.012 * down * done.weight)
    score.add("trunk_flexion", (9 + 2 * down) * done.weight)
    score.add("head_flexion", 7 * done.weight)
    score.add("trunk_bend", SIGN[side] * 3 * done.weight)


def _chop(score: Score, stage: Stage) -> None:
    """Both hands rise slowly over the head and come down hard to the belly, the trunk with them: an axe. Or a sword, held before the
    belly between the blows: up over one shoulder and aslant down, the weight going forward."""
    rng = score.rng
    done = bout(score, stage, 1.45, 0.5, 0.5)
    share = done.share
    if rng.random() < 0.45 and not says(stage, ("wood", "axe", "vegetable", "food", "log")):
        _cut(score, stage, done)
        return
    low, way_up, high, way_down = (-0.7, 0.5), (0.45, 0.5), (0.78, 0.05), (0.55, 0.6)
    path = along(share, [(0.0, low), (0.42, way_up), (0.6, high), (0.72, way_down), (0.84, low), (1.0, low)])
    across = rng.uniform(-0.08, 0.08)
    low_side = "left" if rng.random() < 0.3 else "right"
    for side in ("left", "right"):
        ahead = 0.06 if side == low_side else -0.04
        lead(score, side, done.weight, centred(side, across, path[:, 0] - ahead, path[:, 1] + ahead, apart=0.09), 22.0)
    up = through(share, [(0.0, 0.0), (0.6, 1.0), (0.84, 0.0), (1.0, 0.0)])
    score.add("trunk_flexion", (20 - 32 * up) * done.weight)
    score.add("pelvis_tilt", (9 - 10 * up) * done.weight)
    score.add("shift_up", (-0.05 + 0.045 * up) * done.weight)
    score.add("shift_forward", (-0.04 + 0.04 * up) * done.weight)
    score.add("head_flexion", (4 - 8 * up) * done.weight)


def _cut(score: Score, stage: Stage, done: Bout) -> None:
    rng, share = score.rng, done.share
    wait = rng.uniform(0.0, 0.35)  # on guard before the hands rise
    guard, raised = np.array([0.0, rng.uniform(-0.5, -0.25), 0.5]), np.array([rng.uniform(-0.35, 0.35), rng.uniform(0.35, 0.6), 0.32])
    down = np.array([-raised[0], rng.uniform(-0.75, -0.5), 0.55])
    before = 0.5 * (raised + down) + np.array([0.0, 0.0, 0.3])
    top, hit = wait + 0.4 * (1 - wait), wait + 0.58 * (1 - wait)
    keys = [
        (0.0, guard),
        (wait, guard),
        (top, raised),
        (0.6 * hit + 0.4 * top, before),
        (hit, down),
        (min(hit + 0.1, 0.9), down),
        (1.0, guard),
    ]
    path = along(share, keys)
    for side in ("left", "right"):
        ahead = 0.05 if side == "right" else -0.05
        lead(score, side, done.weight, centred(side, path[:, 0], path[:, 1] + ahead, path[:, 2] + ahead, apart=0.05), 22.0)
    struck = flow(share, [(0.0, 0.0), (wait, 0.0), (top, -0.5), (hit, 1.0), (min(hit + 0.1, 0.9), 1.0), (1.0, 0.0)]) * done.weight
    if rng.random() < 0.6 and stands(score, stage) and all(is_free(score, stage, part) for part in ("root", "left_leg", "right_leg")):
        _step_in(score, done, top, hit)
    score.add("trunk_flexion", rng.uniform(4, 16) * struck)
    score.add("trunk_turn", np.sign(down[0]) * rng.uniform(0, 18) * struck)
    score.add("shift_forward", rng.uniform(0.02, 0.11) * struck)
    score.add("shift_up", -rng.uniform(0.01, 0.06) * np.clip(struck, 0, 1) - 0.03 * done.weight)


def _step_in(score: Score, done: Bout, top: float, hit: float) -> None:
    """One foot goes forward with each cut and comes back after it, the weight with it."""
    rng = score.rng
    foot, far = "left" if rng.random() < 0.5 else "right", rng.uniform(0.15, 0.5)
    starts = [float(np.interp(k, done.phase, score.times_s)) for k in range(done.count)]
    for a in starts:
        lift, land = a + 0.6 * top * done.each_s, a + hit * done.each_s
        back = land + (0.98 - hit) * done.each_s * np.array([0.35, 0.85])
        for lift_s, land_s, forward in ((lift, land, far), (*back, 0.0)):
            score.move_foot(FootMove(foot, lift_s, land_s, a + done.each_s, 0.07, forward_m=forward, push_deg=18, strike_deg=4))
        ahead = window(score.times_s, lift, float(back[1]), 0.9 * (land - lift), 0.5 * (float(back[1]) - land))
        score.add("shift_forward", 0.5 * far * ahead)
        score.add("shift_up", -0.12 * far * ahead)


_ARMS_ONLY = ("standing", "sitting", "kneeling")

HOUSEHOLD = (
    Action(
        "stir",
        _stir,
        seconds=(0.8, 1.1),
        seconds_each=0.85,
        count=(3, 10),
        side="right",
        after="",
        before=_ARMS_ONLY,
        cues=("wrist going in level circles",),
    ),
    Action(
        "wipe",
        _wipe,
        seconds=(0.8, 1.1),
        seconds_each=0.9,
        count=(2, 7),
        side="right",
        after="",
        cues=("wrist going to and fro sideways",),
    ),
    Action(
        "wash_hands",
        _wash_hands,
        seconds=(0.9, 1.2),
        seconds_each=0.5,
        count=(4, 12),
        after="",
        before=_ARMS_ONLY,
        cues=("wrists together", "one wrist rubbing the other"),
    ),
    Action(
        "sweep",
        _sweep,
        seconds=(0.9, 1.2),
        seconds_each=1.25,
        count=(2, 7),
        cues=("both wrists going to and fro sideways", "trunk turning"),
    ),
    Action(
        "drive", _drive, seconds=(2.0, 7.0), after="", before=("standing", "sitting"), cues=("both wrists turning about each other",)
    ),
    Action("dig", _dig, seconds=(1.0, 1.3), seconds_each=2.3, count=(1, 4), cues=("both wrists low", "trunk flexion", "trunk turning")),
    Action(
        "dribble",
        _dribble,
        seconds=(0.6, 0.8),
        seconds_each=0.6,
        count=(3, 12),
        side="right",
        cues=("wrist going up and down at the hip",),
    ),
    Action("chop", _chop, seconds=(0.9, 1.2), seconds_each=1.45, count=(1, 5), cues=("both wrists coming down", "trunk flexion")),
)
"""Work with the hands."""
