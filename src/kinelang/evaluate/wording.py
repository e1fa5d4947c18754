"""Whether what a timeline was told in is read back as it was, and how much of what people write is understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from kinelang.timeline import Stage, Timeline, parse, random_timeline
from kinelang.timeline.narrating import REGISTERS, Register, narration

_FIELDS = ("verb", "side", "direction", "amount", "count", "speed", "style", "path", "target", "start_s", "end_s")


@dataclass
class RoundTrips:
    """Narrations of random timelines, read again.

    Attributes:
        told: timelines told.
        same: of these, read back with the same stages in the same order, all carried fields equal (seconds within 0.01).
        differing: how often each field differed; "number of stages" where that did.
        examples: (text, told, read) of the first that differed.
    """

    told: int = 0
    same: int = 0
    differing: Counter[str] = field(default_factory=Counter)
    examples: list[tuple[str, Timeline, Timeline]] = field(default_factory=list)


def round_trips(register: str, seeds: Iterable[int], keep: int = 10) -> RoundTrips:
    """Tell the random timelines of these seeds in a register, read them, and compare what the register declares to carry."""
    known, out = REGISTERS[register], RoundTrips()
    for seed in seeds:
        said = narration(random_timeline(seed), register, seed)
        read = parse(said.text).timeline
        wrong = differences(said.told, read, known)
        out.told += 1
        out.same += not wrong
        out.differing.update(set(wrong))
        if wrong and len(out.examples) < keep:
            out.examples.append((said.text, said.told, read))
    return out


def differences(told: Timeline, read: Timeline, register: Register) -> list[str]:
    """Names of the carried fields in which two timelines differ; "order" where the same stages come in another one; empty if none.

    Stages that overlap are told side by side, so that no order among them is told: each told stage is paired with the read one that
    is most like it, and of two that follow one another the first must begin first.
    """
    if len(told) != len(read):
        return ["number of stages"]
    left, pairs = list(read.stages), []
    for stage in told.stages:
        other = min(left, key=lambda s: len(_fields_that_differ(stage, s, register)))
        left.remove(other)
        pairs.append((stage, other))
    wrong = [name for a, b in pairs for name in _fields_that_differ(a, b, register)]
    swapped = any(a.end_s <= b.start_s and other.start_s > another.start_s for a, other in pairs for b, another in pairs)
    return wrong + ["order"] * (swapped and not wrong)


def _fields_that_differ(told: Stage, read: Stage, register: Register) -> list[str]:
    """Carried fields that differ."""
    judged = (name for name in _FIELDS if name in register.carries)
    return [name for name in judged if not _equal(getattr(told, name), getattr(read, name))]


def _equal(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 0.0051
    return a == b


@dataclass
class Understanding:
    """Human captions, read.

    Attributes:
        captions: how many.
        verbs_understood: of these, every verb was understood.
        understood: nothing was left over.
        unknown: the words left over most, with their counts.
    """

    captions: int = 0
    verbs_understood: int = 0
    understood: int = 0
    unknown: Counter[str] = field(default_factory=Counter)


def understanding(texts: Iterable[str]) -> Understanding:
    """Read captions and count what was understood."""
    out = Understanding()
    for text in texts:
        parsed = parse(text)
        out.captions += 1
        out.verbs_understood += parsed.verbs_understood
        out.understood += parsed.understood
        out.unknown.update(span.text.lower() for span in parsed.not_understood)
    return out
