"""Captions against references: BLEU, ROUGE-L, CIDEr, METEOR and BERTScore, in two named modes of cutting text into words."""

from kinelang.metrics.captioning.bert import BertModel
from kinelang.metrics.captioning.table import METRICS, TEXT_METRICS, Metric, Score, score
from kinelang.metrics.captioning.tokens import LEGACY, STRICT

__all__ = ["LEGACY", "METRICS", "STRICT", "TEXT_METRICS", "BertModel", "Metric", "Score", "score"]
