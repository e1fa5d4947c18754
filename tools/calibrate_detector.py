"""Fit the detector's confidence: how often stages of a score are right. Writes the curve into the weights file.

Half of the evidence are performed timelines that training never saw, as they are and made to look recorded; the other half captioned
CMU validation segments, where a stage counts as right if any caption mentions its verb. The curve is the isotonic regression of right
on score (pool adjacent violators).

    python tools/calibrate_detector.py --clips 600
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from detector_corpus import Clip, performed, varied_body
from train_detector import drawn

from kinelang.corpora import open_corpus
from kinelang.errors import TimelineError
from kinelang.evaluate.recordings import true_verbs
from kinelang.language.lexicon import alike
from kinelang.timeline.detecting import find
from kinelang.timeline.detecting.assembly import without_overlaps
from kinelang.timeline.detecting.body import FPS, Body
from kinelang.timeline.detecting.decoding import Candidate
from kinelang.timeline.detecting.network import WEIGHTS, load_network, look
from kinelang.timeline.detecting.signals import signals_of
from kinelang.timeline.detecting.weights import read_safetensors, write_safetensors

CLIPS_FROM = 500_000_000
Judged = list[tuple[float, bool]]


def candidates_in(body: Body, network) -> list[Candidate]:
    """The stages that would be told of a body."""
    signals = signals_of(body)
    return without_overlaps(find(signals, look(network, signals.values), network), body.n_frames)


def on_synthetic(count: int, network) -> Judged:
    """(Score, whether right) of the stages found in performed timelines, half of them varied."""
    rng = np.random.default_rng(5)
    out: Judged = []
    number = CLIPS_FROM
    while number < CLIPS_FROM + count:
        number += 1
        try:
            clip: Clip = performed(drawn(number), number)
        except TimelineError:
            continue
        body, timeline = (Body(clip.joints.astype(float), clip.gaze), clip.timeline) if number % 4 < 2 else varied_body(clip, rng)
        for c in candidates_in(body, network):
            a, b = c.start / FPS, c.end / FPS
            right = any(
                s.verb == c.verb and min(b, s.end_s) - max(a, s.start_s) >= 0.5 * (max(b, s.end_s) - min(a, s.start_s))
                for s in timeline.stages
            )
            out.append((c.score, right))
    return out


def on_cmu(split: str, network) -> Judged:
    """(Score, whether any caption mentions the verb or one like it) of the stages found in captioned CMU segments."""
    out: Judged = []
    for record in open_corpus("cmu").records(split):
        _, mentioned = true_verbs(record.texts)
        found = candidates_in(Body.of(record.motion()), network)
        out += [(c.score, any(alike(c.verb, other) for other in mentioned)) for c in found]
    return out


def isotonic(judged: Judged, weights: list[float]) -> list[tuple[float, float]]:
    """Knots (score, share right) of the best never-falling curve."""
    order = sorted(zip(judged, weights, strict=True))
    pools: list[list[float]] = []  # weight, right, score, each summed with weights
    for (score, right), weight in order:
        pools.append([weight, weight * right, weight * score])
        while len(pools) > 1 and pools[-2][1] / pools[-2][0] >= pools[-1][1] / pools[-1][0]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    return [(score / weight, (right + 0.5) / (weight + 1.0)) for weight, right, score in pools if weight > 3]


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=600)
    home = Path(__file__).resolve().parents[1] / "src/kinelang/timeline/detecting" / WEIGHTS
    parser.add_argument("--weights", type=Path, default=home)
    options = parser.parse_args()
    network = load_network(options.weights)
    synthetic, real = on_synthetic(options.clips, network), on_cmu("val", network)
    share = len(synthetic) / max(len(real), 1)
    knots = isotonic(synthetic + real, [1.0] * len(synthetic) + [min(share, 10.0)] * len(real))
    arrays, meta = read_safetensors(options.weights)
    meta["calibration"] = " ".join(f"{score:.4f}:{right:.4f}" for score, right in knots)
    write_safetensors(options.weights, arrays, meta)
    print(f"{len(synthetic)} synthetic and {len(real)} CMU stages: {meta['calibration']}")


if __name__ == "__main__":
    main()
