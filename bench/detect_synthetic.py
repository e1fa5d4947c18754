"""What `detect` makes of performed random timelines, on seeds that training never saw.

A found stage is right if a true stage of the same verb shares at least half of their common time with it (temporal intersection over
union), each true stage counting once. Side, direction and count are those of the right stages whose truth has one.

    python bench/detect_synthetic.py [--clips 2000] [--seed 900000000] [--verbose 5]
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict

from kinelang import Motion
from kinelang.timeline import Stage, Timeline, detect, perform, random_timeline
from kinelang.timeline.actions import ACTIONS

UNSEEN = 900_000_000


def iou(a: Stage, b: Stage) -> float:
    shared = min(a.end_s, b.end_s) - max(a.start_s, b.start_s)
    return max(shared, 0.0) / (max(a.end_s, b.end_s) - min(a.start_s, b.start_s))


def matched(true: list[Stage], found: list[Stage], least: float = 0.5) -> list[tuple[Stage, Stage]]:
    """Pairs (true, found) of one verb, the best overlaps first, each stage once."""
    alike = [(iou(t, f), i, j) for i, t in enumerate(true) for j, f in enumerate(found) if t.verb == f.verb]
    pairs = sorted((p for p in alike if p[0] >= least), reverse=True)
    used_true: set[int] = set()
    used_found: set[int] = set()
    out = []
    for _, i, j in pairs:
        if i not in used_true and j not in used_found:
            used_true.add(i)
            used_found.add(j)
            out.append((true[i], found[j]))
    return out


def truth(timeline: Timeline) -> list[Stage]:
    """The stages with what the performance fills in; standing is what a body does anyway, and not counted."""
    out = []
    for stage in timeline.stages:
        action = ACTIONS[stage.verb]
        if stage.verb != "stand":
            out.append(stage.with_(side=stage.side or action.side, direction=stage.direction or action.direction, parts=stage.parts))
    return out


def told(stages: list[Stage]) -> str:
    return "; ".join(f"{s.start_s:.1f}-{s.end_s:.1f} {s.brief()}" for s in stages)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=UNSEEN)
    parser.add_argument("--verbose", type=int, default=0, help="print so many clips")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    fields: dict[str, list[bool]] = defaultdict(list)
    by_verb: dict[str, Counter[str]] = defaultdict(Counter)
    taken = seconds = 0.0
    reliability: list[tuple[float, bool]] = []
    for seed in range(options.seed, options.seed + options.clips):
        timeline = random_timeline(seed)
        motion: Motion = perform(timeline, seed)
        start = time.perf_counter()
        detected = detect(motion)
        taken += time.perf_counter() - start
        seconds += motion.duration_s
        true, found = truth(timeline), [s for s in detected.stages if s.verb != "stand"]
        if seed - options.seed < options.verbose:
            print(f"true  {told(true)}\nfound {told(found)}\n")
        pairs = matched(true, found)
        hits = {id(f) for _, f in pairs}
        for t in true:
            by_verb[t.verb]["true"] += 1
        for f in found:
            by_verb[f.verb]["found"] += 1
            reliability.append((f.confidence or 0.0, id(f) in hits))
            if id(f) not in hits:
                near = max(true, key=lambda t: iou(t, f), default=None)
                if near is not None and iou(near, f) > 0.2 and near.verb != f.verb:
                    by_verb[near.verb][f"as {f.verb}"] += 1
        for t, f in pairs:
            by_verb[t.verb]["right"] += 1
            for field in ("side", "direction", "count"):
                if getattr(t, field) is not None:
                    right = getattr(t, field) == getattr(f, field)
                    fields[field].append(right)
                    by_verb[t.verb][field] += right
                    by_verb[t.verb][f"{field}s"] += 1
        counts.update(true=len(true), found=len(found), right=len(pairs))
    print("| verb | true | found | right | F1 | side | direction | count | taken for |\n|---|---|---|---|---|---|---|---|---|")
    for verb, c in sorted(by_verb.items(), key=lambda item: 2 * item[1]["right"] / max(item[1]["true"] + item[1]["found"], 1)):
        f1 = 2 * c["right"] / max(c["true"] + c["found"], 1)
        cells = [f"{c[f] / c[f + 's']:.2f}" if c[f + "s"] else "" for f in ("side", "direction", "count")]
        instead = ", ".join(f"{k[3:]} {n}" for k, n in c.most_common() if k.startswith("as "))
        print(f"| {verb} | {c['true']} | {c['found']} | {c['right']} | {f1:.2f} | {' | '.join(cells)} | {instead[:60]} |")
    precision, recall = counts["right"] / max(counts["found"], 1), counts["right"] / max(counts["true"], 1)
    print(f"\n{options.clips} timelines, {counts['true']} stages: precision {precision:.3f}, recall {recall:.3f}, ", end="")
    print(f"F1 {2 * precision * recall / max(precision + recall, 1e-9):.3f}")
    for field, right in fields.items():
        print(f"{field}: {sum(right) / len(right):.3f} of {len(right)}")
    bins = [[r for c, r in reliability if low <= c < low + 0.1001] for low in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)]
    print("confidence, share right: " + ", ".join(f"{i / 10:.1f} {sum(b) / len(b):.2f} ({len(b)})" for i, b in enumerate(bins) if b))
    print(f"{seconds / taken:,.0f} times real time")


if __name__ == "__main__":
    main()
