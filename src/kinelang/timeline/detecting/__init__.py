"""`detect`: from a motion to a timeline, with a confidence and evidence for each stage."""

from __future__ import annotations

from dataclasses import replace

from kinelang.language.encoders.threads import one_blas_thread
from kinelang.motion.motion import Motion
from kinelang.timeline.detecting.activities import with_activities
from kinelang.timeline.detecting.assembly import without_overlaps
from kinelang.timeline.detecting.attributes import measured, seconds
from kinelang.timeline.detecting.body import FPS, Body
from kinelang.timeline.detecting.checks import certain, overlooked, plausible, resting
from kinelang.timeline.detecting.decoding import Candidate, candidates, emissions, side_of, stretches
from kinelang.timeline.detecting.evidence import evidence_of
from kinelang.timeline.detecting.gates import gated
from kinelang.timeline.detecting.network import Network, Seen, look, shipped
from kinelang.timeline.detecting.signals import Signals, signals_of
from kinelang.timeline.schema import Stage, Timeline


def detect(motion: Motion, *, network: Network | None = None) -> Timeline:
    """Find what is done when, with which body part.

    Args:
        motion: on any human skeleton, at any frame rate, in any place and facing.
        network: another than the one that comes with the package.

    Returns:
        A timeline at 20 fps whose stages have a confidence and evidence. The T-pose that a CMU BVH begins with is left out of account.

    Raises:
        SkeletonError: no human figure.
    """
    with one_blas_thread():  # its products are small: on more threads they take twice as long
        return _detected(motion, shipped() if network is None else network)


def _detected(motion: Motion, network: Network) -> Timeline:
    body = Body.of(motion)
    signals = signals_of(body)
    seen = look(network, signals.values)
    found = find(signals, seen, network)
    kept = without_overlaps(found, body.n_frames)
    stages = tuple(stage_of(c, signals, seen, network) for c in (*kept, *resting(kept, signals)))
    notes = (*motion.notes, *body.notes)
    return Timeline(stages, FPS, seconds(body.n_frames), name=motion.name, source=motion.source, notes=notes)


def find(signals: Signals, seen: Seen, network: Network) -> list[Candidate]:
    """Candidates of the network, and of the rules where it finds nothing for the legs."""
    emitted = gated(emissions(seen, network.vocabulary), signals, network.vocabulary)
    emitted = with_activities(emitted, seen, signals, network.vocabulary)
    found = candidates(stretches(seen, network.vocabulary, emitted), seen, network.vocabulary)
    found = [replace(c, side=side_of(c, seen)) for c in found]
    kept = certain(plausible(found, signals), signals)
    return kept + overlooked(kept, signals)


def stage_of(c: Candidate, signals: Signals, seen: Seen, network: Network) -> Stage:
    """The stage of a candidate."""
    fields = measured(c, signals, seen)
    evidence = evidence_of(c, signals)
    confidence = round(network.calibrated(c.score), 4)
    return Stage(seconds(c.start), seconds(c.end), c.verb, confidence=confidence, evidence=evidence, **fields)


__all__ = ["detect"]
