"""`apply`: a patch done to a timeline. What is not edited stays as it was, and moves along where time is made or closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kinelang.editing.changing import changed, renamed_text
from kinelang.editing.lengths import SHORTEST_S, new_s
from kinelang.editing.patch import Add, Change, Mirror, Move, Operation, Patch, Ref, Remove, Retime, Text, Transition
from kinelang.editing.rows import Row, Rows, seconds
from kinelang.errors import TimelineError
from kinelang.language.lexicon import PARTS
from kinelang.timeline.schema import SMALLEST_S, Stage, Timeline, overlaps


@dataclass(frozen=True)
class Applied:
    """What a patch made.

    Attributes:
        timeline: after the patch.
        rows: its stages, in its order, each with the number (from 0) of the stage of before that it comes from, or None, and the body
            parts whose action was edited.
        notes: what the patch had to settle, one sentence each.
    """

    timeline: Timeline
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def apply(timeline: Timeline, patch: Patch) -> Timeline:
    """The timeline with a patch done to it.

    Later stages shift when a stage becomes longer or shorter, comes in or goes out. What goes on at the same time with other body parts
    stays where it is as far as it fits; where a stage becomes shorter than what is done within it, this is drawn together with it.

    Raises:
        TimelineError: a stage that is not there, a value its verb cannot have, or two stages that would use one body part at once; the
            message names the operation and a remedy.
    """
    return trace(timeline, patch).timeline


def trace(timeline: Timeline, patch: Patch) -> Applied:
    """As `apply`, with an account of where every stage comes from. Raises TimelineError."""
    rows = Rows.of(timeline)
    for number, operation in enumerate(patch.operations, 1):
        where = f"patch, operation {number}, {operation.op}"
        try:
            _DONE_BY[operation.op](rows, operation)
            _check(rows)
        except TimelineError as error:
            raise TimelineError(str(error) if str(error).startswith("patch, operation") else f"{where}: {error}") from None
    ordered = tuple(rows.sorted())
    if timeline.stages and not ordered:
        raise TimelineError.of("patch", "every stage taken out", "at least one that stays", "leave one, or add another")
    made = timeline.with_(stages=tuple(row.stage for row in ordered), duration_s=max(rows.duration_s, 0.0), notes=timeline.notes)
    return Applied(made, ordered, tuple(rows.notes))


def _check(rows: Rows) -> None:
    for a, b in overlaps(row.stage for row in rows.rows):
        shared = " and ".join(p.replace("_", " ") for p in a.parts if p in b.parts)
        raise TimelineError.of(
            "body parts",
            f"{a.brief()} {a.start_s:g}-{a.end_s:g} s and {b.brief()} {b.start_s:g}-{b.end_s:g} s both with the {shared}",
            "one action of a body part at a time",
            "use another limb, do one after the other, or shorten or remove one of them",
        )


# --- add


def _add(rows: Rows, op: Add) -> None:
    stage = Stage(0.0, 1.0, op.verb, texts=op.texts, **dict(op.fields))
    length = op.seconds or new_s(stage)
    if op.place == "while":
        stage = _placed_within(rows, stage, rows.at(op.anchor), op.seconds or length, op.seconds is not None)
    elif op.at_s is not None:
        stage = _placed_at(rows, _with_free_limb(rows, stage, op.at_s, op.at_s + length), op.at_s, length)
    elif op.place in ("before", "after"):
        stage = _placed_beside(rows, stage, rows.at(op.anchor), op.place == "before", length)
    else:
        at = rows.first_s if op.place == "start" else rows.last_s
        rows.open_time(at, length)
        stage = _timed(stage, at, at + length)
    rows.rows.append(Row(stage, None, frozenset(PARTS)))


def _timed(stage: Stage, start: float, end: float) -> Stage:
    return stage.with_(start_s=seconds(start), end_s=seconds(end))


def _with_free_limb(rows: Rows, stage: Stage, start: float, end: float) -> Stage:
    """The stage with its left limb where no side is told and the right one is busy."""
    if stage.side is not None or "left" not in stage.lexeme.sides or rows.is_free(stage.parts, start, end):
        return stage
    left = stage.with_(side="left")
    if not rows.is_free(left.parts, start, end):
        return stage
    rows.notes.append(f"The right side is busy then, so {stage.lexeme.base} is done with the left.")
    return left


def _placed_within(rows: Rows, stage: Stage, anchor: Row, length: float, told: bool) -> Stage:
    """At the start of the anchor, or as soon within it as the body parts are free."""
    start, end = anchor.stage.start_s, anchor.stage.end_s
    length = length if told else min(length, end - start)
    stage = _with_free_limb(rows, stage, start, start + length)
    ends = [row.stage.end_s for row in rows.rows if start < row.stage.end_s < end]
    for begin in (start, *sorted(ends)):
        if rows.is_free(stage.parts, begin, begin + length) and (told or begin + length <= end + SMALLEST_S):
            if begin > start:
                rows.notes.append(f"The body parts for {stage.lexeme.base} are free from {begin:g} s on, so it begins then.")
            return _timed(stage, begin, begin + length)
    return _timed(stage, start, start + length)  # the check names what is in the way


def _placed_beside(rows: Rows, stage: Stage, anchor: Row, before: bool, length: float) -> Stage:
    """Right before or after the anchor: while something else goes on, if body parts are free, else before or after all that does."""
    at = anchor.stage.start_s if before else anchor.stage.end_s
    start = at - length if before else at
    going_on = rows.across(at)
    if going_on:
        within = all(row.stage.start_s <= start + SMALLEST_S and start + length <= row.stage.end_s + SMALLEST_S for row in going_on)
        if within and rows.is_free(stage.parts, start, start + length):
            return _timed(stage, start, start + length)
        group = rows.group(anchor)
        at = min(r.stage.start_s for r in group) if before else max(r.stage.end_s for r in group)
        rows.notes.append(
            f"Something else goes on at that time, so {stage.lexeme.base} is placed {'before' if before else 'after'} it."
        )
    rows.open_time(at, length)
    return _timed(stage, at, at + length)


def _placed_at(rows: Rows, stage: Stage, at: float, length: float) -> Stage:
    """At a second: beside what goes on if body parts are free, else later stages make room."""
    if not rows.is_free(stage.parts, at, at + length) and not rows.across(at):
        later = [row.stage.start_s for row in rows.rows if row.stage.start_s > at - SMALLEST_S]
        rows.open_time(at, at + length - min(later))
    rows.duration_s = max(rows.duration_s, seconds(at + length))
    return _timed(stage, at, at + length)


# --- remove, move


def _remove(rows: Rows, op: Remove) -> None:
    row = rows.at(op.stage)
    rows.rows.remove(row)
    if op.close:
        rows.close_time(row.stage.start_s, row.stage.end_s)


def _move(rows: Rows, op: Move) -> None:
    row = rows.at(op.stage)
    if op.at_s is not None or op.by_s is not None:
        _move_in_time(rows, row, op.at_s - row.stage.start_s if op.at_s is not None else op.by_s or 0.0)
    elif op.place in ("start", "end"):
        block = rows.take_out(row)
        rows.put_in(block, rows.first_s if op.place == "start" else rows.last_s)
    else:
        anchor = rows.at(op.anchor)
        if anchor is row:
            raise TimelineError.of("anchor", f"{op.anchor!r}, the stage itself", "another stage")
        _move_by_anchor(rows, row, anchor, op.place)


def _move_by_anchor(rows: Rows, row: Row, anchor: Row, place: str) -> None:
    if place == "swap":
        first, second = sorted((row, anchor), key=lambda r: (r.stage.start_s, r.stage.end_s))
        rows.swap(first, second)
        return
    if place == "while":
        rows.rows.remove(row)
        rows.close_time(row.stage.start_s, row.stage.end_s)
        anchor = rows.same(anchor)
        stage = _placed_within(rows, row.stage, anchor, row.stage.duration_s, False)
        whole = abs(stage.duration_s - row.stage.duration_s) < SMALLEST_S and stage.side == row.stage.side
        rows.rows.append(row.shifted(stage.start_s - row.stage.start_s) if whole else row.with_(stage, edited=PARTS))
        return
    if anchor in rows.company(row):
        raise TimelineError.of("anchor", f"{anchor.stage.brief()}, which is done within {row.stage.brief()}", "a stage beside it")
    block = rows.take_out(row)
    group = rows.group(rows.same(anchor))
    rows.put_in(block, min(r.stage.start_s for r in group) if place == "before" else max(r.stage.end_s for r in group))


def _move_in_time(rows: Rows, row: Row, by: float) -> None:
    """A stage and what is done within it later or earlier; where it runs into later stages, these shift as far."""
    block = rows.company(row)
    start = row.stage.start_s + by
    if start < -SMALLEST_S:
        raise TimelineError.of(row.stage.brief(), f"a start at {start:g} s", "0 s or later")
    others = [r for r in rows.rows if r not in block]
    later = [r for r in others if r.stage.start_s >= row.stage.end_s - SMALLEST_S]
    if any(r.stage.start_s < row.stage.end_s + by - SMALLEST_S for r in later):
        others = [r.shifted(by) if r in later else r for r in others]
        rows.duration_s = seconds(rows.duration_s + by)
    rows.rows = others + [r.shifted(by) for r in block]
    rows.duration_s = max(rows.duration_s, rows.last_s)


# --- change, text, mirror


def _change(rows: Rows, op: Change) -> None:
    row = rows.at(op.stage)
    made, length = changed(row.stage, op)
    rows.replace(row, row.with_(made, edited=(*row.stage.parts, *made.parts)))
    if abs(length - made.duration_s) > SMALLEST_S:
        rows.resize(rows.same(row), length)


def _text(rows: Rows, op: Text) -> None:
    row = rows.at(op.stage)
    rows.replace(row, row.with_(renamed_text(row.stage, op.part, op.text), edited=(op.part,)))


def _mirror(rows: Rows, op: Mirror) -> None:
    for row in list(rows.rows) if op.stage is None else [rows.at(op.stage)]:
        made = row.stage.mirrored()
        rows.replace(row, row.with_(made, edited=(*row.stage.parts, *made.parts) if op.stage is not None else PARTS))


# --- retime, transition


def _retime(rows: Rows, op: Retime) -> None:
    row = None if op.stage is None else rows.at(op.stage)
    now = rows.duration_s if row is None else row.stage.duration_s
    wanted = op.seconds if op.seconds is not None else now * op.times if op.times is not None else now + (op.plus_s or 0.0)
    if wanted < SHORTEST_S / 4:
        what = "the whole" if row is None else row.stage.brief()
        raise TimelineError.of(what, f"a length of {wanted:g} s", "at least 0.05 s", f"it takes {now:g} s now")
    if row is None:
        rows.scale(wanted / now)
    else:
        rows.resize(row, wanted)


def _transition(rows: Rows, op: Transition) -> None:
    row = rows.at(op.before)
    start = row.stage.start_s
    earlier = [r for r in rows.rows if r.stage.start_s < start - SMALLEST_S]
    going_on = [r for r in earlier if r.stage.end_s > start + SMALLEST_S]
    if going_on:
        found = f"{row.stage.brief()} begins while {going_on[0].stage.brief()} goes on"
        raise TimelineError.of("transition", found, "a stage that begins after another has ended", "move it after that one first")
    by = max((r.stage.end_s for r in earlier), default=0.0) + op.seconds - start
    rows.rows = [r.shifted(by) if r.stage.start_s >= start - SMALLEST_S else r for r in rows.rows]
    rows.duration_s = seconds(rows.duration_s + by)


_DONE_BY: Mapping[str, Callable[[Rows, Any], None]] = {
    "add": _add,
    "remove": _remove,
    "move": _move,
    "change": _change,
    "text": _text,
    "mirror": _mirror,
    "retime": _retime,
    "transition": _transition,
}

__all__ = ["Applied", "Operation", "Ref", "apply", "trace"]
