"""Systems that make motions of texts, judged on the same prompts: by what they were asked (`follow`), and as published (`standard`).

Two more protocols have files of their own: sequences of texts (`composing`) and realism (`realistic`). Figures of a judge compare with
those of no other judge and of no other data, and so with no published ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from kinelang.corpora.base import features_of, standard
from kinelang.errors import CorpusError, KinelangError
from kinelang.evaluate.clips import Clip
from kinelang.evaluate.contrasting import nearer
from kinelang.evaluate.following import following
from kinelang.evaluate.generators import TRUTH, MotionSystem
from kinelang.evaluate.prompts import PEOPLE, READ, Prompt, fits, group_of, is_seen, of_caption
from kinelang.evaluate.sides import SideTest
from kinelang.metrics import motion_text
from kinelang.metrics.intervals import ROUNDS, Interval, bootstrap, over_replications
from kinelang.metrics.motion_text import BATCH, DIVERSITY_PAIRS, MULTIMODALITY_PAIRS
from kinelang.motion.arrays import Array
from kinelang.motion.features import decode_to_motion
from kinelang.motion.motion import Motion
from kinelang.search.base import Retriever
from kinelang.timeline import Timeline, detect
from kinelang.training.data import Progress

PROTOCOLS: Mapping[str, str] = {
    "following": "is what was asked there: by detect, and by a model of text and motion against texts that say otherwise",
    "standard": "as published: R-precision, FID, MM-Dist, Diversity, MultiModality",
    "composition": "sequences of texts with seconds: each part by R-precision and FID, seams by speed, acceleration and jerk",
    "realism": "beside real motions: KID, FID in few dimensions, a classifier, novelty, skating, penetration, jerk",
}
SECOND_JUDGE = "nearer than what says otherwise"
SECOND_JUDGE_NOT_SEEN = "nearer, text not seen"
REAL = "real"
REPLICATIONS = 20
TOPS = (1, 2, 3)


class Judge(Protocol):
    """A model that puts texts and motions into one space, where near ones belong together by Euclidean distance.

    Attributes:
        identity: name and content hash.
    """

    @property
    def identity(self) -> str: ...  # noqa: D102

    def encode_texts(self, texts: Sequence[str]) -> Array:
        """(N, d)."""
        ...

    def encode_features(self, features: Sequence[Array]) -> Array:
        """(N, d), from HumanML3D's raw features."""
        ...


@dataclass(frozen=True)
class Judged:
    """One system's figures.

    Attributes:
        name, about: of the system.
        figures: by table and figure.
        more: what else is to be known, as plain data.
    """

    name: str
    about: Mapping[str, Any]
    figures: Mapping[str, Mapping[str, Interval]]
    more: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain data; ends of intervals that are not known are None."""
        figures = {table: {name: plain(value) for name, value in rows.items()} for table, rows in self.figures.items()}
        return {"about": dict(self.about), "figures": figures, **self.more}


def plain(value: Interval) -> list[float | None]:
    """[Value, low, high]; None for what is not known."""
    return [v if np.isfinite(v) else None for v in (value.value, value.low, value.high)]


def exactly(value: float) -> Interval:
    """A figure without an interval."""
    return Interval(float(value), float("nan"), float("nan"))


def features_in(motions: Sequence[Motion]) -> list[Array]:
    """HumanML3D's raw features of each motion, (T_i - 1, 263)."""
    return [features_of(standard(motion)) for motion in motions]


def prompts_of(clips: Sequence[Clip], seed: int = 0, read: str = "all", origin: str = PEOPLE) -> list[Prompt]:
    """One caption of each clip, drawn by the seed, as prompts as long as their clips.

    Args:
        clips: captioned.
        seed: of which caption.
        read: one of `READ`; clips without such a caption are left out.
        origin: of the captions: "people" or "made".

    Raises:
        CorpusError: another word for what is read, or no caption that is.
    """
    if read not in READ:
        raise CorpusError.of("captions", f"'{read}'", f"one of {', '.join(READ)}")
    found = []
    for i, clip in enumerate(clips):
        order = np.random.default_rng([seed, 6, i]).permutation(len(clip.captions))
        asked = (of_caption(clip.captions[k], clip.id, clip.group, (len(clip.features) + 1) / 20) for k in order)
        if (prompt := next((p for p in asked if fits(p, read)), None)) is not None:
            found.append(replace(prompt, origin=origin))
    if not found:
        raise CorpusError.of("captions", f"none that is {read}", "at least one")
    return found


def recordings(clips: Sequence[Clip]) -> dict[str, Callable[[], Motion]]:
    """What loads the motion of each clip, by its name; of clips that are features alone, what they decode to."""
    return {clip.id: clip.motion or partial(decode_to_motion, clip.features) for clip in clips}


# --- following


def follow(
    systems: Sequence[MotionSystem],
    prompts: Sequence[Prompt],
    judge: Retriever | None,
    *,
    texts: Set[str] | None = None,
    seed: int = 0,
    rounds: int = ROUNDS,
    progress: Progress | None = None,
) -> list[Judged]:
    """Whether motions contain what was asked, by `detect` and by a model against texts that say otherwise.

    Args:
        systems: with `generators.truth()` among them the ceilings stand beside, and the others have a table of what is found in it.
        prompts: those without a timeline are asked of the model alone.
        judge: the model; None: detection alone.
        texts: of training captions, as `prompts.seen_texts` gives them: prompts whose text is not among them have tables of their own.
        seed: of the systems.
        rounds: of the bootstrap over what is asked.
        progress: told as it goes.
    """
    known = [i for i, prompt in enumerate(prompts) if prompt.timeline is not None]
    seen, nearness = [], []
    for system in systems:
        motions = system.generate(prompts, seed)
        seen.append(_detected([motions[i] for i in known], system.name, progress))
        nearness.append(None if judge is None else _nearness(prompts, motions, judge, texts, rounds))
    truth = next((of for system, of in zip(systems, seen, strict=True) if system.name == TRUTH), None)
    found = []
    for system, of, tests in zip(systems, seen, nearness, strict=True):
        figures: dict[str, dict[str, Interval]] = {}
        more: dict[str, Any] = {}
        if texts is not None:
            n = sum(is_seen(prompt, texts) for prompt in prompts)
            more["texts"] = {"seen in training": n, "not seen": len(prompts) - n}
        if known:
            asked = [prompts[i] for i in known]
            told = following(asked, of, truth=None if system.name == TRUTH else truth, known=texts, rounds=rounds)
            figures |= {kind: dict(rows) for kind, rows in told.figures.items()}
            more["following"] = told.to_json()
        if tests is not None and judge is not None:
            figures |= {table: {name: test.accuracy for name, test in some.items()} for table, some in tests.items()}
            more |= {
                table: {"judge": judge.identity, **{name: t.to_json() for name, t in some.items()}} for table, some in tests.items()
            }
        found.append(Judged(system.name, system.about, figures, more))
    return found


def _detected(motions: Sequence[Motion], name: str, progress: Progress | None) -> list[Timeline]:
    seen = []
    for at, motion in enumerate(motions, start=1):
        seen.append(detect(motion))
        if progress is not None:
            progress(f"stages in motions of {name}", at, len(motions))
    return seen


def _nearness(
    prompts: Sequence[Prompt], motions: Sequence[Motion], judge: Retriever, texts: Set[str] | None, rounds: int
) -> dict[str, dict[str, SideTest]]:
    """The second judge of all prompts, and of those whose text is new where some are and some are not."""
    own = judge.encode_features(features_in(motions))
    tables = {SECOND_JUDGE: nearer(prompts, own, judge, rounds=rounds)}
    new = [i for i, prompt in enumerate(prompts) if texts is not None and not is_seen(prompt, texts)]
    if new and len(new) < len(prompts):
        tables[SECOND_JUDGE_NOT_SEEN] = nearer([prompts[i] for i in new], own[new], judge, rounds=rounds)
    return tables


# --- as published


@dataclass(frozen=True)
class Replications:
    """How often things are done.

    Attributes:
        n: replications: shuffles into batches, and draws of pairs; published: 20.
        generations: how often all motions are made, with seeds of their own; the replications take turns in them. Published: 20.
        repeat_texts, repeats: for MultiModality, so many motions are made for each of so many texts; published: 100 of 30. 0: not.
        seed: of everything.
    """

    n: int = REPLICATIONS
    generations: int = 1
    repeat_texts: int = 0
    repeats: int = 3 * MULTIMODALITY_PAIRS
    seed: int = 0


def as_published(
    systems: Sequence[MotionSystem],
    prompts: Sequence[Prompt],
    judges: Mapping[str, Judge],
    real: Sequence[Array] | None,
    how: Replications | None = None,
    *,
    rounds: int = ROUNDS,
) -> list[Judged]:
    """R-precision, MM-Dist, FID, Diversity and MultiModality of each system, by each judge.

    R-precision, Diversity and MultiModality are means over replications with 1.96 standard deviations over the square root of their
    number, as published; so is FID where motions are made several times, and has no interval where they are made once. MM-Dist of
    motions that are made once has its bootstrap interval over recordings.

    Args:
        systems: what is judged.
        prompts: what is asked.
        judges: by name.
        real: raw features of the motion for which each prompt was written: a row of their own, and the side of FID that is real. None:
            there are none, and no FID.
        how: often.
        rounds: of the bootstrap.
    """
    how = Replications() if how is None else how
    found = []
    coded = {name: judge.encode_texts([p.text for p in prompts]) for name, judge in judges.items()}
    true = {name: None if real is None else judge.encode_features(list(real)) for name, judge in judges.items()}
    groups = [group_of(prompt) for prompt in prompts]
    if real is not None:
        rows = {
            name: {**_figures(coded[name], [_given(true[name])], None, groups, how, rounds), "FID": _halves(_given(true[name]), how)}
            for name in judges
        }
        found.append(Judged(REAL, {}, rows))
    for system in systems:
        made = [features_in(system.generate(prompts, how.seed + k)) for k in range(how.generations)]
        again = _repeated(system, prompts, how)
        tables = {}
        for name, judge in judges.items():
            motions = [judge.encode_features(several) for several in made]
            tables[name] = _figures(coded[name], motions, true[name], groups, how, rounds)
            if again:
                tables[name]["MultiModality"] = _multimodality([judge.encode_features(several) for several in again], how)
        found.append(Judged(system.name, system.about, tables))
    return found


def _given(array: Array | None) -> Array:
    assert array is not None
    return array


def _figures(
    texts: Array, motions: Sequence[Array], real: Array | None, groups: Sequence[str], how: Replications, rounds: int
) -> dict[str, Interval]:
    figures = {}
    if len(texts) >= BATCH:
        for k in TOPS:
            figures[f"R-precision top {k}"] = _replicated(partial(_found_first, texts, k), motions, how)
    if len(motions) > 1:
        figures["MM-Dist"] = _replicated(lambda own, _: motion_text.matching_distance(texts, own), motions, how)
    else:
        apart = np.linalg.norm(texts.astype(np.float64) - motions[0], axis=1)
        figures["MM-Dist"] = bootstrap(lambda weights: weights @ apart / weights.sum(axis=1), groups, rounds)
    if real is not None:
        values = iter([motion_text.frechet_distance(real, own) for own in motions])
        figures["FID"] = exactly(next(values)) if len(motions) == 1 else over_replications(lambda rng: next(values), len(motions))
    pairs = min(DIVERSITY_PAIRS, len(texts) // 2)
    if pairs:
        figures["Diversity"] = _replicated(lambda own, rng: motion_text.diversity(own, rng, pairs), motions, how)
    return figures


def _found_first(texts: Array, k: int, motions: Array, rng: np.random.Generator) -> float:
    return motion_text.r_precision(texts, motions, rng, k)


def _multimodality(again: Sequence[Array], how: Replications) -> Interval:
    """Of embeddings (texts, d) of each generation."""
    each, pairs = np.stack(again, axis=1), min(MULTIMODALITY_PAIRS, how.repeats)
    return over_replications(lambda rng: motion_text.multimodality(each, rng, pairs), how.n, how.seed)


def _replicated(measure: Callable[[Array, np.random.Generator], float], motions: Sequence[Array], how: Replications) -> Interval:
    """Mean over replications, which take turns in the generations."""
    turns = iter(range(how.n))
    return over_replications(lambda rng: measure(motions[next(turns) % len(motions)], rng), how.n, how.seed)


def _halves(real: Array, how: Replications) -> Interval:
    """FID of one random half of the real motions against the other: what so few motions give where nothing differs."""
    if len(real) < 4:
        return exactly(float("nan"))

    def measure(rng: np.random.Generator) -> float:
        order, half = rng.permutation(len(real)), len(real) // 2
        return motion_text.frechet_distance(real[order[:half]], real[order[half : 2 * half]])

    return over_replications(measure, how.n, how.seed)


def _repeated(system: MotionSystem, prompts: Sequence[Prompt], how: Replications) -> list[list[Array]]:
    """Features of `repeats` motions of each of the first texts, drawn by the seed; none where none are asked for."""
    if not how.repeat_texts:
        return []
    if how.repeats < 2:
        raise KinelangError.of("MultiModality", f"{how.repeats} motions a text", "at least 2")
    order = np.random.default_rng([how.seed, 7]).permutation(len(prompts))[: how.repeat_texts]
    some = [prompts[i] for i in order]
    return [features_in(system.generate(some, how.seed + k)) for k in range(how.repeats)]
