"""Words of degree: how fast, how large, how many, how far round, in what manner, along what way. Narration and parsing share them.

In every table a value has its words, the most common first; narration says one of them, parsing reads any of them back as the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Words = Mapping[float, tuple[str, ...]]

SPEEDS: Words = MappingProxyType(
    {
        0.5: ("very slowly", "extremely slowly", "really slowly"),
        0.7: ("slowly", "at a slow pace", "slow", "leisurely"),
        1.0: ("at a normal pace", "at a steady pace", "at a normal speed", "at a moderate pace", "at a medium pace"),
        1.4: ("quickly", "fast", "at a fast pace", "rapidly", "briskly", "swiftly", "hastily"),
        1.8: ("very quickly", "very fast", "really fast", "extremely fast"),
    }
)
"""Speed relative to the ordinary."""

SIZES: Words = MappingProxyType(
    {
        0.6: ("slightly", "a little", "a bit", "a little bit"),
        1.4: ("high", "far", "deeply", "hard", "wide", "widely", "deep", "low", "vigorously", "forcefully"),
    }
)
"""Size relative to the ordinary, for verbs whose amount is a ratio. Which word of 1.4 a verb takes is in `LARGE`."""

LARGE: Mapping[str, str] = MappingProxyType(
    {
        "jump": "high",
        "hop": "high",
        "kick": "high",
        "raise_leg": "high",
        "raise_arm": "high",
        "bow": "deeply",
        "squat": "deeply",
        "crouch": "low",
        "lunge": "deeply",
        "bend": "far",
        "lean": "far",
        "twist": "far",
        "step": "far",
        "stretch": "far",
        "wave": "widely",
        "throw": "hard",
        "punch": "hard",
    }
)
"""The word that says of a verb that it is done in a large way (1.4)."""

SIZED_NOUNS: Words = MappingProxyType({0.6: ("small", "little", "short", "tiny"), 1.4: ("big", "large", "long", "huge")})
"""Size said with a noun: "a big step", "small jumps"."""

TURNS: Words = MappingProxyType(
    {
        45.0: ("slightly", "a little", "a bit", "an eighth turn"),
        90.0: ("90 degrees", "a quarter turn", "a quarter circle"),
        135.0: ("135 degrees",),
        180.0: ("around", "180 degrees", "a half turn", "halfway around", "half a turn"),
        270.0: ("270 degrees", "a three quarter turn"),
        360.0: ("360 degrees", "a full turn", "all the way around", "a full circle", "a complete turn"),
    }
)
"""Degrees of a turn."""

NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
"""Whole numbers in words, from 0."""

TIMES: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {1: ("once", "one time"), 2: ("twice", "a couple of times", "a couple times"), 3: ("a few times",), 4: ("several times",)}
)
"""Repetitions in words, beside "three times"; the loose ones (a few, several) stand for the number they most often mean."""

STEPS: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {1: ("a step",), 2: ("a couple of steps", "a couple steps"), 3: ("a few steps",), 4: ("several steps",)}
)
"""Steps in words, beside "three steps"."""

STYLE_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "happy": ("happily", "cheerfully", "joyfully"),
        "sad": ("sadly", "gloomily", "as if sad"),
        "angry": ("angrily", "as if angry"),
        "tired": ("tiredly", "wearily", "as if tired", "as if exhausted"),
        "proud": ("proudly",),
        "old": ("like an old person", "like an elderly person", "as if old"),
        "drunk": ("drunkenly", "as if drunk", "like a drunk"),
        "scared": ("fearfully", "as if scared", "as if frightened", "nervously"),
        "careful": ("carefully", "cautiously"),
        "energetic": ("energetically",),
        "relaxed": ("casually", "in a relaxed manner", "in a relaxed way", "calmly", "gently"),
        "childish": ("childishly", "like a child", "playfully"),
        "robotic": ("robotically", "like a robot", "stiffly"),
        "injured": ("as if injured", "as if hurt"),
    }
)
"""Styles in words."""

PATH_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "straight": ("in a straight line", "straight ahead"),
        "circle": ("in a circle", "around in a circle", "in circles", "around in circles"),
        "curve": ("in a curve", "in an arc", "in a curved line", "in a semicircle", "along a curve"),
        "zigzag": ("in a zigzag", "in a zigzag pattern", "in zigzags"),
        "square": ("in a square", "around in a square", "in a square pattern"),
        "s_shape": ("in an s shape", "in an s-shaped line", "along an s-shaped path"),
    }
)
"""Ways over the ground in words; which way round is said by "clockwise" (to the right), "counterclockwise" or "to the left"."""


def nearest(words: Mapping[float, tuple[str, ...]], value: float) -> float:
    """The value of a table that lies nearest by ratio to this one."""
    return max(words, key=lambda known: min(known / value, value / known))


def number_word(count: int) -> str:
    """ "six" for 6; digits from 21 on."""
    return NUMBERS[count] if 0 <= count < len(NUMBERS) else str(count)
