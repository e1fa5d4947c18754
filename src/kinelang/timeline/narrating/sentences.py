"""Stages joined to a sentence: what goes on at one time by "while" and "as", what follows by "then", "and", "before"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from kinelang.language.inflection import indefinite, present_participle
from kinelang.timeline.narrating.phrases import Phrase, phrase, pose
from kinelang.timeline.narrating.slots import direction, pick
from kinelang.timeline.narrating.voice import INSTRUCTION, LABEL, Voice, voice
from kinelang.timeline.schema import Stage, Timeline

_NEXT_OF_TWO = {" and ": 46, " and then ": 15, " then ": 13, ", then ": 6.5, ", and then ": 1, ", and ": 1, ". ": 0.3, ", ": 5.5}
_NEXT = {" and ": 35, " and then ": 11, " then ": 15, ", then ": 13, ", and then ": 2, ", and ": 2, ". ": 0.3, ", ": 6}
_NEXT_UNDONE = {" and then ": 20, " and ": 12, " then ": 11, ", then ": 9, ", ": 7}
"""Links to what undoes the clause before: lowering, standing up, putting down."""
_UNDOING = frozenset({"lower_arm", "lower_leg", "stand_up", "put_down"})
_NEXT_AFTER_WHILE = {", then ": 10, " then ": 3, " and then ": 5, ", and then ": 3}
_LAST_OF_LIST = {" and ": 14, ", and ": 3, ", then ": 4, ", and then ": 2, " and then ": 4}


_LASTING = frozenset(
    {
        "stand",
        "carry",
        "gesture",
        "phone",
        "stir",
        "wipe",
        "swim",
        "dribble",
        "sweep",
        "write",
        "wave",
        "swing_arms",
        "circle_arms",
        "sway",
    }
    | {
        "play_guitar",
        "play_violin",
        "play_piano",
        "play_drums",
        "jumping_jack",
        "balance",
        "wash_hands",
        "clap",
        "eat",
        "drink",
        "stretch",
    }
)
_GOING = ("walk", "run", "jog")
_RAISED_LOWERED = frozenset({("raise_arm", "lower_arm"), ("extend_arm", "lower_arm"), ("raise_leg", "lower_leg")})
_TO_PICK = frozenset({"bend", "crouch", "squat", "kneel", "reach"})
_FIELDS = ("side", "direction", "amount", "count", "speed", "style", "path", "target")
_OF_LIMBS = ("arm", "hand", "leg", "sport", "head", "torso")
_LONG_REST = re.compile(r"ing$|\b(?:in|like|as|for|starting|steps|there)\b")
"""After these a participle would not be taken for the walker's."""
_SIDEWAYS = re.compile(r"\b((?:to|towards|in) (?:the|\{his\}) (?:left|right))")
_BY_LIMB = re.compile(r"|with (?:both hands|\{his\} (?:left|right) \w+)")
_HAND = re.compile(r" with (\{his\} (?:left|right) (?:hand|arm))$")


@dataclass(frozen=True)
class _Place:
    """Where in its sentence a clause stands: of how many, in a list, after a "while"."""

    clauses: int
    last: bool
    listed: bool
    whiled: bool


@dataclass
class Group:
    """Stages told as going on at one time: the first is the main clause."""

    main: Stage
    others: list[Stage] = field(default_factory=list)
    words: str = ""
    """Words after the verb that stand for more than the main stage: "back and forth"."""


def groups(stages: tuple[Stage, ...]) -> list[Group]:
    """Stages in order of time; one joins the group before it if they share at least half of the shorter of the two."""
    out: list[Group] = []
    for stage in stages:
        main = out[-1].main if out else None
        if main is not None and _shared_s(main, stage) >= 0.5 * min(main.duration_s, stage.duration_s):
            out[-1].others.append(stage)
        else:
            out.append(Group(stage))
    return out


def _new_sentence(who: Voice) -> tuple[str, str]:
    """The link that begins another sentence with the pronoun, and the form of its verb; none where the sentence has no finite verb."""
    if who.tense not in ("third", "past"):
        return ", then ", ""
    return f". {who.he} then ", "base" if who.he == "they" and who.tense == "third" else ""


def _back_and_forth(grouped: list[Group], rng: Random) -> list[Group]:
    """Going, turning around and going again as one group: "walks back and forth"."""
    out: list[Group] = []
    i = 0
    while i < len(grouped):
        three = grouped[i : i + 3]
        if len(three) == 3 and not any(g.others for g in three) and _there_and_back(*(g.main for g in three)) and rng.random() < 0.8:
            out.append(Group(three[0].main, words="back and forth"))
            i += 3
        else:
            out.append(three[0])
            i += 1
    return out


def _there_and_back(there: Stage, turn: Stage, back: Stage) -> bool:
    bare = all(getattr(s, name) is None for s in (there, back) for name in _FIELDS)
    around = turn.verb == "turn" and turn.amount == 180 and turn.direction is None and turn.speed is None and turn.style is None
    return bare and around and there.verb == back.verb and there.verb in ("walk", "run", "jog")


def _shared_s(a: Stage, b: Stage) -> float:
    return min(a.end_s, b.end_s) - max(a.start_s, b.start_s)


def sentence(timeline: Timeline, rng: Random) -> str:
    """As people write captions."""
    grouped = _back_and_forth(groups(timeline.stages), rng)
    clauses = _clauses(grouped, rng)
    who = voice(rng, _progressive(timeline.stages[0], len(clauses)) if clauses else 0, bool(clauses and clauses[0][0].before))
    if not clauses:
        return f"{who.subject or 'a person'} {'stood' if who.tense == 'past' else 'stands'} still"
    text = who.subject
    listed = len(clauses) > 2 and rng.random() < 0.4
    whiled = standing = False
    for i, (main, others) in enumerate(clauses):
        last = i == len(clauses) - 1
        link, form = _link(grouped[i].main, _Place(len(clauses), last, listed, whiled), rng) if i else (" " if text else "", who.begins)
        if i and _for_a_purpose(grouped[i - 1], grouped[i]) and rng.random() < 0.4:
            link, form = " to ", "base"
        before = grouped[i - 1].main if i else None
        if link == " and " and before and before.lexeme.family in _OF_LIMBS and not (clauses[i - 1][0].rest or clauses[i - 1][1]):
            link = " then "  # "shakes and rotates his arm" would be of one arm
        if not main.head:
            link, form = pick({" then ": 5, ", then ": 3, " and then ": 2}, rng, False), ""
        if link == " before ":
            form = "ing"
        if link == ". ":
            link, form = _new_sentence(who)
        if i == 0 and not (others or last) and _stands_first(main, who) and rng.random() < 0.3:
            text, standing = _standing(main, who, rng), True
            continue
        if standing and i == 1:
            link, form = " ", ""
        words, whiled = _group_words(main, others, who, form, rng)
        text += link + words
    return text


def _stands_first(main: Phrase, who: Voice) -> bool:
    """Whether "standing" can go to the subject."""
    return main.head == "stand" and main.rest in ("", "still") and not main.before and " " in who.subject and not who.begins


def _standing(main: Phrase, who: Voice, rng: Random) -> str:
    """ "a standing person", "a person standing still"."""
    article, _, noun = who.subject.partition(" ")
    return f"{article} standing {noun}" if not main.rest and rng.random() < 0.5 else f"{who.subject} {who.say(main, 'ing')}"


def _clauses(grouped: list[Group], rng: Random, plain: bool = False) -> list[tuple[Phrase, list[tuple[Stage, Phrase]]]]:
    """The phrases of every group: that of the main clause, and those of the others with their stages."""
    out: list[tuple[Phrase, list[tuple[Stage, Phrase]]]] = []
    before: list[Stage] = []
    for group in grouped:
        swapped = not plain and rng.random() < 0.3
        if len(group.others) == 1 and not plain and group.main.lexeme.family != "gait" and group.others[0].lexeme.family == "gait":
            swapped = rng.random() < 0.8
        if not plain and (posing := _posing(group, before, rng)):
            out.append(posing)
            before += [group.main, *group.others]
            continue
        if len(group.others) == 1 and (group.others[0].verb == "stand" or (swapped and group.main.verb != "stand")):
            group = Group(group.others[0], [group.main])
        if plain:
            main, others = phrase(group.main, rng, plain=True), [(s, phrase(s, rng, plain=True)) for s in group.others]
        elif group.words:
            main, others = Phrase(group.main.verb, group.words), []
        else:
            alone = bool(out) and not out[-1][1]
            main = (_verbless(group.main, before, rng) if alone else None) or _said(group.main, before, rng)
            others = [(s, _said(s, before, rng, beside=True)) for s in group.others]
        out.append((main, others))
        before += [group.main, *group.others]
    return out


def _posing(group: Group, before: list[Stage], rng: Random) -> tuple[Phrase, list[tuple[Stage, Phrase]]] | None:
    """Two stages of which one is a pose: "walks with his arms crossed"; mostly so where the other is standing."""
    stages = [group.main, *group.others]
    if len(stages) != 2 or group.words:
        return None
    for stage, other in (stages, stages[::-1]):
        held = pose(stage, rng)
        if held and other.lexeme.family not in ("arm", "hand", "sport") and rng.random() < (0.7 if other.verb == "stand" else 0.5):
            return _said(other, before, rng, beside=True), [(stage, Phrase("", f"with {held}"))]
    return None


def _said(stage: Stage, before: list[Stage], rng: Random, beside: bool = False) -> Phrase:
    """The phrase, in view of what was told before: one stops after going, goes back after turning around, does the same again."""
    said = phrase(stage, rng)
    last = before[-1] if before else None
    if last is not None:
        bare = stage.speed is None and stage.style is None
        if stage.verb == "stand" and bare and last.lexeme.family in ("gait", "turn", "jump") and rng.random() < 0.85:
            return Phrase("stop") if rng.random() < 0.9 else Phrase("come", "to a stop")
        if limb := _pronoun(stage, last):
            short = phrase(stage, rng, limb=limb)
            if rng.random() < 0.45:
                return short
        undirected = stage.verb in _GOING and said.rest in ("", "around")
        if undirected and _turned_around(last) and rng.random() < 0.85:
            return Phrase(said.head, "back", said.before)
        if _returns(stage, before) and rng.random() < 0.6:
            return Phrase(said.head, _SIDEWAYS.sub(r"back \1", said.rest, count=1), said.before)
    if any(_content(stage) == _content(other) for other in before) and stage.count != 1 and rng.random() < 0.75:
        said = Phrase(said.head, f"{said.rest} again".strip(), said.before)
    return said if beside else _begun(said, stage, rng)


def _pronoun(stage: Stage, last: Stage) -> str:
    """ "it" or "them" for the limb that was just raised and is lowered now; "" where it was not."""
    if (last.verb, stage.verb) not in _RAISED_LOWERED or stage.side != last.side or stage.side == "alternating":
        return ""
    return "them" if stage.side == "both" else "it"


def _turned_around(last: Stage) -> bool:
    """Whether who goes now goes back: after turning around, or just "turning"."""
    return last.verb == "turn" and (last.amount == 180 or (last.amount is None and last.direction is None))


def _returns(stage: Stage, before: list[Stage]) -> bool:
    """Whether the stage goes left after one of the same verb went right, or the other way round."""
    other = {"left": "right", "right": "left"}.get(stage.direction or "", "no other")
    last = next((s for s in reversed(before) if s.verb == stage.verb), None)
    returning = stage.verb in (*_GOING, "sidestep", "look") or (stage.verb == "turn" and stage.amount is None)
    return returning and last is not None and last.direction == other


def _verbless(stage: Stage, before: list[Stage], rng: Random) -> Phrase | None:
    """Only the direction, where the rest is that of the stage before: "looks left then to the right"; else None."""
    if _only_direction_differs(stage, before[-1]) and rng.random() < 0.6:
        way = direction(stage, rng, False)
        return Phrase("", f"back {way}" if " " in way and _returns(stage, before) and rng.random() < 0.6 else way)
    return None


def _only_direction_differs(stage: Stage, last: Stage) -> bool:
    """Whether the verb can be left out: "looks left then to the right"."""
    if stage.verb != last.verb:
        return False
    alike = stage.with_(start_s=last.start_s, end_s=last.end_s, direction=last.direction, parts=last.parts) == last
    bare = all(getattr(stage, name) is None for name in _FIELDS if name != "direction")
    ways = {stage.direction, last.direction}
    return alike and bare and stage.start_s >= last.end_s - 1e-6 and len(ways) == 2 and ways <= {"left", "right", "forward", "backward"}


def _begun(said: Phrase, stage: Stage, rng: Random) -> Phrase:
    """Now and then: one starts to do it, or uses the hand to do it."""
    chance = rng.random()
    if chance < 0.006:
        return Phrase("start", said.form("ing"))
    if chance < 0.008:
        return Phrase("begin", said.form("ing"))
    if chance < 0.035 and not said.before and _BY_LIMB.fullmatch(said.rest) and stage.lexeme.family in ("hand", "sport", "leg", "arm"):
        acting = indefinite(present_participle(said.head))
        return Phrase("make" if rng.random() < 0.7 else "do", f"{acting} motion {said.rest}".strip())
    hand = _HAND.search(said.rest)
    if chance > 0.92 and hand is not None and stage.lexeme.family in ("hand", "sport") and not said.before:
        return Phrase("use", f"{hand[1]} to {said.head} {said.rest.replace(hand[0], '', 1)}".strip())
    return said


def _content(stage: Stage) -> tuple[object, ...]:
    return (stage.verb, stage.side, stage.direction, stage.amount, stage.count, stage.path, stage.target)


def _for_a_purpose(last: Group, group: Group) -> bool:
    """Whether "to" can join them: "bends down to pick something up"."""
    if last.others or group.others:
        return False
    return last.main.verb in _TO_PICK and group.main.verb in ("pick_up", "put_down")


def _progressive(stage: Stage, clauses: int) -> float:
    """The weight of "is walking" for the first clause: more for what lasts, and where little else is told."""
    going = stage.lexeme.family == "gait" and stage.verb != "step"
    share = 0.42 if _lasts(stage) else 0.31 if stage.verb == "stand" else 0.24 if going else 0.17
    share *= {1: 1.0, 2: 0.5}.get(clauses, 0.3)
    return 900 * share / (1 - share)


def _lasts(stage: Stage) -> bool:
    return stage.verb in _LASTING or (stage.lexeme.family in ("gait", "dance") and stage.verb not in ("step", "walk", "stumble"))


def _link(stage: Stage, place: _Place, rng: Random) -> tuple[str, str]:
    """What joins a clause to the one before it, and the form it takes ("" for the tense)."""
    stops = stage.verb == "stand"
    if place.last and not place.whiled and rng.random() < (0.09 if stops else 0.03):
        return " before ", "ing"
    if place.listed:
        return (pick(_LAST_OF_LIST, rng, False) if place.last else ", "), ""
    if place.whiled:
        return pick(_NEXT_AFTER_WHILE, rng, False), ""
    link = pick(_NEXT_UNDONE if stage.verb in _UNDOING else _NEXT_OF_TWO if place.clauses == 2 else _NEXT, rng, False)
    return link, "ing" if stops and link in (" and then ", " then ") and rng.random() < 0.2 else ""


def _group_words(main: Phrase, others: list[tuple[Stage, Phrase]], who: Voice, form: str, rng: Random) -> tuple[str, bool]:
    """One group in words, and whether it has a "while" or "as"."""
    words = who.say(main, form)
    if not others:
        return words, False
    alone = len(others) == 1
    if alone and not others[0][1].head:
        return f"{words} {who.say(others[0][1])}", True
    if main.head == "stand" and alone and rng.random() < 0.6:
        return f"{words} and {who.say(others[0][1], '' if ' ' in form else form)}", False
    joined = alone and main.head in ("walk", "run", "jog", "stand") and not _LONG_REST.search(main.rest) and not others[0][1].before
    how = pick(
        {"while": 70, "": 35 if joined else 0, "as": 7 if alone and who.he else 0, "at the same time": 3 if alone else 0}, rng, False
    )
    if how == "as":
        return f"{words} as {who.clause(others[0][1])}", True
    if how == "at the same time" and " " not in form:
        return f"{words} and {who.say(others[0][1], form)} at the same time", True
    return f"{words} {how} {_together(others, who)}".replace("  ", " "), True


def _together(others: list[tuple[Stage, Phrase]], who: Voice) -> str:
    """ "waving", "waving and nodding", "walking forward and then turning left"."""
    text = who.say(others[0][1], "ing")
    for (stage, _), (following, said) in pairwise(others):
        then = _shared_s(stage, following) < 0.5 * min(stage.duration_s, following.duration_s)
        text += (" and then " if then else " and ") + who.say(said, "ing")
    return text


def label(timeline: Timeline, rng: Random) -> str:
    """A few words: "walk forward, turn left while waving with right hand"."""
    out = []
    for main, others in _clauses(groups(timeline.stages), rng, plain=True):
        words = LABEL.say(main)
        out.append(f"{words} while {_together(others, LABEL)}" if others else words)
    return ", ".join(out) or "stand still"


def instruction(timeline: Timeline, rng: Random) -> str:
    """What to do, in sentences: "Walk forward six steps, then turn left. Finally, wave with your right hand."."""
    parts, heads = [], []
    for main, others in _clauses(groups(timeline.stages), rng):
        heads.append(main.head)
        words = INSTRUCTION.say(main)
        parts.append(f"{words} while {_together(others, INSTRUCTION)}" if others else words)
    text, in_sentence = "", 0
    for i, words in enumerate(parts or ["stand still"]):
        if i == 0:
            text = words[0].upper() + words[1:]
        elif not heads[i] or (in_sentence < 2 and rng.random() < 0.6):
            text += pick({", then ": 6, " and then ": 4, ", and then ": 2}, rng, False) + words
        else:
            last = i == len(parts) - 1
            text += pick({". Then ": 5, ". Next, ": 2, ". After that, ": 2, ". Finally, ": 4 if last else 0}, rng, False) + words
            in_sentence = -1
        in_sentence += 1
    return text + "."
