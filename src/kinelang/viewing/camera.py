"""A parallel projection that looks at a figure from in front and a little from its left and above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kinelang.errors import SkeletonError
from kinelang.motion.arrays import Array
from kinelang.motion.facing import heading
from kinelang.motion.motion import Motion
from kinelang.motion.retargeting import smpl22_positions

AZIMUTH_DEG = 35.0
"""How far the camera stands from straight ahead of the figure, towards its left: both sides and the direction of travel show."""
ELEVATION_DEG = 14.0
UP = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True)
class Camera:
    """Three perpendicular unit vectors (3,) in the world: to the right and up in the picture, and from the scene to the viewer."""

    right: Array
    up: Array
    towards: Array

    def project(self, points: Array) -> Array:
        """Picture coordinates of world points, in metres. (..., 3) -> (..., 2)."""
        return np.asarray(np.stack([points @ self.right, points @ self.up], axis=-1))

    def depth(self, points: Array) -> Array:
        """How near to the viewer world points lie, larger is nearer. (..., 3) -> (...), metres."""
        return np.asarray(points @ self.towards)


def three_quarter_view(facing: Array) -> Camera:
    """The camera for a figure that faces along `facing` (3,), horizontal and of length 1."""
    left = np.cross(UP, facing)
    azimuth, elevation = np.radians(AZIMUTH_DEG), np.radians(ELEVATION_DEG)
    ahead = np.cos(azimuth) * facing + np.sin(azimuth) * left
    return Camera(
        right=np.cross(UP, ahead),
        up=np.cos(elevation) * UP - np.sin(elevation) * ahead,
        towards=np.cos(elevation) * ahead + np.sin(elevation) * UP,
    )


def body_points(motion: Motion) -> Array | None:
    """The 22 common joints of a motion, (T, 22, 3) metres, or None where its skeleton is not a human figure."""
    try:
        return smpl22_positions(motion)[0]
    except SkeletonError:
        return None


def facing_of(body: Array | None, n_frames: int) -> Array:
    """Where the figure faces in each frame, level with the ground. body (T, 22, 3) -> (T, 3); +Z for a figure that is not human."""
    yaw = np.zeros(n_frames) if body is None else heading(body)
    return np.stack([np.sin(yaw), np.zeros(n_frames), np.cos(yaw)], axis=-1)
