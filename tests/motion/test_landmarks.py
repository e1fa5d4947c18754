"""The 22 joints are found on skeletons that are not in the table, by common names and by shape."""

import numpy as np
import pytest
from named_rigs import RIGS, rig

from kinelang.errors import SkeletonError
from kinelang.motion.facing import heading
from kinelang.motion.landmarks import landmarks_of
from kinelang.motion.motion import Motion
from kinelang.motion.retargeting import retarget, smpl22_positions
from kinelang.motion.skeleton import Skeleton, swap_side
from kinelang.motion.skeletons import SKELETONS, SMPL22, SMPL22_JOINTS, identify
from synthetic import random_motion

PARTS = ("hip", "knee", "ankle", "foot", "shoulder", "elbow", "wrist", "collar", "neck", "head")


@pytest.mark.parametrize("name", RIGS)
def test_rigs_of_common_programs_by_their_names(name):
    skeleton, expected = rig(RIGS[name])
    assert {f"{side}_{part}" for side in ("left", "right") for part in PARTS[:3] + PARTS[4:7]} <= expected.keys()
    points = landmarks_of(skeleton)
    single = {landmark: point.blend[0][0] for landmark, point in points.items() if len(point.blend) == 1}
    assert {landmark: single.get(landmark) for landmark in expected} == expected


@pytest.mark.parametrize("name", RIGS)
def test_all_22_joints_lie_near_where_the_body_has_them(name):
    """Also those that were put between named joints, as spine and pelvis; joints given no place here are put aside."""
    skeleton, expected = rig(RIGS[name])
    points = landmarks_of(skeleton)
    assert set(SMPL22_JOINTS) - set(points) <= {"left_foot", "right_foot"}
    for point in points.values():
        assert sum(w for _, w in point.blend) == pytest.approx(1)
        assert all(joint in skeleton.joint_names for joint, _ in point.blend)
    body = smpl22_positions(Motion(skeleton, 20, positions=skeleton.rest_positions[None] + skeleton.offsets[0]))[0][0]
    gaps = dict(zip(SMPL22_JOINTS, np.linalg.norm(body - SMPL22.rest_positions, axis=1), strict=True))
    for landmark, gap in gaps.items():
        allowed = 1e-5 if landmark in expected else 0.2 if landmark in ("neck", "head") else 0.14
        assert gap < allowed, landmark


@pytest.mark.parametrize("name", RIGS)
def test_a_rig_retargets_as_the_body_it_was_put_on(name):
    skeleton, expected = rig(RIGS[name])
    m = random_motion(skeleton, n_frames=10, bend=0.3)
    body = retarget(m)
    assert body.skeleton.same_tree(SMPL22)
    for landmark, joint in expected.items():
        np.testing.assert_array_equal(body.positions[:, SMPL22.index(landmark)], m.joints[:, skeleton.index(joint)])
    assert body.has_rotations


# By shape alone


def scrambled(skeleton, seed, axes=None):
    """The skeleton with joints called joint0 to jointN in a random order of branches, and the index of each old joint."""
    rng = np.random.default_rng(seed)
    order = [0]
    waiting = list(skeleton.children[0])
    while waiting:
        j = waiting.pop(rng.integers(len(waiting)))
        order.append(j)
        waiting += skeleton.children[j]
    place = {old: new for new, old in enumerate(order)}
    parents = [place[skeleton.parents[j]] if j else -1 for j in order]
    ends = {place[j] for j in skeleton.end_sites}
    names = [f"joint{i}" for i in range(len(order))]
    return Skeleton(
        "unknown", names, parents, skeleton.offsets[order] if axes is None else skeleton.offsets[order] @ axes.T, None, ends
    ), place


SHAPES = ("smpl22", "smpl24", "smplh52", "cmu_daz", "mixamo")


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("seed", range(5))
def test_limbs_and_sides_by_the_shape_of_the_rest_pose(name, seed):
    known = SKELETONS[name]
    skeleton, place = scrambled(known, seed)
    points = landmarks_of(skeleton)
    parts = PARTS[:3] + PARTS[4:7]
    for landmark in [f"{side}_{part}" for side in ("left", "right") for part in parts]:
        joint = known.landmarks[landmark].blend[0][0]
        assert points[landmark].blend == ((f"joint{place[known.index(joint)]}", 1.0),), landmark


@pytest.mark.parametrize(
    "axes",
    [
        np.array([(1, 0, 0), (0, 0, -1), (0, 1, 0)]),  # Z up
        np.array([(-1, 0, 0), (0, 1, 0), (0, 0, -1)]),  # facing back
        np.array([(0, 0, 1), (0, 1, 0), (-1, 0, 0)]),  # facing right
        39.37 * np.eye(3),  # inches
    ],
)
@pytest.mark.parametrize("name", SHAPES)
def test_sides_do_not_depend_on_axes_or_unit(name, axes):
    straight, _ = scrambled(SKELETONS[name], 1)
    turned, _ = scrambled(SKELETONS[name], 1, axes.astype(float))
    for landmark, point in landmarks_of(straight).items():
        other = landmarks_of(turned)[landmark]
        assert [j for j, _ in other.blend] == [j for j, _ in point.blend]
        np.testing.assert_allclose([w for _, w in other.blend], [w for _, w in point.blend], atol=1e-4)


@pytest.mark.parametrize("name", SHAPES)
def test_a_nameless_figure_moves_as_the_named_one(name):
    known = random_motion(SKELETONS[name], n_frames=20, seed=2, bend=0.3)
    skeleton, place = scrambled(known.skeleton, 3)
    order = [old for old, _ in sorted(place.items(), key=lambda item: item[1])]
    nameless = Motion(skeleton, 20, rotations=known.rotations[:, order], root=known.root)
    body, expected = smpl22_positions(nameless)[0], smpl22_positions(known)[0]
    limbs = [SMPL22.index(f"{side}_{part}") for side in ("left", "right") for part in ("hip", "knee", "ankle", "shoulder", "elbow")]
    np.testing.assert_array_equal(body[:, limbs], expected[:, limbs])
    np.testing.assert_allclose(heading(body), heading(expected), atol=1e-5)
    assert np.linalg.norm(body - expected, axis=-1).max() < 0.15


# What is no person


def skeleton_of(name, rest):
    """A skeleton from `joint: (parent, x, y, z)`, places in the rest pose."""
    names = list(rest)
    at = np.array([place[1:] for place in rest.values()], dtype=float)
    parents = [names.index(place[0]) if place[0] else -1 for place in rest.values()]
    return Skeleton(name, names, parents, at - np.where(np.array(parents)[:, None] < 0, 0, at[parents]))


def test_a_dog_is_refused():
    rest = {"hips": ("", 0, 0.5, 0), "chest": ("hips", 0, 0.5, 0.6), "neck": ("chest", 0, 0.6, 0.7), "head": ("neck", 0, 0.7, 0.8)}
    rest |= {"nose": ("head", 0, 0.7, 0.95), "tail": ("hips", 0, 0.5, -0.2), "tail2": ("tail", 0, 0.4, -0.4)}
    for side, x in (("Left", 0.1), ("Right", -0.1)):
        for leg, above, z in (("Fore", "chest", 0.6), ("Hind", "hips", 0.0)):
            for i, (y, dz) in enumerate([(0.45, 0), (0.25, -0.02), (0.05, 0), (0.02, 0.08)]):
                rest[f"{side}{leg}{i}"] = (f"{side}{leg}{i - 1}" if i else above, x, y, z + dz)
    dog = skeleton_of("dog", rest)
    for skeleton in (dog, scrambled(dog, 0)[0]):
        with pytest.raises(SkeletonError) as refusal:
            landmarks_of(skeleton)
        message = str(refusal.value)
        assert "found 23 joints (" in message
        assert "without two legs, two arms and a head; expected a human figure; give the skeleton landmarks" in message


def test_a_chair_is_refused():
    rest = {"seat": ("", 0, 0.4, 0), "back": ("seat", 0, 0.9, -0.2)}
    rest |= {f"leg{i}": ("seat", x, 0, z) for i, (x, z) in enumerate([(0.2, 0.2), (0.2, -0.2), (-0.2, 0.2), (-0.2, -0.2)])}
    with pytest.raises(SkeletonError, match=r"skeleton 'chair': found 6 joints \(seat, back, leg0, .*expected a human figure"):
        landmarks_of(skeleton_of("chair", rest))


@pytest.mark.parametrize(
    "skeleton",
    [
        Skeleton("point", ("a",), (-1,), np.zeros((1, 3))),
        Skeleton("line", [f"j{i}" for i in range(30)], range(-1, 29), np.ones((30, 3))),
        Skeleton("heap", [f"j{i}" for i in range(30)], range(-1, 29), np.zeros((30, 3))),
        Skeleton("star", [f"j{i}" for i in range(30)], [-1] + [0] * 29, np.eye(30, 3)),
        Skeleton("long", [f"j{i}" for i in range(2000)], range(-1, 1999), np.ones((2000, 3))),
        Skeleton("bush", [f"j{i}" for i in range(2000)], [-1] + [i // 2 for i in range(1999)], np.ones((2000, 3))),
    ],
    ids=lambda s: s.name,
)
def test_what_has_no_limbs_is_refused_soon(skeleton):
    with pytest.raises(SkeletonError, match="human figure"):
        landmarks_of(skeleton)


def test_a_nameless_rig_whose_rest_frames_are_no_pose_is_refused():
    """LAFAN1's rest offsets run along X: they do not say which side is left."""
    for name in ("lafan1", "bandai"):
        with pytest.raises(SkeletonError, match="human figure"):
            landmarks_of(scrambled(SKELETONS[name], 0)[0])


def test_half_a_person_is_refused():
    skeleton, _ = rig(RIGS["Xsens BVH"])
    keep = [i for i, n in enumerate(skeleton.joint_names) if not n.startswith("Right")]
    parents = [keep.index(skeleton.parents[i]) if i else -1 for i in keep]
    half = Skeleton("half", [skeleton.joint_names[i] for i in keep], parents, skeleton.offsets[keep])
    with pytest.raises(SkeletonError, match="human figure"):
        landmarks_of(half)


def test_names_that_lie_about_the_tree_are_not_believed():
    """A knee that does not hang from the hip of its side."""
    skeleton, _ = rig(RIGS["Xsens BVH"])
    names = [{"LeftKnee": "RightKnee", "RightKnee": "LeftKnee"}.get(n, n) for n in skeleton.joint_names]
    points = landmarks_of(Skeleton("unknown", names, skeleton.parents, skeleton.offsets))
    # The shape decides: the joint under the left hip is the left knee, whatever it is called.
    assert points["left_knee"].blend[0][0] == "RightKnee"


# The order in which the sources are asked


def test_landmarks_of_the_skeleton_itself_come_first():
    assert landmarks_of(SKELETONS["mixamo"]) is SKELETONS["mixamo"].landmarks


def test_known_joints_come_before_guesses():
    mixamo = SKELETONS["mixamo"]
    bare = Skeleton("unknown", mixamo.joint_names, mixamo.parents, mixamo.offsets)
    assert landmarks_of(bare) == identify(mixamo.joint_names).landmarks


@pytest.mark.parametrize("name", RIGS)
def test_guessed_landmarks_are_even(name):
    """What is said of the left is said of the right."""
    skeleton, _ = rig(RIGS[name])
    points = landmarks_of(skeleton)
    for landmark, point in points.items():
        swapped = {swap_side(joint): w for joint, w in point.blend}
        assert dict(points[swap_side(landmark)].blend) == pytest.approx(swapped)
