"""The 26 angles against motions whose angles are known by construction."""

import numpy as np
import pytest

from kinelang.errors import MotionError
from kinelang.motion.angles import ANGLES, GROUPS, joint_angles
from kinelang.motion.ops import transform
from kinelang.motion.reflection import mirror
from synthetic import posed, random_motion

KEYS = [a.key for a in ANGLES]
RAMP = np.linspace(0, 1, 60)


def measured(motion):
    """Angles by key, degrees."""
    return dict(zip(KEYS, np.degrees(joint_angles(motion.joints)).T, strict=True))


def test_there_are_26_angles_in_13_groups():
    assert len(ANGLES) == len(set(KEYS)) == 26
    assert len(GROUPS) == 13
    assert list(dict.fromkeys(a.group for a in ANGLES)) == list(GROUPS)
    for a in ANGLES:
        partner = ANGLES[KEYS.index(a.mirror)]
        assert partner.mirror == a.key
        assert partner.sign == a.sign


def test_at_rest_all_angles_are_zero():
    rest = measured(posed(left_hip_X=np.zeros(3)))
    for key, values in rest.items():
        np.testing.assert_allclose(values, 0, atol=1e-3, err_msg=key)


# One row a movement: the joints turned, and which angle must follow which course (degrees at the end of a straight ramp).
MOVEMENTS = [
    ({"right_hip_X": -70}, {"hip_flexion_r": 70}),
    ({"left_hip_X": 25}, {"hip_flexion_l": -25}),
    ({"right_hip_Z": -35}, {"hip_adduction_r": -35}),
    ({"left_hip_Z": 35}, {"hip_adduction_l": -35}),
    ({"right_knee_X": 100}, {"knee_angle_r": 100}),
    ({"left_knee_X": 60}, {"knee_angle_l": 60}),
    ({"right_ankle_X": 30}, {"ankle_angle_r": 30}),
    ({"left_ankle_X": -20}, {"ankle_angle_l": -20}),
    ({"right_shoulder_X": -150}, {"arm_flex_r": 150}),
    ({"left_shoulder_X": 50}, {"arm_flex_l": -50}),
    ({"right_shoulder_Z": -60}, {"arm_add_r": -60}),
    ({"left_shoulder_Z": 60}, {"arm_add_l": -60}),
    ({"left_elbow_X": -120}, {"elbow_flex_l": 120}),
    ({"right_elbow_X": -90}, {"elbow_flex_r": 90}),
    ({"pelvis_Y": 90}, {"pelvis_rotation": 90}),
    ({"pelvis_X": 40}, {"pelvis_tilt": -40}),
    ({"pelvis_Z": -20}, {"pelvis_list": -20}),
    ({"neck_X": 30}, {"neck_flexion": 30}),
    ({"neck_Z": -25}, {"neck_bending": -25}),
    ({"spine3_Y": 35}, {"lumbar_rotation": 35}),
]


@pytest.mark.parametrize(("turns", "expected"), MOVEMENTS, ids=[next(iter(e)) + str(next(iter(e.values()))) for _, e in MOVEMENTS])
@pytest.mark.parametrize("yaw", [0.0, 2.5])
def test_a_known_angle_is_recovered_to_a_tenth_of_a_degree(turns, expected, yaw):
    motion = posed(**{joint: degrees * RAMP for joint, degrees in turns.items()})
    got = measured(transform(motion, yaw=yaw, shift=(3, 0, 1)))
    for key, degrees in expected.items():
        start = np.degrees(yaw) if key == "pelvis_rotation" else 0
        np.testing.assert_allclose(got[key], start + degrees * RAMP, atol=0.1, err_msg=key)
    moved = {key for key, values in got.items() if np.ptp(values) > 0.5}
    assert moved == set(expected), "nothing else moves"


@pytest.mark.parametrize(("side", "sign"), [("right", 1), ("left", -1)])
def test_axial_rotations_of_bent_limbs(side, sign):
    letter = side[0]
    inward = 40 * RAMP  # right: to the left, about -Y downwards bones turn the other way
    leg = posed(**{f"{side}_hip_Y": sign * inward, f"{side}_knee_X": 90 + 0 * RAMP})
    np.testing.assert_allclose(measured(leg)[f"hip_rotation_{letter}"], inward, atol=0.1)
    arm = posed(**{f"{side}_shoulder_Y": sign * inward, f"{side}_elbow_X": -90 + 0 * RAMP})
    np.testing.assert_allclose(measured(arm)[f"arm_rot_{letter}"], inward, atol=0.1)


def test_trunk_leaning_and_bending():
    """The whole trunk turned at its lowest joint leans by slightly less than the joint turns, as the pelvis stays."""
    for order, key, sign in (("X", "lumbar_extension", -1), ("Z", "lumbar_bending", 1)):
        got = measured(posed(**{f"spine1_{order}": 40 * RAMP}))[key]
        assert sign * got[-1] == pytest.approx(40 * 0.39 / 0.51, abs=4)
        assert (np.diff(sign * got) > 0).all()


def test_leaning_is_leaning_whichever_way_the_person_has_turned():
    """A quarter turn and then a bow: tilt must move, list must not (the published order of the angles would swap them)."""
    got = measured(posed(pelvis_YX=np.stack([90 + 0 * RAMP, 45 * RAMP], axis=1)))
    np.testing.assert_allclose(got["pelvis_tilt"], -45 * RAMP, atol=0.1)
    np.testing.assert_allclose(got["pelvis_list"], 0, atol=0.1)


def test_a_shrug_is_no_twist():
    motion = posed(right_collar_Z=-20 * RAMP)
    assert np.ptp(measured(motion)["lumbar_rotation"]) < 0.5


def test_full_turns_and_overhead_arms_do_not_wrap():
    turning = measured(posed(pelvis_Y=540 * RAMP))["pelvis_rotation"]
    np.testing.assert_allclose(turning, 540 * RAMP, atol=0.1)
    up_and_back = measured(posed(right_shoulder_X=-220 * RAMP))["arm_flex_r"]
    np.testing.assert_allclose(up_and_back, 220 * RAMP, atol=0.1)


def test_arms_through_the_side_stay_in_anatomical_range():
    """Raised sideways until beside the head, flexion is undefined on the way and must not wind up full turns."""
    angle = 175 * np.sin(np.pi * RAMP)
    got = measured(posed(left_shoulder_ZX=np.stack([angle, 8 * np.sin(40 * RAMP)], axis=1)))["arm_flex_l"]
    assert got.min() > -95
    assert got.max() < 275


@pytest.mark.parametrize("seed", range(5))
def test_mirroring_swaps_sides(seed):
    motion = random_motion(seed=seed)
    plain, swapped = joint_angles(motion.joints), joint_angles(mirror(motion.with_(positions=motion.joints)).joints)
    for i, a in enumerate(ANGLES):
        np.testing.assert_allclose(swapped[:, KEYS.index(a.mirror)], a.sign * plain[:, i], atol=1e-13, err_msg=a.key)


def test_reversing_time_reverses_the_angles():
    joints = random_motion(seed=7).joints
    there, back = joint_angles(joints), joint_angles(joints[::-1])[::-1]
    turns = (there - back) / (2 * np.pi)
    np.testing.assert_allclose(turns, np.round(turns[0])[None] + 0 * turns, atol=1e-9)


@pytest.mark.parametrize("shape", [(5, 21, 3), (22, 3), (2, 5, 22, 3)])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(MotionError, match="22, 3"):
        joint_angles(np.zeros(shape))


def test_one_frame_and_a_collapsed_figure_give_finite_angles():
    assert np.isfinite(joint_angles(random_motion(n_frames=1).joints)).all()
    assert np.isfinite(joint_angles(np.zeros((4, 22, 3)))).all()
