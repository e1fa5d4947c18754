"""Where the tests find real data that is not part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_root() -> Path:
    """The folder that holds `data/`: KINELANG_SHARED, or `shared` beside the checkout."""
    return Path(os.environ.get("KINELANG_SHARED") or Path(__file__).resolve().parents[2] / "shared")


def shared(name: str) -> Path:
    """Path of one file of the shared data; skips the calling test where it is absent."""
    path = shared_root() / "data" / name
    if not path.exists():
        pytest.skip(f"real data not here: {path} (set KINELANG_SHARED to the folder that holds data/)")
    return path
