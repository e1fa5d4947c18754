"""Instructions drawn by a seed, each with the change that it asks for, to measure how well instructions are followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

from kinelang.editing.applying import apply
from kinelang.editing.differences import name
from kinelang.editing.patch import Change, Patch
from kinelang.errors import TimelineError
from kinelang.language.inflection import present_participle
from kinelang.language.lexicon import VERBS
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.schema import Stage, Timeline

KINDS = ("side", "direction", "amount", "count", "speed", "duration", "order", "add", "remove", "verb")
"""What a drawn instruction asks to be changed."""
_ADDED = ("jump", "bow", "clap", "squat", "wave", "kick", "nod", "punch", "shrug", "spin", "hop")
_NUMBERS = {2: "twice", 3: "three times", 4: "four times"}


@dataclass(frozen=True)
class Expected:
    """The change that an instruction asks for.

    Attributes:
        kind: one of `KINDS`.
        verb: verb of the stage, after the edit.
        which: which of that verb (from 0) in the timeline before; of a new one -1.
        field: field of the stage that changes; "" for order, add and remove.
        relation: "is", "more" or "less" of the field; "before", "after", "while", "last", "gone", "once more".
        value: what the field is afterwards; or the verb that the stage stands before or after, or is replaced by.
        before: what the field was.
    """

    kind: str
    verb: str
    which: int
    field: str = ""
    relation: str = "is"
    value: Any = None
    before: Any = None

    def holds(self, before: Timeline, after: Timeline) -> bool:
        """Whether a timeline has the change; other stages are not looked at."""
        stages = [s for s in after.stages if s.verb == self.verb]
        had = sum(s.verb == self.verb for s in before.stages)
        match self.kind:
            case "remove":
                return len(stages) == had - 1
            case "add":
                return len(stages) == had + 1 and self._is_placed(after, stages)
            case "order":
                return self._is_placed(after, stages)
            case "verb":
                return (
                    bool(stages)
                    and len(stages) == had + 1
                    and sum(s.verb == self.before for s in after.stages) == sum(s.verb == self.before for s in before.stages) - 1
                )
        return self.which < len(stages) and self._is_changed(stages[self.which])

    def _is_changed(self, stage: Stage) -> bool:
        now = stage.duration_s if self.field == "duration_s" else getattr(stage, self.field)
        if self.relation == "is":
            return bool(abs(now - self.value) < 1e-3) if isinstance(self.value, float) and now is not None else bool(now == self.value)
        was = 1.0 if self.before is None else self.before
        return now is not None and (now > was if self.relation == "more" else now < was)

    def _is_placed(self, after: Timeline, stages: Sequence[Stage]) -> bool:
        others = [s for s in after.stages if s.verb == self.value]
        if self.relation == "last":
            return any(s.end_s >= max(o.end_s for o in after.stages) - 1e-6 for s in stages)
        if self.relation == "first":
            return any(s.start_s <= min(o.start_s for o in after.stages) + 1e-6 for s in stages)
        relation: dict[str, Callable[[Stage, Stage], bool]] = {
            "before": lambda a, b: a.end_s <= b.start_s + 1e-6,
            "after": lambda a, b: a.start_s >= b.end_s - 1e-6,
            "while": lambda a, b: min(a.end_s, b.end_s) > max(a.start_s, b.start_s),
        }
        return any(relation[self.relation](a, b) for a in stages for b in others if a is not b)


def random_instruction(timeline: Timeline, seed: int | Random, kind: str | None = None) -> tuple[str, Expected]:
    """An instruction about a timeline, and what it asks for.

    Args:
        timeline: with at least one stage.
        seed: number, or what to draw from.
        kind: one of `KINDS`; drawn among those that are possible where None.

    Raises:
        TimelineError: nothing of this kind can be asked of the timeline.
    """
    rng = seed if isinstance(seed, Random) else Random(seed)
    kinds = [kind] if kind is not None else rng.sample(KINDS, len(KINDS))
    for one in kinds:
        if one not in KINDS:
            raise TimelineError.of("kind", f"'{one}'", f"one of {', '.join(KINDS)}")
        possible = list(_MAKERS[one](timeline, rng))
        if possible:
            return rng.choice(possible)
    raise TimelineError.of(
        "instruction", f"a timeline that allows no change of {' or '.join(kinds)}", "another kind, or another timeline"
    )


def _name(timeline: Timeline, stage: Stage) -> str:
    return name(timeline, timeline.stages.index(stage))


def _possible(timeline: Timeline, operation: Change) -> bool:
    """Whether no other stage is in the way."""
    try:
        apply(timeline, Patch((operation,)))
    except TimelineError:
        return False
    return True


Drawn = Iterator[tuple[str, Expected]]


def _which(timeline: Timeline, stage: Stage) -> int:
    return [s for s in timeline.stages if s.verb == stage.verb].index(stage)


def _wordings(timeline: Timeline, stage: Stage, rng: Random, with_the: Sequence[str], alone: Sequence[str] = ()) -> str:
    """One of the templates: `{x}` is the stage by its name, `{g}` its verb in -ing (in `alone`: only where no other has this verb)."""
    single = sum(s.verb == stage.verb for s in timeline.stages) == 1
    template = rng.choice([*with_the, *(alone if single else ())])
    return template.format(x=_name(timeline, stage), g=present_participle(stage.lexeme.base))


def _limb(stage: Stage) -> str:
    return "arm" if any("arm" in part for part in stage.lexeme.parts) else "leg"


def _sides(timeline: Timeline, rng: Random) -> Drawn:
    for stage in timeline.stages:
        if stage.side in ("left", "right") and stage.lexeme.family != "gait":
            other = "left" if stage.side == "right" else "right"
            if not _possible(timeline, Change(timeline.stages.index(stage) + 1, (("side", other),))):
                continue
            limb = _limb(stage)
            templates = (
                f"I'd rather see {{x}} done with the {other} {limb}",
                f"{{x}} should be with the {other} {limb}",
                f"for {{x}}, use the {other} {limb}",
                f"switch {{x}} to the {other} {limb}",
                f"change {{x}} to the {other} side",
                f"have {{x}} done with the other {limb}",
            )
            said = _wordings(timeline, stage, rng, templates)
            yield said, Expected("side", stage.verb, _which(timeline, stage), "side", "is", other, stage.side)


def _directions(timeline: Timeline, rng: Random) -> Drawn:
    other = {"left": "right", "right": "left", "forward": "backward", "backward": "forward"}
    for stage in timeline.stages:
        new = other.get(stage.direction or "")
        if new in stage.lexeme.directions and stage.lexeme.family in ("gait", "turn", "jump"):
            way = {"left": "to the left", "right": "to the right", "forward": "forwards", "backward": "backwards"}[str(new)]
            templates = (
                f"{{x}} should go {way}",
                f"have {{x}} go {way}",
                "reverse the direction of {x}",
                f"let {{x}} be {way}",
                f"change {{x}} to go {way}",
            )
            said = _wordings(timeline, stage, rng, templates)
            yield said, Expected("direction", stage.verb, _which(timeline, stage), "direction", "is", new, stage.direction)


def _amounts(timeline: Timeline, rng: Random) -> Drawn:
    for stage in timeline.stages:
        unit = stage.lexeme.amount_unit
        if unit not in ("ratio", "m") or (unit == "m" and stage.amount is None):
            continue
        more = rng.random() < 0.5
        words = ("further", "a longer distance") if unit == "m" else ("bigger", "larger")
        fewer = ("less far", "a shorter distance") if unit == "m" else ("smaller", "less big")
        word = rng.choice(words if more else fewer)
        much = word if word.startswith("a ") else f"much {word}"
        templates = (f"{{x}} should be {word}", f"do {{x}} {word}", f"could {{x}} be {word}, please", f"have {{x}} done {much}")
        said = _wordings(timeline, stage, rng, templates)
        yield said, Expected("amount", stage.verb, _which(timeline, stage), "amount", "more" if more else "less", None, stage.amount)


def _counts(timeline: Timeline, rng: Random) -> Drawn:
    for stage in timeline.stages:
        if stage.lexeme.counted == "times":
            number = rng.choice([n for n in _NUMBERS if n != stage.count])
            often = _NUMBERS[number]
            templates = (f"{{x}} should happen {often}", f"do {{x}} {number} times", f"perform {{x}} {often}", f"I want {{x}} {often}")
            said = _wordings(timeline, stage, rng, templates)
        elif stage.lexeme.counted == "steps" and stage.count is not None:
            number = stage.count + rng.choice((2, 3, 4))
            said = _wordings(
                timeline,
                stage,
                rng,
                (f"{{x}} should take {number} steps", f"do {{x}} with {number} steps", f"give {{x}} {number} steps"),
            )
        else:
            continue
        yield said, Expected("count", stage.verb, _which(timeline, stage), "count", "is", number, stage.count)


def _speeds(timeline: Timeline, rng: Random) -> Drawn:
    for stage in timeline.stages:
        faster = rng.random() < 0.5
        word = rng.choice(
            ("faster", "quicker", "more quickly", "at twice the speed")
            if faster
            else ("slower", "more slowly", "a bit slower", "at half speed")
        )
        said = _wordings(
            timeline, stage, rng, (f"{{x}} should be {word}", f"perform {{x}} {word}", f"I'd like {{x}} {word}", f"let {{x}} go {word}")
        )
        yield said, Expected("speed", stage.verb, _which(timeline, stage), "speed", "more" if faster else "less", None, stage.speed)


def _durations(timeline: Timeline, rng: Random) -> Drawn:
    for stage in timeline.stages:
        seconds = rng.choice([s for s in (1.5, 2.0, 2.5, 3.0, 4.0) if abs(s - stage.duration_s) > 0.2])
        length = f"{seconds:g} seconds"
        templates = (
            f"{{x}} should take {length}",
            f"let {{x}} last {seconds:g} s",
            f"perform {{x}} for {length}",
            f"have {{x}} last {length}",
        )
        said = _wordings(timeline, stage, rng, templates)
        yield said, Expected("duration", stage.verb, _which(timeline, stage), "duration_s", "is", seconds, stage.duration_s)


def _orders(timeline: Timeline, rng: Random) -> Drawn:
    stages = timeline.stages
    if any(a.end_s > b.start_s + 1e-6 for a, b in pairwise(stages)):
        return
    for a, b in pairwise(stages):
        if a.end_s > b.start_s + 1e-6 or a.verb == b.verb or any(sum(s.verb == x.verb for s in stages) > 1 for x in (a, b)):
            continue
        x, y = _name(timeline, a), _name(timeline, b)
        if rng.random() < 0.5:
            said = rng.choice(
                (f"have {y} come before {x}", f"put {y} before {x}", f"{y} should come before {x}", f"exchange {x} and {y}")
            )
            yield said, Expected("order", b.verb, 0, "", "before", a.verb)
        else:
            said = rng.choice((f"put {x} after {y}", f"{x} should come after {y}", f"do {x} after {y}", f"exchange {x} with {y}"))
            yield said, Expected("order", a.verb, 0, "", "after", b.verb)


def _additions(timeline: Timeline, rng: Random) -> Drawn:
    have = {s.verb for s in timeline.stages}
    for verb in _ADDED:
        if verb in have:
            continue
        base = VERBS[verb].base
        noun = f"{'an' if base[0] in 'aeiou' else 'a'} {base}"
        if rng.random() < 0.4:
            said = rng.choice(
                (f"and to finish, {base}", f"append {noun}", f"finish with {noun}", f"afterwards {base}", f"include {noun} at the end")
            )
            yield said, Expected("add", verb, -1, "", "last")
            continue
        near = rng.choice(timeline.stages)
        if sum(s.verb == near.verb for s in timeline.stages) > 1:
            continue
        x = _name(timeline, near)
        way = rng.choice(("before", "after"))
        said = rng.choice((f"include {noun} {way} {x}", f"insert {noun} right {way} {x}", f"{way} {x}, {base}", f"{base} {way} {x}"))
        yield said, Expected("add", verb, -1, "", way, near.verb)


def _removals(timeline: Timeline, rng: Random) -> Drawn:
    if len(timeline) < 2:
        return
    for stage in timeline.stages:
        templates = ("leave out {x}", "get rid of {x}", "I don't want {x}", "cut {x}", "drop {x} please")
        said = _wordings(timeline, stage, rng, templates, ("no {g}, please", "stop {g}", "leave out the {g}"))
        yield said, Expected("remove", stage.verb, _which(timeline, stage), "", "gone")


def _verbs(timeline: Timeline, rng: Random) -> Drawn:
    for stage in timeline.stages:
        mine = set(stage.parts)
        options = [
            v
            for v in _ADDED
            if v != stage.verb and set(VERBS[v].parts_of(stage.side if stage.side in VERBS[v].sides else None)) <= mine and v in ACTIONS
        ]
        if not options:
            continue
        new = rng.choice(options)
        base = VERBS[new].base
        noun = f"{'an' if base[0] in 'aeiou' else 'a'} {base}"
        templates = (
            f"{base} rather than {{x}}",
            f"substitute {{x}} with {noun}",
            f"convert {{x}} into {noun}",
            f"swap {{x}} for {noun}",
            f"exchange {{x}} for {noun}",
        )
        said = _wordings(timeline, stage, rng, templates)
        yield said, Expected("verb", new, -1, "verb", "is", new, stage.verb)


_MAKERS: dict[str, Callable[[Timeline, Random], Drawn]] = {
    "side": _sides,
    "direction": _directions,
    "amount": _amounts,
    "count": _counts,
    "speed": _speeds,
    "duration": _durations,
    "order": _orders,
    "add": _additions,
    "remove": _removals,
    "verb": _verbs,
}
