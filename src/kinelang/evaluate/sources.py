"""Which code makes motions: a hash of it is part of what they are kept by, so that what older code made is not taken."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from kinelang.errors import KinelangError

PERFORMING = ("corpora", "evaluate/composing.py", "evaluate/generators.py", "formats", "language", "motion", "timeline")
"""Packages and files, within kinelang, whose code makes the motions of baselines and of what is real."""
GENERATING = (
    "corpora/base.py",
    "evaluate/generators.py",
    "generating",
    "language",
    "models/base.py",
    "models/configuring.py",
    "models/diffusion",
    "models/finemogen",
    "models/generators.py",
    "models/mdm",
    "models/table.py",
    "models/tmr/statistics.py",
    "models/with_torch.py",
    "motion",
    "timeline",
)
"""Those of models."""
LOOKING = "timeline/detecting"
"""The part of `timeline` that only looks at motions, and makes none."""


@lru_cache
def sources_identity(places: tuple[str, ...], root: Path | None = None) -> str:
    """A hash of source code. Weights that ship, in folders called "default", and what only looks at motions are left out.

    Args:
        places: folders and files.
        root: in which they are; None: the package kinelang.

    Raises:
        KinelangError: a place that is not there.
    """
    import kinelang

    root = Path(kinelang.__file__).parent if root is None else root
    digest = hashlib.blake2b(digest_size=6)
    for place in sorted(places):
        if not (root / place).exists():
            raise KinelangError.of("sources", f"no '{place}'", "a folder or file of kinelang")
        for file in sorted((root / place).rglob("*")) if (root / place).is_dir() else [root / place]:
            name = file.relative_to(root).as_posix()
            left_out = file.suffix in (".pyc", ".pyo") or "default" in file.parts[len(root.parts) :] or name.startswith(f"{LOOKING}/")
            if file.is_file() and not left_out:
                digest.update(f"{name}\n{file.stat().st_size}\n".encode() + file.read_bytes())
    return digest.hexdigest()
