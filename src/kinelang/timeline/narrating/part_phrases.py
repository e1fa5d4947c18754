"""What each body part does in a verb, for the description matrix.

One line a verb: `arm` and `leg` are the limbs that the stage's side names, `other_arm` and `other_leg` those it does not; `legs` and
`arms` are both, whatever the side. `{dir}` is the direction, `{obj}` the target; both may be empty. Phrases stand behind "the left
arm", ... and, for `root`, behind "the body".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_GAIT = "legs: steps {dir} in turn with the other leg; arms: swings in time with the steps; root: moves {dir}"

_LINES: Mapping[str, str] = MappingProxyType(
    {
        "stand": "legs: stands still; root: stays in place",
        "walk": _GAIT,
        "run": (
            "legs: runs {dir}, pushing off and swinging through; arms: swings bent at the elbow; torso: leans slightly forward; "
            "root: moves {dir} fast"
        ),
        "jog": "legs: jogs {dir} with short springy steps; arms: swings bent at the elbow; root: moves {dir} at a jog",
        "step": "leg: steps {dir}; other_leg: follows; root: shifts {dir}",
        "sidestep": "legs: steps sideways {dir}; root: moves sideways {dir}",
        "tiptoe": "legs: steps {dir} on the toes; arms: is held a little away from the body; root: moves {dir} quietly",
        "sneak": (
            "legs: steps {dir} softly with bent knee; torso: is bent forward; arms: is held in front of the body; root: moves {dir} low"
        ),
        "limp": (
            "leg: steps {dir} stiffly, bearing little weight; other_leg: steps {dir}, bearing the weight; "
            "torso: tips to one side at every step; root: moves {dir} unevenly"
        ),
        "march": (
            "legs: steps {dir} with the knee lifted high; arms: swings straight; torso: is held upright; root: moves {dir} in even time"
        ),
        "stagger": (
            "legs: takes uneven steps {dir}; torso: sways from side to side; arms: balances the body; root: moves {dir} unsteadily"
        ),
        "shuffle": "legs: slides {dir} without leaving the floor; root: moves {dir} slowly",
        "climb": "legs: steps {dir} onto the next stair in turn; root: rises or sinks step by step",
        "turn": "legs: steps round on the spot; head: looks into the turn; root: turns {dir} in place",
        "spin": "legs: steps round quickly; arms: is held out a little; root: spins {dir} in place",
        "jump": (
            "legs: bends, pushes off the floor and lands; arms: swings up for the jump; root: leaves the floor {dir} and comes down"
        ),
        "hop": "leg: hops {dir}; other_leg: is lifted off the floor; root: bounces {dir}",
        "skip": "legs: hops and steps in turn; arms: swings; root: bounces {dir}",
        "jumping_jack": "legs: jumps apart and together; arms: swings out overhead and down; root: bounces in place",
        "stumble": (
            "legs: catches the body with an uneven step {dir}; torso: pitches {dir}; arms: reaches out for balance; root: lurches {dir}"
        ),
        "squat": "legs: bends deep at the knee and straightens; torso: leans slightly forward; root: sinks and rises",
        "crouch": "legs: bends at the knee; torso: folds forward; root: sinks low",
        "lunge": ("leg: strides {dir} and bends at the knee; other_leg: stays behind and stretches; root: sinks {dir} and comes back"),
        "kneel": "leg: lowers its knee to the floor; other_leg: bends; root: sinks to the floor",
        "sit": "legs: bends at the knee; torso: leans forward, then upright; root: lowers {obj}",
        "lie": (
            "legs: stretches out on the floor; arms: rests on the floor; torso: lies down; head: rests on the floor; "
            "root: lowers to the floor"
        ),
        "stand_up": "legs: straightens under the body; torso: leans forward, then upright; root: rises",
        "crawl": (
            "legs: moves {dir} on its knee; arms: supports the body on its hand and moves {dir}; torso: is level; "
            "root: moves {dir} near the floor"
        ),
        "kick": "leg: kicks {obj} {dir}; other_leg: bears the weight; torso: leans back a little; root: stays in place",
        "raise_leg": "leg: lifts {dir}; other_leg: bears the weight; root: stays in place",
        "stomp": "leg: stamps on the floor; other_leg: bears the weight; root: stays in place",
        "balance": "leg: bears the whole weight; other_leg: is lifted off the floor; arms: balances the body; root: stays in place",
        "dance": "legs: steps to the rhythm; arms: moves to the rhythm; torso: sways; root: moves about",
        "bow": "torso: bends forward at the waist and comes up; head: lowers with the torso",
        "bend": "torso: bends {dir} at the waist",
        "lean": "torso: leans {dir}",
        "twist": "torso: twists {dir} at the waist",
        "sway": "torso: sways from side to side",
        "nod": "head: nods",
        "shake_head": "head: shakes from side to side",
        "look": "head: turns to look {dir}",
        "look_around": "head: turns from side to side",
        "raise_arm": "arm: is raised {dir}",
        "lower_arm": "arm: is lowered to the side",
        "extend_arm": "arm: is stretched out {dir}",
        "wave": "arm: is raised and waves",
        "clap": "arms: claps against the other hand in front of the chest",
        "cross_arms": "arms: is folded across the chest",
        "hands_on_hips": "arm: rests its hand on the hip",
        "point": "arm: points {dir}",
        "stretch": "arms: stretches up; torso: stretches",
        "circle_arms": "arm: swings round in circles {dir}",
        "swing_arms": "arm: swings back and forth",
        "flap": "arms: flaps up and down at the side",
        "shrug": "arms: lifts with the shoulder and drops",
        "salute": "arm: is raised with the hand to the forehead",
        "clasp_hands": "arms: is brought to the other in front of the body",
        "beckon": "arm: beckons with the hand",
        "gesture": "arm: gestures while talking",
        "block": "arms: is raised in front of the face as a guard",
        "drink": "arm: brings a drink to the mouth; head: tips back a little",
        "eat": "arm: brings food to the mouth",
        "phone": "arm: holds a phone to the ear",
        "wash_hands": "arms: rubs its hand against the other",
        "pick_up": (
            "arm: reaches down and picks up {obj:something}; torso: bends forward; legs: bends at the knee; head: looks down; "
            "root: sinks and rises"
        ),
        "put_down": (
            "arm: reaches down and puts down {obj:something}; torso: bends forward; legs: bends at the knee; head: looks down; "
            "root: sinks and rises"
        ),
        "carry": "arms: holds {obj:something} in front of the body",
        "lift_weight": "arms: presses {obj:a weight} overhead and lowers it",
        "push": "arms: pushes {obj:something} {dir}",
        "pull": "arms: pulls {obj:something} towards the body",
        "throw": "arm: swings back and throws {obj:something} {dir}; torso: twists with the throw",
        "catch": "arms: reaches out and catches {obj:something}",
        "punch": "arm: punches {dir}; torso: twists with the punch",
        "swing": "arms: swings {obj:something} across the body; torso: twists with the swing",
        "dribble": "arm: pushes {obj:a ball} down again and again",
        "swim": "arms: sweeps through the air in swimming strokes",
        "chop": "arms: swings down",
        "sweep": "arms: sweeps back and forth; torso: leans forward",
        "dig": "arms: digs and lifts; torso: bends forward",
        "play_guitar": "arms: plays the guitar",
        "play_violin": "arms: plays the violin",
        "play_piano": "arms: plays the piano",
        "play_drums": "arms: beats the drums",
    }
)
PART_PHRASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        verb: MappingProxyType({part.strip(): words.strip() for part, _, words in (entry.partition(": ") for entry in line.split(";"))})
        for verb, line in _LINES.items()
    }
)
"""Phrases by verb and part; what is not here is said from the verb's own phrase."""

REST: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "standing": {
            "head": "faces forward",
            "torso": "stays upright",
            "arm": "hangs at the side",
            "leg": "stands still",
            "root": "stays in place",
        },
        "sitting": {
            "head": "faces forward",
            "torso": "sits upright",
            "arm": "rests in the lap",
            "leg": "is bent at the knee",
            "root": "stays seated",
        },
        "kneeling": {
            "head": "faces forward",
            "torso": "stays upright",
            "arm": "hangs at the side",
            "leg": "is bent under the body",
            "root": "stays on the knees",
        },
        "lying": {
            "head": "rests on the floor",
            "torso": "lies on the floor",
            "arm": "rests on the floor",
            "leg": "is stretched out on the floor",
            "root": "stays on the floor",
        },
        "crouching": {
            "head": "faces forward",
            "torso": "is folded forward",
            "arm": "is held close to the body",
            "leg": "is bent at the knee",
            "root": "stays low",
        },
        "on all fours": {
            "head": "faces down",
            "torso": "is level",
            "arm": "supports the body on its hand",
            "leg": "rests on its knee",
            "root": "stays near the floor",
        },
    }
)
"""What a part does that is not used, by posture."""

POSTURES: Mapping[str, str] = MappingProxyType(
    {
        "sit": "sitting",
        "kneel": "kneeling",
        "lie": "lying",
        "crouch": "crouching",
        "crawl": "on all fours",
        "get_on_all_fours": "on all fours",
        "fall": "lying",
        "stand_up": "standing",
        "stand": "standing",
    }
)
"""The posture a verb leaves the body in; other verbs of going lead back to standing, the rest leave it as it was."""
