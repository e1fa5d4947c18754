"""TMR's losses: reconstruction, four divergences, cross-modal distance, and the contrastive loss with filtered negatives.

Source: Petrovich et al., TMR (ICCV 2023), equation 1 and section 3; TEMOS (ECCV 2022). What is done otherwise is said.
"""

from __future__ import annotations

from kinelang.models.tmr.config import Losses
from kinelang.models.tmr.network import Batch, Latents, Outputs
from kinelang.models.with_torch import Tensor, functional, torch


def losses_of(outputs: Outputs, batch: Batch, config: Losses) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum, and its parts by name, not weighted. Parts of weight 0 are not computed."""
    b = len(batch.motion)
    text, motion = _first(outputs.text, b), _first(outputs.motion, b)
    parts: dict[str, Tensor] = {}
    weights = {"reconstruction": config.reconstruction, "kl": config.kl, "latent": config.latent, "contrastive": config.contrastive}
    if config.reconstruction and outputs.from_text is not None and outputs.from_motion is not None:
        padded = config.reconstruction_mean == "padded"
        parts["reconstruction"] = sum(
            (reconstruction(made, batch.motion, batch.motion_mask, padded) for made in (outputs.from_text, outputs.from_motion)),
            start=torch.zeros((), device=batch.motion.device),
        )
    if config.kl and text.log_variance is not None:
        parts["kl"] = divergences(text, motion)
    if config.latent:
        parts["latent"] = functional.smooth_l1_loss(_compared(text, config), _compared(motion, config))
    if config.contrastive:
        removed = wrong_negatives(batch, config.threshold)
        compared = _compared(outputs.text, config), _compared(outputs.motion, config)
        if config.form == "infonce":
            parts["contrastive"] = info_nce(*compared, b, config.temperature, removed)
        else:
            parts["contrastive"] = margin_loss(*compared, b, config.margin, removed)
    total = sum((weights[name] * part for name, part in parts.items()), start=torch.zeros((), device=batch.motion.device))
    return total, parts


def reconstruction(made: Tensor, true: Tensor, mask: Tensor, padded: bool = False) -> Tensor:
    """Smooth L1 (beta 1) of decoded features (B, T, D): mean over the frames there are; `padded`: over all, as published."""
    wrong = functional.smooth_l1_loss(made.float(), true, reduction="none") * mask[..., None]
    return wrong.mean() if padded else wrong.sum() / (mask.sum() * made.shape[-1])


def divergences(text: Latents, motion: Latents) -> Tensor:
    """KL(T||M) + KL(M||T) + KL(M||N(0, I)) + KL(T||N(0, I)), each the mean over pairs and dimensions."""
    assert text.log_variance is not None
    assert motion.log_variance is not None
    t, m = (text.mean, text.log_variance), (motion.mean, motion.log_variance)
    standard = torch.zeros_like(text.mean), torch.zeros_like(text.mean)
    return divergence(t, m) + divergence(m, t) + divergence(m, standard) + divergence(t, standard)


def divergence(q: tuple[Tensor, Tensor], p: tuple[Tensor, Tensor]) -> Tensor:
    """KL(q || p) of normal distributions given by mean and logarithm of the variance, (N, d) each; the mean over all numbers."""
    ratio = torch.exp(q[1] - p[1])
    return 0.5 * (ratio + (q[0] - p[0]) ** 2 * torch.exp(-p[1]) - 1 - (q[1] - p[1])).mean()


def wrong_negatives(batch: Batch, threshold: float | None) -> Tensor | None:
    """Which texts are too alike to be negatives of one another: (B, B + K) bool; None: none.

    Those whose cosine as cos/2 + 1/2 is above the threshold, but never a text with itself, and never texts that name different sides.
    """
    if threshold is None or batch.likeness is None:
        return None
    alike = 0.5 * batch.likeness + 0.5 > threshold
    alike = alike & ~torch.eye(*alike.shape, dtype=torch.bool, device=alike.device)
    return alike if batch.differ is None else alike & ~batch.differ


def info_nce(text: Tensor, motion: Tensor, pairs: int, temperature: float, removed: Tensor | None = None) -> Tensor:
    """Symmetric cross entropy of cosines (equation 1), pairs on the diagonal.

    Args:
        text: (B + K, d), K further texts that are negatives alone; K may be 0.
        motion: (B, d), or (B + K, d) with the motions of the further texts.
        pairs: B.
        temperature: divides the cosines.
        removed: (B, B + K) bool, neither positive nor negative; what goes for a text goes for its motion.
    """
    text, motion = functional.normalize(text, dim=-1), functional.normalize(motion, dim=-1)
    to_motion = text[:pairs] @ motion.T / temperature
    to_text = motion[:pairs] @ text.T / temperature
    if removed is not None:
        to_motion = to_motion.masked_fill(removed[:, : len(motion)], -torch.inf)
        to_text = to_text.masked_fill(removed[:, : len(text)], -torch.inf)
    right = torch.arange(pairs, device=text.device)
    return 0.5 * (functional.cross_entropy(to_motion, right) + functional.cross_entropy(to_text, right))


def margin_loss(text: Tensor, motion: Tensor, pairs: int, margin: float, removed: Tensor | None = None) -> Tensor:
    """Squared distance of pairs, plus that by which negatives come nearer than the margin, squared; arguments as for `info_nce`.

    Source: Hadsell et al. (CVPR 2006), as Guo et al. (CVPR 2022) use it. They draw one negative a pair; here it is the mean over all.
    """
    own = ((text[:pairs] - motion[:pairs]) ** 2).sum(dim=-1).mean()
    pushed = torch.zeros_like(own)
    for rows, columns in ((text[:pairs], motion), (motion[:pairs], text)):
        negative = ~torch.eye(pairs, len(columns), dtype=torch.bool, device=text.device)
        if removed is not None:
            negative = negative & ~removed[:, : len(columns)]
        near = functional.relu(margin - _distances(rows, columns)) ** 2
        pushed = pushed + 0.5 * (near * negative).sum() / negative.sum().clamp(min=1)
    return own + pushed


def _distances(rows: Tensor, columns: Tensor) -> Tensor:
    """Euclidean distances (N, M), with a gradient where they are 0."""
    return ((rows[:, None] - columns[None]) ** 2).sum(dim=-1).clamp(min=1e-12).sqrt()


def _compared(latents: Latents, config: Losses) -> Tensor:
    return latents.sample if config.latents == "sampled" else latents.mean


def _first(latents: Latents, n: int) -> Latents:
    log_variance = None if latents.log_variance is None else latents.log_variance[:n]
    return Latents(latents.mean[:n], log_variance, latents.sample[:n])
