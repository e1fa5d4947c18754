"""The CMU recordings whole, in windows, with the one-line description of their trial: more motion than the captioned segments have.

Recordings as in `cmu`; descriptions are the archive's own. A split holds the same performers and trials as that split of `cmu`.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from kinelang.corpora.base import Caption, Corpus, Record
from kinelang.corpora.cmu import CAPTIONS, Cmu
from kinelang.corpora.places import read_text
from kinelang.errors import CorpusError
from kinelang.motion.motion import Motion

TRIALS = "cmu_trials.csv"
GET_IT = f"put {TRIALS} (trial, file, split, description) beside {CAPTIONS} and the trials, as for 'cmu' (mocap.cs.cmu.edu)"
WINDOW_S = 8.0
STEP_S = 4.0
SHORTEST_S = 2.0
"""What is left of a recording, or a recording, that is shorter is left out."""


class CmuTrials(Corpus):
    """Windows of whole trials: `WINDOW_S` seconds every `STEP_S`; a shorter trial is one window.

    Args:
        folder: as for `Cmu`, with `cmu_trials.csv` besides.

    Raises:
        CorpusError: no such folder or file, or rows that are not what they should be.
    """

    name = "cmu_trials"

    def __init__(self, folder: str | Path) -> None:
        path = Path(folder)
        self.where = str(path)
        if not (path / TRIALS).is_file():
            raise CorpusError.of("corpus 'cmu_trials'", f"no {path / TRIALS}", "the list of trials beside the recordings", GET_IT)
        self._recordings = Cmu(path)
        self._trials: dict[str, list[tuple[str, str]]] = {split: [] for split in self.splits}
        for i, row in enumerate(csv.DictReader(io.StringIO(read_text(path / TRIALS))), start=2):
            if not {"trial", "split", "description"} <= row.keys() or row["split"] not in self.splits or not row["description"]:
                raise CorpusError.of(
                    f"{path / TRIALS}, line {i}", f"{row}"[:80], f"trial, description and split {', '.join(self.splits)}"
                )
            self._trials[row["split"]].append((row["trial"], row["description"]))

    def _records(self, split: str) -> Iterator[Record]:
        for trial, description in self._trials[split]:
            seconds = self._recordings.trial(trial).duration_s
            for start_s in starts(seconds):
                end_s = min(start_s + WINDOW_S, seconds)
                id_ = f"{trial}@{start_s:g}"
                yield Record(
                    id=id_,
                    split=split,
                    captions=(Caption(description),),
                    duration_s=round(end_s - start_s, 6),
                    source=f"CMU {trial}, {start_s:g} to {end_s:g} s",
                    group=trial,
                    load_motion=partial(self._motion, id_, trial, start_s, end_s),
                )

    def _motion(self, id_: str, trial: str, start_s: float, end_s: float) -> Motion:
        return self._recordings.segment(id_, trial, start_s, end_s)


def starts(seconds: float) -> list[float]:
    """Where the windows of a recording begin: the last one ends within a step of its end."""
    if seconds < SHORTEST_S:
        return []
    return [i * STEP_S for i in range(max(1, math.ceil((seconds - WINDOW_S) / STEP_S + 1)))]
