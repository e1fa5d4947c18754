"""Real recordings: each reads without flags, is a person of human size with the head up, and survives writing and reading."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from kinelang.formats import list_motion_files, load, save
from kinelang.motion.features import decode
from kinelang.motion.motion import Motion
from kinelang.motion.scale import leg_length, stands_along
from shared_data import shared

ARCHIVES = {
    "cmu_bvh.zip": (133, "cmu_daz", {120.0}),
    "cmu_dance_bvh.zip": (40, "cmu_daz", {60.0, 120.0}),
    "bandai1_bvh.zip": (174, "bandai", {30.0}),
}


def check(path: str, tmp_path: Path, skeleton: str, rates: set[float]) -> Motion:
    motion = load(path)
    assert motion.skeleton.name == skeleton
    assert motion.fps in rates
    assert any("centimetres inferred" in n for n in motion.notes)
    assert 0.75 < leg_length(motion.joints[::20], motion.skeleton) < 0.95
    assert stands_along(motion) == "y"
    save(motion, tmp_path / "a.bvh")
    again = load(tmp_path / "a.bvh")
    assert again.skeleton.joint_names == motion.skeleton.joint_names
    assert again.skeleton.end_sites == motion.skeleton.end_sites
    assert again.fps == motion.fps
    error = np.linalg.norm(again.joints - motion.joints, axis=-1)
    assert error.mean() < 1e-5  # the promise is 1 mm
    assert error.max() < 1e-4
    return motion


@pytest.mark.parametrize("archive", ARCHIVES)
def test_a_few_of_each_archive(archive: str, tmp_path: Path) -> None:
    count, skeleton, rates = ARCHIVES[archive]
    files = list_motion_files(shared(archive))
    assert len(files) == count
    with zipfile.ZipFile(shared(archive)) as opened:
        sizes = {f"{shared(archive)}/{i.filename}": i.file_size for i in opened.infolist()}
    small = sorted(files, key=lambda f: sizes[f])
    for path in small[:: len(small) // 5][:5]:
        check(path, tmp_path, skeleton, rates)


@pytest.mark.slow
@pytest.mark.parametrize("archive", ARCHIVES)
def test_all_of_each_archive(archive: str, tmp_path: Path) -> None:
    _, skeleton, rates = ARCHIVES[archive]
    for path in list_motion_files(shared(archive)):
        check(path, tmp_path, skeleton, rates)


def test_bandai_keeps_the_moving_hips_and_drops_constant_position_channels() -> None:
    """Every joint has position channels; only the hips' say more than the offsets."""
    motion = load(f"{shared('bandai1_bvh.zip')}/{member('bandai1_bvh.zip', 'dataset-1_walk_normal_001.bvh')}")
    assert motion.translations is not None
    moving = np.ptp(motion.translations, axis=0).max(axis=-1) > 1e-4
    assert [motion.skeleton.joint_names[i] for i in np.flatnonzero(moving)] == ["Hips"]


def member(archive: str, name: str) -> str:
    with zipfile.ZipFile(shared(archive)) as opened:
        return next(n for n in opened.namelist() if n.endswith(name))


def test_amc_with_its_skeleton_inside_the_zip() -> None:
    files = list_motion_files(shared("cmu_asfamc.zip"))
    assert len(files) == 25
    motion = load(next(f for f in files if f.endswith("02_01.amc")))
    assert (motion.n_frames, motion.fps, motion.skeleton.name) == (343, 120.0, "cmu_asf")
    assert 0.75 < leg_length(motion.joints, motion.skeleton) < 0.95
    assert stands_along(motion) == "y"


def test_two_readings_of_one_recording_have_the_same_turns_of_the_root() -> None:
    """The converted BVH keeps the root's angles: both readers have to make the same rotation of them, one frame later."""
    amc = load(next(f for f in list_motion_files(shared("cmu_asfamc.zip")) if f.endswith("02_03.amc")))
    bvh = load(next(f for f in list_motion_files(shared("cmu_bvh.zip")) if f.endswith("02_03.bvh")))
    assert bvh.n_frames == amc.n_frames + 1
    dot = np.abs((amc.rotations[6:, 0] * bvh.rotations[7:, 0]).sum(axis=-1))
    np.testing.assert_allclose(dot, 1, atol=1e-6)


def test_the_published_clip_reads_as_joints_and_as_features() -> None:
    joints, features = shared("humanml3d_reference/new_joints_012314.npy"), shared("humanml3d_reference/new_joint_vecs_012314.npy")
    first, second = load(joints), load(features)
    assert first.fps == second.fps == 20
    np.testing.assert_allclose(second.joints[: first.n_frames], first.joints[: second.n_frames], atol=1e-5)
    np.testing.assert_allclose(second.joints, decode(np.load(features)), atol=1e-6)
