"""What the actions of the arms share: directions and poses of an arm, when it comes and goes, and uneven repetitions.

Every place is (outward, up, forward), so that left and right are mirror images.
"""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.rotations import unit
from kinelang.timeline.performing.curves import minimum_jerk, rise, window
from kinelang.timeline.performing.score import Frame, Point, Score
from kinelang.timeline.schema import Stage

SEATED_TOO = ("standing", "sitting", "kneeling")
"""Postures in which arms, trunk and head are free."""


def toward(elevation_deg: Array | float, azimuth_deg: Array | float = 0.0) -> Array:
    """A direction, (3,) or (T, 3): elevation 0 hangs down, 90 is level, 180 up; azimuth 0 is forward, 90 outward, negative across."""
    el, az = np.radians(elevation_deg), np.radians(azimuth_deg)
    out, up, forward = np.broadcast_arrays(np.sin(el) * np.sin(az), -np.cos(el), np.sin(el) * np.cos(az))
    return np.stack([out, up, forward], axis=-1)


def azimuth_of(direction: str | None, side: str) -> float:
    """Azimuth in degrees in which an arm points to get there; an arm that points to the other side crosses the body."""
    match direction:
        case "left" | "right":
            return 84.0 if direction == side else -46.0
        case "backward":
            return 150.0
        case _:
            return 6.0


def pose_arm(score: Score, side: str, weight: Array, upper: Point, fore: Point, frame: Frame = "chest") -> None:
    """Lead an arm by the directions, (3,) or (T, 3), of its upper arm and forearm."""
    n = len(score.times_s)
    share = upper_share(score, side)
    elbow = share * np.broadcast_to(np.asarray(upper, dtype=float), (n, 3))
    place = elbow + (1 - share) * np.broadcast_to(np.asarray(fore, dtype=float), (n, 3))
    along = unit(place)
    score.hand(side, weight, place, frame=frame, elbow=elbow - (elbow * along).sum(1, keepdims=True) * along)


def upper_share(score: Score, side: str) -> float:
    """Length of the upper arm in arm lengths."""
    upper, fore = (_bone(score, f"{side}_{joint}") for joint in ("elbow", "wrist"))
    return float(np.linalg.norm(upper) / (np.linalg.norm(upper) + np.linalg.norm(fore)))


def from_breast(score: Score, side: str, outward_m: Array | float, up_m: Array | float, forward_m: Array | float) -> Array:
    """A place in arm lengths from the shoulder, "chest" frame, of one in metres from the middle between the shoulders of an
    ordinary body (it grows with the arms); (3,) or (T, 3)."""
    arm = sum(float(np.linalg.norm(_bone(score, f"{side}_{joint}"))) for joint in ("elbow", "wrist"))
    half = np.mean([abs(_bone(score, f"{s}_collar")[0] + _bone(score, f"{s}_shoulder")[0]) for s in ("left", "right")])
    outward, up, forward = np.broadcast_arrays(outward_m, up_m, forward_m)
    return np.stack([(outward - half) / arm, up / 0.52, forward / 0.52], axis=-1)


def _bone(score: Score, joint: str) -> Array:
    skeleton = score.person.skeleton
    return np.asarray(skeleton.offsets[skeleton.joint_names.index(joint)], dtype=float)


ENDINGS = ("lower_arm", "uncross_arms")
"""Verbs that bring down an arm that the stage before left where it was."""


COMING = frozenset(
    {"raise_arm", "extend_arm", "point", "hands_on_hips", "cross_arms", "touch", "salute", "aim", "wave", "beckon", "gesture", "brush"}
    | {"shake_hands", "knock", "phone", "drink", "eat", "scratch", "write", "clap", "shake", "flail", "clasp_hands", "pray", "hug"}
)
"""Verbs whose arm comes and goes by `come_and_go`: it is handed from one to the next, and stays for one of the `ENDINGS`."""


# ---- when -----------------------------------------------------------------------------------------------------------------------


def next_on(score: Score, stage: Stage, part: str) -> Stage | None:
    """The next stage on a body part."""
    return next((s for s in score.timeline.stages if s.start_s >= stage.end_s - 1e-6 and part in s.parts), None)


def previous_on(score: Score, stage: Stage, part: str) -> Stage | None:
    """The last stage before this one on a body part."""
    earlier = [s for s in score.timeline.stages if s.end_s <= stage.start_s + 1e-6 and part in s.parts]
    return max(earlier, key=lambda s: s.end_s, default=None)


_POSTURES = {"sit": "sitting", "kneel": "kneeling", "stand_up": "standing"}


def posture_at(score: Score, stage: Stage) -> str:
    """Whether the body is "sitting", "kneeling" or, for all else, "standing" when the stage begins."""
    earlier = [s.verb for s in score.timeline.stages if s.start_s < stage.start_s + 1e-6 and s is not stage and "root" in s.parts]
    return next((_POSTURES.get(verb, "standing") for verb in reversed(earlier)), "standing")


def is_free(score: Score, stage: Stage, part: str) -> bool:
    """Whether no other stage uses the body part during this one."""
    return not any(
        part in s.parts and s.start_s < stage.end_s and s.end_s > stage.start_s for s in score.timeline.stages if s is not stage
    )


def come_and_go(score: Score, stage: Stage, side: str, in_s: float, out_s: float) -> Array:
    """When the hand is where the stage wants it: 0 before and after, 1 inside. (T,)

    One of the `ENDINGS` that comes next on this arm takes it down; another of the
    `COMING` that follows at once takes the hand over where it is.
    """
    t = score.times_s
    after = next_on(score, stage, f"{side}_arm")
    scale = min(1.0, stage.duration_s / (in_s + out_s))
    up = rise(t, stage.start_s, stage.start_s + in_s * scale)
    if after is not None and after.verb in ENDINGS:
        return up - rise(t, after.start_s, after.end_s - 0.1 * after.duration_s)
    if after is not None and after.verb in COMING - {stage.verb} and after.start_s - stage.end_s < 0.3:
        start = after.start_s + 0.2 * min(1.0, after.duration_s)
        return up - rise(t, start, start + 0.5 * min(1.0, after.duration_s))
    return window(t, stage.start_s, stage.end_s, in_s * scale, out_s * scale)


# ---- repetitions ----------------------------------------------------------------------------------------------------------------


def count_of(stage: Stage, each_s: float, around_s: float = 0.0) -> int:
    """How often: as the stage says, else what fits at its speed."""
    return stage.count or max(1, round((stage.duration_s - around_s) * (stage.speed or 1.0) / each_s))


def quickness(stage: Stage) -> float:
    """Factor on times of coming and going."""
    return float(np.clip((stage.speed or 1.0) ** -0.5, 0.5, 1.6))


def uneven(score: Score, phase: Array, count: int, spread: float = 0.12) -> Array:
    """The phase with repetitions of slightly unequal lengths; whole numbers are passed smoothly where a curve rests there."""
    lengths = score.rng.uniform(1 - spread, 1 + spread, count)
    edges = np.concatenate([[0.0], np.cumsum(lengths)]) * count / lengths.sum()
    return _smooth(phase, edges, np.arange(count + 1.0))


def sizes(score: Score, phase: Array, count: int, spread: float = 0.08) -> Array:
    """Size of each repetition about 1, (T,)."""
    each = score.rng.uniform(1 - spread, 1 + spread, count)
    at = np.concatenate([[0.0], np.arange(count) + 0.5, [count]])
    return _smooth(phase, at, np.concatenate([each[:1], each, each[-1:]]))


def _smooth(x: Array, at: Array, values: Array) -> Array:
    """Through the values without overshooting, with a continuous slope. (T,)"""
    from scipy.interpolate import PchipInterpolator

    return np.asarray(PchipInterpolator(at, values)(np.clip(x, at[0], at[-1])))


def plateau(phase: Array, held: float = 0.4) -> Array:
    """One hill with a flat top for each whole number passed; `held` is the share of each on the top."""
    x, flank = np.mod(phase, 1.0), 0.5 * (1 - held)
    return np.asarray(minimum_jerk(x / flank) * minimum_jerk((1 - x) / flank))


def to_and_fro(phase: Array, count: int) -> Array:
    """Once to one side and once to the other, 1 to -1, for each whole number passed; it starts and ends at rest. (T,)"""
    return np.asarray(np.sin(2 * np.pi * phase) * minimum_jerk(phase / 0.25) * minimum_jerk((count - phase) / 0.25))


def varied(score: Score, value: float, spread: float = 0.1) -> float:
    """The value, this time a little more or less."""
    return float(value * score.rng.uniform(1 - spread, 1 + spread))
