"""What is narrated can be read back: `parse(narrate(t))` gives the stages that the words carry."""

from __future__ import annotations

import pytest

from kinelang.timeline import Stage, Timeline, parse, random_timeline
from kinelang.timeline.narrating import narration

FIELDS = ("verb", "side", "direction", "amount", "count", "speed", "style", "path", "target")
SEEDS = range(150)

NEEDED = {"detailed": 0.97, "label": 0.97, "instruction": 0.92, "sentence": 0.88}
"""Least share of timelines that come back whole. The rest are synonyms with an object of their own ("swings a golf club" for a swing of
which no object is told) and "takes a step", which reads as one step."""


def _told(stages: tuple[Stage, ...], *, times: bool) -> list[str]:
    return sorted(str([*(getattr(s, f) for f in FIELDS), *((round(s.start_s, 2), round(s.end_s, 2)) if times else ())]) for s in stages)


@pytest.mark.parametrize(("register", "share"), NEEDED.items())
def test_most_narrations_come_back_whole(register: str, share: float) -> None:
    back = 0
    for seed in SEEDS:
        said = narration(random_timeline(seed), register, seed)
        read = parse(said.text)
        exact = register == "detailed"
        back += read.understood and _told(said.told.stages, times=exact) == _told(read.timeline.stages, times=exact)
    assert back >= share * len(SEEDS)


@pytest.mark.parametrize("register", NEEDED)
def test_every_verb_of_a_narration_is_understood(register: str) -> None:
    lost = [seed for seed in SEEDS if not parse(narration(random_timeline(seed), register, seed).text).verbs_understood]
    assert len(lost) <= 0.02 * len(SEEDS)


def test_seconds_come_back_exactly() -> None:
    timeline = Timeline(
        (Stage(0.25, 2.4, "walk", direction="forward", count=4, speed=1.25), Stage(2.5, 4.0, "turn", direction="left", amount=90))
    )
    said = narration(timeline, "detailed")
    assert _told(parse(said.text).timeline.stages, times=True) == _told(timeline.stages, times=True)
