"""The skeleton of a motion: named joints in a tree, their rest offsets, and where the 22 common joints lie on it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from kinelang.errors import SkeletonError
from kinelang.motion.arrays import Array, FloatArray, frozen_float32
from kinelang.motion.kinematics import levels

MAX_JOINTS = 2000


@dataclass(frozen=True)
class Landmark:
    """A point on a skeleton: a weighted sum of joint positions, and where wanted a shift carried rigidly by one joint.

    Attributes:
        blend: ((joint name, weight), ...), the weights adding up to 1.
        carrier: joint whose rotation carries `shift`; "" for none. Without rotations the shift is left out.
        shift: (x, y, z) in the carrier's rest frame, in leg lengths (hip to knee to ankle).
    """

    blend: tuple[tuple[str, float], ...]
    carrier: str = ""
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def renamed(self, names: Mapping[str, str]) -> Landmark:
        """The same point with joint names replaced."""
        blend = tuple((names.get(j, j), w) for j, w in self.blend)
        return Landmark(blend, names.get(self.carrier, self.carrier), self.shift)


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A tree of named joints with rest offsets.

    In the rest pose every local rotation is the identity, so that the offsets add up to the rest positions.

    Attributes:
        name: name in the `SKELETONS` table, or "unknown".
        joint_names: J unique names; a parent always stands before its children.
        parents: J indices, -1 for the one root, which is joint 0.
        offsets: (J, 3) float32, metres: each joint from its parent in the rest pose (row 0: the root, usually zero).
        landmarks: for the joints of SMPL-22 the points on this skeleton (feet may be missing); None where not known.
        end_sites: indices of joints that only mark the end of a bone and carry no rotation (BVH End Site).

    Raises:
        SkeletonError: the parts do not make a tree.
    """

    name: str
    joint_names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: FloatArray
    landmarks: Mapping[str, Landmark] | None = None
    end_sites: frozenset[int] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        object.__setattr__(self, "joint_names", tuple(self.joint_names))
        object.__setattr__(self, "parents", tuple(int(p) for p in self.parents))
        object.__setattr__(self, "end_sites", frozenset(int(i) for i in self.end_sites))
        object.__setattr__(self, "offsets", frozen_float32(self.offsets))
        n = len(self.joint_names)
        where = f"skeleton '{self.name}'"
        if not 0 < n <= MAX_JOINTS:
            raise SkeletonError.of(where, f"{n} joints", f"1 to {MAX_JOINTS}")
        if len(set(self.joint_names)) != n:
            twice = sorted({j for j in self.joint_names if self.joint_names.count(j) > 1})
            raise SkeletonError.of(where, f"joint name '{twice[0]}' twice", "unique joint names")
        if len(self.parents) != n or self.offsets.shape != (n, 3):
            found = f"{n} names, {len(self.parents)} parents, offsets of shape {self.offsets.shape}"
            raise SkeletonError.of(where, found, "equal counts and offsets (J, 3)")
        if self.parents[0] != -1 or any(not 0 <= p < i for i, p in enumerate(self.parents) if i):
            raise SkeletonError.of(where, f"parents {self.parents}", "one root at joint 0 and each parent before its children")
        if not np.isfinite(self.offsets).all():
            raise SkeletonError.of(where, "an offset that is not finite", "finite offsets in metres")

    @property
    def n_joints(self) -> int:
        """Number of joints J, end sites included."""
        return len(self.joint_names)

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """For each joint the indices of its children, in order."""
        lists: list[list[int]] = [[] for _ in self.parents]
        for i, p in enumerate(self.parents):
            if p >= 0:
                lists[p].append(i)
        return tuple(tuple(c) for c in lists)

    @cached_property
    def rest_positions(self) -> FloatArray:
        """Positions in the rest pose with the root at the origin. (J, 3) float32, metres."""
        out = np.zeros((self.n_joints, 3))
        for level in levels(self.parents):
            out[level] = out[[self.parents[j] for j in level]] + self.offsets[level]
        return frozen_float32(out)

    @cached_property
    def mirror_map(self) -> tuple[int, ...]:
        """For each joint the index of its partner on the other side (itself for a middle joint)."""
        return tuple(self.index_of(swap_side(n), default=i) for i, n in enumerate(self.joint_names))

    def index(self, joint: str) -> int:
        """Index of a joint by name. Raises SkeletonError, listing near names, if there is none."""
        found = self.index_of(joint, default=-1)
        if found < 0:
            known = ", ".join(self.joint_names[:30])
            raise SkeletonError.of(f"skeleton '{self.name}'", f"no joint '{joint}'", f"one of {known}")
        return found

    def index_of(self, joint: str, default: int) -> int:
        """Index of a joint by name, or `default`."""
        return self._indices.get(joint, default)

    @cached_property
    def _indices(self) -> dict[str, int]:
        return {n: i for i, n in enumerate(self.joint_names)}

    def blend_matrix(self, landmarks: Mapping[str, Landmark], names: Sequence[str]) -> Array:
        """Weights W (len(names), J) such that W @ joints gives the named landmarks, their shifts left out.

        Raises SkeletonError if a landmark is missing or speaks of a joint that this skeleton lacks.
        """
        weights = np.zeros((len(names), self.n_joints))
        for row, name in enumerate(names):
            if name not in landmarks:
                raise SkeletonError.of(f"skeleton '{self.name}'", f"no landmark '{name}'", "a point for each of the 22 joints")
            for joint, weight in landmarks[name].blend:
                weights[row, self.index(joint)] += weight
        return weights

    def with_offsets(self, offsets: Array, name: str | None = None) -> Skeleton:
        """The same tree with other bone offsets (J, 3), metres."""
        return Skeleton(
            self.name if name is None else name,
            self.joint_names,
            self.parents,
            frozen_float32(offsets),
            self.landmarks,
            self.end_sites,
        )

    def same_tree(self, other: Skeleton) -> bool:
        """Whether names and parents are the same (offsets may differ)."""
        return self.joint_names == other.joint_names and self.parents == other.parents

    def __repr__(self) -> str:
        return f"Skeleton('{self.name}', {self.n_joints} joints)"


_SIDE_WORDS = {"left": "right", "right": "left", "Left": "Right", "Right": "Left", "LEFT": "RIGHT", "RIGHT": "LEFT"}
_SIDE_WORD = re.compile("left|right|Left|Right|LEFT|RIGHT")
_BONES = (
    "hipjoint|hip|femur|tibia|foot|toes?|clavicle|collar|shldr|shoulder|humerus|forearm|radius|elbow|wrist|hand|fingers?|thumb"
    "|knee|ankle|thigh|shin|buttock|leg|arm|eye|ear|index|mid|ring|pinky|heel"
)
_SIDE_LETTER = re.compile(
    rf"""^[lr](?=({_BONES}))                # lfemur, rhumerus (but not root or lowerback)
      | (?<![A-Za-z])[lrLR](?=[A-Z_.\-\s])  # lShldr, l_hip, L_Knee, LThigh, l.arm
      | (?<=[_.\-\s])[lrLR](?![A-Za-z])     # Hand_L, thigh.r, hip_l_end
      | (?<=[a-z0-9])[LR](?![a-z])          # kneeL
    """,
    re.VERBOSE,
)
_LETTERS = str.maketrans("lrLR", "rlRL")


def swap_side(name: str) -> str:
    """The joint name of the other side: lShldr -> rShldr, LeftArm -> RightArm, Hand_L -> Hand_R; a middle joint unchanged."""
    if _SIDE_WORD.search(name):
        return _SIDE_WORD.sub(lambda m: _SIDE_WORDS[m.group()], name)
    return _SIDE_LETTER.sub(lambda m: m.group().translate(_LETTERS), name)


def side_of(name: str) -> str:
    """'left', 'right' or '' for a joint name, by the same rule as `swap_side`."""
    word = _SIDE_WORD.search(name)
    if word:
        return word.group().lower()
    letter = _SIDE_LETTER.search(name)
    return {"l": "left", "r": "right"}[letter.group()[0].lower()] if letter else ""
