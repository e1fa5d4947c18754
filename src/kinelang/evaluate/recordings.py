"""Detection in real recordings: against what people wrote of them (CMU), and against what they were asked to do (Bandai Namco)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from kinelang.corpora import Record
from kinelang.language import mentions
from kinelang.language.lexicon import alike
from kinelang.motion.motion import Motion
from kinelang.timeline import Stage, Timeline

Detect = Callable[[Motion], Timeline]
LEFT_OUT = frozenset({"stand"})
"""Verbs that are not scored against captions: everyone stands between other things, and few captions say so."""


@dataclass(frozen=True)
class Seen:
    """One captioned clip and what was detected in it.

    Attributes:
        record: the clip.
        stages: what was detected.
        true: verbs that at least two of its captions mention, or an alike one (its only caption, where it has one).
        mentioned: verbs that any caption mentions.
    """

    record: Record
    stages: tuple[Stage, ...]
    true: frozenset[str]
    mentioned: frozenset[str]

    @property
    def found(self) -> frozenset[str]:
        """Verbs detected."""
        return frozenset(stage.verb for stage in self.stages) - LEFT_OUT


def true_verbs(captions: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """(Verbs on which at least two captions agree, verbs that any mentions). Two captions agree on a verb and one alike to it."""
    said = [mentions(caption) - LEFT_OUT for caption in captions]
    any_ = frozenset().union(*said) if said else frozenset()
    least = min(2, len(said))
    agreed = {verb for verb in any_ if sum(any(alike(verb, other) for other in verbs) for verbs in said) >= least}
    return frozenset(agreed), any_


def seen_in(records: Iterable[Record], detect: Detect, least: float = 0.0) -> Iterator[Seen]:
    """Detect in each clip; stages of less confidence than `least` are left out."""
    for record in records:
        stages = tuple(s for s in detect(record.motion()).stages if (s.confidence or 0.0) >= least)
        yield Seen(record, stages, *true_verbs(record.texts))


@dataclass
class Agreement:
    """Detected verbs against those of captions, over clips; a verb counts once a clip.

    Attributes:
        clips: how many.
        right, wrong: detected verbs that are true (or alike to a true one), and that are not.
        unsure: of the wrong, those that one caption alone mentions.
        told, missed: true verbs that were detected (or one alike to them), and that were not.
        by_verb: for each verb its (right, wrong, told, missed).
        instead: for each missed verb, what was detected in its clip that no caption mentions.
        sure: for each clip and verb detected (confidence, right).
    """

    clips: int = 0
    right: int = 0
    wrong: int = 0
    unsure: int = 0
    told: int = 0
    missed: int = 0
    by_verb: dict[str, list[int]] = field(default_factory=dict)
    instead: dict[str, Counter[str]] = field(default_factory=dict)
    sure: list[tuple[float, bool]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of detected verbs that captions agree on."""
        return self.right / max(self.right + self.wrong, 1)

    @property
    def lenient_precision(self) -> float:
        """The same, verbs that a single caption mentions left out on both sides."""
        return self.right / max(self.right + self.wrong - self.unsure, 1)

    @property
    def recall(self) -> float:
        """Share of the verbs captions agree on that were detected."""
        return self.told / max(self.told + self.missed, 1)


def agreement(clips: Iterable[Seen], same: Callable[[str, str], bool] = alike) -> Agreement:
    """Score clips; `same` says which verbs count as one (`alike`, or equality for the strict figure)."""
    out = Agreement()
    for clip in clips:
        out.clips += 1
        confidence = {verb: max(s.confidence or 0.0 for s in clip.stages if s.verb == verb) for verb in clip.found}
        for verb in sorted(clip.found):
            right = any(same(verb, true) for true in clip.true)
            out.right += right
            out.wrong += not right
            out.unsure += not right and any(same(verb, other) for other in clip.mentioned)
            _row(out, verb)[0 if right else 1] += 1
            out.sure.append((confidence[verb], right))
        for verb in sorted(clip.true):
            told = any(same(verb, found) for found in clip.found)
            out.told += told
            out.missed += not told
            _row(out, verb)[2 if told else 3] += 1
            if not told:
                others = (f for f in clip.found if not any(same(f, other) for other in clip.mentioned))
                out.instead.setdefault(verb, Counter()).update(others)
    return out


def _row(out: Agreement, verb: str) -> list[int]:
    return out.by_verb.setdefault(verb, [0, 0, 0, 0])


def worst(clips: Iterable[Seen], n: int = 10) -> list[Seen]:
    """The clips with the most verbs missed and wrongly detected."""

    def mistakes(clip: Seen) -> int:
        wrong = sum(not any(alike(v, m) for m in clip.mentioned) for v in clip.found)
        return wrong + sum(not any(alike(v, f) for f in clip.found) for v in clip.true)

    return sorted(clips, key=mistakes, reverse=True)[:n]


def bootstrap_interval(
    clips: list[Seen], figure: Callable[[Agreement], float], seed: int = 0, rounds: int = 1000
) -> tuple[float, float]:
    """95 % interval of a figure, clips of one recording drawn together."""
    groups: dict[str, list[Seen]] = {}
    for clip in clips:
        groups.setdefault(clip.record.group or clip.record.id, []).append(clip)
    names, rng = sorted(groups), np.random.default_rng(seed)
    values = [figure(agreement(c for i in rng.integers(len(names), size=len(names)) for c in groups[names[i]])) for _ in range(rounds)]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


# --- Bandai Namco Research's motion dataset 1: clips of a known content in fifteen styles

LOOKED_AT = ("active", "normal", "tired")
"""Styles that rules were developed on; the figures that count are those of the others."""

VERBS_OF_CONTENT: Mapping[str, frozenset[str]] = {
    "bow": frozenset({"bow", "bend"}),
    "bye": frozenset({"wave"}),
    "byebye": frozenset({"wave"}),
    "call": frozenset({"beckon", "wave", "phone", "raise_arm"}),
    "dance-long": frozenset({"dance"}),
    "dance-short": frozenset({"dance"}),
    "dash": frozenset({"run"}),
    "guide": frozenset({"gesture", "point", "extend_arm"}),
    "kick": frozenset({"kick"}),
    "punch": frozenset({"punch", "fight"}),
    "respond": frozenset({"raise_arm", "wave"}),
    "run": frozenset({"run", "jog"}),
    "slash": frozenset({"chop", "swing"}),
    "walk": frozenset({"walk"}),
    "walk-back": frozenset({"walk"}),
    "walk-left": frozenset({"walk", "sidestep"}),
    "walk-right": frozenset({"walk", "sidestep"}),
}
"""Verbs that each content stands for, as its clips show: `call` beckons, `respond` puts up a hand, `guide` shows the way, `punch`
boxes."""

WAY_OF_CONTENT: Mapping[str, str] = {"walk-back": "backward", "walk-left": "left", "walk-right": "right"}
"""Direction of travel of a content. In walk-left and walk-right people face most of the way to where they go, turned some 15 to 35
degrees back to the front: travel is forward and to the labelled side."""


@dataclass(frozen=True)
class StyledClip:
    """One clip of the Bandai set."""

    content: str
    style: str
    path: str


def bandai_clips(archive: str | Path) -> list[StyledClip]:
    """The clips of a zip or folder of `dataset-1_CONTENT_STYLE_NUMBER.bvh` files."""
    from kinelang.formats import list_motion_files

    names = (re.search(r"dataset-1_(.+)_(.+)_(\d+)\.bvh$", path) for path in map(str, list_motion_files(archive)))
    return [StyledClip(m[1], m[2], m.string) for m in names if m is not None and m[1] in VERBS_OF_CONTENT]


def top_verb(timeline: Timeline) -> str:
    """The verb whose stages have the largest sum of length times confidence; "stand" where there is no other."""
    weight: dict[str, float] = {}
    for stage in timeline.stages:
        if stage.verb not in LEFT_OUT:
            weight[stage.verb] = weight.get(stage.verb, 0.0) + stage.duration_s * (stage.confidence or 0.0)
    return max(weight, key=lambda verb: weight[verb], default="stand")


def way_is_right(content: str, timeline: Timeline) -> bool:
    """Whether the longest stage of going goes the content's way: `left` and `forward_left` are both to the left."""
    going = [s for s in timeline.stages if s.lexeme.family == "gait"]
    if not going:
        return False
    direction = max(going, key=lambda s: s.duration_s).direction or ""
    wanted = WAY_OF_CONTENT[content]
    return direction.startswith("backward") if wanted == "backward" else direction.endswith(wanted)


def macro_average(rights: Mapping[str, list[bool]]) -> float:
    """Mean over contents of the share of right clips."""
    return float(np.mean([np.mean(values) for values in rights.values() if values]))
