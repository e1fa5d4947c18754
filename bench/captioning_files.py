"""Captions of a folder: from files to JSON lines, with what is compared and why; prints Markdown tables.

    python bench/captioning_files.py [--clips 1000] [--seconds 7] [--model RUN] [--jobs 2]

The clips are performed timelines of exactly so many seconds, written as BVH files at 30 frames a second. The whole command is timed as
a user would run it, from the shell to the last line, with an empty cache of encoded sentences; then where the processor's time goes,
over some clips, in one process, whose sentences may be cached.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from indexing import processor, worked

import kinelang
from kinelang.captioning import Chooser
from kinelang.captioning.choosing import BEAM, Watched, narrated
from kinelang.corpora import features_of, standard
from kinelang.corpora.synthetic import Synthetic
from kinelang.formats import load
from kinelang.motion.ops import cut, resample
from kinelang.timeline import detect

SOURCES = ("best", "neural", "narrated")
AT_ONCE = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=7.0)
    parser.add_argument("--model", type=Path, help="run folder of a captioner; the one that comes with kinelang")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--parts", type=int, default=64, help="clips over which the parts are timed; 0: not at all")
    given = parser.parse_args()
    print(f"{processor()}, {given.jobs} processes; clips of {given.seconds:g} s\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "clips"
        folder.mkdir()
        files = written(folder, given.clips, given.seconds)
        print("| command | clips | s | clips/s |\n|---|---|---|---|", flush=True)
        for source in SOURCES:
            words = ["caption", str(folder), "--source", source, "--jobs", str(given.jobs), "--out", f"{name}/{source}.jsonl"]
            words += [] if given.model is None else ["--model", str(given.model)]
            start = time.perf_counter()
            fresh = {**os.environ, "KINELANG_CACHE": f"{name}/cache-{source}"}
            subprocess.run([sys.executable, "-m", "kinelang", *words], check=True, capture_output=True, env=fresh)
            seconds = time.perf_counter() - start
            print(
                f"| `kinelang caption FOLDER --source {source}` | {len(files)} | {seconds:.1f} | {len(files) / seconds:.1f} |",
                flush=True,
            )
        if given.parts:
            print_parts(files[: given.parts], given.model)


def written(folder: Path, n: int, seconds: float) -> list[str]:
    """So many performed motions of at least so many seconds, cut to them, as BVH."""
    files: list[str] = []
    for record in Synthetic(20 * n).records("train"):
        motion = record.motion()
        wanted = round(seconds * motion.fps)
        if motion.n_frames >= wanted:
            files.append(str(folder / f"{len(files):05d}.bvh"))
            kinelang.save(resample(cut(motion, 0.0, seconds), 30.0), files[-1])
        if len(files) == n:
            break
    return files


def print_parts(files: list[str], model: Path | None) -> None:
    """Where the time goes: the processor's, over some of the clips."""
    chooser = Chooser.open(model)
    motions, read_s = worked(lambda: [load(file) for file in files])
    timelines, detect_s = worked(lambda: [detect(motion) for motion in motions])
    features, features_s = worked(lambda: [features_of(standard(motion)) for motion in motions])
    clips = [Watched(f, t) for f, t in zip(features, timelines, strict=True)]
    batches = [clips[i : i + AT_ONCE] for i in range(0, len(clips), AT_ONCE)]
    _, neural_s = worked(lambda: [chooser.choose(batch, "neural", beam=BEAM, n=BEAM) for batch in batches])
    _, narrated_s = worked(lambda: [narrated(timeline, BEAM) for timeline in timelines])
    choices, best_s = worked(lambda: [chooser.choose(batch) for batch in batches])
    _, line_s = worked(lambda: [choice.to_json() for batch in choices for choice in batch])
    rows = {
        "reading the file": read_s,
        "22 joints, 20 frames a second, features": features_s,
        "detecting stages": detect_s,
        f"neural captions, beam {BEAM}": neural_s,
        "narrating": narrated_s,
        "comparing all candidates": best_s - neural_s - narrated_s,
        "evidence and JSON": line_s,
    }
    print("\n| of a clip | ms of the processor |\n|---|---|")
    for name, seconds in rows.items():
        print(f"| {name} | {1000 * seconds / len(files):.1f} |")
    print(f"| together | {1000 * sum(rows.values()) / len(files):.1f} |")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
