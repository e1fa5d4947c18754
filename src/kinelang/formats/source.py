"""What a reader gets: the bytes of one file, on disk or in a zip, with its name and its neighbours."""

from __future__ import annotations

import difflib
import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kinelang.errors import FormatError

MAX_FILE_BYTES = 2 * 1024**3
"""Largest file that is read. The longest CMU trial takes 20 MB."""

MAX_MEMBER_BYTES = 512 * 1024**2
"""Largest member of a zip that is unpacked: a few kilobytes of zip may claim to hold any amount."""

ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, EOFError, ValueError, OverflowError, OSError,
)  # fmt: skip
"""All that zipfile raises on damaged, encrypted or truncated archives."""

NOT_MOTIONS = ("shape.npz", "_stagei.npz", "mean.npy", "std.npy")
"""Ends of file names that data sets put beside their motions (AMASS body shapes, HumanML3D statistics)."""


@dataclass(frozen=True)
class Source:
    """One file to read.

    Attributes:
        where: the path as the user gave it, for messages; `archive.zip/name` for a member.
        data: its bytes.
        siblings: lists the file names in the same folder (or folder of the zip).
        sibling: opens one of them.
    """

    where: str
    data: bytes
    siblings: Callable[[], list[str]]
    sibling: Callable[[str], Source]

    @property
    def name(self) -> str:
        """File name without folders."""
        return Path(self.where).name

    @property
    def stem(self) -> str:
        """File name without folders and suffix: what the motion is called."""
        return Path(self.where).stem


def open_source(path: str | os.PathLike[str]) -> Source:
    """Read a file, or a member of a zip given as `archive.zip/folder/name.bvh`.

    Raises:
        FormatError: missing, a folder, not readable, empty, too large, or a damaged archive.
    """
    file, member = split_archive(path)
    where = os.fspath(path)
    if member is None:
        data = _read_file(file)
        return Source(where, data, lambda: _folder_names(file.parent), lambda name: open_source(file.parent / name))
    return _open_member(file, member)


def split_archive(path: str | os.PathLike[str]) -> tuple[Path, str | None]:
    """The file on disk and, for `archive.zip/name`, the name of the member in it (None for a plain file)."""
    file = Path(path)
    try:
        if not file.exists():
            for parent in file.parents:
                if parent.is_file():
                    return parent, file.relative_to(parent).as_posix()
    except (OSError, ValueError) as error:
        raise FormatError(f"{os.fspath(path)!r}: not a usable path ({error}); give the path of a motion file") from error
    return file, None


def open_zip(data: io.BytesIO | Path, where: str) -> zipfile.ZipFile:
    """A zip archive opened for reading. Raises FormatError if it is damaged or no zip."""
    try:
        return zipfile.ZipFile(data)
    except ZIP_ERRORS as error:
        raise FormatError(f"{where}: not a readable zip archive ({error}); unpack it or download it again") from error


def read_member(archive: zipfile.ZipFile, name: str, where: str) -> bytes:
    """Bytes of one member, its claimed size checked before and its real size while unpacking.

    Raises FormatError if it is larger than MAX_MEMBER_BYTES, damaged, encrypted or packed in an unusual way.
    """
    info = archive.getinfo(name)
    if info.file_size > MAX_MEMBER_BYTES:
        found = f"a member of {info.file_size:,} bytes unpacked"
        raise FormatError.of(where, found, f"at most {MAX_MEMBER_BYTES:,}", "unpack the archive and give the file itself")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FormatError.of(where, f"zip method {info.compress_type}", "stored or deflated members", "repack the archive with zip")
    try:
        with archive.open(info) as member:
            return member.read(MAX_MEMBER_BYTES)
    except ZIP_ERRORS as error:
        raise FormatError(f"{where}: cannot be unpacked ({error}); the archive is damaged or encrypted") from error


def list_motion_files(path: str | os.PathLike[str], suffixes: tuple[str, ...]) -> list[str]:
    """Motion files under a path, sorted: the file itself, all in a folder and below it, or all in a zip.

    Args:
        path: a file, a folder, or a zip archive (whose members come as `archive.zip/name`).
        suffixes: endings that count as motion files, lower case, as ".bvh".

    Raises:
        FormatError: nothing there, or no motion file in it.
    """
    file, member = split_archive(path)
    if member is not None:
        return [os.fspath(path)]
    if file.is_dir():
        found = [os.path.join(folder, name) for folder, _, names in os.walk(file) for name in names if is_motion_name(name, suffixes)]
    elif file.is_file() and file.suffix.lower() == ".zip":
        found = [f"{file}/{name}" for name in _member_names(file) if is_motion_name(name, suffixes)]
    elif file.is_file():
        return [os.fspath(path)]
    else:
        raise _missing(file)
    if not found:
        raise FormatError.of(os.fspath(path), "no motion file", f"files ending in {', '.join(suffixes)}")
    return sorted(found)


def is_motion_name(name: str, suffixes: tuple[str, ...]) -> bool:
    """Whether a file name looks like a motion: one of the suffixes, not hidden, not a statistics or shape file."""
    parts = PurePosixPath(name).parts
    hidden = not parts or any(p.startswith(".") or p == "__MACOSX" for p in parts)
    return not hidden and name.lower().endswith(suffixes) and not name.lower().endswith(NOT_MOTIONS)


def _read_file(file: Path) -> bytes:
    try:
        status = file.stat()
        if stat.S_ISDIR(status.st_mode):
            raise FormatError.of(str(file), "a folder", "a motion file", "give one of the files in it")
        if not stat.S_ISREG(status.st_mode):
            raise FormatError.of(str(file), "a device or pipe", "a motion file")
        if status.st_size > MAX_FILE_BYTES:
            found = f"{status.st_size:,} bytes"
            raise FormatError.of(str(file), found, f"at most {MAX_FILE_BYTES:,}", "split the recording into shorter files")
        data = file.read_bytes()
    except FileNotFoundError as error:
        raise _missing(file) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FormatError(f"{str(file)!r}: cannot be read ({reason}); check the path and its permissions") from error
    if not data:
        raise FormatError.of(str(file), "an empty file", "a motion", "copy or download it again")
    return data


def _missing(file: Path) -> FormatError:
    near = difflib.get_close_matches(file.name, _folder_names(file.parent), n=1, cutoff=0.75)
    remedy = f"did you mean {file.parent / near[0]}?" if near else "check the path"
    return FormatError(f"{file}: no such file or folder; {remedy}")


def _folder_names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError:
        return []


def _member_names(file: Path) -> list[str]:
    with open_zip(file, str(file)) as archive:
        return sorted(i.filename for i in archive.infolist() if not i.is_dir())


def _open_member(file: Path, member: str) -> Source:
    where = f"{file}/{member}"
    with open_zip(file, str(file)) as archive:
        names = [i.filename for i in archive.infolist() if not i.is_dir()]
        if member not in names:
            near = difflib.get_close_matches(member, names, n=3, cutoff=0.5) or names[:3]
            remedy = f"the archive has {len(names)} files, such as {', '.join(near)}" if names else "the archive is empty"
            raise FormatError(f"{where}: no such member; {remedy}")
        data = read_member(archive, member, where)
    if not data:
        raise FormatError.of(where, "an empty file", "a motion")
    folder = PurePosixPath(member).parent
    neighbours = [PurePosixPath(n).name for n in names if PurePosixPath(n).parent == folder]
    return Source(where, data, lambda: sorted(neighbours), lambda name: _open_member(file, (folder / name).as_posix()))
