"""Which way a person faces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.motion.facing import across, heading, in_initial_frame
from kinelang.motion.ops import canonicalise, transform
from kinelang.motion.samples import SAMPLES, sample
from synthetic import posed, random_motion


def test_a_standing_person_faces_z_with_the_left_at_x():
    joints = posed(root=np.array([(0.0, 0.92, 0.0)])).joints
    assert heading(joints).tolist() == [0]
    v = across(joints)[0]
    assert v[0] < 0  # from left to right
    assert v[1] == 0


@given(yaw=st.floats(-3.1, 3.1))
def test_heading_is_the_angle_turned_to_the_left(yaw):
    joints = posed(pelvis_Y=np.array([np.degrees(yaw)])).joints
    assert heading(joints)[0] == pytest.approx(yaw, abs=1e-6)


@pytest.mark.parametrize("turns", [-3, -0.5, 0.25, 1, 5])
def test_a_spin_is_unwrapped(turns):
    t = np.linspace(0, 1, 120)
    np.testing.assert_allclose(heading(posed(pelvis_Y=360 * turns * t).joints), 2 * np.pi * turns * t, atol=1e-5)


@given(seed=st.integers(0, 500), yaw=st.floats(-3, 3))
def test_turning_the_clip_adds_to_the_heading(seed, yaw):
    m = random_motion(seed=seed, n_frames=20, bend=0.2)
    gap = heading(transform(m, yaw, (3, 1, -2)).joints) - heading(m.joints) - yaw
    np.testing.assert_allclose(gap, 2 * np.pi * np.round(gap[0] / (2 * np.pi)), atol=1e-4)


def test_twisting_the_trunk_counts_half():
    """Hips and shoulders count together."""
    joints = posed(spine1_Y=np.array([40.0])).joints
    assert 0.3 * 40 < np.degrees(heading(joints)[0]) < 0.8 * 40


def test_bending_and_leaning_do_not_turn():
    t = np.linspace(0, 1, 50)
    joints = posed(pelvis_X=70 * t, left_hip_X=-90 * t, right_shoulder_Z=-80 * t).joints
    assert np.abs(np.degrees(heading(joints))).max() < 0.01


def test_while_lying_on_the_side_the_facing_is_taken_over():
    t = np.linspace(0, 1, 61)
    roll = 90 * np.clip(3 * t, 0, 1) * np.clip(3 * (1 - t), 0, 1)  # onto the side and up again
    joints = posed(pelvis_YZ=np.stack([30 + 0 * t, roll], axis=1)).joints
    assert np.degrees(heading(joints)) == pytest.approx(30, abs=2)


def test_who_always_lies_on_the_side_faces_z_by_definition():
    joints = posed(pelvis_Z=np.full(10, 90.0)).joints
    assert heading(joints).tolist() == [0] * 10


@pytest.mark.parametrize("name", SAMPLES)
def test_the_initial_frame_is_the_canonical_clip(name):
    m = transform(sample(name), 2.2, (4, 0.3, -5))
    body = in_initial_frame(m.joints)
    np.testing.assert_allclose(body, canonicalise(m).joints, atol=1e-5)
    assert heading(body)[0] == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(body[0, 0, [0, 2]], 0, atol=1e-9)
    assert body[..., 1].min() == 0


def test_the_joints_given_are_not_changed():
    joints = random_motion(n_frames=10).joints
    before = joints.copy()
    heading(joints), in_initial_frame(joints), across(joints)
    np.testing.assert_array_equal(joints, before)
