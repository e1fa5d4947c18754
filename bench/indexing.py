"""Making and opening an index: clips a second, times real time, peak memory, cold starts of `kinelang search`; prints Markdown tables.

    python bench/indexing.py [--clips 300] [--rounds 5] [--model RUN] [--files FOLDER] [--processes 2]

The clips are performed timelines, written as BVH files at 30 frames a second; or the motions of a folder or zip of yours. Each row is a
process of its own, whose peak memory is that of all of it, libraries included (not that of the processes it starts). Cold starts are
processes from the shell to the last line of the answer; the files they read are in the system's cache. A sentence that was asked before
is not encoded again: its states are on the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

import kinelang
from kinelang.corpora import features_of, standard
from kinelang.corpora.synthetic import Synthetic
from kinelang.formats import list_motion_files, load
from kinelang.search.base import Windows, open_retriever
from kinelang.timeline import detect

SENTENCE = "a person walks forward and waves"
CHILD = """
import json, resource, sys, time
from pathlib import Path
from kinelang.search import Index
what, path, model, processes, *sources = sys.argv[1:]
processes = int(processes)
clock, work = time.perf_counter(), time.process_time()
if what == "build":
    with Index.build(path, sources, model=model or None, processes=processes) as index:
        n = index.report.added
elif what == "add":
    with Index.open(path) as index:
        n = index.add(sources, processes=processes).added
elif what == "update":
    with Index.open(path) as index:
        n = index.update().unchanged
else:
    with Index.open(path) as index:
        index.search(sources[0], moments=what == "moments")
        n = len(index)
seconds = time.perf_counter() - clock, time.process_time() - work
if Path("/proc/self/status").exists():  # there ru_maxrss begins with that of the process that started this one
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    memory_mb = int(peak.split()[1]) * 1024 / 1e6
else:
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
print(json.dumps([n, *seconds, memory_mb]))
"""
STARTS = {
    "python -c 'import numpy' (for comparison)": ["-c", "import numpy"],
    "kinelang search INDEX TEXT": ["-m", "kinelang", "search", "{index}", SENTENCE + " {new} times"],
    "kinelang search INDEX TEXT, asked before": ["-m", "kinelang", "search", "{index}", SENTENCE],
    "kinelang search INDEX TEXT --moments, asked before": ["-m", "kinelang", "search", "{index}", SENTENCE, "--moments"],
    "kinelang search INDEX --like FILE": ["-m", "kinelang", "search", "{index}", "--like", "{file}"],
    "kinelang search INDEX --structure TEXT": ["-m", "kinelang", "search", "{index}", "--structure", SENTENCE],
    "kinelang moments FILE TEXT, asked before": ["-m", "kinelang", "moments", "{file}", SENTENCE, "--model", "{model}"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model", default="")
    parser.add_argument("--files", help="folder or zip of motions, in place of performed ones")
    parser.add_argument("--processes", type=int, default=1, help="that read and encode")
    options = parser.parse_args()
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    model = open_retriever(options.model or None)
    print(f"{processor()}, {processors} processors, Python {platform.python_version()}, NumPy {np.__version__}; {model.identity}\n")
    with tempfile.TemporaryDirectory() as scratch:
        files = list_motion_files(options.files)[: options.clips] if options.files else performed(Path(scratch), options.clips)
        seconds = [load(file).duration_s for file in files]
        print(f"{len(files)} clips of {min(seconds):.1f} to {max(seconds):.1f} s, {sum(seconds) / 60:.1f} minutes in all\n")
        index = str(Path(scratch) / "x.index")
        print_changes(index, options.model, files, seconds, options.processes)
        print_parts(files, options.model)
        print_starts(index, files[0], options.model, options.rounds)


def performed(folder: Path, n: int) -> list[str]:
    """Timelines performed and written as BVH files."""
    files = []
    for record in list(Synthetic(2 * n).records("train"))[:n]:
        files.append(str(folder / f"{record.id}.bvh"))
        kinelang.save(kinelang.perform(record.timeline, 0), files[-1])
    return files


def print_changes(index: str, model: str, files: list[str], seconds: Sequence[float], processes: int) -> None:
    kept = max(len(files) * 9 // 10, 1)
    print("| | clips | seconds | of the processor | clips/s | times real time | peak memory MB |\n|" + "---|" * 7)
    rows = {
        "build": ("build", files[:kept]),
        "add": ("add", files[kept:]),
        "update, nothing changed": ("update", []),
        "open and search by a sentence": ("search", [f"{SENTENCE} {time.time_ns() // 1000} times"]),
        "open and search for moments": ("moments", [f"{SENTENCE} {time.time_ns() // 1000} times"]),
    }
    for name, (what, sources) in rows.items():
        if what == "add" and not sources:
            continue
        n, clock, work, memory = child(what, index, model, sources, processes)
        row = f"| {name} | {n} | {clock:.2f} | {work:.2f} |"
        if what in ("build", "add"):
            there = sum(seconds[:kept] if what == "build" else seconds[kept:])
            row += f" {n / clock:.1f} | {there / clock:.0f} |"
        else:
            row += " | |"
        print(f"{row} {memory:.0f} |", flush=True)
    size = sum(path.stat().st_size for path in Path(index).parent.glob("x.index*")) / 1e3
    print(f"\nOn the disk: {size / len(files):.1f} kB a clip\n")


def child(what: str, index: str, model: str, sources: Sequence[str], processes: int) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, what, index, model, str(processes), *sources], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def print_parts(files: Sequence[str], model: str) -> None:
    """Where the time goes: the processor's, over some of the clips."""
    retriever, windows = open_retriever(model or None), Windows()
    some = files[:: max(len(files) // 60, 1)]
    motions, read_s = worked(lambda: [load(file) for file in some])
    _, detect_s = worked(lambda: [detect(motion) for motion in motions])
    features, features_s = worked(lambda: [features_of(standard(motion)) for motion in motions])
    cut = [[f[a:b] for a, b in np.concatenate([windows.clip_spans(len(f)), windows.window_spans(len(f))])] for f in features]
    _, encode_s = worked(lambda: [retriever.encode_features(pieces) for pieces in cut])
    print("| of a clip | ms of the processor |\n|---|---|")
    parts = {
        "reading the file": read_s,
        "22 joints, 20 frames a second, features": features_s,
        "detecting stages": detect_s,
        f"vectors, {np.mean([len(pieces) for pieces in cut]):.0f} in the mean": encode_s,
    }
    for name, seconds in parts.items():
        print(f"| {name} | {1000 * seconds / len(some):.1f} |")


def worked(task: Callable[[], list]) -> tuple[list, float]:
    """The result, and the processor's seconds."""
    start = time.process_time()
    result = task()
    return result, time.process_time() - start


def print_starts(index: str, file: str, model: str, rounds: int) -> None:
    print(f"\n| fresh process ({rounds} each) | best s | median s |\n|---|---|---|")
    times: dict[str, list[float]] = {name: [] for name in STARTS}
    for _ in range(rounds):
        new = time.time_ns() // 1000
        for name, words in STARTS.items():
            arguments = [word.format(index=index, file=file, model=model, new=new) for word in words]
            arguments = arguments if model or "--model" not in arguments else arguments[:-2]
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
            times[name].append(time.perf_counter() - start)
    for name, measured in times.items():
        print(f"| `{name}` | {min(measured):.2f} | {statistics.median(measured):.2f} |")


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "processor unknown"


if __name__ == "__main__":
    main()
