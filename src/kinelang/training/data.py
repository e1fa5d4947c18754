"""Captioned clips for training: the features of a corpus computed once, kept on disk, and drawn in batches of like length."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.corpora import Corpus, Record, open_corpus
from kinelang.corpora.synthetic import Grounded
from kinelang.errors import CorpusError, KinelangError
from kinelang.motion.arrays import Array
from kinelang.motion.features import HUMANML3D
from kinelang.training.sequences import Sequences

COMPLETE = "complete.json"
CHECKED = 2
"""Clips that are made again to see whether a cache is still what its corpus gives."""
POOL = 16
"""Batches whose clips are sorted by length together."""
TEXT_CORPUS = "humanml3d_text"

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many are done, of how many."""


@dataclass(frozen=True)
class Source:
    """A corpus to train on, as people name it: NAME, NAME:SIZE of one that is made, NAME:PATH, and @TIMES to see it so often an epoch.

    "synthetic:20000", "cmu", "cmu@5", "folder:/my/clips", "grounded:4000" (people's sentences, performed).

    Attributes:
        text: as it was given.
        name: in `CORPORA`, or "grounded".
        size: clips of a corpus that is made.
        path: folder or file of one that is read.
        times: how often each clip is seen in an epoch.
    """

    text: str
    name: str
    size: int | None = None
    path: str | None = None
    times: int = 1

    @classmethod
    def parse(cls, text: str) -> Source:
        """From what was given. Raises CorpusError for what is none."""
        match = re.fullmatch(r"(?P<name>[a-z0-9_]+)(?::(?P<what>.+?))?(?:@(?P<times>[1-9]\d{0,5}))?", text)
        if match is None:
            raise CorpusError.of("corpus", f"'{text}'", "NAME, NAME:SIZE, NAME:PATH, each with @TIMES behind it if wanted")
        name, what, times = match["name"], match["what"], int(match["times"] or 1)
        if name in ("synthetic", "grounded"):
            if what is not None and not re.fullmatch(r"[1-9]\d{0,7}", what):
                raise CorpusError.of(f"corpus '{name}'", f"'{what}'", "a number of clips", f"such as {name}:20000")
            return cls(text, name, size=None if what is None else int(what), times=times)
        return cls(text, name, path=what, times=times)

    def open(self, seed: int = 0) -> Corpus:
        """The corpus. Raises CorpusError if it is not there; the message says where to get it."""
        if self.name == "synthetic":
            return open_corpus("synthetic", n=self.size or 1000, seed=seed)
        if self.name == "grounded":
            return Grounded(open_corpus(TEXT_CORPUS), seed)
        return open_corpus(self.name, self.path)

    def description(self, corpus: Corpus, split: str) -> dict[str, Any]:
        """What decides which clips there are."""
        options: dict[str, Any] = getattr(corpus, "options", dict)()
        return {"source": self.text.split("@")[0], "corpus": corpus.name, "where": corpus.where, "options": options, "split": split}


@dataclass(frozen=True)
class Origin:
    """What clips were made of: arguments of `clips_of`."""

    source: Source
    split: str
    seed: int


class Clips:
    """The clips of one corpus and split that have captions, with their features on disk.

    Attributes:
        name: the corpus.
        captions: of each clip.
        groups: key of the recording that each clip comes from.
        keys: the corpus's name of each clip.
        passed_over: clips that could not be read, one line each.
        origin: what they were made of, where that is known.
    """

    def __init__(self, name: str, kept: Sequences, passed_over: Sequence[str] = (), origin: Origin | None = None) -> None:
        self.name, self._kept, self.passed_over, self.origin = name, kept, tuple(passed_over), origin
        self.captions: list[tuple[str, ...]] = [tuple(entry["captions"]) for entry in kept.entries]
        self.groups: list[str] = [entry["group"] for entry in kept.entries]
        self.keys: list[str] = [entry["key"] for entry in kept.entries]

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, i: int) -> Array:
        """Raw features of clip i, (T, 263) float32."""
        return self._kept[i]

    def length(self, i: int) -> int:
        """Frames of clip i."""
        return self._kept.length(i)


def clips_of(source: Source, split: str, folder: Path, seed: int = 0, progress: Progress | None = None) -> Clips:
    """The clips of a split, read from the cache or made; interrupted, it goes on where it was.

    A cache that is complete is compared with the corpus by its first clips, and made anew where they are no longer the same.

    Args:
        source: the corpus.
        split: such as "train".
        folder: of the cache.
        seed: of corpora that are made.
        progress: told as it goes.

    Raises:
        CorpusError: the corpus is not there, has no such split, no clip with motion, or other features than HumanML3D's.
    """
    corpus = source.open(seed)
    if corpus.layout is not HUMANML3D:
        raise CorpusError.of(f"corpus '{corpus.name}'", f"{corpus.layout.width} features a frame", f"HumanML3D's {HUMANML3D.width}")
    description = source.description(corpus, split)
    place = folder / f"{corpus.name}-{split}-{hash_of(description)}"
    if (place / COMPLETE).is_file() and not _same(Sequences(place, HUMANML3D.width, adding=False), corpus, split):
        shutil.rmtree(place)
    if not (place / COMPLETE).is_file():
        with Sequences(place, HUMANML3D.width) as made:
            expected = _expected(corpus, split, source)
            passed_over = _make(made, records_of(corpus, split, source), expected, f"{corpus.name} {split}", progress)
            write_atomic(place / COMPLETE, json.dumps({**description, "passed_over": passed_over}, indent=1).encode())
    kept = Sequences(place, HUMANML3D.width, adding=False)
    if not len(kept):
        raise CorpusError.of(f"corpus '{corpus.name}', split '{split}'", "no captioned clip with motion", "at least one")
    passed_over = json.loads((place / COMPLETE).read_bytes())["passed_over"]
    return Clips(corpus.name, kept, passed_over, Origin(source, split, seed))


def records_of(corpus: Corpus, split: str, source: Source) -> Iterator[Record]:
    """The captioned records with motion of a split, so many as the source says."""
    records = (record for record in corpus.clips(split, limits=False) if record.captions and record.has_motion)
    return islice(records, source.size) if source.name == "grounded" else records


def _expected(corpus: Corpus, split: str, source: Source) -> int:
    """Clips there may be, for progress; 0 if not known."""
    if source.name == "grounded":
        return source.size or 0
    sizes = getattr(corpus, "sizes", None)
    return int(sizes().get(split, 0)) if sizes is not None else sum(1 for _ in corpus.records(split))


def _make(kept: Sequences, records: Iterator[Record], expected: int, what: str, progress: Progress | None) -> list[str]:
    """Add the clips that are not there yet; what cannot be read is returned, a line each."""
    passed_over: list[str] = []
    for n, record in enumerate(records, start=1):
        if record.id not in kept.places:
            try:
                features = record.features()
            except KinelangError as error:
                passed_over.append(f"{record.id}: {error}")
            else:
                kept.append(record.id, features, {"captions": record.texts, "group": record.group or record.id})
        if progress is not None:
            progress(f"features of {what}", n, max(expected, n))
    return passed_over


def _same(kept: Sequences, corpus: Corpus, split: str) -> bool:
    """Whether the corpus still gives what was kept, by its first clips."""
    for i, entry in enumerate(kept.entries[:CHECKED]):
        for record in islice(corpus.clips(split, limits=False), 10 * CHECKED):
            if record.id == entry["key"]:
                break
        else:
            continue  # those before it could not be read, or have no captions
        if list(record.texts) != entry["captions"]:
            return False
        try:
            features = record.features()
        except KinelangError:
            return False
        if len(features) != kept.length(i) or not np.allclose(features, kept[i], rtol=2e-3, atol=1e-3):
            return False
    return True


def hash_of(description: dict[str, Any]) -> str:
    """Ten hexadecimal digits that stand for a description."""
    return hashlib.blake2b(json.dumps(description, sort_keys=True).encode(), digest_size=5).hexdigest()


def batches_by_length(lengths: Sequence[int], size: int, rng: np.random.Generator) -> list[list[int]]:
    """All indices once, in batches of clips of like length, in random order; the last batch may be smaller.

    Clips are shuffled, sorted by length within pools of `POOL` batches, cut into batches, and the batches shuffled.
    """
    order = rng.permutation(len(lengths))
    batches: list[list[int]] = []
    for start in range(0, len(order), POOL * size):
        pool = sorted(order[start : start + POOL * size].tolist(), key=lambda i: lengths[i])
        batches += [pool[at : at + size] for at in range(0, len(pool), size)]
    return [batches[i] for i in rng.permutation(len(batches))]
