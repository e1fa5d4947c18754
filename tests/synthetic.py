"""Motions with known contents: an ideal figure whose 26 angles are all zero at rest, and smooth random motions on any skeleton."""

from __future__ import annotations

import numpy as np

from kinelang.motion.motion import Motion
from kinelang.motion.rotations import axis_angle_to_quat, euler_to_quat, quat_multiply
from kinelang.motion.skeleton import Skeleton
from kinelang.motion.skeletons import SMPL22

_IDEAL_OFFSETS = {
    "pelvis": (0, 0, 0),
    "hip": (0.1, -0.1, 0),
    "knee": (0, -0.4, 0),
    "ankle": (0, -0.42, 0),
    "foot": (0, 0, 0.15),
    "spine1": (0, 0.12, 0),
    "spine2": (0, 0.13, 0),
    "spine3": (0, 0.06, 0),
    "neck": (0, 0.2, 0),
    "head": (0, 0.1, 0),
    "collar": (0.07, 0.15, 0),
    "shoulder": (0.1, 0, 0),
    "elbow": (0, -0.28, 0),
    "wrist": (0, -0.26, 0),
}


def ideal_skeleton() -> Skeleton:
    """SMPL-22's tree, symmetric, with hanging arms and straight bones along the axes."""
    offsets = []
    for name in SMPL22.joint_names:
        x, y, z = _IDEAL_OFFSETS[name.removeprefix("left_").removeprefix("right_")]
        offsets.append((-x if name.startswith("right_") else x, y, z))
    return SMPL22.with_offsets(np.array(offsets, dtype=np.float32))


def posed(fps: float = 20.0, root: np.ndarray | None = None, **angles: np.ndarray) -> Motion:
    """The ideal figure with joints turned by Euler angles.

    angles: `joint_order=(T, n) degrees`, e.g. `left_hip_X=...`, `right_shoulder_XZ=...`: intrinsic turns of that joint.
    """
    skeleton = ideal_skeleton()
    n = max(len(a) for a in angles.values()) if angles else len(root)
    rotations = np.zeros((n, skeleton.n_joints, 4))
    rotations[..., 0] = 1
    for key, degrees in angles.items():
        joint, order = key.rsplit("_", 1)
        turn = euler_to_quat(np.radians(np.asarray(degrees, dtype=float).reshape(n, len(order))), order)
        index = skeleton.index(joint)
        rotations[:, index] = quat_multiply(rotations[:, index], turn)
    path = np.tile((0.0, 0.92, 0.0), (n, 1)) if root is None else np.asarray(root, dtype=float)
    return Motion(skeleton, fps, rotations=rotations, root=path, name="posed")


def random_motion(skeleton: Skeleton = SMPL22, n_frames: int = 80, fps: float = 20.0, seed: int = 0, bend: float = 0.5) -> Motion:
    """Every joint turning smoothly and at random, the whole figure turning and travelling."""
    rng = np.random.default_rng(seed)
    t = np.arange(n_frames) / fps

    def smooth(*shape: int) -> np.ndarray:
        frequencies = rng.uniform(0.1, 0.8, (3, *shape, 1))
        phases = rng.uniform(0, 2 * np.pi, (3, *shape, 1))
        return np.moveaxis(np.sin(2 * np.pi * frequencies * t + phases).mean(axis=0), -1, 0)

    rotations = euler_to_quat(bend * smooth(skeleton.n_joints, 3), "ZXY")
    yaw = rng.uniform(-3, 3) + 2 * smooth()
    rotations[:, 0] = quat_multiply(axis_angle_to_quat("Y", yaw), rotations[:, 0])
    root = smooth(3) * (1.0, 0.1, 1.0) + rng.uniform(-2, 2, 3) * (1, 0, 1) + (0, 1, 0)
    return Motion(skeleton, fps, rotations=rotations, root=root, name=f"random {seed}")
