"""The Transformer captioner's network: configurations, padding, what a word may see, gradients; its NumPy twin says the same."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from kinelang.errors import ModelError
from kinelang.models.captioner.config import UNIFORM_WINDOW, Data
from kinelang.models.captioner.labels import labels_of
from kinelang.models.captioner.parts import channels, with_context
from kinelang.models.captioner.stepping import Decoder
from kinelang.models.captioner.targets import Example, Taught, batch_of
from kinelang.models.captioner.vocabulary import PAD
from kinelang.models.configuring import from_dict, to_dict
from kinelang.models.decoding import Rules, beam_search, greedy
from kinelang.models.tmr.positions import positions
from kinelang.models.transformer_captioner.config import CONFIGS, Losses, Network, TransformerCaptionerConfig
from kinelang.models.transformer_captioner.inference import Memory, TransformerTwin, tensor_shapes
from kinelang.models.transformer_captioner.network import Attention, build, losses_of
from models.captioner_samples import CAPTIONS, VOCABULARY, batch, clips, examples
from models.decoding_reference import queue_beam
from models.transformer_captioner_samples import VARIANTS, network, tiny

FIELDS = ("logits", "log_gamma", "window", "mean", "deviation")
RULES = Rules(max_words=12)


def twin(config: TransformerCaptionerConfig) -> TransformerTwin:
    return TransformerTwin({name: tensor.numpy() for name, tensor in network(config).state_dict().items()}, config)


def rows_of(config: TransformerCaptionerConfig) -> list[np.ndarray]:
    return [with_context(example.rows, config.data.context) for example in examples(config)]


# --- configuration


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_configurations_are_data(name: str) -> None:
    config = CONFIGS[name]()
    assert from_dict(TransformerCaptionerConfig, to_dict(config), "here") == config


def test_published_values() -> None:
    """TM2T's release: options/train_options.py, train_m2t_transformer.py and networks/layers.py."""
    large, small = TransformerCaptionerConfig.humanml3d(), TransformerCaptionerConfig.kit()
    for config, layers in ((large, 4), (small, 3)):
        n, o = config.network, config.optimisation
        assert (n.encoder_layers, n.decoder_layers, n.width, n.feed_forward, n.heads) == (layers, layers, 512, 2048, 8)
        assert (n.dropout, n.attention_dropout, n.norm, n.shared) == (0.1, 0.1, "post", True)
        assert (o.learning_rate, o.weight_decay, o.batch_size, o.epochs, o.schedule) == (2e-4, 0.0, 64, 300, "constant")
        assert (config.data.max_words, config.data.stride, config.losses.temporal) == (20, 4, 0.0)
    assert (large.data.skeleton, small.data.skeleton) == ("humanml3d", "kit")


def test_small_is_small() -> None:
    config = replace(TransformerCaptionerConfig.small(), network=replace(TransformerCaptionerConfig.small().network, words=1827))
    assert 1e6 < sum(math.prod(shape) for shape in tensor_shapes(config).values()) < 1.6e6


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Network(width=30), lambda: Network(heads=0), lambda: Network(decoder_layers=0), lambda: Network(words=1),
        lambda: Network(dropout=1.0), lambda: Network(attention_dropout=-0.1), lambda: Network(window=0.0), lambda: Losses(temporal=-1),
    ],
)  # fmt: skip
def test_what_no_model_can_be(wrong: object) -> None:
    with pytest.raises(ModelError) as caught:
        wrong()  # type: ignore[operator]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("config", [*(tiny(variant) for variant in VARIANTS), tiny(view="world")])
def test_shapes_without_torch(config: TransformerCaptionerConfig) -> None:
    assert tensor_shapes(config) == {name: tuple(tensor.shape) for name, tensor in build(config).state_dict().items()}


# --- network


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("view", ["body", "world"])
def test_shapes_and_sums(variant: str, view: str) -> None:
    config = tiny(variant, view)
    made = batch(config)
    found = network(config)(made)
    b, n, t = len(CAPTIONS), made.words.shape[1] - 1, made.motion.shape[1]
    assert found.logits.shape == (b, n, len(VOCABULARY))
    assert found.log_gamma.shape == found.window.shape == (b, n, t)
    assert not any(torch.isnan(getattr(found, name)).any() for name in FIELDS)
    torch.testing.assert_close(found.log_gamma.exp().sum(-1), torch.ones(b, n))
    padded = ~made.mask[:, None].expand(b, n, t)
    assert not found.log_gamma.exp()[padded].any()
    assert not found.window[padded].any()


@pytest.mark.parametrize("variant", VARIANTS)
def test_padding_and_company_change_nothing(variant: str) -> None:
    config = tiny(variant)
    model, together = network(config), batch(config)
    together.motion = torch.where(together.mask[..., None], together.motion, 99.0)
    all_ = model(together)
    for i in range(len(CAPTIONS)):
        alone = batch(config, which=slice(i, i + 1))
        one = model(alone)
        n, t = alone.words.shape[1] - 1, alone.motion.shape[1]
        for name in FIELDS:
            other = getattr(all_, name)[i, :n]
            other = other[:, :t] if name in ("log_gamma", "window") else other
            torch.testing.assert_close(getattr(one, name)[0], other, atol=1e-5, rtol=1e-4)


def test_a_word_is_not_seen_before_it_is_said() -> None:
    config = tiny()
    model, made = network(config), batch(config)
    before = model(made)
    made.words[:, 4] = 5
    after = model(made)
    torch.testing.assert_close(after.logits[:, :4], before.logits[:, :4])
    assert not torch.allclose(after.logits[:, 4], before.logits[:, 4])


@pytest.mark.parametrize("variant", VARIANTS)
def test_same_as_torchs_own_transformer(variant: str) -> None:
    """Its layers are torch's, with ReLU and other names."""
    config = tiny(variant)
    n = config.network
    model, made = network(config), batch(config)
    more = {
        "dim_feedforward": n.feed_forward,
        "dropout": 0.0,
        "batch_first": True,
        "norm_first": n.norm == "pre",
        "layer_norm_eps": 1e-6,
    }
    below = torch.nn.ModuleList(torch.nn.TransformerEncoderLayer(n.width, n.heads, **more) for _ in model.encoder)
    above = torch.nn.ModuleList(torch.nn.TransformerDecoderLayer(n.width, n.heads, **more) for _ in model.decoder)
    for mine, other in [*zip(model.encoder, below, strict=True), *zip(model.decoder, above, strict=True)]:
        pairs = {"attention": "self_attn", "look": "multihead_attn"}
        norms = ["attention_norm", "look_norm", "feed_norm"] if hasattr(mine, "look") else ["attention_norm", "feed_norm"]
        weights = {}
        for name in pairs if hasattr(mine, "look") else ["attention"]:
            own = getattr(mine, name)
            for kind in ("weight", "bias"):
                both = torch.cat([getattr(getattr(own, part), kind) for part in ("query", "key", "value")])
                weights |= {f"{pairs[name]}.in_proj_{kind}": both, f"{pairs[name]}.out_proj.{kind}": getattr(own.out, kind)}
        for kind in ("weight", "bias"):
            weights |= {f"linear1.{kind}": getattr(mine.feed.inner, kind), f"linear2.{kind}": getattr(mine.feed.outer, kind)}
            weights |= {f"norm{i + 1}.{kind}": getattr(getattr(mine, norm), kind) for i, norm in enumerate(norms)}
        other.load_state_dict(weights)
    with torch.no_grad():
        x = model.motion(made.motion)
        x = x + torch.tensor(positions(x.shape[1], n.width))
        for layer in below:
            x = layer.train()(x, src_key_padding_mask=~made.mask)
        memory, words = model.encoded(x), made.words[:, :-1]
        y = model.embed(words) * n.width**0.5 + torch.tensor(positions(words.shape[1], n.width))
        later = torch.ones(words.shape[1], words.shape[1], dtype=torch.bool).triu(1)
        for layer in above:
            y = layer.train()(y, memory, tgt_mask=later, memory_key_padding_mask=~made.mask)
        y = model.decoded(y)
        logits = y @ model.embed.weight.T if model.output is None else model.output(y)
        torch.testing.assert_close(model(made).logits, logits, atol=1e-5, rtol=1e-4)


def test_a_head_that_knows_where_to_look_has_its_window_there() -> None:
    """Attention by hand: all weight on frames 2 to 5 of 10, whose Gaussian is more than a half there."""
    config = tiny()
    model, made = network(config), batch(config)
    seen = torch.zeros(made.motion.shape[1])
    seen[2:6] = 1

    def looking(self: Attention, rows: torch.Tensor, other: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        weights = (seen / seen.sum()).expand(len(rows), self.heads, rows.shape[1], -1) if rows is not other else torch.zeros(1)
        return rows, weights

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Attention, "forward", looking)
        found = model(made)
    assert config.network.window == UNIFORM_WINDOW
    assert (found.window[0, 0] > 0.5).nonzero()[:, 0].tolist() == [2, 3, 4, 5]
    assert found.mean[0, 0].item() == pytest.approx(3.5, abs=1e-4)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("frames", [1, 2, 30])
def test_short_and_still_clips_have_finite_gradients(variant: str, frames: int) -> None:
    config = tiny(variant)
    still = np.repeat(clips()[1][:1], frames, axis=0)
    rows = channels(still, config.data)
    example = Example(rows, frames, CAPTIONS[1], (Taught(2, (5,), ((0.4, 0.41),)), Taught(0, (0,), ((0.0, 9.0),))))
    made = batch_of([example, examples(config)[0]], VOCABULARY, labels_of(VOCABULARY), config.data)
    model = network(config).train()
    total, parts = losses_of(model(made), made, Losses(temporal=1.0))
    assert set(parts) == {"language", "temporal"}
    assert total.item() == pytest.approx(sum(part.item() for part in parts.values()), rel=1e-5)
    total.backward()
    assert all(torch.isfinite(w.grad).all() for w in model.parameters() if w.grad is not None)


def test_without_the_temporal_loss_it_is_not_computed() -> None:
    config = tiny()
    made = batch(config)
    total, parts = losses_of(network(config)(made), made, Losses())
    assert set(parts) == {"language"}
    assert total is parts["language"]


# --- NumPy


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
    for name, value in (
        ("gamma", expected.log_gamma.exp()), ("window", expected.window), ("mean", expected.mean), ("deviation", expected.deviation),
        ("log_probability", own),
    ):  # fmt: skip
        np.testing.assert_allclose(getattr(found, name)[:, 0][real], value.numpy()[real], atol=1e-4, err_msg=name)
    assert found.gate is None
    assert found.alpha.shape == (*found.window.shape, 0)
    log_probabilities, _, _ = mine.step(made.words[:, :1].numpy(), mine.start(memory))
    np.testing.assert_allclose(log_probabilities[:, 0], torch.log_softmax(expected.logits[:, 0], -1).numpy(), atol=1e-4)
    assert log_probabilities.dtype == found.window.dtype == np.float32


def test_same_as_torch_at_the_size_that_is_trained() -> None:
    small = TransformerCaptionerConfig.small()
    config = replace(small, data=replace(small.data, context=1, clock=True)).with_vocabulary(VOCABULARY)
    made = batch(config)
    with torch.no_grad():
        expected = torch.log_softmax(network(config)(made).logits, -1).gather(-1, made.words[:, 1:, None])[..., 0]
    mine = twin(config)
    found = mine.looks(mine.remember(rows_of(config)), made.words[:, None].numpy())
    real = (made.words[:, 1:] != PAD).numpy()
    np.testing.assert_allclose(found.log_probability[:, 0][real], expected.numpy()[real], atol=1e-4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_batch_is_single_and_padding_changes_nothing(variant: str) -> None:
    config = tiny(variant)
    mine, rows = twin(config), rows_of(config)
    words = batch(config).words[:, None].numpy()
    together = mine.looks(mine.remember(rows), words)
    for i, row in enumerate(rows):
        alone = mine.looks(mine.remember([row]), words[i : i + 1])
        for name in ("mean", "deviation", "log_probability"):
            np.testing.assert_allclose(getattr(alone, name)[0], getattr(together, name)[i], atol=1e-4)
        for name in ("gamma", "window"):
            np.testing.assert_allclose(getattr(alone, name)[0], getattr(together, name)[i][:, :, : len(row)], atol=1e-5)
            assert not getattr(together, name)[i][:, :, len(row) :].any()


@pytest.mark.parametrize("variant", VARIANTS)
def test_decoding_is_that_of_a_queue_a_sample(variant: str) -> None:
    config = tiny(variant)
    mine, rows = twin(config), rows_of(config)
    found = beam_search(Decoder(mine, mine.remember(rows)), RULES, 3, 2)
    likeliest, narrow = (search(Decoder(mine, mine.remember(rows)), RULES) for search in (greedy, lambda s, r: beam_search(s, r, 1)))
    for i, row in enumerate(rows):
        expected = queue_beam(Decoder(mine, mine.remember([row])), RULES, 3, 2)
        assert [s.words for s in found[i]] == [s.words for s in expected]
        np.testing.assert_allclose([s.score for s in found[i]], [s.score for s in expected], rtol=1e-4)
        assert greedy(Decoder(mine, mine.remember([row])), RULES)[0].words == likeliest[i].words
        assert narrow[i][0].score >= likeliest[i].score - 1e-5


def test_a_beam_of_one_follows_the_likeliest_word() -> None:
    """Where every sentence has the same length the two are one."""
    config, rules = tiny("pre"), Rules(max_words=6, min_words=6)
    mine, rows = twin(config), rows_of(config)
    memory = mine.remember(rows)
    narrow, likeliest = beam_search(Decoder(mine, memory), rules, 1), greedy(Decoder(mine, memory), rules)
    assert [own[0].words for own in narrow] == [s.words for s in likeliest]
    np.testing.assert_allclose([own[0].log_probability for own in narrow], [s.log_probability for s in likeliest], rtol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_words_have_the_probabilities_that_they_have_when_they_are_given(variant: str) -> None:
    """Kept keys and values, beams that change places and clips that end early: the sum is that of torch, all words at once."""
    config = tiny(variant)
    mine, rows, model = twin(config), rows_of(config), network(config)
    for found, row in zip(beam_search(Decoder(mine, mine.remember(rows)), RULES, 4, 3), rows, strict=True):
        motion, mask = torch.from_numpy(row)[None], torch.ones(1, len(row), dtype=torch.bool)
        for sentence in found:
            words = torch.tensor([[1, *sentence.words, 2]])
            with torch.no_grad():
                said = torch.log_softmax(model.say(model.encode(motion, mask), mask, words[:, :-1]).logits, -1)
            assert said.gather(-1, words[:, 1:, None]).sum().item() == pytest.approx(sentence.log_probability, abs=1e-4)


def test_memory_of_some_clips() -> None:
    config = tiny()
    mine, rows = twin(config), rows_of(config)
    memory: Memory = mine.remember(rows)
    words = batch(config).words[:, None].numpy()
    some = np.array([2, 0])
    whole, part = mine.looks(memory, words), mine.looks(memory.of(some), words[some])
    np.testing.assert_allclose(part.log_probability, whole.log_probability[some], atol=1e-5)


def test_one_frame_and_stillness() -> None:
    config = tiny()
    mine = twin(config)
    row = rows_of(config)[0][:1]
    for rows in ([row], [np.repeat(row, 20, axis=0)]):
        memory = mine.remember(rows)
        found = beam_search(Decoder(mine, memory), RULES, 2)[0][0]
        look = mine.looks(memory, np.array([[[1, *found.words, 2]]]))
        assert all(np.isfinite(getattr(look, name)).all() for name in ("window", "mean", "deviation", "log_probability"))


def test_kit_has_its_own_poses() -> None:
    config = replace(TransformerCaptionerConfig.kit(), network=tiny().network)
    assert tensor_shapes(config)["motion.weight"] == (16, 126)
    assert config.data == Data(skeleton="kit", stride=4, min_frames=24, max_words=20)
