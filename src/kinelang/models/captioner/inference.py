"""The captioner in NumPy: no deep-learning framework is imported to caption.

`network.py` is the readable twin; a test holds both within 1e-4.

Clips stand in one array with zeros behind them, beams of a clip beside each other; a result depends on neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from kinelang.models.captioner.config import CaptionerConfig
from kinelang.models.captioner.parts import PARTS, Columns, columns_of
from kinelang.motion.arrays import Array

LEAST_VARIANCE = 0.25
"""As in the network."""
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


@dataclass(frozen=True, eq=False)
class State:
    """Between two words: the clips and the recurrent networks' (A, K, h) arrays."""

    memory: Memory
    cells: tuple[Array, ...]


@dataclass(frozen=True, eq=False)
class Looks:
    """Where the words (A, K, L) looked.

    Attributes:
        gate: (A, K, L) beta: 1 motion, 0 language.
        gamma, window: (A, K, L, T) temporal attention and its Gaussian, 0 where a clip has ended.
        alpha: (A, K, L, T, 6) spatial attention, 0 where a clip has ended.
        mean, deviation: (A, K, L) of the Gaussian, in frames seen.
        log_probability: (A, K, L) of the word itself.
    """

    gate: Array
    gamma: Array
    window: Array
    alpha: Array
    mean: Array
    deviation: Array
    log_probability: Array


class Twin:
    """A captioner's weights as NumPy computes with them.

    Args:
        weights: as torch's state dict names them, float32.
        config: of the model.
    """

    def __init__(self, weights: Mapping[str, Array], config: CaptionerConfig) -> None:
        self.w = {name: np.ascontiguousarray(w.T if w.ndim == 2 and name != "embed.weight" else w) for name, w in weights.items()}
        self.network, self.columns = config.network, columns_of(config.data, config.network.form)
        self.n_words = config.network.words

    def remember(self, rows: Sequence[Array]) -> Memory:
        """Memory of normalised rows with context, each (T_i, D), T_i at least 1."""
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
        """Last words (A, K) -> logarithms of probabilities (A, K, V), the state after, and where the next word looks (L of 1)."""
        embedded = self.w["embed.weight"][words]
        attending, speaking, cells = self._recurred(embedded, state.cells)
        gamma, alpha = self._attended(state.memory, attending)
        window, mean, deviation = self._gaussian(gamma, state.memory.mask)
        together, gate = self._fused(state.memory, (embedded, attending, speaking), (gamma, window, alpha))
        logits = self._linear("output", np.tanh(together))
        gate, gamma, window, alpha, mean, deviation = (x[:, :, None] for x in (gate, gamma, window, alpha, mean, deviation))
        return log_softmax(logits), State(state.memory, cells), Looks(gate, gamma, window, alpha, mean, deviation, np.zeros(0))

    def looks(self, memory: Memory, words: Array) -> Looks:
        """Where given words looked: (A, K, L + 1), <sos> first; what stands behind a sentence's end looks anywhere."""
        state, found = self.start(memory, words.shape[1]), []
        for i in range(words.shape[2] - 1):
            log_probabilities, state, look = self.step(words[:, :, i], state)
            own = np.take_along_axis(log_probabilities, words[:, :, i + 1, None], axis=-1)
            found.append(replace(look, log_probability=own))
        return Looks(*(np.concatenate([getattr(look, f.name) for look in found], axis=2) for f in fields(Looks)))

    def _linear(self, name: str, x: Array) -> Array:
        out = product(x, self.w[f"{name}.weight"])
        if f"{name}.bias" in self.w:
            out += self.w[f"{name}.bias"]
        return out

    def _gaussian(self, gamma: Array, mask: Array) -> tuple[Array, Array, Array]:
        at = np.arange(gamma.shape[-1], dtype=np.float32)
        mean = (gamma * at).sum(axis=-1, keepdims=True)
        away = (at - mean) ** 2
        variance = np.maximum((gamma * away).sum(axis=-1, keepdims=True), LEAST_VARIANCE) * np.float32(self.network.window**2)
        window = np.exp(away / (-2 * variance)) * mask
        return window, mean[..., 0], np.sqrt(variance[..., 0])

    def _encoded(self, motion: Array) -> tuple[Array, Array]:
        raise NotImplementedError

    def _recurred(self, embedded: Array, cells: tuple[Array, ...]) -> tuple[Array, Array, tuple[Array, ...]]:
        raise NotImplementedError

    def _attended(self, memory: Memory, attending: Array) -> tuple[Array, Array]:
        raise NotImplementedError

    def _fused(self, memory: Memory, heard: tuple[Array, Array, Array], looks: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        raise NotImplementedError


class GuidedTwin(Twin):
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
        return features, np.concatenate([self._linear("temporal_key", seen), self._linear("spatial_key", seen)], axis=-1)

    def _part(self, name: str, motion: Array, columns: Columns) -> Array:
        both = []
        for kind, own in (("place", columns.places), ("step", columns.steps)):
            inner = np.tanh(self._linear(f"{name}.{kind}1", motion[..., list(own)]))
            both.append(np.tanh(self._linear(f"{name}.{kind}2", inner)))
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
        gate = sigmoid(self._linear("gate_state", attending) + self._linear("gate_word", embedded))
        if self.network.gate == "one":
            gate = np.ones_like(gate)
        motion, language = np.tanh(self._linear("motion_fusion", context)), np.tanh(self._linear("language_fusion", speaking))
        together = np.concatenate([embedded, gate * motion + (1 - gate) * language, attending], axis=-1)
        return self._linear("join", together) if self.code else together, gate[..., 0]


class PlainTwin(Twin):
    """Of `network.PlainCaptioner`."""

    def _encoded(self, motion: Array) -> tuple[Array, Array]:
        features = np.tanh(self._linear("frame2", np.tanh(self._linear("frame1", motion))))[:, :, None]
        return features, self._linear("temporal_key", features)

    def _recurred(self, embedded: Array, cells: tuple[Array, ...]) -> tuple[Array, Array, tuple[Array, ...]]:
        w, hidden = self.w, cells[0]
        x = product(embedded, w["words.weight_ih_l0"]) + w["words.bias_ih_l0"]
        h = product(hidden, w["words.weight_hh_l0"]) + w["words.bias_hh_l0"]
        (x_reset, x_keep, x_new), (h_reset, h_keep, h_new) = np.split(x, 3, axis=-1), np.split(h, 3, axis=-1)
        keep = sigmoid(x_keep + h_keep)
        hidden = (1 - keep) * np.tanh(x_new + sigmoid(x_reset + h_reset) * h_new) + keep * hidden
        return hidden, hidden, (hidden,)

    def _attended(self, memory: Memory, attending: Array) -> tuple[Array, Array]:
        mixed = np.tanh(memory.keys + self._linear("temporal_query", attending)[:, :, None, None])
        scores = product(mixed, self.w["temporal_score.weight"])[..., 0, 0]
        gamma = softmax(np.where(memory.mask, scores, -np.inf))
        return gamma, np.broadcast_to((memory.mask / np.float32(_N))[..., None], (*gamma.shape, _N))

    def _fused(self, memory: Memory, heard: tuple[Array, Array, Array], looks: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        embedded, attending, _ = heard
        together = self._linear("join", np.concatenate([embedded, looks[0] @ memory.features, attending], axis=-1))
        return together, np.ones(attending.shape[:2], np.float32)


def twin_of(weights: Mapping[str, Array], config: CaptionerConfig) -> Twin:
    """The twin of a model."""
    return (PlainTwin if config.network.kind == "mlp_gru" else GuidedTwin)(weights, config)


class Decoder:
    """A `decoding.Step` of remembered clips."""

    def __init__(self, twin: Twin, memory: Memory) -> None:
        self._twin, self._memory = twin, memory
        self.n_samples, self.n_words = len(memory.mask), twin.n_words

    def start(self) -> State:
        """The state before the first word."""
        return self._twin.start(self._memory)

    def __call__(self, words: Array, state: State) -> tuple[Array, State]:
        """The next words."""
        log_probabilities, state, _ = self._twin.step(words, state)
        return log_probabilities, state

    def follow(self, state: State, parents: Array) -> State:
        """Beams rearranged."""
        return State(state.memory, tuple(np.take_along_axis(cell, parents[..., None], axis=1) for cell in state.cells))

    def keep(self, state: State, samples: Array) -> State:
        """Some of the clips."""
        return State(state.memory.of(samples), tuple(cell[samples] for cell in state.cells))


def tensor_shapes(config: CaptionerConfig) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the weights, as torch's state dict has them."""
    n = config.network
    h, d, e, v = n.hidden, n.width, n.embedding, n.words
    shapes: dict[str, tuple[int, ...]] = {"embed.weight": (v, e)}
    if n.kind == "mlp_gru":
        inputs = sum(len(c.places) + len(c.steps) for c in columns_of(config.data, "paper"))
        return (
            shapes
            | _linear("frame1", inputs, h)
            | _linear("frame2", h, h)
            | _recurrent("words", e, h, 3)
            | _linear("temporal_key", h, d)
            | _linear("temporal_query", h, d, bias=False)
            | _linear("temporal_score", d, 1, bias=False)
            | _linear("join", e + 2 * h, d)
            | _linear("output", d, v)
        )
    code, together = n.form == "code", e + d + h
    for i, columns in enumerate(columns_of(config.data, n.form)):
        for kind, inputs in (("place", len(columns.places)), ("step", len(columns.steps))):
            shapes |= _linear(f"parts.{i}.{kind}1", inputs, d) | _linear(f"parts.{i}.{kind}2", d, h // 2)
    for name, scores in (("temporal", 1), ("spatial", _N if code else 1)):
        shapes |= _linear(f"{name}_key", _N * h if code else h, d) | _linear(f"{name}_query", h, d, bias=False)
        shapes |= _linear(f"{name}_score", d, scores, bias=code and name == "spatial")
    shapes |= _recurrent("bottom", e, h, 4) | _recurrent("top", h, h, 4)
    shapes |= _linear("gate_state", h, 1) | _linear("gate_word", e, 1, bias=False)
    shapes |= _linear("motion_fusion", h, d) | _linear("language_fusion", h, d)
    return shapes | (_linear("join", together, together) if code else {}) | _linear("output", together, v)


def _linear(name: str, inputs: int, outputs: int, bias: bool = True) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outputs, inputs)} | ({f"{name}.bias": (outputs,)} if bias else {})


def _recurrent(name: str, inputs: int, hidden: int, gates: int) -> dict[str, tuple[int, ...]]:
    n = gates * hidden
    sizes = {"weight_ih": (n, inputs), "weight_hh": (n, hidden), "bias_ih": (n,), "bias_hh": (n,)}
    return {f"{name}.{part}_l0": size for part, size in sizes.items()}


def product(x: Array, matrix: Array) -> Array:
    """Rows (..., a) times a matrix (a, b), as one product of matrices: NumPy multiplies stacks one by one."""
    return np.asarray((x.reshape(-1, x.shape[-1]) @ matrix).reshape(*x.shape[:-1], matrix.shape[1]))


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without overflow."""
    return np.asarray(0.5 * np.tanh(0.5 * x) + 0.5)


def softmax(x: Array) -> Array:
    """Over the last axis; -inf becomes 0."""
    out = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(out / out.sum(axis=-1, keepdims=True))


def log_softmax(x: Array) -> Array:
    """Over the last axis."""
    x = x - x.max(axis=-1, keepdims=True)
    return np.asarray(x - np.log(np.exp(x).sum(axis=-1, keepdims=True)))
