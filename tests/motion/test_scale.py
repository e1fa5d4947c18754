"""Units and up axis: turned and scaled figures come out as they were, and what is ambiguous is an error that names the flag."""

from __future__ import annotations

import numpy as np
import pytest

from kinelang.errors import FormatError
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import euler_to_quat, quat_between, quat_conjugate, quat_multiply, quat_rotate
from kinelang.motion.scale import (
    TURNS,
    UNITS,
    convention_note,
    infer_placement,
    leg_length,
    metres_per_unit,
    scaled,
    stands_along,
    to_metres_y_up,
    turned_up,
    up_axis,
)
from kinelang.motion.skeleton import Skeleton
from kinelang.motion.skeletons import SMPL22

AXES = list(TURNS)


def person(frames: int = 30, skeleton: Skeleton = SMPL22, lean: float = 0.0, travel: float = 1.0) -> Motion:
    """Someone who stands (or with a lean of 90 degrees lies) and drifts along Z; the lowest point is at a fixed height."""
    t = np.linspace(0, 1, frames)
    generator = np.random.default_rng(0)
    angles = 0.15 * np.sin(6 * t[:, None, None] + generator.uniform(0, 6, (skeleton.n_joints, 3)))
    rotations = euler_to_quat(angles, "XYZ")
    rotations[:, 0] = quat_multiply(euler_to_quat(np.full((frames, 1), np.radians(lean)), "X"), rotations[:, 0])
    root = np.stack([0.1 * t, 0 * t, travel * t], axis=-1)
    motion = Motion(skeleton, 30, rotations=rotations, root=root)
    root[:, 1] -= motion.joints[..., 1].min(axis=1)
    return motion.with_(root=root)


def in_axes(motion: Motion, axis: str, rest_too: bool) -> Motion:
    """The motion as a file with `axis` up has it: the inverse of what reading does."""
    back = quat_conjugate(np.array(TURNS[axis]))
    rotations, root = motion.rotations.astype(np.float64), quat_rotate(back, motion.root.astype(np.float64))
    if not rest_too:
        rotations[:, 0] = quat_multiply(back, rotations[:, 0])
        return motion.with_(rotations=rotations, root=root)
    rotations = quat_multiply(quat_multiply(back, rotations), quat_conjugate(back))
    skeleton = motion.skeleton.with_offsets(quat_rotate(back, motion.skeleton.offsets.astype(np.float64)))
    return motion.with_(skeleton=skeleton, rotations=rotations, root=root)


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("unit", ["m", "cm", "mm", "inch"])
def test_a_standing_person_is_found_in_any_axis_and_unit(axis: str, unit: str) -> None:
    motion = person()
    file = scaled(in_axes(motion, axis, rest_too=True), 1 / UNITS[unit])
    found = to_metres_y_up(file, "file")
    np.testing.assert_allclose(found.joints, motion.joints, atol=2e-6)
    np.testing.assert_allclose(found.skeleton.offsets, motion.skeleton.offsets, atol=1e-6)
    assert any("leg of 0.8" in n for n in found.notes)
    assert any(axis.upper() in n for n in found.notes) == (axis != "y")


def test_left_stays_left() -> None:
    """A reflection would pass every test of lengths."""
    for turn in TURNS.values():
        x, y, z = (quat_rotate(np.array(turn), np.eye(3)[i]) for i in range(3))
        assert np.dot(np.cross(x, y), z) == pytest.approx(1)
    for axis, turn in TURNS.items():
        sign = -1.0 if axis.startswith("-") else 1.0
        np.testing.assert_allclose(quat_rotate(np.array(turn), sign * np.eye(3)["xyz".index(axis[-1])]), [0, 1, 0], atol=1e-12)


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("rest_too", [True, False])
def test_positions_and_translations_turn_along(axis: str, rest_too: bool) -> None:
    motion = person(5)
    slid = motion.skeleton.offsets + np.random.default_rng(0).normal(0, 0.01, (5, 22, 3))
    motion = motion.with_(translations=slid)
    turn = np.array(TURNS[axis])
    expected = quat_rotate(turn, motion.joints.astype(np.float64))
    np.testing.assert_allclose(turned_up(motion, axis, rest_too).joints, expected, atol=2e-6)
    points = Motion(SMPL22, 30, motion.joints)
    np.testing.assert_allclose(turned_up(points, axis, rest_too).joints, expected, atol=2e-6)


@pytest.mark.parametrize("lean", [90.0, -90.0, 70.0, 180.0])
def test_lying_crawling_and_upside_down_clips_stay_y_up(lean: float) -> None:
    """The rest pose stands along Y, and the floor, if anything, lies across Y."""
    for travel in (0.0, 1.0):
        motion = person(lean=lean, travel=travel)
        found = to_metres_y_up(scaled(motion, 100), "file")
        np.testing.assert_allclose(found.joints, motion.joints, atol=2e-6)
        assert any("rest pose" in n for n in found.notes)


def test_a_walk_in_a_z_up_file_with_a_y_up_rest_pose_is_told_by_the_floor() -> None:
    motion = person()
    found = to_metres_y_up(in_axes(motion, "z", rest_too=False), "file")
    np.testing.assert_allclose(found.joints, motion.joints, atol=2e-6)
    assert any("floor" in n for n in found.notes)


def folded(motion: Motion) -> Motion:
    """The same movement on a rig whose rest pose lays each bone along X, as LAFAN1's and Bandai-Namco's do."""
    skeleton = motion.skeleton
    frames = np.tile([1.0, 0, 0, 0], (skeleton.n_joints, 1))
    for joint, children in enumerate(skeleton.children):
        if children:
            frames[joint] = quat_between(np.array([1.0, 0, 0]), skeleton.offsets[children[-1]].astype(np.float64))
    above = [max(p, 0) for p in skeleton.parents]
    offsets = quat_rotate(quat_conjugate(frames[above]), skeleton.offsets.astype(np.float64))
    rotations = quat_multiply(quat_multiply(quat_conjugate(frames[above]), motion.rotations.astype(np.float64)), frames)
    rotations[:, 0] = quat_multiply(motion.rotations[:, 0].astype(np.float64), frames[0])
    rig = Skeleton("folded", skeleton.joint_names, skeleton.parents, offsets.astype(np.float32), skeleton.landmarks)
    out = motion.with_(skeleton=rig, rotations=rotations)
    np.testing.assert_allclose(out.joints, motion.joints, atol=1e-5)
    return out


def test_a_folded_rest_pose_says_nothing() -> None:
    """A standing figure is told by itself, a crawling one by the floor it crawls over; one that lies still is ambiguous."""
    assert infer_placement(folded(person()), "file").up == "y"
    crawling = person(lean=90, travel=2.0)
    root = crawling.root.copy()
    root[:, 0] += np.linspace(0, 1.5, len(root))
    found = to_metres_y_up(folded(crawling.with_(root=root)), "file")
    np.testing.assert_allclose(found.joints, crawling.with_(root=root).joints, atol=1e-5)
    assert any("floor" in n for n in found.notes)
    still = folded(person(lean=90, travel=0.0))
    with pytest.raises(FormatError, match="--up"):
        infer_placement(still, "file")
    assert infer_placement(still, "file", up="y").up == "y"


@pytest.mark.parametrize("leg_m", [5.0, 0.1, 0.2, 2.5e-6])
def test_a_leg_that_fits_no_unit_is_an_error_that_names_the_flag(leg_m: float) -> None:
    motion = scaled(person(), leg_m / 0.81)
    with pytest.raises(FormatError, match=r"no human size.*--unit"):
        to_metres_y_up(motion, "file")
    assert to_metres_y_up(motion, "file", unit="m").n_frames == 30


def test_a_leg_that_fits_two_units_is_an_error_that_names_both() -> None:
    with pytest.raises(FormatError, match=r"centimetres and 1.17 m in inches.*--unit"):
        to_metres_y_up(scaled(person(), 46 / 0.81), "file")


def test_cmu_units_are_thought_of_only_for_cmu_joints() -> None:
    motion = scaled(person(), 14.6 / 0.81)
    with pytest.raises(FormatError):
        to_metres_y_up(motion, "file")
    names = [*SMPL22.joint_names, "LHipJoint"]
    skeleton = Skeleton("x", tuple(names), (*SMPL22.parents, 0), np.concatenate([motion.skeleton.offsets, np.zeros((1, 3))]))
    rotations = np.concatenate([motion.rotations, motion.rotations[:, :1]], axis=1)
    found = to_metres_y_up(Motion(skeleton, 30, rotations=rotations, root=motion.root), "file")
    assert leg_length(found.joints, found.skeleton) == pytest.approx(0.824, abs=0.01)


@pytest.mark.parametrize(
    ("unit", "metres"), [("cm", 0.01), ("IN", 0.0254), ("metres", 1), (0.02, 0.02), ("0.02", 0.02), ("cmu", 0.0254 / 0.45)]
)
def test_units_by_name_and_number(unit: str | float, metres: float) -> None:
    assert metres_per_unit(unit) == pytest.approx(metres)


@pytest.mark.parametrize("unit", ["furlong", "", "nan", "inf", "-1", 0, 1e99, True and "x"])
def test_what_is_no_unit(unit: str | float) -> None:
    with pytest.raises(FormatError, match="cm"):
        metres_per_unit(unit)


def test_axis_names() -> None:
    assert [up_axis(a) for a in ("Y", "+z", "-X", " y ")] == ["y", "z", "-x", "y"]
    for bad in ("", "w", "yy", "--y"):
        with pytest.raises(FormatError, match="one of y, z"):
            up_axis(bad)


def test_a_figure_that_stands_along_another_axis_than_its_format_says_is_noted() -> None:
    assert stands_along(person()) == "y"
    assert convention_note(person(), "y") is None
    assert "--up y" in (convention_note(person(), "z") or "")
    assert convention_note(person(lean=60), "y") is None or "lies" in (convention_note(person(lean=60), "y") or "")
