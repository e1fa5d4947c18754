"""Sequences on disk survive a kill at any byte, and are told apart from those of others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kinelang.errors import FormatError, ModelError
from kinelang.training.sequences import INDEX, ROWS, Sequences


def rows(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, 5)).astype(np.float16).astype(np.float32)


def filled(folder: Path, lengths: list[int]) -> Sequences:
    kept = Sequences(folder, 5)
    for i, n in enumerate(lengths):
        kept.append(f"k{i}", rows(n, i), {"about": i})
    kept.close()
    return kept


def test_written_and_read(tmp_path: Path) -> None:
    filled(tmp_path, [3, 0, 7])
    with Sequences(tmp_path, 5) as kept:
        assert [len(kept), kept.length(0), kept.length(1), kept.length(2)] == [3, 3, 0, 7]
        np.testing.assert_array_equal(kept[2], rows(7, 2))
        assert kept[1].shape == (0, 5)
        assert kept.entries[2] == {"key": "k2", "rows": 7, "about": 2}


def test_the_rows_are_a_npy_file(tmp_path: Path) -> None:
    filled(tmp_path, [3, 7])
    np.testing.assert_array_equal(np.load(tmp_path / ROWS), np.concatenate([rows(3, 0), rows(7, 1)]).astype(np.float16))


def test_what_was_added_last_can_be_read_at_once(tmp_path: Path) -> None:
    with Sequences(tmp_path, 5) as kept:
        for i in range(4):
            kept.append(f"k{i}", rows(i + 1, i))
            np.testing.assert_array_equal(kept[i], rows(i + 1, i))


def test_cut_at_any_byte(tmp_path: Path) -> None:
    """A process killed while it was writing leaves a beginning of the two files; adding goes on after the last whole sequence."""
    filled(tmp_path / "whole", [4, 2, 6])
    index, data = (tmp_path / "whole" / INDEX).read_bytes(), (tmp_path / "whole" / ROWS).read_bytes()
    cuts = [(len(index), len(data) - 3), (len(index) - 5, len(data)), (1, len(data)), (len(index), 128), (0, 0)]
    for n, (keep_index, keep_rows) in enumerate(cuts):
        folder = tmp_path / str(n)
        folder.mkdir()
        (folder / INDEX).write_bytes(index[:keep_index])
        (folder / ROWS).write_bytes(data[: max(keep_rows, 128)])
        with Sequences(folder, 5) as kept:
            for i, length in enumerate([4, 2, 6]):
                if f"k{i}" not in kept.places:
                    kept.append(f"k{i}", rows(length, i), {"about": i})
        assert (folder / ROWS).read_bytes() == data
        assert (folder / INDEX).read_bytes() == index


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with Sequences(tmp_path, 5), pytest.raises(ModelError, match="another process adding"):
        Sequences(tmp_path, 5)


def test_other_width(tmp_path: Path) -> None:
    filled(tmp_path, [4])
    with pytest.raises(ModelError, match="rows of width 5; expected 4"):
        Sequences(tmp_path, 4)


def test_a_key_once(tmp_path: Path) -> None:
    with Sequences(tmp_path, 5) as kept:
        kept.append("a", rows(1))
        with pytest.raises(ModelError, match="'a' twice"):
            kept.append("a", rows(1))


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FormatError, match="cannot be made"):
        Sequences(tmp_path / "file" / "x", 5)
