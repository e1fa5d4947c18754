"""Verbs of going: gaits, turns, jumps."""

from __future__ import annotations

from kinelang.language.lexicon.verb import verb

_LEGS = "root left_leg right_leg"
_FOUR = "forward backward left right"
_EIGHT = "forward backward left right forward_left forward_right backward_left backward_right"
_WAYS = "straight circle curve zigzag square s_shape"
_TWO = "left right"

VERBS_OF_GOING = (
    verb(
        "stand",
        "posture",
        _LEGS,
        synonyms="stay, wait, remain, pause, stop, be still, stand still, halt, rest, freeze, come to a stop, "
        "come to a halt, slow to a stop, come to rest, stay still, remain still",
        babel="stand",
    ),
    verb(
        "walk",
        "gait",
        _LEGS,
        sides=_TWO,
        directions=_EIGHT,
        counted="steps",
        amount="m",
        paths=_WAYS,
        synonyms="stroll, go, move, pace, wander, amble, saunter, head, approach, advance, proceed, travel, stride, trot along, "
        "strut, swagger, waddle, trudge, plod, prowl, slink, lumber, traipse, tread, hike, sashay, mope, parade around, hurry, wade",
        babel="walk",
    ),
    verb(
        "run",
        "gait",
        _LEGS,
        sides=_TWO,
        directions=_EIGHT,
        counted="steps",
        amount="m",
        paths=_WAYS,
        synonyms="sprint, dash, rush, charge, race, dart",
        babel="run",
    ),
    verb("jog", "gait", _LEGS, sides=_TWO, directions=_EIGHT, counted="steps", amount="m", paths=_WAYS, synonyms="trot", babel="jog"),
    verb("step", "gait", _LEGS, sides=_TWO, directions=_EIGHT, counted="steps", amount="ratio", synonyms="take a step", babel="step"),
    verb(
        "sidestep",
        "gait",
        _LEGS,
        directions=_TWO,
        counted="steps",
        amount="m",
        synonyms="side step, shuffle sideways, strafe, step sideways",
        babel="sideways movement",
    ),
    verb("tiptoe", "gait", _LEGS, directions=_FOUR, counted="steps", amount="m", paths=_WAYS, synonyms="walk on tiptoes", babel="walk"),
    verb(
        "sneak",
        "gait",
        _LEGS + " torso",
        directions=_FOUR,
        counted="steps",
        amount="m",
        paths=_WAYS,
        synonyms="creep, tread carefully",
        babel="sneak",
    ),
    verb(
        "limp",
        "gait",
        _LEGS,
        sides=_TWO,
        directions=_FOUR,
        counted="steps",
        amount="m",
        paths=_WAYS,
        synonyms="hobble",
        babel="limp",
    ),
    verb("march", "gait", _LEGS, directions=_FOUR, counted="steps", amount="m", paths=_WAYS, synonyms="parade", babel="march"),
    verb(
        "stagger",
        "gait",
        _LEGS + " torso",
        directions=_FOUR,
        counted="steps",
        amount="m",
        synonyms="wobble, walk unsteadily, walk drunkenly, sway along, totter",
        babel="stagger",
    ),
    verb("shuffle", "gait", _LEGS, directions=_FOUR, counted="steps", amount="m", paths=_WAYS, synonyms="drag feet", babel="shuffle"),
    verb(
        "climb",
        "gait",
        _LEGS,
        directions="up down",
        counted="steps",
        synonyms="climb stairs, go up, walk up, ascend, descend, step up, walk upstairs",
        babel="stairs",
    ),
    verb(
        "turn",
        "turn",
        _LEGS,
        directions=_TWO,
        amount="deg",
        synonyms="rotate, pivot, turn around, face, veer, reverse direction",
        babel="turn",
    ),
    verb("spin", "turn", _LEGS, directions=_TWO, counted="times", synonyms="twirl, whirl, pirouette", babel="spin"),
    verb(
        "jump",
        "jump",
        _LEGS,
        directions="up " + _FOUR,
        counted="times",
        amount="ratio",
        synonyms="leap, bounce, spring, bound",
        babel="jump",
    ),
    verb(
        "hop",
        "jump",
        _LEGS,
        sides=_TWO,
        directions="up " + _FOUR,
        counted="times",
        amount="ratio",
        synonyms="hop on one foot",
        babel="hop",
    ),
    verb(
        "skip", "gait", _LEGS, directions="forward", counted="steps", amount="m", paths=_WAYS, synonyms="prance, gallop", babel="skip"
    ),
    verb(
        "jumping_jack",
        "jump",
        _LEGS + " left_arm right_arm",
        base="do a jumping jack",
        counted="times",
        synonyms="star jump, do jumping jacks, jumping jack",
        babel="jumping jacks",
    ),
    verb("stumble", "gait", _LEGS + " torso", directions=_FOUR, synonyms="trip, lose balance, tumble forward", babel="stumble"),
)
