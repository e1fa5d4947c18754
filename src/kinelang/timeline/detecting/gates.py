"""What must be seen for a verb to be possible at all: physics that holds for performers and skeletons that the network has not met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.detecting.body import FPS
from kinelang.timeline.detecting.decoding import ARMS
from kinelang.timeline.detecting.signals import INDEX, Signals
from kinelang.timeline.detecting.vocabulary import Vocabulary

COST = 5.0
"""Most that is taken from the logarithm of the probability of a verb for each condition that is not met (ours)."""


@dataclass(frozen=True)
class Gate:
    """A signal must come to `least` (or, of a gate of `most`, down to it) within `within_s` seconds; a fifth less is half-way allowed.

    The signal of a side stands without the side: of arms that of the arm, of other verbs of either side.
    """

    signal: str
    least: float | None = None
    most: float | None = None
    within_s: float = 0.75
    size: bool = False


def _gates() -> dict[str, tuple[Gate, ...]]:
    table: dict[str, tuple[Gate, ...]] = {}

    def put(verbs: str, *gates: Gate) -> None:
        for verb in verbs.split():
            table[verb] = table.get(verb, ()) + gates

    put("jump hop jumping_jack jump_rope", Gate("feet clearance", least=0.045, within_s=0.6))
    put("jump hop", Gate("travel speed", most=1.7, within_s=0.4))
    put("run jog", Gate("foot speed", least=1.9, within_s=0.5), Gate("feet clearance", least=0.02, within_s=0.5))
    put("walk tiptoe sneak limp march stagger shuffle sidestep skip run jog", Gate("foot speed", least=0.45, within_s=0.6))
    put("walk sidestep run jog skip", Gate("travel speed", least=0.12, within_s=0.6))
    put("turn spin", Gate("turning left slowly", least=14.0, within_s=0.6, size=True))
    put("sit squat crouch kneel lie crawl lunge push_up sit_up", Gate("pelvis height", most=0.98, within_s=0.75))
    put("lie crawl push_up sit_up", Gate("pelvis height", most=0.7, within_s=1.0))
    put("kneel", Gate("pelvis height", most=0.85, within_s=1.0))
    put("climb", Gate("climbing", least=0.06, within_s=1.0, size=True))
    put("kick", Gate("foot height", least=0.16, within_s=0.5), Gate("foot speed", least=1.4, within_s=0.5))
    put("raise_leg balance stomp", Gate("foot height", least=0.07, within_s=1.0))
    put("clap", Gate("hands apart", most=0.65, within_s=0.5))
    put("drink eat", Gate("hand to mouth", most=0.75, within_s=1.5))
    put("phone", Gate("hand to ear", most=0.7, within_s=1.0))
    put("raise_arm wave salute", Gate("wrist above hip", least=0.4, within_s=0.75))
    put("hands_on_hips", Gate("hand to hip", most=0.6, within_s=1.0))
    put("punch", Gate("wrist speed", least=2.0, within_s=0.6))
    put("throw", Gate("wrist speed", least=1.8, within_s=1.0))
    put("stand_up", Gate("pelvis height", most=0.92, within_s=1.0), Gate("pelvis rising", least=0.25, within_s=0.75))
    put("bow", Gate("trunk forward", least=18.0, within_s=1.0))
    put("nod", Gate("head nodding", least=15.0, within_s=0.5, size=True))
    put("shake_head", Gate("head turning left", least=20.0, within_s=0.5, size=True))
    return table


GATES: Mapping[str, tuple[Gate, ...]] = MappingProxyType(_gates())
"""Conditions by verb."""


IDLE = (
    ("legs", "travel speed", 0.35, 0.65, 2.5),
    ("legs", "turning left slowly", 25.0, 50.0, 2.5),
    ("legs", "feet clearance", 0.06, 0.12, 2.5),
    ("arms", "wrist above shoulder", -0.05, 0.15, 1.5),
)
"""Where it costs to say that nothing is done: rows, signal, where the cost begins, where it is whole, the cost (all ours)."""


def _not_idle(signals: Signals, row: str) -> Array:
    """What it costs, in logarithms of probability, to say that a row does nothing, (T,)."""
    out = np.zeros(signals.n_frames)
    for rows, name, begins, whole, cost in IDLE:
        if rows == "arms" and row in ARMS:
            value = signals.of(row.removesuffix("_arm"), name)
        elif rows == row:
            value = np.abs(signals[name])
        else:
            continue
        out += cost * np.clip((value - begins) / (whole - begins), 0.0, 1.0)
    return out


def gated(emitted: dict[str, Array], signals: Signals, vocabulary: Vocabulary) -> dict[str, Array]:
    """Log probabilities (T, classes) by row, less what verbs lose whose conditions are not met."""
    out = {row: e.copy() for row, e in emitted.items()}
    for row, values in out.items():
        classes = vocabulary.classes["arm" if row in ARMS else row]
        values[:, 0] -= _not_idle(signals, row)
        for i, verb in enumerate(classes):
            for gate in GATES.get(verb, ()):
                values[:, i] -= COST * _missing(gate, signals, row)
    return out


def _missing(gate: Gate, signals: Signals, row: str) -> Array:
    """0 where the condition is met, 1 where it is clearly not, (T,)."""
    from scipy.ndimage import maximum_filter1d

    sign = 1.0 if gate.most is None else -1.0
    bound = sign * float(gate.least if gate.most is None else gate.most)  # type: ignore[arg-type]
    if gate.signal in INDEX:
        value = signals[gate.signal]
    elif row in ARMS:
        value = signals.of(row.removesuffix("_arm"), gate.signal)
    else:
        value = np.maximum(sign * signals.of("left", gate.signal), sign * signals.of("right", gate.signal)) * sign
    value = sign * (np.abs(value) if gate.size else value)
    best = maximum_filter1d(value, 2 * round(gate.within_s * FPS) + 1, mode="nearest")
    return np.asarray(np.clip((bound - best) / (0.4 * abs(bound)), 0.0, 1.0))
