"""The captioner in torch: a part encoder, a decoder of two LSTMs, attention over time and parts, a gate of motion and language.

Neither LSTM hears what the attention finds, so a word's attention depends on the words before it alone, and words whose predecessors
are known are computed together. Padding never changes a result: padded frames have no weight, padded words come last.

Source: Radouane et al., BMVC 2024, equations 1 to 10; the release at 0331f67 for the form "code". Two things the paper leaves open are
settled so: the temporal score of a frame (2, 3) is the mean of the scores of its parts, and the output (10) is W tanh([c; y; h]), for
tanh of the logits themselves would bound every probability by e² / V.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kinelang.models.captioner.config import CaptionerConfig
from kinelang.models.captioner.parts import PARTS, columns_of
from kinelang.models.captioner.vocabulary import PAD
from kinelang.models.with_torch import Tensor, functional, nn, torch

LEAST_VARIANCE = 0.25
"""Frames²: the Gaussian's deviation is that of half a frame at least, so that a window between two frames still sees them, and a clip
of one frame has one. Its gradient below is 0, not infinite."""
AT_ONCE = 8
"""Words computed together at most, for the memory of the attention."""
_N = len(PARTS)


@dataclass
class Batch:
    """B clips with their captions; L words to predict, <eos> among them.

    Attributes:
        motion: (B, T, D) normalised rows with context, 0 where a clip has ended.
        mask: (B, T) bool: frames there are.
        words: (B, L + 1) int64: <sos>, the words, <eos>, <pad>.
        gate: (B, L) 1 for a motion word, 0 for a word of language, -1 where nothing is known.
        parts: (B, L, 6) 1 for the parts that a word is about, 0 for the others; -1 where nothing is known.
        exact: (B, L) bool: words whose parts and frames come from a timeline.
        frames: (B, L, T) bool: the frames that an exact word is about; all frames of the clip for every other.
    """

    motion: Tensor
    mask: Tensor
    words: Tensor
    gate: Tensor
    parts: Tensor
    exact: Tensor
    frames: Tensor


@dataclass
class Outputs:
    """What is said of every word; after a caption's end whatever it is.

    Attributes:
        logits: (B, L, V).
        gate: (B, L) beta: 1 motion, 0 language.
        log_gamma: (B, L, T) logarithm of the temporal attention, -inf where a clip has ended.
        window: (B, L, T) the Gaussian, 1 at its peak; 0 where a clip has ended.
        alpha: (B, L, T, 6) spatial attention; 0 where a clip has ended.
        mean, deviation: (B, L) of the Gaussian, in frames seen.
    """

    logits: Tensor
    gate: Tensor
    log_gamma: Tensor
    window: Tensor
    alpha: Tensor
    mean: Tensor
    deviation: Tensor


@dataclass
class Memory:
    """What is kept of a clip: `features` (B, T, ...) and the part of the scores that does not depend on words, with its mask (B, T)."""

    features: Tensor
    keys: tuple[Tensor, ...]
    mask: Tensor

    def of(self, rows: Tensor) -> Memory:
        """That of some of the clips."""
        return Memory(self.features[rows], tuple(key[rows] for key in self.keys), self.mask[rows])


class Decoding(nn.Module):
    """What both kinds share: embedding, scheduled sampling, the Gaussian. Subclasses encode, recur and say.

    `forward` draws its coins from torch's generator, which the training loop seeds anew at every step.
    """

    embed: nn.Embedding

    def __init__(self, config: CaptionerConfig) -> None:
        super().__init__()
        self.network, self.data = config.network, config.data
        self.embed = nn.Embedding(self.network.words, self.network.embedding)

    def encode(self, motion: Tensor, mask: Tensor) -> Memory:
        """Clips (B, T, D), (B, T) as memory."""
        raise NotImplementedError

    def recur(self, embedded: Tensor, state: Any) -> tuple[Tensor, Tensor, Any]:
        """States over embedded words (B, n, e) from a state or None: the one that attends and the one that speaks, (B, n, h) each."""
        raise NotImplementedError

    def say(self, memory: Memory, plain: Tensor, embedded: Tensor, attending: Tensor, speaking: Tensor) -> Outputs:
        """The next words after words (B, n): `plain` embedded, `embedded` with dropout."""
        raise NotImplementedError

    def forward(self, batch: Batch, teacher: float = 1.0) -> Outputs:
        """What is said after each true word, or, in `1 - teacher` of the steps after the first, after the word that is said itself."""
        memory = self.encode(batch.motion, batch.mask)
        inputs = batch.words[:, :-1]
        found: list[Outputs] = []
        state: Any = None
        for start, stop, own in runs(inputs.shape[1], teacher):
            words = inputs[:, start:stop]
            if own:
                words = torch.cat([found[-1].logits[:, -1:].detach().argmax(dim=-1), words[:, 1:]], dim=1)
            plain = self.embed(words)
            embedded = functional.dropout(plain, self.network.dropout, self.training)
            attending, speaking, state = self.recur(embedded, state)
            going = (batch.words[:, start + 1] != PAD).nonzero()[:, 0]  # captions that are not over
            said = self.say(memory.of(going), plain[going], embedded[going], attending[going], speaking[going])
            found.append(_spread(said, going, len(words)))
        return Outputs(*(torch.cat([getattr(o, name) for o in found], dim=1) for name in Outputs.__dataclass_fields__))

    def load_arrays(self, arrays: Mapping[str, object]) -> None:
        """Take over weights by name, as `check_tensors` has found them right."""
        self.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})


def _spread(said: Outputs, rows: Tensor, n: int) -> Outputs:
    """What is said of some rows among n, 0 for the others."""
    if len(rows) == n:
        return said
    made = {name: getattr(said, name) for name in Outputs.__dataclass_fields__}
    return Outputs(**{name: value.new_zeros(n, *value.shape[1:]).index_copy(0, rows, value) for name, value in made.items()})


def runs(length: int, teacher: float) -> list[tuple[int, int, bool]]:
    """First word, the one after the last, and whether the first is the model's own, of the words that are computed together.

    A coin is drawn for every word but the first; where it says so the model's own word is heard, which has to be known before.
    """
    own = torch.rand(length) >= teacher
    own[:1] = False
    starts = [0]
    for word in range(1, length):
        if own[word] or word - starts[-1] == AT_ONCE:
            starts.append(word)
    return [(start, stop, bool(own[start])) for start, stop in zip(starts, [*starts[1:], length], strict=True)]


def gaussian(log_gamma: Tensor, mask: Tensor, scale: float) -> tuple[Tensor, Tensor, Tensor]:
    """Equation 4: window (B, n, T), mean and deviation (B, n) in frames, of attention (B, n, T) whose mask is (B, T)."""
    gamma = log_gamma.exp()
    at = torch.arange(gamma.shape[-1], device=gamma.device, dtype=gamma.dtype)
    mean = (gamma * at).sum(dim=-1, keepdim=True)
    variance = (gamma * (at - mean) ** 2).sum(dim=-1, keepdim=True)
    variance = scale * scale * variance.clamp(min=LEAST_VARIANCE)
    window = torch.exp(-((at - mean) ** 2) / (2 * variance)) * mask[:, None]
    return window, mean[..., 0], variance[..., 0].sqrt()


def masked_log_softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """Scores (B, n, T) over frames; -inf where mask (B, T) is False. No clip is empty."""
    return functional.log_softmax(scores.masked_fill(~mask[:, None], -math.inf), dim=-1)


class GuidedCaptioner(Decoding):
    """The paper's network."""

    def __init__(self, config: CaptionerConfig) -> None:
        super().__init__(config)
        n, columns = self.network, columns_of(self.data, self.network.form)
        self.code = n.form == "code"
        self.parts = nn.ModuleList(PartEncoder(c.places, c.steps, n.width, n.hidden) for c in columns)
        self.bottom = nn.LSTM(n.embedding, n.hidden, batch_first=True)
        self.top = nn.LSTM(n.hidden, n.hidden, batch_first=True)
        keys = _N * n.hidden if self.code else n.hidden
        self.temporal_key = nn.Linear(keys, n.width)
        self.temporal_query = nn.Linear(n.hidden, n.width, bias=False)
        self.temporal_score = nn.Linear(n.width, 1, bias=False)
        self.spatial_key = nn.Linear(keys, n.width)
        self.spatial_query = nn.Linear(n.hidden, n.width, bias=False)
        self.spatial_score = nn.Linear(n.width, _N if self.code else 1, bias=self.code)
        self.gate_state = nn.Linear(n.hidden, 1)
        self.gate_word = nn.Linear(n.embedding, 1, bias=False)
        self.motion_fusion = nn.Linear(n.hidden, n.width)
        self.language_fusion = nn.Linear(n.hidden, n.width)
        together = n.embedding + n.width + n.hidden
        self.join = nn.Linear(together, together) if self.code else None
        self.output = nn.Linear(together, n.words)

    def encode(self, motion: Tensor, mask: Tensor) -> Memory:
        """Features (B, T, 6, h), and the keys of both attentions: (B, T, 6, d), or (B, T, 1, d) of all parts in the form "code"."""
        features = torch.stack([part(motion) for part in self.parts], dim=2)
        seen = features.flatten(2)[:, :, None] if self.code else features
        return Memory(features, (self.temporal_key(seen), self.spatial_key(seen)), mask)

    def recur(self, embedded: Tensor, state: Any) -> tuple[Tensor, Tensor, Any]:
        """Bottom and top LSTM; the top one hears the bottom one alone."""
        below, above = (None, None) if state is None else state
        attending, below = self.bottom(embedded, below)
        speaking, above = self.top(attending, above)
        return attending, speaking, (below, above)

    def say(self, memory: Memory, plain: Tensor, embedded: Tensor, attending: Tensor, speaking: Tensor) -> Outputs:
        """Equations 2 to 10."""
        temporal, spatial = self._scores(memory, attending)
        log_gamma = masked_log_softmax(temporal, memory.mask)
        window, mean, deviation = gaussian(log_gamma, memory.mask, self.network.window)
        alpha = spatial.softmax(dim=-1) * memory.mask[:, None, :, None]
        weights = window / window.sum(dim=-1, keepdim=True) if self.network.context_mean else window
        if self.code:
            weights = weights / _N
        context = (weights[..., None] * alpha).flatten(2) @ memory.features.flatten(1, 2)
        gate = torch.sigmoid(self.gate_state(attending) + self.gate_word(plain))
        if self.network.gate == "one":
            gate = torch.ones_like(gate)
        fused = gate * torch.tanh(self.motion_fusion(context)) + (1 - gate) * torch.tanh(self.language_fusion(speaking))
        together = torch.cat([embedded, fused, attending], dim=-1)
        logits = self.output(torch.tanh(together if self.join is None else self.join(together)))
        return Outputs(logits, gate[..., 0], log_gamma, window, alpha, mean, deviation)

    def _scores(self, memory: Memory, attending: Tensor) -> tuple[Tensor, Tensor]:
        """Temporal (B, n, T) and spatial (B, n, T, 6) scores."""
        key, other = memory.keys
        temporal = self.temporal_score(torch.tanh(key[:, None] + self.temporal_query(attending)[:, :, None, None]))
        spatial = self.spatial_score(torch.tanh(other[:, None] + self.spatial_query(attending)[:, :, None, None]))
        return temporal[..., 0].mean(dim=-1), spatial[:, :, :, 0] if self.code else spatial[..., 0]


class PartEncoder(nn.Module):
    """Places and steps of one part, two layers each, beside each other: (B, T, D) -> (B, T, h)."""

    _places: Tensor
    _steps: Tensor

    def __init__(self, places: tuple[int, ...], steps: tuple[int, ...], width: int, hidden: int) -> None:
        super().__init__()
        self.register_buffer("_places", torch.tensor(places), persistent=False)
        self.register_buffer("_steps", torch.tensor(steps), persistent=False)
        self.place1, self.place2 = nn.Linear(len(places), width), nn.Linear(width, hidden // 2)
        self.step1, self.step2 = nn.Linear(len(steps), width), nn.Linear(width, hidden // 2)

    def forward(self, motion: Tensor) -> Tensor:
        """Features of the part."""
        places, steps = motion[..., self._places], motion[..., self._steps]
        place = torch.tanh(self.place2(torch.tanh(self.place1(places))))
        step = torch.tanh(self.step2(torch.tanh(self.step1(steps))))
        return torch.cat([place, step], dim=-1)


class PlainCaptioner(Decoding):
    """The paper's simple baseline: an MLP a frame, a GRU over words, temporal attention without Gaussian, parts or gate.

    Its outputs have the Gaussian of its attention, parts all alike and a gate of 1, so that it can be judged as the other.
    """

    def __init__(self, config: CaptionerConfig) -> None:
        super().__init__(config)
        n = self.network
        inputs = sum(len(c.places) + len(c.steps) for c in columns_of(self.data, "paper"))
        self.frame1, self.frame2 = nn.Linear(inputs, n.hidden), nn.Linear(n.hidden, n.hidden)
        self.words = nn.GRU(n.embedding, n.hidden, batch_first=True)
        self.temporal_key = nn.Linear(n.hidden, n.width)
        self.temporal_query = nn.Linear(n.hidden, n.width, bias=False)
        self.temporal_score = nn.Linear(n.width, 1, bias=False)
        self.join = nn.Linear(n.embedding + 2 * n.hidden, n.width)
        self.output = nn.Linear(n.width, n.words)

    def encode(self, motion: Tensor, mask: Tensor) -> Memory:
        """Features (B, T, h) and keys (B, T, d)."""
        features = torch.tanh(self.frame2(torch.tanh(self.frame1(motion))))
        return Memory(features, (self.temporal_key(features),), mask)

    def recur(self, embedded: Tensor, state: Any) -> tuple[Tensor, Tensor, Any]:
        """The GRU's states."""
        states, last = self.words(embedded, state)
        return states, states, last

    def say(self, memory: Memory, plain: Tensor, embedded: Tensor, attending: Tensor, speaking: Tensor) -> Outputs:
        """The next words."""
        scores = self.temporal_score(torch.tanh(memory.keys[0][:, None] + self.temporal_query(attending)[:, :, None]))[..., 0]
        log_gamma = masked_log_softmax(scores, memory.mask)
        window, mean, deviation = gaussian(log_gamma, memory.mask, self.network.window)
        context = log_gamma.exp() @ memory.features
        logits = self.output(torch.tanh(self.join(torch.cat([embedded, context, attending], dim=-1))))
        alpha = (memory.mask[:, None, :, None] / _N).expand(-1, window.shape[1], -1, _N)
        return Outputs(logits, torch.ones_like(mean), log_gamma, window, alpha, mean, deviation)


def build(config: CaptionerConfig) -> Decoding:
    """The network of a configuration, with fresh weights."""
    return GuidedCaptioner(config) if config.network.kind == "attention" else PlainCaptioner(config)
