"""Contract of the skeleton table."""

import numpy as np
import pytest

from kinelang.errors import SkeletonError
from kinelang.motion.motion import Motion
from kinelang.motion.retargeting import smpl22_positions
from kinelang.motion.skeleton import Skeleton, side_of, swap_side
from kinelang.motion.skeletons import SKELETONS, SMPL22, SMPL22_JOINTS, identify

EACH = pytest.mark.parametrize("name", SKELETONS)


@EACH
def test_key_is_name(name):
    assert SKELETONS[name].name == name


@EACH
def test_mirror_pairs_are_mutual_and_mirror_the_tree(name):
    s = SKELETONS[name]
    for i, j in enumerate(s.mirror_map):
        assert s.mirror_map[j] == i
        parent = s.parents[i]
        # COCO's tree hangs from the nose to each eye, and from one parent to both sides elsewhere: parents mirror too.
        assert (s.mirror_map[parent] if parent >= 0 else -1) == s.parents[j]


@EACH
def test_as_many_left_as_right(name):
    sides = [side_of(n) for n, m in zip(SKELETONS[name].joint_names, SKELETONS[name].mirror_map, strict=True) if n and m >= 0]
    assert sides.count("left") == sides.count("right") > 0


@EACH
def test_landmarks_reach_all_22_joints_but_perhaps_the_feet(name):
    points = SKELETONS[name].landmarks
    assert set(SMPL22_JOINTS) - set(points) <= {"left_foot", "right_foot"}
    for point in points.values():
        assert sum(w for _, w in point.blend) == pytest.approx(1)
        for joint, _ in point.blend:
            SKELETONS[name].index(joint)


@EACH
def test_identified_by_its_own_joints_also_with_a_namespace(name):
    s = SKELETONS[name]
    assert identify(s.joint_names).name == name
    spaced = [f"rig:{n}" for n in s.joint_names]
    found = identify(spaced)
    assert found.name == name
    assert all(joint in spaced for point in found.landmarks.values() for joint, _ in point.blend)


@EACH
def test_rest_pose_is_a_person(name):
    s = SKELETONS[name]
    if name in {"lafan1", "bandai"}:  # in their rest frames X runs along the bones
        pytest.skip("the rest frames of this rig are not a pose")
    rest = Motion(s, 20, positions=s.rest_positions[None])
    j = dict(zip(SMPL22_JOINTS, smpl22_positions(rest)[0][0], strict=True))
    for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist"):
        assert j[f"left_{part}"][0] > 0.03, f"left {part} on the person's left, +X"
        assert j[f"left_{part}"][0] == pytest.approx(-j[f"right_{part}"][0], abs=0.03)
    heights = [j[n][1] for n in ("head", "neck", "spine1", "pelvis", "left_knee", "left_ankle")]
    assert heights == sorted(heights, reverse=True)
    assert j["left_foot"][2] > j["left_ankle"][2] + 0.05, "feet point forward, +Z"
    leg = np.linalg.norm(j["left_hip"] - j["left_knee"]) + np.linalg.norm(j["left_knee"] - j["left_ankle"])
    assert 0.7 < leg < 1.0


def test_unknown_joint_names_are_not_identified():
    assert identify(["a", "b", "c"]) is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("lShldr", "rShldr"), ("LeftArm", "RightArm"), ("Hand_L", "Hand_R"), ("left_hip", "right_hip"), ("lfemur", "rfemur"),
        ("mixamorig:LeftUpLeg", "mixamorig:RightUpLeg"), ("LHip", "RHip"), ("thigh.l", "thigh.r"), ("lHand_end", "rHand_end"),
        ("LEFT_KNEE", "RIGHT_KNEE"), ("LMrot", "RMrot"),
    ],
)  # fmt: skip
def test_swap_side(left, right):
    assert swap_side(left) == right
    assert swap_side(right) == left
    assert (side_of(left), side_of(right)) == ("left", "right")


@pytest.mark.parametrize("name", ["root", "lowerback", "neck", "Spine1", "Hips", "joint_Root", "BLN", "Head"])
def test_middle_joints_have_no_side(name):
    assert swap_side(name) == name
    assert side_of(name) == ""


@pytest.mark.parametrize(
    ("names", "parents", "offsets", "says"),
    [
        (("a", "a"), (-1, 0), np.zeros((2, 3)), "twice"),
        (("a", "b"), (-1, 1), np.zeros((2, 3)), "parents"),
        (("a", "b"), (-1, -1), np.zeros((2, 3)), "parents"),
        (("a", "b"), (-1, 0), np.zeros((3, 3)), "offsets"),
        (("a",), (-1,), np.full((1, 3), np.nan), "finite"),
        ((), (), np.zeros((0, 3)), "0 joints"),
    ],
)
def test_a_malformed_skeleton_is_refused(names, parents, offsets, says):
    with pytest.raises(SkeletonError, match=says):
        Skeleton("test", names, parents, offsets)


def test_unknown_joint_lists_the_known():
    with pytest.raises(SkeletonError, match="left_knee"):
        SMPL22.index("l_knee")
