"""Nouns: body parts, people, places, ways over the ground, units, things. Plurals are made by `inflection.plural`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kinelang.language.wordlists import words

BODY_NOUNS: Mapping[str, str] = MappingProxyType(
    {
        word: group
        for group, words in {
            "arm": "arm hand wrist forearm fist palm finger thumb limb armpit index_finger index_fingers appendage bicep hand_s",
            "elbow": "elbow",
            "leg": "leg foot ankle toe heel thigh shin calf tiptoe sole tippy_toe tip_toe hind_leg feet calve thighs",
            "knee": "knee hands_and_knees",
            "head": "head face neck chin nose mouth eye ear forehead hair cheek throat lips forhead teeth lip jaw temple gaze eyebrow",
            "torso": "torso waist chest back stomach belly trunk upper_body lower_body abdomen spine core upper_torso body_s "
            "upperbody ribs rib "
            "middle_section midsection upper_half upper_part lower_back breast groin crotch buttocks butt bottom rear bum rump "
            "belly_button",
            "hip": "hip pelvis hips",
            "shoulder": "shoulder shoulders",
            "body": "body yourself self himself herself themselves themself itself oneself whole_body entire_body full_body frame "
            "weight body_weight",
        }.items()
        for word in (w.replace("_", " ") for w in words.split())
    }
)
"""Noun -> group of body parts."""

PEOPLE = frozenset(
    words(
        """
        person man woman figure someone somebody individual guy human character boy girl lady people subject actor dancer robot
        model child kid toon sim he she they i we you it one person's player athlete stick_figure stickman fighter performer
        humanoid avatar men women pedestrian user gentleman dude fellow persona walker runner stick_man stick_person
        human_figure mannequin toddler persons everyone anyone animation skeleton figurine old_man old_person old_woman male female
        dummy being teen teenager soldier stickfigure participant elephant monkey puppet somone someome peron perosn persn
        preson pesron peson soomeone soeone stick sombody personn perspn perosn character_model model 3d_model human_being
        homosapien person_figure baby adult guy_s lady_s
        """
    )
)
"""Who moves; read as the subject, or as a target after a preposition."""

PRONOUNS = frozenset(words("he she they i we you it one who that which someone somebody"))
POSSESSIVES = frozenset(
    words("his her their its my your our one's ones someone's person's his/her thier there theirs hers thr hi he's")
)
OBJECT_PRONOUNS = frozenset(words("it them him her something anything everything someone somebody nothing this these those that"))

PATH_NOUNS: Mapping[str, str] = MappingProxyType(
    {
        "circle": "circle",
        "circles": "circle",
        "oval": "circle",
        "loop": "circle",
        "ring": "circle",
        "ellipse": "circle",
        "semi circle": "curve",
        "semicircle": "curve",
        "semi circular": "curve",
        "half circle": "curve",
        "quarter circle": "curve",
        "half-circle": "curve",
        "circular": "circle",
        "curve": "curve",
        "arc": "curve",
        "arch": "curve",
        "bend": "curve",
        "curved": "curve",
        "curving": "curve",
        "u shape": "curve",
        "u": "curve",
        "u turn": "curve",
        "c shape": "curve",
        "half moon": "curve",
        "crescent": "curve",
        "zigzag": "zigzag",
        "zig zag": "zigzag",
        "zig-zag": "zigzag",
        "zag": "zigzag",
        "z shape": "zigzag",
        "z": "zigzag",
        "w shape": "zigzag",
        "square": "square",
        "rectangle": "square",
        "rectangular": "square",
        "box shape": "square",
        "s": "s_shape",
        "s shape": "s_shape",
        "s shaped": "s_shape",
        "s curve": "s_shape",
        "serpentine": "s_shape",
        "figure eight": "s_shape",
        "figure 8": "s_shape",
        "slalom": "s_shape",
        "snake": "s_shape",
        "straight": "straight",
        "line": "straight",
        "straight line": "straight",
        "tightrope": "straight",
    }
)
"""Shape of a way -> path."""

WAY_NOUNS = frozenset(
    words(
        """
        motion motions movement movements line pattern manner fashion path direction directions way pace speed style form shape
        course formation trajectory route stance circuit rhythm tempo gesture gestures action actions rate loop track distance
        length angle order stride gait walk shape_pattern sequence curve trail diagonal routine process
        """
    )
)
"""Nouns that carry only what stands before them: "in a circular motion", "at a slow pace"."""

PLACES = frozenset(
    words(
        """
        floor ground air room chair bed stairs wall table couch sofa bench seat stool step_stool platform door beam balance_beam
        rope line tight_rope tightrope shelf counter hill ramp ladder stage center centre middle corner edge area spot place
        position start end front screen camera viewer location mat object obstacle side top bottom house street road pool water
        space stair staircase slope lounge
        """
    )
)
"""Where one goes, sits or reaches; read as targets."""

HOME = frozenset(
    words(
        """
        position place spot location stance start point posture pose origin beginning starting_point starting_position standing
        state rest side form standing_position resting_position orientation
        """
    )
)
"""Where one was before: "back to the original position"."""

UNITS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(words("step steps pace paces stride strides footstep footsteps"), "steps"),
        **dict.fromkeys(words("time times repetition repetitions rep reps"), "times"),
        **dict.fromkeys(words("degree degrees deg ° º ⁰ degress degreees degre degres"), "deg"),
        **dict.fromkeys(words("second seconds sec secs s"), "s"),
        **dict.fromkeys(words("meter meters metre metres m"), "m"),
        **dict.fromkeys(words("foot feet ft"), "ft"),
        **dict.fromkeys(words("minute minutes"), "min"),
    }
)
"""Noun after a number -> what is counted."""

THINGS = frozenset(
    words(
        """
        ball object something item thing box bat racket stick bottle cup glass phone book bag weight weights barbell dumbbell
        door window drum guitar violin piano rope chair table shelf net hoop golf_ball golf_club club broom mop rake shovel food
        drink water plate bowl pan pot spoon knife fork hat shoe shoes coat jacket shirt pants tie umbrella sword gun bow arrow
        rifle pistol hammer saw wheel steering_wheel bike bicycle binoculars wing muscle part bean drawer shelf_door motorcycle car
        horse dog cat kite frisbee basketball football
        baseball soccer_ball tennis_ball volleyball tray paper pen pencil brush comb towel cloth rag sponge soap button key lock
        handle knob lever rail railing handrail fence tree rock stone mug teapot kettle container suitcase backpack purse wallet
        watch glasses necklace ring mask flag sign banner string cord cable wire tool screw nail board wood axe punching_bag
        speed_bag trampoline surface objects items things rack basket bucket barrel bar pole post
        """
    )
)
"""Common things; any noun can be a target, these are known without an article before them."""

SPORTS = frozenset(
    words(
        """
        basketball football baseball soccer tennis volleyball golf badminton hockey cricket bowling hopscotch rugby ping_pong
        table_tennis lacrosse softball catch frisbee polo racquetball handball squash_game charades dodgeball game sport sports
        pool billiards tag
        """
    )
)
"""What one plays."""

INSTRUMENTS = frozenset(
    words(
        """
        flute trumpet saxophone cello harp horn accordion banjo ukulele bass trombone instrument clarinet viola
        keyboard_instrument tambourine music bongo xylophone organ maracas string_instrument musical_instrument harmonica sax
        """
    )
)
"""What one plays that has no verb of its own."""

DANCES = frozenset(
    words(
        """
        waltz salsa tango ballet cha_cha cha_cha_cha chacha macarena twist_dance foxtrot rumba samba polka jig hip_hop disco
        charleston tap_dance moonwalk_dance robot_dance chicken_dance breakdance line_dance swing_dance ballroom mambo dance
        hula_dance shimmy_dance jive quickstep merengue bachata hokey_pokey electric_slide funky_chicken twerk folk_dance floss
        dab square_dance
        """
    )
)
"""Dances: "does the cha cha"."""

ANIMALS = frozenset(
    words(
        """
        chicken bird monkey dog cat bear elephant gorilla ape zombie dinosaur frog snake duck penguin horse crab dragon cow pig
        lion tiger robot ghost clown superhero bee airplane plane animal t_rex kangaroo rabbit bunny cowboy swan fish worm
        cheerleader ballerina king queen soldier boxer model referee conductor orangutan chimpanzee chimp caveman mummy monster
        ninja crane eagle butterfly lobster mermaid rooster hen pirate samurai warrior princess rockstar vampire squirrel mouse
        turkey goose peacock spider octopus creature beast dinosaurs human robots teapot tree seal flamingo fairy wizard witch
        spy hunchback
        """
    )
)
"""Whom one imitates."""
