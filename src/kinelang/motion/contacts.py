"""Feet on the ground, steps, and time in the air."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from kinelang.motion.arrays import Array, BoolArray

ANKLES, TOES = (7, 8), (10, 11)  # left, right in SMPL-22
SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")

# All ours, for a leg of 0.82 m (lengths and speeds grow with the leg). A planted foot still rolls, hence two speeds.
SLOW_M_S, FAST_M_S = 0.45, 0.8  # a foot slower than the first is planted; it leaves when faster than the second
LOW_M = 0.12  # a planted toe is at most this far above the local ground
GROUND_WINDOW_S = 0.75  # the local ground is the lowest toe within this time before and after, so that stairs are ground too
MIN_CONTACT_S, MIN_SWING_S = 0.1, 0.1
MIN_STEP_M, MIN_LIFT_M = 0.08, 0.03  # a swing counts as a step if the foot moved or rose by this much
AIRBORNE_M = 0.06  # both toes at least this high, for a flight
LEG_M = 0.82


@dataclass(frozen=True)
class Step:
    """One swing of a foot from where it lifts to where it lands. Frames; length_m is horizontal."""

    side: Literal["left", "right"]
    lift: int
    land: int
    length_m: float


def leg_length_m(joints: Array) -> float:
    """Median length of hip-knee-ankle over frames and sides. joints (T, 22, 3) -> metres."""
    bones = joints[:, [4, 5, 7, 8]] - joints[:, [1, 2, 4, 5]]
    lengths = np.sqrt(np.einsum("tji,tji->tj", bones, bones))
    return float(np.median(lengths[:, :2] + lengths[:, 2:]))


def speeds_m_s(positions: Array, fps: float) -> Array:
    """Speed by central differences, one-sided at the ends. positions (T, ..., 3) -> (T, ...)."""
    if len(positions) < 2:
        return np.zeros(positions.shape[:-1])
    v = np.empty(positions.shape)
    v[1:-1] = (positions[2:] - positions[:-2]) / 2
    v[0] = positions[1] - positions[0]
    v[-1] = positions[-1] - positions[-2]
    return np.asarray(np.sqrt(np.einsum("...i,...i->...", v, v)) * fps)


def foot_contacts(joints: Array, fps: float) -> BoolArray:
    """Whether each foot is planted: low over the local ground and slow at the ankle or the toe. (T, 22, 3) -> (T, 2) left, right."""
    scale = leg_length_m(joints) / LEG_M
    toes, ankles = joints[:, TOES], joints[:, ANKLES]
    speed = np.minimum(speeds_m_s(toes, fps), speeds_m_s(ankles, fps))
    low = toes[..., 1] - _local_ground(joints, fps)[:, None] < LOW_M * scale
    slow, fast = speed < SLOW_M_S * scale, speed > FAST_M_S * scale
    contacts = np.stack([_hysteresis(low[:, s] & slow[:, s], np.logical_or(~low[:, s], fast[:, s])) for s in (0, 1)], axis=1)
    for s in (0, 1):
        for start, end in spans(np.asarray(contacts[:, s])):
            if (end - start) / fps < MIN_CONTACT_S and start > 0 and end < len(contacts):
                contacts[start:end, s] = False
    return contacts


def steps_of(joints: Array, contacts: BoolArray, fps: float) -> tuple[Step, ...]:
    """Steps of both feet in order of landing. joints (T, 22, 3), contacts (T, 2)."""
    scale = leg_length_m(joints) / LEG_M
    steps = []
    for s, side in enumerate(SIDES):
        toe = joints[:, TOES[s]]
        planted = spans(contacts[:, s])
        for (_, lift), (land, _) in pairwise(planted):
            moved = toe[land, [0, 2]] - toe[lift - 1, [0, 2]]
            length = float(np.hypot(*moved))
            rose = float(toe[lift:land, 1].max() - max(toe[lift - 1, 1], toe[land, 1]))
            if (land - lift) / fps >= MIN_SWING_S and (length >= MIN_STEP_M * scale or rose >= MIN_LIFT_M * scale):
                steps.append(Step(side, lift, land, length))
    return tuple(sorted(steps, key=lambda step: step.land))


def flights_of(joints: Array, contacts: BoolArray, fps: float) -> tuple[tuple[int, int], ...]:
    """Stretches [start, end) in frames with both feet off the ground. joints (T, 22, 3), contacts (T, 2)."""
    scale = leg_length_m(joints) / LEG_M
    toes = joints[:, TOES][..., 1].min(axis=1) - _local_ground(joints, fps)
    free = np.logical_not(contacts.any(axis=1))
    return tuple((a, b) for a, b in spans(free) if b - a >= 2 and toes[a:b].max() >= AIRBORNE_M * scale)


def spans(flags: Array) -> list[tuple[int, int]]:
    """Stretches [start, end) of True. flags (T,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _local_ground(joints: Array, fps: float) -> Array:
    """Height of the lowest toe within a window around each frame. (T,)."""
    lowest = joints[:, TOES][..., 1].min(axis=1)
    reach = max(round(GROUND_WINDOW_S * fps), 1)
    padded = np.pad(lowest, reach, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1))


def _hysteresis(on: BoolArray, off: BoolArray) -> BoolArray:
    """True from where `on` holds until `off` holds. (T,), (T,) -> (T,)."""
    last_on = np.maximum.accumulate(np.where(on, np.arange(len(on)), -1))
    last_off = np.maximum.accumulate(np.where(off, np.arange(len(off)), -1))
    return np.asarray((last_on >= 0) & (last_on > last_off))
