"""What can be asked of an index, and what it answers: filters, the weights of what is fused, hits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from kinelang.language.lexicon import SIDES, VERBS
from kinelang.search.base import SearchError, shown
from kinelang.search.structure import Agreement, Weights

if TYPE_CHECKING:
    from kinelang.timeline.schema import Stage


@dataclass(frozen=True)
class Fusion:
    """How much what counts in a score.

    `structure` was tuned as `structure.Weights` was, with models that never saw those clips; `text`, `like`, `contradiction` and
    `candidates` are by hand.

    The score is `(S + structure * A) / (1 + structure) * (1 - contradiction * C)`: S is the similarity of the vectors as it is shown
    (cos/2 + 1/2), A how well the detected stages agree with those of the query, and C how much of it was detected with the other side
    only (`structure.compare`). Where no stage was read from the query the score is S, where there is no vector A takes its place.

    Attributes:
        text, like: shares of the two queries where text and an example motion are asked for together.
        structure: weight of the stages beside 1 for the vectors.
        contradiction: what is taken off a motion that does it with the other side only.
        candidates: motions that are looked at closely: those nearest to the query, and half as many that surely have its stages. An
            index of no more motions is looked at as a whole.
        stages: how the stages are compared.
    """

    text: float = 0.5
    like: float = 0.5
    structure: float = 0.6
    contradiction: float = 0.5
    candidates: int = 300
    stages: Weights = field(default_factory=Weights)

    def score(self, similarity: float | None, agreement: Agreement | None) -> float:
        """The score of a hit, 0 to 1, from a cosine and the agreement of its stages; one of the two may be None."""
        if agreement is None:
            return shown(0.0 if similarity is None else similarity)
        if similarity is None:
            fused = agreement.score
        else:
            fused = (shown(similarity) + self.structure * agreement.score) / (1 + self.structure)
        return fused * (1 - self.contradiction * agreement.contradicted)


@dataclass(frozen=True)
class Filters:
    """Which motions may be hits. All that is given has to hold.

    Attributes:
        min_s, max_s: length of the motion, seconds.
        verb: key of a verb that was detected.
        side: side that was detected, of that verb where one is given.
        path: pattern of the path (`*`, `?`, `[...]`), or of its end from a slash on.
        skeleton: name of the skeleton.
    """

    min_s: float | None = None
    max_s: float | None = None
    verb: str | None = None
    side: str | None = None
    path: str | None = None
    skeleton: str | None = None

    def __post_init__(self) -> None:
        if self.verb is not None and self.verb not in VERBS:
            near = get_close_matches(self.verb, VERBS, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else ""
            raise SearchError.of("filter verb", f"'{self.verb}'", f"one of the {len(VERBS)} verbs", hint)
        if self.side is not None and self.side not in SIDES:
            raise SearchError.of("filter side", f"'{self.side}'", f"one of {', '.join(SIDES)}")

    @classmethod
    def of(cls, rows: Iterable[str]) -> Filters:
        """From rows such as `verb=kick` and `max=10`. Raises SearchError for what is no filter, listing those there are."""
        names = {"min": "min_s", "max": "max_s"} | {f.name: f.name for f in fields(cls) if not f.name.endswith("_s")}
        given: dict[str, Any] = {}
        for row in rows:
            name, equals, value = row.partition("=")
            if not equals or name not in names or not value:
                raise SearchError.of("filter", f"'{row}'", f"NAME=VALUE with a name of {', '.join(names)}")
            given[names[name]] = _seconds(value, row) if name in ("min", "max") else value
        return cls(**given)

    def sql(self) -> tuple[str, list[Any]]:
        """A condition on the table `motions` (as m) and its arguments; "" if everything may pass."""
        parts: list[str] = []
        arguments: list[Any] = []
        for column, value in (("duration_s >= ?", self.min_s), ("duration_s <= ?", self.max_s), ("skeleton = ?", self.skeleton)):
            if value is not None:
                parts.append(f"m.{column}")
                arguments.append(value)
        stage = {name: value for name, value in (("verb", self.verb), ("side", self.side)) if value is not None}
        if stage:
            parts.append(f"m.id IN (SELECT motion FROM stages WHERE {' AND '.join(f'{name} = ?' for name in stage)})")
            arguments += stage.values()
        if self.path is not None:
            where = "(m.path || CASE m.member WHEN '' THEN '' ELSE '/' || m.member END)"
            parts.append(f"({where} GLOB ? OR {where} GLOB '*/' || ?)")
            arguments += [self.path, self.path]
        return " AND ".join(parts), arguments


@dataclass(frozen=True)
class Hit:
    """One answer.

    Attributes:
        path: the file, `archive.zip/member`, or `corpus:NAME/ID`.
        score: 0 to 1; what it is made of is said at `Fusion`. To be compared within one search.
        start_s, end_s: where in the motion: all of it, the piece of a long one that fits best, or the moment.
        stages: what was detected there.
        similarity: cosine of the vectors, -1 to 1; None where structure alone was asked for.
        structure: agreement of the stages, 0 to 1; None where none were asked for.
        duration_s, skeleton: of the motion.
        motion: its number in the index.
    """

    path: str
    score: float
    start_s: float
    end_s: float
    stages: tuple[Stage, ...] = ()
    similarity: float | None = None
    structure: float | None = None
    duration_s: float = 0.0
    skeleton: str = ""
    motion: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        from kinelang.timeline.files import to_dict
        from kinelang.timeline.schema import Timeline

        return {
            "path": self.path,
            "score": round(self.score, 4),
            "start_s": round(self.start_s, 3),
            "end_s": round(self.end_s, 3),
            "stages": to_dict(Timeline(self.stages))["stages"],
            "similarity": None if self.similarity is None else round(self.similarity, 4),
            "structure": None if self.structure is None else round(self.structure, 4),
            "duration_s": round(self.duration_s, 3),
            "skeleton": self.skeleton,
        }


def _seconds(value: str, row: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise SearchError.of("filter", f"'{row}'", "seconds, such as min=2.5") from None
