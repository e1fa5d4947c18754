"""Large movements of the arms: raising, lowering, stretching out, pointing, circling, swinging, arms held in a pose."""

from __future__ import annotations

from typing import Any

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.arm_poses import (
    COMING,
    SEATED_TOO,
    azimuth_of,
    come_and_go,
    count_of,
    from_breast,
    is_free,
    plateau,
    pose_arm,
    previous_on,
    quickness,
    sizes,
    to_and_fro,
    toward,
    uneven,
    varied,
)
from kinelang.timeline.actions.base import Action
from kinelang.timeline.performing.curves import bump, drift, rise
from kinelang.timeline.performing.going import SIGN
from kinelang.timeline.performing.score import Score
from kinelang.timeline.schema import Stage


def raised(score: Score, direction: str | None, side: str, amount: float, bend_deg: float) -> tuple[Array, Array]:
    """Directions of upper arm and forearm of an arm raised there; amount 1: level, for "up" overhead."""
    if direction == "up":
        elevation, azimuth = float(np.clip(75 + 88 * amount, 100, 172)), varied(score, 32, 0.5)
    else:
        elevation, azimuth = float(np.clip(88 * amount, 25, 150)), azimuth_of(direction, side) + varied(score, 4, 1.0)
    inward = azimuth if abs(azimuth) < 60 else azimuth - bend_deg * 0.7
    return toward(elevation, azimuth), toward(min(elevation + 0.7 * bend_deg, 178), inward)


def _raise_arm(score: Score, stage: Stage) -> None:
    """The arm goes up, stays for the middle of the stage and comes down again, or stays up until it is lowered."""
    alternating = stage.side == "alternating"
    n = stage.count or (max(2, round(stage.duration_s / 1.6)) if alternating else 1)
    bend, held = varied(score, 15, 0.6), score.rng.uniform(0.25, 0.5)
    phase = uneven(score, score.phase(stage, n), n, 0.06)
    size = sizes(score, phase, n, 0.05)
    sides = score.limbs(stage)
    first = int(score.rng.integers(2))
    part_s = stage.duration_s / n * 0.5 * (1 - held)
    for i, side in enumerate(sides):
        mine = n - 1 if not alternating or (n - 1 + first) % 2 == i else n - 2
        weight = plateau(phase, held)
        if alternating:
            weight = weight * (np.mod(np.floor(phase) + first, 2) == i)
        else:
            kept = come_and_go(score, stage, side, part_s, part_s)
            weight = np.where(phase < mine + 0.5, weight, kept) if n > 1 else kept
        upper, fore = raised(score, stage.direction, side, stage.amount or 1.0, bend)
        pose_arm(score, side, weight, _rest_mix(upper, size), _rest_mix(fore, size), "upright")


def _rest_mix(direction: Array, size: Array) -> Array:
    """A direction a little nearer to or farther from hanging, by the size of each repetition."""
    return np.asarray(direction + (size[:, None] - 1) * (direction - np.array([0.0, -1.0, 0.0])))


def _lower_arm(score: Score, stage: Stage) -> None:
    """The stage before keeps the arm up until this one takes it down; an arm that hangs is raised first, at once."""
    t = score.times_s
    for side in score.limbs(stage):
        before = previous_on(score, stage, f"{side}_arm")
        upper, fore = raised(score, "forward" if score.rng.random() < 0.5 else "up", side, varied(score, 1.0), varied(score, 18, 0.5))
        if before is not None and before.verb in COMING and before.side != "alternating":
            continue
        up = rise(t, stage.start_s, stage.start_s + 0.42 * stage.duration_s) if stage.start_s > 0.1 else np.ones(len(t))
        down = rise(t, stage.start_s + 0.48 * stage.duration_s, stage.end_s - 0.05 * stage.duration_s)
        pose_arm(score, side, up - down, upper, fore, "upright")


def _extend_arm(score: Score, stage: Stage) -> None:
    """The hand comes up close to the body, then goes straight out, and stays."""
    in_s, out_s = varied(score, 0.8, 0.2) * quickness(stage), varied(score, 0.6, 0.2) * quickness(stage)
    level = varied(score, 88, 0.07)
    scale = min(1.0, stage.duration_s / (in_s + out_s))
    straight = rise(score.times_s, stage.start_s + 0.3 * in_s * scale, stage.start_s + in_s * scale)[:, None]
    for side in score.limbs(stage):
        azimuth = azimuth_of(stage.direction, side)
        upper, fore = toward(40, azimuth), toward(120, 0.5 * azimuth)
        upper = upper + straight * (toward(level, azimuth) - upper)
        fore = fore + straight * (toward(level + 5, azimuth - 5) - fore)
        weight = come_and_go(score, stage, side, 0.75 * in_s, out_s)
        pose_arm(score, side, weight, upper, fore, "upright")


def _point(score: Score, stage: Stage) -> None:
    """A straight arm to the target, held still; the head looks there."""
    side = score.limbs(stage)[0]
    in_s, out_s = varied(score, 0.55, 0.2) * quickness(stage), varied(score, 0.55, 0.2) * quickness(stage)
    elevation = {"up": 138.0, "down": 38.0}.get(stage.direction or "", 92.0) + 8 * score.rng.uniform(-1, 1)
    azimuth = azimuth_of(stage.direction, side)
    weight = come_and_go(score, stage, side, in_s, out_s)
    pose_arm(score, side, weight, toward(elevation - 6, azimuth + 3), toward(elevation + 6, azimuth - 4), "upright")
    to_left = {"left": 1.0, "right": -1.0}.get(stage.direction or "", 0.0)
    look = score.window(stage, 0.8 * in_s, out_s)
    if is_free(score, stage, "head"):
        score.add("head_turn", to_left * varied(score, 42) * look)
        score.add("head_flexion", {"up": -22.0, "down": 24.0}.get(stage.direction or "", 0.0) * look)
    score.add("trunk_turn", (to_left * 10 - SIGN[side] * 5 * (to_left == 0)) * look)


def _stretch(score: Score, stage: Stage) -> None:
    """Both arms up and back, the trunk long and arched, the head back; with a little swaying at the top."""
    amount, n = stage.amount or 1.0, stage.count or 1
    phase = uneven(score, score.phase(stage, n), n, 0.08)
    up = plateau(phase, score.rng.uniform(0.2, 0.4))
    elevation, azimuth = min(155 + 14 * amount, 178), varied(score, 26, 0.4)
    back = varied(score, 10, 0.3) * amount
    for side in ("left", "right"):
        fore = toward(elevation + 8, azimuth - 40) + np.array([0.0, 0.0, -0.12 * amount])
        pose_arm(score, side, up, toward(elevation - 4, azimuth + 25) + np.array([0.0, 0.0, -0.18 * amount]), fore)
    late = plateau(phase, 0.15)
    score.add("trunk_flexion", -back * late)
    score.add("pelvis_tilt", -0.3 * back * late)
    score.add("shift_forward", 0.035 * amount * late)
    if is_free(score, stage, "head"):
        score.add("head_flexion", -varied(score, 16, 0.4) * amount * late)
    score.add("trunk_bend", late * drift(score.times_s, score.rng, 3.0, 0.2, 0.6))


def _circle_arms(score: Score, stage: Stage) -> None:
    """Straight arms go round at the shoulder: up in front and down behind for "backward", the other way for "forward"."""
    n = count_of(stage, 1.0, 0.4)
    in_s = 0.3 * quickness(stage)
    phase = _round(score.phase(stage, n), n)
    phase = phase + 0.035 * np.sin(np.pi * phase + score.rng.uniform(0, 6)) * np.sin(np.pi * np.clip(phase / n, 0, 1))
    angle = 360.0 * phase * (-1.0 if stage.direction == "forward" else 1.0)
    out, bend = varied(score, 24, 0.3), varied(score, 10, 0.4)
    weight = score.window(stage, in_s, in_s)
    for side in score.limbs(stage):
        pose_arm(score, side, weight, _circle(angle - 0.5 * bend, out), _circle(angle + 0.5 * bend, out - 4))
    if stage.side == "both":
        score.add("trunk_flexion", -4 * weight * np.cos(np.radians(angle)))


def _round(phase: Array, n: int) -> Array:
    """The phase with a soft start and end."""
    u = np.clip(phase / n, 0, 1)
    soft = min(0.2, 0.35 / n)
    ramp = np.where(u < soft, u * u / (2 * soft), np.where(u > 1 - soft, 1 - soft - (1 - u) ** 2 / (2 * soft), u - soft / 2))
    return np.asarray(n * ramp / (1 - soft))


def _circle(angle_deg: Array, out_deg: float) -> Array:
    """Direction on a circle beside the body: 0 down, 90 forward, 180 up."""
    a = np.radians(angle_deg)
    out = np.full(len(a), np.tan(np.radians(out_deg)) * 0.9)
    direction = np.stack([out, -np.cos(a), np.sin(a)], axis=-1)
    return np.asarray(direction / np.linalg.norm(direction, axis=-1, keepdims=True))


def _swing_arms(score: Score, stage: Stage) -> None:
    """Loose arms swing forward and back from the shoulder, together or in turn."""
    n = count_of(stage, 1.05, 0.2)
    phase = uneven(score, score.phase(stage, n), n, 0.06)
    size = sizes(score, phase, n, 0.1)
    ahead, behind = varied(score, 62, 0.2), varied(score, 30, 0.2)
    for i, side in enumerate(score.limbs(stage)):
        turn = -1.0 if stage.side == "alternating" and i else 1.0
        wave = to_and_fro(phase, n) * turn * size
        angle = 0.5 * (ahead + behind) * wave + 0.5 * (ahead - behind) * wave**2
        elbow = 11 + 7 * wave
        weight = score.window(stage, 0.2, 0.25)
        pose_arm(score, side, weight, _circle(angle - 3, 9.0), _circle(angle + elbow, 7.0))
    if stage.side == "both":
        score.add("trunk_flexion", 3 * np.sin(2 * np.pi * phase + 0.6) * score.window(stage, 0.2, 0.2))


def _flap(score: Score, stage: Stage) -> None:
    """Both arms beat up and down at the sides, the forearms a little behind."""
    n = count_of(stage, 0.75, 0.2)
    phase = uneven(score, score.phase(stage, n, 0.1, 0.1), n, 0.08)
    size = sizes(score, phase, n, 0.1)
    low, high = varied(score, 28, 0.2), varied(score, 104, 0.08)
    lag = 0.09
    for side in ("left", "right"):
        upper = low + (high - low) * bump(phase) * size
        fore = low - 6 + (high - low + 18) * bump(np.clip(phase - lag, 0, n)) * size
        pose_arm(score, side, score.window(stage, 0.25, 0.3), toward(upper, 80), toward(fore, 74))
    score.add("shrug_left", 8 * bump(phase) * score.window(stage))
    score.add("shrug_right", 8 * bump(phase) * score.window(stage))


def _hands_on_hips(score: Score, stage: Stage) -> None:
    """Hands at the waist, elbows out."""
    in_s, out_s = varied(score, 0.7, 0.2) * quickness(stage), varied(score, 0.6, 0.2) * quickness(stage)
    height, forward, elbow = varied(score, -0.355, 0.05), 0.03 + 0.02 * score.rng.uniform(-1, 1), varied(score, 62, 0.15)
    for side in score.limbs(stage):
        place = from_breast(score, side, 0.215, height, forward)
        score.hand(side, come_and_go(score, stage, side, in_s, out_s), place, elbow)


def _cross_arms(score: Score, stage: Stage) -> None:
    """Forearms folded before the chest, one over the other."""
    in_s, out_s = varied(score, 0.8, 0.2) * quickness(stage), varied(score, 0.7, 0.2) * quickness(stage)
    over = "left" if score.rng.random() < 0.5 else "right"
    height = varied(score, -0.235, 0.08)
    for side in ("left", "right"):
        above = side == over
        place = from_breast(score, side, -0.045, height + (0.03 if above else -0.02), 0.232 if above else 0.19)
        score.hand(side, come_and_go(score, stage, side, in_s, out_s), place, 8.0)


_ARM: Any = {"after": "", "before": SEATED_TOO}

ARMS = (
    Action("raise_arm", _raise_arm, (0.5, 1.5), 1.3, (1, 4), (0.6, 1.2), side="right", direction="up", cues=("elbow angle",), **_ARM),
    Action("lower_arm", _lower_arm, (1.0, 2.0), side="right", cues=("wrist upward speed",), **_ARM),
    Action("extend_arm", _extend_arm, (1.3, 4.0), side="right", direction="forward", cues=("elbow angle", "wrist forward"), **_ARM),
    Action("point", _point, (1.2, 3.5), side="right", direction="forward", cues=("elbow angle", "wrist forward"), **_ARM),
    Action("stretch", _stretch, (1.0, 2.5), 1.6, (1, 3), (0.7, 1.4), cues=("wrist above head", "trunk forward"), **_ARM),
    Action("circle_arms", _circle_arms, (0.3, 0.6), 1.0, (1, 6), side="both", direction="forward", cues=("elbow forward",), **_ARM),
    Action("swing_arms", _swing_arms, (0.2, 0.4), 1.05, (2, 6), side="both", cues=("wrist forward",), **_ARM),
    Action("flap", _flap, (0.2, 0.4), 0.75, (2, 8), cues=("elbow outward", "wrist upward speed"), **_ARM),
    Action("hands_on_hips", _hands_on_hips, (1.5, 5.0), side="both", cues=("hand to hip", "elbow outward"), **_ARM),
    Action("cross_arms", _cross_arms, (1.6, 5.0), cues=("hand to other elbow",), **_ARM),
)  # fmt: skip
"""Large movements and held poses of the arms."""
