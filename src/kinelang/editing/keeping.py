"""`kept`: what of an earlier motion an edit does not touch, body part by body part, and where it lies in the new one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kinelang.editing.applying import trace
from kinelang.editing.patch import Mirror, Patch
from kinelang.editing.rows import Row
from kinelang.errors import TimelineError
from kinelang.generating.kept import Kept
from kinelang.language.lexicon import PARTS
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.schema import SMALLEST_S, Stage, Timeline

MARGIN_S = 0.2
"""Left free beside what is edited, for the motion to pass from one to the other."""
SHORTEST_S = 0.2
"""Shorter pieces are not worth keeping."""
_LOWER = frozenset({"root", "left_leg", "right_leg"})
_UPPER = frozenset({"torso", "head", "left_arm", "right_arm"})
_HELD = frozenset({"raise_arm", "extend_arm", "carry", "pick_up"})
"""Verbs after which the arm may stay where it is."""


def kept(before: Timeline, after: Timeline, patch: Patch, margin_s: float = MARGIN_S) -> tuple[Kept, ...]:
    """What of the earlier motion stays as it is.

    A body part is kept in the time of a stage that uses it, where that stage was not edited; and where nothing uses it (the arms of
    somebody who walks, all of somebody who stands), as long as what carries it was not edited: legs and way carry the whole body, the
    torso carries head and arms. Where the earlier posture (sitting, lying) is no longer taken, nothing is kept of the parts that only
    rest.

    Args:
        before: what happens in the earlier motion.
        after: what the patch makes of it.
        patch: the edit.
        margin_s: seconds left free where kept and edited meet.

    Returns:
        Pieces in order of time; all parts of the body in one where nothing was edited.

    Raises:
        TimelineError: `after` is not what the patch makes of `before`.
    """
    traced = trace(before, patch)
    if traced.timeline.stages != after.stages or abs(traced.timeline.duration_s - after.duration_s) > SMALLEST_S:
        raise TimelineError.of("kept", "a timeline that the patch does not make", "the one that `apply(before, patch)` gives")
    if any(isinstance(operation, Mirror) and operation.stage is None for operation in patch.operations):
        return ()
    score = _Two(before, after, traced.rows)
    runs = [run for part in PARTS for run in _with_margins(_runs_of(score, part), score, margin_s)]
    return _pieces(runs)


@dataclass(frozen=True)
class _Run:
    """A part that stays from `start` to `end` seconds of the earlier motion, later by `shift`."""

    part: str
    start: float
    end: float
    shift: float


@dataclass(frozen=True)
class _Image:
    """A stage before and what became of it: later by `shift` and edited in some parts, or gone (`row` None)."""

    index: int
    stage: Stage
    row: Row | None

    @property
    def shift(self) -> float | None:
        """How much later it begins; None where it is gone or has another length."""
        if self.row is None or abs(self.row.stage.duration_s - self.stage.duration_s) > SMALLEST_S:
            return None
        return round(self.row.stage.start_s - self.stage.start_s, 6)

    @property
    def touched(self) -> frozenset[str]:
        """Body parts that no longer do the same."""
        return frozenset(self.stage.parts) if self.row is None else self.row.edited


class _Two:
    """The timelines before and after, side by side."""

    def __init__(self, before: Timeline, after: Timeline, rows: Sequence[Row]) -> None:
        self.before, self.after, self.rows = before, after, rows
        image = {row.origin: row for row in rows if row.origin is not None}
        self.images = [_Image(i, stage, image.get(i)) for i, stage in enumerate(before.stages)]
        shifts = {image.shift for image in self.images if image.shift is not None} | {0.0}
        edges = {t for s in after.stages for t in (s.start_s, s.end_s)} | {0.0, after.duration_s}
        cuts = {t for s in before.stages for t in (s.start_s, s.end_s)} | {0.0, before.duration_s}
        cuts |= {round(edge - shift, 6) for edge in edges for shift in shifts}
        inside = sorted(t for t in cuts if 0 <= t <= before.duration_s)
        self.spans = [(a, b) for a, b in pairwise(inside) if b - a > SMALLEST_S]

    def shift(self, part: str, at: float) -> float | None:
        """How much later this part does at a moment what it did, or None."""
        active = [image for image in self.images if image.stage.start_s < at < image.stage.end_s]
        owner = next((image for image in active if part in image.stage.parts), None)
        if owner is not None:
            shift = None if part in owner.touched else owner.shift
        else:
            shift = self._shift_at_rest(part, at, active)
        return shift if shift is not None and 0 < at + shift < self.after.duration_s else None

    def _shift_at_rest(self, part: str, at: float, active: Sequence[_Image]) -> float | None:
        carriers = _carriers(active)
        shifts = {image.shift for image in carriers} if carriers else self._shifts_around(at)
        if len(shifts) != 1 or None in shifts:
            return None
        shift = shifts.pop()
        assert shift is not None
        new = [row for row in self.rows if row.stage.start_s < at + shift < row.stage.end_s]
        new_carriers = {row.origin for row in _rows_that_carry(new)}
        if any(part in row.stage.parts for row in new) or (new_carriers - {None}) - {i.index for i in active}:
            return None
        if not carriers and new_carriers:
            return None
        moved = frozenset().union(*(i.touched for i in active), *(row.stage.parts for row in new if row.origin is None))
        if moved & _LOWER or (moved & {"torso"} and part in _UPPER) or part in moved:
            return None
        same = _rest(self.before.stages, part, at) == _rest(self.after.stages, part, at + shift)
        return shift if same else None

    def _shifts_around(self, at: float) -> set[float | None]:
        """Shifts of what is next to a pause: that of the stage before it, else of the one after."""
        earlier = [image for image in self.images if image.stage.end_s <= at and image.shift is not None]
        if earlier:
            return {max(earlier, key=lambda image: image.stage.end_s).shift}
        later = [image for image in self.images if image.stage.start_s >= at]
        return {later[0].shift} if later else {0.0}


def _carriers(active: Sequence[_Image]) -> list[_Image]:
    carrying = [image for image in active if (_LOWER | {"torso"}) & set(image.stage.parts)]
    return carrying or list(active)


def _rows_that_carry(rows: Sequence[Row]) -> list[Row]:
    carrying = [row for row in rows if (_LOWER | {"torso"}) & set(row.stage.parts)]
    return carrying or list(rows)


def _rest(stages: Iterable[Stage], part: str, at: float) -> tuple[object, ...]:
    """How a part rests: the posture of the body, and what the part was left holding."""
    posture, held = "standing", None
    for stage in sorted((s for s in stages if s.start_s < at), key=lambda s: s.start_s):
        action = ACTIONS.get(stage.verb)
        posture = (action.after if action is not None else "") or posture
        if part in stage.parts:
            held = (stage.verb, stage.side, stage.direction, stage.target) if stage.verb in _HELD else None
    return posture, held


def _runs_of(score: _Two, part: str) -> list[_Run]:
    runs: list[_Run] = []
    for start, end in score.spans:
        shift = score.shift(part, (start + end) / 2)
        if shift is None:
            continue
        if runs and abs(runs[-1].end - start) < SMALLEST_S and abs(runs[-1].shift - shift) < SMALLEST_S:
            runs[-1] = _Run(part, runs[-1].start, end, shift)
        else:
            runs.append(_Run(part, start, end, shift))
    return runs


def _with_margins(runs: Sequence[_Run], score: _Two, margin_s: float) -> list[_Run]:
    """Runs without the margins at their ends, but where both motions begin or end there."""
    made = []
    for run in runs:
        begins = run.start < SMALLEST_S and abs(run.shift) < SMALLEST_S
        ends = run.end > score.before.duration_s - SMALLEST_S and run.end + run.shift > score.after.duration_s - SMALLEST_S
        start, end = run.start + (0 if begins else margin_s), run.end - (0 if ends else margin_s)
        if end - start >= SHORTEST_S:
            made.append(_Run(run.part, round(start, 6), round(end, 6), run.shift))
    return made


def _pieces(runs: Sequence[_Run]) -> tuple[Kept, ...]:
    """Runs cut where one of them begins or ends, so that parts that stay together are told together."""
    made: list[Kept] = []
    for shift in sorted({run.shift for run in runs}):
        mine = [run for run in runs if run.shift == shift]
        cuts = sorted({t for run in mine for t in (run.start, run.end)})
        for start, end in pairwise(cuts):
            parts = tuple(run.part for run in mine if run.start < (start + end) / 2 < run.end)
            if parts and end - start > SMALLEST_S:
                made.append(Kept(parts, start, end, round(start + shift, 6)))
    return tuple(sorted(made, key=lambda k: (k.at_s, k.start_s, k.parts)))
