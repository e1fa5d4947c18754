"""Making music: guitar, violin, piano, drums. Places are (outward, up, forward) in arm lengths from the shoulder."""

from __future__ import annotations

import numpy as np

from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.handwork import bout, centred, lead, other
from kinelang.timeline.performing.curves import drift, through
from kinelang.timeline.performing.going import SIGN
from kinelang.timeline.performing.score import Score
from kinelang.timeline.schema import Stage


def _play_guitar(score: Score, stage: Stage) -> None:
    """One hand out at the neck, sliding along it now and then; the other strums up and down before the belly."""
    rng, t = score.rng, score.times_s
    strumming = "left" if rng.random() < 0.1 else "right"
    done = bout(score, stage, 0.42, 0.6, 0.6)
    strum = np.sin(2 * np.pi * done.phase) * (1 + drift(t, rng, 0.15, 0.3, 1.0))
    low = rng.uniform(-0.62, -0.5)
    belly = centred(strumming, 0.06 * SIGN[strumming], low + 0.13 * strum, 0.36 + 0.02 * strum)
    lead(score, strumming, done.weight, belly, 22.0)
    neck = other(strumming)
    slide = drift(t, rng, 0.06, 0.15, 0.6)
    place = np.stack([0.42 + slide, -0.42 + 0.4 * slide, 0.55 - 0.3 * slide], axis=1)
    lead(score, neck, done.weight, place, -10.0)
    nod = np.sin(np.pi * done.phase)
    score.add("head_flexion", (9 + 3 * nod) * done.weight)
    score.add("head_turn", SIGN[neck] * 12 * done.weight)
    score.add("trunk_flexion", 3 * done.weight)
    score.add("trunk_bend", SIGN[neck] * 1.5 * nod * done.weight)


def _play_violin(score: Score, stage: Stage) -> None:
    """The left hand holds the neck out at shoulder height under the chin; the right bows across."""
    rng, t = score.rng, score.times_s
    done = bout(score, stage, 1.3, 0.7, 0.7, uneven=0.15)
    sway = drift(t, rng, 1.0, 0.15, 0.4)
    lead(score, "left", done.weight, np.stack([0.12 + 0.015 * sway, -0.02 + 0 * t, 0.66 + 0.01 * sway], axis=1), -8.0)
    bow = 0.5 - 0.5 * np.cos(2 * np.pi * done.phase)  # 0 at the frog, 1 at the tip
    tip, frog = np.array([0.2, -0.42, 0.62]), np.array([-0.34, 0.02, 0.44])
    place = frog + bow[:, None] * (tip - frog)
    lead(score, "right", done.weight, place, 48 - 30 * bow)
    score.add("head_turn", 26 * done.weight)
    score.add("head_bend", 13 * done.weight)
    score.add("head_flexion", 12 * done.weight)
    score.add("trunk_turn", 2 * sway * done.weight)
    score.add("trunk_bend", 1.2 * sway * done.weight)


def _play_piano(score: Score, stage: Stage) -> None:
    """Both hands before the belly on the keys, pressing in turn, wandering sideways."""
    rng, t = score.rng, score.times_s
    done = bout(score, stage, 0.55, 0.6, 0.6, uneven=0.12)
    level, far = rng.uniform(-0.56, -0.48), rng.uniform(0.58, 0.66)
    for side in ("left", "right"):
        wander = drift(t, rng, 0.1, 0.1, 0.5)
        press = np.clip(np.sin(2 * np.pi * done.phase + (np.pi if side == "left" else 0)), 0, 1) ** 2
        place = np.stack([-0.08 + wander, level + 0.1 * press, far - 0.4 * np.abs(wander)], axis=1)
        lead(score, side, done.weight, place, 14.0, frame="upright")
    sway = drift(t, rng, 1.0, 0.2, 0.6)
    score.add("head_flexion", (15 + 2 * sway) * done.weight)
    score.add("trunk_flexion", (7 + 1.5 * sway) * done.weight)


def _play_drums(score: Score, stage: Stage) -> None:
    """The hands beat in turn on something at waist height."""
    rng = score.rng
    done = bout(score, stage, 0.5, 0.45, 0.45, uneven=0.04)
    high, size = rng.uniform(-0.6, -0.5), rng.uniform(0.28, 0.4)
    for side in ("left", "right"):
        share = (done.phase + (0.5 if side == "left" else 0.0)) % 1.0
        up = through(share, [(0.0, 0.0), (0.6, 1.0), (0.72, 1.0), (1.0, 0.0)])
        place = np.stack([-0.06 + 0.1 * up, high + size * up, 0.62 - 0.06 * up], axis=1)
        lead(score, side, done.weight, place, 10.0)
    beat = np.cos(4 * np.pi * done.phase)
    score.add("head_flexion", (8 + 3 * beat) * done.weight)
    score.add("trunk_flexion", (4 + 1.0 * beat) * done.weight)


_SEATED = ("standing", "sitting")

INSTRUMENTS = (
    Action("play_guitar", _play_guitar, seconds=(2.5, 8.0), after="", before=_SEATED, cues=("one wrist strumming at the belly",)),
    Action(
        "play_violin", _play_violin, seconds=(2.5, 8.0), after="", before=_SEATED, cues=("one wrist at the chin", "one wrist bowing")
    ),
    Action("play_piano", _play_piano, seconds=(2.5, 8.0), after="", before=_SEATED, cues=("both wrists level at the waist",)),
    Action("play_drums", _play_drums, seconds=(2.0, 7.0), after="", before=_SEATED, cues=("both wrists beating in turn",)),
)
"""Instruments."""
