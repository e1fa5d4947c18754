"""What the parts of a clause mean for which verbs: small tables of the parser."""

from __future__ import annotations

from kinelang.language.wordlists import words

PART_CLASS = {"arm": "arm", "elbow": "arm", "leg": "leg", "knee": "leg"}
ABSORBED = {
    "up": frozenset(
        words("stand_up pick_up straighten lift_weight shrug wave raise_leg clap stretch jumping_jack carry stand open skip")
    ),
    "down": frozenset(
        words(
            """
            sit lie kneel squat crouch bend put_down lower_arm lower_leg fall pick_up clasp_hands wipe pull swing throw look bow
            stomp lean lunge get_on_all_fours push_up chop touch roll stumble
            """
        )
    ),
    "forward": frozenset(words("bow get_on_all_fours fall chop swing dig crawl present give")),
    "backward": frozenset(["arch"]),
}
BACKWARD = frozenset(words("step jump hop lean stumble stagger shuffle kick lunge fall slide bend swing_leg"))
DISTANCES = {"short": 0.5, **dict.fromkeys(["far", "long", "very far", "very long", "really far", "further", "farther"], 6.0)}
"""Metres of words for how far one goes; other words of size ("slightly", "big" steps) say nothing of it."""
TARGET_PREPS = frozenset(
    words(
        """
        to toward towards on onto in into at over above behind under across against by from between around near through with off
        for next_to in_front_of along beside past
        """
    )
)

REPEATING = frozenset(
    words(
        """
        wave sway swing swing_arms shake shake_head shake_body wipe stir scratch circle_arms swing_leg move_arm move_leg
        wash_hands look look_around twist sweep dance rub brush nod flap flail shuffle move_object bounce dribble balance
        circle_hips punch wash clap stretch lean tilt_head move_head use play_guitar swat gesture kick dodge skate raise_arm
        bend reach touch pull push throw
        """
    )
)
OF_LIMBS = frozenset(words("twist rotate circle swing move roll turn spin shake flap wiggle bend"))
PARTLY = frozenset([*"half quarter semi a_half partial three_quarter three_quarters".replace("_", " ").split(), "a half", "a quarter"])
INHERENT = {
    "cross_arms": ("torso",),
    "hands_on_hips": ("hip", "torso"),
    "kneel": ("knee", "leg"),
    "get_on_all_fours": ("knee", "arm"),
    "clap": ("arm",),
    "crawl": ("knee", "arm"),
    "sit": ("torso",),
}
"""Groups of body parts that a verb is always done with or on."""
COMMON_PREPS = frozenset(words("to at towards toward on with of for"))
OWN_PREPS = {
    "pick_up": frozenset(["of"]),
    "walk": frozenset(words("to towards toward")),
    "run": frozenset(words("to towards toward")),
}
CLOTHING = frozenset(
    words("coat jacket shirt pants hat shoe shoes glove gloves glasses mask tie clothes clothing sweater socks sock dress")
)
