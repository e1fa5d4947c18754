"""How far the confidence of detected stages can be believed: how often stages of a confidence are right.

Stages of performed timelines count as right by verb and time (half of the common time shared), those of captioned CMU segments by
whether any caption mentions the verb or one like it: captions leave most out, so that this is a lower bound.

    python bench/detect_reliability.py [--clips 600] [--split val] [--out reliability.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import detect_cmu
import detect_synthetic

from kinelang.motion.ops import cut
from kinelang.timeline import detect, perform, random_timeline

Judged = list[tuple[float, bool]]
BINS = 10


def on_synthetic(count: int, seed: int) -> Judged:
    out: Judged = []
    for number in range(seed, seed + count):
        timeline = random_timeline(number)
        found = [s for s in detect(perform(timeline, number)).stages if s.verb != "stand"]
        hits = {id(f) for _, f in detect_synthetic.matched(detect_synthetic.truth(timeline), found)}
        out += [(s.confidence or 0.0, id(s) in hits) for s in found]
    return out


def on_cmu(split: str) -> Judged:
    out: Judged = []
    listed = detect_cmu.segments(split)
    motions = detect_cmu.recordings({s["trial"] for s in listed})
    for s in listed:
        mentioned = detect_cmu.closed(detect_cmu.true_verbs(s["captions"])[1])
        stages = detect(cut(motions[s["trial"]], s["start_s"], s["end_s"])).stages
        out += [(stage.confidence or 0.0, stage.verb in mentioned) for stage in stages if stage.verb != "stand"]
    return out


def binned(judged: Judged) -> list[tuple[float, float, int]]:
    """(Mean confidence, share right, number) of each tenth of the scale that has stages."""
    out = []
    for i in range(BINS):
        inside = [(c, r) for c, r in judged if i / BINS <= c < (i + 1) / BINS or (i == BINS - 1 and c == 1)]
        if inside:
            out.append((sum(c for c, _ in inside) / len(inside), sum(r for _, r in inside) / len(inside), len(inside)))
    return out


def calibration_error(judged: Judged) -> float:
    """Expected calibration error: mean gap between confidence and share right, by number of stages."""
    return sum(n * abs(c - r) for c, r, n in binned(judged)) / max(len(judged), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=600)
    parser.add_argument("--seed", type=int, default=detect_synthetic.UNSEEN + 50_000)
    parser.add_argument("--split", default="val", choices=["train", "val", "test"])
    parser.add_argument("--out", type=Path, help="write the reliability plot to this PNG")
    options = parser.parse_args()
    curves = {"performed timelines": on_synthetic(options.clips, options.seed)}
    if (detect_cmu.SHARED / "cmu_captions.json").exists():
        curves[f"captioned CMU segments ({options.split})"] = on_cmu(options.split)
    for name, judged in curves.items():
        print(f"{name}: {len(judged)} stages, expected calibration error {calibration_error(judged):.3f}")
        for confidence, right, number in binned(judged):
            print(f"  confidence {confidence:.2f}: {right:.2f} right of {number}")
    if options.out:
        draw(curves, options.out)


def draw(curves: dict[str, Judged], path: Path) -> None:
    """Share right over confidence, a line for each source."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(4.5, 4.2), layout="constrained")
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    for name, judged in curves.items():
        points = binned(judged)
        axes.plot([c for c, _, _ in points], [r for _, r, _ in points], marker="o", label=f"{name}, {len(judged)} stages")
    axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
