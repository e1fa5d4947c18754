"""Two or three plain sentences that a person would write from the numbers.

They name what is measured (steps, turns, limbs, heights, counts), not what it might mean: naming actions is the Timeline's business.
"""

from __future__ import annotations

from kinelang.describing.description import Channel, Description, Interval, Limb
from kinelang.describing.judgements import MOST_SHARE, gait, lifted_legs, moving_arms

# All ours. Lengths are for a leg of 0.82 m and grow with it.
TURN_DEG = 40.0  # smallest net turn that is told
LEAN_DEG = 28.0  # smallest lean of the trunk that is told
KICK_M_S = 3.6  # a foot faster than this against the standing body has its speed told
HIGH_SHARE = 1.35  # a pelvis above this many leg lengths is told (standing, it is at 1.1)
LOW_SHARE = 0.75  # a pelvis below this share of its highest is told
SPOT_M = 2.0  # moving about less than this is on the spot
HELD_SHARE = 0.5  # a hand above the shoulder for this share of the time is told also where the arm hardly moves
MIN_SWING_DEG = 12.0  # smaller repetitions of an arm's joint are not told


def brief(description: Description) -> str:
    """Plain sentences, one line. The same description always gives the same words."""
    d = description
    sentences = [_travel(d), *_arms(d), *_legs(d), _body(d)]
    told = " ".join(s for s in sentences if s)
    return told or "The person stands still."


def _travel(d: Description) -> str:
    t = d.travel
    turn = _turn(d)
    verb = gait(d)
    if verb == "stays":
        return f"The person stays in place{_and_steps(d)}{turn}{_jumps(d)}."
    if verb == "moves about":
        how_far = f", {t.path_m:.0f} m in all" if t.path_m >= SPOT_M * d.leg_m / 0.82 else " on the spot"
        return f"The person moves about{how_far}{_and_steps(d)}{turn}{_jumps(d)}."
    way = {"forward": "forward", "backward": "backward", "left": "sideways to the left", "right": "sideways to the right"}[t.direction]
    distance = f"{t.path_m:.1f} m"
    if t.displacement_m < 0.6 * t.path_m:
        distance += f", ending {t.displacement_m:.1f} m from the start"
    steps = f", {len(d.steps)} steps" if len(d.steps) >= 2 else ""
    return f"The person {verb} {way} {distance} ({t.mean_speed_m_s:.1f} m/s{steps}){turn}{'' if verb == 'runs' else _jumps(d)}."


def _and_steps(d: Description) -> str:
    return f" with {len(d.steps)} steps" if len(d.steps) >= 2 else ""


def _turn(d: Description) -> str:
    turn = d.travel.turn_deg
    if abs(turn) >= TURN_DEG:
        return f", turning {'left' if turn > 0 else 'right'} by {_tens(abs(turn))}°"
    yaw = next((c for c in d.trajectory if c.key == "yaw"), None)
    if yaw is not None and yaw.range >= 1.5 * TURN_DEG:
        return f", turning up to {_tens(max(yaw.high, -yaw.low))}° {'left' if yaw.high > -yaw.low else 'right'} and back"
    return ""


def _tens(degrees: float) -> int:
    return round(degrees / 5) * 5


def _jumps(d: Description) -> str:
    n = len(d.flights)
    longest = max((b - a for a, b in d.flights), default=0.0)
    if n == 0 or longest < 0.15:
        return ""
    return f", leaving the ground {_times(n)} ({d.flights[0][0]:.1f} s{' on' if n > 1 else ''})"


def _arms(d: Description) -> list[str]:
    told = moving_arms(d)
    still = [arm for arm in d.limbs[:2] if arm not in told and sum(b - a for a, b in arm.raised) >= HELD_SHARE * d.duration_s]
    return [*_moving(d, told), *_held(still)]


def _moving(d: Description, told: tuple[Limb, ...]) -> list[str]:
    if len(told) < 2:
        return [f"The {_side(arm)} arm moves{_arm_words(d, arm)}." for arm in told]
    more, less = told
    if less.path_m > MOST_SHARE * more.path_m:
        return [f"Both arms move{_arm_words(d, more)}."]
    if less.path_m < 0.4 * more.path_m:
        return [f"The {_side(more)} arm moves most{_arm_words(d, more)}."]
    return [f"The {_side(more)} arm moves most{_arm_words(d, more)}; the {_side(less)} arm moves too{_arm_words(d, less)}."]


def _held(still: list[Limb]) -> list[str]:
    if len(still) == 2:
        return ["Both hands are held above the shoulders."]
    return [f"The {_side(arm)} hand is held above the shoulder." for arm in still]


def _side(limb: Limb) -> str:
    return limb.part.split("_")[0]


def _arm_words(d: Description, arm: Limb) -> str:
    words = []
    if arm.raised:
        begin, end = arm.raised[0][0], arm.raised[-1][1]
        count = f", {_times(len(arm.raised))}" if len(arm.raised) > 1 else ""
        words.append(f"the hand comes above the shoulder ({begin:.1f}–{end:.1f} s{count})")
    repeat = _widest_repeat(d, _side(arm)[0], ("arm_flex", "arm_add", "arm_rot", "elbow_flex"))
    if repeat is not None and not (d.travel.direction and not arm.raised):
        channel, interval = repeat
        joint = channel.name.split(" ", 1)[1].lower()
        words.append(f"{joint} swings {interval.first:.0f}° to {interval.last:.0f}° {_count(interval)}")
    elif not arm.raised:
        words.append(f"the hand moves through {arm.reach_m:.1f} m")
    return ": " + ", ".join(words) if words else ""


def _widest_repeat(d: Description, letter: str, keys: tuple[str, ...]) -> tuple[Channel, Interval] | None:
    found = [
        (c, i)
        for c in d.angles
        if c.key in {f"{k}_{letter}" for k in keys}
        for i in c.intervals
        if i.kind == "repeats" and i.last - i.first >= MIN_SWING_DEG
    ]
    return max(found, key=lambda pair: pair[1].last - pair[1].first, default=None)


def _legs(d: Description) -> list[str]:
    out = []
    for leg in lifted_legs(d):
        spans = ", ".join(f"{a:.1f}–{b:.1f} s" for a, b in leg.raised[:3])
        speed = f", at up to {leg.top_speed_m_s:.1f} m/s" if leg.top_speed_m_s >= KICK_M_S * d.leg_m / 0.82 else ""
        out.append(f"The {_side(leg)} foot is lifted to {leg.top_m:.1f} m ({spans}{speed}).")
    return out


def _body(d: Description) -> str:
    parts = []
    t = d.travel
    if t.high_height_m > HIGH_SHARE * d.leg_m and not d.flights:
        parts.append(f"the hips come up to {t.high_height_m:.2f} m above the lowest step")
    elif t.low_height_m < LOW_SHARE * t.high_height_m:
        times = _dips(d)
        parts.append(f"the hips go down to {t.low_height_m:.2f} m {f'{_times(times)}, lowest ' if times > 1 else ''}at {t.low_s:.1f} s")
    if d.trunk.lean_deg >= LEAN_DEG:
        towards = {"left": "to the left", "right": "to the right"}.get(d.trunk.lean_towards, d.trunk.lean_towards)
        parts.append(f"the trunk leans {towards} by up to {_tens(d.trunk.lean_deg)}° at {d.trunk.lean_s:.1f} s")
    text = " and ".join(parts)
    return text[:1].upper() + text[1:] + "." if text else ""


def _dips(d: Description) -> int:
    """How often the pelvis goes down below `LOW_SHARE` of its highest."""
    height = next((c for c in d.trajectory if c.key == "height"), None)
    low = LOW_SHARE * d.travel.high_height_m
    found = [i for i in (height.intervals if height else ()) if min(i.first, i.last) < low <= max(i.first, i.last)]
    return sum(round(i.cycles) if i.kind == "repeats" else 1 for i in found if i.kind in ("repeats", "decreases"))


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def _count(i: Interval) -> str:
    return _times(round(i.cycles)) if i.cycles >= 1.5 else "once"
