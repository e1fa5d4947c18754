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
        same: of these, read back with the same stages in the same order, all carried fields equal.
        stages, stages_same: the same, stage by stage, where the number of stages is right.
        differing: how often each field differed; "number of stages" where that did.
        examples: (text, told, read) of the first that differed.
    """

    told: int = 0
    same: int = 0
    stages: int = 0
    stages_same: int = 0
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
        out.stages += len(said.told)
        if "number of stages" not in wrong:
            out.stages_same += sum(not _fields_that_differ(a, b, known) for a, b in zip(said.told.stages, read.stages, strict=True))
        if wrong and len(out.examples) < keep:
            out.examples.append((said.text, said.told, read))
    return out


def differences(told: Timeline, read: Timeline, register: Register) -> list[str]:
    """Names of the carried fields in which two timelines differ, stage by stage; empty where they agree."""
    if len(told) != len(read):
        return ["number of stages"]
    return [name for a, b in zip(told.stages, read.stages, strict=True) for name in _fields_that_differ(a, b, register)]


def _fields_that_differ(a: Stage, b: Stage, register: Register) -> list[str]:
    return [name for name in _FIELDS if name in register.carries and not _equal(getattr(a, name), getattr(b, name))]


def _equal(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-6 * max(1.0, abs(a))
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
