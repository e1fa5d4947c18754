"""Learned models: one folder or file each, one line each in `table.MODELS`. A run folder is the model."""

from __future__ import annotations

from kinelang.models.base import Optimisation, Run, read_run, write_run
from kinelang.models.table import MODELS, Entry, entry_of

__all__ = ["MODELS", "Entry", "Optimisation", "Run", "entry_of", "read_run", "write_run"]
