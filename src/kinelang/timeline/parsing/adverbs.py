"""Adverbs of a clause into fields of its stage: direction, amount, count, speed, style, path, times."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kinelang.language.lexicon import VERBS, Verb
from kinelang.timeline.parsing.clauses import Clause
from kinelang.timeline.parsing.items import Item
from kinelang.timeline.parsing.tables import ABSORBED, BACKWARD, DISTANCES, REPEATING


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


class Adverbs:
    """Gives the fields of `said` their values; a method `_do_KIND` for every kind of adverb returns the reason where it cannot."""

    said: Meaning
    word: Verb
    clause: Clause

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
        if self.said.verb in ABSORBED.get(value, ()) or (value in ("up", "down") and self.said.verb in ("walk", "run", "jog", "step")):
            return ""
        if value in ("left", "right") and value in word.sides and "side" not in fields:
            fields["side"] = value
            return ""
        return f"'{word.base}' has no direction {value.replace('_', ' ')}"

    def _do_clock(self, item: Item) -> str:
        value = item.get("clock")
        if self.word.family in ("arm", "hand", "leg", "head"):
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
        if self.said.verb == "lean" and item.words not in ("back and forth", "up and down"):
            self.said.to_and_fro = item.words
            return ""
        if self.said.verb in REPEATING or self.word.family in ("arm", "head", "torso", "dance"):
            return ""
        if self.word.family == "gait" and item.words.startswith(("from left", "from right", "from the", "left to", "right to")):
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
            if item.words in DISTANCES:
                self.said.fields["amount"] = DISTANCES[item.words]
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
        if self.said.verb in REPEATING and path == "circle":
            return ""
        if path == "straight" or (path == "circle" and self.said.verb in ("spin", "jump", "hop", "sidestep", "stagger")):
            return ""
        if "size" in item:
            return self._do_size(item)
        return f"'{self.word.base}' has no way over the ground"

    def _do_particle(self, item: Item) -> str:
        words = item.words
        if words == "back":
            if self.said.verb in BACKWARD and "direction" not in self.said.fields:
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
