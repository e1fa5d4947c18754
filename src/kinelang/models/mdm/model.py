"""`MDM`: a trained network with all that it needs to make motion of texts."""

from __future__ import annotations

from kinelang.models.finemogen.config import Sampling
from kinelang.models.finemogen.model import MotionDiffusion
from kinelang.models.mdm.config import MDMConfig


class MDM(MotionDiffusion):
    """A trained model, sampled as FineMoGen's are; guided by one weight at all steps, and not at all by 0."""

    config: MDMConfig
    config_type = MDMConfig

    def _weight(self, step: int, how: Sampling) -> float:
        return how.guidance or 1.0
