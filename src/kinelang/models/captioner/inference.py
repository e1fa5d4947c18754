"""The captioner in NumPy: no deep-learning framework is imported to caption.

`network.py` is the readable twin; a test holds both within 1e-4.

Clips stand in one array with zeros behind them, beams of a clip beside each other; a result depends on neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kinelang.models.captioner.config import CaptionerConfig
from kinelang.models.captioner.parts import PARTS, Columns, columns_of
from kinelang.models.captioner.stepping import Decoder, Looks, State, Twin, linear_shapes, log_softmax, product, softmax
from kinelang.motion.arrays import Array

__all__ = ["Decoder", "GuidedTwin", "Looks", "Memory", "PlainTwin", "State", "Twin", "tensor_shapes", "twin_of"]

_N = len(PARTS)


@dataclass(frozen=True, eq=False)
class Memory:
    """What is kept of A clips.

    Attributes:
        features: (A, T P, h) of P parts, or of one for the baseline.
        keys: (A, 1, T, P, k d) of the attentions beside each other.
        mask: (A, 1, T) True where there is a frame.
    """

    features: Array
    keys: Array
    mask: Array

    def of(self, samples: Array) -> Memory:
        """That of some of the clips."""
        return Memory(self.features[samples], self.keys[samples], self.mask[samples])


class PartTwin(Twin):
    """Of a network of `network.py`; both kinds remember clips padded, and recur."""

    def __init__(self, weights: Mapping[str, Array], config: CaptionerConfig) -> None:
        super().__init__(weights, config.network.words, config.network.window)
        self.network, self.columns = config.network, columns_of(config.data, config.network.form)

    def remember(self, rows: Sequence[Array]) -> Memory:
        """See `Twin`."""
        longest = max(map(len, rows))
        motion = np.zeros((len(rows), longest, rows[0].shape[1]), np.float32)
        mask = np.zeros((len(rows), 1, longest), bool)
        for i, row in enumerate(rows):
            motion[i, : len(row)], mask[i, 0, : len(row)] = row, True
        features, keys = self._encoded(motion)
        return Memory(features.reshape(len(rows), -1, features.shape[-1]), keys[:, None], mask)

    def start(self, memory: Memory, beams: int = 1) -> State:
        """The state before the first word."""
        n = 1 if self.network.kind == "mlp_gru" else 4
        return State(memory, (np.zeros((len(memory.mask), beams, self.network.hidden), np.float32),) * n)

    def step(self, words: Array, state: State) -> tuple[Array, State, Looks]:
        """See `Twin`."""
        embedded = self.w["embed.weight"][words]
        attending, speaking, cells = self._recurred(embedded, state.cells)
        gamma, alpha = self._attended(state.memory, attending)
        window, mean, deviation = self.gaussian(gamma, state.memory.mask)
        together, gate = self._fused(state.memory, (embedded, attending, speaking), (gamma, window, alpha))
        logits = self.linear("output", np.tanh(together))
        gate, gamma, window, alpha, mean, deviation = (x[:, :, None] for x in (gate, gamma, window, alpha, mean, deviation))
        return log_softmax(logits), State(state.memory, cells), Looks(gate, gamma, window, alpha, mean, deviation, np.zeros(0))

    def _encoded(self, motion: Array) -> tuple[Array, Array]:
        raise NotImplementedError

    def _recurred(self, embedded: Array, cells: tuple[Array, ...]) -> tuple[Array, Array, tuple[Array, ...]]:
        raise NotImplementedError

    def _attended(self, memory: Memory, attending: Array) -> tuple[Array, Array]:
        raise NotImplementedError

    def _fused(self, memory: Memory, heard: tuple[Array, Array, Array], looks: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        raise NotImplementedError


class GuidedTwin(PartTwin):
    """Of `network.GuidedCaptioner`, in both forms."""

    def __init__(self, weights: Mapping[str, Array], config: CaptionerConfig) -> None:
        super().__init__(weights, config)
        self.code = config.network.form == "code"
        d, n = config.network.width, _N if self.code else 1
        self.query = np.concatenate([self.w["temporal_query.weight"], self.w["spatial_query.weight"]], axis=1)
        self.score = np.zeros((2 * d, 1 + n), np.float32)  # of both attentions in one product
        self.score[:d, :1], self.score[d:, 1:] = self.w["temporal_score.weight"], self.w["spatial_score.weight"]

    def _encoded(self, motion: Array) -> tuple[Array, Array]:
        parts = [self._part(f"parts.{i}", motion, columns) for i, columns in enumerate(self.columns)]
        features = np.stack(parts, axis=2)
        seen = features.reshape(*features.shape[:2], 1, -1) if self.code else features
        return features, np.concatenate([self.linear("temporal_key", seen), self.linear("spatial_key", seen)], axis=-1)

    def _part(self, name: str, motion: Array, columns: Columns) -> Array:
        both = []
        for kind, own in (("place", columns.places), ("step", columns.steps)):
            inner = np.tanh(self.linear(f"{name}.{kind}1", motion[..., list(own)]))
            both.append(np.tanh(self.linear(f"{name}.{kind}2", inner)))
        return np.concatenate(both, axis=-1)

    def _recurred(self, embedded: Array, cells: tuple[Array, ...]) -> tuple[Array, Array, tuple[Array, ...]]:
        below, below_cell = self._lstm("bottom", embedded, cells[0], cells[1])
        above, above_cell = self._lstm("top", below, cells[2], cells[3])
        return below, above, (below, below_cell, above, above_cell)

    def _lstm(self, name: str, x: Array, hidden: Array, cell: Array) -> tuple[Array, Array]:
        w = self.w
        gates = product(x, w[f"{name}.weight_ih_l0"]) + product(hidden, w[f"{name}.weight_hh_l0"])
        gates += w[f"{name}.bias_ih_l0"] + w[f"{name}.bias_hh_l0"]
        into, forget, new, out = np.split(gates, 4, axis=-1)
        cell = sigmoid(forget) * cell + sigmoid(into) * np.tanh(new)
        return sigmoid(out) * np.tanh(cell), cell

    def _attended(self, memory: Memory, attending: Array) -> tuple[Array, Array]:
        mixed = memory.keys + product(attending, self.query)[:, :, None, None]
        np.tanh(mixed, out=mixed)
        scores = product(mixed, self.score)
        temporal = scores[..., 0].mean(axis=-1)
        alpha = softmax(scores[..., 0, 1:] + self.w["spatial_score.bias"] if self.code else scores[..., 1])
        return softmax(np.where(memory.mask, temporal, -np.inf)), alpha * memory.mask[..., None]

    def _fused(self, memory: Memory, heard: tuple[Array, Array, Array], looks: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        (embedded, attending, speaking), (_, window, alpha) = heard, looks
        weights = window / window.sum(axis=-1, keepdims=True) if self.network.context_mean else window
        if self.code:
            weights = weights / np.float32(_N)
        context = (weights[..., None] * alpha).reshape(*alpha.shape[:2], -1) @ memory.features
        gate = sigmoid(self.linear("gate_state", attending) + self.linear("gate_word", embedded))
        if self.network.gate == "one":
            gate = np.ones_like(gate)
        motion, language = np.tanh(self.linear("motion_fusion", context)), np.tanh(self.linear("language_fusion", speaking))
        together = np.concatenate([embedded, gate * motion + (1 - gate) * language, attending], axis=-1)
        return self.linear("join", together) if self.code else together, gate[..., 0]


class PlainTwin(PartTwin):
    """Of `network.PlainCaptioner`. Its words have neither gate nor parts."""

    def looks(self, memory: Memory, words: Array) -> Looks:
        """See `Twin`."""
        found = super().looks(memory, words)
        return replace(found, gate=None, alpha=found.alpha[..., :0])

    def _encoded(self, motion: Array) -> tuple[Array, Array]:
        features = np.tanh(self.linear("frame2", np.tanh(self.linear("frame1", motion))))[:, :, None]
        return features, self.linear("temporal_key", features)

    def _recurred(self, embedded: Array, cells: tuple[Array, ...]) -> tuple[Array, Array, tuple[Array, ...]]:
        w, hidden = self.w, cells[0]
        x = product(embedded, w["words.weight_ih_l0"]) + w["words.bias_ih_l0"]
        h = product(hidden, w["words.weight_hh_l0"]) + w["words.bias_hh_l0"]
        (x_reset, x_keep, x_new), (h_reset, h_keep, h_new) = np.split(x, 3, axis=-1), np.split(h, 3, axis=-1)
        keep = sigmoid(x_keep + h_keep)
        hidden = (1 - keep) * np.tanh(x_new + sigmoid(x_reset + h_reset) * h_new) + keep * hidden
        return hidden, hidden, (hidden,)

    def _attended(self, memory: Memory, attending: Array) -> tuple[Array, Array]:
        mixed = np.tanh(memory.keys + self.linear("temporal_query", attending)[:, :, None, None])
        scores = product(mixed, self.w["temporal_score.weight"])[..., 0, 0]
        gamma = softmax(np.where(memory.mask, scores, -np.inf))
        return gamma, np.broadcast_to((memory.mask / np.float32(_N))[..., None], (*gamma.shape, _N))

    def _fused(self, memory: Memory, heard: tuple[Array, Array, Array], looks: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        embedded, attending, _ = heard
        together = self.linear("join", np.concatenate([embedded, looks[0] @ memory.features, attending], axis=-1))
        return together, np.ones(attending.shape[:2], np.float32)


def twin_of(weights: Mapping[str, Array], config: CaptionerConfig) -> Twin:
    """The twin of a model."""
    return (PlainTwin if config.network.kind == "mlp_gru" else GuidedTwin)(weights, config)


def tensor_shapes(config: CaptionerConfig) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the weights, as torch's state dict has them."""
    n = config.network
    h, d, e, v = n.hidden, n.width, n.embedding, n.words
    shapes: dict[str, tuple[int, ...]] = {"embed.weight": (v, e)}
    if n.kind == "mlp_gru":
        inputs = sum(len(c.places) + len(c.steps) for c in columns_of(config.data, "paper"))
        return (
            shapes
            | linear_shapes("frame1", inputs, h)
            | linear_shapes("frame2", h, h)
            | _recurrent("words", e, h, 3)
            | linear_shapes("temporal_key", h, d)
            | linear_shapes("temporal_query", h, d, bias=False)
            | linear_shapes("temporal_score", d, 1, bias=False)
            | linear_shapes("join", e + 2 * h, d)
            | linear_shapes("output", d, v)
        )
    code, together = n.form == "code", e + d + h
    for i, columns in enumerate(columns_of(config.data, n.form)):
        for kind, inputs in (("place", len(columns.places)), ("step", len(columns.steps))):
            shapes |= linear_shapes(f"parts.{i}.{kind}1", inputs, d) | linear_shapes(f"parts.{i}.{kind}2", d, h // 2)
    for name, scores in (("temporal", 1), ("spatial", _N if code else 1)):
        shapes |= linear_shapes(f"{name}_key", _N * h if code else h, d) | linear_shapes(f"{name}_query", h, d, bias=False)
        shapes |= linear_shapes(f"{name}_score", d, scores, bias=code and name == "spatial")
    shapes |= _recurrent("bottom", e, h, 4) | _recurrent("top", h, h, 4)
    shapes |= linear_shapes("gate_state", h, 1) | linear_shapes("gate_word", e, 1, bias=False)
    shapes |= linear_shapes("motion_fusion", h, d) | linear_shapes("language_fusion", h, d)
    return shapes | (linear_shapes("join", together, together) if code else {}) | linear_shapes("output", together, v)


def _recurrent(name: str, inputs: int, hidden: int, gates: int) -> dict[str, tuple[int, ...]]:
    n = gates * hidden
    sizes = {"weight_ih": (n, inputs), "weight_hh": (n, hidden), "bias_ih": (n,), "bias_hh": (n,)}
    return {f"{name}.{part}_l0": size for part, size in sizes.items()}


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without overflow."""
    return np.asarray(0.5 * np.tanh(0.5 * x) + 0.5)
