"""NumPy arrays of joints or motion features: HumanML3D (.npy of 22 joints or 263 features), KIT (21 or 251), SMPL joints.

Shapes: (T, 22, 3), (T, 263), (T, 21, 3), (T, 251), (T, 24, 3), (T, 52, 3). The files say neither frame rate nor unit; both follow
the data sets' conventions, and a note says so.
"""

from __future__ import annotations

import os

import numpy as np

from kinelang.errors import FormatError
from kinelang.formats.base import Format, ReadOptions
from kinelang.formats.npy import MAGIC, finite_float64, parse_npy, write_npy
from kinelang.formats.source import Source
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.motion.scale import LEG_M, convention_note, leg_length, metres_per_unit, to_metres_y_up
from kinelang.motion.skeletons import SKELETONS, SMPL22

FPS = {"smpl22": 20.0, "kit21": 12.5, "smpl24": 20.0, "smplh52": 20.0}
"""Frames a second by convention: HumanML3D's 20 and KIT's 12.5."""

SKELETON_OF_JOINTS = {22: "smpl22", 21: "kit21", 24: "smpl24", 52: "smplh52"}
SKELETON_OF_FEATURES = {263: "smpl22", 251: "kit21"}

KIT_LEG_M = 0.884
"""Hip to knee to ankle of the MMM reference figure at 1.8 m (0.245 + 0.246 of the height; Winter 2009). KIT's unit is undocumented."""

_SHAPES = "(T, 22, 3) or (T, 263) HumanML3D, (T, 21, 3) or (T, 251) KIT, (T, 24, 3) or (T, 52, 3) SMPL joints"


def read(source: Source, options: ReadOptions) -> Motion:
    """Read an array of joints or features; the shape tells which.

    HumanML3D is in metres, KIT is scaled so that its legs are those of the MMM figure at 1.8 m (`unit` overrides).

    Raises:
        FormatError: another shape, no numbers, pickled, not finite, or no human size (features that are still normalised).
    """
    array = parse_npy(source.data, source.where)
    kind, name = _kind(array, source.where)
    values = finite_float64(array, source.where, 3 if kind == "joints" else 2)
    joints = _decoded(values) if kind == "features" else values
    fps = FPS[name] if options.fps is None else options.fps
    motion = Motion(SKELETONS[name], fps, joints.astype(np.float32), name=source.stem, source=source.where)
    if options.fps is None:
        motion = motion.noted(f"frame rate not in the file: {FPS[name]:g} taken, as {_dataset(name)} has it")
    up = options.up or "y"
    note = convention_note(motion, up)
    motion = motion if note is None else motion.noted(note)
    leg = leg_length(motion.joints, motion.skeleton)
    if name == "kit21" and options.unit is None:
        return to_metres_y_up(motion, source.where, _kit_unit(leg, source.where), up).noted(*_KIT_NOTES)
    if options.unit is None and kind == "features":
        _check_size(leg, source.where)
    return to_metres_y_up(motion, source.where, "m" if kind == "features" and options.unit is None else options.unit, up)


def write(motion: Motion, path: str | os.PathLike[str], *, content: str = "joints") -> None:
    """Write a motion as .npy, whole or not at all.

    Args:
        motion: at 20 frames a second, or 12.5 for kit21, since the file cannot say its rate. Joints of smpl22, kit21, smpl24 and
            smplh52 are written as they are, any other skeleton is retargeted to the 22 joints.
        path: the file.
        content: "joints", float32 metres, or "features", the 263 or 251 numbers of HumanML3D and KIT (one frame fewer; on the
            published skeleton, from the origin, facing +Z).

    Raises:
        FormatError: another frame rate or content, or the file cannot be written.
        SkeletonError: not a human figure.
    """
    from kinelang.motion.retargeting import retarget

    if motion.skeleton.name not in FPS or not motion.skeleton.same_tree(SKELETONS[motion.skeleton.name]):
        motion = retarget(motion, SMPL22, rotations=False)
    name = motion.skeleton.name
    if abs(motion.fps - FPS[name]) > 1e-6 * motion.fps:
        remedy = f"resample first: kinelang.motion.ops.resample(motion, {FPS[name]:g}), or --fps {FPS[name]:g}"
        raise FormatError.of(os.fspath(path), f"{motion.fps:g} frames a second", f"{FPS[name]:g}, which readers assume", remedy)
    if content == "joints":
        write_npy(path, motion.joints)
    elif content == "features":
        write_npy(path, _encoded(motion, os.fspath(path)))
    else:
        raise FormatError.of("content", repr(content), "'joints' or 'features'")


def sniff(head: bytes, name: str) -> bool:
    """Whether the first bytes are of a .npy file."""
    return head.startswith(MAGIC)


def _kind(array: Array, where: str) -> tuple[str, str]:
    """ "joints" or "features", and the skeleton's name."""
    if array.ndim == 3 and array.shape[2] == 3 and array.shape[1] in SKELETON_OF_JOINTS:
        return "joints", SKELETON_OF_JOINTS[array.shape[1]]
    if array.ndim == 2 and array.shape[1] in SKELETON_OF_FEATURES:
        return "features", SKELETON_OF_FEATURES[array.shape[1]]
    raise FormatError.of(where, f"an array of shape {array.shape} {array.dtype}", _SHAPES, "give one clip, time first")


def _decoded(features: Array) -> Array:
    from kinelang.motion.features import decode

    return decode(features)


def _encoded(motion: Motion, where: str) -> Array:
    from kinelang.motion.features import LAYOUTS, encode

    layout = next((x for x in LAYOUTS.values() if x.skeleton == motion.skeleton.name), None)
    if layout is None:
        known = ", ".join(x.skeleton for x in LAYOUTS.values())
        raise FormatError.of(where, f"skeleton '{motion.skeleton.name}'", f"features are defined on {known}", "retarget first")
    return encode(motion.joints / np.float32(layout.metres_per_unit), layout)


def _dataset(skeleton: str) -> str:
    return "KIT" if skeleton == "kit21" else "HumanML3D"


_KIT_NOTES = (
    f"KIT's unit is not documented: scaled so that a leg measures {KIT_LEG_M} m, that of the MMM figure at 1.8 m (else give --unit)",
    "left and right of KIT are not verified",
)


def _kit_unit(leg: float, where: str) -> float:
    """Metres in one unit that make the legs KIT_LEG_M long. Raises FormatError where there is no leg to measure."""
    if leg < 1e-3:
        raise FormatError.of(where, f"legs of {leg:.3g} units", "a body", "say the unit: --unit (unit=)")
    return metres_per_unit(KIT_LEG_M / leg)


def _check_size(leg: float, where: str) -> None:
    if not LEG_M[0] <= leg <= LEG_M[1]:
        found = f"features that decode to a leg of {leg:.2f} m"
        remedy = "normalised features have to be multiplied by Std and added to Mean first"
        raise FormatError.of(where, found, f"{LEG_M[0]:g} to {LEG_M[1]:g} m", remedy)


FORMAT = Format(
    "npy",
    (".npy",),
    "NumPy array of HumanML3D or KIT joints or features, or of SMPL joints",
    sniff,
    read,
    write,
)
