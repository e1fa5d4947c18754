"""Which words of training captions tell of which stages, where a corpus knows its timelines: found once and kept on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kinelang.atomic import write_atomic
from kinelang.language.sides import swap_left_right
from kinelang.timeline.aligning import align
from kinelang.timeline.schema import Timeline
from kinelang.training.data import Clips, Progress, Source, hash_of, records_of

VERSION = 1
"""Of what is kept: a higher one finds everything anew."""
PERFORMED = ("synthetic", "grounded")
"""Corpora whose clips are performances of timelines, so that the time of every stage is known."""

Words = tuple[tuple[int, int, tuple[int, ...]], ...]
"""First character of a word, the one after its last, and the stages that it tells of."""


@dataclass(frozen=True)
class Span:
    """A stage: seconds, and the body parts that move in the clip and in its mirror image."""

    start_s: float
    end_s: float
    parts: tuple[str, ...]
    mirrored_parts: tuple[str, ...]


@dataclass(frozen=True)
class ToldClip:
    """What the captions of one clip tell.

    Attributes:
        stages: of the timeline that was performed.
        words: of each caption, and of each with left and right exchanged, those that tell of stages.
    """

    stages: tuple[Span, ...]
    words: Mapping[str, Words]

    @classmethod
    def of(cls, timeline: Timeline, captions: tuple[str, ...]) -> ToldClip:
        """Of a timeline and the captions of its performance."""
        mirrored = timeline.mirrored()
        words = {caption: _words(caption, timeline) for caption in captions}
        for caption in captions:
            other = swap_left_right(caption)
            if other not in words:
                words[other] = _words(other, mirrored)
        pairs = zip(timeline.stages, mirrored.stages, strict=True)
        return cls(tuple(Span(a.start_s, a.end_s, a.parts, b.parts) for a, b in pairs), words)


def _words(caption: str, timeline: Timeline) -> Words:
    return tuple((told.start, told.end, told.stages) for told in align(caption, timeline))


def told_in(
    source: Source, split: str, clips: Clips, folder: Path, seed: int = 0, progress: Progress | None = None
) -> list[ToldClip | None]:
    """What the captions of each clip tell, in the order of the clips; None where no timeline is known.

    Args:
        source, split, seed: what the clips were made of, as for `clips_of`.
        clips: the clips.
        folder: of the cache.
        progress: told as it goes.
    """
    if source.name not in PERFORMED:
        return [None] * len(clips)
    corpus = source.open(seed)
    file = folder / f"told-{corpus.name}-{split}-{hash_of({**source.description(corpus, split), 'told': VERSION})}.json"
    known = _read(file)
    if not set(clips.keys) <= known.keys():
        wanted, known = set(clips.keys), {}
        for record in records_of(corpus, split, source):
            if record.id in wanted and record.timeline is not None:
                known[record.id] = ToldClip.of(record.timeline, record.texts)
                if progress is not None:
                    progress(f"words and stages of {corpus.name} {split}", len(known), len(wanted))
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(file, json.dumps({key: _plain(clip) for key, clip in known.items()}, separators=(",", ":")).encode())
    return [known.get(key) for key in clips.keys]


def _plain(clip: ToldClip) -> list[object]:
    return [[[s.start_s, s.end_s, s.parts, s.mirrored_parts] for s in clip.stages], clip.words]


def _read(file: Path) -> dict[str, ToldClip]:
    """What was found before; nothing where the file is not there or no longer what it was."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return {
            key: ToldClip(
                tuple(Span(float(a), float(b), tuple(parts), tuple(mirrored)) for a, b, parts, mirrored in stages),
                {caption: tuple((int(a), int(b), tuple(which)) for a, b, which in rows) for caption, rows in words.items()},
            )
            for key, (stages, words) in content.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
