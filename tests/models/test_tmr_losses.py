"""Losses against readable references, one pair and one number at a time."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from kinelang.language.named_sides import differ_in_side
from kinelang.language.sides import swap_left_right
from kinelang.models.tmr.config import Losses, TMRConfig
from kinelang.models.tmr.losses import divergence, info_nce, losses_of, margin_loss, reconstruction, wrong_negatives
from kinelang.models.tmr.network import TMR, Batch, Latents, Outputs
from models.tmr_samples import tiny_config

B, K, D = 5, 2, 6


def vectors(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(B + K, D, generator=generator), torch.randn(B + K, D, generator=generator)


def removed_pairs() -> torch.Tensor:
    removed = torch.zeros(B, B + K, dtype=torch.bool)
    removed[0, 3] = removed[3, 0] = removed[2, B + 1] = True
    return removed


def info_nce_reference(text: torch.Tensor, motion: torch.Tensor, temperature: float, removed: torch.Tensor) -> float:
    """Equation 1 of the paper, pair by pair."""

    def direction(rows: torch.Tensor, columns: torch.Tensor) -> float:
        total = 0.0
        for i in range(B):
            scores = [
                float(rows[i] @ columns[j] / rows[i].norm() / columns[j].norm()) / temperature
                for j in range(len(columns))
                if not removed[i, j]
            ]
            own = float(rows[i] @ columns[i] / rows[i].norm() / columns[i].norm()) / temperature
            total -= own - math.log(sum(map(math.exp, scores)))
        return total / B

    return 0.5 * (direction(text, motion) + direction(motion, text))


@pytest.mark.parametrize("motions", [B, B + K])
def test_info_nce_is_equation_one(motions: int) -> None:
    text, motion = vectors()
    motion = motion[:motions]
    for removed in (torch.zeros(B, B + K, dtype=torch.bool), removed_pairs()):
        found = info_nce(text, motion, B, 0.1, removed)
        assert float(found) == pytest.approx(info_nce_reference(text, motion, 0.1, removed), rel=1e-5)


def test_margin_loss_reference() -> None:
    text, motion = vectors()
    removed = removed_pairs()
    own = np.mean([float(((text[i] - motion[i]) ** 2).sum()) for i in range(B)])

    def pushed(rows: torch.Tensor, columns: torch.Tensor) -> float:
        near = [
            max(0.0, 4.0 - float((rows[i] - columns[j]).norm())) ** 2
            for i in range(B)
            for j in range(len(columns))
            if i != j and not removed[i, j]
        ]
        return float(np.mean(near))

    expected = own + 0.5 * (pushed(text, motion[:B]) + pushed(motion, text))
    assert float(margin_loss(text, motion[:B], B, 4.0, removed)) == pytest.approx(expected, rel=1e-5)


def test_margin_loss_has_a_gradient_where_vectors_meet() -> None:
    text = torch.ones(3, D, requires_grad=True)
    margin_loss(text, torch.ones(3, D), 3, 1.0).backward()
    assert torch.isfinite(text.grad).all()


def test_divergence_is_torchs() -> None:
    generator = torch.Generator().manual_seed(2)
    means, logs = torch.randn(2, B, D, generator=generator), torch.randn(2, B, D, generator=generator)
    q, p = (torch.distributions.Normal(m, torch.exp(0.5 * v)) for m, v in zip(means, logs, strict=True))
    expected = torch.distributions.kl_divergence(q, p).mean()
    torch.testing.assert_close(divergence((means[0], logs[0]), (means[1], logs[1])), expected)


def test_reconstruction_counts_frames_or_all_of_the_batch() -> None:
    """Smooth L1: d²/2 below 1, |d| - 1/2 above. Two clips of 2 and 1 frames, padded to 4."""
    true = torch.zeros(2, 4, 3)
    mask = torch.tensor([[1, 1, 0, 0], [1, 0, 0, 0]], dtype=torch.bool)
    made = torch.full((2, 4, 3), 0.5) * mask[..., None]
    made[1, 0] = 3.0
    total = 6 * 0.125 + 3 * 2.5
    assert float(reconstruction(made, true, mask)) == pytest.approx(total / 9)
    assert float(reconstruction(made, true, mask, padded=True)) == pytest.approx(total / 24)


def test_masked_reconstruction_ignores_padding() -> None:
    generator = torch.Generator().manual_seed(3)
    made, true = torch.randn(2, 5, 3, generator=generator), torch.randn(2, 5, 3, generator=generator)
    mask = torch.ones(2, 5, dtype=torch.bool)
    longer = torch.nn.functional.pad(mask, (0, 4))
    wide = [torch.nn.functional.pad(x, (0, 0, 0, 4), value=7.0) for x in (made, true)]
    torch.testing.assert_close(reconstruction(*wide, longer), reconstruction(made, true, mask))


TEXTS = [
    "a man raises his left arm",
    "a man raises his right arm",
    "a person lifts an arm",
    "the person kicks with the left leg",
    "the person kicks with the right leg",
    "someone turns clockwise",
    "someone turns counterclockwise",
]


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.8, 0.95])
def test_the_filter_never_removes_pairs_that_differ_in_side(threshold: float) -> None:
    """Even where the sentence encoder takes all texts for the same, as it does with sides."""
    texts = [*TEXTS, *(swap_left_right(t) for t in TEXTS)]
    n = len(TEXTS)
    batch = pairs(n, torch.ones(n, len(texts)), torch.from_numpy(differ_in_side(TEXTS, texts)))
    removed = wrong_negatives(batch, threshold)
    assert removed is not None
    assert not (removed & torch.from_numpy(differ_in_side(TEXTS, texts))).any()
    assert not removed[range(n), range(n)].any()
    assert bool(removed[0, 2])  # an arm may be the left one
    assert not bool(removed[0, 1])
    assert not bool(removed[5, 6])
    for i, text in enumerate(TEXTS):
        if "left" in text or "right" in text or "clockwise" in text:
            assert not bool(removed[i, n + i])  # its own caption with the sides swapped


def test_the_filter_removes_what_is_above_the_threshold() -> None:
    likeness = torch.tensor([[1.0, 0.61, 0.59], [0.61, 1.0, -1.0], [0.59, -1.0, 1.0]])
    removed = wrong_negatives(pairs(3, likeness, None), 0.8)  # cos/2 + 1/2 > .8 where cos > .6
    assert removed is not None
    assert removed.nonzero().tolist() == [[0, 1], [1, 0]]
    assert wrong_negatives(pairs(3, likeness, None), None) is None


def pairs(n: int, likeness: torch.Tensor, differ: torch.Tensor | None) -> Batch:
    motion, mask = torch.zeros(n, 1, 263), torch.ones(n, 1, dtype=torch.bool)
    return Batch(motion, mask, torch.zeros(n, 1, 24), mask, likeness, differ)


def outputs_and_batch() -> tuple[Outputs, Batch]:
    text, motion = vectors()
    generator = torch.Generator().manual_seed(4)
    latents = [Latents(x, 0.1 * torch.randn(len(x), D, generator=generator), x + 1) for x in (text, motion[:B])]
    mask = torch.arange(6) < torch.tensor([[6], [5], [4], [3], [2]])
    decoded = [torch.randn(B, 6, 263, generator=generator) * mask[..., None] for _ in range(3)]
    batch = Batch(decoded[0], mask, torch.zeros(B + K, 1, 24), torch.ones(B + K, 1, dtype=torch.bool), torch.zeros(B, B + K))
    return Outputs(*latents, decoded[1], decoded[2]), batch


def test_the_sum_is_weighted_as_published() -> None:
    outputs, batch = outputs_and_batch()
    config = TMRConfig.published().losses
    total, parts = losses_of(outputs, batch, config)
    assert set(parts) == {"reconstruction", "kl", "latent", "contrastive"}
    weights = {"reconstruction": 1.0, "kl": 1e-5, "latent": 1e-5, "contrastive": 0.1}
    assert float(total) == pytest.approx(sum(weights[n] * float(p) for n, p in parts.items()), rel=1e-6)
    assert (config.temperature, config.threshold, config.latents, config.reconstruction_mean) == (0.1, 0.8, "sampled", "padded")
    sampled = float(info_nce(outputs.text.sample, outputs.motion.sample, B, 0.1))
    assert float(parts["contrastive"]) == pytest.approx(sampled, rel=1e-6)
    mean = losses_of(outputs, batch, replace(config, latents="mean"))[1]["contrastive"]
    assert float(mean) == pytest.approx(float(info_nce(outputs.text.mean, outputs.motion.mean, B, 0.1)), rel=1e-6)


@pytest.mark.parametrize(
    ("ablation", "parts"),
    [
        ("contrastive-only", {"contrastive"}),
        ("margin", {"reconstruction", "kl", "latent", "contrastive"}),
        ("no-filter", {"reconstruction", "kl", "latent", "contrastive"}),
        ("temos", {"reconstruction", "kl", "latent"}),
    ],
)
def test_every_ablation_trains(ablation: str, parts: set[str]) -> None:
    config = tiny_config().ablated(ablation)
    torch.manual_seed(0)
    model = TMR(config.network)
    batch = Batch(
        torch.randn(4, 9, 263),
        torch.ones(4, 9, dtype=torch.bool),
        torch.randn(6, 5, 24),
        torch.ones(6, 5, dtype=torch.bool),
        torch.zeros(4, 6),
        torch.zeros(4, 6, dtype=torch.bool),
        torch.randn(2, 9, 263),
        torch.ones(2, 9, dtype=torch.bool),
    )
    total, found = losses_of(model(batch), batch, replace(config.losses, mirrored_motions=True))
    total.backward()
    assert set(found) == parts
    unused = {name.split(".")[0] for name, p in model.named_parameters() if p.grad is None}
    assert not unused, "every weight has a gradient"
    assert config.losses.threshold is None


def test_losses_default_to_the_masked_mean() -> None:
    assert Losses().reconstruction_mean == "frames"
