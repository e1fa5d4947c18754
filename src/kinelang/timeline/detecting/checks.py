"""What is known of whole stretches: candidates that cannot be, and rest that no network is asked about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from kinelang.language.lexicon import VERBS
from kinelang.motion.arrays import Array
from kinelang.motion.contacts import spans
from kinelang.motion.segmentation import turning_points
from kinelang.timeline.detecting import rules
from kinelang.timeline.detecting.activities import LASTING
from kinelang.timeline.detecting.body import FPS
from kinelang.timeline.detecting.decoding import Candidate
from kinelang.timeline.detecting.signals import Signals

# All ours.
TURNED_DEG = 18.0  # a turn turns at least so far on the whole
GOES = 0.3  # leg lengths a second: the arms of one who goes so fast swing by themselves
STOOD_S = 1.5
LEAST_SCORE = 0.4
LEAST_OF = MappingProxyType(
    dict.fromkeys(("sway", "twist", "lean", "arch", "straighten", "circle_hips", "shake_body"), 0.6)
    | dict.fromkeys(("raise_arm", "lower_arm", "extend_arm", "gesture", "carry", "move_arm", "bend_arm"), 0.45)
    | {"touch": 0.65, "swing_arms": 0.6}
    | {"dance": 0.5}
    | dict.fromkeys(("walk", "run", "jog", "step", "jump", "hop", "kick", "turn", "spin"), 0.3)
)  # by verb, where another
LOOKED_DEG, LIFTED_DEG = 28.0, 18.0  # a look turns the head so far from where it usually points, or raises or lowers it so far
LOOK_STILL_DEG_S = 30.0  # heads of bodies that turn faster go with them
LONGEST_LOOK_S = MappingProxyType({"look": 5.0, "look_around": 8.0})
INCLINED_DEG = MappingProxyType({"bend": 16.0, "bow": 14.0, "lean": 6.0})  # by so much the trunk inclines on the whole
ASTRIDE = 0.25  # leg lengths: so far the feet go apart and together in a jumping jack
STOOPED_DEG, STOOPED = 12.0, 0.12  # degrees, leg lengths: who picks up or puts down stoops by so much
RAISED = ("raise_arm", "extend_arm", "stretch", "point", "wave", "reach", "flail")
LOWERED_S = 6.0  # what is lowered was raised before, within so many seconds
LOW = 0.85
LEGS = frozenset({"leg", "root", "left_leg"})
RULE_SCORE = 0.45
CLEAR = ("walk", "run", "jump", "climb", "turn", "sit", "lie")  # verbs that rules tell well enough where nothing else is seen
HELD_UP = ("raise_arm", "gesture", "extend_arm", "stretch", "circle_arms", "flail", "move_arm", "swing_arms", "bend_arm")
LEGS_INSTEAD = frozenset(
    ("walk", "step", "sidestep", "turn", "spin", "run", "jog", "march", "limp", "stagger", "stumble", "lunge", "raise_leg", "balance")
)
ARMS_INSTEAD = frozenset((*HELD_UP, "put_down", "pick_up", "touch", "lower_arm", "reach", "point", "swing", "aim", "scratch", "pray"))
_SAME = MappingProxyType({"punch": ("punch", "fight", "dance"), "kick": ("kick", "fight", "dance"), "chop": ("chop", "dance", "throw")})
BLOWS, UNSURE = 3, 0.5
MANNERS, DOUBT = ("stagger", "limp", "march", "shuffle", "tiptoe", "sneak", "stumble"), 0.6
LEAST_PIECE = 10  # frames
HIGH, SWING = -0.15, 0.14  # arm lengths: hands so high against the shoulder that go sideways by so much wave


def plausible(found: Iterable[Candidate], s: Signals) -> list[Candidate]:
    """Without candidates that the whole stretch speaks against; hands that are held up and go from side to side wave."""
    likely = [c for c in found if c.score >= LEAST_OF.get(c.verb, LEAST_SCORE) and _is_plausible(c, s)]
    kept = [_going_straight(_running(_waving(c, s), s), s) for c in likely]
    return [c for c in kept if c.verb != "lower_arm" or _was_raised(c, kept)]


def _was_raised(c: Candidate, others: list[Candidate]) -> bool:
    """Whether one of the candidate's arms was raised not long before."""
    latest = c.start - LOWERED_S * FPS
    return any(o.verb in RAISED and set(o.rows) & set(c.rows) and latest <= o.end <= c.end for o in others)


def certain(found: list[Candidate], s: Signals) -> list[Candidate]:
    """With kicks, cuts, blows and beating hands that the rules see where no candidate of the verb is, in the place of what they show
    not to be: gaits and steps in which a foot shoots up, arms held up or let down whose hands cut, box or beat."""
    kicked, cut, beat = rules.kicks(s), rules.cuts(s), rules.waves(s)
    boxed = [c for c in rules.punches(s) if c.extra.get("blows", 0) >= BLOWS]
    out = list(found)
    for seen, instead in ((kicked, LEGS_INSTEAD), (cut, ARMS_INSTEAD), (boxed, ARMS_INSTEAD), (beat, ARMS_INSTEAD)):
        for c in seen:
            if any(o.verb in _SAME.get(c.verb, (c.verb,)) and _shared(o, c) > 0.3 for o in out):
                continue
            out = [piece for o in out for piece in (_without(o, c) if _gives_way(o, c, instead) else [o])]
            out.append(c)
    return out


def _gives_way(c: Candidate, other: Candidate, instead: frozenset[str]) -> bool:
    """Whether a candidate is on the limbs of another, and of a verb that is told by mistake for it or little sure of itself."""
    return bool(set(c.rows) & set(other.rows)) and (c.verb in instead or c.score < UNSURE)


def _shared(a: Candidate, b: Candidate) -> float:
    """Common time as a share of the shorter."""
    return (min(a.end, b.end) - max(a.start, b.start)) / max(min(a.end - a.start, b.end - b.start), 1)


def _without(c: Candidate, other: Candidate) -> list[Candidate]:
    """The longest piece of a candidate outside another, if it lasts."""
    pieces = [(c.start, min(c.end, other.start)), (max(c.start, other.end), c.end)]
    a, b = max(pieces, key=lambda piece: piece[1] - piece[0])
    return [replace(c, start=a, end=b)] if b - a >= LEAST_PIECE else []


def overlooked(kept: list[Candidate], s: Signals) -> list[Candidate]:
    """What the rules see the legs do where nothing else was found for them, and the arms where nothing at all was found."""
    legs = np.zeros(s.n_frames, dtype=bool)
    for c in kept:
        if LEGS & set(VERBS[c.verb].parts):
            legs[c.start : c.end] = True
    seen = [c for c in rules.legs(s) if c.verb in CLEAR and legs[c.start : c.end].mean() < 0.3 and c.end - c.start >= 0.5 * FPS]
    seen = [replace(c, score=min(c.score, RULE_SCORE)) for c in seen if _is_plausible(c, s)]
    busy = np.zeros(s.n_frames, dtype=bool)
    for c in (*kept, *seen):
        busy[c.start : c.end] = True
    struck = [c for c in rules.punches(s) if busy[c.start : c.end].mean() < 0.2]
    for c in struck:
        busy[c.start : c.end] = True
    seen += struck
    for side in ("left", "right"):
        own = np.zeros(s.n_frames, dtype=bool)
        for c in (*kept, *seen):
            own[c.start : c.end] |= f"{side}_arm" in c.rows
        for c in (_waving(c, s) for c in rules.arms(s, side)):
            # An arm that waves up there is not what goes with something else.
            if (own if c.verb == "wave" else busy)[c.start : c.end].mean() < 0.2:
                seen.append(c)
    return seen


def _going_straight(c: Candidate, s: Signals) -> Candidate:
    """Who staggers a long way in a straight line walks, and so does who goes in another manner that is in doubt."""
    doubtful = c.verb == "stagger" or (c.verb in MANNERS and c.score < DOUBT)
    return replace(c, verb="walk") if doubtful and rules.goes_straight(s, c.start, c.end) else c


def _running(c: Candidate, s: Signals) -> Candidate:
    """A walk so fast, and so much of it in the air, that it is a run; or another manner of going that is in doubt."""
    doubtful = c.verb == "walk" or (c.verb in MANNERS and c.score < DOUBT)
    return replace(c, verb="run") if doubtful and rules.runs(s, slice(c.start, c.end)) else c


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
        return abs(s.turned_deg(first, last)) >= TURNED_DEG
    if c.verb in ("look", "look_around"):
        turned = s["head turned left"]
        lifted = s["head raised"] - np.median(s["head raised"])
        if c.end - c.start > LONGEST_LOOK_S[c.verb] * FPS:
            return False
        far = np.abs(turned[at]).max() >= LOOKED_DEG or (c.verb == "look" and np.abs(lifted[at]).max() >= LIFTED_DEG)
        return bool(far and np.abs(s["turning left slowly"][at]).mean() < LOOK_STILL_DEG_S)
    if c.verb in LASTING:
        return not rules.goes_straight(s, c.start, c.end)
    if c.verb in INCLINED_DEG:
        around = slice(max(c.start - 10, 0), c.end + 10)
        return max(float(np.ptp(s[name][around])) for name in ("trunk forward", "trunk leftward")) >= INCLINED_DEG[c.verb]
    if c.verb == "jumping_jack":
        return bool(np.ptp(s["feet apart"][at]) >= ASTRIDE)
    if c.verb in ("pick_up", "put_down"):
        around = slice(max(c.start - 6, 0), c.end + 6)
        return bool(np.ptp(s["trunk forward"][around]) >= STOOPED_DEG or np.ptp(s["pelvis height"][around]) >= STOOPED)
    if c.verb == "swing_arms":
        return float(s["travel speed"][at].mean()) < GOES
    return True


def resting(kept: Iterable[Candidate], s: Signals) -> list[Candidate]:
    """A low posture in which the clip begins, and standing where nothing else is done for a while."""
    legs = np.zeros(s.n_frames, dtype=bool)
    anything = np.zeros(s.n_frames, dtype=bool)
    for c in kept:
        anything[c.start : c.end] = True
        if LEGS & set(VERBS[c.verb].parts):
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
