"""The NumPy twin of both encoders gives what torch gives, sequence by sequence, whatever stands beside it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kinelang.models.tmr import inference
from kinelang.models.tmr.config import TMRConfig
from kinelang.models.tmr.inference import EncoderTwin
from kinelang.models.tmr.network import TMR
from models.tmr_samples import tiny_config, weights_of

LENGTHS = [40, 3, 200, 40, 1, 77, 199, 40]


@pytest.mark.parametrize(
    "config", [tiny_config(), tiny_config(variational=False), TMRConfig.published()], ids=["tiny", "one token", "published"]
)
@pytest.mark.parametrize("name", ["motion_encoder", "text_encoder"])
def test_same_as_torch(config: TMRConfig, name: str) -> None:
    weights = weights_of(config)
    model = TMR(config.network).eval()
    model.load_arrays(weights)
    rng = np.random.default_rng(0)
    width = config.network.motion_width if name == "motion_encoder" else config.network.text_width
    sequences = [rng.standard_normal((n, width)).astype(np.float32) for n in LENGTHS]
    found = EncoderTwin(weights, name, config.network)(sequences)
    with torch.no_grad():
        for sequence, row in zip(sequences, found, strict=True):
            expected = getattr(model, name)(torch.from_numpy(sequence)[None], torch.ones(1, len(sequence), dtype=torch.bool))[0, 0]
            np.testing.assert_allclose(row, expected.numpy(), atol=1e-4)


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny_config()
    twin = EncoderTwin(weights_of(config), "motion_encoder", config.network)
    rng = np.random.default_rng(0)
    clips = [rng.standard_normal((n, 263)).astype(np.float32) for n in LENGTHS]
    together = twin(clips)
    np.testing.assert_allclose(together, np.concatenate([twin([clip]) for clip in clips]), atol=1e-5)
    monkeypatch.setattr(inference, "BATCH_ROWS", 1)
    np.testing.assert_allclose(together, twin(clips), atol=1e-5)
    assert twin([]).shape == (0, 16)
