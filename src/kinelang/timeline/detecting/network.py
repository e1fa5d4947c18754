"""A small temporal convolution network over the signals, run with NumPy.

One network sees the body from its left and, mirrored, from its right. Whatever is told of the body as a whole is the mean of both
views, so that the mirrored motion gets the mirrored answer exactly.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import cast

import numpy as np

from kinelang.errors import FormatError
from kinelang.motion.arrays import Array
from kinelang.timeline.detecting.signals import SCALES, SIGNALS, mirrored
from kinelang.timeline.detecting.vocabulary import SIDE_MIRROR, TRACKS, WAY_MIRROR, Vocabulary
from kinelang.timeline.detecting.weights import read_safetensors

CLIP = 4.0
"""Inputs, in units of each signal's scale, are cut to this size."""
EPSILON = 1e-5
STRIDE = 2
"""Frames of the signals for one of the outputs, in networks that are trained now."""
WEIGHTS = "detector.safetensors"


@dataclass(frozen=True)
class Network:
    """Weights.

    Attributes:
        vocabulary: what its outputs mean.
        first: (5 N, W) and bias (W,): five neighbouring frames of the N signals to the width W.
        blocks: for each dilation (3 W, W), bias, gain and offset (W,): frames t - d, t, t + d, normalised, rectified, added.
        dilations: of the blocks.
        stride: frames of the signals for one of the outputs.
        last: (W, outputs) and bias.
        calibration: scores and how often stages of such a score are right, (2, K); empty where it was not measured.
    """

    vocabulary: Vocabulary
    first: tuple[Array, Array]
    blocks: tuple[tuple[Array, Array, Array, Array], ...]
    dilations: tuple[int, ...]
    stride: int
    last: tuple[Array, Array]
    calibration: Array

    def calibrated(self, score: float) -> float:
        """Probability that a stage of this score is right."""
        return float(np.interp(score, *self.calibration)) if self.calibration.size else score

    def __call__(self, x: Array) -> Array:
        """x (V, T, N) -> (V, ceil(T / stride), outputs), columns as the vocabulary says."""
        h = np.maximum(_shifted(x, (-2, -1, 0, 1, 2))[:, :: self.stride] @ self.first[0] + self.first[1], 0)
        for (weight, bias, gain, offset), d in zip(self.blocks, self.dilations, strict=True):
            y = _shifted(h, (-d, 0, d)) @ weight + bias
            y -= y.mean(axis=-1, keepdims=True)
            y /= np.sqrt((y * y).mean(axis=-1, keepdims=True) + EPSILON)
            h = h + np.maximum(y * gain + offset, 0)
        return np.asarray(h @ self.last[0] + self.last[1])


@dataclass(frozen=True)
class Seen:
    """What the network tells of a clip. For each of legs, torso, head, left_arm, right_arm:

    Attributes:
        verb: (T, classes) logarithms of probabilities.
        side: (T, 4) logits of left, right, both, alternating.
        way: (T, 10) logits of `DIRECTIONS`.
        events: (T,) repetitions a frame.
        begins, ends: (T,) probabilities.
        amount, speed: (T,).
    """

    verb: dict[str, Array]
    side: dict[str, Array]
    way: dict[str, Array]
    events: dict[str, Array]
    begins: dict[str, Array]
    ends: dict[str, Array]
    amount: dict[str, Array]
    speed: dict[str, Array]


def look(network: Network, values: Array) -> Seen:
    """Run the network on signals (T, N) from both sides."""
    left, right = _at_every_frame(network(inputs(values)), network.stride, len(values))
    columns = network.vocabulary.columns
    found: dict[str, dict[str, Array]] = {field: {} for field in ("verb", "side", "way", "events", "begins", "ends", "amount", "speed")}
    for track in TRACKS:
        for field, told in found.items():
            a, b = left[:, columns[track, field]], right[:, columns[track, field]]
            if field == "side":
                b = b[:, SIDE_MIRROR]
            elif field == "way":
                b = b[:, WAY_MIRROR]
            finish = _FINISH[field]
            if track == "arm":
                told["left_arm"], told["right_arm"] = finish(a), finish(b)
            else:
                told[track] = finish(0.5 * (a + b))
    found["events"] = {row: events / network.stride for row, events in found["events"].items()}
    return Seen(**found)


def inputs(values: Array) -> Array:
    """Signals (T, N) as the network sees them from both sides, (2, T, N) float32."""
    views = np.stack([values, mirrored(values)]) / SCALES
    return np.asarray(np.clip(views, -CLIP, CLIP), dtype=np.float32)


@lru_cache(maxsize=1)
def shipped() -> Network:
    """The network that comes with the package."""
    return load_network(cast(Path, files(__package__) / WEIGHTS))


def load_network(path: Path) -> Network:
    """Read a network. Raises FormatError if it was made for other signals or classes."""
    arrays, meta = read_safetensors(path)
    names = ", ".join(signal.name for signal in SIGNALS)
    if meta.get("signals") != names:
        raise FormatError.of(f"weights '{path.name}'", "other signals", "those of this version", "train the detector again")
    vocabulary = Vocabulary({track: tuple(classes) for track, classes in json.loads(meta["classes"]).items()})
    a = {name: array.astype(np.float32) for name, array in arrays.items()}
    dilations = tuple(int(d) for d in meta["dilations"].split())
    blocks = tuple(
        (a[f"block{i}.weight"], a[f"block{i}.bias"], a[f"block{i}.gain"], a[f"block{i}.offset"]) for i in range(len(dilations))
    )
    knots = [tuple(map(float, knot.split(":"))) for knot in meta.get("calibration", "").split()]
    first, last = (a["first.weight"], a["first.bias"]), (a["last.weight"], a["last.bias"])
    return Network(vocabulary, first, blocks, dilations, int(meta.get("stride", "1")), last, np.array(knots, dtype=np.float64).T)


def _at_every_frame(z: Array, stride: int, n_frames: int) -> Array:
    """Outputs (V, T', outputs) of every so many frames, interpolated to all. (V, T, outputs)."""
    at = np.minimum(np.arange(n_frames) / stride, z.shape[1] - 1)
    low = np.minimum(at.astype(int), max(z.shape[1] - 2, 0))
    high = np.minimum(low + 1, z.shape[1] - 1)
    share = (at - low)[None, :, None].astype(z.dtype)
    return np.asarray((1 - share) * z[:, low] + share * z[:, high])


def _shifted(x: Array, shifts: tuple[int, ...]) -> Array:
    """The frames at t + shift side by side, zeros beyond the ends. (V, T, W) -> (V, T, len(shifts) W)."""
    v, t, w = x.shape
    out = np.zeros((v, t, len(shifts), w), dtype=x.dtype)
    for i, shift in enumerate(shifts):
        if abs(shift) < t:
            out[:, max(-shift, 0) : t - max(shift, 0), i] = x[:, max(shift, 0) : t - max(-shift, 0)]
    return out.reshape(v, t, len(shifts) * w)


def log_softmax(z: Array) -> Array:
    """Logarithms of probabilities, along the last axis."""
    z = z - z.max(axis=-1, keepdims=True)
    return np.asarray(z - np.log(np.exp(z).sum(axis=-1, keepdims=True)))


def _softplus(z: Array) -> Array:
    return np.asarray(np.logaddexp(0.0, z)[:, 0])


def _sigmoid(z: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * z[:, 0])))


def _plain(z: Array) -> Array:
    return z


def _first(z: Array) -> Array:
    return np.asarray(z[:, 0])


_FINISH = {
    "verb": log_softmax,
    "side": _plain,
    "way": _plain,
    "events": _softplus,
    "begins": _sigmoid,
    "ends": _sigmoid,
    "amount": _first,
    "speed": _first,
}
