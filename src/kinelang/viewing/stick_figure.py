"""Which lines make up the figure of a skeleton, in which colour and how thick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

from kinelang.errors import SkeletonError
from kinelang.motion.arrays import Array
from kinelang.motion.landmarks import landmarks_of
from kinelang.motion.rotations import cross, unit
from kinelang.motion.skeleton import Skeleton, side_of
from kinelang.motion.skeletons import SMPL22_JOINTS, bare_name

LEFT_COLOUR, RIGHT_COLOUR, MIDDLE_COLOUR = "#1f6fb8", "#e07a1f", "#2f343b"
SIDE_COLOURS: Mapping[str, str] = {"left": LEFT_COLOUR, "right": RIGHT_COLOUR, "": MIDDLE_COLOUR}

LIMB_WIDTH, TRUNK_WIDTH, FINGER_WIDTH = 0.033, 0.038, 0.011
"""Line widths in body heights. What hangs below wrists and head (fingers, eyes) is drawn thin."""

HEAD_RADIUS = 0.062
"""Radius of the head in body heights: a head is about an eighth of the body high."""

DRAWN_INSTEAD: Mapping[str, tuple[tuple[str, str], ...]] = {
    # COCO's tree hangs from the nose: drawn as its parents stand, the figure would have no shoulder and hip line.
    "coco17": (
        *(
            ("left_shoulder", "right_shoulder"),
            ("left_hip", "right_hip"),
            ("left_shoulder", "left_hip"),
            ("right_shoulder", "right_hip"),
        ),
        *((f"{s}_{a}", f"{s}_{b}") for s in ("left", "right") for a, b in (("shoulder", "elbow"), ("elbow", "wrist"))),
        *((f"{s}_{a}", f"{s}_{b}") for s in ("left", "right") for a, b in (("hip", "knee"), ("knee", "ankle"))),
    ),
}


@dataclass(frozen=True)
class Bones:
    """The lines of a figure.

    Attributes:
        ends: (B, 2) joint indices.
        colours: B colours.
        widths: (B,) line widths in body heights.
    """

    ends: Array
    colours: tuple[str, ...]
    widths: Array


def bones_of(skeleton: Skeleton) -> Bones:
    """The lines to draw for a skeleton."""
    instead = DRAWN_INSTEAD.get(skeleton.name, ())
    if instead and set(chain.from_iterable(instead)) <= set(skeleton.joint_names):
        pairs = [(skeleton.index(a), skeleton.index(b)) for a, b in instead]
    else:
        above = above_the_body(skeleton)
        pairs = [(p, j) for j, p in enumerate(skeleton.parents) if j not in above]
    sides = [_side_of_line(skeleton, a, b) for a, b in pairs]
    thin = _below_wrists_and_head(skeleton)
    widths = [FINGER_WIDTH if b in thin else LIMB_WIDTH if side else TRUNK_WIDTH for (_, b), side in zip(pairs, sides, strict=True)]
    return Bones(np.array(pairs, dtype=int).reshape(-1, 2), tuple(SIDE_COLOURS[s] for s in sides), np.array(widths))


def above_the_body(skeleton: Skeleton) -> frozenset[int]:
    """The root and the joints below it that no line should lead to: a chain of single children, such as a fixed scene root.

    A skeleton that is one chain altogether keeps all of its lines.
    """
    joint, skipped = 0, [0]
    while len(skeleton.children[joint]) == 1:
        joint = skeleton.children[joint][0]
        skipped.append(joint)
    return frozenset(skipped) if skeleton.children[joint] else frozenset({0})


def _side_of_line(skeleton: Skeleton, a: int, b: int) -> str:
    """The side of a line's lower end; a line from one side to the other belongs to the middle."""
    first, second = (side_of(bare_name(skeleton.joint_names[j])) for j in (a, b))
    return "" if {first, second} == {"left", "right"} else second


def _below_wrists_and_head(skeleton: Skeleton) -> frozenset[int]:
    try:
        points = landmarks_of(skeleton)
    except SkeletonError:
        return frozenset()
    tops = {
        points[name].blend[0][0] for name in ("left_wrist", "right_wrist", "head") if name in points and len(points[name].blend) == 1
    }
    below: set[int] = set()
    for j, parent in enumerate(skeleton.parents):
        if parent >= 0 and (parent in below or skeleton.joint_names[parent] in tops):
            below.add(j)
    return frozenset(below)


def body_height(joints: Array) -> float:
    """How tall the figure stands, metres: the greatest extent in any frame between its lowest and highest joint. (T, J, 3)."""
    extent = joints.max(axis=1) - joints.min(axis=1)
    return max(float(np.percentile(extent.max(axis=-1), 95)), 1e-6)


def heads_of(body: Array, height: float) -> tuple[Array, Array, float]:
    """The figure's head: middle (T, 3), where it faces (T, 3), radius in metres. body (T, 22, 3) metres."""
    at = {j: body[:, i].astype(np.float64) for i, j in enumerate(SMPL22_JOINTS)}
    up = unit(unit(at["head"] - at["neck"]) + unit(at["neck"] - at["spine3"]))
    across = at["left_shoulder"] - at["right_shoulder"]
    radius = HEAD_RADIUS * height
    return at["head"] + 0.9 * radius * up, unit(cross(across, up)), radius
