"""Items into clauses: a verb with what belongs to it, and how it is linked to the clause before it."""

from __future__ import annotations

from dataclasses import dataclass, field

from kinelang.language.lexicon import VERBS
from kinelang.language.lexicon.function_words import LIGHT_VERBS
from kinelang.language.wordlists import words
from kinelang.language.words import plain_key
from kinelang.timeline.parsing.groups import NOUN_KINDS, Group, group_at
from kinelang.timeline.parsing.items import Item

MODIFIERS = (
    "span",
    "secs",
    "times_speed",
    "times_size",
    "moment",
    "times",
    "alt",
    "fro",
    "clock",
    "dir",
    "sideways",
    "turn",
    "speed",
    "size",
    "style",
    "path",
    "side",
)
_HOLDING = frozenset(
    words(
        """
        circle go come back head stand sit walk run jog kneel lie squat crouch dance jump turn step balance lunge stay bend lean be wait
        move hop
        """
    )
)
_PARTICLES = frozenset(words("up down out off over"))
_PHRASAL = frozenset(
    words(
        """
        lift raise pick put hold throw bring set take stretch stick give pull push kick swing toss drop open close spread lay
        move shake clean wipe warm extend straighten let wash fling cross lower place check
        """
    )
)
_TURNING = frozenset(words("turn pivot rotate spin twist swivel shift"))
_PLACED = frozenset(
    words("on in at above over behind out up down together apart by near to across around against under beside between outstretched")
)


@dataclass(slots=True)
class Clause:
    """A verb and what stands with it.

    Attributes:
        link: how it follows the clause before it: "start", "then", "and", "while", "after".
        head: item of the verb; None until it comes, and where it is left out ("turns left, then right").
        subject: a body part that is the subject ("his arms swing").
        groups: noun groups, those with a preposition too.
        mods: adverbs by kind.
        loose: items that nothing has a use for.
        negated: "without bending", "does not move".
        absolute: "with arms raised", "hands on hips".
        infinitive: "to pick".
    """

    link: str = "start"
    head: Item | None = None
    subject: Group | None = None
    groups: list[Group] = field(default_factory=list)
    mods: list[tuple[str, Item]] = field(default_factory=list)
    loose: list[Item] = field(default_factory=list)
    near: set[str] = field(default_factory=set)
    negated: bool = False
    absolute: bool = False
    passive: bool = False
    infinitive: bool = False
    as_if: bool = False

    @property
    def heads(self) -> frozenset[str]:
        """Base forms that the verb can be."""
        return frozenset(head for head, _ in self.head.get("verb")) if self.head is not None else frozenset()

    @property
    def says_something(self) -> bool:
        """Whether a clause without verb has content of its own."""
        return bool(self.groups or self.mods or self.loose)


class Reader:
    """Reads items from left to right, once, into `clauses`."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.clauses: list[Clause] = []
        self.clause = Clause()
        self.fronted = True
        self.at = 0

    def run(self) -> list[Clause]:
        """The clauses of the items."""
        while self.at < len(self.items):
            self._step(self.items[self.at])
        self._finish("then")
        return self.clauses

    # ── one item ──
    def _step(self, item: Item) -> None:
        if item.readings.keys() & {"stop", "comma", "link"} and self._link(item):
            return
        if "neg" in item:
            self._negate(item)
            return
        if self._is_verb(self.at):
            self._verb(item)
            return
        if self._noun_or_preposition(item):
            return
        self._modifier(item)

    def _noun_or_preposition(self, item: Item) -> bool:
        longer = item.last - item.first > 1
        if longer and item.readings.keys() & {*MODIFIERS, "ignore"} and not item.readings.keys() & {"part", "thing", "unit"}:
            return False
        if "prep" in item:
            return self._preposition(item)
        light = bool(self.clause.heads & LIGHT_VERBS) and not self.clause.groups
        if item.words == "back" or not self._may_begin_group(item, light):
            return False
        found = group_at(self.items, self.at, light=light)
        if found is None:
            return False
        group, after = found
        if group.noun is None and not (group.determined and group.side):
            return False
        self._group(group, after)
        return True

    def _may_begin_group(self, item: Item, light: bool) -> bool:
        if item.readings.keys() & {"det", "poss", "num", "some", "side", "obj", *NOUN_KINDS}:
            return True
        if light and item.forms & {"third", "base"}:
            return True
        following = self._item(self.at + 1)
        return following is not None and not item.words.endswith("ly") and (light or "verb" not in following)

    def _preposition(self, item: Item) -> bool:
        following = self._item(self.at + 1)
        if item.words == "to" and following is not None and following.words == "face" and self.clause.heads & _TURNING:
            self.at += 2
            return True
        if item.get("prep") == "to" and following is not None and "base" in following.forms and not self._noun_after_to(following):
            self.at += 1
            self._verb(following, infinitive=True)
            return True
        if "particle" in item and following is not None and following.readings.keys() & {"comma", "stop", "link"}:
            return False
        found = group_at(self.items, self.at + 1, prep=item)
        if found is None:
            if "ing" in (following.forms if following is not None else ()) and item.get("prep") in (
                "by",
                "with",
                "for",
                "of",
                "in",
                "from",
            ):
                self.at += 1
                self._finish("while")
                return True
            return False
        group, after = found
        if "dir" in item and group.noun is not None and group.noun.get("unit") == "times":
            return False
        then = self._item(after)
        if group.kind == "person" and "particle" in item and then is not None and then.forms & {"third", "past"}:
            return False
        if item.get("prep") in _PARTICLES and self.clause.heads & _PHRASAL and not any(not g.prep for g in self.clause.groups):
            self.clause.mods.append(("dir" if "dir" in item else "particle", item))
            group.prep = ""
            group.items.remove(item)
            self._group(group, after)
            return True
        if group.kind == "part" and self._is_absolute(group, after):
            self._absolute(group, after)
        else:
            self._attach(group, after)
        return True

    def _noun_after_to(self, item: Item) -> bool:
        return bool(item.readings.keys() & {"part", "place", "home"}) and not {"pick_up"} & set(item.words.split())

    # ── verbs ──
    def _is_verb(self, at: int) -> bool:
        item = self.items[at]
        if "verb" not in item or (item.words == "using" and self.clause.head is not None and self.clause.heads != {"be"}):
            return False
        kinds = item.readings.keys()
        before = self.items[at - 1] if at else None
        after = self._item(at + 1)
        if "ignore" in kinds and after is not None and (after.forms or "prep" in after) and item.last - item.first > 1:
            return False
        if "ignore" in kinds and after is not None and after.forms & {"ing"} | ({"base"} & after.forms):
            return False
        if "link" in kinds:
            return False
        if item.forms == {"base"} and before is not None and "det" in before:
            return False
        if kinds & {"part", "path", "place", "thing", "dir", "size", "speed", "style", "clock", "way", "unit", "person", "particle"}:
            return self._noun_as_verb(item, before, after)
        light = bool(self.clause.heads & LIGHT_VERBS) and not self.clause.groups and "comma" not in (before or item)
        return not (light and item.forms & {"base", "third"} and not item.forms & {"ing"})

    def _noun_as_verb(self, item: Item, before: Item | None, after: Item | None) -> bool:
        """For a word that is also a noun or an adverb: a verb after its subject, or where a clause still wants one."""
        kinds = item.readings.keys()
        if (
            before is not None
            and before.readings.keys() & {"det", "poss", "prep", "num", "some", "side", "size"}
            and "to" not in before.words.split()
        ):
            return False
        if self.clause.head is not None:
            if (
                item.forms & {"third"}
                and kinds & {"unit", "way", "path"}
                and not kinds & {"part", "size", "dir"}
                and not (self.clause.heads & LIGHT_VERBS and not self.clause.groups)
            ):
                return not (after is not None and after.words == "of")
            return bool(item.forms & {"ing"}) and not kinds & {"style", "speed", "size", "dir", "path", "way"}
        if kinds & {"part"}:
            if item.words.startswith("tiptoe"):
                return True
            if (
                after is not None
                and (after.forms & {"third", "ing"} or "ignore" in after)
                and "particle" not in after
                and "dir" not in after
            ):
                return False
            return (
                bool(before is not None and before.readings.keys() & {"person", "pron"} and item.forms & {"third", "past"})
                or (bool(item.forms & {"third"}) and "plural" not in kinds)
                or item.forms == {"ing"}
                or (bool(item.forms & {"third"}) and item.words in ("backs", "kneels", "heads") and not self.clause.loose)
            )
        if kinds & {"style", "speed", "size", "dir", "clock"}:
            return bool(item.forms & {"third", "ing"}) and not kinds & {"dir", "clock"} and not (after is not None and after.forms)
        if item.forms & {"third", "past", "ing"}:
            return True
        adverb = before is not None and (before.words.endswith("ly") or before.readings.keys() & {"speed", "stop"})
        return before is None or bool(adverb) or bool(before.readings.keys() & {"person", "pron", "ignore", "link", "comma"})

    def _verb(self, item: Item, *, infinitive: bool = False) -> None:
        current = self.clause
        if current.head is None and current.absolute and item.forms & {"third"}:
            self._finish("and")
            self._start_clause(item)
        elif current.head is None or (current.heads == {"be"} and not infinitive):
            self._start_clause(item)
        elif current.heads == {"get"} and not current.groups and item.forms <= {"past", "participle"}:
            self._start_clause(item)
            current.passive = True
            self.at += 1
            return
        elif "stop" in current.heads and item.forms & {"ing"} and not current.groups:
            self.at += 1
            current.near.add("stopped")
            return
        else:
            while current.groups and current.groups[-1].kind == "person" and not current.groups[-1].prep:
                current.groups.pop()
            self._finish(self._relation(item, infinitive))
            self._start_clause(item)
        self.clause.infinitive = infinitive
        self.clause.passive = bool(item.forms & {"participle", "past"}) and self._after_be()
        self.at += 1

    def _relation(self, item: Item, infinitive: bool) -> str:
        if infinitive:
            return "then"
        if item.forms & {"ing"}:
            return "while"
        return "and"

    def _after_be(self) -> bool:
        before = self.items[self.at - 1] if self.at else None
        return before is not None and bool(
            {"is", "are", "was", "were", "be", "been", "being", "gets", "get", "got"} & set(before.words.split())
        )

    def _start_clause(self, item: Item) -> None:
        self.clause.head = item
        parts = [g for g in self.clause.groups if g.kind == "part" and not g.prep]
        if parts and (self.clause.absolute or not self.clause.heads & {"use"}):
            self.clause.subject = parts[-1]
            self.clause.groups.remove(parts[-1])
        for group in [g for g in self.clause.groups if g.kind in ("person", "obj", "unknown", "thing", "animal") and not g.prep]:
            self.clause.groups.remove(group)

    # ── groups ──
    def _group(self, group: Group, after: int) -> None:
        following = self._item(after)
        having = self.clause.heads & {"have", "keep", "hold"} and following is not None and following.forms & {"participle", "past"}
        if group.kind == "part" and following is not None and having and "prep" not in following:
            self.clause.head = None
            link = self.clause.link
            self._absolute(group, after)
            self.clause.link = link
            return
        if (
            group.kind == "part"
            and self.clause.head is not None
            and following is not None
            and self._is_absolute(group, after)
            and (self.clause.groups and any(g.kind in ("part", "thing") and not g.prep for g in self.clause.groups))
        ):
            self._absolute(group, after)
            return
        if group.kind == "person" and self.clause.head is None:
            self._standing(group)
        self._attach(group, after)

    def _standing(self, group: Group) -> None:
        """ "a standing person": what the person does before the rest."""
        for kind, item in group.modifiers:
            if kind == "participle" and "verb" in item:
                self.clauses.append(Clause(self.clause.link, head=item))
                self.clause.link = "and"

    def _attach(self, group: Group, after: int) -> None:
        self.clause.groups.append(group)
        self.at = after

    def _is_absolute(self, group: Group, after: int) -> bool:
        """Whether a body part is said to be somewhere by itself: "with arms raised", "hands on hips"."""
        while self._item(after) is not None and self.items[after].words.endswith("ly"):
            after += 1
        following = self._item(after)
        if following is None or group.prep not in ("with", ""):
            return False
        if following.forms & {"participle", "past", "ing"} and "prep" not in following:
            return True
        placed = (
            following.readings.keys() & {"prep", "particle", "ignore"} and following.words.split()[0] in _PLACED
        ) or "dir" in following
        return (
            bool(placed)
            and (self.clause.head is None or _leaves_free(self.clause.heads, "arm" if group.group in ("arm", "elbow") else "leg"))
            and not (self.clause.heads & {"step", "balance", "jump", "hop", "stand"} and group.group in ("leg", "knee"))
        )

    def _absolute(self, group: Group, after: int) -> None:
        self._finish("while")
        self.clause.absolute = True
        group.prep = ""
        self.at = after
        while self.items[after].words.endswith("ly"):
            self.clause.mods += [(kind, self.items[after]) for kind in MODIFIERS if kind in self.items[after]][:1]
            after += 1
            self.at = after
        following = self._item(after)
        self.clause.subject = group
        if following is not None and following.forms & {"participle", "past", "ing"}:
            self.clause.head = following
            self.at = after + 1

    # ── links ──
    def _link(self, item: Item) -> bool:
        if "stop" in item:
            self._finish("then")
            self.fronted = True
            self.at += 1
            return True
        link = "then" if "comma" in item else item.get("link")
        if link is None or ("comma" not in item and not self._links(item)):
            return False
        following = self._item(self.at + 1)
        if "comma" in item and following is not None and "link" in following and self._links_at(self.at + 1):
            self.at += 1
            return True
        if "comma" in item and (self.clause.head is None or following is None):
            self.at += 1
            if self.clause.link == "while" or not self.clauses:
                return True
            return True
        if (
            link == "and"
            and self.clause.head is None
            and not self.clause.groups
            and self.clause.mods
            and following is not None
            and (following.readings.keys() & {"speed", "style"} or following.words.endswith("ly"))
        ):
            self.at += 1
            return True
        self.at += 1
        if item.words == "before" and self.fronted and self.clause.head is None:
            link = "before"
        if item.words.startswith(("as if", "as though", "like ")):
            self._finish(link)
            self.clause.as_if = True
            return True
        self._finish("comma" if "comma" in item else link)
        return True

    def _links_at(self, at: int) -> bool:
        keep, self.at = self.at, at
        try:
            return self._links(self.items[at])
        finally:
            self.at = keep

    def _links(self, item: Item) -> bool:
        """Whether a word that can link does so here ("as he walks", not "as a robot")."""
        if item.words in ("as", "like"):
            following = self._item(self.at + 1)
            return following is not None and bool(following.readings.keys() & {"pron", "person"} or following.forms & {"ing"})
        if item.words == "once":
            following = self._item(self.at + 1)
            return following is not None and bool(following.readings.keys() & {"pron", "person"})
        return True

    def _finish(self, link: str) -> None:
        """End the clause; the next one follows with this link."""
        clause = self.clause
        if clause.head is not None or clause.absolute or clause.says_something or clause.negated:
            if self.fronted and clause.link in ("while", "before"):
                link = "while" if clause.link == "while" else "after"
                clause.link = "then"
            self.clauses.append(clause)
            self.clause = Clause(link)
            self.fronted = False
            return
        as_if = clause.as_if
        first = self.fronted and clause.link in ("start", "then")
        self.clause = Clause(link if first and link in ("while", "after", "before") else _stronger(clause.link, link), as_if=as_if)

    # ── the rest ──
    def _negate(self, item: Item) -> None:
        if self.clause.heads and self.clause.heads <= {"do", "be", "have"} and not self.clause.groups:
            self.clause.head = None
        if self.clause.head is not None:
            self._finish("and")
        self.clause.negated = True
        self.clause.loose.append(item)
        self.at += 1

    def _modifier(self, item: Item) -> None:
        self.at += 1
        if "num" in item or "some" in item:
            following = self._item(self.at)
            if following is not None and "unit" in following:
                self.clause.groups.append(Group(noun=following, kind="unit", items=[item, following], number=item))
                self.at += 1
                return
            if "turn" in item:
                self.clause.mods.append(("turn", item))
                return
        for kind in MODIFIERS:
            if kind in item:
                self.clause.mods.append((kind, item))
                return
        if "particle" in item or item.words == "back":
            self.clause.mods.append(("particle", item))
        elif item.readings.keys() & {"obj", "ignore", "det", "poss", "pron", "person", "link"}:
            self.clause.near.update(item.words.split())
        elif "prep" in item:
            self.clause.mods.append(("particle", item))
        else:
            self.clause.loose.append(item)

    def _item(self, at: int) -> Item | None:
        return self.items[at] if 0 <= at < len(self.items) else None


def _leaves_free(heads: frozenset[str], limb: str) -> bool:
    """Whether the verbs that these heads mean by themselves do without this limb."""
    if heads & _HOLDING:
        return True
    keys = [plain_key(head) for head in heads]
    return all(key is not None and not {limb, f"left_{limb}"} & set(VERBS[key].parts) for key in keys)


def _stronger(first: str, second: str) -> str:
    """Of two links in a row ("and while", ", then") the one that says more."""
    order = ("before", "after", "while", "then", "and", "comma", "start")
    return min(first, second, key=order.index)
