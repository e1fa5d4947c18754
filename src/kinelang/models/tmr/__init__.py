"""TMR: text and motion in one space, for search (Petrovich, Black and Varol, ICCV 2023; github.com/Mathux/TMR, MIT)."""

from __future__ import annotations

from kinelang.models.tmr.config import TMRConfig
from kinelang.models.tmr.retriever import Retriever

__all__ = ["Retriever", "TMRConfig"]
