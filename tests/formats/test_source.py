"""Opening files: folders, zips, sizes, and everything that can be wrong with them."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from format_samples import TINY_ASF, tiny_amc, tiny_bvh

from kinelang.atomic import write_atomic
from kinelang.errors import FormatError
from kinelang.formats import list_motion_files, load, source
from kinelang.formats.source import open_source


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("b/walk two.bvh", tiny_bvh())
        file.writestr("b/01_02.amc", tiny_amc())
        file.writestr("b/01.asf", TINY_ASF)
        file.writestr("a.bvh", tiny_bvh())
        file.writestr("readme.txt", "no motion")
        file.writestr("empty.bvh", "")
        file.writestr("__MACOSX/._a.bvh", "junk")
        file.writestr(".hidden.bvh", "junk")
        file.writestr("Mean.npy", "junk")
    return path


def test_members_of_a_zip_read_by_path(archive: Path) -> None:
    motion = load(f"{archive}/b/walk two.bvh")
    assert (motion.name, motion.source) == ("walk two", f"{archive}/b/walk two.bvh")
    assert load(f"{archive}/b/01_02.amc").n_frames == 4  # its skeleton is found inside the zip too


def test_motion_files_are_listed(archive: Path, tmp_path: Path) -> None:
    assert list_motion_files(archive) == [f"{archive}/{n}" for n in ("a.bvh", "b/01_02.amc", "b/walk two.bvh", "empty.bvh")]
    (tmp_path / "sub" / ".git").mkdir(parents=True)
    for name in ("sub/x.BVH", "z.npy", "sub/y.npz", "shape.npz", "neutral_stagei.npz", "Std.npy", "notes.txt", "01.asf"):
        (tmp_path / name).write_text("x")
    assert list_motion_files(tmp_path) == [str(tmp_path / n) for n in ("sub/x.BVH", "sub/y.npz", "z.npy")]
    assert list_motion_files(tmp_path / "notes.txt") == [str(tmp_path / "notes.txt")]
    assert list_motion_files(f"{archive}/a.bvh") == [f"{archive}/a.bvh"]
    with pytest.raises(FormatError, match="no motion file"):
        list_motion_files(tmp_path / "sub" / ".git")
    with pytest.raises(FormatError, match="no such file"):
        list_motion_files(tmp_path / "nowhere")


def test_a_zip_of_one_motion_needs_no_member_name(tmp_path: Path, archive: Path) -> None:
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as file:
        file.writestr("only.bvh", tiny_bvh())
    assert load(tmp_path / "one.zip").name == "only"
    with pytest.raises(FormatError, match=r"4 motions.*name one of them"):
        load(archive)


def test_what_is_missing_is_said_with_what_is_near(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "walk_01.bvh").write_text("x")
    for path, part in [
        (tmp_path / "walk_02.bvh", "did you mean"),
        (tmp_path / "nowhere" / "x.bvh", "no such file"),
        (f"{archive}/b/walk.bvh", "b/walk two.bvh"),
        (tmp_path, "a folder"),
        (f"{archive}/empty.bvh", "empty file"),
        ("a\0b.bvh", "null"),
        ("x" * 5000, "too long"),
        ("", "a folder"),
        (tmp_path / "walk_01.bvh" / "inner.bvh", "not a readable zip"),
    ]:
        with pytest.raises(FormatError, match=part):
            load(path)


def test_an_empty_file_a_pipe_and_a_locked_file(tmp_path: Path) -> None:
    (tmp_path / "empty.bvh").write_bytes(b"")
    with pytest.raises(FormatError, match="empty file"):
        load(tmp_path / "empty.bvh")
    os.mkfifo(tmp_path / "pipe.bvh")
    with pytest.raises(FormatError, match="pipe"):
        load(tmp_path / "pipe.bvh")
    (tmp_path / "locked.bvh").write_text(tiny_bvh())
    (tmp_path / "locked.bvh").chmod(0)
    if os.geteuid() != 0:
        with pytest.raises(FormatError, match="permissions"):
            load(tmp_path / "locked.bvh")


def test_sizes_are_checked_before_reading(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "big.bvh").write_text(tiny_bvh())
    monkeypatch.setattr(source, "MAX_FILE_BYTES", 1000)
    with pytest.raises(FormatError, match="at most 1,000"):
        load(tmp_path / "big.bvh")
    monkeypatch.undo()
    monkeypatch.setattr(source, "MAX_MEMBER_BYTES", 1000)
    with pytest.raises(FormatError, match=r"bytes unpacked.*at most 1,000"):
        load(f"{archive}/a.bvh")


def test_a_sparse_file_beyond_the_limit_is_refused_at_once(tmp_path: Path) -> None:
    with open(tmp_path / "huge.bvh", "wb") as file:
        file.truncate(source.MAX_FILE_BYTES + 1)
    with pytest.raises(FormatError, match="at most"):
        load(tmp_path / "huge.bvh")


def test_a_zip_bomb_is_refused_by_its_claim(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as file, file.open("a.bvh", "w", force_zip64=True) as member:
        for _ in range(9):
            member.write(bytes(64 * 1024 * 1024))
    assert (tmp_path / "bomb.zip").stat().st_size < 1_000_000
    with pytest.raises(FormatError, match="bytes unpacked"):
        load(tmp_path / "bomb.zip/a.bvh")


def test_a_member_that_lies_about_its_size_is_cut_off(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "lying.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.bvh", tiny_bvh())
    data = bytearray((tmp_path / "lying.zip").read_bytes())
    at = data.index(b"PK\x01\x02") + 24  # the size in its entry in the central directory
    assert int.from_bytes(data[at : at + 4], "little") == len(tiny_bvh())
    data[at : at + 4] = (len(tiny_bvh()) - 7).to_bytes(4, "little")
    (tmp_path / "lying.zip").write_bytes(data)
    with pytest.raises(FormatError):
        load(tmp_path / "lying.zip/a.bvh")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_declined(method: int, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as file:
        file.writestr("a.bvh", tiny_bvh())
    with pytest.raises(FormatError, match="stored or deflated"):
        load(tmp_path / "a.zip/a.bvh")


def test_damaged_archives(archive: Path, tmp_path: Path) -> None:
    data = archive.read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[:-40])
    (tmp_path / "flag.zip").write_bytes(data.replace(b"\x14\x00\x00\x00\x08\x00", b"\x14\x00\x01\x00\x08\x00"))
    for name in ("cut.zip", "flag.zip"):
        with pytest.raises(FormatError):
            load(tmp_path / name / "a.bvh")


def test_writing_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.bvh"
    write_atomic(target, b"first")
    (tmp_path / "plain").write_bytes(b"")
    assert target.stat().st_mode == (tmp_path / "plain").stat().st_mode
    (tmp_path / "plain").unlink()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FormatError, match="No space left"):
        write_atomic(target, b"second")
    monkeypatch.undo()
    assert target.read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["a.bvh"]
    with pytest.raises(FormatError, match="cannot be written"):
        write_atomic(tmp_path / "no" / "a.bvh", b"x")
    with pytest.raises(FormatError, match="cannot be written"):
        write_atomic(tmp_path, b"x")


def test_a_member_reads_the_same_bytes_as_the_file(archive: Path) -> None:
    assert open_source(f"{archive}/a.bvh").data == tiny_bvh().encode()
    assert io.BytesIO(open_source(f"{archive}/a.bvh").data).read(9) == b"HIERARCHY"
