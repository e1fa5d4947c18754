"""A difference in words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinelang.editing import apply, diff, random_instruction, understand
from kinelang.editing.patch import Add, Change, Mirror, Move, Patch, Remove, Retime, Text, Transition
from kinelang.errors import KinelangError
from kinelang.timeline import from_text, random_timeline

SCORE = from_text(
    "0-3 walk direction=forward count=5\n0.5-2.5 wave side=right\n3.5-5 turn direction=left amount=90\n5-6.4 kick side=left count=1\n"
)
SAID = [
    (Change("wave", set=(("side", "left"),)), ("The wave is done with the left arm instead of with the right arm.",)),
    (Change("wave", times=(("amount", 1.5),)), ("The wave becomes larger: size 1.5 instead of size 1.",)),
    (Change("turn", set=(("direction", "right"),)), ("The turn goes to the right instead of to the left.",)),
    (Change("walk", set=(("style", "sad"),)), ("The walk is done in a sad manner.",)),
    (Change("kick", set=(("verb", "punch"),)), ("The kick becomes a punch.",)),
    (
        Change("kick", set=(("count", 2),)),
        ("The kick is done twice instead of once.", "The kick becomes longer: "
                                                    "2.59 s instead of 1.4 s.", "The whole takes 7.59 s instead of 6.4 s."),
    ),
    (Remove("wave"), ("The wave (0.5 to 2.5 s) is removed.",)),
    (Remove("kick"), ("The kick (5 to 6.4 s) is removed.", "The whole takes 5 s instead of 6.4 s.")),
    (
        Add("kick", "end", fields=(("side", "right"),), seconds=2.0),
        ("The second kick is added, with the right leg: "
         "6.4 to 8.4 s, after the first kick.", "The whole takes 8.4 s instead of 6.4 s."),
    ),
    (Move("turn", "swap", "kick"), ("The turn comes after the kick now: 4.9 to 6.4 s.", "The kick begins 1.5 s earlier.")),
    (
        Transition("turn", 1.5),
        ("There is a pause of 1.5 s before "
         "the turn instead of 0.5 s.", "The turn and the kick begin 1 s later.", "The whole takes 7.4 s instead of 6.4 s."),
    ),
    (Text("walk", "left_arm", "hangs"), ("In the walk, the left arm does 'hangs'.",)),
    (Retime(times=0.5), ("Everything takes 0.5 times as long.", "The whole takes 3.2 s instead of 6.4 s.")),
    (Mirror("kick"), ("The kick is done with the right leg instead of with the left leg.",)),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "said"), SAID, ids=lambda value: getattr(value, "op", ""))
def test_each_change_is_one_sentence(operation, said):
    patch = Patch((operation,))
    assert diff(SCORE, apply(SCORE, patch), patch) == said


def test_without_the_patch_stages_are_paired_by_what_they_are():
    for operation, said in SAID:
        if operation.op != "change" or dict(operation.set).get("verb") is None:
            assert diff(SCORE, apply(SCORE, Patch((operation,)))) == said


@given(st.integers(0, 4000))
@settings(max_examples=100, deadline=None)
def test_whatever_changes_is_said(seed):
    score = random_timeline(seed)
    try:
        said, _ = random_instruction(score, seed)
        patch = understand(said, score).patch
    except KinelangError:
        return
    after = apply(score, patch)
    lines = diff(score, after, patch)
    assert (lines == ("Nothing changes.",)) == (after.stages == score.stages)
    assert all(line.endswith(".") and "\n" not in line and "None" not in line for line in lines)
