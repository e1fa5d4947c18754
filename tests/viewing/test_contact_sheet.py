"""Contact sheets: they are pictures, of the right thing, with left and right in their colours and on their sides."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread

import kinelang
from kinelang import Motion, Skeleton
from kinelang.motion.arrays import Array
from kinelang.motion.ops import cut, transform
from kinelang.motion.reflection import mirror
from kinelang.motion.skeletons import SKELETONS, SMPL22
from kinelang.viewing import contact_sheet
from kinelang.viewing.contact_sheet import DPI
from kinelang.viewing.labels import INTERVAL_COLOURS
from kinelang.viewing.stick_figure import LEFT_COLOUR, MIDDLE_COLOUR, RIGHT_COLOUR, SIDE_COLOURS, bones_of


def standing(skeleton: Skeleton = SMPL22, frames: int = 1) -> Motion:
    return Motion(skeleton, 30, positions=np.repeat(skeleton.rest_positions[None], frames, axis=0), name="standing")


def pixels(motion: Motion, **options: object) -> Array:
    """The sheet as (rows, columns, 3) in 0..1, without its heading."""
    figure = contact_sheet(motion, **options)  # type: ignore[arg-type]
    figure.set_dpi(DPI)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[int(0.72 * DPI) :, :, :3] / 255.0  # type: ignore[attr-defined]


def places(picture: Array, colour: str) -> tuple[Array, Array]:
    """Columns and rows of the pixels of a colour."""
    rows, columns = np.nonzero(np.abs(picture - to_rgb(colour)).max(axis=-1) < 0.02)
    assert len(rows) > 20, f"nothing drawn in {colour}"
    return columns, rows


def test_writes_a_png_that_is_not_blank(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    contact_sheet(kinelang.sample("squat_twice"), path)
    picture = imread(path)
    assert picture.shape[0] > 400
    assert picture.shape[1] > 800
    drawn = (picture[..., :3] < 0.99).any(axis=-1)
    assert 0.05 < drawn.mean() < 0.8
    halves = np.array_split(drawn, 4, axis=1)
    assert all(half.any() for half in halves)
    assert [p.name for p in tmp_path.iterdir()] == ["sheet.png"]


def test_a_figure_that_faces_the_viewer_has_its_left_at_the_viewers_right() -> None:
    picture = pixels(standing(), n_poses=1)
    left, _ = places(picture, LEFT_COLOUR)
    right, _ = places(picture, RIGHT_COLOUR)
    assert left.mean() > right.mean() + 20
    assert left.max() > right.max() + 40
    assert right.min() < left.min() - 40


@pytest.mark.parametrize(("flip", "highest"), [(False, RIGHT_COLOUR), (True, LEFT_COLOUR)])
def test_the_arm_that_goes_up_is_drawn_up_in_its_colour(flip: bool, highest: str) -> None:
    wave = cut(kinelang.sample("wave_right_hand"), 1.5, 1.6)
    picture = pixels(mirror(wave) if flip else wave, n_poses=1)
    tops = {colour: places(picture, colour)[1].min() for colour in (LEFT_COLOUR, RIGHT_COLOUR)}
    assert min(tops, key=lambda colour: tops[colour]) == highest
    assert abs(tops[LEFT_COLOUR] - tops[RIGHT_COLOUR]) > 12


@pytest.mark.parametrize("yaw", [0.7, np.pi, -1.9])
def test_where_a_clip_was_recorded_changes_nothing(yaw: float) -> None:
    walk = kinelang.sample("walk_forward")
    here, there = pixels(walk), pixels(transform(walk, yaw=yaw, shift=(3.0, 0.0, -5.0)))
    assert here.shape == there.shape
    assert np.abs(here - there).mean() < 0.002  # edges of lines may fall between pixels differently
    assert (np.abs(here - there).max(axis=-1) > 0.5).mean() < 0.001


@pytest.mark.parametrize("name", SKELETONS)
def test_every_known_skeleton_is_drawn_with_both_sides(name: str) -> None:
    picture = pixels(standing(SKELETONS[name]), n_poses=1)
    for colour in (LEFT_COLOUR, RIGHT_COLOUR, MIDDLE_COLOUR):
        places(picture, colour)


@pytest.mark.parametrize("name", SKELETONS)
def test_no_line_leads_from_a_fixed_root_and_none_is_missing(name: str) -> None:
    skeleton = SKELETONS[name]
    bones = bones_of(skeleton)
    joined = {frozenset(pair) for pair in bones.ends.tolist()}
    assert len(joined) == len(bones.ends) == len(bones.colours) == len(bones.widths)
    if name == "bandai":
        assert frozenset({skeleton.index("joint_Root"), skeleton.index("Hips")}) not in joined
    for side in ("left", "right"):
        assert sum(colour == SIDE_COLOURS[side] for colour in bones.colours) >= 4
    assert sum(c == LEFT_COLOUR for c in bones.colours) == sum(c == RIGHT_COLOUR for c in bones.colours)


def test_fingers_are_thin_and_arms_are_not() -> None:
    skeleton = SKELETONS["cmu_daz"]
    width = {skeleton.joint_names[b]: w for (_, b), w in zip(bones_of(skeleton).ends, bones_of(skeleton).widths, strict=True)}
    assert width["lIndex2"] < 0.5 * width["lForeArm"]
    assert width["lHand"] == width["lForeArm"]


@pytest.mark.parametrize("frames", [1, 2, 3, 200])
def test_any_length(frames: int) -> None:
    figure = contact_sheet(standing(frames=frames), n_poses=8)
    captions = [text.get_text() for axes in figure.axes for text in axes.texts if " s" in text.get_text() and "·" in text.get_text()]
    assert len([c for c in captions if c[0].isdigit() and "fps" not in c]) == min(frames, 8)


def test_a_figure_that_is_not_human_is_drawn_all_the_same() -> None:
    names = tuple(f"link{i}" for i in range(6))
    snake = Skeleton("unknown", names, (-1, 0, 1, 2, 3, 4), np.array([[0, 0, 0]] + [[0, 0, 0.2]] * 5, dtype=np.float32))
    places(pixels(standing(snake, frames=4)), MIDDLE_COLOUR)


def test_intervals_are_bars_at_their_times() -> None:
    motion = standing(frames=300)  # 10 s
    picture = pixels(motion, intervals=[("early", 0.0, 2.0), ("late", 8.0, 10.0), ("early", 3.0, 4.0)])
    early, rows_early = places(picture, INTERVAL_COLOURS[0])
    late, rows_late = places(picture, INTERVAL_COLOURS[1])
    assert early.max() < late.min()
    assert rows_early.max() < rows_late.min()
    a_second = (late.max() - early.min()) / 10
    assert late.max() - late.min() == pytest.approx(2 * a_second, rel=0.05)
    assert early.max() - early.min() == pytest.approx(4 * a_second, rel=0.05)


@pytest.mark.parametrize("interval", [("x", 2.0, 1.0), ("x", float("nan"), 1.0), ("x", 0.0, float("inf"))])
def test_impossible_intervals_are_refused(interval: tuple[str, float, float]) -> None:
    with pytest.raises(kinelang.MotionError, match="interval 'x'"):
        contact_sheet(standing(), intervals=[interval])


@pytest.mark.parametrize("options", [{"n_poses": 0}, {"columns": 0}])
def test_no_poses_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(kinelang.MotionError, match="at least 1"):
        contact_sheet(standing(), **options)  # type: ignore[arg-type]


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sheet.png"
    path.write_bytes(b"before")

    def full_disk(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(kinelang.FormatError, match="No space left"):
        contact_sheet(standing(), path)
    assert path.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["sheet.png"]


def test_a_missing_folder_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(kinelang.FormatError, match="cannot be written"):
        contact_sheet(standing(), tmp_path / "no" / "sheet.png")


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    with pytest.raises(kinelang.MissingExtraError, match=r"pip install 'kinelang\[view\]'"):
        contact_sheet(standing())


def test_pyplot_and_its_windows_are_never_loaded(tmp_path: Path) -> None:
    code = f"""
import sys, kinelang
assert "matplotlib" not in sys.modules
kinelang.contact_sheet(kinelang.sample("turn_left"), {str(tmp_path / "a.png")!r})
print("matplotlib.pyplot" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "False\n", done.stderr
