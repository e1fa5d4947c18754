"""What the lexicon says of one motion verb: what it may be told with, and the words that mean it."""

from __future__ import annotations

from dataclasses import dataclass

PARTS = ("root", "torso", "head", "left_arm", "right_arm", "left_leg", "right_leg")
"""Body parts: the one enumeration of kinelang. `root` is the body's way over the ground, the trajectory."""

SIDES = ("left", "right", "both", "alternating")
"""`alternating`: left and right in turn (punches, marching on the spot)."""

DIRECTIONS = (
    "forward",
    "backward",
    "left",
    "right",
    "forward_left",
    "forward_right",
    "backward_left",
    "backward_right",
    "up",
    "down",
)
"""As the person sees it. A turn to the left is counterclockwise seen from above."""

PATHS = ("straight", "circle", "curve", "zigzag", "square", "s_shape")
"""The way over the ground; `circle`, `curve` and `square` go round to the stage's `direction` (left: counterclockwise)."""


@dataclass(frozen=True)
class Verb:
    """A motion verb.

    Attributes:
        key: name in the `VERBS` table: one word, or several with underscores.
        base: base form with its particle, as it stands in an instruction ("pick up").
        family: gait, turn, jump, leg, posture, torso, head, arm, hand, sport, dance.
        parts: body parts it uses; "arm" and "leg" stand for the one (or both) that `side` names.
        sides: sides it can be told with; empty: none.
        directions: directions it can be told with.
        counted: "steps", "times", or "" where a number makes no sense.
        amount_unit: "m", "deg" or "ratio" (1 is the ordinary size), or "" where it has none.
        paths: ways over the ground it can be told with.
        target: whether it can be told with an object or a place ("ball", "chair", "head").
        synonyms: other verbs or phrases in base form that mean the same ("stroll", "go for a walk").
        babel: the BABEL action category nearest to it.
    """

    key: str
    base: str
    family: str
    parts: tuple[str, ...]
    sides: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    counted: str = ""
    amount_unit: str = ""
    paths: tuple[str, ...] = ()
    target: bool = False
    synonyms: tuple[str, ...] = ()
    babel: str = ""

    def parts_of(self, side: str | None) -> tuple[str, ...]:
        """The body parts used when the verb is done with this side (None: the right, where one is needed), in the order of PARTS."""
        limbs = ("left", "right") if side in ("both", "alternating") else (side or "right",)
        used = set()
        for part in self.parts:
            used |= {f"{limb}_{part}" for limb in limbs} if part in ("arm", "leg") else {part}
        return tuple(part for part in PARTS if part in used)


def verb(
    key: str,
    family: str,
    parts: str,
    *,
    base: str = "",
    sides: str = "",
    directions: str = "",
    counted: str = "",
    amount: str = "",
    paths: str = "",
    target: bool = False,
    synonyms: str = "",
    babel: str = "",
) -> Verb:
    """A `Verb` from blank-separated words; `synonyms` are separated by commas."""
    return Verb(
        key,
        base or key.replace("_", " "),
        family,
        tuple(parts.split()),
        tuple(sides.split()),
        tuple(directions.split()),
        counted,
        amount,
        tuple(paths.split()),
        target,
        tuple(s.strip() for s in synonyms.split(",") if s.strip()),
        babel,
    )
