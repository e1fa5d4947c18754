"""Head and hands are turned as in the draft or in what is kept, and no joint moves by it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra `models` is not installed")

from generating.tiny_generator import tiny_generator
from kinelang.generating import Generator, Kept
from kinelang.generating.extremities import ENDS, Extremities
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import quat_multiply, rotvec_to_quat
from kinelang.timeline import Stage, Timeline, perform
from kinelang.timeline.detecting.body import head_forward

LOOK = Timeline((Stage(0.5, 2.5, "look", direction="left"), Stage(1.0, 3.0, "wave", side="right")), duration_s=3.5)


@pytest.fixture(scope="module")
def looking() -> Motion:
    return perform(LOOK, 4, fps=20)


def straight(motion: Motion) -> Motion:
    """Without what its ends do."""
    rotations = motion.rotations.copy()
    rotations[:, [end for end, _ in ENDS.values()]] = (1, 0, 0, 0)
    return motion.with_(rotations=rotations, positions=motion.joints)


def everywhere(motion: Motion) -> dict[str, np.ndarray]:
    return dict.fromkeys(ENDS, np.ones(motion.n_frames, bool))


def apart_deg(a: Motion, b: Motion) -> np.ndarray:
    return np.degrees(np.arccos(np.clip((head_forward(a) * head_forward(b)).sum(axis=-1), -1, 1)))


def test_a_head_is_turned_as_it_was_and_no_joint_moves(looking: Motion) -> None:
    bare = straight(looking)
    assert apart_deg(bare, looking).max() > 20, "the head turns on its neck"
    ends = Extremities.nothing(looking.n_frames)
    ends.put(looking, everywhere(looking))
    again = ends.on(bare)
    assert apart_deg(again, looking).max() < 0.1
    assert np.array_equal(again.joints, bare.joints)
    dots = np.abs((again.rotations * looking.rotations).sum(axis=-1))
    assert dots[:, [end for end, _ in ENDS.values()]].min() > 1 - 1e-5


def test_a_neck_that_was_turned_otherwise_does_not_turn_the_gaze(looking: Motion) -> None:
    rotations = straight(looking).rotations.copy()
    rotations[:, 12] = quat_multiply(rotations[:, 12], rotvec_to_quat(np.array([0.0, 0.9, 0.0])))
    ends = Extremities.nothing(looking.n_frames)
    ends.put(looking, everywhere(looking))
    assert apart_deg(ends.on(looking.with_(rotations=rotations)), looking).max() < 0.1


def test_what_is_not_spoken_of_goes_on_straight(looking: Motion) -> None:
    ends = Extremities.nothing(looking.n_frames)
    ends.put(looking, {**everywhere(looking), "head": np.zeros(looking.n_frames, bool)})
    bare = straight(looking)
    assert apart_deg(ends.on(bare), bare).max() < 0.1
    assert Extremities.nothing(looking.n_frames).on(bare) is bare


def test_turns_fade_in(looking: Motion) -> None:
    held = looking.with_(**{k: np.repeat(getattr(looking, k)[30:31], 60, axis=0) for k in ("rotations", "root")}, positions=None)
    ends = Extremities.nothing(60)
    ends.put(held, {**everywhere(held), "head": np.arange(60) >= 30})
    gaze = head_forward(ends.on(straight(held)))
    steps = np.degrees(np.arccos(np.clip((gaze[1:] * gaze[:-1]).sum(axis=-1), -1, 1)))
    assert 1 < steps.max() < 0.35 * steps.sum()


def test_pieces_that_are_kept_turn_as_they_did(looking: Motion) -> None:
    ends = Extremities.nothing(100)
    ends.keep(looking, [Kept(("head", "torso"), 1.0, 2.0, 3.0)])
    assert ends.known[60:80, 0].all()
    assert ends.known.sum() == 20
    whole = Extremities.nothing(looking.n_frames)
    whole.put(looking, everywhere(looking))
    assert np.array_equal(ends.turns[60:80, 0], whole.turns[20:40, 0])
    joints = Motion(looking.skeleton, 20.0, positions=looking.joints)
    ends.keep(joints, [Kept(("head",), 1.0, 2.0, 3.0)])
    assert not ends.known.any(), "joints alone do not say"
    whole.keep(looking, [Kept(("head",), 0.0, 3.0, 3.0)])
    assert whole.known[: looking.n_frames].all()


def test_a_generated_head_follows_its_draft(tmp_path: Path) -> None:
    generator = tiny_generator(tmp_path)
    (made,) = generator.generate(LOOK, seed=3, clean=False)
    assert np.abs(made.motion.rotations[:, 15, 1:]).max() > 0.05
    plain = Generator(generator.model, generator.model.with_sampling(draft="none"))
    (bare,) = plain.generate(LOOK, seed=3, clean=False)
    assert np.abs(bare.motion.rotations[:, 15, 1:]).max() < 1e-4
