"""Ball games: throw, catch, shoot, juggle.

Places are (outward, up, forward) in arm lengths from the shoulder; one-handed throws aim in the upright frame, so that the trunk can
turn under them.
"""

from __future__ import annotations

import numpy as np

from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.handwork import (
    AIM_DEG,
    Keys,
    along,
    bout,
    coming_down,
    is_free,
    is_kept,
    kept,
    lead,
    other,
    says,
    slack_of,
    turn_aside,
    unhurried,
)
from kinelang.timeline.performing.curves import flow, through
from kinelang.timeline.performing.going import SIGN
from kinelang.timeline.performing.score import Score
from kinelang.timeline.schema import Stage

_OVERARM: Keys = (
    (0.0, (-0.1, -0.5, 0.5)), (0.15, (0.25, -0.45, 0.1)), (0.35, (0.5, 0.2, -0.42)), (0.4, (0.42, 0.34, -0.3)),
    (0.51, (0.1, 0.42, 0.78)), (0.65, (-0.55, -0.45, 0.55)), (0.71, (-0.5, -0.6, 0.42)), (1.0, (-0.1, -0.5, 0.5)),
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
    share = unhurried(done, 0.4)
    done = coming_down(score, stage, done, 0.38 + 0.42 / slack_of(done))
    size *= float(np.clip(done.each_s / 1.25, 0.35, 1.0))  # no time to wind up far
    scale = 0.45 + 0.55 * min(size, 1.15)
    first = np.asarray(keys[0][1])
    keys = [(at, first + scale * (np.asarray(place) - first) + rng.uniform(-0.03, 0.03, 3) * (0 < at < 1)) for at, place in keys]
    angle = AIM_DEG.get(stage.direction or "", 0.0)
    place = along(share, keys)
    wound = flow(share, [(0.0, 0.0), (0.3, -0.95), (0.36, -1.0), (0.57, 0.9), (0.66, 1.0), (1.0, 0.0)]) * done.weight * size
    for side in sides:
        lead(score, side, done.weight, place, 15.0 if keys is not _UNDERARM else 0.0, frame="chest" if angle or two else "upright")
    turn_aside(score, angle, done.weight)
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
    turn_aside(score, AIM_DEG.get(stage.direction or "", 0.0), done.weight)
    out, given = out[:, 0] * done.weight, given[:, 0] * done.weight
    score.add("trunk_flexion", 7 * out + 4 * given)
    score.add("shift_up", -0.03 * done.weight - 0.035 * given)
    score.add("shift_forward", 0.025 * out - 0.03 * given)
    score.add("head_flexion", (-22 if stage.direction == "up" else 0) * out + 8 * given)


_SHOT: Keys = (
    (0.0, (-0.22, -0.42, 0.42)), (0.26, (-0.22, -0.6, 0.4)), (0.32, (-0.22, -0.58, 0.42)), (0.5, (-0.22, 0.42, 0.46)),
    (0.6, (-0.22, 0.8, 0.48)), (0.78, (-0.2, 0.8, 0.5)), (1.0, (-0.22, -0.42, 0.42)),
)  # fmt: skip


def _shoot(score: Score, stage: Stage) -> None:
    """A ball from the chest up over the forehead and away: one hand follows it high, the other stops beside the head; knees help."""
    rng = score.rng
    done = bout(score, stage, 1.7, 0.35, 0.4, once_s=4.0)
    share = unhurried(done, 0.42)
    done = coming_down(score, stage, done, 0.4 + 0.42 / slack_of(done))
    shooting = "left" if rng.random() < 0.15 else "right"
    path = along(share, _SHOT)
    guided = path + np.clip(path[:, 1:2], 0, None) * np.array([0.15, -0.45, -0.05])
    lead(score, shooting, done.weight, path, 10.0)
    lead(score, other(shooting), done.weight, guided, 16.0)
    turn_aside(score, AIM_DEG.get(stage.direction or "", 0.0), done.weight)
    up = flow(share, [(0.0, 0.0), (0.24, -1.0), (0.32, -1.0), (0.54, 1.0), (0.72, 1.0), (1.0, 0.0)])
    score.add("shift_up", (-0.03 - 0.1 * np.clip(-up, 0, 1)) * done.weight)
    score.add("trunk_flexion", (3 - 9 * up) * done.weight)
    score.add("head_flexion", (-4 - 9 * np.clip(up, 0, 1)) * done.weight)
    score.add("trunk_turn", -SIGN[shooting] * 7 * up * done.weight)


def _juggle(score: Score, stage: Stage) -> None:
    """The hands in turn: up and inward with a ball, outward and down to the next; the eyes up."""
    rng = score.rng
    done = bout(score, stage, 0.8, 0.45, 0.5, uneven=0.05)
    level, wide, high = rng.uniform(-0.55, -0.45), rng.uniform(0.1, 0.16), rng.uniform(0.2, 0.3)
    for side in ("left", "right"):
        angle = 2 * np.pi * (done.phase + (0.5 if side == "left" else 0.0))
        up = np.cos(angle) * (1 + 0.25 * np.cos(angle))
        place = np.stack([-0.04 + wide * np.sin(angle), level + 0.5 * high * up, 0.56 + 0.03 * up], axis=1)
        lead(score, side, done.weight, place, 8.0, frame="upright")
    score.add("head_flexion", -13 * done.weight)
    score.add("trunk_flexion", -2 * done.weight)
    score.add("trunk_turn", 2.5 * np.sin(2 * np.pi * done.phase) * done.weight)


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
        "shoot",
        _shoot,
        seconds=(0.7, 1.0),
        seconds_each=1.5,
        count=(1, 3),
        direction="forward",
        cues=("both wrists rising over the head", "one wrist overhead", "knees straightening"),
    ),
    Action("juggle", _juggle, seconds=(2.0, 7.0), cues=("both wrists circling in turn", "head up")),
)
"""Ball games."""
