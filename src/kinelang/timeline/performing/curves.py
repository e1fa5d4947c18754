"""Curves over time: minimum-jerk transitions, windows, repetitions. All take seconds (T,) and give (T,)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kinelang.motion.arrays import Array


def minimum_jerk(x: Array) -> Array:
    """0 for x <= 0, 1 for x >= 1, between them the quintic of least jerk (Flash & Hogan 1985)."""
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * x * (10.0 + x * (6.0 * x - 15.0)))


def rise(times_s: Array, start_s: float, end_s: float) -> Array:
    """0 before `start_s`, 1 after `end_s`, minimum jerk between."""
    return minimum_jerk((times_s - start_s) / max(end_s - start_s, 1e-3))


def window(times_s: Array, start_s: float, end_s: float, in_s: float, out_s: float) -> Array:
    """0 outside, 1 inside, with transitions of `in_s` and `out_s` seconds that lie inside; shorter where the window is short."""
    scale = min(1.0, (end_s - start_s) / max(in_s + out_s, 1e-6))
    up = rise(times_s, start_s, start_s + in_s * scale)
    return up - rise(times_s, end_s - out_s * scale, end_s)


def through(times_s: Array, keys: Sequence[tuple[float, float | Sequence[float] | Array]]) -> Array:
    """Minimum-jerk moves through (seconds, value) keys, resting at each. Values: numbers -> (T,), or K numbers -> (T, K)."""
    values = np.array([value for _, value in keys], dtype=float)
    out = np.broadcast_to(values[0], (len(times_s), *values.shape[1:])).copy()
    for (a, _), (b, _), step in zip(keys[:-1], keys[1:], np.diff(values, axis=0), strict=True):
        part = rise(times_s, a, b)
        out += part.reshape(-1, *[1] * (values.ndim - 1)) * step
    return out


def summed(values: Array) -> Array:
    """Sum of the values up to the middle of each frame, so that the result does not depend on the frame rate. (T,)"""
    return np.asarray(np.cumsum(values) - 0.5 * values)


def repetitions(times_s: Array, start_s: float, end_s: float, count: int) -> Array:
    """Phase that goes evenly from 0 at `start_s` to `count` at `end_s` and stays outside."""
    return np.asarray(count * np.clip((times_s - start_s) / max(end_s - start_s, 1e-3), 0.0, 1.0))


def bump(phase: Array) -> Array:
    """One smooth hill for each whole number passed: 0 at whole phases, 1 half-way."""
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * phase))


def drift(times_s: Array, rng: np.random.Generator, size: float, slowest_hz: float = 0.08, fastest_hz: float = 0.6) -> Array:
    """Smooth, slow wandering about 0 with standard deviation `size`: four sines of random frequency and phase."""
    hz = np.exp(rng.uniform(np.log(slowest_hz), np.log(fastest_hz), 4))
    phase = rng.uniform(0, 2 * np.pi, 4)
    weight = rng.uniform(0.5, 1.0, 4)
    weight *= np.sqrt(2) * size / np.linalg.norm(weight)
    return np.asarray(np.sin(2 * np.pi * hz * times_s[:, None] + phase) @ weight)


def flow(times_s: Array, keys: Sequence[tuple[float, float | Sequence[float] | Array]]) -> Array:
    """Smooth moves through (seconds, value) keys without resting at the inner ones, and without overshoot: piecewise cubic Hermite
    with the slopes of Fritsch & Carlson (1980), 0 at both ends. Values: numbers -> (T,), or K numbers -> (T, K)."""
    at = np.array([key for key, _ in keys], dtype=float)
    values = np.array([np.asarray(value, dtype=float) for _, value in keys])
    shape = values.shape[1:]
    values = values.reshape(len(at), -1)
    gap = np.maximum(np.diff(at), 1e-6)[:, None]
    slope = np.diff(values, axis=0) / gap
    inner = np.zeros_like(values)
    a, b = slope[:-1], slope[1:]
    same = a * b > 0
    inner[1:-1] = np.where(same, 2 * a * b / np.where(same, a + b, 1.0), 0.0)
    x = np.clip(times_s, at[0], at[-1])
    k = np.clip(np.searchsorted(at, x, side="right") - 1, 0, len(at) - 2)
    h = gap[k]
    u = ((x - at[k])[:, None]) / h
    out = (1 + 2 * u) * (1 - u) ** 2 * values[k] + u * (1 - u) ** 2 * h * inner[k]
    out += u * u * (3 - 2 * u) * values[k + 1] - u * u * (1 - u) * h * inner[k + 1]
    return np.asarray(out.reshape(len(x), *shape))
