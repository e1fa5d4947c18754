"""Feature encoding against the published procedure, in one interleaved run; prints a Markdown table.

    python bench/feature_encoding.py [--frames 200] [--clips 32] [--rounds 15]

The procedure is its readable NumPy form in tests/motion/features_reference.py, uniform skeleton included on both sides. The clip is the
one that HumanML3D publishes where the shared data are, else a made-up one.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "motion")]

import features_reference as reference  # noqa: E402

from kinelang.motion.features import HUMANML3D, encode, encode_batch  # noqa: E402
from shared_data import shared_root  # noqa: E402


def clip_of(frames: int) -> tuple[np.ndarray, str]:
    """A clip of so many frames, (T, 22, 3) float32, and where it comes from."""
    path = shared_root() / "data" / "humanml3d_reference" / "new_joints_012314.npy"
    if path.exists():
        joints = np.load(path, allow_pickle=False)
        there_and_back = np.concatenate([joints, joints[-2:0:-1]])
        return np.resize(there_and_back, (frames, 22, 3)), "HumanML3D clip 012314, played to and fro"
    return reference.random_clip(reference.HUMANML3D, frames, np.random.default_rng(0)).astype(np.float32), "made-up clip"


def medians_s(tasks: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median wall time of each task in seconds; one run of each in every round, after one that does not count."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for round_number in range(rounds + 1):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            if round_number:
                times[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) for name, values in times.items()}


def processor() -> str:
    """Name of the processor, as far as the system tells."""
    info = Path("/proc/cpuinfo")
    names = (
        [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    return names[0] if names else platform.processor() or platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--clips", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    joints, origin = clip_of(options.frames)
    lengths = np.array(HUMANML3D.bone_lengths)
    clips = [joints] * options.clips
    short = [joints[:60]] * options.clips
    cases = {
        f"clips of {options.frames} frames": clips,
        "clips of 60 frames": short,
    }
    print(f"{processor()}, Python {platform.python_version()}, NumPy {np.__version__}; {origin}; median of {options.rounds} rounds\n")
    print("| | published procedure, NumPy | encode, clip by clip | encode_batch |\n|---|---|---|---|")
    for title, batch in cases.items():
        seconds = medians_s(
            {
                "published": lambda batch=batch: [reference.encode(c, lengths=lengths) for c in batch],
                "single": lambda batch=batch: [encode(c) for c in batch],
                "batch": lambda batch=batch: encode_batch(batch),
            },
            options.rounds,
        )
        cells = [f"{1000 * s / len(batch):.2f} ms ({seconds['published'] / s:.1f}x)" for s in seconds.values()]
        print(f"| {options.clips} {title} | " + " | ".join(cells) + " |")
    error = np.abs(encode(joints.astype(np.float64)) - reference.encode(joints, lengths=lengths)).max()
    print(f"\nLargest difference between the two in float64: {error:.1e}")


if __name__ == "__main__":
    main()
