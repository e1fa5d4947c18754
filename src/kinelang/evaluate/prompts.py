"""Texts that motions are asked for by, each with the timeline of what it asks: what no training has shown together, in seven kinds.

Most are made: a random timeline whose combination of actions belongs to the split (`corpora.synthetic.split_of`), told by the
narrator. The clips of the training split never show that combination; the sentence itself, which leaves out what people leave out, may
be one that training has seen ("a person kicks"): `seen_texts` tells. Some are captions that people wrote for clips of the split and
that are understood whole; those of CMU's recordings are left out, for our split of CMU is another than HumanML3D's, and what one holds
out the other trains on. Captions that are not understood whole are a set of their own, without a timeline.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.corpora import Corpus, Record, open_corpus, remembered
from kinelang.corpora.synthetic import SHARES, split_of
from kinelang.errors import CorpusError, KinelangError
from kinelang.language.encoders.base import normal_text
from kinelang.language.lexicon import VERBS, alike
from kinelang.language.sides import swap_left_right
from kinelang.timeline import Stage, Timeline, parse, random_timeline
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.narrating import narration
from kinelang.timeline.sampling import combination, random_stage
from kinelang.timeline.schema import SMALLEST_S
from kinelang.training.data import COMPLETE, Progress, Source, clips_of, hash_of, records_of

KINDS = ("verb", "side", "direction", "count", "order of two", "order of three", "part")
"""What a prompt is to test, each in turn. One verb alone; one verb with its side; with its direction; with its count; two, or three,
actions one after the other, no two of them alike; an arm, a hand or the head doing something while the legs go or turn."""
MADE, PEOPLE = "made", "people"
READ = ("all", "understood", "not understood")
"""Which captions are asked: all, those that `parse` reads whole, those of which it leaves words over."""
REGISTERS: Mapping[str, float] = {"sentence": 0.7, "instruction": 0.2, "label": 0.1}
"""Share of the registers in which made prompts are worded."""
PEOPLES_TURN = 4
"""Every so many prompts of a kind one is of people, as long as there are any."""
TEXTS = "humanml3d_text"
OTHERWISE_SPLIT = "CMU/"
"""How the recordings begin whose captions are not asked: the corpora `cmu` and `cmu_trials` split them otherwise than HumanML3D."""
SHORTEST_S, LONGEST_S = 1.0, 9.8
MOST_COUNTED = 6
LATE_S = 0.5
"""How far the last text of a sequence may go on past the end of its recording."""
GOING = frozenset({"gait", "turn"})
BESIDE = frozenset({"arm", "hand", "head"})
_TRIES = 100_000


@dataclass(frozen=True)
class Segment:
    """One text of several that follow each other, from `start_s` to `end_s` seconds."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Prompt:
    """What is asked for.

    Attributes:
        text: the words.
        seconds: how long the motion is to be.
        kind: one of `KINDS`, or what else it is a prompt of.
        timeline: what the words ask, and no more; None where they were not understood whole.
        origin: "made" or "people".
        register, seed: how a made one is worded: `narrate(timeline, register, seed, complete=True)` gives its text.
        segments: texts one after the other, where it is a sequence of them; then `text` joins them.
        name, group: the clip it was written for, and its recording, where there is one.
    """

    text: str
    seconds: float
    kind: str = ""
    timeline: Timeline | None = field(default=None, repr=False)
    origin: str = MADE
    register: str = "sentence"
    seed: int = 0
    segments: tuple[Segment, ...] = ()
    name: str = ""
    group: str = ""


def group_of(prompt: Prompt) -> str:
    """What prompts are drawn together by: the recording, else the actions that are asked for, else each by itself."""
    if prompt.group:
        return prompt.group
    return prompt.text if prompt.timeline is None else str(sorted(combination(prompt.timeline)))


def prompts(n: int, seed: int = 0, *, split: str = "val", people: Corpus | None = None) -> list[Prompt]:
    """The first n prompts of a sequence that depends on nothing but seed, split and the captions of people.

    Args:
        n: how many; they take turns in `KINDS`.
        seed: of everything.
        split: whose combinations and captions: "val" to develop with, "test" for figures that are reported.
        people: a corpus of captions, such as `peoples_captions()`; None: all prompts are made.

    Raises:
        CorpusError: no such split.
    """
    if split not in SHARES:
        raise CorpusError.of("prompts", f"split '{split}'", f"one of {', '.join(SHARES)}")
    pools = {kind: iter(()) for kind in KINDS} if people is None else _pools(people, split, seed)
    found: list[Prompt] = []
    known: set[str] = set()
    for i in range(n):
        kind, turn = KINDS[i % len(KINDS)], i // len(KINDS)
        written = next(pools[kind], None) if turn % PEOPLES_TURN == PEOPLES_TURN - 1 else None
        found.append(_made(kind, seed, split, i, known) if written is None else written)
        known.add(found[-1].text)
    return found


def peoples_captions() -> Corpus | None:
    """The captions of HumanML3D, where they are at hand."""
    try:
        return open_corpus(TEXTS)
    except CorpusError:
        return None


def of_people(people: Corpus, split: str, n: int | None = None, seed: int = 0, read: str = "not understood") -> list[Prompt]:
    """Captions that people wrote, each text once, in random order; the motion they were written for is not needed.

    A caption of a clip of which the corpus knows no length gets what was read of it, at least 2 s.

    Args:
        people: a corpus of captions, such as `peoples_captions()`.
        split: of the corpus.
        n: so many, or all there are.
        seed: of the order.
        read: one of `READ`; understood: as `of_caption` has it.

    Raises:
        CorpusError: another word for what is read.
    """
    if read not in READ:
        raise CorpusError.of("captions", f"'{read}'", f"one of {', '.join(READ)}")
    found: dict[str, Prompt] = {}
    for record, text in _captions(people, split):
        prompt = of_caption(text, record.id, record.group or record.id)
        if fits(prompt, read):
            seconds = record.duration_s or max(prompt.seconds, 2.0)
            found.setdefault(text, replace(prompt, seconds=min(seconds, LONGEST_S)))
    several = list(found.values())
    order = np.random.default_rng([seed, 3]).permutation(len(several))
    return [several[i] for i in order[:n]]


def fits(prompt: Prompt, read: str) -> bool:
    """Whether a caption is of those that are asked, by `READ`."""
    return read == "all" or (read == "understood") == (prompt.timeline is not None)


# --- seen in training


def seen_texts(sources: Sequence[str], folder: Path | None = None, progress: Progress | None = None) -> frozenset[str]:
    """All captions of training splits, as `normal` has them, and what they are with left and right exchanged: training mirrors clips.

    The texts of single stages that training also shows, such as "walks forward", are not among them. No motion is made: where features
    were made before, captions are read beside them, else a corpus of 30,000 that is made takes a minute or more.

    Args:
        sources: such as "synthetic:30000", "grounded:16000", "cmu": what a model was trained on.
        folder: of the cache of features.
        progress: told as it goes.

    Raises:
        CorpusError: a corpus that is not there.
    """
    found: set[str] = set()
    for name in sources:
        source = Source.parse(name)
        for n, texts in enumerate(_trained_on(source, folder), start=1):
            found |= {normal(said) for text in texts for said in (text, swap_left_right(text))}
            if progress is not None and n % 1000 == 0:
                progress(f"captions of {name}", n, max(source.size or 0, n))
    return frozenset(found)


def _trained_on(source: Source, folder: Path | None) -> Iterable[Sequence[str]]:
    """Captions of each clip of a training split: kept with its features, or as the corpus gives them."""
    corpus = source.open()
    kept = None if folder is None else folder / f"{corpus.name}-train-{hash_of(source.description(corpus, 'train'))}" / COMPLETE
    if folder is not None and kept is not None and kept.is_file():
        return clips_of(source, "train", folder).captions
    return (record.texts for record in records_of(corpus, "train", source))


def normal(text: str) -> str:
    """A text as it is compared with others: as encoders take it, in small letters and without the stop at its end."""
    return normal_text(text).casefold().rstrip(" .")


def is_seen(prompt: Prompt, texts: Set[str]) -> bool:
    """Whether a prompt stands word for word among texts that are `normal`."""
    return normal(prompt.text) in texts


# --- of people


def kind_of(timeline: Timeline) -> str | None:
    """The kind of what is asked, by which fields are given; None where it is of none."""
    stages = timeline.stages
    if not stages or len(stages) > 3 or any(stage.verb == "stand" for stage in stages):
        return None
    if len(stages) == 1:
        return _kind_of_one(stages[0])
    if any(alike(a.verb, b.verb) for a, b in combinations(stages, 2)):
        return None
    if all(a.end_s <= b.start_s + SMALLEST_S for a, b in pairwise(stages)):
        return "order of two" if len(stages) == 2 else "order of three"
    return "part" if going_and_beside(timeline) is not None else None


def _kind_of_one(stage: Stage) -> str:
    if stage.count is not None and 2 <= stage.count <= MOST_COUNTED:
        return "count"
    if stage.side in ("left", "right") and stage.lexeme.counted != "steps":
        return "side"
    return "direction" if stage.direction not in (None, "forward") else "verb"


def going_and_beside(timeline: Timeline) -> tuple[Stage, Stage] | None:
    """(The stage of legs that go or turn, the stage of an arm, a hand or the head beside it), where these two are all there is."""
    if len(timeline.stages) != 2:
        return None
    going = [s for s in timeline.stages if s.lexeme.family in GOING]
    beside = [s for s in timeline.stages if s.lexeme.family in BESIDE]
    if len(going) != 1 or len(beside) != 1:
        return None
    shared = min(going[0].end_s, beside[0].end_s) - max(going[0].start_s, beside[0].start_s)
    return (going[0], beside[0]) if shared > SMALLEST_S else None


def _captions(people: Corpus, split: str) -> Iterator[tuple[Record, str]]:
    """Of whole clips, without those of recordings that our own corpora split otherwise."""
    records = (record for record in people.records(split) if not (record.group or "").startswith(OTHERWISE_SPLIT))
    return ((record, caption.text) for record in records for caption in record.captions if caption.whole)


def _pools(people: Corpus, split: str, seed: int) -> dict[str, Iterator[Prompt]]:
    """Understood captions by kind, shuffled, each text once."""
    pools: dict[str, dict[str, Prompt]] = {kind: {} for kind in KINDS}
    for record, text in _captions(people, split):
        prompt = of_caption(text, record.id, record.group or record.id)
        if prompt.timeline is not None and prompt.kind in pools and SHORTEST_S <= prompt.seconds <= LONGEST_S:
            pools[prompt.kind].setdefault(text, prompt)
    shuffled = {}
    for at, (kind, known) in enumerate(pools.items()):
        several = list(known.values())
        order = np.random.default_rng([seed, 4, at]).permutation(len(several))
        shuffled[kind] = iter([several[i] for i in order])
    return shuffled


def of_caption(text: str, name: str = "", group: str = "", seconds: float | None = None) -> Prompt:
    """A caption as a prompt: with its timeline if it is understood whole and every verb of it can be performed.

    Args:
        text: what someone wrote.
        name, group: of the clip.
        seconds: of the clip; None: a plausible length of what was read.
    """
    parsed = parse(text)
    known = bool(parsed.timeline.stages) and parsed.understood and all(s.verb in ACTIONS for s in parsed.timeline.stages)
    length = max(parsed.timeline.duration_s, SHORTEST_S) if seconds is None else seconds
    kind = (kind_of(parsed.timeline) or "other") if known else "not understood"
    return Prompt(text, length, kind, parsed.timeline if known else None, PEOPLE, name=name, group=group)


# --- made


def _made(kind: str, seed: int, split: str, i: int, known: set[str]) -> Prompt:
    """The first of its own random sequence that is of the kind and the split, and worded as none before it if that can be."""
    rng = np.random.default_rng(_seed_of(f"{seed}/{split}/{i}"))
    last: Prompt | None = None
    for attempt in range(_TRIES):
        drawn = _drawn(kind, rng)
        if drawn is None or drawn.duration_s > LONGEST_S or split_of(drawn) != split:
            continue
        register = str(rng.choice(list(REGISTERS), p=list(REGISTERS.values())))
        wording = int(rng.integers(2**31))
        asked = _asked(drawn, kind, wording)
        if kind_of(asked) != kind:
            continue
        said = narration(asked, register, wording, complete=True)
        last = Prompt(said.text, asked.duration_s, kind, said.told, MADE, register, wording, name=f"{split}_{i:05d}")
        if kind_of(said.told) == kind and (said.text not in known or attempt > _TRIES // 10):
            return last
    raise CorpusError.of(f"prompts, kind '{kind}'", f"none of split '{split}' in {_TRIES} tries", "one", "another seed")


def _drawn(kind: str, rng: np.random.Generator) -> Timeline | None:
    """A timeline that may be of the kind."""
    if kind == "order of two" or kind == "order of three":
        stages = 2 if kind == "order of two" else 3
        return random_timeline(rng, n_stages=stages, duration=(2.0, LONGEST_S), overlap=0.0)
    if kind == "part":
        return random_timeline(rng, n_stages=1, duration=(2.0, LONGEST_S), overlap=1.0, verbs=_of_parts())
    able = _able(kind)
    stage = random_stage(rng, ACTIONS[able[int(rng.integers(len(able)))]], 0.2)
    return Timeline((stage,), duration_s=round(stage.end_s + 0.2, 2))


@lru_cache(maxsize=8)
def _able(kind: str) -> tuple[str, ...]:
    """Verbs that a prompt of one action can be of; each is as likely as any other."""
    able = [verb for verb, action in ACTIONS.items() if "standing" in action.before and verb not in ("stand", "stand_up")]
    can: Mapping[str, Any] = {
        "verb": lambda word: True,
        "side": lambda word: "left" in word.sides and word.counted != "steps",
        "direction": lambda word: bool(word.directions),
        "count": lambda word: bool(word.counted) and ACTIONS[word.key].seconds_each > 0,
    }
    return tuple(verb for verb in able if can[kind](VERBS[verb]))


@lru_cache(maxsize=1)
def _of_parts() -> tuple[str, ...]:
    return tuple(verb for verb in ACTIONS if VERBS[verb].family in GOING | BESIDE)


def _asked(drawn: Timeline, kind: str, wording: int) -> Timeline:
    """The timeline with what is told: of one action the field that it is about and what it is done with, else as people tell."""
    if len(drawn.stages) == 1:
        stage = drawn.stages[0]
        kept: dict[str, Any] = {name: getattr(stage, name) if name == kind else None for name in ("side", "direction", "count")}
        bare = Stage(stage.start_s, stage.end_s, stage.verb, target=stage.target, **kept)
        return drawn.with_(stages=(bare,))
    told = narration(drawn, "sentence", wording).told
    if kind != "part" or len(told.stages) != len(drawn.stages):
        return told
    pairs = zip(told.stages, drawn.stages, strict=True)
    return told.with_(stages=tuple(said.with_(side=own.side) if own.lexeme.family in BESIDE else said for said, own in pairs))


def _seed_of(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


# --- sequences of texts


def compositions(n: int, seed: int = 0, *, split: str = "val", stages: Sequence[int] = (2, 3, 4, 5)) -> list[Prompt]:
    """Sequences of made texts with seconds: random timelines of the split whose stages are told one by one.

    Args:
        n: how many.
        seed: of everything.
        split: whose combinations.
        stages: how many texts follow each other, in turn.
    """
    return [_sequence(seed, split, i, stages[i % len(stages)]) for i in range(n)]


def _sequence(seed: int, split: str, i: int, n_stages: int) -> Prompt:
    rng = np.random.default_rng(_seed_of(f"sequence/{seed}/{split}/{i}"))
    for _ in range(_TRIES):
        drawn = random_timeline(rng, n_stages=n_stages, duration=(2.0, 5.0 * n_stages), overlap=0.0)
        long_enough = all(stage.duration_s >= SHORTEST_S for stage in drawn.stages)
        if len(drawn.stages) == n_stages and long_enough and split_of(drawn) == split:
            wording = int(rng.integers(2**31))
            ends = [*(stage.start_s for stage in drawn.stages[1:]), drawn.duration_s]
            told = [narration(_alone(stage), "sentence", wording + k) for k, stage in enumerate(drawn.stages)]
            starts = [0.0, *ends[:-1]]
            segments = tuple(Segment(said.text, start, end) for said, start, end in zip(told, starts, ends, strict=True))
            asked = [_at(said.told.stages[0], own) for said, own in zip(told, drawn.stages, strict=True)]
            timeline = drawn.with_(stages=tuple(asked))
            name = f"{split}_sequence_{i:05d}"
            return Prompt(joined(segments), drawn.duration_s, f"{n_stages} texts", timeline, MADE, "sentence", wording, segments, name)
    raise CorpusError.of("sequences of texts", f"none of {n_stages} texts in {_TRIES} tries", "one", "another seed")


def _alone(stage: Stage) -> Timeline:
    return Timeline((stage.shifted(-stage.start_s),))


def _at(told: Stage, own: Stage) -> Stage:
    return replace(told, start_s=own.start_s, end_s=own.end_s)


def joined(segments: Sequence[Segment]) -> str:
    """Texts that follow each other as one."""
    return ", then ".join(segment.text.rstrip(" .") for segment in segments)


def compositions_of(
    corpus: Corpus, split: str, n: int | None = None, shortest_s: float = SHORTEST_S
) -> Iterator[tuple[Prompt, Record]]:
    """Sequences of the texts that people gave to parts of a recording, such as BABEL's and HuMMan-MoGen's, each with its record.

    Parts that overlap an earlier one, or are shorter than `shortest_s`, are left out; what follows without a gap of more than a second
    is one sequence, of at least two texts. Times are counted from its start; `Prompt.name` ends in the second at which it begins.
    """
    found = 0
    for record in corpus.records(split):
        for several in _runs(record, shortest_s):
            if found == n:
                return
            found += 1
            first = several[0].start_s
            segments = tuple(Segment(s.text, s.start_s - first, s.end_s - first) for s in several)
            name, group = f"{record.id}@{first:g}", record.group or record.id
            yield (
                Prompt(joined(segments), segments[-1].end_s, f"{len(segments)} texts", None, PEOPLE, "", 0, segments, name, group),
                record,
            )


def recorded(pairs: Iterable[tuple[Prompt, Record]], n: int | None = None) -> tuple[list[tuple[Prompt, Record]], list[str]]:
    """The first n sequences whose recordings can be read and are as long as their texts say; of each other one why it is left out.

    Recordings that stay are loaded once and remembered.

    Raises:
        CorpusError: a corpus of text alone.
    """
    found: list[tuple[Prompt, Record]] = []
    passed_over: list[str] = []
    known: dict[str, Record] = {}
    for prompt, record in pairs:
        if len(found) == n:
            break
        if not record.has_motion:
            raise CorpusError.of(f"record '{record.id}'", "text without motion", "the recordings beside the texts")
        record = known.setdefault(record.id, remembered(record))
        end_s = float(prompt.name.rpartition("@")[2]) + prompt.seconds
        try:
            seconds = record.motion().duration_s
        except KinelangError as error:
            passed_over.append(f"{prompt.name}: {error}")
            continue
        if seconds < end_s - LATE_S:
            passed_over.append(f"{prompt.name}: texts up to {end_s:.2f} s of a recording of {seconds:.2f} s")
        else:
            found.append((prompt, record))
    return found, passed_over


def _runs(record: Record, shortest_s: float) -> Iterator[list[Segment]]:
    told = sorted((Segment(c.text, c.start_s, c.end_s) for c in record.captions if c.end_s is not None), key=lambda s: s.start_s)
    run: list[Segment] = []
    for segment in told:
        if segment.end_s - segment.start_s < shortest_s or (run and segment.start_s < run[-1].end_s - SMALLEST_S):
            continue
        if run and segment.start_s - run[-1].end_s > 1.0:
            if len(run) > 1:
                yield run
            run = []
        run.append(segment)
    if len(run) > 1:
        yield run
