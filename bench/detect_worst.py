"""What `detect` gets most wrong in real recordings, drawn with what was detected, for looking at.

The captioned CMU segments with the most verbs missed and wrongly detected; with `--named` the Bandai clips of the styles looked at
whose top verb is not the one that their content stands for.

    python bench/detect_worst.py [--split val] [--n 10] [--out out/worst] [--named PATH to bandai1_bvh.zip]

The pictures show recordings of others: they are for the eye and are not committed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from kinelang import Motion, Timeline, contact_sheet, detect, load
from kinelang.corpora import CORPORA, open_corpus
from kinelang.evaluate.recordings import LOOKED_AT, VERBS_OF_CONTENT, bandai_clips, seen_in, top_verb, worst

Case = tuple[str, list[str], Motion, Timeline]
"""Name, what is known of it, the motion, and what was detected."""


def captioned(split: str, n: int) -> Iterator[Case]:
    for clip in worst(seen_in(open_corpus("cmu").records(split), detect), n):
        known = ["people say: " + " | ".join(clip.record.texts), f"agreed: {', '.join(sorted(clip.true)) or 'nothing'}"]
        yield f"{clip.record.id}", known, clip.record.motion(), Timeline(clip.stages, 20.0)


def named(archive: Path) -> Iterator[Case]:
    for clip in bandai_clips(archive):
        if clip.style not in LOOKED_AT:
            continue
        motion = load(clip.path)
        found = detect(motion)
        if top_verb(found) not in VERBS_OF_CONTENT[clip.content]:
            yield f"{clip.content}_{clip.style}", [f"stands for: {', '.join(sorted(VERBS_OF_CONTENT[clip.content]))}"], motion, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", default="val", choices=["train", "val", "test"])
    parser.add_argument("--n", type=int, default=10)
    parser.add_argument("--named", type=Path, help="the clips of this archive instead")
    parser.add_argument("--out", type=Path, default=Path("out/worst"))
    options = parser.parse_args()
    if options.named is None and CORPORA["cmu"].find() is None:
        print("no CMU recordings here")
        return
    options.out.mkdir(parents=True, exist_ok=True)
    cases = named(options.named) if options.named else captioned(options.split, options.n)
    for rank, (name, known, motion, found) in enumerate(cases, 1):
        print(f"{rank}. {name}")
        for line in known:
            print("   " + line)
        stages = "; ".join(f"{s.start_s:.1f}-{s.end_s:.1f} {s.brief()} ({s.confidence or 0:.2f})" for s in found.stages)
        print(f"   detected: {stages or 'nothing'}")
        marks = [(s.brief(), s.start_s, s.end_s) for s in found.stages]
        contact_sheet(motion, options.out / f"{rank:02d}_{name}.png", n_poses=12, columns=6, intervals=marks)


if __name__ == "__main__":
    main()
