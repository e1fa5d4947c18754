"""Sentences word by word: greedy search and beam search in NumPy, over all samples and beams at once.

A model gives a `Step`: from the last words to the logarithms of the probabilities of the next ones. Nothing of the references is known
here: a sentence ends with its end mark, or at the longest that the rules allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from kinelang.errors import ModelError
from kinelang.motion.arrays import Array

MOST_BEAMS = 64
_FEW = 8
"""Up to so many best words are found one after the other: quicker than a partial sort."""


class Step(Protocol):
    """A model that says the next word of A samples with K beams each.

    Attributes:
        n_samples: A at the start.
        n_words: V.
    """

    @property
    def n_samples(self) -> int: ...  # noqa: D102

    @property
    def n_words(self) -> int: ...  # noqa: D102

    def start(self) -> Any:
        """The state before the first word: one beam a sample."""
        ...

    def __call__(self, words: Array, state: Any) -> tuple[Array, Any]:
        """Last words (A, K) int64 and the state before them -> logarithms of probabilities (A, K, V) and the state after."""
        ...

    def follow(self, state: Any, parents: Array) -> Any:
        """The state whose beam k of a sample is beam parents[sample, k]. (A, K')."""
        ...

    def keep(self, state: Any, samples: Array) -> Any:
        """The state of some of the samples, by their places in it. (A',)."""
        ...


@dataclass(frozen=True)
class Rules:
    """What a sentence may be.

    Attributes:
        first, end: marks before the first word and after the last.
        max_words, min_words: without marks. At max_words the end mark is the only word left.
        length_power: of the length, end mark included, by which logarithms of probabilities are divided: 0 prefers short sentences,
            1 compares the means of their words.
        banned: words that are never said, such as <unk>.
    """

    first: int = 1
    end: int = 2
    max_words: int = 20
    min_words: int = 1
    length_power: float = 1.0
    banned: tuple[int, ...] = (0, 1, 3)

    def __post_init__(self) -> None:
        if not 0 <= self.min_words <= self.max_words <= 1000:
            raise ModelError.of("decoding", f"{self.min_words} to {self.max_words} words", "0 to 1000, in order")
        if not 0 <= self.length_power <= 4:
            raise ModelError.of("decoding, length_power", str(self.length_power), "0 to 4")
        if self.end in self.banned:
            raise ModelError.of("decoding, banned", "the end mark", "other words")

    def score(self, log_probability: Array, words: int) -> Array:
        """Of sentences of so many words that have ended: higher is better."""
        return np.asarray(log_probability / float(words + 1) ** self.length_power)

    def allowed(self, log_probabilities: Array, said: int) -> Array:
        """The logarithms (..., V) with -inf for words that may not come after so many. A new array."""
        out = np.array(log_probabilities)
        if said >= self.max_words:
            ends = out[..., self.end].copy()
            out[:] = -np.inf
            out[..., self.end] = ends
            return out
        out[..., list(self.banned)] = -np.inf
        if said < self.min_words:
            out[..., self.end] = -np.inf
        return out


@dataclass(frozen=True)
class Sentence:
    """Words that were found.

    Attributes:
        words: numbers, without marks.
        log_probability: of the words and the end mark.
        score: by which sentences are compared, `Rules.score`.
    """

    words: tuple[int, ...]
    log_probability: float
    score: float


def greedy(step: Step, rules: Rules | None = None) -> list[Sentence]:
    """The sentence of each sample that takes the likeliest word every time."""
    rules = Rules() if rules is None else rules
    n = step.n_samples
    found: list[Sentence | None] = [None] * n
    at, state = np.arange(n), step.start()
    said, total = np.zeros((n, 0), np.int64), np.zeros(n)
    last = np.full((n, 1), rules.first, np.int64)
    while len(at):
        log_probabilities, state = step(last, state)
        log_probabilities = rules.allowed(log_probabilities[:, 0], said.shape[1])
        word = log_probabilities.argmax(axis=-1)
        total = total + log_probabilities[np.arange(len(at)), word]
        ended = word == rules.end
        for i in np.flatnonzero(ended):
            found[at[i]] = _sentence(said[i], total[i], rules)
        going = np.flatnonzero(~ended)
        said, total, last = np.concatenate([said, word[:, None]], axis=1)[going], total[going], word[going, None]
        at, state = at[going], step.keep(state, going) if len(going) < len(ended) else state
    return [sentence for sentence in found if sentence is not None]


def beam_search(step: Step, rules: Rules | None = None, beam: int = 2, n: int = 1) -> list[list[Sentence]]:
    """The best sentences of each sample that a beam of this width finds.

    Every sentence that a beam can end counts; the `beam` best are kept. A sample is done when it has so many and no beam, were it to
    end at once and for nothing, would have a better score than the worst of them. (Where length is divided by, a beam of unlikely
    words may still come to a better mean later on: the search is no proof. It does not depend on n.)

    Args:
        step: the model.
        rules: of sentences.
        beam: sentences followed at a time.
        n: how many to return, at most `beam`.

    Returns:
        For each sample up to n, best first.

    Raises:
        ModelError: a beam of no width, or more sentences asked for than it keeps.
    """
    rules = Rules() if rules is None else rules
    if not 1 <= beam <= min(MOST_BEAMS, step.n_words):
        raise ModelError.of("beam", str(beam), f"1 to {min(MOST_BEAMS, step.n_words)}")
    if not 1 <= n <= beam:
        raise ModelError.of("sentences", str(n), f"1 to {beam}, the width of the beam")
    search = _Search(step, rules, beam, n)
    while len(search.at):
        search.advance()
    return search.best()


class _Search:
    """The beams of the samples that are not done (A of them, K beams each), and the best sentences of all."""

    def __init__(self, step: Step, rules: Rules, beam: int, n: int) -> None:
        self.step, self.rules, self.beam, self.n = step, rules, beam, n
        samples = step.n_samples
        self.found: list[list[Sentence]] = [[] for _ in range(samples)]
        self.state = step.start()
        self.at: Array = np.arange(samples)
        self.total: Array = np.zeros((samples, 1))
        self.said: Array = np.zeros((samples, 1, 0), np.int64)
        self.scores: Array = np.full((samples, beam), -np.inf)
        """Of the sentences found, best first."""

    def advance(self) -> None:
        """One word more."""
        n_said = self.said.shape[2]
        last = self.said[..., -1] if n_said else np.full(self.total.shape, self.rules.first, np.int64)
        log_probabilities, self.state = self.step(last, self.state)
        log_probabilities = self.rules.allowed(log_probabilities, n_said)
        self._end(self.total + log_probabilities[..., self.rules.end], n_said)
        if n_said >= self.rules.max_words:
            self.at = self.at[:0]
            return
        log_probabilities[..., self.rules.end] = -np.inf
        parents, words = self._best(log_probabilities)
        rows = np.arange(len(self.at))[:, None]
        self.said = np.concatenate([self.said[rows, parents], words[..., None]], axis=2)
        self.state = self.step.follow(self.state, parents)
        self._leave_out_done(n_said + 1)

    def _end(self, totals: Array, n_said: int) -> None:
        """Keep the sentences that end here, with totals (A, K), where they are among the best."""
        scores = self.rules.score(totals, n_said)
        for i, k in zip(*np.nonzero(scores > self.scores[:, -1:]), strict=True):
            if scores[i, k] > self.scores[i, -1]:
                kept = self.found[self.at[i]]
                kept.append(_sentence(self.said[i, k], totals[i, k], self.rules))
                kept.sort(key=lambda sentence: -sentence.score)
                del kept[self.beam :]
                self.scores[i, : len(kept)] = [sentence.score for sentence in kept]

    def _best(self, log_probabilities: Array) -> tuple[Array, Array]:
        """Parents and words (A, K') of the best continuations, whose totals are set."""
        a, k, v = log_probabilities.shape
        words = top(log_probabilities.reshape(a * k, v), self.beam).reshape(a, k, -1)
        totals = self.total[..., None] + np.take_along_axis(log_probabilities, words, axis=-1)
        flat = totals.reshape(a, -1)
        order = np.argsort(-flat, axis=-1, kind="stable")[:, : self.beam]
        self.total = np.take_along_axis(flat, order, axis=-1)
        return order // words.shape[2], np.take_along_axis(words.reshape(a, -1), order, axis=-1)

    def _leave_out_done(self, n_said: int) -> None:
        """Go on with the samples whose beams may still find something better; the rest keep what they have."""
        hope = self.rules.score(self.total[:, 0], n_said)
        done = ~(hope > self.scores[:, -1]) | ~np.isfinite(self.total[:, 0])
        if done.any():
            going = np.flatnonzero(~done)
            self.at, self.total = self.at[going], self.total[going]
            self.said, self.scores = self.said[going], self.scores[going]
            self.state = self.step.keep(self.state, going)

    def best(self) -> list[list[Sentence]]:
        """The n best of every sample."""
        return [kept[: self.n] for kept in self.found]


def top(values: Array, k: int) -> Array:
    """Columns (N, k) of the k largest values of each row (N, V), largest first. k is at most V.

    Of equal values the first is taken, where k is at most 8.
    """
    rows = np.arange(len(values))
    if k <= _FEW:
        left, found = values, []
        for i in range(k):
            found.append(left.argmax(axis=-1))
            if i + 1 < k:
                left = left.copy() if i == 0 else left
                left[rows, found[-1]] = -np.inf
        return np.stack(found, axis=-1)
    some = np.sort(np.argpartition(-values, k - 1, axis=-1)[:, :k], axis=-1)
    order = np.argsort(-np.take_along_axis(values, some, axis=-1), axis=-1, kind="stable")
    return np.take_along_axis(some, order, axis=-1)


def _sentence(words: Sequence[int] | Array, log_probability: float, rules: Rules) -> Sentence:
    total = float(log_probability)
    return Sentence(tuple(int(word) for word in words), total, float(rules.score(np.asarray(total), len(words))))
