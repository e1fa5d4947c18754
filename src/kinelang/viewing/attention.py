"""What a caption was said from, as pictures show it: for every word a window in time, and shares of the body parts in each frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array
from kinelang.motion.skeletons import SMPL22_JOINTS

PART_JOINTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "root": ("pelvis",),
        "torso": ("spine1", "spine2", "spine3", "neck", "head"),
        "left_arm": ("left_collar", "left_shoulder", "left_elbow", "left_wrist"),
        "right_arm": ("right_collar", "right_shoulder", "right_elbow", "right_wrist"),
        "left_leg": ("left_hip", "left_knee", "left_ankle", "left_foot"),
        "right_leg": ("right_hip", "right_knee", "right_ankle", "right_foot"),
    }
)
"""The six parts of captions, and which of the 22 common joints are theirs."""


@dataclass(frozen=True, eq=False)
class AttendedWord:
    """A word and what it looks at.

    Attributes:
        text: the word.
        window: (T,) over time, 0 to 1; 0 throughout for a word that looks at nothing.
        shares: (T, 6) of `PART_JOINTS` in each frame, 0 to 1; they need not sum to 1.
        gate: 1 said from the motion, 0 from the words before it; None where it is not known.
        motion: whether it tells of motion: such a word is shown without being asked for.
        note: a text shown when the pointer rests on it.
    """

    text: str
    window: Array
    shares: Array
    gate: float | None = None
    motion: bool = False
    note: str = ""


@dataclass(frozen=True, eq=False)
class Attention:
    """A caption with what its words look at.

    Attributes:
        words: in order.
        fps: frames a second of the words' arrays; the first is at 0 s.
        source: where the caption comes from, in a few words.

    Raises:
        MotionError: no words, or arrays of different lengths, outside 0 to 1, or not finite.
    """

    words: tuple[AttendedWord, ...]
    fps: float = 20.0
    source: str = ""

    def __post_init__(self) -> None:
        if not self.words or not self.fps > 0:
            raise MotionError.of("attention", f"{len(self.words)} words at {self.fps:g} fps", "at least one word, a rate above 0")
        n = len(np.atleast_1d(self.words[0].window))
        for word in self.words:
            for name, array, shape in (("window", word.window, (n,)), ("shares", word.shares, (n, len(PART_JOINTS)))):
                where = f"attention of '{word.text}', {name}"
                if np.shape(array) != shape or not n:
                    raise MotionError.of(where, f"shape {np.shape(array)}", f"{shape}, of at least one frame")
                if not (np.isfinite(array).all() and np.min(array) >= 0 and np.max(array) <= 1 + 1e-6):
                    raise MotionError.of(where, "values that are not finite or not 0 to 1", "0 to 1")
            if word.gate is not None and not 0 <= word.gate <= 1 + 1e-6:
                raise MotionError.of(f"attention of '{word.text}', gate", f"{word.gate}", "0 to 1, or None")

    @property
    def n_frames(self) -> int:
        """T."""
        return len(self.words[0].window)

    @property
    def caption(self) -> str:
        """The words beside each other, signs without a blank before them."""
        return "".join(word.text if word.text in ".,!?;:" or not i else f" {word.text}" for i, word in enumerate(self.words))


def attention_data(attention: Attention, capsules: Sequence[tuple[int, int, float, float, int]], blob: bytearray) -> dict[str, Any]:
    """A human motion's attention as the player reads it; see `player.encoding.page_data`.

    `maps_at` is where in the packed bytes uint8 (W, 7, T) begin, as the steps from frame to frame, modulo 256: for each word first its
    window, then its shares. `limbs` is for each capsule the part it belongs to, `balls` are (part, point) of the marked joints.
    """
    parts = list(PART_JOINTS)
    at = len(blob)
    for word in attention.words:
        rows = np.concatenate([np.asarray(word.window)[None], np.asarray(word.shares).T])
        quanta = np.round(np.clip(rows, 0, 1) * 255).astype(np.uint8)
        blob.extend(np.diff(quanta, axis=1, prepend=np.uint8(0)).tobytes())
    part_of = {joint: i for i, (_, joints) in enumerate(PART_JOINTS.items()) for joint in joints}
    return {
        "source": attention.source,
        "fps": attention.fps,
        "frames": attention.n_frames,
        "parts": [part.replace("_", " ") for part in parts],
        "maps_at": at,
        "words": [{"text": w.text, "gate": w.gate, "motion": w.motion, "note": w.note} for w in attention.words],
        "limbs": [_part_of_limb(start, side, parts) for start, _, _, _, side in capsules],
        "trunk": parts.index("torso"),
        "balls": [[part_of[name], i] for i, name in enumerate(SMPL22_JOINTS)],
    }


def _part_of_limb(start: int, side: int, parts: Sequence[str]) -> int:
    """The part of a capsule by the point it begins at and its side: 0 middle, 1 left, 2 right. A line to a shoulder is the torso's."""
    if not side:
        return parts.index("torso")
    joint = SMPL22_JOINTS[start].split("_")[-1] if start < len(SMPL22_JOINTS) else "finger"
    return parts.index(f"{('left', 'right')[side - 1]}_{'leg' if joint in ('hip', 'knee', 'ankle', 'foot') else 'arm'}")


def spans_over(window: Array, fps: float, over: float = 0.5) -> list[tuple[float, float]]:
    """(start, end) in seconds of the stretches in which a window (T,) is above a value."""
    inside = np.concatenate([[False], np.asarray(window) > over, [False]])
    edges = np.flatnonzero(np.diff(inside.astype(int)))
    return [(float(a) / fps, float(b) / fps) for a, b in edges.reshape(-1, 2)]
