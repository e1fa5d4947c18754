"""What captioners in NumPy share: clips are remembered, words are said one after the other, and each tells where it looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from kinelang.models.captioner.vocabulary import PAD
from kinelang.motion.arrays import Array

LEAST_VARIANCE = 0.25
"""As in the networks."""


@dataclass(frozen=True, eq=False)
class State:
    """Between two words: what is kept of A clips, and of each of their K beams: arrays (A, K, ...)."""

    memory: Any
    cells: tuple[Array, ...]


@dataclass(frozen=True, eq=False)
class Looks:
    """Where the words (A, K, L) looked.

    Attributes:
        gate: (A, K, L) beta: 1 motion, 0 language; None of a model without a gate.
        gamma, window: (A, K, L, T) temporal attention and its Gaussian, 0 where a clip has ended.
        alpha: (A, K, L, T, 6) spatial attention, 0 where a clip has ended; (A, K, L, T, 0) of a model without parts.
        mean, deviation: (A, K, L) of the Gaussian, in frames seen.
        log_probability: (A, K, L) of the word itself.
    """

    gate: Array | None
    gamma: Array
    window: Array
    alpha: Array
    mean: Array
    deviation: Array
    log_probability: Array


class Twin:
    """A captioner's weights as NumPy computes with them. Subclasses remember clips and say words.

    Args:
        weights: as torch's state dict names them, float32. In `w` all matrices but the embedded words are (in, out).
        n_words: size of the vocabulary.
        window: the Gaussian's deviation is that of the attention times this.
    """

    def __init__(self, weights: Mapping[str, Array], n_words: int, window: float) -> None:
        self.w = {name: np.ascontiguousarray(w.T if w.ndim == 2 and name != "embed.weight" else w) for name, w in weights.items()}
        self.n_words, self.window = n_words, window

    def remember(self, rows: Sequence[Array]) -> Any:
        """What is kept of clips, given as normalised rows with context, each (T_i, D), T_i at least 1.

        It has their `mask` (A, 1, T), True where there is a frame, and `of(samples)`, that of some of the clips.
        """
        raise NotImplementedError

    def start(self, memory: Any, beams: int = 1) -> State:
        """The state before the first word."""
        raise NotImplementedError

    def step(self, words: Array, state: State) -> tuple[Array, State, Looks]:
        """Last words (A, K) -> logarithms of probabilities (A, K, V), the state after, and where the next word looks (L of 1)."""
        raise NotImplementedError

    def looks(self, memory: Any, words: Array) -> Looks:
        """Where given words looked: (A, K, L + 1), <sos> first, <pad> behind a sentence's end, where looks are anything finite.

        A clip whose sentences have all ended is not gone on with.
        """
        lasts = np.where(words != PAD, np.arange(words.shape[2]), 0).max(axis=(1, 2))  # the end mark of each clip's longest
        at, state = np.arange(len(words)), self.start(memory, words.shape[1])
        found: list[tuple[Array, Looks]] = []
        for i in range(words.shape[2] - 1):
            going = np.flatnonzero(lasts[at] > i)
            if not len(going) and found:
                break
            if len(going) < len(at):
                at, state = at[going], State(state.memory.of(going), tuple(cell[going] for cell in state.cells))
            log_probabilities, state, look = self.step(words[at, :, i], state)
            own = np.take_along_axis(log_probabilities, words[at, :, i + 1, None], axis=-1)
            found.append((at, replace(look, log_probability=own)))
        return Looks(
            *(_joined([(at, getattr(look, f.name)) for at, look in found], len(words), words.shape[2] - 1) for f in fields(Looks))
        )

    def linear(self, name: str, x: Array) -> Array:
        """Rows (..., in) through a layer, with its bias where it has one."""
        out = product(x, self.w[f"{name}.weight"])
        if f"{name}.bias" in self.w:
            out += self.w[f"{name}.bias"]
        return out

    def gaussian(self, gamma: Array, mask: Array) -> tuple[Array, Array, Array]:
        """Window (A, K, T), mean and deviation (A, K) in frames, of attention (A, K, T)."""
        at = np.arange(gamma.shape[-1], dtype=np.float32)
        mean = (gamma * at).sum(axis=-1, keepdims=True)
        away = (at - mean) ** 2
        variance = np.maximum((gamma * away).sum(axis=-1, keepdims=True), LEAST_VARIANCE) * np.float32(self.window**2)
        window = np.exp(away / (-2 * variance)) * mask
        return window, mean[..., 0], np.sqrt(variance[..., 0])


class Decoder:
    """A `decoding.Step` of remembered clips."""

    def __init__(self, twin: Twin, memory: Any) -> None:
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
        rows = np.arange(len(parents))[:, None]
        return State(state.memory, tuple(cell[rows, parents] for cell in state.cells))

    def keep(self, state: State, samples: Array) -> State:
        """Some of the clips."""
        return State(state.memory.of(samples), tuple(cell[samples] for cell in state.cells))


def linear_shapes(name: str, inputs: int, outputs: int, bias: bool = True) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a layer's weights, as torch's state dict has them."""
    return {f"{name}.weight": (outputs, inputs)} | ({f"{name}.bias": (outputs,)} if bias else {})


def _joined(steps: Sequence[tuple[Array, Array | None]], n: int, words: int) -> Any:
    """Of n clips, along so many words; 0 where a clip was not gone on with, None where there is nothing."""
    there = [(at, array) for at, array in steps if array is not None]
    if not there:
        return None
    first = there[0][1]
    out = np.zeros((n, first.shape[1], words, *first.shape[3:]), first.dtype)
    for i, (at, array) in enumerate(there):
        out[at, :, i] = array[:, :, 0]
    return out


def product(x: Array, matrix: Array) -> Array:
    """Rows (..., a) times a matrix (a, b), as one product of matrices: NumPy multiplies stacks one by one."""
    return np.asarray((x.reshape(-1, x.shape[-1]) @ matrix).reshape(*x.shape[:-1], matrix.shape[1]))


def softmax(x: Array) -> Array:
    """Over the last axis; -inf becomes 0."""
    out = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(out / out.sum(axis=-1, keepdims=True))


def log_softmax(x: Array) -> Array:
    """Over the last axis."""
    x = x - x.max(axis=-1, keepdims=True)
    return np.asarray(x - np.log(np.exp(x).sum(axis=-1, keepdims=True)))
