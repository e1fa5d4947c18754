"""The one idea of a motion: read-only arrays, checked on construction."""

import dataclasses

import numpy as np
import pytest

from kinelang.errors import KinelangError, MotionError
from kinelang.motion.motion import MAX_FPS, Motion
from kinelang.motion.rotations import IDENTITY
from kinelang.motion.skeleton import Skeleton
from kinelang.motion.skeletons import SMPL22
from synthetic import random_motion

TWO = Skeleton("two", ("a", "b"), (-1, 0), np.array([(0, 0, 0), (0, 1, 0)]))
STILL = np.tile(np.array(IDENTITY), (3, 2, 1))


def test_a_motion_cannot_be_changed():
    m = Motion(TWO, 20, positions=np.zeros((3, 2, 3)), rotations=STILL, root=np.zeros((3, 3)), translations=np.zeros((3, 2, 3)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        m.fps = 30
    for field in ("positions", "rotations", "root", "translations", "joints"):
        array = getattr(m, field)
        assert array.dtype == np.float32
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_the_arrays_given_are_not_changed():
    positions, rotations, root = np.ones((3, 2, 3), np.float32), 2 * STILL.astype(np.float32), np.ones((3, 3), np.float32)
    Motion(TWO, 20, positions=positions, rotations=rotations, root=root)
    assert (rotations == 2 * STILL).all()
    for array in (positions, rotations, root):
        array[0] = 5  # still the caller's own, to be written to


def test_joints_come_from_the_rotations_where_no_positions_are_given():
    m = random_motion(n_frames=5)
    assert m.positions is None
    assert m.joints.shape == (5, 22, 3)
    np.testing.assert_array_equal(m.joints[:, 0], m.root)
    both = m.with_(positions=m.joints + np.float32(1))
    np.testing.assert_array_equal(both.joints, m.joints + np.float32(1))  # what was recorded counts


def test_translations_replace_the_rest_offsets():
    longer = np.zeros((3, 2, 3))
    longer[:, 1, 1] = (1, 2, 3)
    m = Motion(TWO, 20, rotations=STILL, root=np.zeros((3, 3)), translations=longer)
    np.testing.assert_allclose(m.joints[:, 1, 1], (1, 2, 3))


def test_quaternions_are_brought_to_length_one():
    m = Motion(TWO, 20, rotations=3 * STILL, root=np.zeros((3, 3)))
    np.testing.assert_array_equal(m.rotations, STILL.astype(np.float32))


def test_a_quaternion_of_length_zero_is_refused():
    rotations = STILL.copy()
    rotations[1, 1] = 0
    with pytest.raises(MotionError, match=r"^motion 'walk', rotations: found .*length 0 in frame 1, joint 'b'; expected unit"):
        Motion(TWO, 20, rotations=rotations, root=np.zeros((3, 3)), name="walk")


@pytest.mark.parametrize("length", [1e-30, 1e30])
def test_a_quaternion_too_short_or_too_long_to_be_scaled_is_refused(length):
    rotations = STILL.copy()
    rotations[2, 0] *= length
    with pytest.raises(MotionError, match=rf"length {length:g} in frame 2, joint 'a'".replace("+", "[+]")):
        Motion(TWO, 20, rotations=rotations, root=np.zeros((3, 3)))
    rotations[2, 0] *= 1e-15 / length
    np.testing.assert_allclose(Motion(TWO, 20, rotations=rotations, root=np.zeros((3, 3))).rotations, STILL, atol=1e-6)


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf"), MAX_FPS + 1])
def test_an_impossible_frame_rate_is_refused(fps):
    with pytest.raises(
        MotionError, match=rf"^motion 'walk': found {float(fps)} frames a second; expected more than 0 and at most 10000$"
    ):
        Motion(TWO, fps, positions=np.zeros((3, 2, 3)), name="walk")


GOOD = {"positions": np.zeros((3, 2, 3)), "rotations": STILL, "root": np.zeros((3, 3)), "translations": np.zeros((3, 2, 3))}


@pytest.mark.parametrize("field", GOOD)
def test_a_wrong_shape_is_refused_naming_field_found_and_expected(field):
    for wrong in (GOOD[field][:, :-1], GOOD[field][0], GOOD[field][..., :-1], GOOD[field][None]):
        with pytest.raises(MotionError) as refusal:
            Motion(TWO, 20, **{**GOOD, field: wrong}, name="walk")
        message = str(refusal.value)
        wanted = ", ".join(map(str, GOOD[field].shape[1:]))
        assert message.startswith(f"motion 'walk', {field}: found shape {wrong.shape} float64; expected (T, {wanted})")
        assert "'two'" in message
        assert "\n" not in message


@pytest.mark.parametrize("field", GOOD)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e39])
def test_a_value_that_is_not_finite_is_refused_naming_the_frame(field, bad):
    array = GOOD[field].copy()
    array[2, ..., 0] = bad  # 1e39 is more than float32 can hold
    expected = rf"^motion, {field}: found a value that is not finite in frame 2; expected finite numbers"
    with pytest.raises(MotionError, match=expected):
        Motion(TWO, 20, **{**GOOD, field: array})


def test_neither_positions_nor_rotations_is_refused():
    for given in ({}, {"rotations": STILL}, {"root": np.zeros((3, 3))}, {"translations": np.zeros((3, 2, 3))}):
        with pytest.raises(MotionError, match="found neither positions nor rotations with a root path; expected one of them"):
            Motion(TWO, 20, **given)


def test_arrays_of_different_length_are_refused():
    with pytest.raises(MotionError, match=r"found arrays of \[2, 3\] frames; expected the same number of frames in all"):
        Motion(TWO, 20, rotations=STILL, root=np.zeros((2, 3)))


def test_no_frame_is_refused_and_one_is_enough():
    with pytest.raises(MotionError, match="at least 1"):
        Motion(TWO, 20, positions=np.zeros((0, 2, 3)))
    one = Motion(TWO, 20, positions=np.zeros((1, 2, 3)))
    assert (one.n_frames, len(one), one.duration_s, one.times_s.tolist()) == (1, 1, 0.05, [0.0])


def test_what_is_not_numbers_is_refused():
    for bad in (np.array([[["a", "b", "c"]] * 2]), np.zeros((3, 2, 3), dtype=complex), [[[0, 0, 0], [0, 0]]]):
        with pytest.raises(MotionError, match=r"motion, positions: found .*numbers"):
            Motion(TWO, 20, positions=bad)


def test_errors_are_kinelangs_own():
    with pytest.raises(KinelangError):
        Motion(TWO, 20)


def test_times_and_duration():
    m = Motion(TWO, 8, positions=np.zeros((4, 2, 3)))
    assert m.duration_s == 0.5
    assert m.times_s.tolist() == [0, 0.125, 0.25, 0.375]


def test_notes_are_added_once_and_in_order():
    m = Motion(TWO, 20, positions=np.zeros((3, 2, 3)), notes=["first"])
    assert m.noted("second", "first").notes == ("first", "second")
    assert m.noted("second").noted("second").notes == ("first", "second")
    assert m.notes == ("first",)  # the original is as it was


@pytest.mark.parametrize("labels", [{"name": "run"}, {"source": "a file"}, {"notes": ["one"]}, {"name": "run", "notes": ["one"]}, {}])
def test_a_copy_with_other_texts_is_a_motion_like_any_other(labels):
    """Equal in all to one made anew, frozen, and the original unchanged; with the same arrays, not copies."""
    m = Motion(TWO, 20, np.zeros((3, 2, 3)), STILL, np.zeros((3, 3)), np.zeros((3, 2, 3)), "walk", "made", ("first",))
    before = {f.name: getattr(m, f.name) for f in dataclasses.fields(m)}
    copy, anew = m.with_(**labels), dataclasses.replace(m, **labels)
    for f in dataclasses.fields(m):
        assert getattr(m, f.name) is before[f.name]
        ours, expected = getattr(copy, f.name), getattr(anew, f.name)
        assert type(ours) is type(expected)
        assert np.array_equal(ours, expected) if isinstance(ours, np.ndarray) else ours == expected
    assert copy.rotations is m.rotations
    assert copy.joints is m.joints
    with pytest.raises(dataclasses.FrozenInstanceError):
        copy.name = "other"
    with pytest.raises(ValueError, match="read-only"):
        copy.rotations[0] = 1


def test_an_unknown_attribute_is_refused():
    with pytest.raises(TypeError, match="nmae"):
        random_motion().with_(nmae="run")


def test_with_checks_like_the_constructor():
    m = Motion(TWO, 20, positions=np.zeros((3, 2, 3)), name="walk")
    assert m.with_(fps=30).fps == 30
    assert m.with_(name="run").positions is not None
    with pytest.raises(MotionError, match="positions"):
        m.with_(skeleton=SMPL22)


def test_repr_says_what_it_is():
    assert repr(random_motion(n_frames=40)) == "Motion('random 0', smpl22, 22 joints, 40 frames at 20 fps, 2.00 s, rotations)"
    assert "positions" in repr(Motion(TWO, 20, positions=np.zeros((3, 2, 3))))
