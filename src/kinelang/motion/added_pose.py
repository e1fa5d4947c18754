"""The T-pose that a converter has put before the recording."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import FloatArray
from kinelang.motion.motion import Motion

EASED_FRAMES = 6
"""In cgspeed's BVH release of the CMU recordings frame 0 is a T-pose facing +Z, and frames 1 to 5 ease out of it: time 0 of the
recording is frame 1, the first frame that is wholly recorded is frame 6. Measured on all 173 files at hand."""

REST_RAD = np.radians(12.0)
"""In that T-pose no joint is turned by more than 10.6 degrees, and the root by none."""


def without_added_t_pose(motion: Motion) -> Motion:
    """The recording alone, where a CMU BVH begins with the converter's T-pose; any other motion as it is.

    Frame 0 is left out, so that times are those of the recording; the five frames that ease out of the T-pose are replaced by the first
    recorded one. The T-pose would be taken for raised arms, and its facing for the person's.
    """
    if not _begins_with_t_pose(motion):
        return motion
    frames = np.maximum(np.arange(1, motion.n_frames), EASED_FRAMES)

    def taken(array: FloatArray | None) -> FloatArray | None:
        return None if array is None else array[frames]

    note = f"frames 0 to {EASED_FRAMES - 1} are the T-pose that the converter added and are left out of account; time 0 is frame 1"
    return motion.with_(
        positions=taken(motion.positions),
        rotations=taken(motion.rotations),
        root=taken(motion.root),
        translations=taken(motion.translations),
    ).noted(note)


def _begins_with_t_pose(motion: Motion) -> bool:
    if motion.skeleton.name != "cmu_daz" or motion.rotations is None or motion.n_frames <= EASED_FRAMES + 1:
        return False
    turned = 2 * np.arccos(np.clip(np.abs(motion.rotations[0, :, 0]), 0, 1))
    return bool(turned[0] < np.radians(0.5) and turned.max() < REST_RAD)
