"""Verbs that people use for one and the same motion.

Used for scoring: where detected stages or generated captions are compared with what humans wrote, "steps forward" for a walk of two
steps is not a mistake. It is never used to parse or narrate, which keep the verbs apart.
"""

from __future__ import annotations

_ALIKE_TEXT = """
walk step
walk tiptoe
walk shuffle
walk march
walk sneak
step shuffle
step march
tiptoe sneak
walk sidestep
step sidestep lunge
run jog
walk stagger limp
stagger stumble get_pushed
balance raise_leg
squat crouch bend
crouch kneel
bend bow lean
bend pick_up
bend put_down
kneel crouch
turn spin twist
jump hop skip
jumping_jack jump
raise_arm extend_arm reach move_arm
raise_arm lift_weight
lower_arm move_arm
touch scratch
touch reach
touch brush wash wipe
wave gesture move_arm
wave beckon shake
wave raise_arm
circle_arms move_arm swing_arms
swing_arms move_arm
flap move_arm
flail move_arm
stretch raise_arm extend_arm
pick_up reach put_down move_object
put_down reach
pick_up lift_weight
push extend_arm reach
pull move_object
punch swat
punch fight
kick fight swing_leg raise_leg
kick move_leg extend_leg
raise_leg move_leg swing_leg
lower_leg move_leg step
throw swing move_arm
catch reach
drink eat
look look_around tilt_head move_head
nod move_head
shake_head look_around move_head
sway lean twist
sway dance shake_body circle_hips
lie fall
fall roll
stand_up straighten
clap clasp_hands pray
wash_hands clasp_hands
climb walk step
crawl get_on_all_fours
play_guitar play_violin play_music
dodge crouch lean
exercise stretch jumping_jack squat
fight block
"""

SAME: frozenset[frozenset[str]] = frozenset(
    frozenset((a, b)) for line in _ALIKE_TEXT.strip().splitlines() for a in line.split() for b in line.split() if a != b
)
"""Pairs of verb keys that count as one in scoring. Not transitive: a jog may be called a run or a walk, a run is no walk."""


def alike(a: str, b: str) -> bool:
    """Whether two verb keys count as one when a detection or a caption is scored against what people wrote."""
    return a == b or frozenset((a, b)) in SAME
