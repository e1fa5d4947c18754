"""What is judged: systems that say how well a text and a clip belong together, and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from kinelang.captioning.choosing import NOTHING_TOLD
from kinelang.errors import ModelError
from kinelang.evaluate.clips import Clip
from kinelang.language.encoders.base import TextEncoder
from kinelang.models.base import CONFIG, read_json
from kinelang.motion.arrays import Array
from kinelang.search.base import FPS, Retriever, SearchError, Windows
from kinelang.search.moments import stages_within
from kinelang.search.query import Fusion
from kinelang.search.structure import Agreement, Asked, asked, compare

if TYPE_CHECKING:
    from kinelang.timeline import Timeline

TEXTS_REMEMBERED = 50_000


class System(Protocol):
    """What is judged.

    Attributes:
        name: in tables and files.
        about: what it is made of: identities of models and encoders, constants.
        sees_stages: it needs clips with detected timelines.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def about(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def sees_stages(self) -> bool: ...  # noqa: D102

    def scores(self, texts: Sequence[str], clips: Sequence[Clip]) -> Array:
        """(T, C) of each text for each clip, higher for better."""
        ...

    def paired(self, texts: Sequence[str], clips: Sequence[Clip]) -> Array:
        """(N,) of each text for the clip at its place."""
        ...


# --- Systems that make vectors

Item = TypeVar("Item")


class _Memory:
    """Vectors of things that were encoded once."""

    def __init__(self) -> None:
        self._rows: dict[Hashable, Array] = {}

    def rows(self, items: Sequence[Item], key: Callable[[Item], Hashable], encode: Callable[[list[Item]], Array]) -> Array:
        """(N, ...) of each item; those that are new are encoded together."""
        new = {key(item): item for item in items if key(item) not in self._rows}
        if new:
            self._rows |= dict(zip(new, encode(list(new.values())), strict=True))
        return np.stack([self._rows[key(item)] for item in items])


def cosines(rows: Array, columns: Array) -> Array:
    """(..., N, M) products of unit vectors (..., N, d) and (..., M, d)."""
    return np.asarray(rows @ np.swapaxes(columns, -1, -2))


def nearness(rows: Array, columns: Array) -> Array:
    """(..., N, M) minus the Euclidean distances of (..., N, d) and (..., M, d)."""
    a, b = rows.astype(np.float64), columns.astype(np.float64)
    squares = (a**2).sum(-1)[..., :, None] + (b**2).sum(-1)[..., None, :] - 2 * cosines(a, b)
    return np.asarray(-np.sqrt(np.maximum(squares, 0)))


@dataclass(frozen=True, eq=False)
class Vectors:
    """A system that turns texts and clips into vectors and compares these.

    Attributes:
        name, about, sees_stages: see `System`.
        encode_texts: from N texts to (N, d).
        encode_clips: from N clips to (N, d).
        compare: from (..., N, d) and (..., M, d) to scores (..., N, M).
    """

    name: str
    about: Mapping[str, Any]
    encode_texts: Callable[[list[str]], Array]
    encode_clips: Callable[[list[Clip]], Array]
    compare: Callable[[Array, Array], Array] = cosines
    sees_stages: bool = False
    _texts: _Memory = field(default_factory=_Memory, repr=False)
    _clips: _Memory = field(default_factory=_Memory, repr=False)

    def scores(self, texts: Sequence[str], clips: Sequence[Clip]) -> Array:
        """See `System`."""
        return np.asarray(self.compare(self._of_texts(texts), self._of_clips(clips)), dtype=np.float32)

    def paired(self, texts: Sequence[str], clips: Sequence[Clip]) -> Array:
        """See `System`."""
        rows, columns = self._of_texts(texts)[:, None], self._of_clips(clips)[:, None]
        return np.asarray(self.compare(rows, columns)[:, 0, 0], dtype=np.float32)

    def _of_texts(self, texts: Sequence[str]) -> Array:
        return self._texts.rows(texts, str, self.encode_texts)

    def _of_clips(self, clips: Sequence[Clip]) -> Array:
        return self._clips.rows(clips, lambda clip: (clip.key, clip.id), self.encode_clips)


@dataclass(frozen=True, eq=False)
class BestPiece:
    """A model as search asks it: of a clip that is longer than 10 s the piece counts that fits the text best, with the stages in it.

    Attributes:
        whole: the model.
        windows: how clips are cut.
    """

    whole: System
    windows: Windows = field(default_factory=Windows)

    def best(self, texts: Sequence[str], clips: Sequence[Clip]) -> tuple[Array, dict[int, Array]]:
        """Scores (T, C), and of each clip that is in pieces, by its index, which of them fits each text best, (T,)."""
        cut = [self.pieces(clip) for clip in clips]
        firsts = np.cumsum([0, *map(len, cut)])
        among = self.whole.scores(texts, [piece for pieces in cut for piece in pieces])
        found = {j: among[:, firsts[j] : firsts[j + 1]].argmax(axis=1) for j, pieces in enumerate(cut) if len(pieces) > 1}
        return np.asarray(np.maximum.reduceat(among, firsts[:-1], axis=1)), found

    def pieces(self, clip: Clip) -> list[Clip]:
        """The clip, or its pieces with what is detected in each."""
        spans = self.windows.clip_spans(len(clip.features))
        return [clip] if len(spans) == 1 else [self._piece(clip, a, b) for a, b in spans]

    def _piece(self, clip: Clip, first: int, last: int) -> Clip:
        stages = clip.seen
        if stages and max(stage.end_s for stage in stages) > self.windows.longest / FPS:
            stages = tuple(stages_within(stages, first / FPS, last / FPS))
        return replace(clip, features=clip.features[first:last], stages=stages)


# --- Systems that compare stages


@lru_cache(maxsize=TEXTS_REMEMBERED)
def asked_of(text: str) -> Asked:
    """The stages of a text; none for a text without words."""
    try:
        return asked(text)
    except SearchError:
        return Asked()


@lru_cache(maxsize=TEXTS_REMEMBERED)
def verbs_of(text: str) -> frozenset[str]:
    """The verbs that a text asks for, and those that people use for the same."""
    return asked_of(text).verbs


def agreement(text: str, clip: Clip, fusion: Fusion) -> Agreement | None:
    """How well the detected stages of a clip agree with those of a text, as `search` compares them; None: the text names none."""
    stages = asked_of(text).stages
    return compare(stages, clip.seen, fusion.stages) if stages else None


class Agreements:
    """How well the detected stages of clips agree with those of texts; the last answer is kept, for the systems that share it."""

    def __init__(self, fusion: Fusion) -> None:
        self.fusion = fusion
        self._last: tuple[Hashable, tuple[Array, Array]] = (None, (np.zeros(0), np.zeros(0)))

    def of(self, texts: Sequence[str], clips: Sequence[Clip]) -> tuple[Array, Array]:
        """`Agreement.score` and `.contradicted` of each text and clip, (T, C) float64; NaN for texts in which no stage is read."""
        key = (tuple(texts), tuple((clip.key, clip.id) for clip in clips))
        if self._last[0] != key:
            self._last = (key, self._compared(texts, clips))
        return self._last[1]

    def _compared(self, texts: Sequence[str], clips: Sequence[Clip]) -> tuple[Array, Array]:
        score, contradicted = np.zeros((2, len(texts), len(clips)))
        holding = [frozenset(stage.verb for stage in clip.seen) for clip in clips]
        for i, text in enumerate(texts):
            verbs = verbs_of(text)
            if not verbs:
                score[i] = np.nan
            for j, clip in enumerate(clips):
                found = None if verbs.isdisjoint(holding[j]) else agreement(text, clip, self.fusion)
                if found is not None:
                    score[i, j], contradicted[i, j] = found.score, found.contradicted
        return score, contradicted


@dataclass(frozen=True, eq=False)
class Structured:
    """The stages of a text compared with those detected in a clip, fused with a model's cosine as `kinelang.search` fuses them.

    Attributes:
        name, about: see `System`.
        agreements: of the stages.
        similarity: the model whose cosine is fused; None: the stages alone. Texts in which no stage is read score 0 then.
    """

    name: str
    about: Mapping[str, Any]
    agreements: Agreements
    similarity: BestPiece | None = None
    sees_stages: bool = True

    def scores(self, texts: Sequence[str], clips: Sequence[Clip]) -> Array:
        """See `System`."""
        similar, best = (None, {}) if self.similarity is None else self.similarity.best(texts, clips)
        pieces = {j: self.similarity.pieces(clips[j]) for j in best} if self.similarity is not None else {}
        score, contradicted = self.agreements.of(texts, clips)
        out = np.zeros((len(texts), len(clips)), dtype=np.float32)
        for i, text in enumerate(texts):
            cosines = [None] * len(clips) if similar is None else similar[i].tolist()
            if np.isnan(score[i, 0]):
                out[i] = [self._fused(cosine, None) for cosine in cosines]
                continue
            rows = zip(cosines, score[i].tolist(), contradicted[i].tolist(), strict=True)
            out[i] = [self._fused(cosine, Agreement(a, c, ()) if a or c else NO_AGREEMENT) for cosine, a, c in rows]
            for j, at in best.items():
                out[i, j] = self._fused(cosines[j], agreement(text, pieces[j][at[i]], self.fusion))
        return out

    def paired(self, texts: Sequence[str], clips: Sequence[Clip]) -> Array:
        """See `System`."""
        similar = [None] * len(texts) if self.similarity is None else self.similarity.whole.paired(texts, clips).tolist()
        in_pieces = [self.similarity is not None and len(self.similarity.pieces(clip)) > 1 for clip in clips]
        out = [
            float(self.scores([text], [clip])[0, 0]) if cut else self._fused(cosine, agreement(text, clip, self.fusion))
            for text, clip, cosine, cut in zip(texts, clips, similar, in_pieces, strict=True)
        ]
        return np.array(out, dtype=np.float32)

    @property
    def fusion(self) -> Fusion:
        """Weights."""
        return self.agreements.fusion

    def _fused(self, cosine: float | None, found: Agreement | None) -> float:
        return 0.0 if cosine is None and found is None else self.fusion.score(cosine, found)


NO_AGREEMENT = Agreement(0.0, 0.0, ())


# --- The table


@dataclass(frozen=True, eq=False)
class Setting:
    """What systems are made of.

    Attributes:
        models: retrievers and evaluators, by name, in order.
        evaluators: names of those that are evaluators.
        sentences: encoder of sentence vectors.
        fusion: weights of the stages.
    """

    models: Mapping[str, Any]
    evaluators: frozenset[str]
    sentences: TextEncoder
    fusion: Fusion = field(default_factory=Fusion)

    @cached_property
    def agreements(self) -> Agreements:
        """Shared by all systems that look at stages."""
        return Agreements(self.fusion)

    @cached_property
    def retrievers(self) -> dict[str, Vectors]:
        """One system for each retriever; the same objects at every call, so that nothing is encoded twice."""
        return {name: _retriever(name, model) for name, model in self.models.items() if name not in self.evaluators}


def _retriever(name: str, model: Retriever) -> Vectors:
    return Vectors(
        name, _about_model(model), model.encode_texts, lambda clips: model.encode_features([clip.features for clip in clips])
    )


def _about_model(model: Any) -> dict[str, Any]:
    about = {"model": model.identity}
    encoder = getattr(getattr(model, "config", None), "text_identity", None)
    return about if encoder is None else about | {"text_encoder": encoder}


def _evaluators(setting: Setting) -> list[System]:
    return [_evaluator(name, setting.models[name]) for name in setting.models if name in setting.evaluators]


def _evaluator(name: str, model: Any) -> Vectors:
    about = {"model": model.identity, "word_vectors": model.config.word_identity, "score": "minus the Euclidean distance"}
    return Vectors(name, about, model.encode_texts, lambda clips: model.encode_features([c.features for c in clips]), nearness)


def _narrated(setting: Setting) -> list[System]:
    encoder = setting.sentences
    about = {"text_encoder": encoder.identity, "score": "cosine of the query and of what is narrated of the detected timeline"}

    def told(clips: list[Clip]) -> Array:
        return encoder.sentences([narrated(clip.detected) for clip in clips])

    return [Vectors("narrated", about, encoder.sentences, told, sees_stages=True)]


def narrated(timeline: Timeline) -> str:
    """What is told of a detected timeline, all fields told."""
    from kinelang.timeline import narrate

    return (narrate(timeline, complete=True) if timeline.stages else "") or NOTHING_TOLD


def _structure(setting: Setting) -> list[System]:
    return [Structured("structure", {"fusion": _constants(setting.fusion)}, setting.agreements)]


def _fused(setting: Setting) -> list[System]:
    about = {"fusion": _constants(setting.fusion)}
    return [
        Structured(f"{name} + structure", {**system.about, **about}, setting.agreements, BestPiece(system))
        for name, system in setting.retrievers.items()
    ]


def _constants(fusion: Fusion) -> dict[str, Any]:
    return asdict(fusion)


def _models(setting: Setting) -> list[System]:
    return list(setting.retrievers.values())


@dataclass(frozen=True)
class Entry:
    """A line of the table.

    Attributes:
        name: key in `SYSTEMS`.
        description: one line for people.
        build: the systems of this kind in a setting; several where there are several models, none where there is no such model.
        baseline: it is there to be compared with.
    """

    name: str
    description: str
    build: Callable[[Setting], list[System]]
    baseline: bool = True


SYSTEMS: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry("model", "a text-motion model's cosine", _models, baseline=False),
        Entry("fused", "the same, fused with the stages as search fuses them", _fused, baseline=False),
        Entry("evaluator", "the evaluator of Guo et al.: minus the Euclidean distance", _evaluators, baseline=False),
        Entry("structure", "the stages of the query compared with the detected ones", _structure),
        Entry("narrated", "a sentence encoder's cosine of the query and of the narrated detected timeline", _narrated),
    )
}
"""What is judged; a new system is a function and one line here. Chance needs no system: every result says it."""


def systems_of(setting: Setting, *, baselines: bool = True) -> list[System]:
    """All systems of a setting, in the order of the table; without `baselines` those made of the given models alone.

    Raises ModelError if there is none, or two have one name.
    """
    found = [system for entry in SYSTEMS.values() if baselines or not entry.baseline for system in entry.build(setting)]
    names = [system.name for system in found]
    if not found or len(set(names)) < len(names):
        raise ModelError.of("systems", ", ".join(names) or "none", "one or more, with names that differ", "give a model, or baselines")
    return found


def opened(folders: Sequence[Path | None], sentences: TextEncoder, fusion: Fusion | None = None) -> Setting:
    """A setting with the models in run folders, named by their folders.

    Args:
        folders: run folders of any kind in `models.table`; None: the model that comes with kinelang.
        sentences: encoder of sentence vectors.
        fusion: None: search's own.

    Raises:
        ModelError: a folder that holds no such model.
    """
    from kinelang.models.table import entry_of

    models: dict[str, Any] = {}
    evaluators: set[str] = set()
    for folder in folders:
        kind = "tmr" if folder is None else str(read_json(folder / CONFIG).get("model"))
        name = _free("shipped" if folder is None else folder.resolve().name, models)
        models[name] = entry_of(kind).load(folder)
        if kind == "evaluator":
            evaluators.add(name)
    return Setting(models, frozenset(evaluators), sentences, fusion or Fusion())


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """The name, with a number behind it where it is taken."""
    names = [name, *(f"{name}-{i}" for i in range(2, len(taken) + 3))]
    return next(n for n in names if n not in taken)
