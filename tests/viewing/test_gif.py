"""Animations: their length, their sides, their captions."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageColor

import kinelang
from kinelang import Motion, Skeleton
from kinelang.motion.arrays import Array
from kinelang.motion.ops import cut
from kinelang.motion.reflection import mirror
from kinelang.viewing import write_gif
from kinelang.viewing.labels import INTERVAL_COLOURS
from kinelang.viewing.stick_figure import LEFT_COLOUR, RIGHT_COLOUR


def frames_of(path: Path) -> tuple[list[Array], list[int]]:
    """Every frame (rows, columns, 3) and how long it stands in milliseconds."""
    pictures, durations = [], []
    with Image.open(path) as gif:
        for i in range(getattr(gif, "n_frames", 1)):
            gif.seek(i)
            pictures.append(np.asarray(gif.convert("RGB")).astype(int))
            durations.append(int(gif.info.get("duration", 0)))
    return pictures, durations


def places(picture: Array, colour: str) -> Array:
    """Columns and rows (N, 2) of the pixels of a colour."""
    return np.argwhere(np.abs(picture - ImageColor.getrgb(colour)).max(axis=-1) < 12)[:, ::-1]


@pytest.mark.parametrize("fps", [10, 24, 30])
def test_it_lasts_as_long_as_the_motion(tmp_path: Path, fps: int) -> None:
    motion = kinelang.sample("turn_left")
    write_gif(motion, tmp_path / "a.gif", fps=fps, size=120)
    pictures, durations = frames_of(tmp_path / "a.gif")
    assert sum(durations) / 1000 == pytest.approx(motion.duration_s, abs=0.03)
    assert len(pictures) <= round(motion.duration_s * fps)  # frames that look the same may be one
    assert len(pictures) > 0.8 * motion.duration_s * fps
    assert [p.name for p in tmp_path.iterdir()] == ["a.gif"]


@pytest.mark.parametrize(("flip", "highest"), [(False, RIGHT_COLOUR), (True, LEFT_COLOUR)])
def test_the_arm_that_goes_up_is_drawn_up_in_its_colour(tmp_path: Path, flip: bool, highest: str) -> None:
    wave = cut(kinelang.sample("wave_right_hand"), 1.5, 1.6)
    write_gif(mirror(wave) if flip else wave, tmp_path / "a.gif", size=200)
    picture = frames_of(tmp_path / "a.gif")[0][0]
    tops = {colour: places(picture, colour)[:, 1].min() for colour in (LEFT_COLOUR, RIGHT_COLOUR)}
    assert min(tops, key=lambda colour: tops[colour]) == highest
    assert abs(tops[LEFT_COLOUR] - tops[RIGHT_COLOUR]) > 10


def test_an_interval_is_written_while_it_lasts_and_no_longer(tmp_path: Path) -> None:
    motion = kinelang.sample("turn_left")
    write_gif(motion, tmp_path / "a.gif", fps=10, size=160, intervals=[("first", 0.0, 1.0), ("second", 2.0, 3.0)])
    pictures, durations = frames_of(tmp_path / "a.gif")
    second = 0.0
    for picture, duration in zip(pictures, durations, strict=True):
        shown = [len(places(picture, colour)) > 50 for colour in INTERVAL_COLOURS[:2]]
        assert shown == [second < 0.995, 1.995 < second < 2.995], second
        second += duration / 1000


def test_several_stand_side_by_side_and_the_shorter_waits(tmp_path: Path) -> None:
    short, long = cut(kinelang.sample("wave_right_hand"), 0, 1), kinelang.sample("squat_twice", fps=60)
    write_gif([short, long], tmp_path / "a.gif", fps=8, size=140, intervals=[[], [("squat", 0.4, 2.5)]])
    pictures, durations = frames_of(tmp_path / "a.gif")
    assert pictures[0].shape[1] == 280
    assert sum(durations) / 1000 == pytest.approx(long.duration_s, abs=0.07)
    for half in (pictures[0][:, :140], pictures[0][:, 140:]):
        assert len(places(half, LEFT_COLOUR)) > 20
    body = slice(30, -40)  # without heading and captions
    assert np.array_equal(pictures[20][body, :140], pictures[30][body, :140])
    assert not np.array_equal(pictures[12][body, 140:], pictures[20][body, 140:])


def test_any_figure_of_any_length_can_be_drawn(tmp_path: Path) -> None:
    names = tuple(f"link{i}" for i in range(6))
    snake = Skeleton("unknown", names, (-1, 0, 1, 2, 3, 4), np.array([[0, 0, 0]] + [[0, 0, 0.2]] * 5))
    write_gif(Motion(snake, 30, positions=snake.rest_positions[None], name="🕺 " * 50), tmp_path / "a.gif", size=100)
    assert len(frames_of(tmp_path / "a.gif")[0]) == 1


def test_the_file_is_small_and_always_the_same(tmp_path: Path) -> None:
    walk = kinelang.sample("walk_forward")
    for name in ("a.gif", "b.gif"):
        write_gif(walk, tmp_path / name)
    assert (tmp_path / "a.gif").stat().st_size < 900_000
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()


@pytest.mark.parametrize("options", [{"fps": 0}, {"fps": 51}, {"fps": float("nan")}, {"size": 20}, {"intervals": [("x", 2, 1)]}])
def test_what_cannot_be_drawn_is_refused(tmp_path: Path, options: dict) -> None:
    with pytest.raises(kinelang.MotionError):
        write_gif(kinelang.sample("turn_left"), tmp_path / "a.gif", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(kinelang.FormatError, match="cannot be written"):
        write_gif(cut(kinelang.sample("turn_left"), 0, 0.2), tmp_path / "no" / "a.gif", size=100)


def test_without_pillow_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(kinelang.MissingExtraError, match=r"pip install 'kinelang\[view\]'"):
        write_gif(kinelang.sample("turn_left"), tmp_path / "a.gif")
