"""What a caption says of a motion, checked fact by fact: verbs, sides, directions, counts.

A stage tells up to four facts: (verb), (verb, side), (verb, direction), (verb, count). The caption is read by `parse`; words that it
does not understand tell nothing. Two readings of "the same" are always given:

strict   the same verb of the lexicon, the same side, direction, count.
lenient  verbs that people use for one motion (`lexicon.alike`), "forward" and "forward_left", "both" and "alternating" count as one.

The one number is the F1 over facts: of the facts told the share that is right, of the facts there are the share that is told. A verb
that is not in the motion is wrong with everything said of it, so invention costs. Something said of a verb that is there, on which the
truth is silent (a count nobody noted), can be neither right nor wrong and is set aside as unjudged. That a walk goes forward need not
be said: it is right if told and not missed if not. People leave out much that is true; `f1_of_said` does not count that against them.

One may say "claps three times, then claps" or "claps four times", and "punches left, right, left" or "punches three times". So both
are read in up to three ways, and the pair of readings counts in which the F1 is best; of equal ones that in which most is right; of
equal ones the first, stages as they are told coming before stages taken together:

each        stage by stage.
again       stages of one verb, side and direction that are counted in times and follow each other, within a second, are one: the sum of
            their counts, one without counting 1 as `narrate` and `align` take them; no count where none of them has one.
together    so are stages of other sides and directions, where the other of the two tells the verb, or verbs alike, in fewer stages.
            Of what only some tell all are taken to be; left and right become "alternating" where they take turns one by one, else
            "both"; directions that differ become `SEVERAL`, which is right of nothing that a caption tells.

A verb is never taken together on both sides at once, or "left, right" would agree with "right, left".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise, product
from typing import Protocol, TypeVar

import numpy as np

from kinelang.errors import TimelineError
from kinelang.language.lexicon import VERBS, alike
from kinelang.metrics.arrays import Array
from kinelang.metrics.intervals import ROUNDS, Interval, bootstrap
from kinelang.timeline.narrating.telling import MERGED_GAP_S
from kinelang.timeline.parsing import parse
from kinelang.timeline.schema import SMALLEST_S, Timeline

KINDS = ("verb", "side", "direction", "count")
COLUMNS = ("told", "right", "wanted", "found", "compared", "unjudged")
"""What is counted of each kind: facts the caption tells that can be judged, of these right; facts there are to tell, of these told;
facts on which caption and truth both say something of a verb they share; facts told that cannot be judged."""
UNTOLD = frozenset({"stand"})
"""Verbs left out on both sides: everyone stands between other things, and few captions say so."""
SEVERAL = "several"
"""Side or direction of stages taken together that differ in it."""

_TOLD, _RIGHT, _WANTED, _FOUND, _COMPARED, _UNJUDGED = range(len(COLUMNS))
_ASIDE = KINDS[1:]


@dataclass(frozen=True)
class Facts:
    """Facts of N captions, counted.

    Attributes:
        strict, lenient: (N, 6, 4) int64, by `COLUMNS` and `KINDS`.
    """

    strict: Array = field(repr=False)
    lenient: Array = field(repr=False)

    def __len__(self) -> int:
        return len(self.strict)

    @property
    def f1(self) -> float:
        """Strict F1 over the facts of all captions."""
        return float(f1(self.strict.sum(axis=0)))

    @property
    def lenient_f1(self) -> float:
        """Lenient F1 over the facts of all captions."""
        return float(f1(self.lenient.sum(axis=0)))

    def per_caption(self, lenient: bool = False) -> Array:
        """F1 of each caption, (N,) float64; NaN where nothing is told and nothing is there to tell."""
        return f1(self.lenient if lenient else self.strict)

    def figures(self, lenient: bool = False) -> dict[str, float]:
        """`FIGURES` over the facts of all captions: see there. NaN where nothing of the kind is told or there."""
        return {name: float(figure((self.lenient if lenient else self.strict).sum(axis=0))) for name, figure in FIGURES.items()}

    def drawn(self, weights: Array, name: str = "f1", lenient: bool = False) -> Array:
        """A figure if each caption counted so many times: from (R, N) to (R,), for `metrics.intervals.bootstrap`."""
        counts = self.lenient if lenient else self.strict
        return FIGURES[name](np.tensordot(np.asarray(weights, dtype=np.float64), counts, axes=1))

    def interval(
        self, groups: Sequence[str] | None = None, name: str = "f1", lenient: bool = False, rounds: int = ROUNDS, seed: int = 0
    ) -> Interval:
        """95 % interval of a figure, by drawing captions (or whole groups, such as recordings) again."""
        named = [str(i) for i in range(len(self))] if groups is None else groups
        return bootstrap(lambda weights: self.drawn(weights, name, lenient), named, rounds, seed)


def joined(several: Iterable[Facts]) -> Facts:
    """Facts of several captions as one.

    Raises:
        TimelineError: there are none.
    """
    facts = list(several)
    if not facts:
        raise TimelineError.of("facts", "no captions", "at least one")
    return Facts(np.concatenate([f.strict for f in facts]), np.concatenate([f.lenient for f in facts]))


# --- figures of counts (..., 6, 4)


def precision(counts: Array) -> Array:
    """Share of the facts told that are right."""
    return _share(counts[..., _RIGHT, :].sum(axis=-1), counts[..., _TOLD, :].sum(axis=-1))


def recall(counts: Array) -> Array:
    """Share of the facts there are that are told."""
    return _share(counts[..., _FOUND, :].sum(axis=-1), counts[..., _WANTED, :].sum(axis=-1))


def f1(counts: Array) -> Array:
    """Harmonic mean of precision and recall; 0 if nothing is told, or nothing is true; NaN if neither is."""
    return _harmonic(precision(counts), recall(counts))


def accuracy(counts: Array, kind: str) -> Array:
    """Share of the sides, directions or counts that are right where both tell one."""
    at = KINDS.index(kind)
    return _share(counts[..., _RIGHT, at], counts[..., _COMPARED, at])


def _harmonic(p: Array, r: Array) -> Array:
    none = np.isnan(p) & np.isnan(r)
    p, r = np.nan_to_num(p), np.nan_to_num(r)
    return np.asarray(np.where(none, np.nan, 2 * p * r / np.where(p + r > 0, p + r, 1)))


def _share(part: Array, whole: Array) -> Array:
    return np.asarray(np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan))


def f1_of_said(counts: Array) -> Array:
    """F1 of the precision over all facts and the recall over verbs: to leave out a side, direction or count costs nothing."""
    return _harmonic(precision(counts), recall(counts[..., :1]))


FIGURES: dict[str, Callable[[Array], Array]] = {
    "f1": f1,
    "f1_of_said": f1_of_said,
    "precision": precision,
    "recall": recall,
    "verb_f1": lambda counts: f1(counts[..., :1]),
    "verb_precision": lambda counts: precision(counts[..., :1]),
    "verb_recall": lambda counts: recall(counts[..., :1]),
    "side": lambda counts: accuracy(counts, "side"),
    "direction": lambda counts: accuracy(counts, "direction"),
    "count": lambda counts: accuracy(counts, "count"),
}
"""Figures by name."""


# --- against a timeline


def factual(caption: str, truth: Timeline) -> Facts:
    """Check a caption against the true timeline.

    Stages of caption and truth are paired one to one in order of time, so that the most facts are right; stages at one time have no
    order. Equal stages that follow each other may count as one: see above.

    Args:
        caption: what is said.
        truth: what happens. A side, direction or count that is None is unknown. Where the motion is performed from a timeline, give it
            with what `perform` takes by default filled in, or a told side cannot be judged.

    Returns:
        The facts of one caption.
    """
    said, true = _read(caption), _told_stages(truth)
    return Facts(*(_best(said, true, same)[None] for same in (_STRICT, _LENIENT)))


def _best(said: tuple[_Act, ...], true: tuple[_Act, ...], same: _Same) -> Array:
    """(6, 4) counts in the best of the readings."""
    counted = [_counted(a, b, same) for a, b in product(_readings(said, true), _readings(true, said))]
    return max(counted, key=lambda counts: (float(np.nan_to_num(f1(counts))), int(counts[_RIGHT].sum())))


def _readings(acts: tuple[_Act, ...], others: tuple[_Act, ...]) -> list[tuple[_Act, ...]]:
    """Each, again, together; those that differ."""
    again, told = _joined(acts, _alike_done), _joined(others, _alike_done)

    def fewer(verb: str) -> bool:
        return sum(alike(verb, act.verb) for act in told) < sum(alike(verb, act.verb) for act in again)

    together = _joined(again, lambda a, _: fewer(a.verb))
    return list(dict.fromkeys((acts, again, together)))


def _joined(acts: tuple[_Act, ...], one: Callable[[_Act, _Act], bool]) -> tuple[_Act, ...]:
    """Acts of one verb that follow each other and are `one`, as one."""
    runs: list[list[_Act]] = []
    for act in acts:
        if runs and _follows(runs[-1][-1], act) and one(runs[-1][-1], act):
            runs[-1].append(act)
        else:
            runs.append([act])
    return tuple(_as_one(run) for run in runs)


def _alike_done(a: _Act, b: _Act) -> bool:
    return (a.side, a.direction) == (b.side, b.direction)


def _follows(last: _Act, act: _Act) -> bool:
    """Whether `act` does, right after it, what `last` did."""
    near = -SMALLEST_S <= act.start_s - last.end_s <= MERGED_GAP_S
    return near and last.verb == act.verb and VERBS[act.verb].counted == "times"


def _as_one(run: Sequence[_Act]) -> _Act:
    if len(run) == 1:
        return run[0]
    sides, directions = ([value for act in run if (value := getattr(act, kind)) is not None] for kind in ("side", "direction"))
    return replace(
        run[0],
        end_s=run[-1].end_s,
        side=_common_side(sides, once=all(act.count in (None, 1) for act in run)),
        direction=(directions[0] if len(set(directions)) == 1 else SEVERAL) if directions else None,
        count=None if all(act.count is None for act in run) else sum(act.count or 1 for act in run),
    )


def _common_side(sides: Sequence[str], once: bool) -> str | None:
    if len(set(sides)) <= 1:
        return sides[0] if sides else None
    if not {"left", "right"}.issuperset(sides):
        return SEVERAL
    return "alternating" if once and all(a != b for a, b in pairwise(sides)) else "both"


def _counted(said: Sequence[_Act], true: Sequence[_Act], same: _Same) -> Array:
    """(6, 4) counts."""
    counts = np.zeros((len(COLUMNS), len(KINDS)), dtype=np.int64)
    partner = dict(paired(said, true, same.gain))
    counts[[_TOLD, _COMPARED], 0] = len(said)
    counts[[_RIGHT, _FOUND], 0] = len(partner)
    counts[_WANTED, 0] = len(true)
    for at, kind in enumerate(_ASIDE, 1):
        counts[_WANTED, at] = sum(_is_asked(stage, kind) for stage in true)
        for i, stage in enumerate(said):
            value = getattr(stage, kind)
            if value is None:
                continue
            if i not in partner:
                counts[_TOLD, at] += 1
                continue
            truth = getattr(true[partner[i]], kind)
            if truth is None:
                counts[_UNJUDGED, at] += 1
                continue
            right = same.value(value, truth)
            counts[[_TOLD, _COMPARED], at] += 1
            counts[_RIGHT, at] += right
            counts[_FOUND, at] += right and _is_asked(true[partner[i]], kind)
    return counts


def _is_asked(stage: _Act, kind: str) -> bool:
    """Whether a caption that does not tell this leaves something out."""
    value = getattr(stage, kind)
    return value is not None and not _goes_without_saying(stage.verb, kind, value)


def _goes_without_saying(verb: str, kind: str, value: object) -> bool:
    return kind == "direction" and value == "forward" and VERBS[verb].family == "gait"


class Timed(Protocol):
    """What is from `start_s` to `end_s`, in seconds, such as a stage."""

    @property
    def start_s(self) -> float: ...  # noqa: D102
    @property
    def end_s(self) -> float: ...  # noqa: D102


T = TypeVar("T", bound=Timed)


def paired(said: Sequence[T], true: Sequence[T], gain: Callable[[T, T], int]) -> list[tuple[int, int]]:
    """Pairs (index in said, index in true), each stage in one at most, that keep the order of both and have the largest sum of gains.

    A stage that ends before another begins is before it; pairs never run against this order on either side. Gain 0: no pair.
    """
    first, second = _predecessors(said), _predecessors(true)
    gains = [[gain(a, b) for b in true] for a in said]
    layers: list[dict[tuple[int, int], int]] = [{} for _ in range(len(said) + len(true) + 3)]  # by how many stages are dealt with
    layers[0][0, 0] = 0
    came: dict[tuple[int, int], tuple[tuple[int, int], tuple[int, int] | None]] = {}

    def reach(depth: int, state: tuple[int, int], value: int, before: tuple[int, int], pair: tuple[int, int] | None) -> None:
        if value > layers[depth].get(state, -1):
            layers[depth][state] = value
            came[state] = before, pair

    for depth in range(len(said) + len(true)):
        for state, value in layers[depth].items():
            done, over = state
            open_a, open_b = _open(first, done), _open(second, over)
            for i in open_a:
                reach(depth + 1, (done | 1 << i, over), value, state, None)
                for j in open_b:
                    if gains[i][j]:
                        reach(depth + 2, (done | 1 << i, over | 1 << j), value + gains[i][j], state, (i, j))
            for j in open_b:
                reach(depth + 1, (done, over | 1 << j), value, state, None)
    state, pairs = ((1 << len(said)) - 1, (1 << len(true)) - 1), []
    while state != (0, 0):
        state, pair = came[state]
        if pair is not None:
            pairs.append(pair)
    return pairs[::-1]


def _predecessors(stages: Sequence[Timed]) -> list[int]:
    """For each stage the set, as bits, of those that end before it begins."""
    return [sum(1 << j for j, b in enumerate(stages) if b.end_s <= a.start_s + SMALLEST_S and b is not a) for a in stages]


def _open(predecessors: list[int], done: int) -> list[int]:
    """Stages whose turn it can be: not done yet, all before them done."""
    return [i for i, before in enumerate(predecessors) if not done >> i & 1 and before & done == before]


# --- against what people wrote

Fact = tuple[str, str, object]
"""(verb, kind, value); of kind "verb" the value is None."""


def factual_to_captions(caption: str, captions: Sequence[str]) -> Facts:
    """Check a caption against those of people, where no timeline is known.

    True is what at least two of them tell (the only one, where there is one). What a single one tells is set aside as unjudged; so is
    what is told of a true verb where they do not agree. Each fact counts once a caption and the order is not looked at. Facts that
    are the same in other words ("jogs", "runs") are wanted once, and a fact that is told finds one of those wanted at most.

    Raises:
        TimelineError: there are no captions.
    """
    if isinstance(captions, str) or not captions:
        raise TimelineError.of("captions", "one text" if captions else "none", "a list of at least one")
    said, by_person = _facts(caption), [_facts(text) for text in captions]
    return Facts(*(_agreed_counts(said, by_person, same)[None] for same in (_STRICT, _LENIENT)))


def _agreed_counts(said: frozenset[Fact], by_person: Sequence[frozenset[Fact]], same: _Same) -> Array:
    counts = np.zeros((len(COLUMNS), len(KINDS)), dtype=np.int64)
    least = min(2, len(by_person))
    tellers = {fact: sum(any(same.fact(fact, other) for other in told) for told in by_person) for fact in said.union(*by_person)}
    agreed = {fact for told in by_person for fact in told if tellers[fact] >= least}
    free = sorted(said, key=repr)
    for several in _classes(agreed, tellers, same):
        verb, kind, value = several[0]
        if not _goes_without_saying(verb, kind, value):
            at = KINDS.index(kind)
            telling = next((fact for fact in free if fact in several), None)
            telling = telling or next((fact for fact in free if any(same.fact(fact, other) for other in several)), None)
            counts[_WANTED, at] += 1
            counts[_FOUND, at] += telling is not None
            free = [fact for fact in free if fact != telling]
    for fact in said:
        column, compared = _verdict(fact, tellers, agreed, least, same)
        at = KINDS.index(fact[1])
        counts[_UNJUDGED, at] += column == _UNJUDGED
        counts[_TOLD, at] += column != _UNJUDGED
        counts[_RIGHT, at] += column == _RIGHT
        counts[_COMPARED, at] += compared
    return counts


def _classes(facts: Iterable[Fact], tellers: Mapping[Fact, int], same: _Same) -> list[list[Fact]]:
    """Facts that are the same, together: each with the first that it is the same as, those that most people tell before others."""
    classes: list[list[Fact]] = []
    for fact in sorted(facts, key=lambda fact: (-tellers[fact], repr(fact))):
        own = next((several for several in classes if same.fact(several[0], fact)), None)
        if own is None:
            classes.append([fact])
        else:
            own.append(fact)
    return classes


def _verdict(fact: Fact, tellers: dict[Fact, int], agreed: set[Fact], least: int, same: _Same) -> tuple[int, bool]:
    """(_RIGHT, _TOLD for wrong, or _UNJUDGED; whether caption and people both tell of it)."""
    verb, kind, _ = fact
    if tellers[fact] >= least:
        return _RIGHT, True
    if kind == "verb":
        return (_UNJUDGED, False) if tellers[fact] else (_TOLD, True)
    of_verb = tellers[verb, "verb", None]
    if not of_verb:
        return _TOLD, False
    if tellers[fact] or of_verb < least or not any(k == kind and same.verb(verb, v) for v, k, _ in agreed):
        return _UNJUDGED, False
    return _TOLD, True


# --- what is the same, and reading


@dataclass(frozen=True)
class _Same:
    """What counts as the same verb, and as the same side, direction or count."""

    verb: Callable[[str, str], bool]
    value: Callable[[object, object], bool]

    def gain(self, a: _Act, b: _Act) -> int:
        """How many facts are right if the two are one."""
        if not self.verb(a.verb, b.verb):
            return 0
        pairs = ((getattr(a, kind), getattr(b, kind)) for kind in _ASIDE)
        return 1 + sum(x is not None and y is not None and self.value(x, y) for x, y in pairs)

    def fact(self, a: Fact, b: Fact) -> bool:
        """Whether two facts are one."""
        return a[1] == b[1] and self.verb(a[0], b[0]) and (a[1] == "verb" or self.value(a[2], b[2]))


def _nearly(a: object, b: object) -> bool:
    if a == b or {a, b} == {"both", "alternating"}:
        return True
    if not isinstance(a, str) or not isinstance(b, str):
        return False
    return a in b.split("_") or b in a.split("_")


_STRICT = _Same(str.__eq__, lambda a, b: a == b)
_LENIENT = _Same(alike, _nearly)


@dataclass(frozen=True)
class _Act:
    """What is checked of a stage, or of several taken as one, whose side or direction may be `SEVERAL`."""

    start_s: float
    end_s: float
    verb: str
    side: str | None
    direction: str | None
    count: int | None


def _told_stages(timeline: Timeline) -> tuple[_Act, ...]:
    stages = (stage for stage in timeline.stages if stage.verb not in UNTOLD)
    return tuple(_Act(s.start_s, s.end_s, s.verb, s.side, s.direction, s.count) for s in stages)


@lru_cache(maxsize=100_000)
def _read(text: str) -> tuple[_Act, ...]:
    """The stages that a text tells; none of a text without words."""
    if isinstance(text, str) and not any(c.isalnum() for c in text):
        return ()
    return _told_stages(parse(text).timeline)


@lru_cache(maxsize=100_000)
def _facts(text: str) -> frozenset[Fact]:
    """The facts that a text tells, each once."""
    stages = _read(text)
    aside = {(s.verb, kind, getattr(s, kind)) for s in stages for kind in _ASIDE if getattr(s, kind) is not None}
    return frozenset({(s.verb, "verb", None) for s in stages} | aside)
