"""Whether generated motions are found by their texts: the check of Table A.2, for motions that any generator made.

Source: TMR (Petrovich et al., ICCV 2023), Table A.2: recall at 1 from text to motion in batches of 32, of generated motions beside real
ones, by several retrieval models. A model favours what was generated in its own space; figures above those of real motions are no
mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kinelang.corpora import features_of, standard
from kinelang.errors import KinelangError, TimelineError
from kinelang.evaluate.clips import Clip
from kinelang.evaluate.protocols import Trial, trial_of
from kinelang.evaluate.retrieval import Result, compare, evaluate
from kinelang.evaluate.systems import System
from kinelang.metrics.intervals import ROUNDS, Interval
from kinelang.motion.motion import Motion

REAL = "real motions"
SHOWN = "t2m/R@1"
SUFFIXES = (".npy", ".bvh", ".npz", ".amc")


@dataclass(frozen=True)
class Asked:
    """A text that motions are made for.

    Attributes:
        name: of the clip that it was written for; generated files are named so.
        text: the sentence.
        group: recording of the clip.
    """

    name: str
    text: str
    group: str


@dataclass(frozen=True, eq=False)
class Cell:
    """One set of motions judged by one model.

    Attributes:
        result: by protocol (d).
        real_minus: figures of the real motions minus these, paired; None where there are no real ones, or these are they.
    """

    result: Result
    real_minus: Mapping[str, Interval] | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        minus = None if self.real_minus is None else {key: asdict(value) for key, value in self.real_minus.items()}
        return {**self.result.to_json(), "real minus this": minus}


def check(
    models: Sequence[System],
    asked: Sequence[Asked],
    motions: Mapping[str, Mapping[str, Clip]],
    *,
    batch: int = 32,
    seed: int = 0,
    rounds: int = ROUNDS,
) -> dict[str, dict[str, Cell]]:
    """Table A.2 of any sets of motions: rows are the sets, columns the models.

    Args:
        models: judges.
        asked: the texts; each set has to hold a motion for each (see `in_all`).
        motions: sets by name, each from the name of a text to its motion; `REAL` is what others are compared with.
        batch: texts that are searched together.
        seed: of the batches, which are the same for all sets and models.
        rounds: of the bootstrap over recordings.

    Raises:
        KinelangError: fewer texts than one batch, or a set that lacks a motion.
    """
    for name, made in motions.items():
        lacking = [one.name for one in asked if one.name not in made]
        if lacking:
            raise KinelangError.of(f"motions '{name}'", f"none for {len(lacking)} texts, such as '{lacking[0]}'", "one for each text")
    table: dict[str, dict[str, Cell]] = {name: {} for name in motions}
    for model in models:
        trials = {name: _trial(model, asked, made) for name, made in motions.items()}
        for name, trial in trials.items():
            result = evaluate(trial, "batches", rounds=rounds, system=model.name, size=batch, seed=seed)
            minus = None
            if REAL in trials and name != REAL:
                minus = compare(trials[REAL], trial.scores, "batches", rounds=rounds, size=batch, seed=seed)
            table[name][model.name] = Cell(result, minus)
    return table


def _trial(model: System, asked: Sequence[Asked], made: Mapping[str, Clip]) -> Trial:
    scores = model.scores([one.text for one in asked], [made[one.name] for one in asked])
    return trial_of(scores, ids=[one.name for one in asked], groups=[one.group for one in asked])


def in_all(asked: Sequence[Asked], motions: Mapping[str, Mapping[str, Clip]]) -> list[Asked]:
    """The texts for which every set has a motion."""
    return [one for one in asked if all(one.name in made for made in motions.values())]


# --- Sets of motions

Generator = Callable[[str, int], Motion | None]
"""From a text and a seed to a motion; None where it can make none of it."""


def performed(text: str, seed: int) -> Motion | None:
    """The stages that are read in the text, performed; None where none is read, or one that nobody can perform."""
    from kinelang.timeline import parse, perform
    from kinelang.timeline.actions import ACTIONS

    try:
        timeline = parse(text).timeline
    except TimelineError:
        return None
    if not timeline.stages or any(stage.verb not in ACTIONS for stage in timeline.stages):
        return None
    return perform(timeline, seed, fps=20.0)


GENERATORS: dict[str, Generator] = {"performed": performed}
"""What makes motions of texts; a new generator is a function and one line here."""


def generated(
    generator: Generator, asked: Sequence[Asked], seed: int = 0, progress: Callable[[str, int, int], None] | None = None
) -> dict[str, Clip]:
    """The motions that a generator makes of texts, by name; texts that it cannot are left out."""
    made: dict[str, Clip] = {}
    for i, one in enumerate(asked):
        motion = generator(one.text, seed + i)
        if motion is not None:
            made[one.name] = clip_of(one, motion)
        if progress is not None:
            progress("motions generated", i + 1, len(asked))
    return made


def clip_of(one: Asked, motion: Motion) -> Clip:
    """A motion, on any skeleton, as a clip."""
    return Clip(one.name, one.group, (one.text,), features_of(standard(motion)))


def in_folder(folder: Path, asked: Sequence[Asked]) -> dict[str, Clip]:
    """The motions in a folder whose files are named as the texts: NAME.npy, NAME.bvh, ...

    Raises:
        KinelangError: no such folder, no file of such a name, a file that cannot be read.
    """
    from kinelang.formats import load

    if not folder.is_dir():
        raise KinelangError.of(str(folder), "no such folder", "a folder of generated motions")
    files = {path.stem: path for suffix in reversed(SUFFIXES) for path in sorted(folder.glob(f"*{suffix}"))}
    found = {one.name: clip_of(one, load(files[one.name])) for one in asked if one.name in files}
    if not found:
        some = f"files such as {asked[0].name}{SUFFIXES[0]}" if asked else "texts"
        raise KinelangError.of(str(folder), f"{len(files)} motions, none named as a text", some, "name each file as its text is named")
    return found


def read_texts(file: Path) -> list[Asked]:
    """Texts from lines `NAME<TAB>CAPTION`, or captions alone, which are then named 000000, 000001, ...

    Raises:
        KinelangError: no such file, no text in it, two of one name.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KinelangError(f"{file}: cannot be read as text ({error})") from None
    rows = [line.split("\t", 1) for line in lines if line.strip()]
    made = [
        Asked(row[0].strip(), row[1].strip(), row[0].strip()) if len(row) == 2 else _numbered(i, row[0]) for i, row in enumerate(rows)
    ]
    names = [one.name for one in made]
    if not made or len(set(names)) < len(names) or not all(one.name and one.text for one in made):
        found = "no text" if not made else "a name twice, or a line without a name or a caption"
        raise KinelangError.of(str(file), found, "lines of a name, a tab and a caption, or captions alone")
    return made


def _numbered(i: int, text: str) -> Asked:
    return Asked(f"{i:06d}", text.strip(), f"{i:06d}")
