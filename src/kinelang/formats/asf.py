"""Acclaim skeletons (.asf): bones with a direction, a length, a local frame and degrees of freedom.

Format: Acclaim Motion Capture, as described by Lander 1998 ("Working with motion capture file formats") and at
http://research.cs.wisc.edu/graphics/Courses/cs-838-1999/Jeff/ASF-AMC.html. A bone's rotation is C R C⁻¹ with C the fixed frame
from `axis` and R from the frame's angles, so that all rotations are the identity in the skeleton's own pose.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kinelang.errors import FormatError
from kinelang.formats.numbers import MAX_VALUE
from kinelang.motion.arrays import Array
from kinelang.motion.rotations import euler_to_quat
from kinelang.motion.skeleton import MAX_JOINTS, Skeleton
from kinelang.motion.skeletons import identify

INCH_M = 0.0254


@dataclass
class Bone:
    """One bone: from the joint of its name to `vector` away, in the rest pose, in file units."""

    name: str
    direction: tuple[float, ...] = (0.0, 0.0, 0.0)
    length: float = 0.0
    axis: tuple[float, ...] = (0.0, 0.0, 0.0)
    axis_order: str = "XYZ"
    dof: tuple[str, ...] = ()

    @property
    def vector(self) -> Array:
        """(3,) float64, file units."""
        return np.array(self.direction) * self.length


@dataclass
class Acclaim:
    """An .asf file: bones by name in file order, who hangs from whom, and the root's channels."""

    bones: dict[str, Bone] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    root_order: tuple[str, ...] = ("TX", "TY", "TZ", "RX", "RY", "RZ")
    root_axis: str = "XYZ"
    root_position: tuple[float, ...] = (0.0, 0.0, 0.0)
    length_unit: float = 1.0
    degrees: bool = True

    @property
    def metres_per_unit(self) -> float:
        """CMU's reading of `length`: the file's unit is 1 / length inches (mocap.cs.cmu.edu, FAQ)."""
        return INCH_M / self.length_unit

    def skeleton(self) -> Skeleton:
        """In file units: each joint at the start of the bone of its name, `<bone>_end` where a bone has no child; depth first."""
        names, parents, offsets, ends = ["root"], [-1], [np.zeros(3)], []
        children: dict[str, list[str]] = {"root": [], **{b: [] for b in self.bones}}
        for child, parent in self.parents.items():
            children[parent].append(child)
        place = {"root": 0}
        stack = list(reversed(children["root"]))
        while stack:
            bone = stack.pop()
            parent = self.parents[bone]
            place[bone] = len(names)
            names.append(bone)
            parents.append(place[parent])
            offsets.append(np.zeros(3) if parent == "root" else self.bones[parent].vector)
            stack.extend(reversed(children[bone]))
            if not children[bone]:
                ends.append(len(names))
                names.append(f"{bone}_end")
                parents.append(place[bone])
                offsets.append(self.bones[bone].vector)
        table = identify(names)
        kind, landmarks = ("unknown", None) if table is None else (table.name, table.landmarks)
        return Skeleton(kind, tuple(names), tuple(parents), np.array(offsets, dtype=np.float32), landmarks, frozenset(ends))


def axis_quat(angles: Array, order: str) -> Array:
    """Rotation of an Acclaim triple: the first-named axis turns first, about fixed axes. (..., N) radians -> (..., 4)."""
    return euler_to_quat(angles[..., ::-1], order[::-1].upper())


def parse_asf(data: bytes, where: str) -> Acclaim:
    """Read an .asf file. Raises FormatError, naming the line, for anything that is not that."""
    return _AsfParser(data, where).parse()


class _AsfParser:
    """One method for each section of the file."""

    def __init__(self, data: bytes, where: str) -> None:
        self.lines = data.decode("latin-1").replace("\r", "\n" if b"\n" not in data else "").split("\n")
        self.where = where
        self.number = 0
        self.out = Acclaim()
        self.bone: Bone | None = None

    def parse(self) -> Acclaim:
        section = ""
        for number, line in enumerate(self.lines, 1):
            self.number = number
            words = line.split("#", 1)[0].split()
            if not words:
                continue
            if words[0].startswith(":"):
                section = words[0][1:].lower()
            elif section in ("units", "root", "bonedata", "hierarchy"):
                getattr(self, f"in_{section}")([w.lower() for w in words[:1]], words[1:])
        self.check()
        return self.out

    def in_units(self, key: list[str], rest: list[str]) -> None:
        if key == ["length"]:
            (self.out.length_unit,) = self.numbers(rest, 1)
            if not 1e-6 <= self.out.length_unit <= 1e6:
                raise self.error(f"length {rest[0]}", "a positive length unit")
        elif key == ["angle"]:
            self.out.degrees = not " ".join(rest).lower().startswith("rad")

    def in_root(self, key: list[str], rest: list[str]) -> None:
        if key == ["order"]:
            order = tuple(w.upper() for w in rest)
            if set(order) - {"TX", "TY", "TZ", "RX", "RY", "RZ"} or len(set(order)) != len(order) or not order:
                raise self.error(f"order {' '.join(rest)[:60]}", "TX TY TZ RX RY RZ in some order")
            self.out.root_order = order
        elif key == ["axis"]:
            self.out.root_axis = self.axes(rest[-1] if rest else "")
        elif key == ["position"]:
            self.out.root_position = self.numbers(rest, 3)
        elif key == ["orientation"] and any(self.numbers(rest, 3)):
            raise self.error(f"orientation {' '.join(rest)[:60]}", "orientation 0 0 0", "turn the root in the .amc instead")

    def in_bonedata(self, key: list[str], rest: list[str]) -> None:
        (word,) = key
        if word == "begin":
            self.bone = Bone("")
        elif self.bone is None:
            raise self.error(repr(word[:30]), "begin before the first bone")
        elif word == "end":
            self.add_bone(self.bone)
            self.bone = None
        elif word == "name" and rest:
            self.bone.name = rest[0]
        elif word == "direction":
            self.bone.direction = self.numbers(rest, 3)
        elif word == "length":
            (self.bone.length,) = self.numbers(rest, 1)
        elif word == "axis":
            self.bone.axis = self.numbers(rest[:3], 3)
            self.bone.axis_order = self.axes(rest[3] if len(rest) > 3 else "XYZ")
        elif word == "dof":
            self.bone.dof = tuple(w.lower() for w in rest)
            if set(self.bone.dof) - {"rx", "ry", "rz"} or len(set(rest)) != len(rest):
                raise self.error(f"dof {' '.join(rest)[:60]}", "rotations rx, ry, rz", "bones that slide or stretch cannot be read")

    def in_hierarchy(self, key: list[str], rest: list[str]) -> None:
        if key in (["begin"], ["end"]):
            return
        parent = self.lines[self.number - 1].split("#", 1)[0].split()[0]
        for child in rest:
            if parent not in self.out.bones and parent != "root":
                raise self.error(f"unknown bone '{parent[:40]}'", "root or a bone of :bonedata")
            if child not in self.out.bones:
                raise self.error(f"unknown bone '{child[:40]}'", "a bone of :bonedata")
            if child in self.out.parents:
                raise self.error(f"bone '{child[:40]}' below two parents", "one parent")
            self.out.parents[child] = parent

    def add_bone(self, bone: Bone) -> None:
        if not bone.name or bone.name == "root" or bone.name in self.out.bones:
            raise self.error(f"bone name {bone.name[:40]!r}", "a new name in each begin ... end block")
        if len(self.out.bones) >= MAX_JOINTS // 2:
            raise self.error(f"more than {MAX_JOINTS // 2} bones", f"at most {MAX_JOINTS // 2}")
        self.out.bones[bone.name] = bone

    def check(self) -> None:
        """Every bone hangs from the root."""
        if not self.out.bones:
            raise FormatError.of(self.where, "no bones", "a :bonedata section", "is this an .asf file?")
        reached = {"root"}
        for _ in self.out.bones:
            new = {c for c, p in self.out.parents.items() if p in reached} - reached
            if not new:
                break
            reached |= new
        loose = [b for b in self.out.bones if b not in reached]
        if loose:
            raise FormatError.of(f"{self.where}, :hierarchy", f"bone '{loose[0][:40]}' not below the root", "a line for each parent")

    def numbers(self, words: list[str], count: int) -> tuple[float, ...]:
        try:
            values = tuple(float(w) for w in words)
        except ValueError:
            values = ()
        if len(values) != count or not all(abs(v) <= MAX_VALUE for v in values):
            raise self.error(repr(" ".join(words)[:60]), f"{count} finite number{'s' if count > 1 else ''}")
        return values

    def axes(self, order: str) -> str:
        if sorted(order.upper()) != ["X", "Y", "Z"]:
            raise self.error(f"axis order {order[:20]!r}", "X, Y and Z in some order")
        return order.upper()

    def error(self, found: str, expected: str, remedy: str = "") -> FormatError:
        return FormatError.of(f"{self.where}, line {self.number}", found, expected, remedy)
