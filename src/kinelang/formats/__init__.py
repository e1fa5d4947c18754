"""Motion files: one file of this folder for each format, one line each in `table.FORMATS`."""

from __future__ import annotations

from kinelang.formats.base import Format, ReadOptions
from kinelang.formats.table import FORMATS, detect, list_motion_files, load, read_source, save

__all__ = ["FORMATS", "Format", "ReadOptions", "detect", "list_motion_files", "load", "read_source", "save"]
