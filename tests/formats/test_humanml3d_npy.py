from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from format_samples import npy_bytes, positions_only, source_of, walk

from kinelang.errors import FormatError, KinelangError
from kinelang.formats import load, save
from kinelang.formats.base import ReadOptions
from kinelang.formats.humanml3d_npy import KIT_LEG_M, read
from kinelang.motion.features import encode
from kinelang.motion.motion import Motion
from kinelang.motion.scale import leg_length


def load_array(array: np.ndarray, **options: object) -> Motion:
    return read(source_of(npy_bytes(array), "000001.npy"), ReadOptions(**options))


@pytest.mark.parametrize(("skeleton", "fps"), [("smpl22", 20), ("smpl24", 20), ("smplh52", 20), ("kit21", 12.5)])
def test_joints_come_back(skeleton: str, fps: float, tmp_path: Path) -> None:
    motion = walk(skeleton, fps=fps)
    save(motion, tmp_path / "a.npy")
    first = load(tmp_path / "a.npy")
    assert (first.skeleton.name, first.fps) == (skeleton, fps)
    assert not first.has_rotations
    if skeleton != "kit21":
        np.testing.assert_array_equal(first.joints, motion.joints)
    save(first, tmp_path / "b.npy")  # KIT is scaled on reading, once
    np.testing.assert_allclose(load(tmp_path / "b.npy").joints, first.joints, atol=2e-6)


@pytest.mark.parametrize("scale", [1.0, 640.0, 1000.0, 333.0])
def test_kit_is_scaled_to_its_reference_figure_whatever_its_unit(scale: float) -> None:
    motion = walk("kit21", fps=12.5)
    found = load_array(motion.joints * np.float32(scale))
    assert leg_length(found.joints, found.skeleton) == pytest.approx(KIT_LEG_M, rel=1e-4)
    assert any("not documented" in n for n in found.notes)
    assert any("left and right" in n for n in found.notes)
    given = load_array(motion.joints * np.float32(1000), unit="mm")
    np.testing.assert_allclose(given.joints, motion.joints, atol=1e-5)
    assert not any("not documented" in n for n in given.notes)


def test_features_decode_to_the_motion_they_came_from() -> None:
    joints = walk(frames=40).joints.astype(np.float64)
    features = encode(joints, uniform_skeleton=False)
    found = load_array(features.astype(np.float32))
    assert (found.n_frames, found.fps) == (39, 20)
    distances = [np.linalg.norm(np.diff(j[:39], axis=1), axis=-1) for j in (found.joints.astype(np.float64), joints)]
    np.testing.assert_allclose(distances[0], distances[1], atol=1e-4)


def test_features_are_written_and_read(tmp_path: Path) -> None:
    save(walk(frames=40), tmp_path / "a.npy", content="features")
    assert np.load(tmp_path / "a.npy").shape == (39, 263)
    assert load(tmp_path / "a.npy").n_frames == 39
    save(walk("kit21", 40, 12.5), tmp_path / "k.npy", content="features")
    assert np.load(tmp_path / "k.npy").shape == (39, 251)
    assert leg_length(load(tmp_path / "k.npy").joints, walk("kit21").skeleton) == pytest.approx(KIT_LEG_M, rel=1e-3)


def test_any_figure_is_written_as_22_joints(tmp_path: Path) -> None:
    save(walk("cmu_daz"), tmp_path / "a.npy")
    assert np.load(tmp_path / "a.npy").shape == (24, 22, 3)


def test_conventions_are_reported_and_can_be_overridden() -> None:
    joints = walk().joints
    found = load_array(joints)
    assert any("20 taken, as HumanML3D" in n for n in found.notes)
    assert load_array(joints, fps=30).fps == 30
    np.testing.assert_allclose(load_array(joints * 100).joints, joints, atol=1e-5)
    z_up = joints[..., [0, 2, 1]] * np.float32([1, -1, 1])
    np.testing.assert_allclose(load_array(z_up, up="z").joints, joints, atol=1e-5)
    assert any("--up z" in n for n in load_array(z_up).notes)


@pytest.mark.parametrize(
    ("array", "part"),
    [
        (np.zeros((10, 23, 3)), "(10, 23, 3)"),
        (np.zeros((10, 262)), "(10, 262)"),
        (np.zeros((2, 10, 22, 3)), "time first"),
        (np.zeros(263), "(263,)"),
        (np.zeros((0, 22, 3)), "empty"),
        (np.zeros((5, 22, 3)), "--unit"),
        (np.zeros((5, 21, 3)), "--unit"),
        (np.full((5, 22, 3), np.nan), "nan"),
        (np.full((5, 22, 3), np.inf), "inf"),
        (np.array([["x"] * 263]), "numbers"),
        (np.ones((5, 22, 3), complex), "dtype"),
        (np.random.default_rng(0).normal(size=(30, 263)), "Std"),
    ],
)
def test_what_is_no_motion(array: np.ndarray, part: str) -> None:
    with pytest.raises(FormatError) as error:
        load_array(array)
    assert part in str(error.value)


def test_pickled_arrays_are_never_opened() -> None:
    with pytest.raises(FormatError, match="pickled"):
        load_array(np.array([{"motion": 1}], dtype=object))


def test_frame_rates_that_readers_would_misread_are_an_error(tmp_path: Path) -> None:
    for motion, rate in ((walk(fps=30), "20"), (walk("kit21", fps=20), "12.5")):
        with pytest.raises(FormatError, match=f"resample.*--fps {rate}"):
            save(motion, tmp_path / "a.npy")
    with pytest.raises(FormatError, match="'joints' or 'features'"):
        save(walk(), tmp_path / "a.npy", content="words")
    with pytest.raises(KinelangError, match="features are defined on"):
        save(positions_only(walk("smpl24")), tmp_path / "a.npy", content="features")
    assert not list(tmp_path.iterdir())
