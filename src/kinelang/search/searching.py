"""One search: candidates from the vectors and from the stages, looked at closely, ranked."""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kinelang.language.lexicon import VERBS, alike
from kinelang.motion.arrays import Array
from kinelang.search.base import FPS, Retriever, SearchError, unit
from kinelang.search.moments import Localiser, Moment, WindowSet, localise, stages_within
from kinelang.search.query import Filters, Fusion, Hit
from kinelang.search.schema import CLIP, WINDOW
from kinelang.search.store import Entry, Seen, Store
from kinelang.search.structure import Agreement, Asked, asked, compare
from kinelang.search.vectors import VectorEngine

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


class Search:
    """A search of an index; see `Index.search`."""

    def __init__(
        self, store: Store, engine: Callable[[int], VectorEngine], retriever: Callable[[], Retriever], fusion: Fusion | None = None
    ) -> None:
        self._store, self._engine, self._retriever = store, engine, retriever
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
            self._compare(kind, query, (new if allowed is None else new[np.isin(new, allowed)]).tolist(), found)
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

    def _compare(self, kind: int, query: Array | None, motions: Sequence[int], found: dict[int, tuple[float, int]]) -> None:
        """Add the best cosine of each of these motions."""
        if query is None:
            found.update(dict.fromkeys(motions, (0.0, 0)))
            return
        if not motions:
            return
        numbers, ordinals, vectors = self._store.matrix(kind, motions)
        for motion, ordinal, cosine in zip(numbers.tolist(), ordinals.tolist(), (vectors @ query).tolist(), strict=True):
            if motion not in found or cosine > found[motion][0]:
                found[motion] = (cosine, ordinal)

    # --- whole motions

    def _clips(self, found: dict[int, tuple[float, int]], query: Array | None, wanted: Asked, top: int) -> list[Hit]:
        seen = self._seen(found, query is not None) if wanted.stages else {}
        judged: list[tuple[float, int, Agreement | None]] = []
        for motion, (cosine, _) in found.items():
            agreement = compare(wanted.stages, seen[motion], self._fusion.stages) if wanted.stages else None
            score = self._fusion.score(None if query is None else cosine, agreement)
            if query is not None or score > 0:
                judged.append((score, motion, agreement))
        best = heapq.nsmallest(top, judged, key=lambda row: (-row[0], row[1]))
        entries = {entry.id: entry for entry in self._store.entries(motion for _, motion, _ in best)}
        return [
            self._clip_hit(entries[motion], score, None if query is None else found[motion], agreement)
            for score, motion, agreement in best
            if motion in entries
        ]

    def _seen(self, found: dict[int, tuple[float, int]], pieces: bool) -> dict[int, list[Seen]]:
        """The stages of each motion; of one that is in pieces those of its best piece."""
        seen = self._store.seen(found)
        longest_s = self._store.meta.windows.longest / FPS
        for motion, stages in seen.items() if pieces else ():
            if stages and max(stage.end_s for stage in stages) > longest_s:
                seen[motion] = stages_within(stages, *self._store.spans(motion, CLIP)[found[motion][1]].tolist())
        return seen

    def _clip_hit(self, entry: Entry, score: float, near: tuple[float, int] | None, agreement: Agreement | None) -> Hit:
        start_s, end_s = 0.0, entry.duration_s
        if near is not None:
            spans = self._store.spans(entry.id, CLIP)
            if len(spans) > 1:
                start_s, end_s = map(float, spans[near[1]])
        structure = None if agreement is None else agreement.score
        return _hit(entry, score, start_s, end_s, None if near is None else near[0], structure)

    # --- moments

    def _moments(self, found: dict[int, tuple[float, int]], query: Array | None, wanted: Asked, top: int) -> list[Hit]:
        seen = self._store.seen(found, wanted.verbs)  # what else a long motion has in it does not count
        settings = Localiser(fusion=self._fusion)
        rough = {
            motion: self._fusion.score(
                None if query is None else cosine, compare(wanted.stages, seen[motion], self._fusion.stages) if wanted.stages else None
            )
            for motion, (cosine, _) in found.items()
        }
        chosen = heapq.nsmallest(max(MOTIONS_WITH_MOMENTS, top), rough, key=lambda motion: (-rough[motion], motion))
        seen = self._store.seen(chosen)
        judged: list[tuple[int, Moment]] = []
        for motion in chosen:
            if query is None and rough[motion] == 0:
                continue
            encoded = self._store.encoded(motion, WINDOW)
            windows = WindowSet.of_seconds(encoded.spans, encoded.vectors)
            made = localise(windows, query, seen[motion], wanted.stages, settings=settings, most=MOMENTS_A_MOTION)
            judged += [(motion, moment) for moment in made]
        best = heapq.nsmallest(top, judged, key=lambda row: (-row[1].score, row[0], row[1].start_s))
        entries = {entry.id: entry for entry in self._store.entries({motion for motion, _ in best})}
        return [
            _hit(entries[motion], m.score, m.start_s, m.end_s, None if query is None else m.similarity, m.structure)
            for motion, m in best
            if motion in entries
        ]


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
