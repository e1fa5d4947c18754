"""How far the confidence of detected stages can be believed: how often stages of a confidence are right.

Stages of performed timelines count as right by verb and time (half of the common time shared), verbs detected in captioned CMU segments
by whether any caption mentions the verb or one like it: captions leave most out, so that this is a lower bound.

    python bench/detect_reliability.py [--clips 600] [--split val] [--out reliability.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from kinelang.corpora import CORPORA, open_corpus
from kinelang.evaluate.recordings import seen_in
from kinelang.evaluate.stages import matched
from kinelang.evaluate.timeline import UNSEEN, completed, reliability
from kinelang.language.lexicon import alike
from kinelang.timeline import detect, perform, random_timeline

Judged = list[tuple[float, bool]]


def on_synthetic(count: int, seed: int) -> Judged:
    out: Judged = []
    for number in range(seed, seed + count):
        timeline = random_timeline(number)
        found = [s for s in detect(perform(timeline, number)).stages if s.verb != "stand"]
        hits = {id(f) for _, f in matched(completed(timeline).stages, found)}
        out += [(s.confidence or 0.0, id(s) in hits) for s in found]
    return out


def on_cmu(split: str) -> Judged:
    return [
        (stage.confidence or 0.0, any(alike(stage.verb, other) for other in clip.mentioned))
        for clip in seen_in(open_corpus("cmu").records(split), detect)
        for stage in clip.stages
        if stage.verb != "stand"
    ]


def calibration_error(judged: Judged) -> float:
    """Expected calibration error: mean gap between confidence and share right, by number of stages."""
    return sum(n * abs(c - r) for c, r, n in reliability(judged, 10)) / max(len(judged), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=600)
    parser.add_argument("--seed", type=int, default=UNSEEN + 50_000)
    parser.add_argument("--split", default="val", choices=["train", "val", "test"])
    parser.add_argument("--out", type=Path, help="write the reliability plot to this PNG")
    options = parser.parse_args()
    curves = {"performed timelines": on_synthetic(options.clips, options.seed)}
    if CORPORA["cmu"].find() is not None:
        curves[f"captioned CMU segments ({options.split})"] = on_cmu(options.split)
    for name, judged in curves.items():
        print(f"{name}: {len(judged)} stages, expected calibration error {calibration_error(judged):.3f}")
        for confidence, right, number in reliability(judged, 10):
            print(f"    confidence {confidence:.2f}: {right:.2f} right of {number}")
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
        points = reliability(judged, 10)
        axes.plot([c for c, _, _ in points], [r for _, r, _ in points], marker="o", label=f"{name}, {len(judged)} stages")
    axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
