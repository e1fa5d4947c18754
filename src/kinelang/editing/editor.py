"""`Editor`: open a motion or timeline, say what shall be otherwise, see what that means, apply it, undo it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kinelang.editing.applying import Applied, trace
from kinelang.editing.differences import pairs_of, told
from kinelang.editing.history import History
from kinelang.editing.instructing import understand
from kinelang.editing.keeping import kept
from kinelang.editing.language_model import Asked, propose_by_model
from kinelang.editing.patch import Patch
from kinelang.errors import TimelineError
from kinelang.generating.kept import Kept
from kinelang.motion.motion import Motion
from kinelang.timeline import Timeline, detect


class Generated(Protocol):
    """What a generator gives."""

    @property
    def motion(self) -> Motion: ...  # noqa: D102


class Generator(Protocol):
    """What makes a motion of a timeline, such as `kinelang.generating.Generator`."""

    def generate(  # noqa: D102
        self, prompt: Timeline, *, seed: int = 0, earlier: Motion | None = None, kept: Sequence[Kept] = ()
    ) -> Sequence[Generated]: ...


@dataclass(frozen=True)
class Proposal:
    """An edit before it is applied.

    Attributes:
        instruction: what was said; "" of a patch of one's own.
        patch: what is to be done.
        timeline: what it makes.
        diff: how that differs, one sentence for every change.
        kept: what of the motion stays as it is.
        notes: what had to be settled, such as which stage "it" is.
        not_understood: (clause, reason) of what was said beside.
    """

    instruction: str
    patch: Patch
    timeline: Timeline
    diff: tuple[str, ...]
    kept: tuple[Kept, ...]
    notes: tuple[str, ...] = ()
    not_understood: tuple[tuple[str, str], ...] = ()
    spoken: tuple[int, ...] = ()


class Editor:
    """Edits of one motion, one after the other.

    Args:
        generator: what makes motions; None where only timelines are edited.
        model: a language model for instructions; None reads them by rules.
    """

    def __init__(self, generator: Generator | None = None, model: Asked | None = None) -> None:
        self.generator, self.model = generator, model
        self.history: History | None = None
        self._motions: dict[int, Motion] = {}
        self._spoken: dict[int, tuple[int, ...]] = {}

    def open(self, what: Motion | Timeline, timeline: Timeline | None = None, seed: int = 0) -> Timeline:
        """Begin with a motion or timeline; what happens in a motion is detected unless `timeline` tells it."""
        motion = what if isinstance(what, Motion) else None
        score = timeline if timeline is not None else detect(what) if isinstance(what, Motion) else what
        if not score.stages:
            raise TimelineError.of("edit", "nothing that happens in the motion", "at least one stage", "give its timeline")
        self.history = History(score, seed=seed)
        self._motions, self._spoken = ({} if motion is None else {0: motion}), {}
        return score

    def take_up(self, history: History) -> None:
        """Go on with a history that leads to what is open. Raises TimelineError if it leads to something else."""
        opened = self._opened()
        if history.timeline.stages != opened.timeline.stages:
            raise TimelineError.of("history", "one that leads to another timeline", "one that leads to what is open")
        self._motions = {history.at: self._motions[opened.at]} if opened.at in self._motions else {}
        self.history = history

    @property
    def timeline(self) -> Timeline:
        """As it is now. Raises TimelineError before `open`."""
        return self._opened().timeline

    @property
    def motion(self) -> Motion | None:
        """The motion of this timeline, where one was given or generated."""
        return self._motions.get(self._opened().at)

    def propose(self, instruction: str | Patch, partly: bool = False) -> Proposal:
        """What an instruction or a patch would do; nothing is changed yet.

        Args:
            instruction: in plain words, or a patch.
            partly: accept an instruction of which only a part was understood; `Proposal.not_understood` has the rest.

        Raises:
            TimelineError: it is not understood, or cannot be done.
            ModelError: the language model gave no patch.
        """
        before = self.timeline
        if isinstance(instruction, Patch):
            return _proposal("", instruction, before)
        if self.model is not None:
            return _proposal(instruction, propose_by_model(instruction, before, self.model), before)
        read = understand(instruction, before, self._spoken.get(self._opened().at, ()))
        if read.not_understood and not partly:
            missed = "; ".join(f"'{clause}' ({reason})" for clause, reason in read.not_understood)
            raise TimelineError.of(
                "instruction", f"words that were not understood: {missed}", "all of it", "leave them out or say them otherwise"
            )
        return _proposal(instruction, read.patch, before, read.notes, read.not_understood)

    def apply(self, proposal: Proposal) -> Generated | None:
        """Do it, and make the motion that belongs to it where there is a generator: what was not edited stays as it was.

        Raises:
            TimelineError: the proposal was made for another state of the timeline.
        """
        history = self._opened()
        if trace(history.timeline, proposal.patch).timeline.stages != proposal.timeline.stages:
            raise TimelineError.of("proposal", "one of another timeline", "one made of the timeline as it is now", "propose it again")
        made = None if self.generator is None else self._generated(proposal, history)
        history.do(proposal.instruction, proposal.patch)
        self._motions = {at: motion for at, motion in self._motions.items() if at < history.at}
        self._spoken[history.at] = proposal.spoken
        if made is not None:
            self._motions[history.at] = made.motion
        return made

    def undo(self) -> Timeline:
        """Back to before the last edit, its motion too. Raises TimelineError where there is none."""
        return self._opened().undo()

    def redo(self) -> Timeline:
        """Again what was undone last. Raises TimelineError where nothing was."""
        return self._opened().redo()

    def save_history(self, path: str | Path) -> None:
        """Write timelines and patches as JSON."""
        self._opened().save(path)

    def _generated(self, proposal: Proposal, history: History) -> Generated:
        earlier = self.motion
        assert self.generator is not None
        if earlier is None:
            return self.generator.generate(proposal.timeline, seed=history.seed)[0]
        return self.generator.generate(proposal.timeline, seed=history.seed, earlier=earlier, kept=proposal.kept)[0]

    def _opened(self) -> History:
        if self.history is None:
            raise TimelineError.of("editor", "nothing open", "a motion or timeline", "call open() first")
        return self.history


def _proposal(
    instruction: str,
    patch: Patch,
    before: Timeline,
    notes: tuple[str, ...] = (),
    missed: tuple[tuple[str, str], ...] = (),
) -> Proposal:
    applied = trace(before, patch)
    said = told(before, applied.timeline, pairs_of(applied, len(before)))
    stays = kept(before, applied.timeline, patch)
    every = tuple(dict.fromkeys((*notes, *applied.notes)))
    return Proposal(instruction, patch, applied.timeline, said, stays, every, missed, _touched(applied))


def _touched(applied: Applied) -> tuple[int, ...]:
    """Indices of the stages that "it" would be next: new ones, else those that were edited, unless it was all."""
    new = tuple(i for i, row in enumerate(applied.rows) if row.origin is None)
    edited = tuple(i for i, row in enumerate(applied.rows) if row.edited)
    return new or (edited if len(edited) < len(applied.rows) else ())
