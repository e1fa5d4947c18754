"""Questions on timelines: programs in BABEL-QA's form, answers that an independent reading of the timeline confirms."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from kinelang.errors import TimelineError
from kinelang.timeline import Stage, Timeline, questions, random_timeline
from kinelang.timeline.questioning import ATTRIBUTES, answer, answers
from shared_data import shared
from timeline.stand_ins import ACTIONS_OF_ALL_VERBS

TIMELINE = Timeline(
    (
        Stage(0, 2, "walk", direction="forward", amount=2.6, count=5, speed=0.7),
        Stage(2.2, 3.2, "turn", direction="left", amount=90),
        Stage(3.2, 5.2, "kick", side="right", count=2),
        Stage(5.3, 7.3, "walk", direction="backward"),
        Stage(5.5, 7.0, "wave", side="left", count=3),
    )
)


def drawn(seed: int) -> Timeline:
    return random_timeline(seed, actions=ACTIONS_OF_ALL_VERBS, n_stages=4, duration=(6, 14))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["[1]=filter_action([0], kick)", "[2]=relate([1], before)", "?=query_action([2])"], "turn"),
        (["[1]=filter_action([0], kick)", "?=query_body_part([1])"], "right leg"),
        (["[1]=filter_action([0], turn)", "?=query_direction([1])"], "left"),
        (["[1]=filter_direction([0], left)", "[2]=relate([1], after)", "?=query_body_part([2])"], "right leg"),
        (["[1]=filter_direction([0], backwards)", "?=query_side([1])"], None),
        (["[1]=filter_action([0], wave)", "?=query_action([1])"], "walk"),
        (["[1]=filter_action([0], wave)", "?=query_count([1])"], "3"),
        (["[1]=filter_action([0], turn)", "?=query_angle([1])"], "90 degrees"),
        (["[1]=filter_direction([0], forward)", "?=query_distance([1])"], "2.5 meters"),
        (["[1]=filter_direction([0], forward)", "?=query_speed([1])"], "slowly"),
        (["[1]=filter_action([0], kick)", "?=query_duration([1])"], "2 seconds"),
        (
            [
                *("[1]=filter_direction([0], forward)", "[2]=relate([1], after)", "[3]=filter_body_part([0], right leg)"),
                *("[4]=relate([3], before)", "[5]=intersect([2, 4])", "?=query_action([5])"),
            ],
            "turn",
        ),
        (["[1]=filter_action([0], kick)", "[2]=relate([1], after)", "?=query_action([2])"], None),  # walking and waving
        (["[1]=filter_action([0], walk)", "[2]=relate([1], after)", "?=query_action([2])"], None),  # two walks
        (["[1]=filter_action([0], jump)", "?=query_count([1])"], None),
    ],
)
def test_programs(lines: list[str], expected: str | None) -> None:
    program = ["[0]=scene(motion_seq)", *lines]
    if expected is None:
        with pytest.raises(TimelineError, match="expected one answer"):
            answer(program, TIMELINE)
    else:
        assert answer(program, TIMELINE) == expected


@pytest.mark.parametrize(
    "program",
    [
        ["[0]=scene(motion_seq)"],
        ["nonsense"],
        ["[0]=scene(motion_seq)", "?=query_colour([0])"],
        ["[0]=scene(motion_seq)", "[1]=filter_colour([0], red)", "?=query_action([1])"],
        ["[0]=scene(motion_seq)", "[1]=relate([0], during)", "?=query_action([1])"],
        ["?=query_action([3])"],
    ],
)
def test_what_is_no_program_is_refused(program: list[str]) -> None:
    with pytest.raises(TimelineError, match="program"):
        answers(program, TIMELINE)


def name(stage: Stage, kind: str) -> str | None:
    return ATTRIBUTES[kind](stage)


def clause_holds(stage: Stage, clause: str) -> bool:
    """Whether "they sit down", "they move left", "they use their right arm" is said of a stage, read from the words alone."""
    if match := re.fullmatch(r"they use (?:their (.*)|both their (.*))", clause):
        return name(stage, "body_part") == (match[1] or f"both {match[2]}")
    if (match := re.fullmatch(r"they move (.*)", clause)) and match[1] in (
        *("forward", "backwards", "left", "right", "up", "down"),
        *("forward left", "forward right", "backwards left", "backwards right"),
    ):
        return name(stage, "direction") == match[1]
    return clause == f"they {stage.lexeme.base}"


def brute_force(question: str, timeline: Timeline) -> set[str | None]:
    """All answers to a question in words, found by trying every stage against every clause, without its program."""
    kind = {"action": "action", "direction": "direction", "body": "body_part"}[question.split()[1]]
    stages = timeline.stages
    tail = question.rstrip("?")
    between = re.search(r" after (they .*?) and before (they .*)$", tail)
    if between:
        early = [s for s in stages if clause_holds(s, between[1])]
        late = [s for s in stages if clause_holds(s, between[2])]
        found = [s for s in stages if s in neighbours(early, stages, 1) and s in neighbours(late, stages, -1)]
    elif match := re.search(r" (before|after) (they .*)$", tail):
        here = [s for s in stages if clause_holds(s, match[2])]
        found = neighbours(here, stages, 1 if match[1] == "after" else -1)
    else:
        clause = re.search(r" while (they .*)$", tail)[1]
        here = [s for s in stages if clause_holds(s, clause)]
        own_kind = (
            {"use": "body_part", "move": "direction"}.get(clause.split()[1], "action")
            if not any(clause == f"they {s.lexeme.base}" for s in stages)
            else "action"
        )
        found = [s for s in stages if any(shares(s, h) for h in here) and not (own_kind == kind and s in here)]
    return {name(s, kind) for s in found}


def shares(a: Stage, b: Stage) -> bool:
    return a is b or min(a.end_s, b.end_s) - max(a.start_s, b.start_s) > 0.1


def neighbours(here: list[Stage], stages: tuple[Stage, ...], way: int) -> list[Stage]:
    """The stages right after (1) or right before (-1) the only stage of `here`."""
    if len(here) != 1:
        return []
    if way == 1:
        later = sorted((s for s in stages if s is not here[0] and s.start_s >= here[0].end_s - 0.1), key=lambda s: s.start_s)
    else:
        later = sorted((s for s in stages if s is not here[0] and s.end_s <= here[0].start_s + 0.1), key=lambda s: -s.end_s)
    return [s for s in later if s is later[0] or shares(s, later[0])]


def test_answers_are_those_of_an_independent_reading() -> None:
    asked = 0
    for seed in range(150):
        timeline = drawn(seed)
        for question in questions(timeline, seed, 30):
            if question.relation:
                assert brute_force(question.text, timeline) - {None} == {question.answer}, (seed, question)
                asked += 1
            assert answer(question.program, timeline) == question.answer
    assert asked > 800


def test_plain_answers_are_the_stages_own() -> None:
    for seed in range(100):
        timeline = drawn(seed)
        for question in questions(timeline, seed, 60):
            if question.relation:
                continue
            verb = re.search(r"\(\[0\], (.*)\)", question.program[1])[1]
            stages = [s for s in timeline.stages if s.lexeme.base == verb]
            if question.kind == "count":
                assert int(question.answer) == sum(s.count for s in stages)
            elif question.kind == "side":
                assert {question.answer} == {s.side for s in stages} - {None}
            elif question.kind == "duration":
                assert all(abs(float(question.answer.split()[0]) - s.duration_s) <= 0.2501 or s.duration_s < 0.5 for s in stages)
            elif question.kind in ("distance", "angle"):
                near = 0.2501 if question.kind == "distance" else 7.501
                told = [s.amount for s in stages if s.amount is not None]
                assert all(abs(float(question.answer.split()[0]) - a) <= near or a < 2 * near for a in told)


def test_options_hold_the_answer_once_and_are_drawn_by_the_seed() -> None:
    for seed in range(40):
        timeline = drawn(seed)
        asked = questions(timeline, seed, 12)
        assert asked == questions(timeline, seed, 12)
        assert len({q.text for q in asked}) == len(asked)
        for question in asked:
            assert question.options.count(question.answer) == 1
            assert len(set(question.options)) == len(question.options) <= 10
            assert question.evidence
            assert all(0 <= start < end <= timeline.duration_s for start, end in question.evidence)
    assert questions(drawn(1), 1, 12) != questions(drawn(1), 2, 12)


def test_the_answer_stands_at_every_place_among_the_options() -> None:
    places = Counter(q.options.index(q.answer) for seed in range(60) for q in questions(drawn(seed), seed, 10) if len(q.options) == 10)
    assert set(places) == set(range(10))
    assert max(places.values()) < 2.5 * min(places.values())


def test_all_kinds_and_relations_are_asked() -> None:
    asked = Counter((q.kind, q.relation) for seed in range(150) for q in questions(drawn(seed), seed, 40))
    for kind in ("action", "direction", "body_part"):
        for relation in ("while", "before", "after", "in_between"):
            assert asked[kind, relation] > 0, (kind, relation)
    assert {kind for kind, relation in asked if not relation} == {"count", "duration", "side", "distance", "angle", "speed"}


def test_what_is_not_told_is_not_asked() -> None:
    silent = Timeline((Stage(0, 2, "walk"), Stage(2, 4, "wave"), Stage(4, 6, "jump", direction="left")))
    asked = questions(silent, 0, 100)
    assert not [q for q in asked if q.kind in ("count", "side", "distance", "speed")]
    assert not [q for q in asked if "move left" in q.text or "right arm" in q.text]


def test_the_form_is_that_of_babel_qa() -> None:
    """Every shape of program that BABEL-QA has is one that we ask or execute, and ours are shapes of theirs."""

    def shape(program: list[str]) -> tuple[str, ...]:
        lines = [re.sub(r"(filter_\w+)\(\[0\], .*\)", r"\1([0], X)", line) for line in program]
        return tuple(line.replace("scene([0])", "scene(motion_seq)") for line in lines)

    theirs = {shape(entry[2]) for entry in json.loads(shared("qa/babelqa_train.json").read_text())}
    ours = {
        shape(list(q.program))
        for seed in range(300)
        for q in questions(drawn(seed), seed, 40)
        if q.kind in ("action", "direction", "body_part")
    }
    simple = {s for s in theirs if len(s) <= 4}
    assert simple <= ours
    for program in theirs:
        answers(program, TIMELINE)
