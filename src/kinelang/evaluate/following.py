"""Whether a motion contains what was asked for, as `detect` sees it: verbs, sides, directions, counts, order, parts.

Asked stages are paired with detected ones of the same verb, or of one that people use for the same motion (`lexicon.alike`), so that
the most is right. The figures are shares of what was asked: a side, a direction, a count or an order of something that is not there is
wrong. A table of its own tells how much is right of what is there. The detector errs too: what it says of `perform` of the very
timeline that was asked is the most that any system can be expected to reach, and stands beside; what it finds there can be asked by
itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from kinelang.errors import KinelangError
from kinelang.evaluate.prompts import KINDS, Prompt, going_and_beside, group_of, is_seen
from kinelang.language.lexicon import VERBS, alike
from kinelang.metrics.intervals import ROUNDS, Interval, bootstrap
from kinelang.motion.arrays import Array
from kinelang.timeline import Timeline
from kinelang.timeline.facts import UNTOLD, paired
from kinelang.timeline.narrating.telling import MERGED_GAP_S
from kinelang.timeline.schema import SMALLEST_S

FIGURES: Mapping[str, str] = {
    "verb": "stages asked for that are there, or one alike",
    "verb exact": "stages asked for that are there under the same verb",
    "side of asked": "of the stages asked for with a side, those that are there with that side",
    "direction of asked": "of the stages asked for with a direction, those there with it, or nearly (forward for forward left)",
    "count of asked": "of the stages asked for with a count, those there that are done as often, give or take one",
    "order of asked": "of the prompts of several stages one after the other, those where all are there, in the order asked for",
    "part": "of the prompts of a part beside the legs, those where it is done, with its side, while the legs go or turn",
    "complete": "prompts of which everything is there: verbs, sides, directions, counts within one, order and parts",
}
"""What is counted, each as a share of what was asked, percent in tables. What is not there is wrong."""
IF_THERE: Mapping[str, str] = {
    "side": "of the stages that are there, those with the side asked for",
    "direction": "of the stages that are there, those with the direction asked for, or nearly",
    "count": "of the stages that are there, those done as often as asked for, give or take one",
    "count exact": "of the stages that are there, those done exactly as often",
    "order": "of the prompts of several stages one after the other that are all there, those in the order asked for",
}
"""What is counted of what is there alone. Who makes little, and that well, stands high: no measure of how well systems follow."""
THERE = "of what is there"
"""Table of `IF_THERE`, over all prompts."""
IN_TRUTH = "where truth is found right"
"""Table of `FIGURES`, each over those prompts alone of which `detect` finds it right in the truth performed: what the detector cannot
see is set aside. It favours systems that perform as the truth does, with the same seed."""
NOT_SEEN = "text not seen"
"""Kind of the prompts whose text stands in no training caption."""
UNASKED = "unasked"
"""Mean number of detected stages a prompt, standing aside, whose verb is alike to none that was asked for. Not a share."""
BESIDE_SHARE = 0.5
"""Least share of a part's stage during which the legs go or turn."""
NORMAL_95 = 1.959964
"""Of a normal variable, how far 95 % lie from its mean at most, in standard deviations."""
FEWEST = 5
"""A verb asked for less often is not listed among the worst."""


@dataclass(frozen=True)
class Act:
    """A stage, or several that follow each other taken as one."""

    start_s: float
    end_s: float
    verb: str
    side: str | None
    direction: str | None
    count: int | None


@dataclass(frozen=True)
class Followed:
    """One motion against its prompt.

    Attributes:
        counts: by figure of `FIGURES` and `IF_THERE` (how many right, how many asked); one that was not asked is not there.
        verbs: (verb asked for, whether it is there).
        unasked: detected stages that nobody asked for.
        seen: what was detected, in a few words a stage.
    """

    counts: Mapping[str, tuple[int, int]]
    verbs: tuple[tuple[str, bool], ...]
    unasked: int
    seen: tuple[str, ...]

    @property
    def right(self) -> float:
        """Share of what was asked of verbs, sides, directions, counts, order and parts that is right, 0 to 1; for the worst list."""
        names = ("verb", "side of asked", "direction of asked", "count of asked", "order of asked", "part")
        told = [self.counts[name] for name in names if name in self.counts]
        return sum(right for right, _ in told) / max(sum(asked for _, asked in told), 1)


def followed(asked: Timeline, detected: Timeline) -> Followed:
    """Judge one motion.

    Args:
        asked: what its prompt asks; fields that are None are not asked.
        detected: what `detect` sees in it.
    """
    wanted, found = _acts(asked), _acts(detected)
    pairs, joined = max((_pairs(wanted, reading) for reading in _readings(found)), key=lambda one: _worth(wanted, *one))
    there = {i: joined[j] for i, j in pairs}
    counts = {
        "verb": (len(there), len(wanted)),
        "verb exact": (sum(wanted[i].verb == act.verb for i, act in there.items()), len(wanted)),
    }
    counts |= {
        name: tally
        for name, tally in {
            "side": _tally(wanted, there, "side", _nearly),
            "direction": _tally(wanted, there, "direction", _nearly),
            "count": _tally(wanted, there, "count", lambda a, b: abs(a - b) <= 1),
            "count exact": _tally(wanted, there, "count", lambda a, b: a == b),
        }.items()
        if tally[1]
    }
    counts |= {
        f"{name} of asked": (counts.get(name, (0, 0))[0], asked_of)
        for name in ("side", "direction", "count")
        if (asked_of := sum(getattr(act, name) is not None for act in wanted))
    }
    whole = len(there) == len(wanted)
    if len(wanted) > 1 and _follow(wanted):
        in_order = whole and len(paired(wanted, joined, lambda a, b: int(alike(a.verb, b.verb)))) == len(wanted)
        counts |= {"order": (int(in_order), 1)} if whole else {}
        counts["order of asked"] = (int(in_order), 1)
    if (parts := going_and_beside(asked)) is not None:
        counts["part"] = (int(_beside(parts[0].verb, wanted, there, found)), 1)
    exact_needed = ("side of asked", "direction of asked", "count of asked", "order of asked", "part")
    right = whole and all(counts[name][0] == counts[name][1] for name in exact_needed if name in counts)
    counts["complete"] = (int(right), 1)
    more = sum(not any(alike(act.verb, w.verb) for w in wanted) for act in found)
    return Followed(
        counts, tuple((act.verb, i in there) for i, act in enumerate(wanted)), more, tuple(s.brief() for s in detected.stages)
    )


def _acts(timeline: Timeline) -> tuple[Act, ...]:
    return tuple(Act(s.start_s, s.end_s, s.verb, s.side, s.direction, s.count) for s in timeline.stages if s.verb not in UNTOLD)


def _follow(acts: Sequence[Act]) -> bool:
    return all(a.end_s <= b.start_s + SMALLEST_S for a, b in pairwise(acts))


def _readings(found: tuple[Act, ...]) -> list[tuple[Act, ...]]:
    """As detected; equal actions that follow each other as one; those of the other side or direction with them."""
    equal = _taken_together(found, lambda a, b: (a.side, a.direction) == (b.side, b.direction))
    return list(dict.fromkeys((found, equal, _taken_together(equal, lambda a, b: True))))


def _taken_together(acts: Sequence[Act], one: Callable[[Act, Act], bool]) -> tuple[Act, ...]:
    out: list[Act] = []
    for act in acts:
        at = next((k for k, last in enumerate(out) if _goes_on(last, act) and one(last, act)), None)
        if at is None:
            out.append(act)
            continue
        last = out[at]
        side = last.side if last.side == act.side else "both"
        counted = None if last.count is None and act.count is None else (last.count or 1) + (act.count or 1)
        out[at] = replace(
            last,
            end_s=act.end_s,
            side=side,
            direction=last.direction if last.direction == act.direction else None,
            count=counted,
        )
    return tuple(out)


def _goes_on(last: Act, act: Act) -> bool:
    """Whether `act` does, within a second, what `last` did."""
    near = -SMALLEST_S <= act.start_s - last.end_s <= MERGED_GAP_S
    return near and last.verb == act.verb and bool(VERBS[act.verb].counted)


def _pairs(wanted: Sequence[Act], found: tuple[Act, ...]) -> tuple[list[tuple[int, int]], tuple[Act, ...]]:
    """Pairs of indices, one to one in any order, that make the most right: verbs first, then sides, directions, counts, place."""
    from scipy.optimize import linear_sum_assignment

    gains = np.array(
        [[_gain(a, b) - 0.01 * abs(i - j) / max(len(found), 1) for j, b in enumerate(found)] for i, a in enumerate(wanted)]
    )
    if not gains.size:
        return [], found
    rows, columns = linear_sum_assignment(-np.maximum(gains, 0))
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if gains[i, j] > 0], found


def _worth(wanted: Sequence[Act], pairs: Sequence[tuple[int, int]], found: Sequence[Act]) -> float:
    return sum(_gain(wanted[i], found[j]) for i, j in pairs)


def _gain(asked: Act, seen: Act) -> float:
    if not alike(asked.verb, seen.verb):
        return 0.0
    gain = 10.0 + 0.5 * (asked.verb == seen.verb)
    gain += asked.side is not None and seen.side is not None and _nearly(asked.side, seen.side)
    gain += asked.direction is not None and seen.direction is not None and _nearly(asked.direction, seen.direction)
    if asked.count is not None and seen.count is not None:
        gain += 0.5 * (abs(asked.count - seen.count) <= 1) + 0.5 * (asked.count == seen.count)
    return gain


def _tally(wanted: Sequence[Act], there: Mapping[int, Act], name: str, same: Callable[[Any, Any], bool]) -> tuple[int, int]:
    """(Right, asked) of a field, where it was asked and the stage is there; what is there without a value is wrong."""
    asked = [(getattr(wanted[i], name), getattr(act, name)) for i, act in there.items() if getattr(wanted[i], name) is not None]
    return sum(seen is not None and same(value, seen) for value, seen in asked), len(asked)


def _nearly(a: str, b: str) -> bool:
    return a == b or {a, b} == {"both", "alternating"} or a in b.split("_") or b in a.split("_")


def _beside(going: str, wanted: Sequence[Act], there: Mapping[int, Act], found: Sequence[Act]) -> bool:
    """Whether the part's stage is there, with its side, and the legs go or turn for at least half of it."""
    at = next((i for i, act in enumerate(wanted) if act.verb != going), None)
    if at is None or at not in there:
        return False
    part = there[at]
    if wanted[at].side is not None and (part.side is None or not _nearly(str(wanted[at].side), part.side)):
        return False
    legs = [(max(a.start_s, part.start_s), min(a.end_s, part.end_s)) for a in found if alike(a.verb, going)]
    return sum(max(end - start, 0.0) for start, end in legs) >= BESIDE_SHARE * (part.end_s - part.start_s)


# --- over many prompts


@dataclass(frozen=True)
class Following:
    """A system's figures.

    Attributes:
        figures: by kind ("all" first, then `NOT_SEEN` where some texts are seen, then by origin where there are several) and figure,
            with intervals over what was asked, 0 to 1; `UNASKED` is a mean. Then the tables `THERE` and, where the truth was judged
            too, `IN_TRUTH`.
        asked: by kind and figure, how many were asked.
        verbs: for each verb (asked, there), the worst first.
        worst: prompts of which least is right: text, share right, what was seen.
    """

    figures: Mapping[str, Mapping[str, Interval]]
    asked: Mapping[str, Mapping[str, int]]
    verbs: Mapping[str, tuple[int, int]]
    worst: tuple[Mapping[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """As plain data; ends of intervals that are not known are None."""
        return {
            "figures": {
                kind: {
                    name: {**_plain(value), **({"asked": self.asked[kind][name]} if name in self.asked[kind] else {})}
                    for name, value in figures.items()
                }
                for kind, figures in self.figures.items()
            },
            "verbs": {verb: {"asked": asked, "there": there} for verb, (asked, there) in self.verbs.items()},
            "worst": [dict(one) for one in self.worst],
        }


def _plain(value: Interval) -> dict[str, float | None]:
    return {name: v if np.isfinite(v := getattr(value, name)) else None for name in ("value", "low", "high")}


def following(
    prompts: Sequence[Prompt],
    detected: Sequence[Timeline],
    *,
    truth: Sequence[Timeline] | None = None,
    known: Set[str] | None = None,
    rounds: int = ROUNDS,
    worst: int = 10,
) -> Following:
    """Judge a system by what `detect` sees in its motions.

    Args:
        prompts: each with a timeline.
        detected: what is seen in the motion of each.
        truth: what is seen in the performance of the timeline of each; None: there is no table `IN_TRUTH`.
        known: texts of training captions, as `prompts.seen_texts` gives them; None: not known.
        rounds: of the bootstrap, which draws prompts that ask the same actions together; no rounds, no intervals.
        worst: so many of the worst prompts are told.
    """
    judged = [followed(_timeline(p), seen) for p, seen in zip(prompts, detected, strict=True)]
    groups, counts = [group_of(p) for p in prompts], [one.counts for one in judged]
    figures, asked = {}, {}
    for kind, rows in _kinds(prompts, known).items():
        some = [groups[i] for i in rows]
        figures[kind], asked[kind] = _shares([counts[i] for i in rows], FIGURES, some, rounds)
        figures[kind][UNASKED] = _mean([judged[i].unasked for i in rows], some, rounds)
    tables = {THERE: _shares(counts, IF_THERE, groups, rounds)}
    if truth is not None:
        most = [followed(_timeline(p), seen).counts for p, seen in zip(prompts, truth, strict=True)]
        tables[IN_TRUTH] = _shares([_able(own, of) for own, of in zip(counts, most, strict=True)], FIGURES, groups, rounds)
    for table, (rows_of, asked_of) in tables.items():
        if rows_of:
            figures[table], asked[table] = rows_of, asked_of
    order = sorted(range(len(judged)), key=lambda i: (judged[i].right, prompts[i].text))[:worst]
    told = tuple({"text": prompts[i].text, "right": judged[i].right, "seen": list(judged[i].seen)} for i in order)
    return Following(figures, asked, _by_verb(judged), told)


def _kinds(prompts: Sequence[Prompt], known: Set[str] | None) -> dict[str, list[int]]:
    """Rows of the prompts of each table, none of them empty."""
    new = [i for i, p in enumerate(prompts) if known is not None and not is_seen(p, known)]
    origins = list(dict.fromkeys(p.origin for p in prompts))
    kinds = [*(origins if len(origins) > 1 else []), *KINDS, *dict.fromkeys(p.kind for p in prompts if p.kind not in KINDS)]
    rows = {kind: [i for i, p in enumerate(prompts) if kind in (p.kind, p.origin)] for kind in kinds}
    several = {NOT_SEEN: new} if len(new) < len(prompts) else {}
    return {kind: some for kind, some in {"all": list(range(len(prompts))), **several, **rows}.items() if some}


def _able(own: Mapping[str, tuple[int, int]], truth: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """The counts of those figures of a prompt that are all right in the truth."""
    return {name: tally for name, tally in own.items() if name in FIGURES and truth[name][0] == truth[name][1]}


def _timeline(prompt: Prompt) -> Timeline:
    if prompt.timeline is None:
        raise KinelangError.of(f"prompt '{prompt.text}'", "no timeline", "one, of what it asks for", "judge it by protocol standard")
    return prompt.timeline


def _shares(
    counts: Sequence[Mapping[str, tuple[int, int]]], names: Iterable[str], groups: Sequence[str], rounds: int
) -> tuple[dict[str, Interval], dict[str, int]]:
    """Those figures that were asked at all, and how many were asked of each."""
    figures, asked = {}, {}
    for name in names:
        tallies = np.array([one.get(name, (0, 0)) for one in counts], dtype=np.float64)
        if tallies[:, 1].sum():
            figures[name], asked[name] = share(tallies, groups, rounds), int(tallies[:, 1].sum())
    return figures, asked


def _mean(values: Sequence[int], groups: Sequence[str], rounds: int) -> Interval:
    each = np.array(values, dtype=np.float64)
    return bootstrap(lambda weights: weights @ each / weights.sum(axis=1), groups, rounds)


def share(counts: Array, groups: Sequence[str], rounds: int = ROUNDS) -> Interval:
    """Sum of the first column of (N, 2) over the sum of the second, with its bootstrap interval over groups.

    Where all is right, or nothing, every draw is the same: then the interval is Wilson's, of as many trials as there are groups.
    """

    def figure(weights: Array) -> Array:
        right, asked = (weights @ counts).T
        return np.asarray(np.where(asked > 0, right / np.where(asked > 0, asked, 1), np.nan))

    found = bootstrap(figure, groups, rounds)
    if not rounds or found.value not in (0.0, 1.0):
        return found
    n = len({group for group, (_, asked) in zip(groups, counts, strict=True) if asked})
    certain = n / (n + NORMAL_95**2)
    return Interval(1.0, certain, 1.0) if found.value else Interval(0.0, 0.0, 1.0 - certain)


def _by_verb(judged: Iterable[Followed]) -> dict[str, tuple[int, int]]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in judged:
        for verb, there in one.verbs:
            counts[verb][0] += 1
            counts[verb][1] += there
    rows = sorted(counts.items(), key=lambda row: (row[1][0] < FEWEST, row[1][1] / row[1][0], row[0]))
    return {verb: (asked, there) for verb, (asked, there) in rows}
