"""What to say of a motion, and why: captions of several origins, chosen among, each word with its evidence."""

from __future__ import annotations

from kinelang.captioning.choosing import Candidate, Choice, Chooser, Watched, Weights, ranked, watch
from kinelang.captioning.explaining import Evidence, of_captioned, of_timeline
from kinelang.captioning.showing import attention_of

__all__ = [
    "Candidate",
    "Choice",
    "Chooser",
    "Evidence",
    "Watched",
    "Weights",
    "attention_of",
    "of_captioned",
    "of_timeline",
    "ranked",
    "watch",
]
