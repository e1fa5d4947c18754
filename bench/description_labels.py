"""Is the description right? What descriptions say of 174 labelled clips, against the labels.

The clips are Bandai-Namco Research's motion dataset 1 (CC BY-NC 4.0; not part of this project). Rules were tuned looking at three
styles only (active, normal, tired); the figures that count are those of the other styles, averaged over contents.

    python bench/description_labels.py [PATH to bandai1_bvh.zip] [--misses]
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from kinelang.describing import Description, describe
from kinelang.describing.judgements import gait, lifted_legs, moving_arms
from kinelang.formats import list_motion_files, load

TUNED = ("active", "normal", "tired")
Check = tuple[str, Callable[[Description], bool]]


def travels(verb: str, direction: str) -> list[Check]:
    return [
        (verb, lambda d: gait(d) == verb),
        (direction, lambda d: d.travel.direction == direction),
    ]


def drifts(side: str) -> Check:
    def to_side(d: Description) -> bool:
        lateral = d.channel("lateral")
        return (lateral.high if side == "left" else -lateral.low) > abs(lateral.low if side == "left" else lateral.high)

    return (f"sideways part to the {side}", to_side)


def in_place() -> Check:
    return ("no travel", lambda d: not d.travel.direction)


def arms(least: int) -> Check:
    return (f"{'an arm moves' if least == 1 else 'both arms move'}", lambda d: len(moving_arms(d)) >= least)


def hand_up() -> Check:
    return ("hand above shoulder", lambda d: any(arm.raised for arm in d.limbs[:2]))


WALK_SPEED: Check = ("0.4 to 2 m/s", lambda d: 0.4 <= d.travel.mean_speed_m_s <= 2.0)
RUN_SPEED: Check = ("over 1.3 m/s", lambda d: d.travel.mean_speed_m_s > 1.3)

EXPECTED: dict[str, list[Check]] = {
    "bow": [in_place(), ("trunk forward", lambda d: d.trunk.lean_towards == "forward" and d.trunk.lean_deg >= 25)],
    "bye": [in_place(), arms(1), hand_up()],
    "byebye": [in_place(), arms(2), hand_up()],
    "call": [in_place(), arms(1)],
    "dance-short": [("moves about", lambda d: gait(d) == "moves about"), arms(2), ("a foot lifted", lambda d: bool(lifted_legs(d)))],
    "dash": [*travels("runs", "forward"), RUN_SPEED],
    "guide": [in_place(), arms(1)],
    "kick": [
        ("a foot lifted", lambda d: bool(lifted_legs(d))),
        ("at speed", lambda d: max(leg.top_speed_m_s for leg in d.limbs[2:]) > 3.6),
    ],
    "punch": [arms(1), ("hand fast", lambda d: max(arm.top_speed_m_s for arm in d.limbs[:2]) > 2.0)],
    "respond": [in_place(), arms(1), hand_up()],
    "run": [*travels("runs", "forward"), RUN_SPEED],
    "slash": [arms(2), hand_up(), ("hand fast", lambda d: max(arm.top_speed_m_s for arm in d.limbs[:2]) > 2.0)],
    "walk": [*travels("walks", "forward"), WALK_SPEED],
    "walk-back": [*travels("walks", "backward"), WALK_SPEED],
    # Left and right of the room, not of the body: the person mostly faces where they go, a quarter turn from the other clips'
    # direction, the body turned back a little, so that what there is of sideways motion is to the labelled side.
    "walk-left": [*travels("walks", "forward"), drifts("left"), WALK_SPEED],
    "walk-right": [*travels("walks", "forward"), drifts("right"), WALK_SPEED],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("KINELANG_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    parser.add_argument("data", nargs="?", default=shared / "data" / "bandai1_bvh.zip", type=Path)
    parser.add_argument("--misses", action="store_true", help="print the sentence of each clip that misses a check")
    parser.add_argument("--all-styles", action="store_true", help="with --misses: of all styles, not only the three looked at")
    options = parser.parse_args()
    if not options.data.exists():
        print(f"no data at {options.data}: this needs Bandai-Namco Research's motion dataset 1 as a zip of BVH files")
        return 0
    hits: dict[tuple[str, str], dict[bool, list[bool]]] = defaultdict(lambda: {True: [], False: []})
    for path in list_motion_files(options.data):
        match = re.search(r"dataset-1_(.+)_(.+)_(\d+)\.bvh$", str(path))
        if match is None:
            continue
        content, style, _ = match.groups()
        d = describe(load(path))
        missed = []
        for name, check in EXPECTED[content]:
            right = check(d)
            hits[content, name][style in TUNED].append(right)
            if not right:
                missed.append(name)
        if missed and options.misses and (style in TUNED or options.all_styles):
            print(f"{content} {style}: not '{', '.join(missed)}': {d}", file=sys.stderr)
    report(hits)
    return 0


def report(hits: dict[tuple[str, str], dict[bool, list[bool]]]) -> None:
    print("| content | the description says | styles looked at | other styles |")
    print("|---|---|---|---|")
    per_content: dict[bool, dict[str, list[float]]] = {True: defaultdict(list), False: defaultdict(list)}
    for (content, name), by_tuned in hits.items():
        cells = []
        for tuned in (True, False):
            right = by_tuned[tuned]
            cells.append(f"{sum(right)} of {len(right)}" if right else "none")
            if right:
                per_content[tuned][content].append(sum(right) / len(right))
        print(f"| {content} | {name} | {cells[0]} | {cells[1]} |")
    means = [statistics.mean(statistics.mean(v) for v in per_content[tuned].values()) for tuned in (True, False)]
    counts = [len(per_content[tuned]) for tuned in (True, False)]
    print(f"| mean over contents | | {means[0]:.1%} of {counts[0]} | {means[1]:.1%} of {counts[1]} |")


if __name__ == "__main__":
    raise SystemExit(main())
