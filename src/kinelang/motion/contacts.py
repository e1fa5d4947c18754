"""Feet on the ground, steps, and time in the air."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import Literal

import numpy as np

from kinelang.motion.arrays import Array, BoolArray

ANKLES, TOES = (7, 8), (10, 11)  # left, right in SMPL-22
SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")

# All ours, for a leg of 0.82 m (lengths and speeds grow with the leg). A planted foot still rolls, hence two speeds.
SLOW_M_S, FAST_M_S = 0.45, 0.8  # a foot slower than the first is planted; it leaves when faster than the second
LOW_M = 0.12  # a planted toe is at most this far above the local ground
CLEAR_M = 0.035  # a foot whose toe and ankle are both this far above their lowest places nearby is lifted
GROUND_WINDOW_S = 0.75  # the local ground is the lowest toe within this time before and after, so that stairs are ground too
MIN_CONTACT_S, MIN_SWING_S = 0.1, 0.1
MIN_STEP_M, MIN_LIFT_M = 0.08, 0.03  # a swing counts as a step if the foot moved or rose by this much
AIRBORNE_M = 0.06  # both toes at least this high, for a flight
FALL_M_S2 = -3.5  # and the pelvis accelerating downward at least so (free fall is -9.8; limbs and smoothing take some of it away)
STILL_M_S = 0.15  # a foot as still as this carries weight at any height (ladders, stairs, chairs) if the other is higher or moves
LEG_M = 0.82


@dataclass(frozen=True)
class Step:
    """One swing of a foot from where it lifts to where it lands. Frames; length_m is horizontal."""

    side: Literal["left", "right"]
    lift: int
    land: int
    length_m: float


@dataclass(frozen=True)
class Feet:
    """What the feet of a clip do.

    Attributes:
        leg_m: length of the legs, the yardstick of the thresholds.
        contacts: (T, 2) bool, left and right foot planted.
        steps: of both feet, in order of landing.
        flights: stretches [start, end) in frames with both feet off the ground.
    """

    leg_m: float
    contacts: BoolArray
    steps: tuple[Step, ...]
    flights: tuple[tuple[int, int], ...]


def follow_feet(joints: Array, fps: float) -> Feet:
    """Contacts, steps and flights. joints (T, 22, 3) metres, Y up.

    A foot is planted when low over the local ground, not lifted off its own lowest place, and slow at the ankle or the toe, with two
    speeds because a planted foot rolls.
    """
    leg_m = leg_length_m(joints)
    scale = leg_m / LEG_M
    ends = picked(joints, [*TOES, *ANKLES])
    toes = ends[:, :2]
    speed = speeds_m_s(ends, fps)
    speed = np.minimum(speed[:, :2], speed[:, 2:])
    above_ground = toes[..., 1] - _local_ground(toes[..., 1].min(axis=1), fps)[:, None]
    low = above_ground < LOW_M * scale
    # How far each toe and ankle is above its own lowest place around that time: a short step lifts both before it gets fast.
    clear = ends[..., 1] - np.stack([_local_ground(ends[:, i, 1], fps) for i in range(4)], axis=1)
    lifted = np.minimum(clear[:, :2], clear[:, 2:]) > CLEAR_M * scale
    still = speed < STILL_M_S * scale
    carries = still & (~still[:, ::-1] | (toes[..., 1] < toes[:, ::-1, 1] + 0.5 * LOW_M * scale))
    on = (low & ~lifted & (speed < SLOW_M_S * scale)) | carries
    contacts = _hysteresis(on, ~on & (~low | lifted | (speed > FAST_M_S * scale)))
    steps: list[Step] = []
    for s, side in enumerate(SIDES):
        planted = spans(contacts[:, s])
        long_enough = [(a, b) for a, b in planted if (b - a) / fps >= MIN_CONTACT_S or a == 0 or b == len(contacts)]
        for a, b in set(planted) - set(long_enough):
            contacts[a:b, s] = False
        steps += _steps(toes[:, s], long_enough, side, fps, scale)
    free = np.logical_not(contacts.any(axis=1))
    lowest = above_ground.min(axis=1)
    flights = tuple(
        (a, b)
        for a, b in spans(free)
        if b - a >= 2 and lowest[a:b].max() >= AIRBORNE_M * scale and _acceleration(joints[:, 0, 1], a, b, fps) <= FALL_M_S2
    )
    return Feet(leg_m, contacts, tuple(sorted(steps, key=lambda step: step.land)), flights)


def _steps(toe: Array, planted: list[tuple[int, int]], side: Literal["left", "right"], fps: float, scale: float) -> list[Step]:
    """Swings between stretches on the ground that carry the foot along or up. toe (T, 3)."""
    steps = []
    x, y, z = toe.T.tolist()
    for (_, lift), (land, _) in pairwise(planted):
        left = lift - 1
        length = hypot(x[land] - x[left], z[land] - z[left])
        carried = max(length, abs(y[land] - y[left])) >= MIN_STEP_M * scale
        rose = max(y[lift:land]) - max(y[left], y[land])
        if (land - lift) / fps >= MIN_SWING_S and (carried or rose >= MIN_LIFT_M * scale):
            steps.append(Step(side, lift, land, length))
    return steps


def _acceleration(height: Array, a: int, b: int, fps: float) -> float:
    """Second derivative of height by a least-squares parabola over the frames [a - 1, b + 1), in units a second squared."""
    part = height[max(a - 1, 0) : b + 1]
    if len(part) < 3:
        return 0.0
    square = (np.arange(len(part)) - 0.5 * (len(part) - 1)) ** 2
    square -= square.mean()  # orthogonal to constant and slope, so that the fit is one projection
    return float(2 * (square @ part) / (square @ square) * fps**2)


def leg_length_m(joints: Array) -> float:
    """Median length of hip-knee-ankle over frames and sides. joints (T, 22, 3) -> metres."""
    bones = picked(joints, [4, 5, 7, 8]) - picked(joints, [1, 2, 4, 5])
    lengths = np.sqrt(np.einsum("tji,tji->tj", bones, bones))
    legs = np.sort(lengths[:, :2] + lengths[:, 2:], axis=None)
    return float(0.5 * (legs[(len(legs) - 1) // 2] + legs[len(legs) // 2]))


def picked(joints: Array, indices: list[int]) -> Array:
    """Some of the joints, (T, J, 3) -> (T, N, 3), in memory components first and time last as `facing.in_initial_frame` gives them."""
    return joints.transpose(2, 1, 0).take(indices, axis=1).transpose(2, 1, 0)


def speeds_m_s(positions: Array, fps: float) -> Array:
    """Speed by central differences, one-sided at the ends. positions (T, ..., 3) -> (T, ...)."""
    if len(positions) < 2:
        return np.zeros(positions.shape[:-1])
    v = np.empty_like(positions, dtype=np.float64)  # laid out in memory as the positions are
    v[1:-1] = (positions[2:] - positions[:-2]) / 2
    v[0] = positions[1] - positions[0]
    v[-1] = positions[-1] - positions[-2]
    return np.asarray(np.sqrt(np.einsum("...i,...i->...", v, v)) * fps)


def spans(flags: Array) -> list[tuple[int, int]]:
    """Stretches [start, end) of True. flags (T,)."""
    edges = np.flatnonzero(flags[1:] != flags[:-1]) + 1
    points = edges.tolist()
    if len(flags) and flags[0]:
        points.insert(0, 0)
    if len(flags) and flags[-1]:
        points.append(len(flags))
    return list(zip(points[::2], points[1::2], strict=True))


def _local_ground(lowest: Array, fps: float) -> Array:
    """Lowest of the lowest toe (T,) within a window around each frame. (T,)."""
    reach = max(round(GROUND_WINDOW_S * fps), 1)
    window = 2 * reach + 1
    low = np.concatenate([np.full(reach, lowest[0]), lowest, np.full(reach, lowest[-1])])
    width = 1  # low[i] is the lowest of so many values from i on
    while 2 * width <= window:
        low = np.minimum(low[:-width], low[width:])
        width *= 2
    return np.asarray(np.minimum(low[: len(lowest)], low[window - width :]))


def _hysteresis(on: BoolArray, off: BoolArray) -> BoolArray:
    """True from where `on` holds until `off` holds, along the first axis. (T, N), (T, N) -> (T, N)."""
    frames = np.arange(len(on))[:, None]
    last_on = np.maximum.accumulate(np.where(on, frames, -1))
    last_off = np.maximum.accumulate(np.where(off, frames, -1))
    return np.asarray((last_on >= 0) & (last_on > last_off))
