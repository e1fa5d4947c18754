"""Left and right exchanged in a sentence, for the text of a mirrored motion.

The lists were made by reading how the 42,052 captions of HumanML3D and KIT-ML use these words. `left` stands there 9,213 times and
`right` 12,089 times as a word of its own, all but some thirty times for a side; the departed, remaining `left` does not occur once,
`upright` 85 times. `clockwise` and its opposite come some 1,750 times in more than thirty spellings.
"""

from __future__ import annotations

import re

_OTHER_SIDE = {"left": "right", "right": "left"}
_MISSPELT = {"leftt": "left", "lfet": "left", "rigth": "right", "rihgt": "right", "rigt": "right", "irght": "right", "lright": "right"}

# What may be grown together with the side word, without a hyphen: theleft, lefthand, righthanded, leftwards, rightmost.
_BEFORE = "the|and"
_AFTER = "wards?|wardly|most|turns?|(?:hand|arm|foot|leg|side)(?:ed|edly|edness|ers?|s)?|feet|y|ies|s|bound"

_DETERMINER = "(?:the|a|an|his|her|their|its|this|that|my|your)"
_NOT_AFTER_POSSESSOR = "".join(rf"(?<!\b{word}\s)" for word in ("the", "his", "her", "their", "its", "to"))
_HALTS = "(?:is|are|was|were|be|stands?|standing|stood|sits?|sitting|sat|stops?|stopping|stopped|stays?|staying|waits?|waiting)"
_WHERE = "(?:in front|in the (?:middle|center|centre)|next to|beside|behind|before|after|above|below|near|by|where|there|here)"
_BODY = "(?:hand|arm|foot|leg|side|knee|elbow|shoulder|turn)"
_PLACE = "(?:room|house|building|office|gym|stage|scene|frame|screen|area|field|court|ring|floor|ground|car|bus|table|chair|seat)"
_ENDS = "(?= *(?:[.,;!?]|$))"

# Where `right` or `left`, written SIDE, is no side. What goes for one goes for the other, although it may make no sense there:
# otherwise swapping twice would not give the text back.
_NO_SIDE = (
    # right: entirely, correct, exactly, at once
    f"all SIDE(?!-| {_BODY})",
    f"{_NOT_AFTER_POSSESSOR}SIDE (?:now|away(?! from)|after{_ENDS}|afterwards?)",
    f"{_HALTS} SIDE {_WHERE}",
    "(?:^|(?<=[.;!?]) *)SIDE (?:before|after|as|when|at the)",
    "(?:gets?|getting|got|stands?|standing|stood|jumps?|comes?|bounces?|hops?|pops?|goes) SIDE back (?:up|down)",
    f"(?:stands?|standing|stood|sits?|sitting|sat|rises?|an) up SIDE(?:{_ENDS}|(?= (?:then|again|position|posture)))",
    "SIDEs (?:him|her|it)self|SIDEs them(?:self|selves)",
    # right: of 90 degrees (but `at a left angle`, `a right angle curve` are ways of walking)
    "(?:at|in|into|with|bent and) SIDE angles?(?! curve)",
    "(?:makes?|making|forms?|forming|in|into) a SIDE angle(?! curve)",
    "at a SIDE angle (?:to|with)",
    # left: went away, remained
    f"(?:has|have|had|having)(?: just| already)? SIDE(?:(?= *(?:[.!?]|$))|(?= (?:{_DETERMINER}|behind|alone|off|out) ))",
    f"{_NOT_AFTER_POSSESSOR}SIDE {_DETERMINER} {_PLACE}",
    "what(?:ever)?(?:'s|’s| is| was| remains) SIDE|nothing SIDE",
    "(?:is|are|was|were|been|being|gets?|got) SIDE (?:alone|behind|over(?! SIDE)|out|hanging|lying|standing|open|empty)",
)

_CLOCK = r"(?:clock|clcok|clovk)[-\s]*w(?:ise|aise|ose|ize|ays?)"
_AGAINST = r"(?:(?:counter|conter|couter|counte|contra|anti|ant|against|againgst)[-\s]*)+"

_WORDS = {
    "kept": "|".join(_NO_SIDE).replace("SIDE", "(?:left|right)").replace(" *", r"\s*").replace(" ", r"\s+"),
    "against": rf"(?:an\s+(?=a))?{_AGAINST}(?:{_CLOCK}|clock)",
    "along": _CLOCK,
    "short": "c?cw",
    "side": rf"(?:{_BEFORE})?(?P<word>{'|'.join([*_MISSPELT, *_OTHER_SIDE])})(?:{_AFTER})?",
}
_WORD = re.compile("(?<![a-z])(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _WORDS.items()) + ")(?![a-z])", re.IGNORECASE)


def swap_left_right(text: str) -> str:
    """The sentence that describes the mirror image: left and right exchanged, and the sense of turning.

    Whole words and their compounds are swapped in one pass (`left-handed`, `leftwards`, `righthand`, `Left`, `RIGHT`). `clockwise`
    becomes `counterclockwise`; every spelling of its opposite (counter-clockwise, anti clock wise, conterclockwise, ...) becomes
    `clockwise`. Everything else, case and punctuation included, stays: `upright`, `all right`, `stops right before the wall`, `arms
    bent at right angles`, `what is left`, `has left the room`.

    Swapping twice gives the text back, except that the opposite of clockwise comes back as `counterclockwise` and a misspelt side
    word spelt right. Where a word's neighbours do not tell (`turns right before sitting`), it is taken for a side.
    """
    return _WORD.sub(_swapped, text)


def _swapped(match: re.Match[str]) -> str:
    """What one match of `_WORD` becomes."""
    whole = match.group()
    if match["kept"] is not None:
        return whole
    if match["short"] is not None:
        return whole[1:] if len(whole) == 3 else whole[0] + whole
    if match["along"] is not None:
        return _in_case_of(whole, "counterclockwise")
    if match["against"] is not None:
        return _without_against(whole)
    start, end = (at - match.start() for at in match.span("word"))
    word = whole[start:end].lower()
    right_spelling = _MISSPELT.get(word, word)
    return whole[:start] + _in_case_of(whole[start:end], _OTHER_SIDE[right_spelling]) + whole[end:]


def _without_against(words: str) -> str:
    """`clockwise` in place of a spelling of its opposite; `an anticlockwise` becomes `a clockwise`."""
    article = re.match(r"(a)n(\s+)", words, re.IGNORECASE)
    if article is None:
        return _in_case_of(words, "clockwise")
    return article[1] + article[2] + _in_case_of(words[article.end() :], "clockwise")


def _in_case_of(model: str, word: str) -> str:
    """The word in capitals, with a capital or in small letters, as the model is."""
    if model.isupper():
        return word.upper()
    return word.capitalize() if model[0].isupper() else word
