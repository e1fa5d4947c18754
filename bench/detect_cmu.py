"""What `detect` finds in real recordings, against what people wrote of them: verbs of captioned CMU segments.

A segment's true verbs are those that at least two of its captions mention (or its only caption), counted by the lexicon. A verb that
only one caption mentions counts neither for nor against. Captions leave most of what happens out, so that precision here is a lower
bound, and a verb is found if any stage of the segment has it.

The test split is run once, at the end, for the figures that are reported.

    python bench/detect_cmu.py [--split val] [--worst 10] [--verbose]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

from kinelang import Motion, load
from kinelang.formats import list_motion_files
from kinelang.language.lexicon import VERBS
from kinelang.motion.added_pose import without_added_t_pose
from kinelang.motion.ops import cut
from kinelang.timeline import Stage, detect

SHARED = Path(os.environ.get("KINELANG_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "data"
ALIKE = (
    {"walk", "step"},
    {"run", "jog"},
    {"bend", "bow"},
    {"crouch", "squat"},
    {"turn", "spin"},
    {"jump", "hop"},
    {"raise_arm", "extend_arm"},
)
"""Pairs that count as one in the second figure: captions use either word for the same thing."""


def true_verbs(captions: list[str]) -> tuple[set[str], set[str]]:
    """(Verbs that at least two captions mention, verbs that any mentions)."""
    from kinelang.language import mentions

    counts = Counter(verb for caption in captions for verb in mentions(caption))
    least = min(2, len(captions))
    return {v for v, n in counts.items() if n >= least}, set(counts)


def segments(split: str) -> list[dict]:
    return [s for s in json.loads((SHARED / "cmu_captions.json").read_text()) if s["split"] == split]


def recordings(trials: set[str]) -> dict[str, Motion]:
    """The trials of these names, without the added T-pose: BVH where there is one, else ASF/AMC."""
    out: dict[str, Motion] = {}
    for archive in ("cmu_bvh.zip", "cmu_dance_bvh.zip", "cmu_asfamc.zip"):
        for path in list_motion_files(SHARED / archive):
            trial = Path(path).stem
            if trial in trials and trial not in out and not str(path).endswith(".asf"):
                out[trial] = without_added_t_pose(load(path))
    return out


def closed(verbs: set[str]) -> set[str]:
    """The verbs and those alike."""
    return verbs | {w for v in verbs for pair in ALIKE if v in pair for w in pair}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", default="val", choices=["train", "val", "test"])
    parser.add_argument("--worst", type=int, default=0, help="print this many of the worst segments")
    parser.add_argument("--verbose", action="store_true", help="print every segment")
    parser.add_argument("--least", type=float, default=0.0, help="leave out stages of less confidence")
    options = parser.parse_args()
    if not (SHARED / "cmu_captions.json").exists():
        print(f"no data at {SHARED}: this needs the CMU recordings and cmu_captions.json")
        return 0
    listed = segments(options.split)
    motions = recordings({s["trial"] for s in listed})
    rows, seconds, taken = [], 0.0, 0.0
    for s in listed:
        motion = cut(motions[s["trial"]], s["start_s"], s["end_s"])
        start = time.perf_counter()
        stages = [stage for stage in detect(motion).stages if (stage.confidence or 0) >= options.least]
        taken += time.perf_counter() - start
        seconds += motion.duration_s
        rows.append((s, stages, *true_verbs(s["captions"])))
    if options.verbose or options.worst:
        ranked = sorted(rows, key=lambda r: len({x.verb for x in r[1]} & r[2]) - len({x.verb for x in r[1]} - r[3]) - len(r[2]))
        for s, stages, true, _ in ranked if options.verbose else ranked[: options.worst]:
            print(
                f"{s['id']} {s['trial']}: {' | '.join(s['captions'])}\n    true {sorted(true)}\n    found {told(stages)}",
                file=sys.stderr,
            )
    report(rows)
    print(f"\n{seconds / taken:,.0f} times real time")
    return 0


def told(stages: list[Stage]) -> str:
    return "; ".join(f"{s.start_s:.1f}-{s.end_s:.1f} {s.brief()} {s.confidence or 0:.2f}" for s in stages)


def report(rows: list[tuple[dict, list[Stage], set[str], set[str]]]) -> None:
    """Table by verb, then precision, recall and F1 over all."""
    hit, wrong, missed = Counter(), Counter(), Counter()
    confused: dict[str, Counter[str]] = defaultdict(Counter)
    alike = Counter()
    for _, stages, true, mentioned in rows:
        found = {s.verb for s in stages} - {"stand"}
        true = true - {"stand"}
        for verb in found | true:
            if verb in found and verb in true:
                hit[verb] += 1
            elif verb in true:
                missed[verb] += 1
                confused[verb].update(found - mentioned)
            elif verb not in mentioned:
                wrong[verb] += 1
        alike["hit"] += len({v for v in true if v in closed(found)})
        alike["missed"] += len({v for v in true if v not in closed(found)})
        alike["wrong"] += len({v for v in found if v not in closed(mentioned)})
    print("| verb | right | wrong | missed | found in its stead |\n|---|---|---|---|---|")
    for verb in sorted(VERBS, key=lambda v: -hit[v] - wrong[v] - missed[v]):
        if hit[verb] + wrong[verb] + missed[verb]:
            instead = ", ".join(f"{v} {n}" for v, n in confused[verb].most_common(3))
            print(f"| {verb} | {hit[verb]} | {wrong[verb]} | {missed[verb]} | {instead} |")
    print()
    for name, (h, w, m) in {
        "exact": (hit.total(), wrong.total(), missed.total()),
        "like verbs as one": (alike["hit"], alike["wrong"], alike["missed"]),
    }.items():
        p, r = h / max(h + w, 1), h / max(h + m, 1)
        print(f"{len(rows)} segments, {name}: precision {p:.3f}, recall {r:.3f}, F1 {2 * p * r / max(p + r, 1e-9):.3f}")


if __name__ == "__main__":
    raise SystemExit(main())
