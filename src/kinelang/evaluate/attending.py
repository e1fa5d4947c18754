"""What the words of a captioner look at, over all clips of a split: gates, body parts and times.

Radouane et al. (BMVC 2024) show it as densities of the gate and histograms of attention by stemmed word (figures 2 to 4 and 11 to 14).
Here these are counts; and where the timeline of a clip is known, what a word looks at is compared with the stage that it tells of
(`evaluate.localising`). A model without a gate, or without attention to parts, has no such figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from kinelang.captioning.explaining import OVER, is_motion_word, places
from kinelang.errors import KinelangError
from kinelang.evaluate.clips import Clip
from kinelang.evaluate.stems import stem
from kinelang.language.words import index
from kinelang.metrics.intervals import ROUNDS, Interval, bootstrap
from kinelang.models.captioner.captioner import Captioned, Spoken
from kinelang.models.captioner.parts import PARTS
from kinelang.models.captioner.vocabulary import SPECIAL, tokens
from kinelang.motion.arrays import Array
from kinelang.timeline.aligning import Told, align
from kinelang.training.data import Progress

OWN, REFERENCES = "own", "references"
SAID = (OWN, REFERENCES)
"""Whose captions are looked at: the captioner's, or those of the corpus, which it is made to hear."""
GATE_EDGES = np.linspace(0, 1, 21)
PEAK_EDGES = np.linspace(0, 1, 11)
"""Edges of the bins of gates, and of the largest attention to a part."""
_AT_ONCE = 200


class Explaining(Protocol):
    """A captioner that says what its words look at, such as `models.captioner.Captioner`."""

    def caption(self, clips: Sequence[Array], *, beam: int = ..., n: int = ...) -> list[list[Captioned]]:
        """Captions of clips, best first."""
        ...

    def explain(self, clips: Sequence[Array], captions: Sequence[str]) -> list[Captioned]:
        """Given captions, one a clip, with their evidence."""
        ...


@dataclass(frozen=True, eq=False)
class Heard:
    """A caption of a clip, with its evidence.

    Attributes:
        clip: index of the clip.
        text: the caption; of a reference as it was written.
        captioned: its words, with what they look at.
    """

    clip: int
    text: str
    captioned: Captioned


@dataclass(frozen=True, eq=False)
class Look:
    """A word of a caption, and what it looks at.

    Attributes:
        clip: index of the clip.
        caption: index of the caption among all.
        word, stem: the word in small letters, and its stem.
        motion: whether it tells of motion, by the captioner's labels; None where they do not say.
        gate: 1 said from the motion, 0 from the words before; None of a model without a gate.
        peaks: of each of `PARTS` the largest attention over time (the share of the part times the window); empty without parts.
        part: index of the part with the most attention in the window; None without parts.
        mean_s, span_s: the middle of the window, and where it is over a half, in seconds.
        kind, stages: what it says of which stages of the true timeline (`timeline.aligning`); None and empty where of none.
    """

    clip: int
    caption: int
    word: str
    stem: str
    motion: bool | None
    gate: float | None
    peaks: tuple[float, ...]
    part: int | None
    mean_s: float
    span_s: tuple[float, float]
    kind: str | None = None
    stages: tuple[int, ...] = ()

    @property
    def action(self) -> bool:
        """Whether it names an action of the timeline: the verb, without its particles and objects."""
        return self.kind == "verb" and _can_be_verb(self.word)


# --- captions


def own(model: Explaining, clips: Sequence[Clip], beam: int = 2, progress: Progress | None = None) -> list[Heard]:
    """What the captioner says of each clip."""
    found: list[Heard] = []
    for start in range(0, len(clips), _AT_ONCE):
        said = model.caption([clip.features for clip in clips[start : start + _AT_ONCE]], beam=beam, n=1)
        found += [Heard(start + i, several[0].text, several[0]) for i, several in enumerate(said)]
        if progress is not None:
            progress("clips captioned", len(found), len(clips))
    return found


def of_references(model: Explaining, clips: Sequence[Clip], progress: Progress | None = None) -> list[Heard]:
    """All captions of each clip, each word after those before it as they were written."""
    asked = [(i, text) for i, clip in enumerate(clips) for text in clip.captions]
    found: list[Heard] = []
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        explained = model.explain([clips[i].features for i, _ in some], [text for _, text in some])
        found += [Heard(i, text, captioned) for (i, text), captioned in zip(some, explained, strict=True)]
        if progress is not None:
            progress("captions explained", len(found), len(asked))
    return found


def looks_of(heard: Sequence[Heard], clips: Sequence[Clip]) -> list[Look]:
    """Every word of every caption; <unk>, which stands for a word that the captioner does not know, is left out."""
    found: list[Look] = []
    for number, one in enumerate(heard):
        true = clips[one.clip].true
        told = {} if true is None else {word.start: word for word in align(one.text, true)}
        for word, start in zip(one.captioned.words, _starts(one), strict=True):
            if word.text not in SPECIAL:
                found.append(_look(one.clip, number, word, told.get(start)))
    return found


def _look(clip: int, caption: int, word: Spoken, told: Told | None) -> Look:
    shares = word.parts
    peaks = tuple(float(most) for most in np.max(word.map, axis=0)) if shares else ()
    part = max(range(len(PARTS)), key=lambda i: shares[PARTS[i]]) if shares else None
    kind, stages = (None, ()) if told is None else (told.kind, told.stages)
    gate = None if word.gate is None else float(word.gate)
    return Look(
        clip, caption, word.text, stem(word.text), is_motion_word(word.text), gate, peaks, part, word.mean_s, word.span_s(OVER), kind,
        stages,
    )  # fmt: skip


def _starts(one: Heard) -> list[int]:
    """Where the words stand in the caption; -1 for a sign that was left out when windows were told as one.

    Word for word where caption and words are the same, whatever stands for words that the captioner does not know.
    """
    words, written = [word.text for word in one.captioned.words], tokens(one.text)
    if len(words) == len(written) and all(word in (*SPECIAL, token.text) for word, token in zip(words, written, strict=True)):
        return [token.start for token in written]
    return [start if end > start else -1 for start, end in places(one.text, words)]


def _can_be_verb(word: str) -> bool:
    return "verb" in index().root.get(word, {}).get("", {})


# --- counts by stem


@dataclass(frozen=True, eq=False)
class OfStem:
    """All words of one stem.

    Attributes:
        stem: the stem.
        forms: the words, with how often they come.
        motion: whether most of them tell of motion; None where the labels do not say.
        action: whether one of them names an action (a verb of the lexicon).
        gate: mean; None without a gate.
        gates: (20,) how many in each bin of `GATE_EDGES`.
        parts: (6,) how often each of `PARTS` has the most attention in the window; zeros without parts.
        peaks: (6, 10) how often the largest attention to a part lies in each bin of `PEAK_EDGES`.
        peak: (6,) mean of the largest attention to each part.
        seconds: mean length of the time in which the window is over a half.
    """

    stem: str
    forms: Mapping[str, int]
    motion: bool | None
    action: bool
    gate: float | None
    gates: Array
    parts: Array
    peaks: Array
    peak: Array
    seconds: float

    @property
    def count(self) -> int:
        """How many words."""
        return sum(self.forms.values())

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "count": self.count,
            "forms": dict(self.forms),
            "motion": self.motion,
            "action": self.action,
            "gate": None if self.gate is None else round(self.gate, 4),
            "gates": self.gates.tolist(),
            "parts": dict(zip(PARTS, self.parts.tolist(), strict=True)),
            "peaks": dict(zip(PARTS, self.peaks.tolist(), strict=True)),
            "peak": dict(zip(PARTS, self.peak.round(4).tolist(), strict=True)),
            "seconds": round(self.seconds, 3),
        }


def by_stem(looks: Sequence[Look]) -> list[OfStem]:
    """The words by stem, the most frequent first. Signs and numbers are left out."""
    groups: dict[str, list[Look]] = {}
    for look in looks:
        if look.word.isalpha():
            groups.setdefault(look.stem, []).append(look)
    return sorted((_of_stem(name, own) for name, own in groups.items()), key=lambda one: (-one.count, one.stem))


def _of_stem(name: str, looks: Sequence[Look]) -> OfStem:
    gates = np.array([look.gate for look in looks if look.gate is not None], dtype=np.float64)
    peaks = np.array([look.peaks for look in looks if look.peaks], dtype=np.float64).reshape(-1, len(PARTS))
    parts = np.bincount([look.part for look in looks if look.part is not None], minlength=len(PARTS))
    forms = Counter(look.word for look in looks)
    return OfStem(
        stem=name,
        forms=dict(forms.most_common()),
        motion=Counter(look.motion for look in looks).most_common(1)[0][0],
        action=any(_can_be_verb(word) and is_motion_word(word) is not False for word in forms),
        gate=float(gates.mean()) if len(gates) else None,
        gates=np.histogram(gates.clip(0, 1), GATE_EDGES)[0],
        parts=parts,
        peaks=np.stack([np.histogram(column.clip(0, 1), PEAK_EDGES)[0] for column in peaks.T]),
        peak=peaks.mean(axis=0) if len(peaks) else np.zeros(len(PARTS)),
        seconds=float(np.mean([look.span_s[1] - look.span_s[0] for look in looks])),
    )


# --- figures with intervals


@dataclass(frozen=True, eq=False)
class Drawing:
    """How intervals are found: clips, whose recordings are drawn again.

    Attributes:
        groups: of each clip its recording.
        rounds: of the bootstrap.
    """

    groups: tuple[str, ...]
    rounds: int = ROUNDS

    @cached_property
    def n(self) -> int:
        """Number of clips."""
        return len(self.groups)

    def mean(self, clips: Sequence[int], values: Sequence[float]) -> Interval:
        """Mean of values, each of one clip; NaN of none."""
        at = np.asarray(clips, dtype=np.intp)
        sums = np.bincount(at, weights=np.asarray(values, dtype=np.float64), minlength=self.n)
        counts = np.bincount(at, minlength=self.n)
        if not len(at):
            return Interval(float("nan"), float("nan"), float("nan"))
        return self.of(lambda weights: _ratio(weights @ sums, weights @ counts))

    def of(self, figure: Callable[[Array], Array]) -> Interval:
        """Any figure of weights of clips."""
        return bootstrap(figure, self.groups, self.rounds)


def separation(looks: Sequence[Look], drawing: Drawing) -> dict[str, Interval]:
    """How far the gate tells motion words from words of language, by the captioner's labels; nothing of a model without a gate.

    motion, language: mean gates of both; difference; AUC: how often a motion word has the higher gate of two.
    """
    known = sorted((look for look in looks if look.gate is not None and look.motion is not None), key=lambda look: look.gate or 0.0)
    motion = np.array([look.motion for look in known], dtype=bool)
    if not motion.any() or motion.all():
        return {}
    gates = np.array([look.gate for look in known], dtype=np.float64)
    clips = np.array([look.clip for look in known], dtype=np.intp)
    below, through = np.searchsorted(gates, gates[motion], "left"), np.searchsorted(gates, gates[motion], "right")

    def auc(weights: Array) -> Array:
        each = weights[:, clips].astype(np.float64)
        language = np.cumsum(np.pad(each * ~motion, ((0, 0), (1, 0))), axis=1)
        wins = (each[:, motion] * (language[:, below] + language[:, through]) / 2).sum(axis=1)
        return _ratio(wins, each[:, motion].sum(axis=1) * language[:, -1])

    def mean(of: Array) -> Callable[[Array], Array]:
        sums = np.bincount(clips[of], weights=gates[of], minlength=drawing.n)
        counts = np.bincount(clips[of], minlength=drawing.n)
        return lambda weights: _ratio(weights @ sums, weights @ counts)

    moving, speaking = mean(motion), mean(~motion)
    return {
        "motion": drawing.of(moving),
        "language": drawing.of(speaking),
        "difference": drawing.of(lambda weights: moving(weights) - speaking(weights)),
        "AUC": drawing.of(auc),
    }


def _ratio(part: Array, whole: Array) -> Array:
    return np.asarray(np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan))


def drawing_of(clips: Sequence[Clip], rounds: int = ROUNDS) -> Drawing:
    """For these clips. Raises KinelangError without one."""
    if not clips:
        raise KinelangError.of("attention", "no clips", "at least one")
    return Drawing(tuple(clip.group for clip in clips), rounds)
