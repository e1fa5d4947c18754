"""`understand`: an instruction in plain words to a patch, with what was understood and what was not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kinelang.editing.instructing import rules_of_content as content
from kinelang.editing.instructing import rules_of_order as ordering
from kinelang.editing.instructing.comparing import N, Refused, Unclear, tidy
from kinelang.editing.instructing.meaning import Talk, listed, stages_meant
from kinelang.editing.patch import Change, Operation, Patch
from kinelang.errors import TimelineError
from kinelang.timeline.schema import Timeline

SAYABLE = (
    "make the kick higher / slower / longer",
    "wave twice with the left hand",
    "walk backwards",
    "use the other arm",
    "turn the other way",
    "remove the jump",
    "don't clap",
    "then sit down",
    "add a bow before the kick",
    "raise the left arm while walking",
    "swap the wave and the bow",
    "instead of kicking, punch",
    "a pause of 2 seconds before the kick",
    "everything slower",
    "make it 5 seconds long",
    "mirror it",
    "right arm: hangs",
)
"""What can be said, by example."""
_Rule = Callable[[str, Talk, str], bool]
_RULES: tuple[_Rule, ...] = (
    ordering.mirror,
    ordering.pause,
    ordering.text,
    content.whole,
    ordering.remove,
    ordering.swap,
    ordering.order,
    ordering.replace,
    content.scoped,
    content.change,
    content.add,
)
_ADDING: tuple[_Rule, ...] = (ordering.pause, content.add)
_LINKS = re.compile(
    r"\s*(?:[;!?]|\.(?!\d)|,? and then\b|,? then\b|,? but then\b|,? and finally\b|,? after that\b|,? and also\b|,? also\b)\s*,?\s*"
)
_JOINTS = re.compile(r",? and | but |, | & | plus ")
_NO_LIMB = re.compile(
    r"\b(?:third|fourth|fifth|middle|cent(?:er|re)|three|four|five|[3-9]) (?:arms?|hands?|legs?|foot|feet|elbows?|knees?)\b"
)
"""Limbs that nobody has."""
_POLITE = re.compile(
    r"^(?:could|can|would|might) (?=the |it |that )|\b(?:please|kindly|could you|can you|would you|will you|i want "
    r"you to|i would like you to|i'd like you to|i want|i would like|i'd like|we need|i need"
    r"|let's|let us|just|now|actually|maybe|perhaps|ok|okay|simply|really|if possible|thanks|thank you"
    r"|(?:make|have|let|want|get|tell) (?:him|her|them|the (?:person|figure|man|woman|character|avatar))(?: to)?"
    r"|the (?:person|figure|man|woman|character|avatar) (?:should|shall|must|is to|needs to)?"
    r"|(?:he|she|they|you) (?:should|shall|must|could|needs? to|have to|has to))(?![\w'])"
)
_REWRITTEN = (
    (r"[’`]", "'"),
    (r"\bdon't|\bdoesn't|\bshouldn't|\bdont\b|\bshould not\b|\bmust not\b|\bdo n't", "do not"),
    (r"\bisn't\b|\baren't\b", "is not"),
    (
        r"\b(?:i|we) (?:do not|never) (?:want|need|like|wish)(?: to (?:see|have))?\b"
        r"|\bthere (?:do not be an?|should be no|must be no|is no)\b",
        "remove",
    ),
    (r"\b(?:i'd|i would|we'd|we would) rather (?:see|have|like)?\b|\b(?:i|we) (?:prefer|wish)\b", ""),
    (r"^for (the [^,]+?),? use ", r"\1 with "),
    (r"\b(\d+(?:\.\d+)?)-second\b", r"\1 second"),
    (r"\b(?:his|her|their|your|my|its) (?=(?:own )?(?:left|right|other|both|arm|hand|leg|foot|head|kick|walk|wave|jump|turn))", "the "),
    (r"\b(slow|speed) (it|that|this|them|everything|the [a-z ]+?) (down|up)\b", r"\1 \3 \2"),
    (r"\bdo not ([a-z ]+?) (so|as|that|too|quite so) (fast|quickly|slow|slowly|high|far|deep|wide|big|hard|often)\b", r"\1 not so \3"),
    (r"\b(?:is|are) too (fast|quick)\b", "should be slower"),
    (r"\b(?:is|are) too slow\b", "should be faster"),
    (r"\b(?:is|are) too (?:short|brief)\b", "should be longer"),
    (r"\b(?:is|are) too long\b", "should be shorter"),
    (r"\b(?:is|are) too (?:high|big|large|wide|far|deep)\b", "should be smaller"),
    (r"\b(?:is|are) too (?:low|small|narrow|near|shallow)\b", "should be bigger"),
    (r"\bdo not use the (left|right) (arm|hand|leg|foot)\b", r"use the other \2"),
    (
        r"\bnot with the (left|right) (arm|hand|leg|foot)(?:,? but with the (?:left|right)(?: one| arm| hand| leg| foot)?)?",
        r"with the other \2",
    ),
    (r"\b(?:should|shall|ought to|must) ", ""),
    (
        r"\b(left|right)((?: [a-z]+)?),? (?:instead of|and not|not|rather than|but not) (?:with )?(?:to )?(?:the )?(?:left|right)"
        r"(?: one| arm| hand| leg| foot| side)?\b",
        r"\1\2",
    ),
    (r"^use (the (?:left|right|other) [a-z]+) (?:for|in|during|when|while) (.+)", r"\2 with \1"),
    (r"\bone more (?=[a-z]+(?:$| at| before| after))(?!time|step|second)", "add another "),
    (r"^(?:put|place|have|do|let there be) (an? [a-z ]+? (?:before|after|between|at|while|during)\b)", r"add \1"),
    (rf"^(?:stretch|lengthen|extend|prolong|draw out|shorten|cut) (.+?) to ({N}) ?(?:seconds?|secs?|s)$", r"\1 for \2 seconds"),
    (rf"^(?:stretch|lengthen|extend|prolong|draw out) (.+?) by ({N}) ?(?:seconds?|secs?|s)$", r"\1 \2 seconds longer"),
    (rf"^shorten (.+?) by ({N}) ?(?:seconds?|secs?|s)$", r"\1 \2 seconds shorter"),
    (rf"^add ({N}) ?(?:seconds?|secs?|s) to (.+)$", r"\2 \1 seconds longer"),
    (r"^(?:lengthen|prolong|extend|draw out) (?!the (?:left|right|arm|leg))(.+)$", r"\1 longer"),
    (r"^shorten (.+)$", r"\1 shorter"),
    (r"^accelerate (.+)$", r"\1 faster"),
    (r"^(?:increase|raise) the (?:speed|pace|tempo) of (.+)$", r"\1 faster"),
    (r"^(?:reduce|decrease|lower) the (?:speed|pace|tempo) of (.+)$", r"\1 slower"),
    (r"^(?:increase|raise) the (?:height|size|distance|angle|depth|amplitude) of (.+)$", r"\1 bigger"),
    (r"^(?:reduce|decrease|lower) the (?:height|size|distance|angle|depth|amplitude) of (.+)$", r"\1 smaller"),
    (r"^(?:increase) the (?:length|duration) of (.+)$", r"\1 longer"),
    (r"^(?:reduce|decrease) the (?:length|duration) of (.+)$", r"\1 shorter"),
    (r"^go (?=(?:forward|backward|left|right|faster|slower|further|farther))", "walk "),
)


@dataclass(frozen=True)
class Understood:
    """What an instruction says.

    Attributes:
        patch: what is to be done; of the clauses that were understood.
        understood: those clauses.
        not_understood: (clause, reason) of the others.
        notes: what had to be settled, such as which stage "it" is.
        text: the instruction.
    """

    patch: Patch
    understood: tuple[str, ...]
    not_understood: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    text: str


def understand(instruction: str, timeline: Timeline, spoken: tuple[int, ...] = ()) -> Understood:
    """Read an instruction.

    Args:
        instruction: English: what shall be otherwise.
        timeline: what it is about.
        spoken: indices of the stages that an instruction before was about; "it" is these.

    Raises:
        TimelineError: nothing in it was understood, with the reason and examples of what can be said; or it contradicts itself.
    """
    if not isinstance(instruction, str) or not re.search(r"[a-zA-Z]", instruction):
        raise TimelineError.of("instruction", "no words", f"such as: {'; '.join(SAYABLE[:6])}")
    if len(instruction) > 2000:
        raise TimelineError.of("instruction", f"{len(instruction)} characters", "at most 2000", "say it in several instructions")
    if limb := _NO_LIMB.search(instruction.lower()):
        raise TimelineError.of("instruction", f"'{limb[0]}'", "the left, the right, the other, or both")
    talk = Talk(timeline, spoken=[i for i in spoken if i < len(timeline)])
    understood: list[str] = []
    missed: list[tuple[str, str]] = []
    clauses = _clauses(_normal(instruction))
    for number, (clause, link) in enumerate(clauses):
        if number + 1 < len(clauses) and clauses[number + 1][1] == "then" and _only_names(clause, talk):
            understood.append(clause)
            continue
        try:
            _read(clause, talk, link)
            understood.append(clause)
        except Unclear as error:
            missed.append((clause, str(error)))
    if not talk.operations:
        if re.fullmatch(r"\W*(?:undo|redo)\b.*", instruction.lower()):
            raise TimelineError.of("instruction", f"'{instruction}'", "a change", "Editor.undo() and Editor.redo() go back and forth")
        reasons = "; ".join(f"'{clause}': {reason}" for clause, reason in missed) or "nothing to change"
        raise TimelineError.of("instruction", f"nothing that can be done ({reasons})", f"such as: {'; '.join(SAYABLE)}")
    _check_agreement(talk.operations)
    return Understood(Patch(tuple(talk.operations)), tuple(understood), tuple(missed), tuple(dict.fromkeys(talk.notes)), instruction)


def _check_agreement(operations: Sequence[Operation]) -> None:
    """Raises TimelineError where a stage is to be more and less of something, or two values of one field, at once."""
    said: dict[tuple[object, str], float | object] = {}
    for operation in operations:
        if not isinstance(operation, Change):
            said.clear()  # the numbers of stages may be others now
            continue
        for field, value in operation.set:
            if said.setdefault((operation.stage, f"set {field}"), value) != value:
                found = f"{field} {said[operation.stage, f'set {field}']} and {field} {value} for one stage"
                raise TimelineError.of("instruction", found, "one of them", "leave one out")
        for field, factor in operation.times:
            if said.setdefault((operation.stage, f"times {field}"), factor > 1) != (factor > 1):
                raise TimelineError.of("instruction", f"more and less {field} for one stage", "one of them", "leave one out")


def _normal(text: str) -> str:
    """Small letters, without politeness, contractions written out."""
    text = " ".join(text.lower().split())
    for pattern, said in _REWRITTEN[:3]:
        text = re.sub(pattern, said, text)
    text = _POLITE.sub(" ", text)
    for pattern, said in _REWRITTEN[3:]:
        text = re.sub(pattern, said, text)
    text = re.sub(r"[\"“”()]", " ", text)
    return re.sub(r"\s+([,.;:!?])", r"\1", " ".join(text.split())).strip(" ,.!?")


def _clauses(text: str) -> list[tuple[str, str]]:
    """(Clause, link): "then" where it comes after what was said before it."""
    made, at, link = [], 0, ""
    if led := re.match(r"(?:and )?(?:then|after that|afterwards|next|finally),? (?!to\b)", text):
        text, link = text[led.end() :], "then"
    for match in _LINKS.finditer(text):
        made.append((text[at : match.start()], link))
        link = "then" if re.search(r"then|finally|after that", match.group()) else "also" if "also" in match.group() else ""
        at = match.end()
    made.append((text[at:], link))
    return [(tidy(clause), link) for clause, link in made if re.search(r"\w", clause)]


def _only_names(clause: str, talk: Talk) -> bool:
    """Whether a clause only names what is there ("walk, then sit down"); it is then what was spoken of."""
    try:
        found = stages_meant(clause, talk)
    except Unclear:
        return False
    talk.spoken, talk.added, talk.mentioned = found, True, True
    return True


def _read(clause: str, talk: Talk, link: str, depth: int = 0) -> None:
    """Do what a clause says. Raises Unclear."""
    reasons: list[str] = []
    rules = (*_ADDING, *_RULES) if link in ("then", "also") else _RULES
    for rule in rules:
        trial = talk.copy()
        try:
            if rule(clause, trial, link) and trial.operations != talk.operations:
                talk.become(trial)
                return
        except Refused:
            raise
        except Unclear as error:
            reasons.append(str(error))
        except TimelineError as error:
            reasons.append(str(error).partition(": ")[2] or str(error))
    if depth < 4:
        for match in _JOINTS.finditer(clause):
            trial = talk.copy()
            try:
                _read(tidy(clause[: match.start()]), trial, link, depth + 1)
                _read(tidy(clause[match.end() :]), trial, "", depth + 1)
            except Unclear:
                continue
            talk.become(trial)
            return
    raise Unclear(reasons[0] if reasons else f"not understood; there is {listed(talk.timeline)}")
