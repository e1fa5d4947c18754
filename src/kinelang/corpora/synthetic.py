"""A corpus without end and without licence: random timelines, performed and told in words, with the timeline as exact ground truth.

Splits are disjoint twice over: by their seeds, and by what is combined. Every timeline belongs to one split by a hash of its
combination (which verbs with which sides and directions, in any order), so that a test clip never shows a combination that
training showed. A second part performs sentences that people wrote (`grounded_in`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from kinelang.corpora.base import FPS, Caption, Corpus, Record
from kinelang.errors import CorpusError

if TYPE_CHECKING:
    from kinelang.motion.motion import Motion
    from kinelang.timeline import Timeline

SHARES: Mapping[str, float] = {"train": 0.8, "val": 0.05, "test": 0.15}
"""Share of the clips, and of the combinations, in each split: those of HumanML3D."""
GET_IT = "kinelang makes it; written to disk by `kinelang corpus synth`"
MOST_CLIPS = 10_000_000
_SEEDS: Mapping[str, int] = {"train": 0, "val": 1, "test": 2}
_TRIES = 10_000


class Synthetic(Corpus):
    """Random timelines performed by random people.

    A clip is a function of the corpus's seed, its split and its number: the first thousand of a corpus of any size are the same,
    and one clip can be had without those before it.

    Args:
        n: clips in all splits.
        seed: another seed, another corpus.
        captions: sentences for each clip.
        longest_s: longest clip, seconds (HumanML3D's are at most 10).

    Raises:
        CorpusError: a size that makes no sense.
    """

    name = "synthetic"

    def __init__(self, n: int = 1000, seed: int = 0, *, captions: int = 3, longest_s: float = 9.8) -> None:
        if not 1 <= n <= MOST_CLIPS:
            raise CorpusError.of("corpus 'synthetic'", f"{n} clips", f"1 to {MOST_CLIPS}")
        if seed < 0:
            raise CorpusError.of("corpus 'synthetic'", f"seed {seed}", "0 or more")
        if not 1 <= captions <= 100:
            raise CorpusError.of("corpus 'synthetic'", f"{captions} captions a clip", "1 to 100")
        self.n, self.seed, self.n_captions, self.longest_s = n, seed, captions, longest_s
        self.where = f"seed {seed}, {n} clips"

    def __len__(self) -> int:
        return sum(self.sizes().values())

    def sizes(self) -> dict[str, int]:
        """Clips in each split; they add up to `n`."""
        sizes = {split: int(self.n * share) for split, share in SHARES.items()}
        return sizes | {"train": sizes["train"] + self.n - sum(sizes.values())}

    def options(self) -> dict[str, object]:
        """Everything that decides what is in the corpus."""
        return {"n": self.n, "seed": self.seed, "captions": self.n_captions, "longest_s": self.longest_s}

    def _records(self, split: str) -> Iterator[Record]:
        return (self.record(split, i) for i in range(self.sizes()[split]))

    def record(self, split: str, i: int) -> Record:
        """Clip number i of a split."""
        from kinelang.timeline import captions

        timeline, seed = self.timeline(split, i), self._clip_seed(split, i, 0)
        sentences = captions(timeline, self.n_captions, "sentence", seed)
        id_ = f"{split}_{i:07d}"
        return Record(
            id=id_,
            split=split,
            captions=tuple(Caption(sentence) for sentence in dict.fromkeys(sentences)),
            duration_s=timeline.duration_s,
            fps=FPS,
            source=f"kinelang synthetic, seed {self.seed}",
            group=id_,
            timeline=timeline,
            load_motion=partial(_performed, timeline, seed, id_),
        )

    def timeline(self, split: str, i: int) -> Timeline:
        """The timeline of clip i: the first of its own random sequence whose combination belongs to the split."""
        from kinelang.timeline import random_timeline

        for attempt in range(_TRIES):
            made = random_timeline(self._clip_seed(split, i, attempt), duration=(2.0, self.longest_s))
            if split_of(made) == split:
                return made
        raise CorpusError.of("corpus 'synthetic'", f"no timeline for {split} {i} in {_TRIES} tries", "a longer --longest")

    def _clip_seed(self, split: str, i: int, attempt: int) -> int:
        """A seed of its own for each try of each clip: 63 bits of a hash, so that corpora of neighbouring seeds share none."""
        return _hashed(f"{self.seed}/{_SEEDS[split]}/{i}/{attempt}") >> 1


def open_synthetic(**options: Any) -> Corpus:
    """As `CORPORA` opens it: by its options alone."""
    return Synthetic(**options)


class Grounded(Corpus):
    """Human sentences that are understood whole, performed: what people say, with the timeline it was read as.

    Args:
        texts: a corpus with captions, such as `humanml3d_text`; its motions are not looked at.
        seed: source of all variation.
    """

    name = "grounded"

    def __init__(self, texts: Corpus, seed: int = 0) -> None:
        self.texts, self.seed, self.splits = texts, seed, texts.splits
        self.where = f"captions of {texts.name}, seed {seed}"

    def _records(self, split: str) -> Iterator[Record]:
        for record in self.texts.records(split):
            yield from self._of(record)

    def _of(self, record: Record) -> Iterator[Record]:
        from kinelang.timeline import parse
        from kinelang.timeline.actions import ACTIONS

        for i, caption in enumerate(record.captions):
            parsed = parse(caption.text)
            stages = parsed.timeline.stages
            if not stages or not parsed.understood or any(stage.verb not in ACTIONS for stage in stages):
                continue
            id_ = f"{record.id}_{i}"
            yield Record(
                id=id_,
                split=record.split,
                captions=(Caption(caption.text),),
                duration_s=parsed.timeline.duration_s,
                source=f"performed from a caption of {self.texts.name}",
                group=record.group or record.id,
                timeline=parsed.timeline,
                load_motion=partial(_performed, parsed.timeline, _hashed(f"{self.seed}/{id_}") >> 1, id_),
            )


def split_of(timeline: Timeline) -> str:
    """The split that a timeline's combination of actions belongs to; a timeline and its mirror image belong to one."""
    from kinelang.timeline.sampling import combination

    share = _hashed(repr(min(sorted(combination(t)) for t in (timeline, timeline.mirrored())))) / 2**64
    for split, part in SHARES.items():
        if share < part:
            return split
        share -= part
    return "train"


def _performed(timeline: Timeline, seed: int, name: str) -> Motion:
    from kinelang.timeline import perform

    return perform(timeline, seed, fps=FPS).with_(name=name)


def _hashed(text: str) -> int:
    """64 bits of a hash that is the same everywhere."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
