"""Mirroring joints and features."""

from __future__ import annotations

import features_reference as reference
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinelang.errors import MotionError
from kinelang.motion.features import KIT, LAYOUTS, encode, mirror_features, mirror_joints
from kinelang.motion.skeleton import swap_side
from kinelang.motion.skeletons import KIT21, SKELETONS

BODIES = {"humanml3d": reference.HUMANML3D, "kit": reference.KIT}
seeds = st.integers(0, 2**32 - 1)


def clip(name: str, n_frames: int, seed: int) -> np.ndarray:
    return reference.random_clip(BODIES[name], n_frames, np.random.default_rng(seed))


def test_the_other_side_of_smpl_joints_is_the_one_their_names_say() -> None:
    skeleton, layout = SKELETONS["smpl22"], LAYOUTS["humanml3d"]
    assert [skeleton.joint_names[j] for j in layout.mirrored] == [swap_side(name) for name in skeleton.joint_names]


def test_the_other_side_of_kit_joints_is_the_one_their_names_say() -> None:
    swap = {"L": "R", "R": "L"}
    expected = [name if name[0] not in swap or name == "root" else swap[name[0]] + name[1:] for name in KIT21.joint_names]
    assert [KIT21.joint_names[j] for j in KIT.mirrored] == expected


@pytest.mark.parametrize("name", sorted(BODIES))
@given(seed=seeds, n_frames=st.integers(2, 60), hip_order=st.sampled_from(["published", "anatomical"]))
@settings(deadline=None, max_examples=25)
def test_mirrored_features_are_those_of_the_mirrored_joints(name: str, seed: int, n_frames: int, hip_order: str) -> None:
    layout, joints = LAYOUTS[name], clip(name, n_frames, seed)
    options = {"layout": layout, "hip_order": hip_order, "uniform_skeleton": False}
    np.testing.assert_allclose(mirror_features(encode(joints, **options)), encode(mirror_joints(joints, layout), **options), atol=1e-8)


@pytest.mark.parametrize("name", sorted(BODIES))
def test_mirroring_twice_changes_nothing(name: str) -> None:
    joints = clip(name, 20, 1)
    features = encode(joints, LAYOUTS[name])
    np.testing.assert_array_equal(mirror_joints(mirror_joints(joints, LAYOUTS[name]), LAYOUTS[name]), joints)
    np.testing.assert_array_equal(mirror_features(mirror_features(features)), features)
    assert not np.allclose(mirror_features(features), features)


def test_mirroring_keeps_batches_and_type() -> None:
    features = np.stack([encode(clip("humanml3d", 9, seed).astype(np.float32)) for seed in range(3)])
    mirrored = mirror_features(features)
    assert mirrored.dtype == np.float32
    np.testing.assert_array_equal(mirrored[1], mirror_features(features[1]))
    joints = clip("humanml3d", 9, 1).astype(np.float32)
    assert mirror_joints(joints).dtype == np.float32


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(MotionError, match=r"\(\.\.\., 22, 3\)"):
        mirror_joints(np.zeros((4, 21, 3)))
    with pytest.raises(MotionError, match="5 values a frame"):
        mirror_features(np.zeros((4, 5)))
