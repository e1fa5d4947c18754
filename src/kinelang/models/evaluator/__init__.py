"""The text-motion evaluator of Guo et al. (CVPR 2022), ours by its word vectors and tags: a yardstick and a baseline of search."""

from __future__ import annotations

from kinelang.models.evaluator.config import EvaluatorConfig

__all__ = ["EvaluatorConfig"]
