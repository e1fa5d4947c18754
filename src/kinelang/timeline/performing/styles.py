"""What a stage's style does to the body while it lasts, beside what the action itself does."""

from __future__ import annotations

from collections.abc import Mapping

from kinelang.timeline.performing.curves import drift
from kinelang.timeline.performing.score import Score
from kinelang.timeline.schema import Stage

STYLE_POSTURES: Mapping[str, Mapping[str, float]] = {
    "happy": {"trunk_flexion": -4, "head_flexion": -6},
    "sad": {"trunk_flexion": 12, "head_flexion": 22, "shrug_left": -4, "shrug_right": -4},
    "angry": {"trunk_flexion": 7, "head_flexion": 6, "shrug_left": 6, "shrug_right": 6},
    "tired": {"trunk_flexion": 14, "head_flexion": 14, "shrug_left": -5, "shrug_right": -5},
    "proud": {"trunk_flexion": -9, "head_flexion": -8, "shrug_left": 3, "shrug_right": 3},
    "old": {"trunk_flexion": 24, "head_flexion": -4, "pelvis_tilt": 6},
    "drunk": {"trunk_flexion": 5, "head_flexion": 8},
    "scared": {"trunk_flexion": 10, "head_flexion": 4, "shrug_left": 10, "shrug_right": 10},
    "careful": {"trunk_flexion": 6, "head_flexion": 12},
    "energetic": {"trunk_flexion": 2, "head_flexion": -4},
    "relaxed": {"trunk_flexion": -2},
    "childish": {"trunk_flexion": -2, "head_flexion": -3},
    "robotic": {"trunk_flexion": -4, "head_flexion": -4},
    "injured": {"trunk_flexion": 12, "trunk_bend": 5},
}
"""Degrees added to the posture."""

STYLE_GAIT: Mapping[str, tuple[float, float]] = {
    "happy": (1.08, 1.35),
    "sad": (0.82, 0.5),
    "angry": (1.15, 1.1),
    "tired": (0.8, 0.6),
    "proud": (1.05, 1.2),
    "old": (0.65, 0.4),
    "drunk": (0.85, 0.8),
    "scared": (0.8, 0.4),
    "careful": (0.75, 0.5),
    "energetic": (1.15, 1.5),
    "relaxed": (0.95, 1.0),
    "childish": (1.0, 1.6),
    "robotic": (0.9, 0.5),
    "injured": (0.7, 0.6),
}
"""Step length and arm swing, relative to the ordinary."""


def with_style(score: Score, stage: Stage) -> None:
    """Add the posture of the stage's style while it lasts; a drunk one sways."""
    assert stage.style is not None
    weight = score.window(stage, 0.4, 0.4)
    for channel, degrees in STYLE_POSTURES[stage.style].items():
        score.add(channel, weight * degrees)
    if stage.style == "drunk":
        for channel, size in (("trunk_bend", 6.0), ("trunk_flexion", 5.0), ("head_bend", 5.0)):
            score.add(channel, weight * drift(score.times_s, score.rng, size, 0.3, 0.8))
        score.add("shift_left", weight * drift(score.times_s, score.rng, 0.04, 0.25, 0.7))


def gait_factors(stage: Stage) -> tuple[float, float]:
    """(step length, arm swing) of the stage's style, relative to the ordinary."""
    return STYLE_GAIT.get(stage.style or "", (1.0, 1.0))
