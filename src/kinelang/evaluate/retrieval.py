"""Text-motion retrieval judged by the protocols, on matrices of scores, so that any system can be: figures, intervals, differences.

Source: TMR (Petrovich et al., ICCV 2023), section 4.1, and its release (github.com/Mathux/TMR), whose rules for ties, thresholds and
batches these are: with one caption a clip the figures are the published ones. Several captions a clip are queries each; a clip's rank
among captions is that of the best of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.errors import KinelangError
from kinelang.evaluate.protocols import PROTOCOLS, Protocol, Searched, Trial, of_gallery, settings
from kinelang.metrics.intervals import ROUNDS, Interval, drawn, interval
from kinelang.metrics.ranking import RECALLS, chance_median_rank, chance_recall, median_rank, ranks, recall
from kinelang.motion.arrays import Array

DIRECTIONS = ("t2m", "m2t")
"""Text to motion, and motion to text."""
FIGURES = (*(f"R@{k}" for k in RECALLS), "mR", "MedR")
"""mR: the mean of the recalls, one figure that varies less from sample to sample than each of them (ours; no protocol's)."""
KEYS = tuple(f"{direction}/{figure}" for direction in DIRECTIONS for figure in FIGURES)
"""Keys of the figures of every result: recalls in percent, median ranks from 1."""

Query = TypeVar("Query")
Clip = TypeVar("Clip")


@dataclass(frozen=True, eq=False)
class Placed:
    """Where the right answers of one direction came.

    Attributes:
        ranks: (Q,) from 0.
        gallery: (Q,) number of the gallery each query searched.
        groups: (Q) recording of each query's clip.
        n_right: (Q,) how many answers were correct.
        n_answers: (Q,) of how many.
    """

    ranks: Array
    gallery: Array
    groups: list[str]
    n_right: Array
    n_answers: Array

    def figures(self, weights: Array) -> dict[str, Array]:
        """Each figure, (R,), for weights (R, Q): means over galleries."""
        found = [
            {
                **_with_mean({f"R@{k}": recall(self.ranks[of], k, weights[:, of]) for k in RECALLS}),
                "MedR": median_rank(self.ranks[of], weights[:, of]),
            }
            for of in self._galleries()
        ]
        return {name: _mean_of_known(np.stack([one[name] for one in found])) for name in FIGURES}

    def chance(self) -> dict[str, float]:
        """Each figure if the answers came in random order."""
        found = [
            {
                **_with_mean({f"R@{k}": chance_recall(self.n_right[of], self.n_answers[of], k) for k in RECALLS}),
                "MedR": chance_median_rank(self.n_right[of], self.n_answers[of]),
            }
            for of in self._galleries()
        ]
        return {name: float(np.mean([one[name] for one in found])) for name in FIGURES}

    def _galleries(self) -> list[Array]:
        return [np.flatnonzero(self.gallery == i) for i in np.unique(self.gallery)]


def _with_mean(recalls: dict[str, Any]) -> dict[str, Any]:
    """The recalls, and their mean."""
    return {**recalls, "mR": sum(recalls.values()) / len(recalls)}


def _mean_of_known(values: Array) -> Array:
    """Means over the first axis, NaNs left out; NaN where there is nothing else."""
    known = np.isfinite(values)
    number = known.sum(axis=0)
    return np.asarray(np.where(number > 0, np.where(known, values, 0).sum(axis=0) / np.maximum(number, 1), np.nan))


def placed(trial: Trial, searched: Iterable[Searched]) -> dict[str, Placed]:
    """The ranks of both directions. Queries are the texts of unseen clips, and unseen clips that have a text.

    With one caption a clip, ties count as published; where a clip has several, the first right one of those that tie counts.
    """
    unseen, right = trial.unseen, trial.right
    several = len(np.unique(right)) < len(right)
    parts: dict[str, list[tuple[Array, Array, Array, Array, int]]] = {direction: [] for direction in DIRECTIONS}
    for number, one in enumerate(searched):
        scores = trial.scores[np.ix_(one.texts, one.clips)]
        asked_texts = unseen[right[one.texts]]
        asked_clips = unseen[one.clips] & one.accepted.any(axis=0)
        for direction, rows, good, clips in (
            ("t2m", scores[asked_texts], one.accepted[asked_texts], right[one.texts][asked_texts]),
            ("m2t", scores.T[asked_clips], one.accepted.T[asked_clips], one.clips[asked_clips]),
        ):
            if len(rows):
                at = ranks(rows, good, first_of_tied=several)
                parts[direction].append((at, clips, good.sum(axis=1), np.full(len(rows), good.shape[1]), number))
    return {direction: _joined(trial, found) for direction, found in parts.items()}


def _joined(trial: Trial, parts: list[tuple[Array, Array, Array, Array, int]]) -> Placed:
    if not parts:
        raise KinelangError.of("gallery", "no query", "at least one unseen clip with a text")
    at, clips, n_right, n_answers = (np.concatenate([part[i] for part in parts]) for i in range(4))
    gallery = np.repeat([part[4] for part in parts], [len(part[0]) for part in parts])
    return Placed(at, gallery, [trial.groups[i] for i in clips], n_right, n_answers)


@dataclass(frozen=True)
class Result:
    """One system judged by one protocol.

    Attributes:
        protocol: key in `PROTOCOLS`.
        gallery: "all" or "unseen".
        options: the protocol's constants.
        n_texts, n_clips: queries of each direction.
        n_answers: clips that a text searches.
        n_galleries: batches that figures are means of.
        figures: by `KEYS`, with 95 % bootstrap intervals over recordings; not rounded.
        chance: by `KEYS`, what random order would give.
        system: name of what was judged, with its text encoder.
    """

    protocol: str
    gallery: str
    options: Mapping[str, Any]
    n_texts: int
    n_clips: int
    n_answers: int
    n_galleries: int
    figures: Mapping[str, Interval]
    chance: Mapping[str, float]
    system: str = ""

    def __getitem__(self, key: str) -> float:
        """A figure by its key, such as "t2m/R@1"."""
        return self.figures[key].value

    def shown(self) -> dict[str, float]:
        """The figures to two places, as papers print them. For the eye alone."""
        return {key: round(self.figures[key].value, 2) for key in KEYS}

    def to_json(self) -> dict[str, Any]:
        """As plain data; the ends of an interval that was not asked for are None."""
        figures = {key: {name: _or_none(value) for name, value in asdict(i).items()} for key, i in self.figures.items()}
        return {**asdict(self), "figures": figures}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Result:
        """The result that `to_json` wrote."""
        figures = {k: Interval(*(np.nan if v[name] is None else v[name] for name in _ENDS)) for k, v in data["figures"].items()}
        return cls(**{**data, "figures": figures})


_ENDS = ("value", "low", "high")


def _or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None


def evaluate(
    trial: Trial,
    protocol: str = "all",
    gallery: str = "unseen",
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
    system: str = "",
    **options: Any,
) -> Result:
    """Judge a system by one protocol, in both directions.

    Args:
        trial: its scores.
        protocol: key in `PROTOCOLS`.
        gallery: "unseen": only unseen clips and their texts are searched; "all": everything is. The queries are the same.
        rounds: of the bootstrap, with seed 0; no rounds, no intervals.
        system: its name, for the record.
        options: constants of the protocol, in place of the published ones.

    Raises:
        KinelangError: an unknown protocol, gallery or option, something that the protocol needs and the trial lacks, too few clips.
    """
    known, values = settings(trial, protocol, gallery, options)
    found = _searched(trial, known, gallery, values)
    figures = _intervals({d: (p.figures, p.groups) for d, p in found.items()}, rounds)
    chance = {f"{direction}/{name}": value for direction, p in found.items() for name, value in p.chance().items()}
    t2m, m2t = found["t2m"], found["m2t"]
    n_galleries = len(np.unique(t2m.gallery))
    return Result(
        known.name, gallery, values, len(t2m.ranks), len(m2t.ranks), int(t2m.n_answers.max()), n_galleries, figures, chance, system
    )


def evaluate_all(trial: Trial, gallery: str = "unseen", *, rounds: int = ROUNDS, system: str = "") -> dict[str, Result]:
    """Every protocol whose needs the trial meets, by name, with its published constants; arguments as for `evaluate`."""
    enough = len(np.unique(of_gallery(trial, gallery).right)) >= PROTOCOLS["batches"].options["size"]
    able = [p.name for p in PROTOCOLS.values() if all(getattr(trial, name) is not None for name in p.needs)]
    return {name: evaluate(trial, name, gallery, rounds=rounds, system=system) for name in able if enough or name != "batches"}


def compare(
    trial: Trial,
    other: Array,
    protocol: str = "all",
    gallery: str = "unseen",
    *,
    rounds: int = ROUNDS,
    **options: Any,
) -> dict[str, Interval]:
    """By how much a system surpasses another on the same texts and clips: figures of `trial` minus those of `other`.

    Args:
        trial: the first system's scores.
        other: (T, C) scores of the second.
        protocol, gallery, options: as for `evaluate`.
        rounds: of the paired bootstrap: each round draws the same recordings for both.

    Returns:
        By `KEYS`, the difference with its interval. More is better for recalls, less for median ranks.
    """
    known, values = settings(trial, protocol, gallery, options)
    first = _searched(trial, known, gallery, values)
    second = _searched(replace(trial, scores=_like(trial, other)), known, gallery, values)

    def difference(a: Placed, b: Placed) -> Callable[[Array], dict[str, Array]]:
        def figures(weights: Array) -> dict[str, Array]:
            one, two = a.figures(weights), b.figures(weights)
            return {name: one[name] - two[name] for name in FIGURES}

        return figures

    return _intervals({d: (difference(first[d], second[d]), first[d].groups) for d in DIRECTIONS}, rounds)


def _like(trial: Trial, scores: Array) -> Array:
    """The other system's scores, if they are of the same texts and clips."""
    if np.shape(scores) != trial.scores.shape:
        raise KinelangError.of("scores of the other system", f"shape {np.shape(scores)}", f"{trial.scores.shape}")
    return np.asarray(scores)


def _searched(trial: Trial, protocol: Protocol, gallery: str, options: Mapping[str, Any]) -> dict[str, Placed]:
    trial = of_gallery(trial, gallery)
    return placed(trial, protocol.search(trial, **options))


def _intervals(directions: Mapping[str, tuple[Callable[[Array], dict[str, Array]], list[str]]], rounds: int) -> dict[str, Interval]:
    """Every figure of every direction with its bootstrap interval."""
    out = {}
    for direction, (figures, groups) in directions.items():
        values = figures(np.ones((1, len(groups)), dtype=np.int64))
        samples: dict[str, list[Array]] = {name: [np.array([np.nan])] for name in FIGURES}
        for weights in drawn(groups, rounds):
            for name, drawn_values in figures(weights).items():
                samples[name].append(drawn_values)
        for name in FIGURES:
            out[f"{direction}/{name}"] = interval(float(values[name][0]), np.concatenate(samples[name]))
    return out


def scores_by(score: Callable[[Query, Clip], float], queries: Sequence[Query], clips: Sequence[Clip]) -> Array:
    """(T, C) float32 scores of a system given as a function of one query and one clip, such as a structural score of timelines."""
    return np.array([[score(query, clip) for clip in clips] for query in queries], dtype=np.float32).reshape(len(queries), len(clips))


def save_results(path: str | Path, results: Mapping[str, Result]) -> None:
    """Write results by name as JSON, whole or not at all."""
    write_atomic(path, (json.dumps({name: result.to_json() for name, result in results.items()}, indent=1) + "\n").encode())


def load_results(path: str | Path) -> dict[str, Result]:
    """The results that `save_results` wrote."""
    return {name: Result.from_json(data) for name, data in json.loads(Path(path).read_text(encoding="utf-8")).items()}
