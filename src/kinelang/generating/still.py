"""Limbs that a text says are to be still: taken out before it is parsed, refused where the same clause moves them."""

from __future__ import annotations

import re

from kinelang.errors import TimelineError
from kinelang.timeline import Stage, parse

_LIMB = r"(?P<part>(?:(?:left|right|both|two) )?(?:arms?|hands?|legs?|feet|foot|head))"
_WHOSE = r"(?:(?:the|his|her|their|your|my|its|both) )*"
_LINK = r"(?:[\s,]*\b(?:and|while|but|with|whilst|as|yet)\b)*[\s,]*\b"
_STAYS = r"(?:is |are |being |be )?(?:kept |held |left |staying |stays? |remains? |remaining |keeps? |keeping )?"
_UNMOVED = r"(?:completely |perfectly |very )?(?:still|motionless|unmoved)"
_CLAUSES = (
    re.compile(
        rf"{_LINK}(?:(?:keep|hold|leav)(?:e|es|s|ing)?) {_WHOSE}{_LIMB} {_UNMOVED}\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_LINK}(?:without moving|not moving|do(?:es)? not move|don't move|doesn't move|never moves?) {_WHOSE}{_LIMB}\b",
        re.IGNORECASE,
    ),
    re.compile(rf"{_LINK}{_WHOSE}{_LIMB} {_STAYS}{_UNMOVED}\b", re.IGNORECASE),
)
_THEN = re.compile(r"\b(?:and then|then|after(?:wards| that)?|before|finally|next|until|later)\b|[.;!?]", re.IGNORECASE)
_LINKS = re.compile(_LINK, re.IGNORECASE)
_GOING = ("gait", "jump")
"""Families of verbs that move the legs, whatever the arms do."""
_HELD = ("posture", "turn")
"""Families of verbs that say where the body is, and that a limb may be still in."""


def without_still(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without the clauses that say that a limb is still, and the limbs.

    Raises:
        TimelineError: a limb that is to be still and to move at once.
    """
    limbs: list[str] = []
    rest: list[str] = []
    at = 0
    for link in [*_THEN.finditer(text), None]:
        clause = text[at : None if link is None else link.start()]
        left, said = _taken_out(clause)
        for match in said:
            _refuse(
                _LINKS.sub("", match[0], count=1), _named(match["part"].lower()), parse(left).timeline.stages if _words(left) else ()
            )
        limbs += [part for match in said for part in _named(match["part"].lower())]
        rest += [left, "" if link is None else link[0]]
        at = len(text) if link is None else link.end()
    left = " ".join("".join(rest).split())
    return (left, tuple(dict.fromkeys(limbs))) if limbs and _words(left) else (text, ())


def _words(text: str) -> bool:
    return any(sign.isalnum() for sign in text)


def _taken_out(clause: str) -> tuple[str, list[re.Match[str]]]:
    """The clause without what it says of stillness, and that."""
    found: list[re.Match[str]] = []
    for pattern in _CLAUSES:
        found += pattern.finditer(clause)
        clause = pattern.sub(" ", clause)
    return clause, found


def _refuse(said: str, parts: list[str], stages: tuple[Stage, ...]) -> None:
    for stage in stages:
        both = [part for part in parts if part in _moved(stage)]
        if both:
            expected = f"the {both[0].replace('_', ' ')} either to move or to be still"
            raise TimelineError.of("text", f"'{stage.brief()}' and '{said}' at once", expected, "leave one out")


def _moved(stage: Stage) -> tuple[str, ...]:
    """The limbs that a stage cannot do without."""
    family = stage.lexeme.family
    if family in _HELD or stage.verb == "balance":
        return ()
    if family in _GOING:
        return tuple(part for part in stage.parts if part.endswith("_leg"))
    if family == "leg" and stage.side in ("left", "right"):
        return (f"{stage.side}_leg",)
    return stage.parts


def _named(words: str) -> list[str]:
    """Body parts that words such as "left arm" name."""
    if "head" in words:
        return ["head"]
    side = next((s for s in ("left", "right") if words.startswith(s)), None)
    limb = "arm" if re.search("arm|hand", words) else "leg"
    return [f"{s}_{limb}" for s in ("left", "right") if side in (None, s)]
