"""Clips a little different each time: another part, another speed, the mirror image, noise."""

from __future__ import annotations

import numpy as np

from kinelang.models.tmr.config import Data
from kinelang.motion.arrays import Array
from kinelang.motion.features import HUMANML3D

SLOW_FRAMES = 15.0
"""Deviation of the Gaussian over the noise of `softened`."""
_PER_FRAME = ("yaw_rate", "root_velocity", "velocities")
"""Blocks that are steps from one frame to the next: at twice the speed twice as large."""


def cropped(clip: Array, data: Data, rng: np.random.Generator) -> Array:
    """A random part of raw features (T, D): at least `shortest_crop` of them, `min_frames` to `max_frames` where there are as many."""
    most = min(len(clip), data.max_frames)
    least = min(max(round(data.shortest_crop * most), data.min_frames), most)
    length = int(rng.integers(least, most + 1))
    start = int(rng.integers(0, len(clip) - length + 1))
    return clip[start : start + length]


def at_speed(clip: Array, speed: float) -> Array:
    """Raw features of the same movement at another speed, interpolated: (T, 263) -> (about T / speed, 263). Contacts stay 0 or 1."""
    n = max(round((len(clip) - 1) / speed) + 1, 2)
    if len(clip) < 2 or speed == 1:
        return clip
    at = np.linspace(0, len(clip) - 1, n)
    low = np.minimum(at.astype(np.intp), len(clip) - 2)
    share = (at - low)[:, None].astype(clip.dtype)
    out = (1 - share) * clip[low] + share * clip[low + 1]
    step = np.asarray((len(clip) - 1) / (n - 1), dtype=clip.dtype)
    for name in _PER_FRAME:
        out[:, HUMANML3D.blocks[name]] *= step
    contacts = HUMANML3D.blocks["contacts"]
    out[:, contacts] = clip[np.rint(at).astype(np.intp), contacts]
    return np.asarray(out)


def softened(clip: Array, deviation: Array, rng: np.random.Generator) -> Array:
    """Raw features (T, 263) without their quick movements, and slowly astray: what a plain performance of the same would be.

    Smoothed by a Gaussian of 2 to 6 frames; to each feature is added slow noise of up to a quarter of its deviation (263,).
    """
    from scipy.ndimage import gaussian_filter1d

    out = gaussian_filter1d(clip, float(rng.uniform(2, 6)), axis=0, mode="nearest")
    slow = gaussian_filter1d(rng.standard_normal(clip.shape, dtype=np.float32), SLOW_FRAMES, axis=0, mode="reflect")
    slow *= float(rng.uniform(0, 0.25)) / max(float(slow.std()), 1e-6)
    return np.asarray(out + slow * deviation, dtype=np.float32)


def disturbed(normalised: Array, data: Data, rng: np.random.Generator) -> Array:
    """Normalised features (T, D) with white noise, and an error of each feature that stays through the clip; what is hidden is 0."""
    out = np.array(normalised)
    if data.offset:
        out = out + data.offset * rng.standard_normal(out.shape[1], dtype=np.float32)
    if data.noise:
        out = out + data.noise * rng.standard_normal(out.shape, dtype=np.float32)
    for name in data.hidden:
        out[:, HUMANML3D.blocks[name]] = 0
    return np.asarray(out)
