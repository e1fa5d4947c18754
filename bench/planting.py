"""What `plant` does to clean motions and to motions as poor generators give them: skating, ground, smoothness, and how much it moves.

    python bench/planting.py

100 performed motions and the first 60 captioned CMU segments that are not of the test split. "wander": every joint strays by 1.5 cm
(root mean square) over tenths of a second. "drift": besides, each foot strays by 3 cm a direction (a third of it upward) over half a
second, and the whole body by 1.5 cm up and down. Cells are means over clips, before -> after; "planted" is the speed of planted feet as
`plant` says.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain, islice

import numpy as np
from export_error import smooth_noise

from kinelang import Motion, perform
from kinelang.corpora import CORPORA, open_corpus
from kinelang.metrics.physical import floating_cm, jerk, peak_jerk, penetration_cm, skating_ratio, weighted_skating
from kinelang.motion.ops import canonicalise
from kinelang.motion.planting import plant
from kinelang.timeline import random_timeline

PERFORMED, CAPTURED = 100, 60
WANDER_M, DRIFT_M, RISE_M = 0.015, 0.03, 0.015
LEGS = ((4, 7, 10), (5, 8, 11))


def spoilt(motion: Motion, rng: np.random.Generator, drift_m: float = 0.0) -> Motion:
    """The motion with joints that wander and, if told to, feet that drift on legs that follow."""
    joints = motion.joints.astype(np.float64)
    joints += WANDER_M / np.sqrt(3) * smooth_noise(joints.shape, motion.fps, rng)
    if drift_m:
        for knee, ankle, toe in LEGS:
            drift = drift_m * smooth_noise((len(joints), 3), motion.fps, rng, 0.4) * (1, 0.4, 1)
            joints[:, [ankle, toe]] += drift[:, None]
            joints[:, knee] += 0.5 * drift
        joints[..., 1] += RISE_M * smooth_noise((len(joints), 1), motion.fps, rng, 0.6)
    return Motion(motion.skeleton, motion.fps, positions=joints, name=motion.name)


def captured() -> Iterator[Motion]:
    corpus = open_corpus("cmu")
    for record in islice(chain(corpus.records("val"), corpus.records("train")), CAPTURED):
        yield canonicalise(record.motion())


def row(name: str, motions: list[Motion]) -> str:
    before, after, moved, again = [], [], [], []
    for motion in motions:
        better, report = plant(motion)
        for found, m, planted in ((before, motion, report.skating_before_cm_s), (after, better, report.skating_after_cm_s)):
            x = m.joints.astype(np.float64)
            found.append(
                [
                    weighted_skating(x, m.fps),
                    planted,
                    100 * skating_ratio(x, m.fps),
                    penetration_cm(x),
                    100 * float((x[..., 1].min(axis=1) < -0.005).mean()),
                    floating_cm(x),
                    jerk(x, m.fps),
                    peak_jerk(x, m.fps),
                ]
            )
        moved.append(report.mean_change_cm)
        again.append(plant(better)[1].mean_change_cm)
    cells = [f"{a:.2f} -> {b:.2f}" for a, b in zip(np.mean(before, axis=0), np.mean(after, axis=0), strict=True)]
    cells += [f"{np.mean(moved):.2f} ({np.percentile(moved, 95):.2f}, {max(moved):.2f})", f"{np.mean(again):.2f}"]
    return f"| {name} | {len(motions)} | " + " | ".join(cells) + " |"


def main() -> None:
    sources = {"performed": [perform(random_timeline(seed), seed) for seed in range(PERFORMED)]}
    if CORPORA["cmu"].find():
        sources["CMU"] = list(captured())
    else:
        print("no CMU recordings here: performed motions alone", file=sys.stderr)
    columns = ["weighted skating, cm/s", "planted, cm/s", "skating ratio, %", "penetration, cm", "frames below, %", "floating, cm"]
    columns += ["jerk, m/s³", "peak jerk", "moved, cm: mean (95 %, most)", "moved by a second time, cm"]
    print(f"| motions | clips | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 2)}")
    for name, motions in sources.items():
        print(row(name, motions))
        print(row(f"{name}, wander", [spoilt(m, np.random.default_rng(i)) for i, m in enumerate(motions)]))
        print(row(f"{name}, wander and drift", [spoilt(m, np.random.default_rng(i), DRIFT_M) for i, m in enumerate(motions)]))


if __name__ == "__main__":
    main()
