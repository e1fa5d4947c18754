"""What timelines say of the words of training captions, found once and kept on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinelang.atomic import write_atomic
from kinelang.language.sides import swap_left_right
from kinelang.models.captioner.targets import Taught, taught
from kinelang.timeline.schema import Timeline
from kinelang.training.data import Clips, Progress, hash_of, records_of

VERSION = 2
"""Of what is kept: a higher one finds everything anew."""
PERFORMED = ("synthetic", "grounded")
"""Corpora whose clips are performances of timelines, so that the time of every stage is known."""

Words = Mapping[str, tuple[Taught, ...]]


@dataclass(frozen=True)
class ToldClip:
    """What is known of the words of one clip's captions.

    Attributes:
        words: by caption.
        mirrored: of the mirrored clip, by caption with left and right exchanged.
    """

    words: Words
    mirrored: Words

    @classmethod
    def of(cls, timeline: Timeline, captions: Sequence[str]) -> ToldClip:
        """Of a timeline and the captions of its performance."""
        other = timeline.mirrored()
        swapped = [swap_left_right(caption) for caption in captions]
        return cls({c: taught(c, timeline) for c in captions}, {c: taught(c, other) for c in swapped})


def told_in(clips: Clips, folder: Path, progress: Progress | None = None) -> list[ToldClip | None]:
    """What is known of the words of each clip's captions, in the order of the clips; None where no timeline is known.

    Args:
        clips: of one corpus and split.
        folder: of the cache.
        progress: told as it goes.
    """
    if clips.origin is None or clips.origin.source.name not in PERFORMED:
        return [None] * len(clips)
    source, split = clips.origin.source, clips.origin.split
    corpus = source.open(clips.origin.seed)
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
        content = {key: [_plain(clip.words), _plain(clip.mirrored)] for key, clip in known.items()}
        write_atomic(file, json.dumps(content, separators=(",", ":")).encode())
    return [known.get(key) for key in clips.keys]


def _plain(words: Words) -> dict[str, list[object]]:
    return {caption: [[told.word, told.parts, told.spans] for told in row] for caption, row in words.items()}


def _read(file: Path) -> dict[str, ToldClip]:
    """What was found before; nothing where the file is not there or no longer what it was."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return {key: ToldClip(_words(words), _words(mirrored)) for key, (words, mirrored) in content.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _words(content: dict[str, list[Any]]) -> Words:
    return {caption: tuple(_taught(*row) for row in rows) for caption, rows in content.items()}


def _taught(word: int, parts: list[int], spans: list[list[float]]) -> Taught:
    return Taught(int(word), tuple(parts), tuple((float(start), float(end)) for start, end in spans))
