"""A clip as the captioner sees it: for each of six body parts, where its points are and how they move.

A frame is a row of channels: 3 for the place of every point, then 3 for its step since the frame before. Points are the joints,
relative to the pelvis except the pelvis itself, and what the configuration adds (`Data.view`, `Data.clock`). With `Data.context` the
rows of the frames around stand beside it. Everything is done here, in NumPy, for training and use alike; the network picks the columns
of each part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from kinelang.errors import ModelError
from kinelang.models.captioner.config import Data
from kinelang.models.tmr.statistics import LEAST_DEVIATION, Statistics
from kinelang.motion.arrays import Array, describe_shape
from kinelang.motion.facing import heading

PARTS = ("root", "torso", "left_arm", "right_arm", "left_leg", "right_leg")
"""The six parts, in this order everywhere: kinelang's own (`lexicon.PARTS`), with the head in the torso as in the paper."""
MIRRORED_PARTS = (0, 1, 3, 2, 5, 4)

_JOINTS: Mapping[str, tuple[tuple[int, ...], ...]] = MappingProxyType(
    {
        "humanml3d": (
            (0,), (3, 6, 9, 12, 15), (13, 16, 18, 20), (14, 17, 19, 21), (1, 4, 7, 10), (2, 5, 8, 11),
        ),
        "kit": ((0,), (1, 2, 3, 4), (5, 6, 7), (8, 9, 10), (11, 12, 13, 14, 15), (16, 17, 18, 19, 20)),
    }
)  # fmt: skip
"""Joints of the parts, as in the release's tables (whose order is another)."""
_N_JOINTS = MappingProxyType({"humanml3d": 22, "kit": 21})
_LEAST_STEP = 1e-3
"""Metres: a channel that varies less is not scaled up."""


def part_of(name: str) -> int:
    """The index in `PARTS` of one of the lexicon's parts."""
    return PARTS.index("torso" if name == "head" else name)


def points_of(data: Data, form: str) -> tuple[tuple[int, ...], ...]:
    """Points of each part: joints, then the facing and the clock where there are any, which are the root's."""
    parts = [list(joints) for joints in _JOINTS[data.skeleton]]
    if form == "code" and data.skeleton == "humanml3d":
        parts[1].insert(0, 0)  # the release's torso holds the pelvis, whose place is the path
    parts[0] += range(_N_JOINTS[data.skeleton], n_points(data))
    return tuple(tuple(points) for points in parts)


def n_points(data: Data) -> int:
    """Points of a frame."""
    return _N_JOINTS[data.skeleton] + (data.view == "body") + data.clock


def n_channels(data: Data) -> int:
    """Channels of a row without context: 6 a point."""
    return 6 * n_points(data)


@dataclass(frozen=True)
class Columns:
    """Columns of a part in a row with context: of its places, and of its steps."""

    places: tuple[int, ...]
    steps: tuple[int, ...]


def columns_of(data: Data, form: str) -> tuple[Columns, ...]:
    """The columns of each of the `PARTS`."""
    width, half, times = n_channels(data), 3 * n_points(data), 2 * data.context + 1
    made = []
    for points in points_of(data, form):
        own = [3 * point + axis for point in points for axis in range(3)]
        places = [width * t + column for t in range(times) for column in own]
        made.append(Columns(tuple(places), tuple(column + half for column in places)))
    return tuple(made)


def frames_seen(n_frames: int, data: Data) -> Array:
    """Which frames of a clip are seen, (T',) at least one: from frame 1 on, as in the release, so many apart."""
    seen = np.arange(min(1, n_frames - 1), n_frames, data.stride)
    return seen if len(seen) else np.zeros(1, dtype=np.intp)


def seconds_seen(n_frames: int, data: Data) -> Array:
    """When the frames that are seen are, (T',) seconds."""
    return np.asarray(frames_seen(n_frames, data) / data.fps)


def channels(joints: Array, data: Data) -> Array:
    """Rows of channels, not normalised and without context.

    Args:
        joints: (T, J, 3) positions at `data.fps`, Y up, metres (or in the corpus's unit), T at least 1.
        data: what is seen.

    Returns:
        (T', 6 points) float32 for the frames of `frames_seen`.

    Raises:
        ModelError: another shape, no frame, or values that are not finite.
    """
    joints = checked_joints(joints, data)
    seen = frames_seen(len(joints), data)
    path = joints[seen, :1].astype(np.float64)
    body = joints[seen, 1:] - path
    extra: list[Array] = []
    if data.view == "body":
        yaw = heading(joints)[seen]
        cosine, sine = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
        body, facing = _turned(body, cosine, sine), np.stack([np.sin(yaw), np.cos(yaw), np.zeros_like(yaw)], axis=-1)
        steps = np.concatenate([_turned(_steps(path), cosine, sine), _steps(body)], axis=1)
        turning = np.diff(yaw, prepend=yaw[:1])
        steps = np.concatenate([steps, turning[:, None, None] * np.array([1.0, 0, 0])], axis=1)
        extra.append(facing[:, None])
    else:
        steps = np.concatenate([_steps(path), _steps(body)], axis=1)
    if data.clock:
        share = np.linspace(-0.5, 0.5, len(seen)) if len(seen) > 1 else np.zeros(1)
        seconds = (seen - seen[0]) / data.fps / 10
        extra.append(np.stack([np.zeros_like(share), share, seconds], axis=-1)[:, None])
        steps = np.concatenate([steps, np.zeros((len(seen), 1, 3))], axis=1)
    places = np.concatenate([path, body, *extra], axis=1)
    return np.concatenate([places.reshape(len(seen), -1), steps.reshape(len(seen), -1)], axis=1).astype(np.float32)


def with_context(rows: Array, context: int) -> Array:
    """Rows (T, D) with those up to so many before and after beside them, the first and the last repeated: (T, (2 context + 1) D)."""
    if not context:
        return rows
    at = np.clip(np.arange(len(rows))[:, None] + np.arange(-context, context + 1), 0, len(rows) - 1)
    return np.asarray(rows[at].reshape(len(rows), -1))


def measured(clips: Iterable[Array], data: Data) -> Statistics:
    """Mean and deviation of the channels of clips, as `data.scaling` has it.

    Args:
        clips: rows of `channels`.
        data: with which they were made.

    Raises:
        ModelError: no frame.
    """
    n, j = n_points(data), _N_JOINTS[data.skeleton]
    own = Statistics.of(clips if data.scaling == "joints" else _with_absolute(clips, n, j))
    mean, std = own.mean[: 6 * n].reshape(2, n, 3).copy(), own.std[: 6 * n].reshape(2, n, 3).copy()
    if data.scaling == "joints":
        std[:] = np.sqrt((np.where(std == 1, 0, std) ** 2).mean(axis=-1, keepdims=True))  # 1 stands for a channel that never varies
        std[std < _LEAST_STEP] = 1
        return Statistics(mean.ravel(), std.ravel())
    axes_mean, axes_std = _axes(own, n, j)
    mean[:], std[:] = 0, 1
    mean[0, 0], std[:, :j] = axes_mean, axes_std
    return Statistics(mean.ravel().astype(np.float32), std.ravel().astype(np.float32))


def checked_joints(joints: Array, data: Data, where: str = "joints") -> Array:
    """The joints, if they are what the configuration takes; ModelError otherwise."""
    joints, n = np.asarray(joints), _N_JOINTS[data.skeleton]
    if joints.ndim != 3 or joints.shape[1:] != (n, 3) or not len(joints) or joints.dtype.kind not in "fiu":
        raise ModelError.of(where, describe_shape(joints), f"(T, {n}, 3) positions with T at least 1", "retarget with corpora.standard")
    if not np.isfinite(joints).all():
        raise ModelError.of(where, "values that are not finite", "finite positions in metres")
    return joints


def _steps(points: Array) -> Array:
    """From the frame before to each frame, 0 at the first. (T, n, 3)."""
    return np.diff(points, axis=0, prepend=points[:1])


def _turned(points: Array, cosine: Array, sine: Array) -> Array:
    """Points (T, n, 3) as the person sees them who is turned by an angle (T, 1) about Y."""
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    return np.stack([cosine * x - sine * z, y, sine * x + cosine * z], axis=-1)


def _with_absolute(clips: Iterable[Array], n: int, j: int) -> Iterable[Array]:
    """Rows with the positions of all joints in the world behind them."""
    for rows in clips:
        places = rows[:, : 3 * n].reshape(len(rows), n, 3)[:, :j].astype(np.float64)
        places[:, 1:] += places[:, :1]
        yield np.concatenate([rows, places.reshape(len(rows), -1)], axis=1)


def _axes(own: Statistics, n: int, j: int) -> tuple[Array, Array]:
    """Mean and deviation of each axis over all joints and frames, (3,) each, from those of each joint."""
    mean, std = own.mean[6 * n :].reshape(j, 3).astype(np.float64), own.std[6 * n :].reshape(j, 3).astype(np.float64)
    mean_of = mean.mean(axis=0)
    return mean_of, np.maximum(np.sqrt((std**2 + (mean - mean_of) ** 2).mean(axis=0)), LEAST_DEVIATION)
