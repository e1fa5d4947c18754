"""The two published feature layouts as data: which joints, which numbers stand where, and the constants of each.

Source: Guo et al., "Generating Diverse and Natural 3D Human Motions from Text", CVPR 2022, and the release of HumanML3D
(github.com/EricGuo5513/HumanML3D, MIT), which the numbers of this file describe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array

_DIRECTIONS = {"o": (0, 0, 0), "L": (1, 0, 0), "R": (-1, 0, 0), "U": (0, 1, 0), "D": (0, -1, 0), "F": (0, 0, 1)}


@dataclass(frozen=True, eq=False)
class Layout:
    """One feature layout: the body it is for and its constants. Two layouts are the same only if they are one object.

    Attributes:
        name: "humanml3d" or "kit".
        skeleton: name of its skeleton in the `SKELETONS` table.
        fps: frames a second of the published clips.
        metres_per_unit: size of the unit of its joints.
        chains: the joints from the root, or from the chest for the arms, outwards. Each chain's rotations start from the root.
        directions: rest direction of the bone that ends at each joint, one letter a joint: Left, Right, Up, Down, Forward, o none.
        face: right hip, left hip, right shoulder, left shoulder, from which the facing is measured.
        leg: the joints that end the thigh and the shin whose lengths scale the root path.
        left_feet: ankle and foot of the contacts that come first.
        right_feet: ankle and foot of the contacts that come last.
        still_below: squared displacement from one frame to the next, units², under which a foot counts as in contact.
        sides: pairs of joints that a mirror swaps.
        bone_lengths: length of the bone that ends at each joint in the published clips (root 0), units; None where not known.
    """

    name: str
    skeleton: str
    fps: float
    metres_per_unit: float
    chains: tuple[tuple[int, ...], ...]
    directions: str
    face: tuple[int, int, int, int]
    leg: tuple[int, int]
    left_feet: tuple[int, int]
    right_feet: tuple[int, int]
    still_below: float
    sides: tuple[tuple[int, int], ...]
    bone_lengths: tuple[float, ...] | None

    @property
    def n_joints(self) -> int:
        """Number of joints J."""
        return len(self.directions)

    @property
    def width(self) -> int:
        """Number of features a frame D = 4 + 3(J-1) + 6(J-1) + 3J + 4."""
        return 12 * self.n_joints - 1

    @cached_property
    def blocks(self) -> Mapping[str, slice]:
        """Where each block stands in a frame of features, in order.

        yaw_rate (1): half the turn about Y to the next frame, radians. root_velocity (2): x and z of the root's step to the next
        frame, seen by the person. root_height (1): y. positions 3(J-1), rotations 6(J-1), velocities 3J, contacts 4.
        """
        j = self.n_joints
        widths = {
            "yaw_rate": 1,
            "root_velocity": 2,
            "root_height": 1,
            "positions": 3 * (j - 1),
            "rotations": 6 * (j - 1),
            "velocities": 3 * j,
            "contacts": 4,
        }
        ends = np.cumsum(list(widths.values()))
        return {name: slice(int(end - width), int(end)) for (name, width), end in zip(widths.items(), ends, strict=True)}

    @cached_property
    def bone_directions(self) -> Array:
        """Rest direction of the bone that ends at each joint. (J, 3) float64, unit; row 0 is zero."""
        return np.array([_DIRECTIONS[letter] for letter in self.directions], dtype=np.float64)

    @cached_property
    def parents(self) -> tuple[int, ...]:
        """The joint before each in its chain, -1 for the root."""
        before = {child: parent for chain in self.chains for parent, child in pairwise(chain)}
        return tuple(before.get(j, -1) for j in range(self.n_joints))

    @cached_property
    def rotates_with(self) -> tuple[int, ...]:
        """The joint to whose bone each bone's rotation is relative; 0, the root, for the first bone of every chain."""
        starts = {chain[1] for chain in self.chains}
        return tuple(0 if j in starts else max(p, 0) for j, p in enumerate(self.parents))

    @cached_property
    def descent(self) -> Array:
        """Which bones lead from the root to each joint. (J, J) float64 of 0 and 1: joints = descent @ bones.

        Row j has a 1 for every bone on the way to joint j; bone 0 is the position of the root itself.
        """
        paths = np.zeros((self.n_joints, self.n_joints))
        paths[:, 0] = 1
        for joint in range(1, self.n_joints):
            step = joint
            while step > 0:
                paths[joint, step] = 1
                step = self.parents[step]
        return paths

    @cached_property
    def mirrored(self) -> tuple[int, ...]:
        """The joint on the other side of each joint."""
        other = {a: b for pair in self.sides for a, b in (pair, pair[::-1])}
        return tuple(other.get(j, j) for j in range(self.n_joints))

    def __repr__(self) -> str:
        return f"Layout('{self.name}', {self.n_joints} joints, {self.width} features)"


HUMANML3D = Layout(
    name="humanml3d",
    skeleton="smpl22",
    fps=20.0,
    metres_per_unit=1.0,
    chains=((0, 2, 5, 8, 11), (0, 1, 4, 7, 10), (0, 3, 6, 9, 12, 15), (9, 14, 17, 19, 21), (9, 13, 16, 18, 20)),
    directions="oLRUDDUDDUFFULRFDDDDDD",
    face=(2, 1, 17, 16),
    leg=(5, 8),
    left_feet=(7, 10),
    right_feet=(8, 11),
    still_below=0.002,  # 4.5 cm a frame, 0.9 m/s: a foot in swing is above it, a foot set down or lifted slowly is not
    sides=((1, 2), (4, 5), (7, 8), (10, 11), (13, 14), (16, 17), (18, 19), (20, 21)),
    # Every published clip has these bones (first frame of clip 000021); left and right differ.
    bone_lengths=(
        0.0, 0.1030740, 0.1098835, 0.1315683, 0.3936233, 0.3901882, 0.1431903, 0.4324335, 0.4256438, 0.0573647, 0.1433816,
        0.1494191, 0.2193602, 0.1374869, 0.1433830, 0.1030391, 0.1316141, 0.1229842, 0.2568398, 0.2630920, 0.2660116, 0.2698759,
    ),
)  # fmt: skip

KIT = Layout(
    name="kit",
    skeleton="kit21",
    fps=12.5,
    # The MMM model's unit as TEMOS (github.com/Mathux/TEMOS) scales it to SMPL's size; the data themselves do not say.
    metres_per_unit=0.75 / 480,
    chains=((0, 11, 12, 13, 14, 15), (0, 16, 17, 18, 19, 20), (0, 1, 2, 3, 4), (3, 5, 6, 7), (3, 8, 9, 10)),
    directions="oUUUULDDRDDLDDFFRDDFF",
    face=(11, 16, 5, 8),  # the release takes 11 and 5, which MMM calls left, for the right side
    leg=(17, 18),
    left_feet=(19, 20),  # MMM's right ankle and foot, by the same swap
    right_feet=(14, 15),
    still_below=0.05,
    sides=((5, 8), (6, 9), (7, 10), (11, 16), (12, 17), (13, 18), (14, 19), (15, 20)),
    bone_lengths=None,  # the published clips have those of clip 03950, which is not public
)

LAYOUTS: dict[str, Layout] = {"humanml3d": HUMANML3D, "kit": KIT}


def layout_of(features: Array) -> Layout:
    """The layout that has as many features as the last axis of `features` (..., D); MotionError if there is none."""
    width = np.shape(features)[-1] if np.ndim(features) else 0
    for layout in LAYOUTS.values():
        if layout.width == width:
            return layout
    known = " or ".join(f"{layout.width} ({layout.name})" for layout in LAYOUTS.values())
    raise MotionError.of("motion features", f"{width} values a frame", known, "give an array (T, D) of one of these widths")
