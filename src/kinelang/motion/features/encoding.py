"""Joints to features, for one clip or many in one pass.

Source: Guo et al., "Generating Diverse and Natural 3D Human Motions from Text", CVPR 2022; constants and oddities as in the release
(github.com/EricGuo5513/HumanML3D). tests/motion/features_reference.py has the same procedure in its readable form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array
from kinelang.motion.features.canonical import (
    bones,
    canonicalised,
    checked_clip,
    component_first,
    facing,
    target_lengths,
    turn_to_ahead,
    turned,
)
from kinelang.motion.features.layouts import HUMANML3D, Layout

HipOrder = Literal["published", "anatomical"]
Turns = Literal["published", "continuous"]

SMOOTHING_FRAMES = 20
"""Standard deviation of the Gaussian over the facing. The release keeps 20 frames for both frame rates."""

GROUP_FRAMES = 800
"""Frames encoded at once: as many as keep the working arrays of 22 joints in a processor's second cache."""


def encode(
    joints: Array,
    layout: Layout = HUMANML3D,
    *,
    hip_order: HipOrder = "published",
    turns: Turns = "published",
    uniform_skeleton: bool = True,
    bone_lengths: Array | None = None,
) -> Array:
    """Features of one clip.

    Args:
        joints: (T, J, 3), Y up, at the layout's frame rate and in its unit (HumanML3D: 20 fps, metres); T >= 2.
        layout: HUMANML3D (22 joints, 263 features) or KIT (21 joints, 251 features).
        hip_order: which hips the smoothed facing uses. "published" subtracts the hips' direction from the shoulders' instead of
            adding it, because the release unpacks the two hips the other way round there (HumanML3D#131, kept by its authors);
            all published features and everything trained on them have it so. "anatomical" adds them.
        turns: how the turn from frame to frame is stored. "published" reverses it in the one frame in which the facing passes -Z
            (seen from the start of the clip), where the quaternion jumps to its negative; what is decoded after that frame is
            turned by twice its turn. "continuous" stores the true turn.
        uniform_skeleton, bone_lengths: as in `canonical_joints`.

    Returns:
        (T-1, D) in the type of the joints (float32 or float64), blocks as in `layout.blocks`. A bone of length zero has the
        identity as its rotation.

    Raises:
        MotionError: wrong shape, fewer than 2 frames, values that are not finite, an unknown option.
    """
    return encode_batch(
        [joints], layout, hip_order=hip_order, turns=turns, uniform_skeleton=uniform_skeleton, bone_lengths=bone_lengths
    )[0]


def encode_batch(
    clips: Sequence[Array],
    layout: Layout = HUMANML3D,
    *,
    hip_order: HipOrder = "published",
    turns: Turns = "published",
    uniform_skeleton: bool = True,
    bone_lengths: Array | None = None,
) -> list[Array]:
    """Features of several clips of any lengths, computed together; the same as `encode` of each, to rounding.

    Arguments and errors as in `encode`; a clip's number in the list is in the message. Each clip keeps its own float type.
    """
    hips = _option("hip_order", hip_order, {"published": -1, "anatomical": 1})
    keep_sign = _option("turns", turns, {"published": 0, "continuous": 1})
    lengths = target_lengths(layout, uniform_skeleton, bone_lengths)
    checked = [
        checked_clip(clip, layout, "joints" if len(clips) == 1 else f"joints of clip {i}", least_frames=2)
        for i, clip in enumerate(clips)
    ]
    features: list[Array] = []
    groups = _grouped(checked)
    space = np.empty(layout.width * max((sum(map(len, group)) for group in groups), default=0))
    for group in groups:
        starts = np.cumsum([0, *(len(clip) for clip in group[:-1])])
        joints = canonicalised(component_first(group), starts, layout, lengths)
        out = space[: layout.width * joints.shape[2]].reshape(layout.width, -1)
        _fill(out, joints, starts, layout, hips, bool(keep_sign))
        features += [_cut(out, start, clip) for start, clip in zip(starts, group, strict=True)]
    return features


def _cut(features: Array, start: int, clip: Array) -> Array:
    """The features of one clip, without its last frame. features (D, N) -> (T-1, D) in the clip's type."""
    return np.ascontiguousarray(features[:, start : start + len(clip) - 1].T, dtype=clip.dtype)


def _option(name: str, value: str, known: dict[str, int]) -> int:
    if value not in known:
        raise MotionError.of(name, repr(value), " or ".join(map(repr, known)))
    return known[value]


def _grouped(clips: Sequence[Array]) -> list[list[Array]]:
    """Neighbouring clips in groups of at most GROUP_FRAMES frames, a longer clip by itself."""
    groups: list[list[Array]] = []
    frames = 0
    for clip in clips:
        if not groups or frames + len(clip) > GROUP_FRAMES:
            groups.append([])
            frames = 0
        groups[-1].append(clip)
        frames += len(clip)
    return groups


def _fill(out: Array, joints: Array, starts: Array, layout: Layout, hips: int, keep_sign: bool) -> None:
    """Write the features of all frames of canonical joints (3, J, N) to out (D, N).

    Those of a clip's last frame mean nothing, as it has no next frame: the caller leaves them out.
    """
    _, j, n = joints.shape
    turn = smoothed_turn(joints, starts, layout, hips)
    next_turn = np.concatenate([turn[:, 1:], turn[:, -1:]], axis=1)
    moved = np.zeros_like(joints)
    np.subtract(joints[:, :, 1:], joints[:, :, :-1], out=moved[:, :, :-1])
    feet = moved[:, [*layout.left_feet, *layout.right_feet]]
    beside_root = joints[:, 1:] - joints[:, :1] * [[[1]], [[0]], [[1]]]

    blocks = {name: out[where] for name, where in layout.blocks.items()}
    blocks["yaw_rate"][0] = turn_rate(turn, next_turn, keep_sign)
    blocks["root_velocity"][:] = turned(moved[:, :1], next_turn, out=np.empty((3, 1, n)))[[0, 2], 0]
    blocks["root_height"][0] = joints[1, 0]
    turned(beside_root, turn, out=blocks["positions"].reshape(j - 1, 3, n).transpose(1, 0, 2))
    bone_rotations(joints, turn, layout, out=blocks["rotations"].reshape(j - 1, 6, n).transpose(1, 0, 2))
    turned(moved, turn, out=blocks["velocities"].reshape(j, 3, n).transpose(1, 0, 2))
    blocks["contacts"][:] = (feet * feet).sum(axis=0) < layout.still_below


def turn_rate(turn: Array, next_turn: Array, keep_sign: bool) -> Array:
    """Half the turn from one quaternion about Y to the next, radians. w and y, (2, N) each -> (N,).

    The sine of the half turn alone, as published, is reversed where the quaternion jumps to its negative; its cosine tells.
    """
    sine = next_turn[1] * turn[0] - next_turn[0] * turn[1]
    if keep_sign:
        cosine = next_turn[0] * turn[0] + next_turn[1] * turn[1]
        sine = np.where(cosine < 0, -sine, sine)
    return np.asarray(np.arcsin(np.clip(sine, -1, 1)))


def smoothed_turn(joints: Array, starts: Array, layout: Layout, hips: int) -> Array:
    """Quaternion about Y that turns the smoothed facing of each frame onto +Z; identity in each clip's first frame.

    joints (3, J, N) canonical, starts (C,) -> w and y, (2, N) float64.
    """
    forward = facing(joints[:, layout.face], hips)
    turn = turn_to_ahead(smooth(forward, starts))
    turn[:, starts] = [[1], [0]]
    return turn


def smooth(values: Array, starts: Array) -> Array:
    """Gaussian over time, each clip by itself, its first and last values continued beyond its ends. values (K, N) -> (K, N).

    Equal to scipy.ndimage.gaussian_filter1d(sigma=SMOOTHING_FRAMES, mode="nearest") of each clip, without importing SciPy.
    """
    radius = 4 * SMOOTHING_FRAMES
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / SMOOTHING_FRAMES) ** 2)
    kernel /= kernel.sum()
    smoothed = np.empty_like(values)
    for start, end in zip(starts, np.append(starts[1:], values.shape[1]), strict=True):
        for row, out in zip(values, smoothed, strict=True):
            padded = np.concatenate([np.full(radius, row[start]), row[start:end], np.full(radius, row[end - 1])])
            out[start:end] = np.convolve(padded, kernel, mode="valid")
    return smoothed


def bone_rotations(joints: Array, turn: Array, layout: Layout, out: Array) -> None:
    """Write the 6-D rotation of the bone that ends at each joint but the root. joints (3, J, N), turn (2, N), out (6, J-1, N).

    A bone's whole rotation is the shortest that carries its rest direction onto it; the 6-D form is that of the rotation relative to
    the bone before it in its chain, or to the turn of the root for the first of each chain, the arms included. It holds no twist.
    """
    whole = shortest_rotations(joints, layout)
    before = whole[:, layout.rotates_with]
    firsts = [j for j in range(1, layout.n_joints) if layout.rotates_with[j] == 0]
    before[:, firsts] = 0
    before[0, firsts], before[2, firsts] = turn
    w, x, y, z = relative(before[:, 1:], whole[:, 1:])
    xx, yy, zz = x * x, y * y, z * z
    out[0], out[1], out[2] = 1 - 2 * (yy + zz), 2 * (x * y + w * z), 2 * (x * z - w * y)
    out[3], out[4], out[5] = 2 * (x * y - w * z), 1 - 2 * (xx + zz), 2 * (y * z + w * x)


def shortest_rotations(joints: Array, layout: Layout) -> Array:
    """Quaternions that carry each rest direction onto the bone that ends at the joint. joints (3, J, N) -> (4, J, N).

    For a bone exactly opposite to its rest direction the half turn is about X, or about Y where the bone lies along X; a bone of length
    zero has the identity. (rotations.quat_between, component first.)
    """
    (ux, uy, uz), length = bones(joints, layout)
    ax, ay, az = layout.bone_directions.T[:, :, None]
    dot = ax * ux + ay * uy + az * uz
    q = np.empty((4, *length.shape))
    q[1] = ay * uz - az * uy
    q[2] = az * ux - ax * uz
    q[3] = ax * uy - ay * ux
    squared = q[1] * q[1] + q[2] * q[2] + q[3] * q[3]
    obtuse = dot < 0
    q[0] = np.where(obtuse, squared / np.where(obtuse, length - dot, 1), length + dot)
    norm = np.sqrt(q[0] * q[0] + squared)
    undecided = (obtuse | (norm == 0)) & (squared <= 4 * np.finfo(np.float64).eps * length * length)
    norm[undecided] = 1
    q /= norm
    joint, frame = np.nonzero(undecided)
    nothing, along_x = length[joint, frame] == 0, layout.bone_directions[joint, 0] != 0
    q[:, joint, frame] = [nothing, ~nothing & ~along_x, ~nothing & along_x, np.zeros_like(nothing)]
    return q


def relative(a: Array, b: Array) -> tuple[Array, Array, Array, Array]:
    """Components of a* b, the rotation b as seen from a. a, b (4, ...). (rotations.quat_multiply, component first.)"""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return (
        aw * bw + ax * bx + ay * by + az * bz,
        aw * bx - ax * bw - ay * bz + az * by,
        aw * by - ay * bw - az * bx + ax * bz,
        aw * bz - az * bw - ax * by + ay * bx,
    )
