"""Text-motion retrieval end to end: several systems on the same texts and clips, by every protocol, compared pair by pair."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from kinelang import __version__
from kinelang.errors import KinelangError
from kinelang.evaluate.clips import Clip, ClipSet, detector_identity
from kinelang.evaluate.protocols import PROTOCOLS, Trial, of_gallery, trial_of
from kinelang.evaluate.retrieval import Result, compare, evaluate
from kinelang.evaluate.sides import SideTest, beaten_twins, side_test
from kinelang.evaluate.systems import System
from kinelang.language.encoders.base import TextEncoder
from kinelang.language.named_sides import sides_in
from kinelang.metrics.intervals import ROUNDS, Interval
from kinelang.motion.arrays import Array
from kinelang.training.data import Progress

PUBLISHED_SENTENCES = "all-mpnet-base-v2"
"""The sentence encoder to which the published thresholds belong."""
PUBLISHED_DATA = ("humanml3d", "kitml")
SIDES = ("swapped text", "mirrored clip")


@dataclass(frozen=True, eq=False)
class Judged:
    """One system's figures.

    Attributes:
        system: its name.
        about: what it is made of.
        results: by protocol.
        sides: by test in `SIDES`; empty where no caption names a side.
        differences: by the name of a reference system and by protocol: the reference's figures minus this one's, paired.
    """

    system: str
    about: Mapping[str, Any]
    results: Mapping[str, Result]
    sides: Mapping[str, SideTest]
    differences: Mapping[str, Mapping[str, Mapping[str, Interval]]]

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "about": dict(self.about),
            "results": {name: result.to_json() for name, result in self.results.items()},
            "sides": {name: test.to_json() for name, test in self.sides.items()},
            "reference minus this": {
                first: {protocol: {key: asdict(value) for key, value in figures.items()} for protocol, figures in protocols.items()}
                for first, protocols in self.differences.items()
            },
        }


@dataclass(frozen=True, eq=False)
class Judgement:
    """All systems on one set of clips.

    Attributes:
        record: what it was measured on and with: data, seeds, encoders, code.
        judged: the systems, in order.
    """

    record: Mapping[str, Any]
    judged: tuple[Judged, ...]

    @property
    def chance(self) -> dict[str, Mapping[str, float]]:
        """What random order would give, by protocol."""
        return {name: result.chance for name, result in self.judged[0].results.items()}

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {**self.record, "chance": self.chance, "systems": {one.system: one.to_json() for one in self.judged}}


def judge(
    systems: Sequence[System],
    clips: ClipSet,
    sentences: TextEncoder,
    *,
    protocols: Sequence[str] | None = None,
    gallery: str = "unseen",
    references: Sequence[str] | None = None,
    rounds: int = ROUNDS,
    progress: Progress | None = None,
) -> Judgement:
    """Run systems on the same texts and clips and judge them.

    Args:
        systems: the first is the one that others are compared with.
        clips: with detected timelines, where a system needs them.
        sentences: encoder of the sentence vectors by which protocols know similar texts.
        protocols: keys in `PROTOCOLS`; None: all for which there are enough clips.
        gallery: "unseen" or "all".
        references: names of the systems that all others are compared with; None: the first.
        rounds: of the bootstrap over recordings.
        progress: told as it goes.

    Raises:
        KinelangError: no system, an unknown protocol or reference, fewer clips than a protocol that was asked for needs.
    """
    wanted = [systems[0].name] if references is None and systems else list(references or ())
    known = {system.name: system for system in systems}
    for name in (*wanted, *(() if systems else ("at least one",))):
        if name not in known:
            raise KinelangError.of("systems", f"no '{name}'", f"one of {', '.join(known) or 'none at all'}")
    told = _Told(progress, len(systems))
    trials: dict[str, Trial] = {}
    for system in systems:
        told(f"scores of {system.name}")
        trials[system.name] = _trial(system, clips, sentences if not trials else next(iter(trials.values())).text_cosines)
    chosen = usable(next(iter(trials.values())), gallery, protocols)
    judged = []
    for system in systems:
        trial = trials[system.name]
        told(f"figures of {system.name}")
        results = {name: evaluate(trial, name, gallery, rounds=rounds, system=system.name) for name in chosen}
        differences = {
            first: {name: compare(trials[first], trial.scores, name, gallery, rounds=rounds) for name in chosen}
            for first in wanted
            if first != system.name
        }
        judged.append(Judged(system.name, system.about, results, sides_of(system, clips, rounds), differences))
    return Judgement(record_of(clips, sentences, gallery, rounds), tuple(judged))


def usable(trial: Trial, gallery: str, protocols: Sequence[str] | None = None) -> list[str]:
    """The protocols asked for; None: those for which the trial holds enough clips.

    Raises KinelangError for an unknown one.
    """
    if protocols is not None:
        unknown = [name for name in protocols if name not in PROTOCOLS]
        if unknown:
            raise KinelangError.of("protocol", f"'{unknown[0]}'", f"one of {', '.join(PROTOCOLS)}")
        return list(dict.fromkeys(protocols))
    n = len(np.unique(of_gallery(trial, gallery).right))
    return [name for name, protocol in PROTOCOLS.items() if n >= protocol.options.get("size", 1)]


def sides_of(system: System, clips: ClipSet, rounds: int = ROUNDS) -> dict[str, SideTest]:
    """The tests of left and right, on the captions of unseen clips that name a side; none where there is no such caption."""
    pairs = [(text, clip) for text, clip in zip(clips.texts, clips.of_texts, strict=True) if clip.unseen and sides_in(text)]
    if not pairs:
        return {}
    texts, own = [text for text, _ in pairs], [clip for _, clip in pairs]
    groups = [clip.group for clip in own]
    twins = {id(clip): clip.mirrored() for clip in own}
    mirrored = beaten_twins(system.paired(texts, own), system.paired(texts, [twins[id(clip)] for clip in own]), groups, rounds)
    return {SIDES[0]: side_test(system.paired, texts, own, groups, rounds), SIDES[1]: mirrored}


def _trial(system: System, clips: ClipSet, sentences: TextEncoder | Array | None) -> Trial:
    """The system's scores; the cosines of the texts are computed once."""
    cosines = cosines_of(sentences, clips.texts) if isinstance(sentences, TextEncoder) else sentences
    return trial_of(
        system.scores(clips.texts, clips.clips),
        right=clips.right,
        ids=[clip.id for clip in clips.clips],
        groups=[clip.group for clip in clips.clips],
        unseen=np.array([clip.unseen for clip in clips.clips]),
        texts=clips.texts,
        text_cosines=cosines,
    )


def cosines_of(encoder: TextEncoder, texts: Sequence[str]) -> Array:
    """Cosines of texts with one another, (N, N) float32; each different text is encoded once."""
    distinct = list(dict.fromkeys(texts))
    rows = encoder.sentences(distinct)[[*map({text: i for i, text in enumerate(distinct)}.__getitem__, texts)]]
    return np.asarray(rows @ rows.T, dtype=np.float32)


# --- What a result says of itself


def record_of(clips: ClipSet, sentences: TextEncoder, gallery: str, rounds: int) -> dict[str, Any]:
    """What figures were measured on and with."""
    asked: list[Clip] = [clip for clip in clips.clips if clip.unseen]
    return {
        "data": {
            "corpus": clips.source,
            "split": clips.split,
            "seed": clips.seed,
            "captions": f"{clips.captions} of each clip",
            "texts": sum(len(clip.captions) for clip in asked),
            "clips": len(asked),
            "recordings": len({clip.group for clip in asked}),
            "gallery": gallery,
            "clips_searched": len(asked) if gallery == "unseen" else len(clips.clips),
        },
        "sentence_encoder": sentences.identity,
        "detector": detector_identity(),
        "bootstrap": {"rounds": rounds, "seed": 0, "over": "recordings", "interval": "95 %"},
        "seeds": {name: protocol.options["seed"] for name, protocol in PROTOCOLS.items() if "seed" in protocol.options},
        "not_comparable": not_comparable(clips.source, sentences.identity),
        "code": code_version(),
    }


def not_comparable(source: str, sentences: str) -> list[str]:
    """Why figures are not comparable with published ones; empty if they are."""
    reasons = []
    if source.partition(":")[0] not in PUBLISHED_DATA:
        reasons.append(f"the data is {source}, not HumanML3D or KIT-ML")
    if not sentences.startswith(PUBLISHED_SENTENCES):
        reasons.append(f"thresholds of similarity belong to MPNet; here texts are compared by {sentences}")
    return reasons


@lru_cache(maxsize=1)
def code_version() -> dict[str, str | None]:
    """The version, and the commit where the package lies in a git checkout; "+" behind it: with changes."""
    return {"kinelang": __version__, "commit": _commit(Path(__file__).parents[3])}


def _commit(root: Path) -> str | None:
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


@dataclass
class _Told:
    """Progress in steps: scores and figures of each system."""

    progress: Progress | None
    systems: int
    done: int = 0

    def __call__(self, what: str) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(what, self.done, 2 * self.systems)
