"""Rules for what is done and how: adding actions, and changing those that are there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from kinelang.editing.instructing.building import HALVES, can, is_known, operations, told_of, values_told
from kinelang.editing.instructing.comparing import Comparison, N, Unclear, comparisons, number
from kinelang.editing.instructing.meaning import ORDINALS, Talk, listed, stages_meant, told_stages, verb_phrase
from kinelang.editing.patch import Add, Operation, Retime, Values
from kinelang.timeline.schema import Stage

COMMANDS = re.compile(
    r"(?:make|remove|delete|drop|move|put|place|swap|switch|replace|change|mirror|use|do it|do that|keep|let it|do the)\b"
)
_WHOLE = (
    r"(?:everything|all(?: of it| of them)?|it all|the (?:sequence|timeline|animation|clip|motion)"
    r"|the (?:whole|entire|complete) (?:thing|motion|movement|sequence|timeline|animation|clip))"
)
_ADD = re.compile(
    r"(?P<add>(?:(?:then|also|next|finally|afterwards|after that|add|insert|include|append|in addition|additionally"
    r"|as well|follow up|end by|finish by|end with|finish with|start by|begin by)\b,?\s*)+)(?:also |in )?(?:with |by )?"
)
_LATE = re.compile(r"(?:then|next|finally|afterwards|after that|follow|append|end|finish)")
_SECOND = re.compile(rf"(?:at|from) (?:second (?P<n>{N})|(?P<n2>{N}) ?(?:seconds?|secs?|s))(?: on)?")
_LED = re.compile(r"(?P<way>before|after|while|during|when|as) (?P<ref>[^,]+?), (?P<what>.+)")
_FOLLOWED = re.compile(
    r"(?P<what>.+?),? (?:(?:right|directly|immediately|just|straight) )?(?P<way>before|after"
    r"|while|during|when|at the same time as|between) (?P<ref>.+)"
)
_AT_END = re.compile(
    r"(?P<what>.+?),? (?:at|in|to) the (?:very )?(?P<end>end|beginning|start)(?: of .+)?"
    r"|(?P<w2>.+?) (?P<e2>first|last|finally|at last|afterwards)"
)
_END_LED = re.compile(
    r"(?:at|in) the (?:very )?(?P<end>end|beginning|start),? (?P<what>.+)|(?P<e2>first"
    r"|finally|lastly|last|to finish|to start|at last),? (?P<w2>.+)"
)
_COPY = re.compile(
    r"(?:an?|one)?\s*(?:(?P<more>another|second|third|extra|additional|further)"
    r"|(?P<again>again)) (?P<what>.+)|(?P<w2>.+) (?:once )?again|repeat (?P<w3>.+)"
)
_MAKE = re.compile(
    r"^(?:make|do|let|have|perform|keep|execute|also|but|and|use|take|be|get|with|give|play|carry out|change|set"
    r"|turn|switch|put)\s+(?!around\b|all the way|left\b|right\b|to\b|clockwise)"
)
_JOINT = re.compile(
    r"^(?:(?:to )?(?:be|go|goes|going|is|are|point|face|last|take|happen|come)(?: done| performed| made)?(?! "
    r"to\b(?! the))|with|done|performed|in|more|it|a bit)\s+"
)


def whole(c: str, talk: Talk, link: str) -> bool:
    """ "everything slower", "make it 5 seconds long"."""
    compared, rest = comparisons(c)
    match = re.fullmatch(
        rf"(?:(?:make|do|let|have|play|perform|keep|speed|slow|give) "
        rf")?(?P<ref>{_WHOLE})(?: (?:be|to be|is|should be|up|down))*(?: (?P<rest>.+))?",
        rest,
    )
    overall = re.fullmatch(r"(?:(?P<rest>.+) )?(?:overall|in total|altogether|throughout)", rest)
    lasting = [x for x in compared if x.kind.startswith("length")]
    if match is None and overall is None:
        alone = (
            re.fullmatch(r"(?:(?:make|let|have) )?(?:it|this|that)(?: be| last| take)?|", rest) is not None and len(talk.timeline) > 1
        )
        if not (alone and not talk.mentioned and len(compared) == 1 and compared[0].kind == "length=" and len(lasting) == 1 and rest):
            return False
        talk.notes.append("'it' is taken for the whole motion")
    done: list[Operation] = [_whole_length(x) for x in lasting]
    others = [x for x in compared if x not in lasting]
    words = ((match["rest"] if match is not None else overall["rest"] if overall is not None else "") or "").strip()
    for i, stage in enumerate(talk.timeline.stages, 1):
        mine = [x for x in others if can(stage.lexeme, [x])]
        told = _values(words, stage) if words else {}
        if mine or told:
            try:
                done += operations(i, stage, mine, told or {})
            except Unclear:
                continue
    if not done or (words and not any(_values(words, stage) for stage in talk.timeline.stages)):
        raise Unclear(f"nothing in the timeline can be made '{words or c}'")
    talk.do(*done)
    talk.spoken = []
    return True


def scoped(c: str, talk: Talk, link: str) -> bool:
    """ "wave higher while walking": a change of the one that is done then."""
    match = _FOLLOWED.fullmatch(c) or _LED.fullmatch(c)
    if match is None or match["way"] == "between":
        return False
    compared, rest = comparisons(match["what"])
    found = verb_phrase(_MAKE.sub("", rest)) if rest else None
    if match["way"] not in ("before", "after") and not compared and (found is None or not told_of(found)):
        return False
    if not compared and found is not None and match["way"] in ("before", "after") and not told_of(found):
        return False
    try:
        near = stages_meant(match["ref"], talk)
    except Unclear:
        return False
    stages = talk.timeline.stages
    related = frozenset(i for i, s in enumerate(stages) if i not in near and any(_is(match["way"], s, stages[j]) for j in near))
    if found is not None and not any(stages[i].verb == found.verb for i in related):
        return False
    talk.scope = related
    return change(match["what"], talk, link)


def _is(way: str, stage: Stage, near: Stage) -> bool:
    if way == "before":
        return stage.end_s <= near.start_s + 1e-6
    if way == "after":
        return stage.start_s >= near.end_s - 1e-6
    return min(stage.end_s, near.end_s) - max(stage.start_s, near.start_s) > 1e-6


def add(c: str, talk: Talk, link: str) -> bool:
    """ "then sit down", "add a jump before the kick", "raise the left arm while walking"."""
    if link != "then" and COMMANDS.match(c):
        return False
    match = _ADD.match(c)
    words = c[match.end() :] if match is not None else c
    late = link == "then" or (match is not None and _LATE.match(match["add"]) is not None)
    early = match is not None and match["add"].startswith(("start", "begin"))
    if COMMANDS.match(words):
        return False
    for what, place in _placements(words):
        new = _new_stages(what, talk)
        if new is None:
            continue
        stages, copied = new
        again = _COPY.fullmatch(what)
        if again is not None and place == ("", "") and not late:
            place = ("after", again["what"] or again["w2"] or again["w3"])
        _put(stages, place, talk, what, _When(late, early, bool(match) or late or early or copied, copied))
        return True
    return False


_NO_END = frozenset({"to", "the", "a", "an", "with", "for", "of", "in", "at", "go", "be", "and", "on", "by", "left", "right"})
"""Words with which no name of a stage ends."""
_NAMING = re.compile(
    rf"(?:make |do |let |have |perform )?(?:the|it|that|this|an?|{'|'.join(ORDINALS)}|every"
    rf"|each|all|both|stage)\b(?! (?:left|right) (?:arm|hand|leg|foot))"
)
Place = tuple[str, str]
"""(How: a way beside something, "start", "end", "second" or "", what it is beside)."""


def _placements(words: str) -> list[tuple[str, Place]]:
    """Ways to part words into what is done and where it is placed, those that say where first."""
    found: list[tuple[str, Place]] = []
    matches = (pattern.fullmatch(words) for pattern in (_LED, _FOLLOWED))
    found += [(match["what"], (match["way"], match["ref"])) for match in matches if match is not None]
    for pattern in (_AT_END, _END_LED):
        if match := pattern.fullmatch(words):
            end = match["end"] or match["e2"]
            found.append((match["what"] or match["w2"], ("start" if end in ("beginning", "start", "first", "to start") else "end", "")))
    if match := re.fullmatch(rf"(?P<what>.+?) {_SECOND.pattern}", words) or re.fullmatch(rf"{_SECOND.pattern},? (?P<what>.+)", words):
        found.append((match["what"], ("second", match["n"] or match["n2"])))
    if match := re.fullmatch(r"(?P<what>.+?) (?:at the same time|simultaneously|meanwhile|at once)", words):
        found.append((match["what"], ("while", "it")))
    return [*found, (words, ("", ""))]


def _new_stages(what: str, talk: Talk) -> tuple[Sequence[Stage], bool] | None:
    """(Stages that are told, whether they are a copy of one that is there: "another kick", "wave again"); None: not understood."""
    if match := re.fullmatch(r"(?:an? |the )?(left|right) (\w+)", what):
        new = verb_phrase(match[2])
        if new is not None and match[1] in new.lexeme.sides:
            return [new.with_(side=match[1])], False
    if match := _COPY.fullmatch(what):
        told = match["what"] or match["w2"] or match["w3"]
        try:
            index = stages_meant(re.sub(r"^(?:the|a) ", "", told), talk)[-1]
        except Unclear:
            stages = told_stages(told)
            return None if stages is None else (stages, False)
        new, old = verb_phrase(told), talk.timeline.stages[index].with_(confidence=None, evidence=())
        if new is None or new.verb != old.verb or not told_of(new):
            return [old], True
        return [old.with_(**told_of(new))], False
    stages = told_stages(what)
    return None if stages is None else (stages, False)


@dataclass(frozen=True)
class _When:
    """How an addition was said: "then ...", "begin by ...", whether it was asked for as one, and whether it is a copy."""

    late: bool
    early: bool
    asked: bool
    copied: bool


def _put(stages: Sequence[Stage], place: Place, talk: Talk, what: str, when: _When) -> None:
    """Add stages, the first where it is told and the others as the parser has placed them to the first."""
    way, ref = place
    have = [s.verb for s in talk.timeline.stages]
    if not when.asked and not way and all(s.verb in have for s in stages):
        raise Unclear(f"'{stages[0].brief()}' is there already; say what to change of it, or 'add ...' to do it once more")
    if not when.asked and any(re.match(r"(?:it|that|this|them)\b", s.target or "") for s in stages):
        raise Unclear(f"'{what}' is no change that is known")
    if not when.asked and not way and comparisons(what)[0]:
        raise Unclear(f"there is no '{stages[0].lexeme.base}' among {listed(talk.timeline)}")
    anchor, how = (None, "start") if when.early and not way else _anchor(way, ref, talk, when.late)
    if not when.asked and not way:
        talk.notes.append(f"there is no '{stages[0].brief()}' yet: it is added at the end")
    first: Stage | None = None
    for stage in stages:
        add = partial(Add, stage.verb, fields=_fields(stage), texts=stage.texts)
        seconds = stage.duration_s if when.copied else _told_seconds(what, stage)
        if first is not None:
            beside = stage.start_s < first.end_s - 1e-6
            talk.do(add(place="while" if beside else "after", anchor=talk.spoken[-1] + 1, seconds=seconds))
        elif way == "second":
            talk.do(add(at_s=number(ref), seconds=seconds))
        else:
            talk.do(add(place=how, anchor=anchor, seconds=seconds))
        first = stage


def _fields(stage: Stage) -> Values:
    return tuple(told_of(stage).items())


def _told_seconds(what: str, stage: Stage) -> float | None:
    return stage.duration_s if re.search(rf"\b{N} ?(?:seconds?|secs?|s|minutes?)\b", what) else None


def _anchor(way: str, ref: str, talk: Talk, late: bool) -> tuple[int | None, str]:
    """(Number of the stage to place by, or None; how)."""
    if way in ("start", "end"):
        return None, way
    if way == "between":
        pair = re.split(r" and ", ref, maxsplit=1)
        if len(pair) != 2:
            raise Unclear(f"'between {ref}' names one action: say between which two")
        return max(stages_meant(pair[0], talk, many=False)[0], stages_meant(pair[1], talk, many=False)[0]) + 1, "before"
    if way in ("before", "after", "while", "during", "when", "as", "at the same time as"):
        found = stages_meant(ref, talk)
        return (found[0] if way == "before" else found[-1]) + 1, way if way in ("before", "after") else "while"
    if late and talk.added and talk.spoken:
        return talk.spoken[-1] + 1, "after"
    return None, "end"


def change(c: str, talk: Talk, link: str) -> bool:
    """ "wave higher and for longer with the left hand", "make the second kick slower", "twice", "use the other arm"."""
    if re.match(r"(?:add|insert|include|append|repeat|undo|redo)\b", c) or re.search(
        r"\bagain (?:at|in) the \w+$|^(?:before|after|while|during|between|at the)\b", c
    ):
        return False
    c = re.sub(r"(?:,| too| as well| instead)+$", "", c).strip()
    c = re.sub(r" (?:instead of|rather than) [^,]+$", "", c)
    compared, rest = comparisons(c)
    rest = re.sub(r"^(?:,|and|but|of|for|in) |^(?:take|do|make|go|have|be)$", "", rest)
    return any(_changed(words.strip(" ,"), compared, talk) for words in dict.fromkeys((_MAKE.sub("", rest), rest)))


def _changed(words: str, compared: Sequence[Comparison], talk: Talk) -> bool:
    stages = talk.timeline.stages
    if not words:
        return bool(compared) and _do(_default(talk, compared, ""), compared, "", talk)
    found = verb_phrase(words)
    mine = [i for i, s in enumerate(stages) if found is not None and s.verb == found.verb and (talk.scope is None or i in talk.scope)]
    if found is not None and mine and is_known(found.target) and not _NAMING.match(words):
        told = told_of(found)
        if not told and not compared:
            return False
        return _do_told(mine, compared, [told] * len(mine), talk)
    if match := re.fullmatch(r"(?:it|that|this|them)(?: (?P<tail>.+))?", words):
        tail = _JOINT.sub("", (match["tail"] or "").strip(" ,") + " ").strip()
        return bool(compared or tail) and _do(_default(talk, compared, tail), compared, tail, talk)
    pieces = words.split()
    reason: Unclear | None = None
    for k in range(len(pieces), 0, -1):
        if k < len(pieces) and pieces[k - 1] in _NO_END:
            continue
        try:
            meant = stages_meant(" ".join(pieces[:k]), talk)
        except Unclear as error:
            reason = reason or error
            continue
        tail = _JOINT.sub("", " ".join(pieces[k:]) + " ").strip()
        if not tail and not compared:
            continue
        try:
            if _do(meant, compared, tail, talk):
                return True
        except Unclear as error:
            reason = error
    if reason is not None and _NAMING.match(words) and not HALVES.fullmatch(words):
        raise reason
    try:
        target = _default(talk, compared, words)
    except Unclear:
        target = []
    if target and _do(target, compared, words, talk):
        return True
    if reason is not None:
        raise reason
    return False


def _default(talk: Talk, compared: Sequence[Comparison], words: str) -> list[int]:
    """What is meant where nothing is named: what was spoken of, else the last stage that can be changed so."""
    stages = talk.timeline.stages
    able = [
        i
        for i, s in enumerate(stages)
        if (talk.scope is None or i in talk.scope)
        and can(s.lexeme, compared)
        and (not words or _values(words, s))
        and _possible(i, s, compared)
    ]
    spoken = [i for i in talk.spoken if i in able]
    if spoken:
        return spoken
    if not able:
        raise Unclear(f"none of {listed(talk.timeline)} can be done so")
    if len(able) > 1:
        talk.notes.append(f"nothing was named: it is taken for '{stages[able[-1]].brief()}', the last that can be done so")
    return able[-1:]


def _possible(index: int, stage: Stage, compared: Sequence[Comparison]) -> bool:
    try:
        return not compared or bool(operations(index + 1, stage, compared, {}))
    except Unclear:
        return False


def _values(words: str, stage: Stage) -> dict[str, Any] | None:
    """As `values_told`, also of several in a row: "twice with the left hand"."""
    told = values_told(words, stage)
    if told:
        return told
    for match in re.finditer(r",? and |, | ", words):
        first = values_told(words[: match.start()], stage)
        second = _values(words[match.end() :], stage) if first else None
        if first and second:
            return first | second
    return None


def _do(meant: list[int], compared: Sequence[Comparison], words: str, talk: Talk) -> bool:
    """Change the stages that are meant; False where the words tell nothing of them."""
    told = [_values(words, talk.timeline.stages[i]) if words else {} for i in meant]
    if any(values is None for values in told):
        return False
    return _do_told(meant, compared, [values or {} for values in told], talk)


def _do_told(meant: list[int], compared: Sequence[Comparison], told: Sequence[dict[str, Any]], talk: Talk) -> bool:
    tried = [_operations(i, talk, compared, values) for i, values in zip(meant, told, strict=True)]
    done = [operation for made in tried if not isinstance(made, Unclear) for operation in made]
    if not done:
        raise next((made for made in tried if isinstance(made, Unclear)), Unclear("nothing was told"))
    talk.do(*done, spoken=meant)
    return True


def _operations(index: int, talk: Talk, compared: Sequence[Comparison], values: dict[str, Any]) -> list[Operation] | Unclear:
    """What is to be done to one stage, or why nothing is."""
    try:
        return operations(index + 1, talk.timeline.stages[index], compared, values)
    except Unclear as error:
        return error


def _whole_length(c: Comparison) -> Operation:
    if c.kind == "length=":
        return Retime(seconds=float(c.value))
    return Retime(times=float(c.value)) if c.kind == "length*" else Retime(plus_s=float(c.value))
