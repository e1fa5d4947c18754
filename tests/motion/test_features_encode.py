"""Encoding: the published values, the readable reference, batches, and what must not change the features."""

from __future__ import annotations

import features_reference as reference
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinelang.errors import MotionError
from kinelang.motion.features import (
    HUMANML3D,
    KIT,
    LAYOUTS,
    block_std,
    canonical_joints,
    decode_rotations,
    encode,
    encode_batch,
    layout_of,
)
from kinelang.motion.features import encoding as encoding_module
from kinelang.motion.skeletons import SKELETONS
from shared_data import shared

BODIES = {"humanml3d": reference.HUMANML3D, "kit": reference.KIT}
KIT_LENGTHS = np.concatenate([[0.0], np.linspace(60, 300, 20)])

# Largest difference over the whole published clip. It grows over the last third only: the clip was encoded with one more frame than
# is published, which the smoothing of the facing reaches 80 frames back.
WHOLE_CLIP = {
    "yaw_rate": 4e-4,
    "root_velocity": 2e-4,
    "root_height": 1e-5,
    "positions": 8e-3,
    "rotations": 1.5e-2,
    "velocities": 5e-4,
    "contacts": 0.0,
}

seeds = st.integers(0, 2**32 - 1)


def clip(name: str, n_frames: int, seed: int, turning: float = 0.3) -> np.ndarray:
    return reference.random_clip(BODIES[name], n_frames, np.random.default_rng(seed), turning)


def published() -> tuple[np.ndarray, np.ndarray]:
    folder = shared("humanml3d_reference")
    joints = np.load(folder / "new_joints_012314.npy", allow_pickle=False)
    features = np.load(folder / "new_joint_vecs_012314.npy", allow_pickle=False)
    return joints, features


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("uniform_skeleton", [True, False])
def test_reproduces_the_published_features(dtype: type, uniform_skeleton: bool) -> None:
    joints, features = published()
    ours = encode(joints.astype(dtype), uniform_skeleton=uniform_skeleton)
    assert ours.shape == (len(joints) - 1, 263)
    assert ours.dtype == dtype
    error = np.abs(ours - features[:-1])
    assert error[:60].max() < 1e-5
    for block, where in HUMANML3D.blocks.items():
        assert error[:, where].max() <= WHOLE_CLIP[block], block


def test_published_clip_is_canonical_already() -> None:
    joints, _ = published()
    np.testing.assert_allclose(canonical_joints(joints, uniform_skeleton=False), joints, atol=1e-6)
    np.testing.assert_allclose(canonical_joints(joints), joints, atol=5e-6)


def test_published_features_need_the_hip_order_quirk() -> None:
    joints, features = published()
    error = np.abs(encode(joints, hip_order="anatomical") - features[:-1])[:60]
    assert error[:, HUMANML3D.blocks["rotations"]].max() > 0.1
    assert error[:, HUMANML3D.blocks["yaw_rate"]].max() > 0.1


def test_published_std_is_averaged_over_the_same_blocks() -> None:
    std = np.load(shared("humanml3d_reference") / "Std.npy", allow_pickle=False)
    np.testing.assert_allclose(block_std(std), std, rtol=1e-5)
    assert len(np.unique(std)) == len(HUMANML3D.blocks)


@pytest.mark.parametrize("name", sorted(BODIES))
@given(seed=seeds, n_frames=st.integers(2, 90), quirk=st.booleans(), uniform=st.booleans(), turning=st.sampled_from([0.0, 0.3, 1.0]))
@settings(deadline=None, max_examples=25)
def test_equals_the_readable_reference(name: str, seed: int, n_frames: int, quirk: bool, uniform: bool, turning: float) -> None:
    layout, joints = LAYOUTS[name], clip(name, n_frames, seed, turning)
    lengths = KIT_LENGTHS / 300 if name == "kit" else np.array(HUMANML3D.bone_lengths)
    ours = encode(
        joints,
        layout,
        hip_order="published" if quirk else "anatomical",
        uniform_skeleton=uniform,
        bone_lengths=lengths if uniform else None,
    )
    theirs = reference.encode(joints, BODIES[name], lengths if uniform else None, quirk)
    np.testing.assert_allclose(ours, theirs, atol=1e-8)


@given(seed=seeds, lengths=st.lists(st.integers(2, 400), min_size=1, max_size=8), single=st.booleans())
@settings(deadline=None, max_examples=20)
def test_batch_equals_clip_by_clip(seed: int, lengths: list[int], single: bool) -> None:
    clips = [clip("humanml3d", n, seed + i) for i, n in enumerate(lengths)]
    if single:
        clips = [c.astype(np.float32) for c in clips]
    for together, joints in zip(encode_batch(clips), clips, strict=True):
        alone = encode(joints)
        assert together.dtype == alone.dtype == joints.dtype
        assert together.flags.c_contiguous
        np.testing.assert_allclose(together, alone, atol=1e-6)


def test_empty_batch() -> None:
    assert encode_batch([]) == []


@given(seed=seeds, angle=st.floats(-6, 6), shift=st.lists(st.floats(-50, 50), min_size=3, max_size=3))
@settings(deadline=None, max_examples=25)
def test_place_and_heading_do_not_matter(seed: int, angle: float, shift: list[float]) -> None:
    joints = clip("humanml3d", 40, seed)
    cosine, sine = np.cos(angle), np.sin(angle)
    moved = joints @ np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]]) + shift
    np.testing.assert_allclose(encode(moved), encode(joints), atol=1e-8)


@given(seed=seeds, counts=st.lists(st.integers(1, 300), min_size=1, max_size=4))
@settings(deadline=None, max_examples=25)
def test_smoothing_is_scipys(seed: int, counts: list[int]) -> None:
    from scipy.ndimage import gaussian_filter1d

    values = np.random.default_rng(seed).normal(size=(2, sum(counts)))
    starts = np.cumsum([0, *counts[:-1]])
    ours = encoding_module.smooth(values, starts)
    theirs = [gaussian_filter1d(part, 20, axis=1, mode="nearest") for part in np.split(values, starts[1:], axis=1)]
    np.testing.assert_allclose(ours, np.concatenate(theirs, axis=1), atol=1e-12)


@pytest.mark.parametrize("name", sorted(BODIES))
def test_uniform_skeleton_keeps_directions_and_sets_lengths(name: str) -> None:
    layout, joints = LAYOUTS[name], clip(name, 50, 3)
    lengths = KIT_LENGTHS if name == "kit" else np.array(HUMANML3D.bone_lengths)
    before = canonical_joints(joints, layout, uniform_skeleton=False)
    after = canonical_joints(joints, layout, bone_lengths=lengths)
    parents = list(layout.parents[1:])
    bones_before, bones_after = before[:, 1:] - before[:, parents], after[:, 1:] - after[:, parents]
    np.testing.assert_allclose(np.linalg.norm(bones_after, axis=-1), np.broadcast_to(lengths[1:], bones_after.shape[:2]), atol=1e-9)
    # Other lengths turn the line of hips and shoulders, so that the two clips differ by one turn about Y: compare what it leaves alone.
    before, after = reference.normalised(bones_before), reference.normalised(bones_after)
    np.testing.assert_allclose(after[..., 1], before[..., 1], atol=1e-9)
    np.testing.assert_allclose(after @ after.transpose(0, 2, 1), before @ before.transpose(0, 2, 1), atol=1e-9)


def test_canonical_clip_stands_on_the_floor_at_the_origin_facing_ahead() -> None:
    joints = canonical_joints(clip("humanml3d", 50, 4))
    assert joints[..., 1].min() == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(joints[0, 0, [0, 2]], 0, atol=1e-12)
    across = joints[0, 2] - joints[0, 1] + joints[0, 17] - joints[0, 16]
    assert across[0] < 0  # the person's left is +X
    assert across[2] == pytest.approx(0, abs=1e-12)


def test_kit_without_lengths_keeps_its_bones() -> None:
    joints = clip("kit", 30, 5)
    np.testing.assert_array_equal(encode(joints, KIT), encode(joints, KIT, uniform_skeleton=False))


def test_published_turns_lose_one_sign_where_the_facing_passes_minus_z() -> None:
    frames, joints = 200, clip("humanml3d", 200, 6, turning=0.0)
    joints = joints[:1] + 0.0 * joints  # a stiff figure
    half = np.linspace(0, 2.2, frames)  # turns 252 degrees, evenly
    turn = np.stack([np.cos(half), 0 * half, np.sin(half), 0 * half], axis=-1)[:, None]
    joints = reference.rotate(np.broadcast_to(turn, (frames, 22, 4)), joints)
    rate, true_rate = (encode(joints, turns=turns, hip_order="anatomical")[:, 0] for turns in ("published", "continuous"))
    reversed_frames = np.flatnonzero(np.abs(rate - true_rate) > 1e-9)
    assert len(reversed_frames) == 1
    np.testing.assert_allclose(rate[reversed_frames], -true_rate[reversed_frames])
    assert (true_rate < 0).all()  # the turn that brings the facing back to +Z grows the other way


@pytest.mark.parametrize("name", sorted(BODIES))
def test_two_frames_are_enough(name: str) -> None:
    features = encode(clip(name, 2, 7), LAYOUTS[name])
    assert features.shape == (1, LAYOUTS[name].width)
    assert np.isfinite(features).all()


def test_bones_opposite_to_rest_or_of_length_zero_have_rotations() -> None:
    rest = np.zeros((22, 3))
    for joint, parent in enumerate(HUMANML3D.parents[1:], start=1):
        rest[joint] = rest[parent] + 0.3 * HUMANML3D.bone_directions[joint]
    rest[20] = rest[18] + [0, 0.3, 0]  # the left forearm straight up, against its rest direction
    rest[21] = rest[19]
    features = encode(np.stack([rest, rest]), uniform_skeleton=False, hip_order="anatomical")
    assert np.isfinite(features).all()
    rotations = features[0, HUMANML3D.blocks["rotations"]].reshape(21, 6)
    np.testing.assert_allclose(rotations[19], [1, 0, 0, 0, -1, 0], atol=1e-12)
    np.testing.assert_allclose(rotations[20], [1, 0, 0, 0, 1, 0], atol=1e-12)


@given(seed=seeds)
@settings(deadline=None, max_examples=20)
def test_a_bone_opposite_to_rest_but_for_rounding_makes_half_a_turn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    joints = clip("humanml3d", 10, seed)
    joints[:, 18] = joints[:, 16] + [0, 0.25, 0]  # the left upper arm straight up, where rest has it straight down
    joints[:, 20] = joints[:, 18] + [0, 0.25, 0]
    joints += rng.normal(scale=1e-14, size=joints.shape)
    features = encode(joints, uniform_skeleton=False)
    decoded = decode_rotations(features)
    upper_arm = reference.normalised(decoded[:, 18] - decoded[:, 16])
    np.testing.assert_allclose(upper_arm, np.broadcast_to([0, 1, 0], upper_arm.shape), atol=1e-6)
    forearm = features[:, HUMANML3D.blocks["rotations"]].reshape(9, 21, 6)[:, 19]
    np.testing.assert_allclose(forearm, np.broadcast_to([1, 0, 0, 0, 1, 0], forearm.shape), atol=1e-6)


def test_integers_are_taken_as_float64() -> None:
    joints = np.round(clip("kit", 5, 8) * 1000).astype(np.int32)
    assert encode(joints, KIT).dtype == np.float64


@pytest.mark.parametrize(
    ("joints", "message"),
    [
        (np.zeros((10, 22)), r"shape \(10, 22\).*\(T, 22, 3\)"),
        (np.zeros((10, 21, 3)), r"\(10, 21, 3\).*22 joints"),
        (np.zeros((10, 22, 3), dtype=complex), "complex"),
        (np.zeros((0, 22, 3)), "0 frames.*at least 2"),
        (np.zeros((1, 22, 3)), "1 frames.*at least 2"),
        (np.full((3, 22, 3), np.nan), "not finite in frame 0"),
        (np.zeros((3, 22, 3)), "leg of length zero"),
    ],
)
def test_joints_that_make_no_features(joints: np.ndarray, message: str) -> None:
    with pytest.raises(MotionError, match=message):
        encode(joints)


def test_errors_name_the_clip_of_a_batch() -> None:
    with pytest.raises(MotionError, match="joints of clip 1"):
        encode_batch([clip("humanml3d", 4, 0), np.zeros((4, 5, 3))])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hip_order": "other"}, "'other'.*'published' or 'anatomical'"),
        ({"turns": "other"}, "'other'.*'published' or 'continuous'"),
        ({"bone_lengths": np.ones(5)}, r"\(22,\)"),
        ({"bone_lengths": np.zeros(22)}, "not positive"),
        ({"bone_lengths": np.ones(22), "uniform_skeleton": False}, "one or the other"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, object], message: str) -> None:
    with pytest.raises(MotionError, match=message):
        encode(clip("humanml3d", 4, 0), **options)


@pytest.mark.parametrize(("name", "joints", "width"), [("humanml3d", 22, 263), ("kit", 21, 251)])
def test_layouts(name: str, joints: int, width: int) -> None:
    layout = LAYOUTS[name]
    skeleton = SKELETONS[layout.skeleton]
    assert (layout.n_joints, layout.width) == (joints, width)
    assert layout.parents == skeleton.parents
    covered = np.concatenate([np.arange(width)[where] for where in layout.blocks.values()])
    np.testing.assert_array_equal(covered, np.arange(width))
    assert layout_of(np.zeros((4, width))) is layout
    assert layout.parents == tuple(BODIES[name].parents)
    np.testing.assert_array_equal(layout.bone_directions, BODIES[name].directions)


def test_unknown_width_names_the_known_ones() -> None:
    with pytest.raises(MotionError, match=r"100 values a frame.*263 \(humanml3d\) or 251 \(kit\)"):
        layout_of(np.zeros((4, 100)))


def test_block_std_averages_inside_each_block() -> None:
    std = np.arange(263, dtype=float)
    averaged = block_std(std)
    assert averaged[0] == 0
    assert averaged[1] == averaged[2] == 1.5
    assert averaged[4] == averaged[66] == np.arange(4, 67).mean()
    with pytest.raises(MotionError, match=r"\(263,\)"):
        block_std(std[:5])
