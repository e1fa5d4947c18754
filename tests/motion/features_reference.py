"""The published HumanML3D / KIT feature procedure, written out step by step as its authors run it.

Readable rather than fast, and independent of kinelang: the tests compare `kinelang.motion.features` with it and
bench/feature_encoding.py times it. It follows the motion representation of Guo et al., "Generating Diverse and Natural 3D Human
Motions from Text", CVPR 2022, with every oddity of the released features. Quaternions are (w, x, y, z).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter1d

UP = np.array([0.0, 1.0, 0.0])
AHEAD = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Body:
    """What the procedure knows about one of the two bodies."""

    chains: list[list[int]]
    directions: np.ndarray  # (J, 3) unit vector of the bone that ends at each joint
    leg: tuple[int, int]  # thigh and shin whose lengths give the scale
    face: tuple[int, int, int, int]  # right hip, left hip, right shoulder, left shoulder
    left_foot: tuple[int, int]
    right_foot: tuple[int, int]
    still_below: float  # squared displacement a frame under which a foot is in contact

    @property
    def parents(self) -> list[int]:
        parents = [-1] * len(self.directions)
        for chain in self.chains:
            for above, below in pairwise(chain):
                parents[below] = above
        return parents


def _directions(letters: str) -> np.ndarray:
    axes = {"o": (0, 0, 0), "L": (1, 0, 0), "R": (-1, 0, 0), "U": (0, 1, 0), "D": (0, -1, 0), "F": (0, 0, 1)}
    return np.array([axes[c] for c in letters], dtype=float)


HUMANML3D = Body(
    chains=[[0, 2, 5, 8, 11], [0, 1, 4, 7, 10], [0, 3, 6, 9, 12, 15], [9, 14, 17, 19, 21], [9, 13, 16, 18, 20]],
    directions=_directions("oLRUDDUDDUFFULRFDDDDDD"),
    leg=(5, 8),
    face=(2, 1, 17, 16),
    left_foot=(7, 10),
    right_foot=(8, 11),
    still_below=0.002,
)

KIT = Body(
    chains=[[0, 11, 12, 13, 14, 15], [0, 16, 17, 18, 19, 20], [0, 1, 2, 3, 4], [3, 5, 6, 7], [3, 8, 9, 10]],
    directions=_directions("oUUUULDDRDDLDDFFRDDFF"),
    leg=(17, 18),
    face=(11, 16, 5, 8),
    left_foot=(19, 20),
    right_foot=(14, 15),
    still_below=0.05,
)


def random_clip(body: Body, n_frames: int, rng: np.random.Generator, turning: float = 0.3) -> np.ndarray:
    """A made-up clip: bones that sway smoothly about their rest directions on a body that walks and turns. (T, J, 3)"""
    n_joints = len(body.directions)
    time = np.arange(n_frames)[:, None, None]

    def sway(*shape: int) -> np.ndarray:
        waves = [rng.normal(size=shape) * np.sin(time * rng.uniform(0.02, 0.3) + rng.uniform(0, 6, size=shape)) for _ in range(3)]
        return np.sum(waves, axis=0)

    lengths = rng.uniform(0.1, 0.45, size=(n_joints, 1))
    bones = normalised(body.directions + 0.25 * sway(n_joints, 3) + 1e-9) * lengths
    root = np.cumsum(0.03 * sway(1, 3), axis=0)[:, 0] + [3.0, 1.0, -2.0]
    yaw = rng.uniform(-3, 3) + turning * np.cumsum(0.2 * sway(1, 1)[:, 0, 0])
    joints = np.zeros((n_frames, n_joints, 3))
    for chain in body.chains:
        for parent, child in pairwise(chain):
            joints[:, child] = joints[:, parent] + bones[:, child]
    turn = np.stack([np.cos(yaw / 2), 0 * yaw, np.sin(yaw / 2), 0 * yaw], axis=-1)
    return rotate(np.broadcast_to(turn[:, None], (n_frames, n_joints, 4)), joints) + root[:, None]


def normalised(v: np.ndarray) -> np.ndarray:
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    (ax, ay, az), (bx, by, bz) = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    (aw, ax, ay, az), (bw, bx, by, bz) = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
    w = aw * bw - ax * bx - ay * by - az * bz
    x = aw * bx + ax * bw + ay * bz - az * by
    y = aw * by + ay * bw + az * bx - ax * bz
    z = aw * bz + az * bw + ax * by - ay * bx
    return np.stack([w, x, y, z], axis=-1)


def inverse(q: np.ndarray) -> np.ndarray:
    return q * np.array([1.0, -1.0, -1.0, -1.0])


def rotate(q: np.ndarray, v: np.ndarray) -> np.ndarray:
    xyz = q[..., 1:]
    once = cross(xyz, v)
    return v + 2 * (q[..., :1] * once + cross(xyz, once))


def between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    w = np.sqrt((a * a).sum(-1, keepdims=True) * (b * b).sum(-1, keepdims=True)) + (a * b).sum(-1, keepdims=True)
    return normalised(np.concatenate([w, cross(a, b)], axis=-1))


def to_six_d(q: np.ndarray) -> np.ndarray:
    w, x, y, z = np.moveaxis(q, -1, 0)
    first = [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)]
    second = [2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)]
    return np.stack([*first, *second], axis=-1)


def bone_lengths(frame: np.ndarray, body: Body) -> np.ndarray:
    """Length of the bone that ends at each joint; the root has none. frame (J, 3) -> (J,)."""
    return np.array([0.0 if p < 0 else np.linalg.norm(frame[j] - frame[p]) for j, p in enumerate(body.parents)])


def inverse_kinematics(joints: np.ndarray, body: Body, smooth: bool, quirk: bool) -> np.ndarray:
    """Root quaternion and the rotation of the bone that ends at each joint. joints (T, J, 3) -> (T, J, 4)."""
    right_hip, left_hip, right_shoulder, left_shoulder = body.face
    hips = joints[:, right_hip] - joints[:, left_hip]
    if quirk:
        hips = -hips  # HumanML3D#131: the two hips are unpacked the other way round here
    across = normalised(hips + joints[:, right_shoulder] - joints[:, left_shoulder])
    forward = cross(UP, across)
    if smooth:
        forward = gaussian_filter1d(forward, 20, axis=0, mode="nearest")
    forward = normalised(forward)
    root = between(forward, np.broadcast_to(AHEAD, forward.shape))
    root[0] = (1.0, 0.0, 0.0, 0.0)
    rotations = np.zeros((*joints.shape[:2], 4))
    rotations[:, 0] = root
    for chain in body.chains:
        above = root  # every chain starts from the root, the arms too
        for parent, child in pairwise(chain):
            bone = normalised(joints[:, child] - joints[:, parent])
            whole = between(np.broadcast_to(body.directions[child], bone.shape), bone)
            rotations[:, child] = multiply(inverse(above), whole)
            above = multiply(above, rotations[:, child])
    return rotations


def forward_kinematics(rotations: np.ndarray, root_path: np.ndarray, lengths: np.ndarray, body: Body) -> np.ndarray:
    joints = np.zeros((*rotations.shape[:2], 3))
    joints[:, 0] = root_path
    for chain in body.chains:
        above = rotations[:, 0]
        for parent, child in pairwise(chain):
            above = multiply(above, rotations[:, child])
            offset = np.broadcast_to(body.directions[child] * lengths[child], (len(joints), 3))
            joints[:, child] = joints[:, parent] + rotate(above, offset)
    return joints


def uniform_skeleton(joints: np.ndarray, lengths: np.ndarray, body: Body, quirk: bool) -> np.ndarray:
    """Step a: the target's bones on the clip's rotations, the root path scaled by the leg."""
    source = bone_lengths(joints[0], body)
    thigh, shin = body.leg
    scale = (lengths[thigh] + lengths[shin]) / (source[thigh] + source[shin])
    rotations = inverse_kinematics(joints, body, smooth=False, quirk=quirk)
    return forward_kinematics(rotations, joints[:, 0] * scale, lengths, body)


def canonical(joints: np.ndarray, body: Body, lengths: np.ndarray | None = None, quirk: bool = True) -> np.ndarray:
    """Steps a to d: uniform skeleton (where lengths are given), floor at 0, start at the origin, start facing +Z."""
    joints = np.asarray(joints, dtype=np.float64)
    if lengths is not None:
        joints = uniform_skeleton(joints, lengths, body, quirk)
    joints = joints - joints[:, :, 1].min() * UP
    joints = joints - joints[0, 0] * np.array([1.0, 0.0, 1.0])
    right_hip, left_hip, right_shoulder, left_shoulder = joints[0, list(body.face)]
    across = normalised(right_hip - left_hip + right_shoulder - left_shoulder)
    turn = between(normalised(cross(UP, across)), AHEAD)
    return rotate(np.broadcast_to(turn, (*joints.shape[:2], 4)), joints)


def encode(joints: np.ndarray, body: Body = HUMANML3D, lengths: np.ndarray | None = None, quirk: bool = True) -> np.ndarray:
    """The whole procedure. joints (T, J, 3) -> features (T-1, 4 + 3(J-1) + 6(J-1) + 3J + 4)."""
    joints = canonical(joints, body, lengths, quirk)
    moved = joints[1:] - joints[:-1]
    squared = (moved**2).sum(-1)
    contacts = [squared[:, list(foot)] < body.still_below for foot in (body.left_foot, body.right_foot)]

    rotations = inverse_kinematics(joints, body, smooth=True, quirk=quirk)
    root = rotations[:, 0]
    root_velocity = rotate(root[1:], moved[:, 0])[:, [0, 2]]
    turn_rate = np.arcsin(multiply(root[1:], inverse(root[:-1]))[:, 2:3])

    every = np.broadcast_to(root[:, None], (*joints.shape[:2], 4))
    local = rotate(every, joints - joints[:, :1] * np.array([1.0, 0.0, 1.0]))
    velocities = rotate(every[:-1], moved)
    frames = len(moved)
    blocks = [
        turn_rate,
        root_velocity,
        joints[:-1, 0, 1:2],
        local[:-1, 1:].reshape(frames, -1),
        to_six_d(rotations[:-1, 1:]).reshape(frames, -1),
        velocities.reshape(frames, -1),
        *contacts,
    ]
    return np.concatenate(blocks, axis=-1)


def decode(features: np.ndarray, n_joints: int = 22) -> np.ndarray:
    """The inverse that everyone shows motions with: root path and local positions only. (T, D) -> (T, J, 3)."""
    features = np.asarray(features, dtype=np.float64)
    angle = np.concatenate([[0.0], np.cumsum(features[:-1, 0])])
    root = np.stack([np.cos(angle), 0 * angle, np.sin(angle), 0 * angle], axis=-1)
    step = np.zeros((len(features), 3))
    step[1:, 0] = features[:-1, 1]
    step[1:, 2] = features[:-1, 2]
    path = np.cumsum(rotate(inverse(root), step), axis=0)
    local = features[:, 4 : 4 + 3 * (n_joints - 1)].reshape(len(features), n_joints - 1, 3)
    every = np.broadcast_to(inverse(root)[:, None], (*local.shape[:2], 4))
    joints = rotate(every, local) + path[:, None]
    path[:, 1] = features[:, 3]
    return np.concatenate([path[:, None], joints], axis=1)
