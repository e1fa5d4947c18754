"""HumanML3D's motions from the user's AMASS: cut, brought to 20 fps and mirrored as in the release (Guo et al. 2022).

Steps and oddities as in github.com/EricGuo5513/HumanML3D (MIT): leading seconds of five sets are dropped; the clips of HumanAct12 are
neither cut nor reflected, so that their left and right are exchanged against their text (HumanML3D#147, kept so by everyone).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.corpora.amass_files import GET_AMASS, BodyModels, find_recording, humanml3d_joints
from kinelang.corpora.base import Corpus, Record
from kinelang.corpora.humanml3d import FRAME_LIMITS, GET_IT, open_humanml3d
from kinelang.corpora.layout import FEATURES, JOINTS, read_array
from kinelang.corpora.places import read_text
from kinelang.errors import CorpusError, KinelangError
from kinelang.motion.arrays import FloatArray
from kinelang.motion.features import mirror_joints
from kinelang.motion.motion import Motion
from kinelang.motion.skeletons import SMPL22

LEADING_FRAMES = {"Eyes_Japan_Dataset": 60, "MPI_HDM05": 60, "TotalCapture": 20, "MPI_Limits": 20, "Transitions_mocap": 10}
"""Frames, at 20 a second, dropped from the start of each recording of these sets."""

REFERENCE = "012314"
"""The one clip whose joints and features HumanML3D publishes."""

_COLUMNS = ("source_path", "start_frame", "end_frame", "new_name")

TOLERANCE = {JOINTS: 1e-4, FEATURES: 1e-3}
"""Largest difference from the published clip that counts as the same (ours): rounding gives 1e-6 and 1e-5."""


@dataclass(frozen=True)
class Row:
    """A line of index.csv: frames of a recording at 20 a second, end -1 for all, and the clip they make."""

    source: str
    start: int
    end: int
    name: str

    @property
    def data_set(self) -> str:
        """The set of AMASS it comes from, or "humanact12"."""
        return self.source.split("/")[0]


class HumanML3DFromAmass(Corpus):
    """HumanML3D's clips and their mirror images, computed from AMASS when they are asked for, recording by recording.

    Args:
        texts: the `HumanML3D` folder of its repository: texts/ or texts.zip and the split lists; index.csv in it or beside it.
        amass: AMASS's folder.
        body_models: folder of the SMPL-H models; None: bones of the mean body, which is not what was published.
        humanact12: folder of HumanAct12's .npy files, from `pose_data/humanact12.zip` of the repository; None: looked for beside AMASS.

    Raises:
        CorpusError: something is missing; the message says what and where to get it.
    """

    name = "humanml3d"
    frame_limits = FRAME_LIMITS

    def __init__(
        self,
        texts: str | Path,
        amass: str | Path,
        body_models: str | Path | None = None,
        humanact12: str | Path | None = None,
    ) -> None:
        self._texts = open_humanml3d(texts)
        self.splits, self.where = self._texts.splits, str(amass)
        self._amass = Path(amass)
        if not self._amass.is_dir():
            raise CorpusError.of("corpus 'humanml3d'", f"no folder {amass}", "AMASS's recordings", f"get {GET_AMASS}")
        self._models = None if body_models is None else BodyModels(Path(body_models))
        self._humanact12 = self._amass / "humanact12" if humanact12 is None else Path(humanact12)
        index = next((p for p in (Path(texts) / "index.csv", Path(texts).parent / "index.csv") if p.is_file()), None)
        if index is None:
            raise CorpusError.of("corpus 'humanml3d'", f"no {Path(texts) / 'index.csv'}", "the list of clips", GET_IT)
        self._rows = read_index(index)
        self._split_of = {id_: split for split in self.splits for id_ in self._texts.ids(split)}

    def _records(self, split: str) -> Iterator[Record]:
        return (record for record in self.by_recording() if record.split == split)

    def by_recording(self) -> Iterator[Record]:
        """All records, those of one recording one after the other, so that each recording is read once."""
        groups: dict[str, list[Row]] = {}
        for row in self._rows:
            groups.setdefault(row.source, []).append(row)
        for source, rows in groups.items():
            whole = _Recording(partial(self._joints, source))
            for row in rows:
                for id_, mirror in ((row.name, False), (f"M{row.name}", True)):
                    if id_ in self._split_of:
                        load = partial(_clip, whole, row, id_, mirror)
                        captions = self._texts.captions(id_)
                        yield Record(id_, self._split_of[id_], captions, source=source, group=source, load_motion=load)

    def missing(self) -> dict[str, tuple[int, int]]:
        """For each set of AMASS the clips whose recording is not there, and how many clips it should have; only sets that lack some."""
        wanted: Counter[str] = Counter(row.data_set for row in self._rows)
        absent: Counter[str] = Counter(row.data_set for row in self._rows if not self._there(row.source))
        return {name: (count, wanted[name]) for name, count in absent.items()}

    def __len__(self) -> int:
        return len(self._split_of)

    def _there(self, source: str) -> bool:
        try:
            return self._file(source).is_file()
        except CorpusError:
            return False

    def _file(self, source: str) -> Path:
        if source.startswith("humanact12/"):
            path = self._humanact12 / Path(source).name
            if not path.is_file():
                remedy = "unpack pose_data/humanact12.zip of EricGuo5513/HumanML3D on GitHub"
                raise CorpusError.of("corpus 'humanml3d'", f"no {path}", "HumanAct12's joints", remedy)
            return path
        return find_recording(self._amass, source)

    def _joints(self, source: str) -> FloatArray:
        path = self._file(source)
        if path.suffix == ".npz":
            return humanml3d_joints(path, self._models)
        joints = read_array(path)
        if joints.ndim != 3 or joints.shape[1] < 22 or joints.shape[2] != 3:
            raise CorpusError.of(str(path), f"shape {joints.shape}", "(T, 22 or more, 3)")
        return np.asarray(joints[:, :22], dtype=np.float32)


class _Recording:
    """Joints of a recording, computed at the first request and kept as long as its clips are in use."""

    def __init__(self, load: Callable[[], FloatArray]) -> None:
        self._load = load

    @cached_property
    def _joints(self) -> FloatArray:
        return self._load()

    def __call__(self) -> FloatArray:
        return self._joints


def cut_clip(joints: FloatArray, row: Row) -> FloatArray:
    """The frames of a clip as the release cuts them. joints (T, 22, 3) -> (T', 22, 3); HumanAct12's are taken whole."""
    if row.data_set == "humanact12":
        return joints
    leading = sum(frames for name, frames in LEADING_FRAMES.items() if name in row.source)
    return joints[leading:][row.start : row.end]


def _clip(whole: _Recording, row: Row, id_: str, mirror: bool) -> Motion:
    joints = cut_clip(whole(), row)
    if not len(joints):
        raise CorpusError.of(f"clip {id_}", f"frames {row.start} to {row.end}", "frames that the recording has", "check the AMASS file")
    return Motion(SMPL22, 20.0, mirror_joints(joints) if mirror else joints, name=id_, source=row.source)


def read_index(path: Path) -> list[Row]:
    """HumanML3D's index.csv: source_path, start_frame, end_frame, new_name. Raises CorpusError naming the line that is wrong."""
    reader = csv.DictReader(read_text(path).splitlines())
    columns = list(reader.fieldnames or ())
    if not set(_COLUMNS) <= set(columns):
        raise CorpusError.of(f"{path}:1", f"columns {', '.join(columns)}", ", ".join(_COLUMNS))
    return [_row(line, f"{path}:{reader.line_num}") for line in reader]


def _row(line: dict[str, str], where: str) -> Row:
    try:
        source = line["source_path"].removeprefix("./").removeprefix("pose_data/").replace("humanact12/humanact12/", "humanact12/")
        return Row(source, int(line["start_frame"]), int(line["end_frame"]), line["new_name"].removesuffix(".npy"))
    except (TypeError, ValueError, AttributeError) as error:
        raise CorpusError.of(where, str(dict(line))[:80], ", ".join(_COLUMNS)) from error


def compare_with_published(folder: str | Path, reference: str | Path) -> dict[str, Any]:
    """How far the written clip 012314 is from the published one.

    Args:
        folder: what was written.
        reference: holds `new_joints/012314.npy` and `new_joint_vecs/012314.npy` as in the repository, or `new_joints_012314.npy` and
            `new_joint_vecs_012314.npy`.

    Returns:
        {"clip", "largest_difference": {kind: value}, "same"}; "same" is None where one of the two is not there, with the reason.
    """
    gaps: dict[str, float] = {}
    for kind in (JOINTS, FEATURES):
        places = (Path(reference) / kind / f"{REFERENCE}.npy", Path(reference) / f"{kind}_{REFERENCE}.npy")
        known = next((p for p in places if p.is_file()), None)
        try:
            if known is None:
                raise CorpusError.of(str(reference), f"no {kind} of clip {REFERENCE}", "the published clip", GET_IT)
            ours, theirs = read_array(Path(folder) / kind / f"{REFERENCE}.npy"), read_array(known)
        except KinelangError as error:
            return {"clip": REFERENCE, "largest_difference": gaps, "same": None, "reason": str(error)}
        gaps[kind] = float(np.abs(ours - theirs).max()) if ours.shape == theirs.shape else float("inf")
    return {"clip": REFERENCE, "largest_difference": gaps, "same": all(gaps[kind] <= TOLERANCE[kind] for kind in gaps)}
