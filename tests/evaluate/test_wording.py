"""The score of round trips: perfect where the stages are the same, and each way of being wrong is named."""

import pytest

from kinelang.evaluate.wording import differences, round_trips, understanding
from kinelang.timeline import Stage, Timeline
from kinelang.timeline.narrating import REGISTERS

WALK, WAVE, SIT = (
    Stage(0, 2, "walk", direction="forward", count=4),
    Stage(1, 2, "wave", side="left"),
    Stage(3, 4, "sit", target="chair"),
)
SENTENCE, DETAILED = REGISTERS["sentence"], REGISTERS["detailed"]


def test_the_same_stages_at_other_times_are_the_same_where_no_seconds_are_told():
    later = Timeline((WALK.shifted(1), WAVE.shifted(0.5), SIT.shifted(2)))
    assert differences(Timeline((WALK, WAVE, SIT)), later, SENTENCE) == []
    assert set(differences(Timeline((WALK, WAVE, SIT)), later, DETAILED)) == {"start_s", "end_s"}


@pytest.mark.parametrize(
    ("read", "told"),
    [
        ((WALK, WAVE), ["number of stages"]),
        ((WALK.with_(count=5), WAVE, SIT), ["count"]),
        ((WALK, WAVE.with_(side="right"), SIT), ["side"]),
        ((WALK, WAVE, SIT.with_(target="floor")), ["target"]),
        ((WALK.shifted(5), WAVE.shifted(5), SIT), ["order"]),
    ],
)
def test_each_difference_is_named(read, told):
    assert differences(Timeline((WALK, WAVE, SIT)), Timeline(read), SENTENCE) == told


def test_an_object_that_nobody_told_is_a_mistake():
    assert differences(Timeline((Stage(0, 1, "open"),)), Timeline((Stage(0, 1, "open", target="door"),)), SENTENCE) == ["target"]


@pytest.mark.parametrize(("register", "least"), [("label", 0.99), ("detailed", 0.99), ("instruction", 0.99), ("sentence", 0.97)])
def test_narrations_come_back(register, least):
    trips = round_trips(register, range(4_000_000, 4_000_300))
    assert trips.same / trips.told >= least, trips.examples[:3]


def test_understanding_counts_what_is_left_over():
    result = understanding(["a person walks forward", "a person glorps", "a man waves his left hand then zibbles"])
    assert (result.captions, result.understood) == (3, 1)
    assert "glorps" in " ".join(result.unknown)
