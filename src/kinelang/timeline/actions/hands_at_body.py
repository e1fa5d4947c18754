"""Hands at one's own body and face: phoning, drinking, eating, scratching, touching; and writing."""

from __future__ import annotations

from typing import Any

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.arm_poses import (
    SEATED_TOO,
    come_and_go,
    count_of,
    from_breast,
    is_free,
    plateau,
    posture_at,
    quickness,
    sizes,
    uneven,
    varied,
)
from kinelang.timeline.actions.base import Action
from kinelang.timeline.performing.curves import bump, drift
from kinelang.timeline.performing.going import SIGN
from kinelang.timeline.performing.score import Frame, Score
from kinelang.timeline.schema import Stage


def _phone(score: Score, stage: Stage) -> None:
    """The hand at the ear, the elbow down, the head leaning to it; now and then a nod or a look aside."""
    side = score.limbs(stage)[0]
    t = score.times_s
    in_s, out_s = varied(score, 0.9, 0.2) * quickness(stage), varied(score, 0.8, 0.2) * quickness(stage)
    weight = come_and_go(score, stage, side, in_s, out_s)
    place = np.array([0.125, -0.06, 0.075]) + drift(t, score.rng, 0.006)[:, None] * np.array([1.0, 1.0, 0.5])
    score.hand(side, weight, place, frame="head", elbow=(varied(score, 0.5, 0.4), -0.8, varied(score, 0.35, 0.4)))
    held = score.window(stage, in_s, out_s)
    score.add("head_bend", SIGN[side] * varied(score, 7, 0.4) * held)
    if is_free(score, stage, "head"):
        score.add("head_turn", held * drift(t, score.rng, 6.0, 0.08, 0.4))
        score.add("head_flexion", held * (4 + drift(t, score.rng, 3.0, 0.2, 0.9)))


def _drink(score: Score, stage: Stage) -> None:
    """A cup from before the chest to the mouth; with each sip the head goes back and the hand up.

    Wrist and elbow as in CMU's 13_07, 13_08, 14_04, 14_05 and 14_37, where the cup is a bottle.
    """
    side = score.limbs(stage)[0]
    in_s, out_s = varied(score, 0.6, 0.2) * quickness(stage), varied(score, 0.6, 0.2) * quickness(stage)
    n = count_of(stage, 2.0, 0.6 * (in_s + out_s))
    phase = uneven(score, score.phase(stage, n, 0.5 * in_s, 0.5 * out_s), n)
    size = sizes(score, phase, n)
    sip, tilt = plateau(phase, 0.45), plateau(phase, 0.25) * size
    weight = come_and_go(score, stage, side, in_s, out_s)
    score.hand(side, weight, from_breast(score, side, 0.1, -0.2, 0.3), 8.0)
    mouth = np.array([0.11, -0.065, 0.175]) + tilt[:, None] * np.array([0.015, 0.05, 0.02])
    aside = np.array([0.6, -0.66, 0.5]) + tilt[:, None] * np.array([0.15, 0.3, 0.07])
    score.hand(side, sip, mouth, frame="head", elbow=aside)
    score.add("head_flexion", -varied(score, 22, 0.2) * tilt)
    score.add("trunk_flexion", -4 * tilt)


def _eat(score: Score, stage: Stage) -> None:
    """Small bites: the hand goes from low before the body to the mouth and soon back; the head comes to meet it."""
    side = score.limbs(stage)[0]
    in_s, out_s = varied(score, 0.5, 0.2) * quickness(stage), varied(score, 0.5, 0.2) * quickness(stage)
    n = count_of(stage, 1.15, 0.6 * (in_s + out_s))
    phase = uneven(score, score.phase(stage, n, 0.5 * in_s, 0.5 * out_s), n)
    bite = plateau(phase, 0.12)
    weight = come_and_go(score, stage, side, in_s, out_s)
    score.hand(side, weight, from_breast(score, side, 0.1, varied(score, -0.33, 0.08), varied(score, 0.27, 0.1)), 6.0)
    score.hand(side, bite, (0.045, -0.09, 0.145), frame="head", elbow=(0.45, -0.75, 0.45))
    lean = score.window(stage, in_s, out_s)
    score.add("head_flexion", 9 * lean + 9 * bite)
    score.add("trunk_flexion", 3 * lean + 3 * bite)


def _scratch(score: Score, stage: Stage) -> None:
    """The hand somewhere on the body, rubbing to and fro in small, quick strokes."""
    side = score.limbs(stage)[0]
    place, elbow, frame, rub = _spot(score, stage, side, stage.target or "head")
    in_s, out_s = varied(score, 0.6, 0.2) * quickness(stage), varied(score, 0.55, 0.2) * quickness(stage)
    n = count_of(stage, 0.3, in_s + out_s)
    phase = uneven(score, score.phase(stage, n, 0.9 * in_s, 0.9 * out_s), n)
    stroke = sizes(score, phase, n, 0.2) * (bump(phase) - 0.5)
    weight = come_and_go(score, stage, side, in_s, out_s)
    score.hand(side, weight, place + stroke[:, None] * rub, frame=frame, elbow=elbow)
    _come_to_meet(score, stage, side, stage.target or "head", score.window(stage, in_s, out_s))


def _touch(score: Score, stage: Stage) -> None:
    """The hand goes there and stays, still."""
    target = stage.target or "head"
    in_s, out_s = varied(score, 0.7, 0.2) * quickness(stage), varied(score, 0.65, 0.2) * quickness(stage)
    for side in score.limbs(stage):
        place, elbow, frame, _ = _spot(score, stage, side, target)
        score.hand(side, come_and_go(score, stage, side, in_s, out_s), place, frame=frame, elbow=elbow)
    held = score.window(stage, in_s, out_s)
    one = score.limbs(stage)[0] if len(score.limbs(stage)) == 1 else ""
    _come_to_meet(score, stage, one, target, held)


_SPOTS: dict[str, tuple[str, tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]] = {
    "head": ("head", (0.15, 0.13, 0.045), (0.9, 0.0, 0.4), (0.02, 0.035, -0.02)),
    "face": ("head", (0.06, -0.07, 0.115), (0.35, -0.75, 0.55), (0.015, 0.035, 0.0)),
    "neck": ("head", (0.14, -0.03, -0.03), (0.7, 0.1, 0.7), (0.0, 0.04, 0.01)),
    "chest": ("breast", (0.03, -0.16, 0.185), (0.8, -0.5, 0.0), (0.06, 0.03, 0.0)),
    "belly": ("breast", (0.075, -0.34, 0.2), (0.9, -0.2, -0.2), (0.06, 0.0, 0.0)),
    "hip": ("breast", (0.22, -0.4, 0.05), (0.7, 0.0, -0.7), (0.0, 0.05, 0.03)),
    "back": ("breast", (0.1, -0.36, -0.14), (0.8, 0.0, -0.5), (0.03, 0.06, 0.0)),
    "shoulder": ("breast", (-0.09, -0.08, 0.17), (0.5, -0.7, 0.5), (0.03, 0.05, 0.0)),
    "arm": ("breast", (-0.1, -0.2, 0.19), (0.5, -0.8, 0.0), (0.0, 0.08, 0.02)),
    "leg": ("ground", (0.14, 0.75, 0.1), (0.5, 0.0, -0.8), (0.0, 0.08, -0.01)),
    "knee": ("ground", (0.125, 0.545, 0.18), (0.5, 0.2, -0.6), (0.0, 0.05, 0.0)),
    "front": ("breast", (0.14, -0.1, 0.47), (0.5, -0.8, 0.0), (0.03, 0.05, 0.0)),
}
"""Places for the wrist: frame ("breast": metres from the middle between the shoulders), place, side of the elbow, stroke of a rub."""

_WORDS = {
    "head": "head hair forehead top temple",
    "face": "face mouth nose cheek chin eye eyes lips beard ear",
    "neck": "neck nape throat",
    "chest": "chest heart breast",
    "belly": "belly stomach abdomen waist",
    "hip": "hip hips side",
    "back": "back butt bottom",
    "shoulder": "shoulder shoulders",
    "arm": "arm elbow forearm wrist hand",
    "leg": "leg thigh legs thighs",
    "knee": "knee knees foot feet ankle toes shin",
}
_SPOT_OF = {word: spot for spot, words in _WORDS.items() for word in words.split()}


def spot_of(target: str) -> str:
    """Which part of one's own body the words mean; "front": none, something before the body."""
    return next((_SPOT_OF[word] for word in reversed(target.lower().split()) if word in _SPOT_OF), "front")


def _spot(score: Score, stage: Stage, side: str, target: str) -> tuple[Array, Array, Frame, Array]:
    """Place, side of the elbow, frame and stroke of a rub for a target in words, as `Score.hand` takes them."""
    frame, place, elbow, rub = _SPOTS[spot_of(target)]
    near = np.array(place) + score.rng.uniform(-0.015, 0.015, 3) * np.array([1.0, 1.0, 0.3])
    aside = np.array(elbow) + score.rng.uniform(-0.12, 0.12, 3)
    if frame == "head":
        return near, aside, "head", np.array(rub)
    if frame == "ground":
        if posture_at(score, stage) != "standing":
            near = np.array([0.14, 0.62, 0.42]) if posture_at(score, stage) == "sitting" else np.array([0.13, 0.5, 0.16])
        legs = float(np.abs(score.person.skeleton.offsets[[4, 7], 1]).sum()) / 0.813
        return near * np.array([1.0, legs, 1.0]), aside, "ground", np.array(rub)
    return from_breast(score, side, *near), aside, "chest", np.array(rub) / 0.52


def _come_to_meet(score: Score, stage: Stage, side: str, target: str, held: Array) -> None:
    """What trunk and head do so that the hand gets there."""
    spot = spot_of(target)
    if spot in ("leg", "knee"):
        low = 1.0 if spot == "knee" else 0.3
        if posture_at(score, stage) != "standing":
            score.add("trunk_flexion", 16 * low * held)
            return
        score.add("pelvis_tilt", 42 * low * held)
        score.add("trunk_flexion", 34 * low * held)
        score.add("shift_forward", -0.1 * low * held)
        score.add("shift_up", -0.08 * low * held)
        if side:
            score.add("trunk_bend", SIGN[side] * 8 * held)
    elif spot == "arm" and side:
        other = "left" if side == "right" else "right"
        if is_free(score, stage, f"{other}_arm"):
            score.hand(other, held, from_breast(score, other, 0.17, -0.33, 0.22), 4.0)
    elif spot == "head":
        score.add("head_flexion", 5 * held)
        if side:
            score.add("head_bend", SIGN[side] * 6 * held)
    elif spot in ("belly", "face"):
        score.add("head_flexion", 6 * held)


def _write(score: Score, stage: Stage) -> None:
    """The hand before the shoulder draws small quick strokes while it moves outward, line after line; the eyes follow it."""
    side = score.limbs(stage)[0]
    t = score.times_s
    in_s, out_s = varied(score, 0.6, 0.2) * quickness(stage), varied(score, 0.55, 0.2) * quickness(stage)
    speed = stage.speed or 1.0
    lines = max(1, round(stage.duration_s * speed / 3.2))
    phase = score.phase(stage, lines, 0.7 * in_s, 0.7 * out_s)
    x = np.mod(phase, 1.0)
    along = np.where(x < 0.86, x / 0.86, 0.5 + 0.5 * np.cos(np.pi * (x - 0.86) / 0.14))
    hz = varied(score, 2.1, 0.15) * speed**0.5
    writing = score.window(stage, in_s, out_s)
    up = 0.022 * np.sin(2 * np.pi * hz * t + score.rng.uniform(0, 6)) * writing
    out = 0.012 * np.sin(2 * np.pi * 0.77 * hz * t + score.rng.uniform(0, 6)) * writing
    height = score.rng.uniform(-0.12, 0.06) - 0.035 * phase.clip(0, 4)
    place = from_breast(score, side, 0.06 + 0.2 * along + out, height + up, 0.4)
    score.hand(side, come_and_go(score, stage, side, in_s, out_s), place, 10.0)
    if is_free(score, stage, "head"):
        score.add("head_turn", -SIGN[side] * (3 - 10 * along) * writing)
        score.add("head_flexion", (10 - 60 * height) * 0.6 * writing)


_HAND: Any = {"after": "", "before": SEATED_TOO}

HANDS_AT_BODY = (
    Action("phone", _phone, (3.0, 10.0), side="right", cues=("hand to ear",), **_HAND),
    Action("drink", _drink, (0.5, 1.2), 2.0, (1, 3), side="right", cues=("hand to mouth", "head raised"), **_HAND),
    Action("eat", _eat, (0.5, 1.0), 1.15, (1, 6), side="right", cues=("hand to mouth",), **_HAND),
    Action("scratch", _scratch, (0.9, 1.4), 0.3, (3, 12), side="right", cues=("hand to head top", "wrist activity"), **_HAND),
    Action("touch", _touch, (1.3, 4.0), side="right", cues=("hand to head top", "hand to other shoulder", "hand to knee"), **_HAND),
    Action("write", _write, (2.5, 8.0), side="right", cues=("wrist activity", "wrist before the chest"), **_HAND),
)  # fmt: skip
"""Hands at one's own body, and writing."""
