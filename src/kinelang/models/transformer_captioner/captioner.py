"""`TransformerCaptioner`: what a motion shows in words, and for every word when. NumPy alone."""

from __future__ import annotations

from kinelang.models.captioner.speaker import Kind, Speaker
from kinelang.models.transformer_captioner.config import TransformerCaptionerConfig
from kinelang.models.transformer_captioner.inference import TransformerTwin, tensor_shapes

KIND = "transformer_captioner"


class TransformerCaptioner(Speaker):
    """A Transformer over poses; see `Speaker`. It has neither a gate nor parts: its words say when, not with which limb."""

    kind = Kind(KIND, TransformerCaptionerConfig, tensor_shapes, TransformerTwin)
    config: TransformerCaptionerConfig
