"""The actions: every verb that can be performed. A verb is an entry of its family's table; this table joins the families."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kinelang.timeline.actions.arm_play import ARM_PLAY
from kinelang.timeline.actions.arms import ARMS
from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.crawling import CRAWLING
from kinelang.timeline.actions.dance import DANCE
from kinelang.timeline.actions.fighting import FIGHTING
from kinelang.timeline.actions.gaits import GAITS
from kinelang.timeline.actions.gestures import GESTURES
from kinelang.timeline.actions.going import GOING
from kinelang.timeline.actions.handling import HANDLING
from kinelang.timeline.actions.hands_at_body import HANDS_AT_BODY
from kinelang.timeline.actions.head import HEAD
from kinelang.timeline.actions.household import HOUSEHOLD
from kinelang.timeline.actions.instruments import INSTRUMENTS
from kinelang.timeline.actions.jumps import JUMPS
from kinelang.timeline.actions.legs import LEGS
from kinelang.timeline.actions.postures import POSTURES
from kinelang.timeline.actions.sports import SPORTS
from kinelang.timeline.actions.stepping import STEPPING
from kinelang.timeline.actions.strokes import STROKES
from kinelang.timeline.actions.trunk import TRUNK

ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        action.verb: action
        for action in (
            *GOING,
            *GAITS,
            *STEPPING,
            *CRAWLING,
            *JUMPS,
            *POSTURES,
            *LEGS,
            *DANCE,
            *ARMS,
            *ARM_PLAY,
            *GESTURES,
            *HANDS_AT_BODY,
            *TRUNK,
            *HEAD,
            *HANDLING,
            *HOUSEHOLD,
            *SPORTS,
            *FIGHTING,
            *STROKES,
            *INSTRUMENTS,
        )
    }
)
"""Performable verbs by key."""

__all__ = ["ACTIONS", "Action"]
