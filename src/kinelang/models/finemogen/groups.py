"""The body parts that FineMoGen keeps apart, and which features belong to each.

A joint owns its position (3), rotation (6) and velocity (3), the root its four numbers, its velocity and the contacts. The release's
names of left and right are exchanged relative to the skeleton; these here are the body's own.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from kinelang.errors import ModelError
from kinelang.motion.features import LAYOUTS, Layout

JOINTS = {
    "smpl22": {
        "head": (12, 15),
        "torso": (3, 6, 9),
        "left_arm": (13, 16, 18, 20),
        "right_arm": (14, 17, 19, 21),
        "left_leg": (1, 4, 7, 10),
        "right_leg": (2, 5, 8, 11),
        "root": (0,),
    },
    "kit21": {
        "head": (4,),
        "torso": (1, 2, 3),
        "left_arm": (5, 6, 7),
        "right_arm": (8, 9, 10),
        "left_leg": (11, 12, 13, 14, 15),
        "right_leg": (16, 17, 18, 19, 20),
        "root": (0,),
    },
}
"""Joints of each part by the name of the layout's skeleton."""
PARTS = tuple(JOINTS["smpl22"])
"""In the order of the network's groups; the whole body comes behind them."""
BODY = "body"


@cache
def dims(layout: Layout, part: str) -> tuple[int, ...]:
    """The features of a part, in the order of its joints; of `BODY` all, in their own order."""
    if part == BODY:
        return tuple(range(layout.width))
    blocks = layout.blocks
    found: list[int] = []
    for joint in JOINTS[layout.skeleton][part]:
        if joint == 0:
            first = blocks["velocities"].start
            found += [0, 1, 2, 3, first, first + 1, first + 2, *range(blocks["contacts"].start, blocks["contacts"].stop)]
            continue
        for name, width, before in (("positions", 3, 1), ("rotations", 6, 1), ("velocities", 3, 0)):
            first = blocks[name].start + width * (joint - before)
            found += range(first, first + width)
    return tuple(found)


def layout_named(name: str) -> Layout:
    """A layout of features. Raises ModelError for an unknown one."""
    if name not in LAYOUTS:
        raise ModelError.of("network, layout", f"'{name}'", f"one of {', '.join(LAYOUTS)}")
    return LAYOUTS[name]


def part_masks(layout: Layout) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which features belong to which of `PARTS`: (7, D) bool; every feature belongs to one."""
    masks = np.zeros((len(PARTS), layout.width), dtype=bool)
    for row, part in zip(masks, PARTS, strict=True):
        row[list(dims(layout, part))] = True
    return masks
