"""What is known of whole stretches: candidates that cannot be, and rest that no network is asked about."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kinelang.language.lexicon import VERBS
from kinelang.motion.contacts import spans
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


def plausible(found: Iterable[Candidate], s: Signals) -> list[Candidate]:
    """Without candidates that the whole stretch speaks against."""
    return [c for c in found if c.score >= LEAST_SCORE and _is_plausible(c, s)]


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
