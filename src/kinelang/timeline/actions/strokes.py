"""Strokes of something held in both hands, and of the arms themselves: swing a bat or club, swim, row, fish.

Places are (outward, up, forward) in arm lengths from the shoulder.
"""

from __future__ import annotations

import numpy as np

from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.handwork import Keys, along, bout, centred, coming_down, lead, other, says, slack_of, stands, unhurried
from kinelang.timeline.performing.curves import bump, flow, window
from kinelang.timeline.performing.going import SIGN
from kinelang.timeline.performing.score import Score
from kinelang.timeline.schema import Stage


def _swing(score: Score, stage: Stage) -> None:
    """Both hands together from the named shoulder across to the other; a golf club from high over low to high."""
    rng = score.rng
    side = stage.side or "right"
    sign = -SIGN[side]  # +1: swung to the left
    golf = says(stage, ("golf", "club", "putter"))
    done = bout(score, stage, 1.7, 0.4, 0.45, once_s=4.5)
    share = unhurried(done, 0.45)
    done = coming_down(score, stage, done, 0.43 + 0.42 / slack_of(done))
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


_PULL: Keys = (
    (0.0, (-0.05, -0.32, 0.88)), (0.12, (-0.05, -0.28, 0.9)), (0.5, (0.12, -0.42, 0.24)), (0.62, (0.12, -0.52, 0.24)),
    (0.85, (-0.05, -0.42, 0.8)), (1.0, (-0.05, -0.32, 0.88)),
)  # fmt: skip


def _row(score: Score, stage: Stage) -> None:
    """Both hands drawn to the belly while the trunk swings far back, and out again lower; in a canoe: drawn past one side."""
    rng = score.rng
    done = bout(score, stage, 1.9, 0.5, 0.6, uneven=0.05)
    path = along(done.share, _PULL)
    canoe = says(stage, ("canoe", "paddle", "kayak")) or rng.random() < 0.2
    back = flow(done.share, [(0.0, 0.0), (0.08, 0.0), (0.52, 1.0), (0.6, 1.0), (1.0, 0.0)])
    if canoe:
        sign = float(rng.choice([-1.0, 1.0]))
        for side in ("left", "right"):
            low = sign == SIGN[side]
            up, across = (-0.25, 0.32) if low else (0.32, 0.15)
            place = centred(side, sign * across, path[:, 1] + up, path[:, 2], 0.05)
            lead(score, side, done.weight, place, 15.0)
        score.add("trunk_turn", sign * (-14 + 32 * back) * done.weight)
        score.add("trunk_flexion", (16 - 8 * back) * done.weight)
    else:
        lead(score, ("left", "right"), done.weight, path, 10.0)
        score.add("trunk_flexion", (19 - 30 * back) * done.weight)
        score.add("pelvis_tilt", (11 - 20 * back) * done.weight)
        score.add("shift_forward", (0.03 - 0.07 * back) * done.weight * stands(score, stage))
    if stands(score, stage):
        score.add("shift_up", (-0.08 + 0.02 * back) * done.weight)
    score.add("head_flexion", (-10 + 8 * back) * done.weight)


def _fish(score: Score, stage: Stage) -> None:
    """A rod cast from over the shoulder, then held out low while the other hand reels in little circles."""
    rng, t = score.rng, score.times_s
    length = stage.duration_s
    casting = "left" if rng.random() < 0.15 else "right"
    cast_s = min(1.7, 0.5 * length)
    begin, end = stage.start_s, stage.start_s + cast_s
    weight = score.window(stage, min(0.4, 0.3 * cast_s), min(0.5, 0.2 * length))
    share = np.clip((t - begin) / cast_s, 0, 1)
    rod = [(0.0, (0.0, -0.5, 0.55)), (0.45, (0.1, 0.22, 0.02)), (0.52, (0.1, 0.24, 0.02)), (0.72, (-0.05, -0.05, 0.85))]
    path = along(share, [*rod, (1.0, (-0.08, -0.5, 0.6))])
    lead(score, casting, weight, path, 12.0)
    reeling = window(t, end, stage.end_s + 9, 0.3, 0.1)
    angle = 2 * np.pi * np.clip(t - end, 0, None) * rng.uniform(1.3, 1.8) * (stage.speed or 1.0)
    near = centred(other(casting), 0.1 * SIGN[casting], -0.52, 0.42)
    circle = np.stack([0 * angle, 0.09 * np.cos(angle), 0.09 * np.sin(angle)], axis=1) * reeling[:, None]
    held = path * np.array([1.0, 1.0, 0.85]) + np.array([-0.25, -0.12, 0.0])
    lead(score, other(casting), weight, held + reeling[:, None] * (near - held) + circle, 12.0)
    wound = flow(share, [(0.0, 0.0), (0.45, -1.0), (0.52, -1.0), (0.75, 1.0), (1.0, 0.0)])
    score.add("trunk_turn", -SIGN[casting] * 14 * wound)
    score.add("trunk_flexion", 8 * wound * weight)
    score.add("head_flexion", 7 * reeling * weight)


STROKES = (
    Action(
        "swing", _swing, seconds=(0.7, 1.0), seconds_each=1.7, count=(1, 3), side="right", cues=("wrists together", "trunk turning")
    ),
    Action("swim", _swim, seconds=(0.9, 1.2), seconds_each=1.5, count=(2, 6), cues=("both wrists circling", "trunk flexion")),
    Action(
        "row",
        _row,
        seconds=(2.5, 7.0),
        after="",
        before=("standing", "sitting"),
        cues=("both wrists coming back", "trunk leaning back"),
    ),
    Action(
        "fish",
        _fish,
        seconds=(2.5, 6.0),
        after="",
        before=("standing", "sitting"),
        cues=("both wrists going forward", "wrist circling"),
    ),
)
"""Strokes."""
