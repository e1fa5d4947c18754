"""`convert` has --fps for the result: what readers say about the file's own rate names --input-fps there."""

from pathlib import Path

import pytest

import kinelang


@pytest.fixture
def without_rate(sample_folder: Path, tmp_path: Path) -> Path:
    """A BVH file whose frame time says nothing."""
    lines = (sample_folder / "walk_forward.bvh").read_text().splitlines(keepends=True)
    path = tmp_path / "walk --fps (fps.bvh"
    path.write_text("".join("Frame Time: 0\n" if line.startswith("Frame Time") else line for line in lines))
    return path


def test_the_error_about_the_input_names_the_option_that_convert_has(run, without_rate: Path, tmp_path: Path) -> None:
    done = run("convert", without_rate, "out.bvh")
    assert done.returncode == 2
    assert done.stderr.startswith(f"kinelang: {without_rate}, Frame Time: ")  # the file's name as it is
    assert done.stderr.strip().endswith("correct it or give the rate: --input-fps")
    assert run("convert", without_rate, "out.bvh", "--input-fps", "30", "--fps", "15").returncode == 0
    assert kinelang.load(tmp_path / "out.bvh").fps == 15


def test_the_other_verbs_name_their_own(run, without_rate: Path) -> None:
    assert run("info", without_rate).stderr.strip().endswith("correct it or give the rate: --fps (fps=)")
