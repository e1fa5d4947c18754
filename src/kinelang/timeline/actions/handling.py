"""Handling things: reach, pick up, put down, carry, push, pull, open, close, give, move, lift a weight, pour.

Places are (outward, up, forward): of the chest and upright frames in arm lengths from the shoulder, of the ground in metres.
"""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.handwork import (
    CARRY_BOTH,
    CARRY_ONE,
    LOW_WORDS,
    MIDDLE,
    TABLE_WORDS,
    Place,
    along,
    bout,
    centred,
    drop_for,
    held_before,
    is_free,
    is_kept,
    kept,
    lead,
    other,
    says,
    standing_pelvis_m,
    stands,
)
from kinelang.timeline.performing.curves import rise, through, window
from kinelang.timeline.performing.going import SIGN
from kinelang.timeline.performing.person import Person
from kinelang.timeline.performing.score import Score
from kinelang.timeline.schema import Stage

_REACHES: dict[str, Place] = {
    "forward": (-0.1, -0.1, 0.97),
    "up": (0.0, 0.93, 0.3),
    "down": (0.0, -0.72, 0.68),
    "out": (0.93, -0.1, 0.3),
    "across": (-0.85, -0.15, 0.42),
}


def _reach(score: Score, stage: Stage) -> None:
    """The hand goes straight to a place, elbow bent on the way; the trunk goes after it; a moment there; and back."""
    rng, sides = score.rng, score.limbs(stage)
    direction = stage.direction or "forward"
    length = stage.duration_s
    there = stage.start_s + rng.uniform(0.38, 0.45) * length
    back = max(there + 0.1 * length, stage.end_s - rng.uniform(0.38, 0.45) * length)
    trunk = window(score.times_s, stage.start_s, stage.end_s, there - stage.start_s, stage.end_s - back)
    for side in sides:
        way = direction
        if direction in ("left", "right"):
            way = "out" if direction == side else "across"
        place = np.asarray(_REACHES[way]) + rng.uniform(-0.05, 0.05, 3)
        near = 0.55 * place + np.array([-0.05, -0.2, 0.12])
        out = along(
            score.times_s,
            [
                (stage.start_s, (0.05, -0.85, 0.25)),
                (0.45 * stage.start_s + 0.55 * there, near),
                (there, place),
                (back, place),
                (0.45 * stage.end_s + 0.55 * back, near),
                (stage.end_s, (0.05, -0.85, 0.25)),
            ],
        )
        lead(score, side, score.window(stage, 0.35 * length, 0.35 * length), out, 10.0, frame="upright")
    _go_after(score, trunk, direction, sides, stands(score, stage))


def _go_after(score: Score, weight: Array, direction: str, sides: tuple[str, ...], standing: bool) -> None:
    """The trunk and head go with a reaching hand."""
    size = score.rng.uniform(0.8, 1.2)
    sign = SIGN[sides[0]] if len(sides) == 1 else 0.0
    turn = 20.0 if sides == (direction,) else 30.0
    parts: dict[str, tuple[tuple[str, float], ...]] = {
        "forward": (("trunk_flexion", 11), ("pelvis_tilt", 4), ("trunk_turn", -9 * sign), ("shift_forward", 0.03)),
        "up": (("trunk_flexion", -6), ("trunk_bend", -5 * sign), ("head_flexion", -20)),
        "down": (("trunk_flexion", 26), ("pelvis_tilt", 14), ("trunk_turn", -7 * sign), ("shift_forward", -0.05), ("shift_up", -0.05)),
        "left": (("trunk_turn", turn), ("pelvis_turn", 5), ("trunk_bend", 7), ("head_turn", 18), ("shift_left", 0.03)),
        "right": (("trunk_turn", -turn), ("pelvis_turn", -5), ("trunk_bend", -7), ("head_turn", -18), ("shift_left", -0.03)),
    }
    for channel, value in parts[direction]:
        if standing or not channel.startswith("shift"):
            score.add(channel, size * value * weight)


# ---- picking up, putting down, carrying --------------------------------------------------------------------------------------


_ELBOW_LOW = (0.7, -0.6, -0.2)
"""Side of the elbow of a hand on floor or table: outward, and towards the knees of one bent far down."""


def _bend_to(score: Score, stage: Stage, weight: Array, low: bool, sides: tuple[str, ...]) -> dict[str, tuple[float, float, float]]:
    """Bend or squat so that the hands reach the floor or a table; the place (outward, up, forward) of each hand, on the ground."""
    rng, person = score.rng, score.person
    sign = SIGN[sides[0]] if len(sides) == 1 else 0.0
    angle = {"left": 50.0, "right": -50.0}.get(stage.direction or "", 0.0) + sign * rng.uniform(-8, 8)
    stoop = rng.uniform(0.0, 1.0)  # from a squat to bending with knees nearly straight
    if low:
        wrist_m, forward_m, back_m = rng.uniform(0.1, 0.18), 0.46 + 0.04 * stoop, 0.06 + 0.08 * stoop
        deepest = (0.5 - 0.28 * stoop) * standing_pelvis_m(person)
    else:
        wrist_m, forward_m, back_m, deepest = rng.uniform(0.78, 0.88), rng.uniform(0.42, 0.5), 0.04, 0.06
    tilt, flexion = _lean_for(person, wrist_m, forward_m, deepest)
    drop = drop_for(person, tilt, flexion, wrist_m, forward_m) + (0.015 if low else 0.0)
    score.add("pelvis_tilt", tilt * weight)
    score.add("trunk_flexion", flexion * weight)
    score.add("trunk_turn", (0.5 * angle - 8 * sign) * weight)
    score.add("trunk_bend", (0.12 * angle + 5 * sign) * weight)
    score.add("pelvis_turn", 0.25 * angle * weight)
    score.add("head_turn", 0.15 * angle * weight)
    score.add("head_flexion", (6.0 if not low else -8.0) * weight)
    score.add("shift_up", -drop * weight)
    score.add("shift_forward", -back_m * weight)
    if len(sides) == 1 and drop > 0.2:
        _rest_on_thigh(score, stage, weight, other(sides[0]))
    apart = rng.uniform(0.09, 0.16)
    out = {}
    for side in sides:
        across = (0.0 if len(sides) == 2 else SIGN[side] * rng.uniform(0.05, 0.14)) + np.tan(np.radians(0.6 * angle)) * forward_m
        outward = SIGN[side] * across + (apart if len(sides) == 2 else 0.0)
        out[side] = (outward, wrist_m, forward_m * (1 - 0.2 * abs(angle) / 50))
    return out


def _lean_for(person: Person, wrist_m: float, forward_m: float, deepest_m: float) -> tuple[float, float]:
    """(Tilt of the pelvis, flexion of the trunk) in degrees with which the hands reach a place while the pelvis sinks no deeper."""
    lean = 16.0
    while lean < 124 and drop_for(person, 0.4 * lean, 0.6 * lean, wrist_m, forward_m) > deepest_m:
        lean += 2.0
    return 0.4 * lean, 0.6 * lean


def _rest_on_thigh(score: Score, stage: Stage, weight: Array, side: str) -> None:
    """The hand that is not needed rests on the thigh, or hangs."""
    if score.rng.random() < 0.7 and is_free(score, stage, f"{side}_arm"):
        lead(score, side, weight, (0.22, -0.45, -0.4), -10.0, frame="upright")


def _is_low(score: Score, stage: Stage) -> bool:
    """Whether the thing lies on the floor: as the target says, else mostly."""
    drawn = score.rng.random() < 0.7
    if says(stage, LOW_WORDS):
        return True
    return drawn and not says(stage, TABLE_WORDS)


def _pick_up(score: Score, stage: Stage) -> None:
    """Down, a moment to grasp, and up with the forearm bent; what is held stays in the hand if the next stage needs it."""
    rng, t, length = score.rng, score.times_s, stage.duration_s
    sides = score.limbs(stage)
    low = _is_low(score, stage)
    stays = any(is_kept(score, stage, side) for side in sides)
    down = stage.start_s + rng.uniform(0.38, 0.44) * length * (1.0 if stays else 0.92)
    grasped = down + rng.uniform(0.05, 0.1) * length
    up = stage.end_s - (0.02 if stays else 0.22) * length
    bent = window(t, stage.start_s, up, down - stage.start_s, up - grasped)
    places = _bend_to(score, stage, bent, low, sides)
    coming = window(t, stage.start_s, stage.end_s, 0.9 * (down - stage.start_s), 0.1)
    home = np.asarray(CARRY_BOTH if len(sides) == 2 else CARRY_ONE) + rng.uniform(-0.04, 0.04, 3)
    for side in sides:
        score.hand(side, coming, places[side], frame="ground", elbow=_ELBOW_LOW)
        lifting = kept(score, stage, side, grasped, 0.85 * (up - grasped), 0.25 * length)
        lead(score, side, lifting, home, frame="upright")


def _put_down(score: Score, stage: Stage) -> None:
    """From the height of carrying down to floor or table, a moment to let go, and up with hanging arms."""
    rng, t, length = score.rng, score.times_s, stage.duration_s
    sides = score.limbs(stage)
    low = _is_low(score, stage)
    raise_s = min(0.5, 0.2 * length)
    begin = stage.start_s + (0.02 * length if held_before(score, stage, sides[0]) else raise_s)
    down = begin + rng.uniform(0.42, 0.5) * (stage.end_s - begin)
    loose = down + rng.uniform(0.06, 0.12) * length
    bent = window(t, begin, stage.end_s, down - begin, stage.end_s - loose)
    places = _bend_to(score, stage, bent, low, sides)
    home = np.asarray(CARRY_BOTH if len(sides) == 2 else CARRY_ONE) + rng.uniform(-0.04, 0.04, 3)
    for side in sides:
        held = window(t, stage.start_s, loose + 0.1, raise_s, 0.05)
        lead(score, side, held, home, frame="upright")
        lowering = rise(t, begin, down) - rise(t, loose, loose + 0.6 * (stage.end_s - loose))
        score.hand(side, lowering, places[side], frame="ground", elbow=_ELBOW_LOW)


def _carry(score: Score, stage: Stage) -> None:
    """Both forearms level in front, still, until what is carried is put down."""
    rng = score.rng
    home = np.asarray(CARRY_BOTH) + rng.uniform(-0.06, 0.06, 3)
    arrive = min(0.5, 0.35 * stage.duration_s)
    for side in score.limbs(stage):
        lead(score, side, kept(score, stage, side, stage.start_s, arrive, arrive), home, frame="upright")
    score.add("trunk_flexion", -rng.uniform(1, 5) * score.window(stage, arrive, arrive))


# ---- pushing, pulling, opening -----------------------------------------------------------------------------------------------


def _push(score: Score, stage: Stage) -> None:
    """Both hands from the chest forward, slowly, the weight of the body behind them."""
    rng, sides = score.rng, score.limbs(stage)
    done = bout(score, stage, 1.7, 0.4, 0.45, once_s=4.5)
    angle = {"left": 55.0, "right": -55.0}.get(stage.direction or "", 0.0)
    apart, high = rng.uniform(-0.05, 0.15), rng.uniform(0.05, 0.25)
    out = through(done.share, [(0.0, 0.0), (0.08, 0.0), (0.68, 1.0), (0.78, 1.0), (1.0, 0.0)])
    near, far = np.array([apart - 0.08, -0.38, 0.3]), np.array([apart - 0.18, high, 0.93])
    place = near + out[:, None] * (far - near)
    lead(score, sides, done.weight, place, 28.0)
    score.add("trunk_flexion", done.weight * (-3 + 15 * out))
    score.add("pelvis_tilt", done.weight * (-2 + 10 * out))
    score.add("shift_forward", done.weight * (-0.04 + 0.11 * out))
    score.add("shift_up", -0.04 * done.weight * (0.5 + 0.5 * out))
    score.add("trunk_turn", 0.65 * angle * done.weight)
    score.add("pelvis_turn", 0.35 * angle * done.weight)
    score.add("head_flexion", -6 * done.weight * out)


def _pull(score: Score, stage: Stage) -> None:
    """Both hands out quickly, then drawn slowly to the body while the trunk leans back."""
    rng, sides = score.rng, score.limbs(stage)
    done = bout(score, stage, 1.6, 0.35, 0.45, once_s=4.0)
    apart, high = rng.uniform(-0.06, 0.08), rng.uniform(-0.4, -0.2)
    drawn = through(done.share, [(0.0, 0.6), (0.28, 0.0), (0.38, 0.0), (0.92, 1.0), (1.0, 0.6 if done.count > 1 else 1.0)])
    drawn = np.where((done.phase >= done.count - 0.08), np.maximum(drawn, 0.6), drawn)
    far, near = np.array([MIDDLE + 0.2 + apart, high, 0.9]), np.array([0.02 + apart, -0.55, 0.12])
    lead(score, sides, done.weight, far + drawn[:, None] * (near - far), 8.0)
    score.add("trunk_flexion", done.weight * (13 - 28 * drawn))
    score.add("pelvis_tilt", done.weight * (6 - 13 * drawn))
    score.add("shift_forward", done.weight * (0.04 - 0.14 * drawn))
    score.add("shift_up", -0.1 * done.weight * (0.3 + 0.7 * drawn))
    score.add("head_flexion", 6 * done.weight * drawn)


def _open(score: Score, stage: Stage) -> None:
    """A hand to a handle at waist height, turned, and the door drawn aside."""
    rng, t, length = score.rng, score.times_s, stage.duration_s
    (side,) = score.limbs(stage)
    sign = SIGN[side]
    high = rng.uniform(-0.62, -0.45)
    at = stage.start_s + length * np.array([0.0, 0.26, 0.34, 0.42, 0.74, 0.8, 1.0])
    handle, pulled = np.array([-0.12, high, 0.76]), np.array([0.5, high + 0.02, 0.28])
    place = along(
        t,
        [
            (at[0], (0.0, -0.75, 0.35)),
            (at[1], handle),
            (at[2], handle + np.array([0.03, -0.07, 0.0])),
            (at[3], handle + np.array([0.03, -0.05, -0.02])),
            (at[4], pulled),
            (at[5], pulled),
            (at[6], (0.3, -0.85, 0.1)),
        ],
    )
    lead(score, side, score.window(stage, 0.24 * length, 0.22 * length), place, 15.0, frame="upright")
    swung = through(t, [(at[3], 0.0), (at[4], 1.0), (at[5], 1.0), (at[6], 0.0)])
    score.add("trunk_turn", sign * 20 * swung - sign * 8 * (rise(t, at[0], at[1]) - rise(t, at[3], at[4])))
    score.add("pelvis_turn", sign * 8 * swung)
    score.add("shift_forward", -0.07 * swung)
    score.add("shift_left", sign * 0.03 * swung)
    score.add("head_flexion", 10 * window(t, at[0], at[4], at[1] - at[0], at[4] - at[3]))


def _close(score: Score, stage: Stage) -> None:
    """A hand to the door that stands open at its side, which is pushed round until it is shut."""
    rng, t, length = score.rng, score.times_s, stage.duration_s
    (side,) = score.limbs(stage)
    sign = SIGN[side]
    high = rng.uniform(-0.55, -0.35)
    at = stage.start_s + length * np.array([0.0, 0.27, 0.34, 0.66, 0.76, 1.0])
    stood, shut = np.array([0.66, high, 0.35]), np.array([-0.2, high + 0.03, 0.88])
    place = along(
        t, [(at[0], (0.2, -0.8, 0.2)), (at[1], stood), (at[2], stood), (at[3], shut), (at[4], shut), (at[5], (0.0, -0.8, 0.3))]
    )
    lead(score, side, score.window(stage, 0.24 * length, 0.2 * length), place, 20.0, frame="upright")
    round_ = through(t, [(at[0], 0.0), (at[1], 1.0), (at[2], 1.0), (at[3], -0.8), (at[4], -0.8), (at[5], 0.0)])
    score.add("trunk_turn", sign * 18 * round_)
    score.add("pelvis_turn", sign * 7 * round_)
    pushing = through(t, [(at[2], 0.0), (at[3], 1.0), (at[4], 1.0), (at[5], 0.0)])
    score.add("trunk_flexion", 8 * pushing)
    score.add("shift_forward", 0.05 * pushing)


def _give(score: Score, stage: Stage) -> None:
    """What is held before the belly is held out forward, waits to be taken, and the hand comes down."""
    rng, t, length = score.rng, score.times_s, stage.duration_s
    sides = score.limbs(stage)
    at = stage.start_s + length * np.array([0.22, 0.5, rng.uniform(0.68, 0.74), 1.0])
    home = np.asarray(CARRY_BOTH if len(sides) == 2 else CARRY_ONE)
    out = np.array([-0.16, rng.uniform(-0.4, -0.25), 0.9])
    given = through(t, [(at[0], 0.0), (at[1], 1.0), (at[2], 1.0), (at[3], 0.6)])
    weight = window(t, stage.start_s, stage.end_s, min(0.55, 0.22 * length), at[3] - at[2])
    lead(score, sides, weight, home + given[:, None] * (out - home), 0.0, frame="upright")
    gone = window(t, at[0], at[3], at[1] - at[0], at[3] - at[2])
    sign = SIGN[sides[0]] if len(sides) == 1 else 0.0
    score.add("trunk_flexion", 9 * gone)
    score.add("pelvis_tilt", 3 * gone)
    score.add("trunk_turn", -6 * sign * gone)


_MOVES: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "forward": ((0.0, -0.48, 0.5), (0.0, -0.4, 0.92)),
    "backward": ((0.0, -0.4, 0.92), (0.0, -0.48, 0.45)),
    "left": ((-0.45, -0.42, 0.7), (0.5, -0.42, 0.68)),
    "right": ((0.45, -0.42, 0.7), (-0.5, -0.42, 0.68)),
    "up": ((0.0, -0.5, 0.65), (0.0, 0.42, 0.72)),
    "down": ((0.0, 0.32, 0.72), (0.0, -0.58, 0.62)),
}
"""From where to where both hands move a thing: to the left, up and forward from the middle between the shoulders, arm lengths."""


def _move_object(score: Score, stage: Stage) -> None:
    """Both hands take a thing before the body, lift it a little, set it down elsewhere, and let go."""
    rng = score.rng
    done = bout(score, stage, 2.0, 0.5, 0.5, once_s=5.0)
    start, end = (np.asarray(place) for place in _MOVES[stage.direction or "forward"])
    moved = through(done.share, [(0.0, 0.0), (0.18, 0.0), (0.66, 1.0), (0.86, 1.0), (1.0, 0.0 if done.count > 1 else 1.0)])
    moved = np.where(done.number == done.count - 1, np.where(done.share > 0.66, 1.0, moved), moved)
    lifted = 0.16 * np.sin(np.pi * np.clip((done.share - 0.1) / 0.64, 0, 1))
    apart = 0.22 + 0.08 * through(done.share, [(0.0, 1.0), (0.14, 0.0), (0.76, 0.0), (0.88, 1.0), (1.0, 1.0)])
    path = start + moved[:, None] * (end - start)
    for side in score.limbs(stage):
        lead(score, side, done.weight, centred(side, path[:, 0], path[:, 1] + lifted, path[:, 2], apart), 10.0)
    turn = path[:, 0] / 0.5
    for channel, degrees in (("trunk_turn", 24), ("pelvis_turn", 10), ("head_turn", 10)):
        score.add(channel, degrees * turn * done.weight)
    score.add("trunk_flexion", (7 + 4 * rng.random() - 14 * np.clip(path[:, 1], -0.4, 0.4)) * done.weight)


def _lift_weight(score: Score, stage: Stage) -> None:
    """From the shoulders overhead and back, both hands side by side."""
    rng, sides = score.rng, score.limbs(stage)
    done = bout(score, stage, 1.9, 0.7, 0.7)
    wide = rng.uniform(0.0, 0.25)
    up = through(done.share, [(0.0, 0.0), (0.4, 1.0), (0.56, 1.0), (0.96, 0.0), (1.0, 0.0)])
    start, top = np.array([wide, -0.08, 0.26]), np.array([wide, 0.97, 0.06])
    bowed = 4 * up * (1 - up) * 0.06
    place = start + up[:, None] * (top - start) + bowed[:, None] * np.array([1.0, 0.0, 0.6])
    lead(score, sides, done.weight, place, -12.0, "upright")
    dip = np.exp(-0.5 * ((done.share - 0.04) / 0.05) ** 2)
    score.add("shift_up", -0.05 * dip * done.weight)
    score.add("trunk_flexion", done.weight * (-2 - 5 * up))
    score.add("head_flexion", -8 * done.weight * up)


def _pour(score: Score, stage: Stage) -> None:
    """The hand before the chest rises and the elbow comes up sideways while it tilts what it holds."""
    rng, length = score.rng, stage.duration_s
    (side,) = score.limbs(stage)
    t = score.times_s
    at = stage.start_s + length * np.array([0.3, 0.48, 0.68, 0.82])
    tilted = window(t, at[0], at[3], at[1] - at[0], at[3] - at[2])
    base = np.array([-0.12, -0.45, 0.55]) + rng.uniform(-0.05, 0.05, 3)
    place = base + tilted[:, None] * np.array([-0.12, 0.24, 0.06])
    lead(score, side, score.window(stage, min(0.7, 0.27 * length), min(0.6, 0.2 * length)), place, 5 + 62 * tilted, frame="upright")
    sign = SIGN[side]
    looking = score.window(stage, 0.25 * length, 0.2 * length)
    score.add("head_flexion", 16 * looking)
    score.add("trunk_bend", sign * -5 * tilted)
    score.add(f"shrug_{side}", 7 * tilted)


_ARMS_ONLY = ("standing", "sitting", "kneeling")

HANDLING = (
    Action(
        "reach",
        _reach,
        seconds=(1.1, 2.6),
        side="right",
        direction="forward",
        after="",
        before=_ARMS_ONLY,
        cues=("wrist far from the shoulder", "trunk following the hand"),
    ),
    Action(
        "pick_up",
        _pick_up,
        seconds=(1.8, 3.6),
        side="right",
        direction="forward",
        cues=("wrist near the floor", "trunk flexion"),
    ),
    Action(
        "put_down",
        _put_down,
        seconds=(1.8, 3.6),
        side="right",
        direction="forward",
        cues=("wrist near the floor", "trunk flexion"),
    ),
    Action("carry", _carry, seconds=(1.5, 6.0), after="", before=_ARMS_ONLY, cues=("both forearms level", "hands still")),
    Action(
        "push",
        _push,
        seconds=(0.7, 1.1),
        seconds_each=1.7,
        count=(1, 3),
        direction="forward",
        cues=("both wrists going forward", "trunk flexion"),
    ),
    Action("pull", _pull, seconds=(0.6, 1.0), seconds_each=1.6, count=(1, 4), cues=("both wrists coming back", "trunk leaning back")),
    Action("open", _open, seconds=(1.6, 3.2), side="right", cues=("wrist forward at waist height", "trunk turning aside")),
    Action(
        "lift_weight",
        _lift_weight,
        seconds=(1.2, 1.7),
        seconds_each=1.9,
        count=(1, 6),
        cues=("both wrists overhead", "both elbows"),
    ),
    Action("close", _close, seconds=(1.5, 3.0), side="right", cues=("wrist pushed forward and inward", "trunk turning back")),
    Action("give", _give, seconds=(1.6, 3.2), side="right", after="", before=_ARMS_ONLY, cues=("wrist held out forward",)),
    Action(
        "move_object",
        _move_object,
        seconds=(1.0, 1.4),
        seconds_each=2.0,
        count=(1, 3),
        direction="forward",
        cues=("both wrists from one place to another",),
    ),
    Action("pour", _pour, seconds=(2.0, 4.5), side="right", after="", before=_ARMS_ONLY, cues=("elbow raised sideways", "hand still")),
)
"""Handling things."""
