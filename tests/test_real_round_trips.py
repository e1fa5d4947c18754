"""Every real BVH, brought to 22 joints and written as BVH, gives the same 22 joints back."""

from pathlib import Path

import numpy as np
import pytest

import kinelang
from kinelang.formats import list_motion_files
from kinelang.motion.skeletons import SMPL22_JOINTS
from shared_data import shared

ARCHIVES = ("cmu_bvh.zip", "cmu_dance_bvh.zip", "bandai1_bvh.zip")


def gap_after_writing(path: str, folder: Path) -> float:
    """Mean distance in metres between the 22 joints before and after writing and reading."""
    body = kinelang.retarget(kinelang.load(path))
    kinelang.save(body, folder / "out.bvh")
    again = kinelang.load(folder / "out.bvh")
    assert again.fps == body.fps
    order = [again.skeleton.index(j) for j in SMPL22_JOINTS]
    return float(np.linalg.norm(again.joints[:, order] - body.joints, axis=-1).mean())


@pytest.mark.parametrize("archive", ARCHIVES)
def test_a_few_files_come_back_on_22_joints(archive: str, tmp_path: Path) -> None:
    for path in list_motion_files(shared(archive))[::40]:
        assert gap_after_writing(path, tmp_path) < 0.001, path


@pytest.mark.slow
@pytest.mark.parametrize("archive", ARCHIVES)
def test_every_file_comes_back_on_22_joints(archive: str, tmp_path: Path) -> None:
    gaps = {path: gap_after_writing(path, tmp_path) for path in list_motion_files(shared(archive))}
    worst = max(gaps, key=lambda path: gaps[path])
    print(f"{archive}: {len(gaps)} files, worst mean error {1000 * gaps[worst]:.5f} mm ({worst})")
    assert gaps[worst] < 0.001
