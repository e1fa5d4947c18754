"""Plausible timelines drawn by a seed: what people do in captioned motion, as often, in an order that a body can follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from kinelang.errors import TimelineError
from kinelang.timeline.schema import Stage, Timeline

if TYPE_CHECKING:
    from kinelang.timeline.actions import Action

WEIGHTS: Mapping[str, float] = MappingProxyType(
    dict.fromkeys(("jumping_jack", "circle_arms", "balance"), 22.0)
    | dict.fromkeys(("swing_arms", "swing", "extend_arm", "stretch", "push", "sway", "hop", "look_around"), 25.0)
    | dict.fromkeys(("touch", "catch", "punch", "spin", "crouch", "shuffle", "gesture", "wipe", "drink", "scratch", "bow"), 16.0)
    | dict.fromkeys(("phone", "shrug", "nod", "eat", "write", "salute", "stomp", "beckon", "march", "tiptoe", "dig"), 4.0)
    | {
        "walk": 480.0, "turn": 190.0, "step": 110.0, "stand": 60.0, "jump": 85.0, "run": 60.0, "jog": 42.0, "raise_arm": 70.0,
        "lower_arm": 35.0, "sit": 55.0, "stand_up": 55.0, "pick_up": 60.0, "put_down": 40.0, "wave": 58.0, "kick": 48.0, "throw": 48.0,
        "raise_leg": 30.0, "bend": 45.0, "reach": 32.0, "look": 34.0, "lean": 28.0, "dance": 28.0, "squat": 26.0, "clap": 24.0,
        "cross_arms": 20.0, "stumble": 24.0, "crawl": 20.0, "kneel": 12.0, "lie": 6.0, "sidestep": 14.0,
    }
)  # fmt: skip
"""How often a verb comes: about a twentieth of its count in 28,495 human captions; where its words have other meanings too, by hand."""
OTHER_WEIGHT = 8.0

STAGES = (0.28, 0.3, 0.22, 0.13, 0.07)
"""Share of timelines with 1, 2, ... stages one after the other."""
OVERLAP = 0.22
"""How often something else is done at the same time, where arms or head are free."""
GIVEN: Mapping[str, float] = MappingProxyType(
    {"side": 0.85, "gait side": 0.2, "direction": 0.85, "times": 0.75, "steps": 0.45, "m": 0.25, "deg": 0.8, "ratio": 0.3, "speed": 0.3}
    | {"gait style": 0.12, "style": 0.04, "path": 0.15, "target": 0.6}
)
"""How often a field is given."""

TURNS = MappingProxyType({45.0: 0.12, 90.0: 0.36, 135.0: 0.08, 180.0: 0.4, 270.0: 0.02, 360.0: 0.02})
_DIRECTION_WEIGHTS = MappingProxyType({"forward": 20.0, "backward": 4.0, "left": 4.0, "right": 4.0, "up": 5.0, "down": 4.0})
_PATH_WEIGHTS = MappingProxyType({"straight": 3.0, "circle": 5.0, "curve": 3.0, "zigzag": 0.7, "square": 0.5, "s_shape": 0.7})
TARGETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sit": ("chair", "chair", "stool", "floor"),
        "pick_up": ("box", "ball", "object", "bottle", "book", "cup"),
        "put_down": ("box", "ball", "object", "bottle", "book", "cup"),
        "throw": ("ball", "ball", "object", "frisbee"),
        "catch": ("ball", "object"),
        "kick": ("ball",),
        "carry": ("box", "tray", "bag"),
        "push": ("box", "table", "door"),
        "pull": ("rope", "cart"),
        "scratch": ("head", "head", "nose", "chin"),
        "touch": ("head", "face", "wall", "shoulder"),
        "open": ("door", "box", "drawer"),
        "close": ("door", "box", "drawer"),
        "wipe": ("table", "window", "wall"),
        "drink": ("water", "bottle"),
        "eat": ("apple", "food"),
        "reach": ("shelf", "object"),
        "stir": ("pot", "bowl"),
        "pour": ("water",),
        "knock": ("table", "wall", "window"),
        "lift_weight": ("barbell",),
        "dribble": ("ball", "basketball"),
        "swing": ("bat", "golf club", "racket"),
        "write": ("wall", "board"),
        "punch": ("bag",),
    }
)
"""Targets by verb; a verb that is not here is told without one."""
_AFTER: Mapping[str, tuple[str, ...]] = MappingProxyType({"lower_arm": ("raise_arm", "extend_arm"), "put_down": ("pick_up", "carry")})
"""What a verb must follow, with the same side."""
_GRID_S = 0.05


def random_timeline(
    seed: int | np.random.Generator,
    *,
    n_stages: int | None = None,
    duration: tuple[float, float] = (2.0, 10.0),
    verbs: Iterable[str] | None = None,
    actions: Mapping[str, Action] | None = None,
    overlap: float = OVERLAP,
) -> Timeline:
    """A plausible timeline.

    Args:
        seed: number, or a generator to draw from.
        n_stages: stages one after the other (others may overlap them); by default 1 to 5, as many as fit.
        duration: (least, most) seconds. A timeline is shorter than the least where few short actions were drawn, and longer than the
            most only where `n_stages` do not fit into it.
        verbs: verbs to draw from; by default all of `actions`.
        actions: actions to draw from; by default `kinelang.timeline.actions.ACTIONS`.
        overlap: share of stages beside which something is done at the same time, where a body part is free.

    Returns:
        Timeline on a grid of 0.05 s, starting from standing: nobody stands up who has not sat, knelt or lain down.

    Raises:
        TimelineError: a verb without an action, or none that can start from standing.
    """
    rng = seed if isinstance(seed, np.random.Generator) else np.random.default_rng(seed)
    table = _table(actions, verbs)
    longest = float(rng.uniform(*duration))
    wanted = n_stages or 1 + int(rng.choice(len(STAGES), p=STAGES))
    stages: list[Stage] = []
    posture, now = "standing", _grid(rng.uniform(0, 0.4))
    while len([s for s in stages if not _is_beside(s, stages)]) < wanted:
        stage = _next_stage(rng, table, posture, now, stages, None if n_stages else longest)
        if stage is None:
            break
        stages.append(stage)
        beside = _stage_beside(rng, table, posture, stage) if rng.random() < overlap else None
        stages += [beside] if beside is not None else []
        posture = table[stage.verb].after or posture
        now = _grid(stage.end_s + (rng.uniform(0.05, 0.4) if rng.random() < 0.5 else 0))
    end = _grid(max(stage.end_s for stage in stages) + rng.uniform(0, 0.5))
    return Timeline(tuple(stages), duration_s=end)


def combination(timeline: Timeline) -> frozenset[tuple[str, str, str]]:
    """Which (verb, side, direction) a timeline is made of: timelines with equal keys belong into one split."""
    return frozenset((s.verb, s.side or "", s.direction or "") for s in timeline.stages)


def _table(actions: Mapping[str, Action] | None, verbs: Iterable[str] | None) -> dict[str, Action]:
    """The actions to draw from."""
    if actions is None:
        from kinelang.timeline.actions import ACTIONS

        actions = ACTIONS
    wanted = list(actions if verbs is None else verbs)
    for verb in wanted:
        if verb not in actions:
            raise TimelineError.of("verbs", f"'{verb}'", f"verbs that can be performed: {', '.join(sorted(actions))}")
    table = {verb: actions[verb] for verb in wanted}
    if not any("standing" in action.before and verb not in _AFTER for verb, action in table.items()):
        raise TimelineError.of("verbs", ", ".join(wanted) or "none", "at least one that can start from standing")
    return table


def _is_beside(stage: Stage, stages: Sequence[Stage]) -> bool:
    """Whether a stage is done beside an earlier one of the list."""
    return any(other is not stage and other.start_s <= stage.start_s and stage.end_s <= other.end_s for other in stages)


def _next_stage(
    rng: np.random.Generator, table: Mapping[str, Action], posture: str, now: float, stages: Sequence[Stage], longest: float | None
) -> Stage | None:
    """A stage that can follow; None where none was found that ends in time (the first may always be taken)."""
    possible = [verb for verb in table if _can_follow(table[verb], posture, stages)]
    if not possible:
        return None
    weights = np.array([_weight(verb, posture, stages) for verb in possible])
    for _ in range(6):
        verb = possible[int(rng.choice(len(possible), p=weights / weights.sum()))]
        stage = random_stage(rng, table[verb], now, _side_before(verb, stages))
        if longest is None or stage.end_s <= longest:
            return stage
    return None if stages else stage


def _can_follow(action: Action, posture: str, stages: Sequence[Stage]) -> bool:
    """Whether the posture and what was done last allow the action."""
    last = stages[-1] if stages else None
    if posture not in action.before or (action.verb == "stand_up" and posture == "standing"):
        return False
    if action.verb in _AFTER and (last is None or last.verb not in _AFTER[action.verb]):
        return False
    return last is None or last.verb != action.verb or action.verb not in ("stand", "turn", "sit", "kneel", "lie", "stand_up")


def _weight(verb: str, posture: str, stages: Sequence[Stage]) -> float:
    """How readily this verb is taken next."""
    weight = WEIGHTS.get(verb, OTHER_WEIGHT)
    if verb in _AFTER or (verb == "stand_up" and posture != "standing"):
        weight *= 12
    if stages and stages[-1].verb == verb:
        weight *= 0.2
    return weight


def _side_before(verb: str, stages: Sequence[Stage]) -> str | None:
    """The side that a verb of `_AFTER` takes over from what it follows."""
    return stages[-1].side if verb in _AFTER and stages else None


def random_stage(rng: np.random.Generator, action: Action, start: float, side: str | None = None, room: float | None = None) -> Stage:
    """A stage of the action with fields as plausible, some of them not given.

    Args:
        rng: what to draw from.
        action: what is done.
        start: when it begins, in seconds.
        side: side to take where the verb can; drawn where None.
        room: most seconds that it may last.
    """
    word = action.lexeme
    fields: dict[str, Any] = {}
    speed = float(np.clip(round(rng.lognormal(0, 0.28), 2), *action.speed)) if rng.random() < GIVEN["speed"] else None
    if word.sides and (side is not None or rng.random() < GIVEN["gait side" if word.family == "gait" else "side"]):
        fields["side"] = (
            side
            if side in word.sides
            else str(rng.choice(word.sides, p=_of(word.sides, {"left": 4, "right": 4, "both": 2, "alternating": 0.8})))
        )
    fields |= _way(rng, action)
    count = _count(rng, action, speed, room)
    if count is not None and rng.random() < GIVEN[word.counted]:
        fields["count"] = count
    fields |= _amount(rng, action, count)
    if rng.random() < GIVEN["gait style" if word.family == "gait" else "style"] and word.family in ("gait", "dance", "posture", "arm"):
        from kinelang.language.lexicon import STYLES

        fields["style"] = str(rng.choice(STYLES))
    if word.key in TARGETS and word.target and rng.random() < GIVEN["target"]:
        fields["target"] = str(rng.choice(TARGETS[word.key]))
    shortest, longest = action.length_s(count, speed)
    share = rng.random() if word.amount_unit != "deg" else np.clip(fields.get("amount", 90.0) / action.amount[1], 0, 1)
    length = shortest + share * (longest - shortest)
    length = length if room is None else min(length, room)
    return Stage(start, max(_grid(start + length), start + 4 * _GRID_S), action.verb, speed=speed, **fields)


def _count(rng: np.random.Generator, action: Action, speed: float | None, room: float | None) -> int | None:
    """Repetitions or steps, few more often than many; as many as there is room for."""
    if not action.lexeme.counted or not action.seconds_each:
        return None
    least, most = action.count
    if room is not None:
        most = min(most, max(least, int((room * (speed or 1) - action.seconds[0]) / action.seconds_each)))
    return int(least + np.floor((most - least + 1) * rng.random() ** (1.6 if action.lexeme.counted == "times" else 1.1)))


def _amount(rng: np.random.Generator, action: Action, count: int | None) -> dict[str, float]:
    """The amount, where it is given: a usual turn, metres that go with the steps, or a size."""
    unit = action.lexeme.amount_unit
    if not unit or rng.random() >= GIVEN[unit]:
        return {}
    least, most = action.amount
    if unit == "deg":
        turns = [a for a in TURNS if least <= a <= most] or [0.5 * (least + most)]
        return {"amount": float(rng.choice(turns, p=_of(turns, TURNS)))}
    if unit == "m":
        steps = count or action.count[0]
        return {"amount": round(float(np.clip(steps * most / action.count[1] * rng.uniform(0.9, 1.1), least, most)), 2)}
    return {"amount": round(float(rng.uniform(least, most)), 2)}


def _way(rng: np.random.Generator, action: Action) -> dict[str, str]:
    """Direction and path, where they are given."""
    word = action.lexeme
    if word.paths and rng.random() < GIVEN["path"]:
        path = str(rng.choice(word.paths, p=_of(word.paths, _PATH_WEIGHTS)))
        if path in ("circle", "curve", "square"):
            return {"path": path} | ({"direction": str(rng.choice(("left", "right")))} if rng.random() < GIVEN["direction"] else {})
        return {"path": path} | ({"direction": "forward"} if "forward" in word.directions and rng.random() < GIVEN["direction"] else {})
    if word.directions and rng.random() < GIVEN["direction"]:
        return {"direction": str(rng.choice(word.directions, p=_of(word.directions, _DIRECTION_WEIGHTS)))}
    return {}


def _stage_beside(rng: np.random.Generator, table: Mapping[str, Action], posture: str, main: Stage) -> Stage | None:
    """Something that arms or head do during `main`, or None where nothing fits."""
    free = [
        verb
        for verb, action in table.items()
        if action.lexeme.family in ("arm", "head", "hand")
        and (posture in action.before or "standing" in action.before)
        and action.after in ("", "standing")
        and verb not in _AFTER
        and not any(part in ("root", "torso") or "leg" in part for part in action.lexeme.parts)
        and action.length_s(action.count[0] if action.seconds_each else None)[0] <= 0.9 * main.duration_s
    ]
    weights = np.array([WEIGHTS.get(verb, OTHER_WEIGHT) for verb in free])
    for _ in range(4 if free else 0):
        verb = free[int(rng.choice(len(free), p=weights / weights.sum()))]
        start = _grid(main.start_s + rng.uniform(0, 0.25) * main.duration_s)
        stage = random_stage(rng, table[verb], start, room=main.end_s - start)
        if not set(stage.parts) & set(main.parts) and stage.end_s <= main.end_s + 1e-9:
            return stage
    return None


def _of(values: Sequence[Any], weights: Mapping[Any, float]) -> np.ndarray[Any, Any]:
    """Probabilities of the values; those without a weight get 1."""
    of = np.array([weights.get(value, 1.0) for value in values], dtype=float)
    return np.asarray(of / of.sum())


def _grid(seconds: float) -> float:
    return round(round(float(seconds) / _GRID_S) * _GRID_S, 2)
