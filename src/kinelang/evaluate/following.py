"""Whether a motion contains what was asked for, as `detect` sees it: verbs, sides, directions, counts, order, parts.

Asked stages are paired with detected ones of the same verb, or of one that people use for the same motion (`lexicon.alike`), so that
the most is right. Side, direction and count are judged where the verb was found; what was not found at all is the verb's fault, and
`complete` counts everything at once. The detector errs too: what it says of `perform` of the very timeline that was asked is the most
that any system can be expected to reach, and stands beside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from kinelang.errors import KinelangError
from kinelang.evaluate.prompts import KINDS, Prompt, going_and_beside, group_of
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
    "side": "of the stages that are there, those with the side asked for",
    "direction": "of the stages that are there, those with the direction asked for, or nearly (forward for forward left)",
    "count": "of the stages that are there, those done as often as asked for, give or take one",
    "count exact": "of the stages that are there, those done exactly as often",
    "order": "of the prompts of several stages one after the other that are all there, those in the order asked for",
    "part": "of the prompts of a part beside the legs, those where it is done, with its side, while the legs go or turn",
    "complete": "prompts of which everything is there: verbs, sides, directions, counts within one, order and parts",
}
"""What is counted, each as a share of what was asked, percent in tables."""
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
        counts: by figure (how many right, how many asked); a figure that was not asked of the prompt is not there.
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
        told = [self.counts[name] for name in ("verb", "side", "direction", "count", "order", "part") if name in self.counts]
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
    whole = len(there) == len(wanted)
    if len(wanted) > 1 and _follow(wanted):
        in_order = whole and len(paired(wanted, joined, lambda a, b: int(alike(a.verb, b.verb)))) == len(wanted)
        counts |= {"order": (int(in_order), 1)} if whole else {}
    if (parts := going_and_beside(asked)) is not None:
        counts["part"] = (int(_beside(parts[0].verb, wanted, there, found)), 1)
    exact_needed = ("side", "direction", "count", "order", "part")
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
        figures: by kind ("all" first, then by origin where there are several) and figure, with intervals over what was asked, 0 to 1;
            `UNASKED` is a mean.
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


def following(prompts: Sequence[Prompt], detected: Sequence[Timeline], *, rounds: int = ROUNDS, worst: int = 10) -> Following:
    """Judge a system by what `detect` sees in its motions.

    Args:
        prompts: each with a timeline.
        detected: what is seen in the motion of each.
        rounds: of the bootstrap, which draws prompts that ask the same actions together; no rounds, no intervals.
        worst: so many of the worst prompts are told.
    """
    judged = [followed(_timeline(p), seen) for p, seen in zip(prompts, detected, strict=True)]
    groups = [group_of(p) for p in prompts]
    origins = list(dict.fromkeys(p.origin for p in prompts))
    kinds = ["all", *(origins if len(origins) > 1 else []), *KINDS, *dict.fromkeys(p.kind for p in prompts if p.kind not in KINDS)]
    figures, asked = {}, {}
    for kind in kinds:
        rows = [i for i, p in enumerate(prompts) if kind in ("all", p.kind, p.origin)]
        if rows:
            some = [judged[i] for i in rows]
            figures[kind], asked[kind] = _figures(some, [groups[i] for i in rows], rounds)
    order = sorted(range(len(judged)), key=lambda i: (judged[i].right, prompts[i].text))[:worst]
    told = tuple({"text": prompts[i].text, "right": judged[i].right, "seen": list(judged[i].seen)} for i in order)
    return Following(figures, asked, _by_verb(judged), told)


def _timeline(prompt: Prompt) -> Timeline:
    if prompt.timeline is None:
        raise KinelangError.of(f"prompt '{prompt.text}'", "no timeline", "one, of what it asks for", "judge it by protocol standard")
    return prompt.timeline


def _figures(judged: Sequence[Followed], groups: Sequence[str], rounds: int) -> tuple[dict[str, Interval], dict[str, int]]:
    figures, asked = {}, {}
    for name in FIGURES:
        counts = np.array([one.counts.get(name, (0, 0)) for one in judged], dtype=np.float64)
        if counts[:, 1].sum():
            figures[name], asked[name] = share(counts, groups, rounds), int(counts[:, 1].sum())
    more = np.array([one.unasked for one in judged], dtype=np.float64)
    whole = bootstrap(lambda weights: weights @ more / weights.sum(axis=1), groups, rounds)
    return {**figures, UNASKED: whole}, asked


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
