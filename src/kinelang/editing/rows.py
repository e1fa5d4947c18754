"""`Rows`: the stages of a timeline while a patch is done to it, and what shifts when time is made or closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from kinelang.editing.patch import Ref
from kinelang.errors import TimelineError
from kinelang.timeline.schema import SMALLEST_S, Stage, Timeline


def seconds(value: float) -> float:
    """Without what adding and subtracting leaves behind the sixth decimal."""
    return round(value, 6)


@dataclass(frozen=True, eq=False)
class Row:
    """A stage, the number (from 0) of the stage of before that it comes from (None: new), and the body parts that were edited."""

    stage: Stage
    origin: int | None
    edited: frozenset[str] = frozenset()

    def shifted(self, by: float) -> Row:
        """The same, later."""
        evidence = tuple(replace(e, start_s=e.start_s + by, end_s=e.end_s + by) for e in self.stage.evidence)
        stage = self.stage.with_(start_s=seconds(self.stage.start_s + by), end_s=seconds(self.stage.end_s + by), evidence=evidence)
        return replace(self, stage=stage)

    def with_(self, stage: Stage, edited: Iterable[str] = ()) -> Row:
        """With another stage; an edited one is no longer what was detected."""
        edited = frozenset(edited)
        if edited:
            stage = stage.with_(confidence=None, evidence=())
        return replace(self, stage=stage, edited=self.edited | edited)


@dataclass
class Rows:
    """The stages in no order, and the length of the whole."""

    rows: list[Row]
    duration_s: float
    notes: list[str] = field(default_factory=list)
    now: dict[int, Row] = field(default_factory=dict)

    @classmethod
    def of(cls, timeline: Timeline) -> Rows:
        """Those of a timeline."""
        return cls([Row(stage, i) for i, stage in enumerate(timeline.stages)], timeline.duration_s)

    def sorted(self) -> list[Row]:
        """In the order of a timeline."""
        return sorted(self.rows, key=lambda r: (r.stage.start_s, r.stage.end_s, r.stage.verb, r.stage.side or ""))

    @property
    def first_s(self) -> float:
        """Start of the first stage."""
        return min((r.stage.start_s for r in self.rows), default=0.0)

    @property
    def last_s(self) -> float:
        """End of the last stage."""
        return max((r.stage.end_s for r in self.rows), default=0.0)

    def at(self, ref: Ref | None) -> Row:
        """The stage that is meant. Raises TimelineError listing those that there are."""
        ordered = self.sorted()
        if isinstance(ref, int) and 1 <= ref <= len(ordered):
            return ordered[ref - 1]
        if isinstance(ref, str):
            verb, _, number = ref.partition("#")
            same = [row for row in ordered if row.stage.verb == verb]
            if number and int(number) <= len(same):
                return same[int(number) - 1]
            if not number and len(same) == 1:
                return same[0]
        raise TimelineError.of("stage", f"{ref!r}", f"one of {listed(row.stage for row in ordered)}", _remedy(ref, ordered))

    def same(self, row: Row) -> Row:
        """What has become of a row of before: by its origin, or itself."""
        return next((r for r in self.rows if r is row or (row.origin is not None and r.origin == row.origin)), row)

    def replace(self, old: Row, new: Row) -> None:
        """Put one row in the place of another."""
        self.rows = [new if row is old else row for row in self.rows]

    # --- who is busy when

    def is_free(self, parts: Iterable[str], start: float, end: float) -> bool:
        """Whether no stage uses any of the parts in this time."""
        wanted = set(parts)
        return not any(wanted & set(r.stage.parts) for r in self.rows if _within(r, start, end))

    def across(self, at: float) -> list[Row]:
        """What has begun before a moment and goes on after it."""
        return [r for r in self.rows if r.stage.start_s < at - SMALLEST_S and r.stage.end_s > at + SMALLEST_S]

    def company(self, row: Row) -> list[Row]:
        """A row with what is done within its time."""
        s = row.stage
        inside = [
            r
            for r in self.rows
            if r is not row
            and r.stage.start_s >= s.start_s - SMALLEST_S
            and r.stage.end_s <= s.end_s + SMALLEST_S
            and (r.stage.duration_s < s.duration_s - SMALLEST_S or _lesser(r.stage, s))
        ]
        return [row, *inside]

    def group(self, row: Row) -> list[Row]:
        """A row with all that is linked to it by going on at the same time."""
        found, open_ = [row], [row]
        while open_:
            one = open_.pop().stage
            new = [r for r in self.rows if r not in found and _within(r, one.start_s, one.end_s)]
            found += new
            open_ += new
        return found

    # --- time

    def open_time(self, at: float, length: float) -> None:
        """Shift what begins at or after a moment."""
        self.rows = [r.shifted(length) if r.stage.start_s >= at - SMALLEST_S else r for r in self.rows]
        self.duration_s = seconds(self.duration_s + length)

    def close_time(self, start: float, end: float) -> None:
        """Bring later stages forward by the time from `start` to `end` in which nothing is done."""
        for begin, stop in reversed(self._free_time(start, end)):
            by = stop - begin
            self.rows = [r.shifted(-by) if r.stage.start_s >= stop - SMALLEST_S else r for r in self.rows]
            self.duration_s = seconds(self.duration_s - by)

    def _free_time(self, start: float, end: float) -> list[tuple[float, float]]:
        free, at = [], start
        for stage in sorted((r.stage for r in self.rows), key=lambda s: s.start_s):
            if stage.end_s > at and stage.start_s < end:
                if stage.start_s > at + SMALLEST_S:
                    free.append((at, stage.start_s))
                at = max(at, stage.end_s)
        return [*free, (at, end)] if at < end - SMALLEST_S else free

    def take_out(self, row: Row) -> list[Row]:
        """Take a row with its company out and close its time."""
        block = self.company(row)
        self.rows = [r for r in self.rows if r not in block]
        self.close_time(row.stage.start_s, row.stage.end_s)
        return block

    def put_in(self, block: list[Row], at: float) -> None:
        """Make time for a block, its first row the longest, and put it there."""
        stage = block[0].stage
        self.open_time(at, stage.duration_s)
        self.rows += [r.shifted(at - stage.start_s) for r in block]

    def swap(self, first: Row, second: Row) -> None:
        """Exchange two rows with their company; what is between them shifts by the difference of their lengths."""
        a, b = self.company(first), self.company(second)
        if first in b or second in a or first.stage.end_s > second.stage.start_s + SMALLEST_S:
            found = f"{first.stage.brief()} and {second.stage.brief()}, which go on at the same time"
            raise TimelineError.of("move", found, "two stages one after the other")
        by = second.stage.duration_s - first.stage.duration_s
        between = [r for r in self.rows if r not in a and r not in b and _is_between(r, first.stage.end_s, second.stage.start_s)]
        rest = [r for r in self.rows if r not in a and r not in b and r not in between]
        self.rows = [
            *rest,
            *(r.shifted(by) for r in between),
            *(r.shifted(first.stage.start_s - second.stage.start_s) for r in b),
            *(r.shifted(second.stage.end_s - first.stage.end_s) for r in a),
        ]

    def resize(self, row: Row, length: float) -> None:
        """Give a row another length; later stages shift, unless something else goes on beyond its end."""
        s = row.stage
        end = seconds(s.start_s + length)
        by = end - s.end_s
        beyond, linked_end = self.across(s.end_s), max(r.stage.end_s for r in self.group(row))
        mine = row.with_(s.with_(end_s=end), edited=s.parts)
        others = [r for r in self.rows if r is not row]
        if beyond:
            self.rows = [mine, *(self._pushed(others, mine, s.end_s, linked_end) if by > 0 else others)]
            return
        if by < 0 and any(r.stage.end_s > end + SMALLEST_S and r.stage.start_s < s.end_s - SMALLEST_S for r in others):
            warp, within = _drawn_together(s.start_s, s.end_s, end), (s.start_s, s.end_s)
            others = [_warped(r, warp, within) if r.stage.start_s < s.end_s - SMALLEST_S else r for r in others]
        self.rows = [mine, *(r.shifted(by) if r.stage.start_s >= s.end_s - SMALLEST_S else r for r in others)]
        self.duration_s = seconds(self.duration_s + by)

    def _pushed(self, others: list[Row], mine: Row, old_end: float, linked_end: float) -> list[Row]:
        """Others, where a stage became longer while something else went on: those that follow give way as far as body parts clash."""
        linked = [r for r in others if old_end - SMALLEST_S <= r.stage.start_s < linked_end - SMALLEST_S]
        clashes = [mine.stage.end_s - r.stage.start_s for r in linked if set(r.stage.parts) & set(mine.stage.parts)]
        push = max([0.0, *clashes])
        over = max([mine.stage.end_s, *(r.stage.end_s + push for r in linked), linked_end]) - linked_end
        self.duration_s = seconds(self.duration_s + over)
        return [
            r.shifted(push) if r in linked else r.shifted(over) if r.stage.start_s >= linked_end - SMALLEST_S else r for r in others
        ]

    def scale(self, factor: float) -> None:
        """Make everything longer or shorter."""
        self.rows = [_warped(r, lambda t: t * factor, (0.0, self.duration_s)) for r in self.rows]
        self.duration_s = max(seconds(self.duration_s * factor), self.last_s)


def listed(stages: Iterable[Stage]) -> str:
    """Stages in a row with their numbers: "1 walk, 2 kick right"."""
    return ", ".join(f"{i} {stage.brief()}" for i, stage in enumerate(stages, 1)) or "no stage: the timeline is empty"


def _remedy(ref: Ref | None, ordered: list[Row]) -> str:
    verb = ref.partition("#")[0] if isinstance(ref, str) else ""
    many = Counter(row.stage.verb for row in ordered)[verb]
    return f"say which: {', '.join(f'{verb}#{i}' for i in range(1, many + 1))}" if many > 1 else ""


def _within(row: Row, start: float, end: float) -> bool:
    return min(row.stage.end_s, end) - max(row.stage.start_s, start) > SMALLEST_S


def _is_between(row: Row, start: float, end: float) -> bool:
    return row.stage.start_s >= start - SMALLEST_S and row.stage.end_s <= end + SMALLEST_S


def _lesser(inner: Stage, outer: Stage) -> bool:
    """Of two stages of one time: whether one accompanies the other, as arms and head do the legs."""
    return "root" in outer.parts and "root" not in inner.parts


def _drawn_together(start: float, end: float, new_end: float) -> Callable[[float], float]:
    return lambda t: start + (t - start) * (new_end - start) / (end - start)


def _warped(row: Row, warp: Callable[[float], float], within: tuple[float, float]) -> Row:
    """A row with those of its times that lie in a stretch put elsewhere."""
    start, end = (warp(t) if within[0] - SMALLEST_S < t <= within[1] + SMALLEST_S else t for t in (row.stage.start_s, row.stage.end_s))
    start, end = seconds(start), seconds(end)
    if abs((end - start) - row.stage.duration_s) < SMALLEST_S:
        return row.shifted(start - row.stage.start_s)
    return row.with_(row.stage.with_(start_s=start, end_s=end), edited=row.stage.parts)
