"""One search: candidates from the vectors and from the stages, looked at closely, ranked."""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable
from dataclasses import astuple, replace
from typing import TYPE_CHECKING

import numpy as np

from kinelang.language.lexicon import VERBS, alike
from kinelang.motion.arrays import Array
from kinelang.search.base import FPS, Retriever, SearchError, unit
from kinelang.search.moments import Localiser, Moment, WindowSet, localise, stages_within
from kinelang.search.query import Filters, Fusion, Hit
from kinelang.search.schema import CLIP, WINDOW
from kinelang.search.stages import Columns, StageTable, at_most
from kinelang.search.store import Entry, Seen, Store
from kinelang.search.structure import Agreement, Asked, Weights, asked, compare
from kinelang.search.vectors import VectorEngine, cosines_of

if TYPE_CHECKING:
    from kinelang.motion.motion import Motion
    from kinelang.timeline.schema import Stage, Timeline

WINDOWS_A_MOTION = 8
"""Windows asked of the engine for each candidate motion: those next to a good one are good too."""

MOTIONS_WITH_MOMENTS = 30
"""Motions in which moments are looked for closely, or as many as hits are wanted."""

STRUCTURE_ALONE = 1500
"""Motions that are looked at where there is no vector to go by."""

MOMENTS_A_MOTION = 3

AT_ONCE = 16
"""Motions looked at between two looks at whether the others can still be among the best."""

ROUNDING = 1e-9
"""By which a limit may be too low."""


class Search:
    """A search of an index; see `Index.search`."""

    def __init__(
        self,
        store: Store,
        engine: Callable[[int], VectorEngine],
        retriever: Callable[[], Retriever],
        fusion: Fusion | None = None,
        table: StageTable | None = None,
    ) -> None:
        self._store, self._engine, self._retriever = store, engine, retriever
        self._table = StageTable() if table is None else table
        self._fusion = fusion or Fusion()
        self._most = self._fusion.candidates

    def run(
        self,
        text: str | None,
        *,
        like: str | os.PathLike[str] | Motion | None = None,
        structure: str | Timeline | None = None,
        top: int = 10,
        moments: bool = False,
        filters: Filters | None = None,
    ) -> list[Hit]:
        """See `Index.search`."""
        if text is None and like is None and structure is None:
            raise SearchError.of("query", "nothing to search for", "a text, an example or a structure")
        if top < 1:
            raise SearchError.of("top", f"{top}", "at least 1")
        if text is not None and not any(c.isalnum() for c in text):
            raise SearchError.of("query", "a text without words", "a sentence", "such as 'a person walks forward and waves'")
        self._most = max(self._fusion.candidates, top)
        if like is not None:  # the example asks for more than the words
            self._fusion = replace(self._fusion, stages=replace(self._fusion.stages, unasked=0.0))
        wanted = self._wanted(text, structure)
        itself = self._indexed(like)
        query = self._query(text, like, itself)
        allowed = self._allowed(filters)
        if len(self._store) == 0 or (allowed is not None and len(allowed) == 0):
            return []
        found = self._candidates(WINDOW if moments else CLIP, query, wanted, allowed)
        if itself is not None:
            found.pop(itself.id, None)
        return (self._moments if moments else self._clips)(found, query, wanted, top)

    # --- the query

    def _wanted(self, text: str | None, structure: str | Timeline | None) -> Asked:
        if structure is not None:
            wanted = asked(structure)
            if not wanted.stages:
                raise SearchError.of("structure", f"no stage in {str(structure)!r}", "actions", "such as 'left hand raised, twice'")
            return wanted
        return Asked() if text is None else asked(text)

    def _indexed(self, like: str | os.PathLike[str] | Motion | None) -> Entry | None:
        """The entry of the example, if it is a file in the index."""
        if not isinstance(like, (str, os.PathLike)):
            return None
        from kinelang.formats.source import split_archive

        path, member = split_archive(like)
        found = self._store.find(os.path.abspath(path), member or "")
        name, _, rest = os.fspath(like).partition("/")
        return found or (self._store.find(name, rest) if name.startswith("corpus:") else None)

    def _query(self, text: str | None, like: str | os.PathLike[str] | Motion | None, itself: Entry | None) -> Array | None:
        """What vectors are compared with. For text and example a sum: its product is the mean of the two cosines, weighted."""
        vectors: list[Array] = []
        if text is not None:
            vectors.append(self._retriever().encode_texts([text])[0])
        if itself is not None:
            vectors.append(_middle(self._store.encoded(itself.id, CLIP).vectors))
        elif like is not None:
            vectors.append(_middle(self._example(like)))
        if not vectors:
            return None
        if len(vectors) == 1:
            return vectors[0]
        shares = np.array([self._fusion.text, self._fusion.like], dtype=np.float32)
        return np.asarray(shares / shares.sum() @ np.stack(vectors), dtype=np.float32)

    def _example(self, like: str | os.PathLike[str] | Motion) -> Array:
        from kinelang.corpora import features_of, standard
        from kinelang.formats import load
        from kinelang.search.sources import clip_vectors

        motion = load(like) if isinstance(like, (str, os.PathLike)) else like
        return clip_vectors(features_of(standard(motion)), self._retriever(), self._store.meta.windows)

    def _allowed(self, filters: Filters | None) -> Array | None:
        """Numbers of the motions that may be hits; None: all."""
        condition, arguments = filters.sql() if filters is not None else ("", [])
        return self._store.selected(condition, arguments) if condition else None

    # --- candidates

    def _candidates(self, kind: int, query: Array | None, wanted: Asked, allowed: Array | None) -> dict[int, tuple[float, int]]:
        """Motion -> best cosine and which of its vectors it is: those near the query, and those with the stages that are asked for."""
        most = self._most
        found: dict[int, tuple[float, int]] = {}
        if query is not None:
            engine = self._engine(kind)
            n = len(self._store) if allowed is None else len(allowed)
            k = len(engine) if n <= most else most * (WINDOWS_A_MOTION if kind == WINDOW else 1)
            near = engine.search(query, k, allowed)
            for motion, ordinal, cosine in zip(near.motions.tolist(), near.ordinals.tolist(), near.cosines.tolist(), strict=True):
                if len(found) < most or motion in found:
                    found.setdefault(motion, (cosine, ordinal))
            if len(found) >= n:
                return found
        if wanted.stages:
            more = self._with_stages(wanted, most // 2 if query is not None else STRUCTURE_ALONE)
            new = np.array(sorted(more - found.keys()), dtype=np.int64)
            self._compare(kind, query, new if allowed is None else new[np.isin(new, allowed)], found)
        return found

    def _with_stages(self, wanted: Asked, most: int) -> set[int]:
        """Motions with a stage that is asked for: of each the surest, with the very verb and side first."""
        share = -(-most // len(wanted.stages))
        found: set[int] = set()
        for stage in dict.fromkeys((stage.verb, stage.side) for stage in wanted.stages):
            mine = self._store.with_stage(*stage, share)
            kin = [verb for verb in sorted(VERBS) if verb == stage[0] or alike(stage[0], verb)]
            for verb in kin if len(mine) < share else ():
                mine += self._store.with_stage(verb, None, share - len(mine))
            found |= set(mine)
        return found

    def _compare(self, kind: int, query: Array | None, motions: Array, found: dict[int, tuple[float, int]]) -> None:
        """Add the best cosine of each of these motions."""
        if query is None:
            found.update(dict.fromkeys(motions.tolist(), (0.0, 0)))
            return
        if not len(motions):
            return
        near = cosines_of(self._engine(kind), query, motions, self._store, kind)
        for motion, ordinal, cosine in zip(near.motions.tolist(), near.ordinals.tolist(), near.cosines.tolist(), strict=True):
            if motion not in found or cosine > found[motion][0]:
                found[motion] = (cosine, ordinal)

    # --- ranking

    def _ranked(
        self, found: dict[int, tuple[float, int]], seen: Columns | None, asks: bool, wanted: Asked, fusion: Fusion, top: int
    ) -> list[tuple[float, int, Agreement | None]]:
        """The best of the candidates: score, motion, agreement; of equal scores the lower number first.

        Args:
            found: motion -> cosine and which of its vectors it is.
            seen: stages of these motions, in this order; None where none are asked for.
            asks: there is something to compare vectors with, and cosines tell something.
            top: how many, at most.
        """
        motions = list(found)
        cosines = [found[motion][0] if asks else None for motion in motions]
        if seen is None:
            judged: list[tuple[float, int, Agreement | None]]
            judged = [(fusion.score(c, None), motion, None) for motion, c in zip(motions, cosines, strict=True)]
            return heapq.nsmallest(top, judged, key=_rank)
        limits = _limits(seen, np.array([found[motion][0] for motion in motions]) if asks else None, wanted, fusion)
        best: list[tuple[float, int, Agreement | None]] = []
        order = np.argsort(-limits, kind="stable")
        for start in range(0, len(order), AT_ONCE):
            part = order[start : start + AT_ONCE].tolist()
            if len(best) == top and limits[part[0]] < best[-1][0] - ROUNDING:
                break
            for i, stages in zip(part, seen.seen(part), strict=True):
                agreement = compare(wanted.stages, stages, fusion.stages)
                best.append((fusion.score(cosines[i], agreement), motions[i], agreement))
            best = heapq.nsmallest(top, best, key=_rank)
        return best

    # --- whole motions

    def _clips(self, found: dict[int, tuple[float, int]], query: Array | None, wanted: Asked, top: int) -> list[Hit]:
        seen = self._pieces(found, query is not None) if wanted.stages else None
        best = self._ranked(found, seen, query is not None, wanted, self._fusion, top)
        best = [row for row in best if query is not None or row[0] > 0]
        entries = {entry.id: entry for entry in self._store.entries(motion for _, motion, _ in best)}
        spans = self._store.spans(entries, CLIP) if query is not None else {}
        return [
            _clip_hit(entries[motion], score, None if query is None else found[motion], spans.get(motion), agreement)
            for score, motion, agreement in best
            if motion in entries
        ]

    def _pieces(self, found: dict[int, tuple[float, int]], pieces: bool) -> Columns:
        """The stages of each motion; of one that is in pieces those of its best piece."""
        motions = list(found)
        seen = self._table.of(self._store, motions)
        long = np.flatnonzero(seen.last_s() > self._store.meta.windows.longest / FPS).tolist() if pieces else []
        if not long:
            return seen
        spans = self._store.spans([motions[i] for i in long], CLIP)
        start_s, end_s = np.full(len(motions), -np.inf), np.full(len(motions), np.inf)
        for i in long:
            if motions[i] in spans:
                start_s[i], end_s[i] = spans[motions[i]][found[motions[i]][1]]
        return seen.within(start_s, end_s)

    # --- moments

    def _moments(self, found: dict[int, tuple[float, int]], query: Array | None, wanted: Asked, top: int) -> list[Hit]:
        settings = Localiser(fusion=self._fusion)
        rest = replace(
            self._fusion, stages=replace(self._fusion.stages, unasked=0.0)
        )  # what else a long motion has in it does not count
        seen = self._table.of(self._store, list(found)) if wanted.stages else None
        best = self._ranked(found, seen, query is not None, wanted, rest, max(MOTIONS_WITH_MOMENTS, top))
        chosen = [motion for score, motion, _ in best if query is not None or score > 0]
        stages = self._table.of(self._store, chosen).seen(range(len(chosen)))
        judged: list[tuple[int, Moment]] = []
        for motion, mine in zip(chosen, stages, strict=True):
            encoded = self._store.encoded(motion, WINDOW)
            windows = WindowSet.of_seconds(encoded.spans, encoded.vectors)
            made = localise(windows, query, mine, wanted.stages, settings=settings, most=MOMENTS_A_MOTION)
            judged += [(motion, moment) for moment in made]
        ranked = heapq.nsmallest(top, judged, key=lambda row: (-row[1].score, row[0], row[1].start_s))
        entries = {entry.id: entry for entry in self._store.entries({motion for motion, _ in ranked})}
        return [
            _hit(entries[motion], m.score, m.start_s, m.end_s, None if query is None else m.similarity, m.structure)
            for motion, m in ranked
            if motion in entries
        ]


def _limits(seen: Columns, cosines: Array | None, wanted: Asked, fusion: Fusion) -> Array:
    """Scores that no motion exceeds. (N,) float64."""
    weights = fusion.stages
    if min(fusion.structure, fusion.contradiction, *astuple(weights)) < 0 or max(fusion.contradiction, *_shares(weights)) > 1:
        return np.full(len(seen.counts), np.inf)
    agreement, contradicted = at_most(wanted.stages, seen, weights)
    if cosines is None:
        fused = agreement
    else:
        fused = (np.clip(0.5 * cosines + 0.5, 0, 1) + fusion.structure * agreement) / (1 + fusion.structure)
    return np.asarray(fused * (1 - fusion.contradiction * contradicted))


def _shares(weights: Weights) -> tuple[float, ...]:
    """The weights of which more than 1 would turn round what they say."""
    return weights.order, weights.again, weights.unasked, weights.trust


def _rank(row: tuple[float, int, Agreement | None]) -> tuple[float, int]:
    return -row[0], row[1]


def _clip_hit(entry: Entry, score: float, near: tuple[float, int] | None, spans: Array | None, agreement: Agreement | None) -> Hit:
    start_s, end_s = 0.0, entry.duration_s
    if near is not None and spans is not None and len(spans) > 1:
        start_s, end_s = map(float, spans[near[1]])
    structure = None if agreement is None else agreement.score
    return _hit(entry, score, start_s, end_s, None if near is None else near[0], structure)


def _hit(entry: Entry, score: float, start_s: float, end_s: float, similarity: float | None, structure: float | None) -> Hit:
    end_s = min(end_s, entry.duration_s)
    return Hit(
        path=entry.place.where,
        score=score,
        start_s=start_s,
        end_s=end_s,
        stages=_stages(entry, start_s, end_s),
        similarity=similarity,
        structure=structure,
        duration_s=entry.duration_s,
        skeleton=entry.skeleton,
        motion=entry.id,
    )


def _stages(entry: Entry, start_s: float, end_s: float) -> tuple[Stage, ...]:
    """The stages detected in a stretch of a motion."""
    from kinelang.timeline.schema import Stage

    seen: list[Seen] = entry.seen
    within = stages_within(seen, start_s, end_s)
    rows = [row for row, brief in zip(entry.stages, seen, strict=True) if brief in within]
    return tuple(Stage(**{**row, "parts": tuple(row["parts"]), "texts": tuple(row.get("texts", {}).items())}) for row in rows)


def _middle(vectors: Array) -> Array:
    """The mean direction of the vectors of one motion. (d,) unit."""
    return np.asarray(unit(vectors.mean(axis=0)), dtype=np.float32)
