"""A captioner's attention judged over a whole split: everything of `attending` and `localising` together, and clips that show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kinelang.errors import KinelangError
from kinelang.evaluate.attending import (
    GATE_EDGES,
    OWN,
    PEAK_EDGES,
    SAID,
    Explaining,
    Heard,
    Look,
    OfStem,
    by_stem,
    drawing_of,
    looks_of,
    of_references,
    own,
    separation,
)
from kinelang.evaluate.clips import Clip, ClipSet
from kinelang.evaluate.localising import (
    Located,
    Row,
    located_in,
    recalls,
    rows_by_verb,
    rows_of,
)
from kinelang.evaluate.repeating import repeated_in, rows_of_repeated, twice_done
from kinelang.metrics.intervals import ROUNDS, Interval
from kinelang.training.data import Progress

PLACES = ("best", "median", "worst")
"""Where, by the IoU of their action words, the clips stand that are shown."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A clip that is shown.

    Attributes:
        heard: its caption.
        place: one of `PLACES`; "first" where no timeline is known.
        iou: mean of its single-stage action words, 0 to 1; None where no timeline is known.
    """

    heard: Heard
    place: str
    iou: float | None


@dataclass(frozen=True, eq=False)
class Attended:
    """What the words of a captioner look at, over a split.

    Attributes:
        said: whose captions: "own" or "references".
        captions, words: how many.
        stems: the words by stem, the most frequent first.
        separation: mean gates of motion words and of words of language, their difference, AUC; empty without a gate.
        labelled: how many words tell of motion, of language, of neither.
        located: figures against the stages of timelines, by what a word says; empty where none is known, as are the next two.
        verbs: the same of single-stage action words by verb.
        repeated: figures of actions that have several stages.
        twice: the same of clips that were made for it, in which one action is done twice.
        recalls: how many verbs tell of a stage, and how many stages are told, in percent.
        shown: clips to look at.
    """

    said: str
    captions: int
    words: int
    stems: tuple[OfStem, ...]
    separation: Mapping[str, Interval]
    labelled: Mapping[str, int]
    located: Mapping[str, Row]
    verbs: Mapping[str, Row]
    repeated: Mapping[str, Row]
    twice: Mapping[str, Row]
    recalls: Mapping[str, Interval]
    shown: tuple[Shown, ...]

    @property
    def has_gate(self) -> bool:
        """Whether the model has a gate."""
        return any(one.gate is not None for one in self.stems)

    @property
    def has_parts(self) -> bool:
        """Whether the model attends to body parts."""
        return any(one.parts.any() for one in self.stems)

    @property
    def notes(self) -> list[str]:
        """What cannot be told of this model on these clips, one plain sentence each."""
        found = []
        if not self.has_gate:
            found.append("The model has no gate: nothing is said of gates.")
        if not self.has_parts:
            found.append("The model does not attend to body parts: nothing is said of them.")
        if not self.located:
            found.append("No timeline of these clips is known: words are not compared with stages.")
        return found

    def to_json(self) -> dict[str, Any]:
        """As plain data."""

        def plain(figures: Mapping[str, Interval]) -> dict[str, list[float]]:
            return {name: [i.value, i.low, i.high] for name, i in figures.items() if i.value == i.value}

        return {
            "said": self.said,
            "captions": self.captions,
            "words": self.words,
            "labelled": dict(self.labelled),
            "separation": plain(self.separation),
            "located": {name: row.to_json() for name, row in self.located.items()},
            "verbs": {name: row.to_json() for name, row in self.verbs.items()},
            "repeated": {name: row.to_json() for name, row in self.repeated.items()},
            "twice": {name: row.to_json() for name, row in self.twice.items()},
            "recalls": plain(self.recalls),
            "gate_edges": GATE_EDGES.round(6).tolist(),
            "peak_edges": PEAK_EDGES.round(6).tolist(),
            "stems": {one.stem: one.to_json() for one in self.stems},
            "notes": self.notes,
        }


def attend(
    model: Explaining,
    clips: ClipSet,
    said: str = OWN,
    *,
    beam: int = 2,
    rounds: int = ROUNDS,
    examples: int = 6,
    twice: int = 0,
    progress: Progress | None = None,
) -> Attended:
    """What the words of a captioner look at.

    Args:
        model: the captioner.
        clips: where they know what was performed (`Clip.true`), words are compared with it.
        said: "own", the captioner's best caption of each clip; "references", all captions of the corpus, which it is made to hear.
        beam: captions followed at a time, of its own.
        rounds: of the bootstrap over recordings.
        examples: clips to be shown.
        twice: so many clips are made besides, in which one action is done twice (`evaluate.repeating`).
        progress: told as it goes.

    Raises:
        KinelangError: no clips, or other captions.
    """
    if said not in SAID:
        raise KinelangError.of("captions", f"'{said}'", f"one of {', '.join(SAID)}")
    drawing = drawing_of(clips.clips, rounds)

    def listen(to: Sequence[Clip]) -> list[Heard]:
        return own(model, to, beam, progress) if said == OWN else of_references(model, to, progress)

    heard = listen(clips.clips)
    looks = looks_of(heard, clips.clips)
    located, repeated = located_in(looks, clips.clips), repeated_in(looks, clips.clips)
    made = twice_done(twice, clips.seed, progress)
    again = repeated_in(looks_of(listen(made), made), made) if made else []
    known = any(clip.true is not None for clip in clips.clips)
    return Attended(
        said=said,
        captions=len(heard),
        words=len(looks),
        stems=tuple(by_stem(looks)),
        separation=separation(looks, drawing),
        labelled=_labelled(looks),
        located=rows_of(located, drawing),
        verbs=rows_by_verb(located, drawing),
        repeated=rows_of_repeated(repeated, drawing),
        twice=rows_of_repeated(again, drawing_of(made, rounds)) if made else {},
        recalls=recalls(looks, Counter(one.clip for one in heard), clips.clips, drawing) if known else {},
        shown=tuple(_shown(heard, located, examples)),
    )


def _labelled(looks: Sequence[Look]) -> dict[str, int]:
    counts = Counter(look.motion for look in looks)
    return {"motion": counts[True], "language": counts[False], "neither": counts[None]}


def _shown(heard: Sequence[Heard], located: Sequence[Located], n: int) -> list[Shown]:
    """Captions whose action words have the largest, the middle and the smallest IoU; the first ones where no timeline is known."""
    ious: dict[int, list[float]] = {}
    for word in located:
        if word.look.action and word.single:
            ious.setdefault(word.look.caption, []).append(word.iou)
    if not ious:
        return [Shown(one, "first", None) for one in heard[:n]]
    ordered = sorted(ious, key=lambda caption: (-float(np.mean(ious[caption])), caption))
    each = [n // 3 + (i < n % 3) for i in range(3)]
    middle = max(0, (len(ordered) - each[1]) // 2)
    starts = (0, middle, len(ordered) - each[2])
    chosen: dict[int, str] = {}
    for place, start, many in zip(PLACES, starts, each, strict=True):
        for caption in ordered[max(start, 0) : max(start, 0) + many]:
            chosen.setdefault(caption, place)
    return [Shown(heard[caption], place, float(np.mean(ious[caption]))) for caption, place in chosen.items()]
