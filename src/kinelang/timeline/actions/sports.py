"""Sports with the arms: throw, catch, punch, block, swing a bat or club, swim.

Places are (outward, up, forward) in arm lengths from the shoulder; strikes and throws aim in the upright frame, so that the trunk can
turn under them.
"""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.handwork import (
    Bout,
    Keys,
    along,
    bout,
    centred,
    coming_down,
    is_free,
    is_kept,
    kept,
    lead,
    other,
    says,
)
from kinelang.timeline.performing.curves import bump, flow, through
from kinelang.timeline.performing.going import SIGN
from kinelang.timeline.performing.score import Score
from kinelang.timeline.schema import Stage

_AIM_DEG = {"left": 55.0, "right": -55.0}


# ---- throwing and catching ---------------------------------------------------------------------------------------------------

_OVERARM: Keys = (
    (0.0, (-0.1, -0.5, 0.5)), (0.15, (0.25, -0.45, 0.1)), (0.35, (0.5, 0.2, -0.42)), (0.41, (0.42, 0.34, -0.3)),
    (0.5, (0.1, 0.42, 0.78)), (0.61, (-0.55, -0.45, 0.55)), (0.68, (-0.5, -0.6, 0.42)), (1.0, (-0.1, -0.5, 0.5)),
)  # fmt: skip
_UNDERARM: Keys = (
    (0.0, (-0.05, -0.6, 0.45)), (0.17, (0.15, -0.92, 0.05)), (0.35, (0.2, -0.68, -0.62)), (0.43, (0.15, -0.95, -0.1)),
    (0.51, (-0.05, -0.3, 0.92)), (0.6, (-0.1, 0.2, 0.85)), (0.68, (-0.1, 0.15, 0.8)), (1.0, (-0.05, -0.6, 0.45)),
)  # fmt: skip
_TOSS_UP: Keys = (
    (0.0, (-0.1, -0.55, 0.5)), (0.29, (-0.05, -0.85, 0.42)), (0.37, (-0.05, -0.8, 0.5)),
    (0.5, (-0.05, 0.55, 0.7)), (0.58, (0.0, 0.78, 0.42)), (0.68, (0.0, 0.7, 0.45)), (1.0, (-0.1, -0.55, 0.5)),
)  # fmt: skip
_CHEST_PASS: Keys = (
    (0.0, (-0.2, -0.45, 0.45)), (0.32, (-0.16, -0.4, 0.22)), (0.38, (-0.16, -0.38, 0.24)),
    (0.48, (-0.2, -0.12, 0.95)), (0.63, (-0.14, -0.16, 0.92)), (1.0, (-0.2, -0.45, 0.45)),
)  # fmt: skip
_FROM_OVERHEAD: Keys = (
    (0.0, (-0.2, -0.5, 0.5)), (0.18, (-0.2, 0.45, 0.6)), (0.35, (-0.2, 0.62, -0.28)), (0.41, (-0.2, 0.68, -0.1)),
    (0.5, (-0.2, 0.35, 0.85)), (0.6, (-0.15, -0.4, 0.72)), (0.68, (-0.15, -0.5, 0.66)), (1.0, (-0.2, -0.5, 0.5)),
)  # fmt: skip


def _throw(score: Score, stage: Stage) -> None:
    """Wind up, hurl, follow through; one hand overarm or underarm, both from the chest or from overhead, or up in the air."""
    rng, sides = score.rng, score.limbs(stage)
    two = len(sides) == 2
    size = float(np.clip(stage.amount or 1.0, 0.4, 1.8))
    done = bout(score, stage, 1.5, 0.25, 0.35, once_s=4.0)
    drawn = rng.random()
    if stage.direction == "up":
        keys = _TOSS_UP
    elif two:
        keys = _CHEST_PASS if drawn < 0.5 else _FROM_OVERHEAD
    else:
        keys = _UNDERARM if says(stage, ("bowl", "underarm", "horseshoe")) or drawn < 0.2 else _OVERARM
    share = _unhurried(done, 0.4)
    done = coming_down(score, stage, done, 0.38 + 0.42 / _slack(done))
    size *= float(np.clip(done.each_s / 1.25, 0.35, 1.0))  # no time to wind up far
    scale = 0.45 + 0.55 * min(size, 1.15)
    first = np.asarray(keys[0][1])
    keys = [(at, first + scale * (np.asarray(place) - first) + rng.uniform(-0.03, 0.03, 3) * (0 < at < 1)) for at, place in keys]
    angle = _AIM_DEG.get(stage.direction or "", 0.0)
    place = along(share, keys)
    wound = flow(share, [(0.0, 0.0), (0.3, -0.95), (0.37, -1.0), (0.55, 0.9), (0.63, 1.0), (1.0, 0.0)]) * done.weight * size
    for side in sides:
        lead(score, side, done.weight, place, 15.0 if keys is not _UNDERARM else 0.0, frame="chest" if angle or two else "upright")
    _turn_aside(score, angle, done.weight)
    sign = 0.0 if two or stage.direction == "up" else SIGN[sides[0]]
    score.add("trunk_turn", -sign * 26 * wound)
    score.add("pelvis_turn", -sign * 14 * wound)
    score.add("trunk_flexion", wound * (9 if stage.direction != "up" else -7))
    score.add("trunk_bend", sign * -5 * np.clip(wound, 0, None))
    score.add("head_turn", sign * 24 * wound)
    score.add("shift_forward", 0.05 * wound)
    score.add("shift_up", -0.025 * np.abs(wound) - (0.05 * np.clip(-wound, 0, 1) if stage.direction == "up" else 0.0))
    if sign and is_free(score, stage, f"{other(sides[0])}_arm") and stage.direction != "up":
        balance = np.clip(-wound, 0, 1) * 0.8
        lead(score, other(sides[0]), balance, (0.15, -0.3, 0.78), frame="upright")


def _unhurried(done: Bout, at: float) -> Array:
    """Share of each repetition, slowed before and after the stroke where there is more time than it needs: the stroke stays fast."""
    slack = _slack(done)
    if slack == 1.0:
        return done.share
    half = 0.5 / slack  # of the repetition's time, to each side of `at`, is quick
    return flow(done.share, [(0.0, 0.0), (at - 0.6 * half, at - 0.25), (at + 0.9 * half, at + 0.35), (1.0, 1.0)])


def _slack(done: Bout) -> float:
    """How much more time there is for each repetition than a throw or swing needs, at least 1."""
    return max(done.each_s / 1.7, 1.0)


def _turn_aside(score: Score, angle_deg: float, weight: Array) -> None:
    """Turn trunk, hips and head towards a target at the side."""
    for channel, share in (("trunk_turn", 0.55), ("pelvis_turn", 0.3), ("head_turn", 0.25)):
        if angle_deg:
            score.add(channel, share * angle_deg * weight)


def _catch(score: Score, stage: Stage) -> None:
    """Both hands go out to meet it and give in towards the chest."""
    rng, sides = score.rng, score.limbs(stage)
    done = bout(score, stage, 1.2, 0.2, 0.4, once_s=3.5)
    high = rng.uniform(-0.25, 0.1)
    meet = np.array([-0.18, high, 0.82])
    if stage.direction == "up":
        meet = np.array([-0.2, 0.78, 0.42])
    keep = is_kept(score, stage, sides[0])
    ready, held = np.array([-0.12, -0.5, 0.45]), np.array([-0.24, -0.42, 0.34])
    near = through(done.share, [(0.0, 0.0), (0.34, 1.0), (0.42, 1.0), (0.62, 2.0), (1.0, 2.0 if done.count == 1 else 3.0)])
    out, given = np.clip(1 - np.abs(near - 1), 0, 1)[:, None], np.clip(1 - np.abs(near - 2), 0, 1)[:, None]
    place = ready + out * (meet - ready) + given * (held - ready)
    for side in sides:
        weight = done.weight
        if keep:
            weight = kept(score, stage, side, stage.start_s, done.start_s - stage.start_s, 0.3)
        lead(score, side, weight, place, 5.0, frame="chest")
    _turn_aside(score, _AIM_DEG.get(stage.direction or "", 0.0), done.weight)
    out, given = out[:, 0] * done.weight, given[:, 0] * done.weight
    score.add("trunk_flexion", 7 * out + 4 * given)
    score.add("shift_up", -0.03 * done.weight - 0.035 * given)
    score.add("shift_forward", 0.025 * out - 0.03 * given)
    score.add("head_flexion", (-22 if stage.direction == "up" else 0) * out + 8 * given)


# ---- fighting ----------------------------------------------------------------------------------------------------------------

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


# ---- bats and clubs ----------------------------------------------------------------------------------------------------------


def _swing(score: Score, stage: Stage) -> None:
    """Both hands together from the named shoulder across to the other; a golf club from high over low to high."""
    rng = score.rng
    side = stage.side or "right"
    sign = -SIGN[side]  # +1: swung to the left
    golf = says(stage, ("golf", "club", "putter"))
    done = bout(score, stage, 1.7, 0.4, 0.45, once_s=4.5)
    share = _unhurried(done, 0.45)
    done = coming_down(score, stage, done, 0.43 + 0.42 / _slack(done))
    if golf:
        keys: Keys = (
            (0.0, (0.0, -0.62, 0.7)), (0.27, (-0.66, -0.05, 0.4)), (0.33, (-0.7, 0.08, 0.3)), (0.47, (0.0, -0.64, 0.72)),
            (0.6, (0.66, -0.05, 0.4)), (0.68, (0.66, 0.12, 0.28)), (1.0, (0.0, -0.62, 0.7)),
        )  # fmt: skip
        turns = [(0.0, 0.0), (0.32, -1.0), (0.47, 0.1), (0.65, 1.0), (0.7, 1.0), (1.0, 0.0)]
    else:
        keys = (
            (0.0, (-0.3, -0.25, 0.4)), (0.22, (-0.55, -0.02, 0.24)), (0.28, (-0.55, 0.02, 0.2)), (0.46, (0.0, -0.38, 0.76)),
            (0.64, (0.5, -0.12, 0.42)), (0.71, (0.52, 0.02, 0.28)), (1.0, (-0.3, -0.25, 0.4)),
        )  # fmt: skip
        turns = [(0.0, -0.4), (0.26, -1.0), (0.29, -1.0), (0.47, 0.2), (0.66, 1.0), (0.71, 1.0), (1.0, -0.4)]
    path = along(share, keys)
    turned = sign * flow(share, turns) * done.weight
    high = rng.uniform(-0.05, 0.05)
    for hand in ("left", "right"):
        upper = hand == side  # the hand that is farther up the handle when the bat stands at the shoulder
        apart, up = 0.05, (0.05 if upper else -0.06)
        lead(score, hand, done.weight, centred(hand, sign * path[:, 0], path[:, 1] + up + high, path[:, 2], apart), 18.0)
    score.add("trunk_turn", 36 * turned)
    score.add("pelvis_turn", 24 * turned)
    score.add("head_turn", -46 * turned)
    score.add("shift_left", 0.05 * turned)
    score.add("trunk_flexion", (24 if golf else 9) * done.weight)
    score.add("pelvis_tilt", (14 if golf else 4) * done.weight)
    score.add("shift_up", -0.04 * done.weight)
    score.add("shift_forward", (-0.05 if golf else 0.0) * done.weight)
    score.add("head_flexion", (8 if golf else 0) * done.weight)


# ---- swimming ----------------------------------------------------------------------------------------------------------------


def _swim(score: Score, stage: Stage) -> None:
    """Strokes of the breaststroke or the crawl, bent forward."""
    rng = score.rng
    crawl = says(stage, ("crawl", "freestyle")) or (rng.random() < 0.45 and not says(stage, ("breast",)))
    done = bout(score, stage, 1.5, 0.5, 0.55, uneven=0.05)
    lean = rng.uniform(18, 34)
    if crawl:
        for side in ("left", "right"):
            phase = done.phase + (0.5 if side == "left" else 0.0)
            place = along(phase % 1.0, _CRAWL)
            high = flow(phase % 1.0, [(0.0, 0.4), (0.2, 0.0), (0.5, 0.0), (0.75, 0.8), (0.9, 1.0), (1.0, 0.4)])
            lead(score, side, done.weight, place, 15 + 75 * high)
        roll = np.sin(2 * np.pi * done.phase)
        score.add("trunk_turn", 16 * roll * done.weight)
        score.add("head_turn", -10 * roll * done.weight)
    else:
        place = along(done.share, _BREAST)
        lead(score, ("left", "right"), done.weight, place, 25.0)
        score.add("shift_up", -0.025 * bump(done.share) * done.weight)
    score.add("trunk_flexion", 0.65 * lean * done.weight)
    score.add("pelvis_tilt", 0.35 * lean * done.weight)
    score.add("head_flexion", -0.5 * lean * done.weight)
    score.add("shift_forward", -0.03 * done.weight)


_BREAST: Keys = (
    (0.0, (-0.28, -0.22, 0.36)), (0.3, (-0.26, 0.02, 0.95)), (0.4, (-0.2, 0.02, 0.95)), (0.62, (0.72, -0.15, 0.55)),
    (0.78, (0.5, -0.5, 0.35)), (0.9, (-0.1, -0.42, 0.32)), (1.0, (-0.28, -0.22, 0.36)),
)  # fmt: skip
_CRAWL: Keys = (
    (0.0, (-0.05, 0.45, 0.85)), (0.2, (-0.15, -0.25, 0.85)), (0.42, (-0.05, -0.85, 0.3)), (0.54, (0.15, -0.85, -0.3)),
    (0.68, (0.4, -0.25, -0.45)), (0.82, (0.45, 0.4, 0.05)), (0.92, (0.15, 0.6, 0.55)), (1.0, (-0.05, 0.45, 0.85)),
)  # fmt: skip

SPORTS = (
    Action(
        "throw",
        _throw,
        seconds=(0.5, 0.9),
        seconds_each=1.3,
        count=(1, 3),
        side="right",
        direction="forward",
        cues=("wrist speed", "trunk turning"),
    ),
    Action(
        "catch",
        _catch,
        seconds=(0.5, 0.8),
        seconds_each=1.1,
        count=(1, 3),
        direction="forward",
        cues=("both wrists going forward and giving in",),
    ),
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
        "swing", _swing, seconds=(0.7, 1.0), seconds_each=1.7, count=(1, 3), side="right", cues=("wrists together", "trunk turning")
    ),
    Action("swim", _swim, seconds=(0.9, 1.2), seconds_each=1.5, count=(2, 6), cues=("both wrists circling", "trunk flexion")),
)
"""Sports with the arms."""
