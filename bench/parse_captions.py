"""How much of human captions `parse` understands: shares by split, frequent words left over, a sample to read.

python bench/parse_captions.py [--captions FILE] [--read N] [--seed S] [--split train]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections import Counter
from pathlib import Path

from kinelang.timeline import to_text
from kinelang.timeline.parsing import Parsed, parse

SHARED = Path(os.environ.get("KINELANG_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--captions", type=Path, default=SHARED / "data" / "humanml3d_captions.json")
    asked.add_argument("--split", help="only this split")
    asked.add_argument("--read", type=int, default=0, help="captions to print with their parse")
    asked.add_argument("--failed", action="store_true", help="print only captions that are not fully understood")
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--words", type=int, default=60)
    given = asked.parse_args()
    clips = json.loads(given.captions.read_text())
    splits: dict[str, list[str]] = {}
    for clip in clips.values():
        for caption in clip["captions"]:
            splits.setdefault(clip["split"], []).append(caption)
    for split, captions in splits.items():
        if given.split in (None, split):
            parsed = _shares(split, captions)
            _left_over(parsed, given.words)
            _sample(parsed, given.read, given.seed, given.failed)


def _shares(split: str, captions: list[str]) -> list[Parsed]:
    parse(captions[0])
    start = time.perf_counter()
    parsed = [parse(caption) for caption in captions]
    seconds = time.perf_counter() - start
    n = len(parsed)
    print(f"{split}: {n} captions, {n / seconds:.0f} a second")
    print(f"  every verb understood {sum(p.verbs_understood for p in parsed) / n:.3f}")
    print(f"  nothing left over     {sum(p.understood for p in parsed) / n:.3f}")
    print(f"  both                  {sum(p.understood and p.verbs_understood for p in parsed) / n:.3f}")
    print(f"  no stage at all       {sum(not p.timeline.stages for p in parsed) / n:.3f}")
    return parsed


def _left_over(parsed: list[Parsed], n: int) -> None:
    words = Counter(f"{s.text.lower()} ({s.reason})" for p in parsed for s in p.not_understood)
    print("  left over: " + "; ".join(f"{word} {count}" for word, count in words.most_common(n)))


def _sample(parsed: list[Parsed], n: int, seed: int, failed: bool) -> None:
    pool = [p for p in parsed if not p.understood] if failed else parsed
    for p in random.Random(seed).sample(pool, min(n, len(pool))):
        print(f"\n{p.text}")
        print("   " + "\n   ".join(to_text(p.timeline).splitlines()[1:]))
        for span in p.not_understood:
            print(f"   ? {span.text!r}: {span.reason}")


if __name__ == "__main__":
    main()
