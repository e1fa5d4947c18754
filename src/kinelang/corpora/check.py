"""Checking a corpus on disk: what is missing, malformed or contradictory, and what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kinelang.corpora.base import Corpus, Record, features_of
from kinelang.corpora.layout import FEATURES, JOINTS, TEXTS, Running, read_array
from kinelang.corpora.official import LayoutCorpus
from kinelang.errors import CorpusError, KinelangError
from kinelang.motion.arrays import Array
from kinelang.motion.features import block_std, decode

DECODED_M = 1e-3
"""Largest gap between published joints and those decoded from the features, in the corpus's unit, that is rounding: 1e-6 measured."""

LATE_S = 0.1
"""How far past the end of its clip a caption may reach without being a problem, seconds (ours)."""


@dataclass
class Report:
    """What a check has found.

    Attributes:
        corpus: its name.
        where: its folder.
        problems: one line each; none of a sound corpus.
        splits: counts of each split.
        statistics: what is in it, as plain numbers.
    """

    corpus: str
    where: str
    problems: list[str] = field(default_factory=list)
    splits: dict[str, dict[str, Any]] = field(default_factory=dict)
    statistics: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "corpus": self.corpus,
            "where": self.where,
            "ok": self.ok,
            "splits": self.splits,
            "statistics": self.statistics,
            "problems": self.problems,
        }


def check(corpus: Corpus, *, motions: bool = True, progress: Callable[[str, str], None] | None = None) -> Report:
    """Read everything in a corpus and say what is wrong.

    Args:
        corpus: any corpus; of one in HumanML3D's layout also files, shapes, statistics and lists are checked.
        motions: also load every motion and its features; without, only texts and lists are looked at.
        progress: called with each record's id and "" or its first problem.
    """
    tally = _Tally(corpus, motions)
    for split in corpus.splits:
        for id_, record, reason in _records(corpus, split):
            found = tally.add(id_, split, record, reason)
            if progress is not None:
                progress(id_, found[0] if found else "")
    report = tally.report()
    if isinstance(corpus, LayoutCorpus):
        _check_layout(corpus, set(tally.split_of), tally.running if motions else None, report)
    report.problems += list(getattr(corpus, "problems", ()))
    return report


class _Tally:
    """What has been seen so far."""

    def __init__(self, corpus: Corpus, motions: bool) -> None:
        self._corpus, self._motions = corpus, motions
        self.running = Running(corpus.layout.width)
        self.split_of: dict[str, str] = {}
        self._splits_of_group: dict[str, set[str]] = {}
        self._counts = {split: {"records": 0, "captions": 0, "frames": 0} for split in corpus.splits}
        self._frames: list[int] = []
        self._words: set[str] = set()
        self._problems: list[str] = []

    def add(self, id_: str, split: str, record: Record | None, reason: str) -> list[str]:
        """Take a record into account; what is wrong with it."""
        found = [reason] if reason else []
        if record is not None:
            found += _caption_problems(record, split)
            frames, wrong = _motion_problems(record, self._corpus, self.running) if self._motions and record.has_motion else (0, [])
            found += wrong
            counts = self._counts[split]
            counts["records"] += 1
            counts["captions"] += len(record.captions)
            counts["frames"] += frames
            self._frames += [frames] if frames else []
            self._splits_of_group.setdefault(record.group or record.id, set()).add(split)
            self._words.update(word for text in record.texts for word in text.lower().split())
        if id_ in self.split_of:
            found.append(f"record '{id_}' is in {self.split_of[id_]} and {split}; keep it in one")
        self.split_of.setdefault(id_, split)
        self._problems += found
        return found

    def report(self) -> Report:
        several = sum(1 for splits in self._splits_of_group.values() if len(splits) > 1)
        statistics: dict[str, Any] = {"distinct_words": len(self._words), "recordings": len(self._splits_of_group)}
        statistics["recordings_in_several_splits"] = several
        if self._frames:
            statistics["hours"] = round(sum(self._frames) / self._corpus.layout.fps / 3600, 3)
            statistics["frames"] = _spread(self._frames)
        return Report(self._corpus.name, self._corpus.where, list(self._problems), dict(self._counts), statistics)


def _records(corpus: Corpus, split: str) -> Iterator[tuple[str, Record | None, str]]:
    """Id and record of each clip, or the reason why there is none, so that one bad file does not end the check."""
    if not isinstance(corpus, LayoutCorpus):
        for record in corpus.records(split):
            yield record.id, record, ""
        return
    for id_ in corpus.ids(split):
        yield id_, *_record(corpus, id_, split)


def _record(corpus: LayoutCorpus, id_: str, split: str) -> tuple[Record | None, str]:
    try:
        return corpus.record(id_, split), ""
    except KinelangError as error:
        return None, str(error)


def _caption_problems(record: Record, split: str) -> list[str]:
    where = f"record '{record.id}'"
    if not record.captions and "test" not in split:
        return [f"{where}: no caption"]
    out = []
    for caption in record.captions:
        if not caption.text.strip():
            out.append(f"{where}: an empty caption")
        if caption.end_s is not None and caption.end_s <= caption.start_s:
            out.append(f"{where}: a caption from {caption.start_s:g} to {caption.end_s:g} s")
        elif caption.end_s is not None and record.duration_s is not None and caption.end_s > record.duration_s + LATE_S:
            out.append(f"{where}: a caption up to {caption.end_s:g} s of a clip of {record.duration_s:.2f} s")
    return out


def _motion_problems(record: Record, corpus: Corpus, running: Running) -> tuple[int, list[str]]:
    """Feature frames of a record, and what is wrong with its motion or features."""
    try:
        motion = record.motion()
        if motion.skeleton.name != corpus.layout.skeleton or abs(motion.fps - corpus.layout.fps) > 1e-6:
            found = f"{motion.skeleton.name} at {motion.fps:g} fps"
            raise CorpusError.of(f"record '{record.id}'", found, f"{corpus.layout.skeleton} at {corpus.layout.fps:g} fps")
        features = record.load_features() if record.load_features is not None else features_of(motion, corpus.layout)
        if isinstance(corpus, LayoutCorpus) and corpus.has_features and corpus.has_joints:
            _check_joints(record.id, features, motion.joints / np.float32(corpus.layout.metres_per_unit))
    except KinelangError as error:
        return 0, [str(error)]
    running.add(features)
    return len(features), []


def _check_joints(id_: str, features: Array, joints: Array) -> None:
    """Whether the joints are those that the features decode to, as published."""
    if len(joints) != len(features):
        raise CorpusError.of(f"record '{id_}'", f"{len(joints)} frames of joints", f"{len(features)}, as there are features")
    gap = float(np.abs(decode(features) - joints).max())
    if gap > DECODED_M * max(1.0, float(np.abs(joints).max())):
        found = f"joints that are up to {gap:.3g} from those that the features say"
        raise CorpusError.of(f"record '{id_}'", found, "the same motion in both", "prepare the corpus again")


def _check_layout(corpus: LayoutCorpus, ids: set[str], running: Running | None, report: Report) -> None:
    """Statistics files, the combined lists, and files that no split names."""
    for place in (FEATURES, JOINTS):
        if not (corpus.folder / place).is_dir():
            report.problems.append(f"{corpus.folder / place}: no such folder; the corpus is read as text alone or from the other one")
    for place, suffix in ((FEATURES, ".npy"), (TEXTS, ".txt")):
        folder = corpus.folder / place
        if folder.is_dir():
            named = {p.stem for p in folder.iterdir() if p.suffix == suffix}
            report.statistics[f"{place}_in_no_split"] = len(named - ids)
    for name in ("Mean", "Std"):
        path = corpus.folder / f"{name}.npy"
        try:
            values = read_array(path)
        except KinelangError as error:
            report.problems.append(str(error))
            continue
        if values.shape != (corpus.layout.width,) or not np.isfinite(values).all() or (name == "Std" and (values <= 0).any()):
            report.problems.append(f"{path}: found shape {values.shape}; expected ({corpus.layout.width},), finite, deviations above 0")
        elif name == "Mean" and running is not None and running.count:
            gap = np.abs(values - running.mean) / np.maximum(block_std(running.std, corpus.layout), 1e-6)
            report.statistics["mean_differs_by_deviations"] = round(float(gap.max()), 6)
    manifest = corpus.folder / "clips.jsonl"
    if manifest.is_file() and not (corpus.folder / "manifest.json").is_file():
        report.problems.append(f"{corpus.folder}: writing was stopped before its end; run the same kinelang corpus prepare again")


def _spread(frames: list[int]) -> dict[str, float]:
    return {"total": sum(frames), "least": min(frames), "median": float(np.median(frames)), "most": max(frames)}
