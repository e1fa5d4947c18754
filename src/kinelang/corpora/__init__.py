"""Captioned motion: one file of this folder for each data set, one line each in `table.CORPORA`."""

from __future__ import annotations

from kinelang.corpora.base import (
    Caption,
    Corpus,
    Record,
    RecordList,
    ToldStage,
    features_of,
    mirrored,
    parts,
    remembered,
    standard,
)
from kinelang.corpora.layout import Written, write_layout
from kinelang.corpora.official import LayoutCorpus
from kinelang.corpora.table import CORPORA, Entry, open_corpus

__all__ = [
    "CORPORA",
    "Caption",
    "Corpus",
    "Entry",
    "LayoutCorpus",
    "Record",
    "RecordList",
    "ToldStage",
    "Written",
    "features_of",
    "mirrored",
    "open_corpus",
    "parts",
    "remembered",
    "standard",
    "write_layout",
]
