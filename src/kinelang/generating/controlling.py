"""What a motion has to agree with besides words: an earlier motion's pieces, a pose to start from, a way over the ground.

All are given as raw features and a mask of which of them are fixed. Features are relative to where the body is and faces, so that what
is kept stays what it is when something before it moves elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kinelang.corpora.base import FPS, features_of, standard
from kinelang.errors import MotionError
from kinelang.generating.kept import Kept
from kinelang.models.finemogen.groups import dims
from kinelang.models.finemogen.model import BoolArray
from kinelang.motion.arrays import Array, describe_shape
from kinelang.motion.features import HUMANML3D
from kinelang.motion.motion import Motion

START_FRAMES = 4
"""Of the end of a motion that another is to start from: 0.2 s."""
WALKING_M_S = 1.2
SHORTEST_PATH_M = 0.05
EASE_S = 0.5
"""Over which someone who goes along a path gains and loses speed."""
LEVEL_M = 0.02
"""Height that the points of a path may differ by."""


@dataclass(eq=False)
class Fixed:
    """Features that are to be.

    Attributes:
        values: (T, 263) raw.
        mask: (T, 263) which of them.
    """

    values: Array
    mask: BoolArray

    @classmethod
    def nothing(cls, frames: int) -> Fixed:
        """Nothing is fixed."""
        return cls(np.zeros((frames, HUMANML3D.width), np.float32), np.zeros((frames, HUMANML3D.width), bool))

    def put(self, at: int, values: Array, features: Sequence[int] | slice) -> None:
        """Fix some features from a frame on, as far as there are frames."""
        n = max(min(len(values), len(self.values) - at), 0)
        self.values[at : at + n, features] = values[:n, features]
        self.mask[at : at + n, features] = True


def keep(fixed: Fixed, earlier: Motion, kept: Sequence[Kept]) -> None:
    """Fix the pieces of an earlier motion.

    Raises:
        MotionError: a piece beyond the end of the earlier motion.
    """
    features = features_of(standard(earlier))
    for piece in kept:
        first, last = round(piece.start_s * FPS), round(piece.end_s * FPS)
        if first >= len(features):
            found = f"{piece.start_s:g} to {piece.end_s:g} s"
            raise MotionError.of("kept", found, f"a part of the {len(features) / FPS:g} s of the earlier motion")
        for part in piece.parts:
            fixed.put(round(piece.at_s * FPS), features[first:last], dims(HUMANML3D, part))


def begin_with(fixed: Fixed, start: Motion) -> tuple[str, ...]:
    """Fix the first frames to the end of a motion, or to a single pose held; what was done, in words."""
    if start.n_frames == 1:
        start = start.with_(**{name: None if a is None else np.repeat(a, 2, axis=0) for name, a in _arrays(start).items()})
    features = features_of(standard(start))
    last = features[-min(START_FRAMES, len(features)) :]
    rows = np.concatenate([np.repeat(last[:1], START_FRAMES - len(last), axis=0), last])
    fixed.put(0, rows, slice(None))
    return (f"Begins with the last {START_FRAMES / FPS:g} s of the start pose, at the origin and facing +Z.",)


def _arrays(motion: Motion) -> dict[str, Array | None]:
    return {name: getattr(motion, name) for name in ("positions", "rotations", "root", "translations")}


@dataclass(frozen=True, eq=False)
class Way:
    """A path, as the body goes along it.

    Attributes:
        origin: (2,) x and z where it begins.
        yaw: radians about Y from +Z to its first direction.
        rates: (T, 3) features yaw rate and root velocity.
    """

    origin: Array
    yaw: float
    rates: Array


def path_length_m(path: Array) -> float:
    """Length of a checked path (P, 2)."""
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())


def checked_path(path: Array) -> Array:
    """A path as (P, 2) x and z in metres, P at least 2.

    Raises:
        MotionError: another shape, numbers that are not finite, points that leave the plane, or no length.
    """
    points = np.asarray(path, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] not in (2, 3) or len(points) < 2:
        raise MotionError.of("path", describe_shape(points), "(P, 2) x and z, or (P, 3) x, y, z in metres, of two points or more")
    if not np.isfinite(points).all():
        raise MotionError.of("path", "a number that is not finite", "finite numbers")
    if points.shape[1] == 3:
        if np.ptp(points[:, 1]) > LEVEL_M:
            found = f"heights from {points[:, 1].min():g} to {points[:, 1].max():g} m"
            raise MotionError.of("path", found, "a way over level ground", "give x and z alone")
        points = points[:, [0, 2]]
    if path_length_m(points) < SHORTEST_PATH_M:
        raise MotionError.of("path", f"{path_length_m(points):.3f} m long", f"at least {SHORTEST_PATH_M:g} m")
    return points


def way_along(path: Array, frames: int) -> Way:
    """The path gone in so many frames, facing where it leads, with easy corners and a gentle beginning and end.

    Args:
        path: as `checked_path` gives it.
        frames: of features.
    """
    from scipy.ndimage import gaussian_filter1d

    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    ease = min(EASE_S * FPS, frames / 3)
    speed = np.minimum(np.minimum(np.arange(frames) + 0.5, frames - np.arange(frames) - 0.5) / ease, 1.0)
    gone = np.concatenate([[0.0], np.cumsum(speed)]) / speed.sum() * along[-1]
    points = np.stack([np.interp(gone, along, path[:, k]) for k in (0, 1)], axis=1)
    smooth = gaussian_filter1d(points, 0.2 * FPS, axis=0, mode="nearest")
    smooth[[0, -1]] = points[[0, -1]]
    moves = np.diff(smooth, axis=0)
    heading = np.unwrap(np.arctan2(moves[:, 0], moves[:, 1]))
    heading = gaussian_filter1d(np.concatenate([heading, heading[-1:]]), 0.25 * FPS, mode="nearest")
    # Features: a half-angle rate whose sum turns the world to the body (see `motion.features`), and the step seen by the body after it.
    rate = -0.5 * np.diff(heading)
    after = heading[1:]
    right = np.cos(after) * moves[:, 0] - np.sin(after) * moves[:, 1]
    ahead = np.sin(after) * moves[:, 0] + np.cos(after) * moves[:, 1]
    return Way(smooth[0], float(heading[0]), np.stack([rate, right, ahead], axis=1).astype(np.float32))
