"""Misspelt motion words: the known word one or two letters away, for words long enough that little else is meant."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from kinelang.language.wordlists import words

SHORTEST = 5
"""Words shorter than this are taken as they are spelt."""
TWO_FROM = 9
"""From this length on, two letters may be wrong."""

_KNOWN_MISSPELLINGS = {
    "thier": "their",
    "thay": "they",
    "adn": "and",
    "nad": "and",
    "soemthing": "something",
    "somthing": "something",
    "somehting": "something",
    "infront": "in front",
    "alot": "a lot",
    "waives": "waves",
    "waiving": "waving",
    "waive": "wave",
    "jesture": "gesture",
    "jestures": "gestures",
    "then's": "then",
    "teh": "the",
    "thn": "then",
    "wlaks": "walks",
    "foward": "forward",
    "rigth": "right",
    "rihgt": "right",
    "lfet": "left",
    "dibbling": "dribbling",
    "swinges": "swings",
    "singes": "swings",
    "wals": "walks",
    "wale": "walk",
    "wales": "walks",
    "job": "jog",
    "jobs": "jogs",
    "hads": "hands",
    "han": "hand",
    "handa": "hands",
    "amrs": "arms",
    "ams": "arms",
    "lefty": "left",
    "tun": "turn",
    "tuns": "turns",
    "trun": "turn",
    "truns": "turns",
    "sitts": "sits",
    "steping": "stepping",
    "ste": "step",
    "lrft": "left",
    "righ": "right",
    "kness": "knees",
    "kness'": "knees",
    "hist": "his",
    "ther": "their",
    "the's": "the",
    "it's": "its",
    "waling": "walking",
    "wak": "walk",
    "waks": "walks",
    "whit": "with",
    "wiht": "with",
    "wth": "with",
    "iwth": "with",
    "form": "form",
    "hans": "hands",
    "hnds": "hands",
    "som": "some",
    "fron": "front",
    "forwrd": "forward",
    "fwd": "forward",
    "lef": "left",
    "an": "an",
    "throughs": "throws",
    "trows": "throws",
    "thows": "throws",
    "throes": "throws",
    "graps": "grabs",
    "standes": "stands",
    "knelt": "knelt",
    "squads": "squats",
    "squads'": "squats",
    "crunches": "crouches",
    "stretchs": "stretches",
    "bows'": "bows",
    "leggs": "legs",
    "lags": "legs",
    "ans": "and",
    "swining": "swinging",
    "anf": "and",
    "someting": "something",
    "rotes": "rotates",
    "shif": "shift",
    "claping": "clapping",
}
"""Spellings met in human captions that the distance between words would not mend, or would mend wrongly."""


_REAL_WORDS = frozenset(
    words(
        """
        aerobic arced arcing armed assembly batter beers black blocker blowing bucks builder built buttock change changed
        changes changing cheer cheers choking clamp clash claws cleaner clear closer closet clucking completion cooling creepy
        cupped cupping curtsey curvy deals delivery dishes displacing dives diving dresser driver drivers drooping dunking dunks
        elevation exciting expecting expression faked fakes faking filming flagging flared flight fourth frond froth
        gesticulation giver golfer grand green greetings handy haste holdings hoovering hulking hulks hunter hurting hurts
        imitation inches indication inline jagged joint jumpy keens licking lifter looping lounging loves message mimes mopes
        mound movies observer patter pawing pelvic pitcher planning poised poker prayer protection punting races react recovery
        related resets retrace retraces retracing roller roped roping ruining salting sands scalp scroll selves series settling
        shame shaved shock shopping shore shout shouting shouted shouts sighs skater skimming sleeping sling slinging slinks
        slower smash smashed smashes smashing sneaky soaring soars spits splashes sprinter starched store stoved strut struts
        strutting stubbles supine swaggers swerves swerving thump tilling toeing tomes tough trash unzipping waiver walds
        warning watchers waver weaves weeding weigh weighs whale whites wiggly wincing wishing wonders words worker wrapper
        wrestler writers writhing wrong match prone fright bright tight might night sight fight eight weight height while white
        whole where there these those other
        """
    )
)
"""English words in human captions that are one letter from a motion word and mean something else."""


def respelt(word: str) -> str | None:
    """How captions' writers meant a spelling, from the table; None where it is not there."""
    return _KNOWN_MISSPELLINGS.get(word)


@cache
def _deletions() -> dict[str, tuple[str, ...]]:
    """Every known long word less one letter, and itself -> the known words."""
    from kinelang.language.words import index

    made: dict[str, tuple[str, ...]] = {}
    for word, node in index().root.items():
        kinds = set(node.get("", ()))
        if (
            len(word) >= SHORTEST
            and word.isalpha()
            and kinds & {"verb", "part", "dir", "unit", "speed", "clock", "path", "link", "side"}
        ):
            for form in (word, *_less_one(word)):
                made[form] = (*made.get(form, ()), word)
    return made


def _less_one(word: str) -> Iterator[str]:
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


@cache
def corrected(word: str) -> str | None:
    """The one known motion word that differs in a letter (or two neighbours exchanged); two letters from nine on. None if none or
    several."""
    if len(word) < SHORTEST or not word.isalpha() or word in _REAL_WORDS:
        return None
    near: dict[str, None] = {}
    deletions = _deletions()
    for form in (word, *_less_one(word)):
        near.update(dict.fromkeys(deletions.get(form, ())))
    ranked = sorted((distance(word, known), known) for known in near if known[0] == word[0])
    if not ranked or ranked[0][0] > (2 if len(word) >= TWO_FROM else 1):
        return None
    best = [known for d, known in ranked if d == ranked[0][0]]
    return best[0] if len(best) == 1 or len({b[:4] for b in best}) == 1 else None


def distance(a: str, b: str) -> int:
    """Letters put in, left out, replaced, or exchanged with their neighbour, to make one word of the other."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
