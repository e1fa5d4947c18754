"""From positions to a BVH that other programs open: rotations are fitted, and it is said how well."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import kinelang
from kinelang.cli.app import app
from kinelang.motion.ops import resample, transform
from kinelang.motion.samples import sample
from kinelang.motion.skeletons import SMPL22_JOINTS


@pytest.mark.parametrize("name", ["walk_forward", "turn_left"])
@pytest.mark.parametrize("yaw", [0.0, np.pi, 2.0])
def test_joint_positions_become_a_bvh(tmp_path: Path, name: str, yaw: float) -> None:
    motion = transform(resample(sample(name), 20), yaw=yaw)
    kinelang.save(motion, tmp_path / "in.npy")
    done = CliRunner().invoke(app, ["convert", str(tmp_path / "in.npy"), str(tmp_path / "out.bvh")])
    assert done.exit_code == 0, done.output
    assert "rotations fitted to the positions of 22 joints" in done.output
    again = kinelang.load(tmp_path / "out.bvh")
    order = [again.skeleton.index(j) for j in SMPL22_JOINTS]
    assert np.linalg.norm(again.joints[:, order] - motion.joints, axis=-1).mean() < 0.005
