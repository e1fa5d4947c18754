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
    "pick {obj:something} up {with}~7",
    "pick up {obj:something} {with}~4",
    "lift up {obj:something} {with}~.7",
)

FRAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # going
        "stand": ("stand still~4", "stand~6", "stand in place~1", "stand there~.4", "pause~.5", "stay still~.2", "wait~.2"),
        "walk": (
            "walk {dir}~40",
            "walk {?dir}{?path}around~14",
            "walk {?dir}{?path}around the room~.8",
            "walk {few} {dir}~.6",
            "walk {dir} {few}~1.4",
            "walk {dir} {several}~.5",
            "move {ahead!}~.8",
            "stroll {dir}~.15",
            "pace {dir}~.2",
            "walk {steps!} {dir}~4",
        ),
        "run": ("run {dir}~12", "run {?dir}{?path}around~1", "sprint {dir}~1", "run {steps!} {dir}~2"),
        "jog": ("jog {dir}~10", "jog {?dir}{?path}around~1", "jog {steps!} {dir}~2"),
        "step": ("step {?count}{dir}~5", "step {dir}~.3", "take {steps!} {dir}~12", "take {few} {dir}~2"),
        "sidestep": ("sidestep {dir}~3", "side_step {dir}~3", "step sideways {dir}~.2", "shuffle sideways {dir}~.1"),
        "tiptoe": ("tiptoe {dir}~2",),
        "sneak": ("sneak {dir}~3", "creep {dir}~2", "sneak around {?dir}"),
        "limp": ("limp {dir}~4", "hobble {dir}~1", "limp {dir}"),
        "march": ("march {dir}",),
        "stagger": ("stagger {dir}~3", "wobble {dir}"),
        "shuffle": ("shuffle {dir}~3", "shuffle {his} feet {dir}"),
        "climb": ("climb {dir}~2",),
        "spin": ("spin {dir}~3", "spin around in place {dir}~.4", "spin around {dir}~3", "twirl {dir}~1", "twirl around {dir}"),
        "jump": (
            "jump {dir} {n}~12",
            "jump {?dir}up and down {n}~8",
            "jump {?dir}in place {n}~2.5",
            "jump {?dir}up and down in place {n}~1.5",
            "jump {?dir}on the spot {n}~1.3",
            "do {?count}a jump {dir}~.5",
            "leap {dir} {n}~1",
            "do {n!:jump} {dir}~.7",
        ),
        "hop": ("hop {dir} {on} {n}~6", "hop {?dir}in place {on} {n}~2", "hop {?dir}up and down {on} {n}"),
        "skip": ("skip {dir}~3",),
        "jumping_jack": (
            "do {n!:jumping jack}~6",
            "do {?count}jumping jacks~6",
            "do {?count}some jumping jacks~.3",
            "perform {n!:jumping jack}~.8",
            "perform {?count}jumping jacks~.6",
            "do {?count}jumping jacks in place~.4",
        ),
        "stumble": ("stumble {dir}~4", "trip {dir}~1"),
        # posture and legs
        "squat": ("squat down {n}~2", "squat {n}~4", "do {n!:squat}~2", "do {?count}a squat", "bend {his} knees {n}~.7"),
        "crouch": ("crouch down~3", "crouch~3", "duck down", "duck"),
        "lunge": ("lunge {dir} {with} {n}~4", "do {n!:lunge} {dir} {with}", "do {?count}a lunge {dir} {with}"),
        "kneel": ("kneel down {on} {to:on}~4", "kneel {on} {to:on}~3", "go down {on!} {to:on}"),
        "sit": ("sit down {to:on}~9", "sit {to:on}~1.5", "take a seat {to:on}~.5"),
        "lie": ("lie down {to:on}~5", "lay down {to:on}~3"),
        "stand_up": ("stand up~6", "stand back up~4", "get up~2", "get back up~3", "rise~.3", "stand up again~.7"),
        "crawl": ("crawl {dir}~6", "crawl {dir} on {his} hands and knees", "crawl around {?dir}~.5"),
        "kick": (
            "kick {obj:} {dir} {with} {n}~6",
            "kick {obj:something} {dir} {with} {n}~1.5",
            "kick {?target}{?amount}{leg!} {dir} {n}~2",
            "kick {?target}out {dir} {with} {n}",
            "do {?count}{?target}a kick {dir} {with}~.5",
            "do {?target}{n!:kick} {dir} {with}~.5",
        ),
        "raise_leg": (
            "(raise/lift) {leg} {dir} {n}~3",
            "(raise/lift) {foot} {dir} {n}~.7",
            "(raise/lift) {knee} {dir} {n}",
            "lift {leg} up {dir} {n}",
        ),
        "stomp": ("stomp {with} {n}~2", "stomp {foot!} {n}~3", "stamp {foot!} {n}"),
        "balance": ("balance {on}~3", "stand {on!}~2", "balance {?side}on one leg", "stand {?side}on one leg"),
        "dance": ("dance {to:}~6", "dance {?target}around~2", "do {?target}a dance~1.5"),
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
        "sway": (
            "sway {n}~1.2",
            "sway from side to side {n}~1.5",
            "sway side to side {n}",
            "sway back and forth {n}~.7",
            "rock side to side {n}~.3",
            "move from side to side {n}~1",
            "move {his} body from side to side {n}~.3",
        ),
        "nod": ("nod {n}~1", "nod {his} head {n}~3"),
        "shake_head": ("shake {his} head {n}~4",),
        "look": ("look {dir} {to:at}~6", "glance {dir} {to:at}~1"),
        "look_around": ("look around~5", "look both ways", "look from side to side~.7"),
        # arms
        "raise_arm": (
            "raise {arm} {dir} {to:to} {n}~4",
            "raise {hand} {dir} {to:to} {n}~5",
            "lift {arm} {dir} {to:to} {n}~1.2",
            "lift {hand} {dir} {to:to} {n}~1.5",
            "bring {?direction}{hand} to {body!} {n}~5",
        ),
        "lower_arm": (
            "lower {arm} {to:to}~5",
            "lower {hand} {to:to}~3",
            "put {arm} down {to:to}~1.5",
            "drop {arm} {to:to}~.7",
            "bring {arm} {?target}down~.7",
            "bring {arm} {?target}back down~1",
            "bring {hand} {?target}back down to {his} sides~.5",
            "put {hand} {?target}back down~1",
        ),
        "extend_arm": (
            "extend {arm} {dir} {to:to}~3",
            "hold {arm} out {dir} {to:to}~2",
            "stretch {arm} out {dir} {to:to}~1.5",
            "stretch out {arm} {dir} {to:to}~1",
            "hold out {arm} {dir} {to:to}~.7",
            "extend {arm} out {dir} {to:to}~1",
        ),
        "wave": ("wave {to:at} {with} {n}~9", "wave {hand!} {to:at} {n}~4", "wave {arm!} {to:at} {n}~2", "wave {n} {with!}~1"),
        "clap": ("clap {n}~4", "clap {his} hands {n}~8", "clap {his} hands together {n}~3"),
        "cross_arms": ("cross {his} arms~6", "fold {his} arms~1", "cross {his} arms over {his} chest"),
        "hands_on_hips": (
            "put {hand!} on {his} hips~3",
            "place {hand!} on {his} hips~2",
            "put {?side}{his} hands on {his} hips~3",
        ),
        "point": ("point {dir} {to:at} {with}~5", "point {dir} {?side}~1", "point out {dir} {with}~.5"),
        "stretch": ("stretch {n}~4", "stretch {his} body {n}~.5", "stretch {n}~.5"),
        "circle_arms": (
            "(rotate*2/circle) {arms} {dir} {n}~3",
            "move {arm!} in circles {dir} {n}~1",
            "move {arm!} in a circular motion {dir} {n}~2",
        ),
        "swing_arms": ("swing {arms} {n}~5", "swing {arms} back and forth {n}~1.2", "swing {arms} from side to side {n}~.7"),
        "flap": ("flap {his} arms {to:to} {n}~3", "flap both arms {to:to} {n}"),
        "flail": ("flail {arms}~2", "flail {arms} around"),
        "shrug": ("shrug {n}~2", "shrug {his} shoulders {n}~3"),
        "salute": ("salute {with}~3",),
        "beckon": ("beckon {with} {n}~2", "beckon someone {with} {n}", "gesture to come {with} {n}~.5"),
        "gesture": ("gesture {with}~3", "make gestures {with}~.5", "make a gesture {with}~.5"),
        "block": ("block with {his} arms~2", "block~2", "guard"),
        # hands
        "stir": ("stir {obj:something} {with} {n}~4",),
        "wipe": ("wipe {obj:something} {with} {n}~4", "clean {obj:something} {with} {n}~1"),
        "drink": ("drink {obj:} {with} {n}~3", "drink {obj:something} {with} {n}", "take a drink {with} {?target}{n}~.7"),
        "eat": ("eat {obj:something} {with} {n}~3", "eat {obj:} {with} {n}"),
        "phone": ("talk on the phone {with}~2", "answer the phone {with}"),
        "scratch": ("scratch {obj:} {with} {n}",),
        "touch": ("touch {obj:something} {with}~2", "hold {body!} {with}~2"),
        "wash_hands": ("wash {his} hands {n}~3", "rub {his} hands together {n}~1"),
        "pour": ("pour {obj:something} {with}",),
        "reach": (
            "reach {to:for} {dir} {with}~3",
            "reach out {to:for} {dir} {with}~3",
            "reach for {?target}something {dir} {with}~2",
        ),
        "pick_up": _PICK,
        "put_down": (
            "put {obj:something} {?place}down {with}~4",
            "put {obj:something} {?place}back down {with}~1.5",
            "place {obj:something} {?place}down {with}~2",
            "set {obj:something} {?place}down {with}~2",
            "put {?place}down {obj:something} {with}~1",
            "put {obj:something} {?place}back {with}~1",
            "put something {place!} {with}~2",
            "place something {place!} {with}~2",
        ),
        "carry": ("carry {obj:something}~1", "hold {obj:something}~6"),
        "lift_weight": ("lift {obj:weights} over {his} head {n}~2",),
        "push": ("push {obj:something} {dir} {n}~3", "push {?target}{dir} {n}", "shove {obj:something} {dir} {n}~.4"),
        "pull": ("pull {obj:something} {n}~4", "drag {obj:something} {n}~.5", "tug {obj:something} {n}~.3"),
        "open": ("open {obj:something} {with}",),
        "close": ("close {obj:something} {with}",),
        "throw": (
            "throw {obj:something} {dir} {with} {n}~8",
            "toss {obj:something} {dir} {with} {n}~.7",
            "throw {?target}{dir} {with} {n}~1.5",
        ),
        "catch": ("catch {obj:something} {dir} {n}~4", "catch {obj:something} {dir} with both hands {n}~2"),
        "punch": (
            "punch {obj:} {dir} {with} {n}~6",
            "throw {?target}{n!:punch} {dir} {with}~1",
            "throw {?count}{?target}a punch {dir} {with}~.7",
            "jab {?target}{dir} {with} {n}~.7",
        ),
        "swing": ("swing {obj:something} {with} {n}",),
        "dribble": ("dribble {obj:} {with} {n}~3",),
        "move_arm": (
            "move {arm} {dir} {to:to} {n}~3",
            "move {hand} {dir} {to:to} {n}~4",
            "move {arm} {?dir}{?target}around {n}~2.5",
            "move {hand} {?dir}{?target}around {n}~2.5",
            "move {arm} {?dir}{?target}up and down {n}~2",
            "move {hand} {?dir}{?target}up and down {n}~3",
            "move {arm} {?dir}{?target}back and forth {n}~1",
            "move {hand} {?dir}{?target}side to side {n}~1",
        ),
        "move_leg": (
            "move {leg} {dir} {to:to} {n}~4",
            "move {leg} {?dir}{?target}around {n}~1",
            "move {foot} {dir} {to:to} {n}~1",
            "move {leg} {?dir}{?target}back and forth {n}~.5",
        ),
        "move_object": (
            "move {obj:(something*5/an object)} {dir} {with} {n}~5",
            "move {?dir}{?place}{obj:something} around {with} {n}~1",
        ),
        "swim": ("swim {n}~2", "do the breaststroke {n}"),
        "chop": ("chop {obj:wood} {n}~3",),
        "sweep": ("sweep {obj:the floor} {n}~3", "mop {obj:the floor} {n}~.5"),
        "dig": ("dig {obj:} {n}", "shovel {obj:something} {n}"),
        "knock": ("knock {to:on} {with} {n}~1", "knock {?target}on a door {with} {n}~3"),
        "shake_hands": ("shake hands {to:with} {with} {n}",),
        "write": ("write {to:on} {with}~2", "write {?target}something {with}~2", "draw {?target}something {with}~.5"),
        "play_guitar": ("play the guitar~2", "play guitar", "strum a guitar~2"),
        "play_violin": ("play the violin~3", "play violin"),
        "play_piano": ("play the piano~3", "play piano"),
        "play_drums": ("play the drums~3", "play drums"),
    }
)
"""Frames by verb. `turn` has its own rules (`phrases.py`); a verb that is not here is worded from its base form."""

POSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "raise_arm": (
            "{arm!} {?direction}{?target}raised~2",
            "{hand!} {?direction}{?target}raised",
            "{arm!} raised {dir!} {to:to}~2",
            "{hand!} raised {to!:to}~2",
            "{hand!} {?target}{up!}~3",
            "{arm!} {?target}{up!}~2",
        ),
        "extend_arm": ("{arm!} out {dir} {to:to}~3", "{arm!} extended {dir} {to:to}~2", "{arm!} outstretched {dir} {to:to}"),
        "cross_arms": ("{his} arms crossed~3", "{his} arms folded"),
    }
)
"""How a limb that is held so is told beside what else is done: "walks with his arms crossed"."""
