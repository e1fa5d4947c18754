"""How fast, how big, how far, how often: words and their values, shared by narration (value -> word) and parsing (word -> value).

Every value is written here as the middle of the range that its main word stands for, so that telling a value and reading it back
ends in the same range. Speeds and sizes are ratios to the ordinary (1); turns are degrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kinelang.language.wordlists import phrases, words

SPEED_RANGES = ((0.5, "very slowly"), (0.85, "slowly"), (1.2, ""), (1.7, "quickly"), (float("inf"), "very quickly"))
"""(below this ratio, the word): how `speed` is told."""

SIZE_RANGES = ((0.75, "slightly"), (1.25, ""), (float("inf"), "far"))
"""(below this ratio, the word): how an `amount` in ratios is told where the verb has no better word."""

SPEEDS: Mapping[str, float] = MappingProxyType(
    {
        word: value
        for value, words in {
            0.4: "very slowly, extremely slowly, really slowly, very slow, super slow, in slow motion, slow motion, very leisurely, "
            "barely moving, at a very slow pace, at a snail's pace",
            0.7: "slowly, slow, leisurely, gently, gradually, unhurriedly, sluggishly, slowy, gentle, calmly, calm, "
            "at a leisurely pace, "
            "in a leisurely manner, in a calm manner, at low speed, softly, taking his time, taking their time, casual and slow, "
            "lazily",
            0.9: "at a moderate speed, at a medium speed, somewhat slowly, a little slowly, a bit slowly, kind of slowly",
            1.0: "normal pace, at a normal speed, steadily, steady, at a moderate pace, at a medium pace, moderate, normal, "
            "medium speed, "
            "moderate speed, average speed, normal speed, regular pace, average pace, decent pace, even pace, steady pace, "
            "constant pace, "
            "normal walking pace, medium, constant, evenly, constantly",
            1.2: "a little quickly, somewhat quickly, a little faster, slightly faster, a bit faster, with a bit of speed",
            1.4: "quickly, quick, fast, briskly, brisk, rapidly, rapid, swiftly, swift, hurriedly, hurried, in a hurry, suddenly, "
            "sudden, "
            "speedily, hastily, fastly, abruptly, sharply, at a fast pace, at a quick pace, at a brisk pace, fast paced, faster, "
            "quicker, "
            "in a rush, at a high speed, at speed, with speed, abrupt, hasty, quikly, swift and sure, speedy, in a fast manner, "
            "more quickly",
            2.0: "very quickly, very fast, really fast, extremely fast, as fast as possible, at full speed, very rapidly, super fast, "
            "very briskly, really quickly, extremely quickly, as fast as he can, as fast as they can, frantically, frenetically, "
            "furiously",
        }.items()
        for word in words.split(", ")
    }
)
"""Word or phrase -> speed relative to the ordinary."""

SIZES: Mapping[str, float] = MappingProxyType(
    {
        word: value
        for value, words in {
            0.5: "slightly, slight, a little, a bit, a little bit, a tiny bit, a small amount, small, little, tiny, short, shallow, "
            "narrow, partly, partially, partial, barely, minimally, somewhat, halfway, half way, part way, low, a tad, lightly, light, "
            "subtly, a touch, minor, modest, modestly, softly, delicately, mildly, mini, half, kind of, kinda, sort of",
            1.0: "moderately, normally, medium sized, regular, average, standard, medium",
            1.5: "deeply, deep, far, high, wide, widely, big, large, long, great, greatly, hard, fully, completely, all the way, "
            "as far as "
            "possible, strongly, broadly, tall, huge, very much, vigorously, forcefully, powerfully, strong, powerful, dramatically, "
            "with force, with a lot of force, exaggerated, exaggeratedly, giant, broad, bigger, higher, further, farther, longer, "
            "wider, "
            "larger, heavily, aggressively hard, vigorous, forceful, all out, quite a bit, as high as they can, as high as he can, "
            "with great force, with power, intensely, violently, deeper, firmly, far apart, wildly, energetic and big",
            2.0: "very high, very wide, very far, very deep, very big, very large, really high, very deeply, very long, very hard, "
            "really far, extremely high, very low",
        }.items()
        for word in words.split(", ")
    }
)
"""Word or phrase -> size relative to the ordinary."""

TURNS: Mapping[str, float] = MappingProxyType(
    {
        word: value
        for value, words in {
            30.0: "slightly, a little, a bit, a little bit, slight, small",
            45.0: "diagonally, halfway to the side, an eighth of a turn, an eighth turn",
            90.0: "quarter, a quarter of the way, one quarter, a quarter of a turn, a quarter turn, sideways",
            135.0: "three eighths",
            180.0: "around, half, halfway around, half way around, in the opposite direction, in the other direction, "
            "to the opposite direction, to face the opposite direction, to face the other way, the other way, the opposite way, "
            "to the other direction, the opposite direction, opposite direction, a half turn, half a turn, "
            "to face the other direction, "
            "back around, about face, all around, to face the opposite way, facing the opposite direction, facing the other way, "
            "facing the other direction, completely around, fully around, in the reverse direction, to the back, to go back, round, "
            "about, direction, directions",
            270.0: "three quarters, three quarter, three quarters of the way, three fourths",
            360.0: "full, fully, completely, all the way around, all the way, complete, once around, one full, whole",
            720.0: "twice around, two full",
        }.items()
        for word in words.split(", ")
    }
)
"""Word or phrase -> degrees, beside a verb that turns."""

TIMES: Mapping[str, int | None] = MappingProxyType(
    {
        "once": 1,
        "twice": 2,
        "thrice": 3,
        "one time": 1,
        "a single time": 1,
        "one more time": 1,
        "two times": 2,
        "a couple of times": 2,
        "a couple times": 2,
        "couple times": 2,
        "couple of times": 2,
        **dict.fromkeys(
            phrases(
                """several times, a few times, few times, many times, multiple times, some times, numerous times,
                various times, repeatedly, repetitively, over and over, over and over again, again and again,
                a number of times, a bunch of times, a lot of times, time after time, time and again, every time,
                each time, repeated, repetitive, continuously, continually, in repetition, a handful of times,
                in a repeated motion, a few more times, several more times, again several times, some more times,
                in a row, consecutively, successively, repeating"""
            )
        ),
    }
)
"""Phrase -> count; None: more than once, the number is not told."""

SOME: Mapping[str, int | None] = MappingProxyType(
    {
        **dict.fromkeys(
            phrases("several, some, many, multiple, various, numerous, a few, few, a number of, a bunch of, a lot of, lots of")
        ),
        "a couple of": 2,
        "a couple": 2,
        "couple": 2,
        "couple of": 2,
        "a pair of": 2,
        "a handful of": None,
        "a series of": None,
        "a set of": None,
        "more": None,
    }
)
"""Phrase before a noun of action -> count; None: the number is not told."""

MOMENTS: Mapping[str, float | None] = MappingProxyType(
    {
        **dict.fromkeys(("briefly", "for a moment", "momentarily", "for a second", "for a brief moment", "quickly for a moment"), 1.0),
        **dict.fromkeys(
            ("for a while", "for some time", "for a bit", "for a few moments", "for a little while", "for a long time"), None
        ),
        "for a couple of seconds": 2.0,
        "for a few seconds": 3.0,
        "for several seconds": 4.0,
    }
)
"""Phrase -> seconds; None: a length that is not told."""

NUMBERS: Mapping[str, int] = MappingProxyType(
    {
        word: number
        for number, listed in enumerate(
            phrases(
                "zero, one single, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, fifteen"
            )
        )
        for word in words(listed)
        if word != "zero"
    }
    | {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100, "dozen": 12}
)
"""Number words."""


def speed_word(speed: float | None) -> str:
    """The adverb for a speed relative to the ordinary; empty for the ordinary one or none."""
    return "" if speed is None else next(word for below, word in SPEED_RANGES if speed < below)


def size_word(amount: float | None) -> str:
    """The adverb for an amount relative to the ordinary; empty for the ordinary one or none."""
    return "" if amount is None else next(word for below, word in SIZE_RANGES if amount < below)
