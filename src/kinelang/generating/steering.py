"""Headings that drift while nothing turns: a motion is turned slowly to where its draft faces."""

from __future__ import annotations

import numpy as np

from kinelang.corpora.base import FPS
from kinelang.models.finemogen.groups import PARTS
from kinelang.models.finemogen.model import Job
from kinelang.motion.arrays import Array
from kinelang.motion.features import HUMANML3D

SLOW_S = 1.0
"""Deviation of the Gaussian over the difference of headings: what differs for a shorter time is left."""
LEAST_DEG = 5.0
"""Smaller changes are not told."""


def steered(features: Array, job: Job) -> tuple[Array, tuple[str, ...]]:
    """Features with the headings of the draft, over times longer than `SLOW_S`, and what was changed, in words.

    Args:
        features: (T, 263) raw, as they were made.
        job: that they were made of. Without a draft nothing changes; frames of which it does not speak, or whose turning is fixed,
            stay.
    """
    from scipy.ndimage import gaussian_filter1d

    if job.draft is None:
        return features, ()
    free = np.ones(len(features), bool) if job.drafted is None else job.drafted[:, PARTS.index("root")].copy()
    yaw = HUMANML3D.blocks["yaw_rate"].start
    if job.fixed is not None:
        free &= ~job.fixed[:, yaw]
    gap = np.where(free, features[:, yaw].astype(np.float64) - job.draft[:, yaw], 0.0)  # half-angles, see `motion.features`
    apart = np.concatenate([[0.0], np.cumsum(gap)])
    beyond = min(len(apart) - 1, round(4 * SLOW_S * FPS))  # it goes on beyond both ends as it came, so that neither is pulled back
    padded = np.pad(apart, beyond, mode="reflect", reflect_type="odd")
    behind = gaussian_filter1d(padded, SLOW_S * FPS)[beyond : beyond + len(apart)]
    change = np.where(free, np.diff(behind), 0.0)
    most = float(np.degrees(2 * np.abs(np.cumsum(change)).max()))
    out = features.copy()
    out[:, yaw] -= change.astype(features.dtype)
    return out, (f"Turned by up to {most:.0f}° over its length, to face where the stages lead.",) if most >= LEAST_DEG else ()
