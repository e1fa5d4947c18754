"""`detect`: from a motion to a timeline, with a confidence and evidence for each stage."""

from __future__ import annotations

from kinelang.motion.motion import Motion
from kinelang.timeline.detecting import rules
from kinelang.timeline.detecting.assembly import without_overlaps
from kinelang.timeline.detecting.attributes import measured, seconds
from kinelang.timeline.detecting.body import FPS, Body
from kinelang.timeline.detecting.signals import signals_of
from kinelang.timeline.schema import Stage, Timeline


def detect(motion: Motion) -> Timeline:
    """Find what is done when, with which body part.

    Args:
        motion: on any human skeleton, at any frame rate, in any place and facing.

    Returns:
        A timeline at 20 fps whose stages have a confidence and evidence. The T-pose that a CMU BVH begins with is left out of account.

    Raises:
        SkeletonError: no human figure.
    """
    body = Body.of(motion)
    signals = signals_of(body)
    stages = []
    for f in without_overlaps((*rules.legs(signals), *rules.trunk(signals)), body.n_frames):
        fields = measured(f.verb, f.start, f.end, signals, f.side)
        stages.append(Stage(seconds(f.start), seconds(f.end), f.verb, confidence=f.confidence, **fields))
    return Timeline(
        tuple(stages), FPS, seconds(body.n_frames), name=motion.name, source=motion.source, notes=(*motion.notes, *body.notes)
    )


__all__ = ["detect"]
