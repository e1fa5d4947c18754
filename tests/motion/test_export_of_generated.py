"""Motions as generators give them, 22 free joints whose bones change their length, go through BVH with true joint rotations."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from kinelang.corpora import open_corpus
from kinelang.formats import load, save
from kinelang.motion.kinematics import forward_kinematics
from kinelang.motion.motion import Motion
from kinelang.motion.ops import transform
from kinelang.motion.planting import plant
from kinelang.motion.retargeting import retarget
from kinelang.motion.rotations import axis_angle_to_quat, quat_conjugate, quat_multiply, quat_rotate, quat_to_rotvec
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline import perform, random_timeline
from shared_data import shared

BONES, JITTER_M = 0.03, 0.01
SEEDS = range(8)


def smooth(shape, fps, rng):
    """Noise of variance 1 that changes over about 0.1 s."""
    noise = gaussian_filter1d(rng.normal(size=(shape[0] + 40, *shape[1:])), 0.1 * fps, axis=0)[20 : 20 + shape[0]]
    return noise / noise.std()


def generated_like(motion, seed=0):
    """The motion's joints with bones of changing length, 3 %, and each joint wandering by 1 cm; without rotations."""
    rng = np.random.default_rng(seed)
    joints = motion.joints.astype(float)
    stretch = 1 + BONES * smooth(joints.shape[:2], motion.fps, rng)
    out = joints.copy()
    for j, parent in enumerate(SMPL22.parents):
        if j:
            out[:, j] = out[:, parent] + stretch[:, j, None] * (joints[:, j] - joints[:, parent])
    return Motion(SMPL22, motion.fps, positions=out + JITTER_M / np.sqrt(3) * smooth(joints.shape, motion.fps, rng), name=motion.name)


def turned(motion, how):
    joints = motion.joints.astype(float)
    if how == "facing away":
        return transform(motion, yaw=np.pi)
    if how == "spinning":
        return motion.with_(positions=quat_rotate(axis_angle_to_quat("Y", np.pi * motion.times_s)[:, None], joints))
    if how == "lying":
        return motion.with_(positions=quat_rotate(axis_angle_to_quat("X", -np.pi / 2), joints))
    return motion


def performed(seed):
    return perform(random_timeline(seed), seed)


def reread(motion, path):
    """What another program finds in the file that is saved of a motion."""
    save(retarget(motion), path)
    again = load(path, up="y", unit="cm")  # a walk laid on its back goes up a wall: nothing says which axis is up
    order = [again.skeleton.index(name) for name in SMPL22.joint_names]
    world = forward_kinematics(again.rotations, again.root, again.skeleton.offsets, again.skeleton.parents)[1]
    return again, again.joints[:, order], world[:, order]


def assert_near(joints, motion):
    gap = np.linalg.norm(joints - motion.joints, axis=-1)
    assert gap.mean() < 0.015
    assert np.percentile(gap, 95) < 0.03
    assert gap.max() < 0.1


@pytest.mark.parametrize("how", ["as it is", "facing away", "spinning", "lying"])
@pytest.mark.parametrize("seed", SEEDS)
def test_joints_of_the_file_are_those_that_were_generated(seed, how, tmp_path):
    motion = turned(generated_like(performed(seed), seed), how)
    again, joints, _ = reread(motion, tmp_path / "x.bvh")
    assert_near(joints, motion)
    assert again.translations is None  # one rigid skeleton, turned by its joints alone
    assert again.fps == pytest.approx(motion.fps)


@pytest.mark.parametrize("how", ["as it is", "facing away", "spinning", "lying"])
def test_turning_the_figure_does_not_change_how_well_it_is_exported(how, tmp_path):
    motion = generated_like(performed(3), 3)
    straight = reread(motion, tmp_path / "a.bvh")[1] - motion.joints
    other = turned(motion, how)
    gap = reread(other, tmp_path / "b.bvh")[1] - other.joints
    assert np.linalg.norm(gap, axis=-1) == pytest.approx(np.linalg.norm(straight, axis=-1), abs=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_rotations_of_the_file_are_those_of_the_body(seed, tmp_path):
    """The performance has true rotations; noise of a centimetre on a hip that is 12 cm wide turns it by some degrees."""
    truth = performed(seed)
    true_world = forward_kinematics(truth.rotations, truth.root, truth.skeleton.offsets, truth.skeleton.parents)[1]
    _, _, world = reread(generated_like(truth, seed), tmp_path / "x.bvh")
    off = np.degrees(np.linalg.norm(quat_to_rotvec(quat_multiply(quat_conjugate(true_world), world)), axis=-1))
    trunk = [SMPL22.index(name) for name in ("pelvis", "spine3")]
    assert np.median(off[:, trunk]) < 10
    legs = [SMPL22.index(f"{side}_{joint}") for side in ("left", "right") for joint in ("hip", "knee")]
    bent = np.median(off[:, legs])
    assert bent < 25  # the twist of a straight leg cannot be seen


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rigid_performance_comes_back_exactly(seed, tmp_path):
    truth = performed(seed)
    motion = Motion(SMPL22, truth.fps, positions=truth.joints)
    _, joints, _ = reread(motion, tmp_path / "x.bvh")
    assert np.linalg.norm(joints - motion.joints, axis=-1).max() < 1e-3


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_rotations_change_as_smoothly_as_the_joints(seed, tmp_path):
    """No joint flips over from one frame to the next."""
    again, _, _ = reread(generated_like(performed(seed), seed), tmp_path / "x.bvh")
    step = quat_multiply(quat_conjugate(again.rotations[:-1]), again.rotations[1:])
    assert np.degrees(np.linalg.norm(quat_to_rotvec(step), axis=-1)).max() < 120


def test_a_second_round_trip_changes_nothing(tmp_path):
    motion = generated_like(performed(5), 5)
    once, joints, _ = reread(motion, tmp_path / "a.bvh")
    save(once, tmp_path / "b.bvh")
    twice = load(tmp_path / "b.bvh", up="y", unit="cm")
    assert twice.skeleton.joint_names == once.skeleton.joint_names
    assert np.abs(twice.joints - once.joints).max() < 1e-4
    assert np.isfinite(joints).all()


def test_real_motions_with_noise(tmp_path):
    shared("cmu_captions.json")
    for seed, record in enumerate(list(open_corpus("cmu", shared("cmu_captions.json").parent).records("val"))[::3]):
        motion = generated_like(record.motion(), seed)
        for how in ("as it is", "facing away"):
            assert_near(reread(turned(motion, how), tmp_path / "x.bvh")[1], turned(motion, how))


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_a_motion_that_was_planted_is_exported_as_well(seed, tmp_path):
    """Planting turns the rotations that were fitted before it along with the legs."""
    motion, _ = plant(retarget(generated_like(performed(seed), seed)))
    _, joints, _ = reread(motion, tmp_path / "x.bvh")
    assert_near(joints, motion)
