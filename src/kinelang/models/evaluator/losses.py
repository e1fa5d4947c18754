"""What the evaluator is trained with: the autoencoder of movements, then the margin loss of captions and motions.

Source: Guo et al., CVPR 2022; github.com/EricGuo5513/text-to-motion.
"""

from __future__ import annotations

from kinelang.models.evaluator.config import Pretraining
from kinelang.models.with_torch import Tensor, functional, torch

_LEAST = 1e-12
"""Squared distances below it have no gradient: the root's is infinite at 0."""


def autoencoder_loss(decoded: Tensor, frames: Tensor, movements: Tensor, config: Pretraining) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum, and its parts by name, not weighted.

    Args:
        decoded: (B, T, D) from the movements.
        frames: (B, T, D) whole windows of normalised features; nothing is padded.
        movements: (B, T // 4, movement).
        config: weights.
    """
    parts = {
        "reconstruction": functional.l1_loss(decoded, frames),
        "sparsity": movements.abs().mean(),
        "smoothness": functional.l1_loss(movements[:, 1:], movements[:, :-1]),
    }
    return parts["reconstruction"] + config.sparsity * parts["sparsity"] + config.smoothness * parts["smoothness"], parts


def matching_loss(text: Tensor, motion: Tensor, shift: int, margin: float = 10.0) -> tuple[Tensor, dict[str, Tensor]]:
    """Mean squared distance of pairs, and mean squared shortfall of the margin of one negative each.

    Args:
        text: (B, joint).
        motion: (B, joint), row i for row i.
        shift: text i's negative is motion i - shift, cyclically; 1 to B - 1. (In the release it may be 0, which pushes pairs apart.)
        margin: distance from which on a negative is far enough.

    Raises:
        ValueError: a shift that makes pairs of negatives.
    """
    if len(text) < 2 or shift % len(text) == 0:
        raise ValueError(f"shift {shift} in a batch of {len(text)}: it has to be 1 to {len(text) - 1}")
    far = functional.relu(margin - distances(text, motion.roll(shift, dims=0)))
    parts = {"pairs": ((text - motion) ** 2).sum(dim=-1).mean(), "negatives": (far**2).mean()}
    return parts["pairs"] + parts["negatives"], parts


def drawn_shift(batch_size: int, generator: torch.Generator | None = None) -> int:
    """A shift of 1 to B - 1. A batch of one has no negative: ValueError."""
    if batch_size < 2:
        raise ValueError(f"a batch of {batch_size} has no negatives; batches of 2 or more are needed")
    return int(torch.randint(1, batch_size, (), generator=generator))


def distances(a: Tensor, b: Tensor) -> Tensor:
    """Euclidean distances of the rows of a (B, d) from those of b, (B,)."""
    return ((a - b) ** 2).sum(dim=-1).clamp(min=_LEAST).sqrt()
