"""The HIERARCHY part of a BVH file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from kinelang.errors import FormatError
from kinelang.formats.numbers import MAX_VALUE
from kinelang.motion.arrays import Array
from kinelang.motion.skeleton import MAX_JOINTS

_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_WORD = re.compile(
    rf"""\s*(?:
        (?P<open>\{{)
      | (?P<close>\}})
      | OFFSET\b(?P<offset>(?:\s+{_NUMBER}){{3}})(?!\S*[^\s}}])
      | CHANNELS\s+(?P<channels>[0-9]+(?:\s+[XYZ](?:position|rotation)\b)*)
      | ROOT\b[ \t]*(?P<root>[^\n{{}}]*)
      | JOINT\b[ \t]*(?P<joint>[^\n{{}}]*)
      | (?P<end>END[ \t]*SITE)\b[^\n{{}}]*
      | (?:\#|//)[^\n]*
      | (?P<other>[^\s{{}}]+)
    )""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(slots=True)
class Joint:
    """One joint or end site as the file has it.

    Attributes:
        name: unique; an end site is called `<parent>_end`.
        parent: index, -1 for the root.
        offset: (x, y, z) in file units.
        channels: one letter for each, in order: X Y Z for positions, x y z for rotations.
        is_end: whether it is an End Site.
    """

    name: str
    parent: int
    offset: tuple[float, float, float] | None = None
    channels: str = ""
    is_end: bool = False


@dataclass
class Hierarchy:
    """The joints of a BVH file in file order (depth first), end sites included, and notes on names that were changed."""

    joints: list[Joint] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def n_channels(self) -> int:
        """Numbers in a motion row."""
        return sum(len(j.channels) for j in self.joints)

    @property
    def offsets(self) -> Array:
        """(J, 3) float64, file units."""
        return np.array([j.offset for j in self.joints], dtype=np.float64).reshape(-1, 3)

    def columns(self) -> dict[str, tuple[list[int], list[int]]]:
        """For each list of channels in the file the joints that have it, and for each of these the column of its first channel."""
        groups: dict[str, tuple[list[int], list[int]]] = {}
        column = 0
        for i, joint in enumerate(self.joints):
            members, firsts = groups.setdefault(joint.channels, ([], []))
            members.append(i)
            firsts.append(column)
            column += len(joint.channels)
        return groups


def parse_hierarchy(text: str, where: str) -> Hierarchy:
    """Read the joints from the text before MOTION.

    Keywords in any case, names with blanks and colons, comments (# or //), braces on any line. Joints without channels or without
    End Site are taken as they are. End sites of length zero say nothing that their parent does not, and are left out.

    Raises:
        FormatError: not that grammar, several roots, more joints than a Skeleton takes; the message names the line.
    """
    return _Parser(text, where).parse()


@lru_cache(maxsize=64)
def _channel_letters(words: str) -> tuple[int, str, bool]:
    """The count that a CHANNELS line claims, its channels as the letters of `Joint.channels`, and whether one joint may have them.

    Remembered, as nearly all joints of a file have the same line.
    """
    count, *names = words.lower().split()
    letters = "".join(n[0].upper() if n.endswith("position") else n[0] for n in names)
    return int(count[:9]), letters, sum(map(letters.count, "xyz")) <= 3 and max(map(letters.count, "XYZ")) <= 1


class _Parser:
    """A loop over words with an explicit stack, so that depth costs no recursion."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text, where
        self.out = Hierarchy()
        self.stack: list[int] = []  # joints whose braces are open
        self.pending = False  # a joint was named, its brace is not open yet
        self.at = 0

    def parse(self) -> Hierarchy:
        start = re.match(r"\s*(?:(?:#|//)[^\n]*\n\s*)*HIERARCHY\b", self.text, re.IGNORECASE)
        if start is None:
            raise self.error(repr(self.text.lstrip()[:30]), "the word HIERARCHY at the start", "is this a BVH file?")
        handlers = {kind: getattr(self, f"on_{kind}") for kind in _WORD.groupindex}
        for match in _WORD.finditer(self.text, start.end()):
            kind = match.lastgroup
            if kind is not None:  # else a comment
                self.at = match.start(kind)
                handlers[kind](match[kind])
        self.at = len(self.text)
        if self.stack or self.pending:
            raise self.error(f"the end with {len(self.stack) + self.pending} joints open", "a } for each {", "the file is cut short")
        if not self.out.joints:
            raise self.error("no ROOT", "a ROOT joint")
        self.finish()
        return self.out

    def on_open(self, _: str) -> None:
        if not self.pending:
            raise self.error("{ where no joint was named", "ROOT, JOINT or End Site before it")
        self.pending = False
        self.stack.append(len(self.out.joints) - 1)

    def on_close(self, _: str) -> None:
        if not self.stack or self.pending:
            raise self.error("} without an open joint", "as many } as {")
        joint = self.out.joints[self.stack.pop()]
        if joint.offset is None:
            raise self.error(f"'{joint.name}' without OFFSET", "an OFFSET line in each joint")

    def on_root(self, name: str) -> None:
        if self.out.joints:
            remedy = "several people or props in one file: save one figure to a file"
            raise self.error(f"a second ROOT '{name.strip()}'", "one ROOT", remedy)
        self.add(self.named(name), is_end=False)

    def on_joint(self, name: str) -> None:
        self.add(self.named(name), is_end=False)
        if self.out.joints[-1].parent < 0:
            raise self.error(f"JOINT '{name.strip()}' outside a ROOT", "ROOT before it")

    def named(self, name: str) -> str:
        """A joint name with single blanks."""
        words = name.split()
        if not words:
            raise self.error("a joint without a name", "a name after ROOT or JOINT")
        return " ".join(words)

    def on_end(self, _: str) -> None:
        if not self.stack:
            raise self.error("an End Site outside a joint", "ROOT or JOINT around it")
        self.add(f"{self.out.joints[self.stack[-1]].name}_end", is_end=True)

    def add(self, name: str, is_end: bool) -> None:
        if self.pending:
            raise self.error(f"'{name}' before the brace of the joint above", "{")
        if self.stack and self.out.joints[self.stack[-1]].is_end:
            raise self.error(f"'{name}' inside an End Site", "} first")
        if len(self.out.joints) >= MAX_JOINTS:
            raise self.error(f"more than {MAX_JOINTS} joints", f"at most {MAX_JOINTS}")
        self.out.joints.append(Joint(name, self.stack[-1] if self.stack else -1, is_end=is_end))
        self.pending = True

    def on_offset(self, numbers: str) -> None:
        joint = self.current("OFFSET")
        x, y, z = map(float, numbers.split())
        if not (abs(x) <= MAX_VALUE and abs(y) <= MAX_VALUE and abs(z) <= MAX_VALUE):
            raise self.error(f"OFFSET {numbers.strip()}", f"numbers below {MAX_VALUE:g}")
        if joint.offset is not None:
            raise self.error(f"a second OFFSET in '{joint.name}'", "one in each joint")
        joint.offset = (x, y, z)

    def on_channels(self, words: str) -> None:
        joint = self.current("CHANNELS")
        count, letters, together = _channel_letters(words)
        if count != len(letters):
            expected = "as many known channel names as it says, such as Xposition or Zrotation"
            raise self.error(f"CHANNELS {self.rest_of_line(80)}", expected)
        if joint.channels or not together:
            expected = "at most one of each position and three rotations, once in a joint"
            raise self.error(f"CHANNELS {self.rest_of_line(80)}", expected)
        if joint.is_end and letters:
            raise self.error("CHANNELS in an End Site", "OFFSET only")
        joint.channels = letters

    def on_other(self, word: str) -> None:
        line = self.rest_of_line(60)
        if word.upper() == "OFFSET":
            raise self.error(repr(line), "OFFSET and three finite numbers")
        raise self.error(repr(line), "ROOT, JOINT, End Site, OFFSET, CHANNELS or a brace")

    def rest_of_line(self, length: int) -> str:
        return self.text[self.at :].split("\n", 1)[0].strip()[:length]

    def current(self, what: str) -> Joint:
        if self.pending or not self.stack:
            raise self.error(f"{what} outside braces", "{ before it")
        return self.out.joints[self.stack[-1]]

    def finish(self) -> None:
        """Leave out end sites of length zero, and make names unique."""
        joints = self.out.joints
        kept = [i for i, j in enumerate(joints) if not (j.is_end and j.offset == (0.0, 0.0, 0.0))]
        place = {-1: -1, **{old: new for new, old in enumerate(kept)}}
        taken: set[str] = set()
        for i in kept:
            joint = joints[i]
            joint.parent = place[joint.parent]
            wished, n = joint.name, 1
            while joint.name in taken:
                n += 1
                joint.name = f"{wished}_{n}"
            if n > 1 and not joint.is_end:
                self.out.notes.append(f"joint name '{wished}' was there twice: the second is called '{joint.name}'")
            taken.add(joint.name)
        self.out.joints = [joints[i] for i in kept]

    def error(self, found: str, expected: str = "", remedy: str = "") -> FormatError:
        line = self.text.count("\n", 0, self.at) + 1
        return FormatError.of(f"{self.where}, line {line}", found, expected, remedy)
