import numpy as np
import pytest

from kinelang.errors import MotionError
from kinelang.motion.inverse import fit_rotations
from kinelang.motion.kinematics import forward_kinematics, joint_positions, local_rotations
from kinelang.motion.motion import Motion
from kinelang.motion.ops import transform
from kinelang.motion.retargeting import retarget, without_positions
from kinelang.motion.rotations import euler_to_quat, quat_multiply, quat_rotate, unit
from kinelang.motion.skeletons import SKELETONS, SMPL22
from synthetic import posed, random_motion


def slow_forward_kinematics(rotations, root, offsets, parents):
    """Joint by joint, frame by frame."""
    joints = np.zeros((*rotations.shape[:2], 3))
    world = np.zeros_like(rotations)
    for t in range(len(rotations)):
        for j, p in enumerate(parents):
            if p < 0:
                joints[t, j], world[t, j] = root[t], rotations[t, j]
            else:
                world[t, j] = quat_multiply(world[t, p], rotations[t, j])
                joints[t, j] = joints[t, p] + quat_rotate(world[t, p], offsets[j])
    return joints, world


@pytest.mark.parametrize("name", SKELETONS)
def test_forward_kinematics_equals_the_slow_form(name):
    m = random_motion(SKELETONS[name], n_frames=5)
    args = m.rotations.astype(float), m.root.astype(float), m.skeleton.offsets.astype(float), m.skeleton.parents
    for ours, slow in zip(forward_kinematics(*args), slow_forward_kinematics(*args), strict=True):
        np.testing.assert_allclose(ours, slow, atol=1e-12)


@pytest.mark.parametrize("name", SKELETONS)
def test_positions_alone_equal_those_of_forward_kinematics(name):
    m = random_motion(SKELETONS[name], n_frames=6)
    rotations, root = unit(m.rotations.astype(float)), m.root.astype(float)
    moving = m.skeleton.offsets + np.random.default_rng(0).normal(size=(6, m.skeleton.n_joints, 3))
    for offsets in (m.skeleton.offsets, moving):
        expected, _ = forward_kinematics(rotations, root, offsets, m.skeleton.parents)
        np.testing.assert_allclose(joint_positions(rotations, root, offsets, m.skeleton.parents), expected, atol=1e-12)
    batched = joint_positions(rotations.reshape(2, 3, -1, 4), root.reshape(2, 3, 3), moving.reshape(2, 3, -1, 3), m.skeleton.parents)
    np.testing.assert_allclose(batched.reshape(expected.shape), expected, atol=1e-12)


def test_forward_kinematics_takes_any_batch_shape():
    m = random_motion(n_frames=6)
    flat, _ = forward_kinematics(m.rotations, m.root, m.skeleton.offsets, m.skeleton.parents)
    batched, _ = forward_kinematics(m.rotations.reshape(2, 3, 22, 4), m.root.reshape(2, 3, 3), m.skeleton.offsets, m.skeleton.parents)
    np.testing.assert_array_equal(batched.reshape(6, 22, 3), flat)


def test_local_rotations_undo_forward_kinematics():
    m = random_motion(n_frames=6)
    _, world = forward_kinematics(m.rotations, m.root, m.skeleton.offsets, m.skeleton.parents)
    np.testing.assert_allclose(local_rotations(world, m.skeleton.parents), m.rotations, atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_fitted_rotations_reproduce_the_positions_of_a_rigid_figure(seed):
    joints = random_motion(seed=seed, n_frames=120).joints
    rotations, skeleton = fit_rotations(joints, SMPL22, 20)
    again, _ = forward_kinematics(rotations, joints[:, 0], skeleton.offsets, skeleton.parents)
    np.testing.assert_allclose(again, joints, atol=2e-5)


@pytest.mark.parametrize("yaw", [np.pi, 2.0, -1.5])
def test_fitted_local_rotations_do_not_depend_on_where_the_figure_faces(yaw):
    m = random_motion(seed=3)
    here, _ = fit_rotations(m.joints, SMPL22, 20)
    there, _ = fit_rotations(transform(m, yaw=yaw, shift=(3, 0, -2)).joints, SMPL22, 20)
    dots = np.abs(np.einsum("tji,tji->tj", here[:, 1:], there[:, 1:]))
    assert dots.min() > 1 - 1e-5


def test_fitted_rotations_are_continuous_through_a_spin():
    t = np.arange(100) / 20
    m = posed(pelvis_Y=360 * t, left_shoulder_X=-60 * np.sin(3 * t), right_knee_X=40 - 40 * np.cos(4 * t))
    rotations, _ = fit_rotations(m.joints, m.skeleton, 20)
    assert np.abs(np.diff(rotations, axis=0)).max() < 0.2  # 18 degrees a frame is 0.157 in quaternion components


def test_an_elbow_bends_about_its_hinge_axis():
    """An upper arm that swings, with a bent elbow: the elbow's rotation is a bend about one axis, the twist is the shoulder's."""
    t = np.arange(60) / 20
    rotations = np.zeros((60, 22, 4))
    rotations[..., 0] = 1
    rotations[:, SMPL22.index("left_shoulder")] = euler_to_quat(np.radians(np.stack([50 * np.sin(t), -30 + 0 * t], axis=1)), "XZ")
    rotations[:, SMPL22.index("left_elbow")] = euler_to_quat(np.radians(-(60 + 20 * np.sin(2 * t)))[:, None], "Y")
    m = Motion(SMPL22, 20, rotations=rotations, root=np.zeros((60, 3)))
    fitted, _ = fit_rotations(m.joints, SMPL22, 20)
    elbow = fitted[:, SMPL22.index("left_elbow")]
    axis = elbow[:, 1:] / np.linalg.norm(elbow[:, 1:], axis=1, keepdims=True)
    # The mean body's forearm is not quite in line with its upper arm at rest, hence not exactly (0, -1, 0).
    assert np.abs(axis @ [0, -1, 0]).min() > 0.99
    assert np.degrees(2 * np.arccos(np.abs(elbow[:, 0]))).max() == pytest.approx(80, abs=6)


def test_constant_and_one_frame_clips_have_rotations():
    for n in (1, 30):
        m = posed(left_hip_X=np.zeros(n))
        rotations, skeleton = fit_rotations(m.joints, SMPL22, 20)
        again, _ = forward_kinematics(rotations, m.joints[:, 0], skeleton.offsets, skeleton.parents)
        np.testing.assert_allclose(again, m.joints, atol=1e-5)


def test_wrong_shape_is_refused():
    with pytest.raises(MotionError, match=r"\(T, 22, 3\)"):
        fit_rotations(np.zeros((3, 21, 3)), SMPL22, 20)


def test_without_positions_keeps_a_rigid_motion():
    m = retarget(random_motion(SKELETONS["mixamo"], seed=5), SMPL22)
    rigid = without_positions(m)
    assert rigid.positions is None
    assert np.linalg.norm(rigid.joints - m.joints, axis=-1).mean() < 0.005
