"""The choreographer: from a Timeline to a motion."""

from __future__ import annotations

from kinelang.timeline.performing.perform import perform

__all__ = ["perform"]
