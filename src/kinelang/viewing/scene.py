"""What all panels of a contact sheet share: the motion, its body, the camera, the scale, the ground, the colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.viewing.camera import UP, Camera, body_points, facing_of, three_quarter_view
from kinelang.viewing.stick_figure import Bones, body_height, bones_of, heads_of

INK, SOFT_INK, FLOOR, GRID, SHADOW, PATH = "#22262b", "#6b7480", "#f1f3f6", "#d9dee4", "#d3d8df", "#8d97a3"


@dataclass(frozen=True)
class Scene:
    """A motion made ready to be drawn.

    Attributes:
        motion: the motion.
        body: (T, 22, 3) metres, its 22 common joints, or None where it is no human figure.
        facing: (T, 3) unit vectors level with the ground.
        root: (T, 3) metres, the pelvis, or the first joint of a figure that is not human.
        bones: the lines of the figure.
        camera: where it is seen from.
        height_m: how tall the figure is.
        ground_m: height of the lowest point of the whole motion.
        frames: indices of the frames that are shown.
    """

    motion: Motion
    body: Array | None
    facing: Array
    root: Array
    bones: Bones
    camera: Camera
    height_m: float
    ground_m: float
    frames: Array

    @property
    def floor_radius_m(self) -> float:
        """Radius of the piece of floor drawn under each figure."""
        return 0.55 * self.height_m

    @property
    def ahead(self) -> Array:
        """(3,): where the figure faces in the first frame."""
        return np.asarray(self.facing[0])

    @property
    def left(self) -> Array:
        """(3,): the figure's left in the first frame."""
        return np.cross(UP, self.ahead)

    @property
    def floor_points(self) -> Array:
        """The point of the floor under the pelvis. (T, 3), metres."""
        points = self.root.copy()
        points[:, 1] = self.ground_m
        return points


def scene_of(motion: Motion, n_poses: int) -> Scene:
    """Make a motion ready to be drawn at `n_poses` evenly spaced frames, the first and the last among them."""
    body = body_points(motion)
    bones = bones_of(motion.skeleton)
    facing = facing_of(body, motion.n_frames)
    solid = motion.joints[:, drawn_joints(bones, motion)]
    root = motion.joints[:, 0] if body is None else body[:, 0]
    return Scene(
        motion=motion,
        body=body,
        facing=facing,
        root=root.astype(np.float64),
        bones=bones,
        camera=three_quarter_view(facing[0]),
        height_m=body_height(solid),
        ground_m=float(solid[..., 1].min()),
        frames=np.unique(np.linspace(0, motion.n_frames - 1, n_poses).round().astype(int)),
    )


def drawn_joints(bones: Bones, motion: Motion) -> Array:
    """Indices of the joints that lines lead to; all joints of a skeleton without lines."""
    return np.unique(bones.ends) if len(bones.ends) else np.arange(motion.skeleton.n_joints)


def window(scene: Scene) -> tuple[Array, Array]:
    """Lower left and upper right corner (2,) of what every panel shows, metres, around the point of the floor under the pelvis."""
    shown = scene.motion.joints[scene.frames][:, drawn_joints(scene.bones, scene.motion)].astype(np.float64)
    points = scene.camera.project(shown - scene.floor_points[scene.frames][:, None]).reshape(-1, 2)
    if scene.body is not None:
        middle, _, head_radius = heads_of(scene.body[scene.frames], scene.height_m)
        middle = scene.camera.project(middle - scene.floor_points[scene.frames])
        points = np.concatenate([points, middle - head_radius, middle + head_radius])
    radius, margin = scene.floor_radius_m, 0.07 * scene.height_m
    low = np.minimum(points.min(axis=0) - margin, (-radius, -0.30 * radius))
    high = np.maximum(points.max(axis=0) + margin, (radius, radius))
    half = max(-low[0], high[0])
    return np.array([-half, low[1]]), np.array([half, high[1]])


def round_length(length_m: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above `length_m`."""
    power = 10.0 ** np.floor(np.log10(length_m))
    return float(max(s * power for s in (1, 2, 5) if s * power <= length_m * 1.0001))
