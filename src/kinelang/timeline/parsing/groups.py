"""Noun groups: "his left arm", "to the big red ball", "in a wide clockwise circle", "three steps"."""

from __future__ import annotations

from dataclasses import dataclass, field

from kinelang.language.wordlists import words
from kinelang.timeline.parsing.items import Item

NOUN_KINDS = ("part", "thing", "path", "way", "unit", "place", "person", "sport", "instrument", "dance", "animal", "home", "obj")
_BEFORE_NOUN = frozenset(words("det poss num some side size speed style dir clock turn alt times"))
_ADJECTIVES = frozenset(words("size speed style dir clock turn path alt sideways"))


@dataclass(slots=True)
class Group:
    """A noun group, with the preposition before it.

    Attributes:
        prep: the preposition, or "".
        noun: the item of the noun; None for "with his left".
        kind: what the noun is (`NOUN_KINDS`, "action", "unknown", or "" without noun).
        items: all its items, preposition included.
        modifiers: adjectives and the like, by kind.
        side, number: of the limb; how many.
        plural: several, or both.
        determined: has an article, possessive or number.
    """

    prep: str = ""
    noun: Item | None = None
    kind: str = ""
    items: list[Item] = field(default_factory=list)
    modifiers: list[tuple[str, Item]] = field(default_factory=list)
    side: str | None = None
    number: Item | None = None
    plural: bool = False
    determined: bool = False
    possessed: bool = False
    said: str = ""
    limb: Item | None = None

    @property
    def group(self) -> str:
        """Group for the frames: "arm", "leg", ... for body parts, else thing, person, place, action."""
        if self.noun is None:
            return ""
        if self.kind == "part":
            return str(self.noun.get("part"))
        if self.kind in ("unknown", "obj", "unit"):
            return "thing"
        return self.kind

    def words(self) -> str:
        """As written, without the preposition and the leading article or possessive."""
        if self.said:
            return self.said
        inner = [i for i in self.items if not (i is self.items[0] and self.prep)]
        while inner and ("det" in inner[0] or "poss" in inner[0]) and len(inner) > 1:
            inner = inner[1:]
        return " ".join(i.words for i in inner)


def group_at(items: list[Item], at: int, *, prep: Item | None = None, light: bool = False) -> tuple[Group, int] | None:
    """The noun group that begins at an item and the place after it, or None. `light`: stands after a verb such as "take" or "do"."""
    group = Group(prep=prep.get("prep") if prep is not None else "", items=[prep] if prep is not None else [])
    i = at
    while i < len(items):
        item = items[i]
        if item.readings.keys() & {"stop", "comma", "link"} and not (item.get("link") == "and" and _joins_sides(items, i)):
            break
        if _is_noun(items, i, group, light):
            return _closed(items, i, group, light)
        if not _takes_before_noun(items, i, group):
            break
        i += 1
    if group.side and group.noun is None and (prep is not None or group.determined):
        return group, i
    return None


def _joins_sides(items: list[Item], i: int) -> bool:
    return 0 < i < len(items) - 1 and "side" in items[i - 1] and "side" in items[i + 1]


def _takes_before_noun(items: list[Item], i: int, group: Group) -> bool:
    """Take an article, number, side or adjective into the group."""
    item = items[i]
    if item.get("link") == "and":
        group.items.append(item)
        return True
    if item.unknown and group.determined and i + 1 < len(items):
        group.items.append(item)
        return True
    if item.forms & {"participle", "past", "ing"} and (group.determined or group.side or group.prep) and i + 1 < len(items):
        if items[i + 1].readings.keys() & {"part", "way", "thing", "home", "person", "unit"} or (
            items[i + 1].unknown and group.determined
        ):
            group.modifiers.append(("participle", item))
            group.items.append(item)
            return True
        return False
    if item.get("times") is not None or ("prep" in item and not item.readings.keys() & {"det", "dir"}):
        return False
    kinds = item.readings.keys() & (_BEFORE_NOUN | {"ignore", "path", "particle"})
    if not kinds or ("verb" in item and "num" not in item and not group.determined):
        return False
    if "ignore" in kinds and len(kinds) == 1 and not (group.determined or "det" in item):
        return False
    if kinds <= {"particle", "ignore"} and "det" not in kinds and not group.determined:
        return False
    if item.last - item.first > 1 and "dir" in kinds and not group.determined:
        return False
    _note(item, group, kinds)
    group.items.append(item)
    return True


def _note(item: Item, group: Group, kinds: set[str]) -> None:
    if kinds & {"det", "poss"}:
        group.determined = True
        group.possessed |= "poss" in kinds
    elif "side" in kinds and item.words != "two":
        value = item.get("side")
        group.side = "both" if group.side and group.side != value else value
        group.plural |= value == "both"
        group.modifiers.append(("side", item))
    elif kinds & {"num", "some", "times"}:
        if group.number is None:
            group.number = item
        group.determined = True
    elif kinds & _ADJECTIVES:
        group.modifiers.append((sorted(kinds & _ADJECTIVES, key=_ORDER.index)[0], item))


_POSES = frozenset(words("pose poses stance posture position stand"))
_MOTION = frozenset(words("motion motions movement movements gesture gestures action actions routine"))
_ORDER = ("clock", "alt", "dir", "path", "turn", "size", "speed", "style", "sideways")


def _is_noun(items: list[Item], i: int, group: Group, light: bool) -> bool:
    item = items[i]
    kinds = item.readings.keys()
    following = items[i + 1] if i + 1 < len(items) else None
    if item.forms & {"ing", "participle"} and following is not None and "person" in following and (group.determined or not group.items):
        return False
    if "num" in kinds and following is not None and (_can_be_noun(following) or _is_adjective(following)):
        return False
    if kinds & {"det", "poss", "link"} and "obj" not in kinds:
        return False
    if "poss" in kinds and following is not None and (_can_be_noun(following) or _is_adjective(following)) and not _verbal(following):
        return False
    nominal = kinds & set(NOUN_KINDS)
    if "ignore" in kinds and not group.determined and not group.prep and "person" not in kinds and "obj" not in kinds:
        return False
    if following is not None and group.determined and _is_adjective(item) and _can_be_noun(following):
        return False
    if item.unknown:
        return (
            not item.words.endswith("ly")
            and (group.determined or bool(group.prep))
            and not (following is not None and _can_be_noun(following) and not _verbal(following))
        )
    if "verb" in kinds and not nominal:
        if item.forms & {"base", "third"} and (group.determined or light):
            return True
        return (
            "ing" in item.forms
            and (group.determined or light)
            and not (following and following.readings.keys() & {"way", "part", "home"})
        )
    if "obj" in kinds and nominal <= {"obj", "person"}:
        return not (
            following is not None and group.items == [] and "verb" in following and "particle" not in following and not group.prep
        )
    return bool(nominal)


def _is_adjective(item: Item) -> bool:
    return bool(item.readings.keys() & (_ADJECTIVES | {"num", "some", "side"})) and "part" not in item


def _can_be_noun(item: Item) -> bool:
    return item.unknown or bool(item.readings.keys() & {*NOUN_KINDS, "verb"} - {"obj"})


def _verbal(item: Item) -> bool:
    return "verb" in item and not item.readings.keys() & set(NOUN_KINDS)


def _closed(items: list[Item], i: int, group: Group, light: bool) -> tuple[Group, int]:
    """The group with its noun, and with the further nouns of a compound ("tennis racket", "walking motion")."""
    item = items[i]
    group.noun = item
    group.items.append(item)
    group.kind = _kind(item, group, light)
    group.plural |= "plural" in item
    i += 1
    if light and group.kind == "part" and i < len(items) and items[i].forms & {"base", "third"} and "link" not in items[i]:
        group.limb, group.noun, group.kind = item, items[i], "action"
        group.items.append(items[i])
        return group, i + 1
    if group.kind == "obj" and i < len(items) and (items[i].unknown or items[i].readings.keys() == {"size", "style"}):
        group.items.append(items[i])
        i += 1
    if (
        group.kind == "dance"
        and i < len(items)
        and items[i].words in ("dance", "dancing", "dances", "moves", "move", "steps", "routine")
    ):
        group.items.append(items[i])
        return group, i + 1
    if group.kind == "part" and i < len(items) and "tail" in items[i]:
        group.items.append(items[i])
        return group, i + 1
    if group.kind == "part":
        i = _with_its_like(items, i, group)
    while (
        group.kind != "person"
        and i < len(items)
        and "ignore" not in items[i]
        and items[i].readings.keys() & {*NOUN_KINDS} - {"obj", "person"}
        and not items[i].readings.keys() & {"verb", "link", "dir"}
    ):
        further = items[i]
        if group.kind == "part" and "part" not in further and "way" not in further:
            break
        if group.kind in ("unit", "obj"):
            break
        group.items.append(further)
        if "way" in further:
            group.modifiers.append(("noun", item))
            group.noun, group.kind = further, "way"
        elif group.kind != "action":
            group.noun, group.kind = further, _kind(further, group, light)
        i += 1
    return group, i


def _with_its_like(items: list[Item], i: int, group: Group) -> int:
    """Take "and hands" into "both arms and hands"."""
    assert group.noun is not None
    limb = _LIMBS.get(group.group)
    j = i + 1
    if i < len(items) and items[i].get("link") == "and":
        while j < len(items) and items[j].readings.keys() & {"poss", "det"}:
            j += 1
        if (
            j < len(items)
            and limb
            and _LIMBS.get(str(items[j].get("part"))) == limb
            and "plural" in items[j]
            and group.plural
            and (j + 1 >= len(items) or "verb" not in items[j + 1])
        ):
            group.items += items[i : j + 1]
            return j + 1
    return i


_LIMBS = {"arm": "arm", "elbow": "arm", "leg": "leg", "knee": "leg"}


def _kind(item: Item, group: Group, light: bool) -> str:
    if item.words in _POSES and group.prep:
        return "home"
    if item.words in _MOTION:
        return "way"
    if (
        "verb" in item
        and item.forms & {"base", "third", "ing"}
        and (light or not item.readings.keys() & {"part", "thing", "path", "place", "unit"})
    ) and (light or (group.determined and not item.get("part"))):
        return "action" if "unit" not in item or light else "unit"
    if item.words in ("it", "them"):
        return "obj"
    for kind in NOUN_KINDS:
        if kind in item:
            return kind
    return "action" if "verb" in item else "unknown"
