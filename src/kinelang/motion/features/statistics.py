"""How the published normalisation is formed."""

from __future__ import annotations

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array, describe_shape
from kinelang.motion.features.layouts import HUMANML3D, Layout


def block_std(std_per_dim: Array, layout: Layout = HUMANML3D) -> Array:
    """The published `Std.npy` from the standard deviation of each feature: its mean over each block. (D,) -> (D,).

    `Mean.npy` is the plain mean of each feature. Both are taken over all frames of all clips, of all splits and mirrored ones too
    (Guo et al. 2022). The yaw rate, the root velocity and the height are blocks of their own; see `layout.blocks`.
    """
    std = np.asarray(std_per_dim)
    if std.shape != (layout.width,):
        raise MotionError.of("std_per_dim", describe_shape(std), f"({layout.width},)")
    averaged = np.empty_like(std, dtype=np.result_type(std, np.float32))
    for block in layout.blocks.values():
        averaged[block] = std[block].mean()
    return averaged
