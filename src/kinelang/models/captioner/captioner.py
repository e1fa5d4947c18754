"""`Captioner`: what a motion shows in words, and for every word when and with which body part. NumPy alone."""

from __future__ import annotations

from kinelang.models.captioner.config import CaptionerConfig
from kinelang.models.captioner.evidence import Captioned, Spoken, stitched
from kinelang.models.captioner.inference import tensor_shapes, twin_of
from kinelang.models.captioner.speaker import MIN_FRAMES, Kind, Speaker, export, window_bounds

__all__ = ["KIND", "MIN_FRAMES", "Captioned", "Captioner", "Spoken", "export", "save", "stitched", "window_bounds"]

KIND = "captioner"


class Captioner(Speaker):
    """A captioner with guided attention, or its simple baseline; see `Speaker`."""

    kind = Kind(KIND, CaptionerConfig, tensor_shapes, twin_of)
    config: CaptionerConfig


save = Captioner.save
"""Write a trained model as a run folder."""
