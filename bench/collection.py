"""Describing a collection of HumanML3D's size, files included, as `kinelang describe FOLDER --out FILE` does it.

    python bench/collection.py [--clips 14616] [--jobs 2] [--format brief]

14,616 clips of 7.04 s at 20 frames a second are 28.6 hours. The clips are pieces of real recordings (CMU), repeated, where the shared
data are, else of the sample motions. Prints seconds, times real time, and the memory of all processes over the run.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import kinelang  # noqa: E402
from kinelang.motion.arrays import Array  # noqa: E402
from kinelang.motion.ops import resample  # noqa: E402
from kinelang.motion.samples import SAMPLES  # noqa: E402
from shared_data import shared_root  # noqa: E402

FRAMES = 141
FPS = 20.0
RECORDINGS = 40


def real_clips() -> tuple[list[Array], str]:
    """Pieces (141, 22, 3) of recordings at 20 fps, and what they are."""
    archive = shared_root() / "data" / "cmu_bvh.zip"
    if archive.exists():
        with zipfile.ZipFile(archive) as members:
            names = sorted(n for n in members.namelist() if n.endswith(".bvh"))[:RECORDINGS]
        motions = [kinelang.load(f"{archive}/{name}") for name in names]
        what = f"pieces of {len(names)} CMU recordings"
    else:
        motions = [kinelang.sample(name) for name in SAMPLES]
        what = "sample motions"
    joints = [resample(kinelang.retarget(m, rotations=False), FPS).joints for m in motions]
    if not archive.exists():
        joints = [np.concatenate([j, j[::-1], j])[:FRAMES] for j in joints]
    return [j[i : i + FRAMES] for j in joints for i in range(0, len(j) - FRAMES + 1, FRAMES)], what


def tree_memory_mb(process: int) -> float:
    """Resident memory of a process and its children, megabytes (Linux)."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    own = next((float(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)
    return own + sum(tree_memory_mb(int(child)) for child in children)


def watched(command: list[str]) -> tuple[float, list[float]]:
    """Seconds a command takes, and the memory of its processes four times a second."""
    start = time.perf_counter()
    memory = []
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            memory.append(tree_memory_mb(process.pid))
            time.sleep(0.25)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - start, memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=14_616)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--format", default="brief", choices=["brief", "smd", "json"])
    options = parser.parse_args()
    clips, what = real_clips()
    with tempfile.TemporaryDirectory() as scratch:
        folder, out = Path(scratch, "clips"), Path(scratch, "out.jsonl")
        folder.mkdir()
        for i in range(options.clips):
            np.save(folder / f"{i:06d}.npy", clips[i % len(clips)].astype(np.float32))
        command = [sys.executable, "-m", "kinelang", "describe", str(folder), "--out", str(out)]
        seconds, memory = watched([*command, "--jobs", str(options.jobs), "--format", options.format])
        with open(out, "rb") as written:
            lines = sum(1 for _ in written)
        size_mb = out.stat().st_size / 1e6
    assert lines == options.clips
    hours = options.clips * FRAMES / FPS / 3600
    quarters = [f"{max(part):.0f}" for part in np.array_split(memory, 4) if len(part)]
    print(f"Python {platform.python_version()}, {options.jobs} processes on {len(os.sched_getaffinity(0))} CPUs; {what}, repeated\n")
    print(
        "| clips | hours | format | seconds | ms a clip and process | times real time | output MB | memory MB, peak of each quarter |"
    )
    print("|---|---|---|---|---|---|---|---|")
    per_clip = seconds * options.jobs / options.clips * 1e3
    print(
        f"| {options.clips:,} | {hours:.1f} | {options.format} | {seconds:.1f} | {per_clip:.2f} | {hours * 3600 / seconds:,.0f} "
        f"| {size_mb:.0f} | {', '.join(quarters)} |"
    )


if __name__ == "__main__":
    main()
