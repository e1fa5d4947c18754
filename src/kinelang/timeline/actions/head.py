"""The head: nodding, shaking, looking."""

from __future__ import annotations

import numpy as np

from kinelang.timeline.actions.arm_poses import SEATED_TOO, count_of, is_free, quickness, sizes, to_and_fro, uneven, varied
from kinelang.timeline.actions.base import Action
from kinelang.timeline.performing.curves import bump, through
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


HEAD = (
    Action("nod", _nod, (0.1, 0.3), 0.55, (1, 5), after="", before=SEATED_TOO, cues=("neck nodding",)),
    Action("shake_head", _shake_head, (0.1, 0.3), 0.6, (1, 5), after="", before=SEATED_TOO, cues=("head turning left",)),
    Action("look", _look, (0.9, 3.0), direction="left", after="", before=SEATED_TOO, cues=("head turned left", "head raised")),
    Action("look_around", _look_around, (2.5, 6.0), after="", before=SEATED_TOO, cues=("head turned left",)),
)
"""Movements of the head."""
