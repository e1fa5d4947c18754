"""Words against the stages that they tell of: whether they look at the right limbs at the right time.

A word's time is where its window is over a half, its part the one with the most attention in the window, as while training
(`training.captioner`). Time is compared by intersection over union (IoU) with the stages of the true timeline.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from kinelang.evaluate.attending import Drawing, Look
from kinelang.evaluate.clips import Clip
from kinelang.metrics.intervals import Interval
from kinelang.models.captioner.labels import is_verb
from kinelang.models.captioner.parts import PARTS, part_of
from kinelang.timeline.aligning import KINDS
from kinelang.timeline.facts import UNTOLD
from kinelang.timeline.schema import Stage, Timeline

Span = tuple[float, float]
FEWEST = 5
"""Words of a verb below which it has no row of its own."""


@dataclass(frozen=True, eq=False)
class Located:
    """A word that tells of stages, compared with them.

    Attributes:
        look: the word.
        verb: of the (first) stage that it tells of.
        single: whether it tells of one stage, and this is the only one of its verb.
        alone: whether the timeline has no other stage.
        count: repetitions in the stage; None where not counted, or of several stages.
        hit: whether the part looked at most is one of the stages'; None without parts.
        parts: how many of the six parts are the stages'.
        iou: of the word's time and the stages.
        whole: of the whole clip and the stages: what a word gets that looks at everything.
        onset_s: when its time begins, in seconds after the stages do.
    """

    look: Look
    verb: str
    single: bool
    alone: bool
    count: int | None
    hit: bool | None
    parts: int
    iou: float
    whole: float
    onset_s: float


def iou(span: Span, others: Sequence[Span]) -> float:
    """Intersection over union of an interval and the union of others."""
    edges = sorted({*span, *(edge for other in others for edge in other)})
    shared = either = 0.0
    for low, high in pairwise(edges):
        inside = span[0] <= low and high <= span[1]
        other = any(start <= low and high <= end for start, end in others)
        shared += (high - low) * (inside and other)
        either += (high - low) * (inside or other)
    return shared / either if either > 0 else 0.0


def located_in(looks: Sequence[Look], clips: Sequence[Clip]) -> list[Located]:
    """Every word that tells of stages, compared with them."""
    found = []
    for look in looks:
        clip = clips[look.clip]
        if clip.true is not None and look.stages:
            found.append(_located(look, clip.true, _end_s(clip)))
    return found


def _located(look: Look, true: Timeline, end_s: float) -> Located:
    stages = [true.stages[i] for i in look.stages]
    verb = stages[0].verb
    parts = {part_of(name) for stage in stages for name in stage.parts}
    spans = [span_of(stage) for stage in stages]
    return Located(
        look=look,
        verb=verb,
        single=len(stages) == 1 and sum(stage.verb == verb for stage in true.stages) == 1,
        alone=len(true.stages) == 1,
        count=stages[0].count if len(stages) == 1 else None,
        hit=None if look.part is None else look.part in parts,
        parts=len(parts),
        iou=iou(look.span_s, spans),
        whole=iou((0.0, end_s), spans),
        onset_s=look.span_s[0] - min(start for start, _ in spans),
    )


def span_of(stage: Stage) -> Span:
    """From when to when, in seconds."""
    return stage.start_s, stage.end_s


def _end_s(clip: Clip) -> float:
    """The length of what the captioner was given."""
    from kinelang.corpora.base import FPS

    return len(clip.features) / FPS


# --- figures


@dataclass(frozen=True, eq=False)
class Row:
    """Figures of some words; shares are in percent, NaN where they are not known.

    Attributes:
        words, clips: how many.
        figures: by name, see `FIGURES`.
    """

    words: int
    clips: int
    figures: Mapping[str, Interval] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain data; what is not known is left out."""
        known = {name: [i.value, i.low, i.high] for name, i in self.figures.items() if i.value == i.value}
        return {"words": self.words, "clips": self.clips, "figures": known}


FIGURES: Mapping[str, Callable[[Located], float | None]] = {
    "part": lambda word: None if word.hit is None else 100.0 * word.hit,
    "part by chance": lambda word: None if word.hit is None else 100.0 * word.parts / len(PARTS),
    "IoU": lambda word: 100 * word.iou,
    "IoU of the whole clip": lambda word: 100 * word.whole,
    "onset": lambda word: word.onset_s,
    "onset off": lambda word: abs(word.onset_s),
}
"""part: percent of the words that look most at a part of their stages; by chance, if all six parts were alike. IoU, percent, and that
of the whole clip with the stages. onset: seconds from the start of the stage to the start of the word's time; off: without its sign."""


def rows_of(located: Sequence[Located], drawing: Drawing) -> dict[str, Row]:
    """Figures of the words that tell of stages, by what they say."""
    actions = [word for word in located if word.look.action and word.single]
    groups = {
        "all words of stages": list(located),
        "action words, single stage": actions,
        "  the clip's only stage": [word for word in actions if word.alone],
        "  one of several stages": [word for word in actions if not word.alone],
        "  done once": [word for word in actions if word.count == 1],
        "  repeated in the stage": [word for word in actions if (word.count or 0) > 1],
        "  not counted": [word for word in actions if word.count is None],
    }
    groups |= {
        f"{kind} words, single stage": [word for word in located if word.look.kind == kind and word.single]
        for kind in KINDS
        if kind != "verb"
    }
    return {name: row_of(words, FIGURES, drawing) for name, words in groups.items() if words}


def rows_by_verb(located: Sequence[Located], drawing: Drawing) -> dict[str, Row]:
    """The same of single-stage action words by their verb, the most frequent first."""
    groups: dict[str, list[Located]] = {}
    for word in located:
        if word.look.action and word.single:
            groups.setdefault(word.verb, []).append(word)
    often = sorted((verb for verb, words in groups.items() if len(words) >= FEWEST), key=lambda verb: (-len(groups[verb]), verb))
    return {verb: row_of(groups[verb], FIGURES, drawing) for verb in often}


def row_of(words: Sequence[Any], figures: Mapping[str, Callable[[Any], float | None]], drawing: Drawing) -> Row:
    """Figures of words, each with its `look`."""
    made = {}
    for name, figure in figures.items():
        known = [(word.look.clip, value) for word in words if (value := figure(word)) is not None]
        made[name] = drawing.mean([clip for clip, _ in known], [value for _, value in known])
    return Row(len(words), len({word.look.clip for word in words}), made)


def recalls(looks: Sequence[Look], n_captions: Mapping[int, int], clips: Sequence[Clip], drawing: Drawing) -> dict[str, Interval]:
    """How much of captions and timelines finds its counterpart, in percent.

    Args:
        looks: all words.
        n_captions: of each clip how many captions it has.
        clips: the clips.
        drawing: of intervals.

    Returns:
        "verbs told": of the verbs of captions, those that tell of a stage; "stages told": of the stages, but for those that go without
        saying (`timeline.facts.UNTOLD`), those that a verb, or a noun like one, tells of.
    """
    asked = [look for look in looks if clips[look.clip].true is not None and (look.action or is_verb(look.word))]
    told: dict[int, set[int]] = {}
    for look in looks:
        if look.kind == "verb":
            told.setdefault(look.caption, set()).update(look.stages)
    said: dict[int, list[set[int]]] = {}
    for caption, clip in {look.caption: look.clip for look in looks}.items():
        said.setdefault(clip, []).append(told.get(caption, set()))
    stages = [
        (clip, 100.0 * (i in found))
        for clip, n in n_captions.items()
        for found in [*said.get(clip, []), *([set()] * (n - len(said.get(clip, []))))]
        for i, stage in enumerate(_stages(clips[clip]))
        if stage.verb not in UNTOLD
    ]
    return {
        "verbs told": drawing.mean([look.clip for look in asked], [100.0 * look.action for look in asked]),
        "stages told": drawing.mean([clip for clip, _ in stages], [value for _, value in stages]),
    }


def _stages(clip: Clip) -> tuple[Stage, ...]:
    return () if clip.true is None else clip.true.stages
