"""How people word each verb: the frames of its phrases, the most common first.

A frame is a phrase in base form; its first word is inflected. `(a*3/b/)` stands for one of a (three times as often), b or nothing.
Slots:

    {arm} {hand} {leg} {foot} {knee} {arms}   the limb that `side` names: "his right arm", "both arms", "one arm"
    {with} {on}            "with his right hand" (or leg, by the verb), "on his right foot"; nothing where no side is told
    {dir}                  the direction
    {obj:WORDS}            the target with its article, or WORDS where none is told
    {to:WORDS}             preposition and target, nothing where none is told; WORDS is the preposition
    {n} {steps}            "twice"; "six steps"; {n:jump} "two jumps"
    {amount} {speed} {style} {path}
    {his}                  the possessive

With `!` a slot must have something told to say, with `?` before it the frame must be without that field. What a frame has no slot for
stands behind it. `~4` gives the frame's weight (1 where absent).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_PICK = (
    "pick {obj:something} up {with}~5",
    "pick up {obj:(something*6/an object*1.5/an item*.5)} {with}~4",
    "lift up {obj:something} {with}",
)

FRAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # going
        "stand": ("stand still~6", "stand~4", "stand in place~1", "pause~.5", "stay still~.3", "wait~.2"),
        "walk": (
            "walk {dir}~40",
            "walk {?dir}{?path}around~10",
            "walk {few} {dir}~.6",
            "stroll {dir}~.3",
            "pace {dir}~.4",
            "walk {steps!} {dir}~4",
        ),
        "run": ("run {dir}~12", "sprint {dir}~1", "run {steps!} {dir}~2"),
        "jog": ("jog {dir}~10", "jog {steps!} {dir}~2"),
        "step": ("step {dir}~5", "take {steps!} {dir}~12", "take {few} {dir}~3"),
        "sidestep": ("sidestep {dir}~3", "side step {dir}", "step sideways {dir}", "shuffle sideways {dir}~.5"),
        "tiptoe": ("tiptoe {dir}~2",),
        "sneak": ("sneak {dir}~3", "creep {dir}~2", "sneak around {?dir}"),
        "limp": ("limp {dir}~4", "hobble {dir}~1", "limp {dir}"),
        "march": ("march {dir}",),
        "stagger": ("stagger {dir}~3", "wobble {dir}"),
        "shuffle": ("shuffle {dir}~3", "shuffle {his} feet {dir}"),
        "climb": ("climb {dir}~2",),
        "spin": ("spin {dir}~3", "spin around {dir}~3", "twirl {dir}~1", "twirl around {dir}"),
        "jump": (
            "jump {dir} {n}~12",
            "jump {?dir}up and down {n}~4",
            "jump {?dir}in place {n}~1",
            "jump {?dir}on the spot {n}",
            "do {?count}a jump {dir}~.5",
            "leap {dir} {n}~1",
            "do {n!:jump} {dir}~.7",
        ),
        "hop": ("hop {dir} {on} {n}~6", "hop {?dir}in place {on} {n}", "hop {?dir}up and down {on} {n}"),
        "skip": ("skip {dir}~3",),
        "jumping_jack": (
            "do {n!:jumping jack}~5",
            "do {?count}jumping jacks~4",
            "perform {n!:jumping jack}",
            "perform {?count}jumping jacks",
        ),
        "stumble": ("stumble {dir}~4", "trip {dir}~1"),
        # posture and legs
        "squat": ("squat down {n}~2", "squat {n}~4", "do {n!:squat}~2", "do {?count}a squat", "bend {his} knees {n}~.7"),
        "crouch": ("crouch down~3", "crouch~3", "duck down", "duck"),
        "lunge": ("lunge {dir} {with} {n}~4", "do {n!:lunge} {dir} {with}", "do {?count}a lunge {dir} {with}"),
        "kneel": ("kneel down {on}~4", "kneel {on}~3", "go down {on!}"),
        "sit": ("sit down {to:on}~8", "sit {to:on}~2", "take a seat {to:on}~.5", "sit {?target}on the ground~.5"),
        "lie": ("lie down~5", "lay down~3", "lie down on the (ground/floor)~2"),
        "stand_up": ("stand up~6", "stand back up~4", "get up~2", "get back up~3", "rise~.3", "stand up again~.7"),
        "crawl": ("crawl {dir}~6", "crawl {dir} on {his} hands and knees", "crawl around {?dir}~.5"),
        "kick": (
            "kick {obj:} {dir} {with} {n}~8",
            "kick {?target}{?amount}{leg!} {dir} {n}~2",
            "kick {?target}out {dir} {with} {n}",
            "do {?count}{?target}a kick {dir} {with}~.5",
            "do {?target}{n!:kick} {dir} {with}~.5",
        ),
        "raise_leg": (
            "(raise/lift) {leg} {dir} {n}~3",
            "(raise/lift) {foot} {dir} {n}",
            "(raise/lift) {knee} {dir} {n}",
            "lift {leg} up {dir} {n}",
        ),
        "stomp": ("stomp {with} {n}~2", "stomp {foot!} {n}~3", "stamp {foot!} {n}"),
        "balance": ("balance {on}~3", "stand {on!}~2", "balance {?side}on one leg", "stand {?side}on one leg"),
        "dance": ("dance~6", "dance around~2", "do a dance~1.5"),
        "bow": ("bow {n}~5", "bow down {n}~1", "take a bow {?count}~.7"),
        "bend": (
            "bend {dir} {n}~4",
            "bend over {?dir}{n}~2",
            "bend down {?dir}{n}~3",
            "bend {dir} at the waist {n}~1",
            "bend {?dir}at the waist {n}",
        ),
        "lean": ("lean {dir}~5", "tilt {dir}~.5"),
        "twist": ("twist {dir} {n}~3", "twist {his} (torso*2/body/upper body/waist) {dir} {n}~2", "rotate {his} torso {dir} {n}"),
        "sway": ("sway {n}~3", "sway from side to side {n}~1.5", "sway side to side {n}", "rock side to side {n}~.5"),
        "nod": ("nod {n}~1", "nod {his} head {n}~3"),
        "shake_head": ("shake {his} head {n}~4",),
        "look": ("look {dir} {to:at}~6", "glance {dir} {to:at}~1"),
        "look_around": ("look around~5", "look both ways", "look from side to side~.7"),
        # arms
        "raise_arm": (
            "raise {arm} {dir} {n}~4",
            "raise {hand} {dir} {n}~5",
            "lift {arm} {dir} {n}~2",
            "lift {hand} {dir} {n}~3",
        ),
        "lower_arm": (
            "lower {arm}~5",
            "lower {hand}~3",
            "put {arm} down~2",
            "drop {arm}~1",
            "bring {arm} down~1",
            "put {hand} back down",
        ),
        "extend_arm": (
            "extend {arm} {dir}~3",
            "stretch {arm} out {dir}~2",
            "stretch out {arm} {dir}~2",
            "hold out {arm} {dir}",
            "extend {arm} out {dir}~1",
        ),
        "wave": ("wave {to:at} {with} {n}~9", "wave {hand!} {n}~4", "wave {arm!} {n}~1.5", "wave {n} {with!}~1"),
        "clap": ("clap {n}~5", "clap {his} hands {n}~7", "clap {his} hands together {n}~2"),
        "cross_arms": ("cross {his} arms~6", "fold {his} arms~1", "cross {his} arms over {his} chest"),
        "hands_on_hips": (
            "put {hand!} on {his} hips~3",
            "place {hand!} on {his} hips~2",
            "put {?side}{his} hands on {his} hips~3",
        ),
        "point": ("point {dir} {to:at} {with}~5", "point {dir} {?side}~1", "point out {dir} {with}~.5"),
        "stretch": ("stretch {n}~4", "stretch {his} body {n}~.5", "stretch {n}~.5"),
        "circle_arms": ("(rotate*2/circle) {arms} {dir} {n}~3",),
        "swing_arms": ("swing {arms} {n}~3", "swing {arms} back and forth {n}~3", "swing {arms} from side to side {n}~.7"),
        "flap": ("flap {his} arms {n}~3", "flap {his} arms like a (bird/chicken) {n}", "flap both arms {n}"),
        "flail": ("flail {arms}~2", "flail {arms} around"),
        "shrug": ("shrug {n}~2", "shrug {his} shoulders {n}~3"),
        "salute": ("salute {with}~3",),
        "beckon": ("beckon {with} {n}~2", "beckon someone {with} {n}", "gesture to come {with} {n}~.5"),
        "gesture": ("gesture {with}~3", "make gestures {with}~.5", "make a gesture {with}~.5"),
        "block": ("block with {his} arms~2", "block~2", "guard"),
        # hands
        "stir": ("stir {obj:something} {with} {n}~4",),
        "wipe": ("wipe {obj:(something/a surface*.5/a table*.5)} {with} {n}~4", "clean {obj:something} {with} {n}~1"),
        "drink": ("drink {obj:} {with} {n}~3", "drink {obj:something} {with} {n}", "take a drink {with} {?target}{n}~.7"),
        "eat": ("eat {obj:something} {with} {n}~3", "eat {obj:} {with} {n}"),
        "phone": ("talk on the phone {with}~2", "answer the phone {with}"),
        "scratch": ("scratch {obj:{his} head} {with} {n}",),
        "touch": ("touch {obj:something} {with}~3", "tap {obj:something} {with}~.3"),
        "wash_hands": ("wash {his} hands {n}~3", "rub {his} hands together {n}~1"),
        "pour": ("pour {obj:something} {with}",),
        "reach": (
            "reach {to:for} {dir} {with}~3",
            "reach out {to:for} {dir} {with}~3",
            "reach for {?target}something {dir} {with}~2",
        ),
        "pick_up": _PICK,
        "put_down": (
            "put {obj:something} down {with}~4",
            "put {obj:something} back down {with}~1.5",
            "place {obj:something} down {with}~2",
            "set {obj:something} down {with}~2",
            "put down {obj:something} {with}",
        ),
        "carry": ("carry {obj:something}~1", "hold {obj:something}~4"),
        "lift_weight": ("lift {obj:weights} over {his} head {n}~2",),
        "push": ("push {obj:something} {dir} {n}~3", "push {?target}{dir} {n}", "shove {obj:something} {dir} {n}~.4"),
        "pull": ("pull {obj:something} {n}~4", "drag {obj:something} {n}~.5", "tug {obj:something} {n}~.3"),
        "open": ("open {obj:(a door*3/something/a drawer)} {with}",),
        "close": ("close {obj:(a door*3/something/a drawer)} {with}",),
        "throw": (
            "throw {obj:(something*6/an object/a ball)} {dir} {with} {n}~8",
            "toss {obj:something} {dir} {with} {n}~1.5",
            "throw {?target}{dir} {with} {n}~1.5",
        ),
        "catch": ("catch {obj:(something*3/an object/a ball)} {dir} {n}~4", "catch {obj:something} {dir} with both hands {n}~2"),
        "punch": (
            "punch {obj:} {dir} {with} {n}~6",
            "throw {?target}{n!:punch} {dir} {with}~1",
            "throw {?count}{?target}a punch {dir} {with}~.7",
            "jab {?target}{dir} {with} {n}~.7",
        ),
        "swing": ("swing {obj:(something*2/a bat/a golf club/a racket)} {with} {n}",),
        "dribble": ("dribble {obj:a (ball/basketball)} {with} {n}~3",),
        "swim": ("swim {n}~2", "do the breaststroke {n}"),
        "chop": ("chop {obj:wood} {n}~3",),
        "sweep": ("sweep {obj:the floor} {n}~3", "mop {obj:the floor} {n}~.5"),
        "dig": ("dig {obj:} {n}", "dig {?target}a hole {n}", "shovel {obj:something} {n}"),
        "knock": ("knock {to:on} {with} {n}~1", "knock {?target}on a door {with} {n}~3"),
        "shake_hands": ("shake hands {with} {n}~2", "shake hands with someone {with} {n}"),
        "write": ("write {to:on} {with}~2", "write {?target}something {with}~2", "draw {?target}something {with}~.5"),
        "play_guitar": ("play the guitar~2", "play guitar", "strum a guitar~2"),
        "play_violin": ("play the violin~3", "play violin"),
        "play_piano": ("play the piano~3", "play piano"),
        "play_drums": ("play the drums~3", "play drums"),
    }
)
"""Frames by verb. `turn` has its own rules (`phrases.py`); a verb that is not here is worded from its base form."""
