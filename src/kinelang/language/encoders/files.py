"""Where packages, weights and caches lie, and what a file's content is. Nothing is ever downloaded."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from kinelang.atomic import write_atomic
from kinelang.errors import KinelangError

_BLOCK_BYTES = 1 << 20
_REMEMBERED = "file_hashes.json"


def package_folders(package: str) -> list[Path] | None:
    """The folders of an installed package, found without importing it; None where it is not installed."""
    try:
        found = find_spec(package)
    except ValueError:  # something else stands in its name's place
        return None
    return None if found is None else [Path(place) for place in found.submodule_search_locations or ()]


def cache_folder() -> Path:
    """Where kinelang keeps what it can make again: KINELANG_CACHE, else `kinelang` in the platform's cache folder. It may not exist."""
    if given := os.environ.get("KINELANG_CACHE"):
        return Path(given)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "kinelang"


def hub_folder() -> Path:
    """The cache of the Hugging Face hub, by the environment variables of huggingface_hub."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if given := os.environ.get(variable):
            return Path(given)
    home = os.environ.get("HF_HOME")
    return Path(home or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huggingface") / "hub"


def hub_snapshot(repository: str) -> Path | None:
    """The folder of a model ("org/name") in the hub's cache at its branch `main`, else at any revision; None if it is not there."""
    stored = hub_folder() / ("models--" + repository.replace("/", "--"))
    with contextlib.suppress(OSError):
        main = stored / "snapshots" / (stored / "refs" / "main").read_text(encoding="utf-8").strip()
        if main.is_dir():
            return main
    snapshots = sorted(stored.glob("snapshots/*/config.json"))
    return snapshots[-1].parent if snapshots else None


def sha256_of(file: Path) -> str:
    """SHA-256 of a file, hexadecimal; remembered in the cache folder by path, size and time of change, so that a start is quick.

    Raises:
        KinelangError: it cannot be read.
    """
    try:
        resolved = file.resolve()
        stat = resolved.stat()
        stamp = [stat.st_size, stat.st_mtime_ns]
        known = _remembered().get(str(resolved))
        if isinstance(known, list) and known[:2] == stamp and len(known) == 3:
            return str(known[2])
        digest = hashlib.sha256()
        with open(resolved, "rb") as opened:
            while block := opened.read(_BLOCK_BYTES):
                digest.update(block)
    except OSError as error:
        raise KinelangError(f"{file}: cannot be read ({error.strerror or error})") from error
    _remember(str(resolved), [*stamp, digest.hexdigest()])
    return digest.hexdigest()


def _remembered() -> dict[str, object]:
    try:
        known = json.loads((cache_folder() / _REMEMBERED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _remember(path: str, entry: list[object]) -> None:
    """Where the cache folder cannot be written, the hash is taken again next time."""
    with contextlib.suppress(OSError, KinelangError):
        cache_folder().mkdir(parents=True, exist_ok=True)
        known = {**_remembered(), path: entry}
        write_atomic(cache_folder() / _REMEMBERED, json.dumps(known, indent=1).encode())
