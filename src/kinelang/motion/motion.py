"""`Motion`: the one idea of a motion that everything in kinelang shares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array, FloatArray, describe_shape, frozen_float32
from kinelang.motion.kinematics import forward_kinematics
from kinelang.motion.skeleton import Skeleton

MAX_FPS = 10_000.0
_LABELS = {"name", "source", "notes"}  # attributes that no check speaks of


@dataclass(frozen=True, eq=False)
class Motion:
    """A moving skeleton. Metres, Y up; a person facing +Z has the left at +X. Arrays are read-only; operations return copies.

    Either world positions, or local rotations with a root path, or both (then the positions are what was recorded or computed
    and the rotations fit them).

    Attributes:
        skeleton: joint names, tree, rest offsets.
        fps: frames a second.
        positions: (T, J, 3) float32, metres, world; or None.
        rotations: (T, J, 4) float32, unit quaternions (w, x, y, z), each joint relative to its parent; or None.
        root: (T, 3) float32, metres: world position of joint 0; needed with rotations.
        translations: (T, J, 3) float32, metres: joints whose distance to their parent changes over time, as files with position
            channels on several joints have it; replaces the skeleton's offsets (row 0 is ignored); or None.
        name: what the motion is called, usually the file's stem.
        source: the file it came from, or how it was made.
        notes: what a reader or an operation inferred or changed, one plain sentence each.

    Raises:
        MotionError: shapes that do not fit, values that are not finite, no frame, an impossible frame rate.
    """

    skeleton: Skeleton
    fps: float
    positions: FloatArray | None = None
    rotations: FloatArray | None = None
    root: FloatArray | None = None
    translations: FloatArray | None = None
    name: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "fps", float(self.fps))
        object.__setattr__(self, "notes", tuple(self.notes))
        where = f"motion '{self.name}'" if self.name else "motion"
        if not 0 < self.fps <= MAX_FPS:
            raise MotionError.of(where, f"{self.fps} frames a second", f"more than 0 and at most {MAX_FPS:.0f}")
        j = self.skeleton.n_joints
        expected: dict[str, tuple[int, ...]] = {
            "positions": (j, 3),
            "rotations": (j, 4),
            "root": (3,),
            "translations": (j, 3),
        }
        lengths = set()
        for field, shape in expected.items():
            value = getattr(self, field)
            if value is None:
                continue
            array = _checked(value, shape, f"{where}, {field}", self.skeleton.name)
            object.__setattr__(self, field, array)
            lengths.add(len(array))
        if self.positions is None and (self.rotations is None or self.root is None):
            raise MotionError.of(where, "neither positions nor rotations with a root path", "one of them")
        if len(lengths) != 1 or 0 in lengths:
            raise MotionError.of(where, f"arrays of {sorted(lengths)} frames", "the same number of frames in all, at least 1")
        if self.rotations is not None:
            object.__setattr__(self, "rotations", _unit_quaternions(self.rotations, f"{where}, rotations", self.skeleton))

    @cached_property
    def joints(self) -> FloatArray:
        """World positions of all joints. (T, J, 3) float32, metres."""
        if self.positions is not None:
            return self.positions
        assert self.rotations is not None  # checked on construction
        assert self.root is not None
        offsets = self.skeleton.offsets if self.translations is None else self.translations
        return frozen_float32(forward_kinematics(self.rotations, self.root, offsets, self.skeleton.parents)[0])

    @property
    def n_frames(self) -> int:
        """Number of frames T."""
        array = self.rotations if self.positions is None else self.positions
        assert array is not None
        return len(array)

    @property
    def duration_s(self) -> float:
        """Seconds, counting each frame as 1/fps long: T / fps."""
        return self.n_frames / self.fps

    @property
    def times_s(self) -> Array:
        """Time of each frame in seconds, the first at 0. (T,) float64."""
        return np.arange(self.n_frames) / self.fps

    @property
    def has_rotations(self) -> bool:
        """Whether local rotations are there."""
        return self.rotations is not None

    def __len__(self) -> int:
        return self.n_frames

    def with_(self, **changes: Any) -> Motion:
        """A copy with the given attributes replaced."""
        return self._relabelled(**changes) if changes.keys() <= _LABELS else replace(self, **changes)

    def noted(self, *notes: str) -> Motion:
        """A copy with notes added (a note that is there already is not repeated)."""
        return self._relabelled(notes=self.notes + tuple(n for n in notes if n not in self.notes))

    def _relabelled(self, **labels: Any) -> Motion:
        """A copy with other texts. It shares the arrays, which are checked and read-only, and the joints if they are computed."""
        if "notes" in labels:
            labels["notes"] = tuple(labels["notes"])
        copy = object.__new__(type(self))  # not the constructor, which would check all the numbers again
        vars(copy).update(vars(self) | labels)
        return copy

    def __repr__(self) -> str:
        what = "positions" if self.rotations is None else "rotations"
        return (
            f"Motion({self.name!r}, {self.skeleton.name}, {self.skeleton.n_joints} joints, {self.n_frames} frames at {self.fps:g} fps, "
            f"{self.duration_s:.2f} s, {what})"
        )


def _checked(value: Any, shape: tuple[int, ...], where: str, skeleton: str) -> FloatArray:
    """The value as a frozen array of finite numbers of the given shape a frame, or MotionError."""
    try:
        array = np.asarray(value)
    except ValueError as reason:
        raise MotionError.of(where, f"no array ({reason})", "numbers") from None
    if array.ndim != len(shape) + 1 or array.shape[1:] != shape:
        wanted = ", ".join(map(str, shape))
        raise MotionError.of(where, describe_shape(array), f"(T, {wanted}) for skeleton '{skeleton}'")
    if array.dtype.kind not in "fiu":
        raise MotionError.of(where, f"an array of {array.dtype}", "real numbers")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is told below
        frozen = frozen_float32(array)
    if not np.isfinite(frozen).all():
        frame = int(np.argwhere(~np.isfinite(frozen))[0][0])
        raise MotionError.of(where, f"a value that is not finite in frame {frame}", "finite numbers")
    return frozen


def _unit_quaternions(rotations: FloatArray, where: str, skeleton: Skeleton) -> FloatArray:
    """Quaternions (T, J, 4) scaled to length 1, or MotionError where one has no direction."""
    with np.errstate(over="ignore"):
        squared = np.einsum("tji,tji->tj", rotations, rotations)
    # Too short or too long for its square to be a normal float32: it cannot be scaled.
    if not (squared.min() >= np.finfo(np.float32).tiny and squared.max() < np.inf):
        frame, joint = (int(i) for i in np.argwhere(~((squared >= np.finfo(np.float32).tiny) & (squared < np.inf)))[0])
        length = np.linalg.norm(rotations[frame, joint].astype(np.float64))
        found = f"a quaternion of length {length:g} in frame {frame}, joint '{skeleton.joint_names[joint]}'"
        raise MotionError.of(where, found, "unit quaternions")
    return frozen_float32(rotations / np.sqrt(squared)[..., None])
