"""Words for directions, sides, ways over the ground and to-and-fro, with what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kinelang.language.wordlists import phrases


def _by_word(table: dict[str, str]) -> Mapping[str, str]:
    return MappingProxyType({word: value for value, words in table.items() for word in " ".join(words.split()).split(", ")})


DIRECTION_WORDS = _by_word(
    {
        "forward": """forward, forwards, foward, fowards, foreward, forewards, forwad, forward forward, ahead, straight ahead,
            onward, onwards,
            in front, to the front, to front, towards the front, forwardly, frontward, frontwards, in (the) forward direction, front,
            toward the front, forth, straight forward, straight forwards, forword, forwards direction, forward direction,
            straightforward,
            up ahead, towards the camera, toward the camera, towards the viewer, toward the viewer, in front of (the) him,
            in front of you, in front of yourself,
            in front of (the) her, in front of them, in front of themself, in front of themselves, in front of himself,
            in front of herself,
            in front of it, in front of itself, in front of (the) body, in front of (the) person, in front of they, infront of them,
            infront of him, infront, out in front, in front of self, in front of the man, out front, directly in front, outward,
            outwards,
            straight out, out in front of him, out in front of them, straight in front, out in front of himself, in front of his body,
            in front of their self, in front of there body, in a forward direction, in a forward motion, out forward, to his front,
            to their front, directly ahead, fowrard, forard, forwrd, fordward, farward, furward, to the fore""",
        "backward": """backward, backwards, back wards, back ward, rearward, rearwards, in reverse, to the back, to the rear,
            backwords, bakwards, bacwards, bakward, backwars, behind, in (the) backward direction, behind (the) him, behind them,
            behind her,
            behind himself, behind themselves, behind (the) back, behind (the) body, to back, in a backward motion,
            in a backwards direction,
            in a backwards motion, behind his back, behind their back, backwords, backard, backwads, bachwards, towards the back,
            reverse""",
        "left": """left, leftward, leftwards, to (the) left, to (the) left side, towards (the) left, toward (the) left, on (the) left,
            on (the) left side, at (the) left, from (the) left, left side, toward (the) left side, towards (the) left side,
            left hand side,
            to (the) left hand side, in (the) left direction, left direction, over to (the) left, off to (the) left, in (the) left side,
            to (the) left direction, towards (the) left direction, left ward, left wards, to (the) far left, to (the) left handed side,
            out to (the) left, out to (the) left side, for (the) left, sideways to (the) left, sideways left, to (the) side left,
            leftside,
            in left, for left, into (the) left, left sideways, to (the) left sideways, onto (the) left side, into left direction,
            leftt""",
        "right": """right, rightward, rightwards, to (the) right, to (the) right side, towards (the) right, toward (the) right,
            on (the) right,
            on (the) right side, at (the) right, from (the) right, right side, toward (the) right side, towards (the) right side,
            right hand side, to (the) right hand side, in (the) right direction, right direction, over to (the) right,
            off to (the) right,
            in (the) right side, to (the) right direction, towards (the) right direction, right ward, right wards, to (the) far right,
            to (the) right handed side, out to (the) right, out to (the) right side, for (the) right, sideways to (the) right,
            sideways right, to (the) side right, rightside, in right, for right, into (the) right, right sideways,
            to (the) right sideways,
            onto (the) right side, into right direction, rightt""",
        "forward_left": """diagonally left, diagonally to (the) left, diagonally forward left, forward left, forward and left,
            front left,
            to (the) front left, forward and to (the) left, forwards and to (the) left, diagonally forward to (the) left, diagonal left,
            diagonally forward and to (the) left, forward to (the) left, forwards to (the) left, left diagonally,
            to (the) left diagonally,
            diagonally forwards to (the) left, diagonally left forward, diagonally towards (the) left, in a left diagonal,
            diagonal to (the) left,
            left forward, forward towards (the) left, left diagonal, ahead and left, diagonally forwards left,
            in a diagonal left direction""",
        "forward_right": """diagonally right, diagonally to (the) right, diagonally forward right, forward right,
            forward and right, front right,
            to (the) front right, forward and to (the) right, forwards and to (the) right, diagonally forward to (the) right,
            diagonal right,
            diagonally forward and to (the) right, forward to (the) right, forwards to (the) right, right diagonally,
            to (the) right diagonally,
            diagonally forwards to (the) right, diagonally right forward, diagonally towards (the) right, in a right diagonal,
            diagonal to (the) right, right forward, forward towards (the) right, right diagonal, ahead and right,
            diagonally forwards right,
            in a diagonal right direction""",
        "backward_left": """backward left, back left, back and left, backward and left, back and to (the) left,
            backwards and to (the) left,
            backwards left, diagonally back left, diagonally backward left, diagonally backwards to (the) left, backwards to (the) left,
            backward to (the) left, to (the) back left, diagonally back to (the) left, diagonally backward to (the) left,
            backwards and left, diagonally backwards left, diagonally backward and to (the) left, backward and to (the) left""",
        "backward_right": """backward right, back right, back and right, backward and right, back and to (the) right,
            backwards and to (the) right, backwards right, diagonally back right, diagonally backward right,
            diagonally backwards to (the) right, backwards to (the) right, backward to (the) right, to (the) back right,
            diagonally back to (the) right, diagonally backward to (the) right,
            backwards and right, diagonally backwards right, diagonally backward and to (the) right, backward and to (the) right""",
        "up": """up, upward, upwards, into (the) air, in (the) air, overhead, above (the) head, over (the) head, above them, above him,
            over their heads, above their heads, up high, up in the air, up into the air, up above (the) head, up over (the) head,
            upright,
            up to (the) sky, to (the) sky, towards the sky, above his shoulders, above their shoulders, skyward, to the ceiling,
            above her,
            towards the ceiling, at the sky, at the ceiling, straight up, off the ground, off the floor, up and over (the) head,
            all the way up,
            above head level, above his head, high above (the) head, up stairs, upstairs, up the stairs, up and above (the) head,
            up a set of stairs, uphill,
            up a hill, up some stairs, up steps, up the steps, up a staircase, up a few stairs, up a ladder, up the ladder, up a ramp,
            up a slope,
            high in (the) air, high into the air, up off the ground, up over their heads, to the top""",
        "down": """down, downward, downwards, to (the) ground, to (the) floor, towards the ground, toward the ground,
            towards the floor, downstairs,
            down stairs, down the stairs, at the ground, at the floor, low to the ground, down to the ground, down to the floor,
            all the way down,
            downhill, down a hill, down some stairs, down steps, down the steps, down a staircase, down a set of stairs, down a ramp,
            down a slope,
            down a ladder, down the ladder, toward the floor, near the ground, close to the ground, straight down, downword,
            onto the ground,
            onto the floor, on the way down""",
    }
)
"""Phrase -> direction. "(the)" stands for any article or possessive, or none."""

SIDEWAYS = frozenset(
    {"sideways", "sideway", "laterally", "to the side", "to one side", "side ways", "to side", "sidewards", "to (the) side"}
)
"""Phrases for a side that is not told."""

TO_AND_FRO = frozenset(
    phrases("""back and forth, side to side, from side to side, up and down, left and right, right and left, from left to right,
    from right to left,
    forward and back, forward and backward, forwards and backwards, back and fourth, in and out, to and fro, from one side to the other,
    from one side to another, back and forward, back and backward, back and fort, back-and-forth, from left to right and back,
    forward and backwards, backwards and forwards,
    backward and forward, to the left and right, to the right and left, left to right, right to left, from right to left and back,
    to the left and to the right, side by side, from the left to the right, from the right to the left, back and front, front and back,
    from foot to foot, one side to the other, from one foot to the other, front to back, from side-to-side, up and downwards,
    upwards and downwards, upward and downward, both ways, forwards and back, down and up, to the right and to the left, side-to-side,
    from front to back, from one side to other, to each side, on each side, from one leg to the other, on both sides, to both sides,
    apart and together,
    to either side, left then right, right then left, from left to right and right to left, side and side, to his left and right,
    to their left and right, to their right and left, to his right and left, to and from, alternately, towards each other""")
)
"""Phrases for going one way and the other, again and again."""

ALTERNATING = frozenset(
    phrases(
        """alternating, alternately, alternatively, one after the other, one at a time, one by one, in turn, in turns, alternate,
        alternating between hands, with alternating arms, in alternation, one after another, in an alternating manner"""
    )
)
"""Left and right in turn."""

CLOCKWISE = _by_word(
    {
        "right": "clockwise, clock wise, clockways, in (the) clockwise direction, clockwise direction, cw",
        "left": """counterclockwise, counter clockwise, counter clock wise, anticlockwise, anti clockwise, anti clock wise,
            counterclock wise,
            contra clockwise, counter-clockwise, ccw, counter clock, conterclockwise, couterclockwise, counter, anti, against clockwise,
            counterclockwise direction, counter clockways, counter clock wise direction, counter counterclockwise, contraclockwise,
            antclockwise, against clock wise, anticlock wise, counter clockwise direction""",
    }
)
"""Sense of turning -> direction."""

SIDE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "left": "left",
        "right": "right",
        "both": "both",
        "both of": "both",
        "each": "both",
        "lefthand": "left",
        "righthand": "right",
        "left handed": "left",
        "right handed": "right",
        "two": "both",
        "either": "both",
    }
)
"""Words that name the limb."""
