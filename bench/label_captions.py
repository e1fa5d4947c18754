"""Does a caption tell what the performer was asked for? Captions of labelled recordings of performers and a rig that none has seen.

The clips, styles and sentences are those of label_retrieval.py (Bandai-Namco Research's motion dataset 1). A caption is checked against
the three sentences of the clip's content by `timeline.facts.factual_to_captions`: true is what at least two of them tell. Figures in
percent, with 95 % bootstrap intervals over styles, and the differences between captioners, paired.

    python bench/label_captions.py [PATH to bandai1_bvh.zip] [--model FOLDER] [--styles "held out"|"looked at"]
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from pathlib import Path

from label_retrieval import clips_in

from kinelang.captioning import Chooser
from kinelang.evaluate.captioning import PEOPLE, chosen, judge, narrated, neural
from kinelang.metrics.intervals import ROUNDS, Interval

FIGURES = ("f1_of_said lenient", "precision lenient", "recall lenient", "f1_of_said", "direction")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = os.environ.get("KINELANG_SHARED", "../shared")
    parser.add_argument("archive", nargs="?", default=f"{shared}/data/bandai1_bvh.zip")
    parser.add_argument("--model", type=Path, help="run folder of a captioner; the one that comes with kinelang")
    parser.add_argument("--styles", choices=("held out", "looked at"), default="held out")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--show", type=int, default=0, help="so many of the commonest captions of each content")
    given = parser.parse_args()
    if not Path(given.archive).exists():
        raise SystemExit(f"{given.archive}: not there; give the path of bandai1_bvh.zip")
    found = list(clips_in(given.archive, given.styles))
    clips = [clip for _, clip in found]
    print(f"{len(clips)} clips, {len({clip.group for clip in clips})} styles ({given.styles})")
    chooser = Chooser.open(given.model)
    captioners = [narrated(), neural("neural", chooser.captioner), chosen("combined", chooser)]
    for judged in judge(captioners, clips, rounds=given.rounds):
        print(f"{judged.name:<10} " + "  ".join(f"{name} {shown(judged.figures[f'{PEOPLE} {name}'])}" for name in FIGURES))
        for other, minus in judged.minus.items():
            print(f"   minus {other:<9} " + "  ".join(shown(minus[f"{PEOPLE} {name}"]) for name in FIGURES))
        if given.show:
            for content in sorted({content for content, _ in found}):
                told = Counter(text for (name, _), text in zip(found, judged.captions, strict=True) if name == content)
                print(f"   {content}: " + "; ".join(f"{n} {text}" for text, n in told.most_common(given.show)))


def shown(figure: Interval) -> str:
    return f"{figure.value:5.1f} [{figure.low:.1f} {figure.high:.1f}]"


if __name__ == "__main__":
    main()
