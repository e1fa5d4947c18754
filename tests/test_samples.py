"""Sample motions: plausible bodies, feet on the ground, and the descriptions they were made for."""

from __future__ import annotations

import numpy as np
import pytest

import kinelang
from kinelang.motion.samples import SAMPLES, sample
from kinelang.motion.skeletons import SMPL22

FEET = [SMPL22.index(j) for j in ("left_ankle", "right_ankle", "left_foot", "right_foot")]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_lowest_foot_is_on_the_ground(name: str) -> None:
    joints = sample(name).joints
    assert np.abs(joints[:, FEET, 1].min(axis=1)).max() < 1e-5
    assert joints[..., 1].min() > -1e-5


@pytest.mark.parametrize("name", SAMPLES)
def test_begins_and_ends_standing_at_rest(name: str) -> None:
    motion = sample(name)
    joints = motion.joints
    assert np.allclose(motion.root[0], [0, motion.root[0, 1], 0])
    for edge in (0, -1):
        assert joints[edge, 0, 1] > 0.94
        for side in ("left", "right"):
            assert joints[edge, SMPL22.index(f"{side}_wrist"), 1] < 1.0
    assert np.abs(np.diff(joints[[0, 1, -2, -1]], axis=0)[[0, 2]]).max() < 0.004


@pytest.mark.parametrize("name", SAMPLES)
def test_no_joint_jumps(name: str) -> None:
    motion = sample(name, fps=120)
    speed = np.linalg.norm(np.diff(motion.joints, axis=0), axis=-1) * 120
    assert speed.max() < 6.0


@pytest.mark.parametrize("name", SAMPLES)
def test_a_planted_foot_stays_where_it_is(name: str) -> None:
    joints = sample(name, fps=120).joints
    low = joints[:, FEET, 1]
    alone = np.sort(low, axis=1)[:, 1] - low.min(axis=1) > 0.03  # one foot joint clearly carries the body
    lowest = low.argmin(axis=1)
    step = np.linalg.norm(np.diff(joints[:, FEET][:, :, [0, 2]], axis=0), axis=-1) * 120
    kept = [step[t, lowest[t]] for t in range(len(step)) if alone[t] and alone[t + 1] and lowest[t] == lowest[t + 1]]
    assert np.mean(kept) < 0.05 if kept else name not in ("walk_forward", "turn_left")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("walk_forward", ("walks forward", "8 steps")),
        ("wave_right_hand", ("stays in place", "right arm", "above the shoulder", "4 times")),
        ("squat_twice", ("twice", "hips go down")),
        ("turn_left", ("turning left by 90°",)),
        ("raise_both_arms", ("Both arms", "above the shoulder")),
    ],
)
def test_is_described_as_what_it_is(name: str, words: tuple[str, ...]) -> None:
    text = str(kinelang.describe(sample(name)))
    for word in words:
        assert word in text, text


def test_same_at_any_rate() -> None:
    assert np.allclose(sample("squat_twice", fps=60).joints[::2], sample("squat_twice", fps=30).joints, atol=0.004)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(kinelang.MotionError, match="walk_forward, wave_right_hand"):
        sample("walk")
