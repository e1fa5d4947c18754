"""Joint angles as curves under a player."""

from __future__ import annotations

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.angles import ANGLES, joint_angles
from kinelang.motion.facing import in_initial_frame
from kinelang.motion.motion import Motion
from kinelang.motion.retargeting import smpl22_positions
from kinelang.viewing.labels import Curve


def angle_curves(motion: Motion, *keys: str) -> list[Curve]:
    """Joint angles of a motion in degrees, to be given as `curves`.

    Args:
        motion: on any human skeleton.
        keys: of `kinelang.motion.angles.ANGLES`, such as "knee_angle_l".

    Raises:
        MotionError: a key that is not in the table.
        SkeletonError: no human figure.
    """
    known = [angle.key for angle in ANGLES]
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise MotionError.of("joint angle", f"'{unknown[0]}'", f"one of {', '.join(known)}")
    degrees = np.degrees(joint_angles(in_initial_frame(smpl22_positions(motion)[0])))
    return [Curve(ANGLES[i].name, degrees[:, i], "°") for i in map(known.index, keys)]
