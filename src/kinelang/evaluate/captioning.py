"""Captioners judged on the same clips: by the words people wrote, by the facts of the motion, and by a model of text and motion.

A caption can sound like people's and be wrong, or be right and sound like nobody's. So three kinds of figures stand beside each other:
text metrics against all captions of a clip (`metrics.captioning`), facts against what was performed where that is known, and against
what at least two people agree on (`timeline.facts`), and how well the caption finds its clip (R-precision and distance by the evaluator
of Guo et al.). Every figure has its bootstrap interval over recordings, every difference between two captioners is paired.

R-precision is a share of captions that find their clip in batches of 32. The batches are 20 shuffles of all clips, the same for all
captioners and in all rounds of the bootstrap, which draws captions with their shares of hits: the interval is of the captions that are
judged, and not of the shuffles, of which Guo et al. print the spread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from kinelang.captioning.choosing import BEAM, CANDIDATES, NOTHING_TOLD, Chooser, Watched
from kinelang.errors import KinelangError
from kinelang.evaluate.clips import Clip
from kinelang.metrics import motion_text
from kinelang.metrics.captioning import LEGACY, STRICT, BertModel, score
from kinelang.metrics.captioning.tokens import strict_words
from kinelang.metrics.intervals import ROUNDS, Interval, bootstrap
from kinelang.metrics.ranking import ranks
from kinelang.motion.arrays import Array
from kinelang.search.base import Retriever
from kinelang.timeline import facts
from kinelang.timeline.facts import Facts

TEXT = ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr-D")
"""Text metrics of the tables, times 100 as papers print them. METEOR and BERTScore come after them where they can be had."""
METEOR, BERT_SCORE = "METEOR", "BERTScore"
TRUE, PEOPLE = "performed", "people"
"""What facts are checked against."""
FACTS = ("f1", "f1_of_said", "precision", "recall", "side", "direction", "count")
TOPS = (1, 2, 3)
REPLICATIONS = 20


class Captioner(Protocol):
    """What is judged.

    Attributes:
        name: in tables.
        about: what it is made of.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def about(self) -> Mapping[str, Any]: ...  # noqa: D102

    def captions(self, clips: Sequence[Clip]) -> list[str]:
        """One caption of each clip."""
        ...


@dataclass(frozen=True)
class Said:
    """A captioner that is a function."""

    name: str
    about: Mapping[str, Any]
    say: Callable[[Sequence[Clip]], list[str]]

    def captions(self, clips: Sequence[Clip]) -> list[str]:
        """See `Captioner`."""
        return self.say(clips)


# --- Captioners that need no network of their own


def narrated(register: str = "sentence") -> Said:
    """What the narrator tells of the detected timeline. The clips have to be looked at before (`clips.detected_in`)."""
    from kinelang.timeline import narrate

    def say(clips: Sequence[Clip]) -> list[str]:
        return [(narrate(c.detected, register) if c.detected.stages else "") or NOTHING_TOLD for c in clips]

    return Said("narrated", {"register": register}, say)


def nearest(retriever: Retriever, known: Sequence[Clip]) -> Said:
    """The first caption of the training clip whose vector is nearest: the baseline of a captioner that only remembers.

    Raises KinelangError without a clip.
    """
    if not known:
        raise KinelangError.of("nearest training caption", "no training clip", "at least one")
    vectors = retriever.encode_features([clip.features for clip in known])

    def say(clips: Sequence[Clip]) -> list[str]:
        own = retriever.encode_features([clip.features for clip in clips])
        return [known[i].captions[0] for i in (own @ vectors.T).argmax(axis=1)]

    return Said("nearest training caption", {"model": getattr(retriever, "identity", ""), "clips": len(known)}, say)


# --- A trained captioner


def neural(name: str, model: Any, beam: int = 2) -> Said:
    """The best caption of a trained captioner's beam."""

    def say(clips: Sequence[Clip]) -> list[str]:
        found = model.caption([clip.features for clip in clips], beam=beam)
        return [several[0].text or NOTHING_TOLD for several in found]

    return Said(name, {"model": model.identity, "beam": beam}, say)


def chosen(name: str, chooser: Chooser) -> Said:
    """What a user gets: of what the captioner says and what is narrated, the best. The clips have to be looked at before."""

    def say(clips: Sequence[Clip]) -> list[str]:
        return [choice.caption for choice in chooser.choose([Watched(c.features, c.detected) for c in clips])]

    return Said(name, {**chooser.about, "beam": BEAM, "candidates": CANDIDATES}, say)


# --- Judging


@dataclass(frozen=True)
class Judged:
    """One captioner's figures.

    Attributes:
        name, about: of the captioner.
        captions: what it said, clip by clip.
        figures: by name.
        minus: of each other captioner that came before, this one's figures minus its.
    """

    name: str
    about: Mapping[str, Any]
    captions: tuple[str, ...]
    figures: Mapping[str, Interval]
    minus: Mapping[str, Mapping[str, Interval]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain data, without the captions."""

        def plain(figures: Mapping[str, Interval]) -> dict[str, list[float]]:
            return {name: [i.value, i.low, i.high] for name, i in figures.items()}

        return {
            "about": dict(self.about),
            "figures": plain(self.figures),
            "minus": {name: plain(figures) for name, figures in self.minus.items()},
        }


Figure = Callable[[Array], Array]
"""From weights of clips (R, N) to a figure in each round, (R,)."""


def judge(
    captioners: Sequence[Captioner],
    clips: Sequence[Clip],
    *,
    mode: str = STRICT,
    vocabulary: Sequence[str] = (),
    metrics: Sequence[str] = TEXT,
    bert: BertModel | None = None,
    matcher: Any | None = None,
    rounds: int = ROUNDS,
) -> list[Judged]:
    """Caption all clips and judge the captions.

    Args:
        captioners: with names that differ; each is compared with those before it.
        clips: with the captions of people.
        mode: of text metrics: "strict", or "legacy" with `vocabulary`, the words of the captioner.
        metrics: of text, from `metrics.captioning.METRICS`; see `text_metrics`.
        bert: model of BERTScore, where that is among them.
        matcher: evaluator of Guo et al. for R-precision and MM-Dist; None: left out.
        rounds: of the bootstrap over recordings.

    Returns:
        In the order of the captioners.

    Raises:
        KinelangError: no clips, a caption that is missing, names that do not differ, or a metric that cannot be had.
    """
    names = [captioner.name for captioner in captioners]
    if not clips or len(set(names)) < len(names):
        raise KinelangError.of("captioning", f"{len(clips)} clips, captioners {', '.join(names)}", "clips, and names that differ")
    groups = [clip.group for clip in clips]
    found: list[Judged] = []
    drawn: dict[str, Mapping[str, Figure]] = {}
    for captioner in captioners:
        said = captioner.captions(clips)
        if len(said) != len(clips):
            raise KinelangError.of(captioner.name, f"{len(said)} captions", f"one for each of {len(clips)} clips")
        scores = score(
            said, [c.captions for c in clips], metrics, mode=mode, vocabulary=vocabulary if mode == LEGACY else None, bert=bert
        )
        figures = {name: _percent(found.drawn) for name, found in scores.items()} | _facts(said, clips)
        figures |= {} if matcher is None else matching(said, clips, matcher)
        intervals = {name: bootstrap(figure, groups, rounds) for name, figure in figures.items()}
        minus = {
            other: {
                name: bootstrap(lambda w, a=figure, b=drawn[other][name]: a(w) - b(w), groups, rounds)  # type: ignore[misc]
                for name, figure in figures.items()
            }
            for other in drawn
        }
        drawn[captioner.name] = figures
        words = [len(strict_words(text)) for text in said]
        extra = {"words": _exactly(float(np.mean(words))), "different": _exactly(100 * len(set(said)) / len(said))}
        found.append(Judged(captioner.name, captioner.about, tuple(said), {**intervals, **extra}, minus))
    return found


def _exactly(value: float) -> Interval:
    return Interval(value, float("nan"), float("nan"))


def text_metrics(bert: BertModel | None = None) -> tuple[tuple[str, ...], list[str]]:
    """(The metrics of text that can be had here, one line for each that cannot.)

    Each is tried, so that a model of BERTScore that cannot be opened is known before captions are made.

    Raises:
        KinelangError: the model of BERTScore cannot be opened.
    """
    trial = ["a person"], [["a person"]]
    names, notes = list(TEXT), []
    try:
        score(*trial, [METEOR])
        names.append(METEOR)
    except KinelangError as error:
        notes.append(f"without {METEOR}: {error}")
    if bert is not None:
        score(*trial, [BERT_SCORE], bert=bert)
        names.append(BERT_SCORE)
    return tuple(names), notes


def _facts(said: Sequence[str], clips: Sequence[Clip]) -> dict[str, Figure]:
    """Facts against what was performed, where it is known of every clip, and against what people agree on."""
    checked: dict[str, Facts] = {}
    truths = [clip.true for clip in clips if clip.true is not None]
    if len(truths) == len(clips):
        checked[TRUE] = facts.joined(facts.factual(text, true) for text, true in zip(said, truths, strict=True))
    by_people = (facts.factual_to_captions(text, clip.captions) for text, clip in zip(said, clips, strict=True))
    checked[PEOPLE] = facts.joined(by_people)
    return {
        f"{against} {name}{' lenient' if lenient else ''}": _percent(_of_facts(found, name, lenient))
        for against, found in checked.items()
        for name in FACTS
        for lenient in (False, True)
    }


def _of_facts(found: Facts, name: str, lenient: bool) -> Figure:
    return lambda weights: found.drawn(weights, name, lenient)


def _percent(figure: Figure) -> Figure:
    return lambda weights: 100 * figure(weights)


def matching(said: Sequence[str], clips: Sequence[Clip], matcher: Any) -> dict[str, Figure]:
    """R-precision in batches of 32 and MM-Dist, the mean distance of a caption and its clip, by the evaluator.

    Too few clips for a batch: the distance alone.
    """
    texts, motions = matcher.encode_texts(list(said)), matcher.encode_features([clip.features for clip in clips])
    figures = {"MM-Dist": _mean(np.linalg.norm(texts - motions, axis=1), np.ones(len(clips)))}
    if len(clips) >= motion_text.BATCH:
        hits, asked = hits_in_batches(texts, motions)
        figures |= {f"R-precision {k}": _percent(_mean(own, asked)) for k, own in zip(TOPS, hits, strict=True)}
    return figures


def hits_in_batches(texts: Array, motions: Array, seed: int = 0) -> tuple[Array, Array]:
    """How often each text finds its motion among the first k of `TOPS` in batches of 32, over 20 shuffles of all pairs.

    The sum of hits over the sum of times asked is the mean of `metrics.motion_text.r_precision` over the shuffles. What is left over of
    a shuffle when whole batches are full is not asked.

    Args:
        texts, motions: (N, d), N at least 32; row i of one belongs to row i of the other.
        seed: of the shuffles, which depend on nothing else but N.

    Returns:
        (3, N) float64 hits and (N,) float64 how often a text was asked, 20 at most.
    """
    rng, batch = np.random.default_rng(seed), motion_text.BATCH
    hits, asked = np.zeros((len(TOPS), len(texts))), np.zeros(len(texts))
    own = np.eye(batch, dtype=bool)
    for _ in range(REPLICATIONS):
        order = rng.permutation(len(texts))
        for end in range(batch, len(texts) + 1, batch):
            rows = order[end - batch : end]
            at = ranks(-motion_text.distances(texts[rows], motions[rows]), own)
            hits[:, rows] += at < np.array(TOPS)[:, None]
            asked[rows] += 1
    return hits, asked


def _mean(values: Array, times: Array) -> Figure:
    """Sum of values over sum of times, of the clips that are drawn; NaN where there are none."""

    def figure(weights: Array) -> Array:
        whole = weights @ times
        return np.asarray(np.where(whole > 0, weights @ values / np.where(whole > 0, whole, 1), np.nan))

    return figure
