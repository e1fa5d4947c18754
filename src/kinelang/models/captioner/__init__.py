"""Captions with evidence: what is said, when it happens and with which body part (Radouane et al., BMVC 2024)."""

from __future__ import annotations

__all__: list[str] = []
