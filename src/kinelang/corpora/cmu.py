"""The CMU motion capture recordings with HumanML3D's captions: segments cut out of BVH or ASF/AMC trials.

Recordings: mocap.cs.cmu.edu (free for research and commercial use, may not be resold; acknowledge NSF EIA-0196217). Captions:
HumanML3D (Guo et al. 2022, MIT). Splits are those of `cmu_captions.json`; test performers appear in no other split.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from kinelang.corpora.base import Caption, Corpus, Record, standard
from kinelang.corpora.places import entry, read_json
from kinelang.errors import CorpusError, FormatError
from kinelang.formats import load
from kinelang.formats.source import list_motion_files
from kinelang.motion.motion import Motion
from kinelang.motion.ops import cut

CAPTIONS = "cmu_captions.json"
GET_IT = (
    f"put {CAPTIONS} (id, trial, start_s, end_s, split, captions) and the trials as SS_TT.bvh, loose or in zips, into one folder; the "
    "recordings come from the CMU Graphics Lab Motion Capture Database (mocap.cs.cmu.edu), as BVH from cgspeed's Daz-friendly release"
)
_TRIAL = re.compile(r"\d{2,3}_\d{2,3}")


class Cmu(Corpus):
    """Captioned segments of CMU trials. Each trial is read once and kept, at 20 frames a second on 22 joints (8 KB a second).

    Times are those of the recording: the T-pose that the BVH release adds is left out. An end past the recording's is its end.

    Args:
        folder: holds `cmu_captions.json` and the trials: `SS_TT.bvh` or `.amc`, loose, in folders, or in zips.

    Raises:
        CorpusError: no such folder or file, or entries that are not what they should be.
    """

    name = "cmu"

    def __init__(self, folder: str | Path) -> None:
        path = Path(folder)
        self.where = str(path)
        if not (path / CAPTIONS).is_file():
            raise CorpusError.of("corpus 'cmu'", f"no {path / CAPTIONS}", "the captions beside the recordings", GET_IT)
        content = read_json(path / CAPTIONS, list, "a list of captioned segments")
        self._segments = [_checked(item, f"{path / CAPTIONS}, entry {i}") for i, item in enumerate(content)]
        self._trials: dict[str, Motion] = {}
        self._files: dict[str, str] | None = None

    def _records(self, split: str) -> Iterator[Record]:
        return (self._record(s) for s in self._segments if s["split"] == split)

    def __len__(self) -> int:
        return len(self._segments)

    def _record(self, segment: dict[str, Any]) -> Record:
        start_s, end_s = float(segment["start_s"]), float(segment["end_s"])
        return Record(
            id=segment["id"],
            split=segment["split"],
            captions=tuple(Caption(text) for text in segment["captions"]),
            duration_s=round(end_s - start_s, 6),
            source=f"CMU {segment['trial']}, {start_s:g} to {end_s:g} s",
            group=segment["trial"],
            load_motion=partial(self.segment, segment["id"], segment["trial"], start_s, end_s),
        )

    def segment(self, id_: str, trial: str, start_s: float, end_s: float) -> Motion:
        """A part of a trial, as `trial` gives it, under a name of its own."""
        return cut(self.trial(trial), start_s, end_s).with_(name=id_)

    def trial(self, name: str) -> Motion:
        """A whole trial, such as "13_18", on SMPL-22 at 20 frames a second. Raises CorpusError if its file is not there."""
        if name not in self._trials:
            if self._files is None:
                self._files = _trial_files(Path(self.where))
            if name not in self._files:
                raise CorpusError.of(f"corpus 'cmu' at {self.where}", f"no file of trial {name}", f"{name}.bvh or {name}.amc", GET_IT)
            self._trials[name] = standard(load(self._files[name]))
        return self._trials[name]


def _checked(item: Any, where: str) -> dict[str, Any]:
    segment = entry(item, where, id=(str,), trial=(str,), start_s=(int, float), end_s=(int, float), split=(str,), captions=(list,))
    if segment["split"] not in Cmu.splits:
        raise CorpusError.of(where, f"split '{segment['split']}'", f"one of {', '.join(Cmu.splits)}")
    if not 0 <= segment["start_s"] < segment["end_s"]:
        raise CorpusError.of(where, f"{segment['start_s']} to {segment['end_s']} s", "times in order, from 0 on")
    if not segment["captions"] or not all(isinstance(text, str) and text.strip() for text in segment["captions"]):
        raise CorpusError.of(where, f"captions {segment['captions']!r}"[:80], "a list of at least one sentence")
    return segment


def _trial_files(folder: Path) -> dict[str, str]:
    """The file of each trial by its name; BVH before AMC where both are there."""
    files: dict[str, str] = {}
    for suffix in (".bvh", ".amc"):
        for place in [folder, *sorted(folder.glob("*.zip"))]:
            with contextlib.suppress(FormatError):  # none of this kind in there
                for file in list_motion_files(place, (suffix,)):
                    if _TRIAL.fullmatch(Path(file).stem):
                        files.setdefault(Path(file).stem, file)
    return files
