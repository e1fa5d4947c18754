"""The NumPy twin says what torch says, clip by clip and beam by beam, whatever stands beside it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kinelang.models.captioner.config import CONFIGS, CaptionerConfig
from kinelang.models.captioner.inference import Decoder, Twin, tensor_shapes, twin_of
from kinelang.models.captioner.network import build
from kinelang.models.captioner.parts import with_context
from kinelang.models.captioner.vocabulary import PAD
from kinelang.models.decoding import Rules, beam_search, greedy
from models.captioner_samples import VARIANTS, batch, examples, network, tiny
from models.decoding_reference import queue_beam

RULES = Rules(max_words=12)


def twin(config: CaptionerConfig) -> Twin:
    weights = {name: tensor.numpy() for name, tensor in network(config).state_dict().items()}
    return twin_of(weights, config)


def rows_of(config: CaptionerConfig) -> list[np.ndarray]:
    return [with_context(example.rows, config.data.context) for example in examples(config)]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("view", ["body", "world"])
def test_same_as_torch(variant: str, view: str) -> None:
    config = tiny(variant, view)
    made, mine = batch(config), twin(config)
    with torch.no_grad():
        expected = network(config)(made)
    memory = mine.remember(rows_of(config))
    found = mine.looks(memory, made.words[:, None].numpy())
    real = (made.words[:, 1:] != PAD).numpy()
    own = torch.log_softmax(expected.logits, -1).gather(-1, made.words[:, 1:, None])[..., 0]
    wanted = {
        "gamma": expected.log_gamma.exp(), "window": expected.window, "mean": expected.mean, "deviation": expected.deviation,
        "log_probability": own,
    }  # fmt: skip
    if variant == "mlp_gru":  # it has neither
        assert found.gate is None
        assert found.alpha.shape == (*found.window.shape, 0)
    else:
        wanted |= {"gate": expected.gate, "alpha": expected.alpha}
    for name, value in wanted.items():
        np.testing.assert_allclose(getattr(found, name)[:, 0][real], value.numpy()[real], atol=1e-4, err_msg=name)
    log_probabilities, _, _ = mine.step(made.words[:, :1].numpy(), mine.start(memory))
    np.testing.assert_allclose(log_probabilities[:, 0], torch.log_softmax(expected.logits[:, 0], -1).numpy(), atol=1e-4)
    assert log_probabilities.dtype == np.float32


@pytest.mark.parametrize("variant", VARIANTS)
def test_batch_is_single_and_padding_changes_nothing(variant: str) -> None:
    config = tiny(variant)
    mine, rows = twin(config), rows_of(config)
    words = batch(config).words[:, None].numpy()
    together = mine.looks(mine.remember(rows), words)
    for i, row in enumerate(rows):
        alone = mine.looks(mine.remember([row]), words[i : i + 1])
        for name in ("mean", "deviation", "log_probability", *(() if variant == "mlp_gru" else ("gate",))):
            np.testing.assert_allclose(getattr(alone, name)[0], getattr(together, name)[i], atol=1e-4)
        for name in ("gamma", "window", "alpha"):
            np.testing.assert_allclose(getattr(alone, name)[0], getattr(together, name)[i][:, :, : len(row)], atol=1e-5)
            assert not getattr(together, name)[i][:, :, len(row) :].any()


@pytest.mark.parametrize("variant", VARIANTS)
def test_decoding_is_that_of_a_queue_a_sample(variant: str) -> None:
    config = tiny(variant)
    mine, rows = twin(config), rows_of(config)
    found = beam_search(Decoder(mine, mine.remember(rows)), RULES, 3, 2)
    likeliest = greedy(Decoder(mine, mine.remember(rows)), RULES)
    for i, row in enumerate(rows):
        expected = queue_beam(Decoder(mine, mine.remember([row])), RULES, 3, 2)
        assert [s.words for s in found[i]] == [s.words for s in expected]
        np.testing.assert_allclose([s.score for s in found[i]], [s.score for s in expected], rtol=1e-4)
        assert greedy(Decoder(mine, mine.remember([row])), RULES)[0].words == likeliest[i].words


def test_words_have_the_probabilities_that_were_searched_with() -> None:
    config = tiny()
    mine, rows = twin(config), rows_of(config)
    memory = mine.remember(rows)
    for i, found in enumerate(beam_search(Decoder(mine, memory), RULES, 2, 2)):
        for sentence in found:
            words = np.array([[[1, *sentence.words, 2]]])
            own = mine.looks(memory.of(np.array([i])), words).log_probability
            assert own.sum() == pytest.approx(sentence.log_probability, rel=1e-4)


@pytest.mark.parametrize("config", [*(CONFIGS[name]() for name in CONFIGS), *(tiny(v) for v in VARIANTS)])
def test_shapes_without_torch(config: CaptionerConfig) -> None:
    assert tensor_shapes(config) == {name: tuple(tensor.shape) for name, tensor in build(config).state_dict().items()}


def test_one_frame_and_stillness() -> None:
    config = tiny()
    mine = twin(config)
    row = rows_of(config)[0][:1]
    for rows in ([row], [np.repeat(row, 20, axis=0)]):
        memory = mine.remember(rows)
        found = beam_search(Decoder(mine, memory), RULES, 2)[0][0]
        look = mine.looks(memory, np.array([[[1, *found.words, 2]]]))
        assert all(np.isfinite(getattr(look, name)).all() for name in ("gate", "window", "alpha", "log_probability"))
