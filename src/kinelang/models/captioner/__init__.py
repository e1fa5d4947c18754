"""Captions with evidence: what is said, when it happens and with which body part (Radouane et al., BMVC 2024)."""

from __future__ import annotations

from kinelang.models.captioner.captioner import Captioned, Captioner, Spoken
from kinelang.models.captioner.config import CaptionerConfig

__all__ = ["Captioned", "Captioner", "CaptionerConfig", "Spoken"]
