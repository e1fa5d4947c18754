"""A clause into what its stage says: the verb by its frame, then side, direction, amount, count, speed, style, path, target."""

from __future__ import annotations

from typing import Any

from kinelang.language.lexicon import VERBS, Verb
from kinelang.language.lexicon.frames import FRAMES
from kinelang.language.lexicon.function_words import LIGHT_VERBS
from kinelang.language.words import plain_key
from kinelang.timeline.parsing.adverbs import Adverbs, Meaning
from kinelang.timeline.parsing.clauses import Clause
from kinelang.timeline.parsing.groups import Group
from kinelang.timeline.parsing.items import Item
from kinelang.timeline.parsing.tables import (
    CLOTHING,
    COMMON_PREPS,
    INHERENT,
    OF_LIMBS,
    OWN_PREPS,
    PART_CLASS,
    PARTLY,
    REPEATING,
    TARGET_PREPS,
)


def meaning_of(clause: Clause) -> Meaning:
    """What a clause with a verb (or an absolute one) says."""
    return _Resolver(clause).run()


class _Resolver(Adverbs):
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
        elif noun.get("unit") == "steps" and group.determined and "plural" not in noun and noun.words == "step":
            self.mods.append(("count", Item(noun.first, noun.first, "a", {"num": 1})))
        if group.limb is not None:
            self.groups.insert(
                0, Group(noun=group.limb, kind="part", items=[group.limb], side=group.side, plural="plural" in group.limb)
            )

    def _find_object(self) -> Group | None:
        clause = self.clause
        if clause.subject is not None:
            return clause.subject
        plain = [g for g in self.groups if not g.prep and g.kind not in ("unit", "way")]
        if not plain and self.by_limb and clause.heads & OF_LIMBS:
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
        if words in CLOTHING:
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
                near.update(str(item.get(kind)) for kind, item in group.modifiers if kind != "side")
                if "path" in group.noun:
                    near.add(str(group.noun.get("path")))
        return near

    # ── groups ──
    def _apply_group(self, group: Group) -> None:
        noun = group.noun
        if group.kind in ("way", "part", "action", "path", "unit") and not group.said:
            self.said.unused += [(item, "unknown word") for item in group.items if item.unknown]
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
        elif group.kind == "home" and group.prep in ("to", "in", "into", "from", "at", "with", ""):
            told = any(i.unknown for i in group.items) or any(kind in ("style", "participle") for kind, _ in group.modifiers)
            styles = [item for kind, item in group.modifiers if kind == "style"]
            if styles and self.word.family != "posture":
                self._apply("style", styles[0])
            elif told and self.said.verb in ("stand", "pose", "sit", "lie", "crouch", "kneel"):
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
        if group.group in INHERENT.get(self.said.verb, ()) and group.prep:
            if group.side in self.word.sides:
                self.said.fields["side"] = group.side
            return
        limb = PART_CLASS.get(group.group)
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
            or (group.prep in TARGET_PREPS and group.prep != "with")
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
        steps = group.noun is not None and group.noun.get("unit") == "steps"
        for kind, item in group.modifiers:
            if kind == "size" and steps and self.word.amount_unit == "m":
                continue  # long steps are not a long way
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
        if noun.words == "step" and group.number is None and group.determined:
            self._count(1, "steps", group)
            self._apply_modifiers(group)
            return
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
                and (self.word.paths or self.said.verb in REPEATING)
            ):
                continue
            self._apply(kind, item)
        if "path" in noun:
            part = any(i.words in PARTLY for _, i in group.modifiers) and noun.get("path") == "circle"
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
        if words == "something" and self.word.target and group.prep in ("", *COMMON_PREPS, "for"):
            return
        if group.kind == "part" and group.prep in ("with", "on", "using", "in"):
            words = f"{group.prep} {words}"
        elif group.prep and group.prep not in OWN_PREPS.get(self.said.verb, COMMON_PREPS):
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


__all__ = ["Meaning", "meaning_of"]
