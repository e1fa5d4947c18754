"""Questions on a timeline with their programs, answers and options. What is asked has one answer, by construction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from random import Random

from kinelang.language.lexicon import VERBS
from kinelang.timeline.questioning.programs import ATTRIBUTES, answers, untold
from kinelang.timeline.schema import Timeline

SCENE = "[0]=scene(motion_seq)"
_ASKED = {
    "action": "What action does the person do",
    "direction": "What direction does the person move",
    "body_part": "What body part does the person use",
}
_BODY_PARTS = ("left arm", "right arm", "both arms", "left leg", "right leg", "both legs", "head", "torso")
_DIRECTIONS = (
    "forward",
    "backwards",
    "left",
    "right",
    "up",
    "down",
    "forward left",
    "forward right",
    "backwards left",
    "backwards right",
)
_SPEEDS = ("very slowly", "slowly", "at the usual speed", "quickly", "very quickly")


@dataclass(frozen=True)
class Question:
    """A question on a timeline.

    Attributes:
        text: the question.
        program: its lines, as in BABEL-QA.
        answer: the one answer.
        options: the answer among wrong ones, in random order.
        evidence: (start, end) seconds of the stages that the answer comes from.
        kind: "action", "direction", "body_part", "count", "duration", "side", "distance", "angle" or "speed".
        relation: "while", "before", "after", "in_between", or "" for the plain ones.
    """

    text: str
    program: tuple[str, ...]
    answer: str
    options: tuple[str, ...]
    evidence: tuple[tuple[float, float], ...]
    kind: str
    relation: str


def questions(timeline: Timeline, seed: int = 0, n: int = 10, n_options: int = 10) -> list[Question]:
    """Up to `n` different questions, as many kinds and relations among them as there are.

    Args:
        timeline: what is asked about.
        seed: chooses the questions, the wrong options and their order.
        n: most questions.
        n_options: most options of one question, the answer among them; fewer where the kind has fewer values.
    """
    rng = Random(seed)
    by_kind: dict[tuple[str, str], list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for kind, relation, text, program in (*_related(timeline), *_plain(timeline)):
        by_kind[kind, relation].append((text, program))
    for entries in by_kind.values():
        rng.shuffle(entries)
    order = sorted(by_kind)
    rng.shuffle(order)
    out: list[Question] = []
    while len(out) < n and any(by_kind.values()):
        for key in order:
            if by_kind[key] and len(out) < n:
                text, program = by_kind[key].pop()
                made = _made(timeline, key, text, program, rng, n_options)
                out += [made] if made is not None else []
    return out


def _made(
    timeline: Timeline, key: tuple[str, str], text: str, program: tuple[str, ...], rng: Random, n_options: int
) -> Question | None:
    """The question, or None where it has not exactly one answer."""
    found, places = answers(program, timeline)
    if len(found) != 1:
        return None
    kind, relation = key
    wrong = [option for option in _vocabulary(kind, found[0], timeline) if option != found[0]]
    options = [found[0], *rng.sample(wrong, min(len(wrong), n_options - 1))]
    rng.shuffle(options)
    evidence = tuple((timeline.stages[i].start_s, timeline.stages[i].end_s) for i in sorted(places))
    return Question(text, program, found[0], tuple(options), evidence, kind, relation)


def _related(timeline: Timeline) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Questions of BABEL-QA's form: (kind, relation, text, program)."""
    filters = [(what, value) for what in _ASKED if not untold(timeline.stages, what) for value in _values(timeline, what)]
    for kind, (what, value) in product(_ASKED, filters):
        filtered = f"[1]=filter_{what}([0], {value})"
        clause = _clause(what, value)
        yield kind, "while", f"{_ASKED[kind]} while {clause}?", (SCENE, filtered, f"?=query_{kind}([1])")
        for relation in ("before", "after"):
            related = (SCENE, filtered, f"[2]=relate([1], {relation})", f"?=query_{kind}([2])")
            yield kind, relation, f"{_ASKED[kind]} {relation} {clause}?", related
    for kind, (early, late) in product(_ASKED, product(filters, filters)):
        if early == late:
            continue
        program = (
            SCENE,
            f"[1]=filter_{early[0]}([0], {early[1]})",
            "[2]=relate([1], after)",
            f"[3]=filter_{late[0]}([0], {late[1]})",
            "[4]=relate([3], before)",
            "[5]=intersect([2, 4])",
            f"?=query_{kind}([5])",
        )
        yield kind, "in_between", f"{_ASKED[kind]} after {_clause(*early)} and before {_clause(*late)}?", program


def _clause(what: str, value: str) -> str:
    """ "they sit down", "they move left", "they use their right arm"."""
    if what == "action":
        return f"they {value}"
    if what == "direction":
        return f"they move {value}"
    return f"they use {value.replace('both', 'both their') if value.startswith('both') else f'their {value}'}"


def _values(timeline: Timeline, what: str) -> list[str]:
    """The values of an attribute that occur."""
    found = (ATTRIBUTES[what](stage) for stage in timeline.stages)
    return list(dict.fromkeys(value for value in found if value is not None))


def _plain(timeline: Timeline) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """How many, how long, which side, how far, how fast."""
    for verb in timeline.verbs:
        word = VERBS[verb]
        texts = {
            "count": f"How many steps does the person take when they {word.base}?"
            if word.counted == "steps"
            else f"How many times does the person {word.base}?",
            "duration": f"How long does the person {word.base}?",
            "side": f"Which side does the person {word.base} with?",
            "distance": f"How far does the person {word.base}?",
            "angle": f"How far round does the person {word.base}?",
            "speed": f"How fast does the person {word.base}?",
        }
        for kind, text in texts.items():
            yield kind, "", text, (SCENE, f"[1]=filter_action([0], {word.base})", f"?=query_{kind}([1])")


def _vocabulary(kind: str, answer: str, timeline: Timeline) -> list[str]:
    """What could be answered to a question of this kind; of numbers, those near the answer."""
    if kind == "action":
        done = {verb: VERBS[verb].base for verb in timeline.verbs}
        return sorted({word.base for word in VERBS.values()} - set(done.values())) + list(done.values())
    fixed = {"direction": _DIRECTIONS, "body_part": _BODY_PARTS, "side": ("left", "right", "both", "alternating"), "speed": _SPEEDS}
    if kind in fixed:
        return list(fixed[kind])
    number, _, unit = answer.partition(" ")
    step = {"count": 1.0, "duration": 0.5, "distance": 0.5, "angle": 15.0}[kind]
    near = [float(number) + step * k for k in range(-12, 13)]
    return [
        f"{value:g} {unit if value == 1 or not unit or unit.endswith('s') else unit + 's'}".strip() for value in near if value >= step
    ]
