"""What a motion has to agree with besides words: an earlier motion's pieces, a pose to start from, a way over the ground.

All are given as raw features and a mask of which of them are fixed. Features are relative to where the body is and faces, so that what
is kept stays what it is when something before it moves elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kinelang.corpora.base import FPS, standard
from kinelang.errors import MotionError
from kinelang.generating.kept import Kept
from kinelang.models.finemogen.groups import JOINTS, dims
from kinelang.motion.arrays import Array, BoolArray, describe_shape
from kinelang.motion.features import HUMANML3D, encode
from kinelang.motion.motion import Motion
from kinelang.motion.ops import transform

START_FRAMES = 4
"""Of the end of a motion that another is to start from: 0.2 s."""
SIZE = 0.1
"""A leg that differs by a smaller share from HumanML3D's is left as long as it is."""
GROUND_M = 0.05
"""A motion whose lowest point is nearer to height 0 stands on it."""
WALKING_M_S = 1.2
SHORTEST_PATH_M = 0.05
FARTHEST_M = 10_000.0
"""From the origin; beyond, float32 does not tell millimetres any more."""
FASTEST_M_S = 12.0
"""The fastest sprinters' speed."""
EASE_S = 0.5
"""Over which someone who goes along a path gains and loses speed."""
CORNER_M = 0.06
"""Deviation of the Gaussian along a path that rounds its corners."""
SIDEWAYS_M_S2 = 2.0
"""Acceleration to the side in a corner, which says how slowly it is taken."""
FACING_S = 0.25
"""Deviation of the Gaussian over the direction that the body faces."""
GRID_M = 0.01
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
    features = own_features(earlier)
    for piece in kept:
        first, last = round(piece.start_s * FPS), round(piece.end_s * FPS)
        if first >= len(features):
            found = f"{piece.start_s:g} to {piece.end_s:g} s"
            raise MotionError.of("kept", found, f"a part of the {len(features) / FPS:g} s of the earlier motion")
        for part in piece.parts:
            fixed.put(round(piece.at_s * FPS), features[first:last], dims(HUMANML3D, part))


def where_it_was(made: Motion, earlier: Motion, kept: Sequence[Kept]) -> Motion:
    """The motion turned and moved over the ground, so that the first piece with the root in it is where it was in the earlier one."""
    piece = min((piece for piece in kept if "root" in piece.parts), key=lambda piece: piece.at_s, default=None)
    if piece is None:
        return made
    was, at = standard(earlier).joints.astype(np.float64), round(piece.at_s * FPS)
    first, last = (min(round(t * FPS), len(was) - 1) for t in (piece.start_s, piece.end_s))
    n = min(last - first, made.n_frames - at)
    own = [joint for part in piece.parts for joint in JOINTS["smpl22"][part]]
    if n < 1:
        return made
    now, then = made.joints[at : at + n, own].astype(np.float64), was[first : first + n, own]
    p, q = (x[..., [0, 2]] - x[..., [0, 2]].mean(axis=(0, 1)) for x in (now, then))
    yaw = float(np.arctan2((q[..., 0] * p[..., 1] - q[..., 1] * p[..., 0]).sum(), (q * p).sum()))
    turned = transform(made, yaw)
    x, z = (then - turned.joints[at : at + n, own]).mean(axis=(0, 1))[[0, 2]]
    return transform(turned, 0.0, (float(x), 0.0, float(z)))


def own_features(motion: Motion) -> Array:
    """Features that decode to the motion itself, (T-1, 263) float32: it keeps its bones, its height above the ground and every turn.

    The published ones give all people the same bones, put the lowest point on the ground and turn back once in a turn past -Z. A body
    that is much larger or smaller than theirs is scaled here too, and one that is not about the ground is put there.

    Raises:
        SkeletonError: no human figure.
    """
    joints = standard(motion).joints
    bones = np.linalg.norm(joints - joints[:, np.maximum(HUMANML3D.parents, 0)], axis=-1)
    leg = float(bones[0, list(HUMANML3D.leg)].sum())
    usual = float(np.array(HUMANML3D.bone_lengths)[list(HUMANML3D.leg)].sum())
    same_size = abs(leg / usual - 1) < SIZE
    features = np.array(encode(joints, turns="continuous", uniform_skeleton=not same_size))
    floor = float(joints[..., 1].min())
    if same_size and abs(floor) < GROUND_M:
        features[:, HUMANML3D.blocks["root_height"]] += floor
        features[:, HUMANML3D.blocks["positions"]][:, 1::3] += floor
    return features


def begin_with(fixed: Fixed, start: Motion) -> tuple[str, ...]:
    """Fix the first frames to the end of a motion, or to its last pose held if it is too short for a step; what was done, in words.

    Raises:
        SkeletonError: no human figure.
    """
    if start.n_frames < 2 or start.duration_s * FPS < 2:
        start, said = _held(start), "the start pose, held"
    else:
        said = "the start motion's end"
    features = own_features(start)
    last = features[-min(START_FRAMES, len(features)) :]
    fixed.put(0, np.concatenate([np.repeat(last[:1], START_FRAMES - len(last), axis=0), last]), slice(None))
    return (f"Begins with {said}, for {START_FRAMES / FPS:g} s, at the origin and facing +Z.",)


def _held(motion: Motion) -> Motion:
    """Its last pose for as long as a motion begins with it."""
    arrays = {name: getattr(motion, name) for name in ("positions", "rotations", "root", "translations")}
    held = {name: None if array is None else np.repeat(array[-1:], START_FRAMES + 1, axis=0) for name, array in arrays.items()}
    return motion.with_(fps=FPS, **held)


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
    if np.abs(points).max() > FARTHEST_M:
        found = f"a point at {points.flat[np.abs(points).argmax()]:g} m"
        raise MotionError.of("path", found, f"points within {FARTHEST_M:g} m of the origin", "give metres")
    if path_length_m(points) < SHORTEST_PATH_M:
        raise MotionError.of("path", f"{path_length_m(points):.3f} m long", f"at least {SHORTEST_PATH_M:g} m")
    return points


def check_speed(path: Array, seconds: float) -> None:
    """Raises MotionError for a checked path that nobody could go in the time."""
    length = path_length_m(path)
    if length > FASTEST_M_S * seconds:
        found = f"{length:g} m in {seconds:g} s"
        raise MotionError.of("path", found, f"at most {FASTEST_M_S:g} m a second", "give more --seconds, or a shorter way in metres")


@dataclass(frozen=True, eq=False)
class _Track:
    """A path with rounded corners on a grid of equal steps along the given one.

    Attributes:
        points: (G, 2).
        headings: (G,) radians about Y from +Z, without jumps.
        at_s: (G,) second of passing each point at a walk, slower in corners and at both ends.
    """

    points: Array
    headings: Array
    at_s: Array


def walk_s(path: Array) -> float:
    """Seconds that the path takes at a walk."""
    return float(_track(path).at_s[-1])


def way_along(path: Array, frames: int) -> Way:
    """The path gone in so many frames, facing where it leads, with easy corners and a gentle beginning and end.

    Args:
        path: as `checked_path` gives it.
        frames: of features, at least 2. The last frame is at the end of the path.
    """
    from scipy.ndimage import gaussian_filter1d

    track = _track(path)
    when = np.arange(frames) / (frames - 1) * track.at_s[-1]
    points = np.stack([np.interp(when, track.at_s, track.points[:, k]) for k in (0, 1)], axis=1)
    heading = gaussian_filter1d(np.interp(when, track.at_s, track.headings), FACING_S * FPS, mode="nearest")
    moves = np.diff(points, axis=0)
    moves = np.concatenate([moves, moves[-1:]])
    after = np.concatenate([heading[1:], heading[-1:]])
    # Features: a half-angle rate whose sum turns the world to the body (see `motion.features`), and the step seen by the body after it.
    right = np.cos(after) * moves[:, 0] - np.sin(after) * moves[:, 1]
    ahead = np.sin(after) * moves[:, 0] + np.cos(after) * moves[:, 1]
    return Way(points[0], float(heading[0]), np.stack([-0.5 * (after - heading), right, ahead], axis=1).astype(np.float32))


def _track(path: Array) -> _Track:
    from scipy.ndimage import gaussian_filter1d

    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    path, steps = path[np.concatenate([[True], steps > 0])], steps[steps > 0]
    along = np.concatenate([[0.0], np.cumsum(steps)])
    n = int(np.clip(along[-1] / GRID_M, 100, 20_000))
    ds = along[-1] / n
    wide = int(4 * CORNER_M / ds) + 1
    at = np.arange(-wide, n + wide + 1) * ds
    points = np.stack([np.interp(at, along, path[:, k]) for k in (0, 1)], axis=1)
    first, last = (path[1] - path[0]) / steps[0], (path[-1] - path[-2]) / steps[-1]
    points[:wide] += at[:wide, None] * first  # beyond its ends it goes straight on, so that smoothing leaves them where they are
    points[-wide:] += (at[-wide:, None] - along[-1]) * last
    points = gaussian_filter1d(points, CORNER_M / ds, axis=0, mode="nearest")[wide:-wide]
    for end, place in ((0, path[0]), (-1, path[-1])):  # a bend near an end has moved it a little
        fading = np.exp(-0.5 * ((np.arange(n + 1) * ds - (along[-1] if end else 0)) / CORNER_M) ** 2)
        points = points + fading[:, None] * (place - points[end])
    moves = np.gradient(points, axis=0)
    raw = np.arctan2(moves[:, 0], moves[:, 1])
    there = np.maximum.accumulate(np.where(np.linalg.norm(moves, axis=1) > 1e-3 * ds, np.arange(n + 1), 0))
    headings = np.unwrap(raw[there])
    bend = np.abs(np.gradient(gaussian_filter1d(headings, CORNER_M / ds, mode="nearest"))) / ds
    speed = np.minimum(WALKING_M_S, np.sqrt(SIDEWAYS_M_S2 / np.maximum(bend, 1e-6)))
    speed = gaussian_filter1d(speed, 2 * CORNER_M / ds, mode="nearest")
    middle = (np.arange(n) + 0.5) * ds
    ease = min(0.5 * WALKING_M_S * EASE_S, along[-1] / 3)
    gentle = np.sqrt(np.minimum(1.0, np.minimum(middle, along[-1] - middle) / ease))
    return _Track(points, headings, np.concatenate([[0.0], np.cumsum(ds / (gentle * 0.5 * (speed[1:] + speed[:-1])))]))
