"""Any corpus written in HumanML3D's own layout, so that published code trains on it.

    new_joints/ID.npy      (T, 22, 3) float32: decoded from the features, as published
    new_joint_vecs/ID.npy  (T, 263) float32
    texts/ID.txt           caption#word/POS ...#start#end, one a line
    timelines/ID.json      what happens in the clip, where the corpus knows it (no part of the published layout)
    train.txt, val.txt, test.txt, train_val.txt, all.txt
    Mean.npy, Std.npy      (263,) float32, the deviation averaged over blocks
    manifest.json          what was written, from what, with which options
    clips.jsonl            one line for each clip as soon as its files are there: a run that was stopped goes on after the last

Layout: github.com/EricGuo5513/HumanML3D (MIT). Features: kinelang.motion.features.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kinelang import __version__
from kinelang.atomic import write_atomic
from kinelang.corpora.base import Record, features_of, mirrored, remembered
from kinelang.corpora.captions import caption_line
from kinelang.corpora.tagging import Tagger, tagged
from kinelang.errors import CorpusError, KinelangError
from kinelang.formats.npy import parse_npy, write_npy
from kinelang.motion.arrays import Array
from kinelang.motion.features import HUMANML3D, Layout, block_std, decode
from kinelang.timeline.files import to_json

FORMAT = "kinelang corpus in HumanML3D's layout, version 1"
JOINTS, FEATURES, TEXTS, TIMELINES = "new_joints", "new_joint_vecs", "texts", "timelines"

Progress = Callable[[str, str], None]
"""Called with each clip's id and "" or, where it was passed over, the reason in one line."""

Extra = Callable[[Record], Mapping[str, bytes]]
"""More files for a clip: names inside the folder, such as "keypoints/ID.npy", with their bytes."""


@dataclass
class Written:
    """What `write_layout` did.

    Attributes:
        folder: where.
        clips: ids in each split, sorted.
        captions: number of caption lines.
        frames: number of feature frames.
        passed_over: (id, reason) of what could not be written.
        resumed: clips that an earlier run had written.
    """

    folder: Path
    clips: dict[str, list[str]] = field(default_factory=dict)
    captions: int = 0
    frames: int = 0
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    resumed: int = 0

    @property
    def n_clips(self) -> int:
        """Number of clips in all splits."""
        return sum(map(len, self.clips.values()))


def write_layout(
    records: Iterable[Record],
    folder: str | os.PathLike[str],
    *,
    name: str,
    mirror: bool = False,
    layout: Layout = HUMANML3D,
    tagger: Tagger = tagged,
    options: Mapping[str, Any] | None = None,
    extra: Extra | None = None,
    progress: Progress | None = None,
    restart: bool = False,
) -> Written:
    """Write records one by one; memory does not grow with their number, except for their ids.

    A record that cannot be read, or whose motion is too short or not finite, is passed over and reported. Stopped at any moment, the
    same call goes on where it was; a different one is refused unless `restart` is set.

    Args:
        records: a generator will do. Their order decides nothing: split files are sorted.
        folder: made if it is not there; a folder that holds something else is refused.
        name: what the corpus is called in the manifest.
        mirror: also write each clip's mirror image, as HumanML3D does; its name has an M before it.
        layout: HUMANML3D or KIT.
        tagger: from a caption to its tagged words; `tagging.untagged` needs no extra.
        options: whatever else decides the result (seed, version of the generator), to be compared before continuing.
        extra: more files for each clip, called with the record (or its mirror image).
        progress: called after each clip.
        restart: remove what an earlier run has written.

    Raises:
        CorpusError: the folder holds other things, or was written with other options; two records of one name; nothing to write.
        MissingExtraError: the tagger's packages are not installed.
    """
    tagger("a person walks")  # an extra that is missing is told before the work begins
    target = Path(folder)
    made_with = {"format": FORMAT, "kinelang": __version__, "corpus": name, "layout": layout.name, "mirror": mirror}
    made_with["options"] = json.loads(json.dumps(dict(options or {})))
    done = _begin(target, made_with, restart)
    written = Written(target)
    seen: dict[str, str] = {}
    with open(target / "clips.jsonl", "ab") as lines:
        for record in _with_mirrors(records, mirror):
            stem = file_name(record.id)
            if stem.lower() in seen:
                found = f"records '{seen[stem.lower()]}' and '{record.id}'"
                raise CorpusError.of(f"corpus '{name}'", found, "ids that differ as file names, also where case does not count")
            seen[stem.lower()] = record.id
            line, reason = done.get(stem), ""
            if line is None:
                line, reason = _write_clip(record, stem, target, layout, tagger, extra)
                if line is not None:
                    lines.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
                    lines.flush()
            else:
                written.resumed += 1
            _account(written, record.id, line, reason)
            if progress is not None:
                progress(record.id, reason)
        os.fsync(lines.fileno())
    if not written.n_clips:
        first = f": {written.passed_over[0][1]}" if written.passed_over else ""
        raise CorpusError.of(f"corpus '{name}'", f"no clip that can be written{first}", "at least one")
    _finish(written, made_with, layout)
    return written


def file_name(id_: str) -> str:
    """The id as the name of a file: letters, digits, `_`, `-`, `.`, `@`; anything else becomes `_`."""
    name = re.sub(r"[^\w.@-]", "_", id_).lstrip(".")
    if not name or len(name.encode()) > 200:
        raise CorpusError.of(f"record '{id_[:60]}'", "an id that makes no file name", "1 to 200 letters, digits, _ and -")
    return name


class Running:
    """Mean and standard deviation of each feature over frames that come clip by clip, in float64 (Chan, Golub & LeVeque 1983)."""

    def __init__(self, width: int) -> None:
        self.count = 0
        self.mean = np.zeros(width)
        self._squares = np.zeros(width)

    def add(self, clip: Array) -> None:
        """Take the frames of a clip (T, D) into account."""
        x = np.asarray(clip, dtype=np.float64)
        own = x.mean(axis=0)
        gap, total = own - self.mean, self.count + len(x)
        self._squares += ((x - own) ** 2).sum(axis=0) + gap**2 * (self.count * len(x) / total)
        self.mean += gap * (len(x) / total)
        self.count = total

    @property
    def std(self) -> Array:
        """Standard deviation of the population. (D,) float64."""
        return np.sqrt(self._squares / max(self.count, 1))


def read_array(path: Path) -> Array:
    """A .npy file; never unpickled. Raises CorpusError if it is missing, FormatError if it is damaged."""
    try:
        return parse_npy(path.read_bytes(), str(path))
    except OSError as error:
        raise CorpusError(
            f"{path}: cannot be read ({error.strerror}); the corpus is incomplete: prepare or download it again"
        ) from error


# --- one clip


def _with_mirrors(records: Iterable[Record], mirror: bool) -> Iterator[Record]:
    for record in records:
        if not mirror:
            yield record
            continue
        record = remembered(record)
        yield record
        yield mirrored(record)


def _write_clip(
    record: Record, stem: str, folder: Path, layout: Layout, tagger: Tagger, extra: Extra | None
) -> tuple[dict[str, Any] | None, str]:
    """Write the files of a clip: its line for clips.jsonl, or None and the reason why there is none."""
    try:
        features = np.asarray(
            record.load_features() if record.load_features is not None else features_of(record.motion(), layout), dtype=np.float32
        )
        if features.ndim != 2 or features.shape[1] != layout.width or not np.isfinite(features).all():
            raise CorpusError.of(f"record '{record.id}'", f"features of shape {features.shape}", f"(T, {layout.width}), all finite")
        text = "".join(caption_line(caption, tagger) + "\n" for caption in record.captions)
        more = {} if extra is None else dict(extra(record))
        if record.timeline is not None:
            more[f"{TIMELINES}/{stem}.json"] = to_json(record.timeline).encode() + b"\n"
    except KinelangError as error:
        return None, str(error)
    write_npy(folder / FEATURES / f"{stem}.npy", features)
    write_npy(folder / JOINTS / f"{stem}.npy", decode(features))
    write_atomic(folder / TEXTS / f"{stem}.txt", text.encode())
    for name, data in more.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / name, data)
    line = {"id": stem, "split": record.split, "frames": len(features), "captions": len(record.captions), "source": record.source}
    return line | ({"files": sorted(more)} if more else {}), ""


def _account(written: Written, id_: str, line: Mapping[str, Any] | None, reason: str) -> None:
    if line is None:
        written.passed_over.append((id_, reason))
        return
    written.clips.setdefault(line["split"], []).append(line["id"])
    written.captions += line["captions"]
    written.frames += line["frames"]


# --- beginning and end


def _begin(folder: Path, made_with: dict[str, Any], restart: bool) -> dict[str, dict[str, Any]]:
    """Make the folders; the clips that an earlier run with the same options has written, by name."""
    progress = folder / "clips.jsonl"
    if folder.is_dir() and any(folder.iterdir()) and not progress.exists():
        raise CorpusError.of(str(folder), "a folder with other files in it", "an empty or new folder", "give another folder")
    try:
        for name in (FEATURES, JOINTS, TEXTS):
            (folder / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusError(f"{folder}: cannot be made ({error.strerror}); give a folder that you may write to") from error
    if restart and progress.exists():
        _remove(folder)
    head = json.dumps({"made_with": made_with}, ensure_ascii=False).encode() + b"\n"
    if not progress.exists():
        write_atomic(progress, head)
        return {}
    return _lines_already_there(progress, made_with)


def _lines_already_there(path: Path, made_with: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Lines of an earlier run, after dropping one that it left unfinished. Raises CorpusError if it had other options."""
    done: dict[str, dict[str, Any]] = {}
    kept = 0
    with open(path, "rb+") as file:
        for number, line in enumerate(file):
            if not line.endswith(b"\n"):
                break
            try:
                content = json.loads(line)
                if number:
                    done[str(content["id"])] = {k: content[k] for k in ("id", "split", "frames", "captions")}
                elif content["made_with"] != made_with:
                    keys = [k for k in made_with if content["made_with"].get(k) != made_with[k]]
                    was, now = (", ".join(f"{k}={m.get(k)}" for k in keys) for m in (content["made_with"], made_with))
                    raise CorpusError.of(str(path), was, now, "use the same options to continue, or restart (--restart)")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                found = f"line {number + 1} that kinelang did not write"
                raise CorpusError.of(
                    str(path), found, "one line for each clip", "give another folder, or restart (--restart)"
                ) from error
            kept += len(line)
        file.truncate(kept)
    return done


def _remove(folder: Path) -> None:
    """Remove the clips that clips.jsonl names, and the list itself."""
    for line in (folder / "clips.jsonl").read_bytes().splitlines()[1:]:
        try:
            content = json.loads(line)
            stem, more = file_name(str(content["id"])), [str(name) for name in content.get("files", ())]
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        for name in (f"{FEATURES}/{stem}.npy", f"{JOINTS}/{stem}.npy", f"{TEXTS}/{stem}.txt", *more):
            if (folder / name).resolve().is_relative_to(folder.resolve()):
                (folder / name).unlink(missing_ok=True)
    (folder / "clips.jsonl").unlink()


def _finish(written: Written, made_with: Mapping[str, Any], layout: Layout) -> None:
    """Write split files, statistics and, as the last, the manifest."""
    folder = written.folder
    for ids in written.clips.values():
        ids.sort()
    lists = {"train": [], "val": [], "test": [], **written.clips}
    every = sorted(id_ for ids in written.clips.values() for id_ in ids)
    lists |= {"train_val": sorted([*lists["train"], *lists["val"]]), "all": every}
    for split, ids in lists.items():
        write_atomic(folder / f"{split}.txt", "".join(f"{id_}\n" for id_ in ids).encode())
    running = Running(layout.width)
    for id_ in every:
        running.add(read_array(folder / FEATURES / f"{id_}.npy"))
    write_npy(folder / "Mean.npy", running.mean.astype(np.float32))
    write_npy(folder / "Std.npy", block_std(running.std, layout).astype(np.float32))
    manifest = {
        **made_with,
        "clips": len(every),
        "splits": {split: len(ids) for split, ids in written.clips.items()},
        "captions": written.captions,
        "frames": running.count,
        "hours": round(running.count / layout.fps / 3600, 4),
        "passed_over": [{"id": id_, "reason": reason} for id_, reason in written.passed_over],
    }
    write_atomic(folder / "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1).encode() + b"\n")
