"""Postures: squatting, crouching, kneeling, sitting, lying, and standing up again.

A posture that lasts is written as curves over how far it has been taken, from 0 standing to 1, and so comes undone the way it came.
"""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline.actions.arm_poses import count_of, is_free, plateau, pose_arm, sizes, toward, uneven, varied
from kinelang.timeline.actions.base import Action
from kinelang.timeline.performing.body import leg_length_of, standing_height
from kinelang.timeline.performing.curves import flow, rise
from kinelang.timeline.performing.going import OTHER, SIGN
from kinelang.timeline.performing.score import FootMove, Score
from kinelang.timeline.schema import Stage

LASTING = ("sit", "kneel", "lie", "crouch", "crawl")
"""Postures kept until something ends them."""
CARRIED = 0.85
"""How far the pelvis follows by itself the middle between the feet that carry it."""
_TAKES_S = {"sit": 1.35, "floor": 2.4, "kneel": 1.7, "lie": 2.8, "crouch": 1.1, "crawl": 1.3}
_STRAIGHT_ON = (("kneel", "crawl"), ("crawl", "crawl"))
"""Postures that lead into each other; between others the person stands up."""
_FLOOR = ("floor", "ground", "grass", "mat", "carpet", "rug")


def taking_s(score: Score, stage: Stage) -> float:
    """Seconds that taking a lasting posture takes, getting out of another one before it included."""
    verb = stage.verb
    longest = _TAKES_S["lie" if verb == "lie" else "floor" if is_on_floor(stage) else verb]
    if stage.verb != "crawl" and _taken_before(score, stage):
        longest += 0.6
    share = 0.4 if verb == "crawl" else 0.9
    return float(min(share * stage.duration_s, longest / score.person.pace / (stage.speed or 1.0) ** 0.5))


def is_on_floor(stage: Stage) -> bool:
    """Whether a stage of sitting is on the floor: its target says so."""
    return stage.verb == "sit" and any(word in _FLOOR for word in (stage.target or "").lower().split())


def _taken_before(score: Score, stage: Stage) -> Stage | None:
    """The stage before this one if the posture it took lasts until now."""
    earlier = [s for s in score.timeline.stages if s.end_s <= stage.start_s + 1e-6 and "root" in s.parts]
    return earlier[-1] if earlier and earlier[-1].verb in LASTING else None


class Kept:
    """How far a lasting posture has been taken at each frame, and when it comes and goes.

    Attributes:
        weight: (T,) 0 standing, 1 taken.
        taken: (start, end) seconds of taking it.
        left: (start, end) seconds of leaving it, None where it lasts to the end.
    """

    def __init__(self, score: Score, stage: Stage, shortest_out_s: float = 0.7) -> None:
        t, in_s = score.times_s, taking_s(score, stage)
        before = _taken_before(score, stage)
        straight = before is None or (before.verb, stage.verb) in _STRAIGHT_ON
        self.taken = (stage.start_s + (0.0 if straight else 0.25 * in_s), stage.start_s + in_s)
        self.left = _left_at(score, stage, self.taken[1], shortest_out_s)
        self.weight = rise(t, *self.taken)
        if self.left is not None:
            self.weight = self.weight - rise(t, *self.left)

    def during_in(self, share: float) -> float:
        """Seconds when a share of the time of taking the posture has gone."""
        return self.taken[0] + share * (self.taken[1] - self.taken[0])

    def during_out(self, share: float) -> float:
        """Seconds when a share of the time of leaving the posture has gone."""
        assert self.left is not None
        return self.left[0] + share * (self.left[1] - self.left[0])


def _left_at(score: Score, stage: Stage, taken_s: float, shortest_s: float) -> tuple[float, float] | None:
    """When the posture is left: in the stand_up or the posture that follows, else just before what moves the body next."""
    after = next((s for s in score.timeline.stages if s.start_s >= stage.end_s - 1e-6 and "root" in s.parts), None)
    if after is None:
        return None
    if after.verb == "stand_up":
        return after.start_s, after.end_s
    if after.verb in LASTING:
        straight = (stage.verb, after.verb) in _STRAIGHT_ON
        return after.start_s, after.start_s + taking_s(score, after) * (1.0 if straight else 0.45)
    start = min(max(taken_s, after.start_s - shortest_s), after.start_s - 0.2)
    return start, after.start_s + 0.1


# ---- down and up ----------------------------------------------------------------------------------------------------------------


def _squat(score: Score, stage: Stage) -> None:
    """Down with the heels on the ground, hips back, the trunk leaning against it, the arms reaching forward; up."""
    n = count_of(stage, 2.0)
    phase = uneven(score, score.phase(stage, n), n, 0.08)
    weight = plateau(phase, score.rng.uniform(0.08, 0.3)) * sizes(score, phase, n, 0.05)
    go_low(score, weight, float(np.clip(0.36 * (stage.amount or 1.0) * varied(score, 1.0, 0.06), 0.12, 0.56)), lean=1.0)
    high = varied(score, 76, 0.15)
    style = score.rng.random()
    for side in SIGN:
        if not is_free(score, stage, f"{side}_arm"):
            continue
        if style < 0.75:
            pose_arm(score, side, np.clip(weight, 0, 1), toward(high, 12), toward(high + 6, -4), "upright")
        else:
            pose_arm(score, side, np.clip(weight, 0, 1), toward(40, 20), toward(110, -40))


def go_low(score: Score, weight: Array, down_m: float, lean: float) -> None:
    """Bend the knees until the pelvis is so much lower; trunk and hips balance it."""
    score.add("shift_up", -down_m * weight)
    score.add("shift_forward", -0.22 * down_m * weight)
    score.add("pelvis_tilt", 62 * down_m * lean * weight)
    score.add("trunk_flexion", 42 * down_m * lean * weight)
    score.add("head_flexion", -34 * down_m * lean * weight)


def _crouch(score: Score, stage: Stage) -> None:
    """Low, bent and small, on the balls of the feet, the arms drawn in; it lasts."""
    kept = Kept(score, stage)
    w = kept.weight
    go_low(score, w, float(np.clip(0.4 * (stage.amount or 1.0) * varied(score, 1.0, 0.07), 0.2, 0.52)), lean=0.85)
    for side in SIGN:
        score.raise_heel(side, varied(score, 16, 0.4) * w)
    on_knees = score.rng.random() < 0.5
    for side in SIGN:
        if on_knees:
            pose_arm(score, side, w, toward(58, 14), toward(52, -22), "upright")
        else:
            pose_arm(score, side, w, toward(38, 20), toward(112, -35), "upright")


# ---- kneeling -------------------------------------------------------------------------------------------------------------------


def _kneel(score: Score, stage: Stage) -> None:
    """One foot back and its knee to the ground; for both knees the other follows."""
    both = stage.side in (None, "both")
    first = stage.side if stage.side in SIGN else ("left" if score.rng.random() < 0.5 else "right")
    kept = Kept(score, stage, 0.9)
    w = kept.weight
    tall, thigh_m, shin_m, hip_m = bones_of(score)
    down = flow(w, [(0.0, 0.0), (0.25, 0.1), (0.8, 0.97), (1.0, 1.0)])
    pelvis = 0.06 if both else -0.2  # before where it stood
    knee = pelvis + (0.03 if both else -0.02)
    score.add("shift_up", -(tall - hip_m - 0.055 - np.sqrt(thigh_m**2 - (knee - pelvis) ** 2)) * down)
    toe = float(knee - np.sqrt(shin_m**2 - 0.092**2) - 0.014)  # before where it stands, with the heel up
    for side in (first, OTHER[first]) if both else (first,):
        lead = side == first
        going, coming = ((0.02, 0.34), (0.62, 0.98)) if lead else ((0.6, 0.86), (0.1, 0.4))
        _step_and_return(score, kept, side, toe - 0.1, going, coming)
        score.raise_heel(side, 74.0 * (rise(w, 0.0, 0.5) if lead else rise(w, 0.5, 0.97)))
    over_feet = (toe - 0.1) * (1.0 if both else 0.5) * CARRIED  # where the pelvis goes by itself
    score.add("shift_forward", (pelvis - over_feet) * (w if both else flow(w, [(0.0, 0.0), (0.3, 0.1), (1.0, 1.0)])))
    score.add("trunk_flexion", 16 * w * (1 - w) * 4 + (2 if both else 7) * w)
    score.add("pelvis_tilt", 14 * w * (1 - w) * 4)
    for side in SIGN:
        if both:
            pose_arm(score, side, w, toward(14, 30), toward(38, -6), "upright")
        elif side != first:
            score.hand(side, w, (0.1, 0.6, 0.3), 20.0, "ground")


def _step_and_return(
    score: Score, kept: Kept, side: str, forward_m: float, going: tuple[float, float], back: tuple[float, float]
) -> None:
    """A foot steps out while the posture is taken and back while it is left; shares of those times."""
    lift, land = (kept.during_in(share) for share in going)
    score.move_foot(FootMove(side, lift, land, land, 0.07, forward_m=forward_m, push_deg=20, strike_deg=-10))
    if kept.left is not None:
        lift, land = (kept.during_out(share) for share in back)
        score.move_foot(FootMove(side, lift, land, kept.left[1], 0.07, push_deg=20, strike_deg=0))


def bones_of(score: Score) -> tuple[float, float, float, float]:
    """Standing height of the pelvis, thigh, shin, and how far the hips lie below the pelvis; metres."""
    skeleton = score.person.skeleton
    offset = {name: skeleton.offsets[i] for i, name in enumerate(SMPL22.joint_names)}
    thigh, shin = (np.mean([np.linalg.norm(offset[f"{side}_{joint}"]) for side in SIGN]) for joint in ("knee", "ankle"))
    hip = -np.mean([offset[f"{side}_hip"][1] for side in SIGN])
    return standing_height(skeleton), float(thigh), float(shin), float(hip)


# ---- sitting --------------------------------------------------------------------------------------------------------------------


def _sit(score: Score, stage: Stage) -> None:
    """Down onto a chair behind, or onto the floor where the stage's target says so; it lasts until something ends it."""
    if is_on_floor(stage):
        sit_on_floor(score, Kept(score, stage, 1.2).weight)
    else:
        sit_on_chair(score, Kept(score, stage).weight)


def sit_on_chair(score: Score, weight: Array) -> None:
    """The pelvis back and down to a seat of 0.45 m (for ordinary legs), the trunk forward on the way, hands on the thighs."""
    w = weight
    tall, thigh_m, _, hip_m = bones_of(score)
    seat = 0.45 * tall / 0.97 * varied(score, 1.0, 0.05) + 0.085
    score.add("shift_up", -(tall - seat) * flow(w, [(0.0, 0.0), (0.3, 0.17), (1.0, 1.0)]))
    score.add("shift_forward", -0.98 * thigh_m * flow(w, [(0.0, 0.0), (0.35, 0.5), (0.75, 0.95), (1.0, 1.0)]))
    lean = varied(score, 1.0, 0.15)
    score.add("pelvis_tilt", lean * flow(w, [(0.0, 0.0), (0.55, 32.0), (1.0, -7.0)]))
    score.add("trunk_flexion", lean * flow(w, [(0.0, 0.0), (0.5, 17.0), (1.0, 7.0)]))
    score.add("head_flexion", lean * flow(w, [(0.0, 0.0), (0.5, -14.0), (1.0, 0.0)]))
    on_thigh = rise(w, 0.15, 0.9)
    far = varied(score, 0.26, 0.2)
    for side in SIGN:
        score.hand(side, on_thigh, (varied(score, 0.13, 0.15), seat + hip_m * 0 + 0.09, far), 14.0, "ground")


def sit_on_floor(score: Score, weight: Array) -> None:
    """Squat, sit back onto the floor behind the feet, knees up, hands behind or round the knees."""
    w = weight
    tall, _, _, _ = bones_of(score)
    score.add("shift_up", -(tall - 0.1) * flow(w, [(0.0, 0.0), (0.3, 0.36), (0.6, 0.8), (0.9, 1.0), (1.0, 1.0)]))
    score.add("shift_forward", -0.58 * flow(w, [(0.0, 0.0), (0.45, 0.3), (0.9, 1.0), (1.0, 1.0)]))
    score.add("pelvis_tilt", flow(w, [(0.0, 0.0), (0.3, 14.0), (0.5, -8.0), (0.9, -30.0), (1.0, -30.0)]))
    score.add("trunk_flexion", flow(w, [(0.0, 0.0), (0.4, 30.0), (0.9, 22.0), (1.0, 22.0)]))
    score.add("head_flexion", flow(w, [(0.0, 0.0), (0.45, -14.0), (1.0, 0.0)]))
    behind = score.rng.random() < 0.5
    down = rise(w, 0.45, 0.85)
    for side in SIGN:
        if behind:
            score.hand(side, down, (0.22, 0.05, -0.3), -20.0, "ground")
        else:
            score.hand(side, down, (0.13, 0.42, 0.36), 20.0, "ground")


# ---- lying ----------------------------------------------------------------------------------------------------------------------


def _lie(score: Score, stage: Stage) -> None:
    """Sit down on the floor, stretch the legs and go down onto the back; it lasts."""
    lie_on_back(score, Kept(score, stage, 1.6).weight)


def lie_on_back(score: Score, w: Array) -> None:
    """0 standing, 0.45 sitting on the floor, 1 lying on the back with the legs stretched."""
    tall, _, _, _ = bones_of(score)
    leg = leg_length_of(score.person.skeleton)
    score.add("shift_up", -(tall - 0.1) * flow(w, [(0.0, 0.0), (0.15, 0.36), (0.3, 0.8), (0.45, 1.0), (1.0, 1.0)]))
    score.add("shift_forward", -0.56 * flow(w, [(0.0, 0.0), (0.22, 0.3), (0.45, 1.0), (1.0, 1.0)]))
    score.add("pelvis_tilt", flow(w, [(0.0, 0.0), (0.15, 14.0), (0.27, -10.0), (0.45, -34.0), (0.95, -90.0), (1.0, -90.0)]))
    score.add("trunk_flexion", flow(w, [(0.0, 0.0), (0.2, 30.0), (0.5, 24.0), (0.7, 22.0), (0.96, 0.0), (1.0, 0.0)]))
    score.add("head_flexion", flow(w, [(0.0, 0.0), (0.22, -14.0), (0.7, 22.0), (0.98, 2.0), (1.0, 2.0)]))
    score.rest_on_ground(rise(w, 0.4, 0.55))
    knee = score.rng.random() < 0.3
    for side in SIGN:
        down = rise(w, 0.3, 0.48)
        score.hand(side, down * (1 - rise(w, 0.6, 0.85)), (0.22, 0.05, -0.32), -20.0, "ground")
        pose_arm(score, side, rise(w, 0.58, 0.9), toward(18, 112), toward(14, 96))
        far = 0.62 if knee else 0.97
        forward = flow(w, [(0.0, 0.4), (0.45, 0.54 / leg), (0.9, far), (1.0, far)])
        up = flow(w, [(0.0, 0.0), (0.45, 0.0), (0.65, 0.07), (0.9, -0.02), (1.0, -0.02)])
        score.hold_foot(side, rise(w, 0.42, 0.6), np.stack([0.08 + 0 * w, up, forward], axis=1), 40.0 if knee else 22.0)


# ---- up again -------------------------------------------------------------------------------------------------------------------


def _stand_up(score: Score, stage: Stage) -> None:
    """Whatever posture lasts comes undone during this stage; without one the person sat on a chair from the start."""
    earlier = [s for s in score.timeline.stages if s.end_s <= stage.start_s + 1e-6 and "root" in s.parts]
    if _taken_before(score, stage) is None:
        before = earlier[-1].end_s if earlier else -9.0
        came = rise(score.times_s, before, stage.start_s) if earlier else np.ones(len(score.times_s))
        sit_on_chair(score, came - rise(score.times_s, stage.start_s, stage.end_s))


POSTURES = (
    Action("squat", _squat, (0.1, 0.4), 1.9, (1, 4), (0.5, 1.45), cues=("pelvis height", "knee bend")),
    Action("crouch", _crouch, (1.0, 2.5), amount=(0.6, 1.3), after="crouching", cues=("pelvis height", "trunk forward")),
    Action("kneel", _kneel, (1.5, 2.6), side="both", after="kneeling", cues=("pelvis height", "knee height")),
    Action("sit", _sit, (1.3, 3.0), after="sitting", cues=("pelvis height",)),
    Action("lie", _lie, (2.6, 4.0), after="lying", before=("standing", "sitting"), cues=("pelvis height", "trunk upright")),
    Action(
        "stand_up",
        _stand_up,
        (1.4, 2.6),
        before=("sitting", "kneeling", "lying", "crouching", "on all fours"),
        cues=("pelvis height",),
    ),
)
"""Postures taken and left."""
