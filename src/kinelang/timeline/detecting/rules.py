"""What physics tells for certain: flights, low postures, going, turning, bending, blows, kicks, cuts and hands that beat."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from kinelang.motion.arrays import BoolArray
from kinelang.motion.contacts import spans
from kinelang.motion.segmentation import turning_points
from kinelang.timeline.detecting.body import FPS
from kinelang.timeline.detecting.decoding import Candidate
from kinelang.timeline.detecting.signals import Signals
from kinelang.timeline.detecting.vocabulary import tracks_of

# All ours. Heights and speeds in leg lengths: a standing pelvis is 1.1 above the ground.
LOW, LIES = 0.86, 0.45
GOES, STAYS = 0.28, 0.16  # leg lengths a second
RUN_SPEED, RUN_SUPPORT, FAST = 1.6, 0.44, 0.8
RUN_CLEARANCE = 0.047  # of the lower foot, 90 % of the time below: walks at hand have up to 0.041, runs 0.050 and more
LOST = 0.03  # feet that are never seen on the ground are badly tracked, and tell nothing
TURN_DEG, TURN_DEG_S = 35.0, 20.0
BEND_DEG = 28.0
CLIMB = 0.16  # a step of stairs, in leg lengths
MIN_S = 0.3
BLOW, OPENED_DEG, BLOWS_APART_S = 1.9, 20.0, 2.5  # arm lengths a second, degrees, seconds
HELD_UP, HELD_S, HANGS = 0.35, 0.7, -0.6  # arm lengths above where the wrist hangs; seconds; it hangs so far below the shoulder
STRAIGHT_DEG, STRETCHED = 140.0, 0.6
KICKED, KICKED_AWAY, KICK_SPEED = 0.45, 0.55, 3.2  # leg lengths up, leg lengths from under the hip, leg lengths a second
CUT_FROM, CUT_TO, CUT_S, TOGETHER = 0.3, -0.35, 0.5, 0.55  # arm lengths against the shoulders, seconds, arm lengths apart
BEAT_DEG, BEAT_WITHIN_S, BEATS, BEATING_UP, BEAT_STILL = (
    5.0,
    0.4,
    4,
    -0.45,
    0.7,
)  # degrees, s, turning points, arm lengths, arm lengths/s
STRAIGHT, STRAIGHT_SHARE = 2.5, 0.8
"""A way of so many leg lengths is straight if its ends are so far apart, as a share of its length (ours)."""


def legs(s: Signals) -> list[Candidate]:
    """Postures, jumps, gaits and turns, one after the other: no two share a frame."""
    free = np.ones(s.n_frames, dtype=bool)
    found: list[Candidate] = []
    for finder in (_low, _jumps, _going, _turning):
        for f in finder(s, free):
            found.append(f)
            free[f.start : f.end] = False
    return sorted(found, key=lambda f: f.start)


def held(on: BoolArray, off: BoolArray) -> BoolArray:
    """True from where `on` holds back and forth to where `off` does. (T,)."""
    out = np.zeros(len(on), dtype=bool)
    for a, b in spans(~off):
        if on[a:b].any():
            out[a:b] = True
    return out


def goes_straight(signals: Signals, start: int, end: int) -> bool:
    """Whether the way over the ground is long and straight."""
    path = signals.path[start:end] / signals.leg_m
    way = np.hypot(*np.diff(path, axis=0).T).sum()
    return bool(np.hypot(*(path[-1] - path[0])) > max(STRAIGHT, STRAIGHT_SHARE * way))


def _low(s: Signals, free: BoolArray) -> list[Candidate]:
    """Sitting, squatting, kneeling and lying, and rising from them."""
    height = s["pelvis height"]
    found = []
    for a, b in spans(held(height < LOW, height > 1.02)):
        at = slice(a, b)
        lowest = float(height[at].min())
        deep = np.flatnonzero(height[at] < lowest + 0.4 * (1.05 - lowest)) + a
        first, last = int(deep[0]), int(deep[-1]) + 1
        verb = posture(s, slice(first, last))
        rises = b < s.n_frames and verb in ("sit", "lie", "kneel") and last - first > 0.5 * FPS
        found.append(_found(verb, a, last if rises else b, 0.6))
        if rises and b - last >= 3:
            found.append(_found("stand_up", last, b, 0.6))
    return [f for f in found if f.end - f.start >= MIN_S * FPS]


def posture(s: Signals, at: slice) -> str:
    """Which low posture."""
    height, upright = np.median(s["pelvis height"][at]), np.median(s["trunk upright"][at])
    if height < LIES and upright < 0.6:
        return "lie"
    knee = min(float(np.median(height + s.of(side, "knee above hip")[at])) for side in ("left", "right"))
    if knee < 0.22:
        return "kneel"
    forward = np.mean([np.median(s.of(side, "foot forward")[at]) for side in ("left", "right")])
    if forward > 0.22:
        return "sit"
    return "squat" if at.stop - at.start < 1.2 * FPS else "crouch"


def _jumps(s: Signals, free: BoolArray) -> list[Candidate]:
    """Flights that are not those of a run, each with the crouch before and the landing after; close ones are one stretch."""
    rising = s["pelvis rising"]
    found: list[Candidate] = []
    for a, b in s.feet.flights:
        if runs(s, slice(max(a - 10, 0), b + 10)) or not free[a:b].all():
            continue
        first, last = a, b
        while (first > 0 and a - first < 8 and rising[first] > 0.1) or (first > 0 and a - first < 3):
            first -= 1
        while (last < s.n_frames and last - b < 8 and rising[last] < -0.1) or (last < s.n_frames and last - b < 4):
            last += 1
        if found and first - found[-1].end <= 6:
            found[-1] = _found("jump", found[-1].start, last, 0.75)
        else:
            found.append(_found("jump", first, last, 0.75))
    return found


def runs(s: Signals, at: slice) -> bool:
    """Whether the person runs there: fast, each foot little on the ground, and both off it for a good part of the time."""
    planted = np.mean([s.of(side, "foot planted")[at].mean() for side in ("left", "right")])
    fast = s["travel speed"][at].mean() > RUN_SPEED
    return bool(fast and LOST < planted < RUN_SUPPORT and np.percentile(s["feet clearance"][at], 90) > RUN_CLEARANCE)


def _going(s: Signals, free: BoolArray) -> list[Candidate]:
    """Gaits, split where the way in the body's own frame changes."""
    speed = s["travel speed"]
    found = []
    for a, b in spans(held(speed > GOES, (speed < STAYS) | ~free)):
        if b - a < MIN_S * FPS:
            continue
        for first, last, sideways in _ways(s, a, b):
            at = slice(first, last)
            steps = sum(first <= step.land < last + 4 for step in s.feet.steps)
            climbed = abs(float(s["climbing"][at].mean())) * (last - first) / FPS
            if climbed > CLIMB and abs(float(s["climbing"][at].mean())) > 0.12:
                verb = "climb"
            elif runs(s, at):
                verb = "run"
            elif sideways:
                verb = "sidestep"
            else:
                verb = "walk" if steps != 1 else "step"
            if steps or last - first > FPS or speed[at].mean() > FAST:
                found.append(_found(verb, first, last, 0.7 if steps >= 2 else 0.5))
    return found


def _ways(s: Signals, a: int, b: int) -> list[tuple[int, int, bool]]:
    """Stretches of [a, b) that go along or sideways, none shorter than half a second beside a longer one."""
    forward, leftward = s["forward travel"][a:b], s["leftward travel"][a:b]
    way = np.where(np.abs(leftward) > 1.4 * np.abs(forward), np.sign(leftward) * 2, np.sign(forward)).astype(int)
    edges = [0, *(np.flatnonzero(np.diff(way)) + 1).tolist(), b - a]
    runs = [[way[i], i, j] for i, j in pairwise(edges)]
    while len(runs) > 1:
        shortest = min(range(len(runs)), key=lambda k: runs[k][2] - runs[k][1])
        if runs[shortest][2] - runs[shortest][1] >= 0.6 * FPS:
            break
        _, i, j = runs.pop(shortest)
        k = min(shortest, len(runs) - 1) if shortest == 0 else shortest - 1
        runs[k][1], runs[k][2] = min(runs[k][1], i), max(runs[k][2], j)
        merged: list[list[int]] = []
        for run in runs:
            if merged and merged[-1][0] == run[0]:
                merged[-1][2] = run[2]
            else:
                merged.append(run)
        runs = merged
    return [(a + i, a + j, abs(w) == 2) for w, i, j in runs]


def _turning(s: Signals, free: BoolArray) -> list[Candidate]:
    """Turns on the spot."""
    rate = s["turning left slowly"]
    found = []
    for sign in (1, -1):
        for a, b in spans(held(sign * rate > TURN_DEG_S, (sign * rate < 8) | ~free)):
            if abs(s.turned_deg(a, b - 1)) >= TURN_DEG:
                found.append(_found("turn", a, b, 0.7))
    return found


def trunk(s: Signals) -> list[Candidate]:
    """Bows and bends of a standing person."""
    lean, height = s["trunk forward"], s["pelvis height"]
    usual = float(np.percentile(lean, 20))
    found = []
    for a, b in spans(held(lean - usual > BEND_DEG, lean - usual < 10)):
        if b - a >= 0.5 * FPS and height[a:b].min() > LOW and float(s["trunk upright"][a:b].min()) > -0.5:
            found.append(_found("bow" if b - a < 3.5 * FPS else "bend", a, b, 0.5))
    return found


def arms(s: Signals, side: str) -> list[Candidate]:
    """An arm held up or out for a while: raised over the shoulder, stretched out, or the hand shown before the body."""
    up, out = s.of(side, "wrist above shoulder"), np.hypot(s.of(side, "wrist outward"), s.of(side, "wrist forward"))
    hangs = min(float(np.percentile(up, 10)), HANGS)  # an arm that is up all along does not hang there
    found = []
    for a, b in spans(held(up > hangs + HELD_UP, up < hangs + 0.5 * HELD_UP)):
        at = slice(a, b)
        if b - a < HELD_S * FPS or s["travel speed"][at].mean() > GOES:
            continue
        top = np.flatnonzero(up[at] > hangs + HELD_UP) + a
        if np.median(up[top]) > 0:
            verb = "raise_arm"
        elif np.median(s.of(side, "elbow angle")[top]) > STRAIGHT_DEG and np.median(out[top]) > STRETCHED:
            verb = "extend_arm"
        else:
            verb = "gesture"
        found.append(Candidate(verb, a, b, 0.4, (f"{side}_arm",), side))
    return found


def punches(s: Signals) -> list[Candidate]:
    """Hands that shoot forward at the height of the shoulders while the elbow opens; blows not far apart are one stretch."""
    blows: list[tuple[int, str]] = []
    for side in ("left", "right"):
        speed, up, elbow = (s.of(side, name) for name in ("wrist forward speed", "wrist above shoulder", "elbow angle"))
        peaks = np.flatnonzero((speed[1:-1] > speed[:-2]) & (speed[1:-1] >= speed[2:]) & (speed[1:-1] > BLOW)) + 1
        for k in peaks.tolist():
            after = min(int(k) + 2, s.n_frames - 1)
            opened = elbow[k : k + 5].max() - elbow[max(k - 4, 0) : k + 1].min()
            if abs(up[after]) < 0.35 and opened > OPENED_DEG and elbow[k : k + 5].max() > 125:
                blows.append((k, side))
    found: list[Candidate] = []
    groups: list[list[tuple[int, str]]] = []
    for blow in sorted(blows):
        if groups and blow[0] - groups[-1][-1][0] < BLOWS_APART_S * FPS:
            groups[-1].append(blow)
        else:
            groups.append([blow])
    for group in groups:
        sides = {side for _, side in group}
        rows = tuple(f"{side}_arm" for side in ("left", "right") if side in sides)
        start, end = max(group[0][0] - 6, 0), min(group[-1][0] + 10, s.n_frames)
        side = sides.pop() if len(sides) == 1 else "alternating"
        score = 0.45 if len(group) < 3 else 0.6
        found.append(Candidate("punch", start, end, score, rows, side, {"blows": len(group)}))
    return found


def kicks(s: Signals) -> list[Candidate]:
    """A foot that shoots up high and away while the other carries: from where it leaves the ground to where it is down again."""
    found = []
    for side, other in (("left", "right"), ("right", "left")):
        height, speed = s.of(side, "foot height"), s.of(side, "foot speed")
        for a, b in spans(held(height > KICKED, height < 0.08)):
            at = slice(a, b)
            away = np.hypot(s.of(side, "foot forward")[at], s.of(side, "foot outward")[at]).max()
            stands = s.of(other, "foot height")[at].max() < 0.15 and s["pelvis height"][at].min() > 0.9
            if (
                stands
                and away > KICKED_AWAY
                and speed[at].max() > KICK_SPEED
                and b - a < 1.6 * FPS
                and s["trunk upright"][at].min() > 0.3
            ):
                found.append(Candidate("kick", max(a - 4, 0), min(b + 2, s.n_frames), 0.7, ("legs",), side))
    return sorted(found, key=lambda f: f.start)


def cuts(s: Signals) -> list[Candidate]:
    """Both hands together over the shoulders, then down fast to the belly: what an axe or a sword does."""
    high = np.minimum(s.of("left", "wrist above shoulder"), s.of("right", "wrist above shoulder"))
    low = np.maximum(s.of("left", "wrist above shoulder"), s.of("right", "wrist above shoulder"))
    found = []
    within = round(CUT_S * FPS)
    for a, b in spans((high > CUT_FROM) & (s["hands apart"] < TOGETHER)):
        after = low[b : b + within]
        if not len(after) or after.min() > CUT_TO:
            continue
        end = b + int(np.argmin(after)) + 4
        start = a
        while start > 0 and a - start < 1.2 * FPS and high[start - 1] < high[start]:
            start -= 1
        if s["hands apart"][b : b + within].max() < TOGETHER and end - start < 4 * FPS:
            found.append(Candidate("chop", start, min(end, s.n_frames), 0.6, ("left_arm", "right_arm")))
    return found


def waves(s: Signals) -> list[Candidate]:
    """Hands that beat to and fro at the wrist while they are held up: what the joints of the arm alone do not show."""
    from scipy.ndimage import gaussian_filter1d

    if s.hands is None:
        return []
    beating: dict[str, list[tuple[int, int]]] = {}
    for k, side in enumerate(("left", "right")):
        beat = s.hands[:, k]
        size = np.sqrt(gaussian_filter1d(beat**2, BEAT_WITHIN_S * FPS))
        up = s.of(side, "wrist above shoulder")
        still = gaussian_filter1d(s.of(side, "wrist speed"), BEAT_WITHIN_S * FPS) < BEAT_STILL  # else the arm flings the hand about
        on = (size > BEAT_DEG) & (up > BEATING_UP) & (s.of(side, "elbow above shoulder") < up) & still
        beating[side] = []
        for a, b in spans(held(on, (size < 0.5 * BEAT_DEG) | (up < BEATING_UP) | ~still)):
            values = beat[a:b].tolist()
            turns = turning_points(values, BEAT_DEG, list(range(len(values))))
            if len(turns) >= BEATS and len(values) / len(turns) < 0.8 * FPS:
                beating[side].append((a, b))
    found = []
    for a, b in beating["left"]:
        mate = next(((c, d) for c, d in beating["right"] if min(b, d) - max(a, c) > 0.5 * min(b - a, d - c)), None)
        if mate is None:
            found.append(Candidate("wave", a, b, 0.65, ("left_arm",), "left"))
        else:
            beating["right"].remove(mate)
            start, end = (round((x + y) / 2) for x, y in zip((a, b), mate, strict=True))
            found.append(Candidate("wave", start, end, 0.65, ("left_arm", "right_arm"), "both"))
    found += [Candidate("wave", a, b, 0.65, ("right_arm",), "right") for a, b in beating["right"]]
    return sorted(found, key=lambda f: f.start)


def _found(verb: str, start: int, end: int, confidence: float) -> Candidate:
    return Candidate(verb, start, end, confidence, tuple(row for row in ("legs", "torso") if row in tracks_of(verb)))
