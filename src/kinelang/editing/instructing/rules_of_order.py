"""Rules for what comes in, goes out and in which order: mirror, pauses, removing, moving, replacing."""

from __future__ import annotations

import re
from itertools import pairwise

from kinelang.editing.instructing.building import told_of
from kinelang.editing.instructing.comparing import N, Refused, Unclear, comparisons, number
from kinelang.editing.instructing.meaning import ORDINALS, Talk, stages_meant, verb_phrase
from kinelang.editing.patch import Add, Change, Mirror, Move, Operation, Remove, Text, Transition
from kinelang.language.lexicon import PARTS
from kinelang.language.lexicon.alike import alike
from kinelang.timeline.schema import Stage, overlaps

_S = rf"(?P<n>{N}) ?(?:seconds?|secs?|s)\b"
_PAUSE = re.compile(
    rf"(?:(?:add|insert|put|make|have|leave|include|take|with|do|let there be) )?(?P<no>remove|delete|no|without|skip"
    rf"|drop|cut)?\s*(?:a |an |the |any |some )?"
    rf"(?P<grade>longer |shorter |long |short )?(?:{_S}(?: long)? )?(?:-?seconds? )?(?P<what>pause|pausing|break|wait"
    rf"|waiting|rest|stop|gap|stand still|hold still)"
    rf"(?:s)?(?: of| for| by)?(?: {_S.replace('<n>', '<n2>')}| a (?:moment|second"
    rf"|bit))?(?: (?P<where>before|after|between|at) (?P<ref>.+))?"
)
_REMOVE = re.compile(
    r"(?:remove|delete|drop|erase|leave (?:out|away)|take (?:out|away)|cut(?: out)?|get rid of"
    r"|omit|cancel|skip(?= (?:the|all|every|both)\b|.*ing\b)|lose"
    r"|no(?: more)?|without|do not(?: do)?|do without|never|stop|avoid|not|exclude|scrap"
    r"|dispense with|there should be no|forget(?: about)?)\s+(?P<what>.+)"
)
_AND = re.compile(r"\s*(?:,| and | or | nor )\s*")
_PART = re.compile(r"(?P<side>left|right)? ?(?P<noun>arm|hand|leg|foot|head|torso|body|trunk|root|way)")


def mirror(c: str, talk: Talk, link: str) -> bool:
    """ "mirror it", "swap left and right"."""
    match = re.fullmatch(
        r"(?:mirror|flip|reflect)(?: left and right)?(?: (?P<ref>.+?))?(?: (?:horizontally|sideways|left and right|left to right))?", c
    )
    match = match or re.fullmatch(
        r"(?:swap|exchange|switch|flip|interchange|reverse) (?:the )?(?:left and right"
        r"|right and left|sides)(?: (?:of|in|for) (?P<ref>.+))?",
        c,
    )
    if match is None and c not in ("mirrored", "mirror image", "do it mirrored", "make it mirrored", "the mirror image"):
        return False
    ref = match["ref"] if match is not None else ""
    if not ref or (ref in ("it", "that", "this", "the motion") and not talk.mentioned) or ref == "the motion":
        talk.do(Mirror(), spoken=talk.spoken)
        return True
    found = stages_meant(ref, talk)
    whole = len(found) == len(talk.timeline) and ref not in ("it", "that", "this")
    talk.do(*([Mirror()] if whole else [Mirror(i + 1) for i in found]), spoken=found)
    return True


def pause(c: str, talk: Talk, link: str) -> bool:
    """ "add a pause of 2 seconds before the kick", "wait 1 second between the walk and the jump", "no pause before the bow"."""
    match = _PAUSE.fullmatch(c)
    if match is None:
        return False
    if match["ref"] and (graded := re.fullmatch(r"(.+) (longer|shorter)", match["ref"])):
        return pause(f"{graded[2]} {match['what']} {match['where']} {graded[1]}", talk, link)
    told = match["n"] or match["n2"]
    length = number(told) if told else 0.0 if match["no"] else 1.0
    place = match["where"]
    if place is None and (link == "then" or told or match["what"] in ("wait", "waiting")) and not match["no"]:
        raise_if_bare = link != "then" and not talk.mentioned
        if raise_if_bare:
            raise Refused("it is not told where the pause is: say before, after or between which actions")
        anchor = talk.spoken[-1] + 1 if talk.spoken and talk.added else None
        talk.do(Add("stand", "after" if anchor else "end", anchor, seconds=max(length, 0.05)))
        return True
    if place is None:
        return False
    if place == "at":
        if match["ref"] not in ("the end", "the beginning", "the start") or match["no"]:
            return False
        talk.do(Add("stand", "end" if match["ref"] == "the end" else "start", seconds=max(length, 0.05)))
        return True
    target = _after_pause(place, match["ref"], talk)
    if target is None:
        talk.do(Add("stand", "end", seconds=max(length, 0.05)))
        return True
    if match["grade"] in ("longer ", "shorter "):
        now = _gap(talk, target)
        length = max(0.0, now * 2 if now else 1.0) if match["grade"] == "longer " else now / 2
    if abs(length - _gap(talk, target)) < 1e-3:
        raise Unclear(f"there is {f'a pause of {length:g} s' if length else 'no pause'} there already")
    talk.do(Transition(target + 1, round(length, 3)), spoken=[target])
    return True


def remove(c: str, talk: Talk, link: str) -> bool:
    """ "remove the jump", "don't clap", "keep only the walk", "remove everything after the kick"."""
    if match := re.fullmatch(r"(?:keep only|only keep|leave only|only leave|just keep) (.+)", c):
        keep = set(_several(match[1], talk))
        return _taken_out([i for i in range(len(talk.timeline)) if i not in keep], talk)
    match = _REMOVE.fullmatch(c)
    if match is None:
        return False
    what = re.sub(r" (?:any ?more|any longer|at all|altogether)$", "", match["what"])
    if part := re.fullmatch(
        r"(?:everything|all|all stages|all actions|anything)(?: that comes| that is "
        r"done)? (after|before|but|except|except for|from) (.+)",
        what,
    ):
        near = _several(part[2], talk)
        first, last = talk.timeline.stages[near[0]], talk.timeline.stages[near[-1]]
        chosen = {
            "after": [i for i, s in enumerate(talk.timeline.stages) if s.start_s >= last.end_s - 1e-6],
            "before": [i for i, s in enumerate(talk.timeline.stages) if s.end_s <= first.start_s + 1e-6],
            "from": [i for i, s in enumerate(talk.timeline.stages) if s.start_s >= first.start_s - 1e-6],
        }.get(part[1], [i for i in range(len(talk.timeline)) if i not in near])
        return _taken_out(chosen, talk)
    if part := re.fullmatch(rf"the (last|first) ({N}) (?:stages|actions|parts|movements|things)", what):
        how_many = min(int(number(part[2])), len(talk.timeline))
        indices = list(range(len(talk.timeline)))
        return _taken_out(indices[:how_many] if part[1] == "first" else indices[-how_many:], talk)
    what = re.sub(r"^(?:any|a|an) ", "", what)
    return _taken_out(_several(what, talk), talk)


def swap(c: str, talk: Talk, link: str) -> bool:
    """ "swap the order of the wave and the bow", "reverse the order"."""
    if re.fullmatch(
        r"(?:reverse|invert|flip) (?:the )?(?:order|sequence)(?: of (?:everything|all(?: of it| stages)?|the (?:stages"
        r"|actions)))?|(?:do it )?in (?:the )?reverse order",
        c,
    ):
        if overlaps_in_time(talk):
            raise Unclear("some actions are done at the same time: say which two to swap")
        talk.do(*[Move(i, "start") for i in range(2, len(talk.timeline) + 1)])
        return True
    match = re.fullmatch(
        r"(?:swap|switch|exchange|reverse|change|interchange|invert)(?: around)?(?: the)?(?: order| places| "
        r"positions?)?(?: of)? (?P<a>.+?)(?: and | with )(?P<b>.+?)(?: around| over| round)?",
        c,
    )
    if match is None:
        return False
    first, second = match["a"], match["b"]
    if re.fullmatch(rf"(?:the )?(?:{'|'.join(ORDINALS)})", first):
        first = f"{first} {second.split()[-1]}"
    a, b = _one(first, talk), _one(second, talk)
    talk.do(Move(a + 1, "swap", b + 1), spoken=[a, b])
    return True


def order(c: str, talk: Talk, link: str) -> bool:
    """ "move the wave to the end", "bow before the kick", "start the wave 1 second later"."""
    if re.search(r"\b(?:again|another|once more|also|add|insert|include|append)\b", c):
        return False
    return _at_an_end(c, talk) or _in_time(c, talk) or _beside(c, talk)


def replace(c: str, talk: Talk, link: str) -> bool:
    """ "instead of kicking, punch", "replace the jump by a squat", "turn the walk into a run"."""
    match = (
        re.fullmatch(r"instead of (?P<a>.+?),? (?:then |do |have |he should |make )?(?P<b>[a-z].*)", c) if "," not in c else None
    ) or re.fullmatch(r"instead of (?P<a>[^,]+), (?:then |do |have )?(?P<b>.+)", c)
    match = match or re.fullmatch(r"(?P<b>.+?),? (?:instead of|rather than|in place of|and not) (?P<a>.+)", c)
    match = match or re.fullmatch(r"(?:replace|substitute|exchange|swap|switch) (?P<a>.+?) (?:with|by|for|to) (?P<b>.+)", c)
    match = match or re.fullmatch(r"(?:change|turn|convert|transform|make) (?P<a>.+?) (?:in)?to (?:be )?(?P<b>.+)", c)
    match = match or re.fullmatch(r"(?:make|let) (?P<a>.+?) (?:be )?(?P<b>an? .+)", c)
    match = match or re.fullmatch(r"(?P<b>.+)(?P<a>) instead", c)
    if match is None:
        return False
    pairs = [(match["a"], match["b"])]
    if c.startswith("instead of") and "," not in c:
        words = c[len("instead of ") :].split()
        pairs = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
    for a, b in pairs:
        new = verb_phrase(re.sub(r"^(?:do|have|make|perform|be|use|take) ", "", b))
        if new is None or (comparisons(b)[0] and c.startswith(("make", "let"))) or b.startswith(("go ", "be ")):
            continue
        if not a and any(stage.verb == new.verb for stage in talk.timeline.stages):
            return False
        found = stages_meant(a, talk) if a or talk.spoken else [_nearest(new, talk)]
        told = told_of(new)
        talk.do(*[Change(i + 1, (("verb", new.verb), *told.items())) for i in found], spoken=found)
        return True
    return False


def _nearest(new: Stage, talk: Talk) -> int:
    """The stage that an action most likely takes the place of: one that is much the same, else of its family, else the last."""
    stages = talk.timeline.stages
    alike_ones = [i for i, s in enumerate(stages) if alike(s.verb, new.verb)]
    of_family = [i for i, s in enumerate(stages) if s.lexeme.family == new.lexeme.family]
    index = (alike_ones or of_family or list(range(len(stages))))[-1]
    if len(stages) > 1:
        talk.notes.append(f"nothing was named: it is taken for '{stages[index].brief()}'")
    return index


def text(c: str, talk: Talk, link: str) -> bool:
    """ "right arm: hangs", "in the walk, left arm: holds a cup"."""
    match = re.fullmatch(
        r"(?:(?:in|during|for|while) (?P<ref>[^:]+?),? )?(?:the )?(?P<part>(?:left |right )?[a-z]+) ?: ?(?P<words>.+)", c
    )
    part = None if match is None else _part(match["part"])
    if match is None or part is None:
        return False
    words, ref = match["words"], match["ref"] or ""
    if not ref and (cut := re.fullmatch(r"(.+?),? (?:while|during|in|for) (.+)", words)):
        try:
            stages_meant(cut[2], talk)
            words, ref = cut[1], cut[2]
        except Unclear:
            pass
    found = stages_meant(ref, talk)
    none = words in ("nothing", "none", "-", "no text", "remove")
    talk.do(*[Text(i + 1, part, None if none else words) for i in found], spoken=found)
    return True


def overlaps_in_time(talk: Talk) -> bool:
    """Whether anything goes on at the same time as something else."""
    stages = talk.timeline.stages
    return any(a.end_s > b.start_s + 1e-6 for a, b in pairwise(stages)) or bool(overlaps(stages))


def _part(words: str) -> str | None:
    match = _PART.fullmatch(words.strip())
    if match is None:
        return words if words in PARTS else None
    noun = {"hand": "arm", "foot": "leg", "body": "torso", "trunk": "torso", "way": "root"}.get(match["noun"], match["noun"])
    part = f"{match['side']}_{noun}" if match["side"] else noun
    return part if part in PARTS else None


def _after_pause(place: str, ref: str, talk: Talk) -> int | None:
    """The stage before which a pause lies; None for the end."""
    stages = talk.timeline.stages
    if place == "before":
        return stages_meant(ref, talk, many=False)[0]
    if place == "between":
        pair = re.split(r" and ", ref, maxsplit=1)
        if len(pair) < 2:
            raise Unclear(f"'between {ref}' names one action: say between which two")
        return max(_one(pair[0], talk), _one(pair[1], talk), key=lambda i: stages[i].start_s)
    end = stages[stages_meant(ref, talk, many=False)[-1]].end_s
    later = [i for i, s in enumerate(stages) if s.start_s >= end - 1e-6]
    return later[0] if later else None


def _gap(talk: Talk, target: int) -> float:
    start = talk.timeline.stages[target].start_s
    return max(0.0, start - max((s.end_s for s in talk.timeline.stages if s.start_s < start - 1e-6), default=0.0))


def _taken_out(indices: list[int], talk: Talk) -> bool:
    if not indices:
        raise Unclear("there is nothing to remove there")
    if len(set(indices)) >= len(talk.timeline):
        raise Refused("nothing would be left")
    talk.do(*[Remove(i + 1) for i in sorted(set(indices), reverse=True)])
    return True


def _several(words: str, talk: Talk) -> list[int]:
    """Stages meant by "the jump and the kick"."""
    try:
        return stages_meant(words, talk)
    except Unclear:
        pieces = _AND.split(words)
        if len(pieces) < 2:
            raise
        return sorted({i for piece in pieces for i in stages_meant(piece, talk)})


def _one(ref: str, talk: Talk) -> int:
    found = stages_meant(ref, talk, many=False)
    if len(found) != 1:
        raise Unclear(f"'{ref}' means {len(found)} stages: say which")
    return found[0]


_FIRST = (
    r"(?:(?:to|at|in) (?:the )?(?:very )?(?P<end>start|beginning|front|end|back|first "
    r"place|last place)(?: of (?:it|everything|all|the .+))?"
    r"|(?P<bare>first|last))"
)


def _at_an_end(c: str, talk: Talk) -> bool:
    match = re.fullmatch(
        rf"(?:(?:move|put|place|shift|bring|do|have|perform|let|come|make|start|begin) )?(?P<ref>.+?) (?:come |be |happen )?{_FIRST}", c
    )
    match = match or re.fullmatch(r"(?P<end>start|begin|end|finish)(?P<bare>)(?: it| off)? (?:with|by(?: doing)?) (?P<ref>.+)", c)
    if match is None:
        return False
    try:
        index = _one(match["ref"], talk)
    except Unclear:
        if c.startswith(("move", "shift", "bring")):
            raise
        return False
    where = match["end"] or match["bare"]
    start = where in ("start", "beginning", "front", "first", "begin", "first place")
    talk.do(Move(index + 1, "start" if start else "end"), spoken=[index])
    return True


def _in_time(c: str, talk: Talk) -> bool:
    verbs = r"(?:(?:move|start|begin|shift|delay|postpone|do|let|have|make|bring|put) )?"
    if match := re.fullmatch(
        rf"{verbs}(?P<ref>.+?) (?:start |begin |by )*(?:{_S} )?(?:a (?:bit|little) )?(?P<way>later|earlier|sooner|forward|back)", c
    ):
        by = number(match["n"]) if match["n"] else 0.5
        sign = 1 if match["way"] in ("later", "back") else -1
        if match["way"] in ("forward", "back") and not (match["n"] and c.startswith(("move", "shift", "bring"))):
            return False
    elif match := re.fullmatch(rf"(?:delay|postpone) (?P<ref>.+?)(?: by| for)? {_S}", c):
        by, sign = number(match["n"]), 1
    elif match := re.fullmatch(
        rf"{verbs}(?P<ref>.+?) (?:start |begin )?(?:at|to|from) (?:(?:second|time) (?P<n2>{N})|{_S})(?: on)?", c
    ):
        index = _one(match["ref"], talk)
        talk.do(Move(index + 1, at_s=number(match["n"] or match["n2"])), spoken=[index])
        return True
    else:
        return False
    index = _one(match["ref"], talk)
    talk.do(Move(index + 1, by_s=sign * by), spoken=[index])
    return True


def _beside(c: str, talk: Talk) -> bool:
    """One existing stage before, after or while another."""
    body = re.sub(r"^(?:move|put|place|shift|bring|do|have|perform|let|make) ", "", c)
    match = re.fullmatch(
        r"(?P<a>.+?) (?:come |go |happen |right |directly |immediately |straight |not "
        r")*(?P<way>before|after|behind|ahead of|following|while|during|at the same time as) (?P<b>.+)",
        body,
    )
    if match is None:
        match = re.fullmatch(r"(?P<a>.+?) and (?P<b>.+?) (?P<way>at the same time|together|simultaneously|at once)", body)
    if match is None or " not " in body:
        match = re.fullmatch(r"(?P<way>before|after|while|during) (?P<b>[^,]+), (?P<a>.+)", body) if match is None else None
    if match is None:
        return False
    try:
        a, b = _one(match["a"], talk), _one(match["b"], talk)
    except Unclear:
        return False
    way = {"behind": "after", "following": "after", "ahead of": "before", "before": "before", "after": "after"}.get(
        match["way"], "while"
    )
    one, other = talk.timeline.stages[a], talk.timeline.stages[b]
    if a == b:
        return False
    if way == "while" and min(one.end_s, other.end_s) - max(one.start_s, other.start_s) > 0.5 * min(one.duration_s, other.duration_s):
        raise Unclear(f"'{one.brief()}' is done at the same time as '{other.brief()}' already")
    operation: Operation = Move(a + 1, way, b + 1)
    before = talk.timeline
    talk.do(operation, spoken=[a])
    if talk.timeline.stages == before.stages:
        raise Unclear(f"'{one.brief()}' is {way} '{other.brief()}' already")
    return True
