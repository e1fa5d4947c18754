"""Fit the detector's confidence: how often stages of a score are right. Writes the curve into the weights file.

Two thirds of the evidence are captioned CMU validation segments, where a stage counts as right if two captions mention its verb, and as
half right if one does; one third performed timelines that training never saw, as they are and made to look recorded.

    python tools/calibrate_detector.py --clips 600
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from detector_corpus import Clip, performed, varied_body
from scipy.optimize import minimize
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
Judged = list[tuple[float, float]]


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
    """(Score, 1 if two captions mention the verb or one like it, 0.5 if one does) of the stages found in captioned CMU segments."""
    out: Judged = []
    for record in open_corpus("cmu").records(split):
        agreed, mentioned = true_verbs(record.texts)
        found = candidates_in(Body.of(record.motion()), network)
        out += [(c.score, 0.5 * sum(any(alike(c.verb, other) for other in verbs) for verbs in (agreed, mentioned))) for c in found]
    return out


def logistic(judged: Judged, weights: list[float]) -> list[tuple[float, float]]:
    """Points (score, share right) of the curve whose log odds rise in a straight line with those of the score, best in likelihood."""
    scores, right = np.array(judged, dtype=float).T
    x = np.log(np.clip(scores, 0.02, 0.98) / (1 - np.clip(scores, 0.02, 0.98)))

    def cost(line: np.ndarray) -> float:
        z = line[0] + line[1] * x
        return float((np.array(weights) * (np.logaddexp(0, z) - right * z)).sum())

    intercept, slope = minimize(cost, (0.0, 1.0), bounds=((None, None), (0.0, None))).x
    at = np.array([0.02, *np.arange(0.1, 0.91, 0.1), 0.95, 0.98])
    return [(float(s), float(1 / (1 + np.exp(-intercept - slope * np.log(s / (1 - s)))))) for s in at]


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=600)
    home = Path(__file__).resolve().parents[1] / "src/kinelang/timeline/detecting" / WEIGHTS
    parser.add_argument("--weights", type=Path, default=home)
    options = parser.parse_args()
    network = load_network(options.weights)
    synthetic, real = on_synthetic(options.clips, network), on_cmu("val", network)
    share = 0.5 * len(real) / max(len(synthetic), 1)
    knots = logistic(synthetic + real, [share] * len(synthetic) + [1.0] * len(real))
    arrays, meta = read_safetensors(options.weights)
    meta["calibration"] = " ".join(f"{score:.4f}:{right:.4f}" for score, right in knots)
    write_safetensors(options.weights, arrays, meta)
    print(f"{len(synthetic)} synthetic and {len(real)} CMU stages: {meta['calibration']}")


if __name__ == "__main__":
    main()
