"""Files are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from kinelang.errors import FormatError


def write_atomic(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file through a temporary one in the same folder, so that a failure leaves what was there before.

    Raises:
        FormatError: the folder is missing or may not be written to.
    """
    target = Path(path)
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".part")
    except (OSError, ValueError) as error:
        raise _cannot_write(target, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())  # mkstemp's files are readable by their owner alone
        os.replace(temporary, target)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _cannot_write(target: Path, error: OSError | ValueError) -> FormatError:
    reason = getattr(error, "strerror", None) or str(error)
    return FormatError(f"{target}: cannot be written ({reason}); give a file name in an existing folder that you may write to")
