"""Every error kinelang raises on purpose.

A message is one line that says where (file, line or field), what was found, what was expected and what to do.
`KinelangError.of` builds that line, so that all of them read alike.
"""

from __future__ import annotations

from typing import TypeVar

_Error = TypeVar("_Error", bound="KinelangError")


class KinelangError(Exception):
    """Base class: anything wrong with what the user gave, said in one line."""

    @classmethod
    def of(cls: type[_Error], where: str, found: str, expected: str = "", remedy: str = "") -> _Error:
        """Build the one-line message `where: found FOUND; expected EXPECTED; REMEDY`."""
        parts = [f"found {found}"]
        if expected:
            parts.append(f"expected {expected}")
        if remedy:
            parts.append(remedy)
        text = "; ".join(parts)
        message = f"{where}: {text}" if where else text
        return cls(" ".join(message.split()))


class FormatError(KinelangError):
    """A file is not what its format says it should be."""


class SkeletonError(KinelangError):
    """A skeleton is malformed, unknown, or has no joint that is needed."""


class MotionError(KinelangError):
    """Arrays that do not make a motion, or an operation that a motion does not allow."""


class TimelineError(KinelangError):
    """A stage or timeline that cannot be: unknown verb, impossible time or parameter, two stages on one body part."""


class CorpusError(KinelangError):
    """A data set is missing, incomplete or not laid out as it should be; the message says where to get it."""


class ModelError(KinelangError):
    """A model's folder is missing, incomplete or not what its configuration says, or its input is none it can take."""


class MissingExtraError(KinelangError):
    """An optional dependency is not installed; the message names the line that installs it."""

    @classmethod
    def for_extra(cls, package: str, extra: str) -> MissingExtraError:
        """Error for a feature that needs `package`, which the extra `extra` brings."""
        return cls(f"{package} is not installed; this needs it; install it with: pip install 'kinelang[{extra}]'")
