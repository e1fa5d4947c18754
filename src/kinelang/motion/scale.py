"""Units and the up axis of motions from files that do not say: inferred from body size and gravity, and reported.

A motion in file units and axes goes in, one in metres with Y up comes out. What is ambiguous is an error that names the flag to set.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import numpy as np

from kinelang.errors import FormatError, SkeletonError
from kinelang.motion.arrays import Array
from kinelang.motion.kinematics import joint_positions
from kinelang.motion.landmarks import landmarks_of
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import quat_conjugate, quat_multiply, quat_rotate
from kinelang.motion.skeleton import Skeleton

UNITS: dict[str, float] = {"m": 1.0, "cm": 0.01, "mm": 0.001, "inch": 0.0254, "cmu": 0.0254 / 0.45}
"""Metres in one unit. `cmu` is the unit of the CMU recordings' ASF files (1/0.45 inch; mocap.cs.cmu.edu, FAQ)."""

UNIT_NAMES = {"m": "metres", "cm": "centimetres", "mm": "millimetres", "inch": "inches", "cmu": "CMU units of 1/0.45 inch"}
CMU_JOINTS = ("LHipJoint", "lhipjoint")
"""Joints of the CMU skeleton: only files that have one are thought to be in CMU units."""

LEG_M = (0.45, 1.2)
"""Hip to knee to ankle of people from children to the tallest, metres (ours)."""
EXTENT_M = (0.9, 2.3)
"""Largest side of the box around a body, where no leg can be told, metres (ours)."""

TURNS: dict[str, tuple[float, float, float, float]] = {
    "y": (1.0, 0.0, 0.0, 0.0),
    "z": (np.sqrt(0.5), -np.sqrt(0.5), 0.0, 0.0),
    "x": (np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)),
    "-y": (0.0, 1.0, 0.0, 0.0),
    "-z": (np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0),
    "-x": (np.sqrt(0.5), 0.0, 0.0, -np.sqrt(0.5)),
}
"""For each possible up axis the rotation (w, x, y, z) that turns it to +Y; proper, so that left stays left."""

UPRIGHT = 0.8
"""Cosine that the way from feet to head must have with an axis, on average over the clip, to say that the axis is up (ours)."""

_SAMPLES = 48
_LEGS = ("left_hip", "left_knee", "left_ankle", "right_hip", "right_knee", "right_ankle", "head")


@dataclass(frozen=True)
class Placement:
    """How a file's lengths and axes become metres and Y up.

    Attributes:
        metres: metres in one file unit.
        up: the file's up axis, a key of TURNS.
        rest_too: whether the rest pose stands along that axis too, so that it has to be turned along.
        notes: what was inferred.
    """

    metres: float
    up: str
    rest_too: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Body:
    """What inference looks at, in file units and axes."""

    motion: Motion
    leg: float | None  # median hip-knee-ankle length; None if the skeleton has no legs that can be told
    upward: Array | None  # (3,) feet to head, mean over time, in leg lengths
    rest_upward: Array | None  # (3,) the same in the rest pose


def to_metres_y_up(motion: Motion, where: str, unit: str | float | None = None, up: str | None = None) -> Motion:
    """A motion in file units and axes, in metres with Y up; arguments and errors as for `infer_placement`."""
    placement = infer_placement(motion, where, unit, up)
    return turned_up(scaled(motion, placement.metres), placement.up, placement.rest_too).noted(*placement.notes)


def infer_placement(motion: Motion, where: str, unit: str | float | None = None, up: str | None = None) -> Placement:
    """Unit and up axis of a motion in file units and axes: as given, or inferred from a few of its frames.

    Args:
        motion: as the file has it, or the frames of it that `sample_frames` names.
        where: the file, for messages.
        unit: one of UNITS, metres in one unit as a number, or None to infer it from the length of the legs (0.45 to 1.2 m), or
            from the size of the body where no legs can be told.
        up: an axis of the file, "y", "z", "x" or with a minus; None to infer it from where the head is over the feet, with
            the rest pose as second evidence. Where the two disagree, a figure with an upright rest pose is taken to lie or crawl.

    Raises:
        FormatError: no unit or axis, or more than one, is plausible; or `unit` or `up` is none.
    """
    metres = None if unit is None else metres_per_unit(unit)
    axis = None if up is None else up_axis(up)
    notes: list[str] = []
    body = _look(motion)
    if metres is None:
        metres, note = _infer_unit(body, where)
        notes.append(note)
    if axis is None:
        axis, axis_note = _infer_up(body, where)
        notes += [axis_note] if axis_note else []
    rest_too = body.rest_upward is None or _main_axis(body.rest_upward)[0] == axis
    return Placement(metres, axis, rest_too, tuple(notes))


def sample_frames(n_frames: int) -> Array:
    """The frames that inference looks at: the first, the last and up to 46 between."""
    return np.unique(np.linspace(0, n_frames - 1, _SAMPLES).astype(np.int64))


def metres_per_unit(unit: str | float) -> float:
    """Metres in a unit given by name or as a number. Raises FormatError for anything else."""
    spelled = str(unit).strip().lower()
    spelled = {"in": "inch", "inches": "inch", "metre": "m", "metres": "m", "meters": "m"}.get(spelled, spelled)
    if spelled in UNITS:
        return UNITS[spelled]
    try:
        metres = float(spelled)
    except ValueError:
        metres = 0.0
    if not 1e-6 <= metres <= 1e6:
        raise FormatError.of("unit", repr(unit), f"one of {', '.join(UNITS)}, or metres in one unit as a number")
    return metres


def up_axis(up: str) -> str:
    """An axis name of TURNS from "y", "+Y", "-z"... Raises FormatError for anything else."""
    axis = str(up).strip().lower().removeprefix("+")
    if axis not in TURNS:
        raise FormatError.of("up axis", repr(up), f"one of {', '.join(TURNS)}")
    return axis


def scaled(motion: Motion, factor: float) -> Motion:
    """The motion with all lengths times `factor`, its skeleton included."""
    if factor == 1:
        return motion
    size = np.float32(factor)
    return motion.with_(
        skeleton=motion.skeleton.with_offsets(motion.skeleton.offsets * size),
        positions=None if motion.positions is None else motion.positions * size,
        root=None if motion.root is None else motion.root * size,
        translations=None if motion.translations is None else motion.translations * size,
    )


def turned_up(motion: Motion, axis: str, rest_too: bool) -> Motion:
    """The motion turned so that the file's `axis` becomes +Y.

    With `rest_too` the rest pose turns along (every local frame is rotated); else only the root's rotation takes the turn, for rest
    poses that stand along Y already.
    """
    if axis == "y":
        return motion
    turn = np.array(TURNS[axis])

    def turned(vectors: Array | None) -> Array | None:
        return None if vectors is None else quat_rotate(turn, vectors.astype(np.float64))

    changes = {"positions": turned(motion.positions), "root": turned(motion.root)}
    rotations = None if motion.rotations is None else motion.rotations.astype(np.float64)
    if rest_too:
        if rotations is not None:
            rotations = quat_multiply(quat_multiply(turn, rotations), quat_conjugate(turn))
        changes["translations"] = turned(motion.translations)
        skeleton = motion.skeleton.with_offsets(quat_rotate(turn, motion.skeleton.offsets.astype(np.float64)))
        return motion.with_(skeleton=skeleton, rotations=rotations, **changes)
    if rotations is not None:
        rotations[:, 0] = quat_multiply(turn, rotations[:, 0])
    return motion.with_(rotations=rotations, **changes)


def leg_length(joints: Array, skeleton: Skeleton) -> float:
    """Hip to knee to ankle, mean of both sides, median over frames. joints (T, J, 3) -> in their unit.

    Raises SkeletonError if the skeleton has no legs that can be told.
    """
    points = np.einsum("lj,tjc->tlc", skeleton.blend_matrix(landmarks_of(skeleton), _LEGS), joints.astype(np.float64))
    return _leg(points)


def _leg(points: Array) -> float:
    """Median leg length of landmarks in the order of _LEGS. (T, 7, 3) -> length."""
    bones = points[:, [1, 2, 4, 5]] - points[:, [0, 1, 3, 4]]
    lengths = np.sqrt(np.einsum("tbc,tbc->tb", bones, bones)).sum(axis=1)
    return float(median(lengths.tolist())) / 2


def _look(motion: Motion) -> _Body:
    """Measure the body on a few frames and in the rest pose."""
    try:
        weights = motion.skeleton.blend_matrix(landmarks_of(motion.skeleton), _LEGS)
    except SkeletonError:
        return _Body(motion, None, None, None)
    used = np.flatnonzero(weights.any(axis=0))
    points = weights[:, used] @ _joints_at(motion, used.tolist())
    rest = (weights @ motion.skeleton.rest_positions.astype(np.float64))[None]
    leg = _leg(points)
    return _Body(motion, leg, _feet_to_head(points, leg), _feet_to_head(rest, _leg(rest)))


def _joints_at(motion: Motion, joints: list[int]) -> Array:
    """World positions of some joints in `sample_frames`, (N, len(joints), 3) float64, without computing all the others."""
    frames = sample_frames(motion.n_frames)
    if motion.positions is not None:
        return motion.positions[frames][:, joints].astype(np.float64)
    assert motion.rotations is not None  # checked by Motion
    assert motion.root is not None
    parents = motion.skeleton.parents
    chain = {0}
    for joint in joints:
        while joint not in chain:
            chain.add(joint)
            joint = parents[joint]
    kept = sorted(chain)
    place = {-1: -1, **{old: new for new, old in enumerate(kept)}}
    offsets = motion.skeleton.offsets[kept] if motion.translations is None else motion.translations[frames][:, kept]
    rotations, root = motion.rotations[frames][:, kept].astype(np.float64), motion.root[frames].astype(np.float64)
    positions = joint_positions(rotations, root, offsets, [place[parents[j]] for j in kept])
    return np.asarray(positions[:, [place[j] for j in joints]])


def _feet_to_head(points: Array, leg: float) -> Array:
    """From the middle of the ankles to the head, mean over time, in lengths of the leg. (T, 7, 3) -> (3,)."""
    way = points[:, 6] - 0.5 * (points[:, 2] + points[:, 5])
    return np.asarray(way.mean(axis=0) / max(leg, 1e-12))


def _infer_unit(body: _Body, where: str) -> tuple[float, str]:
    skeleton = body.motion.skeleton
    if body.leg is None:
        joints = _joints_at(body.motion, list(range(skeleton.n_joints)))
        what, size, (low, high) = "a body", float(np.median(np.ptp(joints, axis=1).max(axis=-1))), EXTENT_M
    else:
        what, size, (low, high) = "a leg", body.leg, LEG_M
    cmu = any(j in skeleton.joint_names for j in CMU_JOINTS)
    fitting = [u for u, metres in UNITS.items() if low <= size * metres <= high and (u != "cmu" or cmu)]
    if len(fitting) == 1:
        metres = UNITS[fitting[0]]
        return metres, f"unit not in the file: {UNIT_NAMES[fitting[0]]} inferred from {what} of {size * metres:.2f} m"
    which = " and ".join(f"{size * UNITS[u]:.2f} m in {UNIT_NAMES[u]}" for u in fitting) or f"no human size in {', '.join(UNITS)}"
    found = f"{what} of {size:.4g} file units, which is {which}"
    raise FormatError.of(where, found, f"{low:g} to {high:g} m in one unit", "say the unit: --unit (unit=)")


def _infer_up(body: _Body, where: str) -> tuple[str, str | None]:
    if body.upward is None or body.rest_upward is None:
        found = "a figure whose head and feet cannot be told apart by name"
        raise FormatError.of(where, found, "a way to see which axis is up", "say it: --up y, z, x, -y, -z or -x (up=)")
    axis, share = _main_axis(body.upward)
    upright = share >= UPRIGHT and float(np.linalg.norm(body.upward)) > 0.5
    rest_axis, rest_share = _main_axis(body.rest_upward)
    # Rigs whose rest pose lays every bone along one axis (LAFAN1, Bandai-Namco) fold up: their rest pose says nothing.
    rest_stands = rest_share >= UPRIGHT and float(np.linalg.norm(body.rest_upward)) > 1.0
    if upright and (axis == "y" or (rest_stands and rest_axis == axis)):
        return axis, _up_note(axis, "the head is above the feet along it")
    if upright and _level_across(body, axis, "y"):
        return axis, _up_note(axis, "the head is above the feet along it, and the floor lies across it")
    if rest_stands and rest_axis == "y":  # the convention of nearly all files, and the rest pose keeps it
        return "y", "up axis not in the file: Y taken from the rest pose, as the figure does not stand upright"
    if rest_stands and not upright:
        return rest_axis, _up_note(rest_axis, "the rest pose stands along it")
    if _level_across(body, "y", "x") and _level_across(body, "y", "z"):
        return "y", "up axis not in the file: Y taken, as the floor lies across it"
    found = f"a figure along {axis.upper()} ({share:.0%}) with a rest pose along {rest_axis.upper()} ({rest_share:.0%})"
    raise FormatError.of(where, found, "a clip or a rest pose that stands upright", "say which axis is up: --up y or --up z (up=)")


def _up_note(axis: str, why: str) -> str | None:
    return None if axis == "y" else f"up axis not in the file: {axis.upper()} inferred ({why}) and turned to Y"


def _main_axis(vector: Array) -> tuple[str, float]:
    """The coordinate axis nearest to a direction, and the cosine between them (0 for no direction)."""
    length = float(np.linalg.norm(vector))
    i = int(np.argmax(np.abs(vector)))
    share = abs(float(vector[i])) / length if length > 0 else 0.0
    return ("-" if vector[i] < 0 else "") + "xyz"[i], share


def _level_across(body: _Body, axis: str, other: str) -> bool:
    """Whether the body's lowest point stays level along `axis` while along `other` it does not: a floor across `axis`.

    Someone who walks in a Z-up file drifts along Y and stays level along Z; someone who crawls in a Y-up file stays level along Y.
    """
    joints = _joints_at(body.motion, list(range(body.motion.skeleton.n_joints)))
    lowest = [quat_rotate(np.array(TURNS[a]), joints)[..., 1].min(axis=1) for a in (axis, other)]
    level, drift = (float(np.ptp(low)) for low in lowest)
    return drift > 0.3 * (body.leg or 0.0) and level < 0.2 * drift


def stands_along(motion: Motion) -> str | None:
    """The axis of TURNS along which the figure stands upright over the clip, or None if it does not or cannot be told."""
    body = _look(motion)
    if body.upward is None:
        return None
    axis, share = _main_axis(body.upward)
    return axis if share >= UPRIGHT and float(np.linalg.norm(body.upward)) > 0.5 else None


def convention_note(motion: Motion, axis: str) -> str | None:
    """A warning if a figure in file axes stands along another axis than the one that its format has up."""
    found = stands_along(motion)
    if found is None or found == axis:
        return None
    return (
        f"{axis.upper()} is up by the format's convention, but the figure lies along {found.upper()} all the time: "
        f"if that is up in this file, say --up {found} (up=)"
    )
