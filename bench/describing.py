"""How many times faster than real time a motion in memory is described: 26 angles and the trajectory, on one core.

Motions are the captioned CMU segments, brought to 20 fps and 22 joints beforehand, as they are, cut to HumanML3D's mean length, and as
whole recordings; without the data, the sample motions. There is no other implementation to stand beside: the published one could not be
had.

    python bench/describing.py [--rounds 7]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from pathlib import Path

from kinelang import Motion, describe, load
from kinelang.formats import list_motion_files
from kinelang.motion.ops import cut, resample
from kinelang.motion.retargeting import retarget
from kinelang.motion.samples import SAMPLES, sample

MEAN_CLIP_S = 7.1  # HumanML3D's


def recordings(data: Path, most: int) -> dict[str, Motion]:
    """Captioned CMU recordings of the train split at 20 fps on 22 joints, without the added T-pose frame."""
    captioned = {c["trial"] for c in json.loads((data / "cmu_captions.json").read_text()) if c["split"] == "train"}
    out = {}
    for path in list_motion_files(data / "cmu_bvh.zip"):
        trial = Path(path).stem
        if trial in captioned and len(out) < most:
            motion = load(path)
            out[trial] = resample(retarget(cut(motion, 1 / motion.fps), rotations=False), 20)
    return out


def measure(name: str, motions: list[Motion], rounds: int) -> None:
    """One table row: each motion's best and median time over the rounds, summed."""
    times = []
    for motion in motions:
        describe(motion)
        mine = []
        for _ in range(rounds):
            start = time.perf_counter()
            describe(motion)
            mine.append(time.perf_counter() - start)
        times.append(mine)
    seconds = sum(m.duration_s for m in motions)
    best, median = sum(map(min, times)), sum(map(statistics.median, times))
    ms = 1000 * median / len(motions)
    length = seconds / len(motions)
    print(f"| {name} | {len(motions)} | {length:.1f} s | {ms:.1f} ms | {seconds / median:,.0f}x | {seconds / best:,.0f}x |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--most", type=int, default=40, help="most recordings")
    options = parser.parse_args()
    shared = Path(os.environ.get("KINELANG_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "data"
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; one process\n")
    print("| motions | number | mean length | median time | x real time (median) | (best) |")
    print("|---|---|---|---|---|---|")
    if (shared / "cmu_captions.json").exists():
        whole = recordings(shared, options.most)
        clips = [
            cut(whole[c["trial"]], c["start_s"], c["end_s"])
            for c in json.loads((shared / "cmu_captions.json").read_text())
            if c["trial"] in whole
        ]
        measure("captioned segments", clips, options.rounds)
        measure(f"cut to {MEAN_CLIP_S} s", [cut(m, 0, MEAN_CLIP_S) for m in clips if m.duration_s > MEAN_CLIP_S], options.rounds)
        measure("whole recordings over 15 s", [m for m in whole.values() if m.duration_s > 15], options.rounds)
    measure("sample motions", [resample(sample(name), 20) for name in SAMPLES], options.rounds)


if __name__ == "__main__":
    main()
