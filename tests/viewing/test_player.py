"""Pages with a player: the motion in them is the motion that was given, and nothing in them reaches outside."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kinelang
from kinelang import Motion, Skeleton
from kinelang.motion.ops import cut
from kinelang.motion.reflection import mirror
from kinelang.motion.retargeting import smpl22_positions
from kinelang.motion.skeletons import SKELETONS, SMPL22, SMPL22_JOINTS
from kinelang.viewing import Curve, Span, angle_curves, to_html, write_html
from kinelang.viewing.labels import active_at, lanes_of
from viewing.player_pages import Page, curve_of, points_of

PLAYER = Path(kinelang.__file__).parent / "viewing" / "player"
SNAKE = Skeleton("unknown", tuple(f"link{i}" for i in range(6)), (-1, 0, 1, 2, 3, 4), np.array([[0, 0, 0]] + [[0, 0, 0.2]] * 5))
NASTY = """</script><script>alert("1")</script><!-- <img src=x onerror='alert(2)'> &amp; {{script}} 🕺 \\u003c \u2028"""


def snake(reach_m: float = 1.0, frames: int = 40) -> Motion:
    path = np.random.default_rng(3).uniform(-reach_m, reach_m, size=(frames, 6, 3))
    return Motion(SNAKE, 25, positions=path, name="snake")


@pytest.mark.parametrize("name", ["walk_forward", "turn_left"])
def test_the_22_joints_come_back_to_an_eighth_of_a_millimetre(name: str) -> None:
    motion = kinelang.sample(name)
    page = Page(to_html(motion)).data
    entry = page["motions"][0]
    assert (entry["frames"], entry["fps"], entry["name"]) == (motion.n_frames, motion.fps, name)
    assert np.abs(points_of(page, entry)[:, :22] - motion.joints).max() <= 0.000126
    assert page["duration_s"] == pytest.approx(motion.duration_s)


@pytest.mark.parametrize("reach_m", [0.5, 6.0, 500.0])
def test_what_is_no_human_comes_back_however_far_it_reaches(reach_m: float) -> None:
    motion = snake(reach_m)
    page = Page(to_html(motion)).data
    entry = page["motions"][0]
    error = np.abs(points_of(page, entry) - motion.joints).max()
    assert error <= 0.51 * entry["quantum_m"] + 1e-6 * reach_m
    assert entry["quantum_m"] <= max(0.00025, 2.01 * reach_m / 32767)
    assert entry["head"] is None
    assert entry["trunk"] == []
    assert len(entry["capsules"]) == 5


@pytest.mark.parametrize("name", SKELETONS)
def test_every_known_skeleton_becomes_a_figure_with_sides(name: str) -> None:
    skeleton = SKELETONS[name]
    motion = Motion(skeleton, 30, positions=np.repeat(skeleton.rest_positions[None], 2, axis=0))
    page = Page(to_html(motion)).data
    entry = page["motions"][0]
    sides = [capsule[4] for capsule in entry["capsules"]]
    assert sides.count(1) == sides.count(2) >= 7
    assert all(0 <= end < entry["point_count"] for capsule in entry["capsules"] for end in capsule[:2])
    assert 1.0 < entry["height_m"] < 2.4
    assert np.abs(points_of(page, entry)[:, :22] - smpl22_positions(motion)[0]).max() < 0.0002


def test_limbs_have_the_sides_of_their_joints_also_in_a_mirror() -> None:
    for motion in (kinelang.sample("wave_right_hand"), mirror(kinelang.sample("wave_right_hand"))):
        entry = Page(to_html(motion)).data["motions"][0]
        for a, _, _, _, side in entry["capsules"]:
            joint = SMPL22_JOINTS[a] if a < 22 else ""
            if side and joint:
                assert joint.startswith("left_" if side == 1 else "right_")


def test_fingers_hang_on_the_wrists() -> None:
    skeleton = SKELETONS["cmu_daz"]
    motion = Motion(skeleton, 30, positions=np.repeat(skeleton.rest_positions[None], 3, axis=0))
    page = Page(to_html(motion)).data
    entry = page["motions"][0]
    points = points_of(page, entry)
    thin = [c for c in entry["capsules"] if c[2] < 0.012]
    assert len(thin) == 30  # 5 fingers of 3 lines on 2 hands
    for side, joint in ((1, "left_wrist"), (2, "right_wrist")):
        hand = sorted({end for c in thin if c[4] == side for end in c[:2]})
        away = np.linalg.norm(points[:, hand] - points[:, [SMPL22_JOINTS.index(joint)]], axis=-1)
        assert away.min() < 0.001
        assert away.max() < 0.25


def test_texts_of_the_user_stay_texts() -> None:
    motion = kinelang.sample("turn_left").with_(name=NASTY)
    spans = [Span(NASTY, 0.1, 0.9, track=NASTY, confidence=0.5, note=NASTY)]
    page = Page(to_html(motion, intervals=spans, curves=[Curve(NASTY, motion.times_s, NASTY)], title=NASTY))
    assert len(page.scripts) == 2
    assert not [tag for tag, _ in page.elements if tag == "img"]
    assert page.title == page.heading == NASTY
    entry = page.data["motions"][0]
    assert entry["name"] == NASTY
    assert entry["tracks"][0]["name"] == NASTY
    assert entry["tracks"][0]["lanes"][0][0]["label"] == NASTY
    assert entry["curves"][0]["name"] == entry["curves"][0]["unit"] == NASTY
    assert page.scripts[1] == Page(to_html(kinelang.sample("turn_left"))).scripts[1]


def test_the_page_asks_for_nothing() -> None:
    page = Page(to_html([kinelang.sample("turn_left"), snake()], title="two"))
    for tag, attributes in page.elements:
        assert "src" not in attributes, tag
        assert (attributes.get("href") or "data:,") == "data:,"
    policy = next(a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy


def test_a_single_frame_is_a_motion() -> None:
    page = Page(to_html(cut(kinelang.sample("turn_left"), 0, 1 / 30), curves={"one": np.ones(1)})).data
    assert page["motions"][0]["frames"] == 1
    assert points_of(page, page["motions"][0]).shape[0] == 1


def test_several_motions_have_their_own_rates_intervals_and_curves() -> None:
    motions = [kinelang.sample("turn_left"), kinelang.sample("squat_twice", fps=60)]
    angles = [{"a": np.arange(motions[0].n_frames)}, {}]
    page = Page(to_html(motions, intervals=[[], [("squat", 0.4, 2.5)]], curves=angles)).data
    assert [m["fps"] for m in page["motions"]] == [30, 60]
    assert [len(m["tracks"]) for m in page["motions"]] == [0, 1]
    assert [len(m["curves"]) for m in page["motions"]] == [1, 0]
    assert page["duration_s"] == pytest.approx(5.2)
    for entry, motion in zip(page["motions"], motions, strict=True):
        assert np.abs(points_of(page, entry)[:, :22] - motion.joints).max() < 0.0002


def test_curves_come_back_with_their_gaps() -> None:
    motion = kinelang.sample("turn_left")
    values = np.sin(motion.times_s)
    values[10:20] = np.nan
    page = Page(to_html(motion, curves=[Curve("sine", values, "m/s")])).data
    entry = page["motions"][0]
    assert entry["curves"][0]["unit"] == "m/s"
    assert np.array_equal(curve_of(page, entry, 0), values.astype(np.float32), equal_nan=True)


def test_joint_angles_are_curves_in_degrees() -> None:
    squat = kinelang.sample("squat_twice")
    left, right = angle_curves(squat, "knee_angle_l", "knee_angle_r")
    assert (left.name, left.unit) == ("Left Knee Flexion", "°")
    hip, knee, ankle = (squat.joints[:, SMPL22_JOINTS.index(f"left_{joint}")] for joint in ("hip", "knee", "ankle"))
    thigh, shank = knee - hip, ankle - knee
    cosine = (thigh * shank).sum(axis=-1) / np.linalg.norm(thigh, axis=-1) / np.linalg.norm(shank, axis=-1)
    assert np.allclose(left.values, np.degrees(np.arccos(cosine)), atol=0.5)
    assert right.name == "Right Knee Flexion"
    with pytest.raises(kinelang.MotionError, match="'knee'.*knee_angle_l"):
        angle_curves(squat, "knee")


times = st.floats(0, 10, allow_nan=False)


@given(st.lists(st.tuples(st.sampled_from("abc"), times, times), max_size=12))
def test_rows_never_hold_two_intervals_at_once(given_intervals: list[tuple[str, float, float]]) -> None:
    spans = [Span(label, min(a, b), max(a, b)) for label, a, b in given_intervals]
    lanes = lanes_of(spans)
    assert sorted(span for lane in lanes for span in lane) == sorted(spans)
    for lane in lanes:
        assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(lane))
    most = max((sum(s.start_s <= t < s.end_s for s in spans) for t in [s.start_s for s in spans]), default=0)
    assert len(lanes) <= max(most, 1) + sum(s.start_s == s.end_s for s in spans)


def test_numbers_of_numpy_will_do() -> None:
    interval = ("a", np.float32(0.5), np.int64(1), "row", np.float32(0.25))
    entry = Page(to_html(kinelang.sample("turn_left"), intervals=[interval])).data["motions"][0]
    mark = entry["tracks"][0]["lanes"][0][0]
    assert (mark["start_s"], mark["end_s"], mark["confidence"]) == (0.5, 1.0, 0.25)


def test_an_interval_is_active_from_its_start_up_to_its_end() -> None:
    spans = [Span("a", 0.0, 1.0), Span("b", 1.0, 2.0)]
    assert [[s.label for s in active_at(spans, t, 2.0)] for t in (0.0, 0.99, 1.0, 2.0)] == [["a"], ["a"], ["b"], ["b"]]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"intervals": [("x", 2.0, 1.0)]}, "interval 'x'"),
        ({"intervals": [("x", 0.0, float("nan"))]}, "interval 'x'"),
        ({"intervals": [Span("x", 0, 1, confidence=1.5)]}, "a confidence of 1.5"),
        ({"curves": {"knee": np.zeros(3)}}, r"curve 'knee'.*shape \(3,\)"),
        ({"curves": {"knee": ["a"] * 105}}, "curve 'knee'.*no numbers"),
    ],
)
def test_what_does_not_fit_is_refused(options: dict, complaint: str) -> None:
    with pytest.raises(kinelang.MotionError, match=complaint):
        to_html(kinelang.sample("turn_left"), **options)


@pytest.mark.parametrize(
    "options", [{"intervals": [("a", 0, 1)]}, {"intervals": [[], [], []]}, {"curves": {"a": np.zeros(3), "b": np.zeros(3)}}]
)
def test_several_motions_want_intervals_and_curves_for_each(options: dict) -> None:
    with pytest.raises(kinelang.MotionError, match="one sequence of"):
        to_html([kinelang.sample("turn_left"), snake()], **options)


def test_no_motion_is_refused() -> None:
    with pytest.raises(kinelang.MotionError, match="at least one"):
        to_html([])


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "walk.html"
    path.write_bytes(b"before")

    def full_disk(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(kinelang.FormatError, match="No space left"):
        write_html(snake(), path)
    assert path.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["walk.html"]


def test_the_same_motion_gives_the_same_page(tmp_path: Path) -> None:
    write_html(snake(), tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == to_html(snake())


def test_five_minutes_at_60_frames_a_second_stay_small() -> None:
    walk = kinelang.sample("walk_forward", fps=60)
    frames = np.resize(np.arange(walk.n_frames), 18000)
    page = to_html(Motion(SMPL22, 60, positions=walk.joints[frames], name="long"))
    assert len(page) < 4_000_000


def test_the_script_is_built_from_its_sources_and_carries_the_licence() -> None:
    """If this fails, a source under web/ was changed: run `make player` and commit player.min.js with it."""
    web, script = PLAYER / "web", (PLAYER / "player.min.js").read_text(encoding="utf-8")
    digest = hashlib.sha256()
    for name in sorted(["build.mjs", "package.json", *(f"src/{p.name}" for p in (web / "src").iterdir())]):
        digest.update(f"{name}\n".encode() + (web / name).read_bytes())
    assert f"with sources {digest.hexdigest()}" in script
    pinned = json.loads((web / "package.json").read_text(encoding="utf-8"))["devDependencies"]["three"]
    assert f"three.js {pinned} (" in script
    assert "Permission is hereby granted, free of charge" in script
    assert len(script) < 700_000
    assert "</script" not in script.lower()
    assert "<!--" not in script
