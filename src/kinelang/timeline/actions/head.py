"""The head: nodding, shaking, looking."""

from __future__ import annotations

import numpy as np

from kinelang.timeline.actions.arm_poses import SEATED_TOO, count_of, is_free, plateau, quickness, sizes, to_and_fro, uneven, varied
from kinelang.timeline.actions.base import Action
from kinelang.timeline.performing.curves import bump, drift, minimum_jerk, through
from kinelang.timeline.performing.score import Score
from kinelang.timeline.schema import Stage


def _nod(score: Score, stage: Stage) -> None:
    """The head goes down and up, quick and small."""
    n = count_of(stage, 0.55, 0.1)
    phase = uneven(score, score.phase(stage, n, 0.05, 0.1), n, 0.12)
    score.add("head_flexion", varied(score, 25, 0.15) * bump(phase) * sizes(score, phase, n, 0.15))
    score.add("trunk_flexion", 2.0 * bump(phase))


def _shake_head(score: Score, stage: Stage) -> None:
    """The head turns to one side and the other: both make one shake."""
    n = count_of(stage, 0.6, 0.15)
    phase = uneven(score, score.phase(stage, n, 0.05, 0.1), n, 0.1)
    first = 1.0 if score.rng.random() < 0.5 else -1.0
    turn = first * to_and_fro(phase, n) * sizes(score, phase, n, 0.12)
    score.add("head_turn", varied(score, 31, 0.15) * turn)
    score.add("trunk_turn", 2.5 * turn)


_LOOK = {"left": (58.0, 0.0), "right": (-58.0, 0.0), "up": (0.0, -34.0), "down": (0.0, 34.0)}
"""Turn to the left and flexion of the head, degrees."""


def _look(score: Score, stage: Stage) -> None:
    """The head turns there and stays; the trunk follows a little, later."""
    turn, flexion = _LOOK[stage.direction or "left"]
    in_s, out_s = varied(score, 0.5, 0.2) * quickness(stage), varied(score, 0.55, 0.2) * quickness(stage)
    size = varied(score, 1.0, 0.12)
    weight, late = score.window(stage, in_s, out_s), score.window(stage, 1.5 * in_s, 1.2 * out_s)
    score.add("head_turn", size * turn * weight)
    score.add("head_flexion", size * flexion * weight)
    if is_free(score, stage, "torso"):
        score.add("trunk_turn", 0.2 * size * turn * late)
        score.add("trunk_flexion", 0.12 * size * flexion * late)


def _look_around(score: Score, stage: Stage) -> None:
    """Slowly to one side, the other, and so on, resting at each, at last ahead again."""
    n = max(2, round(stage.duration_s * (stage.speed or 1.0) / 1.25) - 1)
    sign = 1.0 if score.rng.random() < 0.5 else -1.0
    moves = score.rng.uniform(0.85, 1.15, n + 1)
    times = stage.start_s + stage.duration_s * np.concatenate([[0.0], np.cumsum(moves)]) / moves.sum()
    turn, flexion = [(stage.start_s, 0.0)], [(stage.start_s, 0.0)]
    for i in range(n):
        rest = 0.2 * (times[i + 1] - times[i])
        angle, tilt = sign * (-1) ** i * varied(score, 52, 0.2), score.rng.uniform(-8, 10)
        for key, value in ((turn, angle), (flexion, tilt)):
            key += [(times[i + 1] - rest, value), (times[i + 1] + rest, value)]
    turn.append((stage.end_s, 0.0))
    flexion.append((stage.end_s, 0.0))
    score.add("head_turn", through(score.times_s, turn))
    score.add("head_flexion", through(score.times_s, flexion))
    if is_free(score, stage, "torso"):
        score.add("trunk_turn", 0.25 * through(score.times_s, turn))


_TILT = {
    "left": ("head_bend", 29.0),
    "right": ("head_bend", -29.0),
    "forward": ("head_flexion", 33.0),
    "backward": ("head_flexion", -30.0),
}


def _tilt_head(score: Score, stage: Stage) -> None:
    """The head goes over to one side and stays, once or more often."""
    channel, degrees = _TILT[stage.direction or "left"]
    n = stage.count or 1
    phase = uneven(score, score.phase(stage, n), n, 0.08)
    score.add(channel, varied(score, degrees, 0.12) * plateau(phase, score.rng.uniform(0.3, 0.5)) * sizes(score, phase, n))


def _laugh(score: Score, stage: Stage) -> None:
    """The head goes back, then forward, and head and shoulders bob quickly."""
    t = score.times_s
    weight = score.window(stage, 0.4, 0.5)
    throw = np.cos(2 * np.pi * score.progress(stage) * max(1, round(stage.duration_s / 2.2)))
    bob = np.sin(2 * np.pi * varied(score, 4.2, 0.1) * t) * (0.7 + drift(t, score.rng, 0.25, 0.3, 0.9))
    score.add("head_flexion", weight * (-8 - 10 * throw + 3.5 * bob))
    score.add("trunk_flexion", weight * (3 - 6 * throw + 2.0 * bob))
    for side in ("left", "right"):
        score.add(f"shrug_{side}", weight * (4 + 4 * bob))


def _cry(score: Score, stage: Stage) -> None:
    """The head sunk, the shoulders up and shaking with sobs."""
    t = score.times_s
    weight = score.window(stage, 0.8, 0.8)
    sob = np.sin(2 * np.pi * varied(score, 2.6, 0.1) * t) * (0.7 + drift(t, score.rng, 0.3, 0.2, 0.7))
    score.add("head_flexion", weight * (varied(score, 31, 0.1) + 3 * sob))
    score.add("trunk_flexion", weight * (9 + 1.5 * sob))
    for side in ("left", "right"):
        score.add(f"shrug_{side}", weight * (6 + 5 * sob))


def _cough(score: Score, stage: Stage) -> None:
    """Head and trunk jerk forward at each cough; a free hand is held before the mouth."""
    n = count_of(stage, 0.6, 0.5)
    phase = uneven(score, score.phase(stage, n, 0.25, 0.3), n, 0.15)
    x = np.mod(phase, 1.0)
    jerk = minimum_jerk(x / 0.25) * minimum_jerk((1 - x) / 0.7) * sizes(score, phase, n, 0.2)
    score.add("head_flexion", 16 * jerk)
    score.add("trunk_flexion", 4 * score.window(stage, 0.3, 0.4) + 12 * jerk)
    side = "right" if score.rng.random() < 0.75 else "left"
    if is_free(score, stage, f"{side}_arm"):
        score.hand(side, score.window(stage, 0.35, 0.4), (0.055, -0.07, 0.16), frame="head", elbow=(0.7, -0.7, 0.2))


HEAD = (
    Action("nod", _nod, (0.1, 0.3), 0.55, (1, 5), after="", before=SEATED_TOO, cues=("neck nodding",)),
    Action("shake_head", _shake_head, (0.1, 0.3), 0.6, (1, 5), after="", before=SEATED_TOO, cues=("head turning left",)),
    Action("look", _look, (0.9, 3.0), direction="left", after="", before=SEATED_TOO, cues=("head turned left", "head raised")),
    Action("tilt_head", _tilt_head, (0.1, 1.0), 1.4, (1, 3), direction="left", after="", before=SEATED_TOO, cues=("neck leftward",)),
    Action("laugh", _laugh, (1.5, 5.0), after="", before=SEATED_TOO, cues=("shoulder raised", "neck nodding")),
    Action("cry", _cry, (2.0, 6.0), after="", before=SEATED_TOO, cues=("neck forward", "shoulder raised")),
    Action("cough", _cough, (0.4, 0.9), 0.6, (1, 4), after="", before=SEATED_TOO, cues=("neck nodding", "trunk forward")),
    Action("look_around", _look_around, (2.5, 6.0), after="", before=SEATED_TOO, cues=("head turned left",)),
)
"""Movements of the head."""
