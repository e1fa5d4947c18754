"""From a Motion to its Description."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from kinelang.describing.description import Channel, Description, Direction, Footfall, Interval, Limb, LimbName, Travel, Trunk, Unit
from kinelang.errors import MotionError
from kinelang.motion.added_pose import without_added_t_pose
from kinelang.motion.angles import ANGLES, joint_angles
from kinelang.motion.arrays import Array
from kinelang.motion.contacts import follow_feet, picked, spans, speeds_m_s
from kinelang.motion.facing import heading, in_initial_frame
from kinelang.motion.motion import Motion
from kinelang.motion.resampling import resample_array
from kinelang.motion.retargeting import smpl22_positions
from kinelang.motion.segmentation import Rules, Segment, moving_average, peak_preserving, segment_columns

FPS = 20.0
"""Rate at which motions are described: HumanML3D's."""

WINDOW_S = 0.25
"""Moving-average window before segmentation (ours: the paper does not give its window)."""

ANGLE_DELTA_DEG, TRANSLATION_DELTA_M, YAW_DELTA_DEG = 5.0, 0.03, 15.0
"""Smallest changes that are told: the paper's."""

SPEED_DELTA_M_S = 0.3
"""Smallest change of speed that is told (ours: the published layout has no speed)."""

DELTAS_DEG = (3.0, 5.0, 10.0, 15.0)
"""The paper's variants of the angle threshold."""

TRAVEL_M_S, TRAVEL_M = 0.2, 0.3
"""Least speed at which the body counts as travelling, and least way to name a direction, for a leg of 0.82 m (ours)."""

TRAVEL_SHARE = 0.5
"""Least share of its path that the body must go in one direction, as seen by itself, for that direction to be named (ours)."""


def describe(motion: Motion, *, delta_deg: float = ANGLE_DELTA_DEG) -> Description:
    """Describe a motion: its 26 joint angles and its trajectory cut into what they do when, its steps, its limbs.

    The T-pose that a CMU BVH begins with is left out. Nothing depends on where the clip was recorded or which way the person faced:
    positions and yaw are those of the frame in which the person begins facing forward, and heights are above the lowest point of the
    clip.

    Args:
        motion: on any human skeleton; it is brought to 22 joints and 20 fps.
        delta_deg: smallest change of an angle that is told, in degrees; the paper's variants are 3, 5, 10 and 15.

    Raises:
        SkeletonError: no human figure.
        MotionError: delta_deg is not positive.
    """
    if not delta_deg > 0:
        raise MotionError.of("describe", f"delta of {delta_deg} degrees", "more than 0")
    motion = without_added_t_pose(motion)
    positions, notes = smpl22_positions(motion)
    joints = in_initial_frame(resample_array(positions, motion.fps, FPS))
    feet = follow_feet(joints, FPS)
    signals = _Signals.of(joints)
    channels = _channels(signals, delta_deg)
    return Description(
        name=motion.name,
        source=motion.source,
        duration_s=round(len(joints) / FPS, 3),
        n_frames=len(joints),
        fps=FPS,
        source_fps=motion.fps,
        delta_deg=delta_deg,
        leg_m=round(feet.leg_m, 3),
        travel=_travel(signals, feet.leg_m),
        trunk=_trunk(joints, signals.yaw),
        limbs=_limbs(joints, signals.yaw),
        steps=tuple(Footfall(s.side, _s(s.lift), _s(s.land), round(s.length_m, 3)) for s in feet.steps),
        flights=tuple((_s(a), _s(b)) for a, b in feet.flights),
        support=(round(float(feet.contacts[:, 0].mean()), 3), round(float(feet.contacts[:, 1].mean()), 3)),
        trajectory=channels[: len(TRAJECTORY)],
        angles=channels[len(TRAJECTORY) :],
        notes=motion.notes + notes,
    )


@dataclass(frozen=True)
class _Signals:
    """All signals of a clip at 20 fps, the five of the trajectory first, then the 26 angles: (T, 31), angles in degrees.

    `smooth` has gone through the moving average, `sharp` keeps the heights of peaks.
    """

    smooth: Array
    sharp: Array

    @classmethod
    def of(cls, joints: Array) -> _Signals:
        """Measure them on joints (T, 22, 3) in the initial frame."""
        pelvis = joints[:, 0]
        window = 2 * round(WINDOW_S * FPS / 2) + 1
        speed = speeds_m_s(moving_average(pelvis * (1.0, 0.0, 1.0), window), FPS)
        # Time last, so that all that follows runs over contiguous numbers.
        raw = np.empty((len(TRAJECTORY) + len(ANGLES), len(joints)))
        raw[:3] = pelvis.T[[1, 2, 0]]
        raw[3] = np.degrees(heading(joints))
        raw[4] = speed
        raw[5:] = np.degrees(joint_angles(joints).T)
        return cls(moving_average(raw.T, window), peak_preserving(raw.T))

    @property
    def height(self) -> Array:
        """Smoothed height of the pelvis, (T,) metres."""
        return np.asarray(self.smooth[:, 0])

    @property
    def flat(self) -> Array:
        """Smoothed position of the pelvis on the ground, (T, 2): x (left), z (forward), metres."""
        return self.smooth[:, 2:0:-1]

    @property
    def yaw(self) -> Array:
        """Smoothed heading, (T,) radians."""
        return np.radians(self.smooth[:, 3])

    @property
    def speed(self) -> Array:
        """Smoothed speed over the ground, (T,) m/s."""
        return np.asarray(self.smooth[:, 4])


def _s(frame: float) -> float:
    """Frame to seconds."""
    return round(frame / FPS, 3)


TRAJECTORY: tuple[tuple[str, str, str, Unit, float], ...] = (
    ("height", "Height", "rising", "m", TRANSLATION_DELTA_M),
    ("forward", "Forward Position", "moving forward", "m", TRANSLATION_DELTA_M),
    ("lateral", "Lateral Position", "moving left", "m", TRANSLATION_DELTA_M),
    ("yaw", "Body Yaw", "turning left", "deg", YAW_DELTA_DEG),
    ("speed", "Speed", "going faster", "m/s", SPEED_DELTA_M_S),
)
"""Key, name, gloss, unit and threshold of the channels of the pelvis' path."""

_TRAJECTORY_RULES = tuple([Rules(delta) for *_, delta in TRAJECTORY])

_COLUMNS: tuple[tuple[str, str, str, str, Unit], ...] = (
    *((key, "Global Trajectory", name, gloss, unit) for key, name, gloss, unit, _ in TRAJECTORY),
    *((a.key, a.group, a.name, a.gloss, "deg") for a in ANGLES),
)


_SCALES = np.array([100.0 if unit == "deg" else 10_000.0 for *_, unit in _COLUMNS])
"""What a value is told in: hundredths of a degree, ten-thousandths of a metre or of a metre a second."""


def _channels(signals: _Signals, delta_deg: float) -> tuple[Channel, ...]:
    """All signals cut into intervals."""
    rules = [*_TRAJECTORY_RULES, *[Rules(delta_deg)] * len(ANGLES)]
    segments = segment_columns(signals.smooth, FPS, rules, signals.sharp)
    low, high = _rounded(signals.sharp.min(axis=0), _SCALES), _rounded(signals.sharp.max(axis=0), _SCALES)
    intervals = iter(_intervals(segments))
    columns = zip(_COLUMNS, low, high, map(len, segments), strict=True)
    return tuple([Channel(*column, lowest, highest, tuple(islice(intervals, n))) for column, lowest, highest, n in columns])


def _intervals(segments: tuple[tuple[Segment, ...], ...]) -> list[Interval]:
    """The segments of all columns as intervals, one column after the other, rounded all at once."""
    kinds, starts, ends, first, last, cycles = zip(*chain.from_iterable(segments), strict=True)
    scales = np.repeat(_SCALES, [len(column) for column in segments])
    start_s, end_s = _rounded(np.array(starts) / FPS, 1000.0), _rounded(np.array(ends) / FPS, 1000.0)
    return list(map(Interval, kinds, start_s, end_s, _rounded(np.array(first), scales), _rounded(np.array(last), scales), cycles))


def _rounded(values: Array, scale: Array | float) -> list[float]:
    """Rounded to the nearest whole number of 1/scale. (N,)."""
    rounded: list[float] = (np.rint(values * scale) / scale).tolist()
    return rounded


def _travel(signals: _Signals, leg_m: float) -> Travel:
    """Summary of the pelvis' path."""
    flat, yaw, speed, height = signals.flat, signals.yaw, signals.speed, signals.height
    moves = flat[1:] - flat[:-1]
    path_m = float(np.hypot(moves[:, 0], moves[:, 1]).sum())
    travelling = speed >= TRAVEL_M_S * leg_m / 0.82
    displacement_m = float(np.hypot(*(flat[-1] - flat[0])))
    own_moves = _moves_seen_by_body(moves, yaw)[travelling[1:]] if len(moves) else np.zeros((0, 2))
    own_m = own_moves.sum(axis=0)
    own_path_m = float(np.hypot(own_moves[:, 0], own_moves[:, 1]).sum())
    goes = float(np.hypot(*own_m)) >= max(TRAVEL_M * leg_m / 0.82, TRAVEL_SHARE * own_path_m)
    return Travel(
        displacement_m=round(displacement_m, 3),
        path_m=round(path_m, 3),
        direction=_direction(own_m) if goes else "",
        mean_speed_m_s=round(float(speed[travelling].mean()), 3) if goes else 0.0,
        top_speed_m_s=round(float(speed.max()), 3) if goes else 0.0,
        turn_deg=round(float(np.degrees(yaw[-1] - yaw[0])), 1),
        height_change_m=round(float(height[-1] - height[0]), 3),
        mean_height_m=round(float(height.mean()), 3),
        low_height_m=round(float(height.min()), 3),
        high_height_m=round(float(height.max()), 3),
        low_s=_s(int(height.argmin())),
    )


def _moves_seen_by_body(moves: Array, yaw: Array) -> Array:
    """Horizontal moves (T-1, 2: x, z) as (left, forward) of the body at the time. yaw (T,)."""
    c, s = np.cos(yaw[1:]), np.sin(yaw[1:])
    return np.stack([c * moves[:, 0] - s * moves[:, 1], s * moves[:, 0] + c * moves[:, 1]], axis=-1)


def _direction(left_forward: Array) -> Direction:
    """The nearest of the four directions of a horizontal vector (left, forward)."""
    left, forward = float(left_forward[0]), float(left_forward[1])
    if abs(forward) >= abs(left):
        return "forward" if forward >= 0 else "backward"
    return "left" if left > 0 else "right"


def _trunk(joints: Array, yaw: Array) -> Trunk:
    """Largest lean of the line pelvis to neck."""
    line = joints[:, 12] - joints[:, 0]
    lean = np.arctan2(np.hypot(line[:, 0], line[:, 2]), line[:, 1])
    at = int(lean.argmax())
    seen = _moves_seen_by_body(line[[at, at]][:, [0, 2]], yaw[[at, at, at]])[0]
    return Trunk(round(float(np.degrees(lean[at])), 1), _s(at), _direction(seen))


_LIMBS: tuple[LimbName, ...] = ("left_arm", "right_arm", "left_leg", "right_leg")
_LIMB_ENDS = [20, 21, 7, 8]  # wrists and ankles
_LIMB_MARKS = [16, 17, 5, 4]  # a hand counts as raised above its shoulder, a foot above the other knee
MIN_RAISED_S, MAX_DIP_S = 0.15, 0.3  # shorter raises are not told, shorter dips do not end one


def _limbs(joints: Array, yaw: Array) -> tuple[Limb, ...]:
    """Summaries of the limbs, their ends seen from the pelvis in the frame in which the person faces forward."""
    ends = picked(joints, _LIMB_ENDS)
    x, y, z = moving_average(ends - joints[:, :1], 3).T  # (4, T)
    c, s = np.cos(yaw), np.sin(yaw)
    own = np.stack([c * x - s * z, y, s * x + c * z])
    speed = speeds_m_s(own.T, FPS).T
    reach = (own.max(axis=2) - own.min(axis=2)).max(axis=0)
    height = ends[..., 1].T
    above = height > joints[:, _LIMB_MARKS, 1].T
    return tuple(
        Limb(
            part=part,
            path_m=path_m,
            reach_m=reach_m,
            top_speed_m_s=top_speed_m_s,
            top_s=_s(top),
            top_m=top_m,
            raised=_raised(up),
        )
        for part, path_m, reach_m, top_speed_m_s, top, top_m, up in zip(
            _LIMBS,
            _rounded(speed.sum(axis=1) / FPS, 1000.0),
            _rounded(reach, 1000.0),
            _rounded(speed.max(axis=1), 1000.0),
            height.argmax(axis=1).tolist(),
            _rounded(height.max(axis=1), 1000.0),
            above,
            strict=True,
        )
    )


def _raised(above: Array) -> tuple[tuple[float, float], ...]:
    """Spans in seconds, with short dips bridged and short raises dropped. above (T,) bool."""
    bridged: list[tuple[int, int]] = []
    for a, b in spans(above):
        if bridged and (a - bridged[-1][1]) / FPS <= MAX_DIP_S:
            bridged[-1] = (bridged[-1][0], b)
        else:
            bridged.append((a, b))
    return tuple((_s(a), _s(b)) for a, b in bridged if (b - a) / FPS >= MIN_RAISED_S)


def select(description: Description, *, top_k: int | None = None, by: str = "angle", trajectory: bool = True) -> Description:
    """The description with only its most active angles, or without trajectory.

    Args:
        description: the whole one.
        top_k: how many to keep, ranked by range of motion, the larger first; None for all.
        by: "angle" counts single angles; "joint" counts body parts (all angles of a part, ranked by its widest angle). The paper
            speaks of "Top-k active joints" and its sample can be read either way.
        trajectory: whether the pelvis' channels stay.

    Raises:
        MotionError: top_k below 1, or `by` neither of the two.
    """
    if by not in ("angle", "joint"):
        raise MotionError.of("top-k", f"by '{by}'", "'angle' or 'joint'")
    if top_k is not None and top_k < 1:
        raise MotionError.of("top-k", str(top_k), "1 or more")
    angles = description.angles
    if top_k is not None and by == "angle":
        kept = set(sorted(range(len(angles)), key=lambda i: (-angles[i].range, i))[:top_k])
        angles = tuple(a for i, a in enumerate(angles) if i in kept)
    elif top_k is not None:
        widest: dict[str, float] = {}
        for a in angles:
            widest[a.group] = max(widest.get(a.group, 0.0), a.range)
        groups = set(sorted(widest, key=lambda g: -widest[g])[:top_k])
        angles = tuple(a for a in angles if a.group in groups)
    return _replaced(description, angles, description.trajectory if trajectory else ())


def _replaced(description: Description, angles: tuple[Channel, ...], trajectory: tuple[Channel, ...]) -> Description:
    return Description(**{**vars(description), "angles": angles, "trajectory": trajectory})
