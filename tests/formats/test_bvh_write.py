"""Writing BVH: what is written reads back as what it was."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from format_samples import positions_only, tiny_bvh, tiny_table, walk, world
from hypothesis import given, settings
from hypothesis import strategies as st
from test_bvh_read import slow_joints

from kinelang.errors import FormatError, MotionError, SkeletonError
from kinelang.formats import load, save
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import EULER_ORDERS, euler_to_quat
from kinelang.motion.skeletons import SKELETONS

RIGS = ["smpl22", "smpl24", "smplh52", "cmu_daz", "cmu_asf", "mixamo", "lafan1", "bandai"]


def by_name(motion: Motion, names: tuple[str, ...]) -> np.ndarray:
    return motion.joints[:, [motion.skeleton.index(n) for n in names]]


def assert_same(read: Motion, written: Motion, atol: float = 1e-5) -> None:
    assert set(read.skeleton.joint_names) == set(written.skeleton.joint_names)
    assert read.fps == pytest.approx(written.fps, rel=1e-12)
    ends = [{m.skeleton.joint_names[i] for i in m.skeleton.end_sites} for m in (read, written)]
    assert ends[0] == ends[1]
    np.testing.assert_allclose(by_name(read, written.skeleton.joint_names), written.joints, atol=atol)


@pytest.mark.parametrize("rig", RIGS)
def test_every_rig_comes_back(rig: str, tmp_path: Path) -> None:
    motion = walk(rig, fps=29.97)
    save(motion, tmp_path / "a.bvh")
    # The rest poses of LAFAN1 and Bandai-Namco lay all bones along X, so that small angles do not make a standing person of them.
    assert_same(load(tmp_path / "a.bvh", up="y" if rig in ("lafan1", "bandai") else None), motion)


@pytest.mark.parametrize("order", EULER_ORDERS)
@pytest.mark.parametrize("unit", ["m", "cm", "mm", "inch"])
def test_any_order_and_unit(order: str, unit: str, tmp_path: Path) -> None:
    motion = walk(frames=6)
    save(motion, tmp_path / "a.bvh", order=order, unit=unit)
    assert f"CHANNELS 3 {order[0]}rotation {order[1]}rotation" in (tmp_path / "a.bvh").read_text()
    assert_same(load(tmp_path / "a.bvh"), motion)


@given(seed=st.integers(0, 2**20), order=st.sampled_from(EULER_ORDERS), near=st.sampled_from([0.0, 1e-9, 1e-6, 1e-4, 1e-3, 0.1]))
@settings(deadline=None, max_examples=40)
def test_near_gimbal_lock_nothing_is_lost(seed: int, order: str, near: float, tmp_path_factory: pytest.TempPathFactory) -> None:
    generator = np.random.default_rng(seed)
    angles = generator.uniform(-np.pi, np.pi, (5, 22, 3))
    angles[..., 1] = generator.choice([-1, 1], (5, 22)) * (np.pi / 2 - near)
    motion = Motion(SKELETONS["smpl22"], 30, rotations=euler_to_quat(angles, order), root=generator.normal(0, 2, (5, 3)))
    path = tmp_path_factory.mktemp("gimbal") / "a.bvh"
    save(motion, path, order=order)
    assert_same(load(path, up="y"), motion, atol=2e-5)


@given(seed=st.integers(0, 2**20), degrees=st.sampled_from([30.0, 180.0]))
@settings(deadline=None, max_examples=15)
def test_read_write_read_is_the_identity(seed: int, degrees: float, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("twice")
    (folder / "a.bvh").write_text(tiny_bvh(tiny_table(7, seed, degrees)))
    first = load(folder / "a.bvh", up="y")
    save(first, folder / "b.bvh")
    second = load(folder / "b.bvh", up="y")
    assert second.skeleton.joint_names == first.skeleton.joint_names
    assert second.skeleton.parents == first.skeleton.parents
    assert second.skeleton.end_sites == first.skeleton.end_sites
    np.testing.assert_allclose(second.skeleton.offsets, first.skeleton.offsets, atol=1e-7)
    np.testing.assert_allclose(second.joints, first.joints, atol=1e-5)


def test_the_slow_reading_agrees_with_what_is_written(tmp_path: Path) -> None:
    motion = walk("cmu_daz", frames=5)
    save(motion, tmp_path / "a.bvh")
    text = re.sub(r"\s*End Site\s*{\s*OFFSET 0 0 0\s*}", "", (tmp_path / "a.bvh").read_text())
    names, joints = slow_joints(text)
    np.testing.assert_allclose(joints * 0.01, by_name(motion, tuple(names)), atol=1e-5)
    np.testing.assert_allclose(joints * 0.01, world(motion)[:, [motion.skeleton.index(n) for n in names]], atol=1e-5)


def test_joints_that_slide_become_position_channels(tmp_path: Path) -> None:
    motion = walk("cmu_daz", frames=8)
    slid = np.broadcast_to(motion.skeleton.offsets, (8, motion.skeleton.n_joints, 3)).copy()
    moving = [j for j in range(motion.skeleton.n_joints) if j not in motion.skeleton.end_sites]
    slid[:, moving] += np.random.default_rng(0).normal(0, 0.01, (8, len(moving), 3)).astype(np.float32)
    motion = motion.with_(translations=slid)
    save(motion, tmp_path / "a.bvh")
    again = load(tmp_path / "a.bvh")
    assert again.translations is not None
    assert_same(again, motion)


def test_an_end_site_that_slides_is_written_as_a_joint(tmp_path: Path) -> None:
    motion = walk("cmu_daz", frames=4)
    slid = np.broadcast_to(motion.skeleton.offsets, (4, motion.skeleton.n_joints, 3)).copy()
    end = motion.skeleton.index("lFoot_end")
    slid[:, end, 2] += [0, 0.01, 0.02, 0.03]
    motion = motion.with_(translations=slid)
    save(motion, tmp_path / "a.bvh")
    np.testing.assert_allclose(by_name(load(tmp_path / "a.bvh"), motion.skeleton.joint_names), motion.joints, atol=1e-5)


def test_every_chain_ends_in_an_end_site_for_other_programs(tmp_path: Path) -> None:
    save(walk(), tmp_path / "a.bvh")
    text = (tmp_path / "a.bvh").read_text()
    assert text.count("End Site") == 5
    assert text.count("{") == text.count("}") == 22 + 5


def test_angles_have_no_jumps_over_time(tmp_path: Path) -> None:
    angles = np.zeros((100, 22, 3))
    angles[:, 0, 0] = np.linspace(0, 6 * np.pi, 100)
    save(
        Motion(SKELETONS["smpl22"], 30, rotations=euler_to_quat(angles, "YXZ"), root=np.zeros((100, 3))),
        tmp_path / "a.bvh",
        order="YXZ",
    )
    rows = np.array([line.split() for line in (tmp_path / "a.bvh").read_text().split("Frame Time")[1].splitlines()[1:]], float)
    assert np.abs(np.diff(rows, axis=0)).max() < 20


@pytest.mark.parametrize(
    ("motion", "options", "error", "part"),
    [
        (positions_only(walk()), {}, MotionError, "retarget"),
        (walk(), {"order": "XYX"}, FormatError, "one of XYZ"),
        (walk(), {"unit": "furlong"}, FormatError, "one of m, cm"),
        (walk(), {"decimals": 3}, FormatError, "order, unit"),
        (
            walk().with_(
                skeleton=SKELETONS["smpl22"].__class__("x", ("a{b", "c"), (-1, 0), np.zeros((2, 3))), rotations=walk().rotations[:, :2]
            ),
            {},
            SkeletonError,
            "a{b",
        ),
    ],
)
def test_what_cannot_be_written_leaves_no_file(motion: Motion, options: dict, error: type, part: str, tmp_path: Path) -> None:
    with pytest.raises(error) as caught:
        save(motion, tmp_path / "a.bvh", **options)
    assert part in str(caught.value)
    assert not list(tmp_path.iterdir())
