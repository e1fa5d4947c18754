"""Vector search, flat against graph: build, file, loading, latency, recall@10 against exact; then whole searches of an index.

    python bench/search_latency.py [--sizes 20000 100000 1000000] [--whole 100000] [--queries 500] [--threads 1]
                                   [--model RUN] [--corpus synthetic:8000 ...] [--cache FOLDER] [--keep VECTORS.npz]

The vectors are those of real encodings: the clips of the corpora (as `kinelang train` takes them; performed ones are made) and their
sliding windows, by the model; where more are asked for than there are, each once and the rest with a little noise. Queries are captions
of other clips, by the model too, as people ask; and other clips, as `--like` asks. One at a time; medians and 95th percentiles, and the
mean of the processor's time, which says more on a machine that others use too. An `Index` asks the engine for 300 neighbours; the
recall is that of the ten best among what is found.

Whole searches are `Index.search` with a caption that was not asked before: the text encoded, candidates, filters, detected stages,
fusion, hits. The index is a file of `--whole` motions with two stages each; the first search of a process loads engine and encoder, and
is told apart. `--model made-up` needs no model: vectors and queries around 20,000 made-up ones in 400 groups; texts are not encoded.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.language.encoders.files import cache_folder
from kinelang.search import Filters, Index, structure
from kinelang.search import vectors as engines
from kinelang.search.base import Retriever, Windows, unit
from kinelang.search.schema import CLIP, Meta
from kinelang.search.store import Encoded, Entry, Place, Store
from kinelang.search.vectors import FLAT_BELOW, FaissEngine

VERBS = ("walk", "walk", "walk", "turn", "wave", "kick", "squat", "jump", "sit", "stand_up", "raise_arm", "throw")
NOISE = 0.2
"""Length of the noise beside a vector of length 1: a cosine of .98."""
ROUNDS = 60
"""Searches of each kind."""
CANDIDATES = 300
"""Neighbours that `Index.search` asks for."""
MADE_UP = "made-up"
GROWTH = """
import sys
from pathlib import Path
import faiss
import numpy as np
from kinelang.search.vectors import FaissEngine
def resident_mb():
    rows = Path("/proc/self/status").read_text().splitlines()
    return int(next(row for row in rows if row.startswith("VmRSS")).split()[1]) * 1024 / 1e6
before, width = resident_mb(), int(sys.argv[2])
engine = FaissEngine.load(Path(sys.argv[1]), 0, width, int(sys.argv[3]))
engine.search(np.ones(width, np.float32), 300)
print(resident_mb() - before)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--whole", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--threads", type=int, default=1, help="to build the graph with")
    parser.add_argument("--model", help=f"run folder, in place of the model that ships; or {MADE_UP}")
    parser.add_argument("--corpus", nargs="+", default=["synthetic:2000"], help="as kinelang train takes them")
    parser.add_argument("--cache", type=Path, default=cache_folder() / "training" / "features", help="folder of their features")
    parser.add_argument("--keep", type=Path, help="file that the encodings are written to, or read from if it is there")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    data = Vectors.made_up(rng) if options.model == MADE_UP else Vectors.of(options.model, options.corpus, options.cache, options.keep)
    print(f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}; {data.base.shape[1]} numbers a vector")
    print(f"{data.told}; more than these with noise of length {NOISE}; {options.queries} queries of each kind")
    print(f"{engines.M} neighbours a node; candidates {engines.EF_CONSTRUCTION} to build, {engines.EF_SEARCH} to search; ", end="")
    print(f"threads {options.threads} to build, 1 to search\n")
    for n in options.sizes:
        compare(rng, data, n, options.queries, options.threads)
    if options.whole:
        whole(rng, data, options.whole)


class Vectors:
    """What is searched, and what is asked.

    Attributes:
        base: (N, d) unit vectors.
        texts: sentences that are asked; none where nothing can encode them.
        examples: (M, d) vectors that are asked.
        retriever: the model; None.
        told: where they come from, in words.
    """

    def __init__(self, base: np.ndarray, texts: Sequence[str], examples: np.ndarray, retriever: Any, told: str) -> None:
        self.base, self.texts, self.examples, self.retriever, self.told = base, texts, examples, retriever, told

    @classmethod
    def made_up(cls, rng: np.random.Generator, n: int = 20_000, width: int = 128) -> Vectors:
        spread = (np.arange(1, width + 1) ** -0.5).astype(np.float32)
        groups = rng.normal(size=(400, width)).astype(np.float32) * spread
        drawn = unit(groups[rng.integers(400, size=n + 2000)] + 0.6 * rng.normal(size=(n + 2000, width)).astype(np.float32) * spread)
        return cls(drawn[:n], (), drawn[n:], None, f"{n:,} made-up vectors")

    @classmethod
    def of(cls, model: str | None, corpora: Sequence[str], cache: Path, keep: Path | None) -> Vectors:
        """Encode the clips of the train splits with their windows; asked are captions and clips of the val splits."""
        from kinelang.language.encoders import open_encoder
        from kinelang.models.tmr import Retriever
        from kinelang.training.data import Source, clips_of

        retriever = Retriever.load(None if model is None else Path(model), open_encoder("minilm", cache=False))
        if keep is not None and keep.exists():
            kept = np.load(keep)
            return cls(kept["base"], kept["texts"].tolist(), kept["examples"], retriever, str(kept["told"]))
        rows: list[np.ndarray] = []
        texts: list[str] = []
        others: list[np.ndarray] = []
        n_clips = 0
        for corpus in corpora:
            source = Source.parse(corpus)
            train, held_out = clips_of(source, "train", cache), clips_of(source, "val", cache)
            n_clips += len(train)
            rows += [encoded(retriever, train[i]) for i in range(len(train))]
            texts += [captions[0] for captions in held_out.captions]
            others += [held_out[i] for i in range(min(len(held_out), 1000))]
        base = np.concatenate(rows)
        told = f"{len(base):,} vectors of {n_clips:,} clips of {', '.join(corpora)} and their windows by {retriever.identity}"
        asked = [texts[i] for i in np.random.default_rng(1).permutation(len(texts))]
        examples = retriever.encode_features(others)
        if keep is not None:
            np.savez(keep, base=base, texts=np.array(asked), examples=examples, told=np.array(told))
        return cls(base, asked, examples, retriever, told)


def encoded(retriever: Retriever, features: np.ndarray) -> np.ndarray:
    """The vectors that an index keeps of a clip."""
    windows = Windows()
    spans = np.unique(np.concatenate([windows.clip_spans(len(features)), windows.window_spans(len(features))]), axis=0)
    return retriever.encode_features([features[a:b] for a, b in spans])


def drawn(rng: np.random.Generator, base: np.ndarray, n: int) -> np.ndarray:
    """n vectors: those there are, in random order, and then the same with noise."""
    found = base[rng.permutation(len(base))[:n]]
    more = n - len(found)
    if more > 0:
        near = base[rng.integers(len(base), size=more)]
        found = np.concatenate([found, unit(near + NOISE * unit(rng.normal(size=near.shape)))])
    return found


def compare(rng: np.random.Generator, data: Vectors, n: int, n_queries: int, threads: int) -> None:
    vectors = drawn(rng, data.base, n)
    asked = {"examples": data.examples[rng.permutation(len(data.examples))[:n_queries]]}
    if data.texts:
        asked = {"captions": data.retriever.encode_texts(data.texts[:n_queries]), **asked}
    exact: dict[tuple[str, int], list[set[int]]] = {}
    rows: list[str] = []
    for name, flat_below in (("flat", n + 1), ("graph", 0)):
        engine, facts = made_and_kept(vectors, flat_below, threads)
        print(f"{n:,} vectors, {name}: {facts}", flush=True)
        for kind, queries in asked.items():
            for k in (10, CANDIDATES):
                times, found, cpu = searched(engine, queries, k)
                recall = np.mean([len(a & b) / 10 for a, b in zip(found, exact.setdefault((kind, k), found), strict=True)])
                row = f"| {n:,} | {name} | {kind} | {k} | {np.median(times):.2f} | {np.percentile(times, 95):.2f} | {cpu:.2f} |"
                rows.append(f"{row} {recall:.4f} |")
    print("\n| vectors | engine | queries | neighbours | one query ms, median | 95 % | CPU ms | recall@10 |\n" + "|---" * 8 + "|")
    print("\n".join(rows) + "\n", flush=True)


def made_and_kept(vectors: np.ndarray, flat_below: int, threads: int) -> tuple[FaissEngine, str]:
    """An engine as it is loaded from its file, and in words what making, keeping and loading it takes."""
    engine, build_s = timed(lambda: made_of(vectors, flat_below, threads))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.faiss"
        engine.save(path)
        size_mb = path.stat().st_size / 1e6
        del engine
        engine, load_s = timed(lambda: FaissEngine.load(path, CLIP, vectors.shape[1], flat_below))
        memory_mb = in_memory(path, vectors.shape[1], flat_below)
    return engine, f"built in {build_s:.1f} s, {size_mb:.0f} MB on the disk, loaded in {load_s:.2f} s, {memory_mb:.0f} MB in memory"


def in_memory(path: Path, width: int, flat_below: int) -> float:
    """Megabytes that a process of its own grows by when it loads an engine and searches it once; 0 where the system does not tell."""
    if not Path("/proc/self/status").exists():
        return 0.0
    arguments = [str(path), str(width), str(flat_below)]
    done = subprocess.run([sys.executable, "-c", GROWTH, *arguments], check=True, capture_output=True, text=True)
    return float(done.stdout)


def searched(engine: FaissEngine, queries: np.ndarray, k: int) -> tuple[list[float], list[set[int]], float]:
    """Milliseconds of each query, its ten best, the processor's milliseconds in the mean."""
    times, found = [], []
    cpu = time.process_time()
    for query in queries:
        start = time.perf_counter()
        near = engine.search(query, k)
        times.append(1000 * (time.perf_counter() - start))
        found.append(set(near.motions[:10].tolist()))
    return times, found, 1000 * (time.process_time() - cpu) / len(queries)


def made_of(vectors: np.ndarray, flat_below: int, threads: int = 1) -> FaissEngine:
    """An engine of vectors that are in no store."""
    import faiss

    faiss.omp_set_num_threads(threads)
    engine = FaissEngine(CLIP, vectors.shape[1], flat_below)
    engine._reset(len(vectors))
    engine._add(np.arange(1, len(vectors) + 1), np.zeros(len(vectors), np.int64), vectors)
    return engine


class Drawn:
    """A model that answers each text with a vector of the same kind as those in the index."""

    identity = "drawn@0"

    def __init__(self, data: Vectors) -> None:
        self.width, self._data, self._asked = data.base.shape[1], data, 0

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        self._asked += 1
        return self._data.examples[[(self._asked + i) % len(self._data.examples) for i in range(len(texts))]]

    def encode_features(self, features: Sequence[np.ndarray]) -> np.ndarray:
        return self.encode_texts([""] * len(features))


def whole(rng: np.random.Generator, data: Vectors, n: int) -> None:
    model = data.retriever or Drawn(data)
    sentences = cycle(data.texts or [f"a person {verb}s" for verb in ("walk", "turn", "wave", "kick", "squat", "jump")])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.index"
        _, seconds = timed(lambda: filled(path, rng, data, model, n))
        print(f"{n:,} motions with 2 windows each written in {seconds:.1f} s ({n / seconds:.0f} a second); ", end="")
        print(f"{path.stat().st_size / 1e6:.0f} MB; flat below {FLAT_BELOW:,} vectors")
        with Index.open(path, model) as index:
            _, engine_s = timed(index._refresh)
            print(f"engines made in {engine_s:.1f} s")
        with Index.open(path, model) as index:
            _, first_s = timed(lambda: index.search(next(sentences)))
            print(f"first search, engine and weights loaded from their files: {1000 * first_s:.0f} ms\n")
            print_searches(index, sentences, model)


def print_searches(index: Index, sentences: Iterator[str], model: Any) -> None:
    asked: dict[str, Callable[[str], object]] = {
        "the text alone": lambda t: model.encode_texts([t]),
        "text": lambda t: index.search(t),
        "text, one verb allowed": lambda t: index.search(t, filters=Filters(verb="kick")),
        "text, at most 4 s": lambda t: index.search(t, filters=Filters(max_s=4.0)),
        "structure alone": lambda t: index.search(structure=t),
        "text, moments": lambda t: index.search(t, moments=True),
    }
    print("| search | median ms | 95 % | CPU ms |\n|---|---|---|---|")
    for name, ask in asked.items():
        ask("a person kicks")
        times: list[float] = []
        cpu = 0.0
        while len(times) < ROUNDS:
            text = next(sentences)
            if name == "structure alone" and not structure.asked(text).stages:
                continue
            start = time.process_time()
            times.append(1000 * timed(lambda t=text, a=ask: a(t))[1])
            cpu += 1000 * (time.process_time() - start) / ROUNDS
        print(f"| {name} | {np.median(times):.1f} | {np.percentile(times, 95):.1f} | {cpu:.1f} |", flush=True)


def filled(path: Path, rng: np.random.Generator, data: Vectors, model: Any, n: int) -> None:
    spans = np.array([[0, 2], [2, 4]], dtype=np.float32)
    vectors = drawn(rng, data.base, 3 * n).reshape(n, 3, -1)
    with Store.create(path, Meta(model.identity, data.base.shape[1])) as store:
        for i in range(n):
            verbs = rng.choice(VERBS, 2)
            stages = tuple(
                {"verb": str(v), "start_s": 2.5 * k, "end_s": 2.5 * k + 2.5, "confidence": float(rng.random()), "parts": []}
                | ({"side": str(rng.choice(["left", "right"]))} if v in ("wave", "kick") else {})
                for k, v in enumerate(verbs)
            )
            entry = Entry(Place(f"/motions/{i:07d}.bvh", sha256=str(i)), 2 + 6 * rng.random(), 20.0, 100, "smpl22", stages)
            store.put(entry, Encoded(np.array([[0, 5]], np.float32), vectors[i, :1]), Encoded(spans, vectors[i, 1:]))


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
