"""The command line: one file per verb, and one line in `app.py`."""

from kinelang.cli.app import app, main

__all__ = ["app", "main"]
