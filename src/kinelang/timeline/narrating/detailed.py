"""Every field of every stage in words and figures, so that reading the text gives the stages back as they were."""

from __future__ import annotations

from random import Random

from kinelang.timeline.narrating.phrases import phrase
from kinelang.timeline.narrating.voice import Voice
from kinelang.timeline.schema import Stage, Timeline

_WHO = Voice("the person", "their", "they", "them", "third")


def detailed(timeline: Timeline) -> str:
    """One sentence a stage: "From 0.00 to 2.40 s the person walks forward in a circle, 6 steps, at 0.8 times the usual speed."."""
    said = [_sentence(stage) for stage in timeline.stages]
    return " ".join(said) or f"From 0.00 to {figure(timeline.duration_s)} s the person stands still."


def _sentence(stage: Stage) -> str:
    bare = stage.with_(amount=None, count=None, speed=None)
    words = _WHO.say(phrase(bare, Random(0), plain=True))
    return f"From {figure(stage.start_s)} to {figure(stage.end_s)} s the person {', '.join([words, *_figures(stage)])}."


def _figures(stage: Stage) -> list[str]:
    """What is told in figures."""
    out = []
    if stage.count is not None:
        unit = "step" if stage.lexeme.counted == "steps" else "time"
        out.append(f"{stage.count} {unit}{'' if stage.count == 1 else 's'}")
    if stage.amount is not None:
        unit = {"m": "meters", "deg": "degrees", "ratio": "times the usual size"}[stage.lexeme.amount_unit]
        out.append(f"{'at ' if unit.startswith('times') else ''}{stage.amount!r} {unit}")
    if stage.speed is not None:
        out.append(f"at {stage.speed!r} times the usual speed")
    return out


def figure(value: float) -> str:
    """Two decimals, or as many as give the number back."""
    return f"{value:.2f}" if round(value, 2) == value else repr(value)
