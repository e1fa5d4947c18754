"""How head and hands are turned, which the places of joints do not say: no joint lies beyond the head and the wrists.

The model makes places. Where a draft was performed, or a piece of an earlier motion is kept, head and hands are turned as they are
there: the head beside the chest, for a neck turns about itself unseen, the hands beside the forearms. Elsewhere they go on straight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kinelang.corpora.base import FPS
from kinelang.generating.kept import Kept
from kinelang.motion.arrays import Array, BoolArray
from kinelang.motion.kinematics import forward_kinematics
from kinelang.motion.motion import Motion
from kinelang.motion.ops import resample
from kinelang.motion.rotations import quat_conjugate, quat_continuous, quat_multiply, quat_slerp
from kinelang.motion.skeletons import SMPL22

ENDS = {"head": (15, 9), "left_arm": (20, 18), "right_arm": (21, 19)}
"""By body part the joint at its end, and the one beside which it is turned."""
FADE_FRAMES = 2.0
"""Deviation of the Gaussian over where turns begin and end to be known."""


@dataclass(eq=False)
class Extremities:
    """What is known of head and hands.

    Attributes:
        turns: (T, 3, 4) rotations of `ENDS` beside their bases.
        known: (T, 3) where they are known.
    """

    turns: Array
    known: BoolArray

    @classmethod
    def nothing(cls, frames: int) -> Extremities:
        """Nothing is known."""
        turns = np.zeros((frames, len(ENDS), 4))
        turns[..., 0] = 1
        return cls(turns, np.zeros((frames, len(ENDS)), bool))

    def put(self, motion: Motion, spoken: dict[str, BoolArray]) -> None:
        """Turn as a motion on SMPL-22 with rotations does, frame by frame; for each part where it is spoken of, (T,)."""
        turns = _turns(motion)[: len(self.turns)]
        for i, part in enumerate(ENDS):
            there = spoken[part][: len(turns)]
            self.turns[: len(turns)][there, i] = turns[there, i]
            self.known[: len(turns), i] |= there

    def keep(self, earlier: Motion, kept: Sequence[Kept]) -> None:
        """Turn as in the pieces of an earlier motion that are kept; straight, where it has no rotations."""
        turns = _turns_of_any(earlier)
        for piece in kept:
            first, last, at = round(piece.start_s * FPS), round(piece.end_s * FPS), round(piece.at_s * FPS)
            for i, part in enumerate(ENDS):
                if part in piece.parts:
                    self.known[at : at + last - first, i] = turns is not None
                    if turns is not None:
                        own = turns[first:last, i][: max(len(self.turns) - at, 0)]
                        self.turns[at : at + len(own), i] = own
                        self.known[at + len(own) : at + last - first, i] = False

    def on(self, motion: Motion) -> Motion:
        """A motion on SMPL-22 with rotations, of T frames, its head and hands turned so; no joint moves."""
        if not self.known.any():
            return motion
        from scipy.ndimage import gaussian_filter1d

        world, rotations = _world(motion), np.asarray(motion.rotations, dtype=np.float64).copy()
        share = gaussian_filter1d(self.known.astype(np.float64), FADE_FRAMES, axis=0, mode="nearest")
        for i, (end, base) in enumerate(ENDS.values()):
            if not self.known[:, i].any():
                continue
            turned = quat_multiply(world[:, base], self.turns[_nearest(self.known[:, i]), i])
            local = quat_multiply(quat_conjugate(world[:, SMPL22.parents[end]]), turned)
            rotations[:, end] = quat_slerp(rotations[:, end], local, share[:, i])
        return motion.with_(rotations=quat_continuous(rotations))


def _nearest(known: BoolArray) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """For each frame the nearest that is known."""
    there = np.flatnonzero(known)
    after = there[np.minimum(np.searchsorted(there, np.arange(len(known))), len(there) - 1)]
    before = there[np.maximum(np.searchsorted(there, np.arange(len(known)), side="right") - 1, 0)]
    frames = np.arange(len(known))
    return np.where(np.abs(after - frames) < np.abs(frames - before), after, before)


def _world(motion: Motion) -> Array:
    assert motion.rotations is not None
    assert motion.root is not None
    rotations, root = motion.rotations.astype(np.float64), motion.root.astype(np.float64)
    return forward_kinematics(rotations, root, motion.skeleton.offsets.astype(np.float64), SMPL22.parents)[1]


def _turns(motion: Motion) -> Array:
    """(T, 3, 4) of a motion on SMPL-22 with rotations."""
    world = _world(motion)
    ends, bases = (list(joints) for joints in zip(*ENDS.values(), strict=True))
    return quat_multiply(quat_conjugate(world[:, bases]), world[:, ends])


def _turns_of_any(motion: Motion) -> Array | None:
    """The same at 20 frames a second; None where the motion does not say."""
    if motion.rotations is None or not motion.skeleton.same_tree(SMPL22):
        return None
    return _turns(motion if abs(motion.fps - FPS) < 1e-6 else resample(motion, FPS))
