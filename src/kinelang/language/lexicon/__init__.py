"""The lexicon: every motion word that kinelang knows. Actions, narration, parsing and supervision refer to it by key."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kinelang.language.lexicon.alike import SAME, alike
from kinelang.language.lexicon.styles import STYLES
from kinelang.language.lexicon.verb import DIRECTIONS, PARTS, PATHS, SIDES, Verb
from kinelang.language.lexicon.verbs_of_going import VERBS_OF_GOING
from kinelang.language.lexicon.verbs_of_hands import VERBS_OF_HANDS
from kinelang.language.lexicon.verbs_of_play import VERBS_OF_PLAY
from kinelang.language.lexicon.verbs_of_posture import VERBS_OF_POSTURE

VERBS: Mapping[str, Verb] = MappingProxyType({v.key: v for v in (*VERBS_OF_GOING, *VERBS_OF_POSTURE, *VERBS_OF_HANDS, *VERBS_OF_PLAY)})
"""All motion verbs by key."""

__all__ = ["DIRECTIONS", "PARTS", "PATHS", "SAME", "SIDES", "STYLES", "VERBS", "Verb", "alike"]
