"""Ranges for every verb of the lexicon, performable or not, to draw timelines from."""

from __future__ import annotations

from typing import Any

from kinelang.language.lexicon import VERBS, Verb
from kinelang.timeline.actions.base import Action

_AFTER = {"sit": "sitting", "kneel": "kneeling", "lie": "lying", "crawl": "on all fours"}


def unperformed(score: Any, stage: Any) -> None:
    """Nothing: these are not performed."""


def stand_in(word: Verb) -> Action:
    """A plain action of the verb."""
    fields: dict[str, Any] = {}
    if word.counted == "steps":
        fields |= {"seconds": (0.0, 0.3), "seconds_each": 0.55, "count": (2, 10)}
    elif word.counted == "times":
        fields |= {"seconds": (0.4, 0.8), "seconds_each": 0.6}
    if word.amount_unit == "m":
        fields["amount"] = (1.0, 7.0)
    if word.amount_unit == "deg":
        fields["amount"] = (40.0, 200.0)
    if word.key in _AFTER:
        fields["after"] = _AFTER[word.key]
    elif word.key == "stand_up":
        fields["before"] = tuple(_AFTER.values())
    elif word.family in ("arm", "hand", "head"):
        fields |= {"before": ("standing", "sitting"), "after": ""}
    return Action(word.key, unperformed, **fields)


ACTIONS_OF_ALL_VERBS = {key: stand_in(word) for key, word in VERBS.items()}
