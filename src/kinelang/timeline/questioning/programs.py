"""Programs of questions, written as in BABEL-QA (Endo et al., "Motion question answering via modular motion programs", 2023).

A program is a list of lines: `[0]=scene(motion_seq)`, `[1]=filter_action([0], sit down)`, `[2]=relate([1], after)`,
`[3]=intersect([1, 2])` and last `?=query_action([2])`. To BABEL-QA's queries (action, direction, body_part) we add count, duration,
side, distance, angle and speed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from kinelang.errors import TimelineError
from kinelang.timeline.narrating.telling import worded_speed
from kinelang.timeline.schema import Stage, Timeline

_LINE = re.compile(r"(\[\d+\]|\?)\s*=\s*([a-z_]+)\((.*)\)")
_TOGETHER_S = 0.1
"""Stages that share more than this go on at the same time."""
_SPEED_WORDS = {0.4: "very slowly", 0.7: "slowly", 1.4: "quickly", 2.0: "very quickly"}

Node = tuple[frozenset[int], str]
"""Places of the stages that a line stands for, and the function that chose them."""


def action_of(stage: Stage) -> str | None:
    """What the person does: the verb in base form."""
    return stage.lexeme.base


def direction_of(stage: Stage) -> str | None:
    """Where the person goes, turns or looks: "forward", "backwards", "left", "forward left", ...; None where not told."""
    if stage.direction is None or stage.path in ("circle", "curve", "square"):
        return None
    return " ".join("backwards" if word == "backward" else word for word in stage.direction.split("_"))


def body_part_of(stage: Stage) -> str | None:
    """The body part that does it: "right arm", "both legs", "head", ...; None where it is not told or no single part does it."""
    word = stage.lexeme
    for limb, families in (("arm", ("arm", "hand", "sport")), ("leg", ("leg", "jump", "gait"))):
        if word.family in families and word.sides and word.family != "gait":
            return {"left": f"left {limb}", "right": f"right {limb}", None: None}.get(stage.side, f"both {limb}s")
    if word.family in ("head", "torso"):
        return word.family
    if word.family in ("arm", "hand"):
        return "both arms"
    return "both legs" if word.family in ("gait", "turn", "jump") and not any("arm" in part for part in word.parts) else None


def side_of(stage: Stage) -> str | None:
    """The side told of the stage; None where none is."""
    return stage.side


def count_of(stage: Stage) -> str | None:
    """The number of repetitions or steps."""
    return None if stage.count is None else str(stage.count)


def duration_of(stage: Stage) -> str | None:
    """Seconds, to a half."""
    seconds = max(0.5, round(2 * stage.duration_s) / 2)
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def distance_of(stage: Stage) -> str | None:
    """Metres, to a half."""
    if stage.amount is None or stage.lexeme.amount_unit != "m":
        return None
    metres = max(0.5, round(2 * stage.amount) / 2)
    return f"{metres:g} meter{'' if metres == 1 else 's'}"


def angle_of(stage: Stage) -> str | None:
    """Degrees, to fifteen."""
    return None if stage.amount is None or stage.lexeme.amount_unit != "deg" else f"{max(15, 15 * round(stage.amount / 15))} degrees"


def speed_of(stage: Stage) -> str | None:
    """ "slowly", "at the usual speed", "quickly", ..."""
    if stage.speed is None:
        return None
    speed = worded_speed(stage)
    return "at the usual speed" if speed is None else _SPEED_WORDS[speed]


Attribute = Callable[[Stage], "str | None"]
ATTRIBUTES: Mapping[str, Attribute] = MappingProxyType(
    {
        "action": action_of,
        "direction": direction_of,
        "body_part": body_part_of,
        "side": side_of,
        "count": count_of,
        "duration": duration_of,
        "distance": distance_of,
        "angle": angle_of,
        "speed": speed_of,
    }
)
"""What can be filtered by and queried."""


def untold(stages: Iterable[Stage], what: str) -> bool:
    """Whether one of the stages has a direction or body part, but does not tell it."""
    if what == "direction":
        return any(s.direction is None and s.lexeme.directions and s.lexeme.family in ("gait", "turn", "jump") for s in stages)
    return what == "body_part" and any(s.side is None and s.lexeme.sides and s.lexeme.family != "gait" for s in stages)


def answers(program: Sequence[str], timeline: Timeline) -> tuple[tuple[str, ...], frozenset[int]]:
    """Every answer that a program has, and the places of the stages that give them. None: no answer; several: it is ambiguous.

    Raises:
        TimelineError: a line that is no program.
    """
    nodes: dict[str, Node] = {}
    for line in program:
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise TimelineError.of("program", f"'{line}'", "lines such as '[1]=filter_action([0], walk)' or '?=query_action([1])'")
        name, function, inside = match.groups()
        if name == "?":
            return _query(function, inside, nodes, timeline)
        nodes[name.strip("[]")] = _node(function, inside, nodes, timeline)
    raise TimelineError.of("program", "no query", "a last line such as '?=query_action([1])'")


def answer(program: Sequence[str], timeline: Timeline) -> str:
    """The answer of a program on a timeline. Raises TimelineError where it has none or more than one."""
    found, _ = answers(program, timeline)
    if len(found) != 1:
        raise TimelineError.of("program", f"{len(found)} answers" + (f" ({', '.join(found)})" if found else ""), "one answer")
    return found[0]


def _node(function: str, inside: str, nodes: Mapping[str, Node], timeline: Timeline) -> Node:
    """What one line but the last stands for."""
    if function == "scene":
        return frozenset(range(len(timeline.stages))), "scene"
    if function == "intersect":
        sets = [_get(key, nodes)[0] for key in re.findall(r"\d+", inside)]
        return frozenset.intersection(*sets), "intersect"
    reference, _, argument = (part.strip() for part in inside.partition(","))
    places = _get(reference.strip("[]"), nodes)[0]
    if function == "relate":
        if argument not in ("before", "after"):
            raise TimelineError.of("program, relate", f"'{argument}'", "before or after")
        return _next_to(places, argument, timeline), "relate"
    what = function.removeprefix("filter_")
    if what not in ATTRIBUTES or what == function:
        raise TimelineError.of("program", f"'{function}'", f"scene, relate, intersect or filter_ with one of {', '.join(ATTRIBUTES)}")
    attribute = ATTRIBUTES[what]
    return frozenset(i for i in places if attribute(timeline.stages[i]) == argument), function


def _get(key: str, nodes: Mapping[str, Node]) -> Node:
    if key not in nodes:
        raise TimelineError.of("program", f"[{key}] before it is set", "lines in order")
    return nodes[key]


def _next_to(places: frozenset[int], relation: str, timeline: Timeline) -> frozenset[int]:
    """The stages right before or after; none where it is not one stage that they are to be next to.

    Right before is the stage that ends last of those that end before it begins, and those that go on at the same time as that one.
    """
    if len(places) != 1:
        return frozenset()
    here = timeline.stages[next(iter(places))]
    if relation == "before":
        near = [i for i, s in enumerate(timeline.stages) if s.end_s <= here.start_s + _TOGETHER_S and i not in places]
        first = max(near, key=lambda i: timeline.stages[i].end_s, default=None)
    else:
        near = [i for i, s in enumerate(timeline.stages) if s.start_s >= here.end_s - _TOGETHER_S and i not in places]
        first = min(near, key=lambda i: timeline.stages[i].start_s, default=None)
    if first is None:
        return frozenset()
    return frozenset(i for i in near if i == first or together(timeline.stages[i], timeline.stages[first]))


def together(a: Stage, b: Stage) -> bool:
    """Whether two stages go on at the same time."""
    return min(a.end_s, b.end_s) - max(a.start_s, b.start_s) > _TOGETHER_S


def _query(function: str, inside: str, nodes: Mapping[str, Node], timeline: Timeline) -> tuple[tuple[str, ...], frozenset[int]]:
    """The last line. A thing asked of what was filtered is asked of all that goes on while it does."""
    what = function.removeprefix("query_")
    if what not in ATTRIBUTES or what == function:
        raise TimelineError.of("program", f"'{function}'", f"query_ with one of {', '.join(ATTRIBUTES)}")
    places, chosen_by = _get(inside.strip().strip("[]"), nodes)
    if what in ("action", "direction", "body_part") and chosen_by.startswith("filter_"):
        places = _at_the_same_time(places, timeline)
        if chosen_by == f"filter_{what}":
            own = _get(inside.strip().strip("[]"), nodes)[0]
            places = places - own
    found = [(ATTRIBUTES[what](timeline.stages[i]), i) for i in sorted(places)]
    if what == "count":
        return _total(found)
    if untold((timeline.stages[i] for i in places), what):
        return (), frozenset()
    told = [(value, i) for value, i in found if value is not None]
    return tuple(dict.fromkeys(value for value, _ in told)), frozenset(i for _, i in told)


def _at_the_same_time(places: frozenset[int], timeline: Timeline) -> frozenset[int]:
    stages = timeline.stages
    return places | {i for i, s in enumerate(stages) if any(together(s, stages[j]) for j in places)}


def _total(found: Sequence[tuple[str | None, int]]) -> tuple[tuple[str, ...], frozenset[int]]:
    """Counts summed; no answer where one of them is not told."""
    counts = [int(value) for value, _ in found if value is not None]
    if not counts or len(counts) < len(found):
        return (), frozenset()
    return (str(sum(counts)),), frozenset(i for _, i in found)
