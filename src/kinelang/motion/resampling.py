"""Changing the frame rate without aliasing: windowed-sinc interpolation at the exact new times."""

from __future__ import annotations

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array

LOBES = 3
"""Lobes of the sinc on each side (Lanczos-3, Duchon 1979): exact at the old frames when the rate goes up."""

WHOLE_RATIO = 2e-3
"""Relative gap to a whole ratio of frame rates that is let pass: 59.94 fps counts as three times 20 (ours)."""


def resampled_times(n_frames: int, fps: float, new_fps: float) -> Array:
    """Times of the new frames in units of old frames, from 0 and never past the last old frame. (T',) float64."""
    count = int(np.floor((n_frames - 1) * new_fps / fps + 1e-6)) + 1
    return np.asarray(np.minimum(np.arange(count) * (fps / new_fps), n_frames - 1))


def resample_array(x: Array, fps: float, new_fps: float) -> Array:
    """Resample along the first axis; going down, what the new rate cannot carry is filtered out first.

    x (T, ...) -> (T', ...), T' = floor((T - 1) new_fps / fps) + 1; the first frame stays the first. Beyond the ends the signal is
    continued by point reflection. A straight line stays straight.
    """
    if len(x) == 1 or fps == new_fps:
        return x
    scale = max(1.0, fps / new_fps)
    times = resampled_times(len(x), fps, new_fps)
    reach = int(np.ceil(LOBES * scale))
    padded = np.pad(x, [(reach, reach)] + [(0, 0)] * (x.ndim - 1), mode="reflect", reflect_type="odd")
    first = np.floor(times).astype(np.int64) - reach + 1
    taps = np.arange(2 * reach)
    weights = _lanczos_weights((times[:, None] - (first[:, None] + taps)) / scale)
    out = np.zeros((len(times), *x.shape[1:]))
    shape = (-1,) + (1,) * (x.ndim - 1)
    for tap in taps:  # one pass a tap: memory stays that of the result
        out += weights[:, tap].reshape(shape) * padded[first + reach + tap]
    return out.astype(x.dtype)


def _lanczos_weights(distance: Array) -> Array:
    """Weights of the old frames for each new one, by their distance in units of the slower rate. (T', K) -> (T', K).

    The bare kernel reproduces a constant after division by the sum, but bends a straight line by up to a twentieth of its step. A
    share of the window, and of the window times distance, is added so that weights sum to 1 and distances average to 0.
    """
    window = np.where(np.abs(distance) < LOBES, np.sinc(distance / LOBES), 0)
    weights = np.sinc(distance) * window
    weights /= weights.sum(axis=1, keepdims=True)
    lean = window * distance
    missing = -(weights * distance).sum(axis=1)
    sums = window.sum(axis=1), lean.sum(axis=1), (lean * distance).sum(axis=1)
    slope = missing / (sums[2] - sums[1] ** 2 / sums[0])
    return np.asarray(weights + slope[:, None] * (lean - (sums[1] / sums[0])[:, None] * window))


def stride_for(fps: float, new_fps: float) -> int:
    """How many frames to step to go from fps to new_fps by dropping frames. Raises MotionError if that is no whole number."""
    ratio = fps / new_fps
    stride = round(ratio)
    if stride < 1 or abs(ratio - stride) > WHOLE_RATIO * stride:
        raise MotionError.of(
            "resample by stride", f"{fps:g} to {new_fps:g} fps", "a whole ratio", "use method='filter', which goes to any rate"
        )
    return stride
