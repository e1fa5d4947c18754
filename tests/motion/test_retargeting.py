"""From any skeleton of the table to the 22 joints and the keypoint skeletons, wherever the figure faces."""

import numpy as np
import pytest

from kinelang.errors import SkeletonError
from kinelang.formats import load
from kinelang.motion.landmarks import landmarks_of
from kinelang.motion.motion import Motion
from kinelang.motion.ops import cut, resample, transform
from kinelang.motion.reflection import mirror
from kinelang.motion.retargeting import retarget, smpl22_positions, with_rotations, without_positions
from kinelang.motion.rotations import IDENTITY, axis_angle_to_quat, quat_multiply, quat_slerp
from kinelang.motion.samples import sample
from kinelang.motion.skeleton import Skeleton, side_of
from kinelang.motion.skeletons import COCO17, H36M17, KIT21, SKELETONS, SMPL22, SMPL22_JOINTS
from shared_data import shared
from synthetic import random_motion

EACH_SKELETON = pytest.mark.parametrize("name", SKELETONS)
TRUNK_WORDS = ("collar", "clavicle", "shoulder_", "leftshoulder", "rightshoulder", "hipjoint", "buttock")
FEETLESS = ("h36m17", "coco17")


def person(name, seed=0, n_frames=60):
    """Random limbs on a trunk that bends as little as people's do: the joints of spine and shoulder girdle turn a fifth as far."""
    if name == "coco17":
        return coco_person(seed, n_frames)
    m = random_motion(SKELETONS[name], n_frames=n_frames, seed=seed)
    rotations = m.rotations.copy()
    for j, joint in enumerate(m.skeleton.joint_names):
        if j and (not side_of(joint) or any(word in joint.lower() for word in TRUNK_WORDS)):
            rotations[:, j] = quat_slerp(
                np.broadcast_to(np.array(IDENTITY), rotations[:, j].shape), rotations[:, j], np.full(n_frames, 0.2)
            )
    return m.with_(rotations=rotations)


def coco_person(seed, n_frames):
    """COCO keypoints of a person: its tree, which hangs from the nose, makes none by turning joints."""
    body = person("smpl22", seed, n_frames)
    j = dict(zip(SMPL22_JOINTS, np.moveaxis(body.joints, 1, 0), strict=True))
    up = (j["head"] - j["neck"]) / np.linalg.norm(j["head"] - j["neck"], axis=-1, keepdims=True)
    left = 0.4 * (j["left_shoulder"] - j["right_shoulder"])
    face = {
        "nose": j["head"] + 0.05 * up,
        "left_eye": j["head"] + 0.09 * up + 0.2 * left,
        "left_ear": j["head"] + 0.06 * up + 0.5 * left,
    }
    face |= {
        n.replace("left", "right"): j["head"] + (p - j["head"]) - 2 * s * left
        for n, p, s in (("left_eye", face["left_eye"], 0.2), ("left_ear", face["left_ear"], 0.5))
    }
    return Motion(COCO17, body.fps, positions=np.stack([face.get(n, j.get(n)) for n in COCO17.joint_names], axis=1))


def spinning(m, turns_s=2.0):
    """The motion while the whole figure turns about the vertical."""
    turn = axis_angle_to_quat("Y", 2 * np.pi * turns_s * m.times_s + 2.5)
    if m.rotations is None:
        return m.with_(
            positions=np.stack([transform(m, yaw=2 * np.pi * turns_s * t + 2.5).positions[i] for i, t in enumerate(m.times_s)])
        )
    rotations = m.rotations.copy()
    rotations[:, 0] = quat_multiply(turn, rotations[:, 0])
    return m.with_(rotations=rotations)


def rebuilt_gap_m(m):
    """Distance between the positions of a motion and those that its rotations make."""
    return np.linalg.norm(without_positions(m).joints - m.joints, axis=-1)


# To the 22 joints


@EACH_SKELETON
def test_positions_are_the_landmarks(name):
    m = person(name, seed=1)
    body = retarget(m, rotations=False)
    assert body.skeleton.same_tree(SMPL22)
    assert (body.fps, body.n_frames, body.name) == (m.fps, m.n_frames, m.name)
    points = landmarks_of(m.skeleton)
    for landmark, point in points.items():
        if point.carrier:
            continue
        expected = sum(w * m.joints[:, m.skeleton.index(joint)].astype(float) for joint, w in point.blend)
        np.testing.assert_allclose(body.joints[:, SMPL22.index(landmark)], expected, atol=2e-6, err_msg=landmark)
    np.testing.assert_allclose(body.joints, smpl22_positions(m)[0], atol=1e-6)


@EACH_SKELETON
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("how", ["as it is", "facing away", "spinning"])
def test_fitted_rotations_give_the_positions_back(name, seed, how):
    m = person(name, seed)
    m = {"as it is": m, "facing away": transform(m, yaw=np.pi), "spinning": spinning(m)}[how]
    body = retarget(m)
    assert body.has_rotations
    gaps = rebuilt_gap_m(body)
    assert gaps.mean() < 0.005
    assert gaps.max() < 0.04


@pytest.mark.parametrize("name", ["smpl22", "smpl24", "smplh52", "mixamo", "bandai"])
def test_where_bones_between_landmarks_are_rigid_they_come_back_exactly(name):
    m = random_motion(SKELETONS[name], seed=3, bend=1.2)
    assert rebuilt_gap_m(retarget(m)).max() < 1e-4


@EACH_SKELETON
def test_retargeting_commutes_with_turning_and_moving(name):
    m = person(name, seed=2, n_frames=30)
    first, last = retarget(transform(m, 2, (1, 0.1, -3))), transform(retarget(m), 2, (1, 0.1, -3))
    np.testing.assert_allclose(first.joints, last.joints, atol=3e-6)
    angles = np.abs(np.einsum("tji,tji->tj", first.rotations, last.rotations))
    assert angles.min() > 1 - 1e-5
    np.testing.assert_allclose(without_positions(first).joints, without_positions(last).joints, atol=2e-5)


@EACH_SKELETON
def test_retargeting_commutes_with_mirroring(name):
    m = person(name, seed=2, n_frames=30)
    first, last = retarget(mirror(m)), mirror(retarget(m))
    np.testing.assert_allclose(first.joints, last.joints, atol=3e-6)
    # The local rotations differ by what SMPL's rest pose differs between the sides; the positions that they make do not.
    np.testing.assert_allclose(without_positions(first).joints, without_positions(last).joints, atol=1e-4)


@EACH_SKELETON
def test_positions_far_from_the_origin_lose_no_more_than_float32_does(name):
    m = person(name, n_frames=5)
    far = transform(m, shift=(1000, 0, -1000))
    np.testing.assert_allclose(retarget(far, rotations=False).joints - (1000, 0, -1000), retarget(m, rotations=False).joints, atol=5e-4)


@EACH_SKELETON
def test_one_frame(name):
    body = retarget(person(name, n_frames=1))
    assert (body.n_frames, body.has_rotations) == (1, True)


@EACH_SKELETON
def test_retargeting_twice_changes_nothing(name):
    body = retarget(person(name, n_frames=10))
    again = retarget(body)
    np.testing.assert_array_equal(again.joints, body.joints)
    np.testing.assert_array_equal(again.rotations, body.rotations)


def test_the_source_keeps_its_notes_and_name():
    m = person("mixamo", n_frames=5).with_(name="walk", source="file.bvh").noted("unit: cm, inferred")
    body = retarget(m)
    assert (body.name, body.source, body.notes) == ("walk", "file.bvh", ("unit: cm, inferred",))


def test_bone_lengths_are_the_persons_own():
    for factor in (0.5, 1.3):
        skeleton = SKELETONS["mixamo"].with_offsets(factor * SKELETONS["mixamo"].offsets)
        body = retarget(random_motion(skeleton, n_frames=10))
        shin = np.linalg.norm(body.skeleton.offsets[SMPL22.index("left_ankle")])
        assert shin == pytest.approx(factor * 0.421, rel=1e-3)


# SMPL's own rotations


@pytest.mark.parametrize("name", ["smpl24", "smplh52"])
def test_smpl_with_hands_keeps_its_own_rotations(name):
    m = random_motion(SKELETONS[name], n_frames=20, seed=1)
    translations = np.broadcast_to(m.skeleton.offsets, (20, *m.skeleton.offsets.shape)) * 1.1
    for given in (m, m.with_(positions=m.joints), m.with_(translations=translations)):
        body = retarget(given)
        assert body.skeleton.same_tree(SMPL22)
        np.testing.assert_array_equal(body.rotations, given.rotations[:, :22])
        np.testing.assert_array_equal(body.joints, given.joints[:, :22])
        np.testing.assert_array_equal(body.root, given.root)


def test_smpl_positions_alone_get_rotations_only_if_wanted():
    m = Motion(SMPL22, 20, positions=random_motion(n_frames=5).joints)
    assert retarget(m).has_rotations
    assert not retarget(m, rotations=False).has_rotations
    wide = Motion(SKELETONS["smplh52"], 20, positions=random_motion(SKELETONS["smplh52"], n_frames=5).joints)
    assert retarget(wide).has_rotations
    assert not retarget(wide, rotations=False).has_rotations


def test_own_rotations_are_never_fitted_again():
    m = random_motion(n_frames=5)
    assert retarget(m) is m
    assert with_rotations(m) is m


# To keypoints and back


@EACH_SKELETON
@pytest.mark.parametrize("target", [H36M17, KIT21], ids=lambda s: s.name)
def test_limbs_reach_the_keypoint_skeletons_and_come_back(name, target):
    m = person(name, seed=4, n_frames=10)
    if m.skeleton.same_tree(target):
        assert retarget(m, target) is m
        return
    body, out = retarget(m, rotations=False), retarget(m, target)
    assert out.skeleton is target
    assert f"{target.name} joints are a named approximation from the 22 joints" in out.notes
    back = retarget(out, rotations=False)
    limbs = [
        SMPL22.index(f"{side}_{part}") for side in ("left", "right") for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
    ]
    np.testing.assert_array_equal(back.joints[:, limbs], body.joints[:, limbs])
    trunk = [SMPL22.index(joint) for joint in ("pelvis", "spine1", "spine2", "spine3", "neck", "head")]
    assert np.linalg.norm(back.joints[:, trunk] - body.joints[:, trunk], axis=-1).mean() < 0.06


def test_kit_keeps_the_feet_exactly():
    body = random_motion(n_frames=10)
    back = retarget(retarget(body, KIT21), rotations=False)
    np.testing.assert_allclose(back.joints[:, [10, 11]], body.joints[:, [10, 11]], atol=1e-6)


def test_keypoint_bones_have_human_lengths():
    for target in (H36M17, KIT21):
        out = retarget(sample("walk_forward"), target)
        lengths = np.linalg.norm(out.joints - out.joints[:, np.maximum(target.parents, 0)], axis=-1).mean(axis=0)[1:]
        expected = np.linalg.norm(target.offsets, axis=1)[1:]
        assert np.abs(lengths - expected).max() < 0.1


@pytest.mark.parametrize(
    "target", [SKELETONS["mixamo"], COCO17, Skeleton("robot", ("a",), (-1,), np.zeros((1, 3)))], ids=lambda s: s.name
)
def test_an_unknown_target_is_refused(target):
    with pytest.raises(SkeletonError, match=f"target skeleton: found '{target.name}'; expected one of smpl22, h36m17, kit21"):
        retarget(random_motion(n_frames=3), target)


def test_a_source_that_is_no_person_is_refused():
    with pytest.raises(SkeletonError, match="human figure"):
        retarget(Motion(Skeleton("robot", ("a",), (-1,), np.zeros((1, 3))), 20, positions=np.zeros((3, 1, 3))))


def test_landmarks_that_lack_a_joint_are_refused():
    points = {n: p for n, p in SMPL22.landmarks.items() if n != "left_knee"}
    skeleton = Skeleton("odd", ("x", *SMPL22_JOINTS[1:]), SMPL22.parents, SMPL22.offsets, points)
    with pytest.raises(SkeletonError, match="skeleton 'odd': found no landmark left_knee; expected all of the 22 joints but the feet"):
        retarget(Motion(skeleton, 20, positions=np.zeros((3, 22, 3))))


# Feet that had to be supplied


@pytest.mark.parametrize("name", FEETLESS)
def test_supplied_feet_are_noted_and_of_human_size(name):
    body = retarget(person(name), rotations=False)
    assert body.notes == ("the skeleton has no toes: feet were supplied at right angles to the shanks",)
    for ankle, foot, knee in ((7, 10, 4), (8, 11, 5)):
        toe, shank = body.joints[:, foot] - body.joints[:, ankle], body.joints[:, ankle] - body.joints[:, knee]
        length = np.linalg.norm(toe, axis=1)
        assert ((length > 0.1) & (length < 0.2)).all()
        cosine = np.einsum("ti,ti->t", toe, shank) / length / np.linalg.norm(shank, axis=1)
        assert np.degrees(np.arccos(cosine)).min() > 60


@pytest.mark.parametrize("yaw", [0, 1, np.pi])
def test_supplied_feet_point_where_the_person_faces(yaw):
    walk = transform(sample("walk_forward"), yaw=yaw)
    supplied = retarget(retarget(walk, H36M17), rotations=False)
    for foot in (10, 11):
        apart = np.linalg.norm(supplied.joints[:, foot] - walk.joints[:, foot], axis=-1)
        assert np.median(apart) < 0.06  # of a foot's length of 0.14


def test_skeletons_with_toes_say_nothing_of_feet():
    for name in set(SKELETONS) - set(FEETLESS):
        assert not any("feet" in note for note in retarget(person(name, n_frames=3), rotations=False).notes)


# Real recordings


@pytest.mark.parametrize(
    ("archive", "member"),
    [
        ("bandai1_bvh.zip", "dataset-1_dance-short_normal_001.bvh"), ("bandai1_bvh.zip", "dataset-1_punch_normal_001.bvh"),
        ("cmu_bvh.zip", "01_08.bvh"), ("cmu_dance_bvh.zip", "60_06.bvh"),
    ],
)  # fmt: skip
def test_rotations_fitted_to_recordings_give_the_positions_back(archive, member):
    m = load(f"{shared(archive)}/{member}")
    for turned in (m, transform(m, yaw=np.pi)):
        gaps = rebuilt_gap_m(retarget(turned))
        assert gaps.mean() < 0.005
        assert gaps.max() < 0.03


def test_retargeting_and_resampling_can_be_done_in_either_order():
    m = cut(load(f"{shared('cmu_bvh.zip')}/02_01.bvh"), 0.1)  # the first frames jump from a T-pose into the recording
    a, b = (x.joints for x in (retarget(resample(m, 20), rotations=False), resample(retarget(m, rotations=False), 20)))
    assert np.linalg.norm(a - b, axis=-1).max() < 0.01
