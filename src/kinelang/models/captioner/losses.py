"""What a captioner is trained with: words, and where a word should look: at motion or language, at which parts, at which frames.

Source: Radouane et al., BMVC 2024, equations 11 to 14; the release at 0331f67. Padding counts nowhere, and nothing supervised is a loss
of 0. The loss of time, and words supervised by a timeline, are ours.
"""

from __future__ import annotations

from typing import Protocol

from kinelang.models.captioner.config import Losses
from kinelang.models.captioner.network import Batch, Outputs
from kinelang.models.captioner.vocabulary import PAD
from kinelang.models.with_torch import Tensor, functional, torch

_LEAST = 1e-6
"""Probabilities are not taken for smaller in logarithms."""


class Timed(Protocol):
    """What words and their time are judged by, whatever the network: see `Outputs`."""

    logits: Tensor
    log_gamma: Tensor
    window: Tensor


def losses_of(outputs: Outputs, batch: Batch, config: Losses) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum, and its parts by name, not weighted. Parts of weight 0 are not computed."""
    sums = config.form == "paper"
    parts = {"language": language(outputs, batch, sums)}
    if config.adaptive:
        parts["adaptive"] = adaptive(outputs, batch, sums)
    if config.spatial:
        parts["spatial"] = spatial(outputs, batch, sums)
    if config.temporal:
        parts["temporal"] = temporal(outputs, batch)
    weights = {"language": 1.0, "adaptive": config.adaptive, "spatial": config.spatial, "temporal": config.temporal}
    total = sum((weights[name] * part for name, part in parts.items()), start=torch.zeros((), device=batch.mask.device))
    return total, parts


def language(outputs: Timed, batch: Batch, sums: bool = False) -> Tensor:
    """Cross entropy of the words (11): its mean over words, or (`sums`) its sum over a caption's words."""
    logits, true = outputs.logits.float(), batch.words[:, 1:]
    total = functional.cross_entropy(logits.flatten(0, 1), true.flatten(), ignore_index=PAD, reduction="sum")
    return total / _count(batch, sums, true != PAD)


def adaptive(outputs: Outputs, batch: Batch, sums: bool = False) -> Tensor:
    """Binary cross entropy of the gate (12) over the words of which it is known what they are."""
    known = batch.gate >= 0
    gate = outputs.gate.float().clamp(_LEAST, 1 - _LEAST)
    wrong = functional.binary_cross_entropy(gate, batch.gate.clamp(min=0), reduction="none")
    return (wrong * known).sum() / _count(batch, sums, known)


def spatial(outputs: Outputs, batch: Batch, sums: bool = False) -> Tensor:
    """The loss of the parts (13) over the words of which they are known, over the frames that they are known for.

    Words of the dictionary: binary cross entropy of each part, alike in all frames. (Of two parts with 1 it cannot reach 0, for the
    attention adds up to 1: its best is a half each.) Words of a timeline: cross entropy with an even share of the stage's parts, on
    the stage's frames; its least is the logarithm of their number.
    """
    known = batch.parts[..., 0] >= 0
    if not known.any():
        return outputs.alpha.sum() * 0.0
    frames = batch.frames[known]
    alpha, parts = outputs.alpha[known].float().clamp(_LEAST, 1 - _LEAST), batch.parts[known][:, None]
    binary = functional.binary_cross_entropy(alpha, parts.expand_as(alpha), reduction="none")
    crossed = -(parts / parts.sum(dim=-1, keepdim=True).clamp(min=1)) * alpha.log()
    binary = binary.sum(dim=-1) if sums else binary.mean(dim=-1)
    wrong = torch.where(batch.exact[known][:, None], crossed.sum(dim=-1), binary) * frames
    a_word = wrong.sum(dim=-1) if sums else wrong.sum(dim=-1) / frames.sum(dim=-1).clamp(min=1)
    if not sums:
        return a_word.mean()
    words = known.sum(dim=-1, keepdim=True).expand_as(known)[known]
    return (a_word / words).sum() / len(known)


def temporal(outputs: Timed, batch: Batch) -> Tensor:
    """How far the temporal attention of words of a timeline is from lying evenly over the frames of their stages; 0 if it does.

    The divergence KL(even ‖ gamma), mean over those words. With the window's scale `UNIFORM_WINDOW` its least makes the Gaussian more
    than a half exactly on the stage.
    """
    if not batch.exact.any():
        return outputs.window.sum() * 0.0
    frames = batch.frames[batch.exact]
    log_gamma = outputs.log_gamma[batch.exact].float().masked_fill(~frames, 0.0)
    n = frames.sum(dim=-1).clamp(min=1).float()
    return (-log_gamma.sum(dim=-1) / n - n.log()).mean()


def _count(batch: Batch, sums: bool, words: Tensor) -> Tensor:
    """What a sum over words is divided by: captions, or the words; at least 1."""
    return torch.tensor(float(len(words)), device=words.device) if sums else words.sum().clamp(min=1)
