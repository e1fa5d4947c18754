"""The 26 joint angles, in 13 body-part groups, that Structured Motion Descriptions are made of.

The paper names 26 angles over 13 groups with ISB-style conventions but does not list them; the list here is that of the same first
author's published calculator (MotionColBert), which has the same counts. Where that is not symmetric in left and right, or depends on
which way the person happens to have turned, it is mended here and said so at the place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array, describe_shape
from kinelang.motion.facing import unwrapped


@dataclass(frozen=True)
class Angle:
    """One angle channel: its key, the body part it belongs to, its name and what a growing value means in plain words.

    `mirror` is the key of the same angle on the other side; `sign` is -1 where the mirror image negates it.
    """

    key: str
    group: str
    name: str
    gloss: str
    mirror: str
    sign: int = 1


def _middle(key: str, group: str, name: str, gloss: str, sign: int) -> Angle:
    return Angle(key, group, name, gloss, key, sign)


def _sided(key: str, group: str, name: str, gloss: str) -> tuple[Angle, Angle]:
    def one(side: str, letter: str, other: str) -> Angle:
        return Angle(f"{key}_{letter}", f"{side} {group}", f"{side} {name}", gloss, f"{key}_{other}")

    return one("Right", "r", "l"), one("Left", "l", "r")


def _table() -> tuple[Angle, ...]:
    pelvis = (
        _middle("pelvis_tilt", "Pelvis", "Pelvis Tilt", "tilting backward", 1),
        _middle("pelvis_list", "Pelvis", "Pelvis List", "dropping to the right", -1),
        _middle("pelvis_rotation", "Pelvis", "Pelvis Rotation", "turning left", -1),
    )
    spine = (
        _middle("lumbar_extension", "Lumbar Spine", "Lumbar Extension", "leaning the trunk back", 1),
        _middle("lumbar_bending", "Lumbar Spine", "Lumbar Bending", "bending the trunk to the right", -1),
        _middle("lumbar_rotation", "Lumbar Spine", "Lumbar Rotation", "twisting the trunk left", -1),
    )
    neck = (
        _middle("neck_flexion", "Neck", "Neck Flexion", "bending the head forward", 1),
        _middle("neck_bending", "Neck", "Neck Bending", "tilting the head to the right", -1),
    )
    hips = [
        _sided("hip_flexion", "Hip", "Hip Flexion", "lifting the thigh forward"),
        _sided("hip_adduction", "Hip", "Hip Adduction", "moving the thigh inward"),
        _sided("hip_rotation", "Hip", "Hip Rotation", "turning the thigh inward"),
    ]
    shoulders = [
        _sided("arm_flex", "Shoulder", "Shoulder Flexion", "raising the arm forward"),
        _sided("arm_add", "Shoulder", "Shoulder Adduction", "moving the arm inward"),
        _sided("arm_rot", "Shoulder", "Shoulder Rotation", "turning the arm inward"),
    ]
    knees = _sided("knee_angle", "Knee", "Knee Flexion", "bending the knee")
    ankles = _sided("ankle_angle", "Ankle", "Ankle Plantarflexion", "pointing the foot down")
    elbows = _sided("elbow_flex", "Elbow", "Elbow Flexion", "bending the elbow")

    def of(side: int, pairs: list[tuple[Angle, Angle]]) -> tuple[Angle, ...]:
        return tuple(pair[side] for pair in pairs)

    return (
        *pelvis, *spine, *neck,
        *of(0, hips), *of(1, hips), *knees, *ankles,
        *of(0, shoulders), *of(1, shoulders), *elbows,
    )  # fmt: skip


ANGLES: tuple[Angle, ...] = _table()
"""The 26 channels, in the order in which `joint_angles` gives them."""

GROUPS: tuple[str, ...] = tuple(dict.fromkeys(a.group for a in ANGLES))
"""The 13 body parts, in the order in which a description lists them."""

SINGULAR_RAD = np.radians(15.0)
"""A limb closer than this to the axis that an angle turns about does not define the angle; it is taken over in time (ours)."""

_PELVIS, _L_HIP, _R_HIP = 0, 1, 2

# The lines between joints that angles are measured on, (from, to): of the four limbs, right leg, left leg, right arm, left arm, the
# upper and the lower part, the right and the left foot; then hips, shoulders, trunk and head.
_UPPER, _LOWER, _FEET = ((2, 5), (1, 4), (17, 19), (16, 18)), ((5, 8), (4, 7), (19, 21), (18, 20)), ((8, 11), (7, 10))
_LINES = np.array([*_UPPER, *_LOWER, *_FEET, (1, 2), (16, 17), (0, 12), (12, 15)]).T
_HIPS, _SHOULDERS, _TRUNK, _HEAD = range(10, 14)
_CENTRES = (0.0, 0.0, np.pi / 2, np.pi / 2)  # an arm reaches further up and back over the front than behind: see `_bridged`


def _rows(*keys: str) -> list[int]:
    """Places of angles in `ANGLES`."""
    return [[a.key for a in ANGLES].index(key) for key in keys]


_FLEXIONS = _rows("hip_flexion_r", "hip_flexion_l", "arm_flex_r", "arm_flex_l")
_ADDUCTIONS = _rows("hip_adduction_r", "hip_adduction_l", "arm_add_r", "arm_add_l")
_ROTATIONS = _rows("hip_rotation_r", "hip_rotation_l", "arm_rot_r", "arm_rot_l")
_BENDS = _rows("knee_angle_r", "knee_angle_l", "elbow_flex_r", "elbow_flex_l", "ankle_angle_r", "ankle_angle_l")
_DOWN = np.array([1.0, -1.0, 1.0])[:, None, None]  # seen upside down, a hanging limb points up
_INWARD = np.array([-1.0, 1.0, -1.0, 1.0])[:, None]  # sign of an angle to the right that is told as one inward
_TURNED_IN = np.array([1.0, -1.0, -1.0, 1.0])[:, None]  # shanks swing outward when the thigh turns inward, forearms inward


def joint_angles(joints: Array) -> Array:
    """The 26 angles of a clip, in radians, unwrapped over time.

    Args:
        joints: (T, 22, 3) metres, Y up. `pelvis_rotation` is the yaw against +Z: turn the clip to its initial frame first
            (`facing.in_initial_frame`) to have it start near zero.

    Returns:
        (T, 26) float64, columns as in `ANGLES`.

    Raises:
        MotionError: another shape.
    """
    if joints.ndim != 3 or joints.shape[1:] != (22, 3):
        raise MotionError.of("joint_angles", describe_shape(joints), "(T, 22, 3)", "use retarget(motion, SMPL22) first")
    # Components first and time last: each operation then runs over contiguous numbers.
    j = np.ascontiguousarray(joints.transpose(2, 1, 0), dtype=np.float64)  # (3, 22, T)
    lines = j.take(_LINES[1], axis=1) - j.take(_LINES[0], axis=1)  # (3, 14, T)
    out = np.empty((len(ANGLES), len(joints)))
    body = _body_frame(j, lines[:, _HIPS])
    out[0:3] = _pelvis_angles(body)
    flexion, bending = _flexion_and_side(_in_frame(body, lines[:, _TRUNK])[:, None], (0.0,))
    x, y, z = body
    x, y = _mixed(x, y, -flexion[0])
    y, z = _mixed(y, z, bending[0])
    # The line between the shoulders, not the right shoulder alone as published: a shrug is no twist, and mirroring must be exact.
    shoulders = lines[:, _SHOULDERS]
    twist = _arcsine(_dot(x, shoulders), _length(shoulders))
    z, x = _mixed(z, x, twist)
    out[3], out[4], out[5] = -flexion[0], bending[0], twist
    chest = np.stack([x, y, z])
    out[6:7], out[7:8] = _flexion_and_side(_in_frame(chest, lines[:, _HEAD])[:, None], (0.0,))
    _put_limb_angles(out, lines[:, :10], np.stack([body, body, chest, chest], axis=2))
    return out.T


def _body_frame(j: Array, hips: Array) -> Array:
    """Frame of the pelvis: unit axes X forward, Y up, Z right, in world axes. j (3, 22, T), hips from left to right (3, T) ->
    (3 axes, 3, T)."""
    z = _unit(hips)
    up = j[:, _PELVIS] - 0.5 * (j[:, _R_HIP] + j[:, _L_HIP])
    y = _unit(up - _dot(up, z) * z)
    return np.stack([_cross(y, z), y, z])


def _pelvis_angles(body: Array) -> Array:
    """Tilt, list and rotation of the pelvis against the room. body (3 axes, 3, T) -> (3, T).

    In the order rotation, list, tilt (Baker 2001), so that tilt and list are what an observer walking along sees. The published
    order (tilt first) gives the same for a person who keeps facing the same way, and swaps tilt and list after a quarter turn.
    """
    # World axes re-named as in the body: X forward = z, Y up = y, Z right = -x. R = Ry(rotation) Rx(list) Rz(tilt), R columns = frame.
    x_up, y_up, z_up = body[:, 1]
    z_forward, z_right = body[2, 2], -body[2, 0]
    level = z_forward * z_forward + z_right * z_right > np.sin(SINGULAR_RAD) ** 2
    tilt = _bridged(np.arctan2(x_up, y_up), level)
    rotation = _bridged(np.arctan2(z_forward, z_right), level)
    return np.stack([tilt, np.arcsin(_clipped(-z_up)), rotation])


def _put_limb_angles(out: Array, lines: Array, frame: Array) -> None:
    """Write the angles of hips, knees, ankles, shoulders and elbows to their rows of `out` (26, T).

    lines (3, 10, T): upper and lower parts of the four limbs, and the feet. frame (3 axes, 3, 4, T): what each limb is seen from.
    """
    upper, lower = lines[:, :4], lines[:, 4:8]
    hanging = _in_frame(frame, upper) * _DOWN
    flexion, outward = _flexion_and_side(hanging, _CENTRES)
    # The lower limb out of the upper one's sagittal plane: the axial rotation where knee or elbow is at a right angle, less as the
    # limb straightens, zero where it is straight. The plane's normal is the frame's Z, carried along by flexion and abduction.
    x, y, z = _in_frame(frame, lower)
    normal = np.cos(outward) * z + np.sin(outward) * (np.cos(flexion) * y - np.sin(flexion) * x)
    out[_FLEXIONS] = flexion
    out[_ADDUCTIONS] = _INWARD * outward
    out[_ROTATIONS] = _TURNED_IN * _arcsine(normal, _length(lower))
    # Knees, elbows and ankles in one go: each of the first six lines has the one it meets there four places on.
    bend = _between(lines[:, :6], lines[:, 4:])
    # Both vectors point away from the body, so a foot at a right angle is 0 and a pointed one positive.
    bend[4:] = np.pi / 2 - bend[4:]
    out[_BENDS] = bend


def _flexion_and_side(v: Array, centres: tuple[float, ...]) -> tuple[Array, Array]:
    """Of N lines that point up at rest: angle in the sagittal plane towards the front, and out of it to the right.

    v (3, N, T), a centre for each (see `_bridged`) -> two of (N, T), the first unwrapped over time.
    """
    side = np.arctan2(v[2], np.sqrt(v[0] * v[0] + v[1] * v[1]))
    angle = np.arctan2(v[0], v[1])
    defined = np.abs(side) < np.pi / 2 - SINGULAR_RAD
    for n, centre in enumerate(centres):
        angle[n] = _bridged(angle[n], defined[n], centre)
    return angle, side


def _dot(a: Array, b: Array) -> Array:
    """Inner product over the first axis. (3, ...) -> (...)."""
    return np.asarray(np.add.reduce(a * b, axis=0))


def _cross(a: Array, b: Array) -> Array:
    """Cross product over the first axis. (3, ...) -> (3, ...)."""
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def _length(v: Array) -> Array:
    return np.asarray(np.sqrt(_dot(v, v)))


def _unit(v: Array) -> Array:
    """Scaled to length 1 over the first axis; zero stays zero."""
    length = _length(v)
    return np.asarray(v / np.where(length > 0, length, 1))


def _in_frame(frame: Array, v: Array) -> Array:
    """Components of v along the axes of the frame. (3 axes, 3, ...), (3, ...) -> (3, ...)."""
    return np.asarray(np.add.reduce(frame * v, axis=1))


def _clipped(sine: Array) -> Array:
    return np.minimum(np.maximum(sine, -1), 1)


def _arcsine(part: Array, whole: Array) -> Array:
    """arcsin(part / whole), 0 where the whole is 0."""
    return np.asarray(np.arcsin(_clipped(part / np.maximum(whole, 1e-12))))


def _between(a: Array, b: Array) -> Array:
    """Angle between two vectors, 0 to pi, accurate also near 0. (3, ...) -> (...)."""
    return np.asarray(np.arctan2(_length(_cross(a, b)), _dot(a, b)))


def _bridged(angle: Array, defined: Array, centre: float | None = None) -> Array:
    """Unwrapped angle with undefined stretches bridged by straight lines between defined frames. (T,) -> (T,).

    With a `centre` each defined stretch is brought within half a turn of it, because nothing tells how the limb went round while the
    angle was undefined.
    """
    if defined.all():
        return _within(unwrapped(angle), centre)
    if not defined.any():
        return np.zeros_like(angle)
    known = np.flatnonzero(defined)
    values = unwrapped(angle[known])
    if centre is not None:
        gaps = np.flatnonzero(np.diff(known) > 1) + 1
        values = np.concatenate([_within(part, centre) for part in np.split(values, gaps)])
    return np.interp(np.arange(len(angle)), known, values)


def _within(angle: Array, centre: float | None) -> Array:
    """The angle plus the whole turns that bring the middle of its range within half a turn of `centre`."""
    if centre is None:
        return angle
    turns = round((0.5 * (angle.min() + angle.max()) - centre) / (2 * np.pi))
    return angle - 2 * np.pi * turns if turns else angle


def _mixed(a: Array, b: Array, angle: Array) -> tuple[Array, Array]:
    """Two axes of a frame turned by `angle` from a towards b. (3, T), (T,)."""
    c, s = np.cos(angle), np.sin(angle)
    return c * a + s * b, c * b - s * a
