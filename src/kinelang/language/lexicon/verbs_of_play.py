"""Verbs that captions of human motion use and that stand nearest to no other: of single limbs, floor exercise, sport, care, play."""

from __future__ import annotations

from kinelang.language.lexicon.verb import verb

_LEGS = "root left_leg right_leg"
_LOW = "root torso left_leg right_leg"
_ALL = "root torso left_arm right_arm left_leg right_leg"
_WHOLE = _ALL + " head"
_BOTH = "left_arm right_arm"
_TWO = "left right"
_ANY = "left right both"
_TURNS = "left right both alternating"
_FOUR = "forward backward left right"
_SIX = _FOUR + " up down"

VERBS_OF_PLAY = (
    verb(
        "move_arm",
        "arm",
        "arm",
        base="move an arm",
        amount="ratio",
        sides=_TURNS,
        directions=_SIX,
        counted="times",
        target=True,
        babel="move part",
    ),
    verb("bend_arm", "arm", "arm", base="bend an arm", amount="ratio", sides=_TURNS, counted="times", synonyms="flex", babel="bend"),
    verb("shake", "arm", "arm", sides=_ANY, counted="times", target=True, synonyms="jiggle, rattle", babel="shake"),
    verb("flail", "arm", "arm", base="flail with the arms", sides=_TURNS, synonyms="flail, thrash", babel="move part"),
    verb("clasp_hands", "arm", _BOTH, base="put the hands together", synonyms="clasp, interlock", babel="hand movements"),
    verb("uncross_arms", "arm", _BOTH, base="uncross the arms", babel="cross arms"),
    verb("brush", "hand", "arm", sides=_ANY, counted="times", target=True, synonyms="comb, groom, stroke, pet", babel="groom"),
    verb("wash", "hand", _BOTH, base="wash oneself", target=True, synonyms="shower, shampoo, lather, rinse", babel="wash"),
    verb("tie", "hand", _BOTH, target=True, synonyms="knot, lace", babel="tie"),
    verb("dress", "hand", _BOTH, base="get dressed", target=True, synonyms="dress, wear", babel="clothes"),
    verb("undress", "hand", _BOTH, base="take off clothes", target=True, synonyms="undress", babel="clothes"),
    verb("close", "hand", "arm", sides=_TWO, target=True, synonyms="shut", babel="close something"),
    verb(
        "move_object",
        "hand",
        _BOTH,
        base="move an object",
        directions=_SIX,
        counted="times",
        target=True,
        synonyms="transfer, shift",
        babel="move something",
    ),
    verb("give", "hand", "arm", sides=_ANY, target=True, synonyms="hand over, pass, offer, present", babel="give something"),
    verb("use", "hand", _BOTH, target=True, synonyms="operate, work on, manipulate, handle, adjust", babel="use object"),
    verb("pray", "arm", _BOTH, babel="perform"),
    verb("hug", "arm", _BOTH, target=True, synonyms="embrace, cuddle, cradle", babel="hug"),
    verb("aim", "arm", _BOTH, directions="forward left right up down", target=True, babel="point"),
    verb("shoot", "sport", "torso " + _BOTH, directions="forward left right up", counted="times", target=True, babel="shoot"),
    verb("juggle", "sport", _BOTH, target=True, babel="juggle"),
    verb("fish", "sport", "torso " + _BOTH, base="fish", synonyms="cast a line", babel="play sport"),
    verb("row", "sport", "torso " + _BOTH, synonyms="canoe", babel="play sport"),
    verb("drive", "hand", _BOTH, base="drive", target=True, synonyms="steer", babel="drive"),
    verb("ride", "sport", _LEGS + " torso", target=True, synonyms="pedal, cycle", babel="ride"),
    verb("play_sport", "sport", _ALL, base="play a sport", target=True, babel="play sport"),
    verb("play_music", "hand", _BOTH, base="play an instrument", target=True, babel="play instrument"),
    verb("swat", "sport", "arm", sides=_ANY, directions="forward left right up down", counted="times", target=True, babel="hit"),
    verb("fight", "sport", _ALL, synonyms="spar, wrestle, do martial arts", babel="martial art"),
    verb("dodge", "sport", _LOW, directions=_FOUR, counted="times", target=True, synonyms="evade, avoid", babel="duck"),
    verb("swing_leg", "leg", _LEGS, base="swing a leg", sides=_TURNS, directions=_FOUR, counted="times", babel="swing body part"),
    verb("move_leg", "leg", _LEGS, base="move a leg", sides=_TURNS, directions=_SIX, counted="times", target=True, babel="move part"),
    verb("lower_leg", "leg", _LEGS, base="lower a leg", sides=_ANY, babel="lowering body part"),
    verb("extend_leg", "leg", _LEGS, base="stretch out a leg", sides=_ANY, directions=_FOUR, counted="times", babel="stretch"),
    verb("circle_leg", "leg", _LEGS, base="circle a leg", sides=_ANY, counted="times", babel="circular movement"),
    verb("cross_legs", "leg", _LEGS, base="cross the legs", synonyms="cross legged", babel="cross legs"),
    verb("feet_together", "leg", _LEGS, base="put the feet together", synonyms="close legs", babel="foot movements"),
    verb("legs_apart", "leg", _LEGS, base="put the legs apart", synonyms="spread legs", amount="ratio", babel="spread"),
    verb("get_on_all_fours", "posture", _ALL, base="get on all fours", synonyms="be on all fours", babel="crawl"),
    verb(
        "slide",
        "gait",
        _LEGS,
        directions=_FOUR,
        counted="steps",
        amount="m",
        target=True,
        synonyms="glide, skid, moonwalk",
        babel="slide",
    ),
    verb(
        "skate",
        "gait",
        _LEGS,
        directions=_FOUR,
        paths="straight circle curve zigzag square s_shape",
        synonyms="ice skate",
        babel="skate",
    ),
    verb("fall", "posture", _WHOLE, directions=_FOUR + " down", synonyms="fall down, fall over, collapse, topple, slump", babel="fall"),
    verb("get_pushed", "gait", _LEGS + " torso", base="get pushed", directions=_FOUR, counted="times", babel="stumble"),
    verb("roll", "posture", _WHOLE, directions=_FOUR, counted="times", synonyms="roll over", babel="roll"),
    verb("somersault", "sport", _WHOLE, directions=_FOUR, counted="times", synonyms="flip, backflip, tumble", babel="flip"),
    verb(
        "cartwheel", "sport", _WHOLE, base="do a cartwheel", directions=_TWO, counted="times", synonyms="cartwheel", babel="cartwheel"
    ),
    verb("handstand", "sport", _WHOLE, base="do a handstand", synonyms="handstand", babel="handstand"),
    verb("push_up", "sport", _WHOLE, base="do a push-up", counted="times", synonyms="pushup, plank", babel="exercise/training"),
    verb("sit_up", "sport", _WHOLE, base="do a sit-up", counted="times", synonyms="situp, crunch", babel="exercise/training"),
    verb("jump_rope", "jump", _ALL, base="jump rope", counted="times", synonyms="skip rope", babel="jump rope"),
    verb("exercise", "sport", _ALL, synonyms="warm up, work out, train, do aerobics, do yoga", babel="exercise/training"),
    verb("hang", "arm", _BOTH, target=True, base="hang", synonyms="cling", babel="grasp object"),
    verb("straighten", "torso", "torso", base="straighten up", synonyms="straighten, stand upright, unbend", babel="straighten"),
    verb("arch", "torso", "torso", base="arch the back", synonyms="arch", babel="bend"),
    verb(
        "circle_hips",
        "torso",
        "torso",
        base="circle the hips",
        directions=_TWO,
        counted="times",
        synonyms="hula",
        babel="circular movement",
    ),
    verb(
        "shake_body",
        "torso",
        "torso",
        base="shake the body",
        counted="times",
        synonyms="shimmy, shiver, shudder, tremble",
        babel="shake",
    ),
    verb("tilt_head", "head", "head", base="tilt the head", directions=_FOUR, counted="times", babel="head movements"),
    verb("move_head", "head", "head", base="move the head", directions=_SIX, counted="times", babel="head movements"),
    verb("laugh", "head", "head", synonyms="chuckle, giggle", babel="laugh"),
    verb("cry", "head", "head", synonyms="weep, sob", babel="cry"),
    verb("cough", "head", "head", synonyms="sneeze", counted="times", babel="cough"),
    verb("imitate", "dance", _ALL, target=True, synonyms="mimic, emulate, act like, move like, be like", babel="act like animal"),
    verb("pose", "posture", _ALL, base="strike a pose", synonyms="pose", target=True, babel="poses"),
)
