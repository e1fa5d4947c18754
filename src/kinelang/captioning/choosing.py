"""The caption that a user gets: of what a network says and what is narrated from the detected timeline, the best by three scores.

How likely the captioner finds the words, how near their vector is to the motion's (`models.tmr`), and how well the facts they tell
agree with the detected timeline (`timeline.facts`). Without a captioner the narrated caption stands alone, and `Choice.notes` says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from kinelang.captioning.explaining import Evidence, of_captioned, of_timeline
from kinelang.corpora.base import FPS, features_of, standard
from kinelang.errors import KinelangError, MissingExtraError, ModelError
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.timeline import Timeline, captions, detect
from kinelang.timeline.facts import FIGURES, factual

if TYPE_CHECKING:
    from kinelang.models.captioner.evidence import Captioned
    from kinelang.models.captioner.speaker import Speaker

SOURCES = ("best", "neural", "narrated")
"""What may be asked for."""
BEAM, CANDIDATES = 5, 8
"""Sentences that the captioner follows at a time, and candidates of each origin, at most."""
NOTHING_TOLD = "a person stands still"
"""What is narrated where no stage is detected."""
NO_CAPTIONER = "no captioner: the caption is narrated from the detected timeline alone"
_WEIGHED = (("probability", "log_probability"), ("match", "match"), ("agreement", "agreement"))
"""Weights, and the figures of a candidate that they weigh."""

Origin = Literal["neural", "narrated"]


class Matcher(Protocol):
    """Text and motion as unit vectors of one space, as `models.tmr.Retriever` gives them."""

    def encode_texts(self, texts: Sequence[str]) -> Array:
        """(N, d) float32, unit length."""
        ...

    def encode_features(self, features: Sequence[Array]) -> Array:
        """(N, d) float32, unit length, from HumanML3D's raw features, each (T_i, 263)."""
        ...


@dataclass(frozen=True)
class Weights:
    """How candidates are compared: the sum of the figures, each times its weight. A figure of weight 0 is not computed.

    Attributes:
        probability: of the mean logarithm of the probabilities of the words.
        match: of the cosine of caption and motion.
        agreement: of the facts of the caption against those of the detected timeline, 0 to 1.
        narrated: what a narrated caption has ahead.
        figure: which of `timeline.facts.FIGURES` the agreement is.
        lenient: whether verbs that people use for one motion are the same there.
        sure: detected stages of less confidence are left out of what is to be agreed with.
        matched: so many candidates of a motion, the best by the other figures, are compared by their cosine; the others come after
            them. To encode sentences is what takes the time.

    The defaults were chosen on validation clips (made ones, CMU's, and three styles of a rig and performers no model has seen): among
    weights that do nearly as well everywhere, from the middle.
    """

    probability: float = 0.4
    match: float = 0.5
    agreement: float = 0.8
    narrated: float = 0.05
    figure: str = "f1_of_said"
    lenient: bool = False
    sure: float = 0.0
    matched: int = 6

    def __post_init__(self) -> None:
        if self.figure not in FIGURES:
            raise KinelangError.of("weights, figure", f"'{self.figure}'", f"one of {', '.join(FIGURES)}")
        if self.matched < 1:
            raise KinelangError.of("weights, matched", str(self.matched), "at least 1")


@dataclass(frozen=True, eq=False)
class Candidate:
    """Something that may be said of a motion.

    Attributes:
        caption: the words.
        origin: "neural" or "narrated".
        log_probability: mean of its words and the end; None where no captioner was asked.
        match: cosine with the motion; None where no matcher was asked.
        agreement: with the detected timeline, 0 to 1; None where it was not looked at.
        score: the weighted sum, by which candidates are compared; None where they were not.
        captioned: of a neural one, the caption with its attention.
    """

    caption: str
    origin: Origin
    log_probability: float | None = None
    match: float | None = None
    agreement: float | None = None
    score: float | None = None
    captioned: Captioned | None = field(default=None, repr=False)

    def to_json(self) -> dict[str, Any]:
        """As plain data, rounded; what is not known is left out."""
        numbers = {name: getattr(self, name) for name in ("score", "log_probability", "match", "agreement")}
        return {"caption": self.caption, "from": self.origin} | {n: round(v, 4) for n, v in numbers.items() if v is not None}


@dataclass(frozen=True, eq=False)
class Watched:
    """A motion as it is captioned.

    Attributes:
        features: HumanML3D's, raw, (T, 263) float32 at 20 frames a second.
        timeline: what was detected in it; None where nobody looked.
        notes: what was done to it, one plain sentence each.
    """

    features: Array
    timeline: Timeline | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Choice:
    """What is said of a motion.

    Attributes:
        source: "neural": what the captioner prefers itself; "reranked": another of its captions, preferred by the scores;
            "narrated": told from the detected timeline.
        candidates: all that was compared, best first.
        timeline: what was detected; None where nobody looked.
        notes: what was done, or not done, one plain sentence each.
    """

    source: str
    candidates: tuple[Candidate, ...]
    timeline: Timeline | None = None
    notes: tuple[str, ...] = ()

    @property
    def chosen(self) -> Candidate:
        """The best candidate."""
        return self.candidates[0]

    @property
    def caption(self) -> str:
        """What is said."""
        return self.chosen.caption

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """For every word of the caption, why it is said."""
        if self.chosen.captioned is not None:
            return of_captioned(self.chosen.captioned)
        return of_timeline(self.caption, self.timeline or Timeline())

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "caption": self.caption,
            "source": self.source,
            "candidates": [candidate.to_json() for candidate in self.candidates],
            "evidence": [evidence.to_json() for evidence in self.evidence],
            "notes": list(self.notes),
        }


class Chooser:
    """Captions motions.

    Args:
        captioner: a trained one; None: captions are narrated.
        matcher: of text and motion; None: without that score.
        weights: of the scores.
        notes: what is missing, one plain sentence each; told with every choice among candidates.
    """

    def __init__(
        self,
        captioner: Speaker | None,
        matcher: Matcher | None = None,
        weights: Weights | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.captioner, self.matcher, self.weights = captioner, matcher, weights or Weights()
        self.notes = tuple(notes) or (() if captioner is not None else (NO_CAPTIONER,))

    @property
    def about(self) -> dict[str, Any]:
        """What captions are made with, as plain data."""
        return {
            "captioner": None if self.captioner is None else self.captioner.identity,
            "matcher": getattr(self.matcher, "identity", None),
            "weights": asdict(self.weights),
        }

    @classmethod
    def open(cls, model: Path | None = None, source: str = "best", weights: Weights | None = None) -> Chooser:
        """With what a source needs. For "best" what is not installed is done without, which every choice notes.

        Args:
            model: a captioner's run folder; None: the one that comes with kinelang.
            source: one of `SOURCES`.
            weights: of the scores.

        Raises:
            KinelangError: another source.
            ModelError: no such folder, files that do not belong together.
            MissingExtraError: what a captioner needs that was asked for is not installed.
        """
        checked(source)
        weights = weights or Weights()
        if source == "narrated":
            return cls(None, None, weights)
        from kinelang.models.captioners import load_captioner

        try:
            captioner = load_captioner(model)
        except MissingExtraError as error:
            if model is not None or source != "best":
                raise
            return cls(None, None, weights, (f"{NO_CAPTIONER} ({error})",))
        if source != "best" or not weights.match:
            return cls(captioner, None, weights)
        from kinelang.models.tmr.retriever import Retriever

        try:
            matcher = Retriever.load()
            _ = matcher.encoder  # what it needs is missed here, not at every motion
        except MissingExtraError as error:
            return cls(captioner, None, weights, (f"candidates are compared without a model of text and motion ({error})",))
        return cls(captioner, matcher, weights)

    def caption(
        self, motions: Sequence[Motion] | Motion, source: str = "best", *, beam: int = BEAM, n: int = CANDIDATES
    ) -> list[Choice]:
        """Captions of motions on any human skeleton and at any frame rate; one motion counts as a sequence of one.

        Args:
            motions: the motions.
            source: one of `SOURCES`.
            beam: sentences that the captioner follows at a time.
            n: captions of each origin that are candidates, at most `beam` of the captioner.

        Raises SkeletonError for what is no human figure; else as `choose`.
        """
        given = [motions] if isinstance(motions, Motion) else list(motions)
        return self.choose([watch(motion, timeline=self.looks(source)) for motion in given], source, beam=beam, n=n)

    def looks(self, source: str) -> bool:
        """Whether stages have to be detected for a source."""
        return checked(source) != "neural"

    def choose(self, clips: Sequence[Watched], source: str = "best", *, beam: int = BEAM, n: int = CANDIDATES) -> list[Choice]:
        """Captions of motions that were looked at; all at once, so that many cost little.

        Raises:
            KinelangError: another source; no detected timeline where one is needed.
            ModelError: "neural" without a captioner; features or a beam that the captioner does not take.
        """
        checked(source)
        found = self.candidates(clips, source, beam=beam, n=n)
        return [self._choice(clip, own, source) for clip, own in zip(clips, found, strict=True)]

    def candidates(
        self, clips: Sequence[Watched], source: str = "best", *, beam: int = BEAM, n: int = CANDIDATES
    ) -> list[list[Candidate]]:
        """All candidates of each motion with their figures, the neural ones first, best first; not yet compared.

        Errors as `choose`.
        """
        if source == "neural" and self.captioner is None:
            remedy = "train one: kinelang train captioner --corpus synthetic:20000 --out RUN"
            raise ModelError.of("captions", "no captioner", "one", remedy)
        if source != "neural" and any(clip.timeline is None for clip in clips):
            raise KinelangError.of("captions", "a motion in which no stages were looked for", "one watched with timeline=True")
        found: list[list[Candidate]] = [[] for _ in clips]
        if source != "narrated" and self.captioner is not None and clips:
            said = self.captioner.caption([clip.features for clip in clips], beam=beam, n=min(n, beam))
            found = [[_of_captioned(one) for one in own] for own in said]
        if source != "neural":
            found = [own + narrated(clip.timeline, n) for clip, own in zip(clips, found, strict=True) if clip.timeline is not None]
        return self._with_figures(clips, found) if source == "best" and self.captioner is not None else found

    # --- figures

    def _with_figures(self, clips: Sequence[Watched], found: list[list[Candidate]]) -> list[list[Candidate]]:
        weights = self.weights
        if weights.probability:
            found = self._with_probabilities(clips, found)
        if weights.agreement:
            found = [
                [replace(candidate, agreement=agreement(candidate.caption, clip.timeline, weights)) for candidate in own]
                for clip, own in zip(clips, found, strict=True)
                if clip.timeline is not None
            ]
        if weights.match and self.matcher is not None:
            found = _with_matches(clips, found, self.matcher, weights)
        return found

    def _with_probabilities(self, clips: Sequence[Watched], found: list[list[Candidate]]) -> list[list[Candidate]]:
        """How likely the captioner finds what others say; not of clips that it cuts, for it would hear them uncut."""
        assert self.captioner is not None
        asked = [[] if _was_cut(own) else [one.caption for one in own if one.log_probability is None] for own in found]
        heard = self.captioner.explain_several([clip.features for clip in clips], asked)
        return [_with_heard(own, captioned) if captioned else own for own, captioned in zip(found, heard, strict=True)]

    def _choice(self, clip: Watched, own: list[Candidate], source: str) -> Choice:
        notes = clip.notes
        best = own[0]
        if source == "best":
            notes = (*notes, *self.notes)
            if self.captioner is not None:
                own = ranked(own, _fair(own, self.weights))
        if own[0].captioned is not None:
            notes = (*notes, *own[0].captioned.notes)
        named = own[0].origin if own[0].origin == "narrated" or own[0].caption == best.caption else "reranked"
        return Choice(named, tuple(own), clip.timeline, notes)


def checked(source: str) -> str:
    """The source, if it is one of `SOURCES`; KinelangError otherwise."""
    if source not in SOURCES:
        raise KinelangError.of("source of captions", f"'{source}'", f"one of {', '.join(SOURCES)}")
    return source


def watch(motion: Motion, *, timeline: bool = True) -> Watched:
    """Make a motion ready to be captioned: its features and, if asked for, the stages that are detected in it.

    Raises SkeletonError for what is no human figure.
    """
    known = detect(motion) if timeline else None
    body, notes = standard(motion), tuple(motion.notes)
    if body.n_frames == 1:
        body = body.with_(positions=np.repeat(body.joints, 2, axis=0), rotations=None, root=None)
        notes = (*notes, f"a single pose, held for {2 / FPS:g} s")
    return Watched(features_of(body), known, notes)


def narrated(timeline: Timeline, n: int = 1) -> list[Candidate]:
    """Up to n wordings of what was detected, the usual one first."""
    told = [text for text in captions(timeline, n) if text] if timeline.stages else []
    return [Candidate(text, "narrated") for text in dict.fromkeys(told)] or [Candidate(NOTHING_TOLD, "narrated")]


def agreement(caption: str, timeline: Timeline, weights: Weights) -> float:
    """How well what a caption tells agrees with what was detected, 0 to 1; where neither tells anything, 1."""
    sure = tuple(stage for stage in timeline.stages if stage.confidence is None or stage.confidence >= weights.sure)
    found = factual(caption, timeline.with_(stages=sure))
    value = float(FIGURES[weights.figure](found.lenient[0] if weights.lenient else found.strict[0]))
    return 1.0 if math.isnan(value) else value


def ranked(candidates: Sequence[Candidate], weights: Weights) -> list[Candidate]:
    """Candidates of one motion with their scores, best first: before all others those that were matched; of equal ones the first."""
    scored = [replace(candidate, score=score(candidate, weights)) for candidate in candidates]
    return sorted(scored, key=lambda candidate: (candidate.match is None, -(candidate.score or 0.0)))


def score(candidate: Candidate, weights: Weights) -> float:
    """The weighted sum; a figure that is not known counts 0."""
    figures = [(getattr(weights, w), getattr(candidate, name)) for w, name in _WEIGHED]
    ahead = weights.narrated if candidate.origin == "narrated" else 0.0
    return float(ahead + sum(weight * value for weight, value in figures if value is not None))


def _fair(candidates: Sequence[Candidate], weights: Weights) -> Weights:
    """The weights, without that of the probability where it is not known of all."""
    return weights if all(one.log_probability is not None for one in candidates) else replace(weights, probability=0.0)


def _ahead(candidates: Sequence[Candidate], weights: Weights) -> list[int]:
    """Which candidates are to be matched."""
    return sorted(range(len(candidates)), key=lambda k: -score(candidates[k], weights))[: weights.matched]


def _with_matches(clips: Sequence[Watched], found: list[list[Candidate]], matcher: Matcher, weights: Weights) -> list[list[Candidate]]:
    """With the cosines of the best of each motion."""
    asked = [_ahead(own, _fair(own, weights)) for own in found]
    texts = list(dict.fromkeys(own[k].caption for own, best in zip(found, asked, strict=True) for k in best if own[k].caption))
    vectors = dict(zip(texts, matcher.encode_texts(texts), strict=True)) if texts else {}
    motions = matcher.encode_features([clip.features for clip in clips])
    made = [list(own) for own in found]
    for own, best, motion in zip(made, asked, motions, strict=True):
        for k in best:
            own[k] = replace(own[k], match=float(vectors[own[k].caption] @ motion) if own[k].caption else 0.0)
    return made


def _of_captioned(captioned: Captioned) -> Candidate:
    return Candidate(captioned.text, "neural", captioned.mean_log_probability, captioned=captioned)


def _was_cut(candidates: Sequence[Candidate]) -> bool:
    """Whether the captioner captioned windows of the clip."""
    return any(one.captioned is not None and len(one.captioned.windows) > 1 for one in candidates)


def _with_heard(candidates: Sequence[Candidate], heard: Sequence[Captioned]) -> list[Candidate]:
    """Candidates with the probabilities of those that had none."""
    left = iter(heard)
    return [
        one if one.log_probability is not None else replace(one, log_probability=next(left).mean_log_probability) for one in candidates
    ]
