"""HumanML3D: 14,616 clips of AMASS and HumanAct12 with 44,970 captions, and their mirror images (Guo et al., CVPR 2022)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kinelang.corpora.base import Caption, Corpus, Record
from kinelang.corpora.official import LayoutCorpus
from kinelang.corpora.places import entry, read_json
from kinelang.errors import CorpusError
from kinelang.motion.features import HUMANML3D

GET_IT = (
    "texts, split lists and index.csv come from HumanML3D's repository on GitHub (EricGuo5513/HumanML3D), whose motions have to be "
    "made from AMASS (amass.is.tue.mpg.de): kinelang corpus prepare humanml3d OUT --amass FOLDER --texts FOLDER --body-models FOLDER"
)
GET_TEXT = (
    "humanml3d_captions.json: {id: {source, start_s, end_s, split, captions}}, made from the texts of EricGuo5513/HumanML3D on GitHub"
)
FRAME_LIMITS = (40, 200)
"""Feature frames of the clips that published work uses: at least 2 s, less than 10 s at 20 frames a second."""


def open_humanml3d(folder: str | Path) -> LayoutCorpus:
    """HumanML3D in its own layout, mirrored clips (`M012314`) included. Raises CorpusError saying what is missing."""
    return LayoutCorpus(folder, "humanml3d", HUMANML3D, GET_IT, FRAME_LIMITS)


class HumanML3DText(Corpus):
    """Captions of HumanML3D without motion, for vocabularies, text models and parsers.

    Args:
        path: `humanml3d_captions.json`, or the folder that holds it.

    Raises:
        CorpusError: no such file, or entries that are not what they should be.
    """

    name = "humanml3d_text"
    frame_limits = FRAME_LIMITS

    def __init__(self, path: str | Path) -> None:
        file = Path(path) / "humanml3d_captions.json" if Path(path).is_dir() else Path(path)
        if not file.is_file():
            raise CorpusError.of(f"corpus '{self.name}'", f"no {file}", "captions in one JSON file", GET_TEXT)
        self.where = str(file)
        content = read_json(file, dict, "an object of clips by id")
        self._clips = {id_: _checked(item, f"{file}, clip {id_}") for id_, item in content.items()}

    def _records(self, split: str) -> Iterator[Record]:
        for id_, clip in self._clips.items():
            if clip["split"] == split:
                length_s = round(clip["end_s"] - clip["start_s"], 6)
                captions = tuple(map(Caption, clip["captions"]))
                source = f"{clip['source']}, {clip['start_s']:g} to {clip['end_s']:g} s"
                yield Record(id_, split, captions, length_s, n_frames=round(length_s * 20), source=source, group=clip["source"])

    def __len__(self) -> int:
        return len(self._clips)


def _checked(item: Any, where: str) -> dict[str, Any]:
    clip = entry(item, where, source=(str,), start_s=(int, float), end_s=(int, float), split=(str,), captions=(list,))
    if clip["split"] not in HumanML3DText.splits:
        raise CorpusError.of(where, f"split '{clip['split']}'", f"one of {', '.join(HumanML3DText.splits)}")
    if not clip["captions"] or not all(isinstance(text, str) for text in clip["captions"]):
        raise CorpusError.of(where, f"captions {clip['captions']!r}"[:80], "a list of at least one sentence")
    return clip
