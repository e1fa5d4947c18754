"""The Transformer captioner in NumPy: no deep-learning framework is imported to caption.

Poses of all clips stand under each other in one matrix without padding (`language.encoders.packed`). Of the words said, keys and values
are kept, so that a word costs the same however many came before it, but for the attention to them. `network.py` is the readable twin; a
test holds both within 1e-4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kinelang.language.encoders.packed import attention, normalised
from kinelang.models.captioner.parts import n_channels
from kinelang.models.captioner.stepping import Looks, State, Twin, linear_shapes, log_softmax, product, softmax
from kinelang.models.tmr.positions import positions
from kinelang.models.transformer_captioner.config import TransformerCaptionerConfig
from kinelang.motion.arrays import Array

EPSILON = 1e-6
"""As in the network."""


@dataclass(frozen=True, eq=False)
class Memory:
    """What is kept of A clips.

    Attributes:
        keys: of each layer of the decoder, (A, H, d / H, T), 0 where a clip has ended.
        values: (A, H, T, d / H).
        mask: (A, 1, T) True where there is a frame.
    """

    keys: tuple[Array, ...]
    values: tuple[Array, ...]
    mask: Array

    def of(self, samples: Array) -> Memory:
        """That of some of the clips."""
        return Memory(tuple(k[samples] for k in self.keys), tuple(v[samples] for v in self.values), self.mask[samples])


class TransformerTwin(Twin):
    """Of `network.TransformerNetwork`.

    The cells of a state are keys and values of the n words said so far, (A, K, n, 2 d) for each layer of the decoder.
    """

    def __init__(self, weights: Mapping[str, Array], config: TransformerCaptionerConfig) -> None:
        n = config.network
        super().__init__(weights, n.words, n.window)
        self.network, self.pre = n, n.norm == "pre"
        self.output = np.ascontiguousarray(weights["embed.weight"].T) if n.shared else self.w["output.weight"]
        self.root, self.scale = np.float32(n.width**0.5), np.float32((n.width // n.heads) ** -0.5)

    def remember(self, rows: Sequence[Array]) -> Memory:
        """See `Twin`."""
        n, lengths = self.network, [len(row) for row in rows]
        x = self.linear("motion", np.concatenate(rows))
        x += np.concatenate([positions(length, n.width) for length in lengths])
        for i in range(n.encoder_layers):
            name = f"encoder.{i}"
            given = self._input(f"{name}.attention_norm", x)
            query = self.linear(f"{name}.attention.query", given) * self.scale
            found = attention(query, self._keys_and_values(f"{name}.attention", given), lengths, n.heads)
            x = self._sum(f"{name}.attention_norm", x, self.linear(f"{name}.attention.out", found))
            x = self._fed(name, x)
        x = self._norm("encoded", x) if self.pre else x
        mask = np.arange(max(lengths)) < np.array(lengths)[:, None]
        keys, values = [], []
        for i in range(n.decoder_layers):
            both = np.zeros((*mask.shape, 2, n.heads, n.width // n.heads), np.float32)
            both[mask] = self._keys_and_values(f"decoder.{i}.look", x).reshape(len(x), *both.shape[2:])
            keys.append(np.ascontiguousarray(both[:, :, 0].transpose(0, 2, 3, 1)))
            values.append(np.ascontiguousarray(both[:, :, 1].transpose(0, 2, 1, 3)))
        return Memory(tuple(keys), tuple(values), mask[:, None])

    def start(self, memory: Memory, beams: int = 1) -> State:
        """The state before the first word."""
        nothing = np.zeros((len(memory.mask), beams, 0, 2 * self.network.width), np.float32)
        return State(memory, (nothing,) * self.network.decoder_layers)

    def step(self, words: Array, state: State) -> tuple[Array, State, Looks]:
        """See `Twin`."""
        n, said = self.network, state.cells[0].shape[2]
        x = self.w["embed.weight"][words] * self.root + positions(said + 1, n.width)[said]
        cells, gamma = [], np.zeros((), np.float32)
        for i, cell in enumerate(state.cells):
            name = f"decoder.{i}"
            given = self._input(f"{name}.attention_norm", x)
            cells.append(np.concatenate([cell, self._keys_and_values(f"{name}.attention", given)[:, :, None]], axis=2))
            x = self._sum(f"{name}.attention_norm", x, self._heard(f"{name}.attention", given, cells[-1]))
            found, look = self._looked(i, self._input(f"{name}.look_norm", x), state.memory)
            x, gamma = self._sum(f"{name}.look_norm", x, found), gamma + look
            x = self._fed(name, x)
        gamma = gamma / np.float32(n.decoder_layers)
        logits = product(self._norm("decoded", x) if self.pre else x, self.output)
        window, mean, deviation = (each[:, :, None] for each in self.gaussian(gamma, state.memory.mask))
        no_parts = np.zeros((*window.shape, 0), np.float32)
        looks = Looks(None, gamma[:, :, None], window, no_parts, mean, deviation, np.zeros(0))
        return log_softmax(logits), State(state.memory, tuple(cells)), looks

    def _heard(self, name: str, given: Array, cell: Array) -> Array:
        """What words (A, K, d) find among those said, themselves the last."""
        heads = self.network.heads
        query = (self.linear(f"{name}.query", given) * self.scale).reshape(*given.shape[:2], heads, 1, -1)
        keys, values = cell.reshape(*cell.shape[:3], 2, heads, -1).transpose(3, 0, 1, 4, 2, 5)
        weights = softmax(query @ keys.swapaxes(-1, -2))
        return self.linear(f"{name}.out", (weights @ values).reshape(given.shape))

    def _looked(self, layer: int, given: Array, memory: Memory) -> tuple[Array, Array]:
        """What words (A, K, d) find among the poses, and where, (A, K, T), the mean over heads."""
        name, heads = f"decoder.{layer}.look", self.network.heads
        query = (self.linear(f"{name}.query", given) * self.scale).reshape(*given.shape[:2], heads, -1).swapaxes(1, 2)
        weights = softmax(np.where(memory.mask[:, None], query @ memory.keys[layer], -np.inf))
        found = (weights @ memory.values[layer]).swapaxes(1, 2).reshape(given.shape)
        return self.linear(f"{name}.out", found), weights.mean(axis=1)

    def _fed(self, name: str, x: Array) -> Array:
        inner = self.linear(f"{name}.feed.inner", self._input(f"{name}.feed_norm", x))
        return self._sum(f"{name}.feed_norm", x, self.linear(f"{name}.feed.outer", np.maximum(inner, 0, out=inner)))

    def _keys_and_values(self, name: str, given: Array) -> Array:
        """(..., d) -> (..., 2 d)."""
        return np.concatenate([self.linear(f"{name}.key", given), self.linear(f"{name}.value", given)], axis=-1)

    def _input(self, norm: str, x: Array) -> Array:
        return self._norm(norm, x) if self.pre else x

    def _sum(self, norm: str, x: Array, found: Array) -> Array:
        found += x
        return found if self.pre else self._norm(norm, found)

    def _norm(self, name: str, x: Array) -> Array:
        rows = x.reshape(-1, x.shape[-1]).copy()
        return normalised(rows, (self.w[f"{name}.weight"], self.w[f"{name}.bias"]), EPSILON).reshape(x.shape)


def tensor_shapes(config: TransformerCaptionerConfig) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the weights, as torch's state dict has them."""
    n, d = config.network, config.network.width
    shapes = {"embed.weight": (n.words, d), **linear_shapes("motion", n_channels(config.data) * (2 * config.data.context + 1), d)}
    sides = {"encoder": (n.encoder_layers, ("attention",)), "decoder": (n.decoder_layers, ("attention", "look"))}
    for side, (layers, attentions) in sides.items():
        for name in (f"{side}.{i}" for i in range(layers)):
            for own in attentions:
                for part in ("query", "key", "value", "out"):
                    shapes |= linear_shapes(f"{name}.{own}.{part}", d, d)
            shapes |= linear_shapes(f"{name}.feed.inner", d, n.feed_forward) | linear_shapes(f"{name}.feed.outer", n.feed_forward, d)
            for own in (*attentions, "feed"):
                shapes |= _norm_shapes(f"{name}.{own}_norm", d)
        shapes |= _norm_shapes(side.replace("er", "ed"), d) if n.norm == "pre" else {}
    return shapes if n.shared else shapes | linear_shapes("output", d, n.words, bias=False)


def _norm_shapes(name: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}
