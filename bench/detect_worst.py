"""The captioned CMU segments that `detect` gets most wrong, drawn with what was detected, for looking at.

    python bench/detect_worst.py [--split val] [--n 10] [--out out/worst]

The pictures show recordings of others: they are for the eye and are not committed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from kinelang import contact_sheet, detect
from kinelang.corpora import CORPORA, open_corpus
from kinelang.evaluate.recordings import seen_in, worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", default="val", choices=["train", "val", "test"])
    parser.add_argument("--n", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("out/worst"))
    options = parser.parse_args()
    if CORPORA["cmu"].find() is None:
        print("no CMU recordings here")
        return
    options.out.mkdir(parents=True, exist_ok=True)
    for rank, clip in enumerate(worst(seen_in(open_corpus("cmu").records(options.split), detect), options.n), 1):
        print(f"{rank}. {clip.record.id}, {clip.record.source}")
        print("   people say: " + " | ".join(clip.record.texts))
        print(f"   agreed: {', '.join(sorted(clip.true)) or 'nothing'}")
        stages = "; ".join(f"{s.start_s:.1f}-{s.end_s:.1f} {s.brief()} ({s.confidence or 0:.2f})" for s in clip.stages)
        print(f"   detected: {stages or 'nothing'}")
        marks = [(s.brief(), s.start_s, s.end_s) for s in clip.stages]
        contact_sheet(clip.record.motion(), options.out / f"{rank:02d}_{clip.record.id}.png", n_poses=12, columns=6, intervals=marks)


if __name__ == "__main__":
    main()
