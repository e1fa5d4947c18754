"""What a generator may be told of a training clip besides its caption: the description matrix of its timeline, and a draft, that is
another performance of that timeline. Made once and kept on disk.

The timeline of a performed clip is known; that of a recorded one is detected. Where people have told the stages of a clip themselves
(`Record.told`), their sentences are its matrix, and the timeline is only performed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.corpora.base import FPS, ToldStage, features_of
from kinelang.motion.arrays import Array
from kinelang.motion.features import HUMANML3D, decode_to_motion
from kinelang.timeline import Timeline, description_matrix, detect, perform
from kinelang.training.data import COMPLETE, Clips, Progress, hash_of, records_of
from kinelang.training.sequences import Sequences
from kinelang.training.told import PERFORMED

VERSION = 1
"""Of what is kept: a higher one makes everything anew."""
Row = tuple[float, float, tuple[str, ...]]
"""Start and end in seconds, and the sentences of `COLUMNS`."""


class Drafts:
    """The drafts of one corpus and split.

    Attributes:
        rows: of each clip, in the order of the clips, its description matrix.
    """

    def __init__(self, clips: Clips, kept: Sequences) -> None:
        self._kept, self._places = kept, [kept.places[key] for key in clips.keys]
        self.rows: list[tuple[Row, ...]] = [
            tuple((start, end, tuple(cells)) for start, end, cells in kept.entries[place]["matrix"]) for place in self._places
        ]

    def __getitem__(self, i: int) -> Array:
        """Raw features of the draft of clip i, as long as the clip: (T, 263) float32."""
        return self._kept[self._places[i]]

    def __len__(self) -> int:
        return len(self._places)


def drafts_of(clips: Clips, folder: Path, progress: Progress | None = None) -> Drafts:
    """The drafts of clips, read from the cache or made; interrupted, it goes on where it was.

    Args:
        clips: of one corpus and split, whose origin is known.
        folder: of the cache.
        progress: told as it goes.
    """
    assert clips.origin is not None
    source, split = clips.origin.source, clips.origin.split
    corpus = source.open(clips.origin.seed)
    description = {**source.description(corpus, split), "drafts": VERSION}
    place = folder / f"{corpus.name}-{split}-{hash_of(description)}"
    if not (place / COMPLETE).is_file():
        with Sequences(place, HUMANML3D.width) as made:
            told = _told(clips)
            for n, (key, timeline, frames) in enumerate(_timelines(clips), start=1):
                if key not in made.places:
                    matrix = matrix_told(told[key]) if told.get(key) else matrix_of(timeline)
                    made.append(key, drafted(timeline, frames, key), {"matrix": matrix})
                if progress is not None:
                    progress(f"drafts of {corpus.name} {split}", n, len(clips))
            write_atomic(place / COMPLETE, json.dumps(description, indent=1).encode())
    return Drafts(clips, Sequences(place, HUMANML3D.width, adding=False))


def _timelines(clips: Clips) -> Iterator[tuple[str, Timeline, int]]:
    """Key, timeline and frames of features of each clip."""
    assert clips.origin is not None
    places = {key: i for i, key in enumerate(clips.keys)}
    if clips.origin.source.name in PERFORMED:
        source = clips.origin.source
        for record in records_of(source.open(clips.origin.seed), clips.origin.split, source):
            if record.id in places and record.timeline is not None:
                yield record.id, record.timeline, clips.length(places[record.id])
    else:
        for i, key in enumerate(clips.keys):
            timeline = detect(decode_to_motion(clips[i]))
            yield key, timeline, clips.length(i)


def _told(clips: Clips) -> dict[str, tuple[ToldStage, ...]]:
    """What people have told of the stages of each clip, where the corpus has that."""
    assert clips.origin is not None
    source = clips.origin.source
    corpus = source.open(clips.origin.seed)
    return {r.id: r.told for r in records_of(corpus, clips.origin.split, source)} if corpus.tells_stages else {}


def drafted(timeline: Timeline, frames: int, key: str) -> Array:
    """Features (frames, 263) of a timeline, performed by someone whom the key decides. The last frame is held where it is short."""
    seed = int(hash_of({"draft": key}), 16)
    performable = timeline.with_(duration_s=max(timeline.duration_s, (frames + 1) / FPS))
    features = features_of(perform(performable, seed, fps=FPS))[:frames]
    return np.concatenate([features, np.repeat(features[-1:], frames - len(features), axis=0)])


def matrix_of(timeline: Timeline) -> list[tuple[float, float, list[str]]]:
    """The description matrix as JSON holds it: times to the hundredth."""
    return [(round(row.start_s, 2), round(row.end_s, 2), [text for _, text in row.cells]) for row in description_matrix(timeline)]


def matrix_told(told: Sequence[ToldStage]) -> list[tuple[float, float, list[str]]]:
    """What people have told of the stages of a clip, as `matrix_of` gives a timeline's; "" where a part has no sentence."""
    return [(round(stage.start_s, 2), round(stage.end_s, 2), [stage.overall, *stage.parts]) for stage in told]
