"""Which stages are meant, and what a phrase says that is done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from kinelang.editing.applying import trace
from kinelang.editing.differences import name, noun
from kinelang.editing.instructing.comparing import Unclear, comparisons
from kinelang.editing.patch import Operation, Patch
from kinelang.errors import TimelineError
from kinelang.language.inflection import plural, present_participle
from kinelang.language.lexicon import VERBS
from kinelang.language.lexicon.alike import alike
from kinelang.language.mentioning import mentions
from kinelang.timeline.parsing import parse
from kinelang.timeline.schema import Stage, Timeline

ORDINALS = {
    **{w: i for i, w in enumerate(["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 1)},
    **{f"{i}{end}": i for i, end in zip(range(1, 11), ["st", "nd", "rd", "th", "th", "th", "th", "th", "th", "th"], strict=True)},
    "initial": 1, "opening": 1, "last": -1, "final": -1, "closing": -1, "next to last": -2, "second to last": -2, "second last": -2,
    "penultimate": -2,
}  # fmt: skip
_ORDINAL = "|".join(sorted(ORDINALS, key=len, reverse=True))
_PRONOUN = re.compile(
    r"(?:it|that|this|them|these|those|one|the (?:motion|movement|action|move)|this one|that one|the (?:same|last) thing)"
)
_WHOLE = re.compile(
    r"(?:everything|all|all of it|it all|all of them|the (?:whole|entire|complete) "
    r"(?:thing|motion|movement|sequence|timeline|animation|clip)"
    r"|the (?:sequence|timeline|animation|clip|whole)|overall|every (?:stage|action"
    r"|movement|part)|all (?:the )?(?:stages|actions|movements))"
)
_NUMBERED = re.compile(
    rf"(?:the )?(?P<which>{_ORDINAL}) (?:stage|action|part|movement|motion|thing|one"
    rf"|move|activity)|(?:stage|action|part) (?P<number>\d+)"
)
_NAMED = re.compile(
    rf"(?P<det>the|all the|all|both the|both|each|every|any|that|this|a|an|another)?\s*(?P<which>{_ORDINAL})?\s*(?P<rest>.+)"
)
_NO_NAME = re.compile(
    r"(?:make|remove|delete|move|swap|replace|change|add|insert|mirror|keep|use|let|put|then|also|undo|redo)\b(?! (?:up|down))"
)
_EVERY = ("all", "all the", "both", "both the", "each", "every", "any")


@dataclass
class Talk:
    """What has been said so far: the timeline as it stands, the operations so far, and what was spoken of last."""

    timeline: Timeline
    operations: list[Operation] = field(default_factory=list)
    spoken: list[int] = field(default_factory=list)
    added: bool = False
    mentioned: bool = False
    notes: list[str] = field(default_factory=list)
    scope: frozenset[int] | None = None

    def do(self, *operations: Operation, spoken: Sequence[int] = ()) -> None:
        """Do operations and remember what they were about: `spoken` (numbers before them), and what they add."""
        applied = trace(self.timeline, Patch(operations))
        now = {row.origin: i for i, row in enumerate(applied.rows)}
        new = [i for i, row in enumerate(applied.rows) if row.origin is None]
        self.spoken = new or [now[i] for i in spoken if i in now]
        self.added, self.mentioned = bool(new), True
        self.operations += operations
        self.scope = None
        self.timeline = applied.timeline
        self.notes += applied.notes

    def copy(self) -> Talk:
        """To try something."""
        return Talk(self.timeline, list(self.operations), list(self.spoken), self.added, self.mentioned, list(self.notes), self.scope)

    def become(self, other: Talk) -> None:
        """Take over what was tried."""
        self.__dict__.update(other.__dict__)


def stages_meant(phrase: str, talk: Talk, many: bool = True) -> list[int]:
    """Indices of the stages that a phrase means ("the second kick", "it", "waving", "everything").

    Raises:
        Unclear: there is none, or it is not clear which.
    """
    phrase, stages = phrase.strip(), talk.timeline.stages
    if not stages:
        raise Unclear("the timeline has no stage")
    if _WHOLE.fullmatch(phrase):
        return list(range(len(stages)))
    if _PRONOUN.fullmatch(phrase) or not phrase:
        return list(talk.spoken) or [len(stages) - 1]
    if _NO_NAME.match(phrase) or comparisons(phrase)[0]:
        raise Unclear(f"'{phrase}' is no action by its name")
    pieces = re.split(r",? and |, ", phrase)
    if many and len(pieces) > 1 and all(pieces):
        return sorted({i for piece in pieces for i in stages_meant(piece, talk)})
    if match := _NUMBERED.fullmatch(phrase):
        return [_counted(int(match["number"]) if match["number"] else ORDINALS[match["which"]], list(range(len(stages))), phrase, talk)]
    found, which, every = _named(phrase, talk)
    if which is not None:
        return [_counted(which, found, phrase, talk)]
    if len(found) == 1 or (every and many):
        return found
    if talk.mentioned and set(found) & set(talk.spoken) and phrase.startswith(("the ", "that ", "this ")):
        return [i for i in found if i in talk.spoken]
    what = noun(stages[found[0]])
    ways = ", ".join(f"'the {ordinal} {what}'" for ordinal in list(ORDINALS)[: len(found)])
    raise Unclear(f"there are {len(found)} of '{phrase}': say {ways}, 'the last {what}' or 'every {what}'")


def verb_phrase(phrase: str) -> Stage | None:
    """The one stage that a phrase tells with a verb or a noun of action, every word of it understood; else None."""
    stages = told_stages(phrase)
    return stages[0] if stages is not None and len(stages) == 1 else None


@lru_cache(maxsize=4096)
def told_stages(phrase: str) -> tuple[Stage, ...] | None:
    """The stages that a phrase tells, every word of it understood; else None."""
    plain = re.sub(r"^(?:the|a|an|some|another)\s+", "", phrase)
    tries = [phrase, f"do {phrase}", f"do a {plain}", plain] if plain else []
    for text in tries:
        try:
            parsed = parse(text)
        except TimelineError:
            return None
        if parsed.timeline.stages and parsed.understood and parsed.verbs_understood:
            return parsed.timeline.stages
    return None


@lru_cache(maxsize=4096)
def verbs_in(phrase: str) -> frozenset[str]:
    """Keys of the verbs that a phrase may mean."""
    if key := _names().get(re.sub(r"\b(?:the|an?|his|her|their|your) ", "", phrase)):
        return frozenset({key})
    stages = told_stages(phrase)
    if stages is not None and len(stages) == 1:
        return frozenset({stages[0].verb})
    word = phrase.strip().replace(" ", "_")
    direct = {verb for verb in VERBS if word in (verb, f"{verb}s")} | {k for k, v in VERBS.items() if v.base == phrase}
    mentioned = mentions(phrase) if len(phrase.split()) <= 3 else set()
    return frozenset(direct or (mentioned if len(mentioned) == 1 else ()))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """What this package calls the verbs, without articles: "kick", "raising of arm", "raising arm"; plurals of single words too."""
    made: dict[str, str] = {}
    for key, verb in VERBS.items():
        for said in (verb.base, noun(Stage(0, 1, key)), present_participle(verb.base), key.replace("_", " ")):
            made.setdefault(re.sub(r"\b(?:the|an?) ", "", said), key)
        if " " not in verb.base:
            made.setdefault(plural(verb.base), key)
    return made


def _named(phrase: str, talk: Talk) -> tuple[list[int], int | None, bool]:
    """(Indices that the words can mean, the ordinal, whether all of them may be meant)."""
    match = _NAMED.fullmatch(phrase)
    assert match is not None
    det, rest = match["det"] or "", match["rest"]
    verbs = _verbs_meant(rest)
    side = None
    if not verbs and (
        sided := re.fullmatch(r"(left|right|both|forward|backward)[- ]?(?:hand(?:ed)?|arm(?:ed)?|leg(?:ged)?|foot|footed)? (.+)", rest)
    ):
        side, verbs = sided[1], _verbs_meant(sided[2])
    elif sided := re.fullmatch(r"(left|right) (.+)", rest):
        other = _verbs_meant(sided[2])
        side, verbs = (sided[1], other) if other else (None, verbs)
    found = _with_verb(verbs, talk.timeline.stages, near=det not in ("a", "an", "") or rest.split()[0].endswith("ing"))
    if not verbs:
        raise Unclear(f"'{phrase}' names no action that is known")
    if not found:
        raise Unclear(f"there is no '{phrase}' among {listed(talk.timeline)}")
    known = re.sub(r"\b(?:the|an?) ", "", rest) in _names()
    told = verb_phrase(rest) if side is None and not known else None
    exact = [i for i in found if _agrees(talk.timeline.stages[i], told, side) and (talk.scope is None or i in talk.scope)]
    if not exact:
        raise Unclear(f"there is no '{phrase}' among {listed(talk.timeline)}")
    plural = bool(re.search(r"(?<!s)s$", rest.split()[0])) and rest.split()[0][:-1] in {v.split("_")[0] for v in verbs}
    return exact, ORDINALS.get(match["which"] or ""), det in _EVERY or (plural and det in ("the", "")) or not det


def _verbs_meant(rest: str) -> frozenset[str]:
    verbs = verbs_in(rest)
    if not verbs and (bare := re.sub(r" (?:stage|action|part|movement|motion)$", "", rest)) != rest:
        verbs = verbs_in(bare)
    return verbs


def _with_verb(verbs: frozenset[str], stages: Sequence[Stage], near: bool) -> list[int]:
    exact = [i for i, s in enumerate(stages) if s.verb in verbs]
    return exact if exact or not near else [i for i, s in enumerate(stages) if any(alike(s.verb, verb) for verb in verbs)]


def _agrees(stage: Stage, told: Stage | None, side: str | None) -> bool:
    """Whether a stage is what is told of it, where both tell."""
    if side is not None and side not in (stage.side, stage.direction):
        return False
    if told is None:
        return True
    pairs = [(getattr(told, f), getattr(stage, f)) for f in ("side", "direction", "path", "style", "target")]
    return all(a is None or b is None or a == b for a, b in pairs)


def _counted(which: int, found: list[int], phrase: str, talk: Talk) -> int:
    index = which - 1 if which > 0 else len(found) + which
    if not 0 <= index < len(found):
        raise Unclear(f"there is no '{phrase}': there are {len(found)} such stages of {listed(talk.timeline)}")
    return found[index]


def listed(timeline: Timeline) -> str:
    """Stages as they can be spoken of: "the walk, the first kick, the second kick"."""
    return ", ".join(name(timeline, i) for i in range(len(timeline)))
