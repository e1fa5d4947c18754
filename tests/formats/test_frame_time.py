from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.errors import FormatError
from kinelang.formats.frame_time import fps_of_frame_time, frame_time_text


@pytest.mark.parametrize(
    ("text", "fps"),
    [
        ("0.00833333", 120),
        (".0083333", 120),
        ("0.0083", 120),
        ("8.33333e-03", 120),
        ("0.0333333", 30),
        (".0333333", 30),
        ("0.0333", 30),
        ("0.033", 30),
        ("0.0166667", 60),
        ("0.016667", 60),
        ("0.0166666", 60),
        ("0.0167", 60),
        ("0.017", 60),
        ("0.05", 20),
        ("0.08", 12.5),
        ("0.04", 25),
        ("0.01", 100),
        ("0.02", 50),
        ("0.0416667", 24),
        ("0.0333667", 30 / 1.001),
        ("0.0417083", 24 / 1.001),
        ("0.0166833", 60 / 1.001),
        ("0.00416667", 240),
        ("0.0078125", 128),
        ("0.0142857", 70),
        ("1", 1),
        ("0.03", 1 / 0.03),
        ("0.0000001e3", 10000),
    ],
)
def test_the_rate_that_was_meant(text: str, fps: float) -> None:
    found, note = fps_of_frame_time(text, "file")
    assert found == pytest.approx(fps, rel=1e-12)
    assert (note is None) == (abs(found * float(text) - 1) < 1e-9)


@pytest.mark.parametrize(
    "fps", [120, 60, 30, 20, 12.5, 29.97, 30 / 1.001, 59.94, 60 / 1.001, 23.976, 24, 25, 100, 240, 119.88, 0.5, 10000]
)
def test_written_rates_come_back_exactly(fps: float) -> None:
    assert fps_of_frame_time(frame_time_text(fps), "file")[0] == pytest.approx(fps, rel=1e-14)


@given(st.floats(0.01, 9999))
def test_any_rate_comes_back_closely(fps: float) -> None:
    assert fps_of_frame_time(frame_time_text(fps), "file")[0] == pytest.approx(fps, rel=1e-8)


@pytest.mark.parametrize(
    "text", ["0", "-0.03", "nan", "inf", "abc", "", "0,0333", "1e-9", "1e999", "1e7", "0.03s", "1_0", "0.00001", "١"]
)
def test_what_is_no_frame_time(text: str) -> None:
    with pytest.raises(FormatError, match="fps"):
        fps_of_frame_time(text, "file")
