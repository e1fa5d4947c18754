"""How well stages that were found agree with stages that are true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from kinelang.timeline import Stage, Timeline

ATTRIBUTES = ("side", "direction", "count")


def overlap(a: Stage, b: Stage) -> float:
    """Temporal intersection over union of two stages, 0 to 1."""
    shared = min(a.end_s, b.end_s) - max(a.start_s, b.start_s)
    return max(shared, 0.0) / (max(a.end_s, b.end_s) - min(a.start_s, b.start_s))


def matched(truth: Sequence[Stage], found: Sequence[Stage], least: float = 0.5) -> list[tuple[Stage, Stage]]:
    """Pairs (true, found) of one verb that overlap by at least `least`: the assignment with the most pairs, then the most overlap.

    A stage pairs with one other at most. Verbs count as they are; synonyms do not.
    """
    if not truth or not found:
        return []
    from scipy.optimize import linear_sum_assignment

    gain = np.zeros((len(truth), len(found)))
    for i, a in enumerate(truth):
        for j, b in enumerate(found):
            if a.verb == b.verb and (iou := overlap(a, b)) >= least:
                gain[i, j] = 1.0 + 1e-3 * iou
    rows, columns = linear_sum_assignment(-gain)
    return [(truth[i], found[j]) for i, j in zip(rows, columns, strict=True) if gain[i, j] > 0]


@dataclass
class Tally:
    """Counts over many timelines. Add timelines with `add`; `figures` gives the rates.

    A side, direction or count is right if it is exactly the true one; it is judged where the truth has one and the stage was found.
    """

    least: float = 0.5
    true: dict[str, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    hits: dict[str, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ATTRIBUTES, 0))
    right: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ATTRIBUTES, 0))
    confused: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, truth: Timeline, found: Timeline, but: Iterable[str] = ()) -> None:
        """Compare one timeline with another; stages of the verbs `but` are left out on both sides."""
        left_out = set(but)
        true_stages = [s for s in truth.stages if s.verb not in left_out]
        found_stages = [s for s in found.stages if s.verb not in left_out]
        for stages, counts in ((true_stages, self.true), (found_stages, self.found)):
            for stage in stages:
                counts[stage.verb] = counts.get(stage.verb, 0) + 1
        pairs = matched(true_stages, found_stages, self.least)
        for true, other in pairs:
            self.hits[true.verb] = self.hits.get(true.verb, 0) + 1
            for name in ATTRIBUTES:
                if getattr(true, name) is not None:
                    self.asked[name] += 1
                    self.right[name] += getattr(other, name) == getattr(true, name)
        self._add_confusions(true_stages, found_stages, pairs)

    def _add_confusions(self, truth: Sequence[Stage], found: Sequence[Stage], pairs: Sequence[tuple[Stage, Stage]]) -> None:
        """For each stage that was missed, what was seen instead: the unmatched stage that overlaps it most, on one of its parts."""
        free = [s for s in found if not any(s is other for _, other in pairs)]
        for stage in truth:
            if any(stage is true for true, _ in pairs):
                continue
            near = [s for s in free if overlap(stage, s) > 0.2 and set(s.parts) & set(stage.parts)]
            seen = max(near, key=lambda s: overlap(stage, s)).verb if near else "nothing"
            self.confused[stage.verb, seen] = self.confused.get((stage.verb, seen), 0) + 1

    def figures(self) -> dict[str, float]:
        """precision, recall, f1 over all stages, and the share of right sides, directions and counts (nan where never asked)."""
        hits, true, found = (sum(counts.values()) for counts in (self.hits, self.true, self.found))
        rates = {"precision": _share(hits, found), "recall": _share(hits, true), "f1": _share(2 * hits, found + true)}
        return rates | {name: _share(self.right[name], self.asked[name]) for name in ATTRIBUTES}

    def by_verb(self) -> dict[str, dict[str, float]]:
        """For each verb: number of true stages, precision, recall, f1; the worst first."""
        rows = {}
        for verb in sorted({*self.true, *self.found}):
            hits, true, found = self.hits.get(verb, 0), self.true.get(verb, 0), self.found.get(verb, 0)
            rates = {"precision": _share(hits, found), "recall": _share(hits, true), "f1": _share(2 * hits, found + true)}
            rows[verb] = {"true": float(true), "found": float(found)} | rates
        return dict(sorted(rows.items(), key=lambda row: row[1]["f1"]))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
