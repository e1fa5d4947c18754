"""How long a motion takes: the shipped model, and the published network with the published schedule, done plainly and by kinelang.

    python bench/generation_speed.py [--frames 196] [--runs 3] [--model FOLDER]

"plainly": all 16 experts are computed for every token and weighed, texts of 77 tokens go through their Transformer and their experts in
every step, 50 DDIM steps, each with and without text. Weights are random: time does not depend on them. One process, all threads.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path

import torch

from kinelang.generating import Generator
from kinelang.generating.reading import read
from kinelang.models.diffusion.samplers import guidance_weight, guided, sample
from kinelang.models.diffusion.schedule import PUBLISHED_SECTIONS, spaced, trailing
from kinelang.models.finemogen.config import FineMoGenConfig
from kinelang.models.finemogen.experts import Experts
from kinelang.models.finemogen.network import FineMoGenNetwork, build
from kinelang.models.finemogen.plan import Interval, plan_of

WORDS = 77
LENGTHS_S = (5, 10, 20, 40, 80)


class Dense(torch.nn.Module):
    """The same experts, all computed for every token."""

    def __init__(self, experts: Experts) -> None:
        super().__init__()
        self.experts = experts

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        e = self.experts
        scores, which = torch.softmax(e.logits(x), dim=-1).topk(e.chosen, dim=-1)
        weights = torch.zeros(len(x), e.n).scatter(1, which, scores / scores.sum(dim=-1, keepdim=True))
        inner = torch.nn.functional.gelu(torch.einsum("md,edh->emh", x, e.inner) + e.inner_bias[:, None])
        return torch.einsum("emd,me->md", torch.einsum("emh,ehd->emd", inner, e.outer) + e.outer_bias[:, None], weights)


def plainly(network: FineMoGenNetwork) -> FineMoGenNetwork:
    """The network with its experts computed densely."""
    for layer in network.layers:
        for projection in (layer.attention.motion, layer.attention.words):
            projection.experts = Dense(projection.experts)
    return network


def once(network: FineMoGenNetwork, config: FineMoGenConfig, frames: int, steps: tuple[int, ...], sampler: str, fresh: bool) -> None:
    """One motion. `fresh`: texts are computed anew in each step."""
    plan = plan_of([[Interval(-(-frames // config.network.stack), 0)]], config.network.reach)
    text = torch.randn(1, WORDS, config.network.text_width), torch.ones(1, WORDS, dtype=torch.bool)
    told = text if fresh else network.texts(*text)
    noise = torch.randn(1, -(-frames // config.network.stack), 263 * config.network.stack)

    def predict(x: torch.Tensor, t: int) -> torch.Tensor:
        step = torch.full((1,), t)
        both = [network(x, step, plan, told, dropped) for dropped in (None, torch.ones(1, dtype=torch.bool))]
        return guided(both[0], both[1], guidance_weight(t, config.sampling.guidance))

    sample(predict, noise, config.schedule, steps, sampler)


def best_of(runs: int, call: Callable[[], object]) -> float:
    call()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=196)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--model", type=Path)
    given = parser.parse_args()
    config = FineMoGenConfig.paper()
    network = build(config.network).eval()
    published, few = spaced(1000, PUBLISHED_SECTIONS), trailing(1000, 10)
    rows = [
        ("published network, 10 DPM-Solver++ steps", lambda: once(network, config, given.frames, few, "dpm++", False)),
        ("published network, 50 DDIM steps, exact experts", lambda: once(network, config, given.frames, published, "ddim", False)),
    ]
    found = [(name, best_of(given.runs, call)) for name, call in rows]
    plainly(network)
    plain = best_of(given.runs, lambda: once(network, config, given.frames, published, "ddim", True))
    print(f"{given.frames} frames, {torch.get_num_threads()} threads, best of {given.runs}")
    print(f"published network and schedule, plainly: {plain:.2f} s")
    for name, seconds in found:
        print(f"{name}: {seconds:.2f} s, {plain / seconds:.1f} times as fast")
    generator = Generator.load(given.model)
    text = "a person walks forward and waves with the left hand"
    generator.generate(text)
    for clean in (True, False):
        seconds = best_of(given.runs, lambda clean=clean: generator.generate(text, seconds=given.frames / 20, clean=clean))
        what = "with draft, rotations and planted feet" if clean else "without planting"
        print(f"kinelang generate, {what}: {seconds:.2f} s, {plain / seconds:.1f} times as fast")
    job = generator._order(read(text, given.frames / 20), 0, *_nothing(given.frames)).job
    seconds = best_of(given.runs, lambda: generator.model.sample([job]))
    print(f"its sampling alone: {seconds:.2f} s, {plain / seconds:.1f} times as fast")
    six = best_of(given.runs, lambda: generator.generate(text, seconds=6))
    print(f"a motion of 6 s: {six:.2f} s")
    for n in (8, 32):
        took = best_of(1, lambda n=n: generator.generate_batch([text] * n, [6.0] * n, list(range(n))))
        print(f"{n} motions of 6 s together: {took / n:.3f} s each")
    for length in LENGTHS_S:
        took = best_of(given.runs, lambda length=length: generator.generate(text, seconds=length, clean=False))
        print(f"{length} s of motion: {took:.2f} s, {1000 * took / length:.1f} ms a second of motion")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def _nothing(frames: int) -> tuple[object, None]:
    from kinelang.generating.controlling import Fixed

    return Fixed.nothing(frames), None


if __name__ == "__main__":
    main()
