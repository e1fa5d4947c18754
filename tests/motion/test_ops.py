"""Operations on motions keep positions, rotations and root path in step, and do what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.errors import MotionError, SkeletonError
from kinelang.motion.facing import heading
from kinelang.motion.motion import Motion
from kinelang.motion.ops import canonicalise, concatenate, cut, smooth, transform
from kinelang.motion.retargeting import smpl22_positions
from kinelang.motion.samples import SAMPLES, sample
from kinelang.motion.skeleton import Skeleton
from kinelang.motion.skeletons import SKELETONS, SMPL22
from synthetic import posed, random_motion

EACH_SKELETON = pytest.mark.parametrize("name", SKELETONS)


def with_positions(m):
    return m.with_(positions=m.joints)


def moving_bones(m):
    """The motion with translations: every bone a little longer in every frame."""
    growth = np.linspace(1, 1.2, m.n_frames)[:, None, None]
    return m.with_(translations=np.broadcast_to(m.skeleton.offsets, (m.n_frames, *m.skeleton.offsets.shape)) * growth)


def largest_step(joints):
    return np.linalg.norm(np.diff(joints, axis=0), axis=-1).max()


def degrees(radians):
    return np.degrees((radians + np.pi) % (2 * np.pi) - np.pi)


# cut


def test_cut_takes_the_frames_from_start_up_to_end():
    m = with_positions(moving_bones(random_motion(n_frames=100)))
    part = cut(m, 1, 2.5)
    assert part.n_frames == 30
    assert part.duration_s == 1.5
    for field in ("positions", "rotations", "root", "translations"):
        np.testing.assert_array_equal(getattr(part, field), getattr(m, field)[20:50])


@pytest.mark.parametrize(
    ("start_s", "end_s", "first", "last"),
    [
        (0, None, 0, 10), (0.26, None, 3, 10), (0.24, None, 2, 10), (0, 0.26, 0, 3), (0, 0.24, 0, 2), (-5, 0.2, 0, 2),
        (0.5, 99, 5, 10), (0.5, float("inf"), 5, 10), (float("-inf"), None, 0, 10), (0.3 - 1e-12, 0.7 + 1e-12, 3, 7),
    ],
)  # fmt: skip
def test_cut_rounds_to_frames_and_stays_within_the_clip(start_s, end_s, first, last):
    m = random_motion(n_frames=10, fps=10)
    np.testing.assert_array_equal(cut(m, start_s, end_s).root, m.root[first:last])


@pytest.mark.parametrize(
    ("start_s", "end_s"), [(1, 1), (2, 1), (5, None), (0, 0), (0, -1), (0, 0.02), (float("inf"), None), (-2, -1), (1e300, 1e301)]
)
def test_a_cut_that_leaves_nothing_is_refused(start_s, end_s):
    with pytest.raises(MotionError, match=r"cut of 'random 0': found .* s to .*; expected a part of its 4 s"):
        cut(random_motion(), start_s, end_s)


def test_a_cut_at_no_time_is_refused():
    for times in ((float("nan"), 1), (0, float("nan"))):
        with pytest.raises(MotionError, match="nan"):
            cut(random_motion(), *times)


@given(where=st.floats(0.05, 3.9))
def test_two_cuts_at_one_time_make_the_whole(where):
    m = random_motion(n_frames=80)
    parts = [cut(m, 0, where), cut(m, where)]
    np.testing.assert_array_equal(np.concatenate([p.root for p in parts]), m.root)


# smooth


def test_smoothing_takes_noise_away_and_leaves_slow_motion():
    m = random_motion(n_frames=200, fps=60, seed=1)
    noise = np.random.default_rng(0).normal(scale=0.01, size=m.joints.shape)
    noisy = Motion(SMPL22, 60, positions=m.joints + noise)
    smoothed = smooth(noisy, 0.05)
    before, after = (np.abs(x.positions - m.joints)[20:-20].mean() for x in (noisy, smoothed))
    assert after < 0.5 * before


@given(constant=st.floats(-100, 100), sigma_s=st.floats(0.01, 2))
def test_smoothing_keeps_what_stands_still(constant, sigma_s):
    m = Motion(SMPL22, 20, positions=np.full((30, 22, 3), constant))
    np.testing.assert_allclose(smooth(m, sigma_s).positions, m.positions, rtol=1e-5, atol=1e-6)


def test_smoothing_commutes_with_turning_and_shifting():
    m = with_positions(random_motion(n_frames=60))
    a = smooth(transform(m, 2, (1, 2, 3)), 0.1)
    b = transform(smooth(m, 0.1), 2, (1, 2, 3))
    np.testing.assert_allclose(a.positions, b.positions, atol=1e-5)
    np.testing.assert_allclose(a.with_(positions=None).joints, b.with_(positions=None).joints, atol=1e-5)


def test_smoothing_does_not_depend_on_the_signs_of_quaternions():
    m = random_motion(n_frames=60)
    flipped = m.with_(rotations=m.rotations * np.random.default_rng(0).choice([-1, 1], size=(60, 22, 1)))
    np.testing.assert_allclose(smooth(flipped, 0.1).joints, smooth(m, 0.1).joints, atol=1e-5)


def test_no_smoothing_changes_nothing():
    m = random_motion()
    assert smooth(m, 0) is m


@pytest.mark.parametrize("sigma_s", [-0.1, float("nan"), float("inf")])
def test_an_impossible_sigma_is_refused(sigma_s):
    with pytest.raises(MotionError, match=f"smooth: found sigma of {sigma_s} s; expected 0 or more"):
        smooth(random_motion(), sigma_s)


# transform


@EACH_SKELETON
def test_transform_turns_and_moves_positions_and_rotations_alike(name):
    m = with_positions(moving_bones(random_motion(SKELETONS[name], n_frames=20, seed=1)))
    there = transform(m, yaw=0.7, shift=(1, -0.5, 2))
    turn = np.array([[np.cos(0.7), 0, np.sin(0.7)], [0, 1, 0], [-np.sin(0.7), 0, np.cos(0.7)]])  # +Z towards +X
    np.testing.assert_allclose(there.positions, m.positions @ turn.T + (1, -0.5, 2), atol=1e-5)
    np.testing.assert_allclose(there.with_(positions=None).joints, there.positions, atol=1e-5)


@given(yaw=st.floats(-10, 10), x=st.floats(-100, 100), z=st.floats(-100, 100))
def test_transform_can_be_undone(yaw, x, z):
    m = random_motion(n_frames=10)
    back = transform(transform(m, yaw, (x, 0, z)), shift=(-x, 0, -z))
    np.testing.assert_allclose(transform(back, -yaw).joints, m.joints, atol=1e-4)


def test_a_positive_yaw_is_a_turn_to_the_left():
    before, after = (smpl22_positions(m)[0] for m in (sample("walk_forward"), transform(sample("walk_forward"), yaw=0.5)))
    np.testing.assert_allclose(heading(after) - heading(before), 0.5, atol=1e-4)
    travelled = after[-1, 0] - after[0, 0]
    assert travelled[0] > 0.3  # left is +X


# canonicalise


@EACH_SKELETON
@pytest.mark.parametrize("seed", range(2))
def test_canonical_is_at_the_origin_on_the_floor_facing_z(name, seed):
    m = random_motion(SKELETONS[name], n_frames=20, seed=seed, bend=0.2)
    c = canonicalise(transform(m, yaw=2, shift=(30, -4, -20)))
    body = smpl22_positions(c)[0]
    assert degrees(heading(body[:1]))[0] == pytest.approx(0, abs=0.01)
    np.testing.assert_allclose(body[0, 0, [0, 2]], 0, atol=1e-4)
    assert c.joints[..., 1].min() == pytest.approx(0, abs=1e-5)
    # Only turned and moved: distances are as they were.
    np.testing.assert_allclose(
        np.linalg.norm(c.joints - c.joints[:1, :1], axis=-1), np.linalg.norm(m.joints - m.joints[:1, :1], axis=-1), atol=1e-4
    )


@EACH_SKELETON
def test_canonicalise_is_idempotent_and_forgets_where_the_clip_was(name):
    m = with_positions(random_motion(SKELETONS[name], n_frames=20, bend=0.2))
    c = canonicalise(m)
    np.testing.assert_allclose(canonicalise(c).joints, c.joints, atol=2e-5)
    np.testing.assert_allclose(canonicalise(transform(m, 1, (3, 1, 2))).joints, c.joints, atol=2e-5)
    np.testing.assert_allclose(c.with_(positions=None).joints, c.positions, atol=1e-5)


def test_canonicalise_needs_a_person():
    chair = Skeleton("chair", ("seat", "leg1"), (-1, 0), np.zeros((2, 3)))
    with pytest.raises(SkeletonError, match="chair"):
        canonicalise(Motion(chair, 20, positions=np.zeros((3, 2, 3))))


# concatenate


@pytest.mark.parametrize("blend_s", [0.05, 0.2, 1.0])
def test_a_clip_cut_in_two_and_joined_where_it_overlaps_is_the_clip_again(blend_s):
    m = with_positions(sample("walk_forward", fps=20))
    joined = concatenate([cut(m, 0, 2 + blend_s), cut(m, 2)], blend_s)
    assert joined.n_frames == m.n_frames
    np.testing.assert_allclose(joined.positions, m.positions, atol=1e-4)
    np.testing.assert_allclose(joined.with_(positions=None).joints, m.positions, atol=1e-4)


def test_the_second_half_placed_anywhere_is_found_back():
    m = sample("walk_forward", fps=20)
    joined = concatenate([cut(m, 0, 2.2), transform(cut(m, 2), 2.5, (4, 0, -7))], 0.2)
    np.testing.assert_allclose(joined.joints, m.joints, atol=1e-3)


@pytest.mark.parametrize("first", SAMPLES)
@pytest.mark.parametrize("second", SAMPLES)
def test_joined_clips_do_not_jump_and_go_on_facing_the_same_way(first, second):
    # Cut in the midst of the movement, the second clip elsewhere and facing away.
    a, b = with_positions(cut(sample(first), 0, 2.3)), with_positions(transform(cut(sample(second), 0.4), 2.8, (5, 0, 5)))
    joined = concatenate([a, b], blend_s=0.3)
    assert joined.n_frames == a.n_frames + b.n_frames - 9
    own = max(largest_step(a.joints), largest_step(b.joints))
    # Within the blend a joint also covers the distance between the two poses, spread over its ten steps.
    apart = np.linalg.norm(_seen_from_pelvis(a)[-9] - _seen_from_pelvis(b)[0], axis=-1).max()
    assert largest_step(joined.joints) < own + 1.5 * apart / 10
    assert np.abs(degrees(np.diff(heading(joined.joints)))).max() < 15
    assert np.isfinite(joined.joints).all()
    np.testing.assert_allclose(joined.joints[: a.n_frames - 9], a.joints[:-9], atol=1e-6)


def _seen_from_pelvis(m):
    c = [canonicalise(cut(m, t, t + 1 / m.fps)).joints[0] for t in m.times_s]
    return np.array(c) - np.array(c)[:, :1]


def test_aligned_clips_are_only_turned_about_the_vertical():
    a, b = sample("squat_twice"), transform(sample("wave_right_hand"), 2, (3, 0.2, 1))
    joined = concatenate([a, b], 0)
    tail = joined.joints[a.n_frames :]
    np.testing.assert_allclose(tail[..., 1], b.joints[..., 1], atol=1e-5)
    np.testing.assert_allclose(tail[0, 0, [0, 2]], a.joints[-1, 0, [0, 2]], atol=1e-5)
    assert degrees(heading(tail[:1]) - heading(a.joints[-1:]))[0] == pytest.approx(0, abs=0.01)


def test_unaligned_clips_stay_where_they_are():
    a, b = sample("squat_twice"), transform(sample("wave_right_hand"), 2, (3, 0, 1))
    joined = concatenate([a, b], blend_s=0, align=False)
    np.testing.assert_allclose(joined.joints, np.concatenate([a.joints, b.joints]), atol=1e-6)


def test_several_clips_and_one():
    clips = [sample(name) for name in SAMPLES]
    joined = concatenate(clips, blend_s=0.2)
    assert joined.n_frames == sum(c.n_frames for c in clips) - 4 * 6
    assert concatenate(clips[:1]) is clips[0]


def test_the_blend_is_never_longer_than_a_clip():
    a, one = sample("squat_twice"), cut(sample("wave_right_hand"), 0, 1 / 30)
    assert concatenate([a, one], 5).n_frames == a.n_frames + 1
    assert concatenate([one, a], 5).n_frames == a.n_frames + 1
    assert concatenate([a, a], 99).n_frames == a.n_frames + 1


def test_notes_of_all_clips_are_kept():
    m = random_motion(n_frames=10)
    assert concatenate([m.noted("one"), m.noted("two")]).notes == ("one", "two")


def test_other_bones_are_noted():
    m = random_motion(n_frames=10)
    taller = m.with_(skeleton=m.skeleton.with_offsets(1.1 * m.skeleton.offsets), name="tall")
    (note,) = concatenate([m, taller]).notes
    assert note == "the rotations of 'tall' are on the bones of 'random 0', which differ by up to 4.3 cm"


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (random_motion(SKELETONS["mixamo"], n_frames=10), "mixamo.*expected the same joints and frame rate; use retarget and resample"),
        (random_motion(n_frames=10, fps=30), "at 30 fps; expected the same joints and frame rate; use retarget and resample"),
        (with_positions(random_motion(n_frames=10)), "positions in only one of them; expected both or neither"),
        (moving_bones(random_motion(n_frames=10)), "translations in only one of them; expected both or neither"),
    ],
)
def test_clips_that_do_not_fit_are_refused(other, says):
    with pytest.raises(MotionError, match=f"concatenate 'random 0' and 'random 0': found .*{says}"):
        concatenate([random_motion(n_frames=10), other])


def test_nothing_to_join_is_refused():
    with pytest.raises(MotionError, match="no motion"):
        concatenate([])
    for blend_s in (-0.1, float("nan"), float("inf")):
        with pytest.raises(MotionError, match="blend"):
            concatenate([random_motion(), random_motion()], blend_s)


def test_operations_leave_their_input_as_it_was():
    m = with_positions(posed(left_hip_X=np.linspace(0, 30, 40)))
    before = {field: getattr(m, field).copy() for field in ("positions", "rotations", "root")}
    cut(m, 0.5), smooth(m, 0.1), transform(m, 1, (1, 1, 1)), canonicalise(m), concatenate([m, m])
    for field, array in before.items():
        np.testing.assert_array_equal(getattr(m, field), array)
