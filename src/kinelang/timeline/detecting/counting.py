"""Counting repetitions by the turning points of the signal that goes to and fro."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.segmentation import turning_points
from kinelang.timeline.detecting.body import FPS
from kinelang.timeline.detecting.decoding import Candidate
from kinelang.timeline.detecting.signals import Signals

QUICK_S = 0.5
"""Standard deviation of the drift that is taken away before quick repetitions are counted."""

_SIGNALS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "wrist": ("wrist outward", "wrist above shoulder", "wrist forward"),
    "wrist height": ("wrist above shoulder",),
    "hands": ("hands apart",),
    "foot": ("foot height",),
    "trunk": ("trunk forward", "trunk leftward", "trunk twist left"),
    "pelvis": ("pelvis height",),
    "head up": ("head raised",),
    "head aside": ("head turned left",),
})  # fmt: skip


@dataclass(frozen=True)
class Turns:
    """How a verb is counted: every second turning point is a repetition.

    Attributes:
        of: what goes to and fro; of several signals that along which they vary most.
        share: a turning point is told by a change of so much of the range.
        quick: whether slow drift is taken away first.
        others: turning points that belong to the hands' coming and going.
    """

    of: str
    share: float = 0.5
    quick: bool = False
    others: int = 0


def _counted() -> dict[str, Turns]:
    table: dict[str, Turns] = {}

    def put(verbs: str, turns: Turns) -> None:
        table.update(dict.fromkeys(verbs.split(), turns))

    put("bend_arm chop drink eat flap lift_weight move_object shoot stretch", Turns("wrist"))
    put("dig swing_arms throw", Turns("wrist", others=1))
    put("catch", Turns("wrist", quick=True, others=1))
    put("beckon", Turns("wrist", quick=True))
    put("shake", Turns("wrist", 0.2, quick=True))
    put("shrug", Turns("wrist", 0.2))
    put("brush swat", Turns("wrist", 0.2, quick=True, others=2))
    put("dribble", Turns("wrist", quick=True, others=2))
    put("swing wipe", Turns("wrist", 0.35, quick=True, others=2))
    put("swim", Turns("wrist", 0.35, others=2))
    put("shake_hands", Turns("wrist height", 0.2))
    put("clap wave", Turns("hands", 0.35, quick=True))
    put("stir", Turns("hands", 0.35, quick=True, others=2))
    put("sweep", Turns("hands", 0.2, quick=True, others=5))
    put("bend bow dodge", Turns("trunk"))
    put("circle_hips sway", Turns("trunk", quick=True, others=1))
    put("twist", Turns("trunk", quick=True))
    put("lunge squat", Turns("pelvis"))
    put("kick", Turns("foot", 0.2, quick=True))
    put("raise_leg", Turns("foot", quick=True))
    put("stomp", Turns("foot"))
    put("nod cough tilt_head", Turns("head up"))
    put("shake_head", Turns("head aside", 0.35, others=1))
    return table


COUNTED: Mapping[str, Turns] = MappingProxyType(_counted())
"""Verbs that are counted so; chosen on performed motions, where the count is known (ours)."""


def repetitions(c: Candidate, s: Signals) -> int | None:
    """Repetitions of a candidate, or None for a verb that is not counted by turning points."""
    turns = COUNTED.get(c.verb)
    if turns is None or c.end - c.start < 4:
        return None
    x = np.stack([_signal(name, c, s) for name in _names(turns.of, c)], axis=1)
    if turns.quick:
        x = x - _drift(x)
    y = x[:, 0] if x.shape[1] == 1 else _main_axis(x)
    low, high = np.percentile(y, [5, 95])
    points = turning_points(y.tolist(), max(turns.share * float(high - low), 1e-6), list(range(len(y))))
    return max(1, (len(points) - turns.others) // 2)


def _names(of: str, c: Candidate) -> list[str]:
    """Full names of the signals: of the hands that are used, of both feet."""
    if of == "foot":
        return ["left foot height", "right foot height"]
    if of.startswith("wrist"):
        sides = [side for side in ("left", "right") if f"{side}_arm" in c.rows]
        return [f"{side} {name}" for side in sides or ("left", "right") for name in _SIGNALS[of]]
    return list(_SIGNALS[of])


def _signal(name: str, c: Candidate, s: Signals) -> Array:
    return s[name][c.start : c.end]


def _drift(x: Array) -> Array:
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(x, QUICK_S * FPS, axis=0, mode="nearest"))


def _main_axis(x: Array) -> Array:
    """Signals (T, K) along the direction in which they vary most, (T,)."""
    x = x - x.mean(axis=0)
    return np.asarray(x @ np.linalg.eigh(x.T @ x)[1][:, -1])
