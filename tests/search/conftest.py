from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fake import FakeRetriever

import kinelang
from kinelang.search import Index
from kinelang.timeline import from_text, perform

SCORES = {
    "wave_left": "0-3 wave side=left count=3",
    "wave_right": "0-3 wave side=right count=3",
    "kick_left": "0-1.5 kick side=left",
    "kick_right": "0-1.5 kick side=right",
    "walk_then_wave": "0-3 walk direction=forward\n3-6 wave side=left count=3",
}
SAMPLES = ("walk_forward", "squat_twice", "turn_left")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight short motions as BVH files, in a folder with one below it."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "waving").mkdir()
    for name in SAMPLES:
        kinelang.save(kinelang.sample(name), folder / f"{name}.bvh")
    for seed, (name, lines) in enumerate(SCORES.items()):
        place = folder / "waving" if name.startswith("wave") else folder
        kinelang.save(perform(from_text(lines), seed), place / f"{name}.bvh")
    return folder


@pytest.fixture
def retriever() -> FakeRetriever:
    return FakeRetriever()


@pytest.fixture(scope="session")
def shared_index(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the library, not to be changed."""
    path = tmp_path_factory.mktemp("index") / "library.index"
    Index.build(path, [library], FakeRetriever()).close()
    return path


@pytest.fixture
def index(shared_index: Path, retriever: FakeRetriever):
    with Index.open(shared_index, retriever) as opened:
        yield opened


@pytest.fixture
def own(library: Path, tmp_path: Path) -> Callable[..., Path]:
    """A folder of one's own with some motions of the library."""

    def copied(*names: str) -> Path:
        folder = tmp_path / "own"
        folder.mkdir(exist_ok=True)
        for name in names:
            source = next(library.rglob(f"{name}.bvh"))
            (folder / source.name).write_bytes(source.read_bytes())
        return folder

    return copied
