"""Which code makes motions: any change of it is seen, and nothing that makes them is left out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import kinelang
from kinelang.errors import KinelangError
from kinelang.evaluate.sources import GENERATING, PERFORMING, sources_identity

ROOT = Path(kinelang.__file__).parent
ASIDE = (
    "__init__.py",
    "atomic.py",
    "errors.py",
    "corpora",
    "formats",
    "models/__init__.py",
    "models/captioner",
    "models/decoding.py",
    "models/evaluator",
    "models/tmr",
    "models/transformer_captioner",
)
"""What a generator loads beside, and what decides none of its motions: errors, corpora, configurations of other models."""


def made(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    sources_identity.cache_clear()
    return sources_identity(("a", "b.py"), folder)


def test_any_change_is_seen_but_of_weights_and_of_what_looks_at_motions(tmp_path: Path) -> None:
    files = {"a/x.py": "1", "a/deep/y.json": "2", "b.py": "3", "a/default/weights": "4", "a/__pycache__/x.pyc": "5", "c.py": "6"}
    first = made(tmp_path, files)
    assert made(tmp_path, files) == first
    for name in ("a/default/weights", "a/__pycache__/x.pyc", "c.py"):
        assert made(tmp_path, {name: "other"}) == first, name
    assert len({made(tmp_path, {name: "other"}) for name in ("a/x.py", "a/deep/y.json", "b.py", "a/new.py")} - {first}) == 4
    with pytest.raises(KinelangError, match="no 'd'"):
        sources_identity(("d",), tmp_path)


def test_what_looks_at_motions_makes_none(tmp_path: Path) -> None:
    (tmp_path / "timeline" / "detecting").mkdir(parents=True)
    (tmp_path / "timeline" / "parsing.py").write_text("1")
    before = sources_identity(("timeline",), tmp_path)
    (tmp_path / "timeline" / "detecting" / "rules.py").write_text("1")
    sources_identity.cache_clear()
    assert sources_identity(("timeline",), tmp_path) == before


def test_the_places_are_there() -> None:
    assert len({sources_identity(PERFORMING), sources_identity(GENERATING)}) == 2


def test_everything_that_a_generator_loads_is_among_them() -> None:
    pytest.importorskip("torch", reason="the extra `models` is not installed")
    code = (
        "import sys, kinelang.generating.generator, kinelang.generating.finishing, kinelang.models.generators, kinelang.models.table\n"
        "print(*(m.__file__ for n, m in sys.modules.items() if n.partition('.')[0] == 'kinelang' and m.__file__), sep='\\n')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {Path(line).relative_to(ROOT).as_posix() for line in ran.stdout.splitlines()}
    assert "generating/generator.py" in loaded
    covered = (*GENERATING, *ASIDE)
    assert [name for name in sorted(loaded) if not any(name == place or name.startswith(f"{place}/") for place in covered)] == []
