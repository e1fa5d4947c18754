"""Captions by a Transformer over continuous poses (after TM2T, ECCV 2022): words, and when each of them happens."""

from __future__ import annotations

from kinelang.models.transformer_captioner.captioner import TransformerCaptioner
from kinelang.models.transformer_captioner.config import TransformerCaptionerConfig

__all__ = ["TransformerCaptioner", "TransformerCaptionerConfig"]
