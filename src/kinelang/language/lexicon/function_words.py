"""Words that a sentence about motion needs and a timeline does not: each with the reason why it may be left out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kinelang.language.wordlists import words

_REASONS = {
    "article or demonstrative: names nothing by itself": """
        a, an, the, this, these, those, that, some, another, any, such, said, same, other, certain, its own, his own, their own, own,
        what""",
    "who moves: a timeline has one person": """
        person, man, woman, figure, someone, he, she, they, individual, stick figure, one, who, which, there is, there are, we see,
        i see,
        this is, here is, it is, it's, he's, she's, they're, it looks like, it appears, it seems, it looks as if, it seems like,
        in the video,
        in this video, it appears that, it seems that, it appears as if, it appears as though, it looks as though, i think,
        in this motion,
        it appears like, what appears to be, what looks like, what seems to be, what looks to be, here we see, you can see, we can see,
        there was, there were, in the animation, in this animation, it was, viewer sees, we are, i'm, i, we, in this scene, it's a""",
    "helping verb: says tense, not motion": """
        is, are, was, were, be, been, being, am, has, have, had, having, does, do, did, will, would, can, could, may, might, shall,
        should, 's,
        is now, is then, has been, was to, can be seen, is seen, is shown, are seen, seen, shown, he is, they are, let's, used to,
        to be,
        isnt, has to, have to, must""",
    "beginning, going on, trying or intending: what is begun is told": """
        start to, start, begin to, begin, continue to, continue, continue on, keep, keep on, proceed to, go on to, get ready to,
        prepare to, prepare for,
        try to, struggle to, struggle, slow, slow down, attempt to, attempt, manage to, appear to, appear to be, appear, seem to,
        seem to be, seem, look to be, look as if,
        look as though,
        pretend to, pretend to be, pretend, want to, is about to, about to, decide to, is going to, going to, ready to, in order to,
        so as to,
        resume, act as if, act as though, act like he is, act like they are, act like, get ready, finish by, finish, end by, end up,
        end,
        end with, finish with, possibly, maybe, perhaps, probably, supposedly, apparently, presumably, seemingly, appear as if,
        appear as though,
        appear like, start off, start out, start out by, start by, begin by, begin with, then proceed to, happen to, make a motion to,
        demonstrate, be ready to, prepare, look like they are, look like he is, look like, allow, help, practice, attempt at, trying to,
        go into, get into, do the same, do the same thing, do so, doing so, do the same thing again, switch to, switch, goes to,
        go to, come to, be going to, need to, want, continue doing, act out, ready, in preparation, serve to,
        in an attempt to, in an effort to, get set to, move to, move in to, make as if to, do the motion of, it seems to be,
        appearing, seemingly,
        make a motion as if to, give the appearance of, resembling, to simulate, simulate, as part of, start into, then start""",
    "said of the picture, not of the motion": """
        just, also, still, more, overhand, underhand, overarm, underarm, motionless, naturally, occasionally, sometimes, vertically,
        hello, hi, actually, basically, simply, really, quite, pretty, literally, clearly, obviously, mostly, mainly, only, even,
        still in motion,
        as well, too, like, etc, so, very, mid, rather, well, please, not sure, sort of motion, in general, generally, essentially,
        almost, nearly,
        about, approximately, roughly, around about, virtually, merely, in total, total, exactly, precisely, directly, right there,
        here, there,
        indeed, ok, again, once again, once more, yet again, all over again, seem, else, instead, now, currently, both at once,
        correctly, properly,
        in what appears, somehow, some sort of, some kind of, a kind of, a sort of, kind of like, of sorts, in some way, type of,
        what could be,
        somewhere, all, each, red, blue, grey, gray, green, black, white, yellow, orange,  opposite, likely, overall, fairly, though,
        typical, typically, normally, usual, usually, ordinary,
        specific, particular, certain, different, various, similar, random, randomly""",
    "order: told by the times": """
        first, firstly, second, secondly, third, finally, lastly, at last, next, afterwards, afterward, after that, later,
        following that,
        at first, initially, to begin with, in the end, at the end, eventually, at the start, at the beginning, in the beginning,
        immediately,
        at once, right away, before that, to start, to finish, ultimately, momentarily, subsequently, previously, originally, last,
        immediately after, shortly after, thereafter, soon after, in the process, in sequence, during this, along the way, on the way,
        already,
        at this point, from there, one last time, for the last time, after a moment, after a while, for a start, at some point,
        before long""",
    "as it is anyway where the motion does not say otherwise": """
        on all fours, in place, on the spot, in one place, in one spot, in the same place, in the same spot, on the place,
        in position, on their feet,
        on his feet, to his feet, to their feet, on both feet, with both feet, feet, from a standing position,
        in a standing position,

        on the same spot, from standing, from their seat, from his seat, off the chair, from a chair, on two feet,
        down by (the) sides, down at (the) sides, down to (the) sides, back to (the) sides,
        hanging at (the) sides, with (the) arms at (the) sides, with (the) arms by (the) sides, with (the) hands by (the) sides,
        with (the) hands at (the) sides,
        in a stationary position, stationary, in standing position, at rest, from a stand, from the ground, off the ground,
        from (the) floor, off the floor,
        with arms to (the) sides, with arms down, with arms at side, with (the) arms at (the) side, with (the) hands at (the) side,
        with (the) arms by (the) side,
        with (the) hands by (the) side, hands at (the) side, arms at (the) sides, hands at (the) sides, arms by (the) sides,
        hands by (the) sides, arms at (the) side,
        across the room, around the room, in the room, across the floor, in space, around the area, in the area, through the room,
        around the place,
        with both arms at (the) sides, with both hands at (the) sides, with arms hanging, at (the) waist, at (the) knees,
        at (the) elbow,
        at (the) elbows, from (the) waist, from (the) hips, at (the) hips, at (the) hip, on (the) way, with (the) feet,
        with (the) legs, from behind, with (the) body,
        at (the) knee, from (the) elbow, to a stand, to a standing position, to standing position, to standing, to a standing pose,
        on own feet""",
    "back to where it was: the next stage, or the pose between stages, says so": """
        to starting position, to original position, to (the) starting position, to (the) original position, to (the) original spot,
        to (the) starting point,
        to where they started, to where he started, to where she started, to where they began, to where he began, to (the) start,
        to (the) beginning,
        to (the) original place, to (the) original stance, to (the) starting place, to (the) starting spot, to (the) normal position,
        to normal,
        to (the) initial position, to (the) place, to (the) neutral position, to a neutral position, to neutral,
        to a resting position, to rest,
        to original, to (the) original standing position, to normal stance, to a normal position, to (the) resting position,
        to (the) position,
        to a normal standing position, to (the) original location, to (the) starting location, to (the) beginning position,
        to (the) original pose,
        to (the) starting pose, to (the) starting stance, to (the) previous position, to (the) normal stance, to (the) normal pose,
        to (the) first position,
        to where it started, to where they were, to where he was, to where they were standing, to where he was standing,
        to where he came from,
        to where they came from, from where they came, from where he came, to (the) natural position, to (the) rest position,
        to (the) spot, to start, to place,
        to original place, to (the) resting place, to initial position, return to (the) starting position,
        return to (the) original position,
        return to (the) original spot, return to start, to (the) same position, to (the) origin, to (the) original starting position,
        to original spot,
        to (the) original starting point, to (the) neutral stance, to (the) idle position, to a rest, to (the) previous stance,
        to neutral position,
        to (the) default position, to (the) upright position, to normal position, to beginning, to where they originally were,
        to (the) initial place,
        to (the) initial stance, to (the) former position, to (the) starting positions, to (the) regular position,
        to (the) original state, to (the) starting postion,
        to (the) original postion, to rest position, to (the) initial pose, to (the) original posture, to resting position,
        to starting point,
        to starting place, to original stance, to (the) point of origin, to (the) original standing pose,
        to (the) normal standing position, in (the) original position,
        in (the) starting position, the way they came, the way he came, the same way, to (the) initial spot, to where began,
        to where started""",
    "part of the verb before it": """
        lands, landing, land, lands on (the) feet, landing on (the) feet, landing on both feet, lands back, land on (the) feet,
        and land""",
    "it says that the motion is acted": """
        as if, as though, like he is, like they are, like they were, like he was, as if he is, as if they are, as if they were,
        as if he was, as if he were,
        as if to, as though to, as though they are, as though he is, as if trying to, as if they're, as if he's, like trying to,
        like they're, like he's,
        as if he had, as if they had, like if, as if it is, like it is, like to, as to, such as, as if in, as of, as in, imaginary,
        invisible, unseen, pretend,
        fake, pretending, like a person, like a human, like a man, as a person, like someone, as if it was, simulated, mimed,
        for no reason""",
}

IGNORED: Mapping[str, str] = MappingProxyType(
    {word: reason for reason, words in _REASONS.items() for word in " ".join(words.split()).split(", ")}
)
"""Word or phrase -> why it may be left out. "(the)" stands for any article or possessive, or none; verbs stand for all their forms."""

LIGHT_VERBS = frozenset(
    words("do make take perform give have execute complete throw practice show display finish deliver pull hit try attempt")
)
"""Verbs that only carry a noun of action: "takes a step", "does a kick"."""

_LINKS = {
    "then": """then, and then, before, than, followed by, then and, and next, then again, and finally, and lastly, after which,
            leading to, until, till,
        then after, next, but then, but, yet, then back, following, and thereafter, then followed by, upon which, and after that,
        so that, so he can,
        so they can, . then, ; then""",
    "while": """while, whilst, as, when, during, at the same time, simultaneously, at the same time as, meanwhile,
            while at the same time, wile,
        all the while, all while, as well as, in doing so, along with, in unison, in time with, while still, in tandem, throughout,
        and simultaneously,
        and at the same time, before that time, as though they are, as if to, as if, as though, as if they are, as if he is,
        as if they were, as if he was,
        as though he is, as if he were, as if it is, as if trying to, as if they're, as if he's, as he, as they, as she, as it,
        like he is, like they are,
        like he was, like they were, like he's, like they're, as the person, as the man, as a person, such that, where, whereby""",
    "after": "after, upon",
    "and": "and, &, or, and also, and again, nad, adn, an then, plus",
}

LINKS: Mapping[str, str] = MappingProxyType(
    {word: link for link, words in _LINKS.items() for word in " ".join(words.split()).split(", ") if not word.startswith((".", ";"))}
)
"""How two clauses are linked: one then the other, at the same time, the second first, or as their body parts allow."""

NEGATIONS = frozenset(words("not never no without nor cannot didn't doesn't don't isn't can't won't n't neither fails refuses"))
"""What turns a clause into something that is not done."""

PREPOSITIONS = frozenset(
    words(
        """
        to toward towards on onto in into at from with over above across around by near behind beside under beneath below
        between through along against off of for about past up down inside outside next_to in_front_of on_top_of out_of
        away_from upon via using alongside underneath close_to without within among like as amongst per towads torwards tword
        towrds
        """
    )
)
