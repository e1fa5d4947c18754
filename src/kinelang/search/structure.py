"""Structure: the stages that a text asks for, compared with the stages that were detected in a motion.

Vectors know what a motion is like, and little of left and right, twice, or before and after. Stages do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kinelang.errors import TimelineError
from kinelang.language.lexicon.alike import SAME, alike
from kinelang.search.base import SearchError
from kinelang.search.store import Seen

if TYPE_CHECKING:
    from kinelang.timeline.schema import Timeline


@dataclass(frozen=True)
class Weights:
    """How detected stages are compared with those asked for.

    `again`, `unasked`, `trust` and `order` were tuned on mean recall (1, 5, 10) of validation clips of the synthetic corpus, of
    performed captions of HumanML3D's val split and of CMU's train and val splits; the others made no difference there, and are by hand.

    Attributes:
        alike: what a verb counts that people use for the same motion (`lexicon.alike`), where the very verb counts 1.
        side, direction, count: weight of each that the text tells, beside 1 for the verb.
        unknown: what a side, direction or count counts that the text tells and the detector does not.
        trust: how far a stage of confidence 0 is discounted.
        order: what a wrong order of all stages takes off.
        again: what a detected stage counts that stands for a second stage asked for: "dances" and "dances on" may be one.
        unasked: what a motion loses in which something else is done all the time.
    """

    alike: float = 0.7
    side: float = 1.0
    direction: float = 0.6
    count: float = 0.4
    unknown: float = 0.5
    trust: float = 0.3
    order: float = 0.25
    again: float = 0.7
    unasked: float = 0.5


@dataclass(frozen=True)
class Asked:
    """What a query asks for.

    Attributes:
        stages: in order; their times say only what is before, after or beside what.
        not_understood: words of the query that found no place in them.
    """

    stages: tuple[Seen, ...] = ()
    not_understood: tuple[str, ...] = ()

    @property
    def verbs(self) -> frozenset[str]:
        """The verbs asked for, and those people use for the same."""
        return kindred(frozenset(stage.verb for stage in self.stages))


@dataclass(frozen=True)
class Agreement:
    """How well detected stages agree with those asked for.

    Attributes:
        score: 0 (nothing of it was detected) to 1 (all of it, surely, with its sides, directions, counts, in its order).
        contradicted: 0 to 1: how much of what is asked for was detected with the other side or the opposite direction only.
        matched: for each stage asked for the number of the detected stage taken for it, and how well it fits; None where there is none.
    """

    score: float
    contradicted: float
    matched: tuple[tuple[int, float] | None, ...]


def asked(query: str | Timeline) -> Asked:
    """The stages of a text, or of a timeline.

    Raises SearchError for a text without words.
    """
    from kinelang.timeline import parse

    if not isinstance(query, str):
        return Asked(tuple(Seen(s.verb, s.side, s.direction, s.count, s.start_s, s.end_s) for s in query.stages))
    try:
        parsed = parse(query)
    except TimelineError:
        raise SearchError.of("query", "a text without words", "a sentence", "such as 'a person walks forward and waves'") from None
    stages = asked(parsed.timeline).stages
    return Asked(stages, tuple(span.text for span in parsed.not_understood))


def compare(wanted: Sequence[Seen], found: Sequence[Seen], weights: Weights | None = None) -> Agreement:
    """Compare the stages asked for with all that were detected.

    Each detected stage stands for one that is asked for, the best fits first; what is then left takes the best of those that stand for
    another already.
    """
    weights = weights or Weights()
    matched: list[tuple[int, float] | None] = [None] * len(wanted)
    verbs = kindred(frozenset(w.verb for w in wanted))
    near = [(j, f) for j, f in enumerate(found) if f.verb in verbs]
    if not near:  # so it is of most motions
        return Agreement(0.0, 0.0, tuple(matched))
    fits = [(-value, i, j) for i, w in enumerate(wanted) for j, f in near if (value := fit(w, f, weights)) > 0]
    taken: set[int] = set()
    for value, i, j in sorted(fits):  # of equal fits that of what comes first
        if matched[i] is None and j not in taken:
            matched[i] = (j, -value)
            taken.add(j)
    for value, i, j in sorted(fits):
        if matched[i] is None:
            matched[i] = (j, -value * weights.again)
    score = sum(m[1] for m in matched if m is not None) / len(wanted)
    if score > 0:
        score *= (1 - weights.order * (1 - _order(wanted, found, matched))) * (1 - weights.unasked * _unasked(wanted, found))
    contradicted = sum(_contradicted(w, [f for _, f in near], weights) for w in wanted) / len(wanted)
    return Agreement(score, contradicted, tuple(matched))


def fit(wanted: Seen, found: Seen, weights: Weights) -> float:
    """How well one detected stage fits one that is asked for: 0 for another verb, 1 for the same with all that is told of it."""
    verb = 1.0 if wanted.verb == found.verb else weights.alike if alike(wanted.verb, found.verb) else 0.0
    if verb == 0:
        return 0.0
    rows: list[tuple[float, float]] = []
    if wanted.side is not None:
        rows.append((weights.side, _side(wanted.side, found.side, weights)))
    if wanted.direction is not None:
        rows.append((weights.direction, _direction(wanted.direction, found.direction, weights)))
    if wanted.count is not None:
        rows.append((weights.count, _count(wanted.count, found.count, weights)))
    told = (1 + sum(w * v for w, v in rows)) / (1 + sum(w for w, _ in rows))
    return verb * told * (1 - weights.trust * (1 - found.confidence))


def opposite(wanted: Seen, found: Seen) -> bool:
    """Whether a detected stage has the other side, or the opposite direction, of what is asked for."""
    sides = {wanted.side, found.side} == {"left", "right"}
    return sides or (wanted.direction is not None and found.direction is not None and _against(wanted.direction, found.direction))


@lru_cache(maxsize=10_000)
def kindred(verbs: frozenset[str]) -> frozenset[str]:
    """The verbs, and those people use for the same."""
    return frozenset(verbs | {verb for pair in SAME if pair & verbs for verb in pair})


def _unasked(wanted: Sequence[Seen], found: Sequence[Seen]) -> float:
    """Share of what was detected that is of no verb asked for, 0 to 1; sure stages weigh more, and long ones a little."""
    verbs = kindred(frozenset(w.verb for w in wanted))
    weight = [f.confidence * (f.end_s - f.start_s) ** 0.5 for f in found]
    rest = sum(w for w, f in zip(weight, found, strict=True) if f.verb not in verbs)
    return float(rest / max(sum(weight), 1e-9))


def _contradicted(wanted: Seen, found: Sequence[Seen], weights: Weights) -> float:
    """How surely what is asked for was detected the other way round, and not the right way round as well."""
    kin = [f for f in found if f.verb == wanted.verb or alike(wanted.verb, f.verb)]
    if not kin or not all(opposite(wanted, f) for f in kin):
        return 0.0
    return max(f.confidence * (1.0 if f.verb == wanted.verb else weights.alike) for f in kin)


def _side(wanted: str, found: str | None, weights: Weights) -> float:
    if found == wanted:
        return 1.0
    return 0.0 if {wanted, found} == {"left", "right"} else weights.unknown


_AXES = {"forward": (1, 0, 0), "backward": (-1, 0, 0), "left": (0, 1, 0), "right": (0, -1, 0), "up": (0, 0, 1), "down": (0, 0, -1)}


def _steps(direction: str) -> tuple[int, int, int]:
    rows = [_AXES[word] for word in direction.split("_")]
    return (sum(r[0] for r in rows), sum(r[1] for r in rows), sum(r[2] for r in rows))


def _against(a: str, b: str) -> bool:
    """Whether two directions are opposite along an axis: left and forward_right are."""
    return any(x * y < 0 for x, y in zip(_steps(a), _steps(b), strict=True))


def _direction(wanted: str, found: str | None, weights: Weights) -> float:
    if found is None or found == wanted:
        return weights.unknown if found is None else 1.0
    if _against(wanted, found):
        return 0.0
    return weights.unknown if any(x and x == y for x, y in zip(_steps(wanted), _steps(found), strict=True)) else 0.0


def _count(wanted: int, found: int | None, weights: Weights) -> float:
    return weights.unknown if found is None else 1 - abs(wanted - found) / max(wanted, found)


def _order(wanted: Sequence[Seen], found: Sequence[Seen], matched: Sequence[tuple[int, float] | None]) -> float:
    """Share of the pairs of matched stages that stand to one another as is asked: one after the other, or at one time."""
    pairs = []
    for i, a in enumerate(wanted):
        for j in range(i + 1, len(wanted)):
            first, second, b = matched[i], matched[j], wanted[j]
            if first is None or second is None:
                continue
            f, g = found[first[0]], found[second[0]]
            if min(a.end_s, b.end_s) - max(a.start_s, b.start_s) > 1e-6:
                pairs.append(min(f.end_s, g.end_s) > max(f.start_s, g.start_s))
            else:
                pairs.append((f.start_s + f.end_s < g.start_s + g.end_s) == (a.start_s < b.start_s))
    return sum(pairs) / len(pairs) if pairs else 1.0
