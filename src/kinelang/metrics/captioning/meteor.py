"""METEOR 1.5 (Denkowski and Lavie, WMT 2014): words aligned by the published Java program, the score made of its counts here.

The program and its tables of synonyms and paraphrases are those that come with pycocoevalcap, called as coco-caption calls them
(`-l en -norm`). Scoring its counts here rather than there lets a corpus be drawn again without running it again.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import numpy as np

from kinelang.errors import KinelangError, MissingExtraError
from kinelang.metrics.arrays import Array
from kinelang.metrics.captioning.corpus import Corpus

ALPHA, BETA, GAMMA, DELTA = 0.85, 0.2, 0.6, 0.75
WEIGHTS = (1.0, 0.6, 0.8, 0.6)
"""Of words that are equal, of one stem, synonyms, paraphrases; these and the four above are METEOR's for English."""
_COUNTS = 23


def statistics(corpus: Corpus) -> Array:
    """The program's counts for each clip and the reference that scores best: (N, 23) float64.

    Columns: words of candidate and reference, function words of both, for each of the four ways of matching the content words matched
    on both sides and the function words matched on both sides, chunks, matched words on both sides.

    Raises:
        MissingExtraError: pycocoevalcap or Java is not there.
        KinelangError: the program failed.
    """
    java, jar = _program()
    lines, at = [], len(corpus)
    for i, several in enumerate(corpus.references):
        texts = [" ".join(corpus.words[j]) for j in (*range(at, at + len(several)), i)]
        at += len(several)
        lines.append(" ||| ".join(("SCORE", *(text.replace("|||", "") for text in texts))))
    command = [java, "-jar", "-Xmx2G", jar.name, "-", "-", "-stdio", "-l", "en", "-norm"]
    ran = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, encoding="utf-8", cwd=jar.parent)
    rows = [line.split() for line in ran.stdout.splitlines()]
    if len(rows) != len(corpus) or any(len(row) != _COUNTS for row in rows):
        said = next(iter(ran.stderr.strip().splitlines()), f"exit code {ran.returncode}")
        raise KinelangError.of("METEOR", f"{len(rows)} answers ({said})", f"one for each of {len(corpus)} clips")
    counts = np.array(rows, dtype=np.float64)
    counts[_whole(counts), 20] = 0  # a candidate that is its reference is not broken into chunks, not even one
    return counts


def meteor(counts: Array) -> Array:
    """METEOR, 0 to 1, of counts (..., 23), of one clip or summed over clips."""
    precision, recall = (_weighted(counts, side) for side in (0, 1))
    below = ALPHA * precision + (1 - ALPHA) * recall
    mean = np.where(below > 0, precision * recall / np.where(below > 0, below, 1), 0.0)
    matched = (counts[..., 21] + counts[..., 22]) / 2
    broken = np.where(matched > 0, counts[..., 20] / np.where(matched > 0, matched, 1), 0.0)
    return np.asarray(mean * (1 - GAMMA * broken**BETA))


def _weighted(counts: Array, side: int) -> Array:
    """Share of words matched: of the candidate (side 0) or the reference (side 1)."""
    content, functional = counts[..., 4 + side : 20 : 4], counts[..., 6 + side : 20 : 4]  # (..., 4), by way of matching
    matched = (DELTA * content + (1 - DELTA) * functional) @ np.array(WEIGHTS)
    words, function = counts[..., side], counts[..., 2 + side]
    below = DELTA * (words - function) + (1 - DELTA) * function
    return np.asarray(np.where(below > 0, matched / np.where(below > 0, below, 1), 0.0))


def _whole(counts: Array) -> Array:
    """Which candidates match their reference word for word and in order."""
    same = (counts[:, 0] == counts[:, 21]) & (counts[:, 1] == counts[:, 22])
    return np.asarray(same & (counts[:, 20] == 1))


def _program() -> tuple[str, Path]:
    """(java, the program's archive)."""
    found = importlib.util.find_spec("pycocoevalcap")
    if found is None or not found.submodule_search_locations:
        raise MissingExtraError.for_extra("pycocoevalcap (which brings METEOR's program)", "captioning")
    jar = Path(next(iter(found.submodule_search_locations))) / "meteor" / "meteor-1.5.jar"
    if not jar.is_file():
        raise MissingExtraError(f"{jar} is not there; METEOR needs it; reinstall pycocoevalcap")
    java = shutil.which("java")
    if java is None:
        raise MissingExtraError(
            "java is not installed; METEOR is a Java program; install a runtime, e.g. apt install default-jre-headless"
        )
    return java, jar
