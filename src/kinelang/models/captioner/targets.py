"""Batches for training: prepared clips and captions with what is known of every word, from the dictionary or from a timeline.

The paper supervises words by a dictionary, alike in all frames and whatever the side. Where a clip's timeline is known, the words that
tell of its stages (`kinelang.timeline.aligning`) are taught exactly: the body parts of the stage, on its frames (ours).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kinelang.errors import ModelError
from kinelang.models.captioner.config import Data
from kinelang.models.captioner.labels import Labels
from kinelang.models.captioner.network import Batch
from kinelang.models.captioner.parts import PARTS, part_of, seconds_seen, with_context
from kinelang.models.captioner.vocabulary import PAD, Vocabulary, tokens
from kinelang.models.with_torch import torch
from kinelang.motion.arrays import Array
from kinelang.timeline.aligning import align
from kinelang.timeline.schema import Timeline


@dataclass(frozen=True)
class Taught:
    """What a timeline says of a word of a caption.

    Attributes:
        word: its place among the caption's tokens.
        parts: indices in `PARTS`.
        spans: (start, end) in seconds of the stages it tells of.
    """

    word: int
    parts: tuple[int, ...]
    spans: tuple[tuple[float, float], ...]

    def at_speed(self, speed: float) -> Taught:
        """The same of the clip played so many times as fast."""
        return Taught(self.word, self.parts, tuple((start / speed, end / speed) for start, end in self.spans))


def taught(caption: str, timeline: Timeline) -> tuple[Taught, ...]:
    """What is known of the words of a caption. Takes about 10 ms: worth keeping. Of a mirrored clip ask with its own."""
    said = {(word.start, word.end): word for word in align(caption, timeline)}
    made = []
    for place, token in enumerate(tokens(caption)):
        told = next((word for (start, end), word in said.items() if start < token.end and token.start < end), None)
        if told is not None:
            stages = [timeline.stages[i] for i in told.stages]
            parts = sorted({part_of(part) for stage in stages for part in stage.parts})
            made.append(Taught(place, tuple(parts), tuple((stage.start_s, stage.end_s) for stage in stages)))
    return tuple(made)


@dataclass(frozen=True, eq=False)
class Example:
    """A clip with one of its captions.

    Attributes:
        rows: (T, D) normalised channels, without context.
        n_frames: of the clip, before the stride.
        caption: the words.
        taught: what a timeline says of them; empty where none is known.
    """

    rows: Array
    n_frames: int
    caption: str
    taught: tuple[Taught, ...] = ()


def batch_of(examples: Sequence[Example], vocabulary: Vocabulary, labels: Labels, data: Data) -> Batch:
    """A batch, padded. Raises ModelError for an empty one."""
    if not examples:
        raise ModelError.of("batch", "no example", "at least one")
    written = [vocabulary.encode(example.caption) for example in examples]
    b, t, n = len(examples), max(len(e.rows) for e in examples), max(map(len, written))
    rows = [with_context(example.rows, data.context) for example in examples]
    motion, mask = np.zeros((b, t, rows[0].shape[1]), np.float32), np.zeros((b, t), bool)
    words = np.full((b, n), PAD, np.int64)
    gate, parts = np.full((b, n - 1), -1, np.float32), np.full((b, n - 1, len(PARTS)), -1, np.float32)
    exact, frames = np.zeros((b, n - 1), bool), np.zeros((b, n - 1, t), bool)
    for i, (example, numbers) in enumerate(zip(examples, written, strict=True)):
        seen, length = len(example.rows), len(numbers) - 1
        motion[i, :seen], mask[i, :seen], words[i, : length + 1] = rows[i], True, numbers
        gate[i, :length], parts[i, :length] = labels.gate[numbers[1:]], labels.parts[numbers[1:]]
        frames[i, :, :seen] = True
        seconds = seconds_seen(example.n_frames, data)[:seen]
        for known in example.taught:
            at = known.word
            exact[i, at], gate[i, at] = True, 1
            parts[i, at] = [float(part in known.parts) for part in range(len(PARTS))]
            frames[i, at, :seen] = frames_of(known.spans, seconds)
    return Batch(*(torch.from_numpy(array) for array in (motion, mask, words, gate, parts, exact, frames)))


def frames_of(spans: Sequence[tuple[float, float]], seconds: Array) -> Array:
    """Which of the frames at these seconds lie in a span; of a span between two frames the nearest. (T,) bool."""
    inside = np.zeros(len(seconds), bool)
    for start, end in spans:
        within = (seconds >= start - 1e-6) & (seconds <= end + 1e-6)
        if not within.any():
            within[np.abs(seconds - (start + end) / 2).argmin()] = True
        inside |= within
    return inside
