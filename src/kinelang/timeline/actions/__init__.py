"""The actions: every verb that can be performed. A verb is an entry of its family's table; this table joins the families."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kinelang.timeline.actions.base import Action
from kinelang.timeline.actions.going import GOING

ACTIONS: Mapping[str, Action] = MappingProxyType({action.verb: action for action in (*GOING,)})
"""Performable verbs by key."""

__all__ = ["ACTIONS", "Action"]
