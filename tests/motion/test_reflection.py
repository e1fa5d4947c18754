"""A mirrored motion is the motion seen in a mirror, on every rig, and mirroring twice undoes it."""

import numpy as np
import pytest

from kinelang.errors import SkeletonError
from kinelang.formats import load
from kinelang.motion.contacts import follow_feet
from kinelang.motion.facing import heading
from kinelang.motion.motion import Motion
from kinelang.motion.ops import transform
from kinelang.motion.reflection import mirror
from kinelang.motion.retargeting import smpl22_positions
from kinelang.motion.samples import sample
from kinelang.motion.skeleton import Skeleton
from kinelang.motion.skeletons import SKELETONS, SMPL22
from shared_data import shared
from synthetic import random_motion

EACH_SKELETON = pytest.mark.parametrize("name", SKELETONS)
LEFT_RIGHT_SWAPPED = list(SMPL22.mirror_map)


def seen_in_a_mirror(joints, skeleton):
    return joints[:, list(skeleton.mirror_map)] * (-1, 1, 1)


def uneven(skeleton, size_m, seed=0):
    """The skeleton with bones that differ between the sides by about size_m."""
    noise = np.random.default_rng(seed).normal(scale=size_m, size=skeleton.offsets.shape)
    return skeleton.with_offsets(skeleton.offsets + noise * (np.abs(skeleton.offsets).max(axis=1, keepdims=True) > 0))


def stretching(m, seed=0):
    """The motion with every bone changing its length and direction over time."""
    noise = np.random.default_rng(seed).normal(scale=0.02, size=(m.n_frames, *m.skeleton.offsets.shape))
    return m.with_(translations=m.skeleton.offsets + noise)


def turned_apart(a, b):
    """Largest angle in degrees between two sets of quaternions."""
    dots = np.abs(np.einsum("...i,...i->...", a.astype(float), b.astype(float)))
    return np.degrees(2 * np.arccos(np.clip(dots, 0, 1))).max()


@EACH_SKELETON
@pytest.mark.parametrize("size_m", [0, 0.001, 0.01, 0.03])
@pytest.mark.parametrize("bones", ["rigid", "stretching"])
def test_joints_are_those_in_the_mirror(name, size_m, bones):
    m = random_motion(uneven(SKELETONS[name], size_m), n_frames=20, seed=1)
    m = stretching(m) if bones == "stretching" else m
    mirrored = mirror(m)
    np.testing.assert_allclose(mirrored.joints, seen_in_a_mirror(m.joints, m.skeleton), atol=3e-6)
    # The 22 joints too, some of which a joint's rotation carries.
    body = smpl22_positions(m)[0][:, LEFT_RIGHT_SWAPPED] * (-1, 1, 1)
    np.testing.assert_allclose(smpl22_positions(mirrored)[0], body, atol=3e-6)


@EACH_SKELETON
@pytest.mark.parametrize("size_m", [0, 0.004, 0.01, 0.03])
def test_twice_is_the_motion_itself(name, size_m):
    m = stretching(random_motion(uneven(SKELETONS[name], size_m, seed=2), n_frames=20, seed=2))
    m = m.with_(positions=m.joints)
    again = mirror(mirror(m))
    np.testing.assert_array_equal(again.positions, m.positions)
    np.testing.assert_array_equal(again.root, m.root)
    np.testing.assert_array_equal(again.skeleton.offsets, m.skeleton.offsets)
    np.testing.assert_array_equal(again.translations, m.translations)
    assert turned_apart(again.rotations, m.rotations) < 0.1


@pytest.mark.parametrize("name", ["cmu_daz", "cmu_asf", "mixamo", "lafan1", "bandai"])
def test_a_rig_with_even_sides_keeps_its_skeleton(name):
    m = random_motion(SKELETONS[name], n_frames=5)
    np.testing.assert_array_equal(mirror(m).skeleton.offsets, m.skeleton.offsets)
    assert mirror(m).skeleton.same_tree(m.skeleton)


@pytest.mark.parametrize("name", ["lafan1", "bandai"])
def test_uneven_rigs_keep_the_directions_of_their_rest_bones(name):
    """Their rest frames are no mirror image of each other: without a turn whole limbs would point the other way."""
    m = random_motion(uneven(SKELETONS[name], 0.01), n_frames=5)
    own, mirrored = m.skeleton.offsets, mirror(m).skeleton.offsets
    assert np.linalg.norm(own - mirrored, axis=1).max() < 0.08
    assert (np.einsum("ji,ji->j", own, mirrored)[np.linalg.norm(own, axis=1) > 0.1] > 0).all()


@EACH_SKELETON
def test_positions_alone_are_mirrored_in_the_same_way(name):
    m = random_motion(SKELETONS[name], n_frames=5)
    bare = Motion(m.skeleton, m.fps, positions=m.joints)
    np.testing.assert_allclose(mirror(bare).joints, mirror(m).joints, atol=3e-6)
    np.testing.assert_array_equal(mirror(bare).skeleton.offsets, mirror(m).skeleton.offsets)


def test_a_turn_to_the_left_becomes_one_to_the_right():
    m = sample("turn_left")
    np.testing.assert_allclose(heading(mirror(m).joints), -heading(m.joints), atol=1e-5)


def test_steps_change_sides():
    walk = transform(sample("walk_forward"), yaw=1)
    own, mirrored = follow_feet(walk.joints, walk.fps), follow_feet(mirror(walk).joints, walk.fps)
    other = {"left": "right", "right": "left"}
    assert [(s.side, s.lift, s.land) for s in mirrored.steps] == [(other[s.side], s.lift, s.land) for s in own.steps]
    np.testing.assert_array_equal(mirrored.contacts, own.contacts[:, ::-1])


def test_a_person_whose_names_hide_the_sides_is_not_mirrored_wrongly():
    bare = Skeleton("unknown", [f"joint{i}" for i in range(22)], SMPL22.parents, SMPL22.offsets)
    m = Motion(bare, 20, positions=random_motion(n_frames=5).joints)
    with pytest.raises(SkeletonError, match=r"found 'joint1' and 'joint2' as left and right hip, .*; retarget it to SMPL22 first"):
        mirror(m)


def test_what_is_no_person_is_mirrored_by_its_names():
    table = Skeleton("table", ("top", "left_leg", "right_leg"), (-1, 0, 0), np.array([(0, 0, 0), (1, -1, 0), (-2, -1, 0)]))
    m = Motion(table, 20, positions=np.arange(18).reshape(2, 3, 3))
    np.testing.assert_array_equal(mirror(m).positions, m.positions[:, [0, 2, 1]] * (-1, 1, 1))


@pytest.mark.parametrize(
    ("archive", "member"),
    [
        ("bandai1_bvh.zip", "dataset-1_punch_normal_001.bvh"), ("bandai1_bvh.zip", "dataset-1_walk-left_tired_001.bvh"),
        ("cmu_bvh.zip", "01_01.bvh"), ("cmu_asfamc.zip", "02/02_01.amc"),
    ],
)  # fmt: skip
def test_real_recordings(archive, member):
    m = load(f"{shared(archive)}/{member}")
    mirrored = mirror(m)
    np.testing.assert_allclose(mirrored.joints, seen_in_a_mirror(m.joints, m.skeleton), atol=5e-6)
    body = smpl22_positions(m)[0][:, LEFT_RIGHT_SWAPPED] * (-1, 1, 1)
    np.testing.assert_allclose(smpl22_positions(mirrored)[0], body, atol=5e-6)
    again = mirror(mirrored)
    np.testing.assert_array_equal(again.skeleton.offsets, m.skeleton.offsets)
    assert turned_apart(again.rotations, m.rotations) < 0.1
