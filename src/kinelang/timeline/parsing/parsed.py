"""`parse`: sentences to a timeline, with every word that found no place in it."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace

from kinelang.errors import TimelineError
from kinelang.language.lexicon import VERBS
from kinelang.language.lexicon.frames import FRAMES
from kinelang.language.wordlists import words
from kinelang.timeline.parsing.clauses import Clause, Reader
from kinelang.timeline.parsing.groups import Group
from kinelang.timeline.parsing.items import Item, Read, read
from kinelang.timeline.parsing.meaning import Meaning, meaning_of
from kinelang.timeline.parsing.timing import parts_of, placed
from kinelang.timeline.schema import Timeline


@dataclass(frozen=True)
class Span:
    """Words of a text that were not understood.

    Attributes:
        text: as they stand in the text.
        start, end: character offsets; `text[start:end]` of the text.
        reason: why they found no place.
    """

    text: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Parsed:
    """What was read from a text.

    Attributes:
        timeline: the stages understood; times that the text does not tell are plausible ones.
        not_understood: the words that are not in the timeline although they may say something about the motion, in order.
        verbs_understood: every verb of the text has its stage.
        text: what was read.
    """

    timeline: Timeline
    not_understood: tuple[Span, ...]
    verbs_understood: bool
    text: str

    @property
    def understood(self) -> bool:
        """Nothing is left over."""
        return not self.not_understood


def parse(text: str, *, fps: float = 20.0) -> Parsed:
    """Read a description of a motion.

    Args:
        text: English, one sentence or many.
        fps: of the timeline made.

    Raises:
        TimelineError: there is not a single word in the text, or it is no text.
    """
    if not isinstance(text, str):
        raise TimelineError.of("parse", type(text).__name__, "text", "give a sentence such as 'a person walks forward'")
    found = read(text)
    if not any(t.text.isalnum() for t in found.tokens) and not any(c.isalnum() for c in text):
        raise TimelineError.of("parse", "a text without words", "a sentence such as 'a person walks forward and waves'")
    clauses = Reader(found.items).run()
    meanings = meanings_of(clauses)
    good = [said for said in meanings if said.verb]
    stages = placed(good)
    timeline = Timeline(tuple(stage for _, stage in stages), fps=fps, notes=("Times are plausible lengths.",) if stages else ())
    spans = _spans(text, found, meanings)
    known = all(said.verb or not said.unknown_verb for said in meanings) and not _lost_verb(meanings)
    return Parsed(timeline, spans, bool(good) and known, text)


def meanings_of(clauses: list[Clause]) -> list[Meaning]:
    """The meaning of every clause; clauses without a verb take that of the one before."""
    made: list[Meaning] = []
    antecedent: Group | None = None
    for i, clause in enumerate(clauses):
        _resolve_pronouns(clause, antecedent)
        antecedent = _latest_object(clause) or antecedent
        _share_object(clause, clauses[i + 1 : i + 2])
        if _uses_for(clause, clauses[i + 1 : i + 2]):
            continue
        if clause.head is None and not clause.absolute and not clause.negated:
            made += _elliptic(clause, made)
        elif clause.heads & {"repeat"} and made:
            made += _again(clause, made)
        else:
            said = meaning_of(clause)
            if said.special == "=return" and made and VERBS[made[-1].verb or "wave"].family in ("gait", "turn"):
                said.verb = "walk"
            if clause.as_if and said.verb and made and made[-1].verb and _share_limb(said, made[-1]):
                _name_likeness(said, made)
                continue
            made.append(said)
    return [piece for said in made for piece in _there_and_back(said)]


_VAGUE = frozenset(
    words("move_arm move_leg move_object move_head gesture use walk stand raise_arm swing_arms bend exercise reach sway")
)
"""Verbs that "as if to ..." tells more precisely, where the same body parts do it."""


def _share_limb(said: Meaning, before: Meaning) -> bool:
    """Whether two meanings use one body part, where a side that is not told is any side."""
    mine, other = set(parts_of(said)), set(parts_of(before))
    if said.fields.get("side") is None:
        mine, other = ({part.removeprefix("left_").removeprefix("right_") for part in parts} for parts in (mine, other))
    return bool(mine & other)


def _name_likeness(said: Meaning, made: list[Meaning]) -> None:
    """Of "moves his arms as if swimming" keep what it is like; of "jumps as if dancing" what it is."""
    before = made[-1]
    if before.verb in _VAGUE and VERBS[said.verb].family != "gait":
        kept = {
            k: v for k, v in before.fields.items() if k in ("side", "speed", "style") and (k != "side" or v in VERBS[said.verb].sides)
        }
        made[-1] = replace(said, fields=kept | said.fields, link=before.link, unused=before.unused + said.unused)
        return
    if said.clause is not None and said.clause.head is not None:
        before.unused = [*before.unused, *said.unused, (said.clause.head, "another name for the same motion")]


def _latest_object(clause: Clause) -> Group | None:
    """What "it" and "them" mean after this clause."""
    nouns = [
        g for g in ([clause.subject] if clause.subject else []) + clause.groups if g.kind in ("part", "thing", "unknown") and not g.prep
    ]
    return nouns[-1] if nouns else None


def _resolve_pronouns(clause: Clause, antecedent: Group | None) -> None:
    if antecedent is None or clause.head is None:
        return
    for at, group in enumerate(clause.groups):
        if group.kind == "obj" and not group.prep and group.noun is not None and group.noun.words in ("it", "them"):
            clause.groups[at] = replace(antecedent, items=group.items, said=antecedent.words())


def _share_object(clause: Clause, following: list[Clause]) -> None:
    """Give "raises" the object of "raises and lowers his arm"."""
    if clause.head is None or clause.groups or clause.subject is not None or not following or following[0].link != "and":
        return
    if any(kind == "fro" for kind, _ in clause.mods):
        return
    after = following[0]
    rows = [frame for head in clause.heads for frame in FRAMES.get(head, ()) if frame.objects & {"arm", "thing"}]
    if after.head is None or after.subject is not None or not rows or clause.heads & _ALONE:
        return
    clause.groups += [g for g in after.groups if not g.prep and g.kind in ("part", "thing", "unknown", "obj")][:1]


_ALONE = frozenset(
    words(
        """
        stand sit walk run jog step jump turn bend lean kneel squat crouch dance stretch swing spin hop wave clap bow rotate twist
        twirl rock tilt pivot
        """
    )
)


def _uses_for(clause: Clause, following: list[Clause]) -> bool:
    """Hand "uses his left hand" on to the clause it is for."""
    if not (clause.heads & {"use"} and following and following[0].infinitive and clause.groups) or clause.negated:
        return False
    for group in clause.groups:
        if not group.prep:
            following[0].groups.append(replace(group, prep="with"))
        else:
            following[0].groups.append(group)
    following[0].mods += clause.mods
    following[0].loose += clause.loose
    following[0].link = clause.link
    return True


def _elliptic(clause: Clause, before: list[Meaning]) -> list[Meaning]:
    for group in [g for g in clause.groups if g.kind == "person" and not g.prep]:
        clause.groups.remove(group)
    if before and _only_manner(clause, before[-1]) and before[-1].verb and before[-1].clause is not None and clause.link != "then":
        whole = copy(before[-1].clause)
        whole.groups = [*whole.groups, *clause.groups]
        whole.mods = [*whole.mods, *clause.mods]
        whole.loose = [*whole.loose, *clause.loose]
        before[-1] = meaning_of(whole)
        return []
    last = next((said for said in reversed(before) if said.verb and said.clause is not None), None)
    sayings = [g for g in clause.groups if g.kind == "part" or g.side or g.kind in ("unit", "way", "path")] or clause.mods
    if last is None and any(g.kind == "home" and g.prep == "in" for g in clause.groups):
        clause.head = Item(0, 0, "stands", {"verb": (("stand", "third"),)})
        return [meaning_of(clause)]
    if last is None or last.clause is None or not sayings:
        said = Meaning(link=clause.link, clause=clause)
        said.unused = [(i, "no verb") for i in _items_of(clause)]
        return [said] if said.unused else []
    filled = copy(clause)
    filled.head, filled.absolute = last.clause.head, last.clause.absolute
    sided = any(g.side for g in clause.groups) or any(kind == "side" for kind, _ in clause.mods)
    plain = any(not g.prep and g.noun is not None for g in clause.groups)
    if not plain:
        filled.groups = [
            _sideless(g) for g in last.clause.groups if g.kind == "part" and not g.prep and not g.modifiers
        ] + clause.groups
        filled.subject = _sideless(last.clause.subject) if sided and last.clause.subject is not None else last.clause.subject
    filled.passive = last.clause.passive
    back = _undone(last, clause)
    if last.verb == "climb" and any(item.get("dir") in ("up", "down") for _, item in clause.mods):
        way = next(str(item.get("dir")) for _, item in clause.mods if item.get("dir") in ("up", "down"))
        return [Meaning("climb", {"direction": way}, link="then", clause=filled)]
    if back:
        return [
            Meaning(back, {k: v for k, v in last.fields.items() if k == "side" and v in VERBS[back].sides}, link="then", clause=filled)
        ]
    return [meaning_of(filled)]


_UNDOING = {
    ("raise_arm", "down"): "lower_arm",
    ("extend_arm", "down"): "lower_arm",
    ("move_arm", "down"): "lower_arm",
    ("raise_leg", "down"): "lower_leg",
    ("lift_weight", "down"): "put_down",
    ("pick_up", "down"): "put_down",
    ("squat", "up"): "stand_up",
    ("crouch", "up"): "stand_up",
    ("kneel", "up"): "stand_up",
    ("sit", "up"): "stand_up",
    ("lie", "up"): "stand_up",
    ("bend", "up"): "straighten",
    ("bow", "up"): "straighten",
    ("stand_up", "down"): "sit",
}
"""(verb, direction told without a verb) -> what is done: "raises his arm, then down"."""


def _undone(last: Meaning, clause: Clause) -> str:
    for kind, item in clause.mods:
        if kind == "dir" and (last.verb, item.get("dir")) in _UNDOING:
            return _UNDOING[last.verb, item.get("dir")]
    return ""


_MANNER = frozenset(
    words("speed style times size moment alt span secs times_speed times_size path particle"),
)


def _only_manner(clause: Clause, before: Meaning) -> bool:
    """Only how it is done, not what: "quickly", "with the left foot first", "90 degrees" after a turn."""
    angle = clause.link == "comma" and before.verb == "turn" and "amount" not in before.fields
    if not all(kind in _MANNER or (angle and kind == "turn") for kind, _ in clause.mods):
        return False
    return all((g.prep in ("with", "using") and clause.link in ("comma", "while")) or g.kind in ("way", "unit") for g in clause.groups)


def _sideless(group: Group) -> Group:
    made = copy(group)
    made.side, made.plural = None, False
    return made


def _again(clause: Clause, before: list[Meaning]) -> list[Meaning]:
    """ "repeats": the stages before, once more."""
    said = Meaning(link=clause.link, clause=clause)
    said.unused = [(i, "what is repeated is not told so") for i in clause.loose]
    made = [copy(old) for old in before if old.verb][:20]
    for old in made:
        old.unused = []
    if made:
        made[0].link = "then"
    return [*made, said]


def _there_and_back(said: Meaning) -> list[Meaning]:
    if said.repeats > 1:
        again = [replace(said, unused=[], fields=dict(said.fields), link="then") for _ in range(said.repeats - 1)]
        return [said, *again]
    if not said.to_and_fro or said.to_and_fro.startswith(("up", "down")):
        return [said]
    if said.verb in ("walk", "run", "jog", "step") and not said.to_and_fro.startswith(("back", "forward", "front", "to and fro")):
        other = {k: v for k, v in said.fields.items() if k not in ("direction", "side", "path", "amount")}
        return [
            replace(said, verb="sidestep", fields=other | {"direction": d}, link=link)
            for d, link in (("left", said.link), ("right", "then"))
        ]
    if said.verb in ("walk", "run", "jog", "skip", "march", "tiptoe", "sneak", "limp", "crawl"):
        turn = Meaning("turn", {"amount": 180.0}, link="then")
        back = Meaning(said.verb, {k: v for k, v in said.fields.items() if k != "count"}, link="then")
        return [said, turn, back]
    other = {"left": "right", "right": "left", "forward": "backward", "backward": "forward"}
    allowed = _sides_of(said.verb)
    if said.to_and_fro.startswith(("back", "forward", "front", "to and fro")) and "forward" in allowed:
        said.fields.setdefault("direction", "backward" if said.to_and_fro.startswith("backward") else "forward")
    first = said.fields.get("direction") or ("left" if "left" in allowed else "")
    if other.get(first) not in allowed:
        return [said]
    said.fields["direction"] = first
    return [said, Meaning(said.verb, said.fields | {"direction": other[first]}, link="then")]


def _sides_of(verb: str) -> tuple[str, ...]:
    return VERBS[verb].directions


def _items_of(clause: Clause) -> list[Item]:
    items = [i for g in ([clause.subject] if clause.subject else []) + clause.groups for i in g.items]
    return items + [i for _, i in clause.mods] + clause.loose


def _lost_verb(meanings: list[Meaning]) -> bool:
    return any(
        reason in ("unknown word", "no verb") and item.unknown and item.words.endswith(("ing", "es", "ed", "s"))
        for said in meanings
        for item, reason in said.unused
    )


def _spans(text: str, found: Read, meanings: list[Meaning]) -> tuple[Span, ...]:
    """Spans of the unused items, neighbours with one reason joined."""
    left: dict[int, str] = {}
    for said in meanings:
        for item, reason in said.unused:
            for token in range(item.first, item.last):
                left.setdefault(token, reason)
    spans: list[Span] = []
    for token in sorted(left):
        start, end, reason = found.tokens[token].start, found.tokens[token].end, left[token]
        if spans and token - 1 in left and spans[-1].reason == reason:
            start = spans.pop().start
        if not (spans and spans[-1].end >= end):
            spans.append(Span(text[start:end], start, end, reason))
    return tuple(spans)
