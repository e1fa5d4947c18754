"""BVH reading against np.loadtxt and other packages, in one interleaved run; prints a Markdown table.

    python bench/bvh_reading.py [FILE ...] [--rounds 15]

np.loadtxt reads the motion block alone, from memory; all others read the whole file from disk. kinelang ends with a Motion: the
hierarchy, unit and axis inferred, numbers checked, quaternions. bvhio.readAsBvh, bvh and pymotion end with what is written in the
file (bvh with its numbers as text). Without arguments the files are three CMU trials of the shared data, short, middling and long,
and a Bandai-Namco clip with position channels on every joint; where those are absent, made-up ones.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import platform
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "formats")]

from format_samples import walk  # noqa: E402

from kinelang.formats import load, save  # noqa: E402
from shared_data import shared_root  # noqa: E402

MEMBERS = (
    ("cmu_bvh.zip", "02_03.bvh"),
    ("cmu_bvh.zip", "02_05.bvh"),
    ("cmu_bvh.zip", "01_01.bvh"),
    ("bandai1_bvh.zip", "dataset-1_walk_normal_001.bvh"),
)


def read_with_bvh(path: str) -> object:
    with open(path) as file:
        return import_module("bvh").Bvh(file.read()).frames


def read_with_bvhsdk(path: str) -> object:
    with contextlib.redirect_stdout(io.StringIO()):
        return import_module("bvhsdk").ReadFile(path)


def read_with_pymotion(path: str) -> object:
    reader = import_module("pymotion.io.bvh").BVH()
    reader.load(path)
    return reader.data


READERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "kinelang.load": ("kinelang", load),
    "upc-pymotion": ("pymotion.io.bvh", read_with_pymotion),
    "bvhsdk": ("bvhsdk", read_with_bvhsdk),
    "bvh": ("bvh", read_with_bvh),
    "bvhio": ("bvhio", lambda path: import_module("bvhio").readAsBvh(path)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    readers = {name: read for name, (module, read) in READERS.items() if available(module)}
    with tempfile.TemporaryDirectory() as folder:
        files = options.files or samples(Path(folder))
        print(f"{processor()}, Python {platform.python_version()}, NumPy {np.__version__}; median of {options.rounds} rounds, ms/MB of")
        print("motion block, and how many times np.loadtxt's\n")
        print("| file | motion | np.loadtxt | " + " | ".join(readers) + " |\n|---|---|---|" + "---|" * len(readers))
        for path in files:
            print(row(path, readers, options.rounds))
    for name in READERS.keys() - readers.keys():
        print(f"\n{name}: not installed, left out (pip install {name})")


def row(path: str, readers: dict[str, Callable[[str], object]], rounds: int) -> str:
    """One line of the table."""
    block = motion_block(Path(path).read_bytes())
    calls: dict[str, Callable[[], object]] = {"np.loadtxt": lambda: np.loadtxt(io.BytesIO(block))}
    calls |= {name: lambda read=read: read(path) for name, read in readers.items()}
    seconds = medians_s(calls, rounds)
    base = seconds.pop("np.loadtxt")
    per_mb = 1000 / (len(block) / 1e6)
    cells = [f"{base * per_mb:.1f}", *(f"{s * per_mb:.1f} ({s / base:.2f}x)" for s in seconds.values())]
    return f"| {Path(path).name} | {len(block) / 1e6:.2f} MB | " + " | ".join(cells) + " |"


def medians_s(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each call, the calls taking turns so that a busy moment falls on all of them. Slow ones take fewer turns."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            if turn > 3 and statistics.median(times[name]) > 2:
                continue
            start = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(t[1:]) for name, t in times.items()}  # the first turn warms up


def motion_block(data: bytes) -> bytes:
    """The rows of numbers after the frame time."""
    return data[data.index(b"\n", data.index(b"Frame Time")) + 1 :]


def samples(folder: Path) -> list[str]:
    """Real files unpacked to a folder, or made-up ones."""
    out = []
    for archive, member in MEMBERS:
        path = shared_root() / "data" / archive
        if path.exists():
            with zipfile.ZipFile(path) as opened:
                name = next(n for n in opened.namelist() if n.endswith(member))
                (folder / member).write_bytes(opened.read(name))
            out.append(str(folder / member))
    if not out:
        for frames in (200, 3000):
            save(walk("cmu_daz", frames, 120.0), folder / f"made_up_{frames}.bvh")
            out.append(str(folder / f"made_up_{frames}.bvh"))
    return out


def available(module: str) -> bool:
    try:
        import_module(module)
    except ImportError:
        return False
    return True


def processor() -> str:
    """Name of the processor, as far as the system says it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
