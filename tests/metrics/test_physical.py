"""Measures of physical plausibility on motions whose figures are known by construction."""

import numpy as np
import pytest

from kinelang.errors import KinelangError
from kinelang.metrics.physical import (
    PARENTS,
    PHYSICAL,
    acceleration,
    at_seams,
    bone_variation,
    floating_cm,
    jerk,
    peak_jerk,
    penetration_cm,
    skating_ratio,
    weighted_skating,
)
from kinelang.motion.samples import sample
from kinelang.motion.skeletons import SMPL22

FPS = 20.0
REST = SMPL22.rest_positions.astype(float)
REST = REST - (0, REST[:, 1].min(), 0)  # toes of one foot on the ground, the other foot's a little higher


def standing(n=40, path=None):
    """The rest pose, moved along a path (T, 3)."""
    path = np.zeros((n, 3)) if path is None else np.asarray(path, dtype=float)
    return REST + path[:, None]


def gliding(speed_m_s, n=40, fps=FPS, up=0.0):
    t = np.arange(n) / fps
    return standing(path=np.stack([speed_m_s * t, 0 * t + up, 0 * t], axis=1))


def published_skating_ratio(joints):
    """Guided Motion Diffusion's, frame by frame."""
    toes = joints[:, [10, 11]]
    speed = np.array([[np.hypot(*(toes[t + 1, f] - toes[t, f])[[0, 2]]) * 20 for f in range(2)] for t in range(len(toes) - 1)])
    padded = np.pad(speed, ((2, 2), (0, 0)))
    hits = 0
    for t in range(len(speed)):
        around = padded[t : t + 5].mean(axis=0)
        hits += any(max(toes[t, f, 1], toes[t + 1, f, 1]) < 0.05 and speed[t, f] > 0.5 and around[f] > 0.5 for f in range(2))
    return hits / len(speed)


def test_the_tree_is_that_of_the_skeleton():
    assert SMPL22.parents == PARENTS


@pytest.mark.parametrize("name", PHYSICAL)
def test_standing_still_is_perfect(name):
    assert PHYSICAL[name].measure(standing(), FPS) == pytest.approx(0, abs=1e-9)


def test_skating_ratio_as_published():
    rng = np.random.default_rng(0)
    for _ in range(20):
        joints = REST + 0.03 * np.cumsum(rng.normal(size=(60, 22, 3)), axis=0) * (1, 0.3, 1)
        assert skating_ratio(joints, 20) == pytest.approx(published_skating_ratio(joints))


def test_a_foot_that_glides_on_the_ground_skates_and_one_in_the_air_does_not():
    assert skating_ratio(gliding(0.4), FPS) == 0  # slower than 0.5 m/s
    assert skating_ratio(gliding(1.0), FPS) == pytest.approx(1.0)  # the window's zeros beyond the ends leave 0.6 m/s
    assert skating_ratio(gliding(0.6), FPS) == pytest.approx(35 / 39)
    assert skating_ratio(gliding(1.0, up=0.06), FPS) == 0
    assert skating_ratio(gliding(1.0, up=0.06), FPS, ground_m=0.06) == pytest.approx(1.0)
    assert skating_ratio(gliding(1.0, 240, fps=120), 120) > 0.95


def test_weighted_skating_is_the_speed_on_the_ground_and_nothing_from_its_height_on():
    low = gliding(0.3)
    low[:, [10, 11], 1] = 0
    assert weighted_skating(low, FPS) == pytest.approx(30)
    low[:, [10, 11], 1] = 0.0125
    assert weighted_skating(low, FPS) == pytest.approx(30 * (2 - np.sqrt(2)))
    low[:, [10, 11], 1] = 0.025
    assert weighted_skating(low, FPS) == pytest.approx(0)
    low[:, 10, 1] = -0.02  # below the ground counts as on it; the mean is over both feet
    assert weighted_skating(low, FPS) == pytest.approx(15)


def test_depth_and_height_are_those_of_the_lowest_joint():
    half = np.where(np.arange(40) < 20, 0.0, -0.04)
    path = np.stack([0 * half, half, 0 * half], axis=1)
    assert penetration_cm(standing(path=path)) == pytest.approx(2)
    assert penetration_cm(standing(path=path), ground_m=-0.04) == 0
    assert floating_cm(standing(path=path)) == 0
    assert floating_cm(standing(path=-4 * path)) == pytest.approx(0.5 * (16 - 5))
    assert floating_cm(standing(path=-4 * path), from_m=0) == pytest.approx(8)


def test_derivatives_of_polynomials():
    t = np.arange(40) / FPS
    cubic = standing(path=np.stack([t**3, 0 * t, 0 * t], axis=1))
    assert jerk(cubic, FPS) == pytest.approx(6)
    assert peak_jerk(cubic, FPS) == pytest.approx(6)
    assert acceleration(standing(path=np.stack([0 * t, 2 * t**2, 0 * t], axis=1)), FPS) == pytest.approx(4)
    wave = gliding(0.0)
    wave[20, 5, 0] += 0.01  # one frame out of place: differences 1, -3, 3, -1
    assert peak_jerk(wave, FPS) == pytest.approx(3 * 0.01 * FPS**3)
    assert jerk(wave, FPS) == pytest.approx(8 * 0.01 * FPS**3 / 37 / 22)


def test_a_jump_in_place_shows_at_its_seam_alone():
    joints = gliding(1.0)
    joints[25:] += (0.1, 0, 0)
    here, before, after = at_seams(joints, FPS, (25, 15, 35))
    assert here.frame == 25
    assert here.speed_m_s == pytest.approx(1 + 0.1 * FPS)
    assert here.acceleration_m_s2 == pytest.approx(0.1 * FPS**2)
    assert here.jerk_m_s3 == pytest.approx(2 * 0.1 * FPS**3)
    for elsewhere in (before, after):
        assert elsewhere.speed_m_s == pytest.approx(1)
        assert elsewhere.acceleration_m_s2 == pytest.approx(0, abs=1e-9)
    assert len(at_seams(joints, FPS, range(1, 40))) == 39
    for frame in (0, 40):
        with pytest.raises(KinelangError, match="1 to 39"):
            at_seams(joints, FPS, (frame,))


def test_bones_that_stretch():
    joints = standing()
    assert bone_variation(sample("walk_forward").joints) < 0.01
    longer = np.where(np.arange(40) % 2, 1.05, 0.95)[:, None]
    joints[:, 15] = joints[:, 12] + longer * (joints[:, 15] - joints[:, 12])  # the neck to the head, a leaf of the tree
    assert bone_variation(joints) == pytest.approx(5 / 21)
    with pytest.raises(KinelangError, match="without length"):
        bone_variation(np.zeros((3, 22, 3)))


@pytest.mark.parametrize("name", PHYSICAL)
def test_turning_the_figure_and_swapping_its_clips_changes_nothing(name):
    rng = np.random.default_rng(3)
    joints = REST + 0.02 * np.cumsum(rng.normal(size=(50, 22, 3)), axis=0)
    turned = joints @ np.array([(0, 0, 1), (0, 1, 0), (-1, 0, 0)])
    assert PHYSICAL[name].measure(turned, FPS) == pytest.approx(PHYSICAL[name].measure(joints, FPS))
    clips = [(joints, FPS), (0.5 * joints, FPS), (gliding(0.8), FPS)]
    one, other = PHYSICAL[name].over(clips, ["a", "a", "b"]), PHYSICAL[name].over(clips[::-1], ["b", "a", "a"])
    assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high))


@pytest.mark.parametrize("name", PHYSICAL)
def test_noise_makes_it_worse(name):
    walk = sample("walk_forward", fps=FPS).joints.astype(float)
    walk -= (0, walk[..., 1].min(), 0)
    noisy = walk + 0.05 * np.random.default_rng(1).normal(size=walk.shape)
    if name == "floating":
        noisy = walk + np.array((0, 0.1, 0))
    assert PHYSICAL[name].measure(noisy, FPS) > PHYSICAL[name].measure(walk, FPS)


def test_the_mean_has_an_interval_over_groups():
    clips = [(gliding(v), FPS) for v in (0.1, 0.2, 0.3, 0.4)]
    found = PHYSICAL["weighted skating"].over(clips)
    each = [weighted_skating(joints, fps) for joints, fps in clips]
    assert found.value == pytest.approx(np.mean(each))
    assert min(each) <= found.low < found.value < found.high <= max(each)
    with pytest.raises(KinelangError, match="no motion"):
        PHYSICAL["jerk"].over([])


@pytest.mark.parametrize("name", PHYSICAL)
@pytest.mark.parametrize("joints", [np.zeros((40, 21, 3)), np.zeros((0, 22, 3)), np.full((40, 22, 3), np.nan)])
def test_what_is_no_motion_is_refused(name, joints):
    with pytest.raises(KinelangError, match="joints"):
        PHYSICAL[name].measure(joints, FPS)
