"""The trunk: bowing, bending, leaning, twisting, swaying."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.arm_poses import (
    count_of,
    from_breast,
    is_free,
    next_on,
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
from kinelang.timeline.performing.curves import rise
from kinelang.timeline.performing.going import SIGN
from kinelang.timeline.performing.score import Score
from kinelang.timeline.schema import Stage


def _down_and_up(score: Score, stage: Stage, held: float) -> Array:
    """One hill for each repetition, times its size; the top is held. (T,)"""
    n = stage.count or 1
    phase = uneven(score, score.phase(stage, n), n, 0.07)
    return plateau(phase, held) * sizes(score, phase, n, 0.05)


def fold_forward(score: Score, weight: Array, hips_deg: float, trunk_deg: float) -> None:
    """Bend forward at the hips and along the spine; the hips go back for balance, the knees give a little."""
    score.add("pelvis_tilt", hips_deg * weight)
    score.add("trunk_flexion", trunk_deg * weight)
    score.add("shift_forward", -0.0021 * hips_deg * weight)
    score.add("shift_up", -0.0008 * hips_deg * weight)


def _kept(score: Score, stage: Stage, weight: Array) -> Array:
    """The weight, which stays at the top of the last repetition if a `straighten` comes next on the trunk, until that is done. (T,)"""
    after = next_on(score, stage, "torso")
    if after is None or after.verb != "straighten":
        return weight
    t = score.times_s
    top = stage.end_s - 0.5 * stage.duration_s / (stage.count or 1)
    return np.where(t < top, weight, 1.0) - rise(t, after.start_s, after.end_s - 0.1 * after.duration_s)


def _bow(score: Score, stage: Stage) -> None:
    """Hips and trunk forward with a flat back, the head following, the arms along the body; down, a moment's rest, up."""
    weight = _down_and_up(score, stage, score.rng.uniform(0.1, 0.35))
    amount = stage.amount or 1.0
    depth = float(np.clip(varied(score, 52, 0.08) * amount, 18, 88))
    fold_forward(score, weight, 0.62 * depth, 0.38 * depth)
    if is_free(score, stage, "head"):
        score.add("head_flexion", 14 * weight)
    rng = score.rng
    along = rng.uniform(0.22, 0.42)
    manner = str(rng.choice(["along", "folded", "thighs", "hips", "behind", "out"], p=[0.5, 0.16, 0.12, 0.08, 0.08, 0.06]))
    # The hands come before the trunk goes down, and go after it is up.
    held = score.window(stage, 0.2 * stage.duration_s / (stage.count or 1), 0.2 * stage.duration_s / (stage.count or 1))
    for side in ("left", "right"):
        if not is_free(score, stage, f"{side}_arm"):
            continue
        match manner:
            case "along":
                score.hand(side, np.clip(weight, 0, 1), (0.1, -0.93, along), 0.0)
            case "folded":
                score.hand(side, held, from_breast(score, side, 0.03, rng.uniform(-0.4, -0.3), 0.16), 25.0)
            case "thighs":
                score.hand(side, held, (-0.05, -0.86, 0.4), 15.0)
            case "hips":
                score.hand(side, held, (0.02, -0.72, 0.02), 55.0)
            case "behind":
                score.hand(side, held, from_breast(score, side, 0.04, -0.4, -0.16), 30.0)
            case _:
                score.hand(side, np.clip(weight, 0, 1), (0.3, -0.9, -0.05), 8.0)


def _bend(score: Score, stage: Stage) -> None:
    """The trunk far over to one side, forward till the hands near the floor, or back; held for a moment."""
    weight = _kept(score, stage, _down_and_up(score, stage, score.rng.uniform(0.25, 0.5)))
    amount = stage.amount or 1.0
    match stage.direction:
        case "left" | "right":
            _bend_aside(score, stage, weight, amount)
        case "backward":
            back = float(np.clip(varied(score, 30, 0.08) * amount, 12, 50))
            score.add("trunk_flexion", -back * weight)
            score.add("pelvis_tilt", -0.35 * back * weight)
            score.add("shift_forward", 0.003 * back * weight)
            score.add("shift_up", -0.0006 * back * weight)
            if is_free(score, stage, "head"):
                score.add("head_flexion", -0.6 * back * weight)
        case _:
            depth = float(np.clip(varied(score, 92, 0.06) * amount, 40, 138))
            fold_forward(score, weight, 0.55 * depth, 0.45 * depth)
            if is_free(score, stage, "head"):
                score.add("head_flexion", 10 * weight)
            _hang_down(score, stage, weight, depth)


def _hang_down(score: Score, stage: Stage, weight: Array, depth: float) -> None:
    """Hands that hang towards the floor before the shins."""
    for side in ("left", "right"):
        if is_free(score, stage, f"{side}_arm"):
            score.hand(side, np.clip(weight, 0, 1), (-0.12, -0.97, 0.12 - 0.001 * depth), 6.0, "upright")


def _bend_aside(score: Score, stage: Stage, weight: Array, amount: float) -> None:
    sign = 1.0 if stage.direction == "left" else -1.0
    aside = float(np.clip(varied(score, 36, 0.08) * amount, 14, 58))
    score.add("trunk_bend", sign * aside * weight)
    score.add("pelvis_bend", sign * 0.2 * aside * weight)
    score.add("shift_left", -sign * 0.0022 * aside * weight)
    if is_free(score, stage, "head"):
        score.add("head_bend", sign * 0.3 * aside * weight)
    near, far = ("left", "right") if sign > 0 else ("right", "left")
    over_head = score.rng.random() < 0.35
    if is_free(score, stage, f"{near}_arm"):
        score.hand(near, 0.9 * np.clip(weight, 0, 1), (0.2, -0.95, 0.08))
    if is_free(score, stage, f"{far}_arm"):
        if over_head:
            lift_s = 0.45 * stage.duration_s / (stage.count or 1)
            up = score.window(stage, lift_s, lift_s)
            elevation = 14 + 158 * up
            pose_arm(
                score, far, score.window(stage, 0.4 * lift_s, 0.4 * lift_s), toward(elevation, 80), toward(elevation + 14 * up, 76)
            )
        else:
            score.hand(far, 0.9 * np.clip(weight, 0, 1), (0.14, -0.95, 0.08))


def _lean(score: Score, stage: Stage) -> None:
    """The body a little over to one side, and held there."""
    in_s, out_s = varied(score, 0.8, 0.2) * quickness(stage), varied(score, 0.7, 0.2) * quickness(stage)
    weight = score.window(stage, in_s, out_s)
    size = float(np.clip(varied(score, 19, 0.1) * (stage.amount or 1.0), 8, 32))
    match stage.direction:
        case "left" | "right":
            sign = 1.0 if stage.direction == "left" else -1.0
            score.add("trunk_bend", sign * 0.75 * size * weight)
            score.add("pelvis_bend", sign * 0.25 * size * weight)
            score.add("shift_left", sign * 0.0022 * size * weight)
            far = "right" if sign > 0 else "left"
            if is_free(score, stage, f"{far}_arm"):
                score.hand(far, 0.6 * weight, (0.16, -0.95, 0.08))
        case "backward":
            score.add("trunk_flexion", -0.65 * size * weight)
            score.add("pelvis_tilt", -0.35 * size * weight)
            score.add("shift_forward", 0.0012 * size * weight)
        case _:
            score.add("trunk_flexion", 0.55 * size * weight)
            score.add("pelvis_tilt", 0.6 * size * weight)
            score.add("shift_forward", 0.0005 * size * weight)


def _twist(score: Score, stage: Stage) -> None:
    """The shoulders turn over standing feet, the arms, a little raised, go with them; with no direction to both sides in turn."""
    n = count_of(stage, 1.3)
    phase = uneven(score, score.phase(stage, n), n, 0.07)
    hill = plateau(phase, score.rng.uniform(0.05, 0.25)) * sizes(score, phase, n, 0.06)
    if stage.direction is None:
        first = 1.0 if score.rng.random() < 0.5 else -1.0
        turn = first * hill * (1 - 2 * np.mod(np.floor(np.minimum(phase, n - 1e-6)), 2))
    else:
        turn = hill * (1.0 if stage.direction == "left" else -1.0)
    angle = float(np.clip(varied(score, 46, 0.08) * (stage.amount or 1.0), 18, 72))
    score.add("trunk_turn", angle * turn)
    score.add("pelvis_turn", 0.28 * angle * turn)
    if is_free(score, stage, "head"):
        score.add("head_turn", 0.25 * angle * turn)
    bent, lift = score.rng.random() < 0.6, score.rng.uniform(44, 78)
    weight = score.window(stage, 0.3, 0.35)
    for side, sign in SIGN.items():
        if is_free(score, stage, f"{side}_arm"):
            ahead = 18 * sign * turn  # the arm behind is drawn along, the one in front leads
            if bent:
                pose_arm(score, side, weight, toward(lift, 58 - ahead), toward(88, -48 - ahead))
            else:
                pose_arm(score, side, weight, toward(36, 70 - 2 * ahead), toward(44, 55 - 2 * ahead))


def _sway(score: Score, stage: Stage) -> None:
    """The weight goes softly from foot to foot and the trunk with it: once to each side for each sway."""
    n = count_of(stage, 1.9)
    phase = uneven(score, score.phase(stage, n), n, 0.05)
    first = 1.0 if score.rng.random() < 0.5 else -1.0
    wave = first * to_and_fro(phase, n) * sizes(score, phase, n, 0.08)
    score.add("shift_left", varied(score, 0.06, 0.2) * wave)
    score.add("trunk_bend", varied(score, 13, 0.2) * wave)
    score.add("pelvis_bend", -varied(score, 3, 0.3) * wave)
    if is_free(score, stage, "head"):
        score.add("head_bend", varied(score, 5, 0.4) * wave)


def _straighten(score: Score, stage: Stage) -> None:
    """A bent trunk comes up; one that is upright is bent first, at once."""
    before = previous_on(score, stage, "torso")
    if before is not None and before.verb == "bend":
        return
    t, start, length = score.times_s, stage.start_s, stage.duration_s
    down = rise(t, start, start + 0.42 * length) if start > 0.1 else np.ones(len(t))
    depth = varied(score, 58, 0.15)
    weight = down - rise(t, start + 0.48 * length, stage.end_s - 0.05 * length)
    fold_forward(score, weight, 0.5 * depth, 0.5 * depth)


def _arch(score: Score, stage: Stage) -> None:
    """The back hollow: chest out, hips tipped forward, shoulders and head back; held."""
    in_s, out_s = varied(score, 0.7, 0.2) * quickness(stage), varied(score, 0.7, 0.2) * quickness(stage)
    weight = score.window(stage, in_s, out_s)
    back = varied(score, 27, 0.12)
    score.add("trunk_flexion", -back * weight)
    score.add("pelvis_tilt", 0.4 * back * weight)
    score.add("shift_forward", 0.02 * weight)
    if is_free(score, stage, "head"):
        score.add("head_flexion", -0.5 * back * weight)
    for side in SIGN:
        if is_free(score, stage, f"{side}_arm"):
            score.hand(side, 0.8 * weight, (0.2, -0.9, -0.2))


def _circle_hips(score: Score, stage: Stage) -> None:
    """The hips go round over standing feet, the shoulders stay; hands at the waist where they are free."""
    n = count_of(stage, 1.5)
    u = score.phase(stage, n)
    phase = u + 0.03 * np.sin(np.pi * u + score.rng.uniform(0, 6))
    sign = -1.0 if stage.direction == "right" else 1.0
    weight = score.window(stage, 0.5, 0.5)
    radius = varied(score, 0.085, 0.15) * weight
    forward, left = np.cos(2 * np.pi * phase), sign * np.sin(2 * np.pi * phase)
    score.add("shift_forward", 0.8 * radius * forward)
    score.add("shift_left", radius * left)
    score.add("shift_up", -0.025 * weight)
    score.add("pelvis_tilt", -60 * radius * forward)
    score.add("trunk_flexion", -50 * radius * forward)
    score.add("pelvis_bend", -40 * radius * left)
    score.add("trunk_bend", -70 * radius * left)
    for side in SIGN:
        if is_free(score, stage, f"{side}_arm"):
            score.hand(side, weight, from_breast(score, side, 0.215, -0.35, 0.03), 62.0)


def _shake_body(score: Score, stage: Stage) -> None:
    """Shoulders and trunk turn to and fro, small and fast."""
    n = count_of(stage, 0.36)
    phase = uneven(score, score.phase(stage, n), n, 0.08)
    turn = to_and_fro(phase, n) * sizes(score, phase, n, 0.15)
    score.add("trunk_turn", varied(score, 15, 0.15) * turn)
    score.add("pelvis_turn", -4 * turn)
    score.add("head_turn", -8 * turn)
    shiver = score.window(stage, 0.3, 0.3)
    score.add("shrug_left", 5 * shiver)
    score.add("shrug_right", 5 * shiver)
    score.add("shift_up", -0.02 * shiver)


TRUNK = (
    Action("bow", _bow, (0.3, 0.8), 1.7, (1, 3), (0.6, 1.5), cues=("trunk forward", "neck forward")),
    Action("bend", _bend, (0.3, 1.2), 2.2, (1, 3), (0.6, 1.4), direction="forward", cues=("trunk forward", "trunk leftward")),
    Action("lean", _lean, (1.3, 4.0), amount=(0.6, 1.5), direction="forward", cues=("trunk leftward", "trunk forward")),
    Action("twist", _twist, (0.1, 0.4), 1.3, (1, 5), (0.6, 1.4), cues=("trunk twist left",)),
    Action("straighten", _straighten, (0.9, 2.0), cues=("trunk forward",)),
    Action("arch", _arch, (1.5, 3.5), cues=("trunk forward", "neck forward")),
    Action("circle_hips", _circle_hips, (0.2, 0.6), 1.5, (1, 5), direction="left", cues=("hips tilt left", "pelvis tilt forward")),
    Action("shake_body", _shake_body, (0.1, 0.4), 0.36, (3, 10), cues=("trunk twist left",)),
    Action("sway", _sway, (0.1, 0.4), 1.9, (1, 5), cues=("trunk leftward",)),
)
"""Movements of the trunk over standing feet."""
