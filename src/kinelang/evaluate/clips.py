"""The captioned clips that systems are judged on: their features, and the stages that are detected in them, found once and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.corpora import Corpus, Record
from kinelang.corpora.synthetic import SHARES
from kinelang.errors import CorpusError, KinelangError, TimelineError
from kinelang.motion.arrays import Array
from kinelang.motion.features import mirror_features
from kinelang.motion.motion import Motion
from kinelang.search.store import Seen
from kinelang.timeline import Timeline
from kinelang.timeline.files import from_dict, to_dict
from kinelang.training.data import Progress, Source, clips_of

if TYPE_CHECKING:
    from kinelang.training.data import Clips

CAPTIONS = ("all", "first")
"""Which captions of a clip are queries."""
_AT_ONCE = 50
"""Detected timelines that are written to disk together."""


@dataclass(frozen=True, eq=False)
class Clip:
    """One clip.

    Attributes:
        id: its name in the corpus.
        group: key of the recording that it comes from.
        captions: those that are queries.
        features: HumanML3D's, raw, (T, 263) float32.
        motion: loads the motion, in which stages are detected.
        unseen: no system that is judged was trained on it.
        timeline: what is detected in it; None before anyone has looked.
        stages: of a piece of a clip, what is detected in the piece; None: the stages of the timeline.
        true: what was performed, where that is known.
    """

    id: str
    group: str
    captions: tuple[str, ...]
    features: Array
    motion: Callable[[], Motion] | None = field(default=None, repr=False)
    unseen: bool = True
    timeline: Timeline | None = field(default=None, repr=False)
    stages: tuple[Seen, ...] | None = field(default=None, repr=False)
    true: Timeline | None = field(default=None, repr=False)

    @cached_property
    def key(self) -> str:
        """A hash of its features."""
        frames = np.ascontiguousarray(self.features, dtype=np.float32)
        return hashlib.blake2b(frames.tobytes(), digest_size=12, person=str(frames.shape[1]).encode()).hexdigest()

    @property
    def detected(self) -> Timeline:
        """The timeline. Raises KinelangError if nobody has looked."""
        if self.timeline is None:
            raise KinelangError.of(f"clip '{self.id}'", "no detected timeline", "one", "use detected_in first")
        return self.timeline

    @cached_property
    def seen(self) -> tuple[Seen, ...]:
        """The detected stages as search compares them."""
        if self.stages is not None:
            return self.stages
        return tuple(
            Seen(s.verb, s.side, s.direction, s.count, s.start_s, s.end_s, 1.0 if s.confidence is None else s.confidence)
            for s in self.detected.stages
        )

    def mirrored(self) -> Clip:
        """The clip seen in a mirror; what is detected in it is mirrored too, as detection would."""
        timeline, true = (None if t is None else t.mirrored() for t in (self.timeline, self.true))
        return replace(self, id=f"M{self.id}", features=mirror_features(self.features), motion=None, timeline=timeline, true=true)


@dataclass(frozen=True, eq=False)
class ClipSet:
    """Clips and the sentences that were written for them.

    Attributes:
        source: the corpus, as people name it.
        split, seed, captions: which clips of it, of which seed where it is made, and which captions of each: "all" or "first".
        clips: as the corpus orders them; those of other splits, which are not unseen, come after.
    """

    source: str
    split: str
    seed: int
    captions: str
    clips: tuple[Clip, ...]

    @cached_property
    def texts(self) -> list[str]:
        """All sentences, clip by clip."""
        return [text for clip in self.clips for text in clip.captions]

    @cached_property
    def right(self) -> Array:
        """(T,) index of the clip that each text was written for."""
        return np.repeat(np.arange(len(self.clips)), [len(clip.captions) for clip in self.clips])

    @property
    def of_texts(self) -> list[Clip]:
        """The clip of each text."""
        return [self.clips[i] for i in self.right]


def clip_set(
    source: str,
    split: str,
    folder: Path,
    *,
    n: int | None = None,
    seed: int = 0,
    captions: str = "all",
    seen_splits: Sequence[str] = (),
    progress: Progress | None = None,
) -> ClipSet:
    """The clips of a corpus.

    Args:
        source: as `training.data.Source` reads it: "cmu", "synthetic:8000", "folder:PATH", ...
        split: whose captions are the queries; several as "train+val".
        folder: cache of features.
        n: the first so many clips of the split; a corpus that is made without a size is made so large that there are as many.
        seed: of corpora that are made.
        captions: "all", each a query; or the "first" of each clip, as published protocols have it.
        seen_splits: other splits whose clips are searched too, without being asked for (the gallery "all").
        progress: told as it goes.

    Raises:
        CorpusError: no such corpus, split or number of clips.
    """
    if captions not in CAPTIONS:
        raise CorpusError.of("captions", f"'{captions}'", f"one of {', '.join(CAPTIONS)}")
    asked = split.split("+")
    if n is not None and len(asked) > 1:
        raise CorpusError.of(f"split '{split}'", f"{n} clips of several splits", "one split", "leave the number out")

    def of(name: str, n: int | None = None) -> list[Clip]:
        where, sized = f"corpus '{source}'", _sized(Source.parse(source), name, n)
        known = sized.open(seed).splits
        if name not in known:
            raise CorpusError.of(where, f"no split '{name}'", f"one of {', '.join(known)}")
        return _first(_clips(sized, name, folder, seed, progress), n, f"{where}, {name}")

    found = [clip for name in asked for clip in of(name, n)]
    found += [replace(clip, unseen=False) for name in seen_splits if name not in asked for clip in of(name)]
    kept = found if captions == "all" else [replace(clip, captions=clip.captions[:1]) for clip in found]
    return ClipSet(source, split, seed, captions, tuple(kept))


def _first(clips: list[Clip], n: int | None, where: str) -> list[Clip]:
    if n is not None and len(clips) < n:
        raise CorpusError.of(where, f"{len(clips)} clips", f"at least {n}", "ask for fewer")
    return clips[:n]


def _sized(source: Source, split: str, n: int | None) -> Source:
    """The source with the size that gives n clips of a split, where it is made and no size was given."""
    if n is None or source.size is not None or source.name not in ("synthetic", "grounded"):
        return source
    size = n if source.name == "grounded" else _whole_size(n, SHARES.get(split, 1.0))
    return replace(source, text=f"{source.name}:{size}", size=size)


def _whole_size(n: int, share: float) -> int:
    """The smallest size of a synthetic corpus of which a split has at least n clips."""
    size = int(n / share)
    while int(size * share) < n:
        size += 1
    return size


def _clips(source: Source, split: str, folder: Path, seed: int, progress: Progress | None) -> list[Clip]:
    kept = clips_of(source, split, folder, seed, progress)
    records = list(_records(source.open(seed), split, source, kept))
    if [record.texts for record in records] != kept.captions:
        raise CorpusError.of(
            f"cache of '{source.text}', split '{split}'", "other clips than the corpus has", "the same", f"empty {folder}"
        )
    loads = [None if record.load_motion is None else partial(_motion, record) for record in records]
    return [
        Clip(record.id, kept.groups[i], kept.captions[i], kept[i], loads[i], true=record.timeline) for i, record in enumerate(records)
    ]


def _records(corpus: Corpus, split: str, source: Source, kept: Clips) -> Iterator[Record]:
    """The records that the clips were made of."""
    unread = {line.partition(": ")[0] for line in kept.passed_over}
    records = (r for r in corpus.clips(split, limits=False) if r.captions and r.has_motion)
    some = islice(records, source.size) if source.name == "grounded" else records
    return (record for record in some if record.id not in unread)


def _motion(record: Record) -> Motion:
    return record.motion()


# --- what is detected in them


def detected_in(clips: ClipSet, folder: Path, progress: Progress | None = None) -> ClipSet:
    """The clips with their detected timelines, which are kept on disk by the content of the features and of the detector.

    Detection looks at the motions themselves, as `search.Index` does.

    Args:
        clips: those that lack a timeline are looked at.
        folder: of the cache.
        progress: told as it goes.
    """
    from kinelang.timeline import detect

    file = folder / f"detected-{detector_identity()}.json"
    known = _read(file)
    lacking = [clip for clip in clips.clips if clip.timeline is None and clip.key not in known]
    for i, clip in enumerate(lacking, start=1):
        if clip.motion is None:
            raise KinelangError.of(f"clip '{clip.id}'", "features without a motion", "a motion, in which stages are detected")
        made = to_dict(detect(clip.motion()))
        known[clip.key] = made | {"stages": [{k: v for k, v in s.items() if k != "evidence"} for s in made["stages"]]}
        if i % _AT_ONCE == 0 or i == len(lacking):
            folder.mkdir(parents=True, exist_ok=True)
            write_atomic(file, json.dumps(known).encode())
        if progress is not None:
            progress("stages detected", i, len(lacking))
    looked = [c if c.timeline is not None else replace(c, timeline=from_dict(known[c.key], f"{file}, {c.key}")) for c in clips.clips]
    return replace(clips, clips=tuple(looked))


def _read(file: Path) -> dict[str, dict[str, object]]:
    """What was detected before; nothing where the file is not there or no longer what it was."""
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        for value in islice(known.values(), 1):
            from_dict(value)
    except (OSError, ValueError, AttributeError, TimelineError):
        return {}
    return dict(known)


@lru_cache(maxsize=1)
def detector_identity() -> str:
    """A hash of what decides what is detected: the sources of timeline, motion and language, and the detector's weights."""
    import kinelang

    root = Path(kinelang.__file__).parent
    digest = hashlib.blake2b(digest_size=6)
    for package in ("timeline", "motion", "language"):
        for file in sorted((root / package).rglob("*")):
            if file.is_file() and file.suffix not in (".pyc", ".pyo"):
                digest.update(file.relative_to(root).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()
