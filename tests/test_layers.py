"""Floors: a package imports only from floors below its own, and nothing heavy is imported before it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "kinelang"
MODULES = sorted(SOURCE.rglob("*.py"))
LATE = {"scipy", "matplotlib", "torch", "PIL", "multiprocessing.pool"}
"""Imported inside the functions that use them."""


def test_imports_respect_the_floors() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 kept, 0 broken" in done.stdout


def test_every_package_stands_on_a_floor() -> None:
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("layers = [", 1)[1].split("]", 1)[0]
    for package in SOURCE.iterdir():
        if package.is_dir() and (package / "__init__.py").exists():
            assert f"kinelang.{package.name}" in contract, f"{package.name} stands on no floor of the contract in pyproject.toml"


@pytest.mark.parametrize("module", MODULES, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_nothing_heavy_is_imported_at_import(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    at_import = {name for node in tree.body for name in imported(node)}
    early = {name for name in at_import if name in LATE or name.split(".")[0] in LATE}
    assert not early
    if SOURCE / "cli" in module.parents:
        assert not {
            n for n in at_import if n.startswith(("numpy", "kinelang.")) and not n.startswith(("kinelang.cli", "kinelang.errors"))
        }


def imported(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return []


@pytest.mark.parametrize("module", MODULES, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_only_the_command_line_prints(module: Path) -> None:
    if SOURCE / "cli" in module.parents:
        return
    calls = [n for n in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
    assert not [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"]
