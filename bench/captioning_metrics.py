"""Caption metrics beside pycocoevalcap: 4,400 clips with three references each, both on the same words. Prints Markdown tables.

    python bench/captioning_metrics.py [--clips 4400] [--references 3] [--rounds 3] [--tokenizer] [--processors 1]

Texts are human captions of HumanML3D (train) where they are at hand, drawn anew until there are enough, else random words. Our time
includes cutting the texts into words; theirs does not, for their tokenizer is a Java program: they are given our words. pycocoevalcap
has no CIDEr plain, and the same work that makes one BLEU makes all four, so BLEU is one row. --tokenizer compares our words
with those of Stanford's tokenizer and needs Java.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from kinelang.metrics.captioning import score
from kinelang.metrics.captioning.corpus import read_corpus
from kinelang.metrics.captioning.tokens import PUNCTUATION, strict_words

SHARED = Path(os.environ.get("KINELANG_SHARED") or Path(__file__).resolve().parents[2] / "shared")
ROWS = {
    "BLEU-1 to 4": [f"BLEU-{n}" for n in range(1, 5)],
    "ROUGE-L": ["ROUGE-L"],
    "CIDEr-D": ["CIDEr-D"],
    "all of these": [*(f"BLEU-{n}" for n in range(1, 5)), "ROUGE-L", "CIDEr-D"],
}


def captions(clips: int, references: int) -> tuple[list[str], list[list[str]], str]:
    """(candidates, references of each, what they are): one caption of a recording against others, of it and of other recordings."""
    rng, file = np.random.default_rng(0), SHARED / "data" / "humanml3d_captions.json"
    if file.exists():
        known = [clip["captions"] for clip in json.loads(file.read_text()).values() if clip["split"] == "train"]
        about = "captions of HumanML3D, train"
    else:
        words = np.array([f"word{i}" for i in range(2000)])
        chances = 1 / np.arange(1, 2001)
        text = lambda: " ".join(rng.choice(words, rng.integers(4, 25), p=chances / chances.sum()))  # noqa: E731
        known, about = [[text() for _ in range(references + 1)] for _ in range(clips)], "random words"
    flat = [text for several in known for text in several]
    chosen = [known[i] for i in rng.permutation(len(known))[:clips]]
    chosen += [known[i] for i in rng.integers(len(known), size=max(clips - len(chosen), 0))]
    padded = [[*several, *(flat[i] for i in rng.integers(len(flat), size=references + 1))][: references + 1] for several in chosen]
    return [several[0] for several in padded], [several[1:] for several in padded], about


def theirs(candidates: list[str], references: list[list[str]]) -> dict[str, Callable[[], object]]:
    """pycocoevalcap's scorers on words joined by blanks."""
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    corpus = read_corpus(candidates, references)
    texts = iter([" ".join(words) for words in corpus.words])
    said = {i: [next(texts)] for i in range(len(corpus))}
    given = {i: [next(texts) for _ in several] for i, several in enumerate(references)}
    scorers = {
        "BLEU-1 to 4": lambda: Bleu(4).compute_score(given, said, verbose=0)[0],
        "ROUGE-L": lambda: [Rouge().compute_score(given, said)[0]],
        "CIDEr-D": lambda: [Cider().compute_score(given, said)[0]],
    }
    return {**scorers, "all of these": lambda: [value for scorer in scorers.values() for value in scorer()]}


def seconds(task: Callable[[], object]) -> tuple[float, float]:
    """Of the clock and of the processor."""
    clock, work = time.perf_counter(), time.process_time()
    task()
    return time.perf_counter() - clock, time.process_time() - work


def machine() -> str:
    """Processor, how many, and versions."""
    name = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line)
        name = next(lines, name)
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {processors} processors, Python {platform.python_version()}, NumPy {np.__version__}"


def print_speed(clips: int, references: int, rounds: int) -> None:
    candidates, several, about = captions(clips, references)
    others = theirs(candidates, several)
    print(f"{machine()}; {clips} clips x {references} references, {about}; medians of {rounds} rounds, interleaved")
    print(
        "\n| | kinelang s (processor) | pycocoevalcap s (processor) | ratio (processor) | largest difference |\n|---|---|---|---|---|"
    )
    for row, names in ROWS.items():
        times: list[list[tuple[float, float]]] = [[], []]
        for _ in range(rounds):
            times[0].append(seconds(lambda names=names: score(candidates, several, names)))
            times[1].append(seconds(others[row]))
        (own, own_work), (other, other_work) = ([statistics.median(t[i] for t in side) for i in (0, 1)] for side in times)
        values = [made.value for made in score(candidates, several, names).values()]
        apart = max(abs(a - b) for a, b in zip(values, others[row](), strict=True))
        ratio = f"{other / own:.1f} ({other_work / own_work:.1f})"
        print(f"| {row} | {own:.2f} ({own_work:.2f}) | {other:.2f} ({other_work:.2f}) | {ratio} | {apart:.1e} |")
    made = score(candidates, several)
    print("\n| 1,000 draws for an interval | s |\n|---|---|")
    for name in ("BLEU-4", "CIDEr-D"):
        print(f"| {name} | {seconds(made[name].interval)[0]:.2f} |")


def print_tokenizer() -> None:
    import pycocoevalcap

    java, file = shutil.which("java"), SHARED / "data" / "humanml3d_captions.json"
    if java is None or not file.exists():
        print("\ntokenizer: Java or the captions are not here")
        return
    jar = next(Path(next(iter(pycocoevalcap.__path__))).rglob("stanford-corenlp-3.4.1.jar"))
    clips = json.loads(file.read_text()).values()
    print("\n| split | captions | cut as Stanford's tokenizer and coco-caption cut them |\n|---|---|---|")
    for split in ("train", "val", "test"):
        texts = [text.replace("\n", " ") for clip in clips if clip["split"] == split for text in clip["captions"]]
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as listed:
            listed.write("\n".join(texts))
            listed.flush()
            command = [java, "-cp", str(jar), "edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase", listed.name]
            lines = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\n")
        pairs = zip(texts, lines, strict=True)
        same = sum(strict_words(text) == [w for w in line.split() if w not in PUNCTUATION] for text, line in pairs)
        print(f"| {split} | {len(texts)} | {100 * same / len(texts):.2f} % |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=4400)
    parser.add_argument("--references", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokenizer", action="store_true", help="compare the words with Stanford's too")
    parser.add_argument("--processors", type=int, help="how many of the machine's to use")
    options = parser.parse_args()
    if options.processors:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.processors])
    try:
        import pycocoevalcap  # noqa: F401
    except ImportError:
        print("pycocoevalcap is not installed: pip install 'kinelang[captioning]'")
        return
    print_speed(options.clips, options.references, options.rounds)
    if options.tokenizer:
        print_tokenizer()


if __name__ == "__main__":
    main()
