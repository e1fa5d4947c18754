"""What every corpus gives: records of captioned motion, in a fixed order, the motion loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from kinelang.errors import CorpusError
from kinelang.language.sides import swap_left_right
from kinelang.motion.added_pose import without_added_t_pose
from kinelang.motion.arrays import FloatArray
from kinelang.motion.features import HUMANML3D, Layout, encode
from kinelang.motion.motion import Motion
from kinelang.motion.ops import resample
from kinelang.motion.reflection import mirror
from kinelang.motion.retargeting import retarget
from kinelang.motion.skeletons import SKELETONS

if TYPE_CHECKING:
    from kinelang.timeline.schema import Timeline

FPS = 20.0
"""Frames a second of HumanML3D, and of every corpus here but KIT-ML's own release."""


@dataclass(frozen=True)
class Caption:
    """One sentence about a clip, or about a part of it.

    Attributes:
        text: the sentence.
        start_s: where what it speaks of begins, seconds from the start of the clip.
        end_s: where it ends; None: with the clip.
        tagged: its words as `word/POS word/POS ...`, where the corpus brings them; "" otherwise.
        categories: action categories, where the corpus has them (BABEL).
    """

    text: str
    start_s: float = 0.0
    end_s: float | None = None
    tagged: str = ""
    categories: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it speaks of the whole clip."""
        return self.start_s == 0 and self.end_s is None


TOLD_PARTS = ("head", "torso", "left_arm", "right_arm", "left_leg", "right_leg", "trajectory")
"""What the sentences of a `ToldStage` are about: the columns of a description matrix after the first."""
_IN_A_MIRROR = tuple(TOLD_PARTS.index(swap_left_right(part.replace("_", " ")).replace(" ", "_")) for part in TOLD_PARTS)


@dataclass(frozen=True)
class ToldStage:
    """A stretch of a clip that people have told as a whole and part by part: a row of the corpus's own description matrix.

    Attributes:
        start_s, end_s: seconds from the start of the clip.
        overall: what the body does.
        parts: a sentence for each of `TOLD_PARTS`, "" where there is none.
    """

    start_s: float
    end_s: float
    overall: str
    parts: tuple[str, ...] = ("",) * len(TOLD_PARTS)

    def mirrored(self) -> ToldStage:
        """The stage seen in a mirror."""
        swapped = tuple(swap_left_right(self.parts[i]) for i in _IN_A_MIRROR)
        return replace(self, overall=swap_left_right(self.overall), parts=swapped)


@dataclass(frozen=True, eq=False)
class Record:
    """One clip of a corpus with its captions. Small: the motion is loaded by `motion()` and not kept.

    Attributes:
        id: unique in the corpus; the name of its files in HumanML3D's layout.
        split: "train", "val", "test", or another name of the corpus's `splits`.
        captions: at least one; a test set whose labels are withheld has none.
        duration_s: length of the clip as the corpus says it, seconds; None where only the motion tells.
        fps: frames a second of the motion.
        n_frames: frames of the motion, where known without loading it.
        n_features: frames of the features, where they are on disk (a release holds as many frames of joints as of features).
        source: the recording it comes from, in words for people.
        group: key of that recording: records of one group may overlap in time or be mirror images of one another.
        timeline: what happens in the clip, where the corpus knows it.
        told: its stages as people have told them, in order, where the corpus has them (`Corpus.tells_stages`).
        load_motion: loads the motion; None in a corpus of text alone.
        load_features: loads its features where the corpus has them on disk; None: they are encoded from the motion.
    """

    id: str
    split: str
    captions: tuple[Caption, ...]
    duration_s: float | None = None
    fps: float = FPS
    n_frames: int | None = None
    n_features: int | None = None
    source: str = ""
    group: str = ""
    timeline: Timeline | None = None
    told: tuple[ToldStage, ...] = ()
    load_motion: Callable[[], Motion] | None = field(default=None, repr=False)
    load_features: Callable[[], FloatArray] | None = field(default=None, repr=False)

    @property
    def has_motion(self) -> bool:
        """Whether there is a motion to load."""
        return self.load_motion is not None

    @property
    def texts(self) -> tuple[str, ...]:
        """The captions' sentences."""
        return tuple(caption.text for caption in self.captions)

    def motion(self) -> Motion:
        """The clip: SMPL-22 at 20 frames a second (KIT-ML's release: kit21 at 12.5), metres, Y up.

        Raises CorpusError in a corpus of text alone, and whatever reading the file raises.
        """
        if self.load_motion is None:
            raise CorpusError.of(f"record '{self.id}'", "text without motion", "a corpus with motion", "open one that has it")
        return self.load_motion()

    def features(self) -> FloatArray:
        """HumanML3D's features of the clip, (T-1, 263) float32; of KIT-ML's release its own, (T-1, 251). Errors as for `motion`."""
        return self.load_features() if self.load_features is not None else features_of(self.motion())


class Corpus:
    """A data set: named splits of records. One that is read from disk defines `_records` and may define `__len__`.

    Attributes:
        name: key in `CORPORA`, or the name of the data set.
        where: the folder or file it is read from.
        splits: names of the splits, in order.
        layout: the features its motions have, which also says skeleton and frame rate.
        frame_limits: clips that published work trains and tests on have at least the first and fewer than the second number of
            feature frames.
        tells_stages: whether its records have `told`.
    """

    name: str = ""
    where: str = ""
    splits: tuple[str, ...] = ("train", "val", "test")
    layout: Layout = HUMANML3D
    frame_limits: tuple[int, int] = (40, 200)
    tells_stages: bool = False

    def _records(self, split: str) -> Iterator[Record]:
        raise NotImplementedError

    def records(self, split: str | None = None) -> Iterator[Record]:
        """The records of one split, or of all, in the same order each time.

        Raises CorpusError for an unknown split, listing those there are.
        """
        for name in self._checked(split):
            yield from self._records(name)

    def clips(self, split: str | None = None, *, limits: bool = True) -> Iterator[Record]:
        """The records as published models train on them: captions of a part become clips of their own (see `parts`).

        With `limits` clips outside `frame_limits` are left out. Clips of unknown length are loaded to be measured.
        """
        least, below = self.frame_limits
        for record in self.records(split):
            for clip in parts(record):
                if not limits or least <= feature_frames(clip) < below:
                    yield clip

    def __len__(self) -> int:
        return sum(1 for _ in self.records())

    def __iter__(self) -> Iterator[Record]:
        return self.records()

    def summary(self) -> dict[str, Any]:
        """Counts of records, captions, words and hours, of each split and in all: plain numbers and strings."""
        splits = {split: _counts(self.records(split)) for split in self.splits}
        words = {word for counts in splits.values() for word in counts.pop("vocabulary")}
        return {"corpus": self.name, "where": self.where, "splits": splits, "distinct_words": len(words)}

    def _checked(self, split: str | None) -> tuple[str, ...]:
        if split is None:
            return self.splits
        if split not in self.splits:
            raise CorpusError.of(f"corpus '{self.name}'", f"no split '{split}'", f"one of {', '.join(self.splits)}")
        return (split,)

    def __repr__(self) -> str:
        return f"<Corpus '{self.name}' at {self.where or 'no place'}, splits {', '.join(self.splits)}>"


class RecordList(Corpus):
    """A corpus of records that are at hand already."""

    def __init__(self, records: Sequence[Record], name: str = "records", where: str = "") -> None:
        self.name, self.where = name, where
        self._all = tuple(records)
        seen = {record.split for record in self._all}
        self.splits = tuple(s for s in ("train", "val", "test") if s in seen) + tuple(sorted(seen - {"train", "val", "test"}))

    def _records(self, split: str) -> Iterator[Record]:
        return (record for record in self._all if record.split == split)

    def __len__(self) -> int:
        return len(self._all)


# --- what is done with motions and records


def standard(motion: Motion, fps: float = FPS) -> Motion:
    """Any motion as models want it: SMPL-22, positions, at 20 frames a second, without a converter's T-pose.

    From a rate that is a whole multiple every nth frame is taken, as HumanML3D does; from any other it is resampled with a filter.

    Raises SkeletonError if it is not a human figure.
    """
    motion = without_added_t_pose(motion)
    ratio = motion.fps / fps
    if abs(ratio - round(ratio)) < 1e-6 * ratio:
        return retarget(resample(motion, fps, "stride"), rotations=False)
    return resample(retarget(motion, rotations=False), fps)


def features_of(motion: Motion, layout: Layout = HUMANML3D) -> FloatArray:
    """Published features of a motion that is on the layout's skeleton and at its frame rate. (T-1, D) float32.

    Raises CorpusError for another skeleton or rate, MotionError for a motion of one frame.
    """
    if motion.skeleton.joint_names != SKELETONS[layout.skeleton].joint_names or abs(motion.fps - layout.fps) > 1e-6 * layout.fps:
        found = f"{motion.skeleton.name} at {motion.fps:g} fps"
        raise CorpusError.of(f"features of '{motion.name}'", found, f"{layout.skeleton} at {layout.fps:g} fps", "use corpora.standard")
    return np.asarray(encode(motion.joints / np.float32(layout.metres_per_unit), layout))


def feature_frames(record: Record) -> int:
    """Frames of the record's features, one fewer than its motion has or would have. Loads the motion where its length is not known."""
    known = _known_feature_frames(record)
    if known is not None:
        return known
    if record.load_features is not None:
        return len(record.load_features())
    if not record.has_motion and record.duration_s is not None:
        return int(record.duration_s * record.fps) - 1
    return record.motion().n_frames - 1


def _known_feature_frames(record: Record) -> int | None:
    if record.n_features is not None:
        return record.n_features
    return None if record.n_frames is None else record.n_frames - 1


def parts(record: Record) -> Iterator[Record]:
    """The record with the captions of the whole clip, and one record for each caption of a part of it.

    Frames int(20 start_s) up to int(20 end_s), as Guo et al. (2022) cut them out of the features; ids are `ID@START-END`. Parts of
    no frame are left out.
    """
    whole = tuple(caption for caption in record.captions if caption.whole)
    if whole:
        yield record if len(whole) == len(record.captions) else replace(record, captions=whole)
    for caption in record.captions:
        if caption.whole:
            continue
        part = _part(record, caption)
        if part is not None:
            yield part


def _part(record: Record, caption: Caption) -> Record | None:
    first = max(int(caption.start_s * record.fps), 0)  # as published, rounding errors included
    last = None if caption.end_s is None else int(caption.end_s * record.fps)
    known = _known_feature_frames(record)
    if known is not None:
        last = known if last is None else min(last, known)
    if last is not None and last <= first:
        return None
    length = None if known is None or last is None else last - first
    return replace(
        record,
        id=f"{record.id}@{caption.start_s:g}-{'end' if caption.end_s is None else f'{caption.end_s:g}'}",
        captions=(replace(caption, start_s=0.0, end_s=None),),
        duration_s=None if last is None else (last - first) / record.fps,
        n_frames=None,
        n_features=length,
        timeline=None,
        told=tuple(_told_between(record.told, caption.start_s, caption.end_s)),
        group=record.group or record.id,
        load_motion=None if record.load_motion is None else partial(_cut_motion, record.load_motion, first, last),
        load_features=None if record.load_motion is None else partial(_cut_features, record.features, first, last),
    )


def _told_between(told: Sequence[ToldStage], start_s: float, end_s: float | None) -> Iterator[ToldStage]:
    """What is told of a part of a clip, counted from its start; less than a frame is left out."""
    for stage in told:
        start, end = max(stage.start_s, start_s), stage.end_s if end_s is None else min(stage.end_s, end_s)
        if end - start > 1 / FPS:
            yield replace(stage, start_s=round(start - start_s, 6), end_s=round(end - start_s, 6))


def _cut_motion(load: Callable[[], Motion], first: int, last: int | None) -> Motion:
    motion = load()
    end = motion.n_frames if last is None else min(last + 1, motion.n_frames)
    if first >= end:
        raise CorpusError.of(f"motion '{motion.name}'", f"a caption of frames {first} to {end}", f"a part of its {motion.n_frames}")
    return motion.with_(
        **{
            name: None if (array := getattr(motion, name)) is None else array[first:end]
            for name in ("positions", "rotations", "root", "translations")
        }
    )


def _cut_features(load: Callable[[], FloatArray], first: int, last: int | None) -> FloatArray:
    return load()[first:last]


def mirrored(record: Record) -> Record:
    """The record seen in a mirror, as HumanML3D's copies are: id with an M before it, left and right exchanged in motion and text.

    Features are encoded anew. A timeline is mirrored with it.
    """
    captions = tuple(replace(c, text=swap_left_right(c.text), tagged=swap_left_right(c.tagged)) for c in record.captions)
    return replace(
        record,
        id=f"M{record.id}",
        captions=captions,
        group=record.group or record.id,
        timeline=None if record.timeline is None else record.timeline.mirrored(),
        told=tuple(stage.mirrored() for stage in record.told),
        n_features=None,
        load_motion=None if record.load_motion is None else partial(_mirrored_motion, record.load_motion),
        load_features=None,
    )


def _mirrored_motion(load: Callable[[], Motion]) -> Motion:
    motion = load()
    return mirror(motion).with_(name=f"M{motion.name}")


def remembered(record: Record) -> Record:
    """The record with its motion kept once it has been loaded, for those who ask for it several times."""
    return record if record.load_motion is None else replace(record, load_motion=_Remembered(record.load_motion))


class _Remembered:
    def __init__(self, load: Callable[[], Motion]) -> None:
        self._load = load

    @cached_property
    def _motion(self) -> Motion:
        return self._load()

    def __call__(self) -> Motion:
        return self._motion


def _counts(records: Iterator[Record]) -> dict[str, Any]:
    counts: dict[str, Any] = {"records": 0, "with_motion": 0, "captions": 0, "words": 0, "hours": 0.0, "vocabulary": set()}
    for record in records:
        counts["records"] += 1
        counts["with_motion"] += record.has_motion
        counts["captions"] += len(record.captions)
        counts["hours"] += (record.duration_s or 0.0) / 3600
        for text in record.texts:
            words = text.lower().replace(",", " ").replace(".", " ").split()
            counts["words"] += len(words)
            counts["vocabulary"].update(words)
    counts["hours"] = round(counts["hours"], 3)
    return counts
