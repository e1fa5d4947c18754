"""What a detected stage was seen by: signals, when they were strongest, and how strong."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from kinelang.language.lexicon import VERBS
from kinelang.motion.contacts import spans
from kinelang.timeline.detecting.attributes import seconds
from kinelang.timeline.detecting.decoding import Candidate
from kinelang.timeline.detecting.signals import INDEX, SIDED_NAMES, SIGNALS, Signals
from kinelang.timeline.schema import Evidence

STRONG = 0.7
"""Evidence lasts while the signal is within this share of the way from its usual to its extreme value."""
MOST = 3
"""Signals told for each stage."""

_OWN: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "gait": ("travel speed", "foot speed"),
    "turn": ("turning left",),
    "jump": ("feet clearance", "pelvis rising"),
    "leg": ("foot height", "thigh forward"),
    "posture": ("pelvis height", "knee bend"),
    "torso": ("trunk forward", "trunk leftward", "trunk twist left"),
    "head": ("head turned left", "head raised", "neck forward"),
    "arm": ("wrist above shoulder", "wrist activity"),
    "hand": ("wrist forward", "wrist activity"),
    "sport": ("wrist speed", "wrist above shoulder"),
    "dance": ("wrist activity", "travel speed"),
})  # fmt: skip
"""Signals of each family, for verbs whose action names none."""

_ALSO: Mapping[str, str] = MappingProxyType({
    "steps": "foot speed",
    "both feet airborne": "feet clearance",
    "yaw rate": "turning left",
    "trunk flexion": "trunk forward",
    "trunk leaning back": "trunk forward",
    "trunk turning": "trunk twist left",
    "trunk turning aside": "trunk twist left",
    "knee height": "knee above hip",
    "neck nodding": "head nodding",
    "one foot up": "foot height",
    "heels up": "heel above toe",
    "wrist near the floor": "wrist height",
    "both wrists low": "wrist height",
    "wrists together": "hands apart",
    "wrists apart": "hands apart",
    "wrist far from the shoulder": "wrist forward",
    "both wrists overhead": "wrist above head",
    "both wrists going forward": "wrist forward speed",
    "both wrists coming back": "wrist forward speed",
    "both wrists coming down": "wrist upward speed",
    "wrist speed forward": "wrist forward speed",
    "wrist going up and down at the hip": "wrist upward speed",
    "wrist going to and fro sideways": "wrist outward speed",
    "both wrists going to and fro sideways": "wrist outward speed",
    "both wrists before the face": "hand to mouth",
    "both hands before the chin": "hand to mouth",
    "one wrist at the chin": "hand to mouth",
    "one wrist strumming at the belly": "hand to belly",
})  # fmt: skip
"""Other names that actions use."""


def evidence_of(c: Candidate, signals: Signals) -> tuple[Evidence, ...]:
    """The signals that show the candidate's verb, the most telling first."""
    out: list[Evidence] = []
    for cue in cues_of(c.verb):
        for name in _names(cue, c):
            if len(out) < MOST:
                out.append(_measured(name, c, signals))
    return tuple(out)


@lru_cache(maxsize=256)
def cues_of(verb: str) -> tuple[str, ...]:
    """Names of signals (without the side, where they have one) that show a verb: its action's, else its family's."""
    import kinelang.timeline.performing  # noqa: F401  the actions are written for it
    from kinelang.timeline.actions import ACTIONS

    named = tuple(_ALSO.get(cue, cue) for cue in (ACTIONS[verb].cues if verb in ACTIONS else ()))
    known = tuple(dict.fromkeys(name for name in named if name in INDEX or name in SIDED_NAMES))
    return known or _OWN.get(VERBS[verb].family, ("travel speed",))


def _names(cue: str, c: Candidate) -> tuple[str, ...]:
    """Full names of a cue: of the sides that the candidate uses."""
    if cue in INDEX:
        return (cue,)
    if c.side in ("left", "right"):
        return (f"{c.side} {cue}",)
    sides = tuple(side for side in ("left", "right") if f"{side}_arm" in c.rows)
    return tuple(f"{side} {cue}" for side in sides or ("left", "right"))


def _measured(name: str, c: Candidate, signals: Signals) -> Evidence:
    """The extreme value of a signal within the candidate, and how long it stayed near it."""
    index = INDEX[name]
    values = signals.values[c.start : c.end, index]
    usual = float(np.median(signals.values[:, index]))
    peak = int(np.abs(values - usual).argmax())
    value = float(values[peak])
    near = np.abs(values - usual) >= STRONG * abs(value - usual)
    a, b = next(((a, b) for a, b in spans(near) if a <= peak < b), (peak, peak + 1))
    return Evidence(name, seconds(c.start + a), seconds(c.start + b), round(value, 3), SIGNALS[index].unit)
