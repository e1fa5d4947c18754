"""The solid figure that the player shows: which points it needs, and the capsules, trunk and head between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import unit
from kinelang.motion.skeletons import SMPL22_JOINTS
from kinelang.viewing.scene import Scene
from kinelang.viewing.stick_figure import LEFT_COLOUR, MIDDLE_COLOUR, RIGHT_COLOUR, heads_of

SIDES = {MIDDLE_COLOUR: 0, LEFT_COLOUR: 1, RIGHT_COLOUR: 2}
"""Colours of lines as the player numbers them: middle, left, right."""

Capsule = tuple[int, int, float, float, int]
"""Point at one end, point at the other, radius there and there in metres, side."""

_LIMBS: tuple[tuple[str, str, float, float], ...] = (
    ("hip", "knee", 0.046, 0.031),
    ("knee", "ankle", 0.031, 0.020),
    ("ankle", "foot", 0.021, 0.0155),
    ("foot", "toe", 0.0155, 0.012),
    ("shoulder", "elbow", 0.031, 0.0225),
    ("elbow", "wrist", 0.0225, 0.0145),
    ("wrist", "hand", 0.0155, 0.0125),
)
"""Limbs of one side: from, to, radius there and there, in standing heights."""

_TRUNK: tuple[tuple[str, str, float, float, float, float], ...] = (
    ("pelvis", "spine1", -1.05, 0.0, 0.040, 0.036),
    ("pelvis", "spine1", -0.80, 0.0, 0.078, 0.058),
    ("pelvis", "spine1", -0.25, 0.0, 0.096, 0.066),
    ("pelvis", "spine1", 0.55, 0.1, 0.088, 0.061),
    ("spine1", "spine2", 0.45, 0.4, 0.080, 0.057),
    ("spine2", "spine3", 0.60, 0.7, 0.088, 0.062),
    ("spine3", "neck", 0.30, 1.0, 0.098, 0.063),
    ("spine3", "neck", 0.70, 1.0, 0.088, 0.050),
    ("spine3", "neck", 0.95, 1.0, 0.050, 0.036),
    ("neck", "head", 0.25, 1.0, 0.033, 0.033),
    ("neck", "head", 1.00, 1.0, 0.029, 0.031),
)
"""Rings of the trunk from below: the middle lies `share` of the way from one joint to another; how far it turns with the shoulders
rather than with the hips; half its width across and ahead in standing heights."""

_CHEST = range(5, 9)
"""Rings whose width goes with the distance of the shoulders."""

_USUAL_SHOULDERS, _LEG = 0.228, 0.482
"""Distance of the shoulder joints, and length of the leg from hip to ankle, in standing heights: SMPL's mean body."""

_TOE_SHARE, _HAND = 0.42, 0.052
"""How far toes reach beyond the ball of the foot in lengths of ankle to ball, and hands beyond the wrist in standing heights."""


@dataclass(frozen=True)
class Mannequin:
    """A figure ready to be shown.

    Attributes:
        points: (T, P, 3) metres, world: every point that the parts below refer to.
        capsules: limbs, or all bones of a figure that is not human.
        trunk: rings (low point, high point, share, turn, half width across, half width ahead in metres), from below; may be empty.
        trunk_lines: points of left hip, right hip, left shoulder, right shoulder; () without a trunk.
        head: points of middle, nose and neck, and `radius_m`; None where it is not human.
        height_m: standing height, or the extent of a figure that is not human.
    """

    points: Array
    capsules: list[Capsule]
    trunk: list[tuple[int, int, float, float, float, float]]
    trunk_lines: tuple[int, ...]
    head: dict[str, Any] | None
    height_m: float


def mannequin_of(scene: Scene) -> Mannequin:
    """The solid figure of a motion: limbs, trunk and head of a human, fingers where there are; else a capsule for each bone."""
    return _bones_alone(scene) if scene.body is None else _human(scene, scene.body.astype(np.float64))


def _bones_alone(scene: Scene) -> Mannequin:
    bones, height = scene.bones, scene.height_m
    capsules: list[Capsule] = [
        (int(a), int(b), float(width * height / 2), float(width * height / 2), SIDES[colour])
        for (a, b), width, colour in zip(bones.ends, bones.widths, bones.colours, strict=True)
    ]
    if not capsules:
        joints = range(scene.motion.skeleton.n_joints)
        capsules = [(j, j, 0.02 * height, 0.02 * height, 0) for j in joints]
    return Mannequin(scene.motion.joints.astype(np.float64), capsules, [], (), None, height)


def _human(scene: Scene, body: Array) -> Mannequin:
    names = list(SMPL22_JOINTS)
    at = {name: body[:, i] for i, name in enumerate(names)}
    height = standing_height(body)
    added, sides = {}, ("left", "right")
    for side in sides:
        foot, ankle, wrist, elbow = (at[f"{side}_{j}"] for j in ("foot", "ankle", "wrist", "elbow"))
        added[f"{side}_toe"] = foot + _TOE_SHARE * (foot - ankle) * np.array([1.0, 0.25, 1.0])
        added[f"{side}_hand"] = wrist + _HAND * height * unit(wrist - elbow)
    middle, ahead, radius = heads_of(body, height * _LEG / 0.525)
    added["head_middle"] = middle
    added["nose"] = middle + radius * ahead
    index = {name: i for i, name in enumerate([*names, *added])}
    collars: list[Capsule] = [(index["spine3"], index[f"{side}_shoulder"], 0.040 * height, 0.028 * height, 0) for side in sides]
    limbs: list[Capsule] = [
        (index[f"{side}_{a}"], index[f"{side}_{b}"], r * height, s * height, k + 1)
        for k, side in enumerate(sides)
        for a, b, r, s in _LIMBS
    ]
    points = np.concatenate([body, np.stack(list(added.values()), axis=1)], axis=1)
    points, fingers = _with_fingers(scene, points, index)
    lines = tuple(index[f"{side}_{joint}"] for joint in ("hip", "shoulder") for side in sides)
    head = {"middle": index["head_middle"], "nose": index["nose"], "neck": index["neck"], "radius_m": radius}
    return Mannequin(points, collars + limbs + fingers, _trunk(index, at, height), lines, head, height)


def _trunk(index: dict[str, int], at: dict[str, Array], height: float) -> list[tuple[int, int, float, float, float, float]]:
    shoulders = np.median(np.linalg.norm(at["left_shoulder"] - at["right_shoulder"], axis=-1)) / height
    wide = float(np.clip(shoulders / _USUAL_SHOULDERS, 0.78, 1.1))
    return [
        (index[a], index[b], share, turn, across * height * (wide if i in _CHEST else 1.0), ahead * height)
        for i, (a, b, share, turn, across, ahead) in enumerate(_TRUNK)
    ]


def _with_fingers(scene: Scene, points: Array, index: dict[str, int]) -> tuple[Array, list[Capsule]]:
    """The points and, where the skeleton has thin lines on a side (fingers), their joints and a capsule for each.

    Hands are carried to where the wrists of the 22 joints are, which on some skeletons is not where the fingers hang.
    """
    bones = scene.bones
    radius = 0.0052 * scene.height_m
    capsules: list[Capsule] = []
    for side, colour in (("left", LEFT_COLOUR), ("right", RIGHT_COLOUR)):
        thin = (i for i, width in enumerate(bones.widths) if width < 0.6 * bones.widths.max() and bones.colours[i] == colour)
        ends = np.array([bones.ends[i] for i in thin if _is_hand(scene, i)], dtype=int).reshape(-1, 2)
        if not len(ends):
            continue
        joints, hung = np.unique(ends, return_inverse=True)
        hung = hung.reshape(-1, 2) + points.shape[1]
        knuckles = np.isin(ends[:, 0], np.setdiff1d(ends[:, 0], ends[:, 1]))
        wrist = points[:, index[f"{side}_wrist"]]
        moved = scene.motion.joints[:, joints].astype(np.float64)
        moved += (wrist - scene.motion.joints[:, ends[knuckles, 0]].mean(axis=1))[:, None]
        points = np.concatenate([points, moved], axis=1)
        palm = points[:, hung[knuckles, 1]].mean(axis=1) - wrist
        points[:, index[f"{side}_hand"]] = wrist + 0.75 * palm
        capsules += [(int(a), int(b), radius, 0.9 * radius, SIDES[colour]) for a, b in hung]
    return points, capsules


def _is_hand(scene: Scene, bone: int) -> bool:
    """Whether a thin line is a finger's: nearer to a wrist than to the head in the first frame (eyes are thin as well)."""
    assert scene.body is not None
    at = scene.motion.joints[0, scene.bones.ends[bone][1]]
    wrists = [scene.body[0, SMPL22_JOINTS.index(f"{side}_wrist")] for side in ("left", "right")]
    head = scene.body[0, SMPL22_JOINTS.index("head")]
    return min(float(np.linalg.norm(at - w)) for w in wrists) < float(np.linalg.norm(at - head))


def standing_height(body: Array) -> float:
    """How tall the person is, metres, from the length of the legs: a clip may only show somebody sitting. body (T, 22, 3)."""
    legs = [
        np.linalg.norm(body[:, SMPL22_JOINTS.index(f"{side}_{a}")] - body[:, SMPL22_JOINTS.index(f"{side}_{b}")], axis=-1)
        for side in ("left", "right")
        for a, b in (("hip", "knee"), ("knee", "ankle"))
    ]
    return max(float(np.median(np.sum(legs, axis=0))) / 2 / _LEG, 1e-6)


def name_of(motion: Motion) -> str:
    """What a motion is called in pictures."""
    return motion.name or "motion"
