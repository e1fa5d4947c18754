"""The compact text in which the skeleton table is written down."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kinelang.motion.skeleton import Landmark, Skeleton, swap_side

SMPL22_JOINTS = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle", "spine3",
    "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist",
)  # fmt: skip
"""The 22 joints that every skeleton of the table maps to, in HumanML3D's order."""

PELVIS_ABOVE_HIPS = (0.0, 0.106, 0.019)
"""Where SMPL's pelvis joint lies over the middle of the hips (left, up, forward), in leg lengths: from the mean SMPL body."""


def skeleton_from_text(name: str, tree: str, landmarks: str = "", shifts: Mapping[str, Landmark] | None = None) -> Skeleton:
    """Build a table entry.

    Args:
        name: the key in `SKELETONS`.
        tree: one joint a line, `joint parent x y z` (rest offset in metres, `-` for no parent). A joint whose name ends in
            `_end` is an end site. A block between lines `sided` and `end` is repeated for the right side with -x.
        landmarks: one landmark a line, `landmark = joint` or `landmark = 0.5 joint + 0.5 joint`; a left landmark stands for the
            right one too. Empty: the joints have the 22 names themselves.
        shifts: landmarks given as objects, which replace those in the text.
    """
    rows = _joint_rows(tree)
    names = tuple(r[0] for r in rows)
    parents = tuple(-1 if r[1] == "-" else names.index(r[1]) for r in rows)
    points = mirrored_to_right(parse_points(landmarks)) if landmarks else {j: Landmark(((j, 1.0),)) for j in SMPL22_JOINTS}
    ends = frozenset(i for i, n in enumerate(names) if n.endswith("_end"))
    offsets = np.array([r[2] for r in rows], dtype=np.float32)
    return Skeleton(name, names, parents, offsets, {**points, **(shifts or {})}, ends)


def _joint_rows(tree: str) -> list[tuple[str, str, tuple[float, float, float]]]:
    rows: list[tuple[str, str, tuple[float, float, float]]] = []
    start = None
    for line in filter(None, map(str.strip, tree.splitlines())):
        if line == "sided":
            start = len(rows)
        elif line == "end":
            rows += [(swap_side(n), swap_side(p), (-x, y, z)) for n, p, (x, y, z) in rows[start:]]
        else:
            joint, parent, x, y, z = line.split()
            rows.append((joint, parent, (float(x), float(y), float(z))))
    return rows


def parse_points(text: str) -> dict[str, Landmark]:
    """Points from lines `name = joint` or `name = weight joint + weight joint`."""
    points: dict[str, Landmark] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, terms = (s.strip() for s in line.split("="))
        blend = []
        for term in terms.split("+"):
            *weight, joint = term.split()
            blend.append((joint, float(weight[0]) if weight else 1.0))
        points[name] = Landmark(tuple(blend))
    return points


def mirrored_to_right(points: Mapping[str, Landmark]) -> dict[str, Landmark]:
    """The points, and for each left one its partner on the right."""
    right = {
        swap_side(name): Landmark(tuple((swap_side(j), w) for j, w in point.blend))
        for name, point in points.items()
        if name.startswith("left_")
    }
    return {**points, **right}


def pelvis_over(left_hip: str, root: str, axes: str = "+x+y+z") -> Landmark:
    """SMPL's pelvis point over the hips of a rig, carried by its root joint.

    `axes` names the axes of the root's rest frame that point to the person's left, up and forward, e.g. "-y+x+z".
    """
    shift = [0.0, 0.0, 0.0]
    for amount, sign, axis in zip(PELVIS_ABOVE_HIPS, axes[::2], axes[1::2], strict=True):
        shift["xyz".index(axis)] = amount if sign == "+" else -amount
    return Landmark(((left_hip, 0.5), (swap_side(left_hip), 0.5)), root, (shift[0], shift[1], shift[2]))
