"""Joints from all that generated features say of them: where they are and how they move (ours).

Published work decodes positions alone (`decode`), each frame for itself, and smooths what jitters. But a model says the joints'
velocities too, and says them better: most of the time a foot is still. Positions that agree with both are found exactly, by one linear
system in time.
"""

from __future__ import annotations

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array, BoolArray, describe_shape
from kinelang.motion.features.decoding import checked_features, decode, root_path

TRUST = 10.0
"""Of a velocity relative to a position."""
FIRM = 1e6
"""Weight of a place that is to stay."""


def decode_fused(features: Array, trust: float = TRUST, firm: BoolArray | None = None) -> Array:
    """Joints whose places and steps are nearest to what the features say: min sum |x_t - p_t|² + trust sum |x_t+1 - x_t - v_t|².

    Of features that were encoded from a motion it gives what `decode` gives.

    Args:
        features: (T, D) of one clip, D = 263 (HumanML3D) or 251 (KIT).
        trust: 0: as `decode`.
        firm: (T, J) whose places are to stay as `decode` has them.

    Returns:
        (T, J, 3) in the type of the features, units of the layout.

    Raises:
        MotionError: as `decode`; several clips; a trust below 0; another shape of `firm`.
    """
    from scipy.linalg import solveh_banded

    features, layout = checked_features(features)
    if features.ndim != 2 or not trust >= 0:
        found = f"features of {features.ndim} axes, trust {trust:g}"
        raise MotionError.of("fused decoding", found, "one clip (T, D), and a trust of 0 or more")
    places, n = decode(features), len(features)
    if n < 2 or trust == 0:
        return places
    yaw, _ = root_path(features, layout)
    own = features[:-1, layout.blocks["velocities"]].reshape(n - 1, layout.n_joints, 3).astype(np.float64)
    c, s = np.cos(2 * yaw[:-1, None]), np.sin(2 * yaw[:-1, None])
    steps = np.stack([c * own[..., 0] - s * own[..., 2], own[..., 1], s * own[..., 0] + c * own[..., 2]], axis=-1)
    weights = np.ones((n, layout.n_joints))
    if firm is not None:
        if firm.shape != weights.shape:
            raise MotionError.of("firm", describe_shape(firm), f"{weights.shape}")
        weights[firm] = FIRM
    bands = np.zeros((2, n))  # of a symmetric tridiagonal matrix
    bands[0, 1:] = -trust
    bands[1, 1:] += trust
    bands[1, :-1] += trust
    right = places.astype(np.float64) * weights[..., None]
    right[1:] += trust * steps
    right[:-1] -= trust * steps
    out = np.empty_like(places)
    kinds, which = np.unique(weights, axis=1, return_inverse=True)
    for k, weight in enumerate(kinds.T):  # joints that share their weights share the matrix
        joints = np.flatnonzero(which.ravel() == k)
        solved = solveh_banded(np.stack([bands[0], bands[1] + weight]), right[:, joints].reshape(n, -1))
        out[:, joints] = solved.reshape(n, len(joints), 3)
    return out
