"""Moments: how well systems find, in a long motion, the stretch that a sentence tells of.

There is no public set of long motions with sentences that may be had without a licence (TMR used BABEL), so sequences are made of
captioned clips put one behind the other; queries are the captions of the parts, and the truth is where the part is. Three ways:

* "features": the clips' features beside each other (they are relative to the root, so that the joint is a jump of the pose);
* "motions": the clips themselves, turned and shifted so that each goes on where the last ended, blended over 0.2 s;
* performed: timelines of the synthetic corpus one behind the other, performed in one go, so that nothing is joined at all.

A system is given the features of the whole sequence and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from typing import Any

import numpy as np

from kinelang.corpora import Corpus, Record, features_of, open_corpus, standard
from kinelang.errors import KinelangError
from kinelang.evaluate.text_similarity import SAME_THRESHOLD, Embed, cosine_of
from kinelang.language.named_sides import differ_in_side
from kinelang.metrics.intervals import ROUNDS, Interval, bootstrap
from kinelang.motion.arrays import Array
from kinelang.motion.features import decode_to_motion
from kinelang.motion.ops import concatenate
from kinelang.search.base import FPS, Retriever
from kinelang.search.moments import (
    FIXED_FRAMES,
    LOCALISE_SHARE,
    LOCALISE_STRIDE,
    PYRAMID_FRAMES,
    PYRAMID_STRIDE,
    Localiser,
    Moment,
    WindowSet,
    encode_windows,
    fixed_window,
    localise,
    pyramid,
    temporal_iou,
)
from kinelang.search.store import Seen
from kinelang.search.structure import asked

IOUS = (0.4, 0.5, 0.7)
"""Overlaps from which on a moment counts as found: intersection over union above them, as in the paper."""
TOPS = (1, 5)
LONG_FRAMES = (*PYRAMID_FRAMES, *range(80, 201, 20))
"""The pyramid made longer, up to the 10 s that models learn from: the paper's ends at 3 s, where most captioned clips only begin."""
PERFORMED = "performed"
BLEND_S = 0.2
OURS, OURS_VECTORS, PYRAMID, LONG_PYRAMID, CHANCE = "ours", "ours, vectors alone", "pyramid", "long pyramid", "chance"


@dataclass(frozen=True)
class Part:
    """Where a part is, in frames of the sequence's features, and what was written for it."""

    first: int
    last: int
    captions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Joined:
    """A long motion made of parts.

    Attributes:
        name: drawn as one in the bootstrap.
        features: (T, 263), raw.
        parts: in order of time.
    """

    name: str
    features: Array
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class Asking:
    """A caption and the number of the part that it was written for."""

    text: str
    part: int


# --- Sequences


def joined_clips(records: Iterable[Record], n: int, parts: int = 4, seed: int = 0, how: str = "features") -> Iterator[Joined]:
    """Sequences of clips of different recordings, every clip used about as often as every other.

    Args:
        records: captioned clips with motion; `n * parts` at most are read.
        n: sequences.
        parts: clips of a sequence.
        seed: of the drawing.
        how: "features" or "motions", see above.

    Raises:
        KinelangError: fewer recordings than parts, or another way to join.
    """
    if how not in ("features", "motions"):
        raise KinelangError.of("join", f"'{how}'", "'features' or 'motions'")
    clips = list(islice((r for r in records if r.captions and r.has_motion), n * parts))
    if len({r.group or r.id for r in clips}) < parts or n < 1 or parts < 2:
        raise KinelangError.of("moments", f"{len(clips)} clips for sequences of {parts} parts", "clips of as many recordings as parts")
    rng = np.random.default_rng(seed)
    join = _beside if how == "features" else _blended
    waiting: list[Record] = []
    for i in range(n):
        chosen: list[Record] = []
        while len(chosen) < parts:
            taken = {r.group or r.id for r in chosen}
            free = [r for r in waiting if (r.group or r.id) not in taken]
            if not free:
                waiting += [clips[j] for j in rng.permutation(len(clips))]
                continue
            chosen.append(free[0])
            waiting = [r for r in waiting if r is not free[0]]
        yield join(f"{i:04d}", chosen)


def _beside(name: str, records: Sequence[Record]) -> Joined:
    features = [record.features() for record in records]
    ends = np.cumsum([len(x) for x in features])
    return Joined(name, np.concatenate(features), _parts(records, [0, *ends[:-1]], ends))


def _blended(name: str, records: Sequence[Record]) -> Joined:
    motions = [standard(record.motion()) for record in records]
    whole = concatenate(motions, BLEND_S)
    overlap = (sum(m.n_frames for m in motions) - whole.n_frames) / max(len(motions) - 1, 1)
    lengths = np.array([m.n_frames for m in motions])
    firsts = np.cumsum(lengths - overlap) - (lengths - overlap)
    edges = [0, *(firsts[1:] + overlap / 2).round().astype(int), whole.n_frames - 1]
    return Joined(name, features_of(whole), _parts(records, edges[:-1], edges[1:]))


def _parts(records: Sequence[Record], firsts: Iterable[int], lasts: Iterable[int]) -> tuple[Part, ...]:
    return tuple(Part(int(a), int(b), r.texts) for a, b, r in zip(firsts, lasts, records, strict=True))


def performed(n: int, parts: int = 4, split: str = "val", seed: int = 0, clips: int = 20_000) -> Iterator[Joined]:
    """Sequences performed in one go from timelines of the synthetic corpus's split, each ending on its feet. Parts are from the first
    stage of a timeline to its last."""
    from kinelang.corpora.synthetic import Synthetic
    from kinelang.timeline import perform
    from kinelang.timeline.actions import ACTIONS

    corpus = Synthetic(clips, seed)
    size, at = corpus.sizes()[split], 0
    for i in range(n):
        chosen: list[Record] = []
        while len(chosen) < parts:
            if at >= size:
                raise KinelangError.of("moments", f"{at} timelines of '{split}'", "more of them", "ask for fewer sequences or parts")
            record = corpus.record(split, at)
            at += 1
            posture = "standing"
            for stage in record.timeline.stages if record.timeline is not None else ():
                posture = ACTIONS[stage.verb].after or posture
            if posture == "standing":
                chosen.append(record)
        timeline, places = _behind(chosen)
        whole = perform(timeline, seed=i, fps=FPS)
        frames = [(round(a * FPS), min(round(b * FPS), whole.n_frames - 1)) for a, b in places]
        yield Joined(f"{i:04d}", features_of(whole), _parts(chosen, *zip(*frames, strict=True)))


def _behind(records: Sequence[Record]) -> tuple[Any, list[tuple[float, float]]]:
    """One timeline of several, and where the stages of each begin and end, seconds."""
    from kinelang.timeline import Timeline

    stages, places, start = [], [], 0.0
    for record in records:
        assert record.timeline is not None
        moved = [stage.shifted(start) for stage in record.timeline.stages]
        stages += moved
        places.append((min(s.start_s for s in moved), max(s.end_s for s in moved)))
        start += record.timeline.duration_s
    return Timeline(tuple(stages), duration_s=start), places


def sequences_of(data: str, split: str, n: int, parts: int = 4, seed: int = 0, how: str = "features") -> Iterator[Joined]:
    """Sequences of a data set by name: "cmu", "synthetic:20000", "performed", any corpus that `kinelang train` takes.

    A split such as "train+val" is both.

    Raises KinelangError or CorpusError: no such corpus, or too few clips.
    """
    name, _, size = data.partition(":")
    if name == PERFORMED:
        return performed(n, parts, split, seed, int(size) if size.isdigit() else 20_000)
    corpus = _corpus(name, size)
    clips = chain.from_iterable(corpus.clips(one, limits=False) for one in split.split("+"))
    return joined_clips(clips, n, parts, seed, how)


def _corpus(name: str, what: str) -> Corpus:
    from kinelang.training.data import Source

    if name == "synthetic":
        return open_corpus(name, n=int(what) if what.isdigit() else 20_000)
    return Source.parse(f"{name}:{what}" if what else name).open()


# --- Queries


def queries_of(sequence: Joined, embed: Embed, threshold: float = SAME_THRESHOLD) -> list[Asking]:
    """The captions that fit one part alone, each with its part.

    A caption is left out where another part of the sequence has a caption that says the same: a sentence embedding above the threshold
    (on the scale from 0 to 1), or every stage that is read from the one (verb, side, direction) told by the other too, "walks" by
    "walks and sits". Captions that name different sides never say the same.

    Args:
        sequence: parts and their captions.
        embed: from texts to unit embeddings.
        threshold: of TMR's protocol (b).
    """
    texts = [text for part in sequence.parts for text in part.captions]
    part_of = np.repeat(np.arange(len(sequence.parts)), [len(part.captions) for part in sequence.parts])
    vectors = embed(texts)
    same = (vectors @ vectors.T > cosine_of(threshold)) & ~differ_in_side(texts)
    told = [_told(text) for text in texts]
    for i, mine in enumerate(told):
        same[i] |= [bool(mine) and mine <= other for other in told]
    same &= part_of[:, None] != part_of[None, :]
    return [Asking(text, int(part)) for text, part, others in zip(texts, part_of, same, strict=True) if not others.any()]


def _told(text: str) -> frozenset[tuple[str, str | None, str | None]]:
    return frozenset((s.verb, s.side, s.direction) for s in asked(text).stages)


# --- Systems


@dataclass(frozen=True, eq=False)
class Encoded:
    """What systems are given: the windows of the paper and the longer ones, those that `localise` uses, and the stages detected in
    the sequence as a whole."""

    windows: WindowSet
    own: WindowSet
    stages: tuple[Seen, ...]


System = Callable[[Encoded, str, Array], list[Moment]]
"""From a sequence, a text and the text's vector to moments, best first."""


def systems_of(settings: Localiser | None = None) -> dict[str, System]:
    """All that are compared, by name; chance is not among them."""

    def fixed(length: int) -> System:
        return lambda it, text, query: fixed_window(it.windows.of_length(length), query, length, max(TOPS))

    def of_lengths(lengths: Iterable[int]) -> System:
        kept = frozenset(lengths)
        return lambda it, text, query: pyramid(it.windows.of_lengths(kept), query, max(TOPS))

    def own(structure: bool) -> System:
        def found(it: Encoded, text: str, query: Array) -> list[Moment]:
            wanted = asked(text).stages if structure else ()
            return localise(it.own, query, it.stages if structure else (), wanted, settings=settings)

        return found

    return {
        **{f"fixed {length}": fixed(length) for length in FIXED_FRAMES},
        PYRAMID: of_lengths(PYRAMID_FRAMES),
        LONG_PYRAMID: of_lengths(LONG_FRAMES),
        OURS_VECTORS: own(False),
        OURS: own(True),
    }


def encoded(sequence: Joined, retriever: Retriever, settings: Localiser | None = None) -> Encoded:
    """Encode a sequence once, for all systems; stages are detected in the joints that its features give."""
    from kinelang.timeline import detect

    settings = settings or Localiser()
    windows = encode_windows(retriever, sequence.features, sorted({*FIXED_FRAMES, *LONG_FRAMES}), PYRAMID_STRIDE)
    own = encode_windows(retriever, sequence.features, (*settings.lengths, *settings.whole), LOCALISE_STRIDE, LOCALISE_SHARE)
    stages = detect(decode_to_motion(sequence.features)).stages
    seen = tuple(Seen(s.verb, s.side, s.direction, s.count, s.start_s, s.end_s, s.confidence or 0.0) for s in stages)
    return Encoded(windows, own, seen)


# --- Figures


@dataclass
class Overlaps:
    """Best overlap among the first moments of every system, query by query.

    Attributes:
        groups: sequence of each query.
        found: system -> top -> overlap of each query.
        by_chance: for each IoU, the share of all windows of the long pyramid that would have been right, query by query.
    """

    groups: list[str] = field(default_factory=list)
    found: dict[str, dict[int, list[float]]] = field(default_factory=dict)
    by_chance: dict[float, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    sequences: int = 0
    skipped: int = 0

    def add(self, sequence: Joined, it: Encoded, queries: Sequence[Asking], vectors: Array, systems: Mapping[str, System]) -> None:
        """Ask every system every query of a sequence. vectors: (Q, d), of the queries' texts."""
        self.sequences += 1
        self.seconds += len(sequence.features) / FPS
        self.skipped += sum(len(part.captions) for part in sequence.parts) - len(queries)
        spans = it.windows.of_lengths(frozenset(LONG_FRAMES)).spans / FPS
        for query, vector in zip(queries, vectors, strict=True):
            part = sequence.parts[query.part]
            start_s, end_s = part.first / FPS, part.last / FPS
            self.groups.append(sequence.name)
            for name, system in systems.items():
                moments = system(it, query.text, vector)
                row = self.found.setdefault(name, {top: [] for top in TOPS})
                for top in TOPS:
                    row[top].append(max((temporal_iou(m, start_s, end_s) for m in moments[:top]), default=0.0))
            shared = np.minimum(spans[:, 1], end_s) - np.maximum(spans[:, 0], start_s)
            overlap = shared / (np.maximum(spans[:, 1], end_s) - np.minimum(spans[:, 0], start_s))
            for iou in IOUS:
                self.by_chance.setdefault(iou, []).append(float(np.mean(overlap > iou)))

    def right(self, system: str, iou: float, top: int = 1) -> Array:
        """(Q,) 0 or 1; of chance, the probability."""
        if system == CHANCE:
            return np.asarray(1 - (1 - np.array(self.by_chance[iou])) ** top)
        return np.asarray(np.array(self.found[system][top]) > iou, dtype=np.float64)

    def accuracy(self, system: str, iou: float, top: int = 1, *, over: str | None = None, rounds: int = ROUNDS) -> Interval:
        """Share of queries in percent with its bootstrap interval over sequences; `over` another system: the paired difference."""
        right = 100 * (self.right(system, iou, top) - (0 if over is None else self.right(over, iou, top)))
        return bootstrap(lambda weights: weights @ right / np.maximum(weights.sum(axis=1), 1), self.groups, rounds)


@dataclass(frozen=True)
class Table:
    """What was measured on one data set.

    Attributes:
        data: what the sequences are made of.
        sequences, queries, skipped, seconds: numbers of each; `skipped` captions fit another part too; mean length of a sequence.
        rows: system -> figure, such as "top 1, IoU 0.5" -> accuracy in percent.
        gains: what ours has more than another system, figure by figure.
    """

    data: str
    sequences: int
    queries: int
    skipped: int
    seconds: float
    rows: Mapping[str, Mapping[str, Interval]]
    gains: Mapping[str, Mapping[str, Interval]]

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def table_of(overlaps: Overlaps, data: str, rounds: int = ROUNDS) -> Table:
    """The figures. Raises KinelangError if no caption fits one part alone."""
    if not overlaps.groups:
        raise KinelangError.of("moments", "no caption that fits one part of its sequence alone", "at least one", "take more sequences")
    figures = [(f"top {top}, IoU {iou}", iou, top) for top in TOPS for iou in IOUS]
    names = [CHANCE, *overlaps.found]
    rows = {name: {figure: overlaps.accuracy(name, iou, top, rounds=rounds) for figure, iou, top in figures} for name in names}
    others = [name for name in overlaps.found if name != OURS]
    gains = {
        name: {figure: overlaps.accuracy(OURS, iou, top, over=name, rounds=rounds) for figure, iou, top in figures} for name in others
    }
    seconds = overlaps.seconds / overlaps.sequences
    return Table(data, overlaps.sequences, len(overlaps.groups), overlaps.skipped, seconds, rows, gains)


def evaluate_moments(
    sequences: Iterable[Joined],
    retriever: Retriever,
    embed: Embed,
    data: str = "",
    *,
    settings: Localiser | None = None,
    rounds: int = ROUNDS,
    progress: Callable[[int], None] | None = None,
) -> Table:
    """Ask all systems for the moments of all parts.

    Args:
        sequences: see `sequences_of`.
        retriever: the model.
        embed: of sentences, for telling which captions are ambiguous.
        data: what the sequences are made of, for the record.
        settings: of `localise`.
        rounds: of the bootstrap.
        progress: told after each sequence how many are done.
    """
    overlaps, systems = Overlaps(), systems_of(settings)
    for done, sequence in enumerate(sequences, start=1):
        queries = queries_of(sequence, embed)
        if queries:
            vectors = retriever.encode_texts([query.text for query in queries])
            overlaps.add(sequence, encoded(sequence, retriever, settings), queries, vectors, systems)
        if progress is not None:
            progress(done)
    return table_of(overlaps, data, rounds)
