"""Text-motion retrieval by TMR's four protocols, on matrices of scores, so that any system can be judged.

Source: TMR (Petrovich et al., ICCV 2023), section 4.1, and its release (github.com/Mathux/TMR), whose rules for ties, thresholds and
batches these are: with one caption a clip the figures are the published ones. Several captions a clip are queries each; a clip's rank
among captions is that of the best of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.errors import KinelangError
from kinelang.evaluate.text_similarity import SAME_THRESHOLD, cosine_of, dissimilar_subset
from kinelang.language.named_sides import differ_in_side
from kinelang.metrics.intervals import ROUNDS, Interval, drawn, interval
from kinelang.metrics.ranking import RECALLS, chance_median_rank, chance_recall, median_rank, ranks, recall
from kinelang.motion.arrays import Array, BoolArray

DIRECTIONS = ("t2m", "m2t")
"""Text to motion, and motion to text."""
FIGURES = (*(f"R@{k}" for k in RECALLS), "MedR")
KEYS = tuple(f"{direction}/{figure}" for direction in DIRECTIONS for figure in FIGURES)
"""Keys of the figures of every result: recalls in percent, median ranks from 1."""
GALLERIES = ("all", "unseen")

Query = TypeVar("Query")
Clip = TypeVar("Clip")


@dataclass(frozen=True, eq=False)
class Trial:
    """What one system says of texts and clips, with what is needed to judge it. Made by `trial_of`, which checks it.

    Attributes:
        scores: (T, C) of each text for each clip, higher for better: cosines, or minus a distance.
        right: (T,) index of the clip that each text was written for.
        ids: (C) names of the clips, which set the order in which protocols draw them.
        groups: (C) recording of each clip; clips of one are drawn together in the bootstrap.
        unseen: (C) bool, clips that the system was not trained on.
        texts: (T) the sentences; needed by "identical" and "threshold_sides".
        text_cosines: (T, T) cosines of the sentences; needed by "threshold", "threshold_sides" and "dissimilar".
    """

    scores: Array
    right: Array
    ids: tuple[str, ...]
    groups: tuple[str, ...]
    unseen: BoolArray
    texts: tuple[str, ...] | None = None
    text_cosines: Array | None = None

    def only(self, clips: Array) -> Trial:
        """The trial of some clips (indices) and the texts written for them; KinelangError if there are none."""
        kept = np.flatnonzero(np.isin(self.right, clips))
        if not len(kept):
            raise KinelangError.of("gallery", "no text written for its clips", "at least one")
        place = np.full(len(self.ids), -1)
        place[clips] = np.arange(len(clips))
        return Trial(
            self.scores[np.ix_(kept, clips)],
            place[self.right[kept]],
            tuple(self.ids[i] for i in clips),
            tuple(self.groups[i] for i in clips),
            self.unseen[clips],
            None if self.texts is None else tuple(self.texts[i] for i in kept),
            None if self.text_cosines is None else self.text_cosines[np.ix_(kept, kept)],
        )


def trial_of(
    scores: Array,
    *,
    right: Array | None = None,
    ids: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    unseen: BoolArray | None = None,
    texts: Sequence[str] | None = None,
    text_cosines: Array | None = None,
) -> Trial:
    """A `Trial`. What is left out: text i was written for clip i, clips are named by their places, each is a recording of its own and
    unseen.

    Raises:
        KinelangError: naming what does not fit.
    """
    scores = np.asarray(scores)
    if scores.ndim != 2 or not scores.size or not np.isfinite(scores).all():
        raise KinelangError.of("scores", f"shape {scores.shape}", "finite numbers (texts, clips), at least one of each")
    n_texts, n_clips = scores.shape
    if right is None and n_texts != n_clips:
        raise KinelangError.of("right", "nothing", f"the clip of each of {n_texts} texts", f"give it: there are {n_clips} clips")
    right = np.arange(n_texts) if right is None else np.asarray(right)
    if right.shape != (n_texts,) or not np.issubdtype(right.dtype, np.integer) or right.min() < 0 or right.max() >= n_clips:
        raise KinelangError.of("right", f"shape {right.shape}", f"{n_texts} indices from 0 to {n_clips - 1}")
    ids = tuple(f"{i:0{len(str(n_clips))}d}" for i in range(n_clips)) if ids is None else tuple(ids)
    groups = ids if groups is None else tuple(groups)
    unseen = np.ones(n_clips, dtype=bool) if unseen is None else np.asarray(unseen, dtype=bool)
    for name, length, there in (
        ("ids", n_clips, ids),
        ("groups", n_clips, groups),
        ("unseen", n_clips, unseen),
        ("texts", n_texts, texts),
    ):
        if there is not None and len(there) != length:
            raise KinelangError.of(name, f"{len(there)}", f"{length}", f"scores are {n_texts} texts by {n_clips} clips")
    if text_cosines is not None and np.shape(text_cosines) != (n_texts, n_texts):
        raise KinelangError.of("text_cosines", f"shape {np.shape(text_cosines)}", f"({n_texts}, {n_texts})")
    cosines = None if text_cosines is None else np.asarray(text_cosines, dtype=np.float32)
    return Trial(scores, right, ids, groups, unseen, None if texts is None else tuple(texts), cosines)


# --- Protocols: from a trial to the galleries that are searched


@dataclass(frozen=True, eq=False)
class Searched:
    """One gallery of a protocol.

    Attributes:
        texts: indices of the texts in it.
        clips: indices of the clips in it.
        accepted: (texts, clips) bool, what counts as correct, in both directions.
    """

    texts: Array
    clips: Array
    accepted: BoolArray


def _accepting(trial: Trial, same: BoolArray | None = None) -> list[Searched]:
    """The whole gallery; with `same` (T, T) bool a clip is correct, too, for a text that is the same as one written for it."""
    n_texts, n_clips = trial.scores.shape
    accepted = np.zeros((n_texts, n_clips), dtype=bool)
    accepted[np.arange(n_texts), trial.right] = True
    for text in range(n_texts if same is not None else 0):
        accepted[:, trial.right[text]] |= np.asarray(same)[:, text]
    return [Searched(np.arange(n_texts), np.arange(n_clips), accepted)]


def _all(trial: Trial) -> list[Searched]:
    return _accepting(trial)


def _threshold(trial: Trial, *, threshold: float) -> list[Searched]:
    return _accepting(trial, np.asarray(trial.text_cosines) > cosine_of(threshold))


def _threshold_sides(trial: Trial, *, threshold: float) -> list[Searched]:
    return _accepting(trial, (np.asarray(trial.text_cosines) > cosine_of(threshold)) & ~differ_in_side(trial.texts or ()))


def _identical(trial: Trial) -> list[Searched]:
    words = ["".join(c if c.isalnum() else " " for c in text.lower()).split() for text in trial.texts or ()]
    _, code = np.unique(np.array([" ".join(sentence) for sentence in words]), return_inverse=True)
    return _accepting(trial, code[:, None] == code[None, :])


def _dissimilar(trial: Trial, *, size: int, seed: int) -> list[Searched]:
    texts, clips = _first_captions(trial)
    chosen = dissimilar_subset(np.asarray(trial.text_cosines)[np.ix_(texts, texts)], size, seed)
    return [Searched(texts[chosen], clips[chosen], np.eye(len(chosen), dtype=bool))]


def _batches(trial: Trial, *, size: int, seed: int) -> list[Searched]:
    _, clips = _first_captions(trial)
    if len(clips) < size:
        raise KinelangError.of("protocol 'batches'", f"{len(clips)} clips", f"at least {size}", "give more, or a smaller size")
    order = np.arange(len(clips))
    np.random.RandomState(seed).shuffle(order)
    out = []
    for start in range(0, len(order) - size + 1, size):
        batch = clips[order[start : start + size]]
        texts = np.flatnonzero(np.isin(trial.right, batch))
        out.append(Searched(texts, batch, trial.right[texts][:, None] == batch[None, :]))
    return out


def _first_captions(trial: Trial) -> tuple[Array, Array]:
    """(First text of each clip that has one, the clip), in the order of the clips' ids."""
    clips, texts = np.unique(trial.right, return_index=True)
    order = np.argsort(np.array(trial.ids)[clips], kind="stable")
    return texts[order], clips[order]


@dataclass(frozen=True)
class Protocol:
    """One way of judging.

    Attributes:
        name: key in `PROTOCOLS`.
        letter: of TMR's paper, "" for those of our own.
        description: one line.
        search: from a trial and the options to the galleries searched; figures are means over these.
        options: published values of its constants, which results record.
        needs: attributes of the trial that have to be there.
    """

    name: str
    letter: str
    description: str
    search: Callable[..., list[Searched]]
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol("all", "a", "every clip; a text's own clip alone is correct", _all),
        Protocol(
            "threshold",
            "b",
            "every clip; clips whose texts are as similar as the threshold are correct too (made for MPNet)",
            _threshold,
            {"threshold": SAME_THRESHOLD},
            ("text_cosines",),
        ),
        Protocol(
            "threshold_sides",
            "",
            "as (b), but a text that names other sides is never correct",
            _threshold_sides,
            {"threshold": SAME_THRESHOLD},
            ("text_cosines", "texts"),
        ),
        Protocol(
            "identical",
            "",
            "every clip; clips with a text that is the same, but for case and punctuation, are correct too",
            _identical,
            needs=("texts",),
        ),
        Protocol(
            "dissimilar",
            "c",
            "the 100 pairs whose texts are least alike (first text of each clip)",
            _dissimilar,
            {"size": 100, "seed": 0},
            ("text_cosines",),
        ),
        Protocol(
            "batches", "d", "batches of 32 clips, drawn with seed 0; figures are means over batches", _batches, {"size": 32, "seed": 0}
        ),
    )
}
"""The four protocols of TMR and two of our own. A new one is a function and one line here."""


# --- Figures


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
                **{f"R@{k}": recall(self.ranks[of], k, weights[:, of]) for k in RECALLS},
                "MedR": median_rank(self.ranks[of], weights[:, of]),
            }
            for of in self._galleries()
        ]
        return {name: _mean_of_known(np.stack([one[name] for one in found])) for name in FIGURES}

    def chance(self) -> dict[str, float]:
        """Each figure if the answers came in random order."""
        found = [
            {
                **{f"R@{k}": chance_recall(self.n_right[of], self.n_answers[of], k) for k in RECALLS},
                "MedR": chance_median_rank(self.n_right[of], self.n_answers[of]),
            }
            for of in self._galleries()
        ]
        return {name: float(np.mean([one[name] for one in found])) for name in FIGURES}

    def _galleries(self) -> list[Array]:
        return [np.flatnonzero(self.gallery == i) for i in np.unique(self.gallery)]


def _mean_of_known(values: Array) -> Array:
    """Means over the first axis, NaNs left out; NaN where there is nothing else."""
    known = np.isfinite(values)
    number = known.sum(axis=0)
    return np.asarray(np.where(number > 0, np.where(known, values, 0).sum(axis=0) / np.maximum(number, 1), np.nan))


def placed(trial: Trial, searched: Iterable[Searched]) -> dict[str, Placed]:
    """The ranks of both directions. Queries are the texts of unseen clips, and unseen clips that have a text."""
    unseen, right = trial.unseen, trial.right
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
                parts[direction].append((ranks(rows, good), clips, good.sum(axis=1), np.full(len(rows), good.shape[1]), number))
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
    known, values = _settings(trial, protocol, gallery, options)
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
    enough = len(np.unique(_of_gallery(trial, gallery).right)) >= PROTOCOLS["batches"].options["size"]
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
    known, values = _settings(trial, protocol, gallery, options)
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


def _settings(trial: Trial, protocol: str, gallery: str, options: Mapping[str, Any]) -> tuple[Protocol, dict[str, Any]]:
    """The protocol and its options, checked."""
    if protocol not in PROTOCOLS:
        raise KinelangError.of("protocol", f"'{protocol}'", f"one of {', '.join(PROTOCOLS)}")
    if gallery not in GALLERIES:
        raise KinelangError.of("gallery", f"'{gallery}'", f"one of {', '.join(GALLERIES)}")
    known = PROTOCOLS[protocol]
    for name in options.keys() - known.options.keys():
        raise KinelangError.of(f"protocol '{protocol}'", f"option '{name}'", f"one of: {', '.join(known.options) or 'none'}")
    for name in known.needs:
        if getattr(trial, name) is None:
            raise KinelangError.of(f"protocol '{protocol}'", f"a trial without {name}", "them", f"give the trial its {name}")
    return known, {**known.options, **options}


def _searched(trial: Trial, protocol: Protocol, gallery: str, options: Mapping[str, Any]) -> dict[str, Placed]:
    trial = _of_gallery(trial, gallery)
    return placed(trial, protocol.search(trial, **options))


def _of_gallery(trial: Trial, gallery: str) -> Trial:
    return trial if gallery == "all" or trial.unseen.all() else trial.only(np.flatnonzero(trial.unseen))


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
