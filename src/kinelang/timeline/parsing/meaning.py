"""A clause into what its stage says: the verb by its frame, then side, direction, amount, count, speed, style, path, target."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from kinelang.language.lexicon import VERBS, Verb
from kinelang.language.lexicon.frames import FRAMES
from kinelang.language.lexicon.function_words import LIGHT_VERBS
from kinelang.language.wordlists import words
from kinelang.language.words import plain_key
from kinelang.timeline.parsing.clauses import Clause
from kinelang.timeline.parsing.groups import Group
from kinelang.timeline.parsing.items import Item

_PART_CLASS = {"arm": "arm", "elbow": "arm", "leg": "leg", "knee": "leg"}
_ABSORBED = {
    "up": frozenset(
        words("stand_up pick_up straighten lift_weight shrug wave raise_leg clap stretch jumping_jack carry stand open skip")
    ),
    "down": frozenset(
        words("""sit lie kneel squat crouch bend put_down lower_arm lower_leg fall pick_up clasp_hands wipe pull swing throw look bow stomp lean lunge get_on_all_fours push_up chop touch
        roll stumble""")
    ),
    "forward": frozenset(words("bow get_on_all_fours fall chop swing dig crawl present give")),
    "backward": frozenset(["arch"]),
}
_BACKWARD = frozenset(
    words("step jump hop lean stumble stagger shuffle kick lunge fall slide bend skip sneak roll tiptoe crawl swing_leg")
)
_DISTANCES = {"slightly": 0.5, "short": 1.0, "far": 6.0}
_TARGET_PREPS = frozenset(
    words("""to toward towards on onto in into at over above behind under across against by from between around near through with off for next_to
    in_front_of along beside past""")
)


@dataclass
class Meaning:
    """What a clause says.

    Attributes:
        verb: key of the verb; "" where it is not understood.
        fields: fields of the stage.
        seconds: how long, where told.
        span: (start, end) seconds, where told.
        repeats: number of times to do it again, where the verb itself has no count.
        unused: items without a place in the timeline, each with the reason.
        link: as in the clause.
    """

    verb: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    span: tuple[float, float] | None = None
    unused: list[tuple[Item, str]] = field(default_factory=list)
    link: str = "start"
    clause: Clause | None = None
    unknown_verb: bool = False
    to_and_fro: str = ""
    special: str = ""
    repeats: int = 1
    times: list[Item] = field(default_factory=list)


def meaning_of(clause: Clause) -> Meaning:
    """What a clause with a verb (or an absolute one) says."""
    return _Resolver(clause).run()


class _Resolver:
    def __init__(self, clause: Clause) -> None:
        self.clause = clause
        self.said = Meaning(link=clause.link, clause=clause)
        self.groups = list(clause.groups)
        self.mods = list(clause.mods)
        self.used: set[int] = set()
        self.object: Group | None = None
        self.by_limb = False

    def run(self) -> Meaning:
        clause, said = self.clause, self.said
        for item in clause.loose:
            said.unused.append((item, "negation: what is not done has no place in a timeline" if "neg" in item else "unknown word"))
        if clause.negated:
            self._leave_all("not done")
            return said
        self._merge_light()
        self.object = self._find_object()
        found = self._verb()
        if found is None:
            if clause.heads == {"be"} and not (self.groups or self.mods):
                return said
            self._leave_all("no verb known for this" if clause.head is not None else "a pose that no verb holds")
            said.unknown_verb = clause.head is not None and clause.heads != {"be"}
            return said
        if found[0].startswith("="):
            said.special = found[0]
            return said
        said.verb, presets = found
        said.fields.update(presets)
        self.word: Verb = VERBS[said.verb]
        for group in ([clause.subject] if clause.subject else []) + self.groups:
            self._apply_group(group)
        for kind, item in self.mods:
            self._apply(kind, item)
        self._default_side()
        return said

    def _leave_all(self, reason: str) -> None:
        clause, unused = self.clause, self.said.unused
        if clause.head is not None:
            unused.append((clause.head, reason))
        for group in ([clause.subject] if clause.subject else []) + clause.groups:
            unused += [(item, reason) for item in group.items]
        unused += [(item, reason) for _, item in clause.mods]

    # ── the verb ──
    def _merge_light(self) -> None:
        """ "takes a big step": the noun of action is the verb, what stands before it its adverbs."""
        clause = self.clause
        if clause.head is not None and clause.heads & LIGHT_VERBS and not any(not g.prep for g in self.groups):
            turns = [i for kind, i in self.mods if kind == "turn" and ("turn" in i.words or "degree" in i.words or "180" in i.words)]
            if turns:
                clause.head = Item(turns[0].first, turns[0].last, turns[0].words, {"verb": (("turn", "base"),)})
        if clause.head is not None and clause.heads & {"gesture", "move", "motion"}:
            for group in self.groups:
                acts = [i for kind, i in group.modifiers if kind in ("participle", "noun") and "verb" in i]
                if group.kind == "way" and group.prep == "in" and acts:
                    clause.head = acts[-1]
            return
        if clause.head is None or not clause.heads & LIGHT_VERBS:
            return
        for group in self.groups:
            noun = group.noun
            if noun is None or group.prep:
                continue
            if group.kind == "way":
                acts = [i for kind, i in group.modifiers if kind in ("participle", "noun") and "verb" in i]
                self.by_limb = True
                noun = acts[-1] if acts else noun
            elif group.kind == "dance":
                self._become(group, Item(noun.first, noun.last, noun.words, {"verb": (("=dance", "base"),)}))
                return
            if (
                "verb" in noun
                and group.kind in ("action", "way", "unit", "thing", "path")
                and (group.kind != "thing" or group.determined is False)
            ):
                self._become(group, noun)
                return

    def _become(self, group: Group, noun: Item) -> None:
        self.clause.head = noun
        self.groups.remove(group)
        self.mods = [(kind, i) for kind, i in group.modifiers if i is not noun and not (group.limb and kind == "side")] + self.mods
        if group.number is not None:
            self.mods.append(("count", group.number))
        if group.limb is not None:
            self.groups.insert(
                0, Group(noun=group.limb, kind="part", items=[group.limb], side=group.side, plural="plural" in group.limb)
            )

    def _find_object(self) -> Group | None:
        clause = self.clause
        if clause.subject is not None:
            return clause.subject
        plain = [g for g in self.groups if not g.prep and g.kind not in ("unit", "way")]
        if not plain and self.by_limb and clause.heads & _OF_LIMBS:
            plain = [g for g in self.groups if g.prep == "with" and g.kind == "part"]
        return plain[0] if plain else None

    def _verb(self) -> tuple[str, dict[str, Any]] | None:
        """(key, fields) by the frames of the head, else by the head alone."""
        clause = self.clause
        heads = [h for h, _ in clause.head.get("verb")] if clause.head is not None else ["hold"]
        if "stopped" in clause.near:
            return "stand", {}
        near = frozenset(self._near())
        obj = self._object_class()
        for head in heads:
            for frame in FRAMES.get(head, ()):
                if frame.fits(obj, near):
                    return frame.key, dict(frame.fields)
        for head in heads:
            if head.startswith("="):
                return head[1:], {}
            key = plain_key(head)
            if key is not None:
                return key, {}
        return None

    def _object_class(self) -> str:
        group = self.object
        if group is None or group.noun is None:
            return "none"
        words = group.noun.words
        if words in ("knob", "phone", "rope", "guitar", "violin", "piano", "drums", "drum", "balance", "seat", "pose"):
            return words if words != "drum" else "drums"
        if words in _CLOTHING:
            return "clothing"
        return group.group

    def _near(self) -> set[str]:
        near = set(self.clause.near)
        if self.clause.passive:
            near.add("passive")
        for kind, item in self.mods:
            value = item.get(kind)
            near.add(str(value))
            near.update(item.words.split())
            if kind == "fro":
                near.add("to_and_fro")
        for group in self.groups:
            if group.prep:
                near.add(group.prep)
                near.add(group.group)
            if group.noun is not None:
                near.update(group.noun.words.split())
                near.update(w[:-1] for w in group.noun.words.split() if w.endswith("s"))
                for kind, item in group.modifiers:
                    near.add(str(item.get(kind)))
                if "path" in group.noun:
                    near.add(str(group.noun.get("path")))
        return near

    # ── groups ──
    def _apply_group(self, group: Group) -> None:
        noun = group.noun
        if noun is None:
            self._apply_side(group)
        elif group.kind == "unit":
            self._apply_unit(group)
        elif group.kind in ("way", "path"):
            self._apply_way(group)
        elif group.kind == "part":
            self._apply_part(group)
        elif group.kind == "action":
            self._apply_action(group)
        elif noun.words in ("side", "sides", "home") and not group.side:
            self._apply_sides(group)
        elif group.kind == "home" and group.prep in ("to", "in", "into", "from", "at", ""):
            told = any(i.unknown for i in group.items) or any(kind in ("style", "participle") for kind, _ in group.modifiers)
            if told and self.said.verb in ("stand", "pose", "sit", "lie", "crouch", "kneel"):
                self._apply_target(group)
            elif told and group.prep == "in":
                self._leave(group, f"'{self.word.base}' has no place for a pose")
        elif group.kind in ("sport", "instrument", "dance", "animal", "thing", "place", "person", "unknown", "obj"):
            self._apply_target(group)
        else:
            self._leave(group, f"'{self.word.base}' has no place for it")

    def _leave(self, group: Group, reason: str) -> None:
        self.said.unused += [(item, reason) for item in group.items]

    def _apply_part(self, group: Group) -> None:
        if group.group in _INHERENT.get(self.said.verb, ()) and group.prep:
            return
        limb = _PART_CLASS.get(group.group)
        takes = {
            "arm": "arm" in self.word.parts or "left_arm" in self.word.parts,
            "leg": "leg" in self.word.parts or "left_leg" in self.word.parts,
        }
        own = group is self.object or group.prep in ("with", "using", "on", "by", "from")
        if limb and takes[limb] and own and self._apply_limb(group, limb):
            return
        if group is self.object and not limb and not self.word.target:
            self._apply_modifiers(group)
            return
        if (
            (
                limb
                and group.prep in ("with", "in", "using", "on")
                and (self._both(limb) or limb == "leg")
                and group.side in ("left", "right")
            )
            or (group.prep in _TARGET_PREPS and group.prep != "with")
            or group is self.object
            or (group.prep == "" and self.word.target)
        ):
            self._apply_target(group)
        else:
            self._leave(group, f"'{self.word.base}' has no place for it")

    def _apply_limb(self, group: Group, limb: str) -> bool:
        """The limb that does it: its side. False where the verb knows no side of this limb."""
        side = group.side or ("both" if group.plural else None)
        if any(kind == "alt" for kind, _ in group.modifiers):
            side = "alternating"
        if side is not None and self.said.fields.get("side") not in (None, side):
            return False
        own = (
            "arm"
            if "arm" in self.word.parts or (self.word.sides and "left_arm" in self.word.parts)
            else "leg"
            if self.word.sides
            else ""
        )
        if own != limb and not (limb == "leg" and self.word.sides and "left_leg" in self.word.parts):
            if group.side in ("left", "right") and not self._both(limb):
                return False
            self._apply_modifiers(group, skip="side")
            return group.side not in ("left", "right")
        if side is None or side in self.word.sides:
            if side is not None:
                self.said.fields["side"] = side
        elif side == "both":
            pass
        else:
            return False
        self._apply_modifiers(group, skip="side")
        return True

    def _both(self, limb: str) -> bool:
        return f"left_{limb}" in self.word.parts

    def _apply_modifiers(self, group: Group, skip: str = "") -> None:
        for kind, item in group.modifiers:
            if kind not in (skip, "side", "participle", "noun", "alt"):
                self._apply(kind, item)

    def _apply_side(self, group: Group) -> None:
        """ "with his left": the side without its limb."""
        if group.side in self.word.sides and "side" not in self.said.fields:
            self.said.fields["side"] = group.side
        elif group.side in ("left", "right"):
            self._direction(group.side, group.items[-1])
        else:
            self._leave(group, "side without a limb")

    def _apply_sides(self, group: Group) -> None:
        if self.said.verb in ("lower_arm", "lower_leg", "put_down", "stand", "feet_together") or group.prep in ("by", "at"):
            return
        if "up" in self.word.directions or self.word.family in ("arm", "hand"):
            side = self.said.fields.get("side")
            if side in ("left", "right") and side in self.word.directions and not group.plural:
                self._direction(side, group.items[-1])
                return
            self._apply_target(group)
            return
        self._leave(group, "a side that is not told")

    def _apply_unit(self, group: Group) -> None:
        noun = group.noun
        assert noun is not None
        unit = noun.get("unit")
        number = group.number.get("num") if group.number is not None and "num" in group.number else None
        if group.number is not None and number is None:
            number = group.number.get("some")
        if unit in ("s", "min"):
            if number is None:
                return
            seconds = float(number) * (60 if unit == "min" else 1)
            if 0.05 <= seconds <= 3600:
                self.said.seconds = seconds
            else:
                self._leave(group, "no length of time that a stage can have")
            return
        if unit == "deg":
            self._amount_in("deg", number, group)
        elif unit in ("m", "ft") and number is not None:
            self._amount_in("m", number * (0.3048 if unit == "ft" else 1), group)
        elif unit in ("steps", "times"):
            self._count(number, unit, group)
            self._apply_modifiers(group)
        else:
            self._leave(group, "a measure that has no place here")

    def _amount_in(self, unit: str, number: Any, group: Group) -> None:
        if self.word.amount_unit == unit and number is not None and 0 < number <= 36000:
            self.said.fields["amount"] = float(number)
            self._apply_modifiers(group)
        elif unit == "deg" and self.said.verb == "spin" and number and number % 360 == 0:
            self.said.fields["count"] = int(number // 360)
        elif unit == "deg" and self.said.verb == "spin" and number:
            self.said.verb, self.word = "turn", VERBS["turn"]
            self.said.fields.pop("count", None)
            self.said.fields["amount"] = float(number)
        else:
            self._leave(group, f"'{self.word.base}' is not measured so")

    def _count(self, number: Any, unit: str, group: Group) -> None:
        counted = self.word.counted
        if number is None and (counted or unit == "times"):
            return
        if (
            counted
            and (unit == counted or unit == "times" or counted == "times")
            and isinstance(number, int)
            and 1 <= number <= 100_000
        ):
            if unit == "times" and counted == "steps" and number > 1:
                self._leave(group, f"'{self.word.base}' counts steps, not times")
                return
            self.said.fields["count"] = number
        elif number == 1:
            return
        else:
            self._leave(group, f"'{self.word.base}' is not counted so")

    def _apply_way(self, group: Group) -> None:
        noun = group.noun
        assert noun is not None
        for kind, item in group.modifiers:
            if kind in ("participle", "noun"):
                if "verb" in item and plain_key(item.get("verb")[0][0]) not in (self.said.verb, None):
                    self.said.unused.append((item, "a second action in one phrase"))
                continue
            if kind == "size":
                if "path" in noun or group.kind == "path":
                    continue
                if "turn" in item and self.word.amount_unit == "deg":
                    kind = "turn"
            if (
                kind in ("turn", "size")
                and ("path" in noun or group.kind == "path")
                and (self.word.paths or self.said.verb in _REPEATING)
            ):
                continue
            self._apply(kind, item)
        if "path" in noun:
            part = any(i.words in _PARTLY for _, i in group.modifiers) and noun.get("path") == "circle"
            self._path(Item(noun.first, noun.last, noun.words, noun.readings | {"path": "curve"}) if part else noun)
        elif group.number is not None and group.number.words not in ("one", "single"):
            self._apply("count", group.number)

    def _apply_action(self, group: Group) -> None:
        noun = group.noun
        assert noun is not None
        keys = {plain_key(h) or h.lstrip("=") for h, _ in (noun.get("verb") or ())}
        if self.said.verb in keys or (group.prep in ("with", "in", "into", "for") and keys & {"walk", "step", "stand"}):
            self._apply_modifiers(group)
            if group.number is not None:
                self._apply("count", group.number)
            return
        self._leave(group, "an action beside the verb")

    def _apply_target(self, group: Group) -> None:
        fields = self.said.fields
        if group.kind == "person" and group.noun is not None and "pron" in group.noun and not group.prep:
            return
        if self.word.target is False and group.kind == "part" and self.word.family in ("gait", "posture", "jump", "dance"):
            if group.group in ("leg", "knee") and group.prep in ("on", "with", "") and group.side in self.word.sides:
                fields["side"] = group.side
                return
            self._leave(group, f"'{self.word.base}' has no place for it")
            return
        words = group.words()
        if words == "something" and self.word.target and group.prep in ("", *_COMMON_PREPS, "for"):
            return
        if group.kind == "part" and group.prep in ("with", "on", "using", "in"):
            words = f"{group.prep} {words}"
        elif group.prep and group.prep not in _OWN_PREPS.get(self.said.verb, _COMMON_PREPS):
            words = f"{group.prep.replace('_', ' ')} {words}"
        before = fields.get("target")
        if not words.strip():
            return
        if before is None:
            fields["target"] = words
        elif group.prep:
            fields["target"] = (
                f"{before} {group.prep.replace('_', ' ')} {group.words()}" if not words.startswith(group.prep) else f"{before} {words}"
            )
        else:
            fields["target"] = f"{before} {words}"

    # ── adverbs ──
    def _apply(self, kind: str, item: Item) -> None:
        unused = self._applied(kind, item)
        if unused:
            self.said.unused.append((item, unused))

    def _applied(self, kind: str, item: Item) -> str:
        """Give the field its value; the reason if the verb has no such field."""
        if kind == "dir" and "turn" in item and self.word.amount_unit == "deg":
            kind = "turn"
        if kind == "turn" and self.word.amount_unit != "deg" and "sideways" in item:
            kind = "sideways"
        method = getattr(self, f"_do_{kind}", None)
        return method(item) if method is not None else f"'{self.word.base}' has no place for it"

    def _do_side(self, item: Item) -> str:
        value = item.get("side")
        if "dir" in item:
            return self._do_dir(item)
        if value in self.word.sides:
            self.said.fields.setdefault("side", value)
            return ""
        return "" if value == "both" else f"'{self.word.base}' has no side"

    def _do_dir(self, item: Item) -> str:
        reason = self._direction_reason(item.get("dir"))
        placed = item.last - item.first > 1 and self.word.family in ("arm", "hand", "head", "sport", "torso", "leg")
        if reason and placed and "direction" not in self.said.fields:
            target = self.said.fields.get("target")
            self.said.fields["target"] = item.words if target is None else f"{target} {item.words}"
            return ""
        return reason

    def _direction(self, value: str | None, item: Item) -> None:
        reason = self._direction_reason(str(value))
        if reason:
            self.said.unused.append((item, reason))

    def _direction_reason(self, value: str) -> str:
        fields, word = self.said.fields, self.word
        allowed = word.directions + (("left", "right") if word.paths else ())
        now = fields.get("direction")
        if value in allowed:
            if now is None or now == value:
                fields["direction"] = value
                return ""
            for both in (f"{now}_{value}", f"{value}_{now}"):
                if both in allowed:
                    fields["direction"] = both
                    return ""
            if value in ("up", "down") or now in ("up", "down"):
                fields["direction"] = now if value in ("up", "down") else value
                return ""
            return f"'{word.base}' goes in one direction at a time"
        if self.said.verb in _ABSORBED.get(value, ()) or (value in ("up", "down") and self.said.verb in ("walk", "run", "jog", "step")):
            return ""
        if value in ("left", "right") and value in word.sides and "side" not in fields:
            fields["side"] = value
            return ""
        return f"'{word.base}' has no direction {value.replace('_', ' ')}"

    def _do_clock(self, item: Item) -> str:
        value = item.get("clock")
        if self.said.verb in ("circle_arms", "circle_leg"):
            return "the sense of turning of a limb has no place"
        return self._direction_reason(value)

    def _do_sideways(self, item: Item) -> str:
        if self.said.verb in ("walk", "step", "shuffle", "sidestep"):
            self.said.verb = "sidestep"
            self.word = VERBS["sidestep"]
            for name, allowed in (("side", self.word.sides), ("path", self.word.paths)):
                if self.said.fields.get(name) not in (None, *allowed):
                    del self.said.fields[name]
            return ""
        side = self.said.fields.get("side")
        if side in ("left", "right") and side in self.word.directions:
            self.said.fields.setdefault("direction", side)
            return ""
        if self.word.family in ("arm",) and self.said.fields.get("target") is None:
            self.said.fields["target"] = "side" if side != "both" else "sides"
            return ""
        return "a side that is not told"

    def _do_fro(self, item: Item) -> str:
        if self.said.verb in _REPEATING or self.word.family in ("arm", "head", "torso", "dance"):
            return ""
        if self.word.family == "gait" and item.words.startswith(("from", "left to", "right to")):
            return "left and right of a picture, not of the person"
        if self.word.family in ("gait", "jump", "turn"):
            self.said.to_and_fro = item.words
            return ""
        return f"'{self.word.base}' has no to and fro"

    def _do_moment(self, item: Item) -> str:
        if item.get("moment") is not None:
            self.said.seconds = item.get("moment")
        return ""

    def _do_alt(self, item: Item) -> str:
        if "alternating" in self.word.sides:
            self.said.fields["side"] = "alternating"
            return ""
        return "" if self.word.family == "gait" else f"'{self.word.base}' has no turns of left and right"

    def _do_turn(self, item: Item) -> str:
        if self.word.amount_unit == "deg":
            self.said.fields["amount"] = float(item.get("turn"))
            return ""
        if self.word.paths and "circle" in item.words:
            return self._path_reason(Item(item.first, item.last, item.words, {"path": "circle"}))
        if self.word.family in ("gait", "jump") and "direction" in item.words:
            return ""
        if (self.said.verb == "spin" and item.get("turn") not in (180.0, 30.0)) or "degree" in item.words:
            return self._spun(float(item.get("turn")))
        if item.words in ("around", "round", "about", "all around", "in circles") or self.said.verb in ("spin", "roll"):
            return ""
        if "path" in item:
            return self._path_reason(item)
        if "size" in item:
            return self._do_size(item)
        if "speed" in item:
            return self._do_speed(item)
        return f"'{self.word.base}' has no angle"

    def _spun(self, degrees: float) -> str:
        """A spin by an angle: full ones are counted, others are a turn."""
        if self.said.verb != "spin":
            return f"'{self.word.base}' has no angle"
        if degrees % 360 == 0:
            self.said.fields["count"] = int(degrees // 360)
        else:
            self.said.verb, self.word = "turn", VERBS["turn"]
            self.said.fields.pop("count", None)
            self.said.fields["amount"] = degrees
        return ""

    def _do_secs(self, item: Item) -> str:
        seconds = float(item.get("secs"))
        if not 0.05 <= seconds <= 3600:
            return "no length of time that a stage can have"
        self.said.seconds = seconds
        return ""

    def _do_span(self, item: Item) -> str:
        start, end = item.get("span")
        if not 0.01 <= end - start <= 3600 or end > 80_000:
            return "no time that a stage can have"
        self.said.span = (start, end)
        self.said.times.append(item)
        return ""

    def _do_times_speed(self, item: Item) -> str:
        value = float(item.get("times_speed"))
        if not 0.05 <= value <= 20:
            return "no speed that a stage can have"
        self.said.fields["speed"] = value
        return ""

    def _do_times_size(self, item: Item) -> str:
        value = float(item.get("times_size"))
        if self.word.amount_unit != "ratio" or not 0.05 <= value <= 10:
            return f"'{self.word.base}' has no size"
        self.said.fields["amount"] = value
        return ""

    def _do_speed(self, item: Item) -> str:
        self.said.fields["speed"] = item.get("speed")
        return ""

    def _do_style(self, item: Item) -> str:
        if "style" in self.said.fields and self.said.fields["style"] != item.get("style"):
            return "a second style"
        self.said.fields["style"] = item.get("style")
        return ""

    def _do_size(self, item: Item) -> str:
        unit = self.word.amount_unit
        if "turn" in item and unit == "deg":
            self.said.fields.setdefault("amount", float(item.get("turn")))
            return ""
        if unit == "ratio":
            self.said.fields.setdefault("amount", float(item.get("size")))
            return ""
        if unit == "m" and "amount" not in self.said.fields:
            size = item.get("size")
            self.said.fields["amount"] = _DISTANCES["slightly" if size < 1 else "far"]
            return ""
        if "style" in item:
            return self._do_style(item)
        if "speed" in item:
            return self._do_speed(item)
        return f"'{self.word.base}' has no size"

    def _do_times(self, item: Item) -> str:
        number = item.get("times")
        if number is None or (number == 1 and self.word.counted != "times"):
            return ""
        if self.word.counted == "times":
            self.said.fields["count"] = number
            return ""
        if not self.word.counted and 2 <= number <= 10 and self.word.family not in ("gait",) and self.said.verb != "stand":
            self.said.repeats = number
            return ""
        return f"'{self.word.base}' is not counted so"

    def _do_count(self, item: Item) -> str:
        number = item.get("num") if "num" in item else (item.get("some") or item.get("times"))
        if number is None or (number == 1 and not self.word.counted):
            return ""
        if self.word.counted and isinstance(number, int) and 1 <= number <= 100_000:
            self.said.fields["count"] = number
            return ""
        if "turn" in item and self.word.amount_unit == "deg":
            return self._do_turn(item)
        return "" if number == 1 else f"'{self.word.base}' is not counted"

    def _do_path(self, item: Item) -> str:
        return self._path_reason(item)

    def _path(self, noun: Item) -> None:
        reason = self._path_reason(noun)
        if reason:
            self.said.unused.append((noun, reason))

    def _path_reason(self, item: Item) -> str:
        path = item.get("path")
        if self.said.verb == "step" and path in ("circle", "square", "zigzag", "curve"):
            self.said.verb, self.word = "walk", VERBS["walk"]
            self.said.fields.pop("amount", None)
        if path in self.word.paths:
            now = self.said.fields.get("path")
            if now is None or now in ("straight", path):
                self.said.fields["path"] = path
                return ""
            return ""
        if self.word.amount_unit == "deg":
            if path == "circle":
                self.said.fields.setdefault("amount", 360.0)
                return ""
            if path == "curve":
                self.said.fields.setdefault("amount", 180.0)
                return ""
        if self.said.verb in _REPEATING and path == "circle":
            return ""
        if path == "straight" or (path == "circle" and self.said.verb in ("spin", "jump", "hop", "sidestep", "stagger")):
            return ""
        if "size" in item:
            return self._do_size(item)
        return f"'{self.word.base}' has no way over the ground"

    def _do_particle(self, item: Item) -> str:
        words = item.words
        if words == "back":
            if self.said.verb in _BACKWARD and "direction" not in self.said.fields:
                self.said.fields["direction"] = "backward"
            return ""
        return ""

    def _default_side(self) -> None:
        """Where a limb was named in the plural by the object only."""
        side = self.said.fields.get("side")
        head = self.clause.head
        if (
            side is None
            and "both" in self.word.sides
            and head is not None
            and head.words.rpartition(" ")[2] in ("arms", "hands", "legs")
        ):
            self.said.fields["side"] = side = "both"
        if side is not None and side not in self.word.sides:
            del self.said.fields["side"]
        direction = self.said.fields.get("direction")
        if direction is not None and direction not in self.word.directions + (("left", "right") if self.word.paths else ()):
            del self.said.fields["direction"]
        for name, allowed in (("amount", self.word.amount_unit), ("count", self.word.counted), ("path", self.word.paths)):
            if name in self.said.fields and not allowed:
                del self.said.fields[name]


_REPEATING = frozenset(
    words("""wave sway swing swing_arms shake shake_head shake_body wipe stir scratch circle_arms swing_leg move_arm move_leg wash_hands look look_around
    twist sweep dance rub brush nod flap flail shuffle move_object bounce dribble balance circle_hips punch wash clap stretch lean tilt_head
    move_head use play_guitar swat gesture kick dodge skate raise_arm bend reach touch pull push throw""")
)
_OF_LIMBS = frozenset(words("twist rotate circle swing move roll turn spin shake flap wiggle bend"))
_PARTLY = frozenset([*"half quarter semi a_half partial three_quarter three_quarters".replace("_", " ").split(), "a half", "a quarter"])
_INHERENT = {
    "cross_arms": ("torso",),
    "hands_on_hips": ("hip", "torso"),
    "kneel": ("knee", "leg"),
    "get_on_all_fours": ("knee", "arm"),
    "clap": ("arm",),
    "crawl": ("knee", "arm"),
    "sit": ("torso",),
}
"""Groups of body parts that a verb is always done with or on."""
_COMMON_PREPS = frozenset(words("to at towards toward on with of for"))
_OWN_PREPS = {
    "pick_up": frozenset(["of"]),
    "walk": frozenset(words("to towards toward")),
    "run": frozenset(words("to towards toward")),
}
_CLOTHING = frozenset(
    words("coat jacket shirt pants hat shoe shoes glove gloves glasses mask tie clothes clothing sweater socks sock dress")
)

__all__ = ["Meaning", "meaning_of", "replace"]
