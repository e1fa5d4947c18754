from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import kinelang
from kinelang.cli import main
from kinelang.motion.samples import SAMPLES

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample motions as BVH files."""
    folder = tmp_path_factory.mktemp("samples")
    for name in SAMPLES:
        kinelang.save(kinelang.sample(name), folder / f"{name}.bvh")
    return folder


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process, in an empty folder: quick, for everything that needs no process of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # main replaces it

    def run_here(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = ["kinelang", *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", command)
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return subprocess.CompletedProcess(command, code, *capsys.readouterr())

    return run_here


@pytest.fixture
def run_process(tmp_path: Path) -> Run:
    """Run the command line as a user would: a process of its own, warnings as errors, in an empty folder."""

    def run_kinelang(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", "-m", "kinelang", *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, encoding="utf-8")

    return run_kinelang
