"""Edits are judged on motions: what performs the edited timeline is right, what ignores the edit is wrong, what is kept stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from kinelang.corpora.synthetic import split_of
from kinelang.editing.sampling import KINDS
from kinelang.evaluate.editing import Edit, drawn, figures, judge, kept_cm, local
from kinelang.generating.kept import Kept
from kinelang.language.lexicon import PARTS
from kinelang.motion.motion import Motion
from kinelang.motion.ops import transform
from kinelang.timeline import Stage, Timeline, perform

N = 20


@dataclass
class Made:
    motion: Motion


class Performing:
    """Makes what the timeline says, or what the first one said."""

    def __init__(self, deaf: bool = False) -> None:
        self.deaf, self.heard = deaf, dict[int, Timeline]()

    def generate(self, prompt: Timeline, *, seed: int = 0, earlier: Motion | None = None, kept: Sequence[Kept] = ()) -> list[Made]:
        first = self.heard.setdefault(seed, prompt)
        return [Made(perform(first if self.deaf else prompt, seed, fps=20.0))]


@cache
def edits(deaf: bool) -> list[Edit]:
    return judge(Performing(deaf), N, seed=1)


def test_drawn_instructions_are_of_the_split_and_of_all_kinds() -> None:
    some = drawn(N, 3, "val")
    assert all(split_of(timeline) == "val" for timeline, *_ in some)
    assert {expected.kind for _, _, expected, _ in some} == set(KINDS)
    assert [said for _, said, _, _ in some] == [said for _, said, _, _ in drawn(N, 3, "val")]


def test_what_performs_the_edit_shows_it() -> None:
    found = figures(edits(deaf=False), rounds=0)
    assert found["read"]["value"] >= 90
    assert found["changed"]["value"] >= 80


def test_what_ignores_the_edit_does_not_show_it_and_moves_nothing() -> None:
    found = figures(edits(deaf=True), rounds=0)
    assert found["changed"]["value"] <= 50  # kinds such as "add" may be there by chance, or be seen where they are not
    assert found["changed"]["value"] == pytest.approx(found["scratch changed"]["value"])
    assert found["changed"]["value"] < figures(edits(deaf=False), rounds=0)["changed"]["value"] - 30


def walk() -> Motion:
    return perform(Timeline((Stage(0, 3, "walk", direction="forward"),)), 0, fps=20.0)


def test_kept_distance_is_that_of_the_joints_as_the_body_sees_them() -> None:
    motion = walk()
    turned = transform(motion, 1.0, (3.0, 0.0, -2.0))
    everything = [Kept(PARTS, 0.0, 3.0, 0.0)]
    assert kept_cm(motion, motion, everything) == 0
    assert kept_cm(motion, turned, everything) == pytest.approx(0, abs=1e-3)
    raised = motion.with_(positions=motion.joints + np.array([0, 0.03, 0], np.float32), rotations=None, root=None, translations=None)
    assert kept_cm(motion, raised, everything) == pytest.approx(3.0, abs=1e-3)
    later = [Kept(PARTS, 0.0, 1.0, 1.0)]
    assert kept_cm(motion, motion, later) > 1
    assert kept_cm(motion, motion, []) is None


def test_local_joints_do_not_depend_on_where_the_body_stands_and_faces() -> None:
    motion = walk()
    np.testing.assert_allclose(local(motion.joints), local(transform(motion, -2.0, (1.0, 0.0, 1.0)).joints), atol=1e-4)
