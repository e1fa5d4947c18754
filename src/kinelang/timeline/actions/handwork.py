"""What the verbs of hands with things share: bouts of strokes, hands that keep what they hold, and how far to bend for a height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.rotations import quat_rotate, unit
from kinelang.timeline.performing.curves import flow, window
from kinelang.timeline.performing.going import SIGN
from kinelang.timeline.performing.person import Person
from kinelang.timeline.performing.score import Frame, Score
from kinelang.timeline.schema import Stage

Place = tuple[float, float, float]
Keys = Sequence[tuple[float, Sequence[float] | Array]]

MIDDLE = -0.36
"""Outward, in arm lengths from the shoulder: the middle of the body."""
CARRY_ONE: Place = (-0.02, -0.55, 0.5)
CARRY_BOTH: Place = (-0.08, -0.56, 0.56)
"""Wrist of one who carries something before the belly, forearm level."""
TAKING = ("pick_up", "carry", "catch")
"""Verbs after which something is in the hands."""
KEEPING = ("put_down", "carry", "throw", "drink", "eat", "pour", "lift_weight", "dribble", "swing", "give", "move_object", "shoot")
"""Verbs that use what is in the hands: until one of these begins, it is held."""
AIM_DEG = {"left": 55.0, "right": -55.0}
"""How far a target at the side is turned to."""
LOW_WORDS = ("floor", "ground", "shoe", "feet", "foot", "coin")
TABLE_WORDS = ("table", "desk", "counter", "shelf", "bench", "chair", "bar", "stove", "sink", "cup", "glass", "bottle", "phone", "book")


@dataclass(frozen=True)
class Bout:
    """Repetitions within a stage.

    Attributes:
        weight: (T,) 0 to 1: how far the hands have come to where the repetitions are done.
        phase: (T,) repetitions done, from 0 to `count`.
        count: number of repetitions.
        start_s, end_s: seconds of the first one's start and the last one's end.
    """

    weight: Array
    phase: Array
    count: int
    start_s: float
    end_s: float

    @property
    def share(self) -> Array:
        """How much of the present repetition is done, 0 to 1; 1 after the last. (T,)"""
        return np.asarray(np.where(self.phase >= self.count, 1.0, self.phase % 1.0))

    @property
    def number(self) -> Array:
        """Number of the present repetition, from 0. (T,)"""
        return np.asarray(np.clip(self.phase.astype(int), 0, self.count - 1))

    @property
    def each_s(self) -> float:
        """Seconds of one repetition."""
        return (self.end_s - self.start_s) / self.count


def bout(
    score: Score,
    stage: Stage,
    each_s: float,
    before_s: float = 0.4,
    after_s: float = 0.45,
    *,
    once_s: float = 0.0,
    uneven: float = 0.06,
) -> Bout:
    """As many repetitions as the stage says, or as its time holds at `each_s` seconds each, a little uneven in length.

    Args:
        each_s: seconds of one repetition at ordinary speed.
        before_s, after_s: seconds in which the hands come and go; shorter in a short stage.
        once_s: a stage up to so long that gives no count is done once.
        uneven: standard deviation of the length of a repetition, relative to the mean.
    """
    length = stage.duration_s
    before, after = before_s * score.rng.uniform(0.85, 1.15), after_s * score.rng.uniform(0.85, 1.15)
    scale = min(1.0, 0.5 * length / (before + after))
    before, after = before * scale, after * scale
    count = stage.count
    if count is None:
        pace = (stage.speed or 1.0) * score.person.pace
        count = 1 if length <= once_s else max(1, round((length - before - after) * pace / each_s))
    lengths = np.clip(1 + uneven * score.rng.standard_normal(count), 0.7, 1.3)
    ends = np.concatenate([[0.0], np.cumsum(lengths)]) / lengths.sum()
    start, end = stage.start_s + before, stage.end_s - after
    phase = np.interp(score.times_s, start + (end - start) * ends, np.arange(count + 1))
    return Bout(score.window(stage, before, after), np.asarray(phase), count, start, end)


def coming_down(score: Score, stage: Stage, done: Bout, share: float) -> Bout:
    """The bout with hands that begin to come down when this share of the last repetition is done, instead of after it."""
    before = done.start_s - stage.start_s
    after = stage.end_s - done.end_s + (1 - share) * done.each_s
    return replace(done, weight=window(score.times_s, stage.start_s, stage.end_s, before, after))


def unhurried(done: Bout, at: float) -> Array:
    """Share of each repetition, slowed before and after the stroke where there is more time than it needs: the stroke stays fast."""
    slack = slack_of(done)
    if slack == 1.0:
        return done.share
    half = 0.5 / slack  # of the repetition's time, to each side of `at`, is quick
    return flow(done.share, [(0.0, 0.0), (at - 0.6 * half, at - 0.25), (at + 0.9 * half, at + 0.35), (1.0, 1.0)])


def slack_of(done: Bout) -> float:
    """How much more time there is for each repetition than a throw or swing needs, at least 1."""
    return max(done.each_s / 1.7, 1.0)


def turn_aside(score: Score, angle_deg: float, weight: Array) -> None:
    """Turn trunk, hips and head towards a target at the side."""
    for channel, share in (("trunk_turn", 0.42), ("pelvis_turn", 0.43), ("head_turn", 0.25)):
        if angle_deg:
            score.add(channel, share * angle_deg * weight)


def along(share: Array, keys: Keys) -> Array:
    """Places (T, 3) on the way through (share, place) keys, flowing; at rest at both ends."""
    return flow(share, [(at, np.asarray(place)) for at, place in keys])


def lead(
    score: Score,
    sides: str | Sequence[str],
    weight: Array,
    place: Array | Place,
    swivel_deg: Array | float = 0.0,
    frame: Frame = "chest",
) -> None:
    """Lead the hand of a side, or of several to the same place mirrored; see `Score.hand`. In the chest and upright frames only.

    The elbow lies behind a hanging arm, below one held forward, before one held up, and always somewhat outward; `swivel_deg` turns it
    from there outward and up.
    """
    shown = np.atleast_2d(np.asarray(place, dtype=float))
    line = np.broadcast_to(unit(shown), (len(weight), 3))
    aside = np.abs(line[:, 0])
    pole = np.stack([np.full(len(line), 0.36), -line[:, 2] - 0.6 * aside, line[:, 1] - 0.75 * aside], axis=1)
    half = 0.5 * np.radians(np.broadcast_to(swivel_deg, weight.shape))
    turn = np.concatenate([np.cos(half)[:, None], np.sin(half)[:, None] * line], axis=1)
    elbow = quat_rotate(turn, pole)
    for side in (sides,) if isinstance(sides, str) else sides:
        score.hand(side, weight, shown, frame=frame, elbow=elbow)


def centred(side: str, across: Array | float, up: Array | float, forward: Array | float, apart: Array | float = 0.0) -> Array:
    """A place (T, 3) from the middle between the shoulders as one from the side's shoulder, arm lengths.

    Args:
        across: to the left.
        apart: outward, away from that place.
    """
    rows = np.broadcast_arrays(SIGN[side] * np.asarray(across, dtype=float) + MIDDLE + apart, up, forward)
    return np.stack([np.atleast_1d(row) for row in rows], axis=-1)


def is_free(score: Score, stage: Stage, part: str) -> bool:
    """Whether no other stage uses the body part while this one lasts."""
    return not any(
        part in s.parts and s is not stage and s.start_s < stage.end_s + 0.3 and s.end_s > stage.start_s - 0.3
        for s in score.timeline.stages
    )


def stands(score: Score, stage: Stage) -> bool:
    """Whether the person stands on the feet when the stage begins, not on a chair or the knees."""
    before = [s for s in score.timeline.stages if s.start_s <= stage.start_s and s is not stage and "root" in s.parts]
    return not before or before[-1].verb not in ("sit", "kneel", "lie", "crouch", "get_on_all_fours")


def other(side: str) -> str:
    """The other side."""
    return "left" if side == "right" else "right"


def says(stage: Stage, words: Sequence[str]) -> bool:
    """Whether the stage's target has one of the words."""
    return any(word in (stage.target or "") for word in words)


def next_with(score: Score, stage: Stage, side: str) -> Stage | None:
    """The next stage that uses this arm."""
    later = (s for s in score.timeline.stages if s.start_s >= stage.end_s - 1e-6 and f"{side}_arm" in s.parts)
    return next(later, None)


def held_before(score: Score, stage: Stage, side: str) -> bool:
    """Whether this arm holds something when the stage begins."""
    earlier = [s for s in score.timeline.stages if s.end_s <= stage.start_s + 1e-6 and f"{side}_arm" in s.parts]
    return bool(earlier) and max(earlier, key=lambda s: s.end_s).verb in TAKING


def is_kept(score: Score, stage: Stage, side: str) -> bool:
    """Whether what the stage takes stays in the hand until a later stage uses it."""
    after = next_with(score, stage, side)
    return after is not None and after.verb in KEEPING


def kept(score: Score, stage: Stage, side: str, start_s: float, in_s: float, out_s: float) -> Array:
    """Weight (T,) of a hand that holds something from `start_s` on: until the stage that uses it has begun, else to this one's end."""
    t = score.times_s
    after = next_with(score, stage, side)
    if after is None or after.verb not in KEEPING:
        return window(t, start_s, stage.end_s, in_s, out_s)
    taken_over = after.start_s + min(0.4, 0.4 * after.duration_s)
    return window(t, start_s, max(taken_over, start_s + in_s) + 0.25, in_s, 0.25)


def shoulder_from_pelvis(person: Person, tilt_deg: float, flexion_deg: float) -> tuple[float, float]:
    """(Up, forward) metres of the shoulders from the pelvis of one bent forward by these angles."""
    joints = {name: i for i, name in enumerate(person.skeleton.joint_names)}
    offsets = person.skeleton.offsets.astype(float)
    up = forward = 0.0
    tilt, flexion = tilt_deg + person.posture.get("pelvis_tilt", 0.0), flexion_deg + person.posture.get("trunk_flexion", 0.0)
    chain = (("spine1", 0.0), ("spine2", 1 / 3), ("spine3", 2 / 3), ("left_collar", 1.0), ("left_shoulder", 1.0))
    for joint, share in chain:
        angle = np.radians(tilt + share * flexion)
        _, y, z = offsets[joints[joint]]
        up += float(y * np.cos(angle) - z * np.sin(angle))
        forward += float(y * np.sin(angle) + z * np.cos(angle))
    return up, forward


def standing_pelvis_m(person: Person) -> float:
    """Height of the pelvis over the floor of one who stands."""
    joints = {name: i for i, name in enumerate(person.skeleton.joint_names)}
    offsets = person.skeleton.offsets.astype(float)
    leg = sum(float(np.linalg.norm(offsets[joints[f"left_{joint}"]])) for joint in ("knee", "ankle"))
    return 0.99 * leg - float(offsets[joints["left_hip"], 1]) - float(offsets[joints["left_foot"], 1]) + 0.012


def arm_length_m(person: Person) -> float:
    """Shoulder to wrist."""
    joints = {name: i for i, name in enumerate(person.skeleton.joint_names)}
    return sum(float(np.linalg.norm(person.skeleton.offsets[joints[f"left_{joint}"]])) for joint in ("elbow", "wrist"))


def drop_for(person: Person, tilt_deg: float, flexion_deg: float, wrist_m: float, forward_m: float, stretch: float = 0.93) -> float:
    """How far (m) the pelvis has to come down so that the arms reach a place in front, bent forward by these angles.

    Args:
        wrist_m: height of the place over the floor.
        forward_m: how far it lies before the pelvis.
        stretch: how straight the arm is then, 1 quite straight.
    """
    up, forward = shoulder_from_pelvis(person, tilt_deg, flexion_deg)
    reach = stretch * arm_length_m(person)
    below = float(np.sqrt(max(reach**2 - (forward_m - forward) ** 2, (0.5 * reach) ** 2)))
    standing = standing_pelvis_m(person)
    return float(np.clip(standing + up - below - wrist_m, 0.0, standing - 0.3))
