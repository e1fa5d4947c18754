"""The KIT Motion-Language dataset (Plappert et al. 2016): 3,911 recordings with 6,278 sentences, mostly of walking and handling."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kinelang.corpora.base import Caption, Corpus, Record
from kinelang.corpora.official import LayoutCorpus
from kinelang.corpora.places import entry, read_json
from kinelang.errors import CorpusError
from kinelang.motion.features import KIT

GET_IT = (
    "the processed set (KIT-ML: 21 joints, 12.5 fps, 251 features) is linked from HumanML3D's repository on GitHub "
    "(EricGuo5513/HumanML3D); the recordings come from motion-annotation.humanoids.kit.edu"
)
GET_TEXT = "kitml_annotations.json: {id: {path, duration, annotations: [{seg_id, text, start, end}]}}, as in Mathux/TMR on GitHub"
FRAME_LIMITS = (24, 200)
"""Feature frames of the clips that published work uses, at 12.5 frames a second."""


def open_kitml(folder: str | Path) -> LayoutCorpus:
    """KIT-ML in HumanML3D's layout, on its own 21 joints at 12.5 frames a second. Raises CorpusError saying what is missing."""
    return LayoutCorpus(folder, "kitml", KIT, GET_IT, FRAME_LIMITS)


class KitmlText(Corpus):
    """Sentences of KIT-ML without motion, with the AMASS recording each is about. They have no official split: all are in "all".

    Args:
        path: `kitml_annotations.json`, or the folder that holds it.

    Raises:
        CorpusError: no such file, or entries that are not what they should be.
    """

    name = "kitml_text"
    splits = ("all",)

    def __init__(self, path: str | Path) -> None:
        file = Path(path) / "kitml_annotations.json" if Path(path).is_dir() else Path(path)
        if not file.is_file():
            raise CorpusError.of(f"corpus '{self.name}'", f"no {file}", "sentences in one JSON file", GET_TEXT)
        self.where = str(file)
        content = read_json(file, dict, "an object of recordings by id")
        self._recordings = {id_: _checked(item, f"{file}, recording {id_}") for id_, item in content.items()}

    def _records(self, split: str) -> Iterator[Record]:
        for id_, item in self._recordings.items():
            captions = tuple(_caption(note, item["duration"]) for note in item["annotations"])
            length_s = float(item["duration"])
            yield Record(id_, split, captions, length_s, n_frames=int(length_s * 20), source=item["path"], group=item["path"])

    def __len__(self) -> int:
        return len(self._recordings)


def _checked(item: Any, where: str) -> dict[str, Any]:
    recording = entry(item, where, path=(str,), duration=(int, float), annotations=(list,))
    if not recording["annotations"]:
        raise CorpusError.of(where, "no annotations", "at least one")
    for i, note in enumerate(recording["annotations"]):
        entry(note, f"{where}, annotation {i}", text=(str,), start=(int, float), end=(int, float))
    return recording


def _caption(note: dict[str, Any], duration_s: float) -> Caption:
    if note["start"] == 0 and note["end"] >= duration_s:
        return Caption(note["text"])
    return Caption(note["text"], float(note["start"]), float(note["end"]))
