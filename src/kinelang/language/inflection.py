"""Forms of English verbs and nouns, as far as sentences about motion need them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

VERB_FORMS = ("base", "third", "ing", "past", "participle")
"""base: "walk"; third: "walks"; ing: "walking"; past: "walked"; participle: "walked"."""

_IRREGULAR = """
be was been; bear bore borne; beat beat beaten; begin began begun; bend bent; bring brought; catch caught; come came come; cut
cut; creep crept; dig dug; do did done; draw drew drawn; drink drank drunk; drive drove driven; eat ate eaten; fall fell fallen;
feel felt; fight fought; fling flung; fly flew flown; freeze froze frozen; get got; give gave given; go went gone; grind ground;
hang hung; have had; hit hit; hold held; keep kept; kneel knelt; lay laid; lead led; leap leapt; let let; lie lay lain; lose lost;
make made; mimic mimicked; put put; ride rode ridden; ring rang rung; rise rose risen; run ran run; say said; set set; shake shook
shaken; shoot shot; shut shut; show showed shown; sing sang sung; sit sat; speak spoke spoken; spin spun; spread spread; spring
sprang sprung; stand stood; slide slid; stride strode stridden; strike struck; swim swam swum; sweep swept; swing swung; take took
taken; throw threw thrown; tread trod trodden; unbend unbent; uppercut uppercut; wear wore worn; weep wept; wind wound; write
wrote written; arise arose arisen; handstand handstanded; blow blew blown; sling slung; cling clung
"""
_PAST: Mapping[str, tuple[str, str]] = MappingProxyType(
    {words[0]: (words[1], words[-1]) for words in (entry.split() for entry in _IRREGULAR.split(";"))}
)
_ING = MappingProxyType({"lie": "lying", "tie": "tying", "die": "dying", "be": "being", "mimic": "mimicking"})
_THIRD = MappingProxyType({"be": "is", "have": "has"})
_DOUBLED = re.compile(
    r"(?:.*step|(?:back)?flip|uppercut|unpin|propel|admit|transfer|pushup|situp|(?:b|p|s)at|swat|beg|begin|clap|dig|drag|drop|drum|flap|get|grab|grip"
    r"|hit|hop|hug|jab|jog|knit|knot|lob|mop|nod|pe[tn]|p[ai]n|plod|plug|put|rob|rub|run|scan|scrub|set|shop|shrug|shut|sip|sit|skid|skip"
    r"|slam|slap|slip|snap|sob|spar|spin|spot|squat|stab|star|stir|stop|strum|strut|stun|swap|swim|tap|tip|trip|trot|tug|wag|wrap|zip"
    r"|cut|let|chop|bob|jig|fan|lug|prod|rap|ram|skim|slog|strap|thud|trim|whip)"
)
_IRREGULAR_PLURAL = MappingProxyType({"foot": "feet", "person": "people", "man": "men", "woman": "women", "knife": "knives"})
_VOWEL_SOUND = re.compile(r"(?:[aeio]|u(?!ni|se|ti)|8|11\b|18\b|hour|honest|s[- ]shape)", re.IGNORECASE)
_CONSONANT_SOUND = re.compile(r"(?:one|once|eu)", re.IGNORECASE)


def third_person(verb: str) -> str:
    """ "walks" for "walk", "carries" for "carry"; of several words the first is inflected."""
    head, blank, rest = verb.partition(" ")
    return _third(head) + blank + rest


def present_participle(verb: str) -> str:
    """ "walking" for "walk", "sitting down" for "sit down"."""
    head, blank, rest = verb.partition(" ")
    return _ing(head) + blank + rest


def past_tense(verb: str) -> str:
    """ "walked" for "walk", "sat down" for "sit down"."""
    head, blank, rest = verb.partition(" ")
    return _past(head)[0] + blank + rest


def past_participle(verb: str) -> str:
    """ "walked" for "walk", "thrown" for "throw"."""
    head, blank, rest = verb.partition(" ")
    return _past(head)[1] + blank + rest


def verb_forms(head: str) -> tuple[str, str, str, str, str]:
    """The `VERB_FORMS` of one word."""
    past, participle = _past(head)
    return head, _third(head), _ing(head), past, participle


def plural(noun: str) -> str:
    """ "steps" for "step", "feet" for "foot"; of several words the last is inflected."""
    before, blank, last = noun.rpartition(" ")
    if last in _IRREGULAR_PLURAL:
        return before + blank + _IRREGULAR_PLURAL[last]
    return before + blank + _with_s(last)


def indefinite(noun: str) -> str:
    """The noun with "a" or "an"."""
    vowel = _VOWEL_SOUND.match(noun) and not _CONSONANT_SOUND.match(noun)
    return f"{'an' if vowel else 'a'} {noun}"


def _third(head: str) -> str:
    return _THIRD.get(head) or _with_s(head)


def _with_s(word: str) -> str:
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search(r"(?:s|x|z|ch|sh|[^aeiou]o)$", word) else "s")


def _ing(head: str) -> str:
    if head in _ING:
        return _ING[head]
    if _DOUBLED.fullmatch(head):
        return f"{head}{head[-1]}ing"
    return (head[:-1] if re.search(r"[^eoy]e$", head) else head) + "ing"


def _past(head: str) -> tuple[str, str]:
    if head in _PAST:
        return _PAST[head]
    if re.search(r"[^aeiou]y$", head):
        past = head[:-1] + "ied"
    elif head.endswith("e"):
        past = head + "d"
    else:
        past = (head + head[-1] if _DOUBLED.fullmatch(head) else head) + "ed"
    return past, past
