"""What is told is read back: `parse` gives the stages of every narration, with every field that was told."""

from __future__ import annotations

from collections import Counter

import pytest

from kinelang.timeline import Stage, Timeline, parse, random_timeline
from kinelang.timeline.narrating import REGISTERS, narration

FIELDS = ("side", "direction", "amount", "count", "speed", "style", "path", "target")


def differences(told: Timeline, read: Timeline, exact: bool) -> list[tuple[object, ...]]:
    """Verbs lost or invented; else fields that came back otherwise. A target that was not told may be read ("something")."""
    lost, invented = Counter(s.verb for s in told.stages), Counter(s.verb for s in read.stages)
    if lost != invented:
        return [("verbs", *(lost - invented).elements(), "instead", *(invented - lost).elements())]
    found, left = [], list(read.stages)
    for stage in told.stages:
        alike = [other for other in left if other.verb == stage.verb]
        nearest = min(alike, key=lambda other: sum(getattr(other, name) != getattr(stage, name) for name in FIELDS))
        left.remove(nearest)
        for name in (*FIELDS, "start_s", "end_s") if exact else FIELDS:
            mine, theirs = getattr(stage, name), getattr(nearest, name)
            if mine != theirs and not (name == "target" and mine is None):
                found.append((stage.verb, name, mine, theirs))
    return found


def in_order(told: Timeline, read: Timeline) -> bool:
    """Whether stages that follow each other in what was told do so in what was read."""
    verbs = [s.verb for s in told.stages]
    if len(set(verbs)) != len(verbs) or sorted(verbs) != sorted(s.verb for s in read.stages):
        return True
    place = {s.verb: s for s in read.stages}
    return all(
        place[a.verb].start_s < place[b.verb].start_s + 1e-9 for a in told.stages for b in told.stages if a.end_s <= b.start_s + 1e-9
    )


def failures(register: str, seeds: range) -> list[tuple[str, object]]:
    out = []
    for seed in seeds:
        said = narration(random_timeline(seed), register, seed)
        read = parse(said.text).timeline
        wrong = differences(said.told, read, REGISTERS[register].exact)
        if wrong or not in_order(said.told, read):
            out.append((said.text, wrong or "order"))
    return out


@pytest.mark.parametrize(("register", "most"), [("label", 0.0), ("detailed", 0.0), ("instruction", 0.01), ("sentence", 0.01)])
def test_what_is_told_is_read_back(register: str, most: float) -> None:
    failed = failures(register, range(300))
    assert len(failed) <= most * 300, failed[:5]


@pytest.mark.slow
@pytest.mark.parametrize(("register", "most"), [("label", 0.0005), ("detailed", 0.0), ("instruction", 0.004), ("sentence", 0.004)])
def test_what_is_told_is_read_back_of_thousands(register: str, most: float) -> None:
    failed = failures(register, range(5000))
    assert len(failed) <= most * 5000, failed[:20]


def test_what_goes_on_at_one_time_is_read_so() -> None:
    timeline = Timeline((Stage(0, 4, "walk", direction="forward"), Stage(0.5, 3.5, "wave", side="right")))
    for register in REGISTERS:
        for seed in range(20):
            walk, wave = sorted(parse(narration(timeline, register, seed).text).timeline.stages, key=lambda s: s.verb)
            assert min(walk.end_s, wave.end_s) - max(walk.start_s, wave.start_s) > 0.3


def test_the_comparison_sees_a_difference() -> None:
    told = Timeline((Stage(0, 1, "walk", direction="left"), Stage(1, 2, "wave", side="left")))
    assert not differences(told, told, True)
    assert differences(told, told.mirrored(), False)
    assert differences(told, Timeline(told.stages[:1]), False)
    assert differences(told, told.with_(stages=(told.stages[0], told.stages[1].with_(end_s=2.5)), duration_s=2.5), True)
    late = Timeline((Stage(0, 1, "wave", side="left"), Stage(1, 2, "walk", direction="left")))
    assert not in_order(told, late)
