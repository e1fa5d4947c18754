"""`perform`: a Timeline done by a body."""

from __future__ import annotations

import numpy as np

from kinelang.errors import TimelineError
from kinelang.motion.motion import Motion
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.performing.body import assemble
from kinelang.timeline.performing.person import Person, random_person
from kinelang.timeline.performing.score import Score
from kinelang.timeline.performing.styles import with_style
from kinelang.timeline.schema import Stage, Timeline


def perform(
    timeline: Timeline, seed: int | np.random.Generator = 0, *, fps: float | None = None, person: Person | None = None
) -> Motion:
    """A motion that does what the timeline says, on SMPL-22 with rotations; starts at the origin, facing +Z.

    The person stands where no stage says otherwise, and keeps a posture taken (sitting, kneeling, lying) until a stage ends it.

    Args:
        timeline: what is done. Fields that a stage leaves open are chosen: by the action's default, else by the seed.
        seed: source of all variation: who performs, timing, sway. The same seed gives the same motion.
        fps: frames a second; the timeline's own by default.
        person: who performs; drawn from the seed by default.

    Raises:
        TimelineError: an empty timeline, or a verb that is in the lexicon but not among the `ACTIONS`.
    """
    if timeline.duration_s <= 0:
        raise TimelineError.of("perform", "a timeline of 0 s", "at least one stage, or a duration")
    rng = np.random.default_rng(seed)
    fps = timeline.fps if fps is None else fps
    person = random_person(rng) if person is None else person
    timeline = timeline.with_(stages=tuple(_completed(stage, timeline) for stage in timeline.stages))
    n = max(1, round(timeline.duration_s * fps))
    score = Score(timeline, np.arange(n) / fps, fps, person, rng)
    for stage in timeline.stages:
        ACTIONS[stage.verb].perform(score, stage)
        if stage.style is not None:
            with_style(score, stage)
    return assemble(score, timeline.name)


def _completed(stage: Stage, timeline: Timeline) -> Stage:
    """The stage with side and direction filled in where the action has a default, as far as other stages leave those limbs free."""
    action = ACTIONS.get(stage.verb)
    if action is None:
        raise TimelineError.of(f"stage '{stage.verb}'", "a verb that cannot be performed", f"one of {', '.join(sorted(ACTIONS))}")
    side, direction = stage.side or action.side, stage.direction or action.direction
    if stage.side is None and set(side_parts := stage.lexeme.parts_of(side)) - set(stage.parts):
        at_once = [s for s in timeline.stages if s is not stage and s.start_s < stage.end_s and s.end_s > stage.start_s]
        side = None if any(set(s.parts) & set(side_parts) for s in at_once) else side
    parts = stage.parts if set(stage.parts) != set(stage.lexeme.parts_of(stage.side)) else ()
    return stage.with_(side=side, direction=direction, parts=parts)
