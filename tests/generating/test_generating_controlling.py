"""What a motion is made to agree with: kept pieces, start poses, paths; and paths from files."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import kinelang
from generating.tiny_generator import clip
from kinelang.corpora.base import standard
from kinelang.errors import FormatError, MotionError, SkeletonError
from kinelang.generating import Kept
from kinelang.generating.controlling import (
    START_FRAMES,
    Fixed,
    begin_with,
    check_speed,
    checked_path,
    keep,
    own_features,
    walk_s,
    way_along,
)
from kinelang.generating.paths import read_path
from kinelang.models.finemogen.groups import PARTS, dims
from kinelang.motion.features import HUMANML3D, decode, decode_to_motion
from kinelang.motion.ops import cut, resample, transform
from kinelang.timeline import Stage, Timeline, perform

CIRCLE = np.stack([np.sin(np.linspace(0, 2 * np.pi, 80)), 1 - np.cos(np.linspace(0, 2 * np.pi, 80))], axis=1)
PATHS = {
    "ahead": [[0, 0], [0, 3]],
    "back": [[0, 0], [0, -3]],
    "corner": [[1, 1], [3, 1], [3, 4]],
    "square": [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]],
    "zigzag": [[0, 0], [2, 2], [0, 4], [2, 6]],
    "circle": CIRCLE,
    "circle the other way": CIRCLE[::-1],
    "small circle": 0.4 * CIRCLE,
    "there and back": [[0, 0], [2, 1], [0, 0]],
    "a point twice": [[0, 0], [0, 0], [0, 2], [0, 2], [2, 2]],
    "far from the origin": [[100, -50], [104, -50]],
}


def gone(path, frames: int | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(The root over the ground (T, 2), where it faces (T, 2), the checked path) as features of the path decode."""
    points = checked_path(np.asarray(path, float))
    frames = frames or max(round(20 * walk_s(points)), 10)
    way = way_along(points, frames)
    features = np.zeros((frames, HUMANML3D.width), np.float32)
    features[:, :3], features[:, 3] = way.rates, 0.9
    features[:, HUMANML3D.blocks["positions"]][:, :6] = np.tile([0.1, 0.9, 0, -0.1, 0.9, 0], (frames, 1))  # hips, left at +X
    motion = transform(decode_to_motion(features), way.yaw, (float(way.origin[0]), 0.0, float(way.origin[1])))
    across = motion.joints[:, 1] - motion.joints[:, 2]
    return motion.joints[:, 0][:, [0, 2]], np.stack([-across[:, 2], across[:, 0]], axis=1) / 0.2, points


def away_m(roots: np.ndarray, path: np.ndarray) -> np.ndarray:
    """How far each place is from the path."""
    a, d = path[:-1], np.diff(path, axis=0)
    along = ((roots[:, None] - a) * d).sum(-1) / np.maximum((d**2).sum(-1), 1e-12)
    nearest = a + np.clip(along, 0, 1)[..., None] * d
    return np.linalg.norm(roots[:, None] - nearest, axis=-1).min(axis=1)


@pytest.mark.parametrize("name", PATHS)
def test_features_of_a_path_decode_to_it(name):
    roots, _, path = gone(PATHS[name])
    assert np.linalg.norm(roots[0] - path[0]) < 0.005
    assert np.linalg.norm(roots[-1] - path[-1]) < 0.005
    assert away_m(roots, path).max() < 0.03
    corners = np.linalg.norm(path[:, None] - roots, axis=-1).min(axis=1)
    assert corners.max() < 0.06


@pytest.mark.parametrize("name", PATHS)
def test_a_path_is_gone_at_a_walk_without_jumps(name):
    roots, _, _ = gone(PATHS[name])
    velocity = 20 * np.diff(roots, axis=0)
    assert np.linalg.norm(velocity, axis=1).max() < 1.8
    assert np.linalg.norm(velocity[[0, -1]], axis=1).max() < 0.6
    assert 20 * np.linalg.norm(np.diff(velocity, axis=0), axis=1).max() < 9


@pytest.mark.parametrize("name", ["ahead", "back", "corner", "far from the origin", "circle", "circle the other way"])
def test_the_body_faces_where_the_path_leads(name):
    roots, facing, _ = gone(PATHS[name])
    moves = np.gradient(roots, axis=0)
    fast = np.linalg.norm(moves, axis=1) > 0.9 / 20
    ahead = (facing * moves).sum(axis=1) / np.linalg.norm(moves, axis=1).clip(1e-9)
    assert fast.any()
    assert ahead[fast].min() > 0.8
    assert np.median(ahead[fast]) > 0.97


def test_a_path_takes_as_many_frames_as_are_asked():
    for frames in (10, 33, 400):
        roots, _, path = gone(PATHS["corner"], frames)
        assert len(roots) == frames
        assert np.linalg.norm(roots[-1] - path[-1]) < 0.005


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=2, max_size=6))
def test_any_path_is_followed(points):
    path = np.array(points)
    assume(np.linalg.norm(np.diff(path, axis=0), axis=1).sum() >= 0.05)
    roots, _, path = gone(path)
    assert np.isfinite(roots).all()
    assert np.linalg.norm(roots[-1] - path[-1]) < 0.02
    assert away_m(roots, path).max() < 0.08


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ([[0, 0]], "shape"),
        ([], "shape"),
        ([[0, 0, 0, 0], [1, 1, 1, 1]], "shape"),
        ([0, 1, 2], "shape"),
        ([[0, 0], [np.nan, 1]], "not finite"),
        ([[0, 0], [np.inf, 1]], "not finite"),
        ([[0, 0, 0], [1, 1, 1]], "heights"),
        ([[1, 1], [1, 1]], "0.000 m long"),
    ],
)
def test_paths_that_cannot_be_gone_are_refused(path, found):
    with pytest.raises(MotionError, match=found):
        checked_path(np.array(path, float))


def test_a_path_on_level_ground_may_have_heights():
    assert np.array_equal(checked_path(np.array([[0, 0.01, 0], [1, 0, 2]])), [[0, 0], [1, 2]])


def test_paths_are_read_from_files_and_words(tmp_path):
    expected = np.array([[0, 0], [2, 0], [2, 3.5]])
    for name, text in {
        "plain.csv": "0,0\n2,0\n2,3.5\n",
        "headed.csv": "x,z\n0,0\n2,0\n\n2,3.5",
        "list.json": json.dumps(expected.tolist()),
        "object.json": json.dumps({"path": expected.tolist()}),
    }.items():
        (tmp_path / name).write_text(text)
        assert np.array_equal(read_path(str(tmp_path / name)), expected)
    assert np.array_equal(read_path("0,0 2,0  2,3.5"), expected)
    assert read_path("0,0,1 2,0,1").shape == (2, 3)
    (tmp_path / "nan.csv").write_text("0,0\nnan,1\n")
    with pytest.raises(MotionError, match="not finite"):
        checked_path(read_path(str(tmp_path / "nan.csv")))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("empty.csv", ""),
        ("words.csv", "x,z\na,b\n"),
        ("ragged.csv", "0,0\n1\n"),
        ("wide.csv", "0,0,0,0\n1,1,1,1\n"),
        ("broken.json", "[[0,0],"),
        ("object.json", '{"points": []}'),
        ("text.json", '"0,0 1,1"'),
        ("deep.json", "[[[0,0],[1,1]]]"),
    ],
)
def test_files_that_hold_no_path_are_refused(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match=name):
        read_path(str(tmp_path / name))


@pytest.mark.parametrize("text", ["", "0;0 1;1", "0,0 1", "here and there", "no/such.csv", "nix.json"])
def test_words_that_are_no_path_are_refused(text):
    with pytest.raises(FormatError):
        read_path(text)


@pytest.mark.parametrize("size", [0.93, 1.0, 1.07])
@pytest.mark.parametrize("turn", [90, 180, 270, -360])
def test_what_is_kept_keeps_its_bones_its_height_and_its_turns(size, turn):
    sense = "left" if turn > 0 else "right"
    turns = Timeline((Stage(0, 1, "walk", direction="forward"), Stage(1, 3, "turn", direction=sense, amount=abs(turn))), duration_s=4)
    motion = perform(turns, 0, fps=20)
    motion = motion.with_(positions=size * motion.joints + [0, 0.02, 0], rotations=None, root=None)
    joints, back = standard(motion).joints.astype(float), decode(own_features(motion)).astype(float)
    place = np.array([joints[0, 0, 0], 0, joints[0, 0, 2]])
    assert np.abs(back - (joints - place)[:-1]).max() < 0.02


def test_a_giant_becomes_as_large_as_the_others():
    joints = standard(clip()).joints
    giant = clip().with_(positions=1.5 * joints, rotations=None, root=None)
    assert np.abs(own_features(giant)[:, 3] - own_features(clip())[:, 3]).max() < 0.05


@pytest.mark.parametrize("parts", [PARTS, ("left_arm",), ("root", "left_leg", "right_leg"), ("head", "right_arm")])
def test_kept_pieces_land_where_and_with_what_they_are(parts):
    earlier, fixed = clip(), Fixed.nothing(100)
    keep(fixed, earlier, [Kept(tuple(parts), 0.5, 1.5, 2.0)])
    features = own_features(earlier)
    mine = [d for part in parts for d in dims(HUMANML3D, part)]
    others = sorted(set(range(HUMANML3D.width)) - set(mine))
    assert np.array_equal(fixed.values[40:60][:, mine], features[10:30][:, mine])
    assert fixed.mask[40:60][:, mine].all()
    assert not fixed.mask[:, others].any()
    assert not np.delete(fixed.mask, np.s_[40:60], axis=0).any()


def test_kept_pieces_end_with_the_motion():
    fixed = Fixed.nothing(50)
    keep(fixed, clip(), [Kept(PARTS, 0.0, 2.0, 2.0), Kept(PARTS, 0.0, 1.0, 9.0)])
    assert fixed.mask[40:].all()
    assert not fixed.mask[:40].any()


def test_pieces_beyond_the_earlier_motion_are_refused():
    with pytest.raises(MotionError, match="3.5 to 4 s"):
        keep(Fixed.nothing(50), clip(), [Kept(PARTS, 3.5, 4.0, 0.0)])


@pytest.mark.parametrize(
    ("parts", "times"), [((), (0, 1, 0)), (("tail",), (0, 1, 0)), (PARTS, (1, 1, 0)), (PARTS, (-1, 1, 0)), (PARTS, (0, 1, -1))]
)
def test_pieces_that_cannot_be_are_refused(parts, times):
    with pytest.raises(MotionError, match="kept"):
        Kept(parts, *times)


@pytest.mark.parametrize("fps", [12.5, 20, 30, 60, 120])
def test_a_single_pose_is_held(fps):
    pose = cut(clip(), 1.0, 1.05)
    assert pose.n_frames == 1
    fixed = Fixed.nothing(30)
    begin_with(fixed, pose.with_(fps=fps))
    assert fixed.mask[:START_FRAMES].all()
    assert not fixed.mask[START_FRAMES:].any()
    held = decode(fixed.values[:START_FRAMES])
    assert np.abs(held - held[0]).max() < 1e-4
    bones = np.linalg.norm(held[0, 1:] - held[0, 0], axis=-1)
    assert np.allclose(bones, np.linalg.norm(pose.joints[0, 1:] - pose.joints[0, 0], axis=-1), atol=0.02)


@pytest.mark.parametrize("fps", [20, 30, 120])
def test_the_end_of_a_motion_is_begun_with(fps):
    start = resample(clip(), fps)
    fixed = Fixed.nothing(30)
    notes = begin_with(fixed, start)
    assert "0.2 s" in notes[0]
    begun, ended = decode(fixed.values[:START_FRAMES]), standard(start).joints[-1 - START_FRAMES : -1]
    relative = lambda joints: np.linalg.norm(joints[:, 1:] - joints[:, :1], axis=-1)  # noqa: E731
    assert np.abs(relative(begun) - relative(ended)).max() < 0.02


@pytest.mark.parametrize("frames", [1, 2, 3])
@pytest.mark.parametrize("fps", [20, 120])
def test_the_shortest_starts_will_do(frames, fps):
    fixed = Fixed.nothing(30)
    begin_with(fixed, cut(clip(), 1.0, 1.0 + frames / 20).with_(fps=fps))
    assert fixed.mask[:START_FRAMES].all()


def test_a_start_that_is_no_person_is_refused():
    from kinelang.motion.skeleton import Skeleton

    rope = Skeleton("rope", ("a", "b"), (-1, 0), np.array([[0, 0, 0], [0, 1, 0]], np.float32))
    motion = kinelang.Motion(rope, 20, positions=np.zeros((5, 2, 3), np.float32) + rope.offsets)
    with pytest.raises(SkeletonError):
        begin_with(Fixed.nothing(30), motion)


@pytest.mark.parametrize("far", [1e200, 1e300, -1e9])
@pytest.mark.filterwarnings("error")
def test_points_beyond_all_measure_are_refused(far):
    with pytest.raises(MotionError, match="within 10000 m"):
        checked_path(np.array([[0, 0], [far, 0]]))


def test_a_path_that_nobody_could_go_in_the_time_is_refused():
    path = checked_path(np.array([[0, 0], [100, 0]]))
    check_speed(path, 10)
    with pytest.raises(MotionError, match="100 m in 1 s"):
        check_speed(path, 1)


@pytest.mark.parametrize("text", ["z,x\n1,2\n3,4\n", "z;x\n1;2\n3;4\n", "Z,Y,X\n1,0,2\n3,0,4\n"])
def test_the_heading_of_a_path_is_heeded(tmp_path, text):
    (tmp_path / "way.csv").write_text(text)
    assert checked_path(read_path(str(tmp_path / "way.csv"))).tolist() == [[2, 1], [4, 3]]


@pytest.mark.parametrize("text", ["0,0\n1\n", "0,0\n1,a\n", "x,z\n0,0\n1,\n"])
def test_the_point_that_is_none_is_named(tmp_path, text):
    (tmp_path / "way.csv").write_text(text)
    with pytest.raises(FormatError, match="point 2"):
        read_path(str(tmp_path / "way.csv"))
