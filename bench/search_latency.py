"""Vector search, flat against graph: build, file, loading, latency, recall@10 against exact; then whole searches of an index.

    python bench/search_latency.py [--sizes 100000 ...] [--vectors REAL.npz] [--width 128] [--queries 500] [--whole 100000]

The vectors are drawn around those of REAL.npz (as `kinelang embed --out` writes them), each with a little noise; without a file around
20,000 made-up ones in 400 groups, whose spread falls off over the dimensions as that of encoders does. Queries are drawn the same way
and are not among them. One query at a time, as people ask; medians and 95th percentiles, and the mean
of the processor's time, which says more on a machine that others use too.

Whole searches are `Index.search` with a text: candidates, filters, detected stages, fusion, hits; encoding the text is left out. The
index is a file of `--whole` motions with two stages each; the first search of a process loads the engine, and is told apart.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from kinelang.search import Filters, Index
from kinelang.search.base import unit
from kinelang.search.schema import CLIP, Meta
from kinelang.search.store import Encoded, Entry, Place, Store
from kinelang.search.vectors import FLAT_BELOW, FaissEngine

TEXTS = (
    "a person walks forward and turns left",
    "someone waves the right hand twice",
    "a person kicks with the left foot",
    "he squats, then jumps up",
    "a man sits down",
)
VERBS = ("walk", "walk", "walk", "turn", "wave", "kick", "squat", "jump", "sit", "stand_up", "raise_arm", "throw")
NOISE = 0.35
"""Length of the noise beside a vector of length 1."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--whole", type=int, default=20_000)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    base = np.load(options.vectors)["vectors"] if options.vectors else made_up(rng, 20_000, options.width)
    print(f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}; {base.shape[1]} numbers a vector, drawn around")
    print(
        f"{len(base)} {'of ' + options.vectors.name if options.vectors else 'made-up ones'}, noise {NOISE}; {options.queries} queries\n"
    )
    print("| vectors | engine | build s | file MB | load s | one query ms, median | 95 % | CPU ms | recall@10 |")
    print("|" + "---|" * 9)
    for n in options.sizes:
        compare(rng, base, n, options.queries)
    if options.whole:
        whole(rng, base, options.whole)


def made_up(rng: np.random.Generator, n: int, width: int) -> np.ndarray:
    spread = (np.arange(1, width + 1) ** -0.5).astype(np.float32)
    groups = rng.normal(size=(400, width)).astype(np.float32) * spread
    return unit(groups[rng.integers(400, size=n)] + 0.6 * rng.normal(size=(n, width)).astype(np.float32) * spread)


def drawn(rng: np.random.Generator, base: np.ndarray, n: int) -> np.ndarray:
    noise = rng.normal(size=(n, base.shape[1])).astype(np.float32)
    return unit(base[rng.integers(len(base), size=n)] + NOISE * unit(noise))


def compare(rng: np.random.Generator, base: np.ndarray, n: int, n_queries: int) -> None:
    vectors, queries = drawn(rng, base, n), drawn(rng, base, n_queries)
    exact: list[set[int]] = []
    for name, flat_below in (("flat", n + 1), ("graph", 0)):
        engine, build_s = timed(lambda b=flat_below: made_of(vectors, b))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.faiss"
            engine.save(path)
            size_mb = path.stat().st_size / 1e6
            engine, load_s = timed(lambda p=path, b=flat_below: FaissEngine.load(p, CLIP, base.shape[1], b))
        times, found = [], []
        cpu = time.process_time()
        for query in queries:
            near, seconds = timed(lambda q=query, e=engine: e.search(q, 10))
            times.append(1000 * seconds)
            found.append(set(near.motions.tolist()))
        cpu = 1000 * (time.process_time() - cpu) / len(queries)
        exact = exact or found
        recall = np.mean([len(a & b) / 10 for a, b in zip(found, exact, strict=True)])
        row = f"| {n:,} | {name} | {build_s:.2f} | {size_mb:.0f} | {load_s:.2f} |"
        print(f"{row} {np.median(times):.2f} | {np.percentile(times, 95):.2f} | {cpu:.2f} | {recall:.4f} |", flush=True)


def made_of(vectors: np.ndarray, flat_below: int) -> FaissEngine:
    """An engine of vectors that are in no store."""
    engine = FaissEngine(CLIP, vectors.shape[1], flat_below)
    engine._reset(len(vectors))
    engine._add(np.arange(1, len(vectors) + 1), np.zeros(len(vectors), np.int64), vectors)
    return engine


class Drawn:
    """A model that answers each text with a vector of the same kind as those in the index."""

    identity = "drawn@0"

    def __init__(self, rng: np.random.Generator, base: np.ndarray) -> None:
        self.width, self._rng, self._base = base.shape[1], rng, base

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        return drawn(self._rng, self._base, len(texts))

    def encode_features(self, features: Sequence[np.ndarray]) -> np.ndarray:
        return drawn(self._rng, self._base, len(features))


def whole(rng: np.random.Generator, base: np.ndarray, n: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.index"
        _, seconds = timed(lambda: filled(path, rng, base, n))
        print(f"\n{n:,} motions with 2 windows each written in {seconds:.1f} s ({n / seconds:.0f} a second); ", end="")
        print(f"{path.stat().st_size / 1e6:.0f} MB; flat below {FLAT_BELOW:,} vectors\n")
        with Index.open(path, Drawn(rng, base)) as index:
            _, engine_s = timed(lambda: index._refresh())
            print(f"engines made in {engine_s:.1f} s")
        with Index.open(path, Drawn(rng, base)) as index:
            _, first_s = timed(lambda: index.search(TEXTS[0]))
            print(f"first search of a process, engine loaded from its file: {1000 * first_s:.0f} ms\n")
            print("| search | median ms | 95 % | CPU ms |\n|---|---|---|---|")
            asked: dict[str, Callable[[str], object]] = {
                "text": lambda t: index.search(t),
                "text, one verb allowed": lambda t: index.search(t, filters=Filters(verb="kick")),
                "text, at most 4 s": lambda t: index.search(t, filters=Filters(max_s=4.0)),
                "structure alone": lambda t: index.search(structure=t),
                "text, moments": lambda t: index.search(t, moments=True),
            }
            for name, ask in asked.items():
                ask(TEXTS[0])
                cpu = time.process_time()
                times = [1000 * timed(lambda t=text, a=ask: a(t))[1] for _ in range(12) for text in TEXTS]
                cpu = 1000 * (time.process_time() - cpu) / len(times)
                print(f"| {name} | {np.median(times):.1f} | {np.percentile(times, 95):.1f} | {cpu:.1f} |", flush=True)


def filled(path: Path, rng: np.random.Generator, base: np.ndarray, n: int) -> None:
    spans = np.array([[0, 2], [2, 4]], dtype=np.float32)
    with Store.create(path, Meta("drawn@0", base.shape[1])) as store:
        for i in range(n):
            verbs = rng.choice(VERBS, 2)
            stages = tuple(
                {"verb": str(v), "start_s": 2.5 * k, "end_s": 2.5 * k + 2.5, "confidence": float(rng.random()), "parts": []}
                | ({"side": str(rng.choice(["left", "right"]))} if v in ("wave", "kick") else {})
                for k, v in enumerate(verbs)
            )
            vectors = drawn(rng, base, 3)
            entry = Entry(Place(f"/motions/{i:07d}.bvh", sha256=str(i)), 2 + 6 * rng.random(), 20.0, 100, "smpl22", stages)
            store.put(entry, Encoded(np.array([[0, 5]], np.float32), vectors[:1]), Encoded(spans, vectors[1:]))


def timed(work: Callable[[], object]) -> tuple[object, float]:
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "processor unknown"


if __name__ == "__main__":
    main()
