from pathlib import Path

import kinelang
from kinelang.captioning import Chooser
from kinelang.captioning.showing import draw

chooser = Chooser.open()  # Chooser.open(Path("RUN")) for a captioner of your own
paths = sorted(Path("samples").glob("*.bvh"))
motions = [kinelang.load(path) for path in paths]
for path, motion, choice in zip(paths, motions, chooser.caption(motions), strict=True):
    print(f"{path.name}: {choice.caption}  ({choice.source})")
    for evidence in choice.evidence:
        if evidence.motion:
            print(f"    {evidence.word:<10} {evidence.spans_s} {evidence.part}")
    draw(choice, motion, path.with_suffix(".html"))  # a player in which each word lights up its limbs and its time
