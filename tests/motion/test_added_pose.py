import numpy as np
import pytest

from kinelang import describe, load
from kinelang.motion.added_pose import without_added_t_pose
from kinelang.motion.motion import Motion
from kinelang.motion.skeletons import CMU_DAZ, SMPL22
from shared_data import shared
from synthetic import random_motion


def with_t_pose(motion: Motion) -> Motion:
    """A T-pose at the origin before the motion, as the converter puts it."""
    rest = np.zeros_like(motion.rotations[:1])
    rest[..., 0] = 1
    return motion.with_(rotations=np.concatenate([rest, motion.rotations]), root=np.concatenate([motion.root[:1], motion.root]))


def test_the_t_pose_and_its_easing_are_left_out_and_times_kept():
    motion = random_motion(CMU_DAZ, n_frames=60, fps=120)
    mended = without_added_t_pose(with_t_pose(motion))
    assert mended.n_frames == motion.n_frames
    np.testing.assert_array_equal(mended.joints[5:], motion.joints[5:])
    assert (mended.joints[:5] == mended.joints[5]).all()
    assert "T-pose" in mended.notes[-1]


@pytest.mark.parametrize("motion", [random_motion(CMU_DAZ), random_motion(SMPL22), with_t_pose(random_motion(SMPL22))])
def test_other_motions_stay_as_they_are(motion):
    assert without_added_t_pose(motion) is motion


def test_facing_is_the_persons_not_the_t_poses():
    motion = random_motion(CMU_DAZ, n_frames=200, fps=120, seed=3)
    plain, with_pose = describe(motion), describe(with_t_pose(motion))
    assert with_pose.travel.turn_deg == pytest.approx(plain.travel.turn_deg, abs=6)
    assert with_pose.duration_s == plain.duration_s


def test_every_cmu_file_begins_so():
    archive = shared("cmu_bvh.zip")
    for trial in ("01_01", "06_10", "14_33"):
        motion = load(f"{archive}/{trial}.bvh")
        mended = without_added_t_pose(motion)
        assert mended.n_frames == motion.n_frames - 1
        change = np.abs(np.diff(mended.rotations[:12], axis=0)).max()
        assert change < 0.06, "no easing is left"
