"""What one Gaussian does to an action that is repeated: done in several stages of a clip, seconds apart.

Such clips are rare among random timelines, so some are made: one action, a pause, and the same action again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kinelang.errors import CorpusError
from kinelang.evaluate.attending import Drawing, Look
from kinelang.evaluate.clips import Clip
from kinelang.evaluate.localising import Row, Span, iou, row_of, span_of
from kinelang.timeline.schema import Timeline
from kinelang.training.data import Progress

FAMILIES = frozenset({"arm", "hand", "leg", "head", "torso", "jump"})
"""Of the verbs that are done twice: those after which the person stands as before."""
LONGEST_S, PAUSE_S, EDGE_S = 3.0, (0.8, 2.5), 0.3
"""Seconds of one action at most, of the pause between both, and before the first and after the second."""
_TRIES = 1000


@dataclass(frozen=True, eq=False)
class Repeated:
    """A verb of a caption whose action comes in several stages.

    Attributes:
        look: the word.
        verb: the action.
        several: whether the word tells of more than one of them.
        ious: of the word's time with "told" (the stages it tells of), "first", "nearest", "union" and "hull".
        covers: whether the middle of every stage lies in the word's time.
        aims: whether the stage nearest to the middle of the window is one that the word tells of.
        between: whether the middle of the window lies in none of them.
        gap_s: seconds between the stages, in sum.
    """

    look: Look
    verb: str
    several: bool
    ious: Mapping[str, float]
    covers: bool
    aims: bool
    between: bool
    gap_s: float


def repeated_in(looks: Sequence[Look], clips: Sequence[Clip]) -> list[Repeated]:
    """Every action word whose verb has more than one stage."""
    found = []
    for look in looks:
        true = clips[look.clip].true
        if true is not None and look.action and look.stages:
            verb = true.stages[look.stages[0]].verb
            same = [i for i, stage in enumerate(true.stages) if stage.verb == verb]
            if len(same) > 1:
                found.append(_repeated(look, verb, same, true))
    return found


def _repeated(look: Look, verb: str, same: Sequence[int], true: Timeline) -> Repeated:
    spans = [span_of(true.stages[i]) for i in same]
    hull = min(start for start, _ in spans), max(end for _, end in spans)
    middles = [(start + end) / 2 for start, end in spans]
    nearest = int(np.argmin([abs(middle - look.mean_s) for middle in middles]))
    start, end = look.span_s
    shown: dict[str, Sequence[Span]] = {
        "told": [span_of(true.stages[i]) for i in look.stages],
        "first": spans[:1],
        "nearest": [spans[nearest]],
        "union": spans,
        "hull": [hull],
    }
    return Repeated(
        look=look,
        verb=verb,
        several=len(look.stages) > 1,
        ious={name: iou(look.span_s, others) for name, others in shown.items()},
        covers=all(start <= middle <= end for middle in middles),
        aims=same[nearest] in look.stages,
        between=not any(low <= look.mean_s <= high for low, high in spans),
        gap_s=max(0.0, hull[1] - hull[0] - sum(high - low for low, high in spans)),
    )


# --- figures

SEVERAL, ONE = "one word for several stages", "one word for one of several"

FIGURES: Mapping[str, Callable[[Repeated], float | None]] = {
    "IoU told": lambda word: 100 * word.ious["told"],
    "IoU first": lambda word: 100 * word.ious["first"],
    "IoU nearest": lambda word: 100 * word.ious["nearest"],
    "IoU union": lambda word: 100 * word.ious["union"],
    "IoU hull": lambda word: 100 * word.ious["hull"],
    "covers all": lambda word: 100.0 * word.covers,
    "aims at its own": lambda word: 100.0 * word.aims,
    "between": lambda word: 100.0 * word.between,
    "gap": lambda word: word.gap_s,
}
"""IoU, percent, of the word's time with the stages it tells of, the first of its verb, the one whose middle is nearest, all of them,
and from the first start to the last end. Then percent of the words: whose time covers the middles of all; whose middle is nearest to a
stage that they tell of; whose middle lies in none. gap: seconds between the stages."""


def rows_of_repeated(repeated: Sequence[Repeated], drawing: Drawing) -> dict[str, Row]:
    """Figures of repeated actions, by whether one word tells of all of them."""
    groups = {
        SEVERAL: [word for word in repeated if word.several],
        ONE: [word for word in repeated if not word.several],
    }
    return {name: row_of(words, FIGURES, drawing) for name, words in groups.items() if words}


# --- clips that are made


def twice_done(n: int, seed: int = 0, progress: Progress | None = None) -> tuple[Clip, ...]:
    """Clips in which a person does one action, pauses, and does it again. Each has a random action, person and pause of its own.

    Args:
        n: how many.
        seed: of everything.
        progress: told as it goes.
    """
    from kinelang.corpora.base import FPS, features_of
    from kinelang.timeline import captions, perform

    made = []
    for i in range(n):
        rng = np.random.default_rng([seed, 2, i])
        timeline, own = _twice(rng), int(rng.integers(2**62))
        texts = tuple(dict.fromkeys(captions(timeline, 3, "sentence", own)))
        motion = perform(timeline, own, fps=FPS)
        made.append(Clip(f"twice_{i:05d}", f"twice_{i:05d}", texts, features_of(motion), true=timeline))
        if progress is not None:
            progress("clips of actions done twice", i + 1, n)
    return tuple(made)


def _twice(rng: np.random.Generator) -> Timeline:
    from kinelang.timeline import random_timeline

    for _ in range(_TRIES):
        stages = random_timeline(int(rng.integers(2**62)), duration=(2.0, 9.8)).stages
        fits = [s for s in stages if s.lexeme.counted == "times" and s.lexeme.family in FAMILIES and s.duration_s <= LONGEST_S]
        if len(stages) == 1 and fits:
            first = fits[0].shifted(EDGE_S - fits[0].start_s)
            second = first.shifted(first.duration_s + float(rng.uniform(*PAUSE_S)))
            return Timeline((first, second), duration_s=second.end_s + EDGE_S)
    raise CorpusError.of("actions done twice", f"no such timeline in {_TRIES} tries", "one", "another seed")
