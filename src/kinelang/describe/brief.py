"""Two or three plain sentences that a person would write from the numbers.

They name what is measured (steps, turns, limbs, heights, counts), not what it might mean: naming actions is the Timeline's business.
"""

from __future__ import annotations

from kinelang.describe.description import Channel, Description, Interval, Limb

# All ours. Lengths are for a leg of 0.82 m and grow with it.
RUN_M_S, RUN_SUPPORT = 1.3, 0.44  # faster travel with each foot on the ground for less than this share of the time is running
WALK_M = 0.5  # a shorter way with fewer than two whole steps is only moving
TURN_DEG = 40.0  # smallest net turn that is told
LEAN_DEG = 28.0  # smallest lean of the trunk that is told
BUSY_REACH_M, BUSY_PATH_M = 0.25, 0.5  # an arm that moved less than both is not told
SWING_REACH_M = 0.75  # while walking, an arm that reaches less far than this merely swings
KICK_M_S = 3.6  # a foot faster than this against the standing body is told
HIGH_SHARE = 1.35  # a pelvis above this many leg lengths is told (standing, it is at 1.1)
LOW_SHARE = 0.75  # a pelvis below this share of its highest is told


def brief(description: Description) -> str:
    """Plain sentences, one line. The same description always gives the same words."""
    d = description
    sentences = [_travel(d), *_arms(d), *_legs(d), _body(d)]
    told = " ".join(s for s in sentences if s)
    return told or "The person stands still."


def _travel(d: Description) -> str:
    t = d.travel
    turn = _turn(d)
    scale = d.leg_m / 0.82
    if not t.direction:
        about = f"moves about, {t.path_m:.0f} m in all" if t.path_m >= 2 * scale else "moves about on the spot"
        where = "stays in place" if t.path_m < 1.0 * scale else about
        return f"The person {where}{_and_steps(d)}{turn}{_jumps(d)}."
    runs = t.mean_speed_m_s > RUN_M_S * scale and sum(d.support) / 2 < RUN_SUPPORT
    walks = len(d.steps) >= max(2, 2.5 * len(d.flights)) or (
        not d.flights and t.path_m > WALK_M * scale and min(leg.reach_m for leg in d.limbs[2:]) > 0.3 * scale
    )
    verb = "runs" if runs else "walks" if walks else "moves"
    way = {"forward": "forward", "backward": "backward", "left": "sideways to the left", "right": "sideways to the right"}[t.direction]
    distance = f"{t.path_m:.1f} m"
    if t.displacement_m < 0.6 * t.path_m:
        distance += f", ending {t.displacement_m:.1f} m from the start"
    steps = f", {len(d.steps)} steps" if len(d.steps) >= 2 else ""
    return f"The person {verb} {way} {distance} ({t.mean_speed_m_s:.1f} m/s{steps}){turn}{'' if runs else _jumps(d)}."


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
    left, right = d.limbs[0], d.limbs[1]
    scale = d.leg_m / 0.82
    travelling = bool(d.travel.direction)

    def busy(arm: Limb) -> bool:
        if arm.raised and arm.reach_m >= BUSY_REACH_M * scale:
            return True
        if travelling:
            return arm.reach_m >= SWING_REACH_M * scale
        return arm.reach_m >= BUSY_REACH_M * scale and arm.path_m >= BUSY_PATH_M * scale

    told = [arm for arm in (left, right) if busy(arm)]
    if len(told) == 2:
        more, less = sorted(told, key=lambda a: -a.path_m)
        if less.path_m > 0.6 * more.path_m:
            return [f"Both arms move{_arm_words(d, more)}."]
        side = _side(more)
        if less.path_m < 0.4 * more.path_m:
            return [f"The {side} arm moves most{_arm_words(d, more)}."]
        return [f"The {side} arm moves most{_arm_words(d, more)}; the {_side(less)} arm moves too{_arm_words(d, less)}."]
    return [f"The {_side(arm)} arm moves{_arm_words(d, arm)}." for arm in told]


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
        if i.kind == "repeats" and i.last - i.first >= 12
    ]
    return max(found, key=lambda pair: pair[1].last - pair[1].first, default=None)


def _legs(d: Description) -> list[str]:
    if d.travel.direction and d.travel.mean_speed_m_s > 0.8 * d.leg_m / 0.82:
        return []
    out = []
    for leg in d.limbs[2:]:
        if leg.raised:
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
        parts.append(f"the hips go down to {t.low_height_m:.2f} m at {t.low_s:.1f} s")
    if d.trunk.lean_deg >= LEAN_DEG:
        towards = {"left": "to the left", "right": "to the right"}.get(d.trunk.lean_towards, d.trunk.lean_towards)
        parts.append(f"the trunk leans {towards} by up to {_tens(d.trunk.lean_deg)}° at {d.trunk.lean_s:.1f} s")
    text = " and ".join(parts)
    return text[:1].upper() + text[1:] + "." if text else ""


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def _count(i: Interval) -> str:
    return _times(round(i.cycles)) if i.cycles >= 1.5 else "once"
