"""Greedy and beam search: held to a search of all sentences, to a queue a sample, and to their rules."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.errors import ModelError
from kinelang.models.decoding import Rules, Sentence, beam_search, greedy, top
from models.decoding_reference import best_first, queue_beam

END = 2


class Table:
    """A model whose next word depends on the sample and the words before; its state is those words."""

    def __init__(self, samples: int, words: int = 7, seed: int = 0, sharpness: float = 1.0, first: int = 0) -> None:
        self.n_samples, self.n_words, self.seed, self.sharpness, self.first = samples, words, seed, sharpness, first
        self.calls = 0

    def start(self) -> np.ndarray:
        return np.array([[f"{self.first + i}:" for i in range(self.n_samples)]], dtype=object).T

    def __call__(self, words: np.ndarray, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert words.shape == state.shape
        self.calls += 1
        after = np.array([[f"{s}{w}," for s, w in zip(a, b, strict=True)] for a, b in zip(state, words, strict=True)], dtype=object)
        return np.array([[self.row(s) for s in row] for row in after]).reshape(*words.shape, self.n_words), after

    def row(self, said: str) -> np.ndarray:
        digest = np.frombuffer(said.encode(), np.uint8).astype(np.uint64)
        rng = np.random.default_rng([self.seed, *digest.tolist()])
        scores = self.sharpness * rng.standard_normal(self.n_words)
        return scores - np.log(np.exp(scores).sum())

    def follow(self, state: np.ndarray, parents: np.ndarray) -> np.ndarray:
        return np.take_along_axis(state, parents, axis=1)

    def keep(self, state: np.ndarray, samples: np.ndarray) -> np.ndarray:
        return state[samples]


def log_probability(model: Table, sample: int, words: tuple[int, ...], rules: Rules) -> float:
    said, total = f"{sample}:{rules.first},", 0.0
    for i, word in enumerate((*words, rules.end)):
        total += rules.allowed(model.row(said), i)[word]
        said += f"{word},"
    return total


@pytest.mark.parametrize("power", [0.0, 0.7, 1.0])
def test_wide_beam_finds_the_best_of_all_sentences(power: float) -> None:
    rules = Rules(max_words=3, min_words=0, length_power=power)
    model = Table(3, words=6)
    free = [w for w in range(6) if w not in (*rules.banned, END)]
    for sample, found in enumerate(beam_search(model, rules, beam=6, n=1)):
        sentences = [words for length in range(4) for words in product(free, repeat=length)]
        scores = [float(rules.score(np.float64(log_probability(model, sample, words, rules)), len(words))) for words in sentences]
        assert found[0].words == sentences[int(np.argmax(scores))]
        assert found[0].score == pytest.approx(max(scores))


@given(seed=st.integers(0, 10_000), beam=st.integers(1, 6), sharp=st.floats(0.1, 3), power=st.sampled_from([0.0, 0.6, 1.0, 1.5]))
def test_same_as_a_queue_a_sample(seed: int, beam: int, sharp: float, power: float) -> None:
    rules = Rules(max_words=6, min_words=seed % 3, length_power=power)
    n = 1 + seed % beam
    together = beam_search(Table(4, 8, seed, sharp), rules, beam, n)
    for sample, found in enumerate(together):
        expected = queue_beam(Table(1, 8, seed, sharp, first=sample), rules, beam, n)
        assert [s.words for s in found] == [s.words for s in expected]
        np.testing.assert_allclose([s.score for s in found], [s.score for s in expected], rtol=1e-12)


@given(seed=st.integers(0, 10_000), beam=st.integers(1, 5))
def test_what_is_returned_is_what_it_says(seed: int, beam: int) -> None:
    rules = Rules(max_words=5, min_words=2)
    model = Table(3, 8, seed)
    for sample, found in enumerate(beam_search(model, rules, beam, beam)):
        assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
        assert len({s.words for s in found}) == len(found)
        for sentence in found:
            assert 2 <= len(sentence.words) <= 5
            assert not {*rules.banned, END} & set(sentence.words)
            assert sentence.log_probability == pytest.approx(log_probability(model, sample, sentence.words, rules))
            assert sentence.score == pytest.approx(sentence.log_probability / (len(sentence.words) + 1))


@given(seed=st.integers(0, 10_000), beam=st.integers(2, 6), power=st.sampled_from([0.0, 0.6, 1.0]))
def test_how_many_are_asked_for_changes_nothing(seed: int, beam: int, power: float) -> None:
    rules = Rules(max_words=8, length_power=power)
    every = beam_search(Table(4, 9, seed, 2.0), rules, beam, beam)
    for n in range(1, beam):
        assert beam_search(Table(4, 9, seed, 2.0), rules, beam, n) == [found[:n] for found in every]


@given(seed=st.integers(0, 10_000), samples=st.integers(1, 6))
def test_batch_is_single(seed: int, samples: int) -> None:
    rules = Rules(max_words=7)
    for search in (lambda model: beam_search(model, rules, 3, 2), lambda model: [[s] for s in greedy(model, rules)]):
        together = search(Table(samples, 9, seed))
        assert together == [search(Table(1, 9, seed, first=i))[0] for i in range(samples)]


def test_greedy_takes_the_likeliest_word_every_time() -> None:
    rules = Rules(max_words=9)
    model = Table(5, 9, 3)
    for sample, sentence in enumerate(greedy(model, rules)):
        said = f"{sample}:{rules.first},"
        for i, word in enumerate((*sentence.words, END)):
            assert rules.allowed(model.row(said), i).argmax() == word
            said += f"{word},"


def test_at_the_longest_only_the_end_is_left() -> None:
    class Endless(Table):
        def row(self, said: str) -> np.ndarray:
            row = np.full(self.n_words, -30.0)
            row[5] = -0.1
            return row

    rules = Rules(max_words=4)
    expected = Sentence((5,) * 4, pytest.approx(-30.4), pytest.approx(-6.08))  # type: ignore[arg-type]
    assert greedy(Endless(2), rules) == [expected, expected]
    model = Endless(2)
    assert beam_search(model, rules, 2)[0][0].words == (5, 5, 5, 5)
    assert model.calls == 5


def test_it_stops_when_nothing_better_can_come() -> None:
    class Done(Table):
        def row(self, said: str) -> np.ndarray:
            row = np.full(self.n_words, -9.0)
            row[END if said.count(",") > 2 else 4] = -0.01
            return row

    model = Done(3)
    assert [s[0].words for s in beam_search(model, Rules(max_words=50), 2)] == [(4, 4)] * 3
    assert model.calls <= 4


def test_no_sample() -> None:
    assert greedy(Table(0)) == []
    assert beam_search(Table(0), beam=2) == []


@pytest.mark.parametrize("wrong", [{"beam": 0}, {"beam": 8}, {"beam": 2, "n": 3}, {"beam": 2, "n": 0}])
def test_widths(wrong: dict[str, int]) -> None:
    with pytest.raises(ModelError):
        beam_search(Table(1), **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"max_words": 2, "min_words": 3}, {"length_power": -1.0}, {"banned": (2,)}])
def test_rules(wrong: dict[str, object]) -> None:
    with pytest.raises(ModelError):
        Rules(**wrong)  # type: ignore[arg-type]


@given(st.integers(0, 1000), st.integers(1, 8))
def test_top(seed: int, k: int) -> None:
    values = np.random.default_rng(seed).integers(0, 6, (5, 9)).astype(float)
    np.testing.assert_array_equal(top(values, k), np.argsort(-values, axis=-1, kind="stable")[:, :k])
    many = np.random.default_rng(seed).permuted(np.tile(np.arange(40.0), (5, 1)), axis=1)
    np.testing.assert_array_equal(top(many, 9 + k), np.argsort(-many, axis=-1)[:, : 9 + k])


def test_best_first_finds_sentences() -> None:
    """The release's search runs on the same steps; it prunes otherwise, so only what it returns is checked."""
    rules = Rules(max_words=6)
    model = Table(1, 8, 5)
    for sentence in best_first(model, rules, 2, 2):
        assert sentence.log_probability == pytest.approx(log_probability(model, 0, sentence.words, rules))
