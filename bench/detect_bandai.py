"""Is the right action found? Clips of known content, from performers and skeletons that nothing was trained on.

The clips are Bandai-Namco Research's motion dataset 1 (CC BY-NC 4.0; not part of this project, and nothing that ships is trained on
it). Rules were tuned looking at three styles only (active, normal, tired); the figures that count are those of the other styles,
averaged over contents. A clip is right if its top verb, the one whose stages have the largest sum of length times confidence,
is one of those that its content stands for.

    python bench/detect_bandai.py [PATH to bandai1_bvh.zip] [--misses] [--held-out]
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
from collections import Counter, defaultdict
from pathlib import Path

from kinelang import load
from kinelang.formats import list_motion_files
from kinelang.timeline import Timeline, detect

TUNED = ("active", "normal", "tired")

VERBS_OF = {
    "bow": {"bow", "bend"},
    "bye": {"wave"},
    "byebye": {"wave"},
    "call": {"beckon", "wave", "phone", "raise_arm"},
    "dance-short": {"dance"},
    "dash": {"run"},
    "guide": {"gesture", "point", "extend_arm"},
    "kick": {"kick"},
    "punch": {"punch", "fight"},
    "respond": {"raise_arm", "wave"},
    "run": {"run", "jog"},
    "slash": {"chop", "swing"},
    "walk": {"walk"},
    "walk-back": {"walk"},
    "walk-left": {"walk", "sidestep"},
    "walk-right": {"walk", "sidestep"},
}
"""Verbs of each content, as the clips show them: `call` calls someone over; `respond` puts up a hand to answer; `guide` shows the way
with a hand; `slash` strikes with a sword held in both hands; `punch` boxes."""

WAYS = {"walk": "forward", "run": "forward", "dash": "forward", "walk-back": "backward"}
"""Direction of travel as seen from the body. In walk-left and walk-right the person mostly faces where they go, a quarter turn from the
room's front, the body turned back a little: what there is of sideways motion is to the labelled side."""


def top_verb(timeline: Timeline) -> str:
    weight: Counter[str] = Counter()
    for stage in timeline.stages:
        if stage.verb != "stand":
            weight[stage.verb] += stage.duration_s * (stage.confidence or 0.0)
    return weight.most_common(1)[0][0] if weight else "stand"


def way_right(content: str, timeline: Timeline) -> bool | None:
    """Whether the longest stage of travel goes the labelled way; None for contents without travel."""
    going = [s for s in timeline.stages if s.lexeme.family == "gait"]
    if content in WAYS:
        return bool(going) and max(going, key=lambda s: s.duration_s).direction == WAYS[content]
    if content in ("walk-left", "walk-right"):
        side, other = (("left", "right"), ("right", "left"))[content == "walk-right"]
        direction = max(going, key=lambda s: s.duration_s).direction or "" if going else ""
        return direction.endswith(side) or (direction == "forward" and not direction.endswith(other))
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("KINELANG_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    parser.add_argument("data", nargs="?", default=shared / "data" / "bandai1_bvh.zip", type=Path)
    parser.add_argument("--misses", action="store_true", help="print what was found in each clip that is wrong (styles looked at only)")
    parser.add_argument("--held-out", action="store_true", help="also run the other styles, whose figures are reported")
    options = parser.parse_args()
    if not options.data.exists():
        print(f"no data at {options.data}: this needs Bandai-Namco Research's motion dataset 1 as a zip of BVH files")
        return 0
    verbs: dict[bool, dict[str, list[bool]]] = {True: defaultdict(list), False: defaultdict(list)}
    ways: dict[bool, dict[str, list[bool]]] = {True: defaultdict(list), False: defaultdict(list)}
    for path in list_motion_files(options.data):
        match = re.search(r"dataset-1_(.+)_(.+)_(\d+)\.bvh$", str(path))
        if match is None or (match[2] not in TUNED and not options.held_out):
            continue
        content, tuned = match[1], match[2] in TUNED
        timeline = detect(load(path))
        verbs[tuned][content].append(top_verb(timeline) in VERBS_OF[content])
        way = way_right(content, timeline)
        if way is not None:
            ways[tuned][content].append(way)
        if options.misses and tuned and not (verbs[tuned][content][-1] and way in (None, True)):
            found = "; ".join(f"{s.start_s:.1f}-{s.end_s:.1f} {s.brief()} {s.confidence or 0:.2f}" for s in timeline.stages)
            print(f"{content} {match[2]}: {found}", file=sys.stderr)
    print("| content | verb, styles looked at | other styles | direction, styles looked at | other styles |\n|---|---|---|---|---|")
    for content in VERBS_OF:
        cells = [told(table[tuned][content]) for table in (verbs, ways) for tuned in (True, False)]
        print(f"| {content} | {' | '.join(cells)} |")
    means = [mean(table[tuned]) for table in (verbs, ways) for tuned in (True, False)]
    print(f"| mean over contents | {' | '.join(means)} |")
    return 0


def told(right: list[bool]) -> str:
    return f"{sum(right)} of {len(right)}" if right else ""


def mean(table: dict[str, list[bool]]) -> str:
    values = [sum(v) / len(v) for v in table.values() if v]
    return f"{statistics.mean(values):.1%} of {len(values)}" if values else ""


if __name__ == "__main__":
    raise SystemExit(main())
