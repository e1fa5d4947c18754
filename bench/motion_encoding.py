"""Motions as vectors, beside torch's own module, in one interleaved run; prints a Markdown table.

    python bench/motion_encoding.py [--clips 64] [--rounds 7] [--processors 1]

The same clips (performed timelines of 2 to 9.8 s) through TMR's motion encoder with the same weights, in the published size (d 256, 6
layers, 263 features, a frame a token) and the small one (d 128, 4 layers, four frames a token):

    kinelang      `EncoderTwin`: NumPy, no padding, batches of like length, the last layer for one row alone
    padded        `nn.TransformerEncoder` on padded batches of 32 in the order of the clips, as TMR's release encodes
    sorted        the same, the clips sorted by length
    fast path     the same in the order of the clips, with the nested tensors that torch makes of its mask unless told otherwise
    network       kinelang's module for training, padded batches of 32 sorted by length

Their results have to be the same within 1e-4. Seconds of the clock, and of the processor (all threads together), which other work on
the machine disturbs less. Where other work goes on, give --processors 1: threads wait for each other. A ratio is
the median of those of the rounds.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from kinelang.corpora.synthetic import Synthetic
from kinelang.models.tmr.config import Network, TMRConfig
from kinelang.models.tmr.inference import EncoderTwin
from kinelang.models.tmr.positions import positions
from kinelang.models.tmr.statistics import Statistics

BATCH = 32
Task = Callable[[], np.ndarray]


def encoders(network: Network, clips: Sequence[np.ndarray]) -> dict[str, Task]:
    """What is compared: each encodes all clips, (N, d)."""
    import torch
    from torch import nn

    from kinelang.models.tmr.network import TMR

    torch.manual_seed(0)
    trained = TMR(network).eval()
    arrays = {name: tensor.numpy() for name, tensor in trained.state_dict().items()}
    twin = EncoderTwin(arrays, "motion_encoder", network)

    class Plain(nn.Module):
        """ACTOR's encoder as one writes it with torch's own module."""

        def __init__(self, nested: bool) -> None:
            super().__init__()
            self.embed = nn.Linear(network.motion_width, network.latent)
            self.tokens = nn.Parameter(torch.empty(network.tokens, network.latent))
            layer = nn.TransformerEncoderLayer(
                network.latent, network.heads, network.feed_forward, network.dropout, "gelu", batch_first=True
            )
            self.inner = nn.TransformerEncoder(layer, network.layers, enable_nested_tensor=nested)
            self.at = torch.tensor(positions(1000, network.latent))
            state = trained.motion_encoder.state_dict()
            self.load_state_dict({f"inner.{name}" if name.startswith("layers.") else name: t for name, t in state.items()})

        def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            x = torch.cat([self.tokens.expand(len(x), -1, -1), self.embed(x)], dim=1)
            valid = nn.functional.pad(mask, (len(self.tokens), 0), value=True)
            return self.inner(x + self.at[: x.shape[1]], src_key_padding_mask=~valid)[:, 0]

    by_length = sorted(range(len(clips)), key=lambda i: len(clips[i]))

    def batched(encode: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], order: Sequence[int]) -> Task:
        def run() -> np.ndarray:
            out = np.empty((len(clips), network.latent), np.float32)
            with torch.inference_mode():
                for start in range(0, len(order), BATCH):
                    rows = list(order[start : start + BATCH])
                    parts = [torch.from_numpy(clips[i]) for i in rows]
                    lengths = torch.tensor([len(part) for part in parts])
                    mask = torch.arange(int(lengths.max())) < lengths[:, None]
                    out[rows] = encode(nn.utils.rnn.pad_sequence(parts, batch_first=True), mask).numpy()
            return out

        return run

    padded, nested = Plain(nested=False).eval(), Plain(nested=True).eval()
    everything = range(len(clips))
    return {
        "kinelang": lambda: twin(clips),
        "padded": batched(padded, everything),
        "sorted": batched(padded, by_length),
        "fast path": batched(nested, everything),
        "network": batched(trained.encode_motions, by_length),
    }


def measured(tasks: dict[str, Task], rounds: int) -> dict[str, np.ndarray]:
    """Seconds of the clock and of the processor, (rounds, 2); one run of each task in every round, after one that does not count."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in tasks}
    for round_number in range(rounds + 1):
        for name, task in tasks.items():
            clock, work = time.perf_counter(), time.process_time()
            task()
            if round_number:
                times[name].append((time.perf_counter() - clock, time.process_time() - work))
    return {name: np.array(t) for name, t in times.items()}


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "processor unknown"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--processors", type=int, help="how many of the machine's to use")
    options = parser.parse_args()
    if options.processors:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.processors])
    import torch

    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(processors)
    warnings.filterwarnings("ignore", message="The PyTorch API of nested tensors")
    raw = [record.features() for record in list(Synthetic(2 * options.clips).records("train"))[: options.clips]]
    statistics = Statistics.of(raw)
    lengths = [len(clip) for clip in raw]
    print(f"{processor()}, {processors} used; Python {platform.python_version()}, NumPy {np.__version__}, torch {torch.__version__}")
    print(f"{len(raw)} clips of {min(lengths)} to {max(lengths)} frames, {np.mean(lengths):.0f} in the mean; {options.rounds} rounds\n")
    print(
        "| | kinelang, clips/s | "
        + " | ".join(f"{name}, times as long" for name in ("padded", "sorted", "fast path", "network"))
        + " |"
    )
    print("|" + "---|" * 6)
    for title, config in {"published": TMRConfig.published(), "small": TMRConfig.small()}.items():
        clips = [statistics.tokens(clip, config.data.stack) for clip in raw]
        tasks = encoders(config.network, clips)
        ours = tasks["kinelang"]()
        differences = {name: float(np.abs(task() - ours).max()) for name, task in tasks.items()}
        assert max(differences.values()) < 1e-4, differences
        seconds = measured(tasks, options.rounds)
        for i, kind in enumerate(("clock", "processor")):
            own = seconds["kinelang"][:, i]
            others = [f"{np.median(seconds[name][:, i] / own):.2f}" for name in list(tasks)[1:]]
            print(f"| {title}, {kind} | {len(clips) / np.median(own):.0f} | {' | '.join(others)} |", flush=True)
        print(f"| {title}, largest difference | | {' | '.join(f'{d:.0e}' for d in list(differences.values())[1:])} |", flush=True)


if __name__ == "__main__":
    main()
