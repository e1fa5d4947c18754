"""Decoding: the published joints, round trips, and Motions."""

from __future__ import annotations

import features_reference as reference
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kinelang.errors import MotionError
from kinelang.motion.features import HUMANML3D, KIT, LAYOUTS, canonical_joints, decode, decode_rotations, decode_to_motion, encode
from shared_data import shared

BODIES = {"humanml3d": reference.HUMANML3D, "kit": reference.KIT}
seeds = st.integers(0, 2**32 - 1)


def clip(name: str, n_frames: int, seed: int, turning: float = 0.3) -> np.ndarray:
    return reference.random_clip(BODIES[name], n_frames, np.random.default_rng(seed), turning)


def test_reproduces_the_published_joints() -> None:
    folder = shared("humanml3d_reference")
    features = np.load(folder / "new_joint_vecs_012314.npy", allow_pickle=False)
    joints = np.load(folder / "new_joints_012314.npy", allow_pickle=False)
    ours = decode(features)
    assert ours.dtype == np.float32
    assert np.abs(ours - joints).max() < 1e-5
    assert np.abs(decode_rotations(features) - joints).max() < 1e-4


@pytest.mark.parametrize("name", sorted(BODIES))
@given(seed=seeds, n_frames=st.integers(2, 120), hip_order=st.sampled_from(["published", "anatomical"]), single=st.booleans())
@settings(deadline=None, max_examples=25)
def test_round_trip_gives_the_canonical_joints(name: str, seed: int, n_frames: int, hip_order: str, single: bool) -> None:
    layout, joints = LAYOUTS[name], clip(name, n_frames, seed, turning=1.0)
    joints = joints.astype(np.float32) if single else joints
    features = encode(joints, layout, hip_order=hip_order, turns="continuous")
    canonical = canonical_joints(joints, layout)[:-1]
    np.testing.assert_allclose(decode(features), canonical, atol=1e-5 if single else 1e-9)


@given(seed=seeds)
@settings(deadline=None, max_examples=15)
def test_round_trip_of_the_published_form_if_no_turn_is_reversed(seed: int) -> None:
    joints = clip("humanml3d", 60, seed, turning=0.02)
    features = encode(joints)
    assume(np.array_equal(features, encode(joints, turns="continuous")))
    np.testing.assert_allclose(decode(features), canonical_joints(joints)[:-1], atol=1e-9)


@given(seed=seeds, n_frames=st.integers(1, 50))
@settings(deadline=None, max_examples=15)
def test_equals_the_readable_reference(seed: int, n_frames: int) -> None:
    features = np.random.default_rng(seed).normal(size=(n_frames, 263))  # need not come from a motion
    np.testing.assert_allclose(decode(features), reference.decode(features), atol=1e-9)


@pytest.mark.parametrize("name", sorted(BODIES))
def test_rotations_carry_the_same_motion(name: str) -> None:
    layout, joints = LAYOUTS[name], clip(name, 60, 1)
    lengths = np.concatenate([[0.0], np.linspace(0.1, 0.4, layout.n_joints - 1)])
    features = encode(joints, layout, bone_lengths=lengths, turns="continuous")
    np.testing.assert_allclose(
        decode_rotations(features, lengths), canonical_joints(joints, layout, bone_lengths=lengths)[:-1], atol=1e-9
    )


@pytest.mark.parametrize("decoder", [decode, decode_rotations])
def test_batched_equals_unbatched(decoder) -> None:
    features = np.stack([encode(clip("humanml3d", 20, seed)) for seed in range(6)]).reshape(2, 3, 19, 263)
    together = decoder(features)
    assert together.shape == (2, 3, 19, 22, 3)
    np.testing.assert_allclose(together[1, 2], decoder(features[1, 2]), atol=1e-12)


def test_one_frame() -> None:
    assert decode(np.zeros((1, 263))).shape == (1, 22, 3)


def test_decode_leaves_its_input_alone() -> None:
    features = encode(clip("humanml3d", 20, 2))
    before = features.copy()
    decode(features)
    decode_rotations(features)
    np.testing.assert_array_equal(features, before)


def test_to_motion() -> None:
    features = encode(clip("humanml3d", 41, 2).astype(np.float32))
    motion = decode_to_motion(features, name="walk")
    assert (motion.skeleton.name, motion.fps, motion.n_frames, motion.name) == ("smpl22", 20.0, 40, "walk")
    np.testing.assert_array_equal(motion.joints, decode(features))
    assert motion.notes == ()


def test_kit_to_motion_says_what_it_takes_for_granted() -> None:
    features = encode(clip("kit", 26, 2) * 640, KIT)
    motion = decode_to_motion(features)
    assert (motion.skeleton.name, motion.fps) == ("kit21", 12.5)
    np.testing.assert_allclose(motion.joints, decode(features) * 0.75 / 480, rtol=1e-5, atol=1e-6)
    assert "unit" in motion.notes[0]
    np.testing.assert_allclose(decode_to_motion(features, metres_per_unit=0.001).joints, decode(features) / 1000, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (np.zeros(263), r"shape \(263,\)"),
        (np.zeros((0, 263)), r"\(0, 263\).*T at least 1"),
        (np.zeros((4, 262)), "262 values a frame"),
        (np.full((4, 263), np.inf), "not finite in frame 0"),
        (np.zeros((4, 263), dtype="U1"), "numbers"),
    ],
)
def test_features_that_make_no_joints(features: np.ndarray, message: str) -> None:
    with pytest.raises(MotionError, match=message):
        decode(features)
    with pytest.raises(MotionError, match=message):
        decode_rotations(features)


def test_rotations_of_kit_need_lengths() -> None:
    with pytest.raises(MotionError, match=r"bone_lengths.*\(21,\)"):
        decode_rotations(np.zeros((4, 251)))


def test_motion_is_made_of_one_clip() -> None:
    with pytest.raises(MotionError, match=r"one clip \(T, D\)"):
        decode_to_motion(np.zeros((2, 4, HUMANML3D.width)))
