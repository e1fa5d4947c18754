"""Descriptions must be right: what is known of a motion must be what is said of it, and nothing else may change it."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinelang.describing import Description, describe, render, select
from kinelang.describing.build import TRAJECTORY
from kinelang.errors import FormatError, KinelangError, MotionError
from kinelang.motion.angles import ANGLES
from kinelang.motion.ops import cut, resample, transform
from kinelang.motion.reflection import mirror
from kinelang.motion.retargeting import retarget
from kinelang.motion.samples import SAMPLES, sample
from kinelang.motion.skeletons import SKELETONS
from synthetic import posed, random_motion

T = np.arange(140) / 20


def told(description, key):
    return [(i.kind, i.start_s, i.end_s, i.first, i.last, i.cycles) for i in description.channel(key).intervals]


def bump(start_s, end_s, t=T):
    """0 before start, 1 after end, smooth between."""
    x = np.clip((t - start_s) / (end_s - start_s), 0, 1)
    return x * x * (3 - 2 * x)


# ---- known motions -------------------------------------------------------------------------------------------------


def test_an_arm_raised_and_held_is_told_to_a_degree():
    d = describe(posed(right_shoulder_X=-84 * bump(3.4, 4.4)))
    kinds = told(d, "arm_flex_r")
    assert [k[0] for k in kinds] == ["holds", "increases", "holds"]
    (_, s0, e0, v0, *_), (_, s1, e1, a, b, _), (_, s2, e2, v2, *_) = kinds
    assert (v0, a, b, v2) == pytest.approx((0, 0, 84, 84), abs=1)
    assert (s0, e2) == (0, pytest.approx(6.95))
    assert e0 == s1 == pytest.approx(3.5, abs=0.15)
    assert e1 == s2 == pytest.approx(4.3, abs=0.15)
    for a_ in ANGLES:
        if a_.key != "arm_flex_r":
            assert [i.kind for i in d.channel(a_.key).intervals] == ["static"], a_.key


@pytest.mark.parametrize("cycles", [3, 5, 7])
@pytest.mark.parametrize("amplitude", [20.0, 60.0])
def test_a_swing_is_counted_and_measured_to_a_degree(cycles, amplitude):
    swing = -amplitude * np.sin(2 * np.pi * cycles * T / 7.0)
    kinds = told(describe(posed(left_hip_X=swing)), "hip_flexion_l")
    assert [k[0] for k in kinds] == ["repeats"]
    _, start, end, low, high, n = kinds[0]
    assert (start, end) == (0, pytest.approx(6.95))
    assert n == pytest.approx(cycles, abs=0.5)
    assert (low, high) == pytest.approx((-amplitude, amplitude), abs=1)


def test_trajectory_in_the_frame_of_the_beginning():
    """Two metres forward, then one to the left, starting to face away at an odd place."""
    root = np.stack([1.0 * bump(4, 6), 0.92 + 0 * T, 2.0 * bump(1, 3)], axis=1)
    d = describe(transform(posed(root=root, left_hip_X=0 * T), yaw=2.5, shift=(5, 1, -3)))
    forward, lateral = told(d, "forward"), told(d, "lateral")
    assert [k[0] for k in forward] == ["holds", "increases", "holds"]
    assert forward[1][3:5] == pytest.approx((0, 2), abs=0.01)
    assert lateral[1][3:5] == pytest.approx((0, 1), abs=0.01)
    assert d.travel.displacement_m == pytest.approx(np.hypot(2, 1), abs=0.01)
    assert d.travel.direction == "forward"
    assert d.travel.height_change_m == pytest.approx(0, abs=1e-3)
    assert [k[0] for k in told(d, "height")] == ["static"]


@pytest.mark.parametrize(("move", "direction"), [((0, 2), "forward"), ((0, -2), "backward"), ((2, 0), "left"), ((-2, 0), "right")])
@pytest.mark.parametrize("yaw", [0.0, 3.0, -1.2])
def test_direction_of_travel_is_the_bodys(move, direction, yaw):
    root = np.stack([move[0] * bump(1, 5), 0.92 + 0 * T, move[1] * bump(1, 5)], axis=1)
    d = describe(transform(posed(root=root, left_hip_X=0 * T), yaw=yaw))
    assert d.travel.direction == direction
    assert d.travel.mean_speed_m_s == pytest.approx(0.58, abs=0.1)


def test_turns_are_positive_to_the_left():
    assert describe(posed(pelvis_Y=90 * bump(1, 3))).travel.turn_deg == pytest.approx(90, abs=0.5)
    assert describe(posed(pelvis_Y=-360 * bump(1, 5))).travel.turn_deg == pytest.approx(-360, abs=0.5)


# ---- what must not change it ----------------------------------------------------------------------------------------


def assert_same_story(a: Description, b: Description, tolerance: float = 0.02, frames: int = 0):
    """Equal kinds, times (up to some frames) and values (up to rounding)."""
    for x, y in zip((*a.trajectory, *a.angles), (*b.trajectory, *b.angles), strict=True):
        assert [i.kind for i in x.intervals] == [i.kind for i in y.intervals], x.key
        for i, j in zip(x.intervals, y.intervals, strict=True):
            assert i.start_s == pytest.approx(j.start_s, abs=frames / 20 + 1e-9), x.key
            assert i.end_s == pytest.approx(j.end_s, abs=frames / 20 + 1e-9), x.key
            assert (i.first, i.last) == pytest.approx((j.first, j.last), abs=tolerance), x.key
            assert i.cycles == j.cycles


MOTIONS = [("random", s) for s in range(4)] + [("sample", n) for n in SAMPLES]


def motion_of(kind, which):
    m = random_motion(seed=which, n_frames=120) if kind == "random" else resample(sample(which), 20)
    return m.with_(positions=m.joints, rotations=None, root=None)


@pytest.mark.parametrize("which", MOTIONS)
@pytest.mark.parametrize(("yaw", "shift"), [(1.0, (0, 0, 0)), (np.pi, (4, 0, -2)), (-2.0, (0, 3, 0))])
def test_turning_and_moving_the_clip_changes_nothing(which, yaw, shift):
    m = motion_of(*which)
    assert_same_story(describe(m), describe(transform(m, yaw=yaw, shift=shift)))


@pytest.mark.parametrize("which", MOTIONS)
def test_mirror_swaps_left_and_right_exactly(which):
    m = motion_of(*which)
    plain, swapped = describe(m), describe(mirror(m))
    flipped = {"lateral", "yaw"}
    other = {"increases": "decreases", "decreases": "increases"}
    signs = {a.key: (a.mirror, a.sign) for a in ANGLES} | {key: (key, -1 if key in flipped else 1) for key, *_ in TRAJECTORY}
    for channel in (*plain.trajectory, *plain.angles):
        partner, sign = signs[channel.key]
        expected = []
        for i in channel.intervals:
            kind = other.get(i.kind, i.kind) if sign < 0 else i.kind
            first, last = (i.last, i.first) if sign < 0 and i.kind == "repeats" else (i.first, i.last)
            expected.append((kind, i.start_s, i.end_s, sign * first, sign * last, i.cycles))
        assert told(swapped, partner) == expected, channel.key
    assert [(s.side, s.lift_s) for s in swapped.steps] == [("left" if s.side == "right" else "right", s.lift_s) for s in plain.steps]
    assert swapped.travel.turn_deg == -plain.travel.turn_deg
    assert swapped.support == plain.support[::-1]
    for a, b in zip(plain.limbs, (swapped.limbs[1], swapped.limbs[0], swapped.limbs[3], swapped.limbs[2]), strict=True):
        assert (a.path_m, a.raised, a.top_m) == (b.path_m, b.raised, b.top_m)


@pytest.mark.parametrize("which", MOTIONS)
def test_mirrored_sentences_swap_their_side_words(which):
    from kinelang.language.sides import swap_left_right

    m = motion_of(*which)
    plain, swapped = str(describe(m)), str(describe(mirror(m)))
    assert sorted(swap_left_right(plain).split()) == sorted(swapped.split())


@pytest.mark.parametrize("which", MOTIONS)
def test_reversing_time_swaps_increases_and_decreases(which):
    m = motion_of(*which)
    there, back = describe(m), describe(m.with_(positions=m.joints[::-1]))
    other = {"increases": "decreases", "decreases": "increases"}
    end = (m.n_frames - 1) / 20
    for a in ANGLES:
        if a.key == "pelvis_rotation":  # counted from the facing at the beginning, which is another one
            continue
        expected = [(other.get(i.kind, i.kind), end - i.end_s, end - i.start_s, i.cycles) for i in there.channel(a.key).intervals]
        got = [(i.kind, i.start_s, i.end_s, i.cycles) for i in back.channel(a.key).intervals][::-1]
        assert [g[0] for g in got] == [e[0] for e in expected], a.key
        # a level stretch of an even number of frames has no middle frame: one frame of difference
        np.testing.assert_allclose([g[1:] for g in got], [e[1:] for e in expected], atol=0.0501, err_msg=a.key)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("fps", [30, 60, 120])
def test_frame_rates_agree(name, fps):
    """The same movement sampled at other rates: the same story, values within a degree, times within two frames."""
    a, b = describe(resample(sample(name, 120), 20)), describe(resample(sample(name, 120), fps))
    assert abs(a.n_frames - b.n_frames) <= 1
    big = [c.key for c in a.angles if c.range > 12]
    assert big
    for key in big:
        assert [i.kind for i in a.channel(key).intervals] == [i.kind for i in b.channel(key).intervals], key
        for i, j in zip(a.channel(key).intervals, b.channel(key).intervals, strict=True):
            assert (i.first, i.last) == pytest.approx((j.first, j.last), abs=1.5), key
            assert (i.start_s, i.end_s) == pytest.approx((j.start_s, j.end_s), abs=0.101), key
    assert len(a.steps) == len(b.steps)


@pytest.mark.parametrize("name", [n for n in SKELETONS if n not in ("lafan1", "bandai")])
def test_any_skeleton_is_described(name):
    d = describe(random_motion(SKELETONS[name], seed=1))
    assert len(d.angles) == 26
    assert len(d.trajectory) == 5


def test_the_samples_are_told_as_what_they_are():
    words = {name: str(describe(sample(name))) for name in SAMPLES}
    assert "walks forward" in words["walk_forward"]
    assert "8 steps" in words["walk_forward"] or "7 steps" in words["walk_forward"]
    assert "right arm" in words["wave_right_hand"]
    assert "left" not in words["wave_right_hand"]
    assert "above the shoulder" in words["wave_right_hand"]
    assert "turning left by 90°" in words["turn_left"]
    assert "hips go down" in words["squat_twice"]
    assert "Both arms" in words["raise_both_arms"]


# ---- short and odd clips --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7])
def test_very_short_clips(n):
    d = describe(cut(random_motion(seed=2), 0, n / 20))
    assert d.n_frames == n
    assert Description.from_json(d.to_json()) == d
    assert render(d, "smd").startswith("Motion: ")


def test_a_still_person():
    d = describe(posed(left_hip_X=0 * T))
    assert all(i.kind == "static" for c in (*d.trajectory, *d.angles) for i in c.intervals)
    assert str(d) == "The person stays in place."


def test_someone_lying_down_is_described():
    m = posed(pelvis_X=-90 + 0 * T, left_knee_X=60 * bump(1, 2))
    d = describe(m)
    assert told(d, "knee_angle_l")[1][3:5] == pytest.approx((0, 60), abs=1)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 90), st.sampled_from([12.5, 20.0, 30.0, 59.94, 120.0]), st.floats(0.0, 2.0))
def test_every_description_is_whole(seed, n, fps, bend):
    d = describe(random_motion(n_frames=n, fps=fps, seed=seed, bend=bend))
    for channel in (*d.trajectory, *d.angles):
        assert channel.intervals[0].start_s == 0
        assert channel.intervals[-1].end_s == pytest.approx((d.n_frames - 1) / 20)
        for a, b in zip(channel.intervals, channel.intervals[1:], strict=False):
            assert a.end_s == b.start_s
        for i in channel.intervals:
            assert {"increases": i.last > i.first, "decreases": i.last < i.first}.get(i.kind, True)
            assert (i.cycles > 0) == (i.kind == "repeats")
            assert channel.low - 0.01 <= min(i.first, i.last) <= max(i.first, i.last) <= channel.high + 0.01
    assert Description.from_json(d.to_json()) == d


# ---- JSON, variants, errors -----------------------------------------------------------------------------------------


def test_json_there_and_back():
    d = describe(random_motion(seed=4))
    assert Description.from_json(d.to_json()) == d
    assert json.loads(d.to_json())["schema"] == "kinelang.description/1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "JSON"),
        ("[]", "schema"),
        ('{"schema":"kinelang.description/0"}', "schema"),
        ('{"schema":"kinelang.description/1"}', "fields"),
    ],
)
def test_json_that_is_no_description(text, says):
    with pytest.raises(FormatError, match=says):
        Description.from_json(text)


def test_top_k_of_angles_and_of_joints():
    d = describe(random_motion(seed=6))
    three = select(d, top_k=3)
    assert len(three.angles) == 3
    assert min(c.range for c in three.angles) >= max(c.range for c in d.angles if c not in three.angles)
    joints = select(d, top_k=3, by="joint")
    assert len({c.group for c in joints.angles}) == 3
    assert len(joints.angles) >= 3
    assert all(c in d.angles for c in joints.angles)
    assert select(d, top_k=26) == d
    assert select(d, trajectory=False).trajectory == ()
    assert "Trajectory" not in render(select(d, trajectory=False), "smd")


@pytest.mark.parametrize("delta", [3, 5, 10, 15, 60])
def test_what_changes_less_than_delta_is_static(delta):
    d = describe(random_motion(seed=8, n_frames=200), delta_deg=delta)
    for c in d.angles:
        quiet = [i.kind for i in c.intervals] == ["static"]
        assert quiet or c.range >= delta
        assert not quiet or c.range < delta + 2.5, "peaks are read before smoothing, which lowers them a little"
        assert all(abs(i.last - i.first) >= delta - 0.02 for i in c.intervals if i.kind in ("increases", "decreases"))


def test_a_larger_delta_tells_less():
    m = random_motion(seed=8, n_frames=200)
    n3, n5, n15 = (sum(len(c.intervals) for c in describe(m, delta_deg=delta).angles) for delta in (3, 5, 15))
    assert n3 > n5 > n15 >= 26


@pytest.mark.parametrize("delta", [0, -1, float("nan")])
def test_impossible_delta(delta):
    with pytest.raises(MotionError, match="delta"):
        describe(random_motion(), delta_deg=delta)


def test_impossible_selections():
    d = describe(random_motion(n_frames=5))
    with pytest.raises(MotionError, match="1 or more"):
        select(d, top_k=0)
    with pytest.raises(MotionError, match="'joint'"):
        select(d, top_k=3, by="limb")
    with pytest.raises(KinelangError, match="smd, json, brief"):
        render(d, "xml")
    with pytest.raises(KeyError, match="arm_flex_r"):
        d.channel("nose")


def test_retargeting_first_changes_nothing():
    m = random_motion(SKELETONS["mixamo"], seed=9)
    assert_same_story(describe(m), describe(retarget(m, rotations=False)))
