"""Named signals of a body over time: the vocabulary in which actions are recognised and evidence is told.

All are seen from the person: forward, left and up of the heading frame; lengths in leg or arm lengths of the person, so that nothing
depends on size, place or facing. The signals of the mirrored motion are those of the motion with partners exchanged and, where a
signal has the sign -1, negated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.contacts import Feet
from kinelang.motion.facing import heading, unwrapped
from kinelang.motion.segmentation import peak_preserving
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline.detecting.body import FPS, Body

SHOULDERS_SHARE = 0.77
"""Share of the shoulders in the facing, which is that of hips and shoulders together: they are so much wider (SMPL's mean body)."""

GROUND_S = 0.75
"""The ground is the lowest joint within this time before and after, so that stairs are ground too and a flight is not."""

QUICK_S, SLOW_S = 0.08, 0.5
"""Standard deviations of the filters of quick and slow speeds."""


@dataclass(frozen=True)
class Signal:
    """One signal.

    Attributes:
        name: as told in evidence.
        unit: "leg lengths", "arm lengths", "deg", "deg/s", "leg lengths/s", "arm lengths/s" or "ratio".
        scale: what is a large value of it; networks see value / scale.
        mirror: name of the same signal on the other side.
        sign: -1 where the mirror image negates it.
    """

    name: str
    unit: str
    scale: float
    mirror: str
    sign: int = 1


_LEG, _ARM, _LEG_S, _ARM_S = "leg lengths", "arm lengths", "leg lengths/s", "arm lengths/s"

# name, unit, scale, sign
_WHOLE = (
    ("pelvis height", _LEG, 0.5, 1),
    ("pelvis above feet", _LEG, 0.5, 1),
    ("pelvis rising", _LEG_S, 1.0, 1),
    ("climbing", _LEG_S, 0.5, 1),
    ("forward speed", _LEG_S, 1.5, 1),
    ("leftward speed", _LEG_S, 1.0, -1),
    ("forward travel", _LEG_S, 1.5, 1),
    ("leftward travel", _LEG_S, 1.0, -1),
    ("travel speed", _LEG_S, 1.5, 1),
    ("turning left", "deg/s", 120.0, -1),
    ("turning left slowly", "deg/s", 90.0, -1),
    ("trunk forward", "deg", 40.0, 1),
    ("trunk leftward", "deg", 25.0, -1),
    ("trunk twist left", "deg", 30.0, -1),
    ("trunk upright", "ratio", 0.5, 1),
    ("chest facing up", "ratio", 0.5, 1),
    ("pelvis tilt forward", "deg", 40.0, 1),
    ("hips tilt left", "deg", 15.0, -1),
    ("shoulders tilt left", "deg", 15.0, -1),
    ("feet clearance", _LEG, 0.15, 1),
    ("knees apart", _LEG, 0.3, 1),
    ("feet apart", _LEG, 0.4, 1),
    ("left foot ahead", _LEG, 0.5, -1),
    ("hands apart", _ARM, 1.0, 1),
    ("hands closing speed", _ARM_S, 3.0, 1),
    ("head turned left", "deg", 40.0, -1),
    ("head raised", "deg", 30.0, 1),
    ("neck forward", "deg", 20.0, 1),
    ("neck leftward", "deg", 15.0, -1),
    ("head nodding", "deg/s", 80.0, 1),
    ("head turning left", "deg/s", 100.0, -1),
)
_OF_A_SIDE = (
    ("wrist outward", _ARM, 0.6, 1),
    ("wrist above shoulder", _ARM, 0.6, 1),
    ("wrist forward", _ARM, 0.6, 1),
    ("elbow outward", _ARM, 0.4, 1),
    ("elbow above shoulder", _ARM, 0.4, 1),
    ("elbow forward", _ARM, 0.4, 1),
    ("wrist up the trunk", _ARM, 0.6, 1),
    ("wrist before the chest", _ARM, 0.6, 1),
    ("elbow angle", "deg", 60.0, 1),
    ("wrist outward speed", _ARM_S, 2.5, 1),
    ("wrist upward speed", _ARM_S, 2.5, 1),
    ("wrist forward speed", _ARM_S, 2.5, 1),
    ("wrist speed", _ARM_S, 3.0, 1),
    ("wrist activity", _ARM_S, 2.0, 1),
    ("wrist above head", _ARM, 0.6, 1),
    ("wrist above hip", _ARM, 0.6, 1),
    ("wrist height", _LEG, 0.6, 1),
    ("hand to mouth", _ARM, 0.5, 1),
    ("hand to ear", _ARM, 0.5, 1),
    ("hand to head top", _ARM, 0.5, 1),
    ("hand to hip", _ARM, 0.5, 1),
    ("hand to other shoulder", _ARM, 0.5, 1),
    ("hand to other elbow", _ARM, 0.5, 1),
    ("hand to belly", _ARM, 0.5, 1),
    ("hand to knee", _ARM, 0.8, 1),
    ("shoulder raised", _ARM, 0.08, 1),
    ("thigh forward", "deg", 40.0, 1),
    ("thigh outward", "deg", 20.0, 1),
    ("knee bend", "deg", 50.0, 1),
    ("knee above hip", _LEG, 0.3, 1),
    ("foot height", _LEG, 0.2, 1),
    ("heel above toe", _LEG, 0.08, 1),
    ("foot forward", _LEG, 0.4, 1),
    ("foot outward", _LEG, 0.25, 1),
    ("foot speed", _LEG_S, 3.0, 1),
    ("foot upward speed", _LEG_S, 2.0, 1),
    ("foot forward speed", _LEG_S, 3.0, 1),
    ("foot planted", "ratio", 0.5, 1),
)


def _table() -> tuple[Signal, ...]:
    whole = [Signal(name, unit, scale, name, sign) for name, unit, scale, sign in _WHOLE]
    sided = [
        Signal(f"{side} {name}", unit, scale, f"{other} {name}", sign)
        for side, other in (("left", "right"), ("right", "left"))
        for name, unit, scale, sign in _OF_A_SIDE
    ]
    return (*whole, *sided)


SIGNALS: tuple[Signal, ...] = _table()
"""All signals, in the order of the columns of `Signals.values`."""

_TOES = [SMPL22.index("left_foot"), SMPL22.index("right_foot")]
INDEX = {s.name: i for i, s in enumerate(SIGNALS)}
MIRROR = np.array([INDEX[s.mirror] for s in SIGNALS])
SIGNS = np.array([s.sign for s in SIGNALS], dtype=np.float64)
SCALES = np.array([s.scale for s in SIGNALS])
SIDED_NAMES = frozenset(name for name, *_ in _OF_A_SIDE)
"""Signals that exist for the left and for the right: their names without the side."""

_PARTNER = [0, 2, 1, 3, 5, 4, 6, 8, 7, 9, 11, 10, 12, 14, 13, 15, 17, 16, 19, 18, 21, 20]
_ACROSS = np.array([-1.0, 1.0, 1.0])
_MOUTH, _EAR, _TOP = np.array([0.0, 0.06, 0.2]), np.array([0.14, 0.1, 0.05]), np.array([0.0, 0.33, 0.03])
"""From the head joint, in arm lengths, left, up, forward: SMPL's mean body, by eye."""


@dataclass(frozen=True)
class Signals:
    """The signals of a clip.

    Attributes:
        values: (T, N) float64, columns as in `SIGNALS`.
        leg_m, arm_m: the person's yardsticks.
        yaw: (T,) radians, facing, positive to the left.
        feet_yaw: (T,) radians, where the feet point on the whole, positive to the left.
        path: (T, 2) metres, the pelvis over the ground: x (left at the start), z (forward at the start).
        feet: contacts, steps, flights.
        toes: (T, 2) speed of the left and right toes over the ground, leg lengths a second.
        hands: (T, 2) how the hands beat, `Body.hands`, or None.
    """

    values: Array
    leg_m: float
    arm_m: float
    yaw: Array
    feet_yaw: Array
    path: Array
    feet: Feet
    toes: Array
    hands: Array | None = None

    def __getitem__(self, name: str) -> Array:
        """One signal by name, (T,)."""
        return np.asarray(self.values[:, INDEX[name]])

    def of(self, side: str, name: str) -> Array:
        """A signal of one side, (T,)."""
        return self[f"{side} {name}"]

    def turned_deg(self, first: int, last: int) -> float:
        """By how much the person turned between two frames, degrees, positive to the left: that of the hips or of the feet, whichever
        is less. Who twists the trunk turns neither, who swings a bat the hips alone."""
        hips = self.yaw - np.radians(SHOULDERS_SHARE * self["trunk twist left"])
        turned = [float(np.degrees(yaw[last] - yaw[first])) for yaw in (hips, self.feet_yaw)]
        return min(turned, key=abs) if turned[0] * turned[1] > 0 else 0.0

    def mirrored(self) -> Array:
        """The values of the mirrored motion, (T, N)."""
        return mirrored(self.values)

    @cached_property
    def n_frames(self) -> int:
        """Number of frames at 20 a second."""
        return len(self.values)


def mirrored(values: Array) -> Array:
    """Signals (..., N) of the mirrored motion."""
    return np.asarray(values[..., MIRROR] * SIGNS)


def signals_of(body: Body) -> Signals:
    """Measure all signals."""
    joints = peak_preserving(body.joints)
    feet = body.feet
    leg_m = max(feet.leg_m, 1e-3)
    arm_m = max(_arm_length(joints), 1e-3)
    yaw = _smooth(heading(joints), 0.05)
    own = _seen_from(joints - joints[:, :1] * (1.0, 0.0, 1.0), yaw)
    gaze = None if body.gaze is None else _seen_from(body.gaze[:, None], yaw)[:, 0]
    ground = ground_of(joints)
    out = _whole(joints, own, gaze, yaw, ground, leg_m, arm_m)
    flipped = own[:, _PARTNER] * _ACROSS
    for seen, contact in ((own, feet.contacts[:, 0]), (flipped, feet.contacts[:, 1])):
        out += _of_left(seen, ground, contact, leg_m, arm_m)
    path = _smooth(joints[:, 0, [0, 2]], QUICK_S)
    toes = _smooth(_length(_rate(joints[:, _TOES])), 0.05) / leg_m
    pointing = joints[:, [10, 11]].sum(axis=1) - joints[:, [7, 8]].sum(axis=1)
    feet_yaw = _smooth(unwrapped(np.arctan2(pointing[:, 0], pointing[:, 2])), 0.1)
    return Signals(np.stack(out, axis=1), leg_m, arm_m, yaw, feet_yaw, path, feet, toes, body.hands)


def ground_of(joints: Array) -> Array:
    """Height of the ground under the person over time, (T,) metres: the lowest joint nearby, smoothed."""
    from scipy.ndimage import minimum_filter1d

    lowest = joints[..., 1].min(axis=1)
    reach = round(GROUND_S * FPS)
    return _smooth(minimum_filter1d(lowest, 2 * reach + 1, mode="nearest"), 0.2)


def _whole(joints: Array, own: Array, gaze: Array | None, yaw: Array, ground: Array, leg_m: float, arm_m: float) -> list[Array]:
    """The signals of the body as a whole, in the order of the table."""
    height = joints[:, 0, 1]
    velocity = _seen_from(_rate(_smooth(joints[:, :1], QUICK_S)), yaw)[:, 0] / leg_m
    slow = _smooth(velocity, SLOW_S)
    turning = np.degrees(_rate(_smooth(yaw, QUICK_S)))
    trunk = own[:, 12] - 0.5 * (own[:, 1] + own[:, 2])
    hips, shoulders = own[:, 1] - own[:, 2], own[:, 16] - own[:, 17]
    normal = np.cross(shoulders, trunk)
    pelvis_line = own[:, 3] - 0.5 * (own[:, 1] + own[:, 2])
    feet = own[:, [10, 11]]
    hands_apart = _length(own[:, 20] - own[:, 21]) / arm_m
    twist = np.degrees(_wrapped(np.arctan2(-shoulders[:, 2], shoulders[:, 0]) - np.arctan2(-hips[:, 2], hips[:, 0])))
    neck_forward, neck_left = _neck(own)
    neck_forward, neck_left = neck_forward - np.median(neck_forward), neck_left - np.median(neck_left)
    if gaze is None:
        head_left, head_up = np.zeros(len(yaw)), -neck_forward
    else:
        chest = np.arctan2(-shoulders[:, 2], shoulders[:, 0])
        head_left = np.degrees(_wrapped(np.arctan2(gaze[:, 0], gaze[:, 2]) - chest)) * (np.abs(gaze[:, 1]) < 0.94)
        head_up = np.degrees(np.arcsin(np.clip(gaze[:, 1], -1, 1)))
    return [
        (height - ground) / leg_m,
        (height - joints[:, [7, 8], 1].min(axis=1)) / leg_m,
        velocity[:, 1],
        slow[:, 1],
        velocity[:, 2],
        velocity[:, 0],
        slow[:, 2],
        slow[:, 0],
        np.hypot(slow[:, 0], slow[:, 2]),
        turning,
        _smooth(turning, SLOW_S),
        _tilt(trunk[:, 2], trunk[:, 1]),
        _tilt(trunk[:, 0], trunk[:, 1]),
        twist,
        trunk[:, 1] / np.maximum(_length(trunk), 1e-9),
        normal[:, 1] / np.maximum(_length(normal), 1e-9),
        _tilt(pelvis_line[:, 2], pelvis_line[:, 1]),
        np.degrees(np.arcsin(np.clip(-hips[:, 1] / np.maximum(_length(hips), 1e-9), -1, 1))),
        np.degrees(np.arcsin(np.clip(-shoulders[:, 1] / np.maximum(_length(shoulders), 1e-9), -1, 1))),
        (joints[:, [10, 11], 1].min(axis=1) - ground) / leg_m,
        (own[:, 4, 0] - own[:, 5, 0]) / leg_m,
        (feet[:, 0, 0] - feet[:, 1, 0]) / leg_m,
        (feet[:, 0, 2] - feet[:, 1, 2]) / leg_m,
        hands_apart,
        -_rate(hands_apart),
        head_left,
        head_up,
        neck_forward,
        neck_left,
        -_rate(_smooth(head_up, 0.05)),
        _rate(_smooth(head_left, 0.05)),
    ]


def _of_left(own: Array, ground: Array, contact: Array, leg_m: float, arm_m: float) -> list[Array]:
    """The signals of the left arm and leg, in the order of the table. own (T, 22, 3): left, up, forward."""
    shoulder, elbow, wrist = own[:, 16], own[:, 18], own[:, 20]
    hand = wrist + 0.15 * arm_m * _unit(wrist - elbow)
    to_wrist, to_elbow = (wrist - shoulder) / arm_m, (elbow - shoulder) / arm_m
    trunk = _unit(own[:, 12] - 0.5 * (own[:, 1] + own[:, 2]))
    normal = _unit(np.cross(own[:, 16] - own[:, 17], trunk))
    moving = _rate(_smooth((wrist - own[:, 9]) / arm_m, 0.04))
    speed = _length(moving)
    head = own[:, 15]
    hip, knee, ankle, foot = own[:, 1], own[:, 4], own[:, 7], own[:, 10]
    thigh = knee - hip
    middle = own[:, [1, 2]].mean(axis=1)
    stepping = _rate(_smooth((ankle - own[:, 0] * (1.0, 0.0, 1.0)) / leg_m, 0.04))

    def distance(to: Array) -> Array:
        return _length(hand - to) / arm_m

    return [
        *to_wrist.T,
        *to_elbow.T,
        (to_wrist * trunk).sum(axis=1),
        ((wrist - own[:, 9]) / arm_m * normal).sum(axis=1),
        _angle(shoulder - elbow, wrist - elbow),
        *moving.T,
        speed,
        _smooth(speed, SLOW_S),
        (wrist[:, 1] - head[:, 1]) / arm_m,
        (wrist[:, 1] - middle[:, 1]) / arm_m,
        (wrist[:, 1] - ground) / leg_m,
        distance(head + _MOUTH * arm_m),
        distance(head + _EAR * arm_m),
        distance(head + _TOP * arm_m),
        distance(hip + np.array([0.16, 0.1, 0.0]) * arm_m),
        distance(own[:, 17]),
        distance(own[:, 19]),
        distance(own[:, 3] + 0.25 * arm_m * normal),
        distance(knee),
        (shoulder[:, 1] - own[:, 12, 1]) / arm_m,
        _tilt(thigh[:, 2], -thigh[:, 1]),
        np.degrees(np.arcsin(np.clip(thigh[:, 0] / np.maximum(_length(thigh), 1e-9), -1, 1))),
        180.0 - _angle(hip - knee, ankle - knee),
        (knee[:, 1] - hip[:, 1]) / leg_m,
        (np.minimum(foot[:, 1], ankle[:, 1]) - ground) / leg_m,
        (ankle[:, 1] - foot[:, 1]) / leg_m,
        (ankle[:, 2] - middle[:, 2]) / leg_m,
        (ankle[:, 0] - middle[:, 0]) / leg_m,
        _length(stepping),
        stepping[:, 1],
        stepping[:, 2],
        contact.astype(np.float64),
    ]


def _neck(own: Array) -> tuple[Array, Array]:
    """Inclination of neck to head against the upper trunk, forward and to the left, (T,) degrees."""
    up = own[:, 12] - own[:, 6]
    line = own[:, 15] - own[:, 12]
    forward = _tilt(line[:, 2], line[:, 1]) - _tilt(up[:, 2], up[:, 1])
    left = _tilt(line[:, 0], line[:, 1]) - _tilt(up[:, 0], up[:, 1])
    return np.degrees(_wrapped(np.radians(forward))), np.degrees(_wrapped(np.radians(left)))


def _arm_length(joints: Array) -> float:
    """Median length of shoulder-elbow-wrist over frames and sides, metres."""
    upper, lower = joints[:, [18, 19]] - joints[:, [16, 17]], joints[:, [20, 21]] - joints[:, [18, 19]]
    return float(np.median(_length(upper) + _length(lower)))


def _seen_from(v: Array, yaw: Array) -> Array:
    """Vectors (T, N, 3) in the frame of a person facing `yaw` (T,): left, up, forward."""
    c, s = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    return np.stack([c * v[..., 0] - s * v[..., 2], v[..., 1], c * v[..., 2] + s * v[..., 0]], axis=-1)


def _smooth(x: Array, sigma_s: float) -> Array:
    """Gaussian low-pass along the first axis."""
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(x, sigma_s * FPS, axis=0, mode="nearest"))


def _rate(x: Array) -> Array:
    """Change a second along the first axis, by central differences."""
    return np.gradient(x, 1 / FPS, axis=0) if len(x) > 1 else np.zeros_like(x)


def _tilt(towards: Array, up: Array) -> Array:
    """Inclination in degrees, within a half turn of upright; towards the side where the line lies level or hangs."""
    return np.degrees(np.arctan2(towards, up))


def _angle(a: Array, b: Array) -> Array:
    """Angle between vectors (T, 3), degrees."""
    return np.asarray(np.degrees(np.arctan2(_length(np.cross(a, b)), (a * b).sum(axis=-1))))


def _length(v: Array) -> Array:
    return np.asarray(np.sqrt((v * v).sum(axis=-1)))


def _unit(v: Array) -> Array:
    return np.asarray(v / np.maximum(_length(v), 1e-9)[..., None])


def _wrapped(angle: Array) -> Array:
    """Within half a turn of zero."""
    return np.asarray(angle - 2 * np.pi * np.rint(angle / (2 * np.pi)))
