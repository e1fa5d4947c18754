"""Timelines as BABEL annotates motion (Punnakkal et al., CVPR 2021): labels over time, each with the categories of its action."""

from __future__ import annotations

from random import Random
from typing import Any

from kinelang.timeline.narrating.phrases import phrase
from kinelang.timeline.narrating.voice import LABEL
from kinelang.timeline.schema import Stage, Timeline

TRANSITION_S = 0.1
"""A gap at least this long is labelled."""
STANDING_S = 1.0
"""A gap at least this long is standing, a shorter one a transition."""
_WAYS = {"forward": "forward movement", "backward": "backwards movement", "left": "sideways movement", "right": "sideways movement"}


def babel_labels(timeline: Timeline) -> list[dict[str, Any]]:
    """BABEL's frame labels: `start_t`, `end_t` (seconds), `raw_label`, `proc_label`, `act_cat`, in order of time.

    Gaps are "transition", and "stand" where they last a second or more.
    """
    rows = [_row(stage.start_s, stage.end_s, _words(stage), _short(stage), categories(stage)) for stage in timeline.stages]
    now = 0.0
    for start, end in [(s.start_s, s.end_s) for s in timeline.stages] + [(timeline.duration_s, timeline.duration_s)]:
        if start - now >= TRANSITION_S:
            name = "stand" if start - now >= STANDING_S else "transition"
            rows.append(_row(now, start, name, name, [name]))
        now = max(now, end)
    return sorted(rows, key=lambda row: (row["start_t"], row["end_t"]))


def babel_annotation(timeline: Timeline) -> dict[str, Any]:
    """The timeline as one entry of BABEL's JSON: `dur`, `seq_ann` with the labels of the whole, `frame_ann` with those over time."""
    frames = babel_labels(timeline)
    named = {row["proc_label"]: row for row in frames if row["proc_label"] != "transition"}
    whole = [{key: row[key] for key in ("raw_label", "proc_label", "act_cat")} for row in named.values()]
    return {
        "babel_sid": timeline.name,
        "dur": timeline.duration_s,
        "seq_ann": {"mul_act": len(whole) > 1, "labels": whole},
        "frame_ann": {"mul_act": len(whole) > 1, "labels": frames},
    }


def categories(stage: Stage) -> list[str]:
    """BABEL's action categories of a stage: that of the verb, and for gaits that of the way."""
    found = [stage.lexeme.babel] if stage.lexeme.babel else []
    if stage.lexeme.family == "gait" and stage.direction is not None and stage.path not in ("circle", "curve", "square"):
        found += [name for way, name in _WAYS.items() if way in stage.direction.split("_")]
    if stage.path == "circle":
        found.append("circular movement")
    return list(dict.fromkeys(found))


def _row(start: float, end: float, raw: str, proc: str, act_cat: list[str]) -> dict[str, Any]:
    return {"start_t": start, "end_t": end, "raw_label": raw, "proc_label": proc, "act_cat": act_cat}


def _words(stage: Stage) -> str:
    return LABEL.say(phrase(stage.with_(amount=None, speed=None, style=None), Random(0), plain=True))


def _short(stage: Stage) -> str:
    """The label without number and target."""
    return LABEL.say(
        phrase(stage.with_(amount=None, speed=None, style=None, count=None, target=None, path=None), Random(0), plain=True)
    )
