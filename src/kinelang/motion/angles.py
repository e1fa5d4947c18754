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
from kinelang.motion.rotations import cross, unit


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

# Indices of the 22 joints.
_PELVIS, _L_HIP, _R_HIP, _NECK, _HEAD = 0, 1, 2, 12, 15
_LEG = {"r": (2, 5, 8, 11), "l": (1, 4, 7, 10)}  # hip, knee, ankle, foot
_ARM = {"r": (17, 19, 21), "l": (16, 18, 20)}  # shoulder, elbow, wrist


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
    j = joints.astype(np.float64)
    body = _body_frame(j)
    out = {**_pelvis_angles(body)}
    trunk = _in_frame(body, j[:, _NECK] - j[:, _PELVIS])
    flexion, bending = _forward_angle(trunk, up=True), _side_angle(trunk)
    out["lumbar_extension"], out["lumbar_bending"] = -flexion, bending
    chest = _turned_about_x(_turned_about_z(body, -flexion), bending)
    # The line between the shoulders, not the right shoulder alone as published: a shrug is no twist, and mirroring must be exact.
    shoulders = _in_frame(chest, j[:, _ARM["r"][0]] - j[:, _ARM["l"][0]])
    out["lumbar_rotation"] = np.arcsin(np.clip(unit(shoulders)[:, 0], -1, 1))
    chest = _turned_about_y(chest, out["lumbar_rotation"])
    head = _in_frame(chest, j[:, _HEAD] - j[:, _NECK])
    out["neck_flexion"], out["neck_bending"] = _forward_angle(head, up=True), _side_angle(head)
    for side, sign in (("r", 1.0), ("l", -1.0)):
        out.update(_leg_angles(j, body, side, sign))
        out.update(_arm_angles(j, chest, side, sign))
    return np.stack([out[a.key] for a in ANGLES], axis=-1)


def _body_frame(j: Array) -> Array:
    """Rows X forward, Y up, Z right of the pelvis, in world axes. (T, 3, 3)."""
    z = unit(j[:, _R_HIP] - j[:, _L_HIP])
    up = j[:, _PELVIS] - 0.5 * (j[:, _R_HIP] + j[:, _L_HIP])
    y = unit(up - np.einsum("ti,ti->t", up, z)[:, None] * z)
    return np.stack([cross(y, z), y, z], axis=1)


def _pelvis_angles(body: Array) -> dict[str, Array]:
    """Tilt, list and rotation of the pelvis against the room.

    In the order rotation, list, tilt (Baker 2001), so that tilt and list are what an observer walking along sees. The published
    order (tilt first) gives the same for a person who keeps facing the same way, and swaps tilt and list after a quarter turn.
    """
    # World axes re-named as in the body: X forward = z, Y up = y, Z right = -x. R = Ry(rotation) Rx(list) Rz(tilt), R columns = frame.
    x_up, y_up, z_up = body[:, 0, 1], body[:, 1, 1], body[:, 2, 1]
    z_forward, z_right = body[:, 2, 2], -body[:, 2, 0]
    listing = np.arcsin(np.clip(-z_up, -1, 1))
    level = np.hypot(z_forward, z_right) > np.sin(SINGULAR_RAD)
    return {
        "pelvis_tilt": _bridged(np.arctan2(x_up, y_up), level),
        "pelvis_list": listing,
        "pelvis_rotation": _bridged(np.arctan2(z_forward, z_right), level),
    }


def _leg_angles(j: Array, body: Array, side: str, sign: float) -> dict[str, Array]:
    hip, knee, ankle, foot = (j[:, i] for i in _LEG[side])
    thigh, shank = _in_frame(body, knee - hip), ankle - knee
    flexion, outward = _forward_angle(thigh), _side_angle(thigh)
    turned = _turned_about_x(_turned_about_z(body, flexion), -outward)
    return {
        f"hip_flexion_{side}": flexion,
        f"hip_adduction_{side}": -sign * outward,
        # The shank out of the thigh's sagittal plane: the axial rotation where the knee is at a right angle, less as it straightens.
        f"hip_rotation_{side}": sign * _side_angle(_in_frame(turned, shank)),
        f"knee_angle_{side}": _between(knee - hip, shank),
        # Both vectors point away from the body, so a foot at a right angle is 0 and a pointed one positive.
        f"ankle_angle_{side}": np.pi / 2 - _between(shank, foot - ankle),
    }


def _arm_angles(j: Array, chest: Array, side: str, sign: float) -> dict[str, Array]:
    shoulder, elbow, wrist = (j[:, i] for i in _ARM[side])
    upper, fore = _in_frame(chest, elbow - shoulder), wrist - elbow
    flexion, outward = _forward_angle(upper), _side_angle(upper)
    # An arm reaches further up and back over the front than behind: a full turn is cut at 90 degrees behind the body.
    flexion -= 2 * np.pi * np.round((np.median(flexion) - np.pi / 2) / (2 * np.pi))
    turned = _turned_about_x(_turned_about_z(chest, flexion), -outward)
    return {
        f"arm_flex_{side}": flexion,
        f"arm_add_{side}": -sign * outward,
        f"arm_rot_{side}": -sign * _side_angle(_in_frame(turned, fore)),
        f"elbow_flex_{side}": _between(elbow - shoulder, fore),
    }


def _in_frame(frame: Array, v: Array) -> Array:
    """Components of v along the rows of the frame. (T, 3, 3), (T, 3) -> (T, 3)."""
    return np.asarray(np.einsum("tij,tj->ti", frame, v))


def _forward_angle(v: Array, up: bool = False) -> Array:
    """Angle in the sagittal plane from straight down (or up) towards the front, unwrapped. v (T, 3) -> (T,)."""
    angle = np.arctan2(v[:, 0], v[:, 1] if up else -v[:, 1])
    in_plane = np.hypot(v[:, 0], v[:, 1])
    length = np.sqrt(np.einsum("ti,ti->t", v, v))
    return _bridged(angle, in_plane > np.sin(SINGULAR_RAD) * length)


def _side_angle(v: Array) -> Array:
    """Angle out of the sagittal plane, positive to the right. v (T, 3) -> (T,)."""
    return np.asarray(np.arctan2(v[:, 2], np.hypot(v[:, 0], v[:, 1])))


def _between(a: Array, b: Array) -> Array:
    """Angle between two vectors, 0 to pi, accurate also near 0. (T, 3) -> (T,)."""
    c = cross(a, b)
    return np.asarray(np.arctan2(np.sqrt(np.einsum("ti,ti->t", c, c)), np.einsum("ti,ti->t", a, b)))


def _bridged(angle: Array, defined: Array) -> Array:
    """Unwrapped angle with undefined stretches bridged by straight lines between defined frames. (T,) -> (T,)."""
    if defined.all():
        return np.unwrap(angle)
    if not defined.any():
        return np.zeros_like(angle)
    known = np.flatnonzero(defined)
    return np.interp(np.arange(len(angle)), known, np.unwrap(angle[known]))


def _mixed(a: Array, b: Array, angle: Array) -> tuple[Array, Array]:
    """Two axes of a frame turned by `angle` from a towards b."""
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return c * a + s * b, c * b - s * a


def _turned_about_z(frame: Array, angle: Array) -> Array:
    x, y = _mixed(frame[:, 0], frame[:, 1], angle)
    return np.stack([x, y, frame[:, 2]], axis=1)


def _turned_about_x(frame: Array, angle: Array) -> Array:
    y, z = _mixed(frame[:, 1], frame[:, 2], angle)
    return np.stack([frame[:, 0], y, z], axis=1)


def _turned_about_y(frame: Array, angle: Array) -> Array:
    z, x = _mixed(frame[:, 2], frame[:, 0], angle)
    return np.stack([x, frame[:, 1], z], axis=1)
