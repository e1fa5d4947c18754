"""Words for single fields of a stage: limbs, directions, numbers, sizes, speeds, styles, ways and targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

from kinelang.language.inflection import indefinite, plural
from kinelang.language.wordlists import words
from kinelang.timeline.schema import Stage

Slot = Callable[[Stage, Random, bool, str], str]
Weighted = Mapping[str, float]

SPEED_WORDS: Mapping[float, Weighted] = MappingProxyType(
    {
        0.4: {"very slowly": 8, "really slowly": 1},
        0.7: {"slowly": 30, "at a slow pace": 1},
        1.0: {"at a steady pace": 3, "at a normal pace": 4, "at a moderate pace": 2, "at a medium pace": 2},
        1.4: {"quickly": 12, "fast": 4, "rapidly": 1, "briskly": 1, "at a fast pace": 1, "at a brisk pace": 0.7},
        2.0: {"very quickly": 3, "very fast": 4},
    }
)
SMALL = MappingProxyType({"slightly": 12, "a little": 1, "a bit": 1})
LARGE: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("jump", "hop", "kick"), "high"),
        **dict.fromkeys(("bow", "squat", "lunge"), "deeply"),
        **dict.fromkeys(("throw", "punch"), "hard"),
        **dict.fromkeys(("wave", "legs_apart"), "widely"),
    }
)
"""How a large amount is told of a verb; "far" for the others."""
NOT_LARGE = frozenset({"raise_arm", "raise_leg"})
"""Verbs whose large amount has no word of its own: a hand or leg raised high is raised up."""
SIZE_VALUES = (0.5, 1.0, 1.5)
TURN_VALUES = (30.0, 45.0, 60.0, 90.0, 120.0, 135.0, 180.0, 270.0, 360.0, 720.0)

STYLE_WORDS: Mapping[str, Weighted] = MappingProxyType(
    {
        "happy": {"happily": 5, "joyfully": 1},
        "sad": {"sadly": 1},
        "angry": {"angrily": 3, "aggressively": 2},
        "tired": {"tiredly": 1, "wearily": 1},
        "proud": {"proudly": 1, "confidently": 2},
        "old": {"like an old man": 2, "like an old person": 1},
        "drunk": {"like a drunk": 1, "as if drunk": 2},
        "scared": {"fearfully": 1, "nervously": 1},
        "careful": {"carefully": 6, "cautiously": 3},
        "energetic": {"energetically": 3, "enthusiastically": 1},
        "relaxed": {"casually": 5, "in a relaxed manner": 1, "nonchalantly": 1},
        "childish": {"playfully": 2, "like a child": 1},
        "robotic": {"like a robot": 2, "stiffly": 1, "robotically": 1},
        "injured": {"as if injured": 2, "as if hurt": 1},
    }
)
NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven"),
    *("eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen"),
)

_SIDEWAYS = {
    side: {
        f"to the {side}": 8,
        f"to {{his}} {side}": 4.5,
        f"{side}": 2.5,
        f"towards the {side}": 1.1,
        f"towards {{his}} {side}": 0.4,
        f"to the {side} side": 0.7,
        f"to {{his}} {side} side": 0.3,
        f"in the {side} direction": 0.3,
    }
    for side in ("left", "right")
}
GOING: Mapping[str, Weighted] = MappingProxyType(
    {
        "forward": {"forward": 22, "forwards": 1.5},
        "backward": {"backwards": 8, "backward": 1.6},
        **_SIDEWAYS,
        **{
            f"forward_{s}": {
                f"forward and to the {s}": 3,
                f"forward to the {s}": 1.3,
                f"forward in the {s} direction": 1,
                f"diagonally to the {s}": 1,
                f"diagonally forward to the {s}": 0.5,
                f"forward towards the {s}": 0.3,
            }
            for s in ("left", "right")
        },
        **{
            f"backward_{s}": {f"backwards and to the {s}": 2, f"diagonally backwards to the {s}": 1, f"backward and to the {s}": 1}
            for s in ("left", "right")
        },
        "up": {"up": 1},
        "down": {"down": 1},
    }
)
_BESIDE: Mapping[str, Weighted] = {
    side: {f"to the {side}": 2, f"to {{his}} {side}": 1.5, f"on {{his}} {side} side": 1, f"on the {side} side": 0.5}
    for side in ("left", "right")
}
DIRECTION_WORDS: Mapping[str, Mapping[str, Weighted]] = MappingProxyType(
    {
        "jump": {"up": {"up": 3, "in the air": 2, "into the air": 2, "up in the air": 1}},
        "hop": {"up": {"up": 3, "in the air": 1, "into the air": 1}},
        "turn": {
            s: {f"to the {s}": 31, f"to {{his}} {s}": 16, s: 30, f"towards the {s}": 2, f"to {{his}} {s} side": 2}
            for s in ("left", "right")
        },
        "sidestep": {s: {f"to the {s}": 40, f"to {{his}} {s}": 18, s: 11} for s in ("left", "right")},
        "step": {"backward": {"back": 6, "backwards": 4, "backward": 2}},
        "raise_arm": {
            "forward": {"in front of {him}": 3, "forward": 1},
            "up": {"above {his} head": 5, "straight up": 1, "up": 4},
            **{side: {f"to the {side}": 2, f"out to the {side}": 1} for side in ("left", "right")},
        },
        "extend_arm": {
            "forward": {"in front of {him}": 2, "forward": 2},
            **{side: {f"to the {side}": 2, f"out to the {side}": 1} for side in ("left", "right")},
        },
        "punch": {"up": {"upwards": 1}},
        "throw": {"up": {"up in the air": 1, "into the air": 1}},
        "catch": {"up": {"in the air": 1}, "forward": {"in front of {him}": 1}, **{s: {f"on the {s}": 1} for s in ("left", "right")}},
        "climb": {"up": {"up the stairs": 2, "up some stairs": 1}, "down": {"down the stairs": 2, "down some stairs": 1}},
        "look": {"up": {"up": 1}, "down": {"down": 3, "down at the ground": 1}},
        "circle_arms": {"forward": {"forward": 1, "forwards": 1}, "backward": {"backwards": 1, "backward": 1}},
        **{verb: {"forward": {"in front of {him}": 1}, **_BESIDE} for verb in ("pick_up", "put_down")},
    }
)
_SENSES: Mapping[str, Weighted] = MappingProxyType(
    {"left": {"counterclockwise": 3, "counter clockwise": 4, "counter-clockwise": 4}, "right": {"clockwise": 11}}
)
"""The sense of turning, by the direction."""
_LIMB_OF: Mapping[str, str] = MappingProxyType({"arm": "hand", "hand": "hand", "sport": "hand", "leg": "leg"})
_BODY_WORDS = frozenset(
    {"head", "face", "nose", "ear", "ears", "mouth", "chin", "hair", "neck", "back", "chest", "stomach", "knee", "knees", "leg", "legs"}
    | {"foot", "feet", "arm", "elbow", "hip", "hips", "shoulder", "toes"}
)
_DETERMINED = frozenset(
    {
        "a",
        "an",
        "the",
        "his",
        "her",
        "their",
        "its",
        "my",
        "him",
        "them",
        "he",
        "they",
        "himself",
        "themselves",
        "each",
        "both",
        "one",
        "two",
        "three",
        "this",
        "that",
        "something",
        "someone",
        "some",
        "it",
    }
)
_PREPOSITIONS = frozenset(
    words(
        """
        in on at over from near with to up of into onto against under behind like as off across around above by towards toward between
        beside along below out through past next down before after
        """
    )
)
_THE = frozenset(
    words(
        """
        floor ground wall stairs air ceiling front center middle end edge top bottom room screen camera other beam audience viewer
        waltz macarena salsa charleston
        """
    )
)
_PLACES = frozenset(words("floor ground chair bench bed couch table shelf counter surface platform stairs head shoulder"))
"""Where something is put."""
_OWN = frozenset(words("side sides body waist wrist watch hand hands fingers forehead belly cheek thigh thighs"))
"""Nouns that are the person's own where they are a target."""
_MASS = frozenset(
    words(
        """
        food water soup tea coffee paper wood soap music tennis basketball baseball football soccer golf ballet air height level sync
        people difficulty clothes
        """
    )
)


FEW_STEPS_S = 3.5
"""Going that lasts no longer than this, and at least a second, is a few steps; what lasts longer, several."""


def pick(options: Weighted, rng: Random, plain: bool) -> str:
    """One of the options by weight; the heaviest where `plain`."""
    if plain:
        return max(options, key=lambda option: options[option])
    return rng.choices(list(options), list(options.values()))[0]


def limb(stage: Stage, noun: str, rng: Random, plain: bool) -> str:
    """ "{his} right arm", "both arms", "{his} arms alternately"; without a side "{his} arm"."""
    if stage.side in ("left", "right"):
        return f"{{his}} {stage.side} {noun}"
    many = plural(noun)
    if stage.side == "both":
        if plain:
            return f"both {many}"
        return pick(
            {f"both {many}": 1.2, f"{{his}} {many}": 5, f"both {{his}} {many}": 0.3, f"both of {{his}} {many}": 0.3}, rng, plain
        )
    if stage.side == "alternating":
        return pick({f"{{his}} {many} one after the other": 2, f"{{his}} {many} alternately": 1}, rng, plain)
    return pick({f"{{his}} {noun}": 4, f"one {noun}": 1, f"{indefinite(noun)}": 0.2}, rng, plain)


def arms(stage: Stage, rng: Random, plain: bool) -> str:
    """As `limb`; {arms} stands where people say "his arms" of both."""
    return limb(stage, "arm", rng, plain)


def with_limb(stage: Stage, rng: Random, plain: bool) -> str:
    """ "with {his} right hand", "on {his} right foot", "starting with the right foot": what the verb says of its side."""
    if stage.side is None:
        return ""
    if stage.lexeme.family == "gait" and stage.verb not in ("step", "limp"):
        return f"starting with {limb(stage, 'foot', rng, plain)}"
    if stage.verb in ("hop", "balance", "kneel", "limp"):
        return on_limb(stage, rng, plain)
    noun = _LIMB_OF.get(stage.lexeme.family, "leg")
    if not plain:
        noun = rng.choices((noun, {"hand": "arm", "leg": "foot"}[noun]), (6, 1) if noun == "hand" else (3, 2))[0]
    if stage.verb == "step":
        noun = "foot"
    start = pick({"with": 28, "using": 0 if stage.amount or stage.speed else 1}, rng, plain)
    if stage.side == "alternating":
        return "alternately"
    if stage.side == "both" and not plain and rng.random() < 0.65:
        return f"{start} both {plural(noun)}"
    if stage.side == "both":
        start = "with"
    return f"{start} {limb(stage, noun, rng, plain)}"


def on_limb(stage: Stage, rng: Random, plain: bool) -> str:
    """ "on {his} right foot"."""
    if stage.side is None:
        return ""
    if stage.side == "both":
        return "on both knees"
    noun = "knee" if stage.verb == "kneel" else pick({"leg": 3, "foot": 3}, rng, plain)
    return f"on {limb(stage, noun, rng, plain)}"


def direction(stage: Stage, rng: Random, plain: bool) -> str:
    """The direction in the verb's words; on a round way it is said with the way."""
    if stage.direction is None or (stage.path in ("circle", "curve", "square") and stage.direction in ("left", "right")):
        return ""
    table = DIRECTION_WORDS.get(stage.verb, {})
    if stage.verb == "turn" and not plain and rng.random() < 0.12:
        sense = pick(_SENSES[stage.direction], rng, plain)
        return pick({sense: 3, f"in a {sense} direction": 1}, rng, plain)
    if stage.direction == "forward" and stage.path is None and not plain and stage.lexeme.family == "gait" and rng.random() < 0.03:
        return "straight forward"
    ways = table.get(stage.direction) or GOING[stage.direction]
    if stage.amount is not None and stage.direction == "up" and len(ways) > 1:
        ways = {way: weight for way, weight in ways.items() if way != "up"}  # "up high" would be read as one
    if stage.side is not None:
        ways = {way: weight for way, weight in ways.items() if not way.startswith("on ")} or ways  # of the limb before it
    if stage.direction in ("left", "right") and any(getattr(stage, name) is not None for name in ("count", "amount", "side", "speed")):
        ways = {way: weight for way, weight in ways.items() if way != stage.direction or len(ways) == 1}
    return pick(ways, rng, plain)


_ROUND: Mapping[str, dict[str, float]] = MappingProxyType(
    {"circle": {"in circles": 0.4, "around in circles": 0.3, "in a circular motion": 0.5}}
)


def path(stage: Stage, rng: Random, plain: bool) -> str:
    """ "in a circle", "in a clockwise circle", "in a curve to the left"."""
    if stage.path is None:
        return ""
    sense = pick(_SENSES[stage.direction], rng, plain) if stage.direction in ("left", "right") else ""
    if stage.path == "curve":
        way = pick({"in a curve": 3, "in an arc": 1, "in a semicircle": 1, "in a half circle": 1, "in a curved line": 1}, rng, plain)
        return f"{way} to the {stage.direction}" if sense else way
    if stage.path in ("circle", "square"):
        plain_way = pick({f"in a {stage.path}": 4.0, f"around in a {stage.path}": 1.0} | _ROUND.get(stage.path, {}), rng, plain)
        if not sense:
            return plain_way
        return pick({f"in a {sense} {stage.path}": 5, f"in a {stage.path} {sense}": 1, f"{sense} in a {stage.path}": 1}, rng, plain)
    return {
        "straight": "in a straight line" if stage.direction or plain or rng.random() < 0.6 else "straight",
        "zigzag": pick({"in a zigzag": 2, "in a zigzag pattern": 1}, rng, plain),
        "s_shape": "in an s shape",
    }[stage.path]


def number(count: int, rng: Random, plain: bool) -> str:
    """ "six", now and then "6"."""
    word = NUMBER_WORDS[count] if count < len(NUMBER_WORDS) else str(count)
    return word if plain or rng.random() < 0.74 else str(count)


def times(stage: Stage, rng: Random, plain: bool, default: str) -> str:
    """ "twice", "three times"; with `noun:jump` "two jumps"."""
    if stage.count is None or stage.lexeme.counted != "times":
        return ""
    if default:
        return f"one {default}" if stage.count == 1 else f"{number(stage.count, rng, plain)} {plural(default)}"
    if stage.count == 1:
        return "once"
    if stage.count == 2:
        return pick({"twice": 8, "two times": 1}, rng, plain)
    return f"{number(stage.count, rng, plain)} times"


def steps(stage: Stage, rng: Random, plain: bool) -> str:
    """ "six steps", "a step"."""
    if stage.count is None or stage.lexeme.counted != "steps":
        return ""
    if stage.count == 1:
        return pick({"a step": 2, "one step": 2}, rng, plain)
    return f"{number(stage.count, rng, plain)} steps"


def amount(stage: Stage, rng: Random, plain: bool) -> str:
    """Metres, degrees, or a word of size."""
    if stage.amount is None:
        return ""
    if stage.lexeme.amount_unit == "m":
        if stage.amount <= 0.5 and not plain and rng.random() < 0.8:
            return "a short distance"
        return "for 1 meter" if stage.amount == 1 else f"for {stage.amount:g} meters"
    if stage.lexeme.amount_unit == "deg":
        return f"{stage.amount:g} degrees"
    if stage.amount < 1:
        return "slightly" if stage.speed is not None else pick(SMALL, rng, plain)
    return LARGE.get(stage.verb, "far") if stage.amount > 1 else "moderately"


def speed(stage: Stage, rng: Random, plain: bool) -> str:
    """ "slowly", "very fast"."""
    if stage.speed is None:
        return ""
    value = max(SPEED_WORDS, key=lambda known: min(known / stage.speed, stage.speed / known))  # type: ignore[operator]
    return pick(SPEED_WORDS[value], rng, plain)


def style(stage: Stage, rng: Random, plain: bool) -> str:
    """ "happily", "like an old man"."""
    return "" if stage.style is None else pick(STYLE_WORDS[stage.style], rng, plain)


def target(stage: Stage, default: str) -> str:
    """The target with its articles: "a ball", "the floor", "{his} head", "in front of {his} face"; the default where none is told."""
    if stage.target is None:
        return default
    return " ".join(said[0] if said[0] in _PREPOSITIONS else _with_article(said) for said in _noun_phrases(stage.target))


def towards(stage: Stage, preposition: str) -> str:
    """Preposition and target: "at a ball", "to {his} face"; that which the target brings, where it does; nothing without target."""
    said = target(stage, "")
    if not said or said.split()[0] in _PREPOSITIONS:
        return said
    return f"{preposition or preposition_of(stage)} {said}".strip()


def object_or(stage: Stage, default: str) -> str:
    """The object: the target; where that says only a place, the default before it ("something off the shelf")."""
    said = target(stage, default)
    placed = stage.target is not None and stage.target.split()[0] in _PREPOSITIONS
    return f"{default} {said}".strip() if placed and default.startswith(("something", "weights")) else said


def preposition_of(stage: Stage) -> str:
    """What stands before a target that the verb has no place of its own for: a hand goes to the face, one sits on the floor."""
    last = (stage.target or "").split()[-1:]
    if stage.verb in ("dance", "imitate", "play_sport"):
        return "with" if last != ["music"] and last[0] in ("partner", "someone", "person", "object") else ""
    if stage.lexeme.family == "posture" or stage.verb == "stand" or (last == ["floor"] or last == ["ground"]):
        return "on"
    return "to" if stage.lexeme.family in ("gait", "turn", "arm", "torso") or stage.verb in ("move_leg", "raise_leg") else ""


def _noun_phrases(text: str) -> list[list[str]]:
    """Prepositions, each alone, and the words between them: "front of face" is [[in], [front], [of], [face]] after "in"."""
    out: list[list[str]] = []
    for word in text.split():
        if word in _PREPOSITIONS or not out or out[-1][0] in _PREPOSITIONS:
            out.append([word])
        else:
            out[-1].append(word)
    return out


def _with_article(nouns: list[str]) -> str:
    """The noun phrase with the article it takes."""
    text, last = " ".join(nouns), nouns[-1]
    if nouns[0] in _DETERMINED or text == "front":
        return text
    if last in _BODY_WORDS or last in _OWN:
        return f"{{his}} {text}"
    if last in _THE:
        return f"the {text}"
    if last in _MASS or (last.endswith("s") and not last.endswith(("ss", "us"))):
        return text
    return indefinite(text)


def turn_frame(stage: Stage, rng: Random, plain: bool) -> str:
    """Frame of "turn": how far and which way round are said together."""
    degrees = stage.amount
    if degrees is None:
        return pick({"turn {dir}": 10, "rotate {dir}": 0.5, "pivot {dir}": 0.3}, rng, plain)
    verb = pick({"turn": 14, "rotate": 0.5}, rng, plain)
    exact = {f"{verb} {{amount}} {{dir}}": 2.0, f"{verb} {{dir}} {{amount}}": 1.0, f"do a {degrees:g} degree turn {{dir}}": 0.6}
    said = {
        30.0: {f"{verb} slightly {{dir}}": 4.0, f"{verb} a little {{dir}}": 0.5},
        90.0: exact,
        180.0: {"turn around {dir}": 60.0, **exact, "make a half turn {dir}": 0.3},
        360.0: {**exact, "make a full turn {dir}": 1.0},
    }.get(degrees, exact)
    return pick(said, rng, plain)


def sayable(stage: Stage, slot: str) -> bool:
    """Whether the stage has something told that the slot can say: `body` a part of the body, `place` where something is put."""
    nouns = (stage.target or "").split()
    if slot == "few":
        return stage.count is None and 1.0 <= stage.duration_s <= FEW_STEPS_S
    if slot == "several":
        return stage.count is None and stage.duration_s > FEW_STEPS_S
    if slot == "up":
        return stage.direction == "up"
    if slot == "ahead":
        return stage.direction in ("forward", "backward")
    if slot == "body":
        return bool(nouns) and nouns[-1] in _BODY_WORDS and nouns[0] not in _PREPOSITIONS
    if slot == "place":
        return bool(nouns) and ((nouns[-1] in _PLACES and not set(nouns[1:]) & _PREPOSITIONS) or nouns[0] in _PREPOSITIONS)
    return getattr(stage, FIELD_OF_SLOT.get(slot, slot)) is not None


def _limb_slot(noun: str) -> Slot:
    return lambda s, r, p, d: limb(s, noun, r, p)


SLOTS: Mapping[str, Slot] = MappingProxyType(
    {
        **{noun: _limb_slot(noun) for noun in ("arm", "hand", "leg", "foot", "knee")},
        "arms": lambda s, r, p, d: arms(s, r, p),
        "with": lambda s, r, p, d: with_limb(s, r, p),
        "on": lambda s, r, p, d: on_limb(s, r, p),
        **dict.fromkeys(("dir", "ahead"), lambda s, r, p, d: direction(s, r, p)),
        "path": lambda s, r, p, d: path(s, r, p),
        "n": times,
        "count": lambda s, r, p, d: steps(s, r, p) or times(s, r, p, ""),
        "steps": lambda s, r, p, d: steps(s, r, p),
        "amount": lambda s, r, p, d: amount(s, r, p),
        "few": lambda s, r, p, d: pick({"a few steps": 5, "some steps": 0.3}, r, p),
        "several": lambda s, r, p, d: "several steps",
        "up": lambda s, r, p, d: pick({"in the air": 3, "above {his} head": 3, "up": 2, "over {his} head": 1}, r, p),
        "speed": lambda s, r, p, d: speed(s, r, p),
        "style": lambda s, r, p, d: style(s, r, p),
        "obj": lambda s, r, p, d: object_or(s, d),
        "body": lambda s, r, p, d: target(s, ""),
        "place": lambda s, r, p, d: towards(s, "on"),
        "to": lambda s, r, p, d: towards(s, d),
    }
)
FIELD_OF_SLOT: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("arm", "hand", "leg", "foot", "knee", "arms", "with", "on"), "side"),
        **dict.fromkeys(("dir", "ahead", "up"), "direction"),
        **dict.fromkeys(("obj", "body", "place"), "target"),
        "to": "target",
        "n": "count",
        "steps": "count",
    }
)
ADDED = (
    ("target", "to"),
    ("direction", "dir"),
    ("amount", "amount"),
    ("count", "count"),
    ("path", "path"),
    ("side", "with"),
    ("speed", "speed"),
    ("style", "style"),
)
"""(field, slot) in the order in which they stand behind a frame that has no slot for them."""
