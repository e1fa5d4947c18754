"""Changing the frame rate: exact times, no aliasing, no bending of straight lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.errors import MotionError
from kinelang.motion.motion import MAX_FPS
from kinelang.motion.ops import resample
from kinelang.motion.resampling import resample_array, resampled_times, stride_for
from kinelang.motion.rotations import axis_angle_to_quat
from synthetic import posed, random_motion

RATES = st.sampled_from([12, 12.5, 20, 23.976, 24, 25, 29.97, 30, 50, 59.94, 60, 100, 120])


def amplitude(x, fps, hz, edge):
    """Size of the part of x that swings at hz, the ends left out."""
    t = np.arange(len(x)) / fps
    inner = slice(edge, len(x) - edge)
    return 2 * abs(np.mean(x[inner] * np.exp(-2j * np.pi * hz * t[inner])))


@pytest.mark.parametrize("fps", [24, 25, 30, 60, 90, 120])
@pytest.mark.parametrize("seed", range(3))
def test_there_and_back_gives_the_same_joints(fps, seed):
    m = random_motion(n_frames=100, seed=seed)
    back = resample(resample(m, fps), 20)
    assert back.n_frames >= m.n_frames - 1
    assert np.linalg.norm(back.joints - m.joints[: back.n_frames], axis=-1).max() < 0.0015


@given(old=RATES, new=RATES, n=st.integers(1, 200))
def test_new_frames_lie_at_their_exact_times_and_cover_the_clip(old, new, n):
    times_s = resampled_times(n, old, new) / old
    np.testing.assert_allclose(times_s, np.arange(len(times_s)) / new, atol=1e-6 / new)
    left_over = (n - 1) / old - times_s[-1]
    assert -1e-9 <= left_over < 1 / new


@given(old=RATES, new=RATES, n=st.integers(1, 60), start=st.floats(-5, 5), slope=st.floats(-1, 1))
def test_a_straight_line_stays_straight(old, new, n, start, slope):
    x = start + slope * np.arange(n)
    y = resample_array(x, old, new)
    np.testing.assert_allclose(y, start + slope * resampled_times(n, old, new), atol=1e-9)


@given(old=RATES, new=RATES, n=st.integers(1, 60), seed=st.integers(0, 99))
def test_the_first_frame_stays_the_first(old, new, n, seed):
    x = np.random.default_rng(seed).normal(size=(n, 2))
    np.testing.assert_allclose(resample_array(x, old, new)[0], x[0], atol=1e-12)


@given(old=RATES, factor=st.integers(1, 6), n=st.integers(1, 60), seed=st.integers(0, 99))
def test_going_up_keeps_the_old_frames(old, factor, n, seed):
    x = np.random.default_rng(seed).normal(size=n)
    np.testing.assert_allclose(resample_array(x, old, factor * old)[::factor], x, atol=1e-9)


@given(old=RATES, new=RATES, n=st.integers(2, 60), seed=st.integers(0, 99))
def test_resampling_is_linear(old, new, n, seed):
    a, b = np.random.default_rng(seed).normal(size=(2, n))
    together = resample_array(np.stack([a, b, a + 3 * b], axis=1), old, new)
    np.testing.assert_allclose(together[:, 2], together[:, 0] + 3 * together[:, 1], atol=1e-9)
    np.testing.assert_array_equal(together[:, 0], resample_array(a, old, new))


@pytest.mark.parametrize(("hz", "at_most"), [(0.5, 2e-4), (1.0, 1e-3), (2.0, 6e-3), (4.0, 0.03), (6.0, 0.04)])
def test_a_sine_well_below_half_the_old_rate_is_interpolated(hz, at_most):
    x = np.sin(2 * np.pi * hz * np.arange(200) / 20)
    y = resample_array(x, 20, 120)
    truth = np.sin(2 * np.pi * hz * np.arange(len(y)) / 120)
    assert np.abs(y - truth)[60:-60].max() < at_most


@pytest.mark.parametrize("hz", [8, 9, 10, 11, 13, 15, 20, 30, 50])
def test_what_the_new_rate_cannot_carry_is_gone(hz):
    x = np.sin(2 * np.pi * hz * np.arange(1200) / 120 + 0.4)
    y = resample_array(x, 120, 12)
    assert np.abs(y[5:-5]).max() < 0.06


@pytest.mark.parametrize("hz", [0.5, 1, 2, 3])
def test_what_the_new_rate_carries_stays(hz):
    x = np.sin(2 * np.pi * hz * np.arange(1200) / 120)
    assert amplitude(resample_array(x, 120, 12), 12, hz, 12) == pytest.approx(1, abs=0.02)


def test_a_wobble_is_not_turned_into_a_slow_swing_by_the_filter_but_is_by_the_stride():
    """9 Hz on a clip of 120 fps would show as 3 Hz at 12 fps."""
    t = np.arange(1201) / 120
    m = posed(120, left_shoulder_X=10 * np.sin(2 * np.pi * 9 * t))
    swings = {}
    for method in ("filter", "stride"):
        low = resample(m, 12, method)
        assert (low.fps, low.n_frames) == (12, 121)
        height = low.joints[:, low.skeleton.index("left_wrist"), 2]
        swings[method] = amplitude(height, 12, 3, 5)
    arm_swing = 0.54 * np.sin(np.radians(10))
    assert swings["stride"] > 0.9 * arm_swing
    assert swings["filter"] < 0.02 * arm_swing


@pytest.mark.parametrize("fps", [10, 15, 24, 30, 60, 120])
def test_rotations_and_positions_agree_after_resampling(fps):
    m = random_motion(n_frames=100, seed=4)
    both = resample(m.with_(positions=m.joints), fps)
    gap = np.linalg.norm(both.with_(positions=None).joints - both.positions, axis=-1)
    assert gap.max() < 0.006  # the chord of an arc against the arc
    assert gap.mean() < 0.001


def test_signs_of_quaternions_do_not_matter():
    m = random_motion(n_frames=60, seed=2)
    signs = np.random.default_rng(0).choice([-1, 1], size=(60, 22, 1))
    flipped = m.with_(rotations=m.rotations * signs)
    for fps in (12, 50):
        np.testing.assert_allclose(resample(flipped, fps).joints, resample(m, fps).joints, atol=1e-5)


def test_a_spin_keeps_its_speed():
    t = np.arange(101) / 20
    m = posed(pelvis_Y=360 * t)
    fast = resample(m, 60)
    truth = axis_angle_to_quat("Y", 2 * np.pi * np.arange(fast.n_frames) / 60)
    dots = np.abs(np.einsum("ti,ti->t", fast.rotations[:, 0], truth))
    assert np.degrees(2 * np.arccos(np.clip(dots, 0, 1))).max() < 0.3


def test_positions_on_several_joints_and_float32_are_kept():
    m = random_motion(n_frames=40)
    translations = np.broadcast_to(m.skeleton.offsets, (40, 22, 3)) * np.linspace(1, 1.2, 40)[:, None, None]
    up = resample(m.with_(translations=translations), 40)
    np.testing.assert_allclose(up.translations[::2], translations, atol=1e-6)
    assert resample_array(np.zeros((5, 2), np.float32), 20, 30).dtype == np.float32


@pytest.mark.parametrize("method", ["filter", "stride"])
def test_one_and_two_frames(method):
    for n in (1, 2):
        m = resample(random_motion(n_frames=n, fps=120), 20, method)
        assert (m.n_frames, m.fps) == (1, 20)
    assert resample(random_motion(n_frames=1), 120).n_frames == 1
    assert resample(random_motion(n_frames=2), 120).n_frames == 7


def test_the_same_rate_changes_nothing():
    m = random_motion(n_frames=10)
    assert resample(m, 20) is m


def test_stride_takes_every_nth_frame():
    m = random_motion(n_frames=100, fps=120)
    low = resample(m, 20, "stride")
    np.testing.assert_array_equal(low.rotations, m.rotations[::6])
    assert low.fps == 20


@pytest.mark.parametrize(("old", "new", "stride"), [(120, 20, 6), (60, 20, 3), (59.94, 20, 3), (119.88, 20, 6), (100, 12.5, 8)])
def test_stride_of_whole_ratios(old, new, stride):
    assert stride_for(old, new) == stride
    # The rate told is the true one, also where it is not quite the one asked for.
    assert resample(random_motion(n_frames=10, fps=old), new, "stride").fps == pytest.approx(old / stride)


@pytest.mark.parametrize(("old", "new"), [(30, 20), (50, 20), (20, 30), (20, 120), (24, 20)])
def test_stride_of_other_ratios_is_refused(old, new):
    with pytest.raises(MotionError, match=f"found {old} to {new} fps; expected a whole ratio; use method='filter'"):
        resample(random_motion(n_frames=10, fps=old), new, "stride")


@pytest.mark.parametrize("fps", [0, -20, float("nan"), float("inf"), 2 * MAX_FPS])
def test_an_impossible_rate_is_refused(fps):
    with pytest.raises(MotionError, match="resample: found .* frames a second; expected more than 0 and at most 10000"):
        resample(random_motion(n_frames=10), fps)


def test_an_unknown_method_is_refused():
    with pytest.raises(MotionError, match="found method 'cubic'; expected 'filter' or 'stride'"):
        resample(random_motion(n_frames=10), 30, "cubic")
