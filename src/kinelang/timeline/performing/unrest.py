"""No body is ever quite still: the small fast wandering of every joint, which real recordings show in the quietest of people."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.rotations import quat_multiply
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline.performing.score import Score

_DEGREES = {"pelvis": 0.05, "hip": 0.05, "knee": 0.06, "ankle": 0.15, "foot": 0.0, "spine": 0.06, "neck": 0.15, "head": 0.15}
_DEGREES |= {"collar": 0.06, "shoulder": 0.16, "elbow": 0.2, "wrist": 0.0}
_ROOT_M = 0.0004
_WAVES = 3
_HZ = (1.2, 4.5)
"""Standard deviations, and between which frequencies. In the quietest clips jerk is then a fifth (pelvis, feet) to a half (hands) of
that in the quietest captioned CMU segments, which hold the noise of the recording too (`bench/choreography.py`)."""


def add_unrest(rotations: Array, root: Array, score: Score) -> None:
    """Turn every joint (T, J, 4) and shift the root (T, 3) by a little, in place; as much as the person is restless."""
    rng = score.rng.spawn(1)[0]
    t, size = score.times_s, score.person.restlessness
    degrees = np.array([_DEGREES[name.removeprefix("left_").removeprefix("right_").rstrip("123")] for name in SMPL22.joint_names])
    waves = _wandering(t, rng, 3 * len(degrees) + 3)  # (T, 3 J + 3)
    half = 0.5 * size * np.radians(degrees)[:, None] * waves[:, :-3].reshape(len(t), -1, 3)
    small = np.concatenate([np.ones((*half.shape[:2], 1)), half], axis=-1)
    small /= np.linalg.norm(small, axis=-1, keepdims=True)
    rotations[:] = quat_multiply(rotations, small)
    root += size * _ROOT_M * waves[:, -3:]


def _wandering(times_s: Array, rng: np.random.Generator, columns: int) -> Array:
    """Sums of sines of random frequency and phase with standard deviation 1. (T, columns)"""
    hz = np.exp(rng.uniform(np.log(_HZ[0]), np.log(_HZ[1]), (_WAVES, columns)))
    phase = rng.uniform(0, 2 * np.pi, (_WAVES, columns))
    angles = 2 * np.pi * times_s[:, None, None] * hz + phase
    return np.asarray(np.sin(angles).sum(axis=1) * np.sqrt(2 / _WAVES))
