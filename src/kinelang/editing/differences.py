"""`diff`: what is different between two timelines, in plain sentences."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from kinelang.editing.applying import Applied, trace
from kinelang.editing.patch import Patch
from kinelang.editing.values import in_words, instead
from kinelang.language.inflection import present_participle
from kinelang.language.lexicon.alike import alike
from kinelang.timeline.schema import Stage, Timeline

_LEAST_S = 0.005
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_FIELDS = ("side", "direction", "amount", "count", "speed", "style", "path", "target")
Pair = tuple[int | None, int | None]


def diff(before: Timeline, after: Timeline, patch: Patch | None = None) -> tuple[str, ...]:
    """One sentence for every change, in order of time; "Nothing changes." alone where there is none.

    Args:
        before: a timeline.
        after: another.
        patch: what made the one of the other, where it is known; then it is certain which stage became which. Otherwise stages are
            paired by verb, fields and time.
    """
    return told(before, after, _matched(before.stages, after.stages) if patch is None else pairs_of(trace(before, patch), len(before)))


def pairs_of(applied: Applied, number: int) -> list[Pair]:
    """(Index before, index after) of `number` stages before and of those that a patch made."""
    made = {row.origin: i for i, row in enumerate(applied.rows) if row.origin is not None}
    new = [i for i, row in enumerate(applied.rows) if row.origin is None]
    return [(i, made.get(i)) for i in range(number)] + [(None, i) for i in new]


def told(before: Timeline, after: Timeline, pairs: Sequence[Pair]) -> tuple[str, ...]:
    """As `diff`, of known pairs."""
    both = [(i, j) for i, j in pairs if i is not None and j is not None]
    lines: list[tuple[float, str]] = []
    for i, j in pairs:
        if j is None and i is not None:
            stage = before.stages[i]
            lines.append((stage.start_s, f"{name(before, i).capitalize()} ({_when(stage)}) is removed."))
        elif i is None and j is not None:
            lines.append((after.stages[j].start_s, _added(after, j)))
    moved = _moved(before, after, both)
    factor = _scaled(before, after, both)
    if factor is not None:
        lines.append((-1.0, f"Everything takes {factor:.3g} times as long."))
    for i, j in both:
        at = after.stages[j].start_s
        lines += [(at, line) for line in _changes(before, i, after.stages[j], factor is None)]
        lines += [(at, _order(before, after, i, j, both))] if i in moved else []
    lines += _pauses(before, after, both, moved) if factor is None else []
    lines.sort(key=lambda line: line[0])
    said = [line for _, line in lines] + (_shifts(before, after, both, moved) if factor is None else [])
    if abs(after.duration_s - before.duration_s) > _LEAST_S:
        said.append(f"The whole takes {in_seconds(after.duration_s)} instead of {in_seconds(before.duration_s)}.")
    return tuple(said) or ("Nothing changes.",)


def name(timeline: Timeline, index: int) -> str:
    """A stage as one speaks of it: "the kick", "the second kick", "the raising of an arm"."""
    stage = timeline.stages[index]
    same = [i for i, s in enumerate(timeline.stages) if s.verb == stage.verb]
    which = f"{_ordinal(same.index(index))} " if len(same) > 1 else ""
    return f"the {which}{noun(stage)}"


def noun(stage: Stage) -> str:
    """What a stage is called: "kick", "sitting down"."""
    base = stage.lexeme.base
    if " " not in base:
        return base
    return re.sub(r"^(\w+ing) (an?|the) ", r"\1 of \2 ", present_participle(base))


def in_seconds(value: float) -> str:
    """ "1.5 s"."""
    return f"{round(value, 2):g} s"


def _ordinal(index: int) -> str:
    return _ORDINALS[index] if index < len(_ORDINALS) else f"{index + 1}th"


def _when(stage: Stage) -> str:
    return f"{round(stage.start_s, 2):g} to {in_seconds(stage.end_s)}"


def _added(after: Timeline, j: int) -> str:
    """A sentence for a new stage: what, with what, when and beside what."""
    stage = after.stages[j]
    with_ = [in_words(stage, field) for field in _FIELDS if getattr(stage, field) is not None]
    beside = [
        i for i, s in enumerate(after.stages) if i != j and s.start_s <= stage.start_s + _LEAST_S and s.end_s >= stage.end_s - _LEAST_S
    ]
    earlier = [i for i, s in enumerate(after.stages) if s.end_s <= stage.start_s + _LEAST_S]
    where = f", during {name(after, beside[0])}" if beside else ""
    if not where and earlier:
        where = f", after {name(after, max(earlier, key=lambda i: after.stages[i].end_s))}"
    return f"{name(after, j).capitalize()} is added{''.join(f', {w}' for w in with_ if w)}: {_when(stage)}{where}."


def _changes(before: Timeline, i: int, now: Stage, timed: bool = True) -> list[str]:
    """Sentences for the fields of one stage, and for its length where `timed`."""
    old, subject = before.stages[i], name(before, i).capitalize()
    lines = []
    if old.verb != now.verb:
        article = "an" if noun(now)[0] in "aeiou" else "a"
        lines.append(f"{subject} becomes {article} {noun(now)}.")
    differing = [field for field in _FIELDS if getattr(old, field) != getattr(now, field)]
    lines += [
        f"{subject} {instead(old, now, field)}." for field in differing if old.verb == now.verb or getattr(now, field) is not None
    ]
    for part in dict.fromkeys(p for p, _ in (*old.texts, *now.texts)):
        was, words = dict(old.texts).get(part), dict(now.texts).get(part)
        if was != words:
            said = f"does '{words}'" if words is not None else "has no words of its own any more"
            lines.append(f"In {name(before, i)}, the {part.replace('_', ' ')} {said}{f' instead of {was!r}' if was and words else ''}.")
    if timed and abs(old.duration_s - now.duration_s) > _LEAST_S:
        longer = "longer" if now.duration_s > old.duration_s else "shorter"
        lines.append(f"{subject} becomes {longer}: {in_seconds(now.duration_s)} instead of {in_seconds(old.duration_s)}.")
    return lines


def _scaled(before: Timeline, after: Timeline, both: Sequence[tuple[int, int]]) -> float | None:
    """The factor by which every time of every stage was multiplied; None where it is not one, or 1, or there is one stage."""
    if len(both) < 2 or len(both) != len(before) or len(both) != len(after) or not after.duration_s:
        return None
    factor = after.duration_s / before.duration_s
    pairs = [(getattr(before.stages[i], t), getattr(after.stages[j], t)) for i, j in both for t in ("start_s", "end_s")]
    return factor if abs(factor - 1) > 1e-3 and all(abs(old * factor - new) < _LEAST_S for old, new in pairs) else None


def _moved(before: Timeline, after: Timeline, both: Sequence[tuple[int, int]]) -> set[int]:
    """Indices of before of the stages that come in another order: all but the longest run that keeps it."""
    ordered = sorted(both, key=lambda p: (before.stages[p[0]].start_s, after.stages[p[1]].start_s))
    starts = [after.stages[j].start_s for _, j in ordered]
    tails: list[float] = []
    length: list[int] = []
    for start in starts:
        at = bisect_left(tails, start + _LEAST_S)
        tails[at : at + 1] = [start]
        length.append(at + 1)
    kept, wanted, limit = set[int](), len(tails), float("inf")
    for k in range(len(starts) - 1, -1, -1):
        if length[k] == wanted and starts[k] <= limit + _LEAST_S:
            kept.add(ordered[k][0])
            wanted, limit = wanted - 1, starts[k]
    return {i for i, _ in both} - kept


def _order(before: Timeline, after: Timeline, i: int, j: int, both: Sequence[tuple[int, int]]) -> str:
    """Where a stage that was moved comes now, by its new neighbour."""
    stage, origin = after.stages[j], {new: old for old, new in both}
    later = [k for k in range(len(after)) if k != j and after.stages[k].start_s >= stage.end_s - _LEAST_S]
    earlier = [k for k in range(len(after)) if k != j and after.stages[k].end_s <= stage.start_s + _LEAST_S]
    if not later and not earlier:
        return f"{name(before, i).capitalize()} is at the same time as the others now."
    near = later[0] if later else max(earlier, key=lambda k: after.stages[k].end_s)
    other = name(before, origin[near]) if near in origin else name(after, near)
    return f"{name(before, i).capitalize()} comes {'before' if later else 'after'} {other} now: {_when(stage)}."


def _pauses(before: Timeline, after: Timeline, both: Sequence[tuple[int, int]], moved: set[int]) -> list[tuple[float, str]]:
    """Sentences for pauses between the same two stages that became longer or shorter."""
    lines = []
    origin = {j: i for i, j in both}
    for j in range(len(after)):
        i = origin.get(j)
        if i is None or i in moved:
            continue
        was, now = _pause(before, i), _pause(after, j)
        if was is None or now is None or origin.get(now[1]) != was[1] or abs(was[0] - now[0]) < _LEAST_S:
            continue
        if max(was[0], now[0]) >= 0:
            lines.append((after.stages[j].start_s - _LEAST_S, _pause_line(name(before, i), was[0], now[0])))
    return lines


def _pause_line(subject: str, was: float, now: float) -> str:
    if now <= _LEAST_S:
        return (
            f"There is no pause before {subject} any more."
            if now > -_LEAST_S
            else f"{subject.capitalize()} begins while the one before goes on."
        )
    return f"There is a pause of {in_seconds(now)} before {subject}" + (f" instead of {in_seconds(was)}." if was > _LEAST_S else ".")


def _pause(timeline: Timeline, index: int) -> tuple[float, int] | None:
    """(Seconds since the latest end of what began before, which stage that was); None where something goes on."""
    stage = timeline.stages[index]
    earlier = [i for i, s in enumerate(timeline.stages) if s.start_s < stage.start_s - _LEAST_S]
    if not earlier:
        return None
    last = max(earlier, key=lambda i: timeline.stages[i].end_s)
    gap = stage.start_s - timeline.stages[last].end_s
    return (gap, last) if gap > -_LEAST_S else None


def _shifts(before: Timeline, after: Timeline, both: Sequence[tuple[int, int]], moved: set[int]) -> list[str]:
    """One sentence for all stages that shift by the same time."""
    by: dict[float, list[int]] = {}
    for i, j in both:
        shift = round(after.stages[j].start_s - before.stages[i].start_s, 2)
        if shift and i not in moved:
            by.setdefault(shift, []).append(i)
    lines = []
    for shift, found in by.items():
        names = [name(before, i) for i in found]
        who = (
            f"{', '.join(names[:-1])} and {names[-1]}"
            if 1 < len(names) <= 3
            else names[0]
            if len(names) == 1
            else f"{len(names)} stages"
        )
        verb = "begins" if len(names) == 1 else "begin"
        lines.append(f"{who[0].upper()}{who[1:]} {verb} {in_seconds(abs(shift))} {'later' if shift > 0 else 'earlier'}.")
    return lines


def _matched(before: Sequence[Stage], after: Sequence[Stage]) -> list[Pair]:
    """Pairs of stages, the most alike first; those that are alike in nothing stay alone."""
    scored = [(_likeness(a, b), -abs(a.start_s - b.start_s), i, j) for i, a in enumerate(before) for j, b in enumerate(after)]
    old: set[int] = set()
    new: set[int] = set()
    pairs: list[Pair] = []
    for score, _, i, j in sorted(scored, reverse=True):
        if score >= 1 and i not in old and j not in new:
            pairs.append((i, j))
            old.add(i)
            new.add(j)
    pairs += [(i, None) for i in range(len(before)) if i not in old]
    return sorted(pairs, key=lambda p: p[0] or 0) + [(None, j) for j in range(len(after)) if j not in new]


def _likeness(a: Stage, b: Stage) -> float:
    equal: float = sum(bool(getattr(a, field) == getattr(b, field)) for field in _FIELDS) / len(_FIELDS)
    if a.verb == b.verb:
        return 10 + equal
    shared = min(a.end_s, b.end_s) - max(a.start_s, b.start_s)
    alike_now: bool = shared > 0.5 * min(a.duration_s, b.duration_s) and bool(set(a.parts) & set(b.parts))
    return float(2 * alike(a.verb, b.verb) + 1 + 0.5 * equal) if alike_now else 0.0
