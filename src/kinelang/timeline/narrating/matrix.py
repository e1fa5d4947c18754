"""The description matrix of FineMoGen: for every slice of time one sentence for all and one for each of seven body parts.

The form is that of HuMMan-MoGen (Zhang et al., FineMoGen, NeurIPS 2023): head, torso, left arm, right arm, left leg, right leg and the
trajectory of the pelvis. The words are our own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from kinelang.language.lexicon import PARTS
from kinelang.timeline.narrating.part_phrases import PART_PHRASES, POSTURES, REST
from kinelang.timeline.narrating.phrases import phrase
from kinelang.timeline.narrating.slots import direction, path, target
from kinelang.timeline.narrating.telling import worded_amount, worded_speed
from kinelang.timeline.narrating.voice import Voice
from kinelang.timeline.schema import Stage, Timeline

COLUMNS = ("overall", "head", "torso", "left_arm", "right_arm", "left_leg", "right_leg", "trajectory")
SHORTEST_S = 0.25
"""A gap shorter than this belongs to the slice before it."""
_WHO = Voice("the person", "their", "they", "them")
_GOING = frozenset({"gait", "turn", "jump", "dance", "leg"})


@dataclass(frozen=True)
class MatrixRow:
    """One slice of time.

    Attributes:
        start_s, end_s: seconds.
        cells: (column, sentence) for every one of `COLUMNS`, in their order.
        stages: places in the timeline of the stages that go on in it.
    """

    start_s: float
    end_s: float
    cells: tuple[tuple[str, str], ...]
    stages: tuple[int, ...]

    def __getitem__(self, column: str) -> str:
        return dict(self.cells)[column]


def description_matrix(timeline: Timeline) -> tuple[MatrixRow, ...]:
    """The rows of a timeline's description matrix: they cover it from 0 to its end, cut where a stage begins or ends.

    A stage's own `texts` stand in place of the sentence made for that part; where two stages use one part in one slice (arms that swing
    in walking, and wave) the one whose part it is speaks.
    """
    rows = []
    for start_s, end_s, active in _slices(timeline):
        stages = [(timeline.stages[i], _whole(timeline.stages[i], start_s, end_s)) for i in active]
        posture = _posture_at(timeline, start_s, active)
        cells = [("overall", _overall(stages, posture))]
        cells += [
            ("trajectory" if p == "root" else p, _part_sentence(p, [s for s, _ in stages], posture)) for p in (*PARTS[1:], "root")
        ]
        order = {column: i for i, column in enumerate(COLUMNS)}
        rows.append(MatrixRow(start_s, end_s, tuple(sorted(cells, key=lambda cell: order[cell[0]])), active))
    return tuple(rows)


def _slices(timeline: Timeline) -> list[tuple[float, float, tuple[int, ...]]]:
    """(Start, end, places of the stages going on) of every slice; very short gaps and equal neighbours are joined."""
    cuts = sorted({0.0, timeline.duration_s, *(t for s in timeline.stages for t in (s.start_s, s.end_s))})
    out: list[tuple[float, float, tuple[int, ...]]] = []
    for start, end in pairwise(cuts):
        middle = 0.5 * (start + end)
        active = tuple(i for i, s in enumerate(timeline.stages) if s.start_s <= middle < s.end_s)
        if out and (active == out[-1][2] or (not active and end - start < SHORTEST_S)):
            out[-1] = (out[-1][0], end, out[-1][2])
        elif out and not out[-1][2] and out[-1][1] - out[-1][0] < SHORTEST_S:
            out[-1] = (out[-1][0], end, active)
        else:
            out.append((start, end, active))
    return out


def _whole(stage: Stage, start_s: float, end_s: float) -> bool:
    """Whether a stage lies in the slice as a whole, so that its number and size may be told."""
    return stage.start_s >= start_s - 1e-6 and stage.end_s <= end_s + 1e-6


def _posture_at(timeline: Timeline, start_s: float, active: tuple[int, ...]) -> str:
    """The posture in which the slice finds the body: that of the last stage before it that took one."""
    posture = "standing"
    for i, stage in enumerate(timeline.stages):
        if stage.start_s < start_s - 1e-6 and i not in active:
            posture = POSTURES.get(stage.verb) or ("standing" if stage.lexeme.family in _GOING else posture)
    return posture


def _overall(stages: list[tuple[Stage, bool]], posture: str) -> str:
    """One sentence for the slice."""
    if not stages:
        return {"standing": "the person stands still"}.get(posture, f"the person stays {posture}")
    stages = sorted(stages, key=lambda entry: entry[0].lexeme.family not in ("gait", "turn", "jump", "posture", "dance"))
    said = [phrase(_tellable(stage, whole), Random(0), plain=True) for stage, whole in stages]
    text = f"the person {_WHO.say(said[0])}"
    return f"{text} while {' and '.join(_WHO.say(other, 'ing') for other in said[1:])}" if said[1:] else text


def _tellable(stage: Stage, whole: bool) -> Stage:
    """The stage with the values of words; a part of a stage without its number and size."""
    amount = worded_amount(stage) if whole else None
    return stage.with_(amount=amount, speed=worded_speed(stage), count=stage.count if whole else None)


def _part_sentence(part: str, stages: list[Stage], posture: str) -> str:
    """What one part does in the slice."""
    own = [dict(stage.texts)[part] for stage in stages if part in dict(stage.texts)]
    if own:
        return own[0]
    noun = "the body" if part == "root" else f"the {part.replace('_', ' ')}"
    using = [stage for stage in stages if part in stage.parts]
    words = next((words for stage in using or stages if (words := _words_for(part, stage))), "")
    if not words and using:
        words = _own_words(part, using[0])
    return f"{noun} {words or REST[posture][part.rpartition('_')[2]]}"


def _own_words(part: str, stage: Stage) -> str:
    """The verb's own phrase of a limb that does it; of another part, that it moves along."""
    bare = stage.with_(amount=None, count=None, side=None, speed=None, style=None)
    words = _WHO.say(phrase(bare, Random(0), plain=True))
    limb = part.endswith("_arm") and stage.lexeme.family in ("arm", "hand") and "their" not in words
    return words if limb else f"moves as the person {words}"


def _words_for(part: str, stage: Stage) -> str:
    """The table's phrase for a part in a stage, slots filled; "" where it has none."""
    table = PART_PHRASES.get(stage.verb, {})
    limb = part.rpartition("_")[2]
    keys = [limb]
    if limb in ("arm", "leg"):
        named = _named_limbs(stage)
        keys = [limb if part.partition("_")[0] in named else f"other_{limb}", f"{limb}s"]
    words = next((table[key] for key in keys if key in table), "")
    return _filled(words, stage)


def _named_limbs(stage: Stage) -> tuple[str, ...]:
    """The sides that the stage names; the right where it tells none but needs one."""
    return ("left", "right") if stage.side in ("both", "alternating") else (stage.side or "right",)


def _filled(words: str, stage: Stage) -> str:
    """The phrase with direction and target said."""
    rng = Random(0)
    way = " ".join(w for w in (direction(stage, rng, True), path(stage, rng, True)) if w)
    words = words.replace("{dir}", way)
    words = re.sub(r"\{obj(?::([^}]*))?\}", lambda m: _with_preposition(stage, target(stage, m[1] or "")), words)
    return re.sub(r"\s+(?=,|$)|(?<=\s)\s+", "", words.replace("{his}", "their").replace("{him}", "the body"))


def _with_preposition(stage: Stage, words: str) -> str:
    return f"onto {words}" if words and stage.verb == "sit" else words
