"""Drawn instructions: reproducible, of every kind, and their checks can fail."""

from __future__ import annotations

import pytest

from kinelang.editing import apply, random_instruction, understand
from kinelang.editing.sampling import KINDS
from kinelang.errors import KinelangError, TimelineError
from kinelang.timeline import from_text, random_timeline

SCORE = from_text("0-3 walk direction=forward count=5 amount=3\n3-5 wave side=right count=2\n5-6.4 kick side=left count=1\n")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn_and_its_check_fails_where_nothing_was_done(kind):
    drawn = {random_instruction(SCORE, seed, kind) for seed in range(12)}
    assert len({said for said, _ in drawn}) > 4
    for _, expected in drawn:
        assert expected.kind == kind
        assert not expected.holds(SCORE, SCORE)


def test_the_same_seed_draws_the_same():
    assert random_instruction(SCORE, 7) == random_instruction(SCORE, 7)


def test_what_cannot_be_drawn_is_an_error():
    with pytest.raises(TimelineError, match="one of side"):
        random_instruction(SCORE, 0, "colour")
    with pytest.raises(TimelineError, match="no change of order"):
        random_instruction(from_text("0-1 walk"), 0, "order")


def test_drawn_instructions_are_followed():
    right, done = 0, 0
    for seed in range(200):
        score = random_timeline(700_000 + seed)
        try:
            said, expected = random_instruction(score, seed, KINDS[seed % len(KINDS)])
        except TimelineError:
            continue
        done += 1
        try:
            read = understand(said, score)
            right += not read.not_understood and expected.holds(score, apply(score, read.patch))
        except KinelangError:
            pass
    assert done > 120
    assert right / done > 0.95
