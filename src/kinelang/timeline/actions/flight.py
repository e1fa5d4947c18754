"""What leaves the ground: curves with given speeds, and the push-off, flight and landing of a body."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.performing.score import FootMove, Score

GRAVITY = 9.81
"""m/s2."""
OFF_M = 0.05
"""How much higher than standing the pelvis is when the toes leave the ground."""


def hermite(times_s: Array, keys: Sequence[tuple[float, float, float]]) -> Array:
    """Piecewise cubic through keys (seconds, value, speed), constant outside them; between keys of equal height and opposite speed a
    parabola. A key that does not come after the one before it is left out. (T,)"""
    kept = [keys[0]]
    for key in keys[1:]:
        if key[0] > kept[-1][0] + 1e-3:
            kept.append(key)
    at, value, speed = (np.array(column, dtype=float) for column in zip(*kept, strict=True))
    x = np.clip(times_s, at[0], at[-1])
    k = np.clip(np.searchsorted(at, x, side="right") - 1, 0, len(at) - 2)
    h = np.maximum(at[k + 1] - at[k], 1e-6)
    u = (x - at[k]) / h
    out = (1 + 2 * u) * (1 - u) ** 2 * value[k] + u * (1 - u) ** 2 * h * speed[k]
    return np.asarray(out + u * u * (3 - 2 * u) * value[k + 1] - u * u * (1 - u) * h * speed[k + 1])


def flight_s(height_m: float) -> float:
    """Seconds in the air of a jump that raises the body by so much."""
    return float(np.sqrt(8 * height_m / GRAVITY))


def height_m(seconds: float) -> float:
    """How high a body rises that is so long in the air."""
    return GRAVITY * seconds**2 / 8


def lifted(off_s: float, land_s: float, off_m: float = OFF_M, land_m: float = OFF_M - 0.02) -> list[tuple[float, float, float]]:
    """Two keys for `hermite`: leaving the ground and touching it again, with the speeds that gravity asks for."""
    seconds = land_s - off_s
    up = 0.5 * GRAVITY * seconds + (land_m - off_m) / seconds
    return [(off_s, off_m, up), (land_s, land_m, up - GRAVITY * seconds)]


def rate(score: Score, values: Array) -> Array:
    """Speed (T,) whose sum over time gives the values (T,)."""
    return np.asarray(np.gradient(values) * score.fps) if len(values) > 1 else np.zeros(len(values))


def fly(score: Score, side: str, off_s: float, land_s: float, aim_s: float, **fields: float) -> None:
    """One foot flies with the body: it leaves with the heel up and comes down on the toes."""
    given = {"height_m": height_m(land_s - off_s) + 0.03, "push_deg": 45.0, "strike_deg": -22.0} | fields
    score.move_foot(FootMove(side, off_s, land_s, aim_s, in_flight=True, **given))
