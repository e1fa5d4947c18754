"""The table of corpora, and opening by it. A new corpus is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from kinelang.corpora import babel, cmu, cmu_trials, folder, humanml3d, humman_mogen, kitml, synthetic
from kinelang.corpora.base import Corpus
from kinelang.corpora.places import data_folders, find
from kinelang.errors import CorpusError


@dataclass(frozen=True)
class Entry:
    """A corpus that can be opened.

    Attributes:
        name: key in `CORPORA`.
        description: one line for people.
        open: from its folder or file to a Corpus; raises CorpusError saying what is missing.
        looked_for: names of files or folders, one of which is it; for `find`. Empty: it has to be given.
        get_it: what it is made of, and where that comes from.
        contains: the file or folder that `looked_for` names stands in the folder to be opened, and is not itself opened.
        made: kinelang makes it; it has no place.
    """

    name: str
    description: str
    open: Callable[..., Corpus]
    looked_for: tuple[str, ...]
    get_it: str
    contains: bool = False
    made: bool = False

    def find(self) -> Path | None:
        """Where it is, if it is in one of the usual places."""
        found = find(self.looked_for)
        return found.parent if found is not None and self.contains else found


CORPORA: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry("cmu", "CMU recordings with HumanML3D's captions", cmu.Cmu, (cmu.CAPTIONS,), cmu.GET_IT, contains=True),
        Entry(
            "cmu_trials",
            "CMU recordings whole, in windows, each with its trial's one-line description",
            cmu_trials.CmuTrials,
            (cmu_trials.TRIALS,),
            cmu_trials.GET_IT,
            contains=True,
        ),
        Entry(
            "humanml3d",
            "HumanML3D in its own layout: 22 joints, 20 fps, 263 features",
            humanml3d.open_humanml3d,
            ("HumanML3D", "humanml3d"),
            humanml3d.GET_IT,
        ),
        Entry(
            "humanml3d_text",
            "HumanML3D's captions without motion",
            humanml3d.HumanML3DText,
            ("humanml3d_captions.json",),
            humanml3d.GET_TEXT,
        ),
        Entry(
            "kitml",
            "KIT-ML in HumanML3D's layout: 21 joints, 12.5 fps, 251 features",
            kitml.open_kitml,
            ("KIT-ML", "kitml"),
            kitml.GET_IT,
        ),
        Entry("kitml_text", "KIT-ML's sentences without motion", kitml.KitmlText, ("kitml_annotations.json",), kitml.GET_TEXT),
        Entry("babel", "BABEL: labels with times over AMASS", babel.Babel, ("babel", "BABEL", "babel_v1.0_release"), babel.GET_IT),
        Entry(
            "humman_mogen",
            "HuMMan-MoGen: exercises told stage by stage and part by part",
            humman_mogen.HuMManMoGen,
            ("humman_release_v1.0_mogen", "humman_mogen"),
            humman_mogen.GET_IT,
        ),
        Entry(
            "humman_mogen_sequences",
            "the same, whole sequences among its clips",
            partial(humman_mogen.HuMManMoGen, sequences=True),
            ("humman_release_v1.0_mogen", "humman_mogen"),
            humman_mogen.GET_IT,
        ),
        Entry(
            "synthetic",
            "performed random timelines, with exact ground truth",
            synthetic.open_synthetic,
            (),
            synthetic.GET_IT,
            made=True,
        ),
        Entry("folder", "your own clips, with a text file beside each or a table of captions", folder.Folder, (), folder.GET_IT),
    )
}


def open_corpus(name: str, path: str | Path | None = None, **options: Any) -> Corpus:
    """A corpus by its name in `CORPORA`.

    Args:
        name: such as "cmu".
        path: its folder or file; None: looked for in KINELANG_SHARED/data, data, shared/data and ../shared/data.
        options: what the corpus takes besides, such as `body_models` of BABEL.

    Raises:
        CorpusError: an unknown name, or a corpus that is not there or incomplete; the message says where to get it.
    """
    if name not in CORPORA:
        raise CorpusError.of("corpus", f"no corpus '{name}'", f"one of {', '.join(CORPORA)}")
    entry = CORPORA[name]
    place = entry.find() if path is None else Path(path)
    if place is None and not entry.made:
        looked = ", ".join(str(folder) for folder in data_folders())
        found = f"none of {', '.join(entry.looked_for)} in {looked}" if entry.looked_for else "no folder given"
        raise CorpusError.of(f"corpus '{name}'", found, "its folder or file", f"give it; {entry.get_it}")
    return entry.open(**options) if entry.made else entry.open(place, **options)
