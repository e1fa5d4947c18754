"""Reading HumanML3D's layout, in which HumanML3D, KIT-ML and whatever `write_layout` has written are kept."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from kinelang.corpora.base import Caption, Corpus, Record
from kinelang.corpora.captions import parse_lines
from kinelang.corpora.layout import FEATURES, JOINTS, TEXTS, TIMELINES, read_array
from kinelang.corpora.places import read_json, read_text
from kinelang.errors import CorpusError
from kinelang.formats.source import open_zip, read_member
from kinelang.motion.arrays import FloatArray
from kinelang.motion.features import HUMANML3D, KIT, Layout, decode, layout_of
from kinelang.motion.motion import Motion
from kinelang.motion.skeletons import SKELETONS
from kinelang.timeline.files import load as load_timeline
from kinelang.timeline.schema import Timeline

_SHAPE = re.compile(rb"'shape':\s*\(([\d, ]+)\)")


class LayoutCorpus(Corpus):
    """A folder in HumanML3D's layout.

    Files are opened when a record is made (its texts) or asked for its motion. Without new_joint_vecs and new_joints it is a corpus
    of text alone; where only one of them is there, the other follows from it.

    Args:
        folder: holds texts/ (or texts.zip), train.txt, val.txt, test.txt, new_joint_vecs/, new_joints/.
        name: name of the corpus.
        layout: HUMANML3D or KIT.
        get_it: for the message where something is missing: where the data set comes from.
        frame_limits: see `Corpus`.

    Raises:
        CorpusError: no such folder, no texts, or no split file.
    """

    def __init__(
        self,
        folder: str | Path,
        name: str = "humanml3d",
        layout: Layout = HUMANML3D,
        get_it: str = "",
        frame_limits: tuple[int, int] = (40, 200),
    ) -> None:
        self.name, self.where, self.layout, self.frame_limits = name, str(folder), layout, frame_limits
        self.folder = Path(folder)
        self._get_it = get_it
        if not self.folder.is_dir():
            raise self._missing(str(self.folder), "a folder in HumanML3D's layout")
        if not (self.folder / TEXTS).is_dir() and not (self.folder / f"{TEXTS}.zip").is_file():
            raise self._missing(str(self.folder / TEXTS), "the captions, texts/*.txt")
        derived = {"all", "train_val"}
        lists = [s for s in ("train", "val", "test") if (self.folder / f"{s}.txt").is_file()]
        lists += sorted({*self._manifest_splits()} - {*lists, *derived})
        if not lists:
            raise self._missing(str(self.folder / "train.txt"), "the lists of the splits, train.txt, val.txt, test.txt")
        self.splits = tuple(lists)
        self.has_features = (self.folder / FEATURES).is_dir()
        self._has_timelines = (self.folder / TIMELINES).is_dir()
        self.has_joints = (self.folder / JOINTS).is_dir()

    def ids(self, split: str) -> list[str]:
        """The names of a split's clips, in the order of its file. Raises CorpusError for an unknown split."""
        (split,) = self._checked(split)
        return [line.strip() for line in read_text(self.folder / f"{split}.txt").splitlines() if line.strip()]

    def record(self, id_: str, split: str) -> Record:
        """The record of one clip. Raises CorpusError if its text is missing or malformed."""
        n_frames = self._n_frames(id_)
        return Record(
            id=id_,
            split=split,
            captions=self.captions(id_),
            duration_s=None if n_frames is None else n_frames / self.layout.fps,
            fps=self.layout.fps,
            n_frames=n_frames,
            n_features=n_frames if self.has_features else None,
            source=f"{self.name} {id_}",
            group=id_.removeprefix("M"),
            timeline=self._timeline(id_),
            load_motion=partial(self._motion, id_) if self.has_features or self.has_joints else None,
            load_features=partial(self._features, id_) if self.has_features else None,
        )

    def captions(self, id_: str) -> tuple[Caption, ...]:
        """The captions of one clip. Raises CorpusError with file and line if they are missing or malformed."""
        where = self.folder / TEXTS / f"{id_}.txt"
        if not (self.folder / TEXTS).is_dir():
            return tuple(parse_lines(self._zipped_text(id_), f"{self.folder}/texts.zip/{id_}.txt"))
        if not where.is_file():
            raise self._missing(str(where), "the captions of a clip that a split file names")
        return tuple(parse_lines(read_text(where), str(where)))

    def _records(self, split: str) -> Iterator[Record]:
        return (self.record(id_, split) for id_ in self.ids(split))

    def __len__(self) -> int:
        return sum(len(self.ids(split)) for split in self.splits)

    def _n_frames(self, id_: str) -> int | None:
        """Frames of the clip by the header of its array; None where it is not there or unusual."""
        place = FEATURES if self.has_features else JOINTS
        try:
            with open(self.folder / place / f"{id_}.npy", "rb") as file:
                shape = _SHAPE.search(file.read(256))
        except OSError:
            return None
        if shape is None:
            return None
        return int(shape[1].split(b",")[0])

    def _features(self, id_: str) -> FloatArray:
        path = self.folder / FEATURES / f"{id_}.npy"
        array = read_array(path)
        if array.ndim != 2 or array.shape[1] != self.layout.width or array.dtype.kind != "f":
            raise CorpusError.of(str(path), f"shape {array.shape} {array.dtype}", f"(T, {self.layout.width}) numbers")
        if not np.isfinite(array).all():
            frame = int(np.argwhere(~np.isfinite(array))[0][0])
            raise CorpusError.of(str(path), f"a value that is not finite in frame {frame}", "finite numbers", "leave the clip out")
        return np.asarray(array, dtype=np.float32)

    def _motion(self, id_: str) -> Motion:
        """The joints as published: of the frames that have features, one fewer than were recorded."""
        path = self.folder / JOINTS / f"{id_}.npy"
        joints = read_array(path) if path.is_file() or not self.has_features else decode(self._features(id_))
        n = self.layout.n_joints
        if joints.ndim != 3 or joints.shape[1:] != (n, 3):
            raise CorpusError.of(str(path), f"shape {joints.shape}", f"(T, {n}, 3)")
        joints = joints * np.float32(self.layout.metres_per_unit)
        note = ("the last frame, which has no features, is not published",)
        return Motion(SKELETONS[self.layout.skeleton], self.layout.fps, joints, name=id_, source=f"{self.name} {id_}", notes=note)

    def _timeline(self, id_: str) -> Timeline | None:
        path = self.folder / TIMELINES / f"{id_}.json"
        return load_timeline(path) if self._has_timelines and path.is_file() else None

    @cached_property
    def _zip(self) -> zipfile.ZipFile:
        return open_zip(self.folder / f"{TEXTS}.zip", str(self.folder / f"{TEXTS}.zip"))

    @cached_property
    def _zip_members(self) -> dict[str, str]:
        return {Path(name).name: name for name in self._zip.namelist() if name.endswith(".txt") and "__MACOSX" not in name}

    def _zipped_text(self, id_: str) -> str:
        where = f"{self.folder}/texts.zip/{id_}.txt"
        if f"{id_}.txt" not in self._zip_members:
            raise self._missing(where, "the captions of a clip that a split file names")
        return read_member(self._zip, self._zip_members[f"{id_}.txt"], where).decode("utf-8", errors="replace")

    def _manifest_splits(self) -> list[str]:
        """Further splits that `write_layout` has recorded."""
        path = self.folder / "manifest.json"
        if not path.is_file():
            return []
        splits = read_json(path, dict, "a manifest").get("splits", {})
        return [s for s in splits if isinstance(s, str) and (self.folder / f"{s}.txt").is_file()]

    def _missing(self, what: str, expected: str) -> CorpusError:
        return CorpusError.of(f"corpus '{self.name}'", f"no {what}", expected, self._get_it)


def open_layout(folder: str | Path) -> LayoutCorpus:
    """Any folder in HumanML3D's layout, of 22 joints or of KIT's 21, told by the width of Mean.npy. Errors as for `LayoutCorpus`."""
    mean = Path(folder) / "Mean.npy"
    layout = layout_of(read_array(mean)) if mean.is_file() else HUMANML3D
    limits = (24, 200) if layout is KIT else (40, 200)
    return LayoutCorpus(folder, Path(folder).resolve().name, layout, "write one with kinelang corpus prepare", limits)
