"""Counting repetitions by the turning points of the signal that goes to and fro."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.segmentation import turning_points
from kinelang.timeline.detecting.body import FPS
from kinelang.timeline.detecting.decoding import Candidate
from kinelang.timeline.detecting.signals import INDEX, Signals

_PLACES = ("outward", "above shoulder", "forward")
_TOGETHER: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "wrists": tuple(f"wrist {place}" for place in _PLACES),
    "elbows": tuple(f"elbow {place}" for place in _PLACES),
    "trunk": ("trunk forward", "trunk leftward", "trunk twist left"),
})  # fmt: skip
"""Signals that are looked at along the direction in which they vary most, those of the left and of the right arm apart."""
_APART: Mapping[str, str] = MappingProxyType({"wrists across": "wrist outward", "wrists passing": "wrist forward"})
"""Signals of which that of the right arm is taken from that of the left: both hands to one side, one hand ahead of the other."""


@dataclass(frozen=True)
class Turns:
    """How a verb is counted.

    Attributes:
        of: what goes to and fro: a signal (of one that each arm has, the sum over the arms that are used), "forearms" (the wrists
            from the elbows), "feet" (the sum of their heights), or a key of `_TOGETHER` or `_APART`.
        share: a turning point is told by a change of so much of the range.
        drift_s: standard deviation of the drift that is taken away first; 0 takes none away.
        per: what a repetition is: "two turns", "turn", or an inner "peak" or "hollow", not counting those at the ends. Peaks and
            hollows are for signals that the mirror image leaves as they are.
        others: turning points that belong to the hands' coming and going.
        within: frames at each end of the stage in which the limbs come and go, that are left out; negative, so many more are looked at.
        alone: each arm is counted alone, for hands that may go together or against each other.
    """

    of: str
    share: float = 0.5
    drift_s: float = 0.0
    per: str = "two turns"
    others: int = 0
    within: int = 0
    alone: bool = False


def _counted() -> dict[str, tuple[Turns, ...]]:
    table: dict[str, tuple[Turns, ...]] = {}

    def put(verbs: str, *turns: Turns) -> None:
        table.update(dict.fromkeys(verbs.split(), turns))

    put("chop drink eat flap lift_weight move_object shoot stretch", Turns("wrists"))
    put("raise_arm", Turns("elbow above shoulder"))
    put("bend_arm", Turns("wrists", 0.2, within=-3), Turns("elbows", within=-3), Turns("elbow outward", within=-3))
    put("dig throw", Turns("wrists", others=1))
    put("swing_arms", Turns("wrists", 0.35, others=1))
    put("catch", Turns("wrist above shoulder", 0.2, others=1, within=3))
    put("circle_arms", Turns("wrist above shoulder", 0.2, per="peak"))
    put("beckon", Turns("wrist forward", 0.35, per="hollow"))
    put("shake", Turns("wrist up the trunk", 0.35, 0.25, "peak"))
    put("shrug", Turns("hand to mouth", 0.35))
    put("swat", Turns("wrists", 0.2, 0.5, others=2))
    put("brush", Turns("wrist above shoulder", 0.2, per="hollow", within=6))
    put("dribble", Turns("wrist above shoulder", 0.2, per="hollow"))
    put("swing", Turns("wrists", 0.35, 0.5, others=2))
    put("wipe", Turns("wrists across", 0.5, 0.25, others=1, within=6))
    put("wash_hands", Turns("wrists passing", 0.35, 0.5, others=1, within=3))
    put("swim", Turns("wrists", 0.35, others=2))
    put("shake_hands", Turns("elbow angle", 0.2, per="hollow"))
    put("knock", Turns("elbow angle", 0.15, per="peak", within=4))
    put("punch", Turns("wrist forward", 0.2, per="peak", within=6))
    put("clap", Turns("wrist outward", 0.35, 0.25, "hollow"))
    put(
        "wave",
        Turns("hand to ear", 0.5, per="peak", within=6, alone=True),
        Turns("hand to belly", 0.2, others=1, within=6, alone=True),
        Turns("forearms", 0.35, 0.25, others=2, within=3),
    )
    put(
        "scratch",
        Turns("hand to belly", 0.15, per="peak", within=6),
        Turns("hand to other elbow", 0.35, 0.1, "peak", within=6),
        Turns("wrist upward speed", 0.15, within=8),
    )
    put(
        "stir",
        Turns("elbow outward", 0.2, 0.25, others=2, within=3),
        Turns("elbow angle", 0.5, 0.25, others=1, within=6),
        Turns("wrist forward speed", 0.35, per="peak", within=6),
    )
    put("sweep", Turns("wrist outward", 0.2, per="hollow"))
    put("crawl", Turns("wrists", 0.2, per="turn", others=2, within=3))
    put(
        "dance",
        Turns("forward speed", others=1, within=3),
        Turns("left foot ahead", others=4, within=6),
        Turns("wrist outward", 0.35, others=4),
    )
    put("bend bow dodge", Turns("trunk"))
    put("circle_hips", Turns("trunk leftward", 0.2, others=1))
    put("sway", Turns("trunk leftward", 0.2, others=1, within=3))
    put("twist", Turns("trunk", drift_s=0.5))
    put("shake_body", Turns("trunk twist left", 0.35, others=1, within=-3))
    put("squat", Turns("pelvis height"))
    put("lunge", Turns("pelvis height", 0.2, within=-3))
    put("skip", Turns("pelvis height", 0.35, per="peak"))
    put("kick raise_leg stomp", Turns("feet", 0.35))
    put("nod tilt_head", Turns("head raised"))
    put("cough", Turns("head raised", 0.2, per="hollow", within=3))
    put("shake_head", Turns("head turned left", 0.35, others=1, within=-3))
    return table


COUNTED: Mapping[str, tuple[Turns, ...]] = MappingProxyType(_counted())
"""Verbs that are counted so, by one signal or by the median of three; chosen on performed motions, where the count is known (ours)."""


def repetitions(c: Candidate, s: Signals) -> int | None:
    """Repetitions of a candidate, or None for a verb that is not counted by turning points."""
    ways = COUNTED.get(c.verb)
    if ways is None or c.end - c.start < 4:
        return None
    told = [_count(turns, who, s) for turns in ways for who in (_each_arm(c) if turns.alone else (c,))]
    return max(1, round(float(np.median(told))))


def _count(turns: Turns, c: Candidate, s: Signals) -> int:
    """Repetitions by one signal; fewer than 1 where it does not go to and fro."""
    x = _signal(turns.of, c, s)
    if turns.drift_s:
        x = x - _drift(x, turns.drift_s)
    within = min(turns.within, (c.end - c.start - 4) // 2)
    x = x[max(c.start + within, 0) : max(c.end - within, 0)]
    return repeated(x[:, 0] if x.shape[1] == 1 else _main_axis(x), turns)


def repeated(y: Array, turns: Turns) -> int:
    """Repetitions of one signal (T,), of which `of`, `drift_s` and `within` are seen to."""
    if len(y) < 2:
        return 0
    low, high = np.percentile(y, [5, 95])
    points = turning_points(y.tolist(), max(turns.share * float(high - low), 1e-6), list(range(len(y))))
    if turns.per == "two turns":
        return (len(points) - turns.others) // 2
    if turns.per == "turn":
        return len(points) - turns.others
    climbs = [bool(y[b] > y[a]) for a, b in pairwise(points)]
    return sum(before != after and before == (turns.per == "peak") for before, after in pairwise(climbs))


def _signal(of: str, c: Candidate, s: Signals) -> Array:
    """What goes to and fro, over the whole clip: (T, 1), or (T, K) to be looked at along the direction in which it varies most."""
    arms = _arms(c)
    if of == "feet":
        return (s["left foot height"] + s["right foot height"])[:, None]
    if of == "forearms":
        return np.stack([s[f"{side} wrist {place}"] - s[f"{side} elbow {place}"] for side in arms for place in _PLACES], axis=1)
    if of in _TOGETHER:
        names = _TOGETHER[of]
        full = names if names[0] in INDEX else [f"{side} {name}" for side in arms for name in names]
        return np.stack([s[name] for name in full], axis=1)
    if of in _APART:
        return (s[f"left {_APART[of]}"] - s[f"right {_APART[of]}"])[:, None]
    return (s[of] if of in INDEX else np.sum([s[f"{side} {of}"] for side in arms], axis=0))[:, None]


def _arms(c: Candidate) -> tuple[str, ...]:
    """The arms that are used."""
    if c.side in ("left", "right"):
        return (c.side,)
    return tuple(side for side in ("left", "right") if f"{side}_arm" in c.rows) or ("left", "right")


def _each_arm(c: Candidate) -> tuple[Candidate, ...]:
    """The candidate as one of each arm that is used."""
    return tuple(replace(c, side=side) for side in _arms(c))


def _drift(x: Array, sigma_s: float) -> Array:
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(x, sigma_s * FPS, axis=0, mode="nearest"))


def _main_axis(x: Array) -> Array:
    """Signals (T, K) along the direction in which they vary most, (T,)."""
    x = x - x.mean(axis=0)
    return np.asarray(x @ np.linalg.eigh(x.T @ x)[1][:, -1])
