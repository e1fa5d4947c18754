"""Arms flexed, shaken, flung about, clasped, folded in prayer, embracing, aiming; brushing one's hair or teeth."""

from __future__ import annotations

from typing import Any

import numpy as np

from kinelang.timeline.actions.arm_poses import (
    SEATED_TOO,
    come_and_go,
    count_of,
    from_breast,
    is_free,
    plateau,
    pose_arm,
    previous_on,
    sizes,
    toward,
    uneven,
    varied,
)
from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.gestures import coming_and_going, repeated
from kinelang.timeline.actions.hands_at_body import spot_of
from kinelang.timeline.performing.curves import bump, drift, minimum_jerk, rise
from kinelang.timeline.performing.score import Score
from kinelang.timeline.schema import Stage


def _bend_arm(score: Score, stage: Stage) -> None:
    """The elbow bends until the hand is near the shoulder, and straightens; the upper arm hangs."""
    alternating = stage.side == "alternating"
    n = count_of(stage, 1.4)
    phase = uneven(score, score.phase(stage, n), n, 0.07)
    size, held = sizes(score, phase, n, 0.06), score.rng.uniform(0.1, 0.35)
    first, most = int(score.rng.integers(2)), float(np.clip(varied(score, 132, 0.06) * (stage.amount or 1.0), 50, 152))
    for i, side in enumerate(score.limbs(stage)):
        up = plateau(phase, held) * size
        if alternating:
            up = up * (np.mod(np.floor(phase) + first, 2) == i)
        weight = minimum_jerk(3 * up)
        pose_arm(score, side, weight, toward(8 + 10 * up, 12), toward(16 + most * up, 2))


def _shake(score: Score, stage: Stage) -> None:
    """The forearm before the body shakes up and down, small and fast."""
    in_s, out_s = coming_and_going(score, stage, 0.45, 0.45)
    phase, size, _ = repeated(score, stage, 0.26, in_s, out_s)
    stroke = 15 * size * (2 * bump(phase) - 1)
    level, out = varied(score, 72, 0.15), varied(score, 14, 0.5)
    for side in score.limbs(stage):
        weight = come_and_go(score, stage, side, in_s, out_s)
        pose_arm(score, side, weight, toward(22 + 0.3 * stroke, 30), toward(level + stroke, out))


def _flail(score: Score, stage: Stage) -> None:
    """Loose arms flung about in all directions, large and irregular; the trunk is thrown with them."""
    t, speed = score.times_s, stage.speed or 1.0
    in_s, out_s = coming_and_going(score, stage, 0.35, 0.4)
    for side in score.limbs(stage):
        lift, round_, bend = (drift(t, score.rng, size, 0.5 * speed, 1.3 * speed) for size in (34.0, 28.0, 22.0))
        elevation = np.clip(92 + lift, 15, 160)
        azimuth = np.clip(52 + round_, -5, 95)
        fore = toward(np.clip(elevation + 18 + bend, 10, 175), azimuth - 25 + 0.5 * bend)
        pose_arm(score, side, come_and_go(score, stage, side, in_s, out_s), toward(elevation, azimuth), fore)
    wild = score.window(stage, in_s, out_s)
    score.add("trunk_turn", wild * drift(t, score.rng, 6.0, 0.4 * speed, 1.0 * speed))
    score.add("trunk_bend", wild * drift(t, score.rng, 3.0, 0.4 * speed, 1.0 * speed))


def _clasp_hands(score: Score, stage: Stage) -> None:
    """Hands together before the belly, held."""
    in_s, out_s = coming_and_going(score, stage, 0.7, 0.65)
    height, forward = varied(score, -0.36, 0.12), varied(score, 0.235, 0.1)
    for side in ("left", "right"):
        weight = come_and_go(score, stage, side, in_s, out_s)
        score.hand(side, weight, from_breast(score, side, 0.055, height, forward), elbow=(0.8, -0.3, -0.6))


def _pray(score: Score, stage: Stage) -> None:
    """Palms together before the chest, elbows out, the head bowed."""
    in_s, out_s = coming_and_going(score, stage, 0.75, 0.7)
    height, forward = varied(score, -0.2, 0.12), varied(score, 0.225, 0.08)
    for side in ("left", "right"):
        weight = come_and_go(score, stage, side, in_s, out_s)
        score.hand(side, weight, from_breast(score, side, 0.03, height, forward), elbow=(0.8, -0.6, 0.1))
    bowed = score.window(stage, in_s, out_s)
    if is_free(score, stage, "head"):
        score.add("head_flexion", varied(score, 19, 0.25) * bowed)
    score.add("trunk_flexion", 3 * bowed)


def _hug(score: Score, stage: Stage) -> None:
    """Arms open wide, then close round someone in front, and hold."""
    in_s, out_s = coming_and_going(score, stage, 0.95, 0.7)
    start, scale = stage.start_s, min(1.0, stage.duration_s / (in_s + out_s))
    closing = rise(score.times_s, start + 0.45 * in_s * scale, start + in_s * scale)[:, None]
    low = score.rng.uniform(-8, 8)
    for i, side in enumerate(("left", "right")):
        up = low + (7 if i else -7)
        upper = toward(66, 58) + closing * (toward(70 + up, 26) - toward(66, 58))
        fore = toward(84, 34) + closing * (toward(88 + up, -62) - toward(84, 34))
        pose_arm(score, side, come_and_go(score, stage, side, 0.6 * in_s, out_s), upper, fore)
    score.add("trunk_flexion", 5 * score.window(stage, in_s, out_s))


def _aim(score: Score, stage: Stage) -> None:
    """Both hands together before the eyes, arms nearly straight; trunk and head turn to the target, and all is still."""
    in_s, out_s = coming_and_going(score, stage, 0.6, 0.6)
    held = score.window(stage, in_s, out_s)
    turn = {"left": 48.0, "right": -48.0}.get(stage.direction or "", 0.0)
    tilt = {"up": -28.0, "down": 24.0}.get(stage.direction or "", 0.0)
    lift = -0.035 - 0.004 * tilt
    for side in ("left", "right"):
        weight = come_and_go(score, stage, side, in_s, out_s)
        score.hand(side, weight, from_breast(score, side, 0.045, lift, 0.475), elbow=(0.4, -0.9, 0.0))
    score.add("trunk_turn", 0.8 * turn * held)
    score.add("trunk_flexion", 0.35 * tilt * held)
    score.add("head_turn", 0.2 * turn * held)
    score.add("head_flexion", (0.5 * tilt + 4) * held)


def _brush(score: Score, stage: Stage) -> None:
    """Hair: long strokes from the crown down beside the head; teeth: small quick ones at the mouth; else down something before one."""
    side = score.limbs(stage)[0]
    in_s, out_s = coming_and_going(score, stage, 0.6, 0.55)
    target = (stage.target or "hair").lower()
    teeth = "teeth" in target or "tooth" in target
    phase, size, _ = repeated(score, stage, 0.3 if teeth else 0.85, in_s, out_s)
    stroke = (size * bump(phase))[:, None]
    if teeth:
        begin, end, aside = (0.09, -0.075, 0.15), (0.055, -0.07, 0.165), (0.8, -0.4, 0.3)
    elif spot_of(target) == "head":
        begin, end, aside = (0.145, 0.165, 0.03), (0.19, -0.02, 0.01), (0.9, 0.0, 0.4)
    else:
        begin, end, aside = (0.16, -0.08, 0.44), (0.16, -0.3, 0.36), (0.6, -0.7, 0.0)
    for hand in score.limbs(stage):
        weight = come_and_go(score, stage, hand, in_s, out_s)
        at_head = teeth or spot_of(target) == "head"
        a, b = (np.array(p) if at_head else from_breast(score, hand, *p) for p in (begin, end))
        score.hand(hand, weight, a + stroke * (b - a), frame="head" if at_head else "chest", elbow=aside)
    if teeth or spot_of(target) == "head":
        score.add("head_bend", (4 if side == "left" else -4) * score.window(stage, in_s, out_s))


def _uncross_arms(score: Score, stage: Stage) -> None:
    """Folded arms open and go down; arms that are not folded are folded first, at once."""
    before = previous_on(score, stage, "left_arm")
    if before is not None and before.verb == "cross_arms":
        return
    t, start, length = score.times_s, stage.start_s, stage.duration_s
    up = rise(t, start, start + 0.42 * length) if start > 0.1 else np.ones(len(t))
    weight = up - rise(t, start + 0.5 * length, stage.end_s - 0.05 * length)
    for i, side in enumerate(("left", "right")):
        score.hand(side, weight, from_breast(score, side, -0.04, -0.235 + 0.04 * i, 0.192 + 0.04 * i), 8.0)


_ARM: Any = {"after": "", "before": SEATED_TOO}
_BOTH: Any = _ARM | {"side": "both"}
_ONE: Any = _ARM | {"side": "right"}

ARM_PLAY = (
    Action("bend_arm", _bend_arm, (0.1, 0.5), 1.4, (1, 5), cues=("elbow angle",), **_ONE),
    Action("shake", _shake, (0.8, 1.2), 0.26, (3, 10), cues=("wrist activity", "wrist upward speed"), **_ONE),
    Action("flail", _flail, (1.5, 5.0), cues=("wrist activity", "wrist speed"), **_BOTH),
    Action("clasp_hands", _clasp_hands, (1.5, 5.0), cues=("hands apart", "hand to belly"), **_ARM),
    Action("pray", _pray, (2.0, 6.0), cues=("hands apart", "wrist before the chest"), **_ARM),
    Action("hug", _hug, (2.0, 4.5), cues=("wrist before the chest", "elbow forward"), **_ARM),
    Action("aim", _aim, (1.5, 4.5), direction="forward", cues=("hands apart", "wrist forward"), **_ARM),
    Action("brush", _brush, (0.9, 1.4), 0.85, (1, 6), cues=("hand to head top", "wrist upward speed"), **_ONE),
    Action("uncross_arms", _uncross_arms, (0.8, 1.8), cues=("hand to other elbow",), **_ARM),
)
"""Further movements of the arms."""
