"""BABEL: what happens when in AMASS, in short labels with times (Punnakkal et al., CVPR 2021, babel.is.tue.mpg.de)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from kinelang.corpora.amass_files import GET_AMASS, BodyModels, find_recording, gender_of
from kinelang.corpora.base import Caption, Corpus, Record, standard
from kinelang.corpora.places import entry, read_json
from kinelang.errors import CorpusError
from kinelang.formats import load
from kinelang.motion.motion import Motion

GET_IT = f"BABEL's train.json, val.json and test.json (babel.is.tue.mpg.de), and {GET_AMASS}, in amass/ beside them"
FILES = ("train", "val", "test", "extra_train", "extra_val")


class Babel(Corpus):
    """BABEL's sequences: each is one record, its sequence labels captions of the whole, its frame labels captions of parts.

    The text of a caption is the annotator's own (`raw_label`), or with `processed` the cleaned `proc_label`; `categories` are BABEL's
    action categories. "transition" stands between actions and is left out unless asked for. The test set has no labels.

    Args:
        folder: holds the JSON files.
        amass: AMASS's folder; None: `amass` or `AMASS` in the folder or beside it. Without one it is a corpus of text alone.
        body_models: folder of the SMPL-H models, for the joints of each body; None: bones of the mean body.
        extra: also the sequences that several people have annotated, as splits extra_train and extra_val.
        processed: `proc_label` in place of `raw_label`.
        transitions: keep labels that are only "transition".

    Raises:
        CorpusError: no JSON file, or entries that are not what they should be.
    """

    name = "babel"

    def __init__(
        self,
        folder: str | Path,
        amass: str | Path | None = None,
        body_models: str | Path | None = None,
        *,
        extra: bool = False,
        processed: bool = False,
        transitions: bool = False,
    ) -> None:
        path = Path(folder)
        self.where = str(path)
        wanted = FILES if extra else FILES[:3]
        files = {split: path / f"{split}.json" for split in wanted if (path / f"{split}.json").is_file()}
        if "train" not in files and "val" not in files:
            raise CorpusError.of("corpus 'babel'", f"no {path / 'train.json'}", "BABEL's annotations", GET_IT)
        self.splits = tuple(files)
        self._label, self._transitions = ("proc_label" if processed else "raw_label"), transitions
        self._amass = _amass_folder(path, amass)
        self._models = None if body_models is None else BodyModels(Path(body_models))
        self._sequences = {split: self._read(file) for split, file in files.items()}

    def _read(self, file: Path) -> dict[str, dict[str, Any]]:
        content = read_json(file, dict, "an object of sequences by id")
        for sid, item in content.items():
            sequence = entry(item, f"{file}, sequence {sid}", feat_p=(str,), dur=(int, float))
            for where, label in _labels(sequence):
                entry(label, f"{file}, sequence {sid}, {where}", raw_label=(str, type(None)))
        return dict(content)

    def _records(self, split: str) -> Iterator[Record]:
        for sid, sequence in self._sequences[split].items():
            yield Record(
                id=str(sid),
                split=split,
                captions=tuple(self._captions(sequence)),
                duration_s=float(sequence["dur"]),
                source=sequence["feat_p"],
                group=sequence["feat_p"],
                load_motion=None if self._amass is None else partial(self._motion, str(sid), sequence["feat_p"]),
            )

    def __len__(self) -> int:
        return sum(map(len, self._sequences.values()))

    def _captions(self, sequence: dict[str, Any]) -> Iterator[Caption]:
        for where, label in _labels(sequence):
            text = label.get(self._label) or label.get("raw_label") or ""
            if not text.strip() or (text.strip().lower() == "transition" and not self._transitions):
                continue
            categories = tuple(str(c) for c in label.get("act_cat") or ())
            if where == "seq_ann" or label.get("start_t") is None or label.get("end_t") is None:
                yield Caption(text.strip(), categories=categories)
            else:  # start and end are exchanged in a few
                start_s, end_s = sorted((float(label["start_t"]), float(label["end_t"])))
                yield Caption(text.strip(), start_s, end_s, categories=categories)

    def _motion(self, sid: str, relative: str) -> Motion:
        assert self._amass is not None
        file = find_recording(self._amass, relative)
        model = None if self._models is None else self._models.path(gender_of(file))
        return standard(load(file, body_model=model)).with_(name=sid)


def _labels(sequence: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Labels of a sequence with "seq_ann" or "frame_ann", of all annotators."""
    for kind in ("seq_ann", "frame_ann"):
        notes = [sequence.get(kind), *(sequence.get(f"{kind}s") or ())]
        for note in notes:
            for label in (note or {}).get("labels") or ():
                yield kind, label


def _amass_folder(folder: Path, given: str | Path | None) -> Path | None:
    if given is not None:
        if not Path(given).is_dir():
            raise CorpusError.of("corpus 'babel'", f"no folder {given}", "AMASS's recordings", f"get {GET_AMASS}")
        return Path(given)
    names = ("amass", "AMASS")
    return next((p for place in (folder, folder.parent) for name in names if (p := place / name).is_dir()), None)
