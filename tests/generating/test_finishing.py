"""Bones of one length: exact, near to what was made, and without moving what is given."""

from __future__ import annotations

import numpy as np
import pytest

from kinelang.generating.finishing import with_lengths
from kinelang.motion.features import HUMANML3D
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline import Stage, Timeline, perform

LENGTHS = np.array(HUMANML3D.bone_lengths)
PARENTS = SMPL22.parents


def bones(joints: np.ndarray) -> np.ndarray:
    return np.linalg.norm(joints[:, 1:] - joints[:, list(PARENTS[1:])], axis=-1)


def along_bones(joints: np.ndarray) -> np.ndarray:
    """The plain way: each bone keeps its direction, from the pelvis outwards."""
    out = joints.copy()
    for j, parent in enumerate(PARENTS):
        if j:
            bone = joints[:, j] - joints[:, parent]
            out[:, j] = out[:, parent] + bone * LENGTHS[j] / np.linalg.norm(bone, axis=-1, keepdims=True)
    return out


@pytest.fixture
def loose() -> np.ndarray:
    """Joints of a walk whose bones are of HumanML3D's lengths, and then wander by some 2 cm."""
    walk = perform(Timeline((Stage(0.0, 2.0, "walk"), Stage(0.0, 2.0, "wave", side="left"))), 3, fps=20).joints.astype(np.float64)
    return along_bones(walk) + np.random.default_rng(0).normal(0, 0.02, walk.shape)


def test_bones_have_their_lengths_exactly(loose: np.ndarray) -> None:
    np.testing.assert_allclose(bones(with_lengths(loose, LENGTHS)), np.broadcast_to(LENGTHS[1:], bones(loose).shape), atol=1e-9)


def test_joints_stay_nearer_than_along_the_bones(loose: np.ndarray) -> None:
    here, plain = (np.linalg.norm(x - loose, axis=-1) for x in (with_lengths(loose, LENGTHS), along_bones(loose)))
    assert here.mean() < 0.7 * plain.mean()
    ends = [7, 8, 10, 11, 20, 21]
    assert here[:, ends].mean() < 0.6 * plain[:, ends].mean()


def test_what_has_its_lengths_does_not_move(loose: np.ndarray) -> None:
    equal = with_lengths(loose, LENGTHS)
    np.testing.assert_allclose(with_lengths(equal, LENGTHS), equal, atol=1e-9)


def test_firm_joints_do_not_give_way(loose: np.ndarray) -> None:
    firm = np.zeros(loose.shape[:2], bool)
    firm[:, 0] = True
    firm[:10] = True
    given = loose.copy()
    given[:10] = along_bones(loose)[:10]
    out = with_lengths(given, LENGTHS, firm)
    np.testing.assert_array_equal(out[:, 0], given[:, 0])
    np.testing.assert_allclose(out[:10], given[:10], atol=1e-9)
    assert np.abs(out[10:, 1:] - given[10:, 1:]).max() > 0.005


def test_a_frame_alone_is_as_among_others(loose: np.ndarray) -> None:
    np.testing.assert_allclose(with_lengths(loose[7:8], LENGTHS), with_lengths(loose, LENGTHS)[7:8], atol=1e-12)
