"""Which words of a caption tell of which stages of a timeline: "kicks", "left" and "hard" of the second kick, "a person" of none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from kinelang.language.lexicon import alike
from kinelang.language.lexicon.function_words import PREPOSITIONS
from kinelang.language.lexicon.nouns import OBJECT_PRONOUNS, PRONOUNS
from kinelang.language.words import DETERMINERS
from kinelang.timeline.narrating.telling import merged
from kinelang.timeline.parsing.clauses import Clause, Reader
from kinelang.timeline.parsing.groups import Group
from kinelang.timeline.parsing.items import Item, Token, read
from kinelang.timeline.parsing.meaning import Meaning
from kinelang.timeline.parsing.parsed import meanings_of
from kinelang.timeline.parsing.timing import slots_of
from kinelang.timeline.schema import Stage, Timeline

KINDS = ("verb", "part", "side", "direction", "amount", "manner", "path", "time", "thing")
"""What a word says of its stages."""

_KIND_OF_ADVERB: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("dir", "clock", "sideways", "fro"), "direction")
    | dict.fromkeys(("turn", "times", "num", "some", "count", "size", "times_size"), "amount")
    | dict.fromkeys(("speed", "style", "times_speed"), "manner")
    | dict.fromkeys(("secs", "span", "moment"), "time")
    | {"side": "side", "alt": "side", "path": "path", "particle": "verb", "participle": "manner", "noun": "verb"}
)
_KIND_OF_GROUP: Mapping[str, str] = MappingProxyType(
    {"part": "part", "unit": "amount", "path": "path", "way": "path", "action": "verb"}
)
_SAYS_NOTHING = (
    DETERMINERS
    | frozenset(PRONOUNS)
    | frozenset(OBJECT_PRONOUNS)
    | frozenset(word for phrase in PREPOSITIONS for word in phrase.split("_"))
    | {"and", "or", "of", "for", ","}
)
_NO_PARTICLES = frozenset(("for", "to", "of", "with", "at", "and"))
_AGREES, _CONFLICTS, _LEAST = 0.25, 0.6, 0.05
"""What a field told alike adds to a match, what one told otherwise takes away, and what is left at least of one verb with itself."""


@dataclass(frozen=True)
class Told:
    """A word that tells of stages.

    Attributes:
        text: as it stands in the caption.
        start, end: character offsets; `caption[start:end]` is `text`.
        kind: one of `KINDS`: what it says of them.
        stages: their indices in `Timeline.stages`: several where one word tells of them all ("kicks twice", "turns left, then right").
    """

    text: str
    start: int
    end: int
    kind: str
    stages: tuple[int, ...]


@dataclass
class _Mention:
    """A meaning of the caption, and the stages that it was found to tell of."""

    said: Meaning
    clause: Clause | None
    stages: list[int] = field(default_factory=list)


def align(caption: str, timeline: Timeline) -> tuple[Told, ...]:
    """The words that tell of stages, in order; articles, prepositions, the person and verbs that are not in the timeline are left out.

    The k-th mention of a verb tells of the k-th stage of that verb, mentions being taken in the order of time ("before he sits he
    waves") and equal stages that follow each other as one; side, direction and path decide where there are more of one than of the
    other. A single mention tells of every stage of its verb that it does not contradict. Verbs without a stage of their own take a
    stage that is left of a verb like theirs (`lexicon.alike`): of what people write of a walk, one says "steps". Adverbs, sides, body
    parts and things belong to their verb.
    """
    found = read(caption)
    clauses = Reader(found.items).run()
    heads = [(clause, clause.head) for clause in clauses]
    mentions = list(_mentions(meanings_of(clauses)))
    light = {
        _place(clause.head): head for clause, head in heads if head is not None and clause.head is not None and head is not clause.head
    }
    _match(mentions, timeline.stages)
    kinds: dict[int, str] = {}
    stages: dict[int, set[int]] = {}
    for mention in mentions:
        if mention.clause is None or not mention.stages:
            continue
        for kind, item in _words_of(mention.clause, light):
            for at in range(item.first, item.last):
                if _says_something(found.tokens[at].text, kind):
                    kinds.setdefault(at, kind)
                    stages.setdefault(at, set()).update(mention.stages)
    return tuple(_told(caption, found.tokens[at], kinds[at], stages[at]) for at in sorted(kinds))


def spans(stages: Sequence[int], timeline: Timeline) -> tuple[tuple[float, float], ...]:
    """Start and end in seconds of each of these stages."""
    return tuple((timeline.stages[i].start_s, timeline.stages[i].end_s) for i in stages)


# --- mentions


def _mentions(meanings: list[Meaning]) -> Iterator[_Mention]:
    """Meanings with a verb in the order of time, each with the clause whose words tell it."""
    clauses: dict[int, Clause | None] = {}
    last: Clause | None = None
    for said in meanings:
        last = said.clause or last  # "walks back and forth" is three stages in the words of one
        clauses[id(said)] = last
    for slot in slots_of([said for said in meanings if said.verb]):
        yield from (_Mention(said, clauses[id(said)]) for said in slot)


def _words_of(clause: Clause, light: Mapping[tuple[int, int], Item]) -> Iterator[tuple[str, Item]]:
    """The items of a clause with their kinds."""
    if clause.head is not None:
        yield "verb", clause.head
        if _place(clause.head) in light:  # "takes" of "takes a step"
            yield "verb", light[_place(clause.head)]
    for group in [*([clause.subject] if clause.subject is not None else []), *clause.groups]:
        yield from _words_of_group(group)
    for kind, item in clause.mods:
        yield _KIND_OF_ADVERB.get(kind, "manner"), item


def _words_of_group(group: Group) -> Iterator[tuple[str, Item]]:
    if group.kind == "person":
        return
    modifiers = {_place(item): _KIND_OF_ADVERB.get(kind, "manner") for kind, item in group.modifiers}
    for at, item in enumerate(group.items):
        if at == 0 and group.prep:
            continue
        if item is group.number:
            yield "amount", item
        else:
            yield modifiers.get(_place(item), _KIND_OF_GROUP.get(group.kind, "thing")), item


def _place(item: Item) -> tuple[int, int]:
    return item.first, item.last


def _says_something(word: str, kind: str) -> bool:
    if kind == "verb":  # "picks up", but not the article of "plays the guitar", nor "for" of "reaches for"
        return word not in DETERMINERS and word not in _NO_PARTICLES
    return word not in _SAYS_NOTHING


def _told(caption: str, token: Token, kind: str, stages: set[int]) -> Told:
    return Told(caption[token.start : token.end], token.start, token.end, kind, tuple(sorted(stages)))


# --- mentions and stages


def _match(mentions: list[_Mention], stages: Sequence[Stage]) -> None:
    """Give mentions their stages."""
    groups = _grouped(stages)
    free = set(range(len(groups)))
    for verb in dict.fromkeys(mention.said.verb for mention in mentions):
        mine = [mention for mention in mentions if mention.said.verb == verb]
        own = [g for g in sorted(free) if groups[g][1].verb == verb]
        for mention, g in _in_order(mine, own, lambda m, g: _affinity(m.said, groups[g][1])):
            mention.stages += groups[g][0]
            free.discard(g)
        if len(mine) == 1:
            for g in [g for g in own if g in free and not _contradicts(mine[0].said, groups[g][1])]:
                mine[0].stages += groups[g][0]
                free.discard(g)
    rest = [mention for mention in mentions if not mention.stages]
    like = _in_order(rest, sorted(free), lambda m, g: _affinity(m.said, groups[g][1]) if alike(m.said.verb, groups[g][1].verb) else 0.0)
    for mention, g in like:
        mention.stages += groups[g][0]


def _grouped(stages: Sequence[Stage]) -> list[tuple[list[int], Stage]]:
    """Indices of stages, those together that are told as one, with what is told."""
    groups: list[tuple[list[int], Stage]] = []
    for i, stage in enumerate(stages):
        both = merged([groups[-1][1], stage]) if groups else []
        if len(both) == 1:
            groups[-1] = ([*groups[-1][0], i], both[0])
        else:
            groups.append(([i], stage))
    return groups


def _affinity(said: Meaning, stage: Stage) -> float:
    """How well a mention fits a stage of its verb: 1, more for what is told alike, less for what is told otherwise."""
    score = 1.0
    for name in ("side", "direction", "path", "count"):
        mine, true = said.fields.get(name), getattr(stage, name)
        if mine is not None and true is not None:
            score += _AGREES if mine == true else -_CONFLICTS
    return max(score, _LEAST)


def _contradicts(said: Meaning, stage: Stage) -> bool:
    told = ((said.fields.get(name), getattr(stage, name)) for name in ("side", "direction", "path"))
    return any(mine is not None and true is not None and mine != true for mine, true in told)


def _in_order(mentions: list[_Mention], groups: list[int], affinity: Callable[[_Mention, int], float]) -> list[tuple[_Mention, int]]:
    """Pairs in the order of both with the largest sum of affinities; pairs of 0 or less are none."""
    best = [[0.0] * (len(groups) + 1) for _ in range(len(mentions) + 1)]
    for i in range(len(mentions) - 1, -1, -1):
        for j in range(len(groups) - 1, -1, -1):
            fits = affinity(mentions[i], groups[j])
            paired = fits + best[i + 1][j + 1] if fits > 0 else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(mentions) and j < len(groups) and best[i][j] > 0:
        fits = affinity(mentions[i], groups[j])
        if fits > 0 and best[i][j] == fits + best[i + 1][j + 1]:
            pairs.append((mentions[i], groups[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs
