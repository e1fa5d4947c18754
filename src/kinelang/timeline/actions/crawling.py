"""Crawling on hands and knees: opposite hand and knee go together, and stay where they were put down until they are lifted again."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.actions.arm_poses import varied
from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.flight import rate
from kinelang.timeline.actions.postures import Kept, bones_of
from kinelang.timeline.performing.curves import flow, minimum_jerk, rise, summed, window
from kinelang.timeline.performing.going import SIGN
from kinelang.timeline.performing.score import FootMove, Score
from kinelang.timeline.schema import Stage

_SWING = 0.8
"""Steps that a hand or knee is in the air, of the two of a cycle."""
_ANKLE_M, _KNEE_M, _WRIST_M = 0.095, 0.055, 0.045


def _crawl(score: Score, stage: Stage) -> None:
    """Down onto hands and knees, along the ground, and staying there."""
    t = score.times_s
    kept = Kept(score, stage, 1.0)
    begin = kept.during_in(0.85)
    count = stage.count or max(1, round((stage.end_s - begin) * (stage.speed or 1.0) ** 0.5 / 0.62))
    sign = -1.0 if stage.direction == "backward" else 1.0
    step_m = (
        float(np.clip(stage.amount / count, 0.08, 0.5)) if stage.amount is not None else varied(score, 0.3 if sign > 0 else 0.24, 0.15)
    )
    speed = window(t, begin, stage.end_s, 0.4, 0.4)
    gone = sign * count * summed(speed) / max(speed.sum(), 1e-9)
    score.drift_over_ground(np.zeros(len(t)), rate(score, step_m * gone), np.zeros(len(t)))
    for side in SIGN:  # the feet, once the person stands again
        score.move_foot(FootMove(side, begin, stage.end_s, stage.end_s, 0.05))
    first = "left" if score.rng.random() < 0.5 else "right"
    _on_all_fours(score, kept.weight, {side: (gone, step_m, 0.0 if side == first else 1.0) for side in SIGN})
    swing = np.sin(np.pi * gone) * kept.weight
    score.add("pelvis_bend", 4 * swing * SIGN[first])
    score.add("trunk_turn", 5 * swing * SIGN[first])


def _on_all_fours(score: Score, w: Array, limbs: dict[str, tuple[Array, float, float]]) -> None:
    """The posture, 0 standing to 1 on hands and knees, with what each side's limbs do: steps gone (T,), metres a step, steps late."""
    tall, thigh_m, shin_m, hip_m = bones_of(score)
    leg = thigh_m + shin_m
    behind = hip_m  # the hips lie behind the pelvis when the trunk is level
    knees = {side: _planted(*limb) for side, limb in limbs.items()}
    thighs = [np.where(up > 1e-3, thigh_m, np.sqrt(thigh_m**2 - np.minimum(ahead, 0.6 * thigh_m) ** 2)) for ahead, up in knees.values()]
    high = np.minimum(*thighs)  # of the hips over the knees that carry
    low = _KNEE_M + thigh_m + 0.01
    shin = np.sqrt(shin_m**2 - (_ANKLE_M - _KNEE_M) ** 2)
    score.add("shift_up", -(tall - low) * flow(w, [(0.0, 0.0), (0.2, 0.12), (0.85, 1.0), (1.0, 1.0)]))
    score.add("shift_up", (high - thigh_m) * w)
    score.add("shift_forward", (shin + behind) * flow(w, [(0.0, 0.0), (0.25, -0.1), (0.9, 1.0), (1.0, 1.0)]))
    score.add("pelvis_tilt", flow(w, [(0.0, 0.0), (0.5, 48.0), (0.95, 80.0), (1.0, 80.0)]))
    score.add("trunk_flexion", flow(w, [(0.0, 0.0), (0.4, 38.0), (0.95, 8.0), (1.0, 8.0)]))
    score.add("head_flexion", flow(w, [(0.0, 0.0), (1.0, -38.0)]))
    reach = varied(score, 0.44, 0.06)
    for side, (gone, step_m, late) in limbs.items():
        ahead, up = knees[side]
        place = np.stack([0.0 * w, _ANKLE_M - _KNEE_M - high + 0.6 * up, ahead - shin], axis=1) / leg
        score.hold_foot(side, rise(w, 0.3, 0.75), place, 64.0)
        ahead, up = _planted(gone, step_m, 1.0 - late)
        hand = np.stack([0.16 + 0 * w, _WRIST_M + up, reach + ahead], axis=1)
        score.hand(side, rise(w, 0.25, 0.8), hand, 8.0, "ground")


def _planted(gone: Array, step_m: float, late: float) -> tuple[Array, Array]:
    """How far before its middle place a hand or knee is, and how high; metres (T,)."""
    q = np.mod(gone - late, 2.0)
    half = 0.5 * (2.0 - _SWING)
    swinging = q < _SWING
    u = q / _SWING
    ahead = np.where(swinging, -half - q + (2 * half + _SWING) * minimum_jerk(u), half - (q - _SWING))
    return ahead * step_m, np.where(swinging, 0.055 * np.sin(np.pi * u) ** 2, 0.0)


CRAWLING = (
    Action(
        "crawl", _crawl, (1.5, 2.0), 0.6, (3, 8), (0.8, 2.4), direction="forward", after="on all fours",
        before=("standing", "kneeling", "on all fours"), cues=("pelvis height", "trunk forward", "forward speed"),
    ),
)  # fmt: skip
"""Crawling."""
