"""Sparsely-activated mixture of experts: each token goes to the best two, however many others do, so that it never depends on them.

The release's (tutel's) experts have room for so many tokens of a batch and leave out the rest; here there is no such limit.
"""

from __future__ import annotations

import math

from kinelang.models.with_torch import Tensor, functional, nn, torch

MOST_SCALE = 100.0
FIRST_SCALE = 2.0
"""What the gate's cosines are multiplied by, at most and at first."""


class Experts(nn.Module):
    """A mixture of two-layer networks with GELU behind a cosine gate.

    Args:
        width: in and out.
        hidden: of each expert.
        n: experts.
        chosen: of them for each token.
        gate_width: of the space in which the gate compares.
        noise: deviation of the noise on the gate's logits in training, times n.
    """

    def __init__(self, width: int, hidden: int, n: int, chosen: int, gate_width: int, noise: float = 1.0) -> None:
        super().__init__()
        self.n, self.chosen, self.noise = n, chosen, noise / n
        self.gate = nn.Linear(width, gate_width)
        self.directions = nn.Parameter(0.01 * torch.randn(n, gate_width))
        self.scale = nn.Parameter(torch.tensor([math.log(FIRST_SCALE)]))
        self.inner, self.inner_bias = _linear(n, width, hidden)
        self.outer, self.outer_bias = _linear(n, hidden, width)
        self.route: Tensor | None = None
        """Of the last call in training: the loss that keeps the experts equally busy."""

    def forward(self, x: Tensor) -> Tensor:
        """x (M, d) -> (M, d)."""
        logits = self.logits(x)
        noisy = logits + self.noise * torch.randn_like(logits) if self.training and self.noise else logits
        scores, which = torch.softmax(noisy, dim=-1).topk(self.chosen, dim=-1)
        weights = scores / scores.sum(dim=-1, keepdim=True)
        if self.training:
            self.route = balance(logits, noisy, self.chosen, self.noise)
        return self._mixed(x, which, weights)

    def logits(self, x: Tensor) -> Tensor:
        """(M, n) cosines of tokens and experts, scaled."""
        cosines = functional.normalize(self.gate(x), dim=-1) @ functional.normalize(self.directions, dim=-1).T
        return cosines * self.scale.clamp(max=math.log(MOST_SCALE)).exp()

    def _mixed(self, x: Tensor, which: Tensor, weights: Tensor) -> Tensor:
        """Tokens sorted by expert, each expert's computed together, and put back: exact, whatever the loads."""
        order = which.flatten().argsort()
        tokens = order // self.chosen
        counts = torch.bincount(which.flatten(), minlength=self.n).tolist()
        done = [self._one(e, rows) for e, rows in enumerate(torch.split(x[tokens], counts)) if counts[e]]
        said = torch.cat(done) * weights.flatten()[order, None]
        return torch.zeros_like(x).index_add(0, tokens, said)

    def _one(self, e: int, x: Tensor) -> Tensor:
        inner = functional.gelu(torch.addmm(self.inner_bias[e], x, self.inner[e]))
        return torch.addmm(self.outer_bias[e], inner, self.outer[e])


def balance(logits: Tensor, noisy: Tensor, chosen: int, noise: float) -> Tensor:
    """Half of the squared coefficients of variation of importance and load (Shazeer et al., ICLR 2017).

    Importance is the sum of the scores without noise; load how many tokens an expert can expect, from the chance that its logit, with
    new noise, is above the last chosen one. (The release compares scores with logits, which are of different scales.)
    """
    importance = torch.softmax(logits, dim=-1).sum(dim=0)
    total = _variation(importance)
    if noise:
        last = noisy.topk(chosen, dim=-1).values[:, -1:]
        load = torch.special.ndtr((logits - last) / noise).sum(dim=0)
        total = total + _variation(load)
    return 0.5 * total


def _variation(x: Tensor) -> Tensor:
    return x.var(unbiased=False) / x.mean().square().clamp(min=1e-10)


def _linear(n: int, width: int, out: int) -> tuple[nn.Parameter, nn.Parameter]:
    """Weights (n, width, out) and biases (n, out) of n linear maps, drawn as torch draws those of one."""
    bound = 1 / math.sqrt(width)
    return nn.Parameter(torch.empty(n, width, out).uniform_(-bound, bound)), nn.Parameter(torch.empty(n, out).uniform_(-bound, bound))
