"""Gaits over the ground: walk, run, jog, and their kin; standing; turning.

Step length and cadence grow together with speed: at a walking ratio of 0.0068 m per step a minute for a leg of 0.9 m (Sekiya &
Nagasaki 1998: 0.006 to 0.007) an ordinary walk has 1.75 steps a second of 0.68 m.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.base import Action
from kinelang.timeline.performing.score import Gait, Score
from kinelang.timeline.performing.styles import gait_factors
from kinelang.timeline.schema import Stage


@dataclass(frozen=True)
class Manner:
    """A gait: steps a second and metres a step at ordinary speed, and how the feet go."""

    cadence: float
    step_m: float
    gait: Gait
    channels: tuple[tuple[str, float], ...] = ()


WALK = Manner(1.72, 0.63, Gait(width_m=0.1))
JOG = Manner(2.55, 0.8, Gait(0.40, 0.2, 0.12, 50, 6, 0.022, 0.05, 34, 62, 7), (("trunk_flexion", 4), ("pelvis_tilt", 4)))
RUN = Manner(2.75, 1.0, Gait(0.33, 0.3, 0.1, 58, 4, 0.035, 0.06, 44, 72, 9), (("trunk_flexion", 6), ("pelvis_tilt", 6)))

_AHEAD = {
    "forward": 0.0, "backward": 180.0, "left": 90.0, "right": -90.0,
    "forward_left": 45.0, "forward_right": -45.0, "backward_left": 135.0, "backward_right": -135.0,
}  # fmt: skip


def steps_and_metres(score: Score, stage: Stage, manner: Manner) -> tuple[int, float]:
    """Number of steps and metres of a stage: as it says, else what its length, speed and manner give."""
    person, speed = score.person, stage.speed or 1.0
    stride, _ = gait_factors(stage)
    natural = manner.cadence * person.pace * speed**0.5
    steps = stage.count or max(1, round(stage.duration_s * natural))
    metres = stage.amount if stage.amount is not None and stage.lexeme.amount_unit == "m" else None
    step_m = manner.step_m * person.stride * stride * speed**0.5
    lost = 0.35 if manner.gait.duty > 0.5 else 0.4  # of a step, in starting from rest, and in stopping
    if metres is not None and stage.count is None:  # no longer steps than legs can make
        steps = max(steps, int(np.ceil(metres / (1.2 * manner.step_m * person.stride * speed**0.5) + lost)))
    full = max(0.55 * steps, steps - lost * (2 - score.flows_on(stage, earlier=True) - score.flows_on(stage, earlier=False)))
    return steps, float(metres if metres is not None else full * step_m)


def go_along(score: Score, stage: Stage, manner: Manner) -> None:
    """Go in the stage's direction along its path: forward ways turn the body there first, backward ones keep the facing."""
    steps, metres = steps_and_metres(score, stage, manner)
    _, swing = gait_factors(stage)
    gait = replace(manner.gait, swing_deg=manner.gait.swing_deg * swing)
    direction = stage.direction or "forward"
    backward = direction.startswith("backward")
    turning = way_round(score, stage, direction)
    if backward:
        gait = replace(gait, strike_deg=-4.0, push_deg=8.0, swing_deg=0.5 * gait.swing_deg)
        metres *= 0.75
    score.go(stage, forward_m=-metres if backward else metres, turn_deg=turning, steps=steps, first=stage.side, gait=gait)
    weight = score.window(stage, 0.3, 0.3)
    for channel, degrees in manner.channels:
        score.add(channel, weight * (-0.5 * degrees if backward else degrees))


def way_round(score: Score, stage: Stage, direction: str) -> Array | float:
    """Turning rate (T,) in degrees a second, or degrees in all, for the stage's path and direction."""
    u, t = score.progress(stage), score.times_s
    inside = (t >= stage.start_s) & (t < stage.end_s)
    rate = np.zeros(len(t))
    round_to = -1.0 if direction == "right" else 1.0
    length = stage.duration_s
    match stage.path:
        case "circle":
            return round_to * 360.0
        case "curve":
            return round_to * 100.0
        case "square":
            for corner in (0.25, 0.5, 0.75, 0.97):
                rate += round_to * 90 * _hill(u, corner, 0.05) / length
        case "zigzag":
            for i, corner in enumerate((0.12, 0.3, 0.5, 0.7, 0.88)):
                rate += (-1) ** i * (40 if i in (0, 4) else 80) * _hill(u, corner, 0.05) / length
        case "s_shape":
            rate = 130 * np.sin(2 * np.pi * u) * np.pi / length
        case _:
            angle = _AHEAD[direction] - (0 if not direction.startswith("backward") else 180 * np.sign(_AHEAD[direction]))
            if abs(angle) < 1:
                return 0.0
            width = min(0.5 * length, 0.9)
            rate = angle * _hill((t - stage.start_s) / width, 0.5, 0.5) / width
    return np.asarray(rate * inside)


def _hill(x: Array, centre: float, half: float) -> Array:
    """A raised cosine of area 1 around the centre."""
    y = np.clip((x - centre) / half, -1, 1)
    return np.asarray((1 + np.cos(np.pi * y)) / (2 * half))


def gait_action(verb: str, manner: Manner, **fields: object) -> Action:
    """An `Action` for a gait."""

    def perform(score: Score, stage: Stage) -> None:
        go_along(score, stage, manner)

    defaults: dict[str, object] = {"seconds": (0.0, 0.3), "seconds_each": 1 / manner.cadence, "count": (3, 12), "amount": (1.0, 8.0)}
    return Action(verb, **({"perform": perform} | defaults | fields))  # type: ignore[arg-type]


def _stand(score: Score, stage: Stage) -> None:
    """Nothing is added: standing is what a body does anyway."""


def _turn(score: Score, stage: Stage) -> None:
    """Turn on the spot: a step for every 40 degrees or so; the head looks ahead into the turn."""
    degrees = stage.amount or 90.0
    sign = -1.0 if stage.direction == "right" else 1.0
    steps = int(np.clip(round(max(degrees / 42.0, stage.duration_s * 1.3)), 2, 2 + degrees / 20))
    gait = Gait(duty=0.66, lift_m=0.06, push_deg=14, strike_deg=2, bounce_m=0, drop_m=0.012, swing_deg=5, elbow_deg=3, roll_deg=0)
    first = "left" if sign > 0 else "right"
    score.go(stage, turn_deg=sign * degrees, steps=steps, first=first, gait=gait)
    look = score.window(stage, 0.3 * stage.duration_s, 0.5 * stage.duration_s)
    score.add("head_turn", sign * 18 * look)
    score.add("trunk_turn", sign * 8 * look)


Perform = Callable[[Score, Stage], None]

GOING = (
    Action("stand", _stand, seconds=(0.8, 4.0), speed=(1.0, 1.0)),
    gait_action("walk", WALK, direction="forward", cues=("forward speed", "steps")),
    gait_action("jog", JOG, direction="forward", cues=("forward speed", "both feet airborne")),
    gait_action("run", RUN, direction="forward", cues=("forward speed", "both feet airborne")),
    Action("turn", _turn, seconds=(1.0, 2.4), amount=(40.0, 200.0), direction="left", cues=("yaw rate",)),
)
"""Standing, turning, and the common gaits."""
