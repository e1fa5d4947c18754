"""What is known of whole stretches: candidates that cannot be, and rest that no network is asked about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from kinelang.language.lexicon import VERBS
from kinelang.motion.arrays import Array
from kinelang.motion.contacts import spans
from kinelang.motion.segmentation import turning_points
from kinelang.timeline.detecting import rules
from kinelang.timeline.detecting.body import FPS
from kinelang.timeline.detecting.decoding import Candidate
from kinelang.timeline.detecting.signals import Signals

# All ours.
TURNED_DEG = 18.0  # a turn turns at least so far on the whole
GOES = 0.3  # leg lengths a second: the arms of one who goes so fast swing by themselves
STOOD_S = 1.5
LEAST_SCORE = 0.3
LOW = 0.85
HELD_UP = ("raise_arm", "stretch", "circle_arms", "flail", "move_arm", "swing_arms", "bend_arm")
HIGH, SWING = -0.15, 0.14  # arm lengths: hands so high against the shoulder that go sideways by so much wave


def plausible(found: Iterable[Candidate], s: Signals) -> list[Candidate]:
    """Without candidates that the whole stretch speaks against; hands that are held up and go from side to side wave."""
    return [_waving(c, s) for c in found if c.score >= LEAST_SCORE and _is_plausible(c, s)]


def _waving(c: Candidate, s: Signals) -> Candidate:
    """The candidate as waving, if it is one of raised arms and the hands swing sideways up there."""
    if c.verb not in HELD_UP:
        return c
    sides = [row.removesuffix("_arm") for row in c.rows if row.endswith("_arm")]
    at = slice(c.start, c.end)
    swings = [side for side in sides if _swings(s.of(side, "wrist outward")[at], s.of(side, "wrist above shoulder")[at])]
    if not swings:
        return c
    side = "both" if len(swings) == 2 else swings[0]
    return replace(c, verb="wave", side=side, rows=tuple(f"{side}_arm" for side in swings))


def _swings(outward: Array, above: Array) -> bool:
    """Whether a hand held up goes from side to side at least twice. (T,) in arm lengths."""
    high = above > HIGH
    if high.mean() < 0.7:
        return False
    values = outward[high].tolist()
    turns = turning_points(values, SWING, list(range(len(values))))
    return len(turns) >= 5 and len(values) / len(turns) < 0.8 * FPS


def _is_plausible(c: Candidate, s: Signals) -> bool:
    at = slice(c.start, c.end)
    if c.verb in ("turn", "spin"):
        first, last = max(c.start - 2, 0), min(c.end + 2, s.n_frames) - 1
        return abs(float(np.degrees(s.yaw[last] - s.yaw[first]))) >= TURNED_DEG
    if c.verb == "swing_arms":
        return float(s["travel speed"][at].mean()) < GOES
    return True


def resting(kept: Iterable[Candidate], s: Signals) -> list[Candidate]:
    """A low posture in which the clip begins, and standing where nothing else is done for a while."""
    legs = np.zeros(s.n_frames, dtype=bool)
    anything = np.zeros(s.n_frames, dtype=bool)
    for c in kept:
        anything[c.start : c.end] = True
        if {"leg", "root", "left_leg"} & set(VERBS[c.verb].parts):
            legs[c.start : c.end] = True
    found = []
    low = s["pelvis height"] < LOW
    for a, b in spans(low & ~legs):
        if a == 0 and b >= FPS:
            found.append(Candidate(rules.posture(s, slice(a, b)), a, b, 0.7, ("legs",)))
            anything[a:b] = True
    still = (s["travel speed"] < 0.2) & ~low
    for a, b in spans(still & ~anything):
        if b - a >= STOOD_S * FPS:
            found.append(Candidate("stand", a, b, 0.8, ("legs",)))
    return found
