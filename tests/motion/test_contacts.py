"""Feet on the ground, steps and flights of movements with known contents."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.motion.contacts import follow_feet, leg_length_m, spans, speeds_m_s
from kinelang.motion.ops import resample, transform
from kinelang.motion.samples import SAMPLES, sample
from kinelang.motion.skeletons import SMPL22
from synthetic import posed

LEFT, RIGHT = ([SMPL22.index(f"{side}_{part}") for part in ("ankle", "foot")] for side in ("left", "right"))
KNEES = [SMPL22.index("left_knee"), SMPL22.index("right_knee")]
G = 9.81


def figure(left=0.0, right=0.0, body=None):
    """A standing person whose feet and body are moved. left, right, body (T, 3) metres from where they stand, or 0."""
    left, right = (np.asarray(x, dtype=float) for x in (left, right))
    n = max(len(x) for x in (left, right, np.zeros((1, 3)) if body is None else body) if np.ndim(x))
    left, right = (x if x.ndim else np.zeros((n, 3)) for x in (left, right))
    body = 0.5 * (left + right) if body is None else body
    joints = np.repeat(posed(root=np.array([(0, 0.92, 0)])).joints.astype(float), n, axis=0)
    moved = joints + body[:, None]
    for foot, path in ((LEFT, left), (RIGHT, right)):
        moved[:, foot] = joints[:, foot] + path[:, None]
    for knee, path in zip(KNEES, (left, right), strict=True):
        moved[:, knee] = joints[:, knee] + 0.5 * (body + path)
    return moved


def along(*stops, fps):
    """A path (T, 3) through stops (seconds, x, y, z), easing in and out, lifted by 8 cm on the way where it goes along the ground."""
    stops = np.array(stops, dtype=float)
    t = np.arange(round(stops[-1, 0] * fps) + 1) / fps
    k = np.clip(np.searchsorted(stops[:, 0], t, side="right") - 1, 0, len(stops) - 2)
    share = (t - stops[k, 0]) / (stops[k + 1, 0] - stops[k, 0])
    ease = 0.5 - 0.5 * np.cos(np.pi * share)
    path = stops[k, 1:] + (stops[k + 1, 1:] - stops[k, 1:]) * ease[:, None]
    moving = np.abs(stops[k + 1, 1:] - stops[k, 1:]).max(axis=1) > 0
    path[:, 1] += 0.08 * np.sin(np.pi * share) * moving
    return path


def jump(fps, rest_s=0.8, flight_s=0.5, forward_m=0.0, times=1):
    """Standing, `times` jumps in free fall with rests between, standing; the path (T, 3) of all joints."""
    t = np.arange(round((rest_s + times * (rest_s + flight_s)) * fps)) / fps
    path = np.zeros((len(t), 3))
    for k in range(times):
        into = t - rest_s - k * (rest_s + flight_s)
        flying = (into > 0) & (into < flight_s)
        path[flying, 1] = 0.5 * G * into[flying] * (flight_s - into[flying])
        path[:, 2] += forward_m * np.clip(into / flight_s, 0, 1)
    return path


# Standing, sitting, lying about


def test_standing_is_contact_of_both_feet():
    for n in (1, 2, 3, 60):
        feet = follow_feet(figure(np.zeros((n, 3))), 20)
        assert feet.contacts.shape == (n, 2)
        assert feet.contacts.all()
        assert feet.steps == feet.flights == ()


@pytest.mark.parametrize("fps", [20, 60, 120])
def test_standing_with_the_noise_of_a_recording(fps):
    rng = np.random.default_rng(0)
    joints = figure(np.zeros((3 * fps, 3)))
    slow = np.cumsum(rng.normal(scale=0.002 / np.sqrt(fps), size=joints.shape), axis=0)
    feet = follow_feet(joints + slow + rng.normal(scale=0.0005, size=joints.shape), fps)
    assert feet.contacts.all()
    assert feet.steps == feet.flights == ()


def test_sitting_with_still_feet_has_no_step_and_no_flight():
    n = 60
    down = np.stack([np.zeros(n), -0.4 * np.clip(np.arange(n) / 30, 0, 1), np.zeros(n)], axis=1)
    feet = follow_feet(figure(np.zeros((n, 3)), np.zeros((n, 3)), down), 20)
    assert feet.contacts.all()
    assert feet.steps == feet.flights == ()


@pytest.mark.parametrize("name", ["wave_right_hand", "raise_both_arms", "squat_twice"])
def test_what_is_done_on_the_spot_has_no_step(name):
    feet = follow_feet(sample(name).joints, 30)
    assert feet.contacts.all()
    assert feet.steps == feet.flights == ()


# Walking


@pytest.mark.parametrize("fps", [20, 24, 30, 60, 120])
def test_the_walk_has_eight_steps_of_alternating_sides(fps):
    walk = sample("walk_forward", fps=fps)
    feet = follow_feet(walk.joints, fps)
    assert [s.side for s in feet.steps] == ["left", "right"] * 4
    assert feet.flights == ()
    for step in feet.steps[1:-1]:
        assert step.length_m == pytest.approx(0.93, abs=0.08)
    assert feet.steps[0].length_m < 0.75 > feet.steps[-1].length_m
    times_s = [s.land / fps for s in feet.steps]
    assert np.diff(times_s)[:-1] == pytest.approx(0.5 / 0.85, abs=0.07)


def test_steps_do_not_depend_on_frame_rate_place_or_direction():
    walk = sample("walk_forward", fps=120)
    reference = follow_feet(walk.joints, 120)
    for other in (resample(walk, 20), resample(walk, 30), transform(walk, 2, (5, 1, -3))):
        feet = follow_feet(other.joints, other.fps)
        assert [s.side for s in feet.steps] == [s.side for s in reference.steps]
        for a, b in zip(feet.steps, reference.steps, strict=True):
            assert a.land / other.fps == pytest.approx(b.land / 120, abs=0.06)
            assert a.lift / other.fps == pytest.approx(b.lift / 120, abs=0.2)  # the first is made slowly
            assert a.length_m == pytest.approx(b.length_m, abs=0.07)


@pytest.mark.parametrize("size", [0.6, 0.8, 1.2])
def test_a_small_person_takes_the_same_steps(size):
    """A walk of a child at the speed that goes with its legs."""
    walk = sample("walk_forward")
    feet, own = follow_feet(size * walk.joints, walk.fps), follow_feet(walk.joints, walk.fps)
    assert feet.leg_m == pytest.approx(size * own.leg_m, rel=1e-4)
    assert [(s.side, s.lift, s.land) for s in feet.steps] == [(s.side, s.lift, s.land) for s in own.steps]
    assert [s.length_m for s in feet.steps] == pytest.approx([size * s.length_m for s in own.steps], rel=1e-3)


def test_a_step_is_as_long_as_the_way_of_the_foot_along_the_ground():
    fps = 30
    left = along((0, 0, 0, 0), (1, 0, 0, 0), (1.5, 0.3, 0, 0.4), (3, 0.3, 0, 0.4), fps=fps)
    (step,) = follow_feet(figure(left, np.zeros_like(left)), fps).steps
    assert step.side == "left"
    assert step.length_m == pytest.approx(0.5, abs=0.03)
    assert (step.lift / fps, step.land / fps) == pytest.approx((1, 1.5), abs=0.15)


def test_lifting_a_foot_and_putting_it_down_is_a_step_of_no_length():
    fps = 30
    right = along((0, 0, 0, 0), (1, 0, 0, 0), (1.5, 0, 0.4, 0), (2, 0, 0, 0), (3, 0, 0, 0), fps=fps)
    (step,) = follow_feet(figure(np.zeros_like(right), right), fps).steps
    assert step.side == "right"
    assert step.length_m == pytest.approx(0, abs=0.05)


def test_a_foot_that_does_not_come_down_again_makes_no_step():
    fps = 30
    kick = along((0, 0, 0, 0), (1, 0, 0, 0), (1.4, 0, 0.6, 0.6), fps=fps)
    feet = follow_feet(figure(np.zeros_like(kick), kick), fps)
    assert feet.steps == feet.flights == ()
    assert feet.contacts[:, 0].all()
    assert not feet.contacts[-5:, 1].any()


# Jumping and climbing


@pytest.mark.parametrize("fps", [20, 30, 60, 120])
@pytest.mark.parametrize("forward_m", [0.0, 1.2])
def test_a_jump_is_one_flight(fps, forward_m):
    path = jump(fps, forward_m=forward_m)
    feet = follow_feet(figure(path, path, path), fps)
    ((start, end),) = feet.flights
    assert (start / fps, end / fps) == pytest.approx((0.8, 1.3), abs=0.1)
    assert not feet.contacts[start:end].any()


@pytest.mark.parametrize("times", [2, 3, 5])
def test_jumps_are_counted(times):
    path = jump(30, rest_s=0.4, times=times)
    assert len(follow_feet(figure(path, path, path), 30).flights) == times


def test_being_lifted_is_no_flight():
    """Both feet off the ground, but nothing falls."""
    t = np.arange(90) / 30
    up = np.stack([0 * t, 0.5 * np.clip(t - 1, 0, 1), 0.3 * t], axis=1)
    feet = follow_feet(figure(up, up, up), 30)
    assert feet.flights == ()


@pytest.mark.parametrize("fps", [20, 30, 120])
@pytest.mark.parametrize("forward_m", [0.0, 0.3])
def test_climbing_a_ladder_or_stairs_has_steps_and_no_flight(fps, forward_m):
    """The feet go up by 0.3 m in turn, one always standing on its rung; at last the right joins the left."""
    stops = {"left": [(0, 0, 0, 0)], "right": [(0, 0, 0, 0)]}
    t = 0.6
    for k in range(1, 7):
        side = "left" if k % 2 else "right"
        rung = min(k, 5)
        stops[side] += [(t, *stops[side][-1][1:]), (t + 0.5, 0, 0.3 * rung, forward_m * rung)]
        t += 0.7
    left, right = (along(*path, (t + 0.5, *path[-1][1:]), fps=fps) for path in stops.values())
    feet = follow_feet(figure(left, right), fps)
    assert [s.side for s in feet.steps] == ["left", "right"] * 3
    assert feet.flights == ()
    assert feet.contacts.any(axis=1).mean() > 0.95


# What holds of any movement


@given(seed=st.integers(0, 10_000), n=st.integers(1, 80), fps=st.sampled_from([20, 30, 120]))
def test_steps_and_contacts_tell_the_same(seed, n, fps):
    rng = np.random.default_rng(seed)
    paths = np.cumsum(np.cumsum(rng.normal(scale=0.02, size=(2, n, 3)), axis=1), axis=1) * 0.3
    feet = follow_feet(figure(*np.abs(paths)), fps)
    assert [s.land for s in feet.steps] == sorted(s.land for s in feet.steps)
    for step in feet.steps:
        side = 0 if step.side == "left" else 1
        assert feet.contacts[step.lift - 1, side]
        assert feet.contacts[step.land, side]
        assert not feet.contacts[step.lift : step.land, side].any()
        assert step.length_m >= 0
    for start, end in feet.flights:
        assert not feet.contacts[start:end].any()
    for a, b in pairwise(feet.flights):
        assert a[1] < b[0]


def test_the_joints_given_are_not_changed():
    joints = sample("walk_forward").joints.astype(float)
    before = joints.copy()
    follow_feet(joints, 30)
    np.testing.assert_array_equal(joints, before)


# Parts


@given(flags=st.lists(st.booleans(), max_size=40))
def test_spans_are_the_stretches_of_true(flags):
    found = spans(np.array(flags, dtype=bool))
    rebuilt = np.zeros(len(flags), dtype=bool)
    for a, b in found:
        assert a < b
        rebuilt[a:b] = True
    assert rebuilt.tolist() == flags
    assert all(a[1] < b[0] for a, b in pairwise(found))


def test_speed_of_a_steady_movement():
    path = np.outer(np.arange(20), (0.03, 0.0, 0.04))
    np.testing.assert_allclose(speeds_m_s(path, 20), 1.0)
    assert speeds_m_s(np.zeros((1, 5, 3)), 20).tolist() == [[0] * 5]


def test_leg_length_is_that_of_hip_to_knee_to_ankle():
    walk = sample("walk_forward")
    bones = np.linalg.norm(walk.skeleton.offsets, axis=1)
    left, right = (sum(bones[walk.skeleton.index(f"{side}_{part}")] for part in ("knee", "ankle")) for side in ("left", "right"))
    assert leg_length_m(walk.joints) == pytest.approx((left + right) / 2, abs=0.01)
    assert all(leg_length_m(sample(name).joints) == pytest.approx(leg_length_m(walk.joints), rel=1e-4) for name in SAMPLES)
