"""Edits are judged on motions: what performs the edited timeline is right, what ignores the edit is wrong, what is kept stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from kinelang.corpora.synthetic import split_of
from kinelang.editing.sampling import KINDS
from kinelang.evaluate.editing import Edit, drawn, figures, judge, kept_cm, kept_share, local
from kinelang.generating.kept import Kept
from kinelang.language.lexicon import PARTS
from kinelang.models.finemogen.groups import JOINTS
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


def test_in_the_world_it_counts_where_the_body_stands() -> None:
    motion, moved = walk(), transform(walk(), 0.0, (0.3, 0.0, 0.4))
    pieces = [Kept(("left_arm", "head"), 1.0, 2.0, 1.0)]
    assert kept_cm(motion, moved, pieces) == pytest.approx(0, abs=1e-3)
    assert kept_cm(motion, moved, pieces, world=True) == pytest.approx(50, abs=1e-3)
    assert kept_cm(motion, moved, [], world=True) is None


def test_how_much_was_to_stay_is_counted_in_joints_and_frames() -> None:
    motion = walk()
    assert kept_share(motion, motion, [Kept(PARTS, 0.0, 3.0, 0.0)]) == 1
    assert kept_share(motion, motion, []) == 0
    arm = len(JOINTS["smpl22"]["left_arm"])
    assert kept_share(motion, motion, [Kept(("left_arm",), 0.0, 1.5, 0.0)]) == pytest.approx(arm / 22 / 2)
    assert kept_share(motion, motion, [Kept(PARTS, 0.0, 3.0, 1.5)]) == pytest.approx(0.5), "what is after the end is not there"


def test_figures_say_on_how_many_they_rest_and_how_many_moved_little() -> None:
    stayed = {"kept_world_cm": 20.0, "scratch_kept_world_cm": 2.0, "kept_share": 0.5}
    some = [
        Edit("a", "side", True, True, False, 1.0, True, 2.0, **stayed),
        Edit("b", "side", True, True, False, 5.0, True, 9.0, **stayed),
        Edit("c", "side", True, True, False, kept_share=0.0),
        Edit("d", "side", False, reason="not understood"),
    ]
    found = figures(some, rounds=0)
    assert {name: (found[name]["value"], found[name]["n"]) for name in ("kept cm", "kept little", "kept world cm", "kept share")} == {
        "kept cm": (3.0, 2),
        "kept little": (50.0, 2),
        "kept world cm": (20.0, 2),
        "kept share": (pytest.approx(100 / 3), 3),
    }
    assert (found["kept world little"]["value"], found["scratch kept world little"]["value"]) == (0.0, 100.0)
    assert (found["scratch kept cm"]["value"], found["read"]["n"]) == (5.5, 4)


def test_what_is_kept_is_measured_of_real_edits() -> None:
    read = [edit for edit in edits(deaf=True) if edit.read]
    there = [edit for edit in read if edit.kept_cm is not None]
    assert there
    assert all((edit.kept_cm is None) == (edit.kept_share == 0) == (edit.kept_world_cm is None) for edit in read)
    assert all(0 < edit.kept_share <= 1 for edit in there)


def test_local_joints_do_not_depend_on_where_the_body_stands_and_faces() -> None:
    motion = walk()
    np.testing.assert_allclose(local(motion.joints), local(transform(motion, -2.0, (1.0, 0.0, 1.0)).joints), atol=1e-4)
