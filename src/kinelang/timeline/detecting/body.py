"""What `detect` looks at: the 22 joints at 20 fps, where the head points, how the hands beat, and what the feet do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kinelang.motion.added_pose import without_added_t_pose
from kinelang.motion.arrays import Array
from kinelang.motion.contacts import Feet, follow_feet
from kinelang.motion.facing import heading, in_initial_frame
from kinelang.motion.landmarks import landmarks_of
from kinelang.motion.motion import Motion
from kinelang.motion.resampling import resample_array
from kinelang.motion.retargeting import smpl22_positions
from kinelang.motion.rotations import quat_conjugate, quat_multiply, quat_rotate, quat_to_rotvec

FPS = 20.0
"""Rate at which motions are looked at: HumanML3D's."""

BEAT_S = 0.35
"""Standard deviation of the slow turning of a hand that is taken away (ours)."""

LEVEL_REST = 0.5
"""A rest pose whose head is above the pelvis by less than this share of their distance does not stand (ours)."""


@dataclass(frozen=True)
class Body:
    """A clip as `detect` sees it, beginning over the origin and facing +Z, its lowest joint at y = 0.

    Attributes:
        joints: (T, 22, 3) float64, metres.
        gaze: (T, 3) float64, unit: where the head points, or None where the file does not tell how the head is turned.
        notes: what was supplied on the way.
        hands: (T, 2) float64, degrees: how far the left and the right hand are turned against the forearm, about the axis about which
            each turns to and fro the most, slow turning taken away; or None where the file does not tell.
    """

    joints: Array
    gaze: Array | None = None
    notes: tuple[str, ...] = ()
    hands: Array | None = None

    @classmethod
    def of(cls, motion: Motion) -> Body:
        """A motion on any human skeleton. Raises SkeletonError where there is no human figure."""
        motion = without_added_t_pose(motion)
        positions, notes = smpl22_positions(motion)
        gaze = head_forward(motion)
        positions = resample_array(positions, motion.fps, FPS)
        joints = in_initial_frame(positions)
        if gaze is not None:
            gaze = _turned(resample_array(gaze, motion.fps, FPS), -float(heading(positions[:1])[0]))
            gaze = gaze / np.maximum(np.linalg.norm(gaze, axis=1, keepdims=True), 1e-9)
        return cls(joints, gaze, notes, hand_beats(motion))

    @property
    def n_frames(self) -> int:
        """Number of frames at `FPS`."""
        return len(self.joints)

    @cached_property
    def feet(self) -> Feet:
        """Contacts, steps and flights."""
        return follow_feet(self.joints, FPS)


def head_forward(motion: Motion) -> Array | None:
    """World direction in which the head points, (T, 3); None without rotations.

    The positions of the 22 joints do not tell how a head is turned about the neck; only rotations do. The head points forward in the
    rest pose; on rigs whose rest pose does not stand, it is taken to point where the shoulders face on the whole.
    """
    if motion.rotations is None:
        return None
    points = landmarks_of(motion.skeleton)
    head = points["head"].carrier or points["head"].blend[0][0]
    rotation = _world_rotation(motion, motion.skeleton.index(head))
    standing = smpl22_positions(Motion(motion.skeleton, 1.0, positions=motion.skeleton.rest_positions[None]))[0]
    line = standing[0, 15] - standing[0, 0]
    if line[1] >= LEVEL_REST * float(np.linalg.norm(line)):
        forward = _facing(heading(standing))[0]
    else:
        faced = quat_rotate(quat_conjugate(rotation), _facing(heading(smpl22_positions(motion)[0])))
        forward = np.median(faced, axis=0)
    return np.asarray(quat_rotate(rotation, forward), dtype=np.float64)


def hand_beats(motion: Motion) -> Array | None:
    """How the hands turn to and fro at the wrists, (T, 2) degrees at `FPS`; None without rotations. See `Body.hands`."""
    from scipy.ndimage import gaussian_filter1d

    if motion.rotations is None:
        return None
    points = landmarks_of(motion.skeleton)
    out = []
    for side in ("left", "right"):
        joint = motion.skeleton.index(points[f"{side}_wrist"].blend[0][0])
        rotation = motion.rotations[:, joint].astype(np.float64)
        turned = np.degrees(quat_to_rotvec(quat_multiply(quat_conjugate(rotation[:1]), rotation)))
        turned = resample_array(turned, motion.fps, FPS)
        turned = turned - gaussian_filter1d(turned, BEAT_S * FPS, axis=0, mode="nearest")
        along = turned @ np.linalg.eigh(turned.T @ turned)[1][:, -1]
        out.append(along if (along**3).sum() >= 0 else -along)  # the same for the mirror image
    return np.stack(out, axis=1)


def _world_rotation(motion: Motion, joint: int) -> Array:
    """World rotation of one joint. (T, 4)."""
    assert motion.rotations is not None
    rotation = motion.rotations[:, joint].astype(np.float64)
    while (joint := motion.skeleton.parents[joint]) >= 0:
        rotation = quat_multiply(motion.rotations[:, joint].astype(np.float64), rotation)
    return rotation


def _facing(yaw: Array) -> Array:
    """Horizontal unit vectors (T, 3) of headings (T,)."""
    return np.stack([np.sin(yaw), np.zeros_like(yaw), np.cos(yaw)], axis=1)


def _turned(v: Array, yaw: float) -> Array:
    """Vectors (T, 3) turned about the vertical."""
    c, s = np.cos(yaw), np.sin(yaw)
    return np.stack([c * v[:, 0] + s * v[:, 2], v[:, 1], c * v[:, 2] - s * v[:, 0]], axis=1)
