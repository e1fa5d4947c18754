"""The torch network: sizes as published, the same as torch's own transformer, indifferent to padding."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from kinelang.errors import ModelError
from kinelang.models import MODELS, entry_of
from kinelang.models.tmr.config import Network, TMRConfig, tensor_shapes
from kinelang.models.tmr.network import TMR, Batch, Decoder, Encoder, at_positions, latents
from models.tmr_samples import tiny_config

PUBLISHED = {"motion_encoder": 4_806_656, "text_encoder": 4_935_936, "motion_decoder": 6_388_231}
"""Counted from torch's modules in `published_modules`, which follow the release's ACTOR-style classes."""


def published_modules() -> dict[str, list[nn.Module | int]]:
    """The release's parts: an embedding, two tokens of 256, six of torch's layers; the decoder's projection."""
    encoder = nn.TransformerEncoderLayer(256, 4, 1024, 0.1, "gelu", batch_first=True)
    decoder = nn.TransformerDecoderLayer(256, 4, 1024, 0.1, "gelu", batch_first=True)
    return {
        "motion_encoder": [nn.Linear(263, 256), 2 * 256, *[encoder] * 6],
        "text_encoder": [nn.Linear(768, 256), 2 * 256, *[encoder] * 6],
        "motion_decoder": [nn.Linear(256, 263), *[decoder] * 6],
    }


def counted(part: nn.Module | int) -> int:
    return part if isinstance(part, int) else sum(p.numel() for p in part.parameters())


def test_published_size() -> None:
    model = TMR(TMRConfig.published().network)
    for name, parts in published_modules().items():
        assert counted(getattr(model, name)) == sum(map(counted, parts)) == PUBLISHED[name]
    towers = PUBLISHED["motion_encoder"] + PUBLISHED["text_encoder"]
    assert round(2 * towers / 1e6) == 19  # MB as float16


def test_small_towers_fit_into_eight_megabytes() -> None:
    model = TMR(TMRConfig.small().network)
    assert 2 * (counted(model.motion_encoder) + counted(model.text_encoder)) < 4e6


@pytest.mark.parametrize("network", [TMRConfig.published().network, tiny_config().network, tiny_config(variational=False).network])
def test_the_shapes_without_torch_are_those_of_the_network(network: Network) -> None:
    found = {name: tuple(array.shape) for name, array in TMR(network).state_dict().items()}
    assert found == tensor_shapes(network)


def test_no_decoder_no_weights_of_one() -> None:
    assert not [name for name in tensor_shapes(tiny_config(decoder=False).network) if "decoder" in name]


def test_encoder_is_torchs_transformer() -> None:
    """All rows of all layers, as `nn.TransformerEncoder` computes them."""
    network = tiny_config().network
    encoder = Encoder(263, network).eval()
    layer = nn.TransformerEncoderLayer(network.latent, network.heads, network.feed_forward, 0.1, "gelu", batch_first=True)
    reference = nn.TransformerEncoder(layer, network.layers, enable_nested_tensor=False).eval()
    reference.load_state_dict(encoder.layers.state_dict(prefix="layers."))
    x, mask = torch.randn(3, 9, 263), torch.arange(9) < torch.tensor([[9], [4], [1]])
    embedded = torch.cat([encoder.tokens.expand(3, -1, -1), encoder.embed(x)], dim=1)
    embedded = embedded + at_positions(11, network.latent, embedded)
    blocked = torch.cat([torch.zeros(3, 2, dtype=torch.bool), ~mask], dim=1)
    with torch.no_grad():
        expected = reference(embedded, src_key_padding_mask=blocked)[:, :2]
        torch.testing.assert_close(encoder(x, mask), expected, rtol=1e-5, atol=1e-5)


def test_decoder_is_torchs_transformer() -> None:
    network = tiny_config().network
    decoder = Decoder(network).eval()
    layer = nn.TransformerDecoderLayer(network.latent, network.heads, network.feed_forward, 0.1, "gelu", batch_first=True)
    reference = nn.TransformerDecoder(layer, network.layers).eval()
    reference.load_state_dict(decoder.layers.state_dict(prefix="layers."))
    latent, mask = torch.randn(2, network.latent), torch.arange(7) < torch.tensor([[7], [3]])
    queries = at_positions(7, network.latent, latent).expand(2, -1, -1)
    with torch.no_grad():
        expected = decoder.project(reference(queries, latent[:, None], tgt_key_padding_mask=~mask)) * mask[..., None]
        torch.testing.assert_close(decoder(latent, mask), expected, rtol=1e-5, atol=1e-5)


def test_positions_are_those_of_the_release() -> None:
    """Sines in even columns, cosines in odd ones, of position / 10000^(2i/d)."""
    at = at_positions(50, 8, torch.zeros(1)).numpy()
    rates = 10_000.0 ** (-np.arange(0, 8, 2) / 8)
    np.testing.assert_allclose(at[:, 0::2], np.sin(np.arange(50)[:, None] * rates), atol=1e-5)
    np.testing.assert_allclose(at[:, 1::2], np.cos(np.arange(50)[:, None] * rates), atol=1e-5)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_model_is_built_from_its_default_configuration(name: str) -> None:
    entry = entry_of(name)
    assert sum(p.numel() for p in entry.build(entry.config()).parameters()) > 0


def test_unknown_model() -> None:
    with pytest.raises(ModelError, match=r"no model 'tmrr'; expected one of tmr"):
        entry_of("tmrr")


@pytest.mark.parametrize("variational", [True, False])
def test_padding_and_companions_change_nothing(variational: bool) -> None:
    model = TMR(tiny_config(variational=variational).network).eval()
    batch = padded_batch([30, 12, 1], [7, 3, 5])
    with torch.no_grad():
        whole = model(batch, sampled=False)
        for i, (t, n) in enumerate(((30, 7), (12, 3), (1, 5))):
            one = Batch(
                batch.motion[i : i + 1, :t], batch.motion_mask[i : i + 1, :t], batch.text[i : i + 1, :n], batch.text_mask[i : i + 1, :n]
            )
            alone = model(one, sampled=False)
            torch.testing.assert_close(whole.text.mean[i], alone.text.mean[0], rtol=1e-5, atol=1e-5)
            torch.testing.assert_close(whole.motion.mean[i], alone.motion.mean[0], rtol=1e-5, atol=1e-5)
            torch.testing.assert_close(whole.from_text[i, :t], alone.from_text[0], rtol=1e-5, atol=1e-5)
            assert not whole.from_motion[i, t:].any()


def test_what_stands_in_the_padding_does_not_matter() -> None:
    model = TMR(tiny_config().network).eval()
    batch = padded_batch([30, 12], [7, 3])
    with torch.no_grad():
        clean = model(batch, sampled=False)
        batch.motion = torch.where(batch.motion_mask[..., None], batch.motion, 99.0)
        batch.text = torch.where(batch.text_mask[..., None], batch.text, -99.0)
        dirty = model(batch, sampled=False)
    assert torch.equal(clean.motion.mean, dirty.motion.mean)
    assert torch.equal(clean.text.mean, dirty.text.mean)
    assert torch.equal(clean.from_motion, dirty.from_motion)


def test_samples_scatter_about_the_mean_as_the_variance_says() -> None:
    torch.manual_seed(0)
    mean, log_variance = torch.randn(8), torch.randn(8)
    drawn = latents(torch.stack([mean, log_variance]).expand(10_000, -1, -1), sampled=True).sample
    scatter = torch.exp(0.5 * log_variance)
    assert ((drawn.mean(0) - mean).abs() < 5 * scatter / 100).all()
    torch.testing.assert_close(drawn.std(0), scatter, rtol=0.05, atol=0)


def padded_batch(frames: list[int], words: list[int]) -> Batch:
    torch.manual_seed(1)
    motion_mask = torch.arange(max(frames)) < torch.tensor(frames)[:, None]
    text_mask = torch.arange(max(words)) < torch.tensor(words)[:, None]
    motion = torch.randn(len(frames), max(frames), 263) * motion_mask[..., None]
    text = torch.randn(len(words), max(words), 24) * text_mask[..., None]
    return Batch(motion, motion_mask, text, text_mask)
