"""The user's own clips: motion files with a text file beside each, or one table of captions.

    walk.bvh + walk.txt            one caption a line; HumanML3D's caption#tags#start#end is read too
    captions.csv / .tsv / .jsonl   file, caption [, start_s, end_s, split]

Splits: the table's column, or train.txt, val.txt and test.txt with one name a line, or else by a hash of the clip's name, which stays
the same when other clips come and go.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from kinelang.corpora.base import Caption, Corpus, Record, standard
from kinelang.corpora.captions import parse_line
from kinelang.corpora.places import read_text
from kinelang.errors import CorpusError, FormatError
from kinelang.formats import list_motion_files, load
from kinelang.motion.motion import Motion

GET_IT = "a folder of motion files (.bvh, .amc, .npy, .npz), each with a .txt of the same name, or with one captions.csv or .jsonl"
_Made = TypeVar("_Made")
TABLES = (".csv", ".tsv", ".jsonl")
SHARES = (("train", 0.80), ("val", 0.05), ("test", 0.15))
"""Share of each split where none is given: HumanML3D's."""

SHOWN = 5
"""Bad rows that an error quotes."""


@dataclass
class _Clip:
    """What is known of a clip before its record is made."""

    file: str
    captions: list[Caption] = field(default_factory=list)
    split: str = ""


class Folder(Corpus):
    """Captioned clips of the user's own.

    Args:
        path: the folder, or the table in it.
        skip_bad: pass over rows and files that are wrong; they are in `problems` either way.
        load_options: for `kinelang.load`, such as `unit` and `fps`, where the files do not say.

    Attributes:
        problems: what was wrong, one line each with file and line.
        uncaptioned: motion files without a caption.

    Raises:
        CorpusError: nothing there, or, without `skip_bad`, rows that are wrong.
    """

    name = "folder"

    def __init__(self, path: str | Path, *, skip_bad: bool = False, load_options: Mapping[str, Any] | None = None) -> None:
        place = Path(path)
        self.where = str(place)
        if not place.exists():
            raise CorpusError.of("corpus 'folder'", f"no {place}", GET_IT)
        self._load_options = dict(load_options or {})
        self.problems: list[str] = []
        self.uncaptioned: list[str] = []
        self._root = place if place.is_dir() else place.parent
        table = place if place.is_file() else _table_in(place)
        self._clips = self._from_table(table) if table is not None else self._from_sidecars()
        if self.problems and not skip_bad:
            more = f" ... and {len(self.problems) - SHOWN} more" if len(self.problems) > SHOWN else ""
            raise CorpusError(f"{path}: {len(self.problems)} bad rows: {' | '.join(self.problems[:SHOWN])}{more}")
        if not self._clips:
            raise CorpusError.of(f"corpus 'folder' at {path}", "no captioned motion", GET_IT)
        self._set_splits()

    def _records(self, split: str) -> Iterator[Record]:
        for id_, clip in self._clips.items():
            if clip.split == split:
                yield Record(
                    id_, split, tuple(clip.captions), source=clip.file, group=id_, load_motion=partial(self._motion, id_, clip.file)
                )

    def __len__(self) -> int:
        return len(self._clips)

    def _motion(self, id_: str, file: str) -> Motion:
        return standard(load(file, **self._load_options)).with_(name=id_)

    # --- one text file beside each motion

    def _from_sidecars(self) -> dict[str, _Clip]:
        try:
            files = list_motion_files(self._root)
        except FormatError as error:
            raise CorpusError.of(f"corpus 'folder' at {self.where}", "no motion file", GET_IT) from error
        clips: dict[str, _Clip] = {}
        for file in files:
            text = Path(file).with_suffix(".txt")
            id_ = self._id(file)
            if not text.is_file():
                self.uncaptioned.append(file)
            elif id_ in clips:
                self.problems.append(f"{text}: captions of both {clips[id_].file} and {file}; give them different names")
            else:
                clip = _Clip(file, self._sidecar(text))
                if clip.captions:
                    clips[id_] = clip
        return clips

    def _sidecar(self, path: Path) -> list[Caption]:
        captions = []
        for number, line in enumerate(read_text(path).splitlines(), start=1):
            if line.strip():
                captions += self._tried(_line, line, f"{path}:{number}")
        if not captions:
            self.problems.append(f"{path}: no caption; write one a line")
        return captions

    # --- one table

    def _from_table(self, path: Path) -> dict[str, _Clip]:
        clips: dict[str, _Clip] = {}
        for where, row in _rows(path, self.problems):
            for file, caption, split in self._tried(self._row, row, where):
                id_ = self._id(file)
                clip = clips.setdefault(id_, _Clip(file))
                if clip.file != file:
                    self.problems.append(f"{where}: {file} and {clip.file} have one name; give them different names")
                elif clip.split and split and clip.split != split:
                    self.problems.append(f"{where}: {file} is in split '{split}', but in '{clip.split}' before; give it one")
                else:
                    clip.split = clip.split or split
                    clip.captions.append(caption)
        return clips

    def _row(self, row: Mapping[str, Any], where: str) -> tuple[str, Caption, str]:
        file, text = row.get("file"), row.get("caption")
        if not isinstance(file, str) or not file.strip():
            raise CorpusError.of(where, "no file", "file and caption")
        if not isinstance(text, str) or not text.strip():
            raise CorpusError.of(where, "no caption", "file and caption")
        split = row.get("split") or ""
        if split not in ("", *(name for name, _ in SHARES)):
            raise CorpusError.of(where, f"split '{split}'", "train, val, test or nothing")
        found = self._root / file.strip()
        if ".zip/" not in file and not found.is_file():
            raise CorpusError.of(where, f"no file {found}", "a motion file, named from the table's folder")
        caption = Caption(" ".join(text.split()), _time(row, "start_s", where) or 0.0, _time(row, "end_s", where))
        return str(found), _in_order(caption, where), split

    # --- both

    def _tried(self, make: Callable[[Any, str], _Made], what: Any, where: str) -> list[_Made]:
        """What `make` makes of a row, as a list of one; where it fails, an empty list and a line in `problems`."""
        try:
            return [make(what, where)]
        except CorpusError as error:
            self.problems.append(str(error))
            return []

    def _id(self, file: str) -> str:
        return Path(file).relative_to(self._root).with_suffix("").as_posix()

    def _set_splits(self) -> None:
        listed: dict[str, str] = {}
        for split, _ in SHARES:
            path = self._root / f"{split}.txt"
            if path.is_file() and split not in self._clips:
                listed |= {line.strip(): split for line in read_text(path).splitlines() if line.strip()}
        for id_, clip in self._clips.items():
            clip.split = clip.split or listed.get(id_) or listed.get(Path(id_).name) or split_by_name(id_)


def split_by_name(name: str) -> str:
    """The split of a clip by the SHA-256 of its name alone: 80 % train, 5 % val, 15 % test."""
    place = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64
    for split, share in SHARES:
        if place < share:
            return split
        place -= share
    return SHARES[-1][0]


def _table_in(folder: Path) -> Path | None:
    """The one table of captions in a folder, if there is one. Raises CorpusError if there are several."""
    found = sorted(p for suffix in TABLES for p in folder.glob(f"*{suffix}")) if folder.is_dir() else []
    if len(found) > 1:
        found = [p for p in found if p.stem == "captions"] or found
    if len(found) > 1:
        raise CorpusError.of(
            str(folder), f"several tables: {', '.join(p.name for p in found[:4])}", "one", "give the one that is meant"
        )
    return found[0] if found else None


def _rows(path: Path, problems: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Rows of a table with their places. What is no JSON is put into `problems`."""
    text = read_text(path)
    if path.suffix.lower() == ".jsonl":
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            where = f"{path}:{number}"
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                problems.append(f"{where}: no valid JSON ({error})")
                continue
            if not isinstance(row, dict):
                problems.append(f"{where}: found a JSON {type(row).__name__}; expected an object with file and caption")
                continue
            several = row.get("captions")
            texts = several if isinstance(several, list) else [row.get("caption")]
            yield from ((where, {**row, "caption": text}) for text in texts)
        return
    if path.suffix.lower() not in TABLES:
        raise CorpusError.of(str(path), f"a table ending in '{path.suffix}'", " or ".join(TABLES))
    reader = csv.DictReader(text.splitlines(), delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
    columns = list(reader.fieldnames or ())
    if not {"file", "caption"} <= set(columns):
        raise CorpusError.of(f"{path}:1", f"columns {', '.join(columns)}", "file, caption and, if wanted, start_s, end_s, split")
    for row in reader:
        if None in row:
            problems.append(f"{path}:{reader.line_num}: more fields than columns; put captions with commas into quotes")
        else:
            yield f"{path}:{reader.line_num}", row


def _line(line: str, where: str) -> Caption:
    return _in_order(parse_line(line, where, plain=True), where)


def _time(row: Mapping[str, Any], name: str, where: str) -> float | None:
    value = row.get(name)
    if value is None or value == "":
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        raise CorpusError.of(where, f"{name} '{value}'", "a number of seconds") from None
    if not 0 <= seconds < 1e6:
        raise CorpusError.of(where, f"{name} '{value}'", "seconds from 0 on")
    return seconds


def _in_order(caption: Caption, where: str) -> Caption:
    if caption.start_s < 0 or (caption.end_s is not None and caption.end_s <= caption.start_s):
        raise CorpusError.of(where, f"{caption.start_s:g} to {caption.end_s:g} s", "times in order")
    return caption
