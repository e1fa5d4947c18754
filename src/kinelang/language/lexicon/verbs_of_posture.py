"""Verbs of posture, of the legs, the trunk and the head."""

from __future__ import annotations

from kinelang.language.lexicon.verb import verb

_LEGS = "root left_leg right_leg"
_LOW = "root torso left_leg right_leg"
_ALL = "root torso left_arm right_arm left_leg right_leg"
_TWO = "left right"
_FOUR = "forward backward left right"

VERBS_OF_POSTURE = (
    verb("squat", "posture", _LEGS, counted="times", amount="ratio", synonyms="do a squat, bend knees, do squats", babel="squat"),
    verb("crouch", "posture", _LOW, amount="ratio", synonyms="hunker, duck, cower, hunch down", babel="crouch"),
    verb("lunge", "leg", _LEGS, sides=_TWO, directions=_FOUR, counted="times", amount="ratio", babel="lunge"),
    verb("kneel", "posture", _LEGS, sides="left right both", synonyms="kneel down, go down on one knee, get on knees", babel="kneel"),
    verb("sit", "posture", _LEGS, base="sit down", target=True, synonyms="sit, be seated, take a seat, seat", babel="sit"),
    verb("lie", "posture", _ALL + " head", base="lie down", synonyms="lie, lay down, lay", babel="lie"),
    verb(
        "stand_up",
        "posture",
        _LEGS,
        base="stand up",
        synonyms="get up, rise, stand back up, get back up, stand back upright, stand up straight, arise",
        babel="stand up",
    ),
    verb(
        "crawl",
        "gait",
        _ALL,
        directions="forward backward",
        counted="steps",
        amount="m",
        synonyms="crawl on hands and knees",
        babel="crawl",
    ),
    verb(
        "kick",
        "leg",
        _LEGS,
        sides="left right alternating",
        directions=_FOUR,
        counted="times",
        amount="ratio",
        target=True,
        synonyms="do a kick",
        babel="kick",
    ),
    verb(
        "raise_leg",
        "leg",
        _LEGS,
        sides="left right alternating",
        directions=_FOUR,
        counted="times",
        amount="ratio",
        base="raise a leg",
        synonyms="lift leg, lift foot, raise knee, lift knee, raise foot, bring knee up",
        babel="raising body part",
    ),
    verb("stomp", "leg", _LEGS, sides="left right alternating", counted="times", synonyms="stamp", babel="stomp"),
    verb("balance", "leg", _LEGS, sides=_TWO, synonyms="stand on one leg, balance on one leg, stand on one foot", babel="balance"),
    verb("dance", "dance", _ALL, counted="times", synonyms="waltz, dance around, groove, salsa, do a dance", babel="dance"),
    verb("bow", "torso", "torso", counted="times", amount="ratio", synonyms="take a bow, curtsy", babel="bow"),
    verb(
        "bend",
        "torso",
        "torso",
        directions=_FOUR,
        counted="times",
        amount="ratio",
        synonyms="bend over, bend down, hunch, stoop, bend at the waist",
        babel="bend",
    ),
    verb("lean", "torso", "torso", directions=_FOUR, amount="ratio", synonyms="tilt", babel="lean"),
    verb(
        "twist",
        "torso",
        "torso",
        directions=_TWO,
        counted="times",
        amount="ratio",
        synonyms="rotate torso, twist at the waist",
        babel="twist",
    ),
    verb("sway", "torso", "torso", counted="times", synonyms="rock, sway side to side", babel="sway"),
    verb("nod", "head", "head", counted="times", synonyms="nod head", babel="head movements"),
    verb("shake_head", "head", "head", counted="times", base="shake the head", synonyms="shake head", babel="head movements"),
    verb("look", "head", "head", directions="left right up down", synonyms="glance, gaze, peer, turn head, watch, stare", babel="look"),
    verb("look_around", "head", "head", synonyms="search, look left and right, look both ways, scan, look about", babel="look"),
)
